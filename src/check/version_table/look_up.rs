//! Finding a table and what belongs to it, and the schema that it goes to.

use super::conversation::{Conversation, Refused};
use super::sql::{self, SCHEMA, bytes, bytes_of, identifier, literal};
use super::table::{Table, TableServer};
use super::trouble::{Failed, Trouble};
use crate::check::Request;

/// What every transaction begins with. A lock is waited for shortly, since the counters that use the table queue behind us,
/// and a connection that is lost half-way must not hold one for long. All of it ends with the transaction: a pooler may
/// give the server's session to somebody else.
const LIMITS: &str = "SET LOCAL search_path = pg_catalog, pg_temp; \
     SET LOCAL lock_timeout = '3s'; \
     SET LOCAL statement_timeout = '10s'; \
     SET LOCAL constraint_exclusion = off; \
     SELECT pg_catalog.set_config(s.name, v.value, true) FROM pg_catalog.pg_settings AS s \
     JOIN (VALUES ('row_security', 'off'), ('idle_in_transaction_session_timeout', '10000')) AS v (name, value) \
     ON s.name OPERATOR(pg_catalog.=) v.name";

/// Rows shown; a table of versions has a handful.
const MOST_ROWS: usize = 20;

/// Columns shown.
const MOST_COLUMNS: usize = 40;

/// Characters asked for of a value: more than its cells on the screen can hold.
const MOST_CHARACTERS: usize = 48;

/// How a transaction stands: where it is, and where the login's programs look for a table without a schema, in their order.
pub struct Standing {
    pub server: TableServer,
    path: Vec<String>,
}

/// Sets the limits of a transaction. The login's own path is asked before it goes: an array's members through functions
/// and operators named in full.
pub fn begin(talk: &mut Conversation<'_>, request: &Request) -> Result<Standing, Failed> {
    let path =
        format!("SELECT {} FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) AS named", bytes_of("named"));
    let path = talk.rows(&path)?;
    talk.run(LIMITS)?;
    let (database, login) = (bytes_of("pg_catalog.current_database()"), bytes_of("current_user"));
    let here = talk.rows(&format!("SELECT {database}, {login}"))?;
    let cell = |at: usize| name(here.first().and_then(|row| row.get(at)).cloned().flatten());
    let (host, port) = (request.point.host().unwrap_or_default().to_string(), request.point.port().unwrap_or_default());
    // A schema whose name cannot be written cannot be asked about either.
    let path = path.into_iter().filter_map(|row| name(row.into_iter().next().flatten()).ok()).collect();
    Ok(Standing { server: TableServer { host, port, database: cell(0)?, login: cell(1)? }, path })
}

pub fn find(talk: &mut Conversation<'_>, wanted: &str, standing: Standing) -> Result<Table, Trouble> {
    let about = |error: Refused| Trouble::about(error, wanted);
    let missing = || Trouble::Missing(wanted.to_string());
    let (schemas, named) = match sql::parts(wanted).ok_or_else(missing)?.as_slice() {
        [named] => (standing.path.clone(), named.clone()),
        [schema, named] => (vec![schema.clone()], named.clone()),
        _ => return Err(missing()),
    };
    let places: Vec<String> = schemas.iter().map(|schema| literal(schema)).collect();
    let query = format!(
        "SELECT c.oid::pg_catalog.text, {}, {}, c.relkind::pg_catalog.text \
         FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n \
         ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
         WHERE c.relname OPERATOR(pg_catalog.=) {}::pg_catalog.name \
         AND n.nspname OPERATOR(pg_catalog.=) ANY (ARRAY[{}]::pg_catalog.name[])",
        bytes_of("n.nspname"),
        bytes_of("pg_catalog.pg_get_userbyid(c.relowner)"),
        literal(&named),
        places.join(", ")
    );
    let found = talk.rows(&query).map_err(about)?;
    let at = |row: &[Option<String>]| {
        let [Some(_), Some(schema), ..] = row else { return None };
        schemas.iter().position(|known| known.as_bytes() == bytes(schema))
    };
    let nearest = found.iter().filter_map(|row| Some((at(row)?, row))).min_by_key(|(place, _)| *place);
    let Some((place, [Some(id), _, Some(owner), Some(kind)])) = nearest.map(|(place, row)| (place, row.as_slice()))
    else {
        return Err(missing());
    };
    let mut table = Table {
        server: standing.server,
        id: id.clone(),
        schema: schemas.into_iter().nth(place).unwrap_or_default(),
        name: named,
        owner: name(Some(owner.clone())).map_err(|error| error.into_trouble(wanted))?,
        rows: None,
        columns: vec![],
        first_rows: vec![],
    };
    // Ordinary and partitioned tables; not views, sequences, foreign tables.
    if !matches!(kind.as_str(), "r" | "p") {
        return Err(Trouble::NoTable(table.place()));
    }
    read(talk, &mut table)?;
    Ok(table)
}

