//! All findings about a document: values, rules, and keys that no catalog knows.
use super::Document;
use crate::catalog::{Catalog, Finding};
use crate::lang::Lang;
use crate::safe::Safe;
/// A key that the catalog does not know; kept as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// As the document spells it, `group.name` or a top-level name.
    pub name: String,
    /// Line and column of its value.
    pub place: (usize, usize),
}
/// What validation found.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Findings about known parameters, each with the place of the value where the document sets one.
    pub known: Vec<(Finding, Option<(usize, usize)>)>,
    /// Unknown keys and groups: warnings.
    pub unknown: Vec<Unknown>,
}
impl Unknown {
    /// The sentence, with the nearest known name where there is one.
    pub fn sentence(&self, _catalog: &Catalog, _lang: Lang) -> Safe {
        todo!()
    }
}
/// All findings, not only the first.
pub fn validate(_document: &Document, _catalog: &Catalog) -> Findings {
    todo!()
}
