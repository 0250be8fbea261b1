//! What a server's refusal means: its own state, its access list, the role, the password, the database.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use super::evidence::{Account, Reason, Refusal};
use super::session::ServerSession;
use super::wire::TlsMode;
use crate::check::credentials::{Encryption, Protection};
use crate::check::diagnosis::Diagnosis;

/// The function that finds no role of that name, or one that may not log in. (The other one that says 28000 is
/// `ClientAuthentication`: pg_hba.conf.)
const ROLE_ROUTINE: &str = "InitializeSessionUserId";

/// The function that reports a failed authentication other than by password.
const PROOF_ROUTINE: &str = "auth_failed";

/// PostgreSQL's message on shutting down, untranslated and in the languages used here. 57P03 means starting up, shutting
/// down and recovering alike, from the same routine, so here the text is the only evidence. Any other text counts as
/// starting up.
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

/// The states of a server that do not depend on who asks.
pub fn of_server(refusal: &Refusal) -> Option<Diagnosis> {
    Some(match refusal.code.as_str() {
        "57P03" if is_shutting_down(&refusal.text) => Diagnosis::ShuttingDown,
        "57P03" => Diagnosis::StartingUp,
        // An administrator or a crash ended the session: the server goes down.
        "57P01" | "57P02" => Diagnosis::ShuttingDown,
        "53300" => Diagnosis::TooManyConnections,
        _ => return None,
    })
}

/// True if another user may be let in. (42501: no right to connect to the database.)
pub fn is_about_the_user(refusal: &Refusal) -> bool {
    refusal.code.starts_with("28") || refusal.code == "42501"
}

/// True if the error is neither about the user nor about the database.
pub fn serves_nobody(refusal: &Refusal) -> bool {
    !is_about_the_user(refusal) && refusal.code != "3D000"
}

/// What the refusal of a given login means; asks again if the code alone does not tell.
pub fn of_login(refusal: &Refusal, session: &mut ServerSession<'_>, account: &Account) -> Diagnosis {
    let routine = refusal.routine.as_deref().unwrap_or_default();
    match refusal.code.as_str() {
        "3D000" => Diagnosis::DatabaseMissing,
        "28000" if routine.starts_with(ROLE_ROUTINE) => {
            session.found.reason = Some(Reason::Role);
            Diagnosis::AuthFailed
        }
        "28000" if routine == PROOF_ROUTINE => Diagnosis::AuthFailed,
        "28000" => of_access_list(session, account),
        _ => Diagnosis::AuthFailed,
    }
}

/// pg_hba.conf refuses this connection. Whether it would admit it with or without encryption is found by trying; `prefer`
/// and `allow` have tried both already.
fn of_access_list(session: &mut ServerSession<'_>, account: &Account) -> Diagnosis {
    match (session.encryption(), session.protection()) {
        (Encryption::Disable, _) if session.is_admitted(account, TlsMode::Required) => return Diagnosis::TlsRequired,
        (Encryption::Require | Encryption::VerifyCa | Encryption::VerifyFull, Some(protection))
            if protection != Protection::None && session.is_admitted(account, TlsMode::Plain) =>
        {
            session.found.reason = Some(Reason::PlainOnly);
        }
        _ => {}
    }
    let source = own_address(session.address);
    session.found.hba_line = source.map(|source| hba_line(account.database(), &account.user, source));
    Diagnosis::HbaRejected
}

/// This machine's address on the route to a server. Connecting a datagram socket sends no packet and uses the same route
/// as a stream.
fn own_address(server: SocketAddr) -> Option<IpAddr> {
    let any: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect(server).ok()?;
    Some(socket.local_addr().ok()?.ip().to_canonical())
}

/// The line for pg_hba.conf that admits this login from that address alone.
fn hba_line(database: &str, user: &str, source: IpAddr) -> String {
    let whole = if source.is_ipv4() { 32 } else { 128 };
    format!("host  {}  {}  {source}/{whole}  scram-sha-256", hba_name(database), hba_name(user))
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
        let line = |database, user, source: &str| hba_line(database, user, source.parse().unwrap());
        assert_eq!(line("loja", "balcao", "192.168.0.20"), "host  loja  balcao  192.168.0.20/32  scram-sha-256");
        assert_eq!(line("loja", "balcao", "fd77::2"), "host  loja  balcao  fd77::2/128  scram-sha-256");
    }

    #[test]
    fn a_server_that_shuts_down_is_known_by_the_words_it_is_known_to_use() {
        let of = |text: &str| {
            of_server(&Refusal {
                code: "57P03".into(),
                routine: Some("ProcessStartupPacket".into()),
                text: text.into(),
            })
        };
        for text in [
            "the database system is shutting down",
            "o sistema de banco de dados está desligando",
            "o sistema de banco de dados est\u{fffd} desligando",
        ] {
            assert_eq!(of(text), Some(Diagnosis::ShuttingDown), "{text}");
        }
        for text in ["the database system is starting up", "", "データベースシステムは起動処理中です"]
        {
            assert_eq!(of(text), Some(Diagnosis::StartingUp), "{text}");
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

    #[test]
    fn the_own_address_is_the_one_on_the_way_to_the_server() {
        assert_eq!(own_address("127.0.0.1:5432".parse().unwrap()), "127.0.0.1".parse().ok());
        assert_eq!(own_address("[::1]:5432".parse().unwrap()), "::1".parse().ok());
    }
}
