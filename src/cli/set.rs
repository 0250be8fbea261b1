//! `set KEY=VALUE…` and `unset KEY…`: all or nothing.

use std::sync::Arc;

use clap::{Arg, ArgAction, ArgMatches};
use serde_json::{Value, json};

use super::validate::unknown as unknown_keys;
use super::{Answer, Entry, Output, Settings, arguments, check, diff, invalid, password, usage};
use crate::catalog::{Catalog, Finding, Level};
use crate::check::Report;
use crate::document::Saver;
use crate::document::history::{Entry as Version, Kind, MOST_OF_NOTE, one_line};
use crate::key::Key;
use crate::lang::Lang;
use crate::present::summary;
use crate::problem::{self, Problem};
use crate::safe::Safe;
use crate::say;
use crate::session::{Change, Session};

pub(super) const COMMAND: Entry = Entry {
    name: "set",
    about: ("Altera parâmetros (todos ou nenhum)", "Changes parameters (all or none)"),
    takes: |lang| {
        let pair = arguments::positional(
            lang,
            "pair",
            lang.pick("CHAVE=VALOR", "KEY=VALUE"),
            "Parâmetro e novo valor; opções: sim ou não",
            "Parameter and new value; options: yes or no",
        );
        let password = password::argument(lang).requires("check");
        let unset = Arg::new("unset")
            .long("unset")
            .value_name(lang.pick("CHAVE", "KEY"))
            .action(ArgAction::Append)
            .help(lang.pick("Devolve este parâmetro ao padrão", "Puts this parameter back to its default"));
        let pair = pair.required_unless_present("unset").num_args(1..).action(ArgAction::Append);
        vec![pair, unset, dry_run(lang), check(lang), password, note(lang)]
    },
    more: Some((PT, EN)),
    run: Some(set),
};

pub(super) const UNSET: Entry = Entry {
    name: "unset",
    about: ("Devolve parâmetros ao padrão", "Puts parameters back to their defaults"),
    takes: |lang| vec![arguments::key(lang).num_args(1..).action(ArgAction::Append), dry_run(lang), note(lang)],
    more: Some((PT_OF_UNSET, EN_OF_UNSET)),
    run: Some(unset),
};

const PT: &str = "\
Exemplo:
  balcao-config set integracao.porta_banco_dados=5433 --check
  balcao-config set geral.vendedor_padrao=Ana --unset geral.casas_decimais_qtde

Códigos de saída:
  0  gravado, ou nada a alterar
  1  com --check: um teste falhou, e nada foi gravado
  2  erro na linha de comando
  3  o arquivo de configuração não pode ser lido, ou o valor é inválido
  4  não foi possível gravar: nada foi alterado
  5  o parâmetro não existe, ou o valor foi recusado";

const EN: &str = "\
Example:
  balcao-config set integracao.porta_banco_dados=5433 --check
  balcao-config set geral.vendedor_padrao=Ana --unset geral.casas_decimais_qtde

Exit codes:
  0  saved, or nothing to change
  1  with --check: a test failed, and nothing was saved
  2  a mistake on the command line
  3  the config file cannot be read, or the value is not valid
  4  it could not be saved: nothing was changed
  5  there is no such parameter, or the value was refused";

const PT_OF_UNSET: &str = "\
Exemplo:
  balcao-config unset integracao.porta_banco_dados

Códigos de saída:
  0  gravado, ou nada a alterar
  2  erro na linha de comando
  3  o arquivo de configuração não pode ser lido, ou o valor é inválido
  4  não foi possível gravar: nada foi alterado
  5  o parâmetro não existe";

const EN_OF_UNSET: &str = "\
Example:
  balcao-config unset integracao.porta_banco_dados

Exit codes:
  0  saved, or nothing to change
  2  a mistake on the command line
  3  the config file cannot be read, or the value is not valid
  4  it could not be saved: nothing was changed
  5  there is no such parameter";

/// The option that writes nothing.
pub(super) fn dry_run(lang: Lang) -> Arg {
    arguments::flag(
        lang,
        "dry-run",
        "Mostra o que seria alterado, sem gravar",
        "Shows what would change, saves nothing",
    )
}

