//! Who works on a document, and from where: the account, who became it with sudo, the SSH client, the process.
//!
//! A label for people, taken from what the machine says by itself; it proves nothing, since whoever may write the
//! document may write this too. The environment is handed in; the only files read are the account list and `/proc`.

use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::lang::Lang;
use crate::safe::Safe;
use crate::{safe, say};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The account's name, or its number where it has none; empty where nobody is known.
    pub user: String,
    /// Who became it with sudo.
    pub sudo_user: Option<String>,
    /// The address that the SSH session comes from.
    pub ssh_client: Option<String>,
    pub pid: u32,
}

/// Processes to look at on the way up: a shell in a terminal multiplexer in a session is some ten deep, and a circle
/// (ids are used again while we look) must end.
const ANCESTORS: usize = 64;

/// The account that may do everything.
const ROOT: &str = "root";

/// The ids that Debian gives to people; below them are services, above them nobody.
const PEOPLE: std::ops::Range<u32> = 1000..60_000;

impl Identity {
    /// The account `uid` in process `pid`, by what `variable` reads of the environment; where that names no SSH session
    /// (sudo takes it out), by the nearest ancestor whose environment may be read.
    pub fn of(uid: u32, pid: u32, variable: &dyn Fn(&str) -> Option<String>) -> Identity {
        let named = |name| variable(name).filter(|text| !text.is_empty());
        let connection = named("SSH_CONNECTION").or_else(|| named("SSH_CLIENT"));
        Identity {
            user: account(uid),
            sudo_user: named("SUDO_USER"),
            ssh_client: connection.as_deref().and_then(client).or_else(|| ancestors_client(pid)),
            pid,
        }
    }

    /// `ana (sudo, de 10.0.0.7)`
    pub fn label(&self, lang: Lang) -> Safe {
        let client = self.ssh_client.as_deref().map(|client| say!(lang, "de {}", "from {}", Safe::outside(client)));
        let name = match (&self.sudo_user, self.user.as_str()) {
            (Some(person), _) => Safe::outside(person),
            (None, "") => say!(lang, "alguém", "somebody"),
            (None, user) => Safe::outside(user),
        };
        let more: Vec<Safe> = self.sudo_user.iter().map(|_| Safe::own("sudo")).chain(client).collect();
        if more.is_empty() { name } else { safe!("{} ({})", name, Safe::join(&more, ", ")) }
    }

    /// True where both are the same person: the same account, reached in the same way.
    pub fn is_same_person(&self, other: &Identity) -> bool {
        (&self.user, &self.sudo_user) == (&other.user, &other.sudo_user)
    }

    /// True where what they left may be offered to `reader`: to the same account, to the person who had become another
    /// with sudo, and to root.
    pub fn is_seen_by(&self, reader: &Identity) -> bool {
        reader.user == ROOT || self.user == reader.user || self.sudo_user.as_ref() == Some(&reader.user)
    }
}

/// The first word of `SSH_CONNECTION`: the client's address.
fn client(connection: &str) -> Option<String> {
    connection.split_whitespace().next().map(str::to_owned)
}

/// The name of an account, by the machine's own list; accounts of a directory service stay numbers.
fn account(uid: u32) -> String {
    let found = accounts(&list()).into_iter().find(|person| person.uid == uid);
    found.map_or_else(|| uid.to_string(), |person| person.name)
}

/// Somebody with an account on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub name: String,
    pub uid: u32,
    pub home: PathBuf,
}

/// The people with an account on this machine, by the machine's own list.
pub(super) fn people() -> Vec<Person> {
    let is_person = |person: &Person| PEOPLE.contains(&person.uid) && person.home.is_absolute();
    accounts(&list()).into_iter().filter(is_person).collect()
}

/// Root's own home, by the same list.
pub(super) fn home_of_root() -> Option<PathBuf> {
    accounts(&list()).into_iter().find(|person| person.uid == 0).map(|root| root.home).filter(|home| home.is_absolute())
}

fn list() -> String {
    fs::read_to_string("/etc/passwd").unwrap_or_default()
}

fn accounts(list: &str) -> Vec<Person> {
    let person = |line: &str| {
        let mut fields = line.split(':');
        let (name, uid) = (fields.next()?.to_owned(), fields.nth(1)?.parse().ok()?);
        Some(Person { name, uid, home: fields.nth(2).unwrap_or_default().into() })
    };
    list.lines().filter_map(person).collect()
}

fn ancestors_client(pid: u32) -> Option<String> {
    let mut pid = pid;
    for _ in 0..ANCESTORS {
        pid = process(pid)?.parent;
        if pid == 0 {
            return None;
        }
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let found = environment.split(|byte| *byte == 0).find_map(|line| line.strip_prefix(b"SSH_CONNECTION="));
        if let Some(client) = found.and_then(|connection| client(&String::from_utf8_lossy(connection))) {
            return Some(client);
        }
    }
    None
}

/// A process as the system knows it.
pub(super) struct Process {
    /// Its parent's id; 0 where it has none.
    parent: u32,
    /// When it was started, in ticks since the machine was: with the id, it names a process for good.
    pub(super) started: u64,
}

/// The process of that id, where there is one.
pub(super) fn process(pid: u32) -> Option<Process> {
    let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    // The second field is the program's name in parentheses, and may hold anything: the rest begins behind the last.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    Some(Process { parent: fields.nth(1)?.parse().ok()?, started: fields.nth(17)?.parse().ok()? })
}

/// The machine's present run: another after every start.
pub(super) fn boot() -> Option<String> {
    Some(fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_names_the_person_and_the_client() {
        let variable = |name: &str| match name {
            "SUDO_USER" => Some("ana".to_owned()),
            "SSH_CONNECTION" => Some("10.0.0.7 51234 10.0.0.1 22".to_owned()),
            _ => None,
        };
        let who = Identity::of(0, std::process::id(), &variable);
        assert_eq!((who.user.as_str(), who.sudo_user.as_deref()), ("root", Some("ana")));
        assert_eq!(who.ssh_client.as_deref(), Some("10.0.0.7"));
        assert_eq!(who.label(Lang::Pt).as_str(), "ana (sudo, de 10.0.0.7)");
        assert_eq!(Identity::default().label(Lang::En).as_str(), "somebody");
    }

    #[test]
    fn an_account_without_a_name_is_a_number() {
        let list = "root:x:0:0:root:/root:/bin/sh\nbroken\nana:x:1000:1000::/home/ana:/bin/sh\n";
        assert_eq!(account(4_000_000_000), "4000000000");
        let told: Vec<_> = accounts(list).into_iter().map(|person| (person.name, person.uid, person.home)).collect();
        assert_eq!(told, [("root".into(), 0, "/root".into()), ("ana".into(), 1000, "/home/ana".into())]);
    }

    #[test]
    fn a_process_is_known_by_its_id_and_start() {
        let me = process(std::process::id()).unwrap();
        assert_eq!(me.started, process(std::process::id()).unwrap().started);
        assert_eq!(me.parent, rustix::process::getppid().unwrap().as_raw_nonzero().get().cast_unsigned());
        assert!(process(u32::MAX).is_none());
        assert!(boot().is_some_and(|boot| !boot.is_empty()));
    }
}
