//! Encrypted connections, to a real PostgreSQL with certificates of every kind.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use balcao_config::catalog::Catalog;
use balcao_config::catalog::Probe;
use balcao_config::check::credentials::{Encryption, Roots, Secret};
use balcao_config::check::{self, Cancel, Credentials, Diagnosis, Options, Outcome, Point, Request};
use balcao_config::key::Key;
use balcao_config::lang::Lang;
use serde_json::json;

use crate::check::{detail, in_force};
use crate::postgres::{Cluster, Spec};

const ACCESS: &str = "\
local all all trust
hostssl all so_cifrado all trust
hostnossl all so_claro all trust
hostssl all com_senha all scram-sha-256
hostssl all em_claro all password
hostssl all com_certificado all trust clientcert=verify-ca
host all postgres all trust
";

const ROLES: &str = "\
CREATE ROLE so_cifrado LOGIN; CREATE ROLE so_claro LOGIN; CREATE ROLE com_senha LOGIN PASSWORD 'segredo-tls';
CREATE ROLE com_certificado LOGIN; CREATE ROLE sem_linha LOGIN PASSWORD 'segredo-tls'; CREATE ROLE sem_entrada LOGIN PASSWORD 'segredo-tls'; CREATE ROLE em_claro LOGIN PASSWORD 'segredo-tls'";

/// Certificates, made once: an issuer, and what it has signed.
pub struct Papers(tempfile::TempDir);

