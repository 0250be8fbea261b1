//! What can be wrong with a value, in words.
//!
//! A fault is made where it is found, with its text in both languages, so that a new one needs no second place.

use serde_json::Value;

use crate::key::Key;
use crate::lang::{Lang, Localized};
use crate::safe::Safe;
use crate::{localized, safe, say};

/// How bad a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Shown, but the document can be saved.
    Warning,
    /// The document cannot be saved.
    Error,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// A stable word for programs, snake case: `out_of_range`, `same_as`…
    pub code: &'static str,
    pub level: Level,
    /// What is expected instead, short enough to stand beside the field; the bounds where nothing else is said.
    pub summary: Localized,
    /// What the value is, where a document spells one of another type: ` (texto, por causa das aspas)`.
    pub found: Localized,
    /// The end of the sentence that starts with the key and its value: `; deve estar entre 1 e 65535`.
    pub ending: Localized,
    /// The same for whoever sees title and value beside it, in words without a key.
    pub told: Told,
    /// The parameter whose value this one does not go with, where the fault is one of both.
    pub other: Option<Key>,
}

/// A sentence of a front end that shows the parameter's title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// That the value is not valid, and these bounds.
    Bounds(Localized),
    /// What follows the value: `contém a porta; escreva só o endereço`.
    OfValue(Localized),
    /// All of it, where the value tells nothing.
    Whole(Localized),
}

/// The code of a number outside its bounds. Digits that no number type holds are kept as a text; they are shown without quotes.
pub(super) const OUT_OF_RANGE: &str = "out_of_range";

impl Fault {
    /// An error that the bounds explain.
    pub(super) fn of_bounds(code: &'static str, ending: Localized) -> Fault {
        Fault::error(code, Localized::default(), ending)
    }

    pub(super) fn error(code: &'static str, summary: Localized, ending: Localized) -> Fault {
        let (found, told) = (Localized::default(), Told::Bounds(Localized::default()));
        Fault { code, level: Level::Error, summary, found, ending, told, other: None }
    }

    /// A fault in a text: the same message beside the field and at the end of the sentence.
    pub(super) fn of_text(code: &'static str, level: Level, message: Localized) -> Fault {
        let ending = Localized::each(|lang| safe!(": {}", message.of(lang)));
        let told = Told::OfValue(message.clone());
        Fault { level, told, ..Fault::error(code, message, ending) }
    }

    /// The same with these few words beside the field.
    pub(super) fn tagged(self, summary: Localized) -> Fault {
        Fault { summary, ..self }
    }

    pub(super) fn told(self, told: Told) -> Fault {
        Fault { told, ..self }
    }

    /// A fault of two values that do not go together.
    pub(super) fn with(self, other: &Key) -> Fault {
        Fault { other: Some(other.clone()), ..self }
    }

    /// The end of a sentence about a value that is no `expected`.
    pub(super) fn must_be(expected: impl Fn(Lang) -> Safe) -> Localized {
        Localized::each(|lang| say!(lang, "; deve ser {}", "; it must be {}", expected(lang)))
    }

    /// Another JSON type than expected; `expected` follows "deve ser".
    pub(super) fn wrong_type(value: &Value, expected: impl Fn(Lang) -> Safe) -> Fault {
        let fault = Fault::wrong_type_found(name_type(value), expected);
        if !is_in_quotes(value) {
            return fault;
        }
        fault.tagged(localized!("texto, no arquivo", "a text, in the file")).told(Told::OfValue(localized!(
            "está no arquivo entre aspas, como texto: informe o valor de novo",
            "is in quotes in the file, as a text: enter the value again"
        )))
    }

    /// The same, with the words for what was found.
    pub(super) fn wrong_type_found(found: Option<Localized>, expected: impl Fn(Lang) -> Safe) -> Fault {
        let ending = Fault::must_be(expected);
        let found = found.map(|found| Localized::each(|lang| safe!(" ({})", found.of(lang)))).unwrap_or_default();
        Fault { found, ..Fault::of_bounds("wrong_type", ending) }
    }
}

/// `None` for an empty text, which the sentence calls empty already.
fn name_type(value: &Value) -> Option<Localized> {
    Some(match value {
        Value::Null => localized!("nulo", "null"),
        Value::Bool(_) => localized!("sim/não", "yes/no"),
        Value::Number(_) => localized!("número", "a number"),
        Value::String(text) if text.trim().is_empty() => return None,
        Value::String(_) if is_in_quotes(value) => {
            localized!("texto, por estar entre aspas", "a text, as it is in quotes")
        }
        Value::String(_) => localized!("texto", "a text"),
        Value::Array(_) => localized!("lista", "a list"),
        Value::Object(_) => localized!("objeto", "an object"),
    })
}

/// A value of another type, but for the quotes that a document has around it.
fn is_in_quotes(value: &Value) -> bool {
    value.as_str().is_some_and(|text| is_integer(text.trim()) || text == "true" || text == "false")
}

/// What stands between quotes that somebody typed or pasted with it.
pub(super) fn unquoted(text: &str) -> Option<&str> {
    let pairs = [('"', '"'), ('\'', '\''), ('“', '”'), ('‘', '’'), ('«', '»')];
    pairs.iter().find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close))
}

/// A text in quotes, where the quotes are no part of any value.
pub(super) fn in_quotes(code: &'static str, level: Level) -> Fault {
    let message = localized!("está entre aspas; informe sem aspas", "is in quotes; enter it without them");
    Fault::of_text(code, level, message).tagged(localized!("tem aspas", "has quotes"))
}

/// True for `0`, `42`, `-7`; false for `-0`, `007`, `+7`, an empty text.
pub(super) fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let leading_zero = digits.starts_with('0') && text != "0";
    !digits.is_empty() && !leading_zero && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A character as it stands in a sentence.
pub(super) fn quoted(symbol: char) -> Safe {
    Safe::outside(symbol.encode_utf8(&mut [0; 4]))
}
