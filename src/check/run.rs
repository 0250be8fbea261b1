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

use super::port_hint::{self, PortHint};
pub use super::postgres::STATEMENTS;
use super::postgres::Server;
use super::stage::{Stage, StageLog, StageReporter};
use super::{Cancel, Diagnosis, Options, Outcome, Point, Report, Request, http, image, postgres, resolve, tcp};
use crate::key::Key;

pub(super) enum Event {
    /// The name server's answer for a host.
    Resolved(String, io::Result<Found>),
    /// The request of this number has come to this stage.
    Entered(usize, Stage, Instant),
    /// The stage it is in has failed, and it tries another way.
    Stumbled(usize, &'static str, Instant),
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

/// What a running check tells.
#[derive(Debug)]
pub enum Progress<'a> {
    /// The test of this request has come to this stage.
    Entered(&'a Request, Stage),
    Done(&'a Outcome),
}

/// As [`follow`], telling of results alone.
pub fn run(
    requests: &[Request],
    options: &Options,
    cancel: &Cancel,
    progress: &mut dyn FnMut(&Outcome),
) -> Option<Report> {
    follow(requests, options, cancel, &mut |news| {
        if let Progress::Done(outcome) = news {
            progress(outcome);
        }
    })
}

/// Runs all requests at once and waits for them, at most `options.timeout` and a twentieth of it; `progress` is called on
/// this thread with each stage and each outcome as it comes. `None` when cancelled.
pub fn follow(
    requests: &[Request],
    options: &Options,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Option<Report> {
    let started = Instant::now();
    let (sender, events) = mpsc::channel();
    let _listening = cancel.listen(&sender)?;
    let mut conductor = Runner {
        requests,
        options,
        started,
        deadline: started + options.timeout,
        sender,
        courses: vec![StageLog::default(); requests.len()],
        known: vec![Map::new(); requests.len()],
        outcomes: vec![None; requests.len()],
        progress,
    };
    conductor.begin();
    // The probes stop by themselves at the deadline, knowing best what they waited for: they get a moment to say so.
    let end = conductor.deadline + options.timeout / 20;
    while conductor.outcomes.contains(&None) {
        match events.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(Event::Resolved(host, answer)) => conductor.resolved(&host, answer),
            Ok(Event::Entered(index, stage, at)) => conductor.enter(index, stage, at),
            Ok(Event::Stumbled(index, result, at)) => conductor.stumble(index, result, at),
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

struct Runner<'a> {
    requests: &'a [Request],
    options: &'a Options,
    started: Instant,
    deadline: Instant,
    sender: Sender<Event>,
    courses: Vec<StageLog>,
    /// What was known before a probe began: all that is left of one that has to be left behind.
    known: Vec<Map<String, Value>>,
    outcomes: Vec<Option<Outcome>>,
    progress: &'a mut dyn FnMut(Progress<'_>),
}

impl Runner<'_> {
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
        let requests = self.requests;
        for (index, _) in requests.iter().enumerate().filter(|(_, request)| request.point.host() == Some(host)) {
            self.enter(index, Stage::Resolve, self.started);
        }
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
                Ok(found) => self.found(index, request, found),
                Err(error) => {
                    let mut detail = reason(if resolve::is_unanswered(error) { "timed_out" } else { "not_found" });
                    detail.insert("error".into(), error.to_string().into());
                    self.settle(index, Diagnosis::DnsFailure, detail);
                }
            }
        }
    }

