//! What is found out about a PostgreSQL server, as types and as JSON.

use serde_json::{Map, Value, json};

use super::tls::Fault;
use crate::check::credentials::{Absence, CredentialsError, Method, Protection};
use crate::check::evidence::object;
use crate::safe::Safe;

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
    /// The server took an encrypted connection, whether it then let it in or not.
    pub encrypts: bool,
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
#[derive(Clone, Debug, Default)]
pub struct Refusal {
    /// SQLSTATE; empty where there is none.
    pub code: String,
    /// The function in the server's source that said it: never translated.
    pub routine: Option<String>,
    /// Perhaps translated, perhaps in another encoding.
    pub text: String,
    pub detail: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is no such role, or it may not log in: the server does not say which in a way that is known.
    Role,
    RoleMissing,
    RoleMayNotLogIn,
    /// The server asks somebody else about the password: LDAP, PAM, RADIUS.
    CheckedElsewhere,
    /// What is to be logged in with is not to be understood.
    Unusable(CredentialsError),
    /// No password was found for the user, and why.
    NoPassword(Absence),
    /// The server asks for the password in a way that would give it away.
    Unprotected,
    /// The server does not ask for the proof that PGREQUIREAUTH demands.
    Unwanted,
    /// The server could not prove that it knows the password.
    Unproven,
    /// The password is to be hashed so many times: more than this program does.
    TooManyRounds(u64),
    /// It would let in a connection that is not encrypted.
    PlainOnly,
    /// A line of the access list turns it away on purpose.
    Rejected,
    /// The limit is the role's own, or the database's own.
    LimitOfRole,
    LimitOfDatabase,
    /// The standby lets nobody in.
    AdmitsNobody,
    /// The server is out of processes or memory, of disk, of memory.
    NoProcess,
    NoDisk,
    NoMemory,
    /// A pooler in front of the server said it.
    Pooler,
    /// A pooler has no connection to the server behind it.
    BehindPooler,
    Tls(Fault),
}

#[derive(Clone, Copy, Debug)]
pub struct Connections {
    pub used: u32,
    pub max: u32,
}

impl Refusal {
    /// All that the server said.
    pub fn whole(&self) -> String {
        match &self.detail {
            Some(detail) => format!("{} ({detail})", self.text),
            None => self.text.clone(),
        }
    }
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
            Reason::RoleMissing => "role_missing",
            Reason::RoleMayNotLogIn => "role_may_not_log_in",
            Reason::CheckedElsewhere => "checked_elsewhere",
            Reason::Unusable(_) => "bad_credentials",
            Reason::NoPassword(absence) => absence.name(),
            Reason::Unprotected => "unprotected",
            Reason::Unwanted => "unwanted",
            Reason::Unproven => "unproven",
            Reason::TooManyRounds(_) => "too_many_rounds",
            Reason::PlainOnly => "plain_only",
            Reason::Rejected => "rejected",
            Reason::LimitOfRole => "limit_of_role",
            Reason::LimitOfDatabase => "limit_of_database",
            Reason::AdmitsNobody => "admits_nobody",
            Reason::NoProcess => "no_process",
            Reason::NoDisk => "no_disk",
            Reason::NoMemory => "no_memory",
            Reason::Pooler => "pooler",
            Reason::BehindPooler => "behind_pooler",
            Reason::Tls(fault) => fault.name(),
        }
    }
}

impl PostgresEvidence {
    /// The user's name, as it may be shown.
    pub(super) fn user(&self) -> Safe {
        self.account.as_ref().map(|account| Safe::outside(&account.user)).unwrap_or_default()
    }

    /// The database's name, as it may be shown.
    pub(super) fn database(&self) -> Safe {
        self.account.as_ref().map(|account| Safe::outside(account.database())).unwrap_or_default()
    }

    /// True where nobody has named the database: the server then looks for one of the user's name.
    pub(super) fn database_is_the_users_name(&self) -> bool {
        self.account.as_ref().is_some_and(|account| account.given && account.database.is_none())
    }

    /// - `user`, `database`, `protection`, `method`; `server_version`, `standby`, `connections`: `{"used", "max"}`,
    ///   `clock_difference_s`; `hba_line`;
    /// - `sqlstate`, `server_said`.
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
            (
                "sqlstate",
                self.refusal.as_ref().filter(|refusal| !refusal.code.is_empty()).map(|refusal| text(&refusal.code)),
            ),
            ("server_said", self.refusal.as_ref().map(|refusal| refusal.whole().into())),
        ])
    }
}
