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

use super::paint::{Row, rows_of};
use crate::present::outcome;
use crate::say;
use crate::text::line::{Line, Tone};
use crate::tui::dialog::Live;
use crate::tui::model::Model;

pub fn rows(model: &Model, view: &Live, room: u16) -> Vec<Row> {
    let (theme, lang, catalog, zone) = (model.setup.theme, model.lang(), model.catalog(), &model.setup.zone);
    let faint = |sentence| Line::of(Tone::Faint, sentence);
    if view.targets.is_empty() {
        return rows_of(&[faint(say!(lang, "Primeiro teste…", "First test…"))], room, theme).collect();
    }
    let targets = view.targets.iter().flat_map(|target| outcome::watched(target, catalog, lang, zone));
    let mut rows: Vec<Row> = rows_of(&targets.collect::<Vec<_>>(), room, theme).collect();
    rows.push(Row::default());
    let mut changes: Vec<Line> =
        view.changes.iter().filter_map(|change| outcome::changed(change, catalog, lang, zone)).collect();
    if changes.is_empty() {
        changes.push(faint(say!(
            lang,
            "Nada mudou ainda; cada mudança aparece aqui com a hora.",
            "Nothing has changed yet; every change appears here with its time."
        )));
    }
    rows.extend(rows_of(&changes, room, theme));
    rows
}
