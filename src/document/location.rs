//! Where a document is: found once, before anything of it is opened, and held from then on.
//!
//! Whether this process may write there at all is decided here alone (see [`Folder::writable`]).

mod way;

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::Access;
use rustix::io::Errno;

use super::accounts::is_me;
use super::folder::Folder;
use super::foreign::{self, Foreign, Keeper, is_root};
use crate::lang::Lang;
use crate::problem::Account;
use crate::safe::Safe;
use crate::{safe, say};
pub use way::Blocked;
pub(super) use way::{Unmade, Way};

/// The mode of folders that are made for a document.
pub(super) const NEW_FOLDER: u32 = 0o755;

/// A document's location. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Location(Arc<Found>);

#[derive(Debug)]
struct Found {
    named: PathBuf,
    path: PathBuf,
    way: Result<Way, Blocked>,
    is_expected: bool,
}

impl Location {
    /// Finds where the document at `path` is, symlinks followed, whether or not it or its folders exist. What is in the way
    /// is told by whoever reads it.
    pub fn find(path: &Path) -> Location {
        Location::found(path, false)
    }

    /// The same for a document that is known to be there: a link to it that leads nowhere is an error.
    pub fn find_expected(path: &Path) -> Location {
        Location::found(path, true)
    }

    fn found(named: &Path, is_expected: bool) -> Location {
        let absolute = std::path::absolute(named);
        let way = match &absolute {
            Ok(absolute) => Way::to_file(absolute),
            Err(error) => Err(Errno::from_io_error(error).unwrap_or(Errno::INVAL).into()),
        };
        let path = match &way {
            Ok(way) => {
                way.missing.iter().fold(way.last.path().to_owned(), |path, name| path.join(name)).join(&way.name)
            }
            Err(_) => absolute.unwrap_or_else(|_| named.to_owned()),
        };
        Location(Arc::new(Found { named: named.to_owned(), path, way, is_expected }))
    }

    /// Found once more: what was in the way may be gone.
    pub fn again(&self) -> Location {
        Location::found(&self.0.named, self.0.is_expected)
    }

    /// Found once more, where the path does not lead any more to the folder that is held: it was moved away, removed, or
    /// another one stands in its place.
    pub fn moved(&self) -> Option<Location> {
        let now = self.again();
        let folder = |location: &Location| {
            let stat = location.folder().ok()?.map(|folder| folder.own_stat().ok()).unwrap_or_default();
            Some(stat.map(|stat| (stat.st_dev, stat.st_ino)))
        };
        // Where it cannot be known, what is held counts.
        let is_same = now.path() == self.path() && folder(&now)? == folder(self)?;
        (!is_same).then_some(now)
    }

    /// Of a document that is no file: a version of the history, or what a form shows where there is nothing to show.
    pub fn nowhere(path: &Path) -> Location {
        let (named, path) = (path.to_owned(), path.to_owned());
        Location(Arc::new(Found { named, path, way: Err(Errno::NOENT.into()), is_expected: false }))
    }

    /// As it was given.
    pub fn named(&self) -> &Path {
        &self.0.named
    }

    /// With symlinks resolved: the file that a save replaces.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// The file's name in its folder.
    pub fn name(&self) -> &OsStr {
        self.0.path.file_name().unwrap_or_default()
    }

    /// What stands in the way, if the path leads nowhere.
    pub fn blocked(&self) -> Option<&Blocked> {
        self.0.way.as_ref().err()
    }

    /// What keeps root from saving here; nothing keeps others but the system.
    pub fn foreign(&self) -> Option<Foreign> {
        let (folder, is_whole) = self.deepest().ok()?;
        if let Some(foreign) = folder.foreign() {
            return Some(foreign.clone());
        }
        // In a sticky folder, who owns the file may exchange it.
        let is_others = is_whole && is_root() && folder.own_stat().is_ok_and(|stat| foreign::is_open(&stat));
        let stat = folder.stat(self.name()).ok().flatten().filter(|_| is_others)?;
        Foreign::of(&stat, self.path())
    }

    /// True but where there is nothing of that very name: a folder that may not be entered, and a link that leads nowhere,
    /// are something.
    pub fn is_there(&self) -> bool {
        let Ok(way) = &self.0.way else { return true };
        let is_absent = || matches!(self.folder(), Ok(None)) || matches!(way.last.stat(self.name()), Ok(None));
        way.dangles || !is_absent()
    }

    /// The folders that a save would make, as far as can be known, outermost first.
    pub fn missing_folders(&self) -> Vec<PathBuf> {
        let Some(way) = self.0.way.as_ref().ok().filter(|_| matches!(self.folder(), Ok(None))) else { return vec![] };
        let below = |path: &mut PathBuf, name: &OsString| {
            path.push(name);
            Some(path.clone())
        };
        way.missing.iter().scan(way.last.path().to_owned(), below).collect()
    }

    /// True where the file is known to be there, but a link on the way leads to nothing.
    pub(super) fn is_astray(&self) -> bool {
        self.0.is_expected && self.0.way.as_ref().is_ok_and(|way| way.dangles)
    }

    /// What is called `name` beside a link that stands in the document's location, where there is nothing of that name beside the
    /// document.
    pub fn beside_link_alone(&self, name: &str) -> Option<PathBuf> {
        let way = self.0.way.as_ref().ok()?;
        let is_here = || Some(self.folder().ok()??.stat(OsStr::new(name)).ok()?.is_some());
        let beside = way.links.iter().filter(|link| link.is_of_file).map(|link| link.path.join(name));
        beside.filter(|path| path.symlink_metadata().is_ok()).find(|_| is_here() != Some(true))
    }

