//! A line for the server's pg_hba.conf.

use std::net::IpAddr;

/// The line that admits this login from that address alone. Where none fits this login, it is for the end of pg_hba.conf: no line there fits this login,
/// so the last one takes nothing from those above it, a stricter rule or a `reject` among them. `md5` admits by SCRAM
/// where the role's secret is SCRAM's, by MD5 where it is an old one, and servers before 10 know it: the one method that
/// locks nobody out.
pub fn of(encrypted: bool, database: &str, user: &str, source: IpAddr) -> String {
    let whole = if source.is_ipv4() { 32 } else { 128 };
    let kind = if encrypted { "hostssl" } else { "host" };
    format!("{kind}  {}  {}  {source}/{whole}  md5", quoted(database), quoted(user))
}

/// A name for pg_hba.conf, quoted if it would be read as a keyword, list, group or file.
fn quoted(name: &str) -> String {
    const KEYWORDS: [&str; 5] = ["all", "sameuser", "samerole", "samegroup", "replication"];
    let plain = !name.is_empty()
        && name.chars().all(|symbol| symbol.is_alphanumeric() || symbol == '_' || symbol == '-' || symbol == '.');
    if plain && !KEYWORDS.contains(&name) { name.to_string() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_admits_one_login_from_one_address() {
        let line = |encrypted, user, source: &str| of(encrypted, "loja", user, source.parse().unwrap());
        assert_eq!(line(false, "balcao", "192.168.0.20"), "host  loja  balcao  192.168.0.20/32  md5");
        assert_eq!(line(true, "balcao", "fd77::2"), "hostssl  loja  balcao  fd77::2/128  md5");
    }

    #[test]
    fn names_that_mean_something_else_in_the_access_list_are_quoted() {
        let table = [
            ("balcao_1", "balcao_1"),
            ("caixa-2", "caixa-2"),
            ("all", "\"all\""),
            ("replication", "\"replication\""),
            ("+grupo", "\"+grupo\""),
            ("@arquivo", "\"@arquivo\""),
            ("a b,c", "\"a b,c\""),
            ("a\"b", "\"a\"\"b\""),
            ("/x", "\"/x\""),
            ("", "\"\""),
        ];
        for (name, expected) in table {
            assert_eq!(quoted(name), expected);
        }
    }
}
