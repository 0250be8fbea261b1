//! Walks a path from `/`, folder by folder, and reads the links on it itself: no path is looked up a second time.
//!
//! `openat2` with its `RESOLVE_` flags would do less work and would do it on newer kernels alone: the oldest is 3.10.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use crate::document::folder::Folder;
use crate::document::foreign::{Foreign, is_root};
use crate::file::Instead;

/// As many links as Linux itself follows before it calls them a loop.
const MAX_LINKS: usize = 40;

/// The number of the file system of `/proc` (`linux/magic.h`); the field is signed on some machines.
const PROC: u64 = 0x9fa0;

/// Stands for a file in a folder that is looked for by itself; not in the form of a name that people give.
const NOBODYS: &str = ".balcao-0123456789abcdef-0123456789abcdef";

/// Only what a name stands for: nothing is opened, nothing is waited for. `O_DIRECTORY` lets an automount happen.
const LOOK: OFlags = OFlags::PATH.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Where a path leads.
#[derive(Debug)]
pub(in crate::document) struct Way {
    /// The last folder that is there.
    pub(in crate::document) last: Arc<Folder>,
    /// The names of the folders below it that are not.
    pub(in crate::document) missing: Vec<OsString>,
    /// The name of the file, where the path was one of a file.
    pub(in crate::document) name: OsString,
    /// True where a link on the way leads to nothing.
    pub(in crate::document) dangles: bool,
    /// The links that were followed.
    pub(in crate::document) links: Vec<Link>,
}

/// A link on the way.
#[derive(Debug)]
pub(in crate::document) struct Link {
    /// What it is in, and where that was found.
    pub(in crate::document) folder: OwnedFd,
    pub(in crate::document) path: PathBuf,
    pub(in crate::document) name: OsString,
    /// True where it stood in the file's place.
    pub(in crate::document) is_of_file: bool,
}

/// Why a folder cannot be made, or must not be written in.
#[derive(Debug)]
pub(in crate::document) enum Unmade {
    Foreign(Foreign),
    Io(io::Error),
}

/// Why a path leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// The folder may not be entered.
    Closed(PathBuf),
    /// Its symbolic links lead back to themselves.
    LinkLoop,
    /// Something that is no file with a name: a folder, or what a process has open.
    NotAFile(Instead),
    /// A link of somebody else than root, who could have it lead root anywhere.
    ForeignLink(Foreign),
    /// The system could not go on.
    Io(Errno),
}

impl From<Errno> for Blocked {
    fn from(error: Errno) -> Blocked {
        Blocked::Io(error)
    }
}

/// What a name stands for.
enum Found {
    Folder(OwnedFd, Stat),
    Link(PathBuf, Stat),
    /// The folder above: `..` is no name.
    Above,
    Other,
    Nothing,
}

/// The folders entered so far, from `/`.
struct Walk {
    entered: Vec<OwnedFd>,
    at: PathBuf,
    missing: Vec<OsString>,
    dangles: bool,
    links: Vec<Link>,
    /// The first on the way that somebody else than root can change, whoever this process is.
    foreign: Option<Foreign>,
}

impl Way {
    /// To the file at an absolute path, whether or not it or its folders exist. A dangling link gives the target that a save would
    /// create.
    pub(super) fn to_file(path: &Path) -> Result<Way, Blocked> {
        let mut walk = Walk::start()?;
        let (mut rest, mut links) = (names(path), 0);
        // What is left to go after the link that the names now come from; more than there can be outside of links.
        let mut after_link = usize::MAX;
        while let Some(name) = rest.pop() {
            let (is_last, is_in_link) = (rest.is_empty(), rest.len() >= after_link);
            let (target, stat) = match walk.look(&name, is_last)? {
                Found::Link(target, stat) => (target, stat),
                Found::Folder(folder, stat) if !is_last => {
                    walk.enter(folder, &stat, &name);
                    continue;
                }
                Found::Above => continue,
                Found::Nothing => {
                    walk.dangles |= is_in_link;
                    if is_last {
                        return walk.end(name);
                    }
                    walk.missing.push(name);
                    continue;
                }
                _ if is_last => return walk.end(name),
                Found::Other | Found::Folder(..) => return Err(Errno::NOTDIR.into()),
            };
            links += 1;
            if links > MAX_LINKS {
                return Err(Blocked::LinkLoop);
            }
            walk.follow(&name, &target, &stat, is_last)?;
            if !is_in_link {
                after_link = rest.len();
            }
            rest.extend(names(&target));
        }
        Err(Blocked::NotAFile(Instead::Folder))
    }

    /// To the folder at an absolute path.
    pub(in crate::document) fn to_folder(path: &Path) -> Result<Way, Blocked> {
        // As if to a file in it: a name that is nobody's, since a link of that name would be followed.
        let mut way = Way::to_file(&path.join(NOBODYS))?;
        way.name = OsString::new();
        Ok(way)
    }

    /// The folder; `None` where it does not exist.
    pub(in crate::document) fn folder(&self) -> io::Result<Option<Arc<Folder>>> {
        let (folder, is_whole) = self.deepest()?;
        Ok(is_whole.then_some(folder))
    }

    /// The folder, or the last above it that exists; and whether it is the folder.
    pub(in crate::document) fn deepest(&self) -> io::Result<(Arc<Folder>, bool)> {
        self.awaited().map(|(folder, missing)| (folder, missing.is_none()))
    }

