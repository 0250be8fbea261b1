//! Every fault of putting a version in a broken document's place: the document is as it was or wholly the version, and the
//! broken bytes are there, in its place or whole beside it.

use std::fs;

use crate::faults::{
    self, CHANGING, LOOKING, NEW, Traced, assert_history_readable, assert_no_sync_again, names, share,
};
use crate::world::World;

/// Cut short, and no UTF-8.
const BROKEN: &[u8] = b"{\"geral\": {\"vendedor_padrao\": \"Jos\xe9";

const ROLLBACK: [&str; 1] = ["rollback"];

/// A document that was saved once and is broken.
fn world() -> World {
    let world = faults::world();
    let saved = world.run(&faults::SET);
    assert_eq!((saved.code, world.read("etc/config.json").as_str()), (0, NEW), "{saved:?}");
    fs::write(world.path("etc/config.json"), BROKEN).unwrap();
    world
}

/// The files that were kept, and what they hold.
fn kept(world: &World) -> Vec<Vec<u8>> {
    let mut names = names(&world.path("etc"));
    names.retain(|name| name.starts_with("config.json.quebrado-"));
    names.iter().map(|name| fs::read(world.path("etc").join(name)).unwrap()).collect()
}

/// True where the version is in place, false where the document is as it was; nothing else may be.
fn is_restored(world: &World, case: &str) -> bool {
    let now = fs::read(world.path("etc/config.json")).unwrap();
    // Where the newest version could not be read for once, the one before it was the newest that is whole; that is said.
    let is_older = now == faults::OLD.as_bytes() && case.contains("Versão 1 posta de volta");
    let is_restored = now == NEW.as_bytes() || is_older;
    assert!(is_restored || now == BROKEN, "{case}");
    let kept = kept(world);
    assert!(kept.iter().all(|bytes| bytes == BROKEN), "{case}");
    assert!(!is_restored || kept.len() == 1, "{case}");
    assert_history_readable(world);
    is_restored
}

fn unfinished(world: &World) -> Vec<String> {
    let history = names(&world.path("etc/config.json.history"));
    names(&world.path("etc")).into_iter().chain(history).filter(|name| name.contains(".balcao-")).collect()
}

fn assert_brought_back(world: &World, case: &str) {
    let ran = world.run(&ROLLBACK);
    assert_eq!(ran.code, 0, "{case}: {ran:?}");
    assert_eq!(world.read("etc/config.json"), NEW, "{case}");
    assert!(!kept(world).is_empty() && kept(world).iter().all(|bytes| bytes == BROKEN), "{case}");
    assert_eq!(unfinished(world), [""; 0], "{case}");
    assert_history_readable(world);
}

/// Makes each of these calls fail in turn, each time in a world of its own.
fn fail_each(calls: impl Iterator<Item = &'static str>) {
    let mut runs = 0;
    for (index, call) in calls.enumerate() {
        for errno in share(1, index) {
            for nth in 1.. {
                let world = world();
                let inject = format!("inject={call}:error={errno}:when={nth}");
                let options = ["-y", "-e", &format!("trace={call}"), "-e", &inject];
                let Traced { output, trace } = faults::trace(&world, &ROLLBACK, &options);
                if !trace.contains("INJECTED") {
                    break;
                }
                runs += 1;
                let case = format!("{inject}: {output:?}\n{trace}");
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                let expected = match output.status.code() {
                    Some(0) => true,
                    // The program did not even start, or could not read.
                    Some(127 | 3) => false,
                    Some(4) if said.contains("o disco não confirmou: uma queda") => true,
                    Some(4) if call == "write" && said.contains("saída") => true,
                    Some(4) => {
                        assert!(said.contains("nada foi gravado") && said.contains("config.json"), "{case}");
                        false
                    }
                    _ => panic!("{case}"),
                };
                assert_eq!(is_restored(&world, &case), expected, "{case}");
                assert_eq!(kept(&world).len(), usize::from(expected), "{case}");
                assert_eq!(unfinished(&world), [""; 0], "{case}");
                assert_no_sync_again(&trace);
            }
        }
    }
    println!("{runs} failed calls");
    assert!(runs >= 20, "{runs}");
}

#[test]
fn a_system_call_that_fails_leaves_the_broken_file_or_the_version_and_says_which() {
    fail_each(CHANGING.into_iter().chain(["renameat2"]));
}

#[test]
fn a_look_that_fails_leaves_the_broken_file_or_the_version_and_says_which() {
    fail_each(LOOKING.into_iter());
}

#[test]
fn a_kill_at_any_system_call_loses_no_broken_byte_and_the_next_rollback_is_one() {
    let calls = ["openat", "fstat", "flistxattr", "fgetxattr", "renameat2"].into_iter().chain(CHANGING);
    let mut kills = 0;
    for call in calls {
        for nth in 1.. {
            let world = world();
            let inject = format!("inject={call}:signal=SIGKILL:when={nth}");
            let Traced { output, .. } =
                faults::trace(&world, &ROLLBACK, &["-e", &format!("trace={call}"), "-e", &inject]);
            if output.status.success() {
                break;
            }
            kills += 1;
            if is_restored(&world, &inject) {
                fs::write(world.path("etc/config.json"), BROKEN).unwrap();
            }
            assert_brought_back(&world, &inject);
        }
    }
    println!("{kills} kills");
}

