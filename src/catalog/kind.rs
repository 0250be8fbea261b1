//! What values a parameter takes: types, bounds, formats; how they are typed and shown.

pub mod host;
pub mod identifier;
pub mod path;

use serde_json::Value;

use super::Words;
use super::rule::{Fault, Found};
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;

/// Type and bounds of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Boolean,
    /// A whole number, bounds included.
    Integer {
        minimum: i64,
        maximum: i64,
    },
    /// A text of at most `max_length` characters (code points).
    Text {
        /// At most so many characters, where bounded.
        max_length: Option<usize>,
        /// What the text must look like.
        format: Format,
    },
    /// One of a list: never empty, all of them texts or all whole numbers.
    Enumeration(Vec<Choice>),
}

/// One value of an enumeration.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// As stored in the document.
    pub value: Value,
    /// As shown; the value itself where the catalog has no label.
    pub label: Words,
}

/// What a text must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Any text without control characters.
    Any,
    /// IPv4, IPv6 or a DNS name (`"format": "host"`).
    Host,
    /// A path, may be empty (`"format": "path"`).
    Path,
    /// An SQL identifier, optionally schema-qualified (`"format": "sql-identifier"`).
    SqlIdentifier,
}

impl Format {
    /// Every format with its name in the catalog; [`Format::Any`] has none.
    pub const NAMED: [(&'static str, Format); 3] =
        [("host", Format::Host), ("path", Format::Path), ("sql-identifier", Format::SqlIdentifier)];

    /// Its name in the catalog.
    pub fn name(self) -> Option<&'static str> {
        Format::NAMED.iter().find(|(_, format)| *format == self).map(|(name, _)| *name)
    }

    /// Why the text is not of this format, if it is not: errors and warnings.
    pub fn validate(self, text: &str) -> Option<Fault> {
        if text.chars().any(char::is_control) {
            return Some(Fault::Control);
        }
        match self {
            Format::Any => None,
            Format::Host => host::validate(text).map(Fault::Host),
            Format::Path => path::validate(text).map(Fault::Path),
            Format::SqlIdentifier => identifier::validate(text).map(Fault::Identifier),
        }
    }
}

impl Kind {
    /// Reads what was typed in a field. Never fails: what does not read as the type is kept as the text it is
    /// (a JSON string), for [`Kind::validate`] to refuse in words, so that no typing is lost. Spaces around a number, a
    /// boolean or a choice are dropped; in a text they are kept.
    pub fn typed(&self, text: &str) -> Value {
        let bare = text.trim();
        let read = match self {
            Kind::Boolean => bare.parse::<bool>().ok().map(Value::from),
            Kind::Integer { .. } => integer(bare),
            Kind::Text { .. } => None,
            Kind::Enumeration(choices) => {
                let chosen = |text: &str| choices.iter().find(|choice| written(&choice.value) == text);
                let numbers = choices.iter().any(|choice| choice.value.is_number());
                let number = || integer(bare).filter(|_| numbers);
                chosen(text).or_else(|| chosen(bare)).map(|choice| choice.value.clone()).or_else(number)
            }
        };
        read.unwrap_or_else(|| Value::from(text))
    }

    /// Reads a `KEY=VALUE` argument: as [`Kind::typed`], and booleans also as `true/false`, `sim/não/nao`, `yes/no`,
    /// in small or capital letters.
    pub fn argument(&self, text: &str) -> Value {
        match (self, text.trim().to_lowercase().as_str()) {
            (Kind::Boolean, "true" | "sim" | "yes") => Value::Bool(true),
            (Kind::Boolean, "false" | "não" | "nao" | "no") => Value::Bool(false),
            _ => self.typed(text),
        }
    }

    /// The value as it stands in a field being edited: texts bare, numbers in digits, `true`/`false`; any other
    /// JSON (only ever invalid) in JSON. `typed(raw(v)) == v` for valid values.
    pub fn raw(&self, value: &Value) -> String {
        written(value)
    }

