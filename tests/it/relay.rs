//! A relay in front of a server: it counts the turns of a conversation, holds words back, and shows the server another
//! address.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustix::net::{AddressFamily, SocketType, bind, connect, socket};

use crate::fakes::Fake;

pub struct Relay {
    pub port: u16,
    turns: Arc<AtomicUsize>,
    _fake: Fake,
}

impl Relay {
    /// In front of the server on this port, which sees connections from `source` (any of 127.0.0.0/8). Of each connection
    /// the server's first `most` turns are let through.
    pub fn to(port: u16, source: Ipv4Addr, most: usize) -> Relay {
        Relay::slow(port, source, most, Duration::ZERO)
    }

    /// The same, where each word takes so long on its way.
    pub fn slow(port: u16, source: Ipv4Addr, most: usize, delay: Duration) -> Relay {
        let turns = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&turns);
        let fake = Fake::serving(move |client| {
            let server = socket(AddressFamily::INET, SocketType::STREAM, None)?;
            bind(&server, &SocketAddr::from((source, 0)))?;
            connect(&server, &SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
            let mut server = TcpStream::from(server);
            // True while it is the server that speaks.
            let speaker = Arc::new(Mutex::new((false, 0)));
            let (mut to_server, mut from_client) = (server.try_clone()?, client.try_clone()?);
            let heard = Arc::clone(&speaker);
            thread::spawn(move || {
                let mut bytes = [0; 4096];
                while let Ok(count @ 1..) = from_client.read(&mut bytes) {
                    heard.lock().unwrap().0 = false;
                    thread::sleep(delay);
                    if to_server.write_all(&bytes[..count]).is_err() {
                        break;
                    }
                }
                let _ = to_server.shutdown(Shutdown::Both);
            });
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = server.read(&mut bytes) {
                let mut speaker = speaker.lock().unwrap();
                if !std::mem::replace(&mut speaker.0, true) {
                    speaker.1 += 1;
                    counted.fetch_add(1, Ordering::Relaxed);
                }
                let held = speaker.1 > most;
                drop(speaker);
                thread::sleep(delay);
                if !held {
                    client.write_all(&bytes[..count])?;
                }
            }
            client.shutdown(Shutdown::Both)
        });
        Relay { port: fake.port, turns, _fake: fake }
    }

    /// How often the server has answered so far: each time costs a round trip, and so does connecting.
    pub fn turns(&self) -> usize {
        self.turns.load(Ordering::Relaxed)
    }
}
