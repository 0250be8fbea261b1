//! Every diagnosis by a real cause, again and again: a cause that is named right once in a while is no diagnosis.

use std::fs;
use std::time::Duration;

use balcao_config::check::credentials::{Encryption, Secret};
use balcao_config::check::{Diagnosis, Options, Outcome};

use crate::busy::at_best;
use crate::check::{PATIENT, at_timeout, database, detail, device, given, logo, outcome, reports, service, within};
use crate::fakes::{BlackHole, Fake, Quiet, Refusing};
use crate::history::times;
use crate::login::{all_connections, with_password};
use crate::postgres::{Cluster, Spec, cluster};
use crate::refusals::{out_of_processes, refusing, stuck};
use crate::strangers::Encrypted;
use crate::tls;

/// What only networks of one's own can cause: `net::root` does it, as root.
pub const OF_NETWORKS: [Diagnosis; 2] = [Diagnosis::Blocked, Diagnosis::Unreachable];

/// For what is named when it runs out, and only then: long enough for a busy machine to connect meanwhile.
const SOON: Duration = Duration::from_secs(1);

const OPEN: &str = "local all all trust\nhost all all 127.0.0.1/32 trust\n";

fn open(settings: &str) -> Cluster {
    Cluster::start(&Spec { access: OPEN, settings, roles: "" })
}

/// A name that no name server is asked for: a label of 64 characters fits into no question.
fn no_name() -> String {
    format!("{}.loja", "x".repeat(64))
}

