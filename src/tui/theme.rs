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
    /// For a charset, with or without colours; `name` is the palette that was asked for.
    pub fn new(charset: Charset, colours: bool, name: Option<&str>) -> Theme {
        let palette = match name {
            _ if !colours => Palette::Mono,
            Some("dark") => Palette::Dark,
            Some("light") => Palette::Light,
            Some("mono") => Palette::Mono,
            _ => Palette::Own,
        };
        Theme { charset, palette }
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
        match (mark, self.palette) {
            // Bold, terminals make a red of it that can be told on black, too.
            (mark::FAILS, Palette::Own) => bold(Color::Red),
            (mark::FAILS, Palette::Dark) => bold(Color::LightRed),
            (mark::FAILS, Palette::Light) => Style::new().fg(Color::Red),
            // Of the sixteen, no yellow and no green can be read on white.
            (mark::INVALID | mark::WARNS, Palette::Dark) => bold(Color::LightYellow),
            (mark::PASSES, Palette::Dark) => Style::new().fg(Color::Green),
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

    /// The sixteen colours as xterm, PuTTY and the Linux console have them by themselves.
    const PALETTES: [(&str, [u32; 16]); 3] = [
        (
            "xterm",
            [
                0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5, //
                0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
            ],
        ),
        (
            "PuTTY",
            [
                0x000000, 0xbb0000, 0x00bb00, 0xbbbb00, 0x0000bb, 0xbb00bb, 0x00bbbb, 0xbbbbbb, //
                0x555555, 0xff5555, 0x55ff55, 0xffff55, 0x5555ff, 0xff55ff, 0x55ffff, 0xffffff,
            ],
        ),
        (
            "linux",
            [
                0x000000, 0xaa0000, 0x00aa00, 0xaa5500, 0x0000aa, 0xaa00aa, 0x00aaaa, 0xaaaaaa, //
                0x555555, 0xff5555, 0x55ff55, 0xffff55, 0x5555ff, 0xff55ff, 0x55ffff, 0xffffff,
            ],
        ),
    ];

    /// <https://www.w3.org/TR/WCAG21/#dfn-relative-luminance>
    fn luminance(colour: u32) -> f64 {
        let part = |shift: u32| {
            let part = f64::from((colour >> shift) & 0xff) / 255.0;
            if part <= 0.03928 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0)
    }

    fn contrast(one: u32, other: u32) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// The number of a colour of a style among the sixteen; bold makes the first eight bright.
    fn number(style: Style) -> Option<usize> {
        let number = match style.fg? {
            Color::Red => 1,
            Color::Green => 2,
            Color::Blue => 4,
            Color::Cyan => 6,
            Color::LightRed => 9,
            Color::LightYellow => 11,
            other => panic!("{other:?} is not measured"),
        };
        Some(if style.add_modifier.contains(Modifier::BOLD) && number < 8 { number + 8 } else { number })
    }

    #[test]
    fn every_colour_can_be_read_on_its_background_in_the_palettes_of_the_usual_terminals() {
        let (black, white) = (0x00_0000, 0xff_ffff);
        // By itself the form knows no background: a sign there has the least that a sign needs, and its word has no colour.
        for (name, least, backgrounds) in
            [(None, 3.0, [black, white]), (Some("dark"), 4.5, [black, black]), (Some("light"), 4.5, [white, white])]
        {
            let theme = Theme::new(Charset::Rich, true, name);
            let signs = [CHANGED, PASSES, FAILS, WARNS, INVALID].map(|mark| theme.sign(mark));
            let tones = [Tone::Plain, Tone::Strong, Tone::Faint, Tone::Changed, Tone::Good, Tone::Doubtful, Tone::Bad];
            let words = tones.map(|tone| theme.style(tone));
            assert!(words.iter().all(|style| style.fg.is_none() && style.bg.is_none()), "{name:?}");
            for style in signs.into_iter().chain([theme.bar(), theme.key(), theme.here(), theme.value()]) {
                assert!(style.bg.is_none(), "{name:?}");
                let Some(number) = number(style) else { continue };
                for (terminal, palette) in PALETTES {
                    for background in backgrounds {
                        let measured = contrast(palette[number], background);
                        assert!(measured >= least, "{name:?}, {terminal}, {number} on {background:06x}: {measured:.2}");
                    }
                }
            }
        }
    }

    #[test]
    fn without_colours_no_theme_has_any() {
        for name in [None, Some("dark"), Some("light"), Some("mono")] {
            assert_eq!(Theme::new(Charset::Rich, false, name), Theme::new(Charset::Rich, true, Some("mono")));
        }
    }
}