/// The option that says what the change is for.
pub(super) fn note(lang: Lang) -> Arg {
    let help = ("Nota para o histórico (quem pediu, o chamado)", "Note for the history (who asked for it, the ticket)");
    arguments::option(lang, "note", lang.pick("TEXTO", "TEXT"), help.0, help.1)
}

/// The note that was given, in one line.
pub(super) fn given_note(note: Option<&str>, lang: Lang) -> Result<Option<String>, Problem> {
    let Some(note) = note else { return Ok(None) };
    let count = note.trim().chars().count();
    if count <= MOST_OF_NOTE {
        return Ok(one_line(note));
    }
    Err(usage::wrong(say!(
        lang,
        "A nota (--note) tem {} caracteres; o máximo é {}.",
        "The note (--note) has {} characters; the maximum is {}.",
        count,
        MOST_OF_NOTE
    )))
}

/// The option that tests before anything is written.
pub(super) fn check(lang: Lang) -> Arg {
    let help = ("Testa antes de gravar; se falhar, não grava", "Tests before saving; saves nothing if a test fails");
    arguments::flag(lang, "check", help.0, help.1)
}

/// A parameter and its new value, or `None` for its default.
pub(super) type Assignment = (Key, Option<Value>);

/// What is to be set, and how.
pub(super) struct Order {
    assignments: Vec<Assignment>,
    /// Earlier than that, this version is to be the document again.
    restored: Option<Version>,
    /// The values were typed as arguments.
    is_typed: bool,
    /// Nothing is written.
    pub dry_run: bool,
    /// What the resulting values point at is tested first; where a test fails, nothing is written.
    check: bool,
    /// What the history is to keep beside it.
    pub note: Option<String>,
    /// The password for that is asked for on the terminal.
    ask_password: bool,
}

impl Order {
    /// To have an earlier version back.
    pub(super) fn restoring(version: Version, matches: &ArgMatches) -> Order {
        Order { restored: Some(version), ..Order::new(vec![], matches) }
    }

    pub(super) fn new(assignments: Vec<Assignment>, matches: &ArgMatches) -> Order {
        let flag = |name| matches.try_get_one(name).ok().flatten().copied().unwrap_or_default();
        Order {
            assignments,
            restored: None,
            is_typed: false,
            dry_run: flag("dry-run"),
            check: flag("check"),
            note: matches.try_get_one::<String>("note").ok().flatten().cloned(),
            ask_password: password::is_asked(matches),
        }
    }
}

fn set(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let pairs = matches.get_many::<String>("pair").unwrap_or_default();
    let split = |pair: &String| {
        let no_pair = || say!(settings.lang, "“{}” não é CHAVE=VALOR.", "“{}” is not KEY=VALUE.", Safe::outside(pair));
        let (key, value) = pair.split_once('=').ok_or_else(|| usage::wrong(no_pair()))?;
        Ok((key.to_owned(), Some(value.to_owned())))
    };
    let mut written = pairs.map(split).collect::<Result<Vec<_>, _>>()?;
    written.extend(matches.get_many::<String>("unset").unwrap_or_default().map(|key| (key.clone(), None)));
    assign(settings, written, matches)
}

fn unset(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let keys = matches.get_many::<String>("key").unwrap_or_default();
    assign(settings, keys.map(|key| (key.clone(), None)).collect(), matches)
}

fn assign(
    settings: &Settings,
    written: Vec<(String, Option<String>)>,
    matches: &ArgMatches,
) -> Result<Answer, Problem> {
    let session = settings.session()?;
    let assignments = assignments(session.catalog(), &written, settings.lang)?;
    carry_out(settings, session, &Order { is_typed: true, ..Order::new(assignments, matches) })
}

