//! Whether a port speaks TLS: one greeting, and the first record of the answer. No encrypted connection is made.

use std::io::{Read, Write};
use std::net::{IpAddr, TcpStream};
use std::sync::Arc;
use std::time::Instant;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore};

/// The head of a record (RFC 8446, 5.1), and the kind of the first message in it.
const HEAD: usize = 6;

/// A handshake record with a ServerHello. What only sends everything back sends a ClientHello.
const HANDSHAKE: u8 = 0x16;
const SERVER_HELLO: u8 = 2;
/// An alert: no common version, a client certificate missed, another name expected. Only TLS says so.
const ALERT: u8 = 0x15;

/// True if the other side answers as TLS does.
pub fn answered(mut stream: TcpStream, host: &str, address: IpAddr, deadline: Instant) -> bool {
    let Some(greeting) = greeting(host, address) else { return false };
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() || stream.set_write_timeout(Some(left)).is_err() || stream.write_all(&greeting).is_err() {
        return false;
    }
    let mut head = [0; HEAD];
    let mut filled = 0;
    while let Some(room @ [_, ..]) = head.get_mut(filled..) {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || stream.set_read_timeout(Some(left)).is_err() {
            return false;
        }
        match stream.read(room) {
            Ok(count @ 1..) => filled += count,
            Ok(0) | Err(_) => return false,
        }
    }
    match head {
        [HANDSHAKE, 3, _, _, _, kind] => kind == SERVER_HELLO,
        // Version, a length of two bytes, a warning (1) or the end (2).
        [ALERT, 3, _, 0, 2, level] => matches!(level, 1 | 2),
        _ => false,
    }
}

/// Nothing is believed of the answer, so nobody has to be trusted.
fn greeting(host: &str, address: IpAddr) -> Option<Vec<u8>> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .ok()?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_string()).unwrap_or_else(|_| ServerName::from(address));
    let mut bytes = vec![];
    ClientConnection::new(Arc::new(config), name).ok()?.write_tls(&mut bytes).ok()?;
    Some(bytes)
}
