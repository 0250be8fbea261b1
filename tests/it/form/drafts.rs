//! What a form did not save is kept, offered to the next one, and recovered whole.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use balcao_config::document::Saver;
use balcao_config::document::draft::{self, Draft, DraftLocations};
use balcao_config::document::identity::Identity;
use balcao_config::tui::event::Ending;
use serde_json::json;

use super::{PORT, changed};
use crate::busy::wait_until;
use crate::history;
use crate::journey::{Journey, Opening};

/// Somebody whose process has ended.
fn saver(user: &str) -> Arc<Saver> {
    let saver = (*history::saver(user)).clone();
    Arc::new(Saver { who: Identity { pid: u32::MAX, ..saver.who }, ..saver })
}

fn open(before: &Journey, user: &str) -> Journey {
    Journey::open(Opening { folder: Some(before.folder()), saver: saver(user), ..Opening::default() })
}

fn drafts(journey: &Journey) -> Vec<PathBuf> {
    files(&draft::folder(&journey.path()))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect()
}

/// A form that was lost with two edits, one of them half typed.
fn lost(user: &str) -> Journey {
    let mut journey = Journey::open(Opening { document: Some(PORT.into()), saver: saver(user), ..Opening::default() });
    journey.press("Down C-u \"54x\" Down Down Space").signal(1);
    assert_eq!(journey.ending(), Ending::Signal(1, 2));
    journey
}

#[test]
fn a_lost_form_is_offered_and_recovers_every_character_as_one_step() {
    let before = lost("ana");
    let mut journey = open(&before, "ana");
    journey.shows("Há um rascunho não gravado").shows("De ana").shows("5433 → \"54x\"").shows("(Orçamento): não →");
    insta::assert_snapshot!("draft_offered", super::hide_path(&journey.screen()));
    journey.press("Enter").shows("Recuperadas 2 alterações").shows("54x").shows("●2");
    journey.press("C-z").hides("54x").shows("5433").hides("●");
    journey.press("C-y").shows("54x").shows("●2");
    journey.press("Esc Right Right Enter");
    assert!(matches!(journey.ending(), Ending::Discarded(2, ..)));
    assert!(drafts(&journey).is_empty(), "thrown away on purpose");
    assert!(open(&journey, "ana").screen().contains("Integração"));
}

#[test]
fn what_is_recovered_and_taken_back_is_offered_again() {
    let before = lost("ana");
    let mut journey = open(&before, "ana");
    journey.press("Enter C-z Esc");
    assert!(matches!(journey.ending(), Ending::Saved(_, changes) if changes.is_empty()));
    open(&before, "ana").shows("Há um rascunho não gravado");
}

#[test]
fn a_recovered_draft_that_is_lost_again_is_offered_once() {
    let before = lost("ana");
    let mut journey = open(&before, "ana");
    journey.press("Enter C-p \"Ana\"").signal(15);
    assert_eq!(journey.ending(), Ending::Signal(15, 3));
    let mut journey = open(&before, "ana");
    journey.shows("Há um rascunho não gravado").shows("54x").shows("→ Ana").press("Enter");
    journey.hides("rascunho não gravado").shows("●3").press("C-n Down C-u \"5440\" C-s");
    journey.wait_for("Gravar assim mesmo?").press("Right Enter").wait_for("Gravado em");
    wait_until("the drafts go", || drafts(&journey).is_empty());
}

#[test]
fn not_now_leaves_the_draft_and_discarding_removes_it() {
    let before = lost("ana");
    let mut journey = open(&before, "ana");
    journey.press("Esc").hides("rascunho").hides("●").press("Esc");
    assert_eq!(drafts(&before).len(), 1);
    let mut journey = open(&before, "ana");
    journey.press("Left Enter").shows("Rascunho descartado");
    wait_until("the drafts go", || drafts(&before).is_empty());
}

