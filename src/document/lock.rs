//! One writer at a time: a lock on a side file, held for reading, merging and writing only.
//!
//! Not on the document itself, whose inode changes with every save. The lock belongs to an open file, so it ends when its
//! process ends; a side file that stays behind means nothing. The holder's identity is written into it for those who wait.

use std::ffi::{OsStr, OsString};
use std::fs::{File, TryLockError};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::accounts;
use super::folder::Folder;
use super::foreign::{Foreign, is_root};
use super::identity::Identity;
use super::location::Location;
use super::sharing::Sharing;
use super::timestamp::Timestamp;
use crate::file;

/// How often a waiting process tries again: a save takes some milliseconds, and nobody notices twenty.
const POLL: Duration = Duration::from_millis(20);

/// How often a side file is tried that may be about to be shared: between its making and that lie microseconds.
const SHARED_WITHIN: usize = 5;

/// The most that is read of what a holder says.
const MAX_BYTES: u64 = 4096;

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub struct Lock {
    /// Never read: the system holds the lock for as long as it is open.
    _file: File,
}

/// What the side file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    #[serde(flatten)]
    pub who: Identity,
    pub since: Timestamp,
}

/// Why the lock was not taken.
#[derive(Debug)]
pub enum NoLock {
    /// Another process held it all the time; whose, if that could be read.
    Held(Option<Holder>),
    /// Something else stands in the side file's place than an ordinary file with one name.
    InTheWay,
    /// Another account's file stands there, and root uses none.
    Foreign(Foreign),
    /// The side file could not be made, opened or locked.
    Failed(io::Error),
}

impl<E: Into<io::Error>> From<E> for NoLock {
    fn from(error: E) -> NoLock {
        NoLock::Failed(error.into())
    }
}

/// The side file: `.config.json.lock` beside `config.json`.
pub fn side_file(document: &Path) -> PathBuf {
    document.with_file_name(name(document.file_name().unwrap_or_default()))
}

fn name(document: &OsStr) -> OsString {
    let mut name = OsString::from(".");
    name.push(document);
    name.push(".lock");
    name
}

impl Lock {
    /// Takes the lock of a document whose folder exists; waits at most `patience` for another.
    pub fn take(location: &Location, who: &Identity, now: Timestamp, patience: Duration) -> Result<Lock, NoLock> {
        let folder = location.folder()?.ok_or(Errno::NOENT)?;
        let mut file = open(&folder, location.name(), true)?;
        wait(&mut file, File::try_lock, patience)?;
        let said = Holder { who: who.clone(), since: now };
        if let Ok(said) = serde_json::to_vec(&said) {
            // Only for those who wait: the lock is held even where this cannot be written.
            _ = file.set_len(0).and_then(|()| file.write_all(&said));
        }
        Ok(Lock { _file: file })
    }

