//! Whether a device is there and may be used: a serial port, a printer. It is looked at and never opened: an open may wait for ever,
//! eject paper, or reset what is at the other end.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{Access, AtFlags, CWD, FileType, accessat, stat};
use rustix::io::Errno;
use serde_json::{Map, Value};

use crate::catalog::Catalog;
use crate::check::evidence::{Limit, object};
use crate::check::outcome::ProbeEvidence;
use crate::check::remedy::{Place, Remedy};
use crate::check::task::{Implementation, Task};
use crate::check::{Answer, Diagnosis, Outcome};
use crate::document::accounts;
use crate::errno;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::sort;
use crate::{safe, say};

pub const PROBE: Implementation = Implementation { run, nothing: || Arc::new(DeviceEvidence::default()) };

/// Names of other devices that are told: a counter has a few.
const MOST_BESIDE: usize = 6;

/// Names that are looked at for them; `/dev` has some hundred.
const MOST_NAMES: usize = 10_000;

#[derive(Clone, Debug, Default)]
pub struct DeviceEvidence {
    pub state: DeviceState,
    /// The path is relative: the counter program may start in another folder and find nothing.
    pub relative: bool,
    /// Who has looked: all that is known about access is about this account.
    pub account: String,
    /// The group whose members may use the device.
    pub group: Option<String>,
    /// Devices in the same folder that are called alike: `ttyUSB1` where `ttyUSB0` is missing.
    pub beside: Vec<String>,
}

/// What stands at the path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceState {
    /// The system did not answer.
    #[default]
    Unknown,
    NoPath,
    Usable,
    /// Root may use all devices; who else may is a question of the group.
    UsableByRoot,
    /// A file, a folder, a disk.
    NoDevice,
    Missing,
    Forbidden,
    /// The account is in the group by now, but was not yet when it logged in.
    NotYetMember,
    Unreadable,
    /// This machine may open no more files.
    Limited,
}

fn run(task: Task) -> Answer {
    let (path, mut evidence) = (task.point.path().unwrap_or_default(), task.evidence);
    let found = if path.is_empty() {
        DeviceEvidence { state: DeviceState::NoPath, ..DeviceEvidence::default() }
    } else {
        look(Path::new(path)).unwrap_or_else(|error| {
            let error = io::Error::from(error);
            evidence.limit = Limit::of_io(&error);
            let found = missed(Path::new(path), &error, evidence.limit.is_some());
            evidence.error = Some(error.to_string());
            found
        })
    };
    Answer { diagnosis: found.state.row().0, evidence, by_probe: Arc::new(found) }
}

fn look(path: &Path) -> Result<DeviceEvidence, Errno> {
    let found = stat(path)?;
    let (relative, account) = (path.is_relative(), accounts::myself());
    let of = |state, group| DeviceEvidence { state, relative, account: account.clone(), group, beside: vec![] };
    if FileType::from_raw_mode(found.st_mode) != FileType::CharacterDevice {
        return Ok(of(DeviceState::NoDevice, None));
    }
    // Of root's own group nobody should be.
    let is_shared = found.st_mode & 0o060 == 0o060 && found.st_gid != 0;
    let group = is_shared.then(|| accounts::group(found.st_gid));
    let state = match accessat(CWD, path, Access::READ_OK | Access::WRITE_OK, AtFlags::EACCESS) {
        Ok(()) if accounts::is_me(0) && found.st_mode & 0o006 != 0o006 => DeviceState::UsableByRoot,
        Ok(()) => DeviceState::Usable,
        Err(Errno::ACCESS) if is_shared && accounts::is_in_list(found.st_gid) => DeviceState::NotYetMember,
        Err(Errno::ACCESS) => DeviceState::Forbidden,
        Err(error) => return Err(error),
    };
    Ok(of(state, group))
}

/// Of a path that the system shows nothing at.
fn missed(path: &Path, error: &io::Error, is_limit: bool) -> DeviceEvidence {
    let state = match error.kind() {
        _ if is_limit => DeviceState::Limited,
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => DeviceState::Missing,
        io::ErrorKind::PermissionDenied => DeviceState::Forbidden,
        _ => DeviceState::Unreadable,
    };
    let beside = if state == DeviceState::Missing { beside(path) } else { vec![] };
    DeviceEvidence { state, relative: path.is_relative(), account: accounts::myself(), group: None, beside }
}

