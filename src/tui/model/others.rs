//! What others did to the file while the form is open, as far as it is known here.

use crate::catalog::Catalog;
use crate::document::Document;
use crate::document::diff::{Difference, differences};
use crate::document::history::Authors;
use crate::document::watch::Unwatched;
use crate::key::Key;
use crate::safe::Safe;
use crate::sort;

/// The file, seen from the form.
#[derive(Default)]
pub struct Others {
    /// The number of the version whose note was told of.
    pub told_note: u64,
    /// A worker is reading the file.
    pub looking: bool,
    /// Something may have happened since it began.
    pub again: bool,
    /// The look that is due or under way has a cause: something was heard.
    pub heard: bool,
    /// The form is saving: what happens to the file may be its own doing.
    pub saving: bool,
    /// Why changes go unheard, where they do.
    pub unwatched: Option<Unwatched>,
    /// Why the file does not say anything now.
    pub away: Option<Away>,
    /// What others changed since the form was opened, or has saved.
    pub news: Option<News>,
    /// What of it was not there yet when the last key was pressed.
    pub fresh: Option<News>,
    /// What has to be told once no dialog lies over the form.
    pub untold: Option<Untold>,
}

impl Others {
    /// True while it is not known whether the form says what the file says.
    pub fn in_doubt(&self) -> bool {
        (self.looking || self.again) && (self.heard || self.unwatched.is_some())
    }
}

/// Why the file does not say anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Away {
    /// It was there, and is not any more.
    Gone,
    /// The reason.
    Unreadable(Safe),
}

/// What has to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untold {
    News,
    Away,
    /// It says something again, what it said before.
    Back,
    /// The path leads to another file.
    Moved,
    /// Whether this user can save has changed.
    Denied,
}

/// Changes of others, from one moment to now.
pub struct News {
    before: Document,
    pub changes: Vec<Difference>,
    pub authors: Authors,
    /// Keys that are changed here too, to another value.
    pub overtaken: Vec<Key>,
}

impl News {
    pub fn since(before: Document) -> News {
        News { before, changes: vec![], authors: Authors::default(), overtaken: vec![] }
    }

    /// Takes what `authors` made of it by now.
    pub fn add(&mut self, now: &Document, authors: &Authors, overtaken: &[Key]) {
        let news = authors.saved.iter().filter(|stamp| !self.authors.saved.contains(stamp));
        let news: Vec<_> = news.cloned().collect();
        self.authors.saved.extend(news);
        self.authors.outside = authors.outside;
        self.overtaken.extend(overtaken.iter().cloned());
        self.follow(now);
    }

    /// The same against the file as it is now; what is new comes first.
    pub fn follow(&mut self, now: &Document) {
        let told = std::mem::replace(&mut self.changes, differences(&self.before, now));
        sort::sort_by_key(&mut self.changes, |change| told.contains(change));
    }

    /// The change that is told first: one that is changed here too, else one that the catalog knows.
    pub fn first(&self, catalog: &Catalog) -> Option<&Difference> {
        let rank = |change: &&Difference| match change.key() {
            Some(key) if self.overtaken.contains(&key) => 0,
            Some(key) if catalog.parameter(&key).is_some() => 1,
            _ => 2,
        };
        self.changes.iter().min_by_key(rank)
    }
}
