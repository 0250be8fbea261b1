//! The networks that this machine is part of, and which of their addresses are asked.
//!
//! A network is asked around one's own address: as far as a shop's goes, and not through a whole company's. Of what lies
//! further off, those that this machine has just spoken with are asked too: the kernel has them in its neighbour table.

use std::collections::BTreeSet;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;

use nix::ifaddrs::{InterfaceAddress, getifaddrs};
use nix::net::if_::InterfaceFlags;

use crate::check::listening::Listening;
use crate::sort;

/// The addresses of a network of 24 bits, which is what shops have.
pub const PER_NETWORK: usize = 254;

/// Two such networks. An address that is asked takes a place in the kernel's neighbour table, which has 1,024, and what
/// does not fit throws out those that the counter needs.
pub const IN_ALL: usize = 2 * PER_NETWORK;

/// Of the neighbour table: these have their places already.
const NEIGHBOURS: usize = 254;

/// An entry of /proc/net/arp that has its hardware address (`ATF_COM`).
const COMPLETE: u32 = 0x2;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    pub interface: String,
    /// One's own in it.
    pub address: Ipv4Addr,
    pub prefix: u8,
}

impl Network {
    fn mask(&self) -> u32 {
        u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0)
    }

    /// The network's own address, by which two of its members are known to be in one.
    pub fn base(&self) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.address) & self.mask())
    }

    fn contains(&self, address: Ipv4Addr) -> bool {
        u32::from(address) & self.mask() == u32::from(self.base())
    }

    /// Its hosts, nearest to one's own address first: neither that one nor the first and the last, which are nobody's.
    fn around(&self) -> impl Iterator<Item = Ipv4Addr> {
        let (own, first) = (u32::from(self.address), u32::from(self.base()));
        let last = first | !self.mask();
        let farthest = (own - first).max(last - own);
        let at = move |distance: u32| [own.checked_add(distance), own.checked_sub(distance)];
        let both = (1..=farthest).flat_map(at).flatten();
        both.filter(move |host| *host > first && *host < last).map(Ipv4Addr::from)
    }
}

/// What there is to ask, as far as the kernel knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Most likely first.
    pub networks: Vec<Network>,
    /// All addresses of this machine.
    pub own: BTreeSet<Ipv4Addr>,
    /// Who was spoken with of late.
    pub neighbours: Vec<Ipv4Addr>,
    /// Why the networks are not known: the system's error.
    pub unknown: Option<i32>,
    /// What listens on this machine; `None` where the kernel does not tell.
    pub listening: Option<Listening>,
}

impl Surroundings {
    /// Asks the kernel, which sends nothing for it. What it does not tell is not there.
    pub fn look() -> Surroundings {
        let system = Path::new("/");
        let (addresses, unknown): (Vec<InterfaceAddress>, _) = match getifaddrs() {
            Ok(addresses) => (addresses.collect(), None),
            Err(error) => (vec![], Some(error as i32)),
        };
        let own = sort::filled(addresses.iter().filter_map(ipv4));
        let mut networks: Vec<Network> = vec![];
        for network in addresses.iter().filter_map(|address| network(address, system)) {
            let known = |other: &Network| (other.base(), other.prefix) == (network.base(), network.prefix);
            if !networks.iter().any(known) {
                networks.push(network);
            }
        }
        let routes = fs::read_to_string(system.join("proc/net/route")).unwrap_or_default();
        let neighbours = fs::read_to_string(system.join("proc/net/arp")).unwrap_or_default();
        let main = default_interface(&routes);
        // The way out first; an address that a machine gave to itself, since nobody else did, last.
        sort::sort_by_key(&mut networks, |network| {
            (network.address.is_link_local(), Some(network.interface.as_str()) != main)
        });
        Surroundings { networks, own, neighbours: complete(&neighbours), unknown, listening: Listening::look().ok() }
    }

    /// The addresses to be asked, those that are known to live first, and how many of each network there are.
    pub fn hosts(&self) -> (Vec<Ipv4Addr>, Vec<usize>) {
        let mut chosen = BTreeSet::new();
        let mut near = vec![];
        let mut counts = vec![];
        for network in &self.networks {
            let room = PER_NETWORK.min(IN_ALL - near.len());
            let new = network.around().take(PER_NETWORK).filter(|host| !self.own.contains(host));
            let new: Vec<Ipv4Addr> = new.filter(|host| !chosen.contains(host)).take(room).collect();
            chosen.extend(new.iter().copied());
            counts.push(new.len());
            near.extend(new);
        }
        let living = self.neighbours.iter().copied().filter(|address| !self.own.contains(address));
        let (known, far): (Vec<Ipv4Addr>, Vec<Ipv4Addr>) = living.partition(|address| chosen.contains(address));
        let far = far.into_iter().filter_map(|address| {
            let network = self.networks.iter().position(|network| network.contains(address))?;
            Some((network, address))
        });
        let mut hosts = known;
        for (network, address) in far.take(NEIGHBOURS) {
            if chosen.insert(address) {
                counts[network] += 1;
                hosts.push(address);
            }
        }
        let living: BTreeSet<Ipv4Addr> = sort::filled(hosts.iter().copied());
        hosts.extend(near.into_iter().filter(|host| !living.contains(host)));
        (hosts, counts)
    }
}

