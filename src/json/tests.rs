//! The reader held to `serde_json`, and each mistake to its name and place.

use proptest::prelude::*;

use super::*;

/// What is not JSON in this text, with its place.
fn fault(text: &str) -> (Option<usize>, Fault) {
    let error = read(text).map(drop).expect_err(text);
    (error.offset, error.fault)
}

#[test]
fn each_mistake_is_named_at_its_place() {
    let cases = [
        ("{\"a\": 1,\n }", 7, Fault::TrailingComma),
        ("[1, ]", 2, Fault::TrailingComma),
        ("[1, }", 2, Fault::TrailingComma),
        ("{,}", 1, Fault::Unexpected(Wanted::Key, ',')),
        ("{\"a\": 1,, \"b\": 2}", 8, Fault::Unexpected(Wanted::Key, ',')),
        ("{\"a\": 1,5}", 6, Fault::Number),
        ("{\"a\": 0x1F}", 6, Fault::Number),
        ("{\"a\": -}", 6, Fault::Number),
        ("{\"a\": 1.2.3}", 6, Fault::Number),
        ("{\"a\": 1e}", 6, Fault::Number),
        ("{\"a\": 1_000}", 6, Fault::Number),
        ("{\"a\": 1, 5}", 9, Fault::Unexpected(Wanted::Key, '5')),
        ("{\"a\": +1}", 6, Fault::Unexpected(Wanted::Value, '+')),
        ("{\"a\": -NaN}", 6, Fault::Word("-NaN".into())),
        ("{\"a\": nan}", 6, Fault::Word("nan".into())),
        ("{\"a\": truex}", 6, Fault::Word("truex".into())),
        ("{\"a\": FALSE}", 6, Fault::Word("FALSE".into())),
        ("{\"a\": 1 x}", 8, Fault::Word("x".into())),
        ("{\"a\": 1} // fim", 9, Fault::Comment),
        ("{\"a\": /1}", 6, Fault::Unexpected(Wanted::Value, '/')),
        ("{\"a\": 'x'}", 6, Fault::Quotes('\'')),
        ("{\"a\": [\"}", 8, Fault::Unclosed('"', 1)),
        ("{\"a\": \"\\", 7, Fault::Unclosed('"', 1)),
        ("{\"a\": \"\\u00", 10, Fault::Unclosed('"', 1)),
        ("{\"a\": \"\\u00g0\"}", 11, Fault::Escape),
        ("{\"a\": \"\\é\"}", 8, Fault::Escape),
        ("{\"a\n\": 1}", 3, Fault::Control('\n')),
        ("{\n\n", 0, Fault::Unclosed('{', 1)),
        ("{\"a\": nul", 8, Fault::Unclosed('{', 1)),
        ("-", 0, Fault::Ended),
        ("{}é", 2, Fault::Word("é".into())),
        ("{}}", 2, Fault::Unexpected(Wanted::End, '}')),
        ("{\"a\": 1\n=======\n}", 8, Fault::MergeConflict),
        ("{\"a\": 1, \"b\": 2, \"a\": 3, \"b\": 4}", 17, Fault::DuplicateKey { first: (1, 2) }),
        ("{\"a\": 1e309}", 6, Fault::NumberOutOfRange),
    ];
    for (text, offset, expected) in cases {
        assert_eq!(fault(text), (Some(offset), expected), "{text}");
    }
}

#[test]
fn a_fault_knows_the_key_that_it_is_in() {
    let key = |text: &str| read(text).unwrap_err().key();
    assert_eq!(key("{\"x\": [0, {\"y\": {\"\\u00e7\": ?}}]}").as_deref(), Some("x[1].y.ç"));
    assert_eq!(key("{\"x\": [1, 2 3]}").as_deref(), Some("x[2]"));
    assert_eq!(key("[?]").as_deref(), Some("[0]"));
    assert_eq!(key("{?}"), None);
}

#[test]
fn every_member_is_found_where_it_stands() {
    let text = " {\"int\\u0065gracao\" : { \"a\":1 , \"\": [ 2 ] }, \"version\":1}\n";
    let top = read(text).unwrap();
    assert_eq!(top.span.of(text), text.trim());
    let group = top.get(text, "integracao").unwrap();
    assert_eq!(group.key.of(text), "\"int\\u0065gracao\"");
    assert_eq!(group.value.of(text), "{ \"a\":1 , \"\": [ 2 ] }");
    let inner = group.inner.as_ref().unwrap();
    assert_eq!(inner.get(text, "").unwrap().value.of(text), "[ 2 ]");
    assert_eq!(inner.get(text, "a").unwrap().value.of(text), "1");
    assert!(top.get(text, "version").unwrap().inner.is_none());
    assert!(top.get(text, "absent").is_none());
}

#[test]
fn a_large_object_finds_each_of_its_members() {
    let members: Vec<String> = (0..500).map(|number| format!("\"k\\u0065y{number}\" : {number}")).collect();
    let text = format!("{{{}}}", members.join(","));
    let top = read(&text).unwrap();
    for number in 0..500 {
        assert_eq!(top.get(&text, &format!("key{number}")).unwrap().json(&text), Value::from(number));
    }
    assert!(top.get(&text, "key500").is_none());
}

