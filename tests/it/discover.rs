//! Finding the server: what is asked, of whom, and what is made of the answers. Networks of the loopback stand for real
//! ones here; real ones are in module `root`.

mod root;

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use balcao_config::check::Cancel;
use balcao_config::check::discover::{
    End, KnownBy, LIMITS, Limits, Listening, Machine, Network, Progress, Protocol, Reply, Report, Searched, Service,
    Surroundings, Wanted, discover,
};
use balcao_config::lang::Lang;
use balcao_config::present::server;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::fakes::{Fake, startup, until_closed};
use crate::postgres::cluster;

/// A network of the loopback, with oneself at this address.
pub fn network(own: &str, prefix: u8) -> Surroundings {
    let network = Network { interface: "eth0".into(), address: own.parse().unwrap(), prefix };
    let own = BTreeSet::from([network.address]);
    // Of this very machine nothing is known to listen.
    Surroundings {
        networks: vec![network],
        own,
        neighbours: vec![],
        unknown: None,
        listening: Some(Listening::default()),
    }
}

pub fn wanted(postgres: u16, http: u16) -> Vec<Wanted> {
    let one = |target: &str, protocol, port| Wanted { target: target.into(), protocol, port };
    vec![one("banco_dados", Protocol::Postgres, postgres), one("integracao_clientes", Protocol::Http, http)]
}

/// However busy this machine is.
const PATIENT: Limits = Limits { overall: Duration::from_secs(600), at_once: 128, each: Duration::from_secs(60) };

pub fn search(wanted: &[Wanted], surroundings: &Surroundings) -> Report {
    discover(wanted, surroundings, PATIENT, &Cancel::default(), &mut |_| {}).unwrap()
}

/// Two ports that are free at all addresses of the loopback.
fn ports() -> (u16, u16) {
    let free = || TcpListener::bind("0.0.0.0:0").unwrap();
    let (one, other) = (free(), free());
    (one.local_addr().unwrap().port(), other.local_addr().unwrap().port())
}

/// As [`Fake::at`]; keeps what came on all its connections.
fn recording(address: &str, answer: &'static [u8]) -> (Fake, Arc<Mutex<Vec<Vec<u8>>>>) {
    let heard = Arc::new(Mutex::new(vec![]));
    let keep = Arc::clone(&heard);
    let fake = Fake::at(address, move |stream| {
        let at = {
            let mut heard = keep.lock().unwrap();
            heard.push(vec![]);
            heard.len() - 1
        };
        let mut piece = [0; 1024];
        loop {
            let count = stream.read(&mut piece)?;
            if count == 0 {
                return Ok(());
            }
            keep.lock().unwrap()[at].extend(&piece[..count]);
            stream.write_all(answer)?;
        }
    });
    (fake, heard)
}

fn postgres(stream: &mut TcpStream) -> std::io::Result<()> {
    startup(stream)?;
    until_closed(stream)
}

/// A port, whose it is, and what is spoken there.
type Told<'a> = (u16, Option<&'a str>, Protocol);

/// As text: address, and on which port what was known.
fn told(machine: &Machine) -> (String, Vec<Told<'_>>) {
    let services = machine.services.iter().map(|it| (it.port, it.target.as_deref(), it.protocol)).collect();
    (machine.address.to_string(), services)
}