    /// Whether [`Lock::take`] would get it: waits for another as long, makes and changes nothing.
    pub fn could_be_taken(location: &Location, patience: Duration) -> Result<(), NoLock> {
        let Some(folder) = location.folder()? else { return Ok(()) };
        match open(&folder, location.name(), false) {
            Ok(mut file) => wait(&mut file, File::try_lock_shared, patience),
            Err(NoLock::Failed(error)) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn wait(file: &mut File, lock: fn(&File) -> Result<(), TryLockError>, patience: Duration) -> Result<(), NoLock> {
    // Counted in steps, since a clock may jump.
    let mut waited = Duration::ZERO;
    loop {
        match lock(file) {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(NoLock::Failed(error)),
            Err(TryLockError::WouldBlock) if waited >= patience => return Err(NoLock::Held(holder(file))),
            Err(TryLockError::WouldBlock) => {
                thread::sleep(POLL);
                waited += POLL;
            }
        }
    }
}

/// Opens the side file, made where it is missing.
///
/// Made, where that is wished, only if it is missing: root may not open another's file with `O_CREAT` in a folder like `/tmp`
/// (`fs.protected_regular`).
fn open(folder: &Folder, document: &OsStr, make: bool) -> Result<File, NoLock> {
    let (writable, name) = (folder.writable().map_err(NoLock::Foreign)?, name(document));
    let sharing = Sharing::beside(folder, document)?;
    if writable.is_mounted(&name) {
        return Err(NoLock::InTheWay);
    }
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let open = |flags| file::open(writable, Path::new(&name), flags, Mode::from_raw_mode(Sharing::FILE));
    let opened = match open(flags) {
        Err(Errno::NOENT) if make => match open(flags | OFlags::CREATE | OFlags::EXCL) {
            Ok(made) => sharing.apply(&made, Sharing::FILE).map(|_| made),
            Err(Errno::EXIST) => opened_in_turn(&open, flags, sharing),
            Err(error) => Err(error),
        },
        Err(Errno::ACCESS) => opened_in_turn(&open, flags, sharing),
        opened => opened,
    };
    let file = match opened {
        Err(Errno::LOOP | Errno::ISDIR | Errno::NXIO | Errno::NODEV) => return Err(NoLock::InTheWay),
        opened => opened?,
    };
    let stat = rustix::fs::fstat(&file)?;
    if let Some(foreign) = Foreign::of(&stat, &folder.path().join(&name)).filter(|_| is_root()) {
        return Err(NoLock::Foreign(foreign));
    }
    // One with a second name may be somebody else's file, and would be emptied.
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile || stat.st_nlink > 1 {
        return Err(NoLock::InTheWay);
    }
    // The folder or the document may be shared otherwise by now.
    if make && accounts::is_me(stat.st_uid) {
        _ = sharing.apply(&file, Sharing::FILE);
    }
    Ok(file.into())
}

/// One that another of the group has made this very moment is not shared yet.
fn opened_in_turn(
    open: &dyn Fn(OFlags) -> Result<OwnedFd, Errno>,
    flags: OFlags,
    sharing: Sharing,
) -> Result<OwnedFd, Errno> {
    let mut opened = open(flags);
    for _ in 0..if sharing == Sharing::PRIVATE { 0 } else { SHARED_WITHIN } {
        if opened.as_ref().err() != Some(&Errno::ACCESS) {
            break;
        }
        thread::sleep(POLL);
        opened = open(flags);
    }
    opened
}

fn holder(file: &mut File) -> Option<Holder> {
    let mut said = vec![];
    Read::take(file, MAX_BYTES).read_to_end(&mut said).ok()?;
    serde_json::from_slice(&said).ok()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::*;

    #[test]
    fn a_lock_is_waited_for_says_who_has_it_and_ends_with_its_holder() {
        let folder = tempfile::TempDir::new().unwrap();
        let document = folder.path().join("config.json");
        let ana = Identity { user: "ana".into(), pid: 7, ..Identity::default() };
        let now = Timestamp::parse("2026-03-31T12:34:56Z").unwrap();
        let take = |patience| Lock::take(&Location::find(&document), &ana, now, patience);
        let held = take(Duration::ZERO).unwrap();
        match take(Duration::from_millis(50)) {
            Err(NoLock::Held(Some(holder))) => assert_eq!(holder, Holder { who: ana.clone(), since: now }),
            other => panic!("{other:?}"),
        }
        drop(held);
        // A process that another test has just forked may still have it for a moment.
        take(Duration::from_secs(60)).unwrap();
        assert!(side_file(&document).exists(), "the file stays, and means nothing");
    }

    #[test]
    fn of_many_that_make_the_side_file_at_once_each_has_the_lock_in_turn() {
        for _ in 0..25 {
            let folder = tempfile::TempDir::new().unwrap();
            let document = folder.path().join("config.json");
            let start = std::sync::Barrier::new(4);
            let take = || {
                start.wait();
                Lock::take(
                    &Location::find(&document),
                    &Identity::default(),
                    Timestamp::default(),
                    Duration::from_secs(60),
                )
                .map(drop)
            };
            thread::scope(|scope| {
                let takers: Vec<_> = (0..4).map(|_| scope.spawn(take)).collect();
                takers.into_iter().for_each(|taker| taker.join().unwrap().unwrap());
            });
        }
    }

    #[test]
    fn where_no_group_shares_the_folder_nobody_else_may_take_the_lock() {
        for (around, side) in [(0o755, 0o600), (0o1777, 0o600), (0o700, 0o600)] {
            let folder = tempfile::TempDir::new().unwrap();
            let document = folder.path().join("config.json");
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(around)).unwrap();
            Lock::take(&Location::find(&document), &Identity::default(), Timestamp::default(), Duration::ZERO).unwrap();
            assert_eq!(fs::metadata(side_file(&document)).unwrap().mode() & 0o7777, side, "{around:o}");
        }
    }

    #[test]
    fn what_stands_in_the_side_files_place_is_no_lock() {
        let folder = tempfile::TempDir::new().unwrap();
        let document = folder.path().join("config.json");
        let target = folder.path().join("target");
        fs::write(&target, "mine").unwrap();
        std::os::unix::fs::symlink(&target, side_file(&document)).unwrap();
        let taken = Lock::take(&Location::find(&document), &Identity::default(), Timestamp::default(), Duration::ZERO);
        assert!(matches!(taken, Err(NoLock::InTheWay)));
        fs::remove_file(side_file(&document)).unwrap();
        fs::hard_link(&target, side_file(&document)).unwrap();
        let taken = Lock::take(&Location::find(&document), &Identity::default(), Timestamp::default(), Duration::ZERO);
        assert!(matches!(taken, Err(NoLock::InTheWay)));
        assert_eq!(fs::read(&target).unwrap(), b"mine");
    }
}
