//! `history` and `history show N`: the versions of the document that were saved, and one of them as it was.
//!
//! Works where the document itself cannot be read: that is when an earlier version is needed most.

use std::sync::Arc;

use clap::{Arg, ArgMatches, value_parser};
use serde_json::{Map, Value, json};

use super::list::fields;
use super::{Answer, Entry, Output, Settings, arguments};
use crate::catalog::Catalog;
use crate::document::diff::Difference;
use crate::document::history::{Damaged, Entry as Version, History, Kind, Listing};
use crate::document::identity::Identity;
use crate::lang::Lang;
use crate::present::version;
use crate::problem::{self, Problem};
use crate::say;
use crate::text::line::{Line, Tone};

pub(super) const COMMAND: Entry = Entry {
    name: "history",
    about: ("Lista as versões gravadas do arquivo", "Lists the file's saved versions"),
    takes: |_| vec![],
    more: Some((PT, EN)),
    run: Some(list),
};

pub(super) const SHOW: Entry = Entry {
    name: "history show",
    about: ("Mostra o arquivo de uma versão", "Prints the file of a version"),
    takes: |lang| vec![number(lang).required(true)],
    more: Some((PT_OF_SHOW, EN_OF_SHOW)),
    run: Some(show),
};

const PT: &str = "\
Exemplo:
  balcao-config history
  balcao-config history show 3

Códigos de saída:
  0  as versões foram mostradas
  2  erro na linha de comando
  3  o histórico não pode ser lido";

const EN: &str = "\
Example:
  balcao-config history
  balcao-config history show 3

Exit codes:
  0  the versions were shown
  2  a mistake on the command line
  3  the history cannot be read";

const PT_OF_SHOW: &str = "\
Exemplo:
  balcao-config history show 3

Códigos de saída:
  0  a versão foi mostrada
  2  erro na linha de comando, ou não há essa versão
  3  a versão não pode ser lida";

const EN_OF_SHOW: &str = "\
Example:
  balcao-config history show 3

Exit codes:
  0  the version was shown
  2  a mistake on the command line, or no such version
  3  the version cannot be read";

/// The argument that names a version.
pub(super) fn number(lang: Lang) -> Arg {
    arguments::positional(lang, "number", "N", "Número de uma versão", "Number of a version")
        .value_parser(value_parser!(u64))
}

fn list(settings: &Settings, _: &ArgMatches) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let history = History::of(settings.location()?);
    let listing = history.each(|version| version.map(Version::without_text));
    let Listing { versions, unread } = listing.map_err(|error| history.problem(&error, lang))?;
    let damaged = versions.iter().filter_map(|version| version.as_ref().err()).map(|version| version.message(lang));
    let warnings = damaged.chain(version::unread(unread, lang)).collect();
    let mut notes: Vec<Line> = vec![];
    if versions.is_empty() && unread == 0 {
        notes.push(version::none(lang).into());
    }
    let json = |version: &Result<Version, Damaged>| match version {
        Ok(version) => Value::Object(described(version)),
        Err(damaged) => {
            json!({ "number": damaged.number, "damaged": true, "reason": damaged.message(lang).as_str() })
        }
    };
    let answer = settings.answer(|| told(settings, &versions), || versions.iter().map(json).collect());
    Ok(Answer { warnings, notes, ..answer })
}

fn show(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let version = version(settings, matches.get_one("number").copied().unwrap_or_default())?;
    let output = if settings.printer.json {
        let mut json = described(&version);
        // Never fails: every recorded version was read as a document.
        let document = crate::json::read(&version.text).map(|top| top.json(&version.text)).unwrap_or_default();
        json.insert("document".to_owned(), document.into());
        Output::Json(json.into())
    } else {
        Output::Text(version.text)
    };
    Ok(Answer { output, ..Answer::default() })
}

/// The version of that number; the problem otherwise names the numbers there are.
pub(super) fn version(settings: &Settings, number: u64) -> Result<Version, Problem> {
    let lang = settings.lang;
    let history = History::of(settings.location()?);
    let unread = |error| history.problem(&error, lang);
    if let Some(version) = history.entry(number).map_err(unread)? {
        return version.map_err(|damaged| damaged.problem(lang));
    }
    let message = say!(lang, "Não existe a versão {}.", "There is no version {}.", number);
    let numbers = history.numbers().map_err(unread)?;
    let hint = match (numbers.first(), numbers.last()) {
        (Some(first), Some(last)) => say!(
            lang,
            "Há as versões {} a {}: balcao-config history",
            "Versions {} to {} exist: balcao-config history",
            *first,
            *last
        ),
        _ => version::none(lang),
    };
    Err(Problem::new(problem::Kind::Value, "unknown_version", message).hint(hint))
}

/// One version for programs, without its document.
fn described(version: &Version) -> Map<String, Value> {
    let (kind, restored) = match version.kind {
        Kind::Saved => ("saved", None),
        Kind::EditedOutside => ("edited_outside", None),
        Kind::Restored(number) => ("restored", Some(number)),
    };
    let change = |it: &Difference| json!({ "key": it.name, "from": it.from, "to": it.to });
    let mut described = fields([
        ("number", json!(version.number)),
        ("time", json!(version.time.to_string())),
        ("kind", json!(kind)),
        ("restored", json!(restored)),
    ]);
    described.extend(identity(&version.who));
    described.insert("note".to_owned(), json!(version.note));
    let changes = version.changes.as_ref().map(|changes| changes.iter().map(change).collect());
    described.insert("changes".to_owned(), changes.unwrap_or_default());
    described
}

/// A person, for programs.
pub(super) fn identity(who: &Identity) -> Map<String, Value> {
    fields([
        ("user", json!(who.user)),
        ("login_user", json!(who.login_user)),
        ("sudo_user", json!(who.sudo_user)),
        ("ssh_client", json!(who.ssh_client)),
    ])
}

/// Each version by its changes, as whoever sees the form knows them.
fn told(settings: &Settings, versions: &[Result<Version, Damaged>]) -> Vec<Line> {
    if versions.is_empty() {
        return vec![];
    }
    let (wall, lang) = (settings.wall(), settings.lang);
    // Versions are needed most where something is broken: a catalog, too.
    let catalog = settings.catalog().unwrap_or_else(|_| Arc::new(Catalog::built_in()));
    let told = versions.iter().flatten().flat_map(|it| version::listed(it, &catalog, &wall, lang));
    std::iter::once(Line::of(Tone::Faint, version::history(&wall, lang))).chain(told).collect()
}
