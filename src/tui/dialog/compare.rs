//! What a save would write, or why it would not.

use super::super::model::Model;
use super::page::Page;
use crate::catalog::Level;
use crate::present::{change, help};
use crate::safe::Safe;
use crate::say;
use crate::text::line::Line;

pub fn open(model: &mut Model) {
    let lang = model.lang();
    let path = Safe::path(model.session.document().path());
    let changes = model.session.changes();
    let heading = match (changes.is_empty(), &model.denied) {
        (true, _) => say!(
            lang,
            "Sem alterações: a tela está igual a {}.",
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
    let mut lines: Vec<Line> = vec![heading.into()];
    lines.extend(changes.iter().map(|it| change::marked(model.catalog(), it, lang)));
    let errors = model.findings.iter().filter(|finding| finding.level() == Level::Error);
    lines.extend(errors.map(|finding| help::finding(finding, lang)));
    model.open(Page::of(say!(lang, "Comparar", "Compare"), lines));
}