    /// The value as a person reads it: `sim`/`não`, an enumeration's label, `(vazio)` for an empty text. A text where
    /// none belongs keeps its quotes.
    pub fn shown(&self, value: &Value, lang: Lang) -> Safe {
        let label = match self {
            Kind::Enumeration(choices) => choices.iter().find(|choice| choice.value == *value),
            _ => None,
        };
        match (label, value) {
            (Some(choice), _) => choice.label.of(lang).clone(),
            (None, Value::Bool(true)) => say!(lang, "sim", "yes"),
            (None, Value::Bool(false)) => say!(lang, "não", "no"),
            (None, Value::String(text)) if text.is_empty() => say!(lang, "(vazio)", "(empty)"),
            (None, Value::String(text)) if matches!(self, Kind::Text { .. }) => Safe::outside(text),
            (None, other) => Safe::outside(&other.to_string()),
        }
    }

    /// The bounds in words: `de 1 a 65535`, `até 20 caracteres`, `sim ou não`.
    pub fn bounds(&self, lang: Lang) -> Safe {
        match *self {
            Kind::Boolean => say!(lang, "sim ou não", "yes or no"),
            Kind::Integer { minimum: i64::MIN, maximum: i64::MAX } => say!(lang, "um número inteiro", "a whole number"),
            Kind::Integer { minimum: i64::MIN, maximum } => say!(lang, "até {}", "up to {}", maximum),
            Kind::Integer { minimum, maximum: i64::MAX } => say!(lang, "a partir de {}", "from {} up", minimum),
            Kind::Integer { minimum, maximum } => say!(lang, "de {} a {}", "from {} to {}", minimum, maximum),
            Kind::Text { format: Format::Host, .. } => say!(lang, "IP ou nome do servidor", "server's IP or name"),
            Kind::Text { format: Format::SqlIdentifier, .. } => {
                say!(lang, "tabela ou esquema.tabela", "table or schema.table")
            }
            Kind::Text { format: Format::Path, .. } => {
                say!(lang, "caminho completo, ou vazio", "full path, or empty")
            }
            Kind::Text { max_length: Some(1), .. } => say!(lang, "até 1 caractere", "up to 1 character"),
            Kind::Text { max_length: Some(most), .. } => say!(lang, "até {} caracteres", "up to {} characters", most),
            Kind::Text { max_length: None, .. } => say!(lang, "qualquer texto", "any text"),
            Kind::Enumeration(ref choices) => {
                let values: Vec<Safe> = choices.iter().map(|choice| Safe::outside(&written(&choice.value))).collect();
                say!(lang, "um de: {}", "one of: {}", Safe::join(&values, ", "))
            }
        }
    }

    /// Why the value is not of this kind, if it is not. Errors and warnings of the value alone.
    pub fn validate(&self, value: &Value) -> Option<Fault> {
        match (self, value) {
            (Kind::Boolean, Value::Bool(_)) => None,
            (Kind::Integer { minimum, maximum }, value) => validate_integer(*minimum, *maximum, value),
            (Kind::Text { max_length, format }, Value::String(text)) => {
                let too_long = max_length.filter(|&most| text.chars().nth(most).is_some()).map(|_| Fault::TooLong);
                // A length is told before the format's faults, so that a bound of the catalog's own is always said,
                // but never instead of control characters, which the screen has to spell out.
                match format.validate(text) {
                    Some(Fault::Control) => Some(Fault::Control),
                    other => too_long.or(other),
                }
            }
            (Kind::Enumeration(choices), value) => {
                let same_type = |choice: &Choice| choice.value.is_string() == value.is_string();
                if choices.iter().any(|choice| choice.value == *value) {
                    None
                } else if (value.is_string() || value.is_number()) && choices.iter().all(same_type) {
                    Some(Fault::NotAChoice)
                } else {
                    Some(Fault::Type(Found::of(value)))
                }
            }
            (_, value) => Some(Fault::Type(Found::of(value))),
        }
    }

