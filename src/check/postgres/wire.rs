//! The line under the `postgres` crate: it ends at the deadline, encrypts where that is wanted, and remembers what was seen,
//! since the crate's errors alone do not tell a PostgreSQL from a web server.
//!
//! The crate offers one place for code of ours between its socket and its protocol: the TLS connector. Asked for TLS "at
//! once", it hands over the bare socket there, and all that libpq does before the login happens here: the question
//! whether encryption is to be had, the handshake, or going on without.

use std::future::{Future, poll_fn};
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use ::postgres::Socket;
use ::postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::{Sleep, sleep_until};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream as Encrypted;
use tokio_rustls::rustls::pki_types::ServerName;

use super::tls::{self, Fault};
use super::transcript::{MOST_BYTES, ProtocolViolation, Rules, Transcript};
use crate::check::credentials::{Encryption, Protection, Roots};
use crate::check::port_hint::SSL_REQUEST;
use crate::check::stage::{Stage, StageReporter};

/// Whether one connection is to be encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    Plain,
    Offered,
    /// Yes, or there is no connection.
    Demanded,
}

/// Puts a [`Line`] between the crate and its socket.
#[derive(Clone)]
pub struct Connector {
    terms: Arc<Terms>,
    seen: Arc<Mutex<Transcript>>,
}

/// What one connection is to be.
pub struct Terms {
    pub deadline: Instant,
    pub track: StageReporter,
    pub wish: Wish,
    /// Whom to believe, once encrypted.
    pub encryption: Encryption,
    pub roots: Roots,
    /// As the person named it.
    pub host: String,
    pub address: IpAddr,
}

impl Terms {
    /// For a connection to this host, on one of its addresses, where nobody is believed or needs to be.
    pub fn new(deadline: Instant, track: StageReporter, wish: Wish, host: &str, address: IpAddr) -> Terms {
        let (encryption, roots) = (Encryption::Require, Roots::Unnamed);
        Terms { deadline, track, wish, encryption, roots, host: host.to_string(), address }
    }
}

impl Connector {
    pub fn new(terms: Terms, rules: Rules) -> Connector {
        Connector { terms: Arc::new(terms), seen: Arc::new(Mutex::new(Transcript::under(rules))) }
    }

    /// What was seen so far.
    pub fn seen(&self) -> MutexGuard<'_, Transcript> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn breach(&self, breach: ProtocolViolation) -> io::Error {
        self.seen().breach.get_or_insert(breach);
        breach.into()
    }

    fn fault(&self, fault: Fault) -> io::Error {
        let error = io::Error::other(fault.name());
        self.seen().fault.get_or_insert(fault);
        error
    }

    /// Comes to an agreement with the server on encryption.
    async fn begin(self, socket: Socket) -> io::Result<Line> {
        self.seen().connected = Some(Instant::now());
        self.terms.track.enter(Stage::Protocol);
        let alarm = Box::pin(sleep_until(self.terms.deadline.into()));
        let mut bare = Bounded { inner: socket, alarm, connector: self.clone() };
        if self.terms.wish == Wish::Plain {
            self.seen().protection = Some(Protection::None);
            return Ok(Line { carrier: Carrier::Bare(bare), connector: self, in_login: false });
        }
        bare.write_all(&SSL_REQUEST).await?;
        match bare.read_u8().await? {
            b'S' => self.encrypt(bare).await,
            // An answer in the protocol's own messages: too old to know the question, or too busy to answer it.
            b'N' | b'E' | b'R' | b'v' if self.terms.wish == Wish::Demanded => Err(self.fault(Fault::NotOffered)),
            b'N' => {
                self.seen().protection = Some(Protection::None);
                self.terms.track.enter(Stage::Login);
                Ok(Line { carrier: Carrier::Bare(bare), connector: self, in_login: true })
            }
            b'E' | b'R' | b'v' => Err(self.fault(Fault::NotOffered)),
            _ => {
                bare.read_what_is_there().await;
                Err(self.breach(ProtocolViolation::Foreign))
            }
        }
    }

    async fn encrypt(self, bare: Bounded<Socket>) -> io::Result<Line> {
        self.terms.track.enter(Stage::Tls);
        let terms = tls::terms(self.terms.encryption, &self.terms.roots).map_err(|fault| self.fault(fault))?;
        // A name that cannot stand in a certificate can still be connected to.
        let name =
            ServerName::try_from(self.terms.host.clone()).unwrap_or_else(|_| ServerName::from(self.terms.address));
        let encrypted = match TlsConnector::from(terms.config).connect(name, bare).await {
            Ok(encrypted) => encrypted,
            Err(error) => return Err(self.handshake_failed(error)),
        };
        let mut seen = self.seen();
        (seen.protection, seen.vouched) = (Some(terms.protection), terms.vouched);
        drop(seen);
        self.terms.track.enter(Stage::Login);
        Ok(Line { carrier: Carrier::Encrypted(Box::new(encrypted)), connector: self, in_login: true })
    }

    fn handshake_failed(&self, error: io::Error) -> io::Error {
        let seen = self.seen();
        if seen.breach.is_some() {
            return error;
        }
        // After the `S` comes a TLS record, a handshake or an alert; a banner that begins with an S goes on otherwise.
        let is_tls = seen.first.get(1).is_none_or(|kind| matches!(kind, 0x15 | 0x16));
        drop(seen);
        if is_tls { self.fault(Fault::of(&error)) } else { self.breach(ProtocolViolation::Foreign) }
    }
}

