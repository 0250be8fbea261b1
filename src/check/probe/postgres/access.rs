//! What a server's refusal means: its own state, its access list, the role, the password, the database.

use std::net::IpAddr;

use super::evidence::{Account, Reason, Refusal};
use super::session::{Failure, ServerSession, Trial};
use super::tls::Fault;
use super::wire::TlsMode;
use crate::check::credentials::{Encryption, Method, Protection};
use crate::check::diagnosis::Diagnosis;
use crate::check::resolve;

/// The function that finds no role of that name, or one that may not log in. (The other one that says 28000 is
/// `ClientAuthentication`: pg_hba.conf.)
const ROLE_ROUTINE: &str = "InitializeSessionUserId";

/// The function that reports a failed authentication other than by password.
const PROOF_ROUTINE: &str = "auth_failed";

/// The one that reads the access list, and the one that looks at the database's own rules.
const LIST_ROUTINE: &str = "ClientAuthentication";
const DATABASE_ROUTINE: &str = "CheckMyDatabase";

/// How PostgreSQL says that it is shutting down where its messages are not translated, and where they are, in the
/// languages that its shops here use. 57P03 is starting up, shutting down and recovering alike, from the same routine:
/// for this one question the text is the only evidence there is. An unknown text counts as starting up.
const SHUTTING_DOWN: [&str; 3] = [
    "the database system is shutting down",
    "o sistema de banco de dados está desligando",
    "el sistema de base de datos está apagándose",
];

/// True for one of [`SHUTTING_DOWN`]. Before the login the message is in the server's encoding, so accented letters may
/// be lost: only ASCII is compared.
fn is_shutting_down(text: &str) -> bool {
    let plain = |text: &str| text.chars().filter(char::is_ascii).collect::<String>();
    SHUTTING_DOWN.iter().any(|known| plain(known) == plain(text))
}

/// True for a standby with `hot_standby` off: the name of it stands untranslated in the detail of 14 and later. Older ones
/// say the same as while they start.
fn is_closed_standby(refusal: &Refusal) -> bool {
    let detail = refusal.detail.as_deref().unwrap_or_default().to_lowercase().replace('-', " ");
    detail.contains("hot standby")
}

/// How PostgreSQL says that a role may not log in, and that there is none: one code and one function say both.
const MAY_NOT_LOG_IN: [&str; 3] = ["is not permitted to log in", "no se le permite conectarse", "se autenticar"];
const IS_MISSING: [&str; 3] = ["does not exist", "no existe el rol", "não existe"];

/// How it says that a line of the access list turns somebody away on purpose.
const REJECTS: [&str; 6] = ["rejects connection", "rechaza la conexi", "rejeita conex", "rejette", "lehnt", "rifiuta"];

/// What PgBouncer says, always in English and with one code for all of it, and what it means.
const OF_POOLER: [(&str, Diagnosis); 12] = [
    ("no such database", Diagnosis::DatabaseMissing),
    ("is disabled", Diagnosis::DatabaseClosed),
    ("password authentication failed", Diagnosis::AuthFailed),
    ("SASL authentication failed", Diagnosis::AuthFailed),
    ("PAM authentication failed", Diagnosis::AuthFailed),
    ("certificate authentication failed", Diagnosis::AuthFailed),
    ("auth failed", Diagnosis::AuthFailed),
    ("no such user", Diagnosis::AuthFailed),
    ("no more connections allowed", Diagnosis::TooManyConnections),
    ("client connections exceeded", Diagnosis::TooManyConnections),
    ("query_wait_timeout", Diagnosis::TooManyConnections),
    ("SSL required", Diagnosis::TlsRequired),
];

/// What a pooler repeats of the server behind it, with its own code, and what it means. Older ones say it as it is, newer
/// ones after these words.
const BEHIND_POOLER: &str = "server login failed";
const OF_BEHIND: [(&str, Diagnosis); 5] = [
    ("starting up", Diagnosis::StartingUp),
    ("not yet accepting connections", Diagnosis::StartingUp),
    ("shutting down", Diagnosis::ShuttingDown),
    ("too many clients", Diagnosis::TooManyConnections),
    ("connection slots", Diagnosis::TooManyConnections),
];

/// What it repeats where the access list of the server behind it does not admit the pooler itself.
const NO_ENTRY: &str = "no pg_hba.conf entry for host \"";

