//! Running a check: one thread waits for all, each request has a bounded one of its own, results come over a channel.
//!
//! The runner holds the deadline. A thread that overruns is abandoned, not joined. All waits in it end at the same
//! deadline, except in the system's resolver and on a file system that hangs.

use crate::channel::{self, Sender};
use std::net::IpAddr;
use std::time::Instant;

use rustix::io::Errno;

use super::event::{Event, StageReporter};
use super::evidence::{Late, Limit, Unresolved};
use super::last_passed::LastPassed;
use super::resolve::NoAddress;
use super::stage::StageLog;
use super::task::Task;
use super::{
    Answer, Cancel, Diagnosis, Evidence, Options, Outcome, Point, Report, Request, Stage, grace, probe, resolve, thread,
};
use crate::catalog::Takes;

/// Progress of a running check.
#[derive(Debug)]
pub enum Progress<'a> {
    /// The test of this request has come to this stage.
    Entered(&'a Request, Stage),
    Done(&'a Outcome),
}

/// As [`follow`], telling of results alone, and not when they passed before.
pub fn run(
    requests: &[Request],
    options: &Options,
    cancel: &Cancel,
    progress: &mut dyn FnMut(&Outcome),
) -> Option<Report> {
    follow(requests, options, cancel, &LastPassed::default(), &mut |step| {
        if let Progress::Done(outcome) = step {
            progress(outcome);
        }
    })
}

/// Runs all requests at once and waits for them, at most `options.timeout` and its grace; `progress` is called on
/// this thread with each stage and each outcome as it comes. `None` when cancelled.
pub fn follow(
    requests: &[Request],
    options: &Options,
    cancel: &Cancel,
    last_passed: &LastPassed,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Option<Report> {
    let started = Instant::now();
    let (sender, events) = channel::channel();
    let _listening = cancel.listen(&sender)?;
    let mut runner = Runner {
        requests,
        options,
        last_passed,
        started,
        deadline: started + options.timeout,
        sender,
        logs: vec![StageLog::default(); requests.len()],
        known: vec![Evidence::default(); requests.len()],
        outcomes: vec![None; requests.len()],
        progress,
    };
    runner.begin();
    let end = runner.deadline + grace::of_all(options.timeout);
    while runner.outcomes.iter().any(Option::is_none) {
        match events.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(Event::Resolved(host, answer)) => runner.resolved(&host, answer),
            Ok(Event::Entered(index, stage, at)) => runner.entered(index, stage, at),
            Ok(Event::Failed(index, result, at)) => runner.failed(index, result, at),
            Ok(Event::Done(index, answer)) => runner.done(index, *answer),
            Ok(Event::Cancelled) => return None,
            Err(_) => runner.give_up(),
        }
    }
    Some(Report {
        host: requests.iter().find_map(|request| request.point.host()).map(str::to_string),
        outcomes: runner.outcomes.into_iter().flatten().collect(),
        elapsed: started.elapsed(),
    })
}

struct Runner<'a> {
    requests: &'a [Request],
    options: &'a Options,
    last_passed: &'a LastPassed,
    started: Instant,
    deadline: Instant,
    sender: Sender<Event>,
    logs: Vec<StageLog>,
    /// What was known before a probe began: all that is left of one that is abandoned.
    known: Vec<Evidence>,
    outcomes: Vec<Option<Outcome>>,
    progress: &'a mut dyn FnMut(Progress<'_>),
}

impl<'a> Runner<'a> {
    /// Starts what needs no name, and looks up each name once.
    fn begin(&mut self) {
        let requests = self.requests;
        let mut hosts: Vec<&str> = Vec::new();
        for (index, request) in requests.iter().enumerate() {
            match &request.point {
                Point::Invalid | Point::Off => self.finish(index, Diagnosis::Skipped, Evidence::default()),
                Point::Path { .. } => self.start(index, request, &[]),
                Point::Host { host } | Point::Port { host, .. } => {
                    if !hosts.contains(&host.as_str()) {
                        hosts.push(host);
                    }
                }
            }
        }
        for host in hosts {
            match resolve::literal(host) {
                Some(address) => self.resolved(host, Ok(vec![address])),
                None => self.look_up(host),
            }
        }
    }

