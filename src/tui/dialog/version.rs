//! An earlier version, and what restoring it would change in the form.

use super::super::model::{Model, Reply};
use super::page::{Page, back, tell_problem};
use super::versions::Versions;
use crate::document::diff::Difference;
use crate::document::history::Entry;
use crate::present::version;
use crate::say;
use crate::session::Change;

pub fn ask(model: &mut Model, entry: Box<Entry>, changes: &[Change], staying: &[Difference]) {
    let lang = model.lang();
    let lines = version::about(&entry, changes, staying, model.catalog(), &model.wall, lang);
    let mut page =
        Page::of(say!(lang, "Versão {}", "Version {}", entry.number), lines).answer(lang.pick("Voltar", "Back"), back);
    if !changes.is_empty() {
        let restore = lang.pick("Restaurar na tela", "Restore into the form");
        page = page.answer(restore, move |model| restored(model, &entry));
    }
    model.open(page);
}

/// Applies the version's values as one edit that can be undone, and closes the list of versions.
fn restored(model: &mut Model, entry: &Entry) -> Reply {
    model.close(|_: &Versions| true);
    let lang = model.lang();
    match model.session.values_of(entry) {
        Ok(values) => {
            model.set_all(values, None);
            model.tell(say!(
                lang,
                "Valores da versão {} na tela, ainda não gravados. Ctrl+Z desfaz.",
                "Values of version {} in the form, not saved yet. Ctrl+Z takes them back.",
                entry.number
            ));
        }
        Err(error) => tell_problem(model, &error.problem(lang)),
    }
    Reply::Close(vec![])
}
