//! An earlier version: what it changed, value by value, and what restoring all of it would change in the form.

use std::collections::BTreeSet;

use super::super::keymap::{self, Action, Context};
use super::super::model::{Content, Dialog, Model, Reply};
use super::super::rows::{Row, rows_of};
use super::page::tell_problem;
use super::picks::{self, Mark};
use super::versions::Versions;
use crate::document::diff::Difference;
use crate::document::history::Entry;
use crate::document::{Changes, ReadError};
use crate::present::{change, version};
use crate::say;
use crate::session::{Change, Session};
use crate::sort;
use crate::text::line::Line;

pub struct Version {
    entry: Box<Entry>,
    /// What restoring it would change.
    restoring: Vec<Change>,
    /// What of it would stay as it is now.
    staying: Vec<Difference>,
    /// Which of its changes are marked.
    marked: BTreeSet<usize>,
    /// True where none of them is picked, but to restore all.
    on_whole: bool,
}

/// What restoring this version would change by now, and what of it would stay.
pub fn outlook(session: &Session, entry: &Entry) -> Result<(Vec<Change>, Vec<Difference>), ReadError> {
    Ok((session.would_change(&session.values_of(entry)?), session.unknown_of(entry)?))
}

pub fn open(model: &mut Model, entry: Box<Entry>, (restoring, staying): (Vec<Change>, Vec<Difference>)) {
    let entered = model.dialog::<Versions>().map_or(0, |versions| versions.entered);
    model.open(Version { entry, restoring, staying, marked: BTreeSet::new(), on_whole: false });
    if let Some(open) = model.dialogs.last_mut() {
        open.picked = entered;
    }
}

impl Dialog for Version {
    fn context(&self) -> Context {
        match self.count() {
            0 => keymap::PAGE,
            _ if self.on_whole => keymap::VERSION_WHOLE,
            _ => keymap::VERSION,
        }
    }

    fn content(&self, model: &Model, room: u16, picked: usize) -> Content {
        let (lang, theme, catalog) = (model.lang(), model.setup.theme, model.catalog());
        let mut rows: Vec<Row> = vec![];
        let tell = |lines: &[Line], rows: &mut Vec<Row>| rows.extend(rows_of(lines, room, theme));
        tell(&version::about(&self.entry, &model.wall, lang), &mut rows);
        for (at, it) in self.entry.changes().iter().enumerate() {
            let mark = match picks::key_of(model, Some(it)) {
                None => Mark::None,
                Some(_) if self.marked.contains(&at) => Mark::On,
                Some(_) => Mark::Off,
            };
            let values = change::values_since(catalog, it, &model.session, lang);
            rows.push(picks::row(model, mark, &change::name(catalog, it, lang), &values, at == picked, room));
        }
        rows.push(Row::default());
        if !self.restoring.is_empty() {
            let whole = say!(lang, "Restaurar a versão inteira", "Restore the whole version");
            let is_picked = picked == self.entry.changes().len();
            rows.push(picks::row(model, Mark::None, &whole, &"".into(), is_picked, room));
        }
        tell(&version::restoring(&self.restoring, &self.staying, catalog, lang), &mut rows);
        Content { title: say!(lang, "Versão {}", "Version {}", self.entry.number), rows, below: vec![] }
    }

    /// Its changes, and below them to restore it whole.
    fn count(&self) -> usize {
        self.entry.changes().len() + usize::from(!self.restoring.is_empty())
    }

    /// It tells of the values as they are now.
    fn follow(&mut self, model: &Model, picked: usize, told: bool) -> usize {
        if told && let Ok(now) = outlook(&model.session, &self.entry) {
            (self.restoring, self.staying) = now;
        }
        let picked = picked.min(self.count().saturating_sub(1));
        self.on_whole = picked == self.entry.changes().len();
        picked
    }

    fn enter(&mut self, model: &mut Model, picked: usize) -> Reply {
        match picked < self.entry.changes().len() {
            true => self.put_back(model, picked),
            false => self.restore(model),
        }
    }

    fn press_on(&mut self, model: &mut Model, picked: usize, action: Action) -> Option<Reply> {
        match action {
            Action::Toggle => {
                let is_known = picks::key_of(model, self.entry.changes().get(picked)).is_some();
                if is_known && !self.marked.remove(&picked) {
                    self.marked.insert(picked);
                }
                Some(Reply::Stay(vec![]))
            }
            Action::PutBack if picked < self.entry.changes().len() || !self.marked.is_empty() => {
                Some(self.put_back(model, picked))
            }
            Action::PutBack => Some(Reply::Stay(vec![])),
            _ => None,
        }
    }
}

impl Version {
    /// Puts back what it changed: what is marked, else what is picked.
    fn put_back(&self, model: &mut Model, picked: usize) -> Reply {
        let marked = if self.marked.is_empty() { sort::filled([picked]) } else { self.marked.clone() };
        let changes = self.entry.changes();
        let wanted: Changes = sort::filled(marked.into_iter().filter_map(|at| picks::before(model, changes.get(at))));
        if wanted.is_empty() {
            return Reply::Stay(vec![]);
        }
        model.close(|_: &Versions| true);
        picks::put_back(model, wanted);
        Reply::Close(vec![])
    }

    /// Applies all of its values as one edit that can be taken back.
    fn restore(&self, model: &mut Model) -> Reply {
        model.close(|_: &Versions| true);
        let lang = model.lang();
        match model.session.values_of(&self.entry) {
            Ok(values) => {
                model.set_all(values, None);
                let is_pending = !model.session.pending_changes().is_empty();
                let number = self.entry.number;
                let as_file = say!(
                    lang,
                    "Valores da versão {} na tela, os mesmos do arquivo.",
                    "Values of version {} in the form, the same as in the file.",
                    number
                );
                let unsaved = say!(
                    lang,
                    "Valores da versão {} na tela, ainda não gravados. Ctrl+Z desfaz.",
                    "Values of version {} in the form, not saved yet. Ctrl+Z takes them back.",
                    number
                );
                model.tell(if is_pending { unsaved } else { as_file });
            }
            Err(error) => tell_problem(model, &error.problem(lang)),
        }
        Reply::Close(vec![])
    }
}
