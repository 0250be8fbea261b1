//! A bracketed paste: from its first byte to its end, whatever pauses in it.

use super::spelling::is_text;
use super::{CTRL_C, ESC, Framer, Input, State};
use crate::text::encoding::Encoding;

/// The largest paste taken, in bytes; far above any value of a field, and the bound of the framer's memory.
pub(super) const PASTE_LIMIT: usize = 64 * 1024;
/// What ends a bracketed paste.
const PASTE_END: &[u8] = b"\x1b[201~";

impl Framer {
    pub(super) fn pasted(&mut self, byte: u8, out: &mut Vec<Input>) {
        // The way out of a paste that never ends, unless more of the text follows it.
        self.halting = byte == CTRL_C;
        self.told = false;
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
        if byte == b'~' && self.strip_short_end() {
            self.deliver(false, out);
            return self.reset();
        }
        if byte != ESC {
            self.held.push(byte);
        }
        if self.held.len() >= PASTE_LIMIT {
            self.deliver(true, out);
            self.state = State::PasteRest;
        }
    }

    /// Takes the end of a paste off its text, but for the `~`, where the terminal uses controls of 8 bits.
    fn strip_short_end(&mut self) -> bool {
        let Some(text) = self.held.strip_suffix(b"\x9b201") else { return false };
        let text = match (self.keyboard.encoding, text) {
            (Encoding::Utf8 | Encoding::Other, [text @ .., 0xc2]) => text,
            // Else it is the end of a character.
            (Encoding::Utf8 | Encoding::Other, [] | [.., 0..=0x7f]) | (Encoding::Latin1 | Encoding::Latin9, _) => text,
            _ => return false,
        };
        self.held.truncate(text.len());
        true
    }

    fn deliver(&mut self, truncated: bool, out: &mut Vec<Input>) {
        let (mut text, mut removed) = (String::new(), 0);
        let mut take = |symbol: Option<char>| match symbol.filter(|symbol| is_text(*symbol)) {
            Some(symbol) => text.push(symbol),
            None => removed += 1,
        };
        match self.keyboard.encoding {
            Encoding::Utf8 | Encoding::Other => {
                for chunk in self.held.utf8_chunks() {
                    chunk.valid().chars().for_each(|symbol| take(Some(symbol)));
                    if !chunk.invalid().is_empty() {
                        take(None);
                    }
                }
            }
            encoding => self.held.iter().for_each(|byte| match byte {
                0..=0x7f => take(Some(char::from(*byte))),
                _ => take(encoding.character(*byte)),
            }),
        }
        // A field is small and pastes are rare: their memory is given back.
        self.held = Vec::new();
        out.push(Input::Paste { text, removed, truncated });
    }
}
