//! `explain KEY`: the whole help of one parameter.

use clap::{ArgMatches, Command};
use serde_json::{Value, json};

use super::print::Answer;
use super::{Settings, arguments, list, parameter};
use crate::catalog::{Finding, Parameter};
use crate::lang::Lang;
use crate::present::help::Subject;
use crate::problem::Problem;
use crate::session::Session;
use crate::text::line::{Line, Tone};

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
    let Settings { lang, zone, .. } = settings;
    let subject = Subject { parameter, session: &session, finding: None, outcome: None, zone, lang: *lang };
    Ok(Answer {
        lines: lines(&subject),
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

fn lines(subject: &Subject<'_>) -> Vec<Line> {
    let mut lines = subject.sheet();
    lines.extend(subject.session.findings().iter().filter(|it| it.key == subject.parameter.key).map(|finding| {
        let sentence = finding.sentence(subject.lang);
        Line::of(Tone::Bad, "! ").and(Tone::Plain, sentence)
    }));
    lines.iter().flat_map(|line| line.wrapped(WIDTH)).collect()
}
