//! `recover [FILE]`: the drafts that forms left behind, and one of them merged into the document and saved.
//!
//! The form offers the same when it opens; this is for machines without a form and for users who may not save from it.
//! A draft that conflicts with what was saved since is refused, with both values: a person chooses, in the form.

use std::path::{Path, PathBuf};

use clap::{ArgMatches, value_parser};
use serde_json::{Value, json};

use super::list::fields;
use super::{Answer, Entry, Settings, arguments, history, set};
use crate::document::Document;
use crate::document::draft::{self, Broken, Draft, Others};
use crate::document::history::History;
use crate::document::save::{Cause, SaveError};
use crate::key::Key;
use crate::lang::Lang;
use crate::present;
use crate::problem::{self, Problem};
use crate::safe::Safe;
use crate::say;
use crate::session::Session;
use crate::session::opened::FoundDraft;

pub(super) const COMMAND: Entry = Entry {
    name: "recover",
    about: ("Grava um rascunho", "Saves a draft"),
    takes: |lang| {
        let help = ("Rascunho a gravar (sem ele: lista todos)", "Draft to save (none: lists them)");
        let file = arguments::positional(lang, "file", lang.pick("RASCUNHO", "DRAFT"), help.0, help.1);
        vec![file.value_parser(value_parser!(PathBuf)), set::dry_run(lang)]
    },
    more: Some((PT, EN)),
    run: Some(run),
};

const PT: &str = "\
Exemplo:
  balcao-config recover
  balcao-config recover ARQUIVO --dry-run

Códigos de saída:
  0  listados, ou gravado
  2  erro na linha de comando
  3  um dos arquivos não pode ser lido, ou um valor é inválido
  4  não foi possível gravar: nada foi alterado
  5  o parâmetro não existe, ou o valor foi recusado";

const EN: &str = "\
Example:
  balcao-config recover
  balcao-config recover ARQUIVO --dry-run

Exit codes:
  0  listed, or saved
  2  a mistake on the command line
  3  one of the files cannot be read, or a value is not valid
  4  it could not be saved: nothing was changed
  5  there is no such parameter, or the value was refused";

fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    match matches.get_one::<PathBuf>("file") {
        Some(file) => recover(settings, file, matches),
        None => list(settings),
    }
}

fn recover(settings: &Settings, file: &Path, matches: &ArgMatches) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let session = settings.session()?;
    let draft = Draft::read(file, session.document().text().len()).map_err(|broken| refused(&broken, lang))?;
    let path = session.document().path();
    if !draft.is_of(path) {
        let message = say!(
            lang,
            "{} é um rascunho de outro arquivo: {}.",
            "{} is a draft of another file: {}.",
            Safe::path(file),
            Safe::path(&draft.document)
        );
        let hint =
            say!(lang, "Informe o arquivo: --config {}", "Give it: --config {}", Safe::for_shell(&draft.document));
        return Err(Problem::new(problem::Kind::Document, "other_document", message).at(file, None).hint(hint));
    }
    let found = session.found(draft).map_err(|broken| refused(&broken, lang))?;
    let FoundDraft { draft, merge, meanwhile, .. } = found;
    if !merge.conflicts.is_empty() {
        let conflict = SaveError::new(path, Cause::Conflict { conflicts: merge.conflicts, meanwhile });
        let problem = SaveError { wall: settings.wall(), ..conflict }.problem(lang);
        let Some(owner) = draft.foreign_owner() else {
            let path = Safe::for_shell(path);
            return Err(problem.hint(say!(
                lang,
                "Na tela você escolhe valor por valor: balcao-config --config {}",
                "In the form you choose value by value: balcao-config --config {}",
                path
            )));
        };
        // Nobody's form offers another's draft.
        let command = settings.again.command(&as_set(&draft, &session));
        return Err(problem.because(present::draft::of_another(&owner, true, lang)).hint(say!(
            lang,
            "Para ficar com os valores do rascunho: {}",
            "To take the draft's values: {}",
            command
        )));
    }
    for key in merge.mine.keys() {
        arguments::parameter(session.catalog(), key.as_str(), lang)?;
    }
    let order = set::Order::new(merge.mine.into_iter().collect(), matches);
    let mut answer = set::carry_out(settings, session, &order)?;
    if let Some(owner) = draft.foreign_owner() {
        // What is another's is theirs to remove: nothing is written where they alone decide.
        answer.warnings.push(present::draft::of_another(&owner, order.dry_run, lang));
    } else if !order.dry_run {
        if draft.open_elsewhere {
            let note = say!(
                lang,
                "A tela do rascunho ainda está aberta; o rascunho fica.",
                "The draft's form is still open; the draft stays."
            );
            answer.warnings.push(note);
        }
        if let Some((file, error)) = draft.discard_with_absorbed().first() {
            answer.warnings.push(draft::not_removed(file, error, lang));
        }
    }
    Ok(answer)
}

