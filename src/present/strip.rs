//! How repeated tests of a target went, as a strip: a cell a test, so that a link that comes and goes is seen at a glance.
//!
//! ```text
//! ▁▁▁▂▁▁▁▁✗✗✗▁▁▁▁▁▂▁▁
//!         ↑09:40:12 recusada
//! ```

use super::{mark, outcome};
use crate::check::Status;
use crate::check::watch::{Beat, Watched};
use crate::document::zone::Zone;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;
use crate::text::line::{Line, Tone, blanks};
use crate::text::width;

/// Up to so many milliseconds, this mark; a marks's look-alike without Unicode is a digit that grows with it.
const LEVELS: [(u64, &str); 5] = [(5, "▁"), (20, "▂"), (50, "▃"), (200, "▅"), (u64::MAX, "▇")];

/// Points from a change to the test that brought it.
const BROUGHT: &str = "↑";

/// The strip of at most so many cells, and below it what it became where it changed, with the time. It starts at the left; once it is
/// full, it moves by a fifth of its cells at once: on a slow line, a new cell is all that a test costs.
pub fn lines(target: &Watched, room: usize, lang: Lang, zone: &Zone) -> Vec<Line> {
    if target.outcome.status() == Status::Skipped || room == 0 {
        return vec![];
    }
    let (tests, step) = (usize::try_from(target.tests).unwrap_or(usize::MAX), (room / 5).max(1));
    let gone = tests.saturating_sub(room).div_ceil(step).saturating_mul(step);
    let shown = tests.saturating_sub(gone).min(target.beats.len());
    let beats: Vec<&Beat> = target.beats.iter().skip(target.beats.len() - shown).collect();
    let strip = strip(beats.iter().copied());
    [strip].into_iter().chain(changes(&beats, room, lang, zone)).collect()
}

/// The last tests alone, of at most so many cells.
pub fn last(target: &Watched, room: usize) -> Line {
    strip(target.beats.iter().skip(target.beats.len().saturating_sub(room)))
}

/// What the cells mean.
pub fn legend(lang: Lang) -> Line {
    let [fast, .., slow] = LEVELS;
    let middle: Vec<Safe> = LEVELS[1..4].iter().map(|(most_ms, mark)| crate::safe!("{} {}", *mark, *most_ms)).collect();
    let told = say!(
        lang,
        "1 sinal por teste: {} até {} ms, {}, {} mais; {} aviso, {} falha",
        "1 sign a test: {} up to {} ms, {}, {} more; {} warning, {} failure",
        fast.1,
        fast.0,
        Safe::join(&middle, ", "),
        slow.1,
        mark::WARNS,
        mark::FAILS
    );
    Line::of(Tone::Faint, told)
}

fn strip<'b>(beats: impl Iterator<Item = &'b Beat>) -> Line {
    let mut line = Line::default();
    let mut run: (Tone, Vec<Safe>) = (Tone::Plain, vec![]);
    for beat in beats {
        let (tone, mark) = match beat.status {
            Status::Ok => (Tone::Plain, level(beat.elapsed_ms)),
            Status::Warning => (Tone::Doubtful, mark::WARNS),
            Status::Fail => (Tone::Bad, mark::FAILS),
            Status::Skipped => (Tone::Faint, " "),
        };
        if tone != run.0 && !run.1.is_empty() {
            line = line.and(run.0, Safe::join(&std::mem::take(&mut run.1), ""));
        }
        run.0 = tone;
        run.1.push(Safe::own(mark));
    }
    if run.1.is_empty() { line } else { line.and(run.0, Safe::join(&run.1, "")) }
}

fn level(elapsed_ms: u64) -> &'static str {
    LEVELS.iter().find(|(most_ms, _)| elapsed_ms <= *most_ms).map_or("▇", |(_, mark)| mark)
}

