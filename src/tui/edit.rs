//! The one path on which values change in the form, and how changes are taken back.
//!
//! Typing in one field is one step until something else happens; a paste, a toggle, a default are one step each.

use serde_json::Value;

use crate::key::Key;
use crate::session::Session;

/// How a change came about; a run of typing in one field becomes one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// A character written or taken out.
    Typing,
    /// A change that stands by itself.
    Whole,
}

/// Steps hold what the document would say before and after, not what was pending: a save in between changes the
/// latter, and taking back goes over it.
#[derive(Clone, Debug)]
struct Step {
    key: Key,
    before: Option<Value>,
    after: Option<Value>,
    manner: Manner,
    open: bool,
}

/// The changes so far, to be taken back and done again; as long as the session.
#[derive(Clone, Debug, Default)]
pub struct Edits {
    done: Vec<Step>,
    undone: Vec<Step>,
}

impl Edits {
    /// Changes a value: `None` puts the parameter back to its default.
    pub fn change(&mut self, session: &mut Session, key: &Key, value: Option<Value>, manner: Manner) {
        let before = session.setting(key);
        session.set(key, value);
        let after = session.setting(key);
        if before == after {
            return;
        }
        self.undone.clear();
        match self.done.last_mut() {
            Some(step) if step.open && manner != Manner::Whole && step.manner == manner && step.key == *key => {
                step.after = after;
                // Typed and taken out again: nothing to take back, and nothing to remember however long it goes on.
                if step.before == step.after {
                    self.done.pop();
                }
            }
            _ => self.done.push(Step { key: key.clone(), before, after, manner, open: true }),
        }
    }

    /// Ends a run of typing: what comes next is a step of its own.
    pub fn pause(&mut self) {
        if let Some(step) = self.done.last_mut() {
            step.open = false;
        }
    }

    /// Takes back the last step; the parameter it was about.
    pub fn undo(&mut self, session: &mut Session) -> Option<Key> {
        let step = self.done.pop()?;
        session.set(&step.key, step.before.clone());
        let key = step.key.clone();
        self.undone.push(step);
        Some(key)
    }

    /// Does the last step that was taken back again; the parameter it was about.
    pub fn redo(&mut self, session: &mut Session) -> Option<Key> {
        let mut step = self.undone.pop()?;
        session.set(&step.key, step.after.clone());
        step.open = false;
        let key = step.key.clone();
        self.done.push(step);
        Some(key)
    }
}
