//! The only writer of stdout and stderr.
//!
//! Commands say what there is to say as an [`Answer`]; this decides how it is written: as lines or as one JSON document,
//! in colour or not, in ASCII or not. It takes nothing but [`Safe`] text and JSON, whose strings it spells out wherever
//! they hold what a terminal might obey.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{self, ErrorKind, Write};

use serde_json::{Value, json};

use crate::lang::Lang;
use crate::problem::{Kind, Problem};
use crate::safe::{self, Safe};
use crate::say;

/// What a command has to say, and the exit code that says it to a script.
#[derive(Debug, Default)]
pub struct Answer {
    /// The result, for people: to stdout.
    pub lines: Vec<Line>,
    /// What is said beside the result: to stderr, and not at all with `--json`.
    pub notes: Vec<Line>,
    /// The result, for programs: to stdout in the place of the lines.
    pub json: Value,
    /// 0, or 1 where the answer is no.
    pub code: u8,
}

/// How a piece of a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Plain words.
    Plain,
    /// A value that scripts read: never put into ASCII.
    Exact,
    /// A heading, a name.
    Strong,
    /// Less important than the rest.
    Faint,
    /// It passes.
    Good,
    /// To be looked at.
    Doubtful,
    /// It fails.
    Bad,
}

impl Tone {
    /// The parameters of SGR: of the 16 colours alone, which every terminal's theme keeps readable.
    const fn sgr(self) -> Option<&'static str> {
        match self {
            Tone::Plain | Tone::Exact => None,
            Tone::Strong => Some("1"),
            Tone::Faint => Some("2"),
            Tone::Good => Some("32"),
            Tone::Doubtful => Some("33"),
            Tone::Bad => Some("31"),
        }
    }
}

/// One line, piece by piece.
#[derive(Clone, Debug, Default)]
pub struct Line(Vec<(Tone, Safe)>);

impl Line {
    /// A line of one piece.
    pub fn of(tone: Tone, words: Safe) -> Line {
        Line(vec![(tone, words)])
    }

    /// With one more piece.
    pub fn and(mut self, tone: Tone, words: impl Into<Safe>) -> Line {
        self.0.push((tone, words.into()));
        self
    }
}

impl From<Safe> for Line {
    fn from(words: Safe) -> Line {
        Line::of(Tone::Plain, words)
    }
}

/// Which characters the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signs {
    /// All of UTF-8.
    Unicode,
    /// Letters as they are, marks and arrows in ASCII: the font of the Linux console has none.
    Letters,
    /// ASCII alone: accents fall off.
    Ascii,
}

impl Signs {
    /// ASCII where asked for, where the locale names a charset that is not UTF-8, or on a VT terminal; an unset locale
    /// and `C` mean UTF-8, since that is what every terminal of today sends and shows.
    pub fn choose(ascii: bool, on_terminal: bool, variable: &dyn Fn(&str) -> Option<OsString>) -> Signs {
        let text = |name: &str| variable(name).map(|value| value.to_string_lossy().to_ascii_lowercase());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| text(name).filter(|it| !it.is_empty()));
        let charset = locale.as_deref().and_then(|locale| locale.split('@').next()?.split_once('.')).map(|(_, it)| it);
        let terminal = text("TERM").filter(|_| on_terminal).unwrap_or_default();
        if ascii || charset.is_some_and(|it| !matches!(it, "utf-8" | "utf8")) || terminal.starts_with("vt") {
            Signs::Ascii
        } else if terminal == "linux" {
            Signs::Letters
        } else {
            Signs::Unicode
        }
    }

    fn put(self, words: &Safe, out: &mut String) {
        for symbol in words.as_str().chars() {
            match self {
                Signs::Ascii if !symbol.is_ascii() => out.push_str(ascii(symbol)),
                Signs::Letters if !symbol.is_ascii() && !symbol.is_alphanumeric() => out.push_str(ascii(symbol)),
                _ => out.push(symbol),
            }
        }
    }
}

