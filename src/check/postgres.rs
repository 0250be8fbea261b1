//! Asking a PostgreSQL server who it is, through the `postgres` crate.
//!
//! The crate's own time limit covers its TCP connect alone, and it trusts the server with its memory. Both are mended
//! underneath it: the connection runs over a [`wire::Line`], which knows the deadline and how much a server may say.
//! No password is sent here: a server that asks for one has shown that it is PostgreSQL, which is what was asked.

mod wire;

use std::net::SocketAddr;
use std::time::Instant;

use ::postgres::config::{SslMode, SslNegotiation};
use ::postgres::error::SqlState;
use ::postgres::{Client, Config, Error, SimpleQueryMessage};
use serde_json::{Map, Value};

use super::{Diagnosis, Options, tcp};
use wire::{Breach, Connector, Seen};

/// The superuser and the database that every cluster has unless someone took care that it has not.
const USUAL_USER: &str = "postgres";
const USUAL_DATABASE: &str = "postgres";

/// Of a server's text, so many characters are kept as evidence: more than any honest message has.
const MOST_TEXT: usize = 500;

/// Of a version, so many: `18.1` is usual, `17devel` and `16beta3` exist.
const MOST_VERSION: usize = 20;

/// Whom to log in as.
struct Login<'a> {
    user: &'a str,
    /// `None`: the server takes the user's name, as with libpq.
    database: Option<&'a str>,
    /// Someone chose this user, so that a refusal says something about it.
    given: bool,
}

/// Logs in at `address` and asks for the version; puts what it learns into `detail`.
pub fn probe(address: SocketAddr, options: &Options, deadline: Instant, detail: &mut Map<String, Value>) -> Diagnosis {
    let database = options.database.as_deref();
    let login = match options.user.as_deref() {
        Some(user) => Login { user, database, given: true },
        None => Login { user: USUAL_USER, database: database.or(Some(USUAL_DATABASE)), given: false },
    };
    let mut answer = ask(address, &login, deadline, detail);
    if let (false, Answer::Refused, Some(account)) = (login.given, &answer, options.account.as_deref())
        && account != login.user
    {
        answer = ask(address, &Login { user: account, ..login }, deadline, detail);
    }
    match answer {
        Answer::Known(diagnosis) => diagnosis,
        Answer::Refused => Diagnosis::AuthRequired,
    }
}

/// What came of one login.
enum Answer {
    Known(Diagnosis),
    /// Nobody named this user, and the server does not want it: another may be tried.
    Refused,
}

fn ask(address: SocketAddr, login: &Login<'_>, deadline: Instant, detail: &mut Map<String, Value>) -> Answer {
    let connector = Connector::new(deadline);
    let left = deadline.saturating_duration_since(Instant::now());
    let mut config = Config::new();
    config
        .host(&address.ip().to_string())
        .hostaddr(address.ip())
        .port(address.port())
        .user(login.user)
        .application_name("balcao-config")
        .options(&format!("-c default_transaction_read_only=on -c statement_timeout={}", left.as_millis().max(1)))
        .connect_timeout(left)
        // Not TLS: this way the crate hands the bare socket to the connector, before the first byte.
        .ssl_mode(SslMode::Require)
        .ssl_negotiation(SslNegotiation::Direct);
    if let Some(database) = login.database {
        config.dbname(database);
    }
    detail.insert("user".into(), login.user.into());
    detail.insert("database".into(), login.database.unwrap_or(login.user).into());

    let mut client = match config.connect(connector.clone()) {
        Ok(client) => client,
        Err(error) => return judge(&error, &connector.seen(), login, detail),
    };
    match server_version(&mut client) {
        Ok(version) => {
            detail.extend(version.map(|version| ("server_version".to_string(), Value::from(version))));
            Answer::Known(Diagnosis::Ok)
        }
        // Let in, and then refused an answer: the login itself is what was asked for.
        Err(error) if error.code().is_some_and(|code| by_code(code).is_none()) => Answer::Known(Diagnosis::Ok),
        Err(error) => judge(&error, &connector.seen(), login, detail),
    }
}

