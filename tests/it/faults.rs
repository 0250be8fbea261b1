//! Every fault of a save, through the real program: a failing system call, a kill at any of them, a full disk. The
//! document is wholly old or wholly new, what is said is true, and nothing unfinished stays behind.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::history::times;
use crate::world::World;
use balcao_config::document::Location;
use balcao_config::document::history::History;

pub const OLD: &str = "{\"geral\": {\"vendedor_padrao\": \"Ana\"}}\n";
pub const NEW: &str = "{\"geral\": {\"vendedor_padrao\": \"Rui\"}}\n";
pub const SET: [&str; 2] = ["set", "geral.vendedor_padrao=Rui"];

/// The system calls of a save that can fail: of those that only look, and those that change something.
pub const LOOKING: [&str; 11] = [
    "openat",
    "open",
    "read",
    "statx",
    "newfstatat",
    "fstat",
    "getdents64",
    "flistxattr",
    "fgetxattr",
    "faccessat2",
    "ioctl",
];
pub const CHANGING: [&str; 8] = ["write", "ftruncate", "fchmod", "fsetxattr", "flock", "mkdirat", "renameat", "fsync"];

/// What they can answer.
pub const ERRNOS: [&str; 12] =
    ["EIO", "ENOSPC", "EROFS", "EACCES", "EDQUOT", "EPERM", "ENOMEM", "EMFILE", "ESTALE", "EBUSY", "EFBIG", "ENFILE"];

/// What a run under strace came to.
#[derive(Debug)]
pub struct Traced {
    pub output: Output,
    pub trace: String,
}

/// Runs `set` with these options of strace.
fn traced(world: &World, options: &[&str]) -> Traced {
    trace(world, &SET, options)
}

pub fn trace(world: &World, arguments: &[&str], options: &[&str]) -> Traced {
    let trace = world.path("trace");
    let program = world.command(arguments);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o"]).arg(&trace).args(options).arg(program.get_program()).args(program.get_args());
    strace.env_clear().envs(world.environment().iter().cloned()).current_dir(world.folder());
    let output = strace.output().expect("strace is one of the packages that tests/run installs");
    Traced { output, trace: fs::read_to_string(trace).unwrap() }
}

/// The document alone in a folder of its own, so that all else there is the save's. It has an attribute to be kept.
pub fn world() -> World {
    let world = World::new();
    let path = world.write("etc/config.json", OLD);
    let file = fs::File::open(&path).unwrap();
    rustix::fs::fsetxattr(&file, "user.origem", b"loja 7", rustix::fs::XattrFlags::empty())
        .expect("the temporary folder's file system has extended attributes");
    world.variable("BALCAO_CONFIG", path.to_str().unwrap())
}

pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// What stands in the folder that has no business there.
pub fn litter(world: &World) -> Vec<String> {
    let is_new = world.read("etc/config.json") == NEW;
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
    let list = History::of(&Location::find(&world.path("etc/config.json"))).each(|it| it).unwrap().versions;
    assert!(list.iter().all(Result::is_ok), "{list:?}");
}

/// Once all goes well again, a save is a save, and sweeps.
pub fn assert_next_start_is_clean(world: &World) {
    let ran = world.run(&SET);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(world.read("etc/config.json"), NEW);
    assert_history_readable(world);
}

