//! The real program hears of what others do to its file, and costs nothing while nobody does.

use std::fs;

use crate::busy::wait_until;
use crate::pty::Pty;
use crate::world::World;

const SIZE: (u16, u16) = (80, 24);
const PORT: &str = "{\"integracao\": {\"porta_banco_dados\": 5433}}";

fn form(world: &World) -> Pty {
    let mut pty = Pty::spawn(world, &[], SIZE);
    pty.wait_text("[ Fechar (Esc) ]");
    pty
}

#[test]
fn two_forms_and_a_command_at_one_file_tell_each_other() {
    let world = World::with_config(PORT);
    let (mut one, mut other) = (form(&world), form(&world));
    assert_eq!(world.line("set integracao.porta_banco_dados=7000").code, 0);
    one.wait_text("gravou às").wait_text("5433 → 7000");
    other.wait_text("gravou às").wait_text("5433 → 7000");
    one.press("Down Down Down Space C-s").wait_text("Gravado em");
    other.wait_text("não → sim").wait_text("[x]");
    other.press("Down C-u \"7001\"").wait_text("● 1");
    assert_eq!(world.line("set integracao.porta_banco_dados=7002").code, 0);
    one.wait_text("7000 → 7002");
    other.wait_text("7002; aqui 7001").wait_text("▲ conflito");
    one.press("Esc");
    assert_eq!(one.end().code, 0);
    other.press("C-u \"7002\"").wait_gone("●").press("Esc");
    assert_eq!(other.end().code, 0);
    assert!(world.config().contains("7002"));
}

#[test]
fn what_happens_beside_the_file_draws_nothing() {
    let world = World::with_config(PORT);
    let mut pty = form(&world);
    let before = pty.log().len();
    for round in 0..200 {
        world.write("config.json.new", round.to_string());
        fs::rename(world.path("config.json.new"), world.path("config.json.old")).unwrap();
    }
    // All of that was read before this.
    world.write("config.json", PORT.replace("5433", "6000"));
    pty.wait_text("Alterado por fora");
    let drawn = pty.log().len() - before;
    assert!(drawn < 1200, "{drawn} bytes for one message, a value and its marks");
}

#[test]
fn where_the_system_gives_no_more_watches_the_title_says_so_and_saving_still_merges() {
    let world = World::with_config(PORT);
    let limited = "echo 0 > /proc/sys/user/max_inotify_instances && exec \"$0\"";
    let mut pty = Pty::run(&world, &["unshare", "-Ur", "sh", "-c", limited, crate::world::PROGRAM], SIZE);
    pty.wait_text("[avisa só ao gravar]");
    assert_eq!(world.line("set integracao.porta_banco_dados=7000").code, 0);
    pty.press("F2").wait_text("5433 → 7000").wait_text("não avisa mais").press("Esc").wait_gone("Comparar ─");
    assert_eq!(world.line("set geral.vendedor_padrao=Rui").code, 0);
    pty.press("Down Down Down Space C-s").wait_text("Gravado").wait_text("(vazio) → Rui");
    pty.press("Esc Esc");
    assert_eq!(pty.end().code, 0);
    assert!(world.config().contains("Rui") && world.config().contains("7000"));
}

#[test]
fn a_folder_that_is_made_later_is_watched_from_then_on() {
    let world = World::new();
    let path = world.path("shop/etc/config.json");
    let world = world.variable("BALCAO_CONFIG", path.to_str().unwrap());
    let mut pty = form(&world);
    assert_eq!(world.line("set integracao.porta_banco_dados=7000").code, 0);
    pty.wait_text("7000").wait_text("gravou às");
    fs::rename(world.path("shop/etc"), world.path("shop/elsewhere")).unwrap();
    pty.wait_text("[removido]");
    fs::rename(world.path("shop/elsewhere"), world.path("shop/etc")).unwrap();
    pty.wait_text("O arquivo voltou").wait_gone("[removido]");
    assert_eq!(world.line("set integracao.porta_banco_dados=7001").code, 0);
    pty.wait_text("→ 7001").press("Esc");
    assert_eq!(pty.end().code, 0);
}

