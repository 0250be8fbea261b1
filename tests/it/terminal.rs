//! The real program on a real pseudo-terminal: a technician's session, signals, and what is left behind.

use std::path::PathBuf;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::busy::{eventually, wait_until};
use crate::fakes::Fake;
use crate::postgres::cluster;
use crate::pty::Pty;
use crate::world::World;

const SIZE: (u16, u16) = (80, 24);

fn form(world: &World) -> Pty {
    let mut pty = Pty::spawn(world, &[], SIZE);
    pty.wait_text("[ Fechar (Esc) ]");
    pty
}

#[test]
fn a_session_from_no_file_to_a_file_that_is_right() {
    let (world, port) = (World::new(), cluster().port);
    let mut pty = form(&world);
    pty.press("F6 Enter").press("C-u \"127.0.0.1\"").press(&format!("Down C-u \"{port}\" F5"));
    pty.wait_text(&format!("PostgreSQL {}", cluster().version)).wait_gone("…");
    pty.press("F12");
    let ended = pty.end();
    assert_eq!((ended.code, &ended.left_behind), (0, &vec![]));
    assert!(ended.text.contains("Gravado em") && ended.text.contains(&format!("5432 → {port}")), "{}", ended.text);

    let saved: Value = serde_json::from_str(&std::fs::read_to_string(world.path("config.json")).unwrap()).unwrap();
    assert_eq!(saved, json!({"version": 1, "integracao": {"porta_banco_dados": port}}), "exactly the changed keys");

    assert_eq!(world.run(&["get", "integracao.porta_banco_dados"]).stdout, format!("{port}\n"));
    let list: Value = serde_json::from_str(&world.run(&["list", "--json"]).stdout).unwrap();
    let row = list.as_array().unwrap().iter().find(|row| row["key"] == "integracao.porta_banco_dados").unwrap();
    assert_eq!((&row["value"], &row["source"]), (&json!(port), &json!("file")));
    let check: Value =
        serde_json::from_str(&world.run(&["check", "--json", "--timeout", "30", "--only", "banco_dados"]).stdout)
            .unwrap();
    assert_eq!((&check["ok"], &check["results"][0]["diagnosis"]), (&json!(true), &json!("ok")));
    assert_eq!(check["results"][0]["detail"]["server_version"], json!(cluster().version));
}

#[test]
fn what_was_saved_is_told_by_labels_and_as_one_command_that_does_the_same() {
    let before =
        r#"{"geral": {"casas_decimais_qtde": 3}, "integracao": {"verificar_crediario_vencido_pre_venda": true}}"#;
    for named in [false, true] {
        let world = World::with_config(before);
        let name = if named { "um arquivo.json" } else { "config.json" };
        let path = world.write(name, before);
        let arguments = if named { vec!["--config".to_owned(), path.to_str().unwrap().to_owned()] } else { vec![] };
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut pty = Pty::spawn(&world, &arguments, SIZE);
        pty.wait_text("[ Fechar (Esc) ]")
            .press("C-p \"D'Ávila $(id)\" Down F4 Down \"4\" C-n Down Down Down Space C-s");
        pty.wait_text("Gravado em").press("Down Space F12");
        let ended = pty.end();
        for told in [
            "Vendedor Padrão na Pré-Venda e Orçamento: (vazio) → D'Ávila $(id)",
            "Valor: 2 → 4",
            "(Orçamento): não → sim",
        ] {
            assert!(ended.text.contains(told), "{told}: {}", ended.text);
        }
        assert!(ended.text.contains("Vale quando o programa do balcão ler o arquivo de novo"), "{}", ended.text);
        let command = ended.text.lines().map(str::trim).find(|line| line.starts_with("balcao-config ")).unwrap();
        assert_eq!(command.contains("--config"), named, "{command}");

        let after = world.read(name);
        world.write(name, before);
        let folder = world.path("bin");
        std::fs::create_dir(&folder).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_balcao-config"), folder.join("balcao-config")).unwrap();
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", command]).env_clear().envs(world.environment().iter().cloned());
        let ran = shell.env("PATH", format!("{}:/usr/bin:/bin", folder.display())).output().unwrap();
        assert!(ran.status.success(), "{command}: {ran:?}");
        assert_eq!(world.read(name), after, "{command}");
    }
}

#[test]
fn closing_leaves_the_terminal_clean_and_says_that_nothing_changed() {
    let world = World::new();
    let mut pty = form(&world);
    pty.press("Esc");
    let ended = pty.end();
    assert_eq!((ended.code, &ended.left_behind), (0, &vec![]));
    assert!(ended.text.contains("Nenhuma alteração em"), "{}", ended.text);
    assert!(!world.path("config.json").exists());
}

