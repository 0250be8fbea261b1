//! `validate [FILE]`: everything that is wrong with a document, with line and column.

use std::path::{Path, PathBuf};

use clap::{ArgMatches, Command, value_parser};
use serde_json::{Value, json};

use super::print::Answer;
use super::{Settings, arguments};
use crate::catalog::{Catalog, Level};
use crate::document::Document;
use crate::document::validate::validate;
use crate::lang::Lang;
use crate::problem::{Kind, Problem};
use crate::safe::Safe;
use crate::text::line::{Line, Tone};
use crate::{safe, say};

pub(super) fn takes(command: Command, lang: Lang) -> Command {
    let file = arguments::positional(
        lang,
        "file",
        lang.pick("ARQUIVO", "FILE"),
        lang.pick("Outro documento que não o em uso", "Another document than the one in use"),
    );
    command
        .about(lang.pick("Diz tudo o que há de errado num documento", "Tells everything that is wrong with a document"))
        .override_usage(lang.pick(
            "balcao-config validate [ARQUIVO] [--strict] [--json]",
            "balcao-config validate [FILE] [--strict] [--json]",
        ))
        .arg(file.value_parser(value_parser!(PathBuf)))
        .arg(arguments::flag("strict", lang.pick("Avisos contam como erros", "Warnings count as errors")))
}

/// One thing that is wrong, ready to be said.
struct Remark {
    level: Level,
    code: &'static str,
    key: String,
    message: Safe,
    place: Option<(usize, usize)>,
}

pub(super) fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let catalog = settings.catalog()?;
    let document = match matches.get_one::<PathBuf>("file") {
        Some(file) => existing(file, &catalog, lang)?,
        None => Document::read(&settings.place()?.path, &catalog).map_err(|error| error.problem(lang))?,
    };
    let mut remarks = remarks(&document, &catalog, lang);
    if matches.get_flag("strict") {
        remarks.iter_mut().for_each(|remark| remark.level = Level::Error);
    }
    let valid = remarks.iter().all(|remark| remark.level != Level::Error);
    let path = Safe::path(document.path());
    let mut lines: Vec<Line> = remarks.iter().map(|remark| line(remark, &path, lang)).collect();
    if remarks.is_empty() {
        lines.push(Line::from(match document.exists() {
            true => say!(lang, "{}: válido", "{}: valid", path),
            false => say!(lang, "{}: não existe; valem os padrões", "{}: does not exist; the defaults hold", path),
        }));
    }
    let json = json!({
        "valid": valid,
        "path": document.path().to_string_lossy(),
        "findings": remarks.iter().map(remark_json).collect::<Vec<_>>(),
    });
    Ok(Answer { lines, json, code: if valid { 0 } else { 1 }, ..Answer::default() })
}

/// A document that somebody named, and that must therefore be there.
pub(super) fn existing(file: &Path, catalog: &Catalog, lang: Lang) -> Result<Document, Problem> {
    let document = Document::read(file, catalog).map_err(|error| error.problem(lang))?;
    if document.exists() {
        return Ok(document);
    }
    let message = say!(lang, "{} não existe", "{} does not exist", Safe::path(file));
    Err(Problem::new(Kind::Document, "missing", message).at(file, None))
}

/// All of them, by their place in the file; those without one (rules broken by defaults) come last.
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
    remarks.sort_by_key(|remark| remark.place.unwrap_or((usize::MAX, 0)));
    remarks
}

fn line(remark: &Remark, path: &Safe, lang: Lang) -> Line {
    let place = match remark.place {
        Some((line, column)) => safe!("{}:{}:{}: ", path, line, column),
        None => safe!("{}: ", path),
    };
    let (tone, level) = match remark.level {
        Level::Error => (Tone::Bad, say!(lang, "erro: ", "error: ")),
        Level::Warning => (Tone::Doubtful, say!(lang, "aviso: ", "warning: ")),
    };
    Line::from(place).and(tone, level).and(Tone::Plain, remark.message.clone())
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