/// Makes each call of that name fail in turn, with each of these errors, in a world of its own; gives how many runs that
/// were. `when` says which further ones fail too: `+` all.
fn fail_each(call: &str, errnos: &[&str], when: &str, world: &dyn Fn() -> World) -> usize {
    let mut runs = 0;
    for errno in errnos {
        for nth in 1.. {
            let world = world();
            let inject = format!("inject={call}:error={errno}:when={nth}{when}");
            let Traced { output, trace } = traced(&world, &["-y", "-e", &format!("trace={call}"), "-e", &inject]);
            if !trace.contains("INJECTED") {
                assert!(nth > 1, "{call} is no call of a save any more");
                break;
            }
            runs += 1;
            let case = format!("{inject}: {output:?}\n{trace}");
            assert_whole_and_true(&world, call, &case, &output);
            // Nothing that the new file or a version needs may fail unheard. What names a version for good may: the next
            // save does it again.
            let matters = |line: &str| line.contains(".balcao-") || line.contains("/etc>)");
            let unheard =
                CHANGING.contains(&call) && trace.lines().any(|line| line.contains("INJECTED") && matters(line));
            assert!(!unheard || !output.status.success(), "{case}");
            assert_no_sync_again(&trace);
        }
    }
    runs
}

/// The document is old or new, whichever was said; the history can be read, and nothing unfinished stays.
fn assert_whole_and_true(world: &World, call: &str, case: &str, output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let now = world.read("etc/config.json");
    match output.status.code() {
        Some(0) => assert_eq!(now, NEW, "{case}"),
        // The program did not even start, or could not read, or could not speak.
        Some(127 | 3) => assert_eq!(now, OLD, "{case}"),
        Some(4) if said.contains("o disco não confirmou: uma queda") => assert_eq!(now, NEW, "{case}"),
        Some(4) if call == "write" && said.contains("saída") => assert_eq!(now, NEW, "{case}"),
        Some(4) => {
            assert_eq!(now, OLD, "{case}");
            assert!(said.contains("nada foi gravado"), "{case}");
            assert!(said.contains("config.json"), "{case}");
        }
        _ => panic!("{case}"),
    }
    assert_eq!(litter(world), [""; 0], "{case}");
    assert_history_readable(world);
}

/// After a sync that failed the system forgets what was not written, and a second one would claim success.
pub fn assert_no_sync_again(trace: &str) {
    let syncs: Vec<&str> = trace.lines().filter(|line| line.contains(" fsync(")).collect();
    let file = |line: &str| line.split_once('<').and_then(|(_, rest)| Some(rest.split_once('>')?.0.to_owned()));
    for (index, failed) in syncs.iter().enumerate().filter(|(_, line)| line.contains("INJECTED")) {
        let again = syncs[index + 1..].iter().any(|later| file(later) == file(failed));
        assert!(!again, "synced again after it failed: {failed}\n{trace}");
    }
}

/// A share of the errors, another for each call, unless all were asked for.
pub fn share(of: usize, call: usize) -> Vec<&'static str> {
    (0..times(of, ERRNOS.len())).map(|nth| ERRNOS[(nth * 5 + call) % ERRNOS.len()]).collect()
}

#[test]
fn a_system_call_that_fails_leaves_the_document_old_or_says_the_truth() {
    let each = CHANGING.into_iter().enumerate();
    let runs: usize = each.map(|(index, call)| fail_each(call, &share(8, index), "", &world)).sum();
    println!("{runs} failed calls");
}

#[test]
fn a_system_call_that_fails_for_ever_does_no_more_harm() {
    let calls = ["fchmod", "fsetxattr", "flock", "mkdirat", "renameat", "fsync"];
    let runs: usize = calls.into_iter().map(|call| fail_each(call, &share(1, 0), "+", &world)).sum();
    println!("{runs} calls that fail from then on");
}

#[test]
fn a_look_that_fails_leaves_the_document_old_or_says_the_truth() {
    let each = LOOKING.into_iter().enumerate();
    let runs: usize = each.map(|(index, call)| fail_each(call, &share(3, index), "", &world)).sum();
    println!("{runs} failed calls");
}

