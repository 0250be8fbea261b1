//! The versions that were saved: listed, shown, restored.

use std::io;

use super::super::dialog::{Dialog, Listing, Question};
use super::super::event::Listed;
use super::super::model::Model;
use super::values::show_brought;
use crate::document::history::{Damaged, Entry, History};
use crate::say;

pub(super) fn on_listed(model: &mut Model, listed: io::Result<Vec<Listed>>) {
    match listed {
        Ok(listed) if listed.is_empty() => {
            let words = say!(model.lang(), "Nenhuma versão foi gravada ainda.", "No version has been saved yet.");
            model.tell(words);
        }
        Ok(listed) => model.open(Dialog::List(Listing::Versions(listed))),
        Err(error) => tell_unread(model, &error),
    }
}

pub(super) fn on_version(model: &mut Model, version: io::Result<Option<Result<Box<Entry>, Damaged>>>) {
    let lang = model.lang();
    match version {
        Ok(Some(Ok(entry))) => match model.session.values_of(&entry) {
            Ok(values) => {
                let changes = model.session.would_change(&values);
                model.open(Dialog::Question(Question::Version(entry, changes)));
            }
            Err(error) => model.tell_problem(error.problem(lang)),
        },
        Ok(Some(Err(damaged))) => model.tell_problem(damaged.problem(lang)),
        Ok(None) => {
            let words = say!(lang, "Essa versão não existe mais.", "That version is gone.");
            model.warn(words);
        }
        Err(error) => tell_unread(model, &error),
    }
}

fn tell_unread(model: &mut Model, error: &io::Error) {
    let history = History::of(model.session.document().path());
    model.tell_problem(history.problem(error, model.lang()));
}

/// Brings the values of a version into the form, as one step that can be taken back; the list closes.
pub(super) fn restore(model: &mut Model, entry: &Entry) {
    model.close(|dialog| matches!(dialog, Dialog::List(_)));
    match model.session.values_of(entry) {
        Ok(values) => {
            let changed = model.edits.change_all(&mut model.session, values, None);
            show_brought(model, &changed);
            let words = say!(
                model.lang(),
                "Valores da versão {} no formulário, ainda não gravados. Ctrl+Z desfaz.",
                "Values of version {} in the form, not saved yet. Ctrl+Z takes them back.",
                entry.number
            );
            model.tell(words);
        }
        Err(error) => model.tell_problem(error.problem(model.lang())),
    }
}
