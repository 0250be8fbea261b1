//! The one question of a check's session: version, standby, connections, clock.
//!
//! All in one message, so that a check costs one round trip beyond the login. It reads settings and counters only, and its
//! limits live in its own transaction: a session may be a pooler's, which hands it to the shop's next program as it is.
//! (A parameter at the start is no way either: PgBouncer refuses `options`.) A pooler that keeps no transactions open
//! (`pool_mode = statement`) takes the message nevertheless, since none is open at its end.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ::postgres::{Client, Error, SimpleQueryMessage, SimpleQueryRow};

use super::evidence::{Connections, PostgresEvidence};

/// Everything that a check ever says to a server after the login. The limits are for a server that goes on without us; we
/// ourselves wait no longer than the check's own deadline.
pub const STATEMENTS: [&str; 1] = ["BEGIN READ ONLY; SET LOCAL statement_timeout = '10s'; \
     SET LOCAL lock_timeout = '1s'; SET LOCAL search_path = pg_catalog; \
     SELECT pg_catalog.current_setting('server_version'), pg_catalog.pg_is_in_recovery(), \
     (SELECT pg_catalog.sum(numbackends) FROM pg_catalog.pg_stat_database), \
     pg_catalog.current_setting('max_connections'), \
     extract(epoch FROM pg_catalog.clock_timestamp()); ROLLBACK"];

/// Characters of a version: `18.1` is usual, `17devel` and `16beta3` exist.
const MOST_VERSION: usize = 20;

/// Asks. `clock` is this terminal's.
pub fn ask(client: &mut Client, clock: Option<fn() -> SystemTime>, found: &mut PostgresEvidence) -> Result<(), Error> {
    let before = clock.map(|clock| clock());
    let [statement] = STATEMENTS;
    let answer = client.simple_query(statement)?;
    let after = clock.map(|clock| clock());
    let row = answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let Some(row) = row else { return Ok(()) };
    // The number alone, `15.18`; the packager's suffix is dropped.
    let version = text(row, 0).and_then(|text| text.split_whitespace().next());
    found.version = version.map(|version| version.chars().take(MOST_VERSION).collect());
    found.standby = text(row, 1).map(|standby| standby == "t");
    found.connections = number(row, 2).zip(number(row, 3)).map(|(used, max)| Connections { used, max });
    if let (Some(theirs), Some(before), Some(after)) = (seconds(row), before, after) {
        found.clock_difference_s = Some(difference(theirs, before, after));
    }
    Ok(())
}

/// How far this terminal's clock is ahead of the server's, in whole seconds. The server read its clock between `before`
/// and `after`: the middle is taken.
fn difference(theirs: Duration, before: SystemTime, after: SystemTime) -> i64 {
    let since = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let ours = (since(before) + since(after)) / 2.0;
    // The cast saturates.
    (ours - theirs.as_secs_f64()).round() as i64
}

fn text(row: &SimpleQueryRow, column: usize) -> Option<&str> {
    row.try_get(column).ok().flatten()
}

fn number(row: &SimpleQueryRow, column: usize) -> Option<u32> {
    text(row, column)?.parse().ok()
}

fn seconds(row: &SimpleQueryRow) -> Option<Duration> {
    Duration::try_from_secs_f64(text(row, 4)?.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_compared_with_the_middle_of_the_round_trip() {
        let at = |seconds: f64| UNIX_EPOCH + Duration::from_secs_f64(seconds);
        let theirs = Duration::from_secs_f64(1000.5);
        assert_eq!(difference(theirs, at(1000.0), at(1001.0)), 0);
        assert_eq!(difference(theirs, at(1100.0), at(1101.0)), 100);
        assert_eq!(difference(theirs, at(500.0), at(501.0)), -500);
        assert_eq!(difference(Duration::MAX, at(0.0), at(0.0)), i64::MIN);
    }
}
