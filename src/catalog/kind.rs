//! What values a parameter takes: a format and the bounds that the catalog gives it.
//!
//! Defines what a format is; the formats themselves are files of `catalog/format/`.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::Pattern;
use super::fault::{Fault, Level, Told};
use crate::lang::{Lang, Localized};
use crate::safe::Safe;
use crate::say;

/// The values of a parameter: a format and its bounds.
#[derive(Clone, Debug, PartialEq)]
pub struct Kind {
    pub format: &'static Format,
    pub bounds: Bounds,
}

/// Which values of the format are allowed. Bounds that the format does not use have their defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct Bounds {
    /// Of a whole number; itself included.
    pub minimum: i64,
    /// Of a whole number; itself included.
    pub maximum: i64,
    /// Of a text, in characters (code points).
    pub max_length: Option<usize>,
    /// That a text is held to, where it has one; it is then bounded in length, too.
    pub pattern: Option<Arc<Pattern>>,
    /// Of an enumeration: never empty, all of them texts or all whole numbers.
    pub choices: Vec<Choice>,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { minimum: i64::MIN, maximum: i64::MAX, max_length: None, pattern: None, choices: vec![] }
    }
}

/// One value of an enumeration.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// As stored in the document.
    pub value: Value,
    /// As shown; the value itself where the catalog has no label.
    pub label: Localized,
}

/// A value format: all that catalog files, schema and front ends need to know about it. Formats of texts start from
/// `text::FORMAT`.
#[derive(Clone, Copy)]
pub struct Format {
    /// Its name in reports, e.g. `sql_identifier`.
    pub name: &'static str,
    /// The values of `type` in a catalog file and in the schema.
    pub json_types: &'static [&'static str],
    /// The value of `format` there, where a JSON type has several formats.
    pub keyword: Option<&'static str>,
    pub bounded_by: BoundedBy,
    pub widget: Widget,
    /// Reads what was typed in a field; `None` where it does not read as this format.
    pub typed: fn(&Bounds, &str) -> Option<Value>,
    /// Reads more words in a `KEY=VALUE` argument, which it gets trimmed and in lower case.
    pub argument: fn(&str) -> Option<Value>,
    /// The value so many steps further; `None` where values are typed.
    pub step: fn(&Bounds, &Value, isize) -> Option<Value>,
    /// The bounds in words: `de 1 a 65535`.
    pub describe: fn(&Bounds, Lang) -> Safe,
    /// What is wrong with the value, if anything: an error, else a warning.
    pub validate: fn(&Bounds, &Value) -> Option<Fault>,
    /// True where no continuation of the typed text can be valid. May miss a case, never invents one.
    pub cannot_become_valid: fn(&Bounds, &str) -> bool,
}

/// The keywords by which a catalog file bounds a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoundedBy {
    Nothing,
    /// `minimum` and `maximum`.
    Range,
    /// `maxLength` and `pattern`.
    Length,
    /// `enum` and `labels`.
    Choices,
}

/// How the form shows a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Widget {
    Checkbox,
    /// A line to type in.
    Field,
    Choice,
}

impl Widget {
    /// Its name in a catalog file.
    pub(super) fn name(self) -> &'static str {
        match self {
            Widget::Checkbox => "checkbox",
            Widget::Field => "field",
            Widget::Choice => "choice",
        }
    }
}

impl PartialEq for Format {
    fn eq(&self, other: &Format) -> bool {
        self.name == other.name
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name)
    }
}

impl Kind {
    pub fn is(&self, format: &Format) -> bool {
        self.format == format
    }

    pub(super) fn json_type(&self) -> &'static str {
        match self.bounds.choices.first() {
            Some(choice) if choice.value.is_string() => "string",
            Some(_) => "integer",
            None => self.format.json_types.first().copied().unwrap_or_default(),
        }
    }

    /// Reads what was typed in a field. Never fails: what does not read as the format is kept as the text it is
    /// (a JSON string), and [`Kind::validate`] refuses it: nothing typed is lost. Blanks around it are dropped, but in a
    /// text without a further format, where they are kept.
    pub fn typed(&self, text: &str) -> Value {
        (self.format.typed)(&self.bounds, text).unwrap_or_else(|| Value::from(text))
    }

    /// Reads a `KEY=VALUE` argument: as [`Kind::typed`], and booleans also as `true/false`, `sim/não/nao`, `yes/no`,
    /// in small or capital letters.
    pub fn argument(&self, text: &str) -> Value {
        (self.format.argument)(&text.trim().to_lowercase()).unwrap_or_else(|| self.typed(text))
    }

    /// The value of a checkbox or an enumeration so many steps further; `None` where values are typed.
    pub fn step(&self, value: &Value, by: isize) -> Option<Value> {
        (self.format.step)(&self.bounds, value, by)
    }

    /// The value as it stands in a field being edited: texts bare, numbers in digits, `true`/`false`; any other
    /// JSON (only ever invalid) in JSON. `typed(raw(v)) == v` for valid values.
    pub fn raw(&self, value: &Value) -> String {
        raw(value)
    }

    /// The value as a person reads it: `sim`/`não`, an enumeration's label, `(vazio)` for an empty text. A text in
    /// place of another type keeps its quotes.
    pub fn shown(&self, value: &Value, lang: Lang) -> Safe {
        let chosen = self.bounds.choices.iter().find(|choice| choice.value == *value);
        match (chosen, value) {
            (Some(choice), _) => choice.label.of(lang).clone(),
            (None, Value::Bool(true)) => say!(lang, "sim", "yes"),
            (None, Value::Bool(false)) => say!(lang, "não", "no"),
            (None, Value::String(text)) if text.is_empty() => say!(lang, "(vazio)", "(empty)"),
            (None, Value::String(text)) if self.format.bounded_by == BoundedBy::Length => Safe::outside(text),
            (None, other) => Safe::outside(&other.to_string()),
        }
    }

    /// The bounds in words: `de 1 a 65535`, `até 20 caracteres`, `sim ou não`; where there is a pattern, what the catalog calls
    /// the texts that fit it.
    pub fn bounds(&self, lang: Lang) -> Safe {
        match &self.bounds.pattern {
            Some(pattern) => pattern.expected(lang),
            None => (self.format.describe)(&self.bounds, lang),
        }
    }

    /// What is wrong with the value by itself, if anything: an error, else a warning.
    pub fn validate(&self, value: &Value) -> Option<Fault> {
        let mut fault = match (self.format.validate)(&self.bounds, value) {
            Some(fault) if fault.level == Level::Error => fault,
            // A warning gives way to an error.
            other => self.misfit(value).or(other)?,
        };
        if fault.summary == Localized::default() {
            fault.summary = Localized::each(|lang| (self.format.describe)(&self.bounds, lang));
        }
        if let Told::Bounds(bounds) = &mut fault.told
            && *bounds == Localized::default()
        {
            *bounds = Localized::each(|lang| (self.format.describe)(&self.bounds, lang));
        }
        Some(fault)
    }

    /// A text that does not fit the pattern.
    fn misfit(&self, value: &Value) -> Option<Fault> {
        let pattern = self.bounds.pattern.as_ref()?;
        (!pattern.fits(value.as_str()?)).then(|| pattern.fault())
    }

    /// True where no continuation of the typed text can be valid, so that a message may come while typing.
    pub fn cannot_become_valid(&self, typed: &str) -> bool {
        (self.format.cannot_become_valid)(&self.bounds, typed)
    }
}

/// A value as it is typed: texts bare, everything else in JSON.
pub(super) fn raw(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
