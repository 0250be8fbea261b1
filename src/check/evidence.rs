//! What every probe may find out, as types. JSON is made of it once, here, where a report leaves the program.
//!
//! What only one probe finds out is in its own type, an [`super::outcome::ProbeEvidence`].

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use rustix::io::Errno;
use serde_json::{Map, Value, json};

use super::credentials::Warning;
use super::diagnosis::Diagnosis;
use super::protocol::Protocol;
use super::stage::{StageRecord, whole_ms};
use crate::catalog::NoServer;
use crate::document::timestamp::Timestamp;
use crate::lang::Lang;

/// Texts in it come from outside, shortened but as they came: never to be shown without [`crate::safe::Safe`].
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Whether the host is this very machine; `None` where there is no host, or it was not found.
    pub this_machine: Option<bool>,
    /// What each address did, in the order of the name server.
    pub attempts: Vec<Attempt>,
    /// The address that took the connection.
    pub answered: Option<IpAddr>,
    /// What came in place of the right protocol: its beginning.
    pub received: Option<String>,
    /// What is spoken at the port, where that is another one's protocol.
    pub speaks: Option<Protocol>,
    /// What was found at another port of the check on the way to the cause.
    pub other_port: Option<(u16, Protocol)>,
    /// Another port of the check at which the address that failed has answered.
    pub answers_on: Option<u16>,
    /// Another port of the check that the same machine's firewall forbids, and who said so, where this one was silent for as
    /// long as one such message a second leaves others unsaid.
    pub forbidden_on: Option<(u16, IpAddr)>,
    /// What this machine's own tables tell of a PostgreSQL that does not take the connection on it.
    pub here: Option<Here>,
    /// The raw text of the system's error.
    pub error: Option<String>,
    /// Why the host's name led to no address.
    pub unresolved: Option<Unresolved>,
    /// The name servers that this machine is to ask, where that matters.
    pub name_servers: Vec<IpAddr>,
    /// Why no server can have the address.
    pub no_server: Option<NoServer>,
    /// What this machine has run out of.
    pub limit: Option<Limit>,
    pub late: Option<Late>,
    /// A port beside the one tested where the right service answers.
    pub suggestion: Option<u16>,
    /// How far it came, one way after the other where several were tried.
    pub stages: Vec<StageRecord>,
    /// When it last passed, where that is known and it does not pass now.
    pub last_passed: Option<Passed>,
    /// What was found for the login and is not used.
    pub warnings: Vec<Warning>,
}

/// A PostgreSQL of this very machine, by the kernel's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Here {
    /// It has no socket here.
    NotRunning,
    /// It has this port on its socket alone.
    SocketAlone(u16),
    /// It takes connections on this port at another address.
    Elsewhere(u16, IpAddr),
    /// It takes connections at this very address and port: something between keeps them away.
    Listens,
}

/// What was missing when time was up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// Nothing had come.
    Everything,
    /// An answer had begun.
    End,
}

/// What one address did.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub address: IpAddr,
    pub result: AttemptResult,
    /// How that is known, where it failed and the kernel tells.
    pub sign: Option<Sign>,
    pub elapsed: Duration,
}

/// What a failure was known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// This machine itself knows no way: no packet has left it.
    Here,
    /// On the network here nobody has that address.
    NoNeighbour,
    /// On the way there nobody took the packet: this machine's router, or the address itself.
    NobodyOnTheWay,
    /// A machine, perhaps this one, has answered for it by ICMP.
    Icmp { from: IpAddr, said: Icmp, by_this_machine: bool },
}

/// What an ICMP message of an unreachable destination says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icmp {
    /// A firewall forbids it.
    Prohibited,
    /// A firewall forbids it in the way of a closed port: for TCP that is never said by the service's own machine.
    Port,
    /// Nobody there has that address.
    Host,
    /// No way there, or something rarer.
    Other,
}

/// Why a name led to no address, no finer than the system's resolver knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unresolved {
    /// There is no such name, or none with an address.
    Unknown,
    /// The name servers were silent, or said that they could not tell.
    Unanswered,
    /// No name server is configured.
    NoServer,
    /// This machine knows no way to the name servers.
    NoRoute,
    /// This machine knows no way to anywhere.
    NoNetwork,
}

/// What this machine can run out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Open files of one process or of all.
    Files,
    /// Processes and threads.
    Processes,
    Memory,
    /// Ports for its own side of connections.
    Ports,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptResult {
    Connected,
    Failed(Diagnosis, Errno),
    /// Another address had answered before.
    NotAwaited,
}

/// A check that passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    pub at: Timestamp,
    pub elapsed_ms: u64,
    /// Whether a login was tested; `None` where there is none to test, or it was not noted.
    pub login: Option<bool>,
}

impl Late {
    /// As `detail.reason`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Late::Everything => "timed_out",
            Late::End => "unfinished",
        }
    }
}

impl Here {
    /// It is the server of this very port.
    pub(super) fn is_of(self, port: u16) -> bool {
        match self {
            Here::SocketAlone(own) | Here::Elsewhere(own, _) => own == port,
            Here::Listens => true,
            Here::NotRunning => false,
        }
    }

    /// As `detail.reason`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Here::NotRunning => "not_running_here",
            Here::SocketAlone(_) => "on_its_socket_alone",
            Here::Elsewhere(..) => "at_another_address",
            Here::Listens => "listens_here",
        }
    }
}

