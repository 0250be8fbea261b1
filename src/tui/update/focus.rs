//! Where the focus goes.

use super::super::dialog::lock;
use super::super::keymap::{self, Action};
use super::super::layout;
use super::super::model::{Focus, Model};
use super::values;
use crate::say;

pub(super) fn move_focus(model: &mut Model, action: Action) {
    match action {
        Action::Up => step_focus(model, -1),
        Action::Down => step_focus(model, 1),
        Action::NextStop => next_stop(model, 1),
        Action::PreviousStop => next_stop(model, -1),
        Action::OtherPane if model.focus == Focus::List => enter_fields(model),
        Action::OtherPane => model.focus_on(Focus::List),
        Action::NextGroup => next_group(model, 1),
        Action::PreviousGroup => next_group(model, -1),
        Action::PageUp => step_focus(model, -(layout::rows_per_page(model) as isize)),
        Action::PageDown => step_focus(model, layout::rows_per_page(model) as isize),
        Action::Home => step_focus(model, isize::MIN),
        Action::End => step_focus(model, isize::MAX),
        _ => {}
    }
}

/// Moves within the list or the fields; from the fields on to the buttons, and from the buttons back.
pub(super) fn step_focus(model: &mut Model, by: isize) {
    let step = |at: usize, count: usize| at.saturating_add_signed(by).min(count.saturating_sub(1));
    let stops = model.stops();
    match (model.focus, model.stop_in_focus()) {
        (Focus::List, _) => {
            let group = step(model.group, model.catalog().groups().len());
            model.show_group(group);
        }
        (_, Some(number)) if by == 1 && number + 1 >= stops => model.focus_on(Focus::Confirm),
        (_, Some(number)) => model.focus_on(model.stop(step(number, stops))),
        (Focus::Confirm | Focus::Close, _) if by < 0 && stops > 0 => model.focus_on(model.stop(stops - 1)),
        (Focus::Confirm | Focus::Close, _) if by < 0 => model.focus_on(Focus::List),
        (Focus::Confirm, _) => model.focus_on(Focus::Close),
        _ => {}
    }
}

/// The round: group list, fields (as one stop), Confirma, Fechar. A group without fields has no such stop.
pub(super) fn next_stop(model: &mut Model, by: isize) {
    let mut stops = vec![Focus::List, Focus::Confirm, Focus::Close];
    if model.stops() > 0 {
        stops.insert(1, model.stop(model.stop));
    }
    let here = if model.stop_in_focus().is_some() { model.stop(model.stop) } else { model.focus };
    let at = stops.iter().position(|stop| *stop == here).unwrap_or(0);
    let next = (at as isize + by).rem_euclid(stops.len() as isize) as usize;
    model.focus_on(stops[next]);
}

pub(super) fn enter_fields(model: &mut Model) {
    if model.stops() == 0 {
        model.tell(say!(model.lang(), "Este grupo ainda não tem parâmetros.", "This group has no parameters yet."));
    } else {
        model.focus_on(model.stop(model.stop));
    }
}

pub(super) fn next_group(model: &mut Model, by: isize) {
    let groups = model.catalog().groups();
    let count = groups.len() as isize;
    let next = (1..=count)
        .map(|distance| (model.group as isize + by * distance).rem_euclid(count) as usize)
        .find(|group| model.has_fields(&groups[*group]));
    if let Some(group) = next {
        model.show_group(group);
        if model.focus == Focus::List { model.focus_on(Focus::List) } else { model.focus_on(model.stop(0)) }
    }
}

pub(super) fn sideways(model: &mut Model, action: Action) {
    let by = if action == Action::Right { 1 } else { -1 };
    match model.context() {
        keymap::LIST => enter_fields(model),
        context if context.meets(keymap::TEXT) => values::move_cursor(model, action),
        keymap::ENUMERATION => values::step_value(model, by),
        keymap::BUTTON => model.focus_on(if by > 0 { Focus::Close } else { Focus::Confirm }),
        _ => model.focus_on(Focus::List),
    }
}

pub(super) fn unlock(model: &mut Model) {
    let Some(parameter) = model.focused() else { return };
    let (key, needed) = (parameter.key.clone(), model.lock(parameter));
    if let Some(needed) = needed {
        lock::go_to(model, &key, &needed);
    }
}

pub(super) fn jump_back(model: &mut Model) {
    if !model.jump_back() {
        model.tell(say!(model.lang(), "Não há para onde voltar.", "There is nowhere to go back to."));
    }
}
