//! Whether a save could succeed, found out without writing, so that "read-only" is shown at opening and not at the save.
//!
//! Only a forecast: the save itself may still fail.

use std::io;

use rustix::fs::Access;
use rustix::io::Errno;

use super::folder::{self, Folder};
use super::foreign::{self, STICKY};
use super::save::{Attribute, Cause, SaveError, Step};
use super::sidecar::side_name;
use super::{Document, accounts, attributes, history};
use crate::lang::Lang;
use crate::safe::Safe;

impl Document {
    /// Whether this process could save the document: root alone decides there, or it is not root; the folder can be written
    /// (or made), the file can be replaced, its owner can be kept, and its history can be written.
    pub fn writable(&self) -> Result<(), SaveError> {
        let location = self.location();
        if let Some(foreign) = location.foreign() {
            return Err(SaveError::new(self.path(), Cause::Foreign(foreign)));
        }
        let refused = |error| SaveError::refused(self.path(), Step::Folder, error);
        let (folder, is_whole) = location.deepest().map_err(refused)?;
        if folder::is_immutable(&*folder) {
            return Err(SaveError::new(self.path(), Cause::Immutable));
        }
        folder.permits(".", Access::WRITE_OK | Access::EXEC_OK).map_err(|error| refused(error.into()))?;
        if is_whole {
            self.replaceable(&folder)?;
            self.recordable(&folder)?;
        }
        Ok(())
    }

    /// Whether the file, where there is one, can be replaced.
    fn replaceable(&self, folder: &Folder) -> Result<(), SaveError> {
        let error = |cause| Err(SaveError::new(self.path(), cause));
        // Of what was read: it may have been somebody's other file, and would be recorded.
        if self.names > 1 {
            return error(Cause::Linked(self.names));
        }
        let name = self.location().name();
        let Ok(Some(file)) = folder.stat(name) else { return Ok(()) };
        if file.st_nlink > 1 {
            return error(Cause::Linked(file.st_nlink));
        }
        if folder.is_mounted(name) {
            return error(Cause::Mounted);
        }
        if folder.is_immutable(name) {
            return error(Cause::Immutable);
        }
        let around = folder.own_stat().map_err(|error| SaveError::refused(self.path(), Step::Folder, error))?;
        let may_replace =
            around.st_mode & STICKY == 0 || accounts::is_me(file.st_uid) || accounts::is_me(around.st_uid);
        if !may_replace && !foreign::is_root() {
            return Err(SaveError::refused(self.path(), Step::Replace, Errno::PERM));
        }
        if attributes::owner_of(&file, &around).is_none() {
            return Err(SaveError::refused(self.path(), Step::Keep(Attribute::Owner), attributes::not_kept()));
        }
        Ok(())
    }

    /// Whether a version can be recorded: the history's folder, where there is one, may be another user's.
    fn recordable(&self, folder: &Folder) -> Result<(), SaveError> {
        let refused = |error: io::Error| SaveError::refused(self.path(), Step::Record, error);
        // Opened the way a save opens it: it may be something else than a folder, or a link, which is not followed.
        let name = side_name(self.location().name(), history::NAME);
        let Some(history) = folder.folder(&name).map_err(refused)? else { return Ok(()) };
        if let Some(foreign) = history.foreign() {
            return Err(SaveError::new(self.path(), Cause::Foreign(foreign.clone())));
        }
        if folder::is_immutable(&history) {
            return Err(SaveError::new(history.path(), Cause::Immutable));
        }
        let all = Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK;
        history.permits(".", all).map_err(|error| refused(error.into()))
    }

    /// Why a document saved here may be gone after a restart although every sync succeeds; `None` on an ordinary disk.
    pub fn volatile(&self) -> Option<Volatile> {
        let system = rustix::fs::fstatfs(&*self.location().deepest().ok()?.0).ok()?;
        VOLATILE.iter().find(|(magic, _)| *magic == system.f_type as u64 & 0xffff_ffff).map(|(_, why)| *why)
    }
}

/// A file system whose files may be gone after a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Volatile {
    /// It is kept in memory (tmpfs).
    Memory,
    /// It is laid over another one (overlay), as in containers and on machines that start from a fixed image.
    Overlay,
}

/// The file systems' numbers, from `linux/magic.h`: tmpfs, ramfs, overlay.
const VOLATILE: [(u64, Volatile); 3] =
    [(0x0102_1994, Volatile::Memory), (0x8584_58f6, Volatile::Memory), (0x794c_7630, Volatile::Overlay)];

impl Volatile {
    /// Shown beside "saved".
    pub fn message(self, lang: Lang) -> Safe {
        Safe::own(match self {
            Volatile::Memory => lang.pick(
                "O arquivo está em memória (tmpfs): o que for gravado se perde ao desligar o computador.",
                "The file is in memory (tmpfs): what is saved is lost when the computer is turned off.",
            ),
            Volatile::Overlay => lang.pick(
                "O arquivo está numa camada sobreposta (overlay): confira se o que foi gravado continua lá depois \
                 de reiniciar o computador.",
                "The file is in a layer over another file system (overlay): check that what was saved is still \
                 there after a restart.",
            ),
        })
    }
}
