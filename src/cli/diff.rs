//! `diff`: which values differ: from their defaults, from those of another document, or between two.
//!
//! Values in force are compared: a default that is written out equals one that is not. Of keys that the catalog does not
//! know, what the documents say.

use std::path::{Path, PathBuf};

use clap::{ArgMatches, value_parser};
use serde_json::{Value, json};

use super::{Answer, Entry, Settings, arguments, history, validate};
use crate::catalog::Catalog;
use crate::document::Document;
use crate::document::diff::{self, Difference};
use crate::lang::Lang;
use crate::present::change;
use crate::problem::Problem;
use crate::session::Change;
use crate::text::line::Line;

pub(super) const COMMAND: Entry = Entry {
    name: "diff",
    about: ("Compara valores (código 1 se houver diferença)", "Compares values (exit code 1 if they differ)"),
    takes: |lang| {
        let files = arguments::file(
            lang,
            "Sem arquivo: padrão × atual; um: ele × atual; dois: o 1º × o 2º",
            "None: defaults × current; one: it × current; two: 1st × 2nd",
        );
        let version = ("Compara com a versão N do histórico", "Compares with version N of the history");
        let version = arguments::option(lang, "history", "N", version.0, version.1);
        vec![files.num_args(0..=2), version.value_parser(value_parser!(u64)).conflicts_with("file")]
    },
    more: Some((PT, EN)),
    run: Some(run),
};

const PT: &str = "\
Exemplo:
  balcao-config diff
  balcao-config diff --history 3
  balcao-config diff antes.json depois.json

Códigos de saída:
  0  nada difere
  1  há diferenças
  2  erro na linha de comando
  3  um dos arquivos não pode ser lido";

const EN: &str = "\
Example:
  balcao-config diff
  balcao-config diff --history 3
  balcao-config diff antes.json depois.json

Exit codes:
  0  nothing differs
  1  there are differences
  2  a mistake on the command line
  3  one of the files cannot be read";

fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let catalog = settings.catalog()?;
    let named = matches.get_many::<PathBuf>("file").unwrap_or_default();
    let mut files = named.map(|file| validate::given(file, &catalog, lang)).collect::<Result<Vec<_>, _>>()?;
    if let Some(number) = matches.get_one::<u64>("history") {
        let version = history::version(settings, *number)?;
        files.push(version.document(&catalog).map_err(|error| error.problem(lang))?);
    }
    let second = match files.len() {
        2 => files.pop(),
        _ => Some(Document::at(settings.location()?, &catalog).map_err(|error| error.problem(lang))?),
    };
    let changes = changes(&catalog, files.first(), second.as_ref());
    let nothing = Document::missing(Path::new(""));
    let unknown =
        diff::unknown_differences(files.first().unwrap_or(&nothing), second.as_ref().unwrap_or(&nothing), &catalog);
    let changed = !(changes.is_empty() && unknown.is_empty());
    let answer = settings.answer(
        || lines(&changes, &unknown, &catalog, lang),
        || json!({ "changed": changed, "changes": json(&changes), "unknown": unknown_json(&unknown) }),
    );
    Ok(Answer { code: u8::from(changed), ..answer })
}

/// The parameters, then the keys that the catalog does not know.
pub(super) fn lines(changes: &[Change], unknown: &[Difference], catalog: &Catalog, lang: Lang) -> Vec<Line> {
    let known = changes.iter().map(|it| change::line(catalog, it, lang));
    known.chain(unknown.iter().map(|it| change::unknown(it, lang))).collect()
}

/// `None` stands for the defaults.
fn changes(catalog: &Catalog, from: Option<&Document>, to: Option<&Document>) -> Vec<Change> {
    let pairs = catalog.parameters().iter().map(|parameter| {
        let value = |side: Option<&Document>| {
            side.and_then(|document| document.value(&parameter.key)).unwrap_or_else(|| parameter.default.clone())
        };
        Change { key: parameter.key.clone(), from: value(from), to: value(to) }
    });
    pairs.filter(|change| change.from != change.to).collect()
}

/// What a document does not have is `null`.
pub(super) fn unknown_json(unknown: &[Difference]) -> Value {
    unknown.iter().map(|it| json!({ "key": it.name, "from": it.from, "to": it.to })).collect()
}

pub(super) fn json(changes: &[Change]) -> Value {
    changes.iter().map(|it| json!({ "key": it.key.as_str(), "from": it.from, "to": it.to })).collect()
}