/// What each change brought, below its cell: with time and words where there is room up to the next.
fn changes(beats: &[&Beat], room: usize, lang: Lang, zone: &Zone) -> Option<Line> {
    let changed = beats.iter().enumerate().filter_map(|(at, beat)| Some((at, beat.changed.as_ref()?)));
    let changed: Vec<_> = changed.collect();
    let mut line = Line::default();
    let mut used = 0;
    for (number, (at, change)) in changed.iter().enumerate() {
        let (time, became) = &***change;
        let (time, summary) = (outcome::time_of_day(*time, zone), became.summary(lang));
        let end = changed.get(number + 1).map_or(room, |(next, _)| next.saturating_sub(1));
        let behind = [crate::safe!("{}{} {}", BROUGHT, time, summary), crate::safe!("{}{}", BROUGHT, time)];
        let before = crate::safe!("{} {}{}", time, summary, BROUGHT);
        let fits = behind.into_iter().find(|text| at + width(text) <= end);
        let start = (at + 1).checked_sub(width(&before)).filter(|start| *start > used || used == 0);
        let (start, text) = match (fits, start) {
            (Some(text), _) => (*at, text),
            (None, Some(start)) => (start, before),
            (None, None) => (*at, Safe::own(BROUGHT)),
        };
        line = line.and(Tone::Faint, blanks(start.saturating_sub(used))).and(Tone::Plain, text.clone());
        used = start + width(&text);
    }
    (!changed.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Arc;
    use std::time::{Duration, UNIX_EPOCH};

    use proptest::prelude::*;

    use super::*;
    use crate::catalog::Probe;
    use crate::check::evidence::Evidence;
    use crate::check::outcome::Answer;
    use crate::check::probe::postgres::PostgresEvidence;
    use crate::check::request::{Point, Request};
    use crate::check::{Diagnosis, Outcome};
    use crate::document::timestamp::Timestamp;
    use crate::key::Key;
    use crate::text::Charset;

    fn outcome(diagnosis: Diagnosis) -> Outcome {
        let key = Key::new("integracao", "porta").unwrap();
        let point = Point::Port { host: "10.0.0.1".into(), port: 5432, host_key: key.clone() };
        let request = Request { target: "banco_dados".into(), key, probe: Probe::Postgres, point };
        let by_probe = Arc::new(PostgresEvidence::default());
        let answer = Answer { diagnosis, evidence: Evidence::default(), by_probe };
        Outcome::new(request, answer, Duration::from_millis(3))
    }

    /// A target after these tests: milliseconds, or `None` where it was refused.
    fn target(tests: &[Option<u64>]) -> Watched {
        let of = |passed: bool| outcome(if passed { Diagnosis::Ok } else { Diagnosis::Refused });
        let mut beats = VecDeque::new();
        let mut before = None;
        for (second, test) in tests.iter().enumerate() {
            let outcome = of(test.is_some());
            let is_changed = before.is_some_and(|before| before != test.is_some());
            before = Some(test.is_some());
            let at = Timestamp::of(UNIX_EPOCH + Duration::from_secs(second as u64));
            beats.push_back(Beat {
                status: outcome.status(),
                elapsed_ms: test.unwrap_or_default(),
                changed: is_changed.then(|| Arc::new((at, outcome))),
            });
        }
        let last = tests.last().is_none_or(Option::is_some);
        let since = Timestamp::of(UNIX_EPOCH);
        let tests = tests.len() as u64;
        Watched { outcome: of(last), since, tests, failures: 0, latency: None, beats }
    }

    fn shown(tests: &[Option<u64>], room: usize) -> Vec<String> {
        let lines = lines(&target(tests), room, Lang::Pt, &Zone::default());
        lines.iter().map(|line| line.text().as_str().to_owned()).collect()
    }

    #[test]
    fn latencies_are_five_heights_and_failures_are_named_where_they_begin_and_end() {
        let tests = [Some(1), Some(5), Some(6), Some(50), Some(200), Some(201), None, None, Some(2)];
        assert_eq!(shown(&tests, 60), ["▁▁▂▃▅▇✗✗▁", "      ↑ ↑00:00:08 PostgreSQL"].map(str::to_owned));
        assert_eq!(shown(&tests[..8], 60), ["▁▁▂▃▅▇✗✗", "      ↑00:00:06 recusada"].map(str::to_owned));
        assert_eq!(shown(&tests[..6], 60), ["▁▁▂▃▅▇".to_owned()]);
        let ascii = Charset::Ascii.fit("▁▂▃▅▇✗▲↑").into_owned();
        assert_eq!(ascii, "12357x~^");
    }

    #[test]
    fn at_the_right_edge_the_words_stand_before_the_change() {
        let mut tests = vec![Some(1); 30];
        tests.push(None);
        assert_eq!(shown(&tests, 32)[1], "             00:00:30 recusada↑");
    }

    #[test]
    fn a_full_strip_moves_by_a_fifth_at_once() {
        let length = |tests: usize| shown(&vec![Some(1); tests], 60)[0].chars().count();
        assert_eq!([59, 60, 61, 62, 72, 73].map(length), [59, 60, 49, 50, 60, 49]);
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_its_room(tests in prop::collection::vec(prop::option::of(0u64..300), 0..120), room in 0usize..90) {
            let target = target(&tests);
            for line in lines(&target, room, Lang::Pt, &Zone::default()) {
                prop_assert!(width(&line.text()) <= room.max(1), "{:?}", line.text());
            }
            prop_assert!(width(&last(&target, room).text()) <= room);
        }
    }
}
