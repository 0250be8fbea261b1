//! Faults that only a network has, between two real addresses: two network namespaces joined by a cable.
//!
//! Making them needs root; so these tests are in a module of that name, by which `tests/run` knows them.

pub mod root {
    use std::fs::{self, File};
    use std::io::ErrorKind::ConnectionRefused;
    use std::io::Write;
    use std::net::TcpStream;
    use std::os::fd::AsFd;
    use std::path::PathBuf;
    use std::process::{Command, Stdio};
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::thread;
    use std::time::Duration;

    use balcao_config::check::{self, Cancel, Diagnosis, Options, Outcome, Point, Request};
    use balcao_config::key::Key;
    use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
    use serde_json::json;

    use crate::busy::PATIENCE;
    use crate::fakes::{Fake, authentication_request, message, startup, until_closed};

    mod debian;
    mod names;

    /// A counter and a server on one cable: 10.77.0.1 and fd77::1 here, 10.77.0.2 and fd77::2 there. Both go with it.
    struct Cable {
        counter: String,
        server: String,
    }

    impl Cable {
        fn lay() -> Cable {
            static NUMBER: AtomicU32 = AtomicU32::new(0);
            let name = format!("bc{}x{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
            let cable = Cable { counter: format!("{name}a"), server: format!("{name}b") };
            let (counter, server) = (&cable.counter, &cable.server);
            for line in [
                format!("netns add {counter}"),
                format!("netns add {server}"),
                format!("link add eth0 netns {counter} type veth peer name eth0 netns {server}"),
                format!("-n {counter} addr add 10.77.0.1/24 dev eth0"),
                format!("-n {server} addr add 10.77.0.2/24 dev eth0"),
                // Without nodad an address of IPv6 takes a second until it can be used.
                format!("-n {counter} addr add fd77::1/64 dev eth0 nodad"),
                format!("-n {server} addr add fd77::2/64 dev eth0 nodad"),
                format!("-n {counter} link set lo up"),
                format!("-n {server} link set lo up"),
                format!("-n {counter} link set eth0 up"),
                format!("-n {server} link set eth0 up"),
            ] {
                ip(&line);
            }
            // A network that has just been made takes a second, now and then, until all of it answers.
            for host in ["10.77.0.2", "fd77::2"] {
                let place = std::net::SocketAddr::new(host.parse().unwrap(), 1000);
                let refused = || TcpStream::connect_timeout(&place, PATIENCE).unwrap_err().kind() == ConnectionRefused;
                within(counter, || crate::busy::wait_until("the network answers", refused));
            }
            cable
        }

        /// What the server's firewall is to do with connections to these ports.
        fn firewall(&self, rules: &str) {
            Cable::rules(&self.server, "input", rules);
        }

        /// What the firewall of a machine is to do with what goes in or out of it.
        fn rules(machine: &str, hook: &str, rules: &str) {
            let mut nft = Command::new("ip")
                .args(["netns", "exec", machine, "nft", "-f", "-"])
                .stdin(Stdio::piped())
                .spawn()
                .unwrap();
            let table = format!(
                "table inet t {{\n chain in {{\n type filter hook {hook} priority 0; policy accept;\n {rules}\n }}\n}}\n"
            );
            nft.stdin.take().unwrap().write_all(table.as_bytes()).unwrap();
            assert!(nft.wait().unwrap().success(), "{table}");
        }

        /// Does it on the server; what it serves there, it serves until `meanwhile` is over.
        fn serving(&self, address: &str, serve: fn(&mut TcpStream) -> std::io::Result<()>, meanwhile: impl FnOnce()) {
            let fake = within(&self.server, || Fake::at(address, serve));
            meanwhile();
            drop(fake);
        }

        fn check(&self, host: &str, port: u16, options: Options) -> Outcome {
            let host_key = Key::new("integracao", "ip_servidor_retaguarda").unwrap();
            let key = Key::new("integracao", "porta_banco_dados").unwrap();
            let request = Request {
                target: "banco_dados".into(),
                key,
                probe: balcao_config::catalog::Probe::Postgres,
                point: Point::Port { host: host.into(), port, host_key },
            };
            self.check_all(&[request], &options).remove(0)
        }

        /// Until each probe has told what it heard: one that gets no processor in the moment after its deadline is left behind, and
        /// with it its evidence.
        fn check_all(&self, requests: &[Request], options: &Options) -> Vec<Outcome> {
            let run = || check::run(requests, options, &Cancel::default(), &mut |_| {});
            let check = || within(&self.counter, run).unwrap().outcomes;
            let heard = |found: &Outcome| crate::check::detail(found)["reason"] != "timed_out";
            crate::busy::at_best(check, |outcomes| outcomes.iter().all(heard))
        }

        /// Gives these lines to a shell of the server.
        fn typed_at_the_server(&self, lines: &[balcao_config::safe::Safe]) {
            let tools = tempfile::tempdir().unwrap();
            for (name, script) in [("sudo", "#!/bin/sh\nexec \"$@\"\n"), ("firewall-cmd", FIREWALL_CMD)] {
                let path = tools.path().join(name);
                fs::write(&path, script).unwrap();
                fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
            }
            let path = format!("{}:/usr/sbin:/sbin:{}", tools.path().display(), std::env::var("PATH").unwrap());
            for line in lines {
                let mut shell = Command::new("ip");
                shell.args(["netns", "exec", &self.server, "sh", "-c", line.as_str()]).env("PATH", &path);
                assert!(shell.status().unwrap().success(), "{line}");
            }
        }

        /// The example program at the counter, with files of its own in /etc: resolv.conf, hosts.
        fn example(&self, files: &[(&str, &str)], arguments: &[&str]) -> (bool, String) {
            let folder = PathBuf::from("/etc/netns").join(&self.counter);
            fs::create_dir_all(&folder).unwrap();
            for (name, contents) in files {
                fs::write(folder.join(name), contents).unwrap();
            }
            let output = Command::new("ip")
                .args(["netns", "exec", &self.counter])
                .arg(crate::world::example("check"))
                .args(arguments)
                .output()
                .unwrap();
            fs::remove_dir_all(&folder).unwrap();
            (output.status.success(), String::from_utf8(output.stdout).unwrap())
        }
    }

