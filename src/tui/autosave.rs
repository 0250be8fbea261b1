//! Keeps the edits of a form that are not saved as a draft, on a thread of its own.
//!
//! The form hands over what is pending after every change and goes on at once; a moment later, or at once where the
//! program is about to end, it is on the disk. What was handed over is all there is to know: the thread looks at no form,
//! so that a panic anywhere else cannot take it along.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::document::draft::{Draft, DraftLocations};
use crate::document::{Changes, Document, Saver};

/// How long more edits are waited for before what there is goes to the disk: a burst of typing costs five writes a
/// second, and a kill costs less than what a hand types in that time.
const DELAY: Duration = Duration::from_millis(200);

/// How long the end of the program waits for the disk, once the terminal was given back. A disk that works takes
/// milliseconds, and the program is gone within the second; on one that hardly does, what was typed is worth more.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// How long after a failure it is tried again: the disk may have room by then. Only a disk that fails costs wake-ups.
const RETRY: Duration = Duration::from_secs(2);

/// The thread's name: a panic in it must not wait for it.
const NAME: &str = "keeper";

/// What is to be kept.
#[derive(Clone, Debug)]
pub enum Keeping {
    /// These edits, made on top of this document; with the drafts whose edits are among them.
    Edits(Document, Changes, Vec<Draft>),
    /// Nothing: there is nothing pending. Drafts that were recovered from are left for the next form.
    Nothing,
    /// Nothing, since all was saved or thrown away on purpose: these drafts, which were recovered from, go too.
    Settled(Vec<Draft>),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Kept {
    /// There was nothing to keep.
    #[default]
    Nothing,
    In(PathBuf),
    /// Nowhere: the system's number for the reason; `None` where the disk did not answer in time.
    Lost(Option<i32>),
}

/// What the thread has to say.
#[derive(Debug)]
pub enum Said {
    /// What became of what is pending, where that is not what was said before.
    Kept(Kept),
    /// A draft that is not needed any more could not be removed.
    NotRemoved(PathBuf, io::Error),
}

/// The thread that keeps; it ends with this.
pub struct Autosave(Arc<Shared>);

struct Shared {
    desk: Mutex<Desk>,
    changed: Condvar,
}

#[derive(Default)]
struct Desk {
    /// Handed over, not on the disk yet: edits, or `None` that there are none.
    wanted: Option<Option<Edits>>,
    /// What was handed over last, where that was edits, on the disk or not.
    last: Option<Edits>,
    /// Drafts that are to go once that is done.
    settled: Vec<Draft>,
    /// Something of it is being written.
    writing: bool,
    /// No more waiting for further edits.
    hurry: bool,
    over: bool,
    kept: Kept,
}

/// A document, what is pending on it, and the drafts that are part of that.
type Edits = (Document, Changes, Vec<Draft>);

impl Autosave {
    /// Keeps in the saver's name. `report` is called with every outcome that is not the one before.
    pub fn start(saver: Arc<Saver>, shelf: DraftLocations, report: impl Fn(Said) + Send + 'static) -> Autosave {
        let shared = Arc::new(Shared { desk: Mutex::default(), changed: Condvar::new() });
        let mine = Arc::clone(&shared);
        let work = move || mine.work(&saver, &shelf, &report);
        if let Err(error) = thread::Builder::new().name(NAME.into()).spawn(work) {
            let mut desk = shared.desk();
            (desk.over, desk.kept) = (true, Kept::Lost(error.raw_os_error()));
        }
        Autosave(shared)
    }

    /// Takes over what is to be kept from now on; returns at once.
    pub fn keep(&self, keeping: Keeping) {
        let mut desk = self.0.desk();
        let wanted = match keeping {
            Keeping::Edits(base, changes, absorbed) => Some((base, changes, absorbed)),
            Keeping::Nothing => None,
            Keeping::Settled(drafts) => {
                desk.settled.extend(drafts);
                None
            }
        };
        desk.last = wanted.clone();
        desk.wanted = Some(wanted);
        self.0.changed.notify_all();
    }

    /// Sees to it that everything handed over is on the disk, and waits for that, at most `patience`. What should be there
    /// already is written once more: somebody may have removed it, and what failed may go well by now.
    pub fn finish(&self, patience: Duration) -> Kept {
        self.0.finish(patience)
    }

