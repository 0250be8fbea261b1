//! A pooler in front of the server: how it is told from a PostgreSQL, and what its errors mean.
//!
//! While the server behind it gives it no connection, a pooler is silent, or repeats what the server said, or says that it has
//! failed of late (PgBouncer: `server_login_retry`), in turns and by chance. All of it is one state, and has one diagnosis. Newer
//! ones repeat the server's sentence each time, with its own code or as cached: that names a cause.

use crate::channel::{Receiver, Sender, channel};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use super::access_line;
use super::evidence::{Reason, Refusal};
use super::transcript::Transcript;
use crate::check::diagnosis::Diagnosis;
use crate::check::protocol::NO_VERSION;
use crate::check::{Evidence, tcp, thread};

/// What PgBouncer says of itself, always in English and with one code for all of it, and what it means.
const OF_ITSELF: [(&str, Diagnosis); 11] = [
    ("no such database", Diagnosis::DatabaseMissing),
    ("is disabled", Diagnosis::DatabaseClosed),
    ("password authentication failed", Diagnosis::AuthFailed),
    ("SASL authentication failed", Diagnosis::AuthFailed),
    ("PAM authentication failed", Diagnosis::AuthFailed),
    ("certificate authentication failed", Diagnosis::AuthFailed),
    ("auth failed", Diagnosis::AuthFailed),
    ("no such user", Diagnosis::AuthFailed),
    ("no more connections allowed", Diagnosis::TooManyConnections),
    ("client connections exceeded", Diagnosis::TooManyConnections),
    ("SSL required", Diagnosis::TlsRequired),
];

/// What it says where it has no connection to the server behind it and knows no more.
const OF_NO_CONNECTION: [&str; 9] = [
    "has been failing, try again later",
    "cannot connect to server",
    "connect failed",
    "connect timeout",
    "server_login_timeout",
    "server conn crashed",
    "server DNS lookup failed",
    "server down",
    "query_wait_timeout",
];

/// What it repeats of the server: newer ones after words of their own, older ones as it is.
const OF_THE_SERVER: [&str; 9] = [
    REFUSED_LOGIN,
    WITHOUT_RIGHT,
    "is not permitted to log in",
    "server login failed",
    "server login has been failing, cached error",
    "starting up",
    "not yet accepting connections",
    "too many clients",
    "connection slots",
];

/// How newer ones repeat the server's sentence, and what it means.
const CACHED: &str = "cached error: ";
const OF_CACHED: [(&str, Diagnosis); 5] = [
    ("starting up", Diagnosis::StartingUp),
    ("not yet accepting connections", Diagnosis::StartingUp),
    ("shutting down", Diagnosis::ShuttingDown),
    ("too many clients", Diagnosis::TooManyConnections),
    ("connection slots", Diagnosis::TooManyConnections),
];

/// What it repeats where the server behind it takes the pooler's own password or role for wrong, or gives that role no right to
/// connect. Of its own clients it does not say the first with a name in it.
const REFUSED_LOGIN: &str = "password authentication failed for user \"";
const WITHOUT_RIGHT: &str = "permission denied for database \"";

/// Whom the server behind it refuses: the role that the pooler logs in as.
pub fn refused_login(text: &str) -> Option<&str> {
    named(text, REFUSED_LOGIN)
}

/// The database of the server behind it that the pooler's role may not connect to.
pub fn without_right(text: &str) -> Option<&str> {
    named(text, WITHOUT_RIGHT)
}

/// The database that the server behind it does not have. A pooler itself says `no such database` of an entry that it lacks.
pub fn missing_database(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("database \"")?;
    rest.split_once("\" does not exist").map(|(name, _)| name).filter(|name| !name.is_empty())
}

fn named<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(words)?;
    rest.rsplit_once('"').map(|(name, _)| name).filter(|name| !name.is_empty())
}

/// What it repeats where the access list of the server behind it does not admit the pooler itself.
const NO_ENTRY: &str = "no pg_hba.conf entry for host \"";

