//! Several writers of one document: what merges, what is a conflict, and that nobody's change is lost.

use std::fs;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use balcao_config::document::Location;
use balcao_config::document::Saver;
use balcao_config::document::lock::Lock;
use balcao_config::document::merge::{Conflict, Side};
use balcao_config::document::save::{Cause, SaveError};
use balcao_config::lang::Lang;
use balcao_config::problem::Kind;
use serde_json::json;

use crate::history::{PORT, Place, key, open, saver, set, times};

const SELLER: &str = "geral.vendedor_padrao";

#[test]
fn changes_of_different_keys_merge_and_it_is_said_whose_was_kept() {
    let place = Place::with("{ \"x\" : 1e2 }\n");
    let (mut ana, mut rui) = (place.open("ana"), place.open("rui"));
    set(&mut ana, PORT, json!(6000));
    rui.set(&key(SELLER), Some(json!("Rui")));
    let saved = rui.save(&[]).unwrap();
    assert_eq!(saved.merged.iter().map(|change| change.name.as_str()).collect::<Vec<_>>(), [PORT]);
    assert_eq!(saved.meanwhile.iter().map(|stamp| stamp.who.user.as_str()).collect::<Vec<_>>(), ["ana"]);
    let note = saved.merge_note(Lang::Pt).unwrap();
    assert!(note.as_str().contains("ana") && note.as_str().contains(PORT), "{note}");
    let now = place.open("");
    assert_eq!(now.document().value(&key(PORT)), Some(json!(6000)));
    assert_eq!(now.document().value(&key(SELLER)), Some(json!("Rui")));
    assert!(place.text().contains("\"x\" : 1e2"));
    assert_eq!(rui.document().text(), place.text(), "the session goes on from what the file holds");
    assert!(rui.pending_changes().is_empty());
}

#[test]
fn the_same_key_is_a_conflict_that_is_told_with_both_values_and_settled_by_choice() {
    for (side, wins) in [(Side::Mine, 6001), (Side::Theirs, 6000)] {
        let place = Place::with("{}");
        let (mut ana, mut rui) = (place.open("ana"), place.open("rui"));
        set(&mut ana, PORT, json!(6000));
        rui.set(&key(PORT), Some(json!(6001)));
        rui.set(&key(SELLER), Some(json!("Rui")));
        let before = place.text();
        let error = rui.save(&[]).unwrap_err();
        let Cause::Conflict { conflicts, meanwhile } = &error.cause else { panic!("{error:?}") };
        let expected = Conflict { key: key(PORT), base: None, theirs: Some(json!(6000)), mine: Some(json!(6001)) };
        assert_eq!((conflicts.as_slice(), meanwhile[0].who.user.as_str()), (&[expected][..], "ana"));
        let problem = error.problem(Lang::Pt);
        assert_eq!((problem.kind, problem.code), (Kind::Write, "conflict"));
        assert!(problem.causes[0].as_str().contains("6000") && problem.causes[0].as_str().contains("6001"));
        assert_eq!((place.text(), rui.pending_changes().len()), (before, 2), "nothing written, nothing lost");

        assert!(matches!(rui.save(&[]), Err(SaveError { cause: Cause::Conflict { .. }, .. })), "not without a choice");
        rui.save(&[(conflicts[0].clone(), side)]).unwrap();
        let now = place.open("");
        assert_eq!(now.document().value(&key(PORT)), Some(json!(wins)));
        assert_eq!(now.document().value(&key(SELLER)), Some(json!("Rui")));
    }
}

#[test]
fn a_choice_holds_only_for_the_values_that_were_shown() {
    let place = Place::with("{}");
    let (mut ana, mut rui) = (place.open("ana"), place.open("rui"));
    set(&mut ana, PORT, json!(6000));
    rui.set(&key(PORT), Some(json!(6001)));
    let Err(SaveError { cause: Cause::Conflict { conflicts, .. }, .. }) = rui.save(&[]) else { panic!("no conflict") };
    set(&mut ana, PORT, json!(6002));
    assert!(matches!(
        rui.save(&[(conflicts[0].clone(), Side::Mine)]),
        Err(SaveError { cause: Cause::Conflict { .. }, .. })
    ));
    assert_eq!(rui.setting(&key(PORT)), Some(json!(6001)));
}

