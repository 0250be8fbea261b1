//! What every front end does around a check: what is to be tested, and the cache of what passed.

use std::collections::BTreeMap;

use crate::catalog::{Parameter, Probe};
use crate::check::discover::{self, Wanted};
use crate::check::last_passed::LastPassed;
use crate::check::watch::{EVERY, Round, Watch};
use crate::check::{self, Cancel, Options, Outcome, Point, Progress, Report, Request, Status};
use crate::document::cache;
use crate::document::timestamp::Timestamp;
use crate::key::Key;
use crate::session::Session;

/// The name of the cache's file: `CONFIG.checks`.
const CACHE: &str = "checks";

impl Session {
    /// The tests that the values in force call for, saved or not.
    pub fn requests(&self) -> Vec<Request> {
        check::plan(self.catalog(), &|parameter| self.value(parameter))
    }

    /// What is to be tested before a save: what is not in the saved document and has not passed a test.
    pub fn untested(&self, outcomes: &BTreeMap<Key, Outcome>) -> Vec<Request> {
        let saved = check::plan(self.catalog(), &|parameter| self.saved_value(parameter));
        let passed = |request: &Request| {
            let last = outcomes.get(&request.key).filter(|outcome| outcome.request == *request);
            last.is_some_and(|outcome| outcome.status() != Status::Fail)
        };
        let mut wanted = self.requests();
        wanted.retain(|request| request.reaches_out() && !saved.contains(request) && !passed(request));
        wanted
    }

    /// The server that the table of versions is on, where the values that name it are valid.
    pub fn database(&self) -> Option<Request> {
        let is_valid = |request: &Request| request.probe == Probe::Postgres && request.point != Point::Invalid;
        self.requests().into_iter().find(is_valid)
    }

    /// The parameter that holds the server's host, by the catalog's order.
    pub fn server(&self) -> Option<&Parameter> {
        let is_host = |parameter: &&Parameter| parameter.check.as_ref().is_some_and(|check| check.probe == Probe::Host);
        self.catalog().parameters().iter().find(is_host)
    }

    /// What is looked for where the host of this parameter is to be found: the ports in force, saved or not.
    pub fn wanted(&self, host: &Key) -> Vec<Wanted> {
        discover::wanted(self.catalog(), host, &|parameter| self.value(parameter))
    }

    /// Runs a check and keeps what passes, as of `now`. Where the folder cannot be written, nothing is kept and nothing
    /// fails. `None` when cancelled.
    pub fn check(
        &self,
        requests: &[Request],
        options: &Options,
        cancel: &Cancel,
        now: &dyn Fn() -> Timestamp,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Option<Report> {
        let mut last_passed = self.last_passed();
        let report = check::follow(requests, options, cancel, &last_passed, progress)?;
        self.keep(&mut last_passed, &report, now());
        Some(report)
    }

    /// Checks every second until it is cancelled, or `on_round` says false.
    pub fn watch(
        &self,
        requests: &[Request],
        options: &Options,
        cancel: &Cancel,
        now: &dyn Fn() -> Timestamp,
        on_round: &mut dyn FnMut(Round) -> bool,
    ) {
        let mut last_passed = self.last_passed();
        let mut watch = Watch::default();
        while let Some(report) = check::follow(requests, options, cancel, &last_passed, &mut |_| {}) {
            let at = now();
            let changes = watch.update(&report, at);
            if !changes.is_empty() {
                // Once a change: keeping it every second would only wear out the disk.
                self.keep(&mut last_passed, &report, at);
            }
            let rest = EVERY.saturating_sub(report.elapsed);
            let round = Round { outcomes: report.outcomes, targets: watch.targets().to_vec(), changes };
            if !on_round(round) || cancel.wait(rest) {
                break;
            }
        }
    }

    fn last_passed(&self) -> LastPassed {
        LastPassed::read(&cache::read(self.document().location(), CACHE))
    }

    fn keep(&self, last_passed: &mut LastPassed, report: &Report, now: Timestamp) {
        if last_passed.update(report, now) {
            // What is lost is only missed when somebody asks.
            _ = cache::write(self.document().location(), CACHE, last_passed.text().as_bytes());
        }
    }
}
