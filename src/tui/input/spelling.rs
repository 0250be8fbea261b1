//! How terminals spell keys: which bytes mean which key, as tables. Pure; knows no state and no time.
//!
//! xterm, the Linux console, rxvt, and what newer terminals send unasked. Where two keys share their bytes,
//! the bytes mean the unshifted one.

use crossterm::event::{KeyCode, KeyModifiers};

/// The key of one byte below 0x80 other than ESC.
pub(super) fn single(byte: u8) -> (KeyCode, KeyModifiers) {
    match byte {
        // Terminals send CR for Enter; LF is a fast unbracketed paste, or a serial line that maps the two.
        b'\r' | b'\n' => (KeyCode::Enter, KeyModifiers::NONE),
        b'\t' => (KeyCode::Tab, KeyModifiers::NONE),
        0x08 | 0x7f => (KeyCode::Backspace, KeyModifiers::NONE),
        0 => (KeyCode::Char(' '), KeyModifiers::CONTROL),
        0x01..=0x1a => (KeyCode::Char(char::from(byte + 0x60)), KeyModifiers::CONTROL),
        0x1b..=0x1f => (KeyCode::Char(char::from(byte + 0x40)), KeyModifiers::CONTROL),
        _ => (KeyCode::Char(char::from(byte)), KeyModifiers::NONE),
    }
}

/// The key of `ESC [ parameters last`, where it is one.
pub(super) fn control_sequence(parameters: &[u8], last: u8) -> Option<(KeyCode, KeyModifiers)> {
    match last {
        b'A'..=b'D' | b'H' | b'F' | b'P' | b'Q' | b'S' => lettered(parameters, last),
        // Where the cursor is, in reply to a question, is spelled like F3: only what a modifier can make is F3.
        b'R' if matches!(parameters, b"" | [b'1', b';', b'2'..=b'8']) => lettered(parameters, last),
        b'Z' => Some((KeyCode::BackTab, KeyModifiers::SHIFT)),
        b'a'..=b'd' if parameters.is_empty() => Some((arrow(last - b'a'), KeyModifiers::SHIFT)),
        b'~' => numbered(parameters, None),
        b'^' => numbered(parameters, Some(KeyModifiers::CONTROL)),
        b'@' => numbered(parameters, Some(KeyModifiers::CONTROL | KeyModifiers::SHIFT)),
        b'u' => {
            let [code, state] = numbers(parameters)?;
            coded(code, state)
        }
        _ => None,
    }
}

/// Keys that a letter names; a modifier is the last parameter (`1;5A`, and the older `5A`).
pub(super) fn lettered(parameters: &[u8], last: u8) -> Option<(KeyCode, KeyModifiers)> {
    let [first, second] = numbers(parameters)?;
    let state = if parameters.contains(&b';') { second } else { first };
    let code = match last {
        b'A'..=b'D' => arrow(last - b'A'),
        b'H' => KeyCode::Home,
        b'F' => KeyCode::End,
        _ => KeyCode::F(last - b'P' + 1),
    };
    Some((code, modifiers(state)?))
}

/// Keys that a number names; rxvt says the modifiers with the final byte, the others in the second parameter.
pub(super) fn numbered(parameters: &[u8], said: Option<KeyModifiers>) -> Option<(KeyCode, KeyModifiers)> {
    if let Some(rest) = parameters.strip_prefix(b"27;") {
        // xterm's modifyOtherKeys: `27;modifiers;character~`.
        let [state, code] = numbers(rest)?;
        return coded(code, state);
    }
    let [number, state] = numbers(parameters)?;
    let code = match number {
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

/// Keys that their character names: never asked for, but some terminals send them unasked.
fn coded(code: u32, state: u32) -> Option<(KeyCode, KeyModifiers)> {
    let modifiers = modifiers(state)?;
    let shift = modifiers.contains(KeyModifiers::SHIFT);
    Some(match code {
        9 if shift => (KeyCode::BackTab, modifiers),
        9 => (KeyCode::Tab, modifiers),
        13 => (KeyCode::Enter, modifiers),
        27 => (KeyCode::Esc, modifiers),
        8 | 127 => (KeyCode::Backspace, modifiers),
        _ => {
            let symbol = char::from_u32(code).filter(|symbol| is_text(*symbol))?;
            let symbol = if shift { symbol.to_uppercase().next().unwrap_or(symbol) } else { symbol };
            (KeyCode::Char(symbol), modifiers - KeyModifiers::SHIFT)
        }
    })
}

pub(super) fn arrow(index: u8) -> KeyCode {
    match index {
        0 => KeyCode::Up,
        1 => KeyCode::Down,
        2 => KeyCode::Right,
        _ => KeyCode::Left,
    }
}

/// What xterm's `1 + bits` says; meta, super and hyper count as Alt, which turns text into no text.
fn modifiers(state: u32) -> Option<KeyModifiers> {
    let bits = state.saturating_sub(1);
    let mut modifiers = KeyModifiers::NONE;
    modifiers.set(KeyModifiers::SHIFT, bits & 1 != 0);
    modifiers.set(KeyModifiers::ALT, bits & (2 | 8 | 16 | 32) != 0);
    modifiers.set(KeyModifiers::CONTROL, bits & 4 != 0);
    (bits < 256).then_some(modifiers)
}

/// At most two numbers, 0 where left out; anything else is a report, not a key.
fn numbers(parameters: &[u8]) -> Option<[u32; 2]> {
    let text = std::str::from_utf8(parameters).ok()?;
    let mut numbers = [0; 2];
    for (index, part) in text.split(';').enumerate() {
        let number = numbers.get_mut(index)?;
        if !part.is_empty() {
            *number = part.parse().ok().filter(|_| part.bytes().all(|byte| byte.is_ascii_digit()))?;
        }
    }
    Some(numbers)
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
