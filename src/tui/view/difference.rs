//! What would change, value by value, laid out: what is not saved, what a draft or a version brings, what both sides
//! changed. The sentences are `present`'s, but for what names a key of the form.

use serde_json::Value;

use super::paint::{Row, rows_of, width, wrap};
use crate::catalog::Level;
use crate::document::Saved;
use crate::document::history::Entry;
use crate::document::merge::Conflict;
use crate::present::{self, change, mark, summary, version};
use crate::safe::Safe;
use crate::say;
use crate::session::Change;
use crate::text::line::{Line, Tone, blanks};
use crate::tui::dialog::{Choosing, Found, Offer, Purpose};
use crate::tui::model::Model;

/// What a save would write, or why it would not.
pub fn unsaved(model: &Model, room: u16) -> Vec<Row> {
    let lang = model.lang();
    let path = Safe::path(model.session.document().path());
    let changes = model.session.changes();
    let heading = match (changes.is_empty(), &model.denied) {
        (true, _) => say!(
            lang,
            "Nada mudou: o formulário diz o mesmo que {}.",
            "Nothing has changed: the form says what {} says.",
            path
        ),
        (false, Some(_)) => say!(
            lang,
            "Somente leitura: F12 guarda num rascunho de {}:",
            "Read-only: F12 keeps in a draft of {}:",
            path
        ),
        (false, None) => say!(lang, "F12 grava em {}:", "F12 saves in {}:", path),
    };
    let mut lines = vec![heading.into()];
    lines.extend(changes.iter().map(|it| change::marked(model.catalog(), it, lang)));
    let errors = model.findings.iter().filter(|finding| finding.level() == Level::Error);
    lines.extend(
        errors.map(|finding| Line::of(Tone::Bad, crate::safe!("{} {}", mark::INVALID, finding.sentence(lang)))),
    );
    rows_of(&lines, room, model.setup.theme).collect()
}

/// That changes are not saved, and which.
pub fn closing(model: &Model, room: u16) -> Vec<Row> {
    let changes = model.session.changes();
    let mut lines = vec![crate::safe!("{}:", summary::unsaved(changes.len(), model.lang())).into()];
    lines.extend(changes.iter().map(|it| change::marked(model.catalog(), it, model.lang())));
    rows_of(&lines, room, model.setup.theme).collect()
}

/// Whose draft it is, how old, and what it would bring into the form.
pub fn draft(model: &Model, offer: &Offer, room: u16) -> (Safe, Vec<Row>) {
    let lang = model.lang();
    let title = match offer.place {
        (_, 1) => say!(lang, "Há um rascunho não gravado", "There is an unsaved draft"),
        (number, count) => say!(lang, "Rascunho não gravado {} de {}", "Unsaved draft {} of {}", number, count),
    };
    let lines = match &offer.found {
        Found::Broken(broken) => vec![Line::of(Tone::Bad, broken.words(lang))],
        Found::Whole { draft, merge, made_on, is_old, meanwhile } => {
            let mut lines = present::draft::about(draft, *made_on, *is_old, meanwhile.as_ref(), offer.now, lang);
            lines.extend(present::draft::brings(draft, merge, &model.session, lang));
            if !model.session.would_change(&merge.mine).is_empty() || !merge.conflicts.is_empty() {
                let recovering = say!(
                    lang,
                    "Recuperar traz estes valores ao formulário; nada é gravado antes de F12.",
                    "Recovering brings these values into the form; nothing is saved before F12."
                );
                lines.push(Line::of(Tone::Faint, recovering));
            }
            lines
        }
    };
    (title, rows_of(&lines, room, model.setup.theme).collect())
}

/// The two values side by side, and what both sides knew.
///
/// ```text
/// Porta Banco de Dados Gestores
///   neste formulário            no arquivo agora
///   5433                        5434
/// ```
pub fn conflict(model: &Model, choosing: &Choosing, room: u16) -> (Safe, Vec<Row>) {
    let (theme, lang, catalog) = (model.setup.theme, model.lang(), model.catalog());
    let (number, count) = (choosing.chosen.len() + 1, choosing.conflicts.len());
    let title = match count {
        1 => say!(lang, "Mudou aqui e no arquivo", "Changed here and in the file"),
        _ => say!(lang, "Mudou aqui e no arquivo: {} de {}", "Changed here and in the file: {} of {}", number, count),
    };
    let Some(current) = choosing.current() else { return (title, vec![]) };
    let mine = match choosing.purpose {
        Purpose::Save(_) => say!(lang, "neste formulário", "in this form"),
        Purpose::Recover(..) => say!(lang, "no rascunho", "in the draft"),
    };
    let mut lines: Vec<Line> = choosing.meanwhile.iter().map(|stamp| version::saved_by(stamp, lang)).collect();
    lines.push(Line::of(Tone::Strong, change::title(catalog, &current.key, lang)));
    let mut rows: Vec<Row> = rows_of(&lines, room, theme).collect();
    rows.extend(abreast(model, (mine, say!(lang, "no arquivo agora", "in the file now")), current, room));
    rows.extend(rows_of(&[change::before(catalog, current, lang)], room, theme));
    (title, rows)
}

fn abreast(model: &Model, heads: (Safe, Safe), conflict: &Conflict, room: u16) -> Vec<Row> {
    let theme = model.setup.theme;
    let column = (usize::from(room).saturating_sub(6) / 2).max(1);
    let cell =
        |value: &Option<Value>| wrap(&change::setting(model.catalog(), &conflict.key, value, model.lang()), column);
    let (mine, theirs) = (cell(&conflict.mine), cell(&conflict.theirs));
    let row = |left: Safe, right: Safe, style| {
        let gap = blanks((column + 2).saturating_sub(width(&left)));
        Row::of("   ".into(), style).and(left, style).and(gap, style).and(right, style)
    };
    let mut rows = vec![row(heads.0, heads.1, theme.dim())];
    for line in 0..mine.len().max(theirs.len()) {
        let of = |cell: &[Safe]| cell.get(line).cloned().unwrap_or_default();
        rows.push(row(of(&mine), of(&theirs), theme.changed()));
    }
    rows
}

/// What a version was, and what restoring it would change in the form.
pub fn version(model: &Model, entry: &Entry, changes: &[Change], room: u16) -> (Safe, Vec<Row>) {
    let lines = version::about(entry, changes, model.catalog(), model.lang());
    let title = say!(model.lang(), "Versão {}", "Version {}", entry.number);
    (title, rows_of(&lines, room, model.setup.theme).collect())
}

/// That it was saved, and what of others was kept beside it.
pub fn merged(model: &Model, saved: &Saved, room: u16) -> Vec<Row> {
    rows_of(&version::merged(saved, model.catalog(), model.lang()), room, model.setup.theme).collect()
}
