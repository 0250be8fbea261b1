//! The servers that a search found, to take one of them into the field; before that, how far the search is.
//!
//! ```text
//! ▌ ✓ 192.168.0.10   PostgreSQL e HTTP  1 ms    servidor.loja
//!   ▲ 192.168.0.11   só PostgreSQL      < 1 ms
//!
//!   Procurado: PostgreSQL na porta 5432 e HTTP na porta 8082.
//!   Rede eth0 (192.168.0.20/24): 253 endereços.
//! ```

use super::super::event::Effect;
use super::super::keymap::{self, Context};
use super::super::model::{Content, Dialog, Model, Reply};
use super::super::rows::{Row, cut, rows_of};
use super::super::theme::HERE;
use crate::check::Cancel;
use crate::check::discover::{Progress, Report};
use crate::key::Key;
use crate::present::server;
use crate::safe::Safe;
use crate::say;
use crate::text::line::{Line, Tone};

#[derive(Debug)]
pub struct Servers {
    /// The parameter that holds the host.
    pub host: Key,
    pub state: State,
}

#[derive(Debug)]
pub enum State {
    Searching { cancel: Cancel, progress: Progress },
    Found(Box<Report>),
}

impl Dialog for Servers {
    fn context(&self) -> Context {
        match &self.state {
            State::Searching { .. } => keymap::SEARCHING,
            State::Found(report) if report.machines.is_empty() => keymap::PAGE,
            State::Found(_) => keymap::SERVERS,
        }
    }

    fn content(&self, model: &Model, room: u16, picked: usize) -> Content {
        let lang = model.lang();
        let title = say!(lang, "Servidores na rede", "Servers in the network");
        match &self.state {
            State::Searching { progress, .. } => {
                Content::of(title, &[server::progress(*progress, lang).into()], model, room)
            }
            State::Found(report) => {
                let table = server::table(report, lang).into_iter().enumerate();
                let rows = table.map(|(at, line)| row(model, &line, at == picked, room)).collect();
                let remarks = server::remarks(report, lang).into_iter().map(|remark| Line::of(Tone::Doubtful, remark));
                let about: Vec<Line> = remarks.chain(server::searched(report, lang)).collect();
                let about = rows_of(&about, room, model.setup.theme);
                let content = Content { title, rows, below: vec![] };
                match report.machines.is_empty() {
                    // Text of any length scrolls.
                    true => Content { rows: about.collect(), ..content },
                    false => Content { below: about.collect(), ..content },
                }
            }
        }
    }

    fn count(&self) -> usize {
        match &self.state {
            State::Searching { .. } => 0,
            State::Found(report) => report.machines.len(),
        }
    }

    /// Takes the machine into the field, as one step that can be taken back.
    fn enter(&mut self, model: &mut Model, picked: usize) -> Reply {
        let State::Found(report) = &self.state else { return Reply::Stay(vec![]) };
        let Some(machine) = report.machines.get(picked) else { return Reply::Stay(vec![]) };
        let address = machine.address.to_string();
        model.set_all([(self.host.clone(), Some(address.as_str().into()))].into(), None);
        let (lang, address) = (model.lang(), Safe::outside(&address));
        model.tell(match model.is_changed(&self.host) {
            true => say!(
                lang,
                "{} no campo, ainda não gravado. Ctrl+Z desfaz; F5 testa.",
                "{} in the field, not saved yet. Ctrl+Z undoes it; F5 tests it.",
                address
            ),
            false => say!(
                lang,
                "{} no campo, como no arquivo. F5 testa.",
                "{} in the field, as in the file. F5 tests it.",
                address
            ),
        });
        Reply::Close(vec![])
    }

    fn close(&mut self, model: &mut Model) -> Reply {
        match &self.state {
            State::Searching { cancel, .. } => {
                // What it still says comes too late.
                model.next_ticket();
                Reply::Close(vec![Effect::StopCheck(cancel.clone())])
            }
            State::Found(_) => Reply::Close(vec![]),
        }
    }
}

/// A line that can be picked, cut to `room` cells.
pub fn row(model: &Model, line: &Line, picked: bool, room: u16) -> Row {
    let theme = model.setup.theme;
    let mark = if picked { HERE } else { " " };
    let mut left = usize::from(room).saturating_sub(2);
    let mut row = Row::of(crate::safe!("{} ", mark), if picked { theme.picked() } else { theme.text() });
    for (tone, text) in line.pieces() {
        let text = cut(text, left);
        left = left.saturating_sub(crate::text::width(&text));
        row = row.and(text, if picked { theme.picked() } else { theme.style(*tone) });
    }
    row.cursor = picked.then_some(0);
    row
}
