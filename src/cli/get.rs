//! `get KEY`: the value in force, bare.

use clap::{ArgMatches, Command};

use super::print::Answer;
use super::{Settings, arguments, parameter};
use crate::catalog::{Finding, Level};
use crate::document::read::quoted;
use crate::lang::Lang;
use crate::problem::{Kind, Problem};
use crate::safe::Safe;
use crate::session::{Place, Session, Why};
use crate::text::line::{Line, Tone};
use crate::{safe, say};

pub(super) fn takes(command: Command, lang: Lang) -> Command {
    command
        .about(lang.pick("Mostra o valor em vigor de um parâmetro", "Prints the value in force of a parameter"))
        .override_usage(lang.pick("balcao-config get CHAVE [--json]", "balcao-config get KEY [--json]"))
        .arg(arguments::key(lang))
}

/// Prints the value, unless it is invalid: the counter program would not take it either.
pub(super) fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let session = settings.session()?;
    let written = matches.get_one::<String>("key").map_or("", String::as_str);
    let parameter = parameter(session.catalog(), written, settings.lang)?;
    let findings = session.findings();
    if let Some(finding) = findings.iter().find(|it| it.key == parameter.key && it.level() == Level::Error) {
        return Err(invalid(settings, &session, finding));
    }
    let value = session.value(parameter);
    let line = Line::of(Tone::Exact, Safe::outside(&parameter.kind.raw(&value)));
    Ok(Answer { lines: vec![line], json: value, ..Answer::default() })
}

/// An invalid value in the document, which stands in the way of what was asked.
pub(super) fn invalid(settings: &Settings, session: &Session, finding: &Finding) -> Problem {
    let lang = settings.lang;
    let document = session.document();
    let place = document.place(&finding.key);
    let path = Safe::path(document.path());
    let sentence = finding.sentence(lang);
    let message = match place {
        Some((line, column)) => safe!("{}:{}:{}: {}", path, line, column, sentence),
        None => safe!("{}: {}", path, sentence),
    };
    // The command must find the document that this one found.
    let flag = match &settings.place {
        Some(Place { path, why: Why::Flag }) => safe!(" --config {}", quoted(path)),
        _ => Safe::default(),
    };
    let flag = match &settings.catalog {
        Some(folder) => safe!("{} --catalog {}", flag, quoted(folder)),
        None => flag,
    };
    let key = Safe::outside(finding.key.as_str());
    let hint = say!(
        lang,
        "Corrija com: balcao-config set {}=VALOR{}",
        "Mend it with: balcao-config set {}=VALUE{}",
        key,
        flag
    );
    Problem::new(Kind::Document, finding.code(), message).about(&finding.key).at(document.path(), place).hint(hint)
}
