//! The patterns of a catalog: regular expressions that every reader of JSON Schema takes in the same way.
//!
//! JSON Schema means ECMA 262, but most of its readers run another engine, and ours too. So only the core that its specification
//! recommends is taken (letters, `[…]`, `.`, `^`, `$`, `|`, groups, repetitions), and handed on spelled in a way that leaves
//! `regex-lite` no choice. All else is refused, with what to write instead. As in JSON Schema a pattern is searched for, not
//! matched whole.

use std::fmt;
use std::iter::Peekable;
use std::str::Chars;

use regex_lite::{Regex, RegexBuilder};

use super::fault::{Fault, Told, quoted};
use crate::lang::{Lang, Localized};
use crate::safe::Safe;
use crate::{localized, say};

/// Of a text that is held to a pattern, in characters. With [`MOST_STATES`] it bounds the time that a catalog can take: some
/// milliseconds for the worst of patterns.
pub const LONGEST_TEXT: usize = 1000;

/// Of a pattern, in characters; what a person can still read is far shorter.
const LONGEST: usize = 200;

/// What `regex-lite` makes of it, in bytes: some 500 states of 32 bytes.
const MOST_STATES: usize = 16 * 1024;

/// Groups within groups.
const DEEPEST: usize = 10;

/// Repetitions that are counted.
const MOST_REPEATED: u32 = LONGEST_TEXT as u32;

/// A pattern that texts are held to.
#[derive(Clone)]
pub struct Pattern {
    /// As the catalog spells it.
    pub text: String,
    /// What the catalog calls a text that it fits, after “deve ser”; empty where it gives no words.
    pub help: Localized,
    search: Regex,
}

impl Pattern {
    /// Reads it, or says what is wrong with it.
    pub fn new(text: String, help: Localized) -> Result<Pattern, Localized> {
        let spelled = spell(&text)?;
        let search = RegexBuilder::new(&spelled).size_limit(MOST_STATES).nest_limit(2 * DEEPEST as u32 + 2).build();
        match search {
            Ok(search) => Ok(Pattern { text, help, search }),
            // It was understood: only its size can be in the way.
            Err(_) => Err(too_large()),
        }
    }

    /// What a text must be, after “deve ser”.
    pub(super) fn expected(&self, lang: Lang) -> Safe {
        match self.help.of(lang) {
            nothing if nothing.is_empty() => {
                say!(lang, "um texto no formato {}", "a text of the form {}", Safe::outside(&self.text))
            }
            help => help.clone(),
        }
    }

    /// About a text that it is not found in.
    pub(super) fn fault(&self) -> Fault {
        let expected = |lang| self.expected(lang);
        let told = Told::Bounds(Localized::each(expected));
        Fault::error("pattern", localized!("formato inválido", "wrong format"), Fault::must_be(expected)).told(told)
    }

    /// True where it is found in the text.
    pub fn fits(&self, text: &str) -> bool {
        self.search.is_match(text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        (&self.text, &self.help) == (&other.text, &other.help)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Pattern({:?}, {:?})", self.text, self.help)
    }
}

fn too_large() -> Localized {
    localized!("é grande demais: repetições dentro de repetições", "is too large: repetitions within repetitions")
}

/// The pattern in `regex-lite`'s spelling.
fn spell(pattern: &str) -> Result<String, Localized> {
    if pattern.chars().count() > LONGEST {
        return Err(localized!("tem mais de {} caracteres", "has more than {} characters", LONGEST));
    }
    let mut reader = Reader { rest: pattern.chars().peekable(), spelled: String::new() };
    reader.alternatives(0)?;
    match reader.rest.next() {
        None => Ok(reader.spelled),
        Some(_) => Err(without_partner(')')),
    }
}

struct Reader<'p> {
    rest: Peekable<Chars<'p>>,
    spelled: String,
}

