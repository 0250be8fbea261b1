//! `rollback [N]`: an earlier version once more, to the byte, saved as a new one.

use clap::ArgMatches;

use super::{Answer, Entry, Settings, history, set};
use crate::document::history::{Entry as Version, History};
use crate::problem::{self, Problem};
use crate::say;
use crate::session::Session;

pub(super) const COMMAND: Entry = Entry {
    name: "rollback",
    about: ("Volta à versão N (sem N: à anterior)", "Goes back to version N (none: to the one before)"),
    takes: |lang| vec![history::number(lang), set::dry_run(lang), set::note(lang)],
    more: Some((PT, EN)),
    run: Some(run),
};

const PT: &str = "\
Exemplo:
  balcao-config rollback
  balcao-config rollback 3 --dry-run

Códigos de saída:
  0  gravado, ou nada a alterar
  2  erro na linha de comando, ou não há essa versão
  3  o arquivo de configuração não pode ser lido, ou o valor é inválido
  4  não foi possível gravar: nada foi alterado";

const EN: &str = "\
Example:
  balcao-config rollback
  balcao-config rollback 3 --dry-run

Exit codes:
  0  saved, or nothing to change
  2  a mistake on the command line, or no such version
  3  the config file cannot be read, or the value is not valid
  4  it could not be saved: nothing was changed";

fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let session = settings.session()?;
    let version = match matches.get_one::<u64>("number") {
        Some(number) => history::version(settings, *number)?,
        None => before(settings, &session)?,
    };
    set::carry_out(settings, session, &set::Order::restoring(version, matches))
}

/// The version before what the file holds now: before the newest, or the newest where the file was edited since.
fn before(settings: &Settings, session: &Session) -> Result<Version, Problem> {
    let lang = settings.lang;
    let history = History::of(session.document().location());
    let numbers = history.numbers().map_err(|error| history.problem(&error, lang))?;
    let mut newest = numbers.into_iter().rev();
    let mut next = || newest.next().map(|number| history::version(settings, number));
    // A damaged version is not skipped: nobody asked for a still older one.
    let found = match next() {
        Some(Ok(version)) if version.text == session.document().text() => next(),
        found => found,
    };
    found.unwrap_or_else(|| {
        let message = say!(lang, "Não há versão anterior.", "There is no earlier version.");
        Err(Problem::new(problem::Kind::Value, "unknown_version", message))
    })
}
