//! Versions, `apply` and `export` over the real binary: what they print, where, with which exit code, and what they leave.

use std::fs;
use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use balcao_config::document::Location;
use balcao_config::document::identity::Identity;
use balcao_config::document::lock::{Lock, side_file};
use balcao_config::document::timestamp::Timestamp;
use serde_json::{Value, json};

use crate::world::{Ran, World};

const SHOP: &str =
    "{\r\n\t\"version\": 1,\n  \"integracao\": { \"porta_banco_dados\":   5433 },\n  \"outro\": {\"x\": 1.50}\n}";

const PORT: &str = "integracao.porta_banco_dados";

/// A world whose document was saved twice over a first text: versions 1 (found), 2 and 3.
fn saved_twice() -> World {
    let world = World::with_config(SHOP);
    for port in [5434, 5435] {
        assert_eq!(world.line(&format!("set {PORT}={port}")).code, 0);
    }
    world
}

fn numbers_and_kinds(world: &World) -> Vec<(u64, String)> {
    let listed = world.line("history --json").json();
    let row = |row: &Value| (row["number"].as_u64().unwrap(), row["kind"].as_str().unwrap_or("damaged").to_owned());
    listed.as_array().unwrap().iter().map(row).collect()
}

fn expected(kinds: &[&str]) -> Vec<(u64, String)> {
    (1..).zip(kinds.iter().map(|kind| (*kind).to_owned())).collect()
}

fn fed(world: &World, arguments: &[&str], text: &str) -> Ran {
    let mut command = world.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { stdout: text(output.stdout), stderr: text(output.stderr), code: output.status.code().unwrap() }
}

#[test]
fn history_lists_who_saved_what_and_a_hand_edit_as_edited_outside() {
    let world = saved_twice();
    let listed = world.line("history");
    assert_eq!((listed.code, listed.stderr.as_str()), (0, ""));
    let lines: Vec<&str> = listed.stdout.lines().collect();
    // Whose time it is, a line a version, and below it what it changed.
    assert_eq!((lines.len(), lines[0].starts_with("Histórico (hora ")), (6, true), "{listed:?}");
    assert!(lines[1].starts_with("1  hoje ") && lines[1].ends_with("  alterada por fora"), "{}", lines[1]);
    assert!(lines[4].starts_with("3  hoje "), "{}", lines[4]);
    assert_eq!(lines[5], "   Porta Banco de Dados Gestores: 5434 → 5435");
    world.write("config.json", world.config().replace("5435", "6000"));
    assert_eq!(world.line("set geral.vendedor_padrao=Ana").code, 0);
    assert_eq!(numbers_and_kinds(&world), expected(&["edited_outside", "saved", "saved", "edited_outside", "saved"]));
    let listed = world.line("history --json").json();
    assert_eq!(listed[3]["changes"], json!([{ "key": PORT, "from": 5435, "to": 6000 }]));
    assert_eq!((&listed[3]["user"], &listed[3]["restored"]), (&json!(""), &Value::Null));
    assert_ne!(listed[4]["user"], json!(""));
    assert!(world.line("history --lang en").stdout.contains("edited outside"));
}

