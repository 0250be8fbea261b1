//! A file that is written under a temporary name and replaces another only when it is complete.
//!
//! Everything is written this way: documents, versions of the history, drafts, the cache of checks. The file is removed
//! unless it replaced the other; what a killed process leaves behind has a known name and is swept by the next.

use std::collections::hash_map::RandomState;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::hash::{BuildHasher, Hasher};
use std::os::unix::ffi::OsStrExt;

use rustix::fs::{AtFlags, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use super::folder::Writable;

/// The mode of the file while it is written: nobody else may read it before it has its final mode. Documents and caches get
/// another one; versions and drafts keep this.
const MODE: u32 = 0o600;

/// Random names to try. A second try is needed once in 2^64; more would mean that something else is wrong.
const NAMES: usize = 4;

/// Hexadecimal digits at the end of a name.
const DIGITS: usize = 16;

pub(super) struct AtomicFile<'f> {
    folder: Writable<'f>,
    name: OsString,
    replaced: bool,
    pub(super) file: File,
}

impl<'f> AtomicFile<'f> {
    /// Makes it in `folder`, where it will be `name`.
    pub(super) fn create(folder: Writable<'f>, name: &OsStr) -> Result<AtomicFile<'f>, Errno> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        for _ in 0..NAMES {
            let mut own = prefix(name);
            own.push(random());
            match rustix::fs::openat(folder, &own, flags, Mode::from_raw_mode(MODE)) {
                Ok(file) => return Ok(AtomicFile { folder, name: own, replaced: false, file: file.into() }),
                Err(Errno::EXIST) => {}
                Err(error) => return Err(error),
            }
        }
        Err(Errno::EXIST)
    }

    /// Takes the place of what is called `name` in the same folder.
    pub(super) fn replace(mut self, name: &OsStr) -> Result<(), Errno> {
        rustix::fs::renameat(self.folder, &self.name, self.folder, name)?;
        self.replaced = true;
        Ok(())
    }

    /// Gets this name in the same folder, which nothing may have yet.
    pub(super) fn name(mut self, name: &OsStr) -> Result<(), Errno> {
        match rustix::fs::renameat_with(self.folder, &self.name, self.folder, name, RenameFlags::NOREPLACE) {
            // Where the file system cannot do that in one step, in two: the lock keeps others like us away.
            Err(Errno::INVAL | Errno::NOSYS) if self.folder.stat(name)?.is_none() => return self.replace(name),
            named => named?,
        }
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
fn prefix(name: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".balcao-");
    prefix
}

/// How long temporary names of a file are: no other name beside it is longer.
pub(super) fn length(name: &OsStr) -> usize {
    prefix(name).len() + DIGITS
}

/// Sixteen random digits. The standard library's hash keys are random; that is all the randomness a name needs.
pub(super) fn random() -> String {
    format!("{:0DIGITS$x}", RandomState::new().build_hasher().finish())
}

/// True for the name of what a killed process left of a file that was to be called `name`, or of any where it is `None`.
pub(super) fn is_left(found: &[u8], name: Option<&OsStr>) -> bool {
    let Some(end) = found.len().checked_sub(DIGITS) else { return false };
    let (start, digits) = found.split_at(end);
    let known = match name {
        Some(name) => start == prefix(name).as_bytes(),
        None => start.starts_with(b".") && start.ends_with(b".balcao-"),
    };
    known && digits.iter().all(|byte| byte.is_ascii_hexdigit())
}

/// Removes what killed processes left in `folder` of the file that was to be called `name`, or of any where it is `None`.
/// Only under the lock, or where nobody else writes that file: another process could be writing it.
pub(super) fn sweep(folder: Writable, name: Option<&OsStr>) {
    for found in folder.entries().unwrap_or_default() {
        if is_left(found.as_bytes(), name) {
            // A leftover that cannot be removed must not prevent a save.
            _ = folder.remove(&found);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::path::Path;

    use tempfile::TempDir;

    use super::*;
    use crate::document::Location;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_takes_anothers_place_whole_or_is_gone_again() {
        let folder = TempDir::new().unwrap();
        let held = Location::find(&folder.path().join("config.json")).folder().unwrap().unwrap();
        let name = OsStr::new("config.json");
        fs::write(folder.path().join(name), "old").unwrap();
        let begun = || {
            let mut new = AtomicFile::create(held.writable().unwrap(), name).unwrap();
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
        let held = Location::find(&folder.path().join("config.json")).folder().unwrap().unwrap();
        sweep(held.writable().unwrap(), Some(OsStr::new("config.json")));
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
