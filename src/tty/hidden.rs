//! A terminal that does not show what is typed: for passwords.

use std::io;
use std::os::fd::AsFd;

use rustix::io::retry_on_intr;
use rustix::termios::{LocalModes, OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};

/// While it lives, the terminal does not show what is typed. What was typed before is forgotten.
pub struct Hidden<T: AsFd> {
    terminal: T,
    before: Termios,
}

impl<T: AsFd> Hidden<T> {
    pub fn begin(terminal: T) -> io::Result<Hidden<T>> {
        let before = tcgetattr(&terminal)?;
        let mut hidden = before.clone();
        // By lines, and the line's end is shown.
        hidden.local_modes.remove(LocalModes::ECHO);
        hidden.local_modes.insert(LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG);
        // Not TCSAFLUSH, nor TCSADRAIN behind it: a line that takes no bytes must hold nobody.
        retry_on_intr(|| tcsetattr(&terminal, OptionalActions::Now, &hidden))?;
        let _ = tcflush(&terminal, QueueSelector::IFlush);
        Ok(Hidden { terminal, before })
    }
}

impl<T: AsFd> Drop for Hidden<T> {
    fn drop(&mut self) {
        // Nothing can be done where the terminal is gone.
        let _ = retry_on_intr(|| tcsetattr(&self.terminal, OptionalActions::Now, &self.before));
    }
}
