//! Edits that were not saved, kept so that nothing is lost: one file a form, in `CONFIG.drafts/`.
//!
//! A draft has the changes and the document that they were made on, so that they can be merged into what the file holds
//! by then. Every store replaces the file atomically and syncs it. Where the folder beside the document cannot be written,
//! drafts go to another one ([`DraftLocations`]). A broken draft is reported and never applied. The folder has mode 0700 and
//! the drafts 0600 (`sidecar`).
//!
//! Whose a draft is, its file's owner tells, never what it says. No path in a draft is followed: files are read and removed
//! in a folder that is held open, and removed only while they are still what was shown.

mod list;
mod locations;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::io::Errno;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::accounts::{self, is_me};
use super::folder::Folder;
use super::history::History;
use super::identity::{self, Identity};
use super::location::{Location, Way};
use super::merge::{self, Merge};
use super::sharing::Sharing;
use super::sidecar::{self, writable};
use super::timestamp::Timestamp;
use super::{Changes, Document, ReadError, atomic_file};
use crate::catalog::Catalog;
use crate::errno;
use crate::file::{self, Whole};
use crate::key::Key;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::{safe, say};

pub use list::{Others, of_others};
pub use locations::{DraftLocations, folder};

/// A draft. Its fields that are not skipped are the file's, in this order: the checksum is over them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Draft {
    #[serde(skip)]
    pub file: PathBuf,
    #[serde(flatten)]
    pub who: Identity,
    boot: Option<String>,
    process_started: Option<u64>,
    /// When the form was opened.
    pub started: Timestamp,
    /// When the changes were last stored.
    pub updated: Timestamp,
    /// The document they are for, symlinks resolved.
    pub document: PathBuf,
    /// A checksum of the file; tells whether it is still the same.
    sum: String,
    /// What the document held; `None` where there was none.
    pub base: Option<String>,
    #[serde(serialize_with = "write_changes", deserialize_with = "read_changes")]
    pub changes: Changes,
    /// The files that it says it has absorbed, with their sums.
    #[serde(rename = "absorbed")]
    claims: BTreeMap<PathBuf, String>,
    /// Drafts whose edits were recovered into this one; not offered as long as neither has changed.
    #[serde(skip)]
    pub absorbed: Vec<Draft>,
    /// True where the form that makes it is still open.
    #[serde(skip)]
    pub open_elsewhere: bool,
    /// Where the document is, for one that is to be stored.
    #[serde(skip)]
    location: Option<Location>,
    /// True where it is not kept beside the document.
    #[serde(skip)]
    is_elsewhere: bool,
    /// The folder that its file is in, once there is one.
    #[serde(skip)]
    folder: Option<Arc<Folder>>,
    /// The account that the file belongs to, where it was found.
    #[serde(skip)]
    owner: Option<u32>,
}

/// What was found in place of a draft.
#[derive(Debug)]
pub struct Broken {
    /// The file, or the folder of drafts.
    pub path: PathBuf,
    pub why: Why,
}

/// Why there is no draft.
#[derive(Debug)]
pub enum Why {
    /// The file cannot be read.
    Unreadable(io::Error),
    /// It was read, and does not hold a draft.
    Damaged,
    /// It is whole, and something else.
    NoDraft,
    /// The folder cannot be used.
    NoFolder(io::Error),
    /// The folder's disk did not answer in time.
    Silent,
    /// The folder has so many more files of drafts, which were not read.
    Unread(usize),
}

/// Tells a key that goes back to its default from one that is set to `null`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Assignment {
    Set(Value),
    Unset,
}

const END: &str = ".json";

/// The largest draft that is read of a document with so many bytes: one holds its document as a JSON string, at worst twice
/// as long, and changes, of which a thousand are less than the rest.
fn most_bytes(document: usize) -> u64 {
    (1 << 20) + 2 * document as u64
}

impl Draft {
    /// A draft for a form that opens now. Nothing is written before the first [`Draft::store`].
    pub fn create(base: &Document, who: Identity, now: Timestamp) -> Draft {
        let user: String = who.user.chars().filter(char::is_ascii_alphanumeric).collect();
        let name = format!("{user}-{}-{}{END}", who.pid, atomic_file::random());
        Draft {
            file: folder(base.path()).join(name),
            started: now,
            updated: now,
            document: base.path().into(),
            base: base.exists().then(|| base.text().to_owned()),
            changes: Changes::new(),
            absorbed: vec![],
            open_elsewhere: false,
            boot: identity::boot(),
            process_started: identity::process(who.pid).map(|process| process.started),
            location: Some(base.location().clone()),
            is_elsewhere: false,
            folder: None,
            sum: String::new(),
            owner: None,
            claims: BTreeMap::new(),
            who,
        }
    }

