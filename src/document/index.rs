//! Where each key and value stands in a document's text: the top and every group in it.
//!
//! Holds offsets, not values: the text stays the only copy of the data, and an edit can change the bytes of one
//! value alone. Made by `strict` while it reads.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::ops::Range;

/// From where to where in the text, in bytes. Half the size of a range: a large document has many, and no document
/// has more than 16 MiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    pub(super) fn start(self) -> usize {
        self.start as usize
    }

    pub(super) fn end(self) -> usize {
        self.end as usize
    }

    /// The part of the text; empty where the text has no such part.
    pub(super) fn of(self, text: &str) -> &str {
        text.get(Range::from(self)).unwrap_or_default()
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Span {
        let short = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { start: short(range.start), end: short(range.end) }
    }
}

impl From<Span> for Range<usize> {
    fn from(span: Span) -> Range<usize> {
        span.start()..span.end()
    }
}

/// The places of an object's members.
#[derive(Debug)]
pub(super) struct Object {
    /// Its braces and what is between them.
    pub(super) span: Span,
    /// In the order of the text.
    pub(super) members: Vec<Member>,
    names: Names,
}

/// The places of one key and its value.
#[derive(Debug)]
pub(super) struct Member {
    /// The key with its quotes.
    pub(super) key: Span,
    /// The value, without the space around it.
    pub(super) value: Span,
    /// For members of the top whose value is an object: the places of its members.
    pub(super) inner: Option<Box<Object>>,
}

/// What JSON calls white space.
const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

impl Object {
    /// An object of which the keys' places are known; [`Object::settle`] finds the rest.
    pub(super) fn of(members: Vec<Member>, names: Names) -> Object {
        Object { span: Span::default(), members, names }
    }

    /// Finds the values between the keys, in an object that stands at `span` of a text that was read whole.
    ///
    /// A value begins behind its key's colon, and ends before the comma that the next key follows, or before the
    /// object's brace: no value begins with a colon or ends with a comma.
    pub(super) fn settle(&mut self, text: &str, span: Span) {
        let mut end = span.end().saturating_sub(1);
        for member in self.members.iter_mut().rev() {
            let between = text.get(member.key.end()..end).unwrap_or_default();
            let value = between.trim_end_matches(SPACE).trim_end_matches(',').trim_end_matches(SPACE);
            let stop = member.key.end() + value.len();
            let value = value.trim_start_matches(SPACE).trim_start_matches(':').trim_start_matches(SPACE);
            member.value = Span::from(stop - value.len()..stop);
            if let Some(inner) = &mut member.inner {
                inner.settle(text, member.value);
            }
            end = member.key.start();
        }
        self.span = span;
    }

    /// The member of that name.
    pub(super) fn get(&self, text: &str, name: &str) -> Option<&Member> {
        let is = |index: usize| self.members.get(index).is_some_and(|member| member.name(text) == name);
        self.members.get(self.names.find(name, self.members.len(), is)?)
    }
}

impl Member {
    /// One of which the key's place is known.
    pub(super) fn at(key: Span) -> Member {
        Member { key, value: Span::default(), inner: None }
    }

    /// The key without quotes and escapes.
    pub(super) fn name<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let string = self.key.of(text);
        match string.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(plain) if !plain.contains('\\') => Cow::Borrowed(plain),
            // Never an error: the text was read whole.
            _ => Cow::Owned(serde_json::from_str(string).unwrap_or_default()),
        }
    }
}

/// Objects up to this many keys are searched key by key, which needs no table.
const FEW: usize = 16;

/// Finds a name among an object's keys, which are counted from 0 in the order of the text.
///
/// Keeps no names: whether a key is the one is asked of the caller. A document of some megabytes has as many
/// names, and copying them would take longer than reading it.
#[derive(Debug, Default)]
pub(super) struct Names(Option<Box<Table>>);

#[derive(Debug, Default)]
struct Table {
    /// Keyed at random, so that no document can be made whose names all collide.
    keys: RandomState,
    /// The first key of each hash.
    first: HashMap<u32, u32, BuildHasherDefault<Spread>>,
    /// The few keys whose hash another one had already.
    collided: Vec<u32>,
}

impl Names {
    /// The index of the key named `name` among the `count` keys that were taken.
    pub(super) fn find(&self, name: &str, count: usize, is: impl Fn(usize) -> bool) -> Option<usize> {
        match &self.0 {
            None => (0..count).find(|index| is(*index)),
            Some(table) => table.find(*table.first.get(&table.hash(name))?, is),
        }
    }

