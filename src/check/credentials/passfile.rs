//! libpq's password file: `host:port:database:user:password`, one login a line, the first that fits is taken.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::secret::Secret;
use crate::errno;
use crate::file::{self, Refused};
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;

/// What some editors put before the first line. libpq takes it for a part of the first host's name.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Permission bits of group and others: none may be set on a password file.
const OTHERS: u32 = 0o077;

/// In bytes: ten thousand logins.
const LARGEST: u64 = 1024 * 1024;

/// Where the file is, and what is in it once a login has needed it. Clones share what was read.
#[derive(Clone, Debug)]
pub struct Passfile {
    path: PathBuf,
    /// Somebody named it: then it must be there.
    is_named: bool,
    contents: Arc<OnceLock<Contents>>,
}

#[derive(Debug, Default)]
struct Contents {
    entries: Vec<Entry>,
    /// It begins with a [`MARK`].
    is_marked: bool,
    /// Why nothing of it is used.
    warning: Option<Warning>,
}

/// Why there is no password for a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Absence {
    /// Neither `PGPASSWORD` nor a password file is there.
    NoFile,
    /// The file is not used: [`Warning`] says why.
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
    /// It names the file in which a line is looked for: another place would not do.
    pub fn names_a_file(&self) -> bool {
        !matches!(self, Absence::NoFile | Absence::Empty)
    }

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

/// Something that is not used: about the password file, or of the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// Group or others may read or write it.
    PassfileOpen(PathBuf, u32),
    /// It is not a regular file.
    PassfileSpecial(PathBuf),
    /// It is larger than any that a person has written.
    PassfileTooLarge(PathBuf),
    /// Its disk did not answer.
    PassfileSilent(PathBuf),
    /// It is there, or was named, and cannot be read.
    PassfileUnreadable(PathBuf, String),
    /// A variable of libpq's that says how to log in, and that this program does not read.
    NotRead(&'static str),
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
                "The password file {} was ignored: it is not a regular file.",
                Safe::path(path)
            ),
            Warning::PassfileTooLarge(path) => say!(
                lang,
                "O arquivo de senhas {} foi ignorado: tem mais de {} bytes.",
                "The password file {} was ignored: it has more than {} bytes.",
                Safe::path(path),
                LARGEST
            ),
            Warning::PassfileSilent(path) => say!(
                lang,
                "O arquivo de senhas {} não respondeu e foi ignorado: confira o disco em que ele está.",
                "The password file {} did not answer and was ignored: check the disk that it is on.",
                Safe::path(path)
            ),
            Warning::NotRead(name) => say!(
                lang,
                "{} não é usada por este programa: o que ela define não é testado.",
                "{} is not used by this program: what it sets is not tested.",
                *name
            ),
            Warning::PassfileUnreadable(path, error) => say!(
                lang,
                "Não foi possível ler o arquivo de senhas {}: {}.",
                "The password file {} cannot be read: {}.",
                Safe::path(path),
                errno::of_text(error, lang).unwrap_or_else(|| Safe::outside(error))
            ),
        }
    }
}

impl Passfile {
    pub fn new(path: PathBuf, is_named: bool) -> Passfile {
        Passfile { path, is_named, contents: Arc::default() }
    }

    /// The same file, not yet read.
    pub fn anew(&self) -> Passfile {
        Passfile::new(self.path.clone(), self.is_named)
    }

    /// Why it is not used, as far as it was read.
    pub fn warning(&self) -> Option<&Warning> {
        self.contents.get()?.warning.as_ref()
    }

    pub fn prepare(&self, limit: Duration) {
        self.contents.get_or_init(|| self.read(limit));
    }

    /// The password for this host, port, database and user, in a file that was read.
    pub fn password(&self, wanted: [&str; 4]) -> Option<Secret> {
        let entry = self.contents.get()?.entries.iter().find(|entry| entry.is_for(wanted))?;
        Some(entry.password.clone())
    }

