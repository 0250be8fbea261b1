//! The one path on which values change in the form, and how changes are taken back.
//!
//! Typing in one field is one step until something else happens; a paste, a toggle, a default are one step each, and so
//! is a recovered draft or a restored version, however many values it brings.

use serde_json::Value;

use crate::document::Changes;
use crate::document::draft::Draft;
use crate::key::Key;
use crate::session::Session;

/// How a change came about; a run of typing in one field becomes one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditKind {
    /// A character written or taken out.
    Typing,
    /// A change that stands by itself.
    Whole,
}

/// Steps hold what the document would say before and after, not what was pending: a save in between changes the
/// latter, and taking back goes over it.
#[derive(Clone, Debug)]
struct Edit {
    values: Vec<Changed>,
    kind: EditKind,
    open: bool,
    /// The draft that the values came from.
    recovered: Option<Draft>,
}

/// One parameter of a step.
#[derive(Clone, Debug)]
struct Changed {
    key: Key,
    before: Option<Value>,
    after: Option<Value>,
}

/// The changes so far, to be taken back and done again; as long as the session.
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
            && kind != EditKind::Whole
            && step.kind == kind
            && let [before] = &mut step.values[..]
            && before.key == *key
        {
            before.after = changed.after;
            // Typed and taken out again: nothing to take back, and nothing to remember however long it goes on.
            if before.before == before.after {
                self.done.pop();
            }
        } else {
            self.done.push(Edit { values: vec![changed], kind, open: true, recovered: None });
        }
    }

    /// Changes several values as one step, which a draft may have brought; those that really changed, in their order.
    pub fn change_all(&mut self, session: &mut Session, values: Changes, recovered: Option<Draft>) -> Vec<Key> {
        let values: Vec<Changed> = values.into_iter().filter_map(|(key, value)| set(session, &key, value)).collect();
        let keys = values.iter().map(|changed| changed.key.clone()).collect();
        if !values.is_empty() {
            self.undone.clear();
            self.done.push(Edit { values, kind: EditKind::Whole, open: false, recovered });
        }
        keys
    }

    /// The drafts whose edits are in the form: those of steps that were not taken back.
    pub fn recovered(&self) -> Vec<Draft> {
        self.done.iter().filter_map(|step| step.recovered.clone()).collect()
    }

    /// The same, which are done with: what they brought is saved, or thrown away on purpose.
    pub fn take_recovered(&mut self) -> Vec<Draft> {
        self.done.iter_mut().filter_map(|step| step.recovered.take()).collect()
    }

    /// Ends a run of typing: what comes next is a step of its own.
    pub fn pause(&mut self) {
        if let Some(step) = self.done.last_mut() {
            step.open = false;
        }
    }

    /// Takes back the last step; the first parameter it was about.
    pub fn undo(&mut self, session: &mut Session) -> Option<Key> {
        let step = self.done.pop()?;
        step.values.iter().rev().for_each(|changed| session.set(&changed.key, changed.before.clone()));
        let key = step.values.first().map(|changed| changed.key.clone());
        self.undone.push(step);
        key
    }

    /// Does the last step that was taken back again; the first parameter it was about.
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
