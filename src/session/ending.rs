//! How an editor was left, and what had been saved by then.

use std::path::PathBuf;

use super::Change;
use crate::problem::Problem;

/// How the form was left.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// With everything saved: the changes since the form was opened.
    Saved(PathBuf, Vec<Change>),
    /// With the file gone, which this form did not write anew; and what it had saved before.
    Gone(PathBuf, Vec<Change>),
    /// With so many changes discarded, after asking; and what had been saved before.
    Discarded(usize, PathBuf, Vec<Change>),
    /// With the changes kept in a draft, since this user cannot save the document: why, and who can.
    Kept(Problem),
    Unreadable(Problem),
    /// While a save did not end, with so many changes: whether they were saved is not known.
    Unanswered(PathBuf, usize),
    /// By a signal, with so many changes not saved.
    Signal(i32, usize),
    /// By a panic, with so many changes not saved.
    Broken(usize),
}

/// Adds what a save changed: one change a parameter, from the value at the start to the value now.
pub fn add_saved(saved: &mut Vec<Change>, changes: Vec<Change>) {
    let again: Vec<_> = changes.iter().map(|change| change.key.clone()).collect();
    for change in changes {
        match saved.iter_mut().find(|saved| saved.key == change.key) {
            Some(saved) => saved.to = change.to,
            None => saved.push(change),
        }
    }
    // A value that was changed and later changed back is not reported.
    saved.retain(|saved| saved.from != saved.to || again.contains(&saved.key));
}
