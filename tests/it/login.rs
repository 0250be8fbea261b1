//! Logins to a real PostgreSQL in every state, and to servers that ask for what they should not get.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, SystemTime};

use balcao_config::catalog::{Catalog, Probe};
use balcao_config::check::credentials::{Method, Required, Secret};
use balcao_config::check::{self, Cancel, Credentials, Diagnosis, Options, Outcome, Point, Request, Status};
use balcao_config::key::Key;
use balcao_config::lang::Lang;
use serde_json::json;

use crate::busy::at_best;
use crate::check::{detail, login};
use crate::fakes::{Fake, Quiet, SocketName, authentication_request, error_response, message, startup, until_closed};
use crate::postgres::{Cluster, Spec, cluster};

const PASSWORD: &str = "abracadabra-42";

fn request(port: u16) -> Request {
    let host_key = Key::new("integracao", "ip_servidor_retaguarda").unwrap();
    let key = Key::new("integracao", "porta_banco_dados").unwrap();
    Request {
        target: "banco_dados".into(),
        key,
        probe: Probe::Postgres,
        point: Point::Port { host: "127.0.0.1".into(), port, host_key },
    }
}

fn found(port: u16, options: Options) -> Outcome {
    check::run(&[request(port)], &options, &Cancel::default(), &mut |_| {}).unwrap().outcomes.remove(0)
}

fn as_user(user: &str) -> Options {
    Options { timeout: Duration::from_secs(30), credentials: login(user, "postgres"), ..Options::default() }
}

pub fn with_password(user: &str, password: &str) -> Options {
    let options = as_user(user);
    let credentials = Credentials::clone(&options.credentials).with_password(Secret::new(password));
    Options { credentials: credentials.into(), ..options }
}

#[test]
fn a_login_with_the_right_password_is_ok_and_with_a_wrong_one_it_fails() {
    let right = found(cluster().port, with_password(Cluster::SCRAM, Cluster::PASSWORD));
    assert_eq!((right.diagnosis, right.status()), (Diagnosis::Ok, Status::Ok), "{:?}", detail(&right));
    assert_eq!((&detail(&right)["method"], &detail(&right)["protection"]), (&json!("scram-sha-256"), &json!("none")));
    let wrong = found(cluster().port, with_password(Cluster::SCRAM, "errada"));
    assert_eq!((wrong.diagnosis, wrong.status()), (Diagnosis::AuthFailed, Status::Fail), "{:?}", detail(&wrong));
    assert_eq!(detail(&wrong)["sqlstate"], "28P01");
    let none = found(cluster().port, as_user(Cluster::SCRAM));
    assert_eq!((none.diagnosis, none.status()), (Diagnosis::NoPassword, Status::Warning), "{:?}", detail(&none));
}

#[test]
fn nothing_is_offered_against_a_line_that_rejects_on_purpose() {
    let found = found(cluster().port, as_user(Cluster::REJECTED));
    assert_eq!((found.diagnosis, found.status()), (Diagnosis::HbaRejected, Status::Fail), "{:?}", detail(&found));
    assert_eq!((&detail(&found)["reason"], detail(&found).get("hba_line")), (&json!("rejected"), None));
    for lang in [Lang::Pt, Lang::En] {
        assert!(found.remedy(&Catalog::default(), lang).sentence.as_str().contains("reject"));
    }
}

#[test]
fn a_role_that_is_not_there_or_may_not_log_in_is_no_matter_of_the_access_list() {
    for (role, reason) in [("nao_existe", "role_missing"), ("sem_login", "role_may_not_log_in")] {
        let found = found(cluster().port, as_user(role));
        assert_eq!((found.diagnosis, &detail(&found)["reason"]), (Diagnosis::AuthFailed, &json!(reason)), "{role}");
        let remedy = found.remedy(&Catalog::default(), Lang::Pt).sentence;
        assert_eq!(remedy.as_str().contains("ALTER ROLE"), role == "sem_login", "{remedy}");
        assert_eq!(detail(&found)["sqlstate"], "28000");
        assert!(found.message(&Catalog::default(), Lang::Pt).as_str().contains(role));
    }
}

