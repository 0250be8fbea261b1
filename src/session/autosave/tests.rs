//! Drafts on real disks, kept by the real thread.

use std::path::Path;

use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::catalog::Catalog;
use crate::document::draft;
use crate::document::identity::Identity;
use crate::key::Key;

/// Only a broken thread is waited for as long as that.
const LONG: Duration = Duration::from_secs(20);

const PATIENT: Patience = Patience { prompt: LONG, last: LONG };

fn pending(value: &str) -> Changes {
    Changes::from([(Key::parse("geral.vendedor_padrao").unwrap(), Some(json!(value)))])
}

fn place() -> (TempDir, Document) {
    let folder = TempDir::new().unwrap();
    let document = Document::read(&folder.path().join("config.json"), &Catalog::default()).unwrap();
    (folder, document)
}

fn kept(document: &Document) -> Vec<Draft> {
    Draft::list(document.location(), 0, &DraftLocations::default()).into_iter().map(Result::unwrap).collect()
}

fn kept_in(document: &Document, locations: &DraftLocations) -> Vec<Draft> {
    Draft::list(document.location(), 0, locations).into_iter().filter_map(Result::ok).collect()
}

#[test]
fn what_is_handed_over_is_kept_and_goes_when_it_is_settled() {
    let (_folder, document) = place();
    let (sender, reports) = channel();
    let report = move |said| sender.send(said).unwrap();
    let autosave = Autosave::start(Arc::default(), DraftLocations::default(), report);
    for text in ["A", "An", "Ana"] {
        autosave.keep(Keeping::Edits(document.clone(), pending(text), vec![]));
    }
    let Kept::In(file) = autosave.finish(PATIENT, || ()) else { panic!() };
    let drafts = kept(&document);
    assert_eq!((drafts.len(), &drafts[0].file, &drafts[0].changes), (1, &file, &pending("Ana")));
    assert!(matches!(reports.recv_timeout(LONG).unwrap(), Said::Kept(Kept::In(kept)) if kept == file));
    autosave.keep(Keeping::Done(vec![]));
    assert_eq!(autosave.finish(PATIENT, || ()), Kept::Nothing);
    assert!(kept(&document).is_empty());
}

#[test]
fn without_being_asked_it_is_on_the_disk_a_moment_later() {
    let (_folder, document) = place();
    let (sender, reports) = channel();
    let autosave = Autosave::start(Arc::default(), DraftLocations::default(), move |said| sender.send(said).unwrap());
    let began = Instant::now();
    autosave.keep(Keeping::Edits(document.clone(), pending("Ana"), vec![]));
    assert!(matches!(reports.recv_timeout(LONG).unwrap(), Said::Kept(Kept::In(_))));
    assert!(began.elapsed() >= DELAY, "not at every key");
    assert_eq!(kept(&document)[0].changes, pending("Ana"));
}

#[test]
fn whoever_waits_for_the_disk_does_not_wait_for_more_typing() {
    let (_folder, document) = place();
    let autosave = Autosave::start(Arc::default(), DraftLocations::default(), drop);
    // A loaded machine may be slow once, not every time.
    let is_quick = |_| {
        autosave.keep(Keeping::Edits(document.clone(), pending("Ana"), vec![]));
        let began = Instant::now();
        assert!(matches!(autosave.finish(PATIENT, || ()), Kept::In(_)));
        began.elapsed() < DELAY
    };
    assert!((0..50).any(is_quick));
}

#[test]
fn it_ends_with_its_form_and_keeps_before_what_it_was_handed() {
    let (_folder, document) = place();
    let (sender, reports) = channel();
    let autosave = Autosave::start(Arc::default(), DraftLocations::default(), move |said| sender.send(said).unwrap());
    autosave.keep(Keeping::Edits(document.clone(), pending("Ana"), vec![]));
    drop(autosave);
    let next = || reports.recv_timeout(LONG);
    assert!(matches!(next(), Ok(Said::Kept(Kept::In(_)))));
    assert_eq!(kept(&document)[0].changes, pending("Ana"));
    assert!(matches!(next(), Err(RecvTimeoutError::Disconnected)), "the thread is gone");
}

#[test]
fn edits_are_kept_with_the_document_that_they_are_on_by_then() {
    let (_folder, document) = place();
    let autosave = Autosave::start(Arc::default(), DraftLocations::default(), drop);
    autosave.keep(Keeping::Edits(document.clone(), pending("Ana"), vec![]));
    autosave.finish(PATIENT, || ());
    assert_eq!(kept(&document)[0].base, None);
    std::fs::write(document.path(), "{}").unwrap();
    let saved = Document::read(document.path(), &Catalog::default()).unwrap();
    autosave.keep(Keeping::Edits(saved, pending("Eva"), vec![]));
    autosave.finish(PATIENT, || ());
    assert_eq!(kept(&document)[0].base.as_deref(), Some("{}"));
}

