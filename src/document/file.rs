//! Finds the document's file and reads its bytes, without ever blocking on what stands in its place.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::io::Errno;

use super::read::{Instead, Reason};

/// A document is a few kilobytes; whatever is larger than this was put there by mistake, and reading it whole
/// would only take the counter's memory.
pub(super) const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// As many links as Linux itself follows before it calls them a loop.
const MAX_LINKS: usize = 40;

/// The path with symlinks resolved. Neither the file nor its folders need to exist: a dangling link gives the
/// target that a save would create.
pub(super) fn resolve(named: &Path) -> Result<PathBuf, Reason> {
    let absolute = std::path::absolute(named).map_err(refused)?;
    resolve_links(&absolute, &mut 0)
}

fn resolve_links(path: &Path, links: &mut usize) -> Result<PathBuf, Reason> {
    match fs::canonicalize(path) {
        Ok(found) => return Ok(found),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(refused(error)),
    }
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Ok(path.to_owned()) };
    match fs::read_link(path) {
        Ok(_) if *links == MAX_LINKS => Err(Reason::LinkLoop),
        Ok(target) => {
            *links += 1;
            resolve_links(&folder.join(target), links)
        }
        Err(_) => Ok(resolve_links(folder, links)?.join(name)),
    }
}

/// The bytes of the regular file at a resolved path; `None` where there is no file.
pub(super) fn bytes(path: &Path) -> Result<Option<Vec<u8>>, Reason> {
    let Some(mut file) = open(path)? else { return Ok(None) };
    let mut bytes = vec![];
    // One byte more than allowed: the file may have grown since its size was asked for.
    file.by_ref().take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(refused)?;
    if bytes.len() as u64 > MAX_BYTES { Err(Reason::TooLarge) } else { Ok(Some(bytes)) }
}

/// Opens a regular file of a size that can be a document's; `None` where there is no file.
///
/// Asked before opening, because opening a device can do things (rewind a tape), and after, because what stands
/// there may have been exchanged; non-blocking, because a FIFO without a writer holds an ordinary open for ever.
fn open(path: &Path) -> Result<Option<File>, Reason> {
    match fs::metadata(path) {
        Ok(metadata) => check(&metadata)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refused(error)),
    }
    let flags = OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path).map_err(refused)?;
    check(&file.metadata().map_err(refused)?)?;
    Ok(Some(file))
}

fn check(metadata: &fs::Metadata) -> Result<(), Reason> {
    let kind = metadata.file_type();
    let instead = match () {
        () if kind.is_file() && metadata.len() > MAX_BYTES => return Err(Reason::TooLarge),
        () if kind.is_file() => return Ok(()),
        () if kind.is_dir() => Instead::Folder,
        () if kind.is_fifo() => Instead::Fifo,
        () if kind.is_socket() => Instead::Socket,
        () => Instead::Device,
    };
    Err(Reason::NotRegular(instead))
}

fn refused(error: io::Error) -> Reason {
    match Errno::from_io_error(&error) {
        Some(Errno::LOOP) => Reason::LinkLoop,
        Some(Errno::ACCESS | Errno::PERM) => Reason::NotPermitted,
        _ => Reason::Io(error),
    }
}