/// A PostgreSQL that asks for this, and tells what it is sent then.
fn asking(messages: Vec<u8>) -> (Fake, Receiver<Vec<u8>>) {
    let (sender, sent) = channel();
    let sender = Mutex::new(sender);
    let fake = Fake::serving(move |stream| {
        startup(stream)?;
        std::io::Write::write_all(stream, &messages)?;
        let mut heard = vec![];
        // Up to the end of the connection, which the check makes.
        let _ = std::io::Read::read_to_end(stream, &mut heard);
        sender.lock().unwrap().send(heard).unwrap();
        Ok(())
    });
    (fake, sent)
}

#[test]
fn a_password_is_not_sent_to_whoever_asks_for_it_in_clear_or_as_md5() {
    let sasl = message(b'R', b"\0\0\0\x0aSCRAM-SHA-256\0\0");
    let table = [
        (authentication_request(3), "password"),
        (authentication_request(5), "md5"),
        // Not after it has begun in another way, either.
        ([sasl, authentication_request(3)].concat(), "password"),
    ];
    for (asked, method) in table {
        let (fake, sent) = asking(asked);
        let found = found(fake.port, with_password("maria", PASSWORD));
        assert_eq!((found.diagnosis, found.status()), (Diagnosis::AuthUnsafe, Status::Warning), "{:?}", detail(&found));
        assert_eq!(detail(&found)["method"], method);
        assert_eq!(sent.recv().unwrap(), b"", "{method}");
    }
}

#[test]
fn a_password_is_sent_in_clear_or_as_md5_where_that_was_allowed() {
    for (kind, word, method) in [(3, "password", Method::Password), (5, "md5", Method::Md5)] {
        let (fake, sent) = asking([authentication_request(kind), error_response("28P01", "não")].concat());
        let options = with_password("maria", PASSWORD);
        let credentials = Credentials::clone(&options.credentials).allowing(&[word.to_string()]).unwrap();
        assert_eq!(credentials.allowed, [method]);
        let found = found(fake.port, Options { credentials: credentials.into(), ..options });
        assert_eq!(found.diagnosis, Diagnosis::AuthFailed, "{:?}", detail(&found));
        let sent = sent.recv().unwrap();
        assert_eq!(sent.first(), Some(&b'p'), "{word}");
        assert_eq!(sent.windows(PASSWORD.len()).any(|window| window == PASSWORD.as_bytes()), kind == 3);
    }
}

#[test]
fn a_server_that_wants_no_proof_is_refused_where_one_is_required() {
    let demanding = |options: Options| {
        let mut credentials = Credentials::clone(&options.credentials);
        credentials.required = Required::read("scram-sha-256").unwrap();
        Options { credentials: credentials.into(), ..options }
    };
    let trusting = found(cluster().port, demanding(with_password(Cluster::TRUSTED, PASSWORD)));
    assert_eq!((trusting.diagnosis, &detail(&trusting)["reason"]), (Diagnosis::AuthUnsafe, &json!("unwanted")));
    let proving = found(cluster().port, demanding(with_password(Cluster::SCRAM, Cluster::PASSWORD)));
    assert_eq!(proving.diagnosis, Diagnosis::Ok, "{:?}", detail(&proving));
}

#[test]
fn the_login_comes_from_the_environment_and_the_password_file() {
    let file = format!("*:*:*:outra:x\n127.0.0.1:{}:postgres:com_senha:{}\n", cluster().port, Cluster::PASSWORD);
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join(".pgpass");
    std::fs::write(&path, file).unwrap();
    let variable = |name: &str| match name {
        "HOME" => Some(home.path().into()),
        "PGUSER" => Some(OsString::from(Cluster::SCRAM)),
        "PGDATABASE" => Some("postgres".into()),
        _ => None,
    };
    let read = |mode: u32| {
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        Credentials::from_environment(&variable).unwrap()
    };
    let options = |credentials: Credentials| Options {
        credentials: credentials.into(),
        timeout: Duration::from_secs(30),
        ..Options::default()
    };
    let found_with = found(cluster().port, options(read(0o600)));
    assert_eq!((found_with.diagnosis, &detail(&found_with)["user"]), (Diagnosis::Ok, &json!("com_senha")));
    let ignored = found(cluster().port, options(read(0o640)));
    let [warning] = &ignored.evidence.warnings[..] else { panic!("{:?}", detail(&ignored)) };
    assert!(warning.message(Lang::Pt).as_str().contains("0640"), "{}", warning.message(Lang::Pt));
    assert_eq!(
        (ignored.diagnosis, &detail(&ignored)["reason"]),
        (Diagnosis::NoPassword, &json!("password_file_ignored"))
    );
}

