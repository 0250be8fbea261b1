//! Looking for the service on the usual ports beside the one that was tested, on the same host only. PostgreSQL on this
//! machine is known without a question.
//!
//! A port that is found is offered, never used: a person decides what goes into the document.

use std::iter;
use std::net::SocketAddr;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use super::listening::Listening;
use super::protocol::Protocol;
use super::sweep::{Candidate, Limits, Progress, sweep};
use super::task::Task;
use super::{Cancel, Diagnosis, thread};
use crate::channel::{Receiver, Sender, channel};

/// The cause is known already; a hint is not worth a longer wait where a firewall drops packets.
const PATIENCE: Duration = Duration::from_secs(1);

/// The first of the ports that speaks as it should, where the cause is one that a wrong port explains. A port that another
/// request is about is that one's business.
pub fn find(task: &Task, diagnosis: Diagnosis, protocol: Protocol, this_machine: bool) -> Option<u16> {
    if !matches!(diagnosis, Diagnosis::Refused | Diagnosis::Reset | Diagnosis::NotPostgres | Diagnosis::Silent) {
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
    let (sender, found) = channel();
    Beside::of(task, protocol).ask(task.deadline, &sender);
    first(protocol, &found)
}

/// The usual ports beside the one that is tested.
pub struct Beside(Vec<Candidate>);

/// The same look, begun where a port that has taken the connection is silent for half of the time: at its end there is none left.
pub struct Ahead {
    protocol: Protocol,
    _going_on: Sender<()>,
    found: Receiver<u16>,
}

impl Beside {
    pub fn of(task: &Task, protocol: Protocol) -> Beside {
        let ports = protocol.usual_ports().into_iter().filter(|port| !task.ports.contains(port));
        let at = |port| task.addresses.iter().map(move |address| SocketAddr::new(*address, port));
        let candidate = |address| Candidate { address, protocol, on_link: false };
        Beside(ports.flat_map(at).map(candidate).collect())
    }

    /// `connected`: whether the port that is tested has taken the connection.
    pub fn ahead(self, protocol: Protocol, deadline: Instant, connected: impl Fn() -> bool + Send + 'static) -> Ahead {
        let (going_on, test) = channel::<()>();
        let (sender, found) = channel();
        let patience = deadline.saturating_duration_since(Instant::now()) / 2;
        // Where there is no thread for it, less is known.
        let _ = thread::start("ports", move || {
            if test.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) && connected() {
                self.ask(deadline, &sender);
            }
        });
        Ahead { protocol, _going_on: going_on, found }
    }

    fn ask(self, deadline: Instant, found: &Sender<u16>) {
        let time = deadline.saturating_duration_since(Instant::now()).min(PATIENCE);
        let limits = Limits { overall: time, at_once: self.0.len(), each: time };
        sweep(self.0, limits, &Cancel::default(), &mut |news| {
            if let Progress::Found(speaker) = news {
                // Where nobody listens any more, the test is over.
                let _ = found.send(speaker.candidate.address.port());
            }
        });
    }
}

impl Ahead {
    /// What [`find`] would have found, where the port that was tested was silent.
    pub fn instead_of(&self, diagnosis: Diagnosis) -> Option<u16> {
        (diagnosis == Diagnosis::Silent).then(|| first(self.protocol, &self.found)).flatten()
    }
}

/// The most usual of the ports that were found by now.
fn first(protocol: Protocol, found: &Receiver<u16>) -> Option<u16> {
    let usual = protocol.usual_ports();
    iter::from_fn(|| found.try_recv().ok()).min_by_key(|port| usual.iter().position(|usual| usual == port))
}
