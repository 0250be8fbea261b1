//! What is said once the form has closed: where it was saved, and what changed from what to what.

use super::autosave::Kept;
use super::event::Ending;
use crate::catalog::Catalog;
use crate::document::draft;
use crate::lang::Lang;
use crate::present::summary;
use crate::problem::Problem;
use crate::safe::Safe;
use crate::text::line::Line;
use crate::{safe, say};

/// How the form was left, and what there is to say of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ExitReport {
    pub ending: Ending,
    /// What became of edits that were not saved.
    pub kept: Kept,
    /// What there was to say beside "saved".
    pub remarks: Vec<Safe>,
    /// What was done outside, and how it is taken back: for stdout, however the form was left.
    pub printed: Vec<Safe>,
}

impl ExitReport {
    /// The lines for stdout. What could not be done and a signal say nothing there: they are no outcome.
    pub fn lines(&self, catalog: &Catalog, lang: Lang) -> Vec<Line> {
        let mut lines = match &self.ending {
            Ending::Saved(path, changes) => summary::saved(path, changes, catalog, lang),
            Ending::Discarded(_, path, changes) if !changes.is_empty() => summary::saved(path, changes, catalog, lang),
            _ => vec![],
        };
        if let Ending::Discarded(count, ..) = &self.ending {
            lines.push(summary::discarded(*count, lang));
        }
        lines.extend(self.printed.iter().cloned().map(Line::from));
        lines
    }

    /// What is said on stderr: what others saved meanwhile; why the form did not end by itself, and where what was not
    /// saved is.
    pub fn notes(&self, lang: Lang) -> Vec<Line> {
        let mut notes: Vec<Line> = self.remarks.iter().cloned().map(Line::from).collect();
        let (why, unsaved) = match &self.ending {
            Ending::Signal(signal, unsaved) => {
                (say!(lang, "Encerrado pelo sinal {}.", "Ended by signal {}.", *signal), *unsaved)
            }
            Ending::Broken(unsaved) => {
                (say!(lang, "Encerrado por um erro interno.", "Ended by an internal error."), *unsaved)
            }
            _ => return notes,
        };
        notes.push(match unsaved {
            0 => why.into(),
            count => safe!("{} {}.", why, summary::unsaved(count, lang)).into(),
        });
        notes.extend(match &self.kept {
            Kept::In(file) => Some(summary::kept(file, lang)),
            Kept::Lost(reason) if unsaved > 0 => Some(draft::not_kept(*reason, lang).into()),
            Kept::Lost(_) | Kept::Nothing => None,
        });
        notes
    }

    /// What could not be done, where that is how the form was left.
    pub fn problem(&self) -> Option<&Problem> {
        match &self.ending {
            Ending::Unreadable(problem) | Ending::Kept(problem) => Some(problem),
            _ => None,
        }
    }

    /// The program's exit code; a problem's follows from its kind.
    pub fn exit_code(&self) -> u8 {
        match &self.ending {
            Ending::Saved(..) | Ending::Discarded(..) => 0,
            Ending::Unreadable(problem) | Ending::Kept(problem) => problem.kind.exit_code(),
            Ending::Signal(signal, _) => 128u8.saturating_add(u8::try_from(*signal).unwrap_or(127)),
            // The code of a Rust program that panicked.
            Ending::Broken(_) => 101,
        }
    }
}
