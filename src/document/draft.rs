//! Edits that were not saved, kept so that nothing is lost: one file a form, in `CONFIG.drafts/`.
//!
//! A draft has the changes and the document that they were made on, so that they can be merged into what the file holds
//! by then. Every store puts a whole, synced file in the place of the last. Where the folder beside the document cannot be
//! written, drafts go to another that is handed in (a [`Shelf`]). A broken draft is told, and never applied.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::history::History;
use super::merge::{self, Merge};
use super::moment::Moment;
use super::side::{self, SideFolder};
use super::who::{self, Who};
use super::{Changes, Document, ReadError, errno, save, unfinished};
use crate::catalog::Catalog;
use crate::key::Key;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::{safe, say};

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
    /// Drafts whose edits were recovered into this one: while it exists, they are not offered.
    pub absorbed: Vec<PathBuf>,
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

/// Where drafts are kept and looked for beside `CONFIG.drafts/`.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    /// Takes them where that folder cannot be written: `$XDG_STATE_HOME/balcao-config`.
    pub fallback: Option<PathBuf>,
    /// The same folders of other accounts, each with the account's name: for root, who sees all.
    pub others: Vec<(String, PathBuf)>,
}

/// The folder of drafts below a state folder.
const FALLBACK: &str = "balcao-config";

/// Where an account's state folder is, unless its environment says otherwise (XDG base directory specification).
const STATE: &str = ".local/state";