#[test]
fn no_password_shows_up_in_what_is_told_of_a_check() {
    for (port, user) in [(cluster().port, Cluster::SCRAM), (cluster().port, Cluster::TRUSTED)] {
        let options = with_password(user, PASSWORD);
        let report = check::run(&[request(port)], &options, &Cancel::default(), &mut |_| {}).unwrap();
        let told = format!("{report:?} {options:?} {}", report.json(&Catalog::default(), Lang::Pt));
        assert!(!told.contains(PASSWORD), "{told}");
    }
    assert!(!cluster().log().contains(PASSWORD));
}

#[test]
fn a_session_asks_one_question_that_changes_nothing() {
    let own = Cluster::start(&Spec {
        access: "local all all trust\nhost all all 127.0.0.1/32 trust\n",
        settings: "log_statement = all\nlog_line_prefix = '%a|'\n",
        roles: "",
    });
    let found = found(own.port, as_user("postgres"));
    assert_eq!(found.diagnosis, Diagnosis::Ok, "{:?}", detail(&found));
    assert_eq!((&detail(&found)["standby"], &detail(&found)["connections"]["max"]), (&json!(false), &json!(50)));
    assert!(detail(&found)["connections"]["used"].as_u64().unwrap() >= 1);
    assert_eq!(detail(&found).get("clock_difference_s"), None);
    let log = own.log();
    let lines: Vec<&str> = log.lines().filter(|line| line.starts_with("balcao-config|")).collect();
    let expected: Vec<String> =
        check::STATEMENTS.iter().map(|statement| format!("balcao-config|LOG:  statement: {statement}")).collect();
    assert_eq!(lines, expected);
}

#[test]
fn a_clock_that_is_off_by_more_than_a_minute_is_a_warning() {
    fn right() -> SystemTime {
        SystemTime::now()
    }
    fn behind() -> SystemTime {
        SystemTime::now() - Duration::from_secs(300)
    }
    fn ahead() -> SystemTime {
        SystemTime::now() + Duration::from_secs(7300)
    }
    let with =
        |clock: fn() -> SystemTime| found(cluster().port, Options { clock: Some(clock), ..as_user(Cluster::TRUSTED) });
    let fine = with(right);
    assert_eq!((fine.diagnosis, fine.status()), (Diagnosis::Ok, Status::Ok), "{:?}", detail(&fine));
    assert!(detail(&fine)["clock_difference_s"].as_i64().unwrap().abs() <= 2);
    for (clock, words) in [(behind as fn() -> SystemTime, "5 min atrasado"), (ahead, "2 h adiantado")] {
        let off = with(clock);
        assert_eq!((off.diagnosis, off.status()), (Diagnosis::Ok, Status::Warning), "{:?}", detail(&off));
        let said = off.message(&Catalog::default(), Lang::Pt);
        assert!(said.as_str().contains(words), "{said}");
        assert!(off.remedy(&Catalog::default(), Lang::Pt).sentence.as_str().contains("NTP"));
    }
}

/// Takes every connection that a server has. One refusal is no proof: who was there before may be about to leave.
pub fn all_connections(server: &Cluster, count: usize) -> Vec<::postgres::Client> {
    std::iter::repeat_with(|| server.try_client().ok()).flatten().take(count).collect()
}

#[test]
fn a_server_without_a_connection_left_says_so() {
    let own = Cluster::start(&Spec {
        access: "local all all trust\nhost all all 127.0.0.1/32 trust\n",
        settings: "max_connections = 3\nsuperuser_reserved_connections = 1\nmax_wal_senders = 0\n",
        roles: "CREATE ROLE maria LOGIN",
    });
    let _held = all_connections(&own, 3);
    for user in ["maria", "postgres"] {
        let found = found(own.port, as_user(user));
        let expected = (Diagnosis::TooManyConnections, Status::Warning);
        assert_eq!((found.diagnosis, found.status()), expected, "{user}: {:?}", detail(&found));
    }
}

