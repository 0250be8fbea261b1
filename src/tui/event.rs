//! What happens to the form, and what it asks to be done.
//!
//! Events go in at one place, [`update`](super::update::update); effects come out of it as values and are carried out
//! by [`effect`](super::effect), so that a test can look at them, or let them be done for real.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

use crate::check::discover::{self, Wanted};
use crate::check::version_table::{SetAside, Table, Trouble};
use crate::check::watch::Round;
use crate::check::{Cancel, Options, Outcome, Request, Stage};
use crate::document::broken::Broken;
use crate::document::draft::{self, Draft};
use crate::document::history::{Damaged, Entry, Listing};
use crate::document::merge::{Conflict, Side};
use crate::document::restore::Restored;
use crate::document::timestamp::Timestamp;
use crate::document::watch::Unwatched;
use crate::document::{Location, ReadError, SaveError, Saved};
use crate::key::Key;
use crate::session::autosave::{Keeping, Kept};
use crate::session::ending::Ending;
use crate::session::look::Look;
use crate::session::opened::{FoundDraft, Opened};
use crate::session::reports::{Reports, ReportsError};
use crate::session::trace::Trace;
use crate::session::{Change, Session};

use super::input::Input;

#[derive(Debug)]
pub enum Event {
    /// The form is on the screen.
    Shown,
    /// What follows of keys and pastes came at once; with `repeats`, so soon after others that a key may be held down.
    Burst { repeats: bool },
    /// A key, or text that was pasted.
    Input(Input),
    /// The terminal has this size now, in cells.
    Resized(u16, u16),
    /// Something may have happened to the document's file.
    Touched,
    /// The editor that had the terminal has ended; `None` where a signal came first.
    Edited(PathBuf, io::Result<Option<ExitStatus>>),
    /// A worker's message; dropped if its ticket is not the latest.
    Done(Ticket, Message),
    /// The program is asked to end (SIGHUP, SIGTERM, SIGINT, SIGQUIT, or the terminal is gone: SIGHUP).
    Ended(Ending),
}

/// Which piece of work it is; every new one gets the next number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// What follows a save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    Stay,
    Close,
}

/// What a worker has to say.
#[derive(Debug)]
pub enum Message {
    /// The test of this parameter has come to this stage.
    Entered(Key, Stage),
    Tested(Box<Outcome>),
    /// All targets of a live view were tested once more.
    Round(Round),
    /// All targets were tested, or the check was cancelled.
    CheckEnded,
    /// The save has ended; what it changed, the session that was saved, and what follows.
    Saved(Saved, Vec<Change>, Box<Session>, After),
    /// The save goes on, and takes too long.
    Late,
    /// Nothing was saved; where others' changes stand in the way, with the session that has taken them in, and what was
    /// chosen of conflicts; and what was to follow.
    NotSaved(SaveError, Option<Box<Session>>, Vec<(Conflict, Side)>, After),
    /// What became of the edits that were to be kept as a draft.
    Kept(Kept),
    /// The same, where the form waited for it because the document cannot be saved; and what follows.
    KeptInstead(Kept, After),
    /// What became of a draft, or that it is none.
    Draft(Result<Box<FoundDraft>, draft::Broken>),
    /// A draft could not be removed: its file, and why.
    NotDiscarded(PathBuf, io::Error),
    /// The versions, newest first and without their texts, and when they were read.
    Listed(io::Result<Listing<Result<Entry, Damaged>>>, Timestamp),
    /// What the history says about the parameters, and when it was read.
    Traced(u64, Trace, Timestamp),
    /// One version; `None` where there is none of that number any more.
    Version(io::Result<Option<Result<Box<Entry>, Damaged>>>),
    Opened(Result<Box<Opened>, ReadError>),
    /// The version of that number replaced a broken document, and what was read then.
    Restored(u64, Restored, Result<Box<Opened>, ReadError>),
    /// None did.
    NotRestored(SaveError),
    Reports(Result<Reports, ReportsError>),
    /// The table that an action is about.
    Table(Result<Box<Table>, Trouble>),
    /// It was set aside: what it had been called, and what came of it.
    SetAside(String, Result<SetAside, Trouble>),
    /// How far the search for the server is.
    Searching(discover::Progress),
    /// The machines that a search found.
    Found(Box<discover::Report>),
    /// What the file holds now, and whether its folder is watched; `None` where that was not tried.
    Looked(Box<Look>, Option<Result<(), Unwatched>>),
    /// The worker broke off without saying anything else.
    Lost,
}

#[derive(Debug)]
pub enum Effect {
    /// To be done on a thread of its own, which reports under this ticket.
    Work(Ticket, Work),
    StopCheck(Cancel),
    /// Read the file, once things there are quiet (`waits`) or at once; other work goes on meanwhile.
    Look {
        waits: bool,
    },
    /// Read from the history who changed what; other work goes on meanwhile.
    Trace(u64),
    /// Keep what is pending as a draft.
    Keep(Keeping),
    /// Lend the terminal to the editor, for this file.
    Edit(PathBuf),
    Repaint,
}

/// Work for a thread of its own, done on a copy of the form's session.
#[derive(Debug)]
pub enum Work {
    /// Test these, calling back with every outcome.
    Check(Vec<Request>, Options, Cancel),
    /// Test these every second until cancelled.
    Watch(Vec<Request>, Options, Cancel),
    /// Save what is pending; of conflicts that were shown, the side that was chosen holds. And what follows.
    Save(Vec<(Conflict, Side)>, After),
    /// Write the file anew, with what is pending. And what follows.
    SaveAnew(After),
    /// Write the draft now, report where it is, then go on as `After` says.
    KeepNow(After),
    /// See what became of a draft since it was kept.
    LookAtDraft(Box<Draft>),
    /// Remove a file in the drafts folder that is not a draft.
    /// Drafts, and files that hold none.
    DiscardDrafts(Vec<Draft>, Vec<PathBuf>),
    ListVersions,
    ReadVersion(u64),
    /// Find the document there once more, and read it.
    Open(Location),
    /// Put the version that is whole in the place of the broken document, and read it.
    Restore(Broken),
    ListReports,
    /// Look for machines that answer on these ports.
    Search(Vec<Wanted>, discover::Search, Cancel),
    /// Look at the table of this name on that server.
    LookAtTable(Request, String, Options),
    SetTableAside(Request, Box<Table>, Options),
}
