//! The action "Excluir Tab Versão": moves a table out of the programs' sight. Nothing is dropped.
//!
//! The table goes into the schema [`SCHEMA`] under its name and the time, with its indexes and sequences, in one
//! transaction, so that an error leaves everything as it was. The answer holds the SQL that puts it back. Front ends ask
//! for confirmation first.

mod trouble;

use std::time::{Duration, Instant};

use ::postgres::{Client, SimpleQueryMessage, SimpleQueryRow, Transaction};

use super::probe::{self, postgres};
use super::task::Server;
use super::{Answer, Diagnosis, Evidence, Options, Outcome, Point, Request, resolve};
use crate::document::timestamp::Timestamp;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::text;
use crate::{safe, say};
pub use trouble::{Trouble, unchanged};

/// The schema for tables that were set aside.
pub const SCHEMA: &str = "balcao_excluidas";

/// For the whole action, the login included.
const PATIENCE: Duration = Duration::from_secs(20);

/// For the lock on the table. Short, since the counters that use it queue behind us.
const LOCK_TIMEOUT: &str = "3s";

/// Rows shown; a table of versions has a handful.
const MOST_ROWS: usize = 20;

/// Terminal cells shown of a value.
const CELL_WIDTH: usize = 24;

/// In bytes; PostgreSQL cuts longer names.
const LONGEST_NAME: usize = 63;

/// A table as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The schema in which the name was found.
    pub schema: String,
    pub name: String,
    pub owner: String,
    /// How many rows it has.
    pub rows: u64,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// The first rows, as text; `None` is NULL.
    pub first_rows: Vec<Vec<Option<String>>>,
    /// Its oid: tells it from another table of the same name.
    id: String,
}

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
            "{} foi retirada; agora é {}. Para trazê-la de volta:",
            "{} was set aside; it is {} now. To put it back:",
            Safe::outside(before),
            Safe::outside(&self.place)
        )
    }
}

impl Table {
    /// A warning, the table, and its columns and first rows, a line each:
    ///
    /// ```text
    /// Isto afeta todos os balcões deste servidor.
    /// "public"."tab_versao", de gestor: 1 linha
    ///   versao | atualizada_em
    ///   4.2.17 | 2026-03-12
    /// ```
    pub fn description(&self, lang: Lang) -> (Safe, Safe, Vec<Safe>) {
        let warning =
            say!(lang, "Isto afeta todos os balcões deste servidor.", "This affects every counter of this server.");
        let (place, owner) = (Safe::outside(&self.place()), Safe::outside(&self.owner));
        let count = match self.rows {
            1 => say!(lang, "{}, de {}: 1 linha", "{}, owned by {}: 1 row", place, owner),
            rows => say!(lang, "{}, de {}: {} linhas", "{}, owned by {}: {} rows", place, owner, rows),
        };
        let row = |cells: Vec<Safe>| safe!("  {}", Safe::join(&cells, " | "));
        let cell = |text: &str| text::wrap(&Safe::outside(text), CELL_WIDTH).into_iter().next().unwrap_or_default();
        let mut lines = vec![row(self.columns.iter().map(|name| cell(name)).collect())];
        let value = |value: &Option<String>| value.as_deref().map_or(Safe::own("–"), cell);
        lines.extend(self.first_rows.iter().map(|values| row(values.iter().map(value).collect())));
        if self.rows > self.first_rows.len() as u64 {
            lines.push(row(vec![Safe::own("…")]));
        }
        (warning, count, lines)
    }

    /// `schema.name` as SQL writes it.
    pub fn place(&self) -> String {
        format!("{}.{}", identifier(&self.schema), identifier(&self.name))
    }

    /// True for its name, with the schema or without, as a person types it.
    pub fn is_called(&self, typed: &str) -> bool {
        typed == self.name || typed.split_once('.') == Some((&self.schema, &self.name)) || typed == self.place()
    }
}

