//! `apply FILE|-`: the parameters that a file sets, set in the document too; all or nothing, and nothing the second time.
//!
//! The file is a config document; parameters that it does not set keep their values. `$schema` and `version` describe
//! the file and are not applied.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::ArgMatches;

use super::{Answer, Entry, Output, Settings, arguments, password, set, validate};
use crate::catalog::Catalog;
use crate::document::history::Kind;
use crate::document::validate::Unknown;
use crate::document::{Document, MAX_BYTES};
use crate::key::Key;
use crate::lang::Lang;
use crate::problem::{self, Problem};
use crate::safe::Safe;
use crate::say;

/// How much of stdin is read: one byte more than the largest document, so that a larger one is noticed.
const MOST: u64 = MAX_BYTES + 1;

pub(super) const COMMAND: Entry = Entry {
    name: "apply",
    about: ("Muda os parâmetros que um arquivo traz", "Changes the parameters that a file sets"),
    takes: |lang| {
        let file = arguments::file(
            lang,
            "Um documento com os parâmetros a mudar; - lê a entrada",
            "A document with the parameters to change; - reads stdin",
        );
        let diff = arguments::flag(lang, "diff", "Mostra cada valor que muda", "Shows every value that changes");
        vec![
            file.value_name(lang.pick("ARQUIVO|-", "FILE|-")).required(true),
            set::dry_run(lang),
            diff,
            set::check(lang),
            password::argument(lang).requires("check"),
        ]
    },
    more: None,
    run: Some(run),
};

fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let session = settings.session()?;
    let catalog = session.catalog();
    let wanted = wanted(matches.get_one::<PathBuf>("file").map_or(Path::new("-"), PathBuf::as_path), catalog, lang)?;
    let unknown: Vec<Problem> = wanted.unknown(catalog).iter().map(|it| refused(it, catalog, lang)).collect();
    if !unknown.is_empty() {
        return Err(set::together(unknown, lang));
    }
    let keys = catalog.parameters().iter().map(|parameter| &parameter.key);
    let assignments = keys.filter_map(|key| Some((key.clone(), Some(wanted.value(key)?)))).collect();
    let order = set::Order::new(assignments, Kind::Saved, matches);
    let silent = !order.dry_run && !matches.get_flag("diff");
    let mut answer = set::carry_out(settings, session, &order)?;
    // With another exit code the lines say why, so they stay.
    if answer.code == 0 && silent && !settings.printer.json {
        answer.output = Output::default();
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

/// Why a key of the file cannot be applied: there is no such parameter, or the key is in the wrong place.
fn refused(unknown: &Unknown, catalog: &Catalog, lang: Lang) -> Problem {
    let parameter = match arguments::parameter(catalog, &unknown.name, lang) {
        Ok(parameter) => parameter,
        Err(problem) => return problem,
    };
    let message = match Key::parse(&unknown.name) {
        Some(key) => say!(
            lang,
            "{} está fora do lugar: “{}” fica dentro do objeto “{}”",
            "{} is out of place: “{}” stands inside the object “{}”",
            Safe::outside(key.as_str()),
            Safe::outside(key.name()),
            Safe::outside(key.group())
        ),
        None => Safe::outside(&unknown.name),
    };
    Problem::new(problem::Kind::Value, "unknown_key", message).about(&parameter.key)
}
