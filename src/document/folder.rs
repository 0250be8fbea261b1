//! A folder that is held open: what is in it is reached from here, by name, and no link in it is followed.
//!
//! Whatever becomes of the folder's path meanwhile, no step ends up in another one.

use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, IFlags, Mode, OFlags, Stat};
use rustix::io::Errno;

use crate::file::{self, Refused, Whole};

/// To look into a folder, to sync it and to watch it. One that may be entered but not read is held all the same.
const OPEN: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

#[derive(Debug)]
pub struct Folder {
    held: OwnedFd,
    /// Where it was found: for words alone.
    path: PathBuf,
}

impl Folder {
    /// Of a folder that was found on the way (`O_PATH`): opened to be read where that is permitted.
    pub(super) fn of(found: OwnedFd, path: PathBuf) -> Result<Folder, Errno> {
        let held = match rustix::fs::openat(&found, ".", OPEN, Mode::empty()) {
            Err(Errno::ACCESS) => found,
            opened => opened?,
        };
        Ok(Folder { held, path })
    }

    /// Where it was found.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A folder in it; `None` where there is nothing of that name.
    pub fn folder(&self, name: &OsStr) -> io::Result<Option<Folder>> {
        match file::open_folder(&self.held, Path::new(name)) {
            Ok(held) => Ok(Some(Folder { held, path: self.path.join(name) })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A regular file in it, at most so many bytes; never waits for one.
    pub fn read(&self, name: &OsStr, most: u64) -> Result<Whole, Refused> {
        file::read(&self.held, Path::new(name), false, most)
    }

    /// What is called `name` in it, a link itself included; `None` where there is nothing.
    pub(super) fn stat(&self, name: &OsStr) -> Result<Option<Stat>, Errno> {
        match rustix::fs::statat(&self.held, name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => Ok(None),
            stat => stat.map(Some),
        }
    }

    pub(super) fn own_stat(&self) -> Result<Stat, Errno> {
        rustix::fs::fstat(&self.held)
    }

    /// Whether this process may use it, or what is called `name` in it, in that way.
    pub(super) fn permits(&self, name: &OsStr, access: Access) -> Result<(), Errno> {
        rustix::fs::accessat(&self.held, name, access, AtFlags::EACCESS)
    }

    /// True for a regular file or a folder in it that `chattr +i` or `+a` protects.
    pub(super) fn is_immutable(&self, name: &OsStr) -> bool {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NOCTTY;
        rustix::fs::openat(&self.held, name, flags, Mode::empty()).is_ok_and(is_immutable)
    }

    /// True where `name` is itself a mount point, as a bind-mounted file in a container: a rename cannot replace it.
    pub(super) fn is_mounted(&self, name: &OsStr) -> bool {
        file::not_mounted(&self.held, Path::new(name)).is_err()
    }
}

impl AsFd for Folder {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.held.as_fd()
    }
}

/// True for a file or folder that `chattr +i` or `+a` protects, against root too.
pub(super) fn is_immutable(open: impl AsFd) -> bool {
    // File systems without such flags answer with an error, which means no.
    rustix::fs::ioctl_getflags(open).is_ok_and(|flags| flags.intersects(IFlags::IMMUTABLE | IFlags::APPEND))
}
