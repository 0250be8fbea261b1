//! Drafts: what is kept, offered and never applied by itself.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use balcao_config::catalog::Catalog;
use balcao_config::document::draft::{self, Broken, Draft, DraftLocations, Why};
use balcao_config::document::history::History;
use balcao_config::document::identity::Identity;
use balcao_config::document::timestamp::Timestamp;
use balcao_config::document::{Changes, Document, Location};
use balcao_config::lang::Lang;
use serde_json::{Value, json};

use crate::history::{PORT, Place, key, set};

fn who(user: &str, pid: u32) -> Identity {
    Identity { user: user.into(), pid, ssh_client: Some("10.0.0.7".into()), ..Identity::default() }
}

fn at(second: u32) -> Timestamp {
    Timestamp::parse(&format!("2026-03-31T12:34:{second:02}Z")).unwrap()
}

fn changes(port: Value) -> Changes {
    Changes::from([(key(PORT), Some(port)), (key("geral.vendedor_padrao"), None)])
}

fn read(place: &Place) -> Document {
    Document::read(&place.path, &Catalog::built_in()).unwrap()
}

fn list(place: &Place) -> Vec<Draft> {
    Draft::list(&Location::find(&place.path), 0, &DraftLocations::default()).into_iter().map(Result::unwrap).collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// A process id that no process has.
const NOBODY: u32 = u32::MAX;

#[test]
fn a_draft_is_kept_whole_private_and_found_again() {
    let place = Place::with("{}");
    let mut draft = Draft::create(&read(&place), who("ana", NOBODY), at(0));
    assert!(list(&place).is_empty() && !draft::folder(&place.path).exists(), "nothing is written before an edit");
    draft.store(&changes(json!("caf\u{e9} \u{1b}")), at(1), &DraftLocations::default()).unwrap();
    draft.store(&changes(json!(6000)), at(2), &DraftLocations::default()).unwrap();
    assert_eq!(list(&place), [draft.clone()]);
    let found = &list(&place)[0];
    assert_eq!((found.started, found.updated, found.base.as_deref()), (at(0), at(2), Some("{}")));
    assert_eq!((found.changes.clone(), found.open_elsewhere), (changes(json!(6000)), false));
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
    draft.store(&changes(Value::Null), at(1), &DraftLocations::default()).unwrap();
    assert_eq!(list(&place)[0].changes, changes(Value::Null));
}

#[test]
fn the_draft_of_a_form_that_is_still_open_says_so() {
    let place = Place::with("{}");
    let mut mine = Draft::create(&read(&place), who("ana", std::process::id()), at(0));
    mine.store(&changes(json!(6000)), at(1), &DraftLocations::default()).unwrap();
    assert!(list(&place)[0].open_elsewhere);
}

#[test]
fn the_newest_comes_first_and_broken_ones_are_told_last() {
    let place = Place::with("{}");
    for (user, second) in [("ana", 5), ("rui", 9), ("eva/../x", 7)] {
        let mut draft = Draft::create(&read(&place), who(user, NOBODY), at(0));
        draft.store(&changes(json!(6000)), at(second), &DraftLocations::default()).unwrap();
        assert_eq!(draft.file.parent(), Some(&*draft::folder(&place.path)), "a name is no path");
    }
    let whole = fs::read_to_string(&list(&place)[0].file).unwrap();
    let wrongs = ["", "{}", &whole[..whole.len() / 2], &whole.replace("\"base\": \"{}\"", "\"base\": \"{ }\"")];
    for (index, wrong) in wrongs.iter().enumerate() {
        fs::write(draft::folder(&place.path).join(format!("x-{index}.json")), wrong).unwrap();
    }
    fs::create_dir(draft::folder(&place.path).join("folder.json")).unwrap();
    for not_ours in ["notes.txt", ".hidden.json"] {
        fs::write(draft::folder(&place.path).join(not_ours), "").unwrap();
    }
    let all = Draft::list(&Location::find(&place.path), 0, &DraftLocations::default());
    let users: Vec<_> = all.iter().flatten().map(|draft| draft.who.user.as_str()).collect();
    assert_eq!(users, ["rui", "eva/../x", "ana"]);
    let broken: Vec<_> = all.iter().skip(3).map(|draft| draft.as_ref().unwrap_err().message(Lang::Pt)).collect();
    assert_eq!(broken.len(), wrongs.len(), "what is no file, or not named as a draft, is none of ours");
    let is_told = |words: &str| ["danificado", "não é um rascunho"].iter().any(|told| words.contains(told));
    assert!(broken.iter().all(|words| is_told(words.as_str())));
}

#[test]
fn where_the_folder_cannot_be_written_the_other_one_takes_it() {
    let place = Place::with("{}");
    fs::write(draft::folder(&place.path), "in the way").unwrap();
    let other = place.folder.path().join("state/balcao-config");
    let shelf = DraftLocations { fallback: Some(other.clone()) };
    let mut draft = Draft::create(&read(&place), who("ana", NOBODY), at(0));
    assert!(draft.store(&changes(json!(6000)), at(1), &DraftLocations::default()).is_err());
    draft.store(&changes(json!(6000)), at(1), &shelf).unwrap();
    draft.store(&changes(json!(6001)), at(2), &shelf).unwrap();
    assert_eq!(draft.file.parent(), Some(&*other));
    assert_eq!(Draft::read(&draft.file, 0).unwrap(), draft);
    let told = Draft::list(&Location::find(&place.path), 0, &shelf).into_iter().filter_map(Result::err);
    assert_eq!(told.map(|broken| broken.path).collect::<Vec<_>>(), [draft::folder(&place.path)]);
    // Of another document in the same folder.
    let elsewhere = Place::with("{}");
    assert!(Draft::list(&Location::find(&elsewhere.path), 0, &shelf).is_empty());
    fs::remove_file(draft::folder(&place.path)).unwrap();
    let found = Draft::list(&Location::find(&place.path), 0, &shelf);
    assert_eq!(found.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [draft.clone()]);
    assert!(draft.is_there());
    draft.discard().unwrap();
    assert_eq!(fs::read_dir(&other).unwrap().count(), 0);
}

#[test]
fn the_folder_made_for_a_first_document_is_open_and_all_else_is_private() {
    let place = Place::with("{}");
    let folder = place.path.with_file_name("new");
    let mut draft = Draft::create(
        &Document::at(&Location::find(&folder.join("config.json")), &Catalog::built_in()).unwrap(),
        who("ana", NOBODY),
        at(0),
    );
    draft.store(&changes(json!(6000)), at(1), &DraftLocations::default()).unwrap();
    let drafts = draft.file.parent().unwrap().to_owned();
    assert_eq!((mode(&folder), mode(&drafts)), (0o755, 0o700), "the counter program must get in");
    fs::remove_dir_all(&drafts).unwrap();
    fs::write(&drafts, "in the way").unwrap();
    let state = place.path.with_file_name("state");
    let shelf = DraftLocations { fallback: Some(state.join("balcao-config")) };
    draft.store(&changes(json!(6001)), at(2), &shelf).unwrap();
    assert_eq!((mode(&state), mode(&state.join("balcao-config"))), (0o700, 0o700));
    // It stays there: the document's own folder is not made for what is kept elsewhere.
    fs::remove_dir_all(&folder).unwrap();
    draft.store(&changes(json!(6002)), at(3), &shelf).unwrap();
    assert!(draft.file.starts_with(&state) && !folder.exists());
}

#[test]
fn the_other_folder_is_in_the_accounts_state_and_a_path_that_is_not_absolute_counts_as_unset() {
    let fallback = |state: &str, home: &str| {
        let variable = |name: &str| match name {
            "XDG_STATE_HOME" => Some(state.into()),
            "HOME" => Some(home.into()),
            _ => None,
        };
        DraftLocations::of(&variable).fallback
    };
    assert_eq!(fallback("/state", "/home/ana"), Some("/state/balcao-config".into()));
    for unset in ["", "state"] {
        assert_eq!(fallback(unset, "/home/ana"), Some("/home/ana/.local/state/balcao-config".into()));
        assert_eq!(fallback(unset, unset), None);
    }
}

/// Drafts in files that were changed one second after the other, the last one last.
fn several(place: &Place, count: u32, base: &str) {
    fs::write(&place.path, base).unwrap();
    let document = read(place);
    for number in 0..count {
        let mut draft = Draft::create(&document, who("ana", NOBODY), at(0));
        draft.store(&changes(json!(6000 + number)), at(number), &DraftLocations::default()).unwrap();
        let changed = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000 + u64::from(number));
        fs::File::open(&draft.file).unwrap().set_modified(changed).unwrap();
    }
}

