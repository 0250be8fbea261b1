//! Writes unsaved edits to a draft file, on a thread of its own.
//!
//! The form sends what is pending after every change and does not wait. The thread writes it a moment later, or at once
//! when the program is about to end. It shares no state with the form, so a panic elsewhere cannot harm it. Where its disk
//! does not answer, another thread keeps the same edits in the other place.

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::document::draft::{Draft, DraftLocations};
use crate::document::{Changes, Document, Saver};

/// How long to wait for more edits before writing: fast typing costs five writes a second, and a kill loses at most
/// what is typed in that time.
const DELAY: Duration = Duration::from_millis(200);

/// How long a draft that is all the user will have is waited for.
#[derive(Clone, Copy)]
pub struct Patience {
    /// Before it is told, and the other place tried as well.
    pub prompt: Duration,
    /// For either of them, from then on.
    pub last: Duration,
}

/// A healthy disk takes milliseconds, and whoever sends a signal expects the end within a second. Where a disk does not answer,
/// the edits are worth more than that; but nothing here waits longer than four seconds.
pub const PATIENCE: Patience = Patience { prompt: Duration::from_millis(700), last: Duration::from_millis(2500) };

/// After a failed write: the disk may have room by then. An idle form with a working disk never wakes up.
const RETRY: Duration = Duration::from_secs(2);

/// The thread's name, by which the panic hook sees that it must not wait for this thread.
const NAME: &str = "autosave";

/// What is to be kept.
#[derive(Clone, Debug)]
pub enum Keeping {
    /// These edits, made on top of this document; with the drafts whose edits are among them.
    Edits(Document, Changes, Vec<Draft>),
    /// Nothing: there is nothing pending. Drafts that were recovered from are left for the next form.
    Nothing,
    /// Nothing, since all was saved or thrown away on purpose: these drafts, which were recovered from, go too.
    Done(Vec<Draft>),
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

/// A handle to the thread, which ends when this is dropped.
pub struct Autosave(Keeper);

/// What can be asked of it from any thread.
#[derive(Clone)]
struct Keeper {
    orders: Sender<Order>,
    shared: Arc<Shared>,
}

/// What the threads that keep drafts have in common.
struct Shared {
    saver: Arc<Saver>,
    locations: DraftLocations,
    /// The edits that are to be kept, and the draft that was stored last.
    kept: Mutex<(Option<Edits>, Option<Draft>)>,
    /// Why there is no thread, where there is none.
    reason: OnceLock<i32>,
}

impl Shared {
    fn kept(&self) -> MutexGuard<'_, (Option<Edits>, Option<Draft>)> {
        // Nothing is half done in there when a thread panics.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the edits in the other place, as a draft that stands for the one that was stored last.
    fn keep_elsewhere(&self) -> Option<io::Result<Kept>> {
        let (edits, stored) = self.kept().clone();
        let (base, changes, mut absorbed) = edits?;
        absorbed.extend(stored);
        let now = self.saver.now();
        let mut draft = Draft::create(&base, self.saver.who.clone(), now);
        draft.absorbed = absorbed;
        Some(draft.store_elsewhere(&changes, now, &self.locations).map(|()| Kept::In(draft.file)))
    }
}

/// Handled in order: what was sent before an order is written before it is answered.
enum Order {
    Keep(Keeping),
    /// Write everything now and answer with the outcome.
    Finish(Sender<Kept>),
    /// The last one; the form has ended.
    End,
}

/// A document, what is pending on it, and the drafts that are part of that.
type Edits = (Document, Changes, Vec<Draft>);

impl Autosave {
    /// Keeps in the saver's name. `report` is called with every outcome that is not the one before.
    pub fn start(saver: Arc<Saver>, locations: DraftLocations, report: impl Fn(Said) + Send + 'static) -> Autosave {
        let (orders, taken) = channel();
        let shared = Arc::new(Shared { saver, locations, kept: Mutex::default(), reason: OnceLock::new() });
        let of_thread = Arc::clone(&shared);
        let started = thread::Builder::new().name(NAME.into()).spawn(move || work(&taken, &of_thread, &report));
        let reason = started.err().and_then(|error| error.raw_os_error());
        reason.map(|reason| shared.reason.set(reason));
        Autosave(Keeper { orders, shared })
    }

