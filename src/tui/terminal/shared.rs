//! What the loop, the writer, the workers and the panic hook hold in common: both ends of the terminal, what it has not taken
//! yet, and what wakes the loop.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use crate::tty::device::{Device, timespec};
use crate::tty::signal::Raised;

/// Undoes [`ENTER`](super::ENTER), and the marking of pastes. Clears the screen first, for terminals that have no alternate screen.
pub(super) const LEAVE: &[u8] = b"\x1b[m\x1b[H\x1b[J\x1b[?25h\x1b[?2004l\x1b[?1049l";
/// How often restoring waits for a terminal that takes no bytes: the program has to end within a second.
const LEAVE_WAITS: usize = 3;
/// How much input is collected before it is handled and one frame drawn, so that an unmarked paste does not cost a frame a
/// character. Bounded, so that endless input cannot stop the drawing.
const BURST_BYTES: usize = 16 * 1024;
/// One read takes all that the kernel holds of a terminal's input.
const READ_SIZE: usize = 4096;

pub(super) struct Shared {
    pub(super) input: Device,
    pub(super) output: Device,
    /// What the terminal has not taken yet; at most one frame, see [`Source::is_ready`](super::Source::is_ready).
    pub(super) unsent: Mutex<Vec<u8>>,
    /// True while the terminal is ours: raw, on its own screen.
    pub(super) entered: AtomicBool,
    /// True once something was written since: only then is there a screen to leave.
    pub(super) written: AtomicBool,
    pub(super) raised: Raised,
    pub(super) worker: AtomicBool,
    pub(super) panicked: AtomicBool,
    /// Read end and write end of what wakes the poll; the flags above say why.
    pub(super) pipe: (UnixStream, UnixStream),
}

impl Shared {
    /// Reads what there is of keys, which `poll` said of them this; how many bytes, `None` where the terminal is gone.
    pub(super) fn read(&self, input: &mut Vec<u8>, keys: PollFlags) -> Option<usize> {
        let mut bytes = [0; READ_SIZE];
        match rustix::io::read(&self.input.fd, &mut bytes) {
            Ok(count) if count > 0 => {
                input.extend_from_slice(bytes.get(..count).unwrap_or_default());
                Some(count)
            }
            Err(Errno::INTR) => Some(0),
            // Somebody else took the bytes. With an error on the line it would be so for ever.
            Err(Errno::AGAIN) if keys == PollFlags::IN => Some(0),
            _ => None,
        }
    }

    /// Takes the rest of a burst of keys. What else happens meanwhile is told by the next wait.
    pub(super) fn collect(&self, input: &mut Vec<u8>) {
        while input.len() < BURST_BYTES {
            let mut fds = [PollFd::new(&self.input.fd, PollFlags::IN)];
            let is_more = matches!(poll(&mut fds, Some(&timespec(Duration::ZERO))), Ok(1));
            let [keys] = fds.map(|fd| fd.revents());
            if !is_more || self.read(input, keys).is_none_or(|count| count == 0) {
                break;
            }
        }
    }

    pub(super) fn lock_unsent(&self) -> MutexGuard<'_, Vec<u8>> {
        self.unsent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what is unsent, as much of it as the terminal takes at once.
    pub(super) fn send(&self) -> io::Result<()> {
        let mut unsent = self.lock_unsent();
        while !unsent.is_empty() {
            match self.output.write(&unsent) {
                Ok(count) => drop(unsent.drain(..count)),
                Err(Errno::AGAIN) => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    pub(super) fn wake(&self) {
        // A full pipe wakes as well as one more byte in it.
        let _ = (&self.pipe.1).write(&[0]);
    }

    pub(super) fn drain(&self) {
        let mut bytes = [0; 64];
        while matches!((&self.pipe.0).read(&mut bytes), Ok(count) if count > 0) {}
    }

    /// Called from the panic hook too: takes no lock, waits a bounded time, and does its work once.
    pub(super) fn restore(&self) {
        if !self.entered.swap(false, Ordering::SeqCst) {
            return;
        }
        if self.written.swap(false, Ordering::SeqCst) && !self.output.write_all(LEAVE, LEAVE_WAITS) {
            // Half a frame is worth nothing: what the terminal has not taken of it makes room for the way out.
            self.output.forget_written();
            if !self.output.write_all(LEAVE, 0) {
                self.output.forget_written();
            }
        }
        self.input.set_back();
        self.output.set_back();
    }
}