#[test]
fn a_save_of_its_own_leaves_no_thread_and_no_message_behind() {
    let world = World::with_config(PORT);
    let mut pty = form(&world);
    pty.press("Down Down Down Space C-s").wait_text("Gravado em");
    let threads = || fs::read_dir(format!("/proc/{}/task", pty.process())).unwrap().count();
    wait_until("the look has ended", || threads() == 2);
    pty.press("F2").wait_text("Sem alterações").press("Esc Esc");
    assert!(!pty.end().text.contains("durante a edição"));
}

mod root {
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::{Child, Command, Stdio};

    use tempfile::TempDir;

    use super::{PORT, form};
    use crate::busy::wait_until;
    use crate::faults::root::{Mount, run};
    use crate::world::World;

    /// A disk of our own that can be made to hang: whoever writes to it waits, in the kernel, until it is thawed.
    struct Disk {
        point: PathBuf,
        _mount: Mount,
        _folder: TempDir,
    }

    impl Disk {
        fn new() -> Disk {
            let folder = TempDir::new().unwrap();
            let (image, point) = (folder.path().join("image"), folder.path().join("mnt"));
            fs::create_dir(&point).unwrap();
            fs::File::create(&image).unwrap().set_len(16 << 20).unwrap();
            run("mkfs.ext4", &["-qF", image.to_str().unwrap()]);
            let mount = Mount::of(image.to_str().unwrap(), &point, &["-o", "loop"]);
            Disk { point, _mount: mount, _folder: folder }
        }

        /// A world whose document is on the disk, and whose other places are not.
        fn world(&self) -> World {
            let path = self.point.join("config.json");
            fs::write(&path, PORT).unwrap();
            World::new().variable("BALCAO_CONFIG", path.to_str().unwrap())
        }

        fn freeze(&self) -> Frozen {
            run("fsfreeze", &["-f", self.point.to_str().unwrap()]);
            Frozen(self.point.clone())
        }
    }

    /// Thaws the disk when dropped: to be declared after whatever may wait for the disk, or a failed test waits for ever.
    struct Frozen(PathBuf);

    impl Drop for Frozen {
        fn drop(&mut self) {
            _ = Command::new("fsfreeze").arg("-u").arg(&self.0).output();
        }
    }

    fn drafts(world: &World) -> Vec<PathBuf> {
        let entries = fs::read_dir(world.path("xdg-state/balcao-config")).into_iter().flatten();
        let files = entries.map(|entry| entry.unwrap().path());
        files.filter(|path: &PathBuf| path.extension().is_some_and(|end| end == "json")).collect()
    }

    #[test]
    fn a_save_on_a_disk_that_hangs_can_be_left_with_the_edits_kept_elsewhere() {
        for kept_before in [true, false] {
            let disk = Disk::new();
            let world = disk.world();
            let mut pty = form(&world);
            let edit = "Down Down Down Space";
            if kept_before {
                pty.press(edit).wait_text("[x]");
                let beside = disk.point.join("config.json.drafts");
                let is_kept = |folder: &Path| fs::read_dir(folder).is_ok_and(|entries| entries.count() > 0);
                wait_until("The draft is kept", || is_kept(&beside));
            }
            let frozen = disk.freeze();
            if !kept_before {
                pty.press(edit).wait_text("[x]");
            }
            pty.press("F12").wait_text("Gravando…").wait_text("A gravação não terminou");
            // Other keys work meanwhile.
            pty.press("F1").wait_text("Teclas").press("Esc").wait_gone("Teclas").press("Enter Enter");
            pty.press("Esc").wait_text("Não se sabe se foi gravado").wait_text("Ficou no rascunho");
            pty.wait_text("o sistema espera o disco");
            assert_eq!(drafts(&world).len(), 1);
            // The kernel lets it go only now.
            drop(frozen);
            let ended = pty.end();
            assert_eq!((ended.code, &ended.left_behind), (4, &vec![]), "{}", ended.text);
            let mut next = form_with_draft(&world);
            next.press("Enter").wait_text("[x]").press("F12");
            let ended = next.end();
            assert_eq!(ended.code, 0, "{}", ended.text);
            let text = fs::read_to_string(disk.point.join("config.json")).unwrap();
            assert!(text.contains("5433") && text.contains("vencido_dav\": true"), "{text}");
        }
    }

