//! How terminals spell keys: which bytes mean which key, as tables. Pure; knows no state and no time.
//!
//! xterm, the Linux console, rxvt, PuTTY in all its modes, st, and what newer terminals send unasked. Where two keys share
//! their bytes, the terminal's type decides; where it does not tell, the bytes mean the key without modifiers. What no type tells
//! stands in `docs/terminals.md`, and the tests hold all of it to Debian's terminfo entries.

use crossterm::event::{KeyCode, KeyModifiers};

const NONE: KeyModifiers = KeyModifiers::NONE;
const SHIFT: KeyModifiers = KeyModifiers::SHIFT;
const CONTROL: KeyModifiers = KeyModifiers::CONTROL;

type Spelled = Option<(KeyCode, KeyModifiers)>;

/// What the type of a terminal (`TERM`) decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    #[default]
    Usual,
    /// The Linux console.
    Linux,
    Rxvt,
    Putty,
    /// suckless' simple terminal.
    St,
    /// The console of SCO Unix: PuTTY calls it so.
    Sco,
}

impl Dialect {
    pub fn of(term: &str) -> Dialect {
        let is = |names: &[&str]| names.iter().any(|name| term.starts_with(name));
        match term {
            "st" => Dialect::St,
            _ if is(&["st-"]) => Dialect::St,
            _ if is(&["scoansi", "putty-sco"]) => Dialect::Sco,
            _ if is(&["linux"]) => Dialect::Linux,
            _ if is(&["rxvt"]) => Dialect::Rxvt,
            _ if is(&["putty"]) => Dialect::Putty,
            _ => Dialect::Usual,
        }
    }

    /// The key of `ESC [ last` where this type of terminal means another one than the others by it.
    pub(super) fn own(self, last: u8) -> Spelled {
        match (self, last) {
            (Dialect::St, b'P') => Some((KeyCode::Delete, NONE)),
            (Dialect::St, b'M') => Some((KeyCode::Delete, CONTROL)),
            (Dialect::Sco, b'I') => Some((KeyCode::PageUp, NONE)),
            (Dialect::Sco, b'G') => Some((KeyCode::PageDown, NONE)),
            (Dialect::Sco, b'L') => Some((KeyCode::Insert, NONE)),
            // Shift+Tab, which Shift+F2 is spelled like.
            (Dialect::Sco, b'Z') => Some((KeyCode::BackTab, SHIFT)),
            (Dialect::Sco, _) => {
                let place = SCO_FUNCTION_KEYS.iter().position(|letter| *letter == last)?;
                let modifiers = match place / 12 {
                    0 => NONE,
                    1 => SHIFT,
                    2 => CONTROL,
                    _ => CONTROL | SHIFT,
                };
                Some((KeyCode::F((place % 12) as u8 + 1), modifiers))
            }
            _ => None,
        }
    }

    /// The key of `ESC O parameters last`, where it is one.
    pub(super) fn single_shift(self, parameters: &[u8], last: u8) -> Spelled {
        match last {
            b'A'..=b'D' | b'H' | b'F' | b'P'..=b'S' => lettered(parameters, last),
            b'a'..=b'd' => Some((arrow(last - b'a'), CONTROL)),
            // PuTTY's VT100+. A keypad with `=` in application mode sends X for it: there are few.
            b'T'..=b'Z' => Some((KeyCode::F(last - b'T' + 5), NONE)),
            b'[' => Some((KeyCode::F(12), NONE)),
            // PuTTY where it is told to spell Home and End as rxvt does; to all others it is the 7 of the keypad.
            b'w' if self == Dialect::Rxvt => Some((KeyCode::End, NONE)),
            _ => self.keypad(parameters, last),
        }
    }

    /// The numeric keypad in application mode.
    fn keypad(self, parameters: &[u8], last: u8) -> Spelled {
        let code = match last {
            b'M' => KeyCode::Enter,
            b'I' => KeyCode::Tab,
            b' ' => KeyCode::Char(' '),
            b'j' => KeyCode::Char('*'),
            b'k' => KeyCode::Char('+'),
            b'l' if matches!(self, Dialect::Linux | Dialect::Putty | Dialect::Sco) => KeyCode::Char('+'),
            b'l' => KeyCode::Char(','),
            b'm' => KeyCode::Char('-'),
            b'n' => KeyCode::Char('.'),
            b'o' => KeyCode::Char('/'),
            b'p'..=b'y' => KeyCode::Char(char::from(last - b'p' + b'0')),
            _ => return None,
        };
        Some((code, state_of_letter(parameters)?))
    }
}

