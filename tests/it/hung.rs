//! What hangs: disks that do not answer, files that others hold. The program touches none that its command does not need,
//! and waits for none without a bound.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::postgres::{Cluster, cluster};
use crate::world::World;

#[test]
fn what_is_no_password_file_is_neither_waited_for_nor_read_without_end() {
    let config = json!({ "integracao": { "porta_banco_dados": cluster().port } });
    let world = World::with_config(&config.to_string()).variable("PGUSER", Cluster::SCRAM);
    let [pipe, huge, tape] = ["pipe", "huge", "tape"].map(|name| world.path(name));
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    File::create(&huge).unwrap().set_len(1 << 40).unwrap();
    fs::set_permissions(&huge, fs::Permissions::from_mode(0o600)).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &tape).unwrap();
    for (path, words) in [(&pipe, "não é um arquivo comum"), (&huge, "tem mais de 1048576 bytes"), (&tape, "não é um")]
    {
        let path = path.to_str().unwrap().to_owned();
        let ran = World::with_config(&config.to_string())
            .variable("PGUSER", Cluster::SCRAM)
            .variable("PGPASSFILE", &path)
            .line("check --timeout 30 --only banco_dados");
        assert!(ran.code == 0 && ran.stderr.contains(words), "{path}: {ran:?}");
        let ran =
            World::with_config(&json!({ "integracao": { "porta_banco_dados": crate::tls::good().port } }).to_string())
                .variable("PGUSER", Cluster::SCRAM)
                .variable("PGSSLROOTCERT", &path)
                .variable("PGSSLMODE", "verify-ca")
                .line("check --timeout 30 --only banco_dados");
        assert!(ran.code == 1 && ran.stdout.contains(&path), "{path}: {ran:?}");
    }
    // Where no login needs it, it is not looked at.
    let ran = world.variable("PGPASSFILE", pipe.to_str().unwrap()).variable("PGUSER", "").line("check --timeout 30");
    assert!(!ran.stderr.contains("arquivo de senhas"), "{ran:?}");
}

pub mod root {
    use std::fs::File;
    use std::io::{Read, Write};
    use std::os::fd::AsRawFd;
    use std::os::unix::process::ExitStatusExt;
    use std::path::{Path, PathBuf};
    use std::process::Stdio;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use nix::mount::{MntFlags, MsFlags, mount, umount2};
    use nix::sched::{CloneFlags, unshare};

    use serde_json::json;

    use crate::busy::eventually;
    use crate::postgres::Cluster;
    use crate::world::{Ran, World};

    /// A file system whose server has stopped answering, mounted on a file or folder.
    ///
    /// The real thing: the kernel's FUSE, and a server of our own behind it.
    pub struct Disk {
        on: PathBuf,
        asked: Arc<AtomicUsize>,
        /// Never read: a server that is gone would end the wait.
        _deaf: Option<File>,
    }

    #[derive(Clone, Copy, PartialEq)]
    pub enum Server {
        /// It takes requests and never answers one. Who asks it waits until this is dropped, and not even SIGKILL ends that.
        Silent,
        /// It does not even take them: the wait ends with the process.
        Deaf,
    }

    /// The request that every mount begins with.
    const INIT: u32 = 26;

    /// As the kernel's `fuse_in_header` and `fuse_out_header` begin.
    fn word(bytes: &[u8], at: usize) -> u32 {
        u32::from_ne_bytes(bytes[at..at + 4].try_into().unwrap())
    }

    impl Disk {
        /// Mounted for this thread's mount namespace alone: see [`apart`].
        fn mount(on: &Path, server: Server) -> Disk {
            let device = File::options().read(true).write(true).open("/dev/fuse").unwrap();
            let kind = if on.is_dir() { "40000" } else { "100000" };
            let options = format!("fd={},rootmode={kind},user_id=0,group_id=0,allow_other", device.as_raw_fd());
            mount(Some("hung"), on, Some("fuse"), MsFlags::empty(), Some(options.as_str())).unwrap();
            let asked = Arc::new(AtomicUsize::new(0));
            let _deaf = match server {
                Server::Deaf => Some(device),
                Server::Silent => {
                    let counter = Arc::clone(&asked);
                    // Ends with the mount: the device then has an error to read.
                    thread::spawn(move || serve(device, &counter));
                    None
                }
            };
            Disk { on: on.to_owned(), asked, _deaf }
        }

        /// How many requests it was left with.
        pub fn asked(&self) -> usize {
            self.asked.load(Ordering::SeqCst)
        }

        /// Lets go of everybody who waits.
        fn end(&self) {
            let _ = umount2(&self.on, MntFlags::MNT_FORCE | MntFlags::MNT_DETACH);
        }
    }

    impl Drop for Disk {
        fn drop(&mut self) {
            self.end();
        }
    }

    fn serve(mut device: File, asked: &AtomicUsize) {
        let mut request = vec![0; 256 * 1024];
        while let Ok(40..) = device.read(&mut request) {
            if word(&request, 4) != INIT {
                asked.fetch_add(1, Ordering::SeqCst);
                continue;
            }
            // Length, no error, whose answer; version 7.22, whose answer has these 24 bytes and no more.
            let mut answer = [0; 40];
            answer[..4].copy_from_slice(&40_u32.to_ne_bytes());
            answer[8..16].copy_from_slice(&request[8..16]);
            answer[16..20].copy_from_slice(&7_u32.to_ne_bytes());
            answer[20..24].copy_from_slice(&22_u32.to_ne_bytes());
            device.write_all(&answer).unwrap();
        }
    }

