//! `apply FILE|-`: the parameters that a file sets, set in the document too; all or nothing, and nothing the second time.
//!
//! The file is a config document; parameters that it does not set keep their values, or with `--exact` go back to their
//! defaults. `$schema` and `version` describe the file and are not applied.

use std::path::{Path, PathBuf};

use clap::ArgMatches;

use super::{Answer, Entry, Output, Settings, arguments, password, set, validate};
use crate::catalog::{Catalog, Parameter};
use crate::document::argument;
use crate::document::validate::{Meant, Unknown};
use crate::key::Key;
use crate::lang::Lang;
use crate::problem::{self, Problem};
use crate::safe::Safe;
use crate::{safe, say};

pub(super) const COMMAND: Entry = Entry {
    name: "apply",
    about: ("Altera os parâmetros listados num arquivo", "Changes the parameters listed in a file"),
    takes: |lang| {
        let file = arguments::file(
            lang,
            "Arquivo com os parâmetros a alterar; - lê a entrada",
            "File with the parameters to change; - reads stdin",
        );
        let diff = arguments::flag(lang, "diff", "Mostra cada valor alterado", "Shows every value changed");
        let exact = (
            "Devolve ao padrão os parâmetros que não estão no arquivo; chaves desconhecidas ficam",
            "Puts parameters that are not in the file back to their defaults; unknown keys stay",
        );
        let exact = arguments::flag(lang, "exact", exact.0, exact.1);
        vec![
            file.value_name(lang.pick("ARQUIVO|-", "FILE|-")).required(true),
            set::dry_run(lang),
            diff,
            exact,
            set::check(lang),
            password::argument(lang).requires("check"),
            set::note(lang),
        ]
    },
    more: Some((PT, EN)),
    run: Some(run),
};

const PT: &str = "\
Exemplo:
  balcao-config apply loja.json --dry-run --diff
  balcao-config apply loja.json --check --note chamado-1234

Códigos de saída:
  0  gravado, ou nada a alterar
  1  com --check: um teste falhou, e nada foi gravado
  2  erro na linha de comando
  3  um dos arquivos não pode ser lido, ou um valor é inválido
  4  não foi possível gravar: nada foi alterado
  5  o parâmetro não existe, ou o valor foi recusado";

const EN: &str = "\
Example:
  balcao-config apply loja.json --dry-run --diff
  balcao-config apply loja.json --check --note chamado-1234

Exit codes:
  0  saved, or nothing to change
  1  with --check: a test failed, and nothing was saved
  2  a mistake on the command line
  3  one of the files cannot be read, or a value is not valid
  4  it could not be saved: nothing was changed
  5  there is no such parameter, or the value was refused";

fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let session = settings.session()?;
    let catalog = session.catalog();
    let file = matches.get_one::<PathBuf>("file").map_or(Path::new("-"), PathBuf::as_path);
    let wanted = validate::given(file, catalog, lang)?;
    let unknown: Vec<Problem> = wanted.unknown(catalog).iter().map(|it| refused(it, catalog, lang)).collect();
    if !unknown.is_empty() {
        return Err(set::together(unknown, lang));
    }
    let (named, others): (Vec<&Parameter>, Vec<_>) =
        catalog.parameters().iter().partition(|parameter| wanted.has(&parameter.key));
    let mut assignments: Vec<_> = named.iter().map(|it| (it.key.clone(), wanted.value(&it.key))).collect();
    // A default that is written out is where it is to be.
    let drifted = others.into_iter().filter(|it| session.value(it) != it.default);
    let drifted: Vec<Key> = drifted.map(|it| it.key.clone()).collect();
    let mut warnings = vec![];
    if matches.get_flag("exact") {
        assignments.extend(drifted.into_iter().map(|key| (key, None)));
    } else if !drifted.is_empty() {
        warnings.push(kept(&drifted, lang));
    }
    // What was read is gone for another command: that one has the values themselves.
    let is_read_once = argument::descriptor(file).is_some() || !file.is_file();
    let again = is_read_once.then(|| as_words(&assignments, matches, catalog)).flatten();
    let order = set::Order::new(assignments, matches);
    let silent = !order.dry_run && !matches.get_flag("diff");
    let carried = set::carry_out(settings, session, &order);
    let mut answer = carried.map_err(|problem| Problem { again, ..problem })?;
    answer.warnings.extend(warnings);
    // With another exit code the lines say why, so they stay.
    if answer.code == 0 && silent && !settings.printer.json {
        answer.output = Output::default();
    }
    Ok(answer)
}

/// The `set` that does the same; `None` where it would be more than fits into a line that anybody pastes.
fn as_words(assignments: &[set::Assignment], matches: &ArgMatches, catalog: &Catalog) -> Option<Vec<Safe>> {
    /// In bytes: as much as a terminal takes in one line.
    const MOST: usize = 4095;
    let mut words = vec![Safe::own("set")];
    words.extend(["dry-run", "check"].into_iter().filter(|it| matches.get_flag(it)).map(|it| safe!("--{}", it)));
    if let Some(note) = matches.get_one::<String>("note") {
        words.push(safe!("--note {}", Safe::word(note)));
    }
    for (key, value) in assignments {
        match value {
            Some(value) => {
                let word = format!("{}={}", key.as_str(), catalog.parameter(key)?.kind.raw(value));
                words.push(Safe::word(&word));
            }
            None => words.extend([Safe::own("--unset"), Safe::word(key.as_str())]),
        }
    }
    let length: usize = words.iter().map(|word| word.as_str().len() + 1).sum();
    (length <= MOST).then_some(words)
}

/// What the file does not name is not as it would be by default, and stays so.
fn kept(keys: &[Key], lang: Lang) -> Safe {
    let names = Safe::join(&keys.iter().map(|key| Safe::outside(key.as_str())).collect::<Vec<_>>(), ", ");
    say!(
        lang,
        "Fora do padrão, e não está no arquivo: {}; ficou como estava (com --exact voltaria ao padrão).",
        "Not at its default, and not in the file: {}; left as it was (--exact would put it back).",
        names
    )
}

/// Why a key of the file cannot be applied: there is no such parameter, or the key is in the wrong place.
fn refused(unknown: &Unknown, catalog: &Catalog, lang: Lang) -> Problem {
    if let Some(Meant::GroupIn(_)) = unknown.meant(catalog) {
        return Problem::new(problem::Kind::Value, "unknown_key", unknown.sentence(catalog, lang));
    }
    let parameter = match arguments::parameter(catalog, &unknown.name, lang) {
        Ok(parameter) => parameter,
        Err(problem) => return problem,
    };
    let message = match Key::parse(&unknown.name) {
        Some(key) => say!(
            lang,
            "{} está fora do lugar: “{}” fica dentro do objeto “{}”.",
            "{} is out of place: “{}” goes inside the object “{}”.",
            Safe::outside(key.as_str()),
            Safe::outside(key.name()),
            Safe::outside(key.group())
        ),
        None => Safe::outside(&unknown.name),
    };
    Problem::new(problem::Kind::Value, "unknown_key", message).about(&parameter.key)
}
