//! The command line, over the real binary: every command, its exit codes and its streams.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::world::World;

/// A document with one value of every type, spelled as nobody but its owner would.
const SHOP: &str = r#"{
  "version": 1,
  "integracao": { "ip_servidor_retaguarda": "192.168.0.10", "porta_banco_dados":   5433 },
  "geral": {"vendedor_padrao": "José", "outra": 1.50}
}
"#;

/// A port out of its bounds; the rest is sound.
const INVALID: &str = r#"{
  "integracao": {
    "porta_banco_dados": 70000
  }
}
"#;

/// Ports of the loopback that nothing listens on: those of tcpmux and compressnet, which nobody runs; at an address where
/// no other port is served either, which would be offered.
const CLOSED: &str = r#"{ "integracao": {
  "ip_servidor_retaguarda": "127.77.0.9", "porta_banco_dados": 1, "porta_integracao_clientes": 2
} }"#;

/// Fails alike on every machine, whatever runs on it: a PostgreSQL beside a closed port would be told.
const MASK: &str = r#"{ "integracao": { "ip_servidor_retaguarda": "255.255.255.0" } }"#;

/// What can be observed of a command, in both languages, as one snapshot.
fn shown(config: Option<&str>, arguments: &str) -> String {
    let ran = ["pt", "en"].map(|lang| {
        let world = config.map_or_else(World::new, World::with_config);
        format!(
            "$ balcao-config {arguments} --lang {lang}\n{}",
            world.line(&format!("{arguments} --lang {lang}")).whole()
        )
    });
    ran.join("\n\n")
}

#[test]
fn outputs_are_as_they_were_looked_at() {
    let cases = [
        ("get", Some(SHOP), "get integracao.porta_banco_dados"),
        ("get_json", Some(SHOP), "get geral.vendedor_padrao --json"),
        ("get_unknown", Some(SHOP), "get integracao.porta_banco_dado"),
        ("get_invalid", Some(INVALID), "get integracao.porta_banco_dados"),
        ("get_unreadable", Some("{\n  \"geral\": {,}\n}"), "get geral.vendedor_padrao"),
        ("set", Some(SHOP), "set integracao.porta_banco_dados=5434 integracao.verificar_crediario_vencido_dav=sim"),
        ("set_dry_run", None, "set integracao.porta_banco_dados=5434 --dry-run"),
        ("set_same", Some(SHOP), "set integracao.porta_banco_dados=5433"),
        ("set_bad", Some(SHOP), "set integracao.porta_banco_dados=70000"),
        ("set_all_bad", Some(SHOP), "set integracao.porta_banco_dados=0 geral.casas_decimais_qtde=x"),
        ("set_all_bad_json", Some(SHOP), "set geral.vendedor=a geral.outra=b --json"),
        ("set_while_invalid", Some(INVALID), "set geral.vendedor_padrao=Ana"),
        ("unset", Some(SHOP), "unset integracao.porta_banco_dados"),
        ("list", Some(SHOP), "list"),
        ("list_changed", Some(SHOP), "list --changed"),
        ("list_invalid", Some(INVALID), "list --group integracao"),
        ("list_ascii", Some(SHOP), "list --changed --ascii"),
        ("explain", Some(SHOP), "explain integracao.enviar_notificacao_os_whatsapp"),
        ("explain_json", Some(SHOP), "explain integracao.porta_integracao_clientes --json"),
        ("explain_port", Some(INVALID), "explain integracao.porta_banco_dados"),
        ("validate", Some(SHOP), "validate"),
        ("validate_missing", None, "validate"),
        ("validate_invalid", Some(INVALID), "validate"),
        ("validate_json", Some(INVALID), "validate --json"),
        ("diff", Some(SHOP), "diff"),
        ("diff_ascii", Some(SHOP), "diff --ascii"),
        ("diff_json", Some(SHOP), "diff --json"),
        ("check", Some(MASK), "check"),
        ("check_ascii", Some(CLOSED), "check --ascii --only integracao_clientes"),
        ("path", None, "path"),
        ("help", None, "--help"),
        ("help_set", None, "set --help"),
        ("usage", None, "gte"),
        ("no_terminal", None, ""),
    ];
    for (name, config, arguments) in cases {
        insta::assert_snapshot!(format!("cli_{name}"), shown(config, arguments));
    }
}

