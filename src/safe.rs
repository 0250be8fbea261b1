//! Text from outside, made safe to show.
//!
//! Files, servers, the environment and arguments can hold bytes that drive a terminal. Whatever is shown
//! (screen, stdout, stderr, logs, history) is a [`Safe`], and there are only two ways to get one: the
//! program's own words ([`Safe::own`], the [`safe!`](crate::safe!) and [`say!`](crate::say!) templates), or
//! [`Safe::outside`], which lets through what is on the allow-list and spells out the rest.
//! A plain `String` cannot be shown: forgetting the filter does not compile.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::str::Utf8Chunk;

use unicode_width::UnicodeWidthChar;

/// Text that no terminal will take for a command.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Safe(Cow<'static, str>);

impl Safe {
    /// Words of the program itself.
    pub const fn own(words: &'static str) -> Safe {
        Safe(Cow::Borrowed(words))
    }

    /// Text from outside: what is not on the allow-list is spelled out, `‹ESC›` or `\u{202e}`.
    pub fn outside(text: &str) -> Safe {
        // Most text is plain ASCII, and needs no more than this.
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Safe(Cow::Owned(text.to_owned()));
        }
        if text.chars().all(allowed) {
            return Safe(Cow::Owned(text.to_owned()));
        }
        let mut shown = String::with_capacity(text.len());
        let mut before = ' ';
        for symbol in text.chars() {
            if allowed(symbol) || (is_combining(symbol) && before.is_alphabetic()) {
                shown.push(symbol);
            } else {
                spell(symbol, &mut shown);
            }
            before = symbol;
        }
        Safe(Cow::Owned(shown))
    }

    /// A piece of a file inside a sentence, cut where it is long.
    pub fn excerpt(text: &str) -> Safe {
        /// More would hide the sentence around it.
        const LONGEST: usize = 60;
        match text.char_indices().nth(LONGEST) {
            Some((end, _)) => crate::safe!("{}…", Safe::outside(&text[..end])),
            None => Safe::outside(text),
        }
    }

    /// A path; what of it is not UTF-8 becomes U+FFFD.
    pub fn path(path: &Path) -> Safe {
        Safe::outside(&path.to_string_lossy())
    }

    /// A path as it can be pasted into a shell; one that begins with a dash is not taken for an option.
    pub fn for_shell(path: &Path) -> Safe {
        match path.as_os_str().as_encoded_bytes() {
            [b'-', ..] => Safe::word(Path::new(".").join(path)),
            _ => Safe::word(path),
        }
    }

    /// Any word as it can be pasted into a shell: what may not be shown is spelled as bash reads it.
    pub fn word(word: impl AsRef<OsStr>) -> Safe {
        let bytes = word.as_ref().as_encoded_bytes();
        let shown = Safe::path(Path::new(&word));
        if shown.as_str().as_bytes() != bytes {
            let spelled = |chunk: Utf8Chunk| {
                let plain = |symbol: char| match symbol {
                    '\'' | '\\' => format!("\\{symbol}"),
                    symbol if allowed(symbol) => symbol.to_string(),
                    symbol => symbol.to_string().bytes().map(|byte| format!("\\x{byte:02x}")).collect(),
                };
                let invalid = chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}"));
                chunk.valid().chars().map(plain).chain(invalid).collect::<String>()
            };
            return Safe::outside(&format!("$'{}'", bytes.utf8_chunks().map(spelled).collect::<String>()));
        }
        let plain = |symbol: char| symbol.is_ascii_alphanumeric() || "/._-+@%:,=".contains(symbol);
        if shown.as_str().chars().all(plain) && !shown.is_empty() {
            return shown;
        }
        Safe::outside(&format!("'{}'", shown.as_str().replace('\'', "'\\''")))
    }

    /// For [`safe!`](crate::safe!) alone, which checks the arguments.
    #[doc(hidden)]
    pub fn made(words: fmt::Arguments<'_>) -> Safe {
        Safe(Cow::Owned(words.to_string()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part of the text in this byte range; empty where the text has no such part.
    pub fn part(&self, range: Range<usize>) -> Safe {
        match &self.0 {
            Cow::Borrowed(words) => Safe(Cow::Borrowed(words.get(range).unwrap_or_default())),
            Cow::Owned(text) => Safe(Cow::Owned(text.get(range).unwrap_or_default().to_owned())),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Without the password of a connection string that somebody gave in place of something else:
    /// `postgresql://user:…@host`, `password=…`.
    pub fn without_passwords(self) -> Safe {
        let mut rest = self.0.as_ref();
        let mut shown = String::new();
        while let Some((before, after)) = find_password(rest) {
            shown += before;
            shown.push('…');
            rest = after;
        }
        if shown.is_empty() { self } else { Safe(Cow::Owned(shown + rest)) }
    }

    /// The parts of `list`, with `between` between them.
    pub fn join(list: &[Safe], between: &'static str) -> Safe {
        let parts: Vec<&str> = list.iter().map(Safe::as_str).collect();
        Safe(Cow::Owned(parts.join(between)))
    }
}

/// What stands before a password, and what stands after it.
fn find_password(text: &str) -> Option<(&str, &str)> {
    // The last `@` of the word ends it: one in the password may stand there as it is.
    let in_address = text.match_indices("://").find_map(|(at, _)| {
        let word = text.get(at + 3..)?;
        let word = word.get(..word.find(char::is_whitespace).unwrap_or(word.len()))?;
        let (login, _) = word.rsplit_once('@')?;
        let start = at + 3 + login.find(':')? + 1;
        let end = at + 3 + login.len();
        (start < end).then_some((start, end))
    });
    let found = named_password(text).into_iter().chain(in_address).min()?;
    Some((text.get(..found.0)?, text.get(found.1..)?))
}

/// From where to where the value of the first `password=` goes that has one. As libpq reads it: there may be spaces around
/// the `=`, and within quotes, of which `\` takes the meaning.
fn named_password(text: &str) -> Option<(usize, usize)> {
    const NAME: &str = "password";
    let ends = |symbol: char| symbol.is_whitespace() || matches!(symbol, '"' | '\'' | '”' | '&');
    text.to_ascii_lowercase().match_indices(NAME).find_map(|(at, _)| {
        let value = text.get(at + NAME.len()..)?.trim_start().strip_prefix('=')?.trim_start();
        let start = text.len() - value.len();
        let length = match value.strip_prefix('\'') {
            Some(quoted) => {
                let mut escaped = false;
                let closes = |symbol: char| {
                    let closes = symbol == '\'' && !escaped;
                    escaped = symbol == '\\' && !escaped;
                    closes
                };
                quoted.find(closes).map_or(value.len(), |end| end + 2)
            }
            None => value.find(ends).unwrap_or(value.len()),
        };
        (length > 0).then_some((start, start + length))
    })
}

impl fmt::Display for Safe {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.0)
    }
}

impl fmt::Debug for Safe {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, out)
    }
}

