//! The file was removed while the form was open: written anew, or not.

use super::super::event::After;
use super::super::model::{Model, Reply};
use super::page::{Page, back};
use crate::present::gone;

/// Asks; `version` is the one in the history that holds what was read, where that is known.
pub fn ask(model: &mut Model, version: Option<u64>, after: After) {
    let lang = model.lang();
    let lines = gone::lines(&model.session, version, lang);
    let page = Page::of(gone::title(lang), lines)
        .answer(lang.pick("Voltar", "Back"), back)
        .answer(lang.pick("Gravar de novo", "Save anew"), move |_| Reply::SaveAnew(after));
    model.open(page);
}
