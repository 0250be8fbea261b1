//! When each target last passed, and how fast: kept beside the document, shown also after a failure.
//!
//! A cache, not a record: what cannot be read is forgotten, and nothing depends on it. Where it is kept is the session's
//! business, and how it is written the document's.

use serde_json::{Value, json};

use super::evidence::Passed;
use super::stage::whole_ms;
use super::{Diagnosis, Outcome, Report, Status};
use crate::catalog::Probe;
use crate::document::timestamp::Timestamp;
use crate::key::Key;

/// Targets times the servers that a technician tries out; the oldest go first.
const MOST_ENTRIES: usize = 50;

/// The targets that passed, by parameter and address, the latest last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastPassed(Vec<(Key, String, Passed)>);

impl LastPassed {
    /// Reads what [`LastPassed::text`] gives; what is none of it is left out.
    pub fn read(text: &[u8]) -> LastPassed {
        let whole: Value = serde_json::from_slice(text).unwrap_or_default();
        let entries = whole.get("passed").and_then(Value::as_array).into_iter().flatten();
        let mut last_passed = LastPassed::default();
        entries.filter_map(read_entry).for_each(|(key, address, passed)| last_passed.add(key, address, passed));
        last_passed
    }

    /// As a file: `{"passed": [{"key", "address", "at", "elapsed_ms", "login"}]}`, `at` in UTC.
    pub fn text(&self) -> String {
        let entry = |(key, address, passed): &(Key, String, Passed)| {
            let mut entry = json!({ "key": key.as_str(), "address": address });
            if let (Value::Object(entry), Value::Object(passed)) = (&mut entry, passed.json()) {
                entry.extend(passed);
            }
            entry
        };
        format!("{}\n", json!({ "passed": self.0.iter().map(entry).collect::<Vec<_>>() }))
    }

    /// When the target of an outcome that does not pass last did, at this address.
    pub fn before(&self, outcome: &Outcome) -> Option<Passed> {
        let address = outcome.request.point.address();
        let passes = matches!(outcome.status(), Status::Ok | Status::Skipped);
        let same = |(key, at, _): &&(Key, String, Passed)| *key == outcome.request.key && Some(at) == address.as_ref();
        self.0.iter().rev().find(same).filter(|_| !passes).map(|(.., passed)| *passed)
    }

    /// Adds what passed in a check; true where there was something.
    pub fn update(&mut self, report: &Report, now: Timestamp) -> bool {
        let mut any = false;
        for outcome in report.outcomes.iter().filter(|outcome| outcome.status() == Status::Ok) {
            let Some(address) = outcome.request.point.address() else { continue };
            // PostgreSQL passes in two ways: it let somebody in, or it is there and asks for a password.
            let login = (outcome.request.probe == Probe::Postgres).then_some(outcome.diagnosis == Diagnosis::Ok);
            let passed = Passed { at: now, elapsed_ms: whole_ms(outcome.elapsed), login };
            self.add(outcome.request.key.clone(), address, passed);
            any = true;
        }
        any
    }

    fn add(&mut self, key: Key, address: String, passed: Passed) {
        self.0.retain(|(other, at, _)| (other, at) != (&key, &address));
        self.0.push((key, address, passed));
        if self.0.len() > MOST_ENTRIES {
            self.0.remove(0);
        }
    }
}

fn read_entry(value: &Value) -> Option<(Key, String, Passed)> {
    let key = Key::parse(value.get("key")?.as_str()?)?;
    let address = value.get("address")?.as_str()?.to_string();
    let at = Timestamp::parse(value.get("at")?.as_str()?)?;
    let login = value.get("login").and_then(Value::as_bool);
    Some((key, address, Passed { at, elapsed_ms: value.get("elapsed_ms")?.as_u64()?, login }))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::check::evidence::Evidence;
    use crate::check::outcome::Answer;
    use crate::check::probe;
    use crate::check::request::{Point, Request};

    fn outcome(host: &str, diagnosis: Diagnosis) -> Outcome {
        let key = Key::new("integracao", "porta").unwrap();
        let point = Point::Port { host: host.into(), port: 5432, host_key: key.clone() };
        let request = Request { target: "porta".into(), key, probe: Probe::Postgres, point };
        let by_probe = (probe::implementation(Probe::Postgres).nothing)();
        let answer = Answer { diagnosis, evidence: Evidence::default(), by_probe };
        Outcome::new(request, answer, Duration::from_millis(18))
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::of(UNIX_EPOCH + Duration::from_secs(seconds))
    }

    #[test]
    fn what_passed_is_known_also_after_a_failure() {
        let report = |diagnosis| Report { outcomes: vec![outcome("10.0.0.1", diagnosis)], ..Report::default() };
        let mut last_passed = LastPassed::default();
        assert!(last_passed.update(&report(Diagnosis::Ok), at(1_773_308_460)));
        assert!(!last_passed.update(&report(Diagnosis::Refused), at(1_773_309_000)));
        let passed = Passed { at: at(1_773_308_460), elapsed_ms: 18, login: Some(true) };
        assert_eq!(last_passed.before(&outcome("10.0.0.1", Diagnosis::Refused)), Some(passed));
        assert_eq!(last_passed.before(&outcome("10.0.0.1", Diagnosis::Ok)), None);
        assert_eq!(last_passed.before(&outcome("10.0.0.2", Diagnosis::Refused)), None);
        assert_eq!(LastPassed::read(last_passed.text().as_bytes()), last_passed);
    }

    #[test]
    fn the_cache_does_not_grow_and_keeps_the_latest() {
        let mut last_passed = LastPassed::default();
        for number in 0..200 {
            let found = outcome(&format!("10.0.0.{number}"), Diagnosis::Ok);
            last_passed.update(&Report { outcomes: vec![found], ..Report::default() }, at(number));
        }
        assert_eq!(last_passed.0.len(), MOST_ENTRIES);
        assert!(last_passed.before(&outcome("10.0.0.199", Diagnosis::Refused)).is_some());
    }

    #[test]
    fn what_cannot_be_read_is_forgotten() {
        for text in ["", "[]", "{\"passed\":7}", "{\"passed\":[{\"key\":\"a\"},7]}", "\u{feff}{}"] {
            assert_eq!(LastPassed::read(text.as_bytes()), LastPassed::default(), "{text}");
        }
    }
}
