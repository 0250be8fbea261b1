//! Every saved version of a document: who saved it, when, from where, and what changed.
//!
//! `CONFIG.history/000001.json` and so on, one JSON document a version with the exact text. Versions are ordered by
//! their numbers, never by the clock. A version is on the disk before the document is: written as `000007.pending`, it becomes `000007.json` once the
//! document is in place. After a kill between the two, the next save decides by comparing texts. Nothing is ever rewritten;
//! damaged entries are skipped.
//!
//! Recording needs the document's lock; listing does not. Whoever may write the folder may fill it, so no reader reads more
//! than the newest versions, nor more bytes than a bound; what is left is counted.

use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::diff::{self, Difference};
use super::folder::{Folder, Writable};
use super::identity::Identity;
use super::sharing::Sharing;
use super::sidecar::{self, side_name, writable};
use super::timestamp::Timestamp;
use super::{Document, Location, MAX_BYTES, ReadError, atomic_file};
use crate::catalog::Catalog;
use crate::errno;
use crate::file::Refused;
use crate::lang::Lang;
use crate::problem::{self, Problem};
use crate::safe::Safe;
use crate::say;
use crate::sort;

/// Versions that are kept. A counter is changed some times a year, so they reach back decades, and take a few kilobytes
/// each.
const KEPT: usize = 100;

/// Versions that are read in one go: a save that was killed at its last step leaves two more.
const MOST_READ: usize = KEPT + 2;

/// Bytes that are read in one go, a hundred versions of 600 KB.
const MOST_BYTES: u64 = 4 * MAX_BYTES;

/// Bytes of changes that are taken in, in one go: in memory, a list of zeros takes forty times as much.
const MOST_CHANGES: usize = 1 << 20;

/// Characters of a note: a ticket and a sentence.
pub const MOST_OF_NOTE: usize = 200;

/// Beside the document: `CONFIG.history`.
pub(super) const NAME: &str = "history";

/// More than the largest document usually takes as a JSON string.
const USUAL_BYTES: u64 = 24 * 1024 * 1024;

/// How a version came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Saved,
    /// By another program: found on the disk at the next save.
    EditedOutside,
    /// By this program, with the values of that earlier version.
    Restored(u64),
}

/// A version, as its file has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    pub number: u64,
    /// When it was saved, or, for one edited outside, found.
    pub time: Timestamp,
    pub kind: Kind,
    /// Who saved it; nobody for one edited outside.
    #[serde(flatten)]
    pub who: Identity,
    /// What whoever saved it said about it: who asked for it, say. Not in what was kept before there were notes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What changed since the version before it; `None` where that is too much to be read.
    pub changes: Option<Vec<Difference>>,
    /// The checksum of the text.
    sum: String,
    /// The document, to the byte.
    pub text: String,
}

/// The same while it is read, without what is not asked for: [`Identity`] as a part of it would keep all that is in the file.
#[derive(Deserialize)]
struct Stored<'b> {
    number: u64,
    time: Timestamp,
    kind: Kind,
    user: String,
    login_user: Option<String>,
    sudo_user: Option<String>,
    ssh_client: Option<String>,
    pid: u32,
    note: Option<String>,
    #[serde(borrow)]
    changes: &'b RawValue,
    sum: String,
    text: String,
}

/// How much may still be read.
struct Room {
    bytes: u64,
    changes: usize,
}

/// Versions, oldest first.
#[derive(Debug)]
pub struct Listing<T> {
    pub versions: Vec<T>,
    /// So many more were not read: they are too many, or too large.
    pub unread: usize,
}

/// Who saved which version when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub number: u64,
    pub time: Timestamp,
    pub who: Identity,
}

/// Who changed a document meanwhile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authors {
    /// Who saved it with this program, oldest first.
    pub saved: Vec<Stamp>,
    /// True where another program wrote last; `None` where the history cannot be read.
    pub outside: Option<bool>,
}

