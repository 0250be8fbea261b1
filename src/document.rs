//! The JSON file that the counter program reads: its text, where each value stands in it, and what changes.
//!
//! A document is never half-read: [`Document::read`] gives all of it or says what is wrong and where. An edit
//! changes the bytes of that value alone; everything else keeps its bytes. What the values mean is the
//! catalog's business: here they are JSON.
//!
//! `file` finds and opens, `strict` and `syntax` read, `index` remembers where each value stands, `edit` changes
//! the text, `save` puts it on the disk (`attributes`: what the file keeps; `access`: whether it could be),
//! `validate` holds it against the catalog.
//!
//! Nothing is lost: a `saver` saves under the `lock`, through the three-way `merge`, with a version in the `history`;
//! what was not saved is kept as a `draft`. `diff` compares two documents, `identity` and `timestamp` label what is kept.

pub mod access;
mod atomic_file;
mod attributes;
pub mod cache;
pub mod diff;
pub mod draft;
pub mod edit;
mod errno;
mod file;
pub mod history;
pub mod identity;
pub mod lock;
pub mod merge;
pub mod read;
pub mod save;
pub mod saver;
mod sidecar;
pub mod timestamp;
pub mod validate;
pub mod zone;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use crate::catalog::Catalog;
use crate::json::{self, Member, Object, Shape, place};
use crate::key::Key;
pub use read::ReadError;
use read::{Reason, Refusal};
pub use save::{SaveError, Saved};
pub use saver::Saver;
use validate::Unknown;

/// What is to become of parameters: a new value, or `None` to take the key out (back to the default).
pub type Changes = BTreeMap<Key, Option<Value>>;

/// Where the package installs the schema of the built-in catalog; a new document names it in `$schema` where it exists.
pub const INSTALLED_SCHEMA: &str = "/usr/share/balcao-config/schema.json";

/// The only `version` of the document's shape so far.
const VERSION: &str = "1";

/// A config document as read, or with changes applied. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Document {
    named: PathBuf,
    path: PathBuf,
    /// What the file held when it was read; `None` where there was none. A save looks whether it still does.
    base: Option<Arc<str>>,
    text: Arc<str>,
    /// `None` for a document without text: the file is missing and nothing was set.
    index: Option<Arc<Object>>,
    /// What a new document names in `$schema`. Found out when reading, so that editing needs no file system.
    schema: Option<&'static str>,
}

impl Document {
    /// Reads the document at `path`, following symlinks. A missing file is an empty document.
    ///
    /// Groups of `catalog` must be objects; its parameters are not judged here (see [`validate::validate`]).
    pub fn read(path: &Path, catalog: &Catalog) -> Result<Document, ReadError> {
        let target = file::resolve(path).map_err(|reason| ReadError::of_file(path, reason))?;
        Document::at(&target, path, catalog)?.map_or_else(
            || {
                let schema = Path::new(INSTALLED_SCHEMA).is_file().then_some(INSTALLED_SCHEMA);
                Ok(Document { path: target.clone(), schema, ..Document::missing(path) })
            },
            Ok,
        )
    }

    /// What the same file holds now; symlinks are not followed anew, so that what is compared is what would be replaced.
    pub fn read_again(&self, catalog: &Catalog) -> Result<Document, ReadError> {
        let read = Document::at(&self.path, &self.named, catalog)?.unwrap_or_else(|| Document::missing(&self.named));
        Ok(Document { path: self.path.clone(), schema: self.schema, ..read })
    }

    /// The document in the file at a resolved path; `None` where there is no file. One that cannot be read offers the
    /// newest version of the history that can.
    fn at(target: &Path, named: &Path, catalog: &Catalog) -> Result<Option<Document>, ReadError> {
        let read = || {
            let bytes = file::bytes(target).map_err(|reason| ReadError::of_file(named, reason))?;
            bytes.map(|bytes| Document::parse(named, &bytes, catalog)).transpose()
        };
        match read() {
            Ok(read) => Ok(read.map(|document| Document { path: target.into(), ..document })),
            Err(error) => Err(error.offering(target, history::History::of(target).newest())),
        }
    }

    /// Reads a document from bytes, as if they stood at `path`.
    pub fn parse(path: &Path, bytes: &[u8], catalog: &Catalog) -> Result<Document, ReadError> {
        if bytes.len() as u64 > file::MAX_BYTES {
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
        Document { named: path.into(), path: path.into(), base: None, text: "".into(), index: None, schema: None }
    }

    /// The path with symlinks resolved: the file that a save replaces.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path as it was given.
    pub fn named(&self) -> &Path {
        &self.named
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

    /// The keys and groups that the catalog does not know, in the order of the text.
    pub fn unknown(&self, catalog: &Catalog) -> Vec<Unknown> {
        let mut places = place::Sweep::over(&self.text);
        let mut unknown = vec![];
        let members = self.index.iter().flat_map(|top| &top.members);
        for (name, member) in members.map(|member| (member.name(&self.text), member)) {
            if matches!(&*name, "$schema" | "version") {
                continue;
            }
            let Some(group) = member.inner.as_ref().filter(|_| catalog.group(&name).is_some()) else {
                unknown.push(Unknown { name: name.into_owned(), place: places.at(member.value.start()) });
                continue;
            };
            for entry in &group.members {
                let inner = entry.name(&self.text);
                if Key::new(&name, &inner).is_none_or(|key| catalog.parameter(&key).is_none()) {
                    unknown.push(Unknown { name: format!("{name}.{inner}"), place: places.at(entry.value.start()) });
                }
            }
        }
        unknown
    }

    /// The document as it stands after it was saved: what it holds now is what the file holds.
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

/// The file that the document at `path` is, symlinks followed, whether or not it exists or can be read.
pub fn resolved(path: &Path) -> Result<PathBuf, ReadError> {
    file::resolve(path).map_err(|reason| ReadError::of_file(path, reason))
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
    // The first in the text, not the first in the catalog: a person mends a file from its beginning.
    let wrong = members.filter(|(_, member)| member.inner.is_none()).min_by_key(|(_, member)| member.value.start());
    wrong.map_or(Ok(()), |(group, member)| {
        let shape = Shape::of(member.value.of(text));
        Err(Refusal::at(member.value.start(), Reason::GroupNotObject(shape)).about(&group.id))
    })
}
