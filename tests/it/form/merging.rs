//! Two technicians at once: what merges is said, what conflicts is asked, value by value.

use balcao_config::session::ending::Ending;
use serde_json::json;

use super::PORT;
use crate::history::{PORT as KEY, open, saver, set};
use crate::journey::{Journey, Opening};

fn form() -> Journey {
    Journey::open(Opening { document: Some(PORT.into()), saver: saver("ana"), ..Opening::default() })
}

const NAME: &str = "geral.vendedor_padrao";

#[test]
fn changes_to_different_keys_merge_and_it_is_said_who_saved_meanwhile() {
    let mut journey = form();
    journey.press("Down Down Down Space");
    set(&mut open(&journey.path(), "rui"), NAME, json!("Rui"));
    journey.press("C-s").wait_for("Durante a edição, rui também gravou").shows("(vazio) → Rui").press("Esc");
    let text = journey.document().unwrap();
    assert!(text.contains("Rui") && text.contains("vencido_dav\": true"), "{text}");
    journey.press("C-p").shows("Rui");
}

#[test]
fn the_same_key_is_shown_side_by_side_and_the_choice_is_saved() {
    for (answer, port) in [("Right Enter", 5434), ("Right Right Enter", 7000)] {
        let mut journey = form();
        set(&mut open(&journey.path(), "rui"), KEY, json!(7000));
        journey.press("Down C-u \"5434\" Down Down Space F12").wait_for("Gravar mesmo assim?").press("Right Enter");
        journey.wait_for("Alterado aqui e no arquivo").shows("nesta tela").shows("Gravado por rui");
        insta::assert_snapshot!("conflict", super::hide_path(&journey.screen()));
        journey.press(answer);
        assert!(matches!(journey.ending(), Ending::Saved(..)));
        let saved: serde_json::Value = serde_json::from_str(&journey.document().unwrap()).unwrap();
        assert_eq!(saved["integracao"]["porta_banco_dados"], json!(port));
        assert_eq!(saved["integracao"]["verificar_crediario_vencido_dav"], json!(true));
    }
}

#[test]
fn going_back_from_a_conflict_saves_nothing_and_keeps_the_edits() {
    let mut journey = form();
    journey.press("C-p \"Ana\" C-n");
    set(&mut open(&journey.path(), "rui"), NAME, json!("Rui"));
    let before = journey.document();
    journey.press("C-s").wait_for("Alterado aqui").shows("Rui").press("Esc").hides("Alterado aqui").shows("● 1");
    assert_eq!(journey.document(), before);
    journey.press("C-p").shows("Ana");
}

#[test]
fn several_conflicts_are_asked_one_after_the_other() {
    let mut journey = form();
    journey.press("C-p \"Ana\" Down C-u \"3\"");
    let mut rui = open(&journey.path(), "rui");
    set(&mut rui, NAME, json!("Rui"));
    set(&mut rui, "geral.casas_decimais_qtde", json!(4));
    journey.press("C-s").wait_for("1 de 2").press("Right Enter").shows("2 de 2").press("Right Right Enter");
    journey.wait_for("Gravado");
    let saved: serde_json::Value = serde_json::from_str(&journey.document().unwrap()).unwrap();
    // In the order of the keys: the digits first.
    assert_eq!(saved["geral"], json!({"casas_decimais_qtde": 3, "vendedor_padrao": "Rui"}));
}

#[test]
fn what_breaks_a_rule_together_is_shown_with_what_others_saved() {
    let mut journey = form();
    set(&mut open(&journey.path(), "rui"), "integracao.porta_integracao_clientes", json!(5434));
    journey.press("Down C-u \"5434\" C-s").wait_for("Gravar mesmo assim?").press("Right Enter");
    journey.wait_for("durante a edição").press("Esc").shows("● 1").press("C-s").shows("Nada foi gravado");
    journey.press("C-u \"5435\" C-s").wait_for("Gravar mesmo assim?").press("Right Enter").wait_for("Gravado");
}

#[test]
fn a_file_that_broke_meanwhile_is_not_overwritten() {
    for broken in ["{\"integracao\": ", "{\"version\": 2}", ""] {
        let mut journey = form();
        std::fs::write(journey.path(), broken).unwrap();
        journey.press("Down Down Down Space C-s").wait_for("Falhou").press("Esc").shows("[x]").shows("● 1");
        assert_eq!(journey.document().unwrap(), broken);
    }
}

#[test]
fn what_is_told_in_the_end_is_what_was_saved_not_what_gave_way() {
    let mut journey = form();
    journey.press("C-p \"Ana\"");
    set(&mut open(&journey.path(), "rui"), NAME, json!("Rui"));
    journey.press("F12").wait_for("Alterado aqui").press("Right Right Enter");
    assert_eq!(journey.ending(), Ending::Saved(journey.path().canonicalize().unwrap(), vec![]));
    assert!(journey.document().unwrap().contains("Rui"));
}

#[test]
fn a_file_that_changes_again_while_one_chooses_is_asked_about_once_more_and_no_more() {
    let mut journey = form();
    journey.press("C-p \"Ana\" Down C-u \"3\"");
    let mut rui = open(&journey.path(), "rui");
    set(&mut rui, NAME, json!("Rui"));
    set(&mut rui, "geral.casas_decimais_qtde", json!(4));
    journey.press("C-s").wait_for("1 de 2");
    set(&mut rui, NAME, json!("Eva"));
    journey.press("Right Enter Right Enter").wait_for("Eva").shows("Gravado por rui").press("Right Enter");
    journey.wait_for("Gravado em");
    let saved: serde_json::Value = serde_json::from_str(&journey.document().unwrap()).unwrap();
    assert_eq!(saved["geral"], json!({"casas_decimais_qtde": 3, "vendedor_padrao": "Ana"}));
}

#[test]
fn where_there_was_no_file_it_is_said_too_who_saved_meanwhile() {
    let mut journey = Journey::open(Opening { saver: saver("ana"), ..Opening::default() });
    journey.press("C-p \"Ana\"");
    set(&mut open(&journey.path(), "rui"), NAME, json!("Rui"));
    journey.press("C-s").wait_for("Alterado aqui").shows("Gravado por rui").shows("Valor anterior: padrão: (vazio)");
}
