//! Every fault of a save, through the real program: a failing system call, a kill at any of them, a full disk, a power
//! cut. The document is wholly old or wholly new, what is said is true, and nothing unfinished stays behind.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use balcao_config::document::history::History;
use tempfile::TempDir;

use crate::world::World;

pub const OLD: &str = "{\"geral\": {\"vendedor_padrao\": \"Ana\"}}\n";
pub const NEW: &str = "{\"geral\": {\"vendedor_padrao\": \"Rui\"}}\n";
pub const SET: [&str; 2] = ["set", "geral.vendedor_padrao=Rui"];

/// The system calls of a save that can fail.
const CALLS: [&str; 9] =
    ["openat", "write", "ftruncate", "fchmod", "flock", "mkdir", "renameat", "fsync", "getdents64"];

/// What a run under strace came to.
struct Traced {
    output: Output,
    trace: String,
}

/// Runs `set` with these options of strace.
fn traced(world: &World, options: &[&str]) -> Traced {
    let trace = world.path("trace");
    let set = world.command(&SET);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o"]).arg(&trace).args(options).arg(set.get_program()).args(set.get_args());
    strace.env_clear().envs(world.environment().iter().cloned()).current_dir(world.folder());
    let output = strace.output().expect("strace is one of the packages that tests/run installs");
    Traced { output, trace: fs::read_to_string(trace).unwrap() }
}

/// The document alone in a folder of its own, so that all else there is the save's.
pub fn world() -> World {
    let world = World::new();
    let path = world.write("etc/config.json", OLD);
    world.variable("BALCAO_CONFIG", path.to_str().unwrap())
}

