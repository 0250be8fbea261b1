//! Hints that are commands, followed to the letter in a shell: after them the trouble is gone.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use crate::world::{PROGRAM, Ran, World};

/// What an editor is to make of a document: one that is fine.
const MENDED: &str = "{\"geral\": {\"vendedor_padrao\": \"José\"}}\n";

fn world() -> World {
    let world = World::new();
    world.write("bin/sudo", "#!/bin/sh\n[ \"$1\" = -u ] && shift 2\nexec \"$@\"\n");
    world.write("bin/editor", format!("#!/bin/sh\ncat > \"$1\" <<'END'\n{MENDED}END\n"));
    symlink(PROGRAM, world.path("bin/balcao-config")).unwrap();
    for name in ["bin/sudo", "bin/editor"] {
        fs::set_permissions(world.path(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    // A blank and a quote in its path, which a command has to survive.
    fs::create_dir(world.path("a loja d'água")).unwrap();
    let path = world.path("a loja d'água/config.json");
    world.variable("BALCAO_CONFIG", path.to_str().unwrap())
}

fn hints(ran: &Ran) -> Vec<&str> {
    ran.stderr.lines().filter_map(|line| line.strip_prefix("dica: ")).collect()
}

/// Follows the command that a hint ends with.
fn follow(world: &World, hint: &str) -> Ran {
    let command = hint.rsplit_once(": ").expect(hint).1;
    let command = command.replace("DIR", world.folder().to_str().unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-ec", &command]).env_clear().envs(world.environment().iter().cloned()).current_dir(world.folder());
    shell.env("PATH", format!("{}:/usr/bin:/bin", world.path("bin").display()));
    let output = shell.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let ran = Ran { stdout: text(output.stdout), stderr: text(output.stderr), code: output.status.code().unwrap() };
    assert_eq!(ran.code, 0, "{command}: {ran:?}");
    ran
}

fn utf16(text: &str, mark: bool, little: bool) -> Vec<u8> {
    let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
    units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}

fn utf32(text: &str, mark: bool, little: bool) -> Vec<u8> {
    let units = mark.then_some(0xfeff).into_iter().chain(text.chars().map(u32::from));
    units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}

#[test]
fn a_document_that_cannot_be_read_can_be_after_what_the_hint_says() {
    let latin1: Vec<u8> = MENDED.chars().map(|symbol| symbol as u8).collect();
    let windows = [b"{\"geral\": {\"vendedor_padrao\": \"\x93Jos\xe9\x94\"}}".to_vec()].concat();
    let bom = [b"\xef\xbb\xbf", MENDED.as_bytes()].concat();
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (b"".to_vec(), ""),
        (b" \n".to_vec(), ""),
        (vec![0; 512], ""),
        (utf16(MENDED, true, true), "José"),
        (utf16(MENDED, true, false), "José"),
        (utf16(MENDED, false, true), "José"),
        (utf16(MENDED, false, false), "José"),
        (utf32(MENDED, true, true), "José"),
        (utf32(MENDED, true, false), "José"),
        (utf32(MENDED, false, true), "José"),
        (utf32(MENDED, false, false), "José"),
        (latin1, "José"),
        (windows, "“José”"),
        (bom, "José"),
        (b"{\n<<<<<<< a\n=======\n>>>>>>> b\n}".to_vec(), "José"),
        (b"{\"geral\": {},}".to_vec(), "José"),
        (b"{\"geral\": {}, \"geral\": {}}".to_vec(), "José"),
        (b"{\"geral\": [1]}".to_vec(), "José"),
        (b"{\"version\": \"1\"}".to_vec(), "José"),
        (b"[]".to_vec(), "José"),
        (b"{\"x\": 1e999}".to_vec(), "José"),
        (vec![b' '; (16 << 20) + 1], ""),
    ];
    for (bytes, seller) in cases {
        let world = world();
        let path = world.write("a loja d'água/config.json", &bytes);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let refused = world.line("get geral.vendedor_padrao");
        assert_eq!(refused.code, 3, "{refused:?}");
        follow(&world, hints(&refused)[0]);
        let got = world.line("get geral.vendedor_padrao");
        assert_eq!((got.code, got.stdout.trim_end()), (0, seller), "{refused:?} {got:?}");
        if let Ok(metadata) = fs::metadata(&path) {
            assert_eq!(metadata.permissions().mode() & 0o777, 0o640, "{refused:?}");
        }
        let kept =
            || fs::read_dir(path.parent().unwrap()).unwrap().any(|it| fs::read(it.unwrap().path()).unwrap() == bytes);
        let is_edited =
            refused.stderr.contains("editor ") || refused.stderr.contains("rm ") || refused.stderr.contains("sed ");
        assert!(is_edited || kept(), "what was there is kept: {refused:?}");
        assert_eq!(world.line("set geral.casas_decimais_qtde=3").code, 0);
    }
}

#[test]
fn what_stands_in_the_documents_place_can_be_moved_away() {
    let lay: [&dyn Fn(&Path); 3] = [
        &|path| fs::create_dir(path).unwrap(),
        &|path| rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, 0o644.into(), 0).unwrap(),
        &|path| symlink("config.json", path).unwrap(),
    ];
    for lay in lay {
        let world = world();
        lay(&world.path("a loja d'água/config.json"));
        let refused = world.line("get geral.vendedor_padrao");
        assert_eq!(refused.code, 3);
        follow(&world, hints(&refused)[0]);
        assert_eq!(world.line("get geral.vendedor_padrao").code, 0, "{refused:?}");
    }
    // What others use is not moved.
    let refused = world().line("get geral.vendedor_padrao --config /dev/null");
    assert!(refused.code == 3 && !refused.stderr.contains("mv "), "{refused:?}");
}

#[test]
fn a_value_that_is_refused_is_taken_by_the_one_command_that_the_hint_has() {
    let ports = r#"{"integracao": {"porta_banco_dados": 0, "porta_integracao_clientes": 0}}"#;
    let (port, other) = ("integracao.porta_banco_dados", "integracao.porta_integracao_clientes");
    let (sends, licence) = ("integracao.enviar_notificacao_os_whatsapp", "notificacao_whatsapp.licenca_whatsapp_msg");
    let whatsapp = r#"{"integracao": {"enviar_notificacao_os_whatsapp": true}, "notificacao_whatsapp": {"licenca_whatsapp_msg": true}}"#;
    let cases = [
        (ports, format!("set {port}=5433"), port, "5433"),
        (ports, format!("set {other}=8083"), other, "8083"),
        (ports, "set geral.vendedor_padrao=D'Ávila".to_owned(), "geral.vendedor_padrao", "D'Ávila"),
        (ports, format!("get {port}"), port, "5432"),
        (ports, "export".to_owned(), port, "5432"),
        ("{}", format!("set {port}=8082"), port, "8082"),
        ("{}", format!("set {other}=5432"), other, "5432"),
        ("{}", format!("set {sends}=sim"), sends, "true"),
        (whatsapp, format!("set {licence}=nao"), licence, "false"),
        (whatsapp, format!("unset {licence}"), licence, "false"),
        (r#"{"integracao": {"porta_banco_dados": "5432"}}"#, format!("get {port}"), port, "5432"),
        (
            r#"{"geral": {"vendedor_padrao": "Maria Aparecida da Silva"}}"#,
            "unset geral.tabela_versao".into(),
            port,
            "5432",
        ),
        // And what was probably meant.
        ("{}", "set integracao.porta_banco_dado=5433".to_owned(), port, "5433"),
        ("{}", "set porta_banco_dados=5433 Geral.vendedor_padrao=Ana".to_owned(), port, "5433"),
        ("{}", "unset geral.casas_decimais_qtd".to_owned(), port, "5432"),
    ];
    for (text, command, key, value) in cases {
        for named in [false, true] {
            let world = world();
            let path = world.write("a loja d'água/config.json", text);
            let mut arguments: Vec<&str> = command.split_whitespace().collect();
            let world = if named { world.variable("BALCAO_CONFIG", "/nowhere/config.json") } else { world };
            if named {
                arguments.extend(["--config", path.to_str().unwrap()]);
            }
            let refused = world.run(&arguments);
            assert!(matches!(refused.code, 3 | 5), "{command}: {refused:?}");
            let hint = hints(&refused).last().copied().unwrap_or_else(|| panic!("{command}: {refused:?}"));
            follow(&world, hint);
            let run = |line: &[&str]| world.run(&[line, &["--config", path.to_str().unwrap()]].concat());
            assert_eq!(run(&["get", key]).stdout.trim_end(), value, "{command}: {hint}");
            assert_eq!(run(&["validate"]).code, 0, "{command}: {hint}");
        }
    }
    // So are words of the command line.
    for slip in ["valdate", "get geral.vendedor_padrao --jsn", "list --color nevr"] {
        let world = world();
        let refused = world.line(slip);
        assert_eq!(refused.code, 2, "{refused:?}");
        let hint = hints(&refused).into_iter().find(|hint| hint.starts_with("Você quis dizer: "));
        follow(&world, hint.unwrap_or_else(|| panic!("{refused:?}")));
    }
    // A test that goes on without them tells it as a warning.
    let invalid = World::with_config(ports);
    assert!(invalid.line("check --timeout 1").stderr.contains(&format!("balcao-config set {port}=5432 {other}=8082")));
    // A value that is wrong by itself has no such command.
    let world = world();
    for wrong in ["integracao.porta_banco_dados=0", "integracao.ip_servidor_retaguarda=192.168.0"] {
        assert!(hints(&world.run(&["set", wrong])).is_empty(), "{wrong}");
    }
}

#[test]
fn a_value_that_was_typed_is_told_as_it_was_typed() {
    let world = world();
    for (pair, sentence) in [
        (
            "integracao.porta_banco_dados=true",
            "integracao.porta_banco_dados é true; deve ser um número inteiro de 1 a 65535",
        ),
        (
            "integracao.porta_banco_dados=5432.0",
            "integracao.porta_banco_dados é 5432.0; deve ser um número inteiro de 1 a 65535",
        ),
        ("geral.casas_decimais_qtde=dois", "geral.casas_decimais_qtde é dois; deve ser"),
        (
            "integracao.verificar_crediario_vencido_dav=talvez",
            "integracao.verificar_crediario_vencido_dav é talvez; deve ser",
        ),
    ] {
        let refused = world.run(&["set", pair]);
        assert!(refused.code == 5 && refused.stderr.contains(sentence), "{pair}: {refused:?}");
    }
    let file = world.write("wanted.json", r#"{"integracao": {"porta_banco_dados": "5433"}}"#);
    let refused = world.run(&["apply", file.to_str().unwrap()]);
    assert!(refused.stderr.contains("é \"5433\" (texto, por estar entre aspas)"), "{refused:?}");
}

#[test]
fn a_file_with_other_names_is_parted_from_them() {
    let world = world();
    let path = world.write("a loja d'água/config.json", MENDED);
    fs::hard_link(&path, world.path("other")).unwrap();
    let refused = world.line("set geral.vendedor_padrao=Rui");
    assert_eq!(refused.code, 4);
    follow(&world, hints(&refused)[0]);
    assert_eq!(world.line("set geral.vendedor_padrao=Rui").code, 0);
    assert_eq!(world.read("other"), MENDED);
}

/// What only root can set up.
mod root {
    use super::*;

    #[test]
    fn whoever_may_not_change_the_file_gets_the_commands_with_sudo() {
        let world = world();
        let program = world.path("program");
        assert!(Command::new("cp").arg(PROGRAM).arg(&program).status().unwrap().success());
        for folder in [world.folder().to_path_buf(), world.path("a loja d'água")] {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let latin1: Vec<u8> = MENDED.chars().map(|symbol| symbol as u8).collect();
        for (bytes, seller) in [(latin1, "José"), (b"{,}".to_vec(), "José"), (vec![0; 64], ""), (b"".to_vec(), "")] {
            world.write("a loja d'água/config.json", bytes);
            let mut nobody = Command::new("setpriv");
            nobody.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&program);
            nobody.args(["get", "geral.vendedor_padrao"]).env_clear().envs(world.environment().iter().cloned());
            let output = nobody.output().unwrap();
            let stderr = String::from_utf8(output.stderr).unwrap();
            let hint = stderr.lines().find_map(|line| line.strip_prefix("dica: ")).unwrap();
            assert!(hint.contains(": sudo "), "{hint}");
            follow(&world, hint);
            assert_eq!(world.line("get geral.vendedor_padrao").stdout.trim_end(), seller);
        }
    }
}
