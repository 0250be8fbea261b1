//! Reads catalogs: the one built in, and extensions beside the document.

use std::path::Path;

use super::Catalog;
use crate::lang::Lang;
use crate::problem::Problem;

/// Everything that is wrong with the catalog files, not only the first.
#[derive(Debug)]
pub struct LoadErrors {}

impl LoadErrors {
    /// As told to a person: file, line, reason; one cause for each error.
    pub fn problem(&self, _lang: Lang) -> Problem {
        todo!()
    }
}

impl Catalog {
    /// The built-in catalog alone. Its data is part of the program and held valid by the tests.
    pub fn built_in() -> Catalog {
        todo!()
    }

    /// The built-in catalog and the `*.json` of a folder, in the order of their names. A folder that does not
    /// exist adds nothing unless `required` (it was named by `--catalog`).
    pub fn load(_extensions: &Path, _required: bool) -> Result<Catalog, LoadErrors> {
        todo!()
    }
}
