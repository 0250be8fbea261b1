//! Reads regular files, whole and within bounds; never waits for one without a bound, and never opens anything else.

use crate::channel::channel;
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, StatxAttributes, StatxFlags};
use rustix::io::{Errno, retry_on_intr};
use rustix::process::geteuid;

use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;

/// How long a file is waited for that another program holds (a lease), or a disk that does not answer: one that is at
/// work answers sooner, and nobody takes a second for a program that hangs.
pub const PATIENCE: Duration = Duration::from_secs(1);

/// How often a file that is held is tried again.
const STEP: Duration = Duration::from_millis(20);

/// How long somebody is waited for who writes to a FIFO; who does may take as long as it takes.
const WRITER: Timespec = Timespec { tv_sec: 4, tv_nsec: 0 };

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
    /// A FIFO that was to be read, and nobody writes to it.
    UnwrittenFifo,
    Socket,
    Device,
    /// A symbolic link, where none is followed.
    Link,
    /// A link to what a process has open, by `/dev/stdin` or `/proc`.
    Descriptor,
    /// Where root runs the program, a symbolic link of another account.
    ForeignLink,
    /// Something is mounted there: perhaps a disk that does not answer.
    Mount,
}

/// Reads the file `name` of an open folder, or at that path with [`CWD`]; at most `most` bytes. A symbolic link in its
/// place is followed only where asked for.
///
/// Looked at before it is opened, because opening a device can do things (rewind a tape), and after, because what stands
/// there may have been exchanged; opened non-blocking, because a FIFO without a writer holds an ordinary open for ever.
pub fn read(folder: impl AsFd, name: &Path, follow_links: bool, most: u64) -> Result<Whole, Refused> {
    let (look, unlinked) = match follow_links {
        true => (AtFlags::empty(), OFlags::empty()),
        false => (AtFlags::SYMLINK_NOFOLLOW, OFlags::NOFOLLOW),
    };
    regular(rustix::fs::statat(&folder, name, look)?.st_mode)?;
    let flags = unlinked | OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let mut file = File::from(open(&folder, name, flags, Mode::empty())?);
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

/// The same of what is at a path, links followed.
pub fn read_at(path: &Path, most: u64) -> Result<Whole, Refused> {
    read(CWD, path, true, most)
}

/// The same of a file that the program keeps beside a document: no link is followed, and nothing that is mounted in its
/// place is touched.
pub fn read_beside(folder: impl AsFd, name: &Path, most: u64) -> Result<Whole, Refused> {
    not_mounted(&folder, name)?;
    read(folder, name, false, most)
}

/// Where the symbolic link `name` leads; `None` where there is none. Who can put a link there could have root's program read
/// anything: another's link is refused, and one that was looked at is not looked up again.
pub fn link(folder: impl AsFd, name: &Path) -> Result<Option<PathBuf>, Refused> {
    let found = match rustix::fs::openat(folder, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
    {
        Err(Errno::NOENT) => return Ok(None),
        found => found?,
    };
    let stat = rustix::fs::fstat(&found)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::Symlink {
        return Ok(None);
    }
    if geteuid().is_root() && stat.st_uid != 0 {
        return Err(Refused::NotRegular(Instead::ForeignLink));
    }
    let target = rustix::fs::readlinkat(&found, "", vec![])?;
    Ok(Some(OsString::from_vec(target.into_bytes()).into()))
}

/// Opens a folder beside a document: no link is followed, and nothing that is mounted in its place is touched.
pub fn open_folder(folder: impl AsFd, name: &Path) -> io::Result<OwnedFd> {
    not_mounted(&folder, name)?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(open(folder, name, flags, Mode::empty())?)
}

/// Opens a file; one that another program holds by a lease is tried again until [`PATIENCE`] is over. `flags` are to have
/// `NONBLOCK`: without it the system itself waits for the holder, up to 45 s.
pub fn open(folder: impl AsFd, name: &Path, flags: OFlags, mode: Mode) -> Result<OwnedFd, Errno> {
    let began = Instant::now();
    // Never held while a file is opened, which may hang.
    let in_vain = || IN_VAIN.lock().unwrap_or_else(PoisonError::into_inner);
    let patience = match *in_vain() {
        Some(last) if began - last < 2 * PATIENCE => Duration::ZERO,
        _ => PATIENCE,
    };
    loop {
        match rustix::fs::openat(&folder, name, flags, mode) {
            Err(Errno::AGAIN) if began.elapsed() < patience => thread::sleep(STEP),
            Err(Errno::AGAIN) => {
                *in_vain() = Some(Instant::now());
                return Err(Errno::AGAIN);
            }
            opened => return opened,
        }
    }
}

/// When a file was last waited for in vain. Who holds one may hold a hundred, and they are not waited for one after the other.
static IN_VAIN: Mutex<Option<Instant>> = Mutex::new(None);

/// Refuses what is mounted at that name from anywhere but a disk of this machine: a server of files that does not answer would
/// be waited for.
pub fn not_mounted(folder: impl AsFd, name: &Path) -> Result<(), Refused> {
    match mounted(folder, name) {
        Some(Mounted { is_disk: false }) => Err(Refused::NotRegular(Instead::Mount)),
        _ => Ok(()),
    }
}

/// Something that is mounted.
pub struct Mounted {
    /// A disk with a number of its own; not a server in a process or on the network, and not memory.
    is_disk: bool,
}

/// What is mounted at that name, by what the kernel knows without asking it: to look at it in the usual way, or to open it,
/// would wait for one that does not answer. Before Linux 5.8 the kernel does not tell.
pub fn mounted(folder: impl AsFd, name: &Path) -> Option<Mounted> {
    let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT | AtFlags::STATX_DONT_SYNC;
    let found = rustix::fs::statx(folder, name, flags, StatxFlags::TYPE).ok()?;
    let is_root = found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT);
    is_root.then_some(Mounted { is_disk: found.stx_dev_major != 0 })
}

/// What `ask` finds out, where the disk answers within that time; else [`io::ErrorKind::TimedOut`], and the thread that
/// asked is left behind.
pub fn within<T: Send + 'static>(
    limit: Duration,
    ask: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let (sender, answer) = channel();
    thread::Builder::new().name("disk".into()).spawn(move || sender.send(ask()))?;
    match answer.recv_timeout(limit) {
        Ok(found) => found,
        Err(RecvTimeoutError::Timeout) => Err(Errno::TIMEDOUT.into()),
        Err(RecvTimeoutError::Disconnected) => Err(io::ErrorKind::Other.into()),
    }
}

