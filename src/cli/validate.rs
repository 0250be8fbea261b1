//! `validate [FILE]`: everything that is wrong with a document, with line and column.

use std::path::{Path, PathBuf};

use clap::ArgMatches;
use serde_json::{Value, json};

use super::{Answer, Entry, Settings, arguments};
use crate::catalog::{Catalog, Level};
use crate::document::read::Reason;
use crate::document::validate::{Unknown, validate};
use crate::document::{Document, argument};
use crate::key::Key;
use crate::lang::Lang;
use crate::present;
use crate::problem::{Kind, Problem};
use crate::safe::Safe;
use crate::session::Session;
use crate::sort;
use crate::text::line::Line;
use crate::{safe, say};

pub(super) const COMMAND: Entry = Entry {
    name: "validate",
    about: ("Mostra todos os erros do arquivo", "Shows all errors of the file"),
    takes: |lang| {
        vec![
            arguments::file(
                lang,
                "Outro arquivo (sem ele: o que está em uso)",
                "Another file (default: the current one)",
            ),
            arguments::flag(lang, "strict", "Avisos também contam como erros", "Warnings count as errors too"),
        ]
    },
    more: Some((PT, EN)),
    run: Some(run),
};

struct Remark {
    level: Level,
    code: &'static str,
    key: String,
    message: Safe,
    place: Option<(usize, usize)>,
}

const PT: &str = "\
Exemplo:
  balcao-config validate
  balcao-config validate --strict nova.json

Códigos de saída:
  0  válido (com --strict: também sem avisos)
  1  há erros (com --strict: ou avisos)
  2  erro na linha de comando
  3  o arquivo não pode ser lido";

const EN: &str = "\
Example:
  balcao-config validate
  balcao-config validate --strict nova.json

Exit codes:
  0  valid (with --strict: without warnings, too)
  1  there are errors (with --strict: or warnings)
  2  a mistake on the command line
  3  the file cannot be read";

fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let catalog = settings.catalog()?;
    let document = match matches.get_one::<PathBuf>("file") {
        Some(file) => given(file, &catalog, lang)?,
        None => Document::at(settings.location()?, &catalog).map_err(|error| error.problem(lang))?,
    };
    let mut remarks = remarks(&document, &catalog, lang);
    if matches.get_flag("strict") {
        remarks.iter_mut().for_each(|remark| remark.level = Level::Error);
    }
    let valid = remarks.iter().all(|remark| remark.level != Level::Error);
    let path = Safe::path(document.path());
    let answer = settings.answer(
        || match (remarks.is_empty(), document.exists()) {
            (false, _) => remarks.iter().map(|remark| line(remark, &path, lang)).collect(),
            (true, true) => vec![say!(lang, "{}: válido", "{}: valid", path).into()],
            (true, false) => {
                let defaults =
                    say!(lang, "{}: não existe; valem os valores padrão", "{}: does not exist; defaults apply", path);
                vec![defaults.into()]
            }
        },
        || {
            json!({
                "valid": valid,
                "path": document.path().to_string_lossy(),
                "findings": remarks.iter().map(remark_json).collect::<Vec<_>>(),
            })
        },
    );
    Ok(Answer { code: if valid { 0 } else { 1 }, ..answer })
}

/// A document that was named, and must therefore exist: a file, what comes through a pipe, or stdin (`-`).
pub(super) fn given(file: &Path, catalog: &Catalog, lang: Lang) -> Result<Document, Problem> {
    let read = match argument::document(file, catalog) {
        Ok(Some(document)) => Ok(document),
        Ok(None) => {
            let message = say!(lang, "{} não existe.", "{} does not exist.", Safe::path(file));
            return Err(Problem::new(Kind::Document, "missing", message).at(file, None));
        }
        Err(error) => Err(error),
    };
    read.map_err(|error| {
        let mut problem = error.problem(lang);
        // Nothing there can be mended, converted or put back.
        if !file.is_file() {
            problem.hints.clear();
        }
        // Whose link it is does not say who may change the document.
        if matches!(error.reason(), Reason::ForeignLink(_)) {
            problem.account = None;
        }
        problem
    })
}

/// What the document says in the place of this parameter, or of its group, in a way that the catalog does not know.
pub(super) fn in_place_of(session: &Session, key: &Key, lang: Lang) -> Vec<Safe> {
    let catalog = session.catalog();
    let unknown = session.document().unknown(catalog);
    let about = unknown.iter().take(LOOKED_AT).filter(|it| it.meant(catalog).is_some_and(|meant| meant.concerns(key)));
    about.take(SHOWN).map(|it| placed(it, catalog, lang)).collect()
}

/// More would hide what was asked for.
const SHOWN: usize = 3;

/// To find out what was meant takes time.
const LOOKED_AT: usize = 100;

fn placed(unknown: &Unknown, catalog: &Catalog, lang: Lang) -> Safe {
    say!(lang, "linha {}: {}", "line {}: {}", unknown.place.0, unknown.sentence(catalog, lang))
}

/// The keys of the document that the catalog does not know, each with its line; the first ones, where they are many.
pub(super) fn unknown(session: &Session, lang: Lang) -> Vec<Safe> {
    let catalog = session.catalog();
    let unknown = session.document().unknown(catalog);
    let mut told: Vec<Safe> = unknown.iter().take(SHOWN).map(|it| placed(it, catalog, lang)).collect();
    match unknown.len().saturating_sub(SHOWN) {
        0 => {}
        1 => told.push(say!(
            lang,
            "e mais 1 chave desconhecida; liste todas: balcao-config validate",
            "and 1 more unknown key; list all: balcao-config validate"
        )),
        more => told.push(say!(
            lang,
            "e mais {} chaves desconhecidas; liste todas: balcao-config validate",
            "and {} more unknown keys; list all: balcao-config validate",
            more
        )),
    }
    told
}

/// Ordered by their place in the file; those without one (rules broken by defaults) come last.
fn remarks(document: &Document, catalog: &Catalog, lang: Lang) -> Vec<Remark> {
    let found = validate(document, catalog);
    let known = found.known.iter().map(|(finding, place)| Remark {
        level: finding.level(),
        code: finding.code(),
        key: finding.key.as_str().to_owned(),
        message: finding.sentence(lang),
        place: *place,
    });
    let unknown = found.unknown.iter().map(|unknown| Remark {
        level: Level::Warning,
        code: "unknown_key",
        key: unknown.name.clone(),
        message: unknown.sentence(catalog, lang),
        place: Some(unknown.place),
    });
    let mut remarks: Vec<Remark> = known.chain(unknown).collect();
    sort::sort_by_key(&mut remarks, |remark| remark.place.unwrap_or((usize::MAX, 0)));
    remarks
}

fn line(remark: &Remark, path: &Safe, lang: Lang) -> Line {
    let place = match remark.place {
        Some((line, column)) => safe!("{}:{}:{}: ", path, line, column),
        None => safe!("{}: ", path),
    };
    let says = match remark.level {
        Level::Error => present::problem::error,
        Level::Warning => present::problem::warning,
    };
    Line::from(place).join(says(remark.message.clone(), lang))
}

fn remark_json(remark: &Remark) -> Value {
    json!({
        "level": if remark.level == Level::Error { "error" } else { "warning" },
        "code": remark.code,
        "key": remark.key,
        "message": remark.message.as_str(),
        "line": remark.place.map(|(line, _)| line),
        "column": remark.place.map(|(_, column)| column),
    })
}