/// Character devices in the same folder whose names differ in their number alone, in order.
fn beside(path: &Path) -> Vec<String> {
    let stem = |name: &str| name.trim_end_matches(|symbol: char| symbol.is_ascii_digit()).to_owned();
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return vec![];
    };
    let names = fs::read_dir(folder).into_iter().flatten().take(MOST_NAMES).flatten();
    let names = names.filter_map(|entry| entry.file_name().into_string().ok());
    let is_device = |name: &String| {
        let found = stat(folder.join(name)).map(|found| FileType::from_raw_mode(found.st_mode));
        found == Ok(FileType::CharacterDevice)
    };
    let mut alike: Vec<String> = names.filter(|other| stem(other) == stem(name)).filter(is_device).collect();
    sort::sort_by_key(&mut alike, |name| (name.len(), name.clone()));
    alike.truncate(MOST_BESIDE);
    alike
}

impl DeviceState {
    /// What it means, and its name as `detail.reason`.
    const fn row(self) -> (Diagnosis, Option<&'static str>) {
        match self {
            DeviceState::Unknown => (Diagnosis::FileMissing, None),
            DeviceState::NoPath => (Diagnosis::Skipped, Some("empty")),
            DeviceState::Usable | DeviceState::UsableByRoot => (Diagnosis::Ok, None),
            DeviceState::NoDevice => (Diagnosis::FileMissing, Some("no_device")),
            DeviceState::Missing => (Diagnosis::FileMissing, Some("missing")),
            DeviceState::Forbidden => (Diagnosis::FileMissing, Some("forbidden")),
            DeviceState::NotYetMember => (Diagnosis::FileMissing, Some("not_yet_member")),
            DeviceState::Unreadable => (Diagnosis::FileMissing, Some("unreadable")),
            DeviceState::Limited => (Diagnosis::LocalLimit, None),
        }
    }
}

