//! Who works on a document, and from where: the account, the person behind it, the SSH client, the process.
//!
//! A label for people; whoever may write the document may write this too. What the kernel knows (the account, and who logged
//! in) is kept apart from what an environment claims (`SUDO_USER`, `SSH_CONNECTION`), and told apart. The environment is
//! handed in; the only files read are the account list and `/proc`.

use std::fs;
use std::ops::Deref;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::accounts;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::{safe, say};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The account's name, or its number where it has none; empty where nobody is known.
    pub user: String,
    /// Who logged in, as the kernel knows it. Not in what was kept before it was asked for, whose checksums stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login_user: Option<String>,
    /// Who became it with sudo, as an environment says.
    pub sudo_user: Option<String>,
    /// The address that the SSH session comes from, as an environment says.
    pub ssh_client: Option<String>,
    pub pid: u32,
}

/// An identity that is found out when it is asked for first, since that reads some files in `/proc` for every process above.
#[derive(Clone, Debug)]
pub struct Who {
    find: fn() -> Identity,
    found: OnceLock<Identity>,
}

impl Who {
    pub fn found_by(find: fn() -> Identity) -> Who {
        Who { find, found: OnceLock::new() }
    }
}

impl From<Identity> for Who {
    fn from(known: Identity) -> Who {
        Who { find: Identity::default, found: known.into() }
    }
}

impl Deref for Who {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        self.found.get_or_init(self.find)
    }
}

/// Processes to look at on the way up: a shell in a terminal multiplexer in a session is some ten deep, and a circle
/// (ids are used again while we look) must end.
const ANCESTORS: usize = 64;

/// Bytes of a name or an address: an account's is shorter, and what an environment says may be as long as it likes.
const MOST_BYTES: usize = 256;

/// What the kernel says where nobody has logged in: in a container, say, or in what a service has started.
const NOBODY: u32 = u32::MAX;

impl Identity {
    /// The account `uid` in process `pid`, by what `variable` reads of the environment; what sudo and su have taken out of
    /// that is looked for in the ancestors' environments, as far as they may be read.
    pub fn of(uid: u32, pid: u32, variable: &dyn Fn(&str) -> Option<String>) -> Identity {
        let user = accounts::name(uid);
        let mut trail = Trail::default();
        trail.read(&user, &|name| variable(name).filter(|text| !text.is_empty()));
        let login = login(pid);
        for ancestor in ancestors(pid).take_while(|ancestor| self::login(*ancestor) == login) {
            let environment = fs::read(format!("/proc/{ancestor}/environ")).unwrap_or_default();
            trail.read(&user, &|name| value(&environment, name));
            // Where nobody logged in, whoever started the outermost process. Root's are the system's own, of everybody.
            trail.started_by = real_account(ancestor).filter(|by| ![0, uid].contains(by)).or(trail.started_by);
        }
        Identity {
            login_user: login.or(trail.started_by).map(accounts::name).map(clipped),
            sudo_user: trail.sudo_user.map(clipped),
            ssh_client: trail.ssh_client.map(clipped),
            user: clipped(user),
            pid,
        }
    }

    /// `ana (como root, de 10.0.0.7)` where the kernel knows who logged in; what an environment alone says of it comes last,
    /// as such: `root (de 10.0.0.7, sudo de ana segundo o ambiente)`.
    pub fn label(&self, lang: Lang) -> Safe {
        let login = self.login_user.as_ref().filter(|login| **login != self.user);
        let account = login.map(|_| say!(lang, "como {}", "as {}", Safe::outside(&self.user)));
        let client = self.ssh_client.as_deref().map(|client| say!(lang, "de {}", "from {}", Safe::outside(client)));
        let claimed = self.sudo_user.as_ref().filter(|claimed| **claimed != self.user && Some(*claimed) != login);
        let claimed = claimed.map(|claimed| {
            let claimed = Safe::outside(claimed);
            say!(lang, "sudo de {}, segundo o ambiente", "sudo by {} as the environment says", claimed)
        });
        let more: Vec<Safe> = [account, client, claimed].into_iter().flatten().collect();
        let name = self.name(lang);
        if more.is_empty() { name } else { safe!("{} ({})", name, Safe::join(&more, ", ")) }
    }

    /// Who it is, and that they were root, where a list has no room for more: `caixa (root)`.
    pub fn brief(&self, lang: Lang) -> Safe {
        let name = self.name(lang);
        let as_another = self.login_user.as_ref().is_some_and(|login| *login != self.user);
        if as_another { safe!("{} ({})", name, Safe::outside(&self.user)) } else { name }
    }