    /// The requests that need this host.
    fn about(&self, host: &str) -> impl Iterator<Item = (usize, &'a Request)> + use<'a> {
        let host = host.to_string();
        self.requests.iter().enumerate().filter(move |(_, request)| request.point.host() == Some(&host))
    }

    fn look_up(&mut self, host: &str) {
        for (index, _) in self.about(host) {
            self.entered(index, Stage::Resolve, self.started);
        }
        let (name, sender) = (host.to_string(), self.sender.clone());
        let started = thread::start("resolve", move || {
            let answer = resolve::lookup(&name);
            // Where nobody listens any more, the check is over.
            let _ = sender.send(Event::Resolved(name, answer));
        });
        if let Err(error) = started {
            self.resolved(host, Err(NoAddress::without_thread(error)));
        }
    }

    /// Starts the probes of a host, or fails its requests where there is no such host.
    fn resolved(&mut self, host: &str, answer: Result<Vec<IpAddr>, NoAddress>) {
        match answer.map_err(NoAddress::tell).and_then(usable) {
            Ok(addresses) => {
                let this_machine = addresses.iter().copied().any(resolve::is_this_machine);
                for (index, request) in self.about(host) {
                    if let Some(known) = self.known.get_mut(index) {
                        known.this_machine = Some(this_machine);
                    }
                    self.start(index, request, &addresses);
                }
            }
            Err((diagnosis, evidence)) => {
                for (index, _) in self.about(host) {
                    self.finish(index, diagnosis, evidence.clone());
                }
            }
        }
    }

    /// Runs one probe, in its own thread where it has to wait for anything.
    fn start(&mut self, index: usize, request: &Request, addresses: &[IpAddr]) {
        let run = probe::implementation(request.probe).run;
        let task = Task {
            point: request.point.clone(),
            addresses: addresses.to_vec(),
            ports: self.requests.iter().filter_map(|request| request.point.port()).collect(),
            options: self.options.clone(),
            deadline: self.deadline,
            reporter: StageReporter::new(index, self.sender.clone()),
            evidence: self.known.get(index).cloned().unwrap_or_default(),
        };
        if request.probe.takes() == Takes::Host {
            return self.done(index, run(task));
        }
        let (sender, nothing) = (self.sender.clone(), probe::implementation(request.probe).nothing);
        let known = task.evidence.clone();
        let started = thread::start("probe", move || {
            let answer = thread::guarded(|| run(task)).unwrap_or_else(|panic| {
                let evidence = Evidence { limit: limit_in(&panic), error: Some(panic), ..known };
                Answer { diagnosis: Diagnosis::LocalLimit, evidence, by_probe: nothing() }
            });
            let _ = sender.send(Event::Done(index, Box::new(answer)));
        });
        if let Err(error) = started {
            let (limit, known) = (Some(Limit::Processes), self.known.get(index).cloned().unwrap_or_default());
            self.finish(index, Diagnosis::LocalLimit, Evidence { limit, error: Some(error.to_string()), ..known });
        }
    }

    fn entered(&mut self, index: usize, stage: Stage, at: Instant) {
        let (Some(request), Some(log)) = (self.requests.get(index), self.logs.get_mut(index)) else { return };
        log.enter(stage, at);
        if self.outcomes.get(index).is_some_and(Option::is_none) {
            (self.progress)(Progress::Entered(request, stage));
        }
    }

    fn failed(&mut self, index: usize, result: Diagnosis, at: Instant) {
        if let Some(log) = self.logs.get_mut(index) {
            log.end(result, at);
        }
    }

    /// At the end of the time: fails the requests without a result by the stage they were in.
    fn give_up(&mut self) {
        let requests = self.requests;
        for (index, request) in requests.iter().enumerate() {
            let diagnosis = match (request.point.host(), self.logs.get(index).and_then(StageLog::stage)) {
                (None, _) => Diagnosis::FileMissing,
                (_, None | Some(Stage::Resolve)) => Diagnosis::DnsFailure,
                (_, Some(Stage::Connect)) => Diagnosis::Timeout,
                (_, Some(Stage::Protocol)) => Diagnosis::Silent,
                (_, Some(Stage::Tls | Stage::Login | Stage::Question)) => Diagnosis::Slow,
            };
            let mut known = self.known.get(index).cloned().unwrap_or_default();
            known.late = Some(Late::Everything);
            if diagnosis == Diagnosis::DnsFailure {
                known.unresolved = Some(Unresolved::Unanswered);
                known.name_servers = resolve::name_servers();
            }
            self.finish(index, diagnosis, known);
        }
    }

    /// Takes a result that no probe has given.
    fn finish(&mut self, index: usize, diagnosis: Diagnosis, evidence: Evidence) {
        let Some(request) = self.requests.get(index) else { return };
        let by_probe = (probe::implementation(request.probe).nothing)();
        self.done(index, Answer { diagnosis, evidence, by_probe });
    }

    /// Keeps the first result of a request and reports it.
    fn done(&mut self, index: usize, answer: Answer) {
        let (Some(request), Some(place @ None)) = (self.requests.get(index), self.outcomes.get_mut(index)) else {
            return;
        };
        let mut outcome = Outcome::new(request.clone(), answer, self.started.elapsed());
        if let Some(log) = self.logs.get_mut(index) {
            outcome.evidence.stages = log.close(outcome.diagnosis, Instant::now());
        }
        outcome.evidence.last_passed = self.last_passed.before(&outcome);
        let told = place.insert(outcome);
        (self.progress)(Progress::Done(told));
        self.compare(index);
    }

    /// Where one of two ports tells what the other is about as well, both are named alike, in whatever order they come.
    fn compare(&mut self, latest: usize) {
        for other in 0..self.outcomes.len() {
            for (teller, told) in [(latest, other), (other, latest)] {
                let [Some(telling), Some(outcome)] =
                    [teller, told].map(|at| self.outcomes.get(at).and_then(Option::as_ref))
                else {
                    continue;
                };
                let Some(as_told) = outcome.as_told_by(telling) else { continue };
                if let Some(place) = self.outcomes.get_mut(told) {
                    (self.progress)(Progress::Done(place.insert(as_told)));
                }
            }
        }
    }
}

/// The addresses that a server can have, or why there is none among them.
fn usable(addresses: Vec<IpAddr>) -> Result<Vec<IpAddr>, (Diagnosis, Evidence)> {
    let no_server = addresses.first().copied().and_then(resolve::no_server);
    let usable: Vec<IpAddr> = addresses.into_iter().filter(|address| resolve::no_server(*address).is_none()).collect();
    match usable.is_empty() {
        true => Err((Diagnosis::BadAddress, Evidence { no_server, ..Evidence::default() })),
        false => Ok(usable),
    }
}

/// What was missing, by the words of a library that panics where it is: `… Os { code: 24, kind: …`.
fn limit_in(panic: &str) -> Option<Limit> {
    let (_, after) = panic.split_once("code: ")?;
    let code = after.split(|symbol: char| !symbol.is_ascii_digit()).next()?.parse().ok()?;
    Limit::of(Errno::from_raw_os_error(code))
}