/// Reads a table's columns and first rows. It is locked first: else its owner could put a view in its place meanwhile, or
/// an index, whose functions would run under our login.
fn read(talk: &mut Conversation<'_>, table: &mut Table) -> Result<(), Trouble> {
    let place = table.place();
    let about = |error: Refused| Trouble::about(error, &place);
    let is_own = table.owner == table.server.login;
    let mode = if is_own { "ACCESS SHARE" } else { "SHARE UPDATE EXCLUSIVE" };
    talk.run(&format!("LOCK TABLE {place} IN {mode} MODE")).map_err(about)?;
    if !is_still(talk, table).map_err(about)? {
        return Err(Trouble::Changed(place.clone()));
    }
    let columns = format!(
        "SELECT {} FROM pg_catalog.pg_attribute AS a WHERE a.attrelid OPERATOR(pg_catalog.=) {}::pg_catalog.oid \
         AND a.attnum OPERATOR(pg_catalog.>) 0::pg_catalog.int2 AND NOT a.attisdropped ORDER BY a.attnum",
        bytes_of("a.attname"),
        table.id
    );
    let columns = talk.rows(&columns).map_err(about)?;
    let text = |spelled: String| String::from_utf8_lossy(&bytes(&spelled)).into_owned();
    table.columns = columns.into_iter().flatten().flatten().map(text).take(MOST_COLUMNS).collect();
    if !is_own && has_expressions(talk, &table.id).map_err(about)? {
        return Ok(());
    }
    let count = talk.rows(&format!("SELECT pg_catalog.count(*)::pg_catalog.text FROM {place}")).map_err(about)?;
    table.rows = count.first().and_then(|row| row.first()?.as_ref()?.parse().ok());
    if table.columns.is_empty() {
        return Ok(());
    }
    // Columns under names of our own: theirs may be no text. `concat` asks a type's own output; a cast could be theirs.
    let aliases: Vec<String> = (0..table.columns.len()).map(|at| format!("c{at}")).collect();
    let value = |alias: &String| {
        let cut = bytes_of(&format!("pg_catalog.left(pg_catalog.concat(t.{alias}), {MOST_CHARACTERS})"));
        format!("CASE WHEN t.{alias} IS NULL THEN NULL ELSE {cut} END")
    };
    let values: Vec<String> = aliases.iter().map(value).collect();
    let query = format!("SELECT {} FROM {place} AS t ({}) LIMIT {MOST_ROWS}", values.join(", "), aliases.join(", "));
    let shown = talk.rows(&query).map_err(about)?;
    table.first_rows = shown.into_iter().map(|row| row.into_iter().map(|cell| cell.map(text)).collect()).collect();
    Ok(())
}

/// True if the table, once locked, is the one that was found.
pub fn is_still(talk: &mut Conversation<'_>, table: &Table) -> Result<bool, Refused> {
    let query = format!(
        "SELECT 1 FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n \
         ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
         WHERE c.oid OPERATOR(pg_catalog.=) {}::pg_catalog.oid \
         AND c.relname OPERATOR(pg_catalog.=) {}::pg_catalog.name \
         AND n.nspname OPERATOR(pg_catalog.=) {}::pg_catalog.name",
        table.id,
        literal(&table.name),
        literal(&table.schema)
    );
    Ok(!talk.rows(&query)?.is_empty())
}

/// True if reading the table could run functions that its owner chose: the planner works out expressions of indexes,
/// statistics and partitions beforehand.
fn has_expressions(talk: &mut Conversation<'_>, id: &str) -> Result<bool, Refused> {
    let query = format!(
        "SELECT 1 FROM pg_catalog.pg_index AS i WHERE i.indrelid OPERATOR(pg_catalog.=) {id}::pg_catalog.oid \
         AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL) \
         UNION ALL SELECT 1 FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) {id}::pg_catalog.oid \
         AND (c.relhassubclass OR c.relkind OPERATOR(pg_catalog.=) 'p'::pg_catalog.\"char\") \
         UNION ALL SELECT 1 FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_class AS k \
         ON k.oid OPERATOR(pg_catalog.=) d.classid WHERE d.refobjid OPERATOR(pg_catalog.=) {id}::pg_catalog.oid \
         AND k.relname OPERATOR(pg_catalog.=) 'pg_statistic_ext'::pg_catalog.name"
    );
    Ok(!talk.rows(&query)?.is_empty())
}