impl From<&'static str> for Safe {
    fn from(words: &'static str) -> Safe {
        Safe::own(words)
    }
}

/// What may stand in a [`safe!`](crate::safe!) template: a [`Safe`], the program's own words, a number.
pub trait Shown: fmt::Display {}
impl Shown for Safe {}
impl Shown for &'static str {}
macro_rules! shown {
    ($($number:ty)*) => { $(impl Shown for $number {})* };
}
shown!(char u8 u16 u32 u64 usize i32 i64 u128);
impl<T: Shown> Shown for &T {}

/// Passes its argument through; that it compiles is the proof that the argument may be shown.
#[doc(hidden)]
pub const fn shown<T: Shown>(argument: &T) -> &T {
    argument
}

/// True where the template's only placeholders are `{}`: a named one would take a variable unseen.
#[doc(hidden)]
pub const fn only_positional(template: &str) -> bool {
    let bytes = template.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'{' {
            if at + 1 >= bytes.len() || (bytes[at + 1] != b'}' && bytes[at + 1] != b'{') {
                return false;
            }
            at += 1;
        }
        at += 1;
    }
    true
}

/// Text that may be shown ([`crate::safe::Safe`]), from a template of the program's own and arguments that may be shown.
///
/// ```
/// use balcao_config::{safe, safe::Safe};
/// let from_outside = Safe::outside("a\x1b[2J");
/// assert_eq!(safe!("porta {}: {}", 5432, from_outside).as_str(), "porta 5432: a‹ESC›[2J");
/// ```
/// A `String` is refused by the compiler:
/// ```compile_fail
/// let raw = String::from("\x1b[2J");
/// balcao_config::safe!("{}", raw);
/// ```
/// and so is a name inside the braces:
/// ```compile_fail
/// let raw = String::from("\x1b[2J");
/// balcao_config::safe!("{raw}");
/// ```
#[macro_export]
macro_rules! safe {
    ($template:literal $(, $argument:expr)* $(,)?) => {{
        const _: () = assert!($crate::safe::only_positional($template), "a placeholder is empty braces; its value is an argument");
        $crate::safe::Safe::made(format_args!($template $(, $crate::safe::shown(&$argument))*))
    }};
}

/// Control characters by their usual names; C1 and the rest are shown by number.
const C0: [&str; 32] = [
    "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "TAB", "LF", "VT", "FF", "CR", "SO", "SI", "DLE",
    "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US",
];