#[test]
fn ones_own_drafts_are_offered_to_oneself_and_to_root() {
    let before = lost("ana");
    open(&before, "rui").hides("rascunho");
    open(&before, "root").shows("Há um rascunho não gravado").shows("De ana");
    let sudo = Identity { user: "root".into(), sudo_user: Some("ana".into()), ..Identity::default() };
    let sudo = Arc::new(Saver { who: sudo, ..Saver::default() });
    Journey::open(Opening { folder: Some(before.folder()), saver: sudo, ..Opening::default() }).shows("rascunho");
}

#[test]
fn a_form_that_is_still_open_elsewhere_is_offered_and_what_is_saved_merges() {
    let mut hung =
        Journey::open(Opening { document: Some(PORT.into()), saver: history::saver("ana"), ..Opening::default() });
    let folder = draft::folder(&hung.path());
    hung.press("Down Down Down Space");
    wait_until("one draft is left", || files(&folder).len() == 1);
    let mut journey = open(&hung, "ana");
    journey.shows("ainda está aberta").press("Enter").shows("●1").press("F12");
    assert_eq!(changed(&journey.ending()), [("integracao.verificar_crediario_vencido_dav".into(), json!(true))]);
    assert_eq!(drafts(&hung).len(), 1, "the other form's own");
    // The line is back: the same edit again is no conflict, and another one merges.
    hung.press("Down Space C-s").wait_for("Gravado");
    let text = hung.document().unwrap();
    assert!(text.contains("vencido_dav\": true") && text.contains("vencido_pre_venda\": true"), "{text}");
    hung.press("Esc");
    wait_until("the drafts go", || drafts(&hung).is_empty());
}

#[test]
fn several_drafts_are_offered_one_after_the_other_newest_first() {
    let before = lost("ana");
    let mut second = open(&before, "rui");
    second.press("C-p \"Rui\"").signal(1);
    second.ending();
    let mut journey = open(&before, "root");
    journey.shows("Rascunho não gravado 1 de 2").press("Esc").shows("Rascunho não gravado 2 de 2").press("Enter");
    assert!(journey.is_open());
    journey.hides("Rascunho não gravado");
}

#[test]
fn a_broken_draft_is_told_and_never_applied() {
    let before = lost("ana");
    let file = drafts(&before).remove(0);
    let whole = fs::read_to_string(&file).unwrap();
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let mut journey = open(&before, "ana");
    journey.shows("danificado").press("Enter").hides("danificado").hides("●");
    assert!(file.exists(), "nothing is thrown away unasked");
    let mut journey = open(&before, "ana");
    journey.press("Right Enter");
    wait_until("the draft goes", || !file.exists());
}

#[test]
fn a_draft_older_than_a_conflicting_save_asks_value_by_value() {
    for (keys, port) in [("Right Enter", "54x"), ("Right Right Enter", "7000")] {
        let before = lost("ana");
        let mut rui = history::open(&before.path(), "rui");
        history::set(&mut rui, history::PORT, json!(7000));
        let mut journey = open(&before, "ana");
        journey.shows("desde então").shows("Gravado por rui").shows("no rascunho \"54x\"");
        journey.press("Enter").shows("Mudou aqui e no arquivo").shows("no rascunho").shows("54x").shows("7000");
        if port == "54x" {
            insta::assert_snapshot!("draft_conflict", super::hide_path(&journey.screen()));
        }
        journey.press(keys).shows(port).shows("[x]");
        assert!(journey.document().unwrap().contains("7000"), "nothing is saved by recovering");
    }
    let before = lost("ana");
    let mut rui = history::open(&before.path(), "rui");
    history::set(&mut rui, history::PORT, json!(7000));
    let mut journey = open(&before, "ana");
    journey.press("Enter Esc").hides("●").press("Esc");
    assert_eq!(drafts(&before).len(), 1, "not decided: kept for later");
}

