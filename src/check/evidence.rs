//! What every probe may find out, as types. JSON is made of it once, here, where a report leaves the program.
//!
//! What only one probe finds out is in its own type, an [`super::outcome::ProbeEvidence`].

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use rustix::io::Errno;
use serde_json::{Map, Value, json};

use super::credentials::Warning;
use super::diagnosis::Diagnosis;
use super::stage::{StageRecord, whole_ms};
use crate::document::timestamp::Timestamp;
use crate::lang::Lang;

/// Texts in it come from outside, shortened but as they came: never to be shown without [`crate::safe::Safe`].
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Whether the host is this very machine; `None` where there is no host, or it was not found.
    pub this_machine: Option<bool>,
    /// What each address did, in the order of the name server.
    pub attempts: Vec<Attempt>,
    /// The address that took the connection.
    pub answered: Option<IpAddr>,
    /// What came in place of the right protocol: its beginning.
    pub received: Option<String>,
    /// The raw text of the system's error.
    pub error: Option<String>,
    pub late: Option<Late>,
    /// A port beside the one tested where the right service answers.
    pub suggestion: Option<u16>,
    /// How far it came, one way after the other where several were tried.
    pub stages: Vec<StageRecord>,
    /// When it last passed, where that is known and it does not pass now.
    pub last_passed: Option<Passed>,
    /// What was found for the login and is not used.
    pub warnings: Vec<Warning>,
}

/// What was missing when time was up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// Nothing had come.
    Everything,
    /// An answer had begun.
    End,
}

/// What one address did.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub address: IpAddr,
    pub result: AttemptResult,
    pub elapsed: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptResult {
    Connected,
    Failed(Diagnosis, Errno),
    /// Another address had answered before.
    NotAwaited,
}

/// A check that passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    pub at: Timestamp,
    pub elapsed_ms: u64,
}

impl Late {
    /// As `detail.reason`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Late::Everything => "timed_out",
            Late::End => "unfinished",
        }
    }
}

impl AttemptResult {
    pub const fn name(self) -> &'static str {
        match self {
            AttemptResult::Connected => Diagnosis::Ok.name(),
            AttemptResult::Failed(diagnosis, _) => diagnosis.name(),
            AttemptResult::NotAwaited => "not_awaited",
        }
    }
}

impl Attempt {
    /// As an element of `detail.addresses`.
    fn json(&self) -> Value {
        let (address, result) = (self.address.to_string(), self.result.name());
        let mut json = json!({ "address": address, "result": result, "elapsed_ms": whole_ms(self.elapsed) });
        if let AttemptResult::Failed(_, error) = self.result {
            json["error"] = io::Error::from(error).to_string().into();
        }
        json
    }
}

/// An object of those fields that are there.
pub(super) fn object<const N: usize>(fields: [(&str, Option<Value>); N]) -> Map<String, Value> {
    fields.into_iter().filter_map(|(name, value)| Some((name.to_string(), value?))).collect()
}

/// A list, unless it is empty.
pub(super) fn list<T>(elements: &[T], json: impl Fn(&T) -> Value) -> Option<Value> {
    (!elements.is_empty()).then(|| elements.iter().map(json).collect())
}

impl Evidence {
    /// The fields of `detail` that any probe may have:
    /// - `this_machine`; `addresses`: `[{"address", "result", "elapsed_ms"}]`; `answered`, `received`;
    /// - `stages`: `[{"stage", "result", "elapsed_ms"}]`; `last_passed`: `{"at", "elapsed_ms"}`; `warnings`: sentences.
    pub(super) fn json(&self, lang: Lang) -> Map<String, Value> {
        object([
            ("this_machine", self.this_machine.map(Value::from)),
            ("addresses", list(&self.attempts, Attempt::json)),
            ("answered", self.answered.map(|address| address.to_string().into())),
            ("received", self.received.as_deref().map(Value::from)),
            ("stages", list(&self.stages, StageRecord::json)),
            ("last_passed", self.last_passed.map(|last| last.json())),
            ("warnings", list(&self.warnings, |warning| warning.message(lang).as_str().into())),
        ])
    }
}

impl Passed {
    fn json(self) -> Value {
        json!({ "at": self.at.to_string(), "elapsed_ms": self.elapsed_ms })
    }
}
