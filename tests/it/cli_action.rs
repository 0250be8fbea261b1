//! `action …` over the real binary: the table of versions on a real PostgreSQL, reports in an editor.

use serde_json::json;

use crate::postgres::{Cluster, Spec};
use crate::pty::Pty;
use crate::world::World;

pub fn server() -> Cluster {
    let server = Cluster::start(&Spec {
        access: "local all all trust\nhost all all 127.0.0.1/32 trust\n",
        settings: "",
        roles: "CREATE TABLE tab_versao (versao text); INSERT INTO tab_versao VALUES ('4.2\u{1b}[2J17')",
    });
    assert_eq!(tables(&server), ["public.tab_versao"]);
    server
}

pub fn tables(server: &Cluster) -> Vec<String> {
    let query = "SELECT schemaname || '.' || regexp_replace(tablename, '[0-9]{8}_[0-9]{6}', 'T') FROM pg_tables
                 WHERE schemaname !~ '^(pg_|information_schema)' ORDER BY 1";
    server.client().query(query, &[]).unwrap().iter().map(|row| row.get(0)).collect()
}

pub fn counter(server: &Cluster) -> World {
    let document = json!({ "integracao": { "porta_banco_dados": server.port } }).to_string();
    World::with_config(&document).variable("PGUSER", "postgres").variable("PGDATABASE", "postgres")
}

#[test]
fn the_table_is_set_aside_by_its_name_and_comes_back_by_the_sql_that_is_told() {
    let server = server();
    let world = counter(&server);
    let unasked = world.line("action excluir-tab-versao");
    assert!(unasked.code == 2 && unasked.stderr.contains("--yes"), "{unasked:?}");
    let wrong = world.line("action excluir-tab-versao --yes tab_versoes --json");
    assert_eq!((wrong.code, &wrong.json()["error"]["code"]), (5, &json!("not_confirmed")));
    assert_eq!(tables(&server), ["public.tab_versao"]);

    let done = world.line("action excluir-tab-versao --yes tab_versao");
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stderr.contains("todos os balcões") && done.stderr.contains("1 linha"), "{done:?}");
    let place = format!("Servidor 127.0.0.1, porta {}, banco postgres, usuário postgres.", server.port);
    assert!(done.stderr.contains(&place), "{done:?}");
    assert!(done.stderr.contains("4.2‹ESC›[2J17") && !done.stderr.contains('\u{1b}'), "{done:?}");
    assert_eq!(tables(&server), ["balcao_excluidas.tab_versao_T"]);
    server.client().batch_execute(&done.stdout).unwrap();
    assert_eq!(tables(&server), ["public.tab_versao"]);

    let told = world.line("action excluir-tab-versao --yes public.tab_versao --json").json();
    assert_eq!((&told["table"], &told["rows"]), (&json!("\"public\".\"tab_versao\""), &json!(1)));
    assert_eq!((&told["server"], &told["port"]), (&json!("127.0.0.1"), &json!(server.port)));
    assert_eq!((&told["database"], &told["login"]), (&json!("postgres"), &json!("postgres")));
    let gone = world.line("action excluir-tab-versao --yes tab_versao --json");
    assert_eq!((gone.code, &gone.json()["error"]["code"]), (5, &json!("no_such_table")));
}

