//! The terminal itself: opened, set raw, waited on, and put back as it was, whatever happens.
//!
//! One `poll(2)` waits for keys, signals and workers at once, without a timer of its own: an idle form costs nothing.
//! What bytes mean is not decided here; see [`input`](super::input) and [`output`](super::output).

use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use ratatui::layout::Size;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::{Pid, getpid, kill_process};
use rustix::termios::tcgetwinsize;
use signal_hook::SigId;
use signal_hook::consts::SIGHUP;

use crate::channel::channel;
use crate::check;
use crate::document::watch::Watch;
use crate::tty::device::{Device, timespec};
pub use crate::tty::signal::UsualSignals;
use crate::tty::signal::{self, Raised, Signal};
use shared::Shared;

mod shared;
#[cfg(test)]
mod tests;

/// Sent before the first frame, and before the first one after a stop: the alternate screen. What a frame on an unknown screen
/// relies on is set by [`output`](super::output).
pub const ENTER: &[u8] = b"\x1b[?1049h";
/// The largest screen drawn. A terminal that claims more is wrong, and its claim would cost gigabytes.
const LARGEST: Size = Size::new(500, 200);

/// The terminal that is open, for the panic hook.
static OPEN: Mutex<Option<Arc<Shared>>> = Mutex::new(None);

/// Why a wait is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// Bytes were appended to the input.
    Input,
    /// The time is over.
    Silence,
    /// The terminal has this size now, and may show anything: others may have used it (a stop, a shell).
    Resized(Size),
    /// Something may have happened to the document's file.
    Document,
    /// A worker called [`Waker::wake`], once or more.
    Message,
    /// The terminal has taken all that was written: it can be drawn on again.
    Taken,
    /// The program is asked to end by this signal; a terminal that is gone counts as SIGHUP.
    Ended(i32),
    /// A thread panicked: the screen was given back already, and the form must draw no more.
    Panicked,
}

/// What the loop waits on: a terminal, or a script that stands in for one.
pub trait Source {
    /// Waits until something happens, at most `timeout`. Keys are appended to `input`, all of a burst, so that it costs one
    /// frame.
    fn wait(&mut self, input: &mut Vec<u8>, timeout: Option<Duration>) -> io::Result<Wake>;

    /// The time by a clock that only goes forward.
    fn now(&self) -> Duration;

    /// Lends the terminal to a program that `start` starts on it, and takes it again when that has ended; how it ended, or
    /// `None` where a signal came that ends us: the program then has its own to answer. Afterwards the whole screen has to
    /// be drawn.
    fn lend(&mut self, start: &mut dyn FnMut() -> io::Result<Child>) -> io::Result<Option<ExitStatus>>;

    /// False while the terminal has not taken the last frame: no other one follows it before [`Wake::Taken`], and then the
    /// newest.
    fn is_ready(&self) -> bool {
        true
    }
}

/// The terminal, raw, until dropped.
pub struct Terminal {
    shared: Arc<Shared>,
    handlers: Vec<SigId>,
    usual_signals: UsualSignals,
    /// The size of a terminal that does not know its own.
    usual_size: Size,
    watch: Option<Arc<Watch>>,
    opened: Instant,
}

/// Writes to the terminal; cheap to clone.
#[derive(Clone)]
pub struct Screen(Arc<Shared>);

/// Wakes the loop from another thread; cheap to clone.
#[derive(Clone)]
pub struct Waker(Arc<Shared>);

