//! Why nothing was saved: what, the system's reason, and what to do.

use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use crate::catalog::Finding;
use crate::document::foreign::{Foreign, Keeper, Thing, is_root};
use crate::document::history::{self, Stamp};
use crate::document::lock::{self, Holder};
use crate::document::merge::{Conflict, Merge};
use crate::document::zone::Wall;
use crate::document::{Location, MAX_BYTES, ReadError, sidecar};
use crate::errno;
use crate::lang::Lang;
use crate::problem::{Kind, Problem};
use crate::safe::Safe;
use crate::{safe, say};

/// Why nothing was saved. The file is as it was.
#[derive(Debug)]
pub struct SaveError {
    /// The document; where the history alone is immutable ([`Cause::Immutable`]), its folder.
    pub path: PathBuf,
    pub cause: Cause,
    /// By which clock times are told.
    pub wall: Wall,
}

#[derive(Debug)]
pub enum Cause {
    /// The file is not as it was when the document was read.
    Changed,
    /// The file that was read is not there any more; the version that holds its text, where it could be kept.
    Gone(Option<u64>),
    /// The file has other names, so many in all, which would keep the old text.
    Linked(u64),
    /// With the change the document would be larger than what is read.
    TooLarge,
    /// Something else than a regular file stands there.
    NotRegular,
    /// The file is a mount point.
    Mounted,
    /// `chattr +i` or `+a` protects the file or its folder.
    Immutable,
    /// This process is root, and another account can change this on the way to the document.
    Foreign(Foreign),
    /// The path leads to another file or folder by now, or to none.
    Exchanged,
    /// Something else stands in the lock's place than an ordinary file with one name.
    LockInTheWay,
    /// The same keys were changed to other values meanwhile.
    Conflict {
        /// The keys, with all values.
        conflicts: Vec<Conflict>,
        /// Who saved meanwhile, newest last, as far as the history knows.
        meanwhile: Vec<Stamp>,
    },
    /// What was changed meanwhile and what was to be saved break a rule together.
    Invalid {
        findings: Vec<Finding>,
        /// The merge that is not valid: a form shows it, so that it can be fixed.
        merged: Box<Merge>,
    },
    /// The file cannot be read now, and is not overwritten.
    Unreadable(ReadError),
    /// Another process was saving all the time; whose, where that is known.
    Locked(Option<Holder>),
    /// The system refused this step.
    Refused(Step, io::Error),
}

/// The steps of a save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Making or opening the folder.
    Folder,
    /// Taking the lock on the side file.
    Lock,
    /// Reading what the file holds now.
    Compare,
    /// Writing the version into the history, without which nothing is saved.
    Record,
    /// Keeping a file that cannot be read beside what replaces it.
    SetAside,
    Create,
    Write,
    /// Giving the new file what the old one has.
    Keep(Attribute),
    /// Syncing the new file to the disk.
    Sync,
    /// Putting the new file in the old one's place.
    Replace,
}

/// What a file has beside its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    Owner,
    Mode,
    Acl,
    /// The security label (SELinux, Smack).
    Label,
    /// Any other extended attribute, by name.
    Extended(String),
}

impl Attribute {
    /// The attribute that an extended attribute's name stands for.
    pub(in crate::document) fn of(name: &[u8]) -> Attribute {
        match name {
            b"system.posix_acl_access" | b"system.nfs4_acl" | b"system.richacl" => Attribute::Acl,
            name if name.starts_with(b"security.") => Attribute::Label,
            name => Attribute::Extended(String::from_utf8_lossy(name).into_owned()),
        }
    }
}

impl Step {
    fn message(&self, path: &Path, lang: Lang) -> Safe {
        Safe::own(match self {
            Step::Folder => {
                let folder = Safe::path(path.parent().unwrap_or(path));
                return say!(lang, "não foi possível usar a pasta {}", "could not use the folder {}", folder);
            }
            Step::Lock => {
                let side = Safe::path(&lock::side_file(path));
                return say!(lang, "não foi possível reservar o arquivo ({})", "could not reserve the file ({})", side);
            }
            Step::Compare => lang.pick("não foi possível ler o arquivo atual", "could not read the current file"),
            Step::Record => {
                return say!(
                    lang,
                    "não foi possível gravar o histórico ({}), e sem ele a versão atual se perderia",
                    "could not write the history ({}), and without it the current version would be lost",
                    Safe::path(&sidecar::beside(path, history::NAME))
                );
            }
            Step::SetAside => lang.pick(
                "não foi possível guardar o arquivo quebrado com outro nome, e sem isso ele se perderia",
                "the broken file could not be kept under another name, and without that it would be lost",
            ),
            Step::Create => lang
                .pick("não foi possível criar o novo arquivo na pasta", "could not create the new file in the folder"),
            Step::Write => lang.pick("não foi possível gravar o novo arquivo", "could not write the new file"),
            Step::Keep(attribute) => {
                let kept = attribute.message(lang);
                return say!(lang, "não é possível manter {} do arquivo", "{} of the file cannot be kept", kept);
            }
            Step::Sync => lang.pick("o disco não confirmou o novo arquivo", "the disk did not confirm the new file"),
            Step::Replace => {
                lang.pick("não foi possível substituir o arquivo atual", "could not replace the current file")
            }
        })
    }
}

