//! `get KEY`: the value in force, bare.

use clap::ArgMatches;

use super::{Answer, Entry, Settings, arguments};
use crate::catalog::{Finding, Level};
use crate::problem::{Kind, Problem};
use crate::safe::Safe;
use crate::session::{Choice, Session, Why};
use crate::text::line::{Line, Tone};
use crate::{safe, say};

pub(super) const COMMAND: Entry = Entry {
    name: "get",
    about: ("Mostra o valor em vigor de um parâmetro", "Prints the value in force of a parameter"),
    takes: |lang| vec![arguments::key(lang)],
    more: None,
    run: Some(run),
};

/// Refuses an invalid value: the counter program would not take it either.
fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let session = settings.session()?;
    let parameter = arguments::named(session.catalog(), matches, settings.lang)?;
    let findings = session.findings();
    if let Some(finding) = findings.iter().find(|it| it.key == parameter.key && it.level() == Level::Error) {
        return Err(invalid(settings, &session, finding));
    }
    let value = session.value(parameter);
    let line = || Line::of(Tone::Exact, Safe::outside(&parameter.kind.raw(&value)));
    Ok(settings.answer(|| vec![line()], || value.clone()))
}

/// The problem that the document holds an invalid value, with the command that mends it.
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
    // The suggested command must open the same document as this one.
    let config = match settings.choice() {
        Ok(Choice { path, why: Why::Flag }) => safe!(" --config {}", Safe::for_shell(path)),
        _ => Safe::default(),
    };
    let catalog = settings.catalog_folder.as_deref().map(|folder| safe!(" --catalog {}", Safe::for_shell(folder)));
    let hint = say!(
        lang,
        "Corrija com: balcao-config set {}=VALOR{}{}",
        "Mend it with: balcao-config set {}=VALUE{}{}",
        Safe::outside(finding.key.as_str()),
        config,
        catalog.unwrap_or_default()
    );
    Problem::new(Kind::Document, finding.code(), message).about(&finding.key).at(document.path(), place).hint(hint)
}
