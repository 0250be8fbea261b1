//! The values in force, and what follows from them: findings, tests, the text of the field in focus, the marks of groups.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::super::line_edit::LineEdit;
use super::Model;
use crate::catalog::{Finding, Level, Parameter, rule};
use crate::check::{self, Status};
use crate::key::Key;
use crate::present::strays::Strays;
use crate::session::Source;
use crate::session::trace::Traced;
use crate::sort;

/// What is marked of a group: that something in it is changed, fails its test, or is not valid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupMarks {
    pub changed: bool,
    pub fails: bool,
    pub invalid: bool,
}

impl Model {
    /// The value in force.
    pub fn value<'a>(&'a self, parameter: &'a Parameter) -> &'a Value {
        self.values.get(&parameter.key).unwrap_or(&parameter.default)
    }

    /// Where the value in force comes from.
    pub fn source(&self, key: &Key) -> Source {
        match self.session.pending_changes().contains_key(key) {
            true => Source::Changed,
            false if self.values.contains_key(key) => Source::File,
            false => Source::Default,
        }
    }

    /// How the parameter came to what the document says of it.
    pub fn traced(&self, key: &Key) -> Option<&Traced> {
        self.trace.of(key, &self.session)
    }

    /// True where the value in force is the one that it had before that.
    pub fn is_as_before(&self, key: &Key) -> bool {
        let parameter = self.catalog().parameter(key);
        let before = parameter.zip(self.traced(key)).map(|(it, traced)| traced.before.as_ref().unwrap_or(&it.default));
        before.is_some() && before == parameter.map(|it| self.value(it))
    }

    /// Derives everything from the values. Called when many may have changed, not for every frame.
    pub fn refresh(&mut self) {
        if !self.strays.is_of(self.session.document()) {
            self.strays = Strays::of(self.session.document(), self.catalog(), self.lang());
        }
        let settings = self.catalog().parameters().iter().map(|parameter| &parameter.key);
        let settings = settings.filter_map(|key| Some((key.clone(), self.session.setting(key)?)));
        self.values = sort::filled(settings);
        self.findings = rule::validate(self.catalog(), &|parameter| self.value(parameter).clone());
        self.on_values();
    }

    /// The same where no value has changed but this parameter's.
    pub fn refresh_one(&mut self, key: &Key) {
        self.refresh_of(std::slice::from_ref(key));
    }

    /// The same of these: a key that is pressed must not cost what all parameters cost.
    pub fn refresh_of(&mut self, keys: &[Key]) {
        for key in keys {
            match self.session.setting(key) {
                Some(value) => self.values.insert(key.clone(), value),
                None => self.values.remove(key),
            };
        }
        let catalog = Arc::clone(self.session.catalog());
        let parameters = catalog.parameters();
        let decided: BTreeSet<usize> = sort::filled(keys.iter().flat_map(|key| catalog.decided_by(key)));
        let value_of = |parameter: &Parameter| self.value(parameter).clone();
        let found = |parameter: &Parameter| rule::validate_one(&catalog, &value_of, parameter);
        let found: Vec<Finding> = decided.iter().filter_map(|number| parameters.get(*number)).flat_map(found).collect();
        let is_decided = |key: &Key| catalog.number(key).is_some_and(|number| decided.contains(&number));
        self.findings.retain(|finding| !is_decided(&finding.key));
        self.findings.extend(found);
        sort::sort_by_key(&mut self.findings, |finding| catalog.number(&finding.key));
        self.on_values();
    }

    /// What else follows from the values: the tests, and the text of the field in focus.
    fn on_values(&mut self) {
        self.values_number += 1;
        self.requests = check::plan(self.catalog(), &|parameter| self.value(parameter).clone());
        let means_it = self.focused().is_some_and(|parameter| {
            // `5 ` reads as 5: the text is left as typed while it stands for the value in force.
            parameter.kind.typed(self.line.text()) == *self.value(parameter)
        });
        if !means_it {
            self.line = LineEdit::selected(self.field_text());
        }
    }

    /// What is marked in the list of groups, by the groups' numbers.
    pub fn marks_of_groups(&self) -> BTreeMap<usize, GroupMarks> {
        let mut marks: BTreeMap<usize, GroupMarks> = BTreeMap::new();
        let mut mark = |key: &Key, set: fn(&mut GroupMarks)| {
            if let Some(group) = self.catalog().group_number(key.group()) {
                set(marks.entry(group).or_default());
            }
        };
        self.session.pending_changes().keys().for_each(|key| mark(key, |marks| marks.changed = true));
        let errors = self.findings.iter().filter(|finding| finding.level() == Level::Error);
        errors.for_each(|finding| {
            let both = [Some(&finding.key), finding.fault.other.as_ref()];
            both.into_iter().flatten().for_each(|key| mark(key, |marks| marks.invalid = true));
        });
        let tested = self.outcomes.keys().filter_map(|key| self.outcome(key));
        let failed = tested.filter(|outcome| outcome.status() == Status::Fail);
        failed.for_each(|outcome| mark(&outcome.request.key, |marks| marks.fails = true));
        marks
    }
}
