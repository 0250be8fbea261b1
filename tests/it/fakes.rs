//! Servers on the loopback that misbehave on purpose, one for every way in which a real one can.
//!
//! Each has a free port of its own and ends when it is dropped.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, connect, getsockname, listen, socket_with, sockopt};
use tempfile::TempDir;

/// A server that treats every connection in the same way, each in a thread of its own.
pub struct Fake {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    open: Arc<Mutex<Open>>,
    listener: TcpListener,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Open {
    ended: bool,
    connections: Vec<TcpStream>,
}

impl Fake {
    /// Does `serve` with every connection, and closes it when that returns. Whatever `serve` waits for on the connection
    /// ends when the fake is dropped.
    pub fn serving(serve: impl Fn(&mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static) -> Fake {
        Fake::at("127.0.0.1:0", serve)
    }

    /// The same at this address: for what is looked for on a port of its own. All of 127.0.0.0/8 is the loopback.
    pub fn at(address: &str, serve: impl Fn(&mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static) -> Fake {
        Fake::on(TcpListener::bind(address).unwrap(), serve)
    }

    fn on(
        listener: TcpListener,
        serve: impl Fn(&mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Fake {
        let port = listener.local_addr().unwrap().port();
        let accepted_from = listener.try_clone().unwrap();
        let open = Arc::new(Mutex::new(Open::default()));
        let (serve, shared) = (Arc::new(serve), Arc::clone(&open));
        let accepting = thread::spawn(move || {
            for stream in accepted_from.incoming() {
                let mut open = shared.lock().unwrap();
                if open.ended {
                    return;
                }
                let Ok(mut stream) = stream else { continue };
                open.connections.push(stream.try_clone().unwrap());
                drop(open);
                let (serve, shared) = (Arc::clone(&serve), Arc::clone(&shared));
                thread::spawn(move || {
                    // That the other side has gone is no failure of the fake.
                    let _ = serve(&mut stream);
                    // The copy goes too: a connection is closed when nobody holds it any more.
                    let peer = stream.peer_addr().ok();
                    shared.lock().unwrap().connections.retain(|other| other.peer_addr().ok() != peer);
                });
            }
        });
        Fake { port, open, listener, accepting: Some(accepting) }
    }

    /// Accepts, and says nothing.
    pub fn silent() -> Fake {
        Fake::serving(until_closed)
    }

    /// Accepts, and closes at once, properly.
    pub fn closing() -> Fake {
        Fake::serving(|stream| stream.shutdown(Shutdown::Both))
    }

    /// Accepts, and cuts at once (RST).
    pub fn resetting() -> Fake {
        Fake::serving(|stream| Ok(sockopt::set_socket_linger(stream, Some(Duration::ZERO))?))
    }

    /// Says this at once, and then nothing: SSH, MySQL, mail servers greet so.
    pub fn greeting(words: impl Into<Vec<u8>>) -> Fake {
        let words = words.into();
        Fake::serving(move |stream| {
            stream.write_all(&words)?;
            until_closed(stream)
        })
    }

    /// Says this once something was asked, and closes: HTTP servers answer so.
    pub fn answering(words: impl Into<Vec<u8>>) -> Fake {
        Fake::answering_at("127.0.0.1:0", words)
    }

    /// The same at this address.
    pub fn answering_at(address: &str, words: impl Into<Vec<u8>>) -> Fake {
        let words = words.into();
        Fake::at(address, move |stream| {
            let asked = stream.read(&mut [0; 4096])?;
            if asked > 0 {
                stream.write_all(&words)?;
            }
            Ok(())
        })
    }

    /// Says this once something was asked, and then nothing.
    pub fn answering_and_waiting(words: impl Into<Vec<u8>>) -> Fake {
        let words = words.into();
        Fake::serving(move |stream| {
            if stream.read(&mut [0; 4096])? > 0 {
                stream.write_all(&words)?;
            }
            until_closed(stream)
        })
    }

    /// Says one byte a second of this.
    pub fn dripping(words: impl Into<Vec<u8>>) -> Fake {
        let words = words.into();
        Fake::serving(move |stream| {
            stream.set_read_timeout(Some(Duration::from_secs(1)))?;
            for byte in &words {
                stream.write_all(&[*byte])?;
                // A second's wait that the end of the connection cuts short.
                while stream.read(&mut [0; 4096]).is_ok_and(|count| count > 0) {}
            }
            until_closed(stream)
        })
    }

    /// Says this again and again, as fast as it is taken.
    pub fn flooding(words: impl Into<Vec<u8>>) -> Fake {
        let words = words.into().repeat(64);
        Fake::serving(move |stream| {
            loop {
                stream.write_all(&words)?;
            }
        })
    }

    /// A PostgreSQL that answers a login with these messages, and then waits. The closure is given the parameters of the
    /// startup message, `user` and `database` among them.
    pub fn postgres(answer: impl Fn(&BTreeMap<String, String>) -> Vec<u8> + Send + Sync + 'static) -> Fake {
        Fake::serving(move |stream| {
            let login = startup(stream)?;
            stream.write_all(&answer(&login))?;
            until_closed(stream)
        })
    }

    /// A PostgreSQL that lets everybody in and answers each question with this one text.
    pub fn postgres_saying(text: &'static str) -> Fake {
        Fake::serving(move |stream| {
            startup(stream)?;
            let ready = message(b'Z', b"I");
            stream.write_all(&[authentication_request(0), ready.clone()].concat())?;
            // One column, named x, of type text; one row; done.
            let column = message(b'T', b"\0\x01x\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0");
            let length = u32::try_from(text.len()).unwrap().to_be_bytes();
            let row = message(b'D', &[&b"\0\x01"[..], &length, text.as_bytes()].concat());
            let answer = [column, row, message(b'C', b"SHOW\0"), ready].concat();
            while stream.read(&mut [0; 4096])? > 0 {
                stream.write_all(&answer)?;
            }
            Ok(())
        })
    }

    /// A PostgreSQL that refuses every login with this SQLSTATE and text.
    pub fn postgres_error(code: &'static str, text: &'static str) -> Fake {
        Fake::postgres(move |_| error_response(code, text))
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap();
        open.ended = true;
        for connection in &open.connections {
            let _ = connection.shutdown(Shutdown::Both);
        }
        drop(open);
        // Ends the waiting for connections. The port is waited for: whoever drops a server wants it refused from then on.
        let _ = rustix::net::shutdown(&self.listener, rustix::net::Shutdown::Both);
        let _ = self.accepting.take().map(JoinHandle::join);
    }
}

/// Reads the startup message; gives its parameters. Says no where encryption is asked for first.
pub fn startup(stream: &mut TcpStream) -> std::io::Result<BTreeMap<String, String>> {
    loop {
        let mut length = [0; 4];
        stream.read_exact(&mut length)?;
        let mut startup = vec![0; (u32::from_be_bytes(length) as usize).clamp(8, 10_000) - 4];
        stream.read_exact(&mut startup)?;
        if startup == SSL_REQUEST {
            stream.write_all(b"N")?;
            continue;
        }
        // The protocol's version (4 bytes), then names and values, each ended by a zero.
        let words: Vec<String> =
            startup[4..].split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect();
        return Ok(words.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect());
    }
}

/// The question whether encryption is to be had, without its length.
const SSL_REQUEST: [u8; 4] = [0x04, 0xd2, 0x16, 0x2f];

/// Reads on until the other side closes.
pub fn until_closed(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.set_read_timeout(None)?;
    while stream.read(&mut [0; 4096])? > 0 {}
    Ok(())
}

/// One message of PostgreSQL's protocol.
pub fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [&[tag], &length.to_be_bytes()[..], body].concat()
}

/// The message with which PostgreSQL refuses.
pub fn error_response(code: &str, text: &str) -> Vec<u8> {
    message(b'E', format!("SFATAL\0VFATAL\0C{code}\0M{text}\0\0").as_bytes())
}

/// The message with which PostgreSQL asks for a proof: 3 in clear, 5 MD5, 7 GSS.
pub fn authentication_request(kind: u32) -> Vec<u8> {
    let salt: &[u8] = if kind == 5 { b"salt" } else { b"" };
    message(b'R', &[&kind.to_be_bytes(), salt].concat())
}

/// A port on which nothing listens, and which nobody else can be given meanwhile.
pub struct Refusing {
    pub port: u16,
    held: OwnedFd,
}

impl Refusing {
    pub fn new() -> Refusing {
        let (held, port) = bound();
        Refusing { port, held }
    }

    /// From now on the port is served.
    pub fn open(self, serve: impl Fn(&mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static) -> Fake {
        listen(&self.held, 16).unwrap();
        Fake::on(TcpListener::from(self.held), serve)
    }
}

/// A port that answers no connection: its queue of connections to accept is full, and the kernel drops what comes.
pub struct BlackHole {
    pub port: u16,
    _held: Vec<OwnedFd>,
}

impl BlackHole {
    pub fn new() -> BlackHole {
        let (listener, port) = bound();
        listen(&listener, 0).unwrap();
        // A queue of length 0 holds one connection: once this one stands, it is full.
        let first = connecting(port);
        poll(&mut [PollFd::new(&first, PollFlags::OUT)], None).unwrap();
        sockopt::socket_error(&first).unwrap().unwrap();
        BlackHole { port, _held: vec![listener, first] }
    }
}

fn connecting(port: u16) -> OwnedFd {
    let socket = socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::NONBLOCK, None).unwrap();
    let _ = connect(&socket, &SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    socket
}

/// A socket with a free port of the loopback, not listening.
fn bound() -> (OwnedFd, u16) {
    let socket = socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None).unwrap();
    bind(&socket, &SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    let address = SocketAddr::try_from(getsockname(&socket).unwrap()).unwrap();
    (socket, address.port())
}

/// A socket of the name that a PostgreSQL of this machine would have, by which its port is known; gone with it.
pub struct SocketName {
    _folder: TempDir,
    _socket: UnixListener,
}

impl SocketName {
    pub fn of(port: u16) -> SocketName {
        let folder = tempfile::tempdir().unwrap();
        let socket = UnixListener::bind(folder.path().join(format!(".s.PGSQL.{port}"))).unwrap();
        SocketName { _folder: folder, _socket: socket }
    }
}

/// An address of the loopback that is this test's alone while it lives, other runs on this machine among them: the usual
/// ports are free there. All are written with as many characters.
pub struct Quiet {
    pub address: String,
    _claim: TcpListener,
}

impl Quiet {
    pub fn new() -> Quiet {
        // Whoever holds this port of an address has the address.
        let claim = |address: String| Some(Quiet { _claim: TcpListener::bind((&*address, 7077)).ok()?, address });
        let addresses = (0..10).flat_map(|third| (10..100).map(move |last| format!("127.8.{third}.{last}")));
        addresses.into_iter().find_map(claim).expect("an address of the loopback that nobody uses")
    }

    /// A port of it.
    pub fn at(&self, port: u16) -> String {
        format!("{}:{port}", self.address)
    }
}
