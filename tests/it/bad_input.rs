//! Files that nobody should have to work with, through the real program: what cannot be read is refused with its place and
//! left alone, what is invalid can be mended and nothing else, and what is only odd is kept byte for byte.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::busy::timed;
use crate::world::World;

const PORT: &str = "integracao.porta_banco_dados";

/// What would write, or give a value that nobody knows.
const REFUSED: [&str; 8] = [
    "set geral.vendedor_padrao=Rui",
    "unset geral.vendedor_padrao",
    "apply good.json",
    "rollback",
    "get geral.vendedor_padrao",
    "list",
    "validate",
    "export",
];

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The document alone in a folder of its own, in which nothing may appear.
fn world() -> World {
    let world = World::new();
    let path = world.path("etc/config.json");
    fs::create_dir(path.parent().unwrap()).unwrap();
    world.write("good.json", "{}");
    world.variable("BALCAO_CONFIG", path.to_str().unwrap())
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn no_command_uses_or_writes_a_document_that_cannot_be_read() {
    for file in files("tests/it/data/invalid") {
        let world = world();
        let bytes = fs::read(&file).unwrap();
        let path = world.write("etc/config.json", &bytes);
        let (inode, modified) = (fs::metadata(&path).unwrap().ino(), fs::metadata(&path).unwrap().mtime_nsec());
        for command in REFUSED {
            let ran = world.line(command);
            assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{}: {command}: {ran:?}", file.display());
            assert!(ran.stderr.contains("config.json"), "{ran:?}");
        }
        let told = world.line(&format!("{} --json", REFUSED[0]));
        assert!(told.code == 3 && told.json()["error"]["code"].is_string(), "{told:?}");
        assert_eq!(fs::read(&path).unwrap(), bytes);
        let now = fs::metadata(&path).unwrap();
        assert_eq!((now.ino(), now.mtime_nsec()), (inode, modified));
        assert_eq!(names(&world.path("etc")), ["config.json"], "{}", file.display());
    }
}

#[test]
fn a_file_full_of_nul_bytes_is_put_down_to_a_power_cut() {
    let world = world();
    world.write("etc/config.json", [0; 4096]);
    assert!(world.line("validate").stderr.contains("provavelmente por queda de energia"));
}

#[test]
fn ten_thousand_levels_and_a_hundred_megabytes_are_refused() {
    let world = world();
    let path = world.write("etc/config.json", "[".repeat(10_000));
    let code = |world: &World| world.line("set geral.vendedor_padrao=Rui --json").json()["error"]["code"].clone();
    assert_eq!(code(&world), "too_deep");
    fs::write(&path, "{\"a\":".repeat(10_000)).unwrap();
    assert_eq!(code(&world), "too_deep");
    fs::File::create(&path).unwrap().set_len(100_000_000).unwrap();
    assert_eq!(code(&world), "too_large");
    assert_eq!(fs::metadata(&path).unwrap().len(), 100_000_000);
}

const A_FIFTH: Duration = Duration::from_millis(200);

#[test]
fn what_is_no_file_is_refused_within_a_fifth_of_a_second_and_stays() {
    let world = world();
    let at = |name: &str| world.path(&format!("etc/{name}"));
    fs::create_dir(at("folder")).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, at("fifo"), rustix::fs::FileType::Fifo, 0o644.into(), 0).unwrap();
    let _listener = UnixListener::bind(at("socket")).unwrap();
    symlink("circle", at("loop")).unwrap();
    symlink("loop", at("circle")).unwrap();
    symlink("/dev/zero", at("zero")).unwrap();
    let before = names(&world.path("etc"));
    for (name, word) in [
        ("folder", "not_a_regular_file"),
        ("fifo", "not_a_regular_file"),
        ("socket", "not_a_regular_file"),
        ("zero", "not_a_regular_file"),
        ("loop", "symlink_loop"),
    ] {
        let path = at(name);
        let kind = fs::symlink_metadata(&path).unwrap().file_type();
        let (_, took) = timed(A_FIFTH, || {
            let ran = world.run(&["--config", path.to_str().unwrap(), "set", "geral.vendedor_padrao=Rui", "--json"]);
            assert_eq!((ran.code, &ran.json()["error"]["code"]), (3, &json!(word)), "{name}");
        });
        assert!(took <= A_FIFTH, "{name}: {took:?}");
        assert_eq!(fs::symlink_metadata(&path).unwrap().file_type(), kind);
    }
    assert_eq!(names(&world.path("etc")), before);
}

