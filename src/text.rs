//! How text is fitted to what a terminal can show: which characters it has, and where lines break.
//!
//! Every front end uses it; it depends on none of them.

pub mod encoding;
pub mod line;
pub mod search;

use std::borrow::Cow;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::safe::{self, Safe};
use encoding::Encoding;

/// Which characters the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8 with a font that has the marks.
    Rich,
    /// UTF-8 on a console whose font has accents and lines, but few marks (`TERM=linux`).
    Plain,
    Ascii,
}

impl Charset {
    /// From what the environment says: `--ascii`, a locale that names a charset other than UTF-8, or a `vt*` terminal
    /// give ASCII; no locale, or `C`, counts as UTF-8. `locale` is the first of `LC_ALL`, `LC_CTYPE`, `LANG` that is set.
    pub fn detect(ascii: bool, term: &str, locale: &str) -> Charset {
        if ascii || Encoding::of(locale) != Encoding::Utf8 || term.starts_with("vt") {
            Charset::Ascii
        } else if term.starts_with("linux") {
            Charset::Plain
        } else {
            Charset::Rich
        }
    }

    /// The text in characters that the terminal can show. It takes the same number of cells.
    pub fn fit(self, text: &str) -> Cow<'_, str> {
        match self {
            _ if text.is_ascii() => text.into(),
            Charset::Rich => text.into(),
            Charset::Plain => {
                // Letters and lines as they are, marks by look-alikes.
                let is_line = |symbol| matches!(symbol, '\u{2500}'..='\u{257f}');
                let keeps = |symbol: char| symbol.is_alphanumeric() || is_line(symbol) || safe::is_combining(symbol);
                text.chars().map(|symbol| if keeps(symbol) { symbol } else { look_alike(symbol) }).collect()
            }
            Charset::Ascii => ascii(text).into(),
        }
    }
}

/// How many cells the text takes.
pub fn width(text: &Safe) -> usize {
    simple_width(text.as_str()).unwrap_or_else(|| text.as_str().width())
}

/// The same of a text whose characters all stand alone; `None` for any other.
fn simple_width(text: &str) -> Option<usize> {
    let mut count = 0;
    for symbol in text.chars() {
        if !stands_alone(symbol) {
            return None;
        }
        count += 1;
    }
    Some(count)
}

/// Breaks the text into lines of at most `room` cells, between words where it can. Never loses a character; at least one line.
pub fn wrap(text: &Safe, room: usize) -> Vec<Safe> {
    breaks(text.as_str(), room).into_iter().map(|range| text.part(range)).collect()
}

/// The lines of [`wrap`] as byte ranges, without the blanks at their ends.
fn breaks(text: &str, room: usize) -> Vec<Range<usize>> {
    match simple_width(text) {
        Some(width) => simple_breaks(text, width, room.max(1)),
        None => cluster_breaks(text, room.max(1)),
    }
}

/// A line without the blanks at its end.
fn line(text: &str, start: usize, end: usize) -> Range<usize> {
    start..start + text[start..end].trim_end_matches(' ').len()
}

/// Of a text in which each of the `left` characters is a cell: from line to line, not from character to character.
fn simple_breaks(text: &str, mut left: usize, room: usize) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    while left > room {
        let rest = &text[start..];
        let full = rest.char_indices().nth(room).map_or(rest.len(), |(at, _)| at);
        // Blanks that do not fit any more are none of the next line's.
        let Some(word) = rest[full..].find(|symbol| symbol != ' ').map(|blanks| full + blanks) else { break };
        let (end, next) = rest[..word].rfind(' ').map_or((word, word), |blank| (blank, blank + 1));
        lines.push(line(text, start, start + end));
        left -= rest[..next].chars().count();
        start += next;
    }
    lines.push(line(text, start, text.len()));
    lines
}

/// Of any text.
fn cluster_breaks(text: &str, room: usize) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    // The line so far: where it starts, how many cells it takes, and where its last blank is.
    let (mut start, mut used, mut blank) = (0, 0, None);
    for (at, symbol, cells) in symbols(text) {
        if used + cells > room && symbol != " " {
            // Back to the last blank, unless the word itself is longer than a line.
            let (end, next) = blank.take().map_or((at, at), |blank| (blank, blank + 1));
            lines.push(line(text, start, end));
            start = next;
            used = UnicodeWidthStr::width(&text[start..at]);
        }
        if symbol == " " {
            blank = Some(at);
        }
        used += cells;
    }
    lines.push(line(text, start, text.len()));
    lines
}

/// True for the letters, marks and lines that this program's own sentences use. Each takes one cell, and two of them
/// never form a cluster.
fn stands_alone(symbol: char) -> bool {
    matches!(symbol, '\0'..='\u{2ff}' | '\u{2010}'..='\u{2027}' | '→' | '\u{2500}'..='\u{25fc}' | '✓' | '✗')
}

/// The visible characters with their byte offsets and widths. Nearly all text here has no clusters, and searching for
/// them would cost more than drawing the whole screen: hence the shortcut.
pub fn symbols(text: &str) -> impl Iterator<Item = (usize, &str, usize)> {
    let is_simple = text.is_ascii() || text.chars().all(stands_alone);
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = &text[start..];
        let mut symbols = rest.chars();
        let symbol = symbols.next()?;
        let alone = is_simple || stands_alone(symbol) && symbols.next().is_none_or(stands_alone);
        let cluster = if alone { rest.get(..symbol.len_utf8())? } else { rest.graphemes(true).next()? };
        let at = start;
        start += cluster.len();
        Some((at, cluster, if alone { 1 } else { cluster.width() }))
    })
}

