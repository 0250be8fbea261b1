//! Every function and cursor key of the terminals that Debian's terminfo describes is that key here; what bytes cannot tell is in
//! `docs/terminals.md`, row by row.

use std::process::Command;
use std::time::Duration;

use balcao_config::lang::Lang;
use balcao_config::text::encoding::Encoding;
use balcao_config::tui::input::{Dialect, Framer, Input, Keyboard};
use balcao_config::tui::keymap::Chord;
use crossterm::event::{KeyCode, KeyModifiers};

const TERMINALS: [&str; 15] = [
    "linux",
    "xterm",
    "xterm-r6",
    "rxvt",
    "screen",
    "tmux",
    "vt100",
    "vt220",
    "putty",
    "putty-vt100",
    "putty-sco",
    "st",
    "foot",
    "alacritty",
    "kitty",
];

const NONE: KeyModifiers = KeyModifiers::NONE;
const SHIFT: KeyModifiers = KeyModifiers::SHIFT;
const CTRL: KeyModifiers = KeyModifiers::CONTROL;
const ALT: KeyModifiers = KeyModifiers::ALT;

/// The capabilities of a terminal that are keys, with their bytes.
pub fn capabilities(term: &str) -> Vec<(String, Vec<u8>)> {
    let said = Command::new("infocmp").args(["-x", "-1", term]).output().expect("infocmp");
    assert!(said.status.success(), "{term}: {}", String::from_utf8_lossy(&said.stderr));
    let text = String::from_utf8(said.stdout).unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix('\t')?.strip_suffix(',')?.split_once('='));
    lines.filter(|(name, _)| name.starts_with('k')).map(|(name, value)| (name.to_owned(), bytes(value))).collect()
}

/// What terminfo's spelling stands for.
fn bytes(value: &str) -> Vec<u8> {
    let (mut bytes, mut symbols) = (vec![], value.bytes());
    while let Some(symbol) = symbols.next() {
        bytes.push(match symbol {
            b'\\' => match symbols.next() {
                Some(b'E') => 0x1b,
                Some(plain @ (b'^' | b'\\' | b',' | b':')) => plain,
                other => panic!("{value}: {other:?}"),
            },
            b'^' => match symbols.next() {
                Some(b'?') => 0x7f,
                Some(letter) => letter & 0x1f,
                None => panic!("{value}"),
            },
            symbol => symbol,
        });
    }
    bytes
}

/// The keys that a capability may be; none for what is no function or cursor key.
fn keys(name: &str) -> Vec<Chord> {
    let key = |modifiers, code| vec![Chord(modifiers, code)];
    if let Some(number) = name.strip_prefix("kf").and_then(|number| number.parse::<u8>().ok()) {
        return function_keys(number);
    }
    let (plain, modifiers) = match name.char_indices().last() {
        Some((at, digit @ '3'..='7')) => {
            let modifiers = [ALT, ALT | SHIFT, CTRL, CTRL | SHIFT, CTRL | ALT];
            (&name[..at], modifiers[digit as usize - '3' as usize])
        }
        _ => (name, SHIFT),
    };
    match name {
        "kcuu1" => key(NONE, KeyCode::Up),
        "kcud1" => key(NONE, KeyCode::Down),
        "kcub1" => key(NONE, KeyCode::Left),
        "kcuf1" => key(NONE, KeyCode::Right),
        "khome" | "kfnd" => key(NONE, KeyCode::Home),
        "kend" | "kslt" => key(NONE, KeyCode::End),
        "kich1" => key(NONE, KeyCode::Insert),
        "kdch1" => key(NONE, KeyCode::Delete),
        "kpp" => key(NONE, KeyCode::PageUp),
        "knp" => key(NONE, KeyCode::PageDown),
        "kbs" => key(NONE, KeyCode::Backspace),
        "kent" => key(NONE, KeyCode::Enter),
        "kcbt" | "kcbt2" => key(SHIFT, KeyCode::BackTab),
        "khlp" => key(NONE, KeyCode::F(15)),
        "krdo" => key(NONE, KeyCode::F(16)),
        "kpADD" => key(NONE, KeyCode::Char('+')),
        "kpCMA" => key(NONE, KeyCode::Char(',')),
        "kpDOT" => key(NONE, KeyCode::Char('.')),
        "kpZRO" => key(NONE, KeyCode::Char('0')),
        _ => match (plain, name.strip_prefix("kp").and_then(|digit| digit.parse::<char>().ok())) {
            (_, Some(digit @ '0'..='9')) => key(NONE, KeyCode::Char(digit)),
            ("kUP" | "kri", _) => key(modifiers, KeyCode::Up),
            ("kDN" | "kind", _) => key(modifiers, KeyCode::Down),
            ("kLFT", _) => key(modifiers, KeyCode::Left),
            ("kRIT", _) => key(modifiers, KeyCode::Right),
            ("kHOM", _) => key(modifiers, KeyCode::Home),
            ("kEND", _) => key(modifiers, KeyCode::End),
            ("kIC", _) => key(modifiers, KeyCode::Insert),
            ("kDC", _) => key(modifiers, KeyCode::Delete),
            ("kPRV", _) => key(modifiers, KeyCode::PageUp),
            ("kNXT", _) => key(modifiers, KeyCode::PageDown),
            _ => vec![],
        },
    }
}

