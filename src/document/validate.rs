//! All findings about a document: values, rules, and keys that no catalog knows.

use super::Document;
use crate::catalog::{Catalog, Finding, Parameter, rule};
use crate::json::{Member, place};
use crate::key::Key;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;

/// A key that the catalog does not know; kept as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// As the document spells it, `group.name` or a top-level name.
    pub name: String,
    /// The group that it stands in, where that is one of the catalog's.
    group: Option<String>,
    is_object: bool,
    /// The line of the key itself.
    line: usize,
    /// Line and column of its value.
    pub place: (usize, usize),
}

/// What may have been meant by an unknown key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    /// A group of the catalog that stands in another: the other was closed too late.
    GroupIn(String),
    /// The group of nearly that name.
    Group(String),
    /// This parameter, whose place is another.
    Elsewhere(Key),
    /// The parameter of nearly that name.
    Parameter(Key),
}

impl Meant {
    /// True where it is this parameter, or its group.
    pub fn concerns(&self, key: &Key) -> bool {
        match self {
            Meant::GroupIn(id) | Meant::Group(id) => id == key.group(),
            Meant::Elsewhere(meant) | Meant::Parameter(meant) => meant == key,
        }
    }
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
        let mut found = |name: String, group: Option<&str>, member: &Member| {
            let (line, _) = places.at(member.key.start());
            let (group, is_object) = (group.map(str::to_owned), member.inner.is_some());
            unknown.push(Unknown { name, group, is_object, line, place: places.at(member.value.start()) });
        };
        let members = self.index.iter().flat_map(|top| &top.members);
        for (name, member) in members.map(|member| (member.name(&self.text), member)) {
            if matches!(&*name, "$schema" | "version") {
                continue;
            }
            let Some(group) = member.inner.as_ref().filter(|_| catalog.group(&name).is_some()) else {
                found(name.into_owned(), None, member);
                continue;
            };
            for entry in &group.members {
                let inner = entry.name(&self.text);
                if Key::new(&name, &inner).is_none_or(|key| catalog.parameter(&key).is_none()) {
                    found(format!("{name}.{inner}"), Some(&*name), entry);
                }
            }
        }
        unknown
    }
}

impl Unknown {
    pub fn shown(&self) -> Safe {
        Safe::excerpt(&self.name)
    }

    /// Without its group.
    fn inner(&self) -> &str {
        let group = self.group.as_deref().and_then(|group| self.name.strip_prefix(group)?.strip_prefix('.'));
        group.unwrap_or(&self.name)
    }

    /// What may have been meant by it, if anything is near.
    pub fn meant(&self, catalog: &Catalog) -> Option<Meant> {
        let inner = self.inner();
        if self.is_object {
            if let (Some(_), Some(group)) = (&self.group, catalog.group(inner)) {
                return Some(Meant::GroupIn(group.id.clone()));
            }
            // An object is no parameter's value.
            return catalog.nearest_group(inner).filter(|_| self.group.is_none()).map(|id| Meant::Group(id.to_owned()));
        }
        // A key with a dot at the top is not the parameter of that name: the counter program would not find it.
        let written = Key::parse(&self.name).filter(|key| catalog.parameter(key).is_some());
        let mut namesakes =
            catalog.parameters().iter().map(|parameter| &parameter.key).filter(|key| key.name() == inner);
        let namesake = namesakes.next().filter(|_| namesakes.next().is_none()).cloned();
        written
            .or(namesake)
            .map(Meant::Elsewhere)
            .or_else(|| catalog.nearest(&self.name).cloned().map(Meant::Parameter))
    }

    /// The sentence, without its place, with what may have been meant.
    pub fn sentence(&self, catalog: &Catalog, lang: Lang) -> Safe {
        let name = self.shown();
        match (self.meant(catalog), &self.group) {
            (Some(Meant::GroupIn(id)), Some(around)) => say!(
                lang,
                "“{}” está dentro de “{}”: falta um }} antes da linha {}",
                "“{}” is inside “{}”: a }} is missing before line {}",
                Safe::outside(&id),
                Safe::outside(around),
                self.line
            ),
            (Some(Meant::Group(id) | Meant::GroupIn(id)), _) => say!(
                lang,
                "grupo desconhecido “{}”, mantido como está; seria “{}”?",
                "unknown group “{}”, kept as it is; is “{}” meant?",
                name,
                Safe::outside(&id)
            ),
            (Some(Meant::Elsewhere(key)), _) => say!(
                lang,
                "chave desconhecida “{}”, mantida como está; no arquivo, “{}” fica dentro do objeto “{}”",
                "unknown key “{}”, kept as it is; in the file, “{}” goes inside the object “{}”",
                name,
                Safe::outside(key.name()),
                Safe::outside(key.group())
            ),
            (Some(Meant::Parameter(key)), _) => say!(
                lang,
                "chave desconhecida “{}”, mantida como está; seria {}?",
                "unknown key “{}”, kept as it is; is {} meant?",
                name,
                Safe::outside(key.as_str())
            ),
            (None, _) => {
                say!(lang, "chave desconhecida “{}”, mantida como está", "unknown key “{}”, kept as it is", name)
            }
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
