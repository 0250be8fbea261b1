//! Every key in every spelling, cut at every byte; noise; pastes.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const NONE: KeyModifiers = KeyModifiers::NONE;
const SHIFT: KeyModifiers = KeyModifiers::SHIFT;
const ALT: KeyModifiers = KeyModifiers::ALT;
const CTRL: KeyModifiers = KeyModifiers::CONTROL;

fn framer() -> Framer {
    Framer::new(ESCAPE_DELAY)
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Input {
    Input::Key(KeyEvent::new(code, modifiers))
}

fn typed(text: &str) -> Vec<Input> {
    text.chars().map(|symbol| key(KeyCode::Char(symbol), NONE)).collect()
}

/// What comes out of `bytes` given at once, and of the silence after them.
fn read(bytes: &[u8]) -> Vec<Input> {
    let (mut framer, mut out) = (framer(), Vec::new());
    framer.feed(bytes, &mut out);
    framer.silence(&mut out);
    assert_eq!(framer.state, State::Ground, "{bytes:?}");
    out
}

/// Every spelling of every named key, with and without an ESC for Alt before it.
fn spellings() -> Vec<(Vec<u8>, KeyCode, KeyModifiers)> {
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
    let with_escape =
        all.clone().into_iter().map(|(bytes, code, modifiers)| (format!("\x1b{bytes}"), code, modifiers | ALT));
    let all: Vec<_> = all.into_iter().chain(with_escape).collect();
    all.into_iter().map(|(bytes, code, modifiers)| (bytes.into_bytes(), code, modifiers)).collect()
}

#[test]
fn every_spelling_of_every_key_cut_anywhere_with_pauses_below_the_delay_is_that_key() {
    for (bytes, code, modifiers) in spellings() {
        for cut in 0..=bytes.len() {
            let (mut framer, mut out) = (framer(), Vec::new());
            framer.feed(&bytes[..cut], &mut out);
            if framer.deadline() != Some(ESCAPE_DELAY) {
                // Past the lone ESC, time changes nothing at all.
                framer.silence(&mut out);
            }
            framer.feed(&bytes[cut..], &mut out);
            assert_eq!(framer.deadline(), None);
            framer.feed(b"x", &mut out);
            let shown = String::from_utf8_lossy(&bytes).into_owned();
            assert_eq!(out, [key(code, modifiers), key(KeyCode::Char('x'), NONE)], "{shown:?} cut at {cut}");
        }
    }
}

#[test]
fn a_lone_escape_acts_after_the_delay_and_not_before() {
    let (mut framer, mut out) = (Framer::new(Duration::from_millis(30)), Vec::new());
    framer.feed(b"\x1b", &mut out);
    assert_eq!((out.len(), framer.deadline()), (0, Some(Duration::from_millis(30))));
    framer.silence(&mut out);
    assert_eq!((out, framer.deadline()), (vec![key(KeyCode::Esc, NONE)], None));
}

#[test]
fn escape_and_a_key_are_that_key_with_alt() {
    let cases: &[(&[u8], &[Input])] = &[
        (b"\x1bx", &[key(KeyCode::Char('x'), ALT)]),
        ("\x1bç".as_bytes(), &[key(KeyCode::Char('ç'), ALT)]),
        (b"\x1b\r", &[key(KeyCode::Enter, ALT)]),
        (b"\x1b\x7f", &[key(KeyCode::Backspace, ALT)]),
        (b"\x1b\x0e", &[key(KeyCode::Char('n'), ALT | CTRL)]),
        (b"\x1b\x1b", &[key(KeyCode::Esc, NONE), key(KeyCode::Esc, NONE)]),
        (b"\x1b\x1bx", &[key(KeyCode::Esc, NONE), key(KeyCode::Char('x'), ALT)]),
        (b"\x1b\x1b\x1b[A", &[key(KeyCode::Esc, NONE), key(KeyCode::Up, ALT)]),
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
    for byte in 0x80..=0xff {
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
        ("a\u{9b}b\u{85}c\u{200b}d\u{202e}e\u{feff}f\u{e000}g\u{ad}h\u{2028}i\u{e0041}".as_bytes(), "abcdefghi"),
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
    b"\x1bOj",
    b"\x1bOM",
    b"\x1b[57414u",
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
    let mut out = Vec::new();
    framer().feed(b"\x1b[200~abc\x03", &mut out);
    assert_eq!(out, [key(KeyCode::Char('c'), CTRL)]);
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

fn paste(text: &str, removed: usize, truncated: bool) -> Input {
    Input::Paste { text: text.into(), removed, truncated }
}

#[test]
fn a_paste_is_one_input_wherever_it_is_cut() {
    let bytes = "\x1b[200~10.0.0.1\r\nç\x1b[2J\x1b[20\x1b[201~x".as_bytes();
    let expected = [paste("10.0.0.1ç[2J[20", 4, false), key(KeyCode::Char('x'), NONE)];
    for first in 0..=bytes.len() {
        for second in first..=bytes.len() {
            let (mut framer, mut out) = (framer(), Vec::new());
            for piece in [&bytes[..first], &bytes[first..second], &bytes[second..]] {
                framer.feed(piece, &mut out);
            }
            assert_eq!(out, expected, "cut at {first} and {second}");
        }
    }
}

#[test]
fn what_may_not_stand_in_a_field_is_taken_out_of_a_paste_and_counted() {
    let bytes = b"\x1b[200~a\x1b[31mb\0\r\nq\x7f\xff\xc2\x9b\xe2\x80\xae\x1b[201~";
    assert_eq!(read(bytes), [paste("a[31mbq", 8, false)]);
    assert_eq!(read(b"\x1b[200~\x1b[201~"), [paste("", 0, false)]);
}

#[test]
fn a_paste_without_an_end_is_delivered_after_silence() {
    let (mut framer, mut out) = (framer(), Vec::new());
    framer.feed(b"\x1b[200~abc\x1b[20", &mut out);
    assert_eq!((out.len(), framer.deadline()), (0, Some(PAUSE)));
    framer.silence(&mut out);
    framer.feed(b"x", &mut out);
    assert_eq!(out, [paste("abc", 0, false), key(KeyCode::Char('x'), NONE)]);
}

#[test]
fn a_paste_beyond_the_limit_is_cut_and_its_rest_is_not_typed() {
    let (mut framer, mut out) = (framer(), Vec::new());
    framer.feed(b"\x1b[200~", &mut out);
    framer.feed(&vec![b'p'; PASTE_LIMIT], &mut out);
    assert_eq!(out, [paste(&"p".repeat(PASTE_LIMIT), 0, true)]);
    out.clear();
    framer.feed(&vec![b'\r'; 3 * PASTE_LIMIT], &mut out);
    assert_eq!((out.len(), framer.held.capacity()), (0, 0));
    framer.feed(b"\x1b[201~x", &mut out);
    assert_eq!(out, typed("x"));
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

/// Bytes that lead deep into the states more often than chance would.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => vec(any::<u8>(), 0..6),
        4 => prop::sample::select(&b"\x1b[]OPMX_^\\~$;0127AZRu\x03\x07\x18\r\xc3\xa7"[..]).prop_map(|byte| vec![byte]),
        1 => Just(b"\x1b[200~".to_vec()),
        1 => Just(b"\x1b[201~".to_vec()),
        1 => prop::sample::select(NO_KEYS).prop_map(<[u8]>::to_vec),
    ];
    vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn how_bytes_are_cut_into_reads_makes_no_difference(bytes in hostile(), cuts in vec(1usize..9, 1..200)) {
        let (mut whole, mut at_once) = (framer(), Vec::new());
        whole.feed(&bytes, &mut at_once);
        let (mut framer, mut in_pieces, mut rest) = (framer(), Vec::new(), &bytes[..]);
        for cut in cuts.iter().cycle() {
            let (piece, after) = rest.split_at(rest.len().min(*cut));
            framer.feed(piece, &mut in_pieces);
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(at_once, in_pieces);
    }

    #[test]
    fn any_bytes_and_silences_leave_a_framer_that_reads_on(bytes in hostile(), every in 1usize..20) {
        let (mut framer, mut out) = (framer(), Vec::new());
        for piece in bytes.chunks(every) {
            framer.feed(piece, &mut out);
            framer.silence(&mut out);
        }
        // Control keys end any sequence; a second of silence ends any string or paste.
        framer.feed(b"\x03", &mut out);
        framer.silence(&mut out);
        out.clear();
        framer.feed(b"k", &mut out);
        prop_assert_eq!(out, typed("k"));
    }

    #[test]
    fn nothing_that_may_not_stand_in_a_field_comes_out(bytes in vec(any::<u8>(), 0..400)) {
        let mut out = Vec::new();
        framer().feed(&bytes, &mut out);
        for input in out {
            match input {
                Input::Key(KeyEvent { code: KeyCode::Char(symbol), .. }) => prop_assert!(is_text(symbol)),
                Input::Key(_) => {}
                Input::Paste { text, .. } => prop_assert!(text.chars().all(is_text)),
            }
        }
    }
}

#[test]
fn a_megabyte_of_noise_is_read_within_bounds() {
    let (mut framer, mut out, mut seed) = (framer(), Vec::new(), 1u64);
    for _ in 0..256 {
        let noise: Vec<u8> = (0..4096)
            .map(|_| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (seed >> 56) as u8
            })
            .collect();
        framer.feed(&noise, &mut out);
        out.clear();
        assert!(framer.held.capacity() <= 4 * PASTE_LIMIT);
    }
}
