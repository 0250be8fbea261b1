//! Keys that the catalog does not know: told wherever they matter, with what was meant, compared, kept and brought back.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::world::{PROGRAM, Ran, World};

const PORT: &str = "integracao.porta_banco_dados";

/// Runs in a shell, with the program as `p`.
fn shell(world: &World, script: &str) -> Ran {
    let mut shell = Command::new("bash");
    shell.args(["-c", &format!("p() {{ {PROGRAM} \"$@\"; }}; {script}")]).current_dir(world.folder());
    shell.env_clear().envs(world.environment().iter().cloned()).env("PATH", "/usr/bin:/bin").stdin(Stdio::null());
    let output = shell.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { stdout: text(output.stdout), stderr: text(output.stderr), code: output.status.code().unwrap() }
}

#[test]
fn what_was_meant_by_an_unknown_key_is_told() {
    let late = "{\n  \"geral\": {\n    \"vendedor_padrao\": \"Ana\",\n    \"casas_decimais_qtde\": 3,\n\n    \"integracao\": {\n      \
                \"porta_banco_dados\": 5433\n    }\n  }\n}\n";
    let cases = [
        (late, "“integracao” está dentro de “geral”: falta um } antes da linha 6"),
        (
            r#"{"integracao": {"porta_banco_dado": 5433}}"#,
            "“integracao.porta_banco_dado”, mantida como está; seria integracao.porta_banco_dados?",
        ),
        (r#"{"integracao": {"Porta_Banco_Dados": 5433}}"#, "seria integracao.porta_banco_dados?"),
        (r#"{"geral": {"porta_banco_dados": 5433}}"#, "“porta_banco_dados” fica dentro do objeto “integracao”"),
        (r#"{"porta_banco_dados": 5433}"#, "“porta_banco_dados” fica dentro do objeto “integracao”"),
        (r#"{"integracao.porta_banco_dados": 5433}"#, "“porta_banco_dados” fica dentro do objeto “integracao”"),
        (
            r#"{"Integracao": {"porta_banco_dados": 5433}}"#,
            "grupo desconhecido “Integracao”, mantido como está; seria “integracao”?",
        ),
        (r#"{"integraçao": {"porta_banco_dados": 5433}}"#, "seria “integracao”?"),
        (r#"{"integrcao": {"porta_banco_dados": 5433}}"#, "seria “integracao”?"),
        (r#"{"loja": {"porta": 1}}"#, "chave desconhecida “loja”, mantida como está\n"),
        (r#"{"": 1}"#, "chave desconhecida “”, mantida como está\n"),
    ];
    for (text, sentence) in cases {
        let world = World::with_config(text);
        for command in ["list", "validate", "check --timeout 1", "set geral.casas_decimais_valor=3 --dry-run"] {
            let ran = world.line(command);
            assert!((ran.stdout.clone() + &ran.stderr).contains(sentence), "{text} {command}: {ran:?}");
        }
        assert!(world.line("list --json").stderr.contains(sentence), "an array has no room for it");
        // Whoever asks for the very parameter gets its default, and is told why.
        let meant = sentence.contains("integracao");
        for command in ["get", "explain"] {
            let asked = world.line(&format!("{command} integracao.porta_banco_dados"));
            assert_eq!((asked.code, asked.stderr.contains(sentence)), (0, meant), "{command}: {asked:?}");
            assert_eq!(world.line(&format!("{command} geral.vendedor_padrao")).stderr, "", "{command}: {text}");
        }
        let set = world.line("set geral.casas_decimais_valor=3 --json").json();
        assert!(set["warnings"].to_string().contains(sentence.trim_end()), "{set}");
    }
}

#[test]
fn many_unknown_keys_do_not_hide_what_was_asked_for() {
    let keys: Vec<String> = (0..5000).map(|number| format!("\"chave_{number}\": 1")).collect();
    let world = World::with_config(&format!("{{{}}}", keys.join(",\n")));
    let ran = world.line("list");
    assert_eq!(ran.stderr.lines().count(), 4);
    assert!(
        ran.stderr.contains("aviso: linha 1: ") && ran.stderr.contains("e mais 4997 chaves desconhecidas"),
        "{ran:?}"
    );
}

#[test]
fn documents_that_differ_in_unknown_keys_differ() {
    let world = World::with_config(r#"{"geral": {"outra": 1, "cor": "azul"}, "loja": [1]}"#);
    world.write("other.json", r#"{"geral": {"outra": 2, "vendedor_padrao": ""}, "loja": [1], "a.b": null}"#);
    let ran = world.line("diff other.json");
    let told = "geral.outra (chave desconhecida): 2 → 1\ngeral.cor (chave desconhecida): - → \"azul\"\n\
                a.b (chave desconhecida): null → -\n";
    assert_eq!((ran.code, ran.stdout.as_str()), (1, told), "{ran:?}");
    let unknown = json!([
        { "key": "geral.outra", "from": 2, "to": 1 },
        { "key": "geral.cor", "from": null, "to": "azul" },
        { "key": "a.b", "from": null, "to": null },
    ]);
    let ran = world.line("diff other.json --json");
    assert_eq!(
        (&ran.json()["changed"], &ran.json()["changes"], &ran.json()["unknown"]),
        (&json!(true), &json!([]), &unknown)
    );
    assert_eq!((world.line("diff").code, world.line("diff config.json config.json").code), (1, 0));
}

#[test]
fn a_rollback_brings_the_document_back_as_it_was() {
    let old = "{\r\n\t\"integracao\": { \"porta_banco_dados\":   5433 },\n  \"outro\": {\"x\": 1.50}, \"a.b\": 1\n}";
    let world = World::with_config(old);
    assert_eq!(world.line(&format!("set {PORT}=5434")).code, 0);
    let edited = r#"{"integracao": {"porta_banco_dados": 5434}, "novo": true}"#;
    world.write("config.json", edited);
    let told = "integracao.porta_banco_dados: 5434 → 5433\noutro (chave desconhecida): - → {\"x\":1.5}\n\
                a.b (chave desconhecida): - → 1\nnovo (chave desconhecida): true → -\n";
    let told = told.replace("outro (", "outro.x (").replace("{\"x\":1.5}", "1.5");
    for dry in ["--dry-run", ""] {
        let ran = world.line(&format!("rollback 1 {dry}"));
        assert_eq!((ran.code, ran.stdout.as_str()), (0, told.as_str()), "{ran:?}");
    }
    assert_eq!(world.config(), old);
    // What was there before can be had back, too.
    let listed = world.line("history --json").json();
    let kinds: Vec<&Value> = listed.as_array().unwrap().iter().map(|version| &version["kind"]).collect();
    assert_eq!(kinds, ["edited_outside", "saved", "edited_outside", "restored"]);
    let back = world.line("rollback --json").json();
    assert_eq!((&back["changed"], back["unknown"].as_array().unwrap().len()), (&json!(true), 3), "{back}");
    assert_eq!(world.config(), edited);
    // Where only unknown keys differ, that is a difference.
    world.write("config.json", edited.replace("true", "false"));
    let ran = world.line("rollback");
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "novo (chave desconhecida): false → true\n"), "{ran:?}");
    assert_eq!(
        (world.config().as_str(), world.line("rollback 5 --json").json()["changed"].clone()),
        (edited, json!(false))
    );
}

#[test]
fn an_exact_apply_makes_the_document_what_the_file_says_and_keeps_unknown_keys() {
    let source = World::with_config(r#"{"integracao": {"porta_banco_dados": 5440}, "sua": 1}"#);
    let exported = source.line("export").stdout;
    let text = r#"{"integracao": {"porta_banco_dados": 5440, "porta_integracao_clientes": 8082}, "geral": {"vendedor_padrao": "Ana", "casas_decimais_qtde": 3}, "minha": 1.50}"#;
    let world = World::with_config(text);
    world.write("wanted.json", &exported);

    let applied = world.line("apply wanted.json");
    assert_eq!((applied.code, world.config().as_str()), (0, text));
    let told = "aviso: Fora do padrão, e não está no arquivo: geral.vendedor_padrao, geral.casas_decimais_qtde; ficou como \
                estava (com --exact voltaria ao padrão)";
    assert!(applied.stderr.contains(told) && applied.stderr.contains("Nada a alterar"), "{applied:?}");
    assert!(world.line("apply wanted.json --json").json()["warnings"].to_string().contains("--exact"));

    let dry = world.line("apply wanted.json --exact --dry-run --json").json();
    let changes = json!([
        { "key": "geral.vendedor_padrao", "from": "Ana", "to": "" },
        { "key": "geral.casas_decimais_qtde", "from": 3, "to": 2 },
    ]);
    assert_eq!((&dry["changed"], &dry["dry_run"], &dry["changes"]), (&json!(true), &json!(true), &changes));
    assert_eq!(world.config(), text);
    assert_eq!(world.line("apply wanted.json --exact").code, 0);
    assert_eq!(world.line("export").stdout, exported);
    assert!(world.config().contains("\"minha\": 1.50") && world.config().contains("8082"), "{}", world.config());
    let before = world.config();
    let again = world.line("apply wanted.json --exact --json").json();
    assert_eq!((&again["changed"], world.config()), (&json!(false), before));

    // What is not valid goes with it.
    let world = World::with_config(r#"{"integracao": {"porta_banco_dados": 0}}"#);
    world.write("wanted.json", "{}");
    assert_eq!((world.line("apply wanted.json").code, world.line("apply wanted.json --exact").code), (3, 0));
    assert_eq!(world.line("validate").code, 0);
}

#[test]
fn a_file_that_is_named_may_be_a_pipe() {
    let world = World::with_config(r#"{"integracao": {"porta_banco_dados": 5433}}"#);
    world.write("wanted.json", r#"{"integracao": {"porta_banco_dados": 5440}}"#);
    rustix::fs::mknodat(rustix::fs::CWD, world.path("fifo"), rustix::fs::FileType::Fifo, 0o644.into(), 0).unwrap();
    for (script, code, stdout) in [
        ("p diff <(cat wanted.json)", 1, "integracao.porta_banco_dados: 5440 → 5433\n"),
        ("p diff <(cat wanted.json) <(cat config.json)", 1, "integracao.porta_banco_dados: 5440 → 5433\n"),
        ("p diff - < wanted.json", 1, "integracao.porta_banco_dados: 5440 → 5433\n"),
        ("cat wanted.json | p diff /dev/stdin", 1, "integracao.porta_banco_dados: 5440 → 5433\n"),
        ("p diff /dev/fd/7 7< wanted.json", 1, "integracao.porta_banco_dados: 5440 → 5433\n"),
        ("cat wanted.json > fifo & p diff fifo", 1, "integracao.porta_banco_dados: 5440 → 5433\n"),
        ("p validate <(echo '{}') | grep -c ': válido'", 0, "1\n"),
        ("p validate - <<< '{}'", 0, "-: válido\n"),
        ("p validate - < /dev/null", 3, ""),
        ("p validate <(echo '{')", 3, ""),
        ("p validate /dev/zero", 3, ""),
        ("yes | p apply -", 3, ""),
        ("p validate .", 3, ""),
        ("p validate - <&-", 3, ""),
        ("p apply <(cat wanted.json) --diff", 0, "integracao.porta_banco_dados: 5433 → 5440\n"),
        ("p apply - --diff < wanted.json", 0, ""),
    ] {
        let ran = shell(&world, script);
        assert_eq!((ran.code, ran.stdout.as_str()), (code, stdout), "{script}: {ran:?}");
        // What came through a pipe cannot be mended where it is.
        assert!(!script.contains("<(") || !ran.stderr.contains("editor"), "{script}: {ran:?}");
    }
    assert!(shell(&world, "yes | p apply -").stderr.contains("mais de 16 MiB"));
    assert!(shell(&world, "p validate .").stderr.contains("uma pasta"));
}

#[test]
fn a_pipe_that_never_begins_is_waited_for_until_it_is_interrupted() {
    let world = World::new();
    rustix::fs::mknodat(rustix::fs::CWD, world.path("fifo"), rustix::fs::FileType::Fifo, 0o644.into(), 0).unwrap();
    let mut child = world.command(&["validate", "fifo"]).stdout(Stdio::null()).spawn().unwrap();
    // Opened for writing it is only where somebody waits to read.
    let mut writer = fs::OpenOptions::new().write(true).open(world.path("fifo")).unwrap();
    writer.write_all(b"{").unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    use std::os::unix::process::ExitStatusExt;
    assert_eq!(child.wait().unwrap().signal(), Some(2));
}
