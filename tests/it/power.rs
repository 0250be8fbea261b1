//! The power goes: what was said to be saved is on the disk, whole. On a disk of our own, whose file system is stopped dead at
//! some moment and mounted anew. Only root can.

mod root {
    use std::fs;
    use std::io::{BufRead, BufReader, Write};
    use std::path::{Path, PathBuf};
    use std::process::{Child, Command, Stdio};
    use std::thread;
    use std::time::Duration;

    use balcao_config::catalog::Catalog;
    use balcao_config::document::Document;
    use balcao_config::document::Location;
    use balcao_config::document::history::History;
    use tempfile::TempDir;

    use crate::faults::root::{Mount, run};
    use crate::history::{PAUSED, PORT, VICTIM, key, times};

    #[test]
    fn what_was_said_to_be_saved_survives_a_power_cut_on_ext4() {
        cut_power(&EXT4, false);
    }

    #[test]
    fn what_was_said_to_be_saved_survives_a_power_cut_on_xfs() {
        cut_power(&XFS, false);
    }

    #[test]
    fn the_document_alone_survives_a_power_cut_on_ext4() {
        cut_power(&EXT4, true);
    }

    #[test]
    fn the_document_alone_survives_a_power_cut_on_xfs() {
        cut_power(&XFS, true);
    }

    /// How a file system is made, and how large the disk is at least.
    struct System {
        make: &'static str,
        options: &'static [&'static str],
        size: u64,
    }

    const EXT4: System = System { make: "mkfs.ext4", options: &["-qF"], size: 64 << 20 };
    const XFS: System = System { make: "mkfs.xfs", options: &["-qf"], size: 320 << 20 };

    impl System {
        fn make(&self, image: &Path) {
            fs::File::create(image).unwrap().set_len(self.size).unwrap();
            run(self.make, &[self.options, &[image.to_str().unwrap()]].concat());
        }
    }

    #[test]
    fn a_first_document_in_new_folders_survives_a_power_cut_on_ext4() {
        cut_power_of_firsts(&EXT4);
    }

    #[test]
    fn a_first_document_in_new_folders_survives_a_power_cut_on_xfs() {
        cut_power_of_firsts(&XFS);
    }

    fn cut_power_of_firsts(system: &System) {
        let folder = TempDir::new().unwrap();
        let (image, point) = (folder.path().join("image"), folder.path().join("mnt"));
        fs::create_dir(&point).unwrap();
        system.make(&image);
        let mount = || Mount::of(image.to_str().unwrap(), &point, &["-o", "loop"]);
        for round in 0..times(10, 50) {
            let path = point.join(format!("shop{round}/etc/config.json"));
            let mounted = mount();
            // An odd round: the power goes right after the first save was said to be one.
            let last = save_until_cut(round * 6 + 1, &path, &[&point]);
            drop(mounted);
            let _mounted = mount();
            let document = Document::read(&path, &Catalog::built_in()).unwrap();
            assert_eq!(document.value(&key(PORT)), Some(last.into()), "round {round}");
            assert_eq!(
                History::of(&Location::find(&path)).newest(|_| true).map(|it| it.number),
                Some(1),
                "its version is there, too"
            );
        }
    }

    /// Lets a writer save without end, stops the file system dead at some moment, and looks what is on the disk.
    ///
    /// With the history on a disk of its own (`apart`), since its syncs would carry the document's rename to the disk, too,
    /// and nobody would see that the document's own sync is missing.
    fn cut_power(system: &System, apart: bool) {
        let folder = TempDir::new().unwrap();
        let point = folder.path().join("mnt");
        fs::create_dir(&point).unwrap();
        let path = point.join("config.json");
        let mut disks = vec![(folder.path().join("image"), point.clone())];
        if apart {
            disks.push((folder.path().join("history"), History::of(&Location::find(&path)).folder().to_owned()));
        }
        let mount = || {
            let mount = |(image, on): &(PathBuf, PathBuf)| Mount::of(image.to_str().unwrap(), on, &["-o", "loop"]);
            let mut mounts: Vec<Mount> = disks.iter().map(mount).collect();
            // A list is dropped from its beginning, and what is mounted inside has to go first.
            mounts.reverse();
            mounts
        };
        system.make(&disks[0].0);
        {
            let _mount = Mount::of(disks[0].0.to_str().unwrap(), &point, &["-o", "loop"]);
            fs::write(&path, "{}").unwrap();
            for (image, on) in &disks[1..] {
                system.make(image);
                fs::create_dir(on).unwrap();
            }
        }
        for round in 0..times(25, 100) {
            let mounts = mount();
            let last = save_until_cut(round, &path, &disks.iter().map(|(_, on)| &**on).collect::<Vec<_>>());
            drop(mounts);
            let _mounts = mount();
            let document = Document::read(&path, &Catalog::built_in()).expect("wholly old or wholly new");
            let kept = document.value(&key(PORT)).and_then(|port| port.as_u64()).expect("a port that was saved");
            assert!(kept >= last, "round {round}: {last} was said to be saved, {kept} is there");
            let history = History::of(&Location::find(&path)).each(|it| it).unwrap().versions;
            assert!(history.iter().all(Result::is_ok), "{history:?}");
        }
    }

    /// Gives what was last said to be saved when the power went: in every other round right after it was said, in the others
    /// in the middle of whatever the writer does.
    fn save_until_cut(round: usize, path: &Path, disks: &[&Path]) -> u64 {
        let paused = round % 2 == 1;
        let mut victim = Command::new(std::env::current_exe().unwrap());
        victim.args(["--exact", "history::a_writer_that_is_to_be_killed", "--nocapture"]).env(VICTIM, path);
        if paused {
            victim.env(PAUSED, "1");
        }
        victim.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut victim = victim.spawn().unwrap();
        let mut said = BufReader::new(victim.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok)
            .filter_map(|line| line.strip_prefix("saved ")?.parse::<u64>().ok());
        let mut last = said.next().expect("it saves");
        if paused {
            for _ in 0..round / 2 % 3 {
                victim.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
                last = said.next().expect("it saves");
            }
        } else {
            // Another moment each time.
            thread::sleep(Duration::from_micros(round as u64 * 7919 % 50_000));
        }
        cut(&mut victim, disks);
        said.last().unwrap_or(last)
    }

    fn cut(victim: &mut Child, disks: &[&Path]) {
        // Stopped first: what is said between the cut and the kill would be said to nobody's counter.
        run("kill", &["-STOP", &victim.id().to_string()]);
        for disk in disks {
            run("xfs_io", &["-x", "-c", "shutdown", disk.to_str().unwrap()]);
        }
        victim.kill().unwrap();
        victim.wait().unwrap();
    }
}
