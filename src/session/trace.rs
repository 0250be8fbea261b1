//! What each parameter was before it was last changed, by whom and when: told from the versions of the history.

use std::collections::BTreeMap;
use std::io;

use serde_json::Value;

use super::Session;
use crate::catalog::Catalog;
use crate::document::diff::Difference;
use crate::document::history::{Entry, History, Kind, Stamp};
use crate::key::Key;

/// The last changes that the history knows of.
#[derive(Debug, Default)]
pub struct Trace {
    changes: BTreeMap<Key, Traced>,
    /// The newest version and its note.
    pub last_note: Option<(u64, String)>,
}

/// The last change of one parameter. `None` is the default, not spelled out.
#[derive(Clone, Debug)]
pub struct Traced {
    pub before: Option<Value>,
    pub after: Option<Value>,
    /// The version that it came with; who is nobody where it was edited outside.
    pub stamp: Stamp,
    pub kind: Kind,
    pub note: Option<String>,
}

impl Trace {
    /// The last change of this parameter, where it led to what the document says now: of anything else, nobody knows who
    /// did it.
    pub fn of(&self, key: &Key, session: &Session) -> Option<&Traced> {
        let (traced, parameter) = (self.changes.get(key)?, session.catalog().parameter(key)?);
        let after = traced.after.as_ref().unwrap_or(&parameter.default);
        (*after == session.saved_value(parameter)).then_some(traced)
    }

    fn add(&mut self, version: Entry, catalog: &Catalog) {
        let (stamp, kind, note) = (version.stamp(), version.kind, version.note.clone());
        self.last_note = note.clone().map(|note| (version.number, note));
        for change in version.changes.into_iter().flatten() {
            let Some(parameter) = change.key().and_then(|key| catalog.parameter(&key)) else { continue };
            let Difference { from: before, to: after, .. } = change;
            // A default that is spelled out by now is no other value.
            if before.as_ref().unwrap_or(&parameter.default) != after.as_ref().unwrap_or(&parameter.default) {
                let traced = Traced { before, after, stamp: stamp.clone(), kind, note: note.clone() };
                self.changes.insert(parameter.key.clone(), traced);
            }
        }
    }
}

impl Session {
    /// Reads the history, within its bounds; a version that cannot be read is passed over.
    pub fn trace(&self) -> io::Result<Trace> {
        let mut trace = Trace::default();
        let read = History::of(self.document.location()).each(|version| version.ok().map(Entry::without_text))?;
        read.versions.into_iter().flatten().for_each(|version| trace.add(version, &self.catalog));
        Ok(trace)
    }
}