    /// The same as a function for the panic hook, which may be called on any thread.
    pub fn at_a_panic(&self) -> impl Fn() + Send + Sync + 'static {
        let shared = Arc::clone(&self.0);
        move || {
            if thread::current().name() != Some(NAME) {
                shared.finish(PATIENCE);
            }
        }
    }
}

impl Drop for Autosave {
    fn drop(&mut self) {
        self.0.desk().over = true;
        self.0.changed.notify_all();
    }
}

impl Shared {
    /// Every change of the desk is one assignment, so that it is whole whoever panicked beside it.
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(&self, patience: Duration) -> Kept {
        let mut desk = self.desk();
        desk.hurry = true;
        if desk.wanted.is_none() && !desk.writing {
            desk.wanted = desk.last.clone().map(Some);
        }
        self.changed.notify_all();
        let busy = |desk: &mut Desk| !desk.over && (desk.wanted.is_some() || desk.writing);
        let (mut desk, late) =
            self.changed.wait_timeout_while(desk, patience, busy).unwrap_or_else(PoisonError::into_inner);
        desk.hurry = false;
        if late.timed_out() { Kept::Lost(None) } else { desk.kept.clone() }
    }

    fn work(&self, saver: &Saver, shelf: &DraftLocations, report: &dyn Fn(Said)) {
        let _guard = Guard(self);
        let mut draft = None;
        while let Some((edits, settled)) = self.take() {
            let kept = match store(&mut draft, edits, saver, shelf) {
                Ok(kept) => kept,
                Err(error) => Kept::Lost(error.raw_os_error()),
            };
            // What could not be kept must not be missing because something else was removed.
            let is_lost = matches!(kept, Kept::Lost(_));
            for (file, error) in settled.iter().filter(|_| !is_lost).flat_map(Draft::settle) {
                report(Said::NotRemoved(file, error));
            }
            let mut desk = self.desk();
            if is_lost {
                desk.settled.extend(settled);
            }
            desk.writing = false;
            let news = desk.kept != kept;
            desk.kept = kept.clone();
            drop(desk);
            self.changed.notify_all();
            if news {
                report(Said::Kept(kept));
            }
        }
    }

    /// Waits for something to keep, then for what else is typed in the same breath; `None` once it is over. What failed
    /// is taken up again after a while.
    fn take(&self) -> Option<(Option<Edits>, Vec<Draft>)> {
        let idle = |desk: &mut Desk| desk.wanted.is_none() && !desk.over;
        let mut desk = self.desk();
        while idle(&mut desk) {
            if matches!(desk.kept, Kept::Lost(_)) && desk.last.is_some() {
                let waited = self.changed.wait_timeout_while(desk, RETRY, idle);
                let (woken, late) = waited.unwrap_or_else(PoisonError::into_inner);
                desk = woken;
                if late.timed_out() {
                    desk.wanted = desk.last.clone().map(Some);
                }
            } else {
                desk = self.changed.wait(desk).unwrap_or_else(PoisonError::into_inner);
            }
        }
        let waits = |desk: &mut Desk| !desk.hurry && !desk.over;
        let (mut desk, _) = self.changed.wait_timeout_while(desk, DELAY, waits).unwrap_or_else(PoisonError::into_inner);
        let edits = desk.wanted.take()?;
        desk.writing = true;
        Some((edits, std::mem::take(&mut desk.settled)))
    }
}

/// Says, however the thread ends, that nobody is at the desk any more.
struct Guard<'s>(&'s Shared);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        let mut desk = self.0.desk();
        if desk.writing || desk.wanted.is_some() {
            desk.kept = Kept::Lost(None);
        }
        (desk.over, desk.writing) = (true, false);
        drop(desk);
        self.0.changed.notify_all();
    }
}

