//! The history of a document: what is recorded, in which order, and what survives damage and kills.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use balcao_config::catalog::Catalog;
use balcao_config::document::history::{Entry, History, Kind};
use balcao_config::document::identity::Identity;
use balcao_config::document::save::{Cause, Step};
use balcao_config::document::{Document, Location, Saver};
use balcao_config::key::Key;
use balcao_config::lang::Lang;
use balcao_config::session::Session;
use serde_json::{Value, json};
use tempfile::TempDir;

static CATALOG: LazyLock<Arc<Catalog>> = LazyLock::new(|| Arc::new(Catalog::built_in()));

pub const PORT: &str = "integracao.porta_banco_dados";

pub fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

fn noon() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_774_960_496)
}

fn long_ago() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(7)
}

pub fn saver(user: &str) -> Arc<Saver> {
    let who = Identity { user: user.into(), pid: std::process::id(), ..Identity::default() };
    Arc::new(Saver { patience: Duration::from_secs(60), ..Saver::new(who, noon) })
}

/// A folder with a document in it.
pub struct Place {
    pub folder: TempDir,
    pub path: PathBuf,
}

impl Place {
    pub fn with(text: &str) -> Place {
        let folder = TempDir::new().unwrap();
        let path = fs::canonicalize(folder.path()).unwrap().join("config.json");
        fs::write(&path, text).unwrap();
        Place { folder, path }
    }

    pub fn open(&self, user: &str) -> Session {
        open(&self.path, user)
    }

    pub fn text(&self) -> String {
        fs::read_to_string(&self.path).unwrap()
    }

    pub fn history(&self) -> Vec<Entry> {
        History::of(&Location::find(&self.path))
            .each(|it| it)
            .unwrap()
            .versions
            .into_iter()
            .map(Result::unwrap)
            .collect()
    }
}

pub fn open(path: &Path, user: &str) -> Session {
    Session::open(path, CATALOG.clone()).unwrap().signed(saver(user))
}

