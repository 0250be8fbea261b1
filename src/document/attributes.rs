//! What a file keeps when another takes its place: owner, group, ACL, extended attributes, security label, mode.
//!
//! Copying the mode alone can widen access: with an ACL, the mode's group bits are the ACL's mask, not the group's rights.
//! So everything is copied, or the save is refused.

use std::io;
use std::os::fd::AsFd;

use rustix::fs::{Gid, Mode, Stat, Uid, XattrFlags};
use rustix::io::Errno;

use super::accounts;
use super::foreign::{self, STICKY};
use super::save::Attribute;
use super::sharing::GROUP_WRITES;

/// Hashes that the kernel itself keeps over a file's contents: the old ones would be wrong for new contents.
const KERNELS_OWN: [&[u8]; 2] = [b"security.ima", b"security.evm"];

/// What becomes of the owner of a file that is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// The file goes on to belong to whom it belonged.
    Kept,
    /// It becomes this account's, and this group's.
    Taken { group: u32 },
}

/// Why an owner cannot be kept: as the kernel says it, who is asked in vain.
pub(super) fn not_kept() -> Errno {
    if foreign::is_root() { Errno::INVAL } else { Errno::PERM }
}

/// Decides what becomes of the owner of a file with this `stat` in a folder with that one; `None` where too much would be
/// lost.
///
/// Only root may give a file away. In one's own folder root saves nothing, so a file that root left there is one's own. Where a
/// group shares the folder, each member's save makes the file their own, or
/// sharing would not be possible; what its owner could read by owning it they must still be able to read. Who is in its
/// group by the mode alone would be shut out where the group changes, so it changes only where its bits mean nothing.
pub(super) fn owner_of(file: &Stat, folder: &Stat) -> Option<Owner> {
    let (mode, is_mine) = (file.st_mode, accounts::is_me(file.st_uid));
    let group_stays = accounts::is_my_group(file.st_gid);
    if foreign::is_root() {
        return accounts::is_known_here(file.st_uid, file.st_gid).then_some(Owner::Kept);
    }
    if is_mine && group_stays {
        return Some(Owner::Kept);
    }
    let is_shared = folder.st_mode & GROUP_WRITES != 0 && folder.st_mode & STICKY == 0
        || accounts::is_me(folder.st_uid) && file.st_uid == 0;
    let group_is_idle = mode >> 3 & 0o7 == mode & 0o7;
    let reads_as_member = || mode & 0o040 != 0 && group_stays && accounts::is_member(file.st_uid, file.st_gid);
    let still_reads = is_mine || file.st_uid == 0 || mode & 0o004 != 0 || mode & 0o400 == 0 || reads_as_member();
    let group = if group_stays { file.st_gid } else { folder.st_gid };
    (is_shared && still_reads && (group_stays || group_is_idle)).then_some(Owner::Taken { group })
}

/// Gives `new` the attributes of `old`. The order matters: a change of owner clears bits of the mode, and a change
/// of the ACL sets them.
pub(super) fn carry(old: impl AsFd, stat: &Stat, kept: Owner, new: impl AsFd) -> Result<(), (Attribute, io::Error)> {
    owner(stat, kept, &new).map_err(|error| (Attribute::Owner, error.into()))?;
    extended(&old, &new)?;
    mode(Mode::from_raw_mode(stat.st_mode), &new)
}

/// Sets the mode; the umask does not apply to chmod.
pub(super) fn mode(mode: Mode, new: impl AsFd) -> Result<(), (Attribute, io::Error)> {
    rustix::fs::fchmod(new, mode).map_err(|error| (Attribute::Mode, error.into()))
}

/// Does nothing where the owner is right already: few users may set one.
fn owner(stat: &Stat, kept: Owner, new: impl AsFd) -> Result<(), Errno> {
    let now = rustix::fs::fstat(&new)?;
    let (user, group) = match kept {
        Owner::Kept => (stat.st_uid, stat.st_gid),
        Owner::Taken { group } => (now.st_uid, group),
    };
    if (now.st_uid, now.st_gid) == (user, group) {
        return Ok(());
    }
    let user = (now.st_uid != user).then(|| Uid::from_raw(user));
    let group = (now.st_gid != group).then(|| Gid::from_raw(group));
    rustix::fs::fchown(&new, user, group)
}

/// ACLs and security labels are extended attributes too.
fn extended(old: impl AsFd, new: impl AsFd) -> Result<(), (Attribute, io::Error)> {
    let failed = |name: &[u8], error: Errno| (Attribute::of(name), io::Error::from(error));
    let kept = names(&old).map_err(|error| failed(b"", error))?;
    for name in names(&new).map_err(|error| failed(b"", error))? {
        // A folder's default ACL comes with the file; the old file had none, and must not get one.
        if !kept.contains(&name) {
            rustix::fs::fremovexattr(&new, name.as_slice()).map_err(|error| failed(&name, error))?;
        }
    }
    for name in kept {
        let wanted = value(&old, &name).map_err(|error| failed(&name, error))?;
        // A label that the system has set already is not set again: few users may.
        if value(&new, &name).is_ok_and(|given| given == wanted) {
            continue;
        }
        rustix::fs::fsetxattr(&new, name.as_slice(), &wanted, XattrFlags::empty())
            .map_err(|error| failed(&name, error))?;
    }
    Ok(())
}

/// The names of a file's extended attributes; none where the file system has no such thing.
fn names(file: impl AsFd) -> Result<Vec<Vec<u8>>, Errno> {
    let list = match sized(|buffer| rustix::fs::flistxattr(&file, buffer)) {
        Err(Errno::NOTSUP | Errno::NOSYS) => return Ok(vec![]),
        list => list?,
    };
    let names = list.split(|byte| *byte == 0).filter(|name| !name.is_empty() && !KERNELS_OWN.contains(name));
    Ok(names.map(<[u8]>::to_vec).collect())
}

fn value(file: impl AsFd, name: &[u8]) -> Result<Vec<u8>, Errno> {
    sized(|buffer| rustix::fs::fgetxattr(&file, name, buffer))
}

/// The largest list or value on Linux (XATTR_LIST_MAX, XATTR_SIZE_MAX). A buffer that always fits needs no second call,
/// and no handling of a size that changed between the two.
const LARGEST: usize = 64 * 1024;

fn sized(ask: impl FnOnce(&mut [u8]) -> Result<usize, Errno>) -> Result<Vec<u8>, Errno> {
    let mut buffer = vec![0; LARGEST];
    let size = ask(&mut buffer)?;
    buffer.truncate(size);
    Ok(buffer)
}
