//! Reads JSON strictly, and notes where each key and value of its objects stands.
//!
//! Builds no values: the text stays the only copy of the data, and an edit can change the bytes of one value alone.
//! A property test compares it with `serde_json`: both accept the same texts, except that this one also refuses a key that
//! stands twice in one object and more than [`MAX_DEPTH`] levels. Every error has its kind and place ([`Error`]).

mod error;
pub mod place;

use crate::sort;
use std::borrow::Cow;
use std::ops::Range;

use serde_json::{Map, Value};

pub use error::{Error, Fault, Shape, Wanted};

/// Nested objects and lists, the top included. Far more than any document needs, few enough for the stack, and few enough
/// for `serde_json` to read any value below the top.
pub const MAX_DEPTH: usize = 128;

/// From where to where in the text, in bytes. Half the size of a range: a large document has many, and none has 4 GiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    start: u32,
    end: u32,
}

/// An object, and where it stands with its braces.
#[derive(Debug)]
pub struct Object {
    pub span: Span,
    /// In the order of the text.
    pub members: Vec<Member>,
    /// The members' indices in the order of their names: finds a member, and duplicates, without a hash table. Empty where they
    /// are few, which are looked through faster than they are sorted.
    by_name: Vec<u32>,
}

/// As many members are few.
const FEW: usize = 8;

/// Where one key and its value stand.
#[derive(Debug)]
pub struct Member {
    /// The key with its quotes.
    pub key: Span,
    /// The value, without the space around it.
    pub value: Span,
    /// Where the value is an object: that one.
    pub inner: Option<Box<Object>>,
}

impl Span {
    pub fn start(self) -> usize {
        self.start as usize
    }

    pub fn end(self) -> usize {
        self.end as usize
    }

    /// The part of the text; empty where the text has no such part.
    pub fn of(self, text: &str) -> &str {
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

impl Object {
    /// Refuses a key that stands there a second time.
    fn new(text: &str, span: Span, members: Vec<Member>) -> Result<Object, Error> {
        if members.len() <= FEW && are_plainly_distinct(text, &members) {
            return Ok(Object { span, members, by_name: vec![] });
        }
        // Equal names stay in the order of the text.
        let mut names: Vec<(Cow<str>, u32)> = members.iter().map(|member| member.name(text)).zip(0..).collect();
        sort::sort(&mut names);
        let twice = names.windows(2).filter_map(|pair| match pair {
            [(one, first), (other, again)] => (one == other).then_some((*first, *again)),
            _ => None,
        });
        // The first in the text: people fix a file from top to bottom.
        if let Some((first, again)) = twice.min_by_key(|(_, again)| *again)
            && let (Some(first), Some(again)) = (members.get(first as usize), members.get(again as usize))
        {
            let first = place::of(text, first.key.start());
            let error = Error::at(again.key.start(), Fault::DuplicateKey { first });
            return Err(error.within(format!(".{}", again.name(text))));
        }
        let by_name = names.into_iter().map(|(_, index)| index).collect();
        Ok(Object { span, members, by_name })
    }

    /// The member of that name.
    pub fn get(&self, text: &str, name: &str) -> Option<&Member> {
        if self.by_name.is_empty() {
            return self.members.iter().find(|member| member.name(text) == name);
        }
        let member = |index: &u32| self.members.get(*index as usize);
        let order = |index: &u32| member(index).map(|member| member.name(text)).as_deref().cmp(&Some(name));
        self.by_name.get(self.by_name.binary_search_by(order).ok()?).and_then(member)
    }

    /// All of it as values. One by one: with the top, the deepest have a level more than `serde_json` reads.
    pub fn json(&self, text: &str) -> Map<String, Value> {
        self.members.iter().map(|member| (member.name(text).into_owned(), member.json(text))).collect()
    }
}

/// True where no two keys are spelled alike, and none is spelled with escapes, which could hide that they are.
fn are_plainly_distinct(text: &str, members: &[Member]) -> bool {
    let is_new = |(at, member): (usize, &Member)| {
        let key = member.key.of(text);
        !key.contains('\\') && members.iter().take(at).all(|before| before.key.of(text) != key)
    };
    members.iter().enumerate().all(is_new)
}

impl Member {
    /// The key without quotes and escapes.
    pub fn name<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let string = self.key.of(text);
        match string.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(plain) if !plain.contains('\\') => Cow::Borrowed(plain),
            // Never an error: the text was read whole.
            _ => Cow::Owned(serde_json::from_str(string).unwrap_or_default()),
        }
    }