#[test]
fn what_cannot_even_be_removed_again_is_swept_by_the_next_save() {
    for call in ["write", "fchmod", "fsync", "renameat"] {
        for nth in 1.. {
            let world = world();
            let inject = format!("inject={call}:error=EIO:when={nth}");
            let also = "inject=unlinkat:error=EIO:when=1+";
            let calls = format!("trace={call},unlinkat");
            let Traced { output, trace } = traced(&world, &["-e", &calls, "-e", &inject, "-e", also]);
            if !trace.lines().any(|line| line.contains(&format!("{call}(")) && line.contains("INJECTED")) {
                break;
            }
            let now = world.read("etc/config.json");
            assert!(now == OLD || now == NEW, "{inject}: {output:?}");
            assert_history_readable(&world);
            assert_eq!(world.run(&["set", "geral.vendedor_padrao=Eva"]).code, 0, "{inject}");
            assert_next_start_is_clean(&world);
            assert_eq!(litter(&world), [""; 0], "{inject}");
        }
    }
}

#[test]
fn a_kill_at_any_system_call_leaves_the_document_whole_and_the_next_start_clean() {
    let calls = LOOKING.into_iter().filter(|call| ["openat", "fstat", "flistxattr", "fgetxattr"].contains(call));
    let mut kills = 0;
    for call in calls.chain(CHANGING) {
        for nth in 1.. {
            let world = world();
            let inject = format!("inject={call}:signal=SIGKILL:when={nth}");
            let Traced { output, .. } = traced(&world, &["-e", &format!("trace={call}"), "-e", &inject]);
            if output.status.success() {
                break;
            }
            kills += 1;
            let now = world.read("etc/config.json");
            assert!(now == OLD || now == NEW, "{inject}: {now}");
            assert_history_readable(&world);
            // Another value, so that there is something to save whichever it is.
            assert_eq!(world.run(&["set", "geral.vendedor_padrao=Eva"]).code, 0, "{inject}");
            assert_next_start_is_clean(&world);
            assert_eq!(litter(&world), [""; 0], "{inject}");
        }
    }
    println!("{kills} kills");
}

#[test]
fn a_folder_whose_sync_fails_is_an_outcome_of_its_own() {
    for nth in 1.. {
        let world = world();
        let inject = format!("inject=fsync:error=EIO:when={nth}");
        let Traced { output, trace } = traced(&world, &["-y", "-e", "trace=fsync", "-e", &inject]);
        let failed = trace.lines().find(|line| line.contains("INJECTED")).expect("the document's folder is synced");
        // Synced for the history, which is new, as well: then nothing is in place yet.
        if !failed.contains("/etc>") || world.read("etc/config.json") == OLD {
            continue;
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(4), "{said}");
        assert!(said.contains("gravado, mas o disco não confirmou") && said.contains("sync -f "), "{said}");
        assert!(!said.contains("nada foi gravado") && !said.contains("Gravado em"), "{said}");
        assert_eq!(world.line("history --json").json().as_array().unwrap().len(), 2, "it is a version");
        return;
    }
}

#[test]
fn what_a_program_that_knows_no_lock_writes_during_a_save_is_not_overwritten() {
    let world = world();
    let theirs = "{\"geral\": {\"vendedor_padrao\": \"Ana\"}, \"x\": 1.50}\n";
    let saved = std::thread::scope(|scope| {
        // Every sync takes long, so that they write between the first look and the rename.
        let save = scope.spawn(|| traced(&world, &["-e", "trace=fsync", "-e", "inject=fsync:delay_enter=400000"]));
        let began = || litter(&world).iter().any(|name| name.starts_with(".config.json.balcao-"));
        while !began() && !save.is_finished() {
            std::thread::yield_now();
        }
        let beside = world.write("theirs.json", theirs);
        fs::rename(beside, world.path("etc/config.json")).unwrap();
        save.join().unwrap()
    });
    assert!(saved.output.status.success(), "{saved:?}");
    assert_eq!(world.read("etc/config.json"), theirs.replace("Ana", "Rui"), "both changes are there");
    assert_eq!(names(&world.path("etc")).len(), 3, "document, history and lock");
}

