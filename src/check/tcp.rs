//! Connecting: every address at once, the first that answers is used.
//!
//! One thread polls all sockets, so none is left open afterwards. If all fail, the most telling failure is reported:
//! refused (the machine is there), then reset, then unreachable, then timeout.

use std::net::{IpAddr, SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect as start_connecting, socket_with, sockopt};

use super::evidence::{Attempt, AttemptResult};
use super::{Diagnosis, Evidence};

/// Connects to `port` at all addresses at once, until `deadline`; returns the first connection, in blocking mode, or the
/// cause. Records what each address did.
pub fn connect(
    addresses: &[IpAddr],
    port: u16,
    deadline: Instant,
    evidence: &mut Evidence,
) -> Result<(TcpStream, SocketAddr), Diagnosis> {
    let started = Instant::now();
    let mut tries: Vec<Try> =
        addresses.iter().map(|address| Try::start(SocketAddr::new(*address, port), started)).collect();
    let winner = loop {
        if let Some(winner) = tries.iter().position(|one| one.answer == Some(AttemptResult::Connected)) {
            break Some(winner);
        }
        if tries.iter().all(|one| one.answer.is_some()) || !wait(&mut tries, started, deadline) {
            break None;
        }
    };
    let unanswered = match winner {
        Some(_) => AttemptResult::NotAwaited,
        None => AttemptResult::Failed(Diagnosis::Timeout, Errno::TIMEDOUT),
    };
    for one in &mut tries {
        if one.answer.is_none() {
            one.end(unanswered, started);
        }
    }
    let failure = tries.iter().filter_map(|one| one.answer).max_by_key(|answer| telling(*answer));
    evidence.attempts = tries.iter().map(|one| one.attempt(unanswered)).collect();
    let connection = winner.and_then(|at| tries.swap_remove(at).stream());
    evidence.answered = connection.as_ref().map(|(_, address)| address.ip());
    connection.ok_or(match failure {
        Some(AttemptResult::Failed(diagnosis, _)) => diagnosis,
        _ => Diagnosis::Unreachable,
    })
}

/// The rank of a failure: the higher, the more it tells.
fn telling(answer: AttemptResult) -> u8 {
    match answer {
        AttemptResult::Failed(Diagnosis::Refused, _) => 3,
        AttemptResult::Failed(Diagnosis::Reset, _) => 2,
        AttemptResult::Failed(Diagnosis::Unreachable, _) => 1,
        _ => 0,
    }
}

/// The diagnosis of a system error on connecting.
pub fn diagnose(error: Errno) -> Diagnosis {
    match error {
        Errno::CONNREFUSED => Diagnosis::Refused,
        Errno::TIMEDOUT => Diagnosis::Timeout,
        Errno::CONNRESET | Errno::CONNABORTED | Errno::PIPE => Diagnosis::Reset,
        // No route (ENETUNREACH, EHOSTUNREACH), a route that forbids (EACCES, EPERM) or swallows (EINVAL), an address
        // family that this machine does not have (EAFNOSUPPORT, EADDRNOTAVAIL): from here it cannot be reached.
        _ => Diagnosis::Unreachable,
    }
}

struct Try {
    address: SocketAddr,
    socket: Option<OwnedFd>,
    answer: Option<AttemptResult>,
    elapsed: Duration,
}

impl Try {
    fn start(address: SocketAddr, started: Instant) -> Try {
        let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let mut one = Try { address, socket: None, answer: None, elapsed: Duration::ZERO };
        let begun = socket_with(family, SocketType::STREAM, flags, None).and_then(|socket| {
            let begun = start_connecting(&socket, &address);
            one.socket = Some(socket);
            begun
        });
        match begun {
            Err(Errno::INPROGRESS) => {}
            Ok(()) => one.end(AttemptResult::Connected, started),
            Err(error) => one.end(AttemptResult::Failed(diagnose(error), error), started),
        }
        one
    }

    fn end(&mut self, answer: AttemptResult, started: Instant) {
        self.answer = Some(answer);
        self.elapsed = started.elapsed();
    }

    /// Reads the result of a socket that has become ready.
    fn read_answer(&mut self, started: Instant) {
        let Some(socket) = &self.socket else { return };
        let answer = match sockopt::socket_error(socket) {
            Ok(Ok(())) if is_its_own_peer(socket) => AttemptResult::Failed(Diagnosis::Refused, Errno::CONNREFUSED),
            Ok(Ok(())) => AttemptResult::Connected,
            Ok(Err(error)) | Err(error) => AttemptResult::Failed(diagnose(error), error),
        };
        self.end(answer, started);
    }

