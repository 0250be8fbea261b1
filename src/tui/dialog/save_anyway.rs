//! Saving, though the check before it failed.

use super::super::event::After;
use super::super::keymap;
use super::super::model::{Model, Reply};
use super::page::Page;
use crate::check::{Diagnosis, Outcome};
use crate::key::Key;
use crate::present::{change, outcome};
use crate::say;

/// At least one has failed.
pub fn ask(model: &mut Model, failed: &[Outcome], after: After) {
    let (lang, catalog) = (model.lang(), model.catalog());
    let lines = outcome::failed(failed, catalog, lang);
    let first = failed.first().map(|outcome| {
        // A machine that refuses is there: what was changed is to be looked at first.
        let is_refused = outcome.diagnosis == Diagnosis::Refused;
        let is_of_change = model.is_changed(&outcome.request.key) && !model.is_changed(outcome.look_at());
        if is_refused && is_of_change { outcome.request.key.clone() } else { outcome.look_at().clone() }
    });
    let page = Page::of(say!(lang, "Gravar mesmo assim?", "Save anyway?"), lines)
        .answer(lang.pick("Voltar", "Back"), move |model| go_to(model, first.as_ref()))
        .answer(lang.pick("Sim, gravar", "Yes, save"), move |_| Reply::SaveUntested(after, vec![]))
        .escape(0, keymap::QUESTION);
    model.open(page);
}

fn go_to(model: &mut Model, key: Option<&Key>) -> Reply {
    if let Some(key) = key {
        model.jump_to(key);
        let title = change::title(model.catalog(), key, model.lang());
        model.tell(say!(model.lang(), "Confira “{}”.", "Check “{}”.", title));
    }
    Reply::Close(vec![])
}
