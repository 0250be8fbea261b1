//! From a host name to its addresses, and whether they are this machine's.

use std::io;
use std::net::{IpAddr, Ipv4Addr, ToSocketAddrs, UdpSocket};

/// More than any shop's server has. Bounds the sockets that one name can make us open.
const MOST_ADDRESSES: usize = 16;

/// The address, if the text is one.
pub fn literal(host: &str) -> Option<IpAddr> {
    host.parse().ok()
}

/// Asks the system's resolver (hosts file, DNS…), in its order of preference. getaddrinfo(3) has no deadline and cannot be
/// cancelled, so this may block for long.
pub fn lookup(host: &str) -> io::Result<Vec<IpAddr>> {
    let mut found = Vec::new();
    for address in (host, 0).to_socket_addrs()? {
        if found.len() < MOST_ADDRESSES && !found.contains(&address.ip()) {
            found.push(address.ip());
        }
    }
    if found.is_empty() { Err(io::Error::other("the name has no address")) } else { Ok(found) }
}

/// True where the error of a lookup says that nobody answered, and not that there is no such name. The system's library
/// gives only words for it (`EAI_AGAIN`): of glibc and of musl, never translated, since this program sets no locale.
pub fn is_unanswered(error: &io::Error) -> bool {
    let message = error.to_string();
    ["Temporary failure in name resolution", "Try again"].iter().any(|known| message.ends_with(known))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_and_own_addresses_are_this_machine() {
        for own in ["127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1", "0.0.0.0"] {
            assert!(is_this_machine(own.parse().unwrap()), "{own}");
        }
        // Documentation networks (RFC 5737, RFC 3849) belong to nobody.
        for other in ["192.0.2.1", "2001:db8::1", "224.0.0.1", "255.255.255.255"] {
            assert!(!is_this_machine(other.parse().unwrap()), "{other}");
        }
    }

    #[test]
    fn a_host_that_is_an_address_needs_no_resolver() {
        assert_eq!(literal("192.168.0.10"), "192.168.0.10".parse().ok());
        assert_eq!(literal("::1"), "::1".parse().ok());
        assert_eq!(literal("servidor.loja"), None);
    }

    #[test]
    fn a_name_that_cannot_exist_is_an_error_and_no_panic() {
        // None of these fits into a question to a name server: no packet leaves the machine.
        for name in ["a\0b", &"x".repeat(64), &"x.".repeat(300)] {
            assert!(lookup(name).is_err(), "{name:?}");
        }
    }
}
