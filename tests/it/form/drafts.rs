//! What a form did not save is kept, offered to the next one, and recovered whole.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use balcao_config::document::draft::{self, Draft, DraftLocations};
use balcao_config::document::identity::Identity;
use balcao_config::document::{Location, Saver};
use balcao_config::session::ending::Ending;
use serde_json::json;

use super::{PORT, changed};
use crate::busy::wait_until;
use crate::history;
use crate::journey::{Journey, Opening};

/// Somebody whose process has ended.
pub fn saver(user: &str) -> Arc<Saver> {
    let saver = (*history::saver(user)).clone();
    Arc::new(Saver { who: Identity { pid: u32::MAX, ..(*saver.who).clone() }.into(), ..saver })
}

pub fn open(before: &Journey, user: &str) -> Journey {
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
pub fn lost(user: &str) -> Journey {
    let mut journey = Journey::open(Opening { document: Some(PORT.into()), saver: saver(user), ..Opening::default() });
    journey.press("Down C-u \"54x\" Down Down Space").signal(1);
    assert_eq!(journey.ending(), Ending::Signal(1, 2));
    journey
}

#[test]
fn a_lost_form_is_offered_and_recovers_every_character_as_one_step() {
    let before = lost("ana");
    let mut journey = open(&before, "ana");
    journey
        .shows("Há alterações não gravadas")
        .shows("Rascunho de ana")
        .shows("5433 → \"54x\"")
        .shows("(Orçamento): não →");
    insta::assert_snapshot!("draft_offered", super::hide_path(&journey.screen()));
    journey.press("Enter").shows("2 alterações recuperadas").shows("54x").shows("● 2");
    journey.press("C-z").hides("54x").shows("5433").hides("●");
    journey.press("C-y").shows("54x").shows("● 2");
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
    open(&before, "ana").shows("Há alterações não gravadas");
}

#[test]
fn a_recovered_draft_that_is_lost_again_is_offered_once() {
    let before = lost("ana");
    let mut journey = open(&before, "ana");
    journey.press("Enter C-p \"Ana\"").signal(15);
    assert_eq!(journey.ending(), Ending::Signal(15, 3));
    let mut journey = open(&before, "ana");
    journey.shows("Há alterações não gravadas").shows("54x").shows("→ Ana").press("Enter");
    journey.hides("alterações não gravadas").shows("● 3").press("C-n Down C-u \"5440\" C-s");
    journey.wait_for("Gravar mesmo assim?").press("Right Enter").wait_for("Gravado em");
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
fn a_form_that_is_still_open_elsewhere_is_offered_and_what_is_saved_merges() {
    let mut hung =
        Journey::open(Opening { document: Some(PORT.into()), saver: history::saver("ana"), ..Opening::default() });
    let folder = draft::folder(&hung.path());
    hung.press("Down Down Down Space");
    wait_until("one draft is left", || files(&folder).len() == 1);
    let mut journey = open(&hung, "ana");
    journey.shows("ainda está aberta").press("Enter").shows("● 1").press("F12");
    assert_eq!(changed(&journey.ending()), [("integracao.verificar_crediario_vencido_dav".into(), json!(true))]);
    assert_eq!(drafts(&hung).len(), 1, "the other form's own");
    // The line is back: the same edit again is no conflict, and another one merges.
    hung.press("Down Space C-s").wait_for("Gravado");
    let text = hung.document().unwrap();
    assert!(text.contains("vencido_dav\": true") && text.contains("vencido_pre_venda\": true"), "{text}");
    hung.press("Esc");
    wait_until("the drafts go", || drafts(&hung).is_empty());
}

/// Three forms that were lost, and a file that is no draft.
pub fn lost_thrice() -> Journey {
    let before = lost("ana");
    for (user, edit) in [("rui", "C-p \"Rui\""), ("eva", "C-u \"eva\" Down C-u \"5440\"")] {
        let mut next = open(&before, user);
        next.press("Esc").press(edit).signal(1);
        next.ending();
    }
    fs::write(draft::folder(&before.path()).join("broken.json"), "{").unwrap();
    before
}

#[test]
fn several_drafts_are_a_list_from_which_one_is_looked_at_and_recovered() {
    let before = lost_thrice();
    let mut journey = open(&before, "ana");
    journey.shows("Há 4 rascunhos").shows("eva").shows("rui").shows("Descartar todos").shows("danificado");
    insta::assert_snapshot!("drafts_listed", super::hide_path(&journey.screen()));
    journey.press("Down Down Enter").wait_for("5433 → \"54x\"").press("Esc").shows("Há 4 rascunhos");
    journey.press("Enter").wait_for("54x").press("Enter").shows("2 alterações recuperadas").hides("Há 4");
    wait_until("the others stay, for the next form", || drafts(&before).len() == 4 + 1);
    journey.press("Esc Right Right Enter");
    journey.ending();
    open(&before, "ana").shows("Há 3 rascunhos");
}

#[test]
fn of_several_drafts_one_or_all_are_discarded_after_a_question() {
    let before = lost_thrice();
    let mut journey = open(&before, "ana");
    journey.press("Enter").wait_for("[ Descartar ]").press("Left Enter").shows("Há 3 rascunhos");
    wait_until("The draft goes", || drafts(&before).len() == 3);
    journey.press("End Up Enter").shows("danificado e não é usado").press("Right Enter").shows("Há 2 rascunhos");
    wait_until("the file goes", || drafts(&before).len() == 2);
    journey.press("End Enter").shows("Descartar todos?").shows("de 2 rascunhos").press("Enter").shows("Há 2 rascunhos");
    journey.press("Enter Right Enter").shows("Rascunhos descartados").hides("Há 2");
    wait_until("the drafts go", || drafts(&before).is_empty());
}

#[test]
fn the_draft_of_an_open_form_stays_when_all_are_discarded() {
    let before = lost("ana");
    let mut hung =
        Journey::open(Opening { folder: Some(before.folder()), saver: history::saver("ana"), ..Opening::default() });
    hung.press("Esc Down Down Down Space");
    wait_until("two drafts are left", || drafts(&before).len() == 2);
    let mut journey = open(&before, "ana");
    journey.shows("a tela ainda está aberta").press("End Enter").shows("1 rascunho fica").press("Right Enter");
    wait_until("one goes", || drafts(&before).len() == 1);
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
    wait_until("The draft goes", || !file.exists());
}

#[test]
fn a_draft_older_than_a_conflicting_save_asks_value_by_value() {
    for (keys, port) in [("Right Enter", "54x"), ("Right Right Enter", "7000")] {
        let before = lost("ana");
        let mut rui = history::open(&before.path(), "rui");
        history::set(&mut rui, history::PORT, json!(7000));
        let mut journey = open(&before, "ana");
        journey.shows("alterado depois").shows("Gravado por rui").shows("\"54x\" no rascunho");
        journey.press("Enter").shows("Alterado aqui e no arquivo").shows("no rascunho").shows("54x").shows("7000");
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
        .wait_for("Não foi possível guardar o rascunho");
    let other = before.folder().path().join("state");
    let shelf = DraftLocations { fallback: Some(other.clone()) };
    let opening =
        Opening { folder: Some(before.folder()), saver: saver("ana"), shelf: shelf.clone(), ..Opening::default() };
    let mut journey = Journey::open(opening);
    journey.press("Enter Down Down Down Space").signal(1);
    journey.ending();
    let found = Draft::list(&Location::find(&before.path()), 0, &shelf);
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
    journey
        .wait_for("2 alterações ficaram no rascunho")
        .shows("links físicos")
        .shows("Para gravar: balcao-config --config");
    journey.press("Esc").shows("● 2").press("Esc").shows("Guardar").press("Right Enter");
    let Ending::Kept(problem) = journey.ending() else { panic!("{:?}", journey.ending()) };
    let draft = drafts(&before).remove(0);
    let command = problem.hints.last().unwrap().as_str().to_owned();
    assert!(command.ends_with(&format!("recover {}", draft.display())), "{command}");
    assert_eq!(before.document().unwrap(), PORT);
    fs::remove_file(second_name).unwrap();
    let mut journey = open(&before, "ana");
    journey
        .hides("somente leitura")
        .shows("Há alterações não gravadas")
        .press("Enter F12")
        .wait_for("Gravar mesmo assim?");
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
    open(&before, "ana").shows("Há alterações não gravadas").shows("54x");
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
        .shows("Alterado aqui e no arquivo")
        .press("Right Right Enter")
        .shows("já tem todos")
        .press("Esc");
    wait_until("the drafts go", || drafts(&before).is_empty());
}

#[test]
fn a_draft_of_an_open_form_cannot_be_discarded() {
    let mut hung =
        Journey::open(Opening { document: Some(PORT.into()), saver: history::saver("ana"), ..Opening::default() });
    let folder = draft::folder(&hung.path());
    hung.press("Down Down Down Space");
    wait_until("one draft is left", || files(&folder).len() == 1);
    open(&hung, "ana").shows("ainda está aberta").shows("[ Recuperar ]").hides("Descartar");
}
