//! `check --watch`: the tests every second, and every change of what they find, until Ctrl+C.
//!
//! For the technician who opens the firewall meanwhile: on a terminal the latencies pass by in one line, changes stay
//! above it with their time.

use crate::channel::{self, Receiver};
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::table::{REMEDY, outcome_lines, warnings};
use crate::check::watch::{Change, Latency, Watched};
use crate::check::{Cancel, Options, Request, Status};
use crate::cli::{Answer, Output, Settings};
use crate::errno;
use crate::lang::Lang;
use crate::present;
use crate::problem::{Kind, Problem};
use crate::safe::Safe;
use crate::session::Session;
use crate::text::line::{Line, Tone};
use crate::text::width;
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
    let (mut targets, mut failed) = (vec![], None);
    session.watch(requests, options, &cancel, &|| settings.now(), &mut |round| {
        for (number, change) in round.changes.iter().enumerate() {
            let time = || Line::of(Tone::Faint, present::outcome::time_of_day(change.at, settings.zone()));
            let heading = (number == 0).then(time);
            let lines = || heading.into_iter().chain(lines_of(change, requests, settings, session)).collect();
            if let Err(code) = printer.part(lines, || change.json(catalog, lang)) {
                failed = Some(code);
                return false;
            }
        }
        targets = round.targets;
        printer.progress(&latencies(&targets, printer.progress_width()));
        true
    });
    if let Some(code) = failed {
        return Ok(Answer { code, ..Answer::default() });
    }
    printer.clear_progress();
    let output = match printer.json {
        // Every change was a line of its own.
        true => Output::Nothing,
        false => Output::Lines(targets.iter().map(|target| present::outcome::totals(target, lang)).collect()),
    };
    let code = ended.recv().unwrap_or_default();
    Ok(Answer { output, warnings: warnings(options, lang), code, ..Answer::default() })
}

/// Hears of Ctrl+C and of SIGTERM as the exit code they mean; the test that is running ends at once.
fn listen(cancel: &Cancel, lang: Lang) -> Result<Receiver<u8>, Problem> {
    let failed = |error: std::io::Error| {
        let reason = errno::message(&error, lang);
        let message = say!(lang, "Não foi possível começar: {}.", "Could not begin: {}.", reason);
        Problem::new(Kind::Write, "watch", message)
    };
    let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(failed)?;
    let (sender, ended) = channel::channel();
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

/// A change, below the time of the round:
///
/// ```text
/// 09:41:03
/// ✗ banco_dados  Sem resposta: 192.168.0.10:5432 não respondeu em 3 s.
///     antes: ok, por 67 s
/// ```
fn lines_of(change: &Change, requests: &[Request], settings: &Settings, session: &Session) -> Vec<Line> {
    let widest = requests.iter().map(|request| request.target.chars().count()).max().unwrap_or(0);
    let mut lines = outcome_lines(&change.outcome, widest, settings, session.catalog());
    let before = present::outcome::before(change, settings.lang);
    lines.extend(before.map(|before| Line::indented(REMEDY).and(Tone::Faint, before)));
    lines
}

/// `banco_dados ▁▁▂▁✗✗▁ 3 ms · integracao_clientes ▁▁▁▁▁▁▁ 1 ms`: how the last tests went, and how long the latest took that
/// passed. A strip has as much room as the names leave.
fn latencies(targets: &[Watched], room: usize) -> Safe {
    let tested: Vec<&Watched> = targets.iter().filter(|watched| watched.outcome.status() != Status::Skipped).collect();
    let last = |watched: &Watched| match watched.latency {
        Some(Latency { last_ms, .. }) => safe!(" {} ms", last_ms),
        None => Safe::default(),
    };
    let name = |watched: &Watched| safe!("{} ", Safe::outside(&watched.outcome.request.target));
    let taken: usize = tested.iter().map(|watched| width(&name(watched)) + width(&last(watched)) + BETWEEN.len()).sum();
    let strip = room.saturating_sub(taken).checked_div(tested.len()).unwrap_or_default();
    let one =
        |watched: &&Watched| safe!("{}{}{}", name(watched), present::strip::last(watched, strip).text(), last(watched));
    Safe::join(&tested.iter().map(one).collect::<Vec<_>>(), BETWEEN)
}

/// Between two targets.
const BETWEEN: &str = " · ";
