//! Which groups this process and other accounts are in.

use std::fs;

use rustix::process::{getegid, geteuid, getgroups};

/// True for a group of this process: it may give files to it.
pub(super) fn is_my_group(group: u32) -> bool {
    getegid().as_raw() == group || getgroups().is_ok_and(|groups| groups.iter().any(|mine| mine.as_raw() == group))
}

pub(super) fn is_me(account: u32) -> bool {
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

/// True for an account that is in the group by the machine's own lists; those of a directory service are not known.
pub(super) fn is_member(account: u32, group: u32) -> bool {
    let list = |path| fs::read_to_string(path).unwrap_or_default();
    is_listed(account, group, &list("/etc/passwd"), &list("/etc/group"))
}

/// A member of the group, by the same lists.
pub(super) fn member(group: u32) -> Option<u32> {
    let list = |path| fs::read_to_string(path).unwrap_or_default();
    let (accounts, groups) = (list("/etc/passwd"), list("/etc/group"));
    let numbers = accounts.lines().filter_map(|line| line.split(':').nth(2)?.parse().ok());
    numbers.into_iter().find(|account| *account != 0 && is_listed(*account, group, &accounts, &groups))
}

fn is_listed(account: u32, group: u32, accounts: &str, groups: &str) -> bool {
    let number = |field: Option<&str>| field.and_then(|text| text.parse::<u32>().ok());
    let field = |line: &str, index| line.split(':').nth(index).map(str::to_owned);
    let Some(of_account) = accounts.lines().find(|line| number(line.split(':').nth(2)) == Some(account)) else {
        return false;
    };
    let name = field(of_account, 0).unwrap_or_default();
    let of_group = groups.lines().find(|line| number(line.split(':').nth(2)) == Some(group));
    number(of_account.split(':').nth(3)) == Some(group)
        || of_group.and_then(|line| field(line, 3)).is_some_and(|names| names.split(',').any(|member| member == name))
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
        let is_in = |account, group| is_listed(account, group, accounts, groups);
        assert!(is_in(1000, 100) && is_in(1001, 200));
        assert!(!is_in(1000, 200) && !is_in(1001, 100) && !is_in(4321, 200));
    }
}