/// An entry that cannot be read.
#[derive(Debug)]
pub struct Damaged {
    /// Its number, where its name has one.
    pub number: u64,
    pub path: PathBuf,
    /// The system's reason; `None` where it was read but does not hold an entry.
    pub source: Option<io::Error>,
    is_too_large: bool,
}

/// The versions of one document.
#[derive(Clone, Debug)]
pub struct History {
    location: Location,
    /// For words alone.
    path: PathBuf,
}

/// How a version comes to be.
#[derive(Clone, Copy)]
pub struct Signature<'s> {
    pub kind: Kind,
    pub who: &'s Identity,
    pub note: Option<&'s str>,
    pub now: Timestamp,
}

/// A version that is on the disk, of a document that is not yet.
#[derive(Debug)]
pub(super) struct Pending {
    folder: Folder,
    pub(super) number: u64,
}

impl History {
    pub fn of(location: &Location) -> History {
        History { location: location.clone(), path: sidecar::beside(location.path(), NAME) }
    }

    pub fn folder(&self) -> &Path {
        &self.path
    }

    /// What is shown where the folder cannot be read.
    pub fn problem(&self, error: &io::Error, lang: Lang) -> Problem {
        let (folder, reason) = (Safe::path(&self.path), errno::message(error, lang));
        let message = say!(lang, "{}: histórico ilegível: {}.", "{}: unreadable history: {}.", folder, reason);
        Problem::new(problem::Kind::Document, "history_unreadable", message).at(&self.path, None)
    }

    fn open(&self) -> io::Result<Option<Folder>> {
        let Some(around) = self.location.folder()? else { return Ok(None) };
        around.folder(side_name(self.location.name(), NAME))
    }

    /// The largest version that is read; larger files were not written here. Some more where the document is large by now: as a
    /// JSON string it is twice as long at worst.
    fn most_bytes(&self) -> u64 {
        let document = self.location.folder().ok().flatten().and_then(|it| it.stat(self.location.name()).ok()?);
        let bytes = document.map_or(0, |stat| u64::try_from(stat.st_size).unwrap_or_default());
        USUAL_BYTES + 2 * bytes.min(MAX_BYTES)
    }

    /// What `of` makes of every version, oldest first, damaged ones in their places. They are read one at a time, so that only
    /// what `of` keeps takes memory. An error only where the folder itself cannot be read.
    pub fn each<T>(&self, of: impl Fn(Result<Entry, Damaged>) -> T) -> io::Result<Listing<T>> {
        let (mut versions, mut unread, mut room) = (vec![], 0, Room::with_changes());
        if let Some(folder) = self.open()? {
            let numbers = numbers(&folder, JSON)?;
            unread = numbers.len().saturating_sub(MOST_READ);
            for number in numbers.into_iter().rev().take(MOST_READ) {
                match self.read(&folder, number, JSON, &mut room) {
                    Err(damaged) if damaged.is_too_large => unread += 1,
                    version => versions.push(of(version)),
                }
            }
            versions.reverse();
        }
        Ok(Listing { versions, unread })
    }

    /// The numbers of all versions, lowest first.
    pub fn numbers(&self) -> io::Result<Vec<u64>> {
        self.open()?.map_or(Ok(vec![]), |folder| numbers(&folder, JSON))
    }

    /// One version; `None` where there is none of that number.
    pub fn entry(&self, number: u64) -> io::Result<Option<Result<Entry, Damaged>>> {
        let Some(folder) = self.open()? else { return Ok(None) };
        let is_there = folder.stat(name(number, JSON))?.is_some();
        Ok(is_there.then(|| self.read(&folder, number, JSON, &mut Room::with_changes())))
    }

    /// The number of the newest version with that text; `None` where none has it, or none can be read.
    pub fn number_of(&self, text: &str) -> Option<u64> {
        Some(self.whole().find(|entry| entry.text == text)?.number)
    }

