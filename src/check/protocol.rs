//! The two protocols of a server: the first question in each, how a right answer is known, where it is usually spoken.

use std::net::SocketAddr;

/// The question whether encryption is to be had: a length of 8 and a code that no version of the protocol is.
/// PostgreSQL answers with one byte, whatever its settings and whoever asks.
pub const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// The beginning of a login in a version of the protocol that nobody speaks (4.0): refused by whoever answers, before a name
/// or a password.
pub const NO_VERSION: [u8; 8] = [0, 0, 0, 8, 0, 4, 0, 0];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Postgres,
    Http,
}

/// What a port that speaks the protocol said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// PostgreSQL: encryption is to be had, or not.
    Encryption(bool),
    /// PostgreSQL, which can serve nobody now: its answer was an error.
    Error,
    /// HTTP, with this status.
    Status(u16),
}

#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    Yes(Reply),
    No,
    /// More has to come.
    Unknown,
}

impl Protocol {
    pub fn name(self) -> &'static str {
        match self {
            Protocol::Postgres => "postgres",
            Protocol::Http => "http",
        }
    }

    /// PostgreSQL: 5432, and what packagers give to a second and third cluster or version on a machine. HTTP: 8080, and the
    /// vendor's neighbours of 8082.
    pub const fn usual_ports(self) -> [u16; 4] {
        match self {
            Protocol::Postgres => [5432, 5433, 5434, 5435],
            Protocol::Http => [8080, 8081, 8082, 8083],
        }
    }

    pub fn question(self, address: SocketAddr) -> Vec<u8> {
        match self {
            Protocol::Postgres => SSL_REQUEST.to_vec(),
            Protocol::Http => http_request(&address.to_string()).into_bytes(),
        }
    }

    /// What the bytes that came so far tell; `ended`: there will be no more.
    pub fn judge(self, received: &[u8], ended: bool) -> Verdict {
        match self {
            Protocol::Postgres => judge_postgres(received, ended),
            Protocol::Http => judge_http(received, ended),
        }
    }
}

/// One byte and no more, `S` or `N`, is PostgreSQL's answer; a banner that begins with one of them goes on. `E` begins an
/// error: a message with its length, or, from a server that could not start a process, plain text up to a zero.
fn judge_postgres(received: &[u8], ended: bool) -> Verdict {
    match received {
        [] => Verdict::Unknown,
        [b'S'] => Verdict::Yes(Reply::Encryption(true)),
        [b'N'] => Verdict::Yes(Reply::Encryption(false)),
        // A length below 64 KiB: no text begins like that. The first field is the severity; another service's greeting goes on
        // with its own.
        [b'E', 0, 0, _, _, b'S', ..] => Verdict::Yes(Reply::Error),
        [b'E', 0, 0, _, _, _, ..] => Verdict::No,
        [b'E', text @ .., 0] if !text.contains(&0) => Verdict::Yes(Reply::Error),
        [b'E', ..] if !ended => Verdict::Unknown,
        _ => Verdict::No,
    }
}

/// A status line is HTTP, whatever the status.
fn judge_http(received: &[u8], ended: bool) -> Verdict {
    if !received.iter().zip(b"HTTP/").all(|(got, wanted)| got == wanted) {
        return Verdict::No;
    }
    if !ended && !received.contains(&b'\n') {
        return Verdict::Unknown;
    }
    http_status(received).map_or(Verdict::No, |status| Verdict::Yes(Reply::Status(status)))
}

/// Asks for the root, on a connection of its own.
pub fn http_request(authority: &str) -> String {
    format!(
        "GET / HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: balcao-config\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    )
}

/// The number in `HTTP/1.1 200 OK`.
pub fn http_status(answer: &[u8]) -> Option<u16> {
    let line = answer.split(|byte| *byte == b'\n').next()?;
    // The reason after the number may be in any encoding.
    let line = String::from_utf8_lossy(line.get(..line.len().min(32))?);
    let mut words = line.strip_prefix("HTTP/")?.split_ascii_whitespace();
    let version = words.next()?;
    let number = words.next().filter(|word| word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit()))?;
    version.starts_with(|first: char| first.is_ascii_digit()).then(|| number.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgres_is_known_by_one_byte_or_an_error() {
        let yes = |answer| Verdict::Yes(answer);
        let table: [(&[u8], bool, Verdict); 15] = [
            (b"", false, Verdict::Unknown),
            (b"E\0\0\0\n8.0.36-0ubuntu0\0", false, Verdict::No),
            (b"S", false, yes(Reply::Encryption(true))),
            (b"N", false, yes(Reply::Encryption(false))),
            (b"N", true, yes(Reply::Encryption(false))),
            (b"SSH-2.0-OpenSSH_9.2\r\n", false, Verdict::No),
            (b"NOTICE", false, Verdict::No),
            (b"E", false, Verdict::Unknown),
            (b"E", true, Verdict::No),
            (b"E\0\0\0\x51SFATAL\0", false, yes(Reply::Error)),
            (b"Ecould not fork new process for connection: x\n\0", false, yes(Reply::Error)),
            (b"ERROR\r\n", false, Verdict::Unknown),
            (b"ERROR\r\n", true, Verdict::No),
            (b"HTTP/1.1 400 Bad Request\r\n", false, Verdict::No),
            (b"\x15\x03\x01\0\x02\x02\x0a", true, Verdict::No),
        ];
        for (received, ended, expected) in table {
            assert_eq!(Protocol::Postgres.judge(received, ended), expected, "{:?}", String::from_utf8_lossy(received));
        }
    }

    #[test]
    fn http_is_known_by_its_status_line() {
        let table: [(&[u8], bool, Verdict); 8] = [
            (b"", false, Verdict::Unknown),
            (b"HT", false, Verdict::Unknown),
            (b"HTTP/1.1 20", false, Verdict::Unknown),
            (b"HTTP/1.1 200 OK\r\n", false, Verdict::Yes(Reply::Status(200))),
            (b"HTTP/1.0 503", true, Verdict::Yes(Reply::Status(503))),
            (b"HTTP/1.1 abc\r\n", false, Verdict::No),
            (b"SSH-2.0", false, Verdict::No),
            (b"\x15\x03", false, Verdict::No),
        ];
        for (received, ended, expected) in table {
            assert_eq!(Protocol::Http.judge(received, ended), expected, "{:?}", String::from_utf8_lossy(received));
        }
    }

    #[test]
    fn the_status_is_read_from_status_lines_alone() {
        let table: [(&[u8], Option<u16>); 9] = [
            (b"HTTP/1.1 200 OK\r\n", Some(200)),
            (b"HTTP/1.0 404\n", Some(404)),
            (b"HTTP/2 503 Service Unavailable\r\n", Some(503)),
            (b"HTTP/1.1 20 OK\r\n", None),
            (b"HTTP/1.1 +20 OK\r\n", None),
            (b"HTTP/1.1\r\n", None),
            (b"HTTP/x 200\r\n", None),
            (b"SSH-2.0-OpenSSH_9.2\r\n", None),
            (b"HTTP/1.1 \xff00\r\n", None),
        ];
        for (line, expected) in table {
            assert_eq!(http_status(line), expected, "{:?}", String::from_utf8_lossy(line));
        }
    }
}
