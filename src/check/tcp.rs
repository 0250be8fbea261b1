//! Connecting: every address at once, the first that answers is used.
//!
//! One thread polls all sockets, so none is left open afterwards. If all fail, the most telling failure is reported: what
//! this machine lacks to try at all; refused and reset (the machine is there); blocked and unreachable (somebody has
//! answered for it); timeout. An address that this machine knows no way to tells nothing beside another.

mod beside;
mod sign;
mod told;

pub use beside::Beside;

use std::net::{IpAddr, SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect as start_connecting, socket_with, sockopt};

use super::evidence::{Attempt, AttemptResult, Icmp, Limit, Sign};
use super::grace::Grace;
use super::{Diagnosis, Evidence};

/// The kernel asks again after a second.
const ASKED_AGAIN: Duration = Duration::from_secs(1);

/// True where there is no time for the kernel's second question.
pub fn is_brief(deadline: Instant) -> bool {
    deadline.saturating_duration_since(Instant::now()) <= ASKED_AGAIN
}

/// Connects to `port` at all addresses at once, until `deadline`; returns the first connection, in blocking mode, or the
/// cause. Records what each address did.
pub fn connect(
    addresses: &[IpAddr],
    port: u16,
    deadline: Instant,
    evidence: &mut Evidence,
) -> Result<(TcpStream, SocketAddr), Diagnosis> {
    let grace = Grace::until(deadline);
    connect_asking(addresses, port, deadline, grace, &[deadline + grace.question()], evidence)
}

/// The same; those addresses that have not answered are asked again at these times.
fn connect_asking(
    addresses: &[IpAddr],
    port: u16,
    deadline: Instant,
    grace: Grace,
    questions: &[Instant],
    evidence: &mut Evidence,
) -> Result<(TcpStream, SocketAddr), Diagnosis> {
    let started = Instant::now();
    let mut tries: Vec<Try> =
        addresses.iter().map(|address| Try::start(SocketAddr::new(*address, port), started)).collect();
    let (mut questions, mut end, mut last_asked) = (questions.iter(), deadline, None);
    let mut question = questions.next();
    let winner = loop {
        if let Some(winner) = tries.iter().position(|one| one.answer == Some(AttemptResult::Connected)) {
            break Some(winner);
        }
        if tries.iter().all(|one| one.answer.is_some()) {
            break None;
        }
        if wait(&mut tries, started, question.copied().unwrap_or(end)) {
            continue;
        }
        if question.is_none() {
            break None;
        }
        tries.iter_mut().filter(|one| one.answer.is_none()).for_each(Try::ask_again);
        // However late it is: what was asked is listened to.
        let now = Instant::now();
        (end, last_asked, question) = (deadline.max(now + grace.answer()), Some(now), questions.next());
    };
    let last_asked = last_asked.unwrap_or_else(Instant::now);
    for one in tries.iter_mut().filter(|one| one.answer.is_none()) {
        match winner {
            Some(_) => one.end(AttemptResult::NotAwaited, started),
            None => match told::shortly_before(last_asked, one.address) {
                Some((error, sign)) => one.fail(error, Some(sign), started),
                None => one.fail(Errno::TIMEDOUT, sign::no_neighbour(one.address.ip()), started),
            },
        }
    }
    evidence.attempts = tries.iter().map(Try::attempt).collect();
    evidence.limit = tries.iter().find_map(|one| one.limit);
    let connection = winner.and_then(|at| tries.swap_remove(at).stream());
    evidence.answered = connection.as_ref().map(|(_, address)| address.ip());
    connection.ok_or_else(|| cause(&evidence.attempts))
}

/// The failure that tells most, the first among its like.
fn cause(attempts: &[Attempt]) -> Diagnosis {
    let failed = attempts.iter().filter_map(|attempt| match attempt.result {
        AttemptResult::Failed(diagnosis, _) => Some((telling(diagnosis, attempt.sign), diagnosis)),
        _ => None,
    });
    failed.max_by_key(|(rank, _)| *rank).map_or(Diagnosis::Unreachable, |(_, diagnosis)| diagnosis)
}

