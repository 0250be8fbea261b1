//! Root saves only where root alone decides: the one place where it matters who root is.
//!
//! Where another account can change a folder or a link on the way to a document, it could have root give away what that
//! account may not read, or make what it may not make. There root reads and checks, and writes nothing at all.

use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Stat};

use super::accounts;
use crate::lang::Lang;
use crate::problem::Account;
use crate::safe::Safe;
use crate::{safe, say};

/// What another account than root can change, on root's way to a document or beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    pub path: PathBuf,
    pub owner: u32,
    pub group: u32,
    pub mode: u32,
    pub thing: Thing,
}

/// What it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    Folder,
    Link,
    File,
}

/// Nobody but a file's owner, its folder's owner and root may replace it in such a folder (as in /tmp).
pub(super) const STICKY: u32 = 0o1000;

/// Of those who may write a folder beside its owner.
const OTHERS_WRITE: u32 = 0o022;

impl Foreign {
    /// Judges what was found at this path; `None` where root alone decides. Whoever is not root may print commands for root.
    pub(super) fn of(stat: &Stat, path: &Path) -> Option<Foreign> {
        let thing = match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => Thing::Folder,
            FileType::Symlink => Thing::Link,
            _ => Thing::File,
        };
        let is_open = thing == Thing::Folder && is_open(stat) && stat.st_mode & STICKY == 0;
        if stat.st_uid == 0 && !is_open {
            return None;
        }
        let (owner, group, mode) = (stat.st_uid, stat.st_gid, stat.st_mode & 0o7777);
        Some(Foreign { path: path.to_owned(), owner, group, mode, thing })
    }

    /// The same where nobody else may even make files, as in a sticky folder.
    pub(super) fn of_sticky(stat: &Stat, path: &Path) -> Option<Foreign> {
        let mut open = *stat;
        open.st_mode &= !STICKY;
        let foreign = Foreign::of(&open, path)?;
        Some(Foreign { mode: stat.st_mode & 0o7777, ..foreign })
    }

    /// What it is, whose, and why root does not save there.
    pub fn message(&self, lang: Lang) -> Safe {
        let path = Safe::path(&self.path);
        let whose = match (self.thing, self.owner) {
            (Thing::Folder, 0) => say!(
                lang,
                "outros podem gravar na pasta {} ({})",
                "others may write to the folder {} ({})",
                path,
                Safe::outside(&format!("{:04o}", self.mode))
            ),
            (thing, owner) => {
                let what = match thing {
                    Thing::Folder => lang.pick("a pasta", "the folder"),
                    Thing::Link => lang.pick("o link", "the link"),
                    Thing::File => lang.pick("o arquivo", "the file"),
                };
                let owner = Safe::outside(&accounts::name(owner));
                say!(lang, "{} {} é de {}", "{} {} belongs to {}", what, path, owner)
            }
        };
        say!(
            lang,
            "{}, e root só grava onde ninguém mais pode alterar pastas ou arquivos",
            "{}, and root saves only where nobody else can change folders or files",
            whose
        )
    }
}

/// Who saves in a folder, by what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeper {
    /// Its owner, or a member of the group that shares it.
    Account(u32),
    /// Its owner, who is root.
    Root,
    /// Whoever may write it; nobody is known by name.
    Others,
}

impl Keeper {
    pub(super) fn of(folder: &Stat) -> Keeper {
        let is_shared = is_open(folder) && folder.st_mode & STICKY == 0;
        match folder.st_uid {
            0 if is_shared => accounts::member(folder.st_gid).map_or(Keeper::Others, Keeper::Account),
            0 => Keeper::Root,
            owner => Keeper::Account(owner),
        }
    }

    /// The account, where it is another than this one.
    pub(super) fn account(self) -> Option<Account> {
        match self {
            Keeper::Root => Some(Account::Root),
            Keeper::Others => None,
            Keeper::Account(account) if accounts::is_me(account) => None,
            Keeper::Account(account) => {
                let name = accounts::name(account);
                // sudo runs nothing as an account that has no name.
                let run = match name.parse::<u32>() {
                    Ok(number) => safe!(
                        "{}setpriv --reuid {} --regid {} --clear-groups --",
                        if is_root() { "" } else { "sudo " },
                        number,
                        number
                    ),
                    Err(_) => safe!("sudo -u {}", Safe::word(&name)),
                };
                Some(Account::Other { name: Safe::outside(&name), run })
            }
        }
    }
}

impl Foreign {
    /// Whose it is, where it is another's than of whoever runs the program.
    pub(super) fn owner(&self) -> Option<Account> {
        Keeper::Account(self.owner).account()
    }

    /// What to do where nobody is known who saves there.
    pub(super) fn hint(&self, keeper: Keeper, lang: Lang) -> Option<Safe> {
        let path = Safe::for_shell(&self.path);
        Some(match (keeper, self.thing) {
            (Keeper::Account(_), _) => return None,
            (_, Thing::Link | Thing::File) => {
                say!(lang, "Veja o que há lá: ls -l {}", "See what is there: ls -l {}", path)
            }
            // Who owns that folder could have a command of root's work on any other.
            (_, Thing::Folder) if self.owner != 0 => say!(
                lang,
                "Ponha o arquivo onde só root grava (/etc/gestor-balcao), ou peça a {} que crie o arquivo numa \
                 pasta própria.",
                "Put the file where only root may write (/etc/gestor-balcao), or have {} create it in a folder of \
                 their own.",
                Safe::outside(&accounts::name(self.owner))
            ),
            (_, Thing::Folder) => say!(
                lang,
                "Grave com um usuário dessa pasta, ou feche-a aos outros: chmod go-w {}",
                "Save as a user of that folder, or close it to others: chmod go-w {}",
                path
            ),
        })
    }
}

/// True where others than its owner may make files in a folder, sticky or not.
pub(super) fn is_open(folder: &Stat) -> bool {
    folder.st_mode & OTHERS_WRITE != 0
}

/// Root may give files to other accounts, and to any group; nobody else may.
pub(super) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
