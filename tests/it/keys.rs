//! Keys by name, and the bytes that an xterm sends for them.

use balcao_config::tui::keymap::Chord;
use crossterm::event::{KeyCode, KeyModifiers};

/// Splits `Tab F12 "typed text" C-s` into key names; quoted text becomes one token a letter.
pub fn tokens(keys: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    for (number, part) in keys.split('"').enumerate() {
        if number % 2 == 1 {
            tokens.extend(part.chars().map(String::from));
        } else {
            tokens.extend(part.split_whitespace().map(String::from));
        }
    }
    tokens
}

/// The bytes of a key: `Up`, `F12`, `Enter`, `C-s`, `M-Up`, `S-Tab`, `C-PgDn`, or a single character.
pub fn bytes(key: &str) -> Vec<u8> {
    let (modifiers, name) = modifiers(key);
    let with = |plain: String, code: u8, end: char| {
        if modifiers == 0 { plain } else { format!("\x1b[{code};{}{end}", modifiers + 1) }
    };
    let text = match name {
        "Up" => with("\x1b[A".into(), 1, 'A'),
        "Down" => with("\x1b[B".into(), 1, 'B'),
        "Right" => with("\x1b[C".into(), 1, 'C'),
        "Left" => with("\x1b[D".into(), 1, 'D'),
        "Home" => with("\x1b[H".into(), 1, 'H'),
        "End" => with("\x1b[F".into(), 1, 'F'),
        "Ins" => with("\x1b[2~".into(), 2, '~'),
        "Delete" => with("\x1b[3~".into(), 3, '~'),
        "PgUp" => with("\x1b[5~".into(), 5, '~'),
        "PgDn" => with("\x1b[6~".into(), 6, '~'),
        "Tab" if modifiers == 1 => "\x1b[Z".into(),
        "Tab" => "\t".into(),
        "Enter" => "\r".into(),
        "Esc" => "\x1b".into(),
        "Space" => " ".into(),
        "Backspace" => "\x7f".into(),
        _ => match name.strip_prefix('F').and_then(|number| number.parse::<usize>().ok()) {
            Some(number @ 1..=4) => format!("\x1bO{}", ['P', 'Q', 'R', 'S'][number - 1]),
            Some(number @ 5..=12) => format!("\x1b[{}~", [15, 17, 18, 19, 20, 21, 23, 24][number - 5]),
            _ => plain(name, modifiers),
        },
    };
    text.into_bytes()
}

/// The xterm modifier bits: Shift 1, Alt 2, Ctrl 4.
fn modifiers(key: &str) -> (u8, &str) {
    for (prefix, bit) in [("S-", 1), ("M-", 2), ("C-", 4)] {
        if let Some(rest) = key.strip_prefix(prefix).filter(|rest| !rest.is_empty()) {
            let (more, name) = modifiers(rest);
            return (bit | more, name);
        }
    }
    (0, key)
}

fn plain(name: &str, modifiers: u8) -> String {
    let mut letters = name.chars();
    let (Some(letter), None) = (letters.next(), letters.next()) else { panic!("no such key: {name}") };
    let letter = if modifiers & 4 != 0 { ((letter.to_ascii_uppercase() as u8) & 0x1f) as char } else { letter };
    if modifiers & 2 != 0 { format!("\x1b{letter}") } else { letter.to_string() }
}

/// The name of a chord of the key table, as [`bytes`] reads it.
pub fn name(chord: Chord) -> String {
    let Chord(modifiers, code) = chord;
    let key = match code {
        KeyCode::Char(' ') => "Space".into(),
        KeyCode::Char(letter) => letter.to_string(),
        KeyCode::F(number) => format!("F{number}"),
        KeyCode::PageUp => "PgUp".into(),
        KeyCode::PageDown => "PgDn".into(),
        KeyCode::BackTab => "Tab".into(),
        other => format!("{other:?}"),
    };
    let prefixes = [(KeyModifiers::CONTROL, "C-"), (KeyModifiers::ALT, "M-"), (KeyModifiers::SHIFT, "S-")];
    let held = prefixes.iter().filter(|(modifier, _)| modifiers.contains(*modifier));
    held.map(|(_, prefix)| *prefix).collect::<String>() + &key
}
