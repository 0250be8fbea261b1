//! Reads catalogs: the one built in, and extensions beside the document.
//!
//! # The vocabulary
//! A catalog file is a JSON Schema (draft 2020-12) cut down to what is listed here. Anything else in it is an error,
//! with its line: nobody finds a mistyped keyword that is silently ignored. `$comment` may stand anywhere.
//!
//! | where | keywords |
//! | --- | --- |
//! | file | `properties` (the groups); `type`: `object`; `$schema`, `$id`, `title`, `description` (for people and editors); `x-balcao` |
//! | file, `x-balcao` | `section`: `id`, `title`, `en.title`: the section of all groups in this file. The built-in catalog alone declares sections |
//! | group | `title`, `properties` (the parameters), `type`: `object`, `x-balcao` |
//! | group, `x-balcao` | `section` (an id), `order`, `synonyms`, `en.title`, `en.synonyms` |
//! | parameter | `title`, `description`, `type` (`boolean`, `integer`, `string`), `default`, `x-balcao` |
//! | integer | `minimum`, `maximum` |
//! | string | `maxLength` (characters), `format` (one of `FORMATS`), `pattern` (see [`super::pattern`]) |
//! | integer, string | `enum` in the place of bounds and format |
//! | parameter, `x-balcao` | `order`, `widget`, `requires`, `differs`, `check`, `labels`, `pattern_help`, `synonyms`, `default_help`, `change_help`, `en` |
//! | parameter, `en` | `title`, `description`, `default_help`, `change_help`, `labels`, `pattern_help`, `synonyms` |
//! | parameter, `check` | `probe` (`host`, `postgres`, `http`, `image`, `folder`, `device`), `target`, `host`, `when` |
//!
//! - Needed: a parameter's `title`, `type` and `default`; of a new group, `title` and its section.
//! - Texts are pt-BR; those under `en` are their translations, and where one is missing the Portuguese is shown.
//!   `description` says what the parameter is, `default_help` what its default means, `change_help` when to change it.
//! - `order` sorts groups within their section and parameters within their group; those without come last, in the
//!   order of files and lines. The built-in ones count in tens.
//! - `labels` are what is shown for the values of `enum`, one for each, in the same order.
//! - `pattern_help` says what a text is that fits `pattern`, as it stands after “deve ser”, best with an example. Such a text has at
//!   most 1,000 characters.
//! - `widget` is how the form shows the parameter: `checkbox` for a boolean, `choice` for an `enum`, else `field`.
//! - `requires` names a boolean parameter that must be `true` for this boolean to be `true`; `differs` one of the same
//!   type whose value must be another; `check.host` the parameter that holds the host of a `postgres` or `http` probe,
//!   `check.when` a boolean one: while it is `false`, nothing is tested. All may be in other groups and other files.
//! - Group and parameter names are `[a-z][a-z0-9_]*`.

mod error;
mod folder;
mod keywords;
mod link;
mod read;
mod row;
mod table;
#[cfg(test)]
mod tests;

use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use error::FileErrors;
pub use error::{LoadError, LoadErrors};
use folder::Folder;
use link::Assembly;
use row::{GroupRow, ParameterRow, SectionRow};

use super::Catalog;
use crate::file;
use crate::json::{self, Object, place};
use crate::localized;
use crate::sort;

impl Catalog {
    /// The built-in catalog alone. Its data is part of the program; a test shows that it has no errors.
    pub fn built_in() -> Catalog {
        Catalog::of(
            table::SECTIONS.iter().map(SectionRow::section).collect(),
            table::GROUPS.iter().map(GroupRow::group).collect(),
            table::PARAMETERS.iter().filter_map(ParameterRow::parameter).collect(),
        )
    }

    /// The built-in catalog and the `*.json` of a folder that was named, in the order of their names. With one error there is
    /// no catalog.
    pub fn load(extensions: &Path) -> Result<Catalog, LoadErrors> {
        let path = extensions.to_owned();
        answered(extensions, move || read_all(&Folder::named(&path)?)).and_then(Sources::assemble)
    }