    /// Why [`Passfile::password`] has found none, or an empty one.
    pub fn absence(&self, wanted: [&str; 4]) -> Absence {
        let Some(Contents { entries, is_marked, warning }) = self.contents.get() else { return Absence::NoFile };
        let path = || self.path.clone();
        if warning.is_some() {
            return Absence::FileIgnored(path());
        }
        if entries.iter().any(|entry| entry.is_for(wanted)) {
            return Absence::Empty;
        }
        if *is_marked && entries.first().is_some_and(|entry| entry.is_for_unmarked(wanted)) {
            return Absence::Marked(path());
        }
        match entries.iter().find_map(|entry| entry.other_host(wanted)) {
            Some(other) => Absence::OtherHost(path(), other),
            None if entries.is_empty() && !self.is_named => Absence::NoFile,
            None => Absence::NoLine(path()),
        }
    }

    fn read(&self, limit: Duration) -> Contents {
        let path = self.path.clone();
        let read = file::within(limit, move || Ok(contents(&path)));
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::TimedOut => Some(Warning::PassfileSilent(self.path.clone())),
            // The usual place is empty with most people.
            io::ErrorKind::NotFound if !self.is_named => None,
            _ => Some(Warning::PassfileUnreadable(self.path.clone(), error.to_string())),
        };
        let warning = match read {
            Ok(Ok(Ok(bytes))) => {
                let (entries, is_marked) = (entries(&bytes), bytes.starts_with(MARK));
                return Contents { entries, is_marked, warning: None };
            }
            Ok(Ok(Err(mode))) => Some(Warning::PassfileOpen(self.path.clone(), mode)),
            Ok(Err(Refused::NotRegular(_))) => Some(Warning::PassfileSpecial(self.path.clone())),
            Ok(Err(Refused::TooLarge)) => Some(Warning::PassfileTooLarge(self.path.clone())),
            Ok(Err(Refused::Io(error))) | Err(error) => failed(error),
        };
        Contents { warning, ..Contents::default() }
    }
}

/// The bytes of a file that is closed to others; the mode of one that is not.
fn contents(path: &Path) -> Result<Result<Vec<u8>, u32>, Refused> {
    let whole = file::read_at(path, LARGEST)?;
    let mode = whole.file.metadata().map_err(Refused::Io)?.permissions().mode();
    Ok(if mode & OTHERS == 0 { Ok(whole.bytes) } else { Err(mode) })
}

/// One line of the file.
#[derive(Debug)]
struct Entry {
    /// Host, port, database, user; `None` is `*`, which fits all.
    fields: [Option<Vec<u8>>; 4],
    password: Secret,
}

impl Entry {
    /// True where the line is for this host, port, database and user.
    fn is_for(&self, wanted: [&str; 4]) -> bool {
        self.fields.iter().zip(wanted).all(fits)
    }

    /// The host that the line names, where all but that is for this login.
    fn other_host(&self, wanted: [&str; 4]) -> Option<String> {
        let rest = self.fields.iter().zip(wanted).skip(1).all(fits);
        let [host, ..] = &self.fields;
        host.as_ref().filter(|_| rest).map(|host| String::from_utf8_lossy(host).into_owned())
    }

    /// True where the line would be for this login, were it not for the [`MARK`] before it.
    fn is_for_unmarked(&self, wanted: [&str; 4]) -> bool {
        let [host, ..] = wanted;
        let [named, ..] = &self.fields;
        let unmarked = named.as_deref().and_then(|named| named.strip_prefix(MARK));
        unmarked.is_some_and(|named| named == host.as_bytes() || named == b"*")
            && self.fields.iter().zip(wanted).skip(1).all(fits)
    }
}

fn fits((field, wanted): (&Option<Vec<u8>>, &str)) -> bool {
    field.as_ref().is_none_or(|field| field == wanted.as_bytes())
}

/// Reads the file; lines that are none of this form are passed over, as libpq does.
fn entries(contents: &[u8]) -> Vec<Entry> {
    contents.split(|byte| *byte == b'\n').filter_map(entry).collect()
}