    /// Takes the key named `name`, the next after the `count` keys taken so far, whose names `name_of` gives.
    /// `Some` where one of these has that name.
    pub(super) fn take<'n>(
        &mut self,
        name: &str,
        count: usize,
        name_of: impl Fn(usize) -> Option<&'n str>,
    ) -> Option<usize> {
        let is = |index: usize| name_of(index) == Some(name);
        if count < FEW {
            return (0..count).find(|index| is(*index));
        }
        let table = self.0.get_or_insert_with(|| {
            let mut table = Box::new(Table::default());
            for before in 0..count {
                table.take(name_of(before).unwrap_or_default(), before, |_| false);
            }
            table
        });
        table.take(name, count, is)
    }
}

impl Table {
    /// Half of a good hash: enough that few of the names in 16 MiB share one.
    fn hash(&self, name: &str) -> u32 {
        self.keys.hash_one(name) as u32
    }

    fn find(&self, first: u32, is: impl Fn(usize) -> bool) -> Option<usize> {
        let mut same_hash = std::iter::once(&first).chain(&self.collided).map(|index| *index as usize);
        same_hash.find(|index| is(*index))
    }

    fn take(&mut self, name: &str, index: usize, is: impl Fn(usize) -> bool) -> Option<usize> {
        let number = u32::try_from(index).unwrap_or(u32::MAX);
        let hash = self.hash(name);
        let first = match self.first.entry(hash) {
            Entry::Vacant(free) => {
                free.insert(number);
                return None;
            }
            Entry::Occupied(taken) => *taken.get(),
        };
        let same = self.find(first, is);
        if same.is_none() {
            self.collided.push(number);
        }
        same
    }
}

/// Spreads a hash of 32 bits over the 64 that the standard library's map takes apart.
#[derive(Debug, Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        // 2^64 over the golden ratio: every bit of the hash reaches the upper bits.
        self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash << 8 | u64::from(*byte));
    }
}

#[cfg(test)]
mod tests {
    use super::super::strict::index;
    use super::*;

    #[test]
    fn every_member_is_found_where_it_stands() {
        let text = " {\"int\\u0065gracao\" : { \"a\":1 , \"\": [ 2 ] }, \"version\":1}\n";
        let top = index(text).unwrap().unwrap();
        assert_eq!(top.span.of(text), text.trim());
        let group = top.get(text, "integracao").unwrap();
        assert_eq!(group.key.of(text), "\"int\\u0065gracao\"");
        assert_eq!(group.value.of(text), "{ \"a\":1 , \"\": [ 2 ] }");
        let inner = group.inner.as_ref().unwrap();
        assert_eq!(inner.get(text, "").unwrap().value.of(text), "[ 2 ]");
        assert_eq!(inner.get(text, "a").unwrap().value.of(text), "1");
        assert!(top.get(text, "version").unwrap().inner.is_none());
        assert!(top.get(text, "absent").is_none());
    }

    #[test]
    fn a_large_object_finds_each_of_its_members() {
        let members: Vec<String> = (0..500).map(|number| format!("\"k\\u0065y{number}\" : {number}")).collect();
        let text = format!("{{{}}}", members.join(","));
        let top = index(&text).unwrap().unwrap();
        for number in 0..500 {
            let member = top.get(&text, &format!("key{number}")).unwrap();
            assert_eq!(member.value.of(&text), number.to_string());
        }
        assert!(top.get(&text, "key500").is_none());
    }

    #[test]
    fn names_of_one_hash_are_told_apart() {
        let mut names = Names::default();
        let all: Vec<String> = (0..40).map(|number| format!("n{number}")).collect();
        let name_of = |index: usize| all.get(index).map(String::as_str);
        for (index, name) in all.iter().enumerate() {
            assert_eq!(names.take(name, index, name_of), None);
        }
        // As if each had collided with the first.
        let table = names.0.as_mut().unwrap();
        table.first.values_mut().for_each(|index| *index = 0);
        table.collided = (1..40).collect();
        for (index, name) in all.iter().enumerate() {
            assert_eq!(names.find(name, 40, |other| all[other] == *name), Some(index));
            assert_eq!(names.take(name, 40, name_of), Some(index), "a duplicate");
        }
        assert_eq!(names.find("n40", 40, |_| false), None);
    }

    #[test]
    fn what_is_no_object_has_no_members() {
        for text in ["[]", "null", "\"x\"", "1", "[{\"a\": {}}]"] {
            assert!(index(text).unwrap().is_none(), "{text}");
        }
    }
}
