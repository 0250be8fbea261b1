//! Following checks that are repeated: last, best and worst latency of each target, every change of its state, and how the last tests
//! went, one by one.
//!
//! Pure: reports and times are handed in, and changes handed out. Repeating, waiting and showing are the front ends'.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::stage::whole_ms;
use super::{Outcome, Report, Status};
use crate::catalog::Catalog;
use crate::document::timestamp::Timestamp;
use crate::lang::Lang;

/// From the beginning of one round to the beginning of the next.
pub const EVERY: Duration = Duration::from_secs(1);

/// The statistics of all targets.
#[derive(Clone, Debug, Default)]
pub struct Watch(Vec<Watched>);

/// What one round brought.
#[derive(Clone, Debug)]
pub struct Round {
    pub outcomes: Vec<Outcome>,
    /// The statistics of each target so far.
    pub targets: Vec<Watched>,
    pub changes: Vec<Change>,
}

/// The statistics of one target.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The latest.
    pub outcome: Outcome,
    /// Since when it has this diagnosis and status.
    pub since: Timestamp,
    /// How often it was tested.
    pub tests: u64,
    pub failures: u64,
    /// How long it took where it passed.
    pub latency: Option<Latency>,
    /// How the last tests went, the latest last.
    pub beats: VecDeque<Beat>,
}

/// More than a minute, so that a picture of the last one need not move at every test.
const BEATS: usize = 120;

/// One test.
#[derive(Clone, Debug)]
pub struct Beat {
    pub status: Status,
    pub elapsed_ms: u64,
    /// What it became, and when, where it is not as the test before.
    pub changed: Option<Arc<(Timestamp, Outcome)>>,
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
    pub before: Option<(Outcome, Timestamp)>,
    pub outcome: Outcome,
}

impl Watch {
    /// Takes the next report in; gives what has changed, in the order of the report. Of the first report, everything.
    pub fn update(&mut self, report: &Report, now: Timestamp) -> Vec<Change> {
        report.outcomes.iter().filter_map(|outcome| self.update_target(outcome, now)).collect()
    }

    /// The targets, in the order in which they came.
    pub fn targets(&self) -> &[Watched] {
        &self.0
    }

    fn update_target(&mut self, outcome: &Outcome, now: Timestamp) -> Option<Change> {
        let same_target = |watched: &&mut Watched| watched.outcome.request.target == outcome.request.target;
        let Some(watched) = self.0.iter_mut().find(same_target) else {
            let mut watched = Watched {
                outcome: outcome.clone(),
                since: now,
                tests: 0,
                failures: 0,
                latency: None,
                beats: VecDeque::new(),
            };
            watched.count(outcome, None);
            self.0.push(watched);
            return Some(Change { at: now, before: None, outcome: outcome.clone() });
        };
        let before = std::mem::replace(&mut watched.outcome, outcome.clone());
        if (before.diagnosis, before.status()) == (outcome.diagnosis, outcome.status()) {
            watched.count(outcome, None);
            return None;
        }
        watched.count(outcome, Some(now));
        let since = std::mem::replace(&mut watched.since, now);
        Some(Change { at: now, before: Some((before, since)), outcome: outcome.clone() })
    }
}

impl Watched {
    fn count(&mut self, outcome: &Outcome, changed: Option<Timestamp>) {
        self.tests += 1;
        self.beats.push_back(Beat {
            status: outcome.status(),
            elapsed_ms: whole_ms(outcome.elapsed),
            changed: changed.map(|at| Arc::new((at, outcome.clone()))),
        });
        if self.beats.len() > BEATS {
            self.beats.pop_front();
        }
        match outcome.status() {
            Status::Fail => self.failures += 1,
            Status::Ok => {
                let last_ms = whole_ms(outcome.elapsed);
                let Latency { best_ms, worst_ms, .. } =
                    self.latency.unwrap_or(Latency { last_ms, best_ms: last_ms, worst_ms: last_ms });
                self.latency =
                    Some(Latency { last_ms, best_ms: best_ms.min(last_ms), worst_ms: worst_ms.max(last_ms) });
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
        if let Some((before, since)) = &self.before {
            line["before"] = before.diagnosis.name().into();
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
    use crate::catalog::Probe;
    use crate::check::diagnosis::Diagnosis;
    use crate::check::evidence::Evidence;
    use crate::check::outcome::Answer;
    use crate::check::probe;
    use crate::check::request::{Point, Request};
    use crate::key::Key;

    fn report(diagnosis: Diagnosis, milliseconds: u64) -> Report {
        let key = Key::new("integracao", "porta").unwrap();
        let point = Point::Port { host: "10.0.0.1".into(), port: 5432, host_key: key.clone() };
        let request = Request { target: "banco_dados".into(), key, probe: Probe::Postgres, point };
        let by_probe = (probe::implementation(Probe::Postgres).nothing)();
        let answer = Answer { diagnosis, evidence: Evidence::default(), by_probe };
        let outcome = Outcome::new(request, answer, Duration::from_millis(milliseconds));
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
            .flat_map(|(diagnosis, second)| watch.update(&report(diagnosis, 10), at(second)))
            .map(|change| {
                let before = change.before.map(|(before, since)| (before.diagnosis, since));
                (change.at, before, change.outcome.diagnosis)
            })
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
    fn each_test_is_a_beat_and_those_of_two_minutes_are_kept() {
        let mut watch = Watch::default();
        for second in 0..200 {
            let diagnosis = if second % 50 == 49 { Diagnosis::Refused } else { Diagnosis::Ok };
            watch.update(&report(diagnosis, second), at(second));
        }
        let Watched { tests, beats, .. } = &watch.targets()[0];
        assert_eq!((*tests, beats.len(), beats.back().unwrap().elapsed_ms), (200, 120, 199));
        let changes: Vec<_> =
            beats.iter().filter_map(|beat| beat.changed.as_ref()).map(|it| (it.0, it.1.diagnosis)).collect();
        let expected = [99, 100, 149, 150, 199]
            .map(|second| (at(second), if second % 50 == 49 { Diagnosis::Refused } else { Diagnosis::Ok }));
        assert_eq!(changes, expected);
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
            watch.update(&report(diagnosis, milliseconds), at(0));
        }
        assert_eq!(watch.targets()[0].latency, Some(Latency { last_ms: 9, best_ms: 5, worst_ms: 18 }));
    }

    #[test]
    fn a_line_for_programs_tells_when_and_from_what() {
        let mut watch = Watch::default();
        watch.update(&report(Diagnosis::Timeout, 3000), at(0));
        let change = watch.update(&report(Diagnosis::Ok, 18), at(60)).remove(0);
        let line = change.json(&Catalog::default(), Lang::Pt);
        assert_eq!((&line["at"], &line["since"]), (&json!("1970-01-01T00:01:00Z"), &json!("1970-01-01T00:00:00Z")));
        assert_eq!((&line["before"], &line["diagnosis"]), (&json!("timeout"), &json!("ok")));
        assert_eq!((&line["target"], &line["elapsed_ms"]), (&json!("banco_dados"), &json!(18)));
    }
}
