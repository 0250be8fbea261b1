//! Composes the frame: rows of text for every pane, scrolled so that the focus is visible. It only reads the model;
//! [`Page::paint`] puts the result on the screen.

mod fields;
mod groups;
pub(super) mod help;
mod paint;
mod status;

use std::ops::Range;

use ratatui::Frame;
use ratatui::layout::Rect;

use super::dialog;
use super::keymap;
use super::layout::{LEAST, Layout};
use super::model::{Content, Model, OpenDialog};
use super::rows::Row;
use super::scroll::{Scroll, Scrolls};
use super::theme::Theme;
use crate::safe::Safe;
use crate::say;
use paint::Painter;

/// One frame, composed.
pub struct Page {
    theme: Theme,
    /// Where the lines between the panes are; `None` where the terminal is too small for any.
    layout: Option<Layout>,
    /// From back to front.
    panes: Vec<Pane>,
    /// Clamped; the loop hands them back to the model.
    pub scroll: Scrolls,
}

/// Rows in an area, from the row `scroll` on.
struct Pane {
    area: Rect,
    rows: Vec<Row>,
    scroll: usize,
    /// If any, a box is drawn around the area.
    title: Option<Safe>,
}

/// All that the form shows.
pub fn compose(model: &Model) -> Page {
    let layout = Layout::of(model.size, model.focus);
    let dialog = model.dialogs.last().map(|open| open.scroll).unwrap_or_default();
    let scroll = Scrolls { dialog, ..model.scroll };
    let mut page = Page { theme: model.setup.theme, layout, panes: vec![], scroll };
    match layout {
        Some(layout) => page.form(model, &layout),
        None => {
            let waits = model.dialogs.last().map(|open| dialog::content(model, open, model.size.0).title);
            let rows =
                [too_small(model)].into_iter().chain(waits.map(|title| Row::of(title, model.setup.theme.heading())));
            page.add(Rect::new(0, 0, model.size.0, model.size.1.min(2)), rows.collect(), 0);
        }
    }
    page
}

impl Page {
    fn add(&mut self, area: Rect, rows: Vec<Row>, scroll: usize) {
        self.panes.push(Pane { area, rows, scroll, title: None });
    }

    fn form(&mut self, model: &Model, layout: &Layout) {
        self.add(layout.title, vec![status::title(model, layout)], 0);
        let top = model.dialogs.last();
        // Without a document there are no values, and defaults would be taken for them.
        if model.context() != keymap::UNREADABLE {
            self.panes(model, layout);
            self.add(layout.buttons, vec![status::buttons(model, layout)], 0);
        }
        self.add(layout.footer, vec![status::footer(model, layout)], 0);
        if let Some(open) = top {
            self.dialog(model, open, layout);
        }
    }

    fn panes(&mut self, model: &Model, layout: &Layout) {
        if let Some(area) = layout.list {
            let (rows, focus) = groups::rows(model, area.width);
            self.scroll.list = reveal(self.scroll.list, focus, rows.len(), area.height);
            self.add(area, rows, self.scroll.list);
        }
        if let Some(area) = layout.fields {
            let (rows, focus) = fields::rows(model, area.width);
            self.scroll.fields = reveal(self.scroll.fields, focus, rows.len(), area.height);
            self.add(area, rows, self.scroll.fields);
        }
        let (area, Scroll { at, .. }) = (layout.help, self.scroll.help);
        // One row more than fits tells whether there is more; where there is, the end is not known yet.
        let wanted = at.saturating_add(area.height.into()).saturating_add(1);
        let rows = help::pane(model, area.width, wanted);
        let most = rows.len().saturating_sub(area.height.into());
        self.scroll.help = Scroll { at: at.min(most), most: if rows.len() < wanted { most } else { usize::MAX } };
        self.add(area, rows, self.scroll.help.at);
    }

    /// The dialog in a box over the form, centred, as high as it needs and the screen allows.
    fn dialog(&mut self, model: &Model, open: &OpenDialog, layout: &Layout) {
        let screen = Rect { height: layout.footer.y, ..Rect { y: 0, ..layout.title } };
        // A box this wide leaves a margin on a wide screen and none on a narrow one.
        let width = if screen.width >= 76 { 72 } else { screen.width };
        let Content { title, rows, below } = dialog::content(model, open, width - 2);
        let under = if below.is_empty() { 0 } else { below.len() as u16 + 1 };
        let height = height(rows.len(), under, screen.height);
        let (x, y) = ((screen.width - width) / 2 + 1, (screen.height - height) / 2 + 1);
        let inner = Rect { x, y, width: width - 2, height: height - 2 };
        let area = Rect { height: inner.height.saturating_sub(under), ..inner };
        let most = rows.len().saturating_sub(area.height.into());
        let at = match open.dialog.count() {
            0 => open.scroll.at.min(most),
            _ => reveal(open.scroll.at, open.picked..open.picked + 1, rows.len(), area.height),
        };
        self.scroll.dialog = Scroll { at, most };
        self.panes.push(Pane { area: inner, rows: vec![], scroll: 0, title: Some(title) });
        self.add(area, rows, at);
        self.add(Rect { y: area.bottom() + 1, height: below.len() as u16, ..inner }, below, 0);
    }

    /// Puts the page on the screen, and the cursor where the focus is.
    pub fn paint(&self, frame: &mut Frame<'_>) {
        let mut painter = Painter::new(frame.buffer_mut(), self.theme);
        if let Some(layout) = &self.layout {
            painter.rules(layout);
        }
        for pane in &self.panes {
            if let Some(title) = &pane.title {
                painter.frame(pane.area, title);
            }
            painter.rows(pane.area, &pane.rows, pane.scroll);
        }
        if let Some(cursor) = painter.cursor {
            frame.set_cursor_position(cursor);
        }
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
        "Aumente o terminal: {}x{} no mínimo",
        "Enlarge the terminal: {}x{} at least",
        width,
        height
    );
    Row::of(message, model.setup.theme.warns())
}

/// The scroll position nearest to `scroll` that shows the rows of `focus` (its start if not all of it fits) in a window
/// of `height` rows over `count`.
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
