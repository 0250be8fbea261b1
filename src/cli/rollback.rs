//! `rollback [N]`: the values of an earlier version once more, saved as a new one.

use clap::{ArgMatches, Command};

use super::print::Answer;
use super::{Settings, history, set};
use crate::document::history::{Entry, Kind};
use crate::lang::Lang;
use crate::problem::{self, Problem};
use crate::say;
use crate::session::Session;

pub(super) fn takes(command: Command, lang: Lang) -> Command {
    command
        .about(lang.pick(
            "Volta aos valores de uma versão; sem N, da anterior",
            "Goes back to the values of a version; without N, of the one before",
        ))
        .override_usage("balcao-config rollback [N] [--dry-run] [--json]")
        .arg(history::number(lang))
        .arg(set::dry_run(lang))
}

pub(super) fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let session = settings.session()?;
    let version = match matches.get_one::<u64>("number") {
        Some(number) => history::version(settings, *number)?,
        None => before(settings, &session)?,
    };
    let values = session.values_of(&version).map_err(|error| error.problem(lang))?;
    let wishes: Vec<_> = values.into_iter().collect();
    set::make(settings, session, &wishes, matches.get_flag("dry-run"), Kind::Restored(version.number))
}

/// The version before what the file holds now: before the newest, or the newest where the file was edited since.
fn before(settings: &Settings, session: &Session) -> Result<Entry, Problem> {
    let lang = settings.lang;
    let (_, mut versions) = history::versions(settings)?;
    if matches!(versions.last(), Some(Ok(newest)) if newest.text == session.document().text()) {
        versions.pop();
    }
    // A damaged one is not stepped over: nobody asked for the values of a version still older.
    versions.pop().map_or_else(
        || {
            let message =
                say!(lang, "não há versão anterior a que voltar", "there is no earlier version to go back to");
            Err(Problem::new(problem::Kind::Value, "unknown_version", message))
        },
        |version| version.map_err(|damaged| damaged.problem(lang)),
    )
}
