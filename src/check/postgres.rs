//! Asking a PostgreSQL server who it is, through the `postgres` crate.
//!
//! The crate's own time limit covers its TCP connect alone, it trusts the server with its memory and gives a password to
//! whoever asks. All three are mended underneath it, on the [`wire`]. Which connections are made one after the other
//! follows libpq's `sslmode`; what a refusal means is found by asking again, never from its text.

mod access;
mod certificate;
mod login;
mod question;
mod tls;
mod transcript;
mod wire;

use std::net::IpAddr;
use std::time::Instant;

use ::postgres::Client;
use serde_json::{Map, Value};

use super::credentials::Method;
use super::stage::{Stage, StageReporter};
use super::{Diagnosis, Options};
use login::{Account, Failure, ServerSession};
pub use question::STATEMENTS;

/// The superuser and the database that every cluster has unless someone took care that it has not.
const USUAL_USER: &str = "postgres";
const USUAL_DATABASE: &str = "postgres";

pub struct Server<'a> {
    /// As the person named it: certificates and password files go by it.
    pub host: &'a str,
    /// What the name leads to.
    pub addresses: &'a [IpAddr],
    /// TCP port.
    pub port: u16,
}

/// Logs in and asks for the server's state; puts what it learns into `detail`.
pub fn probe(
    server: &Server<'_>,
    options: &Options,
    deadline: Instant,
    track: &StageReporter,
    detail: &mut Map<String, Value>,
) -> Diagnosis {
    let mut reach = match ServerSession::find(server, options, deadline, track, detail) {
        Ok(reach) => reach,
        Err(diagnosis) => return diagnosis,
    };
    let account = account(options);
    match reach.log_in(&account, detail) {
        Ok(client) => ask(client, &mut reach, detail),
        Err(failure) => validate(failure, &mut reach, &account, options, detail),
    }
}

/// Logs in to change something: the session may write.
pub(super) fn open(
    server: &Server<'_>,
    options: &Options,
    deadline: Instant,
    detail: &mut Map<String, Value>,
) -> Result<Client, Diagnosis> {
    let track = StageReporter::unheard();
    let mut reach = ServerSession::find(server, options, deadline, &track, detail)?.that_writes();
    let account = account(options);
    reach.log_in(&account, detail).map_err(|failure| match validate(failure, &mut reach, &account, options, detail) {
        // Got in as another account than was meant, which is not asked here.
        Diagnosis::Ok => Diagnosis::AuthRequired,
        diagnosis => diagnosis,
    })
}

/// Whom to log in as: the one that was given, or the usual one.
fn account(options: &Options) -> Account {
    let credentials = &options.credentials;
    let database = credentials.database.clone();
    match credentials.user.clone() {
        Some(user) => Account { user, database, given: true },
        None => {
            let database = database.or_else(|| Some(USUAL_DATABASE.to_string()));
            Account { user: USUAL_USER.to_string(), database, given: false }
        }
    }
}

/// Asks the one question of a session.
fn ask(mut client: Client, reach: &mut ServerSession<'_>, detail: &mut Map<String, Value>) -> Diagnosis {
    reach.track.enter(Stage::Question);
    match question::ask(&mut client, reach.clock, detail) {
        Ok(()) => Diagnosis::Ok,
        Err(error) => match reach.failure_of(&error, detail) {
            Failure::Cause(diagnosis) => diagnosis,
            Failure::Told(refusal) => {
                refusal.take_down(detail);
                // Let in, and then refused an answer: the login itself is what was asked for.
                access::of_server(&refusal).unwrap_or(Diagnosis::Ok)
            }
            _ => Diagnosis::Ok,
        },
    }
}

/// What a failed login means.
fn validate(
    failure: Failure,
    reach: &mut ServerSession<'_>,
    account: &Account,
    options: &Options,
    detail: &mut Map<String, Value>,
) -> Diagnosis {
    match failure {
        Failure::Cause(diagnosis) => diagnosis,
        Failure::Tls(fault) => {
            detail.insert("reason".into(), fault.name().into());
            if let tls::Fault::Roots(error) | tls::Fault::Handshake(error) = fault {
                detail.insert("error".into(), login::shorten(&error).into());
            }
            Diagnosis::TlsFailed
        }
        // The crate had no password to give.
        Failure::Wanted => Diagnosis::AuthRequired,
        Failure::Unsafe(reason) => {
            detail.insert("reason".into(), reason.into());
            Diagnosis::AuthUnsafe
        }
        Failure::Told(refusal) => {
            refusal.take_down(detail);
            if let Some(diagnosis) = access::of_server(&refusal) {
                return diagnosis;
            }
            if access::serves_nobody(&refusal) {
                // A full disk, no memory, a broken cluster.
                detail.insert("reason".into(), "serves_nobody".into());
                return Diagnosis::Reset;
            }
            if !account.given {
                return try_another(&refusal, reach, account, options, detail);
            }
            access::of_login(&refusal, reach, account, detail)
        }
    }
}

/// Nobody named the user that was refused: the account that runs the program may be known there.
fn try_another(
    refusal: &login::Refusal,
    reach: &mut ServerSession<'_>,
    usual: &Account,
    options: &Options,
    detail: &mut Map<String, Value>,
) -> Diagnosis {
    let other = options.account.as_ref().filter(|name| **name != usual.user && access::is_about_the_user(refusal));
    let Some(name) = other else { return Diagnosis::AuthRequired };
    reach.track.stumble(Diagnosis::AuthRequired.name());
    let account = Account { user: name.clone(), ..usual.clone() };
    match reach.log_in(&account, detail) {
        Ok(client) => ask(client, reach, detail),
        // Not a third time.
        Err(failure) => validate(failure, reach, &account, &Options { account: None, ..options.clone() }, detail),
    }
}

/// As `detail.method`.
fn method_name(method: Method) -> Value {
    method.name().into()
}
