//! Others at the same file while the form is open: told at once, shown at once, and nothing of one's own is lost.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;

use balcao_config::document::Location;
use balcao_config::document::draft;
use balcao_config::document::history::{History, Kind};
use balcao_config::document::identity::Identity;
use balcao_config::session::ending::Ending;
use serde_json::{Value, json};

use super::PORT;
use crate::busy::wait_until;
use crate::history::{PORT as KEY, open, saver, set};
use crate::journey::{Journey, Opening};

const NAME: &str = "geral.vendedor_padrao";
const DIGITS: &str = "geral.casas_decimais_qtde";

fn form() -> Journey {
    watched(Opening { document: Some(PORT.into()), ..Opening::default() })
}

fn watched(opening: Opening) -> Journey {
    Journey::open(Opening { saver: saver("ana"), watched: true, ..opening })
}

/// Replaces the file's text as a program does that knows neither lock nor history.
fn replace(path: &Path, text: &str) {
    let new = path.with_extension("new");
    fs::write(&new, text).unwrap();
    fs::rename(new, path).unwrap();
}

fn saved(journey: &Journey) -> Value {
    serde_json::from_str(&journey.document().unwrap()).unwrap()
}

#[test]
fn what_another_saves_is_told_with_who_and_when_and_stands_in_its_field_at_once() {
    let mut journey = form();
    journey.press("Down Down Down Space").shows("5433").shows("● 1");
    set(&mut open(&journey.path(), "rui"), KEY, json!(7000));
    journey.wait_for("rui gravou às 12:34: Porta Banco de Dados Gestores: 5433 → 7000").shows("● 1");
    insta::assert_snapshot!("told", super::hide_path(&journey.screen()));
    // The field, not only the message.
    journey.press("Up").hides("rui gravou").shows("7000").hides("5433");
    journey.press("F2").shows("O que F12 grava").shows("Alterado por outros, já no arquivo").shows("5433 → 7000");
    journey.shows("Gravado por rui").press("Esc C-s").wait_for("Gravado em");
    assert_eq!(saved(&journey)["integracao"]["porta_banco_dados"], json!(7000));
    // Saved together: nothing of others is left to tell.
    journey.press("F2").wait_for("Sem alterações").hides("de fora").press("Esc Esc");
    assert!(matches!(journey.ending(), Ending::Saved(_, changes) if changes.len() == 1));
}

#[test]
fn what_both_changed_is_marked_named_and_asked_about_before_it_is_saved() {
    for (answer, port) in [("Right Enter", 5434), ("Right Right Enter", 7000)] {
        let mut journey = form();
        journey.press("Down C-u \"5434\"");
        let mut rui = open(&journey.path(), "rui");
        rui.set(&crate::history::key(NAME), Some(json!("Rui")));
        set(&mut rui, KEY, json!(7000));
        journey.wait_for("▲ rui gravou às 12:34: Porta Banco").shows("7000; aqui 5434").shows("▲ conflito");
        journey.wait_for("Antes: 5433").press("F2").shows("alterado também por fora: 5433 → 7000");
        let folder = journey.path().parent().unwrap().display().to_string();
        let screen = journey.screen().replace(&folder, &"-".repeat(folder.len()));
        let screen: String = screen.split_inclusive('\n').filter(|line| !line.contains("-----")).collect();
        insta::assert_snapshot!("overtaken", super::hide_path(&screen));
        journey.press("Esc C-s").wait_for("Gravar mesmo assim?").press("Right Enter");
        journey.wait_for("Alterado aqui e no arquivo").shows("Gravado por rui").shows("Valor anterior: 5433");
        journey.press(answer).wait_until("an outcome", |screen| {
            screen.contains("Gravado em") || screen.contains("já tem esses valores")
        });
        wait_until("it is saved", || saved(&journey)["integracao"]["porta_banco_dados"] == json!(port));
        journey.press("Esc").hides("conflito");
        // What merged is in both, and what gave way is told as mine nowhere.
        assert_eq!(saved(&journey)["geral"]["vendedor_padrao"], json!("Rui"));
    }
}

#[test]
fn a_change_that_was_overtaken_goes_back_to_what_the_file_says_now() {
    let mut journey = form();
    journey.press("Down C-u \"5434\"");
    set(&mut open(&journey.path(), "rui"), KEY, json!(7000));
    journey.wait_for("▲ conflito").press("C-z C-z C-z C-z C-z").hides("conflito").hides("●").shows("7000");
    journey.press("F2").wait_for("Sem alterações").shows("5433 → 7000");
}

