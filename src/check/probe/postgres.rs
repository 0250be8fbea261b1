//! Asking a PostgreSQL server who it is, through the `postgres` crate.
//!
//! The crate's timeout covers the TCP connect alone, it has no limit of memory, and it sends a password to whoever asks.
//! All three are handled underneath it, in [`wire`]. Connections follow libpq's `sslmode`, one after the other; what a
//! refusal means is found by asking again, never from its text.

mod access;
mod certificate;
mod evidence;
mod question;
mod sentences;
mod session;
mod tls;
mod transcript;
mod wire;

use std::sync::Arc;
use std::time::Instant;

use ::postgres::Client;

use crate::check::event::StageReporter;
use crate::check::task::{Implementation, Server, Task};
use crate::check::{Answer, Diagnosis, Options, Stage, port_hint};
pub use evidence::{Account, Connections, PostgresEvidence, Reason, Refusal};
pub use question::STATEMENTS;
use session::{Failure, ServerSession};
pub use tls::Fault;

pub const PROBE: Implementation = Implementation { run, nothing: || Arc::new(PostgresEvidence::default()) };

/// Where PostgreSQL is: 5432, and what packagers give to a second and third cluster or version on a machine.
const USUAL_PORTS: [u16; 4] = [5432, 5433, 5434, 5435];

/// The superuser and the database that every cluster has unless someone took care that it has not.
const USUAL_USER: &str = "postgres";
const USUAL_DATABASE: &str = "postgres";

/// Logs in and asks for the server's state.
fn run(mut task: Task) -> Answer {
    let evidence = std::mem::take(&mut task.evidence);
    let mut session = ServerSession::new(task.server(), &task.options, task.deadline, &task.reporter, evidence);
    let account = account(&task.options);
    let other = task.options.account.as_deref();
    let diagnosis = session.find().err().unwrap_or_else(|| log_in_and_ask(&mut session, &account, other));
    let (mut evidence, found) = session.into_evidence();
    // A PostgreSQL that refuses is the right one nevertheless.
    if found.refusal.is_none() {
        evidence.suggestion = port_hint::find(&task, diagnosis, USUAL_PORTS, wire::speaks_postgres);
    }
    Answer { diagnosis, evidence, by_probe: Arc::new(found) }
}

/// Logs in to change something: the session may write.
pub fn open(server: Server<'_>, options: &Options, deadline: Instant) -> Result<Client, Answer> {
    let reporter = StageReporter::unheard();
    let mut session = ServerSession::new(server, options, deadline, &reporter, Default::default()).that_writes();
    let account = account(options);
    let opened = session.find().and_then(|()| {
        session.log_in(&account).map_err(|failure| {
            let other = options.account.as_deref();
            match diagnose(failure, &mut session, &account, other) {
                // Got in as another account than was meant, which is not asked here.
                Diagnosis::Ok => Diagnosis::AuthRequired,
                diagnosis => diagnosis,
            }
        })
    });
    opened.map_err(|diagnosis| {
        let (evidence, found) = session.into_evidence();
        Answer { diagnosis, evidence, by_probe: Arc::new(found) }
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

/// `other`: who may be tried where this account is a guess.
fn log_in_and_ask(session: &mut ServerSession<'_>, account: &Account, other: Option<&str>) -> Diagnosis {
    match session.log_in(account) {
        Ok(client) => ask(client, session),
        Err(failure) => diagnose(failure, session, account, other),
    }
}

/// Asks the one question of a session.
fn ask(mut client: Client, session: &mut ServerSession<'_>) -> Diagnosis {
    session.reporter.enter(Stage::Question);
    let Err(error) = question::ask(&mut client, session.options.clock, &mut session.found) else {
        return Diagnosis::Ok;
    };
    match session.failure_of(&error) {
        Failure::Cause(diagnosis) => diagnosis,
        Failure::Refused(refusal) => {
            let diagnosis = access::of_server(&refusal);
            session.found.refusal = Some(refusal);
            // Let in, and then refused an answer: the login itself is what was asked for.
            diagnosis.unwrap_or(Diagnosis::Ok)
        }
        _ => Diagnosis::Ok,
    }
}

/// What a failed login means.
fn diagnose(failure: Failure, session: &mut ServerSession<'_>, account: &Account, other: Option<&str>) -> Diagnosis {
    let refusal = match failure {
        Failure::Refused(refusal) => refusal,
        Failure::Cause(diagnosis) => return diagnosis,
        // The crate had no password to give.
        Failure::PasswordWanted => return Diagnosis::AuthRequired,
        Failure::Tls(fault) => {
            session.found.reason = Some(Reason::Tls(fault));
            return Diagnosis::TlsFailed;
        }
        Failure::Unsafe(reason) => {
            session.found.reason = Some(reason);
            return Diagnosis::AuthUnsafe;
        }
    };
    session.found.refusal = Some(refusal.clone());
    if let Some(diagnosis) = access::of_server(&refusal) {
        return diagnosis;
    }
    if access::serves_nobody(&refusal) {
        // A full disk, no memory, a broken cluster.
        session.found.reason = Some(Reason::ServesNobody);
        return Diagnosis::Reset;
    }
    if account.given {
        return access::of_login(&refusal, session, account);
    }
    // Nobody named the user that was refused: the account that runs the program may be known there.
    let Some(other) = other.filter(|name| *name != account.user && access::is_about_the_user(&refusal)) else {
        return Diagnosis::AuthRequired;
    };
    session.reporter.fail(Diagnosis::AuthRequired);
    // Not a third time.
    log_in_and_ask(session, &Account { user: other.to_string(), ..account.clone() }, None)
}