impl Attribute {
    fn message(&self, lang: Lang) -> Safe {
        match self {
            Attribute::Owner => say!(lang, "o dono ou o grupo", "owner or group"),
            Attribute::Mode => say!(lang, "as permissões", "the permissions"),
            Attribute::Acl => say!(lang, "a lista de acesso (ACL)", "the access control list (ACL)"),
            Attribute::Label => say!(lang, "o rótulo de segurança", "the security label"),
            Attribute::Extended(name) if name.is_empty() => {
                say!(lang, "os atributos estendidos", "the extended attributes")
            }
            Attribute::Extended(name) => {
                say!(lang, "o atributo estendido {}", "the extended attribute {}", Safe::outside(name))
            }
        }
    }
}

impl SaveError {
    pub fn new(path: &Path, cause: Cause) -> SaveError {
        SaveError { path: path.into(), cause, wall: Wall::default() }
    }

    pub(in crate::document) fn refused(path: &Path, step: Step, source: impl Into<io::Error>) -> SaveError {
        SaveError::new(path, Cause::Refused(step, source.into()))
    }

    /// What prevents it, as half a sentence: of a save that was not tried yet.
    pub fn reason(&self, lang: Lang) -> Safe {
        self.cause.message(&self.path, &self.wall, lang)
    }

    /// True where another account (root, the file's owner) could save.
    pub fn is_permission(&self) -> bool {
        matches!(&self.cause, Cause::Refused(_, source) if is_forbidden(source))
    }

    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match &self.cause {
            Cause::Changed => "changed_meanwhile",
            Cause::Gone(_) => "file_gone",
            Cause::Linked(_) => "hard_links",
            Cause::TooLarge => "too_large",
            Cause::NotRegular => "not_a_regular_file",
            Cause::Mounted => "mount_point",
            Cause::Immutable => "immutable",
            Cause::Foreign(_) => "foreign_folder",
            Cause::Exchanged => "folder_exchanged",
            Cause::LockInTheWay => "write_failed",
            Cause::Conflict { .. } => "conflict",
            Cause::Invalid { .. } => "invalid_together",
            Cause::Unreadable(_) => "unreadable",
            Cause::Locked(_) => "locked",
            Cause::Refused(Step::Keep(_), _) => "attributes_lost",
            Cause::Refused(_, source) => match Errno::from_io_error(source) {
                Some(Errno::ACCESS | Errno::PERM) => "not_permitted",
                Some(Errno::NOSPC) => "disk_full",
                Some(Errno::DQUOT) => "quota_exceeded",
                Some(Errno::ROFS) => "read_only_file_system",
                _ => "write_failed",
            },
        }
    }

    pub fn problem(&self, lang: Lang) -> Problem {
        if let Cause::Unreadable(error) = &self.cause {
            // The file's own problem, with its own code and exit code, says what to fix.
            return error.problem(lang);
        }
        let path = Safe::path(&self.path);
        let message = say!(
            lang,
            "{}: nada foi gravado: {}.",
            "{}: nothing was saved: {}.",
            path,
            self.cause.message(&self.path, &self.wall, lang)
        );
        let mut problem = Problem::new(Kind::Write, self.code(), message).at(&self.path, None);
        problem.causes = match &self.cause {
            Cause::Conflict { conflicts, .. } => conflicts.iter().map(|conflict| conflict.message(lang)).collect(),
            Cause::Invalid { findings, .. } => findings.iter().map(|finding| finding.sentence(lang)).collect(),
            _ => vec![],
        };
        problem.hints.extend(self.cause.hint(&self.path, lang));
        problem.retry = matches!(self.cause, Cause::Locked(_) | Cause::Changed);
        // Looked up once more for these words alone: who could save there. Root saves in its own folders alone.
        let keeper = || Location::find(&self.path).keeper().unwrap_or(Keeper::Others);
        match &self.cause {
            Cause::Foreign(foreign) => {
                let keeper = keeper();
                problem.hints.extend(foreign.hint(keeper, lang));
                let is_known = matches!(keeper, Keeper::Account(_)) && foreign.thing == Thing::Folder;
                problem.account = keeper.account().filter(|_| is_known);
            }
            Cause::Refused(step, _) if self.is_permission() => {
                problem.account = keeper().account();
                if problem.account.is_none()
                    && matches!(step, Step::Folder | Step::Lock | Step::SetAside | Step::Create)
                {
                    let folder = Safe::for_shell(self.path.parent().unwrap_or(&self.path));
                    problem = problem.hint(say!(
                        lang,
                        "A pasta é sua; libere a gravação nela: chmod u+rwx {}",
                        "The folder is yours; allow writing to it: chmod u+rwx {}",
                        folder
                    ));
                }
            }
            _ => {}
        }
        problem
    }
}