    fn attempt(&self, unanswered: AttemptResult) -> Attempt {
        Attempt { address: self.address.ip(), result: self.answer.unwrap_or(unanswered), elapsed: self.elapsed }
    }

    /// The connection, made blocking again.
    fn stream(self) -> Option<(TcpStream, SocketAddr)> {
        let stream = TcpStream::from(self.socket?);
        stream.set_nonblocking(false).ok()?;
        Some((stream, self.address))
    }
}

/// TCP can connect a socket to itself if nothing listens on a port of this machine's ephemeral range.
pub fn is_its_own_peer(socket: &OwnedFd) -> bool {
    match (rustix::net::getsockname(socket), rustix::net::getpeername(socket)) {
        (Ok(own), Ok(Some(peer))) => own == peer,
        _ => false,
    }
}

/// Waits until one more address has answered; false if the deadline came first.
fn wait(tries: &mut [Try], started: Instant, deadline: Instant) -> bool {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return false;
    }
    let ready: Vec<bool> = {
        let mut sockets: Vec<PollFd<'_>> = tries
            .iter()
            .filter(|one| one.answer.is_none())
            .filter_map(|one| one.socket.as_ref())
            .map(|socket| PollFd::new(socket, PollFlags::OUT))
            .collect();
        // Both conversions hold: a deadline is seconds away. On an error (EINTR, no memory) the loop asks again.
        let limit = Timespec::try_from(left).ok();
        let _ = poll(&mut sockets, limit.as_ref());
        sockets.iter().map(|socket| !socket.revents().is_empty()).collect()
    };
    let waiting = tries.iter_mut().filter(|one| one.answer.is_none() && one.socket.is_some());
    for (one, ready) in waiting.zip(ready) {
        if ready {
            one.read_answer(started);
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(5)
    }

    #[test]
    fn the_address_that_answers_is_used_and_the_others_are_told() {
        let listener = TcpListener::bind("127.0.0.2:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let addresses = ["127.0.0.3".parse().unwrap(), "127.0.0.2".parse().unwrap()];
        let mut evidence = Evidence::default();
        let (stream, address) = connect(&addresses, port, soon(), &mut evidence).unwrap();
        assert_eq!(address.ip(), addresses[1]);
        assert_eq!(stream.peer_addr().unwrap(), address);
        assert_eq!(evidence.attempts.len(), 2);
        assert_eq!(evidence.attempts[1].result, AttemptResult::Connected);
        assert_ne!(evidence.attempts[0].result, AttemptResult::Connected);
    }

    #[test]
    fn refused_speaks_for_addresses_that_fail_in_different_ways() {
        let held = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = held.local_addr().unwrap().port();
        // The broadcast address cannot be connected to: the system says so at once.
        let addresses = ["255.255.255.255".parse().unwrap(), "127.0.0.9".parse().unwrap()];
        let mut evidence = Evidence::default();
        assert_eq!(connect(&addresses, port, soon(), &mut evidence).unwrap_err(), Diagnosis::Refused);
        assert_eq!(evidence.attempts[0].result.name(), "unreachable");
        assert_eq!(evidence.attempts[1].result.name(), "refused");
    }

    #[test]
    fn nothing_to_connect_to_and_no_time_to_do_it_are_failures() {
        assert_eq!(connect(&[], 1, soon(), &mut Evidence::default()).unwrap_err(), Diagnosis::Unreachable);
    }

    #[test]
    fn every_error_of_the_system_has_its_diagnosis() {
        let table = [
            (Errno::CONNREFUSED, Diagnosis::Refused),
            (Errno::TIMEDOUT, Diagnosis::Timeout),
            (Errno::CONNRESET, Diagnosis::Reset),
            (Errno::NETUNREACH, Diagnosis::Unreachable),
            (Errno::HOSTUNREACH, Diagnosis::Unreachable),
            (Errno::ACCESS, Diagnosis::Unreachable),
            (Errno::INVAL, Diagnosis::Unreachable),
            (Errno::AFNOSUPPORT, Diagnosis::Unreachable),
        ];
        for (error, diagnosis) in table {
            assert_eq!(diagnose(error), diagnosis, "{error}");
        }
    }
}
