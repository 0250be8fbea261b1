//! One three-way merge on keys: a base that both sides knew, theirs (what the file holds now), and my changes.
//!
//! Everything that writes goes through it: a save, a recovered draft, a version brought back. What only one side changed
//! is taken from that side; what both changed to different values is a conflict, and a person chooses. Pure: reads and
//! writes nothing, and does not validate the result.

use std::collections::BTreeMap;

use serde_json::Value;

use super::diff::{self, Difference};
use super::{Changes, Document};
use crate::catalog::Catalog;
use crate::key::Key;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;

#[derive(Clone, Debug)]
pub struct Merge {
    /// What the file holds now.
    pub theirs: Document,
    /// Theirs, with those of my changes that are no conflict.
    pub document: Document,
    /// My changes that `document` has.
    pub mine: Changes,
    /// What they changed since the base, unknown keys included.
    pub theirs_changed: Vec<Difference>,
    /// What both changed to different values, without a choice yet.
    pub conflicts: Vec<Conflict>,
}

/// A key that both changed, each to another value. `None` is the default, not spelled out.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    pub key: Key,
    pub base: Option<Value>,
    /// What the file holds now.
    pub theirs: Option<Value>,
    /// What was to be saved.
    pub mine: Option<Value>,
}

impl Conflict {
    /// `integracao.porta_banco_dados: a gravar 5435; no arquivo agora 5434; antes 5433`
    pub fn message(&self, lang: Lang) -> Safe {
        let shown = |value: &Option<Value>| match value {
            Some(value) => Safe::excerpt(&value.to_string()),
            None => say!(lang, "padrão", "default"),
        };
        say!(
            lang,
            "{}: {} a gravar; {} no arquivo; antes {}",
            "{}: {} to be saved; {} in the file; before {}",
            Safe::outside(self.key.as_str()),
            shown(&self.mine),
            shown(&self.theirs),
            shown(&self.base)
        )
    }
}

/// Changes that others have overtaken: they saved other values of the same keys, and that is known here already.
#[derive(Clone, Debug)]
pub struct Overtaken {
    /// What the file held before the first of them was overtaken.
    pub made_on: Document,
    /// What each was made on, by key.
    pub before: Changes,
}

/// Changes that others had overtaken, and that were taken back then.
#[derive(Clone, Debug)]
pub struct GivenUp {
    /// What the file held before the first of them was overtaken.
    pub made_on: Document,
    /// What each was made on, and what it was.
    pub changes: BTreeMap<Key, (Option<Value>, Option<Value>)>,
}

/// A side of a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What was to be saved.
    Mine,
    /// What the file holds now.
    Theirs,
}

/// Merges `mine`, which were made on top of `base` but for those that were `overtaken`, into `theirs`. Of each conflict in
/// `choices` the chosen side is taken; a choice holds only for the very values that were shown.
///
/// A default that is spelled out and one that is not are the same value, so no conflict comes of it.
pub fn merge(
    base: &Document,
    theirs: &Document,
    mine: &Changes,
    overtaken: Option<&Overtaken>,
    choices: &[(Conflict, Side)],
    catalog: &Catalog,
) -> Merge {
    let mut made = Changes::new();
    let mut conflicts = vec![];
    for (key, wanted) in mine {
        let before = overtaken.and_then(|overtaken| overtaken.before.get(key));
        let (known, now) = (before.cloned().unwrap_or_else(|| base.value(key)), theirs.value(key));
        let default = catalog.parameter(key).map(|parameter| &parameter.default);
        fn in_force<'v>(set: &'v Option<Value>, default: Option<&'v Value>) -> Option<&'v Value> {
            set.as_ref().or(default)
        }
        let they_changed = known != now && in_force(&known, default) != in_force(&now, default);
        if !they_changed {
            made.insert(key.clone(), wanted.clone());
        } else if in_force(wanted, default) != in_force(&now, default) && (*wanted != known || before.is_some()) {
            let conflict = Conflict { key: key.clone(), base: known, theirs: now, mine: wanted.clone() };
            match choices.iter().find(|(shown, _)| *shown == conflict) {
                Some((_, Side::Mine)) => _ = made.insert(key.clone(), wanted.clone()),
                Some((_, Side::Theirs)) => {}
                None => conflicts.push(conflict),
            }
        }
    }
    Merge {
        theirs: theirs.clone(),
        document: theirs.with(&made),
        mine: made,
        theirs_changed: diff::differences(base, theirs),
        conflicts,
    }
}

/// All of `base` with the changes, for a file that is gone.
pub fn anew(base: &Document, theirs: &Document, mine: &Changes) -> Merge {
    let document = Document { base: None, ..base.with(mine) };
    Merge { theirs: theirs.clone(), document, mine: mine.clone(), theirs_changed: vec![], conflicts: vec![] }
}

