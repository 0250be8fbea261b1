//! Whatever stands in the way of a save: `--dry-run` says the same as the real run, with the same exit code.

pub mod root {
    use std::any::Any;
    use std::fs::{self, File, Permissions};
    use std::os::unix::fs::{PermissionsExt, chown, symlink};
    use std::os::unix::process::CommandExt;
    use std::path::PathBuf;
    use std::process::{Child, Command, Stdio};

    use serde_json::Value;

    use crate::faults::root::{Mount, run};
    use crate::hung::Lease;
    use crate::world::{PROGRAM, World};

    /// An account that needs no name.
    const RUI: u32 = 4343;

    /// The document's folder, its document, its history.
    const ETC: &str = "etc";
    const FILE: &str = "etc/config.json";
    const HISTORY: &str = "etc/config.json.history";
    const LOCK: &str = "etc/.config.json.lock";

    /// What is in the way, who saves, how it is put there (what is given back keeps it there), and what is told.
    type Obstacle = (&'static str, u32, fn(&World) -> Box<dyn Any>, i32);

    const OBSTACLES: &[Obstacle] = &[
        ("nothing", 0, |_| Box::new(()), 0),
        ("nothing for its owner", RUI, |world| own(world, &[ETC, FILE, HISTORY, LOCK]), 0),
        ("a folder of another's", RUI, |_| Box::new(()), 4),
        ("a closed folder", RUI, |world| mode(world, ETC, 0o700), 3),
        ("a closed document", RUI, |world| (own(world, &[ETC]), mode(world, FILE, 0o600)).1, 3),
        ("another's file in a sticky folder", RUI, |world| mode(world, ETC, 0o1777), 4),
        ("another's history", RUI, |world| own(world, &[ETC, FILE, LOCK]), 4),
        (
            "a history without the right to write",
            RUI,
            |world| (own(world, &[ETC, FILE, HISTORY, LOCK]), mode(world, HISTORY, 0o500)).1,
            4,
        ),
        ("another's lock", RUI, |world| own(world, &[ETC, FILE, HISTORY]), 4),
        ("another's folder, for root", 0, |world| own(world, &[ETC]), 4),
        ("a shared folder, for root", 0, |world| mode(world, ETC, 0o775), 4),
        (
            "another's link, for root",
            0,
            |world| {
                let link = world.path("etc/real.json");
                fs::rename(world.path(FILE), &link).unwrap();
                symlink(&link, world.path(FILE)).unwrap();
                std::os::unix::fs::lchown(world.path(FILE), Some(RUI), None).unwrap();
                Box::new(())
            },
            3,
        ),
        (
            "a file system that is read-only",
            0,
            |world| {
                let mount = Mount::of(world.path(ETC).to_str().unwrap(), &world.path(ETC), &["--bind"]);
                run("mount", &["-o", "remount,bind,ro", world.path(ETC).to_str().unwrap()]);
                Box::new(mount)
            },
            4,
        ),
        (
            "a mounted file",
            0,
            |world| {
                let file = world.path(FILE);
                Box::new(Mount::of(file.to_str().unwrap(), &file, &["--bind"]))
            },
            4,
        ),
        ("a file with another name", 0, |world| done(fs::hard_link(world.path(FILE), world.path("etc/other"))), 4),
        ("an immutable file", 0, |world| Marked::put(world, FILE, "i"), 4),
        ("an immutable folder", 0, |world| Marked::put(world, ETC, "i"), 4),
        ("an immutable history", 0, |world| Marked::put(world, HISTORY, "i"), 4),
        ("a file that only grows", 0, |world| Marked::put(world, FILE, "a"), 4),
        ("a folder that only grows", 0, |world| Marked::put(world, ETC, "a"), 4),
        ("a history that only grows", 0, |world| Marked::put(world, HISTORY, "a"), 4),
        ("a lock that is held", 0, |world| Box::new(Held::put(world.path(LOCK))), 4),
        ("a leased document", 0, |world| Box::new(Lease::on(&world.path(FILE))), 3),
        ("a leased lock", 0, |world| Box::new(Lease::on(&world.path(LOCK))), 4),
        ("a FIFO in the document's place", 0, |world| fifo(world, FILE), 3),
        ("a FIFO in the lock's place", 0, |world| fifo(world, LOCK), 4),
        (
            "a file in the history's place",
            0,
            |world| {
                fs::remove_dir_all(world.path(HISTORY)).unwrap();
                done(fs::write(world.path(HISTORY), ""))
            },
            4,
        ),
        ("a document that is no JSON", 0, |world| done(fs::write(world.path(FILE), "{")), 3),
    ];

    fn done(result: std::io::Result<()>) -> Box<dyn Any> {
        result.unwrap();
        Box::new(())
    }

    fn own(world: &World, names: &[&str]) -> Box<dyn Any> {
        for name in names {
            chown(world.path(name), Some(RUI), Some(RUI)).unwrap();
            for entry in fs::read_dir(world.path(name)).into_iter().flatten().flatten().filter(|_| *name == HISTORY) {
                chown(entry.path(), Some(RUI), Some(RUI)).unwrap();
            }
        }
        Box::new(())
    }

    fn mode(world: &World, name: &str, mode: u32) -> Box<dyn Any> {
        done(fs::set_permissions(world.path(name), Permissions::from_mode(mode)))
    }

    fn fifo(world: &World, name: &str) -> Box<dyn Any> {
        fs::remove_file(world.path(name)).unwrap();
        let made = rustix::fs::mknodat(rustix::fs::CWD, world.path(name), rustix::fs::FileType::Fifo, 0o600.into(), 0);
        done(made.map_err(Into::into))
    }

    /// A mark of `chattr`, gone with this.
    struct Marked(PathBuf, &'static str);

    impl Marked {
        fn put(world: &World, name: &str, mark: &'static str) -> Box<dyn Any> {
            run("chattr", &[&format!("+{mark}"), world.path(name).to_str().unwrap()]);
            Box::new(Marked(world.path(name), mark))
        }
    }

    impl Drop for Marked {
        fn drop(&mut self) {
            run("chattr", &[&format!("-{}", self.1), self.0.to_str().unwrap()]);
        }
    }

    /// Another process has the lock.
    struct Held(Child);

    impl Held {
        fn put(lock: PathBuf) -> Held {
            let mut child = Command::new("flock")
                .arg(lock)
                .args(["sh", "-c", "echo held; exec cat"])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut said = [0; 5];
            std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut said).unwrap();
            Held(child)
        }
    }

    impl Drop for Held {
        fn drop(&mut self) {
            self.0.stdin = None;
            let _ = self.0.wait();
        }
    }

    /// The exit code, and the error's code where there is one.
    fn ended(world: &World, user: u32, arguments: &str) -> (i32, Value, String) {
        let program = world.path("program");
        if !program.exists() {
            // Copied, because the folder that holds the program may be closed to others; by a process of its own, since one
            // that another test forks here would hold the copy open to be written, and then it cannot be started.
            assert!(Command::new("cp").arg(PROGRAM).arg(&program).status().unwrap().success());
        }
        let mut command = Command::new(program);
        command.args(arguments.split_whitespace()).env_clear().envs(world.environment().iter().cloned());
        let output = command.uid(user).gid(user).current_dir("/").stdin(Stdio::null()).output().unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        let json: Value = serde_json::from_str(&told).unwrap_or_default();
        (output.status.code().unwrap(), json["error"]["code"].clone(), told)
    }

    #[test]
    fn a_dry_run_answers_as_the_real_run_whatever_is_in_the_way() {
        let mut differ = vec![];
        for (what, user, put, code) in OBSTACLES {
            let world = World::new();
            fs::set_permissions(world.folder(), Permissions::from_mode(0o755)).unwrap();
            let path = world.path(FILE);
            let world = world.variable("BALCAO_CONFIG", path.to_str().unwrap());
            // On a file system that has all marks; the temporary folder's may have none.
            let image = world.path("image");
            File::create(&image).unwrap().set_len(16 << 20).unwrap();
            run("mkfs.ext4", &["-qF", image.to_str().unwrap()]);
            fs::create_dir(world.path(ETC)).unwrap();
            let disk = Mount::of(image.to_str().unwrap(), &world.path(ETC), &["-o", "loop"]);
            fs::remove_dir(world.path("etc/lost+found")).unwrap();
            fs::write(&path, "{}\n").unwrap();
            assert_eq!(ended(&world, 0, "set geral.vendedor_padrao=Ana").0, 0, "{what}");
            let patch = world.write("patch.json", "{\"geral\": {\"vendedor_padrao\": \"Rui\"}}");
            let kept = put(&world);
            for line in ["set geral.vendedor_padrao=Rui".to_owned(), format!("apply {}", patch.display())] {
                let (dry, dry_error, told) = ended(&world, *user, &format!("{line} --dry-run --json"));
                let (real, error, really) = ended(&world, *user, &format!("{line} --json"));
                let compared = format!("{what}: {line}: {told}{really}");
                if ((dry, &dry_error), real) != ((real, &error), *code) {
                    differ.push(compared);
                }
                if real == 0 {
                    assert_eq!(ended(&world, *user, "set geral.vendedor_padrao=Ana").0, 0, "{what}");
                }
            }
            drop(kept);
            drop(disk);
        }
        assert!(differ.is_empty(), "{}", differ.join("\n"));
    }
}
