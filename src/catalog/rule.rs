//! What is wrong with values: one by one, and held against each other.

mod words;

use serde_json::Value;

use super::kind::host::HostFault;
use super::kind::identifier::IdentifierFault;
use super::kind::path::PathFault;
use super::kind::{Kind, is_integer};
use super::{Catalog, Parameter};
use crate::key::Key;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Said, and nothing is held up by it.
    Warning,
    /// Nothing is saved while it lasts.
    Error,
}

/// What is wrong with one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not of the parameter's type.
    Type(Found),
    /// A whole number out of its bounds.
    OutOfRange,
    /// A whole number with zeros before it (`05432`), which JSON does not have.
    LeadingZeros,
    TooLong,
    /// None of the enumeration's values.
    NotAChoice,
    /// A text with a control character.
    Control,
    /// No address of a server.
    Host(HostFault),
    Path(PathFault),
    /// No name of a table.
    Identifier(IdentifierFault),
    /// Required to differ from this parameter, which has the same value.
    SameAs(Key),
    /// `true` here requires this parameter to be `true`.
    Requires(Key),
}

/// What was found where another type was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Null,
    Boolean,
    /// A number with decimals or an exponent: `5432.0`, `1e3`.
    Decimal,
    /// Any number, where none belongs.
    Number,
    Text,
    /// A whole number or a boolean between quotes: `"5432"`.
    Quoted,
    Empty,
    List,
    Object,
}

impl Found {
    pub(super) fn of(value: &Value) -> Found {
        match value {
            Value::Null => Found::Null,
            Value::Bool(_) => Found::Boolean,
            Value::Number(_) => Found::Number,
            Value::String(text) if text.trim().is_empty() => Found::Empty,
            Value::String(text) if is_integer(text.trim()) || text == "true" || text == "false" => Found::Quoted,
            Value::String(_) => Found::Text,
            Value::Array(_) => Found::List,
            Value::Object(_) => Found::Object,
        }
    }
}

impl Fault {
    pub fn level(&self) -> Level {
        match self {
            Fault::Host(fault) => fault.level(),
            Fault::Path(fault) => fault.level(),
            _ => Level::Error,
        }
    }

    /// A stable word for programs, snake case.
    pub fn code(&self) -> &'static str {
        match self {
            Fault::Type(_) => "wrong_type",
            Fault::OutOfRange => "out_of_range",
            Fault::LeadingZeros => "leading_zeros",
            Fault::TooLong => "too_long",
            Fault::NotAChoice => "not_a_choice",
            Fault::Control => "control_character",
            Fault::Host(HostFault::Underscore) => "host_underscore",
            Fault::Host(HostFault::Hexadecimal) => "host_hexadecimal",
            Fault::Host(_) => "bad_host",
            Fault::Path(PathFault::Relative) => "relative_path",
            Fault::Path(PathFault::TooLong) => "path_too_long",
            Fault::Identifier(_) => "bad_identifier",
            Fault::SameAs(_) => "same_as",
            Fault::Requires(_) => "requires",
        }
    }
}

/// One thing to say about one parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub key: Key,
    /// The value that was judged.
    pub value: Value,
    /// What is wrong with it.
    pub fault: Fault,
}

impl Finding {
    pub fn level(&self) -> Level {
        self.fault.level()
    }

    /// A stable word for programs, snake case: `out_of_range`, `same_as`…
    pub fn code(&self) -> &'static str {
        self.fault.code()
    }
}

/// All findings, in the catalog's order: of each parameter its value by itself, then `differs`, then `requires`.
/// `value_of` gives the value in force (the default where the document sets none).
pub fn validate(catalog: &Catalog, value_of: &dyn Fn(&Parameter) -> Value) -> Vec<Finding> {
    let mut findings = Vec::new();
    for parameter in catalog.parameters() {
        let value = value_of(parameter);
        let faults = [
            parameter.kind.validate(&value),
            same_as(catalog, value_of, parameter, &value),
            unlock(catalog, value_of, parameter).filter(|_| value == Value::Bool(true)).map(Fault::Requires),
        ];
        findings.extend(faults.into_iter().flatten().map(|fault| Finding {
            key: parameter.key.clone(),
            value: value.clone(),
            fault,
        }));
    }
    findings
}

fn same_as(
    catalog: &Catalog,
    value_of: &dyn Fn(&Parameter) -> Value,
    parameter: &Parameter,
    value: &Value,
) -> Option<Fault> {
    let other = catalog.parameter(parameter.differs.as_ref()?)?;
    (value_of(other) == *value).then(|| Fault::SameAs(other.key.clone()))
}

/// The parameter to be switched on before this one may be; `None` where nothing locks it.
pub fn unlock(catalog: &Catalog, value_of: &dyn Fn(&Parameter) -> Value, parameter: &Parameter) -> Option<Key> {
    let required = catalog.parameter(parameter.requires.as_ref()?)?;
    let locked = parameter.kind == Kind::Boolean && value_of(required) != Value::Bool(true);
    locked.then(|| required.key.clone())
}
