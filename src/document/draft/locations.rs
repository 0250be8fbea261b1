//! Where drafts are kept: beside their document, or else in the account's own state folder.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::document::accounts;
use crate::document::folder::Folder;
use crate::document::location::{Location, Way};
use crate::document::sharing::Sharing;
use crate::document::sidecar::{self, side_name, writable};

/// Where drafts go that the folder beside their document does not take. Names alone: nothing of it is looked at before it is
/// needed, since a home may be on a disk that does not answer.
#[derive(Clone, Debug, Default)]
pub struct DraftLocations {
    /// `$XDG_STATE_HOME/balcao-config`.
    pub fallback: Option<PathBuf>,
}

/// The folder of drafts below a state folder.
const FALLBACK: &str = "balcao-config";

/// Where an account's state folder is, unless its environment says otherwise (XDG base directory specification).
const STATE: &str = ".local/state";

/// What the folder beside a document is called after it.
const NAME: &str = "drafts";

impl DraftLocations {
    /// That of an account with this environment. Empty and relative paths count as unset.
    pub fn of(variable: &dyn Fn(&str) -> Option<PathBuf>) -> DraftLocations {
        let absolute = |name| variable(name).filter(|path: &PathBuf| path.is_absolute());
        let state = absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(STATE)));
        DraftLocations { fallback: state.map(|state| state.join(FALLBACK)) }
    }

    /// The other folder, where it exists, and the path to it.
    pub(super) fn open(&self) -> io::Result<Option<(PathBuf, Arc<Folder>)>> {
        let Some((path, way)) = self.way()? else { return Ok(None) };
        Ok(way.folder()?.map(|folder| (path, folder)))
    }

    /// The other folder, made where it is missing, with those above it: all of them private.
    pub(super) fn make(&self) -> io::Result<Option<(PathBuf, Arc<Folder>)>> {
        let Some((path, way)) = self.way()? else { return Ok(None) };
        let (folder, _) = way.make(Sharing::FOLDER)?;
        Sharing::PRIVATE.apply(&*folder, Sharing::FOLDER)?;
        Ok(Some((path, folder)))
    }

    /// With `sudo -E` and `su -m` the environment is another account's, in whose home root makes nothing: then the other
    /// folder is the one in root's own.
    fn way(&self) -> io::Result<Option<(PathBuf, Way)>> {
        let find = |path: PathBuf| Ok(Some((path.clone(), Way::to_folder(&path)?)));
        let Some(named) = self.fallback.clone() else { return Ok(None) };
        let found: Option<(PathBuf, Way)> = find(named)?;
        let is_foreign = |way: &Way| Ok::<_, io::Error>(way.deepest()?.0.foreign().is_some());
        match found {
            Some((_, way)) if is_foreign(&way)? => {
                accounts::home_of_root().map_or(Ok(None), |home| find(home.join(STATE).join(FALLBACK)))
            }
            found => Ok(found),
        }
    }
}

/// Where the drafts of a document belong, by its resolved path.
pub fn folder(document: &Path) -> PathBuf {
    sidecar::beside(document, NAME)
}

/// That folder, where it exists.
pub(super) fn beside(location: &Location) -> io::Result<Option<Arc<Folder>>> {
    let around = location.folder()?;
    Ok(around.map_or(Ok(None), |around| around.folder(name(location.name())))?.map(Arc::new))
}

/// That folder, made where it is missing. The document's own is made as a save would make it: the counter program must be
/// able to enter.
pub(super) fn make_beside(location: &Location) -> io::Result<Folder> {
    let (around, _) = location.make_folder()?;
    writable(&around)?.side_folder(&name(location.name()), Sharing::PRIVATE)
}

fn name(document: &OsStr) -> OsString {
    side_name(document, NAME)
}