#[test]
fn what_is_no_object_is_refused_by_its_shape() {
    for (text, shape) in [("[]", Shape::List), (" null", Shape::Null), ("\"x\"", Shape::Text), ("1", Shape::Number)] {
        assert_eq!(fault(text).1, Fault::TopNotObject(shape));
    }
}

#[test]
fn as_many_levels_are_read_as_serde_json_reads_below_the_top() {
    let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    let deepest = nested(MAX_DEPTH);
    let top = read(&deepest).unwrap();
    assert!(top.get(&deepest, "a").unwrap().json(&deepest).is_array());
    assert!(top.json(&deepest)["a"].is_array() && serde_json::from_str::<Value>(&deepest).is_err());
    assert_eq!(fault(&nested(MAX_DEPTH + 1)).1, Fault::TooDeep);
}

/// Pieces that make JSON, near-JSON, and none, strung together.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"a\"",
    "\"b\"",
    "\"\\u0061\"",
    "\"ç\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud83d\"",
    "\"\\ude00\"",
    "\"\\ud83d\\u0041\"",
    "\"\\n\"",
    "\"\\x\"",
    "\"",
    "\\",
    "\t",
    "\n",
    " ",
    "\u{a0}",
    "\u{c}",
    "0",
    "-0",
    "01",
    "1",
    "-",
    "1.5",
    "1.",
    ".5",
    "1e5",
    "1E+5",
    "1e-400",
    "1e308",
    "1.8e308",
    "1e309",
    "-1e999",
    "1e",
    "12345678901234567890123",
    "true",
    "false",
    "null",
    "tru",
    "nan",
    "é",
    "#",
    "//",
    "\u{1}",
    "\u{7f}",
    "=======",
];

fn made_of_pieces() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(PIECES), 0..12).prop_map(|pieces| pieces.concat())
}

/// JSON values that hold everything that JSON has, spelled in many ways; now and then with a piece too many.
fn json_text() -> impl Strategy<Value = String> {
    let leaf = proptest::sample::select(
        &[
            "0",
            "-0.0",
            "1e5",
            "1.8e308",
            "1E400",
            "123456789012345678901234567890",
            "null",
            "true",
            "\"\"",
            "\"\\\"\\u00e7\\ud83d\\ude00\"",
            "\"\\ud83d\"",
            "\"é\\/\"",
            "4.9e-324",
            "1e-999",
        ][..],
    )
    .prop_map(str::to_owned);
    let value = leaf.prop_recursive(4, 24, 4, |inner| {
        let key = proptest::sample::select(&["a", "b", "\\u0061", "c", "", "d.e", "ç"][..]);
        let member = (key, inner.clone()).prop_map(|(key, value)| format!(" \"{key}\"\t: {value}"));
        prop_oneof![
            proptest::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(" ,\n"))),
            proptest::collection::vec(member, 0..4).prop_map(|members| format!("{{{} }}", members.join(","))),
        ]
    });
    (value, made_of_pieces(), any::<proptest::sample::Index>(), proptest::bool::weighted(0.2)).prop_map(
        |(mut text, pieces, at, broken)| {
            if broken {
                let at = text.floor_char_boundary(at.index(text.len() + 1));
                text.insert_str(at, &pieces);
            }
            text
        },
    )
}

/// What the reader keeps of an object, read into values: the same as the value that `serde_json` makes of it.
fn rebuilt(object: &Object, text: &str) -> Value {
    let members = object.members.iter().map(|member| {
        let value = member.inner.as_ref().map_or_else(|| member.json(text), |inner| rebuilt(inner, text));
        (member.name(text).into_owned(), value)
    });
    Value::Object(members.collect())
}

fn same_verdict_and_values(text: &str) -> Result<(), TestCaseError> {
    // In an object, so that texts whose top is none are read too.
    let wrapped = format!("{{\"top\": {text}}}");
    match (read(&wrapped), serde_json::from_str::<Value>(&wrapped)) {
        (Ok(object), Ok(value)) => prop_assert_eq!(rebuilt(&object, &wrapped), value),
        (Err(error), Ok(_)) => prop_assert!(matches!(error.fault, Fault::DuplicateKey { .. }), "{error:?}"),
        (Ok(_), Err(error)) => prop_assert!(false, "{error}"),
        (Err(error), Err(_)) => prop_assert!(error.offset.is_some_and(|offset| wrapped.is_char_boundary(offset))),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn texts_of_pieces_are_accepted_as_serde_json_accepts_them(text in made_of_pieces()) {
        same_verdict_and_values(&text)?;
    }

    #[test]
    fn json_is_read_as_serde_json_reads_it(text in json_text()) {
        same_verdict_and_values(&text)?;
    }

    #[test]
    fn anything_at_all_is_accepted_as_serde_json_accepts_it(text in any::<String>()) {
        same_verdict_and_values(&text)?;
    }
}