#[test]
fn where_drafts_cannot_be_kept_the_form_says_so_at_once() {
    let before = Journey::on(PORT);
    fs::write(draft::folder(&before.path()), "in the way").unwrap();
    let mut journey = open(&before, "ana");
    journey.press("Esc");
    let mut journey = open(&before, "ana");
    journey
        .wait_for("rascunho")
        .press("Enter")
        .press("Down Down Down Space")
        .wait_for("o rascunho não pôde ser guardado");
    let other = before.folder().path().join("state");
    let shelf = DraftLocations { fallback: Some(other.clone()), ..DraftLocations::default() };
    let opening =
        Opening { folder: Some(before.folder()), saver: saver("ana"), shelf: shelf.clone(), ..Opening::default() };
    let mut journey = Journey::open(opening);
    journey.press("Enter Down Down Down Space").signal(1);
    journey.ending();
    let found = Draft::list(&before.path().canonicalize().unwrap(), &shelf, &saver("ana").who);
    assert!(found.iter().flatten().any(|draft| draft.file.starts_with(&other)), "{found:?}");
}

#[test]
fn what_cannot_be_saved_is_told_at_opening_and_kept_as_a_draft_with_the_command_that_saves_it() {
    let before = Journey::on(PORT);
    let second_name = before.folder().path().join("other-name");
    fs::hard_link(before.path(), &second_name).unwrap();
    let mut journey = open(&before, "ana");
    journey.shows("[somente leitura]").shows("Somente leitura; F12 guarda um rascunho");
    // Checks work; they are not what F12 waits for here.
    journey.press("Down C-u \"5434\" F2").shows("F12 guarda num rascunho").press("Esc Down Down Space C-s");
    journey.wait_for("2 alterações no rascunho").shows("links físicos").shows("Para gravar: balcao-config --config");
    journey.press("Esc").shows("●2").press("Esc").shows("Guardar rascunho e fechar").press("Right Enter");
    let Ending::Kept(problem) = journey.ending() else { panic!("{:?}", journey.ending()) };
    let draft = drafts(&before).remove(0);
    let command = problem.hints.last().unwrap().as_str().to_owned();
    assert!(command.ends_with(&format!("recover {}", draft.display())), "{command}");
    assert_eq!(before.document().unwrap(), PORT);
    fs::remove_file(second_name).unwrap();
    let mut journey = open(&before, "ana");
    journey.hides("somente leitura").shows("Há um rascunho").press("Enter F12").wait_for("Gravar assim mesmo?");
    journey.press("Right Enter");
    assert_eq!(changed(&journey.ending()).len(), 2);
    wait_until("the drafts go", || drafts(&before).is_empty());
}

#[test]
fn what_is_recovered_and_taken_back_survives_the_save_of_something_else() {
    let before = lost("ana");
    let mut journey = open(&before, "ana");
    journey.press("Enter C-z").hides("●").press("C-p \"Ana\" C-s").wait_for("Gravado").press("Esc");
    wait_until("one draft is left", || files(&draft::folder(&before.path())).len() == 1);
    open(&before, "ana").shows("Há um rascunho não gravado").shows("54x");
}

#[test]
fn a_draft_that_the_file_holds_already_goes_once_that_is_seen() {
    let before = lost("ana");
    let mut other = history::open(&before.path(), "rui");
    history::set(&mut other, history::PORT, json!(5440));
    other.set(&history::key("integracao.verificar_crediario_vencido_dav"), Some(json!(true)));
    other.save(&[]).unwrap();
    // Of the two edits, one is in the file; of the other, the file's value is taken.
    let mut journey = open(&before, "ana");
    journey
        .press("Enter")
        .shows("Mudou aqui e no arquivo")
        .press("Right Right Enter")
        .shows("já tem todos")
        .press("Esc");
    wait_until("the drafts go", || drafts(&before).is_empty());
}

#[test]
fn a_draft_of_an_open_form_or_in_anothers_name_is_not_one_enter_away_from_harm() {
    let mut hung =
        Journey::open(Opening { document: Some(PORT.into()), saver: history::saver("ana"), ..Opening::default() });
    let folder = draft::folder(&hung.path());
    hung.press("Down Down Down Space");
    wait_until("one draft is left", || files(&folder).len() == 1);
    open(&hung, "ana").shows("ainda está aberta").shows("[ Recuperar ]").hides("Descartar rascunho");
    // Root's Enter leaves another's alone.
    open(&hung, "root").shows("De ana").press("Enter").hides("●").hides("rascunho");
}