/// The words that set what a draft changes.
fn as_set(draft: &Draft, session: &Session) -> Vec<Safe> {
    let word = |key: &Key, value: &Option<Value>| {
        let parameter = session.catalog().parameter(key)?;
        Some(match value {
            Some(value) => {
                let pair = format!("{}={}", key.as_str(), parameter.kind.raw(value));
                vec![Safe::word(&pair)]
            }
            None => vec!["--unset".into(), Safe::word(key.as_str())],
        })
    };
    let words = draft.changes.iter().filter_map(|(key, value)| word(key, value)).flatten();
    std::iter::once("set".into()).chain(words).collect()
}

fn list(settings: &Settings) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let catalog = settings.catalog()?;
    // Needs only the document's path: drafts are listed even where the document cannot be read.
    let location = settings.location()?;
    let history = History::of(location);
    let now = settings.now();
    let bytes = Document::at(location, &catalog).map_or(0, |document| document.text().len());
    let listed = Draft::list(location, bytes, &settings.drafts);
    let drafts: Vec<&Draft> = listed.iter().flatten().collect();
    let mut answer = settings.answer(
        || {
            let listed = |it: &&Draft| present::draft::listed(it, it.version(&history), now, &catalog, lang);
            drafts.iter().flat_map(listed).collect()
        },
        || drafts.iter().map(|draft| described(draft, draft.version(&history))).collect(),
    );
    answer.warnings = listed.iter().filter_map(|it| it.as_ref().err()).map(|it| it.message(lang)).collect();
    // Where something could not be read, nobody knows.
    if drafts.is_empty() && answer.warnings.is_empty() {
        answer.notes.push(say!(lang, "Você não tem rascunhos.", "You have no drafts.").into());
    }
    answer.warnings.extend(draft::of_others(location).map(|others| of_others(settings, &others)));
    Ok(answer)
}

/// What other accounts have: their forms offer it, and who may read it saves it by its name.
fn of_others(settings: &Settings, others: &Others) -> Safe {
    let (lang, folder) = (settings.lang, Safe::path(&others.folder));
    let Some((count, newest)) = &others.seen else {
        return say!(
            lang,
            "A pasta {} está fechada para este usuário: não se sabe se há nela rascunhos de outros usuários.",
            "The folder {} is closed to this user: it may hold drafts of other users.",
            folder
        );
    };
    let command = settings.again.command(&["recover".into(), Safe::for_shell(newest)]);
    match count {
        1 => say!(
            lang,
            "Há 1 rascunho de outro usuário em {}; para gravar: {}",
            "There is 1 draft of another user in {}; to save it: {}",
            folder,
            command
        ),
        _ => say!(
            lang,
            "Há {} rascunhos de outros usuários em {}; para gravar um, informe o nome do rascunho, como no mais \
             recente: {}",
            "There are {} drafts of other users in {}; to save one, give its name, as with the newest: {}",
            *count,
            folder,
            command
        ),
    }
}

/// One draft for programs.
fn described(draft: &Draft, made_on: Option<u64>) -> Value {
    let changes: Vec<_> = draft.changes.iter().map(|(key, to)| json!({ "key": key.as_str(), "to": to })).collect();
    let mut described = fields([("file", json!(draft.file.to_string_lossy()))]);
    described.extend(history::identity(&draft.who));
    described.extend(fields([
        ("started", json!(draft.started.to_string())),
        ("updated", json!(draft.updated.to_string())),
        ("version", json!(made_on)),
        ("open", json!(draft.open_elsewhere)),
        ("changes", json!(changes)),
    ]));
    described.into()
}

fn refused(broken: &Broken, lang: Lang) -> Problem {
    let hint = say!(lang, "Liste os rascunhos: balcao-config recover", "List the drafts: balcao-config recover");
    Problem::new(problem::Kind::Document, "broken_draft", broken.message(lang)).at(&broken.path, None).hint(hint)
}
