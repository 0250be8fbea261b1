//! Reads bytes as strict JSON and builds no values: either all of it is right, or it says what is not, and where.
//!
//! Stricter than `serde_json`, which does the reading: duplicate keys are refused at every level, nesting is
//! bounded, and the key in which reading stopped is known. What is kept is where the keys of the top and of the
//! groups stand; one pass does it all, since some documents are large.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::index::{Member, Names, Object, Span};
use super::read::{Reason, Refusal};
use super::syntax;

/// Objects and lists inside each other, the top among them. Far more than any document needs, and few enough
/// for the recursive reader's stack.
const MAX_DEPTH: usize = 128;

/// The top and its groups: deeper down nothing is a parameter.
const INDEXED: usize = 2;

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

/// Reads all of `text`; an error where it is not strict JSON, `None` where it is something else than an object.
pub(super) fn index(text: &str) -> Result<Option<Object>, Refusal> {
    let mut reader = serde_json::Deserializer::from_str(text);
    // Its own limit would refuse the 128th level, and cannot say where; ours is kept below.
    reader.disable_recursion_limit();
    let mut walk = Walk { text, path: vec![], keys: vec![], read_to: 0, depth: 0, object: None, refusal: None };
    let read = walk.deserialize(&mut reader).and_then(|()| reader.end());
    match (read, walk.refusal.take()) {
        (Ok(()), _) => {
            let start = text.len() - text.trim_start().len();
            let object = walk.object.filter(|_| text[start..].starts_with('{'));
            Ok(object.map(|mut top| {
                top.settle(text, Span::from(start..text.trim_end().len()));
                top
            }))
        }
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
    /// The keys of all open objects with their places, outermost first.
    keys: Vec<(Cow<'t, str>, Span)>,
    /// The end of the key read last.
    read_to: usize,
    depth: usize,
    /// The object of the top or of a group that was read last, until its parent takes it.
    object: Option<Object>,
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
    fn take_key<E: Error>(&mut self, Name(name): Name<'t>, first: usize, names: &mut Names) -> Result<Span, E> {
        let span = match &name {
            Cow::Borrowed(plain) => {
                let start = plain.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
                Span::from(start.saturating_sub(1)..start + plain.len() + 1)
            }
            Cow::Owned(_) => next_key(self.text, self.read_to),
        };
        self.read_to = span.end();
        let siblings = self.keys.get(first..).unwrap_or_default();
        let name_of = |index: usize| siblings.get(index).map(|(sibling, _)| &**sibling);
        let same = names.take(&name, siblings.len(), name_of).and_then(|index| siblings.get(index));
        self.path.push(Step::Name(name.clone()));
        if let Some((_, same)) = same {
            let first = super::place::of(self.text, same.start());
            return Err(self.refuse(Refusal::at(span.start(), Reason::DuplicateKey { first })));
        }
        self.keys.push((name, span));
        Ok(span)
    }
}

/// The place of the first key behind `from`, with its quotes: the first string that a colon follows.
///
/// For keys spelled with escapes, whose text is not a part of the document's. Keys are read in the order of the
/// text, so that only values stand between one and the next.
fn next_key(text: &str, from: usize) -> Span {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(start) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'"')) {
        let start = at + start;
        let mut end = start + 1;
        while let Some(byte) = bytes.get(end).filter(|byte| **byte != b'"') {
            end += if *byte == b'\\' { 2 } else { 1 };
        }
        at = end + 1;
        let rest = bytes.get(at..).unwrap_or_default();
        if rest.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':') {
            return Span::from(start..at);
        }
    }
    Span::from(from..from)
}

/// An object's key: borrowed from the text unless it is spelled with escapes.
struct Name<'t>(Cow<'t, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Name<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Borrowed(name)))
    }

    fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Owned(name.to_owned())))
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
        let mut names = Names::default();
        let mut members = vec![];
        while let Some(name) = map.next_key()? {
            let mut member = Member::at(self.take_key(name, first, &mut names)?);
            map.next_value_seed(&mut *self)?;
            self.path.pop();
            if self.depth <= INDEXED {
                member.inner = self.object.take().map(Box::new);
                members.push(member);
            }
        }
        if self.depth <= INDEXED {
            self.object = Some(Object::of(members, names));
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
