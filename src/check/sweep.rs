//! Asking many ports at once which of them speak a protocol: one thread, one poll loop, bounded connections and time.
//!
//! A port is asked in the protocol that it was named with and in no other, with one question, and only after it took the
//! connection. Nothing is tried twice.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use nix::sys::socket::{setsockopt, sockopt::DontRoute};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, connect, recv, send, socket_with, sockopt,
};

use super::cancel::Cancel;
use super::protocol::{Protocol, Reply, Verdict};

/// A cancelled sweep ends this soon.
const ATTENTION: Duration = Duration::from_millis(50);

/// More than any first line has; what has not told itself by then is cut off.
const MOST_BYTES: usize = 4096;

/// A port to be asked, and in which protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub address: SocketAddr,
    pub protocol: Protocol,
    /// Only where no router is needed on the way.
    pub on_link: bool,
}

/// How much at once, and how long.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Over everything.
    pub overall: Duration,
    /// Connections at a time.
    pub at_once: usize,
    /// For a connection to stand, and again for its answer.
    pub each: Duration,
}

/// A port that speaks its protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speaker {
    pub candidate: Candidate,
    pub reply: Reply,
    /// Until the connection stood: one round trip.
    pub latency: Duration,
}

/// What a sweep tells while it goes on.
#[derive(Debug)]
pub enum Progress<'a> {
    /// So many of the candidates are done with.
    Done(usize),
    Found(&'a Speaker),
}

/// How a sweep ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// Everybody was asked.
    #[default]
    Complete,
    /// Time was up before.
    OutOfTime,
    /// This machine has no sockets left.
    OutOfSockets,
    Cancelled,
}

/// Asks the candidates in their order.
pub fn sweep(
    candidates: Vec<Candidate>,
    limits: Limits,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress<'_>),
) -> End {
    let end = Instant::now() + limits.overall;
    let mut sweep = Sweep { waiting: candidates.into(), open: vec![], done: 0, limits, progress };
    while !(sweep.waiting.is_empty() && sweep.open.is_empty()) {
        if cancel.is_cancelled() {
            return End::Cancelled;
        }
        if Instant::now() >= end {
            return End::OutOfTime;
        }
        if !sweep.fill() {
            return End::OutOfSockets;
        }
        sweep.wait(end);
        sweep.expire();
    }
    End::Complete
}

struct Sweep<'a> {
    waiting: VecDeque<Candidate>,
    open: Vec<Connection>,
    done: usize,
    limits: Limits,
    progress: &'a mut dyn FnMut(Progress<'_>),
}

struct Connection {
    candidate: Candidate,
    socket: OwnedFd,
    started: Instant,
    /// Given up then.
    until: Instant,
    /// How long connecting took, once it stands and was asked.
    latency: Option<Duration>,
    received: Vec<u8>,
}

