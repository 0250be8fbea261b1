//! What the sentences are made of: the parts of an outcome, as they are shown.

use serde_json::Value;

use crate::catalog::Probe;
use crate::check::credentials::Protection;
use crate::check::{Outcome, whole_ms};
use crate::lang::Lang;
use crate::safe::Safe;
use crate::{safe, say};

/// Of what another service says first, so many characters are shown: enough for `SSH-2.0-OpenSSH_9.2p`.
const MOST_RECEIVED: usize = 20;

/// A clock that is off by more than this, in seconds, prints wrong documents.
const MOST_CLOCK_DIFFERENCE_S: i64 = 60;

impl Outcome {
    /// The address as a person reads it: a name with the address that answered for it.
    pub(super) fn place(&self) -> Safe {
        let address = Safe::outside(self.address.as_deref().unwrap_or_default());
        match self.answering_address() {
            Some(answered) => safe!("{} ({})", address, answered),
            None => address,
        }
    }

    /// The host alone, with the address that answered for a name, and the port.
    pub(super) fn host_and_port(&self) -> (Safe, Safe) {
        let address = self.address.as_deref().unwrap_or_default();
        let (_, port) = address.rsplit_once(':').unwrap_or((address, ""));
        let host = match self.answering_address() {
            Some(answered) => safe!("{} ({})", self.host(), answered),
            None => self.host(),
        };
        (host, Safe::outside(port))
    }

    /// The host alone, without brackets.
    pub(super) fn host(&self) -> Safe {
        let address = self.address.as_deref().unwrap_or_default();
        let host = match self.probe {
            Some(Probe::Postgres | Probe::Http) => address.rsplit_once(':').map_or(address, |(host, _)| host),
            _ => address,
        };
        Safe::outside(host.trim_start_matches('[').trim_end_matches(']'))
    }

    /// For a name: the address that took the connection, or the one whose failure is told.
    pub(super) fn answering_address(&self) -> Option<Safe> {
        let named = |attempt: &&Value| attempt["result"] == self.diagnosis.name();
        let told = self.detail.get("addresses").and_then(Value::as_array).and_then(|all| all.iter().find(named));
        let answered = self.text("answered").or_else(|| Some(Safe::outside(told?["address"].as_str()?)))?;
        (self.probe != Some(Probe::Host) && answered != self.host()).then_some(answered)
    }

    /// The addresses of a host.
    pub(super) fn addresses(&self) -> Vec<Safe> {
        let attempts = self.detail.get("addresses").and_then(Value::as_array);
        attempts.into_iter().flatten().filter_map(|attempt| attempt["address"].as_str()).map(Safe::outside).collect()
    }

    /// What another service said, where it is something that a person can recognise.
    pub(super) fn heard(&self, lang: Lang) -> Safe {
        let received = self.detail.get("received").and_then(Value::as_str).unwrap_or_default();
        let line = received.lines().next().unwrap_or_default();
        let readable = line.chars().take_while(|symbol| symbol.is_ascii_graphic() || *symbol == ' ').count();
        if readable < 4 {
            return Safe::default();
        }
        let line: String = line.chars().take(readable.min(MOST_RECEIVED)).collect();
        say!(lang, "; diz “{}”", "; it says “{}”", Safe::outside(&line))
    }

    /// How long was waited, rounded to what a person would say.
    pub(super) fn waited(&self) -> Safe {
        match whole_ms(self.elapsed) {
            milliseconds @ 0..=999 => safe!("{} ms", milliseconds),
            milliseconds => safe!("{} s", (milliseconds + 500) / 1000),
        }
    }

    pub(super) fn is_this_machine(&self) -> bool {
        self.detail.get("this_machine") == Some(&Value::Bool(true))
    }

    pub(super) fn reason(&self) -> &str {
        self.detail.get("reason").and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn text(&self, name: &str) -> Option<Safe> {
        self.detail.get(name)?.as_str().map(Safe::outside)
    }

    pub(super) fn number(&self, name: &str) -> u64 {
        self.detail.get(name).and_then(Value::as_u64).unwrap_or_default()
    }

    /// How far this terminal's clock is ahead of the server's, in seconds, where that is too far.
    pub(super) fn clock_difference_s(&self) -> Option<i64> {
        let difference = self.detail.get("clock_difference_s")?.as_i64()?;
        (difference.unsigned_abs() > MOST_CLOCK_DIFFERENCE_S.unsigned_abs()).then_some(difference)
    }

    /// The line for the server's pg_hba.conf that admits this login from this terminal, where that would help.
    pub fn hba_line(&self) -> Option<Safe> {
        self.text("hba_line").filter(|_| self.reason() != "plain_only")
    }

    pub(super) fn protection(&self) -> Option<Protection> {
        Protection::from_name(self.detail.get("protection")?.as_str()?)
    }
}

/// A time as a person says it: `90 s`, `5 min`, `3 h`, `12 d`, in the largest unit of which there are two.
pub(super) fn span(seconds: u64) -> Safe {
    match seconds {
        0..120 => safe!("{} s", seconds),
        120..7_200 => safe!("{} min", seconds / 60),
        7_200..172_800 => safe!("{} h", seconds / 3_600),
        _ => safe!("{} d", seconds / 86_400),
    }
}