/// What stands in ASCII for a symbol of the program's own texts, or for a Portuguese letter.
fn ascii(symbol: char) -> &'static str {
    match symbol {
        'á' | 'à' | 'â' | 'ã' | 'ª' => "a",
        'é' | 'ê' => "e",
        'í' => "i",
        'ó' | 'ô' | 'õ' | 'º' => "o",
        'ú' | 'ü' => "u",
        'ç' => "c",
        'Á' | 'À' | 'Â' | 'Ã' => "A",
        'É' | 'Ê' => "E",
        'Í' => "I",
        'Ó' | 'Ô' | 'Õ' => "O",
        'Ú' | 'Ü' => "U",
        'Ç' => "C",
        '→' => "->",
        '›' => ">",
        '‹' => "<",
        '…' => "...",
        '–' | '—' | '·' => "-",
        '“' | '”' | '«' | '»' => "\"",
        '‘' | '’' => "'",
        '✓' => "+",
        '✗' => "x",
        '●' => "*",
        _ => "?",
    }
}

/// How everything is written.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    /// The language of the words around a problem.
    pub lang: Lang,
    /// One JSON document on stdout and nothing else.
    pub json: bool,
    /// Colour on stdout.
    pub colour_out: bool,
    /// Colour on stderr.
    pub colour_err: bool,
    /// Which characters can be shown.
    pub signs: Signs,
}

impl Printer {
    /// Writes an answer; gives the exit code.
    pub fn answer(&self, answer: &Answer) -> u8 {
        let text = if self.json { self.document(&answer.json) } else { self.text(&answer.lines, self.colour_out) };
        match self.write_out(&text) {
            Err(code) => code,
            Ok(()) => {
                if !self.json {
                    self.write_err(&self.text(&answer.notes, self.colour_err));
                }
                answer.code
            }
        }
    }

    /// Writes a problem: to stderr for people, to stdout as JSON; gives the exit code.
    pub fn problem(&self, problem: &Problem) -> u8 {
        let code = problem.kind.exit_code();
        if self.json {
            return self.write_out(&self.document(&problem_json(problem))).err().unwrap_or(code);
        }
        self.write_err(&self.text(&self.problem_lines(problem), self.colour_err));
        code
    }

    fn problem_lines(&self, problem: &Problem) -> Vec<Line> {
        let heading = Line::of(Tone::Bad, say!(self.lang, "erro: ", "error: "));
        let mut lines = vec![heading.and(Tone::Plain, problem.message.clone())];
        lines.extend(problem.causes.iter().map(|cause| Line::from(Safe::own("  - ")).and(Tone::Plain, cause.clone())));
        let heading = || Line::of(Tone::Strong, say!(self.lang, "dica: ", "hint: "));
        lines.extend(problem.hints.iter().map(|hint| heading().and(Tone::Plain, hint.clone())));
        lines
    }

    fn text(&self, lines: &[Line], colour: bool) -> String {
        let mut text = String::new();
        for Line(pieces) in lines {
            for (tone, words) in pieces {
                let sgr = tone.sgr().filter(|_| colour);
                if let Some(parameters) = sgr {
                    let _ = write!(text, "\x1b[{parameters}m");
                }
                let signs = if *tone == Tone::Exact { Signs::Unicode } else { self.signs };
                signs.put(words, &mut text);
                if sgr.is_some() {
                    text.push_str("\x1b[m");
                }
            }
            text.push('\n');
        }
        text
    }

    /// JSON as text. What may not be shown can only stand inside its strings, where `\uXXXX` says the same.
    fn document(&self, value: &Value) -> String {
        let plain = format!("{value:#}\n");
        let mut text = String::with_capacity(plain.len());
        for symbol in plain.chars() {
            let shown = symbol == '\n' || safe::allowed(symbol) && (symbol.is_ascii() || self.signs != Signs::Ascii);
            if shown {
                text.push(symbol);
            } else {
                for unit in symbol.encode_utf16(&mut [0; 2]) {
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
        }
        text
    }

    /// Writes to stdout, or gives the exit code of not being able to.
    fn write_out(&self, text: &str) -> Result<(), u8> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| match error.kind() {
            // Whoever read it has enough, as with `| head`: what a shell sees of a program that SIGPIPE ended.
            ErrorKind::BrokenPipe => 128 + 13,
            _ => {
                let reason = Safe::outside(&error.to_string());
                let message =
                    say!(self.lang, "a saída não pôde ser escrita: {}", "stdout cannot be written: {}", reason);
                let problem = Problem::new(Kind::Write, "output", message);
                self.write_err(&self.text(&self.problem_lines(&problem), self.colour_err));
                problem.kind.exit_code()
            }
        })
    }

