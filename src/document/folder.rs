//! A folder that is held open: what is in it is reached from here, by name, and no link in it is followed.
//!
//! Whatever becomes of the folder's path meanwhile, no step ends up in another one. To write in it takes a [`Writable`],
//! which a folder gives only where this process may write at all.

use std::ffi::{OsStr, OsString};
use std::io;
use std::ops::Deref;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, Dir, FileType, IFlags, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::foreign::{self, Foreign};
use crate::file::{self, Refused, Whole};
use crate::sort;

/// To look into a folder, to sync it and to watch it. One that may be entered but not read is held all the same.
const OPEN: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Some milliseconds and megabytes.
const MOST_NAMES: usize = 100_000;

#[derive(Debug)]
pub struct Folder {
    held: OwnedFd,
    /// Where it was found: for words alone.
    path: PathBuf,
    /// Why root may not write in it, whatever the system says.
    foreign: Option<Foreign>,
}

/// A regular file that was seen in a folder, before it is opened.
#[derive(Debug)]
pub(super) struct Seen {
    pub name: String,
    pub bytes: u64,
    pub owner: u32,
    /// True where it has no other name.
    pub is_alone: bool,
    /// When it was changed last: seconds and nanoseconds.
    pub changed: (i64, i64),
}

/// A folder that this process may write in, as far as the system lets it.
#[derive(Clone, Copy, Debug)]
pub struct Writable<'f>(&'f Folder);

impl Folder {
    /// Of a folder that was found on the way (`O_PATH`): opened to be read where that is permitted.
    pub(super) fn of(found: OwnedFd, path: PathBuf, foreign: Option<Foreign>) -> Result<Folder, Errno> {
        let held = match rustix::fs::openat(&found, ".", OPEN, Mode::empty()) {
            Err(Errno::ACCESS) => found,
            opened => opened?,
        };
        Ok(Folder { held, path, foreign })
    }

    /// Where it was found.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What keeps root from writing here; nothing keeps others but the system.
    pub fn foreign(&self) -> Option<&Foreign> {
        self.foreign.as_ref().filter(|_| foreign::is_root())
    }

    /// What keeps root from saving here, whoever this process is.
    pub(super) fn foreign_to_root(&self) -> Option<&Foreign> {
        self.foreign.as_ref()
    }

    /// True where nobody but root can make or exchange a name in it: a command of root's by its path works on what is named.
    pub(super) fn is_roots_alone(&self) -> bool {
        self.foreign.is_none() && self.own_stat().is_ok_and(|stat| !foreign::is_open(&stat))
    }

