//! What a real PostgreSQL says no with, and what is made of it: limits, rights, methods, processes, round trips.

use std::ffi::OsString;
use std::net::Ipv4Addr;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use balcao_config::check::credentials::{Encryption, Secret};
use balcao_config::check::{Credentials, Diagnosis, Options, Outcome, Status};
use balcao_config::lang::Lang;
use balcao_config::present::outcome::said;
use serde_json::json;

use crate::busy::at_best;
use crate::check::{PATIENT, database, detail, given, outcome, within};
use crate::login::with_password;
use crate::postgres::{Cluster, Spec, as_owner, cluster};
use crate::relay::Relay;
use crate::tls;
use crate::world::World;

/// A server with one of each kind of refusal.
pub fn refusing() -> &'static Cluster {
    static REFUSING: OnceLock<Cluster> = OnceLock::new();
    REFUSING.get_or_init(|| {
        let access = "local all all trust\nhost all por_ident 127.0.0.1/32 ident\nhost all forte all scram-sha-256\n\
                      host all all 127.0.0.1/32 trust\n";
        let strong = format!("SCRAM-SHA-256$200000:{}$:", "A".repeat(22) + "==")
            .replace("$:", &format!("${0}=:{0}=", "A".repeat(43)));
        let roles = format!(
            "CREATE ROLE por_ident LOGIN; CREATE ROLE maria LOGIN; CREATE ROLE cheia LOGIN CONNECTION LIMIT 0;
             CREATE ROLE forte LOGIN PASSWORD '{strong}'"
        );
        let server = Cluster::start(&Spec { access, settings: "", roles: &roles });
        server.execute(&[
            "CREATE DATABASE fechado ALLOW_CONNECTIONS false",
            "CREATE DATABASE cheio CONNECTION LIMIT 0",
            "CREATE DATABASE privado",
            "REVOKE CONNECT ON DATABASE privado FROM PUBLIC",
        ]);
        server
    })
}

/// A server that can start no process any more, for a limit of the system's on its account.
pub fn out_of_processes() -> Cluster {
    let server =
        Cluster::start(&Spec { access: "local all all trust\nhost all all all trust\n", settings: "", roles: "" });
    // As the account itself: it may take from what is its own.
    let mut limit = Command::new("prlimit");
    as_owner(limit.args(["--nproc=1:1", "--pid", &server.pid().to_string()]));
    assert!(limit.status().unwrap().success());
    server
}

/// The first answer comes, and no other.
pub fn stuck(port: u16) -> Relay {
    Relay::to(port, Ipv4Addr::LOCALHOST, 1)
}

fn as_user(user: &str, name: &str) -> Outcome {
    outcome(database("127.0.0.1", refusing().port), &given(user, name))
}

#[test]
fn each_refusal_has_its_own_name() {
    let table = [
        ("maria", "fechado", Diagnosis::DatabaseClosed, Status::Fail),
        ("maria", "privado", Diagnosis::NoConnectRight, Status::Fail),
        ("maria", "cheio", Diagnosis::ConnectionLimit, Status::Warning),
        ("cheia", "postgres", Diagnosis::ConnectionLimit, Status::Warning),
        ("por_ident", "postgres", Diagnosis::AuthMethod, Status::Fail),
        ("maria", "nenhum", Diagnosis::DatabaseMissing, Status::Fail),
    ];
    for (user, name, diagnosis, status) in table {
        let found = as_user(user, name);
        assert_eq!((found.diagnosis, found.status()), (diagnosis, status), "{user} {name}: {:?}", detail(&found));
        // What the server said is always there.
        assert!(!detail(&found)["server_said"].as_str().unwrap().is_empty());
    }
}

#[test]
fn a_verifier_that_is_too_strong_for_this_program_is_told_as_such() {
    let found = outcome(database("127.0.0.1", refusing().port), &with_password("forte", "x"));
    assert_eq!((found.diagnosis, found.status()), (Diagnosis::AuthMethod, Status::Warning), "{:?}", detail(&found));
    assert!(found.message(&Default::default(), Lang::Pt).as_str().contains("200000"));
}

#[test]
fn a_server_out_of_processes_is_told_in_its_own_words_whatever_the_sslmode() {
    let server = out_of_processes();
    for encryption in [Encryption::Prefer, Encryption::Require, Encryption::Disable] {
        let found = tls::found("127.0.0.1", server.port, "postgres", tls::under(encryption, None));
        assert_eq!(found.diagnosis, Diagnosis::ServerError, "{encryption:?}: {:?}", detail(&found));
        assert_eq!(detail(&found)["reason"], "no_process");
        let said = said(&found, Lang::Pt).unwrap();
        assert!(said.as_str().contains("could not fork new process"), "{said}");
        assert!(found.remedy(&Default::default(), Lang::Pt).sentence.as_str().contains("ulimit -u"));
    }
}