    fn form_with_draft(world: &World) -> crate::pty::Pty {
        let mut pty = crate::pty::Pty::spawn(world, &[], super::SIZE);
        pty.wait_text("Enter Escolher");
        pty
    }

    #[test]
    fn a_save_that_was_waited_for_ends_when_the_disk_answers_and_the_form_goes_on() {
        let disk = Disk::new();
        let world = disk.world();
        let mut pty = form(&world);
        let frozen = disk.freeze();
        pty.press("Down Down Down Space C-s").wait_text("A gravação não terminou").press("Enter");
        drop(frozen);
        pty.wait_text("Gravado em").wait_gone("não terminou").press("Esc");
        assert_eq!(pty.end().code, 0);
        assert!(fs::read_to_string(disk.point.join("config.json")).unwrap().contains("vencido_dav\": true"));
    }

    /// A file system that a program serves, as network disks are: whoever asks it for something waits until it answers.
    struct Served {
        point: PathBuf,
        server: Child,
        _folder: TempDir,
    }

    impl Served {
        fn new() -> Served {
            let folder = TempDir::new().unwrap();
            let (image, point) = (folder.path().join("image"), folder.path().join("mnt"));
            fs::create_dir(&point).unwrap();
            fs::File::create(&image).unwrap().set_len(16 << 20).unwrap();
            run("mkfs.ext4", &["-qF", image.to_str().unwrap()]);
            let mut server = Command::new("fuse2fs");
            server.arg(&image).arg(&point).args(["-f", "-o", "fakeroot"]);
            let server = server.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            let served = Served { point, server, _folder: folder };
            wait_until("it is served", || served.point.join("lost+found").exists());
            served
        }

        fn stop(&self) -> Stopped {
            run("kill", &["-STOP", &self.server.id().to_string()]);
            Stopped(self.server.id())
        }
    }

    /// Lets the server go on when dropped; as [`Frozen`].
    struct Stopped(u32);

    impl Drop for Stopped {
        fn drop(&mut self) {
            _ = Command::new("kill").args(["-CONT", &self.0.to_string()]).output();
        }
    }

    impl Drop for Served {
        fn drop(&mut self) {
            _ = Command::new("umount").args(["--lazy"]).arg(&self.point).output();
            _ = self.server.wait();
        }
    }

    #[test]
    fn a_network_disk_is_said_to_be_one_and_its_silence_holds_nobody() {
        let served = Served::new();
        let path = served.point.join("config.json");
        fs::write(&path, PORT).unwrap();
        let world = World::new().variable("BALCAO_CONFIG", path.to_str().unwrap());
        let mut pty = form(&world);
        pty.wait_text("[avisa só ao gravar]")
            .press("F2")
            .wait_text("disco de rede")
            .press("Esc")
            .wait_gone("disco de rede");
        // What this machine does is heard all the same.
        assert_eq!(world.line("set integracao.porta_banco_dados=7000").code, 0);
        pty.wait_text("5433 → 7000");
        let stopped = served.stop();
        pty.press("Down Down Down Space C-s").wait_text("A gravação não terminou").press("C-c");
        pty.wait_text("Não se sabe se foi gravado").wait_text("Ficou no rascunho");
        // All is said while the disk is silent still. Whether the process is gone by then is the kernel's: it holds one whose
        // request was taken before the disk fell silent.
        drop(stopped);
        let ended = pty.end();
        assert_eq!((ended.code, &ended.left_behind), (4, &vec![]), "{}", ended.text);
        assert_eq!(drafts(&world).len(), 1);
    }
}
