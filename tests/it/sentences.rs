//! The sentences of every diagnosis, in both languages.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use balcao_config::catalog::{Catalog, NoServer};
use balcao_config::check::credentials::{Absence, Method, Protection};
use balcao_config::check::evidence::{Attempt, AttemptResult, Here, Icmp, Late, Limit, Passed, Sign, Unresolved};
use balcao_config::check::outcome::ProbeEvidence;
use balcao_config::check::probe::postgres::{Account, Connections, Fault, PostgresEvidence, Reason, Refusal, Unread};
use balcao_config::check::probe::{
    DeviceEvidence, DeviceState, FileKind, FolderEvidence, FolderState, HostEvidence, HttpEvidence, ImageEvidence,
    LoginPage,
};
use balcao_config::check::protocol::Protocol;
use balcao_config::check::remedy::Place;
use balcao_config::check::stage::StageRecord;
use balcao_config::check::{Answer, Diagnosis, Evidence, Outcome, Point, Request, Stage};
use balcao_config::document::timestamp::Timestamp;
use balcao_config::file::Instead;
use balcao_config::lang::Lang;
use balcao_config::present::outcome::to_paste;
use balcao_config::safe::Safe;
use balcao_config::text::wrap;
use rustix::io::Errno;

use crate::check::{database, device, logo, reports, server, service};

/// An outcome as it would come of a check of a server by name.
fn specimen(
    diagnosis: Diagnosis,
    request: Request,
    evidence: Evidence,
    by_probe: impl ProbeEvidence + 'static,
) -> Outcome {
    let answer = Answer { diagnosis, evidence, by_probe: Arc::new(by_probe) };
    Outcome::new(request, answer, Duration::from_millis(3004))
}

/// The labels are those of the shop, and of the scale's catalog.
pub fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(|| Catalog::load(Path::new("examples/catalog.d")).unwrap())
}

