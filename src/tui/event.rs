//! What happens to the form, and what it asks to be done.
//!
//! Events go in at one place, [`update`](super::update::update); effects come out of it as values and are carried out
//! by [`effect`](super::effect), so that a test can look at them, or let them be done for real.

use std::path::PathBuf;

use crossterm::event::KeyEvent;

use crate::check::{Cancel, Options, Outcome, Request};
use crate::document::{ReadError, SaveError, Saved};
use crate::problem::Problem;
use crate::session::{Change, Session};

use super::model::Opened;

/// Something happened.
#[derive(Debug)]
pub enum Event {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted; `removed` characters of it (controls, line ends) were taken out.
    Paste {
        /// What is left of it.
        text: String,
        /// How many characters were taken out.
        removed: usize,
        /// More was pasted than is taken.
        truncated: bool,
    },
    /// The terminal has this size now, in cells.
    Resized(u16, u16),
    /// A worker has news; dropped where its ticket is not the latest.
    Done(Ticket, News),
    /// The program is asked to end (SIGHUP, SIGTERM, SIGINT, SIGQUIT, or the terminal is gone: SIGHUP).
    Ended(Ending),
}

/// Which piece of work it is; every new one gets the next number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// What a worker has to say.
#[derive(Debug)]
pub enum News {
    /// One target was tested.
    Tested(Outcome),
    /// All targets were tested, or the check was cancelled.
    CheckEnded,
    /// The save has ended; on success the session is the one saved.
    Saved(Result<(Saved, Box<Session>), SaveError>),
    /// The document was read again.
    Opened(Result<Box<Opened>, ReadError>),
    /// The worker broke off without saying anything else.
    Lost,
}

/// Something to be done.
#[derive(Debug)]
pub enum Effect {
    /// Test these, calling back with every outcome.
    Check(Ticket, Vec<Request>, Options, Cancel),
    /// Save the session's pending changes.
    Save(Ticket, Box<Session>),
    /// Read the document at this path again.
    Open(Ticket, PathBuf),
    /// Draw every cell again.
    Repaint,
    /// Leave the form.
    Quit,
}

/// How the form was left.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// With a document that holds all edits: what was saved since it was opened, where anything was.
    Saved(PathBuf, Vec<Change>),
    /// With so many changes thrown away, after asking; what had been saved before is told as well.
    Discarded(usize, PathBuf, Vec<Change>),
    /// The document could not be read.
    Unreadable(Problem),
    /// By a signal, with so many changes not saved.
    Signal(i32, usize),
    /// A part of the program broke.
    Broken(usize),
}