/// Looks at the table of this name (as in SQL: without quotes, capitals are small letters) on the server of `request`.
pub fn look(request: &Request, name: &str, options: &Options) -> Result<Table, Trouble> {
    let mut client = log_in(request, options)?;
    let mut transaction = client.build_transaction().read_only(true).start()?;
    find(&mut transaction, name)
}

/// Moves the table out of the way, if it is still the one that was looked at. `now` goes into its new name.
pub fn set_aside(request: &Request, table: &Table, now: Timestamp, options: &Options) -> Result<SetAside, Trouble> {
    if table.schema == SCHEMA {
        return Err(Trouble::AlreadyAside(table.place()));
    }
    let mut client = log_in(request, options)?;
    let mut transaction = client.transaction()?;
    let place = table.place();
    let about = |error: ::postgres::Error| Trouble::about(error, &place);
    transaction
        .batch_execute(&format!(
            "SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'; LOCK TABLE {place} IN ACCESS EXCLUSIVE MODE"
        ))
        .map_err(about)?;
    let same =
        format!("SELECT 1 FROM pg_catalog.pg_class WHERE oid = {} AND oid = {}::regclass", table.id, literal(&place));
    if rows(&mut transaction, &same).map_err(about)?.is_empty() {
        return Err(Trouble::Changed(place.clone()));
    }
    let exists = format!("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = {}", literal(SCHEMA));
    if rows(&mut transaction, &exists)?.is_empty() {
        // IF NOT EXISTS would need the privilege even if the schema exists.
        transaction.batch_execute(&format!("CREATE SCHEMA {SCHEMA}")).map_err(about)?;
    }
    let parts = parts(&mut transaction, table)?;
    let moved = Moved::plan(table, &parts, now);
    transaction.batch_execute(&moved.there.join("; ")).map_err(about)?;
    // If the answer to a commit is lost, it may have happened or not.
    transaction.commit().map_err(|error| match error.as_db_error() {
        Some(_) => Trouble::about(error, &place),
        None => Trouble::Unknown(place.clone()),
    })?;
    Ok(SetAside { place: moved.place, put_back: format!("BEGIN;\n{};\nCOMMIT;", moved.back.join(";\n")) })
}

fn log_in(request: &Request, options: &Options) -> Result<Client, Trouble> {
    let started = Instant::now();
    let Point::Port { host, port, .. } = &request.point else { return Err(Trouble::NoServer) };
    let found = match resolve::literal(host) {
        Some(address) => Ok(vec![address]),
        None => resolve::lookup(host),
    };
    let opened = match found {
        Ok(addresses) => {
            postgres::open(Server { host, addresses: &addresses, port: *port }, options, started + PATIENCE)
        }
        Err(error) => Err(Answer {
            diagnosis: Diagnosis::DnsFailure,
            evidence: Evidence { error: Some(error.to_string()), ..Evidence::default() },
            by_probe: (probe::implementation(request.probe).nothing)(),
        }),
    };
    opened.map_err(|answer| Trouble::NoLogin(Box::new(Outcome::new(request.clone(), answer, started.elapsed()))))
}

