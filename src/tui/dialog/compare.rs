//! What a save would write, or why it would not; and what others did to the file. It speaks of the file as it is now: it
//! follows every look at it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::super::event::After;
use super::super::keymap::{self, Action, Context};
use super::super::model::others::Away;
use super::super::model::{Content, Dialog, Model, Reply};
use super::super::rows::{Row, rows_of};
use super::picks::{self, Mark};
use crate::catalog::Finding;
use crate::document::SaveError;
use crate::document::save::Cause;
use crate::document::watch::Unwatched;
use crate::key::Key;
use crate::present::{change, help, mark, version};
use crate::safe::Safe;
use crate::session::edit::EditKind;
use crate::text::line::{Line, Tone};
use crate::{safe, say};

/// The changes, each of which can be left out: taken back, and put in again as long as this is open.
pub struct Compare {
    /// What was changed when it was opened or is by now, in the catalog's order.
    keys: Vec<Key>,
    /// What was left out, with the value that it had been changed to.
    out: BTreeMap<Key, Option<Value>>,
}

impl Compare {
    pub fn of(model: &Model) -> Compare {
        let mut compare = Compare { keys: vec![], out: BTreeMap::new() };
        compare.list(model);
        compare
    }

    fn list(&mut self, model: &Model) {
        let is_listed = |key: &Key| self.out.contains_key(key) || model.session.pending_changes().contains_key(key);
        let keys = model.catalog().parameters().iter().map(|parameter| &parameter.key);
        self.keys = keys.filter(|key| is_listed(key)).cloned().collect();
    }

    /// Takes the change back, or puts it in again; each is an edit that can be taken back by itself.
    fn toggle(&mut self, model: &mut Model, picked: usize) {
        let Some(key) = self.keys.get(picked).cloned() else { return };
        let value = match self.out.remove(&key) {
            Some(value) => value,
            None => {
                self.out.insert(key.clone(), model.session.setting(&key));
                model.session.document().value(&key)
            }
        };
        model.edits.change(&mut model.session, &key, value, EditKind::Whole);
        model.refresh_one(&key);
    }
}

impl Dialog for Compare {
    fn context(&self) -> Context {
        if self.keys.is_empty() { keymap::PAGE } else { keymap::COMPARE }
    }

    fn content(&self, model: &Model, room: u16, picked: usize) -> Content {
        let (lang, catalog, theme) = (model.lang(), model.catalog(), model.setup.theme);
        let title = match (self.keys.is_empty(), &model.denied) {
            (false, None) if model.others.away.is_none() && model.to_mend().is_empty() => {
                say!(lang, "O que F12 grava", "What F12 saves")
            }
            _ => say!(lang, "Comparar", "Compare"),
        };
        let reason = |denied: &Arc<SaveError>| safe!("{} {}", mark::WARNS, denied.reason(lang));
        let reason = model.denied.as_ref().map(|denied| Line::of(Tone::Doubtful, reason(denied)));
        let top: Vec<Line> = reason.into_iter().chain([Line::of(Tone::Faint, heading(model))]).collect();
        let mut rows: Vec<Row> = rows_of(&top, room, theme).collect();
        let wrong = model.to_mend();
        for (at, key) in self.keys.iter().enumerate() {
            let (mark, to) = match self.out.get(key) {
                Some(left_out) => (Mark::Off, left_out.clone()),
                None => (Mark::On, model.session.setting(key)),
            };
            let values = change::becomes(catalog, key, &model.session.document().value(key), &to, lang);
            rows.push(picks::row(model, mark, &change::title(catalog, key, lang), &values, at == picked, room));
            rows.extend(rows_of(&errors(model, &wrong, |wrong| wrong == key), room, theme));
        }
        let mut more = errors(model, &wrong, |wrong| !self.keys.contains(wrong));
        more.extend(model.session.conflicts().iter().map(|it| change::overtaken(catalog, it, true, lang)));
        more.extend(theirs(model));
        more.extend(about_file(model));
        rows.extend(rows_of(&more, room, theme));
        Content { title, rows, below: vec![] }
    }

    fn count(&self) -> usize {
        self.keys.len()
    }

    /// The file may be another by now, and so what is changed against it; the row stays with its change.
    fn follow(&mut self, model: &Model, picked: usize, _told: bool) -> usize {
        let here = self.keys.get(picked).cloned();
        self.list(model);
        let there = self.keys.iter().position(|key| Some(key) == here.as_ref());
        there.unwrap_or_else(|| picked.min(self.keys.len().saturating_sub(1)))
    }