#[test]
fn a_program_that_writes_without_end_is_given_way_to_after_some_tries() {
    let world = world();
    let write = |n: u64| {
        let beside = world.write("theirs.json", format!("{{\"x\": {n}}}"));
        fs::rename(beside, world.path("etc/config.json")).unwrap();
    };
    // Before the save begins: had it read the first document, the key that it sets would be a conflict.
    write(0);
    let ended = std::thread::scope(|scope| {
        let save = scope.spawn(|| traced(&world, &["-e", "trace=fsync", "-e", "inject=fsync:delay_enter=50000"]));
        (1..).take_while(|_| !save.is_finished()).for_each(write);
        save.join().unwrap()
    });
    let said = String::from_utf8_lossy(&ended.output.stderr).into_owned();
    assert_eq!(ended.output.status.code(), Some(4), "{said}");
    assert!(said.contains("nada foi gravado: o arquivo foi alterado"), "{said}");
    assert!(world.read("etc/config.json").starts_with("{\"x\": "), "theirs stands");
    assert_eq!(names(&world.path("etc")).len(), 3, "document, history and lock");
}

#[test]
fn a_folder_that_cannot_be_synced_is_told_and_saved_in() {
    let world = world();
    let (etc, history) = (world.path("etc"), world.path("etc/config.json.history"));
    let only = ["-P", etc.to_str().unwrap(), "-P", history.to_str().unwrap()];
    // As CIFS, vboxsf and some file systems in user space answer.
    let Traced { output, trace } = traced(&world, &[&only[..], &["-e", "inject=fsync:error=EINVAL"]].concat());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && trace.contains("(INJECTED)"), "{said}\n{trace}");
    assert_eq!(said.matches("não confirma nomes de arquivos").count(), 1, "{said}");
    assert_eq!(world.read("etc/config.json"), NEW);
}

#[test]
fn the_folders_that_a_first_save_makes_are_synced_into_those_above_them() {
    let world = world();
    let path = world.path("etc/new/folders/config.json");
    let world = world.variable("BALCAO_CONFIG", path.to_str().unwrap());
    let Traced { output, trace } = traced(&world, &["-y", "-e", "trace=mkdir,mkdirat,fsync,renameat"]);
    assert!(output.status.success());
    let etc = fs::canonicalize(world.path("etc")).unwrap();
    let lines: Vec<&str> = trace.lines().collect();
    let place = |needle: &str, from: usize| {
        let found = lines[from..].iter().position(|line| line.contains(needle));
        from + found.unwrap_or_else(|| panic!("no {needle} in\n{trace}"))
    };
    for (made, above) in [("new", etc.clone()), ("new/folders", etc.join("new"))] {
        let name = Path::new(made).file_name().unwrap().to_str().unwrap();
        let made = place(&format!("<{}>, \"{name}\", 0755", above.display()), 0);
        let synced = place(&format!("<{}>)", above.display()), made);
        assert!(synced < place("\"config.json\")", made), "{trace}");
    }
}

