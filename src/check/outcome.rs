//! What came of one request: its sentences, with its very address, port or file, and its JSON.
//!
//! What all probes have in common is said here; what only one can say, in its own file, as a [`ProbeEvidence`].

mod network;
mod on_server;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::banner;
use super::evidence::{Attempt, AttemptResult, Here, Late, Limit, Unresolved, object};
use super::remedy::Remedy;
use super::stage::whole_ms;
use super::{Diagnosis, Evidence, Point, Request, Status};
use crate::catalog::{Catalog, Probe};
use crate::key::Key;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::{safe, say};

/// Of what another service says first, so many characters are shown: enough for `SSH-2.0-OpenSSH_9.2p`.
const MOST_RECEIVED: usize = 20;

/// After so long a silence, a machine that sends one such message a second has had time for those of both ports of a check.
const FOR_BOTH: Duration = Duration::from_millis(1900);

/// What one probe alone finds out, and what it says of it. Sentences are chosen by the outcome's diagnosis; `None`: what
/// holds for all probes is said.
pub trait ProbeEvidence: fmt::Debug + Send + Sync {
    /// How it counts, where that is not as the diagnosis does in general.
    fn status(&self, _: Diagnosis) -> Option<Status> {
        None
    }

    /// True where the host is more likely wrong than the parameter that was tested.
    fn suspects_host(&self, _: Diagnosis) -> bool {
        false
    }

    /// Which of several ways led to the diagnosis, as `detail.reason`.
    fn reason(&self) -> Option<&'static str> {
        None
    }

    /// Its fields of `detail`.
    fn json(&self) -> Map<String, Value> {
        Map::new()
    }

    /// At most 22 cells, for beside the field.
    fn summary(&self, _: &Outcome, _: Lang) -> Option<Safe> {
        None
    }

    /// What happened.
    fn message(&self, _: &Outcome, _: Lang) -> Option<Safe> {
        None
    }

    /// What to do. Without a sentence, what holds for the diagnosis in general is said.
    fn remedy(&self, _: &Outcome, _: &Catalog, _: Lang) -> Option<Remedy> {
        None
    }

    /// True where the port that was tested is a proxy's: the server's own is unknown.
    fn is_behind_a_proxy(&self, _: &Outcome) -> bool {
        false
    }

    /// That the right service answers on this port.
    fn found_on(&self, _port: u16, _: Lang) -> Safe {
        Safe::default()
    }

    /// What the server said of it, in its own words, and its code.
    fn said(&self) -> Option<(String, Option<&str>)> {
        None
    }

    /// The raw text of the server's error, and its code.
    fn error(&self) -> Option<(&str, Option<&str>)> {
        None
    }
}

/// What a probe gives back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub diagnosis: Diagnosis,
    pub evidence: Evidence,
    pub by_probe: Arc<dyn ProbeEvidence>,
}

/// What came of one request.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub request: Request,
    /// The cause, out of the closed list.
    pub diagnosis: Diagnosis,
    pub evidence: Evidence,
    pub by_probe: Arc<dyn ProbeEvidence>,
    /// From the start of the check to this outcome.
    pub elapsed: Duration,
}

/// What came of a whole check.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The host that was tested, where there was one.
    pub host: Option<String>,
    /// In the order of the requests.
    pub outcomes: Vec<Outcome>,
    /// From start to last outcome.
    pub elapsed: Duration,
}

impl Report {
    /// True where nothing failed; warnings and skipped targets do not count.
    pub fn ok(&self) -> bool {
        self.outcomes.iter().all(|outcome| outcome.status() != Status::Fail)
    }

    /// The report for programs: `{"ok", "host", "elapsed_ms", "results": [{"target", "key", "address", "status",
    /// "diagnosis", "message", "remedy", "elapsed_ms", "detail"}]}`. Only sentences depend on `lang`.
    pub fn json(&self, catalog: &Catalog, lang: Lang) -> Value {
        let results: Vec<Value> = self.outcomes.iter().map(|outcome| outcome.json(catalog, lang)).collect();
        json!({ "ok": self.ok(), "host": self.host, "elapsed_ms": whole_ms(self.elapsed), "results": results })
    }
}