#[test]
fn a_version_keeps_the_note_that_its_save_came_with() {
    let world = World::with_config(SHOP);
    let number = |ran: &Ran| ran.json()["version"].clone();
    let saved = world.run(&["set", &format!("{PORT}=5434"), "--json", "--note", "  chamado\n123\u{1b}[2J "]);
    assert_eq!((saved.code, number(&saved)), (0, json!(2)), "{saved:?}");
    let applied = fed(&world, &["apply", "-", "--json", "--note", "CH-7"], "{\"geral\": {\"casas_decimais_qtde\": 3}}");
    assert_eq!(number(&applied), json!(3), "{applied:?}");
    assert_eq!(number(&world.run(&["unset", PORT, "--json", "--note", "CH-8"])), json!(4));
    assert_eq!(number(&world.run(&["rollback", "2", "--json", "--note", "CH-9"])), json!(5));
    // Nothing was written: there is no version to go back to.
    assert_eq!(number(&world.run(&["rollback", "2", "--json", "--note", "x"])), Value::Null);
    assert_eq!(number(&world.run(&["set", &format!("{PORT}=1"), "--dry-run", "--json"])), Value::Null);
    let listed = world.line("history --json").json();
    let notes: Vec<&Value> = listed.as_array().unwrap().iter().map(|row| &row["note"]).collect();
    assert_eq!(notes, [&Value::Null, &json!("chamado 123 [2J"), &json!("CH-7"), &json!("CH-8"), &json!("CH-9")]);
    assert!(world.line("history").stdout.contains("  nota: chamado 123 [2J\n"));
    let long = world.run(&["set", &format!("{PORT}=1"), "--note", &"é".repeat(201)]);
    assert_eq!(long.code, 2, "{long:?}");
    assert!(long.stderr.contains("201 caracteres; o máximo é 200"), "{long:?}");
    assert_eq!(world.run(&["set", &format!("{PORT}=1"), "--note", &"é".repeat(200)]).code, 0);
}

#[test]
fn a_note_that_somebody_wrote_into_a_version_is_shown_in_one_line_and_safe() {
    let world = saved_twice();
    let file = world.path("config.json.history/000002.json");
    let hostile = format!("a\u{1b}[2J\n{}\u{202e}", "x".repeat(100_000));
    let mut version: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    version["note"] = hostile.into();
    fs::write(&file, version.to_string()).unwrap();
    let listed = world.line("history");
    let line = listed.stdout.lines().find(|line| line.starts_with("2  ")).unwrap();
    assert!(line.contains("nota: a [2J xxx") && line.chars().count() < 300, "{line}");
    assert!(!listed.stdout.contains(['\u{1b}', '\u{202e}']));
}

#[test]
fn without_versions_the_history_says_so() {
    let world = World::new();
    assert_eq!(world.line("history --json").json(), json!([]));
    let listed = world.line("history");
    assert_eq!((listed.code, listed.stdout.as_str()), (0, ""));
    assert!(listed.stderr.contains("Nenhuma versão"), "{listed:?}");
    for command in ["history show 1", "rollback 1", "rollback", "diff --history 1"] {
        let refused = world.line(&format!("{command} --json"));
        assert_eq!((refused.code, &refused.json()["error"]["code"]), (5, &json!("unknown_version")), "{command}");
    }
    assert!(!world.path("config.json").exists());
}

#[test]
fn a_version_is_shown_whole_however_deep_it_is() {
    let deep = format!("{}7{}", "[".repeat(127), "]".repeat(127));
    let world = World::with_config(&format!("{{\"x\": {deep}}}"));
    world.line("set integracao.porta_banco_dados=5434");
    let shown = world.line("history show 1 --json");
    assert_eq!(
        (shown.code, shown.stdout.split_whitespace().collect::<String>().contains(&deep)),
        (0, true),
        "{shown:?}"
    );
}

#[test]
fn a_version_is_shown_to_the_byte_even_where_the_document_is_broken_now() {
    let world = saved_twice();
    world.write("config.json", "{ broken");
    let shown = world.line("history show 1");
    assert_eq!((shown.code, shown.stdout.as_str(), shown.stderr.as_str()), (0, SHOP, ""));
    assert_eq!(world.line("history show 2 --ascii").stdout, SHOP.replace("5433", "5434"));
    let shown = world.line("history show 2 --json").json();
    assert_eq!((&shown["number"], &shown["kind"]), (&json!(2), &json!("saved")));
    assert_eq!(shown["document"]["integracao"]["porta_banco_dados"], 5434);
    let refused = world.line("history show 9");
    assert_eq!((refused.code, refused.stdout.as_str()), (5, ""));
    assert!(refused.stderr.contains("versões 1 a 3"), "{refused:?}");
    for usage in ["history show", "history show x", "history what", "rollback x", "diff --history", "apply"] {
        assert_eq!(world.line(usage).code, 2, "{usage}");
    }
    let told = |line: &str| world.line(line).stderr;
    assert!(told("rollback x").contains("é “x”; deve ser um número inteiro"), "{}", told("rollback x"));
    let both = told("diff --history 1 config.json --lang en");
    assert!(both.contains("cannot be used together") && both.contains("--history"), "{both}");
}

