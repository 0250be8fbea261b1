//! A catalog file's JSON with its duplicate keys still in it, and the way from a key back to its line and column.
//!
//! `serde_json::Value` keeps the last of two equal keys in silence, and neither it nor serde's derive tells where a
//! value stood. Places are wanted only where something is wrong: the tree is read without them, fast, and
//! [`place`] walks the text a second time.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// JSON as written: objects are lists of pairs.
pub(super) enum Node {
    /// Null, boolean, number or text.
    Leaf(Value),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Node {
    /// The same as a plain value; the last of equal keys wins.
    pub(super) fn into_value(self) -> Value {
        match self {
            Node::Leaf(value) => value,
            Node::List(list) => list.into_iter().map(Node::into_value).collect(),
            Node::Object(pairs) => {
                Value::Object(pairs.into_iter().map(|(key, node)| (key, node.into_value())).collect::<Map<_, _>>())
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        struct AnyNode;
        impl<'de> Visitor<'de> for AnyNode {
            type Value = Node;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("JSON")
            }
            fn visit_unit<E>(self) -> Result<Node, E> {
                Ok(Node::Leaf(Value::Null))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
                Ok(Node::Leaf(Value::from(value)))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
                Ok(Node::Leaf(Value::from(value)))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
                Ok(Node::Leaf(Value::from(value)))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
                Ok(Node::Leaf(Value::from(value)))
            }
            fn visit_str<E>(self, value: &str) -> Result<Node, E> {
                Ok(Node::Leaf(Value::from(value)))
            }
            fn visit_string<E>(self, value: String) -> Result<Node, E> {
                Ok(Node::Leaf(Value::from(value)))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    list.push(item);
                }
                Ok(Node::List(list))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = entries.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Node::Object(pairs))
            }
        }
        deserializer.deserialize_any(AnyNode)
    }
}

/// One object's keys, each with its value's own stretch of the text.
struct Stretches<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Stretches<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Stretches<'de>, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Stretches<'de>;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Stretches<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = entries.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Stretches(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

/// Line and column (from 1; columns count characters) of the value at the end of `path`, or of the nearest object
/// around it that there is. `again` asks for the second of two equal keys.
pub(super) fn place(text: &str, path: &[String], again: bool) -> (usize, usize) {
    let mut here = text.trim_start();
    for (depth, name) in path.iter().enumerate() {
        let Ok(Stretches(pairs)) = serde_json::from_str(here) else { break };
        let skip = usize::from(again && depth + 1 == path.len());
        match pairs.into_iter().filter(|(key, _)| key == name).nth(skip) {
            Some((_, raw)) => here = raw.get(),
            None => break,
        }
    }
    // `here` is a stretch of `text`: their distance is an offset into it.
    let offset = (here.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    line_and_column(text, offset)
}

/// Where the byte at `offset` stands: line and column, from 1, columns in characters.
pub(super) fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_back_to_line_and_column() {
        let text = "\n{\n  \"ç\": {\"a\": 1, \"a\": 2},\n  \"b\": [\n]}";
        let path = |names: &[&str]| names.iter().map(|name| name.to_string()).collect::<Vec<_>>();
        assert_eq!(place(text, &[], false), (2, 1));
        assert_eq!(place(text, &path(&["ç", "a"]), false), (3, 14));
        assert_eq!(place(text, &path(&["ç", "a"]), true), (3, 22));
        assert_eq!(place(text, &path(&["b"]), false), (4, 8));
        assert_eq!(place(text, &path(&["ç", "none"]), false), (3, 8), "the object around it");
        assert_eq!(place("nothing", &path(&["a"]), false), (1, 1));
    }
}