    impl Drop for Cable {
        fn drop(&mut self) {
            for name in [&self.counter, &self.server] {
                let _ = Command::new("ip").args(["netns", "del", name]).status();
            }
        }
    }

    pub fn ip(line: &str) {
        let status = Command::new("ip").args(line.split(' ')).status().unwrap();
        assert!(status.success(), "ip {line}");
    }

    /// Does something in a network namespace: in a thread of its own, since a thread that has gone there stays there. The
    /// threads that it starts are there, too.
    pub fn within<T: Send>(name: &str, action: impl FnOnce() -> T + Send) -> T {
        let network = File::open(format!("/run/netns/{name}")).unwrap();
        thread::scope(|scope| {
            let inside = || {
                move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
                action()
            };
            scope.spawn(inside).join().unwrap()
        })
    }

    const SHORT: Duration = Duration::from_secs(1);

    fn short() -> Options {
        Options { timeout: SHORT, ..Options::default() }
    }

    fn patient() -> Options {
        Options { timeout: Duration::from_secs(30), ..Options::default() }
    }

    /// A cable with a firewall on it that does all that firewalls do, and ways that lead nowhere.
    fn faulty() -> Cable {
        let cable = Cable::lay();
        let counter = &cable.counter;
        for (network, kind) in [(1, "unreachable"), (2, "prohibit"), (3, "blackhole")] {
            ip(&format!("-n {counter} route add {kind} 10.88.{network}.0/24"));
        }
        cable.firewall(
            "tcp dport 1001 drop
             tcp dport 1002 reject with tcp reset
             tcp dport 1003 reject with icmpx type admin-prohibited
             tcp dport 1004 reject with icmpx type host-unreachable
             tcp dport 1005 tcp flags & (syn|ack) == ack drop
             tcp dport 1006 tcp flags & psh == psh reject with tcp reset
             meta nfproto ipv4 tcp dport 1007 reject with icmp type host-prohibited
             meta nfproto ipv4 tcp dport 1008 reject with icmp type net-prohibited
             meta nfproto ipv6 tcp dport 1007 reject with icmpv6 type policy-fail
             meta nfproto ipv6 tcp dport 1008 reject with icmpv6 type reject-route
             tcp dport 1009 reject",
        );
        cable
    }

