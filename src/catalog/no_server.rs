//! Addresses that no server can have, and why. By their form alone; which broadcast addresses the networks here have, only the
//! kernel knows.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::lang::Localized;
use crate::localized;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoServer {
    Mask,
    Broadcast,
    Multicast,
    /// 0.0.0.0 and its like.
    Unspecified,
    /// An IPv6 address of one cable: it is known on which only with the interface's name, which is no part of an address.
    LinkLocal,
}

impl NoServer {
    pub fn of(address: IpAddr) -> Option<NoServer> {
        match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }

    /// What stands after the address in a sentence.
    pub fn words(self) -> Localized {
        match self {
            NoServer::Mask => localized!(
                "é uma máscara de rede, não o endereço de um servidor",
                "is a network mask, not a server's address"
            ),
            NoServer::Broadcast => localized!(
                "é o endereço de difusão (broadcast) da rede, não o de um servidor",
                "is a network's broadcast address, not a server's"
            ),
            NoServer::Multicast => localized!(
                "é um endereço de grupo (multicast), não o de um servidor",
                "is a group's address (multicast), not a server's"
            ),
            NoServer::Unspecified => {
                localized!("não é o endereço de nenhum servidor", "is not the address of a server")
            }
            NoServer::LinkLocal => localized!(
                "é um IPv6 que só funciona com o nome da interface; informe outro endereço do servidor",
                "is an IPv6 that works only with the interface name; enter another address of the server"
            ),
        }
    }
}

fn of_v4(address: Ipv4Addr) -> Option<NoServer> {
    let bits = address.to_bits();
    let ones = bits.leading_ones();
    if address.is_broadcast() {
        Some(NoServer::Broadcast)
    } else if ones >= 8 && ones + bits.trailing_zeros() == u32::BITS {
        Some(NoServer::Mask)
    } else if address.is_multicast() {
        Some(NoServer::Multicast)
    } else {
        (address.octets()[0] == 0).then_some(NoServer::Unspecified)
    }
}

fn of_v6(address: Ipv6Addr) -> Option<NoServer> {
    if let Some(address) = address.to_ipv4_mapped() {
        return of_v4(address);
    }
    if address.is_unspecified() {
        Some(NoServer::Unspecified)
    } else if address.is_multicast() {
        Some(NoServer::Multicast)
    } else {
        address.is_unicast_link_local().then_some(NoServer::LinkLocal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_server_can_have_is_told_from_what_one_can() {
        let table = [
            ("255.255.255.0", Some(NoServer::Mask)),
            ("255.0.0.0", Some(NoServer::Mask)),
            ("255.255.255.252", Some(NoServer::Mask)),
            ("255.255.255.254", Some(NoServer::Mask)),
            ("255.255.255.255", Some(NoServer::Broadcast)),
            ("224.0.0.1", Some(NoServer::Multicast)),
            ("239.255.255.250", Some(NoServer::Multicast)),
            ("0.0.0.0", Some(NoServer::Unspecified)),
            ("0.0.0.10", Some(NoServer::Unspecified)),
            ("::", Some(NoServer::Unspecified)),
            ("ff02::1", Some(NoServer::Multicast)),
            ("fe80::1", Some(NoServer::LinkLocal)),
            ("::ffff:255.255.0.0", Some(NoServer::Mask)),
            ("127.0.0.1", None),
            ("192.168.0.255", None),
            ("10.255.255.0", None),
            ("169.254.1.1", None),
            ("::1", None),
            ("fd00::1", None),
            ("::ffff:10.0.0.1", None),
        ];
        for (address, expected) in table {
            assert_eq!(NoServer::of(address.parse().unwrap()), expected, "{address}");
        }
    }
}
