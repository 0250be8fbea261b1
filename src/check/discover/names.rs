//! The names of machines that were found, as the system knows them: asked beside the search, never waited for long.

use crate::channel::{Receiver, Sender, channel};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use crate::check::thread;

/// Names that are asked for and not there yet when all else is known get so long.
const GRACE: Duration = Duration::from_millis(300);

/// One thread asks for one name after the other: getnameinfo(3) blocks for as long as a name server likes. Where none
/// answers, the thread is left behind and there are no names.
pub struct Names {
    ask: Sender<Ipv4Addr>,
    answers: Receiver<(Ipv4Addr, Option<String>)>,
    asked: usize,
}

impl Names {
    pub fn begin() -> Names {
        let (ask, questions) = channel();
        let (answer, answers) = channel();
        // Without a thread both channels are closed: no names.
        let _ = thread::start("names", move || {
            for address in questions {
                let name = dns_lookup::lookup_addr(&std::net::IpAddr::V4(address)).ok();
                if answer.send((address, name)).is_err() {
                    return;
                }
            }
        });
        Names { ask, answers, asked: 0 }
    }

    pub fn ask(&mut self, address: Ipv4Addr) {
        if self.ask.send(address).is_ok() {
            self.asked += 1;
        }
    }

    /// The names that are there, or come within a moment, before `end`.
    pub fn collect(self, end: Instant) -> BTreeMap<Ipv4Addr, String> {
        let end = end.min(Instant::now() + GRACE);
        let mut names = BTreeMap::new();
        for _ in 0..self.asked {
            match self.answers.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok((address, Some(name))) => drop(names.insert(address, name)),
                Ok((_, None)) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        names
    }
}
