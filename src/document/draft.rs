//! Edits that were not saved, kept so that nothing is lost: one file a form, in `CONFIG.drafts/`.
//!
//! A draft has the changes and the document that they were made on, so that they can be merged into what the file holds
//! by then. Every store puts a whole, synced file in the place of the last. Where the folder beside the document cannot be
//! written, drafts go to another that is handed in (`$XDG_STATE_HOME/balcao-config/`). A broken draft is told, and never
//! applied.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::merge::{self, Merge};
use super::moment::Moment;
use super::side::{self, SideFolder};
use super::who::{self, Who};
use super::{Changes, Document, ReadError, errno, unfinished};
use crate::catalog::Catalog;
use crate::key::Key;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;

/// Edits of one form.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Its file.
    pub file: PathBuf,
    /// Whose they are.
    pub who: Who,
    /// When the form was opened.
    pub started: Moment,
    /// When they were last stored.
    pub updated: Moment,
    /// The document they are for, symlinks resolved.
    pub document: PathBuf,
    /// What the document held; `None` where there was none.
    pub base: Option<String>,
    /// The edits.
    pub changes: Changes,
    /// True where the form that makes it is still open.
    pub open_elsewhere: bool,
    boot: Option<String>,
    process_started: Option<u64>,
}

/// A draft's file that cannot be read, or does not hold a draft.
#[derive(Debug)]
pub struct Broken {
    /// The file.
    pub path: PathBuf,
    /// The system's reason; `None` where it was read but does not hold a draft.
    pub source: Option<io::Error>,
}

/// A draft as its file has it.
#[derive(Serialize, Deserialize)]
struct Written {
    #[serde(flatten)]
    who: Who,
    boot: Option<String>,
    process_started: Option<u64>,
    started: String,
    updated: String,
    document: PathBuf,
    sum: String,
    base: Option<String>,
    changes: BTreeMap<String, Wish>,
}

/// Tells a key that goes back to its default from one that is set to `null`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wish {
    Set(Value),
    Unset,
}

const END: &str = ".json";

/// Where the drafts of a document belong, by its resolved path.
pub fn folder(document: &Path) -> PathBuf {
    side::beside(document, "drafts")
}

impl Draft {
    /// A draft for a form that opens now. Nothing is written before the first [`Draft::store`].
    pub fn create(base: &Document, who: Who, now: Moment) -> Draft {
        let user: String = who.user.chars().filter(char::is_ascii_alphanumeric).collect();
        let name = format!("{user}-{}-{}{END}", who.pid, unfinished::random());
        Draft {
            file: folder(base.path()).join(name),
            started: now,
            updated: now,
            document: base.path().into(),
            base: base.exists().then(|| base.text().to_owned()),
            changes: Changes::new(),
            open_elsewhere: false,
            boot: who::boot(),
            process_started: who::process(who.pid).map(|process| process.started),
            who,
        }
    }

    /// Keeps these changes in the place of those kept before; they are on the disk when it returns. Where the folder
    /// beside the document cannot be written, `fallback` takes them.
    pub fn store(&mut self, changes: &Changes, now: Moment, fallback: Option<&Path>) -> io::Result<()> {
        let draft = Draft { changes: changes.clone(), updated: now, ..self.clone() };
        let bytes = draft.bytes()?;
        let name = self.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let here = self.file.parent().unwrap_or(Path::new("/")).to_owned();
        let put = |folder: &Path| SideFolder::make(folder)?.put(&name, &bytes);
        match (put(&here), fallback) {
            (Ok(()), _) => *self = draft,
            (Err(_), Some(other)) if other != here => {
                put(other)?;
                // Both must not be offered: the older one goes, if it was ever there.
                _ = self.discard();
                *self = Draft { file: other.join(&name), ..draft };
            }
            (Err(error), _) => return Err(error),
        }
        Ok(())
    }

    /// On top of another document from now on: after a save, or after the file was read again.
    pub fn rebase(&mut self, base: &Document) {
        self.base = base.exists().then(|| base.text().to_owned());
    }

    /// Removes it; one that is gone already is no error.
    pub fn discard(&self) -> io::Result<()> {
        let (Some(folder), Some(name)) = (self.file.parent(), self.file.file_name()) else { return Ok(()) };
        // What a kill left of a store has the draft's own name in its name, so no other form's is touched.
        unfinished::sweep(folder, Some(Path::new(name)));
        SideFolder::open(folder)?.map_or(Ok(()), |folder| folder.remove(&name.to_string_lossy()))
    }