#[test]
fn an_unreadable_document_is_exit_3_and_keeps_its_bytes() {
    let world = World::with_config("{\"integracao\": ");
    let mut pty = Pty::spawn(&world, &[], SIZE);
    pty.wait_text("Não foi possível ler o arquivo").press("Esc");
    let ended = pty.end();
    assert_eq!((ended.code, &ended.left_behind), (3, &vec![]));
    assert_eq!(std::fs::read_to_string(world.path("config.json")).unwrap(), "{\"integracao\": ");
}

#[test]
fn without_a_terminal_the_form_is_exit_2_and_names_the_commands() {
    let ran = World::new().run::<&str>(&[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("get, set, unset") && !ran.stderr.contains("ssh"), "{}", ran.stderr);
    let ran = World::new().variable("SSH_CONNECTION", "10.0.0.9 50022 10.0.0.1 22").run::<&str>(&[]);
    assert!(ran.code == 2 && ran.stderr.contains("ssh -t BALCÃO balcao-config"), "{}", ran.stderr);
}

#[test]
fn a_locale_of_single_bytes_types_its_letters() {
    let world = World::with_config("{}").variable("LC_ALL", "pt_BR.ISO-8859-1");
    let mut pty = form(&world);
    pty.press("C-p")
        .wait_text("Vendedor")
        .send(b"Zo\xe9 \xc1")
        .send(b"\x1b[200~vila\xe7\x1b[201~")
        .wait_text("Zoe Avilac");
    pty.press("F12");
    assert_eq!(pty.end().code, 0);
    assert!(world.read("config.json").contains("Zoé Ávilaç"), "{}", world.read("config.json"));
}

#[test]
fn lines_of_a_check_are_as_wide_as_the_terminal() {
    let world = World::with_config(r#"{"integracao": {"porta_banco_dados": 1, "porta_integracao_clientes": 2}}"#);
    for columns in [40, 120] {
        let ended = Pty::spawn(&world, &["check"], (columns, 60)).end();
        // Keys and commands are not broken.
        let prose = ended.text.lines().filter(|line| !line.contains("confira:") && !line.contains("balcao-config "));
        let widest = prose.map(|line| line.trim_end().chars().count()).max().unwrap();
        let log = ended.text;
        assert!(widest <= usize::from(columns) - 2 && widest > usize::from(columns) * 2 / 3, "{columns}: {log}");
    }
}

#[test]
fn a_terminal_without_a_size_has_the_one_that_the_environment_says() {
    let world = World::new().variable("LINES", "30").variable("COLUMNS", "100");
    let mut pty = Pty::spawn(&world, &[], (100, 30));
    pty.wait_text("[ Fechar (Esc) ]").claim(0, 0);
    pty.press("F1 Esc").wait_for("the last row", |screen| {
        screen.contents().lines().nth(29).is_some_and(|row| row.contains("F1 Ajuda"))
    });
    pty.press("Esc");
    assert_eq!(pty.end().code, 0);
}

#[test]
fn signals_that_end_it_give_the_terminal_back() {
    let signals = [(Signal::HUP, 129), (Signal::TERM, 143), (Signal::INT, 130), (Signal::QUIT, 131)];
    for (signal, code) in signals {
        let world = World::new();
        let mut pty = form(&world);
        pty.press("Down Down Down Space").wait_text("[x]");
        kill_process(Pid::from_raw(pty.process() as i32).unwrap(), signal).unwrap();
        let ended = pty.end();
        assert_eq!((ended.code, &ended.left_behind), (code, &vec![]), "{signal:?}");
        assert!(ended.text.contains("1 alteração não foi gravada"), "{}", ended.text);
        assert!(ended.text.contains("Ficou no rascunho"), "{}", ended.text);
        assert_eq!(drafts(&world).len(), 1, "{signal:?}");
    }
}

fn drafts(world: &World) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(world.path("config.json.drafts")).into_iter().flatten();
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect()
}

/// Waits until the draft on the disk holds this text.
fn wait_kept(world: &World, text: &str) {
    let kept = |file: &PathBuf| std::fs::read_to_string(file).is_ok_and(|draft| draft.contains(text));
    wait_until(&format!("{text:?} is kept"), || drafts(world).iter().any(kept));
}

#[test]
fn a_killed_form_is_offered_by_the_next_and_recovers_every_character() {
    let world = World::with_config("{\"geral\": {\"vendedor_padrao\": \"Rui\"}}");
    let mut pty = form(&world);
    pty.press("C-p").wait_text("Rui").press("C-u \"Zoé d'Ávila\"").wait_text("d'Ávila");
    wait_kept(&world, "Zoé d'Ávila");
    kill_process(Pid::from_raw(pty.process() as i32).unwrap(), Signal::KILL).unwrap();
    pty.end();
    let mut pty = Pty::spawn(&world, &[], SIZE);
    pty.wait_text("Há alterações não gravadas")
        .wait_text("Zoé d'Ávila")
        .press("Enter")
        .wait_text("1 alteração recuperada");
    pty.wait_text("Zoé d'Ávila").press("F12");
    let ended = pty.end();
    assert_eq!((ended.code, &ended.left_behind), (0, &vec![]), "{}", ended.text);
    assert!(world.read("config.json").contains("Zoé d'Ávila"));
    assert!(drafts(&world).is_empty());
}

#[test]
fn the_form_opens_whatever_the_variables_of_a_login_say() {
    let world = World::new().variable("PGSSLMODE", "Require").variable("PGUSER", "postgresql://u:abracadabra@h/d");
    let mut pty = form(&world);
    pty.press("Esc");
    let ended = pty.end();
    assert!(ended.code == 0 && !ended.text.contains("abracadabra"), "{}", ended.text);
}

#[test]
fn the_first_draft_makes_folders_that_the_counter_program_can_enter() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    let path = world.path("new/etc/config.json");
    let world = world.variable("BALCAO_CONFIG", path.to_str().unwrap());
    let mut pty = form(&world);
    pty.press("Down Down Down Space").wait_text("[x]");
    kill_process(Pid::from_raw(pty.process() as i32).unwrap(), Signal::HUP).unwrap();
    pty.end();
    let mode = |name: &str| std::fs::metadata(world.path(name)).unwrap().permissions().mode() & 0o7777;
    assert_eq!([mode("new"), mode("new/etc"), mode("new/etc/config.json.drafts")], [0o755, 0o755, 0o700]);
}