#[test]
fn what_breaks_a_rule_only_together_is_not_saved() {
    let place = Place::with("{}");
    let (mut ana, mut rui) = (place.open("ana"), place.open("rui"));
    set(&mut ana, PORT, json!(7000));
    rui.set(&key("integracao.porta_integracao_clientes"), Some(json!(7000)));
    assert!(rui.is_valid());
    let before = place.text();
    let error = rui.save(&[]).unwrap_err();
    let Cause::Invalid { merged, .. } = &error.cause else { panic!("{error:?}") };
    assert!(!error.problem(Lang::En).causes.is_empty());
    assert_eq!((place.text(), rui.is_valid()), (before, true), "nothing written, nothing taken in");
    rui.take_in(merged);
    assert!(!rui.is_valid(), "now the form can show what is wrong");
}

#[test]
fn a_file_that_became_unreadable_meanwhile_is_never_overwritten() {
    for meanwhile in ["", "{", "{\"version\": 2}", "{\"integracao\": 1}", "\0\0"] {
        let place = Place::with("{}");
        let mut session = place.open("ana");
        session.set(&key(PORT), Some(json!(6000)));
        fs::write(&place.path, meanwhile).unwrap();
        let error = session.save(&[]).unwrap_err();
        assert!(matches!(error.cause, Cause::Unreadable(_)), "{error:?}");
        assert_eq!((place.text().as_str(), session.pending_changes().len()), (meanwhile, 1));
    }
}

#[test]
fn waiting_for_another_writer_is_bounded_and_says_who() {
    let place = Place::with("{}");
    let ana = saver("ana");
    let _held = Lock::take(&Location::find(&place.path), &ana.who, ana.now(), Duration::ZERO).unwrap();
    let hasty = Arc::new(Saver { patience: Duration::from_millis(40), ..(*saver("rui")).clone() });
    let mut session = place.open("").signed(hasty);
    session.set(&key(PORT), Some(json!(6000)));
    let error = session.save(&[]).unwrap_err();
    let said = error.problem(Lang::Pt);
    assert_eq!((said.code, said.kind), ("locked", Kind::Write));
    assert!(said.message.as_str().contains("ana está gravando agora"), "{}", said.message);
    assert_eq!(place.text(), "{}");
}

#[test]
fn first_saves_at_the_same_time_make_the_folders_once_and_merge() {
    for _ in 0..20 {
        let folder = tempfile::TempDir::new().unwrap();
        let path = fs::canonicalize(folder.path()).unwrap().join("new/folders/for/all/config.json");
        thread::scope(|scope| {
            for writer in 0..8 {
                let path = &path;
                scope.spawn(move || set(&mut open(path, ""), &format!("n.k{writer}"), json!(writer)));
            }
        });
        let now = open(&path, "");
        assert!((0..8).all(|writer| now.document().value(&key(&format!("n.k{writer}"))) == Some(json!(writer))));
    }
}

#[test]
fn of_many_writers_none_loses_a_change() {
    const WRITERS: usize = 8;
    let sets = times(25, 200);
    let place = Place::with("{\"n\": {}}");
    let path = &place.path;
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            scope.spawn(move || {
                for n in 0..sets {
                    let mut session = open(path, "");
                    // Unknown to the catalog, and merged and kept like any other key.
                    set(&mut session, &format!("n.k{writer}_{n}"), json!(n));
                }
            });
        }
    });
    let now = place.open("");
    for writer in 0..WRITERS {
        for n in 0..sets {
            assert_eq!(now.document().value(&key(&format!("n.k{writer}_{n}"))), Some(json!(n)), "{writer} {n}");
        }
    }
}
