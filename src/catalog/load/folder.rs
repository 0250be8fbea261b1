//! The files of an extension folder, read whole or refused; never waits on a FIFO or a device.

use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::error::{LoadError, Reason};
use crate::json;

/// A catalog is some kilobytes; what is larger is no catalog, and would only cost memory.
const LARGEST: u64 = 1024 * 1024;

/// The folder's `*.json`, by name. Names that start with a dot are editors' leftovers and are passed over.
/// A folder that does not exist is empty unless `required`.
pub(super) fn files(folder: &Path, required: bool) -> Result<Vec<PathBuf>, LoadError> {
    let failed =
        |error| LoadError { file: folder.to_path_buf(), place: None, path: vec![], reason: Reason::Folder(error) };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && !required => return Ok(vec![]),
        other => other.map_err(failed)?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let name = entry.map_err(failed)?.file_name();
        let bytes = name.as_encoded_bytes();
        if bytes.ends_with(b".json") && !bytes.starts_with(b".") {
            files.push(folder.join(name));
        }
    }
    files.sort();
    Ok(files)
}

/// The file's text, or what is wrong with it and, where that can be told, at which line and column.
pub(super) fn text(file: &Path) -> Result<String, LoadError> {
    let refused = |reason| LoadError { file: file.to_path_buf(), place: None, path: vec![], reason };
    let bytes = bytes(file).map_err(refused)?;
    json::text(&bytes).map(str::to_owned).map_err(|error| LoadError::in_bytes(file, &bytes, error))
}

fn bytes(file: &Path) -> Result<Vec<u8>, Reason> {
    if !fs::metadata(file).map_err(Reason::File)?.is_file() {
        return Err(Reason::NotAFile);
    }
    // Asked again of what was opened, and opened without waiting: the name may mean something else by now.
    let nonblocking = OFlags::NONBLOCK.bits().cast_signed();
    let open = OpenOptions::new().read(true).custom_flags(nonblocking).open(file).map_err(Reason::File)?;
    if !open.metadata().map_err(Reason::File)?.is_file() {
        return Err(Reason::NotAFile);
    }
    let mut bytes = Vec::new();
    open.take(LARGEST + 1).read_to_end(&mut bytes).map_err(Reason::File)?;
    if bytes.len() as u64 > LARGEST { Err(Reason::TooLarge(LARGEST)) } else { Ok(bytes) }
}
