//! The files of an extension folder, read whole or refused; never waits on a FIFO or a device.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::CWD;

use super::error::{LoadError, io_message};
use crate::file::{self, Refused};
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
pub(super) fn text(path: &Path) -> Result<String, LoadError> {
    let whole = file::read(CWD, path, true, LARGEST).map_err(|refused| {
        let message = match refused {
            Refused::NotRegular(_) => localized!("não é um arquivo comum", "is not a regular file"),
            Refused::TooLarge => localized!("é grande demais; até {} bytes", "is too large; up to {} bytes", LARGEST),
            Refused::Io(error) => {
                let reason = io_message(&error);
                Localized::each(|lang| {
                    say!(lang, "o arquivo não pode ser lido: {}", "the file cannot be read: {}", reason.of(lang))
                })
            }
        };
        LoadError::of_file(path, message)
    })?;
    json::text(&whole.bytes).map(str::to_owned).map_err(|error| LoadError::in_bytes(path, &whole.bytes, error))
}
