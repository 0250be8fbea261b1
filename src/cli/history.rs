//! `history` and `history show N`: the versions of the document that were saved, and one of them as it was.
//!
//! Looks only. It works where the document itself cannot be read: that is when an earlier version is wanted most.

use clap::{Arg, ArgMatches, Command, value_parser};
use serde_json::{Map, Value, json};

use super::print::Answer;
use super::{Settings, arguments};
use crate::document;
use crate::document::diff::Difference;
use crate::document::history::{Damaged, Entry, History, Kind};
use crate::lang::Lang;
use crate::present::problem::warning;
use crate::present::version;
use crate::problem::{self, Problem};
use crate::safe::Safe;
use crate::text::line::{Line, columns};
use crate::{safe, say};

pub(super) fn takes(command: Command, lang: Lang) -> Command {
    let show = arguments::dressed(Command::new("show"), lang)
        .about(lang.pick("Mostra o documento como era numa versão", "Prints the document as it was in a version"))
        .override_usage("balcao-config history show N [--json]")
        .arg(number(lang).required(true));
    command
        .about(lang.pick("Lista as versões gravadas do documento", "Lists the document's saved versions"))
        .override_usage("balcao-config history [--json]\n     balcao-config history show N [--json]")
        .subcommand_help_heading(lang.pick("Comandos", "Commands"))
        .disable_help_subcommand(true)
        .subcommand(show)
}

/// The argument that names a version.
pub(super) fn number(lang: Lang) -> Arg {
    arguments::positional(lang, "number", "N", lang.pick("O número de uma versão", "The number of a version"))
        .value_parser(value_parser!(u64))
}

pub(super) fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    match matches.subcommand() {
        Some((_, matches)) => show(settings, matches.get_one("number").copied().unwrap_or_default()),
        None => list(settings),
    }
}

fn list(settings: &Settings) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let (_, versions) = versions(settings)?;
    let mut notes: Vec<Line> =
        versions.iter().filter_map(|version| version.as_ref().err()).map(|it| warning(it.words(lang), lang)).collect();
    if versions.is_empty() {
        notes.push(say!(lang, "nenhuma versão foi gravada ainda", "no version has been saved yet").into());
    }
    let entries: Vec<&Entry> = versions.iter().flatten().collect();
    let json = versions.iter().map(|version| match version {
        Ok(entry) => Value::Object(fields(entry)),
        Err(damaged) => {
            json!({ "number": damaged.number, "damaged": true, "reason": damaged.words(lang).as_str() })
        }
    });
    Ok(Answer { lines: table(&entries, lang), notes, json: json.collect(), ..Answer::default() })
}

fn show(settings: &Settings, number: u64) -> Result<Answer, Problem> {
    let entry = version(settings, number)?;
    let mut json = fields(&entry);
    // Never an error: what is recorded was read as a document.
    json.insert("document".to_owned(), serde_json::from_str(&entry.text).unwrap_or_default());
    Ok(Answer { text: Some(entry.text), json: json.into(), ..Answer::default() })
}

/// All versions, and the history they are of.
pub(super) fn versions(settings: &Settings) -> Result<(History, Vec<Result<Entry, Damaged>>), Problem> {
    let place = &settings.place()?.path;
    let path = document::resolved(place).unwrap_or_else(|_| place.clone());
    let history = History::of(&path);
    let versions = history.list().map_err(|error| history.problem(&error, settings.lang))?;
    Ok((history, versions))
}

/// The version of that number, or the problem that there is none, with those there are.
pub(super) fn version(settings: &Settings, number: u64) -> Result<Entry, Problem> {
    let lang = settings.lang;
    let (_, mut versions) = versions(settings)?;
    let number_of = |version: &Result<Entry, Damaged>| match version {
        Ok(entry) => entry.number,
        Err(damaged) => damaged.number,
    };
    if let Some(at) = versions.iter().position(|version| number_of(version) == number) {
        return versions.swap_remove(at).map_err(|damaged| damaged.problem(lang));
    }
    let message = say!(lang, "não existe a versão {}", "there is no version {}", number);
    let hint = match (versions.first(), versions.last()) {
        (Some(first), Some(last)) => say!(
            lang,
            "Existem as versões de {} a {}; veja-as: balcao-config history",
            "There are the versions from {} to {}; see them: balcao-config history",
            number_of(first),
            number_of(last)
        ),
        _ => say!(lang, "Nenhuma versão foi gravada ainda.", "No version has been saved yet."),
    };
    Err(Problem::new(problem::Kind::Value, "unknown_version", message).hint(hint))
}

/// One version for programs, without its document.
fn fields(entry: &Entry) -> Map<String, Value> {
    let (kind, restored) = match entry.kind {
        Kind::Saved => ("saved", None),
        Kind::EditedOutside => ("edited_outside", None),
        Kind::Restored(number) => ("restored", Some(number)),
    };
    let change = |it: &Difference| json!({ "key": it.name, "from": it.from, "to": it.to });
    let fields = [
        ("number", json!(entry.number)),
        ("time", json!(entry.time.to_string())),
        ("kind", json!(kind)),
        ("restored", json!(restored)),
        ("user", json!(entry.who.user)),
        ("sudo_user", json!(entry.who.sudo_user)),
        ("ssh_client", json!(entry.who.ssh_client)),
        ("changes", entry.changes.iter().map(change).collect()),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn table(entries: &[&Entry], lang: Lang) -> Vec<Line> {
    let cells = |entry: &&Entry| {
        let names: Vec<Safe> = entry.changes.iter().map(|change| Safe::outside(&change.name)).collect();
        let who = match entry.kind {
            // Nobody knows who, and the time is when it was found.
            Kind::EditedOutside => Safe::own("-"),
            _ => entry.who.words(lang),
        };
        let time = Safe::outside(&entry.time.to_string());
        [safe!("{}", entry.number), time, version::kind(entry.kind, lang), who, Safe::join(&names, ", ")]
    };
    columns(&entries.iter().map(cells).collect::<Vec<_>>())
}
