//! What hangs: disks that do not answer, files that others hold. The program touches none that its command does not need,
//! and waits for none without a bound.

use std::any::Any;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use serde_json::json;

use crate::busy::eventually;
use crate::history::times;
use crate::postgres::{Cluster, cluster};
use crate::world::{Ran, World};

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

/// A program that holds a file by a lease and never lets go, while this lives: whoever opens the file otherwise waits for it
/// up to 45 s.
pub struct Lease(Child);

impl Lease {
    /// `F_SETLEASE` with `F_WRLCK`, which has no safe name in Rust; the signal that asks for the file goes unheard.
    pub fn on(path: &Path) -> Lease {
        const HOLD: &str = "$SIG{IO} = 'IGNORE'; open F, '<', $ARGV[0] or die $!; fcntl(F, 1024, 1) or die $!; \
                            $| = 1; print \"held\\n\"; <STDIN>";
        let mut child = Command::new("perl")
            .args(["-e", HOLD])
            .arg(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(said, "held\n", "{}", path.display());
        Lease(child)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What stands in the place of a file, or holds it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Obstacle {
    Fifo,
    Socket,
    Device,
    Huge,
    Folder,
    Lease,
}

impl Obstacle {
    const ALL: [Obstacle; 6] =
        [Obstacle::Fifo, Obstacle::Socket, Obstacle::Device, Obstacle::Huge, Obstacle::Folder, Obstacle::Lease];

    /// Puts it there. What is given back keeps it there.
    fn put(self, path: &Path) -> Box<dyn Any> {
        if self == Obstacle::Lease {
            // A folder cannot be held.
            return if path.is_file() { Box::new(Lease::on(path)) } else { Box::new(()) };
        }
        let _ = fs::remove_file(path);
        let _ = fs::remove_dir_all(path);
        match self {
            Obstacle::Fifo => {
                rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
            }
            Obstacle::Socket => return Box::new(UnixListener::bind(path).unwrap()),
            Obstacle::Device => symlink("/dev/zero", path).unwrap(),
            Obstacle::Huge => File::create(path).unwrap().set_len(1 << 40).unwrap(),
            Obstacle::Folder => fs::create_dir(path).unwrap(),
            Obstacle::Lease => {}
        }
        Box::new(())
    }
}

#[test]
fn whatever_stands_beside_the_document_is_waited_for_by_no_command() {
    const PLACES: [&str; 9] = [
        "config.json",
        "config.json.checks",
        ".config.json.lock",
        "config.json.history",
        "config.json.history/000002.json",
        "config.json.drafts",
        "config.json.drafts/x.json",
        "catalog.d",
        "catalog.d/x.json",
    ];
    const LINES: [&str; 13] = [
        "get geral.casas_decimais_valor",
        "check --timeout 1 --only logo",
        "set geral.casas_decimais_valor=3 --dry-run",
        "set geral.casas_decimais_valor=3",
        "history",
        "recover",
        "set geral.casas_decimais_valor=4 --check",
        "rollback 1",
        "history show 2",
        "diff --history 1",
        "list",
        "validate",
        "report",
    ];
    let lines = &LINES[..times(6, LINES.len())];
    for place in PLACES {
        for obstacle in Obstacle::ALL {
            let world = World::with_config("{}\n");
            assert_eq!(world.line("set integracao.porta_banco_dados=5433").code, 0);
            assert_eq!(world.line("set integracao.porta_banco_dados=1").code, 0);
            world.line("check --timeout 1");
            world.write("config.json.checks", "{}");
            world.write("config.json.drafts/x.json", "{}");
            world.write("catalog.d/x.json", "{\"properties\": {}}");
            let _kept = obstacle.put(&world.path(place));
            for line in lines {
                let ran = run(&world, line, || ());
                let what = format!("{obstacle:?} in the place of {place}: {line}: {ran:?}");
                assert!((0..=5).contains(&ran.code), "{what}");
                assert!(!format!("{ran:?}").contains("os error"), "{what}");
                // The document alone stands in everybody's way, and so does half a catalog.
                if line.starts_with("get") {
                    let needed = (place == "config.json" || place.starts_with("catalog.d"))
                        && !(
                            // An empty folder holds no catalog, and a folder cannot be held.
                            place == "catalog.d" && matches!(obstacle, Obstacle::Folder | Obstacle::Lease)
                        );
                    assert_eq!(ran.code, if needed { 3 } else { 0 }, "{what}");
                }
            }
        }
    }
}

/// Runs the program; what keeps it for ever is a failure, and `let_go` ends that.
fn run(world: &World, line: &str, let_go: impl FnOnce()) -> Ran {
    let arguments: Vec<&str> = line.split_whitespace().collect();
    let mut child = world.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let [stdout, stderr] = [reader(child.stdout.take().unwrap()), reader(child.stderr.take().unwrap())];
    let ended = eventually(|| child.try_wait().unwrap().is_some());
    if !ended {
        let _ = child.kill();
        let_go();
    }
    let status = child.wait().unwrap();
    let [stdout, stderr] = [stdout, stderr].map(|output| output.join().unwrap());
    assert!(ended, "{line} does not end: {stdout}{stderr}");
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

pub mod root {
    use std::fs::File;
    use std::io::{Read, Write};
    use std::os::fd::AsRawFd;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use nix::mount::{MntFlags, MsFlags, mount, umount2};
    use nix::sched::{CloneFlags, unshare};

    use serde_json::json;

    use balcao_config::catalog::Catalog;
    use balcao_config::document::Document;
    use balcao_config::document::draft::{Draft, DraftLocations};
    use balcao_config::document::identity::Identity;
    use balcao_config::document::timestamp::Timestamp;

    use crate::history::key;
    use crate::postgres::Cluster;
    use crate::pty::Pty;
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
    fn run(world: &World, disks: &[Disk], line: &str) -> Ran {
        super::run(world, line, || disks.iter().for_each(Disk::end))
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
    fn a_home_that_hangs_is_told_where_drafts_are_looked_for_and_hides_none_beside_the_document() {
        let (world, home) = at_home();
        let path = world.path("config.json");
        let mut draft = Draft::create(
            &Document::read(&path, &Catalog::built_in()).unwrap(),
            Identity { user: "root".into(), ..Identity::default() },
            Timestamp::default(),
        );
        let changes = [(key("geral.vendedor_padrao"), Some(json!("Ana")))].into();
        draft.store(&changes, Timestamp::default(), &DraftLocations::default()).unwrap();
        apart(Server::Deaf, &[&home], |disks| {
            let listed = run(&world, disks, "recover");
            assert!(listed.code == 0 && listed.stdout.contains("Orçamento: Ana"), "{listed:?}");
            assert!(listed.stderr.contains("não se sabe se há rascunhos nela"), "{listed:?}");
            let mut pty = Pty::spawn(&world, &[], (80, 24));
            pty.wait_text("Há alterações não gravadas")
                .wait_text("Ana")
                .wait_text("A pasta de rascunhos")
                .press("Enter F12");
            let ended = pty.end();
            assert!(ended.code == 0 && ended.text.contains("Gravado em"), "{}", ended.text);
            assert!(ended.text.replace('\n', "").contains("não se sabe se há rascunhos nela"), "{}", ended.text);
            assert_eq!(run(&world, disks, "get geral.vendedor_padrao").stdout, "Ana\n");
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
                    let told = ["ponto de montagem", "não é um arquivo comum com um único nome"];
                    assert_eq!(
                        code == 4,
                        told.iter().any(|words| ran.stderr.contains(words)),
                        "{name}: {line}: {ran:?}"
                    );
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

    #[test]
    fn a_picture_and_reports_that_hang_are_told_and_hold_nothing_else_up() {
        let world = World::new();
        let point = world.path("disk");
        std::fs::create_dir(&point).unwrap();
        let paths = json!({
            "caminho_imagem_logo": point.join("logo.png"),
            "diretorio_relatorios": point.join("relatorios"),
        });
        world.write("config.json", json!({ "geral": paths }).to_string());
        apart(Server::Silent, &[&point], |disks| {
            for (line, code) in [
                ("list", 0),
                ("validate", 0),
                ("set geral.casas_decimais_valor=3", 0),
                ("explain geral.caminho_imagem_logo", 0),
                ("export", 0),
            ] {
                let ran = run(&world, disks, line);
                assert_eq!((ran.code, disks[0].asked()), (code, 0), "{line}: {ran:?}");
            }
        });
        apart(Server::Deaf, &[&point], |disks| {
            let ran = run(&world, disks, "check --timeout 1 --only logo --only relatorios");
            assert_eq!(ran.code, 0, "{ran:?}");
            for words in ["O disco em que está", "O disco em que está a pasta"] {
                assert!(ran.stdout.contains(words), "{ran:?}");
            }
            let ran = run(&world, disks, "action editar-relatorio --list");
            assert!(ran.code == 5 && ran.stderr.contains("não respondeu"), "{ran:?}");
        });
    }

    #[test]
    fn a_form_opens_whatever_hangs_in_its_home_and_its_values() {
        let (world, home) = at_home();
        let logo = home.join("logo.png");
        world.write("config.json", json!({ "geral": { "caminho_imagem_logo": logo } }).to_string());
        apart(Server::Deaf, &[&home], |disks| {
            let ran = run(&world, disks, "recover");
            assert!(ran.code == 0 && ran.stderr.contains("não se sabe se há rascunhos nela"), "{ran:?}");
            assert!(!ran.stderr.contains("Você não tem rascunhos"), "{ran:?}");
            let mut form = Pty::spawn(&world, &[], (80, 24));
            form.wait_text("Integração").press("Esc");
            assert_eq!(form.end().code, 0);
        });
    }
}