    /// Replaces the stored changes; they are on the disk when it returns. Where the folder beside the document cannot be
    /// written, they go to the other one.
    pub fn store(&mut self, changes: &Changes, now: Timestamp, locations: &DraftLocations) -> io::Result<()> {
        if self.is_elsewhere {
            return self.store_elsewhere(changes, now, locations);
        }
        let beside = self.location.as_ref().map_or_else(|| Err(Errno::NOENT.into()), locations::make_beside);
        let path = folder(&self.document);
        let Err(error) = beside.and_then(|folder| self.put(path, Arc::new(folder), changes, now)) else {
            return Ok(());
        };
        let before = self.clone();
        if locations.fallback.is_none() {
            return Err(error);
        }
        self.store_elsewhere(changes, now, locations)?;
        // Not both must be offered.
        _ = before.discard();
        Ok(())
    }

    /// The same in the other folder at once: what the one beside the document does is not known.
    pub fn store_elsewhere(&mut self, changes: &Changes, now: Timestamp, locations: &DraftLocations) -> io::Result<()> {
        let (path, other) = locations.make()?.ok_or(Errno::NOENT)?;
        self.put(path, other, changes, now)?;
        self.is_elsewhere = true;
        Ok(())
    }

    fn put(&mut self, path: PathBuf, folder: Arc<Folder>, changes: &Changes, now: Timestamp) -> io::Result<()> {
        let draft = Draft { changes: changes.clone(), updated: now, ..self.clone() };
        let (sum, bytes) = draft.written()?;
        let name = self.name();
        writable(&folder)?.put(&name, &bytes, Sharing::PRIVATE)?;
        *self = Draft { file: path.join(name), folder: Some(folder), sum, ..draft };
        Ok(())
    }

    /// True where its file is on the disk, unchanged since it was stored or found.
    pub fn is_there(&self) -> bool {
        let most = most_bytes(self.base.as_ref().map_or(0, String::len));
        let now = self.folder.as_ref().and_then(|folder| read(folder, &self.name(), self.file.clone(), most).ok());
        now.is_some_and(|now| now.sum == self.sum)
    }

    /// On top of another document from now on: after a save, or after the file was read again.
    pub fn rebase(&mut self, base: &Document) {
        self.base = base.exists().then(|| base.text().to_owned());
    }

