//! Checks in the form, by themselves and before a save.

use serde_json::json;

use super::{changed, http};
use crate::fakes::{Fake, Refusing};
use crate::journey::Journey;

#[test]
fn f5_says_what_answers_and_what_does_not() {
    let (http, refusing) = (http(), Refusing::new());
    let closed = refusing.port;
    for key in ["F5", "C-t"] {
        let document = json!({"integracao": {"porta_banco_dados": closed, "porta_integracao_clientes": http.port}});
        let mut journey = Journey::on(&document.to_string());
        journey.press(key).wait_for("1 falha no teste").shows("✗ recusada").shows("✓");
        journey.press("Down").shows(&format!("porta {closed}"));
    }
}

#[test]
fn esc_stops_a_check_and_leaves_the_form_open() {
    let silent = Fake::silent();
    let mut journey = Journey::on(&json!({"integracao": {"porta_banco_dados": silent.port}}).to_string());
    journey.press("F5").shows("testando").press("Esc").shows("Teste interrompido").hides("testando");
    assert!(journey.is_open());
}

#[test]
fn f12_tests_a_changed_address_first_and_asks_when_it_fails() {
    let refusing = Refusing::new();
    let closed = refusing.port;
    let mut journey = Journey::new();
    journey.press(&format!("Down C-u \"{closed}\" F12")).wait_for("Gravar assim mesmo?");
    assert!(journey.document().is_none(), "nothing is saved before the answer");
    journey.press("Enter").hides("Gravar assim mesmo?");
    assert!(journey.is_open() && journey.document().is_none(), "the harmless answer comes first");
    journey.press("F12").wait_for("Gravar assim mesmo?").press("Right Enter");
    assert_eq!(changed(&journey.ending()), [("integracao.porta_banco_dados".to_string(), json!(closed))]);
    assert!(journey.document().unwrap().contains(&closed.to_string()));
}

#[test]
fn esc_during_the_check_before_a_save_saves_nothing() {
    let silent = Fake::silent();
    let mut journey = Journey::new();
    journey
        .press(&format!("Down C-u \"{}\" F12", silent.port))
        .shows("Testando")
        .press("Esc")
        .shows("nada foi gravado");
    assert!(journey.is_open() && journey.document().is_none());
}

#[test]
fn a_target_that_passed_is_not_tested_again() {
    let http = http();
    let mut journey = Journey::new();
    journey.press(&format!("Down Down C-u \"{}\" F5", http.port)).wait_for("no teste");
    journey.press("F12");
    assert_eq!(changed(&journey.ending()).len(), 1);
}
