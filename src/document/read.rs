//! Reads a document at its location.

mod error;
mod reason;

use std::io;
use std::path::Path;

use super::broken::Offered;
use super::history::{Entry, History, Kind};
use super::location::Location;
use super::validate::validate;
use super::{Document, INSTALLED_SCHEMA, MAX_BYTES};
use crate::catalog::{Catalog, Level};
use crate::file::Refused;
pub(super) use error::Refusal;
pub use error::{ReadError, Reason};

impl Document {
    /// Reads the document at `path`, following symlinks. A missing file is an empty document.
    ///
    /// Groups of `catalog` must be objects; its parameters are not validated here (see [`validate`](super::validate)).
    pub fn read(path: &Path, catalog: &Catalog) -> Result<Document, ReadError> {
        Document::at(&Location::find(path), catalog)
    }

    /// The same at a location that was found.
    pub fn at(location: &Location, catalog: &Catalog) -> Result<Document, ReadError> {
        let schema = || Path::new(INSTALLED_SCHEMA).is_file().then_some(INSTALLED_SCHEMA);
        match Document::file(location, catalog)? {
            Some(document) => Ok(document),
            None if location.is_astray() => {
                Err(ReadError::of_file(location.named(), Reason::Astray(location.path().to_owned())))
            }
            None => Ok(Document { schema: schema(), ..Document::absent(location.clone()) }),
        }
    }

    /// Reads the same file again: the one that a save would replace.
    pub fn read_again(&self, catalog: &Catalog) -> Result<Document, ReadError> {
        let read = Document::file(&self.location, catalog)?.unwrap_or_else(|| Document::absent(self.location.clone()));
        Ok(Document { schema: self.schema, ..read })
    }

    /// The same document, for the place that its path leads to by now.
    pub fn found_again(&self) -> Document {
        let location = self.location.moved().unwrap_or_else(|| self.location.clone());
        Document { location, ..self.clone() }
    }

    /// The document in the file; `None` where there is no file. One that cannot be read offers the newest version of the
    /// history that can.
    fn file(location: &Location, catalog: &Catalog) -> Result<Option<Document>, ReadError> {
        let named = location.named();
        if let Some(error) = ReadError::blocked(location) {
            return Err(error);
        }
        let read = || {
            let folder = location.folder().map_err(|error| ReadError::of_file(named, error.into()))?;
            let Some(folder) = folder else { return Ok(None) };
            match folder.read(location.name(), MAX_BYTES) {
                Ok(whole) => {
                    let names = rustix::fs::fstat(&whole.file).map_or(1, |stat| stat.st_nlink);
                    Ok(Some(Document { names, ..Document::parse(named, &whole.bytes, catalog)? }))
                }
                Err(Refused::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(ReadError::of_file(named, error.into())),
            }
        };
        match read() {
            Ok(read) => Ok(read.map(|document| Document { location: location.clone(), ..document })),
            Err(error) => Err(error.at(location, offered(location, catalog))),
        }
    }
}

/// The version that may replace a document that is broken: the newest that is whole, and that a save would take.
fn offered(location: &Location, catalog: &Catalog) -> Option<Offered> {
    let is_valid = |entry: &Entry| {
        let document = entry.document(catalog);
        document.is_ok_and(|it| validate(&it, catalog).known.iter().all(|(finding, _)| finding.level() != Level::Error))
    };
    let Entry { number, time, kind, who, .. } = History::of(location).newest(is_valid)?;
    Some(Offered { number, time, who: (kind != Kind::EditedOutside).then_some(who) })
}