/// Reads what an argument names in an open folder: a regular file, or, for as long as it takes, a pipe or device; no link.
pub fn given_in(folder: impl AsFd, name: &Path, most: u64) -> Result<Vec<u8>, Refused> {
    // Not waiting, so that a FIFO does not hold what is still to be looked at.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    bounded(open(folder, name, flags, Mode::empty())?.into(), most)
}

/// The same of what the process has open, by its name in `/proc` or `/dev`.
pub fn given(name: &Path, most: u64) -> Result<Vec<u8>, Refused> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    bounded(open(CWD, name, flags, Mode::empty())?.into(), most)
}

/// The same of stdin. Not opened anew: a socket cannot be.
pub fn stdin(most: u64) -> Result<Vec<u8>, Refused> {
    bounded(io::stdin().as_fd().try_clone_to_owned().map_err(Refused::Io)?.into(), most)
}

fn bounded(file: File, most: u64) -> Result<Vec<u8>, Refused> {
    let mut bytes = vec![];
    let stat = rustix::fs::fstat(&file)?;
    let kind = FileType::from_raw_mode(stat.st_mode);
    match kind {
        FileType::Directory => return Err(Refused::NotRegular(Instead::Folder)),
        FileType::RegularFile if u64::try_from(stat.st_size).is_ok_and(|size| size > most) => {
            return Err(Refused::TooLarge);
        }
        FileType::RegularFile => {}
        // Until there is a writer: one that was opened without waiting reads as ended before it.
        _ => {
            let flags = rustix::fs::fcntl_getfl(&file)?;
            let came = |limit| retry_on_intr(|| poll(&mut [PollFd::new(&file, PollFlags::IN)], limit));
            // Then one that has a writer reads as empty, and one that has none as ended.
            if kind == FileType::Fifo && flags.contains(OFlags::NONBLOCK) && came(Some(&WRITER))? == 0 {
                let mut first = [0; 1];
                match rustix::io::read(&file, &mut first) {
                    Ok(0) => return Err(Refused::NotRegular(Instead::UnwrittenFifo)),
                    Ok(_) => bytes.extend(first),
                    Err(Errno::AGAIN) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            if bytes.is_empty() {
                came(None)?;
            }
            if flags.contains(OFlags::NONBLOCK) {
                rustix::fs::fcntl_setfl(&file, flags - OFlags::NONBLOCK)?;
            }
        }
    }
    file.take(most + 1).read_to_end(&mut bytes).map_err(Refused::Io)?;
    if bytes.len() as u64 > most { Err(Refused::TooLarge) } else { Ok(bytes) }
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
            Refused::NotRegular(Instead::Mount) => Errno::BUSY.into(),
            Refused::NotRegular(_) | Refused::TooLarge => io::Error::new(io::ErrorKind::InvalidInput, refused),
        }
    }
}

impl std::error::Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message(Lang::En).unwrap_or_default().fmt(to)
    }
}

impl Refused {
    /// What was no matter of the system's, as half a sentence.
    pub fn message(&self, lang: Lang) -> Option<Safe> {
        match self {
            Refused::NotRegular(instead) => Some(say!(lang, "é {}", "it is {}", instead.message(lang))),
            Refused::TooLarge => Some(say!(lang, "é grande demais", "it is too large")),
            Refused::Io(_) => None,
        }
    }
}

impl Instead {
    pub fn message(self, lang: Lang) -> &'static str {
        match self {
            Instead::Folder => lang.pick("uma pasta", "a folder"),
            Instead::Fifo => lang.pick("um FIFO (pipe com nome)", "a FIFO (named pipe)"),
            Instead::UnwrittenFifo => lang
                .pick("um FIFO (pipe com nome) em que ninguém grava", "a FIFO (named pipe), and nobody writes to it"),
            Instead::Socket => lang.pick("um socket", "a socket"),
            Instead::Device => lang.pick("um dispositivo", "a device"),
            Instead::Descriptor => lang.pick(
                "um link de /proc para o que um processo abriu (/dev/stdin, <(…))",
                "a link of /proc to what a process has opened (/dev/stdin, <(…))",
            ),
            Instead::Link => lang.pick("um link simbólico", "a symbolic link"),
            Instead::ForeignLink => lang.pick("um link de outro usuário", "a link of another user"),
            Instead::Mount => lang.pick("um ponto de montagem", "a mount point"),
        }
    }
}