/// The nearest ASCII: letters without their accents, marks by look-alikes, `?` for the rest.
pub fn ascii(text: &str) -> String {
    text.chars().filter(|symbol| !safe::is_combining(*symbol)).map(look_alike).collect()
}

const fn look_alike(symbol: char) -> char {
    match symbol {
        ' '..='~' => symbol,
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'ª' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' | 'º' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        'Á' | 'À' | 'Â' | 'Ã' | 'Ä' => 'A',
        'É' | 'È' | 'Ê' | 'Ë' => 'E',
        'Í' | 'Ì' | 'Î' | 'Ï' => 'I',
        'Ó' | 'Ò' | 'Ô' | 'Õ' | 'Ö' => 'O',
        'Ú' | 'Ù' | 'Û' | 'Ü' => 'U',
        'Ç' => 'C',
        'Ñ' => 'N',
        '“' | '”' | '„' => '"',
        '‘' | '’' => '\'',
        '‹' | '←' => '<',
        '›' | '→' | '▸' | '▌' => '>',
        '↑' | '▴' => '^',
        '↓' | '▾' => 'v',
        '▲' => '~',
        '▁' => '1',
        '▂' => '2',
        '▃' => '3',
        '▅' => '5',
        '▇' => '7',
        '·' | '…' => '.',
        '✓' => '+',
        '✗' | '×' => 'x',
        '●' | '•' => '*',
        '—' | '–' | '─' => '-',
        '│' => '|',
        '┌' | '┐' | '┘' | '└' | '┬' | '┴' => '+',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ascii_is_for_terminals_that_say_so() {
        let cases = [
            (false, "xterm-256color", "", Charset::Rich),
            (false, "xterm", "C", Charset::Rich),
            (false, "xterm", "pt_BR.UTF-8", Charset::Rich),
            (false, "xterm", "pt_BR.utf8@euro", Charset::Rich),
            (false, "xterm", "pt_BR.ISO-8859-1", Charset::Ascii),
            (true, "xterm", "pt_BR.UTF-8", Charset::Ascii),
            (false, "vt220", "pt_BR.UTF-8", Charset::Ascii),
            (false, "linux", "pt_BR.UTF-8", Charset::Plain),
        ];
        for (ascii, term, locale, charset) in cases {
            assert_eq!(Charset::detect(ascii, term, locale), charset, "{ascii} {term} {locale}");
        }
    }

    #[test]
    fn ascii_is_ascii_and_takes_no_more_cells() {
        assert_eq!(ascii("Balança “ok” – não → é… ✓ ✗ ● 日"), "Balanca \"ok\" - nao > e. + x * ?");
    }

    #[test]
    fn lines_break_between_words_and_lose_none() {
        let lines = |text: &'static str, room| -> Vec<String> {
            wrap(&text.into(), room).iter().map(|line| line.as_str().to_owned()).collect()
        };
        assert_eq!(lines("um dois três", 8), ["um dois", "três"]);
        assert_eq!(lines("interminável", 5), ["inter", "mináv", "el"]);
        assert_eq!(lines("", 5), [""]);
    }

    #[test]
    fn a_label_of_the_vendor_breaks_where_a_person_would() {
        let label = "Porta de Comunicação para Integração do Cadastro de Clientes".into();
        assert_eq!(wrap(&label, 48), ["Porta de Comunicação para Integração do Cadastro".into(), "de Clientes".into()]);
    }

    proptest! {
        #[test]
        fn wrapping_loses_no_letter_and_keeps_to_the_room(text in "[a-zç ]{0,60}", room in 1usize..20) {
            let wrapped = wrap(&Safe::outside(&text), room);
            prop_assert!(wrapped.iter().all(|line| width(line) <= room));
            let letters = |text: &str| text.chars().filter(|symbol| *symbol != ' ').collect::<String>();
            let joined: String = wrapped.iter().map(Safe::as_str).collect();
            prop_assert_eq!(letters(&joined), letters(&text));
        }
    }

    proptest! {
        #[test]
        fn the_short_way_breaks_lines_as_the_long_one_does(text in "[a-z\u{e7}→ ]{0,60}", room in 1usize..20) {
            prop_assert_eq!(breaks(&text, room), cluster_breaks(&text, room));
        }
    }

    #[test]
    fn what_stands_alone_is_one_visible_character_of_one_cell() {
        for symbol in (' '..=char::MAX).filter(|symbol| stands_alone(*symbol) && !symbol.is_control()) {
            let alone = symbol.to_string();
            assert!(alone.width() == 1 || symbol == '\u{ad}', "{symbol:?}");
            for next in ['a', '→', '│'] {
                assert_eq!(format!("{symbol}{next}").graphemes(true).count(), 2, "{symbol:?}");
            }
        }
        let told: Vec<_> =
            symbols("e\u{301}→日\u{2192}\u{fe0f}x").map(|(at, symbol, cells)| (at, symbol.len(), cells)).collect();
        assert_eq!(told.iter().map(|(_, length, _)| length).sum::<usize>(), "e\u{301}→日\u{2192}\u{fe0f}x".len());
        assert_eq!(told.len(), 5);
    }
}
