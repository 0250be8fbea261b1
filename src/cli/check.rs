//! `check`: the live tests of the saved values, as words or as JSON; exit 1 where one fails.

use std::time::Duration;

use clap::{ArgAction, ArgMatches, Command};

use super::print::{Answer, Line, Tone};
use super::{Settings, arguments, get, usage};
use crate::catalog::{Catalog, Level};
use crate::check::{self, Cancel, Outcome, Point, Report, Request, Status};
use crate::lang::Lang;
use crate::lettering::wrap;
use crate::problem::Problem;
use crate::safe::Safe;
use crate::{safe, say};

/// More than an hour is no check but a slip of the keyboard.
const LONGEST: Duration = Duration::from_secs(3600);

/// Narrow enough for the 80 columns of a console.
const WIDTH: usize = 78;

/// How far what to do stands in, under what happened.
const REMEDY: usize = 4;

/// What it takes.
pub(super) fn takes(command: Command, lang: Lang) -> Command {
    let timeout = lang.pick("Segundos para tudo, 3 se não dito", "Seconds for everything, 3 if not said");
    let only = lang
        .pick("Só este alvo, como banco_dados; pode repetir", "Only this target, like banco_dados; may be repeated");
    command
        .about(lang.pick("Testa aquilo para onde os valores apontam", "Tests what the values point at"))
        .override_usage(lang.pick(
            "balcao-config check [--timeout S] [--only ALVO] [--json]",
            "balcao-config check [--timeout S] [--only TARGET] [--json]",
        ))
        .arg(arguments::option("timeout", "S", timeout))
        .arg(arguments::option("only", lang.pick("ALVO", "TARGET"), only).action(ArgAction::Append))
}

/// Tests.
pub(super) fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let mut options = settings.check_options()?;
    if let Some(written) = matches.get_one::<String>("timeout") {
        options.timeout = seconds(written, lang)?;
    }
    let session = settings.session()?;
    let catalog = session.catalog();
    let mut requests = check::plan(catalog, &|parameter| session.value(parameter));
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
    // Nobody cancels here: Ctrl+C ends the process, which holds nothing that would have to be put back.
    let report = check::run(&requests, &options, &Cancel::default(), &mut |_| {}).unwrap_or_default();
    Ok(Answer {
        lines: lines(&report, catalog, lang),
        json: report.json(catalog, lang),
        code: if report.ok() { 0 } else { 1 },
        ..Answer::default()
    })
}

fn seconds(written: &str, lang: Lang) -> Result<Duration, Problem> {
    let duration = written.replace(',', ".").parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.filter(|duration| !duration.is_zero() && *duration <= LONGEST).ok_or_else(|| {
        let written = Safe::outside(written);
        let longest = LONGEST.as_secs();
        usage::wrong(say!(
            lang,
            "--timeout é “{}”; devem ser segundos, mais que 0 e no máximo {}",
            "--timeout is “{}”; it must be seconds, more than 0 and at most {}",
            written,
            longest
        ))
    })
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
/// ```
fn lines(report: &Report, catalog: &Catalog, lang: Lang) -> Vec<Line> {
    let widest = report.outcomes.iter().map(|outcome| outcome.target.chars().count()).max().unwrap_or(0);
    report.outcomes.iter().flat_map(|outcome| outcome_lines(outcome, widest, catalog, lang)).collect()
}

fn outcome_lines(outcome: &Outcome, widest: usize, catalog: &Catalog, lang: Lang) -> Vec<Line> {
    let (tone, mark) = match outcome.status() {
        Status::Ok => (Tone::Good, "✓"),
        Status::Warning => (Tone::Doubtful, "!"),
        Status::Fail => (Tone::Bad, "✗"),
        Status::Skipped => (Tone::Faint, "–"),
    };
    let column = widest + 4;
    let target = Safe::outside(&format!("{:widest$}", outcome.target));
    let mut start = Line::of(tone, Safe::own(mark)).and(Tone::Strong, safe!(" {}  ", target));
    let mut lines = vec![];
    for words in wrap(&outcome.message(catalog, lang), WIDTH.saturating_sub(column)) {
        lines.push(std::mem::replace(&mut start, blanks(column)).and(Tone::Plain, words));
    }
    let remedy = outcome.remedy(catalog, lang);
    if !remedy.is_empty() {
        let rows = wrap(&remedy, WIDTH - REMEDY).into_iter();
        lines.extend(rows.map(|words| blanks(REMEDY).and(Tone::Plain, words)));
    }
    lines
}

fn blanks(columns: usize) -> Line {
    Line::from(Safe::outside(&" ".repeat(columns)))
}