/// One outcome of each kind.
pub fn specimens() -> Vec<Outcome> {
    use Diagnosis::*;
    let none = Evidence::default;
    let answered = |address: &str| Evidence { answered: Some(address.parse().unwrap()), ..none() };
    let says_ssh = |evidence| Evidence { received: Some("SSH-2.0-OpenSSH_9.2\r\n".into()), ..evidence };
    let host = |diagnosis, evidence, address: &str| {
        let addresses = address.parse().into_iter().collect();
        specimen(diagnosis, server("192.168.0.10"), evidence, HostEvidence { addresses })
    };
    let http = |diagnosis, evidence, status| {
        specimen(diagnosis, service("retaguarda.loja", 8082), evidence, HttpEvidence { status, ..Default::default() })
    };
    let image = |diagnosis, kind| {
        let evidence = Evidence { error: Some("Input/output error".into()), ..none() };
        specimen(
            diagnosis,
            logo("/srv/balcao/logo.png"),
            evidence,
            ImageEvidence { kind, size: Some((320, 200)), relative: false },
        )
    };
    let folder = |diagnosis, state| {
        let evidence = Evidence { error: Some("Input/output error".into()), ..none() };
        specimen(diagnosis, reports("/srv/balcao/relatorios"), evidence, FolderEvidence { state, relative: false })
    };
    let at_device = |diagnosis, state, group: Option<&str>, beside: &[&str]| {
        let evidence = Evidence { error: Some("Input/output error".into()), ..none() };
        let beside = beside.iter().map(|name| name.to_string()).collect();
        let found =
            DeviceEvidence { state, relative: false, account: "caixa".into(), group: group.map(str::to_owned), beside };
        specimen(diagnosis, device("/dev/ttyUSB0"), evidence, found)
    };
    let postgres = |diagnosis, evidence, found| specimen(diagnosis, database("192.168.0.10", 5432), evidence, found);
    let account = Account { user: "balcao".into(), database: Some("loja".into()), given: true };
    let login = || PostgresEvidence { account: Some(account.clone()), ..PostgresEvidence::default() };
    let with = |diagnosis, found| postgres(diagnosis, answered("192.168.0.10"), found);
    let reason = |diagnosis, reason| with(diagnosis, PostgresEvidence { reason: Some(reason), ..login() });
    let mut all: Vec<Outcome> = Diagnosis::ALL
        .iter()
        .copied()
        .map(|diagnosis| match diagnosis {
            NotHttp => http(diagnosis, says_ssh(answered("10.0.0.5")), None),
            HttpError => http(diagnosis, answered("10.0.0.5"), Some(503)),
            FileMissing => image(diagnosis, FileKind::Missing),
            NotAnImage => image(diagnosis, FileKind::OtherContents),
            Skipped => {
                let request = Request { point: Point::Invalid, ..database("", 0) };
                specimen(diagnosis, request, none(), PostgresEvidence::default())
            }
            Ok => {
                let account = Account { user: "postgres".into(), ..account.clone() };
                let version = Some("15.18".into());
                postgres(
                    Ok,
                    none(),
                    PostgresEvidence { account: Some(account), version, ..PostgresEvidence::default() },
                )
            }
            DnsFailure => http(diagnosis, none(), None),
            _ => with(diagnosis, login()),
        })
        .collect();
    let failed = |diagnosis, sign| {
        let result = AttemptResult::Failed(diagnosis, Errno::HOSTUNREACH);
        let attempts = vec![Attempt { address: "10.0.0.5".parse().unwrap(), result, sign, elapsed: Duration::ZERO }];
        Evidence { attempts, ..none() }
    };
    let told_by = |diagnosis, said, by_this_machine| {
        failed(diagnosis, Some(Sign::Icmp { from: "10.0.0.1".parse().unwrap(), said, by_this_machine }))
    };
    let without_ipv6 = || {
        let mut evidence = failed(Unreachable, Some(Sign::Here));
        evidence.attempts[0].address = "fd99::1".parse().unwrap();
        evidence
    };
    let here = |here| {
        let evidence = Evidence { this_machine: Some(true), here: Some(here), ..none() };
        specimen(Refused, database("127.0.0.1", 5432), evidence, PostgresEvidence::default())
    };
    let told = |diagnosis, said| told_by(diagnosis, said, false);
    let name = |unresolved| {
        let name_servers = vec!["10.0.0.1".parse().unwrap()];
        http(DnsFailure, Evidence { unresolved: Some(unresolved), name_servers, ..none() }, None)
    };
    let login_page = |login| {
        let found = HttpEvidence { status: Some(200), login: Some(login), ..Default::default() };
        specimen(Ok, service("retaguarda.loja", 8082), answered("10.0.0.5"), found)
    };
    let several_silent = || {
        let mut evidence = failed(Timeout, None);
        for (address, sign) in [("10.0.0.9", Some(Sign::NoNeighbour)), ("10.0.0.7", None)] {
            let address = address.parse().unwrap();
            let attempt = Attempt { address, sign, ..evidence.attempts[0].clone() };
            evidence.attempts.push(attempt);
        }
        evidence
    };
    let version = || PostgresEvidence { version: Some("15.18".into()), ..login() };
    let said = |code: &str, text: &str| Refusal { code: code.into(), text: text.into(), ..Refusal::default() };
    let behind = |text: &str| {
        let refusal = Some(said("08P01", text));
        with(ServerError, PostgresEvidence { reason: Some(Reason::BehindPooler), refusal, ..login() })
    };
    let no_entry = "no pg_hba.conf entry for host \"10.9.0.20\", user \"balcao\", database \"loja\", no encryption";
    let hba_line = Some("host  loja  balcao  10.9.0.20/32  md5".into());
    let (encrypted, verified) = (Some(Protection::Encrypted), Some(Protection::Server));
    let passed = |stage, milliseconds| StageRecord { stage, result: Ok, elapsed: Duration::from_millis(milliseconds) };
    let stages = vec![passed(Stage::Connect, 510), passed(Stage::Protocol, 498), passed(Stage::Login, 1990)];
    let unfinished = |stage| StageRecord { result: Slow, ..passed(stage, 2997) };
    let stuck = |stages, method| {
        postgres(Slow, Evidence { stages, ..answered("192.168.0.10") }, PostgresEvidence { method, ..login() })
    };
    let passed_before = Passed { at: Timestamp::of(std::time::UNIX_EPOCH), elapsed_ms: 18, login: Some(true) };
    let connections = Some(Connections { used: 7, max: 100 });
    all.extend([
        host(Ok, none(), "192.168.0.10"),
        host(Ok, Evidence { this_machine: Some(true), ..none() }, ""),
        http(Ok, answered("10.0.0.5"), Some(200)),
        image(Ok, FileKind::Picture("PNG")),
        name(Unresolved::Unanswered),
        name(Unresolved::NoServer),
        name(Unresolved::NoRoute),
        name(Unresolved::NoNetwork),
        http(Refused, failed(Refused, None), None),
        http(Refused, told(Refused, Icmp::Port), None),
        http(Blocked, told(Blocked, Icmp::Prohibited), None),
        http(Blocked, told_by(Blocked, Icmp::Prohibited, true), None),
        http(Refused, told_by(Refused, Icmp::Port, true), None),
        http(Timeout, failed(Timeout, Some(Sign::NoNeighbour)), None),
        http(Timeout, failed(Timeout, Some(Sign::NobodyOnTheWay)), None),
        http(Timeout, told(Timeout, Icmp::Host), None),
        postgres(Timeout, Evidence { answers_on: Some(8082), ..failed(Timeout, None) }, login()),
        postgres(
            Blocked,
            Evidence { forbidden_on: Some((8082, "192.168.0.10".parse().unwrap())), ..failed(Timeout, None) },
            login(),
        ),
        here(Here::NotRunning),
        here(Here::SocketAlone(5432)),
        here(Here::Elsewhere(5433, "192.168.0.10".parse().unwrap())),
        here(Here::Listens),
        http(Unreachable, failed(Unreachable, Some(Sign::Here)), None),
        http(Unreachable, told(Unreachable, Icmp::Other), None),
        http(Unreachable, without_ipv6(), None),
        postgres(
            PortsSwapped,
            Evidence { speaks: Some(Protocol::Http), other_port: Some((8082, Protocol::Postgres)), ..none() },
            login(),
        ),
        http(PortsSwapped, Evidence { speaks: Some(Protocol::Postgres), ..none() }, None),
        http(Https, answered("10.0.0.5"), None),
        http(Portal, answered("10.0.0.5"), Some(511)),
        http(Portal, answered("10.0.0.5"), Some(407)),
        specimen(
            Portal,
            service("retaguarda.loja", 8082),
            answered("10.0.0.5"),
            HttpEvidence { status: Some(302), elsewhere: Some("login.hotspot".into()), ..Default::default() },
        ),
        specimen(
            HttpError,
            service("retaguarda.loja", 8082),
            answered("10.0.0.5"),
            HttpEvidence {
                status: Some(500),
                said: Some("HTTP/1.1 500 Internal Server Error".into()),
                ..Default::default()
            },
        ),
        http(Reset, answered("10.0.0.5"), None),
        http(Silent, answered("10.0.0.5"), None),
        postgres(
            Portal,
            Evidence { speaks: Some(Protocol::Http), other_port: Some((8082, Protocol::Http)), ..none() },
            login(),
        ),
        http(LocalLimit, Evidence { limit: Some(Limit::Files), ..none() }, None),
        http(LocalLimit, Evidence { limit: Some(Limit::Processes), ..none() }, None),
        http(LocalLimit, Evidence { limit: Some(Limit::Memory), ..none() }, None),
        http(LocalLimit, Evidence { limit: Some(Limit::Ports), ..none() }, None),
        host(BadAddress, Evidence { no_server: Some(NoServer::Mask), ..none() }, ""),
        postgres(Refused, Evidence { this_machine: Some(true), ..none() }, PostgresEvidence::default()),
        http(Silent, Evidence { late: Some(Late::End), ..none() }, None),
        image(FileMissing, FileKind::Unreadable),
        image(FileMissing, FileKind::Forbidden),
        image(NotAnImage, FileKind::Folder),
        image(Skipped, FileKind::NoPath),
        folder(Ok, FolderState::Readable),
        folder(Skipped, FolderState::NoPath),
        folder(FileMissing, FolderState::Missing),
        folder(FileMissing, FolderState::NoFolder),
        folder(FileMissing, FolderState::Forbidden),
        folder(FileMissing, FolderState::Unreadable),
        folder(FileMissing, FolderState::Unknown),
        at_device(Ok, DeviceState::Usable, None, &[]),
        at_device(Ok, DeviceState::UsableByRoot, Some("dialout"), &[]),
        at_device(Ok, DeviceState::UsableByRoot, None, &[]),
        at_device(Skipped, DeviceState::NoPath, None, &[]),
        at_device(FileMissing, DeviceState::Missing, None, &[]),
        at_device(FileMissing, DeviceState::Missing, None, &["ttyUSB1", "ttyUSB2"]),
        at_device(FileMissing, DeviceState::NoDevice, None, &[]),
        at_device(FileMissing, DeviceState::Forbidden, Some("dialout"), &[]),
        at_device(FileMissing, DeviceState::Forbidden, None, &[]),
        at_device(FileMissing, DeviceState::NotYetMember, Some("dialout"), &[]),
        at_device(FileMissing, DeviceState::Unreadable, None, &[]),
        at_device(FileMissing, DeviceState::Unknown, None, &[]),
        specimen(
            Skipped,
            Request { point: Point::Off, ..device("") },
            none(),
            DeviceEvidence { state: DeviceState::Unknown, ..DeviceEvidence::default() },
        ),
        with(
            ServerError,
            PostgresEvidence { refusal: Some(said("XX000", "cache lookup failed for type 4711")), ..login() },
        ),
        with(
            ServerError,
            PostgresEvidence {
                reason: Some(Reason::NoProcess),
                refusal: Some(said("", "could not fork new process for connection: Resource temporarily unavailable")),
                ..login()
            },
        ),
        reason(ServerError, Reason::NoDisk),
        reason(ServerError, Reason::NoMemory),
        reason(AuthFailed, Reason::Role),
        reason(AuthFailed, Reason::RoleMissing),
        reason(AuthFailed, Reason::RoleMayNotLogIn),
        reason(AuthFailed, Reason::CheckedElsewhere),
        with(AuthFailed, PostgresEvidence { method: Some(Method::Scram), ..login() }),
        reason(AuthFailed, Reason::Pooler),
        reason(DatabaseMissing, Reason::Pooler),
        reason(DatabaseClosed, Reason::Pooler),
        reason(TooManyConnections, Reason::Pooler),
        reason(ConnectionLimit, Reason::LimitOfRole),
        reason(ConnectionLimit, Reason::LimitOfDatabase),
        reason(Standby, Reason::AdmitsNobody),
        reason(AuthMethod, Reason::TooManyRounds(200_000)),
        with(AuthMethod, PostgresEvidence { method: Some(Method::Gss), ..login() }),
        with(AuthUnsafe, PostgresEvidence { method: Some(Method::Md5), reason: Some(Reason::Unprotected), ..login() }),
        reason(AuthUnsafe, Reason::Unproven),
        reason(HbaRejected, Reason::Rejected),
        reason(HbaRejected, Reason::Pooler),
        reason(ServerError, Reason::BehindPooler),
        with(
            ServerError,
            PostgresEvidence {
                reason: Some(Reason::BehindPooler),
                refusal: Some(said("08P01", "server login has been failing, try again later (server_login_retry)")),
                ..login()
            },
        ),
        with(
            ServerError,
            PostgresEvidence {
                reason: Some(Reason::BehindPooler),
                refusal: Some(said("08P01", "server login failed: FATAL the database system is starting up")),
                ..login()
            },
        ),
        behind("password authentication failed for user \"pool\""),
        behind("permission denied for database \"loja\""),
        with(AuthMethod, PostgresEvidence { hba_line: hba_line.clone(), ..login() }),
        with(
            DatabaseMissing,
            PostgresEvidence { account: Some(Account { database: None, ..account.clone() }), ..login() },
        ),
        reason(AuthUnsafe, Reason::Unwanted),
        with(
            ServerError,
            PostgresEvidence {
                reason: Some(Reason::BehindPooler),
                hba_line: hba_line.clone(),
                refusal: Some(said("08P01", no_entry)),
                ..login()
            },
        ),
        with(HbaRejected, PostgresEvidence { hba_line, refusal: Some(said("28000", no_entry)), ..login() }),
        reason(HbaRejected, Reason::PlainOnly),
        login_page(LoginPage::Realm("TP-LINK Wireless Router".into())),
        login_page(LoginPage::Form),
        http(Timeout, several_silent(), None),
        reason(Standby, Reason::AdmitsNobody),
        with(Standby, PostgresEvidence { protection: encrypted, standby: Some(true), connections, ..version() }),
        postgres(Slow, Evidence { stages, ..answered("192.168.0.10") }, login()),
        stuck(vec![passed(Stage::Connect, 0), passed(Stage::Protocol, 0), unfinished(Stage::Tls)], None),
        stuck(
            vec![passed(Stage::Connect, 0), passed(Stage::Protocol, 0), unfinished(Stage::Login)],
            Some(Method::Scram),
        ),
        stuck(
            vec![passed(Stage::Connect, 0), passed(Stage::Protocol, 0), unfinished(Stage::Login)],
            Some(Method::Password),
        ),
        stuck(
            vec![
                passed(Stage::Connect, 0),
                passed(Stage::Protocol, 0),
                passed(Stage::Login, 4),
                unfinished(Stage::Question),
            ],
            None,
        ),
        with(Ok, PostgresEvidence { protection: Some(Protection::None), clock_difference_s: Some(-400), ..version() }),
        with(Ok, PostgresEvidence { protection: verified, clock_difference_s: Some(90_000), ..version() }),
        postgres(NotPostgres, Evidence { suggestion: Some(5433), ..says_ssh(answered("192.168.0.10")) }, login()),
        http(Refused, Evidence { suggestion: Some(8083), ..none() }, None),
        postgres(Refused, Evidence { suggestion: Some(5433), last_passed: Some(passed_before), ..none() }, login()),
    ]);
    let guess = Account { user: "postgres".into(), database: Some("postgres".into()), given: false };
    let guessed = [HbaRejected, TlsRequired, CertificateRequired, AuthMethod, DatabaseMissing, NoConnectRight];
    all.extend(guessed.map(|diagnosis| {
        with(diagnosis, PostgresEvidence { account: Some(guess.clone()), ..PostgresEvidence::default() })
    }));
    let pgpass = || PathBuf::from("/home/maria/.pgpass");
    let absences = [
        Absence::NoFile,
        Absence::FileIgnored(pgpass()),
        Absence::NoLine(pgpass()),
        Absence::OtherHost(pgpass(), "localhost".into()),
        Absence::Marked(pgpass()),
        Absence::Empty,
    ];
    all.extend(absences.map(|absence| reason(NoPassword, Reason::NoPassword(absence))));
    let faults = [Fault::NotOffered, Fault::Expired, Fault::NotYetValid, Fault::WrongName, Fault::UnknownIssuer];
    all.extend(faults.map(|fault| reason(TlsFailed, Reason::Tls(fault))));
    for why in [
        Unread::Silent,
        Unread::NotRegular(Instead::Fifo),
        Unread::TooLarge,
        Unread::Empty,
        Unread::System("Permission denied (os error 13)".into()),
    ] {
        all.push(reason(TlsFailed, Reason::Tls(Fault::Roots("/etc/loja.crt".into(), why))));
    }
    all
}

