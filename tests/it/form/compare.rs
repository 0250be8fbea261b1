//! F2: what F12 saves, with each change to be left out or put in again.

use serde_json::{Value, json};

use super::PORT;
use crate::history::{PORT as KEY, open, set};
use crate::journey::{Journey, Opening};

fn saved(journey: &Journey) -> Value {
    serde_json::from_str(&journey.document().unwrap()).unwrap()
}

/// Two changes: the port of the database, and a policy.
fn form() -> Journey {
    let mut journey = Journey::on(PORT);
    journey.press("Down \"5434\" Down Down Space F2");
    journey
}

#[test]
fn a_change_is_left_out_and_put_in_again_until_the_box_closes() {
    let mut journey = form();
    journey.shows("O que F12 grava").shows("▌[x] Porta Banco de Dados Gestores: 5433 → 5434").shows("não → sim");
    journey.press("Space").shows("▌[ ] Porta Banco de Dados Gestores: 5433 → 5434").shows("● 1");
    journey.press("Space").shows("▌[x] Porta").shows("● 2").press("Space").shows("▌[ ] Porta").press("Esc");
    // What was left out is gone from the list then, and undone like every edit.
    journey.press("F2").hides("Porta Banco de Dados Gestores: 5433").shows("▌[x] Verificar").press("Enter");
    journey.shows("● 1").press("C-z").shows("● 2").shows("5434");
}

#[test]
fn f12_in_the_box_saves_what_is_in_it() {
    let mut journey = form();
    journey.press("Space F12").ending();
    assert_eq!(
        saved(&journey)["integracao"],
        json!({"porta_banco_dados": 5433, "verificar_crediario_vencido_dav": true})
    );
    let mut journey = form();
    journey.press("Space C-s").wait_for("Gravado em").hides("O que F12 grava").hides("●");
}

#[test]
fn enter_on_an_invalid_value_goes_to_its_field_and_ctrl_v_back() {
    let mut journey = Journey::on(PORT);
    journey.press("Down \"99999\" C-n F2").shows("[x] Porta Banco de Dados Gestores: 5433 → 99999").shows("! ");
    // Nothing of it is saved as it is.
    journey.hides("O que F12 grava");
    journey.press("Enter").hides("O que F12 grava");
    assert!(journey.cursor_row().contains("99999"), "{}", journey.cursor_row());
    journey.press("C-v").hides("99999");
}

#[test]
fn a_box_without_changes_closes_with_whatever_key_comes_to_hand() {
    for key in ["Enter", "Space", "Esc"] {
        Journey::on(PORT).press("F2").shows("Sem alterações").press(key).hides("Sem alterações");
    }
}

#[test]
fn what_comes_from_outside_stands_below_with_who_and_when_and_changes_what_is_compared() {
    let mut journey = Journey::on(PORT);
    journey = Journey::open(Opening { watched: true, folder: Some(journey.folder()), ..Opening::default() });
    journey.press("Down \"5434\" F2").shows("5433 → 5434");
    let mut rui = open(&journey.path(), "rui");
    set(&mut rui, "geral.casas_decimais_valor", json!(4));
    journey.wait_for("Alterado por outros").shows("Casas Decimais Valor").shows("Gravado por rui");
    // They save the very value that is changed here: there is nothing left to save.
    set(&mut rui, KEY, json!(5434));
    journey.wait_for("Sem alterações");
}
