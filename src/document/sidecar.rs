//! A private folder beside a document (`CONFIG.history/`, `CONFIG.drafts/`), and the files in it.
//!
//! The folder is 0700 and its files 0600: the document may have been closed to others. Both belong to the owner of the
//! folder around them, also where root makes them: root's save must not lock the owner out. Every file is replaced
//! atomically and synced before anything depends on it.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Gid, Uid};
use rustix::io::Errno;

use super::atomic_file::{self, AtomicFile};
use crate::file::{self, Whole};

/// The mode of the folder.
const FOLDER: u32 = 0o700;

/// More than the largest document takes as a JSON string; larger files were not written here.
const MAX_BYTES: u64 = 128 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct SideFolder {
    path: PathBuf,
    folder: OwnedFd,
}

/// `config.json` and `history` give `config.json.history`.
pub(super) fn side_name(document: &OsStr, what: &str) -> OsString {
    let mut name = document.to_owned();
    name.push(".");
    name.push(what);
    name
}

/// `/etc/x/config.json` and `history` give `/etc/x/config.json.history`.
pub(super) fn beside(document: &Path, what: &str) -> PathBuf {
    let mut name = OsString::from(document);
    name.push(".");
    name.push(what);
    name.into()
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

impl SideFolder {
    /// The folder where it exists; a link in its place is not followed.
    pub(super) fn open(path: &Path) -> io::Result<Option<SideFolder>> {
        match file::open_folder(CWD, path) {
            Ok(folder) => Ok(Some(SideFolder { path: path.into(), folder })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The folder, made where it is missing, with those above it.
    pub(super) fn make(path: &Path) -> io::Result<SideFolder> {
        if let Some(found) = SideFolder::open(path)? {
            return Ok(found);
        }
        let above = path.parent().unwrap_or(Path::new("/"));
        // Private too: where these are missing, they are in the user's own `$XDG_STATE_HOME`.
        DirBuilder::new().mode(FOLDER).recursive(true).create(above)?;
        match DirBuilder::new().mode(FOLDER).create(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let made = SideFolder::open(path)?.ok_or_else(|| io::Error::from(Errno::NOENT))?;
        let around = fs::metadata(above)?;
        own(&made.folder, around.uid(), around.gid())?;
        rustix::fs::fsync(File::open(above)?)?;
        Ok(made)
    }

    /// Writes a file, whole and synced; the name is on the disk too.
    pub(super) fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let name = Path::new(name);
        let new = AtomicFile::create(&self.folder, name)?;
        (&new.file).write_all(bytes)?;
        // Not the owner of this folder, who may have made it to get at a document that is closed to them.
        let around = fs::metadata(self.path.parent().unwrap_or(Path::new("/")))?;
        own(&new.file, around.uid(), around.gid())?;
        rustix::fs::fsync(&new.file)?;
        new.replace(name)?;
        self.sync()
    }

    /// Renames a file, durably.
    pub(super) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        rustix::fs::renameat(&self.folder, from, &self.folder, to)?;
        self.sync()
    }

    /// Removes a file; one that is gone already is no error.
    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        match rustix::fs::unlinkat(&self.folder, name, AtFlags::empty()) {
            Err(Errno::NOENT) => Ok(()),
            removed => Ok(removed?),
        }
    }

    /// The regular files in it, unsorted.
    pub(super) fn seen(&self) -> io::Result<Vec<Seen>> {
        let mut seen = vec![];
        for entry in Dir::read_from(&self.folder)?.take(MOST_NAMES) {
            let Ok(name) = entry?.file_name().to_owned().into_string() else { continue };
            // One that has gone meanwhile is not there, and what is mounted there is not asked.
            if file::not_mounted(&self.folder, Path::new(&name)).is_err() {
                continue;
            }
            let Ok(stat) = rustix::fs::statat(&self.folder, &*name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
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

    /// The names in it, sorted; those that are not UTF-8 are not ours.
    pub(super) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = vec![];
        for entry in Dir::read_from(&self.folder)? {
            let name = entry?.file_name().to_owned();
            names.extend(name.into_string().ok().filter(|name| !matches!(name.as_str(), "." | "..")));
        }
        names.sort();
        Ok(names)
    }

    /// The contents of a regular file.
    pub(super) fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        Ok(self.read_owned(name, MAX_BYTES)?.0)
    }

    /// The same of at most `most` bytes, and the file's owner.
    pub(super) fn read_owned(&self, name: &str, most: u64) -> io::Result<(Vec<u8>, u32)> {
        let Whole { bytes, file } = file::read_beside(&self.folder, Path::new(name), most)?;
        Ok((bytes, file.metadata()?.uid()))
    }

    /// Removes what killed processes left of this file; with `None` (only under the lock) of any.
    pub(super) fn sweep(&self, name: Option<&str>) {
        let left = |found: &String| atomic_file::is_left(found.as_bytes(), name.map(Path::new));
        for name in self.names().unwrap_or_default().iter().filter(|name| left(name)) {
            // A leftover that cannot be removed does no harm.
            _ = self.remove(name);
        }
    }

    fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::fsync(&self.folder)?)
    }
}

/// Gives a file that root made to the owner of what is around it. Others cannot give files away, and need not.
pub(super) fn own(file: &impl std::os::fd::AsFd, uid: u32, gid: u32) -> io::Result<()> {
    let now = rustix::fs::fstat(file)?;
    if !rustix::process::geteuid().is_root() || (now.st_uid, now.st_gid) == (uid, gid) {
        return Ok(());
    }
    Ok(rustix::fs::fchown(file, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)))?)
}

/// A checksum (FNV-1a, 64 bits, as 16 digits) that reveals damaged files. No protection against people: whoever may write
/// the file may write the checksum.
pub(super) fn sum(text: &str) -> String {
    let step = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", text.bytes().fold(0xcbf2_9ce4_8422_2325, step))
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::thread;

    use super::*;

    fn folder() -> (tempfile::TempDir, SideFolder) {
        let around = tempfile::TempDir::new().unwrap();
        let folder = SideFolder::make(&around.path().join("config.json.history")).unwrap();
        (around, folder)
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
            assert_eq!(folder.read("000001.json").unwrap().len(), size);
        }
    }

    #[test]
    fn what_is_no_file_of_ours_is_refused_unread_and_never_waited_for() {
        let (around, folder) = folder();
        folder.put("whole", b"text").unwrap();
        let path = |name: &str| folder.path.join(name);
        std::os::unix::fs::symlink("whole", path("link")).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, path("pipe"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        File::create(path("huge")).unwrap().set_len(MAX_BYTES + 1).unwrap();
        fs::create_dir(path("folder")).unwrap();
        for name in ["link", "pipe", "huge", "folder", "missing"] {
            assert!(folder.read(name).is_err(), "{name}");
        }
        assert_eq!(folder.read("whole").unwrap(), b"text");
        let link = around.path().join("link");
        std::os::unix::fs::symlink(&folder.path, &link).unwrap();
        assert!(SideFolder::open(&link).is_err() && SideFolder::make(&link).is_err(), "nor is a link followed");
        assert!(SideFolder::open(&path("whole")).is_err());
    }

    #[test]
    fn the_sum_is_the_one_that_others_compute() {
        assert_eq!(sum(""), "cbf29ce484222325");
        assert_eq!(sum("foobar"), "85944171f73967e8");
    }
}
