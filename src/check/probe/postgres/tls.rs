//! The encrypted connection, with the meanings that libpq gives to `sslmode`.
//!
//! The library is rustls with a verifier of our own, since libpq accepts more than rustls does: any certificate for
//! `require`, any name for `verify-ca`, a self-signed certificate that is given as a root, and the common name where there
//! is no other name.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio_rustls::rustls::client::ResolvesClientCert;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use tokio_rustls::rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error, NamedGroup, PeerIncompatible,
    RootCertStore, SignatureScheme,
};

use super::certificate::Certificate;
use crate::check::credentials::{Encryption, Protection, Roots};
use crate::file::{self, Instead, Refused};
use crate::sort;

/// Where Debian, Ubuntu, Alpine and Arch keep the issuers that the system trusts.
const SYSTEM_ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";

/// In bytes: four times what a system's collection takes.
const LARGEST_ROOTS: u64 = 1024 * 1024;

/// Why there is no encrypted connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The server does not support it.
    NotOffered,
    /// The certificate has expired.
    Expired,
    /// The certificate is not valid yet: probably this machine's clock is wrong.
    NotYetValid,
    /// The certificate names another host.
    WrongName,
    /// The certificate's issuer is not trusted.
    UnknownIssuer,
    /// The two sides have no version of TLS, or no cipher, in common.
    NothingInCommon,
    /// The server demands a certificate of this terminal.
    CertificateWanted,
    /// The certificates to be trusted could not be read from this file.
    Roots(PathBuf, Unread),
    /// No common version or cipher, or a broken certificate.
    Handshake(String),
}

/// Why no certificate was read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// Its disk did not answer.
    Silent,
    /// Something else stands in its place.
    NotRegular(Instead),
    /// Larger than any collection of a system.
    TooLarge,
    /// There is none in it.
    Empty,
    /// In the system's words.
    System(String),
}

impl Fault {
    /// The stable name in `detail.reason`.
    pub const fn name(&self) -> &'static str {
        match self {
            Fault::NotOffered => "not_offered",
            Fault::Expired => "expired",
            Fault::NotYetValid => "not_yet_valid",
            Fault::WrongName => "wrong_name",
            Fault::UnknownIssuer => "unknown_issuer",
            Fault::NothingInCommon => "nothing_in_common",
            Fault::CertificateWanted => "certificate_wanted",
            Fault::Roots(..) => "roots",
            Fault::Handshake(_) => "handshake",
        }
    }

    /// What failed in a handshake. `asked`: for a certificate of ours. `at_once`: the server's first word was an alert.
    pub fn of(error: &io::Error, asked: bool, at_once: bool) -> Fault {
        use AlertDescription::{BadCertificate, HandshakeFailure, InsufficientSecurity, ProtocolVersion};
        use PeerIncompatible::{
            NoCipherSuitesInCommon, NoKxGroupsInCommon, ServerDoesNotSupportTls12Or13,
            ServerTlsVersionIsDisabledByOurConfig,
        };
        let other = || Fault::Handshake(error.to_string());
        let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else { return other() };
        match inner {
            Error::InvalidCertificate(found) => match found {
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => Fault::Expired,
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Fault::NotYetValid,
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Fault::WrongName,
                CertificateError::UnknownIssuer => Fault::UnknownIssuer,
                _ => other(),
            },
            Error::AlertReceived(AlertDescription::CertificateRequired) => Fault::CertificateWanted,
            // TLS 1.2 has no alert of its own for it.
            Error::AlertReceived(HandshakeFailure | BadCertificate) if asked => Fault::CertificateWanted,
            Error::AlertReceived(ProtocolVersion | InsufficientSecurity) => Fault::NothingInCommon,
            Error::AlertReceived(HandshakeFailure) if at_once => Fault::NothingInCommon,
            Error::PeerIncompatible(
                NoCipherSuitesInCommon
                | NoKxGroupsInCommon
                | ServerDoesNotSupportTls12Or13
                | ServerTlsVersionIsDisabledByOurConfig,
            ) => Fault::NothingInCommon,
            _ => other(),
        }
    }

    /// What failed after the handshake: TLS 1.3 tells a client only then that its certificate is missing.
    pub fn after_the_handshake(error: &io::Error) -> Option<Fault> {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
        matches!(inner, Some(Error::AlertReceived(_))).then(|| Fault::of(error, true, false))
    }
}

