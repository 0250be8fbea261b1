//! Bytes from the terminal, framed into keys and pastes.
//!
//! Pure: it reads no device and no clock. The caller feeds bytes as they come and says when
//! [`Framer::deadline`] has passed in silence. How the bytes were cut into reads makes no difference.
//!
//! The rule that every choice here follows: a key that was not pressed is worse than a key that was lost.
//! Only a lone ESC is ever resolved by time. Once `ESC [` or `ESC O` was seen, the sequence ends by its own
//! grammar, however late, and what is not a known key is dropped whole: replies, mouse and focus reports, noise.
//! The controls of 8 bits (`9b` is `ESC [`) are read like those of 7, in UTF-8 too.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::text::encoding::Encoding;
pub use spelling::Dialect;
use spelling::{control_sequence, is_text, numbered, single};

mod paste;
mod spelling;
#[cfg(test)]
mod tests;

/// How long a lone ESC waits for the rest of a key: above one hop of a slow link, below what a person notices.
const ESCAPE_DELAY: Duration = Duration::from_millis(100);
/// How long a string that the terminal sends may pause, and a paste before it is told that it waits: longer than a stall of
/// a live link.
const PAUSE: Duration = Duration::from_secs(1);
/// After Ctrl+C in a paste: what comes within this time shows that it was a character of the text.
const HALT: Duration = Duration::from_millis(300);
/// The longest parameters of a sequence that can still be a key; real ones have at most a dozen bytes.
const SEQUENCE_LIMIT: usize = 64;
const CTRL_C: u8 = 0x03;
const ESC: u8 = 0x1b;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A key press. Text is `Char` without CONTROL or ALT; SHIFT is set on named keys only, not on capitals.
    Key(KeyEvent),
    /// ESC and, within the delay, this key: the key with Alt, or two keys. Which, the place decides where they are pressed.
    Escaped(KeyEvent),
    /// A bracketed paste, as one thing.
    Paste {
        /// The text without newlines, control and format characters: what may go into a field.
        text: String,
        /// How many characters (or bytes that are no UTF-8) were taken out.
        removed: usize,
        /// True where the paste was larger than 64 KiB and only its beginning is here.
        truncated: bool,
    },
    /// A paste has begun and not ended, and nothing more of it comes: told once a stall.
    PasteWaits,
    /// A paste was broken off with Ctrl+C; nothing of it is left.
    PasteStopped,
}

/// What the terminal's type and the locale decide about the bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keyboard {
    pub dialect: Dialect,
    pub encoding: Encoding,
}

/// The escape delay that `ESCDELAY` asks for: milliseconds, within 10 and 5000; 100 where it says nothing sensible.
pub fn escape_delay(variable: Option<&str>) -> Duration {
    match variable.and_then(|text| text.trim().parse::<u64>().ok()) {
        Some(delay_ms) => Duration::from_millis(delay_ms.clamp(10, 5000)),
        None => ESCAPE_DELAY,
    }
}

/// Where in a sequence the bytes so far have led.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ground,
    /// ESC: the key of that name, Alt, or the start of a sequence.
    Esc,
    /// ESC ESC: two keys, or Alt with a sequence (rxvt, macOS).
    EscEsc,
    /// After `ESC [`.
    Csi,
    /// After `ESC O`.
    Ss3,
    /// After `ESC [ [`: a function key of the Linux console.
    Console,
    /// After `ESC [ M`, say: so many characters of a mouse report are still to come; at 0, only the rest of the last one. They are
    /// bytes, or characters of UTF-8 where a program has asked for these.
    Mouse(u8),
    /// Within a character of UTF-8: so many bytes are still to come.
    Utf8(u8),
    /// Within OSC, DCS, APC, PM or SOS: a reply to somebody else's question.
    Reply,
    /// ESC within one of those: its end, if `\` follows.
    ReplyEsc,
    Paste,
    /// A paste that was delivered at the limit: its rest goes nowhere.
    PasteRest,
}

/// Turns bytes into [`Input`]; its memory is bounded by the largest paste taken.
#[derive(Debug)]
pub struct Framer {
    delay: Duration,
    keyboard: Keyboard,
    state: State,
    /// An ESC stood before the key at hand.
    alt: bool,
    /// Parameters of a sequence, bytes of a character, or text of a paste.
    held: Vec<u8>,
    /// How much of the end of a paste the last bytes are; within a report or reply, how many bytes of a character may follow.
    matched: usize,
    /// The last byte of the paste at hand was Ctrl+C.
    halting: bool,
    /// It was told that the paste at hand waits.
    told: bool,
    /// Nothing has come after what may begin a sequence: `ESC [`, say.
    is_bare: bool,
    /// The last byte was CR.
    after_return: bool,
}