    /// Goes to its field.
    fn enter(&mut self, model: &mut Model, picked: usize) -> Reply {
        if let Some(key) = self.keys.get(picked) {
            model.jump_to(key);
        }
        Reply::Close(vec![])
    }

    fn press_on(&mut self, model: &mut Model, picked: usize, action: Action) -> Option<Reply> {
        match action {
            Action::Toggle => {
                self.toggle(model, picked);
                Some(Reply::Stay(vec![]))
            }
            Action::Confirm => Some(Reply::Save(After::Close)),
            Action::Save => Some(Reply::Save(After::Stay)),
            _ => None,
        }
    }
}

/// What becomes of the changes.
fn heading(model: &Model) -> Safe {
    let lang = model.lang();
    let path = Safe::path(model.session.document().path());
    match (model.session.pending_changes().is_empty(), &model.denied) {
        (true, _) if model.others.in_doubt() => say!(lang, "Lendo {}…", "Reading {}…", path),
        (true, _) if model.others.away.is_some() => {
            say!(lang, "Nada foi alterado nesta tela.", "Nothing was changed in this form.")
        }
        (true, _) => say!(lang, "Sem alterações: a tela está igual a {}.", "No changes: the form matches {}.", path),
        (false, Some(denied)) if matches!(denied.cause, Cause::Foreign(_)) => say!(
            lang,
            "Somente leitura: F12 mostra o comando que grava em {}:",
            "Read-only: F12 shows the command that saves in {}:",
            path
        ),
        (false, Some(_)) => {
            say!(lang, "Somente leitura: F12 guarda num rascunho:", "Read-only: F12 keeps in a draft:")
        }
        (false, None) if model.others.away.is_some() => {
            say!(lang, "Alterado nesta tela, não gravado:", "Changed in this form, not saved:")
        }
        (false, None) => say!(lang, "Em {}:", "In {}:", path),
    }
}

/// What is wrong with those values that are meant.
fn errors(model: &Model, wrong: &[&Key], is_meant: impl Fn(&Key) -> bool) -> Vec<Line> {
    let wrong = wrong.iter().copied().filter(|key| is_meant(key));
    let told = |finding: Finding| {
        let title = change::title(model.catalog(), &finding.key, model.lang());
        help::finding(&finding, safe!("{}: {}", title, finding.told(model.lang())))
    };
    wrong.filter_map(|key| model.finding(key)).map(told).collect()
}

/// What others changed since the form was opened, or has saved.
fn theirs(model: &Model) -> Vec<Line> {
    let (lang, catalog) = (model.lang(), model.catalog());
    let Some(news) = &model.others.news else { return vec![] };
    let heading = match news.changes.is_empty() {
        true => say!(
            lang,
            "O arquivo foi gravado por outros, sem alterar valores.",
            "The file was saved by others, with no values changed."
        ),
        false if model.others.away.is_some() => say!(
            lang,
            "Alterado por outros, quando ainda era possível ler o arquivo:",
            "Changed by others, while the file could still be read:"
        ),
        false => say!(lang, "Alterado por outros, já no arquivo:", "Changed by others, already in the file:"),
    };
    let mut lines = vec![Line::of(Tone::Strong, heading)];
    lines.extend(news.changes.iter().map(|it| change::difference(catalog, it, lang)));
    lines.extend(news.authors.saved.iter().map(|stamp| version::saved_by(stamp, &model.wall, lang)));
    if news.authors.outside == Some(true) {
        lines.push(
            say!(
                lang,
                "A última alteração foi feita fora deste programa.",
                "The last change was made outside this \
             program."
            )
            .into(),
        );
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
            "O arquivo está num disco de rede: o que outros computadores gravam só aparece aqui e ao gravar.",
            "The file is on a network disk: what other computers save is seen only here, and when saving."
        ),
        Unwatched::Limit => say!(
            lang,
            "O sistema não avisa mais das alterações (inotify): o que outros gravam só aparece aqui e ao gravar.",
            "The system gives no more notices of changes (inotify): what others save is seen only here, and when saving."
        ),
        Unwatched::Refused => say!(
            lang,
            "Não é possível acompanhar a pasta: o que outros gravam só aparece aqui e ao gravar.",
            "The folder cannot be watched: what others save is seen only here, and when saving."
        ),
    });
    let away = away.map(|away| Line::of(Tone::Bad, away));
    away.into_iter().chain(unwatched.map(|why| Line::of(Tone::Faint, why))).collect()
}
