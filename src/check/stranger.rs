//! What answers at a port where something else was expected: the service of the other port, a network's portal, TLS.
//!
//! Asked only once the right protocol was not spoken. What is found of the other port is told with it, so that both are
//! named alike.

use crate::channel::channel;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use super::protocol::{self, Protocol};
use super::sweep::{Candidate, Limits, Progress, sweep};
use super::task::Task;
use super::{Cancel, Diagnosis, Evidence, resolve, tcp, thread, tls_hello};

/// The cause of a failure is being looked for: what does not answer soon does not tell it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Of a page, so many bytes are compared.
const MOST_OF_A_PAGE: usize = 8192;

/// The status with which a network asks for a login first (RFC 6585), and that with which a proxy does (RFC 9110).
const FROM_BETWEEN: [u16; 2] = [511, 407];

/// For the port of the database.
pub fn instead_of_database(task: &Task, diagnosis: Diagnosis, evidence: &mut Evidence) -> Diagnosis {
    if !matches!(diagnosis, Diagnosis::NotPostgres | Diagnosis::Reset) {
        return diagnosis;
    }
    let own = task.server().port;
    let others = || task.ports.iter().copied().filter(|port| *port != own);
    let asked = others().flat_map(|port| [(port, Protocol::Postgres), (port, Protocol::Http)]);
    let speaking = speaking(task, evidence, asked.chain([(own, Protocol::Http)]).collect());
    if !speaking.contains(&(own, Protocol::Http)) {
        return diagnosis;
    }
    evidence.speaks = Some(Protocol::Http);
    let spoken = |protocol| others().find(|port| speaking.contains(&(*port, protocol)));
    if let Some(port) = spoken(Protocol::Postgres) {
        evidence.other_port = Some((port, Protocol::Postgres));
        return Diagnosis::PortsSwapped;
    }
    // A page on PostgreSQL's own port may be anybody's. Somebody on the way has the same one for every port.
    let usual = own == Protocol::Postgres.usual_ports()[0] && evidence.suggestion.is_none();
    match spoken(Protocol::Http).filter(|port| usual && have_one_page(task, evidence, own, *port)) {
        Some(port) => {
            evidence.other_port = Some((port, Protocol::Http));
            Diagnosis::Portal
        }
        None => Diagnosis::NotPostgres,
    }
}

/// True where both ports answer with the same page, or lead to the same: an error's page tells of no one answering for another.
fn have_one_page(task: &Task, evidence: &Evidence, own: u16, other: u16) -> bool {
    let deadline = task.deadline.min(Instant::now() + PATIENCE);
    let [own, other] = [own, other].map(|port| page(task, evidence, port, deadline));
    own.is_some() && own == other
}

/// All that a port answers, without what tells of the time and of the port.
fn page(task: &Task, evidence: &Evidence, port: u16, deadline: Instant) -> Option<String> {
    let addresses = addresses(task, evidence);
    let (mut stream, _) = tcp::connect(&addresses, port, deadline, &mut Evidence::default()).ok()?;
    let left = || Some(deadline.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero());
    stream.set_write_timeout(left()).ok()?;
    stream.write_all(protocol::http_request(task.server().host).as_bytes()).ok()?;
    let mut answer = vec![];
    let mut piece = [0; 1024];
    while answer.len() < MOST_OF_A_PAGE {
        stream.set_read_timeout(Some(left()?)).ok()?;
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => break,
            Ok(count) => answer.extend(piece.iter().take(count)),
        }
    }
    let status = protocol::http_status(&answer)?;
    let text = String::from_utf8_lossy(&answer).replace(&format!(":{port}"), "");
    let is_dated = |line: &&str| line.get(..5).is_some_and(|name| name.eq_ignore_ascii_case("date:"));
    let lines: Vec<&str> = text.lines().filter(|line| !is_dated(line)).collect();
    (status < 400 || FROM_BETWEEN.contains(&status)).then(|| lines.join("\n"))
}