fn ipv4(address: &InterfaceAddress) -> Option<Ipv4Addr> {
    Some(address.address.as_ref()?.as_sockaddr_in()?.ip())
}

/// The network of an interface's address, where there may be other machines on its wire.
fn network(found: &InterfaceAddress, system: &Path) -> Option<Network> {
    let (wanted, unwanted) = (
        InterfaceFlags::IFF_UP | InterfaceFlags::IFF_RUNNING,
        // A tunnel, a modem; or what has no neighbours.
        InterfaceFlags::IFF_LOOPBACK | InterfaceFlags::IFF_POINTOPOINT | InterfaceFlags::IFF_NOARP,
    );
    if !found.flags.contains(wanted) || found.flags.intersects(unwanted) {
        return None;
    }
    let address = ipv4(found)?;
    let mask = u32::from(found.netmask.as_ref()?.as_sockaddr_in()?.ip());
    // 31 bits and more join two machines.
    let prefix = u8::try_from(mask.leading_ones()).ok().filter(|prefix| (1..=30).contains(prefix))?;
    // `eth0:1` is a further address of eth0.
    let interface = found.interface_name.split(':').next()?.to_string();
    (!leads_inside(&system.join("sys/class/net"), &interface)).then_some(Network { interface, address, prefix })
}

/// True for a bridge to containers or virtual machines: one that no network card is part of.
fn leads_inside(interfaces: &Path, name: &str) -> bool {
    let Ok(members) = fs::read_dir(interfaces.join(name).join("brif")) else { return false };
    let leads_out = |member: &Path| {
        let below = |entry: fs::DirEntry| {
            let name = entry.file_name();
            // A card has a device; a VLAN or a bond has what it is made of.
            name == "device" || name.to_string_lossy().starts_with("lower_")
        };
        fs::read_dir(member).is_ok_and(|entries| entries.flatten().any(below))
    };
    !members.flatten().any(|member| leads_out(&interfaces.join(member.file_name())))
}

/// The interface of the way out, from lines of `Iface Destination Gateway Flags RefCnt Use Metric Mask …`.
fn default_interface(table: &str) -> Option<&str> {
    let routes = table.lines().skip(1).filter_map(|line| {
        let columns: Vec<&str> = line.split_ascii_whitespace().collect();
        let is_default = columns.get(1) == Some(&"00000000") && columns.get(7) == Some(&"00000000");
        let metric: u32 = columns.get(6)?.parse().ok()?;
        is_default.then_some((metric, *columns.first()?))
    });
    routes.min_by_key(|(metric, _)| *metric).map(|(_, interface)| interface)
}

