//! Text that does not change while it is open, with answers below it if it asks something. Also the pages that report a
//! problem, a merged save, and a table that was set aside.

use super::super::keymap::{self, Context};
use super::super::model::{Content, Dialog, Model, Reply};
use crate::check::version_table::SetAside;
use crate::document::Saved;
use crate::present::{problem, version};
use crate::problem::Problem;
use crate::safe::Safe;
use crate::say;
use crate::text::line::{Line, Tone};

pub struct Page {
    title: Safe,
    lines: Vec<Line>,
    answers: Vec<(&'static str, Answer)>,
    /// The answer that Esc gives; `None`: it only closes.
    escape: Option<usize>,
    context: Context,
}

type Answer = Box<dyn Fn(&mut Model) -> Reply>;

impl Page {
    pub fn of(title: Safe, lines: Vec<Line>) -> Page {
        Page { title, lines, answers: vec![], escape: None, context: keymap::PAGE }
    }

    /// Adds an answer. The first one should be harmless, since Enter takes it.
    pub fn answer(mut self, label: &'static str, then: impl Fn(&mut Model) -> Reply + 'static) -> Page {
        self.answers.push((label, Box::new(then)));
        Page { context: keymap::QUESTION, ..self }
    }

    /// Esc gives the answer of this number.
    pub fn escape(self, answer: usize, context: Context) -> Page {
        Page { escape: Some(answer), context, ..self }
    }
}

impl Dialog for Page {
    fn context(&self) -> Context {
        self.context
    }

    fn content(&self, model: &Model, room: u16, _: usize) -> Content {
        Content::of(self.title.clone(), &self.lines, model, room)
    }

    fn answers(&self, _: &Model) -> Vec<&'static str> {
        self.answers.iter().map(|(label, _)| *label).collect()
    }

    fn enter(&mut self, model: &mut Model, picked: usize) -> Reply {
        self.answers.get(picked).map_or(Reply::Stay(vec![]), |(_, then)| then(model))
    }

    fn close(&mut self, model: &mut Model) -> Reply {
        self.escape.map_or(Reply::Close(vec![]), |answer| self.enter(model, answer))
    }
}

/// The answer that changes nothing.
pub fn back(_: &mut Model) -> Reply {
    Reply::Close(vec![])
}

pub fn tell_problem(model: &mut Model, problem: &Problem) {
    let title = say!(model.lang(), "Falhou", "Could not complete");
    model.open(Page::of(title, problem::page(problem)));
}

/// That it was saved, together with what others had changed meanwhile.
pub fn tell_merged(model: &mut Model, saved: &Saved) {
    let title = say!(model.lang(), "Gravado", "Saved");
    let lines = version::merged(saved, model.catalog(), model.lang());
    model.open(Page::of(title, lines));
}

/// That a table was set aside: what it had been called, what it is now, and the SQL that puts it back.
pub fn tell_set_aside(model: &mut Model, before: &str, moved: &SetAside) {
    let lang = model.lang();
    let mut lines: Vec<Line> = vec![moved.message(before, lang).into()];
    lines.extend(moved.put_back.lines().map(|line| Line::of(Tone::Strong, Safe::outside(line))));
    let again =
        say!(lang, "O SQL aparece de novo ao fechar o programa.", "The SQL is shown again when the program closes.");
    lines.push(Line::of(Tone::Faint, again));
    model.open(Page::of(say!(lang, "Tabela retirada", "Table set aside"), lines));
}
