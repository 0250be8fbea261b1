//! Dialogs over the form, a file each. Scrolling, picking and the row of answers are here, the same for all.
//!
//! A dialog does not import `update`: what it cannot do itself it returns as a [`Reply`].

pub mod busy;
pub mod compare;
pub mod conflict;
pub mod drafts;
pub mod gone;
pub mod keys;
pub mod live;
pub mod lock;
pub mod page;
pub mod parameter;
pub mod password;
pub mod picks;
pub mod reports;
pub mod save_anyway;
pub mod search;
pub mod servers;
pub mod table;
pub mod unreadable;
pub mod unsaved;
pub mod version;
pub mod versions;

use super::keymap::Action;
use super::layout;
use super::model::{Content, Model, OpenDialog, Reply};
use super::rows::{Row, width_of};
use super::theme::Theme;
use crate::safe::Safe;
use crate::text::width;

/// A key for the dialog that lies on top.
pub fn press(model: &mut Model, action: Action) -> Reply {
    let Some(mut open) = model.dialogs.pop() else { return Reply::Stay(vec![]) };
    let place = model.dialogs.len();
    let reply = match action {
        Action::Enter => open.dialog.enter(model, open.picked),
        Action::Close => open.dialog.close(model),
        _ => open.dialog.press_on(model, open.picked, action).unwrap_or_else(|| match action {
            // The key that opens help closes it too.
            Action::Help => Reply::Close(vec![]),
            _ => {
                turn(&mut open, model, action);
                Reply::Stay(vec![])
            }
        }),
    };
    if let Reply::Stay(_) | Reply::Switch(_) = reply {
        // Below what it has opened.
        model.dialogs.insert(place.min(model.dialogs.len()), open);
    }
    reply
}

/// Lets the dialogs see what an event has changed; `told`: it was no key.
pub fn follow(model: &mut Model, told: bool) {
    let mut open = std::mem::take(&mut model.dialogs);
    for open in &mut open {
        open.picked = open.dialog.follow(model, open.picked, told);
    }
    model.dialogs = open;
}

/// Scrolls, or picks another row or answer.
fn turn(open: &mut OpenDialog, model: &Model, action: Action) {
    let OpenDialog { dialog, scroll, picked, .. } = open;
    let page = layout::rows_per_page(model);
    let (rows, answers) = (dialog.count(), dialog.answers(model).len());
    match action {
        Action::Right | Action::NextStop if answers > 0 => *picked = (*picked + 1) % answers,
        Action::Left | Action::PreviousStop if answers > 0 => *picked = (*picked + answers - 1) % answers,
        _ if rows > 0 => {
            let next = match action {
                Action::Up => picked.saturating_sub(1),
                Action::Down => *picked + 1,
                Action::PageUp => picked.saturating_sub(page),
                Action::PageDown => *picked + page,
                Action::Home => 0,
                Action::End => rows,
                _ => *picked,
            };
            *picked = next.min(rows - 1);
        }
        Action::Up => scroll.up(1),
        Action::Down => scroll.down(1),
        Action::PageUp => scroll.up(page),
        Action::PageDown => scroll.down(page),
        Action::Home => scroll.up(usize::MAX),
        Action::End => scroll.down(usize::MAX),
        _ => {}
    }
}

/// What the dialog shows in rows of `room` cells, its answers included.
pub fn content(model: &Model, open: &OpenDialog, room: u16) -> Content {
    let mut content = open.dialog.content(model, room, open.picked);
    content.below.extend(buttons(model.setup.theme, &open.dialog.answers(model), open.picked, room.into()));
    content
}

/// The answers side by side, or one below the other where they do not fit.
fn buttons(theme: Theme, answers: &[&'static str], picked: usize, room: usize) -> Vec<Row> {
    let labels: Vec<Safe> = answers.iter().map(|answer| crate::safe!("[ {} ]", *answer)).collect();
    let abreast = labels.iter().map(|label| width(label) + 2).sum::<usize>() <= room;
    let mut rows: Vec<Row> = vec![];
    for (number, label) in labels.into_iter().enumerate() {
        if number == 0 || !abreast {
            rows.push(Row::default());
        }
        let Some(row) = rows.last_mut() else { continue };
        row.left.push(("  ".into(), theme.text()));
        if number == picked {
            row.cursor = Some(width_of(&row.left) as u16 + 2);
        }
        row.left.push((label, if number == picked { theme.picked() } else { theme.text() }));
    }
    rows
}