pub fn set(session: &mut Session, name: &str, value: Value) {
    session.set(&key(name), Some(value));
    session.save(&[]).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn every_save_is_a_version_and_the_first_keeps_what_was_there_before() {
    let place = Place::with("{ }\n");
    let mut session = place.open("ana");
    set(&mut session, PORT, json!(6000));
    set(&mut session, PORT, json!(6001));
    let entries = place.history();
    let told: Vec<_> = entries.iter().map(|entry| (entry.number, entry.kind, entry.who.user.as_str())).collect();
    assert_eq!(told, [(1, Kind::EditedOutside, ""), (2, Kind::Saved, "ana"), (3, Kind::Saved, "ana")]);
    assert_eq!(entries[0].text, "{ }\n");
    assert_eq!(entries[2].text, place.text());
    assert_eq!(entries[2].time.to_string(), "2026-03-31T12:34:56Z");
    let change = &entries[2].changes.as_ref().unwrap()[0];
    assert_eq!((change.name.as_str(), &change.from, &change.to), (PORT, &Some(json!(6000)), &Some(json!(6001))));
    assert_eq!(change.key(), Some(key(PORT)));
    let folder = History::of(&Location::find(&place.path)).folder().to_owned();
    assert_eq!(folder, place.folder.path().canonicalize().unwrap().join("config.json.history"));
    assert_eq!(mode(&folder), 0o700);
    for number in 1..=3 {
        assert_eq!(mode(&folder.join(format!("00000{number}.json"))), 0o600);
    }
}

#[test]
fn a_file_that_vanished_after_it_was_read_is_not_made_of_the_changes_alone_and_what_was_read_is_kept() {
    let place = Place::with("{\"geral\": {\"vendedor_padrao\": \"Ana\"}}");
    let mut session = place.open("ana");
    session.set(&key(PORT), Some(json!(6000)));
    fs::remove_file(&place.path).unwrap();
    let error = session.save(&[]).unwrap_err();
    assert!(matches!(error.cause, Cause::Gone(Some(1))), "{error:?}");
    let problem = error.problem(Lang::Pt);
    assert_eq!(problem.kind.exit_code(), 4);
    assert!(problem.hints[0].as_str().ends_with("rollback 1"), "{problem:?}");
    assert!(!place.path.exists());
    assert_eq!((place.history()[0].kind, place.history().len()), (Kind::EditedOutside, 1));
    // Asked for, all of it is there again, and a version with its changes alone.
    assert!(session.save_anew().unwrap().merged.is_empty());
    assert!(place.text().contains("Ana") && place.text().contains("6000"));
    assert_eq!(place.history()[1].changes.as_ref().unwrap().len(), 1);
    // Where somebody else has made one meanwhile, it is merged with that.
    let made = "{\"integracao\": {\"porta_banco_dados\": 6000}, \"geral\": {\"vendedor_padrao\": \"Rui\"}}";
    fs::write(&place.path, made).unwrap();
    session.set(&key(PORT), Some(json!(6001)));
    session.save_anew().unwrap();
    assert!(place.text().contains("Rui") && place.text().contains("6001"));
}

#[test]
fn a_save_without_a_change_is_no_version() {
    let place = Place::with("{}");
    assert!(!place.open("ana").save(&[]).unwrap().written);
    assert!(!History::of(&Location::find(&place.path)).folder().exists());
    // The same value by somebody else meanwhile: nothing is left to write.
    let (mut one, mut other) = (place.open("ana"), place.open("rui"));
    set(&mut one, PORT, json!(6000));
    other.set(&key(PORT), Some(json!(6000)));
    assert!(!other.save(&[]).unwrap().written);
    assert_eq!(place.history().len(), 2);
}

#[test]
fn what_was_edited_by_hand_is_recorded_as_such_before_it_is_replaced() {
    let place = Place::with("{}");
    let mut session = place.open("ana");
    set(&mut session, PORT, json!(6000));
    let by_hand = "{\"integracao\": {\"porta_banco_dados\": 7000}, \"outra\": 1}";
    fs::write(&place.path, by_hand).unwrap();
    set(&mut place.open("rui"), "geral.vendedor_padrao", json!("Rui"));
    let entries = place.history();
    let kinds: Vec<_> = entries.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [Kind::EditedOutside, Kind::Saved, Kind::EditedOutside, Kind::Saved]);
    assert_eq!(entries[2].text, by_hand);
    let names: Vec<_> = entries[2].changes.iter().flatten().map(|change| change.name.as_str()).collect();
    assert_eq!(names, [PORT, "outra"]);
}

#[test]
fn who_saved_since_a_version_leaves_out_what_nobody_is_known_for() {
    let place = Place::with("{}");
    let history = History::of(&Location::find(&place.path));
    set(&mut place.open("ana"), PORT, json!(6000));
    fs::write(&place.path, place.text().replace("6000", "7000")).unwrap();
    set(&mut place.open("rui"), PORT, json!(6001));
    let since = |text: &str| -> Vec<_> {
        history.since(text).into_iter().map(|stamp| (stamp.number, stamp.who.user)).collect()
    };
    let (ana, rui) = ((2, "ana".to_owned()), (4, "rui".to_owned()));
    assert_eq!(since("{}"), [ana, rui.clone()]);
    assert_eq!(since(&place.history()[1].text), [rui]);
    assert_eq!((since(&place.text()), since("not a version")), (vec![], vec![]));
}

#[test]
fn a_clock_that_jumps_back_does_not_reorder() {
    let place = Place::with("{}");
    set(&mut place.open("ana"), PORT, json!(6000));
    let backwards = Arc::new(Saver { clock: long_ago, ..(*saver("rui")).clone() });
    set(&mut Session::open(&place.path, CATALOG.clone()).unwrap().signed(backwards), PORT, json!(6001));
    let entries = place.history();
    assert!(entries[2].time < entries[1].time);
    assert_eq!(entries[2].text, place.text());
}

