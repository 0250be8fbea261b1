//! The right pane: the fields of the group shown. A field has as many rows whatever is marked on it, so that no word that comes
//! or goes moves the one that somebody is typing into.
//!
//! ```text
//!  ▌IP do Servidor Retaguarda                          with the label above the value
//!  ▌192.168.0.10____________  ● ✓ 18 ms
//!   [ ] Enviar Notificação da Ordem de Serviço pelo
//!       WhatsApp  travado
//!
//!  ▌IP do Servidor Retaguarda    192.168.0.10____  ● ✓ 18 ms           with both abreast
//!   Enviar Notificação da Ordem  [ ] não  travado
//!   de Serviço pelo WhatsApp
//! ```

use std::ops::Range;

use serde_json::Value;

use crate::catalog::{BoundedBy, Level, Parameter, Widget};
use crate::check::Status;
use crate::key::Key;
use crate::present::{change, mark, outcome};
use crate::safe::Safe;
use crate::say;
use crate::session::Source;
use crate::text::line::blanks;
use crate::text::{self, wrap};
use crate::tui::model::{Focus, Model};
use crate::tui::rows::{Piece, Row, cut, width_of};
use crate::tui::theme::{HERE, Theme};

/// Cells before what a field shows: a blank, and the bar of the field in focus.
const MARGIN: usize = 2;
/// Cells of a checkbox before its label.
const BOX: usize = 4;
/// Cells between a value and what is beside it.
const GAP: usize = 2;
/// At least so many cells for the marks, however long the value is.
const MARKS_LEAST: usize = 20;
/// At least so many for those of a checkbox, where no test has anything to say.
const BOX_MARKS: usize = 14;
/// How wide a line is that nothing bounds; a longer text widens it as far as there is room.
const LINE: usize = 24;
/// The cells of a line beyond the longest number it takes.
const SPARE: usize = 3;
/// What a person sees at a glance: a field and its marks end here.
const ROW_MOST: usize = 78;

/// How the fields are shown.
#[derive(Clone, Copy)]
pub struct Manner {
    /// Label and value on one row, the values in one column.
    pub abreast: bool,
    /// Keys repeat: of the field in focus only the bar and the cursor follow them, since on a slow line all else would be most of
    /// a step's bytes.
    pub passing: bool,
    /// The field that the help beside speaks of; its label is bold.
    pub lit: Focus,
}

/// A pane with fields.
struct Pane<'a> {
    model: &'a Model,
    theme: Theme,
    manner: Manner,
    /// Cells of a row.
    width: usize,
    /// The column that values begin in, where they stand beside the labels.
    column: usize,
}

/// All rows of the group, and which of them belong to the field in focus.
pub fn rows(model: &Model, width: u16, manner: Manner) -> (Vec<Row>, Range<usize>) {
    let pane = Pane::of(model, width.into(), manner);
    let mut rows = heading(model, width.into());
    if manner.abreast {
        rows.push(Row::default());
    }
    let mut focus = 0..0;
    let actions = (0..model.actions().len()).map(Focus::Action);
    for (number, stop) in (0..model.fields().len()).map(Focus::Field).chain(actions).enumerate() {
        let start = rows.len();
        pane.stop(stop, &mut rows);
        if model.focus == stop {
            // The first field brings the heading into view with it.
            focus = if number == 0 { 0..rows.len() } else { start..rows.len() };
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
            "Este grupo ainda não tem parâmetros. Para incluir, ponha um arquivo .json na pasta catalog.d, ao lado \
             do arquivo de configuração.",
            "This group has no parameters yet. To add some, put a .json file in the folder catalog.d, beside the \
             config file."
        );
        let lines = wrap(&message, width.saturating_sub(3).min(ROW_MOST));
        rows.extend(lines.into_iter().map(|line| Row::of(" ".into(), theme.dim()).and(line, theme.dim())));
    }
    rows
}

