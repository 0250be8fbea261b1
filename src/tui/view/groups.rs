//! The left pane: sections and groups, each with the marks of what is inside.

use std::ops::Range;

use crate::catalog::Group;
use crate::check::Status;
use crate::present::mark;
use crate::safe::Safe;
use crate::text::wrap;
use crate::tui::model::{Focus, Model};
use crate::tui::rows::{Piece, Row, width_of};
use crate::tui::theme::HERE;

/// All rows, and which of them belong to the group shown. A section that is one group of the same name is one row; the
/// groups of all others are indented below a heading.
pub fn rows(model: &Model, width: u16) -> (Vec<Row>, Range<usize>) {
    let catalog = model.catalog();
    let (mut rows, mut shown) = (Vec::new(), 0..0);
    for (number, section) in catalog.sections().iter().enumerate() {
        let groups: Vec<_> = catalog.groups().iter().enumerate().filter(|(_, group)| group.section == number).collect();
        let alone = matches!(groups[..], [(_, group)] if group.title == section.title);
        if !alone {
            let title = section.title.of(model.lang()).clone();
            rows.push(Row::of(" ".into(), model.setup.theme.heading()).and(title, model.setup.theme.heading()));
        }
        for (index, group) in groups {
            let start = rows.len();
            group_rows(model, index, group, if alone { 0 } else { 2 }, width, &mut rows);
            if index == model.group {
                shown = start..rows.len();
            }
        }
    }
    (rows, shown)
}

fn group_rows(model: &Model, index: usize, group: &Group, indent: usize, width: u16, rows: &mut Vec<Row>) {
    let theme = model.setup.theme;
    let shown = index == model.group;
    let style = match (shown, model.focus) {
        (true, Focus::List) => theme.picked(),
        (true, _) => theme.here(),
        _ if model.has_fields(group) => theme.text(),
        _ => theme.dim(),
    };
    let marks = marks(model, group);
    // The group shown has a mark in the margin, for terminals without colours.
    let mark = Safe::own(if shown { HERE } else { " " });
    let left = 1 + indent;
    let right = if marks.is_empty() { 1 } else { width_of(&marks) + 2 };
    let room = usize::from(width).saturating_sub(left + 1 + right);
    for (number, line) in wrap(group.title.of(model.lang()), room).into_iter().enumerate() {
        let (margin, text) = match (number, indent) {
            (0, 0) => (mark.clone(), line),
            (0, _) => (crate::safe!(" {} ", mark), line),
            (_, 0) => (Safe::own(" "), crate::safe!("  {}", line)),
            _ => (Safe::own("   "), crate::safe!("  {}", line)),
        };
        let mut row = Row::of(margin, if shown { theme.here() } else { style }).and(text, style);
        if shown && model.focus == Focus::List && number == 0 {
            row.cursor = Some(left as u16);
        }
        if number == 0 && !marks.is_empty() {
            row.right = marks.iter().cloned().chain([(Safe::own(" "), theme.text())]).collect();
        }
        rows.push(row);
    }
}

/// Marks of a group's parameters, the worst last.
fn marks(model: &Model, group: &Group) -> Vec<Piece> {
    let theme = model.setup.theme;
    let any = |test: &dyn Fn(&crate::key::Key) -> bool| {
        model.catalog().of_group(&group.id).any(|parameter| test(&parameter.key))
    };
    let mut marks = Vec::new();
    if any(&|key| model.is_changed(key)) {
        marks.push((Safe::own(mark::CHANGED), theme.changed()));
    }
    if any(&|key| model.outcome(key).is_some_and(|outcome| outcome.status() == Status::Fail)) {
        marks.push((Safe::own(mark::FAILS), theme.fails()));
    }
    if any(&|key| model.is_invalid(key)) {
        marks.push((Safe::own(mark::INVALID), theme.fails()));
    }
    marks
}
