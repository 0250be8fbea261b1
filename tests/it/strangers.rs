//! What answers at a port where something else was expected: the other port's service, TLS, a portal.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use balcao_config::check::{self, Cancel, Diagnosis, Outcome, Request, Status};

use crate::busy::{at_best, wait_until};
use crate::check::{PATIENT, SHORT, database, detail, outcome, service, within, words};
use crate::fakes::{Fake, Quiet, Refusing, until_closed};
use crate::postgres::cluster;
use crate::tls;

const PAGE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// The database's outcome, and the service's.
fn both(requests: [Request; 2], timeout: std::time::Duration) -> [Outcome; 2] {
    let mut report = check::run(&requests, &within(timeout), &Cancel::default(), &mut |_| {}).unwrap();
    report.outcomes.sort_by_key(|outcome| outcome.request.target.clone());
    report.outcomes.try_into().unwrap()
}

/// A server with TLS in front: a program of its own, ended when it is dropped.
pub struct Encrypted(Child, tempfile::TempDir);

impl Encrypted {
    /// OpenSSL's own, which answers an alert to whoever speaks no TLS.
    pub fn openssl(place: &str) -> Encrypted {
        let [certificate, key] = ["bom.crt", "bom.key"].map(|name| tls::papers().path(name));
        let mut command = Command::new("openssl");
        command.args(["s_server", "-quiet", "-www", "-accept", place, "-cert"]).arg(certificate).arg("-key").arg(key);
        Encrypted::start(command, tempfile::tempdir().unwrap(), place)
    }

    /// HAProxy, which hangs up.
    pub fn haproxy(place: &str) -> Encrypted {
        let read = |name: &str| fs::read_to_string(tls::papers().path(name)).unwrap();
        let both = read("bom.crt") + &read("bom.key");
        let frontend =
            format!("frontend f\n  bind {place} ssl crt FOLDER/both.pem\n  http-request return status 200\n");
        Encrypted::haproxy_with("http", &frontend, &both, place)
    }

    /// HAProxy for HTTP, whose one server is not there.
    fn without_a_server(place: &str) -> Encrypted {
        let proxy = format!("listen f\n  bind {place}\n  server nobody 127.0.0.1:1\n");
        Encrypted::haproxy_with("http", &proxy, "", place)
    }

    /// HAProxy that relays bytes to a server that is not there.
    fn relaying_to_nobody(place: &str) -> Encrypted {
        let proxy = format!("listen f\n  bind {place}\n  server nobody 127.0.0.1:1\n");
        Encrypted::haproxy_with("tcp", &proxy, "", place)
    }

    fn haproxy_with(mode: &str, proxy: &str, both: &str, place: &str) -> Encrypted {
        let folder = tempfile::tempdir().unwrap();
        let settings = folder.path().join("haproxy.cfg");
        fs::write(folder.path().join("both.pem"), both).unwrap();
        let proxy = proxy.replace("FOLDER", folder.path().to_str().unwrap());
        let text = format!(
            "defaults\n  mode {mode}\n  retries 0\n  timeout client 60s\n  timeout server 60s\n  timeout connect 60s\n{proxy}"
        );
        fs::write(&settings, text).unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "PATH=\"$PATH:/usr/sbin\"; exec haproxy -db -q -f \"$1\"", "haproxy"]).arg(settings);
        Encrypted::start(command, folder, place)
    }

    fn start(mut command: Command, folder: tempfile::TempDir, place: &str) -> Encrypted {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait_until("it listens", || TcpStream::connect(place).is_ok());
        Encrypted(child, folder)
    }
}

impl Drop for Encrypted {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
        let _ = &self.1;
    }
}

#[test]
fn a_router_s_page_is_a_warning_that_shows_what_it_said() {
    let challenge = "HTTP/1.0 401 N/A\r\nWWW-Authenticate: Basic realm=\"TP-LINK WR840N\"\r\n\r\n";
    let form = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><form><input type=\"password\"></form></html>";
    for (answer, told) in [(challenge, "TP-LINK WR840N"), (form, "página de login")] {
        let router = Fake::answering(answer);
        let found = outcome(service("127.0.0.1", router.port), &within(PATIENT));
        assert_eq!((found.diagnosis, found.status()), (Diagnosis::Ok, Status::Warning), "{:?}", detail(&found));
        assert!(words(&found).contains(told) && words(&found).contains("Roteadores"), "{}", words(&found));
        assert_eq!(detail(&found)["look_at"], "integracao.ip_servidor_retaguarda");
    }
    let page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>Retaguarda</html>";
    let found = outcome(service("127.0.0.1", Fake::answering(page).port), &within(PATIENT));
    assert_eq!((found.diagnosis, found.status()), (Diagnosis::Ok, Status::Ok), "{:?}", detail(&found));
}