/// The ports of those that were read, and how many were not.
fn told(place: &Place) -> (Vec<Value>, usize) {
    let (mut ports, mut unread) = (vec![], 0);
    for found in Draft::list(&Location::find(&place.path), 0, &DraftLocations::default()) {
        match found {
            Ok(draft) => ports.push(draft.changes[&key(PORT)].clone().unwrap()),
            Err(Broken { why: Why::Unread(count), .. }) => unread += count,
            Err(other) => panic!("{other:?}"),
        }
    }
    (ports, unread)
}

#[test]
fn of_many_or_large_drafts_the_newest_are_read_and_the_rest_counted() {
    let place = Place::with("{}");
    several(&place, 50, "{}");
    assert_eq!(told(&place), ((0..50).rev().map(|number| json!(6000 + number)).collect(), 0));
    for number in 0..20 {
        fs::write(draft::folder(&place.path).join(format!("{number}.json")), "").unwrap();
    }
    let found = Draft::list(&Location::find(&place.path), 0, &DraftLocations::default());
    let unread = found.iter().find_map(|one| match one {
        Err(Broken { why: Why::Unread(count), .. }) => Some(*count),
        _ => None,
    });
    assert_eq!((found.len(), unread), (65, Some(6)));

    let place = Place::with("{}");
    // Each as large as one may be of a small document: four are read.
    several(&place, 9, &format!("{{\"x\": \"{}\"}}", "x".repeat(1_000_000)));
    assert_eq!(told(&place), ([8, 7, 6, 5].map(|number| json!(6000 + number)).into(), 5));
    let of_a_large_one = Draft::list(&Location::find(&place.path), 1_000_000, &DraftLocations::default());
    assert_eq!(of_a_large_one.len(), 9, "a draft holds its document");
    let large = draft::folder(&place.path);
    fs::remove_dir_all(&large).unwrap();
    fs::create_dir(&large).unwrap();
    // What is in them is not looked at, or they would be told as damaged.
    for number in 0..64 {
        fs::File::create(large.join(format!("{number}.json"))).unwrap().set_len(60 << 20).unwrap();
    }
    assert_eq!(told(&place), (vec![], 64));
    let message = Draft::list(&Location::find(&place.path), 0, &DraftLocations::default())
        .remove(0)
        .unwrap_err()
        .message(Lang::Pt);
    assert!(message.as_str().starts_with("Mais 64 rascunhos em "), "{message:?}");
}