#[test]
fn what_a_terminal_might_obey_in_a_version_is_spelled_as_json_does() {
    let hostile = "{\"version\":1,\r\"outro\": {\"x\": \"a\u{9b}2J\u{202e}é\"}}\r\n";
    let world = World::with_config(hostile);
    assert_eq!(world.line(&format!("set {PORT}=5434")).code, 0);
    let shown = world.line("history show 1").stdout;
    assert_eq!(shown, hostile.replace(",\r", ",\n").replace('\u{9b}', "\\u009b").replace('\u{202e}', "\\u202e"));
}

#[test]
fn a_damaged_version_is_told_and_never_restored() {
    let world = saved_twice();
    fs::write(world.path("config.json.history/000002.json"), "{}").unwrap();
    let listed = world.line("history");
    assert_eq!((listed.code, listed.stdout.lines().count()), (0, 4));
    assert!(listed.stderr.contains("aviso: A versão 2 está danificada"), "{listed:?}");
    let row = &world.line("history --json").json()[1];
    assert_eq!((&row["number"], &row["damaged"]), (&json!(2), &json!(true)));
    assert!(row["reason"].as_str().unwrap().contains("000002.json"));
    let before = world.config();
    for command in ["rollback", "rollback 2", "history show 2", "diff --history 2"] {
        assert_eq!(world.line(command).code, 3, "{command}");
    }
    assert_eq!(world.config(), before);
}

#[test]
fn rollback_restores_an_earlier_version_as_a_new_one() {
    let world = saved_twice();
    let before = world.config();
    let dry = world.line("rollback 1 --dry-run");
    assert_eq!((dry.code, dry.stdout.trim_end()), (0, "integracao.porta_banco_dados: 5435 → 5433"));
    assert_eq!((world.config(), numbers_and_kinds(&world).len()), (before, 3));

    let back = world.line("rollback --json");
    assert_eq!((back.code, back.stderr.as_str()), (0, ""));
    assert_eq!(back.json()["changes"], json!([{ "key": PORT, "from": 5435, "to": 5434 }]));
    assert_eq!(world.line("rollback 1").code, 0);
    assert_eq!(world.config(), SHOP, "byte for byte");
    assert_eq!(numbers_and_kinds(&world), expected(&["edited_outside", "saved", "saved", "restored", "restored"]));
    assert_eq!(world.line("history --json").json()[4]["restored"], 1);

    let again = world.line("rollback 1 --json");
    assert_eq!((again.code, &again.json()["changed"]), (0, &json!(false)));
    assert_eq!(numbers_and_kinds(&world).len(), 5);
}

#[test]
fn rollback_undoes_a_hand_edit_first() {
    let world = saved_twice();
    let saved = world.config();
    world.write("config.json", saved.replace("5435", "6000"));
    assert_eq!(world.line("rollback").code, 0);
    assert_eq!(world.config(), saved);
    assert_eq!(numbers_and_kinds(&world)[3..], [(4, "edited_outside".to_owned()), (5, "restored".to_owned())]);
}

#[test]
fn a_version_with_invalid_values_is_not_restored() {
    let world = World::with_config(&SHOP.replace("5433", "70000"));
    assert_eq!(world.line(&format!("set {PORT}=5434")).code, 0);
    let before = world.config();
    let refused = world.line("rollback --json");
    assert_eq!((refused.code, &refused.json()["error"]["code"]), (5, &json!("out_of_range")));
    assert_eq!(world.config(), before);
}

