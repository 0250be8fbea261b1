//! Work that the form waits for.

use super::super::event::After;
use super::super::keymap::{self, Context};
use super::super::model::{Content, Dialog, Model, Reply};
use crate::safe::Safe;
use crate::say;
use crate::text::line::{Line, Tone};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Busy {
    /// The checks before a save, and what follows the save.
    Checking(After),
    Saving,
    /// The table that an action is about is being looked at.
    Looking,
    /// It is being set aside.
    Moving,
}

impl Dialog for Busy {
    fn context(&self) -> Context {
        match self {
            Busy::Checking(_) | Busy::Looking => keymap::CHECKING,
            // Cannot be cancelled half-way, and is over in a moment.
            Busy::Saving | Busy::Moving => keymap::SAVING,
        }
    }

    fn content(&self, model: &Model, room: u16, _: usize) -> Content {
        let lang = model.lang();
        let mut lines: Vec<Line> = vec![];
        let title = match self {
            Busy::Checking(after) => {
                let message = match after {
                    After::Close => say!(
                        lang,
                        "Os endereços mudaram: testando antes de gravar e fechar…",
                        "The addresses have changed: testing before saving and closing…"
                    ),
                    After::Stay => say!(
                        lang,
                        "Os endereços mudaram: testando antes de gravar…",
                        "The addresses have changed: testing before saving…"
                    ),
                };
                lines.push(message.into());
                let waiting = model.running.iter().flat_map(|running| &running.waiting);
                let titles = waiting.filter_map(|request| model.catalog().parameter(&request.key));
                lines.extend(titles.map(|parameter| {
                    let title = parameter.title.of(lang);
                    let message = match model.stage(&parameter.key) {
                        Some(stage) => crate::safe!("- {}: {}", title, stage.doing(lang)),
                        None => crate::safe!("- {}", title),
                    };
                    Line::of(Tone::Faint, message)
                }));
                say!(lang, "Testando", "Testing")
            }
            Busy::Looking | Busy::Moving => {
                let table = Safe::outside(&model.session.version_table());
                lines.push(table.into());
                match self {
                    Busy::Looking => say!(lang, "Procurando a tabela…", "Looking for the table…"),
                    _ => say!(lang, "Retirando a tabela…", "Setting the table aside…"),
                }
            }
            Busy::Saving => {
                lines.push(Safe::path(model.session.document().path()).into());
                say!(lang, "Gravando…", "Saving…")
            }
        };
        Content::of(title, &lines, model, room)
    }

    fn close(&mut self, model: &mut Model) -> Reply {
        if let Busy::Checking(_) = self {
            let message =
                say!(model.lang(), "Teste interrompido; nada foi gravado.", "Test stopped; nothing was saved.");
            model.warn(message);
            return Reply::Close(model.stop_check().into_iter().collect());
        }
        // A new ticket: the answer will be dropped.
        model.next_ticket();
        Reply::Close(vec![])
    }
}
