//! The line under the `postgres` crate: it ends at the deadline, it bounds what a server may say, and it remembers what
//! was seen, since the crate's errors alone do not tell a PostgreSQL from a web server.
//!
//! The crate offers one place for code of ours between its socket and its protocol: the TLS connector. This one does
//! no TLS yet; where it comes, [`Line`] lies on top of the encrypted stream.

use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use ::postgres::Socket;
use ::postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep_until};

/// A login and one short answer take some 400 bytes; a server with much to say (notices, a long message of the day)
/// stays far below this, and a hostile one cannot fill our memory.
const MOST_BYTES: usize = 1024 * 1024;

/// Of what came first, so many bytes are kept: enough to recognise a banner.
const FIRST_BYTES: usize = 64;

/// How a server broke the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breach {
    /// It had not answered when time was up.
    Deadline,
    /// Its first message is none that PostgreSQL begins with.
    Foreign,
    /// It announced a message longer than all it may say (or shorter than possible).
    TooLong,
    /// It said more than it may.
    TooMuch,
}

impl From<Breach> for io::Error {
    fn from(breach: Breach) -> io::Error {
        match breach {
            Breach::Deadline => io::Error::new(io::ErrorKind::TimedOut, "no answer before the deadline"),
            Breach::Foreign => io::Error::new(io::ErrorKind::InvalidData, "the answer is not PostgreSQL's"),
            Breach::TooLong => io::Error::new(io::ErrorKind::InvalidData, "a message of impossible length"),
            Breach::TooMuch => io::Error::new(io::ErrorKind::InvalidData, "far more was sent than asked for"),
        }
    }
}

/// What was seen on the line.
#[derive(Debug, Default)]
pub struct Seen {
    /// TCP stood.
    pub connected: bool,
    /// Received so far.
    pub bytes: usize,
    /// The first of them.
    pub first: Vec<u8>,
    /// The server asked for a password or another proof of identity.
    pub password_wanted: bool,
    /// The server closed its side.
    pub closed: bool,
    /// Why the line was cut from here.
    pub breach: Option<Breach>,
    message: Message,
}

/// The message that is being received: tag (1 byte), length (4, itself included), body.
#[derive(Debug, Default)]
struct Message {
    head: Vec<u8>,
    /// Of the body, what is still to come.
    left: usize,
    /// The first four bytes of the body of an authentication message: what it asks for.
    wish: Vec<u8>,
    /// A message was complete before: this is not the first.
    later: bool,
}

impl Seen {
    /// Takes note of what was received; an error where no more is to be read.
    fn take(&mut self, mut bytes: &[u8]) -> Result<(), Breach> {
        let room = FIRST_BYTES.saturating_sub(self.first.len());
        self.first.extend(bytes.iter().take(room));
        self.bytes += bytes.len();
        if self.bytes > MOST_BYTES {
            return Err(Breach::TooMuch);
        }
        while !bytes.is_empty() {
            bytes = if self.message.left > 0 { self.take_body(bytes) } else { self.take_head(bytes)? };
        }
        Ok(())
    }

    /// Takes one byte of a head; gives back the rest.
    fn take_head<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], Breach> {
        let Some((byte, rest)) = bytes.split_first() else { return Ok(bytes) };
        let message = &mut self.message;
        message.head.push(*byte);
        // Authentication, error, notice, version: nothing else can come first.
        if !message.later && message.head.len() == 1 && !b"RENv".contains(byte) {
            return Err(Breach::Foreign);
        }
        if let [_, length @ ..] = message.head.as_slice()
            && let Ok(length) = <[u8; 4]>::try_from(length)
        {
            message.left = match u32::from_be_bytes(length) as usize {
                length @ 4..=MOST_BYTES => length - 4,
                _ => return Err(Breach::TooLong),
            };
            if message.left == 0 {
                self.end_message();
            }
        }
        Ok(rest)
    }

    /// Takes what there is of a body; gives back the rest.
    fn take_body<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let message = &mut self.message;
        let (body, rest) = bytes.split_at(message.left.min(bytes.len()));
        if message.head.first() == Some(&b'R') && message.wish.len() < 4 {
            let room = 4 - message.wish.len();
            message.wish.extend(body.iter().take(room));
            // Zero is "you are in"; every other number asks for something.
            self.password_wanted |= message.wish.len() == 4 && message.wish != [0; 4];
        }
        message.left -= body.len();
        if message.left == 0 {
            self.end_message();
        }
        rest
    }

    fn end_message(&mut self) {
        self.message = Message { later: true, ..Message::default() };
    }
}

/// Puts a [`Line`] between the crate and its socket.
#[derive(Clone)]
pub struct Connector {
    deadline: Instant,
    seen: Arc<Mutex<Seen>>,
}