    /// The newest of the versions that are whole and fit; `None` where there is none, or none that may be read.
    pub fn newest(&self, fits: impl Fn(&Entry) -> bool) -> Option<Entry> {
        self.whole().find(fits)
    }

    /// Who saved since the version with that text, oldest first; nobody where that version is gone. For an empty text (there
    /// was no document), everybody.
    pub fn since(&self, text: &str) -> Vec<Stamp> {
        let mut is_found = text.is_empty();
        let later = self.whole().take_while(|entry| {
            is_found |= entry.text == text;
            entry.text != text
        });
        let saved = later.filter(|entry| entry.kind != Kind::EditedOutside);
        let mut stamps: Vec<Stamp> = saved.map(|entry| entry.stamp()).collect();
        stamps.reverse();
        if is_found { stamps } else { vec![] }
    }

    /// Who brought the document from the text `before` to the text `now`, as far as the versions tell.
    pub fn between(&self, before: &str, now: &str) -> Authors {
        let Ok(folder) = self.open() else { return Authors::default() };
        // A save that is at its last step has its version pending still.
        let pending = folder.as_ref().and_then(|folder| {
            let number = numbers(folder, PENDING).ok()?.last().copied()?;
            self.read(folder, number, PENDING, &mut Room::bare()).ok().filter(|entry| entry.text == now)
        });
        let Some(newest) = pending.or_else(|| self.whole().next()) else {
            return Authors { saved: vec![], outside: Some(true) };
        };
        let is_outside = newest.text != now || newest.kind == Kind::EditedOutside;
        let mut saved = self.since(before);
        if !is_outside && saved.last().is_none_or(|last| last.number != newest.number) {
            saved.push(newest.stamp());
        }
        Authors { saved, outside: Some(is_outside) }
    }

    /// The versions that can be read, newest first, without their changes; none where the folder cannot be.
    fn whole(&self) -> impl Iterator<Item = Entry> {
        let folder = self.open().ok().flatten();
        let numbers = folder.as_ref().and_then(|folder| numbers(folder, JSON).ok()).unwrap_or_default();
        let mut room = Room::bare();
        let newest = numbers.into_iter().rev().take(MOST_READ);
        newest.filter_map(move |number| self.read(folder.as_ref()?, number, JSON, &mut room).ok())
    }

    /// Records the version that is about to replace `old`, the file's present text. Where `old` is not the newest version,
    /// it is recorded first, as edited outside.
    pub(super) fn prepare(&self, old: &Document, new: &Document, by: &Signature) -> io::Result<Pending> {
        let (made, sharing) = self.make()?;
        let folder = writable(&made)?;
        self.keep_in(folder, old, by.now, sharing)?;
        let number = next(&folder)?;
        let new = Entry::of(number, by, diff::differences(old, new), new)?;
        let put = folder.put(&name(number, PENDING), &new, sharing);
        let pending = Pending { folder: made, number };
        match put {
            Ok(()) => Ok(pending),
            Err(error) => {
                // Its name may be there already, if only the last sync failed.
                pending.withdraw();
                Err(error)
            }
        }
    }

    /// Makes sure that a document which was read is a version; gives its number.
    pub(super) fn keep(&self, document: &Document, now: Timestamp) -> io::Result<u64> {
        if document.names > 1 {
            return Err(Errno::MLINK.into());
        }
        let (made, sharing) = self.make()?;
        self.keep_in(writable(&made)?, document, now, sharing)
    }

    /// The folder, made where it is missing, and how it is shared.
    fn make(&self) -> io::Result<(Folder, Sharing)> {
        let around = self.location.folder()?.ok_or(Errno::NOENT)?;
        let sharing = Sharing::beside(&around, self.location.name())?;
        Ok((writable(&around)?.side_folder(&side_name(self.location.name(), NAME), sharing)?, sharing))
    }

