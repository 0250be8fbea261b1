//! The signals that the form answers: noted as they come, told one by one, the urgent ones first.

use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::{SigId, flag, low_level};

/// A signal that the form answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGHUP: the terminal is gone, or going.
    Hangup,
    Terminate,
    /// SIGINT, from outside: Ctrl+C is a key.
    Interrupt,
    Quit,
    Suspend,
    /// SIGCONT without a stop of ours: [`Terminal::resume`](super::Terminal::resume) follows.
    Continue,
    /// SIGWINCH: the size is to be read again.
    Resize,
}

/// In the order in which they are reported when several are there: those that end the program first.
const SIGNALS: [(Signal, i32); 7] = [
    (Signal::Hangup, SIGHUP),
    (Signal::Terminate, SIGTERM),
    (Signal::Interrupt, SIGINT),
    (Signal::Quit, SIGQUIT),
    (Signal::Suspend, SIGTSTP),
    (Signal::Continue, SIGCONT),
    (Signal::Resize, SIGWINCH),
];

impl Signal {
    /// The number that `128 + n` in an exit code means.
    pub fn number(self) -> i32 {
        SIGNALS.iter().find(|(signal, _)| *signal == self).map_or(0, |(_, number)| *number)
    }

    /// True for the signals after which the program ends.
    pub fn ends(self) -> bool {
        matches!(self, Signal::Hangup | Signal::Terminate | Signal::Interrupt | Signal::Quit)
    }
}

/// Which signals came and were not told yet.
#[derive(Default)]
pub(super) struct Raised([Arc<AtomicBool>; SIGNALS.len()]);

impl Raised {
    /// Notes every signal from now on, and writes a byte to `pipe` at each.
    pub(super) fn listen(&self, pipe: &UnixStream) -> io::Result<Vec<SigId>> {
        let mut handlers = Vec::new();
        for ((_, number), raised) in SIGNALS.iter().zip(&self.0) {
            // The flag first: whoever is woken by the pipe finds it set.
            handlers.push(flag::register(*number, Arc::clone(raised))?);
            handlers.push(low_level::pipe::register(*number, pipe.try_clone()?)?);
        }
        Ok(handlers)
    }

    /// Takes the most urgent one; the others stay for the next time.
    pub(super) fn take(&self) -> Option<Signal> {
        let raised = self.each().find(|(_, raised)| raised.swap(false, Ordering::SeqCst));
        raised.map(|(signal, _)| signal)
    }

    pub(super) fn forget(&self, signal: Signal) {
        let of_it = self.each().filter(|(other, _)| *other == signal);
        of_it.for_each(|(_, raised)| raised.store(false, Ordering::SeqCst));
    }

    /// True while this one waits to be taken.
    pub(super) fn told(&self, signal: Signal) -> bool {
        self.each().any(|(other, raised)| other == signal && raised.load(Ordering::SeqCst))
    }

    /// True while one waits that ends the program.
    pub(super) fn ending(&self) -> bool {
        self.each().any(|(signal, raised)| signal.ends() && raised.load(Ordering::SeqCst))
    }

    fn each(&self) -> impl Iterator<Item = (Signal, &AtomicBool)> {
        SIGNALS.iter().zip(&self.0).map(|((signal, _), raised)| (*signal, raised.as_ref()))
    }
}

/// Ends what [`Raised::listen`] began. The signals do nothing from then on, not what they do by default.
pub(super) fn ignore(handlers: impl Iterator<Item = SigId>) {
    for handler in handlers {
        low_level::unregister(handler);
    }
}
