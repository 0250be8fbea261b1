//! Edits of values, with undo and redo. All changes of values in the form go through here.
//!
//! Typing in one field is one edit until something else happens. A paste, a toggle and a reset are one edit each; so is a
//! recovered draft or a restored version, however many values it sets.

use serde_json::Value;

use crate::document::Changes;
use crate::document::draft::Draft;
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
/// and undo has to work across saves.
#[derive(Clone, Debug)]
struct Edit {
    values: Vec<Changed>,
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
            self.done.push(Edit { values: vec![changed], open: kind == EditKind::Typing, recovered: None });
        }
    }

    /// Changes several values as one edit, which may come from a draft. Returns the keys whose values changed, in order.
    pub fn change_all(&mut self, session: &mut Session, values: Changes, recovered: Option<Draft>) -> Vec<Key> {
        let values: Vec<Changed> = values.into_iter().filter_map(|(key, value)| set(session, &key, value)).collect();
        let keys = values.iter().map(|changed| changed.key.clone()).collect();
        if !values.is_empty() {
            self.undone.clear();
            self.done.push(Edit { values, open: false, recovered });
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

    /// Ends a run of typing: the next character starts a new edit.
    pub fn pause(&mut self) {
        if let Some(step) = self.done.last_mut() {
            step.open = false;
        }
    }

    /// Returns the first parameter of the edit that was undone.
    pub fn undo(&mut self, session: &mut Session) -> Option<Key> {
        let step = self.done.pop()?;
        step.values.iter().rev().for_each(|changed| session.take_back(&changed.key, changed.before.clone()));
        let key = step.values.first().map(|changed| changed.key.clone());
        self.undone.push(step);
        key
    }

    /// Returns the first parameter of the edit that was redone.
    pub fn redo(&mut self, session: &mut Session) -> Option<Key> {
        let mut step = self.undone.pop()?;
        step.values.iter().for_each(|changed| session.set(&changed.key, changed.after.clone()));
        step.open = false;
        let key = step.values.first().map(|changed| changed.key.clone());
        self.done.push(step);
        key
    }
}

fn set(session: &mut Session, key: &Key, value: Option<Value>) -> Option<Changed> {
    let before = session.setting(key);
    session.set(key, value);
    let after = session.setting(key);
    (before != after).then(|| Changed { key: key.clone(), before, after })
}
