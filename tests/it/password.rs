//! The database password asked for unseen: on the command line with `--ask-password`, in the form where a login lacks it.

use std::fs;
use std::path::Path;

use balcao_config::text::Charset;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::fakes::Refusing;
use crate::journey::{Journey, Opening};
use crate::postgres::{Cluster, Spec, cluster};
use crate::pty::{Ended, Pty};
use crate::world::World;

const SIZE: (u16, u16) = (100, 24);

/// A counter whose login has a name and no password.
fn counter(port: u16) -> World {
    let document = json!({ "integracao": { "porta_banco_dados": port } }).to_string();
    World::with_config(&document).variable("PGUSER", Cluster::SCRAM).variable("PGDATABASE", "postgres")
}

const CHECK: [&str; 6] = ["check", "--only", "banco_dados", "--ask-password", "--timeout", "30"];

fn asked(world: &World, arguments: &[&str]) -> Pty {
    let mut pty = Pty::spawn(world, arguments, SIZE);
    pty.wait_text("Senha de com_senha");
    pty
}

/// Holds that the password is neither on the screen nor in a file, and that the terminal shows again what is typed.
fn leaves_no_trace(world: &World, ended: &Ended, secret: &str) {
    assert!(!ended.text.contains(secret) && ended.left_behind.is_empty(), "{:?}\n{}", ended.left_behind, ended.text);
    in_no_file(world.folder(), secret);
}

fn in_no_file(folder: &Path, secret: &str) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            in_no_file(&entry.path(), secret);
        } else {
            let bytes = fs::read(entry.path()).unwrap();
            assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{entry:?}");
        }
    }
}

#[test]
fn a_password_is_asked_for_unseen_and_used_once() {
    let world = counter(cluster().port);
    let right = format!("{}\r", Cluster::PASSWORD);
    for (typed, code) in [("errada-de-todo\r", 1), (right.as_str(), 0)] {
        let mut pty = asked(&world, &CHECK);
        pty.send(typed.as_bytes());
        let log = pty.log().to_vec();
        let ended = pty.end();
        assert_eq!(ended.code, code, "{}", ended.text);
        leaves_no_trace(&world, &ended, typed.trim());
        assert!(!log.windows(6).any(|part| part == &typed.as_bytes()[..6]));
    }
    // The next run has to be told again.
    let ran = world.line("check --only banco_dados --timeout 30 --json");
    assert_eq!(ran.json()["results"][0]["diagnosis"], json!("no_password"));
    // What is to be tested before it is written, and the action.
    for (arguments, code) in [
        (vec!["set", "geral.casas_decimais_qtde=3", "--check", "--ask-password"], 1),
        (vec!["action", "excluir-tab-versao", "--ask-password", "--yes", "nenhuma"], 5),
    ] {
        let mut pty = asked(&world, &arguments);
        pty.send(right.as_bytes());
        let ended = pty.end();
        assert_eq!(ended.code, code, "{}", ended.text);
        leaves_no_trace(&world, &ended, Cluster::PASSWORD);
        let shows = ended.text.contains("PostgreSQL 1") || ended.text.contains("não existe neste banco");
        assert!(shows, "logged in: {}", ended.text);
    }
}

#[test]
fn whatever_ends_the_question_the_terminal_shows_again_what_is_typed() {
    let world = counter(cluster().port);
    for signal in [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT] {
        let mut pty = asked(&world, &CHECK);
        pty.send(b"meio-digita");
        kill_process(Pid::from_raw(pty.process() as i32).unwrap(), signal).unwrap();
        let ended = pty.end();
        assert!(ended.signal.is_some(), "{signal:?}: {}", ended.text);
        leaves_no_trace(&world, &ended, "meio-digita");
    }
    for (typed, told) in [(&b"\x04"[..], "Nenhuma senha"), (b"\r", "Nenhuma senha")] {
        let mut pty = asked(&world, &CHECK);
        pty.send(typed);
        let ended = pty.end();
        assert!(ended.code == 2 && ended.text.contains(told), "{}", ended.text);
        leaves_no_trace(&world, &ended, "nada");
    }
    let mut pty = asked(&world, &CHECK);
    pty.send(b"\x03");
    let ended = pty.end();
    assert!(ended.signal.is_some() && ended.left_behind.is_empty(), "{}", ended.text);
}

#[test]
fn a_stop_lets_the_shell_have_its_echo_and_then_asks_again() {
    let world = counter(cluster().port);
    // A shell that manages jobs, so that a stop is one.
    let script = format!("set -m; {} {}; stty -a | grep -o '[-]*echo '; fg", crate::world::PROGRAM, CHECK.join(" "));
    let mut pty = Pty::run(&world, &["sh", "-c", &script], SIZE);
    pty.wait_text("Senha de com_senha").send(b"come\x1a");
    pty.wait_for("asked again", |screen| screen.contents().matches("Senha de com_senha").count() == 2);
    pty.send(format!("{}\r", Cluster::PASSWORD).as_bytes());
    let ended = pty.end();
    assert!(ended.code == 0 && ended.text.contains(": echo") && !ended.text.contains("-echo"), "{}", ended.text);
    leaves_no_trace(&world, &ended, Cluster::PASSWORD);
}

