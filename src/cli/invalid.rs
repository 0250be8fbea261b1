//! A value in the document, or to be set, that is not valid: the problem, and the one command that mends it.

use serde_json::Value;

use super::Settings;
use crate::catalog::Finding;
use crate::key::Key;
use crate::problem::{Kind, Problem};
use crate::safe::Safe;
use crate::session::Session;
use crate::{safe, say};

/// The problem that the document holds an invalid value, with the command that mends it and does what was wanted.
pub(super) fn problem(settings: &Settings, session: &Session, finding: &Finding, wanted: &[Key]) -> Problem {
    let lang = settings.lang;
    let document = session.document();
    let place = document.place(&finding.key);
    let path = Safe::path(document.path());
    let sentence = finding.sentence(lang);
    let message = match place {
        Some((line, column)) => safe!("{}:{}:{}: {}", path, line, column, sentence),
        None => safe!("{}: {}", path, sentence),
    };
    let mut problem =
        Problem::new(Kind::Document, finding.code(), message).about(&finding.key).at(document.path(), place);
    problem.hints.extend(mending(settings, session, wanted));
    problem
}

/// The one command that sets what was wanted together with what has to change for it; `None` where what was wanted is wrong
/// itself.
pub(super) fn mending(settings: &Settings, session: &Session, wanted: &[Key]) -> Option<Safe> {
    /// More is no command that anybody types.
    const MOST: usize = 12;
    let mending = session.mending(wanted)?;
    let value = |key: &Key| Some((key.clone(), session.value(session.catalog().parameter(key)?)));
    let wanted = wanted.iter().filter_map(value);
    let pair = |(key, value): (Key, Value)| {
        let parameter = session.catalog().parameter(&key)?;
        let pair = format!("{}={}", key.as_str(), parameter.kind.raw(&value));
        Some(Safe::word(&pair))
    };
    let pairs: Vec<Safe> = wanted.chain(mending).filter_map(pair).collect();
    let command: Vec<Safe> = std::iter::once(Safe::own("set")).chain(pairs).collect();
    if command.len() > MOST {
        return None;
    }
    let (alone, command) = (command.len() == 2, settings.again.command(&command));
    Some(match alone {
        true => say!(settings.lang, "Com o valor que deve ficar: {}", "With the value that is to stay: {}", command),
        false => say!(
            settings.lang,
            "Num só comando, com os valores que devem ficar: {}",
            "In one command, with the values that are to stay: {}",
            command
        ),
    })
}
