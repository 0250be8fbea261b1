//! The only writer of stdout and stderr.
//!
//! Commands return an [`Answer`]; this writes it as lines or as one JSON document, with or without colour, in ASCII or
//! not. It takes only [`Safe`] text and JSON, and escapes in JSON whatever a terminal might obey.

use crate::channel::channel;
use std::fmt::Write as _;
use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, retry_on_intr};
use serde_json::{Map, Value, json};

use crate::errno;
use crate::lang::Lang;
use crate::present::problem;
use crate::problem::{Kind, Problem};
use crate::safe::{self, Safe};
use crate::say;
use crate::text::line::{Line, Tone};
use crate::text::{self, Charset};

/// The widest that a line of progress gets, in cells.
const PROGRESS_WIDTH: usize = 78;

/// How long a farewell may take: within a second of the signal, the program has to have ended.
const FAREWELL_WAIT: Duration = Duration::from_millis(300);

/// What a command has to say, and the exit code that says it to a script.
#[derive(Debug, Default)]
pub struct Answer {
    /// The result: to stdout.
    pub output: Output,
    /// What is to be known beside the result: to stderr; with `--json` the `warnings` of an object.
    pub warnings: Vec<Safe>,
    /// What became of it, in words: to stderr; left out with `--json`, whose fields say the same.
    pub notes: Vec<Line>,
    /// True where something was changed, which stays so even where nobody takes the result.
    pub done: bool,
    /// The exit code: 0, or 1 where the answer is no.
    pub code: u8,
}

#[derive(Debug, Default)]
pub enum Output {
    #[default]
    Nothing,
    Lines(Vec<Line>),
    /// A JSON text, byte for byte where a terminal can take it.
    Text(String),
    /// What the program reports of itself. An object gets the warnings.
    Json(Value),
    /// A document for other programs, to which nothing is added.
    Document(Value),
}