#[test]
fn a_draft_that_was_recovered_from_is_hidden_then_back_then_gone() {
    let (_folder, document) = place();
    let mut old = Draft::create(&document, Identity { pid: u32::MAX, ..Identity::default() }, Default::default());
    old.store(&pending("Eva"), Default::default(), &DraftLocations::default()).unwrap();
    let autosave = Autosave::start(Arc::default(), DraftLocations::default(), drop);
    let finish = || autosave.finish(PATIENT, || ());
    autosave.keep(Keeping::Edits(document.clone(), pending("Eva"), vec![old.clone()]));
    let files = || std::fs::read_dir(draft::folder(document.path())).unwrap().count();
    finish();
    assert_eq!((kept(&document).len(), files()), (1, 2));
    assert_ne!(kept(&document)[0].file, old.file, "the one that has both");
    autosave.keep(Keeping::Nothing);
    finish();
    assert_eq!(kept(&document), [old.clone()], "taken back: offered again");
    autosave.keep(Keeping::Done(vec![old]));
    autosave.keep(Keeping::Edits(document.clone(), pending("Rui"), vec![]));
    finish();
    let left = kept(&document);
    assert_eq!((left.len(), &left[0].changes), (1, &pending("Rui")), "settled, though overtaken by an edit");
}

#[test]
fn what_failed_is_tried_again_and_what_was_removed_is_written_again() {
    let (folder, document) = place();
    let (sender, reports) = channel();
    std::fs::write(draft::folder(document.path()), "in the way").unwrap();
    let autosave = Autosave::start(Arc::default(), DraftLocations::default(), move |said| sender.send(said).unwrap());
    autosave.keep(Keeping::Edits(document.clone(), pending("Ana"), vec![]));
    assert!(matches!(reports.recv_timeout(LONG).unwrap(), Said::Kept(Kept::Lost(_))));
    std::fs::remove_file(draft::folder(document.path())).unwrap();
    // By itself, a while later.
    assert!(matches!(reports.recv_timeout(LONG).unwrap(), Said::Kept(Kept::In(_))));
    std::fs::remove_dir_all(draft::folder(document.path())).unwrap();
    assert!(matches!(autosave.finish(PATIENT, || ()), Kept::In(_)));
    assert_eq!(kept(&document)[0].changes, pending("Ana"));
    drop(folder);
}

#[test]
fn a_draft_that_was_edited_after_it_was_recovered_from_is_offered_and_stays() {
    let (_folder, document) = place();
    let who = Identity { pid: u32::MAX, ..Identity::default() };
    let mut other = Draft::create(&document, who, Default::default());
    other.store(&pending("Eva"), Default::default(), &DraftLocations::default()).unwrap();
    let found = kept(&document).remove(0);
    let autosave = Autosave::start(Arc::default(), DraftLocations::default(), drop);
    autosave.keep(Keeping::Edits(document.clone(), pending("Eva"), vec![found.clone()]));
    autosave.finish(PATIENT, || ());
    assert_eq!(kept(&document).len(), 1);
    other.store(&pending("Eva Maria"), Default::default(), &DraftLocations::default()).unwrap();
    assert_eq!(kept(&document).len(), 2, "its form goes on");
    autosave.keep(Keeping::Done(vec![found]));
    autosave.finish(PATIENT, || ());
    assert_eq!(kept(&document)[0].changes, pending("Eva Maria"));
}

#[test]
fn what_is_edited_while_the_other_place_is_written_is_kept_there_too_and_called_lost_by_nobody() {
    let (folder, document) = place();
    let locations = DraftLocations { fallback: Some(folder.path().join("state")) };
    // Its own place takes nothing, so that only the other one can have it.
    std::fs::write(draft::folder(document.path()), "in the way").unwrap();
    let (sender, reports) = channel();
    let autosave = Autosave::start(Arc::default(), locations.clone(), move |said| sender.send(said).unwrap());
    let shared = Arc::clone(&autosave.0.shared);
    let being_written = shared.elsewhere.lock().unwrap();
    for text in ["A", "An", "Ana"] {
        // As if the disk had been asked long ago.
        shared.now().asked = Instant::now().checked_sub(STUCK);
        autosave.keep(Keeping::Edits(document.clone(), pending(text), vec![]));
    }
    drop(being_written);
    let elsewhere = |there: &Option<Draft>| there.as_ref().is_some_and(|draft| draft.changes == pending("Ana"));
    let began = Instant::now();
    while !elsewhere(&shared.elsewhere.lock().unwrap()) && kept_in(&document, &locations).is_empty() {
        assert!(began.elapsed() < LONG);
        thread::yield_now();
    }
    autosave.finish(PATIENT, || ());
    drop((autosave, shared));
    assert!(reports.into_iter().all(|said| matches!(said, Said::Kept(Kept::In(_)))));
    assert_eq!(kept_in(&document, &locations)[0].changes, pending("Ana"));
}

#[test]
fn a_panic_on_another_thread_finds_the_last_edit_on_the_disk() {
    let (_folder, document) = place();
    let autosave = Autosave::start(Arc::default(), DraftLocations::default(), drop);
    let at_a_panic = autosave.at_a_panic();
    autosave.keep(Keeping::Edits(document.clone(), pending("Ana"), vec![]));
    let kept = thread::spawn(move || {
        at_a_panic();
        kept(&document)
    });
    assert_eq!(kept.join().unwrap()[0].changes, pending("Ana"));
}

#[test]
fn what_cannot_be_kept_is_reported_with_the_reason() {
    let nowhere = Document::missing(Path::new("/proc/nowhere/config.json"));
    let autosave = Autosave::start(Arc::default(), DraftLocations::default(), drop);
    autosave.keep(Keeping::Edits(nowhere, pending("Ana"), vec![]));
    assert!(matches!(autosave.finish(PATIENT, || ()), Kept::Lost(Some(_))));
}
