//! Which drafts a person is offered: one's own, by the owner of their files, newest first, as many as are small enough.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Broken, Draft, DraftLocations, END, Why, folder, locations, most_bytes, read};
use crate::document::accounts::is_me;
use crate::document::folder::{Folder, Seen};
use crate::document::location::Location;
use crate::file;
use crate::sort;

/// No user has more; what is beyond is counted, not read.
const MOST_FILES: usize = 64;

/// More names are not looked at: a folder of ours has some hundred.
const MOST_NAMES: usize = 10_000;

impl Draft {
    /// One's own drafts of a document with so many bytes, newest first; after them what could not be read, and what was not.
    /// The folder in the account's home is not waited for long: its disk may have gone, and the document does not depend on it.
    pub fn list(location: &Location, bytes: usize, locations: &DraftLocations) -> Vec<Result<Draft, Broken>> {
        let document = location.path();
        let path = folder(document);
        let beside = locations::beside(location).map(|folder| folder.map(|folder| (path.clone(), folder)));
        let beside = found_in(beside, &path, bytes);
        let (other, named) = (locations.clone(), locations.fallback.clone().unwrap_or_default());
        // What is found too late, nobody wants to know any more.
        let look = {
            let named = named.clone();
            move || Ok(found_in(other.open(), &named, bytes))
        };
        let elsewhere =
            file::within(file::PATIENCE, look).unwrap_or_else(|_| vec![Err(Broken { path: named, why: Why::Silent })]);
        let (mut drafts, mut broken) = (vec![], vec![]);
        for found in beside.into_iter().chain(elsewhere) {
            match found {
                Ok(draft) if draft.is_of(document) => drafts.push(draft),
                Ok(_) => {}
                Err(other) => broken.push(Err(other)),
            }
        }
        let mut drafts = absorb(drafts);
        sort::sort_by_key(&mut drafts, |draft| std::cmp::Reverse(draft.updated));
        drafts.into_iter().map(Ok).chain(broken).collect()
    }
}

/// The drafts of other accounts beside a document.
pub struct Others {
    pub folder: PathBuf,
    /// How many, and the newest; `None` where the folder is closed to this account.
    pub seen: Option<(usize, PathBuf)>,
}

/// What other accounts have beside a document, where they have anything, or that cannot be known.
pub fn of_others(location: &Location) -> Option<Others> {
    let path = folder(location.path());
    let files = locations::beside(location).and_then(|found| found.map(|folder| folder.files(MOST_NAMES)).transpose());
    match files {
        Ok(files) => {
            let is_theirs = |seen: &Seen| !is_me(seen.owner) && is_draft(seen);
            let theirs: Vec<Seen> = files?.into_iter().filter(is_theirs).collect();
            let newest = path.join(&theirs.iter().max_by_key(|seen| seen.changed)?.name);
            Some(Others { folder: path, seen: Some((theirs.len(), newest)) })
        }
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Some(Others { folder: path, seen: None }),
        // Told where one's own are looked for.
        Err(_) => None,
    }
}

fn is_draft(seen: &Seen) -> bool {
    seen.name.ends_with(END) && !seen.name.starts_with('.')
}

/// One's own drafts in a folder, of whatever document; `named` is where it was looked for.
fn found_in(
    opened: io::Result<Option<(PathBuf, Arc<Folder>)>>,
    named: &Path,
    bytes: usize,
) -> Vec<Result<Draft, Broken>> {
    let seen = opened.and_then(|opened| {
        opened.map(|(path, folder)| folder.files(MOST_NAMES).map(|seen| (path, folder, seen))).transpose()
    });
    let (path, folder, seen) = match seen {
        Ok(Some(seen)) => seen,
        Ok(None) => return vec![],
        // A folder that is closed to this account has none of its drafts.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return vec![],
        Err(error) => return vec![Err(Broken { path: named.into(), why: Why::NoFolder(error) })],
    };
    let is_ours = |seen: &Seen| is_me(seen.owner) && is_draft(seen);
    let (mut ours, others): (Vec<Seen>, Vec<Seen>) = seen.into_iter().filter(is_ours).partition(|seen| seen.is_alone);
    sort::sort_by(&mut ours, |one, other| other.changed.cmp(&one.changed).then_with(|| one.name.cmp(&other.name)));
    let (most, mut room, mut unread) = (most_bytes(bytes), 4 * most_bytes(bytes), others.len());
    let mut found = vec![];
    for seen in ours {
        if found.len() == MOST_FILES || seen.bytes > most || seen.bytes > room {
            unread += 1;
            continue;
        }
        room -= seen.bytes;
        let one = read(&folder, &seen.name, path.join(&seen.name), most);
        // The file that was opened decides, not the one that was seen under its name before.
        found.extend((!matches!(&one, Ok(draft) if draft.foreign_owner().is_some())).then_some(one));
    }
    found.extend((unread > 0).then(|| Err(Broken { path, why: Why::Unread(unread) })));
    found
}

/// Moves drafts that another one has absorbed into it. One that was edited since then stands for itself.
fn absorb(drafts: Vec<Draft>) -> Vec<Draft> {
    let takes =
        |taker: &Draft, other: &Draft| taker.claims.get(&other.file) == Some(&other.sum) && taker.file != other.file;
    let is_taken = |draft: &Draft| drafts.iter().any(|taker| takes(taker, draft) && !takes(draft, taker));
    let whole = drafts.iter().filter(|draft| !is_taken(draft)).map(|draft| {
        let absorbed = drafts.iter().filter(|other| takes(draft, other)).cloned().collect();
        Draft { absorbed, ..draft.clone() }
    });
    whole.collect()
}