/// The file with the whole text of another document.
pub fn replacing(theirs: &Document, whole: &Document) -> Merge {
    let document = Document { text: whole.text.clone(), index: whole.index.clone(), ..theirs.clone() };
    Merge { theirs: theirs.clone(), document, mine: Changes::new(), theirs_changed: vec![], conflicts: vec![] }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn document(text: &str) -> Document {
        Document::parse(Path::new("config.json"), text.as_bytes(), &Catalog::built_in()).unwrap()
    }

    const KEYS: [&str; 6] =
        ["integracao.porta_banco_dados", "integracao.x", "geral.vendedor_padrao", "geral.y", "novo.a", "novo.b"];

    fn changes() -> impl Strategy<Value = Changes> {
        let value = prop_oneof![Just(None), (0..4).prop_map(|n| Some(json!(n))), Just(Some(json!(5432)))];
        proptest::collection::btree_map(0..KEYS.len(), value, 0..5)
            .prop_map(|map| map.into_iter().map(|(at, wanted)| (Key::parse(KEYS[at]).unwrap(), wanted)).collect())
    }

    fn base() -> impl Strategy<Value = Document> {
        let odd = document("{ \"z\": 1.50,\r\n\t\"integracao\":{\"x\":1e2 , \"outro\": 12345678901234567890123}}");
        (prop_oneof![Just(document("{}")), Just(odd)], changes())
            .prop_map(|(document, set)| document.with(&set).saved())
    }

    proptest! {
        #[test]
        fn alone_each_side_gets_what_it_wants(base in base(), mine in changes(), theirs in changes()) {
            let catalog = Catalog::built_in();
            let alone = merge(&base, &base, &mine, None, &[], &catalog);
            let wanted = base.with(&mine);
            prop_assert_eq!(alone.document.text(), wanted.text());
            prop_assert!(alone.conflicts.is_empty() && alone.theirs_changed.is_empty());
            let theirs = base.with(&theirs);
            let idle = merge(&base, &theirs, &Changes::new(), None, &[], &catalog);
            prop_assert_eq!(idle.document.text(), theirs.text());
        }

        #[test]
        fn changes_of_different_keys_merge_in_any_order(base in base(), one in changes(), other in changes()) {
            let catalog = Catalog::built_in();
            let other: Changes = other.into_iter().filter(|(key, _)| !one.contains_key(key)).collect();
            let merged = merge(&base, &base.with(&other), &one, None, &[], &catalog);
            let reversed = merge(&base, &base.with(&one), &other, None, &[], &catalog);
            prop_assert!(merged.conflicts.is_empty() && reversed.conflicts.is_empty());
            prop_assert!(diff::differences(&merged.document, &reversed.document).is_empty());
        }

        #[test]
        fn a_merge_made_twice_is_the_merge_made_once(base in base(), mine in changes(), theirs in changes()) {
            let catalog = Catalog::built_in();
            let once = merge(&base, &base.with(&theirs), &mine, None, &[], &catalog);
            let twice = merge(&base, &once.document, &mine, None, &[], &catalog);
            prop_assert_eq!(once.document.text(), twice.document.text());
        }

        #[test]
        fn no_key_is_taken_from_neither_side(base in base(), mine in changes(), theirs in changes()) {
            let catalog = Catalog::built_in();
            let theirs = base.with(&theirs);
            let merged = merge(&base, &theirs, &mine, None, &[], &catalog);
            for name in KEYS {
                let key = Key::parse(name).unwrap();
                let value = merged.document.value(&key);
                let is_mine = mine.get(&key).is_some_and(|wanted| *wanted == value);
                prop_assert!(is_mine || value == theirs.value(&key), "{name}: {value:?}");
            }
            for conflict in &merged.conflicts {
                prop_assert_eq!(merged.document.value(&conflict.key), conflict.theirs.clone());
                prop_assert!(conflict.mine != conflict.theirs && conflict.base != conflict.theirs);
            }
        }
    }

    #[test]
    fn the_same_key_changed_to_other_values_is_a_conflict_and_to_the_same_is_none() {
        let catalog = Catalog::built_in();
        let key = Key::parse("integracao.porta_banco_dados").unwrap();
        let [base, theirs] =
            [5433, 5434].map(|port| document(&format!("{{\"integracao\":{{\"porta_banco_dados\":{port}}}}}")));
        let merged =
            |wanted: Option<Value>| merge(&base, &theirs, &Changes::from([(key.clone(), wanted)]), None, &[], &catalog);
        let conflict =
            Conflict { key: key.clone(), base: Some(json!(5433)), theirs: Some(json!(5434)), mine: Some(json!(5435)) };
        assert_eq!(merged(Some(json!(5435))).conflicts, [conflict]);
        assert_eq!(merged(None).conflicts.len(), 1);
        assert!(merged(Some(json!(5434))).conflicts.is_empty());
        // They spelled out the default, I left it to it: the same value.
        let spelled = document("{\"integracao\":{\"porta_banco_dados\":5432}}");
        let kept = merge(&base, &spelled, &Changes::from([(key.clone(), None)]), None, &[], &catalog);
        assert!(kept.conflicts.is_empty() && kept.document.has(&key));
        // They only spelled out what was in force: nobody but me changed it.
        let wanted = Changes::from([(key.clone(), Some(json!(6000)))]);
        for (base, theirs) in [(&document("{}"), &spelled), (&spelled, &document("{}"))] {
            let changed = merge(base, theirs, &wanted, None, &[], &catalog);
            assert!(changed.conflicts.is_empty() && changed.document.value(&key) == Some(json!(6000)));
        }
    }
    #[test]
    fn a_choice_takes_its_side_and_holds_only_for_the_values_that_were_shown() {
        let catalog = Catalog::built_in();
        let key = Key::parse("integracao.porta_banco_dados").unwrap();
        let [base, theirs, later] =
            [5433, 5434, 5436].map(|port| document(&format!("{{\"integracao\":{{\"porta_banco_dados\":{port}}}}}")));
        let mine = Changes::from([(key.clone(), Some(json!(5435)))]);
        let shown = merge(&base, &theirs, &mine, None, &[], &catalog).conflicts.remove(0);
        for (side, wins) in [(Side::Mine, 5435), (Side::Theirs, 5434)] {
            let choices = [(shown.clone(), side)];
            let chosen = merge(&base, &theirs, &mine, None, &choices, &catalog);
            assert!(chosen.conflicts.is_empty());
            assert_eq!(chosen.document.value(&key), Some(json!(wins)));
            let again = merge(&base, &later, &mine, None, &choices, &catalog);
            assert_eq!((again.conflicts.len(), again.document.value(&key)), (1, Some(json!(5436))));
        }
    }
}
