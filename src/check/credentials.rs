//! The login for PostgreSQL and its protection, by libpq's conventions. Environment and files are handed in.
//!
//! A password is never an argument, never stored and never shown: it lives in a [`Secret`]. Which password belongs to a
//! server is known only when the server is, so the password file is kept and searched at that time.

mod passfile;
mod secret;

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::lang::Lang;
use crate::problem::{Kind, Problem};
use crate::safe::Safe;
use crate::say;
use passfile::Entry;
pub use secret::Secret;

/// The variable that holds a password: libpq's.
pub const PASSWORD_VARIABLE: &str = "PGPASSWORD";

/// Permission bits of group and others: none may be set on a password file.
const OTHERS: u32 = 0o077;

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
    /// What was found and is not used.
    pub warnings: Vec<Warning>,
    /// What of it is not to be understood: then nobody is logged in to, and the rest is tested.
    pub unusable: Option<CredentialsError>,
    /// `PGPASSWORD`; goes before the file.
    password: Option<Secret>,
    /// Where the password file is, and whether somebody named it.
    passfile: Option<(PathBuf, bool)>,
    /// It was read, and begins with a mark of the byte order, which libpq takes for a part of the first host's name.
    marked: bool,
    entries: Vec<Entry>,
}

/// Why there is no password for a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Absence {
    /// Neither `PGPASSWORD` nor a password file is there.
    NoFile,
    /// The file was not read: [`Warning`] says why.
    FileIgnored(PathBuf),
    /// No line of the file is for this login.
    NoLine(PathBuf),
    /// A line is for it but for the host's name, which is this one.
    OtherHost(PathBuf, String),
    /// The first line would be for it, but for the invisible mark before it.
    Marked(PathBuf),
    /// What is there is empty.
    Empty,
}

impl Absence {
    /// As `detail.reason`.
    pub const fn name(&self) -> &'static str {
        match self {
            Absence::NoFile => "no_password_file",
            Absence::FileIgnored(_) => "password_file_ignored",
            Absence::NoLine(_) => "no_line_for_login",
            Absence::OtherHost(..) => "line_for_other_host",
            Absence::Marked(_) => "password_file_with_bom",
            Absence::Empty => "empty_password",
        }
    }
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

/// A password file as it was read.
#[derive(Clone, Debug)]
pub struct PasswordFile {
    pub contents: Vec<u8>,
    /// Its permission bits, as in `0o600`.
    pub mode: u32,
    /// A regular file.
    pub plain: bool,
}

/// Reads a password file, unless libpq would not read it either.
pub fn read_file(path: &Path) -> io::Result<PasswordFile> {
    // Checked before opening: opening a pipe waits for a writer.
    let status = fs::metadata(path)?;
    let (mode, plain) = (status.permissions().mode(), status.is_file());
    let contents = if plain && mode & OTHERS == 0 { fs::read(path)? } else { vec![] };
    Ok(PasswordFile { contents, mode, plain })
}

/// Something about the password file that is ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// Group or others may read or write it.
    PassfileOpen(PathBuf, u32),
    /// It is not a regular file.
    PassfileSpecial(PathBuf),
    /// `PGPASSFILE` cannot be read.
    PassfileUnreadable(PathBuf, String),
}

impl Warning {
    /// What to say of it, with what to do.
    pub fn message(&self, lang: Lang) -> Safe {
        match self {
            Warning::PassfileOpen(path, mode) => {
                let (path, mode) = (Safe::path(path), Safe::outside(&format!("{:04o}", mode & 0o7777)));
                say!(
                    lang,
                    "O arquivo de senhas {} foi ignorado: o modo {} deixa outros lerem; use chmod 600.",
                    "The password file {} was ignored: mode {} lets others read it; use chmod 600.",
                    path,
                    mode
                )
            }
            Warning::PassfileSpecial(path) => say!(
                lang,
                "O arquivo de senhas {} foi ignorado: não é um arquivo comum.",
                "The password file {} was ignored: it is no regular file.",
                Safe::path(path)
            ),
            Warning::PassfileUnreadable(path, error) => say!(
                lang,
                "O arquivo de senhas {} não pode ser lido: {}.",
                "The password file {} cannot be read: {}.",
                Safe::path(path),
                Safe::outside(error)
            ),
        }
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

    /// Reads libpq's variables, not yet its password file. `variable` looks one up in the environment; an empty one counts
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
        let named = given("PGPASSFILE").map(|path| (path.into(), true));
        let usual = home.map(|home| (home.join(".pgpass"), false));
        Ok(Credentials {
            user: name_alone("PGUSER", text("PGUSER")?)?,
            database: name_alone("PGDATABASE", text("PGDATABASE")?)?,
            password: given(PASSWORD_VARIABLE).map(|password| Secret::new(password.into_vec())),
            passfile: named.or(usual),
            encryption,
            roots,
            required,
            ..Credentials::default()
        })
    }

    /// Adds the password file's entries.
    pub fn with_passfile(mut self, read_file: &dyn Fn(&Path) -> io::Result<PasswordFile>) -> Credentials {
        // libpq does not open the file either where it needs none.
        if let (None, Some((path, named))) = (&self.password, self.passfile.clone()) {
            self.read_passfile(&path, named, read_file);
        }
        self
    }

    fn read_passfile(&mut self, path: &Path, named: bool, read_file: &dyn Fn(&Path) -> io::Result<PasswordFile>) {
        match read_file(path) {
            Ok(found) if !found.plain => self.warnings.push(Warning::PassfileSpecial(path.into())),
            Ok(found) if found.mode & OTHERS != 0 => {
                self.warnings.push(Warning::PassfileOpen(path.into(), found.mode));
            }
            Ok(found) => {
                self.marked = found.contents.starts_with(passfile::MARK);
                self.entries = passfile::read(&found.contents);
            }
            // The usual place is empty with most people.
            Err(error) if error.kind() == io::ErrorKind::NotFound && !named => {}
            Err(error) => self.warnings.push(Warning::PassfileUnreadable(path.into(), error.to_string())),
        }
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

    /// The password for this login; `host` as written in the document, as libpq compares it.
    pub(super) fn password(&self, host: &str, port: u16, database: &str, user: &str) -> Option<Secret> {
        let wanted = [host, &port.to_string(), database, user];
        let found = || self.entries.iter().find(|entry| entry.is_for(wanted)).map(Entry::password);
        // As libpq: an empty password counts as none.
        self.password.clone().or_else(found).filter(|password| !password.is_empty())
    }

    /// Why [`Credentials::password`] finds none for this login.
    pub(super) fn absence(&self, host: &str, port: u16, database: &str, user: &str) -> Absence {
        let port = port.to_string();
        let wanted = [host, &port, database, user];
        let Some((path, _)) = &self.passfile else { return Absence::NoFile };
        if self.password.is_some() || self.entries.iter().any(|entry| entry.is_for(wanted)) {
            return Absence::Empty;
        }
        if !self.warnings.is_empty() {
            return Absence::FileIgnored(path.clone());
        }
        if self.marked && self.entries.first().is_some_and(|entry| entry.is_for_unmarked(wanted)) {
            return Absence::Marked(path.clone());
        }
        match self.entries.iter().find_map(|entry| entry.other_host(wanted)) {
            Some(other) => Absence::OtherHost(path.clone(), other),
            None if self.entries.is_empty() => Absence::NoFile,
            None => Absence::NoLine(path.clone()),
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
