//! Drafts: what is kept, offered and never applied by itself.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use balcao_config::catalog::Catalog;
use balcao_config::document::draft::{self, Draft, Shelf};
use balcao_config::document::moment::Moment;
use balcao_config::document::who::Who;
use balcao_config::document::{Changes, Document};
use balcao_config::lang::Lang;
use serde_json::{Value, json};

use crate::history::{PORT, Place, key, set};

fn who(user: &str, pid: u32) -> Who {
    Who { user: user.into(), pid, ssh_client: Some("10.0.0.7".into()), ..Who::default() }
}

fn root() -> Who {
    who("root", 1)
}

fn at(second: u32) -> Moment {
    Moment::parse(&format!("2026-03-31T12:34:{second:02}Z")).unwrap()
}

fn changes(port: Value) -> Changes {
    Changes::from([(key(PORT), Some(port)), (key("geral.vendedor_padrao"), None)])
}

fn read(place: &Place) -> Document {
    Document::read(&place.path, &Catalog::built_in()).unwrap()
}

fn list(place: &Place) -> Vec<Draft> {
    Draft::list(&place.path, &Shelf::default(), &root()).into_iter().map(Result::unwrap).collect()
}

/// A process id that no process has.
const NOBODY: u32 = u32::MAX;

#[test]
fn a_draft_is_kept_whole_private_and_found_again() {
    let place = Place::with("{}");
    let mut draft = Draft::create(&read(&place), who("ana", NOBODY), at(0));
    assert!(list(&place).is_empty() && !draft::folder(&place.path).exists(), "nothing is written before an edit");
    draft.store(&changes(json!("caf\u{e9} \u{1b}")), at(1), &Shelf::default()).unwrap();
    draft.store(&changes(json!(6000)), at(2), &Shelf::default()).unwrap();
    assert_eq!(list(&place), [draft.clone()]);
    let found = &list(&place)[0];
    assert_eq!((found.started, found.updated, found.base.as_deref()), (at(0), at(2), Some("{}")));
    assert_eq!((found.changes.clone(), found.open_elsewhere), (changes(json!(6000)), false));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode(&draft::folder(&place.path)), mode(&draft.file)), (0o700, 0o600));
    let name = draft.file.file_name().unwrap().to_str().unwrap();
    fs::write(draft.file.with_file_name(format!(".{name}.balcao-0123456789abcdef")), "of a killed store").unwrap();
    draft.discard().unwrap();
    draft.discard().unwrap();
    assert_eq!(fs::read_dir(draft::folder(&place.path)).unwrap().count(), 0);
}

#[test]
fn a_set_to_null_and_a_return_to_the_default_stay_apart() {
    let place = Place::with("{}");
    let mut draft = Draft::create(&read(&place), who("ana", NOBODY), at(0));
    draft.store(&changes(Value::Null), at(1), &Shelf::default()).unwrap();
    assert_eq!(list(&place)[0].changes, changes(Value::Null));
}

#[test]
fn the_draft_of_a_form_that_is_still_open_says_so() {
    let place = Place::with("{}");
    let mut mine = Draft::create(&read(&place), who("ana", std::process::id()), at(0));
    mine.store(&changes(json!(6000)), at(1), &Shelf::default()).unwrap();
    assert!(list(&place)[0].open_elsewhere);
    // The same id after a new start of the machine, or of another process, is somebody else.
    let written = fs::read_to_string(&mine.file).unwrap();
    for field in ["\"boot\": \"", "\"process_started\": "] {
        fs::write(&mine.file, written.replace(field, &format!("{field}1"))).unwrap();
        assert!(!list(&place)[0].open_elsewhere, "{field}");
    }
}

#[test]
fn the_newest_comes_first_and_broken_ones_are_told_last() {
    let place = Place::with("{}");
    for (user, second) in [("ana", 5), ("rui", 9), ("eva/../x", 7)] {
        let mut draft = Draft::create(&read(&place), who(user, NOBODY), at(0));
        draft.store(&changes(json!(6000)), at(second), &Shelf::default()).unwrap();
        assert_eq!(draft.file.parent(), Some(&*draft::folder(&place.path)), "a name is no path");
    }
    let whole = fs::read_to_string(&list(&place)[0].file).unwrap();
    let wrongs = ["", "{}", &whole[..whole.len() / 2], &whole.replace("\"base\": \"{}\"", "\"base\": \"{ }\"")];
    for (index, wrong) in wrongs.iter().enumerate() {
        fs::write(draft::folder(&place.path).join(format!("x-{index}.json")), wrong).unwrap();
    }
    let all = Draft::list(&place.path, &Shelf::default(), &root());
    let users: Vec<_> = all.iter().flatten().map(|draft| draft.who.user.as_str()).collect();
    assert_eq!(users, ["rui", "eva/../x", "ana"]);
    assert_eq!(all.iter().skip(3).filter(|draft| draft.is_err()).count(), wrongs.len());
    let broken = all.last().unwrap().as_ref().unwrap_err();
    assert!(broken.words(Lang::Pt).as_str().contains("danificado"));
}

#[test]
fn where_the_folder_cannot_be_written_the_other_one_takes_it() {
    let place = Place::with("{}");
    fs::write(draft::folder(&place.path), "in the way").unwrap();
    let other = place.folder.path().join("state/balcao-config");
    let shelf = Shelf { fallback: Some(other.clone()), ..Shelf::default() };
    let mut draft = Draft::create(&read(&place), who("ana", NOBODY), at(0));
    assert!(draft.store(&changes(json!(6000)), at(1), &Shelf::default()).is_err());
    draft.store(&changes(json!(6000)), at(1), &shelf).unwrap();
    draft.store(&changes(json!(6001)), at(2), &shelf).unwrap();
    assert_eq!(draft.file.parent(), Some(&*other));
    assert_eq!(Draft::read(&draft.file).unwrap(), draft);
    // Of another document in the same folder.
    let elsewhere = Place::with("{}");
    assert!(Draft::list(&elsewhere.path, &shelf, &root()).is_empty());
    fs::remove_file(draft::folder(&place.path)).unwrap();
    let found = Draft::list(&place.path, &shelf, &root());
    assert_eq!(found.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [draft]);
}

#[test]
fn a_recovered_draft_is_merged_into_what_the_file_holds_by_then() {
    let catalog = Catalog::built_in();
    let place = Place::with("{}");
    let mut draft = Draft::create(&read(&place), who("ana", NOBODY), at(0));
    draft.store(&changes(json!(6000)), at(1), &Shelf::default()).unwrap();
    let mut rui = place.open("rui");
    set(&mut rui, "geral.casas_decimais_qtde", json!(3));
    let merged = list(&place)[0].merge(&read(&place), &catalog).unwrap();
    assert!(merged.conflicts.is_empty());
    assert_eq!(merged.document.value(&key(PORT)), Some(json!(6000)));
    assert_eq!(merged.document.value(&key("geral.casas_decimais_qtde")), Some(json!(3)));
    set(&mut rui, PORT, json!(7000));
    let merged = list(&place)[0].merge(&read(&place), &catalog).unwrap();
    assert_eq!(merged.conflicts.len(), 1);
    assert_eq!(merged.document.value(&key(PORT)), Some(json!(7000)), "a conflict is not applied by itself");
}