    /// Takes over what is to be kept from now on; returns at once.
    pub fn keep(&self, keeping: Keeping) {
        self.0.shared.kept().0 = match &keeping {
            Keeping::Edits(base, changes, absorbed) => Some((base.clone(), changes.clone(), absorbed.clone())),
            Keeping::Nothing | Keeping::Done(_) => None,
        };
        // If the thread is gone, `finish` reports it.
        _ = self.0.orders.send(Order::Keep(keeping));
    }

    /// Waits until everything is written. What was written already is written again: the file may have been removed, or an
    /// earlier failure may be over. Where a disk does not answer, and there are edits, `waiting`
    /// is told, and the other place tried as well.
    pub fn finish(&self, patience: Patience, waiting: impl FnOnce()) -> Kept {
        self.0.finish(patience, waiting).unwrap_or(Kept::Lost(self.0.shared.reason.get().copied()))
    }

    /// The same as a function for the panic hook, which may be called on any thread.
    pub fn at_a_panic(&self) -> impl Fn() + Send + Sync + 'static {
        let keeper = self.0.clone();
        move || {
            if thread::current().name() != Some(NAME) {
                keeper.finish(PATIENCE, || ());
            }
        }
    }
}

impl Drop for Autosave {
    fn drop(&mut self) {
        // The panic hook still holds a sender, so the channel would stay open.
        _ = self.0.orders.send(Order::End);
    }
}

impl Keeper {
    /// `None` where no disk answered in time, or the thread is gone.
    fn finish(&self, patience: Patience, waiting: impl FnOnce()) -> Option<Kept> {
        let (answer, kept) = channel();
        self.orders.send(Order::Finish(answer.clone())).ok()?;
        match kept.recv_timeout(patience.prompt) {
            Err(RecvTimeoutError::Timeout) => {}
            kept => return kept.ok(),
        }
        let shared = Arc::clone(&self.shared);
        let elsewhere = move || {
            // What fails is not told: the disk may yet answer.
            if let Some(kept) = shared.keep_elsewhere().and_then(Result::ok) {
                _ = answer.send(kept);
            }
        };
        if self.shared.kept().0.is_some() {
            _ = thread::Builder::new().name(NAME.into()).spawn(elsewhere);
            waiting();
        }
        kept.recv_timeout(patience.last).ok()
    }
}

fn work(orders: &Receiver<Order>, shared: &Shared, report: &dyn Fn(Said)) {
    let (mut draft, mut kept, mut over) = (None, Kept::Nothing, false);
    // What was handed over last, where that was edits, on the disk or not.
    let mut last: Option<Edits> = None;
    // Drafts that are to go once what is pending is kept.
    let mut spent: Vec<Draft> = vec![];
    while !over {
        let failed = matches!(kept, Kept::Lost(_)) && last.is_some();
        let mut order = match failed {
            true => orders.recv_timeout(RETRY),
            false => orders.recv().map_err(RecvTimeoutError::from),
        };
        let (end, mut wanted, mut asking) = (Instant::now() + DELAY, None, None);
        // Collects more edits until the delay is over, unless somebody waits for an answer.
        loop {
            match order {
                Ok(Order::Keep(keeping)) => {
                    last = match keeping {
                        Keeping::Edits(base, changes, absorbed) => Some((base, changes, absorbed)),
                        Keeping::Nothing => None,
                        Keeping::Done(drafts) => {
                            spent.extend(drafts);
                            None
                        }
                    };
                    wanted = Some(last.clone());
                }
                Ok(Order::Finish(answer)) => asking = Some(answer),
                Ok(Order::End) | Err(RecvTimeoutError::Disconnected) => over = true,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if wanted.is_none() || asking.is_some() || over {
                break;
            }
            order = match orders.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Err(RecvTimeoutError::Timeout) => break,
                next => next,
            };
        }
        if !over && wanted.is_none() {
            wanted = last.clone().map(Some);
        }
        if let Some(edits) = wanted {
            let before = kept;
            kept = store(&mut draft, edits, shared).unwrap_or_else(|error| Kept::Lost(error.raw_os_error()));
            shared.kept().1 = draft.clone().filter(|_| matches!(kept, Kept::In(_)));
            // The old drafts may go only once their edits are in the new one.
            if !matches!(kept, Kept::Lost(_)) {
                let not_removed =
                    std::mem::take(&mut spent).into_iter().flat_map(|draft| draft.discard_with_absorbed());
                not_removed.for_each(|(file, error)| report(Said::NotRemoved(file, error)));
            }
            if kept != before {
                report(Said::Kept(kept.clone()));
            }
        }
        if let Some(answer) = asking {
            // Who asked may have stopped waiting.
            _ = answer.send(kept.clone());
        }
    }
}

