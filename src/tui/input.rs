//! Bytes from the terminal, framed into keys and pastes.
//!
//! Pure: it reads no device and no clock. The caller feeds bytes as they come and says when
//! [`Framer::deadline`] has passed in silence. How the bytes were cut into reads makes no difference.
//!
//! The rule that every choice here follows: a key that was not pressed is worse than a key that was lost.
//! Only a lone ESC is ever resolved by time. Once `ESC [` or `ESC O` was seen, the sequence ends by its own
//! grammar, however late, and what is not a known key is dropped whole: replies, mouse and focus reports, noise.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use spelling::{arrow, control_sequence, is_text, lettered, numbered, single};

mod spelling;
#[cfg(test)]
mod tests;

/// How long a lone ESC waits for the rest of a key: above one hop of a slow link, below what a person notices.
const ESCAPE_DELAY: Duration = Duration::from_millis(100);
/// How long an unfinished paste, or a string that the terminal sends, may pause: longer than a stall of a live link.
const PAUSE: Duration = Duration::from_secs(1);
/// The largest paste taken, in bytes; far above any value of a field, and the bound of the framer's memory.
const PASTE_LIMIT: usize = 64 * 1024;
/// The longest parameters of a sequence that can still be a key; real ones have at most a dozen bytes.
const SEQUENCE_LIMIT: usize = 64;
/// What ends a bracketed paste.
const PASTE_END: &[u8] = b"\x1b[201~";
const CTRL_C: u8 = 0x03;
const ESC: u8 = 0x1b;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A key press. Text is `Char` without CONTROL or ALT; SHIFT is set on named keys only, not on capitals.
    Key(KeyEvent),
    /// A bracketed paste, as one thing.
    Paste {
        /// The text without newlines, control and format characters: what may go into a field.
        text: String,
        /// How many characters (or bytes that are no UTF-8) were taken out.
        removed: usize,
        /// True where the paste was larger than 64 KiB and only its beginning is here.
        truncated: bool,
    },
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
    /// After `ESC [ M`: so many bytes of a mouse report are still to come.
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
    state: State,
    /// An ESC stood before the key at hand.
    alt: bool,
    /// Parameters of a sequence, bytes of a character, or text of a paste.
    held: Vec<u8>,
    /// How much of [`PASTE_END`] the last bytes are.
    matched: usize,
    /// The last byte was CR.
    after_return: bool,
}