#[test]
fn a_file_with_other_names_is_no_draft() {
    let place = Place::with("{}");
    several(&place, 1, "{}");
    let file = list(&place).remove(0).file;
    for number in 0..63 {
        fs::hard_link(&file, draft::folder(&place.path).join(format!("{number}.json"))).unwrap();
    }
    assert_eq!(told(&place), (vec![], 64));
}

#[test]
fn a_draft_names_the_version_that_it_is_on_also_after_it_went_on_to_another() {
    let place = Place::with("{}");
    let mut draft = Draft::create(&read(&place), who("ana", NOBODY), at(0));
    set(&mut place.open("rui"), PORT, json!(7000));
    let history = History::of(&Location::find(&place.path));
    let told = |draft: &Draft| {
        let version = draft.version(&history);
        (version, draft.on(version, Lang::En).map_or(String::new(), |on| on.as_str().to_owned()))
    };
    assert_eq!(told(&draft), (Some(1), "made on version 1".into()));
    draft.rebase(&read(&place));
    draft.store(&changes(json!(6000)), at(1), &DraftLocations::default()).unwrap();
    let found = list(&place).remove(0);
    assert_eq!(found.base, Some(place.text()));
    assert_eq!(told(&found), (Some(2), "made on version 2".into()));
    fs::write(&place.path, "{ }").unwrap();
    draft.rebase(&read(&place));
    assert_eq!(told(&draft), (None, String::new()));
    draft.rebase(&Document::missing(&place.path));
    assert_eq!(told(&draft), (None, "made when there was no file".into()));
}