impl Sweep<'_> {
    /// Opens as many connections as may be; false where not a single one can be had.
    fn fill(&mut self) -> bool {
        while self.open.len() < self.limits.at_once {
            let Some(candidate) = self.waiting.pop_front() else { break };
            match Connection::open(&candidate, self.limits.each) {
                Ok(connection) => self.open.push(connection),
                // AGAIN and ADDRNOTAVAIL: no port of this machine's own is free for another connection to there.
                Err(
                    Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM | Errno::AGAIN | Errno::ADDRNOTAVAIL,
                ) => {
                    // Those that are open make room when they end.
                    self.waiting.push_front(candidate);
                    return !self.open.is_empty();
                }
                Err(_) => self.done(),
            }
        }
        true
    }

    /// Waits until something happens, and deals with it.
    fn wait(&mut self, end: Instant) {
        let Some(first) = self.open.iter().map(|connection| connection.until).min() else { return };
        let left = first.min(end).saturating_duration_since(Instant::now()).min(ATTENTION);
        let ready: Vec<bool> = {
            let mut sockets: Vec<PollFd<'_>> = self.open.iter().map(Connection::poll_fd).collect();
            let limit = Timespec::try_from(left).ok();
            // On an error (EINTR, no memory) nothing is ready, and the loop asks again.
            match poll(&mut sockets, limit.as_ref()) {
                Ok(_) => sockets.iter().map(|socket| !socket.revents().is_empty()).collect(),
                Err(_) => vec![false; sockets.len()],
            }
        };
        let mut open = Vec::with_capacity(self.open.len());
        for (mut connection, ready) in std::mem::take(&mut self.open).into_iter().zip(ready) {
            match if ready { connection.go_on(self.limits.each) } else { Verdict::Unknown } {
                Verdict::Unknown => open.push(connection),
                Verdict::No => self.done(),
                Verdict::Yes(reply) => self.found(connection, reply),
            }
        }
        self.open = open;
    }

    fn found(&mut self, connection: Connection, reply: Reply) {
        let latency = connection.latency.unwrap_or_default();
        let speaker = Speaker { candidate: connection.candidate, reply, latency };
        (self.progress)(Progress::Found(&speaker));
        self.done();
    }

    fn expire(&mut self) {
        let now = Instant::now();
        let before = self.open.len();
        self.open.retain(|connection| connection.until > now);
        for _ in self.open.len()..before {
            self.done();
        }
    }

    fn done(&mut self) {
        self.done += 1;
        (self.progress)(Progress::Done(self.done));
    }
}

impl Connection {
    fn open(candidate: &Candidate, each: Duration) -> Result<Connection, Errno> {
        let family = if candidate.address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(family, SocketType::STREAM, flags, None)?;
        if candidate.on_link {
            // Where a route leads elsewhere than the interface's address says, the kernel refuses to send at all.
            setsockopt(&socket, DontRoute, &true).map_err(|error| Errno::from_raw_os_error(error as i32))?;
        }
        let started = Instant::now();
        match connect(&socket, &candidate.address) {
            Ok(()) | Err(Errno::INPROGRESS) => {}
            Err(error) => return Err(error),
        }
        let until = started + each;
        Ok(Connection { candidate: candidate.clone(), socket, started, until, latency: None, received: vec![] })
    }

    fn poll_fd(&self) -> PollFd<'_> {
        let wanted = if self.latency.is_none() { PollFlags::OUT } else { PollFlags::IN };
        PollFd::new(&self.socket, wanted)
    }

    /// Takes the step for which the socket has become ready.
    fn go_on(&mut self, each: Duration) -> Verdict {
        if self.latency.is_none() { self.ask(each) } else { self.hear() }
    }

    fn ask(&mut self, each: Duration) -> Verdict {
        let stands = matches!(sockopt::socket_error(&self.socket), Ok(Ok(())));
        if !stands || super::tcp::is_its_own_peer(&self.socket) {
            return Verdict::No;
        }
        let now = Instant::now();
        self.latency = Some(now.saturating_duration_since(self.started));
        self.until = now + each;
        let question = self.candidate.protocol.question(self.candidate.address);
        match send(&self.socket, &question, SendFlags::NOSIGNAL) {
            // So few bytes fit into the buffer of a new connection.
            Ok(sent) if sent == question.len() => Verdict::Unknown,
            _ => Verdict::No,
        }
    }

    fn hear(&mut self) -> Verdict {
        let mut piece = [0; 1024];
        let ended = match recv(&self.socket, &mut piece[..], RecvFlags::empty()) {
            Ok((0, _)) => true,
            Ok((count, _)) => {
                self.received.extend(piece.iter().take(count));
                self.received.len() >= MOST_BYTES
            }
            Err(Errno::AGAIN | Errno::INTR) => return Verdict::Unknown,
            Err(_) => true,
        };
        match self.candidate.protocol.judge(&self.received, ended) {
            Verdict::Unknown if ended => Verdict::No,
            verdict => verdict,
        }
    }
}