    /// To write in it.
    pub fn writable(&self) -> Result<Writable<'_>, Foreign> {
        self.foreign().cloned().map_or(Ok(Writable(self)), Err)
    }

    /// A folder in it; `None` where there is nothing of that name.
    pub fn folder(&self, name: impl AsRef<OsStr>) -> io::Result<Option<Folder>> {
        let name = name.as_ref();
        let held = match file::open_folder(&self.held, Path::new(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            held => held?,
        };
        let path = self.path.join(name);
        let foreign = match &self.foreign {
            None => Foreign::of(&rustix::fs::fstat(&held)?, &path),
            around => around.clone(),
        };
        Ok(Some(Folder { held, path, foreign }))
    }

    /// A regular file in it, at most so many bytes; never waits for one.
    pub fn read(&self, name: impl AsRef<OsStr>, most: u64) -> Result<Whole, Refused> {
        file::read(&self.held, Path::new(name.as_ref()), false, most)
    }

    /// The same of what is kept beside a document: nothing that is mounted in its place is touched.
    pub fn read_beside(&self, name: impl AsRef<OsStr>, most: u64) -> Result<Whole, Refused> {
        file::read_beside(&self.held, Path::new(name.as_ref()), most)
    }

    /// The names in it, in no order. An error where they are far more than anybody has.
    pub(super) fn entries(&self) -> io::Result<Vec<OsString>> {
        // A folder that is held without being read gives no names.
        let readable = |error| if error == Errno::BADF { Errno::ACCESS } else { error };
        let mut names = vec![];
        for entry in Dir::read_from(&self.held).map_err(readable)? {
            if names.len() == MOST_NAMES {
                return Err(Refused::TooLarge.into());
            }
            let name = OsStr::from_bytes(entry?.file_name().to_bytes()).to_owned();
            names.extend(Some(name).filter(|name| name != "." && name != ".."));
        }
        Ok(names)
    }

    /// The same, sorted, of those that are UTF-8: others are not ours.
    pub(super) fn names(&self) -> io::Result<Vec<String>> {
        let mut names: Vec<_> = self.entries()?.into_iter().filter_map(|name| name.into_string().ok()).collect();
        sort::sort(&mut names);
        Ok(names)
    }

    /// The regular files among so many names in it, in no order. What is mounted there is not asked.
    pub(super) fn files(&self, most: usize) -> io::Result<Vec<Seen>> {
        let mut seen = vec![];
        for entry in Dir::read_from(&self.held)?.take(most) {
            let Ok(name) = entry?.file_name().to_owned().into_string() else { continue };
            if self.is_mounted(&name) {
                continue;
            }
            // One that has gone meanwhile is not there.
            let Ok(Some(stat)) = self.stat(&name) else { continue };
            if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile {
                seen.push(Seen {
                    name,
                    bytes: stat.st_size.cast_unsigned(),
                    owner: stat.st_uid,
                    is_alone: stat.st_nlink == 1,
                    changed: (stat.st_mtime, stat.st_mtime_nsec.cast_signed()),
                });
            }
        }
        Ok(seen)
    }

    /// Puts its names on the disk. False where the file system cannot do that to a folder, as CIFS and some in user space:
    /// no fault, but less of a promise.
    pub(super) fn sync(&self) -> Result<bool, Errno> {
        match rustix::fs::fsync(&self.held) {
            Err(Errno::INVAL | Errno::NOTSUP | Errno::NOSYS) => Ok(false),
            synced => synced.map(|()| true),
        }
    }

    /// What is called `name` in it, a link itself included; `None` where there is nothing.
    pub(super) fn stat(&self, name: impl AsRef<OsStr>) -> Result<Option<Stat>, Errno> {
        match rustix::fs::statat(&self.held, name.as_ref(), AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => Ok(None),
            stat => stat.map(Some),
        }
    }

    pub(super) fn own_stat(&self) -> Result<Stat, Errno> {
        rustix::fs::fstat(&self.held)
    }

    /// Bytes that a name in it may have.
    pub(super) fn longest_name(&self) -> Result<usize, Errno> {
        Ok(usize::try_from(rustix::fs::fstatvfs(&self.held)?.f_namemax).unwrap_or(usize::MAX))
    }

    /// True where both are the same folder.
    pub(super) fn is_same(&self, other: &Folder) -> bool {
        let number = |folder: &Folder| folder.own_stat().map(|stat| (stat.st_dev, stat.st_ino));
        matches!((number(self), number(other)), (Ok(one), Ok(two)) if one == two)
    }

    /// Whether this process may use it, or what is called `name` in it, in that way.
    pub(super) fn permits(&self, name: impl AsRef<OsStr>, access: Access) -> Result<(), Errno> {
        rustix::fs::accessat(&self.held, name.as_ref(), access, AtFlags::EACCESS)
    }

    /// True for a regular file or a folder in it that `chattr +i` or `+a` protects.
    pub(super) fn is_immutable(&self, name: impl AsRef<OsStr>) -> bool {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NOCTTY;
        rustix::fs::openat(&self.held, name.as_ref(), flags, Mode::empty()).is_ok_and(is_immutable)
    }

    /// True where `name` is itself a mount point, as a bind-mounted file in a container: a rename cannot replace it.
    pub(super) fn is_mounted(&self, name: impl AsRef<OsStr>) -> bool {
        file::mounted(&self.held, Path::new(name.as_ref())).is_some()
    }
}

impl AsFd for Folder {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.held.as_fd()
    }
}

impl Deref for Writable<'_> {
    type Target = Folder;

    fn deref(&self) -> &Folder {
        self.0
    }
}

impl AsFd for Writable<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl<'f> Writable<'f> {
    /// A folder in it, made with this mode where there is none; whether it was made. The name is on the disk.
    pub(super) fn make(self, name: &OsStr, mode: u32) -> io::Result<(Folder, bool)> {
        if let Some(found) = self.folder(name)? {
            return Ok((found, false));
        }
        let mode = Mode::from_raw_mode(mode);
        let made = match rustix::fs::mkdirat(self, name, mode) {
            Err(Errno::EXIST) => false,
            made => made.map(|()| true)?,
        };
        let folder = self.folder(name)?.ok_or(Errno::NOENT)?;
        if made {
            // The umask narrows what a folder is made with, and a mount can widen it (FAT). Bits that it inherits (setgid) stay.
            let given = Mode::from_raw_mode(folder.own_stat()?.st_mode & 0o7777);
            if !given.contains(mode) {
                rustix::fs::fchmod(&folder, mode | given)?;
            }
            folder.sync()?;
            self.sync()?;
        }
        Ok((folder, made))
    }

    /// Renames a file, durably.
    pub(super) fn rename(self, from: &str, to: &str) -> io::Result<()> {
        rustix::fs::renameat(self, from, self, to)?;
        self.sync()?;
        Ok(())
    }

    /// Removes a file; one that is gone already is no error.
    pub(super) fn remove(self, name: impl AsRef<OsStr>) -> io::Result<()> {
        match rustix::fs::unlinkat(self, name.as_ref(), AtFlags::empty()) {
            Err(Errno::NOENT) => Ok(()),
            removed => Ok(removed?),
        }
    }
}

/// True for a file or folder that `chattr +i` or `+a` protects, against root too.
pub(super) fn is_immutable(open: impl AsFd) -> bool {
    // File systems without such flags answer with an error, which means no.
    rustix::fs::ioctl_getflags(open).is_ok_and(|flags| flags.intersects(IFlags::IMMUTABLE | IFlags::APPEND))
}
