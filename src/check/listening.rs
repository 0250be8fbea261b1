//! What listens on this very machine, read from the kernel's tables: not a byte is sent.
//!
//! PostgreSQL names its socket file after its TCP port, so its ports are known from the names of sockets; which ports
//! take connections over TCP, and at which addresses, stands in two more tables.

use crate::sort;
use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use super::evidence::Here;

/// How PostgreSQL names its sockets: its port follows.
const SOCKET_NAME: &str = ".s.PGSQL.";

/// The flag of a socket that accepts connections (`__SO_ACCEPTCON` in /proc/net/unix).
const ACCEPTS: u32 = 0x10000;

/// The state of one that listens, in /proc/net/tcp.
const LISTEN: &str = "0A";

/// The kernel's tables grow with the sockets of a machine: more than this is not read.
const MOST_BYTES: usize = 8 * 1024 * 1024;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listening {
    /// The ports of PostgreSQL by its socket names, lowest first; it may serve some of them on sockets alone.
    pub postgres: Vec<u16>,
    /// Where TCP is listened on.
    pub tcp: Vec<(IpAddr, u16)>,
}

impl Listening {
    /// Reads the tables of this machine.
    pub fn look() -> io::Result<Listening> {
        let unix = read("/proc/net/unix")?;
        // A machine without IPv6 has no such table.
        let tables = [read("/proc/net/tcp")?, read("/proc/net/tcp6").unwrap_or_default()];
        Ok(Listening {
            postgres: postgres_ports(&unix),
            tcp: tables.iter().flat_map(|table| listeners(table)).collect(),
        })
    }

    /// The IPv4 address at which this machine reaches a port of its own: loopback where that is listened on.
    pub fn address_of(&self, port: u16) -> Option<Ipv4Addr> {
        let mut found: Vec<Ipv4Addr> = self
            .tcp
            .iter()
            .filter(|(_, own)| *own == port)
            .filter_map(|(address, _)| {
                match address {
                    // `::` takes IPv4 as well, unless it was told not to: who asks there is told.
                    IpAddr::V6(address) if address.is_unspecified() => Some(Ipv4Addr::LOCALHOST),
                    IpAddr::V6(address) => address.to_ipv4_mapped(),
                    IpAddr::V4(address) if address.is_unspecified() => Some(Ipv4Addr::LOCALHOST),
                    IpAddr::V4(address) => Some(*address),
                }
            })
            .collect();
        sort::sort_by_key(&mut found, |address| (*address != Ipv4Addr::LOCALHOST, !address.is_loopback(), *address));
        found.first().copied()
    }

    /// The ports of PostgreSQL that this address of this machine takes connections on.
    pub fn postgres_at(&self, address: IpAddr) -> impl Iterator<Item = u16> {
        let listens = move |port: u16| {
            let at = |&(listener, own): &(IpAddr, u16)| {
                // PostgreSQL keeps its sockets for IPv4 and IPv6 apart.
                own == port
                    && (listener == address || listener.is_unspecified() && listener.is_ipv4() == address.is_ipv4())
            };
            self.tcp.iter().any(at)
        };
        self.postgres.iter().copied().filter(move |port| listens(*port))
    }

    /// As the function of that name. The server of that very port comes first.
    fn instead_of(&self, addresses: &[IpAddr], port: u16) -> Option<Here> {
        let own = self.postgres.iter().copied().find(|own| *own == port);
        let Some(own) = own.or(self.postgres.first().copied()) else { return Some(Here::NotRunning) };
        if addresses.iter().any(|address| self.postgres_at(*address).any(|open| open == own)) {
            return (own == port).then_some(Here::Listens);
        }
        let open = self.tcp.iter().find(|(_, open)| *open == own);
        Some(open.map_or(Here::SocketAlone(own), |(address, _)| Here::Elsewhere(own, *address)))
    }
}

/// Why a PostgreSQL of this machine does not take connections to this port of it, where it answers at none of the addresses.
pub fn instead_of(addresses: &[IpAddr], port: u16) -> Option<Here> {
    Listening::look().ok()?.instead_of(addresses, port)
}