#[test]
fn a_change_that_was_overtaken_is_asked_about_also_where_it_was_taken_back_and_put_in_again() {
    for again in ["F2 Space Space Esc", "F4 C-z", "F2 Space Esc C-z"] {
        let mut journey = form();
        journey.press("Down C-u \"5434\"");
        set(&mut open(&journey.path(), "rui"), KEY, json!(7000));
        journey.wait_for("▲ conflito").press(again).shows("5434").shows("▲ conflito").press("F12");
        journey.wait_for("Gravar mesmo assim?").press("Right Enter").wait_for("Alterado aqui e no arquivo");
    }
}

#[test]
fn what_others_save_takes_no_row_of_compare_from_under_the_cursor() {
    let mut journey = form();
    journey.press("Down C-u \"5434\" Down C-u \"8083\" F2").shows("8082 → 8083").press("Down");
    // The first row's change is the file's by now: the cursor stays with the second.
    set(&mut open(&journey.path(), "rui"), KEY, json!(5434));
    journey.wait_for("Gravado por rui").press("Space").shows("[ ] Porta de Comunicação");
}

#[test]
fn what_was_as_the_file_said_goes_back_to_what_the_file_says_by_now() {
    let mut journey = form();
    journey.press("Down C-u \"5434\" C-z C-z").shows("5433").hides("●");
    set(&mut open(&journey.path(), "rui"), KEY, json!(7000));
    journey.wait_for("rui gravou").press("Up Down C-y C-y").shows("5434").shows("● 1");
    journey.press("C-z C-z").hides("●").shows("7000").press("C-s").wait_for("Nada a gravar");
    assert_eq!(saved(&journey)["integracao"]["porta_banco_dados"], json!(7000));
    // The same where the form hears of it only as it saves.
    let mut journey = Journey::on(PORT);
    journey.press("Down Down Down Space Up Up C-u \"5434\" C-z C-z").shows("● 1");
    set(&mut open(&journey.path(), "rui"), KEY, json!(7000));
    journey.press("C-s").wait_for("rui também gravou").press("Esc C-y C-y").shows("● 1");
    journey.press("C-z C-z").hides("●").shows("7000");
}

#[test]
fn the_old_value_typed_again_is_asked_about_too() {
    let mut journey = form();
    journey.press("Down C-u \"5434\"");
    set(&mut open(&journey.path(), "rui"), KEY, json!(7000));
    journey.wait_for("▲ conflito").press("C-u \"5433\"").shows("5433").press("C-s");
    journey.wait_for("Gravar mesmo assim?").press("Right Enter");
    journey.wait_for("Alterado aqui e no arquivo").press("Right Enter").wait_for("Gravad");
    wait_until("it is saved", || saved(&journey)["integracao"]["porta_banco_dados"] == json!(5433));
}

#[test]
fn the_same_value_from_both_sides_leaves_nothing_to_save() {
    let mut journey = form();
    journey.press("Down C-u \"7000\"").shows("● 1");
    set(&mut open(&journey.path(), "rui"), KEY, json!(7000));
    journey.wait_for("rui gravou").hides("●").hides("conflito");
}

#[test]
fn a_form_that_is_lost_in_a_conflict_leaves_a_draft_that_asks_too() {
    let mut journey = form();
    journey.press("Down C-u \"5434\"");
    set(&mut open(&journey.path(), "rui"), KEY, json!(7000));
    journey.wait_for("▲ conflito").signal(1);
    journey.ending();
    let drafts = fs::read_dir(draft::folder(&journey.path())).unwrap().count();
    assert_eq!(drafts, 1);
    let mut next = watched(Opening { folder: Some(journey.folder()), ..Opening::default() });
    next.shows("Há alterações não gravadas").press("Enter").shows("Alterado aqui e no arquivo").shows("7000");
}

#[test]
fn a_burst_of_saves_is_one_message_with_all_of_it() {
    let mut journey = form();
    let mut rui = open(&journey.path(), "rui");
    set(&mut rui, NAME, json!("Rui"));
    set(&mut rui, DIGITS, json!(3));
    set(&mut rui, KEY, json!(7000));
    // However the machine splits them: what is not yet acknowledged is told together.
    journey.wait_for("e mais 2 (F2)");
    set(&mut open(&journey.path(), "eva"), KEY, json!(7001));
    journey.wait_for("Outros e eva gravaram").shows("e mais 2 (F2)");
    journey.press("F2").shows("5433 → 7001").shows("Gravado por rui").shows("Gravado por eva");
}

