//! `schema`: the merged catalog as a JSON Schema, for editors and other programs.

use clap::ArgMatches;

use super::{Answer, Entry, Output, Settings};
use crate::catalog::schema::schema;
use crate::problem::Problem;
use crate::safe::Safe;
use crate::text::line::{Line, Tone};

pub(super) const COMMAND: Entry = Entry {
    name: "schema",
    about: ("Mostra o esquema JSON de todos os parâmetros", "Prints the JSON Schema of all parameters"),
    takes: |_| vec![],
    more: Some((PT, EN)),
    run: Some(run),
};

const PT: &str = "\
Exemplo:
  balcao-config schema >esquema.json

Códigos de saída:
  0  o esquema foi mostrado
  2  erro na linha de comando
  3  um catálogo não pode ser lido";

const EN: &str = "\
Example:
  balcao-config schema >esquema.json

Exit codes:
  0  the schema was shown
  2  a mistake on the command line
  3  a catalog cannot be read";

fn run(settings: &Settings, _: &ArgMatches) -> Result<Answer, Problem> {
    let schema = schema(&*settings.catalog()?);
    let lines = || format!("{schema:#}").lines().map(|line| Line::of(Tone::Exact, Safe::outside(line))).collect();
    let output = if settings.printer.json { Output::Document(schema) } else { Output::Lines(lines()) };
    Ok(Answer { output, ..Answer::default() })
}
