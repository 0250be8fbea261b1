//! What is kept beside a document (`CONFIG.history/`, `CONFIG.drafts/`): folders, and the files in them.
//!
//! Closed to others but for a group that shares the document's folder ([`Sharing`]). Every file is replaced atomically and
//! synced before anything depends on it.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::atomic_file::AtomicFile;
use super::folder::{Folder, Writable};
use super::sharing::Sharing;

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

impl<'f> Writable<'f> {
    /// A folder in it for what is kept beside the document, made where it is missing. One of this account's that is shared
    /// otherwise than it should be by now is shared anew, with all that is in it.
    pub(super) fn side_folder(self, name: &OsStr, sharing: Sharing) -> io::Result<Folder> {
        let (folder, _) = self.make(name, Sharing::FOLDER)?;
        if sharing.apply(&folder, Sharing::FOLDER)? {
            for name in folder.names()? {
                let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
                // What cannot be shared is told when somebody cannot read it.
                // One with a second name may be somebody's file elsewhere.
                let file = rustix::fs::openat(&folder, &*name, flags, Mode::empty());
                let is_ours =
                    |stat: Stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile && stat.st_nlink == 1;
                _ = file.and_then(|file| match is_ours(rustix::fs::fstat(&file)?) {
                    true => sharing.apply(file, Sharing::FILE),
                    false => Ok(false),
                });
            }
            folder.sync()?;
        }
        Ok(folder)
    }

    /// Writes a file, whole and synced; the name is on the disk too.
    pub(super) fn put(self, name: &str, bytes: &[u8], sharing: Sharing) -> io::Result<()> {
        let name = OsStr::new(name);
        self.written(name, bytes, sharing)?.replace(name)?;
        self.sync()?;
        Ok(())
    }

    /// Writes a file that replaces none, whole and synced, and swept with what is left of `document`. Its name is not on the disk
    /// before the folder is.
    pub(super) fn put_beside(self, document: &OsStr, name: &OsStr, bytes: &[u8], sharing: Sharing) -> io::Result<()> {
        Ok(self.written(document, bytes, sharing)?.name(name)?)
    }

    fn written(self, name: &OsStr, bytes: &[u8], sharing: Sharing) -> io::Result<AtomicFile<'f>> {
        let new = AtomicFile::create(self, name)?;
        (&new.file).write_all(bytes)?;
        sharing.apply(&new.file, Sharing::FILE)?;
        rustix::fs::fsync(&new.file)?;
        Ok(new)
    }
}

/// To write in a folder.
pub(super) fn writable(folder: &Folder) -> io::Result<Writable<'_>> {
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
    use crate::document::location::Way;
    use crate::file;

    const MAX_BYTES: u64 = 32 << 20;

    /// A folder to be, beside a document.
    fn make(around: &Path) -> io::Result<Folder> {
        let (around, _) = Way::to_folder(around)?.make(Sharing::FOLDER)?;
        writable(&around)?.side_folder(OsStr::new("config.json.history"), Sharing::PRIVATE)
    }

    fn folder() -> (tempfile::TempDir, Folder) {
        let around = tempfile::TempDir::new().unwrap();
        let folder = make(around.path()).unwrap();
        (around, folder)
    }

    fn put(folder: &Folder, name: &str, bytes: &[u8]) {
        writable(folder).unwrap().put(name, bytes, Sharing::PRIVATE).unwrap();
    }

    fn read(folder: &Folder, name: &str) -> io::Result<Vec<u8>> {
        Ok(file::read_beside(folder, Path::new(name), MAX_BYTES)?.bytes)
    }

    #[test]
    fn of_many_that_make_the_folder_at_once_each_has_it() {
        for _ in 0..25 {
            let around = tempfile::TempDir::new().unwrap();
            let start = Barrier::new(4);
            let make = || {
                start.wait();
                make(around.path()).map(drop)
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
            put(&folder, "000001.json", &vec![b'x'; size]);
            assert_eq!(read(&folder, "000001.json").unwrap().len(), size);
        }
    }

    #[test]
    fn what_is_no_file_of_ours_is_refused_unread_and_never_waited_for() {
        let (around, folder) = folder();
        put(&folder, "whole", b"text");
        let path = |name: &str| folder.path().join(name);
        std::os::unix::fs::symlink("whole", path("link")).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, path("pipe"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        File::create(path("huge")).unwrap().set_len(MAX_BYTES + 1).unwrap();
        fs::create_dir(path("folder")).unwrap();
        for name in ["link", "pipe", "huge", "folder", "missing"] {
            assert!(read(&folder, name).is_err(), "{name}");
        }
        assert_eq!(read(&folder, "whole").unwrap(), b"text");
        fs::rename(folder.path(), around.path().join("moved")).unwrap();
        std::os::unix::fs::symlink("moved", folder.path()).unwrap();
        assert!(make(around.path()).is_err(), "nor is a link followed");
    }

    #[test]
    fn the_sum_is_the_one_that_others_compute() {
        assert_eq!(sum(""), "cbf29ce484222325");
        assert_eq!(sum("foobar"), "85944171f73967e8");
    }
}