    /// The value where it is a text without escapes: as it stands there, without its quotes.
    pub fn plain_text<'t>(&self, text: &'t str) -> Option<&'t str> {
        let inside = self.value.of(text).strip_prefix('"')?.strip_suffix('"')?;
        (!inside.contains('\\')).then_some(inside)
    }

    /// The value itself.
    pub fn json(&self, text: &str) -> Value {
        if let Some(plain) = self.plain_text(text) {
            return Value::from(plain);
        }
        // Never an error: the text was read whole, and below the top its levels are within serde_json's limit.
        serde_json::from_str(self.value.of(text)).unwrap_or_default()
    }
}

/// The bytes as text, where they are UTF-8 without a byte order mark and not empty.
pub fn text(bytes: &[u8]) -> Result<&str, Error> {
    if bytes.iter().all(|byte| byte.is_ascii_whitespace()) {
        return Err(Error::of_all(Fault::Empty));
    }
    if bytes.iter().all(|byte| *byte == 0) {
        return Err(Error::of_all(Fault::OnlyNul));
    }
    match bytes {
        // UTF-32's marks begin with or hold those of UTF-16; without a mark, NUL bytes stand where JSON's first characters,
        // which are ASCII, have nothing.
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => return wide("UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return wide("UTF-16"),
        [0, 0, 0, b' '..=b'~', ..] => return wide("UTF-32BE"),
        [b' '..=b'~', 0, 0, 0, next, 0, ..] if *next != 0 => return wide("UTF-32LE"),
        [0, b' '..=b'~', 0, ..] => return wide("UTF-16BE"),
        [b' '..=b'~', 0, b' '..=b'~' | b'\n' | b'\r', 0, ..] => return wide("UTF-16LE"),
        [0xef, 0xbb, 0xbf, ..] => return Err(Error::at(0, Fault::ByteOrderMark)),
        _ => {}
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        Error::at(offset, Fault::NotUtf8(bytes.get(offset).copied().unwrap_or_default()))
    })
}

fn wide(encoding: &'static str) -> Result<&'static str, Error> {
    Err(Error::at(0, Fault::Wide(encoding)))
}

/// Reads all of `text`, which must be an object.
pub fn read(text: &str) -> Result<Object, Error> {
    let mut reader = Reader { text, at: 0, open: vec![] };
    // No JSON has such a line, and the fault that it causes in the text would only mislead.
    reader.document().map_err(|error| match error::conflict_marker(text) {
        Some(offset) => Error::at(offset, Fault::MergeConflict),
        None => error,
    })
}

/// Reads the text once from front to back; stops at the first fault.
struct Reader<'t> {
    text: &'t str,
    /// The next byte; never inside a character.
    at: usize,
    /// Where the brackets, braces and quotes stand that are open.
    open: Vec<usize>,
}

impl<'t> Reader<'t> {
    fn document(&mut self) -> Result<Object, Error> {
        self.skip_space();
        let start = self.at;
        let found = self.value()?;
        self.skip_space();
        if self.at < self.text.len() {
            return Err(self.unexpected(Wanted::End));
        }
        found.ok_or_else(|| Error::at(start, Fault::TopNotObject(Shape::of(self.rest_from(start)))))
    }