/// What a failed login means.
pub fn diagnose(failure: Failure, session: &mut ServerSession<'_>, account: &Account) -> Diagnosis {
    let (diagnosis, reason) = match failure {
        Failure::Refused(refusal) => {
            let found = of_refusal(&refusal, session, account);
            session.found.refusal = Some(refusal);
            found
        }
        Failure::Cause(diagnosis) => (diagnosis, None),
        Failure::PasswordWanted if account.given => {
            (Diagnosis::NoPassword, Some(Reason::NoPassword(session.absence(account))))
        }
        Failure::PasswordWanted => (Diagnosis::AuthRequired, None),
        Failure::OtherProof(reason) => (Diagnosis::AuthMethod, reason),
        Failure::Tls(Fault::CertificateWanted) => (Diagnosis::CertificateRequired, None),
        Failure::Tls(Fault::NothingInCommon) => (Diagnosis::TlsVersion, None),
        Failure::Tls(fault) => (Diagnosis::TlsFailed, Some(Reason::Tls(fault))),
        Failure::Unsafe(reason) => (Diagnosis::AuthUnsafe, Some(reason)),
    };
    session.found.reason = reason;
    match diagnosis {
        // Nobody has named the login that is wrong: one is needed, and that is all.
        Diagnosis::AuthFailed if !account.given => Diagnosis::AuthRequired,
        diagnosis => diagnosis,
    }
}

/// What an error after the login means: it may be the state of a server behind a pooler. `None`: the question alone went
/// wrong (a right, a limit, a lock), and the login is what was to be tested.
pub fn of_answer(refusal: &Refusal, session: &mut ServerSession<'_>, account: &Account) -> Option<Diagnosis> {
    let of_question = ["0A", "22", "25", "42", "55P", "57014"].iter().any(|class| refusal.code.starts_with(class));
    if of_question {
        return None;
    }
    let (diagnosis, reason) = of_refusal(refusal, session, account);
    session.found.reason = reason;
    Some(diagnosis)
}

/// True where it was this user who was refused: another one may be let in.
pub fn is_about_the_user(diagnosis: Diagnosis) -> bool {
    matches!(
        diagnosis,
        Diagnosis::AuthRequired
            | Diagnosis::HbaRejected
            | Diagnosis::TlsRequired
            | Diagnosis::CertificateRequired
            | Diagnosis::AuthMethod
            | Diagnosis::NoConnectRight
    )
}

/// By code and routine, which are never translated; where both leave it open, by asking again, and by the words that are
/// known. What none of them names stays the server's own sentence.
fn of_refusal(refusal: &Refusal, session: &mut ServerSession<'_>, account: &Account) -> (Diagnosis, Option<Reason>) {
    let routine = refusal.routine.as_deref().unwrap_or_default();
    let in_check = routine.is_empty() || routine == DATABASE_ROUTINE;
    let only = |diagnosis| (diagnosis, None);
    let because = |diagnosis, reason| (diagnosis, Some(reason));
    match refusal.code.as_str() {
        // Words in place of a message: see `Transcript::error_in_words`.
        "" => because(Diagnosis::ServerError, Reason::NoProcess),
        "57P03" if is_shutting_down(&refusal.text) => only(Diagnosis::ShuttingDown),
        "57P03" if is_closed_standby(refusal) => because(Diagnosis::Standby, Reason::AdmitsNobody),
        "57P03" => only(Diagnosis::StartingUp),
        // An administrator, or a crash, has ended the session: the server goes down.
        "57P01" | "57P02" => only(Diagnosis::ShuttingDown),
        "53300" if routine.is_empty() => of_relayed_limit(&refusal.text),
        "53300" if routine.starts_with(ROLE_ROUTINE) => because(Diagnosis::ConnectionLimit, Reason::LimitOfRole),
        "53300" if routine == DATABASE_ROUTINE => because(Diagnosis::ConnectionLimit, Reason::LimitOfDatabase),
        "53300" => only(Diagnosis::TooManyConnections),
        "53100" => because(Diagnosis::ServerError, Reason::NoDisk),
        "53200" => because(Diagnosis::ServerError, Reason::NoMemory),
        "55000" if in_check => only(Diagnosis::DatabaseClosed),
        "42501" if in_check => only(Diagnosis::NoConnectRight),
        // With a detail it is there and broken, or just going.
        "3D000" if refusal.detail.is_none() => only(Diagnosis::DatabaseMissing),
        // Not the server itself: a pooler, of whose own login at the server this may be as well.
        "28P01" if routine.is_empty() => because(Diagnosis::AuthFailed, Reason::Pooler),
        "28P01" => only(Diagnosis::AuthFailed),
        "28000" if routine.starts_with(ROLE_ROUTINE) => because(Diagnosis::AuthFailed, of_role(&refusal.text)),
        // A password that is the server's own business is 28P01.
        "28000" if routine == PROOF_ROUTINE && session.found.method == Some(Method::Password) => {
            because(Diagnosis::AuthFailed, Reason::CheckedElsewhere)
        }
        "28000" if routine == PROOF_ROUTINE && session.found.method.is_some() => only(Diagnosis::AuthFailed),
        "28000" if routine == PROOF_ROUTINE => {
            // Who logs in as this user, from here, by the other method is the reader's to know: see the remedy.
            let source = resolve::source_towards(session.address).filter(|_| account.given);
            session.found.hba_line = source.map(|source| line_of(session, account, source));
            only(Diagnosis::AuthMethod)
        }
        "28000" if routine == LIST_ROUTINE || refusal.address().is_some() => of_access_list(refusal, session, account),
        "08P01" if refusal.text.contains(NO_ENTRY) => {
            session.found.hba_line = line_for_the_pooler(&refusal.text);
            because(Diagnosis::HbaRejected, Reason::BehindPooler)
        }
        "08P01" => of_pooler(&refusal.text),
        _ => only(Diagnosis::ServerError),
    }
}

