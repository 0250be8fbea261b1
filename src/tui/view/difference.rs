//! What would change, value by value: what is not saved, what a draft or a version brings, what both sides changed.
//!
//! One way to show a change for all of them; the command line's is the same sentence (`session::Change::told`).

use serde_json::Value;

use super::paint::{Piece, Row, paragraphs, width, wrap};
use crate::catalog::Level;
use crate::document::Saved;
use crate::document::diff::Difference;
use crate::document::draft::Draft;
use crate::document::history::{Entry, Kind, Stamp};
use crate::document::merge::{Conflict, Merge};
use crate::document::read::brief;
use crate::key::Key;
use crate::safe::Safe;
use crate::say;
use crate::session::Change;
use crate::tui::dialog::{Choosing, Found, Offer, Purpose};
use crate::tui::model::Model;

/// One line a change: label, before, after.
pub fn lines(model: &Model, changes: &[Change]) -> Vec<Piece> {
    let (theme, lang) = (model.setup.theme, model.lang());
    let told = |change: &Change| {
        let parameter = model.catalog().parameter(&change.key)?;
        let (from, to) = (parameter.kind.shown(&change.from, lang), parameter.kind.shown(&change.to, lang));
        let words =
            crate::safe!("{} {}: {}", theme.glyphs.changed, parameter.title.of(lang), change.told(from, to, lang));
        Some((words, theme.changed()))
    };
    changes.iter().filter_map(told).collect()
}

/// What a save would write, or why it would not.
pub fn unsaved(model: &Model, room: u16) -> Vec<Row> {
    let (theme, lang) = (model.setup.theme, model.lang());
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
    let mut parts = vec![(heading, theme.text())];
    parts.extend(lines(model, &changes));
    let errors = model.findings.iter().filter(|finding| finding.level() == Level::Error);
    parts.extend(errors.map(|finding| {
        (crate::safe!("{} {}", theme.glyphs.invalid, finding.sentence(model.catalog(), lang)), theme.fails())
    }));
    paragraphs(&parts, room).collect()
}

/// Whose draft it is, how old, and what it would bring into the form.
pub fn draft(model: &Model, offer: &Offer, room: u16) -> (Safe, Vec<Row>) {
    let (theme, lang) = (model.setup.theme, model.lang());
    let title = match offer.place {
        (_, 1) => say!(lang, "Há um rascunho não gravado", "There is an unsaved draft"),
        (number, count) => say!(lang, "Rascunho não gravado {} de {}", "Unsaved draft {} of {}", number, count),
    };
    let mut parts: Vec<Piece> = vec![];
    match &offer.found {
        Found::Broken(broken) => {
            parts.push((broken.words(lang), theme.fails()));
        }
        Found::Whole { draft, merge, made_on, is_old, meanwhile } => {
            let origin = (draft.origin(offer.now, lang), draft.on(*made_on, lang));
            let words = match is_old {
                false => say!(
                    lang,
                    "De {}; {}, que é o arquivo de agora.",
                    "By {}; {}, which is the present file.",
                    origin.0,
                    origin.1
                ),
                true => say!(
                    lang,
                    "De {}; {}; o arquivo mudou desde então.",
                    "By {}; {}; the file has changed since.",
                    origin.0,
                    origin.1
                ),
            };
            parts.push((words, theme.text()));
            parts.extend(meanwhile.as_ref().map(|stamp| (saved_by(model, stamp), theme.text())));
            if draft.open_elsewhere {
                let words = say!(
                    lang,
                    "O formulário dele ainda está aberto (processo {}).",
                    "Its form is still open (process {}).",
                    draft.who.pid
                );
                parts.push((words, theme.warns()));
            }
            parts.extend(brought(model, draft, merge));
        }
    }
    (title, paragraphs(&parts, room).collect())
}

fn saved_by(model: &Model, stamp: &Stamp) -> Safe {
    let (who, time) = (stamp.who.words(model.lang()), Safe::outside(&stamp.time.to_string()));
    say!(model.lang(), "Gravado por {} em {} (versão {}).", "Saved by {} at {} (version {}).", who, time, stamp.number)
}

/// What of a draft would change the form, what is a conflict, and what is in the file already.
fn brought(model: &Model, draft: &Draft, merge: &Merge) -> Vec<Piece> {
    let (theme, lang) = (model.setup.theme, model.lang());
    let changes = model.session.would_change(&merge.mine);
    let mut parts = lines(model, &changes);
    for conflict in &merge.conflicts {
        let words = say!(
            lang,
            "{} {}: no rascunho {}, no arquivo agora {}",
            "{} {}: in the draft {}, in the file now {}",
            theme.glyphs.warns,
            title_of(model, &conflict.key),
            shown(model, &conflict.key, &conflict.mine),
            shown(model, &conflict.key, &conflict.theirs)
        );
        parts.push((words, theme.warns()));
    }
    for key in draft.changes.keys().filter(|key| model.catalog().parameter(key).is_none()) {
        let words = say!(
            lang,
            "{} {} não está mais no catálogo e não é recuperado",
            "{} {} is not in the catalog any more and is not recovered",
            theme.glyphs.warns,
            Safe::outside(key.as_str())
        );
        parts.push((words, theme.warns()));
    }
    if changes.is_empty() && merge.conflicts.is_empty() {
        parts.push((say!(lang, "O arquivo já diz tudo isto.", "The file says all of it already."), theme.text()));
    } else {
        let words = say!(
            lang,
            "Recuperar traz estes valores ao formulário; nada é gravado antes de F12.",
            "Recovering brings these values into the form; nothing is saved before F12."
        );
        parts.push((words, theme.dim()));
    }
    parts
}