/// Puts the edits into this form's draft; without any, there is none.
fn store(draft: &mut Option<Draft>, edits: Option<Edits>, saver: &Saver, shelf: &DraftLocations) -> io::Result<Kept> {
    match (edits, &draft) {
        (Some((base, changes, absorbed)), _) => {
            let now = saver.now();
            let draft = draft.get_or_insert_with(|| Draft::create(&base, saver.who.clone(), now));
            draft.rebase(&base);
            draft.absorbed = absorbed;
            draft.store(&changes, now, shelf)?;
            Ok(Kept::In(draft.file.clone()))
        }
        (None, Some(draft)) => draft.discard().map(|()| Kept::Nothing),
        (None, None) => Ok(Kept::Nothing),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::mpsc::{RecvTimeoutError, channel};
    use std::time::Instant;

    use serde_json::json;
    use tempfile::TempDir;

    use super::*;
    use crate::catalog::Catalog;
    use crate::document::draft;
    use crate::document::identity::Identity;
    use crate::key::Key;

    /// Only a broken keeper is waited for as long as that.
    const LONG: Duration = Duration::from_secs(20);

    fn pending(value: &str) -> Changes {
        Changes::from([(Key::parse("geral.vendedor_padrao").unwrap(), Some(json!(value)))])
    }

    fn place() -> (TempDir, Document) {
        let folder = TempDir::new().unwrap();
        let document = Document::missing(&folder.path().join("config.json"));
        (folder, document)
    }

    fn kept(document: &Document) -> Vec<Draft> {
        Draft::list(document.path(), &DraftLocations::default(), &Identity::default())
            .into_iter()
            .map(Result::unwrap)
            .collect()
    }

    #[test]
    fn what_is_handed_over_is_kept_and_goes_when_it_is_settled() {
        let (_folder, document) = place();
        let (sender, reports) = channel();
        let report = move |said| sender.send(said).unwrap();
        let autosave = Autosave::start(Arc::default(), DraftLocations::default(), report);
        for text in ["A", "An", "Ana"] {
            autosave.keep(Keeping::Edits(document.clone(), pending(text), vec![]));
        }
        let Kept::In(file) = autosave.finish(LONG) else { panic!() };
        let drafts = kept(&document);
        assert_eq!((drafts.len(), &drafts[0].file, &drafts[0].changes), (1, &file, &pending("Ana")));
        assert!(matches!(reports.recv_timeout(LONG).unwrap(), Said::Kept(Kept::In(kept)) if kept == file));
        autosave.keep(Keeping::Settled(vec![]));
        assert_eq!(autosave.finish(LONG), Kept::Nothing);
        assert!(kept(&document).is_empty());
    }

    #[test]
    fn without_being_asked_it_is_on_the_disk_a_moment_later() {
        let (_folder, document) = place();
        let (sender, reports) = channel();
        let autosave =
            Autosave::start(Arc::default(), DraftLocations::default(), move |said| sender.send(said).unwrap());
        let began = Instant::now();
        autosave.keep(Keeping::Edits(document.clone(), pending("Ana"), vec![]));
        assert!(matches!(reports.recv_timeout(LONG).unwrap(), Said::Kept(Kept::In(_))));
        assert!(began.elapsed() >= DELAY, "not at every key");
        assert_eq!(kept(&document)[0].changes, pending("Ana"));
    }

    #[test]
    fn whoever_waits_for_the_disk_does_not_wait_for_more_typing() {
        let (_folder, document) = place();
        let autosave = Autosave::start(Arc::default(), DraftLocations::default(), drop);
        // A loaded machine may be slow once, not every time.
        let is_quick = |_| {
            autosave.keep(Keeping::Edits(document.clone(), pending("Ana"), vec![]));
            let began = Instant::now();
            assert!(matches!(autosave.finish(LONG), Kept::In(_)));
            began.elapsed() < DELAY
        };
        assert!((0..50).any(is_quick));
    }

    #[test]
    fn it_ends_with_its_form_and_keeps_before_what_it_was_handed() {
        let (_folder, document) = place();
        let (sender, reports) = channel();
        let autosave =
            Autosave::start(Arc::default(), DraftLocations::default(), move |said| sender.send(said).unwrap());
        autosave.keep(Keeping::Edits(document.clone(), pending("Ana"), vec![]));
        drop(autosave);
        let next = || reports.recv_timeout(LONG);
        assert!(matches!(next(), Ok(Said::Kept(Kept::In(_)))));
        assert_eq!(kept(&document)[0].changes, pending("Ana"));
        assert!(matches!(next(), Err(RecvTimeoutError::Disconnected)), "the thread is gone");
    }

    #[test]
    fn edits_are_kept_with_the_document_that_they_are_on_by_then() {
        let (_folder, document) = place();
        let autosave = Autosave::start(Arc::default(), DraftLocations::default(), drop);
        autosave.keep(Keeping::Edits(document.clone(), pending("Ana"), vec![]));
        autosave.finish(LONG);
        assert_eq!(kept(&document)[0].base, None);
        std::fs::write(document.path(), "{}").unwrap();
        let saved = Document::read(document.path(), &Catalog::default()).unwrap();
        autosave.keep(Keeping::Edits(saved, pending("Eva"), vec![]));
        autosave.finish(LONG);
        assert_eq!(kept(&document)[0].base.as_deref(), Some("{}"));
    }

    #[test]
    fn a_draft_that_was_recovered_from_is_hidden_then_back_then_gone() {
        let (_folder, document) = place();
        let mut old = Draft::create(&document, Identity { pid: u32::MAX, ..Identity::default() }, Default::default());
        old.store(&pending("Eva"), Default::default(), &DraftLocations::default()).unwrap();
        let autosave = Autosave::start(Arc::default(), DraftLocations::default(), drop);
        let finish = || autosave.finish(LONG);
        autosave.keep(Keeping::Edits(document.clone(), pending("Eva"), vec![old.clone()]));
        let files = || std::fs::read_dir(draft::folder(document.path())).unwrap().count();
        finish();
        assert_eq!((kept(&document).len(), files()), (1, 2));
        assert_ne!(kept(&document)[0].file, old.file, "the one that has both");
        autosave.keep(Keeping::Nothing);
        finish();
        assert_eq!(kept(&document), [old.clone()], "taken back: offered again");
        autosave.keep(Keeping::Settled(vec![old]));
        autosave.keep(Keeping::Edits(document.clone(), pending("Rui"), vec![]));
        finish();
        let left = kept(&document);
        assert_eq!((left.len(), &left[0].changes), (1, &pending("Rui")), "settled, though overtaken by an edit");
    }

    #[test]
    fn what_failed_is_tried_again_and_what_was_removed_is_written_again() {
        let (folder, document) = place();
        let (sender, reports) = channel();
        std::fs::write(draft::folder(document.path()), "in the way").unwrap();
        let autosave =
            Autosave::start(Arc::default(), DraftLocations::default(), move |said| sender.send(said).unwrap());
        autosave.keep(Keeping::Edits(document.clone(), pending("Ana"), vec![]));
        assert!(matches!(reports.recv_timeout(LONG).unwrap(), Said::Kept(Kept::Lost(_))));
        std::fs::remove_file(draft::folder(document.path())).unwrap();
        // By itself, a while later.
        assert!(matches!(reports.recv_timeout(LONG).unwrap(), Said::Kept(Kept::In(_))));
        std::fs::remove_dir_all(draft::folder(document.path())).unwrap();
        assert!(matches!(autosave.finish(LONG), Kept::In(_)));
        assert_eq!(kept(&document)[0].changes, pending("Ana"));
        drop(folder);
    }

    #[test]
    fn a_draft_that_was_edited_after_it_was_recovered_from_is_offered_and_stays() {
        let (_folder, document) = place();
        let who = Identity { pid: u32::MAX, ..Identity::default() };
        let mut other = Draft::create(&document, who, Default::default());
        other.store(&pending("Eva"), Default::default(), &DraftLocations::default()).unwrap();
        let found = kept(&document).remove(0);
        let autosave = Autosave::start(Arc::default(), DraftLocations::default(), drop);
        autosave.keep(Keeping::Edits(document.clone(), pending("Eva"), vec![found.clone()]));
        autosave.finish(LONG);
        assert_eq!(kept(&document).len(), 1);
        other.store(&pending("Eva Maria"), Default::default(), &DraftLocations::default()).unwrap();
        assert_eq!(kept(&document).len(), 2, "its form goes on");
        autosave.keep(Keeping::Settled(vec![found]));
        autosave.finish(LONG);
        assert_eq!(kept(&document)[0].changes, pending("Eva Maria"));
    }

    #[test]
    fn a_panic_on_another_thread_finds_the_last_edit_on_the_disk() {
        let (_folder, document) = place();
        let autosave = Autosave::start(Arc::default(), DraftLocations::default(), drop);
        let at_a_panic = autosave.at_a_panic();
        autosave.keep(Keeping::Edits(document.clone(), pending("Ana"), vec![]));
        let kept = thread::spawn(move || {
            at_a_panic();
            kept(&document)
        });
        assert_eq!(kept.join().unwrap()[0].changes, pending("Ana"));
    }

    #[test]
    fn what_cannot_be_kept_is_reported_with_the_reason() {
        let nowhere = Document::missing(Path::new("/proc/nowhere/config.json"));
        let autosave = Autosave::start(Arc::default(), DraftLocations::default(), drop);
        autosave.keep(Keeping::Edits(nowhere, pending("Ana"), vec![]));
        assert!(matches!(autosave.finish(LONG), Kept::Lost(Some(_))));
    }
}