impl Framer {
    /// Makes a framer; `delay` is how long a lone ESC waits, see [`escape_delay`].
    pub fn new(delay: Duration, keyboard: Keyboard) -> Framer {
        Framer {
            delay,
            keyboard,
            state: State::Ground,
            alt: false,
            held: Vec::new(),
            matched: 0,
            halting: false,
            told: false,
            is_bare: false,
            after_return: false,
        }
    }

    /// Takes the next bytes and appends what they complete to `out`.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<Input>) {
        for &byte in bytes {
            self.byte(byte, out);
        }
    }

    /// How long after the last byte [`Framer::silence`] is due; `None` where time changes nothing.
    pub fn deadline(&self) -> Option<Duration> {
        match self.state {
            State::Esc | State::EscEsc => Some(self.delay),
            _ if self.is_bare => Some(self.delay),
            State::Reply | State::ReplyEsc | State::Mouse(_) => Some(PAUSE),
            State::Paste | State::PasteRest if self.halting => Some(HALT),
            State::Paste | State::PasteRest if !self.told => Some(PAUSE),
            _ => None,
        }
    }

    /// Says that [`Framer::deadline`] passed without a byte.
    pub fn silence(&mut self, out: &mut Vec<Input>) {
        // It begins no key, so far: the Esc counts, where Esc and a key are two. What comes late still ends the sequence.
        if std::mem::take(&mut self.is_bare) {
            return out.push(Input::Escaped(KeyEvent::new(KeyCode::Null, KeyModifiers::NONE)));
        }
        match self.state {
            State::Esc => self.key(KeyCode::Esc, KeyModifiers::NONE, out),
            State::EscEsc => {
                self.key(KeyCode::Esc, KeyModifiers::NONE, out);
                self.key(KeyCode::Esc, KeyModifiers::NONE, out);
            }
            State::Paste | State::PasteRest if self.halting => {
                match std::mem::take(&mut self.held).as_slice() {
                    // Nothing was pasted: the mark was noise.
                    [CTRL_C] => self.key(KeyCode::Char('c'), KeyModifiers::CONTROL, out),
                    _ => out.push(Input::PasteStopped),
                }
            }
            // Until its end or Ctrl+C it is a paste: what comes later must not be taken for keys.
            State::Paste | State::PasteRest if !self.told => {
                self.told = true;
                return out.push(Input::PasteWaits);
            }
            State::Reply | State::ReplyEsc | State::Mouse(_) => {}
            _ => return,
        }
        self.reset();
    }

    fn byte(&mut self, byte: u8, out: &mut Vec<Input>) {
        // CR LF is one line end, of a paste that the terminal did not mark: one Enter.
        let second_half = byte == b'\n' && self.after_return && self.state == State::Ground;
        self.after_return = byte == b'\r';
        self.is_bare = false;
        if second_half {
            return;
        }
        match self.state {
            State::Ground => self.ground(byte, out),
            State::Esc => self.after_escape(byte, out),
            State::EscEsc => self.after_two_escapes(byte, out),
            State::Csi => self.csi(byte, out),
            State::Ss3 => self.ss3(byte, out),
            State::Console => match byte {
                b'A'..=b'E' => self.finish(Some((KeyCode::F(byte - b'A' + 1), KeyModifiers::NONE)), out),
                _ => self.end_sequence(byte, out),
            },
            State::Mouse(left) => self.mouse(byte, left, out),
            State::Utf8(left) => self.character(byte, left, out),
            State::Reply => match byte {
                CTRL_C => self.restart(byte, out),
                // BEL ends one; CAN and SUB call it off.
                0x07 | 0x18 | 0x1a => self.reset(),
                ESC => self.state = State::ReplyEsc,
                _ if self.ends_string(byte) => self.reset(),
                _ => {}
            },
            State::ReplyEsc => match byte {
                b'\\' => self.reset(),
                ESC => {}
                CTRL_C => self.restart(byte, out),
                _ => {
                    self.reset();
                    self.after_escape(byte, out);
                }
            },
            State::Paste | State::PasteRest => self.pasted(byte, out),
        }
    }

    fn ground(&mut self, byte: u8, out: &mut Vec<Input>) {
        match byte {
            ESC => self.state = State::Esc,
            0x80.. => self.above_ascii(byte, out),
            _ => {
                let (code, modifiers) = single(byte);
                self.finish(Some((code, modifiers)), out);
            }
        }
    }

    fn above_ascii(&mut self, byte: u8, out: &mut Vec<Input>) {
        let left = match (self.keyboard.encoding, byte) {
            (Encoding::Utf8 | Encoding::Other, 0xc2..=0xdf) => 1,
            (Encoding::Utf8 | Encoding::Other, 0xe0..=0xef) => 2,
            (Encoding::Utf8 | Encoding::Other, 0xf0..=0xf4) => 3,
            (Encoding::Utf8 | Encoding::Other, _) => return self.control(byte),
            (encoding, _) => {
                return match encoding.character(byte) {
                    Some('\u{80}'..='\u{9f}') => self.control(byte),
                    Some(symbol) => self.text(symbol, out),
                    None => self.reset(),
                };
            }
        };
        self.held.push(byte);
        self.state = State::Utf8(left);
    }

    /// A control of 8 bits. What is none begins no character either: the byte is dropped, the next one is taken for itself.
    fn control(&mut self, byte: u8) {
        let state = match byte {
            0x8f => State::Ss3,
            0x9b => State::Csi,
            0x90 | 0x98 | 0x9d..=0x9f => State::Reply,
            _ => return self.reset(),
        };
        self.held.clear();
        self.state = state;
    }

    fn text(&mut self, symbol: char, out: &mut Vec<Input>) {
        self.finish(Some(symbol).filter(|it| is_text(*it)).map(|it| (KeyCode::Char(it), KeyModifiers::NONE)), out);
    }

    fn after_escape(&mut self, byte: u8, out: &mut Vec<Input>) {
        self.state = match byte {
            ESC => State::EscEsc,
            b'[' => State::Csi,
            b'O' => State::Ss3,
            b']' | b'P' | b'_' | b'^' | b'X' => State::Reply,
            // The way out has to work in every state, so it is never read as Alt with something.
            CTRL_C => return self.restart(byte, out),
            b'\t' if self.keyboard.dialect == Dialect::Linux => {
                return self.finish(Some((KeyCode::BackTab, KeyModifiers::SHIFT)), out);
            }
            _ => {
                self.alt = true;
                return self.ground(byte, out);
            }
        };
        self.is_bare = self.state != State::EscEsc;
    }

    fn after_two_escapes(&mut self, byte: u8, out: &mut Vec<Input>) {
        match byte {
            b'[' | b'O' => {
                self.alt = true;
                self.state = if byte == b'[' { State::Csi } else { State::Ss3 };
                self.is_bare = true;
            }
            _ => {
                self.key(KeyCode::Esc, KeyModifiers::NONE, out);
                self.after_escape(byte, out);
            }
        }
    }

    fn csi(&mut self, byte: u8, out: &mut Vec<Input>) {
        match byte {
            // rxvt ends shifted keys so; in every other sequence `$` is followed by its final byte.
            b'$' if !self.held.is_empty() && self.held.iter().all(u8::is_ascii_digit) => {
                let key = numbered(&self.held, Some(KeyModifiers::SHIFT));
                self.finish(key, out);
            }
            0x20..=0x3f if self.held.len() < SEQUENCE_LIMIT => self.held.push(byte),
            0x20..=0x3f => {}
            _ if self.held.is_empty() && self.keyboard.dialect.own(byte).is_some() => {
                let key = self.keyboard.dialect.own(byte);
                self.finish(key, out);
            }
            b'[' if self.held.is_empty() => self.state = State::Console,
            b'M' if self.held.is_empty() => self.state = State::Mouse(3),
            // Where a selection ended, of xterm's highlighting.
            b't' if self.held.is_empty() => self.state = State::Mouse(2),
            b'T' if self.held.is_empty() => self.state = State::Mouse(6),
            b'~' if self.held == b"200" => {
                // ESC before a paste: like ESC before a key, one that nothing is bound to.
                if self.alt {
                    out.push(Input::Escaped(KeyEvent::new(KeyCode::Null, KeyModifiers::NONE)));
                }
                self.reset();
                self.state = State::Paste;
            }
            0x40..=0x7e if self.held.len() < SEQUENCE_LIMIT => {
                let key = control_sequence(self.keyboard.dialect, &self.held, byte);
                self.finish(key, out);
            }
            _ => self.end_sequence(byte, out),
        }
    }

    fn ss3(&mut self, byte: u8, out: &mut Vec<Input>) {
        match byte {
            b'0'..=b'9' | b';' if self.held.len() < SEQUENCE_LIMIT => self.held.push(byte),
            b'0'..=b'9' | b';' => {}
            0x20..=0x7e => {
                let key = self.keyboard.dialect.single_shift(&self.held, byte);
                self.finish(key, out);
            }
            _ => self.end_sequence(byte, out),
        }
    }

    /// One byte of a mouse report. In the bytes of older reports, a coordinate may look like the start of a character: then
    /// what follows decides.
    fn mouse(&mut self, byte: u8, left: u8, out: &mut Vec<Input>) {
        let goes_on = self.matched == 1 && (0x80..=0xbf).contains(&byte);
        self.matched = usize::from(!goes_on && (0xc2..=0xdf).contains(&byte));
        match (goes_on, left) {
            (true, 0) => self.reset(),
            (true, _) => {}
            (false, 0) => self.restart(byte, out),
            // xterm sends 0 for what is too far away.
            (false, _) if (0x01..=0x1f).contains(&byte) => self.restart(byte, out),
            (false, 1) if self.matched == 0 => self.reset(),
            (false, _) => self.state = State::Mouse(left - 1),
        }
    }

    /// Whether a byte of a reply is ST, which stands as a byte of its own or as a character of UTF-8, never within another one.
    fn ends_string(&mut self, byte: u8) -> bool {
        /// After `c2`: the one byte that may follow may be ST.
        const MAY_END: usize = 4;
        match self.keyboard.encoding {
            Encoding::Latin1 | Encoding::Latin9 => return byte == 0x9c,
            Encoding::Windows1252 => return false,
            Encoding::Utf8 | Encoding::Other => {}
        }
        if byte == 0x9c && (self.matched == 0 || self.matched == MAY_END) {
            return true;
        }
        self.matched = match byte {
            0x80..=0xbf if self.matched == MAY_END => 0,
            0x80..=0xbf => self.matched.saturating_sub(1),
            0xc2 => MAY_END,
            0xc3..=0xdf => 1,
            0xe0..=0xef => 2,
            0xf0..=0xf4 => 3,
            _ => 0,
        };
        false
    }

    /// Ends a sequence that is no key: a printable byte belongs to it, any other is taken for itself.
    fn end_sequence(&mut self, byte: u8, out: &mut Vec<Input>) {
        match byte {
            0x20..=0x7e => self.reset(),
            _ => self.restart(byte, out),
        }
    }

    fn character(&mut self, byte: u8, left: u8, out: &mut Vec<Input>) {
        if !(0x80..=0xbf).contains(&byte) {
            return self.restart(byte, out);
        }
        self.held.push(byte);
        if left > 1 {
            self.state = State::Utf8(left - 1);
            return;
        }
        match std::str::from_utf8(&self.held).ok().and_then(|text| text.chars().next()) {
            Some(symbol @ '\u{80}'..='\u{9f}') => self.control(symbol as u8),
            Some(symbol) => self.text(symbol, out),
            None => self.reset(),
        }
    }

    fn finish(&mut self, key: Option<(KeyCode, KeyModifiers)>, out: &mut Vec<Input>) {
        match key {
            Some((code, modifiers)) if self.alt => out.push(Input::Escaped(KeyEvent::new(code, modifiers))),
            Some((code, modifiers)) => self.key(code, modifiers, out),
            None => {}
        }
        self.reset();
    }

    fn key(&self, code: KeyCode, modifiers: KeyModifiers, out: &mut Vec<Input>) {
        out.push(Input::Key(KeyEvent::new(code, modifiers)));
    }

    /// Drops what is held and takes `byte` as if it came first.
    fn restart(&mut self, byte: u8, out: &mut Vec<Input>) {
        self.reset();
        self.ground(byte, out);
    }

    fn reset(&mut self) {
        self.state = State::Ground;
        self.alt = false;
        self.matched = 0;
        self.halting = false;
        self.told = false;
        self.is_bare = false;
        self.held.clear();
    }
}
