//! What a check found: one outcome, its evidence, and the live test with its changes.

use std::time::Duration;

use unicode_width::UnicodeWidthChar;

use super::{change, mark};
use crate::catalog::Catalog;
use crate::check::evidence::{Attempt, AttemptResult};
use crate::check::remedy::{Place, Remedy};
use crate::check::stage::{StageRecord, whole_ms};
use crate::check::watch::{Change, Latency, Watched};
use crate::check::{Diagnosis, Outcome, Point, Status};
use crate::document::timestamp::{Parts, Timestamp};
use crate::document::zone::{Wall, Zone};
use crate::errno;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::text;
use crate::text::line::{Line, Tone};
use crate::{safe, say};

/// A longer line to paste is broken by most screens: that it is one line must be said.
const MOST_IN_A_ROW: usize = 66;

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
    let mut told = vec![Safe::own(mark), outcome.message(catalog, lang), outcome.remedy(catalog, lang).sentence];
    told.retain(|text| !text.is_empty());
    Line::of(tone, Safe::join(&told, " "))
}

/// What happened, alone.
pub fn happened(outcome: &Outcome, catalog: &Catalog, lang: Lang) -> Line {
    let (tone, mark) = mark(outcome.status());
    Line::of(tone, safe!("{} {}", mark, outcome.message(catalog, lang)))
}

/// The server's own sentence with its code.
pub fn said(outcome: &Outcome, lang: Lang) -> Option<Safe> {
    outcome.server_said(lang)
}

/// True where two outcomes have one cause and one remedy, as where the name of the host is not found: it is said once.
pub fn same_remedy(one: &Outcome, other: &Outcome, catalog: &Catalog, lang: Lang) -> bool {
    one.diagnosis == other.diagnosis
        && one.look_at() == other.look_at()
        && one.offer().is_none()
        && other.offer().is_none()
        && one.remedy(catalog, lang).says_as(&other.remedy(catalog, lang))
}

/// What failed before a save: each with the server's sentence and the remedy, one remedy for one cause: under the first.
pub fn failed(failed: &[Outcome], catalog: &Catalog, lang: Lang) -> Vec<Line> {
    let heading = say!(lang, "O teste falhou; nada foi gravado ainda.", "The test failed; nothing was saved yet.");
    let mut lines = vec![Line::from(heading)];
    for (number, outcome) in failed.iter().enumerate() {
        lines.push(Line::of(Tone::Strong, change::title(catalog, &outcome.request.key, lang)));
        let mut before = failed.iter().take(number);
        if before.any(|other| same_remedy(other, outcome, catalog, lang)) {
            lines.push(happened(outcome, catalog, lang));
        } else {
            lines.push(line(outcome, catalog, lang));
            lines.extend(said(outcome, lang).map(|said| Line::of(Tone::Faint, said)));
        }
    }
    lines
}

/// The question for the password of this user of the database.
pub fn password_question(user: &str, lang: Lang) -> Safe {
    say!(
        lang,
        "Senha de {} no PostgreSQL (não aparece ao digitar):",
        "Password of {} at PostgreSQL (not shown as it is typed):",
        Safe::outside(user)
    )
}

/// What is pasted where, in the order in which it is done; each line is whole, and for itself:
///
/// ```text
/// No servidor, o arquivo é o que esta linha mostra:
///   sudo -u postgres psql -Atc 'SHOW hba_file'
/// No fim dele, inclua:
///   host  loja  balcao  10.9.0.20/32  md5
/// Para valer:
///   sudo -u postgres psql -c 'SELECT pg_reload_conf()'
/// ```
pub fn to_paste(remedy: &Remedy, lang: Lang) -> Vec<Line> {
    let Some(place) = &remedy.place else { return vec![] };
    let (before, after) = (remedy.before(), remedy.after());
    let long = remedy.lines.iter().any(|line| text::width(line) > MOST_IN_A_ROW);
    let into_file = match long {
        _ if matches!(place, Place::AboveIn(_)) => {
            say!(
                lang,
                "Acima da linha que atende este login agora, inclua:",
                "Above the line that this login meets now, add:"
            )
        }
        true => say!(lang, "No fim dele, inclua, numa linha só:", "At its end, add, as one line:"),
        false => say!(lang, "No fim dele, inclua:", "At its end, add:"),
    };
    let on_server = say!(lang, "No servidor:", "On the server:");
    let parts: Vec<(Safe, Vec<Safe>)> = match place {
        Place::FileOf(_) | Place::AboveIn(_) => vec![
            (
                say!(
                    lang,
                    "No servidor, esta linha mostra qual é o arquivo:",
                    "On the server, this line tells the file:"
                ),
                before.into_iter().collect(),
            ),
            (into_file, remedy.lines.clone()),
        ],
        Place::File(path) => vec![
            (say!(lang, "No servidor, o arquivo:", "On the server, the file:"), vec![path.clone()]),
            (into_file, remedy.lines.clone()),
        ],
        // The prompt and what is typed into it are one paste.
        Place::Sql | Place::Pooler | Place::Server => {
            vec![(on_server, before.into_iter().chain(remedy.lines.iter().cloned()).collect())]
        }
        Place::Here => vec![(say!(lang, "Neste computador:", "On this computer:"), remedy.lines.clone())],
    };
    let last = (say!(lang, "Para valer:", "To apply it:"), after.into_iter().collect());
    let labelled = |(label, lines): (Safe, Vec<Safe>)| {
        let label = (!lines.is_empty()).then(|| Line::of(Tone::Faint, label));
        let rows = lines.into_iter().flat_map(|line| in_rows(&line, place));
        label.into_iter().chain(rows.map(|row| Line::indented(2).and(Tone::Exact, row))).collect::<Vec<_>>()
    };
    let cases = remedy.cases.iter().map(|case| (case.when.clone(), case.lines.clone()));
    parts.into_iter().chain(cases).chain([last]).flat_map(labelled).collect()
}