/// What is full, where the function is not told: newer poolers repeat a server's code and sentence and no more, and have a
/// limit of their own with the same code.
fn of_relayed_limit(text: &str) -> (Diagnosis, Option<Reason>) {
    let behind = OF_BEHIND.iter().any(|(words, _)| text.contains(words));
    match text {
        text if text.contains("too many connections for role") => {
            (Diagnosis::ConnectionLimit, Some(Reason::LimitOfRole))
        }
        text if text.contains("too many connections for database") => {
            (Diagnosis::ConnectionLimit, Some(Reason::LimitOfDatabase))
        }
        _ => (Diagnosis::TooManyConnections, (!behind).then_some(Reason::Pooler)),
    }
}

fn of_pooler(text: &str) -> (Diagnosis, Option<Reason>) {
    let meant = |known: &[(&str, Diagnosis)]| {
        known.iter().find(|(words, _)| text.contains(words)).map(|(_, diagnosis)| *diagnosis)
    };
    match meant(&OF_BEHIND) {
        Some(diagnosis) => return (diagnosis, None),
        None if text.contains(BEHIND_POOLER) => return (Diagnosis::ServerError, None),
        None => {}
    }
    let newer =
        (text.starts_with("database \"") && text.contains("does not exist")).then_some(Diagnosis::DatabaseMissing);
    match meant(&OF_POOLER).or(newer) {
        Some(diagnosis) => (diagnosis, Some(Reason::Pooler)),
        None => (Diagnosis::ServerError, None),
    }
}

fn of_role(text: &str) -> Reason {
    let says = |known: [&str; 3]| known.iter().any(|words| text.contains(words));
    match (says(MAY_NOT_LOG_IN), says(IS_MISSING)) {
        (true, _) => Reason::RoleMayNotLogIn,
        (_, true) => Reason::RoleMissing,
        _ => Reason::Role,
    }
}

/// The access list says no to this connection. Whether it would say yes to one that is encrypted, or one that is not,
/// is found by asking; `prefer` and `allow` have asked both ways already.
fn of_access_list(
    refusal: &Refusal,
    session: &mut ServerSession<'_>,
    account: &Account,
) -> (Diagnosis, Option<Reason>) {
    // A pooler repeats it of the server behind: encryption, user and address may be others there than here.
    if refusal.routine.is_none() {
        if !refusal.text.contains(NO_ENTRY) {
            return (Diagnosis::HbaRejected, Some(Reason::Pooler));
        }
        session.found.hba_line = line_for_the_pooler(&refusal.text);
        return (Diagnosis::HbaRejected, Some(Reason::BehindPooler));
    }
    let encrypted = session.found.protection.is_some_and(|protection| protection != Protection::None);
    if encrypted && refusal.wants_a_certificate() {
        return (Diagnosis::CertificateRequired, None);
    }
    let plain_only = match session.encryption() {
        Encryption::Disable => match session.attempt(account, TlsMode::Required) {
            Trial::Admitted => return (Diagnosis::TlsRequired, None),
            Trial::CertificateWanted => return (Diagnosis::CertificateRequired, None),
            Trial::Refused => false,
        },
        Encryption::Require | Encryption::VerifyCa | Encryption::VerifyFull if encrypted => {
            session.attempt(account, TlsMode::Plain) == Trial::Admitted
        }
        _ => false,
    };
    if plain_only {
        return (Diagnosis::HbaRejected, Some(Reason::PlainOnly));
    }
    if REJECTS.iter().any(|words| refusal.text.contains(words)) {
        return (Diagnosis::HbaRejected, Some(Reason::Rejected));
    }
    let source = refusal.address();
    session.found.hba_line = source.filter(|_| account.given).map(|source| line_of(session, account, source));
    (Diagnosis::HbaRejected, None)
}

