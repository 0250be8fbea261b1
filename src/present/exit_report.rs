//! What is printed after the form has closed: where it saved, what changed, and what was not saved.

use super::summary;
use crate::catalog::Catalog;
use crate::document::draft;
use crate::lang::Lang;
use crate::problem::{self, Problem};
use crate::safe::Safe;
use crate::session::autosave::Kept;
use crate::session::ending::Ending;
use crate::text::line::Line;
use crate::{safe, say};

/// How the form was left, and what there is to say of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ExitReport {
    pub ending: Ending,
    /// What became of edits that were not saved.
    pub kept: Kept,
    /// Remarks of the saves.
    pub remarks: Vec<Safe>,
    /// What was changed on a server, and the SQL that takes it back: for stdout, whatever the ending.
    pub printed: Vec<Safe>,
    /// The command that does what was saved, without the program's name and the document's; nothing where nothing was.
    pub again: Vec<Safe>,
}

impl ExitReport {
    /// The lines for stdout. Problems and signals go to stderr. `command` completes words to a command.
    pub fn lines(&self, catalog: &Catalog, lang: Lang, command: &dyn Fn(&[Safe]) -> Safe) -> Vec<Line> {
        let mut lines = match &self.ending {
            Ending::Saved(path, changes) => summary::saved(path, changes, catalog, lang),
            Ending::Discarded(_, path, changes) if !changes.is_empty() => summary::saved(path, changes, catalog, lang),
            Ending::Gone(path, changes) if !changes.is_empty() => summary::saved(path, changes, catalog, lang),
            _ => vec![],
        };
        if let Ending::Gone(path, _) = &self.ending {
            lines.push(summary::gone(path, lang));
        }
        if let Ending::Discarded(count, ..) = &self.ending {
            lines.push(summary::discarded(*count, lang));
        }
        if !lines.is_empty() && !self.again.is_empty() {
            lines.extend(summary::again(command(&self.again), lang));
        }
        lines.extend(self.printed.iter().cloned().map(Line::from));
        lines
    }

    /// The lines for stderr: remarks, why the form ended, and where unsaved changes are kept.
    pub fn notes(&self, lang: Lang) -> Vec<Line> {
        let mut notes: Vec<Line> = self.remarks.iter().cloned().map(Line::from).collect();
        if let (Ending::Kept(problem), Kept::In(file)) = (&self.ending, &self.kept)
            && problem.file.as_ref() != Some(file)
        {
            notes.push(summary::kept(file, lang));
        }
        let (why, unsaved) = match &self.ending {
            Ending::Signal(signal, unsaved) => {
                (say!(lang, "Programa encerrado (sinal {}).", "Program ended (signal {}).", *signal), *unsaved)
            }
            Ending::Broken(unsaved) => {
                (say!(lang, "Programa encerrado por um erro interno.", "Program ended by an internal error."), *unsaved)
            }
            // Whether they were saved is what nobody knows.
            Ending::Unanswered(path, _) => (summary::unanswered(path, lang), 0),
            _ => return notes,
        };
        notes.push(match unsaved {
            0 => why.into(),
            count => safe!("{} {}.", why, summary::unsaved(count, lang)).into(),
        });
        let is_left = matches!(self.ending, Ending::Unanswered(..));
        notes.extend(match &self.kept {
            Kept::In(file) => Some(summary::kept(file, lang)),
            Kept::Lost(reason) if unsaved > 0 || is_left => Some(draft::not_kept(*reason, lang).into()),
            Kept::Lost(_) | Kept::Nothing => None,
        });
        notes.extend(is_left.then(|| summary::may_be_held(lang)));
        notes
    }

    /// True where something was changed, in the document or on a server.
    pub fn has_done(&self) -> bool {
        match &self.ending {
            Ending::Saved(_, changes) | Ending::Gone(_, changes) | Ending::Discarded(_, _, changes) => {
                !changes.is_empty()
            }
            _ => !self.printed.is_empty(),
        }
    }

    /// The problem that the form ended with, if any.
    pub fn problem(&self) -> Option<&Problem> {
        match &self.ending {
            Ending::Unreadable(problem) | Ending::Kept(problem) => Some(problem),
            _ => None,
        }
    }

    /// The program's exit code; a problem's follows from its kind.
    pub fn exit_code(&self) -> u8 {
        match &self.ending {
            Ending::Saved(..) | Ending::Gone(..) | Ending::Discarded(..) => 0,
            Ending::Unreadable(problem) | Ending::Kept(problem) => problem.kind.exit_code(),
            Ending::Unanswered(..) => problem::Kind::Write.exit_code(),
            Ending::Signal(signal, _) => 128u8.saturating_add(u8::try_from(*signal).unwrap_or(127)),
            // The code of a Rust program that panicked.
            Ending::Broken(_) => 101,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn a_draft_that_is_left_is_named_unless_the_problem_names_it() {
        let draft = PathBuf::from("/root/draft.json");
        let problem = Problem::new(problem::Kind::Write, "foreign_folder", Safe::own("x"));
        let notes = |problem: Problem| {
            let kept = Kept::In(draft.clone());
            ExitReport { ending: Ending::Kept(problem), kept, remarks: vec![], printed: vec![], again: vec![] }
                .notes(Lang::Pt)
        };
        assert_eq!(notes(problem.clone()), [summary::kept(&draft, Lang::Pt)]);
        assert_eq!(notes(problem.at(&draft, None)), []);
    }
}
