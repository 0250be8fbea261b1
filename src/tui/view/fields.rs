//! The right pane: the fields of the group shown.
//!
//! ```text
//! ▸IP do Servidor Retaguarda
//!    192.168.0.10▏                       ● ✓ 18 ms
//!  [ ] Enviar Notificação da Ordem de Serviço pelo
//!      WhatsApp                             travado
//! ```

use std::ops::Range;

use serde_json::Value;

use crate::catalog::{Level, Parameter, Widget};
use crate::check::Status;
use crate::present::{mark, outcome};
use crate::safe::Safe;
use crate::say;
use crate::session::Source;
use crate::text::{self, wrap};
use crate::tui::model::{Focus, Model};
use crate::tui::rows::{Piece, Row, cut, width_of};
use crate::tui::theme::HERE;

/// Cells before a label, and before a value.
const LABEL: usize = 1;
const VALUE: usize = 3;
const BOX: usize = 5;

/// At least so many cells for the marks, however long the value is.
const MARKS_LEAST: usize = 14;

/// All rows of the group, and which of them belong to the field in focus. Where that is `passed` by, since keys repeat, its
/// value looks like any other: twice a value that is written anew would be most of a step's bytes.
pub fn rows(model: &Model, width: u16, passed: bool) -> (Vec<Row>, Range<usize>) {
    let width = usize::from(width);
    let mut rows = heading(model, width);
    let mut focus = 0..0;
    for (number, parameter) in model.fields().iter().enumerate() {
        let start = rows.len();
        let here = model.focus == Focus::Field(number);
        match parameter.kind.format.widget {
            Widget::Checkbox => checkbox(model, parameter, here, width, &mut rows),
            Widget::Choice | Widget::Field => line(model, parameter, (here, passed), width, &mut rows),
        }
        if here {
            // The first field brings the heading into view with it.
            focus = if number == 0 { 0..rows.len() } else { start..rows.len() };
        }
    }
    for (number, action) in model.actions().iter().enumerate() {
        let here = model.focus == Focus::Action(number);
        let (theme, start) = (model.setup.theme, rows.len());
        let label = crate::safe!("[ {}… ]", action.title(model.lang()));
        let mut row = margin(model, here).and(label, theme.text());
        row.cursor = here.then_some(3);
        rows.push(row);
        if here {
            focus = start..rows.len();
        }
    }
    (rows, focus)
}

fn heading(model: &Model, width: usize) -> Vec<Row> {
    let theme = model.setup.theme;
    let Some(group) = model.shown_group() else { return vec![] };
    let title = group.title.of(model.lang()).clone();
    let mut rows = vec![Row::of(" ".into(), theme.text()).and(title, theme.heading())];
    if !model.has_fields(group) {
        let message = say!(
            model.lang(),
            "Nenhum parâmetro neste grupo. Para incluir: um arquivo .json na pasta catalog.d, ao lado da configuração.",
            "No parameter in this group. To add some: a .json file in the folder catalog.d beside the config document."
        );
        rows.extend(
            wrap(&message, width.saturating_sub(3))
                .into_iter()
                .map(|line| Row::of(" ".into(), theme.dim()).and(line, theme.dim())),
        );
    }
    rows
}

/// The beginning of a row: a mark where the focus is. Nothing else of a label tells it, so that a step is a few bytes.
fn margin(model: &Model, here: bool) -> Row {
    let theme = model.setup.theme;
    if here { Row::of(HERE.into(), theme.here()) } else { Row::of(" ".into(), theme.text()) }
}

fn line(model: &Model, parameter: &Parameter, (here, passed): (bool, bool), width: usize, rows: &mut Vec<Row>) {
    let theme = model.setup.theme;
    for (number, part) in
        wrap(parameter.title.of(model.lang()), width.saturating_sub(LABEL + 1)).into_iter().enumerate()
    {
        rows.push(margin(model, here && number == 0).and(part, theme.text()));
    }
    // The value comes first; the marks get what it leaves, within bounds.
    let value = Safe::outside(&parameter.kind.raw(model.value(parameter)));
    let left = width.saturating_sub(VALUE + text::width(&value) + 3);
    let right = marks(model, parameter, left.clamp(MARKS_LEAST, (width * 3 / 5).max(MARKS_LEAST)));
    let room = width.saturating_sub(VALUE + width_of(&right) + 2);
    let mut row = Row::of("   ".into(), theme.text()).right(right);
    if parameter.kind.format.widget == Widget::Choice {
        let shown = parameter.kind.shown(model.value(parameter), model.lang());
        row = row.and(cut(&crate::safe!("< {} >", shown), room), theme.text());
        row.cursor = here.then_some(VALUE as u16 + 2);
    } else if here {
        let (text, cursor) = model.line.window(room);
        let style = match (passed, model.line.is_selected()) {
            (true, _) => theme.text(),
            (false, true) => theme.selected(),
            (false, false) => theme.heading(),
        };
        row = row.and(text, style);
        row.cursor = Some((VALUE + cursor) as u16);
    } else {
        row = if value.is_empty() {
            row.and(model.lang().pick("(vazio)", "(empty)"), theme.dim())
        } else {
            row.and(cut(&value, room), theme.text())
        };
    }
    rows.push(row);
}