    /// True where no continuation of the typed text could be valid (so that words may come while typing).
    pub fn cannot_become_valid(&self, typed: &str) -> bool {
        match self {
            Kind::Boolean => !["true", "false"].iter().any(|word| word.starts_with(typed.trim())),
            Kind::Integer { minimum, maximum } => integer_cannot_become_valid(*minimum, *maximum, typed.trim_start()),
            Kind::Text { max_length, format } => {
                typed.chars().any(char::is_control)
                    || max_length.is_some_and(|most| typed.chars().nth(most).is_some())
                    || match format {
                        Format::Any => false,
                        Format::Host => host::cannot_become_valid(typed),
                        Format::Path => path::validate(typed) == Some(path::PathFault::TooLong),
                        Format::SqlIdentifier => identifier::cannot_become_valid(typed),
                    }
            }
            Kind::Enumeration(choices) => !choices.iter().any(|choice| {
                let value = written(&choice.value);
                value.starts_with(typed) || value.starts_with(typed.trim_start()) || value == typed.trim()
            }),
        }
    }
}

/// A value as it is typed: texts bare, everything else in JSON.
fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A whole number in JSON's spelling (no `+`, no leading zeros, no `-0`). Beyond `u64` it is no integer for JSON's
/// readers, and stays a text so that no digit is lost.
fn integer(text: &str) -> Option<Value> {
    if !is_integer(text) {
        return None;
    }
    text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<u64>().map(Value::from)).ok()
}

/// True for `0`, `42`, `-7`; false for `-0`, `007`, `+7`, an empty text.
pub(super) fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let leading_zero = digits.starts_with('0') && text != "0";
    !digits.is_empty() && !leading_zero && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn validate_integer(minimum: i64, maximum: i64, value: &Value) -> Option<Fault> {
    /// From here on every double is whole, and beyond every `i64`.
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    match value {
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => (whole < minimum || whole > maximum).then_some(Fault::OutOfRange),
            (None, _) if number.is_u64() => Some(Fault::OutOfRange),
            (None, Some(double)) if double.abs() >= BEYOND => Some(Fault::OutOfRange),
            _ => Some(Fault::Type(Found::Decimal)),
        },
        // What was typed beyond any number type (see `integer`): told as out of range, not as a text.
        Value::String(text) if is_integer(text.trim()) && integer(text.trim()).is_none() => Some(Fault::OutOfRange),
        Value::String(text) if zero_padded(text.trim()) => Some(Fault::LeadingZeros),
        other => Some(Fault::Type(Found::of(other))),
    }
}