/// Those that answered, from lines of `IP address, HW type, Flags, HW address, Mask, Device`.
fn complete(table: &str) -> Vec<Ipv4Addr> {
    let address = |line: &str| {
        let mut columns = line.split_ascii_whitespace();
        let address = columns.next()?.parse().ok()?;
        let flags = u32::from_str_radix(columns.nth(1)?.trim_start_matches("0x"), 16).ok()?;
        (flags & COMPLETE != 0).then_some(address)
    };
    let mut found: Vec<Ipv4Addr> = table.lines().skip(1).filter_map(address).collect();
    sort::sort(&mut found);
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str, prefix: u8) -> Network {
        Network { interface: "eth0".into(), address: address.parse().unwrap(), prefix }
    }

    fn surroundings(networks: &[(&str, u8)], neighbours: &[&str]) -> Surroundings {
        let networks: Vec<Network> = networks.iter().map(|(address, prefix)| network(address, *prefix)).collect();
        Surroundings {
            own: networks.iter().map(|network| network.address).collect(),
            networks,
            unknown: None,
            listening: None,
            neighbours: neighbours.iter().map(|address| address.parse().unwrap()).collect(),
        }
    }

    fn hosts(networks: &[(&str, u8)], neighbours: &[&str]) -> Vec<String> {
        surroundings(networks, neighbours).hosts().0.iter().map(Ipv4Addr::to_string).collect()
    }

    #[test]
    fn a_small_network_is_asked_whole_but_for_oneself_and_what_is_nobody_s() {
        assert_eq!(hosts(&[("192.168.7.1", 30)], &[]), ["192.168.7.2"]);
        assert_eq!(
            hosts(&[("192.168.7.5", 29)], &[]),
            ["192.168.7.6", "192.168.7.4", "192.168.7.3", "192.168.7.2", "192.168.7.1"]
        );
        let whole = hosts(&[("192.168.0.20", 24)], &[]);
        assert_eq!(whole.len(), 253);
        for nobody in ["192.168.0.0", "192.168.0.20", "192.168.0.255"] {
            assert!(!whole.iter().any(|host| host == nobody), "{nobody}");
        }
    }

    #[test]
    fn of_a_big_network_those_around_oneself_are_asked() {
        for (own, prefix, first, last) in [
            ("10.1.5.200", 16, "10.1.5.73", "10.1.6.71"),
            ("10.1.0.3", 16, "10.1.0.1", "10.1.0.255"),
            ("10.255.255.254", 8, "10.255.255.0", "10.255.255.253"),
            ("128.0.0.0", 1, "128.0.0.1", "128.0.0.254"),
        ] {
            let mut found = surroundings(&[(own, prefix)], &[]).hosts().0;
            found.sort();
            assert_eq!(found.len(), PER_NETWORK, "{own}/{prefix}");
            assert_eq!((found[0].to_string(), found[253].to_string()), (first.into(), last.into()), "{own}/{prefix}");
        }
    }

    #[test]
    fn of_many_networks_no_more_are_asked_than_the_neighbour_table_bears() {
        let networks = [("10.0.0.1", 30), ("10.1.0.9", 16), ("10.2.0.9", 16), ("10.3.0.9", 16)];
        let (hosts, counts) = surroundings(&networks, &[]).hosts();
        assert_eq!((hosts.len(), counts), (IN_ALL, vec![1, 254, 253, 0]));
        // The same wire twice, and a network inside another: nobody is asked twice.
        let (hosts, counts) = surroundings(&[("10.0.0.9", 24), ("10.0.0.10", 8)], &[]).hosts();
        let different: BTreeSet<_> = hosts.iter().collect();
        assert_eq!((hosts.len(), hosts.len()), (different.len(), counts.iter().sum()));
        assert!(!hosts.contains(&Ipv4Addr::new(10, 0, 0, 10)));
    }

    #[test]
    fn who_is_known_to_live_is_asked_first_and_wherever_in_the_network() {
        let found = hosts(&[("10.1.5.200", 16)], &["10.1.200.3", "10.1.5.201", "172.17.0.2", "10.1.5.200"]);
        assert_eq!(found.len(), PER_NETWORK + 1);
        assert_eq!(found[..3], ["10.1.5.201", "10.1.200.3", "10.1.5.199"]);
        assert!(!found.iter().any(|host| host == "172.17.0.2"), "in no network of ours");
    }

    #[test]
    fn the_tables_of_the_kernel_are_read() {
        let arp = "\
IP address       HW type     Flags       HW address            Mask     Device
192.168.0.10     0x1         0x2         52:54:00:12:34:56     *        eth0
192.168.0.11     0x1         0x0         00:00:00:00:00:00     *        eth0
192.168.0.1      0x1         0x6         52:54:00:12:34:57     *        eth0
";
        assert_eq!(complete(arp), [Ipv4Addr::new(192, 168, 0, 1), Ipv4Addr::new(192, 168, 0, 10)]);
        let routes = "\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
wlan0\t00000000\t0100A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0
eth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t0000A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
";
        assert_eq!(default_interface(routes), Some("eth0"));
        assert_eq!(default_interface("Iface\n"), None);
    }

    #[test]
    fn a_bridge_leads_outside_where_a_card_is_part_of_it() {
        let folder = tempfile::tempdir().unwrap();
        for path in [
            "eth0",
            "docker0/brif/veth1",
            "veth1",
            "br0/brif/eth1",
            "eth1/device",
            "br1/brif/bond0",
            "bond0/lower_eth2",
            "virbr0/brif",
        ] {
            fs::create_dir_all(folder.path().join(path)).unwrap();
        }
        for (name, inside) in
            [("eth0", false), ("docker0", true), ("br0", false), ("br1", false), ("virbr0", true), ("none", false)]
        {
            assert_eq!(leads_inside(folder.path(), name), inside, "{name}");
        }
    }
}
