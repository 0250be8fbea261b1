//! The files of an extension folder, read whole or refused; never waits on a FIFO or a device.

use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::error::{LoadError, io_message};
use crate::json;
use crate::lang::Localized;
use crate::{localized, say};

/// In bytes. A catalog has some kilobytes; reading what is larger would only cost memory.
const LARGEST: u64 = 1024 * 1024;

/// The folder's `*.json`, by name. Names that start with a dot are editors' leftovers and are passed over.
/// A folder that does not exist is empty unless `required`.
pub(super) fn files(folder: &Path, required: bool) -> Result<Vec<PathBuf>, LoadError> {
    let failed = |error: io::Error| {
        let reason = io_message(&error);
        let message =
            |lang| say!(lang, "a pasta não pode ser lida: {}", "the folder cannot be read: {}", reason.of(lang));
        LoadError::of_file(folder, Localized::each(message))
    };
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
    let bytes = bytes(file).map_err(|message| LoadError::of_file(file, message))?;
    json::text(&bytes).map(str::to_owned).map_err(|error| LoadError::in_bytes(file, &bytes, error))
}

fn bytes(file: &Path) -> Result<Vec<u8>, Localized> {
    let failed = |error: io::Error| {
        let reason = io_message(&error);
        Localized::each(|lang| {
            say!(lang, "o arquivo não pode ser lido: {}", "the file cannot be read: {}", reason.of(lang))
        })
    };
    let regular = |metadata: io::Result<Metadata>| match metadata.map_err(failed)?.is_file() {
        true => Ok(()),
        false => Err(localized!("não é um arquivo comum", "is not a regular file")),
    };
    regular(fs::metadata(file))?;
    // Asked again of what was opened, and opened without waiting: the name may mean something else by now.
    let nonblocking = OFlags::NONBLOCK.bits().cast_signed();
    let open = OpenOptions::new().read(true).custom_flags(nonblocking).open(file).map_err(failed)?;
    regular(open.metadata())?;
    let mut bytes = Vec::new();
    open.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    match bytes.len() as u64 > LARGEST {
        true => Err(localized!("é grande demais; até {} bytes", "is too large; up to {} bytes", LARGEST)),
        false => Ok(bytes),
    }
}