#[test]
fn what_is_wrong_has_its_exit_code_and_touches_nothing() {
    let broken = "{ \"geral\": }";
    let cases: &[(&str, &str, i32, &str)] = &[
        // Usage.
        (SHOP, "", 2, "no_terminal"),
        (SHOP, "gte geral.vendedor_padrao", 2, "usage"),
        (SHOP, "get", 2, "usage"),
        (SHOP, "get geral.vendedor_padrao geral.tabela_versao", 2, "usage"),
        (SHOP, "get geral.vendedor_padrao --what", 2, "usage"),
        (SHOP, "get geral.vendedor_padrao --lang de", 2, "usage"),
        (SHOP, "get geral.vendedor_padrao --color blue", 2, "usage"),
        (SHOP, "get geral.vendedor_padrao --config", 2, "usage"),
        (SHOP, "set", 2, "usage"),
        (SHOP, "set geral.vendedor_padrao", 2, "usage"),
        (SHOP, "set geral.vendedor_padrao=a geral.vendedor_padrao=b", 2, "usage"),
        (SHOP, "diff a b c", 2, "usage"),
        (SHOP, "check --timeout 0", 2, "usage"),
        (SHOP, "check --timeout -1", 2, "usage"),
        (SHOP, "check --timeout nan", 2, "usage"),
        (SHOP, "check --timeout 1e9", 2, "usage"),
        (SHOP, "check --only banco", 2, "usage"),
        // The document.
        (broken, "get geral.vendedor_padrao", 3, ""),
        (broken, "set geral.vendedor_padrao=a", 3, ""),
        (broken, "unset geral.vendedor_padrao", 3, ""),
        (broken, "list", 3, ""),
        (broken, "explain geral.vendedor_padrao", 3, ""),
        (broken, "validate", 3, ""),
        (broken, "diff", 3, ""),
        (broken, "check", 3, ""),
        (SHOP, "validate not-there.json", 3, "missing"),
        (SHOP, "diff not-there.json", 3, "missing"),
        (SHOP, "get geral.vendedor_padrao --catalog not-there", 3, ""),
        (INVALID, "get integracao.porta_banco_dados", 3, "out_of_range"),
        (INVALID, "set geral.vendedor_padrao=a", 3, "out_of_range"),
        (INVALID, "unset geral.vendedor_padrao", 3, "out_of_range"),
        // Keys and values.
        (SHOP, "get geral.vendedor", 5, "unknown_key"),
        (SHOP, "get geral", 5, "unknown_key"),
        (SHOP, "get geral.vendedor_padrao.x", 5, "unknown_key"),
        (SHOP, "set geral.vendedor=a", 5, "unknown_key"),
        (SHOP, "set =a", 5, "unknown_key"),
        (SHOP, "set geral.vendedor_padrao=Ana geral.vendedor=a", 5, "unknown_key"),
        (SHOP, "unset geral.vendedor", 5, "unknown_key"),
        (SHOP, "explain geral.vendedor", 5, "unknown_key"),
        (SHOP, "list --group gerl", 5, "unknown_group"),
        (SHOP, "set integracao.porta_banco_dados=0", 5, "out_of_range"),
        (SHOP, "set integracao.porta_banco_dados=", 5, "wrong_type"),
        (SHOP, "set integracao.porta_banco_dados=5432.0", 5, "wrong_type"),
        (SHOP, "set integracao.verificar_crediario_vencido_dav=talvez", 5, "wrong_type"),
        (SHOP, "set integracao.ip_servidor_retaguarda=192.168.0", 5, "bad_host"),
        (SHOP, "set geral.vendedor_padrao=Ana integracao.porta_banco_dados=0", 5, "out_of_range"),
        (SHOP, "set integracao.porta_banco_dados=8082", 5, "same_as"),
        (SHOP, "set integracao.enviar_notificacao_os_whatsapp=true", 5, "requires"),
        (INVALID, "set integracao.porta_banco_dados=0", 5, "out_of_range"),
    ];
    for (config, arguments, code, word) in cases {
        let world = World::with_config(config);
        let ran = world.line(arguments);
        assert_eq!(ran.code, *code, "{arguments}: {ran:?}");
        assert_eq!(ran.stdout, "", "{arguments}");
        assert!(ran.stderr.starts_with("erro: "), "{arguments}: {}", ran.stderr);

        let ran = world.line(&format!("{arguments} --json"));
        assert_eq!(ran.code, *code, "{arguments} --json: {ran:?}");
        assert_eq!(ran.stderr, "", "{arguments} --json");
        let error = &ran.json()["error"];
        assert!(word.is_empty() || error["code"] == *word, "{arguments}: {error}");
        assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{arguments}: {error}");

        assert_eq!(world.config(), *config, "{arguments}");
        assert_eq!(fs::read_dir(world.folder()).expect("the folder").count(), 1, "{arguments}: something was left");
    }
}