fn zero_padded(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether more digits could bring the number within its bounds: with `n` more, `12` stands for everything from
/// `12 × 10ⁿ` to `13 × 10ⁿ − 1`.
fn integer_cannot_become_valid(minimum: i64, maximum: i64, typed: &str) -> bool {
    let (least, greatest) = (i128::from(minimum), i128::from(maximum));
    let typed = typed.trim_end();
    if typed.is_empty() {
        return false;
    }
    if typed == "-" {
        return least >= 0;
    }
    if !is_integer(typed) {
        return true;
    }
    let Ok(start) = typed.parse::<i128>() else { return true };
    let (mut near, mut far) = (start, start);
    // An i64 has at most 19 digits.
    for _ in 0..=19 {
        if near.min(far) <= greatest && near.max(far) >= least {
            return false;
        }
        if start == 0 || near.abs() > i128::from(u64::MAX) {
            return true;
        }
        near *= 10;
        far = far * 10 + 9 * start.signum();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const PORT: Kind = Kind::Integer { minimum: 1, maximum: 65535 };
    const TEXT: Kind = Kind::Text { max_length: Some(3), format: Format::Any };

    fn choices(values: &[Value]) -> Kind {
        let label = |value: &Value| {
            let shown = Safe::outside(&format!("<{value}>"));
            Words { pt: shown.clone(), en: shown }
        };
        Kind::Enumeration(values.iter().map(|value| Choice { value: value.clone(), label: label(value) }).collect())
    }

    #[test]
    fn what_is_typed_reads_as_the_type_or_stays_text() {
        let speeds = choices(&[json!(9600), json!(19200)]);
        let cases = [
            (&PORT, "5432", json!(5432)),
            (&PORT, " 5432 ", json!(5432)),
            (&PORT, "-1", json!(-1)),
            (&PORT, "0", json!(0)),
            (&PORT, "05432", json!("05432")),
            (&PORT, "-0", json!("-0")),
            (&PORT, "+1", json!("+1")),
            (&PORT, "1.0", json!("1.0")),
            (&PORT, "1e3", json!("1e3")),
            (&PORT, "", json!("")),
            (&PORT, "18446744073709551615", json!(u64::MAX)),
            (&PORT, "99999999999999999999", json!("99999999999999999999")),
            (&Kind::Boolean, "true", json!(true)),
            (&Kind::Boolean, "sim", json!("sim")),
            (&TEXT, " a ", json!(" a ")),
            (&TEXT, "1", json!("1")),
            (&speeds, "9600", json!(9600)),
            (&speeds, "300", json!(300)),
            (&speeds, "x", json!("x")),
        ];
        for (kind, text, value) in cases {
            assert_eq!(kind.typed(text), value, "{text:?}");
        }
    }

    #[test]
    fn an_argument_may_say_yes_and_no() {
        for (text, value) in
            [("sim", true), ("SIM", true), ("yes", true), ("true", true), ("não", false), ("nao", false), ("no", false)]
        {
            assert_eq!(Kind::Boolean.argument(text), json!(value), "{text:?}");
        }
        assert_eq!(Kind::Boolean.argument("talvez"), json!("talvez"));
        assert_eq!(TEXT.argument("sim"), json!("sim"));
    }

    #[test]
    fn integers_are_json_integers_within_bounds_and_nothing_else() {
        let cases = [
            (json!(1), None),
            (json!(65535), None),
            (json!(0), Some(Fault::OutOfRange)),
            (json!(65536), Some(Fault::OutOfRange)),
            (json!(-1), Some(Fault::OutOfRange)),
            (json!(u64::MAX), Some(Fault::OutOfRange)),
            (json!(1e30), Some(Fault::OutOfRange)),
            (json!("99999999999999999999"), Some(Fault::OutOfRange)),
            (json!(5432.0), Some(Fault::Type(Found::Decimal))),
            (json!(0.5), Some(Fault::Type(Found::Decimal))),
            (json!("5432"), Some(Fault::Type(Found::Quoted))),
            (json!("05432"), Some(Fault::LeadingZeros)),
            (json!("abc"), Some(Fault::Type(Found::Text))),
            (json!(""), Some(Fault::Type(Found::Empty))),
            (json!(null), Some(Fault::Type(Found::Null))),
            (json!(true), Some(Fault::Type(Found::Boolean))),
            (json!([1]), Some(Fault::Type(Found::List))),
            (json!({"a": 1}), Some(Fault::Type(Found::Object))),
        ];
        for (value, fault) in cases {
            assert_eq!(PORT.validate(&value), fault, "{value}");
        }
    }

    #[test]
    fn texts_are_counted_in_characters_and_hold_no_control_characters() {
        assert_eq!(TEXT.validate(&json!("çãé")), None);
        assert_eq!(TEXT.validate(&json!("")), None);
        assert_eq!(TEXT.validate(&json!("çãéi")), Some(Fault::TooLong));
        assert_eq!(TEXT.validate(&json!("a\nb")), Some(Fault::Control));
        assert_eq!(TEXT.validate(&json!(1)), Some(Fault::Type(Found::Number)));
        let path = Kind::Text { max_length: None, format: Format::Path };
        assert_eq!(path.validate(&json!("/a\0b")), Some(Fault::Control));
    }

    #[test]
    fn an_enumeration_takes_its_values_alone() {
        let kind = choices(&[json!("a"), json!("b")]);
        assert_eq!(kind.validate(&json!("a")), None);
        assert_eq!(kind.validate(&json!("c")), Some(Fault::NotAChoice));
        assert_eq!(kind.validate(&json!(1)), Some(Fault::Type(Found::Number)));
        let kind = choices(&[json!(1), json!(2)]);
        assert_eq!(kind.validate(&json!(3)), Some(Fault::NotAChoice));
        assert_eq!(kind.validate(&json!("1")), Some(Fault::Type(Found::Quoted)));
    }

    #[test]
    fn values_are_shown_as_people_read_them() {
        let shown = |kind: &Kind, value: Value| kind.shown(&value, Lang::Pt).as_str().to_string();
        assert_eq!(shown(&Kind::Boolean, json!(true)), "sim");
        assert_eq!(shown(&TEXT, json!("")), "(vazio)");
        assert_eq!(shown(&TEXT, json!("\u{1b}x")), "‹ESC›x");
        assert_eq!(shown(&PORT, json!(5432)), "5432");
        assert_eq!(shown(&PORT, json!("5432")), "\"5432\"");
        assert_eq!(shown(&choices(&[json!(1)]), json!(1)), "<1>");
        assert_eq!(PORT.bounds(Lang::Pt).as_str(), "de 1 a 65535");
        assert_eq!(TEXT.bounds(Lang::Pt).as_str(), "até 3 caracteres");
        assert_eq!(choices(&[json!(1), json!(2)]).bounds(Lang::En).as_str(), "one of: 1, 2");
    }

    #[test]
    fn words_wait_while_more_digits_could_still_help() {
        for open in ["", " ", "1", "65535", "6553", "9"] {
            assert!(!PORT.cannot_become_valid(open), "{open:?}");
        }
        for lost in
            ["0", "00", "01", "-", "-1", "65536", "70000", "655350", "a", "1 2", "1.", "99999999999999999999999"]
        {
            assert!(PORT.cannot_become_valid(lost), "{lost:?}");
        }
        let far = Kind::Integer { minimum: 100, maximum: 199 };
        assert!(
            !far.cannot_become_valid("1")
                && !far.cannot_become_valid("15")
                && far.cannot_become_valid("2")
                && far.cannot_become_valid("0")
        );
        assert!(!Kind::Boolean.cannot_become_valid("tr") && Kind::Boolean.cannot_become_valid("x"));
    }

    proptest! {
        #[test]
        fn the_start_of_a_valid_integer_is_never_hopeless(a: i64, b: i64, share in 0.0..=1.0f64) {
            let (minimum, maximum) = (a.min(b), a.max(b));
            let width = maximum as i128 - minimum as i128;
            let value = (minimum as i128 + (width as f64 * share) as i128).clamp(minimum as i128, maximum as i128);
            let kind = Kind::Integer { minimum, maximum };
            let text = value.to_string();
            for end in 0..=text.len() {
                prop_assert!(!kind.cannot_become_valid(&text[..end]), "{:?} of {minimum}..={maximum}", &text[..end]);
            }
        }

        #[test]
        fn a_hopeless_integer_stays_wrong_whatever_digits_follow(a in -300i64..300, b in -300i64..300, text in "-?[0-9]{1,3}", more in "[0-9]{0,3}") {
            let kind = Kind::Integer { minimum: a.min(b), maximum: a.max(b) };
            prop_assume!(kind.cannot_become_valid(&text));
            let whole = format!("{text}{more}");
            prop_assert!(kind.validate(&kind.typed(&whole)).is_some(), "{whole}");
        }

        #[test]
        fn nothing_typed_panics_or_is_lost(text in any::<String>()) {
            let kinds = [
                PORT, TEXT, Kind::Boolean, choices(&[json!("a")]), choices(&[json!(1)]),
                Kind::Text { max_length: None, format: Format::Host },
                Kind::Text { max_length: None, format: Format::Path },
                Kind::Text { max_length: None, format: Format::SqlIdentifier },
            ];
            for kind in kinds {
                let value = kind.typed(&text);
                let raw = kind.raw(&value);
                prop_assert_eq!(raw.trim(), text.trim());
                kind.validate(&value);
                kind.cannot_become_valid(&text);
                kind.shown(&value, Lang::Pt);
            }
        }
    }
}