/// The rank of a failure: the higher, the more it tells.
const fn telling(diagnosis: Diagnosis, sign: Option<Sign>) -> u8 {
    match (diagnosis, sign) {
        (Diagnosis::LocalLimit, _) => 6,
        (_, Some(Sign::Here)) => 0,
        (Diagnosis::Refused, _) => 5,
        (Diagnosis::Reset, _) => 4,
        (Diagnosis::Blocked, _) => 3,
        (Diagnosis::Unreachable, _) => 2,
        _ => 1,
    }
}

/// The diagnosis of a system error on connecting, and of what it was known by.
pub fn diagnose(error: Errno, sign: Option<Sign>) -> Diagnosis {
    match (error, sign) {
        (_, Some(Sign::NoNeighbour | Sign::NobodyOnTheWay)) => Diagnosis::Timeout,
        // A router says so after some seconds in which there was no answer: the same at every timeout.
        (_, Some(Sign::Icmp { said: Icmp::Host, .. })) => Diagnosis::Timeout,
        (_, Some(Sign::Icmp { said: Icmp::Prohibited, .. })) => Diagnosis::Blocked,
        (Errno::CONNREFUSED, _) => Diagnosis::Refused,
        (Errno::TIMEDOUT, _) => Diagnosis::Timeout,
        (Errno::CONNRESET | Errno::CONNABORTED | Errno::PIPE, _) => Diagnosis::Reset,
        // No route (ENETUNREACH, EHOSTUNREACH), a route that forbids (EACCES, EPERM) or swallows (EINVAL), an address
        // family that this machine does not have (EAFNOSUPPORT, EADDRNOTAVAIL): from here it cannot be reached.
        _ => Diagnosis::Unreachable,
    }
}

/// What this machine lacks to make a connection.
fn limit(error: Errno, address: SocketAddr) -> Option<Limit> {
    match error {
        // Of IPv6 it says that there is no address of one's own to do it with.
        Errno::ADDRNOTAVAIL | Errno::ADDRINUSE | Errno::AGAIN if address.is_ipv4() => Some(Limit::Ports),
        Errno::AGAIN => None,
        error => Limit::of(error),
    }
}

struct Try {
    address: SocketAddr,
    /// One for each time that it was asked: the first of them that is answered counts.
    sockets: Vec<OwnedFd>,
    answer: Option<AttemptResult>,
    sign: Option<Sign>,
    limit: Option<Limit>,
    elapsed: Duration,
}

impl Try {
    fn start(address: SocketAddr, started: Instant) -> Try {
        let mut one = Try { address, sockets: vec![], answer: None, sign: None, limit: None, elapsed: Duration::ZERO };
        match one.ask() {
            Err(Errno::INPROGRESS) => {}
            Ok(()) => one.end(AttemptResult::Connected, started),
            Err(error) => {
                one.limit = limit(error, address);
                let answered = matches!(error, Errno::CONNREFUSED | Errno::CONNRESET | Errno::TIMEDOUT);
                one.fail(error, (!answered).then_some(Sign::Here), started);
            }
        }
        one
    }

    fn ask(&mut self) -> Result<(), Errno> {
        // One of IPv4 that is written as of IPv6 (::ffff:a.b.c.d): what comes in the way is told by IPv4.
        let mut to = self.address;
        to.set_ip(to.ip().to_canonical());
        let family = if to.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(family, SocketType::STREAM, flags, None)?;
        sign::keep(&socket, to.ip());
        let begun = start_connecting(&socket, &to);
        self.sockets.push(socket);
        begun
    }

    /// The questions before stand, too.
    fn ask_again(&mut self) {
        let before = self.sockets.len();
        if !matches!(self.ask(), Ok(()) | Err(Errno::INPROGRESS)) {
            self.sockets.truncate(before);
        }
    }

    fn end(&mut self, answer: AttemptResult, started: Instant) {
        self.answer = Some(answer);
        self.elapsed = started.elapsed();
    }

    fn fail(&mut self, error: Errno, sign: Option<Sign>, started: Instant) {
        self.sign = sign;
        let diagnosis = if self.limit.is_some() { Diagnosis::LocalLimit } else { diagnose(error, sign) };
        self.end(AttemptResult::Failed(diagnosis, error), started);
    }

