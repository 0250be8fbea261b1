//! `set KEY=VALUE…` and `unset KEY…`: all or nothing.

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};

use super::print::Answer;
use super::{Settings, arguments, change_json, check, get, parameter, usage};
use crate::catalog::{Catalog, Finding, Level};
use crate::document::history;
use crate::key::Key;
use crate::lang::Lang;
use crate::present::change;
use crate::present::problem::warning;
use crate::problem::{Kind, Problem};
use crate::safe::Safe;
use crate::say;
use crate::session::Session;
use crate::text::line::Line;

/// One wish: a parameter and its new value, or `None` for its default.
pub(super) type Wish = (Key, Option<Value>);

pub(super) fn takes(command: Command, lang: Lang) -> Command {
    let help = lang.pick(
        "Um parâmetro e seu novo valor; booleanos: true, false, sim, não",
        "A parameter and its new value; booleans: true, false, yes, no",
    );
    let pair = arguments::positional(lang, "pair", lang.pick("CHAVE=VALOR", "KEY=VALUE"), help);
    command
        .about(lang.pick("Muda valores: todos, ou nenhum", "Changes values: all of them, or none"))
        .override_usage(lang.pick(
            "balcao-config set CHAVE=VALOR… [--dry-run] [--check] [--json]",
            "balcao-config set KEY=VALUE… [--dry-run] [--check] [--json]",
        ))
        .arg(pair.required(true).num_args(1..).action(ArgAction::Append))
        .arg(dry_run(lang))
        .arg(check(lang))
}

pub(super) fn unset_takes(command: Command, lang: Lang) -> Command {
    command
        .about(lang.pick("Volta parâmetros ao padrão", "Puts parameters back to their defaults"))
        .override_usage(
            lang.pick(
                "balcao-config unset CHAVE… [--dry-run] [--json]",
                "balcao-config unset KEY… [--dry-run] [--json]",
            ),
        )
        .arg(arguments::key(lang).num_args(1..).action(ArgAction::Append))
        .arg(dry_run(lang))
}

/// The option that writes nothing.
pub(super) fn dry_run(lang: Lang) -> Arg {
    arguments::flag("dry-run", lang.pick("Mostra o que mudaria e não grava", "Shows what would change, writes nothing"))
}

pub(super) fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let pairs = matches.get_many::<String>("pair").unwrap_or_default();
    let split = |pair: &String| {
        let (key, value) = pair.split_once('=').ok_or_else(|| no_pair(pair, settings.lang))?;
        Ok((key.to_owned(), Some(value.to_owned())))
    };
    let written: Vec<_> = pairs.map(split).collect::<Result<_, _>>()?;
    let make = if matches.get_flag("check") { make_tested } else { make };
    let session = settings.session()?;
    let wishes = wishes(session.catalog(), &written, settings.lang)?;
    make(settings, session, &wishes, matches.get_flag("dry-run"), history::Kind::Saved)
}

pub(super) fn unset_run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let keys = matches.get_many::<String>("key").unwrap_or_default();
    let written: Vec<_> = keys.map(|key| (key.clone(), None)).collect();
    let session = settings.session()?;
    let wishes = wishes(session.catalog(), &written, settings.lang)?;
    make(settings, session, &wishes, matches.get_flag("dry-run"), history::Kind::Saved)
}

/// Makes the wishes come true as a version of that kind, or, in a dry run, only tells what they would change.
pub(super) fn make(
    settings: &Settings,
    session: Session,
    wishes: &[Wish],
    dry_run: bool,
    kind: history::Kind,
) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let before = session.findings();
    let mut session = session.signed(settings.saver());
    for (key, value) in wishes {
        session.set(key, value.clone());
    }
    let warnings = validate(settings, &session, &before, wishes)?;

    let changes = session.changes();
    let changed = !changes.is_empty();
    let path = Safe::path(session.document().path());
    let json = json!({
        "changed": changed,
        "dry_run": dry_run,
        "path": session.document().path().to_string_lossy(),
        "changes": changes.iter().map(change_json).collect::<Vec<_>>(),
    });
    let mut remarks = vec![];
    if changed && !dry_run {
        let saved = session.save_version(kind, &[]).map_err(|error| error.problem(lang))?;
        if let Some(doubt) = saved.doubt(lang) {
            return Err(doubt);
        }
        remarks = saved.notes(lang);
    }
    let outcome = match (changed, dry_run) {
        (false, _) => say!(lang, "nada a mudar em {}", "nothing to change in {}", path),
        (true, true) => say!(lang, "nada foi gravado (--dry-run)", "nothing was written (--dry-run)"),
        (true, false) => say!(lang, "gravado em {}", "saved in {}", path),
    };
    let mut notes: Vec<Line> = warnings.into_iter().map(|sentence| warning(sentence, lang)).collect();
    notes.extend(remarks.into_iter().map(Line::from));
    notes.push(outcome.into());
    let lines = changes.iter().map(|change| change::line(session.catalog(), change, lang)).collect();
    Ok(Answer { lines, notes, json, ..Answer::default() })
}

