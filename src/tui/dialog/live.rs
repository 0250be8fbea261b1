//! Tests that are repeated: how each target is and how fast, and below it every change with its time.
//!
//! ```text
//! ✓ Porta Banco de Dados Gestores
//!   última 3 ms, melhor 2 ms, pior 18 ms · 41 testes, nenhuma falha
//! ✗ Porta de Comunicação para Integração do Cadastro de Clientes
//!   recusada desde 09:40:12 · 41 testes, 41 com falha
//!
//! 09:40:12  Porta Banco de Dados Gestores: recusada, por 67 s → 3 ms
//! ```

use super::super::keymap::{self, Context};
use super::super::model::{Content, Dialog, Model, Reply};
use crate::check::watch::{Change, Watched};
use crate::present::outcome;
use crate::say;
use crate::text::line::{Line, Tone};

/// What was seen so far.
#[derive(Default)]
pub struct Live {
    pub targets: Vec<Watched>,
    /// Every change of a target that was tested before, the latest first.
    pub changes: Vec<Change>,
}

impl Dialog for Live {
    fn context(&self) -> Context {
        keymap::LIVE
    }

    fn content(&self, model: &Model, room: u16, _: usize) -> Content {
        let (lang, catalog, zone) = (model.lang(), model.catalog(), &model.wall.zone);
        let title = say!(lang, "Teste ao vivo, a cada segundo", "Live test, every second");
        if self.targets.is_empty() {
            let first = Line::of(Tone::Faint, say!(lang, "Primeiro teste…", "First test…"));
            return Content::of(title, &[first], model, room);
        }
        let targets = self.targets.iter().flat_map(|target| outcome::watched(target, catalog, lang, zone));
        let mut lines: Vec<Line> = targets.chain([Line::default()]).collect();
        lines.extend(self.changes.iter().filter_map(|change| outcome::changed(change, catalog, lang, zone)));
        if self.changes.is_empty() {
            let nothing = say!(
                lang,
                "Nada mudou ainda; cada mudança aparece aqui com a hora.",
                "Nothing has changed yet; every change appears here with its time."
            );
            lines.push(Line::of(Tone::Faint, nothing));
        }
        Content::of(title, &lines, model, room)
    }

    fn close(&mut self, model: &mut Model) -> Reply {
        Reply::Close(model.stop_check().into_iter().collect())
    }
}
