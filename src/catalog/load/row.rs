//! The built-in catalog as the program holds it: rows of constants ([`table`](super::table)), so that no start reads JSON.
//!
//! The files of `data/` are what people write; a test makes the table from them and holds it to them.

use std::sync::Arc;

use serde_json::Value;

use crate::catalog::kind::{Bounds, Choice, Format, Kind};
use crate::catalog::{Check, Group, Help, Parameter, Pattern, Probe, Section};
use crate::key::Key;
use crate::lang::Localized;
use crate::safe::Safe;

/// Portuguese, English.
type Text = (&'static str, &'static str);

pub(super) struct SectionRow {
    pub id: &'static str,
    pub title: Text,
}

pub(super) struct GroupRow {
    pub id: &'static str,
    pub section: usize,
    pub order: Option<i64>,
    pub title: Text,
    pub synonyms: Text,
}

pub(super) struct ParameterRow {
    pub key: &'static str,
    pub order: Option<i64>,
    pub title: Text,
    pub synonyms: Text,
    pub what: Text,
    pub default_help: Text,
    pub change: Text,
    pub effect: Text,
    pub format: &'static Format,
    /// `minimum`, `maximum`.
    pub range: (i64, i64),
    pub max_length: Option<usize>,
    /// And what its texts are called.
    pub pattern: Option<(&'static str, Text)>,
    pub choices: &'static [(Literal, Text)],
    pub default: Literal,
    pub requires: Option<&'static str>,
    pub differs: Option<&'static str>,
    /// Target, probe, the parameter of the host, the one that switches it on.
    pub check: Option<(&'static str, Probe, Option<&'static str>, Option<&'static str>)>,
}

/// A value that a catalog can hold.
#[derive(Clone, Copy)]
pub(super) enum Literal {
    Switch(bool),
    Whole(i64),
    Text(&'static str),
}

impl SectionRow {
    pub fn section(&self) -> Section {
        Section { id: self.id.into(), title: both(self.title) }
    }
}

impl GroupRow {
    pub fn group(&self) -> Group {
        let (title, synonyms) = (both(self.title), both(self.synonyms));
        Group { id: self.id.into(), section: self.section, title, synonyms }
    }
}

impl ParameterRow {
    /// `None` where a key is none, which no row has.
    pub fn parameter(&self) -> Option<Parameter> {
        let choice = |(value, label): &(Literal, Text)| Choice { value: value.value(), label: both(*label) };
        let (minimum, maximum) = self.range;
        let choices = self.choices.iter().map(choice).collect();
        // A test reads them all.
        let pattern = self.pattern.and_then(|(text, help)| Pattern::new(text.into(), both(help)).ok().map(Arc::new));
        let bounds = Bounds { minimum, maximum, max_length: self.max_length, pattern, choices };
        let check = |(target, probe, host, when): (&str, Probe, Option<&str>, Option<&str>)| Check {
            target: target.into(),
            probe,
            host: host.and_then(Key::parse),
            when: when.and_then(Key::parse),
        };
        Some(Parameter {
            key: Key::parse(self.key)?,
            title: both(self.title),
            synonyms: both(self.synonyms),
            help: Help {
                what: both(self.what),
                default: both(self.default_help),
                change: both(self.change),
                effect: both(self.effect),
            },
            kind: Kind { format: self.format, bounds },
            default: self.default.value(),
            requires: self.requires.and_then(Key::parse),
            differs: self.differs.and_then(Key::parse),
            check: self.check.map(check),
        })
    }
}

impl Literal {
    fn value(self) -> Value {
        match self {
            Literal::Switch(is_on) => is_on.into(),
            Literal::Whole(number) => number.into(),
            Literal::Text(text) => text.into(),
        }
    }
}

fn both((pt, en): Text) -> Localized {
    Localized { pt: Safe::own(pt), en: Safe::own(en) }
}
