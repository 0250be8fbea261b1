//! Draws the form. Reads the model, changes nothing but the scroll positions ([`settle`]), which depend on what fits.

mod dialog;
mod difference;
mod fields;
mod groups;
mod help;
mod live;
pub mod paint;
mod status;
mod versions;

use ratatui::Frame;
use ratatui::layout::Rect;

use super::dialog::{Dialog, Question};
use super::layout::{LEAST, Layout};
use super::model::Model;
use crate::say;
use paint::Painter;

/// Draws everything and shows the cursor where the focus is.
pub fn draw(model: &Model, frame: &mut Frame<'_>) {
    let area = frame.area();
    let mut painter = Painter::new(frame.buffer_mut(), model.setup.theme);
    match Layout::of((area.width, area.height), model.focus) {
        Some(layout) => form(model, &layout, &mut painter),
        None => too_small(model, area, &mut painter),
    }
    if let Some(cursor) = painter.cursor {
        frame.set_cursor_position(cursor);
    }
}

fn form(model: &Model, layout: &Layout, painter: &mut Painter<'_>) {
    status::title(model, layout, painter);
    rules(layout, painter);
    // A document that cannot be read has no values: defaults in their place would pass for them.
    if let Some(dialog @ Dialog::Question(Question::Unreadable(_), ..)) = model.dialogs.last() {
        status::footer(model, layout, painter);
        return dialog::draw(model, dialog, layout, painter);
    }
    if let Some(area) = layout.list {
        groups::draw(model, area, painter);
    }
    if let Some(area) = layout.fields {
        fields::draw(model, area, painter);
    }
    // One row more than fits tells whether there is more.
    let visible = model.scroll.help + usize::from(layout.help.height);
    let help = help::pane(model, layout.help.width, visible + 1);
    painter.rows(layout.help, &help, model.scroll.help);
    status::more(model, layout.help, model.scroll.help, help.len(), painter);
    status::buttons(model, layout, painter);
    status::footer(model, layout, painter);
    if let Some(dialog) = model.dialogs.last() {
        dialog::draw(model, dialog, layout, painter);
    }
}

fn rules(layout: &Layout, painter: &mut Painter<'_>) {
    let glyphs = painter.theme().glyphs;
    let (top, bottom) = layout.rules;
    for y in [top, bottom] {
        painter.across(0, y, layout.title.width);
    }
    if let Some(split) = layout.split {
        for y in top + 1..bottom {
            painter.mark(split, y, glyphs.down);
        }
        painter.mark(split, top, glyphs.tees.0);
        painter.mark(split, bottom, glyphs.tees.1);
    }
}

/// One line, whatever fits of it: the terminal has to grow before anything else makes sense.
fn too_small(model: &Model, area: Rect, painter: &mut Painter<'_>) {
    let (width, height) = LEAST;
    let words = say!(
        model.lang(),
        "Aumente o terminal: {}x{} no mínimo",
        "Enlarge the terminal: {}x{} at least",
        width,
        height
    );
    if area.height > 0 {
        painter.put(area.x, area.y, area.right(), &words, painter.theme().warns());
    }
}

/// Moves every scroll position so that what has the focus is visible and nothing is scrolled past its end.
pub fn settle(model: &mut Model) {
    let Some(layout) = Layout::of(model.size, model.focus) else { return };
    if let Some(area) = layout.list {
        let rows = groups::rows(model, area.width);
        let focus = rows.iter().position(|row| row.group == Some(model.group)).unwrap_or(0);
        let end = rows.iter().rposition(|row| row.group == Some(model.group)).unwrap_or(0);
        model.scroll.list = reveal(model.scroll.list, focus..end + 1, rows.len(), area.height);
    }
    if let Some(area) = layout.fields {
        let (rows, focus) = fields::rows(model, area.width);
        model.scroll.fields = reveal(model.scroll.fields, focus, rows.len(), area.height);
    }
    if model.scroll.help > 0 {
        let help = help::pane(model, layout.help.width, usize::MAX).len();
        model.scroll.help = model.scroll.help.min(help.saturating_sub(usize::from(layout.help.height)));
    }
    if let Some(Dialog::Versions(versions)) = model.dialogs.last() {
        let height = versions::height(versions, &layout);
        let (picked, count, scroll) = (versions.picked, versions.listed.len(), versions.scroll);
        if let Some(Dialog::Versions(versions)) = model.dialogs.last_mut() {
            versions.scroll = reveal(scroll, picked..picked + 1, count, height);
        }
    }
    let most = match model.dialogs.last() {
        Some(Dialog::Page(page, _)) => dialog::page_scroll_most(model, page, &layout),
        Some(Dialog::Question(question, ..)) => dialog::question_scroll_most(model, question, &layout),
        Some(Dialog::Live(view, _)) => live::scroll_most(model, view, &layout),
        _ => return,
    };
    if let Some(Dialog::Page(_, scroll) | Dialog::Question(_, _, scroll) | Dialog::Live(_, scroll)) =
        model.dialogs.last_mut()
    {
        *scroll = (*scroll).min(most);
    }
}

/// The scroll position nearest to `scroll` that shows the rows of `focus` (its start if not all of it fits) in a window
/// of `height` rows over `count`.
fn reveal(scroll: usize, focus: std::ops::Range<usize>, count: usize, height: u16) -> usize {
    let height = usize::from(height);
    let lowest = focus.end.saturating_sub(height).min(focus.start);
    scroll.clamp(lowest, focus.start.max(lowest)).min(count.saturating_sub(height))
}

#[cfg(test)]
mod tests {
    use super::reveal;

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