#[test]
fn two_ports_that_were_exchanged_are_named_as_such_in_both_fields() {
    let postgres = cluster().port;
    // A server that answers to anything, and one that waits for a whole request.
    let hasty = Fake::answering(PAGE);
    let waiting = Fake::serving(|stream| {
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            asked.push(byte[0]);
        }
        stream.write_all(PAGE.as_bytes())
    });
    for (http, timeout) in [(hasty.port, PATIENT), (hasty.port, SHORT), (waiting.port, 2 * SHORT)] {
        for order in [false, true] {
            let mut requests = [database("127.0.0.1", http), service("127.0.0.1", postgres)];
            if order {
                requests.reverse();
            }
            let swapped = |found: &[Outcome; 2]| found.iter().all(|found| found.diagnosis == Diagnosis::PortsSwapped);
            let found = at_best(|| both(requests.clone(), timeout), swapped);
            let expected = [
                format!(
                    "Portas trocadas: em 127.0.0.1:{http} responde um serviço HTTP, e na porta {postgres}, um PostgreSQL."
                ),
                format!(
                    "Portas trocadas: em 127.0.0.1:{postgres} responde um PostgreSQL, e na porta {http}, um serviço HTTP."
                ),
            ];
            for (outcome, said) in found.iter().zip(expected) {
                assert_eq!(outcome.diagnosis, Diagnosis::PortsSwapped, "{:?}", detail(outcome));
                assert!(words(outcome).starts_with(&said), "{}", words(outcome));
                assert_eq!(outcome.evidence.suggestion, None);
            }
        }
    }
}

#[test]
fn a_postgres_behind_the_integration_port_is_named_and_nobody_is_told_to_restart_it() {
    let nobody = Refusing::new();
    let [base, found] = both([database("127.0.0.1", nobody.port), service("127.0.0.1", cluster().port)], PATIENT);
    assert_eq!((found.diagnosis, found.status()), (Diagnosis::PortsSwapped, Status::Fail), "{:?}", detail(&found));
    assert!(
        words(&found).contains("responde um PostgreSQL") && !words(&found).contains("einicie"),
        "{}",
        words(&found)
    );
    assert_eq!((base.diagnosis, &detail(&found)["speaks"]), (Diagnosis::Refused, &"postgres".into()));
}

#[test]
fn a_service_that_speaks_tls_alone_is_told_from_one_that_fails() {
    let (first, second) = (Quiet::new(), Quiet::new());
    let servers = [
        (&*first.address, Encrypted::openssl(&first.at(8443))),
        (&*second.address, Encrypted::haproxy(&second.at(8443))),
    ];
    for (address, _running) in &servers {
        for timeout in [PATIENT, 2 * SHORT] {
            let check = || outcome(service(address, 8443), &within(timeout));
            let found = at_best(check, |found| found.diagnosis == Diagnosis::Https);
            let (diagnosis, status) = (found.diagnosis, found.status());
            assert_eq!((diagnosis, status), (Diagnosis::Https, Status::Warning), "{address}: {:?}", detail(&found));
        }
    }
    // As web servers do: in words to whom speaks none, an alert to whom speaks it otherwise.
    let wordy = Fake::serving(|stream| {
        let mut asked = [0; 4096];
        let count = stream.read(&mut asked)?;
        let answer: &[u8] = match asked[..count].first() {
            Some(0x16) => b"\x15\x03\x03\0\x02\x02\x28",
            _ => b"HTTP/1.1 400 Bad Request\r\n\r\nThe plain HTTP request was sent to HTTPS port",
        };
        stream.write_all(answer)?;
        until_closed(stream)
    });
    let found = outcome(service("127.0.0.1", wordy.port), &within(PATIENT));
    assert_eq!(found.diagnosis, Diagnosis::Https, "{:?}", detail(&found));
    // What sends everything back, what says 400 to everybody, and what hangs up on everybody, speak none.
    let echo = Fake::serving(|stream| {
        let mut asked = [0; 4096];
        loop {
            let count = stream.read(&mut asked)?;
            stream.write_all(&asked[..count])?;
            if count == 0 {
                return Ok(());
            }
        }
    });
    let strict = Fake::answering("HTTP/1.1 400 Bad Request\r\n\r\n");
    let cutting = Fake::resetting();
    for (port, diagnosis) in
        [(echo.port, Diagnosis::NotHttp), (strict.port, Diagnosis::Ok), (cutting.port, Diagnosis::Reset)]
    {
        let found = outcome(service("127.0.0.1", port), &within(PATIENT));
        assert_eq!(found.diagnosis, diagnosis, "{:?}", detail(&found));
    }
}