impl Refusal {
    /// The address that the server sees and quotes where its access list refuses: behind a translator of addresses or a
    /// proxy it is not this machine's own. It stands before the names, in every language.
    pub fn address(&self) -> Option<IpAddr> {
        let parts = self.text.split(|symbol: char| !(symbol.is_ascii_alphanumeric() || ".:%".contains(symbol)));
        parts.filter_map(|part| part.split('%').next()?.parse().ok()).next()
    }

    /// True for what is said only to whom the access list has let through: of the password, the database, the limits of
    /// both. A server that is full, starting or out of processes says so before it looks there, and by chance.
    pub fn comes_after_admission(&self) -> bool {
        let routine = self.routine.as_deref().unwrap_or_default();
        matches!(self.code.as_str(), "28P01" | "3D000" | "42501" | "55000")
            || routine == DATABASE_ROUTINE
            || routine.starts_with(ROLE_ROUTINE)
    }

    /// True for a pooler that takes encrypted connections alone.
    pub fn wants_encryption(&self) -> bool {
        self.code == "08P01" && of_pooler(&self.text).0 == Diagnosis::TlsRequired
    }

    /// True where the access list refuses and quotes no address: then a line does fit, and wants a certificate.
    pub fn wants_a_certificate(&self) -> bool {
        self.code == "28000" && self.routine.as_deref() == Some(LIST_ROUTINE) && self.address().is_none()
    }
}

/// The line for this login.
fn line_of(session: &ServerSession<'_>, account: &Account, source: IpAddr) -> String {
    hba_line(session.found.encrypts, account.database(), &account.user, source)
}

/// The line that admits this login from that address alone. Where none fits this login, it is for the end of pg_hba.conf: no line there fits this login,
/// so the last one takes nothing from those above it, a stricter rule or a `reject` among them. `md5` admits by SCRAM
/// where the role's secret is SCRAM's, by MD5 where it is an old one, and servers before 10 know it: the one method that
/// locks nobody out.
fn hba_line(encrypted: bool, database: &str, user: &str, source: IpAddr) -> String {
    let whole = if source.is_ipv4() { 32 } else { 128 };
    let kind = if encrypted { "hostssl" } else { "host" };
    format!("{kind}  {}  {}  {source}/{whole}  md5", hba_name(database), hba_name(user))
}

/// The line that admits the pooler, from what it repeats of the server: whom it logged in as, where, and from which address.
/// `None` where a name holds a quote, so that nothing tells where it ends.
fn line_for_the_pooler(text: &str) -> Option<String> {
    let parts: Vec<_> = text.split('"').collect();
    let [_, source, ", user ", user, ", database ", database, encryption] = parts.as_slice() else { return None };
    let encrypted = encryption.contains("SSL encryption") || encryption.contains("SSL on");
    Some(hba_line(encrypted, database, user, source.parse().ok()?))
}