#[test]
fn diff_tells_what_changed_since_a_version() {
    let world = saved_twice();
    let changed = world.line("diff --history 1 --json");
    let expected = json!({ "changed": true, "changes": [{ "key": PORT, "from": 5433, "to": 5435 }], "unknown": [], "warnings": [] });
    assert_eq!((changed.code, changed.json()), (1, expected));
    assert_eq!((world.line("diff --history 3").code, world.line("diff --history 4").code), (0, 5));
    assert_eq!(world.line("diff --history 1 config.json").code, 2);
}

#[test]
fn apply_merges_a_files_keys_once() {
    let world = World::with_config(SHOP);
    let file = r#"{"$schema": "x", "version": 1, "integracao": {"porta_banco_dados": 5440}, "geral": {"vendedor_padrao": "Ana"}}"#;
    world.write("wanted.json", file);
    let dry = world.line("apply wanted.json --dry-run --json");
    assert_eq!((dry.code, &dry.json()["changed"], &dry.json()["dry_run"]), (0, &json!(true), &json!(true)));
    assert_eq!(world.config(), SHOP);
    assert_eq!(world.line("apply wanted.json --dry-run").stdout.lines().count(), 2);

    let first = world.line("apply wanted.json --diff");
    assert_eq!((first.code, first.stdout.lines().count()), (0, 2), "{first:?}");
    assert!(first.stdout.contains("integracao.porta_banco_dados: 5433 → 5440") && first.stderr.contains("Gravado em"));
    assert!(world.config().contains("\"outro\": {\"x\": 1.50}"), "what the file does not set stays");

    let (before, stat) = (world.config(), fs::metadata(world.path("config.json")).unwrap().modified().unwrap());
    let second = world.line("apply wanted.json --json").json();
    assert_eq!((&second["changed"], &second["changes"]), (&json!(false), &json!([])));
    assert_eq!(world.config(), before);
    assert_eq!(fs::metadata(world.path("config.json")).unwrap().modified().unwrap(), stat);
    assert_eq!(numbers_and_kinds(&world), expected(&["edited_outside", "saved"]));
}

#[test]
fn apply_reads_stdin() {
    let world = World::new();
    let wanted = r#"{"integracao": {"porta_banco_dados": 5440}}"#;
    let applied = fed(&world, &["apply", "-"], wanted);
    assert_eq!((applied.code, applied.stdout.as_str()), (0, ""), "{applied:?}");
    assert_eq!(world.line(&format!("get {PORT}")).stdout, "5440\n");
    assert_eq!(fed(&world, &["apply", "-"], "{").code, 3);
    assert_eq!(fed(&world, &["apply", "-"], "").code, 3);
}