#[test]
fn the_broken_bytes_are_on_the_disk_with_their_name_before_anything_replaces_them() {
    let world = world();
    let Traced { output, trace } =
        faults::trace(&world, &ROLLBACK, &["-y", "-e", "trace=write,fsync,renameat,renameat2,openat"]);
    assert!(output.status.success(), "{output:?}");
    let folder = fs::canonicalize(world.path("etc")).unwrap();
    let of_folder = format!("<{}>)", folder.display());
    let steps: Vec<&str> = trace
        .lines()
        .filter_map(|line| {
            let call = line.split_once(' ')?.1.trim_start();
            let is_new = call.contains("/.config.json.balcao-");
            Some(match call.split_once('(')?.0 {
                "write" if is_new => "write",
                "fsync" if is_new => "fsync",
                "fsync" if call.contains(&of_folder) => "fsync the folder",
                "renameat2" if call.contains(".quebrado-") && call.contains("RENAME_NOREPLACE") => "keep",
                "renameat" if call.contains("\"config.json\"") => "replace",
                _ => return None,
            })
        })
        .collect();
    let once = ["write", "fsync", "keep", "fsync the folder", "write", "fsync", "replace", "fsync the folder"];
    assert_eq!(steps, once, "{trace}");
    for line in trace.lines().filter(|line| line.contains(" \"config.json\", O_")) {
        assert!(!line.contains("O_WRONLY") && !line.contains("O_RDWR"), "opened for writing in place: {line}");
    }
}

#[test]
fn where_a_file_system_cannot_name_a_file_in_one_step_it_is_kept_all_the_same() {
    let world = world();
    let options = ["-e", "trace=renameat2", "-e", "inject=renameat2:error=EINVAL"];
    let Traced { output, trace } = faults::trace(&world, &ROLLBACK, &options);
    assert!(output.status.success() && trace.contains("INJECTED"), "{output:?}\n{trace}");
    assert!(is_restored(&world, &trace));
}

#[test]
fn what_another_program_writes_meanwhile_is_not_replaced_and_the_broken_bytes_stay() {
    let world = world();
    let theirs = "{\"x\": 1.50}\n";
    let slow = ["-e", "trace=fsync", "-e", "inject=fsync:delay_enter=400000"];
    let ended = std::thread::scope(|scope| {
        let ours = scope.spawn(|| faults::trace(&world, &ROLLBACK, &slow));
        while kept(&world).is_empty() && !ours.is_finished() {
            std::thread::yield_now();
        }
        let beside = world.write("theirs.json", theirs);
        fs::rename(beside, world.path("etc/config.json")).unwrap();
        ours.join().unwrap()
    });
    let said = String::from_utf8_lossy(&ended.output.stderr).into_owned();
    assert_eq!(ended.output.status.code(), Some(4), "{said}");
    assert!(said.contains("nada foi gravado: o arquivo"), "{said}");
    assert_eq!(world.read("etc/config.json"), theirs);
    assert_eq!((kept(&world), unfinished(&world).len()), (vec![BROKEN.to_vec()], 0));
    assert_eq!(world.line("history --json").json().as_array().unwrap().len(), 2, "there is no such version");
}

/// What only root can set up.
mod root {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};

    use super::*;
    use crate::faults::root::{Mount, run};

    #[test]
    fn where_another_decides_root_brings_nothing_back_and_the_printed_command_does() {
        let world = world();
        let etc = world.path("etc");
        for path in [etc.clone(), etc.join("config.json"), etc.join("config.json.history")] {
            chown(path, Some(65534), Some(65534)).unwrap();
        }
        let before = names(&etc).len();
        let ran = world.run(&ROLLBACK);
        assert_eq!((ran.code, names(&etc).len()), (4, before), "{ran:?}");
        assert!(ran.stderr.contains("nobody") && ran.stderr.contains("rollback"), "{ran:?}");
        assert!(!is_restored(&world, "root"));
        let refused = world.run(&["validate"]);
        assert!(refused.stderr.contains("-u nobody") && refused.stderr.contains(" rollback"), "{refused:?}");
    }

    #[test]
    fn a_read_only_file_system_is_said_and_nothing_is_kept() {
        let world = faults::world();
        let _mount = Mount::of("none", &world.path("etc"), &["-t", "tmpfs", "-o", "size=1m"]);
        world.write("etc/config.json", faults::OLD);
        assert_eq!(world.run(&faults::SET).code, 0);
        fs::write(world.path("etc/config.json"), BROKEN).unwrap();
        run("mount", &["-o", "remount,ro", world.path("etc").to_str().unwrap()]);
        for command in [&["rollback"][..], &["rollback", "--dry-run"]] {
            let ran = world.run(command);
            assert!(ran.code == 4 && ran.stderr.contains("somente para leitura"), "{ran:?}");
        }
        assert!(!is_restored(&world, "ro") && kept(&world).is_empty());
    }

    #[test]
    fn owner_and_mode_are_the_documents_and_what_is_kept_is_closed() {
        let world = world();
        let path = world.path("etc/config.json");
        chown(&path, Some(65534), Some(65534)).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert_brought_back(&world, "");
        let now = fs::metadata(&path).unwrap();
        assert_eq!((now.uid(), now.gid(), now.mode() & 0o777), (65534, 65534, 0o640));
        let name = names(&world.path("etc")).into_iter().find(|name| name.contains("quebrado")).unwrap();
        let kept = fs::metadata(world.path("etc").join(name)).unwrap();
        assert_eq!((kept.uid(), kept.mode() & 0o777), (0, 0o600));
    }
}
