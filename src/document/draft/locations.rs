//! Where drafts are kept and looked for, and which of them a person is offered.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::process::geteuid;

use super::{Broken, Draft, END, folder, read};
use crate::document::identity::{self, Identity, Person};
use crate::document::sidecar::SideFolder;

/// Where drafts are kept and looked for beside `CONFIG.drafts/`.
#[derive(Clone, Debug, Default)]
pub struct DraftLocations {
    /// Takes them where that folder cannot be written: `$XDG_STATE_HOME/balcao-config`.
    pub fallback: Option<PathBuf>,
    /// The same folders of other accounts: for root, who sees all.
    pub others: Vec<(Person, PathBuf)>,
}

/// The folder of drafts below a state folder.
const FALLBACK: &str = "balcao-config";

/// Where an account's state folder is, unless its environment says otherwise (XDG base directory specification).
const STATE: &str = ".local/state";

/// More drafts than this in one folder are nobody's: the rest is not read.
const MOST_FILES: usize = 64;

impl DraftLocations {
    /// That of an account with this environment; root's reaches those of all people with an account on the machine.
    /// Empty and relative paths count as unset.
    pub fn of(variable: &dyn Fn(&str) -> Option<PathBuf>, is_root: bool) -> DraftLocations {
        let absolute = |name| variable(name).filter(|path: &PathBuf| path.is_absolute());
        let state = absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(STATE)));
        // What root makes in another's home shuts them out of it: after `sudo -E` and `su -m`, root's own serves.
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
    fn folders(&self, document: &Path) -> Vec<(PathBuf, Option<&Person>)> {
        let mut folders = vec![(folder(document), None)];
        folders.extend(self.fallback.iter().map(|fallback| (fallback.clone(), None)));
        let others = self.others.iter().filter(|(_, folder)| Some(folder) != self.fallback.as_ref());
        folders.extend(others.map(|(person, folder)| (folder.clone(), Some(person))));
        folders
    }
}

/// True where the path, or the folder in which it would be made, is root's.
fn is_roots(path: &Path) -> bool {
    let existing = path.ancestors().find_map(|path| std::fs::metadata(path).ok());
    existing.is_some_and(|metadata| metadata.uid() == 0)
}

impl Draft {
    /// The drafts of a document that `reader` may be offered, newest first; broken ones last. One's own, by the name
    /// that the account or sudo gives; root is offered all.
    pub fn list(document: &Path, shelf: &DraftLocations, reader: &Identity) -> Vec<Result<Draft, Broken>> {
        let (mut drafts, mut broken) = (vec![], vec![]);
        for (path, person) in shelf.folders(document) {
            match found_in(&path, person) {
                Ok(found) => found.into_iter().for_each(|one| match one {
                    Ok(draft) => drafts.push(draft),
                    // Another's draft is none of ours; what stands in another's folder and is none, is theirs to tell.
                    Err(Broken { source: Some(error), .. }) if is_denied(&error) => {}
                    Err(damaged) if person.is_none() => broken.push(damaged),
                    Err(_) => {}
                }),
                Err(error) if person.is_some() || is_denied(&error) => {}
                Err(error) => broken.push(Broken { path, source: Some(error), is_file: false }),
            }
        }
        drafts.retain(|draft| draft.is_of(document) && draft.who.is_seen_by(reader));
        let mut drafts = absorb(drafts);
        drafts.sort_by_key(|draft| std::cmp::Reverse(draft.updated));
        drafts.into_iter().map(Ok).chain(broken.into_iter().map(Err)).collect()
    }

    /// True where hiding the other draft behind this one takes nothing away from its owner.
    fn may_absorb(&self, other: &Draft) -> bool {
        self.owner == other.owner || self.owner == 0 || self.owner == geteuid().as_raw()
    }
}

fn is_denied(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied
}

/// What a folder holds. In a person's own folder everything is theirs, whatever it says of itself, and what is not
/// theirs is not looked at: they may have put a link to another's there.
fn found_in(path: &Path, person: Option<&Person>) -> io::Result<Vec<Result<Draft, Broken>>> {
    let Some(opened) = SideFolder::open(path)? else { return Ok(vec![]) };
    if person.is_some_and(|person| opened.owner().ok() != Some(person.uid)) {
        return Ok(vec![]);
    }
    let opened = Arc::new(opened);
    let names = opened.names()?.into_iter().filter(|name| name.ends_with(END) && !name.starts_with('.'));
    let found = names.take(MOST_FILES).map(|name| read(&opened, &name, path.join(&name)));
    let theirs = |mut draft: Draft| match person {
        Some(person) if draft.owner != person.uid => None,
        Some(person) => {
            draft.who = Identity { user: person.name.clone(), sudo_user: None, ..draft.who };
            Some(draft)
        }
        None => Some(draft),
    };
    Ok(found.filter_map(|one| one.map(theirs).transpose()).collect())
}

/// Puts drafts whose edits are in another one into that; those that are in none are left. One that was edited since is
/// not the one that was absorbed.
fn absorb(drafts: Vec<Draft>) -> Vec<Draft> {
    let takes = |taker: &Draft, other: &Draft| {
        taker.claims.get(&other.file) == Some(&other.sum) && taker.file != other.file && taker.may_absorb(other)
    };
    let is_taken = |draft: &Draft| drafts.iter().any(|taker| takes(taker, draft) && !takes(draft, taker));
    let whole = drafts.iter().filter(|draft| !is_taken(draft)).map(|draft| {
        let absorbed = drafts.iter().filter(|other| takes(draft, other)).cloned().collect();
        Draft { absorbed, ..draft.clone() }
    });
    whole.collect()
}