/// The two values side by side, and what both sides knew.
///
/// ```text
/// Porta Banco de Dados Gestores
///   neste formulário            no arquivo agora
///   5433                        5434
/// ```
pub fn conflict(model: &Model, choosing: &Choosing, room: u16) -> (Safe, Vec<Row>) {
    let (theme, lang) = (model.setup.theme, model.lang());
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
    let mut parts: Vec<Piece> = choosing.meanwhile.iter().map(|stamp| (saved_by(model, stamp), theme.text())).collect();
    parts.push((title_of(model, &current.key), theme.heading()));
    let mut rows: Vec<Row> = paragraphs(&parts, room).collect();
    rows.extend(abreast(model, (mine, say!(lang, "no arquivo agora", "in the file now")), current, room));
    let before = say!(lang, "Antes era {}.", "Before, it was {}.", shown(model, &current.key, &current.base));
    rows.extend(paragraphs(&[(before, theme.dim())], room));
    (title, rows)
}

fn abreast(model: &Model, heads: (Safe, Safe), conflict: &Conflict, room: u16) -> Vec<Row> {
    let theme = model.setup.theme;
    let column = (usize::from(room).saturating_sub(6) / 2).max(1);
    let cell = |value: &Option<Value>| wrap(&shown(model, &conflict.key, value), column);
    let (mine, theirs) = (cell(&conflict.mine), cell(&conflict.theirs));
    let row = |left: Safe, right: Safe, style| {
        let gap = Safe::outside(&" ".repeat((column + 2).saturating_sub(width(&left))));
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
    let (theme, lang) = (model.setup.theme, model.lang());
    let title = say!(lang, "Versão {}", "Version {}", entry.number);
    let mut parts = vec![(born(model, entry), theme.text())];
    if !entry.changes.is_empty() {
        parts.push((say!(lang, "Mudou então:", "What it changed:"), theme.heading()));
    }
    parts.extend(differences(model, &entry.changes));
    if changes.is_empty() {
        parts.push((
            say!(lang, "O formulário já tem os valores dela.", "The form has its values already."),
            theme.dim(),
        ));
    } else {
        parts.push((say!(lang, "Restaurar muda no formulário:", "Restoring changes in the form:"), theme.heading()));
        parts.extend(lines(model, changes));
    }
    (title, paragraphs(&parts, room).collect())
}

/// That it was saved, and what of others was kept beside it.
pub fn merged(model: &Model, saved: &Saved, room: u16) -> Vec<Row> {
    let (theme, lang) = (model.setup.theme, model.lang());
    let path = Safe::path(&saved.path);
    let mut parts = vec![(say!(lang, "Gravado em {}.", "Saved in {}.", path), theme.text())];
    let said = match saved.meanwhile.last() {
        Some(stamp) => say!(
            lang,
            "O arquivo mudou enquanto isso: {} gravou em {}. Foi mantido:",
            "The file changed meanwhile: {} saved at {}. Kept:",
            stamp.who.words(lang),
            Safe::outside(&stamp.time.to_string())
        ),
        None => say!(lang, "O arquivo mudou enquanto isso. Foi mantido:", "The file changed meanwhile. Kept:"),
    };
    parts.push((said, theme.warns()));
    parts.extend(differences(model, &saved.merged));
    paragraphs(&parts, room).collect()
}

/// What differs between two documents, whether the catalog knows it or not.
fn differences(model: &Model, differences: &[Difference]) -> Vec<Piece> {
    let (theme, lang) = (model.setup.theme, model.lang());
    let told = |difference: &Difference| {
        let known = difference.key.as_ref().and_then(|key| model.catalog().parameter(key));
        let name = match known {
            Some(parameter) => parameter.title.of(lang).clone(),
            None => Safe::outside(&difference.name),
        };
        let of = |value: &Option<Value>| match (known, value) {
            (Some(parameter), value) => shown(model, &parameter.key, value),
            (None, Some(value)) => brief(&value.to_string()),
            (None, None) => Safe::own("-"),
        };
        let (from, to) = (of(&difference.from), of(&difference.to));
        (crate::safe!("- {}: {} {} {}", name, from, theme.glyphs.becomes, to), theme.text())
    };
    differences.iter().map(told).collect()
}

fn born(model: &Model, entry: &Entry) -> Safe {
    let lang = model.lang();
    let (who, time) = (entry.who.words(lang), Safe::outside(&entry.time.to_string()));
    match entry.kind {
        Kind::Saved => say!(lang, "Gravada por {} em {}.", "Saved by {} at {}.", who, time),
        Kind::EditedOutside => say!(
            lang,
            "Editada fora deste programa; encontrada em {}.",
            "Edited outside this program; found at {}.",
            time
        ),
        Kind::Restored(number) => say!(
            lang,
            "Restaurada da versão {} por {} em {}.",
            "Restored from version {} by {} at {}.",
            number,
            who,
            time
        ),
    }
}

fn title_of(model: &Model, key: &Key) -> Safe {
    let known = model.catalog().parameter(key).map(|parameter| parameter.title.of(model.lang()).clone());
    known.unwrap_or_else(|| Safe::outside(key.as_str()))
}

/// A setting; one that is not there is the default.
fn shown(model: &Model, key: &Key, value: &Option<Value>) -> Safe {
    let lang = model.lang();
    match (value, model.catalog().parameter(key)) {
        (Some(value), Some(parameter)) => parameter.kind.shown(value, lang),
        (Some(value), None) => Safe::outside(&value.to_string()),
        (None, Some(parameter)) => {
            say!(lang, "padrão: {}", "default: {}", parameter.kind.shown(&parameter.default, lang))
        }
        (None, None) => Safe::own("-"),
    }
}
