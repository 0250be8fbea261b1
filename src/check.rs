//! Live tests of what the values point at: side by side, each bounded, under one deadline.
//!
//! [`plan`] turns the values in force into requests; [`run()`] puts them all to the test at once and calls back with
//! progress. Nothing here shows anything: an [`Outcome`] carries a [`Diagnosis`] and its evidence, and its words are
//! made where they are shown ([`Outcome::message`], [`Outcome::remedy`]). Nothing here writes anything either: a check
//! changes neither this machine nor the servers it asks.

mod cancel;
pub mod credentials;
pub mod diagnosis;
mod http;
mod image;
pub mod last_passed;
mod port_hint;
mod postgres;
mod resolve;
mod run;
pub mod stage;
pub mod table;
mod tcp;
pub mod watch;
mod words;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value, json};

use crate::catalog::{Catalog, Check, Level, Parameter, Probe};
use crate::key::Key;
use crate::lang::Lang;
pub use cancel::Cancel;
pub use credentials::Credentials;
pub use diagnosis::{Diagnosis, Status};
pub use run::{Progress, STATEMENTS, follow, look_at, run};
pub use stage::Stage;

#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Its name in reports: `servidor`, `banco_dados`, `integracao_clientes`, `logo`…
    pub target: String,
    /// The parameter that carries it.
    pub key: Key,
    pub point: Point,
}

impl Request {
    /// True where another program has to answer: what could be wrong is not in the hands of this machine alone.
    pub fn reaches_out(&self) -> bool {
        matches!(self.point, Point::Host { .. } | Point::Postgres { .. } | Point::Http { .. })
    }
}

/// Where a test goes and what it speaks there.
#[derive(Clone, Debug, PartialEq)]
pub enum Point {
    /// Resolve this name; is it this very machine?
    Host {
        /// Name or address.
        host: String,
    },
    Postgres {
        /// Name or address.
        host: String,
        /// TCP port.
        port: u16,
        /// The parameter that holds the host.
        host_key: Key,
    },
    Http {
        /// Name or address.
        host: String,
        /// TCP port.
        port: u16,
        /// The parameter that holds the host.
        host_key: Key,
    },
    Image {
        /// The path; empty: nothing to test. A relative one is taken from the current folder.
        path: String,
    },
    /// Not tested, because a value it needs is invalid.
    Invalid,
}

impl Point {
    /// The host that is to be found first, where there is one.
    fn host(&self) -> Option<&str> {
        match self {
            Point::Host { host } | Point::Postgres { host, .. } | Point::Http { host, .. } => Some(host),
            Point::Image { .. } | Point::Invalid => None,
        }
    }

    /// The parameter that holds the host, where that is another one than the request's own.
    fn host_key(&self) -> Option<&Key> {
        match self {
            Point::Postgres { host_key, .. } | Point::Http { host_key, .. } => Some(host_key),
            Point::Host { .. } | Point::Image { .. } | Point::Invalid => None,
        }
    }

    /// The TCP port, where there is one.
    fn port(&self) -> Option<u16> {
        match self {
            Point::Postgres { port, .. } | Point::Http { port, .. } => Some(*port),
            Point::Host { .. } | Point::Image { .. } | Point::Invalid => None,
        }
    }

    fn probe(&self) -> Option<Probe> {
        match self {
            Point::Host { .. } => Some(Probe::Host),
            Point::Postgres { .. } => Some(Probe::Postgres),
            Point::Http { .. } => Some(Probe::Http),
            Point::Image { .. } => Some(Probe::Image),
            Point::Invalid => None,
        }
    }

    /// The point as reports name it: `host:port` with an IPv6 address in brackets, the host alone, or the path.
    fn address(&self) -> Option<String> {
        match self {
            Point::Host { host } => Some(host.clone()),
            Point::Postgres { host, port, .. } | Point::Http { host, port, .. } => Some(authority(host, *port)),
            Point::Image { path } => (!path.is_empty()).then(|| path.clone()),
            Point::Invalid => None,
        }
    }
}

/// `host:port`, an IPv6 address in brackets: as URLs and the `Host` header spell it.
fn authority(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// What came of one request.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub target: String,
    pub key: Key,
    /// The parameter to look at first when it is not ok.
    pub look_at: Key,
    /// What was spoken; `None` where an invalid value left nothing to speak to.
    pub probe: Option<Probe>,
    /// `host:port` as asked for (IPv6 in brackets), the bare host, or the path. Which address answered for a name is in
    /// `detail.answered`.
    pub address: Option<String>,
    /// The cause, out of the closed list.
    pub diagnosis: Diagnosis,
    /// Evidence, by name:
    /// - `addresses`: what each address did, `[{"address", "result", "elapsed_ms"}]` (for a host: `[{"address"}]`);
    /// - `answered`: the address that took the connection; `this_machine`: true where it is this very machine;
    /// - `stages`: how far it came, `[{"stage", "result", "elapsed_ms"}]`, one way after the other where several were tried;
    /// - `server_version`, `user`, `database`, `sqlstate`: PostgreSQL; `status`: HTTP; `format`, `relative`: the file;
    /// - `protection`: what the login was protected by, a [`credentials::Protection`] by name; `method`: the proof that the
    ///   server asked for, a [`credentials::Method`] by name;
    /// - `standby`: true where the server takes no changes; `connections`: `{"used", "max"}`; `clock_difference_s`: how far
    ///   this terminal's clock is ahead of the server's, in seconds;
    /// - `hba_line`: the line for the server's pg_hba.conf that admits this login from this terminal;
    /// - `suggestion`: `{"key", "value"}`, a port beside the one tested where the right service answers;
    /// - `last_passed`: `{"at", "elapsed_ms"}`, when it last passed, where that is remembered and it does not now;
    /// - `warnings`: sentences about what was found for the login and is not used;
    /// - `reason`: which of several ways led to this diagnosis; `received`: the first of what came instead;
    /// - `error`: the raw text of the server or the system.
    ///
    /// Texts in it come from outside, shortened but as they came: never to be shown without [`crate::safe::Safe`].
    pub detail: Map<String, Value>,
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
    /// "diagnosis", "message", "remedy", "elapsed_ms", "detail"}]}`. Only the two sentences depend on `lang`.
    pub fn json(&self, catalog: &Catalog, lang: Lang) -> Value {
        let results: Vec<Value> = self.outcomes.iter().map(|outcome| outcome.json(catalog, lang)).collect();
        json!({ "ok": self.ok(), "host": self.host, "elapsed_ms": whole_ms(self.elapsed), "results": results })
    }
}

