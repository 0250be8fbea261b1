//! Where else the service may be: the usual ports beside the one that was asked for, on the same host only.
//!
//! A port that answers in the right protocol is offered, never used: what goes into the document is a person's choice.

use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use super::task::Task;
use super::{Diagnosis, tcp};

/// The cause is known already; for a hint, nobody is kept waiting longer than this where a firewall drops.
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
                let ask = move || match tcp::connect(addresses, port, deadline).outcome {
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
