//! A save from an editor that stays open, whatever comes of it.

use super::{Change, Session};
use crate::document::merge::{Conflict, Side};
use crate::document::save::Cause;
use crate::document::{SaveError, Saved};

/// What came of it.
#[derive(Debug)]
pub enum Attempt {
    /// What it changed, and the session that was saved.
    Saved(Saved, Vec<Change>, Box<Session>),
    /// Nothing was saved; where others' changes stand in the way, with the session that has taken them in, so that what has to
    /// be corrected is seen.
    NotSaved(SaveError, Option<Box<Session>>),
}

impl Session {
    /// Saves with these choices, or without any anew.
    pub fn attempt(mut self, choices: Option<&[(Conflict, Side)]>) -> Attempt {
        let mut changes = self.changes();
        let ended = match choices {
            Some(choices) => self.save(choices),
            None => self.save_anew(),
        };
        match ended {
            Ok(saved) => {
                // Where theirs was chosen, nothing was saved. The document tells, not the choices: one that was made for values
                // which changed once more was not followed.
                let is_saved = |change: &Change| {
                    self.catalog.parameter(&change.key).is_some_and(|it| self.saved_value(it) == change.to)
                };
                changes.retain(is_saved);
                Attempt::Saved(saved, changes, Box::new(self))
            }
            Err(error) => {
                let taken_in = match &error.cause {
                    Cause::Invalid { merged, .. } => {
                        self.take_in(merged);
                        Some(Box::new(self))
                    }
                    _ => None,
                };
                Attempt::NotSaved(error, taken_in)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::catalog::Catalog;
    use crate::key::Key;

    #[test]
    fn a_saved_change_is_reported_though_an_earlier_choice_was_against_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        let write =
            |port| std::fs::write(&path, format!("{{\"integracao\":{{\"porta_banco_dados\":{port}}}}}")).unwrap();
        let key = Key::parse("integracao.porta_banco_dados").unwrap();
        let conflict = |theirs: u16| Conflict {
            key: key.clone(),
            base: Some(json!(5433)),
            theirs: Some(json!(theirs)),
            mine: Some(json!(5435)),
        };
        let reported = |choices: &[(Conflict, Side)]| {
            write(5433);
            let mut session = Session::open(&path, Arc::new(Catalog::built_in())).unwrap();
            session.set(&key, Some(json!(5435)));
            write(5436);
            match session.attempt(Some(choices)) {
                Attempt::Saved(_, changes, _) => changes.len(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(reported(&[(conflict(5434), Side::Theirs), (conflict(5436), Side::Mine)]), 1);
        assert_eq!(reported(&[(conflict(5434), Side::Mine), (conflict(5436), Side::Theirs)]), 0);
    }
}
