//! Composes the frame: rows of text for every pane, scrolled so that the focus is visible. It only reads the model.
//! [`View`] keeps the last page, so that only the rows of the screen that show something else are painted.

mod fields;
mod groups;
pub(super) mod help;
mod paint;
mod status;

use std::io::{self, Write};
use std::ops::Range;
use std::rc::Rc;

use ratatui::buffer::Cell;
use ratatui::layout::{Position, Rect};

use super::dialog;
use super::keymap;
use super::layout::{DIALOG_MOST, LEAST, Layout};
use super::model::{Content, Focus, Model, OpenDialog};
use super::output::Wire;
use super::rows::Row;
use super::scroll::{Scroll, Scrolls};
use super::theme::Theme;
use crate::safe::Safe;
use crate::say;
use paint::Painter;

/// The most rows of a dialog that takes all it can get: a screen of 24, below which nothing shows.
const FILLS_MOST: u16 = 23;

/// Shows the model, frame by frame.
#[derive(Default)]
pub struct View {
    /// The page on the screen.
    shown: Option<Page>,
    /// The list of groups, which most keys leave as it is.
    list: groups::Memo,
    /// The cells of the row that is being painted.
    cells: Vec<Cell>,
}

/// One frame, composed.
pub struct Page {
    theme: Theme,
    size: (u16, u16),
    /// Where the lines between the panes are; `None` where the terminal is too small for any.
    layout: Option<Layout>,
    /// What has the focus: the group shown, and what of it.
    subject: (usize, Focus),
    /// What the help speaks of: the same, but while keys repeat.
    lit: (usize, Focus),
    /// From back to front.
    panes: Vec<Pane>,
    /// Clamped; the loop hands them back to the model.
    pub scroll: Scrolls,
}

/// Rows in an area, from the row `scroll` on.
#[derive(Clone)]
struct Pane {
    part: Part,
    area: Rect,
    rows: Rc<[Row]>,
    scroll: usize,
    /// If any, a box is drawn around the area.
    title: Option<Safe>,
}

/// What of the form a pane is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Line,
    List,
    Fields,
    Help,
    Footer,
    Dialog,
}

impl View {
    /// All that the form shows. Where it is not `calm`, since keys repeat, what is beside the focus stays as it is shown when
    /// the focus moves: on a slow line, it would hold up the focus itself.
    pub fn compose(&mut self, model: &Model, calm: bool) -> Page {
        let layout = Layout::of(model.size, model.focus);
        let dialog = model.dialogs.last().map(|open| open.scroll).unwrap_or_default();
        let mut page = Page {
            theme: model.setup.theme,
            size: model.size,
            layout,
            subject: (model.group, model.focus),
            lit: (model.group, model.focus),
            panes: vec![],
            scroll: Scrolls { dialog, ..model.scroll },
        };
        let held = self.shown.as_ref().filter(|shown| !calm && shown.subject != page.subject);
        page.lit = held.map_or(page.lit, |held| held.lit);
        match layout {
            Some(layout) => page.form(model, &layout, held, &mut self.list),
            None => {
                let waits = model.dialogs.last().map(|open| dialog::content(model, open, model.size.0).title);
                let waits = waits.map(|title| Row::of(title, model.setup.theme.heading()));
                let rows: Vec<Row> = [too_small(model)].into_iter().chain(waits).collect();
                page.add(Part::Line, Rect::new(0, 0, model.size.0, model.size.1.min(2)), rows, 0);
            }
        }
        page
    }

    /// Puts the page on the screen, and the cursor where the focus is; how many bytes that took.
    pub fn show(&mut self, page: Page, wire: &mut Wire<impl Write>) -> io::Result<usize> {
        let (width, height) = page.size;
        self.cells.resize(width.into(), Cell::EMPTY);
        let before = self.shown.as_ref().filter(|before| before.has_the_panes_of(&page));
        for y in 0..height {
            if let Some(columns) = before.map_or(Some(0..width), |before| before.change(&page, y)) {
                page.paint(y, columns.clone(), &mut self.cells);
                wire.row(y, columns, &self.cells);
            }
        }
        wire.cursor(page.cursor());
        self.shown = Some(page);
        wire.flush()
    }
}

impl Page {
    fn add(&mut self, part: Part, area: Rect, rows: impl Into<Rc<[Row]>>, scroll: usize) {
        self.panes.push(Pane { part, area, rows: rows.into(), scroll, title: None });
    }

    /// Takes over the pane from a page that is shown; false where that has no such pane there.
    fn keep(&mut self, part: Part, area: Rect, shown: Option<&Page>) -> bool {
        let pane = shown.and_then(|page| page.panes.iter().find(|pane| pane.part == part && pane.area == area));
        self.panes.extend(pane.cloned());
        pane.is_some()
    }

