//! What is kept beside a document (`CONFIG.history/`, `CONFIG.drafts/`): folders, and the files in them.
//!
//! Closed to others but for a group that shares the document's folder ([`Sharing`]). Every file is replaced atomically and
//! synced before anything depends on it.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::atomic_file::{self, AtomicFile};
use super::folder::{Folder, Writable};
use super::location::{NEW_FOLDER, Unmade, Way};
use super::sharing::Sharing;
use crate::file::{self, Whole};

/// `config.json` and `history` give `config.json.history`.
pub(super) fn side_name(document: &OsStr, what: &str) -> OsString {
    let mut name = document.to_owned();
    name.push(".");
    name.push(what);
    name
}

/// `/etc/x/config.json` and `history` give `/etc/x/config.json.history`.
pub(super) fn beside(document: &Path, what: &str) -> PathBuf {
    side_name(document.as_os_str(), what).into()
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

/// More names are not looked at: a folder of ours has some hundred.
const MOST_NAMES: usize = 10_000;

impl<'f> Writable<'f> {
    /// A folder in it for what is kept beside the document, made where it is missing. One of this account's that is shared
    /// otherwise than it should be by now is shared anew, with all that is in it.
    pub(super) fn side_folder(self, name: &OsStr, sharing: Sharing) -> io::Result<Folder> {
        let (folder, _) = self.make(name, Sharing::FOLDER)?;
        if sharing.apply(&folder, Sharing::FOLDER)? {
            for name in folder.names()? {
                let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
                // What cannot be shared is told when somebody cannot read it.
                _ = rustix::fs::openat(&folder, &*name, flags, Mode::empty())
                    .and_then(|file| sharing.apply(file, Sharing::FILE));
            }
            folder.sync()?;
        }
        Ok(folder)
    }

    /// Writes a file, whole and synced; the name is on the disk too.
    pub(super) fn put(self, name: &str, bytes: &[u8], sharing: Sharing) -> io::Result<()> {
        let name = OsStr::new(name);
        let new = AtomicFile::create(self, name)?;
        (&new.file).write_all(bytes)?;
        sharing.apply(&new.file, Sharing::FILE)?;
        rustix::fs::fsync(&new.file)?;
        new.replace(name)?;
        self.sync()?;
        Ok(())
    }
}

/// A private folder, by its path: where drafts are kept.
#[derive(Debug)]
pub(super) struct SideFolder(Folder);

impl SideFolder {
    /// The folder where it exists; a link in its place is not followed.
    pub(super) fn open(path: &Path) -> io::Result<Option<SideFolder>> {
        let (Some(above), Some(name)) = (path.parent(), path.file_name()) else { return Ok(None) };
        let Some(above) = Way::to_folder(above).map_err(io::Error::from)?.folder()? else { return Ok(None) };
        Ok(above.folder(name)?.map(SideFolder))
    }

    /// The folder, made where it is missing, with those above it.
    pub(super) fn make(path: &Path) -> io::Result<SideFolder> {
        let (Some(above), Some(name)) = (path.parent(), path.file_name()) else { return Err(Errno::INVAL.into()) };
        // Private too: where these are missing, they are in the user's own `$XDG_STATE_HOME`.
        let made = Way::to_folder(above).map_err(io::Error::from)?.make(Sharing::FOLDER);
        let (above, _) = made.map_err(|unmade| match unmade {
            Unmade::Foreign(_) => Errno::PERM.into(),
            Unmade::Io(error) => error,
        })?;
        Ok(SideFolder(writable(&above)?.side_folder(name, Sharing::PRIVATE)?))
    }

    pub(super) fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        writable(&self.0)?.put(name, bytes, Sharing::PRIVATE)
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        writable(&self.0)?.remove(name)
    }

    /// The regular files in it, unsorted.
    pub(super) fn seen(&self) -> io::Result<Vec<Seen>> {
        let mut seen = vec![];
        for entry in self.0.entries()?.into_iter().take(MOST_NAMES) {
            let Ok(name) = entry.into_string() else { continue };
            // One that has gone meanwhile is not there, and what is mounted there is not asked.
            if file::not_mounted(&self.0, Path::new(&name)).is_err() {
                continue;
            }
            let Ok(stat) = rustix::fs::statat(&self.0, &*name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
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

    /// A regular file of at most `most` bytes, and its owner.
    pub(super) fn read_owned(&self, name: &str, most: u64) -> io::Result<(Vec<u8>, u32)> {
        let Whole { bytes, file } = file::read_beside(&self.0, Path::new(name), most)?;
        Ok((bytes, rustix::fs::fstat(file)?.st_uid))
    }

    /// Removes what killed processes left of this file.
    pub(super) fn sweep(&self, name: Option<&str>) {
        _ = writable(&self.0).map(|folder| atomic_file::sweep(folder, name.map(OsStr::new)));
    }
}

/// Makes the folder of a document, as a save would.
pub(super) fn make_folders(folder: &Path) -> io::Result<()> {
    let way = Way::to_folder(folder).map_err(io::Error::from)?;
    way.make(NEW_FOLDER).map(drop).map_err(|unmade| match unmade {
        Unmade::Foreign(_) => Errno::PERM.into(),
        Unmade::Io(error) => error,
    })
}

fn writable(folder: &Folder) -> io::Result<Writable<'_>> {
    folder.writable().map_err(|_| Errno::PERM.into())
}

/// A checksum (FNV-1a, 64 bits, as 16 digits) that reveals damaged files. No protection against people: whoever may write
/// the file may write the checksum.
pub(super) fn sum(text: &str) -> String {
    let step = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", text.bytes().fold(0xcbf2_9ce4_8422_2325, step))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::sync::Barrier;
    use std::thread;

    use super::*;

    const MAX_BYTES: u64 = 32 << 20;

    fn folder() -> (tempfile::TempDir, SideFolder) {
        let around = tempfile::TempDir::new().unwrap();
        let folder = SideFolder::make(&around.path().join("config.json.history")).unwrap();
        (around, folder)
    }

    fn read(folder: &SideFolder, name: &str) -> io::Result<Vec<u8>> {
        Ok(folder.read_owned(name, MAX_BYTES)?.0)
    }

    #[test]
    fn of_many_that_make_the_folder_at_once_each_has_it() {
        for _ in 0..25 {
            let around = tempfile::TempDir::new().unwrap();
            let start = Barrier::new(4);
            let make = || {
                start.wait();
                SideFolder::make(&around.path().join("config.json.history")).map(drop)
            };
            thread::scope(|scope| {
                let makers: Vec<_> = (0..4).map(|_| scope.spawn(make)).collect();
                makers.into_iter().for_each(|maker| maker.join().unwrap().unwrap());
            });
        }
    }

    #[test]
    fn what_is_put_is_read_again_also_where_it_is_large() {
        let (_around, folder) = folder();
        // A document may have 16 MB, and needs more as a JSON string.
        for size in [0, 1, 17 << 20] {
            folder.put("000001.json", &vec![b'x'; size]).unwrap();
            assert_eq!(read(&folder, "000001.json").unwrap().len(), size);
        }
    }

    #[test]
    fn what_is_no_file_of_ours_is_refused_unread_and_never_waited_for() {
        let (around, folder) = folder();
        folder.put("whole", b"text").unwrap();
        let path = |name: &str| folder.0.path().join(name);
        std::os::unix::fs::symlink("whole", path("link")).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, path("pipe"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        File::create(path("huge")).unwrap().set_len(MAX_BYTES + 1).unwrap();
        fs::create_dir(path("folder")).unwrap();
        for name in ["link", "pipe", "huge", "folder", "missing"] {
            assert!(read(&folder, name).is_err(), "{name}");
        }
        assert_eq!(read(&folder, "whole").unwrap(), b"text");
        let link = around.path().join("link");
        std::os::unix::fs::symlink(folder.0.path(), &link).unwrap();
        assert!(SideFolder::open(&link).is_err() && SideFolder::make(&link).is_err(), "nor is a link followed");
        assert!(SideFolder::open(&path("whole")).is_err());
    }

    #[test]
    fn the_sum_is_the_one_that_others_compute() {
        assert_eq!(sum(""), "cbf29ce484222325");
        assert_eq!(sum("foobar"), "85944171f73967e8");
    }
}