impl Outcome {
    pub fn new(request: Request, answer: Answer, elapsed: Duration) -> Outcome {
        let Answer { diagnosis, evidence, by_probe } = answer;
        Outcome { request, diagnosis, evidence, by_probe, elapsed }
    }

    /// This outcome in the light of another one, of another port of the same host, that has found out what is here as well.
    pub(super) fn as_told_by(&self, other: &Outcome) -> Option<Outcome> {
        self.as_swapped(other).or_else(|| self.as_forbidden_beside(other)).or_else(|| self.as_answered_beside(other))
    }

    /// A firewall that forbids tells so once a second, whatever the port: of two ports, one is told of for each second of a test.
    fn as_forbidden_beside(&self, other: &Outcome) -> Option<Outcome> {
        let silent = self.failed().filter(|attempt| self.diagnosis == Diagnosis::Timeout && attempt.sign.is_none())?;
        let forbidden = |attempt: &Attempt| attempt.forbidden_by().filter(|_| attempt.address == silent.address);
        let by = other.evidence.attempts.iter().find_map(forbidden).filter(|_| silent.elapsed < FOR_BOTH)?;
        let evidence = Evidence {
            forbidden_on: Some((other.request.point.port()?, by)),
            answers_on: None,
            ..self.evidence.clone()
        };
        Some(Outcome { diagnosis: Diagnosis::Blocked, evidence, ..self.clone() })
    }

    /// An address that is silent at one port and answers at another is the right one, of a machine that is on; one that
    /// refuses at one port and has a service at another is most likely the server's.
    fn as_answered_beside(&self, other: &Outcome) -> Option<Outcome> {
        let own = self.failed()?.address;
        let answered = |attempt: &Attempt| {
            let answers = match self.diagnosis {
                Diagnosis::Timeout => attempt.was_answered(),
                // The database's test looks at this computer itself.
                Diagnosis::Refused => self.request.probe == Probe::Http && attempt.result == AttemptResult::Connected,
                _ => false,
            };
            attempt.address == own && answers
        };
        let port = other.request.point.port().filter(|_| other.evidence.attempts.iter().any(answered))?;
        (self.evidence.answers_on != Some(port)).then(|| {
            let evidence = Evidence { answers_on: Some(port), ..self.evidence.clone() };
            Outcome { evidence, ..self.clone() }
        })
    }

    fn as_swapped(&self, other: &Outcome) -> Option<Outcome> {
        let (port, speaks) = other.evidence.other_port?;
        let (Point::Port { host, port: its_port, .. }, Point::Port { host: own_host, port: own_port, .. }) =
            (&other.request.point, &self.request.point)
        else {
            return None;
        };
        let open = match other.diagnosis {
            Diagnosis::Portal => self.diagnosis == Diagnosis::Ok && self.request.probe == Probe::Http,
            Diagnosis::PortsSwapped => {
                matches!(
                    self.diagnosis,
                    Diagnosis::Silent | Diagnosis::Reset | Diagnosis::NotPostgres | Diagnosis::NotHttp
                )
            }
            _ => false,
        };
        ((host, port) == (own_host, *own_port) && open).then(|| {
            let other_port = other.evidence.speaks.map(|spoken| (*its_port, spoken));
            let evidence = Evidence { speaks: Some(speaks), other_port, suggestion: None, ..self.evidence.clone() };
            Outcome { diagnosis: other.diagnosis, evidence, ..self.clone() }
        })
    }

    /// How it counts.
    pub fn status(&self) -> Status {
        self.by_probe.status(self.diagnosis).unwrap_or(self.diagnosis.status())
    }

