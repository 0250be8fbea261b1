//! What a server says, inspected as it arrives and before the crate reads it: whether it is PostgreSQL, how much it sends,
//! and which authentication it asks for.

use std::time::Instant;

use super::evidence::Refusal;
use super::tls;
use crate::check::credentials::{Method, Protection, Required};

/// A login and one short answer take some 600 bytes. Servers with long notices stay far below this, and a hostile one cannot
/// fill our memory.
pub const MOST_BYTES: usize = 1024 * 1024;

/// Of what came first, so many bytes are kept: enough to recognise a banner, and for a short error in words.
const FIRST_BYTES: usize = 512;

/// An honest authentication message takes some 100 bytes, an error some 300.
const MOST_KEPT: usize = 1024;

/// SCRAM lets the server say how often a hash is to be taken. 4096 is usual; the crate refuses more than this.
const MOST_ROUNDS: u64 = 100_000;

/// Round trips of a login and a question through a pooler that first logs in itself, and some to spare.
const MOST_TURNS: u32 = 12;

/// SCRAM as the crate speaks it, in the list of mechanisms that a server offers.
const SCRAM: &[u8] = b"SCRAM-SHA-256";

/// How a server broke the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtocolViolation {
    /// It had not answered at the deadline.
    Deadline,
    /// It sent what PostgreSQL never sends at that place.
    Foreign,
    /// It announced a message of an impossible length.
    TooLong,
    /// It said more than it may.
    TooMuch,
    /// It wants a password hashed more often than the crate does it.
    TooManyRounds(u64),
    /// It answered the question for encryption with an error.
    Error,
    /// It asks for the password in a way that would give it away.
    Unsafe(Method),
    /// It asks for a method that `PGREQUIREAUTH` does not accept.
    Unwanted(Method),
}

impl From<ProtocolViolation> for std::io::Error {
    fn from(violation: ProtocolViolation) -> std::io::Error {
        let message = match violation {
            ProtocolViolation::Deadline => {
                return std::io::Error::new(std::io::ErrorKind::TimedOut, "no answer before the deadline");
            }
            ProtocolViolation::Foreign => "the answer is not PostgreSQL's",
            ProtocolViolation::TooLong => "a message of impossible length",
            ProtocolViolation::TooMuch => "far more was sent than is usual",
            ProtocolViolation::TooManyRounds(_) => "the password is to be hashed too often",
            ProtocolViolation::Error => "an error in place of an answer",
            ProtocolViolation::Unsafe(_) => "the password would be given away",
            ProtocolViolation::Unwanted(_) => "another proof of identity is asked for than is wanted",
        };
        std::io::Error::new(std::io::ErrorKind::InvalidData, message)
    }
}

/// What a server may ask for.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// There is a password to protect.
    pub has_password: bool,
    /// Unprotected methods that are allowed.
    pub allowed: Vec<Method>,
    /// Methods that are accepted.
    pub required: Required,
}

/// What was seen of a server.
#[derive(Debug, Default)]
pub struct Transcript {
    begun: Option<Instant>,
    pub connected: Option<Instant>,
    /// Received so far, encrypted or not.
    pub bytes: usize,
    pub first: Vec<u8>,
    /// The server closed its side.
    pub closed: bool,
    /// Why we ended the connection.
    pub violation: Option<ProtocolViolation>,
    /// Why there is no encrypted connection.
    pub fault: Option<tls::Fault>,
    /// Known after the handshake, or where there is none.
    pub protection: Option<Protection>,
    /// The server may be given a password in clear.
    pub vouched: bool,
    /// The authentication that the server asked for.
    pub method: Option<Method>,
    /// It asked for one that this program does not know (of SASL, other than SCRAM).
    pub unknown_proof: bool,
    pub rules: Rules,
    /// The latest error, as far as it was kept. The crate loses one that the end of the connection comes with.
    pub error: Option<Refusal>,
    said: usize,
    message: Message,
}

