//! Every diagnosis from a real cause: a real PostgreSQL, and loopback servers that misbehave on purpose.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use balcao_config::catalog::{Catalog, Probe};
use balcao_config::check::credentials::Encryption;
use balcao_config::check::evidence::Here;
use balcao_config::check::{self, Cancel, Credentials, Diagnosis, Options, Outcome, Point, Report, Request, Status};
use balcao_config::key::Key;
use balcao_config::lang::Lang;
use balcao_config::present::outcome::said;
use serde_json::{Value, json};

use crate::busy::{at_best, timed};
use crate::fakes::{BlackHole, Fake, Refusing, authentication_request, error_response, message};
use crate::postgres::{Cluster, cluster};
use crate::world::example;

/// Long enough that nothing on the loopback comes near it on a busy machine.
pub const PATIENT: Duration = Duration::from_secs(30);
/// For what is meant to run into it.
pub const SHORT: Duration = Duration::from_secs(1);
/// What the deadline is held to: well under two deadlines.
const IN_TIME: Duration = Duration::from_millis(1900);

pub fn key(name: &str) -> Key {
    Key::new("integracao", name).unwrap()
}

pub fn database(host: &str, port: u16) -> Request {
    let point = Point::Port { host: host.into(), port, host_key: key("ip_servidor_retaguarda") };
    Request { target: "banco_dados".into(), key: key("porta_banco_dados"), probe: Probe::Postgres, point }
}

pub fn service(host: &str, port: u16) -> Request {
    let (point, key) = (
        Point::Port { host: host.into(), port, host_key: key("ip_servidor_retaguarda") },
        key("porta_integracao_clientes"),
    );
    Request { target: "integracao_clientes".into(), key, probe: Probe::Http, point }
}

pub fn server(host: &str) -> Request {
    let point = Point::Host { host: host.into() };
    Request { target: "servidor".into(), key: key("ip_servidor_retaguarda"), probe: Probe::Host, point }
}

pub fn logo(path: &str) -> Request {
    let point = Point::Path { path: path.into() };
    let key = Key::new("geral", "caminho_imagem_logo").unwrap();
    Request { target: "logo".into(), key, probe: Probe::Image, point }
}

pub fn reports(path: &str) -> Request {
    let point = Point::Path { path: path.into() };
    let key = Key::new("geral", "diretorio_relatorios").unwrap();
    Request { target: "relatorios".into(), key, probe: Probe::Folder, point }
}

pub fn device(path: &str) -> Request {
    let point = Point::Path { path: path.into() };
    let key = Key::new("balanca", "porta_serial").unwrap();
    Request { target: "balanca".into(), key, probe: Probe::Device, point }
}

/// The evidence, as programs get it.
pub fn detail(outcome: &Outcome) -> Value {
    Value::Object(outcome.detail(&Default::default(), Lang::Pt))
}

/// What happened and what to do, in Portuguese.
pub fn words(outcome: &Outcome) -> String {
    let catalog = Catalog::default();
    format!("{} {}", outcome.message(&catalog, Lang::Pt), outcome.remedy(&catalog, Lang::Pt).sentence)
}

/// A login without a password.
pub fn login(user: &str, database: &str) -> Arc<Credentials> {
    Arc::new(Credentials::default().with_login(Some(user.into()), Some(database.into())).unwrap())
}

pub fn within(timeout: Duration) -> Options {
    Options { timeout, ..Options::default() }
}

pub fn given(user: &str, database: &str) -> Options {
    Options { credentials: login(user, database), ..within(PATIENT) }
}

fn report(requests: &[Request], options: &Options) -> Report {
    check::run(requests, options, &Cancel::default(), &mut |_| {}).unwrap()
}

thread_local! {
    static TIMEOUT: Cell<Option<Duration>> = const { Cell::new(None) };
}

/// What is done here is done with this timeout, whatever it asks for.
pub fn at_timeout<T>(timeout: Duration, act: impl FnOnce() -> T) -> T {
    TIMEOUT.set(Some(timeout));
    let result = act();
    TIMEOUT.set(None);
    result
}

/// The options with the timeout of [`at_timeout`], inside one.
pub fn in_force(options: &Options) -> Options {
    Options { timeout: TIMEOUT.get().unwrap_or(options.timeout), ..options.clone() }
}

pub fn outcome(request: Request, options: &Options) -> Outcome {
    let mut report = report(&[request], &in_force(options));
    assert_eq!(report.outcomes.len(), 1);
    report.outcomes.remove(0)
}