#[test]
fn the_newest_hundred_are_kept() {
    let place = Place::with("{}");
    let mut session = place.open("ana");
    for port in 0..105 {
        set(&mut session, PORT, json!(6000 + port));
    }
    let entries = place.history();
    assert_eq!(entries.len(), 100);
    assert_eq!((entries[0].number, entries[99].number), (7, 106));
    assert_eq!(entries[99].text, place.text());
}

#[test]
fn damaged_entries_are_told_stepped_over_and_left_alone() {
    let place = Place::with("{}");
    let mut session = place.open("ana");
    set(&mut session, PORT, json!(6000));
    let history = History::of(&Location::find(&place.path));
    let whole = fs::read_to_string(history.folder().join("000002.json")).unwrap();
    let wrongs = [
        "",
        "{",
        "{}",
        &whole[..whole.len() / 2],
        &whole.replace("6000", "6001").replace("\"number\": 2", "\"number\": 14"),
        &whole.replace(": 2,", ": 9,"),
    ];
    for (index, wrong) in wrongs.iter().enumerate() {
        fs::write(history.folder().join(format!("{:06}.json", 10 + index)), wrong).unwrap();
    }
    fs::create_dir(history.folder().join("000030.json")).unwrap();
    fs::write(history.folder().join("notes.json"), "not ours").unwrap();
    set(&mut session, PORT, json!(6002));
    let list = history.each(|it| it).unwrap().versions;
    let damaged: Vec<_> = list.iter().filter_map(|entry| entry.as_ref().err()).collect();
    assert_eq!(damaged.iter().map(|entry| entry.number).collect::<Vec<_>>(), [10, 11, 12, 13, 14, 15, 30]);
    assert!(damaged.iter().all(|entry| entry.message(Lang::Pt).as_str().contains(&entry.number.to_string())));
    assert_eq!(list.last().unwrap().as_ref().unwrap().number, 31, "past them, not over them");
    assert_eq!(list.len(), 10, "nothing was taken for an edit from outside");
    assert_eq!(fs::read_to_string(history.folder().join("000011.json")).unwrap(), "{");
    assert!(matches!(history.entry(12), Ok(Some(Err(_)))));
    assert!(matches!(history.entry(31), Ok(Some(Ok(_)))));
    assert!(matches!(history.entry(99), Ok(None)));
}

#[test]
fn a_rollback_is_a_new_version_with_the_old_values() {
    let place = Place::with("{\"x\": 1.50}");
    let mut session = place.open("ana");
    set(&mut session, PORT, json!(6000));
    set(&mut session, "geral.vendedor_padrao", json!("Ana"));
    let entries = place.history();
    for (key, value) in session.values_of(&entries[1]).unwrap() {
        session.set(&key, value);
    }
    assert!(session.save_version(Kind::Restored(2), &[]).unwrap().written);
    let now = Document::read(&place.path, &CATALOG).unwrap();
    assert_eq!((now.value(&key(PORT)), now.value(&key("geral.vendedor_padrao"))), (Some(json!(6000)), None));
    assert!(now.text().contains("1.50"));
    assert_eq!(place.history().last().unwrap().kind, Kind::Restored(2));
    assert_eq!(place.history()[..3], entries[..], "what was recorded stays as it was");
}

#[test]
fn without_a_history_nothing_is_saved() {
    let place = Place::with("{}");
    fs::write(History::of(&Location::find(&place.path)).folder(), "in the way").unwrap();
    let mut session = place.open("ana");
    session.set(&key(PORT), Some(json!(6000)));
    let error = session.save(&[]).unwrap_err();
    assert!(matches!(error.cause, Cause::Refused(Step::Record, _)), "{error:?}");
    assert!(error.problem(Lang::Pt).message.as_str().contains("histórico"));
    assert_eq!((place.text().as_str(), session.pending_changes().len()), ("{}", 1));
}

