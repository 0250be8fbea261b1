//! Small files beside a document that may be lost (`CONFIG.checks`).
//!
//! Replaced atomically but not synced: a check must not wait for a disk, and losing them in a power cut does no harm. No
//! folder is made for them.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags};

use super::Location;
use super::atomic_file::AtomicFile;
use super::sidecar;
use crate::file;

/// Larger files were not written here.
const MOST_BYTES: u64 = 256 * 1024;

/// The cached bytes; empty where there are none or they cannot be read.
pub fn read(location: &Location, what: &str) -> Vec<u8> {
    let path = sidecar::beside(location.path(), what);
    file::read_beside(CWD, &path, MOST_BYTES).map(|whole| whole.bytes).unwrap_or_default()
}

/// Replaces the cached bytes. The file is readable for those who may read the document, and belongs to the folder's owner.
pub fn write(location: &Location, what: &str, bytes: &[u8]) -> io::Result<()> {
    if location.foreign().is_some() {
        return Err(rustix::io::Errno::PERM.into());
    }
    let document = location.path();
    /// Of a document that does not exist yet.
    const USUAL_MODE: u32 = 0o644;
    let path = sidecar::beside(document, what);
    let around = path.parent().filter(|around| !around.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = Path::new(path.file_name().unwrap_or(OsStr::new(what)));
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = rustix::fs::open(around, flags, Mode::empty())?;
    let new = AtomicFile::create(&folder, name)?;
    (&new.file).write_all(bytes)?;
    let owner = fs::metadata(around)?;
    sidecar::own(&new.file, owner.uid(), owner.gid())?;
    let mode = fs::metadata(document).map_or(USUAL_MODE, |file| file.mode() & 0o666);
    new.file.set_permissions(fs::Permissions::from_mode(mode))?;
    Ok(new.replace(name)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_read_again_by_whom_the_document_is_for() {
        let folder = tempfile::tempdir().unwrap();
        let document = folder.path().join("config.json");
        let location = Location::find(&document);
        assert_eq!(read(&location, "checks"), b"");
        write(&location, "checks", b"um").unwrap();
        fs::write(&document, "{}").unwrap();
        fs::set_permissions(&document, fs::Permissions::from_mode(0o640)).unwrap();
        write(&location, "checks", b"dois").unwrap();
        assert_eq!(read(&location, "checks"), b"dois");
        let mode = fs::metadata(folder.path().join("config.json.checks")).unwrap().mode();
        assert_eq!(mode & 0o777, 0o640);
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
