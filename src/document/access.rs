//! Whether a save could succeed, found out without writing, so that "read-only" is shown at opening and not at the save.
//!
//! Only a forecast: the save itself may still fail.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, IFlags, StatxAttributes, StatxFlags};
use rustix::io::Errno;
use rustix::process::{getegid, geteuid, getgroups};

use super::Document;
use super::history::History;
use super::save::{Attribute, Cause, SaveError, Step};
use super::sidecar::SideFolder;
use crate::lang::Lang;
use crate::safe::Safe;

/// Nobody but a file's owner, its folder's owner and root may replace it in such a folder (as in /tmp).
const STICKY: u32 = 0o1000;

impl Document {
    /// Whether this process could save the document: the folder can be written (or made), the file can be replaced, its
    /// owner can be kept, and its history can be written.
    pub fn writable(&self) -> Result<(), SaveError> {
        let folder = existing_folder(self.path());
        if is_immutable(&folder) {
            return Err(SaveError::new(&self.path, Cause::Immutable));
        }
        rustix::fs::accessat(CWD, &folder, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS)
            .map_err(|error| SaveError::refused(&self.path, Step::Folder, error))?;
        self.replaceable(&folder)?;
        self.recordable()
    }

    /// Whether the file, where there is one, can be replaced.
    fn replaceable(&self, folder: &Path) -> Result<(), SaveError> {
        let error = |cause| Err(SaveError::new(&self.path, cause));
        let Ok(file) = std::fs::symlink_metadata(self.path()) else { return Ok(()) };
        if file.nlink() > 1 {
            return error(Cause::Linked(file.nlink()));
        }
        if is_mounted(self.path()) {
            return error(Cause::Mounted);
        }
        if is_immutable(self.path()) {
            return error(Cause::Immutable);
        }
        if geteuid().is_root() {
            return Ok(());
        }
        let me = geteuid().as_raw();
        let sticky = std::fs::metadata(folder).is_ok_and(|folder| folder.mode() & STICKY != 0 && folder.uid() != me);
        if sticky && file.uid() != me {
            return Err(SaveError::refused(&self.path, Step::Replace, Errno::PERM));
        }
        if file.uid() != me || !is_my_group(file.gid()) {
            return Err(SaveError::refused(&self.path, Step::Keep(Attribute::Owner), Errno::PERM));
        }
        Ok(())
    }

    /// Whether a version can be recorded: the history's folder, where there is one, may be another user's.
    fn recordable(&self) -> Result<(), SaveError> {
        let folder = History::of(self.path()).folder().to_owned();
        let refused = |error: io::Error| SaveError::refused(&self.path, Step::Record, error);
        // Opened the way a save opens it: it may be something else than a folder, or a link, which is not followed.
        if SideFolder::open(&folder).map_err(refused)?.is_none() {
            return Ok(());
        }
        if is_immutable(&folder) {
            return Err(SaveError::new(&folder, Cause::Immutable));
        }
        let all = Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK;
        rustix::fs::accessat(CWD, &folder, all, AtFlags::EACCESS).map_err(|error| refused(error.into()))
    }

    /// Why a document saved here may be gone after a restart although every sync succeeds; `None` on an ordinary disk.
    pub fn volatile(&self) -> Option<Volatile> {
        let system = rustix::fs::statfs(existing_folder(self.path())).ok()?;
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
                "o arquivo fica na memória (tmpfs): o que foi gravado some quando a máquina desligar",
                "the file is kept in memory (tmpfs): what was saved is gone when the machine goes down",
            ),
            Volatile::Overlay => lang.pick(
                "o arquivo fica numa camada sobreposta (overlay): confira se o que foi gravado continua lá depois que a máquina reiniciar",
                "the file is in a layer over another file system (overlay): see whether what was saved is still there after a restart",
            ),
        })
    }
}

/// The folder that a save would write into, or the one in which it would make the missing ones.
fn existing_folder(path: &Path) -> PathBuf {
    let mut folders = path.ancestors().skip(1);
    folders.find(|folder| folder.exists()).unwrap_or(Path::new("/")).to_owned()
}

fn is_my_group(group: u32) -> bool {
    getegid().as_raw() == group || getgroups().is_ok_and(|groups| groups.iter().any(|mine| mine.as_raw() == group))
}

/// True for a file that is itself a mount point, as a bind-mounted one in a container: a rename cannot replace it.
pub(super) fn is_mounted(path: &Path) -> bool {
    let asked = rustix::fs::statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::BASIC_STATS);
    asked.is_ok_and(|stat| stat.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

/// True for a file or folder that `chattr +i` or `+a` protects, against root too.
pub(super) fn is_immutable(path: &Path) -> bool {
    use rustix::fs::{Mode, OFlags, open};
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let Ok(file) = open(path, flags, Mode::empty()) else { return false };
    // File systems without such flags answer with an error, which means no.
    rustix::fs::ioctl_getflags(file).is_ok_and(|flags| flags.intersects(IFlags::IMMUTABLE | IFlags::APPEND))
}