    /// Removes the file unless it has changed; one that is gone already is no error.
    pub fn discard(&self) -> io::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let name = self.name();
        let writable = writable(folder)?;
        // Leftovers of a killed store carry this draft's name, so no other form's are touched.
        atomic_file::sweep(writable, Some(OsStr::new(&name)));
        if self.is_there() { writable.remove(&name) } else { Ok(()) }
    }

    /// Removes it and those that it absorbed, once their edits are saved or given up; those of open forms stay. Errors: the
    /// files that could not be removed.
    pub fn discard_with_absorbed(&self) -> Vec<(PathBuf, io::Error)> {
        let mut left: Vec<_> = self.absorbed.iter().flat_map(Draft::discard_with_absorbed).collect();
        if !self.open_elsewhere
            && let Err(error) = self.discard()
        {
            left.push((self.file.clone(), error));
        }
        left
    }

    fn name(&self) -> String {
        self.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// All drafts that went into it: the files, each with its checksum.
    fn absorbed_files(&self) -> BTreeMap<PathBuf, String> {
        let mut files = BTreeMap::new();
        for draft in &self.absorbed {
            files.insert(draft.file.clone(), draft.sum.clone());
            files.extend(draft.absorbed_files());
        }
        files
    }

    /// Whose it is and how old: `ana (de 10.0.0.7), há 5 min`.
    pub fn origin(&self, now: Timestamp, lang: Lang) -> Safe {
        safe!("{}, {}", self.who.label(lang), self.updated.ago(now, lang))
    }

    /// The number of the version that its edits were made on, as far as the history knows.
    pub fn version(&self, history: &History) -> Option<u64> {
        history.number_of(self.base.as_deref()?)
    }

    /// What its edits were made on, where the history knows that.
    pub fn on(&self, version: Option<u64>, lang: Lang) -> Option<Safe> {
        match version {
            Some(number) => Some(say!(lang, "feito na versão {}", "made on version {}", number)),
            None if self.base.is_none() => {
                Some(say!(lang, "feito quando o arquivo não existia", "made when there was no file"))
            }
            None => None,
        }
    }

    /// The draft in that file, wherever it is and whose it is, of a document with so many bytes.
    pub fn read(file: &Path, document: usize) -> Result<Draft, Broken> {
        let broken = |error| Broken { path: file.into(), why: Why::Unreadable(error) };
        let missing = || broken(Errno::NOENT.into());
        let file = std::path::absolute(file).map_err(broken)?;
        let (Some(path), Some(name)) = (file.parent(), file.file_name()) else { return Err(missing()) };
        let way = Way::to_folder(path).map_err(|blocked| broken(blocked.into()))?;
        let folder = way.folder().map_err(broken)?.ok_or_else(missing)?;
        read(&folder, &name.to_string_lossy(), file.clone(), most_bytes(document))
    }

    /// The account that its file belongs to, where that is not the one that reads it.
    pub fn foreign_owner(&self) -> Option<String> {
        self.owner.filter(|owner| !is_me(*owner)).map(accounts::name)
    }

    /// True where it is a draft of the document at that resolved path. Drafts beside the document always are: it may have
    /// been moved together with them.
    pub fn is_of(&self, document: &Path) -> bool {
        self.document == document || self.file.parent() == Some(&folder(document))
    }

    /// Its changes merged into `today`, with what conflicts.
    pub fn merge(&self, today: &Document, catalog: &Catalog) -> Result<Merge, ReadError> {
        let base = match &self.base {
            Some(text) => Document::parse(&self.document, text.as_bytes(), catalog)?,
            None => Document::missing(&self.document),
        };
        Ok(merge::merge(&base, today, &self.changes, None, &[], catalog))
    }

    /// The file's contents, and their checksum.
    fn written(&self) -> io::Result<(String, Vec<u8>)> {
        let draft = Draft { claims: self.absorbed_files(), ..self.clone() };
        let sum = draft.checksum()?;
        Ok((sum.clone(), serde_json::to_vec_pretty(&Draft { sum, ..draft })?))
    }

    /// Over everything in the file but the checksum itself.
    fn checksum(&self) -> io::Result<String> {
        Ok(sidecar::sum(&serde_json::to_string(&Draft { sum: String::new(), ..self.clone() })?))
    }
}

fn write_changes<S: Serializer>(changes: &Changes, to: S) -> Result<S::Ok, S::Error> {
    let assignment = |value: &Option<Value>| value.clone().map_or(Assignment::Unset, Assignment::Set);
    to.collect_map(changes.iter().map(|(key, value)| (key.as_str(), assignment(value))))
}

fn read_changes<'de, D: Deserializer<'de>>(from: D) -> Result<Changes, D::Error> {
    let mut changes = Changes::new();
    for (key, assignment) in BTreeMap::<String, Assignment>::deserialize(from)? {
        let value = match assignment {
            Assignment::Set(value) => Some(value),
            Assignment::Unset => None,
        };
        changes.insert(Key::parse(&key).ok_or(D::Error::custom("not a key"))?, value);
    }
    Ok(changes)
}

impl PartialEq for Draft {
    /// The same file with the same contents.
    fn eq(&self, other: &Draft) -> bool {
        (&self.file, &self.sum) == (&other.file, &other.sum)
    }
}

/// Removes a broken file from a folder of drafts; one that is gone already is no error.
pub fn remove_broken(file: &Path) -> io::Result<()> {
    let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else { return Ok(()) };
    Way::to_folder(folder)?.folder()?.map_or(Ok(()), |folder| writable(&folder)?.remove(name))
}

/// That a draft's file could not be removed.
pub fn not_removed(file: &Path, error: &io::Error, lang: Lang) -> Safe {
    let (file, reason) = (Safe::path(file), errno::message(error, lang));
    say!(lang, "Não foi possível apagar o rascunho {}: {}.", "Could not remove the draft {}: {}.", file, reason)
}

/// Why the program does not end yet.
pub fn is_waited_for(lang: Lang) -> Safe {
    say!(
        lang,
        "O disco não responde; tentando guardar o rascunho também em outra pasta, por até 3 s.",
        "The disk does not answer; trying to keep the draft in another folder, too, for up to 3 s."
    )
}

/// Why edits could not be kept, by the system's number for it; `None` where the disk did not answer in time.
pub fn not_kept(reason: Option<i32>, lang: Lang) -> Safe {
    let reason = match reason {
        Some(number) => errno::message(&io::Error::from_raw_os_error(number), lang),
        None => say!(lang, "o disco não respondeu a tempo", "the disk did not answer in time"),
    };
    say!(lang, "Não foi possível guardar o rascunho: {}.", "Could not keep the draft: {}.", reason)
}

