//! The keys of the document that the catalog does not know: told as an editor opens, and in the help of what was meant.

use crate::catalog::Catalog;
use crate::document::Document;
use crate::document::validate::{Meant, Unknown};
use crate::key::Key;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;

/// More nobody reads in a help pane, and finding out what was meant takes time.
const MOST: usize = 100;

/// Found anew only where the document is another.
#[derive(Default)]
pub struct Strays {
    of: Option<Document>,
    /// The first ones: what was meant, and the sentence.
    told: Vec<(Option<Meant>, Safe)>,
    count: usize,
}

impl Strays {
    pub fn of(document: &Document, catalog: &Catalog, lang: Lang) -> Strays {
        let unknown = document.unknown(catalog);
        let sentence = |it: &Unknown| say!(lang, "Linha {}: {}", "Line {}: {}", it.place.0, it.sentence(catalog, lang));
        let told = unknown.iter().take(MOST).map(|it| (it.meant(catalog), sentence(it))).collect();
        Strays { of: Some(document.clone()), told, count: unknown.len() }
    }

    pub fn is_of(&self, document: &Document) -> bool {
        // The same text in memory: ours is held, so no other can be in its place.
        self.of.as_ref().is_some_and(|of| std::ptr::eq(of.text(), document.text()))
    }

    /// The first, and how many more there are.
    pub fn brief(&self, lang: Lang) -> Option<Safe> {
        let (_, first) = self.told.first()?;
        Some(match self.count {
            1 => first.clone(),
            count => say!(lang, "{} chaves desconhecidas. {}", "{} unknown keys. {}", count, first),
        })
    }

    /// What stands in place of this parameter, or of its group.
    pub fn about<'s>(&'s self, key: &'s Key) -> impl Iterator<Item = &'s Safe> {
        let told = self.told.iter().filter(|(meant, _)| meant.as_ref().is_some_and(|meant| meant.concerns(key)));
        told.map(|(_, told)| told)
    }
}
