//! What differs between two documents, key by key, whether the catalog knows the key or not.
//!
//! Values are compared, not their spelling: `1.50` and `1.5` are the same. `$schema` and `version` describe the document
//! and are not among its keys.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Document;
use crate::catalog::Catalog;
use crate::key::Key;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// `group.name`, or the name alone where it stands at the top and is no group.
    #[serde(rename = "key")]
    pub name: String,
    /// Its group, where the name could be a parameter's key.
    group: Option<String>,
    /// What the first document sets, if anything.
    pub from: Option<Value>,
    pub to: Option<Value>,
}

impl Difference {
    /// The name as a parameter's key, where it could be one.
    pub fn key(&self) -> Option<Key> {
        let group = self.group.as_deref()?;
        Key::new(group, self.name.strip_prefix(group)?.strip_prefix('.')?)
    }
}

/// Where a value stands: a name at the top, or a group and a name in it. Not a dotted text, since names may hold dots.
type Place = (String, Option<String>);

/// From the first document to the second, in the order of the second; what it no longer has comes last.
pub fn differences(from: &Document, to: &Document) -> Vec<Difference> {
    if from.text() == to.text() {
        return vec![];
    }
    let (old, new) = (values(from), values(to));
    let before: HashMap<&Place, &str> = old.iter().map(|(place, raw)| (place, *raw)).collect();
    let after: HashMap<&Place, &str> = new.iter().map(|(place, raw)| (place, *raw)).collect();
    let set = new.iter().map(|(place, raw)| difference(place, before.get(place).copied(), Some(raw)));
    let gone = old.iter().filter(|(place, _)| !after.contains_key(place));
    set.chain(gone.map(|(place, raw)| difference(place, Some(raw), None))).flatten().collect()
}

/// Those of keys that the catalog does not know.
pub fn unknown_differences(from: &Document, to: &Document, catalog: &Catalog) -> Vec<Difference> {
    let is_known = |it: &Difference| it.key().is_some_and(|key| catalog.parameter(&key).is_some());
    differences(from, to).into_iter().filter(|it| !is_known(it)).collect()
}

fn difference(place: &Place, from: Option<&str>, to: Option<&str>) -> Option<Difference> {
    if from == to {
        return None;
    }
    // Never an error: both texts were read whole.
    let value = |raw: Option<&str>| raw.and_then(|raw| serde_json::from_str::<Value>(raw).ok());
    let (from, to) = (value(from), value(to));
    let (top, inner) = place;
    let name = inner.as_ref().map_or_else(|| top.clone(), |inner| format!("{top}.{inner}"));
    let group = inner.as_ref().and_then(|inner| Key::new(top, inner)).map(|_| top.clone());
    (from != to).then_some(Difference { name, group, from, to })
}

/// Every value with its place, in the order of the text.
fn values(document: &Document) -> Vec<(Place, &str)> {
    let text = document.text();
    let mut values = vec![];
    for member in document.index.iter().flat_map(|top| &top.members) {
        let name = member.name(text).into_owned();
        match &member.inner {
            _ if matches!(&*name, "$schema" | "version") => {}
            Some(group) => values.extend(
                group
                    .members
                    .iter()
                    .map(|entry| ((name.clone(), Some(entry.name(text).into_owned())), entry.value.of(text))),
            ),
            None => values.push(((name, None), member.value.of(text))),
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;

    fn document(text: &str) -> Document {
        Document::parse(Path::new("config.json"), text.as_bytes(), &Catalog::default()).unwrap()
    }

    #[test]
    fn every_key_that_differs_is_told_once_and_nothing_else() {
        let from = document(r#"{"version": 1, "g": {"a": 1, "b": 1.50, "c": 3}, "x": [1], "a.b": 1}"#);
        let to = document(r#"{"$schema": "s", "a.b": 2, "g": {"b": 1.5, "a": 2, "d": {"e": 1}}, "x": [1]}"#);
        let told: Vec<_> =
            differences(&from, &to).into_iter().map(|d| (d.name.clone(), d.key().is_some(), d.from, d.to)).collect();
        let expected = [
            ("a.b", false, Some(json!(1)), Some(json!(2))),
            ("g.a", true, Some(json!(1)), Some(json!(2))),
            ("g.d", true, None, Some(json!({"e": 1}))),
            ("g.c", true, Some(json!(3)), None),
        ];
        assert_eq!(told, expected.map(|(name, key, from, to)| (name.to_owned(), key, from, to)));
        assert!(differences(&from, &from).is_empty());
        assert_eq!(differences(&Document::missing(Path::new("x")), &from).len(), 5);
    }
}