#[test]
fn without_a_login_nothing_is_done_and_the_check_s_words_are_told() {
    let world = World::with_config(r#"{ "integracao": { "porta_banco_dados": 1 } }"#);
    let nobody = world.line("action excluir-tab-versao --yes tab_versao");
    assert!(nobody.code == 2 && nobody.stderr.contains("--db-user") && nobody.stderr.contains("PGUSER"), "{nobody:?}");
    let world = world.variable("PGUSER", "gestor");
    let ran = world.line("action excluir-tab-versao --yes tab_versao");
    assert!(ran.code == 4 && ran.stderr.contains("recusada") && ran.stderr.contains("Nada foi alterado"), "{ran:?}");
    let invalid = World::with_config(r#"{ "integracao": { "porta_banco_dados": 70000 } }"#);
    assert_eq!(invalid.line("action excluir-tab-versao --yes tab_versao").code, 3);
}

#[test]
fn reports_are_listed_and_one_is_opened_in_the_editor() {
    let world = World::new();
    for name in ["venda.rel", "caixa do dia.rel", ".venda.rel.swp", "pasta/outro.rel"] {
        world.write(&format!("relatorios/{name}"), "linha\n");
    }
    let unset = world.line("action editar-relatorio");
    assert!(unset.code == 5 && unset.stderr.contains("geral.diretorio_relatorios"), "{unset:?}");
    let folder = world.path("relatorios");
    world.run(&["set", &format!("geral.diretorio_relatorios={}", folder.display())]);
    assert_eq!(world.line("action editar-relatorio").stdout, "caixa do dia.rel\nvenda.rel\n");
    let listed = world.line("action editar-relatorio --list --json").json();
    assert_eq!(listed["reports"], json!(["caixa do dia.rel", "venda.rel"]));

    let world = world.variable("EDITOR", "false").variable("VISUAL", "sed -i s/linha/feito/");
    let edited = world.run(&["action", "editar-relatorio", "caixa do dia.rel"]);
    assert_eq!(edited.code, 0, "{edited:?}");
    assert_eq!(world.read("relatorios/caixa do dia.rel"), "feito\n");
    assert_eq!(world.read("relatorios/venda.rel"), "linha\n");
    for name in ["../config.json", "pasta", ".venda.rel.swp", "/etc/passwd"] {
        let ran = world.run(&["action", "editar-relatorio", name, "--json"]);
        assert_eq!((ran.code, &ran.json()["error"]["code"]), (5, &json!("no_such_report")), "{name}");
    }
    let world = world.variable("VISUAL", "");
    let failed = world.run(&["action", "editar-relatorio", "venda.rel", "--json"]);
    assert_eq!((failed.code, &failed.json()["error"]["code"]), (4, &json!("editor_failed")));
    let world = world.variable("VISUAL", "editor-que-falta");
    let missing = world.run(&["action", "editar-relatorio", "venda.rel"]);
    assert_eq!(missing.code, 4);
    assert!(
        missing.stderr.contains("O editor editor-que-falta não abriu o relatório: não existe neste computador"),
        "{}",
        missing.stderr
    );
    assert!(missing.stderr.contains("EDITOR=nano balcao-config"), "{}", missing.stderr);
}

#[test]
fn on_a_terminal_the_table_s_name_is_asked_for() {
    let server = server();
    let world = counter(&server);
    let mut wrong = Pty::spawn(&world, &["action", "excluir-tab-versao"], (80, 24));
    wrong.wait_text("todos os balcões").wait_text("Digite o nome").send(b"sim\r");
    let ended = wrong.end();
    assert!(ended.code == 5 && ended.text.contains("Nada foi alterado"), "{}", ended.text);
    assert_eq!(tables(&server), ["public.tab_versao"]);
    let mut right = Pty::spawn(&world, &["action", "excluir-tab-versao"], (80, 24));
    right.wait_text("4.2‹ESC›[2J17").wait_text("Digite o nome").send(b"tab_versao\r");
    let ended = right.end();
    assert!(ended.code == 0 && ended.text.contains("SET SCHEMA"), "{}", ended.text);
    assert_eq!(tables(&server), ["balcao_excluidas.tab_versao_T"]);
}

#[test]
fn on_a_terminal_a_report_is_chosen_by_its_number() {
    let world = World::new().variable("EDITOR", "sed -i s/linha/feito/");
    world.write("relatorios/caixa.rel", "linha\n");
    world.write("relatorios/venda.rel", "linha\n");
    world.run(&["set", &format!("geral.diretorio_relatorios={}", world.path("relatorios").display())]);
    let mut asked = Pty::spawn(&world, &["action", "editar-relatorio"], (80, 24));
    asked.wait_text("2  venda.rel").wait_text("Número ou nome").send(b"2\r");
    assert_eq!(asked.end().code, 0);
    assert_eq!(
        (world.read("relatorios/caixa.rel"), world.read("relatorios/venda.rel")),
        ("linha\n".into(), "feito\n".into())
    );
    let mut nothing = Pty::spawn(&world, &["action", "editar-relatorio"], (80, 24));
    nothing.wait_text("Número ou nome").send(b"\r");
    assert_eq!(nothing.end().code, 0);
}
