//! Asking a PostgreSQL server who it is, through the `postgres` crate.
//!
//! The crate's timeout covers the TCP connect alone, it has no limit of memory, and it sends a password to whoever asks.
//! All three are handled underneath it, in [`wire`]. Connections follow libpq's `sslmode`, one after the other; what a
//! refusal means is found by asking again, never from its text.

mod access;
mod access_line;
mod behind;
mod certificate;
mod evidence;
mod faults;
mod pooler;
mod question;
mod remedy;
mod sentences;
mod session;
mod slow;
mod tls;
mod transcript;
mod wire;

use std::sync::Arc;
use std::time::Instant;

use ::postgres::Client;

use crate::check::event::StageReporter;
use crate::check::protocol::Protocol;
use crate::check::task::{Implementation, Server, Task};
use crate::check::{Answer, Diagnosis, Options, Stage, listening, port_hint, stranger};
pub use evidence::{Account, Connections, PostgresEvidence, Reason, Refusal};
pub use question::STATEMENTS;
pub use session::Heard;
use session::{Failure, ServerSession};
pub use tls::{Fault, Unread};

pub const PROBE: Implementation = Implementation { run, nothing: || Arc::new(PostgresEvidence::default()) };

/// The superuser and the database that every cluster has unless someone took care that it has not.
const USUAL_USER: &str = "postgres";
const USUAL_DATABASE: &str = "postgres";

/// Logs in and asks for the server's state.
fn run(mut task: Task) -> Answer {
    if let Some(answer) = unusable(&task.options) {
        return answer;
    }
    let evidence = std::mem::take(&mut task.evidence);
    let mut session = ServerSession::new(task.server(), &task.options, task.deadline, &task.reporter, evidence);
    session.ports = Some(port_hint::Beside::of(&task, Protocol::Postgres));
    let account = account(&task.options);
    let other = task.options.account.as_deref();
    let diagnosis = session.find().err().unwrap_or_else(|| try_accounts(&mut session, &account, other));
    let ahead = session.ahead.as_ref().and_then(|ahead| ahead.instead_of(diagnosis));
    let (mut evidence, found) = session.into_evidence();
    evidence.warnings = task.options.credentials.warnings();
    // A PostgreSQL that refuses is the right one nevertheless.
    let (this_machine, port) = (evidence.this_machine == Some(true), task.server().port);
    if this_machine && matches!(diagnosis, Diagnosis::Refused | Diagnosis::Timeout) {
        evidence.here = listening::instead_of(&task.addresses, port);
    }
    // So is one of this machine that has this port elsewhere.
    if found.refusal.is_none() && !evidence.here.is_some_and(|here| here.is_of(port)) {
        evidence.suggestion = port_hint::find(&task, diagnosis, Protocol::Postgres, this_machine).or(ahead);
        evidence.here = evidence.here.filter(|_| evidence.suggestion.is_none());
    }
    let diagnosis = stranger::instead_of_database(&task, diagnosis, &mut evidence);
    if diagnosis == Diagnosis::PortsSwapped {
        // The right port is known: it is in the other field.
        evidence.suggestion = None;
    }
    Answer { diagnosis, evidence, by_probe: Arc::new(found) }
}

/// Logs in to change something; whoever does bounds what it says.
pub fn open(server: Server<'_>, options: &Options, deadline: Instant) -> Result<(Client, Heard), Answer> {
    if let Some(answer) = unusable(options) {
        return Err(answer);
    }
    let reporter = StageReporter::unheard();
    let mut session = ServerSession::new(server, options, deadline, &reporter, Default::default());
    let account = account(options);
    let opened = session
        .find()
        .and_then(|()| session.log_in(&account).map_err(|failure| access::diagnose(failure, &mut session, &account)));
    match opened {
        Ok(client) => Ok((client, session.heard())),
        Err(diagnosis) => {
            let (evidence, found) = session.into_evidence();
            Err(Answer { diagnosis, evidence, by_probe: Arc::new(found) })
        }
    }
}

/// Nothing is tried under a guess of what was meant.
fn unusable(options: &Options) -> Option<Answer> {
    let reason = Some(Reason::Unusable(options.credentials.unusable.clone()?));
    let by_probe = Arc::new(PostgresEvidence { reason, ..PostgresEvidence::default() });
    Some(Answer { diagnosis: Diagnosis::Skipped, evidence: Default::default(), by_probe })
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

/// Where the account is a guess and is refused, the one that runs the program may be known there: `other`.
fn try_accounts(session: &mut ServerSession<'_>, account: &Account, other: Option<&str>) -> Diagnosis {
    let diagnosis = log_in_and_ask(session, account);
    let Some(other) = other.filter(|name| !account.given && *name != account.user) else { return diagnosis };
    // One that is asked for a password is known, or is told nothing of: there is no more to find out.
    if !access::is_about_the_user(diagnosis) || session.found.refusal.is_none() {
        return diagnosis;
    }
    session.reporter.fail(diagnosis);
    let first = session.found.clone();
    let second = log_in_and_ask(session, &Account { user: other.to_string(), ..account.clone() });
    let tells_more = match second {
        Diagnosis::AuthRequired => session.found.refusal.is_none(),
        Diagnosis::Slow | Diagnosis::Silent | Diagnosis::Reset => false,
        second => !access::is_about_the_user(second),
    };
    if tells_more {
        return second;
    }
    session.reporter.fail(second);
    session.found = first;
    diagnosis
}

fn log_in_and_ask(session: &mut ServerSession<'_>, account: &Account) -> Diagnosis {
    session.found.refusal = None;
    match session.log_in(account) {
        Ok(client) => ask(client, session, account),
        Err(failure) => access::diagnose(failure, session, account),
    }
}

/// Asks the one question of a session.
fn ask(mut client: Client, session: &mut ServerSession<'_>, account: &Account) -> Diagnosis {
    session.reporter.enter(Stage::Question);
    let Err(error) = question::ask(&mut client, session.options.clock, &mut session.found) else {
        return if session.found.standby == Some(true) { Diagnosis::Standby } else { Diagnosis::Ok };
    };
    match session.failure_of(&error) {
        Failure::Cause(diagnosis) => diagnosis,
        failure @ Failure::NothingBehind => access::diagnose(failure, session, account),
        Failure::Refused(refusal) => {
            let diagnosis = access::of_answer(&refusal, session, account);
            session.found.refusal = Some(refusal);
            diagnosis.unwrap_or(Diagnosis::Ok)
        }
        _ => Diagnosis::Ok,
    }
}