/// Sets and saves; in a dry run, only says what would change.
pub(super) fn carry_out(settings: &Settings, session: Session, order: &Order) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let before = session.findings();
    let note = given_note(order.note.as_deref(), lang)?;
    let mut session = session.signed(Arc::new(Saver { note, ..settings.saver() }));
    if let Some(version) = &order.restored {
        session.restore(version).map_err(|error| error.problem(lang))?;
    }
    for (key, value) in &order.assignments {
        session.set(key, value.clone());
    }
    let (mut warnings, mut notes) = (vec![], vec![]);
    // Invalid values cannot be tested; `validate` below says what is wrong with them.
    let mut report = None;
    if order.check && session.is_valid() {
        // No server is asked about what could not be saved.
        session.rehearse().map_err(|error| error.problem(lang))?;
        let options = password::options(settings, order.ask_password)?;
        report = Some(check::tested(settings, &session, &session.requests(), &options));
        warnings.extend(check::warnings(&options, lang));
    }
    if let Some(report) = report.as_ref().filter(|report| !report.ok()) {
        let path = Safe::path(session.document().path());
        let outcome =
            say!(lang, "Um teste falhou; nada foi gravado em {}.", "A test failed; nothing was saved in {}.", path);
        notes.push(outcome.into());
        let lines = || check::lines(report, settings, session.catalog());
        let answer = settings.answer(lines, || json(&session, &[], order.dry_run, Some(report), lang));
        return Ok(Answer { warnings, notes, code: 1, ..answer });
    }
    if let Some(report) = &report {
        notes.extend(check::lines(report, settings, session.catalog()));
    }
    warnings.extend(validate(settings, &session, &before, order)?);

    let (changes, unknown) = (session.changes(), session.unknown_changes());
    let json = || {
        let mut json = json(&session, &changes, order.dry_run, report.as_ref(), lang);
        if order.restored.is_some() {
            json["changed"] = (!(changes.is_empty() && unknown.is_empty())).into();
            json["unknown"] = diff::unknown_json(&unknown);
        }
        json
    };
    let mut answer = settings.answer(|| diff::lines(&changes, &unknown, session.catalog(), lang), json);
    let path = Safe::path(session.document().path());
    let mut done = false;
    let outcome = match (changes.is_empty() && unknown.is_empty(), order.dry_run) {
        (true, _) => say!(lang, "Nada a alterar em {}", "Nothing to change in {}", path),
        (false, true) => {
            session.rehearse().map_err(|error| error.problem(lang))?;
            let missing = session.document().location().missing_folders();
            warnings.extend(missing.iter().map(|folder| {
                say!(lang, "Pasta que seria criada: {}", "Folder that would be created: {}", Safe::path(folder))
            }));
            nothing_written(lang)
        }
        (false, false) => {
            let kind = order.restored.as_ref().map_or(Kind::Saved, |version| Kind::Restored(version.number));
            let saved = session.save_version(kind, &[]).map_err(|error| error.problem(lang))?;
            let told = saved.notes(lang);
            if let Some(doubt) = saved.doubt(lang) {
                return Err(told.into_iter().fold(doubt, Problem::because));
            }
            warnings.extend(told);
            if let Output::Json(json) = &mut answer.output {
                json["version"] = saved.version.into();
            }
            done = true;
            say!(lang, "Gravado em {}", "Saved in {}", path)
        }
    };
    notes.push(outcome.into());
    warnings.extend(unknown_keys(&session, lang));
    Ok(Answer { warnings, notes, done, ..answer })
}

/// That it was a rehearsal.
pub(super) fn nothing_written(lang: Lang) -> Safe {
    say!(lang, "Nada foi gravado (--dry-run).", "Nothing was saved (--dry-run).")
}

fn json(session: &Session, changes: &[Change], dry_run: bool, report: Option<&Report>, lang: Lang) -> Value {
    let mut json = json!({
        "changed": !changes.is_empty(),
        "dry_run": dry_run,
        // The number of the version that it made, for `rollback`.
        "version": Value::Null,
        "path": session.document().path().to_string_lossy(),
        "changes": diff::json(changes),
        "effects": summary::effects(session.catalog(), changes, lang).into_iter().map(|(effect, keys)| {
            json!({ "effect": effect.as_str(), "keys": keys.iter().map(|key| key.as_str()).collect::<Vec<_>>() })
        }).collect::<Vec<_>>(),
    });
    if let Some(report) = report {
        json["check"] = report.json(session.catalog(), lang);
    }
    json
}

