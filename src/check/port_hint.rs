//! Where else the service may be: the usual ports beside the one that was asked for, on the same host only.
//!
//! A port that answers in the right protocol is offered, never used: what goes into the document is a person's choice.

use std::io::{Read, Write};
use std::net::{IpAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::{Diagnosis, http, tcp};

/// Where PostgreSQL is: 5432, and what packagers give to a second and third cluster or version on a machine.
pub const POSTGRES: [u16; 4] = [5432, 5433, 5434, 5435];

/// Where services over HTTP are: 8080, and the vendor's neighbours of 8082.
pub const HTTP: [u16; 4] = [8080, 8081, 8082, 8083];

/// The cause is known already; for a hint, nobody is kept waiting longer than this where a firewall drops.
const PATIENCE: Duration = Duration::from_secs(1);

/// The question whether encryption is to be had: a length of 8 and a code that no version of the protocol is.
/// PostgreSQL answers with one byte, whatever its settings and whoever asks.
pub const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// Whether what answers on a connection speaks the right protocol, asked until a deadline.
type Speaks = fn(TcpStream, &str, Instant) -> bool;

/// Which ports to try, and how.
pub struct PortHint {
    /// The usual ones, best first.
    pub ports: [u16; 4],
    /// Of these, those that are known to be something else, or not to answer.
    pub taken: Vec<u16>,
    /// The parameter whose value it would be.
    pub key: String,
    /// How a right one is known.
    pub speaks: Speaks,
}

impl PortHint {
    /// Puts the first of the usual ports that speaks as it should into `detail.suggestion`, where the cause is one that a
    /// wrong port explains.
    pub fn suggest(
        &self,
        addresses: &[IpAddr],
        diagnosis: Diagnosis,
        deadline: Instant,
        detail: &mut Map<String, Value>,
    ) {
        // A PostgreSQL that serves nobody is the right one nevertheless.
        let found_it = detail.contains_key("sqlstate");
        if found_it || !matches!(diagnosis, Diagnosis::Refused | Diagnosis::Reset | Diagnosis::NotPostgres) {
            return;
        }
        let deadline = deadline.min(Instant::now() + PATIENCE);
        let speaks = self.speaks;
        let found = thread::scope(|scope| {
            let candidates = self.ports.into_iter().filter(|port| !self.taken.contains(port));
            let tries: Vec<_> = candidates
                .map(|port| {
                    let ask = move || match tcp::connect(addresses, port, deadline).outcome {
                        Ok((stream, address)) => speaks(stream, &address.to_string(), deadline),
                        Err(_) => false,
                    };
                    (port, thread::Builder::new().name("neighbour".into()).spawn_scoped(scope, ask))
                })
                .collect();
            let mut right = tries.into_iter().filter_map(|(port, asked)| asked.ok()?.join().ok()?.then_some(port));
            right.next()
        });
        if let Some(port) = found {
            detail.insert("suggestion".into(), json!({ "key": self.key, "value": port }));
        }
    }
}

/// One byte and no more, `S` or `N`, is PostgreSQL's answer; a banner that begins with one of them goes on.
pub fn speaks_postgres(mut stream: TcpStream, _: &str, deadline: Instant) -> bool {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() || stream.set_read_timeout(Some(left)).is_err() || stream.write_all(&SSL_REQUEST).is_err() {
        return false;
    }
    let mut answer = [0; 16];
    match stream.read(&mut answer) {
        Ok(1) => matches!(answer.first(), Some(b'S' | b'N')),
        _ => false,
    }
}

/// A status line is HTTP, whatever the status.
pub fn speaks_http(stream: TcpStream, authority: &str, deadline: Instant) -> bool {
    matches!(http::probe(stream, authority, deadline, &mut Map::new()), Diagnosis::Ok | Diagnosis::HttpError)
}
