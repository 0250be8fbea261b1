//! Reads a document strictly: all of it, or what is wrong and where.
use crate::lang::Lang;
use crate::problem::Problem;
/// Why a document cannot be read.
#[derive(Debug)]
pub struct ReadError {}
impl ReadError {
    /// As told to a person.
    pub fn problem(&self, _lang: Lang) -> Problem {
        todo!()
    }
}