/// What a pooler's error means.
pub fn of_words(text: &str) -> (Diagnosis, Option<Reason>) {
    if let Some((_, cached)) = text.split_once(CACHED) {
        if cached.contains(NO_ENTRY) {
            return (Diagnosis::HbaRejected, Some(Reason::BehindPooler));
        }
        if let Some((_, diagnosis)) = OF_CACHED.iter().find(|(words, _)| cached.contains(words)) {
            return (*diagnosis, None);
        }
    }
    let of_server = OF_NO_CONNECTION.iter().chain(&OF_THE_SERVER).any(|words| text.contains(words));
    if of_server || text.contains(NO_ENTRY) || missing_database(text).is_some() {
        return (Diagnosis::ServerError, Some(Reason::BehindPooler));
    }
    match OF_ITSELF.iter().find(|(words, _)| text.contains(words)) {
        Some((_, diagnosis)) => (*diagnosis, Some(Reason::Pooler)),
        None => (Diagnosis::ServerError, None),
    }
}

/// What is full, where the function is not told: newer poolers repeat a server's code and sentence and no more, and have a
/// limit of their own with the same code.
pub fn of_relayed_limit(text: &str) -> (Diagnosis, Option<Reason>) {
    let of_server = OF_THE_SERVER.iter().any(|words| text.contains(words));
    match text {
        text if text.contains("too many connections for role") => {
            (Diagnosis::ConnectionLimit, Some(Reason::LimitOfRole))
        }
        text if text.contains("too many connections for database") => {
            (Diagnosis::ConnectionLimit, Some(Reason::LimitOfDatabase))
        }
        _ => (Diagnosis::TooManyConnections, (!of_server).then_some(Reason::Pooler)),
    }
}

/// True where it tells what the server behind it said, and not just that there is no connection.
pub fn quotes_the_server(text: &str) -> bool {
    !OF_NO_CONNECTION.iter().any(|words| text.contains(words))
}

/// What an access list means that it repeats with the server's own code.
pub fn of_access_list(text: &str) -> (Diagnosis, Option<Reason>) {
    let reason = if text.contains(NO_ENTRY) { Reason::BehindPooler } else { Reason::Pooler };
    (Diagnosis::HbaRejected, Some(reason))
}

/// The line that admits the pooler, from what it repeats of the server: whom it logged in as, where, and from which address.
/// `None` where it repeats no such thing, or a name holds a quote, so that nothing tells where it ends.
pub fn line_for_it(text: &str) -> Option<String> {
    let (_, rest) = text.split_once(NO_ENTRY)?;
    let parts: Vec<_> = rest.split('"').collect();
    let [source, ", user ", user, ", database ", database, encryption] = parts.as_slice() else { return None };
    let encrypted = encryption.contains("SSL encryption") || encryption.contains("SSL on");
    Some(access_line::of(encrypted, database, user, source.parse().ok()?))
}

/// Who answers at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Postgres,
    Pooler,
}

/// Asks beside a login that does not get on who it is that answers. A server that answers in half of the time is not asked:
/// it writes such a question into its log.
pub struct Beside {
    _going_on: Sender<()>,
    who: Receiver<Who>,
}

impl Beside {
    /// `connected`: whether the login has come so far that somebody answers.
    pub fn begin(address: SocketAddr, deadline: Instant, connected: impl Fn() -> bool + Send + 'static) -> Beside {
        let (going_on, login) = channel::<()>();
        let (sender, who) = channel();
        let patience = deadline.saturating_duration_since(Instant::now()) / 2;
        // Where there is no thread for it, less is known.
        let _ = thread::start("pooler", move || {
            if login.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) && connected() {
                let _ = ask(address, deadline).map(|who| sender.send(who));
            }
        });
        Beside { _going_on: going_on, who }
    }

    /// Who answered, if there was an answer.
    pub fn who(&self) -> Option<Who> {
        self.who.try_recv().ok()
    }
}

