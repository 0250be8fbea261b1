//! A line for people: pieces of text, each with a tone that says how it is meant. Front ends turn tones into colours and
//! lines into rows.

use super::{breaks, width};
use crate::safe::Safe;

/// How a piece of a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    /// A value to be copied or read by a script: shown as it is, never put into ASCII.
    Exact,
    /// A name or a heading.
    Strong,
    /// Less important than the rest.
    Faint,
    /// A value that is not saved yet.
    Changed,
    Good,
    Doubtful,
    Bad,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pieces: Vec<(Tone, Safe)>,
}

impl Line {
    /// A line of one piece.
    pub fn of(tone: Tone, text: impl Into<Safe>) -> Line {
        Line { pieces: vec![(tone, text.into())] }
    }

    /// A line that starts with this many blanks.
    pub fn indented(columns: usize) -> Line {
        Line::of(Tone::Plain, blanks(columns))
    }

    /// The line with one more piece at its end.
    pub fn and(mut self, tone: Tone, text: impl Into<Safe>) -> Line {
        self.pieces.push((tone, text.into()));
        self
    }

    /// The line with the pieces of another at its end.
    pub fn join(mut self, other: Line) -> Line {
        self.pieces.extend(other.pieces);
        self
    }

    /// The line with one tone throughout.
    pub fn toned(mut self, tone: Tone) -> Line {
        self.pieces.iter_mut().for_each(|(piece, _)| *piece = tone);
        self
    }

    pub fn pieces(&self) -> &[(Tone, Safe)] {
        &self.pieces
    }

    /// The text without its tones.
    pub fn text(&self) -> Safe {
        match self.pieces.as_slice() {
            [(_, only)] => only.clone(),
            pieces => Safe::join(&pieces.iter().map(|(_, text)| text.clone()).collect::<Vec<_>>(), ""),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.pieces.iter().all(|(_, text)| text.is_empty())
    }

    /// Breaks it into lines of at most `room` cells, as [`wrap`](super::wrap) does.
    pub fn wrapped(&self, room: usize) -> Vec<Line> {
        breaks(self.text().as_str(), room)
            .into_iter()
            .map(|range| {
                let mut start = 0;
                let mut line = Line::default();
                for (tone, text) in &self.pieces {
                    let end = start + text.as_str().len();
                    if range.start < end && start < range.end {
                        let part = text.part(range.start.saturating_sub(start)..range.end.min(end) - start);
                        line = line.and(*tone, part);
                    }
                    start = end;
                }
                line
            })
            .collect()
    }
}

impl From<Safe> for Line {
    fn from(text: Safe) -> Line {
        Line::of(Tone::Plain, text)
    }
}

pub fn blanks(columns: usize) -> Safe {
    Safe::outside(&" ".repeat(columns))
}

/// Rows of cells as lines: each column as wide as its widest cell, two blanks between columns, no blanks at the end.
pub fn columns<const N: usize>(rows: &[[Safe; N]]) -> Vec<Line> {
    let widest = |column: usize| rows.iter().map(|row| width(&row[column])).max().unwrap_or_default();
    let widths: [usize; N] = std::array::from_fn(widest);
    let line = |row: &[Safe; N]| {
        let mut line = Line::default();
        let mut gap = 0;
        for (cell, column) in row.iter().zip(widths).filter(|(cell, _)| !cell.is_empty()) {
            line = line.and(Tone::Plain, blanks(gap)).and(Tone::Plain, cell.clone());
            gap = column.saturating_sub(width(cell)) + 2;
        }
        line
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_line_keeps_the_tone_of_every_piece() {
        let line = Line::of(Tone::Bad, "erro: ").and(Tone::Plain, "um dois").and(Tone::Strong, " três");
        let wrapped = line.wrapped(9);
        assert_eq!(
            wrapped,
            [
                Line::of(Tone::Bad, "erro: ").and(Tone::Plain, "um"),
                Line::of(Tone::Plain, "dois").and(Tone::Strong, " três"),
            ]
        );
        assert_eq!(Line::default().wrapped(9), [Line::default()]);
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_end_with_the_last() {
        let rows = [["a".into(), "é".into(), "".into()], ["bbb".into(), "".into(), "c".into()]];
        let lines: Vec<String> = columns(&rows).iter().map(|line| line.text().as_str().to_owned()).collect();
        assert_eq!(lines, ["a    é", "bbb  c"]);
    }
}
