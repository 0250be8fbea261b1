//! Looking for the service on the usual ports beside the one that was tested, on the same host only.
//!
//! A port that is found is offered, never used: a person decides what goes into the document.

use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use super::task::Task;
use super::{Diagnosis, Evidence, tcp};

/// The cause is known already; a hint is not worth a longer wait where a firewall drops packets.
const PATIENCE: Duration = Duration::from_secs(1);

/// Whether what answers on a connection to this `host:port` speaks the right protocol, asked until a deadline.
type Speaks = fn(TcpStream, &str, Instant) -> bool;

/// The first of the usual ports that speaks as it should, where the cause is one that a wrong port explains. A port that
/// another request is about is that one's business.
pub fn find(task: &Task, diagnosis: Diagnosis, ports: [u16; 4], speaks: Speaks) -> Option<u16> {
    if !matches!(diagnosis, Diagnosis::Refused | Diagnosis::Reset | Diagnosis::NotPostgres) {
        return None;
    }
    let deadline = task.deadline.min(Instant::now() + PATIENCE);
    let addresses = &task.addresses;
    thread::scope(|scope| {
        let candidates = ports.into_iter().filter(|port| !task.ports.contains(port));
        let tries: Vec<_> = candidates
            .map(|port| {
                let ask = move || match tcp::connect(addresses, port, deadline, &mut Evidence::default()) {
                    Ok((stream, address)) => speaks(stream, &address.to_string(), deadline),
                    Err(_) => false,
                };
                (port, thread::Builder::new().name("port-hint".into()).spawn_scoped(scope, ask))
            })
            .collect();
        let mut right = tries.into_iter().filter_map(|(port, asked)| asked.ok()?.join().ok()?.then_some(port));
        right.next()
    })
}
