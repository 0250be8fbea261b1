//! Following checks that are repeated: last, best and worst latency of each target, and every change of its state.
//!
//! Pure: reports and times are handed in, and changes handed out. Repeating, waiting and showing are the front ends'.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Diagnosis, Outcome, Report, Status, whole_ms};
use crate::catalog::Catalog;
use crate::document::timestamp::Timestamp;
use crate::key::Key;
use crate::lang::Lang;

/// From the beginning of one round to the beginning of the next.
pub const EVERY: Duration = Duration::from_secs(1);

/// What was seen of all targets so far.
#[derive(Clone, Debug, Default)]
pub struct Watch(Vec<Watched>);

/// What was seen of one target so far.
#[derive(Clone, Debug)]
pub struct Watched {
    pub target: String,
    /// The parameter that carries it.
    pub key: Key,
    pub status: Status,
    pub diagnosis: Diagnosis,
    /// Since when it is so.
    pub since: Timestamp,
    /// How often it was tested.
    pub tests: u64,
    pub failures: u64,
    /// How long it took where it passed.
    pub latency: Option<Latency>,
}

/// How long passing checks took, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    pub last_ms: u64,
    pub best_ms: u64,
    pub worst_ms: u64,
}

/// A target that is not as it was.
#[derive(Clone, Debug)]
pub struct Change {
    pub at: Timestamp,
    /// What it was, and since when; `None` where it was not tested before.
    pub before: Option<(Diagnosis, Timestamp)>,
    pub outcome: Outcome,
}

impl Watch {
    /// Takes the next report in; gives what has changed, in the order of the report. The first report is all news.
    pub fn take(&mut self, report: &Report, now: Timestamp) -> Vec<Change> {
        report.outcomes.iter().filter_map(|outcome| self.take_outcome(outcome, now)).collect()
    }

    /// The targets, in the order in which they came.
    pub fn targets(&self) -> &[Watched] {
        &self.0
    }

    fn take_outcome(&mut self, outcome: &Outcome, now: Timestamp) -> Option<Change> {
        let known = self.0.iter_mut().find(|watched| watched.target == outcome.target);
        let before = known.as_ref().map(|watched| (watched.diagnosis, watched.status, watched.since));
        let changed =
            before.is_none_or(|(diagnosis, status, _)| (diagnosis, status) != (outcome.diagnosis, outcome.status()));
        match known {
            Some(watched) => watched.take(outcome, changed.then_some(now)),
            None => {
                let mut watched = Watched {
                    target: outcome.target.clone(),
                    key: outcome.key.clone(),
                    status: outcome.status(),
                    diagnosis: outcome.diagnosis,
                    since: now,
                    tests: 0,
                    failures: 0,
                    latency: None,
                };
                watched.take(outcome, None);
                self.0.push(watched);
            }
        }
        let before = before.map(|(diagnosis, _, since)| (diagnosis, since));
        changed.then(|| Change { at: now, before, outcome: outcome.clone() })
    }
}

impl Watched {
    fn take(&mut self, outcome: &Outcome, changed: Option<Timestamp>) {
        (self.status, self.diagnosis) = (outcome.status(), outcome.diagnosis);
        self.since = changed.unwrap_or(self.since);
        self.tests += 1;
        match self.status {
            Status::Fail => self.failures += 1,
            Status::Ok => {
                let took = whole_ms(outcome.elapsed);
                self.latency = Some(match self.latency {
                    Some(Latency { best_ms, worst_ms, .. }) => {
                        Latency { last_ms: took, best_ms: best_ms.min(took), worst_ms: worst_ms.max(took) }
                    }
                    None => Latency { last_ms: took, best_ms: took, worst_ms: took },
                });
            }
            Status::Warning | Status::Skipped => {}
        }
    }
}

impl Change {
    /// One line for programs: the outcome as in a report, with `at` (UTC), and `before` and `since` where it was something
    /// else until now.
    pub fn json(&self, catalog: &Catalog, lang: Lang) -> Value {
        let mut line = json!({ "at": self.at.to_string() });
        if let Some((diagnosis, since)) = self.before {
            line["before"] = diagnosis.name().into();
            line["since"] = since.to_string().into();
        }
        if let (Value::Object(line), Value::Object(outcome)) = (&mut line, self.outcome.json(catalog, lang)) {
            line.extend(outcome);
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn report(diagnosis: Diagnosis, milliseconds: u64) -> Report {
        let key = Key::new("integracao", "porta").unwrap();
        let outcome = Outcome {
            target: "banco_dados".into(),
            look_at: key.clone(),
            key,
            probe: None,
            address: Some("10.0.0.1:5432".into()),
            diagnosis,
            detail: serde_json::Map::new(),
            elapsed: Duration::from_millis(milliseconds),
        };
        Report { outcomes: vec![outcome], ..Report::default() }
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::of(UNIX_EPOCH + Duration::from_secs(seconds))
    }

    #[test]
    fn only_changes_are_handed_out_with_what_was_before() {
        let mut watch = Watch::default();
        let seen: Vec<_> = [Diagnosis::Timeout, Diagnosis::Timeout, Diagnosis::Ok, Diagnosis::Ok, Diagnosis::Refused]
            .into_iter()
            .zip(0..)
            .flat_map(|(diagnosis, second)| watch.take(&report(diagnosis, 10), at(second)))
            .map(|change| (change.at, change.before, change.outcome.diagnosis))
            .collect();
        let expected = [
            (at(0), None, Diagnosis::Timeout),
            (at(2), Some((Diagnosis::Timeout, at(0))), Diagnosis::Ok),
            (at(4), Some((Diagnosis::Ok, at(2))), Diagnosis::Refused),
        ];
        assert_eq!(seen, expected);
        let watched = &watch.targets()[0];
        assert_eq!((watched.tests, watched.failures, watched.since), (5, 3, at(4)));
    }

    #[test]
    fn latency_is_of_what_passed() {
        let mut watch = Watch::default();
        for (diagnosis, milliseconds) in [
            (Diagnosis::Timeout, 3000),
            (Diagnosis::Ok, 18),
            (Diagnosis::Ok, 5),
            (Diagnosis::Ok, 9),
            (Diagnosis::Refused, 1),
        ] {
            watch.take(&report(diagnosis, milliseconds), at(0));
        }
        assert_eq!(watch.targets()[0].latency, Some(Latency { last_ms: 9, best_ms: 5, worst_ms: 18 }));
    }

    #[test]
    fn a_line_for_programs_tells_when_and_from_what() {
        let mut watch = Watch::default();
        watch.take(&report(Diagnosis::Timeout, 3000), at(0));
        let change = watch.take(&report(Diagnosis::Ok, 18), at(60)).remove(0);
        let line = change.json(&Catalog::default(), Lang::Pt);
        assert_eq!((&line["at"], &line["since"]), (&json!("1970-01-01T00:01:00Z"), &json!("1970-01-01T00:00:00Z")));
        assert_eq!((&line["before"], &line["diagnosis"]), (&json!("timeout"), &json!("ok")));
        assert_eq!((&line["target"], &line["elapsed_ms"]), (&json!("banco_dados"), &json!(18)));
    }
}