    /// The parameter that is most likely wrong: the host where the machine was not found, or is this one.
    pub fn look_at(&self) -> &Key {
        let suspects_host = match self.diagnosis {
            Diagnosis::Refused | Diagnosis::Timeout if self.is_this_machine() => match self.evidence.here {
                Some(Here::SocketAlone(_) | Here::Listens) => false,
                Some(Here::NotRunning | Here::Elsewhere(..)) => true,
                None => self.evidence.suggestion.is_none() && self.evidence.answers_on.is_none(),
            },
            Diagnosis::Timeout => self.evidence.answers_on.is_none(),
            Diagnosis::DnsFailure | Diagnosis::Unreachable | Diagnosis::BadAddress => true,
            _ => self.by_probe.suspects_host(self.diagnosis),
        };
        self.request.point.host_key().filter(|_| suspects_host).unwrap_or(&self.request.key)
    }

    /// A value that may be better, for the parameter that was tested: a port beside it, where the right service answers.
    pub fn offer(&self) -> Option<(&Key, u64)> {
        Some((&self.request.key, self.evidence.suggestion?.into()))
    }

    /// A few words for beside the field, at most 22 cells: `recusada`, `PostgreSQL 15.18`, `18 ms`.
    pub fn summary(&self, lang: Lang) -> Safe {
        let known = self.by_probe.summary(self, lang).or_else(|| self.summary_of_network(lang));
        known.unwrap_or_else(|| self.diagnosis.summary(lang))
    }

    /// What happened, in one sentence, naming the address, port or file.
    pub fn message(&self, catalog: &Catalog, lang: Lang) -> Safe {
        match self.request.point {
            Point::Invalid => return self.message_invalid(catalog, lang),
            Point::Off => return self.message_off(catalog, lang),
            Point::Host { .. } | Point::Port { .. } | Point::Path { .. } => {}
        }
        match self.diagnosis {
            Diagnosis::LocalLimit => self.message_of_network(lang),
            _ => self.by_probe.message(self, lang).unwrap_or_else(|| self.message_of_network(lang)),
        }
    }

    fn message_off(&self, catalog: &Catalog, lang: Lang) -> Safe {
        let check = catalog.parameter(&self.request.key).and_then(|parameter| parameter.check.as_ref());
        let switch = check.and_then(|check| check.when.as_ref());
        let switch = switch.map(|key| title(catalog, key, lang)).unwrap_or_default();
        say!(lang, "Não testado: “{}” está desativado.", "Not tested: “{}” is off.", switch)
    }

    /// A port is not tested either where its host is the invalid one: both are named.
    fn message_invalid(&self, catalog: &Catalog, lang: Lang) -> Safe {
        let check = catalog.parameter(&self.request.key).and_then(|parameter| parameter.check.as_ref());
        match check.and_then(|check| check.host.as_ref()) {
            Some(host) => say!(
                lang,
                "Não testado: valor inválido aqui ou em “{}”.",
                "Not tested: invalid value here or in “{}”.",
                title(catalog, host, lang)
            ),
            None => say!(lang, "Não testado: valor inválido.", "Not tested: invalid value."),
        }
    }

    /// The likely cause and what to do; its sentence is empty where there is nothing to do.
    pub fn remedy(&self, catalog: &Catalog, lang: Lang) -> Remedy {
        match self.evidence.suggestion {
            // It worked where it is looked for: that it has stopped there is as likely, and the other may be another's.
            Some(port) if self.evidence.last_passed.is_some() => {
                let sentence = say!(
                    lang,
                    "{} Mas a {} já funcionou: antes de alterar, veja no servidor se esse serviço parou.",
                    "{} But {} has worked before: before changing it, see on the server whether its service has stopped.",
                    self.by_probe.found_on(port, lang),
                    self.request.point.port().unwrap_or_default()
                );
                let mut remedy = self.next_step(catalog, lang).at_port(self.server_port());
                remedy.sentence = sentence;
                remedy
            }
            // The only cause told: it is there, on another port.
            Some(port) => {
                let field = title(catalog, &self.request.key, lang);
                let action = say!(lang, "Informe essa porta em “{}”.", "Enter that port in “{}”.", field);
                Safe::join(&[self.by_probe.found_on(port, lang), action], " ").into()
            }
            None => self.next_step(catalog, lang).at_port(self.server_port()),
        }
    }

