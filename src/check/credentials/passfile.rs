//! libpq's password file: `host:port:database:user:password`, one login a line, the first that fits is taken.

use super::Secret;

/// What some editors put before the first line.
pub const MARK: &[u8] = b"\xef\xbb\xbf";

/// One line of the file.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Host, port, database, user; `None` is `*`, which fits all.
    fields: [Option<Vec<u8>>; 4],
    password: Secret,
}

impl Entry {
    /// True where the line is for this host, port, database and user.
    pub fn is_for(&self, wanted: [&str; 4]) -> bool {
        self.fields.iter().zip(wanted).all(fits)
    }

    /// The host that the line names, where all but that is for this login.
    pub fn other_host(&self, wanted: [&str; 4]) -> Option<String> {
        let rest = self.fields.iter().zip(wanted).skip(1).all(fits);
        let [host, ..] = &self.fields;
        host.as_ref().filter(|_| rest).map(|host| String::from_utf8_lossy(host).into_owned())
    }

    /// True where the line would be for this login, were it not for the [`MARK`] before it.
    pub fn is_for_unmarked(&self, wanted: [&str; 4]) -> bool {
        let [host, ..] = wanted;
        let [named, ..] = &self.fields;
        let unmarked = named.as_deref().and_then(|named| named.strip_prefix(MARK));
        unmarked.is_some_and(|named| named == host.as_bytes() || named == b"*")
            && self.fields.iter().zip(wanted).skip(1).all(fits)
    }

    pub fn password(&self) -> Secret {
        self.password.clone()
    }
}

fn fits((field, wanted): (&Option<Vec<u8>>, &str)) -> bool {
    field.as_ref().is_none_or(|field| field == wanted.as_bytes())
}

/// Reads the file; lines that are none of this form are passed over, as libpq does.
pub fn read(contents: &[u8]) -> Vec<Entry> {
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
        let entries = read(contents.as_bytes());
        let entry = entries.iter().find(|entry| entry.is_for(wanted))?;
        Some(String::from_utf8(entry.password().expose().to_vec()).unwrap())
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
            read(&contents);
        }
    }
}
