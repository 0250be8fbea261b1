//! `explain KEY`: the whole help of one parameter.

use clap::{ArgMatches, Command};
use serde_json::{Value, json};

use super::print::Answer;
use super::{Settings, arguments, list, parameter};
use crate::catalog::{Finding, Parameter};
use crate::lang::Lang;
use crate::problem::Problem;
use crate::safe::Safe;
use crate::session::Session;
use crate::text::line::{Line, Tone};
use crate::text::wrap;
use crate::{safe, say};

/// Narrow enough for the 80 columns of a console.
const WIDTH: usize = 78;

pub(super) fn takes(command: Command, lang: Lang) -> Command {
    command
        .about(lang.pick("Explica um parâmetro", "Explains a parameter"))
        .override_usage(lang.pick("balcao-config explain CHAVE [--json]", "balcao-config explain KEY [--json]"))
        .arg(arguments::key(lang))
}

pub(super) fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let session = settings.session()?;
    let written = matches.get_one::<String>("key").map_or("", String::as_str);
    let parameter = parameter(session.catalog(), written, settings.lang)?;
    let findings = session.findings();
    Ok(Answer {
        lines: lines(&session, &findings, parameter, settings.lang),
        json: json(&session, &findings, parameter, settings.lang),
        ..Answer::default()
    })
}

fn json(session: &Session, findings: &[Finding], parameter: &Parameter, lang: Lang) -> Value {
    let help = &parameter.help;
    let more = [
        ("bounds", json!(parameter.kind.bounds(lang).as_str())),
        (
            "help",
            json!({
                "what": help.what.of(lang).as_str(),
                "default": help.default.of(lang).as_str(),
                "change": help.change.of(lang).as_str(),
            }),
        ),
        ("requires", json!(parameter.requires.as_ref().map(|key| key.as_str()))),
        ("differs", json!(parameter.differs.as_ref().map(|key| key.as_str()))),
    ];
    let mut row = list::row(session, findings, parameter, lang);
    row.extend(more.map(|(name, value)| (name.to_owned(), value)));
    Value::Object(row)
}

fn lines(session: &Session, findings: &[Finding], parameter: &Parameter, lang: Lang) -> Vec<Line> {
    let catalog = session.catalog();
    let mut lines = vec![Line::of(Tone::Strong, parameter.title.of(lang).clone())];
    lines.push(Line::of(Tone::Faint, Safe::outside(parameter.key.as_str())));
    if let Some(group) = catalog.group(parameter.key.group())
        && let Some(section) = catalog.sections().get(group.section)
    {
        lines.push(Line::of(Tone::Faint, safe!("{} › {}", section.title.of(lang), group.title.of(lang))));
    }
    for words in [&parameter.help.what, &parameter.help.default, &parameter.help.change] {
        if !words.of(lang).is_empty() {
            lines.push(Line::default());
            lines.extend(wrap(words.of(lang), WIDTH).into_iter().map(Line::from));
        }
    }
    lines.push(Line::default());
    let mut fact =
        |name: Safe, what: Safe| lines.push(Line::of(Tone::Strong, name).and(Tone::Plain, ": ").and(Tone::Plain, what));
    fact(say!(lang, "Aceita", "Takes"), parameter.kind.bounds(lang));
    fact(say!(lang, "Padrão", "Default"), parameter.kind.shown(&parameter.default, lang));
    for (key, name) in [
        (&parameter.requires, say!(lang, "Ligado, exige", "When on, requires")),
        (&parameter.differs, say!(lang, "Deve ser diferente de", "Must differ from")),
    ] {
        if let Some(key) = key {
            fact(name, Safe::outside(key.as_str()));
        }
    }
    let value = parameter.kind.shown(&session.value(parameter), lang);
    let source = list::source_words(session, parameter, lang);
    fact(say!(lang, "Valor em vigor", "Value in force"), safe!("{} ({})", value, source));
    for finding in findings.iter().filter(|finding| finding.key == parameter.key) {
        lines.push(Line::of(Tone::Bad, Safe::own("! ")).and(Tone::Plain, finding.sentence(catalog, lang)));
    }
    lines
}
