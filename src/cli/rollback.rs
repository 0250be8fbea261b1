//! `rollback [N]`: an earlier version once more, to the byte, saved as a new one.

use std::sync::Arc;

use clap::ArgMatches;
use serde_json::{Value, json};

use super::{Answer, Entry, Settings, history, set};
use crate::catalog::Level;
use crate::document::broken::Offered;
use crate::document::history::{Entry as Version, History, Kind};
use crate::document::restore::Restored;
use crate::document::{ReadError, Saver};
use crate::present;
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
Se o arquivo não pode ser lido, sem N volta a versão mais nova que está inteira,
e o arquivo quebrado fica guardado ao lado (CONFIG.quebrado-DATA).

Exemplo:
  balcao-config rollback
  balcao-config rollback 3 --dry-run

Códigos de saída:
  0  gravado, ou nada a alterar
  2  erro na linha de comando, ou não há essa versão
  3  o arquivo de configuração não pode ser lido, nem há versão que o substitua, ou o valor é inválido
  4  não foi possível gravar: nada foi alterado";

const EN: &str = "\
Where the file cannot be read, without N the newest version that is whole is
put back, and the broken file is kept beside it (CONFIG.quebrado-DATE).

Example:
  balcao-config rollback
  balcao-config rollback 3 --dry-run

Exit codes:
  0  saved, or nothing to change
  2  a mistake on the command line, or no such version
  3  the config file cannot be read, with no version to replace it, or the value is not valid
  4  it could not be saved: nothing was changed";

fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let session = match settings.session_or_broken()? {
        Ok(session) => session,
        Err(error) => return bring_back(settings, matches, &error),
    };
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

/// A version in the place of a document that cannot be read; without a number the newest that is whole.
fn bring_back(settings: &Settings, matches: &ArgMatches, error: &ReadError) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let broken = error.broken().ok_or_else(|| error.problem(lang))?;
    let number = matches.get_one("number").copied().unwrap_or(broken.version.number);
    let version = history::version(settings, number)?;
    let (order, catalog) = (set::Order::restoring(version.clone(), matches), settings.catalog()?);
    let note = set::given_note(order.note.as_deref(), lang)?;
    let saver = Saver { note, ..settings.saver() };
    let path = broken.location().path();
    let session = Session::parse(path, version.text.as_bytes(), Arc::clone(&catalog));
    let wrong = session.map_err(|error| error.problem(lang))?.findings();
    let wrong = wrong.into_iter().filter(|finding| finding.level() == Level::Error);
    let wrong: Vec<Problem> =
        wrong.map(|it| Problem::new(problem::Kind::Value, it.code(), it.sentence(lang)).about(&it.key)).collect();
    if !wrong.is_empty() {
        return Err(set::together(wrong, lang));
    }
    let mut json = json!({
        "changed": true, "dry_run": order.dry_run, "version": Value::Null, "path": path.to_string_lossy(),
        // What changes cannot be told of a document that cannot be read.
        "changes": [], "unknown": [], "effects": [], "restored": version.number, "kept": Value::Null,
    });
    if order.dry_run {
        saver.rehearse_restore(&broken, &version, &catalog).map_err(|error| error.problem(lang))?;
        let who = (version.kind != Kind::EditedOutside).then(|| version.who.clone());
        let offered = Offered { number: version.number, time: version.time, who };
        let told = present::version::to_bring_back(&offered, &settings.wall(), lang);
        return Ok(Answer {
            notes: vec![told.into(), set::nothing_written(lang).into()],
            ..settings.answer(Vec::new, || json)
        });
    }
    let Restored { saved, kept } = saver.restore(&broken, &version, &catalog).map_err(|error| error.problem(lang))?;
    let told = present::version::brought_back(version.number, &kept, lang);
    let warnings = saved.notes(lang);
    if let Some(doubt) = saved.doubt(lang) {
        return Err(warnings.into_iter().chain([told]).fold(doubt, Problem::because));
    }
    (json["version"], json["kept"]) = (saved.version.into(), kept.to_string_lossy().into());
    Ok(Answer { warnings, notes: vec![told.into()], done: true, ..settings.answer(Vec::new, || json) })
}
