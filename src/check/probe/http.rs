//! Whether a service speaks HTTP: one plain `GET /`, answered or not.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Map, Value};

use crate::check::evidence::{Late, object};
use crate::check::outcome::ProbeEvidence;
use crate::check::protocol::Protocol;
use crate::check::task::{Implementation, Task};
use crate::check::{Answer, Diagnosis, Outcome, Stage, Status, port_hint, protocol, stranger, tcp};
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;

pub const PROBE: Implementation = Implementation { run, nothing: || Arc::new(HttpEvidence::default()) };

/// A status line is some 30 bytes; a first line longer than this is not one.
const MOST_BYTES: usize = 16 * 1024;

/// Of an answer that is not HTTP, so many bytes are kept as evidence: enough to recognise a banner.
const FIRST_BYTES: usize = 64;

/// How every HTTP answer begins.
const BEGINNING: &[u8] = b"HTTP/";

#[derive(Clone, Debug, Default)]
pub struct HttpEvidence {
    pub status: Option<u16>,
}

fn run(mut task: Task) -> Answer {
    task.reporter.enter(Stage::Connect);
    let mut found = HttpEvidence::default();
    let port = task.server().port;
    let diagnosis = match tcp::connect(&task.addresses, port, task.deadline, &mut task.evidence) {
        Err(diagnosis) => diagnosis,
        Ok((stream, _)) => {
            task.reporter.enter(Stage::Protocol);
            let evidence = &mut task.evidence;
            match ask(stream, &task.point.address().unwrap_or_default(), task.deadline) {
                Said::Status(status) => {
                    found.status = Some(status);
                    if status >= 500 { Diagnosis::HttpError } else { Diagnosis::Ok }
                }
                Said::Else(received) => {
                    evidence.received = Some(received);
                    Diagnosis::NotHttp
                }
                Said::Part => {
                    evidence.late = Some(Late::End);
                    Diagnosis::Silent
                }
                Said::Nothing => Diagnosis::Silent,
                Said::End => Diagnosis::Reset,
            }
        }
    };
    let mut evidence = std::mem::take(&mut task.evidence);
    let diagnosis = stranger::instead_of_service(&task, diagnosis, found.status, &mut evidence);
    evidence.suggestion = port_hint::find(&task, diagnosis, Protocol::Http, evidence.this_machine == Some(true));
    Answer { diagnosis, evidence, by_probe: Arc::new(found) }
}

/// What a service says to a request.
enum Said {
    Status(u16),
    /// Something that is not HTTP, its beginning.
    Else(String),
    /// A part of a status line, until time was up.
    Part,
    Nothing,
    /// It hung up without a word. Whether the end is clean depends on a race between its closing and our request.
    End,
}

/// Asks for `/` and looks at the first line of the answer.
fn ask(mut stream: TcpStream, authority: &str, deadline: Instant) -> Said {
    let request = protocol::http_request(authority);
    let left = deadline.saturating_duration_since(Instant::now());
    // If writing fails, reading shows why, and what the service sent before it closed.
    let _ = stream.set_write_timeout(Some(left)).and_then(|()| stream.write_all(request.as_bytes()));
    let mut answer = Vec::new();
    match (read_first_line(&mut stream, deadline, &mut answer), protocol::http_status(&answer)) {
        (End::Late, _) if answer.is_empty() => Said::Nothing,
        (End::Late, _) => Said::Part,
        (End::Closed, _) if answer.is_empty() => Said::End,
        (_, Some(status)) => Said::Status(status),
        (_, None) => Said::Else(String::from_utf8_lossy(answer.get(..FIRST_BYTES).unwrap_or(&answer)).into_owned()),
    }
}

impl ProbeEvidence for HttpEvidence {
    /// Silence fails a database, but an integration service may be one that waits to be spoken to in its own protocol.
    fn status(&self, diagnosis: Diagnosis) -> Option<Status> {
        (diagnosis == Diagnosis::Silent).then_some(Status::Warning)
    }

    fn json(&self) -> Map<String, Value> {
        object([("status", self.status.map(Value::from))])
    }

    fn summary(&self, outcome: &Outcome, lang: Lang) -> Option<Safe> {
        match (outcome.diagnosis, self.status) {
            (Diagnosis::Ok, _) => Some(outcome.waited()),
            (Diagnosis::HttpError, Some(status)) => Some(say!(lang, "erro HTTP {}", "HTTP error {}", status)),
            _ => None,
        }
    }

    fn message(&self, outcome: &Outcome, lang: Lang) -> Option<Safe> {
        let (place, status) = (outcome.place(), self.status.unwrap_or_default());
        Some(match outcome.diagnosis {
            Diagnosis::Ok => say!(
                lang,
                "{} responde por HTTP (status {}, {}).",
                "{} answers over HTTP (status {}, {}).",
                place,
                status,
                outcome.waited()
            ),
            Diagnosis::NotHttp => say!(
                lang,
                "O serviço em {} não é HTTP{}.",
                "The service at {} is not HTTP{}.",
                place,
                outcome.received(lang)
            ),
            Diagnosis::Https => say!(
                lang,
                "O serviço em {} é HTTPS (TLS); este teste pede HTTP sem TLS.",
                "The service at {} is HTTPS (TLS); this test asks for HTTP without TLS.",
                place
            ),
            Diagnosis::Portal if status == 407 => say!(
                lang,
                "Um proxy responde em {} no lugar do serviço e pede login (HTTP 407).",
                "A proxy answers at {} in the service's place and asks for a login (HTTP 407).",
                place
            ),
            Diagnosis::Portal if status == 511 => say!(
                lang,
                "Um portal da rede responde em {} no lugar do serviço e pede login (HTTP 511).",
                "A network's portal answers at {} in the service's place and asks for a login (HTTP 511).",
                place
            ),
            Diagnosis::HttpError => say!(
                lang,
                "O serviço em {} respondeu com o erro HTTP {}.",
                "The service at {} answered with HTTP error {}.",
                place,
                status
            ),
            _ => return None,
        })
    }

    fn found_on(&self, port: u16, lang: Lang) -> Safe {
        say!(lang, "Na porta {} responde um serviço HTTP.", "An HTTP service answers on port {}.", port)
    }
}

#[derive(Debug, PartialEq, Eq)]
enum End {
    /// There is a line, or what came can never be one of HTTP's.
    Enough,
    /// The other side hung up.
    Closed,
    Late,
}

fn read_first_line(stream: &mut TcpStream, deadline: Instant, answer: &mut Vec<u8>) -> End {
    let mut piece = [0; 1024];
    loop {
        let beginning = answer.iter().zip(BEGINNING).all(|(got, wanted)| got == wanted);
        if !beginning || answer.contains(&b'\n') || answer.len() >= MOST_BYTES {
            return End::Enough;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || stream.set_read_timeout(Some(left)).is_err() {
            return End::Late;
        }
        match stream.read(&mut piece) {
            Ok(0) => return End::Closed,
            Ok(count) => answer.extend(piece.iter().take(count)),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return End::Late,
            Err(_) => return End::Closed,
        }
    }
}