#[test]
fn a_portal_or_a_proxy_that_answers_in_a_server_s_place_is_told() {
    for (answer, said) in [
        ("HTTP/1.1 511 Network Authentication Required\r\n\r\n", "portal"),
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "proxy"),
    ] {
        let fake = Fake::answering(answer);
        let found = outcome(service("127.0.0.1", fake.port), &within(PATIENT));
        assert_eq!((found.diagnosis, found.status()), (Diagnosis::Portal, Status::Fail), "{:?}", detail(&found));
        assert!(words(&found).contains(said), "{}", words(&found));
    }
    // One that sends to another host; not to itself, under its name or its address.
    let to = |location: &str| Fake::answering(format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\n\r\n"));
    for (location, diagnosis) in [
        ("http://login.hotspot.invalid/entrar", Diagnosis::Portal),
        ("http://10.255.255.1/", Diagnosis::Portal),
        ("//login.hotspot.invalid/", Diagnosis::Portal),
        ("/entrar", Diagnosis::Ok),
        ("http://127.0.0.1:9/x", Diagnosis::Ok),
        ("https://localhost/x", Diagnosis::Ok),
    ] {
        let fake = to(location);
        for timeout in [SHORT, PATIENT] {
            let found = outcome(service("127.0.0.1", fake.port), &within(timeout));
            assert_eq!(found.diagnosis, diagnosis, "{location}: {:?}", detail(&found));
            let named = words(&found).contains("login.hotspot.invalid") || words(&found).contains("10.255.255.1");
            assert_eq!(named, diagnosis == Diagnosis::Portal, "{}", words(&found));
        }
    }
    // It answers for every port of every server.
    let redirect = "HTTP/1.1 302 Found\r\nLocation: http://portal.rede/login\r\nContent-Length: 0\r\n\r\n";
    let quiet = Quiet::new();
    let _portal = [5432, 8082].map(|port| Fake::answering_at(&quiet.at(port), redirect));
    let mut requests = [database(&quiet.address, 5432), service(&quiet.address, 8082)];
    for _ in 0..2 {
        for found in both(requests.clone(), PATIENT) {
            assert_eq!(found.diagnosis, Diagnosis::Portal, "{:?}", detail(&found));
        }
        requests.reverse();
    }
    // A page of its own on PostgreSQL's port says nothing against the service on the other.
    for foreign in
        ["HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n"]
    {
        let quiet = Quiet::new();
        let _printer = Fake::answering_at(&quiet.at(5432), foreign);
        let _service = Fake::answering_at(&quiet.at(8082), PAGE);
        let found = both([database(&quiet.address, 5432), service(&quiet.address, 8082)], PATIENT);
        assert!(words(&found[0]).contains("HTTP/1.1"), "{}", words(&found[0]));
        assert_eq!(found.map(|outcome| outcome.diagnosis), [Diagnosis::NotPostgres, Diagnosis::Ok]);
    }
    // On another port than PostgreSQL's own, it is a page somebody serves there.
    let (page, other) = (Fake::answering(PAGE), Fake::answering(PAGE));
    let found = both([database("127.0.0.1", page.port), service("127.0.0.1", other.port)], PATIENT);
    assert_eq!(found.map(|outcome| outcome.diagnosis), [Diagnosis::NotPostgres, Diagnosis::Ok]);
}

#[test]
fn an_error_of_a_proxy_is_shown_and_a_stopped_service_behind_it_is_named() {
    let quiet = Quiet::new();
    // HAProxy without a server behind it says 503; others say it in their own way.
    let _proxy = Encrypted::without_a_server(&quiet.at(8082));
    let real = outcome(service(&quiet.address, 8082), &within(PATIENT));
    assert_eq!((real.diagnosis, &detail(&real)["status"]), (Diagnosis::HttpError, &503.into()), "{:?}", detail(&real));
    assert!(words(&real).contains("proxy") && words(&real).contains("parado"), "{}", words(&real));
    let said = |found: &Outcome| found.server_said(balcao_config::lang::Lang::Pt).map(|said| said.to_string());
    assert_eq!(said(&real).as_deref(), Some("O servidor disse: “HTTP/1.1 503 Service Unavailable”"));
    for (answer, line, proxy) in [
        ("502 Bad Gateway\r\nServer: nginx\r\n\r\n", "HTTP/1.1 502 Bad Gateway (nginx)", true),
        ("504 Gateway Timeout\r\n\r\n", "HTTP/1.1 504 Gateway Timeout", true),
        ("521 \r\nserver: cloudflare\r\n\r\n", "HTTP/1.1 521 (cloudflare)", true),
        // The head may never end.
        ("500 Internal Server Error\r\n", "HTTP/1.1 500 Internal Server Error", false),
    ] {
        let fake = Fake::answering_and_waiting(format!("HTTP/1.1 {answer}"));
        let found = outcome(service("127.0.0.1", fake.port), &within(PATIENT));
        assert_eq!((found.diagnosis, found.status()), (Diagnosis::HttpError, Status::Warning), "{:?}", detail(&found));
        assert_eq!(said(&found), Some(format!("O servidor disse: “{line}”")));
        assert_eq!(words(&found).contains("proxy"), proxy, "{}", words(&found));
    }
}

#[test]
fn a_proxy_without_a_server_behind_it_that_hangs_up_is_a_cause_that_is_named() {
    let quiet = Quiet::new();
    let _proxy = Encrypted::relaying_to_nobody(&quiet.at(7432));
    for timeout in [SHORT, PATIENT] {
        for request in [database(&quiet.address, 7432), service(&quiet.address, 7432)] {
            let found = outcome(request, &within(timeout));
            assert_eq!((found.diagnosis, found.status()), (Diagnosis::Reset, Status::Fail), "{:?}", detail(&found));
            assert!(words(&found).contains("proxy ou redirecionamento de porta sem destino"), "{}", words(&found));
        }
    }
}