    /// For the commands on the server, which go to it by its socket.
    pub(super) fn server_port(&self) -> Option<u16> {
        self.request.point.port().filter(|_| !self.by_probe.is_behind_a_proxy(self))
    }

    fn next_step(&self, catalog: &Catalog, lang: Lang) -> Remedy {
        if self.request.point == Point::Off {
            return Remedy::default();
        }
        if self.request.point == Point::Invalid {
            return say!(lang, "Corrija o valor e teste de novo.", "Fix the value and test again.").into();
        }
        if let Some(here) = self.evidence.here {
            return on_server::on_this_machine(
                here,
                self.request.point.port().unwrap_or_default(),
                &title(catalog, self.look_at(), lang),
                lang,
            );
        }
        let sought_here = matches!(self.diagnosis, Diagnosis::Refused | Diagnosis::Timeout) && self.is_this_machine();
        if sought_here && *self.look_at() != self.request.key {
            return say!(
                lang,
                "É este computador. Se o servidor é outro, corrija “{}”; se é este, confira a porta ou inicie o serviço.",
                "It is this computer. If the server is another one, correct “{}”; if it is this one, check the port or start the service.",
                title(catalog, self.look_at(), lang)
            )
            .into();
        }
        let known = self.by_probe.remedy(self, catalog, lang).filter(|remedy| *remedy != Remedy::default());
        let mut remedy = known.or_else(|| self.remedy_of_network(catalog, lang)).unwrap_or_default();
        if remedy.sentence.is_empty() {
            let general = self.diagnosis.explain(lang);
            remedy.sentence = match general.cause.is_empty() {
                true => general.action,
                false => say!(lang, "Provável: {} {}", "Likely: {} {}", general.cause, general.action),
            };
        }
        remedy
    }

    /// The evidence for programs: the fields of [`Evidence::json`] and those of the probe; `error`: the raw text of the
    /// server or the system; `paste`: what the remedy gives to paste, see [`Remedy`]; `reason`: which of several ways led to this diagnosis; `suggestion`: [`Outcome::offer`] as
    /// `{"key", "value"}`; and, where it does not pass, `look_at`: the parameter to look at first.
    pub fn detail(&self, catalog: &Catalog, lang: Lang) -> Map<String, Value> {
        let mut detail = self.evidence.json(lang);
        detail.extend(self.by_probe.json());
        let offer = self.offer().map(|(key, value)| json!({ "key": key.as_str(), "value": value }));
        let looks = matches!(self.status(), Status::Fail | Status::Warning);
        detail.extend(object([
            ("error", self.error().map(|(text, _)| text.into())),
            ("reason", self.reason().map(Value::from)),
            ("suggestion", offer),
            ("paste", self.remedy(catalog, lang).json()),
            ("look_at", looks.then(|| self.look_at().as_str().into())),
        ]));
        detail
    }

    /// One element of the `results` of [`Report::json`].
    pub fn json(&self, catalog: &Catalog, lang: Lang) -> Value {
        json!({
            "target": self.request.target,
            "key": self.request.key.as_str(),
            "address": self.request.point.address(),
            "status": self.status().name(),
            "diagnosis": self.diagnosis.name(),
            "message": self.message(catalog, lang).as_str(),
            "remedy": self.remedy(catalog, lang).sentence.as_str(),
            "elapsed_ms": whole_ms(self.elapsed),
            "detail": self.detail(catalog, lang),
        })
    }

    /// What the server said of it, in its own words, and its code: not made safe yet.
    pub fn said(&self) -> Option<(String, Option<&str>)> {
        self.by_probe.said()
    }

