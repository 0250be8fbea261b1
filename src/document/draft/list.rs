//! Which drafts a person is offered.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustix::process::geteuid;

use super::{Broken, Draft, DraftLocations, END, read};
use crate::document::identity::{Identity, Person};
use crate::document::sidecar::SideFolder;

/// No user has more; the rest of a folder is not read.
const MOST_FILES: usize = 64;

impl Draft {
    /// The drafts of a document that `reader` may be offered, newest first; broken ones last. One's own, by the name
    /// that the account or sudo gives; root is offered all.
    pub fn list(document: &Path, locations: &DraftLocations, reader: &Identity) -> Vec<Result<Draft, Broken>> {
        let (mut drafts, mut broken) = (vec![], vec![]);
        for (path, person) in locations.folders(document) {
            match found_in(&path, person) {
                Ok(found) => found.into_iter().for_each(|one| match one {
                    Ok(draft) => drafts.push(draft),
                    // Other users' drafts are skipped, and so are broken files in their folders.
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

    /// True where this draft may hide the other one without taking it from another user.
    fn may_absorb(&self, other: &Draft) -> bool {
        self.owner == other.owner || self.owner == 0 || self.owner == geteuid().as_raw()
    }
}

fn is_denied(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied
}

/// The drafts in a folder. In a person's own folder all drafts count as theirs, whatever their contents say, and files of
/// other owners are skipped: they may be links to somebody else's.
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

/// Moves drafts that another one has absorbed into it. One that was edited since then stands for itself.
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
