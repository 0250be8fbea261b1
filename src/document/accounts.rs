//! The accounts and groups of this machine, by its own lists; those of a directory service are not known.

use std::fs;
use std::path::PathBuf;

use rustix::process::{getegid, geteuid, getgroups};

/// True for a group of this process: it may give files to it.
pub(super) fn is_my_group(group: u32) -> bool {
    getegid().as_raw() == group || getgroups().is_ok_and(|groups| groups.iter().any(|mine| mine.as_raw() == group))
}

pub(crate) fn is_me(account: u32) -> bool {
    geteuid().as_raw() == account
}

/// True where files can be given to the account and the group. In a namespace of its own (a container), a process knows only
/// those that are mapped into it; all others look like nobody.
pub(super) fn is_known_here(account: u32, group: u32) -> bool {
    let is_mapped = |path, number| fs::read_to_string(path).map_or(true, |map| is_in(number, &map));
    is_mapped("/proc/self/uid_map", account) && is_mapped("/proc/self/gid_map", group)
}

/// `map`: a range a line, its first number inside, its first outside, and how many.
fn is_in(number: u32, map: &str) -> bool {
    map.lines().any(|line| {
        let mut numbers = line.split_whitespace().map(|word| word.parse().unwrap_or(u64::MAX));
        let (Some(first), Some(count)) = (numbers.next(), numbers.nth(1)) else { return false };
        (first..first.saturating_add(count)).contains(&u64::from(number))
    })
}

/// The name of an account, or its number where it has none.
pub(super) fn name(account: u32) -> String {
    found(account, &accounts()).map_or_else(|| account.to_string(), |found| found.name.clone())
}

/// The name of whoever runs the program.
pub(crate) fn myself() -> String {
    name(geteuid().as_raw())
}

/// The name of a group, or its number where it has none.
pub(crate) fn group(group: u32) -> String {
    let groups = list("/etc/group");
    let name = group_line(group, &groups).and_then(|line| line.split(':').next());
    name.map_or_else(|| group.to_string(), str::to_owned)
}

/// True where the machine's list has whoever runs the program in the group; the process may not be in it yet.
pub(crate) fn is_in_list(group: u32) -> bool {
    is_member(geteuid().as_raw(), group)
}

/// Root's own home.
pub(super) fn home_of_root() -> Option<PathBuf> {
    found(0, &accounts()).map(|root| root.home.clone()).filter(|home| home.is_absolute())
}

/// True for an account that is in the group.
pub(super) fn is_member(account: u32, group: u32) -> bool {
    found(account, &accounts()).is_some_and(|account| is_in_group(account, group, &list("/etc/group")))
}

/// A member of the group that is not root.
pub(super) fn member(group: u32) -> Option<u32> {
    let groups = list("/etc/group");
    accounts()
        .iter()
        .find(|account| account.number != 0 && is_in_group(account, group, &groups))
        .map(|found| found.number)
}

/// A line of `/etc/passwd`.
struct Account {
    name: String,
    number: u32,
    group: Option<u32>,
    home: PathBuf,
}

fn accounts() -> Vec<Account> {
    list("/etc/passwd").lines().filter_map(Account::of).collect()
}

fn list(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn found(number: u32, accounts: &[Account]) -> Option<&Account> {
    accounts.iter().find(|account| account.number == number)
}

impl Account {
    fn of(line: &str) -> Option<Account> {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?.to_owned(), fields.nth(1)?.parse().ok()?);
        let group = fields.next().and_then(|group| group.parse().ok());
        Some(Account { name, number, group, home: fields.nth(1).unwrap_or_default().into() })
    }
}

/// `groups`: a group a line, its number the third field, its members' names the fourth.
fn is_in_group(account: &Account, group: u32, groups: &str) -> bool {
    let listed = group_line(group, groups).and_then(|line| line.split(':').nth(3));
    account.group == Some(group) || listed.is_some_and(|names| names.split(',').any(|member| member == account.name))
}

fn group_line(group: u32, groups: &str) -> Option<&str> {
    groups.lines().find(|line| line.split(':').nth(2).and_then(|number| number.parse().ok()) == Some(group))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_is_mapped_is_known() {
        assert!(is_in(4321, "         0          0 4294967295\n"));
        assert!(is_in(0, "0 1000 1\n") && !is_in(1, "0 1000 1\n") && !is_in(65534, "0 0 1\n1 100000 65533\n"));
    }

    #[test]
    fn an_account_is_in_its_own_group_and_in_those_that_list_it() {
        let accounts = "root:x:0:0::/root:/bin/sh\nana:x:1000:100::/:/bin/sh\nrui:x:1001:1001::/:/bin/sh\n";
        let groups = "users:x:100:\nbalcao:x:200:rui,maria\n";
        let accounts: Vec<_> = accounts.lines().filter_map(Account::of).collect();
        let is_in = |account, group| found(account, &accounts).is_some_and(|it| is_in_group(it, group, groups));
        assert!(is_in(1000, 100) && is_in(1001, 200));
        assert!(!is_in(1000, 200) && !is_in(1001, 100) && !is_in(4321, 200));
    }

    #[test]
    fn an_account_without_a_name_is_a_number() {
        let list = "root:x:0:0:root:/root:/bin/sh\nbroken\nana:x:1000:1000::/home/ana:/bin/sh\n";
        assert_eq!(name(4_000_000_000), "4000000000");
        let told: Vec<_> = list.lines().filter_map(Account::of).map(|it| (it.name, it.number, it.home)).collect();
        assert_eq!(told, [("root".into(), 0, "/root".into()), ("ana".into(), 1000, "/home/ana".into())]);
    }
}
