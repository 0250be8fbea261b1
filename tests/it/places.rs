//! A save where the machine is not as usual: another user's folder, a full or volatile file system, a narrow umask, a limit
//! on sizes, a lock that is held. Through the real program.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::{Duration, Instant};

use balcao_config::document::Location;
use balcao_config::document::identity::Identity;
use balcao_config::document::lock::{Lock, NoLock};
use balcao_config::document::timestamp::Timestamp;
use serde_json::json;

use crate::faults::{NEW, OLD, SET, assert_history_readable, assert_next_start_is_clean, litter, world};
use crate::world::{PROGRAM, Ran, World};

fn mode(world: &World, name: &str) -> u32 {
    fs::metadata(world.path(name)).unwrap().permissions().mode() & 0o7777
}

/// Runs `set` from a shell that does something first.
fn after(world: &World, first: &str) -> Ran {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{first}; exec \"$0\" \"$@\""), PROGRAM]).args(SET);
    shell.env_clear().envs(world.environment().iter().cloned()).current_dir(world.folder());
    ran(shell)
}

fn ran(mut command: Command) -> Ran {
    use std::os::unix::process::ExitStatusExt;
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let code = output.status.code().or_else(|| output.status.signal().map(|signal| 128 + signal));
    Ran { stdout: text(output.stdout), stderr: text(output.stderr), code: code.unwrap() }
}

#[test]
fn a_narrow_umask_closes_neither_the_document_nor_its_folders() {
    let world = World::new();
    let path = world.path("new/folders/config.json");
    let world = world.variable("BALCAO_CONFIG", path.to_str().unwrap());
    assert_eq!(after(&world, "umask 077").code, 0);
    assert_eq!(
        [mode(&world, "new"), mode(&world, "new/folders"), mode(&world, "new/folders/config.json")],
        [0o755, 0o755, 0o644]
    );
    // And a wide one opens nothing.
    assert_eq!(after(&world, "umask 0; rm -r new").code, 0);
    let history = "new/folders/config.json.history";
    assert_eq!([mode(&world, history), mode(&world, &format!("{history}/000001.json"))], [0o700, 0o600]);
    assert_eq!(mode(&world, "new/folders/config.json"), 0o644);
    assert_eq!(mode(&world, "new/folders/.config.json.lock") & 0o077, 0, "nobody else may hold the lock");
}

#[test]
fn a_limit_on_file_sizes_is_told_and_leaves_the_document() {
    let world = world();
    // Larger than the limit, so that its writing begins, is cut short, and then refused.
    let old = format!("{{\"geral\": {{\"vendedor_padrao\": \"Ana\"}}, \"x\": \"{}\"}}\n", "x".repeat(3000));
    world.write("etc/config.json", &old);
    let refused = after(&world, "trap '' XFSZ; ulimit -f 2");
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(
        refused.stderr.contains("nada foi gravado") && refused.stderr.contains("maior que o permitido"),
        "{refused:?}"
    );
    assert_eq!((world.read("etc/config.json"), litter(&world)), (old.clone(), vec![]));
    // Where the limit's signal is not ignored it ends the program: what is left is swept by the next.
    after(&world, "ulimit -f 2");
    assert_eq!(world.read("etc/config.json"), old);
    assert_eq!(world.run(&SET).code, 0);
    assert_eq!((world.read("etc/config.json"), litter(&world)), (old.replace("Ana", "Rui"), vec![]));
    assert_history_readable(&world);
}

#[test]
fn a_name_as_long_as_can_be_is_told() {
    let world = World::new();
    for length in [200, 222, 223, 230, 240, 250, 255] {
        let name = "n".repeat(length);
        let path = world.write(&format!("{length}/{name}"), OLD);
        let ran = world.run(&["--config", path.to_str().unwrap(), SET[0], SET[1]]);
        let now = fs::read_to_string(&path).unwrap();
        match ran.code {
            0 => assert_eq!(now, NEW),
            4 => assert!(now == OLD && ran.stderr.contains("longo demais"), "{ran:?}"),
            _ => panic!("{ran:?}"),
        }
    }
}