    fn found(&mut self, index: usize, request: &Request, found: &Found) {
        let mut detail = Map::new();
        detail.insert("this_machine".into(), found.this_machine.into());
        let Found { addresses, .. } = found.clone();
        let (options, deadline) = (self.options.clone(), self.deadline);
        let neighbour = self.neighbour(request);
        match &request.point {
            Point::Postgres { host, port, .. } => {
                let (host, port) = (host.clone(), *port);
                self.spawn(index, detail, move |detail, track| {
                    let server = Server { host: &host, addresses: &addresses, port };
                    let diagnosis = postgres::probe(&server, &options, deadline, track, detail);
                    neighbour.suggest(&addresses, diagnosis, deadline, detail);
                    diagnosis
                });
            }
            Point::Http { host, port, .. } => {
                let (port, authority) = (*port, super::authority(host, *port));
                self.spawn(index, detail, move |detail, track| {
                    track.enter(Stage::Connect);
                    let diagnosis = match tcp::connect(&addresses, port, deadline).take_down(detail) {
                        Ok((stream, _)) => {
                            track.enter(Stage::Protocol);
                            http::probe(stream, &authority, deadline, detail)
                        }
                        Err(diagnosis) => diagnosis,
                    };
                    neighbour.suggest(&addresses, diagnosis, deadline, detail);
                    diagnosis
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

    /// Where else the service of a point may be found.
    fn neighbour(&self, request: &Request) -> PortHint {
        // A port that another request is about is that one's business.
        let taken = self.requests.iter().filter_map(|request| request.point.port()).collect();
        let key = request.key.as_str().to_string();
        match &request.point {
            Point::Postgres { .. } => {
                PortHint { ports: port_hint::POSTGRES, taken, key, speaks: port_hint::speaks_postgres }
            }
            _ => PortHint { ports: port_hint::HTTP, taken, key, speaks: port_hint::speaks_http },
        }
    }

    /// Runs one probe in its own thread; it is handed its evidence, and with what to tell how far it is.
    fn spawn(
        &mut self,
        index: usize,
        mut detail: Map<String, Value>,
        probe: impl FnOnce(&mut Map<String, Value>, &StageReporter) -> Diagnosis + Send + 'static,
    ) {
        let sender = self.sender.clone();
        if let Some(known) = self.known.get_mut(index) {
            known.clone_from(&detail);
        }
        let started = thread::Builder::new().name("probe".into()).spawn(move || {
            let diagnosis = probe(&mut detail, &StageReporter::new(index, sender.clone()));
            let _ = sender.send(Event::Done(index, diagnosis, detail));
        });
        if let Err(error) = started {
            // The machine is out of threads or memory: nothing can be reached from it now.
            self.settle(index, Diagnosis::Unreachable, Map::from_iter([("error".into(), error.to_string().into())]));
        }
    }

    fn enter(&mut self, index: usize, stage: Stage, at: Instant) {
        let (Some(request), Some(course)) = (self.requests.get(index), self.courses.get_mut(index)) else { return };
        course.enter(stage, at);
        if self.outcomes.get(index).is_some_and(Option::is_none) {
            (self.progress)(Progress::Entered(request, stage));
        }
    }

    fn stumble(&mut self, index: usize, result: &'static str, at: Instant) {
        if let Some(course) = self.courses.get_mut(index) {
            course.end(result, at);
        }
    }

    /// Names what the requests without a result were waiting for when time was up.
    fn give_up(&mut self) {
        let requests = self.requests;
        for (index, request) in requests.iter().enumerate() {
            let stage = self.courses.get(index).and_then(StageLog::stage);
            let diagnosis = match (&request.point, stage) {
                (Point::Image { .. } | Point::Invalid, _) => Diagnosis::FileMissing,
                (_, None | Some(Stage::Resolve)) => Diagnosis::DnsFailure,
                (_, Some(Stage::Connect)) => Diagnosis::Timeout,
                (_, Some(_)) => Diagnosis::Silent,
            };
            let mut detail = self.known.get(index).cloned().unwrap_or_default();
            detail.extend(reason("timed_out"));
            self.settle(index, diagnosis, detail);
        }
    }

    /// Keeps the first result of a request, and tells of it.
    fn settle(&mut self, index: usize, diagnosis: Diagnosis, mut detail: Map<String, Value>) {
        let (Some(request), Some(place @ None)) = (self.requests.get(index), self.outcomes.get_mut(index)) else {
            return;
        };
        if let Some(course) = self.courses.get_mut(index).filter(|course| !course.is_empty()) {
            course.end(diagnosis.name(), Instant::now());
            detail.insert("stages".into(), course.evidence());
        }
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
        (self.progress)(Progress::Done(place.insert(outcome)));
    }
}

fn reason(word: &str) -> Map<String, Value> {
    Map::from_iter([("reason".into(), word.into())])
}

/// The parameter that is most likely wrong: the host where the machine was not found, or is this one.
pub fn look_at(request: &Request, diagnosis: Diagnosis, detail: &Map<String, Value>) -> Key {
    let here = detail.get("this_machine") == Some(&Value::Bool(true));
    let host_is_suspect = match diagnosis {
        Diagnosis::DnsFailure | Diagnosis::Timeout | Diagnosis::Unreachable => true,
        Diagnosis::Refused => here,
        Diagnosis::TlsFailed => detail.get("reason").is_some_and(|reason| reason == "wrong_name"),
        _ => false,
    };
    request.point.host_key().filter(|_| host_is_suspect).unwrap_or(&request.key).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_looked_at_where_the_machine_was_not_found_and_the_own_parameter_else() {
        let (key, host_key) = (Key::new("a", "porta").unwrap(), Key::new("a", "host").unwrap());
        let point = Point::Postgres { host: "x".into(), port: 1, host_key: host_key.clone() };
        let request = Request { target: "t".into(), key: key.clone(), point };
        for diagnosis in Diagnosis::ALL {
            let host = matches!(diagnosis, Diagnosis::DnsFailure | Diagnosis::Timeout | Diagnosis::Unreachable);
            let expected = if host { &host_key } else { &key };
            assert_eq!(look_at(&request, diagnosis, &Map::new()), *expected, "{diagnosis:?}");
        }
        let here = Map::from_iter([("this_machine".to_string(), true.into())]);
        assert_eq!(look_at(&request, Diagnosis::Refused, &here), host_key);
        assert_eq!(look_at(&request, Diagnosis::TlsFailed, &reason("wrong_name")), host_key);
        assert_eq!(look_at(&request, Diagnosis::TlsFailed, &reason("expired")), key);
    }
}
