//! The document's folder, watched: whoever shows the document hears of every change without looking time and again.
//!
//! One inotify descriptor, for the poll of whoever waits. The folder is watched and not the file, since a save exchanges
//! the file. Where the folder is missing, the nearest one above it is watched for its coming. What happens to other names in
//! the folder is read and forgotten. The links on the way to the document are watched in the same way.

use std::ffi::{OsStr, OsString};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::sync::{Mutex, PoisonError};

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;

use super::location::Location;

/// Watches a document's place. Made once; [`Watch::arm`] makes sure of the folder again.
#[derive(Debug)]
pub struct Watch {
    inotify: OwnedFd,
    location: Location,
    armed: Mutex<Armed>,
}

/// What is watched by now.
#[derive(Debug, Default)]
struct Armed {
    /// The folders' numbers in the descriptor, which are not used twice, each with what is awaited in it: the document, or the
    /// folder that is missing, and the links on the way to it.
    names: Vec<(i32, OsString)>,
}

/// Why changes are seen only when the file is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unwatched {
    /// Other machines may write there, and this one's kernel does not hear of it.
    Network,
    /// The system gives no more watches.
    Limit,
    /// The folder may not be watched.
    Refused,
}

/// What tells of a change in a folder: of a file in it, and of the folder itself.
const CHANGES: WatchFlags = WatchFlags::CREATE
    .union(WatchFlags::CLOSE_WRITE)
    .union(WatchFlags::MOVED_TO)
    .union(WatchFlags::MOVED_FROM)
    .union(WatchFlags::DELETE)
    .union(WatchFlags::ATTRIB)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF)
    .union(WatchFlags::ONLYDIR);

/// What the folder itself can come to. `IGNORED`: the kernel has ended the watch.
const OF_FOLDER: ReadFlags =
    ReadFlags::DELETE_SELF.union(ReadFlags::MOVE_SELF).union(ReadFlags::UNMOUNT).union(ReadFlags::IGNORED);

/// The numbers of file systems that other machines, or programs behind the kernel's back, may change (`linux/magic.h` and
/// the systems' own headers): NFS, SMB, CIFS, SMB 2, FUSE, 9p, Ceph, AFS (two), Coda, Lustre, GPFS, OCFS2, GFS2, vboxsf,
/// VMware's.
const NETWORK: [u64; 16] = [
    0x6969,
    0x517b,
    0xff53_4d42,
    0xfe53_4d42,
    0x6573_5546,
    0x0102_1997,
    0x00c3_6400,
    0x5346_414f,
    0x6b41_4653,
    0x7375_7245,
    0x0bd0_0bd0,
    0x4750_4653,
    0x7461_636f,
    0x0116_1970,
    0x786f_4256,
    0xbacb_acbc,
];

/// So many reads at a time: a folder in which something happens without end must not hold the reader.
const READS: usize = 16;

impl Watch {
    /// For the document there; nothing is watched before [`Watch::arm`].
    pub fn of(location: &Location) -> Result<Watch, Unwatched> {
        let inotify = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
        Ok(Watch { inotify, location: location.clone(), armed: Mutex::default() })
    }

    /// Watches the folder that is there now, or goes on doing so. Errors: why changes may go unheard.
    ///
    /// May wait for the disk. To be called again once something has happened: the folder may be another one by then.
    pub fn arm(&self) -> Result<(), Unwatched> {
        let mut ended = Err(Unwatched::Refused);
        // What is missing may come between two looks; then it is there at the second.
        for _ in 0..2 {
            let location = self.location.again();
            let (folder, missing) = location.awaited().map_err(|_| Unwatched::Refused)?;
            let named = [(folder.as_fd(), missing.unwrap_or(location.name()))];
            ended = self.add(named.into_iter().chain(location.links()));
            if !missing.is_some_and(|name| matches!(folder.folder(name), Ok(Some(_)))) {
                break;
            }
        }
        ended
    }

    /// Watches these folders instead of those before, for these names in them.
    fn add<'f>(&self, named: impl Iterator<Item = (BorrowedFd<'f>, &'f OsStr)>) -> Result<(), Unwatched> {
        let (mut names, mut ended) = (vec![], Ok(()));
        for (folder, name) in named {
            // By the descriptor's own path: the folder that is held, whatever is called so by now.
            let path = format!("/proc/self/fd/{}", folder.as_raw_fd());
            match inotify::add_watch(&self.inotify, path, CHANGES) {
                Ok(number) => names.push((number, name.to_owned())),
                Err(error) => ended = ended.and(Err(error.into())),
            }
            let is_network = rustix::fs::fstatfs(folder).is_ok_and(|system| {
                // The field is signed on some machines, and its numbers have 32 bits.
                NETWORK.contains(&(system.f_type as u64 & 0xffff_ffff))
            });
            ended = ended.and(if is_network { Err(Unwatched::Network) } else { Ok(()) });
        }
        let mut armed = self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut armed.names, names);
        for (number, _) in before {
            if armed.names.iter().all(|(now, _)| *now != number) {
                // Fails where the kernel has ended it already.
                _ = inotify::remove_watch(&self.inotify, number);
            }
        }
        ended
    }

    /// Takes what has happened since it was last asked; true where some of it may concern the document. Does not wait.
    pub fn changed(&self) -> bool {
        let armed = self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut room = [MaybeUninit::uninit(); 4096];
        let mut events = Reader::new(&self.inotify, &mut room);
        let (mut changed, mut reads) = (false, 0);
        loop {
            reads += usize::from(events.is_buffer_empty());
            if reads > READS {
                return changed;
            }
            let Ok(event) = events.next() else { return changed };
            let what = event.events();
            let name = event.file_name().map(|name| OsStr::from_bytes(name.to_bytes()));
            let concerns = |(number, awaited): &(i32, OsString)| {
                *number == event.wd() && (what.intersects(OF_FOLDER) || name == Some(awaited))
            };
            changed |= what.contains(ReadFlags::QUEUE_OVERFLOW) || armed.names.iter().any(concerns);
        }
    }
}