impl Reader<'_> {
    /// Up to the end, or to the `)` of the group that it is in.
    fn alternatives(&mut self, depth: usize) -> Result<(), Localized> {
        while let Some(symbol) = self.rest.next_if(|symbol| *symbol != ')') {
            match symbol {
                '|' | '^' | '$' => {
                    self.spelled.push(symbol);
                    continue;
                }
                '*' | '+' | '?' | '{' => return Err(nothing_to_repeat(symbol)),
                ']' | '}' => return Err(without_partner(symbol)),
                '(' => self.group(depth)?,
                '[' => self.class()?,
                // ECMA's line ends are four; others know one.
                '.' => self.spelled.push_str(r"[^\n\r\x{2028}\x{2029}]"),
                '\\' => {
                    let symbol = self.escaped(false)?;
                    self.literal(symbol);
                }
                symbol => self.literal(symbol),
            }
            self.repetition()?;
        }
        Ok(())
    }

    fn group(&mut self, depth: usize) -> Result<(), Localized> {
        if depth == DEEPEST {
            return Err(localized!(
                "tem mais de {} grupos, um dentro do outro",
                "has more than {} groups, one within the other",
                DEEPEST
            ));
        }
        if self.rest.next_if_eq(&'?').is_some() && self.rest.next() != Some(':') {
            return Err(localized!(
                "“(?” não vale: nem condições (?=…), (?!…), nem nomes (?<…>), nem opções (?i); só (…) e (?:…)",
                "“(?” is not accepted: no conditions (?=…), (?!…), no names (?<…>), no options (?i); only (…) and (?:…)"
            ));
        }
        self.spelled.push_str("(?:");
        self.alternatives(depth + 1)?;
        self.rest.next().ok_or_else(|| without_partner('('))?;
        self.spelled.push(')');
        Ok(())
    }

    /// `[abc]`, `[a-z]`, `[^…]`; its `[` is read already.
    fn class(&mut self) -> Result<(), Localized> {
        self.spelled.push('[');
        if self.rest.next_if_eq(&'^').is_some() {
            self.spelled.push('^');
        }
        let mut last = None;
        loop {
            let symbol = match self.rest.next() {
                None => return Err(without_partner('[')),
                Some(']') if last.is_none() => {
                    return Err(localized!(
                        "“[]” está vazio; um “]” se escreve “\\]”",
                        "“[]” is empty; a “]” is written “\\]”"
                    ));
                }
                Some(']') => break,
                Some('\\') => self.escaped(true)?,
                Some('[') => return Err(in_class('[')),
                Some('-') if last.is_some() && self.rest.peek().is_some_and(|next| *next != ']') => {
                    return Err(in_class('-'));
                }
                // Set operations, where a reader knows them.
                Some(symbol @ ('&' | '~')) if last == Some(symbol) => {
                    return Err(localized!(
                        "dentro de […], “{}” só uma vez seguida",
                        "within […], “{}” only once in a row",
                        quoted(symbol)
                    ));
                }
                Some(symbol) => symbol,
            };
            last = Some(symbol);
            self.literal(symbol);
            let mut ahead = self.rest.clone();
            if ahead.next() != Some('-') || ahead.next().is_none_or(|end| end == ']') {
                continue;
            }
            self.rest.next();
            let end = match self.rest.next() {
                Some('\\') => self.escaped(true)?,
                Some(symbol @ ('[' | '-')) => return Err(in_class(symbol)),
                Some(symbol) => symbol,
                None => return Err(without_partner('[')),
            };
            if end < symbol {
                return Err(localized!(
                    "“{}-{}” está ao contrário",
                    "“{}-{}” is the wrong way round",
                    quoted(symbol),
                    quoted(end)
                ));
            }
            self.spelled.push('-');
            last = Some(end);
            self.literal(end);
        }
        self.spelled.push(']');
        Ok(())
    }

    /// What a `\` that was read stands before.
    fn escaped(&mut self, in_class: bool) -> Result<char, Localized> {
        match self.rest.next() {
            None => Err(localized!("termina em “\\”", "ends with “\\”")),
            Some(symbol) if r"^$\.*+?()[]{}|/".contains(symbol) || (in_class && symbol == '-') => Ok(symbol),
            Some(symbol) => Err(not_escaped(symbol)),
        }
    }

    /// A character that stands for itself, spelled by its number: no engine takes that for a sign of its own.
    fn literal(&mut self, symbol: char) {
        match symbol.is_ascii_alphanumeric() {
            true => self.spelled.push(symbol),
            false => self.spelled.push_str(&format!("\\x{{{:X}}}", u32::from(symbol))),
        }
    }

    fn repetition(&mut self) -> Result<(), Localized> {
        match self.rest.next_if(|symbol| "*+?{".contains(*symbol)) {
            None => return Ok(()),
            Some('{') => self.count()?,
            Some(symbol) => self.spelled.push(symbol),
        }
        // Lazy or not, it is found where it is.
        self.rest.next_if_eq(&'?');
        match self.rest.next_if(|symbol| "*+?{".contains(*symbol)) {
            None => Ok(()),
            Some(symbol) => Err(nothing_to_repeat(symbol)),
        }
    }

    /// `{2}`, `{2,}`, `{2,4}`; its `{` is read already.
    fn count(&mut self) -> Result<(), Localized> {
        let mut inside = String::new();
        while let Some(symbol) = self.rest.next_if(|symbol| symbol.is_ascii_digit() || *symbol == ',') {
            inside.push(symbol);
        }
        let number = |digits: &str| digits.parse::<u32>().ok().filter(|count| *count <= MOST_REPEATED);
        let (least, most) = inside.split_once(',').unwrap_or((&inside, &inside));
        let is_right = match (number(least), most) {
            (Some(_), "") => true,
            (Some(least), most) => number(most).is_some_and(|most| least <= most),
            (None, _) => false,
        };
        if !is_right || self.rest.next() != Some('}') {
            return Err(localized!(
                "repetições se escrevem {{2}}, {{2,}} ou {{2,4}}, com números até {}",
                "repetitions are written {{2}}, {{2,}} or {{2,4}}, with numbers up to {}",
                MOST_REPEATED
            ));
        }
        self.spelled.push_str(&format!("{{{inside}}}"));
        Ok(())
    }
}