    /// What is called `name` beside such a link, where the document has something else of that name beside it.
    pub fn beside_link_too(&self, name: &str) -> Option<PathBuf> {
        let way = self.0.way.as_ref().ok()?;
        let here = self.folder().ok()??.stat(OsStr::new(name)).ok()??;
        let beside = way.links.iter().filter(|link| link.is_of_file).map(|link| link.path.join(name));
        let is_another = |path: &PathBuf| {
            path.symlink_metadata().is_ok_and(|stat| (stat.dev(), stat.ino()) != (here.st_dev, here.st_ino))
        };
        beside.into_iter().find(is_another)
    }

    /// What goes before a shell's command that changes the file by its path; empty for those who may. `None` where nobody is
    /// known who does so without risk: others could have root's command work on another file.
    pub(super) fn shell(&self) -> Option<Safe> {
        let folder = self.around()?;
        let may_write = || folder.permits(".", Access::WRITE_OK | Access::EXEC_OK);
        if !is_root() && may_write().and_then(|()| folder.permits(self.name(), Access::WRITE_OK)).is_ok() {
            return Some(Safe::default());
        }
        if folder.is_roots_alone() {
            return Some(Safe::own(if is_root() { "" } else { "sudo " }));
        }
        match Keeper::of(&folder.own_stat().ok()?) {
            Keeper::Account(account) if !is_root() && is_me(account) => Some(Safe::default()),
            keeper => match keeper.account()? {
                Account::Other { run, .. } => Some(safe!("{} ", run)),
                Account::Root => None,
            },
        }
    }

    /// What could have an editor of root's open or make another file than this one; and the account that may edit it.
    pub fn unsafe_for_editor(&self) -> Option<(Foreign, Option<Account>)> {
        if let Some(Blocked::ForeignLink(foreign)) = self.blocked() {
            return Some((foreign.clone(), foreign.owner()));
        }
        let folder = self.around().filter(|_| is_root())?;
        let stat = folder.own_stat().ok()?;
        let foreign = self.foreign().or_else(|| Foreign::of_sticky(&stat, folder.path()))?;
        let account = Keeper::of(&stat).account().filter(|account| *account != Account::Root);
        Some((foreign, account))
    }

    /// What root can do where [`Location::shell`] knows of nobody.
    pub(super) fn closed(&self, lang: Lang) -> Option<Safe> {
        let folder = self.around()?;
        match folder.foreign_to_root() {
            Some(foreign) => foreign.hint(Keeper::of(&folder.own_stat().ok()?), lang),
            None => Some(say!(
                lang,
                "Outros podem criar arquivos em {}: ponha o arquivo onde só root pode gravar, e corrija-o lá.",
                "Others may create files in {}: put the file where only root may write, and fix it there.",
                Safe::path(folder.path())
            )),
        }
    }

    /// The folder, or the last above it that exists; that of the name itself where the path leads nowhere.
    fn around(&self) -> Option<Arc<Folder>> {
        let found = self.deepest().or_else(|_| Way::to_folder(self.path().parent().unwrap_or(self.path()))?.deepest());
        found.ok().map(|(folder, _)| folder)
    }

    /// The document's folder; `None` where it does not exist.
    pub fn folder(&self) -> io::Result<Option<Arc<Folder>>> {
        self.way()?.folder()
    }

    /// The folder, or the last above it that exists, in which a save would make the missing ones; and whether it is the folder.
    pub(super) fn deepest(&self) -> io::Result<(Arc<Folder>, bool)> {
        self.way()?.deepest()
    }

    /// The same with the name of the folder in it that is missing.
    pub(super) fn awaited(&self) -> io::Result<(Arc<Folder>, Option<&OsStr>)> {
        self.way()?.awaited()
    }

    /// The folder, made where it is missing; and the folders that were made.
    pub(super) fn make_folder(&self) -> Result<(Arc<Folder>, Vec<PathBuf>), Unmade> {
        self.way().map_err(Unmade::Io)?.make(NEW_FOLDER)
    }

    /// The folders of the links on the way, each with the link's name.
    pub(super) fn links(&self) -> impl Iterator<Item = (BorrowedFd<'_>, &OsStr)> {
        let links = self.0.way.iter().flat_map(|way| &way.links);
        links.map(|link| (link.folder.as_fd(), link.name.as_os_str()))
    }

    /// Who saves in the folder.
    pub(super) fn keeper(&self) -> Option<Keeper> {
        Some(Keeper::of(&self.deepest().ok()?.0.own_stat().ok()?))
    }

    /// False where the path of this folder leads to another by now: what is written in this one would not be found there.
    pub(super) fn leads_to(&self, folder: &Folder) -> bool {
        let now = Way::to_file(self.path()).ok().and_then(|way| way.folder().ok()?);
        now.is_some_and(|now| now.is_same(folder))
    }

    fn way(&self) -> io::Result<&Way> {
        self.0.way.as_ref().map_err(|blocked| blocked.errno().into())
    }
}

impl From<Blocked> for io::Error {
    fn from(blocked: Blocked) -> io::Error {
        blocked.errno().into()
    }
}

impl Blocked {
    fn errno(&self) -> Errno {
        match self {
            Blocked::Closed(_) => Errno::ACCESS,
            Blocked::LinkLoop => Errno::LOOP,
            Blocked::ForeignLink(..) => Errno::PERM,
            Blocked::NotAFile(_) => Errno::INVAL,
            Blocked::Io(error) => *error,
        }
    }
}