impl AsFd for Watch {
    /// Readable once something has happened in the folder.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inotify.as_fd()
    }
}

impl From<Errno> for Unwatched {
    fn from(error: Errno) -> Unwatched {
        match error {
            Errno::NOSPC | Errno::MFILE | Errno::NFILE | Errno::NOMEM => Unwatched::Limit,
            _ => Unwatched::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use tempfile::TempDir;

    use super::*;

    /// A folder with a document, watched.
    fn watched() -> (TempDir, Watch) {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("config.json"), "{}").unwrap();
        let watch = Watch::of(&Location::find(&folder.path().join("config.json"))).unwrap();
        watch.arm().unwrap();
        (folder, watch)
    }

    #[test]
    fn every_way_of_changing_the_file_is_heard_once() {
        let (folder, watch) = watched();
        let [file, other] = ["config.json", "other.json"].map(|name| folder.path().join(name));
        let ways: [(&str, &dyn Fn()); 6] = [
            ("written in place", &|| fs::write(&file, "{ }").unwrap()),
            ("its mode", &|| fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap()),
            ("moved away", &|| fs::rename(&file, &other).unwrap()),
            ("moved in", &|| fs::rename(&other, &file).unwrap()),
            ("removed", &|| fs::remove_file(&file).unwrap()),
            ("made", &|| drop(fs::File::create(&file).unwrap())),
        ];
        for (way, change) in ways {
            assert!(!watch.changed(), "before: {way}");
            change();
            assert!(watch.changed(), "{way}");
        }
    }

    #[test]
    fn a_link_on_the_way_that_leads_elsewhere_is_heard() {
        let folder = TempDir::new().unwrap();
        for name in ["one/config.json", "two/config.json", "links/x"] {
            fs::create_dir(folder.path().join(name).parent().unwrap()).unwrap();
            fs::write(folder.path().join(name), "{}").unwrap();
        }
        let lead = |link: &str, target: &str| {
            symlink(target, folder.path().join("links/new")).unwrap();
            fs::rename(folder.path().join("links/new"), folder.path().join(link)).unwrap();
        };
        lead("links/shop", "../one");
        lead("links/config.json", "shop/config.json");
        let watch = Watch::of(&Location::find(&folder.path().join("links/config.json"))).unwrap();
        watch.arm().unwrap();
        for (link, target) in [("links/shop", "../two"), ("links/config.json", "../one/config.json")] {
            assert!(!watch.changed());
            lead(link, target);
            assert!(watch.changed(), "{link}");
            watch.arm().unwrap();
        }
        fs::write(folder.path().join("one/config.json"), "{ }").unwrap();
        assert!(watch.changed(), "the file to which it leads now");
    }

    #[test]
    fn what_happens_to_other_names_is_forgotten() {
        let (folder, watch) = watched();
        for name in [".config.json.lock", "config.json.checks", "config.json~", "config.jso"] {
            fs::write(folder.path().join(name), "").unwrap();
            fs::rename(folder.path().join(name), folder.path().join("x")).unwrap();
        }
        fs::create_dir(folder.path().join("config.json.drafts")).unwrap();
        fs::write(folder.path().join("config.json.drafts/config.json"), "").unwrap();
        assert!(!watch.changed());
    }

    #[test]
    fn a_folder_that_goes_and_comes_again_is_watched_again() {
        let (root, folder) = (TempDir::new().unwrap(), "shop/etc");
        let path = root.path().join(folder).join("config.json");
        let watch = Watch::of(&Location::find(&path)).unwrap();
        watch.arm().unwrap();
        for round in 0..3 {
            fs::create_dir_all(root.path().join(folder)).unwrap();
            assert!(watch.changed(), "{round}: its coming");
            watch.arm().unwrap();
            fs::write(&path, "{}").unwrap();
            assert!(watch.changed(), "{round}: the file");
            match round {
                0 => fs::rename(root.path().join(folder), root.path().join("moved")).unwrap(),
                _ => fs::remove_dir_all(root.path().join(folder)).unwrap(),
            }
            assert!(watch.changed(), "{round}: its going");
            watch.arm().unwrap();
        }
        fs::write(root.path().join("moved/config.json"), "{ }").unwrap();
        assert!(!watch.changed(), "what was moved away is somebody else's");
    }

    #[test]
    fn more_than_the_kernel_keeps_is_a_change() {
        let (folder, watch) = watched();
        let most: usize = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap().trim().parse().unwrap();
        let names = ["a", "b"].map(|name| folder.path().join(name));
        fs::write(&names[0], "").unwrap();
        // Two events each; like ones that follow each other are told as one.
        for turn in 0..=most / 2 {
            fs::rename(&names[turn % 2], &names[(turn + 1) % 2]).unwrap();
        }
        assert!((0..=most).any(|_| watch.changed()));
    }

    #[test]
    fn where_nothing_can_be_heard_it_is_said_why() {
        for (error, why) in
            [(Errno::NOSPC, Unwatched::Limit), (Errno::MFILE, Unwatched::Limit), (Errno::ACCESS, Unwatched::Refused)]
        {
            assert_eq!(Unwatched::from(error), why);
        }
        let proc = Watch::of(&Location::find(Path::new("/proc/self/no/config.json"))).unwrap();
        // Whatever a kernel says of a file system without events, it is an answer.
        _ = proc.arm();
        assert!(!proc.changed());
    }
}
