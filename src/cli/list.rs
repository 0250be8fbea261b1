//! `list`: every parameter with its value, its default and where the value comes from.

use clap::ArgMatches;
use serde_json::{Map, Value, json};

use super::{Answer, Entry, Settings, arguments, validate};
use crate::catalog::{Catalog, Finding, Level, Parameter};
use crate::lang::Lang;
use crate::present::help;
use crate::problem::{self, Problem};
use crate::safe::Safe;
use crate::say;
use crate::session::{Session, Source};
use crate::text::line::{Line, Tone, columns};

pub(super) const COMMAND: Entry = Entry {
    name: "list",
    about: ("Lista os parâmetros, seus valores e padrões", "Lists the parameters, their values and defaults"),
    takes: |lang| {
        let changed = ("Só os que não estão no padrão", "Only those that differ from their default");
        let group = lang.pick("GRUPO", "GROUP");
        vec![
            arguments::option(lang, "group", group, "Só os deste grupo", "Only those of this group"),
            arguments::flag(lang, "changed", changed.0, changed.1),
        ]
    },
    more: Some((PT, EN)),
    run: Some(run),
};

const PT: &str = "\
Exemplo:
  balcao-config list --changed
  balcao-config list --group integracao --json

Códigos de saída:
  0  a lista foi mostrada
  2  erro na linha de comando
  3  o arquivo de configuração não pode ser lido";

const EN: &str = "\
Example:
  balcao-config list --changed
  balcao-config list --group integracao --json

Exit codes:
  0  the list was shown
  2  a mistake on the command line
  3  the config file cannot be read";

fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let session = settings.session()?;
    let catalog = session.catalog();
    let group = matches.get_one::<String>("group");
    if let Some(group) = group.filter(|group| catalog.group(group).is_none()) {
        return Err(unknown_group(catalog, group, lang));
    }
    let findings = session.findings();
    let wanted: Vec<&Parameter> = catalog
        .parameters()
        .iter()
        .filter(|parameter| group.is_none_or(|group| parameter.key.group() == group))
        .filter(|parameter| !matches.get_flag("changed") || session.value(parameter) != parameter.default)
        .collect();
    let answer = settings.answer(
        || table(&session, &findings, &wanted, lang),
        || wanted.iter().map(|parameter| row(&session, &findings, parameter, lang)).collect(),
    );
    Ok(Answer { warnings: validate::unknown(&session, lang), ..answer })
}

pub(super) fn row(session: &Session, findings: &[Finding], parameter: &Parameter, lang: Lang) -> Map<String, Value> {
    let catalog = session.catalog();
    let section = catalog.group(parameter.key.group()).and_then(|group| catalog.sections().get(group.section));
    let source = if session.source(&parameter.key) == Source::Default { "default" } else { "file" };
    fields([
        ("key", json!(parameter.key.as_str())),
        ("group", json!(parameter.key.group())),
        ("section", json!(section.map(|section| section.id.as_str()))),
        ("title", json!(parameter.title.of(lang).as_str())),
        ("type", json!(parameter.kind.format.name)),
        ("value", session.value(parameter)),
        ("default", parameter.default.clone()),
        ("source", json!(source)),
        ("valid", json!(is_valid(findings, parameter))),
    ])
}

/// A JSON object with these fields, in this order.
pub(super) fn fields<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// True where nothing is wrong with the parameter's value.
fn is_valid(findings: &[Finding], parameter: &Parameter) -> bool {
    !findings.iter().any(|finding| finding.key == parameter.key && finding.level() == Level::Error)
}

/// The table; an invalid value is marked.
fn table(session: &Session, findings: &[Finding], wanted: &[&Parameter], lang: Lang) -> Vec<Line> {
    let heading = [
        say!(lang, "PARÂMETRO", "PARAMETER"),
        say!(lang, "VALOR", "VALUE"),
        say!(lang, "PADRÃO", "DEFAULT"),
        say!(lang, "ORIGEM", "SOURCE"),
    ];
    let cells = |parameter: &&Parameter| {
        [
            Safe::outside(parameter.key.as_str()),
            parameter.kind.shown(&session.value(parameter), lang),
            parameter.kind.shown(&parameter.default, lang),
            help::source(session, parameter, lang),
        ]
    };
    let mut lines = columns(&std::iter::once(heading).chain(wanted.iter().map(cells)).collect::<Vec<_>>()).into_iter();
    let heading = lines.next().map(|line| line.toned(Tone::Faint));
    let rows = lines.zip(wanted).map(|(line, parameter)| {
        if is_valid(findings, parameter) {
            line
        } else {
            line.and(Tone::Bad, say!(lang, "  ! inválido", "  ! invalid"))
        }
    });
    heading.into_iter().chain(rows).collect()
}

fn unknown_group(catalog: &Catalog, written: &str, lang: Lang) -> Problem {
    let names: Vec<Safe> = catalog.groups().iter().map(|group| Safe::outside(&group.id)).collect();
    let written = Safe::outside(written);
    let message = say!(lang, "Não existe o grupo “{}”.", "There is no group “{}”.", written);
    let hint = say!(lang, "Os grupos são: {}", "The groups are: {}", Safe::join(&names, ", "));
    Problem::new(problem::Kind::Value, "unknown_group", message).hint(hint)
}
