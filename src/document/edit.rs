//! Changes a document's text, value by value, and nothing else.
//!
//! An edit is a list of splices into the text. A value is replaced where it stands. A new key comes behind the
//! last of its group and copies the spacing of its neighbours: what separates them, what is around the colon. A
//! key that goes takes its comma and its line with it; a group that loses its last key stays, as `{}`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use super::{Changes, Document, VERSION};
use crate::json::{self, Member, Object};
use crate::sort;

/// The indentation of a new level where the document shows none.
const INDENT: &str = "  ";

/// New values by name in one object; `None` takes the name out.
type Assignments<'c> = BTreeMap<&'c str, Option<&'c Value>>;

/// A range of bytes and the text that replaces it.
type Splice = (Range<usize>, String);

impl Document {
    /// The document with the changes made; only their bytes differ.
    ///
    /// A change to the value that is there already changes no byte. Keys of something that is no object are left
    /// out: no catalog's group is, in a document that was read.
    pub fn with(&self, changes: &Changes) -> Document {
        let mut groups: BTreeMap<&str, Assignments> = BTreeMap::new();
        for (key, wanted) in changes {
            groups.entry(key.group()).or_default().insert(key.name(), wanted.as_ref());
        }
        let (text, index) = match &self.index {
            Some(index) => (self.text.clone(), index.clone()),
            None if changes.values().all(Option::is_none) => return self.clone(),
            None => self.fresh(),
        };
        let text: Arc<str> = spliced(&text, splices(&text, &index, &groups)).into();
        Document { index: Some(Arc::new(indexed(&text))), text, ..self.clone() }
    }

    /// What a file begins with that does not exist yet.
    fn fresh(&self) -> (Arc<str>, Arc<Object>) {
        let schema = self.schema.map_or(String::new(), |path| format!("{INDENT}\"$schema\": {},\n", json(path)));
        let text = format!("{{\n{schema}{INDENT}\"version\": {VERSION}\n}}\n");
        let index = indexed(&text);
        (text.into(), Arc::new(index))
    }
}

/// Finds the places in a text made here.
fn indexed(text: &str) -> Object {
    // Cannot fail: splices only insert and remove whole members and values of an object (see the property tests).
    json::read(text).expect("an edited object is an object")
}