    /// Where it is not the newest version it is recorded, as edited outside. Gives the number of the newest.
    fn keep_in(&self, folder: Writable, document: &Document, now: Timestamp, sharing: Sharing) -> io::Result<u64> {
        atomic_file::sweep(folder, None);
        self.decide_pending(folder, document)?;
        // In the folder that is held; one that cannot be listed is an error, or the newest would be recorded once more.
        let (numbers, mut room) = (numbers(&folder, JSON)?, Room::bare());
        let newest = numbers.into_iter().rev().find_map(|it| self.read(&folder, it, JSON, &mut room).ok());
        match newest {
            Some(newest) if newest.text == document.text() || !document.exists() => Ok(newest.number),
            None if !document.exists() => Ok(0),
            newest => {
                let before = newest.and_then(|newest| newest.document(&Catalog::default()).ok());
                let changes = before.map_or_else(Vec::new, |before| diff::differences(&before, document));
                let number = next(&folder)?;
                let nobody = Identity::default();
                let by = Signature { kind: Kind::EditedOutside, who: &nobody, note: None, now };
                let outside = Entry::of(number, &by, changes, document)?;
                folder.put(&name(number, JSON), &outside, sharing)?;
                Ok(number)
            }
        }
    }

    /// Confirms or removes what a killed process left pending: it is a version if the document has its text.
    fn decide_pending(&self, folder: Writable, document: &Document) -> io::Result<()> {
        for number in numbers(&folder, PENDING)? {
            match self.read(&folder, number, PENDING, &mut Room::bare()) {
                Ok(entry) if entry.text == document.text() => {
                    folder.rename(&name(number, PENDING), &name(number, JSON))?;
                }
                _ => folder.remove(name(number, PENDING))?,
            }
        }
        Ok(())
    }

    fn read(&self, folder: &Folder, number: u64, end: &str, room: &mut Room) -> Result<Entry, Damaged> {
        let name = name(number, end);
        let damaged = |source, is_too_large| Damaged { number, path: self.path.join(&name), source, is_too_large };
        let bytes = folder.read_beside(&name, self.most_bytes().min(room.bytes)).map_err(|refused| {
            let is_too_large = matches!(refused, Refused::TooLarge);
            damaged(Some(refused.into()), is_too_large)
        })?;
        room.bytes = room.bytes.saturating_sub(bytes.bytes.len() as u64);
        let entry = serde_json::from_slice(&bytes.bytes).ok().and_then(|stored| room.take(stored));
        let is_whole = |entry: &Entry| entry.number == number && entry.sum == sidecar::sum(&entry.text);
        entry.filter(is_whole).ok_or_else(|| damaged(None, false))
    }
}

impl Room {
    fn with_changes() -> Room {
        Room { bytes: MOST_BYTES, changes: MOST_CHANGES }
    }

    /// Where nobody asks what was changed.
    fn bare() -> Room {
        Room { bytes: MOST_BYTES, changes: 0 }
    }

    fn take(&mut self, stored: Stored) -> Option<Entry> {
        let Stored { number, time, kind, user, login_user, sudo_user, ssh_client, pid, note, changes, sum, text } =
            stored;
        let left = self.changes.checked_sub(changes.get().len());
        self.changes = left.unwrap_or(self.changes);
        let changes = left.map(|_| serde_json::from_str(changes.get())).transpose().ok()?;
        let who = Identity { user, login_user, sudo_user, ssh_client, pid };
        let note = note.and_then(|note| one_line(&note));
        Some(Entry { number, time, kind, who, note, changes, sum, text })
    }
}

impl Pending {
    /// The document is in place: this becomes the newest version, and the oldest beyond [`KEPT`] are removed.
    ///
    /// What fails here is repaired by the next save, so it is no failure of this one.
    pub(super) fn confirm(self) {
        let Ok(folder) = writable(&self.folder) else { return };
        if folder.rename(&name(self.number, PENDING), &name(self.number, JSON)).is_err() {
            return;
        }
        let numbers = numbers(&self.folder, JSON).unwrap_or_default();
        for number in numbers.iter().take(numbers.len().saturating_sub(KEPT)) {
            _ = folder.remove(name(*number, JSON));
        }
    }

