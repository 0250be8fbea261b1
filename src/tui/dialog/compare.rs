//! What a save would write, or why it would not; and what others did to the file. It speaks of the file as it is now: it
//! follows every look at it.

use super::super::keymap::{self, Context};
use super::super::model::others::Away;
use super::super::model::{Content, Dialog, Model};
use crate::document::save::Cause;
use crate::document::watch::Unwatched;
use crate::present::{change, help, version};
use crate::safe::Safe;
use crate::text::line::{Line, Tone};
use crate::{safe, say};

pub struct Compare;

impl Dialog for Compare {
    fn context(&self) -> Context {
        keymap::PAGE
    }

    fn content(&self, model: &Model, room: u16, _: usize) -> Content {
        let title = say!(model.lang(), "Comparar", "Compare");
        Content::of(title, &[mine(model), theirs(model), about_file(model)].concat(), model, room)
    }
}

/// What this form would save, and what is in the way.
fn mine(model: &Model) -> Vec<Line> {
    let (lang, catalog) = (model.lang(), model.catalog());
    let path = Safe::path(model.session.document().path());
    let changes = model.session.changes();
    let heading = match (changes.is_empty(), &model.denied) {
        (true, _) if model.others.in_doubt() => say!(lang, "Lendo {}…", "Reading {}…", path),
        (true, _) if model.others.away.is_some() => {
            say!(lang, "Nada foi alterado nesta tela.", "Nothing was changed in this form.")
        }
        (true, _) => say!(
            lang,
            "Sem alterações: a tela está igual a {}.",
            "Nothing has changed: the form says what {} says.",
            path
        ),
        (false, Some(denied)) if matches!(denied.cause, Cause::Foreign(_)) => say!(
            lang,
            "Somente leitura: F12 mostra o comando que grava em {}:",
            "Read-only: F12 shows the command that saves in {}:",
            path
        ),
        (false, Some(_)) => say!(
            lang,
            "Somente leitura: F12 guarda num rascunho de {}:",
            "Read-only: F12 keeps in a draft of {}:",
            path
        ),
        (false, None) if model.others.away.is_some() => {
            say!(lang, "Alterado nesta tela, não gravado:", "Changed in this form, not saved:")
        }
        (false, None) => say!(lang, "F12 grava em {}:", "F12 saves in {}:", path),
    };
    let mut lines: Vec<Line> = vec![heading.into()];
    lines.extend(changes.iter().map(|it| change::marked(catalog, it, lang)));
    lines.extend(model.session.conflicts().iter().map(|it| change::overtaken(catalog, it, true, lang)));
    let errors = model.to_mend().into_iter().filter_map(|key| model.finding(key));
    lines.extend(errors.map(|finding| {
        let title = change::title(catalog, &finding.key, lang);
        help::finding(&finding, safe!("{}: {}", title, finding.told(lang)))
    }));
    lines
}

/// What others changed since the form was opened, or has saved.
fn theirs(model: &Model) -> Vec<Line> {
    let (lang, catalog) = (model.lang(), model.catalog());
    let Some(news) = &model.others.news else { return vec![] };
    let heading = match news.changes.is_empty() {
        true => say!(
            lang,
            "Outros gravaram o arquivo; os valores são os de antes.",
            "Others have saved the file; its values are those of before."
        ),
        false if model.others.away.is_some() => say!(
            lang,
            "Veio de fora, quando o arquivo ainda podia ser lido:",
            "From others, while the file could still be read:"
        ),
        false => say!(lang, "Vem de fora, já no arquivo:", "From others, in the file already:"),
    };
    let mut lines = vec![Line::of(Tone::Strong, heading)];
    lines.extend(news.changes.iter().map(|it| change::difference(catalog, it, lang)));
    lines.extend(news.authors.saved.iter().map(|stamp| version::saved_by(stamp, &model.wall, lang)));
    if news.authors.outside == Some(true) {
        lines.push(say!(lang, "Editado por último fora deste programa.", "Last edited outside this program.").into());
    }
    lines
}

/// What keeps the page from being sure of the file.
fn about_file(model: &Model) -> Vec<Line> {
    let (lang, others) = (model.lang(), &model.others);
    let path = || Safe::path(model.session.document().path());
    let away = others.away.as_ref().map(|away| match away {
        Away::Gone => say!(lang, "{} foi removido.", "{} was removed.", path()),
        Away::Unreadable(reason) => reason.clone(),
    });
    let unwatched = others.unwatched.map(|why| match why {
        Unwatched::Network => say!(
            lang,
            "O arquivo está num disco de rede: o que outros computadores gravam só é visto aqui, e ao gravar.",
            "The file is on a network disk: what other computers save is seen only here, and when saving."
        ),
        Unwatched::Limit => say!(
            lang,
            "O sistema não dá mais avisos de alteração (inotify): o que outros gravam só é visto aqui, e ao gravar.",
            "The system gives no more notices of changes (inotify): what others save is seen only here, and when saving."
        ),
        Unwatched::Refused => say!(
            lang,
            "A pasta não pode ser vigiada: o que outros gravam só é visto aqui, e ao gravar.",
            "The folder cannot be watched: what others save is seen only here, and when saving."
        ),
    });
    let away = away.map(|away| Line::of(Tone::Bad, away));
    away.into_iter().chain(unwatched.map(|why| Line::of(Tone::Faint, why))).collect()
}
