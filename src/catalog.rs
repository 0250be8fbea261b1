//! The description of all parameters: sections, groups, parameters, in the vendor's order.
//!
//! The catalog is data (`catalog/data/*.json`, JSON Schema vocabulary): form, command line, help and schema all
//! follow from it. It knows nothing of documents: the values to validate are handed in.

mod fault;
pub mod format;
pub mod kind;
pub mod load;
mod no_server;
pub mod pattern;
pub mod probe;
pub mod rule;
pub mod schema;

use std::ops::Range;

use serde_json::Value;

use crate::key::Key;
use crate::lang::Localized;
use crate::sort;
pub use fault::{Fault, Level};
pub use kind::{BoundedBy, Kind, Widget};
pub use no_server::NoServer;
pub use pattern::Pattern;
pub use probe::{Probe, Takes};
pub use rule::Finding;

/// A tab of the vendor's dialog.
#[derive(Clone, Debug)]
pub struct Section {
    /// The stable name, e.g. `gerencial`.
    pub id: String,
    pub title: Localized,
}

/// A named set of parameters inside a section.
#[derive(Clone, Debug)]
pub struct Group {
    /// The first half of its parameters' keys, e.g. `integracao`.
    pub id: String,
    /// Index into [`Catalog::sections`].
    pub section: usize,
    pub title: Localized,
    /// What else people look for it by: words, with commas between them. May be empty.
    pub synonyms: Localized,
}

/// The help of a parameter, in paragraphs.
#[derive(Clone, Debug, Default)]
pub struct Help {
    /// What it is and does.
    pub what: Localized,
    /// What its default means; empty where an extension leaves it out.
    pub default: Localized,
    /// When to change it; empty where an extension leaves it out.
    pub change: Localized,
    /// What has to happen before a changed value holds; empty where nothing is known.
    pub effect: Localized,
}

/// How a parameter's value is tested live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The name of the target in reports, e.g. `banco_dados`.
    pub target: String,
    pub probe: Probe,
    /// For probes of a port: the parameter that holds the host.
    pub host: Option<Key>,
    /// The boolean parameter that switches on what is tested; without it, always.
    pub when: Option<Key>,
}

#[derive(Clone, Debug)]
pub struct Parameter {
    pub key: Key,
    pub title: Localized,
    /// What else people look for it by: words, with commas between them. May be empty.
    pub synonyms: Localized,
    pub help: Help,
    pub kind: Kind,
    /// The value in force where the document sets none; always valid by itself.
    pub default: Value,
    /// `true` here requires this boolean parameter to be `true`.
    pub requires: Option<Key>,
    /// The value must differ from this parameter's.
    pub differs: Option<Key>,
    pub check: Option<Check>,
}

/// All sections, groups and parameters, in order.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    sections: Vec<Section>,
    groups: Vec<Group>,
    parameters: Vec<Parameter>,
    /// Numbers of parameters, in the order of their keys.
    by_key: Vec<usize>,
    /// Numbers of groups, in the order of their names.
    by_id: Vec<usize>,
    /// Of each group, the numbers of its parameters.
    members: Vec<Range<usize>>,
    /// Which parameter's value is held against which other one's: that key, and the number of the parameter; in order.
    held_against: Vec<(Key, usize)>,
    /// Numbers of the parameters that have a check.
    tested: Vec<usize>,
}

impl Catalog {
    /// Of parts in order: groups section by section, parameters group by group.
    fn of(sections: Vec<Section>, groups: Vec<Group>, parameters: Vec<Parameter>) -> Catalog {
        let mut by_key: Vec<usize> = (0..parameters.len()).collect();
        sort::sort_by_key(&mut by_key, |number| parameters.get(*number).map(|parameter| &parameter.key));
        let mut by_id: Vec<usize> = (0..groups.len()).collect();
        sort::sort_by_key(&mut by_id, |number| groups.get(*number).map(|group| &group.id));
        let mut end = 0;
        let members = groups.iter().map(|group| {
            let rest = parameters.get(end..).unwrap_or_default();
            let start = end;
            end += rest.iter().take_while(|parameter| parameter.key.group() == group.id).count();
            start..end
        });
        let members = members.collect();
        let others = |(number, parameter): (usize, &Parameter)| {
            let keys = [parameter.requires.clone(), parameter.differs.clone()];
            keys.into_iter().flatten().map(move |key| (key, number))
        };
        let mut held_against: Vec<_> = parameters.iter().enumerate().flat_map(others).collect();
        sort::sort(&mut held_against);
        let tested = (0..).zip(&parameters).filter(|(_, parameter)| parameter.check.is_some());
        let tested = tested.map(|(number, _)| number).collect();
        Catalog { sections, groups, parameters, by_key, by_id, members, held_against, tested }
    }

    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// Section by section, in order.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Group by group, in order.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The parameters of the group of this number.
    pub fn members(&self, group: usize) -> &[Parameter] {
        self.members.get(group).and_then(|members| self.parameters.get(members.clone())).unwrap_or_default()
    }