#[test]
fn where_nobody_named_a_database_it_is_said_whose_name_was_taken() {
    let credentials = Credentials::default().with_login(Some("maria".into()), None).unwrap();
    let options = Options { credentials: credentials.into(), ..within(PATIENT) };
    let found = outcome(database("127.0.0.1", refusing().port), &options);
    assert_eq!(found.diagnosis, Diagnosis::DatabaseMissing, "{:?}", detail(&found));
    for lang in [Lang::Pt, Lang::En] {
        assert!(found.message(&Default::default(), lang).as_str().contains("maria"));
        let remedy = found.remedy(&Default::default(), lang).sentence;
        assert!(remedy.as_str().contains("PGDATABASE") && remedy.as_str().contains("--db-name"), "{remedy}");
    }
    assert!(found.remedy(&Default::default(), Lang::Pt).to_paste().is_empty());
}

#[test]
fn a_login_costs_no_more_round_trips_than_libpq_s_and_the_question_one() {
    let plain = Relay::to(cluster().port, Ipv4Addr::LOCALHOST, usize::MAX);
    let found = outcome(database("127.0.0.1", plain.port), &with_password(Cluster::SCRAM, Cluster::PASSWORD));
    assert_eq!(found.diagnosis, Diagnosis::Ok, "{:?}", detail(&found));
    // Connecting is one more: 5 for the login, 1 for the question.
    assert_eq!(plain.turns() + 1, 6);
    // A server may say a word more after the handshake that nobody waits for, before or after the client's next one.
    let encrypted = || {
        let relay = Relay::to(tls::good().port, Ipv4Addr::LOCALHOST, usize::MAX);
        let credentials = tls::under(Encryption::Require, None).with_password(Secret::new("segredo-tls"));
        let found = tls::found("127.0.0.1", relay.port, "com_senha", credentials);
        assert_eq!(found.diagnosis, Diagnosis::Ok, "{:?}", detail(&found));
        relay.turns() + 1
    };
    assert_eq!(at_best(encrypted, |turns| *turns == 7), 7);
}

#[test]
fn an_answer_that_does_not_end_in_time_is_slow_at_every_timeout_and_nothing_is_to_be_restarted() {
    let relay = stuck(cluster().port);
    for seconds in [2, 3] {
        let options = Options { timeout: Duration::from_secs(seconds), ..given(Cluster::TRUSTED, "postgres") };
        let found = outcome(database("127.0.0.1", relay.port), &options);
        assert_eq!((found.diagnosis, found.status()), (Diagnosis::Slow, Status::Warning), "{:?}", detail(&found));
        let remedy = found.remedy(&Default::default(), Lang::Pt).sentence;
        let says = |words| remedy.as_str().to_lowercase().contains(words);
        // The link was quick, and more time would not help.
        assert!(says("pgbouncer") && !says("timeout") && !says("rede") && !says("reinici"), "{remedy}");
    }
}

#[test]
fn a_long_way_is_told_as_slow_and_with_more_time_the_check_passes() {
    // As over a satellite: half a second there and back, six times.
    let way = Duration::from_millis(250);
    let relay = Relay::slow(cluster().port, Ipv4Addr::LOCALHOST, usize::MAX, way);
    let with = |seconds| {
        let options = with_password(Cluster::SCRAM, Cluster::PASSWORD);
        outcome(database("127.0.0.1", relay.port), &Options { timeout: Duration::from_secs(seconds), ..options })
    };
    for seconds in [1, 2] {
        let found = at_best(|| with(seconds), |found| found.diagnosis == Diagnosis::Slow);
        assert_eq!((found.diagnosis, found.status()), (Diagnosis::Slow, Status::Warning), "{:?}", detail(&found));
        let said = found.message(&Default::default(), Lang::Pt);
        assert!(said.as_str().contains("protocolo"), "{said}");
        let remedy = found.remedy(&Default::default(), Lang::Pt).sentence;
        assert!(remedy.as_str().contains("rede lenta") && remedy.as_str().contains("--timeout 15"), "{remedy}");
    }
    assert_eq!(with(60).diagnosis, Diagnosis::Ok);
}

#[test]
fn kerberos_is_another_method_and_ldap_asks_in_clear() {
    let access = "local all all trust\nhost all por_gss all gss\n\
                  host all por_ldap all ldap ldapserver=127.0.0.1 ldapport=1 ldapprefix=\"cn=\"\n";
    let roles = "CREATE ROLE por_gss LOGIN; CREATE ROLE por_ldap LOGIN";
    let server = Cluster::start(&Spec { access, settings: "", roles });
    let check = |options: &Options| outcome(database("127.0.0.1", server.port), options);
    let gss = check(&given("por_gss", "postgres"));
    assert_eq!((gss.diagnosis, gss.status()), (Diagnosis::AuthMethod, Status::Fail), "{:?}", detail(&gss));
    // Whoever has a ticket logs in by it, from here too: nothing to paste that would take it from them.
    assert!(gss.remedy(&Default::default(), Lang::Pt).to_paste().is_empty() && detail(&gss).get("hba_line").is_none());
    let ldap = with_password("por_ldap", "segredo");
    let refused = check(&ldap);
    assert_eq!(
        (refused.diagnosis, refused.status()),
        (Diagnosis::AuthUnsafe, Status::Warning),
        "{:?}",
        detail(&refused)
    );
    let allowed = Credentials::clone(&ldap.credentials).allowing(&["password".into()]).unwrap();
    let sent = check(&Options { credentials: allowed.into(), ..ldap });
    assert_eq!((sent.diagnosis, &detail(&sent)["method"]), (Diagnosis::AuthFailed, &json!("password")));
    let remedy = sent.remedy(&Default::default(), Lang::Pt);
    assert!(remedy.sentence.as_str().contains("LDAP") && remedy.to_paste().is_empty(), "{remedy:?}");
}

