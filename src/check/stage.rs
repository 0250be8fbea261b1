//! The stages that a test goes through. How far it came is half of the cause.
//!
//! A probe only says where it is ([`StageReporter::enter`]); the conductor, which has the clock and the request, makes the
//! course of it ([`StageLog`]): so the course is whole even where a probe has to be left behind.

use std::sync::mpsc::Sender;
use std::time::Instant;

use serde_json::{Value, json};

use super::run::Event;
use super::whole_ms;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;

/// One stage of a test, in the order in which they are gone through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The host's name is looked up; left out where the host is an address.
    Resolve,
    Connect,
    /// Does the service speak what is expected there?
    Protocol,
    /// The encrypted connection is made.
    Tls,
    /// Name, and password where one is given.
    Login,
    /// A question is asked and answered.
    Question,
}

impl Stage {
    /// The stable name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Resolve => "resolve",
            Stage::Connect => "connect",
            Stage::Protocol => "protocol",
            Stage::Tls => "tls",
            Stage::Login => "login",
            Stage::Question => "question",
        }
    }

    /// What is being done, for beside the field: at most 22 cells.
    pub fn words(self, lang: Lang) -> Safe {
        match self {
            Stage::Resolve => say!(lang, "procurando o nome…", "looking up the name…"),
            Stage::Connect => say!(lang, "conectando…", "connecting…"),
            Stage::Protocol => say!(lang, "esperando resposta…", "awaiting an answer…"),
            Stage::Tls => say!(lang, "cifrando a conexão…", "encrypting…"),
            Stage::Login => say!(lang, "fazendo login…", "logging in…"),
            Stage::Question => say!(lang, "perguntando…", "asking…"),
        }
    }
}

/// With what a probe tells how far it has come.
#[derive(Clone)]
pub(super) struct StageReporter(Option<(usize, Sender<Event>)>);

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
        self.tell(|index| Event::Entered(index, stage, Instant::now()));
    }

    /// The stage has failed in this way, and another attempt follows.
    pub fn stumble(&self, result: &'static str) {
        self.tell(|index| Event::Stumbled(index, result, Instant::now()));
    }

    fn tell(&self, event: impl FnOnce(usize) -> Event) {
        if let Some((index, listener)) = &self.0 {
            // Where nobody listens any more, the check is over.
            let _ = listener.send(event(*index));
        }
    }
}

/// The stages that one request went through.
#[derive(Clone, Debug, Default)]
pub(super) struct StageLog(Vec<Step>);

#[derive(Clone, Debug)]
struct Step {
    stage: Stage,
    begun: Instant,
    ended: Option<(&'static str, Instant)>,
}

impl StageLog {
    pub fn stage(&self) -> Option<Stage> {
        self.0.last().map(|step| step.stage)
    }

    /// Begins a stage; the one before has passed, unless it is known to have failed.
    pub fn enter(&mut self, stage: Stage, now: Instant) {
        self.end("ok", now);
        self.0.push(Step { stage, begun: now, ended: None });
    }

    /// Ends the stage it is in; the first end stands.
    pub fn end(&mut self, result: &'static str, now: Instant) {
        if let Some(step) = self.0.last_mut() {
            step.ended.get_or_insert((result, now));
        }
    }

    /// As `detail.stages`.
    pub fn evidence(&self) -> Value {
        let steps = self.0.iter().map(|step| {
            let (result, end) = step.ended.unwrap_or(("ok", step.begun));
            let elapsed = end.saturating_duration_since(step.begun);
            json!({ "stage": step.stage.name(), "result": result, "elapsed_ms": whole_ms(elapsed) })
        });
        steps.collect()
    }

    /// True where there was none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_stage_that_is_followed_by_another_has_passed_unless_it_stumbled() {
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let mut course = StageLog::default();
        course.enter(Stage::Connect, at(0));
        course.enter(Stage::Tls, at(2));
        course.end("tls_failed", at(5));
        course.enter(Stage::Login, at(6));
        course.end("auth_failed", at(9));
        let expected = json!([
            { "stage": "connect", "result": "ok", "elapsed_ms": 2 },
            { "stage": "tls", "result": "tls_failed", "elapsed_ms": 3 },
            { "stage": "login", "result": "auth_failed", "elapsed_ms": 3 },
        ]);
        assert_eq!(course.evidence(), expected);
    }
}
