//! What holds for any bytes, cut anywhere.

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::paste::PASTE_LIMIT;
use super::pastes::paste;
use super::*;

/// Bytes that lead deep into the states more often than chance would.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => vec(any::<u8>(), 0..6),
        4 => prop::sample::select(&b"\x1b[]OPMX_^\\~$;:0127AZRu\x03\x07\x18\r\xc3\xa7\xc2\x9b\x8f\x9c"[..]).prop_map(|byte| vec![byte]),
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
                Input::Key(key) | Input::Escaped(key) => {
                    prop_assert!(!matches!(key.code, KeyCode::Char(symbol) if !is_text(symbol)))
                }
                Input::PasteWaits | Input::PasteStopped => {}
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

/// What a terminal sends at once, with what it is: keys, reports, pastes and text.
fn pieces() -> Vec<(Vec<u8>, Vec<Input>)> {
    let keys = spellings().into_iter().map(|(bytes, wanted)| (bytes, vec![wanted]));
    // Only a reply's own end may follow a reply that has none.
    let whole = NO_KEYS.iter().filter(|bytes| !bytes.ends_with(b"\x18")).map(|bytes| (bytes.to_vec(), vec![]));
    let text = ["a", "ç", "日"].map(|text| (text.as_bytes().to_vec(), typed(text)));
    let pastes = [(b"\x1b[200~p\x1b[B\x03q\x1b[201~".to_vec(), vec![paste("p[Bq", 2, false)])];
    keys.chain(whole).chain(text).chain(pastes).collect()
}

proptest! {
    #[test]
    fn no_sequence_of_keys_and_reports_in_any_split_invents_or_loses_a_key(
        chosen in vec(any::<prop::sample::Index>(), 1..20),
        cuts in vec(1usize..9, 1..40),
    ) {
        let pieces = pieces();
        let chosen: Vec<_> = chosen.iter().map(|index| index.get(&pieces)).collect();
        let bytes: Vec<u8> = chosen.iter().flat_map(|(bytes, _)| bytes.clone()).collect();
        let wanted: Vec<Input> = chosen.iter().flat_map(|(_, wanted)| wanted.clone()).collect();
        let (mut framer, mut out, mut rest) = (framer(), Vec::new(), &bytes[..]);
        for cut in cuts.iter().cycle() {
            let (piece, after) = rest.split_at(rest.len().min(*cut));
            framer.feed(piece, &mut out);
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(out, wanted, "{:?}", String::from_utf8_lossy(&bytes));
    }
}