    fn form(&mut self, model: &Model, layout: &Layout, held: Option<&Page>, list: &mut groups::Memo) {
        self.add(Part::Line, layout.title, vec![status::title(model, layout)], 0);
        let top = model.dialogs.last();
        // Without a document there are no values, and defaults would be taken for them.
        if model.context() != keymap::UNREADABLE {
            self.panes(model, layout, held, list);
            self.add(Part::Line, layout.buttons, vec![status::buttons(model, layout)], 0);
        }
        if !self.keep(Part::Footer, layout.footer, held) {
            self.add(Part::Footer, layout.footer, vec![status::footer(model, layout)], 0);
        }
        if let Some(open) = top {
            self.dialog(model, open, layout);
        }
    }

    fn panes(&mut self, model: &Model, layout: &Layout, held: Option<&Page>, list: &mut groups::Memo) {
        if let Some(area) = layout.list {
            let (rows, focus) = list.rows(model, area.width);
            self.scroll.list = reveal(self.scroll.list, focus, rows.len(), area.height);
            self.add(Part::List, area, rows, self.scroll.list);
        }
        let beside = held.filter(|_| model.focus == Focus::List);
        if let Some(area) = layout.fields.filter(|area| !self.keep(Part::Fields, *area, beside)) {
            let manner = fields::Manner {
                abreast: layout.abreast,
                passing: held.is_some(),
                lit: if self.lit.0 == model.group { self.lit.1 } else { Focus::List },
            };
            let (rows, focus) = fields::rows(model, area.width, manner);
            self.scroll.fields = reveal(self.scroll.fields, focus, rows.len(), area.height);
            self.add(Part::Fields, area, rows, self.scroll.fields);
        }
        let notice = status::long_notice(model, layout);
        let told = layout.help.height.min(notice.len() as u16);
        let area = Rect { height: layout.help.height - told, ..layout.help };
        self.add(Part::Line, Rect { y: area.bottom(), height: told, ..area }, notice, 0);
        let at = self.scroll.help.at;
        if self.keep(Part::Help, area, held) {
            return;
        }
        // One row more than fits tells whether there is more; where there is, the end is not known yet.
        let wanted = at.saturating_add(area.height.into()).saturating_add(1);
        let rows = help::pane(model, area.width, wanted);
        let most = rows.len().saturating_sub(area.height.into());
        self.scroll.help = Scroll { at: at.min(most), most: if rows.len() < wanted { most } else { usize::MAX } };
        self.add(Part::Help, area, rows, self.scroll.help.at);
    }

    /// The dialog over the form, as high as it needs and the screen allows: between two lines across a narrow screen, in a box
    /// in the middle of a wide one.
    fn dialog(&mut self, model: &Model, open: &OpenDialog, layout: &Layout) {
        let screen = Rect { height: layout.footer.y, ..Rect { y: 0, ..layout.title } };
        let (width, sides) = if screen.width > DIALOG_MOST { (DIALOG_MOST, 1) } else { (screen.width, 0) };
        let width = width - 2 * sides;
        let Content { title, rows, below } = dialog::content(model, open, width);
        let above = open.dialog.above(model, width);
        let under = if below.is_empty() { 0 } else { below.len() as u16 + 1 };
        let over = above.len() as u16;
        let height = match open.dialog.fills() {
            true => screen.height.min(FILLS_MOST),
            false => height(rows.len(), under.saturating_add(over), screen.height),
        };
        let (x, y) = ((screen.width - width) / 2, (screen.height - height) / 2 + 1);
        let inner = Rect { x, y, width, height: height - 2 };
        let area = Rect { y: inner.y + over, height: inner.height.saturating_sub(under + over), ..inner };
        let most = rows.len().saturating_sub(area.height.into());
        let at = match open.dialog.count() {
            0 => open.scroll.at.min(most),
            count => reveal(open.scroll.at, around(&rows, open.picked, count), rows.len(), area.height),
        };
        self.scroll.dialog = Scroll { at, most };
        self.panes.push(Pane { part: Part::Dialog, area: inner, rows: [].into(), scroll: 0, title: Some(title) });
        self.add(Part::Dialog, Rect { height: over.min(inner.height), ..inner }, above, 0);
        self.add(Part::Dialog, area, rows, at);
        self.add(Part::Dialog, Rect { y: area.bottom() + 1, height: below.len() as u16, ..inner }, below, 0);
    }

    /// True where both have the same panes in the same places, so that they can be compared row by row.
    fn has_the_panes_of(&self, other: &Page) -> bool {
        let same = |(one, other): (&Pane, &Pane)| one.area == other.area && one.title == other.title;
        self.size == other.size
            && self.layout == other.layout
            && self.panes.len() == other.panes.len()
            && self.panes.iter().zip(&other.panes).all(same)
    }

    /// The columns in which row `y` of the screen shows something else in a page with the same panes: those of whole panes, or
    /// all where one may lie over another.
    fn change(&self, other: &Page, y: u16) -> Option<Range<u16>> {
        let panes =
            self.panes.iter().zip(&other.panes).filter(|(pane, _)| pane.area.top() <= y && y < pane.area.bottom());
        let changed = panes.filter(|(one, other)| one.shows_at(y) != other.shows_at(y)).map(|(pane, _)| pane.area);
        let area = changed.reduce(Rect::union)?;
        let overlap = self.panes.iter().any(|pane| pane.title.is_some());
        Some(if overlap { 0..self.size.0 } else { area.left()..area.right() })
    }

