//! Work that the form waits for.

use super::super::event::After;
use super::super::keymap::{self, Action, Context};
use super::super::model::{Content, Dialog, Model, Reply};
use super::keys::Keys;
use crate::present::summary;
use crate::safe::Safe;
use crate::say;
use crate::session::ending::Ending;
use crate::text::line::{Line, Tone};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Busy {
    /// The checks before a save, and what follows the save.
    Checking(After),
    Saving,
    /// It has not ended for so long that something must be wrong.
    Late,
    /// The table that an action is about is being looked at.
    Looking,
    /// It is being set aside.
    Moving,
}

impl Dialog for Busy {
    fn context(&self) -> Context {
        match self {
            Busy::Checking(_) | Busy::Looking => keymap::CHECKING,
            Busy::Late => keymap::LATE,
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
                        "Endereço ou porta alterados: testando antes de gravar e fechar…",
                        "Address or port changed: testing before saving and closing…"
                    ),
                    After::Stay => say!(
                        lang,
                        "Endereço ou porta alterados: testando antes de gravar…",
                        "Address or port changed: testing before saving…"
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
            Busy::Late => {
                lines.push(Safe::path(model.session.document().path()).into());
                lines.push(summary::late(lang));
                let leaving = say!(
                    lang,
                    "“Sair” guarda as alterações em outra pasta, se possível, e mostra onde. Se o terminal não \
                     voltar, é que o sistema espera o disco responder: use outra sessão.",
                    "“Leave” keeps the changes in another folder, if it can, and shows where. If the terminal does \
                     not come back, the system is waiting for the disk: use another session."
                );
                lines.push(leaving.into());
                say!(lang, "A gravação não terminou", "The save has not ended")
            }
        };
        Content::of(title, &lines, model, room)
    }

    fn answers(&self, model: &Model) -> Vec<&'static str> {
        let lang = model.lang();
        match self {
            Busy::Late => vec![lang.pick("Esperar", "Wait"), lang.pick("Sair (Esc)", "Leave (Esc)")],
            _ => vec![],
        }
    }

    fn enter(&mut self, model: &mut Model, picked: usize) -> Reply {
        if picked == 0 { Reply::Stay(vec![]) } else { self.close(model) }
    }

    fn press(&mut self, model: &mut Model, action: Action) -> Option<Reply> {
        (action == Action::Help).then(|| {
            model.open(Keys);
            Reply::Stay(vec![])
        })
    }

    fn close(&mut self, model: &mut Model) -> Reply {
        if *self == Busy::Late {
            let (path, count) = (model.session.document().path().to_owned(), model.session.changes().len());
            return Reply::Close(model.leave(Ending::Unanswered(path, count)));
        }
        if let Busy::Checking(_) = self {
            let message = say!(model.lang(), "Teste cancelado; nada foi gravado.", "Test canceled; nothing was saved.");
            model.warn(message);
            return Reply::Close(model.stop_check().into_iter().collect());
        }
        // A new ticket: the answer will be dropped.
        model.next_ticket();
        Reply::Close(vec![])
    }
}