impl Cause {
    fn message(&self, path: &Path, wall: &Wall, lang: Lang) -> Safe {
        match self {
            Cause::Gone(_) => {
                say!(lang, "o arquivo que foi lido não existe mais", "the file that was read no longer exists")
            }
            Cause::Changed => {
                say!(lang, "o arquivo foi alterado desde que foi lido", "the file has changed since it was read")
            }
            Cause::Linked(count) => say!(
                lang,
                "o arquivo tem {} nomes (links físicos), e os outros ficariam com o texto antigo",
                "the file has {} names (hard links), and the others would keep the old text",
                count
            ),
            Cause::TooLarge => say!(
                lang,
                "com a alteração, ele passaria de {} MiB e não poderia mais ser lido",
                "with the change it would exceed {} MiB and could not be read again",
                MAX_BYTES / 1024 / 1024
            ),
            Cause::NotRegular => {
                say!(lang, "o que há lá não é um arquivo comum", "what is there is not a regular file")
            }
            Cause::Mounted => say!(
                lang,
                "o arquivo é um ponto de montagem (bind mount) e não pode ser substituído",
                "the file is a mount point (bind mount) and cannot be replaced"
            ),
            Cause::Immutable => say!(
                lang,
                "o arquivo ou a pasta está marcado como imutável (chattr)",
                "the file or its folder is marked as immutable (chattr)"
            ),
            Cause::Foreign(foreign) => foreign.message(lang),
            Cause::Exchanged => say!(
                lang,
                "o caminho leva agora a um lugar diferente do que quando o arquivo foi lido",
                "the path now leads to another place than when the file was read"
            ),
            Cause::Conflict { meanwhile, .. } => match meanwhile.last() {
                Some(stamp) => say!(
                    lang,
                    "os mesmos parâmetros foram alterados durante a edição por {} ({})",
                    "the same parameters were changed meanwhile by {} ({})",
                    stamp.who.label(lang),
                    wall.time(stamp.time, lang)
                ),
                None => say!(
                    lang,
                    "os mesmos parâmetros foram alterados no arquivo durante a edição",
                    "the same parameters were changed in the file meanwhile"
                ),
            },
            Cause::Invalid { .. } => say!(
                lang,
                "os valores não são válidos com o que foi alterado no arquivo durante a edição",
                "the values are not valid together with what was changed in the file meanwhile"
            ),
            Cause::Unreadable(_) => {
                say!(lang, "não é possível ler o arquivo atual", "the current file cannot be read")
            }
            Cause::Locked(Some(Holder { who, since })) => say!(
                lang,
                "{} está gravando agora (processo {}, desde {})",
                "{} is saving now (process {}, since {})",
                who.label(lang),
                who.pid,
                wall.time(*since, lang)
            ),
            Cause::Locked(None) => {
                say!(lang, "outro programa está gravando agora", "another program is saving now")
            }
            Cause::LockInTheWay => say!(
                lang,
                "{}: o que há lá não é um arquivo comum com um único nome",
                "{}: what is there is not a regular file with a single name",
                Step::Lock.message(path, lang)
            ),
            Cause::Refused(step, source) => safe!("{}: {}", step.message(path, lang), errno::message(source, lang)),
        }
    }

