//! A checkbox that others keep locked, or that others depend on: switched together with them, as one edit, or not at all. Space
//! and then Enter is how one goes over checkboxes: it switches nothing here.

use super::super::model::{Model, Reply};
use super::page::{Page, back};
use crate::catalog::{Catalog, Parameter, rule};
use crate::document::Changes;
use crate::key::Key;
use crate::present::{change, lock};
use crate::say;
use crate::sort;

/// Asks whether what the parameter needs is to be switched on with it.
pub fn ask_on(model: &mut Model, key: &Key) {
    let lang = model.lang();
    let catalog = model.catalog();
    let Some(parameter) = catalog.parameter(key) else { return };
    let needed = rule::unmet(catalog, &|other| model.value(other).clone(), parameter);
    let Some(nearest) = needed.first().map(|other| other.key.clone()) else { return };
    let lines = lock::needs(catalog, parameter, &needed, lang);
    let all = needed.iter().map(|other| &other.key).chain([key]).cloned();
    let changes: Changes = sort::filled(all.map(|key| (key, Some(true.into()))));
    let on = match changes.len() {
        2 => lang.pick("Ativar os dois", "Turn both on"),
        _ => lang.pick("Ativar todos", "Turn all on"),
    };
    let (at, from) = (key.clone(), key.clone());
    let page = Page::of(say!(lang, "Campo travado", "Locked field"), lines)
        .answer(lang.pick("Voltar", "Back"), back)
        .answer(on, move |model| switch(model, &at, changes.clone()))
        .answer(lang.pick("Ir até lá", "Go there"), move |model| {
            go_to(model, &from, &nearest);
            Reply::Close(vec![])
        });
    model.open(page);
}

/// Asks whether what depends on the parameter is to be switched off with it; false where nothing does.
pub fn ask_off(model: &mut Model, key: &Key, value: Option<serde_json::Value>) -> bool {
    let lang = model.lang();
    let catalog: &Catalog = model.catalog();
    let Some(parameter) = catalog.parameter(key) else { return false };
    let dependents: Vec<&Parameter> = rule::dependents(catalog, &|other| model.value(other).clone(), key);
    if dependents.is_empty() {
        return false;
    }
    let lines = lock::breaks(catalog, parameter, &dependents, lang);
    let mut changes: Changes = sort::filled(dependents.iter().map(|other| (other.key.clone(), Some(false.into()))));
    changes.insert(key.clone(), value);
    let off = match changes.len() {
        2 => lang.pick("Desativar os dois", "Turn both off"),
        _ => lang.pick("Desativar todos", "Turn all off"),
    };
    let at = key.clone();
    let page = Page::of(say!(lang, "Desativar", "Turn off"), lines)
        .answer(lang.pick("Voltar", "Back"), back)
        .answer(off, move |model| switch(model, &at, changes.clone()));
    model.open(page);
    true
}

fn switch(model: &mut Model, at: &Key, changes: Changes) -> Reply {
    let count = changes.len();
    model.change_at(at, changes);
    model.tell(say!(
        model.lang(),
        "{} parâmetros alterados. Ctrl+Z desfaz.",
        "{} parameters changed. Ctrl+Z undoes it.",
        count
    ));
    Reply::Close(vec![])
}

/// To the field that unlocks another; says how to come back.
pub fn go_to(model: &mut Model, from: &Key, needed: &Key) {
    let from = change::title(model.catalog(), from, model.lang());
    model.jump_to(needed);
    model.tell(say!(model.lang(), "Ctrl+V volta a “{}”.", "Ctrl+V goes back to “{}”.", from));
}
