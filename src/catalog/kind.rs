//! What values a parameter takes: types, bounds, formats; how they are typed and shown.

use serde_json::Value;

use super::Words;
use super::rule::Fault;
use crate::lang::Lang;
use crate::safe::Safe;

/// Type and bounds of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A whole number, bounds included.
    Integer {
        /// The least.
        minimum: i64,
        /// The greatest.
        maximum: i64,
    },
    /// A text of at most `max_length` characters (code points).
    Text {
        /// At most so many characters, where bounded.
        max_length: Option<usize>,
        /// What the text must look like.
        format: Format,
    },
    /// One of a list.
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

impl Kind {
    /// Reads what was typed in a field. Never fails: what does not read as the type is kept as the text it is
    /// (a JSON string), for [`Kind::judge`] to refuse in words, so that no typing is lost.
    pub fn typed(&self, _text: &str) -> Value {
        todo!()
    }

    /// Reads a `KEY=VALUE` argument: as [`Kind::typed`], and booleans also as `true/false`, `sim/não/nao`, `yes/no`.
    pub fn argument(&self, _text: &str) -> Value {
        todo!()
    }

    /// The value as it stands in a field being edited: texts bare, numbers in digits, `true`/`false`; any other
    /// JSON (only ever invalid) in JSON. `typed(raw(v)) == v` for valid values.
    pub fn raw(&self, _value: &Value) -> String {
        todo!()
    }

    /// The value as a person reads it: `sim`/`não`, an enumeration's label, `(vazio)` for an empty text.
    pub fn shown(&self, _value: &Value, _lang: Lang) -> Safe {
        todo!()
    }

    /// The bounds in words: `de 1 a 65535`, `até 20 caracteres`, `sim ou não`.
    pub fn bounds(&self, _lang: Lang) -> Safe {
        todo!()
    }

    /// Why the value is not of this kind, if it is not. Errors and warnings of the value alone.
    pub fn judge(&self, _value: &Value) -> Option<Fault> {
        todo!()
    }

    /// True where no continuation of the typed text could be valid (so that words may come while typing).
    pub fn hopeless(&self, _typed: &str) -> bool {
        todo!()
    }
}