    /// Reads the result of a socket that has become ready.
    fn read_answer(&mut self, at: usize, started: Instant) {
        if at >= self.sockets.len() {
            return;
        }
        self.sockets.swap(0, at);
        let Some(socket) = self.sockets.first() else { return };
        match sockopt::socket_error(socket) {
            Ok(Ok(())) if is_its_own_peer(socket) => self.fail(Errno::CONNREFUSED, None, started),
            Ok(Ok(())) if matches!(rustix::net::getpeername(socket), Ok(Some(_))) => {
                self.end(AttemptResult::Connected, started);
            }
            // The kernel wakes us with the message that ends the attempt, a moment before it notes that it has ended.
            Ok(Ok(())) => {
                if let Some((error, sign)) = sign::kept(socket, self.address.ip()) {
                    self.fail_as_told(error, Some(sign), started);
                }
            }
            Ok(Err(error)) | Err(error) => {
                // Kernels before 5.9 keep nothing; some of it shows elsewhere.
                let address = self.address.ip();
                let elsewhere = || sign::no_neighbour(address).filter(|_| error == Errno::HOSTUNREACH);
                let sign = sign::kept(socket, address).map(|(_, sign)| sign).or_else(elsewhere);
                self.fail_as_told(error, sign, started);
            }
        }
    }

    fn fail_as_told(&mut self, error: Errno, sign: Option<Sign>, started: Instant) {
        self.fail(error, sign, started);
        if let (Some(AttemptResult::Failed(diagnosis, _)), Some(Sign::Icmp { .. })) = (self.answer, sign) {
            told::remember(self.address, error, (diagnosis, sign, None));
        }
    }

    fn attempt(&self) -> Attempt {
        let result = self.answer.unwrap_or(AttemptResult::NotAwaited);
        Attempt { address: self.address.ip(), result, sign: self.sign, elapsed: self.elapsed }
    }

