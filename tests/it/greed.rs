//! Servers that want our memory or our terminal, against the real binary.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::fakes::{Fake, authentication_request, message, startup};
use crate::world::World;

/// What the program may take, in KiB.
const MOST_KIB: u64 = 32 * 1024;

fn shop(database: u16, service: u16) -> World {
    let document =
        json!({ "integracao": { "porta_banco_dados": database, "porta_integracao_clientes": service } }).to_string();
    World::with_config(&document)
}

/// Says this again and again until the other side has enough.
fn without_end(stream: &mut TcpStream, words: &[u8]) -> std::io::Result<()> {
    let many = words.repeat(1 + 65_536 / words.len());
    loop {
        stream.write_all(&many)?;
    }
}

fn check(world: &World) -> Command {
    world.command(&["check", "--timeout", "3", "--only", "banco_dados", "--only", "integracao_clientes"])
}

/// Runs a command; gives the most memory that it had, in KiB, and its exit code.
fn peak_kib(command: &mut Command) -> (u64, i32) {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let mut most = 0;
    loop {
        // The kernel keeps the peak, and tells it as long as the process lives.
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        most = most.max(peak.unwrap_or(0));
        if let Some(ended) = child.try_wait().unwrap() {
            return (most, ended.code().unwrap());
        }
        std::thread::yield_now();
    }
}

#[test]
fn no_server_fills_our_memory() {
    let gigabyte = 0x4000_0000_u32.to_be_bytes();
    let lengths = Fake::serving(move |stream| {
        startup(stream)?;
        stream.write_all(b"E")?;
        stream.write_all(&gigabyte)?;
        without_end(stream, &[b'x'; 4096])
    });
    let notices = Fake::serving(|stream| {
        startup(stream)?;
        let notice = message(b'N', b"SNOTICE\0C00000\0Maviso\0\0");
        stream.write_all(&notice.repeat(100_000))?;
        stream.write_all(&authentication_request(0))?;
        stream.write_all(&message(b'Z', b"I"))
    });
    let field = Fake::serving(move |stream| {
        startup(stream)?;
        stream.write_all(&[authentication_request(0), message(b'Z', b"I")].concat())?;
        let _ = stream.read(&mut [0; 512])?;
        stream.write_all(b"D")?;
        stream.write_all(&gigabyte)?;
        without_end(stream, &[b'x'; 4096])
    });
    let header = Fake::serving(|stream| {
        let _ = stream.read(&mut [0; 512])?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nX: ")?;
        without_end(stream, &[b'x'; 4096])
    });
    for (name, database) in [("lengths", &lengths), ("notices", &notices), ("field", &field)] {
        let (peak, code) = peak_kib(&mut check(&shop(database.port, header.port)));
        assert!(peak > 0 && peak < MOST_KIB, "{name}: {peak} KiB");
        assert!(code == 0 || code == 1, "{name}: {code}");
    }
}

#[test]
fn what_a_server_says_reaches_no_stream_raw() {
    let evil = "\u{1b}]0;x\u{7}\u{1b}[2J\u{9b}2J\u{202e}";
    let errors = Fake::postgres_error("XX000", "\u{1b}]0;x\u{7}\u{1b}[2J\u{9b}2J\u{202e}");
    let rejecting = Fake::postgres_error("28000", "\u{1b}]0;x\u{7}\u{1b}[2J\u{9b}2J\u{202e}");
    let greeting = Fake::greeting(format!("SSH-{evil}\r\n"));
    let page = Fake::answering(format!("HTTP/1.1 500 {evil}\r\nServer: {evil}\r\n\r\n"));
    for database in [&errors, &rejecting, &greeting] {
        let world = shop(database.port, page.port).variable("PGUSER", evil).variable("PGDATABASE", evil);
        for arguments in ["check", "check --json", "check --lang en --ascii", "set --check geral.vendedor_padrao=a"] {
            let ran = world.line(&format!("{arguments} --color never"));
            let raw = |text: &str| text.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}']);
            assert!(!raw(&ran.stdout) && !raw(&ran.stderr), "{arguments}: {ran:?}");
        }
    }
}

#[test]
fn no_history_fills_our_memory_and_what_is_not_read_is_told() {
    let world = World::with_config(&json!({ "x": { "y": "a".repeat(6 << 20) } }).to_string());
    assert_eq!(world.line("set geral.vendedor_padrao=Ana").code, 0);
    let history = "config.json.history";
    let large = world.read(&format!("{history}/000002.json"));
    std::fs::remove_dir_all(world.path(history)).unwrap();
    world.write("config.json", "{}");
    assert_eq!(world.line("set geral.vendedor_padrao=Ana").code, 0);
    let small = world.read(&format!("{history}/000002.json"));
    let at = small.find("\"from\": ").unwrap() + 8;
    let end = at + small[at..].find(',').unwrap();
    let zeros = format!("{}[{}0]{}", &small[..at], "0,".repeat(11 << 20), &small[end..]);
    for number in 100..140 {
        let name = format!("{history}/{number:06}.json");
        world.write(&name, large.replacen("\"number\": 2,", &format!("\"number\": {number},"), 1));
    }
    for number in 140..240 {
        let sparse = std::fs::File::create(world.path(&format!("{history}/{number:06}.json"))).unwrap();
        sparse.set_len(20 << 20).unwrap();
    }
    world.write(&format!("{history}/000240.json"), zeros.replacen("\"number\": 2,", "\"number\": 240,", 1));
    // The document's text cannot be read, so the newest good version is looked for.
    world.write("config.json", "{");
    for (arguments, code) in [
        ("get geral.vendedor_padrao", 3),
        ("history", 0),
        ("history show 139", 0),
        ("history show 240", 0),
        ("history show 150", 3),
    ] {
        let (peak, ended) = peak_kib(&mut world.command(&arguments.split(' ').collect::<Vec<_>>()));
        assert!(peak > 0 && peak < 128 * 1024, "{arguments}: {peak} KiB");
        assert_eq!(ended, code, "{arguments}");
    }
    let ran = world.line("history --lang en");
    assert!(ran.stderr.contains("more versions were not read: they are too many or too large"), "{ran:?}");
    assert!(ran.stdout.contains("240"), "{ran:?}");
    let ran = world.line("get geral.vendedor_padrao --lang en");
    assert!(ran.stderr.contains("version 240 of the history"), "{ran:?}");
    for number in 100..241 {
        std::fs::remove_file(world.path(&format!("{history}/{number:06}.json"))).unwrap();
    }
    world.write("config.json", "{}");
    assert_eq!(world.line("rollback 2").code, 0);
}