impl Shelf {
    /// That of an account with this environment; root's reaches those of all people with an account on the machine.
    /// Empty and relative paths count as unset.
    pub fn of(variable: &dyn Fn(&str) -> Option<PathBuf>, is_root: bool) -> Shelf {
        let absolute = |name| variable(name).filter(|path: &PathBuf| path.is_absolute());
        let state = absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(STATE)));
        let people = if is_root { who::people() } else { vec![] };
        Shelf {
            fallback: state.map(|state| state.join(FALLBACK)),
            others: people.into_iter().map(|(name, home)| (name, home.join(STATE).join(FALLBACK))).collect(),
        }
    }

    /// All folders to look in, and whose they are where that is known from the place alone.
    fn folders(&self, document: &Path) -> Vec<(PathBuf, Option<&str>)> {
        let mut folders = vec![(folder(document), None)];
        folders.extend(self.fallback.iter().map(|fallback| (fallback.clone(), None)));
        let others = self.others.iter().filter(|(_, folder)| Some(folder) != self.fallback.as_ref());
        folders.extend(others.map(|(account, folder)| (folder.clone(), Some(account.as_str()))));
        folders
    }
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
    #[serde(default)]
    absorbed: Vec<PathBuf>,
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
            absorbed: vec![],
            open_elsewhere: false,
            boot: who::boot(),
            process_started: who::process(who.pid).map(|process| process.started),
            who,
        }
    }

    /// Keeps these changes in the place of those kept before; they are on the disk when it returns. Where the folder
    /// beside the document cannot be written, the shelf's other one takes them.
    pub fn store(&mut self, changes: &Changes, now: Moment, shelf: &Shelf) -> io::Result<()> {
        let draft = Draft { changes: changes.clone(), updated: now, ..self.clone() };
        let bytes = draft.bytes()?;
        let name = self.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let here = self.file.parent().unwrap_or(Path::new("/")).to_owned();
        let put = |folder: &Path| SideFolder::make(folder)?.put(&name, &bytes);
        let put_here = || {
            if here == folder(&self.document) {
                // The folders that the save would make, made as it makes them: the counter program must get in.
                save::make_folders(self.document.parent().unwrap_or(Path::new("/")))?;
            }
            put(&here)
        };
        match (put_here(), shelf.fallback.as_deref()) {
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
        remove(&self.file)
    }

    /// Its edits are saved: it goes, and those that it absorbed, except what an open form still keeps.
    pub fn settled(&self) -> io::Result<()> {
        for file in &self.absorbed {
            if let Ok(draft) = Draft::read(file)
                && !draft.open_elsewhere
            {
                draft.discard()?;
            }
        }
        if self.open_elsewhere { Ok(()) } else { self.discard() }
    }

    /// Whose it is and how old: `ana (de 10.0.0.7), há 5 min`.
    pub fn origin(&self, now: Moment, lang: Lang) -> Safe {
        safe!("{}, {}", self.who.words(lang), self.updated.ago(now, lang))
    }

    /// The number of the version that its edits were made on, as far as the history knows.
    pub fn version(&self, history: &History) -> Option<u64> {
        history.number_of(self.base.as_deref()?)
    }

    /// The same in words.
    pub fn on(&self, version: Option<u64>, lang: Lang) -> Safe {
        match version {
            Some(number) => say!(lang, "feito sobre a versão {}", "made on version {}", number),
            None if self.base.is_none() => {
                say!(lang, "feito quando não havia arquivo", "made when there was no file")
            }
            None => say!(lang, "feito sobre um arquivo fora do histórico", "made on a file not in the history"),
        }
    }

    /// The drafts of a document that `reader` may be offered, newest first; broken ones last. One's own, by the name
    /// that the account or sudo gives; root is offered all.
    pub fn list(document: &Path, shelf: &Shelf, reader: &Who) -> Vec<Result<Draft, Broken>> {
        let (mut drafts, mut broken) = (vec![], vec![]);
        for (path, account) in shelf.folders(document) {
            let folder = match SideFolder::open(&path) {
                Ok(Some(folder)) => folder,
                // Another's folder is none of ours.
                Ok(None) => continue,
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => continue,
                Err(error) => {
                    broken.push(Broken { path, source: Some(error) });
                    continue;
                }
            };
            let names = folder.names().unwrap_or_default();
            for name in names.into_iter().filter(|name| name.ends_with(END) && !name.starts_with('.')) {
                match read(&folder, &name, path.join(&name)) {
                    Ok(draft) => drafts.push(draft.found_with(account)),
                    Err(Broken { source: Some(error), .. }) if error.kind() == io::ErrorKind::PermissionDenied => {}
                    // What stands in another's folder and is no draft is theirs to tell.
                    Err(damaged) if account.is_none() => broken.push(damaged),
                    Err(_) => {}
                }
            }
        }
        drafts.retain(|draft| draft.document == document && draft.who.is_seen_by(reader));
        let absorbed: Vec<PathBuf> = drafts.iter().flat_map(|draft| draft.absorbed.clone()).collect();
        drafts.retain(|draft| !absorbed.contains(&draft.file));
        drafts.sort_by_key(|draft| std::cmp::Reverse(draft.updated));
        drafts.into_iter().map(Ok).chain(broken.into_iter().map(Err)).collect()
    }

    /// In another account's own folder, it is that account's, whatever it says of itself.
    fn found_with(mut self, account: Option<&str>) -> Draft {
        if let Some(account) = account {
            self.who = Who { user: account.to_owned(), sudo_user: None, ..self.who };
        }
        self
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
            absorbed: self.absorbed.clone(),
        };
        Ok(serde_json::to_vec_pretty(&written)?)
    }
}

/// Removes a draft's file, whole or broken; one that is gone already is no error.
pub fn remove(file: &Path) -> io::Result<()> {
    let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else { return Ok(()) };
    // What a kill left of a store has the draft's own name in its name, so no other form's is touched.
    unfinished::sweep(folder, Some(Path::new(name)));
    SideFolder::open(folder)?.map_or(Ok(()), |folder| folder.remove(&name.to_string_lossy()))
}

/// Why edits could not be kept, by the system's number for it; `None` where the disk did not answer in time.
pub fn not_kept(reason: Option<i32>, lang: Lang) -> Safe {
    let reason = match reason {
        Some(number) => errno::words(&io::Error::from_raw_os_error(number), lang),
        None => say!(lang, "o disco não respondeu a tempo", "the disk did not answer in time"),
    };
    say!(lang, "o rascunho não pôde ser guardado: {}", "the draft could not be kept: {}", reason)
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
    let Written { who, boot, process_started, started, updated, document, sum, base, changes, absorbed } = written;
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
        absorbed,
        open_elsewhere,
        boot,
        process_started,
    })
}