/// The configuration of a handshake, and the protection it gives.
pub struct TlsOptions {
    pub config: Arc<ClientConfig>,
    /// In force after the handshake.
    pub protection: Protection,
    /// The server may be given a password in clear: its name is verified, or its issuer is one that this shop has named
    /// itself. (A public issuer signs certificates for anybody.)
    pub vouched: bool,
    pub certificate: Arc<NoCertificate>,
}

/// The certificate of this terminal: it has none, and only notes that it was asked for one.
#[derive(Debug, Default)]
pub struct NoCertificate(AtomicBool);

impl NoCertificate {
    pub fn was_asked_for(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl ResolvesClientCert for NoCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.store(true, Ordering::Relaxed);
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

/// Reads the files of trusted certificates as needed; their disk is waited for within the limit.
pub fn options(encryption: Encryption, roots: &Roots, limit: Duration) -> Result<TlsOptions, Fault> {
    let verified = matches!(encryption, Encryption::VerifyCa | Encryption::VerifyFull);
    // As libpq: a root that is given is used with any `sslmode`, and the system's roots imply verify-full.
    let own = match roots {
        Roots::File(path) => read_roots(path, verified, limit)?,
        Roots::Usual(path) => read_roots(path, false, limit)?,
        Roots::System | Roots::Unnamed => None,
    };
    let (trusted, own) = match (own, roots) {
        (Some(own), _) => (Some(own), true),
        (None, Roots::System) => (read_roots(Path::new(SYSTEM_ROOTS), true, limit)?, false),
        (None, _) if verified => (read_roots(Path::new(SYSTEM_ROOTS), true, limit)?, false),
        (None, _) => (None, false),
    };
    let by_name = encryption == Encryption::VerifyFull || *roots == Roots::System;
    let mut provider = ring::default_provider();
    // The first is the one that a key is sent for unasked. PostgreSQL up to 17 wants this one and no other, and one that it
    // has to ask for costs a round trip more.
    sort::sort_by_key(&mut provider.kx_groups, |group| group.name() != NamedGroup::secp256r1);
    let verifier = Verifier { trusted, by_name, algorithms: provider.signature_verification_algorithms };
    let protection = match (&verifier.trusted, by_name) {
        (None, _) => Protection::Encrypted,
        (Some(_), false) => Protection::Issuer,
        (Some(_), true) => Protection::Server,
    };
    let certificate = Arc::new(NoCertificate::default());
    let config = configure(provider, verifier, Arc::clone(&certificate));
    let config = Arc::new(config.map_err(|error| Fault::Handshake(error.to_string()))?);
    Ok(TlsOptions { config, protection, vouched: by_name || own, certificate })
}

fn configure(
    provider: CryptoProvider,
    verifier: Verifier,
    certificate: Arc<NoCertificate>,
) -> Result<ClientConfig, Error> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_client_cert_resolver(certificate);
    // One connection: nothing will be taken up again.
    config.resumption = tokio_rustls::rustls::client::Resumption::disabled();
    Ok(config)
}

/// The certificates of a file, in DER and as trust anchors.
#[derive(Debug)]
struct Trusted {
    certificates: Vec<CertificateDer<'static>>,
    anchors: RootCertStore,
}

/// What a file of certificates holds. `None` where there is none and none is needed.
fn read_roots(path: &Path, is_needed: bool, limit: Duration) -> Result<Option<Trusted>, Fault> {
    let asked = path.to_owned();
    let read = file::within(limit, move || match is_needed || asked.exists() {
        true => Ok(Some(file::read_at(&asked, LARGEST_ROOTS))),
        false => Ok(None),
    });
    let unread = |why| Err(Fault::Roots(path.to_owned(), why));
    let pem = match read {
        Ok(None) => return Ok(None),
        Ok(Some(Ok(whole))) => whole.bytes,
        Ok(Some(Err(Refused::NotRegular(instead)))) => return unread(Unread::NotRegular(instead)),
        Ok(Some(Err(Refused::TooLarge))) => return unread(Unread::TooLarge),
        Err(error) if error.kind() == io::ErrorKind::TimedOut => return unread(Unread::Silent),
        Ok(Some(Err(Refused::Io(error)))) | Err(error) => return unread(Unread::System(error.to_string())),
    };
    let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&pem).flatten().collect();
    let mut anchors = RootCertStore::empty();
    // Unreadable ones are skipped: a system's collection always has some.
    anchors.add_parsable_certificates(certificates.iter().cloned());
    if anchors.is_empty() {
        return unread(Unread::Empty);
    }
    Ok(Some(Trusted { certificates, anchors }))
}

