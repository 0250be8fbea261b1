//! `list`: every parameter with its value, its default and where the value comes from.

use clap::{ArgMatches, Command};
use serde_json::{Value, json};

use super::print::{Answer, Line, Tone};
use super::{Settings, arguments};
use crate::catalog::{Catalog, Finding, Format, Kind, Level, Parameter};
use crate::lang::Lang;
use crate::lettering;
use crate::problem::{self, Problem};
use crate::safe::Safe;
use crate::say;
use crate::session::{Session, Source};

/// What it takes.
pub(super) fn takes(command: Command, lang: Lang) -> Command {
    command
        .about(
            lang.pick("Lista os parâmetros, seus valores e padrões", "Lists the parameters, their values and defaults"),
        )
        .override_usage(lang.pick(
            "balcao-config list [--group GRUPO] [--changed] [--json]",
            "balcao-config list [--group GROUP] [--changed] [--json]",
        ))
        .arg(arguments::option(
            "group",
            lang.pick("GRUPO", "GROUP"),
            lang.pick("Só os deste grupo", "Only those of this group"),
        ))
        .arg(arguments::flag(
            "changed",
            lang.pick("Só os que não estão no padrão", "Only those that differ from their default"),
        ))
}

/// Lists.
pub(super) fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
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
    let json = wanted.iter().map(|parameter| row(&session, &findings, parameter, lang)).collect();
    Ok(Answer { lines: table(&session, &findings, &wanted, lang), json, ..Answer::default() })
}

/// One parameter for programs.
pub(super) fn row(session: &Session, findings: &[Finding], parameter: &Parameter, lang: Lang) -> Value {
    let catalog = session.catalog();
    let section = catalog.group(parameter.key.group()).and_then(|group| catalog.sections().get(group.section));
    json!({
        "key": parameter.key.as_str(),
        "group": parameter.key.group(),
        "section": section.map(|section| section.id.as_str()),
        "title": parameter.title.of(lang).as_str(),
        "type": type_name(&parameter.kind),
        "value": session.value(parameter),
        "default": parameter.default,
        "source": if session.source(&parameter.key) == Source::Default { "default" } else { "file" },
        "valid": is_valid(findings, parameter),
    })
}

/// Where a value comes from, in words.
pub(super) fn source_words(session: &Session, parameter: &Parameter, lang: Lang) -> Safe {
    match session.source(&parameter.key) {
        Source::Default => say!(lang, "padrão", "default"),
        Source::File | Source::Changed => say!(lang, "arquivo", "file"),
    }
}

/// True where nothing is wrong with the parameter's value.
pub(super) fn is_valid(findings: &[Finding], parameter: &Parameter) -> bool {
    !findings.iter().any(|finding| finding.key == parameter.key && finding.level() == Level::Error)
}

const fn type_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Boolean => "boolean",
        Kind::Integer { .. } => "integer",
        Kind::Text { format: Format::Any, .. } => "text",
        Kind::Text { format: Format::Host, .. } => "host",
        Kind::Text { format: Format::Path, .. } => "path",
        Kind::Text { format: Format::SqlIdentifier, .. } => "sql_identifier",
        Kind::Enumeration(_) => "enumeration",
    }
}

/// Columns as wide as their widest cell; an invalid value is marked and told in words.
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
            source_words(session, parameter, lang),
        ]
    };
    let rows: Vec<[Safe; 4]> = std::iter::once(heading).chain(wanted.iter().map(cells)).collect();
    let widest = |column: usize| rows.iter().map(|row| lettering::width(&row[column])).max().unwrap_or(0);
    let widths = [0, 1, 2, 3].map(widest);
    let tones = std::iter::once(Tone::Faint).chain(std::iter::repeat(Tone::Plain));
    let mut lines = vec![];
    for (index, (row, tone)) in rows.into_iter().zip(tones).enumerate() {
        let mut line = Line::default();
        let [first @ .., last] = row;
        for (cell, width) in first.into_iter().zip(widths) {
            let blanks = width.saturating_sub(lettering::width(&cell)) + 2;
            line = line.and(tone, cell).and(Tone::Plain, Safe::own(&BLANKS[..blanks.min(BLANKS.len())]));
        }
        line = line.and(tone, last);
        let parameter = index.checked_sub(1).and_then(|index| wanted.get(index));
        if parameter.is_some_and(|parameter| !is_valid(findings, parameter)) {
            line = line.and(Tone::Bad, say!(lang, "  ! inválido", "  ! invalid"));
        }
        lines.push(line);
    }
    lines
}

/// Blanks to cut a filling from; a cell may be as wide as the longest value, a host of 253 characters.
const BLANKS: &str = match std::str::from_utf8(&[b' '; 256]) {
    Ok(blanks) => blanks,
    Err(_) => "",
};

fn unknown_group(catalog: &Catalog, written: &str, lang: Lang) -> Problem {
    let names: Vec<Safe> = catalog.groups().iter().map(|group| Safe::outside(&group.id)).collect();
    let written = Safe::outside(written);
    let message = say!(lang, "não existe o grupo “{}”", "there is no group “{}”", written);
    let hint = say!(lang, "Os grupos são: {}", "The groups are: {}", Safe::join(&names, ", "));
    Problem::new(problem::Kind::Value, "unknown_group", message).hint(hint)
}