/// Writes the edits to this form's draft; without edits, removes it.
fn store(draft: &mut Option<Draft>, edits: Option<Edits>, shared: &Shared) -> io::Result<Kept> {
    let Shared { saver, locations, .. } = shared;
    match (edits, &draft) {
        // Where this process may write nothing, it keeps nothing either.
        (Some((base, ..)), _) if base.location().foreign().is_some() => Ok(Kept::Nothing),
        (Some((base, changes, absorbed)), _) => {
            let now = saver.now();
            let draft = draft.get_or_insert_with(|| Draft::create(&base, saver.who.clone(), now));
            draft.rebase(&base);
            draft.absorbed = absorbed;
            draft.store(&changes, now, locations)?;
            Ok(Kept::In(draft.file.clone()))
        }
        (None, Some(draft)) => draft.discard().map(|()| Kept::Nothing),
        (None, None) => Ok(Kept::Nothing),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;
    use tempfile::TempDir;

    use super::*;
    use crate::catalog::Catalog;
    use crate::document::draft;
    use crate::document::identity::Identity;
    use crate::key::Key;

    /// Only a broken thread is waited for as long as that.
    const LONG: Duration = Duration::from_secs(20);

    const PATIENT: Patience = Patience { prompt: LONG, last: LONG };

    fn pending(value: &str) -> Changes {
        Changes::from([(Key::parse("geral.vendedor_padrao").unwrap(), Some(json!(value)))])
    }

    fn place() -> (TempDir, Document) {
        let folder = TempDir::new().unwrap();
        let document = Document::missing(&folder.path().join("config.json"));
        (folder, document)
    }

    fn kept(document: &Document) -> Vec<Draft> {
        Draft::list(document.path(), 0, &DraftLocations::default()).into_iter().map(Result::unwrap).collect()
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
        let Kept::In(file) = autosave.finish(PATIENT, || ()) else { panic!() };
        let drafts = kept(&document);
        assert_eq!((drafts.len(), &drafts[0].file, &drafts[0].changes), (1, &file, &pending("Ana")));
        assert!(matches!(reports.recv_timeout(LONG).unwrap(), Said::Kept(Kept::In(kept)) if kept == file));
        autosave.keep(Keeping::Done(vec![]));
        assert_eq!(autosave.finish(PATIENT, || ()), Kept::Nothing);
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
            assert!(matches!(autosave.finish(PATIENT, || ()), Kept::In(_)));
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
        autosave.finish(PATIENT, || ());
        assert_eq!(kept(&document)[0].base, None);
        std::fs::write(document.path(), "{}").unwrap();
        let saved = Document::read(document.path(), &Catalog::default()).unwrap();
        autosave.keep(Keeping::Edits(saved, pending("Eva"), vec![]));
        autosave.finish(PATIENT, || ());
        assert_eq!(kept(&document)[0].base.as_deref(), Some("{}"));
    }

    #[test]
    fn a_draft_that_was_recovered_from_is_hidden_then_back_then_gone() {
        let (_folder, document) = place();
        let mut old = Draft::create(&document, Identity { pid: u32::MAX, ..Identity::default() }, Default::default());
        old.store(&pending("Eva"), Default::default(), &DraftLocations::default()).unwrap();
        let autosave = Autosave::start(Arc::default(), DraftLocations::default(), drop);
        let finish = || autosave.finish(PATIENT, || ());
        autosave.keep(Keeping::Edits(document.clone(), pending("Eva"), vec![old.clone()]));
        let files = || std::fs::read_dir(draft::folder(document.path())).unwrap().count();
        finish();
        assert_eq!((kept(&document).len(), files()), (1, 2));
        assert_ne!(kept(&document)[0].file, old.file, "the one that has both");
        autosave.keep(Keeping::Nothing);
        finish();
        assert_eq!(kept(&document), [old.clone()], "taken back: offered again");
        autosave.keep(Keeping::Done(vec![old]));
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
        assert!(matches!(autosave.finish(PATIENT, || ()), Kept::In(_)));
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
        autosave.finish(PATIENT, || ());
        assert_eq!(kept(&document).len(), 1);
        other.store(&pending("Eva Maria"), Default::default(), &DraftLocations::default()).unwrap();
        assert_eq!(kept(&document).len(), 2, "its form goes on");
        autosave.keep(Keeping::Done(vec![found]));
        autosave.finish(PATIENT, || ());
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
        assert!(matches!(autosave.finish(PATIENT, || ()), Kept::Lost(Some(_))));
    }
}
