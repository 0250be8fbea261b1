//! What the form knows of its tests: those under way, and what they found.

use std::sync::Arc;

use super::Model;
use crate::check::{self, Outcome, Stage};
use crate::key::Key;

impl Model {
    /// How far the test of the parameter has come, while it runs.
    pub fn stage(&self, key: &Key) -> Option<Stage> {
        self.running.as_ref()?.stages.get(key).copied()
    }

    /// The port that the check suggests for the field in focus.
    pub fn offer(&self) -> Option<(Key, u64)> {
        self.offer_of(&self.focused()?.key)
    }

    pub fn offer_of(&self, key: &Key) -> Option<(Key, u64)> {
        let (key, value) = self.outcome(key)?.offer()?;
        Some((key.clone(), value))
    }

    /// The outcome of the parameter's last check, unless the values have changed since.
    pub fn outcome(&self, key: &Key) -> Option<&Outcome> {
        self.outcomes.get(key).filter(|outcome| self.requests.contains(&outcome.request))
    }

    /// True while the parameter's check has not answered.
    pub fn is_waiting(&self, key: &Key) -> bool {
        self.running.as_ref().is_some_and(|running| running.waiting.iter().any(|request| request.key == *key))
    }

    /// How servers are tested and logged in to: with the password that was typed, where there is one.
    pub fn check_options(&self) -> check::Options {
        // The password file as it is now: it may have been put right since the last test.
        let anew = self.setup.check.credentials.anew();
        let credentials = self.password.clone().map_or(anew.clone(), |password| anew.with_password(password));
        check::Options { credentials: Arc::new(credentials), ..self.setup.check.clone() }
    }
}