/// The rows of a line that is too long for a screen, so that pasted together they are what the line is: SQL goes on after any
/// space, a shell's command after a `\\`; neither within quotes. A line of a file cannot be broken.
fn in_rows(line: &Safe, place: &Place) -> Vec<Safe> {
    let (end, most) = match place {
        Place::Sql | Place::Pooler => ("", MOST_IN_A_ROW),
        Place::Server | Place::Here => (" \\", MOST_IN_A_ROW - 2),
        Place::FileOf(_) | Place::AboveIn(_) | Place::File(_) => return vec![line.clone()],
    };
    let mut rows = vec![];
    let mut rest = line.as_str();
    while text::width(&Safe::outside(rest)) > MOST_IN_A_ROW {
        let Some((row, after)) = last_space(rest, most).and_then(|at| rest.split_at_checked(at)) else { break };
        rows.push(safe!("{}{}", Safe::outside(row), end));
        rest = after.trim_start();
    }
    rows.push(Safe::outside(rest));
    rows
}

/// Where the last space outside quotes is that leaves at most so many cells before it.
fn last_space(line: &str, most: usize) -> Option<usize> {
    let (mut quote, mut used, mut last) = (None, 0, None);
    for (at, symbol) in line.char_indices() {
        match (symbol, quote) {
            ('\'' | '"', None) => quote = Some(symbol),
            (symbol, Some(open)) if symbol == open => quote = None,
            (' ', None) if used <= most && at > 0 => last = Some(at),
            _ => {}
        }
        used += symbol.width().unwrap_or_default();
    }
    last
}

/// How it is known, as a technician would note it down for whoever runs the server: how far it came and in which time,
/// what each address did, what the system said. Empty where nothing was asked.
pub fn facts(outcome: &Outcome, lang: Lang) -> Vec<Safe> {
    let evidence = &outcome.evidence;
    let stage = |record: &StageRecord| {
        let result = Some(record.result).filter(|result| *result != Diagnosis::Ok);
        timed(record.stage.title(lang), record.elapsed, result.map(|result| result.summary(lang)))
    };
    let attempt = |attempt: &Attempt| {
        let address = Safe::outside(&attempt.address.to_string());
        match attempt.result {
            AttemptResult::Connected => timed(address, attempt.elapsed, None),
            AttemptResult::Failed(diagnosis, _) => timed(address, attempt.elapsed, Some(diagnosis.summary(lang))),
            AttemptResult::NotAwaited => {
                say!(lang, "{} (outro respondeu antes)", "{} (another answered first)", address)
            }
        }
    };
    let stages: Vec<Safe> = evidence.stages.iter().map(stage).collect();
    let attempts: Vec<Safe> = evidence.attempts.iter().map(attempt).collect();
    let facts = [
        (!stages.is_empty()).then(|| say!(lang, "Etapas: {}", "Stages: {}", Safe::join(&stages, "; "))),
        (!attempts.is_empty()).then(|| say!(lang, "Endereços: {}", "Addresses: {}", Safe::join(&attempts, "; "))),
        outcome
            .error()
            // What the system says of a connection is told in its stages, better than it says it.
            .filter(|_| outcome.said().is_none() && matches!(outcome.request.point, Point::Path { .. }))
            .and_then(|(text, _)| errno::of_text(text, lang))
            .map(|words| say!(lang, "O sistema disse: {}", "The system said: {}", words)),
    ];
    facts.into_iter().flatten().collect()
}

/// `login 3 ms (login recusado)`
fn timed(what: impl Into<Safe>, elapsed: Duration, result: Option<Safe>) -> Safe {
    let timed = safe!("{} {} ms", what.into(), whole_ms(elapsed));
    match result {
        Some(result) => safe!("{} ({})", timed, result),
        None => timed,
    }
}