#[test]
fn a_lock_that_is_held_is_waited_for_four_seconds_and_its_holder_named() {
    let world = world();
    let document = world.path("etc/config.json").canonicalize().unwrap();
    let ana = Identity {
        user: "root".into(),
        login_user: Some("ana".into()),
        ssh_client: Some("10.0.0.7".into()),
        pid: 4711,
        ..Identity::default()
    };
    let lock =
        Lock::take(&Location::find(&document), &ana, Timestamp::parse("2026-03-31T12:34:56Z").unwrap(), Duration::ZERO)
            .unwrap();
    let began = Instant::now();
    let refused = world.run(&SET);
    let waited = began.elapsed();
    assert_eq!((refused.code, world.read("etc/config.json").as_str()), (4, OLD));
    assert!(refused.stderr.contains("ana (como root, de 10.0.0.7) está gravando agora (processo 4711"), "{refused:?}");
    // It ended, though the lock was never let go; on a busy machine later than that.
    assert!(waited >= Duration::from_secs(4), "{waited:?}");
    assert_eq!(litter(&world), [""; 0]);
    drop(lock);
    assert_next_start_is_clean(&world);
}

#[test]
fn what_stands_in_the_locks_place_is_told_and_left_alone() {
    let world = world();
    let side = world.path("etc/.config.json.lock");
    let others = world.write("others", "not ours");
    let lay: [&dyn Fn(); 4] = [
        &|| fs::create_dir(&side).unwrap(),
        &|| rustix::fs::mknodat(rustix::fs::CWD, &side, rustix::fs::FileType::Fifo, 0o644.into(), 0).unwrap(),
        &|| std::os::unix::fs::symlink(&others, &side).unwrap(),
        &|| fs::hard_link(&others, &side).unwrap(),
    ];
    for lay in lay {
        lay();
        let refused = world.run(&SET);
        assert_eq!((refused.code, world.read("etc/config.json").as_str()), (4, OLD), "{refused:?}");
        assert!(refused.stderr.contains("com um único nome") && refused.stderr.contains("ls -ld"), "{refused:?}");
        assert_eq!((world.read("others").as_str(), litter(&world)), ("not ours", vec![]));
        _ = fs::remove_dir(&side).or_else(|_| fs::remove_file(&side));
    }
    assert_next_start_is_clean(&world);
}

#[test]
fn a_version_names_who_saved_from_where_and_when() {
    let world = world().variable("SUDO_USER", "ana").variable("SSH_CONNECTION", "10.0.0.7 51234 10.0.0.1 22");
    assert_eq!(world.run(&SET).code, 0);
    let listed = world.line("history --json").json();
    assert_eq!((&listed[1]["sudo_user"], &listed[1]["ssh_client"]), (&json!("ana"), &json!("10.0.0.7")));
    let time = listed[1]["time"].as_str().unwrap();
    assert!(Timestamp::parse(time).is_some() && time.ends_with('Z'), "{time}");
    assert_eq!(listed[1]["changes"][0]["key"], "geral.vendedor_padrao");
}

/// What only root can set up.
mod root {
    use std::fs::File;
    use std::io::Write;
    use std::os::unix::fs::{MetadataExt, chown};
    use std::path::Path;

    use balcao_config::catalog::Catalog;
    use balcao_config::document::Document;
    use balcao_config::document::access::Volatile;
    use balcao_config::document::save::{Cause, SaveError, Step};
    use balcao_config::lang::Lang;

    use super::*;
    use crate::document::run_as_ordinary_user;
    use crate::faults::root::{Mount, refused, run};

    const NOBODY: u32 = 65534;

