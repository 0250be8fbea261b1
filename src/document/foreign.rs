//! Root saves only where root alone decides: the one place where it matters who root is.
//!
//! Where another account can change a folder or a link on the way to a document, it could have root give away what that
//! account may not read, or make what it may not make. There root reads and checks, and writes nothing at all.

use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Stat};

use super::identity;
use crate::lang::Lang;
use crate::problem::Account;
use crate::safe::Safe;
use crate::say;

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
    /// Judges what was found at this path; `None` for whoever is not root, and where root alone decides.
    pub(super) fn of(stat: &Stat, path: &Path) -> Option<Foreign> {
        let thing = match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => Thing::Folder,
            FileType::Symlink => Thing::Link,
            _ => Thing::File,
        };
        let is_open = thing == Thing::Folder && stat.st_mode & OTHERS_WRITE != 0 && stat.st_mode & STICKY == 0;
        if !is_root() || stat.st_uid == 0 && !is_open {
            return None;
        }
        let (owner, group, mode) = (stat.st_uid, stat.st_gid, stat.st_mode & 0o7777);
        Some(Foreign { path: path.to_owned(), owner, group, mode, thing })
    }

    /// What it is, whose, and why root does not save there.
    pub fn message(&self, lang: Lang) -> Safe {
        let path = Safe::path(&self.path);
        let whose = match (self.thing, self.owner) {
            (Thing::Folder, 0) => say!(
                lang,
                "outros podem escrever na pasta {} ({})",
                "others may write the folder {} ({})",
                path,
                Safe::outside(&format!("{:04o}", self.mode))
            ),
            (thing, owner) => {
                let what = match thing {
                    Thing::Folder => lang.pick("a pasta", "the folder"),
                    Thing::Link => lang.pick("o link", "the link"),
                    Thing::File => lang.pick("o arquivo", "the file"),
                };
                let owner = Safe::outside(&identity::account(owner));
                say!(lang, "{} {} é de {}", "{} {} belongs to {}", what, path, owner)
            }
        };
        say!(
            lang,
            "{}, e root só grava onde ninguém mais pode trocar pastas ou arquivos",
            "{}, and root saves only where nobody else can exchange folders or files",
            whose
        )
    }
}

impl Foreign {
    /// Who saves there in root's place; nobody for a folder of root's that others may write.
    pub fn account(&self) -> Option<Account> {
        (self.owner != 0).then(|| Account::Named(Safe::outside(&identity::account(self.owner))))
    }

    /// What to do where nobody could be named.
    pub fn hint(&self, lang: Lang) -> Option<Safe> {
        let folder = Safe::for_shell(&self.path);
        (self.owner == 0).then(|| {
            say!(
                lang,
                "Grave como quem usa essa pasta, ou feche-a aos outros: chmod go-w {}",
                "Save as one of those who use that folder, or close it to others: chmod go-w {}",
                folder
            )
        })
    }
}

/// Root may give files to other accounts, and to any group; nobody else may.
pub(super) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
