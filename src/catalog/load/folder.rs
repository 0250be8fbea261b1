//! The files of an extension folder, read whole or refused; within bounds, and never waiting on a FIFO or a device.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::{LoadError, io_message};
use crate::file::{self, Refused};
use crate::json;
use crate::lang::Localized;
use crate::safe::Safe;
use crate::{localized, say};

/// In bytes. A catalog has some kilobytes; reading what is larger would only cost memory.
const LARGEST: u64 = 1024 * 1024;

/// Of all catalogs together, in bytes: what is made of them takes many times as much.
const LARGEST_ALTOGETHER: u64 = 2 * LARGEST;

/// Files in the folder; one for each program and device of a counter are some ten.
const MOST_FILES: usize = 100;

/// Names that are looked at for them.
const MOST_NAMES: usize = 10_000;

/// The folder's `*.json`, by name. Names that start with a dot are editors' leftovers and are passed over.
/// A folder that does not exist is empty unless `required`.
pub(super) fn files(folder: &Path, required: bool) -> Result<Vec<PathBuf>, LoadError> {
    let failed = |error: io::Error| {
        let reason = io_message(&error);
        let message =
            |lang| say!(lang, "a pasta não pode ser lida: {}", "the folder cannot be read: {}", reason.of(lang));
        LoadError::of_file(folder, Localized::each(message))
    };
    let too_many = |most| {
        let message =
            localized!("há arquivos demais na pasta; até {}", "there are too many files in the folder; up to {}", most);
        Err(LoadError::of_file(folder, message))
    };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => match fs::read_link(folder) {
            Ok(target) => {
                let target = Safe::path(&target);
                let message =
                    localized!("é um link para {}, que não existe", "is a link to {}, which does not exist", target);
                return Err(LoadError::of_file(folder, message));
            }
            Err(_) if required => return Err(failed(error)),
            Err(_) => return Ok(vec![]),
        },
        other => other.map_err(failed)?,
    };
    let mut files = Vec::new();
    for (number, entry) in entries.enumerate() {
        if number == MOST_NAMES {
            return too_many(MOST_NAMES);
        }
        let name = entry.map_err(failed)?.file_name();
        let bytes = name.as_encoded_bytes();
        if bytes.ends_with(b".json") && !bytes.starts_with(b".") {
            files.push(folder.join(name));
        }
    }
    if files.len() > MOST_FILES {
        return too_many(MOST_FILES);
    }
    files.sort();
    Ok(files)
}

/// The file's text, or what is wrong with it and, where that can be told, at which line and column. `before` is what the
/// files before it have, in bytes.
pub(super) fn text(path: &Path, before: u64) -> Result<String, LoadError> {
    let left = LARGEST_ALTOGETHER.saturating_sub(before);
    let whole = file::read_at(path, LARGEST.min(left)).map_err(|refused| {
        let message = match refused {
            Refused::NotRegular(_) => localized!("não é um arquivo comum", "is not a regular file"),
            Refused::TooLarge if left < LARGEST => localized!(
                "os catálogos juntos são grandes demais; até {} bytes",
                "the catalogs together are too large; up to {} bytes",
                LARGEST_ALTOGETHER
            ),
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
