//! That the file was removed while an editor was open, and what writing it anew would do.

use super::change;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;
use crate::session::Session;
use crate::text::line::Line;

pub fn title(lang: Lang) -> Safe {
    say!(lang, "O arquivo foi removido", "The file was removed")
}

/// `version` is the one in the history that holds what was read, where that is known.
pub fn lines(session: &Session, version: Option<u64>, lang: Lang) -> Vec<Line> {
    let path = Safe::path(session.document().path());
    let mut lines: Vec<Line> = vec![
        say!(lang, "{} não existe mais. Nada foi gravado.", "{} no longer exists. Nothing was saved.", path).into(),
        match version {
            Some(number) => say!(
                lang,
                "O que foi lido está no histórico (versão {}).",
                "What was read is in the history (version {}).",
                number
            ),
            None => say!(
                lang,
                "“Gravar de novo” põe antes no histórico o que foi lido.",
                "“Save anew” first stores what was read in the history."
            ),
        }
        .into(),
    ];
    let changes = session.changes();
    lines.push(
        match changes.is_empty() {
            true => say!(
                lang,
                "“Gravar de novo” cria o arquivo com todos os valores lidos.",
                "“Save anew” creates the file with all the values that were read."
            ),
            false => say!(
                lang,
                "“Gravar de novo” cria o arquivo com todos os valores lidos e:",
                "“Save anew” creates the file with all the values that were read and:"
            ),
        }
        .into(),
    );
    lines.extend(changes.iter().map(|it| change::marked(session.catalog(), it, lang)));
    lines
}
