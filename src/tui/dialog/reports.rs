//! The reports that can be edited.

use super::super::event::Effect;
use super::super::keymap::{self, Context};
use super::super::model::{Content, Dialog, Model, Reply};
use super::super::rows::{Row, cut};
use super::page::tell_problem;
use crate::problem::Account;
use crate::safe::Safe;
use crate::say;
use crate::session::reports;
use crate::tui::theme::HERE;

pub struct Reports(pub reports::Reports);

impl Dialog for Reports {
    fn context(&self) -> Context {
        keymap::REPORTS
    }

    fn content(&self, model: &Model, room: u16, picked: usize) -> Content {
        let names = self.0.names.iter().map(|name| Safe::outside(&name.to_string_lossy())).enumerate();
        let title = say!(model.lang(), "Relatórios em {}", "Reports in {}", Safe::path(&self.0.folder));
        let row = |(at, name): (usize, Safe)| row(model, &name, at == picked, room);
        Content { title, rows: names.map(row).collect(), below: vec![] }
    }

    fn count(&self) -> usize {
        self.0.names.len()
    }

    fn enter(&mut self, model: &mut Model, picked: usize) -> Reply {
        let Some(name) = self.0.names.get(picked) else { return Reply::Stay(vec![]) };
        match self.0.file(name) {
            Ok(file) => Reply::Stay(vec![Effect::Edit(file)]),
            Err(error) => {
                let mut problem = error.problem(model.lang());
                if let Some(Account::Other { run, .. }) = problem.account.take() {
                    let document = Safe::for_shell(model.session.document().path());
                    problem = problem.hint(say!(
                        model.lang(),
                        "Para abrir: {} balcao-config --config {} action editar-relatorio {}",
                        "To open it: {} balcao-config --config {} action editar-relatorio {}",
                        run,
                        document,
                        Safe::word(name)
                    ));
                }
                tell_problem(model, &problem);
                Reply::Stay(vec![])
            }
        }
    }
}

fn row(model: &Model, name: &Safe, picked: bool, room: u16) -> Row {
    let theme = model.setup.theme;
    let style = if picked { theme.picked() } else { theme.text() };
    let mark = if picked { HERE } else { " " };
    let name = cut(name, usize::from(room).saturating_sub(3));
    let mut row = Row::of(crate::safe!("{} {} ", mark, name), style);
    row.cursor = picked.then_some(0);
    row
}