fn entry(line: &[u8]) -> Option<Entry> {
    let mut rest = line.strip_suffix(b"\r").unwrap_or(line);
    if rest.starts_with(b"#") {
        return None;
    }
    let mut fields = [const { None }; 4];
    for field in &mut fields {
        let (text, after) = split_field(rest)?;
        // An escaped star is a literal star.
        *field = if text == b"*" { None } else { Some(unescape(text)) };
        rest = after;
    }
    Some(Entry { fields, password: Secret::new(unescape(rest)) })
}

/// What comes before the first colon that is not escaped, and what comes after.
fn split_field(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut escaped = false;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b':' => return Some((text.get(..at)?, text.get(at + 1..)?)),
            _ => {}
        }
    }
    None
}

/// A backslash stands for the byte after it, whichever that is.
fn unescape(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => plain.extend(bytes.next()),
            _ => plain.push(*byte),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(contents: &str, wanted: [&str; 4]) -> Option<String> {
        let entries = entries(contents.as_bytes());
        let entry = entries.iter().find(|entry| entry.is_for(wanted))?;
        Some(String::from_utf8(entry.password.expose().to_vec()).unwrap())
    }

    #[test]
    fn the_first_line_that_fits_is_taken() {
        let file = "# host:5432:db:user:no\n\n\
                    outro:5432:loja:maria:a\n\
                    srv:5432:loja:maria:b\n\
                    srv:*:*:maria:c\r\n\
                    *:*:*:*:d\n";
        let table = [
            (["outro", "5432", "loja", "maria"], "a"),
            (["srv", "5432", "loja", "maria"], "b"),
            (["srv", "5433", "loja", "maria"], "c"),
            (["srv", "5432", "loja", "jose"], "d"),
            (["host", "5432", "db", "user"], "d"),
        ];
        for (wanted, password) in table {
            assert_eq!(found(file, wanted).as_deref(), Some(password), "{wanted:?}");
        }
        assert_eq!(found("srv:5432:loja:maria:b\n", ["srv", "5432", "loja", "jose"]), None);
    }

    #[test]
    fn escapes_are_undone_and_a_password_may_hold_colons() {
        let table = [
            (r"fe80\:\:1:5432:d:u:x", ["fe80::1", "5432", "d", "u"], "x"),
            (r"h:1:d:u:a\:b\\c", ["h", "1", "d", "u"], r"a:b\c"),
            ("h:1:d:u:a:b", ["h", "1", "d", "u"], "a:b"),
            (r"h:1:d:\*:x", ["h", "1", "d", "*"], "x"),
            (r"h:1:d:u:a\", ["h", "1", "d", "u"], "a"),
            ("h:1:d:u:senha com espaço ", ["h", "1", "d", "u"], "senha com espaço "),
        ];
        for (line, wanted, password) in table {
            assert_eq!(found(line, wanted).as_deref(), Some(password), "{line}");
        }
        assert_eq!(found(r"h:1:d:\*:x", ["h", "1", "d", "u"]), None);
        for broken in ["h:1:d:u", "", ":", r"h\:1\:d\:u\:x", "h:1:d"] {
            assert_eq!(found(broken, ["h", "1", "d", "u"]), None, "{broken}");
        }
    }

    proptest! {
        #[test]
        fn what_is_escaped_is_found_again(
            fields in prop::array::uniform4(r"[a-z:\\*]{1,6}"),
            password in r"[ -~]{0,12}",
        ) {
            let escape = |text: &str| text.replace('\\', r"\\").replace(':', r"\:").replace('*', r"\*");
            let [host, port, database, user] = [0, 1, 2, 3].map(|at: usize| escape(&fields[at]));
            let line = format!("{host}:{port}:{database}:{user}:{}\n", escape(&password));
            let wanted = [0, 1, 2, 3].map(|at: usize| fields[at].as_str());
            prop_assert_eq!(found(&line, wanted), Some(password));
        }

        #[test]
        fn no_file_is_too_strange_to_be_read(contents in proptest::collection::vec(any::<u8>(), 0..200)) {
            entries(&contents);
        }
    }
}
