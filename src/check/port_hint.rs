//! Looking for the service on the usual ports beside the one that was tested, on the same host only. PostgreSQL on this
//! machine is known without a question.
//!
//! A port that is found is offered, never used: a person decides what goes into the document.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::listening::Listening;
use super::protocol::Protocol;
use super::sweep::{Candidate, Limits, Progress, sweep};
use super::task::Task;
use super::{Cancel, Diagnosis};

/// The cause is known already; a hint is not worth a longer wait where a firewall drops packets.
const PATIENCE: Duration = Duration::from_secs(1);

/// The first of the ports that speaks as it should, where the cause is one that a wrong port explains. A port that another
/// request is about is that one's business.
pub fn find(task: &Task, diagnosis: Diagnosis, protocol: Protocol, this_machine: bool) -> Option<u16> {
    if !matches!(diagnosis, Diagnosis::Refused | Diagnosis::Reset | Diagnosis::NotPostgres) {
        return None;
    }
    let known = (this_machine && protocol == Protocol::Postgres).then(Listening::look);
    match known {
        Some(Ok(listening)) => {
            let ports = task.addresses.iter().flat_map(|address| listening.postgres_at(*address));
            ports.filter(|port| !task.ports.contains(port)).min()
        }
        Some(Err(_)) | None => ask(task, protocol),
    }
}

fn ask(task: &Task, protocol: Protocol) -> Option<u16> {
    let usual = protocol.usual_ports();
    let ports = usual.into_iter().filter(|port| !task.ports.contains(port));
    let at = |port| task.addresses.iter().map(move |address| SocketAddr::new(*address, port));
    let candidate = |address| Candidate { address, protocol, on_link: false };
    let candidates: Vec<Candidate> = ports.flat_map(at).map(candidate).collect();
    let time = task.deadline.saturating_duration_since(Instant::now()).min(PATIENCE);
    let limits = Limits { overall: time, at_once: candidates.len(), each: time };
    let mut best = None;
    sweep(candidates, limits, &Cancel::default(), &mut |news| {
        if let Progress::Found(speaker) = news {
            let rank = usual.iter().position(|port| *port == speaker.candidate.address.port());
            best = rank.into_iter().chain(best).min();
        }
    });
    usual.get(best?).copied()
}
