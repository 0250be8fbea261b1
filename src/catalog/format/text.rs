//! A text without control characters. The other formats of texts build on it.

use serde_json::Value;

use crate::catalog::fault::{Fault, Told};
use crate::catalog::kind::{BoundedBy, Bounds, Format, Widget};
use crate::lang::Lang;
use crate::safe::Safe;
use crate::{localized, say};

pub const FORMAT: Format = Format {
    name: "text",
    json_types: &["string"],
    keyword: None,
    bounded_by: BoundedBy::Length,
    widget: Widget::Field,
    typed: |_, _| None,
    argument: |_| None,
    step: |_, _, _| None,
    describe,
    validate: |bounds, value| validate(bounds, value, |_| None),
    cannot_become_valid,
};

fn describe(bounds: &Bounds, lang: Lang) -> Safe {
    match bounds.max_length {
        Some(1) => say!(lang, "até 1 caractere", "up to 1 character"),
        Some(most) => say!(lang, "até {} caracteres", "up to {} characters", most),
        None => say!(lang, "qualquer texto", "any text"),
    }
}

/// Without the blanks around it, also those that nobody sees: what is pasted from a chat or a document brings them.
pub(super) fn bare(text: &str) -> &str {
    let is_unseen = |symbol| matches!(symbol, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
    text.trim_matches(|symbol: char| symbol.is_whitespace() || is_unseen(symbol))
}

/// What is wrong with a text of some format: `fault_of` has the format's own faults.
pub(super) fn validate(bounds: &Bounds, value: &Value, fault_of: impl Fn(&str) -> Option<Fault>) -> Option<Fault> {
    let Value::String(text) = value else {
        let told = localized!(
            "não é um texto, no arquivo: informe o valor de novo",
            "is not a text, in the file: enter the value again"
        );
        return Some(Fault::wrong_type(value, |lang| say!(lang, "um texto", "a text")).told(Told::OfValue(told)));
    };
    if text.chars().any(char::is_control) {
        let ending = localized!(
            "; contém caracteres de controle, que não são aceitos",
            "; it contains control characters, which are not accepted"
        );
        let summary = localized!("sem caracteres de controle", "no control characters");
        let told = Told::OfValue(localized!(
            "contém caracteres de controle; digite o valor de novo",
            "contains control characters; type the value again"
        ));
        return Some(Fault::error("control_character", summary, ending).told(told));
    }
    // The length comes before the format's own faults, so that the catalog's bound is always mentioned, but after control
    // characters, which the screen has to spell out.
    let length = text.chars().count();
    match bounds.max_length {
        Some(most) if length > most => {
            let ending = localized!(
                " e tem {} caracteres; o máximo é {}",
                " and has {} characters; the maximum is {}",
                length,
                most
            );
            let told =
                localized!("tem {} caracteres: informe até {}", "has {} characters: enter up to {}", length, most);
            Some(Fault::of_bounds("too_long", ending).told(Told::OfValue(told)))
        }
        _ => fault_of(text),
    }
}

/// True where the text cannot become valid in any format.
pub(super) fn cannot_become_valid(bounds: &Bounds, typed: &str) -> bool {
    typed.chars().any(char::is_control) || bounds.max_length.is_some_and(|most| typed.chars().nth(most).is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog::kind::Kind;

    #[test]
    fn texts_are_counted_in_characters_and_hold_no_control_characters() {
        let kind = Kind { format: &FORMAT, bounds: Bounds { max_length: Some(3), ..Bounds::default() } };
        let code = |value: Value| kind.validate(&value).map(|fault| fault.code);
        assert_eq!(code(json!("çãé")), None);
        assert_eq!(code(json!("")), None);
        assert_eq!(code(json!("çãéi")), Some("too_long"));
        assert_eq!(code(json!("a\nb")), Some("control_character"));
        assert_eq!(code(json!(1)), Some("wrong_type"));
        let path = Kind { format: &super::super::path::FORMAT, bounds: Bounds::default() };
        assert_eq!(path.validate(&json!("/a\0b")).map(|fault| fault.code), Some("control_character"));
    }

    #[test]
    fn texts_are_typed_and_shown_as_they_are() {
        let kind = Kind { format: &FORMAT, bounds: Bounds { max_length: Some(3), ..Bounds::default() } };
        for text in [" a ", "1", "sim"] {
            assert_eq!((kind.typed(text), kind.argument(text)), (json!(text), json!(text)));
        }
        assert_eq!(kind.shown(&json!(""), Lang::Pt).as_str(), "(vazio)");
        assert_eq!(kind.shown(&json!("\u{1b}x"), Lang::Pt).as_str(), "‹ESC›x");
        assert_eq!(kind.bounds(Lang::Pt).as_str(), "até 3 caracteres");
    }
}
