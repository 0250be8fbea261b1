//! When each target last passed, and how fast: kept beside the document, shown also after a failure.
//!
//! A memory, not a record: what cannot be read is forgotten, and nothing depends on it. How it is written so that a power
//! cut does not tear it is the document's business: the writer is handed in.

use std::path::Path;
use std::{fs, io};

use serde_json::{Value, json};

use super::{Report, Status, whole_ms};
use crate::document::moment::{Moment, Parts};
use crate::key::Key;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;

/// Targets times the servers that a technician tries out; the oldest go first.
const MOST_ENTRIES: usize = 50;

/// A file of [`MOST_ENTRIES`] is some 10 KB; one that is larger is none of ours.
const MOST_BYTES: u64 = 256 * 1024;

/// One target that passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// The parameter that carries it.
    pub key: Key,
    /// Where it was tested.
    pub address: String,
    /// When.
    pub at: Moment,
    /// How long it took.
    pub elapsed_ms: u64,
}

/// The targets that passed, the latest last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered(Vec<Passed>);

impl Remembered {
    /// Reads what [`Remembered::json`] gives; what is none of it is left out.
    pub fn read(text: &[u8]) -> Remembered {
        let whole: Value = serde_json::from_slice(text).unwrap_or_default();
        let entries = whole.get("passed").and_then(Value::as_array).into_iter().flatten();
        let mut remembered = Remembered::default();
        entries.filter_map(Passed::read).for_each(|passed| remembered.add(passed));
        remembered
    }

    /// As a file: `{"passed": [{"key", "address", "at", "elapsed_ms"}]}`, `at` in UTC.
    pub fn json(&self) -> Value {
        json!({ "passed": self.0.iter().map(Passed::json).collect::<Vec<_>>() })
    }

    /// Reads the file; a missing or unreadable one is an empty memory.
    pub fn load(path: &Path) -> Remembered {
        let is_ours = |path: &Path| fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() <= MOST_BYTES);
        let text = if is_ours(path) { fs::read(path).unwrap_or_default() } else { vec![] };
        Remembered::read(&text)
    }

    /// Has the file written by `write`.
    pub fn store(&self, path: &Path, write: &dyn Fn(&Path, &[u8]) -> io::Result<()>) -> io::Result<()> {
        write(path, format!("{}\n", self.json()).as_bytes())
    }

    /// Takes note of what passed in a check; true where there was something.
    pub fn take(&mut self, report: &Report, now: Moment) -> bool {
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
            at: Moment::parse(value.get("at")?.as_str()?)?,
            elapsed_ms: value.get("elapsed_ms")?.as_u64()?,
        })
    }

    fn json(&self) -> Value {
        let (key, at) = (self.key.as_str(), self.at.to_string());
        json!({ "key": key, "address": self.address, "at": at, "elapsed_ms": self.elapsed_ms })
    }

    /// `último teste OK: 12/03 09:41, 18 ms`, on a clock that is `ahead_s` seconds ahead of UTC.
    pub fn words(&self, lang: Lang, ahead_s: i64) -> Safe {
        let Parts { month, day, hour, minute, .. } = self.at.parts(ahead_s);
        let (pt, en) = (
            format!("{day:02}/{month:02} {hour:02}:{minute:02}"),
            format!("{month:02}-{day:02} {hour:02}:{minute:02}"),
        );
        let when = Safe::outside(if lang == Lang::Pt { &pt } else { &en });
        say!(lang, "último teste OK: {}, {} ms", "last passed: {}, {} ms", when, self.elapsed_ms)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::check::{Diagnosis, Outcome};

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

    fn at(seconds: u64) -> Moment {
        Moment::of(UNIX_EPOCH + Duration::from_secs(seconds))
    }

    #[test]
    fn what_passed_is_remembered_also_after_a_failure() {
        let report =
            |diagnosis| Report { outcomes: vec![outcome("porta", "10.0.0.1:5432", diagnosis)], ..Report::default() };
        let mut remembered = Remembered::default();
        assert!(remembered.take(&report(Diagnosis::Ok), at(1_773_308_460)));
        assert!(!remembered.take(&report(Diagnosis::Refused), at(1_773_309_000)));
        let key = Key::new("integracao", "porta").unwrap();
        let last = remembered.last(&key, "10.0.0.1:5432").unwrap();
        assert_eq!(last.words(Lang::Pt, -3 * 3600).as_str(), "último teste OK: 12/03 06:41, 18 ms");
        assert_eq!(last.words(Lang::En, 0).as_str(), "last passed: 03-12 09:41, 18 ms");
        assert_eq!(remembered.last(&key, "10.0.0.2:5432"), None);
        assert_eq!(Remembered::read(remembered.json().to_string().as_bytes()), remembered);
    }

    #[test]
    fn the_memory_does_not_grow_and_keeps_the_latest() {
        let mut remembered = Remembered::default();
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
            assert_eq!(Remembered::read(text.as_bytes()), Remembered::default(), "{text}");
        }
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Remembered::load(folder.path()), Remembered::default());
        assert_eq!(Remembered::load(&folder.path().join("nenhum")), Remembered::default());
    }

    #[test]
    fn it_is_written_by_whom_it_is_given_to_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checks");
        let mut remembered = Remembered::default();
        remembered.take(&Report { outcomes: vec![outcome("a", "x:1", Diagnosis::Ok)], ..Report::default() }, at(5));
        remembered.store(&path, &|path, text| fs::write(path, text)).unwrap();
        assert_eq!(Remembered::load(&path), remembered);
    }
}
