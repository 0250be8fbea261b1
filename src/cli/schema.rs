//! `schema`: the merged catalog as a JSON Schema, for editors and other programs.

use clap::{ArgMatches, Command};

use super::Settings;
use super::print::Answer;
use crate::catalog::schema::schema;
use crate::lang::Lang;
use crate::problem::Problem;
use crate::safe::Safe;
use crate::text::line::{Line, Tone};

pub(super) fn takes(command: Command, lang: Lang) -> Command {
    command
        .about(lang.pick("Mostra o esquema JSON de todos os parâmetros", "Prints the JSON Schema of all parameters"))
        .override_usage("balcao-config schema")
}

pub(super) fn run(settings: &Settings, _: &ArgMatches) -> Result<Answer, Problem> {
    let schema = schema(&*settings.catalog()?);
    let text = format!("{schema:#}");
    let lines = text.lines().map(|line| Line::of(Tone::Exact, Safe::outside(line))).collect();
    Ok(Answer { lines, json: schema, ..Answer::default() })
}
