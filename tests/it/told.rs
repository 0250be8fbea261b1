//! What a command says beside its result, and whether that is so: a dry run answers as the real one does, the JSON has what
//! stderr has, and a result that nobody took is told.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::time::Duration;

use balcao_config::document::Location;
use balcao_config::document::identity::Identity;
use balcao_config::document::lock::Lock;
use balcao_config::document::timestamp::Timestamp;
use serde_json::{Value, json};

use crate::faults::{OLD, SET, litter, world};
use crate::world::{Ran, World};

/// Every command that saves, each with something to change; version 2 has another seller than the document.
const SAVING: [&str; 4] =
    ["set geral.vendedor_padrao=Rui", "unset geral.vendedor_padrao", "apply wanted.json", "rollback 2"];

/// A document with a history, and a file for `apply`.
fn saved() -> World {
    let world = world();
    world.write("wanted.json", r#"{"geral": {"vendedor_padrao": "Eva"}}"#);
    for seller in ["Eva", "Ana"] {
        assert_eq!(world.line(&format!("set geral.vendedor_padrao={seller}")).code, 0);
    }
    assert_eq!(world.read("etc/config.json"), OLD);
    world
}

/// A dry run of each, and then the real one, refuse for the same reason with the same words, and change nothing.
fn agree(world: &World, run: &dyn Fn(&str) -> Ran, code: &str) {
    for command in SAVING {
        let dry = run(&format!("{command} --dry-run --json"));
        let real = run(&format!("{command} --json"));
        assert_eq!((dry.code, real.code), (4, 4), "{command}: {dry:?} {real:?}");
        let (dry, real) = (dry.json()["error"].clone(), real.json()["error"].clone());
        assert_eq!(real["code"], code, "{command}: {real}");
        assert_eq!((&dry["code"], &dry["message"]), (&real["code"], &real["message"]), "{command}");
        assert_eq!(dry["retry"], real["retry"]);
        assert_eq!(world.read("etc/config.json"), OLD, "{command}");
    }
    assert_eq!(litter(world), [""; 0]);
}

#[test]
fn a_dry_run_and_the_real_one_agree_on_what_stands_in_the_way() {
    let world = saved();
    let run = |command: &str| world.line(command);
    let document = world.path("etc/config.json");

    fs::hard_link(&document, world.path("other")).unwrap();
    agree(&world, &run, "hard_links");
    fs::remove_file(world.path("other")).unwrap();

    let side = world.path("etc/.config.json.lock");
    fs::remove_file(&side).unwrap();
    fs::create_dir(&side).unwrap();
    agree(&world, &run, "write_failed");
    fs::remove_dir(&side).unwrap();

    let (history, away) = (world.path("etc/config.json.history"), world.path("away"));
    let rolled_back = SAVING.len() - 1;
    fs::rename(&history, &away).unwrap();
    symlink(&away, &history).unwrap();
    for command in &SAVING[..rolled_back] {
        let [dry, real] = ["--dry-run", ""].map(|dry| run(&format!("{command} {dry} --json")));
        assert_eq!((dry.code, &dry.json()["error"]), (4, &real.json()["error"]), "{command}");
    }
    fs::remove_file(&history).unwrap();
    fs::rename(&away, &history).unwrap();

    // What would be too large to be read again.
    let most = balcao_config::document::MAX_BYTES as usize;
    let full = OLD.trim_end().replace("}}", "}, \"x\": \"");
    let full = format!("{full}{}\"}}\n", "x".repeat(most - full.len() - 3));
    assert_eq!(full.len(), most);
    fs::write(&document, &full).unwrap();
    let [dry, real] = ["--dry-run", ""].map(|dry| run(&format!("set geral.vendedor_padrao=Anabela {dry} --json")));
    assert_eq!((dry.code, &dry.json()["error"]["code"]), (4, &json!("too_large")));
    assert_eq!(dry.json(), real.json());
}

#[test]
fn a_dry_run_waits_for_a_lock_as_the_real_one_does_and_says_who_has_it() {
    let world = saved();
    let document = world.path("etc/config.json").canonicalize().unwrap();
    let ana = Identity { user: "ana".into(), pid: 4711, ..Identity::default() };
    let lock = Lock::take(&Location::find(&document), &ana, Timestamp::default(), Duration::ZERO).unwrap();
    for dry in ["--dry-run", ""] {
        let refused = world.line(&format!("{} {dry} --json", SAVING[0]));
        let error = refused.json()["error"].clone();
        assert_eq!((refused.code, &error["code"], &error["retry"]), (4, &json!("locked"), &json!(true)), "{error}");
        assert!(error["message"].as_str().unwrap().contains("ana está gravando agora (processo 4711"), "{error}");
    }
    drop(lock);
    assert_eq!(world.line(&format!("{} --dry-run", SAVING[0])).code, 0);
}

#[test]
fn a_dry_run_makes_nothing_where_there_is_nothing() {
    let world = World::new();
    let ran = world.line("set geral.vendedor_padrao=Ana --dry-run --config new/folder/config.json");
    assert_eq!((ran.code, fs::read_dir(world.folder()).unwrap().count()), (0, 0), "{ran:?}");
}

/// What a command that fails says in words and in JSON: the same.
#[test]
fn an_error_in_json_has_the_hints_that_the_text_has() {
    let world = World::with_config("{ \"geral\": {,} }");
    for command in
        ["get geral.vendedor_padrao", "set geral.vendedor_padrao=a", "gte", "list --group gerl --config none.json"]
    {
        let text = world.line(command).stderr;
        let error = world.line(&format!("{command} --json")).json()["error"].clone();
        let hints: Vec<&str> = error["hints"].as_array().unwrap().iter().map(|hint| hint.as_str().unwrap()).collect();
        let told: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("dica: ")).collect();
        assert!(hints == told && !hints.is_empty(), "{command}: {text}{error}");
        assert_eq!(error["retry"], false);
    }
}

