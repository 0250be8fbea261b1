//! Pastes: whole, stalled, broken off, too long, in other charsets.

use super::super::paste::PASTE_LIMIT;
use super::*;

pub(super) fn paste(text: &str, removed: usize, truncated: bool) -> Input {
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
fn a_paste_is_one_until_its_end_however_long_it_stalls() {
    let (mut framer, mut out) = (framer(), Vec::new());
    framer.feed(b"\x1b[200~abc\x1b[20", &mut out);
    assert_eq!((out.len(), framer.deadline()), (0, Some(PAUSE)));
    framer.silence(&mut out);
    assert_eq!((framer.deadline(), &*out), (None, &[Input::PasteWaits][..]), "told once");
    framer.feed(b"0d\r", &mut out);
    framer.silence(&mut out);
    framer.feed(b"\r\x1b[201~x", &mut out);
    assert_eq!(out.split_off(2), [paste("abc[200d", 3, false), key(KeyCode::Char('x'), NONE)]);
}

#[test]
fn ctrl_c_breaks_a_paste_off_unless_it_is_a_character_of_it() {
    for start in [&b"\x1b[200~abc"[..], &[b"\x1b[200~", &[b'p'; PASTE_LIMIT][..]].concat()] {
        let (mut framer, mut out) = (framer(), Vec::new());
        framer.feed(start, &mut out);
        out.clear();
        framer.feed(b"\x03", &mut out);
        assert_eq!((out.len(), framer.deadline()), (0, Some(HALT)));
        framer.feed(b"\r", &mut out);
        assert_eq!((out.len(), framer.deadline()), (0, Some(PAUSE)));
        framer.feed(b"\x03", &mut out);
        framer.silence(&mut out);
        framer.feed(b"x", &mut out);
        assert_eq!(out, [vec![Input::PasteStopped], typed("x")].concat());
    }
}

#[test]
fn a_paste_ends_with_a_control_of_8_bits_too() {
    for end in [&b"\x9b201~"[..], b"\xc2\x9b201~"] {
        assert_eq!(read(&[b"\x1b[200~a", end, b"x"].concat()), [vec![paste("a", 0, false)], typed("x")].concat());
    }
    let text = "雛201~".as_bytes();
    assert_eq!(read(&[b"\x1b[200~", text, b"\x1b[201~"].concat()), [paste("雛201~", 0, false)]);
}

#[test]
fn a_single_byte_charset_is_typed_and_pasted_as_the_locale_has_it() {
    let cases = [
        (Encoding::Latin1, &b"a\xe7\xe3o"[..], "ação", 0),
        (Encoding::Latin9, b"\xa4 5", "€ 5", 0),
        (Encoding::Windows1252, b"\x80\x9b\x81", "€›", 1),
        (Encoding::Other, b"\xe7a", "a", 1),
    ];
    for (encoding, bytes, text, removed) in cases {
        assert_eq!(read_by(framer_of(Dialect::Usual, encoding), bytes), typed(text), "{encoding:?}");
        let pasted = read_by(framer_of(Dialect::Usual, encoding), &[b"\x1b[200~", bytes, b"\x1b[201~"].concat());
        assert_eq!(pasted, [paste(text, removed, false)], "{encoding:?}");
    }
    assert_eq!(read_by(framer_of(Dialect::Usual, Encoding::Latin1), b"\x9bB"), [key(KeyCode::Down, NONE)]);
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
