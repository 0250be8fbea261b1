//! Where each key and value stands in a document's text: the top and every group in it.
//!
//! Holds offsets, not values: the text stays the only copy of the data, and an edit can change the bytes of one
//! value alone. Expects a text that `strict` has let through.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The places of an object's members.
#[derive(Debug)]
pub(super) struct Object {
    /// Its braces and what is between them.
    pub(super) span: Range<usize>,
    /// In the order of the text.
    pub(super) members: Vec<Member>,
    /// From the name to the index of the member.
    names: HashMap<Box<str>, usize>,
}

/// The places of one key and its value.
#[derive(Debug)]
pub(super) struct Member {
    /// The key with its quotes.
    pub(super) key: Range<usize>,
    /// The value, without the space around it.
    pub(super) value: Range<usize>,
    /// For members of the top whose value is an object: the places of its members.
    pub(super) inner: Option<Box<Object>>,
}

impl Object {
    /// Finds the members of the top and of every group. An error where the text is not an object.
    pub(super) fn of(text: &str) -> Result<Object, serde_json::Error> {
        let raw: &RawValue = serde_json::from_str(text)?;
        let mut top = Object::shallow(text, raw.get())?;
        for member in &mut top.members {
            let value = text.get(member.value.clone()).unwrap_or_default();
            if value.starts_with('{') {
                member.inner = Some(Box::new(Object::shallow(text, value)?));
            }
        }
        Ok(top)
    }

    /// The member of that name.
    pub(super) fn get(&self, text: &str, name: &str) -> Option<&Member> {
        let member = self.members.get(*self.names.get(name)?)?;
        debug_assert_eq!(member.name(text), name);
        Some(member)
    }

    /// The members of the object that `slice`, a part of `text`, is; nothing below them.
    fn shallow(text: &str, slice: &str) -> Result<Object, serde_json::Error> {
        let Pairs(pairs) = serde_json::from_str(slice)?;
        let mut object = Object {
            span: span(text, slice),
            members: Vec::with_capacity(pairs.len()),
            names: HashMap::with_capacity(pairs.len()),
        };
        for (key, value) in pairs {
            let member = Member { key: span(text, key), value: span(text, value), inner: None };
            object.names.insert(member.name(text).into(), object.members.len());
            object.members.push(member);
        }
        Ok(object)
    }
}

impl Member {
    /// The key without quotes and escapes.
    pub(super) fn name<'t>(&self, text: &'t str) -> Cow<'t, str> {
        unquoted(text.get(self.key.clone()).unwrap_or_default()).unwrap_or_default()
    }
}

/// A JSON string's text: borrowed where it has no escapes.
pub(super) fn unquoted(string: &str) -> Result<Cow<'_, str>, serde_json::Error> {
    match string.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(plain) if !plain.contains('\\') => Ok(Cow::Borrowed(plain)),
        _ => serde_json::from_str(string).map(Cow::Owned),
    }
}

/// Where `slice`, a part of `text`, stands in it.
pub(super) fn span(text: &str, slice: &str) -> Range<usize> {
    let start = slice.as_ptr().addr().saturating_sub(text.as_ptr().addr());
    start..start + slice.len()
}

/// An object's keys and values as they are spelled.
struct Pairs<'t>(Vec<(&'t str, &'t str)>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor).map(Pairs)
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Vec<(&'de str, &'de str)>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = vec![];
        while let Some((key, value)) = map.next_entry::<&'de RawValue, &'de RawValue>()? {
            pairs.push((key.get(), value.get()));
        }
        Ok(pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_is_found_where_it_stands() {
        let text = " {\"int\\u0065gracao\" : { \"a\":1 , \"\": [ 2 ] }, \"version\":1}\n";
        let top = Object::of(text).unwrap();
        assert_eq!(&text[top.span.clone()], text.trim());
        let group = top.get(text, "integracao").unwrap();
        assert_eq!(&text[group.key.clone()], "\"int\\u0065gracao\"");
        assert_eq!(&text[group.value.clone()], "{ \"a\":1 , \"\": [ 2 ] }");
        let inner = group.inner.as_ref().unwrap();
        assert_eq!(&text[inner.get(text, "").unwrap().value.clone()], "[ 2 ]");
        assert_eq!(&text[inner.get(text, "a").unwrap().value.clone()], "1");
        assert!(top.get(text, "version").unwrap().inner.is_none());
        assert!(top.get(text, "absent").is_none());
    }

    #[test]
    fn what_is_no_object_has_no_members() {
        for text in ["[]", "null", "\"x\"", "1"] {
            assert!(Object::of(text).is_err(), "{text}");
        }
    }
}