    /// Runs `set` as that user, of the group that the folder is shared with.
    fn as_user(world: &World, user: u32) -> Ran {
        // Copied, because the folder that holds the program may be closed to others.
        let program = world.path("program");
        assert!(Command::new("cp").arg(PROGRAM).arg(&program).status().unwrap().success());
        fs::set_permissions(world.folder(), fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = Command::new("setpriv");
        command.arg(format!("--reuid={user}")).args(["--regid=65534", "--clear-groups"]).arg(program).args(SET);
        command.env_clear().envs(world.environment().iter().cloned());
        ran(command)
    }

    /// A folder that a group shares, with a document of that user's in it.
    fn shared(world: &World, owner: u32) {
        for name in ["etc", "etc/config.json"] {
            chown(world.path(name), Some(owner), Some(NOBODY)).unwrap();
        }
        fs::set_permissions(world.path("etc"), fs::Permissions::from_mode(0o2775)).unwrap();
    }

    const ANOTHERS: &str = "BALCAO_TEST_ANOTHERS_HISTORY";

    #[test]
    fn a_history_of_another_user_is_told_before_and_at_the_save() {
        if let Some(path) = std::env::var_os(ANOTHERS) {
            let forecast = Document::read(Path::new(&path), &Catalog::built_in()).unwrap().writable();
            assert!(matches!(forecast, Err(SaveError { cause: Cause::Refused(Step::Record, _), .. })), "{forecast:?}");
            return;
        }
        let world = world();
        shared(&world, 4321);
        assert_eq!(as_user(&world, 4321).code, 0);
        // The document is now nobody's, the history still the other's, from before the folder was shared.
        let history = world.path("etc/config.json.history");
        fs::set_permissions(history, fs::Permissions::from_mode(0o700)).unwrap();
        world.write("etc/config.json", OLD);
        chown(world.path("etc/config.json"), Some(NOBODY), Some(NOBODY)).unwrap();
        let path = world.path("etc/config.json");
        let name = "places::root::a_history_of_another_user_is_told_before_and_at_the_save";
        run_as_ordinary_user(name, Some((ANOTHERS, &path)));
        let refused = as_user(&world, NOBODY);
        assert_eq!((refused.code, world.read("etc/config.json").as_str()), (4, OLD), "{refused:?}");
        let folder = world.path("etc/config.json.history");
        assert!(refused.stderr.contains(&format!("não foi possível gravar o histórico ({})", folder.display())));
        let as_them = "sudo setpriv --reuid 4321 --regid 4321 --clear-groups -- balcao-config --config";
        assert!(refused.stderr.contains("ls -ld") && refused.stderr.contains(as_them), "{refused:?}");
        assert_eq!(litter(&world), [""; 0]);
    }

    #[test]
    fn where_no_lock_may_be_made_the_reason_is_the_permission() {
        let world = world();
        for path in [world.folder(), &world.path("etc")] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let document = world.path("etc/config.json");
        // Only that thread becomes another, and it ends with its try.
        let refused = std::thread::scope(|scope| {
            let refused = scope.spawn(|| {
                let nobody = rustix::process::Uid::from_raw(NOBODY);
                rustix::thread::set_thread_res_uid(nobody, nobody, nobody).unwrap();
                Lock::take(&Location::find(&document), &Identity::default(), Timestamp::default(), Duration::ZERO)
            });
            refused.join().unwrap()
        });
        let Err(NoLock::Failed(error)) = refused else { panic!("{refused:?}") };
        assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
        assert_eq!(litter(&world), [""; 0]);
    }

    #[test]
    fn what_somebody_laid_out_beforehand_in_a_sticky_folder_is_told_and_not_used() {
        for name in ["etc/config.json.history", "etc/.config.json.lock"] {
            let world = world();
            fs::set_permissions(world.path("etc"), fs::Permissions::from_mode(0o1777)).unwrap();
            let theirs = world.path(name);
            match name.ends_with("history") {
                true => fs::create_dir(&theirs).unwrap(),
                false => fs::write(&theirs, "").unwrap(),
            }
            chown(&theirs, Some(4321), Some(4321)).unwrap();
            let refused = world.run(&SET);
            assert_eq!((refused.code, world.read("etc/config.json").as_str()), (4, OLD), "{refused:?}");
            assert!(refused.stderr.contains(&format!("DIR/{name} é de 4321")), "{refused:?}");
            assert!(fs::read_dir(&theirs).is_ok_and(|mut left| left.next().is_none()) || world.read(name).is_empty());
            assert_eq!(litter(&world), [""; 0]);
        }
    }

    #[test]
    fn a_document_that_its_owner_could_not_read_any_more_is_not_taken_from_them() {
        let world = world();
        shared(&world, 4321);
        // Who is in the group by no list, and could not read the file any more.
        fs::set_permissions(world.path("etc/config.json"), fs::Permissions::from_mode(0o660)).unwrap();
        let refused = as_user(&world, NOBODY);
        assert_eq!((refused.code, world.read("etc/config.json").as_str()), (4, OLD), "{refused:?}");
        assert!(refused.stderr.contains("o dono ou o grupo"), "{refused:?}");
        assert_eq!(litter(&world), [""; 0]);
        assert!(!world.path("etc/config.json.history").exists(), "refused before anything was written");
    }

    #[test]
    fn a_link_or_a_file_in_the_historys_place_is_told_and_not_followed() {
        let world = world();
        let elsewhere = world.path("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, world.path("etc/config.json.history")).unwrap();
        let ran = world.run(&SET);
        assert_eq!((ran.code, world.read("etc/config.json").as_str()), (4, OLD), "{ran:?}");
        assert!(ran.stderr.contains("ls -ld"), "{ran:?}");
        assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
    }

    #[test]
    fn an_access_list_a_label_and_attributes_survive_a_save() {
        for (mode, owner) in [(0o600, 0), (0o640, NOBODY), (0o664, 4321)] {
            let world = world();
            let path = world.path("etc/config.json");
            let name = path.to_str().unwrap();
            chown(&path, Some(owner), Some(owner)).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let file = File::open(&path).unwrap();
            let set = |name: &str, value: &[u8]| {
                rustix::fs::fsetxattr(&file, name, value, rustix::fs::XattrFlags::empty()).expect(name);
            };
            set("user.origem", b"loja 7");
            set("trusted.nota", &[0, 255, b'\n']);
            set("security.selinux", b"system_u:object_r:etc_t:s0\0");
            run("setfacl", &["-m", "u:nobody:r,g:4321:-", name]);
            let whole = || {
                let list = Command::new("getfattr").args(["-d", "-m", "-", "-e", "hex", name]).output().unwrap();
                let metadata = fs::metadata(&path).unwrap();
                let list = String::from_utf8(list.stdout).unwrap();
                assert!(list.contains("posix_acl_access") && list.contains("selinux") && list.contains("trusted"));
                (metadata.mode(), metadata.uid(), metadata.gid(), list)
            };
            let before = whole();
            assert_eq!(world.run(&SET).code, 0);
            assert_eq!(world.read("etc/config.json"), NEW);
            assert_eq!(whole(), before);
        }
    }

    #[test]
    fn a_sum_that_the_kernel_took_of_the_old_contents_does_not_come_along() {
        let world = world();
        let path = world.path("etc/config.json");
        // As the kernel spells a SHA-1, so that one that knows such sums takes it.
        let sum = [&[1][..], &[7; 20]].concat();
        let ima = "security.ima";
        rustix::fs::setxattr(&path, ima, &sum, rustix::fs::XattrFlags::empty()).unwrap();
        assert_eq!((world.run(&SET).code, world.read("etc/config.json").as_str()), (0, NEW));
        let mut found = [0; 100];
        let size = rustix::fs::getxattr(&path, ima, &mut found[..]).unwrap_or_default();
        assert_ne!(found[..size], sum);
    }

    #[test]
    fn a_mode_that_a_change_of_owner_clears_is_kept() {
        let world = world();
        let path = world.path("etc/config.json");
        chown(&path, Some(4321), Some(4321)).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o2770)).unwrap();
        assert_eq!(world.run(&SET).code, 0);
        assert_eq!(mode(&world, "etc/config.json"), 0o2770);
    }

