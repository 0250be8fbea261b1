//! Edits of values, with undo and redo. All changes of values in the form go through here.
//!
//! Typing in one field is one edit until something else happens. A paste, a toggle and a reset are one edit each; so is a
//! recovered draft or a restored version, however many values it sets.

use serde_json::Value;

use crate::catalog::Finding;
use crate::document::draft::Draft;
use crate::document::merge::Conflict;
use crate::document::{Changes, Document};
use crate::key::Key;
use crate::session::Session;

/// A run of typing in one field is joined to one edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditKind {
    /// A character written or taken out.
    Typing,
    /// An edit of its own.
    Whole,
}

/// Holds what the document would say before and after, not what was pending: a save in between changes what is pending,
/// and undo has to work across saves. What was as the file had it is as the file has it, whoever has saved it since.
#[derive(Clone, Debug)]
struct Edit {
    values: Vec<Changed>,
    /// The parameter it was made at; `None`: the first of them.
    at: Option<Key>,
    /// A run of typing that goes on.
    open: bool,
    /// The draft that the values came from.
    recovered: Option<Draft>,
}

/// One parameter of an edit.
#[derive(Clone, Debug)]
struct Changed {
    key: Key,
    before: Option<Value>,
    after: Option<Value>,
}

impl Edit {
    fn place(&self) -> Option<Key> {
        self.at.clone().or_else(|| Some(self.values.first()?.key.clone()))
    }

    fn keys(&self) -> Vec<Key> {
        self.values.iter().map(|changed| changed.key.clone()).collect()
    }
}

/// The undo and redo stacks, without a limit.
#[derive(Clone, Debug, Default)]
pub struct Edits {
    done: Vec<Edit>,
    undone: Vec<Edit>,
}

impl Edits {
    /// Changes a value: `None` puts the parameter back to its default.
    pub fn change(&mut self, session: &mut Session, key: &Key, value: Option<Value>, kind: EditKind) {
        let Some(changed) = set(session, key, value) else { return };
        self.undone.clear();
        if let Some(step) = self.done.last_mut()
            && step.open
            && kind == EditKind::Typing
            && let [before] = &mut step.values[..]
            && before.key == *key
        {
            before.after = changed.after;
            // Typed and deleted again: there is nothing to undo.
            if before.before == before.after {
                self.done.pop();
            }
        } else {
            self.done.push(Edit { values: vec![changed], at: None, open: kind == EditKind::Typing, recovered: None });
        }
    }

    /// Changes several values as one edit, which may come from a draft. Returns the keys whose values changed, in order.
    pub fn change_all(&mut self, session: &mut Session, values: Changes, recovered: Option<Draft>) -> Vec<Key> {
        self.push(session, values, None, recovered)
    }

    /// The same, made at this parameter: undo leads back there.
    pub fn change_at(&mut self, session: &mut Session, at: &Key, values: Changes) -> Vec<Key> {
        self.push(session, values, Some(at.clone()), None)
    }

    fn push(&mut self, session: &mut Session, values: Changes, at: Option<Key>, recovered: Option<Draft>) -> Vec<Key> {
        let values: Vec<Changed> = values.into_iter().filter_map(|(key, value)| set(session, &key, value)).collect();
        let keys = values.iter().map(|changed| changed.key.clone()).collect();
        if !values.is_empty() {
            self.undone.clear();
            self.done.push(Edit { values, at, open: false, recovered });
        }
        keys
    }

    /// The drafts of all edits that were not undone.
    pub fn recovered(&self) -> Vec<Draft> {
        self.done.iter().filter_map(|step| step.recovered.clone()).collect()
    }

    /// The same, removed from the edits: their values were saved or discarded.
    pub fn take_recovered(&mut self) -> Vec<Draft> {
        self.done.iter_mut().filter_map(|step| step.recovered.take()).collect()
    }

    /// The file says something else by now: what was as it said is as it says. Not so of these changes, which were saved here:
    /// they can be taken back.
    pub fn follow(&mut self, before: &Document, now: &Document, saved: &Changes) {
        self.replace(|key| {
            let (from, to) = (before.value(key), now.value(key));
            (from != to && saved.get(key) != Some(&to)).then_some((from, to))
        });
    }

    /// The same of what others are known to have saved, while the form stays with what it has read.
    pub fn overtake(&mut self, conflicts: &[Conflict]) {
        self.replace(|key| {
            let found = conflicts.iter().find(|conflict| conflict.key == *key)?;
            Some((found.base.clone(), found.theirs.clone()))
        });
    }

    /// `by` gives what is another value by now, and which.
    fn replace(&mut self, by: impl Fn(&Key) -> Option<(Option<Value>, Option<Value>)>) {
        for changed in self.done.iter_mut().chain(&mut self.undone).flat_map(|step| &mut step.values) {
            let Some((from, to)) = by(&changed.key) else { continue };
            for value in [&mut changed.before, &mut changed.after] {
                if *value == from {
                    value.clone_from(&to);
                }
            }
        }
    }