/// When it last passed, where it does not now: `último teste sem falha: 12/03 09:41, 18 ms`.
pub fn last_passed(outcome: &Outcome, lang: Lang, wall: &Wall) -> Option<Safe> {
    let last = outcome.evidence.last_passed?;
    let (at, elapsed_ms) = (wall.recent(last.at, lang), last.elapsed_ms);
    Some(match last.login {
        Some(true) => say!(
            lang,
            "último teste sem falha, com login: {}, {} ms",
            "last passed, with a login: {}, {} ms",
            at,
            elapsed_ms
        ),
        Some(false) => say!(
            lang,
            "último teste sem falha, sem testar o login: {}, {} ms",
            "last passed, the login not tested: {}, {} ms",
            at,
            elapsed_ms
        ),
        None => say!(lang, "último teste sem falha: {}, {} ms", "last passed: {}, {} ms", at, elapsed_ms),
    })
}

/// A target of the live test:
///
/// ```text
/// ✗ Porta Banco de Dados Gestores
///   recusada desde 09:40:12 · última 3 ms, melhor 2 ms, pior 18 ms · 41 testes, 3 com falha
/// ```
pub fn watched(target: &Watched, catalog: &Catalog, lang: Lang, zone: &Zone) -> [Line; 2] {
    let outcome = &target.outcome;
    let (tone, mark) = mark(outcome.status());
    let since = || say!(lang, "{} desde {}", "{} since {}", outcome.summary(lang), time_of_day(target.since, zone));
    let state = (outcome.status() != Status::Ok).then(since);
    let facts: Vec<Safe> = state.into_iter().chain(latency(target, lang)).chain([counted(target, lang)]).collect();
    [
        Line::of(tone, safe!("{} {}", mark, change::title(catalog, &outcome.request.key, lang))),
        safe!("  {}", Safe::join(&facts, " · ")).into(),
    ]
}

/// `banco_dados: 41 testes, sem falhas; última 3 ms, melhor 2 ms, pior 18 ms`
pub fn totals(target: &Watched, lang: Lang) -> Line {
    let facts: Vec<Safe> = [counted(target, lang)].into_iter().chain(latency(target, lang)).collect();
    let name = safe!("{}: ", Safe::outside(&target.outcome.request.target));
    Line::of(Tone::Strong, name).and(Tone::Plain, Safe::join(&facts, "; "))
}

fn counted(target: &Watched, lang: Lang) -> Safe {
    // Nothing was tested, however often.
    if target.outcome.status() == Status::Skipped {
        return target.outcome.summary(lang);
    }
    match (target.tests, target.failures) {
        (1, 0) => say!(lang, "1 teste, sem falha", "1 test, no failure"),
        (1, _) => say!(lang, "1 teste, com falha", "1 test, failed"),
        (tests, 0) => say!(lang, "{} testes, sem falhas", "{} tests, no failures", tests),
        (tests, failures) => say!(lang, "{} testes, {} com falha", "{} tests, {} failed", tests, failures),
    }
}

fn latency(target: &Watched, lang: Lang) -> Option<Safe> {
    let Latency { last_ms, best_ms, worst_ms } = target.latency?;
    Some(say!(
        lang,
        "última {} ms, melhor {} ms, pior {} ms",
        "last {} ms, best {} ms, worst {} ms",
        last_ms,
        best_ms,
        worst_ms
    ))
}

/// `09:40:12  Porta Banco de Dados Gestores: recusada por 67 s → 3 ms`; nothing for a target that was not tested before.
pub fn changed(change: &Change, catalog: &Catalog, lang: Lang, zone: &Zone) -> Option<Line> {
    let (before, since) = change.before.as_ref()?;
    let sentence = say!(
        lang,
        "{}  {}: {} por {} s {} {}",
        "{}  {}: {} for {} s {} {}",
        time_of_day(change.at, zone),
        change::title(catalog, &change.outcome.request.key, lang),
        before.summary(lang),
        since.before(change.at).as_secs(),
        mark::BECOMES,
        change.outcome.summary(lang)
    );
    Some(Line::of(mark(change.outcome.status()).0, sentence))
}

/// `antes: PostgreSQL 15.18 por 67 s`
pub fn before(change: &Change, lang: Lang) -> Option<Safe> {
    let (before, since) = change.before.as_ref()?;
    let (before, lasted) = (before.summary(lang), since.before(change.at).as_secs());
    Some(say!(lang, "antes: {} por {} s", "before: {} for {} s", before, lasted))
}

/// As the clock on the wall has it: `09:40:12`.
pub fn time_of_day(at: Timestamp, zone: &Zone) -> Safe {
    let Parts { hour, minute, second, .. } = at.parts(zone.ahead_s(at));
    Safe::outside(&format!("{hour:02}:{minute:02}:{second:02}"))
}