    #[test]
    fn what_a_network_or_a_firewall_does_is_named() {
        let table = [
            ("10.77.0.2", 1000, Diagnosis::Refused),
            ("10.77.0.2", 1001, Diagnosis::Timeout),
            ("10.77.0.2", 1002, Diagnosis::Refused),
            ("10.77.0.2", 1003, Diagnosis::Blocked),
            ("10.77.0.2", 1004, Diagnosis::Unreachable),
            ("10.77.0.2", 1007, Diagnosis::Blocked),
            ("10.77.0.2", 1008, Diagnosis::Blocked),
            ("10.77.0.2", 1009, Diagnosis::Refused),
            ("::ffff:10.77.0.2", 1007, Diagnosis::Blocked),
            ("fd77::2", 1000, Diagnosis::Refused),
            ("fd77::2", 1001, Diagnosis::Timeout),
            ("fd77::2", 1003, Diagnosis::Blocked),
            ("fd77::2", 1007, Diagnosis::Blocked),
            ("fd77::2", 1008, Diagnosis::Blocked),
            ("fd77::2", 1009, Diagnosis::Refused),
            // Switched off: nobody answers to the address.
            ("10.77.0.99", 5432, Diagnosis::Timeout),
            ("fd77::99", 5432, Diagnosis::Timeout),
            // The network's own broadcast address.
            ("10.77.0.255", 5432, Diagnosis::BadAddress),
            // No way there, or one that leads nowhere.
            ("10.99.0.1", 5432, Diagnosis::Unreachable),
            ("fd99::1", 5432, Diagnosis::Unreachable),
            ("10.88.1.1", 5432, Diagnosis::Unreachable),
            ("10.88.2.1", 5432, Diagnosis::Unreachable),
            ("10.88.3.1", 5432, Diagnosis::Unreachable),
        ];
        let cable = faulty();
        for (host, port, diagnosis) in table {
            // A firewall's answer may come while the kernel is still busy with the question, and is heard at the second one
            // only, a second later: what answers is waited for.
            let timeout = if diagnosis == Diagnosis::Timeout { SHORT } else { 5 * SHORT };
            let found = cable.check(host, port, Options { timeout, ..Options::default() });
            let detail = crate::check::detail(&found);
            assert_eq!(found.diagnosis, diagnosis, "{host} {port}: {detail:?}");
            if diagnosis == Diagnosis::BadAddress {
                continue;
            }
            assert_eq!(detail["this_machine"], false);
            // Who forbids is told, and that a rejected port is a firewall's doing, too.
            if diagnosis == Diagnosis::Blocked || port == 1009 {
                let teller = host.trim_start_matches("::ffff:");
                assert_eq!(detail["addresses"][0]["told_by"], json!(teller), "{detail:?}");
            }
        }
    }

    #[test]
    fn a_firewall_of_the_counter_itself_is_told_and_nobody_is_sent_to_the_server() {
        let cable = Cable::lay();
        let rules = "tcp dport 1003 reject with icmpx type admin-prohibited\n tcp dport 1009 reject";
        Cable::rules(&cable.counter, "output", rules);
        for (host, port) in [("10.77.0.2", 1003), ("10.77.0.2", 1009), ("fd77::2", 1003), ("fd77::2", 1009)] {
            let found = cable.check(host, port, patient());
            let (detail, words) = (crate::check::detail(&found), crate::check::words(&found));
            assert!(words.starts_with("Bloqueado: o firewall deste computador não permite"), "{words} {detail:?}");
            assert_eq!(detail["paste"]["on"], "here", "{detail:?}");
            // "No route to host", says the system of it: nobody is to look for a route.
            let facts = balcao_config::present::outcome::facts(&found, balcao_config::lang::Lang::Pt);
            assert!(facts.iter().all(|fact| !fact.as_str().contains("O sistema disse")), "{facts:?}");
        }
    }

