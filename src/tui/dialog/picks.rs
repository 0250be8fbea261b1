//! Rows of values that can be picked and marked one by one.
//!
//! ```text
//! ▌[x] Porta Banco de Dados Gestores: 5432 → 5433
//! ```

use serde_json::Value;

use super::super::model::Model;
use super::super::rows::{Row, cut};
use super::super::theme::HERE;
use super::lock;
use crate::document::Changes;
use crate::document::diff::Difference;
use crate::key::Key;
use crate::present::change;
use crate::safe::Safe;
use crate::text::line::Line;
use crate::text::width;
use crate::{safe, say};

/// The box before a value; blanks where there is nothing to mark, or nothing marked yet.
#[derive(Clone, Copy)]
pub enum Mark {
    On,
    Off,
    None,
}

/// What it is called gives way to its values where there is no room for both.
pub fn row(model: &Model, mark: Mark, name: &Safe, values: &Safe, picked: bool, room: u16) -> Row {
    let theme = model.setup.theme;
    let style = if picked { theme.picked() } else { theme.text() };
    let mark = match mark {
        Mark::On => "[x] ",
        Mark::Off => "[ ] ",
        Mark::None => "    ",
    };
    let here = if picked { HERE } else { " " };
    let left = usize::from(room).saturating_sub(mark.len() + 1);
    let between = if values.is_empty() { "" } else { ": " };
    let name = cut(name, left.saturating_sub(width(values) + between.len()).max(left / 3));
    let values = cut(values, left.saturating_sub(width(&name) + between.len()));
    let mut row = Row::of(safe!("{}{}{}{}{}", here, mark, name, between, values), style);
    row.cursor = picked.then_some(0);
    row
}

/// A line without a box, which can be picked.
pub fn text(model: &Model, line: &Line, picked: bool, room: u16) -> Row {
    let theme = model.setup.theme;
    let style = if picked { theme.picked() } else { theme.text() };
    let text = cut(&line.text(), usize::from(room).saturating_sub(2));
    let mut row = Row::of(safe!("{}{}", if picked { HERE } else { " " }, text), style);
    row.cursor = picked.then_some(0);
    row
}

/// Puts values of the history into the form, as one edit that can be taken back, and says so; asks first where others would
/// have to change with them.
pub fn put_back(model: &mut Model, values: Changes) {
    let lang = model.lang();
    if let Some(first) = values.keys().next().cloned()
        && lock::ask(model, &first, &values)
    {
        return model.jump_to(&first);
    }
    let changed = model.set_all(values, None);
    let is_pending = changed.iter().any(|key| model.is_changed(key));
    let message = match &changed[..] {
        [] => say!(lang, "A tela já tem esse valor.", "The form already has that value."),
        [key] => {
            let value = shown(model, key, &model.session.setting(key));
            match is_pending {
                true => say!(
                    lang,
                    "Voltou a {}, ainda não gravado. Ctrl+Z desfaz.",
                    "Back to {}, not saved yet. Ctrl+Z undoes it.",
                    value
                ),
                false => say!(lang, "Voltou a {}, como no arquivo.", "Back to {}, as in the file.", value),
            }
        }
        several if is_pending => say!(
            lang,
            "{} valores voltaram ao que eram, ainda não gravados. Ctrl+Z desfaz.",
            "{} values are what they were, not saved yet. Ctrl+Z undoes them.",
            several.len()
        ),
        several => say!(
            lang,
            "{} valores voltaram ao que está no arquivo.",
            "{} values are what they are in the file.",
            several.len()
        ),
    };
    model.tell(message);
}

fn shown(model: &Model, key: &Key, value: &Option<Value>) -> Safe {
    let parameter = model.catalog().parameter(key);
    parameter.map(|it| change::setting_in_force(it, value, model.lang())).unwrap_or_default()
}

/// The parameter that a version changed; `None` where the catalog has none of that name.
pub fn key_of(model: &Model, change: Option<&Difference>) -> Option<Key> {
    change?.key().filter(|key| model.catalog().parameter(key).is_some())
}

/// That parameter, and what it was before.
pub fn before(model: &Model, change: Option<&Difference>) -> Option<(Key, Option<Value>)> {
    Some((key_of(model, change)?, change?.from.clone()))
}