/// A name for pg_hba.conf, quoted if it would be read as a keyword, list, group or file.
fn hba_name(name: &str) -> String {
    const KEYWORDS: [&str; 5] = ["all", "sameuser", "samerole", "samegroup", "replication"];
    let plain = !name.is_empty()
        && name.chars().all(|symbol| symbol.is_alphanumeric() || symbol == '_' || symbol == '-' || symbol == '.');
    if plain && !KEYWORDS.contains(&name) { name.to_string() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_admits_one_login_from_one_address() {
        let line = |encrypted, user, source: &str| hba_line(encrypted, "loja", user, source.parse().unwrap());
        assert_eq!(line(false, "balcao", "192.168.0.20"), "host  loja  balcao  192.168.0.20/32  md5");
        assert_eq!(line(true, "balcao", "fd77::2"), "hostssl  loja  balcao  fd77::2/128  md5");
    }

    #[test]
    fn the_line_for_a_pooler_is_made_of_what_it_repeats() {
        let line = |rest: &str| line_for_the_pooler(&format!("server login failed: FATAL {NO_ENTRY}10.0.0.5{rest}"));
        let plain = "\", user \"maria\", database \"loja\", no encryption";
        assert_eq!(line(plain).unwrap(), "host  loja  maria  10.0.0.5/32  md5");
        let encrypted = "\", user \"maria\", database \"loja\", SSL encryption";
        assert_eq!(line(encrypted).unwrap(), "hostssl  loja  maria  10.0.0.5/32  md5");
        assert_eq!(line("\", user \"a\"b\", database \"loja\", no encryption"), None);
    }

    #[test]
    fn the_address_that_the_server_quotes_is_found_in_any_language() {
        let table = [
            ("no pg_hba.conf entry for host \"10.0.0.5\", user \"10.0.0.6\", database \"x\"", Some("10.0.0.5")),
            ("no hay una línea en pg_hba.conf para «fd77::2», usuario «maria»", Some("fd77::2")),
            ("aucune entrée dans pg_hba.conf pour l'hôte « fe80::1%eth0 », utilisateur", Some("fe80::1")),
            ("connection requires a valid client certificate", None),
            ("", None),
        ];
        for (text, address) in table {
            let refusal = Refusal { text: text.into(), ..Refusal::default() };
            assert_eq!(refusal.address(), address.map(|address| address.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn a_server_that_shuts_down_is_known_by_the_words_it_is_known_to_use() {
        for text in [
            "the database system is shutting down",
            "o sistema de banco de dados está desligando",
            "o sistema de banco de dados est\u{fffd} desligando",
        ] {
            assert!(is_shutting_down(text), "{text}");
        }
        for text in ["the database system is starting up", "", "データベースシステムは起動処理中です"]
        {
            assert!(!is_shutting_down(text), "{text}");
        }
    }

    #[test]
    fn what_a_pooler_says_is_its_own_or_the_server_s_behind_it() {
        let table = [
            ("no such database: x", Diagnosis::DatabaseMissing, Some(Reason::Pooler)),
            ("database \"x\" does not exist", Diagnosis::DatabaseMissing, Some(Reason::Pooler)),
            ("no more connections allowed (max_client_conn)", Diagnosis::TooManyConnections, Some(Reason::Pooler)),
            ("server login failed: FATAL the database system is starting up", Diagnosis::StartingUp, None),
            ("the database system is not yet accepting connections", Diagnosis::StartingUp, None),
            ("server login failed: FATAL sorry, too many clients already", Diagnosis::TooManyConnections, None),
            ("server login failed: FATAL role \"x\" does not exist", Diagnosis::ServerError, None),
            ("server login failed: FATAL password authentication failed", Diagnosis::ServerError, None),
            ("bouncer config error", Diagnosis::ServerError, None),
        ];
        for (text, diagnosis, reason) in table {
            assert_eq!(of_pooler(text), (diagnosis, reason), "{text}");
        }
    }

    #[test]
    fn only_what_is_said_after_the_access_list_tells_that_it_admits() {
        let table = [
            ("3D000", "InitPostgres", true),
            ("42501", "CheckMyDatabase", true),
            ("53300", "InitializeSessionUserId", true),
            ("53300", "InitProcess", false),
            ("53200", "", false),
            ("57P03", "ProcessStartupPacket", false),
            ("08P01", "", false),
            ("", "", false),
            ("28000", "ClientAuthentication", false),
        ];
        for (code, routine, admitted) in table {
            let routine = Some(routine.to_string()).filter(|routine| !routine.is_empty());
            let refusal = Refusal { code: code.into(), routine, ..Refusal::default() };
            assert_eq!(refusal.comes_after_admission(), admitted, "{refusal:?}");
        }
    }

    #[test]
    fn a_limit_that_somebody_else_repeats_is_told_by_its_words() {
        let table = [
            ("sorry, too many clients already", Diagnosis::TooManyConnections, None),
            (
                "remaining connection slots are reserved for roles with the SUPERUSER attribute",
                Diagnosis::TooManyConnections,
                None,
            ),
            ("too many connections for role \"x\"", Diagnosis::ConnectionLimit, Some(Reason::LimitOfRole)),
            ("too many connections for database \"x\"", Diagnosis::ConnectionLimit, Some(Reason::LimitOfDatabase)),
            ("odyssey: c1: too many connections", Diagnosis::TooManyConnections, Some(Reason::Pooler)),
        ];
        for (text, diagnosis, reason) in table {
            assert_eq!(of_relayed_limit(text), (diagnosis, reason), "{text}");
        }
    }

    #[test]
    fn names_that_mean_something_else_in_the_access_list_are_quoted() {
        let table = [
            ("balcao_1", "balcao_1"),
            ("caixa-2", "caixa-2"),
            ("all", "\"all\""),
            ("replication", "\"replication\""),
            ("+grupo", "\"+grupo\""),
            ("@arquivo", "\"@arquivo\""),
            ("a b,c", "\"a b,c\""),
            ("a\"b", "\"a\"\"b\""),
            ("/x", "\"/x\""),
            ("", "\"\""),
        ];
        for (name, expected) in table {
            assert_eq!(hba_name(name), expected);
        }
    }
}
