//! `explain KEY`: the whole help of one parameter.

use clap::ArgMatches;
use serde_json::{Value, json};

use super::{Answer, Entry, Settings, arguments, list, validate};
use crate::document::zone::Wall;
use crate::present::help::{self, Subject};
use crate::problem::Problem;
use crate::text::line::Line;

pub(super) const COMMAND: Entry = Entry {
    name: "explain",
    about: ("Explica um parâmetro", "Explains a parameter"),
    takes: |lang| vec![arguments::key(lang)],
    more: Some((PT, EN)),
    run: Some(run),
};

const PT: &str = "\
Exemplo:
  balcao-config explain integracao.ip_servidor_retaguarda

Códigos de saída:
  0  a explicação foi mostrada
  2  erro na linha de comando
  3  o arquivo de configuração não pode ser lido
  5  o parâmetro não existe";

const EN: &str = "\
Example:
  balcao-config explain integracao.ip_servidor_retaguarda

Exit codes:
  0  the explanation was shown
  2  a mistake on the command line
  3  the config file cannot be read
  5  there is no such parameter";

fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let session = settings.session()?;
    let lang = &settings.lang;
    let parameter = arguments::named(session.catalog(), matches, *lang)?;
    // No time is told of what was not tested.
    let wall = &Wall::default();
    let subject =
        Subject { parameter, session: &session, finding: None, outcome: None, traced: None, wall, lang: *lang };
    let answer = settings.answer(|| lines(&subject, settings.printer.room()), || json(&subject));
    Ok(Answer { warnings: validate::in_place_of(&session, &parameter.key, *lang), ..answer })
}

fn json(subject: &Subject<'_>) -> Value {
    let (parameter, lang) = (subject.parameter, subject.lang);
    let help = &parameter.help;
    let mut row = list::row(subject.session, &subject.session.findings(), parameter, lang);
    row.extend(list::fields([
        ("bounds", json!(subject.bounds().as_str())),
        (
            "help",
            json!({
                "what": help.what.of(lang).as_str(),
                "default": help.default.of(lang).as_str(),
                "change": help.change.of(lang).as_str(),
                "effect": help.effect.of(lang).as_str(),
            }),
        ),
        ("requires", json!(parameter.requires.as_ref().map(|key| key.as_str()))),
        ("differs", json!(parameter.differs.as_ref().map(|key| key.as_str()))),
    ]));
    Value::Object(row)
}

fn lines(subject: &Subject<'_>, room: usize) -> Vec<Line> {
    let mut lines = subject.sheet();
    let findings = subject.session.findings();
    lines.extend(
        findings
            .iter()
            .filter(|it| it.key == subject.parameter.key)
            .map(|it| help::finding(it, it.sentence(subject.lang))),
    );
    lines.iter().flat_map(|line| line.wrapped(room)).collect()
}
