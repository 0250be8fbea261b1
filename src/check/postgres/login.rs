//! One login after the other, as libpq's `sslmode` wants them, until one succeeds or none is left.

use std::net::SocketAddr;
use std::time::{Instant, SystemTime};

use ::postgres::config::{SslMode, SslNegotiation};
use ::postgres::{Client, Config, Error};
use rustix::io::Errno;
use serde_json::{Map, Value};

use super::tls::Fault;
use super::transcript::{ProtocolViolation, Rules, Transcript};
use super::wire::{Connector, Terms, Wish};
use super::{Server, method_name};
use crate::check::credentials::{Credentials, Encryption, Protection};
use crate::check::stage::{Stage, StageReporter};
use crate::check::tcp::{self, Answer, Attempt};
use crate::check::{Diagnosis, Options};

/// Of a server's text, so many characters are kept as evidence: more than any honest message has.
const MOST_TEXT: usize = 500;

#[derive(Clone)]
pub struct Account {
    pub user: String,
    /// `None`: the server takes the user's name, as with libpq.
    pub database: Option<String>,
    /// Someone chose this user, so that a refusal says something about it.
    pub given: bool,
}

impl Account {
    /// The database that the server will look for.
    pub fn database(&self) -> &str {
        self.database.as_deref().unwrap_or(&self.user)
    }
}

pub enum Failure {
    Told(Refusal),
    /// No encrypted connection came about.
    Tls(Fault),
    /// The server wants a password, and there is none.
    Wanted,
    /// The server wants what is not given; the word for `detail.reason`.
    Unsafe(&'static str),
    /// Something that has nothing to do with the login.
    Cause(Diagnosis),
}

#[derive(Clone, Debug)]
pub struct Refusal {
    pub code: String,
    /// The function in the server's source that said it: never translated.
    pub routine: Option<String>,
    pub text: String,
}

impl Refusal {
    pub fn take_down(&self, detail: &mut Map<String, Value>) {
        detail.insert("sqlstate".into(), self.code.as_str().into());
        detail.insert("error".into(), self.text.as_str().into());
    }
}

/// The way to a server.
pub struct ServerSession<'a> {
    pub track: &'a StageReporter,
    pub clock: Option<fn() -> SystemTime>,
    pub address: SocketAddr,
    host: &'a str,
    credentials: &'a Credentials,
    deadline: Instant,
    /// The connection itself is still to be taken down as evidence.
    untold: bool,
    read_only: bool,
    connector: Option<Connector>,
}

