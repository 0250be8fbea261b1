//! `check`: the live tests of the saved values, as text or as JSON; exit 1 if one fails.

mod table;
mod watch;

use std::hash::{BuildHasher, Hasher, RandomState};
use std::thread;
use std::time::Duration;

use clap::{ArgAction, ArgMatches};

use super::{Answer, Entry, Settings, arguments, invalid, password, usage, validate};
use crate::catalog::Level;
use crate::check::{Cancel, Options, Outcome, Point, Progress, Report, Request, Status};
use crate::lang::Lang;
use crate::problem::Problem;
use crate::safe::Safe;
use crate::session::Session;
use crate::{safe, say};
pub(super) use table::{lines, warnings};

/// More than an hour is no check but a slip of the keyboard.
const LONGEST: Duration = Duration::from_secs(3600);

pub(super) const COMMAND: Entry = Entry {
    name: "check",
    about: ("Testa o servidor, as portas e os arquivos configurados", "Tests the configured server, ports and files"),
    takes: |lang| {
        let timeout = ("Tempo máximo, em segundos (padrão: 3)", "Time limit in seconds (default 3)");
        let strict = ("Avisos também contam como falha (código 1)", "Warnings count as failures too (exit code 1)");
        let only = (
            "Só este alvo, como banco_dados; pode ser repetido",
            "Only this target, like banco_dados; may be repeated",
        );
        let watch = (
            "Repete a cada segundo e mostra o que muda, até Ctrl+C; com --json, um objeto por linha",
            "Repeats every second and shows what changes, until Ctrl+C; with --json, an object a line",
        );
        let spread = (
            "Espera antes até S segundos, ao acaso, para os balcões não testarem juntos",
            "Waits up to S seconds first, at random, so that the terminals do not all test at once",
        );
        vec![
            arguments::option(lang, "timeout", "S", timeout.0, timeout.1),
            arguments::flag(lang, "strict", strict.0, strict.1),
            arguments::option(lang, "only", lang.pick("ALVO", "TARGET"), only.0, only.1).action(ArgAction::Append),
            arguments::flag(lang, "watch", watch.0, watch.1),
            arguments::option(lang, "spread", "S", spread.0, spread.1),
            password::argument(lang),
        ]
    },
    more: Some((PT, EN)),
    run: Some(run),
};

const PT: &str = "\
O login no PostgreSQL é testado se houver usuário e senha: usuário em --db-user ou PGUSER, banco em --db-name ou
PGDATABASE, senha em PGPASSWORD, em ~/.pgpass (servidor:porta:banco:usuário:senha, modo 0600) ou com --ask-password.
Sem usuário, testa só se o PostgreSQL responde.

Exemplo:
  balcao-config check
  balcao-config check --only banco_dados --db-user gestor --ask-password

Códigos de saída:
  0  nenhuma falha (com --strict: nenhum aviso)
  1  um teste falhou (com --strict: ou deu um aviso)
  2  erro na linha de comando, ou nas variáveis PG…
  3  o arquivo de configuração não pode ser lido, ou um valor é inválido
  130, 143  --watch encerrado por Ctrl+C ou SIGTERM";

const EN: &str = "\
The login at PostgreSQL is tested where there are a user and a password: the user in --db-user or PGUSER, the database in
--db-name or PGDATABASE, the password in PGPASSWORD, in ~/.pgpass (server:port:database:user:password, mode 0600) or with
--ask-password. Without a user, it only tests whether PostgreSQL answers.

Example:
  balcao-config check
  balcao-config check --only banco_dados --db-user gestor --ask-password

Exit codes:
  0  no failure (with --strict: no warning)
  1  a test failed (with --strict: or gave a warning)
  2  a mistake on the command line, or in the PG… variables
  3  the config file cannot be read, or a value is invalid
  130, 143  --watch was ended by Ctrl+C or SIGTERM";

fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let (timeout, spread) = (seconds(matches, "timeout", lang)?, seconds(matches, "spread", lang)?);
    let session = settings.session()?;
    let mut requests = session.requests();
    if let Some(only) = matches.get_many::<String>("only") {
        requests = chosen(requests, &only.map(String::as_str).collect::<Vec<_>>(), lang)?;
    }
    let is_invalid = |request: &Request| request.point == Point::Invalid;
    // What is valid is tested. What is not must not pass for tested: the value stands in the way, as it does for `get`.
    let findings = session.findings();
    let wrong = findings.iter().find(|finding| finding.level() == Level::Error);
    let invalid =
        wrong.filter(|_| requests.iter().any(is_invalid)).map(|found| invalid::problem(settings, &session, found, &[]));
    if let Some(problem) = invalid.clone().filter(|_| requests.iter().all(is_invalid)) {
        return Err(problem);
    }
    let mut options = password::options(settings, password::is_asked(matches))?;
    options.timeout = timeout.unwrap_or(options.timeout);
    if let Some(spread) = spread {
        thread::sleep(part_of(spread));
    }
    if matches.get_flag("watch") {
        return watch::run(settings, &session, &requests, &options);
    }
    let report = tested(settings, &session, &requests, &options);
    let catalog = session.catalog();
    let warned = |outcome: &Outcome| outcome.status() == Status::Warning;
    let passed = report.ok() && !(matches.get_flag("strict") && report.outcomes.iter().any(warned));
    let ok = passed && invalid.is_none();
    let json = || {
        let mut json = report.json(catalog, lang);
        json["ok"] = ok.into();
        json
    };
    let answer = settings.answer(|| lines(&report, settings, catalog), json);
    let mut warnings = warnings(&options, lang);
    warnings.extend(validate::unknown(&session, lang));
    warnings.extend(invalid.into_iter().flat_map(|problem| std::iter::once(problem.message).chain(problem.hints)));
    let code = match (passed, ok) {
        (false, _) => 1,
        (true, false) => 3,
        (true, true) => 0,
    };
    Ok(Answer { warnings, code, ..answer })
}

/// Runs the tests once, showing on a terminal how far they are, and keeps what passes.
pub(super) fn tested(settings: &Settings, session: &Session, requests: &[Request], options: &Options) -> Report {
    let Settings { lang, printer, .. } = settings;
    let mut progress = |step: Progress<'_>| {
        if let Progress::Entered(request, stage) = step {
            printer.progress(&safe!("{}: {}", Safe::outside(&request.target), stage.doing(*lang)));
        }
    };
    // Nobody cancels here: Ctrl+C ends the process, which holds nothing that would have to be put back.
    let report = session.check(requests, options, &Cancel::default(), &|| settings.now(), &mut progress);
    printer.clear_progress();
    report.unwrap_or_default()
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
            "--{} é “{}”; informe segundos, acima de 0 e até {}.",
            "--{} is “{}”; give seconds, above 0 and up to {}.",
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
        let message = say!(lang, "Não existe o alvo “{}”.", "There is no target “{}”.", unknown);
        return Err(usage::wrong(message).hint(say!(lang, "Os alvos são: {}", "The targets are: {}", known)));
    }
    Ok(requests.into_iter().filter(|request| names.contains(&request.target.as_str())).collect())
}