impl Broken {
    /// True for a file among drafts, which may be removed.
    pub fn is_file(&self) -> bool {
        matches!(self.why, Why::Unreadable(_) | Why::Damaged | Why::NoDraft)
    }

    pub fn message(&self, lang: Lang) -> Safe {
        let path = Safe::path(&self.path);
        match &self.why {
            Why::Unreadable(error) => {
                let reason = errno::message(error, lang);
                say!(lang, "Não foi possível ler o rascunho {}: {}.", "Could not read the draft {}: {}.", path, reason)
            }
            Why::Damaged => {
                say!(
                    lang,
                    "O rascunho {} está danificado e não é usado.",
                    "The draft {} is damaged and not used.",
                    path
                )
            }
            Why::NoDraft => {
                say!(lang, "{} não é um rascunho.", "{} is not a draft.", path)
            }
            Why::NoFolder(error) => {
                let reason = errno::message(error, lang);
                say!(
                    lang,
                    "Não foi possível usar a pasta de rascunhos {}: {}.",
                    "Could not use the folder of drafts {}: {}.",
                    path,
                    reason
                )
            }
            Why::Silent => say!(
                lang,
                "A pasta de rascunhos {} não respondeu; não se sabe se há rascunhos nela.",
                "The folder of drafts {} did not answer; it may hold drafts.",
                path
            ),
            Why::Unread(1) => say!(
                lang,
                "Mais 1 rascunho em {} não foi lido: são muitos ou grandes demais, ou o arquivo tem outros nomes.",
                "1 more draft in {} was not read: they are too many or too large, or the file has other names.",
                path
            ),
            Why::Unread(count) => say!(
                lang,
                "Mais {} rascunhos em {} não foram lidos: são muitos ou grandes demais, ou os arquivos têm outros \
                 nomes.",
                "{} more drafts in {} were not read: they are too many or too large, or the files have other names.",
                *count,
                path
            ),
        }
    }
}

fn read(folder: &Arc<Folder>, name: &str, file: PathBuf, most: u64) -> Result<Draft, Broken> {
    let whole = || {
        let Whole { bytes, file } = file::read_beside(&**folder, Path::new(name), most)?;
        Ok((bytes, file.metadata()?.uid()))
    };
    match whole() {
        Ok((bytes, owner)) => {
            let held = Some(Arc::clone(folder));
            let found = draft(&bytes, &file).map(|draft| Draft { folder: held, owner: Some(owner), ..draft });
            found.ok_or_else(|| Broken { path: file, why: if is_other(&bytes) { Why::NoDraft } else { Why::Damaged } })
        }
        Err(error) => Err(Broken { path: file, why: Why::Unreadable(error) }),
    }
}

/// True for the JSON of something else, a document say.
fn is_other(bytes: &[u8]) -> bool {
    let object: Result<serde_json::Map<String, Value>, _> = serde_json::from_slice(bytes);
    object.is_ok_and(|object| !object.contains_key("sum"))
}

fn draft(bytes: &[u8], file: &Path) -> Option<Draft> {
    let draft: Draft = serde_json::from_slice(bytes).ok()?;
    if draft.checksum().ok()? != draft.sum {
        return None;
    }
    // The process id alone is not enough: ids are reused, also after a restart.
    let alive = draft.boot.is_some() && draft.boot == identity::boot() && draft.process_started.is_some();
    let started = identity::process(draft.who.pid).map(|process| process.started);
    let open_elsewhere = alive && started == draft.process_started;
    Some(Draft { file: file.into(), open_elsewhere, ..draft })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_of_another_run_or_with_an_id_that_was_used_again_is_not_the_form() {
        let mine = Draft::create(
            &Document::missing(Path::new("/nowhere/config.json")),
            Identity { pid: std::process::id(), ..Identity::default() },
            Timestamp::default(),
        );
        let is_open = |draft: &Draft| {
            let (_, bytes) = draft.written().unwrap();
            super::draft(&bytes, &draft.file).unwrap().open_elsewhere
        };
        assert!(is_open(&mine));
        assert!(!is_open(&Draft { boot: Some("another".into()), ..mine.clone() }));
        assert!(!is_open(&Draft { boot: None, ..mine.clone() }));
        assert!(!is_open(&Draft { process_started: mine.process_started.map(|ticks| ticks + 1), ..mine.clone() }));
    }
}
