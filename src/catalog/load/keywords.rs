//! An object of a catalog file, emptied keyword by keyword.
//!
//! What is left in it at the end is unknown, and an error: a keyword cannot be accepted without being read.

use std::borrow::Cow;

use serde_json::Value;

use super::error::{FileErrors, Trail, no_parameter};
use crate::json::{Member, Object};
use crate::key::Key;
use crate::lang::Localized;
use crate::safe::Safe;
use crate::{localized, safe, say};

/// The keywords of one object that were not read yet.
pub(super) struct Keywords<'t> {
    text: &'t str,
    /// Where to say what is wrong with the file.
    pub errors: &'t FileErrors,
    /// The keys that lead to this object.
    pub path: Trail,
    left: Vec<(Cow<'t, str>, &'t Member)>,
}

impl<'t> Keywords<'t> {
    /// The keywords of the object at the top of a file's text.
    pub fn of(text: &'t str, root: &'t Object, errors: &'t FileErrors) -> Keywords<'t> {
        // JSON Schema's own word for what no reader reads.
        let left = root.members.iter().map(|member| (member.name(text), member));
        let left = left.filter(|(name, _)| name != "$comment").collect();
        Keywords { text, errors, path: Trail::default(), left }
    }

    /// The keywords of one of its values, where that is an object.
    fn within(&self, name: &str, member: &'t Member) -> Option<Keywords<'t>> {
        match &member.inner {
            Some(object) => {
                Some(Keywords { path: self.path.and(name), ..Keywords::of(self.text, object, self.errors) })
            }
            None => self.expected(name, localized!("um objeto", "an object")),
        }
    }

    /// Everything left in it, each with its name and, where it is an object, the keywords of that.
    pub fn into_entries(self) -> Vec<(Cow<'t, str>, Option<Keywords<'t>>)> {
        self.left.iter().map(|(name, member)| (name.clone(), self.within(name, member))).collect()
    }

    /// True where the keyword was written and not read yet.
    pub fn has(&self, name: &str) -> bool {
        self.left.iter().any(|(other, _)| other == name)
    }

    /// A value, whatever it is.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        Some(self.take_member(name)?.json(self.text))
    }

    fn take_member(&mut self, name: &str) -> Option<&'t Member> {
        let at = self.left.iter().position(|(other, _)| other == name)?;
        Some(self.left.remove(at).1)
    }

    /// Notes where the keyword is missing; to be followed by its reader.
    pub fn require(&mut self, name: &'static str) -> &mut Keywords<'t> {
        if !self.has(name) {
            self.errors.missing(&self.path, name);
        }
        self
    }

    /// A value that is itself an object.
    pub fn object(&mut self, name: &str) -> Option<Keywords<'t>> {
        let member = self.take_member(name)?;
        self.within(name, member)
    }

    /// The same, without any keywords where it is missing: there nothing is read that could be wrong.
    pub fn object_or_empty(&mut self, name: &str) -> Keywords<'t> {
        self.object(name).unwrap_or_else(|| Keywords { path: self.path.clone(), left: vec![], ..*self })
    }

    /// A text that is not blank.
    pub fn text(&mut self, name: &str) -> Option<Cow<'t, str>> {
        let member = self.take_member(name)?;
        let text = match member.plain_text(self.text) {
            Some(plain) => Some(Cow::Borrowed(plain)),
            None => member.json(self.text).as_str().map(|text| Cow::Owned(text.to_owned())),
        };
        match text.filter(|text| !text.trim().is_empty()) {
            None => self.expected(name, localized!("um texto não vazio", "a text, not empty")),
            text => text,
        }
    }

    /// One of a few known words.
    pub fn one_of(&mut self, name: &str, known: &[&'static str]) -> Option<&'static str> {
        let value = self.take(name)?;
        let word = known.iter().find(|word| value.as_str() == Some(word)).copied();
        word.or_else(|| self.expected(name, one_of(known)))
    }

    pub fn integer(&mut self, name: &str) -> Option<i64> {
        let number = self.take(name)?.as_i64();
        number.or_else(|| self.expected(name, localized!("um número inteiro", "a whole number")))
    }

    pub fn length(&mut self, name: &str) -> Option<usize> {
        let number = self.take(name)?.as_u64().and_then(|length| usize::try_from(length).ok());
        let expected = || localized!("um número inteiro a partir de 0", "a whole number from 0 up");
        number.or_else(|| self.expected(name, expected()))
    }

    pub fn list(&mut self, name: &str) -> Option<Vec<Value>> {
        match self.take(name)? {
            Value::Array(list) => Some(list),
            _ => self.expected(name, localized!("uma lista", "a list")),
        }
    }

    /// The name of a parameter; whether there is one of that name is seen later.
    pub fn key(&mut self, name: &str) -> Option<Key> {
        let text = self.text(name)?;
        Key::parse(&text).or_else(|| {
            self.wrong(name, no_parameter(&text));
            None
        })
    }

    /// Tells what nobody has read.
    pub fn finish(self) {
        for (name, _) in &self.left {
            self.errors.unknown(&self.path.and(name));
        }
    }

    /// Says that something is wrong with one of its values.
    pub fn wrong(&self, name: &str, message: Localized) {
        self.errors.add(&self.path.and(name), message);
    }

    fn expected<T>(&self, name: &str, expected: Localized) -> Option<T> {
        self.errors.expected(&self.path.and(name), expected);
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
