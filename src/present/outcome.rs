//! What a check found.

use super::mark;
use crate::catalog::Catalog;
use crate::check::{Outcome, Status};
use crate::lang::Lang;
use crate::safe;
use crate::safe::Safe;
use crate::text::line::{Line, Tone};

/// How a status is marked.
pub fn mark(status: Status) -> (Tone, &'static str) {
    match status {
        Status::Ok => (Tone::Good, mark::PASSES),
        Status::Warning => (Tone::Doubtful, mark::WARNS),
        Status::Fail => (Tone::Bad, mark::FAILS),
        Status::Skipped => (Tone::Faint, "-"),
    }
}

/// What happened and what to do, in one line.
pub fn line(outcome: &Outcome, catalog: &Catalog, lang: Lang) -> Line {
    let (tone, mark) = mark(outcome.status());
    Line::of(tone, safe!("{} {} {}", mark, outcome.message(catalog, lang), outcome.remedy(catalog, lang)))
}

/// The line that admits this counter, to be copied, and the evidence, a line a fact.
pub fn evidence(outcome: &Outcome, lang: Lang) -> Vec<Line> {
    let admitting = outcome.hba_line().map(|line| Line::of(Tone::Plain, line));
    let faint = |fact: Safe| Line::of(Tone::Faint, fact);
    admitting.into_iter().chain(outcome.evidence(lang).into_iter().map(faint)).collect()
}
