//! The dialog's actions from the form, on a real terminal: a report in a real editor, a table on a real PostgreSQL.

use std::fs;

use serde_json::json;

use crate::busy::wait_until;
use crate::cli_action::{counter, server, tables};
use crate::pty::Pty;
use crate::world::World;

const SIZE: (u16, u16) = (80, 24);

/// Geral's fields are six; its actions follow.
const REPORT: &str = "C-p Down Down Down Down Down Down";
const TABLE: &str = "C-p Down Down Down Down Down Down Down";

fn form(world: &World) -> Pty {
    let mut pty = Pty::spawn(world, &[], SIZE);
    pty.wait_text("[ Fechar (Esc) ]");
    pty
}

/// A counter with two reports, and an editor that is this script.
fn with_editor(script: &str) -> World {
    let world = World::new();
    world.write("reports/pedido.rel", "antes\n");
    world.write("reports/venda.rel", "antes\n");
    let editor = world.write("editor", script);
    let document = json!({"geral": {"diretorio_relatorios": world.path("reports")}}).to_string();
    world.write("config.json", &document);
    // Read by a shell, not started: a file that was just written is busy (ETXTBSY) while any other test's new process has it open.
    world.variable("VISUAL", &format!("sh {}", editor.display()))
}

#[test]
fn a_report_is_edited_on_the_same_terminal_and_the_form_comes_back_with_its_edits() {
    let world =
        with_editor("stty -a | grep -q -- ' icanon' && printf 'digite: ' && read text && echo \"$text\" >\"$1\"\n");
    let mut pty = form(&world);
    pty.press("Down Down Down Space").wait_text("● 1").press(REPORT).wait_text("▌[ Editar");
    pty.press("Enter").wait_text("pedido.rel").press("Down Enter").wait_text("digite:");
    pty.send("venda n\u{e3}o fiscal\n".as_bytes()).wait_text("Relatório fechado").wait_text("● 1");
    pty.press("Esc").wait_gone("pedido.rel").press("C-s").wait_text("Gravado").press("Esc");
    let ended = pty.end();
    assert_eq!((ended.code, &ended.left_behind), (0, &vec![]), "{}", ended.text);
    assert_eq!(world.read("reports/venda.rel"), "venda não fiscal\n");
    assert_eq!(world.read("reports/pedido.rel"), "antes\n");
    assert!(
        world.read("config.json").contains("vencido_dav\":true")
            || world.read("config.json").contains("vencido_dav\": true")
    );
}

#[test]
fn an_editor_that_fails_and_a_folder_that_is_not_set_are_told() {
    let world = with_editor("exit 3\n");
    let mut pty = form(&world);
    pty.press(REPORT)
        .wait_text("▌[ Editar")
        .press("Enter")
        .wait_text("pedido.rel")
        .press("Enter")
        .wait_text("não abriu o relatório");
    let world = World::new();
    let mut pty = form(&world);
    pty.press(REPORT).wait_text("▌[ Editar").press("Enter").wait_text("está vazio");
}

#[test]
fn ctrl_c_in_the_editor_is_the_editors_and_a_hang_up_ends_both() {
    use rustix::process::{Pid, Signal, kill_process};
    let world =
        with_editor("trap 'echo interrompido' INT\ntrap 'echo fim >\"$1\"; exit' HUP\necho pronto\nread x\nread x\n");
    let mut pty = form(&world);
    pty.press("Down Down Down Space").wait_text("● 1").press(REPORT).wait_text("▌[ Editar");
    pty.press("Enter")
        .wait_text("pedido.rel")
        .press("Enter")
        .wait_text("pronto")
        .send(b"\x03")
        .wait_text("interrompido");
    kill_process(Pid::from_raw(pty.process() as i32).unwrap(), Signal::HUP).unwrap();
    let ended = pty.end();
    assert_eq!((ended.code, &ended.left_behind), (129, &vec![]));
    assert!(ended.text.contains("Ficou no rascunho"), "{}", ended.text);
    wait_until("The editor ends", || world.read("reports/pedido.rel") == "fim\n");
}

#[test]
fn the_table_is_set_aside_only_once_its_name_is_typed_and_the_sql_outlives_the_form() {
    let server = server();
    let world = counter(&server);
    let mut pty = form(&world);
    pty.press(TABLE).wait_text("▌[ Excluir").press("Enter").wait_text("Digite o nome da tabela");
    pty.wait_text("Afeta todos os balcões").wait_text("banco postgres, usuário postgres").wait_text("4.2‹ESC›[2J17");
    pty.press("\"tab_versoes\" Enter").wait_text("Nome diferente do da tabela");
    assert_eq!(tables(&server), ["public.tab_versao"]);
    pty.press("Esc").wait_text("Nada foi alterado no servidor");
    pty.press("Enter").wait_text("Digite o nome da tabela").press("\"tab_versao\" Enter").wait_text("Tabela retirada");
    assert_eq!(tables(&server), ["balcao_excluidas.tab_versao_T"]);
    pty.press("Esc").wait_gone("Tabela retirada").press("Esc");
    let ended = pty.end();
    assert_eq!(ended.code, 0, "{}", ended.text);
    let sql: String = ended.text.lines().skip_while(|line| *line != "BEGIN;").collect::<Vec<_>>().join("\n");
    assert!(sql.contains("COMMIT;"), "{}", ended.text);
    // The terminal breaks long lines: blanks are what the SQL can spare, words are not.
    assert!(!fs::read_to_string(world.path("config.json")).unwrap().contains("tab_versao"));
}

#[test]
fn without_a_login_the_action_says_why_and_an_invalid_name_is_shown_first() {
    let world = World::with_config(r#"{ "integracao": { "porta_banco_dados": 1 } }"#);
    let mut nameless = form(&world);
    nameless
        .press(TABLE)
        .wait_text("▌[ Excluir")
        .press("Enter")
        .wait_text("Falta o usuário do banco")
        .wait_text("PGUSER");
    let world = world.variable("PGUSER", "gestor");
    let mut pty = form(&world);
    pty.press(TABLE).wait_text("▌[ Excluir").press("Enter").wait_text("Falhou").wait_text("Nada foi alterado");
    pty.press("Esc")
        .wait_gone("Falhou")
        .press("Up Up C-u \"1x\"")
        .wait_text("1x")
        .press("Down Down")
        .wait_text("▌[ Excluir")
        .press("Enter")
        .wait_text("Corrija antes este valor");
}