fn find(transaction: &mut Transaction<'_>, name: &str) -> Result<Table, Trouble> {
    let about = |error: ::postgres::Error| Trouble::about(error, name);
    let query = format!(
        "SELECT c.oid, n.nspname, c.relname, pg_catalog.pg_get_userbyid(c.relowner), c.relkind \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.oid = pg_catalog.to_regclass({})::oid",
        literal(name)
    );
    let found = rows(transaction, &query).map_err(about)?;
    let Some([Some(id), Some(schema), Some(named), Some(owner), Some(kind)]) = found.first().map(Vec::as_slice) else {
        return Err(Trouble::Missing(name.to_string()));
    };
    let mut table = Table {
        id: id.clone(),
        schema: schema.clone(),
        name: named.clone(),
        owner: owner.clone(),
        rows: 0,
        columns: vec![],
        first_rows: vec![],
    };
    // Ordinary and partitioned tables; not views, sequences, foreign tables.
    if !matches!(kind.as_str(), "r" | "p") {
        return Err(Trouble::NoTable(table.place()));
    }
    let place = table.place();
    let count = rows(transaction, &format!("SELECT count(*) FROM {place}")).map_err(about)?;
    table.rows = count.first().and_then(|row| row.first()?.as_ref()?.parse().ok()).unwrap_or(0);
    let shown = transaction.simple_query(&format!("SELECT * FROM {place} LIMIT {MOST_ROWS}")).map_err(about)?;
    for message in shown {
        match message {
            SimpleQueryMessage::RowDescription(columns) => {
                table.columns = columns.iter().map(|column| column.name().to_string()).collect();
            }
            SimpleQueryMessage::Row(row) => table.first_rows.push(values(&row)),
            _ => {}
        }
    }
    Ok(table)
}

/// Indexes and sequences that go with a table, and would stand in the way of the next one of its name: kind and name.
fn parts(transaction: &mut Transaction<'_>, table: &Table) -> Result<Vec<(&'static str, String)>, Trouble> {
    let id = &table.id;
    let query = format!(
        "SELECT c.relkind, c.relname FROM pg_catalog.pg_class c WHERE c.oid IN \
         (SELECT indexrelid FROM pg_catalog.pg_index WHERE indrelid = {id} \
          UNION SELECT objid FROM pg_catalog.pg_depend WHERE refobjid = {id} AND deptype IN ('a', 'i') \
          AND classid = 'pg_catalog.pg_class'::regclass AND refclassid = 'pg_catalog.pg_class'::regclass) \
         AND c.relkind IN ('i', 'I', 'S') ORDER BY c.relname"
    );
    let found = rows(transaction, &query)?;
    let part = |row: &Vec<Option<String>>| match row.as_slice() {
        [Some(kind), Some(name)] => Some((if kind == "S" { "SEQUENCE" } else { "INDEX" }, name.clone())),
        _ => None,
    };
    Ok(found.iter().filter_map(part).collect())
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

/// A name and what is added to it, the name cut where both would be too long.
fn with_suffix(name: &str, suffix: &str) -> String {
    let end = name.floor_char_boundary(LONGEST_NAME.saturating_sub(suffix.len()));
    format!("{}{suffix}", name.get(..end).unwrap_or_default())
}

fn rows(transaction: &mut Transaction<'_>, query: &str) -> Result<Vec<Vec<Option<String>>>, ::postgres::Error> {
    let messages = transaction.simple_query(query)?;
    let row = |message: SimpleQueryMessage| match message {
        SimpleQueryMessage::Row(row) => Some(values(&row)),
        _ => None,
    };
    Ok(messages.into_iter().filter_map(row).collect())
}

fn values(row: &SimpleQueryRow) -> Vec<Option<String>> {
    (0..row.len()).map(|at| row.try_get(at).ok().flatten().map(str::to_string)).collect()
}

/// A name as SQL writes it. Always in quotes: which names could go without depends on the server's version.
fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL writes it, whatever the server's setting for backslashes.
fn literal(text: &str) -> String {
    format!("E'{}'", text.replace('\\', r"\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_stay_what_they_are_in_sql() {
        assert_eq!(identifier("Tab Versão"), "\"Tab Versão\"");
        assert_eq!(identifier("a\"; DROP TABLE x; --"), "\"a\"\"; DROP TABLE x; --\"");
        assert_eq!(literal(r"a'b\"), r"E'a''b\\'");
    }

    #[test]
    fn a_long_name_is_cut_before_its_suffix_and_not_within_a_letter() {
        let name = format!("{}ção", "x".repeat(44));
        let cut = with_suffix(&name, "_20260312_094100");
        assert_eq!(cut, format!("{}ç_20260312_094100", "x".repeat(44)));
        assert!(cut.len() <= LONGEST_NAME);
    }
}
