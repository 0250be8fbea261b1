//! What the form is opened with.

use std::path::PathBuf;
use std::sync::Arc;

use super::console::Traits;
use crate::check;
use crate::document::Location;
use crate::document::draft::DraftLocations;
use crate::document::saver::Saver;
use crate::lang::Lang;
use crate::session::reports::Editor;

/// How the form is set up; does not change while it runs.
#[derive(Clone, Debug)]
pub struct Setup {
    pub lang: Lang,
    pub traits: Traits,
    pub check: check::Options,
    /// Where the document is.
    pub location: Location,
    /// In whose name it is saved.
    pub saver: Arc<Saver>,
    /// Where drafts are kept and looked for.
    pub locations: DraftLocations,
    /// The program that edits a report.
    pub editor: Editor,
    /// The folder of extension catalogs that was named, absolute.
    pub catalog: Option<PathBuf>,
}
