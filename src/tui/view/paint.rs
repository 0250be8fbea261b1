//! The only place where text enters the screen's buffer.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::line::NORMAL as LINES;

use crate::safe::Safe;
use crate::text::symbols;
use crate::tui::layout::Layout;
use crate::tui::rows::{Row, cut, width_of};
use crate::tui::theme::{ABOVE, BELOW, Theme};

pub struct Painter<'a> {
    buffer: &'a mut Buffer,
    theme: Theme,
    pub cursor: Option<(u16, u16)>,
}

impl<'a> Painter<'a> {
    pub fn new(buffer: &'a mut Buffer, theme: Theme) -> Painter<'a> {
        Painter { buffer, theme, cursor: None }
    }

    /// Writes at a cell, at most up to the column `end`; the column behind what was written.
    fn put(&mut self, x: u16, y: u16, end: u16, text: &Safe, style: Style) -> u16 {
        self.write(x, y, end, &self.theme.charset.fit(text.as_str()), style)
    }

    fn write(&mut self, mut x: u16, y: u16, end: u16, text: &str, style: Style) -> u16 {
        let end = end.min(self.buffer.area.right());
        for (_, symbol, cells) in symbols(text) {
            let cells = cells as u16;
            if x + cells > end {
                break;
            }
            if let Some(cell) = self.buffer.cell_mut((x, y)) {
                cell.set_symbol(symbol).set_style(style);
            }
            // The second half of a wide character shows nothing of its own.
            if let Some(half) = (cells == 2).then(|| self.buffer.cell_mut((x + 1, y))).flatten() {
                half.reset();
            }
            x += cells;
        }
        x
    }

    /// Writes a row into the top row of the area. Where both do not fit, the right part goes first.
    fn row(&mut self, area: Rect, row: &Row) {
        let end = area.right();
        let right = width_of(&row.right) as u16;
        let right_start = end.saturating_sub(right).max(area.x);
        let mut x = area.x;
        let left_end = if right == 0 { end } else { right_start };
        for (text, style) in &row.left {
            x = self.put(x, area.y, left_end, text, *style);
        }
        let mut x = right_start;
        for (text, style) in &row.right {
            x = self.put(x, area.y, end, text, *style);
        }
        if let Some(cell) = row.cursor {
            self.cursor = Some(((area.x + cell).min(end.saturating_sub(1)), area.y));
        }
    }

    /// Writes rows into the area from its top, leaving out the first `skip`; marks at the right edge that there is more.
    pub fn rows(&mut self, area: Rect, rows: &[Row], skip: usize) {
        for (y, row) in (area.top()..area.bottom()).zip(rows.iter().skip(skip)) {
            self.row(Rect { y, height: 1, ..area }, row);
        }
        let x = area.right().saturating_sub(1);
        if skip > 0 {
            self.mark(x, area.y, ABOVE);
        }
        if rows.len() > skip + usize::from(area.height) {
            self.mark(x, area.bottom().saturating_sub(1), BELOW);
        }
    }

    /// The lines between the panes.
    pub fn rules(&mut self, layout: &Layout) {
        let (top, bottom) = layout.rules;
        for y in [top, bottom] {
            self.across(0, y, layout.title.width);
        }
        if let Some(split) = layout.split {
            for y in top + 1..bottom {
                self.mark(split, y, LINES.vertical);
            }
            self.mark(split, top, LINES.horizontal_down);
            self.mark(split, bottom, LINES.horizontal_up);
        }
    }

    /// A box around the area, with its title in the upper line; the cursor goes inside until a row claims it.
    pub fn frame(&mut self, inner: Rect, title: &Safe) {
        let outer = Rect { x: inner.x - 1, y: inner.y - 1, width: inner.width + 2, height: inner.height + 2 };
        self.blank(outer);
        let (left, right, top, bottom) = (outer.x, outer.right() - 1, outer.y, outer.bottom() - 1);
        for y in [top, bottom] {
            self.across(left, y, outer.right());
        }
        for y in top + 1..bottom {
            self.mark(left, y, LINES.vertical);
            self.mark(right, y, LINES.vertical);
        }
        self.mark(left, top, LINES.top_left);
        self.mark(right, top, LINES.top_right);
        self.mark(right, bottom, LINES.bottom_right);
        self.mark(left, bottom, LINES.bottom_left);
        let title = cut(title, usize::from(inner.width).saturating_sub(4));
        self.put(left + 2, top, right, &crate::safe!(" {} ", title), self.theme.heading());
        self.cursor = Some((inner.x, inner.y));
    }

    /// A line across, from column to column.
    fn across(&mut self, x: u16, y: u16, end: u16) {
        let (glyph, style) = (Safe::own(LINES.horizontal), self.theme.dim());
        for column in x..end {
            self.put(column, y, end, &glyph, style);
        }
    }

    /// One mark of the theme at a cell.
    fn mark(&mut self, x: u16, y: u16, glyph: &'static str) {
        let (end, style) = (self.buffer.area.right(), self.theme.dim());
        self.put(x, y, end, &Safe::own(glyph), style);
    }

    fn blank(&mut self, area: Rect) {
        for y in area.top()..area.bottom().min(self.buffer.area.bottom()) {
            for x in area.left()..area.right().min(self.buffer.area.right()) {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                }
            }
        }
    }
}
