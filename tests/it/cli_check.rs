//! `check`, `set --check` and `apply --check` over the real binary: logins, what is remembered, what is written, watching.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::sync::mpsc;

use serde_json::{Value, json};

use crate::fakes::{Fake, Quiet, Refusing, SocketName, authentication_request, startup, until_closed};
use crate::postgres::{Cluster, cluster};
use crate::pty::Pty;
use crate::world::World;

const PAGE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// A document that points at these two ports of the loopback.
fn shop(database: u16, service: u16) -> World {
    let document =
        json!({ "integracao": { "porta_banco_dados": database, "porta_integracao_clientes": service } }).to_string();
    World::with_config(&document)
}

/// That shop, with a login by libpq's variables.
fn logged_in(port: u16, password: &str) -> World {
    shop(port, 2).variable("PGUSER", Cluster::SCRAM).variable("PGDATABASE", "postgres").variable("PGPASSWORD", password)
}

#[test]
fn the_login_comes_from_libpq_s_variables_and_options_go_before_them() {
    let port = cluster().port;
    let check = |world: &World, more: &str| {
        let ran = world.line(&format!("check --json --timeout 30 --only banco_dados {more}"));
        (ran.json()["results"][0]["diagnosis"].clone(), ran.code)
    };
    assert_eq!(check(&logged_in(port, Cluster::PASSWORD), ""), (json!("ok"), 0));
    assert_eq!(check(&logged_in(port, "errada"), ""), (json!("auth_failed"), 1));
    assert_eq!(check(&logged_in(port, Cluster::PASSWORD), "--db-name falta"), (json!("database_missing"), 1));
    let as_another = format!("--db-user {}", Cluster::REJECTED);
    assert_eq!(check(&logged_in(port, Cluster::PASSWORD), &as_another), (json!("hba_rejected"), 1));
}

#[test]
fn the_line_that_would_admit_this_counter_stands_on_a_line_of_its_own() {
    let port = crate::tls::good().port;
    let world = shop(port, 2).variable("PGUSER", "ninguem").variable("PGDATABASE", "uma_loja_qualquer");
    let ran = world.line("check --timeout 30 --only banco_dados");
    let line = "      hostssl  uma_loja_qualquer  ninguem  127.0.0.1/32  md5";
    assert!(ran.stdout.lines().any(|found| found == line), "{}", ran.stdout);
    // In what happened, in what the server said, in the line.
    assert_eq!(ran.stdout.matches("ninguem").count(), 3);
}

#[test]
fn a_password_file_that_others_can_read_is_ignored_and_said() {
    let login = format!("*:*:*:{}:{}\n", Cluster::SCRAM, Cluster::PASSWORD);
    let world = logged_in(cluster().port, "");
    let file = world.write("senhas", &login);
    let world = world.variable("PGPASSFILE", file.to_str().unwrap());
    let check = |mode: u32| {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        world.line("check --timeout 30 --only banco_dados")
    };
    let (closed, open) = (check(0o600), check(0o640));
    assert!(closed.stdout.contains("login com_senha") && closed.stderr.is_empty(), "{closed:?}");
    assert!(open.stdout.contains("pede a senha") && open.stderr.contains("chmod 600"), "{open:?}");
    let told = world.line("check --timeout 30 --only banco_dados --json").json();
    assert!(told["results"][0]["detail"]["warnings"][0].as_str().unwrap().contains("chmod 600"), "{told}");
    let line = &told["results"][0]["detail"]["paste"]["lines"][0];
    assert_eq!(line, "chmod 600 'DIR/senhas'", "{told}");
}

#[test]
fn where_another_password_file_is_named_nobody_is_sent_to_the_usual_one() {
    for (contents, told) in [(None, "foi ignorado"), (Some(""), "não tem uma linha"), (Some("x:*:*:*:y\n"), "é para x")]
    {
        let world = logged_in(cluster().port, "");
        let path = world.path("senhas");
        if let Some(contents) = contents {
            world.write("senhas", contents);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        let ran = world.variable("PGPASSFILE", path.to_str().unwrap()).line("check --timeout 30 --only banco_dados");
        let said = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("DIR/senhas") && said.contains(told) && said.contains("Informe-a nele"), "{ran:?}");
        assert!(!said.contains("~/.pgpass"), "{ran:?}");
    }
}