    #[test]
    fn a_file_with_other_names_is_said() {
        let world = world();
        fs::hard_link(world.path("etc/config.json"), world.path("other")).unwrap();
        refused(&world, "links físicos");
        assert!(!world.path("etc/config.json.history").exists());
    }

    /// Fills a file system but for so many pages.
    fn fill(room: &Path, but: usize) {
        let mut full = File::create(room).unwrap();
        let mut pages = 0u64;
        while full.write_all(&[b' '; 4096]).is_ok() {
            pages += 1;
        }
        full.set_len((pages - but as u64) * 4096).unwrap();
    }

    #[test]
    fn whatever_room_a_disk_has_left_the_document_is_whole() {
        let old = format!("{{\"geral\": {{\"vendedor_padrao\": \"Ana\"}}, \"x\": \"{}\"}}\n", "x".repeat(9000));
        let new = old.replace("Ana", "Rui");
        let mut outcomes = vec![];
        for pages in 0..16 {
            let world = world();
            let _mount = Mount::of("none", &world.path("etc"), &["-t", "tmpfs", "-o", "size=128k"]);
            world.write("etc/config.json", &old);
            fill(&world.path("etc/room"), pages);
            let ran = world.run(&SET);
            let now = world.read("etc/config.json");
            match ran.code {
                0 => assert!(now == new, "{pages}"),
                4 => {
                    assert!(now == old, "{pages}");
                    assert!(ran.stderr.contains("não há espaço livre"), "{pages}: {ran:?}");
                    assert!(ran.stderr.contains("nada foi gravado"), "{pages}: {ran:?}");
                    let left = litter(&world);
                    assert_eq!(left, ["room"], "{pages}");
                }
                _ => panic!("{pages}: {ran:?}"),
            }
            assert_history_readable(&world);
            outcomes.push(ran.code);
        }
        assert!(outcomes.first() == Some(&4) && outcomes.last() == Some(&0), "{outcomes:?}");
        assert!(outcomes.is_sorted_by(|one, next| one >= next), "more room is never worse: {outcomes:?}");
    }

