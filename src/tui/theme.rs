//! How the form looks: glyphs and styles for what the terminal can show. No mark relies on colour alone.

use ratatui::style::{Color, Modifier, Style};

pub use crate::text::Charset;
use crate::text::line::Tone;

/// The marks, each one cell wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyphs {
    /// A value that is not the document's.
    pub changed: &'static str,
    pub passes: &'static str,
    pub fails: &'static str,
    pub warns: &'static str,
    /// A value that is not valid.
    pub invalid: &'static str,
    /// Points at what has the focus.
    pub here: &'static str,
    pub above: &'static str,
    pub below: &'static str,
    pub cut: &'static str,
    /// From one value to another.
    pub becomes: &'static str,
    pub across: &'static str,
    pub down: &'static str,
    /// Horizontal meets vertical from below, and from above.
    pub tees: (&'static str, &'static str),
    /// Corners of a box, clockwise from top left.
    pub corners: [&'static str; 4],
}

const RICH: Glyphs = Glyphs {
    changed: "●",
    passes: "✓",
    fails: "✗",
    warns: "▲",
    invalid: "!",
    here: "▸",
    above: "▴",
    below: "▾",
    cut: "…",
    becomes: "→",
    across: "─",
    down: "│",
    tees: ("┬", "┴"),
    corners: ["┌", "┐", "┘", "└"],
};
const PLAIN: Glyphs = Glyphs {
    changed: "*",
    passes: "+",
    fails: "x",
    warns: "~",
    here: ">",
    above: "^",
    below: "v",
    cut: ".",
    becomes: ">",
    ..RICH
};
const ASCII: Glyphs = Glyphs { across: "-", down: "|", tees: ("+", "+"), corners: ["+"; 4], ..PLAIN };

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    pub charset: Charset,
    pub glyphs: Glyphs,
    colours: bool,
}

impl Theme {
    /// For a charset, with or without colours.
    pub fn new(charset: Charset, colours: bool) -> Theme {
        let glyphs = match charset {
            Charset::Rich => RICH,
            Charset::Plain => PLAIN,
            Charset::Ascii => ASCII,
        };
        Theme { charset, glyphs, colours }
    }

    fn colour(self, colour: Color) -> Style {
        if self.colours { Style::new().fg(colour) } else { Style::new() }
    }

    pub fn heading(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    pub fn text(self) -> Style {
        Style::new()
    }

    /// What matters less: lines, empty groups, facts.
    pub fn dim(self) -> Style {
        // Dim rather than dark grey: on the 16 colours of a console, dark grey on black cannot be read.
        Style::new().add_modifier(Modifier::DIM)
    }

    pub fn here(self) -> Style {
        self.colour(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// What Enter would act on.
    pub fn picked(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    pub fn key(self) -> Style {
        self.colour(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    pub fn changed(self) -> Style {
        self.colour(Color::Yellow)
    }

    pub fn passes(self) -> Style {
        self.colour(Color::Green)
    }

    pub fn warns(self) -> Style {
        self.colour(Color::Yellow)
    }

    /// How a tone looks here.
    pub fn style(self, tone: Tone) -> Style {
        match tone {
            Tone::Plain | Tone::Exact => self.text(),
            Tone::Strong => self.heading(),
            Tone::Faint => self.dim(),
            Tone::Changed => self.changed(),
            Tone::Good => self.passes(),
            Tone::Doubtful => self.warns(),
            Tone::Bad => self.fails(),
        }
    }

    /// Fails, or is not valid.
    pub fn fails(self) -> Style {
        self.colour(Color::Red).add_modifier(Modifier::BOLD)
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;

    #[test]
    fn every_mark_is_one_cell_and_ascii_marks_are_ascii() {
        for glyphs in [RICH, PLAIN, ASCII] {
            let Glyphs {
                changed,
                passes,
                fails,
                warns,
                invalid,
                here,
                above,
                below,
                cut,
                becomes,
                across,
                down,
                tees,
                corners,
            } = glyphs;
            let all = [
                changed, passes, fails, warns, invalid, here, above, below, cut, becomes, across, down, tees.0, tees.1,
            ];
            for mark in all.iter().chain(&corners) {
                assert_eq!(mark.width(), 1, "{mark}");
                assert!(glyphs != ASCII || mark.is_ascii(), "{mark}");
            }
        }
    }
}
