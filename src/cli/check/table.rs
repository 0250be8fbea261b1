//! What a check found, as lines of a terminal: the targets and what happened, and what was not used of the login.

use crate::catalog::Catalog;
use crate::check::{Diagnosis, Options, Outcome, Report, Status};
use crate::cli::Settings;
use crate::lang::Lang;
use crate::present;
use crate::safe::Safe;
use crate::text::line::{Line, Tone};
use crate::text::wrap;
use crate::{safe, say};

/// With less room than this beside the target, what happened stands below it.
const LEAST_BESIDE: usize = 24;

/// How far what to do stands in, under what happened.
pub(super) const REMEDY: usize = 4;

/// What a login that was tested has found and not used.
pub(in crate::cli) fn warnings(options: &Options, lang: Lang) -> Vec<Safe> {
    options.credentials.warnings().iter().map(|found| found.message(lang)).collect()
}

/// A table of targets and what happened; under what does not pass, what to do, and what the server said. Where several
/// fail for one reason, what to do is said under the first.
///
/// ```text
/// ✓ servidor             127.0.0.1 é este computador.
/// ✗ integracao_clientes  Recusada: 127.0.0.1 respondeu, mas nada escuta na porta
///                        8082.
///     O endereço é o deste computador. Se o servidor é outro, …
///     confira: integracao.ip_servidor_retaguarda
///     último teste sem falha: 12/03 09:41, 18 ms
/// ```
pub(in crate::cli) fn lines(report: &Report, settings: &Settings, catalog: &Catalog) -> Vec<Line> {
    let lang = settings.lang;
    let widest = report.outcomes.iter().map(|outcome| outcome.request.target.chars().count()).max().unwrap_or(0);
    let mut lines = vec![];
    for (number, outcome) in report.outcomes.iter().enumerate() {
        let mut before = report.outcomes.iter().take(number);
        lines.extend(match before.any(|other| present::outcome::same_remedy(other, outcome, catalog, lang)) {
            true => happened(outcome, widest, settings, catalog),
            false => outcome_lines(outcome, widest, settings, catalog),
        });
    }
    lines
}

/// The target and what happened.
fn happened(outcome: &Outcome, widest: usize, settings: &Settings, catalog: &Catalog) -> Vec<Line> {
    let (tone, mark) = present::outcome::mark(outcome.status());
    let room = settings.printer.room();
    let is_beside = room >= widest + 4 + LEAST_BESIDE;
    let (column, padded) = if is_beside { (widest + 4, widest + 2) } else { (REMEDY, 0) };
    let target = Safe::outside(&format!(" {:padded$}", outcome.request.target));
    let mut start = Line::of(tone, mark).and(Tone::Strong, target);
    let mut lines = vec![];
    if !is_beside {
        lines.push(std::mem::replace(&mut start, Line::indented(column)));
    }
    for part in wrap(&outcome.message(catalog, settings.lang), room - column) {
        lines.push(std::mem::replace(&mut start, Line::indented(column)).and(Tone::Plain, part));
    }
    lines
}

pub(super) fn outcome_lines(outcome: &Outcome, widest: usize, settings: &Settings, catalog: &Catalog) -> Vec<Line> {
    let lang = settings.lang;
    let mut lines = happened(outcome, widest, settings, catalog);
    let mut below = |tone: Tone, text: &Safe| {
        let parts = wrap(text, settings.printer.room() - REMEDY).into_iter();
        lines.extend(parts.map(|part| Line::indented(REMEDY).and(tone, part)));
    };
    let fails = matches!(outcome.status(), Status::Fail | Status::Warning);
    let remedy = outcome.remedy(catalog, lang);
    if let Some(said) = present::outcome::said(outcome, lang).filter(|_| fails) {
        below(Tone::Faint, &said);
    }
    if !remedy.sentence.is_empty() {
        below(Tone::Plain, &remedy.sentence);
    }
    // Each on a line of its own, never broken.
    let to_paste = present::outcome::to_paste(&remedy, lang);
    lines.extend(to_paste.into_iter().map(|line| Line::indented(REMEDY).join(line)));
    let below = |tone: Tone, text: Safe| Line::indented(REMEDY).and(tone, text);
    if fails {
        let words = say!(lang, "confira: {}", "check: {}", Safe::outside(outcome.look_at().as_str()));
        lines.push(below(Tone::Faint, words));
    }
    let nobody_there = matches!(outcome.diagnosis, Diagnosis::DnsFailure | Diagnosis::Timeout | Diagnosis::BadAddress);
    if fails && nobody_there && *outcome.look_at() != outcome.request.key {
        let words = say!(
            lang,
            "Procure o servidor na rede: balcao-config discover",
            "Look for the server: balcao-config discover"
        );
        lines.push(below(Tone::Strong, words));
    }
    if let Some((key, value)) = outcome.offer() {
        let value = safe!("{}={}", Safe::outside(key.as_str()), value);
        let command = settings.again.command(&["set".into(), value]);
        lines.push(below(Tone::Strong, command));
    }
    lines.extend(present::outcome::last_passed(outcome, lang, &settings.wall()).map(|last| below(Tone::Faint, last)));
    lines
}
