//! Puts a document in its file's place, whole or not at all.
use super::Document;
use crate::lang::Lang;
use crate::problem::Problem;
use std::path::PathBuf;
/// A save that would survive a power cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The file that was written, symlinks resolved.
    pub path: PathBuf,
    /// False where nothing had to be written.
    pub written: bool,
}
/// Why nothing was saved.
#[derive(Debug)]
pub struct SaveError {}
impl SaveError {
    /// As told to a person.
    pub fn problem(&self, _lang: Lang) -> Problem {
        todo!()
    }
}
/// Saves.
pub fn save(_document: &Document) -> Result<Saved, SaveError> {
    todo!()
}