/// F1 to F12 of SCO, plain, with Shift, with Ctrl, with both.
const SCO_FUNCTION_KEYS: &[u8; 48] = b"MNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz@[\\]^_`{";

/// The key of one byte below 0x80 other than ESC.
pub(super) fn single(byte: u8) -> (KeyCode, KeyModifiers) {
    match byte {
        // Terminals send CR for Enter; LF is a fast unbracketed paste, or a serial line that maps the two.
        b'\r' | b'\n' => (KeyCode::Enter, NONE),
        b'\t' => (KeyCode::Tab, NONE),
        0x08 | 0x7f => (KeyCode::Backspace, NONE),
        0 => (KeyCode::Char(' '), CONTROL),
        0x01..=0x1a => (KeyCode::Char(char::from(byte + 0x60)), CONTROL),
        0x1b..=0x1f => (KeyCode::Char(char::from(byte + 0x40)), CONTROL),
        _ => (KeyCode::Char(char::from(byte)), NONE),
    }
}

/// The key of `ESC [ parameters last`, where it is one.
pub(super) fn control_sequence(dialect: Dialect, parameters: &[u8], last: u8) -> Spelled {
    match last {
        _ if parameters.is_empty() && dialect.own(last).is_some() => dialect.own(last),
        b'h' if dialect == Dialect::St && parameters == b"4" => Some((KeyCode::Insert, NONE)),
        b'A'..=b'D' | b'H' | b'F' | b'P' | b'Q' | b'S' => lettered(parameters, last),
        // Where the cursor is, in reply to a question, is spelled like F3: only what a modifier can make is F3.
        b'R' if matches!(parameters, b"" | [b'1', b';', b'2'..=b'8']) => lettered(parameters, last),
        b'Z' => Some((KeyCode::BackTab, SHIFT)),
        b'a'..=b'd' if parameters.is_empty() => Some((arrow(last - b'a'), SHIFT)),
        b'~' => numbered(parameters, None),
        b'^' => numbered(parameters, Some(CONTROL)),
        b'@' => numbered(parameters, Some(CONTROL | SHIFT)),
        b'u' => {
            let [[code, shifted, _], [state, event, _], [text, more, _]] = fields(parameters)?;
            let typed = [shifted, text].into_iter().rev().find(|code| *code > 0);
            (event != RELEASED && more == 0).then(|| coded(code, typed, state))?
        }
        _ => None,
    }
}

/// Keys that a letter names; a modifier is the last parameter (`1;5A`, and the older `5A`).
fn lettered(parameters: &[u8], last: u8) -> Spelled {
    let code = match last {
        b'A'..=b'D' => arrow(last - b'A'),
        b'H' => KeyCode::Home,
        b'F' => KeyCode::End,
        _ => KeyCode::F(last - b'P' + 1),
    };
    Some((code, state_of_letter(parameters)?))
}

fn state_of_letter(parameters: &[u8]) -> Option<KeyModifiers> {
    let [[first, ..], [second, event, _], [third, ..]] = fields(parameters)?;
    let state = if parameters.contains(&b';') { second } else { first };
    if event == RELEASED || third != 0 { None } else { modifiers(state) }
}

/// Keys that a number names; rxvt says the modifiers with the final byte, the others in the second parameter.
pub(super) fn numbered(parameters: &[u8], said: Option<KeyModifiers>) -> Spelled {
    let [[number, ..], [state, event, _], [third, ..]] = fields(parameters)?;
    let code = match number {
        // xterm's modifyOtherKeys: `27;modifiers;character~`, where Shift has made the character already.
        27 => return coded(third, Some(third), state),
        _ if event == RELEASED || third != 0 => return None,
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        // The numbers of the VT220, with its gaps. rxvt and the Linux console send F11 and above for shifted ones.
        11..=15 => KeyCode::F(u8::try_from(number - 10).ok()?),
        17..=21 => KeyCode::F(u8::try_from(number - 11).ok()?),
        23..=26 => KeyCode::F(u8::try_from(number - 12).ok()?),
        28 | 29 => KeyCode::F(u8::try_from(number - 13).ok()?),
        31..=34 => KeyCode::F(u8::try_from(number - 14).ok()?),
        _ => return None,
    };
    match said {
        Some(modifiers) => Some((code, modifiers)),
        None => Some((code, modifiers(state)?)),
    }
}

