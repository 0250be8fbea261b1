//! Closing with changes that are not saved: what becomes of them.

use super::super::event::{After, Effect};
use super::super::model::{Model, Reply};
use super::page::{Page, back};
use crate::present::{change, summary};
use crate::session::ending::Ending;
use crate::text::line::Line;
use crate::{safe, say};

pub fn ask(model: &mut Model) {
    let (lang, changes) = (model.lang(), model.session.changes());
    let mut lines: Vec<Line> = vec![safe!("{}:", summary::unsaved(changes.len(), lang)).into()];
    lines.extend(changes.iter().map(|it| change::marked(model.catalog(), it, lang)));
    let (title, save) = match model.denied {
        Some(_) => (say!(lang, "Guardar antes de fechar?", "Keep before closing?"), lang.pick("Guardar", "Keep")),
        None => (say!(lang, "Gravar antes de fechar?", "Save before closing?"), lang.pick("Gravar", "Save")),
    };
    let page = Page::of(title, lines)
        .answer(lang.pick("Voltar", "Back"), back)
        .answer(save, |_| Reply::Save(After::Close))
        .answer(lang.pick("Descartar", "Discard"), |model| Reply::Close(discard(model)));
    model.open(page);
}

/// Throws the changes away and leaves the form.
fn discard(model: &mut Model) -> Vec<Effect> {
    let thrown = model.session.changes().len();
    let path = model.session.document().path().to_owned();
    let mut effects = vec![model.drop_drafts()];
    effects.extend(model.leave(Ending::Discarded(thrown, path, model.saved.clone())));
    effects
}
