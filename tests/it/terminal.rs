//! The real program on a real pseudo-terminal: a technician's session, signals, and what is left behind.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::fakes::Fake;
use crate::postgres::cluster;
use crate::pty::Pty;
use crate::world::World;

const SIZE: (u16, u16) = (80, 24);

fn form(world: &World) -> Pty {
    let mut pty = Pty::spawn(world, &[], SIZE);
    pty.wait_text("[ Fechar (Esc) ]");
    pty
}

#[test]
fn a_session_from_no_file_to_a_file_that_is_right() {
    let (world, port) = (World::new(), cluster().port);
    let mut pty = form(&world);
    pty.press("F6 Enter").press("C-u \"127.0.0.1\"").press(&format!("Down C-u \"{port}\" F5"));
    pty.wait_text(&format!("PostgreSQL {}", cluster().version)).wait_gone("testando");
    pty.press("F12");
    let ended = pty.end();
    assert_eq!((ended.code, &ended.left_behind), (0, &vec![]));
    assert!(ended.text.contains("Gravado em") && ended.text.contains(&format!("5432 → {port}")), "{}", ended.text);

    let saved: Value = serde_json::from_str(&std::fs::read_to_string(world.path("config.json")).unwrap()).unwrap();
    assert_eq!(saved, json!({"version": 1, "integracao": {"porta_banco_dados": port}}), "exactly the changed keys");

    assert_eq!(world.run(&["get", "integracao.porta_banco_dados"]).stdout, format!("{port}\n"));
    let list: Value = serde_json::from_str(&world.run(&["list", "--json"]).stdout).unwrap();
    let row = list.as_array().unwrap().iter().find(|row| row["key"] == "integracao.porta_banco_dados").unwrap();
    assert_eq!((&row["value"], &row["source"]), (&json!(port), &json!("file")));
    let check: Value = serde_json::from_str(&world.run(&["check", "--json", "--only", "banco_dados"]).stdout).unwrap();
    assert_eq!((&check["ok"], &check["results"][0]["diagnosis"]), (&json!(true), &json!("ok")));
    assert_eq!(check["results"][0]["detail"]["server_version"], json!(cluster().version));
}

#[test]
fn closing_leaves_the_terminal_clean_and_says_that_nothing_changed() {
    let world = World::new();
    let mut pty = form(&world);
    pty.press("Esc");
    let ended = pty.end();
    assert_eq!((ended.code, &ended.left_behind), (0, &vec![]));
    assert!(ended.text.contains("Nada mudou em"), "{}", ended.text);
    assert!(!world.path("config.json").exists());
}

#[test]
fn an_unreadable_document_is_exit_3_and_keeps_its_bytes() {
    let world = World::with_config("{\"integracao\": ");
    let mut pty = Pty::spawn(&world, &[], SIZE);
    pty.wait_text("O arquivo não pode ser lido").press("Esc");
    let ended = pty.end();
    assert_eq!((ended.code, &ended.left_behind), (3, &vec![]));
    assert_eq!(std::fs::read_to_string(world.path("config.json")).unwrap(), "{\"integracao\": ");
}

#[test]
fn without_a_terminal_the_form_is_exit_2_and_names_the_commands() {
    let ran = World::new().run::<&str>(&[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("get, set, unset"), "{}", ran.stderr);
}

#[test]
fn signals_that_end_it_give_the_terminal_back() {
    let signals = [(Signal::HUP, 129), (Signal::TERM, 143), (Signal::INT, 130), (Signal::QUIT, 131)];
    for (signal, code) in signals {
        let world = World::new();
        let mut pty = form(&world);
        pty.press("Down Down Down Space").wait_text("[x]");
        kill_process(Pid::from_raw(pty.process() as i32).unwrap(), signal).unwrap();
        let ended = pty.end();
        assert_eq!((ended.code, &ended.left_behind), (code, &vec![]), "{signal:?}");
        assert!(ended.text.contains("1 alteração não foi gravada"), "{}", ended.text);
    }
}

#[test]
fn stopping_and_going_on_draws_the_screen_again() {
    let world = World::new();
    let mut pty = form(&world);
    let process = Pid::from_raw(pty.process() as i32).unwrap();
    kill_process(process, Signal::TSTP).unwrap();
    pty.wait_for("the shell's screen", |screen| !screen.alternate_screen()).wait_stopped();
    kill_process(process, Signal::CONT).unwrap();
    pty.wait_for("the form again", |screen| screen.alternate_screen() && screen.contents().contains("Confirma (F12)"));
    pty.press("Down C-u \"1\"").wait_text("●1");
    pty.press("C-z C-z Esc");
    assert!(pty.end().left_behind.is_empty());
}

#[test]
fn a_resize_is_answered_without_a_key() {
    let world = World::new();
    let mut pty = form(&world);
    pty.resize(39, 11).wait_text("Aumente o terminal");
    pty.resize(100, 30).wait_text("[ Fechar (Esc) ]");
}

#[test]
fn a_split_arrow_key_is_an_arrow_key() {
    let world = World::new();
    let mut pty = form(&world);
    pty.send(b"\x1b").send(b"[").send(b"B").press("C-u \"5433\"").wait_text("5433");
    pty.wait_text("●1");
    assert!(!pty.text().contains("[B"), "{}", pty.text());
}

#[test]
fn what_a_server_says_reaches_the_terminal_spelled_out() {
    // The version is shown beside the field; a server can call itself anything.
    let hostile = Fake::postgres_saying("15\x1b]0;pwned\x07\u{202e}");
    let world = World::with_config(&json!({"integracao": {"porta_banco_dados": hostile.port}}).to_string());
    let mut pty = form(&world);
    pty.press("F5").wait_gone("testando").press("Down").wait_text("‹ESC›");
    let log = String::from_utf8_lossy(pty.log()).into_owned();
    assert!(!log.contains("\x1b]") && !log.contains('\x07') && !log.contains('\u{202e}'), "{log:?}");
    let said = world.run(&["check"]).stdout;
    assert!(said.contains("‹ESC›") && !said.contains("\x1b]"), "{said:?}");
}