impl Terminal {
    /// Sets the terminal raw and answers signals from now on. Nothing is written: [`ENTER`] goes with the first frame. Keys
    /// may come from another terminal than the one that shows the form. `usual_size` is that of one that does not know its own.
    ///
    /// Errors: `ENOTTY` where `input` or `output` is no terminal, or what the system says.
    pub fn open(input: impl AsFd, output: impl AsFd, usual_size: Size) -> io::Result<Terminal> {
        let (input, output) = (Device::open(input)?, Device::open(output)?);
        let pipe = UnixStream::pair()?;
        pipe.0.set_nonblocking(true)?;
        pipe.1.set_nonblocking(true)?;
        let shared = Arc::new(Shared {
            input,
            output,
            unsent: Mutex::default(),
            entered: AtomicBool::new(false),
            written: AtomicBool::new(false),
            raised: Raised::default(),
            worker: AtomicBool::new(false),
            panicked: AtomicBool::new(false),
            pipe,
        });
        let usual_signals = UsualSignals::default();
        let handlers = shared.raised.listen(&shared.pipe.1, &usual_signals)?;
        let mut terminal =
            Terminal { shared, handlers, usual_signals, usual_size, watch: None, opened: Instant::now() };
        *OPEN.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&terminal.shared));
        terminal.resume()?;
        Ok(terminal)
    }

    /// What makes signals end the program as they usually do, for when the form is over.
    pub fn usual_signals(&self) -> UsualSignals {
        self.usual_signals.clone()
    }

    /// True where Ctrl+S and Ctrl+Q are the line's and never come as keys.
    pub fn has_flow_control(&self) -> bool {
        self.shared.input.has_flow_control()
    }

    /// Waits for changes of the document too.
    pub fn watch(&mut self, watch: Option<Arc<Watch>>) {
        self.watch = watch;
    }

    /// What frames are written to.
    pub fn screen(&self) -> Screen {
        Screen(Arc::clone(&self.shared))
    }

    /// What workers wake this terminal's [`wait`](Terminal::wait) with.
    pub fn waker(&self) -> Waker {
        Waker(Arc::clone(&self.shared))
    }

    /// The size of the screen in cells, at most 500 by 200.
    pub fn size(&self) -> Size {
        let told = tcgetwinsize(&self.shared.output.fd).ok();
        let of =
            |told: Option<u16>, usual: u16, largest: u16| told.filter(|cells| *cells > 0).unwrap_or(usual).min(largest);
        Size::new(
            of(told.map(|size| size.ws_col), self.usual_size.width, LARGEST.width),
            of(told.map(|size| size.ws_row), self.usual_size.height, LARGEST.height),
        )
    }

    /// Takes the most urgent reason to wake; the others stay for the next time.
    fn take_reason(&mut self) -> io::Result<Option<Wake>> {
        if self.shared.panicked.load(Ordering::SeqCst) {
            return Ok(Some(Wake::Panicked));
        }
        let Some(signal) = self.shared.raised.take() else {
            return Ok(self.shared.worker.swap(false, Ordering::SeqCst).then_some(Wake::Message));
        };
        match signal {
            Signal::Suspend => {
                self.stop()?;
                self.enter()?;
            }
            Signal::Continue => self.enter()?,
            Signal::Resize => {}
            ends => return Ok(Some(Wake::Ended(ends.number()))),
        }
        Ok(Some(Wake::Resized(self.size())))
    }

    /// Stops until SIGCONT, with the terminal given back; not where that comes right after the signal that asked for the stop.
    fn stop(&mut self) -> io::Result<()> {
        if self.shared.raised.is_taken_back(&self.shared.pipe.0) {
            return Ok(());
        }
        self.restore();
        Ok(kill_process(getpid(), rustix::process::Signal::STOP)?)
    }

    /// Takes the terminal once more, with its own screen.
    fn enter(&mut self) -> io::Result<()> {
        self.resume()?;
        self.screen().write_all(ENTER)
    }

    fn wait_for(&mut self, mut child: Child) -> io::Result<Option<ExitStatus>> {
        let (sender, ended) = channel();
        let waker = self.waker();
        let borrower = Pid::from_child(&child);
        thread::Builder::new().name("borrower".into()).spawn(move || {
            // Nobody listens any more once the form has ended.
            let _ = sender.send(child.wait());
            waker.wake();
        })?;
        loop {
            let shared = &self.shared;
            if let Ok(ended) = ended.try_recv() {
                return ended.map(Some);
            }
            if shared.panicked.load(Ordering::SeqCst)
                || shared.raised.told(Signal::Hangup)
                || shared.raised.told(Signal::Terminate)
            {
                // A lost line ends both, but a signal sent to us alone would leave the program running.
                let _ = kill_process(borrower, rustix::process::Signal::HUP);
                return Ok(None);
            }
            if shared.raised.told(Signal::Suspend) {
                shared.raised.forget(Signal::Suspend);
                self.stop()?;
            }
            match poll(&mut [PollFd::new(&self.shared.pipe.0, PollFlags::IN)], None) {
                Ok(_) | Err(Errno::INTR) => self.shared.drain(),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Takes the terminal (again): after [`restore`](Terminal::restore), or when something else may have set it.
    fn resume(&mut self) -> io::Result<()> {
        self.shared.output.set_raw()?;
        self.shared.input.set_raw()?;
        self.shared.lock_unsent().clear();
        self.shared.entered.store(true, Ordering::SeqCst);
        self.shared.raised.forget(Signal::Continue);
        Ok(())
    }

    /// Gives the terminal back as it was. Harmless when that was done before.
    fn restore(&mut self) {
        self.shared.restore();
    }
}

impl Source for Terminal {
    fn wait(&mut self, input: &mut Vec<u8>, timeout: Option<Duration>) -> io::Result<Wake> {
        let timeout = timeout.map(timespec);
        loop {
            if let Some(wake) = self.take_reason()? {
                return Ok(wake);
            }
            let shared = &self.shared;
            let output = if self.is_ready() { PollFlags::empty() } else { PollFlags::OUT };
            // In the middle of a key that arrives in pieces the document can wait, and what happens in its folder draws no wait out.
            let watch = self.watch.as_deref().filter(|_| timeout.is_none());
            let nothing = PollFd::new(&shared.pipe.0, PollFlags::empty());
            let mut fds = [
                PollFd::new(&shared.input.fd, PollFlags::IN),
                PollFd::new(&shared.pipe.0, PollFlags::IN),
                PollFd::new(&shared.output.fd, output),
                watch.map_or(nothing, |watch| PollFd::new(watch, PollFlags::IN)),
            ];
            match poll(&mut fds, timeout.as_ref()) {
                Ok(0) => return Ok(Wake::Silence),
                Ok(_) => {}
                Err(Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            }
            let [keys, pipe, output, document] = fds.map(|fd| fd.revents());
            if !pipe.is_empty() {
                shared.drain();
            } else if !keys.is_empty() {
                match shared.read(input, keys) {
                    Some(0) => {}
                    Some(_) => {
                        shared.collect(input);
                        return Ok(Wake::Input);
                    }
                    None => return Ok(Wake::Ended(SIGHUP)),
                }
            } else if output == PollFlags::OUT {
                if shared.send().is_err() {
                    return Ok(Wake::Ended(SIGHUP));
                }
                if self.is_ready() {
                    return Ok(Wake::Taken);
                }
            } else if !output.is_empty() {
                return Ok(Wake::Ended(SIGHUP));
            } else if !document.is_empty() && watch.is_some_and(Watch::changed) {
                return Ok(Wake::Document);
            }
        }
    }

    fn is_ready(&self) -> bool {
        self.shared.lock_unsent().is_empty()
    }

    fn now(&self) -> Duration {
        self.opened.elapsed()
    }

    fn lend(&mut self, start: &mut dyn FnMut() -> io::Result<Child>) -> io::Result<Option<ExitStatus>> {
        // What the keyboard sends to both meanwhile (Ctrl+C, Ctrl+\\) is the program's; with Ctrl+Z both stop and go on together.
        self.restore();
        let ended = start().and_then(|child| self.wait_for(child));
        self.shared.raised.forget(Signal::Interrupt);
        self.shared.raised.forget(Signal::Quit);
        // A worker may have called meanwhile, and that wake-up went to the wait for the program.
        self.waker().wake();
        self.enter()?;
        ended
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.restore();
        signal::ignore(self.handlers.drain(..));
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        if open.as_ref().is_some_and(|shared| Arc::ptr_eq(shared, &self.shared)) {
            *open = None;
        }
    }
}

impl Waker {
    /// Makes [`Terminal::wait`] come back with [`Wake::Message`].
    pub fn wake(&self) {
        self.0.worker.store(true, Ordering::SeqCst);
        self.0.wake();
    }
}

impl Write for Screen {
    /// Never waits: what the terminal does not take is sent by [`Terminal::wait`] as it takes it.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let shared = &self.0;
        if !shared.entered.load(Ordering::SeqCst) {
            return Err(io::Error::other("the terminal was given back"));
        }
        shared.written.store(true, Ordering::SeqCst);
        shared.lock_unsent().extend_from_slice(bytes);
        shared.send()?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Gives the screen back before the message of any thread's panic but a check's, then calls `keep` (what must not be lost), then the
/// hook that was there. For the whole process; call it once.
pub fn install_panic_hook(keep: impl Fn() + Send + Sync + 'static) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // A check tells itself of what went wrong in it.
        if !check::thread::is_current() {
            give_back();
            keep();
            before(panic);
        }
    }));
}

/// Gives back the terminal that is open, if one is, and sends its loop away.
fn give_back() {
    // Not `lock`: the panic may have come while it was held.
    if let Ok(open) = OPEN.try_lock()
        && let Some(shared) = open.as_ref()
    {
        shared.panicked.store(true, Ordering::SeqCst);
        shared.restore();
        shared.wake();
    }
}
