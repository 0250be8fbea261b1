//! Another user who owns the folder of a document, and exchanges names in it while root works there.
//!
//! What it is about stands in `docs/security.md`: nothing outside the folder is read, made or changed, nothing is waited for
//! without a bound, and nothing grows.

pub mod root {
    use std::fs;
    use std::io::{BufRead, BufReader};
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, lchown, symlink};
    use std::os::unix::process::{CommandExt, ExitStatusExt};
    use std::path::{Path, PathBuf};
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    use crate::history::times;
    use crate::pty::Pty;
    use crate::world::{PROGRAM, World};

    /// The attacker's account; it needs no name.
    const ANA: u32 = 4242;

    /// Stands in what only root may read.
    const SECRET: &str = "abracadabra-42";

    /// A home of the attacker's, with a folder `cfg` for a document, beside a folder of root's.
    struct Siege {
        world: World,
        before: Vec<String>,
    }

    impl Siege {
        fn lay() -> Siege {
            let world = World::new();
            fs::set_permissions(world.folder(), fs::Permissions::from_mode(0o755)).unwrap();
            let vault = world.path("vault");
            for name in ["vault/cred.json", "vault/config.json", "vault/x.json", "vault/000001.json"] {
                let path = world.write(name, vault_text());
                fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            }
            fs::set_permissions(&vault, fs::Permissions::from_mode(0o700)).unwrap();
            for name in ["home", "home/cfg", "home/old", "home/cfg/catalog.d"] {
                fs::create_dir(world.path(name)).unwrap();
            }
            for name in ["home/cfg/config.json", "home/other.json"] {
                world.write(name, "{}\n");
            }
            own(&world.path("home"), ANA);
            let before = everything(&vault);
            let document = world.path("home/cfg/config.json");
            let world = world.variable("BALCAO_CONFIG", document.to_str().unwrap());
            Siege { world, before }
        }

        /// The other way round: a folder of root's in which everybody may make files, but not exchange another's (as in /tmp);
        /// the document is for root's eyes alone.
        fn lay_open() -> Siege {
            let siege = Siege::lay();
            let home = siege.world.path("home");
            fs::remove_dir_all(&home).unwrap();
            fs::create_dir_all(home.join("cfg")).unwrap();
            fs::set_permissions(home.join("cfg"), fs::Permissions::from_mode(0o1777)).unwrap();
            let document = siege.world.write("home/cfg/config.json", vault_text());
            fs::set_permissions(document, fs::Permissions::from_mode(0o600)).unwrap();
            siege
        }

        fn attack(&self, seed: usize, home: &str, cfg: &str) -> Attacker {
            let path = |name: &str| self.world.path(name);
            let mut child = Command::new("perl")
                .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/data/attacker.pl"))
                .arg(seed.to_string())
                .args([path(home), cfg.into(), path("vault/cred.json"), path("vault")])
                .uid(ANA)
                .gid(ANA)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut said = String::new();
            BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut said).unwrap();
            assert_eq!(said, "at work\n");
            Attacker(child)
        }

        /// Runs the program as root, within so much memory; what it said, and with which code it ended.
        fn run(&self, line: &str) -> (String, i32) {
            let began = Instant::now();
            let mut shell = Command::new("sh");
            // What it takes beside a small document; threads have their stacks in it.
            shell.args(["-c", "ulimit -d 65536; exec \"$0\" \"$@\"", PROGRAM]).args(line.split_whitespace());
            shell.env_clear().envs(self.world.environment().iter().cloned()).current_dir(self.world.folder());
            let output = shell.stdin(Stdio::null()).output().unwrap();
            let said =
                format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            let code = output.status.code().unwrap_or_else(|| panic!("{line}: {:?}: {said}", output.status.signal()));
            assert!((0..=5).contains(&code), "{line}: {code}: {said}");
            let took = began.elapsed();
            // The limits are a second and four; a busy machine may take the rest. How long is no matter of the short tests.
            assert!(!is_long() || took < Duration::from_secs(20), "{line} took {took:?}");
            (said, code)
        }

        /// Opens the form, edits, saves, and hangs up.
        fn form(&self) {
            let mut form = Pty::spawn(&self.world, &[], (80, 24));
            // Or what is in the way: a catalog, say.
            form.wait_for("something", |screen| !screen.contents().trim().is_empty());
            form.press("Down C-u \"6000\" F12");
            let _ = Command::new("kill").args(["-HUP", &form.process().to_string()]).stderr(Stdio::null()).status();
            assert!(!String::from_utf8_lossy(form.log()).contains(SECRET));
            let ended = form.end();
            assert!(!ended.text.contains(SECRET), "{ended:?}");
        }

        /// All but what only root may read.
        fn outside(&self) -> impl Iterator<Item = PathBuf> + use<> {
            let vault = self.world.path("vault");
            below(self.world.folder()).filter(move |path| !path.starts_with(&vault))
        }

        fn assert_vault_untouched(&self) {
            assert_eq!(everything(&self.world.path("vault")), self.before, "what root alone may read was touched");
        }

        /// Nothing of root's was read or is otherwise, and nothing in the attacker's folder is root's or tells the secret.
        fn assert_nothing_gained(&self) {
            self.assert_vault_untouched();
            for path in self.outside() {
                let found = fs::symlink_metadata(&path).unwrap();
                let is_anas = path.starts_with(self.world.path("home"));
                assert!(!is_anas || found.uid() == ANA, "{} is root's: {found:?}", path.display());
                if found.is_file() && found.len() < 1 << 24 {
                    let told = fs::read(&path).unwrap();
                    assert!(!String::from_utf8_lossy(&told).contains(SECRET), "{}", path.display());
                }
            }
        }
    }

    /// What only root may read.
    fn vault_text() -> String {
        format!("{{\"geral\": {{\"vendedor_padrao\": \"{SECRET}\"}}}}\n")
    }

    fn is_long() -> bool {
        times(0, 1) == 1
    }

    struct Attacker(Child);

    impl Drop for Attacker {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    fn own(path: &Path, uid: u32) {
        for path in below(path).chain([path.to_owned()]) {
            chown(&path, Some(uid), Some(uid)).unwrap();
        }
    }

    /// All that is below a folder; no link is followed.
    fn below(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
        let mut found = vec![];
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    folders.push(path.clone());
                }
                found.push(path);
            }
        }
        found.into_iter()
    }

    /// A folder and all below it, with whose it is, when it was last read, and what is in it.
    fn everything(folder: &Path) -> Vec<String> {
        let mut paths: Vec<PathBuf> = below(folder).chain([folder.to_owned()]).collect();
        paths.sort();
        let told = paths.iter().map(|path| {
            let found = fs::symlink_metadata(path).unwrap();
            let (mode, times) = (found.mode(), (found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec()));
            let owner = (found.uid(), found.gid(), found.nlink(), found.size());
            // Of a file: whoever reads a folder of names here changes that of the folder.
            let read = found.is_file().then(|| (found.atime(), found.atime_nsec()));
            format!("{}: {mode:o} {owner:?} {times:?} {read:?}", path.display())
        });
        told.collect()
    }

    const LINES: [&str; 13] = [
        "set integracao.porta_banco_dados=6000",
        "set integracao.porta_banco_dados=6001 --check",
        "check --timeout 1 --only logo",
        "export --all",
        "history",
        "rollback 1",
        "recover",
        "get geral.vendedor_padrao",
        "history show 1",
        "diff",
        "validate",
        "set integracao.porta_banco_dados=6002 --dry-run",
        "report",
    ];

    /// Lays the siege so many times, or for a minute.
    fn besiege(mut round: impl FnMut(usize)) {
        let end = Instant::now() + Duration::from_secs(60);
        let mut rounds = 0;
        while rounds < 3 || is_long() && Instant::now() < end {
            round(rounds);
            rounds += 1;
        }
        println!("{rounds} rounds");
    }

    #[test]
    fn who_owns_the_folder_gains_nothing_by_root_s_work_in_it() {
        let siege = Siege::lay();
        besiege(|round| {
            let attackers = [0, 1000].map(|more| siege.attack(round + more, "home", "cfg"));
            for line in LINES {
                let (said, code) = siege.run(line);
                assert!(!said.contains(SECRET), "{line} tells what is not the document's: {said}");
                // The tests of values come first, and may fail.
                let is_refused = code == 3 || code == 4 || code == 1 && line.contains("--check");
                assert!(is_refused || !line.starts_with("set"), "{line}: {code}: {said}");
            }
            siege.form();
            drop(attackers);
            siege.assert_nothing_gained();
        });
    }

    /// A folder of root's that a group of nobody's shares, and in which it has laid links to root's file under every name that a
    /// printed command could make.
    #[test]
    fn what_root_is_told_in_a_shared_folder_can_be_followed_word_for_word() {
        const BROKEN: [&[u8]; 6] = [b"{,", b"", b"\0\0\0", b"\xef\xbb\xbf{}", b"{\"geral\": \"\xe9\"}", b"<<<<<<< a\n"];
        for (mode, broken) in [0o2775, 0o1777].into_iter().flat_map(|mode| BROKEN.map(|broken| (mode, broken))) {
            let siege = Siege::lay();
            let home = siege.world.path("home");
            own(&home, 0);
            let cfg = home.join("cfg");
            chown(&cfg, Some(0), Some(ANA)).unwrap();
            assert_eq!(siege.run("set geral.vendedor_padrao=Ana").1, 0, "a version to go back to");
            assert_eq!(siege.run("set geral.vendedor_padrao=Eva").1, 0);
            fs::set_permissions(&cfg, fs::Permissions::from_mode(mode)).unwrap();
            fs::write(cfg.join("config.json"), broken).unwrap();
            for name in ["ruim", "bad", "antigo", "old", "perdido", "lost", "novo", "new"] {
                symlink(siege.world.path("vault/cred.json"), cfg.join(format!("config.json.{name}"))).unwrap();
            }
            for line in ["get geral.vendedor_padrao", "set geral.vendedor_padrao=Rui", "validate"] {
                let (said, code) = siege.run(line);
                assert!(code == 3 || line != "get geral.vendedor_padrao", "{said}");
                let hints = said.lines().filter_map(|line| line.strip_prefix("dica: "));
                for command in hints.filter_map(|hint| Some(hint.split_once(": ")?.1)) {
                    assert!(!command.starts_with("chmod") || command.ends_with("/home/cfg"), "{command}");
                    let mut shell = Command::new("bash");
                    shell.args(["-c", &format!("editor() {{ echo {{}} >> \"$1\"; }}; {command}")]);
                    shell.current_dir(siege.world.folder()).stdin(Stdio::null()).output().unwrap();
                }
            }
            siege.assert_vault_untouched();
        }
    }

    #[test]
    fn root_s_editor_opens_no_report_that_another_could_lead_elsewhere() {
        let siege = Siege::lay();
        let world = &siege.world;
        for folder in ["reports", "home/reports", "tmp"] {
            fs::create_dir(world.path(folder)).unwrap();
            world.write(&format!("{folder}/venda.rel"), "x\n");
        }
        own(&world.path("home"), ANA);
        fs::set_permissions(world.path("tmp"), fs::Permissions::from_mode(0o1777)).unwrap();
        for link in ["home/reports/preso.rel", "reports/alheio.rel"] {
            symlink(world.path("vault/x.json"), world.path(link)).unwrap();
            lchown(world.path(link), Some(ANA), None).unwrap();
        }
        for (report, code) in [
            ("reports/venda.rel", 0),
            ("reports/alheio.rel", 4),
            ("home/reports/venda.rel", 4),
            ("home/reports/preso.rel", 4),
            ("tmp/venda.rel", 4),
        ] {
            let (folder, name) = report.rsplit_once('/').unwrap();
            let named = world.path(folder);
            let document =
                world.write("own/config.json", format!(r#"{{"geral": {{"diretorio_relatorios": {named:?}}}}}"#));
            let line = format!("--config {} action editar-relatorio {name}", document.display());
            let mut editing = world.command(&line.split(' ').collect::<Vec<_>>());
            let output = editing.env("EDITOR", "sh -c 'echo lido >> \"$1\"' sh").output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(code), "{report}: {said}");
            assert_eq!(fs::read_to_string(world.path(report)).unwrap().contains("lido"), code == 0, "{report}");
            let as_ana = said.contains(&format!("setpriv --reuid {ANA} --regid {ANA} --clear-groups -- balcao-config"));
            assert_eq!(as_ana, report.starts_with("home") || report.contains("alheio"), "{said}");
        }
    }

    #[test]
    fn a_file_argument_that_is_another_s_link_has_root_s_file_read_by_no_command() {
        let siege = Siege::lay();
        let own_document = siege.world.write("own/config.json", "{}\n");
        let link = siege.world.path("home/new.json");
        symlink(siege.world.path("vault/x.json"), &link).unwrap();
        let lines = ["apply", "validate", "diff"]
            .map(|line| format!("--config {} {line} {}", own_document.display(), link.display()));
        // A link of root's own is followed, wherever it stands.
        assert_eq!(siege.run(&lines[1]).1, 0);
        lchown(&link, Some(ANA), None).unwrap();
        let before = everything(&siege.world.path("vault"));
        for line in &lines {
            let (said, code) = siege.run(line);
            assert!(code == 3 && said.contains("root não segue links de outros") && !said.contains(SECRET), "{said}");
            assert!(!said.contains("Execute como"), "who laid the link has nothing to do with the document: {said}");
        }
        assert_eq!(fs::read_to_string(&own_document).unwrap(), "{}\n");
        assert_eq!(everything(&siege.world.path("vault")), before, "not even opened");
    }

    #[test]
    fn who_may_make_files_beside_root_s_document_gains_nothing_by_root_s_work() {
        let siege = Siege::lay_open();
        besiege(|round| {
            let attackers = [0, 1000].map(|more| siege.attack(round + more, "home/cfg", "."));
            for line in LINES {
                siege.run(line);
            }
            drop(attackers);
            siege.assert_vault_untouched();
            for path in siege.outside() {
                let (found, around) =
                    (fs::symlink_metadata(&path).unwrap(), fs::metadata(path.parent().unwrap()).unwrap());
                let what = format!("{}: {found:?}", path.display());
                assert!(found.uid() != 0 || around.uid() == 0, "root has made it in another's folder: {what}");
                let told = (found.is_file() && found.len() < 1 << 24).then(|| fs::read(&path).unwrap());
                if told.is_some_and(|told| String::from_utf8_lossy(&told).contains(SECRET)) {
                    assert_eq!((found.uid(), found.mode() & 0o077), (0, 0), "others may read it: {what}");
                }
            }
            // What the attackers left in the way is away for the next round; what is root's stays.
            let theirs =
                below(&siege.world.path("home/cfg")).filter(|path| fs::symlink_metadata(path).unwrap().uid() == ANA);
            for path in theirs.collect::<Vec<_>>() {
                let _ = fs::remove_file(&path);
                let _ = fs::remove_dir_all(&path);
            }
            let (said, code) = siege.run(&format!("set integracao.porta_banco_dados={}", 7000 + round));
            assert_eq!(code, 0, "{said}");
        });
    }
}
