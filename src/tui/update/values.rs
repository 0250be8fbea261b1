//! How values change, and how that is taken back.

use serde_json::Value;

use super::super::dialog::search::Search;
use super::super::dialog::{self, lock};
use super::super::keymap::{self, Action};
use super::super::model::{Model, Notice};
use crate::key::Key;
use crate::present::version;
use crate::say;
use crate::session::edit::EditKind;

/// Every change of a value in the form ends here.
pub(super) fn change(model: &mut Model, key: &Key, value: Option<Value>, kind: EditKind) {
    model.edits.change(&mut model.session, key, value, kind);
    model.refresh_one(key);
}

/// After the first change: the last save came with a note, as central ones do.
pub(super) fn tell_of_note(model: &mut Model) {
    let Some((version, note)) = &model.trace.last_note else { return };
    // Once is enough, and what the key itself has to say comes first.
    let is_told = model.others.told_note >= *version || model.notice.is_some() || !model.dialogs.is_empty();
    if !is_told && !model.session.pending_changes().is_empty() {
        model.others.told_note = *version;
        model.notice =
            Some(Notice { message: version::may_be_overwritten(note, model.lang()), warns: true, stays: true });
    }
}

pub(super) fn move_cursor(model: &mut Model, action: Action) {
    model.edits.pause();
    model.line.press(action);
}

pub(super) fn edit_line(model: &mut Model, action: Action) {
    let kind = match action {
        Action::Insert(_) | Action::Backspace | Action::Delete => EditKind::Typing,
        _ => EditKind::Whole,
    };
    model.line.press(action);
    store_line(model, kind);
}

fn store_line(model: &mut Model, kind: EditKind) {
    let Some(parameter) = model.focused() else { return };
    let (key, value) = (parameter.key.clone(), parameter.kind.typed(model.line.text()));
    model.typing = true;
    change(model, &key, Some(value), kind);
}

pub(super) fn paste(model: &mut Model, text: &str, removed: usize, truncated: bool) {
    model.notice = None;
    if model.context() == keymap::PASSWORD {
        for letter in text.chars() {
            dialog::press(model, Action::Insert(letter));
        }
        return;
    }
    if let Some(search) = model.dialog::<Search>() {
        return search.paste(text.trim());
    }
    if !model.context().meets(keymap::TEXT) {
        if model.dialogs.is_empty() {
            model.warn(say!(
                model.lang(),
                "Nada foi colado: escolha antes um campo de texto.",
                "Nothing was pasted: choose a text field first."
            ));
        }
        return;
    }
    model.edits.pause();
    // Text copied from chats and documents often has blanks around it.
    model.line.insert(text.trim());
    store_line(model, EditKind::Whole);
    let lang = model.lang();
    let message = match (truncated, removed) {
        (true, _) => say!(
            lang,
            "Só o início foi colado: o texto é longo demais.",
            "Only the beginning was pasted: the text is too long."
        ),
        (false, 0) => return,
        (false, 1) => say!(lang, "Colado sem 1 caractere inválido.", "Pasted without 1 invalid character."),
        (false, count) => {
            say!(lang, "Colado sem {} caracteres inválidos.", "Pasted without {} invalid characters.", count)
        }
    };
    model.warn(message);
}

/// Of a paste whose end does not come.
pub(super) fn tell_of_paste(model: &mut Model, stopped: bool) {
    let lang = model.lang();
    model.warn(match stopped {
        true => say!(lang, "Colagem cancelada; nada foi colado.", "Paste canceled; nothing was pasted."),
        false => say!(
            lang,
            "A colagem ainda não terminou. Ctrl+C cancela.",
            "The paste has not ended yet. Ctrl+C cancels it."
        ),
    });
}

/// Switches a checkbox or steps an enumeration. A locked checkbox can be switched off (to mend a document).
pub(super) fn step_value(model: &mut Model, by: isize) {
    if let Some(key) = model.focused().map(|parameter| parameter.key.clone()) {
        step_value_of(model, &key, by);
    }
}

