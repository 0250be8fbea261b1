//! Finding the server: which machines around, and what on this very machine, answer on the ports that are looked for.
//!
//! A machine gets a byte only on these ports, and on each only the question of its protocol: what listens elsewhere may be
//! a printer, which prints whatever comes. On this machine PostgreSQL is known by its socket names.

mod names;
mod networks;

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::cancel::Cancel;
pub use super::listening::Listening;
pub use super::protocol::{Protocol, Reply};
use super::stage::whole_ms;
use super::sweep::{self, Candidate};
pub use super::sweep::{End, Limits};
use crate::catalog::{Catalog, Parameter, Probe};
use crate::key::Key;
use crate::sort;
use names::Names;
pub use networks::{Network, Surroundings};

/// For everything, and in it for each connection and each answer. 508 machines with two ports each, of which nobody
/// answers, are done with in eight rounds.
pub const LIMITS: Limits = Limits { overall: Duration::from_secs(3), at_once: 128, each: Duration::from_millis(300) };

/// Progress is told so often at most: each may be a frame over a slow line.
const TELLING: Duration = Duration::from_millis(250);

/// A port that the server would answer on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The name of its test in reports.
    pub target: String,
    pub protocol: Protocol,
    pub port: u16,
}

/// The ports on the host that this parameter holds, as far as their values are valid.
pub fn wanted(catalog: &Catalog, host: &Key, value_of: &dyn Fn(&Parameter) -> Value) -> Vec<Wanted> {
    let wanted = |parameter: &Parameter| {
        let check = parameter.check.as_ref().filter(|check| check.host.as_ref() == Some(host))?;
        let protocol = match check.probe {
            Probe::Postgres => Protocol::Postgres,
            Probe::Http => Protocol::Http,
            _ => return None,
        };
        let value = value_of(parameter);
        let port = u16::try_from(value.as_u64()?).ok().filter(|_| parameter.kind.validate(&value).is_none())?;
        Some(Wanted { target: check.target.clone(), protocol, port })
    };
    catalog.parameters().iter().filter_map(wanted).collect()
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    pub wanted: Vec<Wanted>,
    pub networks: Vec<Searched>,
    /// Those that answer on most of the ports first.
    pub machines: Vec<Machine>,
    /// Why the networks are not known: the system's error.
    pub unknown: Option<i32>,
    /// How many machines were to be asked, this one left out.
    pub hosts: usize,
    pub end: End,
    pub elapsed: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Searched {
    pub network: Network,
    /// How many of its addresses were to be asked.
    pub hosts: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Machine {
    pub address: Ipv4Addr,
    /// As the system knows it.
    pub name: Option<String>,
    pub this_machine: bool,
    /// PostgreSQL first, by port.
    pub services: Vec<Service>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// The test whose port it is; `None` for another one, which only this machine is asked about.
    pub target: Option<String>,
    pub protocol: Protocol,
    pub port: u16,
    pub known_by: KnownBy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownBy {
    /// It has a socket of PostgreSQL's name; it was sent nothing.
    SocketName,
    Reply {
        reply: Reply,
        /// One round trip.
        latency: Duration,
    },
}

/// How far a search is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// So many machines were asked,
    pub asked: usize,
    /// of so many,
    pub of: usize,
    /// and so many were found.
    pub found: usize,
}

impl Machine {
    /// On how many of the ports that are looked for it answers.
    fn matches(&self) -> usize {
        self.services.iter().filter(|service| service.target.is_some()).count()
    }

    /// The quickest round trip to it.
    pub fn latency(&self) -> Option<Duration> {
        let latency = |service: &Service| match service.known_by {
            KnownBy::SocketName => None,
            KnownBy::Reply { latency, .. } => Some(latency),
        };
        self.services.iter().filter_map(latency).min()
    }

    fn add(&mut self, service: Service) {
        self.services.push(service);
        sort::sort_by_key(&mut self.services, |service| (service.protocol == Protocol::Http, service.port));
    }
}

/// How the server is looked for: [`around`], or what a test has in its place.
pub type Search = fn(&[Wanted], &Cancel, &mut dyn FnMut(Progress)) -> Option<Report>;

/// Looks for machines that answer on these ports around this one and on it; `None` when cancelled.
pub fn around(wanted: &[Wanted], cancel: &Cancel, progress: &mut dyn FnMut(Progress)) -> Option<Report> {
    discover(wanted, &Surroundings::look(), LIMITS, cancel, progress)
}

/// Looks for machines that answer on these ports in these surroundings; `None` when cancelled.
pub fn discover(
    wanted: &[Wanted],
    surroundings: &Surroundings,
    limits: Limits,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress),
) -> Option<Report> {
    let started = Instant::now();
    let (hosts, counts) = surroundings.hosts();
    let networks = surroundings.networks.iter().cloned().zip(counts);
    let mut found = Machines { wanted, machines: vec![], names: Names::begin() };
    let mut candidates = found.here(surroundings.listening.as_ref());
    let here = candidates.len();
    candidates.extend(hosts.iter().flat_map(|host| found.questions(*host)));
    let mut told = None::<Instant>;
    let end = sweep::sweep(candidates, limits, cancel, &mut |news| match news {
        sweep::Progress::Found(speaker) => found.heard(speaker),
        sweep::Progress::Done(done) => {
            let now = Instant::now();
            if told.is_none_or(|told| now.saturating_duration_since(told) >= TELLING) {
                told = Some(now);
                let asked = done.saturating_sub(here) / wanted.len().max(1);
                progress(Progress { asked, of: hosts.len(), found: found.machines.len() });
            }
        }
    });
    if end == End::Cancelled {
        return None;
    }
    let names = found.names.collect(started + limits.overall);
    let mut machines = found.machines;
    for machine in &mut machines {
        machine.name = names.get(&machine.address).cloned();
    }
    sort::sort_by_key(&mut machines, |machine| {
        let has_database = machine.services.iter().any(|it| it.target.is_some() && it.protocol == Protocol::Postgres);
        (std::cmp::Reverse(machine.matches()), !has_database, machine.this_machine, machine.address)
    });
    Some(Report {
        wanted: wanted.to_vec(),
        networks: networks.map(|(network, hosts)| Searched { network, hosts }).collect(),
        machines,
        unknown: surroundings.unknown,
        hosts: hosts.len(),
        end,
        elapsed: started.elapsed(),
    })
}

/// Makes machines of what is known and heard.
struct Machines<'a> {
    wanted: &'a [Wanted],
    machines: Vec<Machine>,
    names: Names,
}