/// As `outcome`, for what has to end by itself at the deadline.
pub fn late_outcome(request: Request) -> Outcome {
    let (outcome, took) = timed(IN_TIME, || outcome(request.clone(), &within(SHORT)));
    assert!(took <= IN_TIME, "{:?} after {took:?}", outcome.diagnosis);
    outcome
}

#[test]
fn a_postgres_that_trusts_us_is_ok_and_tells_its_version() {
    let cluster = cluster();
    let found = outcome(database("127.0.0.1", cluster.port), &within(PATIENT));
    assert_eq!((found.diagnosis, found.status()), (Diagnosis::Ok, Status::Ok), "{:?}", detail(&found));
    assert_eq!(detail(&found)["server_version"], cluster.version.as_str());
    assert_eq!(detail(&found)["user"], "postgres");
    assert_eq!(detail(&found)["this_machine"], true);
    assert_eq!(detail(&found)["answered"], "127.0.0.1");
    assert_eq!(detail(&found)["addresses"][0]["result"], "ok");
    assert_eq!(found.summary(Lang::Pt).as_str(), format!("PostgreSQL {}", cluster.version));
    let trusted = Options { credentials: login(Cluster::TRUSTED, "postgres"), ..within(PATIENT) };
    let found = outcome(database("127.0.0.1", cluster.port), &trusted);
    assert_eq!((found.diagnosis, &detail(&found)["user"]), (Diagnosis::Ok, &json!(Cluster::TRUSTED)));
}

#[test]
fn a_check_begins_with_nothing_that_a_pooler_refuses() {
    let (sender, logins) = std::sync::mpsc::channel();
    let sender = std::sync::Mutex::new(sender);
    let fake = Fake::postgres(move |login| {
        sender.lock().unwrap().send(login.clone()).unwrap();
        authentication_request(3)
    });
    outcome(database("127.0.0.1", fake.port), &within(PATIENT));
    let login = logins.recv().unwrap();
    assert_eq!((login["user"].as_str(), login["database"].as_str()), ("postgres", "postgres"));
    assert_eq!(login["application_name"], "balcao-config");
    let names: Vec<&str> = login.keys().map(String::as_str).filter(|name| !name.is_empty()).collect();
    assert_eq!(names, ["application_name", "client_encoding", "database", "user"]);
}

#[test]
fn a_postgres_that_asks_for_a_password_is_up() {
    let cluster = cluster();
    let options = Options { credentials: login(Cluster::SCRAM, "postgres"), ..within(PATIENT) };
    let found = outcome(database("127.0.0.1", cluster.port), &options);
    assert_eq!((found.diagnosis, found.status()), (Diagnosis::NoPassword, Status::Warning), "{:?}", detail(&found));
    for (kind, diagnosis, status) in [
        (3, Diagnosis::AuthRequired, Status::Ok),
        (5, Diagnosis::AuthRequired, Status::Ok),
        (7, Diagnosis::AuthMethod, Status::Warning),
        (9, Diagnosis::AuthMethod, Status::Warning),
    ] {
        let fake = Fake::postgres(move |_| authentication_request(kind));
        let found = outcome(database("127.0.0.1", fake.port), &within(PATIENT));
        assert_eq!((found.diagnosis, found.status()), (diagnosis, status), "{kind}: {:?}", detail(&found));
        let found = outcome(database("127.0.0.1", fake.port), &given("maria", "loja"));
        let diagnosis = if kind < 7 { Diagnosis::NoPassword } else { Diagnosis::AuthMethod };
        assert_eq!(found.diagnosis, diagnosis, "{kind}: {:?}", detail(&found));
    }
}

#[test]
fn without_a_user_given_a_refused_login_is_told_and_stops_nothing() {
    let (warning, pass) = (Status::Warning, Status::Ok);
    let table = [
        ("28000", "no entry for host \"10.0.0.5\"", Diagnosis::HbaRejected, warning),
        ("3D000", "não", Diagnosis::DatabaseMissing, warning),
        ("42501", "não", Diagnosis::NoConnectRight, warning),
        ("28P01", "não", Diagnosis::AuthRequired, pass),
    ];
    for (code, text, diagnosis, status) in table {
        let fake = Fake::postgres_error(code, text);
        let found = outcome(database("127.0.0.1", fake.port), &within(PATIENT));
        assert_eq!((found.diagnosis, found.status()), (diagnosis, status), "{code}");
        assert_eq!(detail(&found)["sqlstate"], code);
        assert_eq!(detail(&found)["error"], text);
        // With which user it was tried, and how to test with another; no line for the server in a guessed name.
        assert!(status == pass || found.message(&Catalog::default(), Lang::Pt).as_str().contains("postgres"), "{code}");
        let remedy = found.remedy(&Catalog::default(), Lang::Pt).sentence;
        assert!(status == pass || remedy.as_str().contains("--db-user"), "{code}: {remedy}");
        assert!(found.remedy(&Default::default(), Lang::Pt).to_paste().is_empty());
    }
}