#[test]
fn an_unreadable_document_is_told_with_its_place() {
    let world = World::with_config("{\n  \"geral\": {\n    \"vendedor_padrao\": nada\n  }\n}\n");
    let error = world.line("get geral.vendedor_padrao --json").json()["error"].clone();
    assert_eq!((&error["line"], &error["column"]), (&json!(3), &json!(24)), "{error}");
    let ran = world.line("validate");
    assert!(ran.stderr.contains("config.json"), "{}", ran.stderr);
}

#[test]
fn set_changes_the_bytes_of_the_value_alone() {
    let world = World::with_config(SHOP);
    let ran = world.line("set integracao.porta_banco_dados=5434 --json");
    let expected = json!({
        "changed": true,
        "dry_run": false,
        "version": 2,
        "path": "DIR/config.json",
        "changes": [{ "key": "integracao.porta_banco_dados", "from": 5433, "to": 5434 }],
        "effects": [{
            "effect": "Vale quando o programa do balcão ler o arquivo de novo; na dúvida, feche-o e abra-o.",
            "keys": ["integracao.porta_banco_dados"],
        }],
    });
    let mut told = ran.json();
    // What is said of the file system that the tester's temporary folder happens to be on.
    assert!(told.as_object_mut().expect("an object").remove("warnings").is_some_and(|warnings| warnings.is_array()));
    assert_eq!((ran.code, told), (0, expected));
    assert_eq!(world.config(), SHOP.replace("5433", "5434"));
}

#[test]
fn of_two_values_that_must_differ_the_one_given_last_is_refused() {
    let (one, other) = ("integracao.porta_banco_dados", "integracao.porta_integracao_clientes");
    for (arguments, key) in [
        (format!("{one}=8082"), one),
        (format!("{other}=5433"), other),
        (format!("{one}=9000 {other}=9000"), other),
        (format!("{other}=9000 {one}=9000"), one),
    ] {
        let world = World::with_config(SHOP);
        let error = world.line(&format!("set {arguments} --json")).json()["error"].clone();
        assert_eq!(error["key"], key, "{arguments}: {error}");
        assert!(error["message"].as_str().is_some_and(|message| message.starts_with(key)), "{arguments}: {error}");
    }
}

#[test]
fn set_reads_values_by_the_parameters_type() {
    let world = World::new();
    let cases = [
        ("geral.vendedor_padrao", "5432", json!("5432")),
        ("geral.vendedor_padrao", "a=b", json!("a=b")),
        ("geral.vendedor_padrao", "", json!("")),
        ("integracao.porta_banco_dados", "5439", json!(5439)),
        ("integracao.porta_banco_dados", "\u{a0}5440\t", json!(5440)),
        ("integracao.ip_servidor_retaguarda", " servidor\u{200b} ", json!("servidor")),
        ("geral.caminho_imagem_logo", " /srv/logo.png ", json!("/srv/logo.png")),
        ("integracao.verificar_crediario_vencido_dav", "sim", json!(true)),
        ("integracao.verificar_crediario_vencido_dav", "não", json!(false)),
        ("integracao.verificar_crediario_vencido_dav", "true", json!(true)),
    ];
    for (key, value, stored) in cases {
        let ran = world.run(&["set", &format!("{key}={value}")]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(world.run(&["get", key, "--json"]).json(), stored, "{key}={value}");
    }
}

#[test]
fn nothing_is_written_where_nothing_changes() {
    let world = World::new();
    let ran = world.line("set integracao.porta_banco_dados=5432 --json");
    assert_eq!((ran.code, &ran.json()["changed"]), (0, &json!(false)));
    assert!(!world.path("config.json").exists(), "a default was written into a new document");

    let ran = world.line("set integracao.porta_banco_dados=5433 --dry-run --json");
    assert_eq!((&ran.json()["changed"], &ran.json()["dry_run"]), (&json!(true), &json!(true)));
    assert!(!world.path("config.json").exists(), "a dry run wrote");
    assert_eq!(world.line("unset integracao.porta_banco_dados --json").json()["changed"], json!(false));
}

#[test]
fn set_mends_an_invalid_document() {
    let world = World::with_config(INVALID);
    assert_eq!(world.line("set integracao.porta_banco_dados=5433 geral.vendedor_padrao=Ana").code, 0);
    assert_eq!(world.line("get integracao.porta_banco_dados").stdout, "5433\n");
    let world = World::with_config(INVALID);
    assert_eq!(world.line("unset integracao.porta_banco_dados").code, 0);
    assert_eq!(world.line("get integracao.porta_banco_dados").stdout, "5432\n");
}

#[test]
fn a_rule_may_be_satisfied_by_another_pair_of_the_same_set() {
    let world = World::new();
    let pairs = "integracao.enviar_notificacao_os_whatsapp=sim notificacao_whatsapp.licenca_whatsapp_msg=sim";
    assert_eq!(world.line(&format!("set {pairs}")).code, 0);
    let ran = world.line("unset notificacao_whatsapp.licenca_whatsapp_msg");
    assert_eq!(ran.code, 5, "{ran:?}");
    assert_eq!(world.line("get notificacao_whatsapp.licenca_whatsapp_msg").stdout, "true\n");
}

#[test]
fn a_doubtful_value_is_taken_with_a_warning() {
    let world = World::new();
    let ran = world.line("set integracao.ip_servidor_retaguarda=servidor_loja");
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.starts_with("aviso: "), "{}", ran.stderr);
}