#[test]
fn where_nobody_can_be_asked_it_is_a_matter_of_usage() {
    let world = counter(1);
    let piped = world.line("check --ask-password --json");
    assert_eq!((piped.code, &piped.json()["error"]["code"]), (2, &json!("usage")));
    assert!(world.line("check --ask-password").stderr.contains("PGPASSWORD"));
    let nobody = world.variable("PGUSER", "").line("check --ask-password");
    assert!(nobody.code == 2 && nobody.stderr.contains("--db-user"), "{nobody:?}");
    let untested = counter(1).line("set geral.casas_decimais_qtde=3 --ask-password");
    assert!(untested.code == 2 && untested.stderr.contains("--check"), "{untested:?}");
}

#[test]
fn how_a_password_is_given_is_told_where_it_is_looked_for() {
    let world = World::new();
    for line in ["check --help", "explain integracao.porta_banco_dados", "check --help --lang en"] {
        let told = world.line(line).stdout;
        for word in ["PGUSER", "PGPASSWORD", "~/.pgpass", "--ask-password"] {
            assert!(told.contains(word), "{word} in {line}: {told}");
        }
    }
}

/// The form of a counter whose login has a name and no password.
fn form(port: u16, charset: Charset) -> Journey {
    let document = json!({ "integracao": { "porta_banco_dados": port } }).to_string();
    let credentials = crate::check::login(Cluster::SCRAM, "postgres");
    Journey::open(Opening { document: Some(document), credentials, charset, ..Opening::default() })
}

#[test]
fn the_form_asks_for_a_password_that_a_login_lacks_and_keeps_it_for_itself() {
    let port = cluster().port;
    let mut journey = form(port, Charset::Rich);
    journey.press("F5").wait_for("Senha do banco de dados").shows("pede a senha de com_senha");
    journey.press("\"errada\"").shows("••••••").hides("errada");
    journey.press("Enter").wait_for("login recusado").hides("Senha do banco de dados");
    // What was refused is asked for anew.
    journey.press("F5").wait_for("Senha do banco de dados").press("Enter").shows("Nenhuma senha foi digitada");
    journey.press(&format!("\"{}\" Enter", Cluster::PASSWORD)).hides("Senha do banco de dados");
    journey.wait_for("PostgreSQL 1").hides(Cluster::PASSWORD);
    // It holds for the next tests.
    journey.press("F5").wait_for("PostgreSQL 1").hides("Senha do banco de dados");
    let mut another = form(port, Charset::Ascii);
    another.press("F5").wait_for("Senha do banco de dados").press("\"abc\"").shows("***").press("Esc");
    another.hides("Senha do banco de dados").press("Esc");
    assert!(!another.is_open());
}

#[test]
fn a_save_asks_for_the_password_that_its_test_lacks_and_esc_saves_without() {
    let port = cluster().port;
    let open = || form(Refusing::new().port, Charset::Rich);
    let change = format!("Down C-u \"{port}\" C-s");
    let mut journey = open();
    journey.press(&change).wait_for("Esc grava sem testar");
    journey.press(&format!("\"{}\" Enter", Cluster::PASSWORD)).wait_for("Gravado");
    let mut another = open();
    another.press(&change).wait_for("Esc grava sem testar");
    another.press("Esc").wait_for("Gravado");
}

#[test]
fn a_form_that_was_told_a_password_leaves_it_nowhere() {
    let world = counter(cluster().port);
    let mut pty = Pty::spawn(&world, &[], SIZE);
    pty.wait_text("[ Fechar (Esc) ]").press("Down Down Down Space").wait_text("● 1");
    pty.press("F5").wait_text("Senha do banco de dados");
    pty.send(format!("\x1b[200~{}\x1b[201~", Cluster::PASSWORD).as_bytes()).wait_text("••••••••••••••••");
    pty.press("Enter").wait_gone("Senha do banco de dados").wait_gone("testando");
    // Saved with it too, and kept as a draft.
    pty.press("C-s").wait_text("Gravado").press("Space").wait_text("● 1");
    kill_process(Pid::from_raw(pty.process() as i32).unwrap(), Signal::TERM).unwrap();
    assert!(!pty.log().windows(8).any(|part| part == &Cluster::PASSWORD.as_bytes()[..8]));
    let ended = pty.end();
    assert!(ended.code == 143 && world.path("config.json.drafts").exists(), "{}", ended.text);
    leaves_no_trace(&world, &ended, Cluster::PASSWORD);
}

#[test]
fn the_form_asks_for_the_password_before_it_looks_at_the_version_table() {
    let roles = "CREATE ROLE com_senha LOGIN PASSWORD 'segredo-da-tabela'; CREATE TABLE tab_versao ();
                 ALTER TABLE tab_versao OWNER TO com_senha";
    let access = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
    let server = Cluster::start(&Spec { access, settings: "", roles });
    let mut journey = form(server.port, Charset::Rich);
    journey.press("C-p Down Down Down Down Down Down Down Enter").wait_for("Senha do banco de dados");
    journey.press("\"segredo-da-tabela\" Enter").wait_for("Digite o nome da tabela").shows("usuário com_senha");
}

#[test]
fn a_password_asked_for_in_vain_is_not_asked_for() {
    let closed = Refusing::new();
    let mut journey = form(closed.port, Charset::Rich);
    journey.press("F5").wait_for("recusada").hides("Senha do banco de dados");
}
