//! One writer at a time: a lock on a side file, held for reading, merging and writing only.
//!
//! Not on the document itself, whose inode changes with every save. The lock belongs to an open file, so it ends when its
//! process ends; a side file that stays behind means nothing. The holder's identity is written into it for those who wait.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rustix::fs::{CWD, OFlags};
use serde::{Deserialize, Serialize};

use super::identity::Identity;
use super::sidecar;
use super::timestamp::Timestamp;
use crate::file;

/// How often a waiting process tries again: a save takes some milliseconds, and nobody notices twenty.
const POLL: Duration = Duration::from_millis(20);

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
    /// The side file could not be made, opened or locked.
    Failed(io::Error),
}

/// The side file: `.config.json.lock` beside `config.json`.
pub fn side_file(document: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(document.file_name().unwrap_or_default());
    name.push(".lock");
    document.with_file_name(name)
}

impl Lock {
    /// Takes the lock of the document at a resolved path, whose folder exists; waits at most `patience` for another.
    pub fn take(document: &Path, who: &Identity, now: Timestamp, patience: Duration) -> Result<Lock, NoLock> {
        let mut file = open(&side_file(document), true).map_err(NoLock::Failed)?;
        wait(&mut file, File::try_lock, patience)?;
        let said = Holder { who: who.clone(), since: now };
        if let Ok(said) = serde_json::to_vec(&said) {
            // Only for those who wait: the lock is held even where this cannot be written.
            _ = file.set_len(0).and_then(|()| file.write_all(&said));
        }
        Ok(Lock { _file: file })
    }

    /// Whether [`Lock::take`] would get it: waits for another as long, makes and changes nothing.
    pub fn could_be_taken(document: &Path, patience: Duration) -> Result<(), NoLock> {
        match open(&side_file(document), false) {
            Ok(mut file) => wait(&mut file, File::try_lock_shared, patience),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(NoLock::Failed(error)),
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

/// Opens the side file; whoever may write the folder may open it.
///
/// Made, where that is wished, only if it is missing: root may not open another's file with `O_CREAT` in a folder like `/tmp`
/// (`fs.protected_regular`).
fn open(path: &Path, make: bool) -> io::Result<File> {
    file::not_mounted(CWD, path)?;
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY).bits().cast_signed();
    let mut options = OpenOptions::new();
    options.read(true).write(true).custom_flags(flags);
    let opened = match options.open(path) {
        Err(error) if make && error.kind() == io::ErrorKind::NotFound => {
            match options.clone().create_new(true).mode(0o600).open(path) {
                Ok(made) => share(&made, path).map(|()| made),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => options.open(path),
                Err(error) => Err(error),
            }
        }
        opened => opened,
    }?;
    let metadata = opened.metadata()?;
    // One with a second name may be somebody else's file, and would be emptied.
    if !metadata.is_file() || metadata.nlink() > 1 {
        return Err(rustix::io::Errno::INVAL.into());
    }
    Ok(opened)
}

fn share(file: &File, path: &Path) -> io::Result<()> {
    let around = fs::metadata(path.parent().unwrap_or(Path::new("/")))?;
    sidecar::own(file, around.uid(), around.gid())?;
    // Those who may write the folder may read and write this, and nobody else.
    let writers = around.mode() & 0o022;
    file.set_permissions(fs::Permissions::from_mode(0o600 | writers | writers << 1))
}

fn holder(file: &mut File) -> Option<Holder> {
    let mut said = vec![];
    Read::take(file, MAX_BYTES).read_to_end(&mut said).ok()?;
    serde_json::from_slice(&said).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_waited_for_says_who_has_it_and_ends_with_its_holder() {
        let folder = tempfile::TempDir::new().unwrap();
        let document = folder.path().join("config.json");
        let ana = Identity { user: "ana".into(), pid: 7, ..Identity::default() };
        let now = Timestamp::parse("2026-03-31T12:34:56Z").unwrap();
        let take = |patience| Lock::take(&document, &ana, now, patience);
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
                Lock::take(&document, &Identity::default(), Timestamp::default(), Duration::from_secs(60)).map(drop)
            };
            thread::scope(|scope| {
                let takers: Vec<_> = (0..4).map(|_| scope.spawn(take)).collect();
                takers.into_iter().for_each(|taker| taker.join().unwrap().unwrap());
            });
        }
    }

    #[test]
    fn whoever_may_write_the_folder_may_take_the_lock_and_nobody_else() {
        for (around, side) in [(0o755, 0o600), (0o775, 0o660), (0o757, 0o606), (0o1777, 0o666), (0o700, 0o600)] {
            let folder = tempfile::TempDir::new().unwrap();
            let document = folder.path().join("config.json");
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(around)).unwrap();
            Lock::take(&document, &Identity::default(), Timestamp::default(), Duration::ZERO).unwrap();
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
        let taken = Lock::take(&document, &Identity::default(), Timestamp::default(), Duration::ZERO);
        assert!(matches!(taken, Err(NoLock::Failed(_))));
        fs::remove_file(side_file(&document)).unwrap();
        fs::hard_link(&target, side_file(&document)).unwrap();
        let taken = Lock::take(&document, &Identity::default(), Timestamp::default(), Duration::ZERO);
        assert!(matches!(taken, Err(NoLock::Failed(_))));
        assert_eq!(fs::read(&target).unwrap(), b"mine");
    }
}
