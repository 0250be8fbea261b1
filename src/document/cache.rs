//! Small files beside a document that may be lost (`CONFIG.checks`).
//!
//! Replaced atomically but not synced: a check must not wait for a disk, and losing them in a power cut does no harm. No
//! folder is made for them.

use std::io::{self, Write};

use rustix::io::Errno;

use super::Location;
use super::atomic_file::AtomicFile;
use super::sharing::Sharing;
use super::sidecar::side_name;

/// Larger files were not written here.
const MOST_BYTES: u64 = 256 * 1024;

/// The cached bytes; empty where there are none or they cannot be read.
pub fn read(location: &Location, what: &str) -> Vec<u8> {
    let folder = location.folder().ok().flatten();
    let read = folder.map(|folder| folder.read_beside(side_name(location.name(), what), MOST_BYTES));
    read.and_then(Result::ok).map(|whole| whole.bytes).unwrap_or_default()
}

/// Replaces the cached bytes.
pub fn write(location: &Location, what: &str, bytes: &[u8]) -> io::Result<()> {
    let folder = location.folder()?.ok_or(Errno::NOENT)?;
    let name = side_name(location.name(), what);
    let new = AtomicFile::create(folder.writable().map_err(|_| Errno::PERM)?, &name)?;
    (&new.file).write_all(bytes)?;
    Sharing::beside(&folder, location.name())?.apply(&new.file, Sharing::FILE)?;
    Ok(new.replace(&name)?)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn what_is_remembered_is_read_again_and_is_for_nobody_else() {
        let folder = tempfile::tempdir().unwrap();
        let document = folder.path().join("config.json");
        let location = Location::find(&document);
        assert_eq!(read(&location, "checks"), b"");
        write(&location, "checks", b"um").unwrap();
        fs::write(&document, "{}").unwrap();
        write(&location, "checks", b"dois").unwrap();
        assert_eq!(read(&location, "checks"), b"dois");
        let mode = fs::metadata(folder.path().join("config.json.checks")).unwrap().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn no_folder_is_made_and_no_other_kind_of_file_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = folder.path().join("falta/config.json");
        assert!(write(&Location::find(&nowhere), "checks", b"um").is_err());
        assert!(!folder.path().join("falta").exists());
        let document = folder.path().join("config.json");
        let location = Location::find(&document);
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("config.json.checks")).unwrap();
        assert_eq!(read(&location, "checks"), b"");
    }
}
