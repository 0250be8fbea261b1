//! The JSON file that the counter program reads: its text, where each value stands in it, and what changes.
//!
//! A document is never half-read: [`Document::read`] gives all of it or says what is wrong and where. An edit
//! changes the bytes of that value alone; everything else keeps its bytes.

pub mod edit;
pub mod read;
pub mod save;
pub mod validate;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::catalog::Catalog;
use crate::key::Key;
pub use read::ReadError;
pub use save::{SaveError, Saved};

/// What is to become of parameters: a new value, or `None` to take the key out (back to the default).
pub type Changes = BTreeMap<Key, Option<Value>>;

/// A config document as read, or with changes applied.
#[derive(Clone, Debug)]
pub struct Document {
    path: PathBuf,
}

impl Document {
    /// Reads the document at `path`, following symlinks. A missing file is an empty document.
    pub fn read(_path: &Path, _catalog: &Catalog) -> Result<Document, ReadError> {
        todo!()
    }

    /// Reads a document from bytes, as if they stood at `path`.
    pub fn parse(_path: &Path, _bytes: &[u8], _catalog: &Catalog) -> Result<Document, ReadError> {
        todo!()
    }

    /// The path with symlinks resolved: the file that a save replaces.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// True where the file exists (or existed when read).
    pub fn exists(&self) -> bool {
        todo!()
    }

    /// The whole text, as read or as it would be saved.
    pub fn text(&self) -> &str {
        todo!()
    }

    /// The value that the document itself sets.
    pub fn value(&self, _key: &Key) -> Option<Value> {
        todo!()
    }

    /// Where the value of `key` stands: line and column from 1, columns in characters.
    pub fn place(&self, _key: &Key) -> Option<(usize, usize)> {
        todo!()
    }

    /// The document with the changes made; only their bytes differ.
    pub fn with(&self, _changes: &Changes) -> Document {
        todo!()
    }
}
