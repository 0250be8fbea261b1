//! Where drafts are kept: beside their document, or else in the account's own state folder.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::process::geteuid;

use crate::document::identity;
use crate::document::sidecar;

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

impl DraftLocations {
    /// That of an account with this environment. Empty and relative paths count as unset.
    pub fn of(variable: &dyn Fn(&str) -> Option<PathBuf>) -> DraftLocations {
        let absolute = |name| variable(name).filter(|path: &PathBuf| path.is_absolute());
        let state = absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(STATE)));
        DraftLocations { fallback: state.map(|state| state.join(FALLBACK)) }
    }

    /// The folder that is used. With `sudo -E` and `su -m` the environment is another account's, in whose home root makes
    /// nothing: then it is the one in root's own. Looks at the disk.
    pub(super) fn used(&self) -> Option<PathBuf> {
        let named = self.fallback.clone()?;
        if !geteuid().is_root() || is_roots(&named) {
            return Some(named);
        }
        identity::home_of_root().map(|home| home.join(STATE).join(FALLBACK))
    }
}

/// Where the drafts of a document belong, by its resolved path.
pub fn folder(document: &Path) -> PathBuf {
    sidecar::beside(document, "drafts")
}

/// True where the path, or the folder in which it would be made, is root's.
fn is_roots(path: &Path) -> bool {
    let existing = path.ancestors().find_map(|path| std::fs::metadata(path).ok());
    existing.is_some_and(|metadata| metadata.uid() == 0)
}
