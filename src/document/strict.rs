//! Reads bytes as strict JSON and builds nothing: either all of it is right, or it says what is not, and where.
//!
//! Stricter than `serde_json`, which does the reading: duplicate keys are refused at every level, nesting is
//! bounded, and the key in which reading stopped is known.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::index::{span, unquoted};
use super::read::{Reason, Refusal};
use super::syntax;

/// Objects and lists inside each other, the top among them. Far more than any document needs, and few enough
/// for the recursive reader's stack.
const MAX_DEPTH: usize = 128;

/// Objects up to this many keys are searched key by key, which allocates nothing; larger ones get a set.
const FEW: usize = 16;

/// The bytes as text, where they are UTF-8 without a byte order mark and not empty.
pub(super) fn text(bytes: &[u8]) -> Result<&str, Refusal> {
    if bytes.iter().all(|byte| byte.is_ascii_whitespace()) {
        return Err(Refusal::whole(Reason::Empty));
    }
    if bytes.iter().all(|byte| *byte == 0) {
        return Err(Refusal::whole(Reason::OnlyNul));
    }
    match bytes {
        // The four bytes of UTF-32's marks begin with or hold the two of UTF-16's; without a mark, one byte of the
        // first pair is NUL, since JSON begins with ASCII.
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 0, 0xfe, 0xff, ..] => return Err(Refusal::at(0, Reason::Utf16)),
        [0, b' '..=b'~', 0, ..] | [b' '..=b'~', 0, b' '..=b'~', 0, ..] | [b' '..=b'~', 0, b'\n' | b'\r', 0, ..] => {
            return Err(Refusal::at(0, Reason::Utf16));
        }
        [0xef, 0xbb, 0xbf, ..] => return Err(Refusal::at(0, Reason::ByteOrderMark)),
        _ => {}
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        Refusal::at(offset, Reason::NotUtf8(bytes.get(offset).copied().unwrap_or_default()))
    })
}

/// Reads all of `text`; an error where it is not strict JSON.
pub(super) fn check(text: &str) -> Result<(), Refusal> {
    let mut reader = serde_json::Deserializer::from_str(text);
    // Its own limit would refuse the 128th level, and cannot say where; ours is kept below.
    reader.disable_recursion_limit();
    let mut walk = Walk { text, path: vec![], keys: vec![], depth: 0, refusal: None };
    let read = walk.deserialize(&mut reader).and_then(|()| reader.end());
    match (read, walk.refusal.take()) {
        (Ok(()), _) => Ok(()),
        (Err(_), Some(refusal)) => Err(Refusal { key: walk.key(), ..refusal }),
        (Err(error), None) => Err(Refusal { key: walk.key(), ..syntax::refusal(text, &error) }),
    }
}

/// A step from the top towards the value being read.
enum Step<'t> {
    Name(Cow<'t, str>),
    Index(usize),
}

/// What is known while reading.
struct Walk<'t> {
    text: &'t str,
    /// Left standing when reading fails: it names the value that failed.
    path: Vec<Step<'t>>,
    /// The keys of all open objects with their offsets, outermost first.
    keys: Vec<(Cow<'t, str>, usize)>,
    depth: usize,
    /// Our own reason, where it was not `serde_json` that refused.
    refusal: Option<Refusal>,
}

impl<'t> Walk<'t> {
    /// `integracao.porta` or `lista[3]`; `None` at the top.
    fn key(&self) -> Option<String> {
        let mut key = String::new();
        for step in &self.path {
            match step {
                Step::Name(name) if key.is_empty() => key.push_str(name),
                Step::Name(name) => key.extend([".", name]),
                Step::Index(index) => key.push_str(&format!("[{index}]")),
            }
        }
        (!key.is_empty()).then_some(key)
    }

    fn refuse<E: Error>(&mut self, refusal: Refusal) -> E {
        self.refusal = Some(refusal);
        // Never shown: `check` prefers the refusal.
        E::custom("refused")
    }

    fn enter<E: Error>(&mut self) -> Result<(), E> {
        self.depth += 1;
        if self.depth <= MAX_DEPTH {
            return Ok(());
        }
        let offset = syntax::Open::of(self.text, self.text.len(), MAX_DEPTH + 1).last();
        Err(self.refuse(Refusal::at(offset.unwrap_or_default(), Reason::TooDeep)))
    }

    /// Takes a key into the path and among the keys of its object, whose first is `self.keys[first]`.
    fn take_key<E: Error>(&mut self, raw: &'t str, first: usize, many: &mut HashSet<Cow<'t, str>>) -> Result<(), E> {
        let offset = span(self.text, raw).start;
        let name = match unquoted(raw) {
            Ok(name) => name,
            Err(error) => return Err(self.refuse(syntax::refusal_in_string(self.text, offset, raw, &error))),
        };
        self.path.push(Step::Name(name.clone()));
        let siblings = self.keys.get(first..).unwrap_or_default();
        let repeated = if siblings.len() < FEW {
            siblings.iter().any(|(sibling, _)| *sibling == name)
        } else {
            if siblings.len() == FEW {
                many.extend(siblings.iter().map(|(sibling, _)| sibling.clone()));
            }
            !many.insert(name.clone())
        };
        if repeated {
            let first = siblings.iter().find(|(sibling, _)| *sibling == name).map_or(0, |(_, offset)| *offset);
            let first = super::place::of(self.text, first);
            return Err(self.refuse(Refusal::at(offset, Reason::DuplicateKey { first })));
        }
        self.keys.push((name, offset));
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for &mut Walk<'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Walk<'de> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.enter()?;
        let first = self.keys.len();
        let mut many = HashSet::new();
        // As it is spelled, because its place in the text is wanted too.
        while let Some(key) = map.next_key::<&'de RawValue>()? {
            self.take_key(key.get(), first, &mut many)?;
            map.next_value_seed(&mut *self)?;
            self.path.pop();
        }
        self.keys.truncate(first);
        self.depth -= 1;
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        self.enter()?;
        for index in 0.. {
            self.path.push(Step::Index(index));
            let more = list.next_element_seed(&mut *self)?.is_some();
            self.path.pop();
            if !more {
                break;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}
