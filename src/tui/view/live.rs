//! Tests that are repeated: how each target is and how fast, and below it every change with its time.
//!
//! ```text
//! ✓ Porta Banco de Dados Gestores
//!   3 ms (de 2 a 18) · 41 testes, nenhuma falha
//! ✗ Porta de Comunicação para Integração do Cadastro de Clientes
//!   recusada desde 09:40:12 · 41 testes, 41 falhas
//!
//! 09:40:12  Porta Banco de Dados Gestores: recusada → 3 ms
//! ```

use super::paint::{Piece, Row, paragraphs};
use crate::check::Status;
use crate::check::watch::Watched;
use crate::document::timestamp::{Parts, Timestamp};
use crate::key::Key;
use crate::safe::Safe;
use crate::say;
use crate::tui::dialog::{Live, Turn};
use crate::tui::model::Model;

pub fn rows(model: &Model, view: &Live, room: u16) -> Vec<Row> {
    let (theme, lang) = (model.setup.theme, model.lang());
    if view.targets.is_empty() {
        return paragraphs(&[(say!(lang, "Primeiro teste…", "First test…"), theme.dim())], room).collect();
    }
    let mut rows: Vec<Row> = view.targets.iter().flat_map(|target| target_rows(model, target, room)).collect();
    let changes: Vec<Piece> = view.turns.iter().map(|turn| changed(model, turn)).collect();
    rows.push(Row::default());
    if changes.is_empty() {
        let words = say!(
            lang,
            "Nada mudou ainda; cada mudança aparece aqui com a hora.",
            "Nothing has changed yet; every change appears here with its time."
        );
        rows.extend(paragraphs(&[(words, theme.dim())], room));
    }
    rows.extend(paragraphs(&changes, room));
    rows
}

fn target_rows(model: &Model, target: &Watched, room: u16) -> Vec<Row> {
    let (theme, lang) = (model.setup.theme, model.lang());
    let (glyph, style) = match target.status {
        Status::Ok => (theme.glyphs.passes, theme.passes()),
        Status::Warning => (theme.glyphs.warns, theme.warns()),
        Status::Fail => (theme.glyphs.fails, theme.fails()),
        Status::Skipped => ("-", theme.dim()),
    };
    let counted = match target.failures {
        0 => say!(lang, "{} testes, nenhuma falha", "{} tests, no failure", target.tests),
        failures => say!(lang, "{} testes, {} com falha", "{} tests, {} failed", target.tests, failures),
    };
    let latency = target.latency.map(|latency| {
        say!(
            lang,
            "última {} ms, melhor {} ms, pior {} ms",
            "last {} ms, best {} ms, worst {} ms",
            latency.last_ms,
            latency.best_ms,
            latency.worst_ms
        )
    });
    let state = match target.status {
        Status::Ok => None,
        _ => {
            let words = model.outcome(&target.key).map(|outcome| outcome.brief(lang)).unwrap_or_default();
            Some(say!(lang, "{} desde {}", "{} since {}", words, clock(model, target.since)))
        }
    };
    let facts: Vec<Safe> = state.into_iter().chain(latency).chain([counted]).collect();
    let parts = [
        (crate::safe!("{} {}", glyph, title(model, &target.key)), style),
        (crate::safe!("  {}", Safe::join(&facts, " · ")), theme.text()),
    ];
    paragraphs(&parts, room).collect()
}

fn changed(model: &Model, turn: &Turn) -> Piece {
    let (theme, lang) = (model.setup.theme, model.lang());
    let (before, seconds) = &turn.before;
    let words = say!(
        lang,
        "{}  {}: {}, por {} s {} {}",
        "{}  {}: {}, for {} s {} {}",
        clock(model, turn.at),
        title(model, &turn.key),
        before,
        *seconds,
        theme.glyphs.becomes,
        turn.after
    );
    let style = match turn.status {
        Status::Ok => theme.passes(),
        Status::Warning => theme.warns(),
        Status::Fail => theme.fails(),
        Status::Skipped => theme.dim(),
    };
    (words, style)
}

fn title(model: &Model, key: &Key) -> Safe {
    model.catalog().parameter(key).map(|parameter| parameter.title.of(model.lang()).clone()).unwrap_or_default()
}

/// As the clock on the wall has it.
fn clock(model: &Model, at: Timestamp) -> Safe {
    let Parts { hour, minute, second, .. } = at.parts(model.setup.zone.ahead_s(at));
    Safe::outside(&format!("{hour:02}:{minute:02}:{second:02}"))
}
