//! The versions that were saved: listed and shown.

use std::io;

use super::super::dialog::page::tell_problem;
use super::super::dialog::version;
use super::super::dialog::versions::Versions;
use super::super::model::Model;
use crate::document::history::{Damaged, Entry, History, Listing};
use crate::present;
use crate::say;

pub(super) fn on_listed(model: &mut Model, listed: io::Result<Listing<Result<Entry, Damaged>>>) {
    match listed {
        Ok(listed) if listed.versions.is_empty() && listed.unread == 0 => {
            model.tell(present::version::none(model.lang()));
        }
        Ok(listed) => model.open(Versions::of(listed)),
        Err(error) => tell_unread(model, &error),
    }
}

pub(super) fn on_version(model: &mut Model, version: io::Result<Option<Result<Box<Entry>, Damaged>>>) {
    let lang = model.lang();
    match version {
        Ok(Some(Ok(entry))) => match version::outlook(&model.session, &entry) {
            Ok(outlook) => version::open(model, entry, outlook),
            Err(error) => tell_problem(model, &error.problem(lang)),
        },
        Ok(Some(Err(damaged))) => tell_problem(model, &damaged.problem(lang)),
        Ok(None) => {
            model.warn(say!(lang, "Essa versão não existe mais.", "That version is gone."));
        }
        Err(error) => tell_unread(model, &error),
    }
}

fn tell_unread(model: &mut Model, error: &io::Error) {
    let history = History::of(model.session.document().location());
    tell_problem(model, &history.problem(error, model.lang()));
}
