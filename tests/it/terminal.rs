//! The form as a technician has it: the real binary on a real terminal.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::postgres::cluster;
use crate::pty::{Ended, Pty};
use crate::world::World;

/// What every screen shows that is the form's.
const BUTTON: &str = "Confirma (F12)";

fn open(world: &World) -> Pty {
    let mut pty = Pty::spawn(world, &[], (80, 24));
    pty.wait_text(BUTTON);
    pty
}

fn assert_clean(ended: &Ended) {
    assert!(ended.left_behind.is_empty(), "{:?} left behind", ended.left_behind);
    assert!(!ended.text.contains(BUTTON), "the form is still on the screen:\n{}", ended.text);
}

fn send(pty: &Pty, signal: Signal) {
    let process = i32::try_from(pty.process()).ok().and_then(Pid::from_raw).expect("a process");
    kill_process(process, signal).expect("it takes the signal");
}

#[test]
fn from_an_empty_machine_to_a_tested_and_saved_file() {
    let server = cluster();
    let world = World::new();
    let mut pty = open(&world);
    pty.press("Ctrl+u").type_text("loja.example").wait_text("loja.example");
    let cursor = pty.cursor().expect("a cursor in the field");
    let typed = pty.screen().rows(0, cursor.1).nth(usize::from(cursor.0)).expect("its row");
    assert!(typed.ends_with("loja.example"), "the cursor stands behind what was typed: {typed:?}");
    pty.press("Ctrl+u").type_text("127.0.0.1").press("Down Ctrl+u").type_text(&server.port.to_string());
    pty.wait_text(&server.port.to_string());
    pty.press("F5").wait_text(&format!("PostgreSQL {}", server.version));
    pty.press("F12");
    let ended = pty.end();

    assert_eq!((ended.code, &ended.signal), (0, &None), "{ended:?}");
    assert_clean(&ended);
    assert!(ended.text.contains("config.json"), "{}", ended.text);
    assert!(ended.text.contains(&format!("integracao.porta_banco_dados: 5432 → {}", server.port)), "{}", ended.text);
    let saved: Value = serde_json::from_str(&world.config()).expect("JSON");
    assert_eq!(saved["integracao"], json!({ "porta_banco_dados": server.port }), "exactly the changed keys: {saved}");

    assert_eq!(world.line("get integracao.porta_banco_dados").stdout, format!("{}\n", server.port));
    let rows = world.line("list --json --changed").json();
    assert_eq!(rows.as_array().map(Vec::len), Some(1));
    let report = world.line("check --json --only banco_dados").json();
    assert_eq!(report["ok"], true, "{report}");
}

#[test]
fn closing_leaves_the_terminal_and_the_machine_as_they_were() {
    let world = World::new();
    let mut pty = open(&world);
    assert!(pty.screen().alternate_screen());
    pty.press("Esc");
    let ended = pty.end();
    assert_eq!((ended.code, &ended.signal), (0, &None), "{ended:?}");
    assert_clean(&ended);
    assert!(!world.path("config.json").exists());
}

#[test]
fn a_change_is_not_closed_away_without_a_question() {
    let world = World::new();
    let mut pty = open(&world);
    pty.press("Down Down Down Space").wait_text("[x] Verificar");
    pty.press("Ctrl+c").wait_text("alteraç");
    pty.press("Esc").wait_gone("alteraç");
    pty.press("Ctrl+s").wait_text("Gravado");
    assert!(world.config().contains("\"verificar_crediario_vencido_dav\": true"), "{}", world.config());
    pty.press("Esc");
    let ended = pty.end();
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.text.contains("não → sim"), "{}", ended.text);
}

#[test]
fn a_signal_gives_the_terminal_back() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::QUIT, 131), (Signal::HUP, 129)] {
        let world = World::new();
        let pty = open(&world);
        send(&pty, signal);
        let ended = pty.end();
        assert_eq!((ended.code, &ended.signal), (code, &None), "{signal:?}: {ended:?}");
        assert_clean(&ended);
    }
}

#[test]
fn another_size_is_drawn_at_once_and_back() {
    let world = World::new();
    let mut pty = open(&world);
    let before = pty.text();
    pty.resize(120, 40)
        .wait_for("a wide screen", |screen| screen.contents().lines().any(|line| line.chars().count() > 100));
    pty.resize(80, 24).wait_for("the screen as before", |screen| screen.contents() == before);
}

#[test]
fn an_unreadable_document_is_shown_and_left_alone() {
    let broken = "{ \"integracao\": { \"porta_banco_dados\": } }";
    let world = World::with_config(broken);
    let mut pty = Pty::spawn(&world, &[], (80, 24));
    pty.wait_text("config.json").wait_text("linha 1");
    pty.press("Esc");
    let ended = pty.end();
    assert_eq!(ended.code, 3, "{ended:?}");
    assert_clean(&ended);
    assert_eq!(world.config(), broken);
}
