//! `export`: the document as a file for `apply`: what differs from the defaults, or every parameter.
//!
//! What the catalog does not know is left out: `apply` would refuse it.

use clap::{ArgMatches, Command};
use serde_json::{Map, Value, json};

use super::print::Answer;
use super::{Settings, arguments, get};
use crate::catalog::Level;
use crate::lang::Lang;
use crate::problem::Problem;

pub(super) fn takes(command: Command, lang: Lang) -> Command {
    command
        .about(lang.pick(
            "Mostra o que não está no padrão, como arquivo para apply",
            "Prints what differs from the defaults, as a file for apply",
        ))
        .override_usage("balcao-config export [--all]")
        .arg(arguments::flag("all", lang.pick("Todos os parâmetros", "Every parameter")))
}

/// Prints it. A document with an invalid value is refused, since `apply` would refuse what is made of it.
pub(super) fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let session = settings.session()?;
    if let Some(finding) = session.findings().iter().find(|finding| finding.level() == Level::Error) {
        return Err(get::invalid(settings, &session, finding));
    }
    let mut groups: Map<String, Value> = Map::from_iter([("version".to_owned(), json!(1))]);
    for parameter in session.catalog().parameters() {
        let value = session.value(parameter);
        if matches.get_flag("all") || value != parameter.default {
            let group = groups.entry(parameter.key.group()).or_insert_with(|| json!({}));
            if let Some(group) = group.as_object_mut() {
                group.insert(parameter.key.name().to_owned(), value);
            }
        }
    }
    let json = Value::Object(groups);
    Ok(Answer { text: Some(format!("{json:#}\n")), json, ..Answer::default() })
}
