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
//! Below 60 columns there is no room for two panes side by side: the one that has the focus takes all of it. From 140 columns,
//! the help is a third pane beside the fields, as high as they are.

use ratatui::layout::Rect;

use super::model::{Focus, Model};

/// The least that the form works in, columns and rows.
pub const LEAST: (u16, u16) = (40, 12);

/// From here on, list and fields stand side by side.
const WIDE: u16 = 60;

/// From here on, the labels stand beside the values.
const ABREAST: u16 = 100;

/// From here on, the help stands beside the fields.
const ASIDE: u16 = 140;

/// The largest width of the list of groups: its longest title, 35 characters, and the margin before it.
const LIST_MOST: u16 = 38;

/// The largest part of the help that the eye takes in beside a form.
const HELP_MOST: u16 = 12;

/// What a person reads without losing the line, with a blank at each side.
pub const TEXT_MOST: u16 = 82;

/// The widest dialog; on a terminal that is no wider, it takes all of it.
pub const DIALOG_MOST: u16 = 80;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub title: Rect,
    /// The left pane, the list of groups, where it is shown.
    pub list: Option<Rect>,
    /// The right pane, the fields of the group, where they are shown.
    pub fields: Option<Rect>,
    /// Labels beside their values.
    pub abreast: bool,
    /// The columns of the lines between the panes.
    pub splits: [Option<u16>; 2],
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
        let is_aside = width >= ASIDE;
        // 12 rows: 2 for help. 24 rows: 5, and the fourteen rows that Integração needs stay above it.
        let help = if is_aside { 0 } else { (height / 4).saturating_sub(1).clamp(2, HELP_MOST) };
        let body = height - help - 5;
        let row = |y, height| Rect::new(0, y, width, height);
        let (pane, below) = (row(2, body), Rect::new(0, 3 + body, width.min(TEXT_MOST), help));
        let split = (width >= WIDE).then(|| list_width(width));
        let (list, right) = match (split, focus) {
            (Some(split), _) => {
                (Some(Rect { width: split, ..pane }), Some(Rect { x: split + 1, width: width - split - 1, ..pane }))
            }
            (None, Focus::List) => (Some(pane), None),
            (None, _) => (None, Some(pane)),
        };
        let aside = right.filter(|_| is_aside).map(|right| {
            let width = fields_width(right.width);
            let help = Rect { x: right.x + width + 1, width: (right.width - width - 1).min(TEXT_MOST), ..right };
            (Rect { width, ..right }, help)
        });
        let (fields, help) = aside.map_or((right, below), |(fields, help)| (Some(fields), help));
        Some(Layout {
            title: row(0, 1),
            list,
            fields,
            abreast: width >= ABREAST,
            splits: [split, aside.map(|(fields, _)| fields.right())],
            rules: (1, 2 + body),
            help,
            buttons: row(height - 2, 1),
            footer: row(height - 1, 1),
        })
    }
}

/// The width of the left pane: a good third of a narrow terminal, 21 columns at the least ([`WIDE`]), and less of a wide one.
fn list_width(terminal: u16) -> u16 {
    match terminal {
        ..80 => terminal * 7 / 20,
        80..ABREAST => 28,
        ABREAST..ASIDE => 28 + (terminal - ABREAST) / 2,
        _ => 34 + (terminal - ASIDE) / 4,
    }
    .min(LIST_MOST)
}

/// The width of the fields, where they share so many columns with the help: three fifths, and no more than they fill.
fn fields_width(both: u16) -> u16 {
    (both * 3 / 5).min(TEXT_MOST - 2)
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
                    let aside = width >= ASIDE;
                    assert_eq!(1 + 1 + body + 1 + if aside { 0 } else { layout.help.height } + 1 + 1, height);
                    assert!(body >= 5 && layout.help.height >= 2);
                    if let (Some(list), Some(fields)) = (layout.list, layout.fields) {
                        let rest = width - list.width - 1 - fields.width;
                        assert!(if aside { (1 + layout.help.width..90).contains(&rest) } else { rest == 0 }, "{width}");
                    }
                }
            }
        }
    }

    #[test]
    fn at_80_by_24_the_fields_have_fourteen_rows() {
        let layout = Layout::of((80, 24), Focus::Field(0)).unwrap();
        assert_eq!((layout.fields.unwrap().height, layout.help.height), (14, 5));
        assert_eq!((layout.splits[0], layout.fields.unwrap().width), (Some(28), 51));
    }

    #[test]
    fn the_list_takes_a_third_of_the_width_and_no_more_than_its_titles_need() {
        assert_eq!([WIDE, 80, 100, 120, 140, 500].map(list_width), [21, 28, 28, 38, 34, 38]);
    }

    #[test]
    fn a_wide_terminal_has_room_for_fields_and_help_that_can_be_read() {
        let widths = |width| {
            let layout = Layout::of((width, 40), Focus::Field(0)).unwrap();
            (layout.fields.unwrap().width, layout.help.width)
        };
        assert_eq!([100, 120, 140, 200].map(widths), [(71, 82), (81, 82), (63, 41), (80, 80)]);
    }
}
