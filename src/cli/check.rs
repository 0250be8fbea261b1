//! `check`: the live tests of the saved values, as words or as JSON; exit 1 where one fails.

mod watch;

use std::hash::{BuildHasher, Hasher, RandomState};
use std::thread;
use std::time::Duration;

use clap::{ArgAction, ArgMatches};

use super::{Answer, Entry, Settings, arguments, get, usage};
use crate::catalog::{Catalog, Level, Probe};
use crate::check::{Cancel, Options, Outcome, Point, Progress, Report, Request, Status};
use crate::lang::Lang;
use crate::present;
use crate::present::problem::warning;
use crate::problem::Problem;
use crate::safe::Safe;
use crate::session::Session;
use crate::text::line::{Line, Tone};
use crate::text::wrap;
use crate::{safe, say};

/// More than an hour is no check but a slip of the keyboard.
const LONGEST: Duration = Duration::from_secs(3600);

/// Narrow enough for the 80 columns of a console.
const WIDTH: usize = 78;

/// How far what to do stands in, under what happened.
const REMEDY: usize = 4;

pub(super) const COMMAND: Entry = Entry {
    name: "check",
    about: ("Testa aquilo para onde os valores apontam", "Tests what the values point at"),
    takes: |lang| {
        let timeout = ("Segundos para tudo, 3 se não dito", "Seconds for everything, 3 if not said");
        let only =
            ("Só este alvo, como banco_dados; pode repetir", "Only this target, like banco_dados; may be repeated");
        let watch = (
            "Repete a cada segundo e diz o que muda, até Ctrl+C; com --json, um objeto por linha",
            "Repeats every second and tells what changes, until Ctrl+C; with --json, an object a line",
        );
        let spread = (
            "Espera antes uma parte qualquer destes segundos, para muitos balcões não testarem juntos",
            "Waits for some part of these seconds first, so that many counters do not test at once",
        );
        vec![
            arguments::option(lang, "timeout", "S", timeout.0, timeout.1),
            arguments::option(lang, "only", lang.pick("ALVO", "TARGET"), only.0, only.1).action(ArgAction::Append),
            arguments::flag(lang, "watch", watch.0, watch.1),
            arguments::option(lang, "spread", "S", spread.0, spread.1),
        ]
    },
    run: Some(run),
};

fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let mut options = settings.check_options()?;
    if let Some(timeout) = seconds(matches, "timeout", lang)? {
        options.timeout = timeout;
    }
    let spread = seconds(matches, "spread", lang)?;
    let session = settings.session()?;
    let mut requests = session.requests();
    if let Some(only) = matches.get_many::<String>("only") {
        requests = chosen(requests, &only.map(String::as_str).collect::<Vec<_>>(), lang)?;
    }
    // What cannot be tested must not pass for tested: the value stands in the way, as it does for `get`.
    if requests.iter().any(|request| request.point == Point::Invalid) {
        let findings = session.findings();
        if let Some(finding) = findings.iter().find(|finding| finding.level() == Level::Error) {
            return Err(get::invalid(settings, &session, finding));
        }
    }
    if let Some(spread) = spread {
        thread::sleep(part_of(spread));
    }
    if matches.get_flag("watch") {
        return watch::run(settings, &session, &requests, &options);
    }
    let report = tested(settings, &session, &requests, &options);
    let catalog = session.catalog();
    let answer = settings.answer(|| lines(&report, settings, catalog), || report.json(catalog, lang));
    Ok(Answer { notes: warnings(&options, lang), code: if report.ok() { 0 } else { 1 }, ..answer })
}

/// Runs the tests once, showing on a terminal how far they are, and keeps what passes.
pub(super) fn tested(settings: &Settings, session: &Session, requests: &[Request], options: &Options) -> Report {
    let Settings { lang, printer, .. } = settings;
    let mut progress = |step: Progress<'_>| {
        if let Progress::Entered(request, stage) = step {
            printer.passing(&safe!("{}: {}", Safe::outside(&request.target), stage.doing(*lang)));
        }
    };
    // Nobody cancels here: Ctrl+C ends the process, which holds nothing that would have to be put back.
    let report = session.check(requests, options, &Cancel::default(), &|| settings.now(), &mut progress);
    printer.cleared();
    let mut report = report.unwrap_or_default();
    // Into the evidence of logins: programs read nothing else.
    for outcome in report.outcomes.iter_mut().filter(|outcome| outcome.request.probe == Probe::Postgres) {
        outcome.evidence.warnings.clone_from(&options.credentials.warnings);
    }
    report
}

/// What was found about the login and is not used.
pub(super) fn warnings(options: &Options, lang: Lang) -> Vec<Line> {
    options.credentials.warnings.iter().map(|found| warning(found.message(lang), lang)).collect()
}

