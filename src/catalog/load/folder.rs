//! The files of an extension folder, read whole or refused; within bounds, and never waiting on a FIFO or a device.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Dir, Mode, OFlags};
use rustix::io::Errno;

use super::error::{LoadError, io_message};
use crate::file::{self, Instead, Refused};
use crate::json;
use crate::lang::Localized;
use crate::safe::Safe;
use crate::sort;
use crate::{localized, say};

/// In bytes. A catalog has some kilobytes; reading what is larger would only cost memory.
const LARGEST: u64 = 1024 * 1024;

/// Of all catalogs together, in bytes: what is made of them takes forty times as much.
const LARGEST_ALTOGETHER: u64 = LARGEST;

/// Files in the folder; one for each program and device of a counter are some ten.
const MOST_FILES: usize = 100;

/// Names that are looked at for them.
const MOST_NAMES: usize = 10_000;

/// A folder of catalogs that is held open.
pub(super) struct Folder {
    held: OwnedFd,
    /// For words alone.
    path: PathBuf,
}

impl Folder {
    /// The folder that somebody named; a link there is theirs to choose.
    pub(super) fn named(path: &Path) -> Result<Folder, LoadError> {
        Folder::open(CWD, path, path, OFlags::empty()).map_err(|error| unreadable(path, &error.into()))
    }

    /// The folder of that name in another one, if there is anything of that name. `path` is both, for words.
    pub(super) fn beside(folder: impl AsFd, name: &Path, path: &Path) -> Result<Option<Folder>, LoadError> {
        let Some(target) = file::link(&folder, name).map_err(|refused| not_read(path, refused))? else {
            return match Folder::open(folder, name, path, OFlags::NOFOLLOW) {
                Err(Errno::NOENT) => Ok(None),
                opened => opened.map(Some).map_err(|error| unreadable(path, &error.into())),
            };
        };
        match Folder::open(folder, &target, path, OFlags::empty()) {
            Err(Errno::NOENT) => {
                let target = Safe::path(&target);
                let message =
                    localized!("é um link para {}, que não existe", "is a link to {}, which does not exist", target);
                Err(LoadError::of_file(path, message))
            }
            opened => opened.map(Some).map_err(|error| unreadable(path, &error.into())),
        }
    }

    fn open(at: impl AsFd, name: &Path, path: &Path, more: OFlags) -> Result<Folder, Errno> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NONBLOCK | OFlags::CLOEXEC | more;
        Ok(Folder { held: file::open(at, name, flags, Mode::empty())?, path: path.to_owned() })
    }

    /// The names of its `*.json`, sorted. Those that start with a dot are editors' leftovers and are passed over.
    pub(super) fn names(&self) -> Result<Vec<OsString>, LoadError> {
        let too_many = |most| {
            let message = localized!(
                "há arquivos demais na pasta; o máximo é {}",
                "there are too many files in the folder; the maximum is {}",
                most
            );
            Err(LoadError::of_file(&self.path, message))
        };
        let failed = |error: Errno| unreadable(&self.path, &error.into());
        let mut names = Vec::new();
        for (number, entry) in Dir::read_from(&self.held).map_err(failed)?.enumerate() {
            // The folder itself and the one above are among them.
            if number == MOST_NAMES + 2 {
                return too_many(MOST_NAMES);
            }
            let name = entry.map_err(failed)?.file_name().to_bytes().to_vec();
            if name.ends_with(b".json") && !name.starts_with(b".") {
                names.push(OsString::from_vec(name));
            }
        }
        if names.len() > MOST_FILES {
            return too_many(MOST_FILES);
        }
        sort::sort(&mut names);
        Ok(names)
    }

    /// The path of a file in it, for words.
    pub(super) fn path_of(&self, name: &OsString) -> PathBuf {
        self.path.join(name)
    }

    /// A file's text, or what is wrong with it and, where that can be told, at which line and column. `before` is what the
    /// files before it have, in bytes.
    pub(super) fn text(&self, name: &OsString, before: u64) -> Result<String, LoadError> {
        let path = self.path_of(name);
        let left = LARGEST_ALTOGETHER.saturating_sub(before);
        let most = LARGEST.min(left);
        let read = match file::link(&self.held, Path::new(name)) {
            Ok(Some(target)) => file::read(&self.held, &target, true, most),
            Ok(None) => file::read(&self.held, Path::new(name), false, most),
            Err(refused) => Err(refused),
        };
        let whole = read.map_err(|refused| match refused {
            Refused::TooLarge if left < LARGEST => LoadError::of_file(
                &path,
                localized!(
                    "os catálogos juntos são grandes demais; o máximo é de {} bytes",
                    "the catalogs together are too large; the maximum is {} bytes",
                    LARGEST_ALTOGETHER
                ),
            ),
            refused => not_read(&path, refused),
        })?;
        json::text(&whole.bytes).map(str::to_owned).map_err(|error| LoadError::in_bytes(&path, &whole.bytes, error))
    }
}

/// About a folder that the system does not let be read.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> LoadError {
    let reason = io_message(error);
    let message =
        |lang| say!(lang, "não foi possível ler a pasta: {}", "the folder cannot be read: {}", reason.of(lang));
    LoadError::of_file(path, Localized::each(message))
}

fn not_read(path: &Path, refused: Refused) -> LoadError {
    let message = match refused {
        Refused::NotRegular(Instead::ForeignLink) => {
            localized!(
                "é um link de outro usuário; links de outros não são seguidos",
                "is a link of another user; such links are \
                 not followed"
            )
        }
        Refused::NotRegular(_) => localized!("não é um arquivo comum", "is not a regular file"),
        Refused::TooLarge => {
            localized!("é grande demais; o máximo é de {} bytes", "is too large; the maximum is {} bytes", LARGEST)
        }
        Refused::Io(error) => {
            let reason = io_message(&error);
            Localized::each(|lang| {
                say!(lang, "não foi possível ler este arquivo: {}", "the file cannot be read: {}", reason.of(lang))
            })
        }
    };
    LoadError::of_file(path, message)
}
