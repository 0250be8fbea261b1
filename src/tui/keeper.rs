//! Keeps the edits of a form that are not saved as a draft, on a thread of its own.
//!
//! The form hands over what is pending after every change and goes on at once; a moment later, or at once where the
//! program is about to end, it is on the disk. What was handed over is all there is to know: the thread looks at no form,
//! so that a panic anywhere else cannot take it along.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::document::draft::{Draft, Shelf};
use crate::document::{Changes, Document, Saver};

/// How long more edits are waited for before what there is goes to the disk: a burst of typing costs five writes a
/// second, and a kill costs less than what a hand types in that time.
const DELAY: Duration = Duration::from_millis(200);

/// How long the end of the program waits for the disk: within the second that a lost line leaves.
pub const PATIENCE: Duration = Duration::from_millis(600);

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

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Kept {
    /// There was nothing to keep.
    #[default]
    Nothing,
    /// In this file.
    In(PathBuf),
    /// Nowhere: the system's number for the reason; `None` where the disk did not answer in time.
    Lost(Option<i32>),
}

/// The thread that keeps; it ends with this.
pub struct Keeper(Arc<Shared>);

struct Shared {
    desk: Mutex<Desk>,
    changed: Condvar,
}

#[derive(Default)]
struct Desk {
    /// Handed over, not on the disk yet: edits, or `None` that there are none.
    wanted: Option<Option<Edits>>,
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

impl Keeper {
    /// Keeps in the saver's name. `report` is called with every outcome that is not the one before.
    pub fn start(saver: Arc<Saver>, shelf: Shelf, report: impl Fn(Kept) + Send + 'static) -> Keeper {
        let shared = Arc::new(Shared { desk: Mutex::default(), changed: Condvar::new() });
        let mine = Arc::clone(&shared);
        let work = move || mine.work(&saver, &shelf, &report);
        if let Err(error) = thread::Builder::new().name(NAME.into()).spawn(work) {
            let mut desk = shared.desk();
            (desk.over, desk.kept) = (true, Kept::Lost(error.raw_os_error()));
        }
        Keeper(shared)
    }

    /// Takes over what is to be kept from now on; returns at once.
    pub fn keep(&self, keeping: Keeping) {
        let mut desk = self.0.desk();
        desk.wanted = Some(match keeping {
            Keeping::Edits(base, changes, absorbed) => Some((base, changes, absorbed)),
            Keeping::Nothing => None,
            Keeping::Settled(drafts) => {
                desk.settled.extend(drafts);
                None
            }
        });
        self.0.changed.notify_all();
    }

    /// Sees to it that everything handed over is on the disk, and waits for that, at most `patience`.
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

impl Drop for Keeper {
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
        self.changed.notify_all();
        let busy = |desk: &mut Desk| !desk.over && (desk.wanted.is_some() || desk.writing);
        let (mut desk, late) =
            self.changed.wait_timeout_while(desk, patience, busy).unwrap_or_else(PoisonError::into_inner);
        desk.hurry = false;
        if late.timed_out() { Kept::Lost(None) } else { desk.kept.clone() }
    }

    fn work(&self, saver: &Saver, shelf: &Shelf, report: &dyn Fn(Kept)) {
        let mut draft = None;
        while let Some((edits, settled)) = self.take() {
            let kept = match carry_out(&mut draft, edits, &settled, saver, shelf) {
                Ok(kept) => kept,
                Err(error) => Kept::Lost(error.raw_os_error()),
            };
            let mut desk = self.desk();
            desk.writing = false;
            let news = desk.kept != kept;
            desk.kept = kept.clone();
            drop(desk);
            self.changed.notify_all();
            if news {
                report(kept);
            }
        }
    }

    /// Waits for something to keep, then for what else is typed in the same breath; `None` once it is over.
    fn take(&self) -> Option<(Option<Edits>, Vec<Draft>)> {
        let desk = self.changed.wait_while(self.desk(), |desk| desk.wanted.is_none() && !desk.over);
        let desk = desk.unwrap_or_else(PoisonError::into_inner);
        let waits = |desk: &mut Desk| !desk.hurry && !desk.over;
        let (mut desk, _) = self.changed.wait_timeout_while(desk, DELAY, waits).unwrap_or_else(PoisonError::into_inner);
        let edits = desk.wanted.take()?;
        desk.writing = true;
        Some((edits, std::mem::take(&mut desk.settled)))
    }
}

fn carry_out(
    draft: &mut Option<Draft>,
    edits: Option<Edits>,
    settled: &[Draft],
    saver: &Saver,
    shelf: &Shelf,
) -> std::io::Result<Kept> {
    let mut kept = Kept::Nothing;
    match (edits, &draft) {
        (Some((base, changes, absorbed)), _) => {
            let now = saver.now();
            let draft = draft.get_or_insert_with(|| Draft::create(&base, saver.who.clone(), now));
            draft.rebase(&base);
            draft.absorbed = absorbed.into_iter().map(|draft| draft.file).collect();
            draft.store(&changes, now, shelf)?;
            kept = Kept::In(draft.file.clone());
        }
        (None, Some(draft)) => draft.discard()?,
        (None, None) => {}
    }
    settled.iter().try_for_each(Draft::settled)?;
    Ok(kept)
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
    use crate::document::who::Who;
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
        Draft::list(document.path(), &Shelf::default(), &Who::default()).into_iter().map(Result::unwrap).collect()
    }