fn ask(address: SocketAddr, deadline: Instant) -> Option<Who> {
    let (mut stream, _) = tcp::connect(&[address.ip()], address.port(), deadline, &mut Evidence::default()).ok()?;
    stream.set_write_timeout(Some(left(deadline)?)).ok()?;
    stream.write_all(&NO_VERSION).ok()?;
    let mut heard = Transcript::default();
    let mut piece = [0; 512];
    while heard.error_response().is_none() && heard.error_in_words().is_none() {
        stream.set_read_timeout(Some(left(deadline)?)).ok()?;
        match stream.read(&mut piece).ok()? {
            0 => return None,
            count => heard.receive(piece.get(..count)?),
        }
    }
    // In words: a server of old.
    Some(heard.error_response().map_or(Who::Postgres, |refusal| who_says(&refusal))).filter(|_| heard.first.len() < 512)
}

fn left(deadline: Instant) -> Option<Duration> {
    deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
}

/// PostgreSQL names the function that refuses; a pooler has no such thing.
fn who_says(refusal: &Refusal) -> Who {
    if refusal.routine.is_none() { Who::Pooler } else { Who::Postgres }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_for_a_pooler_is_made_of_what_it_repeats() {
        let line = |rest: &str| line_for_it(&format!("server login failed: FATAL {NO_ENTRY}10.0.0.5{rest}"));
        let plain = "\", user \"maria\", database \"loja\", no encryption";
        assert_eq!(line(plain).unwrap(), "host  loja  maria  10.0.0.5/32  md5");
        let encrypted = "\", user \"maria\", database \"loja\", SSL encryption";
        assert_eq!(line(encrypted).unwrap(), "hostssl  loja  maria  10.0.0.5/32  md5");
        assert_eq!(line("\", user \"a\"b\", database \"loja\", no encryption"), None);
    }

    #[test]
    fn what_a_pooler_says_is_its_own_or_about_the_server_behind_it() {
        let own = Some(Reason::Pooler);
        let behind = (Diagnosis::ServerError, Some(Reason::BehindPooler));
        let table = [
            ("no such database: x", (Diagnosis::DatabaseMissing, own.clone())),
            ("password authentication failed", (Diagnosis::AuthFailed, own.clone())),
            ("no more connections allowed (max_client_conn)", (Diagnosis::TooManyConnections, own)),
            ("server login failed: FATAL the database system is starting up", behind.clone()),
            ("the database system is not yet accepting connections", behind.clone()),
            ("database \"x\" does not exist", behind.clone()),
            ("server login has been failing, cached error: FATAL database \"x\" does not exist", behind.clone()),
            ("server login failed: FATAL role \"x\" does not exist", behind.clone()),
            ("server login has been failing, try again later (server_login_retry)", behind.clone()),
            ("server login has been failing, cached error: connect failed (server_login_retry)", behind.clone()),
            ("pgbouncer cannot connect to server", behind.clone()),
            (
                "server login has been failing, cached error: FATAL no pg_hba.conf entry for host \"10.0.0.5\", user",
                (Diagnosis::HbaRejected, Some(Reason::BehindPooler)),
            ),
            (
                "server login has been failing, cached error: the database system is starting up (server_login_retry)",
                (Diagnosis::StartingUp, None),
            ),
            ("password authentication failed for user \"pool\"", behind.clone()),
            ("permission denied for database \"loja\"", behind.clone()),
            ("query_wait_timeout", behind.clone()),
            ("client_login_timeout (server down)", behind.clone()),
            ("server conn crashed?", behind),
            ("bouncer config error", (Diagnosis::ServerError, None)),
        ];
        for (text, expected) in table {
            assert_eq!(of_words(text), expected, "{text}");
        }
    }

    #[test]
    fn a_limit_that_somebody_else_repeats_is_told_by_its_words() {
        let table = [
            ("sorry, too many clients already", Diagnosis::TooManyConnections, None),
            (
                "remaining connection slots are reserved for roles with the SUPERUSER attribute",
                Diagnosis::TooManyConnections,
                None,
            ),
            ("too many connections for role \"x\"", Diagnosis::ConnectionLimit, Some(Reason::LimitOfRole)),
            ("too many connections for database \"x\"", Diagnosis::ConnectionLimit, Some(Reason::LimitOfDatabase)),
            ("odyssey: c1: too many connections", Diagnosis::TooManyConnections, Some(Reason::Pooler)),
        ];
        for (text, diagnosis, reason) in table {
            assert_eq!(of_relayed_limit(text), (diagnosis, reason), "{text}");
        }
    }
}