#[test]
fn those_with_both_services_come_first_and_those_with_one_after_them() {
    let (database, integration) = ports();
    let http = |address: &str| {
        Fake::at(&format!("{address}:{integration}"), |stream| {
            let _ = stream.read(&mut [0; 1024])?;
            stream.write_all(b"HTTP/1.1 404 Not Found\r\n\r\n")
        })
    };
    let database_at = |address: &str| Fake::at(&format!("{address}:{database}"), postgres);
    let _fakes = [
        http("127.9.1.3"),
        database_at("127.9.1.4"),
        database_at("127.9.1.200"),
        http("127.9.1.200"),
        // Something else answers on the ports: it is no server.
        Fake::at(&format!("127.9.1.5:{database}"), |stream| stream.write_all(b"SSH-2.0-x\r\n")),
        Fake::at(&format!("127.9.1.5:{integration}"), |stream| stream.write_all(b"SSH-2.0-x\r\n")),
        // It hangs up.
        Fake::at(&format!("127.9.1.7:{integration}"), |_| Ok(())),
    ];
    let wanted = wanted(database, integration);
    let report = search(&wanted, &network("127.9.1.100", 24));
    let found: Vec<_> = report.machines.iter().map(told).collect();
    let (pg, web) = (Some("banco_dados"), Some("integracao_clientes"));
    assert_eq!(
        found,
        [
            ("127.9.1.200".to_string(), vec![(database, pg, Protocol::Postgres), (integration, web, Protocol::Http)]),
            ("127.9.1.4".to_string(), vec![(database, pg, Protocol::Postgres)]),
            ("127.9.1.3".to_string(), vec![(integration, web, Protocol::Http)]),
        ]
    );
    assert_eq!((report.end, report.hosts, report.networks[0].hosts), (End::Complete, 253, 253));
    assert!(report.has_all(&report.machines[0]) && !report.has_all(&report.machines[1]));
    let reply = |known_by| match known_by {
        KnownBy::Reply { reply, .. } => Some(reply),
        KnownBy::SocketName => None,
    };
    assert_eq!(reply(report.machines[1].services[0].known_by), Some(Reply::Encryption(false)));
    assert_eq!(reply(report.machines[2].services[0].known_by), Some(Reply::Status(404)));
    let json = report.json();
    assert_eq!((&json["ok"], &json["complete"]), (&true.into(), &true.into()));
    assert_eq!(
        (&json["machines"][0]["matches_all"], &json["machines"][1]["matches_all"]),
        (&true.into(), &false.into())
    );
    assert_eq!(json["machines"][2]["services"][0]["status"], 404);
}

#[test]
fn nobody_gets_a_byte_on_a_port_that_was_not_named_and_on_named_ones_one_question() {
    let (database, integration) = ports();
    let (unnamed, other) = ports();
    let nothing: &[u8] = b"";
    let recorders = [
        recording(&format!("127.9.2.3:{database}"), b"N"),
        recording(&format!("127.9.2.3:{integration}"), b"HTTP/1.1 200 OK\r\n\r\n"),
        // The usual ports of neither protocol are tried on other machines, nor any other port.
        recording(&format!("127.9.2.3:{unnamed}"), nothing),
        recording(&format!("127.9.2.4:{other}"), nothing),
    ];
    let report = search(&wanted(database, integration), &network("127.9.2.1", 29));
    assert_eq!(report.machines.len(), 1);
    let heard: Vec<Vec<Vec<u8>>> = recorders.iter().map(|(_, heard)| heard.lock().unwrap().clone()).collect();
    assert_eq!(heard[0], [[0, 0, 0, 8, 4, 210, 22, 47]]);
    assert_eq!(heard[1].len(), 1);
    let request = String::from_utf8(heard[1][0].clone()).unwrap();
    assert!(request.starts_with("GET / HTTP/1.1\r\n") && request.ends_with("\r\n\r\n"), "{request}");
    assert_eq!((heard[2].len(), heard[3].len()), (0, 0), "not even a connection");
}

#[test]
fn no_more_than_128_connections_are_open_at_once() {
    // Takes the connections of all addresses.
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let database = listener.local_addr().unwrap().port();
    let surroundings = network("127.9.0.200", 16);
    let more = |milliseconds: u32| {
        let limit = Timespec::try_from(Duration::from_millis(milliseconds.into())).unwrap();
        poll(&mut [PollFd::new(&listener, PollFlags::IN)], Some(&limit)).unwrap() > 0
    };
    std::thread::scope(|scope| {
        let only = [Wanted { target: "banco_dados".into(), protocol: Protocol::Postgres, port: database }];
        let search = scope.spawn(move || search(&only, &surroundings));
        let mut addresses = BTreeSet::new();
        for expected in [128, 126] {
            let mut open: Vec<TcpStream> = vec![];
            for _ in 0..expected {
                let (stream, _) = listener.accept().unwrap();
                addresses.insert(stream.local_addr().unwrap().ip());
                open.push(stream);
            }
            // All of them are open until they are answered here: before that nobody else comes.
            assert!(!more(100));
            for mut stream in open {
                let _ = stream.write_all(b"N");
            }
        }
        let report = search.join().unwrap();
        assert_eq!((addresses.len(), report.hosts), (254, 254));
    });
}

