//! An object of a catalog file, emptied keyword by keyword.
//!
//! What is left in it at the end is unknown, and an error: a keyword cannot be accepted without being read.

use std::collections::HashSet;

use serde_json::Value;

use super::error::{Expected, Reason};
use super::tree::Node;
use crate::key::Key;

/// What is wrong with a file, each with the keys that lead there.
#[derive(Default)]
pub(super) struct Wrongs(pub Vec<Wrong>);

pub(super) struct Wrong {
    pub path: Vec<String>,
    pub reason: Reason,
}

impl Wrongs {
    pub fn add(&mut self, path: &[String], reason: Reason) {
        self.0.push(Wrong { path: path.to_vec(), reason });
    }
}

/// The keywords of one object that were not read yet.
#[derive(Default)]
pub(super) struct Keywords {
    path: Vec<String>,
    left: Vec<(String, Node)>,
}

impl Keywords {
    /// The node's keywords, where it is an object. Equal keys are told; the first of them counts.
    pub fn of(node: Node, path: Vec<String>, wrong: &mut Wrongs) -> Option<Keywords> {
        let Node::Object(pairs) = node else {
            wrong.add(&path, Reason::Expected(Expected::Object));
            return None;
        };
        let mut keywords = Keywords { path, left: Vec::with_capacity(pairs.len()) };
        let repeated = repeated(&pairs);
        for (at, (key, node)) in pairs.into_iter().enumerate() {
            if repeated.contains(&at) {
                wrong.add(&keywords.path_to(&key), Reason::Duplicate);
            } else if key != "$comment" {
                // JSON Schema's own word for what no reader reads.
                keywords.left.push((key, node));
            }
        }
        Some(keywords)
    }

    /// The keys that lead to this object.
    pub fn path(&self) -> &[String] {
        &self.path
    }

    /// The keys that lead to one of its values.
    pub fn path_to(&self, name: &str) -> Vec<String> {
        self.path.iter().cloned().chain([name.to_string()]).collect()
    }

    /// Everything left in it, each with its name.
    pub fn into_entries(self) -> Vec<(String, Node)> {
        self.left
    }

    /// True where the keyword was written and not read yet.
    pub fn has(&self, name: &str) -> bool {
        self.left.iter().any(|(key, _)| key == name)
    }

    pub fn take(&mut self, name: &str) -> Option<Node> {
        let at = self.left.iter().position(|(key, _)| key == name)?;
        Some(self.left.remove(at).1)
    }

    /// Notes where the keyword is missing; to be followed by its reader.
    pub fn require(&mut self, name: &'static str, wrong: &mut Wrongs) -> &mut Keywords {
        if !self.has(name) {
            wrong.add(&self.path, Reason::Missing(name));
        }
        self
    }

    /// A value that is itself an object.
    pub fn object(&mut self, name: &str, wrong: &mut Wrongs) -> Option<Keywords> {
        let node = self.take(name)?;
        Keywords::of(node, self.path_to(name), wrong)
    }

    /// A text that is not blank.
    pub fn text(&mut self, name: &str, wrong: &mut Wrongs) -> Option<String> {
        match self.take(name)? {
            Node::Leaf(Value::String(text)) if !text.trim().is_empty() => Some(text),
            _ => self.expected(name, Expected::Text, wrong),
        }
    }

    /// One of a few known words.
    pub fn one_of(&mut self, name: &str, known: &[&'static str], wrong: &mut Wrongs) -> Option<&'static str> {
        let word = match self.take(name)? {
            Node::Leaf(Value::String(text)) => known.iter().find(|word| **word == text).copied(),
            _ => None,
        };
        word.or_else(|| self.expected(name, Expected::OneOf(known.to_vec()), wrong))
    }

    pub fn integer(&mut self, name: &str, wrong: &mut Wrongs) -> Option<i64> {
        let number = match self.take(name)? {
            Node::Leaf(Value::Number(number)) => number.as_i64(),
            _ => None,
        };
        number.or_else(|| self.expected(name, Expected::Integer, wrong))
    }

    pub fn length(&mut self, name: &str, wrong: &mut Wrongs) -> Option<usize> {
        let number = match self.take(name)? {
            Node::Leaf(Value::Number(number)) => number.as_u64().and_then(|length| usize::try_from(length).ok()),
            _ => None,
        };
        number.or_else(|| self.expected(name, Expected::Length, wrong))
    }

    pub fn list(&mut self, name: &str, wrong: &mut Wrongs) -> Option<Vec<Value>> {
        match self.take(name)? {
            Node::List(list) => Some(list.into_iter().map(Node::into_value).collect()),
            _ => self.expected(name, Expected::List, wrong),
        }
    }

    /// The name of a parameter; whether there is one of that name is seen later.
    pub fn key(&mut self, name: &str, wrong: &mut Wrongs) -> Option<Key> {
        let text = self.text(name, wrong)?;
        Key::parse(&text).or_else(|| {
            wrong.add(&self.path_to(name), Reason::UnknownKey(text));
            None
        })
    }

    /// Tells what nobody has read.
    pub fn finish(self, wrong: &mut Wrongs) {
        for (key, _) in &self.left {
            wrong.add(&self.path_to(key), Reason::Unknown);
        }
    }

    fn expected<T>(&self, name: &str, expected: Expected, wrong: &mut Wrongs) -> Option<T> {
        wrong.add(&self.path_to(name), Reason::Expected(expected));
        None
    }
}

/// The positions of keys that stand before already.
fn repeated(pairs: &[(String, Node)]) -> HashSet<usize> {
    /// Up to here comparing each with each is cheaper than hashing; nearly every object is that small, and the
    /// built-in catalog is read at every start.
    const FEW: usize = 16;
    if pairs.len() <= FEW {
        let before = |at: usize, this: &str| pairs.iter().take(at).any(|(key, _)| key == this);
        return pairs.iter().enumerate().filter(|(at, (key, _))| before(*at, key)).map(|(at, _)| at).collect();
    }
    let mut seen = HashSet::with_capacity(pairs.len());
    pairs.iter().enumerate().filter(|(_, (key, _))| !seen.insert(key)).map(|(at, _)| at).collect()
}