#[test]
fn validate_tells_everything_and_strict_takes_warnings_for_errors() {
    let text = "{\n  \"geral\": { \"outra\": 1, \"casas_decimais_qtde\": 9 },\n  \"mais\": {},\n  \"integracao\": { \"porta_banco_dados\": \"x\" }\n}";
    let world = World::with_config(text);
    let ran = world.line("validate --json");
    let findings = ran.json()["findings"].clone();
    let told = |finding: &Value| {
        let level = finding["level"].as_str().map(str::to_owned);
        (level.unwrap_or_default(), finding["key"].as_str().map(str::to_owned).unwrap_or_default())
    };
    let told: Vec<_> = findings.as_array().expect("a list").iter().map(told).collect();
    let expected = [
        ("warning", "geral.outra"),
        ("error", "geral.casas_decimais_qtde"),
        ("warning", "mais"),
        ("error", "integracao.porta_banco_dados"),
    ];
    assert_eq!(told, expected.map(|(level, key)| (level.to_owned(), key.to_owned())));
    assert_eq!((ran.code, &ran.json()["valid"]), (1, &json!(false)));

    let other = world.write("other.json", "{ \"mais\": {} }");
    let other = other.to_str().expect("a plain path");
    assert_eq!(world.run(&["validate", other]).code, 0);
    assert_eq!(world.run(&["validate", other, "--strict"]).code, 1);
}

#[test]
fn diff_compares_with_the_defaults_a_file_or_two_files() {
    let world = World::with_config(SHOP);
    world.write("other.json", SHOP.replace("5433", "5434"));
    world.write("spelled.json", "{ \"integracao\": { \"porta_banco_dados\": 5432 } }");
    let port = |from: u16, to: u16| json!({ "changed": true, "changes": [{ "key": "integracao.porta_banco_dados", "from": from, "to": to }], "unknown": [], "warnings": [] });
    assert_eq!(world.line("diff --json").json()["changes"].as_array().map(Vec::len), Some(3));
    assert_eq!(world.line("diff other.json --json").json(), port(5434, 5433));
    assert_eq!(world.line("diff config.json other.json --json").json(), port(5433, 5434));
    let same = world.line("diff other.json other.json");
    assert_eq!((same.code, same.stdout.as_str(), same.stderr.as_str()), (0, "", ""));
    let spelled = world.line("diff --config spelled.json");
    assert_eq!((spelled.code, spelled.stdout.as_str()), (0, ""), "a default that is spelled out is no difference");
}

#[test]
fn list_says_it_all_to_programs() {
    let rows = World::with_config(SHOP).line("list --json").json();
    let rows = rows.as_array().expect("a list");
    assert_eq!(rows.len(), 13);
    let port = rows.iter().find(|row| row["key"] == "integracao.porta_banco_dados").expect("the port");
    let expected = json!({
        "key": "integracao.porta_banco_dados",
        "group": "integracao",
        "section": "gerencial",
        "title": "Porta Banco de Dados Gestores",
        "type": "integer",
        "value": 5433,
        "default": 5432,
        "source": "file",
        "valid": true,
    });
    assert_eq!(*port, expected);
}