#[test]
fn a_recovered_draft_is_merged_into_what_the_file_holds_by_then() {
    let catalog = Catalog::built_in();
    let place = Place::with("{}");
    let mut draft = Draft::create(&read(&place), who("ana", NOBODY), at(0));
    draft.store(&changes(json!(6000)), at(1), &DraftLocations::default()).unwrap();
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

#[test]
fn a_draft_that_was_tampered_with_is_broken() {
    let place = Place::with("{}");
    let mut draft = Draft::create(&read(&place), who("ana", NOBODY), at(0));
    draft.store(&changes(json!(6000)), at(1), &DraftLocations::default()).unwrap();
    let whole = fs::read_to_string(&draft.file).unwrap();
    for (from, to) in [("6000", "6001"), ("\"ana\"", "\"rui\""), ("config.json\"", "other.json\"")] {
        assert!(whole.contains(from));
        fs::write(&draft.file, whole.replacen(from, to, 1)).unwrap();
        assert!(Draft::read(&draft.file, 0).is_err(), "{from}");
    }
    fs::write(&draft.file, whole).unwrap();
    assert_eq!(Draft::read(&draft.file, 0).unwrap(), draft);
}

#[test]
fn a_document_that_was_moved_takes_its_drafts_along() {
    let place = Place::with("{}");
    let mut draft = Draft::create(&read(&place), who("ana", NOBODY), at(0));
    draft.store(&changes(json!(6000)), at(1), &DraftLocations::default()).unwrap();
    let elsewhere = Place::with("{}");
    fs::rename(draft::folder(&place.path), draft::folder(&elsewhere.path)).unwrap();
    assert_eq!(list(&elsewhere).len(), 1);
}

#[test]
fn a_draft_is_removed_only_while_it_is_what_was_found() {
    let place = Place::with("{}");
    let mut draft = Draft::create(&read(&place), who("ana", NOBODY), at(0));
    draft.store(&changes(json!(6000)), at(1), &DraftLocations::default()).unwrap();
    let found = list(&place).remove(0);
    draft.store(&changes(json!(7000)), at(2), &DraftLocations::default()).unwrap();
    assert!(found.discard_with_absorbed().is_empty());
    assert_eq!(list(&place), [draft.clone()], "its form went on");
    assert_ne!(found, draft);
    // Another file in its place, by a folder that was exchanged: nothing is followed by name.
    let moved = place.folder.path().join("moved");
    fs::rename(draft::folder(&place.path), &moved).unwrap();
    fs::create_dir(draft::folder(&place.path)).unwrap();
    fs::write(&draft.file, "somebody's notes").unwrap();
    draft.discard().unwrap();
    assert_eq!(fs::read_to_string(&draft.file).unwrap(), "somebody's notes");
    assert_eq!(fs::read_dir(&moved).unwrap().count(), 0, "the one that was meant");
}

#[test]
fn what_three_forms_in_a_row_took_over_goes_with_the_last() {
    let place = Place::with("{}");
    for (user, second) in [("ana", 1), ("ana", 2), ("ana", 3)] {
        let mut draft = Draft::create(&read(&place), who(user, NOBODY), at(0));
        draft.absorbed = list(&place);
        draft.store(&changes(json!(6000 + second)), at(second), &DraftLocations::default()).unwrap();
        assert_eq!(list(&place).len(), 1, "each hides those before");
    }
    assert_eq!(fs::read_dir(draft::folder(&place.path)).unwrap().count(), 3);
    assert!(list(&place).remove(0).discard_with_absorbed().is_empty());
    assert_eq!(fs::read_dir(draft::folder(&place.path)).unwrap().count(), 0);
}

/// What only root can set up.
mod root {
    use std::os::unix::fs::{MetadataExt, chown};
    use std::thread;

    use rustix::process::Uid;
    use rustix::thread::set_thread_res_uid;

    use super::*;

    const ANA: u32 = 51_001;

    #[test]
    fn a_draft_is_its_files_owners_whatever_it_says() {
        let place = Place::with("{}");
        let mut draft = Draft::create(&read(&place), who("root", NOBODY), at(0));
        draft.store(&changes(json!(6000)), at(1), &DraftLocations::default()).unwrap();
        assert_eq!(Draft::read(&draft.file, 0).unwrap().foreign_owner(), None);
        chown(&draft.file, Some(ANA), Some(ANA)).unwrap();
        // One that is broken is theirs, too.
        let broken = draft.file.with_file_name("broken.json");
        fs::write(&broken, "{}").unwrap();
        chown(&broken, Some(ANA), Some(ANA)).unwrap();
        assert!(
            Draft::list(&Location::find(&place.path), 0, &DraftLocations::default()).is_empty(),
            "not root's, whom it names"
        );
        assert_eq!(Draft::read(&draft.file, 0).unwrap().foreign_owner(), Some(ANA.to_string()));
    }

    #[test]
    fn anothers_draft_that_conflicts_is_told_with_its_owner_and_the_command_that_saves_it() {
        let world = crate::world::World::with_config("{}");
        let path = world.path("config.json");
        let document = Document::read(&path, &Catalog::built_in()).unwrap();
        let mut draft = Draft::create(&document, who("root", NOBODY), at(0));
        draft.store(&changes(json!(6000)), at(1), &DraftLocations::default()).unwrap();
        chown(&draft.file, Some(ANA), Some(ANA)).unwrap();
        assert_eq!(world.line("set integracao.porta_banco_dados=7000").code, 0);
        let refused = world.run(&["recover", draft.file.to_str().unwrap()]);
        assert_eq!(refused.code, 4, "{refused:?}");
        assert!(refused.stderr.contains(&format!("o arquivo do rascunho é de {ANA}")), "{refused:?}");
        let command = "set --unset geral.vendedor_padrao integracao.porta_banco_dados=6000";
        assert!(refused.stderr.contains(&format!("balcao-config {command}")), "{refused:?}");
        assert_eq!(world.line(command).code, 0);
        assert_eq!(world.line("get integracao.porta_banco_dados").stdout, "6000\n");
    }

    #[test]
    fn in_a_home_that_is_anothers_root_keeps_and_finds_nothing() {
        let place = Place::with("{}");
        let state = place.folder.path().join("anas");
        fs::create_dir(&state).unwrap();
        chown(&state, Some(ANA), Some(ANA)).unwrap();
        fs::write(draft::folder(&place.path), "in the way").unwrap();
        let shelf = DraftLocations { fallback: Some(state.join("balcao-config")) };
        let mut draft = Draft::create(&read(&place), who("root", NOBODY), at(0));
        // Into root's own home, or nowhere.
        if draft.store(&changes(json!(6000)), at(1), &shelf).is_ok() {
            assert!(!draft.file.starts_with(&state));
            draft.discard().unwrap();
        }
        assert_eq!(fs::read_dir(&state).unwrap().count(), 0);
    }

    const ANOTHER: u32 = 65534;

    /// Only the thread becomes another account, and it ends with what it does.
    fn as_another<T: Send>(does: impl FnOnce() -> T + Send) -> T {
        let another = || {
            let uid = Uid::from_raw(ANOTHER);
            set_thread_res_uid(uid, uid, uid).unwrap();
            does()
        };
        thread::scope(|scope| scope.spawn(another).join().unwrap())
    }

    fn permit(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn what_an_account_may_not_read_is_neither_offered_nor_told() {
        let place = Place::with("{}");
        permit(place.folder.path(), 0o755);
        let mut draft = Draft::create(&read(&place), who("ana", NOBODY), at(0));
        draft.store(&changes(json!(6000)), at(1), &DraftLocations::default()).unwrap();
        let list = || Draft::list(&Location::find(&place.path), 0, &DraftLocations::default());
        let found = || as_another(list).into_iter().map(Result::unwrap).count();
        assert_eq!(found(), 0, "a closed folder");
        permit(draft.file.parent().unwrap(), 0o755);
        permit(&draft.file, 0o644);
        assert_eq!(found(), 0, "another's");
        chown(&draft.file, Some(ANOTHER), None).unwrap();
        assert_eq!(found(), 1);
    }

    #[test]
    fn an_account_keeps_its_own_draft_in_anothers_folder_or_learns_that_it_may_not() {
        let place = Place::with("{}");
        let mut draft = Draft::create(&read(&place), who("ana", NOBODY), at(0));
        let mut store = || as_another(|| draft.store(&changes(json!(6000)), at(1), &DraftLocations::default()));
        permit(place.folder.path(), 0o755);
        assert_eq!(store().unwrap_err().kind(), std::io::ErrorKind::PermissionDenied);
        permit(place.folder.path(), 0o777);
        store().unwrap();
        assert_eq!(fs::metadata(&draft.file).unwrap().uid(), ANOTHER, "root may give files away, and nobody else");
    }
}

#[test]
fn the_document_itself_is_no_damaged_draft() {
    let world = crate::world::World::with_config("{}");
    let refused = world.run(&["recover", world.path("config.json").to_str().unwrap()]);
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(refused.stderr.contains("config.json não é um rascunho."), "{refused:?}");
}