#[test]
fn a_login_that_makes_no_sense_is_a_matter_of_usage_and_of_checks_alone() {
    let world = shop(1, 2).variable("PGSSLMODE", "talvez");
    let ran = world.line("check --json");
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (2, &json!("bad_credentials")));
    assert_eq!(world.line("get integracao.porta_banco_dados").code, 0);
    let ran = shop(1, 2).line("check --allow-auth trust");
    assert!(ran.code == 2 && ran.stderr.contains("md5, password"), "{ran:?}");
}

#[test]
fn no_password_is_in_any_file_or_stream() {
    let secret = "abracadabra-42";
    let world = logged_in(cluster().port, secret);
    for arguments in [
        "check --timeout 30",
        "check --timeout 30 --json",
        "set --check integracao.porta_banco_dados=1",
        "set integracao.porta_banco_dados=5433",
        "action excluir-tab-versao --yes tab_versao",
    ] {
        let ran = world.line(arguments);
        assert!(!format!("{ran:?}").contains(secret), "{ran:?}");
    }
    let mut folders = vec![world.folder().to_owned()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                files += 1;
                let bytes = fs::read(entry.path()).unwrap();
                assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{entry:?}");
            }
        }
    }
    assert!(files >= 3, "the document, its history and what passed");
}

#[test]
fn what_passed_is_told_after_it_fails() {
    // An address of the loopback that no other test uses: once the service is gone, nobody else is there.
    let quiet = Quiet::new();
    let service = Fake::at(&quiet.at(0), |stream| {
        let _ = stream.read(&mut [0; 512])?;
        stream.write_all(PAGE.as_bytes())
    });
    let document = json!({ "integracao": {
        "ip_servidor_retaguarda": quiet.address,
        "porta_integracao_clientes": service.port,
    } });
    let world = World::with_config(&document.to_string()).variable("TZ", "<-03>3");
    assert_eq!(world.line("check --only integracao_clientes").code, 0);
    drop(service);
    let kept: Value = serde_json::from_str(&world.read("config.json.checks")).unwrap();
    let at = kept["passed"][0]["at"].as_str().unwrap().to_owned();
    let words = world.line("check --only integracao_clientes");
    let ran = world.line("check --only integracao_clientes --json");
    assert_eq!(ran.json()["results"][0]["detail"]["last_passed"]["at"], json!(at));
    // In the time of the wall: three hours behind UTC.
    let hour: u32 = at[11..13].parse().unwrap();
    let local = format!("{:02}:{}, ", (hour + 21) % 24, &at[14..16]);
    assert!(words.stdout.contains("último teste sem falha: ") && words.stdout.contains(&local), "{words:?}");
}

#[test]
fn where_nothing_can_be_remembered_nothing_fails() {
    let service = Fake::answering(PAGE);
    let world = shop(1, service.port);
    world.write("config.json.checks/in-the-way", "");
    let ran = world.line("check --only integracao_clientes");
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let nowhere = World::new().variable("BALCAO_CONFIG", "/nonexistent/balcao/config.json");
    assert_eq!(nowhere.line("check --only logo").code, 0);
    assert!(!std::path::Path::new("/nonexistent").exists());
}