    /// The server's own sentence with its code: `O servidor disse (28P01): “password authentication failed for user "caixa"”`
    pub fn server_said(&self, lang: Lang) -> Option<Safe> {
        let (text, code) = self.said()?;
        let text = Safe::outside(&text);
        Some(match code {
            Some(code) => {
                say!(lang, "O servidor disse ({}): “{}”", "The server said ({}): “{}”", Safe::outside(code), text)
            }
            None => say!(lang, "O servidor disse: “{}”", "The server said: “{}”", text),
        })
    }

    /// The raw text of the server's error and its code, else the system's.
    pub fn error(&self) -> Option<(&str, Option<&str>)> {
        self.by_probe.error().or(self.evidence.error.as_deref().map(|text| (text, None)))
    }

    fn reason(&self) -> Option<&'static str> {
        match self.request.point {
            Point::Invalid => return Some("invalid"),
            Point::Off => return Some("off"),
            Point::Host { .. } | Point::Port { .. } | Point::Path { .. } => {}
        }
        let Evidence { late, unresolved, limit, .. } = &self.evidence;
        let of_way = unresolved.map(Unresolved::name).or(limit.map(Limit::name));
        let of_way = of_way.or(late.map(Late::name)).or(self.evidence.here.map(Here::name));
        of_way.or(self.by_probe.reason())
    }

    /// The address as a person reads it: a name with the address that answered for it.
    pub(super) fn place(&self) -> Safe {
        self.with_address(Safe::outside(&self.request.point.address().unwrap_or_default()))
    }

    /// The host alone.
    pub(super) fn host(&self) -> Safe {
        Safe::outside(self.request.point.host().unwrap_or_default())
    }

    /// A name with the address that took the connection, else the one with the outcome's failure.
    fn with_address(&self, name: Safe) -> Safe {
        let address = self.evidence.answered.or(self.failed().map(|attempt| attempt.address));
        let address = address.map(|address| address.to_string());
        match address {
            Some(address) if self.request.point.host() != Some(&address) => {
                safe!("{} ({})", name, Safe::outside(&address))
            }
            _ => name,
        }
    }

    /// How long was waited, rounded to what a person would say.
    pub(super) fn waited(&self) -> Safe {
        match whole_ms(self.elapsed) {
            milliseconds @ 0..=999 => safe!("{} ms", milliseconds),
            milliseconds => safe!("{} s", (milliseconds + 500) / 1000),
        }
    }

    pub(super) fn is_this_machine(&self) -> bool {
        self.evidence.this_machine == Some(true)
    }

    /// What another service said, where it is something that a person can recognise.
    pub(super) fn received(&self, lang: Lang) -> Safe {
        let received = self.evidence.received.as_deref().unwrap_or_default();
        match banner::service(received) {
            Some((name, None)) => return say!(lang, "; fala como {}", "; it speaks like {}", name),
            Some((name, Some(words))) => {
                let words: String = words.chars().take(MOST_RECEIVED).collect();
                let words = Safe::outside(&words);
                return say!(lang, "; fala como {}: “{}”", "; it speaks like {}: “{}”", name, words);
            }
            None => {}
        }
        let line = received.lines().next().unwrap_or_default();
        let readable = line.chars().take_while(|symbol| symbol.is_ascii_graphic() || *symbol == ' ').count();
        if readable < 4 {
            return Safe::default();
        }
        let line: String = line.chars().take(readable.min(MOST_RECEIVED)).collect();
        say!(lang, "; recebido: “{}”", "; received: “{}”", Safe::outside(&line))
    }
}

/// The label of a parameter; its key where the catalog does not know it.
pub(super) fn title(catalog: &Catalog, key: &Key, lang: Lang) -> Safe {
    catalog.parameter(key).map_or_else(|| Safe::outside(key.as_str()), |parameter| parameter.title.of(lang).clone())
}