#[test]
fn why_there_is_no_password_is_known() {
    let absence = |file: Option<&[u8]>| {
        let home = tempfile::tempdir().unwrap();
        if let Some(contents) = file {
            let path = home.path().join(".pgpass");
            std::fs::write(&path, contents).unwrap();
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        }
        let variable = |name: &str| match name {
            "HOME" => Some(home.path().into()),
            "PGUSER" => Some(OsString::from(Cluster::SCRAM)),
            "PGDATABASE" => Some(OsString::from("postgres")),
            _ => None,
        };
        let credentials = Credentials::from_environment(&variable).unwrap();
        let found = outcome(
            database("127.0.0.1", cluster().port),
            &Options { credentials: credentials.into(), ..within(PATIENT) },
        );
        assert_eq!((found.diagnosis, found.status()), (Diagnosis::NoPassword, Status::Warning), "{:?}", detail(&found));
        let remedy = found.remedy(&Default::default(), Lang::Pt).sentence;
        assert!(remedy.as_str().contains("PGPASSWORD") && remedy.as_str().contains(".pgpass"), "{remedy}");
        detail(&found)["reason"].clone()
    };
    assert_eq!(absence(None), "no_password_file");
    assert_eq!(absence(Some(b"outro:*:*:outra:x\n")), "no_line_for_login");
    assert_eq!(absence(Some(b"localhost:*:*:com_senha:x\n")), "line_for_other_host");
    assert_eq!(absence(Some(b"\xef\xbb\xbf127.0.0.1:*:*:com_senha:x\n")), "password_file_with_bom");
    assert_eq!(absence(Some(b"*:*:*:com_senha:\n")), "empty_password");
    // A role that does not exist is asked for a password too: no more is known.
}

#[test]
fn a_password_is_bytes_and_a_name_is_text() {
    let bytes = || OsString::from_vec(b"senha-\xe7\xe3o".to_vec());
    let server = Cluster::start(&Spec {
        access: "local all all trust\nhost all all all password\n",
        settings: "",
        roles: "CREATE ROLE maria LOGIN",
    });
    // As a Latin-1 terminal would set it.
    server.execute(&["SET client_encoding = 'LATIN1'; ALTER ROLE maria PASSWORD 'x'"]);
    let read = |name: &'static str| {
        Credentials::from_environment(&move |asked: &str| match asked {
            _ if asked == name => Some(bytes()),
            "PGUSER" => Some("maria".into()),
            "PGDATABASE" => Some("postgres".into()),
            _ => None,
        })
    };
    let credentials = read("PGPASSWORD").unwrap().allowing(&["password".into()]).unwrap();
    let options = Options { credentials: credentials.into(), ..within(PATIENT) };
    let found = outcome(database("127.0.0.1", server.port), &options);
    // It was sent, and is not the right one.
    assert_eq!(found.diagnosis, Diagnosis::AuthFailed, "{:?}", detail(&found));
    for name in ["PGUSER", "PGDATABASE", "PGSSLMODE", "PGREQUIREAUTH"] {
        let problem = read(name).unwrap_err().problem(Lang::Pt);
        assert!(problem.message.as_str().contains(name), "{}", problem.message);
    }
}

#[test]
fn an_address_in_place_of_a_name_is_refused_unseen() {
    let address = "postgresql://maria:abracadabra@10.0.0.5/loja";
    for arguments in [
        vec!["check", "--db-name", address],
        vec!["check", "--db-user", address, "--json"],
        vec!["check", "--db-name", "host=10.0.0.5 password=abracadabra"],
    ] {
        let ran = World::new().run(&arguments);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(!format!("{ran:?}").contains("abracadabra"), "{ran:?}");
    }
    let ran = World::new().variable("PGDATABASE", address).line("check");
    assert!(ran.code == 2 && ran.stderr.contains("PGDATABASE") && !ran.stderr.contains("abracadabra"), "{ran:?}");
    // Whatever else it was given for.
    for line in [
        format!("check {address}"),
        address.to_string(),
        format!("get {address}"),
        format!("set integracao.ip_servidor_retaguarda={address}"),
        format!("check --only {address} --json"),
        format!("check --timeout {address}"),
    ] {
        let ran = World::new().line(&line);
        assert!(ran.code != 0 && !format!("{ran:?}").contains("abracadabra"), "{line}: {ran:?}");
    }
}