/// The option that tests before anything is written.
pub(super) fn check(lang: Lang) -> Arg {
    let help = lang.pick(
        "Testa antes os valores que resultam; se um teste falha, não grava",
        "Tests the resulting values first; where a test fails, writes nothing",
    );
    arguments::flag("check", help)
}

/// As [`make`], after what the resulting values point at has been tested: a fail writes nothing, and the answer is no.
pub(super) fn make_tested(
    settings: &Settings,
    session: Session,
    wishes: &[Wish],
    dry_run: bool,
    kind: history::Kind,
) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let mut changed = session.clone();
    for (key, value) in wishes {
        changed.set(key, value.clone());
    }
    if !changed.is_valid() {
        // Nothing to test: what is wrong with the values is told.
        return make(settings, session, wishes, dry_run, kind);
    }
    let options = settings.check_options()?;
    let report = check::tested(settings, &changed, &changed.requests(), &options);
    let (told, json) = (check::lines(&report, settings, changed.catalog()), report.json(changed.catalog(), lang));
    let warnings = check::warnings(&options, lang);
    if report.ok() {
        let mut answer = make(settings, session, wishes, dry_run, kind)?;
        answer.json["check"] = json;
        answer.notes.splice(0..0, warnings.into_iter().chain(told));
        return Ok(answer);
    }
    let path = session.document().path();
    let outcome = say!(
        lang,
        "um teste falhou: nada foi gravado em {}",
        "a check failed: nothing was written to {}",
        Safe::path(path)
    );
    Ok(Answer {
        lines: told,
        notes: warnings.into_iter().chain([outcome.into()]).collect(),
        json: json!({
            "changed": false,
            "dry_run": dry_run,
            "path": path.to_string_lossy(),
            "changes": [],
            "check": json,
        }),
        code: 1,
        ..Answer::default()
    })
}

/// Reads the values by their parameters' types. All unknown names are told, not only the first.
fn wishes(catalog: &Catalog, written: &[(String, Option<String>)], lang: Lang) -> Result<Vec<Wish>, Problem> {
    let mut wishes: Vec<Wish> = vec![];
    let mut unknown = vec![];
    for (key, value) in written {
        match parameter(catalog, key, lang) {
            Err(problem) => unknown.push(problem),
            Ok(parameter) if wishes.iter().any(|(key, _)| *key == parameter.key) => {
                let key = Safe::outside(key);
                return Err(usage::wrong(say!(lang, "{} aparece duas vezes", "{} is there twice", key)));
            }
            Ok(parameter) => {
                wishes.push((parameter.key.clone(), value.as_deref().map(|text| parameter.kind.argument(text))));
            }
        }
    }
    if unknown.is_empty() { Ok(wishes) } else { Err(together(unknown, lang)) }
}

/// What the values in force say to the wishes: warnings about them, or why nothing is written.
///
/// An error that a wish brought (by its own value, or by what it now is to another parameter) is the command's: 5.
/// One that was in the document before, and that no wish touches, is the document's: 3.
fn validate(settings: &Settings, session: &Session, before: &[Finding], wishes: &[Wish]) -> Result<Vec<Safe>, Problem> {
    let lang = settings.lang;
    let findings = session.findings();
    let is_wished = |finding: &Finding| wishes.iter().any(|(key, _)| *key == finding.key);
    let (errors, warnings): (Vec<_>, Vec<_>) = findings.iter().partition(|finding| finding.level() == Level::Error);
    let (brought, old): (Vec<_>, Vec<_>) =
        errors.into_iter().partition(|finding| is_wished(finding) || !before.contains(finding));
    if !brought.is_empty() {
        let rejected = brought.iter().map(|finding| {
            let sentence = finding.sentence(lang);
            Problem::new(Kind::Value, finding.code(), sentence).about(&finding.key)
        });
        return Err(together(rejected.collect(), lang));
    }
    match old.first() {
        Some(finding) => Err(get::invalid(settings, session, finding)),
        None => Ok(warnings
            .into_iter()
            .filter(|finding| is_wished(finding))
            .map(|finding| finding.sentence(lang))
            .collect()),
    }
}

/// Several reasons to refuse as one problem; one reason stays itself.
pub(super) fn together(mut problems: Vec<Problem>, lang: Lang) -> Problem {
    if problems.len() == 1
        && let Some(only) = problems.pop()
    {
        return only;
    }
    let count = problems.len();
    let message = say!(lang, "{} itens recusados; nada foi gravado", "{} items refused; nothing was written", count);
    let code = problems.first().map_or("rejected", |first| first.code);
    let mut whole = Problem::new(Kind::Value, code, message);
    whole.key = problems.first().and_then(|first| first.key.clone());
    for problem in problems {
        whole.causes.push(problem.message);
        whole.hints.extend(problem.hints);
    }
    whole
}

fn no_pair(pair: &str, lang: Lang) -> Problem {
    let pair = Safe::outside(pair);
    usage::wrong(say!(lang, "“{}” não é CHAVE=VALOR", "“{}” is not KEY=VALUE", pair))
}
