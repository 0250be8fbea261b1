//! Why a document cannot be read: what, where, what was expected, and what to do.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::io::Errno;
use unicode_width::UnicodeWidthStr;

use crate::document::broken::{Broken, Offered};
use crate::document::foreign::Foreign;
use crate::document::location::{Blocked, Location};
use crate::file::{Instead, Refused};
use crate::json::{self, Fault, Shape, place};
use crate::lang::Lang;
use crate::problem::{Account, Kind, Problem};
use crate::safe::Safe;
use crate::{safe, say};

/// Why a document cannot be read. It is never half-read and never overwritten.
#[derive(Debug)]
pub struct ReadError(Box<Details>);

/// Boxed, because it is large and rare.
#[derive(Debug)]
struct Details {
    path: PathBuf,
    place: Option<(usize, usize)>,
    key: Option<String>,
    line: Option<String>,
    reason: Reason,
    /// What the file holds, where that was read.
    bytes: Option<Arc<[u8]>>,
    /// Where the file is, and a version of its history that could replace it; `None` for a file that is no document here.
    location: Option<(Location, Option<Offered>)>,
}

/// What is wrong with the file or with its text.
#[derive(Debug)]
pub enum Reason {
    /// The system forbids reading it.
    NotPermitted,
    /// This folder, which it is in or below, may not be entered.
    Closed(PathBuf),
    /// A link in its place leads to this path, where there is nothing.
    Astray(PathBuf),
    /// Something else stands in the file's place.
    NotRegular(Instead),
    /// Its symbolic links lead back to themselves.
    LinkLoop,
    /// The link on the way to it is another's than root's.
    ForeignLink(Foreign),
    /// The system could not read it.
    Io(io::Error),
    /// Larger than 16 MiB.
    TooLarge,
    /// Its text is not JSON as it is accepted here.
    Json(Fault),
    /// A group of the catalog is something else than an object.
    GroupNotObject(Shape),
    /// A `version` greater than ours, as it is written.
    NewerVersion(String),
    /// A `version` that does not exist, as it is written.
    OtherVersion(String),
}

/// A reason with its place in the text, before it is known which file it is about.
#[derive(Debug)]
pub(in crate::document) struct Refusal {
    pub(in crate::document) offset: Option<usize>,
    pub(in crate::document) key: Option<String>,
    pub(in crate::document) reason: Reason,
}

impl Refusal {
    /// At a byte of the text.
    pub(in crate::document) fn at(offset: usize, reason: Reason) -> Refusal {
        Refusal { offset: Some(offset), key: None, reason }
    }

    /// In the value of this key.
    pub(in crate::document) fn about(self, key: &str) -> Refusal {
        Refusal { key: Some(key.to_owned()), ..self }
    }
}

impl From<io::Error> for Reason {
    fn from(error: io::Error) -> Reason {
        match Errno::from_io_error(&error) {
            Some(Errno::LOOP) => Reason::LinkLoop,
            Some(Errno::ACCESS | Errno::PERM) => Reason::NotPermitted,
            _ => Reason::Io(error),
        }
    }
}

impl From<Blocked> for Reason {
    fn from(blocked: Blocked) -> Reason {
        match blocked {
            Blocked::Closed(folder) => Reason::Closed(folder),
            Blocked::LinkLoop => Reason::LinkLoop,
            Blocked::ForeignLink(foreign) => Reason::ForeignLink(foreign),
            Blocked::NotAFile(instead) => Reason::NotRegular(instead),
            Blocked::Io(error) => io::Error::from(error).into(),
        }
    }
}

impl From<Refused> for Reason {
    fn from(refused: Refused) -> Reason {
        match refused {
            Refused::NotRegular(instead) => Reason::NotRegular(instead),
            Refused::TooLarge => Reason::TooLarge,
            Refused::Io(error) => error.into(),
        }
    }
}

impl From<json::Error> for Refusal {
    fn from(error: json::Error) -> Refusal {
        Refusal { offset: error.offset, key: error.key(), reason: Reason::Json(error.fault) }
    }
}

/// The longest line that is shown whole below an error: what fits a wide terminal.
const SHOWN_LINE: usize = 120;

impl ReadError {
    /// About the file, not about what is in it.
    pub fn of_file(path: &Path, reason: Reason) -> ReadError {
        let (place, key, line, bytes, location) = (None, None, None, None, None);
        ReadError(Box::new(Details { path: path.into(), place, key, line, reason, bytes, location }))
    }

    /// What is in the way to a place, if anything is.
    pub fn blocked(place: &Location) -> Option<ReadError> {
        Some(ReadError::of_file(place.named(), place.blocked()?.clone().into()).at(place, None))
    }

    /// About what is in the file.
    pub(in crate::document) fn in_bytes(path: &Path, bytes: &[u8], refusal: Refusal) -> ReadError {
        let Refusal { offset, key, reason } = refusal;
        let before = offset.and_then(|offset| bytes.get(..offset));
        // What stands before the place was read as UTF-8 already.
        let place = before.map(|before| place::of(&String::from_utf8_lossy(before), before.len()));
        let line = before.map(|before| {
            let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            let rest = bytes.get(start..).unwrap_or_default();
            // A few bytes more than can be shown: enough to know that the line is too long, however long it is.
            let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
            String::from_utf8_lossy(&line[..line.len().min(SHOWN_LINE * 8)]).into_owned()
        });
        let line = line.filter(|_| !matches!(reason, Reason::Json(Fault::Wide(_))));
        let bytes = Some(bytes.into());
        ReadError(Box::new(Details { path: path.into(), place, key, line, reason, bytes, location: None }))
    }