    /// The connection, made blocking again.
    fn stream(self) -> Option<(TcpStream, SocketAddr)> {
        let stream = TcpStream::from(self.sockets.into_iter().next()?);
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

/// Waits until one more address has answered; false if the deadline came first. What has come by now is heard in any case.
fn wait(tries: &mut [Try], started: Instant, deadline: Instant) -> bool {
    let left = deadline.saturating_duration_since(Instant::now());
    let ready: Vec<Vec<bool>> = {
        let waiting = || tries.iter().filter(|one| one.answer.is_none());
        let counts: Vec<usize> = waiting().map(|one| one.sockets.len()).collect();
        let sockets = waiting().flat_map(|one| &one.sockets);
        let mut sockets: Vec<PollFd<'_>> = sockets.map(|socket| PollFd::new(socket, PollFlags::OUT)).collect();
        // Both conversions hold: a deadline is seconds away. On an error (EINTR, no memory) the loop asks again.
        let limit = Timespec::try_from(left).ok();
        let _ = poll(&mut sockets, limit.as_ref());
        let mut ready = sockets.iter().map(|socket| !socket.revents().is_empty());
        counts.into_iter().map(|count| ready.by_ref().take(count).collect()).collect()
    };
    let mut heard = false;
    for (one, ready) in tries.iter_mut().filter(|one| one.answer.is_none()).zip(ready) {
        if let Some(at) = ready.iter().position(|ready| *ready) {
            one.read_answer(at, started);
            heard = true;
        }
    }
    heard || !left.is_zero()
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
        assert_eq!((evidence.attempts[0].result.name(), evidence.attempts[0].sign), ("unreachable", Some(Sign::Here)));
        assert_eq!((evidence.attempts[1].result.name(), evidence.attempts[1].sign), ("refused", None));
    }

    #[test]
    fn of_several_addresses_the_failure_that_tells_most_speaks_in_any_order() {
        let router = "10.0.0.1".parse().unwrap();
        let icmp = |said| Some(Sign::Icmp { from: router, said, by_this_machine: false });
        // From the one that tells most to the one that tells nothing.
        let ranked = [
            (Errno::CONNREFUSED, None, Diagnosis::Refused),
            (Errno::CONNRESET, None, Diagnosis::Reset),
            (Errno::HOSTUNREACH, icmp(Icmp::Prohibited), Diagnosis::Blocked),
            (Errno::NETUNREACH, icmp(Icmp::Other), Diagnosis::Unreachable),
            (Errno::TIMEDOUT, None, Diagnosis::Timeout),
            (Errno::NETUNREACH, Some(Sign::Here), Diagnosis::Unreachable),
        ];
        let attempt = |(error, sign, expected): (Errno, Option<Sign>, Diagnosis)| {
            assert_eq!(diagnose(error, sign), expected);
            Attempt { address: router, result: AttemptResult::Failed(expected, error), sign, elapsed: Duration::ZERO }
        };
        for (at, first) in ranked.into_iter().enumerate() {
            for second in ranked.into_iter().skip(at) {
                assert_eq!(cause(&[attempt(first), attempt(second)]), first.2, "{first:?} {second:?}");
                assert_eq!(cause(&[attempt(second), attempt(first)]), first.2, "{second:?} {first:?}");
            }
        }
    }

    #[test]
    fn nothing_to_connect_to_and_no_time_to_do_it_are_failures() {
        assert_eq!(connect(&[], 1, soon(), &mut Evidence::default()).unwrap_err(), Diagnosis::Unreachable);
    }

    #[test]
    fn every_error_of_the_system_has_its_diagnosis() {
        let router = "10.0.0.1".parse().unwrap();
        let icmp = |said| Some(Sign::Icmp { from: router, said, by_this_machine: false });
        let table = [
            (Errno::CONNREFUSED, None, Diagnosis::Refused),
            (Errno::CONNREFUSED, icmp(Icmp::Port), Diagnosis::Refused),
            (Errno::TIMEDOUT, None, Diagnosis::Timeout),
            (Errno::CONNRESET, None, Diagnosis::Reset),
            (Errno::NETUNREACH, None, Diagnosis::Unreachable),
            (Errno::NETUNREACH, icmp(Icmp::Prohibited), Diagnosis::Blocked),
            (Errno::HOSTUNREACH, None, Diagnosis::Unreachable),
            (Errno::HOSTUNREACH, icmp(Icmp::Other), Diagnosis::Unreachable),
            (Errno::HOSTUNREACH, icmp(Icmp::Host), Diagnosis::Timeout),
            (Errno::HOSTUNREACH, Some(Sign::NoNeighbour), Diagnosis::Timeout),
            (Errno::HOSTUNREACH, Some(Sign::NobodyOnTheWay), Diagnosis::Timeout),
            (Errno::ACCESS, icmp(Icmp::Prohibited), Diagnosis::Blocked),
            (Errno::ACCESS, Some(Sign::Here), Diagnosis::Unreachable),
            (Errno::INVAL, Some(Sign::Here), Diagnosis::Unreachable),
            (Errno::AFNOSUPPORT, Some(Sign::Here), Diagnosis::Unreachable),
        ];
        for (error, sign, diagnosis) in table {
            assert_eq!(diagnose(error, sign), diagnosis, "{error} {sign:?}");
        }
    }

    #[test]
    fn what_this_machine_lacks_is_not_blamed_on_the_network() {
        let v4 = SocketAddr::from(([10, 0, 0, 1], 5432));
        let v6 = "[fd00::1]:5432".parse().unwrap();
        for (error, address, expected) in [
            (Errno::MFILE, v4, Some(Limit::Files)),
            (Errno::NFILE, v6, Some(Limit::Files)),
            (Errno::NOMEM, v4, Some(Limit::Memory)),
            (Errno::NOBUFS, v4, Some(Limit::Memory)),
            (Errno::ADDRNOTAVAIL, v4, Some(Limit::Ports)),
            (Errno::ADDRNOTAVAIL, v6, None),
            (Errno::NETUNREACH, v4, None),
        ] {
            assert_eq!(limit(error, address), expected, "{error} {address}");
        }
    }
}
