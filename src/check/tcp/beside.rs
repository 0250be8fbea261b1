//! A second look at an address to which somebody else connects: a library's error tells less than the kernel knows.
//!
//! A server that answers as servers do is left alone. The look begins once the other's attempt has failed, or has been
//! waiting for longer than a packet takes.

use crate::channel::{Receiver, Sender, channel};
use std::net::SocketAddr;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use rustix::io::Errno;

use super::told::{Seen, remember, remembered};
use super::{connect_asking, diagnose, limit};
use crate::check::grace::Grace;
use crate::check::{Diagnosis, Evidence, thread};

/// Longer than the way to any server on the ground and back.
const PATIENCE: Duration = Duration::from_millis(250);

/// What may be told once a second was told to the other. The kernel's own questions come at longer and longer intervals.
const ASKED_AGAIN: Duration = Duration::from_millis(1020);
const MORE_QUESTIONS: u32 = 3;

pub struct Beside {
    address: SocketAddr,
    deadline: Instant,
    grace: Grace,
    /// Gone: the other's attempt is over.
    going_on: Sender<()>,
    seen: Receiver<Seen>,
}

impl Beside {
    pub fn begin(address: SocketAddr, deadline: Instant) -> Beside {
        let (going_on, other) = channel::<()>();
        let (sender, seen) = channel();
        let grace = Grace::until(deadline);
        // Where there is no thread for it, less is known.
        let _ = thread::start("beside", move || {
            if other.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let _ = look(address, deadline, grace).map(|seen| sender.send(seen));
            }
        });
        Beside { address, deadline, grace, going_on, seen }
    }

    /// The other's attempt has failed with this error: what it means.
    pub fn explain(self, error: Errno) -> Seen {
        let Beside { address, deadline, grace, going_on, seen } = self;
        drop(going_on);
        if let Some(limit) = limit(error, address) {
            return (Diagnosis::LocalLimit, None, Some(limit));
        }
        let left = deadline.saturating_duration_since(Instant::now()) + grace.look();
        match seen.recv_timeout(left).ok().or_else(|| look(address, deadline, grace)) {
            Some(seen) if seen.0 != Diagnosis::Timeout || seen.1.is_some() => {
                remember(address, error, seen);
                seen
            }
            // Silence this time, or success, takes nothing back of what was said before.
            _ => remembered(address, error).unwrap_or((diagnose(error, None), None, None)),
        }
    }
}

fn look(address: SocketAddr, deadline: Instant, grace: Grace) -> Option<Seen> {
    let mut evidence = Evidence::default();
    let now = Instant::now();
    let mut questions: Vec<Instant> = (1..=MORE_QUESTIONS).map(|number| now + ASKED_AGAIN * number).collect();
    questions.retain(|question| *question < deadline);
    questions.push(deadline + grace.question());
    let (to, port) = ([address.ip()], address.port());
    let diagnosis = connect_asking(&to, port, deadline, grace, &questions, &mut evidence).err()?;
    Some((diagnosis, evidence.attempts.first()?.sign, evidence.limit))
}
