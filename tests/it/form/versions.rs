//! F2 and F7: what would be saved, and what was.

use std::sync::Arc;

use balcao_config::catalog::Catalog;
use balcao_config::document::Saver;
use balcao_config::session::Session;
use serde_json::{Value, json};

use super::PORT;
use crate::history::{PORT as KEY, key, open, saver, set};
use crate::journey::{Journey, Opening};

/// A form on a document that has been 5433, 7000, and edited by hand to 7001.
pub fn form() -> Journey {
    let before = Journey::on(PORT);
    set(&mut open(&before.path(), "rui"), KEY, json!(7000));
    let text = before.document().unwrap().replace("7000", "7001");
    std::fs::write(before.path(), text).unwrap();
    set(&mut open(&before.path(), "ana"), "geral.vendedor_padrao", json!("Ana"));
    Journey::open(Opening { folder: Some(before.folder()), saver: saver("ana"), ..Opening::default() })
}

#[test]
fn f2_shows_what_would_be_saved_and_what_keeps_it_from_being() {
    let mut journey = Journey::on(PORT);
    journey.press("F2").shows("Sem alterações").press("Esc").press("Down C-u \"99999\" C-g");
    journey.shows("5433 → 99999").shows("! ");
}

#[test]
fn f7_lists_versions_and_restores_one_into_the_form_as_one_step() {
    let mut journey = form();
    journey.press("F7").wait_for("Histórico (");
    insta::assert_snapshot!("versions", super::hide_path(&journey.screen()));
    journey
        .press("Down Down Enter")
        .wait_for("Versão 2")
        .shows("Gravada por rui")
        .shows("A versão inteira altera na tela");
    journey.shows("[ ] Porta Banco de Dados Gestores: 5433 → 7000; agora 7001");
    insta::assert_snapshot!("version", super::hide_path(&journey.screen()));
    journey.press("Esc").shows("Histórico (").press("Enter").wait_for("Versão 2").press("End Enter");
    journey.shows("Valores da versão 2 na tela").shows("● 2").press("C-n").shows("7000");
    assert!(journey.document().unwrap().contains("7001"), "nothing is saved by restoring");
    journey
        .press("C-z")
        .hides("●")
        .press("C-n")
        .shows("7001")
        .press("C-y C-s")
        .wait_for("Gravar mesmo assim?")
        .press("Right Enter");
    journey.wait_for("Gravado");
    assert!(journey.document().unwrap().contains("7000"));
}

/// A shop's file that rui has changed in three places yesterday, each parameter back to what it was in one key.
#[test]
fn what_somebody_changed_yesterday_is_found_and_that_one_value_put_back() {
    let before = form();
    let mut rui = open(&before.path(), "rui");
    rui.set(&key(KEY), Some(json!(5439)));
    rui.set(&key("geral.casas_decimais_valor"), Some(json!(4)));
    set(&mut rui, "geral.vendedor_padrao", json!("Rui"));
    let mut journey =
        Journey::open(Opening { folder: Some(before.folder()), saver: saver("ana"), ..Opening::default() });
    // F7 shows who changed what when, newest first, and R puts that one back: there are no fewer keys.
    journey.press("F7").wait_for("Porta Banco de Dados Gestores: 7001 → 5439").shows("5  hoje 12:34  rui");
    journey.shows("Casas Decimais Valor: 2 → 4").press("\"r\"");
    journey.shows("Voltou a 7001, ainda não gravado. Ctrl+Z desfaz.").shows("● 1").hides("Histórico (");
    assert!(journey.cursor_row().contains("7001"), "{}", journey.cursor_row());
    journey
        .press("C-z")
        .hides("●")
        .shows("5439")
        .press("C-y")
        .shows("● 1")
        .press("F12")
        .wait_for("Gravar mesmo assim?");
    journey.press("Right Enter").ending();
    let saved: Value = serde_json::from_str(&journey.document().unwrap()).unwrap();
    assert_eq!(saved["integracao"]["porta_banco_dados"], json!(7001));
    assert_eq!(saved["geral"], json!({"vendedor_padrao": "Rui", "casas_decimais_valor": 4}), "all else stays");
}

#[test]
fn marked_values_of_several_versions_are_put_back_as_one_edit() {
    let mut journey = form();
    journey.press("F7").wait_for("Histórico (");
    // Ana's name, and what the port was before rui, marked in another version.
    journey
        .press("Space Down Down Space")
        .shows("[x] Vendedor")
        .shows("[x] Porta Banco de Dados Gestores: 5433 → 7000");
    journey.press("\"r\"").shows("2 valores voltaram ao que eram").shows("● 2").press("C-z").hides("●");
    journey.press("F7").wait_for("Histórico (").press("Space Space \"R\"").shows("Voltou a (vazio)");
}