fn without_partner(symbol: char) -> Localized {
    localized!(
        "“{}” está sem par; como caractere se escreve “\\{}”",
        "“{}” has no partner; as a character it is written “\\{}”",
        quoted(symbol),
        quoted(symbol)
    )
}

fn nothing_to_repeat(symbol: char) -> Localized {
    localized!(
        "“{}” não tem o que repetir; como caractere se escreve “\\{}”",
        "“{}” has nothing to repeat; as a character it is written “\\{}”",
        quoted(symbol),
        quoted(symbol)
    )
}

fn in_class(symbol: char) -> Localized {
    localized!(
        "dentro de […], o caractere “{}” se escreve “\\{}”",
        "within […], the character “{}” is written “\\{}”",
        quoted(symbol),
        quoted(symbol)
    )
}

/// About a `\` before what is no sign: each engine has its own idea of it.
fn not_escaped(symbol: char) -> Localized {
    let instead = match symbol {
        'd' => Some("[0-9]"),
        'D' => Some("[^0-9]"),
        'w' => Some("[A-Za-z0-9_]"),
        'W' => Some("[^A-Za-z0-9_]"),
        's' => Some("[ ]"),
        'A' => Some("^"),
        'z' | 'Z' => Some("$"),
        _ => None,
    };
    match instead {
        Some(instead) => localized!(
            "“\\{}” não é lido por todos do mesmo modo; escreva {}",
            "“\\{}” is not read alike by all; write {}",
            quoted(symbol),
            instead
        ),
        None => localized!(
            "“\\{}” não vale; “\\” só antes de um destes: ^ $ \\ . * + ? ( ) [ ] {{ }} | /",
            "“\\{}” is not accepted; “\\” only before one of these: ^ $ \\ . * + ? ( ) [ ] {{ }} | /",
            quoted(symbol)
        ),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pattern(text: &str) -> Result<Pattern, String> {
        Pattern::new(text.into(), Localized::default()).map_err(|wrong| wrong.of(Lang::Pt).to_string())
    }

    #[test]
    fn a_pattern_is_searched_for_and_not_matched_whole() {
        for (text, fitting, other) in [
            ("b+", "abc", Some("ac")),
            ("^[0-9]{4}$", "2026", Some("12026")),
            ("^(?:/dev/[a-zA-Z0-9/_.-]+)?$", "/dev/ttyS0", Some("/dev/")),
            ("^(?:/dev/.+)?$", "", Some("ttyS0")),
            ("^[^ ]+@[^ ]+\\.[a-z]{2,}$", "a@b.com", Some("a@b")),
            ("^(sim|não)$", "não", Some("nao")),
            (r"^\(\^\$\\\.\*\+\?\[\]\{\}\|\/\)$", r"(^$\.*+?[]{}|/)", Some("(")),
            (r"^[\-a\]\\]+$", r"-a]\", Some("b")),
            ("^[a-]+$", "a-a", Some("b")),
            ("^[-+]?[0-9]{1,3}?$", "-12", Some("+-1")),
            ("^.$", "ç", Some("\u{2028}")),
            ("^[à-ú]{2,}$", "éó", Some("e")),
            ("a{0}", "b", None),
            ("^$", "", Some("x")),
        ] {
            let pattern = pattern(text).unwrap();
            assert!(pattern.fits(fitting), "{text} does not find {fitting}");
            assert!(!other.is_some_and(|other| pattern.fits(other)), "{text} finds {other:?}");
        }
    }

    /// An engine with backtracking does not come back from these.
    #[test]
    fn no_pattern_makes_the_program_slow() {
        let text = "a".repeat(LONGEST_TEXT);
        for hostile in ["^(a+)+b$", "^(a|a)*b$", "^(.*.*.*.*.*)+b$", "^(?:a?){90}a{90}b$", "(a*)*(a*)*(a*)*b"] {
            let pattern = pattern(hostile).unwrap();
            assert!(!pattern.fits(&text));
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_or_refused(text in any::<String>()) {
            let _ = pattern(&text);
        }

        #[test]
        fn what_is_made_of_signs_is_read_as_regex_lite_reads_it_or_refused(
            text in r"[ab0.^$|()\[\]{},\\*+?:&~-]{0,12}", value in "[ab0.,{}-]{0,8}"
        ) {
            if let Ok(own) = pattern(&text) {
                let plain = Regex::new(&text);
                prop_assert!(plain.is_ok(), "{}", text);
                prop_assert_eq!(own.fits(&value), plain.unwrap().is_match(&value), "{} on {}", text, value);
            }
        }
    }
}
