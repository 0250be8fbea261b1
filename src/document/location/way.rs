//! Walks a path from `/`, folder by folder, and reads the links on it itself: no path is looked up a second time.
//!
//! `openat2` with its `RESOLVE_` flags would do less work and would do it on newer kernels alone: the oldest is 3.10.

use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::foreign::Foreign;
use crate::document::folder::Folder;
use crate::file::Instead;

/// As many links as Linux itself follows before it calls them a loop.
const MAX_LINKS: usize = 40;

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
    /// The folders of the links that stood in the file's place.
    pub(in crate::document) link_folders: Vec<PathBuf>,
    /// The first on the way that somebody else than root can change.
    pub(in crate::document) foreign: Option<Foreign>,
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
    Other,
    Nothing,
}

/// The folders entered so far, from `/`.
struct Walk {
    entered: Vec<OwnedFd>,
    at: PathBuf,
    missing: Vec<OsString>,
    dangles: bool,
    foreign: Option<Foreign>,
}

impl Way {
    /// To the file at an absolute path, whether or not it or its folders exist. A dangling link gives the target that a save would
    /// create.
    pub(super) fn to_file(path: &Path) -> Result<Way, Blocked> {
        let mut walk = Walk::start()?;
        let (mut rest, mut links, mut link_folders) = (names(path), 0, vec![]);
        // What is left to go after the link that the names now come from; more than there can be outside of links.
        let mut after_link = usize::MAX;
        while let Some(name) = rest.pop() {
            let (is_last, is_in_link) = (rest.is_empty(), rest.len() >= after_link);
            let link = match walk.look(&name, is_last)? {
                Found::Link(target, stat) => (target, stat),
                Found::Folder(folder, stat) if !is_last => {
                    walk.enter(folder, &stat, &name);
                    continue;
                }
                _ if name == ".." => continue,
                Found::Nothing => {
                    walk.dangles |= is_in_link;
                    if is_last {
                        return walk.end(name, link_folders);
                    }
                    walk.missing.push(name);
                    continue;
                }
                _ if is_last => return walk.end(name, link_folders),
                Found::Other | Found::Folder(..) => return Err(Errno::NOTDIR.into()),
            };
            links += 1;
            if links > MAX_LINKS {
                return Err(Blocked::LinkLoop);
            }
            if is_last {
                walk.is_named(&name)?;
                link_folders.push(walk.at.clone());
            }
            walk.examine(&link.1, &walk.at.join(&name), true);
            if link.0.is_absolute() {
                walk.entered.truncate(1);
                walk.at = PathBuf::from("/");
            }
            if !is_in_link {
                after_link = rest.len();
            }
            rest.extend(names(&link.0));
        }
        Err(Blocked::NotAFile(Instead::Folder))
    }
}

impl Walk {
    fn start() -> Result<Walk, Blocked> {
        let root = rustix::fs::open("/", LOOK | OFlags::DIRECTORY, Mode::empty())?;
        let stat = rustix::fs::fstat(&root)?;
        let mut walk =
            Walk { entered: vec![root], at: PathBuf::from("/"), missing: vec![], dangles: false, foreign: None };
        walk.examine(&stat, Path::new("/"), false);
        Ok(walk)
    }

    /// The folder that the walk has come to; `/` is always there.
    fn folder(&self) -> Result<&OwnedFd, Blocked> {
        self.entered.last().ok_or(Blocked::Io(Errno::NOENT))
    }

    /// What `name` stands for. Goes up for `..`, which is no name.
    fn look(&mut self, name: &OsStr, is_last: bool) -> Result<Found, Blocked> {
        if name == ".." {
            if self.missing.pop().is_none() && self.entered.len() > 1 {
                self.entered.pop();
                self.at.pop();
            }
            return Ok(Found::Other);
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
        self.examine(stat, &self.at.clone(), false);
        self.entered.push(folder);
    }

    /// Remembers the first that somebody else than root can change.
    fn examine(&mut self, stat: &Stat, path: &Path, is_link: bool) {
        if self.foreign.is_none() {
            self.foreign = Foreign::of(stat, path, is_link);
        }
    }

    /// An error for a link of `/proc` to what a process has open, as `/dev/stdin` is: its text is no path.
    fn is_named(&self, name: &OsStr) -> Result<(), Blocked> {
        let is_open = || rustix::fs::statat(self.folder().ok()?, name, AtFlags::empty()).ok();
        match self.at.starts_with("/proc") && is_open().is_some() {
            true => Err(Blocked::NotAFile(Instead::Descriptor)),
            false => Ok(()),
        }
    }

    fn end(mut self, name: OsString, link_folders: Vec<PathBuf>) -> Result<Way, Blocked> {
        let found = self.entered.pop().ok_or(Errno::NOENT)?;
        let last = Arc::new(Folder::of(found, self.at)?);
        Ok(Way { last, missing: self.missing, name, dangles: self.dangles, link_folders, foreign: self.foreign })
    }
}

/// The parts of a path, the last one first.
fn names(path: &Path) -> Vec<OsString> {
    let named = path.components().filter(|part| matches!(part, Component::Normal(_) | Component::ParentDir));
    named.map(|part| part.as_os_str().to_owned()).rev().collect()
}
