//! Checks in the form, by themselves and before a save.

use std::sync::Arc;

use balcao_config::check::Credentials;
use serde_json::json;

use super::{changed, http, http_at};
use crate::fakes::{Fake, Quiet, Refusing};
use crate::journey::{Journey, Opening};

#[test]
fn f5_says_what_answers_and_what_does_not() {
    let (http, refusing) = (http(), Refusing::new());
    let closed = refusing.port;
    for key in ["F5", "C-t"] {
        let document = json!({"integracao": {"porta_banco_dados": closed, "porta_integracao_clientes": http.port}});
        let mut journey = Journey::on(&document.to_string());
        journey.press(key).wait_for("1 falha no teste").shows("✗ recusada").shows("✓");
        journey.press("Down").shows(&format!("{closed}. "));
    }
}

#[test]
fn exchanged_ports_are_named_in_both_fields_whichever_test_ends_first() {
    let postgres = crate::postgres::cluster().port;
    // Like many a server, it says nothing until a line has ended: the database's test waits for it to the end.
    let waiting = Fake::serving(|stream| {
        let mut byte = [0];
        while byte != *b"\n" {
            std::io::Read::read_exact(stream, &mut byte)?;
        }
        std::io::Write::write_all(stream, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    });
    let document =
        json!({"integracao": {"porta_banco_dados": waiting.port, "porta_integracao_clientes": postgres}}).to_string();
    // The test of the database waits to its end: it is a short one.
    let timeout = std::time::Duration::from_secs(4);
    let mut journey = Journey::open(Opening { document: Some(document), timeout, ..Opening::default() });
    journey.press("Down F5").wait_for("2 falhas no teste").shows("✗ Portas trocadas: em 127.0.0.1").press("Down");
    journey.shows("✗ Portas trocadas: em 127.0.0.1").hides("não respondeu em");
    assert_eq!(journey.screen().matches("✗ portas trocadas").count(), 2, "{}", journey.screen());
}

#[test]
fn a_login_that_is_not_to_be_understood_is_told_by_the_test_and_the_rest_is_tested() {
    let http = http();
    let error = Credentials::from_environment(&|name| (name == "PGSSLMODE").then(|| "Require".into())).unwrap_err();
    let credentials = Arc::new(Credentials::unusable(error));
    let document = json!({"integracao": {"porta_integracao_clientes": http.port}}).to_string();
    let mut journey = Journey::open(Opening { document: Some(document), credentials, ..Opening::default() });
    journey.press("F5").wait_for("1 aviso no teste").shows("✓").press("Down").shows("PGSSLMODE").shows("verify-full");
}

#[test]
fn esc_stops_a_check_and_leaves_the_form_open() {
    let silent = Fake::silent();
    let mut journey = Journey::on(&json!({"integracao": {"porta_banco_dados": silent.port}}).to_string());
    journey.press("F5").wait_for("aguardando resposta").shows("Esc Cancelar");
    // What lies over the form has Esc first, and the footer says so.
    journey.press("F1").shows("Esc Voltar").press("Esc").shows("Esc Cancelar");
    journey.press("Esc").shows("Teste cancelado").hides("testando");
    assert!(journey.is_open());
}

#[test]
fn f12_tests_a_changed_address_first_and_asks_when_it_fails() {
    let refusing = Refusing::new();
    let closed = refusing.port;
    let mut journey = Journey::new();
    journey.press(&format!("Down C-u \"{closed}\" F12")).wait_for("Gravar mesmo assim?");
    assert!(journey.document().is_none(), "nothing is saved before the answer");
    journey.press("Enter").hides("Gravar mesmo assim?");
    assert!(journey.is_open() && journey.document().is_none(), "the harmless answer comes first");
    journey.press("F12").wait_for("Gravar mesmo assim?").press("Right Enter");
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

#[test]
fn a_port_beside_it_where_postgresql_answers_is_put_into_the_field_with_one_key() {
    let quiet = Quiet::new();
    let _beside = (Fake::at(&quiet.at(5434), crate::fakes::until_closed), crate::fakes::SocketName::of(5434));
    let document = json!({"integracao": {"ip_servidor_retaguarda": quiet.address, "porta_banco_dados": 5432}});
    for key in ["F8", "C-d"] {
        let mut journey = Journey::on(&document.to_string());
        journey.press("Down").hides("F8 Usar").press("F5").wait_for("no teste");
        journey.shows("F8 põe essa porta no campo").shows("F8 Usar 543");
        insta::assert_snapshot!(
            "port_offered",
            super::hide_path(&journey.screen()).replace(&quiet.address, "127.0.0.83")
        );
        journey.press(key).shows("Porta 5434 no campo").shows("● 1").hides("F8 Usar");
        assert!(!journey.document().unwrap().contains("5434"), "nothing is saved");
        journey
            .press("C-z")
            .shows("5432")
            .hides("● 1")
            .press("C-u \"1\"")
            .press(key)
            .shows("não encontrou outra porta");
    }
}

#[test]
fn a_port_that_is_put_back_to_the_files_is_said_to_be_as_in_the_file() {
    let quiet = Quiet::new();
    let _beside = (Fake::at(&quiet.at(5434), crate::fakes::until_closed), crate::fakes::SocketName::of(5434));
    let document = json!({"integracao": {"ip_servidor_retaguarda": quiet.address, "porta_banco_dados": 5434}});
    let mut journey = Journey::on(&document.to_string());
    journey.press("Down \"5432\" F5").wait_for("no teste").press("F8").shows("Porta 5434 no campo, como no arquivo.");
    journey.hides("●").hides("ainda não gravada");
}

#[test]
fn where_the_database_answers_at_the_address_a_port_that_is_refused_is_what_to_look_at() {
    let (postgres, refusing) = (crate::postgres::cluster().port, Refusing::new());
    let port = refusing.port.to_string();
    let mut journey = Journey::new();
    journey.press(&format!("Down \"{postgres}\" Down \"{port}\" F12")).wait_for("Gravar mesmo assim?");
    journey.press("Enter").shows(&format!("Esse endereço responde na porta {postgres}"));
    assert!(journey.cursor_row().contains(&port), "{}", journey.cursor_row());
    // Where nothing else was tested, what was changed is what to look at.
    let mut journey = Journey::new();
    journey.press(&format!("Down Down \"{port}\" F12")).wait_for("Gravar mesmo assim?").shows("confira a porta");
    journey.press("Enter").hides("Gravar mesmo");
    assert!(journey.cursor_row().contains(&port), "{}", journey.cursor_row());
}

#[test]
fn f8_while_the_test_runs_waits_for_what_it_finds() {
    let quiet = Quiet::new();
    let _beside = (Fake::at(&quiet.at(5435), crate::fakes::until_closed), crate::fakes::SocketName::of(5435));
    // The other port answers late enough for the key to come first: when it is told to.
    let (go, told) = std::sync::mpsc::channel::<()>();
    let told = std::sync::Mutex::new(told);
    let late = Fake::at(&quiet.at(0), move |stream| {
        let _ = told.lock().unwrap().recv();
        let _ = stream;
        Ok(())
    });
    let document = json!({"integracao": {"ip_servidor_retaguarda": quiet.address, "porta_banco_dados": late.port,
        "porta_integracao_clientes": 8083}});
    let mut journey = Journey::on(&document.to_string());
    journey.press("Down F5").wait_for("aguardando resposta").press("F8").shows("vai para o campo").hides("● 1");
    drop(go);
    journey.wait_for("Porta 543").shows("no campo, ainda não gravada").shows("● 1");
}

#[test]
fn the_evidence_is_folded_and_f1_unfolds_it() {
    let refused = Fake::postgres_error("53300", "sorry, too many clients already");
    let mut journey = Journey::on(&json!({"integracao": {"porta_banco_dados": refused.port}}).to_string());
    journey
        .press("Down F5")
        .wait_for("no teste")
        .shows("O servidor disse (53300): “sorry, too many clients")
        .hides("Etapas");
    journey.press("F1").shows("Etapas: conexão ").shows(" ms (sem").shows("SELECT pid");
}

#[test]
fn what_passed_is_remembered_and_told_after_a_failure() {
    // An address of its own: once the service is gone, no other test's is there.
    let quiet = Quiet::new();
    let http = http_at(&quiet.at(0));
    let document =
        json!({"integracao": {"ip_servidor_retaguarda": quiet.address, "porta_integracao_clientes": http.port}});
    let mut journey = Journey::on(&document.to_string());
    journey.press("Down Down F5").wait_for("no teste").hides("último teste");
    drop(http);
    journey.press("Up Down F5").wait_until("the refusal", |screen| screen.matches("recusada").count() >= 2);
    journey.press("Down Up").shows("último teste sem falha: ");
    // The next form knows it too.
    journey.press("Esc");
    let folder = journey.folder();
    let mut journey = Journey::open(Opening { folder: Some(folder), ..Opening::default() });
    journey.press("Down Down F5").wait_for("último teste sem falha: ");
}

#[test]
fn f5_twice_shows_a_live_view_that_tells_every_change_until_esc() {
    let refusing = Refusing::new();
    let document = json!({"integracao": {"porta_integracao_clientes": refusing.port}}).to_string();
    let mut journey = Journey::on(&document);
    journey.press("F5 F5").wait_for("Teste contínuo").wait_for("recusada desde").wait_for("Nenhuma mudança até agora");
    let _open = refusing.open(|stream| {
        let mut asked = [0; 1024];
        let _ = std::io::Read::read(stream, &mut asked)?;
        std::io::Write::write_all(stream, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    });
    journey.wait_for("recusada por").wait_for("última");
    // The change stands below the test that brought it, too.
    journey.wait_until("the strip", |screen| screen.lines().any(|row| row.contains('✗') && row.contains('▁')));
    journey.wait_until("what it became", |screen| screen.contains('↑'));
    journey.press("Esc").hides("Teste contínuo");
    assert!(journey.is_open());
    // The marks are the last round's; and a key in between makes F5 a single test again.
    journey.press("Down F5").wait_for("no teste").hides("Teste contínuo");
}

#[test]
fn keys_are_taken_while_a_check_runs_and_while_it_is_live() {
    let silent = Fake::silent();
    let mut journey = Journey::on(&json!({"integracao": {"porta_banco_dados": silent.port}}).to_string());
    journey
        .press("F5")
        .wait_for("aguardando resposta")
        .press("Down Down Down Space")
        .shows("[x]")
        .shows("aguardando resposta");
    journey
        .press("C-s")
        .wait_for("Gravado")
        .press("F5 F5")
        .shows("Teste contínuo")
        .press("Esc")
        .hides("Teste contínuo");
}
