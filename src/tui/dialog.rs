//! What can lie over the form: questions with their answers, pages of text, the list of versions, work under way.
//!
//! The types alone; what a dialog does stands in `update/dialogs`, how it looks in `view/dialog`.

use std::sync::Arc;

use super::event::{After, Listed};
use super::line_edit::LineEdit;
use crate::check::Outcome;
use crate::check::version_table::{SetAside, Table};
use crate::check::watch::{self, Watched};
use crate::document::draft::{Broken, Draft};
use crate::document::history::{Entry, Stamp};
use crate::document::merge::{Conflict, Merge, Side};
use crate::document::timestamp::Timestamp;
use crate::document::{Changes, Saved};
use crate::key::Key;
use crate::problem::Problem;
use crate::session::Change;
use crate::session::reports::Reports;

/// What lies over the form.
#[derive(Clone, Debug)]
pub enum Dialog {
    Question(Question),
    Page(Page),
    List(Listing),
    /// The name of this table is to be typed, with what is typed so far.
    TypeName(Box<Table>, LineEdit),
    /// Tests that are repeated.
    Live(Box<Live>),
    /// Work is under way.
    Busy(Busy),
}

/// A question; its answers stand in [`Question::answers`].
#[derive(Clone, Debug)]
pub enum Question {
    /// Closing, with changes that are not saved.
    Unsaved,
    /// Saving, though these targets failed; and whether to close after it.
    SaveAnyway(Vec<Outcome>, After),
    /// The document cannot be read.
    Unreadable(Box<Problem>),
    /// A draft was found: what to do with it.
    Draft(Box<Offer>),
    /// A parameter was changed here and in the file, to different values: which holds.
    Conflict(Box<Choosing>),
    /// An earlier version, and what restoring it would change in the form.
    Version(Box<Entry>, Vec<Change>),
}

/// What a question can be answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Back to the form; nothing happens.
    Stay,
    /// Save, then go on as asked.
    Save(After),
    /// Save without asking the servers again.
    SaveUntested(After),
    /// Throw the changes away and close.
    Discard,
    Reopen,
    Leave,
    /// Bring the draft's edits into the form.
    Recover,
    DiscardDraft,
    /// Of this conflict, this side holds.
    Choose(Side),
    /// Bring the version's values into the form.
    Restore,
}

impl Question {
    /// The answers, the harmless one first: it is the one that Enter picks unless another was chosen.
    pub fn answers(&self) -> Vec<Answer> {
        match self {
            Question::Unsaved => vec![Answer::Stay, Answer::Save(After::Close), Answer::Discard],
            Question::SaveAnyway(_, after) => vec![Answer::Stay, Answer::SaveUntested(*after)],
            Question::Unreadable(_) => vec![Answer::Reopen, Answer::Leave],
            Question::Draft(offer) => offer.answers(),
            Question::Conflict(_) => vec![Answer::Stay, Answer::Choose(Side::Mine), Answer::Choose(Side::Theirs)],
            Question::Version(_, changes) if changes.is_empty() => vec![Answer::Stay],
            Question::Version(..) => vec![Answer::Stay, Answer::Restore],
        }
    }
}

/// A page of text over the form.
#[derive(Clone, Debug)]
pub enum Page {
    /// The help of a parameter, whole.
    Field(Key),
    Keys,
    Changes,
    /// A table was set aside: what it was called, what it is now, and the SQL that puts it back.
    SetAside(String, Box<SetAside>),
    /// It was saved, together with what others had changed meanwhile.
    Merged(Box<Saved>),
    Problem(Box<Problem>),
}

/// Work that the form waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Busy {
    /// The checks before a save, and what follows the save.
    Checking(After),
    Saving,
    /// The table that an action is about is being looked at.
    Looking,
    /// It is being set aside.
    Moving,
}

#[derive(Clone, Debug)]
pub struct Offer {
    pub found: Found,
    /// True where it is the same person's who opened this form.
    pub is_own: bool,
    /// When it was looked for.
    pub now: Timestamp,
    /// Which one it is, and of how many.
    pub place: (usize, usize),
}

impl Offer {
    /// Recovering saves nothing and can be taken back; still, what another typed waits until it is chosen. Whose form is
    /// still open has it in hand: thrown away here, it would come back with the next key there.
    fn answers(&self) -> Vec<Answer> {
        match &self.found {
            Found::Broken(broken) if !broken.is_file => vec![Answer::Stay],
            Found::Broken(_) => vec![Answer::Stay, Answer::DiscardDraft],
            Found::Whole { draft, .. } => {
                let mut answers = vec![Answer::Recover, Answer::Stay];
                if !self.is_own {
                    answers.reverse();
                }
                if !draft.open_elsewhere {
                    answers.push(Answer::DiscardDraft);
                }
                answers
            }
        }
    }
}

/// What was found in the place of drafts.
#[derive(Clone, Debug)]
pub enum Found {
    /// A draft that can be used.
    Whole {
        draft: Box<Draft>,
        /// Merged onto the document as it was read.
        merge: Box<Merge>,
        /// The version that it was made on.
        made_on: Option<u64>,
        /// True where the document is not what it was made on any more.
        is_old: bool,
        /// Who saved the document last since then, where that is known.
        meanwhile: Option<Stamp>,
    },
    /// A file that holds no usable draft.
    Broken(Arc<Broken>),
}

/// What a live view has seen so far.
#[derive(Clone, Debug, Default)]
pub struct Live {
    pub targets: Vec<Watched>,
    /// Every change of a target that was tested before, the latest first.
    pub changes: Vec<watch::Change>,
}

/// Conflicts that are being decided, one after the other.
#[derive(Clone, Debug)]
pub struct Choosing {
    /// What was chosen in an earlier round; the file changed once more since.
    pub decided: Vec<(Conflict, Side)>,
    /// All that are to be decided.
    pub conflicts: Vec<Conflict>,
    /// What was chosen for the first of them; the next is asked.
    pub chosen: Vec<Side>,
    /// Who saved meanwhile, where that is known.
    pub meanwhile: Option<Stamp>,
    pub purpose: Purpose,
}

impl Choosing {
    /// The conflict that is asked about; `None` once all are decided.
    pub fn current(&self) -> Option<&Conflict> {
        self.conflicts.get(self.chosen.len())
    }

    /// What was chosen for each conflict so far.
    pub fn choices(&self) -> Vec<(Conflict, Side)> {
        self.decided.iter().cloned().chain(self.conflicts.iter().cloned().zip(self.chosen.iter().copied())).collect()
    }
}

/// What goes on once all conflicts are decided.
#[derive(Clone, Debug)]
pub enum Purpose {
    /// The save that met them, and what follows it.
    Save(After),
    /// Recovering this draft, with those of its edits that met none.
    Recover(Box<Draft>, Changes),
}

/// What a list to pick from is made of.
#[derive(Clone, Debug)]
pub enum Listing {
    /// The versions of the document, newest first.
    Versions(Vec<Listed>),
    /// The reports that can be edited.
    Reports(Reports),
}

impl Listing {
    pub fn count(&self) -> usize {
        match self {
            Listing::Versions(listed) => listed.len(),
            Listing::Reports(reports) => reports.names.len(),
        }
    }
}
