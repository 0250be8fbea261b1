//! The question for the database password, unseen: it is for this form alone, and kept nowhere.

use super::super::keymap::{self, Action, Context};
use super::super::model::{Content, Dialog, Model, Reply, Retry};
use super::super::rows::{Row, rows_of};
use crate::check::Outcome;
use crate::check::credentials::Secret;
use crate::safe::Safe;
use crate::say;
use crate::text::line::Line;

/// What stands for a character of it.
const MARK: &str = "•";

pub struct AskPassword {
    /// Who is asked for it, and where.
    question: Safe,
    /// What is to be done once it is there.
    then: Retry,
    /// What is typed so far, and before which character the cursor stands. No line of text: nothing shows it.
    typed: Vec<char>,
    cursor: usize,
}

/// Asks, after a login that lacked a password.
pub fn ask(model: &mut Model, outcome: &Outcome, then: Retry) {
    let user = Safe::outside(model.setup.check.credentials.user.as_deref().unwrap_or_default());
    let address = Safe::outside(&outcome.request.point.address().unwrap_or_default());
    let question = say!(
        model.lang(),
        "O PostgreSQL de {} pede a senha de {}. A senha vale só até fechar esta tela e não é gravada.",
        "PostgreSQL at {} asks for the password of {}. It is kept only until this form closes and is not saved.",
        address,
        user
    );
    let question = match then {
        Retry::Save(_) => {
            let without = say!(model.lang(), "Esc grava sem testar o login.", "Esc saves without testing the login.");
            Safe::join(&[question, without], " ")
        }
        Retry::Test | Retry::Table => question,
    };
    model.open(AskPassword { question, then, typed: vec![], cursor: 0 });
}

impl Dialog for AskPassword {
    fn context(&self) -> Context {
        keymap::PASSWORD
    }

    fn content(&self, model: &Model, room: u16, _: usize) -> Content {
        let (theme, lang) = (model.setup.theme, model.lang());
        let title = say!(lang, "Senha do banco de dados", "Database password");
        let rows = rows_of(&[Line::from(self.question.clone())], room, theme).collect();
        let asked = say!(lang, " Senha (não aparece ao digitar):", " Password (not shown as it is typed):");
        // The last ones, where there are more than fit.
        let width = usize::from(room).saturating_sub(4);
        let skipped = self.cursor.saturating_sub(width.saturating_sub(1));
        let marks = vec![Safe::own(MARK); (self.typed.len() - skipped).min(width)];
        let mut line = Row::of("  ".into(), theme.text()).and(Safe::join(&marks, ""), theme.here());
        line.cursor = Some((2 + self.cursor - skipped) as u16);
        Content { title, rows, below: vec![Row::of(asked, theme.text()), line] }
    }

    fn enter(&mut self, model: &mut Model, _: usize) -> Reply {
        if self.typed.is_empty() {
            model.warn(say!(model.lang(), "Nenhuma senha foi digitada.", "No password was typed."));
            return Reply::Stay(vec![]);
        }
        model.password = Some(Secret::new(self.typed.drain(..).collect::<String>()));
        Reply::Retry(self.then)
    }

    fn close(&mut self, model: &mut Model) -> Reply {
        // As if the test had just ended: F5 shows it live.
        model.just_tested = self.then == Retry::Test;
        match self.then {
            Retry::Save(after) => Reply::SaveUntested(after, vec![]),
            Retry::Test | Retry::Table => Reply::Close(vec![]),
        }
    }

    fn press(&mut self, _: &mut Model, action: Action) -> Option<Reply> {
        match action {
            Action::Insert(letter) => {
                self.typed.insert(self.cursor, letter);
                self.cursor += 1;
            }
            Action::Backspace if self.cursor > 0 => {
                self.cursor -= 1;
                self.typed.remove(self.cursor);
            }
            Action::Delete if self.cursor < self.typed.len() => _ = self.typed.remove(self.cursor),
            Action::DeleteWord => {
                self.typed.drain(..self.cursor);
                self.cursor = 0;
            }
            Action::ClearLine => {
                self.typed.clear();
                self.cursor = 0;
            }
            Action::Left => self.cursor = self.cursor.saturating_sub(1),
            Action::Right => self.cursor = (self.cursor + 1).min(self.typed.len()),
            Action::Home => self.cursor = 0,
            Action::End => self.cursor = self.typed.len(),
            Action::Backspace | Action::Delete => {}
            _ => return None,
        }
        Some(Reply::Stay(vec![]))
    }
}