impl Framer {
    /// Makes a framer; `delay` is how long a lone ESC waits, see [`escape_delay`].
    pub fn new(delay: Duration) -> Framer {
        Framer { delay, state: State::Ground, alt: false, held: Vec::new(), matched: 0, after_return: false }
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
            State::Reply | State::ReplyEsc | State::Paste | State::PasteRest => Some(PAUSE),
            _ => None,
        }
    }

    /// Says that [`Framer::deadline`] passed without a byte.
    pub fn silence(&mut self, out: &mut Vec<Input>) {
        match self.state {
            State::Esc => self.key(KeyCode::Esc, KeyModifiers::NONE, out),
            State::EscEsc => {
                self.key(KeyCode::Esc, KeyModifiers::NONE, out);
                self.key(KeyCode::Esc, KeyModifiers::NONE, out);
            }
            State::Paste => self.deliver(false, out),
            State::Reply | State::ReplyEsc | State::PasteRest => {}
            _ => return,
        }
        self.reset();
    }

    fn byte(&mut self, byte: u8, out: &mut Vec<Input>) {
        // CR LF is one line end, of a paste that the terminal did not mark: one Enter.
        let second_half = byte == b'\n' && self.after_return && self.state == State::Ground;
        self.after_return = byte == b'\r';
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
            State::Mouse(left) => match byte {
                0..=0x1f => self.restart(byte, out),
                _ if left > 1 => self.state = State::Mouse(left - 1),
                _ => self.reset(),
            },
            State::Utf8(left) => self.character(byte, left, out),
            State::Reply => match byte {
                CTRL_C => self.restart(byte, out),
                // BEL ends one; CAN and SUB call it off.
                0x07 | 0x18 | 0x1a => self.reset(),
                ESC => self.state = State::ReplyEsc,
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
            0x80.. => {
                let left = match byte {
                    0xc2..=0xdf => 1,
                    0xe0..=0xef => 2,
                    0xf0..=0xf4 => 3,
                    // No character begins so: the byte is dropped, the next one is taken for itself.
                    _ => return self.reset(),
                };
                self.held.push(byte);
                self.state = State::Utf8(left);
            }
            _ => {
                let (code, modifiers) = single(byte);
                self.finish(Some((code, modifiers)), out);
            }
        }
    }

    fn after_escape(&mut self, byte: u8, out: &mut Vec<Input>) {
        self.state = match byte {
            ESC => State::EscEsc,
            b'[' => State::Csi,
            b'O' => State::Ss3,
            b']' | b'P' | b'_' | b'^' | b'X' => State::Reply,
            // The way out has to work in every state, so it is never read as Alt with something.
            CTRL_C => return self.restart(byte, out),
            _ => {
                self.alt = true;
                return self.ground(byte, out);
            }
        };
    }

    fn after_two_escapes(&mut self, byte: u8, out: &mut Vec<Input>) {
        match byte {
            b'[' | b'O' => {
                self.alt = true;
                self.state = if byte == b'[' { State::Csi } else { State::Ss3 };
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
            b'[' if self.held.is_empty() => self.state = State::Console,
            b'M' if self.held.is_empty() => self.state = State::Mouse(3),
            b'~' if self.held == b"200" => {
                self.reset();
                self.state = State::Paste;
            }
            0x40..=0x7e if self.held.len() < SEQUENCE_LIMIT => {
                let key = control_sequence(&self.held, byte);
                self.finish(key, out);
            }
            _ => self.end_sequence(byte, out),
        }
    }

    fn ss3(&mut self, byte: u8, out: &mut Vec<Input>) {
        match byte {
            b'0'..=b'9' | b';' if self.held.len() < SEQUENCE_LIMIT => self.held.push(byte),
            b'0'..=b'9' | b';' => {}
            b'a'..=b'd' => self.finish(Some((arrow(byte - b'a'), KeyModifiers::CONTROL)), out),
            b'A'..=b'D' | b'H' | b'F' | b'P'..=b'S' => {
                let key = lettered(&self.held, byte);
                self.finish(key, out);
            }
            _ => self.end_sequence(byte, out),
        }
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
        let symbol = std::str::from_utf8(&self.held).ok().and_then(|text| text.chars().next());
        let key = symbol.filter(|symbol| is_text(*symbol)).map(|symbol| (KeyCode::Char(symbol), KeyModifiers::NONE));
        self.finish(key, out);
    }

    fn pasted(&mut self, byte: u8, out: &mut Vec<Input>) {
        if byte == CTRL_C {
            // Acts at once, so that a paste that never ends is no prison; the paste itself goes on.
            self.key(KeyCode::Char('c'), KeyModifiers::CONTROL, out);
        }
        if PASTE_END.get(self.matched) == Some(&byte) {
            self.matched += 1;
            if self.matched == PASTE_END.len() {
                if self.state == State::Paste {
                    self.deliver(false, out);
                }
                self.reset();
            }
            return;
        }
        // ESC stands only at the beginning of the mark, so a failed match can start again nowhere else.
        let failed = PASTE_END.get(..self.matched).unwrap_or_default();
        self.matched = usize::from(byte == ESC);
        if self.state == State::PasteRest {
            return;
        }
        self.held.extend_from_slice(failed);
        if byte != ESC {
            self.held.push(byte);
        }
        if self.held.len() >= PASTE_LIMIT {
            self.deliver(true, out);
            self.state = State::PasteRest;
        }
    }

    fn deliver(&mut self, truncated: bool, out: &mut Vec<Input>) {
        let (mut text, mut removed) = (String::new(), 0);
        for chunk in self.held.utf8_chunks() {
            let kept = text.len();
            text.extend(chunk.valid().chars().filter(|symbol| is_text(*symbol)));
            removed += chunk.valid().chars().count() - text.get(kept..).unwrap_or_default().chars().count();
            removed += usize::from(!chunk.invalid().is_empty());
        }
        // A field is small and pastes are rare: their memory is given back.
        self.held = Vec::new();
        out.push(Input::Paste { text, removed, truncated });
    }

    fn finish(&mut self, key: Option<(KeyCode, KeyModifiers)>, out: &mut Vec<Input>) {
        if let Some((code, modifiers)) = key {
            let alt = if self.alt { KeyModifiers::ALT } else { KeyModifiers::NONE };
            self.key(code, modifiers | alt, out);
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
        self.held.clear();
    }
}