/// From 13 on, the numbers are names for keys with modifiers: in xterm's order by twelve, in rxvt's by what it lacks.
fn function_keys(number: u8) -> Vec<Chord> {
    let by_twelve = [NONE, SHIFT, CTRL, CTRL | SHIFT, ALT, ALT | SHIFT];
    // No keyboard has an F0: it is a name for another 9.
    let Some(place) = number.checked_sub(1) else { return vec![] };
    let mut keys =
        vec![Chord(NONE, KeyCode::F(number)), Chord(by_twelve[usize::from(place / 12)], KeyCode::F(place % 12 + 1))];
    keys.extend((21..=22).contains(&number).then(|| Chord(SHIFT, KeyCode::F(number - 10))));
    keys.extend((23..=42).contains(&number).then(|| Chord(CTRL, KeyCode::F(number - 22))));
    keys.extend((43..=44).contains(&number).then(|| Chord(CTRL | SHIFT, KeyCode::F(number - 32))));
    keys
}

fn read(term: &str, bytes: &[u8]) -> Vec<Input> {
    let keyboard = Keyboard { dialect: Dialect::of(term), encoding: Encoding::Utf8 };
    let (mut framer, mut out) = (Framer::new(Duration::from_millis(100), keyboard), vec![]);
    framer.feed(bytes, &mut out);
    assert_eq!(framer.deadline(), None, "{term}: {}", bytes.escape_ascii());
    out
}

/// As the page writes a key.
fn name(chord: Chord) -> String {
    match chord {
        Chord(_, KeyCode::Insert) => "Insert".to_owned(),
        chord => chord.name(Lang::En).to_string(),
    }
}

fn spelled(bytes: &[u8]) -> String {
    let words = bytes.iter().map(|byte| match byte {
        0x1b => "ESC".to_owned(),
        0x7f => "0x7f".to_owned(),
        byte => char::from(*byte).to_string(),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn every_function_and_cursor_key_of_every_terminal_is_that_key_or_is_listed() {
    let mut rows = vec![];
    for term in TERMINALS {
        let mut known = 0;
        for (capability, bytes) in capabilities(term) {
            let wanted = keys(&capability);
            // The key in the middle of the keypad, without a function.
            if wanted.is_empty() || capability == "kp5" && bytes == b"\x1bOE" {
                continue;
            }
            known += 1;
            match read(term, &bytes).as_slice() {
                [Input::Key(key)] if wanted.contains(&Chord(key.modifiers, key.code)) => {}
                [Input::Key(key)] => rows.push(format!(
                    "| `{term}` | {} | `{}` | {} |",
                    name(wanted[0]),
                    spelled(&bytes),
                    name(Chord(key.modifiers, key.code))
                )),
                other => panic!("{term} {capability} {}: {other:?}", bytes.escape_ascii()),
            }
        }
        assert!(known >= 15, "{term} has only {known} keys");
    }
    rows.sort();
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/terminals.md")).unwrap();
    let mut told: Vec<&str> =
        page.lines().filter(|line| line.starts_with("| `") && line.matches('|').count() == 5).collect();
    told.sort();
    assert!(told == rows, "docs/terminals.md has to list:\n{}", rows.join("\n"));
}