#[test]
fn another_service_is_named_where_its_first_words_tell() {
    // Of every length that a greeting may have, those too that look like an answer of PostgreSQL's.
    let mysql = |length: u8| [&[length][..], b"\0\0\0\n8.0.36-0ubuntu0\0\x08\0\0\0abcdefgh\0\xff\xff"].concat();
    for (greeting, said) in [
        (mysql(b'J'), "fala como MySQL: “8.0.36-0ubuntu0”"),
        (mysql(b'N'), "fala como MySQL: “8.0.36-0ubuntu0”"),
        (mysql(b'S'), "fala como MySQL: “8.0.36-0ubuntu0”"),
        (mysql(b'E'), "fala como MySQL: “8.0.36-0ubuntu0”"),
        (mysql(b'R'), "fala como MySQL: “8.0.36-0ubuntu0”"),
        (b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(), "fala como SSH: “SSH-2.0-OpenSSH_9.2”"),
        (b"220 mail ESMTP\r\n".to_vec(), "fala como SMTP: “220 mail ESMTP”"),
    ] {
        let fake = Fake::greeting(greeting.clone());
        for encryption in [Encryption::Disable, Encryption::Allow, Encryption::Prefer, Encryption::Require] {
            let mut options = given("maria", "loja");
            let mut credentials = Credentials::clone(&options.credentials);
            credentials.encryption = encryption;
            options.credentials = credentials.into();
            let found = outcome(database("127.0.0.1", fake.port), &options);
            assert_eq!(found.diagnosis, Diagnosis::NotPostgres, "{encryption:?} {greeting:?}: {:?}", detail(&found));
            assert!(words(&found).contains(said), "{}", words(&found));
        }
        let found = outcome(service("127.0.0.1", fake.port), &within(PATIENT));
        assert!(found.diagnosis == Diagnosis::NotHttp && words(&found).contains(said), "{}", words(&found));
    }
}

#[test]
fn an_access_list_that_a_pooler_repeats_is_not_the_one_of_this_connection() {
    let no_entry = "no pg_hba.conf entry for host \"10.0.0.5\", user \"fixo\", database \"real\", no encryption";
    let rejected = "pg_hba.conf rejects connection for host \"10.0.0.5\", user \"fixo\", database \"real\"";
    let table = [(no_entry, "behind_pooler", Some("host  real  fixo  10.0.0.5/32  md5")), (rejected, "pooler", None)];
    for (text, reason, line) in table {
        let fake = Fake::postgres_error("28000", text);
        let found = outcome(database("127.0.0.1", fake.port), &given("maria", "loja"));
        let told = (found.diagnosis, &detail(&found)["reason"]);
        assert_eq!(told, (Diagnosis::HbaRejected, &json!(reason)));
        assert_eq!(detail(&found).get("hba_line"), line.map(Value::from).as_ref());
        let remedy = found.remedy(&Catalog::default(), Lang::Pt);
        assert!(remedy.sentence.as_str().contains("pooler"), "{remedy:?}");
        assert_eq!(remedy.apply.is_some(), line.is_some(), "{remedy:?}");
    }
}

#[test]
fn where_the_usual_user_is_not_wanted_the_account_is_tried() {
    let welcome = |login: &BTreeMap<String, String>| match login["user"].as_str() {
        "maria" => error_response("53300", "cheio"),
        _ => error_response("28000", "no entry for host \"10.0.0.5\""),
    };
    let fake = Fake::postgres(welcome);
    let options = Options { account: Some("maria".into()), ..within(PATIENT) };
    let found = outcome(database("127.0.0.1", fake.port), &options);
    assert_eq!((found.diagnosis, &detail(&found)["user"]), (Diagnosis::TooManyConnections, &json!("maria")));
}

#[test]
fn with_a_user_given_a_refused_login_fails() {
    let cluster = cluster();
    let table = [
        (given(Cluster::REJECTED, "postgres"), Diagnosis::HbaRejected),
        (given(Cluster::TRUSTED, "nao_existe"), Diagnosis::DatabaseMissing),
    ];
    for (options, diagnosis) in table {
        let found = outcome(database("127.0.0.1", cluster.port), &options);
        assert_eq!((found.diagnosis, found.status()), (diagnosis, Status::Fail), "{:?}", detail(&found));
    }
    let fake = Fake::postgres_error("28P01", "senha");
    let found = outcome(database("127.0.0.1", fake.port), &given("maria", "loja"));
    assert_eq!(found.diagnosis, Diagnosis::AuthFailed);
}

