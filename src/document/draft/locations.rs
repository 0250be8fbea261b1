//! Where drafts are kept and looked for beside `CONFIG.drafts/`.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::document::identity::{self, Person};
use crate::document::sidecar;

#[derive(Clone, Debug, Default)]
pub struct DraftLocations {
    /// Used where `CONFIG.drafts/` cannot be written: `$XDG_STATE_HOME/balcao-config`.
    pub fallback: Option<PathBuf>,
    /// For root: the same folders of other accounts.
    pub others: Vec<(Person, PathBuf)>,
}

/// The folder of drafts below a state folder.
const FALLBACK: &str = "balcao-config";

/// Where an account's state folder is, unless its environment says otherwise (XDG base directory specification).
const STATE: &str = ".local/state";

impl DraftLocations {
    /// That of an account with this environment; root's reaches those of all people with an account on the machine.
    /// Empty and relative paths count as unset.
    pub fn of(variable: &dyn Fn(&str) -> Option<PathBuf>, is_root: bool) -> DraftLocations {
        let absolute = |name| variable(name).filter(|path: &PathBuf| path.is_absolute());
        let state = absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(STATE)));
        // With `sudo -E` and `su -m` it may be another user's, who could not use what root makes there.
        let state = state.filter(|path| !is_root || is_roots(path));
        let (people, own) = if is_root { (identity::people(), identity::home_of_root()) } else { (vec![], None) };
        DraftLocations {
            fallback: state.or_else(|| own.map(|home| home.join(STATE))).map(|state| state.join(FALLBACK)),
            others: people
                .into_iter()
                .map(|person| {
                    let folder = person.home.join(STATE).join(FALLBACK);
                    (person, folder)
                })
                .collect(),
        }
    }

    /// All folders to look in, and whose they are where that is known from the place alone.
    pub(super) fn folders(&self, document: &Path) -> Vec<(PathBuf, Option<&Person>)> {
        let mut folders = vec![(folder(document), None)];
        folders.extend(self.fallback.iter().map(|fallback| (fallback.clone(), None)));
        let others = self.others.iter().filter(|(_, folder)| Some(folder) != self.fallback.as_ref());
        folders.extend(others.map(|(person, folder)| (folder.clone(), Some(person))));
        folders
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
