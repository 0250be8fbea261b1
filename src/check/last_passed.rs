//! When each target last passed, and how fast: kept beside the document, shown also after a failure.
//!
//! A memory, not a record: what cannot be read is forgotten, and nothing depends on it. Where it is kept is the session's
//! business, and how it is written the document's.

use serde_json::{Value, json};

use super::{Outcome, Report, Status, whole_ms};
use crate::document::timestamp::{Parts, Timestamp};
use crate::document::zone::Zone;
use crate::key::Key;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;

/// Targets times the servers that a technician tries out; the oldest go first.
const MOST_ENTRIES: usize = 50;

/// In the `detail` of an outcome that does not pass: `{"at", "elapsed_ms"}`, when it last did.
const LAST: &str = "last_passed";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// The parameter that carries it.
    pub key: Key,
    pub address: String,
    pub at: Timestamp,
    pub elapsed_ms: u64,
}

/// The targets that passed, the latest last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastPassed(Vec<Passed>);

impl LastPassed {
    /// Reads what [`LastPassed::text`] gives; what is none of it is left out.
    pub fn read(text: &[u8]) -> LastPassed {
        let whole: Value = serde_json::from_slice(text).unwrap_or_default();
        let entries = whole.get("passed").and_then(Value::as_array).into_iter().flatten();
        let mut remembered = LastPassed::default();
        entries.filter_map(Passed::read).for_each(|passed| remembered.add(passed));
        remembered
    }

    /// As a file: `{"passed": [{"key", "address", "at", "elapsed_ms"}]}`, `at` in UTC.
    pub fn text(&self) -> String {
        format!("{}\n", json!({ "passed": self.0.iter().map(Passed::json).collect::<Vec<_>>() }))
    }

    /// Puts into the `detail` of each outcome that does not pass when it last did, at this address.
    pub fn recall(&self, report: &mut Report) {
        for outcome in &mut report.outcomes {
            let address = outcome.address.as_deref().unwrap_or_default();
            let passes = matches!(outcome.status(), Status::Ok | Status::Skipped);
            if let Some(passed) = self.last(&outcome.key, address).filter(|_| !passes) {
                let last = json!({ "at": passed.at.to_string(), "elapsed_ms": passed.elapsed_ms });
                outcome.detail.insert(LAST.into(), last);
            }
        }
    }

    /// Takes note of what passed in a check; true where there was something.
    pub fn take(&mut self, report: &Report, now: Timestamp) -> bool {
        let passed = report.outcomes.iter().filter(|outcome| outcome.status() == Status::Ok);
        let mut any = false;
        for outcome in passed {
            let Some(address) = outcome.address.clone() else { continue };
            let elapsed_ms = whole_ms(outcome.elapsed);
            self.add(Passed { key: outcome.key.clone(), address, at: now, elapsed_ms });
            any = true;
        }
        any
    }

    /// When this target last passed at this address.
    pub fn last(&self, key: &Key, address: &str) -> Option<&Passed> {
        self.0.iter().rev().find(|passed| passed.key == *key && passed.address == address)
    }

    fn add(&mut self, passed: Passed) {
        self.0.retain(|other| (&other.key, &other.address) != (&passed.key, &passed.address));
        self.0.push(passed);
        if self.0.len() > MOST_ENTRIES {
            self.0.remove(0);
        }
    }
}

impl Passed {
    fn read(value: &Value) -> Option<Passed> {
        Some(Passed {
            key: Key::parse(value.get("key")?.as_str()?)?,
            address: value.get("address")?.as_str()?.to_string(),
            at: Timestamp::parse(value.get("at")?.as_str()?)?,
            elapsed_ms: value.get("elapsed_ms")?.as_u64()?,
        })
    }

    fn json(&self) -> Value {
        let (key, at) = (self.key.as_str(), self.at.to_string());
        json!({ "key": key, "address": self.address, "at": at, "elapsed_ms": self.elapsed_ms })
    }
}

