//! The version table of the server, and the line in which its name has to be typed before it is set aside.

use super::super::event::Work;
use super::super::keymap::{self, Action, Context};
use super::super::line_edit::LineEdit;
use super::super::model::{Content, Dialog, Model, Reply};
use super::super::rows::{Row, cut, rows_of};
use super::busy::Busy;
use crate::check::version_table::Table;
use crate::session::actions;
use crate::text::line::{Line, Tone};
use crate::{safe, say};

pub struct TypeName {
    table: Box<Table>,
    /// What is typed so far.
    line: LineEdit,
}

impl TypeName {
    pub fn of(table: Box<Table>) -> TypeName {
        TypeName { table, line: LineEdit::default() }
    }
}

impl Dialog for TypeName {
    fn context(&self) -> Context {
        keymap::TABLE
    }

    fn content(&self, model: &Model, room: u16, _: usize) -> Content {
        let title = actions::Action::SetTableAside.title(model.lang());
        Content { title, rows: rows(model, &self.table, room), below: typed(model, &self.line, room) }
    }

    /// Sets the table aside, where it is its name that was typed.
    fn enter(&mut self, model: &mut Model, _: usize) -> Reply {
        if !self.table.is_called(self.line.text()) {
            model.warn(say!(
                model.lang(),
                "Nome diferente do da tabela; nada foi alterado.",
                "The name is not the table's; nothing was changed."
            ));
            return Reply::Stay(vec![]);
        }
        let Some(server) = model.session.database() else { return Reply::Stay(vec![]) };
        model.open(Busy::Moving);
        let options = model.check_options();
        Reply::Close(vec![model.work(Work::SetTableAside(server, self.table.clone(), options))])
    }

    fn close(&mut self, model: &mut Model) -> Reply {
        model.tell(say!(model.lang(), "Nada foi alterado no servidor.", "Nothing was changed on the server."));
        Reply::Close(vec![])
    }

    fn press(&mut self, _: &mut Model, action: Action) -> Option<Reply> {
        self.line.press(action).then(|| Reply::Stay(vec![]))
    }
}

/// The line in which the table's name is typed.
fn typed(model: &Model, line: &LineEdit, room: u16) -> Vec<Row> {
    let (theme, lang) = (model.setup.theme, model.lang());
    let asked = safe!(" {}", Table::question(lang));
    let (text, cursor) = line.window(usize::from(room).saturating_sub(4));
    let mut typed = Row::of("  ".into(), theme.text()).and(text, theme.here());
    typed.cursor = Some(2 + cursor as u16);
    vec![Row::of(asked, theme.text()), typed]
}

fn rows(model: &Model, table: &Table, room: u16) -> Vec<Row> {
    let (theme, lang) = (model.setup.theme, model.lang());
    let told = table.description(lang);
    let about = [
        Line::of(Tone::Doubtful, told.warning),
        Line::of(Tone::Plain, told.server),
        Line::of(Tone::Strong, told.table),
    ];
    let mut rows: Vec<Row> = rows_of(&about, room, theme).collect();
    // Rows of a table are cut, not wrapped: their columns would be lost.
    let width = usize::from(room).saturating_sub(2);
    rows.extend(told.rows.iter().map(|line| Row::of(" ".into(), theme.text()).and(cut(line, width), theme.text())));
    let kept = Table::kept(lang);
    rows.extend(rows_of(&[Line::of(Tone::Faint, kept)], room, theme));
    rows
}