    #[test]
    fn what_is_handed_over_is_kept_and_goes_when_it_is_settled() {
        let (_folder, document) = place();
        let (sender, reports) = channel();
        let report = move |kept| sender.send(kept).unwrap();
        let keeper = Keeper::start(Arc::default(), Shelf::default(), report);
        for text in ["A", "An", "Ana"] {
            keeper.keep(Keeping::Edits(document.clone(), pending(text), vec![]));
        }
        let Kept::In(file) = keeper.finish(LONG) else { panic!() };
        let drafts = kept(&document);
        assert_eq!((drafts.len(), &drafts[0].file, &drafts[0].changes), (1, &file, &pending("Ana")));
        assert_eq!(reports.recv_timeout(LONG).unwrap(), Kept::In(file));
        keeper.keep(Keeping::Settled(vec![]));
        assert_eq!(keeper.finish(LONG), Kept::Nothing);
        assert!(kept(&document).is_empty());
    }

    #[test]
    fn without_being_asked_it_is_on_the_disk_a_moment_later() {
        let (_folder, document) = place();
        let (sender, reports) = channel();
        let keeper = Keeper::start(Arc::default(), Shelf::default(), move |kept| sender.send(kept).unwrap());
        let began = Instant::now();
        keeper.keep(Keeping::Edits(document.clone(), pending("Ana"), vec![]));
        assert!(matches!(reports.recv_timeout(LONG).unwrap(), Kept::In(_)));
        assert!(began.elapsed() >= DELAY, "not at every key");
        assert_eq!(kept(&document)[0].changes, pending("Ana"));
    }

    #[test]
    fn whoever_waits_for_the_disk_does_not_wait_for_more_typing() {
        let (_folder, document) = place();
        let keeper = Keeper::start(Arc::default(), Shelf::default(), drop);
        // A loaded machine may be slow once, not every time.
        let is_quick = |_| {
            keeper.keep(Keeping::Edits(document.clone(), pending("Ana"), vec![]));
            let began = Instant::now();
            assert!(matches!(keeper.finish(LONG), Kept::In(_)));
            began.elapsed() < DELAY
        };
        assert!((0..50).any(is_quick));
    }

    #[test]
    fn it_ends_with_its_form_and_keeps_before_what_it_was_handed() {
        let (_folder, document) = place();
        let (sender, reports) = channel();
        let keeper = Keeper::start(Arc::default(), Shelf::default(), move |kept| sender.send(kept).unwrap());
        keeper.keep(Keeping::Edits(document.clone(), pending("Ana"), vec![]));
        drop(keeper);
        let next = || reports.recv_timeout(LONG);
        assert!(matches!(next(), Ok(Kept::In(_))));
        assert_eq!(kept(&document)[0].changes, pending("Ana"));
        assert_eq!(next(), Err(RecvTimeoutError::Disconnected), "the thread is gone");
    }

    #[test]
    fn edits_are_kept_with_the_document_that_they_are_on_by_then() {
        let (_folder, document) = place();
        let keeper = Keeper::start(Arc::default(), Shelf::default(), drop);
        keeper.keep(Keeping::Edits(document.clone(), pending("Ana"), vec![]));
        keeper.finish(LONG);
        assert_eq!(kept(&document)[0].base, None);
        std::fs::write(document.path(), "{}").unwrap();
        let saved = Document::read(document.path(), &Catalog::default()).unwrap();
        keeper.keep(Keeping::Edits(saved, pending("Eva"), vec![]));
        keeper.finish(LONG);
        assert_eq!(kept(&document)[0].base.as_deref(), Some("{}"));
    }

    #[test]
    fn a_draft_that_was_recovered_from_is_hidden_then_back_then_gone() {
        let (_folder, document) = place();
        let mut old = Draft::create(&document, Who { pid: u32::MAX, ..Who::default() }, Default::default());
        old.store(&pending("Eva"), Default::default(), &Shelf::default()).unwrap();
        let keeper = Keeper::start(Arc::default(), Shelf::default(), drop);
        let finish = || keeper.finish(LONG);
        keeper.keep(Keeping::Edits(document.clone(), pending("Eva"), vec![old.clone()]));
        let files = || std::fs::read_dir(draft::folder(document.path())).unwrap().count();
        finish();
        assert_eq!((kept(&document).len(), files()), (1, 2));
        assert_ne!(kept(&document)[0].file, old.file, "the one that has both");
        keeper.keep(Keeping::Nothing);
        finish();
        assert_eq!(kept(&document), [old.clone()], "taken back: offered again");
        keeper.keep(Keeping::Settled(vec![old]));
        keeper.keep(Keeping::Edits(document.clone(), pending("Rui"), vec![]));
        finish();
        let left = kept(&document);
        assert_eq!((left.len(), &left[0].changes), (1, &pending("Rui")), "settled, though overtaken by an edit");
    }

    #[test]
    fn a_panic_on_another_thread_finds_the_last_edit_on_the_disk() {
        let (_folder, document) = place();
        let keeper = Keeper::start(Arc::default(), Shelf::default(), drop);
        let at_a_panic = keeper.at_a_panic();
        keeper.keep(Keeping::Edits(document.clone(), pending("Ana"), vec![]));
        let kept = thread::spawn(move || {
            at_a_panic();
            kept(&document)
        });
        assert_eq!(kept.join().unwrap()[0].changes, pending("Ana"));
    }

    #[test]
    fn what_cannot_be_kept_is_reported_with_the_reason() {
        let nowhere = Document::missing(Path::new("/proc/nowhere/config.json"));
        let keeper = Keeper::start(Arc::default(), Shelf::default(), drop);
        keeper.keep(Keeping::Edits(nowhere, pending("Ana"), vec![]));
        assert!(matches!(keeper.finish(LONG), Kept::Lost(Some(_))));
    }
}
