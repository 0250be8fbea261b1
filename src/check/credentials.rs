//! The login for PostgreSQL and its protection, by libpq's conventions. The environment is handed in.
//!
//! A password is never an argument, never stored and never shown: it lives in a [`Secret`]. Which password belongs to a
//! server is known only when the server is, so the password file is read and searched at that time, and where no login
//! needs it, it is not touched.

mod passfile;
mod secret;

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::time::Duration;

use crate::lang::Lang;
use crate::problem::{Kind, Problem};
use crate::safe::Safe;
use crate::say;
use passfile::Passfile;
pub use passfile::{Absence, Warning};
pub use secret::Secret;

/// Variables that change how libpq logs in, and are not read here.
const NOT_READ: [&str; 5] = ["PGSERVICE", "PGSERVICEFILE", "PGCHANNELBINDING", "PGSSLCERT", "PGGSSENCMODE"];

/// The variable that holds a password: libpq's.
pub const PASSWORD_VARIABLE: &str = "PGPASSWORD";

/// `Credentials::default()`: no user given, encrypted where the server can.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    pub user: Option<String>,
    pub database: Option<String>,
    pub encryption: Encryption,
    /// The trusted issuers of a server's certificate: `PGSSLROOTCERT`, else `~/.postgresql/root.crt`.
    pub roots: Roots,
    pub required: Required,
    /// `--allow-auth`: used even where nothing protects the password.
    pub allowed: Vec<Method>,
    /// What of it is not to be understood: then nobody is logged in to, and the rest is tested.
    pub unusable: Option<CredentialsError>,
    /// Those of [`NOT_READ`] that are set.
    not_read: Vec<&'static str>,
    /// `PGPASSWORD`; goes before the file.
    password: Option<Secret>,
    passfile: Option<Passfile>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    Disable,
    /// Only if the server refuses a plain connection.
    Allow,
    /// If the server can, else plain.
    #[default]
    Prefer,
    /// Always, with any certificate.
    Require,
    /// Always, with a certificate of a trusted issuer.
    VerifyCa,
    /// As `VerifyCa`, and the certificate names the host.
    VerifyFull,
}

impl Encryption {
    /// Reads libpq's word for it.
    pub fn from_name(name: &str) -> Option<Encryption> {
        Some(match name {
            "disable" => Encryption::Disable,
            "allow" => Encryption::Allow,
            "prefer" => Encryption::Prefer,
            "require" => Encryption::Require,
            "verify-ca" => Encryption::VerifyCa,
            "verify-full" => Encryption::VerifyFull,
            _ => return None,
        })
    }
}

/// The trusted issuers of certificates. Files are read only when a certificate has to be verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Roots {
    /// None given: the system's issuers where verification is asked for.
    #[default]
    Unnamed,
    /// The issuers that the system trusts (`PGSSLROOTCERT=system`).
    System,
    /// The certificates in this file.
    File(PathBuf),
    /// As `File` where it exists, else as `Unnamed`: libpq's usual place.
    Usual(PathBuf),
}

/// How a server authenticates a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    Nothing,
    /// The password in clear.
    Password,
    /// MD5: a listener can reverse or replay it.
    Md5,
    /// Kerberos.
    Gss,
    /// Kerberos on Windows.
    Sspi,
    /// SCRAM: the password is never sent, and the server proves that it knows it too.
    Scram,
}

impl Method {
    const ALL: [Method; 6] = [Method::Nothing, Method::Password, Method::Md5, Method::Gss, Method::Sspi, Method::Scram];

    pub const fn name(self) -> &'static str {
        match self {
            Method::Nothing => "none",
            Method::Password => "password",
            Method::Md5 => "md5",
            Method::Gss => "gss",
            Method::Sspi => "sspi",
            Method::Scram => "scram-sha-256",
        }
    }

    /// Reads libpq's word for it.
    pub fn from_name(name: &str) -> Option<Method> {
        Method::ALL.into_iter().find(|method| method.name() == name)
    }

    /// True if a listener or an impostor could learn the password, or enough to log in.
    pub const fn gives_the_password_away(self) -> bool {
        matches!(self, Method::Password | Method::Md5)
    }
}

/// The methods that `PGREQUIREAUTH` accepts; `Required::default()`: any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Required {
    methods: Vec<Method>,
    /// The list names what is refused.
    except: bool,
}

