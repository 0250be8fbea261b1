//! The saved versions, newest first, each with what it changed; single values of them are put back from here.
//!
//! ```text
//!  7  hoje 12:34  ana (root)  nota: chamado 123
//! ▌[x] Porta Banco de Dados Gestores: 5432 → 5433
//!      Casas Decimais Valor: 2 → 4
//!  6  ontem 09:01  alterada por fora
//!      IP do Servidor Retaguarda: 127.0.0.1 → 192.168.0.10
//! ```

use std::collections::BTreeSet;

use super::super::event::Work;
use super::super::keymap::{self, Action, Context};
use super::super::model::{Content, Dialog, Model, Reply};
use super::super::rows::{Row, rows_of};
use super::picks::{self, Mark};
use crate::document::Changes;
use crate::document::diff::Difference;
use crate::document::history::{Damaged, Entry, Listing};
use crate::present::{change, version};
use crate::sort;
use crate::text::line::Line;

pub struct Versions {
    listing: Listing<Result<Entry, Damaged>>,
    /// What can be picked, in the order of the rows.
    items: Vec<Item>,
    /// The numbers of the items that are marked.
    marked: BTreeSet<usize>,
    /// Which change of its version was picked when that was to be shown.
    pub entered: usize,
}

/// A row that can be picked: a version by its place in the list, and what of it.
#[derive(Clone, Copy)]
struct Item(usize, What);

#[derive(Clone, Copy)]
enum What {
    /// The version itself, which changed nothing that is known.
    All,
    Change(usize),
    /// The changes after those that are listed, so many.
    Rest(usize),
}

impl Versions {
    pub fn of(listing: Listing<Result<Entry, Damaged>>) -> Versions {
        let mut items = vec![];
        for (number, version) in listing.versions.iter().enumerate() {
            let count = version.as_ref().map_or(0, |version| version.changes().len());
            items.extend((0..count.min(version::MOST_LISTED)).map(|change| Item(number, What::Change(change))));
            match count.saturating_sub(version::MOST_LISTED) {
                0 if count == 0 => items.push(Item(number, What::All)),
                0 => {}
                rest => items.push(Item(number, What::Rest(rest))),
            }
        }
        Versions { listing, items, marked: BTreeSet::new(), entered: 0 }
    }

    fn change(&self, item: usize) -> Option<&Difference> {
        match self.items.get(item)? {
            Item(version, What::Change(change)) => {
                self.listing.versions.get(*version)?.as_ref().ok()?.changes().get(*change)
            }
            _ => None,
        }
    }
}

impl Dialog for Versions {
    fn context(&self) -> Context {
        keymap::VERSIONS
    }

    fn content(&self, model: &Model, room: u16, picked: usize) -> Content {
        let (lang, theme, catalog) = (model.lang(), model.setup.theme, model.catalog());
        let mut rows: Vec<Row> = vec![];
        let mut last = None;
        for (at, Item(number, what)) in self.items.iter().enumerate() {
            let Some(listed) = self.listing.versions.get(*number) else { continue };
            let head = match listed {
                Ok(entry) => version::head(entry, &model.wall, lang),
                Err(damaged) => damaged.message(lang).into(),
            };
            let is_first = last.replace(*number) != Some(*number);
            match what {
                What::All => rows.push(picks::text(model, &head, at == picked, room)),
                _ if is_first => rows.extend(rows_of(&[head], room, theme)),
                _ => {}
            }
            if let What::Rest(count) = what {
                let more = version::and_more(*count, lang);
                rows.push(picks::row(model, Mark::None, &more, &"".into(), at == picked, room));
            }
            if let Some(it) = self.change(at) {
                let mark = if self.marked.contains(&at) { Mark::On } else { Mark::None };
                let (name, values) = (change::name(catalog, it, lang), change::values_of(catalog, it, lang));
                rows.push(picks::row(model, mark, &name, &values, at == picked, room));
            }
        }
        let below = version::unread(self.listing.unread, lang).map(Line::from);
        let below = rows_of(below.as_slice(), room, theme).collect();
        Content { title: version::history(&model.wall, lang), rows, below }
    }

    fn count(&self) -> usize {
        self.items.len()
    }

    /// Shows the version whole.
    fn enter(&mut self, model: &mut Model, picked: usize) -> Reply {
        self.entered = match self.items.get(picked) {
            Some(Item(_, What::Change(change))) => *change,
            Some(Item(_, What::Rest(_))) => version::MOST_LISTED,
            _ => 0,
        };
        let listed = self.items.get(picked).and_then(|Item(version, _)| self.listing.versions.get(*version));
        let number = listed.map(|listed| match listed {
            Ok(entry) => entry.number,
            Err(damaged) => damaged.number,
        });
        Reply::Stay(number.map(|number| model.work(Work::ReadVersion(number))).into_iter().collect())
    }

    fn press_on(&mut self, model: &mut Model, picked: usize, action: Action) -> Option<Reply> {
        match action {
            Action::Toggle => {
                if picks::key_of(model, self.change(picked)).is_some() && !self.marked.remove(&picked) {
                    self.marked.insert(picked);
                }
                Some(Reply::Stay(vec![]))
            }
            Action::PutBack => {
                let marked = if self.marked.is_empty() { sort::filled([picked]) } else { self.marked.clone() };
                // Of one parameter that was marked twice, the earliest value.
                let wanted = marked.into_iter().filter_map(|item| picks::before(model, self.change(item)));
                let wanted: Changes = sort::filled(wanted);
                if wanted.is_empty() {
                    return Some(Reply::Stay(vec![]));
                }
                picks::put_back(model, wanted);
                Some(Reply::Close(vec![]))
            }
            _ => None,
        }
    }
}