#[test]
fn in_a_version_single_values_are_marked_and_put_back_or_all_of_it_restored() {
    let mut journey = form();
    journey.press("F7").wait_for("Histórico (").press("Down Enter").wait_for("Versão 3").shows("[ ] Porta Banco");
    journey.press("Space").shows("[x] Porta Banco").press("\"r\"").shows("Voltou a 7000").hides("Versão 3");
    // What the keys at the foot say is what they do on this row.
    journey.press("F7").wait_for("Histórico (").press("Down Enter").wait_for("Versão 3").shows("Espaço Marcar");
    journey.press("End").shows("Enter Restaurar").hides("Espaço Marcar").press("Esc").press("Esc");
    // The version opens on the value that was picked in the list.
    journey.press("F7").wait_for("Histórico (").press("Down Down Enter").wait_for("▌[ ] Porta Banco").press("Esc");
    journey.press("Up Up Enter").wait_for("Versão 4").press("Enter");
    journey.shows("Voltou a (vazio)").shows("● 2").press("C-z").shows("● 1").press("C-z").hides("●");
}

#[test]
fn the_field_says_what_it_was_before_and_one_key_puts_that_back() {
    let mut journey = form();
    journey.press("Down").wait_for("Antes: 7000, hoje 12:34, alterada por fora. Alt+Z põe de volta.");
    journey.press("M-z").shows("Voltou a 7000, ainda não gravado. Ctrl+Z desfaz.").shows("● 1").hides("Alt+Z");
    journey.press("C-z").hides("●").wait_for("Alt+Z põe de volta");
    // Of a value that was never changed, nothing is said; of one that others change meanwhile, what they did.
    journey.press("Up M-z").shows("O histórico não tem outro valor deste campo.").hides("Antes:");
    let mut journey = Journey::open(Opening {
        watched: true,
        folder: Some(journey.folder()),
        saver: saver("ana"),
        ..Opening::default()
    });
    set(&mut open(&journey.path(), "rui"), KEY, json!(5440));
    journey.press("Down").wait_for("Antes: 7001, ").shows(", rui. Alt+Z");
    journey.press("\"5441\" C-s").wait_for("Gravar mesmo assim?").press("Right Enter");
    journey.wait_for("Gravado em").press("F1").wait_for("Antes: 5440, hoje 12:34, ana.");
}

#[test]
fn a_note_stands_with_the_version_and_the_field() {
    let before = form();
    let noted = Saver { note: Some("chamado 123".into()), ..(*saver("rui")).clone() };
    let session = Session::open(&before.path(), Arc::new(Catalog::built_in())).unwrap();
    set(&mut session.signed(Arc::new(noted)), KEY, json!(5439));
    let mut journey =
        Journey::open(Opening { folder: Some(before.folder()), saver: saver("ana"), ..Opening::default() });
    journey.press("Down").wait_for("Antes: 7001, ").shows("rui, nota: chamado 123").hides("Última gravação");
    // At the first change, whoever saved last may save over it.
    journey
        .press("F4")
        .shows("Ctrl+Z desfaz")
        .hides("Última gravação")
        .press("\"1\"")
        .shows("Última gravação: nota “chamado 123”.")
        .press("C-z Down \"2\"")
        .hides("Última gravação");
    journey.press("C-z C-z C-z");
    journey
        .press("F7")
        .wait_for("rui  nota: chamado 123")
        .press("Enter")
        .wait_for("Versão 5")
        .shows("nota: chamado 123");
}

#[test]
fn a_damaged_version_is_told_and_the_others_stay_usable() {
    let before = form();
    let file = before.path().with_file_name("config.json.history").join("000002.json");
    std::fs::write(&file, "{").unwrap();
    let mut journey =
        Journey::open(Opening { folder: Some(before.folder()), saver: saver("ana"), ..Opening::default() });
    journey.press("F7").wait_for("danificada").press("Down Down Enter").wait_for("está danificada").press("Esc");
    journey.press("End Enter").wait_for("Versão 1").shows("Alterada fora");
}

#[test]
fn without_versions_f7_says_so() {
    Journey::new().press("C-b").wait_for("Nenhuma versão foi gravada ainda");
}

#[test]
fn what_the_catalog_does_not_know_stays_and_that_is_said() {
    let before = Journey::on(r#"{"integracao": {"porta_banco_dados": 5433}, "loja": 7}"#);
    set(&mut open(&before.path(), "rui"), KEY, json!(7000));
    let text = before.document().unwrap().replace("7}", "8}");
    std::fs::write(before.path(), text).unwrap();
    let mut journey =
        Journey::open(Opening { folder: Some(before.folder()), saver: saver("ana"), ..Opening::default() });
    journey.press("F7").wait_for("Histórico (").press("Enter").wait_for("Versão 2");
    journey.shows("Fora do catálogo, ficam como estão agora: loja.");
}
