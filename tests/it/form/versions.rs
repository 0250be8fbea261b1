//! F2 and F7: what would be saved, and what was.

use serde_json::json;

use super::PORT;
use crate::history::{PORT as KEY, open, saver, set};
use crate::journey::{Journey, Opening};

/// A form on a document that has been 5433, 7000, and edited by hand to 7001.
fn form() -> Journey {
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
    journey.press("Down Down Enter").wait_for("Versão 2").shows("Gravada por rui").shows("Restaurar altera na tela");
    insta::assert_snapshot!("version", super::hide_path(&journey.screen()));
    journey.press("Esc").shows("Histórico (").press("Enter").wait_for("Versão 2").press("Right Enter");
    journey.shows("Valores da versão 2 na tela").shows("● 2").press("C-n").shows("7000");
    assert!(journey.document().unwrap().contains("7001"), "nothing is saved by restoring");
    journey
        .press("C-z")
        .hides("●")
        .press("C-n")
        .shows("7001")
        .press("C-y C-s")
        .wait_for("Gravar assim mesmo?")
        .press("Right Enter");
    journey.wait_for("Gravado");
    assert!(journey.document().unwrap().contains("7000"));
}

#[test]
fn a_damaged_version_is_told_and_the_others_stay_usable() {
    let before = form();
    let file = before.path().with_file_name("config.json.history").join("000002.json");
    std::fs::write(&file, "{").unwrap();
    let mut journey = Journey::open(Opening { folder: Some(before.folder()), ..Opening::default() });
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
    let mut journey = Journey::open(Opening { folder: Some(before.folder()), ..Opening::default() });
    journey.press("F7").wait_for("Histórico (").press("Enter").wait_for("Versão 2");
    journey.shows("Fora do catálogo, ficam como estão agora: loja.");
}
