//! Whether a service speaks HTTP: one plain `GET /`, answered or not.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use serde_json::{Map, Value};

use super::Diagnosis;

/// A status line is some 30 bytes. What has not ended its first line after so many is not going to.
const MOST_BYTES: usize = 16 * 1024;

/// Of an answer that is not HTTP, so many bytes are kept as evidence: enough to recognise a banner.
const FIRST_BYTES: usize = 64;

/// How every HTTP answer begins.
const BEGINNING: &[u8] = b"HTTP/";

/// Asks for `/` and looks at the first line of the answer; puts what it learns into `detail`.
///
/// A service that ends the connection without a word counts as `reset`, whether the end is clean or not: which of the two
/// arrives depends on a race between its closing and our request.
pub fn probe(mut stream: TcpStream, authority: &str, deadline: Instant, detail: &mut Map<String, Value>) -> Diagnosis {
    let request = format!(
        "GET / HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: balcao-config\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    );
    let left = deadline.saturating_duration_since(Instant::now());
    // Where writing fails, reading tells why, and what the service said before it hung up.
    let _ = stream.set_write_timeout(Some(left)).and_then(|()| stream.write_all(request.as_bytes()));
    let mut answer = Vec::new();
    let end = read_first_line(&mut stream, deadline, &mut answer);
    let not_http = |detail: &mut Map<String, Value>| {
        let first = answer.get(..FIRST_BYTES).unwrap_or(&answer);
        detail.insert("received".into(), String::from_utf8_lossy(first).into_owned().into());
        Diagnosis::NotHttp
    };
    match (end, status(&answer)) {
        (End::Late, _) if answer.is_empty() => Diagnosis::Silent,
        (End::Late, _) => {
            detail.insert("reason".into(), "unfinished".into());
            Diagnosis::Silent
        }
        (End::Closed, _) if answer.is_empty() => Diagnosis::Reset,
        (_, None) => not_http(detail),
        (_, Some(status)) => {
            detail.insert("status".into(), status.into());
            if status >= 500 { Diagnosis::HttpError } else { Diagnosis::Ok }
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum End {
    /// There is a line, or what came can never be one of HTTP's.
    Enough,
    /// The other side hung up.
    Closed,
    Late,
}

fn read_first_line(stream: &mut TcpStream, deadline: Instant, answer: &mut Vec<u8>) -> End {
    let mut piece = [0; 1024];
    loop {
        let beginning = answer.iter().zip(BEGINNING).all(|(got, wanted)| got == wanted);
        if !beginning || answer.contains(&b'\n') || answer.len() >= MOST_BYTES {
            return End::Enough;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || stream.set_read_timeout(Some(left)).is_err() {
            return End::Late;
        }
        match stream.read(&mut piece) {
            Ok(0) => return End::Closed,
            Ok(count) => answer.extend(piece.iter().take(count)),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return End::Late,
            Err(_) => return End::Closed,
        }
    }
}

/// The number in `HTTP/1.1 200 OK`.
fn status(answer: &[u8]) -> Option<u16> {
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
    use super::status;

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
            assert_eq!(status(line), expected, "{:?}", String::from_utf8_lossy(line));
        }
    }
}