impl<'a> ServerSession<'a> {
    /// Finds the address that answers, where there is a choice: the first one. A single address is not tried beforehand;
    /// that saves a round trip, and the server a connection that says nothing.
    pub fn find(
        server: &Server<'a>,
        options: &'a Options,
        deadline: Instant,
        track: &'a StageReporter,
        detail: &mut Map<String, Value>,
    ) -> Result<ServerSession<'a>, Diagnosis> {
        track.enter(Stage::Connect);
        let (address, untold) = match server.addresses {
            [only] => (SocketAddr::new(*only, server.port), true),
            several => (tcp::connect(several, server.port, deadline).take_down(detail)?.1, false),
        };
        let Options { credentials, clock, .. } = options;
        let (host, clock) = (server.host, *clock);
        Ok(ServerSession {
            track,
            clock,
            address,
            host,
            credentials,
            deadline,
            untold,
            read_only: true,
            connector: None,
        })
    }

    /// For an action: the session may change something.
    pub fn that_writes(self) -> ServerSession<'a> {
        ServerSession { read_only: false, ..self }
    }

    pub fn encryption(&self) -> Encryption {
        self.credentials.encryption
    }

    /// What protects the latest connection.
    pub fn protection(&self) -> Option<Protection> {
        self.connector.as_ref()?.seen().protection
    }

    /// Logs in as `sslmode` says; puts into `detail` what it learns.
    pub fn log_in(&mut self, account: &Account, detail: &mut Map<String, Value>) -> Result<Client, Failure> {
        detail.insert("user".into(), account.user.as_str().into());
        detail.insert("database".into(), account.database().into());
        match self.credentials.encryption {
            Encryption::Disable => self.connect(account, Wish::Plain, detail),
            Encryption::Allow => match self.connect(account, Wish::Plain, detail) {
                Err(first @ Failure::Told(_)) if is_about_access(&first) => {
                    self.track.stumble(Diagnosis::TlsRequired.name());
                    match self.connect(account, Wish::Demanded, detail) {
                        // There is none: then it was not that.
                        Err(Failure::Tls(Fault::NotOffered)) => Err(first),
                        second => second,
                    }
                }
                first => first,
            },
            Encryption::Prefer => self.prefer(account, detail),
            _ => self.connect(account, Wish::Demanded, detail),
        }
    }

    fn prefer(&mut self, account: &Account, detail: &mut Map<String, Value>) -> Result<Client, Failure> {
        let first = match self.connect(account, Wish::Offered, detail) {
            Err(failure) => failure,
            client => return client,
        };
        let was_encrypted = self.protection().is_some_and(|protection| protection != Protection::None);
        let again = match &first {
            Failure::Tls(_) => true,
            told => was_encrypted && is_about_access(told),
        };
        if !again {
            return Err(first);
        }
        let result = if matches!(first, Failure::Tls(_)) { Diagnosis::TlsFailed } else { Diagnosis::HbaRejected };
        self.track.stumble(result.name());
        match (self.connect(account, Wish::Plain, detail), first) {
            // Only encrypted logins are admitted, and encryption failed: that is the cause.
            (Err(second), Failure::Tls(fault)) if fault != Fault::NotOffered && is_about_access(&second) => {
                Err(Failure::Tls(fault))
            }
            (second, _) => second,
        }
    }

    /// True where the server admits this account in that other way: it lets it in, or wants to see a proof. None is
    /// given, and nobody is believed or needs to be.
    pub fn is_admitted(&mut self, account: &Account, wish: Wish) -> bool {
        let terms = Terms::new(self.deadline, StageReporter::unheard(), wish, self.host, self.address.ip());
        let connector = Connector::new(terms, Rules::default());
        match self.config(account).connect(connector.clone()) {
            Ok(_) => true,
            Err(error) => match failure(&error, &connector.seen(), &mut Map::new()) {
                Failure::Told(refusal) => refusal.code != "28000" && refusal.code != "57P03",
                Failure::Wanted => true,
                _ => false,
            },
        }
    }

    fn connect(&mut self, account: &Account, wish: Wish, detail: &mut Map<String, Value>) -> Result<Client, Failure> {
        let credentials = self.credentials;
        let password = (account.given)
            .then(|| credentials.password(self.host, self.address.port(), account.database(), &account.user))
            .flatten();
        let terms = Terms {
            encryption: credentials.encryption,
            roots: credentials.roots.clone(),
            ..Terms::new(self.deadline, self.track.clone(), wish, self.host, self.address.ip())
        };
        let rules = Rules {
            has_password: password.is_some(),
            allowed: credentials.allowed.clone(),
            required: credentials.required.clone(),
        };
        let connector = Connector::new(terms, rules);
        let mut config = self.config(account);
        if let Some(password) = &password {
            config.password(password.expose());
        }
        let first = self.untold;
        if !first && self.connector.is_some() {
            self.track.enter(Stage::Connect);
        }
        let started = Instant::now();
        let connected = config.connect(connector.clone());
        self.connector = Some(connector.clone());
        let seen = connector.seen();
        if std::mem::take(&mut self.untold) {
            tell_attempt(self.address, started, &seen, connected.as_ref().err(), detail);
        }
        if let Some(protection) = seen.protection {
            detail.insert("protection".into(), protection.name().into());
        }
        if let Some(method) = seen.method {
            detail.insert("method".into(), method_name(method));
        }
        connected.map_err(|error| self.unless_ourselves(failure(&error, &seen, detail), &seen))
    }

    /// What an error of the latest connection means.
    pub fn failure_of(&self, error: &Error, detail: &mut Map<String, Value>) -> Failure {
        match &self.connector {
            Some(connector) => failure(error, &connector.seen(), detail),
            None => Failure::Cause(Diagnosis::Reset),
        }
    }

    /// TCP can join a socket to itself where a port of this machine's ephemeral range is tried and nothing listens there:
    /// then our own words come back. Connecting once more tells.
    fn unless_ourselves(&self, failure: Failure, seen: &Transcript) -> Failure {
        let echoed = seen.first.starts_with(&[0, 0, 0]) && self.address.ip().is_loopback();
        if matches!(failure, Failure::Cause(Diagnosis::NotPostgres)) && echoed {
            let again = tcp::connect(&[self.address.ip()], self.address.port(), self.deadline);
            if let Err(Diagnosis::Refused) = again.outcome {
                return Failure::Cause(Diagnosis::Refused);
            }
        }
        failure
    }

    fn config(&self, account: &Account) -> Config {
        let left = self.deadline.saturating_duration_since(Instant::now());
        // A check calls nobody's functions; an action finds tables where the programs find them.
        let kept = if self.read_only { "-c default_transaction_read_only=on -c search_path=pg_catalog " } else { "" };
        let milliseconds = left.as_millis().max(1);
        let mut config = Config::new();
        config
            .host(&self.address.ip().to_string())
            .hostaddr(self.address.ip())
            .port(self.address.port())
            .user(&account.user)
            .application_name("balcao-config")
            .options(&format!("{kept}-c statement_timeout={milliseconds}"))
            .connect_timeout(left)
            // Not the crate's TLS: this way it hands the bare socket to the connector, before the first byte.
            .ssl_mode(SslMode::Require)
            .ssl_negotiation(SslNegotiation::Direct);
        if let Some(database) = &account.database {
            config.dbname(database);
        }
        config
    }
}

