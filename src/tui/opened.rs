//! What the form opens on: the document, whether it can be saved, and the drafts that other forms left.
//!
//! Read before the terminal is taken over, or by a worker.

use std::path::Path;
use std::sync::Arc;

use crate::catalog::Catalog;
use crate::document::draft::{Broken, Draft, DraftLocations};
use crate::document::history::{History, Stamp};
use crate::document::merge::Merge;
use crate::document::saver::Saver;
use crate::document::timestamp::Timestamp;
use crate::document::{ReadError, SaveError};
use crate::session::Session;

/// A document that was read, and what was found about it.
#[derive(Debug)]
pub struct Opened {
    pub session: Session,
    /// Why this user cannot save it, where that is known beforehand.
    pub denied: Option<Arc<SaveError>>,
    /// Drafts that other forms left, newest first.
    pub drafts: Vec<Offer>,
}

impl Opened {
    /// Reads the document at `path`, to be saved in the name of `saver`. Errors: why it cannot be read.
    pub fn read(
        path: &Path,
        catalog: Arc<Catalog>,
        saver: Arc<Saver>,
        locations: &DraftLocations,
    ) -> Result<Opened, ReadError> {
        let session = Session::open(path, catalog)?.signed(saver);
        let denied = session.document().writable().err().map(Arc::new);
        let drafts = drafts(&session, locations);
        Ok(Opened { session, denied, drafts })
    }
}

/// A draft to be offered.
#[derive(Clone, Debug)]
pub struct Offer {
    pub found: FoundDraft,
    /// True where it is the same person's who opened this form.
    pub is_own: bool,
    /// When it was looked for.
    pub now: Timestamp,
    /// Which one it is, and of how many.
    pub place: (usize, usize),
}

/// What a draft turned out to be.
#[derive(Clone, Debug)]
pub enum FoundDraft {
    /// A draft that can be used.
    Whole {
        draft: Box<Draft>,
        /// Merged onto the document as it was read.
        merge: Box<Merge>,
        /// The version that it was made on.
        made_on: Option<u64>,
        /// True where the document is not what it was made on any more.
        is_old: bool,
        /// Who saved the document last since then, where that is known.
        meanwhile: Option<Stamp>,
    },
    /// A file that holds no usable draft.
    Broken(Arc<Broken>),
}

/// The drafts of a document, each merged onto what it holds now.
fn drafts(session: &Session, locations: &DraftLocations) -> Vec<Offer> {
    let (document, saver) = (session.document(), session.saver());
    let history = History::of(document.path());
    let found = |draft: Draft| match draft.merge(document, session.catalog()) {
        Ok(merge) => FoundDraft::Whole {
            merge: Box::new(merge),
            made_on: draft.version(&history),
            meanwhile: history.since(draft.base.as_deref().unwrap_or_default()).pop(),
            is_old: draft.base.as_deref().unwrap_or_default() != document.text(),
            draft: Box::new(draft),
        },
        // Without the document it was based on, its edits cannot be told.
        Err(_) => FoundDraft::Broken(Arc::new(Broken { path: draft.file, source: None, is_file: true })),
    };
    let all = Draft::list(document.path(), locations, &saver.who);
    let (now, count) = (saver.now(), all.len());
    let offers = all.into_iter().enumerate().map(|(index, draft)| {
        let found = draft.map_or_else(|broken| FoundDraft::Broken(Arc::new(broken)), found);
        let is_own = matches!(&found, FoundDraft::Whole { draft, .. } if draft.who.is_same_person(&saver.who));
        Offer { found, is_own, now, place: (index + 1, count) }
    });
    offers.collect()
}
