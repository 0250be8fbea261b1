//! What a probe is, and what it is handed to do its work.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use super::event::StageReporter;
use super::outcome::ProbeEvidence;
use super::{Answer, Evidence, Options, Point};

/// One row of the table of probes, [`super::probe::implementation`].
pub struct Implementation {
    /// Does the test. Every wait in it ends at the task's deadline.
    pub run: fn(Task) -> Answer,
    /// Its evidence where it has found out nothing: its values were invalid, or it was left behind at the deadline.
    pub nothing: fn() -> Arc<dyn ProbeEvidence>,
}

pub struct Task {
    pub point: Point,
    /// What the host's name leads to; none where there is no host.
    pub addresses: Vec<IpAddr>,
    /// The ports that this check's requests are about.
    pub ports: Vec<u16>,
    pub options: Options,
    pub deadline: Instant,
    pub reporter: StageReporter,
    /// What is known before the probe begins.
    pub evidence: Evidence,
}

/// The way to a service.
#[derive(Clone, Copy)]
pub struct Server<'a> {
    /// As the person named it: certificates and password files go by it.
    pub host: &'a str,
    pub addresses: &'a [IpAddr],
    pub port: u16,
}

impl Task {
    pub fn server(&self) -> Server<'_> {
        let (host, port) = (self.point.host().unwrap_or_default(), self.point.port().unwrap_or_default());
        Server { host, addresses: &self.addresses, port }
    }
}