fn checkbox(model: &Model, parameter: &Parameter, here: bool, width: usize, rows: &mut Vec<Row>) {
    let theme = model.setup.theme;
    let value = model.value(parameter);
    let mark = match value {
        Value::Bool(true) => "[x] ",
        Value::Bool(false) => "[ ] ",
        // A value of the wrong type: the document has it, and Space mends it.
        _ => "[!] ",
    };
    let locked = model.lock(parameter).is_some();
    let style = if locked { theme.dim() } else { theme.text() };
    let right = marks(model, parameter, width.saturating_sub(BOX + 1));
    // Marks take no room from the label: it must not wrap differently when one appears.
    let parts = wrap(parameter.title.of(model.lang()), width.saturating_sub(BOX + 1));
    let start = rows.len();
    for (number, part) in parts.into_iter().enumerate() {
        let lead = if number == 0 { mark } else { "    " };
        let mut row = margin(model, here && number == 0).and(lead, style).and(part, style);
        row.cursor = (here && number == 0).then_some(2);
        rows.push(row);
    }
    let fits = rows.last().is_none_or(|row| width_of(&row.left) + width_of(&right) < width);
    if !fits {
        rows.push(Row::default());
    }
    if let Some(last) = rows.get_mut(start..).and_then(<[Row]>::last_mut) {
        last.right = right;
    }
}

/// What stands at the right edge: lock, change or default, what is wrong, what the check says; at most `room` cells.
fn marks(model: &Model, parameter: &Parameter, room: usize) -> Vec<Piece> {
    let (theme, lang, key) = (model.setup.theme, model.lang(), &parameter.key);
    let mut marks: Vec<Piece> = Vec::new();
    match model.source(key) {
        Source::Changed => {
            marks.push((mark::CHANGED.into(), theme.changed()));
            if model.session.is_overtaken(key) {
                marks.push((mark::WARNS.into(), theme.warns()));
                marks.push((lang.pick("conflito", "conflict").into(), theme.warns()));
            }
        }
        _ if model.lock(parameter).is_some() => marks.push((lang.pick("travado", "locked").into(), theme.dim())),
        // A checkbox shows its value at a glance; for the rest it helps to know that nobody chose it, unless there is
        // something more urgent to say.
        Source::Default
            if parameter.kind.format.widget != Widget::Checkbox
                && model.finding(key).is_none()
                && !model.is_waiting(key)
                && model.outcome(key).is_none() =>
        {
            marks.push((lang.pick("padrão", "default").into(), theme.dim()))
        }
        _ => {}
    }
    if let Some(finding) = model.finding(key) {
        let (glyph, style) = match finding.level() {
            Level::Error => (mark::INVALID, theme.fails()),
            Level::Warning => (mark::WARNS, theme.warns()),
        };
        marks.push((glyph.into(), style));
        if !model.holds_back(parameter) && finding.level() == Level::Error {
            marks.push((finding.summary(lang), style));
        }
    } else if model.is_waiting(key) {
        let testing = || lang.pick("testando", "testing").into();
        marks.push((model.stage(key).map_or_else(testing, |stage| stage.doing(lang)), theme.dim()));
    } else if let Some(outcome) = model.outcome(key) {
        let (tone, glyph) = outcome::mark(outcome.status());
        let style = theme.style(tone);
        if outcome.status() != Status::Skipped {
            marks.extend([(glyph.into(), style), (outcome.summary(lang), style)]);
        }
    }
    spaced(marks, room, model)
}

/// The marks with a blank between them and one at the end. The last is cut where they do not fit.
fn spaced(marks: Vec<Piece>, room: usize, model: &Model) -> Vec<Piece> {
    let theme = model.setup.theme;
    let mut spaced: Vec<Piece> = Vec::new();
    for (text, style) in marks {
        let left = room.saturating_sub(width_of(&spaced) + 1);
        spaced.push((cut(&text, left), style));
        spaced.push((" ".into(), theme.text()));
    }
    spaced
}