impl MakeTlsConnect<Socket> for Connector {
    type Stream = Line;
    type TlsConnect = Connector;
    type Error = io::Error;

    fn make_tls_connect(&mut self, _: &str) -> io::Result<Connector> {
        Ok(self.clone())
    }
}

impl TlsConnect<Socket> for Connector {
    type Stream = Line;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Line>> + Send>>;

    fn connect(self, socket: Socket) -> Self::Future {
        Box::pin(self.begin(socket))
    }
}

/// A stream that ends at the deadline, and takes no more than it should.
struct Bounded<S> {
    inner: S,
    alarm: Pin<Box<Sleep>>,
    connector: Connector,
}

impl<S> Bounded<S> {
    /// Turns a wait into an error where time is up, and has the task woken when it will be.
    fn bounded<T>(&mut self, waiting: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        let late = self.alarm.as_mut().poll(context).is_ready() || Instant::now() >= self.connector.terms.deadline;
        if late { Poll::Ready(Err(self.connector.breach(ProtocolViolation::Deadline))) } else { waiting }
    }
}

impl<S: AsyncRead + Unpin> Bounded<S> {
    /// Reads on without waiting: what has come already is enough to recognise a banner.
    async fn read_what_is_there(&mut self) {
        let mut bytes = [0; 64];
        poll_fn(|context| {
            let _ = Pin::new(&mut *self).poll_read(context, &mut ReadBuf::new(&mut bytes));
            Poll::Ready(())
        })
        .await;
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
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
            seen.receive(news);
            // Encryption adds to what is said, but does not double it.
            let too_much = seen.bytes > 2 * MOST_BYTES;
            drop(seen);
            if too_much {
                return Poll::Ready(Err(self.connector.breach(ProtocolViolation::TooMuch)));
            }
        }
        self.bounded(read, context)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
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

enum Carrier {
    Bare(Bounded<Socket>),
    Encrypted(Box<Encrypted<Bounded<Socket>>>),
}

/// What the crate reads and writes: what the server says is watched.
pub struct Line {
    carrier: Carrier,
    connector: Connector,
    /// The stage was told of.
    in_login: bool,
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = match &mut self.carrier {
            Carrier::Bare(stream) => Pin::new(stream).poll_read(context, buffer),
            Carrier::Encrypted(stream) => Pin::new(stream).poll_read(context, buffer),
        };
        if let Poll::Ready(Ok(())) = read {
            let news = buffer.filled().get(before..).unwrap_or_default();
            let mut seen = self.connector.seen();
            let taken = seen.take(news);
            let recognised = seen.recognised();
            drop(seen);
            if let Err(breach) = taken {
                return Poll::Ready(Err(self.connector.breach(breach)));
            }
            if recognised && !self.in_login {
                self.in_login = true;
                self.connector.terms.track.enter(Stage::Login);
            }
        }
        read
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.carrier {
            Carrier::Bare(stream) => Pin::new(stream).poll_write(context, bytes),
            Carrier::Encrypted(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.carrier {
            Carrier::Bare(stream) => Pin::new(stream).poll_flush(context),
            Carrier::Encrypted(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.carrier {
            Carrier::Bare(stream) => Pin::new(stream).poll_shutdown(context),
            Carrier::Encrypted(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

impl TlsStream for Line {
    /// None is offered: it would bind a login to a certificate, which is verified here where that is wanted.
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}
