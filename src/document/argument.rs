//! Reads a document that an argument names: a regular file by the same way as any document, or what comes through a pipe or
//! device.
//!
//! Root follows no link of another's here either: what is read may be set in a document that others can read.

use std::io::ErrorKind;
use std::path::Path;

use super::location::Location;
use super::read::ReadError;
use super::{Document, MAX_BYTES};
use crate::catalog::Catalog;
use crate::file::{self, Refused};

/// The document at that path, or with `-` that of stdin; `None` where there is nothing of that name. It may take as long as
/// it takes to come.
pub fn document(named: &Path, catalog: &Catalog) -> Result<Option<Document>, ReadError> {
    let location = Location::find(named);
    let read = match descriptor(named) {
        Some(0) => file::stdin(MAX_BYTES),
        // Of one's own, whatever it is: the kernel leads there itself.
        Some(_) => file::given(named, MAX_BYTES),
        None => match (ReadError::blocked(&location), location.folder()) {
            (Some(blocked), _) => return Err(blocked),
            (None, Ok(Some(folder))) => file::given_in(&*folder, Path::new(location.name()), MAX_BYTES),
            (None, Ok(None)) => return Ok(None),
            (None, Err(error)) => Err(Refused::Io(error)),
        },
    };
    let read = match read {
        Err(Refused::Io(error)) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(refused) => Err(ReadError::of_file(named, refused.into())),
        Ok(bytes) => Document::parse(named, &bytes, catalog),
    };
    read.map(Some).map_err(|error| error.at(&location, None))
}

/// Which of this process's descriptors that is, by one of the names that it can be given.
pub fn descriptor(named: &Path) -> Option<u32> {
    let named = named.to_str()?;
    match named {
        "-" | "/dev/stdin" => Some(0),
        _ => named.strip_prefix("/dev/fd/").or_else(|| named.strip_prefix("/proc/self/fd/"))?.parse().ok(),
    }
}