/// Keys that their character names: never asked for, but some terminals send them unasked. `typed` is the character that Shift made
/// of it, where the terminal tells; where it does not, only a keyboard's layout would.
fn coded(code: u32, typed: Option<u32>, state: u32) -> Spelled {
    let modifiers = modifiers(state)?;
    let shift = modifiers.contains(SHIFT);
    Some(match code {
        9 if shift => (KeyCode::BackTab, modifiers),
        9 => (KeyCode::Tab, modifiers),
        13 => (KeyCode::Enter, modifiers),
        27 => (KeyCode::Esc, modifiers),
        8 | 127 => (KeyCode::Backspace, modifiers),
        _ => match kitty_keypad(code) {
            Some(key) => (key, modifiers),
            None => {
                let symbol = char::from_u32(code)?;
                let capital = shift != (state.saturating_sub(1) & CAPS_LOCK != 0);
                let symbol = match typed.filter(|_| shift || modifiers == NONE) {
                    Some(typed) => char::from_u32(typed)?,
                    None if symbol.is_alphabetic() && capital => symbol.to_uppercase().next()?,
                    None if shift && symbol != ' ' && !symbol.is_alphabetic() => return None,
                    None => symbol,
                };
                (KeyCode::Char(Some(symbol).filter(|symbol| is_text(*symbol))?), modifiers - SHIFT)
            }
        },
    })
}

/// The keys of the keypad as kitty numbers them.
fn kitty_keypad(code: u32) -> Option<KeyCode> {
    const KEYS: [KeyCode; 28] = {
        use KeyCode::*;
        [
            Char('0'),
            Char('1'),
            Char('2'),
            Char('3'),
            Char('4'),
            Char('5'),
            Char('6'),
            Char('7'),
            Char('8'),
            Char('9'),
            Char('.'),
            Char('/'),
            Char('*'),
            Char('-'),
            Char('+'),
            Enter,
            Char('='),
            Char(','),
            Left,
            Right,
            Up,
            Down,
            PageUp,
            PageDown,
            Home,
            End,
            Insert,
            Delete,
        ]
    };
    KEYS.get(usize::try_from(code.checked_sub(57399)?).ok()?).copied()
}

pub(super) fn arrow(index: u8) -> KeyCode {
    match index {
        0 => KeyCode::Up,
        1 => KeyCode::Down,
        2 => KeyCode::Right,
        _ => KeyCode::Left,
    }
}

/// The bit of kitty's modifiers for a locked Shift.
const CAPS_LOCK: u32 = 64;

/// What xterm's `1 + bits` says; meta, super and hyper count as Alt, which turns text into no text.
fn modifiers(state: u32) -> Option<KeyModifiers> {
    let bits = state.saturating_sub(1);
    let mut modifiers = NONE;
    modifiers.set(SHIFT, bits & 1 != 0);
    modifiers.set(KeyModifiers::ALT, bits & (2 | 8 | 16 | 32) != 0);
    modifiers.set(CONTROL, bits & 4 != 0);
    (bits < 256).then_some(modifiers)
}

/// kitty's event of a key that was let go: beside the modifiers, after a colon.
const RELEASED: u32 = 3;

/// At most three parameters of at most three parts, 0 where left out; anything else is a report, not a key.
fn fields(parameters: &[u8]) -> Option<[[u32; 3]; 3]> {
    let text = std::str::from_utf8(parameters).ok()?;
    let mut fields = [[0; 3]; 3];
    for (index, field) in text.split(';').enumerate() {
        let parts = fields.get_mut(index)?;
        for (index, part) in field.split(':').enumerate() {
            let number = parts.get_mut(index)?;
            if !part.is_empty() {
                *number = part.parse().ok().filter(|_| part.bytes().all(|byte| byte.is_ascii_digit()))?;
            }
        }
    }
    Some(fields)
}

/// True for what may be typed or pasted into a field: no control or format character, no line end, nothing private.
pub(super) fn is_text(symbol: char) -> bool {
    let refused = symbol.is_control()
        || matches!(symbol, '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}')
        || matches!(symbol, '\u{8e2}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(symbol, '\u{2060}'..='\u{206f}' | '\u{e000}'..='\u{f8ff}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}')
        || matches!(symbol, '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}')
        || matches!(symbol, '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..);
    !refused
}