#[test]
fn a_save_writes_syncs_renames_and_syncs_the_folder_in_this_order() {
    let world = world();
    let calls =
        "trace=openat,open,creat,write,pwrite64,ftruncate,truncate,fsync,fdatasync,rename,renameat,renameat2,unlinkat";
    let Traced { output, trace } = traced(&world, &["-y", "-e", calls]);
    assert!(output.status.success());
    let folder = fs::canonicalize(world.path("etc")).unwrap();
    let (of_folder, of_history) =
        (format!("<{}>)", folder.display()), format!("<{}/config.json.history>)", folder.display()));
    let steps: Vec<&str> = trace
        .lines()
        .filter_map(|line| {
            let call = line.split_once(' ')?.1.trim_start();
            let (is_new, is_version) =
                (call.contains("/.config.json.balcao-"), call.contains("/.000002.pending.balcao-"));
            Some(match call.split_once('(')?.0 {
                "write" if is_new => "write",
                "write" if is_version => "write a version",
                "fsync" if is_new => "fsync",
                "fsync" if is_version => "fsync a version",
                "fsync" if call.contains(&of_folder) => "fsync the folder",
                "fsync" if call.contains(&of_history) => "fsync the history",
                "renameat" if call.contains("\"config.json\"") => "rename",
                "renameat" if call.contains("\"000002.pending\")") => "a version is there",
                "renameat" if call.contains("\"000002.json\")") => "it is one",
                _ => return None,
            })
        })
        .collect();
    let expected = [
        "fsync the history", // it is new
        "fsync the folder",
        "fsync the history", // so is the version of what was there before
        "write a version",
        "fsync a version",
        "a version is there",
        "fsync the history",
        "write",
        "fsync",
        "rename",
        "fsync the folder",
        "it is one",
        "fsync the history",
    ];
    assert_eq!(steps, expected, "{trace}");
    for line in trace.lines().filter(|line| line.contains("/config.json\"") || line.contains(" \"config.json\", O_")) {
        assert!(!line.contains("O_WRONLY") && !line.contains("O_RDWR"), "opened for writing in place: {line}");
    }
    // What may be exchanged for something else right before it is opened is neither followed nor waited for.
    let is_opened = |line: &&str| line.contains(", \"config.json\", O_") && !line.contains("O_PATH");
    for line in trace.lines().filter(is_opened) {
        for flag in ["O_RDONLY", "O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC"] {
            assert!(line.contains(flag), "{line}");
        }
    }
    assert!(!trace.contains("truncate(") || !trace.contains("etc/config.json>, 0"), "{trace}");
    let made: Vec<&str> = trace.lines().filter(|line| line.contains("O_CREAT")).collect();
    let closed = |line: &&str| line.contains("O_EXCL") && line.contains(", 0600)");
    assert!(made.len() >= 4 && made.iter().all(closed), "nobody else reads what is not finished: {made:?}");
}

/// What only root can set up.
pub mod root {
    use std::io::Write;

    use super::*;
    use crate::busy::eventually;

    pub fn run(program: &str, arguments: &[&str]) {
        let output =
            Command::new(program).args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"));
        assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Something mounted, and taken away again with this.
    pub struct Mount {
        what: String,
        on: String,
    }

    impl Mount {
        pub fn of(what: &str, on: &Path, options: &[&str]) -> Mount {
            let (what, on) = (what.to_owned(), on.to_str().unwrap().to_owned());
            run("mount", &[options, &[&what, &on]].concat());
            Mount { what, on }
        }
    }

    impl Drop for Mount {
        fn drop(&mut self) {
            // Busy for a moment where another test has just forked while one of our files there was open in this process.
            let umount = || Command::new("umount").arg(&self.on).output().is_ok_and(|ended| ended.status.success());
            if !eventually(umount) {
                let _ = Command::new("umount").args(["--lazy", &self.on]).output();
            }
            // `ip netns exec`, of any test on this machine, keeps what was mounted when it began until it ends. A file system
            // that was stopped dead stays so until nobody has it mounted: mounted again before, it would be the dead one.
            let is_free = || {
                let list = Command::new("losetup").args(["-j", &self.what]).output();
                list.is_ok_and(|list| list.stdout.is_empty())
            };
            eventually(is_free);
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
        run("mount", &["-o", "remount,ro", &mount.on]);
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
    fn an_owner_that_cannot_be_given_is_told_and_leaves_the_document() {
        // Another's document in root's folder: the new file is given to them.
        let anothers = || {
            let world = world();
            std::os::unix::fs::chown(world.path("etc/config.json"), Some(65534), Some(65534)).unwrap();
            world
        };
        let runs = fail_each("fchown", &share(4, 0), "", &anothers);
        println!("{runs} failed calls");
        assert!(runs > 0, "the document's");
    }
}