#[test]
fn every_diagnosis_has_a_real_cause_and_is_named_right_every_time() {
    let shared = cluster();
    let full = open("max_connections = 3\nsuperuser_reserved_connections = 1\nmax_wal_senders = 0\n");
    let held = all_connections(&full, 3);
    let standby = open("");
    standby.stop("fast", true);
    standby.put("standby.signal", "");
    standby.start_again();
    let closed = open("");
    closed.stop("fast", true);
    closed.put("standby.signal", "");
    closed.put("postgresql.auto.conf", "hot_standby = off\n");
    closed.start_again();
    let starting = open("");
    starting.start_for_ever();
    while outcome(database("127.0.0.1", starting.port), &within(PATIENT)).diagnosis == Diagnosis::Refused {}
    let (processless, old, stuck) = (out_of_processes(), tls::old(), stuck(shared.port));
    let stopping = open("");
    let session = stopping.client();
    stopping.stop("smart", false);
    while outcome(database("127.0.0.1", stopping.port), &within(PATIENT)).diagnosis == Diagnosis::Ok {}
    let (nobody, hole, silent, cutting) = (Refusing::new(), BlackHole::new(), Fake::silent(), Fake::resetting());
    let (ssh, failing) =
        (Fake::greeting("SSH-2.0-OpenSSH_9.2\r\n"), Fake::answering("HTTP/1.1 503 Service Unavailable\r\n\r\n"));
    let portal = Fake::answering("HTTP/1.1 511 Network Authentication Required\r\n\r\n");
    let quiet = Quiet::new();
    let _encrypted = Encrypted::haproxy(&quiet.at(8443));
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("logo.png");
    fs::write(&text, "não é uma imagem").unwrap();
    let (text, missing) = (text.to_str().unwrap().to_owned(), folder.path().join("falta.png"));
    let missing = missing.to_str().unwrap().to_owned();

    let asking = Cluster::start(&Spec {
        access: "local all all trust\nhost all all all scram-sha-256\n",
        settings: "",
        roles: "",
    });
    let at_refusing = |user: &str, name: &str| outcome(database("127.0.0.1", refusing().port), &given(user, name));
    let login =
        |user: &str, password: &str| outcome(database("127.0.0.1", shared.port), &with_password(user, password));
    let as_user = |user: &str, name: &str| outcome(database("127.0.0.1", shared.port), &given(user, name));
    let at = |port: u16| outcome(database("127.0.0.1", port), &within(PATIENT));
    let encrypted = |user: &str, encryption, root: Option<&str>| {
        let root = root.map(|name| tls::papers().path(name));
        let credentials = tls::under(encryption, root.as_deref()).with_password(Secret::new("segredo-tls"));
        tls::found("localhost", tls::good().port, user, credentials)
    };
    let causes: Vec<(Diagnosis, Box<dyn Fn() -> Outcome + '_>)> = vec![
        (Diagnosis::Ok, Box::new(|| login(Cluster::SCRAM, Cluster::PASSWORD))),
        (Diagnosis::Ok, Box::new(|| as_user(Cluster::TRUSTED, "postgres"))),
        (Diagnosis::AuthRequired, Box::new(|| outcome(database("127.0.0.1", asking.port), &within(PATIENT)))),
        (Diagnosis::NoPassword, Box::new(|| as_user(Cluster::SCRAM, "postgres"))),
        (Diagnosis::DatabaseClosed, Box::new(|| at_refusing("maria", "fechado"))),
        (Diagnosis::NoConnectRight, Box::new(|| at_refusing("maria", "privado"))),
        (Diagnosis::ConnectionLimit, Box::new(|| at_refusing("maria", "cheio"))),
        (Diagnosis::ConnectionLimit, Box::new(|| at_refusing("cheia", "postgres"))),
        (Diagnosis::AuthMethod, Box::new(|| at_refusing("por_ident", "postgres"))),
        (Diagnosis::Standby, Box::new(|| at(standby.port))),
        (Diagnosis::Standby, Box::new(|| at(closed.port))),
        (Diagnosis::ServerError, Box::new(|| at(processless.port))),
        (
            Diagnosis::TlsVersion,
            Box::new(|| tls::found("localhost", old.port, "so_cifrado", tls::under(Encryption::Require, None))),
        ),
        (Diagnosis::CertificateRequired, Box::new(|| encrypted("com_certificado", Encryption::Prefer, None))),
        (
            Diagnosis::Slow,
            Box::new(|| {
                let options = Options { timeout: 2 * SOON, ..given(Cluster::TRUSTED, "postgres") };
                outcome(database("127.0.0.1", stuck.port), &options)
            }),
        ),
        (Diagnosis::AuthFailed, Box::new(|| login(Cluster::SCRAM, "errada"))),
        (Diagnosis::AuthFailed, Box::new(|| as_user("sem_login", "postgres"))),
        (Diagnosis::AuthUnsafe, Box::new(|| encrypted("em_claro", Encryption::Require, None))),
        (Diagnosis::HbaRejected, Box::new(|| as_user(Cluster::REJECTED, "postgres"))),
        (Diagnosis::DatabaseMissing, Box::new(|| as_user(Cluster::TRUSTED, "nao_existe"))),
        (Diagnosis::StartingUp, Box::new(|| at(starting.port))),
        (Diagnosis::ShuttingDown, Box::new(|| at(stopping.port))),
        (Diagnosis::TooManyConnections, Box::new(|| at(full.port))),
        (Diagnosis::TlsRequired, Box::new(|| encrypted("so_cifrado", Encryption::Disable, None))),
        (Diagnosis::TlsFailed, Box::new(|| encrypted("so_cifrado", Encryption::VerifyFull, Some("outra.crt")))),
        (Diagnosis::DnsFailure, Box::new(|| outcome(database(&no_name(), 5432), &within(PATIENT)))),
        (Diagnosis::Refused, Box::new(|| at(nobody.port))),
        (Diagnosis::Timeout, Box::new(|| outcome(database("127.0.0.1", hole.port), &within(SOON)))),
        (Diagnosis::PortsSwapped, Box::new(|| outcome(service("127.0.0.1", shared.port), &within(PATIENT)))),
        (Diagnosis::Https, Box::new(|| outcome(service(&quiet.address, 8443), &within(PATIENT)))),
        (Diagnosis::Portal, Box::new(|| outcome(service("127.0.0.1", portal.port), &within(PATIENT)))),
        (Diagnosis::BadAddress, Box::new(|| outcome(database("255.255.255.0", 5432), &within(PATIENT)))),
        (Diagnosis::BadAddress, Box::new(|| outcome(service("127.255.255.255", 8082), &within(PATIENT)))),
        (Diagnosis::Reset, Box::new(|| at(cutting.port))),
        (Diagnosis::NotPostgres, Box::new(|| at(ssh.port))),
        (Diagnosis::Silent, Box::new(|| outcome(database("127.0.0.1", silent.port), &within(SOON)))),
        (Diagnosis::NotHttp, Box::new(|| outcome(service("127.0.0.1", ssh.port), &within(PATIENT)))),
        (Diagnosis::HttpError, Box::new(|| outcome(service("127.0.0.1", failing.port), &within(PATIENT)))),
        (Diagnosis::FileMissing, Box::new(|| outcome(logo(&missing), &within(PATIENT)))),
        (Diagnosis::FileMissing, Box::new(|| outcome(reports(&missing), &within(PATIENT)))),
        (Diagnosis::FileMissing, Box::new(|| outcome(reports(&text), &within(PATIENT)))),
        (Diagnosis::FileMissing, Box::new(|| outcome(device(&missing), &within(PATIENT)))),
        (Diagnosis::FileMissing, Box::new(|| outcome(device(&text), &within(PATIENT)))),
        (Diagnosis::Ok, Box::new(|| outcome(device("/dev/null"), &within(PATIENT)))),
        (Diagnosis::NotAnImage, Box::new(|| outcome(logo(&text), &within(PATIENT)))),
        (Diagnosis::Skipped, Box::new(|| outcome(logo(""), &within(PATIENT)))),
    ];
    // The process itself has to lack something: `cli_check` starts one that does.
    let elsewhere = [&OF_NETWORKS[..], &[Diagnosis::LocalLimit]].concat();
    for diagnosis in Diagnosis::ALL.iter().copied().filter(|diagnosis| !elsewhere.contains(diagnosis)) {
        assert!(causes.iter().any(|(caused, _)| *caused == diagnosis), "{diagnosis:?} has no cause here");
    }
    for round in 1..=times(3, 100) {
        for (number, (expected, cause)) in causes.iter().enumerate() {
            let found = cause();
            assert_eq!(found.diagnosis, *expected, "round {round}, cause {number}: {:?}", detail(&found));
        }
    }
    // The same at every timeout: no shop waits as long as the tests do. A busy machine may be late now and then.
    for seconds in [1, 3, 10] {
        for (number, (expected, cause)) in causes.iter().enumerate() {
            let again = || at_timeout(Duration::from_secs(seconds), cause);
            let found = at_best(again, |found| found.diagnosis == *expected);
            assert_eq!(found.diagnosis, *expected, "{seconds} s, cause {number}: {:?}", detail(&found));
        }
    }
    drop((held, session));
}