/// Makes the schema for tables set aside, or sees that the one there is the login's own: its owner could drop what is in it.
pub fn own_schema(talk: &mut Conversation<'_>, login: &str) -> Result<(), Failed> {
    let query = format!(
        "SELECT {} FROM pg_catalog.pg_namespace AS n WHERE n.nspname OPERATOR(pg_catalog.=) {}::pg_catalog.name",
        bytes_of("pg_catalog.pg_get_userbyid(n.nspowner)"),
        literal(SCHEMA)
    );
    let Some(found) = talk.rows(&query)?.into_iter().next() else {
        // IF NOT EXISTS would need the privilege even if the schema exists.
        talk.run(&format!("CREATE SCHEMA {SCHEMA}"))?;
        return Ok(());
    };
    let owner = name(found.into_iter().next().flatten())?;
    if owner != login {
        return Err(Failed::ForeignSchema(owner));
    }
    let others = format!(
        "SELECT CASE WHEN a.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN NULL ELSE {} END \
         FROM pg_catalog.pg_namespace AS n, pg_catalog.aclexplode(n.nspacl) AS a \
         WHERE n.nspname OPERATOR(pg_catalog.=) {}::pg_catalog.name \
         AND a.grantee OPERATOR(pg_catalog.<>) n.nspowner \
         AND a.privilege_type OPERATOR(pg_catalog.=) 'CREATE'::pg_catalog.text",
        bytes_of("pg_catalog.pg_get_userbyid(a.grantee)"),
        literal(SCHEMA)
    );
    let mut others = talk.rows(&others)?.into_iter().map(|row| match row.into_iter().next().flatten() {
        Some(spelled) => name(Some(spelled)).map(|role| identifier(&role)),
        None => Ok("PUBLIC".to_string()),
    });
    let others: Vec<String> = others.by_ref().collect::<Result<_, _>>()?;
    if others.is_empty() { Ok(()) } else { Err(Failed::OpenSchema(others.join(", "))) }
}

/// Indexes and sequences that go with a table, and would stand in the way of the next one of its name: kind and name.
pub fn parts(talk: &mut Conversation<'_>, table: &Table) -> Result<Vec<(&'static str, String)>, Failed> {
    let id = &table.id;
    let class = "'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid";
    let query = format!(
        "SELECT c.relkind::pg_catalog.text, {} FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) ANY (ARRAY( \
         SELECT i.indexrelid FROM pg_catalog.pg_index AS i WHERE i.indrelid OPERATOR(pg_catalog.=) {id}::pg_catalog.oid \
         UNION ALL SELECT d.objid FROM pg_catalog.pg_depend AS d \
         JOIN pg_catalog.pg_class AS s ON s.oid OPERATOR(pg_catalog.=) d.objid \
         WHERE d.refobjid OPERATOR(pg_catalog.=) {id}::pg_catalog.oid \
         AND d.classid OPERATOR(pg_catalog.=) {class} AND d.refclassid OPERATOR(pg_catalog.=) {class} \
         AND d.deptype::pg_catalog.text OPERATOR(pg_catalog.=) ANY (ARRAY['a', 'i']::pg_catalog.text[]) \
         AND s.relkind::pg_catalog.text OPERATOR(pg_catalog.=) 'S'::pg_catalog.text)) \
         ORDER BY c.relname",
        bytes_of("c.relname")
    );
    let mut parts = vec![];
    for row in talk.rows(&query)? {
        let mut cells = row.into_iter();
        let kind = if cells.next().flatten().as_deref() == Some("S") { "SEQUENCE" } else { "INDEX" };
        parts.push((kind, name(cells.next().flatten())?));
    }
    Ok(parts)
}

/// What [`bytes_of`] spelled, as a name.
fn name(spelled: Option<String>) -> Result<String, Failed> {
    let found = bytes(&spelled.unwrap_or_default());
    String::from_utf8(found).map_err(|error| Failed::NotText(String::from_utf8_lossy(error.as_bytes()).into_owned()))
}