fn spliced(text: &str, mut splices: Vec<Splice>) -> String {
    sort::sort_by_key(&mut splices, |(range, _)| (range.start, range.end));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (range, put) in splices {
        out.push_str(text.get(done..range.start).unwrap_or_default());
        out.push_str(&put);
        done = range.end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// All changes to the text; `groups` has the new values by group.
fn splices(text: &str, top: &Object, groups: &BTreeMap<&str, Assignments>) -> Vec<Splice> {
    let style = Style::of(text, top);
    let mut splices = vec![];
    let mut new_groups = vec![];
    for (name, assigned) in groups {
        match top.get(text, name).map(|member| &member.inner) {
            Some(Some(group)) => splices.extend(style.in_group(text, group, assigned)),
            Some(None) => {}
            None => {
                let set = assigned.iter().filter_map(|(name, wanted)| Some((*name, (*wanted)?.to_string())));
                let set: Vec<_> = set.collect();
                if !set.is_empty() {
                    new_groups.push((*name, style.object(&set, &style.deeper, style.indent)));
                }
            }
        }
    }
    match (new_groups.is_empty(), top.members.len().checked_sub(1)) {
        (true, _) => {}
        (false, Some(last)) => splices.push(style.behind(text, top, last, &new_groups)),
        (false, None) => splices.push((top.span.into(), style.object(&new_groups, style.indent, ""))),
    }
    splices
}

/// The spacing that new members are written in, as the document shows it.
struct Style<'t> {
    /// LF or CRLF, as the first line ends.
    line_end: &'static str,
    /// Whether objects are spread over lines.
    spread: bool,
    /// What stands before a key at the top.
    indent: &'t str,
    /// What stands before a key in a group.
    deeper: String,
    /// What stands between key and value.
    colon: &'t str,
}

impl<'t> Style<'t> {
    fn of(text: &'t str, top: &Object) -> Style<'t> {
        let line_end = match text.find('\n') {
            Some(end) if text[..end].ends_with('\r') => "\r\n",
            _ => "\n",
        };
        let first = top.members.first();
        let lead = first.map(|member| slice(text, top.span.start() + 1..member.key.start()));
        let indent = lead.and_then(|lead| lead.rsplit_once('\n')).map_or(INDENT, |(_, indent)| indent);
        Style {
            line_end,
            spread: lead.is_none_or(|lead| lead.contains('\n')),
            indent,
            // A document whose keys stand at the margin still gets its groups indented.
            deeper: if indent.is_empty() { INDENT.to_owned() } else { indent.repeat(2) },
            colon: first.map_or(": ", |member| colon(text, member)),
        }
    }

    /// A new object of these members, whose keys are indented by `inner` and its closing brace by `outer`.
    fn object(&self, members: &[(&str, String)], inner: &str, outer: &str) -> String {
        if !self.spread {
            return format!("{{{}}}", joined(members, self.colon, self.comma()));
        }
        let line_end = self.line_end;
        let members = joined(members, self.colon, &format!(",{line_end}{inner}"));
        format!("{{{line_end}{inner}{members}{line_end}{outer}}}")
    }

    /// A comma within a line, with a space behind it where colons have one.
    fn comma(&self) -> &'static str {
        if self.colon.ends_with(' ') { ", " } else { "," }
    }

    /// The changes to one group.
    fn in_group(&self, text: &str, group: &Object, assigned: &Assignments) -> Vec<Splice> {
        let mut splices = vec![];
        let mut gone = vec![];
        for member in &group.members {
            let wanted = assigned.get(&*member.name(text));
            gone.push(matches!(wanted, Some(None)));
            if let Some(Some(value)) = wanted
                && member.json(text) != **value
            {
                splices.push((member.value.into(), value.to_string()));
            }
        }
        let new = assigned.iter().filter(|(name, _)| group.get(text, name).is_none());
        let new: Vec<_> = new.filter_map(|(name, wanted)| Some((*name, (*wanted)?.to_string()))).collect();
        match gone.iter().rposition(|gone| !gone) {
            // Nothing of it is left, or it was empty: written anew.
            None if new.is_empty() && gone.is_empty() => {}
            None if new.is_empty() => splices.push((group.span.into(), "{}".to_owned())),
            None => splices.push((group.span.into(), self.object(&new, &self.deeper, self.indent))),
            Some(last) => {
                splices.extend(removals(group, &gone));
                if !new.is_empty() {
                    splices.push(self.behind(text, group, last, &new));
                }
            }
        }
        splices
    }

    /// New members behind the last of an object; `model` is the index of the one whose spacing they copy.
    fn behind(&self, text: &str, object: &Object, model: usize, new: &[(&str, String)]) -> Splice {
        let end = object.members.last().map_or(object.span.start() + 1, |member| member.value.end());
        let before = model.checked_sub(1).and_then(|index| object.members.get(index));
        let Some(member) = object.members.get(model) else { return (end..end, String::new()) };
        let comma: Cow<str> = match before {
            Some(before) => slice(text, before.value.end()..member.key.start()).into(),
            None => match slice(text, object.span.start() + 1..member.key.start()).rsplit_once('\n') {
                Some((_, indent)) => format!(",{}{indent}", self.line_end).into(),
                None => self.comma().into(),
            },
        };
        (end..end, format!("{comma}{}", joined(new, colon(text, member), &comma)))
    }
}

/// Takes members out, where at least one stays.
fn removals(object: &Object, gone: &[bool]) -> Vec<Splice> {
    let leading = gone.iter().take_while(|gone| **gone).count();
    let mut splices = vec![];
    // The first ones go up to the first that stays, which keeps what stood before the first.
    if let (1.., Some(first), Some(stays)) = (leading, object.members.first(), object.members.get(leading)) {
        splices.push((first.key.start()..stays.key.start(), String::new()));
    }
    // Any other goes with the comma and the space before it.
    for (pair, gone) in object.members.windows(2).zip(gone.iter().skip(1)).skip(leading) {
        if let ([before, member], true) = (pair, gone) {
            splices.push((before.value.end()..member.value.end(), String::new()));
        }
    }
    splices
}

/// `"a": 1, "b": 2`
fn joined(members: &[(&str, String)], colon: &str, comma: &str) -> String {
    let members: Vec<String> = members.iter().map(|(name, value)| format!("{}{colon}{value}", json(name))).collect();
    members.join(comma)
}

/// A text as JSON: UTF-8 as it is; quotes, backslashes and control characters escaped.
fn json(text: &str) -> String {
    Value::from(text).to_string()
}

/// What stands between a member's key and value: the colon and the space around it.
fn colon<'t>(text: &'t str, member: &Member) -> &'t str {
    slice(text, member.key.end()..member.value.start())
}