    /// Writes to stderr. Where that fails too, there is nobody left to tell; the exit code still does.
    fn write_err(&self, text: &str) {
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}

/// `{"error":{"code","message","key","line","column"}}`, with `null` for what it is not about.
fn problem_json(problem: &Problem) -> Value {
    let mut message = problem.message.as_str().to_owned();
    for (index, cause) in problem.causes.iter().enumerate() {
        message.push_str(if index == 0 { ": " } else { "; " });
        message.push_str(cause.as_str());
    }
    json!({ "error": {
        "code": problem.code,
        "message": message,
        "key": problem.key.as_ref().map(Safe::as_str),
        "line": problem.line,
        "column": problem.column,
    }})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printer(signs: Signs) -> Printer {
        Printer { lang: Lang::Pt, json: false, colour_out: false, colour_err: false, signs }
    }

    #[test]
    fn json_spells_out_what_a_terminal_might_obey_and_stays_the_same_document() {
        let value = json!({ "a\u{202e}": "\u{1b}[2J\u{7f}\u{9b}é\u{10ffff}" });
        for signs in [Signs::Unicode, Signs::Ascii] {
            let text = printer(signs).document(&value);
            assert!(text.chars().all(|symbol| symbol == '\n' || safe::allowed(symbol)), "{text}");
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
            assert_eq!(text.is_ascii(), signs == Signs::Ascii);
        }
    }

    #[test]
    fn only_an_exact_value_keeps_its_letters_in_ascii() {
        let lines = [Line::of(Tone::Plain, Safe::own("não → é… ✓ ")).and(Tone::Exact, "ção")];
        assert_eq!(printer(Signs::Ascii).text(&lines, false), "nao -> e... + ção\n");
        assert_eq!(printer(Signs::Letters).text(&lines, false), "não -> é... + ção\n");
        assert_eq!(printer(Signs::Unicode).text(&lines, false), "não → é… ✓ ção\n");
    }

    #[test]
    fn colour_begins_and_ends_in_the_piece_it_is_for() {
        let lines = [Line::of(Tone::Good, Safe::own("a")).and(Tone::Plain, "b")];
        assert_eq!(printer(Signs::Unicode).text(&lines, true), "\x1b[32ma\x1b[mb\n");
    }

    #[test]
    fn the_locale_and_the_terminal_say_which_signs_can_be_shown() {
        let signs = |ascii, terminal, pairs: &'static [(&str, &str)]| {
            Signs::choose(ascii, terminal, &|name| {
                pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
            })
        };
        assert_eq!(signs(false, true, &[]), Signs::Unicode);
        assert_eq!(signs(true, true, &[]), Signs::Ascii);
        assert_eq!(signs(false, true, &[("LANG", "C")]), Signs::Unicode);
        assert_eq!(signs(false, true, &[("LANG", "pt_BR.UTF-8@euro")]), Signs::Unicode);
        assert_eq!(signs(false, true, &[("LANG", "pt_BR.ISO-8859-1")]), Signs::Ascii);
        assert_eq!(signs(false, true, &[("LC_ALL", "C.utf8"), ("LANG", "pt_BR.ISO-8859-1")]), Signs::Unicode);
        assert_eq!(signs(false, true, &[("TERM", "vt220")]), Signs::Ascii);
        assert_eq!(signs(false, true, &[("TERM", "linux")]), Signs::Letters);
        assert_eq!(signs(false, false, &[("TERM", "linux")]), Signs::Unicode);
    }
}
