//! A save from start to end: lock, read again, merge, validate, record, write, unlock.
//!
//! The only way in which the program writes a document. The changes are merged into what the file holds now, so that
//! nobody's change is lost, and the file's text is a version of the history before anything replaces it.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::io::Errno;

use super::history::{History, Kind, Signature, Stamp};
use super::identity::{Identity, Who};
use super::lock::{Lock, NoLock};
use super::merge::{self, Conflict, Merge, Overtaken, Side};
use super::save::{self, Cause, SaveError, Saved, Step};
use super::syslog::Record;
use super::timestamp::Timestamp;
use super::zone::{Wall, Zone};
use super::{Changes, Document, atomic_file, diff, validate};
use crate::catalog::{Catalog, Finding, Level};

/// How long another save is waited for. One takes milliseconds, on a bad disk a second or two; a process that holds the
/// lock longer hangs.
pub const PATIENCE: Duration = Duration::from_secs(4);

/// How often a save starts over because a program that ignores the lock wrote meanwhile; bounded, should it write without
/// end.
const ROUNDS: usize = 3;

/// Who saves, by which clock, and how long they wait for others.
#[derive(Clone, Debug)]
pub struct Saver {
    pub who: Who,
    /// What the history is to keep beside every version, in one line.
    pub note: Option<String>,
    /// Reads the clock; handed in by the entry point.
    pub clock: fn() -> SystemTime,
    /// How long another save is waited for.
    pub patience: Duration,
    /// What the times of others are told in.
    pub zone: Zone,
    /// True where the machine's log is told of every save; not so of documents that nobody is to know of.
    pub is_logged: bool,
}

