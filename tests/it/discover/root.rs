//! Finding the server in real networks: namespaces joined by cables, with a real PostgreSQL and a real HAProxy in them.
//!
//! What a network does while another test has the processor is not known: a search is repeated until it has found what
//! is there, and must never find anything else.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::net::{TcpStream, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use crate::fakes::{Fake, startup, until_closed};
use crate::net::root::{ip, within};
use crate::postgres::{Cluster, Spec};
use crate::world::{PROGRAM, Ran, World};

/// A counter, and on its cable one machine that stands for as many as it has addresses. Both go with it.
struct Lan {
    counter: String,
    others: String,
}

impl Lan {
    /// `{c}` and `{o}` in the lines are the namespaces; eth0 joins them, and is up on both sides.
    fn lay(lines: &[&str]) -> Lan {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("bd{}x{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let lan = Lan { counter: format!("{name}c"), others: format!("{name}o") };
        let wire = [
            "netns add {c}",
            "netns add {o}",
            "link add eth0 netns {c} type veth peer name eth0 netns {o}",
            "-n {c} link set lo up",
            "-n {o} link set lo up",
            "-n {c} link set eth0 up",
            "-n {o} link set eth0 up",
        ];
        for line in wire.iter().chain(lines) {
            ip(&line.replace("{c}", &lan.counter).replace("{o}", &lan.others));
        }
        lan
    }

    /// Waits until the kernel says so of the counter's eth0: it notices a cable a moment later.
    fn wait_for(&self, state: &str) {
        let link = || Command::new("ip").args(["-n", &self.counter, "link", "show", "eth0"]).output().unwrap().stdout;
        while !String::from_utf8(link()).unwrap().contains(state) {
            std::thread::yield_now();
        }
    }

    /// The program at the counter, with files of its own in /etc.
    fn run(&self, world: &World, files: &[(&str, &str)], line: &str) -> Ran {
        self.run_under(&[], world, files, line)
    }

    /// The same, started by another program.
    fn run_under(&self, starter: &[&str], world: &World, files: &[(&str, &str)], line: &str) -> Ran {
        let folder = PathBuf::from("/etc/netns").join(&self.counter);
        fs::create_dir_all(&folder).unwrap();
        for (name, contents) in files {
            fs::write(folder.join(name), contents).unwrap();
        }
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.counter]).args(starter).arg(PROGRAM).args(line.split_whitespace());
        command.env_clear().envs(world.environment().iter().cloned()).stdin(Stdio::null());
        let output = command.output().unwrap();
        fs::remove_dir_all(&folder).unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran { stdout: text(output.stdout), stderr: text(output.stderr), code: output.status.code().unwrap() }
    }

    /// Searches until all of these machines were found, with so many services in all; each search finds none but these.
    fn search_until(&self, world: &World, files: &[(&str, &str)], wanted: &[&str], services: usize) -> Value {
        loop {
            let ran = self.run(world, files, "discover --json");
            let json = ran.json();
            let found = addresses(&json);
            assert!(found.iter().all(|address| wanted.contains(&address.as_str())), "{found:?}");
            assert_eq!(ran.code, if found.is_empty() { 1 } else { 0 });
            let machines = json["machines"].as_array().unwrap().iter();
            let all: usize = machines.map(|machine| machine["services"].as_array().unwrap().len()).sum();
            if found.len() == wanted.len() && all == services {
                return json;
            }
        }
    }

    /// Has the kernel of this side count these packets that come in; gives how many there were.
    fn counting(&self, namespace: &str, packets: &str) -> impl Fn() -> u64 + use<> {
        let chain = format!("type filter hook input priority 0; policy accept;\n{packets} counter\n");
        let rules = format!("table inet counted {{\nchain in {{\n{chain}}}\n}}\n");
        let mut loading = nft(namespace).args(["-f", "-"]).stdin(Stdio::piped()).spawn().unwrap();
        loading.stdin.take().unwrap().write_all(rules.as_bytes()).unwrap();
        assert!(loading.wait().unwrap().success(), "{rules}");
        let namespace = namespace.to_string();
        move || {
            let listed = nft(&namespace).args(["-j", "list", "table", "inet", "counted"]).output().unwrap();
            let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
            let rules = listed["nftables"].as_array().unwrap().iter().filter_map(|it| it["rule"]["expr"].as_array());
            rules.flatten().filter_map(|it| it["counter"]["packets"].as_u64()).sum()
        }
    }
}

