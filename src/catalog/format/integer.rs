//! A whole number within bounds.

use serde_json::Value;

use super::text::bare;
use crate::catalog::fault::{Fault, OUT_OF_RANGE, Told, is_integer};
use crate::catalog::kind::{BoundedBy, Bounds, Format, Widget};
use crate::lang::{Lang, Localized};
use crate::safe::Safe;
use crate::{localized, say};

pub const FORMAT: Format = Format {
    name: "integer",
    json_types: &["integer"],
    keyword: None,
    bounded_by: BoundedBy::Range,
    widget: Widget::Field,
    typed: |_, text| read(bare(text)),
    argument: |_| None,
    step: |_, _, _| None,
    describe,
    validate,
    cannot_become_valid,
};

/// A whole number in JSON's spelling (no `+`, no leading zeros, no `-0`). One beyond `u64` stays a text, so that no digit
/// is lost.
pub(super) fn read(text: &str) -> Option<Value> {
    if !is_integer(text) {
        return None;
    }
    text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<u64>().map(Value::from)).ok()
}

fn describe(bounds: &Bounds, lang: Lang) -> Safe {
    match (bounds.minimum, bounds.maximum) {
        (i64::MIN, i64::MAX) => say!(lang, "um número inteiro", "a whole number"),
        (i64::MIN, maximum) => say!(lang, "até {}", "up to {}", maximum),
        (minimum, i64::MAX) => say!(lang, "a partir de {}", "from {} up", minimum),
        (minimum, maximum) => say!(lang, "de {} a {}", "from {} to {}", minimum, maximum),
    }
}

/// What the value must be, to follow "deve ser".
fn expected(bounds: &Bounds, lang: Lang) -> Safe {
    match (bounds.minimum, bounds.maximum) {
        (i64::MIN, i64::MAX) => describe(bounds, lang),
        _ => say!(lang, "um número inteiro {}", "a whole number {}", describe(bounds, lang)),
    }
}

fn validate(bounds: &Bounds, value: &Value) -> Option<Fault> {
    /// From here on every double is whole, and beyond every `i64`.
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    match value {
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) if (bounds.minimum..=bounds.maximum).contains(&whole) => None,
            (Some(_), _) => Some(out_of_range(bounds)),
            (None, _) if number.is_u64() => Some(out_of_range(bounds)),
            (None, Some(double)) if double.abs() >= BEYOND => Some(out_of_range(bounds)),
            _ => {
                let found = localized!("número não inteiro", "not a whole number");
                Some(of_another_type(bounds, Fault::wrong_type_found(Some(found), |lang| expected(bounds, lang))))
            }
        },
        // Digits that no number type holds (see `read`) are out of range, not a text.
        Value::String(text) if is_integer(text.trim()) && read(text.trim()).is_none() => Some(out_of_range(bounds)),
        Value::String(text) if is_zero_padded(text.trim()) => Some(leading_zeros(bounds)),
        Value::String(text) if is_in_quotes(text) => Some(in_quotes(bounds)),
        _ => Some(of_another_type(bounds, Fault::wrong_type(value, |lang| expected(bounds, lang)))),
    }
}

/// The bounds alone would not say that only a whole number will do.
fn of_another_type(bounds: &Bounds, fault: Fault) -> Fault {
    match fault.told {
        Told::Bounds(_) => fault.told(Told::Bounds(Localized::each(|lang| expected(bounds, lang)))),
        _ => fault,
    }
}

/// A number in quotes that somebody typed or pasted with it, or has begun to.
fn is_in_quotes(text: &str) -> bool {
    let digits = bare(text).trim_matches(['"', '\'', '“', '”', '‘', '’']);
    digits.len() < bare(text).len() && is_integer(digits)
}

fn in_quotes(bounds: &Bounds) -> Fault {
    let ending = Localized::each(|lang| {
        let expected = expected(bounds, lang);
        say!(lang, "; deve ser {}, sem aspas", "; it must be {}, without quotes", expected)
    });
    let told = localized!("tem aspas: informe só o número", "has quotes: enter the number alone");
    let fault = Fault::error("wrong_type", localized!("tem aspas", "has quotes"), ending).told(Told::OfValue(told));
    Fault { found: localized!(" (texto, com aspas)", " (a text, with quotes)"), ..fault }
}

fn out_of_range(bounds: &Bounds) -> Fault {
    let ending = match (bounds.minimum, bounds.maximum) {
        (minimum, i64::MAX) if minimum > i64::MIN => {
            localized!("; deve ser no mínimo {}", "; it must be at least {}", minimum)
        }
        (i64::MIN, maximum) if maximum < i64::MAX => {
            localized!("; deve ser no máximo {}", "; it must be at most {}", maximum)
        }
        (minimum, maximum) => {
            localized!("; deve estar entre {} e {}", "; it must be between {} and {}", minimum, maximum)
        }
    };
    Fault::of_bounds(OUT_OF_RANGE, ending)
}

/// `05432`, which JSON does not have.
fn leading_zeros(bounds: &Bounds) -> Fault {
    let ending = Localized::each(|lang| {
        let expected = expected(bounds, lang);
        say!(lang, "; deve ser {}, sem zeros à esquerda", "; it must be {}, without leading zeros", expected)
    });
    let told = localized!("tem zeros à esquerda: informe sem os zeros", "has leading zeros: enter it without them");
    let summary = localized!("sem zeros à esquerda", "no leading zeros");
    Fault::error("leading_zeros", summary, ending).told(Told::OfValue(told))
}

