//! The terminal of the form that goes line by line: lines out, lines in, and whatever else happens meanwhile.
//!
//! Nothing is drawn and no cursor is moved: the line that is typed is edited by the system. A line may be answered before its
//! question is seen (a paste, a fast typist); where that must not be, [`Console::forget_typed`] goes before.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::{Child, ExitStatus};
use std::sync::mpsc::TryRecvError;
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, retry_on_intr};
use rustix::process::{getpid, kill_process};
use rustix::termios::tcgetwinsize;
use signal_hook::SigId;
use signal_hook::consts::SIGHUP;

use super::spoken::spoken;
use super::step::{Step, Stop};
use crate::channel::{Receiver, Sender, channel};
use crate::check::credentials::Secret;
use crate::lang::Lang;
use crate::present::commands;
use crate::safe::Safe;
use crate::text::Charset;
use crate::text::encoding::Encoding;
use crate::text::line::{Line, Tone};
use crate::tty::device::{Device, timespec};
use crate::tty::signal::{self, Raised, Signal, UsualSignals};

/// What the terminal shows, and what its bytes mean.
#[derive(Clone, Copy, Debug)]
pub struct Traits {
    pub charset: Charset,
    pub encoding: Encoding,
    /// The width of a terminal that does not know its own.
    pub usual_columns: u16,
}

/// Narrower than this, nothing can be read in any way.
const LEAST_COLUMNS: u16 = 20;

/// The terminal, until dropped.
pub struct Console {
    input: Device,
    output: Device,
    traits: Traits,
    raised: Raised,
    usual_signals: UsualSignals,
    handlers: Vec<SigId>,
    /// Read end and write end of what ends a wait: signals and workers write to it.
    pipe: (UnixStream, UnixStream),
    /// What was read of lines that were not asked for yet.
    typed: Vec<u8>,
    /// What is typed is not shown, also after a stop.
    is_unseen: bool,
}

/// What came of a wait for a worker.
pub enum Heard<M> {
    Message(M),
    /// It has ended.
    Nothing,
    /// The time is over.
    Late,
}

impl Console {
    /// Takes the terminal that these are. Errors: what the system says.
    pub fn open(traits: Traits) -> io::Result<Console> {
        let (input, output) = (Device::open(io::stdin())?, Device::open(io::stdout())?);
        let pipe = UnixStream::pair()?;
        pipe.0.set_nonblocking(true)?;
        pipe.1.set_nonblocking(true)?;
        let (raised, usual_signals) = (Raised::default(), UsualSignals::default());
        let handlers = raised.listen(&pipe.1, &usual_signals)?;
        let console =
            Console { input, output, traits, raised, usual_signals, handlers, pipe, typed: vec![], is_unseen: false };
        console.take()?;
        Ok(console)
    }

    /// What makes signals end the program as they usually do, for when the form is over.
    pub fn usual_signals(&self) -> UsualSignals {
        self.usual_signals.clone()
    }

    fn take(&self) -> io::Result<()> {
        self.input.set_lines(self.traits.encoding == Encoding::Utf8, !self.is_unseen)
    }

    /// How many cells a line has: one less than the terminal, since some break a full line.
    fn room(&self) -> usize {
        let told = tcgetwinsize(&self.output.fd).ok().map(|size| size.ws_col).filter(|columns| *columns > 0);
        usize::from(told.unwrap_or(self.traits.usual_columns).max(LEAST_COLUMNS)) - 1
    }

    /// Writes lines as they are read aloud, in characters that the terminal can show, none wider than it.
    pub fn say(&mut self, lines: &[Line], lang: Lang) -> Step<()> {
        let room = self.room();
        for line in lines {
            let is_exact = line.pieces().iter().any(|(tone, _)| *tone == Tone::Exact);
            if is_exact || commands::is_in(&line.text()) {
                // It is copied: a line that we break is another one.
                self.write(&format!("{}\n", line.text().as_str()))?;
                continue;
            }
            for line in spoken(line, lang).wrapped(room) {
                let text = self.traits.charset.fit(line.text().as_str()).into_owned();
                self.write(&(text + "\n"))?;
            }
        }
        Ok(())
    }