#[test]
fn who_accepts_and_says_nothing_is_given_up() {
    let (database, integration) = ports();
    let _fakes = [
        Fake::at(&format!("127.9.6.6:{database}"), until_closed),
        Fake::at(&format!("127.9.6.6:{integration}"), until_closed),
    ];
    let wanted = wanted(database, integration);
    // However long that is: it does not speak.
    let hasty = Limits { each: Duration::from_millis(50), ..PATIENT };
    let report = discover(&wanted, &network("127.9.6.1", 29), hasty, &Cancel::default(), &mut |_| {}).unwrap();
    assert_eq!((report.machines, report.end), (vec![], End::Complete));
    // Where all time is up, that is told.
    let hasty = Limits { overall: Duration::from_millis(50), ..PATIENT };
    let report = discover(&wanted, &network("127.9.6.1", 29), hasty, &Cancel::default(), &mut |_| {}).unwrap();
    assert_eq!((report.machines, report.end), (vec![], End::OutOfTime));
}

#[test]
fn a_machine_that_is_known_to_live_is_found_far_from_oneself() {
    let (database, integration) = ports();
    let _fake = Fake::at(&format!("127.9.200.3:{database}"), postgres);
    let mut surroundings = network("127.9.3.100", 16);
    assert_eq!(search(&wanted(database, integration), &surroundings).machines, []);
    surroundings.neighbours = vec![Ipv4Addr::new(127, 9, 200, 3), Ipv4Addr::new(10, 0, 0, 1)];
    let report = search(&wanted(database, integration), &surroundings);
    assert_eq!((report.machines.len(), report.hosts), (1, 255));
}

#[test]
fn without_a_network_this_machine_alone_is_looked_at() {
    let nothing = Surroundings { listening: Some(Listening::default()), ..Surroundings::default() };
    let report = search(&wanted(5432, 8082), &nothing);
    assert_eq!((report.networks.len(), report.machines.len(), report.hosts), (0, 0, 0));
    assert_eq!(report.end, End::Complete);
}

#[test]
fn a_search_that_is_cancelled_tells_nothing() {
    let cancel = Cancel::default();
    cancel.cancel();
    assert_eq!(discover(&wanted(5432, 8082), &network("127.9.4.1", 24), LIMITS, &cancel, &mut |_| {}), None);
}

#[test]
fn progress_counts_machines_and_is_told_now_and_then() {
    let (database, integration) = ports();
    let mut told = vec![];
    discover(&wanted(database, integration), &network("127.9.5.1", 24), PATIENT, &Cancel::default(), &mut |it| {
        told.push(it)
    });
    assert!(!told.is_empty() && told.iter().all(|it| it.of == 253 && it.asked <= 253), "{told:?}");
    assert!(told.is_sorted_by_key(|it| it.asked));
}

#[test]
fn on_this_machine_postgres_is_known_by_its_socket_name_and_http_is_asked_on_usual_ports() {
    let cluster = cluster();
    let listening = Listening::look().unwrap();
    assert!(listening.postgres.contains(&cluster.port), "{listening:?}");
    // What else runs on the tester's machine is left out.
    let (_, integration) = ports();
    let (web, heard) = recording(&format!("127.0.0.1:{integration}"), b"HTTP/1.0 200 OK\r\n\r\n");
    let (_print, printed) = recording("127.0.0.1:0", b"");
    let tcp = |port: u16| ([127, 0, 0, 1].into(), port);
    let known =
        Listening { postgres: vec![cluster.port], tcp: vec![tcp(cluster.port), tcp(integration), tcp(_print.port)] };
    let surroundings = Surroundings { listening: Some(known), ..Surroundings::default() };
    let before = cluster.log();
    // The database is looked for on another port: it is told all the same, as one that no test is about.
    for (port, target) in [(1, None), (cluster.port, Some("banco_dados"))] {
        let report = search(&wanted(port, web.port), &surroundings);
        assert_eq!(report.machines.len(), 1, "{report:?}");
        let machine = &report.machines[0];
        assert!(machine.this_machine && machine.name.is_none());
        assert_eq!(
            told(machine).1,
            [(cluster.port, target, Protocol::Postgres), (integration, Some("integracao_clientes"), Protocol::Http)]
        );
        assert_eq!(machine.services[0].known_by, KnownBy::SocketName);
        assert_eq!(report.json()["machines"][0]["services"][0]["latency_ms"], serde_json::Value::Null);
    }
    assert_eq!(cluster.log(), before);
    assert_eq!((heard.lock().unwrap().len(), printed.lock().unwrap().len()), (2, 0));
}