fn is_zero_padded(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether more digits could bring the number within its bounds: with `n` more, `12` stands for everything from
/// `12 × 10ⁿ` to `13 × 10ⁿ − 1`.
fn cannot_become_valid(bounds: &Bounds, typed: &str) -> bool {
    let (least, greatest) = (i128::from(bounds.minimum), i128::from(bounds.maximum));
    let typed = bare(typed);
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
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::catalog::kind::Kind;

    fn within(minimum: i64, maximum: i64) -> Kind {
        Kind { format: &FORMAT, bounds: Bounds { minimum, maximum, ..Bounds::default() } }
    }

    fn port() -> Kind {
        within(1, 65535)
    }

    #[test]
    fn what_is_typed_reads_as_a_number_or_stays_text() {
        for (text, value) in [
            ("5432", json!(5432)),
            (" 5432 ", json!(5432)),
            ("\u{a0}5432\t\u{200b}", json!(5432)),
            ("\"5432\"", json!("\"5432\"")),
            ("-1", json!(-1)),
            ("0", json!(0)),
            ("05432", json!("05432")),
            ("-0", json!("-0")),
            ("+1", json!("+1")),
            ("1.0", json!("1.0")),
            ("1e3", json!("1e3")),
            ("", json!("")),
            ("18446744073709551615", json!(u64::MAX)),
            ("99999999999999999999", json!("99999999999999999999")),
        ] {
            assert_eq!(port().typed(text), value, "{text:?}");
        }
    }

    #[test]
    fn integers_are_json_integers_within_bounds_and_nothing_else() {
        let cases = [
            (json!(1), None),
            (json!(65535), None),
            (json!(0), Some("; deve estar entre 1 e 65535")),
            (json!(65536), Some("; deve estar entre 1 e 65535")),
            (json!(-1), Some("; deve estar entre 1 e 65535")),
            (json!(u64::MAX), Some("; deve estar entre 1 e 65535")),
            (json!(1e30), Some("; deve estar entre 1 e 65535")),
            (json!("99999999999999999999"), Some("; deve estar entre 1 e 65535")),
            (json!(5432.0), Some(" (número não inteiro); deve ser um número inteiro de 1 a 65535")),
            (json!(0.5), Some(" (número não inteiro); deve ser um número inteiro de 1 a 65535")),
            (json!("5432"), Some(" (texto, por estar entre aspas); deve ser um número inteiro de 1 a 65535")),
            (json!("05432"), Some("; deve ser um número inteiro de 1 a 65535, sem zeros à esquerda")),
            (json!("\"5432\""), Some(" (texto, com aspas); deve ser um número inteiro de 1 a 65535, sem aspas")),
            (json!("abc"), Some(" (texto); deve ser um número inteiro de 1 a 65535")),
            (json!(""), Some("; deve ser um número inteiro de 1 a 65535")),
            (json!(null), Some(" (nulo); deve ser um número inteiro de 1 a 65535")),
            (json!(true), Some(" (sim/não); deve ser um número inteiro de 1 a 65535")),
            (json!([1]), Some(" (lista); deve ser um número inteiro de 1 a 65535")),
            (json!({"a": 1}), Some(" (objeto); deve ser um número inteiro de 1 a 65535")),
        ];
        for (value, ending) in cases {
            let told = port().validate(&value).map(|fault| format!("{}{}", fault.found.pt, fault.ending.pt));
            assert_eq!(told.as_deref(), ending, "{value}");
        }
    }

    #[test]
    fn bounds_are_told_as_people_say_them() {
        for (kind, bounds) in [
            (port(), "de 1 a 65535"),
            (within(i64::MIN, 9), "até 9"),
            (within(9, i64::MAX), "a partir de 9"),
            (within(i64::MIN, i64::MAX), "um número inteiro"),
        ] {
            assert_eq!(kind.bounds(Lang::Pt).as_str(), bounds);
        }
        assert_eq!(port().shown(&json!(5432), Lang::Pt).as_str(), "5432");
        assert_eq!(port().shown(&json!("5432"), Lang::Pt).as_str(), "\"5432\"");
    }

    #[test]
    fn words_wait_while_more_digits_could_still_help() {
        for open in ["", " ", "1", "65535", "6553", "9"] {
            assert!(!port().cannot_become_valid(open), "{open:?}");
        }
        for lost in
            ["0", "00", "01", "-", "-1", "65536", "70000", "655350", "a", "1 2", "1.", "99999999999999999999999"]
        {
            assert!(port().cannot_become_valid(lost), "{lost:?}");
        }
        let far = within(100, 199);
        for (typed, lost) in [("1", false), ("15", false), ("2", true), ("0", true)] {
            assert_eq!(far.cannot_become_valid(typed), lost, "{typed:?}");
        }
    }

    proptest! {
        #[test]
        fn the_start_of_a_valid_integer_can_become_valid(a: i64, b: i64, share in 0.0..=1.0f64) {
            let (minimum, maximum) = (a.min(b), a.max(b));
            let width = maximum as i128 - minimum as i128;
            let value = (minimum as i128 + (width as f64 * share) as i128).clamp(minimum as i128, maximum as i128);
            let text = value.to_string();
            for end in 0..=text.len() {
                let open = !within(minimum, maximum).cannot_become_valid(&text[..end]);
                prop_assert!(open, "{:?} of {minimum}..={maximum}", &text[..end]);
            }
        }

        #[test]
        fn what_cannot_become_valid_stays_wrong_whatever_digits_follow(a in -300i64..300, b in -300i64..300, text in "-?[0-9]{1,3}", more in "[0-9]{0,3}") {
            let kind = within(a.min(b), a.max(b));
            prop_assume!(kind.cannot_become_valid(&text));
            let whole = format!("{text}{more}");
            prop_assert!(kind.validate(&kind.typed(&whole)).is_some(), "{whole}");
        }
    }
}
