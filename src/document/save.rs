//! Replaces a document's file, atomically and durably. The only code that writes a document.
//!
//! The new text is written beside the file under a temporary name, given the file's attributes, and synced; a rename
//! replaces the file in one step, and a sync of the folder makes the rename durable. Whatever fails before the rename
//! leaves the old file as it was and nothing else behind. No sync is tried twice on the same file: after a failed one the
//! kernel forgets what was not written, and a second one would report success.

mod error;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{Mode, Stat};
use rustix::io::Errno;

use super::access::Volatile;
use super::atomic_file::AtomicFile;
use super::attributes::{self, Owner};
use super::diff::Difference;
use super::folder::{self, Folder, Writable};
use super::history::Stamp;
use super::location::{Location, Unmade};
use super::zone::Wall;
use super::{Document, MAX_BYTES, accounts};
use crate::file::{Refused, Whole};
use crate::lang::Lang;
use crate::problem::{Kind, Problem};
use crate::safe::Safe;
use crate::say;
pub use error::{Attribute, Cause, SaveError, Step};

/// The mode of a document that did not exist: everyone may read it, since the counter program does.
const NEW_FILE: u32 = 0o644;

/// The outcome of a save.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved {
    /// The file that was written, symlinks resolved.
    pub path: PathBuf,
    /// False where nothing had to be written.
    pub written: bool,
    /// The number of the version that was made.
    pub version: Option<u64>,
    /// False where the new file is in place, but the system could not confirm that it would survive a power cut.
    pub durable: bool,
    /// What others had changed in the file since it was read, kept beside what was saved.
    pub merged: Vec<Difference>,
    /// Who saved meanwhile, newest last, as far as the history knows.
    pub meanwhile: Vec<Stamp>,
    /// By which clock that is told.
    pub wall: Wall,
    /// Set where the file may be gone after a restart.
    pub volatile: Option<Volatile>,
    /// The folders that were made for the file.
    pub made: Vec<PathBuf>,
    /// The account that the file belonged to, where it is this one's by now.
    pub taken_from: Option<u32>,
    /// False where the file system cannot put a folder's names on the disk at once.
    pub is_folder_synced: bool,
}

/// Replaces the file at [`Document::path`]. Writes nothing where the text is what was read.
///
/// An error where the file is no longer what was read, so that nobody's change is overwritten; a file that holds the new
/// text already is fine.
pub fn save(document: &Document) -> Result<Saved, SaveError> {
    of_readable_size(document)?;
    if !document.is_changed() {
        return Ok(Saved { written: false, ..Saved::in_place(document.path()) });
    }
    replace(document, document.base.as_deref().map(str::as_bytes))
}

/// Replaces the file, which must hold the bytes `old`, or be missing where there are none.
pub(super) fn replace(document: &Document, old: Option<&[u8]>) -> Result<Saved, SaveError> {
    let target = Target::open(document)?;
    let old = target.old_file(document, old)?;
    let new =
        AtomicFile::create(target.writable()?, target.name()).map_err(|error| target.refused(Step::Create, error))?;
    (&new.file).write_all(document.text().as_bytes()).map_err(|error| target.refused(Step::Write, error))?;
    let carried = match &old {
        Some(old) => attributes::carry(&old.file, &old.stat, old.owner, &new.file),
        None => attributes::mode(Mode::from_raw_mode(NEW_FILE), &new.file),
    };
    carried.map_err(|(attribute, error)| target.refused(Step::Keep(attribute), error))?;
    rustix::fs::fsync(&new.file).map_err(|error| target.refused(Step::Sync, error))?;
    target.still_holds(old.as_ref())?;
    new.replace(target.name()).map_err(|error| match error {
        Errno::BUSY => target.error(Cause::Mounted),
        error => target.refused(Step::Replace, error),
    })?;
    let taken = old.filter(|old| old.owner != Owner::Kept && !accounts::is_me(old.stat.st_uid));
    let synced = target.folder.sync();
    Ok(Saved {
        made: target.made,
        durable: synced.is_ok(),
        is_folder_synced: synced != Ok(false),
        taken_from: taken.map(|old| old.stat.st_uid),
        ..Saved::in_place(document.path())
    })
}

/// An error where the document could not be read again.
pub(super) fn of_readable_size(document: &Document) -> Result<(), SaveError> {
    if document.text().len() as u64 > MAX_BYTES {
        return Err(SaveError::new(document.path(), Cause::TooLarge));
    }
    Ok(())
}

/// The folder, held open, and the file's location, so that no step can end up in another folder of the same path.
struct Target {
    location: Location,
    folder: Arc<Folder>,
    made: Vec<PathBuf>,
}

/// The file that is replaced.
struct OldFile {
    file: File,
    stat: Stat,
    owner: Owner,
}

impl Target {
    /// The folder, made with those above it where they are missing.
    fn open(document: &Document) -> Result<Target, SaveError> {
        let (folder, made) = make_folder(document.location())?;
        if folder::is_immutable(&*folder) {
            return Err(SaveError::new(document.path(), Cause::Immutable));
        }
        Ok(Target { location: document.location().clone(), folder, made })
    }

    fn name(&self) -> &OsStr {
        self.location.name()
    }