#[test]
fn apply_refuses_all_or_nothing() {
    let cases = [
        (r#"{"geral": {"vendedor_padrao": "Ana", "vendedor": 1}, "nada": {"a": 1}}"#, 5, "unknown_key"),
        (r#"{"geral.vendedor_padrao": "Ana"}"#, 5, "unknown_key"),
        (r#"{"geral": {"vendedor_padrao": "Ana"}, "integracao": {"porta_banco_dados": 0}}"#, 5, "out_of_range"),
        (r#"{"integracao": {"porta_banco_dados": null}}"#, 5, "wrong_type"),
        (r#"{"version": 2}"#, 3, "wrong_version"),
        (r#"{"geral": 1}"#, 3, "not_an_object"),
        ("{", 3, "not_json"),
    ];
    for (file, code, word) in cases {
        let world = World::with_config(SHOP);
        world.write("wanted.json", file);
        let refused = world.line("apply wanted.json --json");
        assert_eq!((refused.code, &refused.json()["error"]["code"]), (code, &json!(word)), "{file}");
        assert_eq!(world.config(), SHOP);
        assert!(!world.path("config.json.history").exists());
    }
    let world = World::with_config(SHOP);
    assert_eq!(world.line("apply not-there.json").code, 3);
    world.write("wanted.json", cases[0].0);
    let told = world.line("apply wanted.json").stderr;
    assert!(told.contains("geral.vendedor_padrao") && told.contains("“nada”"), "{told}");
}

#[test]
fn what_is_exported_applies_elsewhere_and_then_changes_nothing() {
    let world = World::with_config(SHOP);
    assert_eq!(world.line("set geral.vendedor_padrao=\u{202e}José").code, 0);
    let drift = world.line("export");
    let left_out = "aviso: Não estão no catálogo e ficam de fora: outro\n";
    assert_eq!((drift.code, drift.stderr.as_str()), (0, left_out));
    assert_eq!(
        drift.json(),
        json!({ "version": 1, "integracao": { "porta_banco_dados": 5433 }, "geral": { "vendedor_padrao": "\u{202e}José" } })
    );
    assert_eq!(drift.json(), world.line("export --json").json());
    let parameters = world.line("list --json").json().as_array().unwrap().len();
    let all = world.line("export --all");
    let groups = all.json();
    let told: usize = groups.as_object().unwrap().values().filter_map(|group| Some(group.as_object()?.len())).sum();
    assert_eq!(told, parameters);

    let other = World::new();
    for text in [&drift.stdout, &all.stdout] {
        assert_eq!(fed(&other, &["apply", "-"], text).code, 0);
        assert_eq!(other.line("export").stdout, drift.stdout);
    }
    let invalid = World::with_config(&SHOP.replace("5433", "0"));
    assert_eq!((invalid.line("export").code, invalid.line("export").stdout.as_str()), (3, ""));
}

/// Runs a command whose save waits for our lock, changes the document below it, and lets it go on.
fn overtaken(world: &World, arguments: &[&str], port: u32) -> Ran {
    let document = world.path("config.json").canonicalize().unwrap();
    let lock =
        Lock::take(&Location::find(&document), &Identity::default(), Timestamp::default(), Duration::ZERO).unwrap();
    let mut command = world.command(arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The document was read before the lock is asked for, and it is asked for once its file is open.
    let (open, side) = (format!("/proc/{}/fd", child.id()), side_file(&document));
    let waits = || {
        let mut links = fs::read_dir(&open).unwrap().filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
        links.any(|link| link == side)
    };
    while !waits() {
        std::thread::yield_now();
    }
    fs::write(&document, world.config().replace("5433", &port.to_string())).unwrap();
    drop(lock);
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { stdout: text(output.stdout), stderr: text(output.stderr), code: output.status.code().unwrap() }
}

#[test]
fn a_save_tells_what_was_merged_and_refuses_a_conflict_with_both_values() {
    let world = World::with_config(SHOP);
    let merged = overtaken(&world, &["set", "geral.vendedor_padrao=Ana"], 6000);
    assert_eq!(merged.code, 0, "{merged:?}");
    assert!(merged.stderr.contains("Durante a edição, ") && merged.stderr.contains(PORT), "{merged:?}");
    assert!(world.config().contains("6000") && world.config().contains("Ana"));

    for arguments in [["set", "integracao.porta_banco_dados=5440"], ["apply", "wanted.json"]] {
        let world = World::with_config(SHOP);
        world.write("wanted.json", r#"{"integracao": {"porta_banco_dados": 5440}}"#);
        let refused = overtaken(&world, &arguments, 6000);
        assert_eq!((refused.code, refused.stdout.as_str()), (4, ""));
        assert!(refused.stderr.contains("5440") && refused.stderr.contains("6000"), "{refused:?}");
        assert_eq!(world.config(), SHOP.replace("5433", "6000"));
    }
}
