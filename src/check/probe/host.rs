//! What a host's name leads to, and whether that is this very machine.

use std::net::IpAddr;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::check::evidence::{list, object};
use crate::check::outcome::ProbeEvidence;
use crate::check::task::{Implementation, Task};
use crate::check::{Answer, Diagnosis, Outcome};
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;

pub const PROBE: Implementation = Implementation { run, nothing: || Arc::new(HostEvidence::default()) };

#[derive(Clone, Debug, Default)]
pub struct HostEvidence {
    pub addresses: Vec<IpAddr>,
}

/// The runner has looked the name up, as for all that need a host.
fn run(task: Task) -> Answer {
    let by_probe = Arc::new(HostEvidence { addresses: task.addresses });
    Answer { diagnosis: Diagnosis::Ok, evidence: task.evidence, by_probe }
}

impl HostEvidence {
    fn addresses(&self) -> Safe {
        let addresses: Vec<Safe> = self.addresses.iter().map(|address| Safe::outside(&address.to_string())).collect();
        Safe::join(&addresses, ", ")
    }
}

impl ProbeEvidence for HostEvidence {
    /// `addresses`: `[{"address"}]`.
    fn json(&self) -> Map<String, Value> {
        object([("addresses", list(&self.addresses, |address| json!({ "address": address.to_string() })))])
    }

    fn summary(&self, outcome: &Outcome, lang: Lang) -> Option<Safe> {
        (outcome.diagnosis == Diagnosis::Ok).then(|| match outcome.host() {
            _ if outcome.is_this_machine() => say!(lang, "este computador", "this computer"),
            // Nothing had to be asked for an address, so its time would tell nothing.
            host if host == self.addresses() => say!(lang, "endereço válido", "valid address"),
            _ => outcome.waited(),
        })
    }

    fn message(&self, outcome: &Outcome, lang: Lang) -> Option<Safe> {
        let (host, addresses) = (outcome.host(), self.addresses());
        (outcome.diagnosis == Diagnosis::Ok).then(|| match () {
            () if outcome.is_this_machine() => {
                say!(lang, "{} é este computador.", "{} is this computer.", host)
            }
            // An address that was given as such tells nothing new.
            () if host == addresses => say!(lang, "{} é um endereço válido.", "{} is a valid address.", host),
            () => say!(lang, "{} é {} ({}).", "{} is {} ({}).", host, addresses, outcome.waited()),
        })
    }
}
