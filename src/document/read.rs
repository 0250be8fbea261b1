//! Finds a document's file, symbolic links followed, and reads it.

mod error;
mod reason;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::CWD;

use super::history::History;
use super::{Document, INSTALLED_SCHEMA, MAX_BYTES};
use crate::catalog::Catalog;
use crate::file::{self, Refused};
pub(super) use error::Refusal;
pub use error::{ReadError, Reason};

/// As many links as Linux itself follows before it calls them a loop.
const MAX_LINKS: usize = 40;

impl Document {
    /// Reads the document at `path`, following symlinks. A missing file is an empty document.
    ///
    /// Groups of `catalog` must be objects; its parameters are not validated here (see [`validate`](super::validate::validate)).
    pub fn read(path: &Path, catalog: &Catalog) -> Result<Document, ReadError> {
        let target = resolved(path)?;
        Document::at(&target, path, catalog)?.map_or_else(
            || {
                let schema = Path::new(INSTALLED_SCHEMA).is_file().then_some(INSTALLED_SCHEMA);
                Ok(Document { path: target.clone(), schema, ..Document::missing(path) })
            },
            Ok,
        )
    }

    /// Reads the same file again. Symlinks are not resolved anew: this is the file that a save would replace.
    pub fn read_again(&self, catalog: &Catalog) -> Result<Document, ReadError> {
        let read = Document::at(&self.path, &self.named, catalog)?.unwrap_or_else(|| Document::missing(&self.named));
        Ok(Document { path: self.path.clone(), schema: self.schema, ..read })
    }

    /// The document in the file at a resolved path; `None` where there is no file. One that cannot be read offers the
    /// newest version of the history that can.
    fn at(target: &Path, named: &Path, catalog: &Catalog) -> Result<Option<Document>, ReadError> {
        let read = || match file::read(CWD, target, true, MAX_BYTES) {
            Ok(whole) => Document::parse(named, &whole.bytes, catalog).map(Some),
            Err(Refused::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ReadError::of_file(named, error.into())),
        };
        match read() {
            Ok(read) => Ok(read.map(|document| Document { path: target.into(), ..document })),
            Err(error) => Err(error.offering(target, History::of(target).newest())),
        }
    }
}

/// The file that the document at `path` is, symlinks followed, whether or not it or its folders exist or can be read: a
/// dangling link gives the target that a save would create.
pub fn resolved(path: &Path) -> Result<PathBuf, ReadError> {
    let absolute = std::path::absolute(path).map_err(Reason::from);
    absolute.and_then(|path| resolve_links(&path, &mut 0)).map_err(|reason| ReadError::of_file(path, reason))
}

fn resolve_links(path: &Path, links: &mut usize) -> Result<PathBuf, Reason> {
    match fs::canonicalize(path) {
        Ok(found) => return Ok(found),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Ok(path.to_owned()) };
    match fs::read_link(path) {
        Ok(_) if *links == MAX_LINKS => Err(Reason::LinkLoop),
        Ok(target) => {
            *links += 1;
            resolve_links(&folder.join(target), links)
        }
        Err(_) => Ok(resolve_links(folder, links)?.join(name)),
    }
}
