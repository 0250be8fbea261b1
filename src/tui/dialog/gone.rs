//! The file was removed while the form was open: written anew, or not.

use super::super::event::After;
use super::super::model::{Model, Reply};
use super::page::{Page, back};
use crate::present::change;
use crate::safe::Safe;
use crate::say;
use crate::text::line::Line;

/// Asks; `version` is the one in the history that holds what was read, where that is known.
pub fn ask(model: &mut Model, version: Option<u64>, after: After) {
    let lang = model.lang();
    let path = Safe::path(model.session.document().path());
    let mut lines: Vec<Line> = vec![
        say!(lang, "{} não está mais ali. Nada foi gravado.", "{} is not there any more. Nothing was saved.", path)
            .into(),
        match version {
            Some(number) => say!(
                lang,
                "O que foi lido está no histórico (versão {}).",
                "What was read is in the history (version {}).",
                number
            ),
            None => say!(
                lang,
                "“Gravar de novo” guarda antes no histórico o que foi lido.",
                "“Save anew” first keeps in the history what was read."
            ),
        }
        .into(),
    ];
    let changes = model.session.changes();
    lines.push(
        match changes.is_empty() {
            true => say!(
                lang,
                "“Gravar de novo” cria o arquivo com todos os valores lidos.",
                "“Save anew” makes the file with all the values that were read."
            ),
            false => say!(
                lang,
                "“Gravar de novo” cria o arquivo com todos os valores lidos e:",
                "“Save anew” makes the file with all the values that were read and:"
            ),
        }
        .into(),
    );
    lines.extend(changes.iter().map(|it| change::marked(model.catalog(), it, lang)));
    let page = Page::of(say!(lang, "O arquivo foi removido", "The file was removed"), lines)
        .answer(lang.pick("Voltar", "Back"), back)
        .answer(lang.pick("Gravar de novo", "Save anew"), move |_| Reply::SaveAnew(after));
    model.open(page);
}
