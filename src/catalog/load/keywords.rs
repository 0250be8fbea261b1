//! An object of a catalog file, emptied keyword by keyword.
//!
//! What is left in it at the end is unknown, and an error: a keyword cannot be accepted without being read.

use serde_json::Value;

use super::error::{FileErrors, no_parameter};
use crate::json::{Member, Object};
use crate::key::Key;
use crate::lang::Localized;
use crate::safe::Safe;
use crate::{localized, safe, say};

/// The keywords of one object that were not read yet.
#[derive(Default)]
pub(super) struct Keywords<'t> {
    text: &'t str,
    path: Vec<String>,
    left: Vec<&'t Member>,
}

impl<'t> Keywords<'t> {
    /// The keywords of the object at the top of a file's text.
    pub fn of(text: &'t str, root: &'t Object) -> Keywords<'t> {
        // JSON Schema's own word for what no reader reads.
        let left = root.members.iter().filter(|member| member.name(text) != "$comment").collect();
        Keywords { text, path: vec![], left }
    }

    /// The keywords of one of its values, where that is an object.
    pub fn within(&self, member: &'t Member, errors: &mut FileErrors) -> Option<Keywords<'t>> {
        let path = self.path_to(&member.name(self.text));
        match &member.inner {
            Some(object) => Some(Keywords { path, ..Keywords::of(self.text, object) }),
            None => {
                errors.expected(&path, localized!("um objeto", "an object"));
                None
            }
        }
    }

    /// The keys that lead to this object.
    pub fn path(&self) -> &[String] {
        &self.path
    }

    /// The keys that lead to one of its values.
    pub fn path_to(&self, name: &str) -> Vec<String> {
        self.path.iter().cloned().chain([name.to_string()]).collect()
    }

    /// Everything left in it, each with its name and, where it is an object, the keywords of that.
    pub fn into_entries(mut self, errors: &mut FileErrors) -> Vec<(String, Option<Keywords<'t>>)> {
        let left = std::mem::take(&mut self.left);
        left.into_iter().map(|member| (member.name(self.text).into_owned(), self.within(member, errors))).collect()
    }

    /// True where the keyword was written and not read yet.
    pub fn has(&self, name: &str) -> bool {
        self.left.iter().any(|member| member.name(self.text) == name)
    }

    /// A value, whatever it is.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        Some(self.take_member(name)?.json(self.text))
    }

    fn take_member(&mut self, name: &str) -> Option<&'t Member> {
        let at = self.left.iter().position(|member| member.name(self.text) == name)?;
        Some(self.left.remove(at))
    }

    /// Notes where the keyword is missing; to be followed by its reader.
    pub fn require(&mut self, name: &'static str, errors: &mut FileErrors) -> &mut Keywords<'t> {
        if !self.has(name) {
            errors.missing(&self.path, name);
        }
        self
    }

    /// A value that is itself an object.
    pub fn object(&mut self, name: &str, errors: &mut FileErrors) -> Option<Keywords<'t>> {
        let member = self.take_member(name)?;
        self.within(member, errors)
    }

    /// A text that is not blank.
    pub fn text(&mut self, name: &str, errors: &mut FileErrors) -> Option<String> {
        match self.take(name)? {
            Value::String(text) if !text.trim().is_empty() => Some(text),
            _ => self.expected(name, localized!("um texto, não vazio", "a text, not empty"), errors),
        }
    }

    /// One of a few known words.
    pub fn one_of(&mut self, name: &str, known: &[&'static str], errors: &mut FileErrors) -> Option<&'static str> {
        let value = self.take(name)?;
        let word = known.iter().find(|word| value.as_str() == Some(word)).copied();
        word.or_else(|| self.expected(name, one_of(known), errors))
    }

    pub fn integer(&mut self, name: &str, errors: &mut FileErrors) -> Option<i64> {
        let number = self.take(name)?.as_i64();
        number.or_else(|| self.expected(name, localized!("um número inteiro", "a whole number"), errors))
    }

    pub fn length(&mut self, name: &str, errors: &mut FileErrors) -> Option<usize> {
        let number = self.take(name)?.as_u64().and_then(|length| usize::try_from(length).ok());
        let expected = || localized!("um número inteiro, de 0 para cima", "a whole number, from 0 up");
        number.or_else(|| self.expected(name, expected(), errors))
    }

    pub fn list(&mut self, name: &str, errors: &mut FileErrors) -> Option<Vec<Value>> {
        match self.take(name)? {
            Value::Array(list) => Some(list),
            _ => self.expected(name, localized!("uma lista", "a list"), errors),
        }
    }

    /// The name of a parameter; whether there is one of that name is seen later.
    pub fn key(&mut self, name: &str, errors: &mut FileErrors) -> Option<Key> {
        let text = self.text(name, errors)?;
        Key::parse(&text).or_else(|| {
            errors.add(&self.path_to(name), no_parameter(&text));
            None
        })
    }

    /// Tells what nobody has read.
    pub fn finish(self, errors: &mut FileErrors) {
        for member in &self.left {
            errors.unknown(&self.path_to(&member.name(self.text)));
        }
    }

    fn expected<T>(&self, name: &str, expected: Localized, errors: &mut FileErrors) -> Option<T> {
        errors.expected(&self.path_to(name), expected);
        None
    }
}

fn one_of(words: &[&'static str]) -> Localized {
    let words: Vec<Safe> = words.iter().map(|word| safe!("“{}”", *word)).collect();
    Localized::each(|lang| match &words[..] {
        [only] => only.clone(),
        _ => say!(lang, "um de: {}", "one of: {}", Safe::join(&words, ", ")),
    })
}