#[test]
fn without_a_form_a_draft_is_listed_and_recovered_by_command() {
    let world = World::with_config("{}");
    let mut pty = form(&world);
    pty.press("Down C-u \"5433\"").wait_text("5433");
    kill_process(Pid::from_raw(pty.process() as i32).unwrap(), Signal::HUP).unwrap();
    pty.end();
    let file = drafts(&world).remove(0);
    let listed: Value = serde_json::from_str(&world.run(&["recover", "--json"]).stdout).unwrap();
    assert_eq!(listed[0]["changes"], json!([{"key": "integracao.porta_banco_dados", "to": 5433}]));
    assert!(world.run(&["recover"]).stdout.contains("Porta Banco de Dados Gestores"));
    let recover = |more: &str| world.run(&["recover", file.to_str().unwrap(), more]);
    assert_eq!((recover("--dry-run").code, world.read("config.json").as_str()), (0, "{}"));
    // Somebody else saves another port meanwhile: nobody chooses for them.
    assert_eq!(world.run(&["set", "integracao.porta_banco_dados=5434"]).code, 0);
    let refused = recover("--json");
    assert_eq!((refused.code, refused.json()["error"]["code"].as_str()), (4, Some("conflict")));
    assert_eq!(world.run(&["rollback"]).code, 0);
    let ran = recover("--json");
    assert_eq!((ran.code, &ran.json()["changed"]), (0, &json!(true)), "{ran:?}");
    assert!(world.read("config.json").contains("5433") && !file.exists());
    assert_eq!(recover("--json").json()["error"]["code"], json!("broken_draft"));
    assert_eq!(world.run(&["recover", "--json"]).json(), json!([]));
}

#[test]
fn a_terminal_that_takes_no_bytes_delays_no_signal_and_loses_no_edit() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129)] {
        let world = World::new();
        let mut pty = form(&world);
        pty.freeze().press("Down Down Down Space");
        wait_kept(&world, "verificar_crediario_vencido_dav");
        kill_process(Pid::from_raw(pty.process() as i32).unwrap(), signal).unwrap();
        assert_eq!(pty.end().code, code);
        assert_eq!(drafts(&world).len(), 1);
    }
}

#[test]
fn what_a_frozen_terminal_has_not_taken_is_replaced_by_the_newest_frame() {
    let world = World::new();
    let mut pty = form(&world);
    let before = pty.log().len();
    pty.freeze();
    for _ in 0..20 {
        pty.press("C-l");
    }
    pty.press("Down Down Down Space");
    wait_kept(&world, "verificar_crediario_vencido_dav");
    pty.thaw().wait_text("[x]");
    let (sent, frame) = (pty.log().len() - before, before);
    assert!(sent <= 3 * frame, "{sent} bytes, a frame has {frame}");
}

