//! `get KEY`: the value in force, bare.

use clap::ArgMatches;

use super::{Answer, Entry, Settings, arguments, invalid, validate};
use crate::catalog::Level;
use crate::problem::Problem;
use crate::safe::Safe;
use crate::text::line::{Line, Tone};

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
        return Err(invalid::problem(settings, &session, finding, &[]));
    }
    let value = session.value(parameter);
    let line = || Line::of(Tone::Exact, Safe::outside(&parameter.kind.raw(&value)));
    let answer = settings.answer(|| vec![line()], || value.clone());
    Ok(Answer { warnings: validate::in_place_of(&session, &parameter.key, settings.lang), ..answer })
}