    fn writable(&self) -> Result<Writable<'_>, SaveError> {
        self.folder.writable().map_err(|foreign| self.error(Cause::Foreign(foreign)))
    }

    /// What stands there now, which must be what the document was read from.
    fn old_file(&self, document: &Document, expected: Option<&[u8]>) -> Result<Option<OldFile>, SaveError> {
        let Whole { bytes, file } = match self.folder.read(self.name(), MAX_BYTES) {
            Ok(whole) => whole,
            Err(Refused::NotRegular(_)) => return Err(self.error(Cause::NotRegular)),
            Err(Refused::TooLarge) => return Err(self.error(Cause::Changed)),
            Err(Refused::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                return if expected.is_some() { Err(self.error(Cause::Changed)) } else { Ok(None) };
            }
            Err(Refused::Io(error)) => return Err(self.refused(Step::Compare, error)),
        };
        let stat = rustix::fs::fstat(&file).map_err(|error| self.refused(Step::Compare, error))?;
        // Where the new text is there already, an earlier save's last sync failed, or somebody saved the same.
        if expected != Some(&bytes) && bytes != document.text().as_bytes() {
            return Err(self.error(Cause::Changed));
        }
        if stat.st_nlink > 1 {
            return Err(self.error(Cause::Linked(stat.st_nlink)));
        }
        if self.folder.is_mounted(self.name()) {
            return Err(self.error(Cause::Mounted));
        }
        if folder::is_immutable(&file) {
            return Err(self.error(Cause::Immutable));
        }
        let around = self.folder.own_stat().map_err(|error| self.refused(Step::Folder, error))?;
        let owner = attributes::owner_of(&stat, &around);
        let owner = owner.ok_or_else(|| self.refused(Step::Keep(Attribute::Owner), attributes::not_kept()))?;
        Ok(Some(OldFile { file, stat, owner }))
    }

    /// Checks once more right before the rename: writing and syncing can take seconds on a slow disk.
    fn still_holds(&self, old: Option<&OldFile>) -> Result<(), SaveError> {
        let now = self.folder.stat(self.name()).map_err(|error| self.refused(Step::Compare, error))?;
        let mark = |stat: &Stat| (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime, stat.st_mtime_nsec);
        if now.as_ref().map(mark) == old.map(|old| mark(&old.stat)) {
            return Ok(());
        }
        Err(self.error(Cause::Changed))
    }

    fn error(&self, cause: Cause) -> SaveError {
        SaveError::new(self.location.path(), cause)
    }

    fn refused(&self, step: Step, source: impl Into<io::Error>) -> SaveError {
        SaveError::refused(self.location.path(), step, source)
    }
}

/// The folder, made where it is missing, and the folders that were made.
pub(super) fn make_folder(location: &Location) -> Result<(Arc<Folder>, Vec<PathBuf>), SaveError> {
    location.make_folder().map_err(|unmade| match unmade {
        Unmade::Foreign(foreign) => SaveError::new(location.path(), Cause::Foreign(foreign)),
        Unmade::Io(error) => SaveError::refused(location.path(), Step::Folder, error),
    })
}

impl Saved {
    /// Written, durable, and nobody else was there.
    pub fn in_place(path: &Path) -> Saved {
        Saved {
            path: path.into(),
            written: true,
            version: None,
            durable: true,
            merged: vec![],
            meanwhile: vec![],
            wall: Wall::default(),
            volatile: None,
            made: vec![],
            taken_from: None,
            is_folder_synced: true,
        }
    }

    /// What is shown beside "saved", except [`Saved::doubt`].
    pub fn notes(&self, lang: Lang) -> Vec<Safe> {
        let made =
            self.made.iter().map(|folder| say!(lang, "Pasta criada: {}", "Folder created: {}", Safe::path(folder)));
        let taken = self.taken_from.map(|owner| {
            say!(
                lang,
                "O arquivo era de {}; nesta pasta de grupo, ele passa a ser de quem grava.",
                "The file belonged to {}; in this group's folder it now belongs to whoever saves.",
                Safe::outside(&accounts::name(owner))
            )
        });
        let unsynced = (!self.is_folder_synced).then(|| {
            say!(
                lang,
                "Este sistema de arquivos não confirma nomes de arquivos: uma queda de energia nos próximos \
                 segundos pode perder a gravação.",
                "This file system does not confirm file names: a power cut in the next seconds may lose the save."
            )
        });
        let volatile = self.volatile.map(|why| why.message(lang));
        self.merge_note(lang).into_iter().chain(made).chain(taken).chain(unsynced).chain(volatile).collect()
    }

    /// What is shown where others changed the file meanwhile.
    pub fn merge_note(&self, lang: Lang) -> Option<Safe> {
        if self.merged.is_empty() {
            return None;
        }
        let names: Vec<Safe> = self.merged.iter().map(|difference| Safe::excerpt(&difference.name)).collect();
        let names = Safe::join(&names, ", ");
        Some(match self.meanwhile.last() {
            Some(stamp) => say!(
                lang,
                "Durante a edição, {} também gravou ({}); alterações mantidas: {}.",
                "{} also saved meanwhile ({}); changes kept: {}.",
                stamp.who.label(lang),
                self.wall.time(stamp.time, lang),
                names
            ),
            None => say!(
                lang,
                "Durante a edição, o arquivo foi alterado; alterações mantidas: {}.",
                "The file was changed meanwhile; changes kept: {}.",
                names
            ),
        })
    }

    /// What is shown where the last sync failed: the file is in place, but may not survive a power cut.
    pub fn doubt(&self, lang: Lang) -> Option<Problem> {
        (!self.durable).then(|| {
            let message = say!(
                lang,
                "{}: gravado, mas o disco não confirmou: uma queda de energia agora pode perder a gravação.",
                "{}: saved, but the disk did not confirm it: a power cut now may lose it.",
                Safe::path(&self.path)
            );
            // Saving again would write nothing: the values are there already.
            let hint = say!(
                lang,
                "Veja se o disco está falhando (dmesg) e confirme de novo: sync -f {}",
                "See whether the disk is failing (dmesg), and confirm again: sync -f {}",
                Safe::for_shell(&self.path)
            );
            Problem::new(Kind::Write, "not_durable", message).hint(hint).at(&self.path, None)
        })
    }
}