    /// The same with the name of the folder in it that is missing.
    pub(in crate::document) fn awaited(&self) -> io::Result<(Arc<Folder>, Option<&OsStr>)> {
        let mut folder = Arc::clone(&self.last);
        // Another process may have made them since the way was found.
        for name in &self.missing {
            match folder.folder(name)? {
                Some(below) => folder = Arc::new(below),
                None => return Ok((folder, Some(name))),
            }
        }
        Ok((folder, None))
    }

    /// The folder, made with those above it that are missing, in this mode; and those that were made.
    pub(in crate::document) fn make(&self, mode: u32) -> Result<(Arc<Folder>, Vec<PathBuf>), Unmade> {
        let (mut folder, mut made) = (Arc::clone(&self.last), vec![]);
        for name in &self.missing {
            let (below, is_new) = folder.writable().map_err(Unmade::Foreign)?.make(name, mode).map_err(Unmade::Io)?;
            made.extend(is_new.then(|| below.path().to_owned()));
            folder = Arc::new(below);
        }
        folder.writable().map_err(Unmade::Foreign)?;
        Ok((folder, made))
    }
}

impl From<Unmade> for io::Error {
    /// For those that tell the system's reasons alone.
    fn from(unmade: Unmade) -> io::Error {
        match unmade {
            Unmade::Foreign(_) => Errno::PERM.into(),
            Unmade::Io(error) => error,
        }
    }
}

impl Walk {
    fn start() -> Result<Walk, Blocked> {
        let root = rustix::fs::open("/", LOOK | OFlags::DIRECTORY, Mode::empty())?;
        let stat = rustix::fs::fstat(&root)?;
        let foreign = Foreign::of(&stat, Path::new("/"));
        let (at, missing, links) = (PathBuf::from("/"), vec![], vec![]);
        Ok(Walk { entered: vec![root], at, missing, dangles: false, links, foreign })
    }

    /// What `name` stands for. Goes up for `..`, which is no name.
    fn look(&mut self, name: &OsStr, is_last: bool) -> Result<Found, Blocked> {
        if name == ".." {
            if self.missing.pop().is_none() && self.entered.len() > 1 {
                self.entered.pop();
                self.at.pop();
            }
            return Ok(Found::Above);
        }
        if !self.missing.is_empty() {
            return Ok(Found::Nothing);
        }
        let open =
            |flags| rustix::fs::openat(self.entered.last().ok_or(Errno::NOENT)?, name, LOOK | flags, Mode::empty());
        let opened = match open(if is_last { OFlags::empty() } else { OFlags::DIRECTORY }) {
            Err(Errno::NOTDIR) => open(OFlags::empty()),
            opened => opened,
        };
        let found = match opened {
            Err(Errno::NOENT) => return Ok(Found::Nothing),
            Err(Errno::ACCESS | Errno::PERM) => return Err(Blocked::Closed(self.at.clone())),
            opened => opened?,
        };
        let stat = rustix::fs::fstat(&found)?;
        Ok(match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => Found::Folder(found, stat),
            FileType::Symlink => {
                let target = rustix::fs::readlinkat(&found, "", vec![])?;
                Found::Link(OsString::from_vec(target.into_bytes()).into(), stat)
            }
            _ => Found::Other,
        })
    }

    fn enter(&mut self, folder: OwnedFd, stat: &Stat, name: &OsStr) {
        self.at.push(name);
        self.foreign = self.foreign.take().or_else(|| Foreign::of(stat, &self.at));
        self.entered.push(folder);
    }

    /// Goes on from where a link's target is told from.
    fn follow(&mut self, name: &OsStr, target: &Path, stat: &Stat, is_last: bool) -> Result<(), Blocked> {
        let folder = self.entered.last().ok_or(Errno::NOENT)?;
        // A link of `/proc` leads to what a process has open, wherever that is by now: its text is no path.
        let system = rustix::fs::fstatfs(folder).map(|system| system.f_type as u64 & 0xffff_ffff);
        // Linux before 3.12 does not tell of a folder that is not opened.
        if system.map_or_else(|_| self.at.starts_with("/proc"), |system| system == PROC) {
            return Err(Blocked::NotAFile(Instead::Descriptor));
        }
        let folder = folder.try_clone().map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::MFILE))?;
        self.links.push(Link { folder, path: self.at.clone(), name: name.to_owned(), is_of_file: is_last });
        let foreign = Foreign::of(stat, &self.at.join(name));
        if let Some(foreign) = foreign.clone().filter(|_| is_root()) {
            return Err(Blocked::ForeignLink(foreign));
        }
        self.foreign = self.foreign.take().or(foreign);
        if target.is_absolute() {
            self.entered.truncate(1);
            self.at = PathBuf::from("/");
        }
        Ok(())
    }

    fn end(mut self, name: OsString) -> Result<Way, Blocked> {
        let found = self.entered.pop().ok_or(Errno::NOENT)?;
        let last = Arc::new(Folder::of(found, self.at, self.foreign)?);
        Ok(Way { last, missing: self.missing, name, dangles: self.dangles, links: self.links })
    }
}

/// The parts of a path, the last one first.
fn names(path: &Path) -> Vec<OsString> {
    let named = path.components().filter(|part| matches!(part, Component::Normal(_) | Component::ParentDir));
    named.map(|part| part.as_os_str().to_owned()).rev().collect()
}