/// The parameters of SGR for a tone: of the 16 colours alone, which every terminal's theme keeps readable.
const fn sgr(tone: Tone) -> Option<&'static str> {
    match tone {
        Tone::Plain | Tone::Exact => None,
        Tone::Strong => Some("1"),
        Tone::Faint => Some("2"),
        Tone::Good => Some("32"),
        Tone::Doubtful | Tone::Changed => Some("33"),
        Tone::Bad => Some("31"),
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Printer {
    pub lang: Lang,
    /// One JSON document on stdout and nothing else.
    pub json: bool,
    pub colour_out: bool,
    pub colour_err: bool,
    /// Which characters can be shown.
    pub charset: Charset,
    /// True where progress may be shown on stderr: it is a terminal, and no JSON is wanted.
    pub live: bool,
    /// True where nothing is to be drawn, since somebody listens, or the terminal cannot.
    pub plain: bool,
    /// `COLUMNS`: the width of a terminal that does not know its own.
    pub usual_columns: Option<u16>,
}

impl Printer {
    /// Writes a part of an answer before the rest is known: lines, or one line of JSON. Error: the exit code.
    pub fn part(&self, lines: impl FnOnce() -> Vec<Line>, json: impl FnOnce() -> Value) -> Result<(), u8> {
        self.clear_progress();
        let text = match self.json {
            true => spelled_out(&format!("{}\n", json()), self.charset),
            false => self.text(&lines(), self.colour_out),
        };
        write_all(io::stdout(), &text).map_err(|error| self.lost(&error))
    }

    /// Writes lines and a question to stderr. The cursor stays behind the question.
    pub fn ask(&self, lines: &[Line], question: &Safe) {
        let question = self.text(&[Line::from(question.clone())], false);
        self.write_err(&(self.text(lines, self.colour_err) + question.trim_end_matches('\n') + " "));
    }

    /// How many cells a line of an answer has, two less than the terminal; 78 where stdout is none.
    pub fn room(&self) -> usize {
        self.columns(io::stdout()) - 2
    }

    fn columns(&self, stream: impl AsFd) -> usize {
        /// Narrower than this, nothing can be read in any way.
        const LEAST: u16 = 20;
        const USUAL: u16 = 80;
        usize::from(match rustix::termios::tcgetwinsize(stream) {
            Ok(size) if size.ws_col > 0 => size.ws_col.max(LEAST),
            Ok(_) => self.usual_columns.unwrap_or(USUAL).max(LEAST),
            Err(_) => USUAL,
        })
    }

    /// Shows progress in a line that the next call, or [`Printer::clear_progress`], replaces.
    pub fn progress(&self, sentence: &Safe) {
        if self.live {
            let line = text::wrap(sentence, self.progress_width()).into_iter().next().unwrap_or_default();
            let text = self.text(&[Line::from(line)], false);
            self.write_err(&format!("\r{}\x1b[K", text.trim_end_matches('\n')));
        }
    }

    /// The cells that a line of progress has.
    pub fn progress_width(&self) -> usize {
        // One less: some terminals wrap a full line.
        PROGRESS_WIDTH.min(self.columns(io::stderr()) - 1)
    }

    pub fn clear_progress(&self) {
        if self.live {
            self.write_err("\r\x1b[K");
        }
    }

    /// Writes an answer; gives the exit code.
    pub fn answer(&self, answer: &Answer) -> u8 {
        let mut told_inside = false;
        let text = match &answer.output {
            Output::Nothing => String::new(),
            Output::Lines(lines) => self.text(lines, self.colour_out),
            // Not even for an ASCII terminal: it may be redirected to a file, which is to have its own letters.
            Output::Text(text) => spelled_out(text, Charset::Rich),
            Output::Json(Value::Object(report)) => {
                told_inside = true;
                let mut report = report.clone();
                report.insert("warnings".to_owned(), texts(&answer.warnings));
                self.document(&report.into())
            }
            Output::Json(value) | Output::Document(value) => self.document(value),
        };
        let written = write_all(io::stdout(), &text);
        if let Err(error) = written.as_ref().err().filter(|_| !answer.done).map_or(Ok(()), Err) {
            return self.lost(error);
        }
        let warning = |sentence: &Safe| problem::warning(sentence.clone(), self.lang);
        let mut beside = vec![];
        if !told_inside {
            beside.extend(answer.warnings.iter().map(warning));
        }
        if let Err(error) = &written {
            beside.push(warning(&self.not_written(error)));
            // What was done cannot be done again to learn of it: an SQL that takes it back, say.
            self.write_err(&(self.text(&beside, self.colour_err) + &text));
            beside.clear();
        }
        if !self.json || written.is_err() {
            beside.extend(answer.notes.iter().cloned());
        }
        self.write_err(&self.text(&beside, self.colour_err));
        answer.code
    }

    /// Writes the last answer of a program that a signal ends, as far as a terminal takes it at once.
    pub fn farewell(&self, answer: Answer) -> u8 {
        let (printer, code, (done, written)) = (*self, answer.code, channel());
        // Without a thread it is left unsaid.
        let _ = thread::Builder::new().spawn(move || done.send(printer.answer(&answer)));
        written.recv_timeout(FAREWELL_WAIT).unwrap_or(code)
    }

    /// Writes a problem: to stderr for people, to stdout as JSON; gives the exit code.
    pub fn problem(&self, problem: &Problem) -> u8 {
        let code = problem.kind.exit_code();
        if self.json && write_all(io::stdout(), &self.document(&problem_json(problem))).is_ok() {
            return code;
        }
        // Where stdout does not take it, it is told here: the exit code is the problem's own.
        self.write_err(&self.text(&problem::lines(problem, self.lang), self.colour_err));
        code
    }

    /// Tells that the result is lost; gives the exit code. A reader that has closed the pipe, as `| head` does, knows it:
    /// that is the code which a shell reports for SIGPIPE, and no word.
    fn lost(&self, error: &io::Error) -> u8 {
        if error.kind() == ErrorKind::BrokenPipe {
            return 128 + 13;
        }
        let problem = Problem::new(Kind::Write, "output", self.not_written(error));
        self.write_err(&self.text(&problem::lines(&problem, self.lang), self.colour_err));
        problem.kind.exit_code()
    }

    fn not_written(&self, error: &io::Error) -> Safe {
        let reason = errno::message(error, self.lang);
        say!(self.lang, "Não foi possível escrever na saída: {}.", "Could not write to stdout: {}.", reason)
    }

    fn text(&self, lines: &[Line], colour: bool) -> String {
        let mut text = String::new();
        for line in lines {
            for (tone, piece) in line.pieces() {
                let sgr = sgr(*tone).filter(|_| colour);
                if let Some(parameters) = sgr {
                    let _ = write!(text, "\x1b[{parameters}m");
                }
                match tone {
                    Tone::Exact => text.push_str(piece.as_str()),
                    _ => text.push_str(&self.charset.fit(piece.as_str())),
                }
                if sgr.is_some() {
                    text.push_str("\x1b[m");
                }
            }
            text.push('\n');
        }
        text
    }

    fn document(&self, value: &Value) -> String {
        spelled_out(&format!("{value:#}\n"), self.charset)
    }

    /// Writes to stderr. A failure there cannot be reported anywhere.
    fn write_err(&self, text: &str) {
        let _ = write_all(io::stderr(), text);
    }
}

/// Writes all of it. Not by the standard library's streams: these take a stdout that cannot be written (`1< FILE`) for one
/// that took everything, and give up where somebody else has made the same pipe or terminal non-blocking.
fn write_all(to: impl AsFd, text: &str) -> io::Result<()> {
    let mut bytes = text.as_bytes();
    while !bytes.is_empty() {
        match rustix::io::write(&to, bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => _ = retry_on_intr(|| poll(&mut [PollFd::new(&to, PollFlags::OUT)], None))?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// JSON text with `\uXXXX` for what a terminal might obey and for what the charset lacks; such characters occur only in
/// strings. A carriage return that ends no line is white space, and becomes a line feed.
fn spelled_out(json: &str, charset: Charset) -> String {
    let is_shown = |symbol: char| safe::allowed(symbol) && (symbol.is_ascii() || charset != Charset::Ascii);
    let mut text = String::with_capacity(json.len());
    let mut symbols = json.chars().peekable();
    while let Some(symbol) = symbols.next() {
        match symbol {
            '\r' if symbols.peek() != Some(&'\n') => text.push('\n'),
            '\n' | '\r' | '\t' => text.push(symbol),
            symbol if is_shown(symbol) => text.push(symbol),
            symbol => {
                for unit in symbol.encode_utf16(&mut [0; 2]) {
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
        }
    }
    text
}

/// `{"error":{"code","message","key","line","column","hints","retry"}}`, with `null` for what is unknown, and `causes` where
/// there are some.
fn problem_json(problem: &Problem) -> Value {
    let fields = [
        ("code", json!(problem.code)),
        ("message", json!(problem.message.as_str())),
        ("key", json!(problem.key.as_ref().map(Safe::as_str))),
        ("line", json!(problem.line)),
        ("column", json!(problem.column)),
    ];
    let mut error: Map<String, Value> = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    if !problem.causes.is_empty() {
        error.insert("causes".to_owned(), texts(&problem.causes));
    }
    error.insert("hints".to_owned(), texts(&problem.hints));
    error.insert("retry".to_owned(), problem.retry.into());
    json!({ "error": error })
}

fn texts(sentences: &[Safe]) -> Value {
    sentences.iter().map(Safe::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printer(charset: Charset) -> Printer {
        Printer {
            lang: Lang::Pt,
            json: false,
            colour_out: false,
            colour_err: false,
            charset,
            live: false,
            plain: true,
            usual_columns: None,
        }
    }

    #[test]
    fn json_spells_out_what_a_terminal_might_obey_and_stays_the_same_document() {
        let value = json!({ "a\u{202e}": "\u{1b}[2J\u{7f}\u{9b}é\u{10ffff}" });
        for charset in [Charset::Rich, Charset::Ascii] {
            let text = printer(charset).document(&value);
            assert!(text.chars().all(|symbol| symbol == '\n' || safe::allowed(symbol)), "{text}");
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
            assert_eq!(text.is_ascii(), charset == Charset::Ascii);
        }
    }

    #[test]
    fn only_an_exact_value_keeps_its_letters_in_ascii() {
        let lines = [Line::of(Tone::Plain, Safe::own("não → é… ✓ ")).and(Tone::Exact, "ção")];
        assert_eq!(printer(Charset::Ascii).text(&lines, false), "nao > e. + ção\n");
        assert_eq!(printer(Charset::Plain).text(&lines, false), "não > é. + ção\n");
        assert_eq!(printer(Charset::Rich).text(&lines, false), "não → é… ✓ ção\n");
    }

    #[test]
    fn colour_begins_and_ends_in_the_piece_it_is_for() {
        let lines = [Line::of(Tone::Good, Safe::own("a")).and(Tone::Plain, "b")];
        assert_eq!(printer(Charset::Rich).text(&lines, true), "\x1b[32ma\x1b[mb\n");
    }
}