/// The number alone, `15.18`: what follows it is the packager's.
fn server_version(client: &mut Client) -> Result<Option<String>, Error> {
    let answer = client.simple_query("SHOW server_version")?;
    Ok(answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => {
            row.try_get(0).ok().flatten()?.split_whitespace().next().map(|word| shorten(word, MOST_VERSION))
        }
        _ => None,
    }))
}

/// The diagnosis for an error, from its code, from what was seen on the line, from the system: never from its text,
/// which the server may have translated.
fn judge(error: &Error, seen: &Seen, login: &Login<'_>, detail: &mut Map<String, Value>) -> Answer {
    if let Some(told) = error.as_db_error() {
        detail.insert("sqlstate".into(), told.code().code().into());
        detail.insert("error".into(), shorten(told.message(), MOST_TEXT).into());
        return refusal(told.code(), login);
    }
    let system = system_error(error);
    let text = system.map_or_else(|| error.to_string(), ToString::to_string);
    detail.insert("error".into(), shorten(&text, MOST_TEXT).into());
    Answer::Known(match (seen.breach, system.and_then(std::io::Error::raw_os_error)) {
        (Some(Breach::Deadline), _) => {
            if seen.bytes > 0 {
                detail.insert("reason".into(), "unfinished".into());
            }
            Diagnosis::Silent
        }
        (Some(Breach::Foreign | Breach::TooLong | Breach::TooMuch), _) => foreign(seen, detail),
        (None, _) if seen.password_wanted => {
            // Ours, not the server's: the crate had no password to give.
            detail.remove("error");
            Diagnosis::AuthRequired
        }
        (None, Some(code)) => tcp::diagnose(rustix::io::Errno::from_raw_os_error(code)),
        (None, None) if !seen.connected => Diagnosis::Timeout,
        (None, None) if seen.closed || seen.bytes == 0 => Diagnosis::Reset,
        (None, None) => foreign(seen, detail),
    })
}

/// Something else answers there; the first of what it said tells a person what.
fn foreign(seen: &Seen, detail: &mut Map<String, Value>) -> Diagnosis {
    detail.insert("received".into(), String::from_utf8_lossy(&seen.first).into_owned().into());
    Diagnosis::NotPostgres
}

/// What a server means by its refusal of this login.
fn refusal(code: &SqlState, login: &Login<'_>) -> Answer {
    if let Some(diagnosis) = by_code(code) {
        return Answer::Known(diagnosis);
    }
    let about_the_user = code.code().starts_with("28") || *code == SqlState::INSUFFICIENT_PRIVILEGE;
    match login.given {
        // PostgreSQL answered, and only a login that we were not given could get further.
        false if *code == SqlState::INVALID_CATALOG_NAME => Answer::Known(Diagnosis::AuthRequired),
        false if about_the_user => Answer::Refused,
        // A full disk, no memory, a broken cluster: it answers, and serves nobody.
        _ if !about_the_user && *code != SqlState::INVALID_CATALOG_NAME => Answer::Known(Diagnosis::Reset),
        true if *code == SqlState::INVALID_CATALOG_NAME => Answer::Known(Diagnosis::DatabaseMissing),
        true if *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION => Answer::Known(Diagnosis::HbaRejected),
        _ => Answer::Known(Diagnosis::AuthFailed),
    }
}

/// The states of a server that have nothing to do with who asks.
///
/// 57P03 is starting up, shutting down and recovering alike; only its translated text tells them apart, so it counts
/// as the one that passes by itself.
fn by_code(code: &SqlState) -> Option<Diagnosis> {
    if *code == SqlState::CANNOT_CONNECT_NOW {
        Some(Diagnosis::StartingUp)
    } else if *code == SqlState::ADMIN_SHUTDOWN || *code == SqlState::CRASH_SHUTDOWN {
        Some(Diagnosis::ShuttingDown)
    } else if *code == SqlState::TOO_MANY_CONNECTIONS {
        Some(Diagnosis::TooManyConnections)
    } else {
        None
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

fn shorten(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