impl Papers {
    fn make() -> Papers {
        let papers = Papers(tempfile::tempdir().unwrap());
        let names = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1";
        papers.issuer("ca");
        papers.issuer("outra");
        papers.signed("bom", "/CN=localhost", "ca", "30", Some(names));
        papers.signed("vencido", "/CN=localhost", "ca", "-1", Some(names));
        papers.signed("outro_nome", "/CN=x", "ca", "30", Some("subjectAltName=DNS:outra.loja"));
        papers.signed("de_outra", "/CN=localhost", "outra", "30", Some(names));
        // As the manual of PostgreSQL has it made: with a common name alone, and of version 1.
        // A shop's own, which nobody has signed but itself.
        papers.issuer("proprio");
        papers.openssl(&[
            "x509",
            "-in",
            "proprio.crt",
            "-signkey",
            "proprio.key",
            "-days",
            "-1",
            "-out",
            "proprio_vencido.crt",
        ]);
        std::fs::copy(papers.path("proprio.key"), papers.path("proprio_vencido.key")).unwrap();
        papers.signed("antigo", "/CN=localhost", "ca", "30", None);
        papers
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn openssl(&self, arguments: &[&str]) {
        let output = Command::new("openssl").args(arguments).current_dir(self.0.path()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn issuer(&self, name: &str) {
        let (key, certificate) = (format!("{name}.key"), format!("{name}.crt"));
        let new =
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"];
        let names = ["-subj", &format!("/CN={name}"), "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
        self.openssl(&[&new[..], &names, &["-keyout", &key, "-out", &certificate]].concat());
    }

    fn signed(&self, name: &str, subject: &str, issuer: &str, days: &str, names: Option<&str>) {
        let [key, request, certificate] = ["key", "csr", "crt"].map(|kind| format!("{name}.{kind}"));
        let [issuer_key, issuer_certificate] = ["key", "crt"].map(|kind| format!("{issuer}.{kind}"));
        let new = ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
        self.openssl(&[&new[..], &["-subj", subject, "-keyout", &key, "-out", &request]].concat());
        let sign = ["x509", "-req", "-in", &request, "-CA", &issuer_certificate, "-CAkey", &issuer_key];
        let more = ["-CAcreateserial", "-days", days, "-out", &certificate];
        let extensions = self.path("extensions");
        std::fs::write(&extensions, names.unwrap_or_default()).unwrap();
        let kind = if names.is_some() { vec!["-extfile", "extensions"] } else { vec![] };
        self.openssl(&[&sign[..], &more, &kind].concat());
    }
}

pub fn papers() -> &'static Papers {
    static PAPERS: OnceLock<Papers> = OnceLock::new();
    PAPERS.get_or_init(Papers::make)
}

/// A server that encrypts with this certificate.
pub fn server(certificate: &str) -> Cluster {
    with_access(certificate, ACCESS, ROLES)
}

fn with_access(certificate: &str, access: &str, roles: &str) -> Cluster {
    let cluster = Cluster::start(&Spec { access, settings: "", roles });
    present(&cluster, certificate);
    cluster
}

fn present(cluster: &Cluster, certificate: &str) {
    for kind in ["key", "crt"] {
        cluster.put(&format!("server.{kind}"), std::fs::read(papers().path(&format!("{certificate}.{kind}"))).unwrap());
    }
    let mut client = cluster.client();
    // It asks for a certificate of ours whenever it has an issuer for one, and demands it where the access list does.
    cluster.put("ca.crt", std::fs::read(papers().path("ca.crt")).unwrap());
    client.batch_execute("ALTER SYSTEM SET ssl_ca_file = 'ca.crt'").unwrap();
    client.batch_execute("ALTER SYSTEM SET ssl = on").unwrap();
    cluster.reload();
}

/// The server with a good certificate.
pub fn good() -> &'static Cluster {
    static GOOD: OnceLock<Cluster> = OnceLock::new();
    GOOD.get_or_init(|| server("bom"))
}

/// A server that knows no TLS of this century.
pub fn old() -> Cluster {
    let settings = "ssl_min_protocol_version = 'TLSv1'\nssl_max_protocol_version = 'TLSv1.1'\n\
                    ssl_ciphers = 'ALL:@SECLEVEL=0'\n";
    let cluster = Cluster::start(&Spec { access: ACCESS, settings, roles: ROLES });
    present(&cluster, "bom");
    cluster
}

pub fn under(encryption: Encryption, roots: Option<&Path>) -> Credentials {
    let roots = roots.map_or(Roots::Unnamed, |path| Roots::File(path.into()));
    let mut credentials = Credentials::default();
    (credentials.encryption, credentials.roots) = (encryption, roots);
    credentials.database = Some("postgres".into());
    credentials
}

pub fn found(host: &str, port: u16, user: &str, mut credentials: Credentials) -> Outcome {
    credentials.user = Some(user.into());
    let host_key = Key::new("integracao", "ip_servidor_retaguarda").unwrap();
    let (probe, point) = (Probe::Postgres, Point::Port { host: host.into(), port, host_key });
    let key = Key::new("integracao", "porta_banco_dados").unwrap();
    let request = Request { target: "banco_dados".into(), key, probe, point };
    let options = Options { timeout: Duration::from_secs(30), credentials: credentials.into(), ..Options::default() };
    check::run(&[request], &in_force(&options), &Cancel::default(), &mut |_| {}).unwrap().outcomes.remove(0)
}

#[test]
fn every_sslmode_has_the_meaning_that_libpq_gives_it() {
    use Encryption::*;
    let ca = papers().path("ca.crt");
    // User, mode, root; diagnosis, protection, reason.
    let table = [
        ("so_cifrado", Disable, false, Diagnosis::TlsRequired, "none", None),
        ("so_cifrado", Allow, false, Diagnosis::Ok, "encrypted", None),
        ("so_cifrado", Prefer, false, Diagnosis::Ok, "encrypted", None),
        ("so_cifrado", Require, false, Diagnosis::Ok, "encrypted", None),
        ("so_cifrado", Require, true, Diagnosis::Ok, "issuer_verified", None),
        ("so_cifrado", VerifyCa, true, Diagnosis::Ok, "issuer_verified", None),
        ("so_cifrado", VerifyFull, true, Diagnosis::Ok, "server_verified", None),
        ("so_claro", Disable, false, Diagnosis::Ok, "none", None),
        ("so_claro", Allow, false, Diagnosis::Ok, "none", None),
        ("so_claro", Prefer, false, Diagnosis::Ok, "none", None),
        ("so_claro", Require, false, Diagnosis::HbaRejected, "encrypted", Some("plain_only")),
        ("ninguem", Prefer, false, Diagnosis::HbaRejected, "encrypted", None),
        ("postgres", Disable, false, Diagnosis::Ok, "none", None),
        ("com_certificado", Require, false, Diagnosis::CertificateRequired, "encrypted", None),
        ("com_certificado", Prefer, false, Diagnosis::CertificateRequired, "encrypted", None),
        ("com_certificado", Allow, false, Diagnosis::CertificateRequired, "encrypted", None),
        ("com_certificado", Disable, false, Diagnosis::CertificateRequired, "none", None),
    ];
    for (user, encryption, rooted, diagnosis, protection, reason) in table {
        let found = found("localhost", good().port, user, under(encryption, rooted.then_some(&ca)));
        let case = format!("{user} {encryption:?}: {:?}", detail(&found));
        assert_eq!(found.diagnosis, diagnosis, "{case}");
        assert_eq!(detail(&found)["protection"], protection, "{case}");
        assert_eq!(detail(&found).get("reason"), reason.map(|word| json!(word)).as_ref(), "{case}");
    }
}

#[test]
fn what_is_wrong_with_a_certificate_is_told_apart() {
    use Encryption::*;
    let cluster = server("bom");
    let (ca, other) = (papers().path("ca.crt"), papers().path("outra.crt"));
    // Certificate, host, mode, root; what is wrong with it.
    let table = [
        ("bom", "localhost", VerifyFull, Some(&ca), None),
        ("bom", "127.0.0.1", VerifyFull, Some(&ca), None),
        ("bom", "localhost", VerifyFull, Some(&other), Some("unknown_issuer")),
        ("bom", "localhost", VerifyFull, None, Some("unknown_issuer")),
        ("vencido", "localhost", VerifyFull, Some(&ca), Some("expired")),
        ("vencido", "localhost", VerifyCa, Some(&ca), Some("expired")),
        ("vencido", "localhost", Require, None, None),
        ("outro_nome", "localhost", VerifyFull, Some(&ca), Some("wrong_name")),
        ("outro_nome", "localhost", VerifyCa, Some(&ca), None),
        ("de_outra", "localhost", VerifyCa, Some(&ca), Some("unknown_issuer")),
        ("antigo", "localhost", Require, None, None),
        ("antigo", "localhost", VerifyFull, Some(&ca), None),
        ("antigo", "127.0.0.1", VerifyFull, Some(&ca), Some("wrong_name")),
        ("antigo", "localhost", VerifyCa, Some(&other), Some("unknown_issuer")),
        // Self-signed, and allowed to sign others: OpenSSL's default.
        ("ca", "localhost", VerifyFull, Some(&ca), None),
        ("ca", "localhost", VerifyFull, Some(&other), Some("unknown_issuer")),
        ("ca", "localhost", Require, None, None),
    ];
    let mut presented = "bom";
    for (certificate, host, encryption, root, reason) in table {
        if certificate != presented {
            present(&cluster, certificate);
            presented = certificate;
        }
        let found = found(host, cluster.port, "so_cifrado", under(encryption, root.map(PathBuf::as_path)));
        let case = format!("{certificate} {host} {encryption:?} {root:?}: {:?}", detail(&found));
        let diagnosis = if reason.is_some() { Diagnosis::TlsFailed } else { Diagnosis::Ok };
        assert_eq!(found.diagnosis, diagnosis, "{case}");
        assert_eq!(detail(&found).get("reason"), reason.map(|word| json!(word)).as_ref(), "{case}");
        if reason == Some("wrong_name") {
            assert_eq!(found.look_at().name(), "ip_servidor_retaguarda", "{case}");
        }
    }
}

#[test]
fn a_password_in_clear_is_sent_to_a_verified_server_alone() {
    let ca = papers().path("ca.crt");
    let login = |encryption, root: Option<&Path>| {
        let credentials = under(encryption, root).with_password(Secret::new("segredo-tls"));
        found("localhost", good().port, "em_claro", credentials)
    };
    let unverified = login(Encryption::Require, None);
    assert_eq!(unverified.diagnosis, Diagnosis::AuthUnsafe, "{:?}", detail(&unverified));
    assert_eq!(
        (&detail(&unverified)["method"], &detail(&unverified)["protection"]),
        (&json!("password"), &json!("encrypted"))
    );
    for encryption in [Encryption::VerifyFull, Encryption::VerifyCa] {
        let verified = login(encryption, Some(&ca));
        assert_eq!(verified.diagnosis, Diagnosis::Ok, "{:?}", detail(&verified));
    }
}

#[test]
fn a_password_that_was_refused_inside_tls_is_sent_once_and_never_in_clear_to_a_server_that_offers_tls() {
    let access = "local all all trust\nhost all por_ldap all ldap ldapserver=127.0.0.1 ldapport=1 ldapprefix=\"cn=\"\n\
                  hostssl all so_claro all reject\nhostnossl all so_claro all password\n";
    let server =
        with_access("bom", access, "CREATE ROLE por_ldap LOGIN; CREATE ROLE so_claro LOGIN PASSWORD 'segredo-tls'");
    let login = |encryption, user: &str| {
        let credentials = under(encryption, None).with_password(Secret::new("segredo-tls"));
        found("localhost", server.port, user, credentials.allowing(&["password".into()]).unwrap())
    };
    for (count, encryption, protection) in
        [(1, Encryption::Prefer, "encrypted"), (2, Encryption::Require, "encrypted"), (3, Encryption::Allow, "none")]
    {
        let refused = login(encryption, "por_ldap");
        let told = (refused.diagnosis, &detail(&refused)["reason"], &detail(&refused)["protection"]);
        assert_eq!(told, (Diagnosis::AuthFailed, &json!("checked_elsewhere"), &json!(protection)), "{encryption:?}");
        let log = server.log();
        assert_eq!(log.matches("LDAP authentication failed for user").count(), count, "{encryption:?}: {log}");
    }
    // Refused before any password was asked for: asked anew without TLS, and given none.
    let clear = login(Encryption::Prefer, "so_claro");
    assert_eq!(clear.diagnosis, Diagnosis::AuthUnsafe, "{:?}", detail(&clear));
    // Whoever says that there is to be no TLS has it so.
    assert_eq!(login(Encryption::Disable, "so_claro").diagnosis, Diagnosis::Ok);
}

#[test]
fn scram_is_used_whatever_protects_it() {
    for (encryption, password, diagnosis) in [
        (Encryption::Prefer, "segredo-tls", Diagnosis::Ok),
        (Encryption::Require, "segredo-tls", Diagnosis::Ok),
        (Encryption::Require, "outra", Diagnosis::AuthFailed),
        (Encryption::Require, "", Diagnosis::NoPassword),
    ] {
        let credentials = under(encryption, None).with_password(Secret::new(password));
        let found = found("localhost", good().port, "com_senha", credentials);
        assert_eq!(found.diagnosis, diagnosis, "{:?}", detail(&found));
        assert_eq!(detail(&found)["method"], "scram-sha-256");
    }
}

#[test]
fn a_root_that_cannot_be_read_is_told_and_a_server_without_tls_too() {
    let nowhere = papers().path("nenhum.crt");
    let unread = found("localhost", good().port, "so_cifrado", under(Encryption::VerifyFull, Some(&nowhere)));
    assert_eq!((unread.diagnosis, &detail(&unread)["reason"]), (Diagnosis::TlsFailed, &json!("roots")));
    assert!(unread.message(&Catalog::default(), Lang::Pt).as_str().contains("nenhum.crt"));
    let plain = crate::postgres::cluster();
    let found = found("127.0.0.1", plain.port, Cluster::TRUSTED, under(Encryption::Require, None));
    assert_eq!((found.diagnosis, &detail(&found)["reason"]), (Diagnosis::TlsFailed, &json!("not_offered")));
}

#[test]
fn the_stages_of_an_encrypted_login_are_told_in_order() {
    let found = found("localhost", good().port, "so_cifrado", under(Encryption::Require, None));
    let detail = detail(&found);
    let stages: Vec<_> = detail["stages"].as_array().unwrap().iter().map(|stage| &stage["stage"]).collect();
    assert_eq!(stages, ["resolve", "connect", "protocol", "tls", "login", "question"]);
    assert!(detail["stages"].as_array().unwrap().iter().all(|stage| stage["result"] == "ok"));
}
