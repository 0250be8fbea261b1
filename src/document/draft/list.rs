//! Which drafts a person is offered: one's own, by the owner of their files, newest first, as many as are small enough.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustix::process::geteuid;

use super::{Broken, Draft, DraftLocations, END, Why, folder, most_bytes, read};
use crate::document::sidecar::{Seen, SideFolder};
use crate::file;

/// No user has more; what is beyond is counted, not read.
const MOST_FILES: usize = 64;

impl Draft {
    /// One's own drafts of a document with so many bytes, newest first; after them what could not be read, and what was not.
    /// The folder in the account's home is not waited for long: its disk may have gone, and the document does not depend on it.
    pub fn list(document: &Path, bytes: usize, locations: &DraftLocations) -> Vec<Result<Draft, Broken>> {
        let beside = found_in(&folder(document), bytes);
        let other = locations.clone();
        // What is found too late, nobody wants to know any more.
        let found = file::within(file::PATIENCE, move || {
            Ok(other.used().map(|path| found_in(&path, bytes)).unwrap_or_default())
        });
        let elsewhere = found.unwrap_or_else(|_| {
            let path = locations.fallback.clone().unwrap_or_default();
            vec![Err(Broken { path, why: Why::Silent })]
        });
        let (mut drafts, mut broken) = (vec![], vec![]);
        for found in beside.into_iter().chain(elsewhere) {
            match found {
                Ok(draft) if draft.is_of(document) => drafts.push(draft),
                Ok(_) => {}
                Err(other) => broken.push(Err(other)),
            }
        }
        let mut drafts = absorb(drafts);
        drafts.sort_by_key(|draft| std::cmp::Reverse(draft.updated));
        drafts.into_iter().map(Ok).chain(broken).collect()
    }
}

/// One's own drafts in a folder, of whatever document.
fn found_in(path: &Path, bytes: usize) -> Vec<Result<Draft, Broken>> {
    let broken = |why| Err(Broken { path: path.into(), why });
    let (opened, seen) = match seen_in(path) {
        Ok(Some(seen)) => seen,
        Ok(None) => return vec![],
        // A folder that is closed to this account has none of its drafts.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return vec![],
        Err(error) => return vec![broken(Why::NoFolder(error))],
    };
    let own = geteuid().as_raw();
    let is_ours = |seen: &Seen| seen.owner == own && seen.name.ends_with(END) && !seen.name.starts_with('.');
    let (ours, others): (Vec<Seen>, Vec<Seen>) = seen.into_iter().filter(is_ours).partition(|seen| seen.is_alone);
    let (most, mut room, mut unread) = (most_bytes(bytes), 4 * most_bytes(bytes), others.len());
    let mut found = vec![];
    for seen in ours {
        if found.len() == MOST_FILES || seen.bytes > most || seen.bytes > room {
            unread += 1;
            continue;
        }
        room -= seen.bytes;
        let one = read(&opened, &seen.name, path.join(&seen.name), most);
        // The file that was opened decides, not the one that was seen under its name before.
        found.extend((!matches!(&one, Ok(draft) if draft.owner != own)).then_some(one));
    }
    found.extend((unread > 0).then(|| broken(Why::Unread(unread))));
    found
}

fn seen_in(path: &Path) -> io::Result<Option<(Arc<SideFolder>, Vec<Seen>)>> {
    let Some(opened) = SideFolder::open(path)? else { return Ok(None) };
    let mut seen = opened.seen()?;
    seen.sort_by(|one, other| other.changed.cmp(&one.changed).then_with(|| one.name.cmp(&other.name)));
    Ok(Some((Arc::new(opened), seen)))
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