impl Machines<'_> {
    fn questions(&self, host: Ipv4Addr) -> impl Iterator<Item = Candidate> {
        self.wanted.iter().map(move |wanted| Candidate {
            address: SocketAddr::new(host.into(), wanted.port),
            protocol: wanted.protocol,
            on_link: true,
        })
    }

    /// Notes what is known of this machine, and gives what is to be asked on it.
    fn here(&mut self, known: Option<&Listening>) -> Vec<Candidate> {
        let address_of = |port| known.map_or(Some(Ipv4Addr::LOCALHOST), |listening| listening.address_of(port));
        let postgres: Vec<(Ipv4Addr, u16)> = known.map_or_else(Vec::new, |listening| {
            let served = listening.postgres.iter().filter_map(|port| Some((listening.address_of(*port)?, *port)));
            served.filter(|(address, port)| listening.postgres_at(IpAddr::V4(*address)).any(|it| it == *port)).collect()
        });
        for &(address, port) in &postgres {
            self.add(address, true, Protocol::Postgres, port, KnownBy::SocketName);
        }
        let named = self.wanted.iter().map(|wanted| (wanted.protocol, wanted.port));
        let named: Vec<(Protocol, u16)> = named.collect();
        let looks_for_http = named.iter().any(|(protocol, _)| *protocol == Protocol::Http);
        let usual =
            Protocol::Http.usual_ports().into_iter().filter(|_| looks_for_http).map(|port| (Protocol::Http, port));
        let mut asked: BTreeSet<u16> = sort::filled(postgres.iter().map(|(_, port)| *port));
        let mut candidates = vec![];
        for (protocol, port) in named.iter().copied().chain(usual) {
            if let (true, Some(address)) = (asked.insert(port), address_of(port)) {
                candidates.push(Candidate { address: SocketAddr::new(address.into(), port), protocol, on_link: false });
            }
        }
        candidates
    }

    fn heard(&mut self, speaker: &sweep::Speaker) {
        let Candidate { address, protocol, on_link } = speaker.candidate;
        let IpAddr::V4(host) = address.ip() else { return };
        let known_by = KnownBy::Reply { reply: speaker.reply, latency: speaker.latency };
        self.add(host, !on_link, protocol, address.port(), known_by);
    }

    fn add(&mut self, address: Ipv4Addr, this_machine: bool, protocol: Protocol, port: u16, known_by: KnownBy) {
        let is_it = |wanted: &&Wanted| wanted.protocol == protocol && wanted.port == port;
        let target = self.wanted.iter().find(is_it).map(|wanted| wanted.target.clone());
        let service = Service { target, protocol, port, known_by };
        if let Some(machine) = self.machines.iter_mut().find(|machine| machine.address == address) {
            return machine.add(service);
        }
        if !this_machine {
            self.names.ask(address);
        }
        self.machines.push(Machine { address, name: None, this_machine, services: vec![service] });
    }
}