    /// firewalld needs a message bus and cannot be installed everywhere: a stand-in that keeps such a port for the reload, and
    /// then opens it in the same firewall.
    const FIREWALL_CMD: &str = r#"#!/bin/sh
case "$*" in
"--permanent --add-port="*/tcp) port=${2#--add-port=}; echo "${port%/tcp}" >>"$0.ports" ;;
--reload) while read -r port; do nft insert rule inet t in tcp dport "$port" accept; done <"$0.ports" ;;
*) exit 2 ;;
esac
"#;

    #[test]
    fn a_port_that_a_firewall_forbids_is_opened_by_the_lines() {
        let cable = Cable::lay();
        cable.firewall("tcp dport 1010 reject with icmpx admin-prohibited");
        let found = cable.check("10.77.0.2", 1010, patient());
        assert_eq!(found.diagnosis, Diagnosis::Blocked, "{:?}", crate::check::detail(&found));
        let lines = found.remedy(&Default::default(), balcao_config::lang::Lang::Pt).to_paste();
        cable.typed_at_the_server(&lines);
        let found = cable.check("10.77.0.2", 1010, patient());
        assert_eq!(found.diagnosis, Diagnosis::Refused, "{:?}", crate::check::detail(&found));
    }

    #[test]
    fn a_port_that_is_dropped_while_another_one_of_the_machine_answers_is_a_firewall_s_and_opened_by_the_lines() {
        let cable = faulty();
        fn page(stream: &mut TcpStream) -> std::io::Result<()> {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")
        }
        cable.serving("10.77.0.2:8082", page, || {
            let requests = [crate::check::database("10.77.0.2", 1001), crate::check::service("10.77.0.2", 8082)];
            let found = cable.check_all(&requests, &short()).remove(0);
            let (detail, words) = (crate::check::detail(&found), crate::check::words(&found));
            assert_eq!((found.diagnosis, &detail["answers_on"]), (Diagnosis::Timeout, &json!(8082)), "{detail:?}");
            assert_eq!(detail["look_at"], "integracao.porta_banco_dados");
            assert!(words.contains("O endereço está certo") && !words.contains("desligado"), "{words}");
            let cases = found.remedy(&Default::default(), balcao_config::lang::Lang::Pt).cases;
            cable.typed_at_the_server(&cases.last().unwrap().lines);
            let found = cable.check("10.77.0.2", 1001, patient());
            assert_eq!(found.diagnosis, Diagnosis::Refused, "{:?}", crate::check::detail(&found));
        });
    }

    #[test]
    fn a_port_rejected_with_a_reset_has_the_firewall_among_its_causes_and_a_look_before_any_change() {
        let found = faulty().check("10.77.0.2", 1002, patient());
        let remedy = found.remedy(&Default::default(), balcao_config::lang::Lang::Pt);
        assert!(remedy.sentence.as_str().contains("firewall que rejeita"), "{}", remedy.sentence);
        assert_eq!(remedy.lines[0].as_str(), "sudo ss -ltnp");
    }

    #[test]
    fn a_search_without_a_free_port_of_its_own_says_that_not_everybody_was_asked() {
        let cable = Cable::lay();
        let report = within(&cable.counter, || {
            // The only one is held.
            fs::write("/proc/sys/net/ipv4/ip_local_port_range", "20000 20000").unwrap();
            let _held = std::net::TcpListener::bind("0.0.0.0:20000").unwrap();
            crate::discover::search(&crate::discover::wanted(5432, 8082), &crate::discover::network("10.77.0.1", 29))
        });
        assert_eq!(report.end, balcao_config::check::discover::End::OutOfSockets);
    }

    #[test]
    fn causes_that_only_a_network_has_are_named_right_every_time() {
        let cable = faulty();
        let causes = [
            (Diagnosis::Blocked, "10.77.0.2", 1007),
            (Diagnosis::Blocked, "fd77::2", 1003),
            (Diagnosis::Unreachable, "10.99.0.1", 5432),
            (Diagnosis::BadAddress, "10.77.0.255", 5432),
            (Diagnosis::Timeout, "10.77.0.2", 1001),
            (Diagnosis::Timeout, "10.77.0.99", 5432),
        ];
        for diagnosis in crate::causes::OF_NETWORKS {
            assert!(causes.iter().any(|(caused, ..)| *caused == diagnosis), "{diagnosis:?} has no cause here");
        }
        for round in 1..=crate::history::times(1, 100) {
            for timeout in [1, 3, 10] {
                for (expected, host, port) in causes {
                    // A silence lasts as long as it is listened to: once is enough for that.
                    if expected == Diagnosis::Timeout && port == 1001 && timeout > 1 {
                        continue;
                    }
                    let options = || Options { timeout: Duration::from_secs(timeout), ..Options::default() };
                    let found = cable.check(host, port, options());
                    let told = crate::check::detail(&found);
                    assert_eq!(found.diagnosis, expected, "round {round}, {timeout} s, {host} {port}: {told:?}");
                }
            }
        }
    }

    #[test]
    fn a_firewall_that_tells_once_a_second_why_it_forbids_is_named_alike_by_every_short_test() {
        let cable = faulty();
        for (host, port) in [("10.77.0.2", 1003), ("10.77.0.2", 1007), ("fd77::2", 1008)] {
            // One after the other: there is less than a second for each.
            for round in 1..=12 {
                let found = cable.check(host, port, short());
                assert_eq!(found.diagnosis, Diagnosis::Blocked, "{round} {host}: {:?}", crate::check::detail(&found));
            }
        }
        // The kernels of today and of some years ago ask again at other times.
        for linear in ["4", "0"] {
            let setting = "/proc/sys/net/ipv4/tcp_syn_linear_timeouts";
            let _ = within(&cable.counter, || fs::write(setting, linear));
            for round in 1..=4 {
                let options = Options { timeout: 3 * SHORT, ..Options::default() };
                let found = cable.check("10.77.0.2", 1003, options);
                assert_eq!(found.diagnosis, Diagnosis::Blocked, "{round} {linear}: {:?}", crate::check::detail(&found));
            }
        }
        // Nothing is remembered from one program to the next.
        let document = json!({ "integracao": { "ip_servidor_retaguarda": "10.77.0.2", "porta_banco_dados": 1008 } });
        let world = crate::world::World::with_config(&document.to_string());
        for round in 1..=12 {
            let check = || world.line("check --timeout 1 --only banco_dados --json").json();
            let look = || within(&cable.counter, check);
            let found = crate::busy::at_best(look, |found| found["results"][0]["detail"]["reason"] != "timed_out");
            assert_eq!(found["results"][0]["diagnosis"], "blocked", "{round}: {found}");
        }
    }

    #[test]
    fn two_ports_that_one_firewall_forbids_are_named_alike_though_it_tells_but_once_a_second() {
        let cable = faulty();
        let document = json!({ "integracao": {
            "ip_servidor_retaguarda": "10.77.0.2", "porta_banco_dados": 1003, "porta_integracao_clientes": 1008,
        } });
        let world = crate::world::World::with_config(&document.to_string());
        for round in 1..=12 {
            let check = || world.line("check --timeout 1 --only banco_dados --only integracao_clientes --json").json();
            let look = || within(&cable.counter, check);
            let late = |result: &serde_json::Value| result["detail"]["reason"] == "timed_out";
            let found = crate::busy::at_best(look, |found| !found["results"].as_array().unwrap().iter().any(late));
            for result in found["results"].as_array().unwrap() {
                assert_eq!(result["diagnosis"], "blocked", "{round}: {found}");
            }
        }
        // One that is forbidden says nothing of one that is silent for longer than that.
        let requests = [crate::check::database("10.77.0.2", 1001), crate::check::service("10.77.0.2", 1003)];
        let found = cable.check_all(&requests, &Options { timeout: 3 * SHORT, ..Options::default() });
        let told: Vec<Diagnosis> = found.iter().map(|found| found.diagnosis).collect();
        assert_eq!(told, [Diagnosis::Timeout, Diagnosis::Blocked]);
        assert_eq!(found[0].evidence.answers_on, Some(1003));
    }

    #[test]
    fn a_connection_that_is_forbidden_is_never_taken_for_one_that_stands() {
        let cable = faulty();
        let write = |name: &str, value: &str| fs::write(format!("/proc/sys/net/ipv4/{name}"), value).unwrap();
        within(&cable.server, || {
            write("icmp_ratelimit", "0");
            write("icmp_msgs_per_sec", "1000000");
            write("icmp_msgs_burst", "1000000");
        });
        // What comes is dealt with by the other processor: the message may be seen before the end that it makes.
        for machine in [&cable.counter, &cable.server] {
            let spread = "echo 2 >/sys/class/net/eth0/queues/rx-0/rps_cpus";
            Command::new("ip").args(["netns", "exec", machine, "sh", "-c", spread]).status().unwrap();
        }
        within(&cable.counter, || {
            for round in 1..=crate::history::times(500, 20_000) {
                let request = [crate::check::service("10.77.0.2", 1003)];
                let found =
                    check::run(&request, &patient(), &Cancel::default(), &mut |_| {}).unwrap().outcomes.remove(0);
                assert_eq!(found.diagnosis, Diagnosis::Blocked, "{round}: {:?}", crate::check::detail(&found));
            }
        });
    }

    #[test]
    fn an_address_that_nobody_has_is_silent_for_ever_and_at_every_timeout() {
        let cable = Cable::lay();
        for timeout in [1, 5, 1, 3, 10, 1] {
            let options = Options { timeout: Duration::from_secs(timeout), ..Options::default() };
            let found = cable.check("10.77.0.99", 5432, options);
            let (detail, words) = (crate::check::detail(&found), crate::check::words(&found));
            assert_eq!(found.diagnosis, Diagnosis::Timeout, "{timeout} s: {detail:?}");
            assert!(words.starts_with("Sem resposta: ninguém na rede local atende por 10.77.0.99."), "{words}");
        }
    }

    #[test]
    fn a_router_that_does_not_find_the_machine_says_no_more_than_silence_does() {
        let (near, far) = (Cable::lay(), Cable::lay());
        // The server of the near cable is a router into a network of its own, where nobody is.
        let router = &near.server;
        for line in [
            format!("link add lan netns {router} type veth peer name lan netns {}", far.server),
            format!("-n {router} addr add 10.78.0.1/24 dev lan"),
            format!("-n {router} link set lan up"),
            format!("-n {} link set lan up", far.server),
            format!("-n {} route add 10.78.0.0/24 via 10.77.0.2", near.counter),
        ] {
            ip(&line);
        }
        within(router, || fs::write("/proc/sys/net/ipv4/ip_forward", "1").unwrap());
        for timeout in [1, 10, 1] {
            let options = Options { timeout: Duration::from_secs(timeout), ..Options::default() };
            let found = near.check("10.78.0.5", 5432, options);
            assert_eq!(found.diagnosis, Diagnosis::Timeout, "{timeout} s: {:?}", crate::check::detail(&found));
        }
    }

    const BOTH_SILENT: &str =
        "Sem resposta: loja.teste:1001 (10.77.0.2) não respondeu em 3 s. Também falhou: 10.77.0.99";

    #[test]
    fn an_address_without_a_route_tells_nothing_beside_another() {
        let cable = faulty();
        for (hosts, port, words) in [
            ("fd99::1 loja.teste\n10.77.0.2 loja.teste\n", "1001", "Sem resposta: loja.teste:1001 (10.77.0.2)"),
            // Both are silent: that of a machine which is there speaks, and the other one is told as well.
            ("10.77.0.99 loja.teste\n10.77.0.2 loja.teste\n", "1001", BOTH_SILENT),
            ("10.77.0.2 loja.teste\n10.77.0.99 loja.teste\n", "1001", BOTH_SILENT),
            ("10.99.0.1 loja.teste\n10.77.0.2 loja.teste\n", "1000", "Conexão recusada: loja.teste (10.77.0.2)"),
            ("10.99.0.1 loja.teste\n10.77.0.2 loja.teste\n", "1007", "Bloqueado: o firewall em 10.77.0.2"),
            // One address that drops and one that forbids, in both orders.
            ("10.77.0.99 loja.teste\n10.77.0.2 loja.teste\n", "1007", "Bloqueado: o firewall em 10.77.0.2"),
            ("10.77.0.2 loja.teste\n10.77.0.99 loja.teste\n", "1007", "Bloqueado: o firewall em 10.77.0.2"),
            ("fd99::1 loja.teste\n10.99.0.1 loja.teste\n", "1000", "Não há rota de rede até loja.teste:1000"),
            ("fd99::1 loja.teste\n", "1000", "Não há rota IPv6 até loja.teste:1000 (fd99::1), e o servidor só"),
            ("10.77.0.255 loja.teste\n10.77.0.2 loja.teste\n", "1000", "Conexão recusada: loja.teste (10.77.0.2)"),
        ] {
            let check = || cable.example(&[("hosts", hosts)], &["loja.teste", port]);
            let (passed, said) = crate::busy::at_best(check, |(_, said)| said.starts_with(words));
            assert!(!passed && said.starts_with(words), "{hosts}{said}");
        }
    }

    #[test]
    fn a_connection_that_a_firewall_cuts_later_is_silent_or_reset() {
        let cable = faulty();
        for (address, port, diagnosis) in
            [("10.77.0.2:1005", 1005, Diagnosis::Silent), ("10.77.0.2:1006", 1006, Diagnosis::Reset)]
        {
            cable.serving(address, until_closed, || {
                // The cut may be heard at the second try only, as above: it is waited for.
                let options = if diagnosis == Diagnosis::Silent { short() } else { patient() };
                let found = cable.check("10.77.0.2", port, options);
                assert_eq!(found.diagnosis, diagnosis, "{address}: {:?}", crate::check::detail(&found));
            });
        }
    }

    #[test]
    fn over_ipv6_alone_a_server_is_found_and_told_by_its_address() {
        let cable = Cable::lay();
        fn asking(stream: &mut TcpStream) -> std::io::Result<()> {
            startup(stream)?;
            stream.write_all(&authentication_request(10))?;
            until_closed(stream)
        }
        cable.serving("[fd77::2]:5432", asking, || {
            let found = cable.check("fd77::2", 5432, patient());
            assert_eq!(found.diagnosis, Diagnosis::AuthRequired, "{:?}", crate::check::detail(&found));
            assert_eq!(
                (found.request.point.address().as_deref(), &crate::check::detail(&found)["answered"]),
                (Some("[fd77::2]:5432"), &json!("fd77::2"))
            );
            // A name with an address that is dead and one that lives: the one that answers is taken.
            let hosts = "10.77.0.99 loja.teste\nfd77::2 loja.teste\n";
            let (passed, said) = cable.example(&[("hosts", hosts)], &["loja.teste", "5432"]);
            assert!(passed && said.contains("loja.teste:5432 (fd77::2)"), "{said}");
        });
    }

    #[test]
    fn the_line_for_the_access_list_has_the_address_that_the_server_sees() {
        let cable = Cable::lay();
        fn rejecting(stream: &mut TcpStream) -> std::io::Result<()> {
            startup(stream)?;
            // As behind a translator of addresses.
            let seen = if stream.local_addr()?.is_ipv4() { "192.0.2.7" } else { "2001:db8::7" };
            let text = format!("no pg_hba.conf entry for host \"{seen}\", user \"balcao\"");
            let fields = format!("SFATAL\0C28000\0M{text}\0RClientAuthentication\0\0");
            stream.write_all(&message(b'E', fields.as_bytes()))?;
            until_closed(stream)
        }
        for (place, host, line) in [
            ("10.77.0.2:5432", "10.77.0.2", "host  loja  balcao  192.0.2.7/32  md5"),
            ("[fd77::2]:5432", "fd77::2", "host  loja  balcao  2001:db8::7/128  md5"),
        ] {
            cable.serving(place, rejecting, || {
                let login = Options { credentials: crate::check::login("balcao", "loja"), ..patient() };
                let found = cable.check(host, 5432, login);
                assert_eq!(
                    (found.diagnosis, &crate::check::detail(&found)["hba_line"]),
                    (Diagnosis::HbaRejected, &json!(line))
                );
            });
        }
    }

    #[test]
    fn where_a_proxy_stands_before_the_server_the_commands_leave_out_its_port() {
        let cable = Cable::lay();
        fn rejecting(stream: &mut TcpStream) -> std::io::Result<()> {
            startup(stream)?;
            let text = "no pg_hba.conf entry for host \"127.0.0.1\", user \"balcao\"";
            let fields = format!("SFATAL\0C28000\0M{text}\0RClientAuthentication\0\0");
            stream.write_all(&message(b'E', fields.as_bytes()))?;
            until_closed(stream)
        }
        cable.serving("10.77.0.2:5441", rejecting, || {
            let login = Options { credentials: crate::check::login("balcao", "loja"), ..patient() };
            let found = cable.check("10.77.0.2", 5441, login);
            let lines = found.remedy(&Default::default(), balcao_config::lang::Lang::Pt).to_paste();
            assert_eq!(lines[0].as_str(), "sudo -u postgres psql -Atc 'SHOW hba_file'");
        });
    }

    #[test]
    fn a_server_beside_a_port_that_is_silent_is_found_before_the_time_is_over() {
        let cable = Cable::lay();
        fn postgres(stream: &mut TcpStream) -> std::io::Result<()> {
            let mut question = [0; 8];
            std::io::Read::read_exact(stream, &mut question)?;
            stream.write_all(b"N")?;
            until_closed(stream)
        }
        cable.serving("10.77.0.2:5432", until_closed, || {
            cable.serving("10.77.0.2:5433", postgres, || {
                for timeout in [1, 3] {
                    let options = || Options { timeout: Duration::from_secs(timeout), ..Options::default() };
                    let check = || cable.check("10.77.0.2", 5432, options());
                    let found = crate::busy::at_best(check, |found| found.evidence.suggestion.is_some());
                    assert_eq!((found.diagnosis, found.evidence.suggestion), (Diagnosis::Silent, Some(5433)));
                    assert!(crate::check::words(&found).contains("Na porta 5433"), "{}", crate::check::words(&found));
                }
            });
        });
    }

    #[test]
    fn the_neighbouring_port_is_looked_for_on_that_host_alone() {
        let cable = Cable::lay();
        fn postgres(stream: &mut TcpStream) -> std::io::Result<()> {
            startup(stream)?;
            until_closed(stream)
        }
        cable.serving("10.77.0.2:5434", postgres, || {
            let check = || cable.check("10.77.0.2", 5999, patient());
            let found = crate::busy::at_best(check, |found| found.evidence.suggestion.is_some());
            assert_eq!(
                (found.diagnosis, &crate::check::detail(&found)["suggestion"]["value"]),
                (Diagnosis::Refused, &json!(5434))
            );
        });
    }
}