#[test]
fn a_version_whose_document_was_never_put_in_place_is_none() {
    let place = Place::with("{}");
    let mut session = place.open("ana");
    set(&mut session, PORT, json!(6000));
    let older = place.text();
    set(&mut session, PORT, json!(6001));
    let folder = History::of(&Location::find(&place.path)).folder().to_owned();
    // Killed before the document's rename: the document is the older one.
    fs::rename(folder.join("000003.json"), folder.join("000003.pending")).unwrap();
    fs::write(&place.path, older).unwrap();
    fs::write(folder.join(".000003.pending.balcao-0123456789abcdef"), "half").unwrap();
    fs::write(place.path.with_file_name(".config.json.balcao-0123456789abcdef"), "half").unwrap();
    set(&mut place.open("ana"), PORT, json!(6002));
    assert_eq!(place.history().len(), 3);
    assert!(place.history()[2].text.contains("6002"));
    // Killed after it: the version is the newest, by the one who saved it, not an edit from outside.
    fs::rename(folder.join("000003.json"), folder.join("000003.pending")).unwrap();
    set(&mut place.open("rui"), PORT, json!(6003));
    let users: Vec<_> = place.history().into_iter().map(|entry| entry.who.user).collect();
    assert_eq!(users, ["", "ana", "ana", "rui"]);
    assert_clean(&place.path);
}

/// Nothing unfinished is left of a save.
fn assert_clean(document: &Path) {
    let known = ["config.json", "config.json.history", ".config.json.lock"];
    for entry in fs::read_dir(document.parent().unwrap()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(known.contains(&name.as_str()), "{name} is left behind");
    }
    for entry in fs::read_dir(History::of(&Location::find(document)).folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(name.ends_with(".json") && !name.starts_with('.'), "{name} is left behind");
    }
}

/// How often the long tests repeat what others do once: `tests/long` sets the variable.
pub fn times(share: usize, full: usize) -> usize {
    if std::env::var_os("BALCAO_LONG").is_some() { full } else { share }
}

pub const VICTIM: &str = "BALCAO_TEST_VICTIM";

/// With this set, too, the writer waits for a line of stdin after each save.
pub const PAUSED: &str = "BALCAO_TEST_PAUSED";

/// Saves one port after the other for ever, each greater than the last, in the document that the variable names. Run by
/// the tests that kill it; alone it saves nothing.
#[test]
fn a_writer_that_is_to_be_killed() {
    let Some(path) = std::env::var_os(VICTIM) else { return };
    let port = open(Path::new(&path), "").document().value(&key(PORT)).and_then(|port| port.as_u64());
    for port in port.unwrap_or(1000) + 1..60_000 {
        set(&mut open(Path::new(&path), "victim"), PORT, json!(port));
        // What was said to be saved; by now it has to survive a power cut.
        println!("saved {port}");
        if std::env::var_os(PAUSED).is_some() {
            std::io::stdin().read_line(&mut String::new()).unwrap();
        }
    }
}

#[test]
fn a_killed_save_leaves_the_document_whole_and_the_history_readable() {
    let place = Place::with("{}");
    let rounds = times(100, 1000);
    for round in 0..rounds {
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "history::a_writer_that_is_to_be_killed"])
            .env(VICTIM, &place.path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Once it has saved, at another moment each time.
        let before = place.text();
        while place.text() == before && victim.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        std::thread::sleep(Duration::from_micros(round as u64 * 7919 % 20_000));
        victim.kill().unwrap();
        victim.wait().unwrap();
        let whole = Document::read(&place.path, &CATALOG).unwrap();
        assert!(whole.value(&key(PORT)).is_some());
        let history = History::of(&Location::find(&place.path)).each(|it| it).unwrap().versions;
        assert!(history.iter().all(Result::is_ok), "{history:?}");
    }
    set(&mut place.open("ana"), "geral.vendedor_padrao", json!("Ana"));
    assert_clean(&place.path);
    let history = place.history();
    assert_eq!(history.last().unwrap().text, place.text());
    assert!(
        history.iter().skip(1).all(|entry| entry.kind == Kind::Saved),
        "no save was taken for an edit from outside"
    );
}
