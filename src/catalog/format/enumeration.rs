//! One value out of a list: texts or whole numbers, each with a label.

use serde_json::Value;

use super::{integer, text};
use crate::catalog::fault::Fault;
use crate::catalog::kind::{BoundedBy, Bounds, Format, Widget, raw};
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;

pub const FORMAT: Format = Format {
    name: "enumeration",
    json_types: &["integer", "string"],
    keyword: None,
    bounded_by: BoundedBy::Choices,
    widget: Widget::Choice,
    typed,
    argument: |_| None,
    step,
    describe,
    validate,
    cannot_become_valid: |bounds, typed| {
        !bounds.choices.iter().any(|choice| {
            let value = raw(&choice.value);
            value.starts_with(typed) || value.starts_with(typed.trim_start()) || value == typed.trim()
        })
    },
};

fn typed(bounds: &Bounds, typed: &str) -> Option<Value> {
    let bare = text::bare(typed);
    let chosen = |text: &str| bounds.choices.iter().find(|choice| raw(&choice.value) == text);
    let is_of_numbers = bounds.choices.iter().any(|choice| choice.value.is_number());
    let number = || integer::read(bare).filter(|_| is_of_numbers);
    chosen(typed).or_else(|| chosen(bare)).map(|choice| choice.value.clone()).or_else(number)
}

/// Goes round the list; a value that is not in it is followed by the first.
fn step(bounds: &Bounds, value: &Value, by: isize) -> Option<Value> {
    let at = bounds.choices.iter().position(|choice| choice.value == *value);
    let next = at.map_or(0, |at| (at as isize + by).rem_euclid(bounds.choices.len() as isize) as usize);
    bounds.choices.get(next).map(|choice| choice.value.clone())
}

fn describe(bounds: &Bounds, lang: Lang) -> Safe {
    let values: Vec<Safe> = bounds.choices.iter().map(|choice| Safe::outside(&raw(&choice.value))).collect();
    say!(lang, "um de: {}", "one of: {}", Safe::join(&values, ", "))
}

fn validate(bounds: &Bounds, value: &Value) -> Option<Fault> {
    if bounds.choices.iter().any(|choice| choice.value == *value) {
        return None;
    }
    let is_same_type = bounds.choices.iter().all(|choice| choice.value.is_string() == value.is_string());
    if !is_same_type || !(value.is_string() || value.is_number()) {
        return Some(Fault::wrong_type(value, |lang| describe(bounds, lang)));
    }
    let other = Fault::wrong_type_found(None, |lang| describe(bounds, lang));
    Some(Fault { code: "not_a_choice", ..other })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog::kind::{Choice, Kind};
    use crate::lang::Localized;

    fn choices(values: &[Value]) -> Kind {
        let label = |value: &Value| Localized::each(|_| Safe::outside(&format!("<{value}>")));
        let choices = values.iter().map(|value| Choice { value: value.clone(), label: label(value) }).collect();
        Kind { format: &FORMAT, bounds: Bounds { choices, ..Bounds::default() } }
    }

    #[test]
    fn an_enumeration_takes_its_values_alone() {
        let code = |kind: &Kind, value: Value| kind.validate(&value).map(|fault| fault.code);
        let kind = choices(&[json!("a"), json!("b")]);
        assert_eq!(code(&kind, json!("a")), None);
        assert_eq!(code(&kind, json!("c")), Some("not_a_choice"));
        assert_eq!(code(&kind, json!(1)), Some("wrong_type"));
        let kind = choices(&[json!(1), json!(2)]);
        assert_eq!(code(&kind, json!(3)), Some("not_a_choice"));
        assert_eq!(code(&kind, json!("1")), Some("wrong_type"));
    }

    #[test]
    fn a_choice_is_typed_by_its_value_and_shown_by_its_label() {
        let speeds = choices(&[json!(9600), json!(19200)]);
        for (text, value) in [("9600", json!(9600)), ("300", json!(300)), ("x", json!("x"))] {
            assert_eq!(speeds.typed(text), value, "{text:?}");
        }
        assert_eq!(speeds.shown(&json!(9600), Lang::Pt).as_str(), "<9600>");
        assert_eq!(speeds.bounds(Lang::En).as_str(), "one of: 9600, 19200");
    }

    #[test]
    fn steps_go_round_the_list() {
        let speeds = choices(&[json!(300), json!(9600), json!(19200)]);
        for (from, by, to) in [(300, 1, 9600), (19200, 1, 300), (300, -1, 19200), (7, 1, 300)] {
            assert_eq!(speeds.step(&json!(from), by), Some(json!(to)));
        }
    }
}