impl Pane<'_> {
    fn of(model: &Model, width: usize, manner: Manner) -> Pane<'_> {
        let width = if manner.abreast { width.min(ROW_MOST) } else { width };
        // Labels get nearly half, since most are long.
        let column = MARGIN + width.saturating_sub(MARGIN) * 9 / 20 + GAP;
        Pane { model, theme: model.setup.theme, manner, width, column }
    }

    fn stop(&self, stop: Focus, rows: &mut Vec<Row>) {
        let start = rows.len();
        match stop {
            Focus::Field(number) => {
                let Some(parameter) = self.model.fields().get(number) else { return };
                let here = self.model.focus == stop;
                let is_lit = self.manner.lit == stop;
                match (parameter.kind.format.widget, self.manner.abreast) {
                    (Widget::Checkbox, false) => self.checkbox(parameter, (here, is_lit), rows),
                    (_, true) => self.abreast(parameter, (here, is_lit), rows),
                    (_, false) => {
                        let label = if is_lit { self.theme.heading() } else { self.theme.text() };
                        let lines = wrap(parameter.title.of(self.model.lang()), self.width.saturating_sub(MARGIN + 1));
                        rows.extend(lines.into_iter().map(|line| self.margin().and(line, label)));
                        rows.push(self.value(parameter, here, self.margin()));
                    }
                }
            }
            Focus::Action(number) => {
                let Some(action) = self.model.actions().get(number) else { return };
                let picked = self.model.focus == stop && !self.manner.passing;
                let style = if picked { self.theme.picked() } else { self.theme.text() };
                let mut row = self.margin().and(crate::safe!("[ {}… ]", action.title(self.model.lang())), style);
                row.cursor = (self.model.focus == stop).then_some(MARGIN as u16 + 2);
                rows.push(row);
            }
            _ => {}
        }
        if self.model.focus == stop {
            let rows = rows.get_mut(start..).unwrap_or_default();
            self.bar(rows);
        }
    }

    /// The bar beside the rows of what has the focus: beside the cursor's alone while keys repeat.
    fn bar(&self, rows: &mut [Row]) {
        for row in rows.iter_mut().filter(|row| !self.manner.passing || row.cursor.is_some()) {
            if let Some(first) = row.left.first_mut() {
                *first = (crate::safe!(" {}", HERE), self.theme.bar());
            }
        }
    }

    fn margin(&self) -> Row {
        Row::of(blanks(MARGIN), self.theme.text())
    }

    /// Puts the marks behind what the row has.
    fn beside(&self, row: &mut Row, marks: Vec<Piece>) {
        if !marks.is_empty() {
            row.left.push((blanks(GAP), self.theme.text()));
            row.left.extend(marks);
        }
    }

    /// A checkbox before its label, and the marks behind it.
    fn checkbox(&self, parameter: &Parameter, (here, is_lit): (bool, bool), rows: &mut Vec<Row>) {
        let room = self.width.saturating_sub(MARGIN + BOX + 1);
        let mut lines = wrap(parameter.title.of(self.model.lang()), room);
        // The label must not wrap differently when a mark comes: its last line always has room for one.
        if lines.last().is_some_and(|last| text::width(last) + GAP + BOX_MARKS > room) {
            let narrow = room.saturating_sub(GAP + BOX_MARKS);
            let again = lines.pop().map(|last| wrap(&last, narrow));
            lines.extend(again.into_iter().flatten());
        }
        let label = match self.model.lock(parameter) {
            Some(_) => self.theme.dim(),
            None if is_lit => self.theme.heading(),
            None => self.theme.text(),
        };
        let start = rows.len();
        for (number, line) in lines.into_iter().enumerate() {
            let lead = if number == 0 { tick(self.model.value(parameter)) } else { blanks(BOX) };
            let mut row = self.margin().and(lead, label).and(line, label);
            row.cursor = (here && number == 0).then_some(MARGIN as u16 + 1);
            rows.push(row);
        }
        if let Some(last) = rows.get_mut(start..).and_then(<[Row]>::last_mut) {
            let room = self.width.saturating_sub(width_of(&last.left) + GAP);
            let marks = self.marks(parameter, room);
            self.beside(last, marks);
        }
    }

    /// Label and value on one row; what is left of the label below it.
    fn abreast(&self, parameter: &Parameter, (here, is_lit): (bool, bool), rows: &mut Vec<Row>) {
        let label = if is_lit { self.theme.heading() } else { self.theme.text() };
        let lines = wrap(parameter.title.of(self.model.lang()), self.column - MARGIN - GAP);
        for (number, line) in lines.into_iter().enumerate() {
            let pad = blanks(self.column.saturating_sub(MARGIN + text::width(&line)));
            let row = self.margin().and(line, label);
            rows.push(if number == 0 { self.value(parameter, here, row.and(pad, self.theme.text())) } else { row });
        }
    }

    /// The row with the value at its end, and the marks behind that.
    fn value(&self, parameter: &Parameter, here: bool, mut row: Row) -> Row {
        let start = width_of(&row.left);
        let room = self.width.saturating_sub(start);
        let value = self.model.value(parameter);
        match parameter.kind.format.widget {
            Widget::Checkbox => {
                let word = match value {
                    Value::Bool(_) => parameter.kind.shown(value, self.model.lang()),
                    _ => Safe::default(),
                };
                let style = if self.model.lock(parameter).is_some() { self.theme.dim() } else { self.theme.text() };
                row.cursor = here.then_some(start as u16 + 1);
                row = row.and(tick(value), style).and(word, style);
            }
            Widget::Choice => {
                let shown = crate::safe!("< {} >", parameter.kind.shown(value, self.model.lang()));
                row.cursor = here.then_some(start as u16 + 2);
                row = row.and(cut(&shown, room.saturating_sub(GAP + MARKS_LEAST)), self.theme.text());
            }
            Widget::Field => return self.line(parameter, here, row),
        }
        let marks = self.marks(parameter, self.width.saturating_sub(width_of(&row.left) + GAP));
        self.beside(&mut row, marks);
        row
    }

    /// A value that is typed, on its line.
    fn line(&self, parameter: &Parameter, here: bool, row: Row) -> Row {
        let start = width_of(&row.left);
        let (open, close) = if self.theme.has_brackets() { ("[", "]") } else { ("", "") };
        let room = self.width.saturating_sub(start + open.len() + close.len());
        let value = Safe::outside(&parameter.kind.raw(self.model.value(parameter)));
        let wanted = text::width(&value) + 1;
        // The value comes first; the marks get what it leaves, within bounds.
        let most = room.saturating_sub(wanted.max(self.extent(parameter)) + GAP).max(MARKS_LEAST);
        let marks = self.marks(parameter, most);
        let left = room.saturating_sub(if marks.is_empty() { 0 } else { width_of(&marks) + GAP });
        let least = room.saturating_sub(GAP + MARKS_LEAST);
        let width = wanted.max(self.extent(parameter).min(least)).min(left);
        let (shown, cursor) = match here {
            true => self.model.line.window(width),
            false => (cut(&value, width), 0),
        };
        let pad = blanks(width.saturating_sub(text::width(&shown)));
        let is_selected = here && !self.manner.passing && self.model.line.is_selected();
        let style = if is_selected { self.theme.selected() } else { self.theme.value() };
        let mut row = row.and(open, self.theme.text()).and(shown, style).and(pad, self.theme.value());
        row = row.and(close, self.theme.text());
        row.cursor = here.then_some((start + open.len() + cursor) as u16);
        self.beside(&mut row, marks);
        row
    }

    /// How wide the line of a parameter is: as long as what it takes, where that is bounded.
    fn extent(&self, parameter: &Parameter) -> usize {
        let bounds = &parameter.kind.bounds;
        let digits = |number: i64| number.to_string().len();
        match bounds.max_length {
            Some(length) => length.clamp(SPARE, LINE),
            None if parameter.kind.format.bounded_by == BoundedBy::Range => {
                (digits(bounds.minimum).max(digits(bounds.maximum)) + SPARE).min(LINE)
            }
            None => LINE,
        }
    }

    /// What stands behind a value: change, lock or default, what is wrong, what the check says; at most `room` cells.
    fn marks(&self, parameter: &Parameter, room: usize) -> Vec<Piece> {
        let found = self.found(parameter);
        let state = self.state(parameter, !found.is_empty(), room);
        let dot = (Safe::own(" · "), self.theme.dim());
        let blank = (Safe::own(" "), self.theme.text());
        let joint = match state.last() {
            _ if found.is_empty() => vec![],
            None => vec![],
            // A sign needs no dot behind it.
            Some((text, _)) if text.as_str() == mark::CHANGED => vec![blank],
            Some(_) => vec![dot],
        };
        let all = [state, joint, found.clone()].concat();
        // What is found is more urgent than where the value comes from.
        let kept = if width_of(&all) <= room || found.is_empty() { all } else { found };
        let mut left = room;
        let cut_to = |(text, style): Piece| {
            let text = cut(&text, left);
            left -= text::width(&text);
            (text, style)
        };
        kept.into_iter().map(cut_to).filter(|(text, _)| !text.is_empty()).collect()
    }

    /// Where the value comes from, as far as that is to be said.
    fn state(&self, parameter: &Parameter, is_short: bool, room: usize) -> Vec<Piece> {
        let (model, theme, lang) = (self.model, self.theme, self.model.lang());
        match model.source(&parameter.key) {
            Source::Changed if model.session.is_overtaken(&parameter.key) => vec![
                (mark::CHANGED.into(), theme.sign(mark::CHANGED)),
                (" ".into(), theme.text()),
                (mark::WARNS.into(), theme.sign(mark::WARNS)),
                (lang.pick(" conflito", " conflict").into(), theme.text()),
            ],
            Source::Changed if is_short => vec![(mark::CHANGED.into(), theme.sign(mark::CHANGED))],
            Source::Changed => vec![
                (mark::CHANGED.into(), theme.sign(mark::CHANGED)),
                (lang.pick(" alterado", " changed").into(), theme.text()),
            ],
            _ if let Some(key) = model.lock(parameter) => {
                let whole = say!(lang, "travado: depende de “{}”", "locked: depends on “{}”", self.title(&key));
                let told = if text::width(&whole) <= room { whole } else { lang.pick("travado", "locked").into() };
                vec![(told, theme.dim())]
            }
            // A checkbox shows its value at a glance; for the rest it helps to know that nobody chose it.
            Source::Default if parameter.kind.format.widget != Widget::Checkbox => {
                vec![(lang.pick("padrão", "default").into(), theme.dim())]
            }
            _ => vec![],
        }
    }

    fn title(&self, key: &Key) -> Safe {
        change::title(self.model.catalog(), key, self.model.lang())
    }

    /// What is wrong with the value, or what its test says.
    fn found(&self, parameter: &Parameter) -> Vec<Piece> {
        let (model, theme, lang, key) = (self.model, self.theme, self.model.lang(), &parameter.key);
        let sign = |mark: &'static str, words: Safe| {
            let words = if words.is_empty() { words } else { crate::safe!(" {}", words) };
            vec![(Safe::own(mark), theme.sign(mark)), (words, theme.text())]
        };
        if let Some(finding) = model.finding(key) {
            // Of two that do not go together, both are marked, and one has the words.
            let is_silent = model.holds_back(parameter) || !model.to_mend().contains(&key);
            return match finding.level() {
                Level::Error if is_silent => sign(mark::INVALID, Safe::default()),
                Level::Error => sign(mark::INVALID, finding.summary(lang)),
                Level::Warning => sign(mark::WARNS, Safe::default()),
            };
        }
        if model.is_waiting(key) {
            let testing = || lang.pick("testando", "testing").into();
            return vec![(model.stage(key).map_or_else(testing, |stage| stage.doing(lang)), theme.dim())];
        }
        match model.outcome(key) {
            Some(outcome) if outcome.status() != Status::Skipped => {
                sign(outcome::mark(outcome.status()).1, outcome.summary(lang))
            }
            _ => vec![],
        }
    }
}

fn tick(value: &Value) -> Safe {
    Safe::own(match value {
        Value::Bool(true) => "[x] ",
        Value::Bool(false) => "[ ] ",
        // A value of the wrong type: the document has it, and Space mends it.
        _ => "[!] ",
    })
}
