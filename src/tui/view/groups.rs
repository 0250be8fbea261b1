//! The left pane: sections and groups, each with the marks of what is inside.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use crate::catalog::{Group, Section};
use crate::present::mark;
use crate::safe::Safe;
use crate::text::wrap;
use crate::tui::model::{Focus, GroupMarks, Model};
use crate::tui::rows::{Piece, Row, width_of};
use crate::tui::theme::HERE;

/// The rows as they were last, with all that they were made from.
#[derive(Default)]
pub struct Memo(Option<(Shown, Rc<[Row]>, Range<usize>)>);

/// All that the rows depend on and that changes while the form is open.
#[derive(PartialEq)]
struct Shown {
    width: u16,
    group: usize,
    /// The list has the focus.
    picked: bool,
    /// By the groups' numbers; only those that have marks.
    marks: BTreeMap<usize, GroupMarks>,
}

impl Memo {
    /// All rows, and which of them belong to the group shown. A section that is one group of the same name is one row; the
    /// groups of all others are indented below a heading.
    pub fn rows(&mut self, model: &Model, width: u16) -> (Rc<[Row]>, Range<usize>) {
        let shown =
            Shown { width, group: model.group, picked: model.focus == Focus::List, marks: model.marks_of_groups() };
        if self.0.as_ref().is_none_or(|(before, ..)| *before != shown) {
            let (rows, focus) = rows(model, &shown);
            self.0 = Some((shown, rows.into(), focus));
        }
        self.0.as_ref().map(|(_, rows, focus)| (Rc::clone(rows), focus.clone())).unwrap_or_default()
    }
}

fn rows(model: &Model, list: &Shown) -> (Vec<Row>, Range<usize>) {
    let catalog = model.catalog();
    let (mut rows, mut shown) = (Vec::new(), 0..0);
    let mut groups = catalog.groups().iter().enumerate().peekable();
    for (number, section) in catalog.sections().iter().enumerate() {
        let mut first = true;
        while let Some((index, group)) = groups.next_if(|(_, group)| group.section == number) {
            let alone =
                first && group.title == section.title && groups.peek().is_none_or(|(_, next)| next.section != number);
            if first && !alone {
                rows.push(heading(model, section));
            }
            first = false;
            let start = rows.len();
            group_rows(model, (index, group), if alone { 0 } else { 2 }, list, &mut rows);
            if index == list.group {
                shown = start..rows.len();
            }
        }
        // A section without groups.
        if first {
            rows.push(heading(model, section));
        }
    }
    (rows, shown)
}

fn heading(model: &Model, section: &Section) -> Row {
    let style = model.setup.theme.heading();
    Row::of(" ".into(), style).and(section.title.of(model.lang()).clone(), style)
}

fn group_rows(model: &Model, (index, group): (usize, &Group), indent: usize, list: &Shown, rows: &mut Vec<Row>) {
    let theme = model.setup.theme;
    let shown = index == list.group;
    let style = match (shown, list.picked) {
        (true, true) => theme.picked(),
        (true, false) => theme.here(),
        _ if model.has_fields(group) => theme.text(),
        _ => theme.dim(),
    };
    let marks = list.marks.get(&index).map(|marks| pieces(model, *marks)).unwrap_or_default();
    // The group shown has a mark in the margin, for terminals without colours.
    let mark = Safe::own(if shown { HERE } else { " " });
    let left = 1 + indent;
    let right = if marks.is_empty() { 1 } else { width_of(&marks) + 1 };
    let room = usize::from(list.width).saturating_sub(left + 1 + right);
    for (number, line) in wrap(group.title.of(model.lang()), room).into_iter().enumerate() {
        let (margin, text) = match (number, indent) {
            (0, 0) => (mark.clone(), line),
            (0, _) => (crate::safe!(" {} ", mark), line),
            (_, 0) => (Safe::own(" "), crate::safe!("  {}", line)),
            _ => (Safe::own("   "), crate::safe!("  {}", line)),
        };
        let mut row = Row::of(margin, if shown { theme.here() } else { style }).and(text, style);
        if shown && list.picked && number == 0 {
            row.cursor = Some(left as u16);
        }
        if number == 0 && !marks.is_empty() {
            row.right = marks.clone();
        }
        rows.push(row);
    }
}

/// Marks of a group's parameters, the worst last.
fn pieces(model: &Model, marks: GroupMarks) -> Vec<Piece> {
    let theme = model.setup.theme;
    let marks = [(marks.changed, mark::CHANGED), (marks.fails, mark::FAILS), (marks.invalid, mark::INVALID)];
    let set: Vec<_> = marks.into_iter().filter(|(is_set, _)| *is_set).collect();
    let pieces = set.into_iter().map(|(_, mark)| [(Safe::own(mark), theme.sign(mark)), (Safe::own(" "), theme.text())]);
    pieces.flatten().collect()
}