/// What is to be saved.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'w> {
    /// These changes, made on the base but for those that were overtaken, with the chosen side of each conflict that was shown.
    Changes { mine: &'w Changes, overtaken: Option<&'w Overtaken>, choices: &'w [(Conflict, Side)] },
    /// This document's whole text, to the byte.
    Whole(&'w Document),
    /// The base with these changes, where its file is gone; where there is one again, the changes alone.
    Anew(&'w Changes),
}

impl Wanted<'_> {
    fn changes_nothing(self, base: &Document) -> bool {
        match self {
            Wanted::Changes { mine, .. } => mine.is_empty(),
            Wanted::Whole(whole) => whole.text() == base.text(),
            Wanted::Anew(_) => false,
        }
    }
}

impl Saver {
    pub fn new(who: impl Into<Who>, clock: fn() -> SystemTime) -> Saver {
        Saver { who: who.into(), note: None, clock, patience: PATIENCE, zone: Zone::default(), is_logged: false }
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::of((self.clock)())
    }

    pub fn wall(&self) -> Wall {
        Wall { zone: self.zone.clone(), now: self.now() }
    }

    /// An error of this saver's, with the clock by which it is told.
    pub(super) fn timed(&self, error: SaveError) -> SaveError {
        SaveError { wall: self.wall(), ..error }
    }

    /// Saves what is wanted on top of `base`. Gives what came of it and the document as it now is.
    ///
    /// Where that is what the file holds already, nothing is written. A conflict that is not among the choices is an
    /// error: the file may have changed once more while somebody was choosing. A whole text replaces no other than `base`.
    pub fn save(
        &self,
        base: &Document,
        wanted: Wanted<'_>,
        kind: Kind,
        catalog: &Catalog,
    ) -> Result<(Saved, Document), SaveError> {
        self.save_locked(base, wanted, kind, catalog).map_err(|error| self.timed(error))
    }

    fn save_locked(
        &self,
        base: &Document,
        wanted: Wanted<'_>,
        kind: Kind,
        catalog: &Catalog,
    ) -> Result<(Saved, Document), SaveError> {
        if wanted.changes_nothing(base) {
            return Ok((Saved { written: false, ..Saved::in_place(base.path()) }, base.clone()));
        }
        let path = base.path();
        may_begin(base)?;
        if !matches!(wanted, Wanted::Anew(_))
            && let Some(now) = base.location().moved()
        {
            let is_gone = base.exists() && !now.is_there();
            return Err(SaveError::new(path, if is_gone { Cause::Gone(None) } else { Cause::Exchanged }));
        }
        let (_lock, made) = self.hold(base)?;
        let mut round = 1;
        loop {
            match self.save_once(base, wanted, kind, catalog) {
                Err(SaveError { cause: Cause::Changed, .. }) if round < ROUNDS => round += 1,
                // What was read is nowhere else any more.
                Err(error @ SaveError { cause: Cause::Gone(_), .. }) => {
                    let number = History::of(base.location()).keep(base, self.now()).ok();
                    return Err(SaveError { cause: Cause::Gone(number), ..error });
                }
                ended => return ended.map(|(saved, document)| (Saved { made, ..saved }, document)),
            }
        }
    }

    /// The lock on the document, and the folders that were made for it. What a killed save left is gone.
    pub(super) fn hold(&self, base: &Document) -> Result<(Lock, Vec<PathBuf>), SaveError> {
        let path = base.path();
        let (folder, made) = save::make_folder(base.location())?;
        if !base.location().leads_to(&folder) {
            return Err(SaveError::new(path, Cause::Exchanged));
        }
        let lock = Lock::take(base.location(), &self.who, self.now(), self.patience);
        let lock = lock.map_err(|why| not_locked(base, why))?;
        let writable = folder.writable().map_err(|foreign| SaveError::new(path, Cause::Foreign(foreign)))?;
        atomic_file::sweep(writable, Some(base.location().name()));
        Ok((lock, made))
    }

    /// Whether [`Saver::save`] would succeed, as far as that can be known without writing: all but what the disk will say.
    pub fn rehearse(&self, base: &Document, wanted: Wanted<'_>, catalog: &Catalog) -> Result<(), SaveError> {
        if wanted.changes_nothing(base) {
            return Ok(());
        }
        may_begin(base)?;
        Lock::could_be_taken(base.location(), self.patience).map_err(|why| self.timed(not_locked(base, why)))?;
        let merged = merged(base, wanted, catalog).map_err(|error| self.timed(error))?;
        if !merged.document.is_changed() {
            return Ok(());
        }
        merged.theirs.writable()?;
        save::of_readable_size(&merged.document)
    }

    /// The part under the lock.
    fn save_once(
        &self,
        base: &Document,
        wanted: Wanted<'_>,
        kind: Kind,
        catalog: &Catalog,
    ) -> Result<(Saved, Document), SaveError> {
        let path = base.path();
        let merged = merged(base, wanted, catalog)?;
        let (theirs, history) = (merged.theirs, History::of(base.location()));
        let meanwhile = meanwhile(base, wanted, &theirs);
        let mut kept = merged.theirs_changed;
        // Where mine was chosen, theirs was not kept.
        kept.retain(|it| it.key().and_then(|key| merged.mine.get(&key)).is_none_or(|mine| *mine == it.to));
        let mut saved = Saved { merged: kept, meanwhile, wall: self.wall(), ..Saved::in_place(path) };
        if !merged.document.is_changed() {
            saved.written = false;
            return Ok((saved, theirs));
        }
        // Checked before a version is recorded that could not be saved.
        theirs.writable()?;
        save::of_readable_size(&merged.document)?;
        let old = if theirs.exists() { &theirs } else { base };
        let signature = Signature { kind, who: &self.who, note: self.note.as_deref(), now: self.now() };
        let version = history
            .prepare(old, &merged.document, &signature)
            .map_err(|error| SaveError::refused(path, Step::Record, error))?;
        match save::save(&merged.document) {
            Ok(Saved { durable, is_folder_synced, taken_from, .. }) => {
                if self.is_logged {
                    let changes = diff::differences(old, &merged.document);
                    let keys = changes.iter().map(|change| &*change.name).collect();
                    let record = Record { path, number: version.number, by: signature, keys };
                    record.write(&self.zone);
                }
                saved.version = Some(version.number);
                version.confirm();
                saved = Saved { durable, is_folder_synced, taken_from, ..saved };
                saved.volatile = merged.document.volatile();
                Ok((saved, merged.document.saved()))
            }
            Err(error) => {
                version.withdraw();
                Err(error)
            }
        }
    }
}

impl Default for Saver {
    /// Nobody, in 1970: for documents that are only read.
    fn default() -> Saver {
        Saver::new(Identity::default(), || UNIX_EPOCH)
    }
}

/// What keeps a save from being begun.
pub(super) fn may_begin(base: &Document) -> Result<(), SaveError> {
    let location = base.location();
    if let Some(foreign) = location.foreign() {
        return Err(SaveError::new(base.path(), Cause::Foreign(foreign)));
    }
    // Before the lock and the history, whose names are shorter, would be left behind.
    match location.deepest().and_then(|(folder, _)| Ok(folder.longest_name()?)) {
        Ok(most) if atomic_file::length(location.name()) > most => {
            Err(SaveError::refused(base.path(), Step::Create, Errno::NAMETOOLONG))
        }
        _ => Ok(()),
    }
}

/// What is wanted, merged into what the file holds now: valid, and without a conflict.
fn merged(base: &Document, wanted: Wanted<'_>, catalog: &Catalog) -> Result<Merge, SaveError> {
    let error = |cause| Err(SaveError::new(base.path(), cause));
    let theirs = match base.read_again(catalog) {
        Ok(theirs) => theirs,
        Err(unreadable) => return error(Cause::Unreadable(unreadable)),
    };
    let merged = match wanted {
        Wanted::Anew(mine) if !theirs.exists() => merge::anew(base, &theirs, mine),
        Wanted::Anew(mine) => merge::merge(base, &theirs, mine, None, &[], catalog),
        _ if base.exists() && !theirs.exists() => return error(Cause::Gone(None)),
        Wanted::Changes { mine, overtaken, choices } => merge::merge(base, &theirs, mine, overtaken, choices, catalog),
        Wanted::Whole(_) if theirs.text() != base.text() => return error(Cause::Changed),
        Wanted::Whole(whole) => merge::replacing(&theirs, whole),
    };
    if !merged.conflicts.is_empty() {
        return error(Cause::Conflict { meanwhile: meanwhile(base, wanted, &theirs), conflicts: merged.conflicts });
    }
    let findings = errors_in(&merged.document, catalog);
    if !findings.is_empty() {
        return error(Cause::Invalid { findings, merged: Box::new(merged) });
    }
    Ok(merged)
}

/// Who saved since the changes were made.
fn meanwhile(base: &Document, wanted: Wanted<'_>, theirs: &Document) -> Vec<Stamp> {
    let made_on = match wanted {
        Wanted::Changes { overtaken: Some(overtaken), .. } => &overtaken.made_on,
        _ => base,
    };
    if theirs.text() == made_on.text() { vec![] } else { History::of(base.location()).since(made_on.text()) }
}

pub(super) fn not_locked(base: &Document, why: NoLock) -> SaveError {
    match why {
        NoLock::Held(holder) => SaveError::new(base.path(), Cause::Locked(holder)),
        NoLock::Foreign(foreign) => SaveError::new(base.path(), Cause::Foreign(foreign)),
        // What prevents the lock prevents the save, whose message is the better one.
        why => base.writable().err().unwrap_or_else(|| match why {
            NoLock::Failed(error) => SaveError::refused(base.path(), Step::Lock, error),
            _ => SaveError::new(base.path(), Cause::LockInTheWay),
        }),
    }
}

pub(super) fn errors_in(document: &Document, catalog: &Catalog) -> Vec<Finding> {
    let findings = validate::validate(document, catalog).known.into_iter().map(|(finding, _)| finding);
    findings.filter(|finding| finding.level() == Level::Error).collect()
}