    /// False where there are no panes to divide, since the document cannot be read.
    fn has_rules(&self) -> bool {
        self.panes.iter().any(|pane| pane.part == Part::Help)
    }

    /// Paints these columns of row `y` of the screen, which are those of whole panes.
    pub fn paint(&self, y: u16, columns: Range<u16>, cells: &mut [Cell]) {
        let mut painter = Painter::new(cells, y, columns.clone(), self.theme);
        // Beside a dialog that takes all of a narrow screen there is nothing to fade.
        let is_behind = self.size.0 > DIALOG_MOST && self.panes.iter().any(|pane| pane.part == Part::Dialog);
        painter.faded = is_behind;
        if let Some(layout) = self.layout.as_ref().filter(|_| self.has_rules()) {
            painter.rules(layout);
        }
        for pane in &self.panes {
            painter.faded = is_behind && !matches!(pane.part, Part::Dialog | Part::Footer);
            if let Some(title) = &pane.title {
                painter.frame(pane.area, title);
            }
            if pane.area.left() < columns.end && columns.start < pane.area.right() {
                painter.rows(pane.area, &pane.rows, pane.scroll);
            }
        }
    }

    /// The cursor's cell: in the last pane that has one, or else at the start of a box.
    fn cursor(&self) -> Option<Position> {
        let of_pane = |pane: &Pane| {
            let shown = (pane.area.top()..pane.area.bottom()).zip(pane.rows.iter().skip(pane.scroll));
            let mut at = shown.filter_map(|(y, row)| {
                Some(Position { x: (pane.area.x + row.cursor?).min(pane.area.right().saturating_sub(1)), y })
            });
            at.next_back().or_else(|| pane.title.is_some().then_some(pane.area.as_position()))
        };
        self.panes.iter().rev().find_map(of_pane)
    }
}

impl Pane {
    /// All that decides what it shows in row `y` of the screen, which is one of its rows.
    fn shows_at(&self, y: u16) -> (Option<&Row>, bool, bool) {
        let height = usize::from(self.area.height);
        let row = self.rows.get(self.scroll + usize::from(y - self.area.top()));
        (row, self.scroll > 0 && y == self.area.top(), self.rows.len() > self.scroll + height)
    }
}

/// Of a box around so many rows, with as many below them as stay there; at most `most`.
fn height(rows: usize, below: u16, most: u16) -> u16 {
    // A long text has more rows than fit into 16 bits.
    u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(below).saturating_add(2).min(most)
}

/// Shown with the title of the dialog that waits, if one does: nothing else fits.
fn too_small(model: &Model) -> Row {
    let (width, height) = LEAST;
    let message = say!(
        model.lang(),
        "Aumente a janela: no mínimo {} x {}",
        "Enlarge the window: at least {} x {}",
        width,
        height
    );
    Row::of(message, model.setup.theme.warns())
}

/// The scroll position nearest to `scroll` that shows the rows of `focus` (its start if not all of it fits) in a window
/// of `height` rows over `count`.
/// The rows to be seen with the one that is picked: what stands above the first or below the last comes with it.
fn around(rows: &[Row], picked: usize, count: usize) -> Range<usize> {
    let at = rows.iter().position(|row| row.cursor.is_some()).unwrap_or(picked);
    match picked {
        0 => 0..at + 1,
        _ if picked + 1 == count => at..rows.len(),
        // A heading above it.
        _ => at.saturating_sub(1)..at + 1,
    }
}

fn reveal(scroll: usize, focus: Range<usize>, count: usize, height: u16) -> usize {
    let height = usize::from(height);
    let lowest = focus.end.saturating_sub(height).min(focus.start);
    scroll.clamp(lowest, focus.start.max(lowest)).min(count.saturating_sub(height))
}

#[cfg(test)]
mod tests {
    use super::{height, reveal};

    #[test]
    fn a_box_is_as_high_as_its_rows_and_no_higher_than_the_screen() {
        assert_eq!((height(3, 2, 23), height(40, 2, 23)), (7, 23));
        for rows in [65_534, 65_535, 65_537, usize::MAX] {
            assert_eq!(height(rows, 2, 23), 23, "{rows}");
        }
    }

    #[test]
    fn scrolling_shows_the_focus_and_moves_no_more_than_it_must() {
        assert_eq!(reveal(0, 3..5, 20, 10), 0);
        assert_eq!(reveal(0, 9..11, 20, 10), 1);
        assert_eq!(reveal(8, 3..5, 20, 10), 3);
        assert_eq!(reveal(15, 19..20, 20, 10), 10);
        assert_eq!(reveal(5, 0..1, 3, 10), 0);
        assert_eq!(reveal(0, 2..30, 40, 10), 2);
        assert_eq!(reveal(9, 9..9, 0, 0), 0);
    }
}
