//! Every key in every spelling, cut at every byte.

use super::*;

mod pastes;
mod random;

const NONE: KeyModifiers = KeyModifiers::NONE;
const SHIFT: KeyModifiers = KeyModifiers::SHIFT;
const ALT: KeyModifiers = KeyModifiers::ALT;
const CTRL: KeyModifiers = KeyModifiers::CONTROL;

fn framer() -> Framer {
    framer_of(Dialect::Usual, Encoding::Utf8)
}

fn framer_of(dialect: Dialect, encoding: Encoding) -> Framer {
    Framer::new(ESCAPE_DELAY, Keyboard { dialect, encoding })
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Input {
    Input::Key(KeyEvent::new(code, modifiers))
}

fn typed(text: &str) -> Vec<Input> {
    text.chars().map(|symbol| key(KeyCode::Char(symbol), NONE)).collect()
}

fn escaped(code: KeyCode, modifiers: KeyModifiers) -> Input {
    Input::Escaped(KeyEvent::new(code, modifiers))
}

/// What comes out of `bytes` given at once, and of the silence after them.
fn read(bytes: &[u8]) -> Vec<Input> {
    read_by(framer(), bytes)
}

fn read_by(mut framer: Framer, bytes: &[u8]) -> Vec<Input> {
    let mut out = Vec::new();
    framer.feed(bytes, &mut out);
    framer.silence(&mut out);
    assert_eq!(framer.state, State::Ground, "{bytes:?}");
    out
}

/// Every spelling of every named key, with and without an ESC before it.
fn spellings() -> Vec<(Vec<u8>, Input)> {
    use KeyCode::*;
    let lettered = [(Up, 'A'), (Down, 'B'), (Right, 'C'), (Left, 'D'), (Home, 'H'), (End, 'F')];
    let first_four = [(F(1), 'P'), (F(2), 'Q'), (F(3), 'R'), (F(4), 'S')];
    let numbered = [
        (Home, 1),
        (Insert, 2),
        (Delete, 3),
        (End, 4),
        (PageUp, 5),
        (PageDown, 6),
        (Home, 7),
        (End, 8),
        (F(1), 11),
        (F(2), 12),
        (F(3), 13),
        (F(4), 14),
        (F(5), 15),
        (F(6), 17),
        (F(7), 18),
        (F(8), 19),
        (F(9), 20),
        (F(10), 21),
        (F(11), 23),
        (F(12), 24),
    ];
    let mut all = Vec::new();
    for (code, letter) in lettered.into_iter().chain(first_four) {
        all.push((format!("\x1b[{letter}"), code, NONE));
        all.push((format!("\x1bO{letter}"), code, NONE));
        for state in 2..=8u8 {
            let modifiers = KeyModifiers::from_bits_truncate(0)
                | if (state - 1) & 1 != 0 { SHIFT } else { NONE }
                | if (state - 1) & 2 != 0 { ALT } else { NONE }
                | if (state - 1) & 4 != 0 { CTRL } else { NONE };
            all.push((format!("\x1b[1;{state}{letter}"), code, modifiers));
            all.push((format!("\x1bO1;{state}{letter}"), code, modifiers));
            all.push((format!("\x1bO{state}{letter}"), code, modifiers));
        }
    }
    for (code, number) in numbered {
        all.push((format!("\x1b[{number}~"), code, NONE));
        all.push((format!("\x1b[{number};2~"), code, SHIFT));
        all.push((format!("\x1b[{number};3~"), code, ALT));
        all.push((format!("\x1b[{number};5~"), code, CTRL));
        all.push((format!("\x1b[{number};6~"), code, CTRL | SHIFT));
        all.push((format!("\x1b[{number};8~"), code, CTRL | SHIFT | ALT));
        all.push((format!("\x1b[{number}$"), code, SHIFT));
        all.push((format!("\x1b[{number}^"), code, CTRL));
        all.push((format!("\x1b[{number}@"), code, CTRL | SHIFT));
    }
    for (code, letter) in [(Up, 'a'), (Down, 'b'), (Right, 'c'), (Left, 'd')] {
        all.push((format!("\x1b[{letter}"), code, SHIFT));
        all.push((format!("\x1bO{letter}"), code, CTRL));
    }
    for (number, letter) in ('A'..='E').enumerate() {
        all.push((format!("\x1b[[{letter}"), F(number as u8 + 1), NONE));
    }
    all.push(("\x1b[Z".into(), BackTab, SHIFT));
    for (number, letter) in ('T'..='Z').enumerate() {
        all.push((format!("\x1bO{letter}"), F(number as u8 + 5), NONE));
    }
    all.push(("\x1bO[".into(), F(12), NONE));
    for (letter, symbol) in ('p'..='y').zip('0'..='9').chain([('n', '.'), ('m', '-'), ('o', '/'), ('l', ',')]) {
        all.push((format!("\x1bO{letter}"), Char(symbol), NONE));
    }
    all.push(("\x1bOM".into(), Enter, NONE));
    let plain = all.iter().map(|(bytes, code, modifiers)| (bytes.clone().into_bytes(), key(*code, *modifiers)));
    let with_escape =
        all.iter().map(|(bytes, code, modifiers)| (format!("\x1b{bytes}").into_bytes(), escaped(*code, *modifiers)));
    // The same with the controls of 8 bits, as bytes and as characters.
    let short = |text: &str, mark: &[u8], control: &[u8]| {
        text.as_bytes().strip_prefix(mark).map(|rest| [control, rest].concat())
    };
    let with_8_bits = all.iter().flat_map(|(bytes, code, modifiers)| {
        [(&b"\x1b["[..], &b"\x9b"[..]), (b"\x1b[", b"\xc2\x9b"), (b"\x1bO", b"\x8f"), (b"\x1bO", b"\xc2\x8f")]
            .into_iter()
            .filter_map(move |(mark, control)| Some((short(bytes, mark, control)?, key(*code, *modifiers))))
    });
    plain.chain(with_escape).chain(with_8_bits).collect()
}

#[test]
fn every_spelling_of_every_key_cut_anywhere_with_pauses_below_the_delay_is_that_key() {
    for (bytes, wanted) in spellings() {
        for cut in 0..=bytes.len() {
            let (mut framer, mut out) = (framer(), Vec::new());
            framer.feed(&bytes[..cut], &mut out);
            if framer.deadline() != Some(ESCAPE_DELAY) {
                // Past ESC and what introduces a sequence, time changes nothing at all.
                framer.silence(&mut out);
            }
            framer.feed(&bytes[cut..], &mut out);
            assert_eq!(framer.deadline(), None);
            framer.feed(b"x", &mut out);
            let shown = String::from_utf8_lossy(&bytes).into_owned();
            assert_eq!(out, [wanted.clone(), key(KeyCode::Char('x'), NONE)], "{shown:?} cut at {cut}");
        }
    }
}

#[test]
fn a_lone_escape_acts_after_the_delay_and_not_before() {
    let (mut framer, mut out) = (Framer::new(Duration::from_millis(30), Keyboard::default()), Vec::new());
    framer.feed(b"\x1b", &mut out);
    assert_eq!((out.len(), framer.deadline()), (0, Some(Duration::from_millis(30))));
    framer.silence(&mut out);
    assert_eq!((out, framer.deadline()), (vec![key(KeyCode::Esc, NONE)], None));
}

#[test]
fn the_escape_of_a_sequence_that_does_not_go_on_counts_after_the_delay_and_its_late_rest_types_nothing() {
    for start in [&b"\x1b["[..], b"\x1bO", b"\x1b\x1b[", b"\x1b]", b"\x1bP"] {
        let (mut framer, mut out) = (framer(), Vec::new());
        framer.feed(start, &mut out);
        assert_eq!((out.len(), framer.deadline()), (0, Some(ESCAPE_DELAY)));
        framer.silence(&mut out);
        assert_eq!(out, [escaped(KeyCode::Null, NONE)], "{start:?}");
        assert_ne!(framer.deadline(), Some(ESCAPE_DELAY), "told once");
    }
    let (mut framer, mut out) = (framer(), Vec::new());
    framer.feed(b"\x1b[", &mut out);
    framer.silence(&mut out);
    framer.feed(b"Bx", &mut out);
    assert_eq!(out[1..], [key(KeyCode::Down, NONE), key(KeyCode::Char('x'), NONE)]);
}

#[test]
fn escape_and_a_key_within_the_delay_are_told_as_that() {
    let cases: &[(&[u8], &[Input])] = &[
        (b"\x1bx", &[escaped(KeyCode::Char('x'), NONE)]),
        ("\x1bç".as_bytes(), &[escaped(KeyCode::Char('ç'), NONE)]),
        (b"\x1b\r", &[escaped(KeyCode::Enter, NONE)]),
        (b"\x1b\x7f", &[escaped(KeyCode::Backspace, NONE)]),
        (b"\x1b\x0e", &[escaped(KeyCode::Char('n'), CTRL)]),
        (b"\x1b\x1b", &[key(KeyCode::Esc, NONE), key(KeyCode::Esc, NONE)]),
        (b"\x1b\x1bx", &[key(KeyCode::Esc, NONE), escaped(KeyCode::Char('x'), NONE)]),
        (b"\x1b\x1b\x1b[A", &[key(KeyCode::Esc, NONE), escaped(KeyCode::Up, NONE)]),
        (b"\x1b\t", &[escaped(KeyCode::Tab, NONE)]),
        (b"\x1b\x1b[15~", &[escaped(KeyCode::F(5), NONE)]),
        (b"\x1b\x03", &[key(KeyCode::Char('c'), CTRL)]),
    ];
    for (bytes, expected) in cases {
        assert_eq!(read(bytes), *expected, "{bytes:?}");
    }
}

#[test]
fn single_bytes_are_their_keys_and_none_panics() {
    let cases = [
        (0x00, KeyCode::Char(' '), CTRL),
        (0x01, KeyCode::Char('a'), CTRL),
        (0x08, KeyCode::Backspace, NONE),
        (b'\t', KeyCode::Tab, NONE),
        (b'\n', KeyCode::Enter, NONE),
        (b'\r', KeyCode::Enter, NONE),
        (0x1a, KeyCode::Char('z'), CTRL),
        (0x1b, KeyCode::Esc, NONE),
        (0x1f, KeyCode::Char('_'), CTRL),
        (b' ', KeyCode::Char(' '), NONE),
        (b'A', KeyCode::Char('A'), NONE),
        (0x7f, KeyCode::Backspace, NONE),
    ];
    for (byte, code, modifiers) in cases {
        assert_eq!(read(&[byte]), [key(code, modifiers)], "{byte:#x}");
    }
    for byte in (0x80..=0xff).filter(|byte| !matches!(byte, 0x8f | 0x90 | 0x98 | 0x9b | 0x9d..=0x9f)) {
        let (mut framer, mut out) = (framer(), Vec::new());
        framer.feed(&[byte, b'k'], &mut out);
        assert_eq!(out, typed("k"), "{byte:#x} eats the byte after it");
    }
}

#[test]
fn text_is_read_as_utf8_and_what_is_none_is_dropped_alone() {
    let cases: &[(&[u8], &str)] = &[
        ("Crediário €5 日本 😀".as_bytes(), "Crediário €5 日本 😀"),
        (b"\xff\xfe\xc3(", "("),
        (b"\xe2\x82x", "x"),
        (b"\xc3\xc3\xa9", "é"),
        (b"\xed\xa0\x80a\xf4\x90\x80\x80b\xc0\x80c\xe0\x80\x80d", "abcd"),
        ("a\u{85}bc\u{200b}d\u{202e}e\u{feff}f\u{e000}g\u{ad}h\u{2028}i\u{e0041}".as_bytes(), "abcdefghi"),
        ("e\u{301}\u{a0}".as_bytes(), "e\u{301}\u{a0}"),
    ];
    for (bytes, text) in cases {
        assert_eq!(read(bytes), typed(text), "{text:?}");
    }
}

/// What a terminal sends that no person pressed.
const NO_KEYS: &[&[u8]] = &[
    b"\x1b[24;80R",
    b"\x1b[1;1R",
    b"\x1b[1;80R",
    b"\x1b[?1;2R",
    b"\x1b[?62;22c",
    b"\x1b[>41;354;0c",
    b"\x1b[0n",
    b"\x1b[?2026;2$y",
    b"\x1b[4;1$y",
    b"\x1b[8;24;80t",
    b"\x1b[I",
    b"\x1b[O",
    b"\x1b[M !!",
    b"\x1b[M\xa0\xff\xfe",
    b"\x1b[<0;10;10M",
    b"\x1b[<0;10;10m",
    b"\x1b[32;10;10M",
    b"\x1b[201~",
    b"\x1b[99~",
    b"\x1b[;;;A",
    b"\x1b[1;999A",
    b"\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\",
    b"\x1b]11;rgb:1e1e/1e1e/1e1e\x07",
    b"\x1bP1$r0m\x1b\\",
    b"\x1b_Gi=1;OK\x1b\\",
    b"\x1b^x\x1b\\",
    b"\x1bXx\x1b\\",
    b"\x1b]l\xc3\xa7\r\n\x1b\\",
    b"\x1b]a\x18",
    b"\x1b[[Z",
    b"\x1bOz",
    b"\x1bOE",
    b"\x1b[50;2u",
    b"\x1b[97;1:3u",
    b"\x1b[3;1:3~",
    b"\x1b[M !\xc4\xa1",
    b"\x1b[M \xc4\xa1!",
    b"\x1b[M \xc4\xa1\xc4\xa1",
    b"\x1b[M \0!",
    b"\x1b[t!!",
    b"\x1b[T!!!!!!",
    b"\x9b24;80R",
    b"\xc2\x9b?62;22c",
    b"\x9d11;rgb:1e1e/1e1e/1e1e\x9c",
    b"\xc2\x9d11;\xc3\x9c\xe2\x9c\x93\xc2\x9c",
    b"\x1b[99999999999999999999u",
    b"\x1b[1;1:3A",
    b"\x1b[=1;2;3 ~",
    b"\x1b[>1u",
];

#[test]
fn replies_reports_and_unknown_sequences_are_no_keys_wherever_they_are_cut() {
    for bytes in NO_KEYS {
        for cut in 2..=bytes.len() {
            let (mut framer, mut out) = (framer(), Vec::new());
            framer.feed(&bytes[..cut], &mut out);
            if framer.deadline().is_none() {
                framer.silence(&mut out);
            }
            framer.feed(&bytes[cut..], &mut out);
            framer.feed(b"x", &mut out);
            assert_eq!(out, typed("x"), "{:?} cut at {cut}", String::from_utf8_lossy(bytes));
        }
    }
}

#[test]
fn keys_that_newer_terminals_send_unasked_are_those_keys() {
    let cases: &[(&[u8], KeyCode, KeyModifiers)] = &[
        (b"\x1b[27u", KeyCode::Esc, NONE),
        (b"\x1b[13u", KeyCode::Enter, NONE),
        (b"\x1b[9u", KeyCode::Tab, NONE),
        (b"\x1b[9;2u", KeyCode::BackTab, SHIFT),
        (b"\x1b[127u", KeyCode::Backspace, NONE),
        (b"\x1b[99;5u", KeyCode::Char('c'), CTRL),
        (b"\x1b[97;2u", KeyCode::Char('A'), NONE),
        (b"\x1b[97;9u", KeyCode::Char('a'), ALT),
        (b"\x1b[27;5;13~", KeyCode::Enter, CTRL),
        (b"\x1b[27;2;64~", KeyCode::Char('@'), NONE),
        (b"\x1b[50:64;2u", KeyCode::Char('@'), NONE),
        (b"\x1b[50;2;64u", KeyCode::Char('@'), NONE),
        (b"\x1b[97;1:1u", KeyCode::Char('a'), NONE),
        (b"\x1b[97;1:2u", KeyCode::Char('a'), NONE),
        (b"\x1b[97;65u", KeyCode::Char('A'), NONE),
        (b"\x1b[97;;97u", KeyCode::Char('a'), NONE),
        (b"\x1b[32;2u", KeyCode::Char(' '), NONE),
        (b"\x1b[1;1:1A", KeyCode::Up, NONE),
        (b"\x1b[1;5:2A", KeyCode::Up, CTRL),
        (b"\x1b[3;1:1~", KeyCode::Delete, NONE),
        (b"\x1b[57404u", KeyCode::Char('5'), NONE),
        (b"\x1b[57414u", KeyCode::Enter, NONE),
    ];
    for (bytes, code, modifiers) in cases {
        assert_eq!(read(bytes), [key(*code, *modifiers)], "{bytes:?}");
    }
}

#[test]
fn ctrl_c_is_heard_in_every_state() {
    let starts: [&[u8]; 11] = [
        b"\x1b",
        b"\x1b[",
        b"\x1b[12;",
        b"\x1bO",
        b"\x1b[[",
        b"\x1b[M",
        b"\x1b[M!",
        b"\x1b]11;",
        b"\x1b]a\x1b",
        b"\x1bP",
        b"\xc3",
    ];
    for start in starts {
        let (mut framer, mut out) = (framer(), Vec::new());
        framer.feed(start, &mut out);
        framer.feed(b"\x03", &mut out);
        assert_eq!(out, [key(KeyCode::Char('c'), CTRL)], "{start:?}");
        assert_eq!(framer.state, State::Ground, "{start:?}");
    }
}

#[test]
fn a_started_sequence_gives_way_to_a_control_key_or_a_new_escape() {
    assert_eq!(read(b"\x1b[12\r"), [key(KeyCode::Enter, NONE)]);
    assert_eq!(read(b"\x1b[12\x1b[A"), [key(KeyCode::Up, NONE)]);
    assert_eq!(read(b"\x1bO\x1bOB"), [key(KeyCode::Down, NONE)]);
    assert_eq!(read("\x1b[1é".as_bytes()), typed("é"));
    assert_eq!(read(b"\x1b]0;title\x1b[B"), [key(KeyCode::Down, NONE)]);
}

#[test]
fn a_sequence_of_ten_thousand_digits_is_swallowed_within_bounds() {
    let (mut framer, mut out) = (framer(), Vec::new());
    framer.feed(b"\x1b[", &mut out);
    framer.feed(&[b'7'; 10_000], &mut out);
    assert!(framer.held.capacity() <= 2 * SEQUENCE_LIMIT);
    framer.feed(b"~x", &mut out);
    assert_eq!(out, typed("x"));
}

#[test]
fn a_string_without_an_end_types_nothing_and_ends_in_silence() {
    let (mut framer, mut out) = (framer(), Vec::new());
    framer.feed(b"\x1b]52;c;", &mut out);
    framer.feed(&vec![b'y'; 1_000_000], &mut out);
    assert_eq!((framer.deadline(), framer.held.len()), (Some(PAUSE), 0));
    framer.silence(&mut out);
    framer.feed(b"x", &mut out);
    assert_eq!(out, typed("x"));
}

#[test]
fn where_two_keys_are_spelled_alike_the_type_decides() {
    use KeyCode::*;
    let cases: &[(&str, &[u8], Input)] = &[
        ("linux", b"\x1b\t", key(BackTab, SHIFT)),
        ("linux", b"\x1bOl", key(Char('+'), NONE)),
        ("xterm", b"\x1bOl", key(Char(','), NONE)),
        ("st-256color", b"\x1b[P", key(Delete, NONE)),
        ("st-256color", b"\x1b[4h", key(Insert, NONE)),
        ("xterm", b"\x1b[P", key(F(1), NONE)),
        ("putty-sco", b"\x1b[M", key(F(1), NONE)),
        ("scoansi", b"\x1b[X", key(F(12), NONE)),
        ("putty-sco", b"\x1b[I", key(PageUp, NONE)),
        ("rxvt-unicode", b"\x1bOw", key(End, NONE)),
        ("xterm", b"\x1bOw", key(Char('7'), NONE)),
        ("vt100", b"\x1bOt", key(Char('4'), NONE)),
    ];
    for (term, bytes, wanted) in cases {
        let framer = framer_of(Dialect::of(term), Encoding::Utf8);
        assert_eq!(read_by(framer, bytes), std::slice::from_ref(wanted), "{term} {bytes:?}");
    }
    assert_eq!(Dialect::of("stterm"), Dialect::Usual);
}

#[test]
fn a_mouse_report_that_breaks_off_eats_no_key() {
    let (mut framer, mut out) = (framer(), Vec::new());
    framer.feed(b"\x1b[M", &mut out);
    assert_eq!(framer.deadline(), Some(PAUSE));
    framer.silence(&mut out);
    framer.feed(b"abc", &mut out);
    assert_eq!(out, typed("abc"));
}

#[test]
fn the_escape_delay_is_read_as_ncurses_reads_it_within_bounds() {
    let cases = [
        (None, 100),
        (Some("25"), 25),
        (Some(" 300 "), 300),
        (Some("0"), 10),
        (Some("99999"), 5000),
        (Some("-5"), 100),
    ];
    for (variable, delay_ms) in cases {
        assert_eq!(escape_delay(variable), Duration::from_millis(delay_ms), "{variable:?}");
    }
}
