//! Root saves only where root alone decides: the one place where it matters who root is.
//!
//! Where another account can change a folder or a link on the way to a document, it could have root give away what that
//! account may not read, or make what it may not make. There root reads and checks, and writes nothing at all.

use std::path::{Path, PathBuf};

use rustix::fs::Stat;

use crate::document::identity;
use crate::lang::Lang;
use crate::problem::Account;
use crate::safe::Safe;
use crate::say;

/// What another account than root can change on root's way to a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    pub path: PathBuf,
    pub owner: u32,
    pub group: u32,
    pub mode: u32,
    pub is_link: bool,
}

/// Nobody but a file's owner, its folder's owner and root may replace it in such a folder (as in /tmp).
pub(in crate::document) const STICKY: u32 = 0o1000;

/// Of those who may write a folder beside its owner.
const OTHERS_WRITE: u32 = 0o022;

impl Foreign {
    /// What it is, whose, and why root does not save there.
    pub fn message(&self, lang: Lang) -> Safe {
        let (path, owner) = (Safe::path(&self.path), Safe::outside(&identity::account(self.owner)));
        match (self.is_link, self.owner) {
            (true, _) => say!(
                lang,
                "o link {} é de {}, e root só grava onde ninguém mais pode trocar pastas ou arquivos",
                "the link {} belongs to {}, and root saves only where nobody else can exchange folders or files",
                path,
                owner
            ),
            (false, 0) => say!(
                lang,
                "outros podem escrever na pasta {} ({}), e root só grava onde ninguém mais pode trocar pastas ou arquivos",
                "others may write the folder {} ({}), and root saves only where nobody else can exchange folders or files",
                path,
                Safe::outside(&format!("{:04o}", self.mode))
            ),
            (false, _) => say!(
                lang,
                "a pasta {} é de {}, e root só grava onde ninguém mais pode trocar pastas ou arquivos",
                "the folder {} belongs to {}, and root saves only where nobody else can exchange folders or files",
                path,
                owner
            ),
        }
    }

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

    /// Judges a folder or link on the way; `None` for whoever is not root, and where root alone decides.
    pub(super) fn of(stat: &Stat, path: &Path, is_link: bool) -> Option<Foreign> {
        let is_open = !is_link && stat.st_mode & OTHERS_WRITE != 0 && stat.st_mode & STICKY == 0;
        if !rustix::process::geteuid().is_root() || stat.st_uid == 0 && !is_open {
            return None;
        }
        let (owner, group, mode) = (stat.st_uid, stat.st_gid, stat.st_mode & 0o7777);
        Some(Foreign { path: path.to_owned(), owner, group, mode, is_link })
    }
}
