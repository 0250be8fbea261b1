//! The messages of a check's threads to its runner.

use crate::channel::Sender;
use std::net::IpAddr;
use std::time::Instant;

use super::diagnosis::Diagnosis;
use super::outcome::Answer;
use super::resolve::NoAddress;
use super::stage::Stage;

pub enum Event {
    /// The name server's answer for a host.
    Resolved(String, Result<Vec<IpAddr>, NoAddress>),
    /// The request of this number has come to this stage.
    Entered(usize, Stage, Instant),
    /// The stage it is in has failed, and it tries another way.
    Failed(usize, Diagnosis, Instant),
    /// The request of this number has its result.
    Done(usize, Box<Answer>),
    /// Somebody wants the check to end.
    Cancelled,
}

/// Reports a probe's stages to the runner.
#[derive(Clone)]
pub struct StageReporter(Option<(usize, Sender<Event>)>);

impl StageReporter {
    /// For the request of this number.
    pub fn new(index: usize, listener: Sender<Event>) -> StageReporter {
        StageReporter(Some((index, listener)))
    }

    pub const fn unheard() -> StageReporter {
        StageReporter(None)
    }

    /// The stage before has passed, and this one begins.
    pub fn enter(&self, stage: Stage) {
        self.send(|index| Event::Entered(index, stage, Instant::now()));
    }

    /// The stage has failed in this way, and another attempt follows.
    pub fn fail(&self, result: Diagnosis) {
        self.send(|index| Event::Failed(index, result, Instant::now()));
    }

    fn send(&self, event: impl FnOnce(usize) -> Event) {
        if let Some((index, listener)) = &self.0 {
            // Where nobody listens any more, the check is over.
            let _ = listener.send(event(*index));
        }
    }
}