    /// With where the document is, and a version of the history that could replace it.
    pub(in crate::document) fn at(mut self, location: &Location, version: Option<Offered>) -> ReadError {
        self.0.location = Some((location.clone(), version));
        self
    }

    /// The same as a document that a version may replace: its contents are broken, not only newer than this program, and there is
    /// such a version.
    pub fn broken(&self) -> Option<Broken> {
        let (Some(bytes), Some((location, Some(version)))) = (&self.0.bytes, &self.0.location) else { return None };
        let is_newer = matches!(self.0.reason, Reason::NewerVersion(_));
        (!is_newer).then(|| Broken { location: location.clone(), bytes: Arc::clone(bytes), version: version.clone() })
    }

    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Line and column, from 1, columns in characters; `None` for reasons about the file as a whole.
    pub fn place(&self) -> Option<(usize, usize)> {
        self.0.place
    }

    pub fn reason(&self) -> &Reason {
        &self.0.reason
    }

    pub fn problem(&self, lang: Lang) -> Problem {
        let path = Safe::path(&self.0.path);
        let message = match (self.0.place, &self.0.key) {
            (None, _) => safe!("{}: {}", path, self.0.reason.message(lang)),
            (Some((line, column)), None) => say!(
                lang,
                "{}, linha {}, coluna {}: {}.",
                "{}, line {}, column {}: {}.",
                path,
                line,
                column,
                self.0.reason.message(lang)
            ),
            (Some((line, column)), Some(key)) => say!(
                lang,
                "{}, linha {}, coluna {}, em {}: {}.",
                "{}, line {}, column {}, in {}: {}.",
                path,
                line,
                column,
                Safe::excerpt(key),
                self.0.reason.message(lang)
            ),
        };
        let mut problem = Problem::new(Kind::Document, self.0.reason.code(), message).at(&self.0.path, self.0.place);
        problem.key = self.0.key.as_deref().map(Safe::excerpt);
        problem.causes = self.excerpt();
        problem.hints = self.hints(lang);
        let account = match &self.0.reason {
            Reason::NotPermitted | Reason::Closed(_) => Some(Account::Root),
            Reason::ForeignLink(foreign) => foreign.owner(),
            _ => None,
        };
        match account {
            Some(account) => problem.allowed_to(account),
            None => problem,
        }
    }

    /// The line and, below it, a caret under the place; nothing where the line is long.
    fn excerpt(&self) -> Vec<Safe> {
        let (Some((number, column)), Some(line)) = (self.0.place, self.0.line.as_deref()) else { return vec![] };
        let line = line.trim_end_matches(['\r', '\n']);
        let indent = line.chars().take_while(|symbol| symbol.is_ascii_whitespace()).count().min(column - 1);
        let visible: String = line.chars().skip(indent).collect();
        if visible.chars().count() > SHOWN_LINE {
            return vec![];
        }
        let before: String = visible.chars().take(column - 1 - indent).collect();
        let gutter = " ".repeat(number.to_string().len());
        let blank = " ".repeat(Safe::outside(&before).as_str().width());
        vec![
            safe!("{} | {}", number, Safe::outside(&visible)),
            safe!("{} | {}^", Safe::outside(&gutter), Safe::outside(&blank)),
        ]
    }

    /// What to do: for this reason, then for any.
    fn hints(&self, lang: Lang) -> Vec<Safe> {
        let path = Safe::for_shell(&self.0.path);
        let location = self.0.location.as_ref().map(|(location, _)| location);
        let run = location.map_or(Some(Safe::default()), Location::shell);
        let own = self.0.reason.hint(&self.0.path, lang).or_else(|| match &run {
            Some(run) => Some(self.0.reason.mending(&self.0.path, run, lang)),
            None => location?.closed(lang),
        });
        let restore = match self.0.reason {
            Reason::NotPermitted | Reason::Closed(_) | Reason::Astray(_) | Reason::NotRegular(_) | Reason::LinkLoop => {
                return own.into_iter().collect();
            }
            Reason::Io(_) | Reason::NewerVersion(_) => None,
            _ => Some(match (self.broken(), run) {
                (Some(broken), Some(run)) => restore(&broken, &run, lang),
                _ => say!(
                    lang,
                    "Ou restaure o arquivo de uma cópia de segurança. O programa não altera este arquivo.",
                    "Or restore the file from a backup. The program does not change this file."
                ),
            }),
        };
        let confirm = self.0.place.map(|_| {
            say!(lang, "Depois confira: balcao-config validate {}", "Then check: balcao-config validate {}", path)
        });
        own.into_iter().chain(restore).chain(confirm).collect()
    }
}

/// The command that replaces a broken file by a version, and keeps it beside that.
fn restore(broken: &Broken, run: &Safe, lang: Lang) -> Safe {
    say!(
        lang,
        "Ou volte à versão {} do histórico, a mais recente sem danos (o arquivo quebrado é guardado ao lado): {}balcao-config --config {} rollback",
        "Or go back to version {} of the history, the newest undamaged one (the broken file is kept beside it): {}balcao-config --config {} rollback",
        broken.version.number,
        run,
        Safe::for_shell(broken.location().path())
    )
}