    /// The document was not saved: there is no such version.
    pub(super) fn withdraw(self) {
        _ = writable(&self.folder).map(|folder| folder.remove(name(self.number, PENDING)));
    }
}

impl Entry {
    /// The bytes of a version's file.
    fn of(number: u64, by: &Signature, changes: Vec<Difference>, document: &Document) -> io::Result<Vec<u8>> {
        let (text, changes, who) = (document.text().to_owned(), Some(changes), by.who.clone());
        let (time, kind, note, sum) = (by.now, by.kind, by.note.map(str::to_owned), sidecar::sum(&text));
        Ok(serde_json::to_vec_pretty(&Entry { number, time, kind, who, note, changes, sum, text })?)
    }

    /// The version as a document.
    pub fn document(&self, catalog: &Catalog) -> Result<Document, ReadError> {
        Document::parse(Path::new(&name(self.number, JSON)), self.text.as_bytes(), catalog)
    }

    /// What changed, as far as it was read.
    pub fn changes(&self) -> &[Difference] {
        self.changes.as_deref().unwrap_or_default()
    }

    pub fn without_text(self) -> Entry {
        Entry { text: String::new(), ..self }
    }

    pub fn stamp(&self) -> Stamp {
        Stamp { number: self.number, time: self.time, who: self.who.clone() }
    }
}

impl Damaged {
    /// Where that very version was asked for.
    pub fn problem(&self, lang: Lang) -> Problem {
        let hint = say!(lang, "Liste as outras: balcao-config history", "List the others: balcao-config history");
        Problem::new(problem::Kind::Document, "damaged_version", self.message(lang)).at(&self.path, None).hint(hint)
    }

    pub fn message(&self, lang: Lang) -> Safe {
        let path = Safe::path(&self.path);
        match &self.source {
            Some(error) => {
                let reason = errno::message(error, lang);
                say!(
                    lang,
                    "Não foi possível ler a versão {} ({}): {}.",
                    "Could not read version {} ({}): {}.",
                    self.number,
                    path,
                    reason
                )
            }
            None => say!(lang, "A versão {} está danificada: {}.", "Version {} is damaged: {}.", self.number, path),
        }
    }
}

/// A note as it is kept and shown: in one line, cut where it is too long; `None` where nothing is left of it.
pub fn one_line(note: &str) -> Option<String> {
    let words: Vec<&str> = note.split(|it: char| it.is_whitespace() || it.is_control()).collect();
    let line: String = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let line: String = line.chars().take(MOST_OF_NOTE).collect();
    (!line.is_empty()).then_some(line)
}

/// How the file of a version ends.
const JSON: &str = "json";

/// How the file of a version ends before its document is in place.
const PENDING: &str = "pending";

fn name(number: u64, end: &str) -> String {
    format!("{number:06}.{end}")
}

/// The numbers of all files that end so, lowest first.
fn numbers(folder: &Folder, end: &str) -> io::Result<Vec<u64>> {
    let number = |found: &String| {
        let number = found.strip_suffix(end)?.strip_suffix('.')?.parse().ok()?;
        (name(number, end) == *found).then_some(number)
    };
    let mut numbers: Vec<u64> = folder.names()?.iter().filter_map(number).collect();
    sort::sort(&mut numbers);
    Ok(numbers)
}

/// Above every number in use, damaged and pending ones included.
fn next(folder: &Folder) -> io::Result<u64> {
    let last = |end| Ok::<_, io::Error>(numbers(folder, end)?.last().copied().unwrap_or_default());
    Ok(last(JSON)?.max(last(PENDING)?).saturating_add(1))
}
