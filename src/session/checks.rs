//! What every front end does around a check: what is to be tested, and the memory of what passed.

use crate::check::last_passed::LastPassed;
use crate::check::{self, Point, Report, Request};
use crate::document::cache;
use crate::document::timestamp::Timestamp;
use crate::session::Session;

/// The name of the memory's file: `CONFIG.checks`.
const MEMORY: &str = "checks";

impl Session {
    /// The tests that the values in force call for, saved or not.
    pub fn requests(&self) -> Vec<Request> {
        check::plan(self.catalog(), &|parameter| self.value(parameter))
    }

    /// The server that the table of versions is on, where the values that name it are valid.
    pub fn database(&self) -> Option<Request> {
        self.requests().into_iter().find(|request| matches!(request.point, Point::Postgres { .. }))
    }

    /// What passed when it was last tested; empty where nothing is remembered.
    pub fn remembered(&self) -> LastPassed {
        LastPassed::read(&cache::read(self.document().path(), MEMORY))
    }

    /// Puts into the report when what does not pass now last did, and remembers what passes now. Where the folder cannot
    /// be written, nothing is remembered and nothing fails.
    pub fn remember(&self, report: &mut Report, now: Timestamp) {
        let mut remembered = self.remembered();
        remembered.recall(report);
        if remembered.take(report, now) {
            // What is forgotten is only missed when somebody asks.
            _ = cache::write(self.document().path(), MEMORY, remembered.text().as_bytes());
        }
    }
}
