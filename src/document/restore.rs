//! A document that cannot be read gives way to a version of its history.
//!
//! What is broken is never overwritten. Under the lock, while the file still holds the bytes that were found to be broken, they
//! are put beside it under a name of their own, durably; only then does the version replace the file, by the steps of every
//! save. Whatever fails, the file is as it was or wholly the version, and the broken bytes are there.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::broken::Broken;
use super::folder::Folder;
use super::history::{Entry, History, Kind, Signature};
use super::lock::Lock;
use super::save::{self, Cause, SaveError, Saved, Step};
use super::saver::{Saver, errors_in, may_begin, not_locked};
use super::sharing::Sharing;
use super::sidecar::{side_name, writable};
use super::syslog::Record;
use super::timestamp::Timestamp;
use super::{Document, MAX_BYTES, diff, merge};
use crate::catalog::Catalog;
use crate::file::Refused;

/// What stands after the document's name in that of a broken file: `config.json.quebrado-20261128T120501Z`.
const NAME: &str = "quebrado-";

/// Names to try, should some be taken: of the same second, by what was killed.
const NAMES: usize = 16;

/// A document that was brought back.
#[derive(Debug)]
pub struct Restored {
    pub saved: Saved,
    /// Where the broken file is.
    pub kept: PathBuf,
}

impl Broken {
    fn error(&self, cause: Cause) -> SaveError {
        SaveError::new(self.location.path(), cause)
    }

    fn refused(&self, step: Step, source: impl Into<io::Error>) -> SaveError {
        SaveError::refused(self.location.path(), step, source)
    }

    /// Stands for the file where its text does not matter.
    fn stand_in(&self) -> Document {
        Document { base: Some("".into()), ..Document::absent(self.location.clone()) }
    }

    /// The version as the document that replaces it: whole, and valid.
    fn replacement(&self, version: &Entry, catalog: &Catalog) -> Result<Document, SaveError> {
        let whole = version.document(catalog).map_err(|error| self.error(Cause::Unreadable(error)))?;
        let findings = errors_in(&whole, catalog);
        if !findings.is_empty() {
            let merged = Box::new(merge::replacing(&self.stand_in(), &whole));
            return Err(self.error(Cause::Invalid { findings, merged }));
        }
        Ok(Document { location: self.location.clone(), ..whole })
    }

    /// The folder, if what was found to be broken is there still.
    fn still_there(&self) -> Result<Arc<Folder>, SaveError> {
        let folder = self.location.folder().map_err(|error| self.refused(Step::Folder, error))?;
        let folder = folder.ok_or_else(|| self.error(Cause::Changed))?;
        match folder.read(self.location.name(), MAX_BYTES) {
            Ok(whole) if whole.bytes == *self.bytes => Ok(folder),
            Err(Refused::NotRegular(_)) => Err(self.error(Cause::NotRegular)),
            Err(Refused::Io(error)) if error.kind() != io::ErrorKind::NotFound => {
                Err(self.refused(Step::Compare, error))
            }
            _ => Err(self.error(Cause::Changed)),
        }
    }

    /// Puts the broken bytes beside the file, on the disk with their name; gives that.
    fn keep(&self, folder: &Folder, now: Timestamp) -> io::Result<OsString> {
        let (document, name) = (self.location.name(), self.free_name(folder, now)?);
        let sharing = Sharing::beside(folder, document)?;
        writable(folder)?.put_beside(document, &name, &self.bytes, sharing)?;
        if let Err(error) = folder.sync() {
            self.forget(folder, &name);
            return Err(error.into());
        }
        Ok(name)
    }

    fn free_name(&self, folder: &Folder, now: Timestamp) -> io::Result<OsString> {
        let mut time = now.to_string();
        time.retain(|symbol| symbol.is_ascii_alphanumeric());
        let mut name = side_name(self.location.name(), &format!("{NAME}{time}"));
        for number in 2..2 + NAMES {
            if folder.stat(&name)?.is_none() {
                return Ok(name);
            }
            name = side_name(self.location.name(), &format!("{NAME}{time}-{number}"));
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Removes what was kept; where the bytes are not in the document's place any more, it stays.
    fn forget(&self, folder: &Folder, name: &OsStr) {
        if self.still_there().is_ok() {
            _ = writable(folder).map(|folder| folder.remove(name));
        }
    }
}

impl Saver {
    /// Puts a version in the place of a broken document, which is kept beside it.
    pub fn restore(&self, broken: &Broken, version: &Entry, catalog: &Catalog) -> Result<Restored, SaveError> {
        self.restore_locked(broken, version, catalog).map_err(|error| self.timed(error))
    }

    /// Whether that would succeed, as far as can be known without writing.
    pub fn rehearse_restore(&self, broken: &Broken, version: &Entry, catalog: &Catalog) -> Result<(), SaveError> {
        let begun = || {
            let stand_in = self.may_restore(broken)?;
            broken.replacement(version, catalog)?;
            Lock::could_be_taken(&broken.location, self.patience).map_err(|why| not_locked(&stand_in, why))?;
            broken.still_there()?;
            stand_in.writable()
        };
        begun().map_err(|error| self.timed(error))
    }

    fn may_restore(&self, broken: &Broken) -> Result<Document, SaveError> {
        let stand_in = broken.stand_in();
        may_begin(&stand_in)?;
        if broken.location.moved().is_some() {
            return Err(broken.error(Cause::Exchanged));
        }
        Ok(stand_in)
    }

    fn restore_locked(&self, broken: &Broken, version: &Entry, catalog: &Catalog) -> Result<Restored, SaveError> {
        let stand_in = self.may_restore(broken)?;
        let whole = broken.replacement(version, catalog)?;
        let (_lock, _) = self.hold(&stand_in)?;
        let folder = broken.still_there()?;
        // Checked before anything is recorded or kept that could not be saved.
        stand_in.writable()?;
        let history = History::of(&broken.location);
        // What changes is told from the newest version on; the broken text is none.
        let newest = history.newest(|_| true).and_then(|entry| entry.document(&Catalog::default()).ok());
        let newest = newest.unwrap_or_else(|| Document::absent(broken.location.clone()));
        let kind = Kind::Restored(version.number);
        let signature = Signature { kind, who: &self.who, note: self.note.as_deref(), now: self.now() };
        let pending = history.prepare(&newest, &whole, &signature);
        let pending = pending.map_err(|error| broken.refused(Step::Record, error))?;
        let name = match broken.keep(&folder, signature.now) {
            Ok(name) => name,
            Err(error) => {
                pending.withdraw();
                return Err(broken.refused(Step::SetAside, error));
            }
        };
        match save::replace(&whole, Some(&broken.bytes)) {
            Ok(saved) => {
                if self.is_logged {
                    let changes = diff::differences(&newest, &whole);
                    let keys = changes.iter().map(|change| &*change.name).collect();
                    let record = Record { path: whole.path(), number: pending.number, by: signature, keys };
                    record.write(&self.zone);
                }
                let version = Some(pending.number);
                pending.confirm();
                let saved = Saved { version, wall: self.wall(), volatile: whole.volatile(), ..saved };
                Ok(Restored { saved, kept: broken.location.path().with_file_name(name) })
            }
            Err(error) => {
                pending.withdraw();
                broken.forget(&folder, &name);
                Err(error)
            }
        }
    }
}