/// What stands in the folder that has no business there.
pub fn litter(world: &World) -> Vec<String> {
    let is_new = world.read("etc/config.json") == NEW;
    let names = |folder: &Path| -> Vec<String> {
        let entries = fs::read_dir(folder).into_iter().flatten();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let known = ["config.json", "config.json.history", ".config.json.lock"];
    let mut litter = names(&world.path("etc"));
    litter.retain(|name| !known.contains(&name.as_str()));
    // A version of a document that is in place is one, whether it has its last name yet or not.
    let whole =
        |name: &String| !name.starts_with('.') && (name.ends_with(".json") || is_new && name.ends_with(".pending"));
    litter.extend(names(&world.path("etc/config.json.history")).into_iter().filter(|name| !whole(name)));
    litter
}

pub fn assert_history_readable(world: &World) {
    let list = History::of(&world.path("etc/config.json")).list().unwrap();
    assert!(list.iter().all(Result::is_ok), "{list:?}");
}

/// Once all goes well again, a save is a save, and sweeps.
pub fn assert_next_start_is_clean(world: &World) {
    let ran = world.run(&SET);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(world.read("etc/config.json"), NEW);
    assert_history_readable(world);
}

#[test]
fn a_system_call_that_fails_leaves_the_document_old_or_says_the_truth() {
    for call in CALLS {
        for errno in ["EIO", "ENOSPC", "EROFS", "EACCES", "EDQUOT"] {
            for nth in 1.. {
                let world = world();
                let inject = format!("inject={call}:error={errno}:when={nth}");
                let Traced { output, trace } = traced(&world, &["-e", &format!("trace={call}"), "-e", &inject]);
                if !trace.contains("INJECTED") {
                    assert!(nth > 1 || call == "mkdir", "{call} is no call of a save any more");
                    break;
                }
                let case = format!("{inject}: {output:?}\n{trace}");
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                let now = world.read("etc/config.json");
                match output.status.code() {
                    Some(0) => assert_eq!(now, NEW, "{case}"),
                    // The program did not even start, or could not read, or could not speak.
                    Some(127 | 3) => assert_eq!(now, OLD, "{case}"),
                    Some(4) if said.contains("o disco não confirmou; uma queda") => assert_eq!(now, NEW, "{case}"),
                    Some(4) if call == "write" && said.contains("saída") => assert_eq!(now, NEW, "{case}"),
                    Some(4) => {
                        assert_eq!(now, OLD, "{case}");
                        assert!(said.contains("nada foi gravado"), "{case}");
                    }
                    _ => panic!("{case}"),
                }
                assert_eq!(litter(&world), [""; 0], "{case}");
                assert_history_readable(&world);
            }
        }
    }
}

#[test]
fn a_kill_at_any_system_call_leaves_the_document_whole_and_the_next_start_clean() {
    for call in CALLS.into_iter().filter(|call| !["getdents64", "mkdir"].contains(call)) {
        for nth in 1.. {
            let world = world();
            let inject = format!("inject={call}:signal=SIGKILL:when={nth}");
            let Traced { output, .. } = traced(&world, &["-e", &format!("trace={call}"), "-e", &inject]);
            if output.status.success() {
                break;
            }
            let now = world.read("etc/config.json");
            assert!(now == OLD || now == NEW, "{inject}: {now}");
            assert_history_readable(&world);
            // Another value, so that there is something to save whichever it is.
            assert_eq!(world.run(&["set", "geral.vendedor_padrao=Eva"]).code, 0, "{inject}");
            assert_next_start_is_clean(&world);
            assert_eq!(litter(&world), [""; 0], "{inject}");
        }
    }
}

#[test]
fn a_save_writes_syncs_renames_and_syncs_the_folder_in_this_order() {
    let world = world();
    let calls = "trace=openat,open,creat,write,pwrite64,ftruncate,truncate,fsync,fdatasync,rename,renameat,renameat2";
    let Traced { output, trace } = traced(&world, &["-y", "-e", calls]);
    assert!(output.status.success());
    let folder = format!("<{}>", fs::canonicalize(world.path("etc")).unwrap().display());
    let steps: Vec<&str> = trace
        .lines()
        .filter_map(|line| {
            let call = line.split_once(' ')?.1.trim_start();
            if call.starts_with("write(") && call.contains("/.config.json.balcao-") {
                Some("write")
            } else if call.starts_with("fsync(") && call.contains("/.config.json.balcao-") {
                Some("fsync")
            } else if call.starts_with("rename") && call.contains("\"config.json\"") {
                Some("rename")
            } else if call.starts_with("fsync(") && call.contains(&folder) {
                Some("fsync the folder")
            } else if call.starts_with("rename") && call.contains("\"000002.pending\")") {
                Some("version")
            } else {
                None
            }
        })
        .collect();
    // The first is for the history's folder, which is new.
    let expected = ["fsync the folder", "version", "write", "fsync", "rename", "fsync the folder"];
    assert_eq!(steps, expected, "{trace}");
    for line in trace.lines().filter(|line| line.contains("/config.json\"") || line.contains(" \"config.json\", O_")) {
        assert!(!line.contains("O_WRONLY") && !line.contains("O_RDWR"), "opened for writing in place: {line}");
    }
    assert!(!trace.contains("truncate(") || !trace.contains("etc/config.json>, 0"), "{trace}");
}

/// What only root can set up.
pub mod root {
    use std::io::{BufRead, BufReader, Write};
    use std::process::Stdio;
    use std::thread;
    use std::time::Duration;

    use balcao_config::catalog::Catalog;
    use balcao_config::document::Document;

    use super::*;
    use crate::history::{PORT, VICTIM, key, times};

    pub fn run(program: &str, arguments: &[&str]) {
        let output =
            Command::new(program).args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"));
        assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Something mounted, and taken away again with this.
    pub struct Mount(String);

    impl Mount {
        pub fn of(what: &str, on: &Path, options: &[&str]) -> Mount {
            let on = on.to_str().unwrap().to_owned();
            run("mount", &[options, &[what, &on]].concat());
            Mount(on)
        }
    }

    impl Drop for Mount {
        fn drop(&mut self) {
            let _ = Command::new("umount").arg(&self.0).output();
        }
    }

    /// A refused `set`: nothing written, exit 4, and these words.
    pub fn refused(world: &World, words: &str) {
        let ran = world.run(&SET);
        assert_eq!(ran.code, 4, "{ran:?}");
        assert!(ran.stderr.contains(words), "{ran:?}");
        assert_eq!(world.read("etc/config.json"), OLD);
        assert_eq!(litter(world), [""; 0]);
    }

    #[test]
    fn a_full_disk_is_said_and_leaves_the_document() {
        let world = world();
        let _mount = Mount::of("none", &world.path("etc"), &["-t", "tmpfs", "-o", "size=64k"]);
        world.write("etc/config.json", OLD);
        let mut room = fs::File::create(world.path("etc/room")).unwrap();
        while room.write_all(&[b' '; 4096]).is_ok() {}
        drop(room);
        let ran = world.run(&SET);
        assert_eq!((ran.code, world.read("etc/config.json").as_str()), (4, OLD), "{ran:?}");
        assert!(ran.stderr.contains("não há espaço livre") && ran.stderr.contains("df -h"), "{ran:?}");
        assert_eq!(litter(&world), ["room"]);
        fs::remove_file(world.path("etc/room")).unwrap();
        assert_next_start_is_clean(&world);
    }

    #[test]
    fn a_file_system_that_is_read_only_is_said() {
        let world = world();
        let mount = Mount::of("none", &world.path("etc"), &["-t", "tmpfs", "-o", "size=64k"]);
        world.write("etc/config.json", OLD);
        run("mount", &["-o", "remount,ro", &mount.0]);
        refused(&world, "somente para leitura");
    }

    #[test]
    fn a_mounted_file_is_said() {
        let world = world();
        let source = world.write("source.json", OLD);
        let _mount = Mount::of(source.to_str().unwrap(), &world.path("etc/config.json"), &["--bind"]);
        refused(&world, "ponto de montagem");
    }

    #[test]
    fn an_immutable_file_or_folder_is_said() {
        for name in ["etc/config.json", "etc"] {
            let world = world();
            // On a file system that has such a mark; the temporary folder's may have none.
            let image = world.path("image");
            fs::File::create(&image).unwrap().set_len(16 << 20).unwrap();
            run("mkfs.ext4", &["-qF", image.to_str().unwrap()]);
            let _mount = Mount::of(image.to_str().unwrap(), &world.path("etc"), &["-o", "loop"]);
            fs::remove_dir(world.path("etc/lost+found")).unwrap();
            world.write("etc/config.json", OLD);
            let marked = world.path(name);
            run("chattr", &["+i", marked.to_str().unwrap()]);
            refused(&world, "imutável");
            run("chattr", &["-i", marked.to_str().unwrap()]);
            assert_next_start_is_clean(&world);
        }
    }

    #[test]
    fn what_was_said_to_be_saved_survives_a_power_cut_on_ext4() {
        cut_power("mkfs.ext4", &["-qF"], 64 << 20);
    }

    #[test]
    fn what_was_said_to_be_saved_survives_a_power_cut_on_xfs() {
        cut_power("mkfs.xfs", &["-qf"], 320 << 20);
    }

    /// Lets a writer save without end, stops the file system dead at some moment, and looks what is on the disk.
    fn cut_power(make: &str, options: &[&str], size: u64) {
        let folder = TempDir::new().unwrap();
        let (image, point) = (folder.path().join("image"), folder.path().join("mnt"));
        fs::File::create(&image).unwrap().set_len(size).unwrap();
        fs::create_dir(&point).unwrap();
        let image = image.to_str().unwrap();
        run(make, &[options, &[image]].concat());
        let path = point.join("config.json");
        let mut mount = Mount::of(image, &point, &["-o", "loop"]);
        fs::write(&path, "{}").unwrap();
        run("sync", &[]);
        for round in 0..times(5, 100) {
            let mut victim = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "history::a_writer_that_is_to_be_killed", "--nocapture"])
                .env(VICTIM, &path)
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let said = BufReader::new(victim.stdout.take().unwrap());
            let mut said =
                said.lines().map_while(Result::ok).filter_map(|line| line.strip_prefix("saved ")?.parse::<u64>().ok());
            let first = said.next().expect("it saves");
            // Another moment each time.
            thread::sleep(Duration::from_micros(round as u64 * 7919 % 50_000));
            // Stopped first: what is said between the cut and the kill would be said to nobody's counter.
            let pid = victim.id().to_string();
            run("kill", &["-STOP", &pid]);
            run("xfs_io", &["-x", "-c", "shutdown", point.to_str().unwrap()]);
            victim.kill().unwrap();
            victim.wait().unwrap();
            let last = said.last().unwrap_or(first);
            drop(mount);
            mount = Mount::of(image, &point, &["-o", "loop"]);
            let document = Document::read(&path, &Catalog::built_in()).expect("wholly old or wholly new");
            let kept = document.value(&key(PORT)).and_then(|port| port.as_u64()).expect("a port that was saved");
            assert!(kept >= last, "round {round}: {last} was said to be saved, {kept} is there");
            let history = History::of(&path).list().unwrap();
            assert!(history.iter().all(Result::is_ok), "{history:?}");
        }
        drop(mount);
    }
}