impl Drop for Lan {
    fn drop(&mut self) {
        for name in [&self.counter, &self.others] {
            let _ = Command::new("ip").args(["netns", "del", name]).status();
        }
    }
}

fn nft(namespace: &str) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", namespace, "nft"]);
    command
}

fn addresses(json: &Value) -> Vec<String> {
    let machines = json["machines"].as_array().unwrap();
    machines.iter().map(|machine| machine["address"].as_str().unwrap().to_string()).collect()
}

/// A document with these two ports.
fn shop(database: u16, integration: u16) -> World {
    let ports = json!({ "porta_banco_dados": database, "porta_integracao_clientes": integration });
    World::with_config(&json!({ "integracao": ports }).to_string())
}

fn postgres(stream: &mut TcpStream) -> std::io::Result<()> {
    startup(stream)?;
    until_closed(stream)
}

/// HAProxy, answering every request itself; it ends with this.
struct Web(Child);

impl Web {
    fn start(world: &World, namespace: &str, place: &str) -> Web {
        let settings = format!(
            "global\n  user nobody\ndefaults\n  mode http\n  timeout client 60s\n  timeout server 60s\n  timeout connect 60s\n\
             frontend f\n  bind {place}\n  http-request return status 200\n"
        );
        let file = world.write("haproxy.cfg", settings);
        let mut command = Command::new("ip");
        command.args(["netns", "exec", namespace, "haproxy", "-db", "-q", "-f"]).arg(file);
        Web(command.stdin(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn real_servers_are_found_among_dead_silent_and_closed_machines_and_told_by_name() {
    let lan = Lan::lay(&[
        "-n {c} addr add 10.77.0.1/24 dev eth0",
        "-n {o} addr add 10.77.0.10/24 dev eth0",
        "-n {o} addr add 10.77.0.11/24 dev eth0",
        "-n {o} addr add 10.77.0.12/24 dev eth0",
        "-n {o} addr add 10.77.0.13/24 dev eth0",
    ]);
    let others = lan.others.clone();
    let cluster = within(&others, || {
        let settings = "listen_addresses = '10.77.0.10,10.77.0.11'\n";
        Cluster::start(&Spec { access: "local all all trust\nhost all all all scram-sha-256\n", settings, roles: "" })
    });
    let world = shop(cluster.port, 8082);
    let _web = Web::start(&world, &others, "10.77.0.10:8082");
    let silent =
        within(&others, || [cluster.port, 8082].map(|port| Fake::at(&format!("10.77.0.12:{port}"), until_closed)));
    // Ports that were not named, anywhere: not even a connection is tried there.
    let named = format!("tcp dport != {{ {}, 8082 }}", cluster.port);
    let elsewhere = lan.counting(&others, &named);
    let files = [
        ("hosts", "10.77.0.10 servidor.loja\n"),
        ("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"),
    ];
    let json = lan.search_until(&world, &files, &["10.77.0.10", "10.77.0.11"], 3);
    assert_eq!(elsewhere(), 0);
    let machines = json["machines"].as_array().unwrap();
    assert_eq!((&machines[0]["name"], &machines[0]["matches_all"]), (&json!("servidor.loja"), &json!(true)));
    let kinds: Vec<(&Value, &Value, &Value)> = machines[0]["services"]
        .as_array()
        .unwrap()
        .iter()
        .map(|service| (&service["protocol"], &service["tls"], &service["status"]))
        .collect();
    assert_eq!(kinds, [(&json!("postgres"), &json!(false), &Value::Null), (&json!("http"), &Value::Null, &json!(200))]);
    assert_eq!((&machines[1]["name"], &machines[1]["matches_all"]), (&Value::Null, &json!(false)));
    assert_eq!((&json["hosts"], &json["networks"][0]["interface"]), (&json!(253), &json!("eth0")));

    // For people: the command that takes it over, where it is not the value in force.
    let told = loop {
        let ran = lan.run(&world, &files, "discover");
        if ran.stdout.contains("10.77.0.11") && ran.stdout.contains("PostgreSQL e HTTP") {
            break ran.stdout;
        }
    };
    let both = "✓ 10.77.0.10  PostgreSQL e HTTP  ";
    let first = told.lines().next().unwrap();
    assert!(first.starts_with(both) && first.ends_with(" ms  servidor.loja"), "{told}");
    assert!(told.contains("\n    balcao-config set integracao.ip_servidor_retaguarda=10.77.0.10\n"), "{told}");
    assert!(told.contains("\n▲ 10.77.0.11  só PostgreSQL  "), "{told}");
    assert!(told.ends_with("Rede eth0 (10.77.0.1/24): 253 endereços.\n"), "{told}");
    within(&others, || drop(silent));
}

#[test]
fn of_a_wide_network_no_more_is_asked_than_254_addresses_and_the_neighbours() {
    let lan = Lan::lay(&[
        "-n {c} addr add 10.66.5.200/16 dev eth0",
        "-n {o} addr add 10.66.5.201/16 dev eth0",
        "-n {o} addr add 10.66.200.3/16 dev eth0",
    ]);
    let near_and_far =
        within(&lan.others, || ["10.66.5.201:5432", "10.66.200.3:5432"].map(|at| Fake::at(at, postgres)));
    let world = shop(5432, 8082);
    let json = lan.search_until(&world, &[], &["10.66.5.201"], 1);
    assert_eq!((&json["hosts"], &json["networks"][0]["prefix"]), (&json!(254), &json!(16)));
    // The kernel was asked for so many neighbours, and no more: those of this machine stay in its table.
    let asked = Command::new("ip").args(["-4", "-n", &lan.counter, "neigh", "show", "nud", "all"]).output().unwrap();
    let asked = String::from_utf8(asked.stdout).unwrap();
    let asked: BTreeSet<&str> = asked.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(asked.iter().filter(|address| address.starts_with("10.66.")).count() <= 254, "{}", asked.len());
    // Somebody speaks with this counter from far off: now it is known to live.
    let spoken = within(&lan.others, || {
        let socket = UdpSocket::bind("10.66.200.3:0").unwrap();
        socket.send_to(b"x", "10.66.5.200:9").unwrap()
    });
    assert_eq!(spoken, 1);
    within(&lan.counter, || UdpSocket::bind("10.66.5.200:0").unwrap().send_to(b"x", "10.66.200.3:9").unwrap());
    let json = lan.search_until(&world, &[], &["10.66.5.201", "10.66.200.3"], 2);
    assert_eq!(json["hosts"], 255);
    within(&lan.others, || drop(near_and_far));
}

#[test]
fn of_three_wide_networks_508_addresses_are_asked_in_all() {
    let lan = Lan::lay(&[
        "-n {c} addr add 10.66.5.200/16 dev eth0",
        "-n {c} addr add 10.67.5.200/16 dev eth0",
        "-n {c} addr add 10.68.5.200/16 dev eth0",
    ]);
    lan.wait_for("state UP");
    let json = lan.run(&shop(5432, 8082), &[], "discover --json").json();
    let hosts: Vec<&Value> = json["networks"].as_array().unwrap().iter().map(|network| &network["hosts"]).collect();
    assert_eq!((hosts, &json["hosts"]), (vec![&json!(254), &json!(254), &json!(0)], &json!(508)));
    let table = Command::new("ip").args(["-4", "-n", &lan.counter, "neigh", "show", "nud", "all"]).output().unwrap();
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(table.lines().filter(|line| line.starts_with("10.")).count() <= 508);
}

#[test]
fn nothing_is_asked_behind_a_router_though_its_address_seems_near() {
    let lan = Lan::lay(&[
        "-n {c} addr add 10.77.0.1/24 dev eth0",
        "-n {o} addr add 10.77.0.10/24 dev eth0",
        // Half of what seems to be the wire is behind a router, and would be answered there.
        "-n {o} addr add 10.77.0.130/32 dev lo",
        "-n {c} route add 10.77.0.128/25 via 10.77.0.10",
    ]);
    // A router answers for its own address alone.
    let arp = "echo 1 > /proc/sys/net/ipv4/conf/all/arp_ignore";
    let set = Command::new("ip").args(["netns", "exec", &lan.others, "sh", "-c", arp]).status().unwrap();
    assert!(set.success());
    let fakes = within(&lan.others, || ["10.77.0.10:5432", "10.77.0.130:5432"].map(|at| Fake::at(at, postgres)));
    let behind = lan.counting(&lan.others, "ip daddr 10.77.0.128/25 tcp dport { 5432, 8082 }");
    lan.search_until(&shop(5432, 8082), &[], &["10.77.0.10"], 1);
    assert_eq!(behind(), 0);
    within(&lan.others, || drop(fakes));
}

#[test]
fn a_machine_with_few_sockets_left_asks_all_with_those() {
    let lan = Lan::lay(&["-n {c} addr add 10.77.0.1/28 dev eth0", "-n {o} addr add 10.77.0.14/28 dev eth0"]);
    let fake = within(&lan.others, || Fake::at("10.77.0.14:5432", postgres));
    lan.wait_for("state UP");
    let world = shop(5432, 8082);
    loop {
        let json = lan.run_under(&["prlimit", "--nofile=12"], &world, &[], "discover --json").json();
        if json["complete"] == true && !addresses(&json).is_empty() {
            assert_eq!((addresses(&json), &json["hosts"]), (vec!["10.77.0.14".to_string()], &json!(13)));
            break;
        }
    }
    within(&lan.others, || drop(fake));
}

#[test]
fn without_a_network_that_is_said_and_nothing_is_asked() {
    let lan = Lan::lay(&["-n {c} addr add 10.77.0.1/24 dev eth0", "-n {o} link set eth0 down"]);
    let world = shop(5432, 8082);
    lan.wait_for("NO-CARRIER");
    // Without a carrier there is no network, though an address is set.
    let ran = lan.run(&world, &[], "discover");
    assert_eq!((ran.code, ran.stdout.as_str()), (1, "Procurado: PostgreSQL na porta 5432 e HTTP na porta 8082.\n"));
    assert!(ran.stderr.starts_with("aviso: Este computador não está em nenhuma rede IPv4"), "{}", ran.stderr);
    let json = lan.run(&world, &[], "discover --json").json();
    assert_eq!((&json["ok"], &json["networks"], &json["hosts"]), (&json!(false), &json!([]), &json!(0)));
    assert_eq!(json["warnings"].as_array().unwrap().len(), 1);
}

#[test]
fn only_networks_with_other_machines_on_the_wire_are_searched() {
    let lan = Lan::lay(&[
        // Two networks on one interface, and the same one twice.
        "-n {c} addr add 10.77.0.1/24 dev eth0",
        "-n {c} addr add 10.78.0.1/28 dev eth0 label eth0:1",
        "-n {c} addr add 10.77.0.2/24 dev eth0",
        // Two machines that are alone with each other; a single one.
        "-n {c} addr add 10.80.0.0/31 dev eth0",
        "-n {c} addr add 10.81.0.1/32 dev eth0",
        // Four addresses: one other machine.
        "-n {c} addr add 10.82.0.1/30 dev eth0",
        // Down.
        "-n {c} link add eth1 type veth peer name eth1b",
        "-n {c} addr add 10.79.0.1/24 dev eth1",
        // A bridge to a container, as docker makes it.
        "-n {c} link add br0 type bridge",
        "-n {c} link add veth1 type veth peer name veth1 netns {o}",
        "-n {c} link set veth1 master br0",
        "-n {c} link set veth1 up",
        "-n {o} link set veth1 up",
        "-n {c} link set br0 up",
        "-n {c} addr add 172.17.0.1/16 dev br0",
        // What has no neighbours.
        "-n {c} link add eth2 type veth peer name eth2 netns {o}",
        "-n {c} link set eth2 arp off",
        "-n {c} addr add 10.83.0.1/24 dev eth2",
        "-n {c} link set eth2 up",
        "-n {o} link set eth2 up",
    ]);
    lan.wait_for("state UP");
    let json = lan.run(&shop(5432, 8082), &[], "discover --json").json();
    let networks = json["networks"].as_array().unwrap().iter();
    let networks: BTreeSet<(String, u64)> = networks
        .map(|it| {
            (
                format!("{} {}/{}", it["interface"].as_str().unwrap(), it["address"].as_str().unwrap(), it["prefix"]),
                it["hosts"].as_u64().unwrap(),
            )
        })
        .collect();
    let expected = [("eth0 10.77.0.1/24", 252), ("eth0 10.78.0.1/28", 13), ("eth0 10.82.0.1/30", 1)];
    assert_eq!(networks, expected.map(|(network, hosts)| (network.to_string(), hosts)).into());
}

#[test]
fn on_this_very_machine_postgres_gets_not_a_byte() {
    let lan = Lan::lay(&[]);
    let cluster =
        within(&lan.counter, || Cluster::start(&Spec { access: "local all all trust\n", settings: "", roles: "" }));
    let world = shop(5432, 8082);
    let web = Web::start(&world, &lan.counter, "127.0.0.1:8080");
    let asked = lan.counting(&lan.counter, &format!("tcp dport {}", cluster.port));
    let json = loop {
        let json = lan.run(&world, &[], "discover --json").json();
        if json["machines"][0]["services"].as_array().is_some_and(|services| services.len() == 2) {
            break json;
        }
    };
    let services = &json["machines"][0]["services"];
    assert_eq!((&services[0]["port"], &services[0]["known_by"]), (&json!(cluster.port), &json!("socket_name")));
    assert_eq!((&services[1]["port"], &services[1]["status"]), (&json!(8080), &json!(200)));
    // A test of another port offers this one.
    let ran = lan.run(&world, &[], "check --json --only banco_dados --timeout 30");
    let found = &ran.json()["results"][0];
    assert_eq!(
        (&found["diagnosis"], &found["detail"]["suggestion"]["value"]),
        (&json!("refused"), &json!(cluster.port))
    );
    assert_eq!(asked(), 0);
    drop(web);
}

#[test]
fn a_name_server_that_says_nothing_holds_nothing_up() {
    let lan = Lan::lay(&["-n {c} addr add 10.77.0.1/24 dev eth0", "-n {o} addr add 10.77.0.10/24 dev eth0"]);
    let (fake, name_server) =
        within(&lan.others, || (Fake::at("10.77.0.10:5432", postgres), UdpSocket::bind("10.77.0.10:53").unwrap()));
    // It would be waited for for 150 seconds.
    let files = [("resolv.conf", "nameserver 10.77.0.10\noptions timeout:30 attempts:5\n")];
    let json = lan.search_until(&shop(5432, 8082), &files, &["10.77.0.10"], 1);
    assert_eq!(json["machines"][0]["name"], Value::Null);
    assert!(json["elapsed_ms"].as_u64().unwrap() < 30_000);
    // It was asked.
    assert!(name_server.recv(&mut [0; 512]).unwrap() > 0);
    within(&lan.others, || drop(fake));
}
