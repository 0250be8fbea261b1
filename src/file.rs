//! Reads regular files, whole and within bounds; never waits for one, and never opens anything else.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::lang::Lang;

/// A regular file that was read.
pub struct Whole {
    pub bytes: Vec<u8>,
    pub file: File,
}

/// Why a file was not read.
#[derive(Debug)]
pub enum Refused {
    /// Something else stands in its place.
    NotRegular(Instead),
    /// Larger than was allowed.
    TooLarge,
    Io(io::Error),
}

/// What stands in a file's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instead {
    Folder,
    Fifo,
    Socket,
    Device,
    /// A symbolic link, where none is followed.
    Link,
    /// What a process has open, by `/dev/stdin` or `/proc`.
    Descriptor,
}

/// Reads the file `name` of an open folder, or at that path with [`rustix::fs::CWD`]; at most `most` bytes. A symbolic
/// link in its place is followed only where asked for.
///
/// Looked at before it is opened, because opening a device can do things (rewind a tape), and after, because what stands
/// there may have been exchanged; opened non-blocking, because a FIFO without a writer holds an ordinary open for ever.
pub fn read(folder: impl AsFd, name: &Path, follow_links: bool, most: u64) -> Result<Whole, Refused> {
    let (look, open) = match follow_links {
        true => (AtFlags::empty(), OFlags::empty()),
        false => (AtFlags::SYMLINK_NOFOLLOW, OFlags::NOFOLLOW),
    };
    regular(rustix::fs::statat(&folder, name, look)?.st_mode)?;
    let flags = open | OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let mut file = File::from(rustix::fs::openat(&folder, name, flags, Mode::empty())?);
    let stat = rustix::fs::fstat(&file)?;
    regular(stat.st_mode)?;
    if u64::try_from(stat.st_size).is_ok_and(|size| size > most) {
        return Err(Refused::TooLarge);
    }
    let mut bytes = vec![];
    // One byte more than allowed: the file may have grown since its size was asked for.
    file.by_ref().take(most + 1).read_to_end(&mut bytes).map_err(Refused::Io)?;
    if bytes.len() as u64 > most { Err(Refused::TooLarge) } else { Ok(Whole { bytes, file }) }
}

fn regular(mode: u32) -> Result<(), Refused> {
    Err(Refused::NotRegular(match FileType::from_raw_mode(mode) {
        FileType::RegularFile => return Ok(()),
        FileType::Directory => Instead::Folder,
        FileType::Fifo => Instead::Fifo,
        FileType::Socket => Instead::Socket,
        FileType::Symlink => Instead::Link,
        _ => Instead::Device,
    }))
}

impl From<Errno> for Refused {
    fn from(error: Errno) -> Refused {
        Refused::Io(error.into())
    }
}

impl From<Refused> for io::Error {
    /// For readers that tell the system's reasons alone.
    fn from(refused: Refused) -> io::Error {
        match refused {
            Refused::Io(error) => error,
            Refused::NotRegular(Instead::Link) => Errno::LOOP.into(),
            Refused::NotRegular(_) | Refused::TooLarge => Errno::INVAL.into(),
        }
    }
}

impl Instead {
    pub fn message(self, lang: Lang) -> &'static str {
        match self {
            Instead::Folder => lang.pick("uma pasta", "a folder"),
            Instead::Fifo => lang.pick("um FIFO (pipe com nome)", "a FIFO (named pipe)"),
            Instead::Socket => lang.pick("um socket", "a socket"),
            Instead::Device => lang.pick("um dispositivo", "a device"),
            Instead::Descriptor => lang.pick(
                "algo que o shell abriu (/dev/stdin, <(…))",
                "something that the shell opened (/dev/stdin, <(…))",
            ),
            Instead::Link => lang.pick("um link simbólico", "a symbolic link"),
        }
    }
}
