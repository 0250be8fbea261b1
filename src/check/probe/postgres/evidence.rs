//! What is found out about a PostgreSQL server, as types and as JSON.

use serde_json::{Map, Value, json};

use super::tls::Fault;
use crate::check::credentials::{Method, Protection};
use crate::check::evidence::object;

#[derive(Clone, Debug, Default)]
pub struct PostgresEvidence {
    /// Whom it was tried to log in as, the last time.
    pub account: Option<Account>,
    /// What protected the login.
    pub protection: Option<Protection>,
    /// The proof that the server asked for.
    pub method: Option<Method>,
    /// What the server said where it refused.
    pub refusal: Option<Refusal>,
    /// Which of several ways led to the diagnosis.
    pub reason: Option<Reason>,
    /// The line for the server's pg_hba.conf that admits this login from this terminal.
    pub hba_line: Option<String>,
    pub version: Option<String>,
    /// True where the server takes no changes.
    pub standby: Option<bool>,
    pub connections: Option<Connections>,
    /// How far this terminal's clock is ahead of the server's.
    pub clock_difference_s: Option<i64>,
}

#[derive(Clone, Debug)]
pub struct Account {
    pub user: String,
    /// `None`: the server takes the user's name, as with libpq.
    pub database: Option<String>,
    /// Someone chose this user, so that a refusal says something about it.
    pub given: bool,
}

/// An error of the server.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// SQLSTATE.
    pub code: String,
    /// The function in the server's source that said it: never translated.
    pub routine: Option<String>,
    /// Perhaps translated, perhaps in another encoding.
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is no such role, or it may not log in.
    Role,
    /// The server asks for the password in a way that would give it away.
    Unprotected,
    /// The server does not ask for the proof that PGREQUIREAUTH demands.
    Unwanted,
    /// It would let in a connection that is not encrypted.
    PlainOnly,
    /// It is neither about the user nor about the database.
    ServesNobody,
    Tls(Fault),
}

#[derive(Clone, Copy, Debug)]
pub struct Connections {
    pub used: u32,
    pub max: u32,
}

impl Account {
    /// The database that the server will look for.
    pub fn database(&self) -> &str {
        self.database.as_deref().unwrap_or(&self.user)
    }
}

impl Reason {
    /// As `detail.reason`.
    pub const fn name(&self) -> &'static str {
        match self {
            Reason::Role => "role",
            Reason::Unprotected => "unprotected",
            Reason::Unwanted => "unwanted",
            Reason::PlainOnly => "plain_only",
            Reason::ServesNobody => "serves_nobody",
            Reason::Tls(fault) => fault.name(),
        }
    }
}

impl PostgresEvidence {
    /// - `user`, `database`, `protection`, `method`; `server_version`, `standby`, `connections`: `{"used", "max"}`,
    ///   `clock_difference_s`; `hba_line`;
    /// - `sqlstate`.
    pub(super) fn detail(&self) -> Map<String, Value> {
        let text = |text: &String| Value::from(text.as_str());
        let connections = self.connections.map(|Connections { used, max }| json!({ "used": used, "max": max }));
        object([
            ("user", self.account.as_ref().map(|account| text(&account.user))),
            ("database", self.account.as_ref().map(|account| account.database().into())),
            ("protection", self.protection.map(|protection| protection.name().into())),
            ("method", self.method.map(|method| method.name().into())),
            ("server_version", self.version.as_ref().map(text)),
            ("standby", self.standby.map(Value::from)),
            ("connections", connections),
            ("clock_difference_s", self.clock_difference_s.map(Value::from)),
            ("hba_line", self.hba_line.as_ref().map(text)),
            ("sqlstate", self.refusal.as_ref().map(|refusal| text(&refusal.code))),
        ])
    }
}
