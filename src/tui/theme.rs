//! How the form looks: its own marks beside those of `present`, and styles. No mark relies on colour alone.

use ratatui::style::{Color, Modifier, Style};

use crate::present::mark;
pub use crate::text::Charset;
use crate::text::line::Tone;

/// Points at what has the focus.
pub const HERE: &str = "▌";
pub const ABOVE: &str = "▴";
pub const BELOW: &str = "▾";
/// Stands for what was cut off.
pub const CUT: &str = "…";

/// Which colours the signs have. Text is in the terminal's own foreground, whichever it is: bold, underlined and reversed
/// carry the form, and a colour only repeats what a sign or a word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Palette {
    /// For any background: a colour only where it can be read on black and on white.
    Own,
    /// For a dark background.
    Dark,
    /// For a light one.
    Light,
    /// No colours.
    Mono,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    pub charset: Charset,
    palette: Palette,
}

impl Theme {
    /// For a charset, with or without colours.
    pub fn new(charset: Charset, colours: bool) -> Theme {
        Theme { charset, palette: if colours { Palette::Own } else { Palette::Mono } }
    }

    /// The same with a palette.
    pub fn with(self, palette: Palette) -> Theme {
        Theme { palette, ..self }
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

    /// The bar beside what has the focus.
    pub fn bar(self) -> Style {
        match self.palette {
            Palette::Own | Palette::Mono => Style::new(),
            Palette::Dark => Style::new().fg(Color::Cyan),
            Palette::Light => Style::new().fg(Color::Blue),
        }
    }

    /// The name of what has the focus, and of a key.
    pub fn here(self) -> Style {
        self.bar().add_modifier(Modifier::BOLD)
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
        self.here()
    }

    /// A text that can be edited.
    pub fn value(self) -> Style {
        if self.has_brackets() { Style::new() } else { Style::new().add_modifier(Modifier::UNDERLINED) }
    }

    /// True where brackets show where a value begins and ends: such terminals may not underline blanks.
    pub fn has_brackets(self) -> bool {
        self.charset != Charset::Rich
    }

    /// What did not go as wished, in words.
    pub fn warns(self) -> Style {
        self.heading()
    }

    /// How one of `present`'s marks looks.
    pub fn sign(self, mark: &str) -> Style {
        let bold = |colour: Color| Style::new().fg(colour).add_modifier(Modifier::BOLD);
        let on = |colour: Color| Style::new().fg(Color::Black).bg(colour);
        match (mark, self.palette) {
            // Bold, most terminals make a red of it that can be read on black, too.
            (mark::FAILS, Palette::Own) => bold(Color::Red),
            (mark::FAILS, Palette::Dark) => bold(Color::LightRed),
            (mark::FAILS, Palette::Light) => Style::new().fg(Color::Red),
            (mark::INVALID | mark::WARNS, Palette::Dark) => bold(Color::LightYellow),
            (mark::PASSES, Palette::Dark) => Style::new().fg(Color::Green),
            // No yellow and no green of the sixteen can be read on white.
            (mark::INVALID | mark::WARNS, Palette::Light) => on(Color::Yellow),
            (mark::PASSES, Palette::Light) => on(Color::Green),
            (mark::FAILS | mark::INVALID | mark::WARNS | mark::CHANGED, _) => self.heading(),
            _ => self.text(),
        }
    }

    /// How a tone looks here, behind the sign.
    pub fn style(self, tone: Tone) -> Style {
        match tone {
            Tone::Plain | Tone::Exact | Tone::Changed | Tone::Good => self.text(),
            Tone::Strong | Tone::Doubtful | Tone::Bad => self.heading(),
            Tone::Faint => self.dim(),
        }
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
