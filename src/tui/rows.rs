//! Rows of styled, safe text, cut and wrapped to fit: what panes and dialogs are made of.

use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::theme::{CUT, Theme};
use crate::present::mark::MARKS;
use crate::safe::Safe;
use crate::text::line::{Line, Tone};
use crate::text::width;

/// A piece of text in one style.
pub type Piece = (Safe, Style);

/// One row of the screen: what stands left, what stands right, and the cell of the cursor if it is in this row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    pub left: Vec<Piece>,
    /// Ends at the right edge.
    pub right: Vec<Piece>,
    /// The cursor's cell, from the left edge.
    pub cursor: Option<u16>,
}

impl Row {
    pub fn of(text: Safe, style: Style) -> Row {
        Row { left: vec![(text, style)], ..Row::default() }
    }

    /// The row with one more piece at its left part's end.
    pub fn and(mut self, text: impl Into<Safe>, style: Style) -> Row {
        self.left.push((text.into(), style));
        self
    }

    /// The row with these pieces at its right edge.
    pub fn right(mut self, right: Vec<Piece>) -> Row {
        self.right = right;
        self
    }
}

/// Cells that the pieces take.
pub fn width_of(pieces: &[Piece]) -> usize {
    pieces.iter().map(|(text, _)| width(text)).sum()
}

/// The rows of all lines, wrapped to `width` cells less a margin of one at each side. Lazy, since panes show only the first.
pub fn rows_of(lines: &[Line], width: u16, theme: Theme) -> impl Iterator<Item = Row> {
    let room = usize::from(width).saturating_sub(2);
    lines.iter().flat_map(move |line| {
        let is_signed = line.pieces().first().is_some_and(|(_, text)| sign(text).is_some());
        line.wrapped(room).into_iter().map(move |row| {
            let pieces = row.pieces().iter().flat_map(|(tone, text)| toned(*tone, text, is_signed, theme));
            let mut left: Vec<Piece> = pieces.collect();
            let margin = left.first().map_or(theme.text(), |(_, style)| *style);
            left.insert(0, (" ".into(), margin));
            Row { left, ..Row::default() }
        })
    })
}

/// The mark that the text begins with.
fn sign(text: &Safe) -> Option<&'static str> {
    MARKS.into_iter().find(|mark| text.as_str().starts_with(mark))
}

/// A piece of a line. Where the line begins with a sign, that alone says how it is meant.
fn toned(tone: Tone, text: &Safe, is_signed: bool, theme: Theme) -> Vec<Piece> {
    let speaks = matches!(tone, Tone::Changed | Tone::Good | Tone::Doubtful | Tone::Bad);
    match sign(text).filter(|_| speaks) {
        Some(mark) => {
            let rest = text.part(mark.len()..text.as_str().len());
            vec![(Safe::own(mark), theme.sign(mark)), (rest, theme.text())]
        }
        None if speaks && is_signed => vec![(text.clone(), theme.text())],
        None => vec![(text.clone(), theme.style(tone))],
    }
}

/// The text, cut to `room` cells with a mark where something is missing.
pub fn cut(text: &Safe, room: usize) -> Safe {
    if width(text) <= room {
        return text.clone();
    }
    let mut kept = String::new();
    for symbol in text.as_str().graphemes(true) {
        if kept.width() + symbol.width() + 1 > room {
            break;
        }
        kept.push_str(symbol);
    }
    if room == 0 { Safe::default() } else { crate::safe!("{}{}", Safe::outside(&kept), CUT) }
}

/// The text, cut at its start: of a path, the end says more.
pub fn cut_start(text: &Safe, room: usize) -> Safe {
    if width(text) <= room {
        return text.clone();
    }
    let mut kept: Vec<&str> = Vec::new();
    let mut used = 1;
    for symbol in text.as_str().graphemes(true).rev() {
        used += symbol.width();
        if used > room {
            break;
        }
        kept.insert(0, symbol);
    }
    if room == 0 { Safe::default() } else { crate::safe!("{}{}", CUT, Safe::outside(&kept.concat())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_keeps_its_end() {
        assert_eq!(cut_start(&"/etc/gestor-balcao/config.json".into(), 12).as_str(), "…config.json");
        assert_eq!(cut(&"Configuração".into(), 5).as_str(), "Conf…");
        assert_eq!(cut(&"ab".into(), 0).as_str(), "");
    }
}
