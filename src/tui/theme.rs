//! How the form looks: its own marks beside those of `present`, and styles. No mark relies on colour alone.

use ratatui::style::{Color, Modifier, Style};

pub use crate::text::Charset;
use crate::text::line::Tone;

/// Points at what has the focus.
pub const HERE: &str = "▸";
pub const ABOVE: &str = "▴";
pub const BELOW: &str = "▾";
/// Stands for what was cut off.
pub const CUT: &str = "…";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    pub charset: Charset,
    colours: bool,
}

impl Theme {
    /// For a charset, with or without colours.
    pub fn new(charset: Charset, colours: bool) -> Theme {
        Theme { charset, colours }
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

    /// What a typed character replaces.
    pub fn selected(self) -> Style {
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
    use crate::present::mark::{BECOMES, CHANGED, FAILS, INVALID, PASSES, WARNS};

    #[test]
    fn every_mark_is_one_cell_in_every_charset() {
        for mark in [HERE, ABOVE, BELOW, CUT, CHANGED, PASSES, FAILS, WARNS, INVALID, BECOMES] {
            for charset in [Charset::Rich, Charset::Plain, Charset::Ascii] {
                assert_eq!(charset.fit(mark).width(), 1, "{mark}");
            }
            assert!(Charset::Ascii.fit(mark).is_ascii() && Charset::Ascii.fit(mark) != "?", "{mark}");
        }
    }
}