    /// The parameter that a fault is told at, and mended at: of two whose values do not go together, the one changed last.
    pub fn blamed<'f>(&self, finding: &'f Finding) -> &'f Key {
        let Some(other) = &finding.fault.other else { return &finding.key };
        let last = self.done.iter().rev().find_map(|step| {
            let has = |key: &Key| step.values.iter().any(|changed| changed.key == *key);
            (has(&finding.key) || has(other)).then(|| has(other) && !has(&finding.key))
        });
        if last == Some(true) { other } else { &finding.key }
    }

    /// Ends a run of typing: the next character starts a new edit.
    pub fn pause(&mut self) {
        if let Some(step) = self.done.last_mut() {
            step.open = false;
        }
    }

    /// True where there is something to undo.
    pub fn has_done(&self) -> bool {
        !self.done.is_empty()
    }

    /// Returns the parameter that the edit was made at, and those that it is about.
    pub fn undo(&mut self, session: &mut Session) -> Option<(Key, Vec<Key>)> {
        let step = self.done.pop()?;
        step.values.iter().rev().for_each(|changed| session.set(&changed.key, changed.before.clone()));
        let place = step.place().map(|place| (place, step.keys()));
        self.undone.push(step);
        place
    }

    /// The same of the edit that was undone last.
    pub fn redo(&mut self, session: &mut Session) -> Option<(Key, Vec<Key>)> {
        let mut step = self.undone.pop()?;
        step.values.iter().for_each(|changed| session.set(&changed.key, changed.after.clone()));
        step.open = false;
        let place = step.place().map(|place| (place, step.keys()));
        self.done.push(step);
        place
    }
}

fn set(session: &mut Session, key: &Key, value: Option<Value>) -> Option<Changed> {
    let before = session.setting(key);
    session.set(key, value);
    let after = session.setting(key);
    (before != after).then(|| Changed { key: key.clone(), before, after })
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::catalog::Catalog;

    #[derive(Clone, Debug)]
    enum Step {
        Edit(u16),
        Undo,
        Redo,
        /// Others save this.
        Follow(u16),
    }

    /// What the form is meant to do: a value is one's own, or whatever the file says.
    struct Model {
        file: u16,
        values: Vec<Option<u16>>,
        at: usize,
    }

    impl Model {
        fn take(&mut self, step: &Step) {
            match *step {
                Step::Edit(value) if value == self.values[self.at].unwrap_or(self.file) => {}
                Step::Edit(value) => {
                    self.values.truncate(self.at + 1);
                    self.values.push(Some(value).filter(|value| *value != self.file));
                    self.at += 1;
                }
                Step::Undo => self.at = self.at.saturating_sub(1),
                Step::Redo => self.at = (self.at + 1).min(self.values.len() - 1),
                Step::Follow(value) => {
                    self.file = value;
                    self.values.iter_mut().filter(|own| **own == Some(value)).for_each(|own| *own = None);
                }
            }
        }
    }

    fn document(value: u16, catalog: &Catalog) -> Document {
        let text = json!({ "integracao": { "porta_banco_dados": value } }).to_string();
        Document::parse(Path::new("config.json"), text.as_bytes(), catalog).unwrap()
    }

    fn step() -> impl Strategy<Value = Step> {
        let value = 6000..6004_u16;
        prop_oneof![
            3 => value.clone().prop_map(Step::Edit),
            2 => Just(Step::Undo),
            2 => Just(Step::Redo),
            2 => value.prop_map(Step::Follow),
        ]
    }

    proptest! {
        #[test]
        fn what_was_as_the_file_said_is_as_the_file_says_however_it_is_edited_undone_and_saved_by_others(
            steps in proptest::collection::vec(step(), 0..30)
        ) {
            let (catalog, key) = (Arc::new(Catalog::built_in()), Key::parse("integracao.porta_banco_dados").unwrap());
            let text = document(6000, &catalog).text().to_owned();
            let mut session = Session::parse(Path::new("config.json"), text.as_bytes(), Arc::clone(&catalog)).unwrap();
            let (mut edits, mut model) = (Edits::default(), Model { file: 6000, values: vec![None], at: 0 });
            for step in &steps {
                match step {
                    Step::Edit(value) => edits.change(&mut session, &key, Some(json!(value)), EditKind::Whole),
                    Step::Undo => _ = edits.undo(&mut session),
                    Step::Redo => _ = edits.redo(&mut session),
                    Step::Follow(value) => {
                        let now = document(*value, &catalog);
                        edits.follow(session.document(), &now, &Changes::new());
                        session.follow(now);
                    }
                }
                model.take(step);
                let own = model.values[model.at].map(|value| Some(json!(value)));
                prop_assert_eq!(session.pending_changes().get(&key), own.as_ref(), "{:?}", step);
                prop_assert_eq!(session.setting(&key), own.unwrap_or(Some(json!(model.file))));
            }
        }
    }
}