#[test]
fn every_parameter_can_be_got_explained_and_listed() {
    let world = World::new();
    for row in world.line("list --json").json().as_array().expect("a list") {
        let key = row["key"].as_str().expect("a key");
        let got = world.line(&format!("get {key} --json"));
        assert_eq!((got.code, &got.json()), (0, &row["default"]), "{key}");
        for lang in ["pt", "en"] {
            let explained = world.line(&format!("explain {key} --lang {lang}"));
            assert_eq!(explained.code, 0, "{key}");
            assert!(explained.stdout.lines().all(|line| line.chars().count() <= 80), "{key}:\n{}", explained.stdout);
        }
        let set = world.run(&["set", &format!("{key}={}", world.line(&format!("get {key}")).stdout.trim_end())]);
        assert_eq!(set.code, 0, "what get prints, set takes: {key}: {set:?}");
    }
    assert!(!world.path("config.json").exists());
}

#[test]
fn the_schema_is_one_json_document_also_where_there_is_no_document() {
    let world = World::with_config("not a document");
    let schema = world.line("schema");
    assert_eq!(schema.code, 0);
    assert_eq!(schema.json()["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert!(schema.json()["properties"]["integracao"]["properties"]["porta_banco_dados"].is_object());
}

#[test]
fn the_path_is_alone_on_stdout_and_told_why() {
    let world = World::new();
    let ran = world.line("path");
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "DIR/config.json\n"));
    assert_eq!(
        world.line("path --config other.json --json").json(),
        json!({ "path": "other.json", "why": "flag", "exists": false, "warnings": [] })
    );
}

#[test]
fn extension_catalogs_are_found_beside_the_document_or_where_named() {
    let extension = r#"{
      "properties": { "geral": { "properties": { "cor": {
        "title": "Cor", "description": "A cor.", "type": "string", "default": "azul"
      } } } }
    }"#;
    let world = World::new();
    world.write("catalog.d/cor.json", extension);
    assert_eq!(world.line("get geral.cor").stdout, "azul\n");
    let world = World::new();
    world.write("elsewhere/cor.json", extension);
    assert_eq!(world.line("get geral.cor").code, 5);
    assert_eq!(world.line("get geral.cor --catalog elsewhere").stdout, "azul\n");
    world.write("elsewhere/bad.json", "{");
    let ran = world.line("get geral.cor --catalog elsewhere");
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("bad.json"), "{}", ran.stderr);
}

#[test]
fn check_says_what_fails_in_words_and_in_json() {
    // A port that was free a moment ago, and that nobody listens on.
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let port = free.expect("a free port").port();
    let world = World::with_config(&format!("{{ \"integracao\": {{ \"porta_banco_dados\": {port} }} }}"));
    let ran = world.line("check --only banco_dados --timeout 5 --json");
    let report = ran.json();
    assert_eq!((ran.code, &report["ok"]), (1, &json!(false)), "{report}");
    let results = report["results"].as_array().expect("a list");
    assert_eq!(results.len(), 1);
    assert_eq!(results[0]["target"], "banco_dados");
    assert_eq!(results[0]["diagnosis"], "refused");
    assert_eq!(results[0]["address"], format!("127.0.0.1:{port}"));

    let words = world.line("check --only banco_dados");
    assert_eq!(words.code, 1);
    assert!(words.stdout.starts_with("✗ banco_dados  "), "{}", words.stdout);
    assert!(world.line("check --only banco_dados --ascii").stdout.is_ascii());
    assert_eq!(world.line("check --only logo").code, 0, "nothing to test is nothing that fails");
}