    /// The same of `name` in the folder of a document, which is held open; without it, the built-in catalog. A link there is
    /// followed where it is root's or of whoever runs the program. `path` is both, for words.
    pub fn beside<F>(folder: Arc<F>, path: &Path) -> Result<Catalog, LoadErrors>
    where
        F: AsFd + Send + Sync + 'static,
    {
        let name = PathBuf::from(path.file_name().unwrap_or_default());
        let is_mounted = file::not_mounted(&*folder, &name).is_err();
        let asked = path.to_owned();
        let read = move || match Folder::beside(&*folder, &name, &asked)? {
            Some(extensions) => read_all(&extensions),
            None => Ok(Sources::default()),
        };
        // Where another disk is mounted: one that hangs is known by that alone.
        let read = if is_mounted { answered(path, read) } else { read().map_err(LoadErrors::one) };
        read.and_then(Sources::assemble)
    }
}

/// What a disk answers in time.
fn answered(
    path: &Path,
    read: impl FnOnce() -> Result<Sources, LoadError> + Send + 'static,
) -> Result<Sources, LoadErrors> {
    let read = file::within(file::PATIENCE, move || Ok(read()));
    read.unwrap_or_else(|error| Err(folder::unreadable(path, &error))).map_err(LoadErrors::one)
}

/// Extension files as they were read, and those that could not be.
#[derive(Default)]
struct Sources {
    read: Vec<(PathBuf, String)>,
    errors: Vec<LoadError>,
}

fn read_all(folder: &Folder) -> Result<Sources, LoadError> {
    let (mut sources, mut bytes) = (Sources::default(), 0);
    for name in folder.names()? {
        match folder.text(&name, bytes) {
            Ok(text) => {
                bytes += text.len() as u64;
                sources.read.push((folder.path_of(&name), text));
            }
            Err(error) => sources.errors.push(error),
        }
    }
    Ok(sources)
}

impl Sources {
    fn assemble(mut self) -> Result<Catalog, LoadErrors> {
        if self.read.is_empty() && self.errors.is_empty() {
            return Ok(Catalog::built_in());
        }
        let (catalog, more) = assemble(&self.read);
        self.errors.extend(more);
        // Stable: within a file they are in order already.
        sort::sort_by(&mut self.errors, |a, b| a.file.cmp(&b.file));
        if self.errors.is_empty() { Ok(catalog) } else { Err(LoadErrors(self.errors)) }
    }
}

/// Puts the built-in catalog and the extensions together. Where there are errors, the catalog is not to be used.
fn assemble(extensions: &[(PathBuf, String)]) -> (Catalog, Vec<LoadError>) {
    let mut assembly = Assembly::default();
    assembly.add_built_in();
    let mut errors = Vec::new();
    let mut of_files: Vec<FileErrors> = extensions.iter().map(|_| FileErrors::default()).collect();
    let mut roots = Vec::new();
    for (source, ((file, text), wrong)) in extensions.iter().zip(&of_files).enumerate() {
        match json::read(text) {
            Ok(root) => {
                assembly.add(source, file, read::contents(text, &root, wrong), false, wrong);
                roots.push((source, root));
            }
            Err(error) => errors.push(LoadError::in_bytes(file, text.as_bytes(), error)),
        }
    }
    let catalog = assembly.finish(&of_files);
    for (source, root) in roots {
        let (file, text) = &extensions[source];
        errors.extend(placed(file, text, &root, std::mem::take(&mut of_files[source])));
    }
    (catalog, errors)
}

/// Errors shown for one file; finding the place of each takes a walk through the text, and nobody reads more.
const MOST_TOLD: usize = 100;

fn placed(file: &Path, text: &str, root: &Object, wrong: FileErrors) -> Vec<LoadError> {
    let wrong = wrong.into_list();
    let more = wrong.len().saturating_sub(MOST_TOLD);
    let placed = |(path, message): (Vec<String>, _)| {
        let place = Some(place::of(text, value_at(text, root, &path)));
        LoadError { file: file.to_path_buf(), place, path, message }
    };
    let mut errors: Vec<LoadError> = wrong.into_iter().take(MOST_TOLD).map(placed).collect();
    sort::sort_by_key(&mut errors, |error| error.place);
    if more > 0 {
        let place = errors.last().and_then(|error| error.place);
        errors.push(LoadError {
            place,
            ..LoadError::of_file(file, localized!("e mais {} erros", "and {} more errors", more))
        });
    }
    errors
}

/// Where the value at the end of the path begins, or the nearest object around it that there is.
fn value_at(text: &str, root: &Object, path: &[String]) -> usize {
    let (mut offset, mut object) = (root.span.start(), Some(root));
    for name in path {
        let Some(member) = object.and_then(|object| object.get(text, name)) else { break };
        offset = member.value.start();
        object = member.inner.as_deref();
    }
    offset
}
