//! What the form opens on: the document, whether it can be saved, and the drafts that other forms left.
//!
//! Read before the terminal changes hands, or by a worker; the model is made of it.

use std::path::Path;
use std::sync::Arc;

use super::dialog::{Found, Offer};
use crate::catalog::Catalog;
use crate::document::draft::{Broken, Draft, DraftLocations};
use crate::document::history::History;
use crate::document::saver::Saver;
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
        shelf: &DraftLocations,
    ) -> Result<Opened, ReadError> {
        let session = Session::open(path, catalog)?.signed(saver);
        let denied = session.document().writable().err().map(Arc::new);
        let drafts = drafts(&session, shelf);
        Ok(Opened { session, denied, drafts })
    }
}

/// The drafts of a document, each merged onto what it holds now.
fn drafts(session: &Session, shelf: &DraftLocations) -> Vec<Offer> {
    let (document, saver) = (session.document(), session.saver());
    let history = History::of(document.path());
    let found = |draft: Draft| match draft.merge(document, session.catalog()) {
        Ok(merge) => Found::Whole {
            merge: Box::new(merge),
            made_on: draft.version(&history),
            meanwhile: history.since(draft.base.as_deref().unwrap_or_default()).pop(),
            is_old: draft.base.as_deref().unwrap_or_default() != document.text(),
            draft: Box::new(draft),
        },
        // What it was made on cannot be read: nobody can tell what its edits were.
        Err(_) => Found::Broken(Arc::new(Broken { path: draft.file, source: None, is_file: true })),
    };
    let all = Draft::list(document.path(), shelf, &saver.who);
    let (now, count) = (saver.now(), all.len());
    let offers = all.into_iter().enumerate().map(|(index, draft)| {
        let found = draft.map_or_else(|broken| Found::Broken(Arc::new(broken)), found);
        let is_own = matches!(&found, Found::Whole { draft, .. } if draft.who.is_same_person(&saver.who));
        Offer { found, is_own, now, place: (index + 1, count) }
    });
    offers.collect()
}
