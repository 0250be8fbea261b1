//! Tests that are repeated: how each target is and how fast, and below it every change with its time.
//!
//! ```text
//! ✓ Porta Banco de Dados Gestores
//!   última 3 ms, melhor 2 ms, pior 18 ms · 41 testes, 3 com falha
//!   ▁▁▁▂▁▁▁▁✗✗✗▁▁▁▁▁▂▁▁
//!           ↑09:40:12 recusada
//! ✗ Porta de Comunicação para Integração do Cadastro de Clientes
//!   recusada desde 09:40:12 · 41 testes, 41 com falha
//!   ✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗
//!
//! 1 s por sinal: ▁ até 5 ms, ▂ 20, ▃ 50, ▅ 200, ▇ mais; ▲ aviso, ✗ falha
//! 09:40:12  Porta Banco de Dados Gestores: recusada, por 67 s → 3 ms
//! ```

use super::super::keymap::{self, Context};
use super::super::model::{Content, Dialog, Model, Reply};
use crate::check::watch::{Change, Watched};
use crate::present::{outcome, strip};
use crate::say;
use crate::text::line::{Line, Tone};

/// Cells before what is told of a target.
const INDENT: usize = 2;

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
        let title = say!(lang, "Teste contínuo, a cada segundo", "Continuous test, every second");
        if self.targets.is_empty() {
            let first = Line::of(Tone::Faint, say!(lang, "Primeiro teste…", "First test…"));
            return Content::of(title, &[first], model, room);
        }
        let strip_width = usize::from(room).saturating_sub(2 + INDENT);
        let mut lines: Vec<Line> = vec![];
        for target in &self.targets {
            lines.extend(outcome::watched(target, catalog, lang, zone));
            let strip = strip::lines(target, strip_width, lang, zone);
            lines.extend(strip.into_iter().map(|line| Line::indented(INDENT).join(line)));
        }
        lines.extend([Line::default(), strip::legend(lang)]);
        lines.extend(self.changes.iter().filter_map(|change| outcome::changed(change, catalog, lang, zone)));
        if self.changes.is_empty() {
            let nothing = say!(
                lang,
                "Nenhuma mudança até agora; cada uma aparece aqui, com a hora.",
                "No change so far; each one appears here, with its time."
            );
            lines.push(Line::of(Tone::Faint, nothing));
        }
        Content::of(title, &lines, model, room)
    }

    fn close(&mut self, model: &mut Model) -> Reply {
        Reply::Close(model.stop_check().into_iter().collect())
    }
}