#[test]
fn a_fail_keeps_set_and_apply_from_writing() {
    let (service, nobody) = (Fake::answering(PAGE), Refusing::new());
    let world = shop(cluster().port, service.port);
    let before = world.config();
    let wish = format!("integracao.porta_integracao_clientes={}", nobody.port);
    let file = json!({ "integracao": { "porta_integracao_clientes": nobody.port } }).to_string();
    world.write("wish.json", &file);
    for arguments in [format!("set {wish} --check"), "apply wish.json --check".into()] {
        let ran = world.line(&arguments);
        assert!(ran.code == 1 && ran.stdout.contains("recusada") && ran.stderr.contains("nada foi gravado"), "{ran:?}");
        let ran = world.line(&format!("{arguments} --json"));
        let told = ran.json();
        assert_eq!((ran.code, &told["changed"], &told["changes"]), (1, &json!(false), &json!([])));
        assert_eq!(told["check"]["ok"], json!(false));
        assert_eq!(world.config(), before);
        assert!(!world.path("config.json.history").exists());
    }
    // The value before is what fails now, and the one that is wished for passes.
    let world = shop(cluster().port, nobody.port);
    let ran = world.line(&format!("set integracao.porta_integracao_clientes={} --check --json", service.port));
    let told = ran.json();
    assert_eq!((ran.code, &told["changed"], &told["check"]["ok"]), (0, &json!(true), &json!(true)), "{told}");
    assert!(world.config().contains(&service.port.to_string()));
    // A rejected value is not tested at all.
    let ran = world.line("set integracao.porta_banco_dados=0 --check");
    assert!(ran.code == 5 && ran.stdout.is_empty(), "{ran:?}");
}

#[test]
fn a_dry_run_that_checks_writes_nothing_either_way() {
    let service = Fake::answering(PAGE);
    let world = shop(cluster().port, 2);
    let before = world.config();
    let ran =
        world.line(&format!("set integracao.porta_integracao_clientes={} --check --dry-run --json", service.port));
    let told = ran.json();
    assert_eq!((ran.code, &told["changed"], &told["check"]["ok"]), (0, &json!(true), &json!(true)), "{told}");
    assert_eq!(world.config(), before);
}

