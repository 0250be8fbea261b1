//! Where the parts of the form stand on a terminal of a given size. Pure arithmetic.
//!
//! ```text
//!  title                                            one row
//! ────────────┬─────────────────────────────────
//!  list       │ fields                              what is left
//! ────────────┴─────────────────────────────────
//!  help                                             a quarter, five rows at the least where there is room
//!  notice                [ Confirma ]  [ Fechar ]   one row
//!  keys                                             one row
//! ```
//! Below 60 columns there is no room for two panes side by side: the one that has the focus takes all of it.

use ratatui::layout::Rect;

use super::model::{Focus, Model};

/// The least that the form works in, columns and rows.
pub const LEAST: (u16, u16) = (40, 12);

/// From here on, list and fields stand side by side.
const WIDE: u16 = 60;

/// The largest width of the list of groups: its longest title, 35 characters, and the margin before it.
const LIST_MOST: u16 = 38;

/// The largest part of the help that the eye takes in beside a form.
const HELP_MOST: u16 = 12;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub title: Rect,
    /// The left pane, the list of groups, where it is shown.
    pub list: Option<Rect>,
    /// The right pane, the fields of the group, where they are shown.
    pub fields: Option<Rect>,
    /// The column of the line between them.
    pub split: Option<u16>,
    /// The rows of the two lines across.
    pub rules: (u16, u16),
    pub help: Rect,
    /// The notice and the buttons.
    pub buttons: Rect,
    pub footer: Rect,
}

impl Layout {
    /// For a terminal of this size; `None` where it is too small.
    pub fn of((width, height): (u16, u16), focus: Focus) -> Option<Layout> {
        if width < LEAST.0 || height < LEAST.1 {
            return None;
        }
        // 12 rows: 2 for help. 24 rows: 5, and the fourteen rows that Integração needs stay above it.
        let help = (height / 4).saturating_sub(1).clamp(2, HELP_MOST);
        let body = height - help - 5;
        let row = |y, height| Rect::new(0, y, width, height);
        let pane = row(2, body);
        let split = (width >= WIDE).then(|| list_width(width));
        let (list, fields) = match (split, focus) {
            (Some(split), _) => {
                (Some(Rect { width: split, ..pane }), Some(Rect { x: split + 1, width: width - split - 1, ..pane }))
            }
            (None, Focus::List) => (Some(pane), None),
            (None, _) => (None, Some(pane)),
        };
        let bottom = 2 + body;
        Some(Layout {
            title: row(0, 1),
            list,
            fields,
            split,
            rules: (1, bottom),
            help: row(bottom + 1, help),
            buttons: row(height - 2, 1),
            footer: row(height - 1, 1),
        })
    }
}

/// The width of the left pane: a good third of the terminal, 21 columns at the least ([`WIDE`]).
fn list_width(terminal: u16) -> u16 {
    (terminal * 7 / 20).min(LIST_MOST)
}

/// How far PgUp and PgDn go: rows of the panes.
pub fn rows_per_page(model: &Model) -> usize {
    let layout = Layout::of(model.size, model.focus);
    let rows = layout.and_then(|layout| layout.fields.or(layout.list)).map_or(1, |pane| pane.height);
    usize::from(rows).saturating_sub(1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_fill_the_screen_and_do_not_overlap() {
        for width in 0..200 {
            for height in 0..80 {
                for focus in [Focus::List, Focus::Field(0), Focus::Confirm] {
                    let layout = Layout::of((width, height), focus);
                    assert_eq!(layout.is_some(), width >= 40 && height >= 12);
                    let Some(layout) = layout else { continue };
                    let body = layout.fields.or(layout.list).map_or(0, |pane| pane.height);
                    assert_eq!(1 + 1 + body + 1 + layout.help.height + 1 + 1, height);
                    assert!(body >= 5 && layout.help.height >= 2);
                    if let (Some(list), Some(fields)) = (layout.list, layout.fields) {
                        assert_eq!(list.width + 1 + fields.width, width);
                    }
                }
            }
        }
    }

    #[test]
    fn at_80_by_24_the_fields_have_fourteen_rows() {
        let layout = Layout::of((80, 24), Focus::Field(0)).unwrap();
        assert_eq!((layout.fields.unwrap().height, layout.help.height), (14, 5));
        assert_eq!((layout.split, layout.fields.unwrap().width), (Some(28), 51));
    }

    #[test]
    fn the_list_takes_a_third_of_the_width_and_no_more_than_its_titles_need() {
        assert_eq!([WIDE, 80, 100, 110, 500].map(list_width), [21, 28, 35, 38, 38]);
    }
}
