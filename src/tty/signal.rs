//! The signals that a form answers: noted as they come, told one by one, the urgent ones first.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::{SigId, flag, low_level};

use super::device::timespec;

/// How long a stop that is asked for may still be taken back.
const TAKEN_BACK: Duration = Duration::from_millis(50);

/// A signal that a form answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGHUP: the terminal is gone, or going.
    Hangup,
    Terminate,
    /// SIGINT, from outside: Ctrl+C is a key.
    Interrupt,
    Quit,
    Suspend,
    /// SIGCONT without a stop of ours.
    Continue,
    /// SIGWINCH: the size is to be read again.
    Resize,
}

/// In the order in which they are reported when several are there: those that end the program first. Of a stop and a
/// continuation, only the one that came last is there.
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
}

/// Which signals came and were not told yet: 0, or the signal's number. A stop and a continuation share theirs, so that it tells
/// which of them came last.
#[derive(Default)]
pub struct Raised {
    ends: [Arc<AtomicUsize>; 4],
    job: Arc<AtomicUsize>,
    size: Arc<AtomicUsize>,
}

/// Makes the signals that end or stop a program do that again; cheap to clone.
#[derive(Clone, Default)]
pub struct UsualSignals(Arc<AtomicBool>);

impl UsualSignals {
    pub fn restore(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Raised {
    /// Notes every signal from now on, and writes a byte to `pipe` at each; until they are to do again what they usually do.
    pub fn listen(&self, pipe: &UnixStream, usual: &UsualSignals) -> io::Result<Vec<SigId>> {
        let mut handlers = Vec::new();
        for (signal, number) in SIGNALS {
            if !matches!(signal, Signal::Continue | Signal::Resize) {
                flag::register_conditional_default(number, Arc::clone(&usual.0))?;
            }
            // The note first: whoever is woken by the pipe finds it.
            handlers.push(flag::register_usize(number, Arc::clone(self.note(signal)), number_of(signal))?);
            handlers.push(low_level::pipe::register(number, pipe.try_clone()?)?);
        }
        Ok(handlers)
    }

    fn note(&self, signal: Signal) -> &Arc<AtomicUsize> {
        let [hangup, terminate, interrupt, quit] = &self.ends;
        match signal {
            Signal::Hangup => hangup,
            Signal::Terminate => terminate,
            Signal::Interrupt => interrupt,
            Signal::Quit => quit,
            Signal::Suspend | Signal::Continue => &self.job,
            Signal::Resize => &self.size,
        }
    }

    /// Takes the most urgent one; the others stay for the next time.
    pub fn take(&self) -> Option<Signal> {
        SIGNALS.iter().map(|(signal, _)| *signal).find(|signal| self.forget(*signal))
    }

    /// Says whether it waited to be taken.
    pub fn forget(&self, signal: Signal) -> bool {
        self.note(signal).compare_exchange(number_of(signal), 0, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    /// True where a SIGCONT is right behind the SIGTSTP that was taken. A shell that saw us stop would have the terminal by then,
    /// and we would stop again for want of it. `pipe` is what [`Raised::listen`] has a byte written to.
    pub fn is_taken_back(&self, mut pipe: &UnixStream) -> bool {
        let end = Instant::now() + TAKEN_BACK;
        while !self.told(Signal::Continue) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            // What else it wakes for is noted elsewhere, and seen after the stop.
            let _ = poll(&mut [PollFd::new(pipe, PollFlags::IN)], Some(&timespec(left)));
            while pipe.read(&mut [0; 64]).is_ok_and(|count| count > 0) {}
        }
        true
    }

    /// True while this one waits to be taken.
    pub fn told(&self, signal: Signal) -> bool {
        self.note(signal).load(Ordering::SeqCst) == number_of(signal)
    }
}

fn number_of(signal: Signal) -> usize {
    usize::try_from(signal.number()).unwrap_or_default()
}

/// Ends what [`Raised::listen`] began. The signals do nothing from then on, unless they do again what they usually do.
pub fn ignore(handlers: impl Iterator<Item = SigId>) {
    for handler in handlers {
        low_level::unregister(handler);
    }
}