/// For the port of a service over HTTP. `status`: what it answered with, if it spoke HTTP; `elsewhere`: the host that it
/// redirects to.
pub fn instead_of_service(
    task: &Task,
    diagnosis: Diagnosis,
    status: Option<u16>,
    elsewhere: Option<&str>,
    evidence: &mut Evidence,
) -> Diagnosis {
    if elsewhere.is_some_and(|host| is_another(task, host, evidence)) {
        return Diagnosis::Portal;
    }
    if status.is_some_and(|status| FROM_BETWEEN.contains(&status)) {
        return Diagnosis::Portal;
    }
    // 400: some say so to whom speaks no TLS.
    if !matches!(diagnosis, Diagnosis::NotHttp | Diagnosis::Reset) && status != Some(400) {
        return diagnosis;
    }
    if speaks_tls(task, evidence) {
        return Diagnosis::Https;
    }
    if status.is_some() {
        return diagnosis;
    }
    let own = task.server().port;
    let others = || task.ports.iter().copied().filter(|port| *port != own);
    let asked = others().map(|port| (port, Protocol::Http)).chain([(own, Protocol::Postgres)]);
    let speaking = speaking(task, evidence, asked.collect());
    if !speaking.contains(&(own, Protocol::Postgres)) {
        return diagnosis;
    }
    evidence.speaks = Some(Protocol::Postgres);
    evidence.other_port = others().map(|port| (port, Protocol::Http)).find(|spoken| speaking.contains(spoken));
    Diagnosis::PortsSwapped
}

/// True for a host that is not the server that was asked, under whatever name.
fn is_another(task: &Task, host: &str, evidence: &Evidence) -> bool {
    let asked = addresses(task, evidence);
    let is_asked = |address: &IpAddr| asked.contains(address) || task.addresses.contains(address);
    if host.eq_ignore_ascii_case(task.server().host) {
        return false;
    }
    if let Some(address) = resolve::literal(host) {
        return !is_asked(&address);
    }
    let (sender, found) = channel();
    let name = host.to_string();
    // A name that is not found in time leads nowhere from here.
    let _ = thread::start("redirect", move || sender.send(resolve::lookup(&name)).unwrap_or_default());
    let time = task.deadline.saturating_duration_since(Instant::now()).min(PATIENCE);
    !found.recv_timeout(time).is_ok_and(|found| found.is_ok_and(|found| found.iter().any(is_asked)))
}

/// Where the service was found, or is to be looked for.
fn addresses(task: &Task, evidence: &Evidence) -> Vec<IpAddr> {
    evidence.answered.map_or_else(|| task.addresses.clone(), |address| vec![address])
}

/// Which of the ports speak the protocol that goes with them.
fn speaking(task: &Task, evidence: &Evidence, asked: Vec<(u16, Protocol)>) -> Vec<(u16, Protocol)> {
    let addresses = addresses(task, evidence);
    let at = |(port, protocol)| {
        let candidate = move |address: &IpAddr| {
            let address = SocketAddr::new(*address, port);
            Candidate { address, protocol, on_link: false }
        };
        addresses.iter().map(candidate).collect::<Vec<_>>()
    };
    let candidates: Vec<Candidate> = asked.into_iter().flat_map(at).collect();
    let time = task.deadline.saturating_duration_since(Instant::now()).min(PATIENCE);
    let limits = Limits { overall: time, at_once: candidates.len(), each: time };
    let mut speaking = vec![];
    sweep(candidates, limits, &Cancel::default(), &mut |news| {
        if let Progress::Found(speaker) = news {
            speaking.push((speaker.candidate.address.port(), speaker.candidate.protocol));
        }
    });
    speaking
}

fn speaks_tls(task: &Task, evidence: &Evidence) -> bool {
    let deadline = task.deadline.min(Instant::now() + PATIENCE);
    let (addresses, server) = (addresses(task, evidence), task.server());
    let connected = tcp::connect(&addresses, server.port, deadline, &mut Evidence::default());
    connected.is_ok_and(|(stream, address)| tls_hello::answered(stream, server.host, address.ip(), deadline))
}