#[test]
fn the_states_of_a_postgres_are_told_apart_by_code_and_not_by_text() {
    let table = [
        ("57P03", Diagnosis::StartingUp),
        ("57P01", Diagnosis::ShuttingDown),
        ("57P02", Diagnosis::ShuttingDown),
        ("53300", Diagnosis::TooManyConnections),
        ("55000", Diagnosis::DatabaseClosed),
    ];
    for (code, diagnosis) in table {
        let fake = Fake::postgres_error(code, "o servidor diz o que quer");
        let found = outcome(database("127.0.0.1", fake.port), &within(PATIENT));
        assert_eq!((found.diagnosis, found.status()), (diagnosis, diagnosis.status()), "{code}");
    }
}

#[test]
fn an_error_that_names_no_cause_is_told_in_the_servers_words() {
    for code in ["53100", "53200", "58030", "XX000", "P0001", "08P01", "F0000", "28000", "99999"] {
        let fake = Fake::postgres_error(code, "o servidor diz o que quer");
        for options in [within(PATIENT), given("maria", "loja")] {
            let found = outcome(database("127.0.0.1", fake.port), &options);
            assert_eq!((found.diagnosis, &detail(&found)["sqlstate"]), (Diagnosis::ServerError, &json!(code)));
            assert_eq!(found.status(), Status::Fail);
            for lang in [Lang::Pt, Lang::En] {
                let said = said(&found, lang).unwrap();
                assert!(said.as_str().ends_with("“o servidor diz o que quer”"), "{said}");
                // Disk and memory where the code is theirs, and only there.
                let remedy = found.remedy(&Catalog::default(), lang).sentence;
                let names = |words: [&str; 2]| words.iter().any(|word| remedy.as_str().contains(word));
                assert_eq!(names(["disco", "disk"]), code == "53100", "{code}: {remedy}");
                assert_eq!(names(["memória", "memory"]), code == "53200", "{code}: {remedy}");
            }
        }
    }
}

