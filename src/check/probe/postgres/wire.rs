//! The connection under the `postgres` crate: it ends at the deadline, encrypts as `sslmode` says, and keeps a transcript,
//! since the crate's errors alone do not tell a PostgreSQL from a web server.
//!
//! The crate has one hook between its socket and its protocol: the TLS connector. With direct TLS negotiation it hands over
//! the bare socket there, so that all that libpq does before the login can be done here: the SSLRequest, the handshake, or
//! going on without encryption.

use std::future::{Future, poll_fn};
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use ::postgres::Socket;
use ::postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufWriter, ReadBuf};
use tokio::time::{Sleep, sleep_until};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use super::tls::{self, Fault, TlsOptions};
use super::transcript::{MOST_BYTES, ProtocolViolation, Rules, Transcript};
use crate::check::credentials::{Encryption, Protection, Roots};
use crate::check::event::StageReporter;
use crate::check::protocol::SSL_REQUEST;
use crate::check::stage::Stage;

/// The kinds of TLS records that a handshake is made of.
const ALERT: u8 = 0x15;
const HANDSHAKE: u8 = 0x16;

/// Whether one connection is to be encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsMode {
    Plain,
    Offered,
    /// Encrypted, or no connection.
    Required,
}

/// Puts a [`Line`] between the crate and its socket.
#[derive(Clone)]
pub struct Connector {
    options: Arc<ConnectOptions>,
    transcript: Arc<Mutex<Transcript>>,
}

/// What one connection is to be.
pub struct ConnectOptions {
    pub deadline: Instant,
    pub reporter: StageReporter,
    pub tls: TlsMode,
    /// How certificates are verified.
    pub encryption: Encryption,
    pub roots: Roots,
    /// How long their disk may keep the login waiting.
    pub file_patience: Duration,
    /// As written in the document.
    pub host: String,
    pub address: IpAddr,
}

impl ConnectOptions {
    /// For a connection without verification, over which no secret is sent.
    pub fn new(
        deadline: Instant,
        reporter: StageReporter,
        tls: TlsMode,
        host: &str,
        address: IpAddr,
    ) -> ConnectOptions {
        let (encryption, roots, file_patience) = (Encryption::Require, Roots::Unnamed, Duration::ZERO);
        ConnectOptions { deadline, reporter, tls, encryption, roots, file_patience, host: host.to_string(), address }
    }
}

impl Connector {
    pub fn new(options: ConnectOptions, rules: Rules) -> Connector {
        Connector {
            options: Arc::new(options),
            transcript: Arc::new(Mutex::new(Transcript::under(rules, Instant::now()))),
        }
    }

    /// What the server said so far.
    pub fn transcript(&self) -> MutexGuard<'_, Transcript> {
        self.transcript.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn violated(&self, violation: ProtocolViolation) -> io::Error {
        self.transcript().violation.get_or_insert(violation);
        violation.into()
    }

    fn fault(&self, fault: Fault) -> io::Error {
        let error = io::Error::other(fault.name());
        self.transcript().fault.get_or_insert(fault);
        error
    }

    /// Negotiates the encryption with the server.
    async fn begin(self, socket: Socket) -> io::Result<Line> {
        self.transcript().connected = Some(Instant::now());
        self.options.reporter.enter(Stage::Protocol);
        let alarm = Box::pin(sleep_until(self.options.deadline.into()));
        let mut bare = Bounded { inner: socket, alarm, connector: self.clone() };
        if self.options.tls == TlsMode::Plain {
            self.transcript().protection = Some(Protection::None);
            return Ok(Line { carrier: Box::new(bare), connector: self, in_login: false });
        }
        bare.write_all(&SSL_REQUEST).await?;
        match bare.read_u8().await? {
            b'S' => self.encrypt(bare).await,
            b'N' | b'E' | b'R' | b'v' if bare.goes_on().await => Err(self.violated(ProtocolViolation::Foreign)),
            b'N' if self.options.tls == TlsMode::Required => Err(self.fault(Fault::NotOffered)),
            b'N' => {
                self.transcript().protection = Some(Protection::None);
                self.options.reporter.enter(Stage::Login);
                Ok(Line { carrier: Box::new(bare), connector: self, in_login: true })
            }
            b'E' => Err(self.refused_to_answer()),
            // An answer in the protocol's own messages: too old to know the question.
            b'R' | b'v' => Err(self.fault(Fault::NotOffered)),
            _ => {
                bare.read_what_is_there().await;
                Err(self.violated(ProtocolViolation::Foreign))
            }
        }
    }

    async fn encrypt(self, bare: Bounded) -> io::Result<Line> {
        self.options.reporter.enter(Stage::Tls);
        let ConnectOptions { encryption, roots, file_patience, .. } = &*self.options;
        let tls = tls::options(*encryption, roots, *file_patience).map_err(|fault| self.fault(fault))?;
        // A host name that no certificate can hold (with `_`) is still allowed.
        let name =
            ServerName::try_from(self.options.host.clone()).unwrap_or_else(|_| ServerName::from(self.options.address));
        // What is said at once goes out at once: a server that refuses the first record of several has hung up before the
        // last of them, and a failed write would hide why.
        let bare = BufWriter::new(bare);
        let encrypted = match TlsConnector::from(Arc::clone(&tls.config)).connect(name, bare).await {
            Ok(encrypted) => encrypted,
            Err(error) => return Err(self.handshake_failed(error, &tls)),
        };
        let mut transcript = self.transcript();
        (transcript.protection, transcript.vouched) = (Some(tls.protection), tls.vouched);
        drop(transcript);
        self.options.reporter.enter(Stage::Login);
        Ok(Line { carrier: Box::new(encrypted), connector: self, in_login: true })
    }

