//! One end of a terminal: opened anew, so that no write and no read ever waits, with its settings before and while a form
//! has it.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};
use rustix::termios::{InputModes, LocalModes, OptionalActions, OutputModes, QueueSelector, SpecialCodeIndex, Termios};
use rustix::termios::{tcflush, tcgetattr, tcgetsid, tcsetattr};

/// What both ends of a line set where XON and XOFF are its flow control. A terminal that a shell left alone has the first only.
const BOTH_WAYS: InputModes = InputModes::IXON.union(InputModes::IXOFF);

/// One wait of [`Device::write_all`].
const WAIT: Duration = Duration::from_millis(100);

/// One end of a terminal.
pub struct Device {
    pub fd: OwnedFd,
    before: Termios,
    /// False where it could not be opened anew: O_NONBLOCK on the inherited description would stay with the shell.
    is_own: bool,
}

impl Device {
    /// Errors: `ENOTTY` where it is no terminal, or what the system says.
    pub fn open(terminal: impl AsFd) -> io::Result<Device> {
        let before = tcgetattr(&terminal)?;
        // The controlling terminal has a name that anybody may open: after `su` its own belongs to somebody else, and in a
        // container it may have none.
        let name = match tcgetsid(&terminal) {
            Ok(_) => "/dev/tty".to_owned(),
            Err(_) => format!("/proc/self/fd/{}", terminal.as_fd().as_raw_fd()),
        };
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Ok(match rustix::fs::open(name, flags, Mode::empty()) {
            Ok(fd) => Device { fd, before, is_own: true },
            Err(_) => Device { fd: terminal.as_fd().try_clone_to_owned()?, before, is_own: false },
        })
    }

    /// True where XON and XOFF are the line's: its Ctrl+S and Ctrl+Q are no keys.
    pub fn has_flow_control(&self) -> bool {
        self.before.input_modes.contains(BOTH_WAYS)
    }

    pub fn set_raw(&self) -> io::Result<()> {
        let mut raw = self.before.clone();
        raw.make_raw();
        if self.has_flow_control() {
            raw.input_modes |= self.before.input_modes & (BOTH_WAYS | InputModes::IXANY);
        }
        // A read comes back with the first byte, and at once.
        raw.special_codes[SpecialCodeIndex::VMIN] = 1;
        raw.special_codes[SpecialCodeIndex::VTIME] = 0;
        // Not TCSADRAIN: a terminal that takes no bytes must not hold us. In the background this stops the process.
        Ok(retry_on_intr(|| tcsetattr(&self.fd, OptionalActions::Now, &raw))?)
    }

    /// Its keys come by lines that the system lets edit, and it shows them or only their end, whatever it was left as. `is_utf8`:
    /// how its characters are spelled, so that a whole one is taken back.
    pub fn set_lines(&self, is_utf8: bool, shows: bool) -> io::Result<()> {
        let mut lines = self.before.clone();
        lines.local_modes |= LocalModes::ICANON | LocalModes::ECHOE | LocalModes::ISIG;
        lines.local_modes.set(LocalModes::ECHO, shows);
        lines.local_modes.set(LocalModes::ECHONL, !shows);
        lines.input_modes |= InputModes::ICRNL;
        lines.input_modes.set(InputModes::IUTF8, is_utf8);
        lines.output_modes |= OutputModes::OPOST | OutputModes::ONLCR;
        Ok(retry_on_intr(|| tcsetattr(&self.fd, OptionalActions::Now, &lines))?)
    }

    /// Forgets what was typed and not yet read.
    pub fn forget_typed(&self) {
        let _ = tcflush(&self.fd, QueueSelector::IFlush);
    }

    /// Unread input was meant for the form, not for the shell.
    pub fn set_back(&self) {
        self.forget_typed();
        let _ = tcsetattr(&self.fd, OptionalActions::Now, &self.before);
    }

    /// Writes what the terminal takes at once; `EAGAIN` where it takes nothing.
    pub fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        let takes = if self.is_own || self.takes_bytes(Duration::ZERO) { bytes } else { return Err(Errno::AGAIN) };
        // On a description that is the shell's too, one byte is what a terminal that takes any does not wait with.
        let most = if self.is_own { takes.len() } else { 1 };
        retry_on_intr(|| rustix::io::write(&self.fd, takes.get(..most).unwrap_or(takes)))
    }

    /// Writes all of it, waiting at most so often for a terminal that takes no bytes; false where it does not take all.
    pub fn write_all(&self, mut bytes: &[u8], mut waits: usize) -> bool {
        while !bytes.is_empty() {
            match self.write(bytes) {
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(Errno::AGAIN) if waits > 0 => {
                    waits -= 1;
                    self.takes_bytes(WAIT);
                }
                Err(_) => return false,
            }
        }
        true
    }

    /// Whether it takes bytes within `patience`.
    pub fn takes_bytes(&self, patience: Duration) -> bool {
        matches!(poll(&mut [PollFd::new(&self.fd, PollFlags::OUT)], Some(&timespec(patience))), Ok(1..))
    }

    /// Forgets what was written and not yet taken: closing a line that takes nothing would wait for it.
    pub fn forget_written(&self) {
        let _ = tcflush(&self.fd, QueueSelector::OFlush);
    }
}

pub fn timespec(time: Duration) -> Timespec {
    // More than a year is taken for ever.
    Timespec::try_from(time).unwrap_or(Timespec { tv_sec: 1 << 25, tv_nsec: 0 })
}
