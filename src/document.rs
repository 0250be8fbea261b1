//! The JSON file that the counter program reads: its text, where each value stands in it, and what changes.
//!
//! A document is never half-read: [`Document::read`] gives all of it or an error with its place. An edit changes the bytes
//! of that value alone. What the values mean is the catalog's business; here they are JSON.
//!
//! `location` finds where the file is, once, and `folder` holds what it is in; `read` reads it, `edit` changes the text, `validate` checks it against the catalog, `save` writes it
//! (`attributes`: what the new file keeps of the old one; `access`: whether a save could succeed).
//!
//! `saver` is the only way to save: under the `lock`, through the three-way `merge`, with a version in the `history`; `restore` does the same
//! where the file is broken. Edits that were not saved are kept as a `draft`. `diff` compares two documents; `identity` and `timestamp` label what is kept;
//! `syslog` tells the machine's log of every save.

pub mod access;
pub(crate) mod accounts;
pub mod argument;
mod atomic_file;
mod attributes;
pub mod broken;
pub mod cache;
pub mod diff;
pub mod draft;
pub mod edit;
pub mod folder;
pub mod foreign;
pub mod history;
pub mod identity;
pub mod location;
pub mod lock;
pub mod merge;
pub mod read;
pub mod restore;
pub mod save;
pub mod saver;
mod sharing;
mod sidecar;
pub mod syslog;
pub mod timestamp;
pub mod validate;
pub mod watch;
pub mod zone;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use crate::catalog::Catalog;
use crate::json::{self, Member, Object, Shape, place};
use crate::key::Key;
pub use location::Location;
pub use read::ReadError;
use read::{Reason, Refusal};
pub use save::{SaveError, Saved};
pub use saver::Saver;

/// New values by key; `None` takes the key out of the document, so that the default holds.
pub type Changes = BTreeMap<Key, Option<Value>>;

/// Where the package installs the schema of the built-in catalog; a new document names it in `$schema` where it exists.
pub const INSTALLED_SCHEMA: &str = "/usr/share/balcao-config/schema.json";

/// A document is a few kilobytes; whatever is larger than this was put there by mistake, and reading it whole would only
/// take the counter's memory.
pub const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// The only `version` of the document's shape so far.
const VERSION: &str = "1";

/// A config document as read, or with changes applied. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Document {
    location: Location,
    /// How many names the file had that was read. By what was read, not by name: another may stand there by now.
    names: u64,
    /// The file's text when it was read; `None` where there was no file. A save checks that it is still the same.
    base: Option<Arc<str>>,
    text: Arc<str>,
    /// `None` for a document without text: the file is missing and nothing was set.
    index: Option<Arc<Object>>,
    /// What a new document names in `$schema`. Looked up when reading, so that editing needs no file system.
    schema: Option<&'static str>,
}

impl Document {
    /// Reads a document from bytes, as if they stood at `path`.
    pub fn parse(path: &Path, bytes: &[u8], catalog: &Catalog) -> Result<Document, ReadError> {
        if bytes.len() as u64 > MAX_BYTES {
            return Err(ReadError::of_file(path, Reason::TooLarge));
        }
        let read = || -> Result<Document, Refusal> {
            let text = json::text(bytes)?;
            let index = json::read(text)?;
            check_version(text, &index)?;
            check_groups(text, &index, catalog)?;
            let text: Arc<str> = text.into();
            Ok(Document { base: Some(text.clone()), text, index: Some(Arc::new(index)), ..Document::missing(path) })
        };
        read().map_err(|refusal| ReadError::in_bytes(path, bytes, refusal))
    }

    /// A document whose file does not exist, at a path that is taken as it is; names no schema.
    pub fn missing(path: &Path) -> Document {
        Document::absent(Location::nowhere(path))
    }

    fn absent(location: Location) -> Document {
        Document { location, names: 1, base: None, text: "".into(), index: None, schema: None }
    }

    /// Where it is.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// The path with symlinks resolved: the file that a save replaces.
    pub fn path(&self) -> &Path {
        self.location.path()
    }

    /// The path as it was given.
    pub fn named(&self) -> &Path {
        self.location.named()
    }

    /// True where the file exists (or existed when read).
    pub fn exists(&self) -> bool {
        self.base.is_some()
    }

    /// True where the text is not what was read, so that a save would write.
    pub fn is_changed(&self) -> bool {
        *self.text != *self.base.as_deref().unwrap_or_default()
    }

    /// The whole text, as read or as it would be saved. Empty where the file is missing and nothing was set.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value that the document itself sets.
    pub fn value(&self, key: &Key) -> Option<Value> {
        Some(self.member(key)?.json(&self.text))
    }

    /// True where the document itself sets the key.
    pub fn has(&self, key: &Key) -> bool {
        self.member(key).is_some()
    }

    /// Where the value of `key` stands: line and column from 1, columns in characters.
    pub fn place(&self, key: &Key) -> Option<(usize, usize)> {
        self.member(key).map(|member| place::of(&self.text, member.value.start()))
    }

    /// The same document after a save: its text is now what the file holds.
    pub fn saved(&self) -> Document {
        let mut saved = self.clone();
        if self.is_changed() {
            saved.base = Some(self.text.clone());
        }
        saved
    }

    fn member(&self, key: &Key) -> Option<&Member> {
        self.index.as_ref()?.get(&self.text, key.group())?.inner.as_ref()?.get(&self.text, key.name())
    }
}

/// A missing version is 1; anything but the integer 1 was made for another program.
fn check_version(text: &str, top: &Object) -> Result<(), Refusal> {
    let Some(member) = top.get(text, "version") else { return Ok(()) };
    let written = member.value.of(text);
    if written == VERSION {
        return Ok(());
    }
    let newer = member.json(text).as_f64().is_some_and(|version| version > 1.0);
    let written = written.to_owned();
    let reason = if newer { Reason::NewerVersion(written) } else { Reason::OtherVersion(written) };
    Err(Refusal::at(member.value.start(), reason).about("version"))
}

fn check_groups(text: &str, top: &Object, catalog: &Catalog) -> Result<(), Refusal> {
    let members = catalog.groups().iter().filter_map(|group| Some((group, top.get(text, &group.id)?)));
    // The first in the text, not in the catalog: people fix a file from top to bottom.
    let wrong = members.filter(|(_, member)| member.inner.is_none()).min_by_key(|(_, member)| member.value.start());
    wrong.map_or(Ok(()), |(group, member)| {
        let shape = Shape::of(member.value.of(text));
        Err(Refusal::at(member.value.start(), Reason::GroupNotObject(shape)).about(&group.id))
    })
}