#[test]
fn every_diagnosis_has_its_words_in_both_languages() {
    let catalog = catalog();
    let mut page = String::new();
    for found in specimens() {
        let probe = found.request.probe.name();
        let (name, status, look_at) = (found.diagnosis.name(), found.status().name(), found.look_at().as_str());
        page += &format!("## {name} ({probe}): {status} -> {look_at}\n");
        for lang in [Lang::Pt, Lang::En] {
            let (summary, words) = (found.summary(lang), found.diagnosis.explain(lang));
            page +=
                &format!("[{summary}] {}\n  {}\n", found.message(catalog, lang), found.remedy(catalog, lang).sentence);
            for line in found.remedy(catalog, Lang::Pt).to_paste().iter().filter(|_| lang == Lang::Pt) {
                page += &format!("  $ {line}\n");
            }
            for case in found.remedy(catalog, lang).cases {
                page += &format!("  {}\n", case.when);
                page.extend(case.lines.iter().map(|line| format!("  $ {line}\n")));
            }
            page += &format!("  = {}\n", words.meaning);
            assert!(summary.as_str().chars().count() <= 22, "{summary}");
        }
    }
    insta::assert_snapshot!(page);
}

#[test]
fn message_and_remedy_fit_three_lines_of_the_help_pane() {
    let mut too_long = vec![];
    for found in specimens() {
        for lang in [Lang::Pt, Lang::En] {
            let (message, remedy) = (found.message(catalog(), lang), found.remedy(catalog(), lang));
            let both = format!("✗ {message} {}", remedy.sentence);
            assert!(remedy.place.is_some() || !remedy.sentence.as_str().ends_with(':'), "{both}");
            let rows = wrap(&Safe::outside(&both), 78);
            too_long.extend((rows.len() > 3).then_some(rows));
        }
    }
    assert!(too_long.is_empty(), "{too_long:#?}");
}

