//! Faults of the way from a name to an address: name servers of the tests' own, and none.

use std::net::UdpSocket;
use std::thread;

use super::{Cable, ip, within};

#[test]
fn the_faults_of_a_name_server_are_told() {
    let cable = Cable::lay();
    // What it answers: that there is no such name; that it failed, or will not; nothing; garbage. And where there is none.
    let table: [(Option<Behaviour>, &str); 6] = [
        (Some(|asked| answer(asked, 3)), "O nome loja.teste não foi encontrado."),
        (Some(|asked| answer(asked, 2)), "não respondeu sobre o nome loja.teste, ou respondeu com erro."),
        (Some(|asked| answer(asked, 5)), "não respondeu sobre o nome loja.teste, ou respondeu com erro."),
        (Some(|_| vec![]), "não respondeu sobre o nome loja.teste, ou respondeu com erro."),
        (Some(|_| b"lixo".to_vec()), "não respondeu sobre o nome loja.teste, ou respondeu com erro."),
        (None, "não respondeu sobre o nome loja.teste, ou respondeu com erro."),
    ];
    for (number, (behaviour, words)) in (1..).zip(table) {
        // Each at an address of its own: a program that another test is just starting may hold a port for a moment.
        let address = format!("127.0.0.{number}");
        let resolver = format!("nameserver {address}\noptions timeout:1 attempts:1\n");
        let start = |behaviour| within(&cable.counter, || NameServer::start(&address, behaviour));
        let server = behaviour.map(start);
        let (passed, said) = cable.example(&[("resolv.conf", &resolver)], &["loja.teste", "5432"]);
        assert!(!passed && said.contains(words), "{words}: {said}");
        assert!(number == 1 || said.starts_with(&format!("O servidor DNS ({address})")), "{said}");
        if let Some(server) = server {
            within(&cable.counter, || server.stop());
        }
    }
}

#[test]
fn what_this_machine_lacks_to_ask_a_name_server_is_told() {
    let cable = Cable::lay();
    let say = |resolver: &str, host: &str| cable.example(&[("resolv.conf", resolver)], &[host, "5432"]).1;
    let none = say("", "servidor");
    assert!(none.starts_with("Este computador não tem servidor DNS configurado"), "{none}");
    assert!(none.contains("/etc/hosts"), "a name of one label: {none}");
    let dotted = say("", "loja.teste");
    assert!(!dotted.contains("/etc/hosts"), "{dotted}");
    let far = say("nameserver 10.99.0.1\n", "loja.teste");
    assert!(far.starts_with("Este computador não tem rota até o servidor DNS (10.99.0.1)"), "{far}");
    ip(&format!("-n {} link set eth0 down", cable.counter));
    for resolver in ["", "nameserver 10.99.0.1\n", "nameserver 127.0.0.1\n"] {
        let off = say(resolver, "loja.teste");
        assert!(off.starts_with("Este computador está sem rede"), "{resolver}: {off}");
    }
}

/// From a question to its answer; an empty one is none.
type Behaviour = fn(&[u8]) -> Vec<u8>;

/// A name server that answers everything in one way.
struct NameServer(String, thread::JoinHandle<()>);

impl NameServer {
    fn start(address: &str, behaviour: Behaviour) -> NameServer {
        let place = format!("{address}:53");
        let socket = UdpSocket::bind(&place).unwrap();
        let serving = thread::spawn(move || {
            let mut bytes = [0; 1024];
            // An empty question is the end.
            while let Ok((1.., from)) = socket.recv_from(&mut bytes) {
                let answer = behaviour(&bytes);
                if !answer.is_empty() {
                    let _ = socket.send_to(&answer, from);
                }
            }
        });
        NameServer(place, serving)
    }

    fn stop(self) {
        UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"", &self.0).unwrap();
        self.1.join().unwrap();
    }
}

/// The question sent back as its answer, with this result.
fn answer(asked: &[u8], result: u8) -> Vec<u8> {
    // The head, and the one question up to its type and class.
    let name = asked[12..].iter().position(|byte| *byte == 0).unwrap();
    let mut answer = asked[..12 + name + 5].to_vec();
    // An answer; recursion is to be had; nothing but the question in it.
    (answer[2], answer[3]) = (0x81, 0x80 | result);
    answer[6..12].fill(0);
    answer
}
