//! What is to be tested, where, and how.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::credentials::Credentials;
use crate::catalog::{Catalog, Check, Level, Parameter, Probe, Takes};
use crate::key::Key;
use crate::sort;

#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Its name in reports: `servidor`, `banco_dados`, `integracao_clientes`, `logo`…
    pub target: String,
    /// The parameter that carries it.
    pub key: Key,
    pub probe: Probe,
    pub point: Point,
}

/// Where a test goes.
#[derive(Clone, Debug, PartialEq)]
pub enum Point {
    Host {
        /// Name or address.
        host: String,
    },
    Port {
        /// Name or address.
        host: String,
        port: u16,
        /// The parameter that holds the host.
        host_key: Key,
    },
    Path {
        /// Empty: nothing to test. A relative one is taken from the current folder.
        path: String,
    },
    /// Not tested, because a value it needs is invalid.
    Invalid,
    /// Not tested, because what it is about is switched off (`x-balcao.check.when`).
    Off,
}

impl Request {
    /// True where another program has to answer: what could be wrong is not in the hands of this machine alone.
    pub fn reaches_out(&self) -> bool {
        self.point.host().is_some()
    }
}

impl Point {
    /// The host that is to be found first, where there is one.
    pub fn host(&self) -> Option<&str> {
        match self {
            Point::Host { host } | Point::Port { host, .. } => Some(host),
            Point::Path { .. } | Point::Invalid | Point::Off => None,
        }
    }

    pub(super) fn port(&self) -> Option<u16> {
        match self {
            Point::Port { port, .. } => Some(*port),
            _ => None,
        }
    }

    /// The path, where that is what is tested.
    pub(super) fn path(&self) -> Option<&str> {
        match self {
            Point::Path { path } => Some(path),
            _ => None,
        }
    }

    /// The parameter that holds the host, where that is another one than the request's own.
    pub fn host_key(&self) -> Option<&Key> {
        match self {
            Point::Port { host_key, .. } => Some(host_key),
            _ => None,
        }
    }

    /// As reports name it: `host:port` with an IPv6 address in brackets, the host alone, or the path.
    pub fn address(&self) -> Option<String> {
        match self {
            Point::Host { host } => Some(host.clone()),
            Point::Port { host, port, .. } if host.contains(':') => Some(format!("[{host}]:{port}")),
            Point::Port { host, port, .. } => Some(format!("{host}:{port}")),
            Point::Path { path } => (!path.is_empty()).then(|| path.clone()),
            Point::Invalid | Point::Off => None,
        }
    }
}

/// How a check is to be run. Name what differs and take the rest from `Options::default()`, so that options of later
/// versions need no change: `Options { account, ..Options::default() }`.
#[derive(Clone, Debug)]
pub struct Options {
    /// Over everything, from the start.
    pub timeout: Duration,
    /// With what PostgreSQL is logged in to, and under which protection.
    pub credentials: Arc<Credentials>,
    /// The name of the account that runs the program: the second login tried where none was given.
    pub account: Option<String>,
    /// This terminal's clock, to be compared with the server's; `None`: not compared.
    pub clock: Option<fn() -> SystemTime>,
}

/// Long enough for a name server's second try and a slow shop link, short enough to wait for with a customer present.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(3);

impl Default for Options {
    fn default() -> Options {
        Options { timeout: DEFAULT_TIMEOUT, credentials: Arc::default(), account: None, clock: None }
    }
}

/// The requests that the values in force call for: hosts first, then the ports on them, then files, since that is the
/// order in which a technician mends them; within each, the catalog's order.
pub fn plan(catalog: &Catalog, value_of: &dyn Fn(&Parameter) -> Value) -> Vec<Request> {
    let mut requests: Vec<Request> = catalog
        .tested()
        .map(|(parameter, check)| Request {
            target: check.target.clone(),
            key: parameter.key.clone(),
            probe: check.probe,
            point: point(catalog, parameter, check, value_of).unwrap_or(Point::Invalid),
        })
        .collect();
    sort::sort_by_key(&mut requests, |request| request.probe.takes());
    requests
}

/// Where the test of one parameter goes; `None` where a value that it needs is invalid.
fn point(
    catalog: &Catalog,
    parameter: &Parameter,
    check: &Check,
    value_of: &dyn Fn(&Parameter) -> Value,
) -> Option<Point> {
    let is_off = |key: &Key| catalog.parameter(key).is_some_and(|switch| value_of(switch) != Value::Bool(true));
    if check.when.as_ref().is_some_and(is_off) {
        return Some(Point::Off);
    }
    let value = valid(parameter, value_of)?;
    Some(match check.probe.takes() {
        Takes::Host => Point::Host { host: value.as_str()?.to_string() },
        Takes::Path => Point::Path { path: value.as_str()?.to_string() },
        Takes::Port => {
            let host_key = check.host.clone()?;
            let host = valid(catalog.parameter(&host_key)?, value_of)?.as_str()?.to_string();
            Point::Port { host, port: u16::try_from(value.as_u64()?).ok()?, host_key }
        }
    })
}

/// The value in force, unless it is one that no save would let through.
fn valid(parameter: &Parameter, value_of: &dyn Fn(&Parameter) -> Value) -> Option<Value> {
    let value = value_of(parameter);
    let wrong = parameter.kind.validate(&value).is_some_and(|fault| fault.level == Level::Error);
    (!wrong).then_some(value)
}
