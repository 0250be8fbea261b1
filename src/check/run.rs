//! Running a check: one thread conducts, each request has a bounded one of its own, results come over a channel.
//!
//! The deadline belongs to the conductor. A thread that overruns is left behind, never waited for; every wait in it is
//! bounded by the same deadline, but for the system's resolver and a file system that hangs.

use std::io;
use std::net::IpAddr;
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Instant;

use serde_json::{Map, Value, json};

use super::{Cancel, Diagnosis, Options, Outcome, Point, Report, Request, http, image, postgres, resolve, tcp};
use crate::key::Key;

/// What the conductor hears.
pub(super) enum Event {
    /// The name server's answer for a host.
    Resolved(String, io::Result<Found>),
    /// TCP stands for the request of this number.
    Connected(usize),
    /// The request of this number has its result.
    Done(usize, Diagnosis, Map<String, Value>),
    /// Somebody wants the check to end.
    Cancelled,
}

/// What a host turned out to be.
#[derive(Clone)]
pub(super) struct Found {
    addresses: Vec<IpAddr>,
    this_machine: bool,
}

impl Found {
    fn new(addresses: Vec<IpAddr>) -> Found {
        let this_machine = addresses.iter().copied().any(resolve::is_this_machine);
        Found { addresses, this_machine }
    }
}

/// Runs all requests at once and waits for them, at most `options.timeout` and a twentieth of it; `progress` is called on
/// this thread with each outcome as it comes. `None` when cancelled.
pub fn run(
    requests: &[Request],
    options: &Options,
    cancel: &Cancel,
    progress: &mut dyn FnMut(&Outcome),
) -> Option<Report> {
    let started = Instant::now();
    let (sender, events) = mpsc::channel();
    let _listening = cancel.listen(&sender)?;
    let mut conductor = Conductor {
        requests,
        options,
        started,
        deadline: started + options.timeout,
        sender,
        stages: vec![Stage::Waiting; requests.len()],
        outcomes: vec![None; requests.len()],
        progress,
    };
    conductor.begin();
    // The probes stop by themselves at the deadline, knowing best what they waited for: they get a moment to say so.
    let end = conductor.deadline + options.timeout / 20;
    while conductor.outcomes.contains(&None) {
        match events.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(Event::Resolved(host, answer)) => conductor.resolved(&host, answer),
            Ok(Event::Connected(index)) => conductor.reach(index, Stage::Talking),
            Ok(Event::Done(index, diagnosis, detail)) => conductor.settle(index, diagnosis, detail),
            Ok(Event::Cancelled) => return None,
            Err(_) => conductor.give_up(),
        }
    }
    let hosts = requests.iter().filter_map(|request| request.point.host());
    Some(Report {
        host: hosts.map(str::to_string).next(),
        outcomes: conductor.outcomes.into_iter().flatten().collect(),
        elapsed: started.elapsed(),
    })
}

/// How far a request has come: what its silence at the deadline means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// For its host's addresses, or for a file.
    Waiting,
    Connecting,
    Talking,
}

struct Conductor<'a> {
    requests: &'a [Request],
    options: &'a Options,
    started: Instant,
    deadline: Instant,
    sender: Sender<Event>,
    stages: Vec<Stage>,
    outcomes: Vec<Option<Outcome>>,
    progress: &'a mut dyn FnMut(&Outcome),
}