    #[test]
    fn a_file_system_that_forgets_is_said() {
        let world = world();
        let read = || Document::read(&world.path("etc/config.json"), &Catalog::built_in()).unwrap().volatile();
        let memory = Mount::of("none", &world.path("etc"), &["-t", "tmpfs", "-o", "size=64k"]);
        assert_eq!(read(), Some(Volatile::Memory));
        drop(memory);
        // Its upper folder on a tmpfs of its own: an overlay cannot lie on an overlay, as the temporary folder may.
        let _ground = {
            fs::create_dir(world.path("ground")).unwrap();
            Mount::of("none", &world.path("ground"), &["-t", "tmpfs", "-o", "size=256k"])
        };
        let [lower, upper, work] = ["lower", "upper", "work"].map(|name| {
            let path = world.path("ground").join(name);
            fs::create_dir(&path).unwrap();
            path.to_str().unwrap().to_owned()
        });
        fs::write(Path::new(&lower).join("config.json"), OLD).unwrap();
        let options = format!("lowerdir={lower},upperdir={upper},workdir={work}");
        let _overlay = Mount::of("overlay", &world.path("etc"), &["-t", "overlay", "-o", &options]);
        assert_eq!(read(), Some(Volatile::Overlay));
        for (why, words) in [(Volatile::Memory, "se perde ao desligar o computador"), (Volatile::Overlay, "reiniciar")]
        {
            assert!(why.message(Lang::Pt).as_str().contains(words));
        }
        // It saves there all the same, and says so.
        let ran = world.run(&SET);
        assert_eq!((ran.code, ran.stderr.contains("(overlay): confira")), (0, true), "{ran:?}");
        assert_next_start_is_clean(&world);
        assert_eq!(fs::read_to_string(Path::new(&lower).join("config.json")).unwrap(), OLD);
    }

    #[test]
    fn an_immutable_history_is_said() {
        let world = world();
        let image = world.path("image");
        File::create(&image).unwrap().set_len(16 << 20).unwrap();
        run("mkfs.ext4", &["-qF", image.to_str().unwrap()]);
        let _mount = Mount::of(image.to_str().unwrap(), &world.path("etc"), &["-o", "loop"]);
        fs::remove_dir(world.path("etc/lost+found")).unwrap();
        world.write("etc/config.json", NEW);
        assert_eq!(world.line("set geral.vendedor_padrao=Ana").code, 0);
        let old = world.read("etc/config.json");
        let history = world.path("etc/config.json.history");
        run("chattr", &["+i", history.to_str().unwrap()]);
        let ran = world.run(&SET);
        run("chattr", &["-i", history.to_str().unwrap()]);
        assert_eq!((ran.code, world.read("etc/config.json")), (4, old), "{ran:?}");
        assert!(ran.stderr.contains("imutável") && ran.stderr.contains("config.json.history"), "{ran:?}");
        assert_next_start_is_clean(&world);
    }
}