    /// Who it is, by name alone.
    pub fn name(&self, lang: Lang) -> Safe {
        match self.login_user.as_ref().unwrap_or(&self.user).as_str() {
            "" => say!(lang, "alguém", "somebody"),
            name => Safe::outside(name),
        }
    }
}

/// What the environments of a process and its ancestors say, from the inside out.
#[derive(Default)]
struct Trail {
    /// The first of a chain of sudo: whoever comes later was asked for by them.
    sudo_user: Option<String>,
    /// The nearest that is known.
    ssh_client: Option<String>,
    started_by: Option<u32>,
}

impl Trail {
    fn read(&mut self, user: &str, variable: &dyn Fn(&str) -> Option<String>) {
        // Root's sudo to root names root, and hides whoever came before.
        let behind = ["SUDO_USER", "DOAS_USER"].into_iter().find_map(variable).filter(|name| name != user);
        self.sudo_user = behind.or(self.sudo_user.take());
        if self.ssh_client.is_none() {
            let connection = variable("SSH_CONNECTION").or_else(|| variable("SSH_CLIENT"));
            self.ssh_client = connection.as_deref().and_then(client);
        }
    }
}

fn clipped(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(MOST_BYTES));
    text
}

/// The first word of `SSH_CONNECTION`: the client's address.
fn client(connection: &str) -> Option<String> {
    connection.split_whitespace().next().map(str::to_owned)
}

/// A variable of a process's environment as the system gives it: `NAME=value`, each ended by a zero.
fn value(environment: &[u8], name: &str) -> Option<String> {
    let of = |line: &[u8]| Some(line.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?.to_vec());
    let found = environment.split(|byte| *byte == 0).find_map(of).filter(|value| !value.is_empty())?;
    Some(String::from_utf8_lossy(&found).into_owned())
}

/// Who logged in to the session of a process: set once, by the program that asked for the password or key, and inherited
/// through everything that changes the account. `None` where nobody did, or it cannot be read.
fn login(pid: u32) -> Option<u32> {
    let told = fs::read_to_string(format!("/proc/{pid}/loginuid")).ok()?;
    told.trim().parse().ok().filter(|uid| *uid != NOBODY)
}

/// The account that a process was started by: that of su and doas stays whoever called them.
fn real_account(pid: u32) -> Option<u32> {
    let status = fs::read(format!("/proc/{pid}/status")).ok()?;
    let status = String::from_utf8_lossy(&status);
    status.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().next()?.parse().ok()
}

/// The processes above, the nearest first.
fn ancestors(pid: u32) -> impl Iterator<Item = u32> {
    let above = |pid: &u32| process(*pid).map(|process| process.parent).filter(|parent| *parent != 0);
    std::iter::successors(above(&pid), above).take(ANCESTORS)
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
        let told = |login: Option<&str>| {
            let who = Identity { login_user: login.map(str::to_owned), ..who.clone() };
            who.label(Lang::Pt).as_str().to_owned()
        };
        assert_eq!(told(None), "root (de 10.0.0.7, sudo de ana, segundo o ambiente)");
        assert_eq!(told(Some("root")), told(None));
        assert_eq!(told(Some("ana")), "ana (como root, de 10.0.0.7)", "known, and not only claimed");
        assert_eq!(told(Some("rui")), "rui (como root, de 10.0.0.7, sudo de ana, segundo o ambiente)");
        let none = Identity { sudo_user: None, ssh_client: None, ..who };
        assert_eq!(none.label(Lang::En).as_str(), "root");
        assert_eq!(Identity::default().label(Lang::En).as_str(), "somebody");
    }

    #[test]
    fn nothing_that_an_environment_says_is_longer_than_a_name() {
        let variable = |name: &str| Some(format!("x{}", if name == "SUDO_USER" { "ç" } else { "1" }.repeat(100_000)));
        let who = Identity::of(0, std::process::id(), &variable);
        assert_eq!((who.sudo_user.map(|it| it.len()), who.ssh_client.map(|it| it.len())), (Some(255), Some(256)));
    }

    #[test]
    fn of_a_chain_of_sudo_the_first_counts_and_of_ssh_the_nearest() {
        let mut trail = Trail::default();
        for environment in [
            "SUDO_USER=root\0SSH_CONNECTION=\0",
            "A=SUDO_USER=x\0SUDO_USER=rui\0SSH_CONNECTION=10.0.0.7 1 2 3\0",
            "SUDO_USERS=x\0DOAS_USER=ana\0SSH_CONNECTION=10.0.0.8 1 2 3\0",
            "",
        ] {
            trail.read("root", &|name| value(environment.as_bytes(), name));
        }
        assert_eq!((trail.sudo_user.as_deref(), trail.ssh_client.as_deref()), (Some("ana"), Some("10.0.0.7")));
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
