//! The stages that a test goes through. How far it came is half of the cause.
//!
//! A probe only reports its stage; the runner keeps the log, so that it is complete even if the probe is abandoned.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::diagnosis::Diagnosis;
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
    pub fn doing(self, lang: Lang) -> Safe {
        match self {
            Stage::Resolve => say!(lang, "procurando o nome…", "looking up the name…"),
            Stage::Connect => say!(lang, "conectando…", "connecting…"),
            Stage::Protocol => say!(lang, "aguardando resposta…", "awaiting an answer…"),
            Stage::Tls => say!(lang, "iniciando TLS…", "starting TLS…"),
            Stage::Login => say!(lang, "fazendo login…", "logging in…"),
            Stage::Question => say!(lang, "consultando…", "asking…"),
        }
    }

    /// As a noun, for the evidence.
    pub fn title(self, lang: Lang) -> &'static str {
        match self {
            Stage::Resolve => lang.pick("nome", "name"),
            Stage::Connect => lang.pick("conexão", "connection"),
            Stage::Protocol => lang.pick("protocolo", "protocol"),
            Stage::Tls => "TLS",
            Stage::Login => "login",
            Stage::Question => lang.pick("consulta", "question"),
        }
    }
}

/// A stage that was gone through: `Diagnosis::Ok` where it passed, else what ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StageRecord {
    pub stage: Stage,
    pub result: Diagnosis,
    pub elapsed: Duration,
}

impl StageRecord {
    /// As an element of `detail.stages`.
    pub(super) fn json(&self) -> Value {
        let (stage, result) = (self.stage.name(), self.result.name());
        json!({ "stage": stage, "result": result, "elapsed_ms": whole_ms(self.elapsed) })
    }
}

/// Milliseconds as reports give them; a check never lasts long enough for the cap to matter.
pub fn whole_ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// The stages that one request went through; the latest may be under way.
#[derive(Clone, Debug, Default)]
pub(super) struct StageLog {
    records: Vec<StageRecord>,
    current: Option<(Stage, Instant)>,
}

impl StageLog {
    /// The latest stage.
    pub fn stage(&self) -> Option<Stage> {
        self.current.map(|(stage, _)| stage).or_else(|| Some(self.records.last()?.stage))
    }

    /// Begins a stage; the one before has passed, unless it is known to have failed.
    pub fn enter(&mut self, stage: Stage, now: Instant) {
        self.end(Diagnosis::Ok, now);
        self.current = Some((stage, now));
    }

    /// Ends the stage that is under way, where there is one.
    pub fn end(&mut self, result: Diagnosis, now: Instant) {
        if let Some((stage, begun)) = self.current.take() {
            self.records.push(StageRecord { stage, result, elapsed: now.saturating_duration_since(begun) });
        }
    }

    /// Ends the log with the result of the whole test.
    pub fn close(&mut self, result: Diagnosis, now: Instant) -> Vec<StageRecord> {
        self.end(result, now);
        std::mem::take(&mut self.records)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_that_is_followed_by_another_has_passed_unless_it_failed() {
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let mut log = StageLog::default();
        log.enter(Stage::Connect, at(0));
        log.enter(Stage::Tls, at(2));
        log.end(Diagnosis::TlsFailed, at(5));
        log.enter(Stage::Login, at(6));
        let expected = json!([
            { "stage": "connect", "result": "ok", "elapsed_ms": 2 },
            { "stage": "tls", "result": "tls_failed", "elapsed_ms": 3 },
            { "stage": "login", "result": "auth_failed", "elapsed_ms": 3 },
        ]);
        let records = log.close(Diagnosis::AuthFailed, at(9));
        assert_eq!(records.iter().map(StageRecord::json).collect::<Value>(), expected);
    }
}