    /// What to do.
    fn hint(&self, document: &Path, lang: Lang) -> Option<Safe> {
        let path = Safe::for_shell(document);
        let folder = Safe::for_shell(document.parent().unwrap_or(document));
        let history = || Safe::for_shell(&sidecar::beside(document, history::NAME));
        let look_at = |path: Safe| say!(lang, "Veja o que há lá: ls -ld {}", "See what is there: ls -ld {}", path);
        Some(match self {
            Cause::Gone(Some(number)) => say!(
                lang,
                "O que foi lido é a versão {}; para voltar a ela: balcao-config --config {} rollback {}",
                "What was read is version {}; to go back to it: balcao-config --config {} rollback {}",
                number,
                path,
                number
            ),
            Cause::Gone(None) => look_at(folder),
            Cause::Changed | Cause::Exchanged => say!(
                lang,
                "Leia o arquivo de novo e refaça a alteração.",
                "Read the file again and make the change again."
            ),
            Cause::TooLarge => say!(
                lang,
                "Apague do arquivo as chaves desconhecidas: balcao-config validate {}",
                "Take the unknown keys out of the file: balcao-config validate {}",
                path
            ),
            Cause::Linked(_) => {
                let location = Location::find(document);
                let Some(run) = location.shell() else { return location.closed(lang) };
                say!(
                    lang,
                    "Separe o arquivo dos outros nomes: {}cp -p --remove-destination {} {}.novo && {}mv -T {}.novo \
                     {}",
                    "Separate the file from its other names: {}cp -p --remove-destination {} {}.new && {}mv -T \
                     {}.new {}",
                    run,
                    path,
                    path,
                    run,
                    path,
                    path
                )
            }
            Cause::NotRegular => look_at(path),
            Cause::Mounted => say!(
                lang,
                "Altere o arquivo de origem da montagem: findmnt {}",
                "Change the file that is mounted there: findmnt {}",
                path
            ),
            Cause::Immutable => {
                let marked = if document.symlink_metadata().is_ok() { safe!("{} {}", folder, path) } else { folder };
                // Root alone takes it away, and not by a path that others can exchange.
                match Location::find(document).shell().filter(|run| is_root() || !run.is_empty()) {
                    Some(run) => say!(
                        lang,
                        "Veja o atributo: lsattr -d {}; para remover: {}chattr -i -a {}",
                        "See the attribute: lsattr -d {}; to remove it: {}chattr -i -a {}",
                        marked,
                        run,
                        marked
                    ),
                    None => say!(
                        lang,
                        "Veja o atributo, que só root remove: lsattr -d {}",
                        "See the attribute, which only root removes: lsattr -d {}",
                        marked
                    ),
                }
            }
            Cause::Conflict { .. } => say!(
                lang,
                "Veja o que foi alterado (balcao-config history) e repita com o valor que deve ficar.",
                "See what was changed (balcao-config history) and repeat with the value that is to stay."
            ),
            Cause::Invalid { .. } => say!(
                lang,
                "Veja os valores atuais (balcao-config list --changed) e ajuste a alteração.",
                "See the current values (balcao-config list --changed) and adjust the change."
            ),
            Cause::Locked(_) => say!(lang, "Tente de novo em instantes.", "Try again in a moment."),
            Cause::Refused(Step::Record, source) if is_in_the_way(source) => look_at(history()),
            Cause::LockInTheWay => say!(
                lang,
                "Veja o que há lá e remova: ls -ld {}",
                "See what is there, and remove it: ls -ld {}",
                Safe::for_shell(&lock::side_file(document))
            ),
            Cause::Refused(Step::Record, source) if is_forbidden(source) => {
                say!(lang, "Veja o dono: ls -ld {}", "See the owner: ls -ld {}", history())
            }
            Cause::Refused(Step::Keep(Attribute::Owner), source) if !is_forbidden(source) => say!(
                lang,
                "O dono do arquivo não existe neste contêiner: grave fora dele, ou passe o arquivo a root: chown \
                 root: {}",
                "The file's owner does not exist in this container: save outside it, or give the file to root: \
                 chown root: {}",
                path
            ),
            Cause::Refused(Step::Keep(Attribute::Owner), _) => say!(
                lang,
                "Se o arquivo deve ser seu: cp --remove-destination {} {}.novo && mv -fT {}.novo {}",
                "If the file is to be yours: cp --remove-destination {} {}.new && mv -fT {}.new {}",
                path,
                path,
                path,
                path
            ),
            Cause::Refused(_, source) => match Errno::from_io_error(source)? {
                Errno::NOSPC => say!(
                    lang,
                    "Libere espaço (ou inodes): df -h {}; df -i {}",
                    "Free some space (or inodes): df -h {}; df -i {}",
                    folder,
                    folder
                ),
                Errno::DQUOT => say!(
                    lang,
                    "Libere espaço na cota do usuário: quota -s",
                    "Free some of the user's quota: \
                     quota -s"
                ),
                Errno::ROFS => {
                    say!(lang, "Veja como está montado: findmnt -T {}", "See how it is mounted: findmnt -T {}", path)
                }
                Errno::IO => say!(lang, "Veja o log do sistema: dmesg", "See the system's log: dmesg"),
                _ => return None,
            },
            Cause::Foreign(_) => return None,
            Cause::Unreadable(_) => return None,
        })
    }
}

/// Something else than a folder stands in the history's place.
fn is_in_the_way(source: &io::Error) -> bool {
    matches!(Errno::from_io_error(source), Some(Errno::NOTDIR | Errno::LOOP))
}

fn is_forbidden(source: &io::Error) -> bool {
    matches!(Errno::from_io_error(source), Some(Errno::ACCESS | Errno::PERM))
}