#[test]
fn a_socket_name_without_a_port_that_is_listened_on_is_no_server() {
    let known = Listening { postgres: vec![5432], tcp: vec![] };
    let surroundings = Surroundings { listening: Some(known), ..Surroundings::default() };
    assert_eq!(search(&wanted(5432, 8082), &surroundings).machines, []);
}

#[test]
fn the_way_to_a_listener_is_its_own_address() {
    let listener = TcpListener::bind("127.0.0.7:0").unwrap();
    let SocketAddr::V4(place) = listener.local_addr().unwrap() else { unreachable!() };
    let listening = Listening::look().unwrap();
    assert_eq!(listening.address_of(place.port()), Some(*place.ip()));
}

/// What people read of a search, for all that it can find, in both languages.
#[test]
fn a_search_is_told_in_words() {
    let wanted = wanted(5432, 8082);
    let service = |target: Option<&str>, protocol, port, known_by| {
        let target = target.map(str::to_string);
        Service { target, protocol, port, known_by }
    };
    let said = |reply, latency_ms| KnownBy::Reply { reply, latency: Duration::from_millis(latency_ms) };
    let database = |reply| service(Some("banco_dados"), Protocol::Postgres, 5432, said(reply, 0));
    let integration =
        |status, ms| service(Some("integracao_clientes"), Protocol::Http, 8082, said(Reply::Status(status), ms));
    let machine = |last: u8, name: Option<&str>, services| {
        let name = name.map(str::to_string);
        Machine { address: Ipv4Addr::new(192, 168, 0, last), name, this_machine: false, services }
    };
    let here = Machine {
        address: Ipv4Addr::LOCALHOST,
        name: None,
        this_machine: true,
        services: vec![
            service(None, Protocol::Postgres, 5433, KnownBy::SocketName),
            service(None, Protocol::Http, 8080, said(Reply::Status(200), 0)),
        ],
    };
    let whole = machine(10, Some("servidor.loja"), vec![database(Reply::Encryption(true)), integration(200, 12)]);
    let machines = vec![
        whole.clone(),
        machine(11, None, vec![database(Reply::Error), integration(503, 2)]),
        machine(12, Some("a\u{1b}[2J"), vec![database(Reply::Encryption(false))]),
        machine(100, None, vec![integration(404, 40)]),
        here,
    ];
    let network = |interface: &str, prefix| Network {
        interface: interface.into(),
        address: Ipv4Addr::new(192, 168, 0, 20),
        prefix,
    };
    let networks = vec![
        Searched { network: network("eth0", 24), hosts: 253 },
        Searched { network: network("wlan0", 30), hosts: 1 },
        Searched { network: network("eth1", 24), hosts: 0 },
    ];
    let found = Report { wanted: wanted.clone(), networks, machines, hosts: 254, ..Report::default() };
    let nobody = Report { machines: vec![], end: End::OutOfTime, ..found.clone() };
    let alone = Report { networks: vec![], hosts: 0, end: End::OutOfSockets, ..nobody.clone() };
    let blind = Report { unknown: Some(24), end: End::Complete, ..alone.clone() };
    let mut told = String::new();
    for lang in [Lang::Pt, Lang::En] {
        for report in [&found, &nobody, &alone, &blind] {
            for line in server::table(report, lang).iter().chain(&server::searched(report, lang)) {
                told += &format!("{}\n", line.text());
            }
            server::remarks(report, lang).iter().for_each(|remark| told += &format!("! {remark}\n"));
            told += "\n";
        }
        for found in 0..3 {
            told += &format!("{}\n", server::progress(Progress { asked: 128, of: 253, found }, lang));
        }
        told += "\n";
    }
    insta::assert_snapshot!(told);
}
