//! The only place where text enters the screen's cells.

use std::ops::Range;

use ratatui::buffer::Cell;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::line::NORMAL as LINES;

use crate::safe::Safe;
use crate::text::symbols;
use crate::tui::layout::Layout;
use crate::tui::rows::{Row, cut, width_of};
use crate::tui::theme::{ABOVE, BELOW, Theme};

/// Paints one row of the screen.
pub struct Painter<'a> {
    cells: &'a mut [Cell],
    y: u16,
    theme: Theme,
    /// Behind a dialog: nothing there is to be read now.
    pub faded: bool,
}

impl<'a> Painter<'a> {
    /// The cells of row `y`, of which it empties these columns.
    pub fn new(cells: &'a mut [Cell], y: u16, columns: Range<u16>, theme: Theme) -> Painter<'a> {
        cells.get_mut(usize::from(columns.start)..columns.end.into()).unwrap_or_default().fill(Cell::EMPTY);
        Painter { cells, y, theme, faded: false }
    }

    /// Writes from a column on, at most up to the column `end`; the column behind what was written.
    fn put(&mut self, mut x: u16, end: u16, text: &Safe, style: Style) -> u16 {
        let end = usize::from(end).min(self.cells.len());
        let text = self.theme.charset.fit(text.as_str());
        let style = if self.faded { self.theme.dim() } else { style };
        for (_, symbol, columns) in symbols(&text) {
            let (start, next) = (usize::from(x), usize::from(x) + columns);
            if next > end {
                break;
            }
            if let Some((first, rest)) = self.cells.get_mut(start..next).and_then(<[Cell]>::split_first_mut) {
                first.set_symbol(symbol);
                // What was painted there before does not shine through.
                (first.fg, first.bg) = (style.fg.unwrap_or_default(), style.bg.unwrap_or_default());
                first.modifier = style.add_modifier;
                // The second half of a wide character shows nothing of its own.
                rest.fill(Cell::EMPTY);
            }
            x = next as u16;
        }
        x
    }

    /// Writes a row into the width of the area. Where both do not fit, the right part goes first.
    fn row(&mut self, area: Rect, row: &Row) {
        let end = area.right();
        let right = width_of(&row.right) as u16;
        let right_start = end.saturating_sub(right).max(area.x);
        let mut x = area.x;
        let left_end = if right == 0 { end } else { right_start };
        for (text, style) in &row.left {
            x = self.put(x, left_end, text, *style);
        }
        let mut x = right_start;
        for (text, style) in &row.right {
            x = self.put(x, end, text, *style);
        }
    }

    /// Writes what this row of the screen shows of the rows in the area, which begin at its top without the first `skip`;
    /// marks at the right edge that there is more.
    pub fn rows(&mut self, area: Rect, rows: &[Row], skip: usize) {
        if self.y < area.top() || self.y >= area.bottom() {
            return;
        }
        if let Some(row) = rows.get(skip + usize::from(self.y - area.top())) {
            self.row(area, row);
        }
        let x = area.right().saturating_sub(1);
        if skip > 0 && self.y == area.top() {
            self.mark(x, ABOVE);
        }
        if rows.len() > skip + usize::from(area.height) && self.y + 1 == area.bottom() {
            self.mark(x, BELOW);
        }
    }

    /// The lines between the panes.
    pub fn rules(&mut self, layout: &Layout) {
        let (top, bottom) = layout.rules;
        let across = self.y == top || self.y == bottom;
        if across {
            self.across(0, layout.title.width);
        }
        let y = self.y;
        for split in layout.splits.into_iter().flatten().filter(|_| y >= top && y <= bottom) {
            self.mark(
                split,
                match () {
                    () if y == top => LINES.horizontal_down,
                    () if y == bottom => LINES.horizontal_up,
                    () => LINES.vertical,
                },
            );
        }
    }

    /// Two lines across the screen, over and under the area, with a title in the upper one; a box around it where it is narrower
    /// than the screen, with a blank column at each side. What lies behind is cleared.
    pub fn frame(&mut self, inner: Rect, title: &Safe) {
        let (top, bottom) = (inner.y - 1, inner.bottom());
        if self.y < top || self.y > bottom {
            return;
        }
        let is_box = inner.x > 0;
        let (left, right) = if is_box { (inner.x - 1, inner.right()) } else { (0, inner.right() - 1) };
        let behind = usize::from(left.saturating_sub(1))..usize::from(right + 2).min(self.cells.len());
        self.cells.get_mut(behind).unwrap_or_default().fill(Cell::EMPTY);
        let (first, last) = match () {
            () if self.y == top => (LINES.top_left, LINES.top_right),
            () if self.y == bottom => (LINES.bottom_left, LINES.bottom_right),
            () => (LINES.vertical, LINES.vertical),
        };
        if self.y == top || self.y == bottom {
            self.across(left, right + 1);
        }
        if is_box {
            self.mark(left, first);
            self.mark(right, last);
        }
        if self.y == top {
            let title = cut(title, usize::from(inner.width).saturating_sub(6));
            self.put(left + 2, right, &crate::safe!(" {} ", title), self.theme.heading());
        }
    }

    /// A line across, from column to column.
    fn across(&mut self, x: u16, end: u16) {
        for column in x..end {
            self.mark(column, LINES.horizontal);
        }
    }

    /// One mark of the theme at a cell.
    fn mark(&mut self, x: u16, glyph: &'static str) {
        self.put(x, x + 1, &Safe::own(glyph), self.theme.dim());
    }
}
