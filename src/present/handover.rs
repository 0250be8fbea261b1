//! What a user is told who may not save the document: where the edits are, and the command that saves them.

use std::path::Path;

use super::commands;
use crate::document::{SaveError, draft as drafts};
use crate::lang::Lang;
use crate::problem::{Account, Kind, Problem};
use crate::safe::Safe;
use crate::say;
use crate::session::Session;

/// Where the draft is, why the document could not be saved, and what makes a saved document of it: root, where a
/// permission is what is missing, else what the error says.
pub fn draft(
    session: &Session,
    catalog: Option<&Path>,
    denied: Option<&SaveError>,
    draft: &Path,
    lang: Lang,
) -> Problem {
    let file = Safe::path(draft);
    let message = match session.changes().len() {
        1 => say!(
            lang,
            "Não foi gravado; 1 alteração ficou no rascunho {}",
            "Not saved; 1 change is in the draft {}",
            file
        ),
        count => {
            say!(
                lang,
                "Não foi gravado; {} alterações ficaram no rascunho {}",
                "Not saved; {} changes are in the draft {}",
                count,
                file
            )
        }
    };
    let mut problem = Problem::new(Kind::Write, "kept_as_draft", message).at(draft, None);
    let mut account = None;
    if let Some(denied) = denied.map(|denied| denied.problem(lang)) {
        problem = problem.because(denied.message);
        if denied.account.is_none() {
            problem.hints = denied.hints;
        }
        account = denied.account;
    }
    let command = match account {
        // The draft is this account's alone: root can read it, another cannot.
        Some(Account::Other { .. }) => commands::save(session, catalog, account.as_ref()),
        account => commands::recover(session, catalog, draft, account.is_some()),
    };
    problem.hint(to_save(&command, lang))
}

/// Nothing may be written there, not even a draft: who saves there, and the command that does it with all that is pending.
pub fn command(session: &Session, catalog: Option<&Path>, denied: &SaveError, lang: Lang) -> Problem {
    let mut problem = denied.problem(lang);
    let account = problem.account.take();
    let command = commands::save(session, catalog, account.as_ref());
    problem.hint(to_save(&command, lang))
}

/// The draft could not be written either.
pub fn draft_lost(reason: Option<i32>, denied: Option<&SaveError>, lang: Lang) -> Problem {
    let problem = Problem::new(Kind::Write, "draft_lost", drafts::not_kept(reason, lang));
    match denied {
        Some(denied) => problem.because(denied.problem(lang).message),
        None => problem,
    }
}

fn to_save(command: &Safe, lang: Lang) -> Safe {
    say!(lang, "Para gravar: {}", "To save it: {}", command)
}
