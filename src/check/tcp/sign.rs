//! What made a connection fail, as far as the kernel knows: the ICMP message, or that nobody on the network has the address.
//!
//! The kernel gives one error (EHOSTUNREACH) to a machine that is off and to a firewall that forbids. What came in the way of
//! a connection stands in the socket's error queue (since Linux 5.9 for one that is being made), and whom it has asked for in
//! vain, in its neighbour table.

use std::fs;
use std::io::IoSliceMut;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsRawFd, OwnedFd};

use nix::libc::{SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6, sock_extended_err, sockaddr_in6};
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt};
use rustix::io::Errno;

use crate::check::evidence::{Icmp, Sign};
use crate::check::resolve;

/// An entry of /proc/net/arp that has its hardware address (`ATF_COM`), and one that somebody made by hand (`ATF_PERM`).
const KNOWN: u32 = 0x2 | 0x4;

/// So many messages of a queue are read: one that is filled from outside faster than it is read must not hold the test.
const MOST_MESSAGES: usize = 8;

/// Has the kernel keep what comes in the way of this connection. Without it, less is told, and nothing fails.
pub fn keep(socket: &OwnedFd, address: IpAddr) {
    let _ = match address {
        IpAddr::V4(_) => setsockopt(socket, sockopt::Ipv4RecvErr, &true),
        IpAddr::V6(_) => setsockopt(socket, sockopt::Ipv6RecvErr, &true),
    };
}

/// What was kept for a connection to this address that has failed, with the error that it fails with.
pub fn kept(socket: &OwnedFd, address: IpAddr) -> Option<(Errno, Sign)> {
    // The first of them may be this machine's own (a packet too big for the way), which tells nothing of this.
    let mut messages = std::iter::from_fn(|| next_kept(socket)).take(MOST_MESSAGES);
    let (error, from, said) = messages.find_map(|message| message)?;
    // What no neighbour takes, the kernel answers itself, in this machine's name.
    if said == Icmp::Host && resolve::is_this_machine(from) {
        return Some((error, no_neighbour(address).unwrap_or(Sign::NobodyOnTheWay)));
    }
    // A machine that says so of itself is there, and has a firewall.
    let said = if said == Icmp::Host && from == address.to_canonical() { Icmp::Other } else { said };
    Some((error, Sign::Icmp { from, said, by_this_machine: resolve::is_this_machine(from) }))
}

/// The next message of the socket's error queue: who said what, where it is one of ICMP. `None`: there is no more.
fn next_kept(socket: &OwnedFd) -> Option<Option<(Errno, IpAddr, Icmp)>> {
    let mut bytes = [0; 128];
    let mut parts = [IoSliceMut::new(&mut bytes)];
    let mut control = nix::cmsg_space!(sock_extended_err, sockaddr_in6);
    let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
    let queued = recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut parts, Some(&mut control), flags).ok()?;
    Some(queued.cmsgs().ok().and_then(|mut messages| {
        messages.find_map(|message| match message {
            ControlMessageOwned::Ipv4RecvErr(error, from) if error.ee_origin == SO_EE_ORIGIN_ICMP => {
                let from = Ipv4Addr::from(from?.sin_addr.s_addr.to_ne_bytes());
                Some((errno(&error), IpAddr::V4(from), icmp_v4(error.ee_type, error.ee_code)))
            }
            ControlMessageOwned::Ipv6RecvErr(error, from) if error.ee_origin == SO_EE_ORIGIN_ICMP6 => {
                let from = Ipv6Addr::from(from?.sin6_addr.s6_addr);
                Some((errno(&error), IpAddr::V6(from), icmp_v6(error.ee_type, error.ee_code)))
            }
            _ => None,
        })
    }))
}

fn errno(kept: &sock_extended_err) -> Errno {
    i32::try_from(kept.ee_errno).map_or(Errno::HOSTUNREACH, Errno::from_raw_os_error)
}

/// That the kernel asks the network for this address in vain. It forgets that soon, and tells it of IPv4 alone.
pub fn no_neighbour(address: IpAddr) -> Option<Sign> {
    let IpAddr::V4(address) = address.to_canonical() else { return None };
    // A thread may be in another network than its process; kernels before 3.17 have one table alone.
    let table =
        fs::read_to_string("/proc/thread-self/net/arp").or_else(|_| fs::read_to_string("/proc/net/arp")).ok()?;
    is_sought(&table, address).then_some(Sign::NoNeighbour)
}

/// Whether the address stands in the kernel's table without a machine that has it.
fn is_sought(table: &str, address: Ipv4Addr) -> bool {
    // IP address, hardware type, flags, hardware address, mask, device.
    let mut flags = table.lines().skip(1).filter_map(|line| {
        let mut columns = line.split_ascii_whitespace();
        let is_it = columns.next()?.parse() == Ok(address);
        let flags = u32::from_str_radix(columns.nth(1)?.strip_prefix("0x")?, 16).ok()?;
        is_it.then_some(flags)
    });
    // On several networks, one of which has it: it is there.
    let first = flags.next();
    first.is_some_and(|first| first & KNOWN == 0 && flags.all(|flags| flags & KNOWN == 0))
}

/// RFC 792 and RFC 1812: destination unreachable, and why.
const fn icmp_v4(kind: u8, code: u8) -> Icmp {
    match (kind, code) {
        // Network, host, and communication administratively prohibited.
        (3, 9 | 10 | 13) => Icmp::Prohibited,
        (3, 3) => Icmp::Port,
        // Host unreachable; host unknown.
        (3, 1 | 7) => Icmp::Host,
        _ => Icmp::Other,
    }
}

/// RFC 4443: destination unreachable, and why.
const fn icmp_v6(kind: u8, code: u8) -> Icmp {
    match (kind, code) {
        // Administratively prohibited; its two "more informative subsets": ingress or egress policy, reject route.
        (1, 1 | 5 | 6) => Icmp::Prohibited,
        (1, 4) => Icmp::Port,
        (1, 3) => Icmp::Host,
        _ => Icmp::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_nobody_has_stands_in_the_table_without_flags() {
        let table = "IP address       HW type     Flags       HW address            Mask     Device\n\
                     192.168.0.1      0x1         0x2         00:11:22:33:44:55     *        eth0\n\
                     192.168.0.9      0x1         0x0         00:00:00:00:00:00     *        eth0\n\
                     192.168.0.10     0x1         0x0         00:00:00:00:00:00     *        eth0\n\
                     192.168.0.10     0x1         0x2         00:11:22:33:44:66     *        eth1\n\
                     192.168.0.11     0x1         0x6         00:11:22:33:44:77     *        eth0\n";
        let sought = |address: &str| is_sought(table, address.parse().unwrap());
        assert!(sought("192.168.0.9"));
        for other in ["192.168.0.1", "192.168.0.10", "192.168.0.11", "192.168.0.12", "0.0.0.0"] {
            assert!(!sought(other), "{other}");
        }
        assert!(!is_sought("", "192.168.0.9".parse().unwrap()));
    }
}
