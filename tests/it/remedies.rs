//! Every remedy that says what to do on the server, followed to the letter: its lines are pasted, and the check passes.

use std::fs;
use std::io::Write;
use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use balcao_config::check::credentials::{Encryption, Secret};
use balcao_config::check::remedy::Remedy;
use balcao_config::check::{Credentials, Diagnosis, Options, Outcome, Status, version_table};
use balcao_config::lang::Lang;
use balcao_config::safe::Safe;

use crate::busy::at_best;
use crate::check::{database, detail, given, outcome};
use crate::fakes::Quiet;
use crate::login::with_password;
use crate::postgres::{Cluster, Spec};
use crate::relay::Relay;
use crate::tls;

const SECRET: &str = "abracadabra-42";

/// A folder with a `sudo` that stands in for the server's: it does as it is told, as the account of the tests' server.
fn tools(server: &Cluster) -> tempfile::TempDir {
    tools_at(server.folder(), server.port)
}

/// The same where the socket of what is asked is in this folder.
pub fn tools_at(socket: &Path, port: u16) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let sudo = folder.path().join("sudo");
    let script = format!(
        "#!/bin/sh\n[ \"$1 $2\" = '-u postgres' ] || exit 1\nshift 2\n\
         export HOME=/none PGHOST='{}' PGPORT={port} PGUSER=postgres PGDATABASE=postgres\n\
         owner=$(stat -c %u \"$PGHOST\")\n\
         [ \"$(id -u)\" = \"$owner\" ] || set -- setpriv --reuid \"$owner\" --clear-groups \"$@\"\nexec \"$@\"\n",
        socket.display()
    );
    fs::write(&sudo, script).unwrap();
    fs::set_permissions(&sudo, fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

/// Gives this command to a shell on the server, and types these lines into what it starts; what it prints. Without a
/// terminal: passwords are read from the lines too.
pub fn typed(tools: &Path, command: &str, lines: &str) -> String {
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("setsid")
        .args(["-w", "sh", "-c", command])
        .env("PATH", path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    shell.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = shell.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(!text(&output.stderr).contains("ERROR"), "{command} {lines}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// Pastes what the remedy gives to paste; `answers` is typed after it, where something is asked.
fn paste(server: &Cluster, found: &Outcome, answers: &str) {
    // A relay has a port of its own, which nobody on the server would type.
    let tested = format!("-p {}", found.request.point.address().unwrap().rsplit_once(':').unwrap().1);
    let on_server = |line: &str| line.replace(&tested, &format!("-p {}", server.port));
    let remedy = found.remedy(&Default::default(), Lang::Pt);
    // Of the lines for one case alone, the last is what a lost password needs, or a database that is missing.
    let in_case = !answers.is_empty() || found.diagnosis == Diagnosis::DatabaseMissing;
    let lost = remedy.cases.last().into_iter().flat_map(|case| &case.lines).filter(|_| in_case);
    let lines: Vec<String> = remedy.to_paste().iter().chain(lost).map(|line| on_server(line.as_str())).collect();
    let tools = tools(server);
    match lines.as_slice() {
        // Where the file is, the line for its end, and how it comes into force.
        [file, line, reload] if file.contains("hba_file") => {
            let path = PathBuf::from(typed(tools.path(), file.as_str(), "").trim());
            let before = fs::read_to_string(&path).unwrap();
            fs::write(&path, format!("{before}{line}\n")).unwrap();
            typed(tools.path(), reload.as_str(), "");
            // The line counts once the server has read it.
            server.reload();
        }
        [prompt, lines @ ..] => {
            typed(tools.path(), prompt, &format!("{}\n{answers}", lines.join("\n")));
        }
        [] => panic!("nothing to paste: {:?}", detail(found)),
    }
}

fn check(server: &Cluster, options: &Options) -> Outcome {
    outcome(database("127.0.0.1", server.port), options)
}

fn in_database(name: &str) -> Options {
    let options = with_password("Caixa 1", SECRET);
    let mut credentials = Credentials::clone(&options.credentials);
    credentials.database = Some(name.into());
    Options { credentials: credentials.into(), ..options }
}

fn server(access: &str, role: &str) -> Cluster {
    let access = format!("local all all trust\n{access}");
    Cluster::start(&Spec { access: &access, settings: "", roles: &format!("CREATE ROLE \"Caixa 1\" {role}") })
}

#[test]
fn the_line_for_the_access_list_admits_the_login_and_takes_nothing_from_those_above() {
    let server = server("host all postgres 127.0.0.1/32 reject\n", &format!("LOGIN PASSWORD '{SECRET}'"));
    let options = with_password("Caixa 1", SECRET);
    let before = check(&server, &options);
    assert_eq!(before.diagnosis, Diagnosis::HbaRejected, "{:?}", detail(&before));
    assert_eq!(detail(&before)["hba_line"], "host  postgres  \"Caixa 1\"  127.0.0.1/32  md5");
    paste(&server, &before, "");
    let after = check(&server, &options);
    assert_eq!(after.diagnosis, Diagnosis::Ok, "{:?}", detail(&after));
    // By SCRAM, since the secret is of that kind; and the stricter line still stands.
    assert_eq!(detail(&after)["method"], "scram-sha-256");
    assert_eq!(check(&server, &given("postgres", "postgres")).diagnosis, Diagnosis::HbaRejected);
}

#[test]
fn behind_a_proxy_the_line_has_the_address_that_the_server_sees() {
    let server = server("", &format!("LOGIN PASSWORD '{SECRET}'"));
    let relay = Relay::to(server.port, Ipv4Addr::new(127, 0, 0, 5), usize::MAX);
    let options = with_password("Caixa 1", SECRET);
    let through = || outcome(database("127.0.0.1", relay.port), &options);
    let before = through();
    assert_eq!(detail(&before)["hba_line"], "host  postgres  \"Caixa 1\"  127.0.0.5/32  md5", "{:?}", detail(&before));
    paste(&server, &before, "");
    assert_eq!(through().diagnosis, Diagnosis::Ok);
}

#[test]
fn where_the_server_encrypts_the_line_is_for_encrypted_connections() {
    let server = tls::good();
    let credentials = || tls::under(Encryption::Prefer, None).with_password(Secret::new("segredo-tls"));
    let before = tls::found("127.0.0.1", server.port, "sem_linha", credentials());
    assert_eq!(before.diagnosis, Diagnosis::HbaRejected, "{:?}", detail(&before));
    assert_eq!(detail(&before)["hba_line"], "hostssl  postgres  sem_linha  127.0.0.1/32  md5");
    // Nor is it weaker where the test itself does without encryption.
    let plain = tls::found("127.0.0.1", server.port, "sem_linha", tls::under(Encryption::Disable, None));
    assert_eq!(detail(&plain)["hba_line"], detail(&before)["hba_line"], "{:?}", detail(&plain));
    paste(server, &before, "");
    let after = tls::found("127.0.0.1", server.port, "sem_linha", credentials());
    assert_eq!((after.diagnosis, &detail(&after)["protection"]), (Diagnosis::Ok, &"encrypted".into()));
}

#[test]
fn what_is_wrong_with_a_role_or_a_database_is_mended_by_the_lines() {
    let server = server("host all all 127.0.0.1/32 scram-sha-256\n", &format!("LOGIN PASSWORD '{SECRET}'"));
    // What breaks it; the database that is asked for; what is told.
    let table = [
        ("SELECT 1", "loja", Diagnosis::DatabaseMissing),
        ("ALTER DATABASE loja ALLOW_CONNECTIONS false", "loja", Diagnosis::DatabaseClosed),
        (
            "ALTER DATABASE loja OWNER TO postgres; REVOKE CONNECT ON DATABASE loja FROM PUBLIC",
            "loja",
            Diagnosis::NoConnectRight,
        ),
        ("ALTER DATABASE loja CONNECTION LIMIT 0", "loja", Diagnosis::ConnectionLimit),
        ("ALTER ROLE \"Caixa 1\" CONNECTION LIMIT 0", "loja", Diagnosis::ConnectionLimit),
        ("ALTER ROLE \"Caixa 1\" NOLOGIN", "loja", Diagnosis::AuthFailed),
    ];
    for (breaking, name, diagnosis) in table {
        server.execute(&[breaking]);
        let before = check(&server, &in_database(name));
        assert_eq!(before.diagnosis, diagnosis, "{breaking}: {:?}", detail(&before));
        paste(&server, &before, "");
        let after = check(&server, &in_database(name));
        assert_eq!((after.diagnosis, after.status()), (Diagnosis::Ok, Status::Ok), "{breaking}: {:?}", detail(&after));
    }
}

#[test]
fn who_holds_the_connections_is_shown_and_closing_one_lets_the_next_in() {
    let settings = "max_connections = 4\nsuperuser_reserved_connections = 2\nmax_wal_senders = 0\n";
    let access = "local all all trust\nhost all all all trust\n";
    let server = Cluster::start(&Spec { access, settings, roles: "CREATE ROLE maria LOGIN" });
    let login = format!("host=127.0.0.1 port={} user=maria dbname=postgres application_name=caixa", server.port);
    let held: Vec<_> = std::iter::from_fn(|| ::postgres::Client::connect(&login, ::postgres::NoTls).ok()).collect();
    let options = given("maria", "postgres");
    let before = check(&server, &options);
    assert_eq!(before.diagnosis, Diagnosis::TooManyConnections, "{:?}", detail(&before));
    let lines: Vec<_> =
        before.remedy(&Default::default(), Lang::Pt).to_paste().iter().map(ToString::to_string).collect();
    let shown = typed(tools(&server).path(), &lines[0], &lines[1..].join("\n"));
    assert!(shown.contains("caixa"), "{shown}");
    drop(held);
    let after = at_best(|| check(&server, &options), |found| found.diagnosis == Diagnosis::Ok);
    assert_eq!(after.diagnosis, Diagnosis::Ok, "{:?}", detail(&after));
    // More of them, in the case where they are too few: what follows the prompt is for the shell.
    let case = before.remedy(&Default::default(), Lang::Pt).cases.pop().unwrap().lines;
    let sql: Vec<_> = case.iter().map(Safe::as_str).take_while(|line| *line != "\\q").collect();
    typed(tools(&server).path(), &lines[0], &sql.join("\n"));
    assert_eq!(case.last().unwrap().as_str(), "sudo systemctl restart postgresql");
    server.stop("fast", true);
    server.start_again();
    let max: String = server.client().query_one("SHOW max_connections", &[]).unwrap().get(0);
    assert_eq!(max, "8");
}

#[test]
fn the_sslmode_that_is_told_logs_in() {
    let server = tls::good();
    for (user, mode, told, right) in [
        ("so_cifrado", Encryption::Disable, "PGSSLMODE=require", Encryption::Require),
        ("so_claro", Encryption::Require, "PGSSLMODE=disable", Encryption::Disable),
    ] {
        let before = tls::found("127.0.0.1", server.port, user, tls::under(mode, None));
        let remedy = before.remedy(&Default::default(), Lang::Pt).sentence;
        assert!(remedy.as_str().contains(told), "{remedy}");
        let after = tls::found("127.0.0.1", server.port, user, tls::under(right, None));
        assert_eq!(after.diagnosis, Diagnosis::Ok, "{:?}", detail(&after));
    }
}

#[test]
fn a_password_that_was_lost_is_set_anew() {
    let server = server("host all all 127.0.0.1/32 scram-sha-256\n", "LOGIN PASSWORD 'outra'");
    let options = with_password("Caixa 1", SECRET);
    let before = check(&server, &options);
    assert_eq!(before.diagnosis, Diagnosis::AuthFailed, "{:?}", detail(&before));
    paste(&server, &before, &format!("{SECRET}\n{SECRET}\n"));
    assert_eq!(check(&server, &options).diagnosis, Diagnosis::Ok);
}

#[test]
fn a_secret_of_the_old_kind_under_a_line_for_scram_is_set_anew_as_one_of_scram() {
    let server = server("host all all 127.0.0.1/32 scram-sha-256\n", "LOGIN");
    server.execute(&[
        "ALTER SYSTEM SET password_encryption = 'md5'",
        &format!("SET password_encryption = 'md5'; ALTER ROLE \"Caixa 1\" PASSWORD '{SECRET}'"),
    ]);
    server.reload();
    let options = with_password("Caixa 1", SECRET);
    let before = check(&server, &options);
    assert_eq!(before.diagnosis, Diagnosis::AuthFailed, "{:?}", detail(&before));
    // The query shows which case it is, and the same password is set again.
    let remedy = before.remedy(&Default::default(), Lang::Pt);
    let lines = remedy.to_paste();
    let shown = typed(tools(&server).path(), lines[0].as_str(), lines[1].as_str());
    assert!(shown.contains("| md5"), "{shown}");
    let case = remedy.cases.iter().find(|case| case.when.as_str().contains("md5")).unwrap();
    let typing: Vec<_> = case.lines.iter().map(Safe::as_str).chain([SECRET, SECRET]).collect();
    typed(tools(&server).path(), lines[0].as_str(), &format!("{}\n", typing.join("\n")));
    assert_eq!(check(&server, &options).diagnosis, Diagnosis::Ok);
    // A user who is not there at all.
    server.execute(&["DROP ROLE \"Caixa 1\""]);
    let before = check(&server, &options);
    assert_eq!(before.diagnosis, Diagnosis::AuthFailed, "{:?}", detail(&before));
    let remedy = before.remedy(&Default::default(), Lang::Pt);
    assert!(typed(tools(&server).path(), lines[0].as_str(), lines[1].as_str()).contains("(0 rows)"));
    let case = remedy.cases.iter().find(|case| case.when.as_str().starts_with("0 linhas")).unwrap();
    let typing: Vec<_> = case.lines.iter().map(Safe::as_str).chain([SECRET, SECRET]).collect();
    typed(tools(&server).path(), lines[0].as_str(), &format!("{}\n", typing.join("\n")));
    assert_eq!(check(&server, &options).diagnosis, Diagnosis::Ok);
}

#[test]
fn an_old_secret_logs_in_where_it_is_allowed_and_becomes_a_new_one_by_the_lines() {
    let server = server("host all all 127.0.0.1/32 md5\n", "LOGIN");
    server.execute(&[&format!("SET password_encryption = 'md5'; ALTER ROLE \"Caixa 1\" PASSWORD '{SECRET}'")]);
    let options = with_password("Caixa 1", SECRET);
    let before = check(&server, &options);
    assert_eq!((before.diagnosis, before.status()), (Diagnosis::AuthUnsafe, Status::Warning), "{:?}", detail(&before));
    let allowed = Credentials::clone(&options.credentials).allowing(&["md5".into()]).unwrap();
    let allowed = Options { credentials: allowed.into(), ..options.clone() };
    assert_eq!(check(&server, &allowed).diagnosis, Diagnosis::Ok);
    paste(&server, &before, &format!("{SECRET}\n{SECRET}\n"));
    let after = check(&server, &options);
    assert_eq!((after.diagnosis, &detail(&after)["method"]), (Diagnosis::Ok, &"scram-sha-256".into()));
}

#[test]
fn above_a_line_with_another_method_one_login_is_let_in_by_password_and_nobody_else_loses_it() {
    let server = server("host all all 127.0.0.1/32 ident\n", &format!("LOGIN PASSWORD '{SECRET}'"));
    let options = with_password("Caixa 1", SECRET);
    let before = check(&server, &options);
    assert_eq!(before.diagnosis, Diagnosis::AuthMethod, "{:?}", detail(&before));
    let [file, line, reload] = <[_; 3]>::try_from(before.remedy(&Default::default(), Lang::Pt).to_paste()).unwrap();
    assert_eq!(line.as_str(), "host  postgres  \"Caixa 1\"  127.0.0.1/32  md5");
    let tools = tools(&server);
    let path = PathBuf::from(typed(tools.path(), file.as_str(), "").trim());
    let list = fs::read_to_string(&path).unwrap();
    let (above, met) = list.split_at(list.find("host all all 127.0.0.1/32 ident").unwrap());
    fs::write(&path, format!("{above}{line}\n{met}")).unwrap();
    typed(tools.path(), reload.as_str(), "");
    server.reload();
    assert_eq!(check(&server, &options).diagnosis, Diagnosis::Ok);
    // The line that was there is still there for everybody else.
    assert_eq!(check(&server, &given("postgres", "postgres")).diagnosis, Diagnosis::AuthMethod);
}

#[test]
fn a_server_with_old_tls_alone_takes_a_current_one_by_the_lines() {
    let server = tls::old();
    let found = || tls::found("127.0.0.1", server.port, "so_cifrado", tls::under(Encryption::Require, None));
    for breaking in [
        "SELECT 1",
        // Ciphers that nobody should use any more, under a current version.
        "ALTER SYSTEM SET ssl_max_protocol_version = 'TLSv1.2'; ALTER SYSTEM SET ssl_ciphers = 'AES256-SHA'",
    ] {
        for statement in breaking.split("; ") {
            server.execute(&[statement]);
        }
        server.reload();
        let before = found();
        assert_eq!((before.diagnosis, before.status()), (Diagnosis::TlsVersion, Status::Fail), "{:?}", detail(&before));
        paste(&server, &before, "");
        server.reload();
        assert_eq!(found().diagnosis, Diagnosis::Ok, "{breaking}");
    }
}

#[test]
fn a_role_whose_validity_is_past_gets_in_with_the_password_that_it_has() {
    let role = format!("LOGIN PASSWORD '{SECRET}' VALID UNTIL '2020-01-01'");
    let server = server("host all all 127.0.0.1/32 scram-sha-256\n", &role);
    let options = with_password("Caixa 1", SECRET);
    let before = check(&server, &options);
    assert_eq!(before.diagnosis, Diagnosis::AuthFailed, "{:?}", detail(&before));
    // What is pasted in every case changes nothing.
    paste(&server, &before, "");
    assert_eq!(check(&server, &options).diagnosis, Diagnosis::AuthFailed);
    let remedy = before.remedy(&Default::default(), Lang::Pt);
    assert!(remedy.cases[0].when.as_str().contains("rolvaliduntil"), "{:?}", remedy.cases);
    typed(tools(&server).path(), "sudo -u postgres psql", remedy.cases[0].lines[0].as_str());
    assert_eq!(check(&server, &options).diagnosis, Diagnosis::Ok);
}

#[test]
fn a_server_that_listens_to_itself_alone_is_opened_by_the_lines_of_that_case() {
    let access = "local all all trust\nhost all all 127.0.0.0/8 trust\n";
    let server = Cluster::start(&Spec { access, settings: "", roles: "" });
    let quiet = Quiet::new();
    let check = || outcome(database(&quiet.address, server.port), &given("postgres", "postgres"));
    let mut before = check();
    assert_eq!(before.diagnosis, Diagnosis::Refused, "{:?}", detail(&before));
    // The server is this machine here: what another one is told.
    (before.evidence.this_machine, before.evidence.here) = (Some(false), None);
    let remedy = before.remedy(&Default::default(), Lang::Pt);
    let case = remedy.cases.last().unwrap();
    assert!(case.when.as_str().contains("127.0.0.1"), "{case:?}");
    let (restart, lines) = case.lines.split_last().unwrap();
    assert_eq!(restart.as_str(), "sudo systemctl restart postgresql");
    let tools = tools(&server);
    let said: Vec<String> = lines.iter().map(|line| typed(tools.path(), line.as_str(), "")).collect();
    assert_eq!(said[0], format!("{}\n127.0.0.1\n", server.port));
    server.stop("fast", true);
    assert!(server.start_again());
    assert_eq!(check().diagnosis, Diagnosis::Ok);
}

#[test]
fn a_server_of_this_machine_that_listens_elsewhere_is_told_with_where_and_opened_by_the_lines() {
    let quiet = Quiet::new();
    let access = "local all all trust\nhost all all 127.0.0.0/8 trust\n";
    let elsewhere = quiet.address.clone();
    for (listens, reason) in [("", "on_its_socket_alone"), (&*elsewhere, "at_another_address")] {
        let settings = format!("listen_addresses = '{listens}'\n");
        let server = Cluster::start(&Spec { access, settings: &settings, roles: "" });
        let check = || outcome(database("127.0.0.1", server.port), &given("postgres", "postgres"));
        let before = check();
        let told = detail(&before);
        assert_eq!((before.diagnosis, &told["reason"]), (Diagnosis::Refused, &reason.into()), "{told:?}");
        assert!(told.get("suggestion").is_none(), "another server is not offered in its place: {told:?}");
        let remedy = before.remedy(&Default::default(), Lang::Pt);
        assert!(remedy.sentence.as_str().contains(listens), "{}", remedy.sentence);
        let lines = remedy.to_paste();
        let (restart, lines) = lines.split_last().unwrap();
        assert_eq!(restart.as_str(), "sudo systemctl restart postgresql");
        let tools = tools(&server);
        let said: Vec<String> = lines.iter().map(|line| typed(tools.path(), line.as_str(), "")).collect();
        assert_eq!(said[0], format!("{}\n{listens}\n", server.port));
        server.stop("fast", true);
        assert!(server.start_again());
        assert_eq!(check().diagnosis, Diagnosis::Ok);
    }
}

/// Gives the lines of a remedy and of its case with these words to one shell of the server, as they are pasted there.
fn in_one_shell(server: &Cluster, remedy: &Remedy, case: &str) -> String {
    let tested = format!(" -p {}", server.port);
    let case = remedy.cases.iter().find(|one| one.when.as_str().starts_with(case)).unwrap_or_else(|| panic!("{case}"));
    let lines: Vec<_> = remedy.to_paste().into_iter().chain(case.lines.clone()).collect();
    assert!(lines[0].as_str().contains(&tested), "{lines:?}");
    let lines: Vec<&str> = lines.iter().map(Safe::as_str).collect();
    typed(tools(server).path(), &lines.join("\n"), "")
}

#[test]
fn encryption_is_turned_on_by_the_lines_with_a_certificate_that_is_there_or_is_made() {
    let required =
        || Options { credentials: tls::under(Encryption::Require, None).into(), ..given("postgres", "postgres") };
    let access = "local all all trust\nhost all all 127.0.0.1/32 trust\n";
    for case in ["Falta um?", "Existem os dois?"] {
        let server = Cluster::start(&Spec { access, settings: "", roles: "" });
        let options = required();
        let look = || tls::found("127.0.0.1", server.port, "postgres", Credentials::clone(&options.credentials));
        let before = look();
        assert_eq!(detail(&before)["reason"], "not_offered", "{:?}", detail(&before));
        let remedy = before.remedy(&Default::default(), Lang::Pt);
        if case.starts_with("Existem") {
            // Without a certificate this turns nothing on: the server would not start again.
            in_one_shell(&server, &remedy, case);
            assert_eq!(detail(&look())["reason"], "not_offered");
            for kind in ["key", "crt"] {
                let made = fs::read(tls::papers().path(&format!("bom.{kind}"))).unwrap();
                server.put(&format!("server.{kind}"), made);
            }
        }
        in_one_shell(&server, &remedy, case);
        let after = at_best(look, |found| found.diagnosis == Diagnosis::Ok);
        assert_eq!((after.diagnosis, &detail(&after)["protection"]), (Diagnosis::Ok, &"encrypted".into()));
        server.stop("fast", true);
        assert!(server.start_again(), "it starts with it, too");
    }
}

#[test]
fn a_certificate_of_the_shop_s_own_that_has_expired_is_shown_and_renewed_by_the_lines() {
    let server = tls::server("proprio_vencido");
    let roots = tls::papers().path("proprio_vencido.crt");
    let look = |roots: &Path| {
        tls::found("localhost", server.port, "so_cifrado", tls::under(Encryption::VerifyCa, Some(roots)))
    };
    let before = look(&roots);
    assert_eq!(detail(&before)["reason"], "expired", "{:?}", detail(&before));
    let said = in_one_shell(&server, &before.remedy(&Default::default(), Lang::Pt), "subject e issuer");
    assert!(said.contains("subject=CN") && said.contains("notAfter"), "{said}");
    // What this terminal is to trust is the new one: its lines show it.
    let unknown = tls::found("localhost", server.port, "so_cifrado", tls::under(Encryption::VerifyCa, None));
    let lines = unknown.remedy(&Default::default(), Lang::Pt).to_paste();
    let lines: Vec<&str> = lines.iter().map(Safe::as_str).collect();
    let shown = typed(tools(&server).path(), &lines.join("\n"), "");
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), shown).unwrap();
    let after = at_best(|| look(file.path()), |found| found.diagnosis == Diagnosis::Ok);
    assert_eq!(after.diagnosis, Diagnosis::Ok, "{:?}", detail(&after));
}

#[test]
fn an_action_that_cannot_log_in_gives_the_lines_of_each_case() {
    let server = server("host all all 127.0.0.1/32 scram-sha-256\n", "LOGIN PASSWORD 'outra'");
    let found = check(&server, &with_password("Caixa 1", SECRET));
    let trouble = version_table::Trouble::NoLogin(Box::new(found)).problem(&Default::default(), Lang::Pt);
    let hints: Vec<_> = trouble.hints.iter().map(Safe::as_str).collect();
    assert!(hints.contains(&"ALTER ROLE \"Caixa 1\" VALID UNTIL 'infinity';"), "{hints:#?}");
}