    fn value(&mut self) -> Result<Option<Object>, Error> {
        match self.peek() {
            Some(b'{') => return self.object().map(Some),
            Some(b'[') => self.list()?,
            Some(b'"') => self.string()?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => match self.word() {
                word @ ("true" | "false" | "null") => self.at += word.len(),
                _ => return Err(self.unexpected(Wanted::Value)),
            },
        }
        Ok(None)
    }

    fn object(&mut self) -> Result<Object, Error> {
        let start = self.at;
        let mut members = vec![];
        self.enter()?;
        while !self.ends(members.is_empty(), b'}', Wanted::CommaOrBrace)? {
            let key = self.key(members.last())?;
            let mut member = Member { key, value: key, inner: None };
            match self.member_value() {
                Ok((value, inner)) => (member.value, member.inner) = (value, inner.map(Box::new)),
                Err(error) => return Err(error.within(format!(".{}", member.name(self.text)))),
            }
            members.push(member);
        }
        Object::new(self.text, (start..self.at).into(), members)
    }

    fn member_value(&mut self) -> Result<(Span, Option<Object>), Error> {
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.unexpected(Wanted::Colon));
        }
        self.at += 1;
        self.skip_space();
        let start = self.at;
        let inner = self.value()?;
        Ok(((start..self.at).into(), inner))
    }

    fn list(&mut self) -> Result<(), Error> {
        self.enter()?;
        let mut index = 0;
        while self.item(index == 0).map_err(|error| error.within(format!("[{index}]")))? {
            index += 1;
        }
        Ok(())
    }

    /// Reads an item with the comma before it; false where the list ends.
    fn item(&mut self, is_first: bool) -> Result<bool, Error> {
        if self.ends(is_first, b']', Wanted::CommaOrBracket)? {
            return Ok(false);
        }
        self.value()?;
        Ok(true)
    }

    fn enter(&mut self) -> Result<(), Error> {
        if self.open.len() == MAX_DEPTH {
            return Err(Error::at(self.at, Fault::TooDeep));
        }
        self.open.push(self.at);
        self.at += 1;
        Ok(())
    }

    /// Reads the bracket that ends a list or an object, or else the comma before all but the first of what is in it.
    fn ends(&mut self, is_first: bool, bracket: u8, wanted: Wanted) -> Result<bool, Error> {
        self.skip_space();
        if self.peek() == Some(bracket) {
            self.at += 1;
            self.open.pop();
            return Ok(true);
        }
        if !is_first {
            if self.peek() != Some(b',') {
                return Err(self.unexpected(wanted));
            }
            let comma = self.at;
            self.at += 1;
            self.skip_space();
            if matches!(self.peek(), Some(b']' | b'}')) {
                return Err(Error::at(comma, Fault::TrailingComma));
            }
        }
        Ok(false)
    }

    fn key(&mut self, before: Option<&Member>) -> Result<Span, Error> {
        let start = self.at;
        match (self.peek(), before) {
            (Some(b'"'), _) => self.string()?,
            // The decimal comma of `1,5`, right behind the number.
            (Some(b'0'..=b'9'), Some(before))
                if before.value.end() + 1 == start
                    && before.value.of(self.text).ends_with(|end: char| end.is_ascii_digit()) =>
            {
                return Err(Error::at(before.value.start(), Fault::Number));
            }
            _ => return Err(self.unexpected(Wanted::Key)),
        }
        Ok((start..self.at).into())
    }

    fn string(&mut self) -> Result<(), Error> {
        self.open.push(self.at);
        self.at += 1;
        loop {
            match self.peek() {
                None => return Err(self.ended()),
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                Some(control @ 0..0x20) => return Err(Error::at(self.at, Fault::Control(control.into()))),
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        self.open.pop();
        Ok(())
    }

    fn escape(&mut self) -> Result<(), Error> {
        match self.text.as_bytes().get(self.at + 1) {
            None => Err(self.ended()),
            Some(b'u') => {
                let is_whole = match self.unit()? {
                    0xdc00..=0xdfff => false,
                    // The text ends within the pair.
                    0xd800..=0xdbff if "\\u".starts_with(self.rest()) => return Err(self.ended()),
                    0xd800..=0xdbff => self.rest().starts_with("\\u") && matches!(self.unit()?, 0xdc00..=0xdfff),
                    _ => true,
                };
                let quote = self.open.last().copied().unwrap_or_default();
                if is_whole { Ok(()) } else { Err(Error::at(quote, Fault::LoneSurrogate)) }
            }
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 2;
                Ok(())
            }
            Some(_) => Err(Error::at(self.at + 1, Fault::Escape)),
        }
    }

    /// Reads `\u` and four digits: a unit of UTF-16.
    fn unit(&mut self) -> Result<u32, Error> {
        self.at += 2;
        let mut unit = 0;
        for _ in 0..4 {
            let Some(symbol) = self.rest().chars().next() else { return Err(self.ended()) };
            let Some(digit) = symbol.to_digit(16) else { return Err(Error::at(self.at, Fault::Escape)) };
            unit = unit << 4 | digit;
            self.at += 1;
        }
        Ok(unit)
    }

    fn number(&mut self) -> Result<(), Error> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        let word = self.word();
        if self.at > start && !word.is_empty() {
            return Err(Error::at(start, Fault::Word(format!("-{word}"))));
        }
        let mut is_well = true;
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            is_well &= self.digits();
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            is_well &= self.digits();
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            is_well &= self.digits();
        }
        match self.rest().chars().next() {
            None if !is_well => return Err(self.ended()),
            Some(next) if !is_well || next.is_alphanumeric() || matches!(next, '.' | '_') => {
                return Err(Error::at(start, Fault::Number));
            }
            _ => {}
        }
        // Only these can be larger than a double; serde_json decides which are.
        let number = &self.text[start..self.at];
        let may_be_large = number.len() > 300 || number.contains(['e', 'E']);
        if may_be_large && serde_json::from_str::<f64>(number).is_err() {
            return Err(Error::at(start, Fault::NumberOutOfRange));
        }
        Ok(())
    }

    /// Reads digits; false where there are none.
    fn digits(&mut self) -> bool {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        self.at > start
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'t str {
        self.rest_from(self.at)
    }

    fn rest_from(&self, start: usize) -> &'t str {
        self.text.get(start..).unwrap_or_default()
    }

    /// The letters that come next.
    fn word(&self) -> &'t str {
        let rest = self.rest();
        &rest[..rest.find(|symbol: char| !symbol.is_alphabetic() && symbol != '_').unwrap_or(rest.len())]
    }

    /// Something else comes next than what is wanted.
    fn unexpected(&self, wanted: Wanted) -> Error {
        let (rest, word) = (self.rest(), self.word());
        let Some(found) = rest.chars().next() else { return self.ended() };
        let is_cut = word.len() == rest.len() && ["true", "false", "null"].iter().any(|whole| whole.starts_with(word));
        Error::at(
            self.at,
            match found {
                _ if wanted == Wanted::Value && is_cut => return self.ended(),
                '#' => Fault::Comment,
                '/' if rest.starts_with("//") || rest.starts_with("/*") => Fault::Comment,
                '\'' | '‘' | '’' | '“' | '”' | '«' | '»' => Fault::Quotes(found),
                _ if !word.is_empty() => Fault::Word(word.to_owned()),
                _ => Fault::Unexpected(wanted, found),
            },
        )
    }

    /// The text ends too early: names what is still open, at the last visible character.
    fn ended(&self) -> Error {
        let last = self.text.trim_end().char_indices().next_back().map_or(0, |(offset, _)| offset);
        let opened = self.open.last().and_then(|start| Some((self.rest_from(*start).chars().next()?, *start)));
        Error::at(
            last,
            match opened {
                Some((bracket, start)) => Fault::Unclosed(bracket, place::of(self.text, start).0),
                None => Fault::Ended,
            },
        )
    }
}

#[cfg(test)]
mod tests;
