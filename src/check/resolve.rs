//! From a host name to its addresses, and what kind of addresses they are.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket};

use super::Diagnosis;
use super::evidence::{Evidence, Limit, Unresolved};
use crate::catalog::NoServer;

mod surroundings;

pub use surroundings::name_servers;

/// More than any shop's server has. Bounds the sockets that one name can make us open.
const MOST_ADDRESSES: usize = 16;

/// What the system's library says where there is no such name, or none with an address. It gives only words: of glibc and of
/// musl, never translated, since this program sets no locale.
const UNKNOWN: [&str; 4] = [
    "Name or service not known",
    "No address associated with hostname",
    "Name does not resolve",
    "Name has no usable address",
];

/// Why a name led to no address.
#[derive(Debug)]
pub struct NoAddress {
    pub error: String,
    why: Why,
}

#[derive(Debug)]
enum Why {
    Limit(Limit),
    Unresolved(Unresolved),
}

/// The address, if the text is one.
pub fn literal(host: &str) -> Option<IpAddr> {
    host.parse().ok()
}

/// Asks the system's resolver (hosts file, DNS…), in its order of preference. getaddrinfo(3) has no deadline and cannot be
/// cancelled, so this may block for long.
pub fn lookup(host: &str) -> Result<Vec<IpAddr>, NoAddress> {
    let mut found = Vec::new();
    for address in (host, 0).to_socket_addrs().map_err(NoAddress::of)? {
        if found.len() < MOST_ADDRESSES && !found.contains(&address.ip()) {
            found.push(address.ip());
        }
    }
    if found.is_empty() {
        let error = "the name has no address".to_string();
        return Err(NoAddress { error, why: Why::Unresolved(Unresolved::Unknown) });
    }
    Ok(found)
}

impl NoAddress {
    fn of(error: io::Error) -> NoAddress {
        // The library makes of a lack what it makes of a silent name server.
        let lack = |error: &io::Error| Limit::of_io(error);
        let limit = lack(&error).or_else(|| UdpSocket::bind(("127.0.0.1", 0)).err().as_ref().and_then(lack));
        let text = error.to_string();
        let why = match limit {
            Some(limit) => Why::Limit(limit),
            // A name that fits into no question: no name server was asked.
            None if error.kind() == io::ErrorKind::InvalidInput => Why::Unresolved(Unresolved::Unknown),
            None if UNKNOWN.iter().any(|known| text.ends_with(known)) => Why::Unresolved(Unresolved::Unknown),
            None => Why::Unresolved(surroundings::silence()),
        };
        NoAddress { error: text, why }
    }

    /// Of a lookup for which no thread was to be had.
    pub fn without_thread(error: io::Error) -> NoAddress {
        NoAddress { error: error.to_string(), why: Why::Limit(Limit::Processes) }
    }

    /// What it means, and how that is known.
    pub fn tell(self) -> (Diagnosis, Evidence) {
        let evidence = Evidence { error: Some(self.error), ..Evidence::default() };
        match self.why {
            Why::Limit(limit) => (Diagnosis::LocalLimit, Evidence { limit: Some(limit), ..evidence }),
            Why::Unresolved(unresolved) => (
                Diagnosis::DnsFailure,
                Evidence { unresolved: Some(unresolved), name_servers: name_servers(), ..evidence },
            ),
        }
    }
}

/// The address of this machine's own that it speaks to that one from; nothing is sent.
pub fn source_towards(address: SocketAddr) -> Option<IpAddr> {
    let any: IpAddr = if address.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect(address).ok()?;
    Some(socket.local_addr().ok()?.ip().to_canonical())
}

/// True for loopback and for the addresses of this machine's own interfaces.
pub fn is_this_machine(address: IpAddr) -> bool {
    let address = address.to_canonical();
    if address.is_loopback() || address.is_unspecified() {
        return true;
    }
    // The kernel binds a socket to own addresses alone. It would let these two pass as well.
    if address.is_multicast() || address == Ipv4Addr::BROADCAST {
        return false;
    }
    UdpSocket::bind((address, 0)).is_ok()
}

/// Why no server can have this address, where none can: by its form, or since it is the broadcast of a network here.
pub fn no_server(address: IpAddr) -> Option<NoServer> {
    let address = address.to_canonical();
    NoServer::of(address).or_else(|| is_broadcast(address).then_some(NoServer::Broadcast))
}

/// The kernel connects a socket to a broadcast address of a network it is in, but only where that was asked for. No packet
/// is sent for it.
fn is_broadcast(address: IpAddr) -> bool {
    let connects = |broadcast: bool| {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        socket.set_broadcast(broadcast)?;
        socket.connect((address, 9))
    };
    address.is_ipv4()
        && connects(false).is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
        && connects(true).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_and_own_addresses_are_this_machine() {
        for own in ["127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1", "0.0.0.0"] {
            assert!(is_this_machine(own.parse().unwrap()), "{own}");
        }
        // Documentation networks (RFC 5737, RFC 3849) belong to nobody.
        for other in ["192.0.2.77", "2001:db8::1", "224.0.0.1", "255.255.255.255"] {
            assert!(!is_this_machine(other.parse().unwrap()), "{other}");
        }
    }

    #[test]
    fn what_no_server_can_have_is_known_by_its_form_or_by_the_kernel() {
        let of = |address: &str| no_server(address.parse().unwrap());
        assert_eq!(of("127.255.255.255"), Some(NoServer::Broadcast), "the loopback has one too");
        assert_eq!(of("255.255.255.0"), Some(NoServer::Mask));
        assert_eq!(of("::ffff:0.0.0.0"), Some(NoServer::Unspecified));
        for fine in ["127.0.0.1", "::1", "192.0.2.77"] {
            assert_eq!(of(fine), None, "{fine}");
        }
    }

    #[test]
    fn a_host_that_is_an_address_needs_no_resolver() {
        assert_eq!(literal("192.168.0.10"), "192.168.0.10".parse().ok());
        assert_eq!(literal("::1"), "::1".parse().ok());
        assert_eq!(literal("servidor.loja"), None);
    }

    #[test]
    fn a_name_that_cannot_exist_is_unknown_and_no_panic() {
        // None of these fits into a question to a name server: no packet leaves the machine.
        for name in ["a\0b", &"x".repeat(64), &"x.".repeat(300)] {
            let (diagnosis, evidence) = lookup(name).unwrap_err().tell();
            assert_eq!(
                (diagnosis, evidence.unresolved),
                (Diagnosis::DnsFailure, Some(Unresolved::Unknown)),
                "{name:?}"
            );
        }
    }
}