/// 28000: the server's access list, or the role, and not the password.
fn is_about_access(failure: &Failure) -> bool {
    matches!(failure, Failure::Told(refusal) if refusal.code == "28000")
}

/// What the crate's connecting did, as `tcp::connect` would tell it.
fn tell_attempt(
    address: SocketAddr,
    started: Instant,
    seen: &Transcript,
    error: Option<&Error>,
    detail: &mut Map<String, Value>,
) {
    let errno = error.and_then(system_error).and_then(std::io::Error::raw_os_error);
    let (result, end) = match (seen.connected, errno.map(Errno::from_raw_os_error)) {
        (Some(connected), _) => {
            detail.insert("answered".into(), address.ip().to_string().into());
            (Answer::Connected, connected)
        }
        (None, Some(errno)) => (Answer::Failed(tcp::diagnose(errno), errno), Instant::now()),
        (None, None) => (Answer::Failed(Diagnosis::Timeout, Errno::TIMEDOUT), Instant::now()),
    };
    let attempt = Attempt { address, result, elapsed: end.saturating_duration_since(started) };
    detail.insert("addresses".into(), Value::Array(vec![attempt.evidence()]));
}

/// What went wrong, from the server's code, from what was seen on the line, from the system.
fn failure(error: &Error, seen: &Transcript, detail: &mut Map<String, Value>) -> Failure {
    if let Some(told) = error.as_db_error() {
        return Failure::Told(Refusal {
            code: told.code().code().to_string(),
            routine: told.routine().map(str::to_string),
            text: shorten(told.message()),
        });
    }
    if let Some(fault) = &seen.fault {
        return Failure::Tls(fault.clone());
    }
    match seen.breach {
        Some(ProtocolViolation::Unsafe(_)) => return Failure::Unsafe("unprotected"),
        Some(ProtocolViolation::Unwanted(_)) => return Failure::Unsafe("unwanted"),
        None if seen.method.is_some() && !seen.closed && system_error(error).is_none() => return Failure::Wanted,
        _ => {}
    }
    let system = system_error(error);
    let text = system.map_or_else(|| error.to_string(), ToString::to_string);
    detail.insert("error".into(), shorten(&text).into());
    Failure::Cause(match (seen.breach, system.and_then(std::io::Error::raw_os_error)) {
        (Some(ProtocolViolation::Deadline), _) => {
            if seen.bytes > 0 {
                detail.insert("reason".into(), "unfinished".into());
            }
            Diagnosis::Silent
        }
        (Some(_), _) => foreign(seen, detail),
        (None, Some(code)) => tcp::diagnose(Errno::from_raw_os_error(code)),
        (None, None) if seen.connected.is_none() => Diagnosis::Timeout,
        (None, None) if seen.closed || seen.bytes == 0 => Diagnosis::Reset,
        (None, None) => foreign(seen, detail),
    })
}

/// Something else answers there; the first of what it said tells a person what.
fn foreign(seen: &Transcript, detail: &mut Map<String, Value>) -> Diagnosis {
    detail.insert("received".into(), String::from_utf8_lossy(&seen.first).into_owned().into());
    Diagnosis::NotPostgres
}

/// The system's error at the bottom of the crate's.
fn system_error(error: &Error) -> Option<&std::io::Error> {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if let Some(system) = inner.downcast_ref::<std::io::Error>() {
            return Some(system);
        }
        source = inner.source();
    }
    None
}

pub fn shorten(text: &str) -> String {
    text.chars().take(MOST_TEXT).collect()
}
