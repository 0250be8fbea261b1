//! Whether a save could succeed, found out without writing: so that "read-only" is said at opening, not at the end.
//!
//! A forecast, not a lock: the save itself asks again by doing.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, IFlags, StatxAttributes, StatxFlags};
use rustix::io::Errno;
use rustix::process::{getegid, geteuid, getgroups};

use super::Document;
use super::save::{Attribute, SaveError, Step};

/// Nobody but a file's owner, its folder's owner and root may replace it in such a folder (as in /tmp).
const STICKY: u32 = 0o1000;

impl Document {
    /// Whether this process could save the document, by all that can be asked without writing: the folder can be
    /// written (or made), the file can be replaced, and its owner can be kept.
    pub fn writable(&self) -> Result<(), SaveError> {
        let folder = existing_folder(self.path());
        let failed = |step, error: Errno| SaveError::Failed { path: self.path.clone(), step, source: error.into() };
        if is_immutable(&folder) {
            return Err(SaveError::Immutable { path: self.path.clone() });
        }
        rustix::fs::accessat(CWD, &folder, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS)
            .map_err(|error| failed(Step::Folder, error))?;
        let Ok(file) = std::fs::symlink_metadata(self.path()) else { return Ok(()) };
        let path = self.path().to_owned();
        if file.nlink() > 1 {
            return Err(SaveError::Linked { path, count: file.nlink() });
        }
        if is_mounted(self.path()) {
            return Err(SaveError::Mounted { path });
        }
        if is_immutable(self.path()) {
            return Err(SaveError::Immutable { path });
        }
        if geteuid().is_root() {
            return Ok(());
        }
        let me = geteuid().as_raw();
        let sticky = std::fs::metadata(&folder).is_ok_and(|folder| folder.mode() & STICKY != 0 && folder.uid() != me);
        if sticky && file.uid() != me {
            return Err(failed(Step::Replace, Errno::PERM));
        }
        if file.uid() != me || !is_my_group(file.gid()) {
            let source = io::Error::from(Errno::PERM);
            return Err(SaveError::Lost { path, attribute: Attribute::Owner, source });
        }
        Ok(())
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

/// True for a file or folder that `chattr +i` or `+a` holds fast, against root too.
pub(super) fn is_immutable(path: &Path) -> bool {
    use rustix::fs::{Mode, OFlags, open};
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let Ok(file) = open(path, flags, Mode::empty()) else { return false };
    // File systems without such flags answer with an error, which means no.
    rustix::fs::ioctl_getflags(file).is_ok_and(|flags| flags.intersects(IFlags::IMMUTABLE | IFlags::APPEND))
}