impl Sign {
    /// As `addresses[].sign`.
    const fn name(self) -> &'static str {
        match self {
            Sign::Here => "here",
            Sign::NoNeighbour => "no_neighbour",
            Sign::NobodyOnTheWay => "nobody_on_the_way",
            Sign::Icmp { said: Icmp::Prohibited, .. } => "icmp_prohibited",
            Sign::Icmp { said: Icmp::Port, .. } => "icmp_port_unreachable",
            Sign::Icmp { said: Icmp::Host, .. } => "icmp_host_unreachable",
            Sign::Icmp { said: Icmp::Other, .. } => "icmp_unreachable",
        }
    }

    /// Who said so.
    pub const fn from(self) -> Option<IpAddr> {
        match self {
            Sign::Icmp { from, .. } => Some(from),
            _ => None,
        }
    }
}

impl Unresolved {
    /// As `detail.reason`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Unresolved::Unknown => "not_found",
            Unresolved::Unanswered => "unanswered",
            Unresolved::NoServer => "no_dns_server",
            Unresolved::NoRoute => "no_route_to_dns",
            Unresolved::NoNetwork => "no_network",
        }
    }
}

impl Limit {
    pub fn of_io(error: &io::Error) -> Option<Limit> {
        Limit::of(Errno::from_raw_os_error(error.raw_os_error()?))
    }

    /// What an error of the system says that there is no more of.
    pub fn of(error: Errno) -> Option<Limit> {
        Some(match error {
            Errno::MFILE | Errno::NFILE => Limit::Files,
            Errno::NOMEM | Errno::NOBUFS => Limit::Memory,
            // Of a thread or a process that was to be started.
            Errno::AGAIN => Limit::Processes,
            _ => return None,
        })
    }

    /// As `detail.reason`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Limit::Files => "files",
            Limit::Processes => "processes",
            Limit::Memory => "memory",
            Limit::Ports => "ports",
        }
    }
}

impl AttemptResult {
    pub const fn name(self) -> &'static str {
        match self {
            AttemptResult::Connected => Diagnosis::Ok.name(),
            AttemptResult::Failed(diagnosis, _) => diagnosis.name(),
            AttemptResult::NotAwaited => "not_awaited",
        }
    }
}

impl Attempt {
    /// The machine at that address has answered, be it that nothing listens there.
    pub(super) fn was_answered(&self) -> bool {
        let answered = |diagnosis| matches!(diagnosis, Diagnosis::Refused | Diagnosis::Reset);
        match (self.result, self.sign) {
            (AttemptResult::Connected, _) => true,
            // Its own firewall has answered.
            (AttemptResult::Failed(..), Some(Sign::Icmp { from, by_this_machine, .. })) => {
                from == self.address.to_canonical() && !by_this_machine
            }
            (AttemptResult::Failed(diagnosis, _), None) => answered(diagnosis),
            (AttemptResult::Failed(..) | AttemptResult::NotAwaited, _) => false,
        }
    }

    /// Who forbids connecting there.
    pub(super) fn forbidden_by(&self) -> Option<IpAddr> {
        match self.sign? {
            Sign::Icmp { from, said: Icmp::Prohibited, by_this_machine: false } => Some(from),
            _ => None,
        }
    }

    /// As an element of `detail.addresses`.
    fn json(&self) -> Value {
        let (address, result) = (self.address.to_string(), self.result.name());
        let mut json = json!({ "address": address, "result": result, "elapsed_ms": whole_ms(self.elapsed) });
        if let AttemptResult::Failed(_, error) = self.result {
            json["error"] = io::Error::from(error).to_string().into();
        }
        if let Some(sign) = self.sign {
            json["sign"] = sign.name().into();
        }
        if let Some(from) = self.sign.and_then(Sign::from) {
            json["told_by"] = from.to_string().into();
        }
        json
    }
}

/// An object of those fields that are there.
pub(super) fn object<const N: usize>(fields: [(&str, Option<Value>); N]) -> Map<String, Value> {
    fields.into_iter().filter_map(|(name, value)| Some((name.to_string(), value?))).collect()
}

/// A list, unless it is empty.
pub(super) fn list<T>(elements: &[T], json: impl Fn(&T) -> Value) -> Option<Value> {
    (!elements.is_empty()).then(|| elements.iter().map(json).collect())
}

impl Evidence {
    /// The fields of `detail` that any probe may have:
    /// - `this_machine`; `addresses`: `[{"address", "result", "elapsed_ms", "error", "sign", "told_by"}]`; `answered`,
    ///   `received`, `speaks`, `other_port`: `{"port", "speaks"}`, `answers_on`, `forbidden_on`: `{"port", "told_by"}`, `name_servers`;
    /// - `stages`: `[{"stage", "result", "elapsed_ms"}]`; `last_passed`: `{"at", "elapsed_ms", "login"}`; `warnings`: sentences.
    pub(super) fn json(&self, lang: Lang) -> Map<String, Value> {
        object([
            ("this_machine", self.this_machine.map(Value::from)),
            ("addresses", list(&self.attempts, Attempt::json)),
            ("answered", self.answered.map(|address| address.to_string().into())),
            ("received", self.received.as_deref().map(Value::from)),
            ("speaks", self.speaks.map(|protocol| protocol.name().into())),
            ("other_port", self.other_port.map(|(port, spoken)| json!({ "port": port, "speaks": spoken.name() }))),
            ("answers_on", self.answers_on.map(Value::from)),
            ("forbidden_on", self.forbidden_on.map(|(port, by)| json!({ "port": port, "told_by": by.to_string() }))),
            ("name_servers", list(&self.name_servers, |server| server.to_string().into())),
            ("stages", list(&self.stages, StageRecord::json)),
            ("last_passed", self.last_passed.map(|last| last.json())),
            ("warnings", list(&self.warnings, |warning| warning.message(lang).as_str().into())),
        ])
    }
}

impl Passed {
    pub(super) fn json(self) -> Value {
        let mut json = json!({ "at": self.at.to_string(), "elapsed_ms": self.elapsed_ms });
        if let Some(login) = self.login {
            json["login"] = login.into();
        }
        json
    }
}
