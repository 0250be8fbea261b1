//! `apply FILE|-`: the parameters that a file sets, set in the document too; all or nothing, and nothing the second time.
//!
//! The file is a config document: what it does not set, stays. `$schema` and `version` describe it and are not applied.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::{ArgMatches, Command, value_parser};

use super::print::Answer;
use super::{Settings, arguments, parameter, set, validate};
use crate::catalog::Catalog;
use crate::document::Document;
use crate::document::history::Kind;
use crate::document::validate::Unknown;
use crate::key::Key;
use crate::lang::Lang;
use crate::problem::{self, Problem};
use crate::safe::Safe;
use crate::say;

/// What is read of stdin: one byte more than the largest document, so that a larger one is known to be.
const MOST: u64 = 16 * 1024 * 1024 + 1;

pub(super) fn takes(command: Command, lang: Lang) -> Command {
    let help = lang.pick(
        "Um documento com os parâmetros a mudar; - lê a entrada",
        "A document with the parameters to change; - reads stdin",
    );
    let file = arguments::positional(lang, "file", lang.pick("ARQUIVO", "FILE"), help);
    command
        .about(lang.pick("Muda os parâmetros que um arquivo traz", "Changes the parameters that a file sets"))
        .override_usage(lang.pick(
            "balcao-config apply ARQUIVO|- [--dry-run] [--diff] [--check] [--json]",
            "balcao-config apply FILE|- [--dry-run] [--diff] [--check] [--json]",
        ))
        .arg(file.required(true).value_parser(value_parser!(PathBuf)))
        .arg(set::dry_run(lang))
        .arg(set::check(lang))
        .arg(arguments::flag("diff", lang.pick("Mostra cada valor que muda", "Shows every value that changes")))
}

pub(super) fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let session = settings.session()?;
    let catalog = session.catalog();
    let wanted = wanted(matches.get_one::<PathBuf>("file").map_or(Path::new("-"), PathBuf::as_path), catalog, lang)?;
    let unknown: Vec<Problem> = wanted.unknown(catalog).iter().map(|it| refused(it, catalog, lang)).collect();
    if !unknown.is_empty() {
        return Err(set::together(unknown, lang));
    }
    let keys = catalog.parameters().iter().map(|parameter| &parameter.key);
    let wishes: Vec<_> = keys.filter_map(|key| Some((key.clone(), Some(wanted.value(key)?)))).collect();
    let dry_run = matches.get_flag("dry-run");
    let make = if matches.get_flag("check") { set::make_tested } else { set::make };
    let mut answer = make(settings, session, &wishes, dry_run, Kind::Saved)?;
    // Where the answer is no, the lines say why.
    if answer.code == 0 && !dry_run && !matches.get_flag("diff") {
        answer.lines.clear();
    }
    Ok(answer)
}

fn wanted(file: &Path, catalog: &Catalog, lang: Lang) -> Result<Document, Problem> {
    if file != Path::new("-") {
        return validate::existing(file, catalog, lang);
    }
    let mut bytes = vec![];
    io::stdin().lock().take(MOST).read_to_end(&mut bytes).map_err(|error| {
        let reason = Safe::outside(&error.to_string());
        let message = say!(lang, "a entrada não pôde ser lida: {}", "stdin cannot be read: {}", reason);
        Problem::new(problem::Kind::Document, "read_failed", message)
    })?;
    Document::parse(file, &bytes, catalog).map_err(|error| error.problem(lang))
}

/// Why a key of the file cannot be applied: there is no such parameter, or it stands where none is.
fn refused(unknown: &Unknown, catalog: &Catalog, lang: Lang) -> Problem {
    match (parameter(catalog, &unknown.name, lang), Key::parse(&unknown.name)) {
        (Ok(parameter), Some(key)) => {
            let (inner, group) = (Safe::outside(key.name()), Safe::outside(key.group()));
            let message = say!(
                lang,
                "{} está fora do lugar: “{}” fica dentro do objeto “{}”",
                "{} is out of place: “{}” stands inside the object “{}”",
                Safe::outside(parameter.key.as_str()),
                inner,
                group
            );
            Problem::new(problem::Kind::Value, "unknown_key", message).about(&key)
        }
        (Err(problem), _) => problem,
        (Ok(parameter), None) => {
            Problem::new(problem::Kind::Value, "unknown_key", Safe::outside(&unknown.name)).about(&parameter.key)
        }
    }
}