#[test]
fn a_broken_document_offers_the_newest_whole_version_and_the_command_brings_it_back() {
    let world = world();
    let path = world.path("etc/config.json");
    for seller in ["Ana", "Rui", "Eva"] {
        assert_eq!(world.line(&format!("set geral.vendedor_padrao={seller}")).code, 0);
    }
    let whole = world.read("etc/config.json");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    // The newest is damaged: the one before it is offered.
    fs::write(world.path("etc/config.json.history/000003.json"), "{").unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let refused = world.command(&["get", "geral.vendedor_padrao"]).output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    let hint = said.lines().find(|line| line.contains("versão 2 do histórico")).expect(&said);
    let command = hint.rsplit_once(": ").unwrap().1;
    let mut shell = Command::new("sh");
    let folder = Path::new(crate::world::PROGRAM).parent().unwrap().to_str().unwrap().to_owned();
    shell.args(["-ec", command]).env_clear().envs(world.environment().iter().cloned());
    shell.env("PATH", folder + ":" + &std::env::var("PATH").unwrap());
    assert!(shell.status().unwrap().success(), "{command}");
    assert_eq!(world.read("etc/config.json"), whole.replace("Eva", "Rui"));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    let kept = kept(&world);
    assert_eq!(kept.len(), 1);
    assert_eq!(fs::read_to_string(&kept[0]).unwrap(), whole[..whole.len() / 2], "the broken one is kept");
    assert_eq!(fs::metadata(&kept[0]).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(world.line("get geral.vendedor_padrao").stdout, "Rui\n");
    let newest = world.line("history --json").json().as_array().unwrap().last().unwrap().clone();
    assert_eq!((&newest["kind"], &newest["restored"]), (&"restored".into(), &2.into()), "{newest}");
}

/// The broken files that were kept.
fn kept(world: &World) -> Vec<std::path::PathBuf> {
    let names = names(&world.path("etc")).into_iter().filter(|name| name.starts_with("config.json.quebrado-"));
    names.map(|name| world.path("etc").join(name)).collect()
}

#[test]
fn what_is_broken_in_any_way_gives_way_to_a_version_and_is_kept_to_the_byte() {
    for file in files("tests/it/data/invalid") {
        let world = world();
        assert_eq!(world.line("set geral.vendedor_padrao=Ana").code, 0);
        let whole = world.read("etc/config.json");
        let bytes = fs::read(&file).unwrap();
        fs::write(world.path("etc/config.json"), &bytes).unwrap();
        let code = world.line("get geral.vendedor_padrao --json").json()["error"]["code"].clone();
        let is_newer = world.line("get geral.vendedor_padrao").stderr.contains("programa mais novo");
        let rehearsed = world.line("rollback --dry-run --json");
        assert_eq!(fs::read(world.path("etc/config.json")).unwrap(), bytes);
        let ran = world.line("rollback --json --note chamado");
        assert_eq!(rehearsed.code, ran.code, "{}: {rehearsed:?} {ran:?}", file.display());
        // A newer program's document is not broken, and a file without end is none.
        if is_newer || code == "too_large" {
            assert_eq!((ran.code, fs::read(world.path("etc/config.json")).unwrap()), (3, bytes), "{}", file.display());
            assert_eq!(kept(&world), [""; 0].map(std::path::PathBuf::from));
            continue;
        }
        assert_eq!(ran.code, 0, "{}: {ran:?}", file.display());
        assert_eq!(world.read("etc/config.json"), whole, "{}", file.display());
        let [kept] = &kept(&world)[..] else { panic!("{}", file.display()) };
        assert_eq!(fs::read(kept).unwrap(), bytes);
        let name = kept.file_name().unwrap().to_str().unwrap();
        assert!(ran.json()["kept"].as_str().unwrap().ends_with(name), "{ran:?}");
        assert_eq!((ran.json()["restored"].as_u64(), ran.json()["version"].as_u64()), (Some(1), Some(2)));
        assert_eq!(world.line("history --json").json()[1]["note"], "chamado");
    }
}

#[test]
fn a_broken_document_goes_back_to_the_version_that_was_named_and_to_no_invalid_one() {
    let world = world();
    for seller in ["Ana", "Rui"] {
        assert_eq!(world.line(&format!("set geral.vendedor_padrao={seller}")).code, 0);
    }
    // By hand, and recorded with what was saved next.
    let invalid = "{\"integracao\": {\"porta_banco_dados\": 0}}\n";
    world.write("etc/config.json", invalid);
    assert_eq!(world.line("set integracao.porta_banco_dados=5433").code, 0);
    let broken = "{\"integracao\": {";
    world.write("etc/config.json", broken);
    let unknown = world.line("rollback 9");
    assert!(unknown.code == 5 && unknown.stderr.contains("versão 9"), "{unknown:?}");
    let refused = world.line("rollback 3");
    assert_eq!((refused.code, world.read("etc/config.json").as_str()), (5, broken), "{refused:?}");
    assert_eq!(kept(&world).len(), 0);
    fs::remove_file(world.path("etc/config.json.history/000004.json")).unwrap();
    let offered = world.line("get geral.vendedor_padrao");
    assert!(offered.stderr.contains("versão 2 do histórico"), "{offered:?}");
    let ran = world.line("rollback 1");
    assert!(ran.code == 0 && ran.stderr.contains("config.json.quebrado-"), "{ran:?}");
    assert_eq!(world.line("get geral.vendedor_padrao").stdout, "Ana\n");
    // Once more within the same second: each has a name of its own.
    world.write("etc/config.json", broken);
    assert_eq!(world.line("rollback").code, 0);
    assert_eq!(kept(&world).len(), 2);
}

#[test]
fn through_a_link_the_broken_file_is_kept_beside_what_the_link_leads_to() {
    let world = world();
    assert_eq!(world.line("set geral.vendedor_padrao=Ana").code, 0);
    let whole = world.read("etc/config.json");
    world.write("etc/config.json", "{");
    fs::create_dir(world.path("links")).unwrap();
    let link = world.path("links/config.json");
    std::os::unix::fs::symlink("../etc/config.json", &link).unwrap();
    let ran = world.line(&format!("rollback --config {}", link.display()));
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!((world.read("etc/config.json"), kept(&world).len()), (whole, 1));
    assert_eq!(names(&world.path("links")), ["config.json"]);
}

/// A document with one thing wrong in `integracao`, and one that mends it.
const INVALID: [(&str, &str); 11] = [
    (r#""porta_banco_dados": "5432""#, "integracao.porta_banco_dados=5433"),
    (r#""porta_banco_dados": null"#, "integracao.porta_banco_dados=5433"),
    (r#""porta_banco_dados": 5432.5"#, "integracao.porta_banco_dados=5433"),
    (r#""porta_banco_dados": 5432.0"#, "integracao.porta_banco_dados=5433"),
    (r#""porta_banco_dados": -1"#, "integracao.porta_banco_dados=5433"),
    (r#""porta_banco_dados": 0"#, "integracao.porta_banco_dados=5433"),
    (r#""porta_banco_dados": 65536"#, "integracao.porta_banco_dados=5433"),
    (r#""porta_banco_dados": 1e400000"#, ""),
    (r#""ip_servidor_retaguarda": """#, "integracao.ip_servidor_retaguarda=servidor"),
    (r#""porta_banco_dados": 8082"#, "integracao.porta_integracao_clientes=8083"),
    (r#""enviar_notificacao_os_whatsapp": true"#, "notificacao_whatsapp.licenca_whatsapp_msg=true"),
];

#[test]
fn an_invalid_document_opens_is_told_can_be_mended_and_is_not_saved_before() {
    for (wrong, mending) in INVALID {
        let text = format!("{{\"integracao\": {{ {wrong} }}, \"x\": 1.50}}\n");
        let world = World::with_config(&text);
        if mending.is_empty() {
            assert_eq!(world.line("validate").code, 3, "that is no number at all");
            continue;
        }
        let validated = world.line("validate --json");
        assert_eq!((validated.code, &validated.json()["valid"]), (1, &json!(false)), "{wrong}");
        let findings = validated.json()["findings"].as_array().unwrap().clone();
        let error = findings.iter().find(|finding| finding["level"] == "error").unwrap();
        assert_eq!(world.line(&format!("get {}", error["key"].as_str().unwrap())).code, 3, "{wrong}");
        for other in ["set geral.vendedor_padrao=Rui", "set geral.vendedor_padrao=Rui --dry-run"] {
            let refused = world.line(other);
            assert_eq!((refused.code, refused.stdout.as_str()), (3, ""), "{wrong}: {refused:?}");
        }
        assert_eq!(world.config(), text, "{wrong}");
        assert!(!world.path("config.json.history").exists());
        assert_eq!(world.line(&format!("set {mending}")).code, 0, "{wrong}");
        assert_eq!(world.line("validate").code, 0, "{wrong}");
        assert!(world.config().contains("\"x\": 1.50"));
        assert_eq!(world.line("history --json").json().as_array().unwrap().len(), 2, "what was there before is kept");
    }
}

#[test]
fn what_is_odd_but_readable_keeps_every_byte_but_those_of_the_value() {
    for file in files("tests/it/data/valid").into_iter().filter(|file| !file.ends_with("invalid-values.json")) {
        let name = file.file_name().and_then(OsStr::to_str).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        let world = World::with_config(&text);
        assert_eq!(world.line("validate").code, 0, "{name}: a warning at most");
        let listed = world.line("list --json").json();
        let row = listed.as_array().unwrap().iter().find(|row| row["key"] == PORT).unwrap();
        let had = row["value"].as_u64().filter(|_| row["source"] == "file");
        assert_eq!(world.line(&format!("set {PORT}=6001")).code, 0, "{name}");
        let now = world.config();
        let shared = |pairs: &mut dyn Iterator<Item = (u8, u8)>| pairs.take_while(|(old, new)| old == new).count();
        let start = shared(&mut text.bytes().zip(now.bytes()));
        let room = text.len().min(now.len()) - start;
        let end = shared(&mut text.bytes().rev().zip(now.bytes().rev())).min(room);
        let gone = &text[start..text.len() - end];
        match had {
            Some(port) => assert!(port.to_string().contains(gone), "{name}: {gone:?} is gone"),
            // An empty group's inside, or the line end before the last brace.
            None => assert_eq!(gone.trim(), "", "{name}"),
        }
    }
}

#[test]
fn unknown_keys_are_warnings_and_errors_only_where_asked_for() {
    let text = fs::read_to_string(
        files("tests/it/data/valid").into_iter().find(|file| file.ends_with("unknown-keys.json")).unwrap(),
    );
    let world = World::with_config(&text.unwrap());
    assert_eq!((world.line("validate").code, world.line("validate --strict").code), (0, 1));
}

#[test]
fn a_dangling_links_target_is_made_with_its_folders() {
    let world = world();
    symlink("../loja/7/config.json", world.path("etc/config.json")).unwrap();
    assert_eq!(world.line("set geral.vendedor_padrao=Rui").code, 0);
    assert!(fs::symlink_metadata(world.path("etc/config.json")).unwrap().is_symlink());
    assert!(world.read("loja/7/config.json").contains("Rui"));
    assert!(world.path("loja/7/config.json.history").is_dir(), "beside the file, not beside the link");
    assert_eq!(names(&world.path("etc")), ["config.json"]);
}
