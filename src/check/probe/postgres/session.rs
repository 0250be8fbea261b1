//! One login after the other, as libpq's `sslmode` wants them, until one succeeds or none is left.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use ::postgres::config::{SslMode, SslNegotiation};
use ::postgres::{Client, Config, Error};
use rustix::io::Errno;

use super::evidence::{Account, PostgresEvidence, Reason, Refusal};
use super::pooler::{self, Who};
use super::tls::Fault;
use super::transcript::{ProtocolViolation, Rules, Transcript};
use super::wire::{ConnectOptions, Connector, TlsMode};
use crate::check::credentials::{Absence, Encryption, Method, Protection};
use crate::check::event::StageReporter;
use crate::check::evidence::{Attempt, AttemptResult, Late};
use crate::check::protocol::Protocol;
use crate::check::task::Server;
use crate::check::tcp::Beside;
use crate::check::{Diagnosis, Evidence, Options, Stage, port_hint, tcp};
use crate::file;

/// Characters kept of a server's text: more than any honest message has.
const MOST_TEXT: usize = 500;

/// Of what another service says, so many bytes.
const MOST_RECEIVED: usize = 64;

pub enum Failure {
    Refused(Refusal),
    /// No encrypted connection came about.
    Tls(Fault),
    /// The server wants a password, and there is none.
    PasswordWanted,
    /// The server wants a proof that this program cannot give: Kerberos, a token, too much work.
    OtherProof(Option<Reason>),
    /// The server wants what is not given.
    Unsafe(Reason),
    /// A pooler answers, and gives no connection to the server behind it.
    NothingBehind,
    /// Something that has nothing to do with the login.
    Cause(Diagnosis),
}

/// What one more way to the server would lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trial {
    /// It lets this account in, or wants to see a proof.
    Admitted,
    /// It wants a certificate of this terminal.
    CertificateWanted,
    Refused,
}

/// The way to a server, and what was found out on it.
pub struct ServerSession<'a> {
    pub reporter: &'a StageReporter,
    pub options: &'a Options,
    pub address: SocketAddr,
    pub found: PostgresEvidence,
    evidence: Evidence,
    server: Server<'a>,
    deadline: Instant,
    /// The latest connection.
    connector: Option<Connector>,
    /// Who answers, where a login does not get on.
    beside: Option<pooler::Beside>,
    /// The ports to look at where this one is silent, and that look.
    pub ports: Option<port_hint::Beside>,
    pub ahead: Option<port_hint::Ahead>,
}

