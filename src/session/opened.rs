//! What an editor opens on: the document, whether it can be saved, and the drafts that were left of it.

use std::sync::Arc;

use super::Session;
use crate::catalog::Catalog;
use crate::document::draft::{Broken, Draft, DraftLocations, Why};
use crate::document::history::{History, Stamp};
use crate::document::merge::Merge;
use crate::document::saver::Saver;
use crate::document::timestamp::Timestamp;
use crate::document::{Location, ReadError, SaveError};

/// A document that was read, and what was found about it.
#[derive(Debug)]
pub struct Opened {
    pub session: Session,
    /// Why this user cannot save it, where that is known beforehand.
    pub denied: Option<Arc<SaveError>>,
    pub left: Left,
}

/// The drafts of one's own that were left of a document.
#[derive(Debug, Default)]
pub struct Left {
    /// Several, newest first, and the files that hold no usable one.
    pub drafts: Vec<Result<Draft, Broken>>,
    /// Where there is one alone: what became of it.
    pub only: Option<Result<FoundDraft, Broken>>,
    /// What was not looked at.
    pub remarks: Vec<Broken>,
    /// When they were looked for.
    pub now: Timestamp,
}

/// A draft, merged onto the document as it was read.
#[derive(Clone, Debug)]
pub struct FoundDraft {
    pub draft: Draft,
    pub merge: Merge,
    /// The version that it was made on.
    pub made_on: Option<u64>,
    /// True where the document is not what it was made on any more.
    pub is_old: bool,
    /// Who saved the document since then, newest last, as far as the history knows.
    pub meanwhile: Vec<Stamp>,
    /// When it was found.
    pub now: Timestamp,
}

impl Opened {
    /// Reads the document at `location`, to be saved in the name of `saver`. Errors: why it cannot be read.
    pub fn read(
        location: &Location,
        catalog: Arc<Catalog>,
        saver: Arc<Saver>,
        locations: &DraftLocations,
    ) -> Result<Opened, ReadError> {
        let session = Session::at(location, catalog)?.signed(saver);
        let document = session.document();
        let denied = document.writable().err().map(Arc::new);
        let found = Draft::list(document.location(), document.text().len(), locations);
        let is_draft = |one: &Result<Draft, Broken>| one.as_ref().err().is_none_or(Broken::is_file);
        let (mut drafts, rest): (Vec<_>, Vec<_>) = found.into_iter().partition(is_draft);
        let only = if drafts.len() == 1 { drafts.pop() } else { None };
        let left = Left {
            drafts,
            only: only.map(|draft| draft.and_then(|draft| session.found(draft))),
            remarks: rest.into_iter().filter_map(Result::err).collect(),
            now: session.saver().now(),
        };
        Ok(Opened { denied, left, session })
    }
}

impl Session {
    /// What became of a draft that was found now. Without the document that it was made on, its edits cannot be told.
    pub fn found(&self, draft: Draft) -> Result<FoundDraft, Broken> {
        let history = History::of(self.document.location());
        let base = draft.base.as_deref().unwrap_or_default();
        let merge = draft.merge(&self.document, &self.catalog);
        Ok(FoundDraft {
            merge: merge.map_err(|_| Broken { path: draft.file.clone(), why: Why::Damaged })?,
            made_on: draft.version(&history),
            is_old: base != self.document.text(),
            meanwhile: history.since(base),
            now: self.saver.now(),
            draft,
        })
    }
}
