//! Who beside this account may use what is kept beside a document: nobody, or the group that shares the folder.
//!
//! Where a folder is writable for a group, its members replace each other's document, so they need each other's history and
//! lock too. Drafts are shared with nobody.

use std::ffi::OsStr;
use std::os::fd::AsFd;

use rustix::fs::{Gid, Mode, OFlags};
use rustix::io::Errno;

use super::accounts;
use super::folder::Folder;
use super::foreign::STICKY;

/// The bit of a folder that its group may write.
pub(super) const GROUP_WRITES: u32 = 0o020;

const GROUP_READS: u32 = 0o040;

const OTHERS_READ: u32 = 0o004;

/// The bits of a mode that are inherited from the folder around, and stay.
const SET_GROUP: u32 = 0o2000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sharing {
    /// The group that it is shared with.
    pub(super) group: Option<u32>,
}

impl Sharing {
    /// With nobody.
    pub(super) const PRIVATE: Sharing = Sharing { group: None };

    /// The mode of a folder that is not shared.
    pub(super) const FOLDER: u32 = 0o700;

    /// The mode of a file that is not shared.
    pub(super) const FILE: u32 = 0o600;

    /// Of what is kept beside a document in this folder: with the document's group, or where this account cannot give it that,
    /// with the folder's, which a new document gets. In a sticky folder nobody replaces another's document, so nothing is
    /// shared; nor with a group that may not read the document, and so cannot save it: the versions would tell what it
    /// holds.
    pub(super) fn beside(folder: &Folder, document: &OsStr) -> Result<Sharing, Errno> {
        let around = folder.own_stat()?;
        if group_of(folder, around.st_mode) & GROUP_WRITES == 0 || around.st_mode & STICKY != 0 {
            return Ok(Sharing::PRIVATE);
        }
        let Some(file) = folder.stat(document)? else { return Ok(Sharing { group: Some(around.st_gid) }) };
        let group = if accounts::is_my_group(file.st_gid) { file.st_gid } else { around.st_gid };
        let reads = match group == file.st_gid {
            true => {
                let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
                let open = rustix::fs::openat(folder, document, flags, Mode::empty());
                open.is_ok_and(|open| group_of(open, file.st_mode) & GROUP_READS != 0)
            }
            false => file.st_mode & OTHERS_READ != 0,
        };
        Ok(Sharing { group: Some(group).filter(|_| reads) })
    }

    /// Gives a file or folder of this account's its group and the mode, `private` or the same for the group too; true where it
    /// had another. One that cannot be given the group stays closed to groups.
    pub(super) fn apply(self, open: impl AsFd, private: u32) -> Result<bool, Errno> {
        let now = rustix::fs::fstat(&open)?;
        let given = self.group.filter(|group| {
            let gives = || rustix::fs::fchown(&open, None, Some(Gid::from_raw(*group)));
            now.st_gid == *group || gives().is_ok()
        });
        let shared = if given.is_some() { private | private >> 3 & 0o070 } else { private };
        let mode = shared | now.st_mode & SET_GROUP;
        if now.st_mode & 0o7777 == mode && given.is_none_or(|group| group == now.st_gid) {
            return Ok(false);
        }
        match rustix::fs::fchmod(open, Mode::from_raw_mode(mode)) {
            // On FAT and the like the mount decides about modes: whose the file is can use it, and more is not to be had.
            Err(Errno::PERM | Errno::NOTSUP | Errno::INVAL) if now.st_mode & private == private => Ok(false),
            changed => changed.map(|()| true),
        }
    }
}

/// What the group itself may, as bits of a mode. Where there is an ACL, those of the mode are its mask: the most that anybody
/// else but the owner may. One that cannot be read gives nothing.
fn group_of(open: impl AsFd, mode: u32) -> u32 {
    // As the kernel keeps it: a version, then a tag, rights and an account for each entry. An account's own may be many.
    let mut acl = vec![0; 4096];
    match rustix::fs::fgetxattr(open, "system.posix_acl_access", &mut *acl) {
        Err(Errno::NODATA | Errno::NOTSUP) => mode,
        Err(_) => 0,
        Ok(bytes) => {
            acl.truncate(bytes);
            let entries = acl.get(4..).unwrap_or_default().chunks_exact(8);
            let rights =
                |wanted: u8| entries.clone().find(|entry| entry[..2] == [wanted, 0]).map(|entry| u32::from(entry[2]));
            (rights(ACL_GROUP).unwrap_or(0) & rights(ACL_MASK).unwrap_or(7)) << 3
        }
    }
}

/// Tags of an ACL's entries: the group itself, and the mask.
const ACL_GROUP: u8 = 4;

const ACL_MASK: u8 = 16;