#[test]
fn what_comes_from_outside_never_reaches_the_terminal_raw() {
    let evil = "a\u{1b}]0;x\u{7}\u{202e}\u{9b}2J";
    let escaped = "a\\u001b]0;x\\u0007\u{202e}\u{9b}2J";
    let world =
        World::with_config(&format!("{{ \"geral\": {{ \"vendedor_padrao\": \"{escaped}\", \"{escaped}\": 1 }} }}"));
    let raw = |text: &str| text.chars().any(|symbol| symbol != '\n' && symbol.is_control() || symbol == '\u{202e}');
    let commands: &[&[&str]] = &[
        &["list"],
        &["validate"],
        &["diff"],
        &["get", "geral.vendedor_padrao"],
        &["explain", "geral.vendedor_padrao"],
        &["get", evil],
        &["set", evil],
        &[evil],
        &["list", "--group", evil],
        &["check", "--only", evil],
        &["check", "--timeout", evil],
        &["validate", evil],
        &["path", "--config", evil],
        &["list", "--catalog", evil],
        &["list", "--lang", evil],
    ];
    for arguments in commands {
        for json in [&[][..], &["--json"]] {
            let ran = world.run(&[arguments, json].concat());
            assert!(!raw(&ran.stdout) && !raw(&ran.stderr), "{arguments:?}: {ran:?}");
        }
    }
}

#[test]
fn an_argument_that_is_no_utf8_is_refused_in_words() {
    let world = World::new();
    let ran = world.run(&[std::ffi::OsStr::new("get"), std::ffi::OsStr::from_bytes(b"geral.\xff")]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.starts_with("erro: Um argumento não é UTF-8.\n"), "{}", ran.stderr);
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let world = World::with_config(SHOP);
    let mut pty = crate::pty::Pty::spawn(&world, &["diff"], (80, 24));
    pty.wait_text("vendedor_padrao");
    assert!(pty.log().starts_with(b"\x1b[1m"));
    assert_eq!(pty.end().code, 1);
    assert!(!world.line("diff").stdout.contains('\u{1b}'));
    assert!(world.line("diff --color always").stdout.contains("\u{1b}[1m"));
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let world = World::with_config(SHOP).variable(name, value);
        let mut pty = crate::pty::Pty::spawn(&world, &["diff"], (80, 24));
        pty.wait_text("vendedor_padrao");
        assert!(!pty.log().contains(&0x1b), "{name}");
    }
}

#[test]
fn a_reader_that_has_enough_ends_it_quietly() {
    let world = World::new();
    let mut child = world.command(&["list"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    // Closed before a byte is read; the write then fails, whenever it comes.
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert!(matches!(output.status.code(), Some(0 | 141)), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[test]
fn a_full_disk_behind_stdout_is_told() {
    let world = World::new();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    let output = world.command(&["list"]).stdout(full).stderr(Stdio::piped()).output().expect("it runs");
    assert_eq!(output.status.code(), Some(4));
    assert!(!output.stderr.is_empty());
}

#[test]
fn a_save_that_cannot_be_is_exit_4_and_says_where() {
    let world = World::new();
    let ran = world.line("set geral.vendedor_padrao=Ana --config /proc/gestor-balcao/config.json");
    assert_eq!((ran.code, ran.stdout.as_str()), (4, ""), "{ran:?}");
    assert!(ran.stderr.contains("/proc/gestor-balcao"), "{}", ran.stderr);
}

#[test]
fn every_commands_help_fits_80_columns_and_has_an_example_and_the_exit_codes() {
    let world = World::new();
    for (lang, example, codes) in [("pt", "Exemplo:", "Códigos de saída:"), ("en", "Example:", "Exit codes:")] {
        let all = world.line(&format!("help --lang {lang}"));
        assert_eq!((all.code, &all.stdout), (0, &world.line(&format!("--help --lang {lang}")).stdout));
        let mut names: Vec<String> =
            all.stdout.lines().filter_map(|line| line.strip_prefix("  ")).map(str::to_owned).collect();
        names.retain(|line| line.starts_with(|first: char| first.is_ascii_lowercase()));
        let mut names: Vec<&str> = names.iter().filter_map(|line| line.split_whitespace().next()).collect();
        assert!(names.len() > 15, "{names:?}");
        names.extend(["history show", "action excluir-tab-versao", "action editar-relatorio", ""]);
        for name in names {
            let ran = world.line(&format!("help {name} --lang {lang}"));
            assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{name}");
            assert_eq!(ran.stdout, world.line(&format!("{name} --help --lang {lang}")).stdout, "{name}");
            let wide: Vec<&str> = ran.stdout.lines().filter(|line| line.chars().count() > 80).collect();
            assert!(wide.is_empty(), "{name}: {wide:#?}");
            assert!(
                name.is_empty() || ran.stdout.contains(example) && ran.stdout.contains(codes),
                "{name}: {}",
                ran.stdout
            );
        }
    }
    let unknown = world.line("help nada");
    assert_eq!((unknown.code, unknown.stdout.as_str()), (2, ""), "{unknown:?}");
}