/// What only root can set up.
mod root {
    use std::os::unix::fs::{PermissionsExt, chown};

    use balcao_config::document::draft::Draft;

    use super::*;
    use crate::faults::root::{Mount, run};
    use crate::history::key;

    /// An account without rights, on every Debian.
    const NOBODY: u32 = 65534;

    #[test]
    fn without_permission_f12_keeps_a_draft_and_prints_the_sudo_command_that_saves_it() {
        let world = World::new();
        let state = world.path("state");
        std::fs::create_dir(&state).unwrap();
        chown(&state, Some(NOBODY), Some(NOBODY)).unwrap();
        std::fs::set_permissions(world.folder(), std::fs::Permissions::from_mode(0o755)).unwrap();
        world.write("config.json", "{}");
        let world = world.variable("XDG_STATE_HOME", state.to_str().unwrap());
        let reachable = world.path("balcao-config");
        // By a process of its own: a program is busy (ETXTBSY) while any process has it open for writing, and one that another
        // test is just starting has what is open here.
        run("cp", &[crate::world::PROGRAM, reachable.to_str().unwrap()]);
        let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", reachable.to_str().unwrap()];
        let mut pty = Pty::run(&world, &nobody, SIZE);
        pty.wait_text("[somente leitura]").wait_text("Somente leitura; F12 guarda um rascunho");
        pty.press("Down Down Down Space").wait_text("[x]").press("F12");
        let ended = pty.end();
        assert_eq!((ended.code, &ended.left_behind), (4, &vec![]), "{}", ended.text);
        // The terminal wraps it: a command is found again by its words.
        let said = ended.text.replace('\n', "");
        let command = said.split("sudo ").nth(1).expect("a sudo command").trim().to_owned();
        assert_eq!(world.read("config.json"), "{}");
        let words: Vec<&str> = command.split_whitespace().skip(1).collect();
        assert_eq!(words[0], "--config");
        let ran = world.run(&words);
        assert_eq!(ran.code, 0, "{command}: {ran:?}");
        assert!(world.read("config.json").contains("vencido_dav\": true"));
        // Root writes nothing where somebody else decides.
        assert!(ran.stderr.contains("o arquivo do rascunho é de nobody, e fica"), "{ran:?}");
        assert_eq!(std::fs::read_dir(state.join("balcao-config")).unwrap().count(), 1);
    }

