//! What this machine would ask a name server with: those that it is to ask, and whether there is a way to them.

use std::net::{IpAddr, UdpSocket};
use std::{fs, io};

use crate::check::evidence::Unresolved;

/// The name servers of /etc/resolv.conf; none where it is missing, empty or names none.
pub fn name_servers() -> Vec<IpAddr> {
    servers_in(&fs::read_to_string("/etc/resolv.conf").unwrap_or_default())
}

/// Why no name server has answered, as far as this machine itself knows.
pub fn silence() -> Unresolved {
    let servers = name_servers();
    // The kernel looks for a way when a socket is connected; it sends nothing for that.
    let is_without_way = |server: &IpAddr| {
        let own = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let connected = UdpSocket::bind(own).and_then(|socket| socket.connect((*server, 53)));
        connected.is_err_and(|error| error.kind() == io::ErrorKind::NetworkUnreachable)
    };
    if !has_network() {
        Unresolved::NoNetwork
    } else if servers.is_empty() {
        Unresolved::NoServer
    } else if servers.iter().all(is_without_way) {
        Unresolved::NoRoute
    } else {
        Unresolved::Unanswered
    }
}

/// False where there is surely no way to any other machine.
fn has_network() -> bool {
    let v4 = fs::read_to_string("/proc/net/route");
    let v6 = fs::read_to_string("/proc/net/ipv6_route").unwrap_or_default();
    v4.map_or(true, |v4| has_route(&v4, &v6))
}

/// Whether a packet can leave by another interface than the loopback.
fn has_route(v4: &str, v6: &str) -> bool {
    let first_v4 = v4.lines().skip(1).filter_map(|line| line.split_ascii_whitespace().next());
    // The last column is the interface. Link-local and multicast ones are there as soon as a cable is.
    let beyond = |line: &&str| !["fe8", "fe9", "fea", "feb", "ff"].iter().any(|near| line.starts_with(near));
    let last_v6 = v6.lines().filter(beyond).filter_map(|line| line.split_ascii_whitespace().last());
    first_v4.chain(last_v6).any(|interface| interface != "lo")
}

fn servers_in(resolv_conf: &str) -> Vec<IpAddr> {
    let servers = resolv_conf.lines().filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let server = (words.next()? == "nameserver").then(|| words.next()).flatten()?;
        // Without the interface of a link-local one.
        server.split('%').next()?.parse().ok()
    });
    servers.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_are_read_as_the_library_reads_them() {
        let servers = |text: &str| servers_in(text).iter().map(IpAddr::to_string).collect::<Vec<_>>();
        let written =
            "# nameserver 1.1.1.1\nsearch loja\nnameserver 192.168.0.1\nnameserver fe80::1%eth0\nnameserver\n";
        assert_eq!(servers(written), ["192.168.0.1", "fe80::1"]);
        assert!(servers("options timeout:1\nnameserver x\n").is_empty());
    }

    #[test]
    fn the_loopback_and_what_every_cable_has_are_no_way_out() {
        let head = "Iface Destination Gateway Flags\n";
        let local = "00000000000000000000000000000001 80 x 00 y 00000000 1 0 80200001 lo\n";
        let near = "fe800000000000000000000000000000 40 x 00 y 100 1 0 00000001 eth0\n\
                    ff000000000000000000000000000000 08 x 00 y 100 1 0 00000001 eth0\n";
        let far = "fd770000000000000000000000000000 40 x 00 y 100 1 0 00000001 eth0\n";
        assert!(!has_route(head, ""));
        assert!(!has_route(head, &format!("{local}{near}")));
        assert!(has_route(head, &format!("{local}{far}")));
        assert!(has_route(&format!("{head}eth0 0001A8C0 00000000 0001\n"), local));
    }
}
