//! Messages to a thread, as `std::sync::mpsc` sends them, and with its errors.
//!
//! The standard library compiles three kinds of queue for each type that is sent, some 10 kB each; this is one queue under
//! one lock, which is enough for what threads have to say here.

use std::collections::VecDeque;
use std::fmt;
use std::sync::mpsc::{RecvError, RecvTimeoutError, SendError, TryRecvError};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

struct Queue<T> {
    waiting: VecDeque<T>,
    senders: usize,
    is_received: bool,
}

struct Shared<T> {
    queue: Mutex<Queue<T>>,
    changed: Condvar,
}

impl<T> Shared<T> {
    /// No message is made or dropped under the lock, so nothing that panics leaves the queue half changed.
    fn lock(&self) -> MutexGuard<'_, Queue<T>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub struct Sender<T>(Arc<Shared<T>>);

pub struct Receiver<T>(Arc<Shared<T>>);

/// With room for all that is sent: sending never waits.
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let queue = Mutex::new(Queue { waiting: VecDeque::new(), senders: 1, is_received: true });
    let shared = Arc::new(Shared { queue, changed: Condvar::new() });
    (Sender(shared.clone()), Receiver(shared))
}

impl<T> Sender<T> {
    /// Gives the message back where nobody is left to receive it.
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        let mut queue = self.0.lock();
        if !queue.is_received {
            drop(queue);
            return Err(SendError(message));
        }
        queue.waiting.push_back(message);
        drop(queue);
        self.0.changed.notify_one();
        Ok(())
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Sender")
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Sender<T> {
        self.0.lock().senders += 1;
        Sender(self.0.clone())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.0.lock().senders -= 1;
        // Nothing more comes: that concerns all who wait, where a message is one's.
        self.0.changed.notify_all();
    }
}

impl<T> Receiver<T> {
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        let mut queue = self.0.lock();
        let over = if queue.senders == 0 { TryRecvError::Disconnected } else { TryRecvError::Empty };
        queue.waiting.pop_front().ok_or(over)
    }

    /// Waits until a message comes or none can come any more.
    pub fn recv(&self) -> Result<T, RecvError> {
        let waits = |queue: &mut Queue<T>| queue.waiting.is_empty() && queue.senders > 0;
        let waited = self.0.changed.wait_while(self.0.lock(), waits);
        waited.unwrap_or_else(PoisonError::into_inner).waiting.pop_front().ok_or(RecvError)
    }

    /// The same, but no longer than that.
    pub fn recv_timeout(&self, limit: Duration) -> Result<T, RecvTimeoutError> {
        let waits = |queue: &mut Queue<T>| queue.waiting.is_empty() && queue.senders > 0;
        let waited = self.0.changed.wait_timeout_while(self.0.lock(), limit, waits);
        let (mut queue, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let over = if queue.senders == 0 { RecvTimeoutError::Disconnected } else { RecvTimeoutError::Timeout };
        queue.waiting.pop_front().ok_or(over)
    }
}

/// Until none can come any more.
impl<T> Iterator for Receiver<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.recv().ok()
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let mut queue = self.0.lock();
        queue.is_received = false;
        // Dropped after the lock: a message may hold the sender of another, even of this one.
        let unread = std::mem::take(&mut queue.waiting);
        drop(queue);
        drop(unread);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(1);
    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn messages_come_in_their_order_and_outlive_their_sender() {
        let (sender, receiver) = channel();
        let other = sender.clone();
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
        assert_eq!(receiver.recv_timeout(SOON), Err(RecvTimeoutError::Timeout));
        sender.send(1).unwrap();
        drop(sender);
        other.send(2).unwrap();
        drop(other);
        assert_eq!((receiver.recv(), receiver.recv_timeout(LONG)), (Ok(1), Ok(2)));
        assert_eq!(receiver.recv(), Err(RecvError));
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
        assert_eq!(receiver.recv_timeout(LONG), Err(RecvTimeoutError::Disconnected));
    }

    #[test]
    fn a_message_that_nobody_receives_comes_back() {
        let (sender, receiver) = channel();
        drop(receiver);
        assert_eq!(sender.send(1), Err(SendError(1)));
    }

    #[test]
    fn what_was_never_received_is_dropped_with_the_receiver() {
        struct Own(#[expect(dead_code)] Sender<Own>, #[expect(dead_code)] Arc<()>);
        let (sender, receiver) = channel();
        let alive = Arc::new(());
        sender.send(Own(sender.clone(), alive.clone())).unwrap();
        drop(receiver);
        assert_eq!(Arc::strong_count(&alive), 1);
    }

    #[test]
    fn a_thread_that_waits_hears_of_a_message_and_of_the_last_sender() {
        let (sender, receiver) = channel();
        let (answer, answers) = channel();
        let waiting = std::thread::spawn(move || while answer.send(receiver.recv()).is_ok() {});
        sender.send(1).unwrap();
        assert_eq!(answers.recv_timeout(LONG), Ok(Ok(1)));
        drop(sender);
        assert_eq!(answers.recv_timeout(LONG), Ok(Err(RecvError)));
        drop(answers);
        waiting.join().unwrap();
    }
}
