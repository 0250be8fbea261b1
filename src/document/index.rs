//! Where each key and value stands in a document's text: the top and every group in it.
//!
//! Holds offsets, not values: the text stays the only copy of the data, and an edit can change the bytes of one
//! value alone. Made by `strict` while it reads.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::ops::Range;

/// The places of an object's members.
#[derive(Debug)]
pub(super) struct Object {
    /// Its braces and what is between them.
    pub(super) span: Range<usize>,
    /// In the order of the text.
    pub(super) members: Vec<Member>,
    names: Names,
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

/// What JSON calls white space.
const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

impl Object {
    /// An object of which the keys' places are known; [`Object::settle`] finds the rest.
    pub(super) fn of(members: Vec<Member>, names: Names) -> Object {
        Object { span: 0..0, members, names }
    }

    /// Finds the values between the keys, in an object that stands at `span` of a text that was read whole.
    ///
    /// A value begins behind its key's colon, and ends before the comma that the next key follows, or before the
    /// object's brace: no value begins with a colon or ends with a comma.
    pub(super) fn settle(&mut self, text: &str, span: Range<usize>) {
        let mut end = span.end.saturating_sub(1);
        for member in self.members.iter_mut().rev() {
            let between = text.get(member.key.end..end).unwrap_or_default();
            let value = between.trim_end_matches(SPACE).trim_end_matches(',').trim_end_matches(SPACE);
            let stop = member.key.end + value.len();
            let value = value.trim_start_matches(SPACE).trim_start_matches(':').trim_start_matches(SPACE);
            member.value = stop - value.len()..stop;
            if let Some(inner) = &mut member.inner {
                inner.settle(text, member.value.clone());
            }
            end = member.key.start;
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
    pub(super) fn at(key: Range<usize>) -> Member {
        Member { key, value: 0..0, inner: None }
    }

    /// The key without quotes and escapes.
    pub(super) fn name<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let string = text.get(self.key.clone()).unwrap_or_default();
        match string.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(plain) if !plain.contains('\\') => Cow::Borrowed(plain),
            // Never an error: the text was read whole.
            _ => Cow::Owned(serde_json::from_str(string).unwrap_or_default()),
        }
    }
}

/// Objects up to this many keys are searched key by key, which needs no table.
const FEW: usize = 16;

/// Finds a name among an object's keys, from 0 on in the order of the text.
///
/// The table of a large object holds hashes, not names: a document of some megabytes has as many names, and
/// copying them would take longer than reading it. Whether a key is the one is asked of the caller.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Keyed, so that no document can be made whose names all collide.
    keys: RandomState,
    first: HashMap<u64, usize, BuildHasherDefault<AsItIs>>,
    /// Those whose hash another name has already: as good as never one.
    collided: Vec<usize>,
}

impl Names {
    /// The index of the key named `name` among the `count` keys taken so far.
    pub(super) fn find(&self, name: &str, count: usize, is: impl Fn(usize) -> bool) -> Option<usize> {
        if count <= FEW {
            return (0..count).find(|index| is(*index));
        }
        let first = self.first.get(&self.keys.hash_one(name)).copied().filter(|index| is(*index));
        first.or_else(|| self.collided.iter().copied().find(|index| is(*index)))
    }

    /// Takes the key named `name` as the one of this index, which must be the next; `name_of` gives the names of
    /// those before.
    pub(super) fn take<'n>(&mut self, name: &str, index: usize, name_of: impl Fn(usize) -> Option<&'n str>) {
        if index == FEW {
            for before in 0..FEW {
                self.put(name_of(before).unwrap_or_default(), before);
            }
        }
        if index >= FEW {
            self.put(name, index);
        }
    }

    fn put(&mut self, name: &str, index: usize) {
        match self.first.entry(self.keys.hash_one(name)) {
            Entry::Vacant(free) => _ = free.insert(index),
            Entry::Occupied(_) => self.collided.push(index),
        }
    }
}

/// Hashes what is a hash already.
#[derive(Debug, Default)]
pub(super) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // Only `u64` is ever hashed with it; anything else would still be told apart.
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
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
    fn a_large_object_finds_each_of_its_members() {
        let members: Vec<String> = (0..500).map(|number| format!("\"k\\u0065y{number}\" : {number}")).collect();
        let text = format!("{{{}}}", members.join(","));
        let top = index(&text).unwrap().unwrap();
        for number in 0..500 {
            let member = top.get(&text, &format!("key{number}")).unwrap();
            assert_eq!(text[member.value.clone()], number.to_string());
        }
        assert!(top.get(&text, "key500").is_none());
    }

    #[test]
    fn names_of_one_hash_are_told_apart() {
        let mut names = Names::default();
        let all: Vec<String> = (0..40).map(|number| format!("n{number}")).collect();
        for (index, name) in all.iter().enumerate() {
            names.take(name, index, |before| all.get(before).map(String::as_str));
        }
        // As if the hashes of all but the first were one that is taken.
        names.first.retain(|_, index| *index == 0);
        names.collided = (1..40).collect();
        for (index, name) in all.iter().enumerate() {
            assert_eq!(names.find(name, 40, |other| all[other] == *name), Some(index));
        }
    }

    #[test]
    fn what_is_no_object_has_no_members() {
        for text in ["[]", "null", "\"x\"", "1", "[{\"a\": {}}]"] {
            assert!(index(text).unwrap().is_none(), "{text}");
        }
    }
}