    /// Asks, and reads the line that answers.
    pub fn ask(&mut self, question: &Safe) -> Step<String> {
        self.heed()?;
        let question = self.traits.charset.fit(question.as_str()).into_owned() + " ";
        self.write(&question)?;
        let line = self.read(&question)?;
        Ok(self.text(&line))
    }

    /// Asks for a password, which is not shown.
    pub fn ask_unseen(&mut self, question: &Safe) -> Step<Secret> {
        let question = self.traits.charset.fit(question.as_str()).into_owned() + " ";
        self.is_unseen = true;
        let line = self.take().map_err(|_| Stop::Signal(SIGHUP)).and_then(|()| {
            self.forget_typed();
            self.write(&question)?;
            self.read(&question)
        });
        self.is_unseen = false;
        self.take().map_err(|_| Stop::Signal(SIGHUP))?;
        line.map(Secret::new)
    }

    /// What was typed before now answers nothing that is asked from now on.
    pub fn forget_typed(&mut self) {
        self.typed.clear();
        self.input.forget_typed();
    }

    /// Does this work on a thread of its own, which sends what it has to say.
    pub fn start<M: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Fn(M)) + Send + 'static,
    ) -> Result<Receiver<M>, io::Error> {
        let (sender, messages) = channel();
        let waking = Waking { sender: Some(sender), pipe: self.pipe.1.try_clone()? };
        thread::Builder::new().name("worker".into()).spawn(move || work(&|message| waking.send(message)))?;
        Ok(messages)
    }

    /// Waits for what a worker says.
    pub fn hear<M>(&mut self, messages: &Receiver<M>, patience: Option<Duration>) -> Step<Heard<M>> {
        let patience = patience.map(timespec);
        loop {
            self.heed()?;
            match messages.try_recv() {
                Ok(message) => return Ok(Heard::Message(message)),
                Err(TryRecvError::Disconnected) => return Ok(Heard::Nothing),
                Err(TryRecvError::Empty) => {}
            }
            let mut fds = [PollFd::new(&self.pipe.0, PollFlags::IN), PollFd::new(&self.input.fd, PollFlags::empty())];
            let woken = poll(&mut fds, patience.as_ref());
            let [_, terminal] = fds.map(|fd| fd.revents());
            match woken {
                Ok(0) => return Ok(Heard::Late),
                _ if !terminal.is_empty() => return Err(Stop::Signal(SIGHUP)),
                Ok(_) | Err(Errno::INTR) => self.drain(),
                Err(_) => return Err(Stop::Signal(SIGHUP)),
            }
        }
    }

    /// Lends the terminal to a program that `start` starts on it, until that has ended. What the keyboard sends to both meanwhile
    /// (Ctrl+C) is the program's.
    pub fn lend(&mut self, start: impl FnOnce() -> io::Result<Child>) -> Step<io::Result<ExitStatus>> {
        self.input.set_back();
        let ended = start().and_then(|mut child| child.wait());
        for of_keyboard in [Signal::Interrupt, Signal::Quit, Signal::Suspend, Signal::Continue] {
            self.raised.forget(of_keyboard);
        }
        self.take().map_err(|_| Stop::Signal(SIGHUP))?;
        self.heed()?;
        Ok(ended)
    }

    /// Reads a line, without its end; after a stop, `question` is shown again.
    fn read(&mut self, question: &str) -> Step<Vec<u8>> {
        loop {
            if let Some(end) = self.typed.iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.typed.drain(..=end).collect();
                line.pop();
                return Ok(line);
            }
            if self.heed()? {
                self.write(question)?;
            }
            let mut fds = [PollFd::new(&self.input.fd, PollFlags::IN), PollFd::new(&self.pipe.0, PollFlags::IN)];
            let woken = poll(&mut fds, None);
            let [keys, pipe] = fds.map(|fd| fd.revents());
            match woken {
                Ok(_) if !pipe.is_empty() => self.drain(),
                Ok(_) => self.collect(keys)?,
                Err(Errno::INTR) => {}
                Err(_) => return Err(Stop::Signal(SIGHUP)),
            }
        }
    }

    /// Takes what there is of lines, which `poll` said of it this.
    fn collect(&mut self, keys: PollFlags) -> Step<()> {
        let mut bytes = [0; 4096];
        match rustix::io::read(&self.input.fd, &mut bytes) {
            Ok(count) if count > 0 => self.typed.extend(bytes.iter().take(count)),
            // Ctrl+D ends a line; alone, it stands for the end of all of them.
            Ok(_) if keys == PollFlags::IN && self.typed.is_empty() => {
                self.write("\n")?;
                return Err(Stop::Interrupted);
            }
            Ok(_) if keys == PollFlags::IN => self.typed.push(b'\n'),
            Err(Errno::INTR) => {}
            // Somebody else took the bytes. With an error on the line it would be so for ever.
            Err(Errno::AGAIN) if keys == PollFlags::IN => {}
            _ => return Err(Stop::Signal(SIGHUP)),
        }
        Ok(())
    }

    /// Answers the signals that have come; true where the terminal may show something else by now.
    fn heed(&mut self) -> Step<bool> {
        let mut is_stale = false;
        while let Some(signal) = self.raised.take() {
            match signal {
                Signal::Interrupt => {
                    self.typed.clear();
                    self.write("\n")?;
                    return Err(Stop::Interrupted);
                }
                Signal::Suspend => {
                    if !self.raised.is_taken_back(&self.pipe.0) {
                        self.input.set_back();
                        let _ = kill_process(getpid(), rustix::process::Signal::STOP);
                    }
                }
                Signal::Continue => {
                    // In the background this stops the program once more.
                    self.take().map_err(|_| Stop::Signal(SIGHUP))?;
                    is_stale = true;
                }
                Signal::Resize => {}
                ends => return Err(Stop::Signal(ends.number())),
            }
        }
        Ok(is_stale)
    }

    /// Writes all of it, and waits for a terminal that takes no bytes, unless a signal comes.
    fn write(&mut self, text: &str) -> Step<()> {
        let mut bytes = text.as_bytes();
        while !bytes.is_empty() {
            match self.output.write(bytes) {
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(Errno::AGAIN) => {
                    let mut fds =
                        [PollFd::new(&self.output.fd, PollFlags::OUT), PollFd::new(&self.pipe.0, PollFlags::IN)];
                    let woken = retry_on_intr(|| poll(&mut fds, None));
                    let [_, pipe] = fds.map(|fd| fd.revents());
                    woken.map_err(|_| Stop::Signal(SIGHUP))?;
                    if !pipe.is_empty() {
                        self.drain();
                        self.heed_in_writing()?;
                    }
                }
                Err(_) => return Err(Stop::Signal(SIGHUP)),
            }
        }
        Ok(())
    }

    /// As [`Console::heed`], where nothing can be written.
    fn heed_in_writing(&mut self) -> Step<()> {
        for ends in [Signal::Hangup, Signal::Terminate, Signal::Quit] {
            if self.raised.forget(ends) {
                return Err(Stop::Signal(ends.number()));
            }
        }
        Ok(())
    }

    fn drain(&self) {
        let mut bytes = [0; 64];
        while matches!((&self.pipe.0).read(&mut bytes), Ok(count) if count > 0) {}
    }

    /// What was typed, as text.
    fn text(&self, line: &[u8]) -> String {
        let encoding = self.traits.encoding;
        match std::str::from_utf8(line) {
            Ok(text) => text.to_owned(),
            Err(_) => {
                let of = |byte: &u8| {
                    encoding.character(*byte).unwrap_or(if byte.is_ascii() { char::from(*byte) } else { '\u{fffd}' })
                };
                match encoding {
                    Encoding::Utf8 => String::from_utf8_lossy(line).into_owned(),
                    _ => line.iter().map(of).collect(),
                }
            }
        }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.input.set_back();
        signal::ignore(self.handlers.drain(..));
    }
}

/// Sends messages of a worker, and ends the wait for them.
struct Waking<M> {
    sender: Option<Sender<M>>,
    pipe: UnixStream,
}

impl<M> Waking<M> {
    fn send(&self, message: M) {
        // Nobody listens any more where the work was left.
        let _ = self.sender.as_ref().map(|sender| sender.send(message));
        self.wake();
    }

    fn wake(&self) {
        // A full pipe ends a wait as well as one more byte in it.
        let _ = (&self.pipe).write(&[0]);
    }
}

impl<M> Drop for Waking<M> {
    fn drop(&mut self) {
        self.sender = None;
        self.wake();
    }
}