/// The fields of an error that this program tells.
fn refusal(fields: &[u8]) -> Option<Refusal> {
    let mut refusal = Refusal::default();
    for field in fields.split(|byte| *byte == 0) {
        let (kind, value) = field.split_first()?;
        let value = String::from_utf8_lossy(value).into_owned();
        match kind {
            b'C' => refusal.code = value,
            b'M' => refusal.text = value,
            b'D' => refusal.detail = Some(value),
            b'R' => refusal.routine = Some(value),
            _ => {}
        }
    }
    (refusal.code.len() == 5 && !refusal.text.is_empty()).then_some(refusal)
}

/// The message that is being received: tag (1 byte), length (4, itself included), body.
#[derive(Debug, Default)]
struct Message {
    head: Vec<u8>,
    /// Bytes of the body still to come.
    left: usize,
    /// The beginning of an authentication message's body: what it asks for; or of an error's.
    kept: Vec<u8>,
    /// This is not the first message.
    later: bool,
}

impl Transcript {
    /// From `begun` on, when the connecting began.
    pub fn under(rules: Rules, begun: Instant) -> Transcript {
        Transcript { rules, begun: Some(begun), ..Transcript::default() }
    }

    /// True where PostgreSQL is at work on the login: it has said something that is in its place.
    pub fn spoke(&self) -> bool {
        // The TLS records that follow a yes are not of this protocol.
        let encrypting = matches!(self.first.as_slice(), [b'S'] | [b'S', 0x16, ..]);
        // Known beforehand where no encryption is asked for: then nothing was said yet.
        let answered = self.protection.is_some() && self.bytes > 0;
        answered || self.recognised() || encrypting
    }

    /// True where so little time was left after the connecting that the way there and back explains the silence.
    pub fn had_no_time(&self, now: Instant) -> bool {
        let (Some(begun), Some(connected)) = (self.begun, self.connected) else { return false };
        now.saturating_duration_since(connected) < 3 * connected.saturating_duration_since(begun)
    }

    /// True where the way there and back, as long as the connecting took, explains all the time that a login has taken.
    pub fn is_far(&self, now: Instant) -> bool {
        let (Some(begun), Some(connected)) = (self.begun, self.connected) else { return false };
        now.saturating_duration_since(begun) < MOST_TURNS * connected.saturating_duration_since(begun)
    }

    /// What a PostgreSQL says that cannot start a process for us: an `E`, and words in its own language where a message has
    /// its length, ended by a newline and a zero.
    pub fn error_in_words(&self) -> Option<Refusal> {
        let words = self.first.strip_prefix(b"E")?.strip_suffix(b"\n\0")?;
        let text = String::from_utf8_lossy(words).into_owned();
        (!words.contains(&0)).then_some(Refusal { text, ..Refusal::default() })
    }

    /// True where more has come than the no, or the one message, that answers the question for encryption. What has no such
    /// length is plain text.
    pub fn goes_on(&self) -> bool {
        match self.first.as_slice() {
            [b'N', _, ..] => true,
            [_, 0, 0, high, low, rest @ ..] => rest.len() + 4 > usize::from(u16::from_be_bytes([*high, *low])),
            _ => false,
        }
    }

    /// An error that came whole in place of the answer about encryption.
    pub fn error_response(&self) -> Option<Refusal> {
        let (length, body) = self.first.strip_prefix(b"E")?.split_first_chunk()?;
        let fields = body.strip_suffix(b"\0\0").filter(|_| u32::from_be_bytes(*length) as usize == body.len() + 4)?;
        refusal(fields)
    }

    /// True after the first whole message header of PostgreSQL.
    pub fn recognised(&self) -> bool {
        self.message.later || self.message.head.len() == 5
    }

    /// Counts raw bytes, encrypted or not.
    pub fn receive(&mut self, bytes: &[u8]) {
        let room = FIRST_BYTES.saturating_sub(self.first.len());
        self.first.extend(bytes.iter().take(room));
        self.bytes += bytes.len();
    }