impl Outcome {
    /// When it last passed, where it does not now: `último teste OK: 12/03 09:41, 18 ms`.
    pub fn last_passed(&self, lang: Lang, zone: &Zone) -> Option<Safe> {
        let last = self.detail.get(LAST)?;
        let (at, took) = (Timestamp::parse(last.get("at")?.as_str()?)?, last.get("elapsed_ms")?.as_u64()?);
        Some(words(at, took, lang, zone))
    }
}

/// Day and time as the clock on the wall had them, and how long it took.
fn words(at: Timestamp, elapsed_ms: u64, lang: Lang, zone: &Zone) -> Safe {
    let Parts { month, day, hour, minute, .. } = at.parts(zone.ahead_s(at));
    let (pt, en) =
        (format!("{day:02}/{month:02} {hour:02}:{minute:02}"), format!("{month:02}-{day:02} {hour:02}:{minute:02}"));
    let when = Safe::outside(if lang == Lang::Pt { &pt } else { &en });
    say!(lang, "último teste OK: {}, {} ms", "last passed: {}, {} ms", when, elapsed_ms)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::check::Diagnosis;

    fn outcome(name: &str, address: &str, diagnosis: Diagnosis) -> Outcome {
        let key = Key::new("integracao", name).unwrap();
        Outcome {
            target: name.into(),
            look_at: key.clone(),
            key,
            probe: None,
            address: Some(address.into()),
            diagnosis,
            detail: serde_json::Map::new(),
            elapsed: Duration::from_millis(18),
        }
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::of(UNIX_EPOCH + Duration::from_secs(seconds))
    }

    #[test]
    fn what_passed_is_remembered_also_after_a_failure() {
        let report =
            |diagnosis| Report { outcomes: vec![outcome("porta", "10.0.0.1:5432", diagnosis)], ..Report::default() };
        let mut remembered = LastPassed::default();
        assert!(remembered.take(&report(Diagnosis::Ok), at(1_773_308_460)));
        let mut failing = report(Diagnosis::Refused);
        assert!(!remembered.take(&failing, at(1_773_309_000)));
        remembered.recall(&mut failing);
        let told = |lang, zone| failing.outcomes[0].last_passed(lang, &Zone::of(Some(zone))).unwrap();
        assert_eq!(told(Lang::Pt, "<-03>3").as_str(), "último teste OK: 12/03 06:41, 18 ms");
        assert_eq!(told(Lang::En, "UTC0").as_str(), "last passed: 03-12 09:41, 18 ms");
        let mut passing = report(Diagnosis::Ok);
        remembered.recall(&mut passing);
        assert_eq!(passing.outcomes[0].last_passed(Lang::Pt, &Zone::default()), None);
        let key = Key::new("integracao", "porta").unwrap();
        assert_eq!(remembered.last(&key, "10.0.0.2:5432"), None);
        assert_eq!(LastPassed::read(remembered.text().as_bytes()), remembered);
    }

    #[test]
    fn the_memory_does_not_grow_and_keeps_the_latest() {
        let mut remembered = LastPassed::default();
        for number in 0..200 {
            let found = outcome("porta", &format!("10.0.0.{number}:5432"), Diagnosis::Ok);
            remembered.take(&Report { outcomes: vec![found], ..Report::default() }, at(number));
        }
        assert_eq!(remembered.0.len(), MOST_ENTRIES);
        assert!(remembered.last(&Key::new("integracao", "porta").unwrap(), "10.0.0.199:5432").is_some());
    }

    #[test]
    fn what_cannot_be_read_is_forgotten() {
        for text in ["", "[]", "{\"passed\":7}", "{\"passed\":[{\"key\":\"a\"},7]}", "\u{feff}{}"] {
            assert_eq!(LastPassed::read(text.as_bytes()), LastPassed::default(), "{text}");
        }
    }
}
