//! What is wrong with values: one by one, and held against each other.

use serde_json::Value;

use super::{Catalog, Parameter};
use crate::key::Key;
use crate::lang::Lang;
use crate::safe::Safe;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Said, and nothing is held up by it.
    Warning,
    /// Nothing is saved while it lasts.
    Error,
}

/// What is wrong with one value.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// Required to differ from this parameter, which has the same value.
    SameAs(Key),
    /// `true` here requires this parameter to be `true`.
    Requires(Key),
}

/// One thing to say about one parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The parameter.
    pub key: Key,
    /// The value that was judged.
    pub value: Value,
    /// What is wrong with it.
    pub fault: Fault,
}

impl Finding {
    /// How bad it is.
    pub fn level(&self) -> Level {
        todo!()
    }

    /// A stable word for programs, snake case: `out_of_range`, `same_as`…
    pub fn code(&self) -> &'static str {
        todo!()
    }

    /// What is expected instead, short, as the form says it beside the field: `de 1 a 65535`.
    pub fn brief(&self, _catalog: &Catalog, _lang: Lang) -> Safe {
        todo!()
    }

    /// The whole sentence: `integracao.porta_banco_dados é 70000; deve estar entre 1 e 65535`.
    pub fn sentence(&self, _catalog: &Catalog, _lang: Lang) -> Safe {
        todo!()
    }
}

/// All findings, in the catalog's order: each value by itself, then the rules between them.
/// `value_of` gives the value in force (the default where the document sets none).
pub fn judge(_catalog: &Catalog, _value_of: &dyn Fn(&Parameter) -> Value) -> Vec<Finding> {
    todo!()
}

/// stub
pub fn unlock(_catalog: &Catalog, _value_of: &dyn Fn(&Parameter) -> Value, _parameter: &Parameter) -> Option<Key> {
    todo!()
}