    #[test]
    fn in_a_folder_where_another_decides_roots_edits_are_kept_in_roots_own_and_nothing_is_left_there() {
        let world = World::new();
        let folder = world.path("loja");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("config.json"), "{}").unwrap();
        chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
        let config = folder.join("config.json");
        let world = world.variable("BALCAO_CONFIG", config.to_str().unwrap());
        let mut pty = form(&world);
        pty.press("C-p \"Ana\"").wait_text("● 1");
        kill_process(Pid::from_raw(pty.process() as i32).unwrap(), Signal::TERM).unwrap();
        assert_eq!(pty.end().code, 143);
        let state = world.path("xdg-state/balcao-config");
        let kept: Vec<_> = std::fs::read_dir(&state).unwrap().collect();
        let [Ok(draft)] = &kept[..] else { panic!("{kept:?}") };
        let names = || std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
        assert_eq!(names(), ["config.json"]);
        let mut pty = Pty::spawn(&world, &[], SIZE);
        pty.wait_text("Há alterações não gravadas")
            .wait_text("Ana")
            .press("Esc")
            .wait_gone("não gravadas")
            .press("Esc");
        pty.end();
        // Nor does another's draft that is there make root write.
        let recovered = world.run(&["recover", draft.path().to_str().unwrap()]);
        assert_eq!((recovered.code, names().len()), (4, 1), "{recovered:?}");
        assert!(recovered.stderr.contains("de nobody") && draft.path().exists(), "{recovered:?}");
        assert_eq!(std::fs::read_to_string(&config).unwrap(), "{}");
    }

    /// A file system on which nothing is written until it is dropped.
    struct Frozen<'a>(&'a str);

    impl Frozen<'_> {
        fn freeze(point: &str) -> Frozen<'_> {
            run("fsfreeze", &["-f", point]);
            Frozen(point)
        }
    }

    impl Drop for Frozen<'_> {
        fn drop(&mut self) {
            run("fsfreeze", &["-u", self.0]);
        }
    }

    #[test]
    fn a_draft_whose_disk_stops_answering_is_kept_in_the_other_place_within_the_wait() {
        let world = World::new();
        let (image, point) = (world.path("image"), world.path("mnt"));
        std::fs::File::create(&image).unwrap().set_len(64 << 20).unwrap();
        run("mkfs.ext4", &["-qF", image.to_str().unwrap()]);
        std::fs::create_dir(&point).unwrap();
        let _mount = Mount::of(image.to_str().unwrap(), &point, &["-o", "loop"]);
        let config = point.join("config.json");
        std::fs::write(&config, "{}").unwrap();
        let world = world.variable("BALCAO_CONFIG", config.to_str().unwrap());
        let mut pty = form(&world);
        pty.press("C-p \"An\"").wait_text("● 1");
        let beside = point.join("config.json.drafts");
        wait_until("it is kept beside", || std::fs::read_dir(&beside).is_ok_and(|found| found.count() == 1));
        let frozen = Frozen::freeze(point.to_str().unwrap());
        pty.press("\"a\"").wait_text("Ana");
        let state = world.path("xdg-state/balcao-config");
        let elsewhere = || std::fs::read_dir(&state).is_ok_and(|found| found.count() == 1);
        // The disk hangs: once that is known, each key is kept in the other place.
        assert!(eventually(|| {
            pty.press("\"x\" Backspace");
            elsewhere()
        }));
        // Shown, so all keys before it are read too.
        pty.press("z").wait_text("Anaz");
        kill_process(Pid::from_raw(pty.process() as i32).unwrap(), Signal::TERM).unwrap();
        // While the disk still does not answer; the kernel lets the program go only with it.
        pty.wait_text("O disco não responde").wait_text("Ficou no rascunho");
        let elsewhere: Vec<_> = std::fs::read_dir(&state).unwrap().collect();
        let [Ok(draft)] = &elsewhere[..] else { panic!("{elsewhere:?}") };
        let draft = Draft::read(&draft.path(), 0).unwrap();
        assert_eq!(draft.changes[&key("geral.vendedor_padrao")], Some(json!("Anaz")), "the last key, too");
        drop(frozen);
        let ended = pty.end();
        assert_eq!((ended.code, &ended.left_behind), (143, &vec![]), "{}", ended.text);
    }
}

#[test]
fn stopping_and_going_on_draws_the_screen_again() {
    let world = World::new();
    let mut pty = form(&world);
    let process = Pid::from_raw(pty.process() as i32).unwrap();
    kill_process(process, Signal::TSTP).unwrap();
    pty.wait_for("the shell's screen", |screen| !screen.alternate_screen()).wait_stopped();
    kill_process(process, Signal::CONT).unwrap();
    pty.wait_for("the form again", |screen| screen.alternate_screen() && screen.contents().contains("Confirma (F12)"));
    pty.press("Down C-u \"1\"").wait_text("● 1");
    pty.press("C-z C-z Esc");
    assert!(pty.end().left_behind.is_empty());
}

#[test]
fn a_resize_is_answered_without_a_key() {
    let world = World::new();
    let mut pty = form(&world);
    pty.resize(39, 11).wait_text("Aumente a janela");
    pty.resize(100, 30).wait_text("[ Fechar (Esc) ]");
}

#[test]
fn a_split_arrow_key_is_an_arrow_key() {
    // As long as it goes: on a busy machine more than the usual tenth of a second may pass between two of these.
    let world = World::new().variable("ESCDELAY", "5000");
    let mut pty = form(&world);
    pty.send(b"\x1b").send(b"[").send(b"B").press("C-u \"5433\"").wait_text("5433");
    pty.wait_text("● 1");
    assert!(!pty.text().contains("[B"), "{}", pty.text());
}

#[test]
fn what_a_server_says_reaches_the_terminal_spelled_out() {
    // The version is shown beside the field; a server can call itself anything.
    let hostile = Fake::postgres_saying("15\x1b]0;pwned\x07\u{202e}");
    let world = World::with_config(&json!({"integracao": {"porta_banco_dados": hostile.port}}).to_string());
    let mut pty = form(&world);
    pty.press("F5").wait_gone("…").press("Down").wait_text("‹ESC›");
    let log = String::from_utf8_lossy(pty.log()).into_owned();
    assert!(!log.contains("\x1b]") && !log.contains('\x07') && !log.contains('\u{202e}'), "{log:?}");
    let said = world.run(&["check"]).stdout;
    assert!(said.contains("‹ESC›") && !said.contains("\x1b]"), "{said:?}");
}
