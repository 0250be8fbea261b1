//! Live tests of what the values point at: side by side, each bounded, under one deadline.
//!
//! [`plan`] turns the values in force into requests; [`run`] puts them all to the test at once and calls back with
//! progress. Nothing here shows anything: results carry a [`Diagnosis`], whose words are made where they are shown.

pub mod diagnosis;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Map, Value};

use crate::catalog::{Catalog, Parameter};
use crate::key::Key;
pub use diagnosis::{Diagnosis, Status};

/// One thing to test.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Its name in reports: `servidor`, `banco_dados`, `integracao_clientes`, `logo`…
    pub target: String,
    /// The parameter that carries it.
    pub key: Key,
    /// Where and how.
    pub point: Point,
}

/// Where a test goes and what it speaks there.
#[derive(Clone, Debug, PartialEq)]
pub enum Point {
    /// Resolve this name; is it this very machine?
    Host {
        /// Name or address.
        host: String,
    },
    /// PostgreSQL.
    Postgres {
        /// Name or address.
        host: String,
        /// TCP port.
        port: u16,
        /// The parameter that holds the host.
        host_key: Key,
    },
    /// HTTP.
    Http {
        /// Name or address.
        host: String,
        /// TCP port.
        port: u16,
        /// The parameter that holds the host.
        host_key: Key,
    },
    /// A picture file.
    Image {
        /// The path; empty: nothing to test.
        path: String,
    },
    /// Not tested, because a value it needs is invalid.
    Invalid,
}

/// What came of one request.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// As in the request.
    pub target: String,
    /// As in the request.
    pub key: Key,
    /// The parameter to look at first when it is not ok.
    pub look_at: Key,
    /// `host:port` or the path that was tested; for a name, with the address that answered.
    pub address: Option<String>,
    /// The cause, out of the closed list.
    pub diagnosis: Diagnosis,
    /// Evidence: server version, addresses tried, raw error text (from outside, not safe to show).
    pub detail: Map<String, Value>,
    /// From the start of the check to this outcome.
    pub elapsed: Duration,
}

/// What came of a whole check.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The host that was tested, where there was one.
    pub host: Option<String>,
    /// In the order of the requests.
    pub outcomes: Vec<Outcome>,
    /// From start to last outcome.
    pub elapsed: Duration,
}

impl Report {
    /// True where nothing failed; warnings and skipped targets do not count.
    pub fn ok(&self) -> bool {
        self.outcomes.iter().all(|outcome| outcome.diagnosis.status() != Status::Fail)
    }
}

/// How a check is to be run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Over everything, from the start.
    pub timeout: Duration,
    /// The login for PostgreSQL, where one was given.
    pub user: Option<String>,
    /// The database to log in to, where one was given.
    pub database: Option<String>,
    /// The name of the account that runs the program: the second login tried where none was given.
    pub account: Option<String>,
}

/// Set by whoever wants the check to end early.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Ends the check as soon as it next looks.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// True once cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The requests that the values in force call for, in the catalog's order.
pub fn plan(_catalog: &Catalog, _value_of: &dyn Fn(&Parameter) -> Value) -> Vec<Request> {
    todo!()
}

/// Runs all requests at once and waits for them, at most `options.timeout`; `progress` is called on this thread with
/// each outcome as it comes. `None` when cancelled.
pub fn run(
    _requests: &[Request],
    _options: &Options,
    _cancel: &Cancel,
    _progress: &mut dyn FnMut(&Outcome),
) -> Option<Report> {
    todo!()
}
