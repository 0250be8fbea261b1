//! What was told of late of an address and port that cannot be reached. Machines send one such message a second or fewer: a test that is
//! repeated every second would hear the same error with and without its reason in turn.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::io::Errno;

use crate::check::Diagnosis;
use crate::check::evidence::{Limit, Sign};

/// What made an attempt fail.
pub type Seen = (Diagnosis, Option<Sign>, Option<Limit>);

struct Told {
    address: SocketAddr,
    error: Errno,
    seen: Seen,
    at: Instant,
}

static LATEST: Mutex<Vec<Told>> = Mutex::new(Vec::new());

/// More than the ports of a shop's servers.
const MOST_REMEMBERED: usize = 16;

/// So long after such a message, silence may be for want of the next one.
const BETWEEN: Duration = Duration::from_millis(1500);

/// `error`: with what the attempt failed of which this is the reason.
pub fn remember(address: SocketAddr, error: Errno, seen: Seen) {
    let mut latest = LATEST.lock().unwrap_or_else(PoisonError::into_inner);
    latest.retain(|told| told.address != address);
    latest.push(Told { address, error, seen, at: Instant::now() });
    if latest.len() > MOST_REMEMBERED {
        latest.remove(0);
    }
}

/// The reason of this error, the last time that it was told.
pub fn remembered(address: SocketAddr, error: Errno) -> Option<Seen> {
    find(|told| (told.address, told.error) == (address, error) && error != Errno::TIMEDOUT).map(|(_, seen)| seen)
}

/// What a machine has told shortly before it was asked once more, with its error: it could not yet tell it again.
pub fn shortly_before(asked: Instant, address: SocketAddr) -> Option<(Errno, Sign)> {
    let lately = |told: &Told| asked.saturating_duration_since(told.at) < BETWEEN;
    let (error, (_, sign, _)) = find(|told| told.address == address && lately(told))?;
    Some((error, sign.filter(|sign| matches!(sign, Sign::Icmp { .. }))?))
}

fn find(is_it: impl Fn(&Told) -> bool) -> Option<(Errno, Seen)> {
    let latest = LATEST.lock().unwrap_or_else(PoisonError::into_inner);
    latest.iter().find(|told| is_it(told)).map(|told| (told.error, told.seen))
}
