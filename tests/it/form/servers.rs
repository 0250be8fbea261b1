//! F8 on the host field: the search, the list, and what is taken from it.

use std::net::Ipv4Addr;
use std::time::Duration;

use balcao_config::check::Cancel;
use balcao_config::check::discover::{
    KnownBy, Machine, Network, Progress, Protocol, Reply, Report, Searched, Service, Wanted,
};
use balcao_config::lang::Lang;

use crate::fakes::Fake;
use crate::journey::{Journey, Opening};

/// A search that found a server, one half, and PostgreSQL on this computer.
pub fn three(wanted: &[Wanted], _: &Cancel, progress: &mut dyn FnMut(Progress)) -> Option<Report> {
    progress(Progress { asked: 12, of: 253, found: 1 });
    let reply = |reply, ms| KnownBy::Reply { reply, latency: Duration::from_millis(ms) };
    let service = |at: usize, known_by| {
        let Wanted { target, protocol, port } = wanted[at].clone();
        Service { target: Some(target), protocol, port, known_by }
    };
    let database = service(0, reply(Reply::Encryption(true), 0));
    let machine = |address: [u8; 4], name: Option<&str>, services| Machine {
        address: address.into(),
        name: name.map(str::to_string),
        this_machine: address[0] == 127,
        services,
    };
    let here = Service { target: None, protocol: Protocol::Postgres, port: 5433, known_by: KnownBy::SocketName };
    let machines = vec![
        machine(
            [192, 168, 0, 10],
            Some("servidor.loja"),
            vec![database.clone(), service(1, reply(Reply::Status(200), 3))],
        ),
        machine([192, 168, 0, 102], None, vec![database]),
        machine([127, 0, 0, 1], None, vec![here]),
    ];
    let network = Network { interface: "eth0".into(), address: Ipv4Addr::new(192, 168, 0, 20), prefix: 24 };
    let networks = vec![Searched { network, hosts: 253 }];
    Some(Report { wanted: wanted.to_vec(), networks, machines, hosts: 253, ..Report::default() })
}

/// One that goes on until it is cancelled.
pub fn endless(_: &[Wanted], cancel: &Cancel, progress: &mut dyn FnMut(Progress)) -> Option<Report> {
    progress(Progress { asked: 12, of: 253, found: 0 });
    while !cancel.wait(Duration::from_secs(3600)) {}
    None
}

/// One that finds this machine, after another.
fn other_and_here(wanted: &[Wanted], cancel: &Cancel, progress: &mut dyn FnMut(Progress)) -> Option<Report> {
    let mut report = three(wanted, cancel, progress)?;
    report.machines.truncate(2);
    report.machines[1].address = Ipv4Addr::new(127, 0, 0, 1);
    Some(report)
}

#[test]
fn the_one_that_is_chosen_stands_in_the_field_and_can_be_taken_back() {
    for key in ["F8", "C-d"] {
        let mut journey = Journey::open(Opening { search: three, ..Opening::default() });
        journey.shows("F8 Procurar").press(key).wait_for("servidor.loja");
        journey.press("Down Enter").shows("192.168.0.102 no campo").shows("● 1").hides("Servidores na rede");
        assert_eq!(journey.document(), None, "nothing is saved");
        journey.press("C-z").hides("● 1").shows("127.0.0.1").press("C-y").shows("192.168.0.102").shows("● 1");
    }
}

#[test]
fn esc_leaves_the_list_and_cancels_a_search() {
    let mut journey = Journey::open(Opening { search: three, ..Opening::default() });
    journey.press("F8").wait_for("servidor.loja").press("Esc").hides("servidor.loja").hides("● 1");
    let mut journey = Journey::open(Opening { search: endless, ..Opening::default() });
    journey.press("F8").wait_for("Procurando o servidor: 12 de 253 endereços…").shows("Esc Cancelar");
    journey.press("Esc").hides("Procurando").press("F8").wait_for("12 de 253").press("Esc Down Space Esc");
}

#[test]
fn what_a_test_passed_on_comes_first() {
    let http = Fake::answering("HTTP/1.1 200 OK\r\n\r\n");
    let document = format!(r#"{{"integracao": {{"porta_integracao_clientes": {}}}}}"#, http.port);
    let mut journey = Journey::open(Opening { document: Some(document), search: other_and_here, ..Opening::default() });
    let first = |journey: &mut Journey| {
        journey.press("F8").wait_for("192.168.0.10  ");
        let screen = journey.screen();
        journey.press("Esc");
        screen.find("▲ 127.0.0.1").unwrap() < screen.find("192.168.0.10  ").unwrap()
    };
    assert!(!first(&mut journey));
    journey.press("F5").wait_for("no teste");
    assert!(first(&mut journey));
}

#[test]
fn where_a_test_has_not_found_the_server_the_field_says_how_to_find_it() {
    let document = r#"{"integracao": {"ip_servidor_retaguarda": "127.0.0.86", "porta_banco_dados": 1, "porta_integracao_clientes": 2}}"#;
    for (lang, sentence) in [(Lang::Pt, "F8 procura o servidor na rede."), (Lang::En, "F8 looks for the server")] {
        let mut journey = Journey::open(Opening { document: Some(document.into()), lang, ..Opening::default() });
        journey.hides(sentence).press("F5").wait_for("test").wait_for(sentence).press("C-u").hides(sentence);
    }
}

#[test]
fn without_a_valid_port_or_a_network_that_is_said() {
    let mut journey = Journey::new();
    journey.press("F8").wait_for("não está em nenhuma rede IPv4").press("Esc").hides("rede IPv4");
    journey.press("Down C-u \"x\" Down C-u \"y\" Up Up F8").shows("informe antes portas válidas");
}

#[test]
fn the_list_as_it_was_looked_at() {
    for (name, lang, size) in [("pt", Lang::Pt, (80, 24)), ("en", Lang::En, (80, 24)), ("small", Lang::Pt, (40, 12))] {
        let mut journey = Journey::open(Opening { search: three, lang, size, ..Opening::default() });
        journey.press("F8").wait_for("192.168.0.10  ");
        insta::assert_snapshot!(format!("servers_{name}"), super::hide_path(&journey.screen()));
    }
    let mut journey = Journey::open(Opening { search: endless, ..Opening::default() });
    journey.press("F8").wait_for("12 de 253");
    insta::assert_snapshot!("servers_searching", super::hide_path(&journey.screen()));
    let mut journey = Journey::new();
    journey.press("F8").wait_for("nenhuma rede");
    insta::assert_snapshot!("servers_none", super::hide_path(&journey.screen()));
}
