//! One line about every save for the machine's own log: who, in which document, which keys; no values.
//!
//! A help, and no promise: where no log listens, or it does not keep up, nothing is said and nothing waits. The shape is
//! RFC 3164's as programs write it on the machine itself, without a host name (as `syslog(3)` does, so that journald, rsyslog and busybox
//! take it). The words are the same in every language: they are for programs that search.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixDatagram;
use std::path::Path;

use super::history::{Kind, Signature};
use super::identity::Identity;
use super::timestamp::{Parts, month_name};
use super::zone::Zone;
use crate::safe;
use crate::safe::Safe;

/// Where the machine's log listens.
const SOCKET: &str = "/dev/log";

/// Facility `user` (1), severity `notice` (5): a normal event that somebody may look for.
const PRIORITY: u8 = 1 << 3 | 5;

/// What rsyslog takes of one message unless told otherwise is 8 KiB; the keys that do not fit are counted.
const MOST_BYTES: usize = 7_000;

/// Of a path, and of a name: quoted, a byte takes four at worst.
const MOST_OF_ONE: usize = 300;

/// A save.
pub struct Record<'a> {
    pub path: &'a Path,
    /// The version's number.
    pub number: u64,
    pub by: Signature<'a>,
    /// The names of what changed.
    pub keys: Vec<&'a str>,
}

impl Record<'_> {
    /// Into the machine's log, whose lines have local time.
    pub fn write(&self, zone: &Zone) {
        let now = self.by.now;
        let Parts { month, day, hour, minute, second, .. } = now.parts(zone.ahead_s(now));
        let (month, pid, words) = (month_name(month), self.by.who.pid, self.words());
        let line = format!(
            "<{PRIORITY}>{month} {day:2} {hour:02}:{minute:02}:{second:02} balcao-config[{pid}]: {}",
            words.as_str()
        );
        let send = || {
            let log = UnixDatagram::unbound()?;
            // A log that is full is left alone: a save must not wait for it.
            log.set_nonblocking(true)?;
            log.send_to(line.as_bytes(), SOCKET)
        };
        // It is told nowhere: what could be done about it has nothing to do with the save.
        _ = send();
    }

    /// `saved config=… version=8 user=root login_user=ana keys=integracao.porta_banco_dados`: each value as a shell would
    /// read it, so that none can pass for another field.
    fn words(&self) -> Safe {
        let quoted = |text: &str| cut(text.as_bytes());
        let mut words = vec![safe!("saved config={} version={}", cut(self.path.as_os_str().as_bytes()), self.number)];
        if let Kind::Restored(number) = self.by.kind {
            words.push(safe!("restored={}", number));
        }
        let Identity { user, login_user, sudo_user, ssh_client, .. } = self.by.who;
        words.push(safe!("user={}", quoted(user)));
        words.extend(login_user.iter().map(|name| safe!("login_user={}", quoted(name))));
        words.extend(sudo_user.iter().map(|name| safe!("sudo_user={}", quoted(name))));
        words.extend(ssh_client.iter().map(|address| safe!("ssh_client={}", quoted(address))));
        words.extend(self.by.note.iter().map(|note| safe!("note={}", quoted(note))));
        let mut room = MOST_BYTES.saturating_sub(words.iter().map(|word| word.as_str().len() + 1).sum());
        let names = self.keys.iter().map(|key| quoted(key));
        let keys: Vec<Safe> = names
            .take_while(|name| {
                room = room.saturating_sub(name.as_str().len() + 1);
                room > 0
            })
            .collect();
        words.push(safe!("keys={}", Safe::join(&keys, ",")));
        let left = self.keys.len() - keys.len();
        words.extend((left > 0).then(|| safe!("more_keys={}", left)));
        Safe::join(&words, " ")
    }
}

/// As a shell would read it, with a mark where the end is missing.
fn cut(text: &[u8]) -> Safe {
    match text.get(..MOST_OF_ONE) {
        Some(start) if text.len() > MOST_OF_ONE => Safe::word(OsStr::from_bytes(&[start, "…".as_bytes()].concat())),
        _ => Safe::word(OsStr::from_bytes(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::identity::Identity;
    use crate::document::timestamp::Timestamp;

    fn words(keys: Vec<&str>, path: &str) -> String {
        let who = Identity { user: "root".into(), sudo_user: Some("ana user=eva".into()), ..Identity::default() };
        let by =
            Signature { kind: Kind::Restored(3), who: &who, note: Some("CH-1: a pedido"), now: Timestamp::default() };
        let record = Record { path: Path::new(path), number: 8, by, keys };
        record.words().as_str().to_owned()
    }

    #[test]
    fn no_text_passes_for_a_field_or_a_line() {
        let told = words(vec!["geral.a", "x y=\n\u{1b}[2J"], "/etc/a b/config.json");
        assert_eq!(
            told,
            "saved config='/etc/a b/config.json' version=8 restored=3 user=root sudo_user='ana user=eva' \
             note='CH-1: a pedido' \
             keys=geral.a,$'x y=\\x0a\\x1b[2J'"
        );
    }

    #[test]
    fn a_line_is_never_longer_than_a_log_takes() {
        let names: Vec<String> = (0..1000).map(|number| format!("grupo.parametro_{number:03}")).collect();
        let told = words(names.iter().map(String::as_str).collect(), "/etc/config.json");
        assert!(told.len() < 8_000 && told.contains("grupo.parametro_000,"), "{told}");
        let told_keys = told.matches("grupo.").count();
        assert!(told.ends_with(&format!(" more_keys={}", 1000 - told_keys)), "{told}");
        let told = words(vec![&"x".repeat(100_000), "geral.a"], &"/\u{1b}".repeat(3000));
        assert!(told.len() < 8_000 && told.contains("xxx…") && told.ends_with(",geral.a"), "{told}");
    }
}