    /// Does it where a disk that does not answer is mounted on each of these, for nobody else on this machine.
    pub fn apart(server: Server, points: &[&Path], action: impl FnOnce(&[Disk]) + Send) {
        thread::scope(|scope| {
            let inside = || {
                unshare(CloneFlags::CLONE_NEWNS).unwrap();
                mount(None::<&str>, "/", None::<&str>, MsFlags::MS_REC | MsFlags::MS_PRIVATE, None::<&str>).unwrap();
                action(&points.iter().map(|point| Disk::mount(point, server)).collect::<Vec<_>>());
            };
            scope.spawn(inside).join().unwrap();
        });
    }

    /// Runs the program; one that waits for a disk is let go of, and told.
    pub fn run(world: &World, disks: &[Disk], line: &str) -> Ran {
        let arguments: Vec<&str> = line.split_whitespace().collect();
        let mut child = world.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let [stdout, stderr] = [reader(child.stdout.take().unwrap()), reader(child.stderr.take().unwrap())];
        let ended = eventually(|| child.try_wait().unwrap().is_some());
        if !ended {
            let _ = child.kill();
            disks.iter().for_each(Disk::end);
        }
        let status = child.wait().unwrap();
        let [stdout, stderr] = [stdout, stderr].map(|output| output.join().unwrap());
        assert!(ended, "{line} waited for a disk that does not answer: {stdout}{stderr}");
        let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
        Ran { stdout, stderr, code: code.unwrap() }
    }

    fn reader(mut from: impl Read + Send + 'static) -> thread::JoinHandle<String> {
        thread::spawn(move || {
            let mut text = vec![];
            from.read_to_end(&mut text).unwrap();
            String::from_utf8_lossy(&text).into_owned()
        })
    }

    /// A world whose home is there, and which keeps everything of its own in that.
    fn at_home() -> (World, PathBuf) {
        let world = World::with_config("{}\n").variable("XDG_CONFIG_HOME", "").variable("XDG_STATE_HOME", "");
        let home = world.path("home");
        std::fs::create_dir(&home).unwrap();
        (world, home)
    }

    #[test]
    fn a_home_that_hangs_stops_no_command_that_does_not_need_it() {
        let (world, home) = at_home();
        world.write("other.json", "{\"geral\": {\"casas_decimais_qtde\": 3}}");
        apart(Server::Silent, &[&home], |disks| {
            for (line, code) in [
                ("get integracao.porta_banco_dados", 0),
                ("set integracao.porta_banco_dados=5433", 0),
                ("set integracao.porta_banco_dados=5434 --dry-run", 0),
                ("unset integracao.porta_banco_dados", 0),
                ("list", 0),
                ("explain integracao.porta_banco_dados", 0),
                ("validate", 0),
                ("diff other.json", 1),
                ("export", 0),
                ("apply other.json", 0),
                ("history", 0),
                ("history show 1", 0),
                ("rollback 1", 0),
                ("schema", 0),
                ("path", 0),
                ("check --timeout 1", 1),
                ("set geral.casas_decimais_valor=3 --check", 1),
                ("action editar-relatorio --list", 5),
                ("--version", 0),
            ] {
                let ran = run(&world, disks, line);
                assert_eq!(ran.code, code, "{line}: {ran:?}");
                assert_eq!(disks[0].asked(), 0, "{line} has asked the home");
            }
        });
    }

    #[test]
    fn what_is_mounted_beside_the_document_is_not_touched() {
        for name in ["config.json.checks", "config.json.history", "config.json.drafts", ".config.json.lock"] {
            let world = World::with_config("{}\n");
            let point = match name.ends_with("history") || name.ends_with("drafts") {
                true => std::fs::create_dir(world.path(name)).map(|()| world.path(name)).unwrap(),
                false => world.write(name, ""),
            };
            apart(Server::Silent, &[&point], |disks| {
                let needed = name.ends_with("lock") || name.ends_with("history");
                for (line, code) in [
                    ("get integracao.porta_banco_dados", 0),
                    ("check --timeout 1", 1),
                    ("set geral.casas_decimais_valor=3", if needed { 4 } else { 0 }),
                    ("validate", 0),
                ] {
                    let ran = run(&world, disks, line);
                    assert_eq!(ran.code, code, "{name}: {line}: {ran:?}");
                    assert_eq!(code == 4, ran.stderr.contains("ponto de montagem"), "{name}: {line}: {ran:?}");
                    assert_eq!(disks[0].asked(), 0, "{line} has asked {name}");
                }
            });
        }
    }

    #[test]
    fn a_password_file_and_certificates_that_hang_are_told_and_no_server_is_blamed() {
        let (plain, encrypted) = (crate::postgres::cluster(), crate::tls::good());
        for (port, mode, diagnosis, reason, code) in [
            (plain.port, "prefer", "no_password", "password_file_ignored", 0),
            (encrypted.port, "require", "tls_failed", "roots", 1),
        ] {
            let (world, home) = at_home();
            world.write("config.json", json!({ "integracao": { "porta_banco_dados": port } }).to_string());
            let world = world.variable("PGUSER", Cluster::SCRAM).variable("PGSSLMODE", mode);
            apart(Server::Deaf, &[&home], |disks| {
                let ran = run(&world, disks, "check --timeout 30 --only banco_dados --json");
                let told = ran.json();
                let found = &told["results"][0];
                assert_eq!(
                    (ran.code, &found["diagnosis"], &found["detail"]["reason"]),
                    (code, &json!(diagnosis), &json!(reason)),
                    "{ran:?}"
                );
                let warned = found["detail"]["warnings"][0].as_str().unwrap();
                assert!(warned.contains(".pgpass não respondeu"), "{ran:?}");
                let blamed = found["message"].as_str().unwrap();
                assert_eq!(blamed.contains("root.crt: o arquivo não respondeu"), code == 1, "{ran:?}");
            });
        }
    }
}