/// The seconds that an option gives, where it is there.
fn seconds(matches: &ArgMatches, name: &'static str, lang: Lang) -> Result<Option<Duration>, Problem> {
    let Some(written) = matches.get_one::<String>(name) else { return Ok(None) };
    let duration = written.replace(',', ".").parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.filter(|duration| !duration.is_zero() && *duration <= LONGEST).map(Some).ok_or_else(|| {
        let written = Safe::outside(written);
        let longest = LONGEST.as_secs();
        usage::wrong(say!(
            lang,
            "--{} é “{}”; devem ser segundos, mais que 0 e no máximo {}",
            "--{} is “{}”; it must be seconds, more than 0 and at most {}",
            name,
            written,
            longest
        ))
    })
}

/// Some part of it: the standard library's hash keys are random, and that is all the randomness that is needed here.
fn part_of(whole: Duration) -> Duration {
    let number = RandomState::new().build_hasher().finish() >> 32;
    whole.mul_f64(f64::from(u32::try_from(number).unwrap_or_default()) / f64::from(u32::MAX))
}

/// Those of the requests that were asked for by name.
fn chosen(requests: Vec<Request>, names: &[&str], lang: Lang) -> Result<Vec<Request>, Problem> {
    let is_known = |name: &str| requests.iter().any(|request| request.target == name);
    if let Some(unknown) = names.iter().find(|name| !is_known(name)) {
        let known: Vec<Safe> = requests.iter().map(|request| Safe::outside(&request.target)).collect();
        let (unknown, known) = (Safe::outside(unknown), Safe::join(&known, ", "));
        let message = say!(lang, "não existe o alvo “{}”", "there is no target “{}”", unknown);
        return Err(usage::wrong(message).hint(say!(lang, "Os alvos são: {}", "The targets are: {}", known)));
    }
    Ok(requests.into_iter().filter(|request| names.contains(&request.target.as_str())).collect())
}

/// A table of targets and what happened; under what does not pass, what to do:
///
/// ```text
/// ✓ servidor             127.0.0.1 é este próprio balcão.
/// ✗ integracao_clientes  Recusada: 127.0.0.1 respondeu, mas nada escuta na porta
///                        8082.
///     O servidor está sendo procurado neste próprio balcão. Se é outra máquina, …
///     veja: integracao.ip_servidor_retaguarda
///     último teste OK: 12/03 09:41, 18 ms
/// ```
pub(super) fn lines(report: &Report, settings: &Settings, catalog: &Catalog) -> Vec<Line> {
    let widest = report.outcomes.iter().map(|outcome| outcome.request.target.chars().count()).max().unwrap_or(0);
    report.outcomes.iter().flat_map(|outcome| outcome_lines(outcome, widest, settings, catalog)).collect()
}

fn outcome_lines(outcome: &Outcome, widest: usize, settings: &Settings, catalog: &Catalog) -> Vec<Line> {
    let lang = settings.lang;
    let (tone, mark) = match outcome.status() {
        Status::Ok => (Tone::Good, "✓"),
        Status::Warning => (Tone::Doubtful, "!"),
        Status::Fail => (Tone::Bad, "✗"),
        Status::Skipped => (Tone::Faint, "–"),
    };
    let column = widest + 4;
    let target = Safe::outside(&format!("{:widest$}", outcome.request.target));
    let mut start = Line::of(tone, mark).and(Tone::Strong, safe!(" {}  ", target));
    let mut lines = vec![];
    for part in wrap(&outcome.message(catalog, lang), WIDTH.saturating_sub(column)) {
        lines.push(std::mem::replace(&mut start, Line::indented(column)).and(Tone::Plain, part));
    }
    let below = |tone: Tone, text: Safe| Line::indented(REMEDY).and(tone, text);
    let remedy = outcome.remedy(catalog, lang);
    let to_copy = outcome.line_to_copy();
    let end = to_copy.as_ref().and_then(|line| remedy.as_str().strip_suffix(line.as_str()));
    let before = end.map_or_else(|| remedy.clone(), |before| remedy.part(0..before.len()));
    if !before.is_empty() {
        lines.extend(wrap(&before, WIDTH - REMEDY).into_iter().map(|part| below(Tone::Plain, part)));
    }
    // On a line of its own, never broken.
    lines.extend(to_copy.map(|line| below(Tone::Exact, line)));
    if matches!(outcome.status(), Status::Fail | Status::Warning) {
        let words = say!(lang, "veja: {}", "look at: {}", Safe::outside(outcome.look_at().as_str()));
        lines.push(below(Tone::Faint, words));
    }
    if let Some((key, value)) = outcome.offer() {
        let command = safe!("balcao-config set {}={}", Safe::outside(key.as_str()), value);
        lines.push(below(Tone::Strong, command));
    }
    lines.extend(present::outcome::last_passed(outcome, lang, &settings.zone).map(|last| below(Tone::Faint, last)));
    lines
}