    /// An error in place of the answer: of a server that is out of processes, of a pooler, or of one that is too old to know
    /// the question and may do without.
    fn refused_to_answer(&self) -> io::Error {
        let transcript = self.transcript();
        let must = self.options.tls == TlsMode::Required;
        let told = transcript.error_in_words().is_some() || (must && transcript.error_response().is_some());
        drop(transcript);
        if told { self.violated(ProtocolViolation::Error) } else { self.fault(Fault::NotOffered) }
    }

    fn handshake_failed(&self, error: io::Error, tls: &TlsOptions) -> io::Error {
        let transcript = self.transcript();
        if transcript.violation.is_some() {
            return error;
        }
        // After the `S` comes a TLS record, a handshake or an alert; a banner that begins with an S goes on otherwise.
        let first = transcript.first.get(1).copied();
        drop(transcript);
        match first {
            None | Some(HANDSHAKE) => self.fault(Fault::of(&error, tls.certificate.was_asked_for(), false)),
            Some(ALERT) => self.fault(Fault::of(&error, false, true)),
            Some(_) => self.violated(ProtocolViolation::Foreign),
        }
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

/// A stream that fails at the deadline and beyond the limit of bytes.
struct Bounded {
    inner: Socket,
    alarm: Pin<Box<Sleep>>,
    connector: Connector,
}

impl Bounded {
    /// Fails if the deadline has passed; else has the task woken at the deadline.
    fn bounded<T>(&mut self, waiting: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        let late = self.alarm.as_mut().poll(context).is_ready() || Instant::now() >= self.connector.options.deadline;
        if late { Poll::Ready(Err(self.connector.violated(ProtocolViolation::Deadline))) } else { waiting }
    }

    /// Reads what has arrived with the answer; true where that is more than the answer is to be: the greeting of another
    /// service, whose first byte happens to be one of PostgreSQL's.
    async fn goes_on(&mut self) -> bool {
        self.read_what_is_there().await;
        self.connector.transcript().goes_on()
    }

    /// Reads what has arrived, without waiting: enough to recognise a banner.
    async fn read_what_is_there(&mut self) {
        let mut bytes = [0; 512];
        poll_fn(|context| {
            let _ = Pin::new(&mut *self).poll_read(context, &mut ReadBuf::new(&mut bytes));
            Poll::Ready(())
        })
        .await;
    }
}

impl AsyncRead for Bounded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(context, buffer);
        if let Poll::Ready(Ok(())) = read {
            let bytes = buffer.filled().get(before..).unwrap_or_default();
            let mut transcript = self.connector.transcript();
            transcript.closed |= bytes.is_empty() && buffer.remaining() > 0;
            transcript.receive(bytes);
            // Encryption adds some bytes, but does not double them.
            let too_much = transcript.bytes > 2 * MOST_BYTES;
            drop(transcript);
            if too_much {
                return Poll::Ready(Err(self.connector.violated(ProtocolViolation::TooMuch)));
            }
        }
        self.bounded(read, context)
    }
}

impl AsyncWrite for Bounded {
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

/// The server's side of a line, encrypted or not.
trait Carrier: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Carrier for S {}

/// The stream that the crate uses; what the server says goes into the transcript.
pub struct Line {
    carrier: Box<dyn Carrier>,
    connector: Connector,
    /// The login stage was reported.
    in_login: bool,
}

impl Line {
    /// Why a server hung up that takes no more, where an alert tells: TLS 1.3 has it come after the handshake.
    fn last_word(&mut self, context: &mut Context<'_>, error: io::Error) -> io::Error {
        let mut bytes = [0; 512];
        match Pin::new(&mut self.carrier).poll_read(context, &mut ReadBuf::new(&mut bytes)) {
            Poll::Ready(Err(said)) if Fault::after_the_handshake(&said).is_some() => said,
            _ => error,
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.carrier).poll_read(context, buffer);
        if let Poll::Ready(Ok(())) = read {
            let bytes = buffer.filled().get(before..).unwrap_or_default();
            let mut transcript = self.connector.transcript();
            let taken = transcript.take(bytes);
            let recognised = transcript.recognised();
            drop(transcript);
            if let Err(violation) = taken {
                return Poll::Ready(Err(self.connector.violated(violation)));
            }
            if recognised && !self.in_login {
                self.in_login = true;
                self.connector.options.reporter.enter(Stage::Login);
            }
        }
        read
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.carrier).poll_write(context, bytes);
        written.map_err(|error| self.last_word(context, error))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.carrier).poll_flush(context);
        flushed.map_err(|error| self.last_word(context, error))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.carrier).poll_shutdown(context)
    }
}

impl TlsStream for Line {
    /// None: certificates are verified here, where that is asked for.
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}
