//! `export`: the document as a file for `apply`: what differs from the defaults, or every parameter.
//!
//! Keys that the catalog does not know are left out: `apply` would refuse them.

use clap::ArgMatches;
use serde_json::{Map, Value, json};

use super::{Answer, Entry, Output, Settings, arguments, invalid};
use crate::catalog::Level;
use crate::document::validate::Unknown;
use crate::problem::Problem;
use crate::safe::Safe;
use crate::say;

pub(super) const COMMAND: Entry = Entry {
    name: "export",
    about: (
        "Mostra o que está fora do padrão, no formato do apply",
        "Prints what differs from the defaults, in the format of apply",
    ),
    takes: |lang| vec![arguments::flag(lang, "all", "Todos os parâmetros", "Every parameter")],
    more: Some((PT, EN)),
    run: Some(run),
};

const PT: &str = "\
Exemplo:
  balcao-config export
  balcao-config export --all | ssh balcao2 balcao-config apply --exact -

Códigos de saída:
  0  os valores foram mostrados
  2  erro na linha de comando
  3  o arquivo de configuração não pode ser lido";

const EN: &str = "\
Example:
  balcao-config export
  balcao-config export --all | ssh balcao2 balcao-config apply --exact -

Exit codes:
  0  the values were shown
  2  a mistake on the command line
  3  the config file cannot be read";

/// Refuses a document with an invalid value, since `apply` would refuse the result.
fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let session = settings.session()?;
    if let Some(finding) = session.findings().iter().find(|finding| finding.level() == Level::Error) {
        return Err(invalid::problem(settings, &session, finding, &[]));
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
    let output = if settings.printer.json { Output::Document(json) } else { Output::Text(format!("{json:#}\n")) };
    let left_out: Vec<Safe> = session.document().unknown(session.catalog()).iter().map(Unknown::shown).collect();
    let warnings = match left_out.is_empty() {
        true => vec![],
        false => vec![say!(
            settings.lang,
            "Não estão no catálogo e ficam de fora: {}",
            "Not in the catalog, and left out: {}",
            Safe::join(&left_out, ", ")
        )],
    };
    Ok(Answer { output, warnings, ..Answer::default() })
}