impl Conductor<'_> {
    /// Starts what needs no name, and looks up each name once.
    fn begin(&mut self) {
        let mut hosts: Vec<&str> = Vec::new();
        for (index, request) in self.requests.iter().enumerate() {
            match &request.point {
                Point::Invalid => self.settle(index, Diagnosis::Skipped, reason("invalid")),
                Point::Image { path } => {
                    let path = path.clone();
                    self.spawn(index, Map::new(), move |detail, _| image::probe(&path, detail));
                }
                Point::Host { host } | Point::Postgres { host, .. } | Point::Http { host, .. } => {
                    if !hosts.contains(&host.as_str()) {
                        hosts.push(host);
                    }
                }
            }
        }
        for host in hosts {
            match resolve::literal(host) {
                Some(address) => self.resolved(host, Ok(Found::new(vec![address]))),
                None => self.look_up(host),
            }
        }
    }

    fn look_up(&mut self, host: &str) {
        let (name, sender) = (host.to_string(), self.sender.clone());
        let started = thread::Builder::new().name("resolve".into()).spawn(move || {
            let answer = resolve::lookup(&name).map(Found::new);
            // Where nobody listens any more, the check is over.
            let _ = sender.send(Event::Resolved(name, answer));
        });
        if let Err(error) = started {
            self.resolved(host, Err(error));
        }
    }

    /// Starts the probes of a host's ports, or tells its requests that there is no such host.
    fn resolved(&mut self, host: &str, answer: io::Result<Found>) {
        let requests = self.requests;
        for (index, request) in requests.iter().enumerate().filter(|(_, request)| request.point.host() == Some(host)) {
            match &answer {
                Ok(found) => self.found(index, &request.point, found),
                Err(error) => {
                    let mut detail = reason("not_found");
                    detail.insert("error".into(), error.to_string().into());
                    self.settle(index, Diagnosis::DnsFailure, detail);
                }
            }
        }
    }

    fn found(&mut self, index: usize, point: &Point, found: &Found) {
        let mut detail = Map::new();
        detail.insert("this_machine".into(), found.this_machine.into());
        let Found { addresses, .. } = found.clone();
        let (options, deadline) = (self.options.clone(), self.deadline);
        match point {
            Point::Postgres { port, .. } => {
                let port = *port;
                self.spawn(index, detail, move |detail, connected| match connect(&addresses, port, deadline, detail) {
                    Ok((_, address)) => {
                        connected();
                        postgres::probe(address, &options, deadline, detail)
                    }
                    Err(diagnosis) => diagnosis,
                });
            }
            Point::Http { host, port, .. } => {
                let (port, authority) = (*port, super::authority(host, *port));
                self.spawn(index, detail, move |detail, connected| match connect(&addresses, port, deadline, detail) {
                    Ok((stream, _)) => {
                        connected();
                        http::probe(stream, &authority, deadline, detail)
                    }
                    Err(diagnosis) => diagnosis,
                });
            }
            Point::Host { .. } | Point::Image { .. } | Point::Invalid => {
                let addresses: Vec<Value> =
                    addresses.iter().map(|address| json!({ "address": address.to_string() })).collect();
                detail.insert("addresses".into(), addresses.into());
                self.settle(index, Diagnosis::Ok, detail);
            }
        }
    }

    /// Runs one probe in its own thread; it is handed its evidence, and what to call once TCP stands.
    fn spawn(
        &mut self,
        index: usize,
        mut detail: Map<String, Value>,
        probe: impl FnOnce(&mut Map<String, Value>, &dyn Fn()) -> Diagnosis + Send + 'static,
    ) {
        let sender = self.sender.clone();
        self.reach(index, Stage::Connecting);
        let started = thread::Builder::new().name("probe".into()).spawn(move || {
            let connected = || drop(sender.send(Event::Connected(index)));
            let diagnosis = probe(&mut detail, &connected);
            let _ = sender.send(Event::Done(index, diagnosis, detail));
        });
        if let Err(error) = started {
            // The machine is out of threads or memory: nothing can be reached from it now.
            self.settle(index, Diagnosis::Unreachable, Map::from_iter([("error".into(), error.to_string().into())]));
        }
    }

    fn reach(&mut self, index: usize, stage: Stage) {
        if let Some(current) = self.stages.get_mut(index) {
            *current = stage;
        }
    }

    /// Names what the requests without a result were waiting for when time was up.
    fn give_up(&mut self) {
        let requests = self.requests;
        for (index, request) in requests.iter().enumerate() {
            let stage = self.stages.get(index).copied().unwrap_or(Stage::Waiting);
            let diagnosis = match (&request.point, stage) {
                (Point::Image { .. } | Point::Invalid, _) => Diagnosis::FileMissing,
                (_, Stage::Waiting) => Diagnosis::DnsFailure,
                (_, Stage::Connecting) => Diagnosis::Timeout,
                (_, Stage::Talking) => Diagnosis::Silent,
            };
            self.settle(index, diagnosis, reason("timed_out"));
        }
    }

    /// Keeps the first result of a request, and tells of it.
    fn settle(&mut self, index: usize, diagnosis: Diagnosis, detail: Map<String, Value>) {
        let (Some(request), Some(place @ None)) = (self.requests.get(index), self.outcomes.get_mut(index)) else {
            return;
        };
        let outcome = Outcome {
            target: request.target.clone(),
            key: request.key.clone(),
            look_at: look_at(request, diagnosis, &detail),
            probe: request.point.probe(),
            address: request.point.address(),
            diagnosis,
            detail,
            elapsed: self.started.elapsed(),
        };
        (self.progress)(place.insert(outcome));
    }
}

/// Connects and takes down what each address did.
fn connect(
    addresses: &[IpAddr],
    port: u16,
    deadline: Instant,
    detail: &mut Map<String, Value>,
) -> Result<(std::net::TcpStream, std::net::SocketAddr), Diagnosis> {
    let connecting = tcp::connect(addresses, port, deadline);
    let attempts: Vec<Value> = connecting.attempts.iter().map(tcp::Attempt::evidence).collect();
    detail.insert("addresses".into(), attempts.into());
    let (stream, address) = connecting.outcome?;
    detail.insert("answered".into(), address.ip().to_string().into());
    Ok((stream, address))
}

fn reason(word: &str) -> Map<String, Value> {
    Map::from_iter([("reason".into(), word.into())])
}

/// The parameter that is most likely wrong: the host where the machine was not found, or is this one.
fn look_at(request: &Request, diagnosis: Diagnosis, detail: &Map<String, Value>) -> Key {
    let here = detail.get("this_machine") == Some(&Value::Bool(true));
    let host_is_suspect = match diagnosis {
        Diagnosis::DnsFailure | Diagnosis::Timeout | Diagnosis::Unreachable => true,
        Diagnosis::Refused => here,
        _ => false,
    };
    request.point.host_key().filter(|_| host_is_suspect).unwrap_or(&request.key).clone()
}
