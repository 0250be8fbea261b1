//! What a server's refusal means: its own state, its access list, the role, the password, the database.

use std::net::IpAddr;

use super::evidence::{Account, Reason, Refusal};
use super::session::{Failure, ServerSession, Trial};
use super::tls::Fault;
use super::wire::TlsMode;
use super::{access_line, pooler};
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

/// What a failed login means.
pub fn diagnose(failure: Failure, session: &mut ServerSession<'_>, account: &Account) -> Diagnosis {
    let (diagnosis, reason) = match failure {
        Failure::Refused(refusal) => {
            let found = of_refusal(&refusal, session, account);
            session.found.refusal = Some(refusal);
            found
        }
        Failure::Cause(diagnosis) => (diagnosis, None),
        Failure::NothingBehind => (Diagnosis::ServerError, Some(Reason::BehindPooler)),
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
        "53300" if routine.is_empty() => pooler::of_relayed_limit(&refusal.text),
        "53300" if routine.starts_with(ROLE_ROUTINE) => because(Diagnosis::ConnectionLimit, Reason::LimitOfRole),
        "53300" if routine == DATABASE_ROUTINE => because(Diagnosis::ConnectionLimit, Reason::LimitOfDatabase),
        "53300" => only(Diagnosis::TooManyConnections),
        "53100" => because(Diagnosis::ServerError, Reason::NoDisk),
        "53200" => because(Diagnosis::ServerError, Reason::NoMemory),
        "55000" if in_check => only(Diagnosis::DatabaseClosed),
        "42501" if in_check => only(Diagnosis::NoConnectRight),
        // With a detail it is there and broken, or just going.
        // A pooler repeats it of the server behind it. Its own entries a pooler calls by other words.
        "3D000" if routine.is_empty() && pooler::missing_database(&refusal.text).is_some() => {
            because(Diagnosis::ServerError, Reason::BehindPooler)
        }
        "3D000" if refusal.detail.is_none() => only(Diagnosis::DatabaseMissing),
        // Not the server itself: a pooler repeats of the server behind it what that says to the pooler's own role.
        "28P01"
            if routine.is_empty() && pooler::refused_login(&refusal.text).is_some_and(|user| user != account.user) =>
        {
            because(Diagnosis::ServerError, Reason::BehindPooler)
        }
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
        "08P01" => {
            session.found.hba_line = pooler::line_for_it(&refusal.text);
            pooler::of_words(&refusal.text)
        }
        _ => only(Diagnosis::ServerError),
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
        session.found.hba_line = pooler::line_for_it(&refusal.text);
        return pooler::of_access_list(&refusal.text);
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
        // F0000: a line fits, and what it wants is not set up (a certificate of ours, without a root to check it against).
        matches!(self.code.as_str(), "28P01" | "3D000" | "42501" | "55000")
            || (self.code == "F0000" && routine == LIST_ROUTINE)
            || routine == DATABASE_ROUTINE
            || routine.starts_with(ROLE_ROUTINE)
    }

    /// True for a pooler that takes encrypted connections alone.
    pub fn wants_encryption(&self) -> bool {
        self.code == "08P01" && pooler::of_words(&self.text).0 == Diagnosis::TlsRequired
    }

    /// True where the access list refuses and quotes no address: then a line does fit, and wants a certificate.
    pub fn wants_a_certificate(&self) -> bool {
        self.code == "28000" && self.routine.as_deref() == Some(LIST_ROUTINE) && self.address().is_none()
    }
}

/// The line for this login.
fn line_of(session: &ServerSession<'_>, account: &Account, source: IpAddr) -> String {
    access_line::of(session.found.encrypts, account.database(), &account.user, source)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("F0000", "ClientAuthentication", true),
            ("F0000", "", false),
        ];
        for (code, routine, admitted) in table {
            let routine = Some(routine.to_string()).filter(|routine| !routine.is_empty());
            let refusal = Refusal { code: code.into(), routine, ..Refusal::default() };
            assert_eq!(refusal.comes_after_admission(), admitted, "{refusal:?}");
        }
    }
}