#[test]
fn watching_tells_changes_and_ends_with_ctrl_c() {
    let place = Refusing::new();
    let world = shop(1, place.port).variable("PGPASSWORD", "abracadabra-42");
    let mut child = world
        .command(&["check", "--watch", "--json", "--only", "integracao_clientes"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let shown = fs::read_to_string(format!("/proc/{}/cmdline", child.id())).unwrap();
    assert!(!shown.contains("abracadabra"), "what `ps` shows");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    let first = next();
    assert_eq!((&first["diagnosis"], first.get("before")), (&json!("refused"), None));
    let service = place.open(|stream| {
        let _ = stream.read(&mut [0; 512])?;
        stream.write_all(PAGE.as_bytes())
    });
    let second = next();
    assert_eq!((&second["diagnosis"], &second["before"]), (&json!("ok"), &json!("refused")));
    assert!(second["since"].as_str() <= second["at"].as_str());
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(lines.next().is_none(), "one line a change, and none at the end");
    drop(service);
    assert!(world.read("config.json.checks").contains("porta_integracao_clientes"));
}

#[test]
fn on_a_terminal_the_stage_and_the_latencies_pass_by_and_leave_no_trace() {
    let (silent, service) = (Fake::silent(), Fake::answering(PAGE));
    let world = shop(silent.port, service.port);
    let mut waiting = Pty::spawn(&world, &["check", "--only", "banco_dados"], (60, 20));
    waiting.wait_text("banco_dados: aguardando resposta…");
    let ended = waiting.end();
    assert!(ended.code == 1 && !ended.text.contains("esperando"), "{}", ended.text);
    let mut watching = Pty::spawn(&world, &["check", "--watch", "--only", "integracao_clientes"], (60, 20));
    let is_strip = |row: &str| row.starts_with("integracao_clientes ") && row.trim_end().ends_with(" ms");
    watching.wait_for("a strip", |screen| screen.contents().lines().any(is_strip)).send(b"\x03");
    let ended = watching.end();
    assert!(ended.code == 130 && ended.text.contains("sem falha"), "{}", ended.text);
    assert!(!ended.text.lines().any(is_strip), "{}", ended.text);
}

#[test]
fn ctrl_c_ends_a_round_that_waits() {
    let (sender, connected) = mpsc::channel();
    let silent = Fake::serving(move |stream| {
        let _ = sender.send(());
        until_closed(stream)
    });
    let world = shop(silent.port, 2);
    let mut child = world
        .command(&["check", "--watch", "--timeout", "3600", "--only", "banco_dados"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Once it has connected, it waits for an answer that never comes, and its signals are heard.
    connected.recv().unwrap();
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn a_warning_makes_a_strict_check_fail_and_says_so() {
    let world = World::with_config(r#"{ "geral": { "caminho_imagem_logo": "/nao/existe.png" } }"#);
    for (line, code) in [("check --only logo --json", 0), ("check --only logo --strict --json", 1)] {
        let ran = world.line(line);
        assert_eq!((ran.code, &ran.json()["ok"]), (code, &json!(code == 0)), "{ran:?}");
        assert_eq!(ran.json()["results"][0]["status"], json!("warning"));
    }
    let fine = World::new().line("check --only logo --strict");
    assert_eq!(fine.code, 0, "{fine:?}");
    let help = world.line("check --help").stdout;
    for word in ["--strict", "--spread", "--only", "--ask-password", "Códigos de saída", "  1  um teste falhou"] {
        assert!(help.contains(word), "{word}: {help}");
    }
}

#[test]
fn a_check_can_be_put_off_by_a_part_of_some_seconds() {
    let world = World::new();
    assert_eq!(world.line("check --only logo --spread 0.01").code, 0);
    assert_eq!(world.line("check --only logo --spread 0").code, 2);
}

#[test]
fn the_port_beside_is_offered_as_a_command() {
    // On an address of the loopback that nobody else uses, the usual port may be ours.
    let quiet = Quiet::new();
    let _postgres = (Fake::at(&quiet.at(5434), until_closed), SocketName::of(5434));
    let world = World::with_config(
        &json!({ "integracao": { "ip_servidor_retaguarda": quiet.address, "porta_banco_dados": 1 } }).to_string(),
    );
    let before = world.config();
    let ran = world.line("check --only banco_dados --timeout 30");
    assert!(ran.stdout.contains("balcao-config set integracao.porta_banco_dados=5434"), "{ran:?}");
    assert_eq!(world.config(), before, "what is offered is not taken");
}

#[test]
fn a_port_that_has_worked_before_is_not_given_up_for_the_one_beside() {
    let quiet = Quiet::new();
    let usual = Fake::answering_at(&quiet.at(0), PAGE);
    let document = json!({ "integracao": {
        "ip_servidor_retaguarda": quiet.address,
        "porta_integracao_clientes": usual.port,
    } });
    let world = World::with_config(&document.to_string());
    assert_eq!(world.line("check --only integracao_clientes").code, 0);
    let port = usual.port;
    drop(usual);
    let _another = Fake::answering_at(&quiet.at(8083), PAGE);
    let ran = world.line("check --only integracao_clientes --timeout 30 --json");
    let remedy = ran.json()["results"][0]["remedy"].as_str().unwrap().to_owned();
    let both = ["Na porta 8083 responde um serviço HTTP.", &format!("Mas a {port} já funcionou")];
    assert!(both.iter().all(|words| remedy.contains(words)), "{remedy}");
}

#[test]
fn what_of_libpq_s_environment_is_not_used_is_said() {
    let nobody = Refusing::new();
    let world = shop(nobody.port, 1).variable("PGSERVICE", "loja").variable("PGCHANNELBINDING", "require");
    let ran = world.line("check --only banco_dados");
    for name in ["PGSERVICE", "PGCHANNELBINDING"] {
        assert!(ran.stderr.contains(&format!("{name} não é usada")), "{ran:?}");
    }
}

#[test]
fn where_nobody_is_at_the_address_the_search_is_named() {
    let hole = crate::fakes::BlackHole::new();
    let world = shop(hole.port, 1);
    let ran = world.line("check --only banco_dados --timeout 1");
    assert!(ran.code == 1 && ran.stdout.contains("balcao-config discover"), "{ran:?}");
}

#[test]
fn what_this_machine_lacks_is_told_as_such_and_no_panic_is_printed() {
    let document = json!({ "integracao": { "ip_servidor_retaguarda": "127.0.0.1" } }).to_string();
    let world = World::with_config(&document);
    // Fewer and fewer open files: until it does not start at all, the check says what is missing, and nothing else.
    let mut told = 0;
    for files in (4..40).rev() {
        let started = world.command(&["check", "--json", "--timeout", "30", "--only", "banco_dados"]);
        let mut limited = Command::new("sh");
        limited.args(["-c", &format!("ulimit -n {files}; exec \"$0\" \"$@\"")]).arg(started.get_program());
        limited.args(started.get_args()).env_clear().envs(started.get_envs().filter_map(|(n, v)| Some((n, v?))));
        let output = limited.output().unwrap();
        let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!stderr.contains("panicked") && !stderr.contains("RUST_BACKTRACE"), "{files}: {stderr}");
        let Ok(report) = serde_json::from_str::<Value>(&stdout) else { break };
        let found = &report["results"][0];
        if found["diagnosis"] == "local_limit" {
            told += 1;
            assert_eq!(found["detail"]["reason"], "files", "{files}: {found}");
        } else {
            assert!(report.get("error").is_some() || found["diagnosis"] == "refused", "{files}: {stdout}");
        }
    }
    assert!(told > 0);
}

#[test]
fn what_is_valid_is_tested_and_the_rest_is_skipped() {
    let service = Fake::answering(PAGE);
    let document = json!({ "integracao": {
        "porta_banco_dados": 70000, "porta_integracao_clientes": service.port,
    } });
    let world = World::with_config(&document.to_string());
    let only = world.line("check --only integracao_clientes");
    assert_eq!((only.code, only.stderr.as_str()), (0, ""), "what is invalid elsewhere is no matter here");
    let all = world.line("check --json");
    let told = all.json();
    let of = |target: &str| {
        let results = told["results"].as_array().unwrap().iter();
        results.clone().find(|result| result["target"] == target).unwrap()["status"].clone()
    };
    assert_eq!((of("integracao_clientes"), of("banco_dados")), (json!("ok"), json!("skipped")));
    // It is told, and does not pass for tested.
    assert_eq!((all.code, &told["ok"]), (3, &json!(false)));
    assert!(world.line("check").stderr.contains("70000"));
    assert_eq!(world.line("check --only banco_dados").code, 3);
}

#[test]
fn when_it_last_passed_says_whether_a_login_was_tested() {
    let quiet = Quiet::new();
    let document =
        json!({ "integracao": { "ip_servidor_retaguarda": quiet.address, "porta_banco_dados": 6011 } }).to_string();
    let asking = Fake::at(&quiet.at(6011), |stream| {
        startup(stream)?;
        stream.write_all(&authentication_request(10))?;
        until_closed(stream)
    });
    let world = World::with_config(&document);
    assert_eq!(world.line("check --timeout 30 --only banco_dados").code, 0);
    drop(asking);
    let ran = world.line("check --only banco_dados");
    assert!(ran.stdout.contains("último teste sem falha, sem testar o login: "), "{ran:?}");
    let told = world.line("check --only banco_dados --json").json();
    assert_eq!(told["results"][0]["detail"]["last_passed"]["login"], json!(false), "{told}");
}

#[test]
fn one_cause_of_several_failures_is_mended_once_and_told_once() {
    let document = json!({ "integracao": { "ip_servidor_retaguarda": "255.255.255.0" } }).to_string();
    let ran = World::with_config(&document).line("check");
    assert_eq!(ran.code, 1);
    assert_eq!(ran.stdout.matches("Confira o IP no servidor").count(), 1, "{}", ran.stdout);
    assert_eq!(ran.stdout.matches("máscara de rede").count(), 3, "{}", ran.stdout);
}