    /// Inspects bytes of the protocol; an error if reading must stop.
    pub fn take(&mut self, mut bytes: &[u8]) -> Result<(), ProtocolViolation> {
        self.said += bytes.len();
        if self.said > MOST_BYTES {
            return Err(ProtocolViolation::TooMuch);
        }
        while !bytes.is_empty() {
            bytes = if self.message.left > 0 { self.take_body(bytes)? } else { self.take_head(bytes)? };
        }
        Ok(())
    }

    /// Takes one byte of a header; returns the rest.
    fn take_head<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], ProtocolViolation> {
        let Some((byte, rest)) = bytes.split_first() else { return Ok(bytes) };
        let message = &mut self.message;
        message.head.push(*byte);
        // Authentication, error, notice, version: nothing else can come first.
        if !message.later && message.head.len() == 1 && !b"RENv".contains(byte) {
            return Err(ProtocolViolation::Foreign);
        }
        if let [_, length @ ..] = message.head.as_slice()
            && let Ok(length) = <[u8; 4]>::try_from(length)
        {
            message.left = match u32::from_be_bytes(length) as usize {
                length @ 4..=MOST_BYTES => length - 4,
                _ => return Err(ProtocolViolation::TooLong),
            };
            if message.left == 0 {
                self.end_message()?;
            }
        }
        Ok(rest)
    }

    /// Takes what there is of a body; returns the rest.
    fn take_body<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], ProtocolViolation> {
        let message = &mut self.message;
        let (body, rest) = bytes.split_at(message.left.min(bytes.len()));
        let kind = message.head.first().copied();
        if let Some(b'R' | b'E') = kind {
            let known = message.kept.len() >= 4 || kind == Some(b'E');
            let room = MOST_KEPT.saturating_sub(message.kept.len());
            message.kept.extend(body.iter().take(room));
            if let (false, Some(code)) = (known, message.kept.first_chunk().copied().map(u32::from_be_bytes)) {
                message.left -= body.len();
                self.take_request(code)?;
                return self.end_of(rest);
            }
        }
        self.message.left -= body.len();
        self.end_of(rest)
    }

    fn end_of<'a>(&mut self, rest: &'a [u8]) -> Result<&'a [u8], ProtocolViolation> {
        if self.message.left == 0 {
            self.end_message()?;
        }
        Ok(rest)
    }

    /// Stops before the crate reads a request for authentication that must not be answered.
    fn take_request(&mut self, code: u32) -> Result<(), ProtocolViolation> {
        let method = match code {
            // AuthenticationOk: without authentication, or after it.
            0 if self.method.is_none() => Method::Nothing,
            3 => Method::Password,
            5 => Method::Md5,
            7 => Method::Gss,
            9 => Method::Sspi,
            10 => Method::Scram,
            _ => return Ok(()),
        };
        if method != Method::Nothing {
            self.method = Some(method);
        }
        if self.rules.has_password
            && method.gives_the_password_away()
            && !self.vouched
            && !self.rules.allowed.contains(&method)
        {
            return Err(ProtocolViolation::Unsafe(method));
        }
        if self.rules.required.admits(method) { Ok(()) } else { Err(ProtocolViolation::Unwanted(method)) }
    }

    fn end_message(&mut self) -> Result<(), ProtocolViolation> {
        let message = std::mem::replace(&mut self.message, Message { later: true, ..Message::default() });
        if message.head.first() == Some(&b'E') {
            self.error = refusal(message.kept.strip_suffix(b"\0\0").unwrap_or(&message.kept));
        }
        if let Some(mechanisms) = message.kept.strip_prefix(&[0, 0, 0, 10]) {
            let mut offered = mechanisms.split(|byte| *byte == 0).filter(|name| !name.is_empty()).peekable();
            self.unknown_proof = offered.peek().is_some() && !offered.any(|name| name == SCRAM);
        }
        // SCRAM's first answer: `r=…,s=…,i=4096`.
        let rounds = message.kept.strip_prefix(&[0, 0, 0, 11]).and_then(|challenge| {
            let mut parts = challenge.split(|byte| *byte == b',');
            std::str::from_utf8(parts.find_map(|part| part.strip_prefix(b"i="))?).ok()?.parse::<u64>().ok()
        });
        match rounds {
            Some(rounds) if rounds > MOST_ROUNDS => Err(ProtocolViolation::TooManyRounds(rounds)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message(tag: u8, body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![tag];
        bytes.extend((body.len() as u32 + 4).to_be_bytes());
        bytes.extend(body);
        bytes
    }

    fn seen(bytes: &[u8]) -> (Transcript, Result<(), ProtocolViolation>) {
        let mut seen = Transcript::default();
        let taken = seen.take(bytes);
        (seen, taken)
    }

    #[test]
    fn other_services_are_recognised_by_their_first_byte() {
        for banner in
            ["SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 400 Bad Request\r\n", "220 mail\r\n", "-ERR\r\n", "\x15\x03"]
        {
            assert_eq!(seen(banner.as_bytes()).1, Err(ProtocolViolation::Foreign), "{banner:?}");
        }
    }

    #[test]
    fn the_proof_that_is_asked_for_is_seen() {
        let table = [
            (0u32, None),
            (3, Some(Method::Password)),
            (5, Some(Method::Md5)),
            (7, Some(Method::Gss)),
            (10, Some(Method::Scram)),
        ];
        let offered = |names: &[u8]| seen(&message(b'R', &[&10u32.to_be_bytes(), names].concat())).0.unknown_proof;
        assert!(offered(b"OAUTHBEARER\0\0") && !offered(b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"));
        for (code, method) in table {
            let (seen, taken) = seen(&message(b'R', &code.to_be_bytes()));
            assert_eq!((seen.method, taken), (method, Ok(())), "{code}");
        }
    }

    #[test]
    fn a_wish_that_would_give_the_password_away_is_cut_before_it_is_heard() {
        let ask = |code: u32, allowed: &[Method], vouched: bool| {
            let mut seen = Transcript {
                rules: Rules { has_password: true, allowed: allowed.to_vec(), ..Rules::default() },
                ..Transcript::default()
            };
            seen.vouched = vouched;
            seen.take(&message(b'R', &code.to_be_bytes()))
        };
        assert_eq!(ask(3, &[], false), Err(ProtocolViolation::Unsafe(Method::Password)));
        assert_eq!(ask(5, &[], false), Err(ProtocolViolation::Unsafe(Method::Md5)));
        assert_eq!(ask(3, &[Method::Md5], false), Err(ProtocolViolation::Unsafe(Method::Password)));
        for harmless in [ask(10, &[], false), ask(0, &[], false), ask(5, &[Method::Md5], false), ask(3, &[], true)] {
            assert_eq!(harmless, Ok(()));
        }
        // Not only as the first wish: after SCRAM has begun, too.
        let mut seen = Transcript { rules: Rules { has_password: true, ..Rules::default() }, ..Transcript::default() };
        let both = [message(b'R', &10u32.to_be_bytes()), message(b'R', &3u32.to_be_bytes())].concat();
        assert_eq!(seen.take(&both), Err(ProtocolViolation::Unsafe(Method::Password)));
    }

    #[test]
    fn only_the_proofs_that_are_wanted_are_given() {
        let ask = |required: &str, codes: &[u32]| {
            let required = Required::read(required).unwrap();
            let mut seen = Transcript { rules: Rules { required, ..Rules::default() }, ..Transcript::default() };
            codes.iter().try_for_each(|code| seen.take(&message(b'R', &code.to_be_bytes())))
        };
        assert_eq!(ask("scram-sha-256", &[10, 12, 0]), Ok(()));
        assert_eq!(ask("scram-sha-256", &[0]), Err(ProtocolViolation::Unwanted(Method::Nothing)));
        assert_eq!(ask("scram-sha-256", &[5]), Err(ProtocolViolation::Unwanted(Method::Md5)));
        assert_eq!(ask("!password,!md5", &[0]), Ok(()));
        assert_eq!(ask("!password,!md5", &[3]), Err(ProtocolViolation::Unwanted(Method::Password)));
    }

    #[test]
    fn a_server_cannot_have_us_reckon_for_ever() {
        let challenge =
            |rounds: &str| message(b'R', &[&[0, 0, 0, 11], format!("r=a,s=b,i={rounds}").as_bytes()].concat());
        assert_eq!(seen(&challenge("4096")).1, Ok(()));
        assert_eq!(seen(&challenge("100000")).1, Ok(()));
        for rounds in [100_001, 4_294_967_295, 99_999_999_999] {
            assert_eq!(seen(&challenge(&rounds.to_string())).1, Err(ProtocolViolation::TooManyRounds(rounds)));
        }
    }

    #[test]
    fn an_error_in_words_or_as_a_message_is_read_and_nothing_else_is_taken_for_one() {
        let heard = |bytes: &[u8]| {
            let mut seen = Transcript::default();
            seen.receive(bytes);
            (seen.error_in_words().map(|refusal| refusal.text), seen.error_response().map(|refusal| refusal.code))
        };
        let words = b"Ecould not fork new process for connection: Resource temporarily unavailable\n\0";
        assert!(heard(words).0.unwrap().starts_with("could not fork"));
        let full = message(b'E', b"SFATAL\0C53300\0Mcheio\0\0");
        assert_eq!(heard(&full), (None, Some("53300".into())));
        for other in [&b"ERROR\r\n"[..], b"E", b"E\n\0x\n\0", b"E\0\0\0\x0a8.0.36", &message(b'E', b"\0\0")] {
            assert_eq!(heard(other), (None, None), "{other:?}");
        }
    }

    #[test]
    fn the_latest_error_is_kept_however_it_arrives() {
        let ready = message(b'R', &[0, 0, 0, 0]);
        let error = message(b'E', b"SFATAL\0VFATAL\0C57P01\0Mfim\0\0");
        let all = [ready, error].concat();
        for size in [1, 3, 100] {
            let mut seen = Transcript::default();
            all.chunks(size).for_each(|part| seen.take(part).unwrap());
            let told = seen.error.unwrap();
            assert_eq!((told.code.as_str(), told.text.as_str()), ("57P01", "fim"));
        }
    }

    #[test]
    fn a_message_longer_than_all_that_may_be_said_is_cut_at_its_head() {
        for length in [0u32, 3, MOST_BYTES as u32 + 1, 1 << 30, u32::MAX] {
            let mut bytes = vec![b'E'];
            bytes.extend(length.to_be_bytes());
            assert_eq!(seen(&bytes).1, Err(ProtocolViolation::TooLong), "{length}");
        }
    }

    #[test]
    fn endless_notices_are_cut() {
        let notice = message(b'N', &[b'x'; 1000]);
        let mut seen = Transcript::default();
        let breach = std::iter::repeat_with(|| seen.take(&notice)).take(2000).find_map(Result::err);
        assert_eq!(breach, Some(ProtocolViolation::TooMuch));
    }

    proptest! {
        /// How the network cuts the bytes makes no difference.
        #[test]
        fn what_is_seen_does_not_depend_on_the_cuts(
            bodies in proptest::collection::vec((prop::sample::select(b"RENSZK".to_vec()), proptest::collection::vec(0u8..13, 0..20)), 0..6),
            step in 1usize..9,
        ) {
            let bytes: Vec<u8> = bodies.iter().flat_map(|(tag, body)| message(*tag, body)).collect();
            let (whole, taken) = seen(&bytes);
            let mut pieces = Transcript::default();
            let taken_in_pieces = bytes.chunks(step).try_for_each(|piece| pieces.take(piece));
            prop_assert_eq!(taken, taken_in_pieces);
            prop_assert_eq!(whole.method, pieces.method);
        }
    }
}