impl<'a> ServerSession<'a> {
    /// With what is known already.
    pub fn new(
        server: Server<'a>,
        options: &'a Options,
        deadline: Instant,
        reporter: &'a StageReporter,
        evidence: Evidence,
    ) -> ServerSession<'a> {
        let first = server.addresses.first().copied().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let address = SocketAddr::new(first, server.port);
        let found = PostgresEvidence::default();
        let (connector, beside, ports, ahead) = (None, None, None, None);
        ServerSession { reporter, options, address, found, evidence, server, deadline, connector, beside, ports, ahead }
    }

    pub fn into_evidence(self) -> (Evidence, PostgresEvidence) {
        (self.evidence, self.found)
    }

    /// Finds the address that answers, where there is a choice: the first one. A single address is not tried beforehand;
    /// that saves a round trip, and the server a connection that says nothing. But where there is little time, a firewall
    /// that tells once a second why it forbids must not tell it to the crate, which does not listen.
    pub fn find(&mut self) -> Result<(), Diagnosis> {
        // Before any stage: none of them is to take the time that a disk of this terminal took.
        self.options.credentials.prepare(patience(self.deadline));
        self.reporter.enter(Stage::Connect);
        if self.server.addresses.len() != 1 || tcp::is_brief(self.deadline) {
            let Server { addresses, port, .. } = self.server;
            (_, self.address) = tcp::connect(addresses, port, self.deadline, &mut self.evidence)?;
        }
        Ok(())
    }

    /// Why there is no password for this account.
    pub fn absence(&self, account: &Account) -> Absence {
        let port = self.address.port();
        self.options.credentials.absence(self.server.host, port, account.database(), &account.user)
    }

    pub fn encryption(&self) -> Encryption {
        self.options.credentials.encryption
    }

    /// What protects the latest connection.
    pub fn protection(&self) -> Option<Protection> {
        self.connector.as_ref()?.transcript().protection
    }

    /// Logs in as `sslmode` says.
    pub fn log_in(&mut self, account: &Account) -> Result<Client, Failure> {
        self.found.account = Some(account.clone());
        match self.encryption() {
            Encryption::Disable => self.connect(account, TlsMode::Plain),
            Encryption::Allow => match self.connect(account, TlsMode::Plain) {
                Err(first @ Failure::Refused(_)) if is_about_access(&first) && !self.was_asked_for_proof() => {
                    self.reporter.fail(Diagnosis::TlsRequired);
                    match self.connect(account, TlsMode::Required) {
                        // There is none: then it was not that.
                        Err(Failure::Tls(Fault::NotOffered)) => {
                            self.reporter.fail(Diagnosis::TlsFailed);
                            Err(first)
                        }
                        second => second,
                    }
                }
                first => first,
            },
            Encryption::Prefer => self.prefer(account),
            _ => self.connect(account, TlsMode::Required),
        }
    }

    fn prefer(&mut self, account: &Account) -> Result<Client, Failure> {
        let first = match self.connect(account, TlsMode::Offered) {
            Err(failure) => failure,
            client => return client,
        };
        if self.was_asked_for_proof() {
            return Err(first);
        }
        let protection = self.protection();
        let was_encrypted = protection.is_some_and(|protection| protection != Protection::None);
        self.reporter.fail(match &first {
            Failure::Tls(_) => Diagnosis::TlsFailed,
            Failure::Refused(refusal) if was_encrypted && refusal.wants_a_certificate() => {
                Diagnosis::CertificateRequired
            }
            refused if was_encrypted && is_about_access(refused) => Diagnosis::HbaRejected,
            _ => return Err(first),
        });
        match (self.connect(account, TlsMode::Plain), first) {
            // Only encrypted logins are admitted, and encryption failed: that is the cause.
            (Err(second), Failure::Tls(fault)) if fault != Fault::NotOffered && is_about_access(&second) => {
                self.reporter.fail(Diagnosis::HbaRejected);
                Err(Failure::Tls(fault))
            }
            // Admitted neither way: what was said to the better one counts.
            (Err(second), first @ Failure::Refused(_)) if is_about_access(&second) => {
                self.reporter.fail(Diagnosis::HbaRejected);
                self.found.protection = protection;
                Err(first)
            }
            (second, _) => second,
        }
    }

    /// True where the latest connection came as far as a password: what was refused after it was not the way of connecting,
    /// and a second try would count as another wrong login where the server asks (LDAP, PAM).
    fn was_asked_for_proof(&self) -> bool {
        self.connector.as_ref().is_some_and(|connector| connector.transcript().method.is_some())
    }

    /// What the server says to this account in that other way. No proof is given, and nobody is believed or needs to be.
    pub fn attempt(&mut self, account: &Account, tls: TlsMode) -> Trial {
        let options =
            ConnectOptions::new(self.deadline, StageReporter::unheard(), tls, self.server.host, self.address.ip());
        let connector = Connector::new(options, Rules::default());
        let connected = self.config(account).connect(connector.clone());
        self.found.encrypts |=
            connector.transcript().protection.is_some_and(|protection| protection != Protection::None);
        match connected {
            Ok(_) => Trial::Admitted,
            Err(error) => match failure(&error, &connector.transcript(), &mut Evidence::default()) {
                Failure::Refused(refusal) if refusal.comes_after_admission() => Trial::Admitted,
                Failure::Refused(refusal) if refusal.code == "28000" && tls == TlsMode::Required => {
                    match refusal.wants_a_certificate() {
                        true => Trial::CertificateWanted,
                        false => Trial::Refused,
                    }
                }
                Failure::PasswordWanted | Failure::OtherProof(_) => Trial::Admitted,
                Failure::Tls(Fault::CertificateWanted) => Trial::CertificateWanted,
                _ => Trial::Refused,
            },
        }
    }

    fn connect(&mut self, account: &Account, tls: TlsMode) -> Result<Client, Failure> {
        let (credentials, host) = (&self.options.credentials, self.server.host);
        let password = (account.given)
            .then(|| credentials.password(host, self.address.port(), account.database(), &account.user))
            .flatten();
        let options = ConnectOptions {
            encryption: credentials.encryption,
            roots: credentials.roots.clone(),
            file_patience: patience(self.deadline),
            ..ConnectOptions::new(self.deadline, self.reporter.clone(), tls, host, self.address.ip())
        };
        // Under `prefer` only a server that offers TLS is asked anew without: in clear, such a one is given no password.
        let is_fallback = credentials.encryption == Encryption::Prefer && tls == TlsMode::Plain;
        let allowed = |method: &Method| !(is_fallback && method.gives_the_password_away());
        let rules = Rules {
            has_password: password.is_some(),
            allowed: credentials.allowed.iter().copied().filter(allowed).collect(),
            required: credentials.required.clone(),
        };
        let connector = Connector::new(options, rules);
        let mut config = self.config(account);
        if let Some(password) = &password {
            config.password(password.expose());
        }
        let unrecorded = self.evidence.attempts.is_empty();
        if self.connector.is_some() {
            self.reporter.enter(Stage::Connect);
        }
        let (address, deadline) = (self.address, self.deadline);
        let heard = connector.clone();
        let connected = move || heard.transcript().connected.is_some();
        if let Some(ports) = self.ports.take() {
            self.ahead = Some(ports.ahead(Protocol::Postgres, deadline, connected.clone()));
        }
        self.beside.get_or_insert_with(|| pooler::Beside::begin(address, deadline, connected));
        let (started, beside) = (Instant::now(), unrecorded.then(|| Beside::begin(self.address, self.deadline)));
        let connected = config.connect(connector.clone());
        self.connector = Some(connector.clone());
        let transcript = connector.transcript();
        if let Some(beside) = beside {
            self.record_attempt(started, beside, &transcript, connected.as_ref().err());
        }
        self.found.protection = transcript.protection.or(self.found.protection);
        self.found.encrypts |= transcript.protection.is_some_and(|protection| protection != Protection::None);
        self.found.method = transcript.method.or(self.found.method);
        connected.map_err(|error| {
            match (transcript.connected, self.evidence.attempts.first().map(|attempt| attempt.result)) {
                (None, Some(AttemptResult::Failed(diagnosis, errno))) if unrecorded => {
                    self.evidence.error = Some(std::io::Error::from(errno).to_string());
                    Failure::Cause(diagnosis)
                }
                _ => {
                    let failure = failure(&error, &transcript, &mut self.evidence);
                    let failure = self.unless_ourselves(failure, &transcript);
                    self.by_who_answers(failure, &transcript)
                }
            }
        })
    }

    /// What is heard on the latest connection.
    pub fn heard(&self) -> Heard {
        Heard(self.connector.clone())
    }

    /// What an error of the latest connection means.
    pub fn failure_of(&mut self, error: &Error) -> Failure {
        let Some(connector) = self.connector.clone() else { return Failure::Cause(Diagnosis::Reset) };
        let transcript = connector.transcript();
        let failure = failure(error, &transcript, &mut self.evidence);
        self.by_who_answers(failure, &transcript)
    }

    /// Where time was up: one that answers nobody is silent, one that answers others is slow, and a pooler that takes logins
    /// and gives no more has nothing behind it, unless the way there explains it.
    fn by_who_answers(&mut self, failure: Failure, transcript: &Transcript) -> Failure {
        let Failure::Cause(Diagnosis::Slow | Diagnosis::Silent) = failure else { return failure };
        match self.beside.as_ref().and_then(pooler::Beside::who) {
            Some(_) if transcript.is_far(Instant::now()) => Failure::Cause(Diagnosis::Slow),
            Some(Who::Pooler) => {
                // The time and its end tell nothing more.
                (self.evidence.late, self.evidence.error) = (None, None);
                Failure::NothingBehind
            }
            Some(Who::Postgres) => Failure::Cause(Diagnosis::Slow),
            None => failure,
        }
    }

    /// TCP can connect a socket to itself if nothing listens on a port of this machine's ephemeral range: then our own bytes
    /// come back. Connecting once more tells.
    fn unless_ourselves(&self, failure: Failure, transcript: &Transcript) -> Failure {
        let echoed = transcript.first.starts_with(&[0, 0, 0]) && self.address.ip().is_loopback();
        if matches!(failure, Failure::Cause(Diagnosis::NotPostgres)) && echoed {
            let (address, port) = (self.address.ip(), self.address.port());
            let again = tcp::connect(&[address], port, self.deadline, &mut Evidence::default());
            if let Err(Diagnosis::Refused) = again {
                return Failure::Cause(Diagnosis::Refused);
            }
        }
        failure
    }

    /// What the crate's connecting did, as `tcp::connect` would tell it.
    fn record_attempt(&mut self, started: Instant, beside: Beside, transcript: &Transcript, error: Option<&Error>) {
        let address = self.address.ip();
        let errno = error.and_then(system_error).and_then(std::io::Error::raw_os_error);
        let (result, sign, end) = match (transcript.connected, errno.map(Errno::from_raw_os_error)) {
            (Some(connected), _) => {
                self.evidence.answered = Some(address);
                (AttemptResult::Connected, None, connected)
            }
            (None, errno) => {
                let (end, errno) = (Instant::now(), errno.unwrap_or(Errno::TIMEDOUT));
                let (diagnosis, sign, limit) = beside.explain(errno);
                self.evidence.limit = limit;
                (AttemptResult::Failed(diagnosis, errno), sign, end)
            }
        };
        self.evidence.attempts =
            vec![Attempt { address, result, sign, elapsed: end.saturating_duration_since(started) }];
    }

    fn config(&self, account: &Account) -> Config {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let mut config = Config::new();
        // No `options`: a pooler refuses them. A question and an action have limits of their own.
        config
            .host(&self.address.ip().to_string())
            .hostaddr(self.address.ip())
            .port(self.address.port())
            .user(&account.user)
            .application_name("balcao-config")
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

/// How long a file of this terminal's may keep a login waiting: it leaves time to ask the server.
fn patience(deadline: Instant) -> Duration {
    (deadline.saturating_duration_since(Instant::now()) / 3).min(file::PATIENCE)
}

/// The access list or the role (28000), or a pooler that takes encrypted connections alone; not the password.
fn is_about_access(failure: &Failure) -> bool {
    matches!(failure, Failure::Refused(refusal) if refusal.code == "28000" || refusal.wants_encryption())
}

/// What went wrong: by the server's code, else by the transcript, else by the system's error.
fn failure(error: &Error, transcript: &Transcript, evidence: &mut Evidence) -> Failure {
    if let Some(refusal) = refusal(error, transcript) {
        return Failure::Refused(refusal);
    }
    let in_words = || transcript.error_in_words().or_else(|| transcript.error_response());
    if let (Some(ProtocolViolation::Error | ProtocolViolation::TooLong), Some(refusal)) =
        (transcript.violation, in_words())
    {
        return Failure::Refused(refusal);
    }
    let system = system_error(error);
    let fault = transcript.fault.clone().or_else(|| system.and_then(Fault::after_the_handshake));
    if let Some(fault) = fault {
        return Failure::Tls(match fault {
            Fault::Handshake(error) => Fault::Handshake(shorten(&error)),
            fault => fault,
        });
    }
    match transcript.violation {
        Some(ProtocolViolation::Unsafe(_)) => return Failure::Unsafe(Reason::Unprotected),
        Some(ProtocolViolation::Unwanted(_)) => return Failure::Unsafe(Reason::Unwanted),
        Some(ProtocolViolation::TooManyRounds(rounds)) => {
            return Failure::OtherProof(Some(Reason::TooManyRounds(rounds)));
        }
        // The crate itself went no further.
        None if !transcript.closed && system.is_none() => match transcript.method {
            Some(Method::Gss | Method::Sspi) => return Failure::OtherProof(None),
            Some(_) if transcript.unknown_proof => return Failure::OtherProof(None),
            Some(_) if transcript.rules.has_password => return Failure::Unsafe(Reason::Unproven),
            Some(_) => return Failure::PasswordWanted,
            None => {}
        },
        _ => {}
    }
    evidence.error = Some(shorten(&system.map_or_else(|| error.to_string(), ToString::to_string)));
    let diagnosis = match (transcript.violation, system.and_then(std::io::Error::raw_os_error)) {
        (Some(ProtocolViolation::Deadline), _) => {
            let slow = transcript.spoke() || transcript.had_no_time(Instant::now());
            if slow { Diagnosis::Slow } else { Diagnosis::Silent }
        }
        (Some(_), _) => Diagnosis::NotPostgres,
        (None, Some(code)) => tcp::diagnose(Errno::from_raw_os_error(code), None),
        (None, None) if transcript.connected.is_none() => Diagnosis::Timeout,
        (None, None) if transcript.closed || transcript.bytes == 0 => Diagnosis::Reset,
        (None, None) => Diagnosis::NotPostgres,
    };
    match diagnosis {
        Diagnosis::Silent | Diagnosis::Slow if transcript.bytes > 0 => evidence.late = Some(Late::End),
        // The first of what it said tells a person what answers there.
        Diagnosis::NotPostgres => {
            let first = transcript.first.get(..MOST_RECEIVED).unwrap_or(&transcript.first);
            evidence.received = Some(String::from_utf8_lossy(first).into_owned());
        }
        _ => {}
    }
    Failure::Cause(diagnosis)
}

/// What the server refused with; also where it closed right after, so that the crate tells of the closing alone.
fn refusal(error: &Error, transcript: &Transcript) -> Option<Refusal> {
    let told = error.as_db_error().map(|refused| Refusal {
        code: refused.code().code().to_string(),
        routine: refused.routine().map(str::to_string),
        text: refused.message().to_string(),
        detail: refused.detail().map(str::to_string),
    });
    let heard = || transcript.error.clone().filter(|_| transcript.closed && transcript.violation.is_none());
    let refusal = told.or_else(heard)?;
    Some(Refusal { text: shorten(&refusal.text), detail: refusal.detail.as_deref().map(shorten), ..refusal })
}

/// What is heard on the connection of a login.
pub struct Heard(Option<Connector>);

impl Heard {
    /// What the server refused with; `None` where the connection was lost.
    pub fn refusal(&self, error: &Error) -> Option<Refusal> {
        refusal(error, &self.0.as_ref()?.transcript())
    }
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

fn shorten(text: &str) -> String {
    text.chars().take(MOST_TEXT).collect()
}
