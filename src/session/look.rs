//! What becomes of a session while others change its file: looked at, and followed.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::Session;
use crate::document::history::{Authors, History};
use crate::document::merge::{self, Conflict, GivenUp, Overtaken};
use crate::document::timestamp::Timestamp;
use crate::document::{Changes, Document, ReadError, SaveError};
use crate::key::Key;

/// What the file holds now.
#[derive(Debug)]
pub struct Look {
    /// What the session took the file to hold.
    pub before: Document,
    /// A file that is missing is an empty document.
    pub now: Result<Document, ReadError>,
    /// True where the path leads to another folder or file by now.
    pub has_moved: bool,
    /// Who changed it.
    pub authors: Authors,
    /// When it was read.
    pub at: Timestamp,
    /// Why this user cannot save it, where that is known.
    pub denied: Option<Arc<SaveError>>,
}

impl Session {
    /// Reads the file once more; changes nothing.
    pub fn look(&self) -> Look {
        let before = self.document.clone();
        let moved = before.location().moved();
        let now = match &moved {
            Some(location) => Document::at(location, &self.catalog),
            None => before.read_again(&self.catalog),
        };
        let authors = match &now {
            Ok(now) if now.text() != before.text() => History::of(now.location()).between(before.text(), now.text()),
            _ => Authors::default(),
        };
        let denied = now.as_ref().unwrap_or(&before).writable().err().map(Arc::new);
        Look { before, now, has_moved: moved.is_some(), authors, at: self.saver.now(), denied }
    }

    /// Goes on from what the file holds now. What is pending stays so, unless the file says it too. Gives the keys that
    /// others have set to other values than are pending; they stay to be asked about.
    pub fn follow(&mut self, now: Document) -> Vec<Key> {
        let merged = merge::merge(&self.document, &now, &self.pending, self.overtaken.as_ref(), &[], &self.catalog);
        let made_on = std::mem::replace(&mut self.document, now);
        let made_on = self.overtaken.take().map_or(made_on, |overtaken| overtaken.made_on);
        self.pending.clear();
        for (key, value) in merged.mine {
            self.set(&key, value);
        }
        let keys: Vec<Key> = merged.conflicts.iter().map(|conflict| conflict.key.clone()).collect();
        let mut before = Changes::new();
        for Conflict { key, base, mine, .. } in merged.conflicts {
            self.pending.insert(key.clone(), mine);
            before.insert(key, base);
        }
        self.overtaken = (!before.is_empty()).then_some(Overtaken { made_on, before });
        keys
    }

    /// What is pending and has been overtaken, in the order of the keys.
    pub fn conflicts(&self) -> Vec<Conflict> {
        let before = self.overtaken.iter().flat_map(|overtaken| &overtaken.before);
        before
            .map(|(key, base)| Conflict {
                key: key.clone(),
                base: base.clone(),
                theirs: self.document.value(key),
                mine: self.setting(key),
            })
            .collect()
    }

    /// True where the pending change of this key has been overtaken.
    pub fn is_overtaken(&self, key: &Key) -> bool {
        self.overtaken.as_ref().is_some_and(|overtaken| overtaken.before.contains_key(key))
    }

    /// The document that all pending changes can be merged from: the present one, or where some were overtaken, the one
    /// before that.
    pub fn made_on(&self) -> &Document {
        self.overtaken.as_ref().map_or(&self.document, |overtaken| &overtaken.made_on)
    }

    /// Nothing of this key is pending any more.
    pub(super) fn forget(&mut self, key: &Key) {
        let mine = self.pending.remove(key);
        let Some(overtaken) = &mut self.overtaken else { return };
        if let Some(((key, base), mine)) = overtaken.before.remove_entry(key).zip(mine) {
            let made_on = &overtaken.made_on;
            let given_up =
                self.given_up.get_or_insert_with(|| GivenUp { made_on: made_on.clone(), changes: BTreeMap::new() });
            given_up.changes.insert(key, (base, mine));
        }
        if overtaken.before.is_empty() {
            self.overtaken = None;
        }
    }

    /// The change that was given up is wanted again: put in anew, or taken back with undo.
    pub(super) fn take_up(&mut self, key: &Key, mine: &Option<Value>) {
        let Some(given_up) = &mut self.given_up else { return };
        let Some((base, _)) = given_up.changes.get(key).filter(|(_, before)| before == mine) else { return };
        let made_on = &given_up.made_on;
        let overtaken =
            self.overtaken.get_or_insert_with(|| Overtaken { made_on: made_on.clone(), before: Changes::new() });
        overtaken.before.insert(key.clone(), base.clone());
        given_up.changes.remove(key);
    }
}
