//! A file that is written under a temporary name and replaces another only when it is complete.
//!
//! Everything is written this way: documents, versions of the history, drafts, the cache of checks. The file is removed
//! unless it replaced the other; what a killed process leaves behind has a known name and is swept by the next.

use std::collections::hash_map::RandomState;
use std::ffi::OsString;
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;

/// The mode of the file while it is written: nobody else may read it before it has its final mode. Documents and caches get
/// another one; versions and drafts keep this.
const MODE: u32 = 0o600;

/// Random names to try. A second try is needed once in 2^64; more would mean that something else is wrong.
const NAMES: usize = 4;

/// Hexadecimal digits at the end of a name.
const DIGITS: usize = 16;

pub(super) struct AtomicFile<'f> {
    folder: &'f OwnedFd,
    name: PathBuf,
    replaced: bool,
    pub(super) file: File,
}

impl<'f> AtomicFile<'f> {
    /// Makes it in `folder`, where it will be `name`.
    pub(super) fn create(folder: &'f OwnedFd, name: &Path) -> Result<AtomicFile<'f>, Errno> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        for _ in 0..NAMES {
            let mut own = prefix(name).into_os_string();
            own.push(random());
            match rustix::fs::openat(folder, &own, flags, Mode::from_raw_mode(MODE)) {
                Ok(file) => return Ok(AtomicFile { folder, name: own.into(), replaced: false, file: file.into() }),
                Err(Errno::EXIST) => {}
                Err(error) => return Err(error),
            }
        }
        Err(Errno::EXIST)
    }

    /// Takes the place of what is called `name` in the same folder.
    pub(super) fn replace(mut self, name: &Path) -> Result<(), Errno> {
        rustix::fs::renameat(self.folder, &self.name, self.folder, name)?;
        self.replaced = true;
        Ok(())
    }
}

impl Drop for AtomicFile<'_> {
    fn drop(&mut self) {
        if !self.replaced {
            // Where even this fails, the next save sweeps the file by its name.
            _ = rustix::fs::unlinkat(self.folder, &self.name, AtFlags::empty());
        }
    }
}

/// The beginning of temporary names, e.g. `.config.json.balcao-`.
fn prefix(name: &Path) -> PathBuf {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".balcao-");
    prefix.into()
}

/// Sixteen random digits. The standard library's hash keys are random; that is all the randomness a name needs.
pub(super) fn random() -> String {
    format!("{:0DIGITS$x}", RandomState::new().build_hasher().finish())
}

/// True for the name of what a killed process left of a file that was to be called `name`, or of any where it is `None`.
pub(super) fn is_left(found: &[u8], name: Option<&Path>) -> bool {
    let Some(end) = found.len().checked_sub(DIGITS) else { return false };
    let (start, digits) = found.split_at(end);
    let known = match name {
        Some(name) => start == prefix(name).as_os_str().as_bytes(),
        None => start.starts_with(b".") && start.ends_with(b".balcao-"),
    };
    known && digits.iter().all(|byte| byte.is_ascii_hexdigit())
}

/// Removes what killed processes left in `folder` of the file that was to be called `name`. Only under the lock: another
/// process could be writing it.
pub(super) fn sweep(folder: &Path, name: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if is_left(entry.file_name().as_bytes(), Some(name)) && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            // A leftover that cannot be removed must not prevent a save.
            _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use tempfile::TempDir;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_takes_anothers_place_whole_or_is_gone_again() {
        let folder = TempDir::new().unwrap();
        let held = OwnedFd::from(File::open(folder.path()).unwrap());
        let name = Path::new("config.json");
        fs::write(folder.path().join(name), "old").unwrap();
        let begun = || {
            let mut new = AtomicFile::create(&held, name).unwrap();
            new.file.write_all(b"new").unwrap();
            new
        };
        let (given_up, other) = (begun(), begun());
        let found = names(folder.path());
        assert_eq!((found.len(), found[2].as_str()), (3, "config.json"), "each has a name of its own: {found:?}");
        assert!(found[..2].iter().all(|found| found.starts_with(".config.json.balcao-") && found.len() == 20 + DIGITS));
        drop(given_up);
        other.replace(name).unwrap();
        assert_eq!(
            (names(folder.path()), fs::read(folder.path().join(name)).unwrap()),
            (vec!["config.json".into()], b"new".to_vec())
        );
    }

    #[test]
    fn only_what_was_left_unfinished_is_swept() {
        let folder = TempDir::new().unwrap();
        let unfinished = [".config.json.balcao-0123456789abcdef", ".other.json.balcao-0123456789abcdef"];
        let kept = [
            ".balcao-0123456789",
            ".config.json-0123456789abcdef",
            ".config.json.balcao-0123456789abcdeg",
            ".config.json.balcao-0123456789abcdef0",
            "config.json",
            "config.json.balcao-0123456789abcdef",
        ];
        for name in unfinished.iter().chain(&kept) {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::create_dir(folder.path().join(".config.json.balcao-0000000000000000")).unwrap();
        sweep(folder.path(), Path::new("config.json"));
        let left = names(folder.path());
        let mut expected: Vec<&str> = kept.to_vec();
        expected.extend([unfinished[1], ".config.json.balcao-0000000000000000"]);
        expected.sort_unstable();
        assert_eq!(left, expected, "a folder of that name is none of ours");
        for name in unfinished {
            assert!(is_left(name.as_bytes(), None), "of any file, {name}");
        }
        assert!(!kept.iter().any(|name| is_left(name.as_bytes(), None)));
    }
}