/// The same wherever the parameter is shown.
pub(super) fn step_value_of(model: &mut Model, key: &Key, by: isize) {
    let Some(parameter) = model.catalog().parameter(key) else { return };
    let Some(next) = parameter.kind.step(model.value(parameter), by) else { return };
    change_or_ask(model, key, Some(next));
}

/// Changes a value as an edit of its own; asks first where others would have to change with it, and returns false then.
fn change_or_ask(model: &mut Model, key: &Key, value: Option<Value>) -> bool {
    if lock::ask(model, key, &[(key.clone(), value.clone())].into()) {
        return false;
    }
    change(model, key, value, EditKind::Whole);
    true
}

pub(super) fn reset(model: &mut Model) {
    let Some(parameter) = model.focused() else { return };
    let (key, lang) = (parameter.key.clone(), model.lang());
    let (from, to) =
        (parameter.kind.shown(model.value(parameter), lang), parameter.kind.shown(&parameter.default, lang));
    if model.session.setting(&key).is_none() {
        return model.tell(say!(lang, "Já está no padrão: {}.", "It is the default already: {}.", to));
    }
    if change_or_ask(model, &key, None) {
        model.typing = false;
        model.tell(say!(lang, "{} → padrão {}. Ctrl+Z desfaz.", "{} → default {}. Ctrl+Z undoes it.", from, to));
    }
}

/// Puts the field back to what it was before it was last changed in the file.
pub(super) fn put_back(model: &mut Model) {
    let Some(parameter) = model.focused() else { return };
    let (key, lang) = (parameter.key.clone(), model.lang());
    let Some(traced) = model.traced(&key) else {
        return model.tell(say!(
            lang,
            "O histórico não tem outro valor deste campo.",
            "The history has no other value of this field."
        ));
    };
    let before = traced.before.clone();
    dialog::picks::put_back(model, [(key, before)].into());
    model.typing = false;
}

/// Sets the port that the check found; while it is at work, once it has ended.
pub(super) fn take_offer(model: &mut Model) {
    let Some(key) = model.focused().map(|parameter| parameter.key.clone()) else { return };
    if model.is_waiting(&key) {
        if let Some(running) = model.running.as_mut() {
            running.awaited = Some(key);
        }
        return model.tell(say!(
            model.lang(),
            "A porta que o teste encontrar vai para o campo.",
            "The port that the test finds goes into the field."
        ));
    }
    take_offer_of(model, &key);
}

/// Sets what the check found beside this parameter, if anything.
pub(super) fn take_offer_of(model: &mut Model, key: &Key) {
    let Some((key, value)) = model.offer_of(key) else {
        return model.tell(say!(
            model.lang(),
            "O teste (F5) não encontrou outra porta para este campo.",
            "The test (F5) found no other port for this field."
        ));
    };
    change(model, &key, Some(value.into()), EditKind::Whole);
    model.typing = false;
    let lang = model.lang();
    model.tell(match model.is_changed(&key) {
        true => say!(
            lang,
            "Porta {} no campo, ainda não gravada. Ctrl+Z desfaz.",
            "Port {} in the field, not saved yet. Ctrl+Z undoes it.",
            value
        ),
        false => say!(lang, "Porta {} no campo, como no arquivo.", "Port {} in the field, as in the file.", value),
    });
}

pub(super) fn take_back(model: &mut Model, action: Action) {
    let taken = match action {
        Action::Undo => model.edits.undo(&mut model.session),
        _ => model.edits.redo(&mut model.session),
    };
    match taken {
        Some((place, changed)) => {
            model.jump_to(&place);
            model.refresh_of(&changed);
        }
        None if action == Action::Undo => {
            model.tell(say!(model.lang(), "Nada a desfazer.", "Nothing to undo."));
        }
        None => model.tell(say!(model.lang(), "Nada a refazer.", "Nothing to redo.")),
    }
}
