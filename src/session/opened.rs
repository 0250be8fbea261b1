//! What an editor opens on: the document, whether it can be saved, and the drafts that were left of it.

use std::sync::Arc;

use super::Session;
use crate::catalog::Catalog;
use crate::document::draft::{Broken, Draft, DraftLocations};
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
    /// The drafts that this user may be offered, newest first, and the files that hold no usable one.
    pub drafts: Vec<Result<FoundDraft, Broken>>,
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
        let (document, saver) = (session.document(), session.saver());
        let denied = document.writable().err().map(Arc::new);
        let found = |draft: Draft| {
            let path = draft.file.clone();
            // Without the document it was made on, its edits cannot be told.
            session.found(draft, saver.now()).map_err(|_| Broken { path, source: None, is_file: true })
        };
        let drafts = Draft::list(document.path(), locations, &saver.who);
        let drafts = drafts.into_iter().map(|draft| draft.and_then(found)).collect();
        Ok(Opened { denied, drafts, session })
    }
}

impl Session {
    /// What became of a draft that was found now. Errors: why the document that it was made on cannot be read.
    pub fn found(&self, draft: Draft, now: Timestamp) -> Result<FoundDraft, ReadError> {
        let history = History::of(self.document.location());
        let base = draft.base.as_deref().unwrap_or_default();
        Ok(FoundDraft {
            merge: draft.merge(&self.document, &self.catalog)?,
            made_on: draft.version(&history),
            is_old: base != self.document.text(),
            meanwhile: history.since(base),
            now,
            draft,
        })
    }
}