#[test]
fn other_services_on_the_database_port_are_not_postgres() {
    let mysql = b"\x4a\0\0\0\x0a8.0.36-0ubuntu0.22.04.1\0\x08\0\0\0salt5678\0\xff\xff\xff\x02\0\xff\xdf".to_vec();
    // A greeting as long as these begins like a notice, an error or an authentication message of PostgreSQL.
    let mysql_as = |first: u8| {
        let mut greeting = mysql.clone();
        greeting[0] = first;
        greeting.resize(200, b'x');
        Fake::greeting(greeting)
    };
    let fakes = [
        Fake::greeting("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"),
        Fake::answering("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
        Fake::greeting(mysql.clone()),
        mysql_as(b'N'),
        mysql_as(b'E'),
        mysql_as(b'R'),
        Fake::greeting("\u{1b}]0;x\u{7}\u{1b}[2J"),
        Fake::answering(b"\x15\x03\x03\0\x02\x02\x28".to_vec()),
        Fake::answering(vec![0xff; 300]),
        // An announced length of 1 GiB is not waited for, nor is memory taken for it.
        Fake::postgres(|_| b"E\x40\0\0\0SFATAL\0".to_vec()),
        Fake::flooding(message(b'N', b"SNOTICE\0VNOTICE\0C00000\0Mnada\0\0")),
        Fake::flooding("lixo"),
    ];
    for (index, fake) in fakes.iter().enumerate() {
        let found = outcome(database("127.0.0.1", fake.port), &within(PATIENT));
        assert_eq!(
            (found.diagnosis, found.status()),
            (Diagnosis::NotPostgres, Status::Fail),
            "{index}: {:?}",
            detail(&found)
        );
        assert!(detail(&found)["received"].as_str().unwrap().chars().count() <= 64, "{index}");
    }
}

#[test]
fn what_a_foreign_service_says_is_shown_only_where_it_can_be_read() {
    let ssh = Fake::greeting("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");
    let found = outcome(database("127.0.0.1", ssh.port), &within(PATIENT));
    let said = found.message(&Catalog::default(), Lang::Pt);
    assert!(said.as_str().contains("“SSH-2.0-OpenSSH_9.2p”"), "{said}");
    let hostile = Fake::greeting("\u{1b}]0;x\u{7}\u{1b}[2J");
    let found = outcome(database("127.0.0.1", hostile.port), &within(PATIENT));
    let said = found.message(&Catalog::default(), Lang::Pt);
    assert!(!said.as_str().contains('\u{1b}') && !said.as_str().contains('“'), "{said}");
}

#[test]
fn a_database_port_that_accepts_and_says_nothing_is_silent_and_fails() {
    let fake = Fake::silent();
    let found = late_outcome(database("127.0.0.1", fake.port));
    assert_eq!((found.diagnosis, found.status()), (Diagnosis::Silent, Status::Fail), "{:?}", detail(&found));
    assert_eq!(*found.look_at(), key("porta_banco_dados"));
}

#[test]
fn the_deadline_holds_against_a_server_that_says_a_byte_a_second() {
    // The answer to the question for encryption comes first.
    let asked = [b"N".to_vec(), authentication_request(3)].concat();
    for fake in [Fake::dripping(asked), Fake::dripping(error_response("57P03", "iniciando")), Fake::dripping("S")] {
        let found = late_outcome(database("127.0.0.1", fake.port));
        let began = found.evidence.stages.len() > 2 || found.evidence.late.is_some();
        assert!(matches!(found.diagnosis, Diagnosis::Silent | Diagnosis::Slow) && began, "{:?}", detail(&found));
    }
    let fake = Fake::dripping("HTTP/1.1 200 OK\r\n\r\n");
    let found = late_outcome(service("127.0.0.1", fake.port));
    assert_eq!((found.diagnosis, found.status()), (Diagnosis::Silent, Status::Warning), "{:?}", detail(&found));
}

#[test]
fn the_deadline_holds_against_a_server_that_lets_us_in_and_then_stops() {
    let fake = Fake::postgres(|_| {
        [authentication_request(0), message(b'K', &[0, 0, 0, 1, 0, 0, 0, 1]), message(b'Z', b"I")].concat()
    });
    let found = late_outcome(database("127.0.0.1", fake.port));
    assert_eq!((found.diagnosis, found.status()), (Diagnosis::Slow, Status::Warning), "{:?}", detail(&found));
    let said = found.message(&Catalog::default(), Lang::Pt);
    assert!(said.as_str().contains("conexão") && said.as_str().contains("login"), "{said}");
    let remedy = found.remedy(&Catalog::default(), Lang::Pt).sentence;
    assert!(remedy.as_str().contains("PgBouncer") && !remedy.as_str().contains("einici"), "{remedy}");
}

#[test]
fn a_connection_that_is_cut_without_a_word_is_a_reset() {
    for _ in 0..20 {
        for fake in [Fake::closing(), Fake::resetting()] {
            for request in [database("127.0.0.1", fake.port), service("127.0.0.1", fake.port)] {
                let found = outcome(request, &within(PATIENT));
                assert_eq!((found.diagnosis, found.status()), (Diagnosis::Reset, Status::Fail), "{:?}", detail(&found));
            }
        }
    }
}

#[test]
fn nothing_listening_is_refused_and_on_this_machine_the_host_is_suspected() {
    let port = Refusing::new();
    for request in [database("127.0.0.1", port.port), service("127.0.0.1", port.port)] {
        let found = outcome(request, &within(PATIENT));
        assert_eq!((found.diagnosis, found.status()), (Diagnosis::Refused, Status::Fail));
        assert_eq!(detail(&found)["addresses"][0]["result"], "refused");
        // Another test's PostgreSQL may run on this machine, and is told first.
        let other =
            found.evidence.suggestion.is_some() || !matches!(found.evidence.here, None | Some(Here::NotRunning));
        let expected = [&found.request.key, &key("ip_servidor_retaguarda")];
        assert!(*found.look_at() == *expected[1] || other && expected.contains(&found.look_at()));
        let remedy = found.remedy(&Catalog::default(), Lang::Pt).sentence;
        assert!(other || remedy.as_str().contains("este computador"), "{remedy}");
        let said = found.message(&Catalog::default(), Lang::Pt);
        let expected =
            format!("Conexão recusada: 127.0.0.1 respondeu, mas nenhum serviço atende na porta {}.", port.port);
        assert_eq!(said.as_str(), expected);
    }
}

#[test]
fn a_port_that_answers_no_connection_is_a_timeout() {
    let hole = BlackHole::new();
    for request in [database("127.0.0.1", hole.port), service("127.0.0.1", hole.port)] {
        // A probe that gets no processor in the moment after its deadline is left behind, with its evidence.
        let found = at_best(|| late_outcome(request.clone()), |found| !found.evidence.attempts.is_empty());
        assert_eq!((found.diagnosis, found.status()), (Diagnosis::Timeout, Status::Fail), "{:?}", detail(&found));
        assert_eq!(detail(&found)["addresses"][0]["result"], "timeout");
    }
}

#[test]
fn an_address_that_no_server_can_have_is_bad_for_all_that_is_there() {
    for host in ["255.255.255.0", "255.255.255.255", "224.0.0.1", "0.0.0.0", "fe80::1", "127.255.255.255"] {
        for request in [server(host), database(host, 5432), service(host, 8082)] {
            let found = outcome(request, &within(PATIENT));
            let (diagnosis, status) = (found.diagnosis, found.status());
            assert_eq!((diagnosis, status), (Diagnosis::BadAddress, Status::Fail), "{host}: {:?}", detail(&found));
            assert_eq!(*found.look_at(), key("ip_servidor_retaguarda"));
            assert!(words(&found).starts_with(host), "{}", words(&found));
        }
    }
}

#[test]
fn no_words_of_this_programs_own_are_told_as_the_systems() {
    for fake in [Fake::silent(), Fake::greeting("SSH-2.0-OpenSSH_9.2\r\n"), Fake::closing()] {
        let found = outcome(database("127.0.0.1", fake.port), &within(SHORT));
        let facts = balcao_config::present::outcome::facts(&found, Lang::Pt);
        assert!(!facts.is_empty() && facts.iter().all(|fact| !fact.as_str().contains("sistema disse")), "{facts:?}");
    }
}

#[test]
fn five_dead_targets_take_one_timeout() {
    let hole = BlackHole::new();
    let fakes: Vec<Fake> = (0..3).map(|_| Fake::silent()).collect();
    let mut requests = vec![database("127.0.0.1", hole.port), service("127.0.0.1", hole.port)];
    requests.extend(fakes.iter().map(|fake| database("127.0.0.1", fake.port)));
    let (report, took) = timed(IN_TIME, || report(&requests, &within(SHORT)));
    assert!(took <= IN_TIME, "{took:?}");
    let found: Vec<Diagnosis> = report.outcomes.iter().map(|outcome| outcome.diagnosis).collect();
    let (timeout, silent) = (Diagnosis::Timeout, Diagnosis::Silent);
    assert_eq!(found, [timeout, timeout, silent, silent, silent]);
    assert!(!report.ok());
}

#[test]
fn a_name_that_does_not_exist_fails_for_all_that_is_on_it() {
    // A label of 64 characters fits into no question to a name server: the answer comes without one.
    let name = &"x".repeat(64);
    let report = report(&[server(name), database(name, 5432), service(name, 8082)], &within(PATIENT));
    for found in &report.outcomes {
        assert_eq!((found.diagnosis, found.status()), (Diagnosis::DnsFailure, Status::Fail));
        assert_eq!(*found.look_at(), key("ip_servidor_retaguarda"));
        assert!(detail(found)["error"].is_string());
    }
    assert_eq!(report.host.as_ref(), Some(name));
}

#[test]
fn a_host_is_told_to_be_this_machine() {
    for host in ["127.0.0.1", "::1", "localhost"] {
        let found = outcome(server(host), &within(PATIENT));
        assert_eq!((found.diagnosis, &detail(&found)["this_machine"]), (Diagnosis::Ok, &json!(true)), "{host}");
        assert!(found.message(&Catalog::default(), Lang::En).as_str().contains("this computer"));
    }
    let found = outcome(server("192.0.2.1"), &within(PATIENT));
    assert_eq!((found.diagnosis, &detail(&found)["this_machine"]), (Diagnosis::Ok, &json!(false)));
    assert_eq!(detail(&found)["addresses"], json!([{ "address": "192.0.2.1" }]));
}

#[test]
fn a_service_that_speaks_http_is_ok_whatever_page_it_has() {
    for (answer, status) in
        [("HTTP/1.1 200 OK\r\n\r\n", 200), ("HTTP/1.0 404 Not Found\n", 404), ("HTTP/1.1 302 \r\n", 302)]
    {
        let fake = Fake::answering(answer);
        let found = outcome(service("127.0.0.1", fake.port), &within(PATIENT));
        assert_eq!((found.diagnosis, &detail(&found)["status"]), (Diagnosis::Ok, &json!(status)));
    }
    let fake = Fake::answering("HTTP/1.1 503 Service Unavailable\r\n\r\n");
    let found = outcome(service("127.0.0.1", fake.port), &within(PATIENT));
    assert_eq!((found.diagnosis, found.status()), (Diagnosis::HttpError, Status::Warning));
    assert_eq!(found.summary(Lang::Pt).as_str(), "erro HTTP 503");
}

#[test]
fn a_service_that_speaks_something_else_passes_with_a_note() {
    let fakes = [
        Fake::greeting("SSH-2.0-OpenSSH_9.2\r\n"),
        Fake::answering(vec![0; 500]),
        Fake::answering("HTTP/1.1 sim\r\n"),
        Fake::answering("HTTP"),
        Fake::flooding("lixo"),
        Fake::flooding("HTTP/"),
    ];
    for (index, fake) in fakes.iter().enumerate() {
        let found = outcome(service("127.0.0.1", fake.port), &within(PATIENT));
        assert_eq!(
            (found.diagnosis, found.status()),
            (Diagnosis::NotHttp, Status::Ok),
            "{index}: {:?}",
            detail(&found)
        );
    }
}

#[test]
fn a_service_that_says_nothing_is_a_warning() {
    let fake = Fake::silent();
    let found = late_outcome(service("127.0.0.1", fake.port));
    assert_eq!((found.diagnosis, found.status()), (Diagnosis::Silent, Status::Warning));
    assert!(Report { outcomes: vec![found], ..Report::default() }.ok());
}

#[test]
fn the_request_names_host_and_port_as_http_wants_them() {
    let (sender, asked) = std::sync::mpsc::channel();
    let sender = std::sync::Mutex::new(sender);
    let fake = Fake::serving(move |stream| {
        let mut request = vec![0; 1000];
        let count = std::io::Read::read(stream, &mut request)?;
        sender.lock().unwrap().send(String::from_utf8_lossy(&request[..count]).into_owned()).unwrap();
        std::io::Write::write_all(stream, b"HTTP/1.1 204 No Content\r\n\r\n")
    });
    outcome(service("localhost", fake.port), &within(PATIENT));
    let asked = asked.recv().unwrap();
    assert!(asked.starts_with("GET / HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains(&format!("\r\nHost: localhost:{}\r\n", fake.port)), "{asked}");
    assert!(asked.contains("\r\nUser-Agent: balcao-config\r\n") && asked.ends_with("\r\n\r\n"), "{asked}");
}

#[test]
fn a_logo_is_looked_at_and_an_empty_path_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("logo.png");
    let request = logo(path.to_str().unwrap());
    let find = || outcome(request.clone(), &within(PATIENT));
    assert_eq!((find().diagnosis, find().status()), (Diagnosis::FileMissing, Status::Warning));
    std::fs::write(&path, "GIF89a").unwrap();
    assert_eq!((find().diagnosis, find().status()), (Diagnosis::NotAnImage, Status::Warning));
    std::fs::write(&path, b"\x89PNG\r\n\x1a\n").unwrap();
    assert_eq!((find().diagnosis, find().summary(Lang::Pt).as_str()), (Diagnosis::Ok, "PNG"));
    let empty = outcome(logo(""), &within(PATIENT));
    assert_eq!(
        (empty.diagnosis, empty.status(), empty.request.point.address()),
        (Diagnosis::Skipped, Status::Skipped, None)
    );
}

#[test]
fn the_built_in_catalog_is_tested_host_first_and_the_file_last() {
    let catalog = Catalog::built_in();
    let plan = check::plan(&catalog, &|parameter| parameter.default.clone());
    let expected =
        [server("127.0.0.1"), database("127.0.0.1", 5432), service("127.0.0.1", 8082), logo(""), reports("")];
    assert_eq!(plan, expected);
}

#[test]
fn what_needs_an_invalid_value_is_planned_as_not_to_be_tested() {
    let catalog = Catalog::built_in();
    let with = |name: &'static str, value: Value| {
        let plan = check::plan(&catalog, &|parameter| match parameter.key.name() == name {
            true => value.clone(),
            false => parameter.default.clone(),
        });
        plan.into_iter()
            .filter(|request| request.point == Point::Invalid)
            .map(|request| request.target)
            .collect::<Vec<_>>()
    };
    assert_eq!(with("ip_servidor_retaguarda", json!("192.168.0")), ["servidor", "banco_dados", "integracao_clientes"]);
    assert_eq!(with("porta_banco_dados", json!(70000)), ["banco_dados"]);
    assert_eq!(with("porta_integracao_clientes", json!("8082")), ["integracao_clientes"]);
    assert_eq!(with("caminho_imagem_logo", json!(7)), ["logo"]);
    let invalid = Request { point: Point::Invalid, ..database("", 0) };
    let said = outcome(invalid, &within(PATIENT)).message(&catalog, Lang::Pt);
    assert!(said.as_str().contains("IP do Servidor Retaguarda"), "{said}");
    // Said with a warning, and tested all the same.
    assert!(with("ip_servidor_retaguarda", json!("servidor_loja")).is_empty());
}

#[test]
fn an_invalid_value_is_not_tested() {
    let request = Request { point: Point::Invalid, ..database("", 0) };
    let report = report(&[request], &within(PATIENT));
    assert_eq!(report.outcomes[0].diagnosis, Diagnosis::Skipped);
    assert!(report.ok());
    assert!(report.outcomes[0].message(&Catalog::default(), Lang::Pt).as_str().contains("valor inválido"));
}

#[test]
fn a_check_that_is_cancelled_ends_at_once() {
    let fake = Fake::silent();
    let cancel = Cancel::default();
    let other = cancel.clone();
    // The first outcome comes while the silent one is being waited for: the moment to call it off.
    let mut progress = |_: &Outcome| other.cancel();
    let requests = [server("127.0.0.1"), database("127.0.0.1", fake.port)];
    // Without a report: it did not wait for its end, and nobody has to wait for this long.
    assert!(check::run(&requests, &within(Duration::from_secs(3600)), &cancel, &mut progress).is_none());
    assert!(check::run(&requests, &within(PATIENT), &cancel, &mut |_| panic!("begun all the same")).is_none());
}

#[test]
fn progress_tells_each_outcome_once_and_the_report_keeps_the_order_asked_for() {
    let fake = Fake::answering("HTTP/1.1 200 OK\r\n\r\n");
    let port = Refusing::new();
    let requests = [service("127.0.0.1", fake.port), database("127.0.0.1", port.port), server("127.0.0.1"), logo("")];
    let mut told = Vec::new();
    let report = check::run(&requests, &within(PATIENT), &Cancel::default(), &mut |outcome| {
        told.push(outcome.request.target.clone());
    });
    let targets: Vec<String> = report.unwrap().outcomes.iter().map(|outcome| outcome.request.target.clone()).collect();
    assert_eq!(targets, ["integracao_clientes", "banco_dados", "servidor", "logo"]);
    told.sort();
    assert_eq!(told, ["banco_dados", "integracao_clientes", "logo", "servidor"]);
}

#[test]
fn a_report_in_json_has_every_field() {
    let port = Refusing::new();
    let report = report(&[server("127.0.0.1"), database("127.0.0.1", port.port)], &within(PATIENT));
    let json = report.json(&Catalog::default(), Lang::Pt);
    assert_eq!((&json["ok"], &json["host"]), (&json!(false), &json!("127.0.0.1")));
    assert!(json["elapsed_ms"].is_u64());
    let result = json["results"][1].as_object().unwrap();
    let names: Vec<&str> = result.keys().map(String::as_str).collect();
    let expected = ["target", "key", "address", "status", "diagnosis", "message", "remedy", "elapsed_ms", "detail"];
    assert_eq!(names, expected);
    assert_eq!(result["address"], format!("127.0.0.1:{}", port.port));
    assert_eq!((&result["status"], &result["diagnosis"]), (&json!("fail"), &json!("refused")));
}

#[test]
fn names_of_diagnoses_are_distinct_and_each_is_listed_once() {
    let mut names: Vec<&str> = Diagnosis::ALL.iter().map(|diagnosis| diagnosis.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Diagnosis::ALL.len());
}

#[test]
fn what_a_hostile_server_says_never_reaches_the_screen_raw() {
    let fake = Fake::postgres_saying("\u{1b}]0;x\u{7}\u{1b}[2J\u{202e}15.18");
    let found = outcome(database("127.0.0.1", fake.port), &within(PATIENT));
    assert_eq!(found.diagnosis, Diagnosis::Ok, "{:?}", detail(&found));
    for shown in [found.summary(Lang::Pt), found.message(&Catalog::default(), Lang::Pt)] {
        assert!(shown.as_str().contains("‹ESC›"), "{shown}");
        assert!(!shown.as_str().contains(['\u{1b}', '\u{7}', '\u{202e}']), "{shown}");
    }
}

#[test]
fn the_example_says_in_words_what_it_finds() {
    let run = |port: u16| {
        let output =
            std::process::Command::new(example("check")).arg("127.0.0.1").arg(port.to_string()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = run(cluster().port);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with(&format!("PostgreSQL {} responde em", cluster().version)), "{said}");
    let port = Refusing::new();
    let (code, said) = run(port.port);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.starts_with("Conexão recusada: 127.0.0.1"), "{said}");
}
