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
    more: None,
    run: Some(run),
};

fn run(settings: &Settings, _: &ArgMatches) -> Result<Answer, Problem> {
    let schema = schema(&*settings.catalog()?);
    let lines = || format!("{schema:#}").lines().map(|line| Line::of(Tone::Exact, Safe::outside(line))).collect();
    let output = if settings.printer.json { Output::Document(schema) } else { Output::Lines(lines()) };
    Ok(Answer { output, ..Answer::default() })
}