#[derive(Debug)]
struct Verifier {
    /// `None`: any certificate is accepted.
    trusted: Option<Trusted>,
    by_name: bool,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(trusted) = &self.trusted {
            self.verify_issuer(trusted, certificate, others, now)?;
            if self.by_name {
                verify_name(certificate, host)?;
            }
        }
        Ok(ServerCertVerified::assertion())
    }

    // The signature of the handshake (the server has the certificate's key) is always verified.

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

impl Verifier {
    fn verify_issuer(
        &self,
        trusted: &Trusted,
        certificate: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        // A server's certificate that is itself given as a root is trusted.
        if trusted.certificates.iter().any(|root| root == certificate) {
            return in_time(&read(certificate)?, now);
        }
        let verified = ParsedCertificate::try_from(certificate).and_then(|parsed| {
            let (anchors, algorithms) = (&trusted.anchors, self.algorithms.all);
            verify_server_cert_signed_by_trust_anchor(&parsed, anchors, others, now, algorithms)
        });
        match verified {
            // Kinds that webpki refuses and OpenSSL accepts: version 1, and those that may sign others.
            Err(Error::InvalidCertificate(CertificateError::Other(_) | CertificateError::BadEncoding)) => {
                self.verify_old(trusted, &read(certificate)?, now)
            }
            verified => verified,
        }
    }

    /// Accepts a certificate that one of the roots has signed directly.
    fn verify_old(&self, trusted: &Trusted, certificate: &Certificate<'_>, now: UnixTime) -> Result<(), Error> {
        let roots = trusted.certificates.iter().filter_map(|root| Certificate::read(root));
        let signed = |root: &Certificate<'_>| {
            root.subject == certificate.issuer
                && self.algorithms.all.iter().any(|algorithm| {
                    *algorithm.signature_alg_id() == *certificate.algorithm
                        && *algorithm.public_key_alg_id() == *root.key_algorithm
                        && algorithm.verify_signature(root.key, certificate.signed, certificate.signature).is_ok()
                })
        };
        match roots.into_iter().find(signed) {
            Some(_) => in_time(certificate, now),
            None => Err(CertificateError::UnknownIssuer.into()),
        }
    }

    fn verify_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let certificate = read(certificate)?;
        let fitting = self.algorithms.mapping.iter().filter(|(scheme, _)| *scheme == signed.scheme);
        let mut algorithms = fitting
            .flat_map(|(_, algorithms)| algorithms.iter())
            .filter(|algorithm| *algorithm.public_key_alg_id() == *certificate.key_algorithm);
        let holds = algorithms
            .any(|algorithm| algorithm.verify_signature(certificate.key, message, signed.signature()).is_ok());
        if holds { Ok(HandshakeSignatureValid::assertion()) } else { Err(CertificateError::BadSignature.into()) }
    }
}

fn read<'a>(certificate: &'a CertificateDer<'_>) -> Result<Certificate<'a>, Error> {
    Certificate::read(certificate).ok_or_else(|| CertificateError::BadEncoding.into())
}

fn in_time(certificate: &Certificate<'_>, now: UnixTime) -> Result<(), Error> {
    if now.as_secs() < certificate.not_before {
        return Err(CertificateError::NotValidYet.into());
    }
    if now.as_secs() > certificate.not_after {
        return Err(CertificateError::Expired.into());
    }
    Ok(())
}

/// By the alternative names; by the common name where there are none, as libpq does.
fn verify_name(certificate: &CertificateDer<'_>, host: &ServerName<'_>) -> Result<(), Error> {
    let fields = read(certificate)?;
    if !fields.has_alternative_names {
        let named = fields.is_named(&host.to_str());
        return if named { Ok(()) } else { Err(CertificateError::NotValidForName.into()) };
    }
    verify_server_name(&ParsedCertificate::try_from(certificate)?, host)
}
