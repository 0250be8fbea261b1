//! `check --watch`: the tests every second, and every change of what they find, until Ctrl+C.
//!
//! For the technician who opens the firewall meanwhile: on a terminal the latencies pass by in one line, changes stay
//! above it with their time.

use std::sync::mpsc::{self, Receiver};
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::{REMEDY, blanks, outcome_lines, warnings};
use crate::check::watch::{Change, EVERY, Latency, Watch, Watched};
use crate::check::{self, Cancel, Options, Request};
use crate::cli::Settings;
use crate::cli::print::Answer;
use crate::document::timestamp::Parts;
use crate::lang::Lang;
use crate::problem::{Kind, Problem};
use crate::safe::Safe;
use crate::session::Session;
use crate::text::line::{Line, Tone};
use crate::{safe, say};

/// Watches; the exit code is that of the signal that ended it.
pub(super) fn run(
    settings: &Settings,
    session: &Session,
    requests: &[Request],
    options: &Options,
) -> Result<Answer, Problem> {
    let Settings { lang, printer, .. } = settings;
    let (lang, catalog) = (*lang, session.catalog());
    let cancel = Cancel::default();
    let ended = listen(&cancel, lang)?;
    let mut watch = Watch::default();
    let code = loop {
        let Some(mut report) = check::run(requests, options, &cancel, &mut |_| {}) else {
            break ended.recv().unwrap_or_default();
        };
        let now = settings.now();
        let changes = watch.take(&report, now);
        if !changes.is_empty() {
            // Once a change: what is remembered every second would only wear out the disk.
            session.remember(&mut report, now);
        }
        for (change, is_first) in changes.iter().zip(std::iter::once(true).chain(std::iter::repeat(false))) {
            let mut lines = told(change, requests, settings, session);
            if is_first {
                lines.insert(0, heading(change, settings));
            }
            let written = printer.part(&lines, &change.json(catalog, lang));
            if let Err(code) = written {
                return Ok(Answer { code, ..Answer::default() });
            }
        }
        printer.passing(&latencies(watch.targets()));
        if let Ok(code) = ended.recv_timeout(EVERY.saturating_sub(report.elapsed)) {
            break code;
        }
    };
    printer.cleared();
    let lines = watch.targets().iter().map(|watched| summary(watched, lang)).collect();
    Ok(Answer { lines, notes: warnings(options, lang), code, ..Answer::default() })
}

/// Hears of Ctrl+C and of SIGTERM as the exit code they mean; the test that is running ends at once.
fn listen(cancel: &Cancel, lang: Lang) -> Result<Receiver<u8>, Problem> {
    let failed = |error: std::io::Error| {
        let reason = Safe::outside(&error.to_string());
        let message = say!(lang, "não foi possível começar: {}", "it could not begin: {}", reason);
        Problem::new(Kind::Write, "watch", message)
    };
    let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(failed)?;
    let (sender, ended) = mpsc::channel();
    let cancel = cancel.clone();
    let listening = thread::Builder::new().name("signals".into()).spawn(move || {
        for signal in signals.forever() {
            // Where nobody listens any more, the program is ending.
            let _ = sender.send(u8::try_from(128 + signal).unwrap_or(u8::MAX));
            cancel.cancel();
        }
    });
    listening.map_err(failed)?;
    Ok(ended)
}

/// When something changed; what did, stands below:
///
/// ```text
/// 09:41:03
/// ✗ banco_dados  Sem resposta: 192.168.0.10:5432 não respondeu em 3 s.
///     antes: ok, por 67 s
/// ```
fn heading(change: &Change, settings: &Settings) -> Line {
    let Parts { hour, minute, second, .. } = change.at.parts(settings.zone.ahead_s(change.at));
    Line::of(Tone::Faint, Safe::outside(&format!("{hour:02}:{minute:02}:{second:02}")))
}

/// A change as a person reads it.
fn told(change: &Change, requests: &[Request], settings: &Settings, session: &Session) -> Vec<Line> {
    let widest = requests.iter().map(|request| request.target.chars().count()).max().unwrap_or(0);
    let mut told = outcome_lines(&change.outcome, widest, settings, session.catalog());
    if let Some((before, since)) = change.before {
        let (before, lasted) = (Safe::own(before.name()), since.before(change.at).as_secs());
        let words = say!(settings.lang, "antes: {}, por {} s", "before: {}, for {} s", before, lasted);
        told.push(blanks(REMEDY).and(Tone::Faint, words));
    }
    told
}

/// `banco_dados 3 ms (2–18) · integracao_clientes 1 ms (1–4)`: the last latency, the best and the worst.
fn latencies(targets: &[Watched]) -> Safe {
    let one = |watched: &Watched| {
        let Latency { last_ms, best_ms, worst_ms } = watched.latency?;
        Some(safe!("{} {} ms ({}–{})", Safe::outside(&watched.target), last_ms, best_ms, worst_ms))
    };
    Safe::join(&targets.iter().filter_map(one).collect::<Vec<_>>(), " · ")
}

/// What was seen of a target in all.
fn summary(watched: &Watched, lang: Lang) -> Line {
    let counted = match watched.failures {
        0 => say!(lang, "{} testes, nenhuma falha", "{} tests, no failure", watched.tests),
        failures => say!(lang, "{} testes, {} com falha", "{} tests, {} failed", watched.tests, failures),
    };
    let words = match watched.latency {
        Some(Latency { last_ms, best_ms, worst_ms }) => say!(
            lang,
            "{}; última {} ms, melhor {} ms, pior {} ms",
            "{}; last {} ms, best {} ms, worst {} ms",
            counted,
            last_ms,
            best_ms,
            worst_ms
        ),
        None => counted,
    };
    Line::of(Tone::Strong, safe!("{}: ", Safe::outside(&watched.target))).and(Tone::Plain, words)
}
