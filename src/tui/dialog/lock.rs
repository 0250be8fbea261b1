//! A checkbox that others keep locked, or that others depend on: switched together with them, as one edit, or not at all. Space
//! and then Enter is how one goes over checkboxes: it switches nothing here.

use std::sync::Arc;

use serde_json::Value;

use super::super::model::{Model, Reply};
use super::page::{Page, back};
use crate::catalog::{Parameter, rule};
use crate::document::Changes;
use crate::key::Key;
use crate::present::{change, lock};
use crate::say;

/// Asks first where others would have to be switched with what these set: what they need on, or what needs them off. False
/// where nothing has to be asked. `at`: the parameter that the edit is made at.
pub fn ask(model: &mut Model, at: &Key, wanted: &Changes) -> bool {
    let on = Value::Bool(true);
    let catalog = Arc::clone(model.session.catalog());
    let value_of = |other: &Parameter| match wanted.get(&other.key) {
        Some(value) => value.as_ref().unwrap_or(&other.default).clone(),
        None => model.value(other).clone(),
    };
    let switched = wanted.keys().filter_map(|key| catalog.parameter(key));
    let switched: Vec<&Parameter> = switched.filter(|it| (value_of(it) == on) != (*model.value(it) == on)).collect();
    let (to_on, to_off): (Vec<&Parameter>, Vec<&Parameter>) = switched.iter().partition(|it| value_of(it) == on);
    let needing = to_on.iter().map(|it| (*it, rule::unmet(&catalog, &value_of, it)));
    if let Some((parameter, needed)) = needing.into_iter().find(|(_, needed)| !needed.is_empty()) {
        ask_on(model, at, wanted, parameter, &needed);
        return true;
    }
    let needed = to_off.iter().map(|it| (*it, rule::dependents(&catalog, &value_of, &it.key)));
    if let Some((parameter, dependents)) = needed.into_iter().find(|(_, dependents)| !dependents.is_empty()) {
        ask_off(model, at, wanted, parameter, &dependents);
        return true;
    }
    false
}

/// Whether what the parameter needs is to be switched on with it.
fn ask_on(model: &mut Model, at: &Key, wanted: &Changes, parameter: &Parameter, needed: &[&Parameter]) {
    let lang = model.lang();
    let Some(nearest) = needed.first().map(|other| other.key.clone()) else { return };
    let lines = lock::needs(model.catalog(), parameter, needed, lang);
    let changes = with(wanted, needed, true);
    let on = match changes.len() {
        2 => lang.pick("Ativar os dois", "Turn both on"),
        _ => lang.pick("Ativar todos", "Turn all on"),
    };
    let (at, from) = (at.clone(), parameter.key.clone());
    let page = Page::of(say!(lang, "Campo travado", "Locked field"), lines)
        .answer(lang.pick("Voltar", "Back"), back)
        .answer(on, move |model| switch(model, &at, changes.clone()))
        .answer(lang.pick("Ir até lá", "Go there"), move |model| {
            go_to(model, &from, &nearest);
            Reply::Close(vec![])
        });
    model.open(page);
}

/// Whether what depends on the parameter is to be switched off with it.
fn ask_off(model: &mut Model, at: &Key, wanted: &Changes, parameter: &Parameter, dependents: &[&Parameter]) {
    let lang = model.lang();
    let lines = lock::breaks(model.catalog(), parameter, dependents, lang);
    let changes = with(wanted, dependents, false);
    let off = match changes.len() {
        2 => lang.pick("Desativar os dois", "Turn both off"),
        _ => lang.pick("Desativar todos", "Turn all off"),
    };
    let at = at.clone();
    let page = Page::of(say!(lang, "Desativar", "Turn off"), lines)
        .answer(lang.pick("Voltar", "Back"), back)
        .answer(off, move |model| switch(model, &at, changes.clone()));
    model.open(page);
}

/// These, and the others switched to that.
fn with(wanted: &Changes, others: &[&Parameter], to: bool) -> Changes {
    let mut changes = wanted.clone();
    changes.extend(others.iter().map(|other| (other.key.clone(), Some(to.into()))));
    changes
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