impl Report {
    /// True where the machine answers on all the ports that are looked for.
    pub fn has_all(&self, machine: &Machine) -> bool {
        machine.matches() == self.wanted.len()
    }

    /// The report for programs: `{"ok", "elapsed_ms", "complete", "hosts", "wanted": [{"target", "protocol", "port"}], "networks": [{"interface", "address", "prefix",
    /// "hosts"}], "machines": [{"address", "name", "this_machine", "matches_all", "services": [{"target", "protocol",
    /// "port", "known_by", "tls", "status", "latency_ms"}]}]}`.
    pub fn json(&self) -> Value {
        let network = |Searched { network, hosts }: &Searched| {
            let address = network.address.to_string();
            json!({ "interface": network.interface, "address": address, "prefix": network.prefix, "hosts": hosts })
        };
        let machine = |machine: &Machine| {
            json!({
                "address": machine.address.to_string(),
                "name": machine.name,
                "this_machine": machine.this_machine,
                "matches_all": self.has_all(machine),
                "services": machine.services.iter().map(Service::json).collect::<Vec<_>>(),
            })
        };
        json!({
            "ok": !self.machines.is_empty(),
            "elapsed_ms": whole_ms(self.elapsed),
            "complete": self.end == End::Complete && self.unknown.is_none(),
            "hosts": self.hosts,
            "wanted": self.wanted.iter().map(Wanted::json).collect::<Vec<_>>(),
            "networks": self.networks.iter().map(network).collect::<Vec<_>>(),
            "machines": self.machines.iter().map(machine).collect::<Vec<_>>(),
        })
    }
}

impl Wanted {
    fn json(&self) -> Value {
        json!({ "target": self.target, "protocol": self.protocol.name(), "port": self.port })
    }
}

impl Service {
    fn json(&self) -> Value {
        let (known_by, reply, latency) = match self.known_by {
            KnownBy::SocketName => ("socket_name", None, None),
            KnownBy::Reply { reply, latency } => ("reply", Some(reply), Some(whole_ms(latency))),
        };
        let tls = match reply {
            Some(Reply::Encryption(offered)) => Some(offered),
            _ => None,
        };
        let status = match reply {
            Some(Reply::Status(status)) => Some(status),
            _ => None,
        };
        json!({
            "target": self.target,
            "protocol": self.protocol.name(),
            "port": self.port,
            "known_by": known_by,
            "tls": tls,
            "status": status,
            "latency_ms": latency,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_may_be_asked_can_be_done_with_in_time_though_nobody_answers() {
        let rounds = (2 * networks::IN_ALL).div_ceil(LIMITS.at_once);
        assert!(LIMITS.each * u32::try_from(rounds).unwrap() < LIMITS.overall);
    }
}
