//! The wish to end a check early.
//!
//! A wish wakes the check that waits for it: nobody looks at a flag now and then, so a check that waits costs nothing.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::run::Event;

/// Ends a check early; clones are the same wish.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<Mutex<Wish>>);

#[derive(Debug, Default)]
struct Wish {
    made: bool,
    /// Checks that are running under this wish, by number.
    listeners: Vec<(u64, Sender<Event>)>,
    next: u64,
}

impl Cancel {
    /// Ends the checks that run under it at once, and those started later before they begin.
    pub fn cancel(&self) {
        let mut wish = self.wish();
        wish.made = true;
        for (_, listener) in wish.listeners.drain(..) {
            // A check that has just ended hears nothing any more, and need not.
            let _ = listener.send(Event::Cancelled);
        }
    }

    pub fn is_cancelled(&self) -> bool {
        self.wish().made
    }

    /// Waits for so long, or until it is cancelled; true where it is.
    pub fn wait(&self, time: Duration) -> bool {
        let (sender, wish) = channel();
        let Some(_listening) = self.listen(&sender) else { return true };
        wish.recv_timeout(time).is_ok()
    }

    /// Has [`Event::Cancelled`] sent to `listener` until the guard goes; `None` where it is cancelled already.
    pub(super) fn listen(&self, listener: &Sender<Event>) -> Option<Listening<'_>> {
        let mut wish = self.wish();
        if wish.made {
            return None;
        }
        let number = wish.next;
        wish.next += 1;
        wish.listeners.push((number, listener.clone()));
        Some(Listening { cancel: self, number })
    }

    /// A thread that panicked while holding the lock left nothing half done: every change here is one step.
    fn wish(&self) -> MutexGuard<'_, Wish> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// While this lives, its check hears of the wish.
pub(super) struct Listening<'a> {
    cancel: &'a Cancel,
    number: u64,
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        self.cancel.wish().listeners.retain(|(number, _)| *number != self.number);
    }
}