impl Outcome {
    /// A value that may be better, for the parameter that was tested: a port beside it, where the right service answers.
    pub fn offer(&self) -> Option<(&Key, u64)> {
        Some((&self.key, self.detail.get("suggestion")?.get("value")?.as_u64()?))
    }

    /// One element of the `results` of [`Report::json`]. What does not pass has in its `detail` also `look_at`, the
    /// parameter to look at first.
    pub fn json(&self, catalog: &Catalog, lang: Lang) -> Value {
        let mut detail = self.detail.clone();
        if matches!(self.status(), Status::Fail | Status::Warning) {
            detail.insert("look_at".into(), self.look_at.as_str().into());
        }
        json!({
            "target": self.target,
            "key": self.key.as_str(),
            "address": self.address,
            "status": self.status().name(),
            "diagnosis": self.diagnosis.name(),
            "message": self.message(catalog, lang).as_str(),
            "remedy": self.remedy(catalog, lang).as_str(),
            "elapsed_ms": whole_ms(self.elapsed),
            "detail": detail,
        })
    }
}

/// Milliseconds as reports give them; a check never lasts long enough for the cap to matter.
fn whole_ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// How a check is to be run. Name what differs and take the rest from `Options::default()`, so that options of later
/// versions need no change: `Options { account, ..Options::default() }`.
#[derive(Clone, Debug)]
pub struct Options {
    /// Over everything, from the start.
    pub timeout: Duration,
    /// With what PostgreSQL is logged in to, and under which protection. Shared: every probe has a look at them.
    pub credentials: Arc<Credentials>,
    /// The name of the account that runs the program: the second login tried where none was given.
    pub account: Option<String>,
    /// This terminal's clock, to be compared with the server's; `None`: not compared.
    pub clock: Option<fn() -> SystemTime>,
}

/// Long enough for a name server's second try and a slow shop link, short enough to wait for with a customer present.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(3);

impl Default for Options {
    fn default() -> Options {
        Options { timeout: DEFAULT_TIMEOUT, credentials: Arc::default(), account: None, clock: None }
    }
}

/// The requests that the values in force call for: hosts first, then the ports on them, then files, since that is the
/// order in which a technician mends them; within each, the catalog's order.
pub fn plan(catalog: &Catalog, value_of: &dyn Fn(&Parameter) -> Value) -> Vec<Request> {
    let tested = catalog.parameters().iter().filter_map(|parameter| Some((parameter, parameter.check.as_ref()?)));
    let mut requests: Vec<(u8, Request)> = tested
        .map(|(parameter, check)| {
            let point = point(catalog, parameter, check, value_of).unwrap_or(Point::Invalid);
            (rank(check.probe), Request { target: check.target.clone(), key: parameter.key.clone(), point })
        })
        .collect();
    requests.sort_by_key(|(rank, _)| *rank);
    requests.into_iter().map(|(_, request)| request).collect()
}

/// The place of a probe in the order of a plan.
fn rank(probe: Probe) -> u8 {
    match probe {
        Probe::Host => 0,
        Probe::Postgres | Probe::Http => 1,
        Probe::Image => 2,
    }
}

/// Where the test of one parameter goes; `None` where a value that it needs is invalid.
fn point(
    catalog: &Catalog,
    parameter: &Parameter,
    check: &Check,
    value_of: &dyn Fn(&Parameter) -> Value,
) -> Option<Point> {
    let value = sound(parameter, value_of)?;
    if let Probe::Host = check.probe {
        return Some(Point::Host { host: value.as_str()?.to_string() });
    }
    if let Probe::Image = check.probe {
        return Some(Point::Image { path: value.as_str()?.to_string() });
    }
    let port = u16::try_from(value.as_u64()?).ok()?;
    let host_key = check.host.clone()?;
    let host = sound(catalog.parameter(&host_key)?, value_of)?.as_str()?.to_string();
    Some(match check.probe {
        Probe::Postgres => Point::Postgres { host, port, host_key },
        _ => Point::Http { host, port, host_key },
    })
}

/// The value in force, unless it is one that no save would let through.
fn sound(parameter: &Parameter, value_of: &dyn Fn(&Parameter) -> Value) -> Option<Value> {
    let value = value_of(parameter);
    let wrong = parameter.kind.validate(&value).is_some_and(|fault| fault.level == Level::Error);
    (!wrong).then_some(value)
}
