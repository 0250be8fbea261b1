//! Who beside this account may use what is kept beside a document: nobody, or the group that shares the folder.
//!
//! Where a folder is writable for a group, its members replace each other's document, so they need each other's history and
//! lock too. Drafts are shared with nobody.

use std::ffi::OsStr;
use std::os::fd::AsFd;

use rustix::fs::{Gid, Mode};
use rustix::io::Errno;

use super::accounts;
use super::folder::Folder;
use super::foreign::STICKY;

/// The bit of a folder that its group may write.
pub(super) const GROUP_WRITES: u32 = 0o020;

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
    /// shared.
    pub(super) fn beside(folder: &Folder, document: &OsStr) -> Result<Sharing, Errno> {
        let around = folder.own_stat()?;
        if around.st_mode & GROUP_WRITES == 0 || around.st_mode & STICKY != 0 {
            return Ok(Sharing::PRIVATE);
        }
        let own = folder.stat(document)?.map(|file| file.st_gid).filter(|group| accounts::is_my_group(*group));
        Ok(Sharing { group: Some(own.unwrap_or(around.st_gid)) })
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