#[test]
fn a_standby_is_told_whether_it_lets_read_or_not() {
    let own = Cluster::start(&Spec {
        access: "local all all trust\nhost all all 127.0.0.1/32 trust\n",
        settings: "",
        roles: "",
    });
    own.stop("fast", true);
    own.put("standby.signal", "");
    assert!(own.start_again());
    let reading = found(own.port, as_user("postgres"));
    assert_eq!(
        (reading.diagnosis, &detail(&reading)["standby"]),
        (Diagnosis::Standby, &json!(true)),
        "{:?}",
        detail(&reading)
    );
    assert_eq!(reading.status(), Status::Warning);
    assert!(reading.message(&Catalog::default(), Lang::Pt).as_str().contains("réplica"));
    own.stop("fast", true);
    own.put("postgresql.auto.conf", "hot_standby = off\n");
    own.start_again();
    let closed = found(own.port, as_user("postgres"));
    assert_eq!((closed.diagnosis, closed.status()), (Diagnosis::Standby, Status::Fail), "{:?}", detail(&closed));
}

#[test]
fn a_server_that_shuts_down_is_told_from_one_that_starts() {
    let own = Cluster::start(&Spec {
        access: "local all all trust\nhost all all 127.0.0.1/32 trust\n",
        settings: "",
        roles: "",
    });
    // A smart shutdown waits for whoever is connected.
    let _held = own.client();
    own.stop("smart", false);
    let found = loop {
        let found = found(own.port, as_user("postgres"));
        if found.diagnosis != Diagnosis::Ok {
            break found;
        }
    };
    assert_eq!((found.diagnosis, found.status()), (Diagnosis::ShuttingDown, Status::Warning), "{:?}", detail(&found));
}

#[test]
fn the_usual_port_beside_a_wrong_one_is_offered() {
    let (quiet, other) = (Quiet::new(), Quiet::new());
    let postgres = (Fake::at(&quiet.at(5433), until_closed), SocketName::of(5433));
    let ssh = Fake::at(&quiet.at(5432), |stream| {
        std::io::Write::write_all(stream, b"SSH-2.0-OpenSSH_9.2\r\n")?;
        until_closed(stream)
    });
    let mut wrong = request(5432);
    let Point::Port { host, .. } = &mut wrong.point else { unreachable!() };
    host.clone_from(&quiet.address);
    let options = Options { timeout: Duration::from_secs(30), ..Options::default() };
    let find = |request: &Request| {
        check::run(std::slice::from_ref(request), &options, &Cancel::default(), &mut |_| {}).unwrap().outcomes.remove(0)
    };
    let found = find(&wrong);
    assert_eq!(found.diagnosis, Diagnosis::NotPostgres, "{:?}", detail(&found));
    assert_eq!(detail(&found)["suggestion"], json!({ "key": "integracao.porta_banco_dados", "value": 5433 }));
    assert!(
        found
            .remedy(&Catalog::default(), Lang::Pt)
            .sentence
            .as_str()
            .starts_with("Na porta 5433 responde um PostgreSQL.")
    );
    drop(ssh);
    drop(postgres);
    let Point::Port { host, .. } = &mut wrong.point else { unreachable!() };
    host.clone_from(&other.address);
    let http = Fake::at(&other.at(5435), |stream| std::io::Write::write_all(stream, b"HTTP/1.1 400 Bad\r\n\r\n"));
    let found = find(&wrong);
    assert_eq!((found.diagnosis, detail(&found).get("suggestion")), (Diagnosis::Refused, None), "{:?}", detail(&found));
    drop(http);
}

#[test]
fn the_usual_port_of_a_service_over_http_is_offered() {
    let quiet = Quiet::new();
    let _http = Fake::at(&quiet.at(8083), |stream| {
        let _ = std::io::Read::read(stream, &mut [0; 1024])?;
        std::io::Write::write_all(stream, b"HTTP/1.1 404 Not Found\r\n\r\n")
    });
    let host_key = Key::new("integracao", "ip_servidor_retaguarda").unwrap();
    let key = Key::new("integracao", "porta_integracao_clientes").unwrap();
    let (probe, point) = (Probe::Http, Point::Port { host: quiet.address.clone(), port: 8082, host_key });
    let request = Request { target: "integracao_clientes".into(), key, probe, point };
    let options = Options { timeout: Duration::from_secs(30), ..Options::default() };
    let find = || {
        let mut report = check::run(std::slice::from_ref(&request), &options, &Cancel::default(), &mut |_| {}).unwrap();
        report.outcomes.remove(0)
    };
    let found = at_best(find, |found| found.evidence.suggestion.is_some());
    assert_eq!((found.diagnosis, &detail(&found)["suggestion"]["value"]), (Diagnosis::Refused, &json!(8083)));
}