fn spell(symbol: char, shown: &mut String) {
    match symbol as u32 {
        code @ 0..=31 => {
            shown.push('‹');
            shown.push_str(C0[code as usize]);
            shown.push('›');
        }
        0x7f => shown.push_str("‹DEL›"),
        code => shown.push_str(&format!("\\u{{{code:x}}}")),
    }
}

/// Accents that may follow a letter: some systems send them decomposed.
pub fn is_combining(symbol: char) -> bool {
    // U+034F is left out: it shows nothing.
    matches!(symbol, '\u{300}'..='\u{34e}' | '\u{350}'..='\u{36f}')
}

/// The allow-list: letters and digits that take room on the screen, and blocks of visible symbols.
///
/// Left out on purpose: every control and format character, spaces other than U+0020 (they look like it),
/// letters that are drawn as nothing (Hangul fillers), private use and everything not yet assigned.
pub fn allowed(symbol: char) -> bool {
    match symbol {
        ' '..='~' => true,
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' => false,
        // From U+00C0 on these are the letters of Europe, with the signs for times and divided by.
        '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{24f}' => true,
        '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{20a0}'..='\u{20c0}' => true,
        '\u{2100}'..='\u{2426}' | '\u{2460}'..='\u{27ff}' | '\u{2900}'..='\u{2bff}' => symbol.width() >= Some(1),
        '\u{3001}'..='\u{3029}' | '\u{ff01}'..='\u{ff60}' | '\u{fffd}' => true,
        '\u{1f300}'..='\u{1faff}' => symbol.width() >= Some(1),
        _ => symbol.is_alphanumeric() && symbol.width() >= Some(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_a_connection_string_is_not_shown() {
        let table = [
            ("“postgresql://u:senha@h/d” sobra", "“postgresql://u:…@h/d” sobra"),
            ("postgresql://u:se@nh:a@h/d e postgres://a:b@c", "postgresql://u:…@h/d e postgres://a:…@c"),
            ("“host=h PASSWORD=senha”", "“host=h PASSWORD=…”"),
            ("postgresql://h/d?user=u&password=senha&x=1", "postgresql://h/d?user=u&password=…&x=1"),
            ("http://127.0.0.1:8082/x e maria@loja", "http://127.0.0.1:8082/x e maria@loja"),
            ("postgresql://u:@h password=", "postgresql://u:@h password="),
            ("“host=h password='minha se\\'nha' dbname=d”", "“host=h password=… dbname=d”"),
            ("“host=h password = senha dbname = d”", "“host=h password = … dbname = d”"),
            ("user=u PASSWORD='aberta até o fim", "user=u PASSWORD=…"),
            ("http://h/x postgresql://u:senha@h/d", "http://h/x postgresql://u:…@h/d"),
        ];
        for (text, shown) in table {
            assert_eq!(Safe::outside(text).without_passwords().as_str(), shown);
        }
    }

    #[test]
    fn what_drives_a_terminal_is_spelled_out() {
        let cases = [
            ("\x1b[2J", "‹ESC›[2J"),
            ("a\0b\x7f", "a‹NUL›b‹DEL›"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("a\u{202e}b\u{200b}\u{feff}\u{ad}", "a\\u{202e}b\\u{200b}\\u{feff}\\u{ad}"),
            ("linha\r\n", "linha‹CR›‹LF›"),
            ("\u{a0}\u{2028}\u{3164}", "\\u{a0}\\u{2028}\\u{3164}"),
        ];
        for (raw, shown) in cases {
            assert_eq!(Safe::outside(raw).as_str(), shown);
        }
    }

    #[test]
    fn what_people_write_is_left_alone() {
        for text in ["Crediário Vencido no DAV (Orçamento) — “ok” €5 ↔ ✓", "日本語", "Cre\u{301}dito", "a_b-c.d/é"]
        {
            assert_eq!(Safe::outside(text).as_str(), text);
        }
    }

    #[test]
    fn nothing_that_is_let_through_is_control_format_or_invisible() {
        for symbol in ('\0'..=char::MAX).filter(|symbol| allowed(*symbol)) {
            assert!(!symbol.is_control(), "{:x}", symbol as u32);
            assert!(symbol.width() >= Some(1), "{:x}", symbol as u32);
        }
        for range in
            ['\u{200b}'..='\u{200f}', '\u{2028}'..='\u{202e}', '\u{2060}'..='\u{206f}', '\u{e000}'..='\u{f8ff}']
        {
            for symbol in range {
                assert!(!allowed(symbol), "{:x}", symbol as u32);
            }
        }
    }
}
