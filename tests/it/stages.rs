//! How far a check came: told as it happens, kept as evidence, and bounded at every stage.

use balcao_config::check::credentials::Encryption;
use balcao_config::check::last_passed::LastPassed;
use balcao_config::check::{self, Cancel, Credentials, Diagnosis, Options, Progress, Status};

use crate::busy::timed;
use crate::check::{PATIENT, SHORT, database, detail, late_outcome, login, outcome, service, within};
use crate::fakes::{BlackHole, Fake, Refusing, authentication_request, error_response, message};
use crate::postgres::cluster;

#[test]
fn progress_tells_each_stage_as_it_is_entered() {
    let mut told = Vec::new();
    let fake = Fake::answering("HTTP/1.1 200 OK\r\n\r\n");
    let requests = [database("localhost", cluster().port), service("127.0.0.1", fake.port)];
    let report =
        check::follow(
            &requests,
            &within(PATIENT),
            &Cancel::default(),
            &LastPassed::default(),
            &mut |step| match step {
                Progress::Entered(request, stage) => told.push((request.target.clone(), stage.name())),
                Progress::Done(outcome) => told.push((outcome.request.target.clone(), "done")),
            },
        );
    let of = |target: &str| -> Vec<&str> {
        told.iter().filter(|(name, _)| name == target).map(|(_, stage)| *stage).collect()
    };
    assert_eq!(of("banco_dados"), ["resolve", "connect", "protocol", "login", "question", "done"]);
    assert_eq!(of("integracao_clientes"), ["connect", "protocol", "done"]);
    for outcome in report.unwrap().outcomes {
        let detail = detail(&outcome);
        let stages = detail["stages"].as_array().unwrap();
        assert!(stages.iter().all(|stage| stage["result"] == "ok" && stage["elapsed_ms"].is_u64()), "{stages:?}");
    }
}

#[test]
fn the_stage_that_failed_is_told_with_its_cause() {
    let port = Refusing::new();
    let fake = Fake::postgres_error("57P03", "não");
    let silent = Fake::silent();
    let table = [
        (port.port, &[("connect", "refused")][..]),
        (fake.port, &[("connect", "ok"), ("protocol", "ok"), ("login", "starting_up")]),
        (silent.port, &[("connect", "ok"), ("protocol", "silent")]),
    ];
    for (port, expected) in table {
        // What answers is waited for.
        let timeout = if port == silent.port { SHORT } else { PATIENT };
        let found = outcome(database("127.0.0.1", port), &within(timeout));
        let detail = detail(&found);
        let stages = detail["stages"].as_array().unwrap();
        let told: Vec<(&str, &str)> =
            stages.iter().map(|stage| (stage["stage"].as_str().unwrap(), stage["result"].as_str().unwrap())).collect();
        assert_eq!(told, expected);
    }
}

#[test]
fn of_two_attempts_each_has_the_result_that_it_had() {
    use balcao_config::check::credentials::Encryption::{Allow, Prefer};
    let server = crate::tls::good();
    let one = |login: &'static str| vec![("connect", "ok"), ("protocol", "ok"), ("tls", "ok"), ("login", login)];
    let plain = |login: &'static str| vec![("connect", "ok"), ("protocol", "ok"), ("login", login)];
    for (user, encryption, expected) in [
        ("com_certificado", Prefer, [one("certificate_required"), plain("hba_rejected")].concat()),
        ("sem_entrada", Prefer, [one("hba_rejected"), plain("hba_rejected")].concat()),
        ("com_certificado", Allow, [plain("tls_required"), one("certificate_required")].concat()),
    ] {
        let found = crate::tls::found("127.0.0.1", server.port, user, crate::tls::under(encryption, None));
        let stages: Vec<_> =
            found.evidence.stages.iter().map(|record| (record.stage.name(), record.result.name())).collect();
        assert_eq!(stages, expected, "{user} {encryption:?}");
    }
}

#[test]
fn the_deadline_holds_within_a_tenth_whatever_the_server_does() {
    let error = error_response("XX000", "x");
    let kinds = [
        ("silent", Fake::silent()),
        ("a byte a second", Fake::dripping(error)),
        ("flooding", Fake::flooding(vec![b'N'; 4096])),
        ("closing", Fake::closing()),
        ("cutting", Fake::resetting()),
        ("waiting", Fake::answering_and_waiting(authentication_request(0))),
    ];
    for (name, fake) in &kinds {
        for request in [database("127.0.0.1", fake.port), service("127.0.0.1", fake.port)] {
            let (_, took) = timed(SHORT + SHORT / 10, || outcome(request.clone(), &within(SHORT)));
            assert!(took <= SHORT + SHORT / 10, "{name}: {took:?} for {request:?}");
        }
    }
}

#[test]
fn five_dead_targets_take_one_timeout_and_a_tenth() {
    let (hole, silent) = (BlackHole::new(), Fake::silent());
    let ports = [hole.port, silent.port];
    let mut requests: Vec<_> = ports.iter().map(|port| database("127.0.0.1", *port)).collect();
    requests.extend(ports.iter().map(|port| service("127.0.0.1", *port)));
    requests.push(database("localhost", silent.port));
    let run = || check::run(&requests, &within(SHORT), &Cancel::default(), &mut |_| {}).unwrap();
    let (_, took) = timed(SHORT + SHORT / 10, run);
    assert!(took <= SHORT + SHORT / 10, "{took:?}");
}

#[test]
fn the_deadline_holds_while_encryption_is_agreed_on() {
    let after_yes = |words: &[u8]| [b"S", words].concat();
    // Silent, a record that never ends, one byte a second, and one record after the other.
    let fakes = [
        Fake::answering_and_waiting(after_yes(b"")),
        Fake::answering_and_waiting(after_yes(b"\x16\x03\x03\x40\x00")),
        Fake::dripping(after_yes(b"\x16\x03\x03\x00\x05")),
    ];
    for fake in fakes {
        let found = late_outcome(database("127.0.0.1", fake.port));
        assert_eq!(found.diagnosis, Diagnosis::Slow, "{:?}", detail(&found));
        assert_eq!(detail(&found)["stages"].as_array().unwrap().last().unwrap()["stage"], "tls");
    }
    let words = after_yes(&b"\x16\x03\x03\x00\x04\x0e\x00\x00\x00".repeat(1000));
    let flood = Fake::answering_and_waiting(words);
    let found = late_outcome(database("127.0.0.1", flood.port));
    assert!(found.status() != Status::Ok, "{:?}", detail(&found));
}

#[test]
fn what_is_said_before_the_encryption_is_not_believed() {
    // An impostor on the way puts words of its own behind the yes, to be taken for the server's.
    let welcome = [authentication_request(0), message(b'Z', b"I")].concat();
    let fake = Fake::answering_and_waiting([b"S".to_vec(), welcome].concat());
    let mut credentials = Credentials::clone(&login("maria", "loja"));
    credentials.encryption = Encryption::Require;
    let options = Options { credentials: credentials.into(), ..within(PATIENT) };
    let found = outcome(database("127.0.0.1", fake.port), &options);
    assert_eq!((found.diagnosis, found.status()), (Diagnosis::NotPostgres, Status::Fail), "{:?}", detail(&found));
}