impl Connector {
    /// For one connection.
    pub fn new(deadline: Instant) -> Connector {
        Connector { deadline, seen: Arc::default() }
    }

    /// What was seen so far.
    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MakeTlsConnect<Socket> for Connector {
    type Stream = Line<Socket>;
    type TlsConnect = Connector;
    type Error = Infallible;

    fn make_tls_connect(&mut self, _: &str) -> Result<Connector, Infallible> {
        Ok(self.clone())
    }
}

impl TlsConnect<Socket> for Connector {
    type Stream = Line<Socket>;
    type Error = Infallible;
    type Future = Ready<Result<Line<Socket>, Infallible>>;

    fn connect(self, socket: Socket) -> Self::Future {
        self.seen().connected = true;
        let alarm = Box::pin(sleep_until(self.deadline.into()));
        ready(Ok(Line { inner: socket, alarm, connector: self }))
    }
}

/// A stream that is watched and ends at the deadline.
pub struct Line<S> {
    inner: S,
    alarm: Pin<Box<Sleep>>,
    connector: Connector,
}

impl<S> Line<S> {
    /// Turns a wait into an error where time is up, and has the task woken when it will be.
    fn bounded<T>(&mut self, waiting: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        let late = self.alarm.as_mut().poll(context).is_ready() || Instant::now() >= self.connector.deadline;
        if late { self.cut(Breach::Deadline) } else { waiting }
    }

    fn cut<T>(&self, breach: Breach) -> Poll<io::Result<T>> {
        self.connector.seen().breach.get_or_insert(breach);
        Poll::Ready(Err(breach.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Line<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(context, buffer);
        if let Poll::Ready(Ok(())) = read {
            let news = buffer.filled().get(before..).unwrap_or_default();
            let mut seen = self.connector.seen();
            seen.closed |= news.is_empty() && buffer.remaining() > 0;
            let taken = seen.take(news);
            drop(seen);
            if let Err(breach) = taken {
                return self.cut(breach);
            }
        }
        self.bounded(read, context)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Line<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.bounded(written, context)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.inner).poll_flush(context);
        self.bounded(flushed, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.inner).poll_shutdown(context);
        self.bounded(shut, context)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Line<S> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
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

    fn seen(bytes: &[u8]) -> (Seen, Result<(), Breach>) {
        let mut seen = Seen::default();
        let taken = seen.take(bytes);
        (seen, taken)
    }

    #[test]
    fn other_services_are_recognised_by_their_first_byte() {
        for banner in
            ["SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 400 Bad Request\r\n", "220 mail\r\n", "-ERR\r\n", "\x15\x03"]
        {
            assert_eq!(seen(banner.as_bytes()).1, Err(Breach::Foreign), "{banner:?}");
        }
    }

    #[test]
    fn a_wish_for_a_password_is_seen_and_a_welcome_is_not_one() {
        for (code, wanted) in [(0u32, false), (3, true), (5, true), (7, true), (10, true)] {
            let (seen, taken) = seen(&message(b'R', &code.to_be_bytes()));
            assert_eq!((seen.password_wanted, taken), (wanted, Ok(())), "{code}");
        }
    }

    #[test]
    fn a_message_longer_than_all_that_may_be_said_is_cut_at_its_head() {
        for length in [0u32, 3, MOST_BYTES as u32 + 1, 1 << 30, u32::MAX] {
            let mut bytes = vec![b'E'];
            bytes.extend(length.to_be_bytes());
            assert_eq!(seen(&bytes).1, Err(Breach::TooLong), "{length}");
        }
    }

    #[test]
    fn endless_notices_are_cut() {
        let notice = message(b'N', &[b'x'; 1000]);
        let mut seen = Seen::default();
        let breach = std::iter::repeat_with(|| seen.take(&notice)).take(2000).find_map(Result::err);
        assert_eq!(breach, Some(Breach::TooMuch));
        assert!(seen.first.len() <= FIRST_BYTES);
    }

    proptest! {
        /// How the network cuts the bytes makes no difference.
        #[test]
        fn what_is_seen_does_not_depend_on_the_cuts(
            bodies in proptest::collection::vec((prop::sample::select(b"RENSZK".to_vec()), proptest::collection::vec(any::<u8>(), 0..20)), 0..6),
            step in 1usize..9,
        ) {
            let bytes: Vec<u8> = bodies.iter().flat_map(|(tag, body)| message(*tag, body)).collect();
            let (whole, taken) = seen(&bytes);
            let mut pieces = Seen::default();
            let taken_in_pieces = bytes.chunks(step).try_for_each(|piece| pieces.take(piece));
            prop_assert_eq!(taken, taken_in_pieces);
            prop_assert_eq!(whole.password_wanted, pieces.password_wanted);
        }
    }
}