    /// The drafts of a document, newest first; broken ones last. Those of other accounts are among them only for who may
    /// read their files. `others` are further folders to look in, which may hold drafts of other documents.
    pub fn list(document: &Path, others: &[PathBuf]) -> Vec<Result<Draft, Broken>> {
        let own = folder(document);
        let (mut drafts, mut broken) = (vec![], vec![]);
        for path in std::iter::once(&own).chain(others) {
            let folder = match SideFolder::open(path) {
                Ok(Some(folder)) => folder,
                // Another's folder is none of ours.
                Ok(None) => continue,
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => continue,
                Err(error) => {
                    broken.push(Broken { path: path.clone(), source: Some(error) });
                    continue;
                }
            };
            let names = folder.names().unwrap_or_default();
            for name in names.into_iter().filter(|name| name.ends_with(END) && !name.starts_with('.')) {
                match read(&folder, &name, path.join(&name)) {
                    Ok(draft) if draft.document == document => drafts.push(draft),
                    Ok(_) => {}
                    Err(damaged) => broken.push(damaged),
                }
            }
        }
        drafts.sort_by_key(|draft| std::cmp::Reverse(draft.updated));
        drafts.into_iter().map(Ok).chain(broken.into_iter().map(Err)).collect()
    }

    /// The draft in that file.
    pub fn read(file: &Path) -> Result<Draft, Broken> {
        let broken = |source| Broken { path: file.into(), source };
        let (Some(path), Some(name)) = (file.parent(), file.file_name()) else { return Err(broken(None)) };
        let folder = SideFolder::open(path).map_err(|error| broken(Some(error)))?;
        read(&folder.ok_or_else(|| broken(None))?, &name.to_string_lossy(), file.into())
    }

    /// Its changes merged into `today`, with what conflicts.
    pub fn merge(&self, today: &Document, catalog: &Catalog) -> Result<Merge, ReadError> {
        let base = match &self.base {
            Some(text) => Document::parse(&self.document, text.as_bytes(), catalog)?,
            None => Document::missing(&self.document),
        };
        Ok(merge::merge(&base, today, &self.changes, catalog))
    }

    fn bytes(&self) -> io::Result<Vec<u8>> {
        let wish = |(key, wish): (&Key, &Option<Value>)| {
            (key.as_str().to_owned(), wish.clone().map_or(Wish::Unset, Wish::Set))
        };
        let written = Written {
            who: self.who.clone(),
            boot: self.boot.clone(),
            process_started: self.process_started,
            started: self.started.to_string(),
            updated: self.updated.to_string(),
            document: self.document.clone(),
            sum: side::sum(self.base.as_deref().unwrap_or_default()),
            base: self.base.clone(),
            changes: self.changes.iter().map(wish).collect(),
        };
        Ok(serde_json::to_vec_pretty(&written)?)
    }
}

impl Broken {
    /// As told to a person.
    pub fn words(&self, lang: Lang) -> Safe {
        let path = Safe::path(&self.path);
        match &self.source {
            Some(error) => {
                let reason = errno::words(error, lang);
                say!(lang, "o rascunho {} não pôde ser lido: {}", "the draft {} cannot be read: {}", path, reason)
            }
            None => {
                say!(lang, "o rascunho {} está danificado e não é usado", "the draft {} is damaged and not used", path)
            }
        }
    }
}

fn read(folder: &SideFolder, name: &str, file: PathBuf) -> Result<Draft, Broken> {
    match folder.read(name) {
        Ok(bytes) => draft(&bytes, &file).ok_or(Broken { path: file, source: None }),
        Err(error) => Err(Broken { path: file, source: Some(error) }),
    }
}

fn draft(bytes: &[u8], file: &Path) -> Option<Draft> {
    let written: Written = serde_json::from_slice(bytes).ok()?;
    let Written { who, boot, process_started, started, updated, document, sum, base, changes } = written;
    if side::sum(base.as_deref().unwrap_or_default()) != sum {
        return None;
    }
    let wish = |(key, wish): (String, Wish)| {
        let value = match wish {
            Wish::Set(value) => Some(value),
            Wish::Unset => None,
        };
        Some((Key::parse(&key)?, value))
    };
    // The process id alone says nothing: ids are used again, and a start of the machine begins anew.
    let alive = boot.is_some() && boot == who::boot() && process_started.is_some();
    let open_elsewhere = alive && who::process(who.pid).map(|process| process.started) == process_started;
    Some(Draft {
        file: file.into(),
        started: Moment::parse(&started)?,
        updated: Moment::parse(&updated)?,
        changes: changes.into_iter().map(wish).collect::<Option<_>>()?,
        who,
        document,
        base,
        open_elsewhere,
        boot,
        process_started,
    })
}