impl Required {
    /// Reads `PGREQUIREAUTH`: names separated by commas, all or none of them with `!` before it.
    pub fn read(text: &str) -> Option<Required> {
        let words: Vec<&str> = text.split(',').map(str::trim).collect();
        let except = words.first()?.starts_with('!');
        let method = |word: &&str| match (word.strip_prefix('!'), except) {
            (Some(name), true) => Method::from_name(name),
            (None, false) => Method::from_name(word),
            _ => None,
        };
        Some(Required { methods: words.iter().map(method).collect::<Option<_>>()?, except })
    }

    /// True if this method is accepted.
    pub fn admits(&self, method: Method) -> bool {
        self.methods.is_empty() || self.methods.contains(&method) != self.except
    }
}

/// A variable or option with a value that is not known. It is refused: a guess could send a password unprotected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialsError {
    Encryption(String),
    Required(String),
    Allowed(String),
    /// The variable of this name is not UTF-8.
    NotText(&'static str),
    /// What this option or variable says is an address with a login in it. It is not told: a password may be there.
    Address(&'static str),
}

impl CredentialsError {
    /// The error to show.
    pub fn problem(&self, lang: Lang) -> Problem {
        let (name, value, expected) = match self {
            CredentialsError::Encryption(value) => {
                ("PGSSLMODE", value, "disable, allow, prefer, require, verify-ca, verify-full")
            }
            CredentialsError::Required(value) => {
                ("PGREQUIREAUTH", value, "password, md5, gss, sspi, scram-sha-256, none")
            }
            CredentialsError::Allowed(value) => ("--allow-auth", value, "md5, password"),
            CredentialsError::NotText(name) => {
                let message =
                    say!(lang, "{} contém bytes que não são UTF-8", "{} contains bytes that are not UTF-8", *name);
                return Problem::new(Kind::Usage, "bad_credentials", message);
            }
            CredentialsError::Address(name) => {
                let message = say!(
                    lang,
                    "{} deve ser só um nome, não um endereço de conexão",
                    "{} must be a name alone, not a connection string",
                    *name
                );
                let hint = say!(
                    lang,
                    "Informe usuário em --db-user, banco em --db-name e senha em PGPASSWORD ou ~/.pgpass.",
                    "Give the user with --db-user, the database with --db-name, the password in PGPASSWORD or ~/.pgpass."
                );
                return Problem::new(Kind::Usage, "bad_credentials", message).hint(hint);
            }
        };
        let message = say!(
            lang,
            "{} é “{}”; deve ser um destes: {}",
            "{} is “{}”; it must be one of: {}",
            name,
            Safe::outside(value),
            expected
        );
        Problem::new(Kind::Usage, "bad_credentials", message)
    }
}

impl Credentials {
    /// For a front end that goes on without a login.
    pub fn unusable(error: CredentialsError) -> Credentials {
        Credentials { unusable: Some(error), ..Credentials::default() }
    }

    /// Reads libpq's variables. `variable` looks one up in the environment; an empty one counts
    /// as one that is not set. A password is bytes; what is to be a name or a word has to be text.
    pub fn from_environment(variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Credentials, CredentialsError> {
        let given = |name: &str| variable(name).filter(|value| !value.is_empty());
        let text = |name: &'static str| {
            let found = given(name).map(|value| value.into_string().map_err(|_| CredentialsError::NotText(name)));
            found.transpose()
        };
        let home = given("HOME").map(PathBuf::from);
        let encryption = match text("PGSSLMODE")? {
            Some(word) => Encryption::from_name(&word).ok_or(CredentialsError::Encryption(word))?,
            None => Encryption::default(),
        };
        let required = match text("PGREQUIREAUTH")? {
            Some(words) => Required::read(&words).ok_or(CredentialsError::Required(words))?,
            None => Required::default(),
        };
        let roots = match (given("PGSSLROOTCERT"), &home) {
            (Some(word), _) if word == "system" => Roots::System,
            (Some(path), _) => Roots::File(path.into()),
            (None, Some(home)) => Roots::Usual(home.join(".postgresql/root.crt")),
            (None, None) => Roots::Unnamed,
        };
        let not_read = NOT_READ.into_iter().filter(|name| given(name).is_some()).collect();
        let named = given("PGPASSFILE").map(|path| Passfile::new(path.into(), true));
        let usual = home.map(|home| Passfile::new(home.join(".pgpass"), false));
        Ok(Credentials {
            user: name_alone("PGUSER", text("PGUSER")?)?,
            database: name_alone("PGDATABASE", text("PGDATABASE")?)?,
            password: given(PASSWORD_VARIABLE).map(|password| Secret::new(password.into_vec())),
            passfile: named.or(usual),
            encryption,
            roots,
            required,
            not_read,
            ..Credentials::default()
        })
    }

    /// With the login that the command line names, which goes before the environment: `--db-user`, `--db-name`.
    pub fn with_login(
        mut self,
        user: Option<String>,
        database: Option<String>,
    ) -> Result<Credentials, CredentialsError> {
        self.user = name_alone("--db-user", user)?.or(self.user);
        self.database = name_alone("--db-name", database)?.or(self.database);
        Ok(self)
    }

    /// With each `--allow-auth`: `md5` or `password`.
    pub fn allowing(mut self, words: &[String]) -> Result<Credentials, CredentialsError> {
        for word in words {
            let method = Method::from_name(word).filter(|method| method.gives_the_password_away());
            self.allowed.push(method.ok_or_else(|| CredentialsError::Allowed(word.clone()))?);
        }
        Ok(self)
    }

    /// With this password, which overrides the environment's.
    pub fn with_password(mut self, password: Secret) -> Credentials {
        self.password = Some(password);
        self
    }

    /// The same, with a password file that is to be read anew.
    pub fn anew(&self) -> Credentials {
        Credentials { passfile: self.passfile.as_ref().map(Passfile::anew), ..self.clone() }
    }

    /// What was found and is not used, as far as a login needed it.
    pub fn warnings(&self) -> Vec<Warning> {
        let of_file = self.passfile.as_ref().and_then(Passfile::warning).into_iter().cloned();
        of_file.chain(self.not_read.iter().copied().map(Warning::NotRead)).collect()
    }

    /// Reads the password file, where a login needs it; its disk is waited for within the limit.
    pub(super) fn prepare(&self, limit: Duration) {
        // libpq does not open the file either where it has a password.
        let file = self.passfile.as_ref().filter(|_| self.user.is_some() && self.password.is_none());
        file.into_iter().for_each(|file| file.prepare(limit));
    }

    /// The password for this login; `host` as written in the document, as libpq compares it.
    pub(super) fn password(&self, host: &str, port: u16, database: &str, user: &str) -> Option<Secret> {
        let wanted = [host, &port.to_string(), database, user];
        let found = || self.passfile.as_ref()?.password(wanted);
        // As libpq: an empty password counts as none.
        self.password.clone().or_else(found).filter(|password| !password.is_empty())
    }

    /// Why [`Credentials::password`] has found none for this login.
    pub(super) fn absence(&self, host: &str, port: u16, database: &str, user: &str) -> Absence {
        match &self.passfile {
            None => Absence::NoFile,
            Some(_) if self.password.is_some() => Absence::Empty,
            Some(file) => file.absence([host, &port.to_string(), database, user]),
        }
    }
}

/// A user's or a database's name. libpq takes an address in its place (`postgresql://user:password@host/name`,
/// `host=… password=…`); a name looks like neither, and what looks like one is not to be told or sent anywhere.
fn name_alone(place: &'static str, name: Option<String>) -> Result<Option<String>, CredentialsError> {
    match name {
        Some(name) if name.contains("://") || name.contains('=') => Err(CredentialsError::Address(place)),
        name => Ok(name),
    }
}

/// What protected the login on the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Nothing: anybody on the way can read and change it.
    None,
    /// Encrypted, but the server may be an impostor.
    Encrypted,
    /// Encrypted, and the certificate's issuer is trusted; its name is not verified.
    Issuer,
    /// Encrypted, and issuer and host name are verified.
    Server,
}

impl Protection {
    /// The stable name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Protection::None => "none",
            Protection::Encrypted => "encrypted",
            Protection::Issuer => "issuer_verified",
            Protection::Server => "server_verified",
        }
    }

    /// As shown after a login.
    pub fn title(self, lang: Lang) -> Safe {
        match self {
            Protection::None => say!(lang, "sem criptografia", "not encrypted"),
            Protection::Encrypted => say!(lang, "TLS, servidor não verificado", "TLS, server not verified"),
            Protection::Issuer => say!(lang, "TLS, emissor verificado", "TLS, issuer verified"),
            Protection::Server => say!(lang, "TLS, servidor verificado", "TLS, server verified"),
        }
    }
}
