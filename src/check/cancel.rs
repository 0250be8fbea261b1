//! Ending a check early.
//!
//! Cancelling sends an event to the checks that wait: one that waits costs nothing. Only a sweep, which is busy for as long
//! as it lasts, looks at the flag.

use crate::channel::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::event::Event;

/// Ends a check early; clones end the same ones.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<Mutex<CancelState>>);

#[derive(Debug, Default)]
struct CancelState {
    cancelled: bool,
    /// Checks that are running under it, by number.
    listeners: Vec<(u64, Sender<Event>)>,
    next: u64,
}

impl Cancel {
    /// Ends the checks that run under it at once, and those started later before they begin.
    pub fn cancel(&self) {
        let mut state = self.state();
        state.cancelled = true;
        for (_, listener) in state.listeners.drain(..) {
            // A check that has just ended no longer listens.
            let _ = listener.send(Event::Cancelled);
        }
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.state().cancelled
    }

    /// Waits for so long, or until it is cancelled; true where it is.
    pub fn wait(&self, time: Duration) -> bool {
        let (sender, cancelled) = channel();
        let Some(_listening) = self.listen(&sender) else { return true };
        cancelled.recv_timeout(time).is_ok()
    }

    /// Has [`Event::Cancelled`] sent to `listener` until the guard goes; `None` where it is cancelled already.
    pub(super) fn listen(&self, listener: &Sender<Event>) -> Option<Listening<'_>> {
        let mut state = self.state();
        if state.cancelled {
            return None;
        }
        let number = state.next;
        state.next += 1;
        state.listeners.push((number, listener.clone()));
        Some(Listening { cancel: self, number })
    }

    /// A poisoned lock is used on: every change here is a single step.
    fn state(&self) -> MutexGuard<'_, CancelState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// While this lives, its check is notified.
pub(super) struct Listening<'a> {
    cancel: &'a Cancel,
    number: u64,
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        self.cancel.state().listeners.retain(|(number, _)| *number != self.number);
    }
}