/// Reads the values by their parameters' types. Reports all unknown names, not only the first.
fn assignments(
    catalog: &Catalog,
    written: &[(String, Option<String>)],
    lang: Lang,
) -> Result<Vec<Assignment>, Problem> {
    let mut assignments: Vec<Assignment> = vec![];
    let mut unknown = vec![];
    for (key, value) in written {
        match arguments::parameter(catalog, key, lang) {
            Err(problem) => unknown.push(problem),
            Ok(parameter) if assignments.iter().any(|(key, _)| *key == parameter.key) => {
                let key = Safe::outside(key);
                return Err(usage::wrong(say!(lang, "{} foi informado duas vezes.", "{} is given twice.", key)));
            }
            Ok(parameter) => {
                assignments.push((parameter.key.clone(), value.as_deref().map(|text| parameter.kind.argument(text))));
            }
        }
    }
    if unknown.is_empty() { Ok(assignments) } else { Err(together(unknown, lang)) }
}

/// Warnings about the assignments, or the problem why nothing is written.
///
/// An error that an assignment brought, at its own parameter or at another, exits with 5; one that was in the document
/// before, at a parameter that no assignment touches, with 3.
fn validate(settings: &Settings, session: &Session, before: &[Finding], order: &Order) -> Result<Vec<Safe>, Problem> {
    let lang = settings.lang;
    let wanted: Vec<Key> = order.assignments.iter().map(|(key, _)| key.clone()).collect();
    let findings = session.findings();
    // A version is wanted as it was, so whatever is wrong with it is its own.
    let is_set =
        |finding: &Finding| order.restored.is_some() || order.assignments.iter().any(|(key, _)| *key == finding.key);
    let (errors, warnings): (Vec<_>, Vec<_>) = findings.iter().partition(|finding| finding.level() == Level::Error);
    let (new, old): (Vec<_>, Vec<_>) =
        errors.into_iter().partition(|finding| is_set(finding) || !before.contains(finding));
    if !new.is_empty() {
        let rejected = new.iter().map(|finding| {
            let finding = &of_last_given(session, finding, &wanted);
            let sentence = match is_set(finding) && order.is_typed {
                true => finding.sentence_as_typed(lang),
                false => finding.sentence(lang),
            };
            Problem::new(problem::Kind::Value, finding.code(), sentence).about(&finding.key)
        });
        let mut problem = together(rejected.collect(), lang);
        // What mends a version would not be that version.
        if order.restored.is_none() {
            problem.hints.extend(invalid::mending(settings, session, &wanted));
        }
        return Err(problem);
    }
    match old.first() {
        Some(finding) => Err(invalid::problem(settings, session, finding, &wanted)),
        None => {
            let warnings = warnings.into_iter().filter(|finding| is_set(finding));
            Ok(warnings.map(|finding| finding.sentence(lang)).collect())
        }
    }
}

/// Of two values that must differ, the fault is told of the one that was given last.
fn of_last_given(session: &Session, finding: &Finding, given: &[Key]) -> Finding {
    let at = |key: &Key| given.iter().position(|given| given == key);
    let is_other = finding.fault.other.as_ref().is_some_and(|other| at(other) > at(&finding.key));
    let mirrored = is_other.then(|| finding.mirrored(session.catalog(), &|parameter| session.value(parameter)));
    mirrored.flatten().filter(|it| it.code() == finding.code()).unwrap_or_else(|| finding.clone())
}

/// Several reasons to refuse as one problem; one reason stays itself.
pub(super) fn together(mut problems: Vec<Problem>, lang: Lang) -> Problem {
    if problems.len() == 1
        && let Some(only) = problems.pop()
    {
        return only;
    }
    let count = problems.len();
    let message = say!(lang, "{} valores inválidos; nada foi gravado.", "{} invalid values; nothing was saved.", count);
    let code = problems.first().map_or("rejected", |first| first.code);
    let mut whole = Problem::new(problem::Kind::Value, code, message);
    whole.meant = match problems.iter().all(|problem| !problem.meant.is_empty()) {
        true => problems.iter().flat_map(|problem| problem.meant.clone()).collect(),
        false => vec![],
    };
    whole.key = problems.first().and_then(|first| first.key.clone());
    for problem in problems {
        whole.causes.push(problem.message);
        whole.hints.extend(problem.hints);
    }
    whole
}
