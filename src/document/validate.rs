//! All findings about a document: values, rules, and keys that no catalog knows.

use super::Document;
use crate::catalog::{Catalog, Finding, Parameter, rule};
use crate::json::place;
use crate::key::Key;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;

/// A key that the catalog does not know; kept as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// As the document spells it, `group.name` or a top-level name.
    pub name: String,
    /// Line and column of its value.
    pub place: (usize, usize),
}

#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Findings about known parameters, each with the place of the value where the document sets one.
    pub known: Vec<(Finding, Option<(usize, usize)>)>,
    /// Unknown keys and groups: warnings.
    pub unknown: Vec<Unknown>,
}

impl Document {
    /// The keys and groups that the catalog does not know, in the order of the text.
    pub fn unknown(&self, catalog: &Catalog) -> Vec<Unknown> {
        let mut places = place::Sweep::over(&self.text);
        let mut unknown = vec![];
        let members = self.index.iter().flat_map(|top| &top.members);
        for (name, member) in members.map(|member| (member.name(&self.text), member)) {
            if matches!(&*name, "$schema" | "version") {
                continue;
            }
            let Some(group) = member.inner.as_ref().filter(|_| catalog.group(&name).is_some()) else {
                unknown.push(Unknown { name: name.into_owned(), place: places.at(member.value.start()) });
                continue;
            };
            for entry in &group.members {
                let inner = entry.name(&self.text);
                if Key::new(&name, &inner).is_none_or(|key| catalog.parameter(&key).is_none()) {
                    unknown.push(Unknown { name: format!("{name}.{inner}"), place: places.at(entry.value.start()) });
                }
            }
        }
        unknown
    }
}

impl Unknown {
    /// The sentence, without its place, with the nearest known name where there is one.
    pub fn sentence(&self, catalog: &Catalog, lang: Lang) -> Safe {
        let name = Safe::excerpt(&self.name);
        // A key with a dot at the top is not the parameter of that name: the counter program would not find it.
        let misplaced = Key::parse(&self.name).filter(|key| catalog.parameter(key).is_some());
        if let Some(key) = misplaced {
            let (group, inner) = (Safe::outside(key.group()), Safe::outside(key.name()));
            return say!(
                lang,
                "chave desconhecida “{}”, mantida como está; no documento, “{}” fica dentro do objeto “{}”",
                "unknown key “{}”, kept as it is; in the document, “{}” stands inside the object “{}”",
                name,
                inner,
                group
            );
        }
        match catalog.nearest(&self.name) {
            Some(near) => say!(
                lang,
                "chave desconhecida “{}”, mantida como está; seria {}?",
                "unknown key “{}”, kept as it is; is {} meant?",
                name,
                Safe::outside(near.as_str())
            ),
            None => say!(lang, "chave desconhecida “{}”, mantida como está", "unknown key “{}”, kept as it is", name),
        }
    }
}

/// All findings, not only the first.
pub fn validate(document: &Document, catalog: &Catalog) -> Findings {
    let in_force = |parameter: &Parameter| document.value(&parameter.key).unwrap_or_else(|| parameter.default.clone());
    let placed = |finding: Finding| {
        let place = document.place(&finding.key);
        (finding, place)
    };
    Findings {
        known: rule::validate(catalog, &in_force).into_iter().map(placed).collect(),
        unknown: document.unknown(catalog),
    }
}
