//! Other services that are known by the first that they say. Only what the protocol of each prescribes is taken for a sign;
//! what fits none stays unnamed.

/// A name, and the words in which it shows.
type Known<'a> = (&'static str, Option<&'a str>);

/// Beginnings of lines that one protocol alone has.
const BEGINNINGS: [(&str, &str); 8] = [
    ("SSH-", "SSH"),
    ("RFB 00", "VNC"),
    ("-NOAUTH ", "Redis"),
    ("-DENIED Redis", "Redis"),
    ("-ERR wrong number of arguments for 'get'", "Redis"),
    ("+OK ", "POP3"),
    ("* OK ", "IMAP"),
    ("AMQP", "AMQP (RabbitMQ)"),
];

/// The service that begins like this.
pub fn service(received: &str) -> Option<Known<'_>> {
    if let Some(known) = of_mysql(received) {
        return Some(known);
    }
    let line = received.lines().next().unwrap_or_default();
    if let Some((_, name)) = BEGINNINGS.iter().find(|(beginning, _)| line.starts_with(beginning)) {
        return Some((name, Some(line)));
    }
    // Mail and files are greeted alike; most say which.
    if line.starts_with("220 ") || line.starts_with("220-") {
        let says = |word: &str| line.to_ascii_uppercase().contains(word);
        return Some(match (says("SMTP"), says("FTP")) {
            (true, _) => ("SMTP", Some(line)),
            (false, true) => ("FTP", Some(line)),
            _ => ("SMTP / FTP", Some(line)),
        });
    }
    // A listener answers what it does not understand with a packet in its own notation.
    if received.contains("(DESCRIPTION=") {
        return Some(("Oracle", None));
    }
    // The head of a packet that answers a login: type, last packet, length.
    received.starts_with("\u{4}\u{1}\0").then_some(("SQL Server (TDS)", None))
}

/// A packet's length (3 bytes) and its number 0; then version 10 of the greeting and the server's version up to a zero, or an
/// error's sentence. Bytes that are no text have become one replacement character each.
fn of_mysql(received: &str) -> Option<Known<'_>> {
    let mut chars = received.char_indices();
    let (_, length) = chars.next()?;
    let head: Vec<char> = chars.by_ref().take(4).map(|(_, symbol)| symbol).collect();
    let (at, _) = chars.next()?;
    let rest = received.get(at..)?;
    match head.as_slice() {
        _ if length == '\0' => None,
        ['\0', '\0', '\0', '\n'] => {
            let version = rest.split('\0').next()?;
            let begins = version.starts_with(|first: char| first.is_ascii_digit());
            let name = if version.contains("MariaDB") { "MariaDB" } else { "MySQL" };
            // Before its own version, MariaDB says one that old clients take.
            begins.then_some((name, Some(version.strip_prefix("5.5.5-").unwrap_or(version))))
        }
        ['\0', '\0', '\0', '\u{fffd}'] if rest.contains("MariaDB") => Some(("MariaDB", None)),
        ['\0', '\0', '\0', '\u{fffd}'] if rest.contains("MySQL") => Some(("MySQL", None)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_named_by_what_its_protocol_alone_begins_with() {
        let host = b"F\0\0\0\xffj\x04Host '10.0.0.5' is not allowed to connect to this MariaDB server";
        let refusal = b"\0\x5d\0\0\x04\0\0\0\x22\0\0Q(DESCRIPTION=(ERR=1153))";
        let table: [(&[u8], Option<Known<'_>>); 15] = [
            (b"J\0\0\0\n8.0.36-0ubuntu0\0\x08\0\0\0", Some(("MySQL", Some("8.0.36-0ubuntu0")))),
            (b"S\0\0\0\n5.5.5-10.11.6-MariaDB\0\x08", Some(("MariaDB", Some("10.11.6-MariaDB")))),
            (b"\x92\0\0\0\n9.1.0\0", Some(("MySQL", Some("9.1.0")))),
            (host, Some(("MariaDB", None))),
            (b"SSH-2.0-OpenSSH_9.2p1\r\n", Some(("SSH", Some("SSH-2.0-OpenSSH_9.2p1")))),
            (b"220 mail.loja ESMTP Postfix\r\n", Some(("SMTP", Some("220 mail.loja ESMTP Postfix")))),
            (b"220 (vsFTPd 3.0.3)\r\n", Some(("FTP", Some("220 (vsFTPd 3.0.3)")))),
            (b"220 ola\r\n", Some(("SMTP / FTP", Some("220 ola")))),
            (b"-NOAUTH Authentication required.\r\n", Some(("Redis", Some("-NOAUTH Authentication required.")))),
            (refusal, Some(("Oracle", None))),
            (b"\x04\x01\0\x25\0\0\x01\0\0\0", Some(("SQL Server (TDS)", None))),
            (b"\0\0\0\x08\x04\xd2\x16/", None),
            (b"N\0\0\0\nabc\0", None),
            (b"HTTP/1.1 400 Bad Request\r\n", None),
            (b"", None),
        ];
        for (received, expected) in table {
            assert_eq!(service(&String::from_utf8_lossy(received)), expected, "{received:?}");
        }
    }
}