    pub fn of_group(&self, id: &str) -> &[Parameter] {
        self.group_number(id).map(|number| self.members(number)).unwrap_or_default()
    }

    pub fn parameter(&self, key: &Key) -> Option<&Parameter> {
        self.parameters.get(self.number(key)?)
    }

    /// Where the parameter stands among all.
    pub fn number(&self, key: &Key) -> Option<usize> {
        let order = |number: &usize| self.parameters.get(*number).map(|parameter| &parameter.key).cmp(&Some(key));
        self.by_key.get(self.by_key.binary_search_by(order).ok()?).copied()
    }

    /// The numbers of the parameters whose findings a value decides about: its own, and those that are held against it.
    pub fn decided_by<'a>(&'a self, key: &'a Key) -> impl Iterator<Item = usize> + 'a {
        let start = self.held_against.partition_point(|(other, _)| other < key);
        let others = self.held_against.get(start..).unwrap_or_default().iter();
        let others = others.take_while(move |(other, _)| other == key).map(|(_, number)| *number);
        self.number(key).into_iter().chain(others)
    }

    /// Those that have a check, in order.
    pub fn tested(&self) -> impl Iterator<Item = (&Parameter, &Check)> {
        let parameters = self.tested.iter().filter_map(|number| self.parameters.get(*number));
        parameters.filter_map(|parameter| Some((parameter, parameter.check.as_ref()?)))
    }

    pub fn group(&self, id: &str) -> Option<&Group> {
        self.groups.get(self.group_number(id)?)
    }

    /// Where the group stands among all.
    pub fn group_number(&self, id: &str) -> Option<usize> {
        let order = |number: &usize| self.groups.get(*number).map(|group| group.id.as_str()).cmp(&Some(id));
        self.by_id.get(self.by_id.binary_search_by(order).ok()?).copied()
    }

    /// The known key nearest to what was written, if one is near enough to be meant. A name without its group, or
    /// with another group before it, counts as near.
    pub fn nearest(&self, written: &str) -> Option<&Key> {
        let written = written.trim().to_lowercase();
        // No key is that long, and the distance to a whole pasted file would take too long to compute.
        if written.is_empty() || written.len() > LONGEST_SLIP {
            return None;
        }
        let name = written.rsplit('.').next().unwrap_or_default();
        let distance = |key: &Key| {
            let whole = strsim::osa_distance(&written, key.as_str());
            // One more than the name's own distance: the group is wrong or missing.
            let alone = strsim::osa_distance(name, key.name()).saturating_add(1);
            let allowed = |length: usize| (length / 3).max(1);
            let whole = (whole <= allowed(key.as_str().len())).then_some(whole);
            let alone = (alone <= allowed(key.name().len())).then_some(alone);
            whole.into_iter().chain(alone).min()
        };
        let near = self.parameters.iter().filter_map(|parameter| Some((distance(&parameter.key)?, &parameter.key)));
        near.min_by_key(|(distance, _)| *distance).map(|(_, key)| key)
    }

    /// The name of the group nearest to what was written, if one is near enough to be meant.
    pub fn nearest_group(&self, written: &str) -> Option<&str> {
        let written = written.trim().to_lowercase();
        if written.is_empty() || written.len() > LONGEST_SLIP {
            return None;
        }
        let near = self.groups.iter().map(|group| (strsim::osa_distance(&written, &group.id), group.id.as_str()));
        near.filter(|(distance, id)| *distance <= (id.len() / 4).max(1)).min().map(|(_, id)| id)
    }
}

/// In bytes; longer than any mistyped key.
const LONGEST_SLIP: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_key_that_was_meant() {
        let catalog = Catalog::built_in();
        let near = |written: &str| catalog.nearest(written).map(Key::as_str);
        let port = Some("integracao.porta_banco_dados");
        for written in [
            "integracao.porta_banco_dado",
            "integracao.porta_banco_dados",
            "integração.porta_banco_dados",
            "INTEGRACAO.PORTA_BANCO_DADOS",
            "integracao.porta_bacno_dados",
            "integracao.porta-banco-dados",
            "porta_banco_dados",
            "geral.porta_banco_dados",
        ] {
            assert_eq!(near(written), port, "{written}");
        }
        assert_eq!(near("notificacao_whatsapp.licenca"), Some("notificacao_whatsapp.licenca_whatsapp_msg"));
        for written in ["", "x", "senha", "version", &"integracao".repeat(1000)] {
            assert_eq!(near(written), None, "{written}");
        }
    }

    #[test]
    fn parameters_stand_group_by_group_and_groups_section_by_section() {
        let catalog = Catalog::built_in();
        let sections: Vec<_> = catalog.groups().iter().map(|group| group.section).collect();
        assert!(sections.is_sorted());
        let rank = |key: &Key| catalog.groups().iter().position(|group| group.id == key.group());
        assert!(catalog.parameters().iter().map(|parameter| rank(&parameter.key)).is_sorted());
    }
}