#[test]
fn what_is_to_be_pasted_is_copied_whole_from_a_page_of_80_columns() {
    let name = "nome_de_usuario_com_o_maior_comprimento_que_o_postgresql_permite";
    let account = Account { user: name.into(), database: Some(name.into()), given: true };
    let long = |outcome: &Outcome| {
        let found = PostgresEvidence { account: Some(account.clone()), ..PostgresEvidence::default() };
        specimen(outcome.diagnosis, database("192.168.0.10", 54321), Evidence::default(), found)
    };
    let all = specimens();
    let longer = all.iter().filter(|outcome| outcome.request.probe.name() == "postgres").map(long);
    for found in longer.chain(specimens()) {
        let remedy = found.remedy(catalog(), Lang::Pt);
        // A file's line is one, whatever its length; its label says so.
        if matches!(remedy.place, Some(Place::FileOf(_) | Place::File(_))) {
            continue;
        }
        let rows: Vec<String> = to_paste(&remedy, Lang::Pt).iter().map(|line| line.text().to_string()).collect();
        let too_wide: Vec<_> = rows.iter().filter(|row| row.starts_with(' ') && row.chars().count() > 2 + 66).collect();
        // A name that fills the row by itself.
        assert!(too_wide.iter().all(|row| row.trim().split(' ').count() <= 2), "{too_wide:#?}");
        // Put together again, they are the lines.
        let typed = rows.join("\n").replace(" \\\n  ", " ").replace("\n  ", " ");
        for line in remedy.to_paste().iter().chain(remedy.cases.iter().flat_map(|case| &case.lines)) {
            assert!(typed.contains(line.as_str()), "{line}\n{typed}");
        }
    }
}