#[test]
fn while_a_dialog_has_the_screen_it_is_told_afterwards_and_typing_does_not_take_it_away() {
    let mut journey = form();
    journey.press("C-p F1");
    set(&mut open(&journey.path(), "rui"), KEY, json!(7000));
    journey.press("Esc").wait_for("rui gravou").press("\"Ana\"").shows("rui gravou").shows("● 1").press("Down");
    journey.hides("rui gravou");
}

#[test]
fn what_other_programs_write_is_told_as_edited_outside() {
    let mut journey = form();
    replace(&journey.path(), r#"{"integracao": {"porta_banco_dados": 6000}, "novo": {"x": 1}}"#);
    journey.wait_for("Alterado por fora: Porta Banco de Dados Gestores: 5433 → 6000, e mais 1").press("Up");
    // In place, as `cat >` does, and nothing but blanks.
    fs::write(journey.path(), r#"{"integracao": {"porta_banco_dados":  6000}, "novo": {"x": 1}}"#).unwrap();
    journey.wait_for("Alterado por fora, sem alterar valores.");
}

#[test]
fn its_own_saves_drafts_and_checks_are_no_news() {
    let mut journey = form();
    journey.press("Down Down Down Space C-s").wait_for("Gravado em").press("Space C-s").wait_for("Gravado em");
    journey.press("F5").wait_for("no teste").press("F2").wait_for("Sem alterações").hides("de fora").press("Esc");
    journey.hides("gravou").hides("A última alteração").hides("▲");
}

#[test]
fn a_file_that_is_removed_and_comes_back_is_told_both_times() {
    let mut journey = form();
    let text = fs::read(journey.path()).unwrap();
    journey.press("Down Down Down Space");
    fs::remove_file(journey.path()).unwrap();
    journey.wait_for("O arquivo foi removido.").shows("[removido]").shows("5433").shows("● 1");
    journey.press("F2").shows("foi removido").shows("nesta tela, não gravado").hides("F12 grava").press("Esc");
    fs::write(journey.path(), text).unwrap();
    journey.wait_for("O arquivo voltou").hides("[removido]").shows("● 1");
}

#[test]
fn a_path_that_leads_to_another_file_is_told_and_followed_before_anything_is_saved() {
    let mut journey = form();
    journey.press("Down Down Down Space").shows("5433");
    let (path, old) = (journey.path(), journey.document());
    let [one, two] = ["one.json", "two.json"].map(|name| path.with_file_name(name));
    fs::copy(&path, &one).unwrap();
    fs::write(&two, old.clone().unwrap().replace("5433", "7000")).unwrap();
    symlink("two.json", path.with_extension("new")).unwrap();
    fs::rename(path.with_extension("new"), &path).unwrap();
    journey.wait_for("O caminho agora leva a").press("Up").shows("7000").press("C-s").wait_for("Gravado em");
    assert_eq!(fs::read_to_string(&one).ok(), old);
    assert_eq!(saved(&journey)["integracao"]["porta_banco_dados"], json!(7000));
    assert!(fs::read_to_string(&two).unwrap().contains("verificar_crediario"));
}

#[test]
fn a_file_that_cannot_be_read_any_more_is_told_loses_nothing_and_is_told_when_it_can() {
    let mut journey = form();
    journey.press("Down Down Down Space");
    fs::write(journey.path(), "{\"integracao\": ").unwrap();
    journey.wait_for("Não é mais possível ler o arquivo").shows("[ilegível]").shows("5433").shows("● 1");
    journey.press("F2").shows("config.json").press("Esc");
    fs::write(journey.path(), r#"{"integracao": {"porta_banco_dados": 6000}}"#).unwrap();
    journey.wait_for("Alterado por fora: Porta Banco de Dados Gestores: 5433 → 6000").hides("[ilegível]").shows("● 1");
}

#[test]
fn a_second_name_makes_it_read_only_and_its_end_lifts_that() {
    let mut journey = form();
    let second = journey.path().with_file_name("other-name");
    fs::hard_link(journey.path(), &second).unwrap();
    let touch = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o640)).unwrap();
    touch(&journey.path());
    journey.wait_for("Somente leitura; F12 guarda um rascunho").shows("[somente leitura]");
    fs::remove_file(&second).unwrap();
    touch(&journey.path());
    journey.wait_for("Agora o arquivo pode ser gravado.").hides("[somente leitura]");
}

#[test]
fn a_file_that_could_not_be_read_at_opening_opens_by_itself_once_it_can() {
    let mut journey = watched(Opening { document: Some("{".into()), ..Opening::default() });
    journey.shows("Não foi possível ler o arquivo");
    fs::write(journey.path(), PORT).unwrap();
    journey.wait_for("5433").hides("não pode ser lido");
}

#[test]
fn a_first_document_that_another_makes_is_followed() {
    let mut journey = watched(Opening::default());
    journey.press("Down Down Down Space");
    set(&mut open(&journey.path(), "rui"), KEY, json!(7000));
    journey.wait_for("rui gravou às 12:34: Porta Banco de Dados Gestores: 5432 → 7000").shows("7000");
    journey.press("C-s").wait_for("Gravado em");
    assert_eq!(saved(&journey)["integracao"]["verificar_crediario_vencido_dav"], json!(true));
    assert_eq!(saved(&journey)["integracao"]["porta_banco_dados"], json!(7000));
}

#[test]
fn without_a_watch_compare_still_speaks_of_the_file_as_it_is() {
    let mut journey = Journey::open(Opening { document: Some(PORT.into()), saver: saver("ana"), ..Opening::default() });
    set(&mut open(&journey.path(), "rui"), KEY, json!(7000));
    journey.press("F2").wait_for("5433 → 7000").shows("Gravado por rui");
}

#[test]
fn a_file_that_went_is_written_anew_only_when_asked_with_all_that_was_read() {
    for keys in ["Down Down Down Space F12", "F12", "Down Down Down Space C-s"] {
        for is_heard in [true, false] {
            let mut journey = Journey::open(Opening {
                document: Some(PORT.into()),
                saver: saver("ana"),
                watched: is_heard,
                ..Opening::default()
            });
            fs::remove_file(journey.path()).unwrap();
            if is_heard {
                journey.wait_for("O arquivo foi removido.");
            } else if keys == "F12" {
                // Nothing to save, and nothing heard: nothing is claimed but what the form did.
                continue;
            }
            journey.press(keys).wait_for("não existe mais. Nada foi gravado.").hides("mantido");
            journey.press("Enter").hides("Gravar de novo").shows("5433");
            assert!(journey.document().is_none(), "nothing is made unasked");
            journey.press(if keys == "F12" { "F12" } else { "C-s" }).wait_for("Gravar de novo").press("Right Enter");
            wait_until("it is there again", || journey.document().is_some());
            assert_eq!(saved(&journey)["integracao"]["porta_banco_dados"], json!(5433));
            let is_changed = saved(&journey)["integracao"]["verificar_crediario_vencido_dav"] == json!(true);
            assert_eq!(is_changed, keys != "F12");
            let history = History::of(&Location::find(&journey.path())).each(|it| it).unwrap().versions;
            let first = history.into_iter().next().unwrap().unwrap();
            assert_eq!((first.kind, first.text.as_str()), (Kind::EditedOutside, PORT));
        }
    }
}

#[test]
fn a_folder_that_went_with_its_file_is_made_again_only_when_asked() {
    let mut journey = form();
    let folder = journey.path().parent().unwrap().to_owned();
    journey.press("Down Down Down Space");
    fs::remove_dir_all(&folder).unwrap();
    journey.wait_for("O arquivo foi removido.").press("C-s").wait_for("Gravar de novo").press("Esc");
    assert!(!folder.exists() || !journey.path().exists());
    journey.press("C-s").wait_for("Gravar de novo").press("Right Enter").wait_for("Gravado em");
    assert_eq!(saved(&journey)["integracao"]["porta_banco_dados"], json!(5433));
}

#[test]
fn leaving_without_the_file_says_that_it_went() {
    let mut journey = form();
    fs::remove_file(journey.path()).unwrap();
    journey.wait_for("O arquivo foi removido.").press("Esc");
    assert!(matches!(journey.ending(), Ending::Gone(_, saved) if saved.is_empty()));
    assert!(journey.document().is_none());
}

#[test]
fn where_they_came_from_does_not_push_out_what_they_changed() {
    let mut journey = form();
    let mut saver = Arc::unwrap_or_clone(saver("rui"));
    let from_far = Identity {
        sudo_user: Some("administrador".into()),
        ssh_client: Some("10.20.30.40".into()),
        ..(*saver.who).clone()
    };
    saver.who = from_far.into();
    set(&mut open(&journey.path(), "rui").signed(Arc::new(saver)), KEY, json!(7000));
    journey.wait_for(" rui gravou às 12:34: Porta Banco de Dados Gestores: 5433 → 7000");
    journey.press("F2").shows("10.20.30.40");
}
