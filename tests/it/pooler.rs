//! A PgBouncer between the check and a real PostgreSQL: healthy in every mode, left as it was, and its errors told apart.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use ::postgres::{Client, NoTls};
use balcao_config::check::credentials::Encryption;
use balcao_config::check::{Diagnosis, Options, Outcome, Status, version_table};
use balcao_config::document::timestamp::Timestamp;
use balcao_config::lang::Lang;
use balcao_config::safe::Safe;

use crate::busy::{at_best, wait_until};
use crate::check::{PATIENT, SHORT, database, detail, given, outcome, within};
use crate::login::with_password;
use crate::postgres::{Cluster, Spec, as_owner};
use crate::remedies::{tools_at, typed};
use crate::tls;

const PASSWORD: &str = "segredo-do-pooler";

/// A running PgBouncer. Its user `maria` proves PASSWORD by SCRAM; the database `loja` is behind it.
pub struct Pooler {
    pub port: u16,
    /// Ends the program when it is dropped, or when the tests end.
    watchdog: Child,
    folder: tempfile::TempDir,
}

impl Pooler {
    /// As its package configures it, but for these lines.
    pub fn start(settings: &str) -> Pooler {
        Pooler::with_files(settings, &[])
    }

    /// With copies of these files in its folder, which the settings call DIR.
    fn with_files(settings: &str, files: &[(&str, PathBuf)]) -> Pooler {
        let folder = tempfile::Builder::new().prefix("balcao-config-pooler-").tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (server, trusting) = (server(), settings.contains("trust"));
        let secret: String =
            server.client().query_one("SELECT rolpassword FROM pg_authid WHERE rolname = 'maria'", &[]).unwrap().get(0);
        let path = |name: &str| folder.path().join(name);
        let settings = settings.replace("DIR", folder.path().to_str().unwrap());
        let ini = format!(
            "[databases]\nloja = host=127.0.0.1 port={0}\npostgres = host=127.0.0.1 port={0}\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir = {3}\n\
             auth_type = md5\nauth_file = {1}\nlogfile = {2}\n{settings}\n",
            server.port,
            path("users").display(),
            path("log").display(),
            folder.path().display()
        );
        fs::write(path("ini"), ini).unwrap();
        fs::write(
            path("users"),
            format!("\"maria\" \"{secret}\"\n{}", if trusting { "\"postgres\" \"\"\n" } else { "" }),
        )
        .unwrap();
        // It refuses to run as root, as the server does.
        let owner = fs::metadata(server.folder()).unwrap();
        let copied = files.iter().map(|(name, from)| {
            fs::copy(from, path(name)).unwrap();
            path(name)
        });
        for path in [folder.path().to_path_buf(), path("ini"), path("users")].into_iter().chain(copied) {
            chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
        }
        let mut command = Command::new("sh");
        command
            .args(["-c", r#"PATH="$PATH:/usr/sbin"; pgbouncer -q "$1" & read -r _; kill $!"#, "watchdog"])
            .arg(path("ini"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        as_owner(&mut command);
        let watchdog = command.spawn().unwrap();
        wait_until("the pooler listens", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        Pooler { port, watchdog, folder }
    }

    fn client(&self) -> Client {
        let login = format!("host=127.0.0.1 port={} user=maria dbname=loja password={PASSWORD}", self.port);
        Client::connect(&login, NoTls).unwrap()
    }

    /// Types these lines at its console, which the command opens; what it shows.
    fn typed(&self, command: &str, lines: &[Safe]) -> String {
        let lines: Vec<&str> = lines.iter().map(Safe::as_str).collect();
        typed(tools_at(self.folder.path(), self.port).path(), command, &lines.join("\n"))
    }

    /// Types what the remedy gives to type in every case.
    fn follow(&self, found: &Outcome) -> String {
        let lines = found.remedy(&Default::default(), Lang::Pt).to_paste();
        self.typed(lines[0].as_str(), &lines[1..])
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}

/// The server behind all of them.
fn server() -> &'static Cluster {
    static SERVER: OnceLock<Cluster> = OnceLock::new();
    SERVER.get_or_init(|| {
        let access = "local all all trust\nhost all all 127.0.0.1/32 trust\n";
        let roles = format!("CREATE ROLE maria LOGIN PASSWORD '{PASSWORD}'");
        let server = Cluster::start(&Spec { access, settings: "", roles: &roles });
        server.execute(&["CREATE DATABASE loja OWNER maria"]);
        server
    })
}

fn as_maria(database: &str, password: &str) -> Options {
    let options = with_password("maria", password);
    let mut credentials = balcao_config::check::Credentials::clone(&options.credentials);
    credentials.database = Some(database.into());
    Options { credentials: credentials.into(), ..options }
}

#[test]
fn a_healthy_pooler_is_ok_in_every_mode_and_with_a_login_or_without() {
    for mode in ["session", "transaction", "statement"] {
        let pooler = Pooler::start(&format!("pool_mode = {mode}"));
        let found = outcome(database("127.0.0.1", pooler.port), &as_maria("loja", PASSWORD));
        assert_eq!((found.diagnosis, found.status()), (Diagnosis::Ok, Status::Ok), "{mode}: {:?}", detail(&found));
        assert_eq!(detail(&found)["server_version"], server().version.as_str(), "{mode}");
        let found = outcome(database("127.0.0.1", pooler.port), &within(PATIENT));
        assert_eq!((found.diagnosis, found.status()), (Diagnosis::AuthRequired, Status::Ok), "{mode}");
    }
    let pooler = Pooler::start("auth_type = trust\npool_mode = transaction");
    let found = outcome(database("127.0.0.1", pooler.port), &within(PATIENT));
    assert_eq!((found.diagnosis, found.status()), (Diagnosis::Ok, Status::Ok), "{:?}", detail(&found));
}

#[test]
fn a_check_leaves_the_connection_that_the_pooler_shares_as_it_was() {
    for mode in ["transaction", "statement", "session"] {
        let pooler = Pooler::start(&format!("pool_mode = {mode}\ndefault_pool_size = 1"));
        // The one connection to the server is there before the check.
        let before = settings(&mut pooler.client());
        let found = outcome(database("127.0.0.1", pooler.port), &as_maria("loja", PASSWORD));
        assert_eq!(found.diagnosis, Diagnosis::Ok, "{mode}: {:?}", detail(&found));
        // The shop's next program is given the same connection, and may write.
        let mut next = pooler.client();
        assert_eq!(settings(&mut next), before, "{mode}");
        next.simple_query(&format!("CREATE TABLE venda_{mode} (numero int)")).unwrap();
        next.simple_query(&format!("INSERT INTO venda_{mode} VALUES (1)")).unwrap();
    }
}

/// The shared connection's process, and what a check or an action might have left in it.
fn settings(client: &mut Client) -> Vec<String> {
    let names = ["default_transaction_read_only", "statement_timeout", "lock_timeout", "search_path", "row_security"];
    let show = |name: &str| format!("SELECT pg_backend_pid()::text || ' ' || current_setting('{name}') AS x");
    let first = |found: Vec<::postgres::SimpleQueryMessage>| {
        found.into_iter().find_map(|message| match message {
            ::postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_string),
            _ => None,
        })
    };
    names.iter().map(|name| first(client.simple_query(&show(name)).unwrap()).unwrap()).collect()
}

#[test]
fn the_version_table_is_set_aside_through_a_pooler_that_shares_or_its_own_words_are_told() {
    let pooler = Pooler::start("pool_mode = transaction\ndefault_pool_size = 1");
    let make = "CREATE TABLE versao_transaction (id serial PRIMARY KEY)";
    pooler.client().simple_query(make).unwrap();
    let (request, options) = (database("127.0.0.1", pooler.port), as_maria("loja", PASSWORD));
    let before = settings(&mut pooler.client());
    let found = version_table::look(&request, "versao_transaction", &options).unwrap();
    assert_eq!((found.server.database.as_str(), found.server.login.as_str()), ("loja", "maria"));
    let now = Timestamp::of(std::time::SystemTime::now());
    let moved = version_table::set_aside(&request, &found, now, &options).unwrap();
    assert_eq!(settings(&mut pooler.client()), before);
    pooler.client().simple_query(&moved.put_back).unwrap();
    pooler.client().simple_query("INSERT INTO versao_transaction DEFAULT VALUES").unwrap();

    let pooler = Pooler::start("pool_mode = statement");
    let refused = version_table::look(&database("127.0.0.1", pooler.port), "versao_statement", &options).unwrap_err();
    let problem = refused.problem(&Default::default(), Lang::Pt);
    assert!(problem.message.as_str().contains("statement pooling"), "{}", problem.message);
}

#[test]
fn the_errors_of_a_pooler_are_told_apart_by_its_words() {
    let pooler = Pooler::start("max_client_conn = 2");
    let held = [pooler.client(), pooler.client()];
    let full = outcome(database("127.0.0.1", pooler.port), &as_maria("loja", PASSWORD));
    assert_eq!(
        (full.diagnosis, full.status()),
        (Diagnosis::TooManyConnections, Status::Warning),
        "{:?}",
        detail(&full)
    );
    drop(held);
    let pooler = Pooler::start("");
    for (options, diagnosis, word) in [
        (as_maria("loja", "errada"), Diagnosis::AuthFailed, "auth_file"),
        (as_maria("nenhuma", PASSWORD), Diagnosis::DatabaseMissing, "pgbouncer.ini"),
    ] {
        let found = outcome(database("127.0.0.1", pooler.port), &options);
        assert_eq!((found.diagnosis, found.status()), (diagnosis, Status::Fail), "{:?}", detail(&found));
        assert_eq!(detail(&found)["sqlstate"], "08P01");
        let remedy = found.remedy(&Default::default(), Lang::Pt).sentence;
        assert!(remedy.as_str().contains(word), "{remedy}");
    }
    let none = outcome(database("127.0.0.1", pooler.port), &given("maria", "loja"));
    assert_eq!(none.diagnosis, Diagnosis::NoPassword, "{:?}", detail(&none));
}

#[test]
fn a_certificate_that_the_handshake_demands_is_told_as_such() {
    let paper = |name: &str| tls::papers().path(name);
    // The one says it in an alert of its own after the handshake, the other has none for it.
    for versions in ["tlsv1.3", "tlsv1.2"] {
        let pooler = Pooler::with_files(
            &format!(
                "client_tls_sslmode = verify-ca\nclient_tls_protocols = {versions}\nclient_tls_ca_file = DIR/ca.crt\n\
                 client_tls_cert_file = DIR/bom.crt\nclient_tls_key_file = DIR/bom.key"
            ),
            &[("ca.crt", paper("ca.crt")), ("bom.crt", paper("bom.crt")), ("bom.key", paper("bom.key"))],
        );
        for encryption in [Encryption::Require, Encryption::Prefer].into_iter().cycle().take(8) {
            let found = tls::found("127.0.0.1", pooler.port, "maria", tls::under(encryption, None));
            assert_eq!(found.diagnosis, Diagnosis::CertificateRequired, "{versions}: {:?}", detail(&found));
        }
        let plain = tls::found("127.0.0.1", pooler.port, "maria", tls::under(Encryption::Disable, None));
        assert_eq!(plain.diagnosis, Diagnosis::TlsRequired, "{versions}: {:?}", detail(&plain));
    }
}

#[test]
fn what_a_pooler_of_its_own_refuses_is_mended_by_the_lines() {
    let pooler = Pooler::start("auth_type = scram-sha-256");
    let check = || outcome(database("127.0.0.1", pooler.port), &as_maria("loja", PASSWORD));
    pooler.typed(&console(&pooler), &[Safe::own("DISABLE loja;")]);
    let closed = check();
    assert_eq!((closed.diagnosis, closed.status()), (Diagnosis::DatabaseClosed, Status::Fail), "{:?}", detail(&closed));
    pooler.follow(&closed);
    assert_eq!(check().diagnosis, Diagnosis::Ok);

    // The file of users lacks the user; it is shown whom the pooler knows, and the file is read again.
    let users = pooler.folder.path().join("users");
    let before = fs::read_to_string(&users).unwrap();
    fs::write(&users, "\"joana\" \"outra\"\n").unwrap();
    pooler.typed(&console(&pooler), &[Safe::own("RELOAD;")]);
    let unknown = check();
    assert_eq!(unknown.diagnosis, Diagnosis::AuthFailed, "{:?}", detail(&unknown));
    fs::write(&users, before).unwrap();
    assert!(pooler.follow(&unknown).contains("joana"));
    assert_eq!(check().diagnosis, Diagnosis::Ok);

    // A database that it lacks, and more clients than it takes: lines for the end of its file.
    let ini = pooler.folder.path().join("ini");
    let paste = |found: &Outcome, from: &str, to: &str| {
        let remedy = found.remedy(&Default::default(), Lang::Pt);
        let lines = remedy.lines.iter().chain(remedy.cases.iter().flat_map(|case| &case.lines));
        let lines: Vec<_> = lines.map(Safe::as_str).skip_while(|line| !line.starts_with('[')).take(2).collect();
        let more = lines.join("\n").replace(from, to);
        fs::write(&ini, format!("{}\n{more}\n", fs::read_to_string(&ini).unwrap())).unwrap();
        pooler.typed(&console(&pooler), &[Safe::own("RELOAD;")]);
    };
    let missing = || outcome(database("127.0.0.1", pooler.port), &as_maria("template1", PASSWORD));
    let found = missing();
    assert_eq!(found.diagnosis, Diagnosis::DatabaseMissing, "{:?}", detail(&found));
    paste(&found, "IP-DO-POSTGRESQL port=5432", &format!("127.0.0.1 port={}", server().port));
    assert_eq!(missing().diagnosis, Diagnosis::Ok);
    pooler.typed(&console(&pooler), &[Safe::own("SET max_client_conn = 1;")]);
    let held = pooler.client();
    let full = check();
    assert_eq!(full.diagnosis, Diagnosis::TooManyConnections, "{:?}", detail(&full));
    paste(&full, "NÚMERO", "50");
    assert_eq!(check().diagnosis, Diagnosis::Ok);
    drop(held);
}

/// The command that opens its console, as remedies tell it.
fn console(pooler: &Pooler) -> String {
    format!("sudo -u postgres psql -p {} -U pgbouncer pgbouncer", pooler.port)
}

/// The same, at every timeout and every time.
fn has_nothing_behind(pooler: &Pooler, name: &str) {
    let ways = [(3 * SHORT, Encryption::Prefer), (SHORT, Encryption::Disable), (SHORT, Encryption::Prefer)];
    for (timeout, encryption) in ways {
        let options = as_maria(name, PASSWORD);
        let mut credentials = balcao_config::check::Credentials::clone(&options.credentials);
        credentials.encryption = encryption;
        let options = Options { timeout, credentials: credentials.into(), ..options };
        let found = at_best(
            || outcome(database("127.0.0.1", pooler.port), &options),
            |found| found.diagnosis == Diagnosis::ServerError,
        );
        let told = (found.diagnosis, found.status(), &detail(&found)["reason"]);
        let expected = (Diagnosis::ServerError, Status::Fail, &"behind_pooler".into());
        assert_eq!(told, expected, "{name} {timeout:?} {encryption:?}: {:?}", detail(&found));
        let said = crate::check::words(&found);
        assert!(said.contains("por trás d") && !said.contains("rede lenta"), "{said}");
    }
}

#[test]
fn a_pooler_without_its_server_fails_alike_at_every_timeout_and_every_time() {
    // Nobody is there, and never was.
    let nobody = crate::fakes::Refusing::new();
    let silent = crate::fakes::Fake::silent();
    let entries = format!(
        "\n[databases]\nlonge = host=127.0.0.1 port={}\nmuda = host=127.0.0.1 port={}",
        nobody.port, silent.port
    );
    for kind in ["auth_type = md5", "auth_type = trust"] {
        let pooler = Pooler::start(&format!("{kind}{entries}"));
        has_nothing_behind(&pooler, "longe");
        has_nothing_behind(&pooler, "muda");
    }
    // One that the pooler was connected to stops; then it starts, and starts again.
    let access = "local all all trust\nhost all all all trust\n";
    let server = Cluster::start(&Spec { access, settings: "", roles: "CREATE ROLE maria LOGIN" });
    let entry =
        format!("server_login_retry = 1\n[databases]\nlonge = host=127.0.0.1 port={} dbname=postgres", server.port);
    let pooler = Pooler::start(&entry);
    let far = || outcome(database("127.0.0.1", pooler.port), &as_maria("longe", PASSWORD));
    assert_eq!(far().diagnosis, Diagnosis::Ok);
    server.stop("fast", true);
    has_nothing_behind(&pooler, "longe");
    assert!(server.start_again());
    let found = at_best(far, |found| found.diagnosis == Diagnosis::Ok);
    assert_eq!(found.diagnosis, Diagnosis::Ok, "{:?}", detail(&found));
    server.start_for_ever();
    wait_until("it starts", || std::net::TcpStream::connect(("127.0.0.1", server.port)).is_ok());
    has_nothing_behind(&pooler, "longe");
}

#[test]
fn a_paused_pooler_is_told_alike_and_resumed_by_the_lines() {
    let pooler = Pooler::start("");
    // The pooler knows the server's version before it is paused.
    drop(pooler.client());
    pooler.typed(&console(&pooler), &[Safe::own("PAUSE;")]);
    has_nothing_behind(&pooler, "loja");
    let options = Options { timeout: SHORT, ..as_maria("loja", PASSWORD) };
    let found = outcome(database("127.0.0.1", pooler.port), &options);
    assert!(pooler.follow(&found).contains("paused"));
    let remedy = found.remedy(&Default::default(), Lang::Pt);
    pooler.typed(remedy.before().unwrap().as_str(), &remedy.cases[0].lines);
    assert_eq!(outcome(database("127.0.0.1", pooler.port), &as_maria("loja", PASSWORD)).diagnosis, Diagnosis::Ok);
}

#[test]
fn a_pooler_that_the_server_behind_it_does_not_admit_is_told_as_such_with_the_line_that_admits_it() {
    let secret: String =
        server().client().query_one("SELECT rolpassword FROM pg_authid WHERE rolname = 'maria'", &[]).unwrap().get(0);
    let roles = format!("CREATE ROLE maria LOGIN PASSWORD '{secret}'");
    let behind = Cluster::start(&Spec { access: "local all all trust\n", settings: "", roles: &roles });
    let away =
        format!("server_login_retry = 1\n[databases]\nlonge = host=127.0.0.1 port={} dbname=postgres", behind.port);
    let pooler = Pooler::start(&away);
    let check = || outcome(database("127.0.0.1", pooler.port), &as_maria("longe", PASSWORD));
    has_nothing_behind(&pooler, "longe");
    let quotes = |found: &Outcome| {
        !found.remedy(&Default::default(), Lang::Pt).lines.is_empty() && detail(found).get("hba_line").is_some()
    };
    let found = at_best(check, quotes);
    assert_eq!((found.diagnosis, found.status()), (Diagnosis::ServerError, Status::Fail), "{:?}", detail(&found));
    let said = found.message(&Default::default(), Lang::Pt);
    assert!(said.as_str().contains("do próprio pooler (127.0.0.1)"), "{said}");
    let lines = found.remedy(&Default::default(), Lang::Pt).lines;
    assert_eq!(lines[0].as_str(), "host  postgres  maria  127.0.0.1/32  md5");
    let path = behind.client().query_one("SHOW hba_file", &[]).unwrap().get::<_, String>(0);
    fs::write(&path, format!("{}{}\n", fs::read_to_string(&path).unwrap(), lines[0])).unwrap();
    behind.reload();
    let found = at_best(check, |found| found.diagnosis == Diagnosis::Ok);
    assert_eq!(found.diagnosis, Diagnosis::Ok, "{:?}", detail(&found));
}

#[test]
fn a_role_of_the_pooler_s_own_that_the_server_refuses_is_blamed_and_not_who_logs_in() {
    let access = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
    let roles = "CREATE ROLE pool LOGIN PASSWORD 'certa'";
    let behind = Cluster::start(&Spec { access, settings: "", roles });
    behind.execute(&["CREATE DATABASE fechada", "REVOKE CONNECT ON DATABASE fechada FROM PUBLIC"]);
    let entry = format!("host=127.0.0.1 port={} user=pool", behind.port);
    let settings = format!(
        "auth_type = trust\nserver_login_retry = 1\n[databases]\nerrada = {entry} dbname=postgres password=errada\n\
         fechada = {entry} password=certa"
    );
    let mut pooler = Pooler::start(&settings);
    let check = |port: u16, name: &str| outcome(database("127.0.0.1", port), &as_maria(name, PASSWORD));
    for (name, words, line) in [
        ("errada", "recusa o login do próprio pooler, como pool", "sudo grep"),
        ("fechada", "não tem o direito CONNECT", "SHOW DATABASES;"),
    ] {
        has_nothing_behind(&pooler, name);
        // While it tries no more, it does not repeat what the server said.
        let found = at_best(|| check(pooler.port, name), |found| crate::check::words(found).contains(words));
        assert!(crate::check::words(&found).contains(words), "{:?}", detail(&found));
        assert_eq!(detail(&found)["reason"], "behind_pooler");
        let remedy = found.remedy(&Default::default(), Lang::Pt);
        assert!(remedy.lines[0].as_str().starts_with(line), "{remedy:?}");
        if name == "fechada" {
            assert!(pooler.follow(&found).contains("pool"));
            behind.execute(&[&remedy.cases[0].lines[0].as_str().replace("USUÁRIO", "pool")]);
        } else {
            assert!(remedy.cases[0].lines[0].as_str().contains("restart pgbouncer"), "{remedy:?}");
            pooler = Pooler::start(&settings.replace("=errada", "=certa"));
        }
        let found = at_best(|| check(pooler.port, name), |found| found.diagnosis == Diagnosis::Ok);
        assert_eq!(found.diagnosis, Diagnosis::Ok, "{:?}", detail(&found));
    }
}

#[test]
fn a_database_that_the_server_behind_a_pooler_lacks_is_told_alike_and_made_there() {
    let access = "local all all trust\nhost all all all trust\n";
    let behind = Cluster::start(&Spec { access, settings: "", roles: "CREATE ROLE maria LOGIN" });
    let entry =
        format!("server_login_retry = 1\n[databases]\nsumiu = host=127.0.0.1 port={} dbname=falta", behind.port);
    let pooler = Pooler::start(&entry);
    has_nothing_behind(&pooler, "sumiu");
    let check = || outcome(database("127.0.0.1", pooler.port), &as_maria("sumiu", PASSWORD));
    let found = at_best(check, |found| crate::check::words(found).contains("não tem o banco “falta”"));
    assert!(crate::check::words(&found).contains("não tem o banco “falta”"), "{:?}", detail(&found));
    let remedy = found.remedy(&Default::default(), Lang::Pt);
    assert!(pooler.follow(&found).contains("falta"), "{remedy:?}");
    behind.execute(&[remedy.cases[1].lines[0].as_str()]);
    let found = at_best(check, |found| found.diagnosis == Diagnosis::Ok);
    assert_eq!(found.diagnosis, Diagnosis::Ok, "{:?}", detail(&found));
}
