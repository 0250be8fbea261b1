//! Writes unsaved edits to a draft file, on a thread of its own.
//!
//! An editor sends what is pending after every change and does not wait. The thread writes it a moment later, or at once
//! when the program is about to end. It shares no state with the editor, so a panic elsewhere cannot harm it. Where its disk
//! does not answer, another thread keeps the same edits in the other place.

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::channel::{Receiver, Sender, channel};
use crate::document::draft::{Draft, DraftLocations};
use crate::document::identity::Identity;
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

/// After this time a disk is taken for one that hangs.
const STUCK: Duration = Duration::from_secs(3);

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
    report: Box<dyn Fn(Said) + Send + Sync>,
    now: Mutex<Now>,
    /// The draft in the other place, where there is one; held while that is written, once for all who wait for it.
    elsewhere: Mutex<Option<Draft>>,
    /// Why there is no thread, where there is none.
    reason: OnceLock<i32>,
}

/// How far the thread is.
#[derive(Default)]
struct Now {
    /// The edits that are to be kept.
    edits: Option<Edits>,
    /// The draft that was stored last.
    stored: Option<Draft>,
    /// When the disk was asked, while it has not answered.
    asked: Option<Instant>,
    /// Whether a thread is about to keep these edits in the other place.
    is_elsewhere_next: bool,
}

impl Shared {
    fn now(&self) -> MutexGuard<'_, Now> {
        // Nothing is half done in there when a thread panics.
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the edits in the other place, as a draft that stands for the one that was stored last. `None` where that fails. What
    /// another thread is writing there is waited for: the edits are newer by now.
    fn keep_elsewhere(&self) -> Option<Kept> {
        let mut there = self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
        let (edits, stored) = {
            let mut now = self.now();
            now.is_elsewhere_next = false;
            (now.edits.clone(), now.stored.clone())
        };
        let Some((base, changes, absorbed)) = edits else {
            return there.take().map_or(Ok(()), |draft| draft.discard()).ok().map(|()| Kept::Nothing);
        };
        let now = self.saver.now();
        let draft = there.get_or_insert_with(|| Draft::create(&base, Identity::clone(&self.saver.who), now));
        draft.rebase(&base);
        draft.absorbed = absorbed.into_iter().chain(stored).collect();
        draft.store_elsewhere(&changes, now, &self.locations).ok()?;
        Some(Kept::In(draft.file.clone()))
    }

    /// Removes the draft in the other place, once its edits are in their own or not needed.
    fn settle_elsewhere(&self) {
        let left = self.elsewhere.try_lock().ok().and_then(|mut there| there.take());
        if let Some(Err(error)) = left.as_ref().map(Draft::discard) {
            (self.report)(Said::NotRemoved(left.map(|draft| draft.file).unwrap_or_default(), error));
        }
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
    pub fn start(
        saver: Arc<Saver>,
        locations: DraftLocations,
        report: impl Fn(Said) + Send + Sync + 'static,
    ) -> Autosave {
        let (orders, taken) = channel();
        let (now, elsewhere, reason) = (Mutex::default(), Mutex::default(), OnceLock::new());
        let shared = Arc::new(Shared { saver, locations, report: Box::new(report), now, elsewhere, reason });
        let of_thread = Arc::clone(&shared);
        let started = thread::Builder::new().name(NAME.into()).spawn(move || {
            // While all that started us is there, but not before the first screen.
            let _: &Identity = &of_thread.saver.who;
            work(&taken, &of_thread);
        });
        let reason = started.err().and_then(|error| error.raw_os_error());
        reason.map(|reason| shared.reason.set(reason));
        Autosave(Keeper { orders, shared })
    }

    /// Takes over what is to be kept from now on; returns at once. While the disk does not answer, it is kept elsewhere.
    pub fn keep(&self, keeping: Keeping) {
        let is_due = {
            let mut now = self.0.shared.now();
            now.edits = match &keeping {
                Keeping::Edits(base, changes, absorbed) => Some((base.clone(), changes.clone(), absorbed.clone())),
                Keeping::Nothing | Keeping::Done(_) => None,
            };
            let is_stuck = now.asked.is_some_and(|asked| asked.elapsed() >= STUCK);
            is_stuck && !std::mem::replace(&mut now.is_elsewhere_next, is_stuck)
        };
        // If the thread is gone, `finish` reports it.
        _ = self.0.orders.send(Order::Keep(keeping));
        if is_due {
            let shared = Arc::clone(&self.0.shared);
            let elsewhere = move || (shared.report)(Said::Kept(shared.keep_elsewhere().unwrap_or(Kept::Lost(None))));
            _ = thread::Builder::new().name(NAME.into()).spawn(elsewhere);
        }
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
            if let Some(kept) = shared.keep_elsewhere() {
                _ = answer.send(kept);
            }
        };
        if self.shared.now().edits.is_some() {
            _ = thread::Builder::new().name(NAME.into()).spawn(elsewhere);
            waiting();
        }
        kept.recv_timeout(patience.last).ok()
    }
}

fn work(orders: &Receiver<Order>, shared: &Shared) {
    let report = &shared.report;
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
            shared.now().asked = Some(Instant::now());
            kept = store(&mut draft, edits, shared).unwrap_or_else(|error| Kept::Lost(error.raw_os_error()));
            {
                let mut now = shared.now();
                (now.asked, now.stored) = (None, draft.clone().filter(|_| matches!(kept, Kept::In(_))));
            }
            if !matches!(kept, Kept::Lost(_)) {
                shared.settle_elsewhere();
            }
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
        (Some((base, changes, absorbed)), _) => {
            let now = saver.now();
            let draft = draft.get_or_insert_with(|| Draft::create(&base, Identity::clone(&saver.who), now));
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
mod tests;