fn read(path: &str) -> io::Result<String> {
    use std::io::Read;
    let mut text = Vec::new();
    fs::File::open(Path::new(path))?.take(MOST_BYTES as u64).read_to_end(&mut text)?;
    // Names of sockets are bytes.
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// From lines of `Num: RefCount Protocol Flags Type St Inode Path`.
fn postgres_ports(table: &str) -> Vec<u16> {
    let port = |line: &str| {
        let mut columns = line.split_ascii_whitespace();
        let flags = u32::from_str_radix(columns.nth(3)?, 16).ok()?;
        let path = columns.nth(3)?;
        let name = path.rsplit(['/', '@']).next()?;
        let port = name.strip_prefix(SOCKET_NAME)?.parse().ok()?;
        (flags & ACCEPTS != 0 && port != 0).then_some(port)
    };
    let mut ports: Vec<u16> = table.lines().filter_map(port).collect();
    sort::sort(&mut ports);
    ports.dedup();
    ports
}

/// From lines of `sl: local_address rem_address st …`; an address is hexadecimal, in words as the processor keeps them.
fn listeners(table: &str) -> Vec<(IpAddr, u16)> {
    let listener = |line: &str| {
        let mut columns = line.split_ascii_whitespace();
        let (address, port) = columns.nth(1)?.split_once(':')?;
        (columns.nth(1)? == LISTEN).then_some(())?;
        Some((ip_address(address)?, u16::from_str_radix(port, 16).ok()?))
    };
    table.lines().filter_map(listener).collect()
}

fn ip_address(written: &str) -> Option<IpAddr> {
    let word = |at: usize| Some(u32::from_str_radix(written.get(at * 8..at * 8 + 8)?, 16).ok()?.to_ne_bytes());
    match written.len() {
        8 => Some(Ipv4Addr::from(word(0)?).into()),
        32 => {
            let words = [word(0)?, word(1)?, word(2)?, word(3)?];
            Some(Ipv6Addr::from(<[u8; 16]>::try_from(words.concat()).ok()?).into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgres_is_known_by_the_names_of_sockets_that_accept() {
        let table = "\
Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 27541 /var/run/postgresql/.s.PGSQL.5433
0000000000000000: 00000002 00000000 00010000 0001 01 27540 /tmp/.s.PGSQL.5432
0000000000000000: 00000002 00000000 00010000 0001 01 27539 /var/run/postgresql/.s.PGSQL.5432
0000000000000000: 00000003 00000000 00000000 0001 03 27542 /tmp/.s.PGSQL.5999
0000000000000000: 00000002 00000000 00010000 0001 01 27543 @abstract/.s.PGSQL.6432
0000000000000000: 00000002 00000000 00010000 0001 01 27543 @.s.PGSQL.6433
0000000000000000: 00000002 00000000 00010000 0001 01 27544 /tmp/.s.PGSQL.99999
0000000000000000: 00000002 00000000 00010000 0001 01 27544 /tmp/.s.PGSQL.0
0000000000000000: 00000002 00000000 00010000 0001 01 27545 /run/x.s.PGSQL.7000
0000000000000000: 00000002 00000000 00010000 0001 01 27546
";
        assert_eq!(postgres_ports(table), [5432, 5433, 6432, 6433]);
    }

    #[test]
    fn only_what_listens_counts_and_its_address_is_read() {
        let hex = |address: [u8; 4]| format!("{:08X}", u32::from_ne_bytes(address));
        let row = |address: &str, state: &str| {
            format!("   0: {address} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000   106        0 1\n")
        };
        let loopback6 = format!("{:08X}:1F93", u32::from_ne_bytes([0, 0, 0, 1]));
        let table = [
            "  sl  local_address rem_address   st tx_queue rx_queue\n".to_string(),
            row(&format!("{}:1538", hex([127, 0, 0, 1])), "0A"),
            row(&format!("{}:1539", hex([192, 168, 0, 7])), "0A"),
            row(&format!("{}:1F92", hex([0, 0, 0, 0])), "0A"),
            row(&format!("{}:270F", hex([127, 0, 0, 1])), "01"),
            row(&format!("{}{loopback6}", "0".repeat(24)), "0A"),
            row(&format!("{}:1F90", "0".repeat(32)), "0A"),
        ]
        .concat();
        let listening = Listening { postgres: vec![5432, 5433, 5434], tcp: listeners(&table) };
        assert_eq!(listening.tcp.len(), 5, "{:?}", listening.tcp);
        assert_eq!(listening.address_of(5432), Some(Ipv4Addr::LOCALHOST));
        assert_eq!(listening.address_of(5433), Some(Ipv4Addr::new(192, 168, 0, 7)));
        assert_eq!(listening.address_of(8082), Some(Ipv4Addr::LOCALHOST));
        assert_eq!(listening.address_of(8080), Some(Ipv4Addr::LOCALHOST));
        assert_eq!(listening.address_of(8083), None, "over IPv6 alone");
        assert_eq!(listening.address_of(9999), None);
        let at = |address: &str| listening.postgres_at(address.parse().unwrap()).collect::<Vec<_>>();
        assert_eq!((at("127.0.0.1"), at("192.168.0.7"), at("::1")), (vec![5432], vec![5433], vec![]));
    }

    #[test]
    fn a_server_that_runs_here_and_does_not_answer_there_is_told_with_where_it_does() {
        let (own, loopback) = ("192.168.0.7".parse().unwrap(), "127.0.0.1".parse().unwrap());
        let table = [
            (vec![], vec![], Some(Here::NotRunning)),
            (vec![5432], vec![], Some(Here::SocketAlone(5432))),
            (vec![5433], vec![], Some(Here::SocketAlone(5433))),
            (vec![5432, 5433], vec![(own, 5433)], Some(Here::SocketAlone(5432))),
            (vec![5432], vec![(own, 5432)], Some(Here::Elsewhere(5432, own))),
            (vec![5433], vec![(own, 5433)], Some(Here::Elsewhere(5433, own))),
            (vec![5432], vec![(loopback, 5432)], Some(Here::Listens)),
            // Another one, at this address: its port is offered, and that is all.
            (vec![5433], vec![(loopback, 5433)], None),
        ];
        for (postgres, tcp, expected) in table {
            let listening = Listening { postgres, tcp };
            assert_eq!(listening.instead_of(&[loopback], 5432), expected, "{listening:?}");
        }
    }

    #[test]
    fn this_machine_s_own_tables_are_read() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(Listening::look().unwrap().address_of(port), Some(Ipv4Addr::LOCALHOST));
    }
}