fn slice(text: &str, range: Range<usize>) -> &str {
    text.get(range).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::catalog::Catalog;
    use crate::key::Key;

    fn document(text: &str) -> Document {
        Document::parse(Path::new("config.json"), text.as_bytes(), &Catalog::default()).unwrap()
    }

    fn changes(pairs: &[(&str, Option<Value>)]) -> Changes {
        pairs.iter().map(|(key, wanted)| (Key::parse(key).unwrap(), wanted.clone())).collect()
    }

    #[test]
    fn members_come_and_go_with_their_commas_and_lines() {
        type Assignment<'w> = (&'w str, Option<Value>);
        let cases: [(&str, &[Assignment], &str); 12] = [
            ("{\"g\": {\"a\": 1, \"b\": 2}}", &[("g.a", None)], "{\"g\": {\"b\": 2}}"),
            ("{\"g\": {\"a\": 1, \"b\": 2}}", &[("g.b", None)], "{\"g\": {\"a\": 1}}"),
            ("{\"g\": { \"a\": 1 }}", &[("g.a", None)], "{\"g\": {}}"),
            ("{\"g\":{\n \"a\":1,\n \"b\":2,\n \"c\":3\n}}", &[("g.b", None)], "{\"g\":{\n \"a\":1,\n \"c\":3\n}}"),
            ("{\"g\":{\n \"a\":1,\n \"b\":2,\n \"c\":3\n}}", &[("g.a", None), ("g.b", None)], "{\"g\":{\n \"c\":3\n}}"),
            ("{\"g\":{\n \"a\":1,\n \"b\":2,\n \"c\":3\n}}", &[("g.a", None), ("g.c", None)], "{\"g\":{\n \"b\":2\n}}"),
            ("{\"g\":{\"a\":1}}", &[("g.a", None), ("g.b", Some(json!(2)))], "{\"g\":{\"b\":2}}"),
            ("{\"g\":{\"a\":1,\"c\":3}}", &[("g.b", Some(json!(2))), ("g.c", None)], "{\"g\":{\"a\":1,\"b\":2}}"),
            ("{ \"g\": { \"a\": 1 } }", &[("g.b", Some(json!("x")))], "{ \"g\": { \"a\": 1, \"b\": \"x\" } }"),
            ("{}", &[("g.b", Some(json!(true)))], "{\n  \"g\": {\n    \"b\": true\n  }\n}"),
            ("{\n}\n", &[("g.b", None)], "{\n}\n"),
            ("{\"g\": 5}", &[("g.b", Some(json!(1)))], "{\"g\": 5}"),
        ];
        for (before, assigned, after) in cases {
            assert_eq!(document(before).with(&changes(assigned)).text(), after, "{before} {assigned:?}");
        }
    }

    #[test]
    fn a_new_document_names_the_schema_where_it_is_installed() {
        let mut missing = Document::missing(Path::new("config.json"));
        let set = changes(&[("g.b", Some(json!(1)))]);
        assert_eq!(missing.with(&set).text(), "{\n  \"version\": 1,\n  \"g\": {\n    \"b\": 1\n  }\n}\n");
        missing.schema = Some("/x/schema.json");
        let expected = "{\n  \"$schema\": \"/x/schema.json\",\n  \"version\": 1,\n  \"g\": {\n    \"b\": 1\n  }\n}\n";
        assert_eq!(missing.with(&set).text(), expected);
        assert_eq!(missing.with(&changes(&[("g.b", None)])).text(), "");
    }

    #[test]
    fn a_value_that_is_there_already_keeps_its_spelling() {
        let text = r#"{"g": {"a": 1.50, "b": "\u0061", "c": 1E2}}"#;
        let same = changes(&[("g.a", Some(json!(1.5))), ("g.b", Some(json!("a"))), ("g.c", Some(json!(100.0)))]);
        assert_eq!(document(text).with(&same).text(), text);
    }

    /// Choices drawn from random bytes; the first choice for ever where they run out, so that less is simpler.
    struct Dice<'d>(std::slice::Iter<'d, u8>);

    impl Dice<'_> {
        fn pick<T: Copy>(&mut self, from: &[T]) -> T {
            from[usize::from(self.0.next().copied().unwrap_or(0)) % from.len()]
        }

        fn space(&mut self) -> &'static str {
            self.pick(&["", " ", "\n  ", "\r\n", "\t", "\n", " \r\n\t ", "  "])
        }

        fn value(&mut self) -> &'static str {
            self.pick(&[
                "1",
                "-0",
                "1.50",
                "1E5",
                "1234567890123456789012345678901234567890",
                "\"\"",
                r#""\u00e7\/ç \ud83d\ude00 \\\"""#,
                "\"} , {\"",
                "null",
                "true",
                "[ ]",
                "[1 ,{\"b\" : [ ]}]",
                "{\"x\" : {\"\":1}}",
            ])
        }

        /// A key, some of its letters spelled as escapes.
        fn key(&mut self, name: &str) -> String {
            let spelled = name.chars().map(|letter| match self.pick(&[false, false, false, true]) {
                true => format!("\\u{:04x}", letter as u32),
                false => letter.to_string(),
            });
            format!("\"{}\"", spelled.collect::<String>())
        }

        fn object(&mut self, names: &[&str], value: &mut dyn FnMut(&mut Self) -> String) -> String {
            let mut members = vec![];
            for name in names {
                if self.pick(&[false, true, true]) {
                    let (a, b, c, d) = (self.space(), self.space(), self.space(), self.space());
                    members.push(format!("{a}{}{b}:{c}{}{d}", self.key(name), value(self)));
                }
            }
            if members.is_empty() { format!("{{{}}}", self.space()) } else { format!("{{{}}}", members.join(",")) }
        }

        fn document(&mut self) -> String {
            let (before, after) = (self.space(), self.space());
            let top = self.object(&["$schema", "integracao", "", "a.b", "geral", "ção"], &mut |dice| {
                if dice.pick(&[true, true, false]) {
                    dice.object(&NAMES, &mut |dice| dice.value().to_owned())
                } else {
                    dice.value().to_owned()
                }
            });
            format!("{before}{top}{after}")
        }

        fn changes(&mut self) -> Changes {
            let mut changes = Changes::new();
            for group in ["integracao", "geral", "ção", "novo"] {
                for name in NAMES {
                    let wanted = self.pick(&[None, None, Some(None), Some(Some(())), None]);
                    let wanted = wanted.map(|set| set.map(|()| serde_json::from_str(self.value()).unwrap()));
                    if let (Some(key), Some(wanted)) = (Key::new(group, name), wanted) {
                        changes.insert(key, wanted);
                    }
                }
            }
            changes
        }
    }

    const NAMES: [&str; 5] = ["porta", "ip", "", "x.y", "ç"];

    /// What the changes mean, done to a tree instead of a text.
    fn meant(text: &str, changes: &Changes) -> Value {
        let mut tree: Value = serde_json::from_str(text).unwrap();
        let top = tree.as_object_mut().unwrap();
        for (key, wanted) in changes {
            if !top.contains_key(key.group()) && wanted.is_some() {
                top.insert(key.group().into(), json!({}));
            }
            let Some(group) = top.get_mut(key.group()).and_then(Value::as_object_mut) else { continue };
            match wanted {
                Some(value) => _ = group.insert(key.name().into(), value.clone()),
                None => _ = group.shift_remove(key.name()),
            }
        }
        tree
    }

    /// Keys and values as they are spelled, in order, without those that the changes are about.
    fn untouched(document: &Document, changes: &Changes) -> Vec<String> {
        let text = document.text();
        let mut members = vec![];
        for member in &document.index.as_ref().unwrap().members {
            let name = member.name(text);
            match &member.inner {
                None => members.push(text[member.key.start()..member.value.end()].to_owned()),
                Some(_) if &*name == "novo" => {}
                Some(group) => {
                    members.push(text[member.key.start()..member.value.start()].to_owned());
                    let kept = group.members.iter().filter(|inner| {
                        Key::new(&name, &inner.name(text)).is_none_or(|key| !changes.contains_key(&key))
                    });
                    members.extend(kept.map(|inner| text[inner.key.start()..inner.value.end()].to_owned()));
                }
            }
        }
        members
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1500))]

        #[test]
        fn an_edit_means_what_was_asked_and_leaves_the_rest_as_it_is_spelled(
            dice in proptest::collection::vec(any::<u8>(), 0..200)
        ) {
            let mut dice = Dice(dice.iter());
            let (changes, text) = (dice.changes(), dice.document());
            let before = document(&text);
            let after = before.with(&changes);
            let read = document(after.text());
            prop_assert_eq!(serde_json::from_str::<Value>(after.text()).unwrap(), meant(&text, &changes));
            for (key, wanted) in &changes {
                if before.member(key).is_some() || read.member(key).is_some() {
                    prop_assert_eq!(&after.value(key), wanted);
                    prop_assert_eq!(after.place(key), read.place(key));
                }
            }
            let new_groups = ["integracao", "geral", "ção"].iter().filter(|name| {
                before.index.as_ref().unwrap().get(&text, name).is_none()
            });
            let mut kept = untouched(&after, &changes);
            for name in new_groups {
                kept.retain(|member| !member.starts_with(&format!("\"{name}\"")));
            }
            prop_assert_eq!(kept, untouched(&before, &changes));
            let again = after.with(&changes);
            prop_assert_eq!(again.text(), after.text(), "a second time changes nothing");
        }

        #[test]
        fn replacing_a_value_changes_its_bytes_alone(dice in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut dice = Dice(dice.iter());
            let text = dice.document();
            let before = document(&text);
            for key in ["integracao.porta", "geral.ip", "ção.ç"].map(|key| Key::parse(key).unwrap()) {
                let Some(member) = before.member(&key) else { continue };
                let after = before.with(&Changes::from([(key.clone(), Some(json!("novo")))]));
                let expected = format!("{}\"novo\"{}", &text[..member.value.start()], &text[member.value.end()..]);
                prop_assert_eq!(after.text(), expected);
            }
        }

        #[test]
        fn a_key_set_and_unset_again_leaves_no_trace(dice in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut dice = Dice(dice.iter());
            let group = dice.object(&NAMES, &mut |dice| dice.value().to_owned());
            // A group that has members: an empty one does not keep the space between its braces.
            let group = group.replacen('{', if group.contains(':') { "{\"a\":1," } else { "{ \"a\" : 1" }, 1);
            let text = format!("{{{}\"integracao\"{}: {group}{}}}", dice.space(), dice.space(), dice.space());
            let before = document(&text);
            let key = Key::parse("integracao.de_passagem").unwrap();
            let set = before.with(&Changes::from([(key.clone(), Some(json!(1)))]));
            prop_assert_eq!(set.value(&key), Some(json!(1)));
            let unset = set.with(&Changes::from([(key, None)]));
            prop_assert_eq!(unset.text(), text);
        }
    }
}