/// The warnings of a run in words: those of stderr, without the mark.
fn warned(ran: &Ran) -> Vec<String> {
    ran.stderr.lines().filter_map(|line| line.strip_prefix("aviso: ")).map(str::to_owned).collect()
}

#[test]
fn the_json_of_a_command_has_the_warnings_that_its_text_has() {
    let text = r#"{"integracao": {"ip_servidor_retaguarda": "servidor_loja"}}"#;
    let commands = [
        "set geral.vendedor_padrao=Ana",
        "check --timeout 1",
        "validate",
        "path",
        "diff",
        "explain geral.vendedor_padrao",
    ];
    for command in commands {
        let run = |json: &str| {
            let world = World::with_config(text).variable("PGPASSFILE", "/nowhere/pgpass");
            (world.line(&format!("{command} {json}")), world.line("list --json"))
        };
        let ((words, _), (json, listed)) = (run(""), run("--json"));
        let told: Vec<Value> = warned(&words).into_iter().map(Value::from).collect();
        assert_eq!(json.json()["warnings"], json!(told), "{command}: {words:?}");
        assert_eq!(json.stderr, "", "{command}");
        assert!(listed.json().is_array());
    }
}

/// Runs with stdout going where `redirection` says.
fn redirected(world: &World, redirection: &str, arguments: &str) -> (i32, String) {
    let program = crate::world::PROGRAM;
    let mut shell = Command::new("bash");
    shell.args(["-c", &format!("{program} {arguments} {redirection}")]).current_dir(world.folder());
    shell.env_clear().envs(world.environment().iter().cloned()).stdin(Stdio::null());
    let output = shell.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_change_that_was_saved_is_exit_0_also_where_nobody_takes_the_result() {
    for json in ["", "--json"] {
        for redirection in
            [">/dev/full", ">&-", "1</dev/null", "| true; exit ${PIPESTATUS[0]}", ">/dev/full 2>&1", ">&- 2>&-"]
        {
            let world = saved();
            let (code, stderr) = redirected(&world, redirection, &format!("{} {json}", SAVING[0]));
            assert_eq!(code, 0, "{redirection}: {stderr}");
            assert!(world.read("etc/config.json").contains("Rui"), "{redirection}");
            let told = match redirection {
                // A stdout that is closed becomes /dev/null before the program runs.
                ">&-" if json.is_empty() => "Gravado em",
                ">/dev/full" | "1</dev/null" => "Gravado em",
                _ => "",
            };
            assert!(stderr.contains(told), "{redirection}: {stderr}");
            if redirection == ">/dev/full" {
                assert!(stderr.contains("Não foi possível escrever na saída: não há espaço livre"), "{stderr}");
                assert!(stderr.contains("geral.vendedor_padrao"), "the result itself: {stderr}");
            }
        }
    }
}

#[test]
fn a_result_that_nobody_took_is_an_error_where_nothing_was_done() {
    let world = saved();
    for command in ["list", "get geral.vendedor_padrao", "export", "history show 1", "list --json", "--help"] {
        let (code, stderr) = redirected(&world, ">/dev/full", command);
        assert!(
            code == 4 && stderr.contains("Não foi possível escrever na saída: não há espaço"),
            "{command}: {stderr}"
        );
        // Also a stdout that is open for reading alone, which the standard library takes for one that takes everything.
        let (code, stderr) = redirected(&world, "1</dev/null", command);
        assert!(code == 4 && stderr.contains("Não foi possível escrever na saída: "), "{command}: {stderr}");
        assert_eq!(redirected(&world, ">/dev/full 2>&1", command).0, 4);
    }
    // A problem keeps its own exit code, and is told.
    let (code, stderr) = redirected(&world, ">/dev/full", "get geral.x --json");
    assert!(code == 5 && stderr.contains("geral.x"), "{stderr}");
}

#[test]
fn a_pipe_that_somebody_made_non_blocking_takes_the_whole_result_all_the_same() {
    let world = World::with_config(&format!("{{\"x\": \"{}\"}}", "x".repeat(300_000)));
    assert_eq!(world.run(&SET).code, 0);
    let (reader, writer) = std::io::pipe().unwrap();
    rustix::io::ioctl_fionbio(&writer, true).unwrap();
    let mut command = world.command(&["history", "show", "1"]);
    let mut child = command.stdout(writer).spawn().unwrap();
    drop(command);
    let shown = std::io::read_to_string(reader).unwrap();
    assert_eq!((child.wait().unwrap().code(), shown), (Some(0), format!("{{\"x\": \"{}\"}}", "x".repeat(300_000))));
}

#[test]
fn what_a_path_leads_to_is_told_to_programs_as_to_people() {
    let world = World::new();
    symlink(world.path("loop"), world.path("loop")).unwrap();
    let looped = world.line("--config loop/config.json get geral.vendedor_padrao");
    assert!(looped.stderr.contains("namei -l") && !looped.stderr.contains("mv "), "{looped:?}");
    world.write("broken/config.json", "{");
    for (path, exists) in
        [("loop/config.json", Value::Null), ("loop", Value::Null), ("broken/config.json", json!(true))]
    {
        let told = world.line(&format!("--config {path} path --json"));
        let warnings = told.json()["warnings"].as_array().unwrap().len();
        assert_eq!((told.code, &told.json()["exists"], warnings), (0, &exists, 1), "{told:?}");
        assert_eq!(
            told.json()["warnings"][0]
                .as_str()
                .map(|words| world.line(&format!("--config {path} path")).stderr.contains(words)),
            Some(true)
        );
    }
}

#[test]
fn a_fifo_that_nobody_writes_to_is_told_and_a_slow_writer_is_waited_for() {
    let world = World::new();
    let path = world.path("fifo");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let told = world.line("validate fifo");
    assert!(told.code == 3 && told.stderr.contains("em que ninguém grava"), "{told:?}");
    let mut writer = fs::File::options().read(true).write(true).open(&path).unwrap();
    let child = world.command(&["validate", "fifo"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let has_opened = || {
        let open = fs::read_dir(format!("/proc/{}/fd", child.id())).unwrap().flatten();
        open.map(|entry| fs::read_link(entry.path())).any(|to| to.is_ok_and(|to| to == path))
    };
    while !has_opened() {
        std::thread::sleep(Duration::from_millis(20));
    }
    // Longer than somebody is waited for who does not come at all.
    std::thread::sleep(Duration::from_secs(5));
    std::io::Write::write_all(&mut writer, b"{}").unwrap();
    drop(writer);
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
}

#[test]
fn catalogs_beside_the_link_are_told_where_those_beside_the_file_hold() {
    let world = World::new();
    world.write("real/config.json", "{}");
    fs::create_dir_all(world.path("real/catalog.d")).unwrap();
    fs::create_dir_all(world.path("named/catalog.d")).unwrap();
    for (link, is_told) in [("named/config.json", true), ("real/other.json", false)] {
        symlink(world.path("real/config.json"), world.path(link)).unwrap();
        let told = world.line(&format!("--config {link} list"));
        assert!(told.code == 0 && told.stderr.contains("não são usados") == is_told, "{told:?}");
    }
}

#[test]
fn a_document_is_no_pipe() {
    let world = World::new();
    for line in
        ["get geral.vendedor_padrao", "set geral.vendedor_padrao=Ana", "check", "list", "path", "recover", "history"]
    {
        let told = world.line(&format!("--config - {line}"));
        assert!(
            told.code == 2 && told.stdout.is_empty() && told.stderr.contains("não pode vir de um pipe"),
            "{line}: {told:?}"
        );
    }
    world.write("-", r#"{"geral": {"vendedor_padrao": "Ana"}}"#);
    assert_eq!(world.line("--config ./- get geral.vendedor_padrao").stdout, "Ana\n");
}

#[test]
fn a_dry_run_tells_the_folders_that_would_be_made() {
    let world = World::new();
    let told = world.line("--config new/deep/config.json set geral.vendedor_padrao=Ana --dry-run");
    assert_eq!(told.code, 0, "{told:?}");
    for folder in ["DIR/new", "DIR/new/deep"] {
        assert!(told.stderr.contains(&format!("Pasta que seria criada: {folder}\n")), "{told:?}");
    }
    assert!(!world.path("new").exists());
    let saved = world.line("set geral.vendedor_padrao=Ana --dry-run");
    assert!(saved.code == 0 && !saved.stderr.contains("seria criada"), "{saved:?}");
}

#[test]
fn no_server_is_asked_about_what_cannot_be_saved() {
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    server.set_nonblocking(true).unwrap();
    let port = server.local_addr().unwrap().port();
    let world = world();
    fs::hard_link(world.path("etc/config.json"), world.path("other")).unwrap();
    for dry in ["", "--dry-run"] {
        let told = world.line(&format!("set integracao.porta_banco_dados={port} --check {dry}"));
        assert_eq!(told.code, 4, "{told:?}");
        assert_eq!(server.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    }
}

/// What only root can set up.
mod root {
    use std::os::unix::fs::{PermissionsExt, chown};
    use std::path::Path;

    use super::*;
    use crate::faults::root::{Mount, run};
    use crate::world::PROGRAM;

    /// Runs as nobody, with a copy of the program: the folder that holds it may be closed to others.
    fn as_nobody(world: &World, command: &str) -> Ran {
        let program = world.path("program");
        if !program.exists() {
            run("cp", &[PROGRAM, program.to_str().unwrap()]);
            fs::set_permissions(world.folder(), fs::Permissions::from_mode(0o755)).unwrap();
        }
        let mut set = Command::new("setpriv");
        set.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(program).args(command.split_whitespace());
        set.env_clear().envs(world.environment().iter().cloned()).current_dir(world.folder());
        let output = set.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { stdout: text(output.stdout), stderr: text(output.stderr), code: output.status.code().unwrap() }
    }

    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_dry_run_agrees_where_somebody_else_owns_what_is_there() {
        let world = saved();
        let run = |command: &str| as_nobody(&world, command);
        let (folder, document) = (world.path("etc"), world.path("etc/config.json"));
        // Readable, and no more; but for the versions, so that a rollback gets as far.
        for path in [&folder, &world.path("etc/config.json.history")] {
            mode(path, 0o755);
        }
        for version in fs::read_dir(world.path("etc/config.json.history")).unwrap() {
            mode(&version.unwrap().path(), 0o644);
        }
        agree(&world, &run, "not_permitted");
        // A folder as /tmp.
        mode(&folder, 0o1777);
        mode(&world.path("etc/.config.json.lock"), 0o666);
        agree(&world, &run, "not_permitted");
        // One's own folder, with another's document.
        chown(&folder, Some(65534), Some(65534)).unwrap();
        chown(&document, Some(4321), Some(4321)).unwrap();
        mode(&folder, 0o755);
        agree(&world, &run, "attributes_lost");
        // One's own document, with another's history.
        chown(&document, Some(65534), Some(65534)).unwrap();
        agree(&world, &run, "not_permitted");
    }

    #[test]
    fn a_refusal_to_an_ordinary_user_repeats_the_whole_command_for_root_and_none_to_root() {
        let world = saved();
        mode(&world.path("etc"), 0o755);
        let refused = as_nobody(&world, "set geral.vendedor_padrao=D'Ávila integracao.porta_banco_dados=5433");
        let document = world.path("etc/config.json");
        let command = format!(
            "dica: Execute como root: sudo balcao-config --config {} set 'geral.vendedor_padrao=D'\\''Ávila' \
             integracao.porta_banco_dados=5433",
            document.display()
        );
        assert!(refused.stderr.contains(&command), "{}", refused.stderr);
        // The document that was named is named as it was.
        let refused = as_nobody(&world, "--config etc/config.json set geral.vendedor_padrao=Rui");
        let command = "sudo balcao-config --config etc/config.json set geral.vendedor_padrao=Rui\n";
        assert!(refused.stderr.contains(command), "{}", refused.stderr);
        mode(&document, 0o600);
        let refused = as_nobody(&world, "get geral.vendedor_padrao");
        assert!(refused.code == 3 && refused.stderr.contains(" get geral.vendedor_padrao\n"), "{}", refused.stderr);

        // Root without the right to pass over permissions, as in a container.
        mode(&document, 0o644);
        mode(&world.path("etc"), 0o555);
        let mut bare = Command::new("setpriv");
        bare.args(["--inh-caps=-all", "--bounding-set=-all"]).arg(world.path("program")).args(SET);
        let output = bare.env_clear().envs(world.environment().iter().cloned()).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(
            output.status.code() == Some(4) && !stderr.contains("sudo") && stderr.contains("Nem root pode"),
            "{stderr}"
        );
    }

    #[test]
    fn a_dry_run_agrees_about_mounts_and_marks() {
        let world = saved();
        let line = |command: &str| world.line(command);
        let (folder, document) = (world.path("etc"), world.path("etc/config.json"));
        let name = document.to_str().unwrap().to_owned();
        {
            let _mount = Mount::of(&name, &document, &["--bind"]);
            agree(&world, &line, "mount_point");
        }
        {
            let folder = folder.to_str().unwrap();
            let mount = Mount::of(folder, Path::new(folder), &["--bind"]);
            run("mount", &["-o", "remount,ro,bind", folder]);
            agree(&world, &line, "read_only_file_system");
            drop(mount);
        }
        let image = world.path("image");
        fs::File::create(&image).unwrap().set_len(16 << 20).unwrap();
        run("mkfs.ext4", &["-qF", image.to_str().unwrap()]);
        let copy = world.path("copy");
        run("cp", &["-a", folder.to_str().unwrap(), copy.to_str().unwrap()]);
        let _mount = Mount::of(image.to_str().unwrap(), &folder, &["-o", "loop"]);
        fs::remove_dir(world.path("etc/lost+found")).unwrap();
        run("cp", &["-a", copy.join(".").to_str().unwrap(), folder.to_str().unwrap()]);
        for marked in ["etc/config.json", "etc", "etc/config.json.history"] {
            for mark in ["i", "a"] {
                let path = world.path(marked);
                run("chattr", &[&format!("+{mark}"), path.to_str().unwrap()]);
                // A panic must not leave the mark.
                let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| agree(&world, &line, "immutable")));
                run("chattr", &[&format!("-{mark}"), path.to_str().unwrap()]);
                told.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            }
        }
    }

    /// In a folder that only its owner enters.
    fn drafts_of(world: &World, owner: u32, names: &[&str]) {
        for name in names {
            let file = world.write(&format!("etc/config.json.drafts/{name}"), "{}");
            std::os::unix::fs::chown(file, Some(owner), None).unwrap();
        }
    }

    #[test]
    fn drafts_of_other_accounts_are_told_and_not_denied() {
        let world = world();
        let none = world.line("recover");
        assert!(none.stderr.contains("Você não tem rascunhos.") && !none.stderr.contains("outra"), "{none:?}");
        drafts_of(&world, 4321, &["u-1-a.json"]);
        let one = world.line("recover");
        for words in
            ["Você não tem rascunhos.", "Há 1 rascunho de outro usuário em DIR/etc/config.json.drafts; para gravar: "]
        {
            assert!(one.stderr.contains(words), "{one:?}");
        }
        drafts_of(&world, 4322, &["v-1-a.json", ".hidden.json"]);
        let two = world.line("recover").stderr;
        assert!(two.contains("2 rascunhos de outros usuários"), "{two}");
        assert!(two.contains("balcao-config recover DIR/etc/config.json.drafts/"), "{two}");
    }
}