impl ProbeEvidence for DeviceEvidence {
    fn reason(&self) -> Option<&'static str> {
        self.state.row().1
    }

    /// `relative`: true where the path is; `group`: whose members may use the device.
    fn json(&self) -> Map<String, Value> {
        let group = self.group.as_deref().map(Value::from);
        object([("relative", self.relative.then_some(true.into())), ("group", group)])
    }

    fn summary(&self, _: &Outcome, lang: Lang) -> Option<Safe> {
        Some(match self.state {
            DeviceState::Usable => say!(lang, "existe, com acesso", "there, with access"),
            DeviceState::UsableByRoot => say!(lang, "existe", "there"),
            DeviceState::NoDevice => say!(lang, "não é dispositivo", "not a device"),
            DeviceState::Missing => say!(lang, "não existe", "does not exist"),
            DeviceState::Forbidden | DeviceState::NotYetMember => say!(lang, "sem permissão", "no permission"),
            _ => return None,
        })
    }

    fn message(&self, outcome: &Outcome, lang: Lang) -> Option<Safe> {
        let (path, account) = (outcome.place(), Safe::outside(&self.account));
        let group = self.group.as_deref().map(Safe::outside);
        Some(match (self.state, group) {
            (DeviceState::Usable, _) => say!(
                lang,
                "O dispositivo {} existe, e {} pode ler e gravar nele.",
                "The device {} is there, and {} may read and write it.",
                path,
                account
            ),
            (DeviceState::UsableByRoot, Some(group)) => say!(
                lang,
                "O dispositivo {} existe. Além de root, o grupo {} pode usá-lo.",
                "The device {} is there. Besides root, the group {} may use it.",
                path,
                group
            ),
            (DeviceState::UsableByRoot, None) => {
                say!(lang, "O dispositivo {} existe, para root.", "The device {} is there, for root.", path)
            }
            (DeviceState::NoPath, _) => {
                say!(lang, "Não testado: nenhum dispositivo informado.", "Not tested: no device is given.")
            }
            (DeviceState::NoDevice, _) => say!(
                lang,
                "{} não é um dispositivo como uma porta serial ou uma impressora.",
                "{} is not a device such as a serial port or a printer.",
                path
            ),
            (DeviceState::Missing, _) => {
                say!(lang, "O dispositivo {} não existe.", "The device {} does not exist.", path)
            }
            (DeviceState::Forbidden, Some(group)) => say!(
                lang,
                "Falta permissão: {} é do grupo {}, e {} não está nele.",
                "No permission: {} is of the group {}, and {} is not in it.",
                path,
                group,
                account
            ),
            (DeviceState::Forbidden | DeviceState::NotYetMember, None) => say!(
                lang,
                "Falta permissão para {} ler e gravar em {}.",
                "{} has no permission to read and write {}.",
                account,
                path
            ),
            (DeviceState::NotYetMember, Some(group)) => say!(
                lang,
                "{} já está no grupo {}, mas isso só vale no próximo login.",
                "{} is in the group {} already, but that holds from the next login on.",
                account,
                group
            ),
            (DeviceState::Unreadable, _) => {
                let error = outcome.evidence.error.as_deref().unwrap_or_default();
                let error = errno::of_text(error, lang).unwrap_or_else(|| Safe::outside(error));
                say!(
                    lang,
                    "Não foi possível ver o dispositivo {}: {}.",
                    "The device {} cannot be looked at: {}.",
                    path,
                    error
                )
            }
            (DeviceState::Unknown, _) => say!(
                lang,
                "O sistema não respondeu sobre {} em {}.",
                "The system did not answer about {} in {}.",
                path,
                outcome.waited()
            ),
            (DeviceState::Limited, _) => return None,
        })
    }

    fn remedy(&self, outcome: &Outcome, _: &Catalog, lang: Lang) -> Option<Remedy> {
        let path = Path::new(outcome.request.point.path().unwrap_or_default());
        let listed = safe!("ls -ld {}", Safe::for_shell(path));
        Some(match (self.state, &self.group) {
            (DeviceState::Missing, _) if !self.beside.is_empty() => {
                let names: Vec<Safe> = self.beside.iter().map(|name| Safe::path(&path.with_file_name(name))).collect();
                say!(
                    lang,
                    "Confira o cabo e se o equipamento está ligado. Há agora: {}; se é um deles, informe-o.",
                    "Check the cable, and that the equipment is on. There are now: {}; if it is one of them, enter it.",
                    Safe::join(&names, ", ")
                )
                .into()
            }
            (DeviceState::Missing, _) => Remedy::from(say!(
                lang,
                "Confira o cabo, se o equipamento está ligado e o caminho. O que o sistema viu ao ligá-lo:",
                "Check the cable, that the equipment is on, and the path. What the system saw when it was plugged in:"
            ))
            .paste(Place::Here, [Safe::own("sudo dmesg | tail -n 20")]),
            (DeviceState::NoDevice, _) => {
                say!(lang, "Informe o dispositivo, como /dev/ttyUSB0.", "Enter the device, such as /dev/ttyUSB0.")
                    .into()
            }
            (DeviceState::Forbidden, Some(group)) => {
                let command = safe!("sudo usermod -aG {} {}", Safe::word(group), Safe::word(&self.account));
                let sentence = say!(
                    lang,
                    "Ponha no grupo o usuário do programa do balcão, saia e entre de novo. Para {}:",
                    "Put the user of the counter program into the group, log out and in again. For {}:",
                    Safe::outside(&self.account)
                );
                Remedy::from(sentence).paste(Place::Here, [command])
            }
            (DeviceState::NotYetMember, Some(_)) => say!(
                lang,
                "Saia e entre de novo. Se o programa do balcão já está aberto, abra-o de novo também.",
                "Log out and in again. If the counter program is open already, open it again, too."
            )
            .into(),
            (DeviceState::Forbidden | DeviceState::NotYetMember, None) => Remedy::from(say!(
                lang,
                "Quem cuida deste computador dá a permissão. Como ela está agora:",
                "Whoever looks after this computer gives the permission. How it is now:"
            ))
            .paste(Place::Here, [listed]),
            (DeviceState::Unreadable | DeviceState::Unknown, _) => Remedy::from(say!(
                lang,
                "Confira o equipamento e o cabo. Como o dispositivo está agora:",
                "Check the equipment and the cable. How the device is now:"
            ))
            .paste(Place::Here, [listed]),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use rustix::fs::Mode;

    use super::*;

    fn state(path: &Path) -> DeviceState {
        let found = look(path).unwrap_or_else(|error| missed(path, &error.into(), false));
        found.state
    }

    #[test]
    fn a_device_is_told_from_what_is_none_and_is_never_opened() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR, 0).unwrap();
        assert_eq!(state(Path::new("/dev/null")), DeviceState::Usable);
        for none in [folder.path(), &file, &pipe] {
            assert_eq!(state(none), DeviceState::NoDevice, "{none:?}");
        }
        let link = folder.path().join("by-id");
        std::os::unix::fs::symlink("/dev/null", &link).unwrap();
        assert_eq!(state(&link), DeviceState::Usable, "as those of /dev/serial/by-id");
        for missing in [folder.path().join("ttyUSB0"), file.join("below")] {
            assert_eq!(state(&missing), DeviceState::Missing, "{missing:?}");
        }
    }

    #[test]
    fn devices_that_are_called_alike_are_told_in_order() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["ttyUSB10", "ttyUSB1", "ttyS0", "ttyUSB"] {
            std::os::unix::fs::symlink("/dev/null", folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join("ttyUSB2"), "a file").unwrap();
        assert_eq!(beside(&folder.path().join("ttyUSB0")), ["ttyUSB", "ttyUSB1", "ttyUSB10"]);
        assert_eq!(beside(&folder.path().join("lp0")), [""; 0]);
    }
}
