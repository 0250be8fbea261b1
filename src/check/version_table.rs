//! The action "Excluir Tab Versão": moves a table out of the programs' sight. Nothing is dropped.
//!
//! The table goes into the schema [`SCHEMA`] under its name and the time, with its indexes and sequences, in one
//! transaction, so that an error leaves everything as it was. The answer holds the SQL that puts it back. Front ends ask
//! for confirmation first.
//!
//! The login may be the superuser's, and the database may hold what others have prepared for one. So nothing of theirs is
//! called: names are in full (see `sql`), the search path is the system's, and a table is locked before it is read.

mod conversation;
mod look_up;
mod sql;
mod table;
mod trouble;

use std::time::{Duration, Instant};

use ::postgres::Client;

use super::probe::{self, postgres, postgres::Heard};
use super::task::Server;
use super::{Answer, Options, Outcome, Point, Request, resolve};
use crate::document::timestamp::Timestamp;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;
use conversation::{Conversation, Refused};
pub use sql::SCHEMA;
use sql::{identifier, with_suffix};
pub use table::{Description, Table, TableServer};
pub use trouble::{Trouble, unchanged};

/// For the whole action, the login included.
const PATIENCE: Duration = Duration::from_secs(20);

/// With the table's own lock held: the locks of its indexes and sequences are free, or somebody holds them for long.
const SHORTER_LOCKS: &str = "SET LOCAL lock_timeout = '1s'";

/// A table that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Where it is now, as SQL writes it: `balcao_excluidas."tab_versao_20260312_094100"`.
    pub place: String,
    /// The SQL that puts it back.
    pub put_back: String,
}

impl SetAside {
    /// The sentence before the SQL that puts it back.
    pub fn message(&self, before: &str, lang: Lang) -> Safe {
        say!(
            lang,
            "{} foi retirada: agora está em {}. SQL para desfazer:",
            "{} was set aside: it is now {}. SQL to undo it:",
            Safe::outside(before),
            Safe::outside(&self.place)
        )
    }
}

/// Looks at the table of this name (as in SQL: without quotes, capitals are small letters) on the server of `request`.
pub fn look(request: &Request, name: &str, options: &Options) -> Result<Table, Trouble> {
    let about = |error: Refused| Trouble::about(error, name);
    let (mut client, heard) = log_in(request, options)?;
    let mut talk = Conversation::begin(&mut client, &heard, true).map_err(about)?;
    let standing = look_up::begin(&mut talk, request).map_err(|error| error.into_trouble(name))?;
    look_up::find(&mut talk, name, standing)
}

/// Moves the table out of the way, if it is still the one that was looked at. `now` goes into its new name.
pub fn set_aside(request: &Request, table: &Table, now: Timestamp, options: &Options) -> Result<SetAside, Trouble> {
    let place = table.place();
    if table.schema == SCHEMA {
        return Err(Trouble::AlreadyAside(place));
    }
    let about = |error: Refused| Trouble::about(error, &place);
    let (mut client, heard) = log_in(request, options)?;
    let mut talk = Conversation::begin(&mut client, &heard, false).map_err(about)?;
    let standing = look_up::begin(&mut talk, request).map_err(|error| error.into_trouble(&place))?;
    let lock = format!("LOCK TABLE {place} IN ACCESS EXCLUSIVE MODE; {SHORTER_LOCKS}");
    talk.run(&lock).map_err(about)?;
    // Another server behind the same address, or another table of the name.
    if standing.server.database != table.server.database || !look_up::is_still(&mut talk, table).map_err(about)? {
        return Err(Trouble::Changed(place.clone()));
    }
    look_up::own_schema(&mut talk, &standing.server.login).map_err(|error| error.into_trouble(&place))?;
    let parts = look_up::parts(&mut talk, table).map_err(|error| error.into_trouble(&place))?;
    let moved = Moved::plan(table, &parts, now);
    talk.run(&moved.there.join("; ")).map_err(about)?;
    // If the answer to a commit is lost, it may have happened or not; so too where the server ends the session over it.
    talk.commit().map_err(|error| match &error.0 {
        Some(refusal) if !refusal.code.starts_with("57") && !refusal.code.starts_with("08") => about(error),
        _ => Trouble::Unknown(place.clone()),
    })?;
    Ok(SetAside { place: moved.place, put_back: format!("BEGIN;\n{};\nCOMMIT;", moved.back.join(";\n")) })
}

fn log_in(request: &Request, options: &Options) -> Result<(Client, Heard), Trouble> {
    let started = Instant::now();
    let Point::Port { host, port, .. } = &request.point else { return Err(Trouble::NoServer) };
    // Nobody's name is guessed where something is changed: a superuser's login may be free for all.
    if options.credentials.user.is_none() {
        return Err(Trouble::NoUser);
    }
    let found = match resolve::literal(host) {
        Some(address) => Ok(vec![address]),
        None => resolve::lookup(host),
    };
    let opened = match found {
        Ok(addresses) => {
            postgres::open(Server { host, addresses: &addresses, port: *port }, options, started + PATIENCE)
        }
        Err(none) => {
            let (diagnosis, evidence) = none.tell();
            Err(Answer { diagnosis, evidence, by_probe: (probe::implementation(request.probe).nothing)() })
        }
    };
    opened.map_err(|answer| Trouble::NoLogin(Box::new(Outcome::new(request.clone(), answer, started.elapsed()))))
}

/// The way there and back, statement by statement.
struct Moved {
    place: String,
    there: Vec<String>,
    back: Vec<String>,
}

impl Moved {
    fn plan(table: &Table, parts: &[(&'static str, String)], now: Timestamp) -> Moved {
        let (schema, name) = (identifier(&table.schema), identifier(&table.name));
        let stamp = now.for_names();
        let renamed = identifier(&with_suffix(&table.name, &format!("_{stamp}")));
        // Renamed before it is moved: the new name is free in both schemas.
        let mut there = vec![format!("ALTER TABLE {schema}.{name} RENAME TO {renamed}")];
        let mut back = vec![
            format!("ALTER TABLE {SCHEMA}.{renamed} SET SCHEMA {schema}"),
            format!("ALTER TABLE {schema}.{renamed} RENAME TO {name}"),
        ];
        for (number, (kind, part)) in parts.iter().enumerate() {
            let part_renamed = identifier(&with_suffix(part, &format!("_{stamp}_{number}")));
            let part = identifier(part);
            there.push(format!("ALTER {kind} {schema}.{part} RENAME TO {part_renamed}"));
            back.push(format!("ALTER {kind} {schema}.{part_renamed} RENAME TO {part}"));
        }
        there.push(format!("ALTER TABLE {schema}.{renamed} SET SCHEMA {SCHEMA}"));
        Moved { place: format!("{SCHEMA}.{renamed}"), there, back }
    }
}
