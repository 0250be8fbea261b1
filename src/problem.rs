//! What is shown when something cannot be done: kind, message, causes, hints.
//!
//! Every operation has an error type of its own, with its conversion into a [`Problem`] beside it. The kind decides the
//! exit code.

use std::path::PathBuf;

use crate::key::Key;
use crate::safe::Safe;

/// Decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The command line makes no sense, or there is no terminal for the form: 2.
    Usage,
    /// The document or the catalog is unreadable or invalid: 3.
    Document,
    /// Nothing could be written (permission, disk, conflict): 4.
    Write,
    /// An unknown key or a rejected value: 5.
    Value,
}

impl Kind {
    pub const fn exit_code(self) -> u8 {
        match self {
            Kind::Usage => 2,
            Kind::Document => 3,
            Kind::Write => 4,
            Kind::Value => 5,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub kind: Kind,
    /// A stable word for programs (`error.code` in JSON), snake case, never translated.
    pub code: &'static str,
    /// One sentence: what and where.
    pub message: Safe,
    /// The causes, outermost first: each a sentence of its own.
    pub causes: Vec<Safe>,
    /// What to do next; commands to type where there are any.
    pub hints: Vec<Safe>,
    pub file: Option<PathBuf>,
    /// The line in that file, from 1.
    pub line: Option<usize>,
    /// The column in that line, in characters, from 1.
    pub column: Option<usize>,
    /// The parameter, or the key as the document spells it.
    pub key: Option<Safe>,
    /// The account that could do what this one may not. The front end prints the command that does it as that account.
    pub account: Option<Account>,
    /// The command's words in place of those that were typed, where these would not do the same a second time.
    pub again: Option<Vec<Safe>>,
    /// Names that were written, and those that were probably meant: the front end repeats the command with these.
    pub meant: Vec<(String, String)>,
    /// True where the same may succeed later although nobody mends anything.
    pub retry: bool,
}

/// An account of the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Account {
    Root,
    /// By its name, and what goes before a command that is run as it.
    Other {
        name: Safe,
        run: Safe,
    },
}

impl Problem {
    pub fn new(kind: Kind, code: &'static str, message: Safe) -> Problem {
        // Whatever was refused may be a connection string.
        let message = message.without_passwords();
        let (causes, hints, file, key, account) = (vec![], vec![], None, None, None);
        let (line, column, again, meant, retry) = (None, None, None, vec![], false);
        Problem { kind, code, message, causes, hints, file, line, column, key, account, again, meant, retry }
    }

    pub fn because(mut self, cause: Safe) -> Problem {
        self.causes.push(cause.without_passwords());
        self
    }

    pub fn hint(mut self, hint: Safe) -> Problem {
        self.hints.push(hint.without_passwords());
        self
    }

    /// Another account could do it.
    pub fn allowed_to(mut self, account: Account) -> Problem {
        self.account = Some(account);
        self
    }

    /// It may succeed later as it is.
    pub fn passing(mut self) -> Problem {
        self.retry = true;
        self
    }

    pub fn about(mut self, key: &Key) -> Problem {
        self.key = Some(Safe::outside(key.as_str()));
        self
    }

    /// In this file, where known at this line and column (from 1; columns count characters).
    pub fn at(mut self, file: impl Into<PathBuf>, place: Option<(usize, usize)>) -> Problem {
        self.file = Some(file.into());
        self.line = place.map(|(line, _)| line);
        self.column = place.map(|(_, column)| column);
        self
    }
}
