//! The line that a save leaves in the machine's log.

/// A log of our own in place of the machine's, in a namespace of mounts.
mod root {
    use std::fs;
    use std::os::unix::net::UnixDatagram;
    use std::process::Command;

    use balcao_config::catalog::Catalog;
    use balcao_config::document::draft::{Draft, DraftLocations};
    use balcao_config::document::identity::Identity;
    use balcao_config::document::timestamp::Timestamp;
    use balcao_config::document::{Changes, Document};
    use rustix::fs::{CWD, FileType, makedev, mknodat};
    use serde_json::json;

    use crate::history::key;
    use crate::world::{PROGRAM, Ran, World};

    /// A folder to be mounted over `/dev`, with a log in it.
    fn log(world: &World) -> UnixDatagram {
        let dev = world.path("dev");
        fs::create_dir(&dev).unwrap();
        for (name, number) in [("null", 3), ("urandom", 9)] {
            mknodat(CWD, dev.join(name), FileType::CharacterDevice, 0o666.into(), makedev(1, number)).unwrap();
        }
        let log = UnixDatagram::bind(dev.join("log")).unwrap();
        log.set_nonblocking(true).unwrap();
        log
    }

    fn run(world: &World, arguments: &str) -> Ran {
        let mut inside = Command::new("unshare");
        let script = format!("mount --bind {} /dev && exec {PROGRAM} {arguments}", world.path("dev").display());
        inside.args(["--mount", "sh", "-c", &script]).env_clear().envs(world.environment().iter().cloned());
        let ran = inside.env("TZ", "BRT3").current_dir(world.folder()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { stdout: text(ran.stdout), stderr: text(ran.stderr), code: ran.status.code().unwrap() }
    }

    fn next(log: &UnixDatagram) -> Option<String> {
        let mut line = [0; 16_384];
        let count = log.recv(&mut line).ok()?;
        Some(String::from_utf8(line[..count].to_vec()).unwrap())
    }

    #[test]
    fn every_save_leaves_one_line_with_who_and_which_keys_and_no_value() {
        let world = World::new().variable("SUDO_USER", "eva");
        let log = log(&world);
        world.write("more.json", r#"{"geral": {"vendedor_padrao": "Segredo"}}"#);
        let path = world.folder().canonicalize().unwrap().join("config.json");
        let catalog = Catalog::built_in();
        let keys = [
            ("set integracao.porta_banco_dados=5433", " keys=integracao.porta_banco_dados"),
            ("apply more.json", " keys=geral.vendedor_padrao"),
            ("unset geral.vendedor_padrao", " keys=geral.vendedor_padrao"),
            ("rollback 2", " keys=geral.vendedor_padrao"),
            ("recover DRAFT", " keys=integracao.porta_banco_dados"),
        ];
        for (number, (arguments, keys)) in keys.iter().enumerate() {
            let mut draft = Draft::create(
                &Document::read(&path, &catalog).unwrap(),
                Identity { user: "root".into(), ..Identity::default() },
                Timestamp::default(),
            );
            if arguments.contains("DRAFT") {
                let changes = Changes::from([(key("integracao.porta_banco_dados"), Some(json!(5434)))]);
                draft.store(&changes, Timestamp::default(), &DraftLocations::default()).unwrap();
            }
            let ran = run(&world, &arguments.replace("DRAFT", &draft.file.display().to_string()));
            assert_eq!(ran.code, 0, "{arguments}: {ran:?}");
            let line = next(&log).unwrap_or_else(|| panic!("{arguments} leaves no line"));
            let version = number + 1;
            assert!(line.starts_with("<13>") && line.contains(" balcao-config["), "{line}");
            assert!(line.contains(&format!("]: saved config={} version={version} ", path.display())), "{line}");
            assert!(line.contains(" user=root ") && line.contains(" sudo_user=eva"), "{line}");
            assert!(line.ends_with(keys), "{line}");
            let words = line.split_once("saved ").unwrap().1;
            assert!(!words.contains("543") && !words.contains("Segredo"), "{line}");
            assert_eq!(next(&log), None, "{arguments}: one line");
        }
        for quiet in ["set integracao.porta_banco_dados=5434", "set integracao.porta_banco_dados=5 --dry-run", "list"] {
            assert_eq!(run(&world, quiet).code, 0);
            assert_eq!(next(&log), None, "{quiet} saves nothing");
        }
    }

    #[test]
    fn a_log_that_is_full_is_not_waited_for() {
        let world = World::new();
        let log = log(&world);
        let filler = UnixDatagram::unbound().unwrap();
        filler.set_nonblocking(true).unwrap();
        while filler.send_to(b"full", world.path("dev/log")).is_ok() {}
        let ran = run(&world, "set geral.vendedor_padrao=Ana");
        assert_eq!((ran.code, ran.stderr.contains("Gravado em")), (0, true), "{ran:?}");
        assert!(std::iter::from_fn(|| next(&log)).all(|line| line == "full"));
        drop(log);
        assert_eq!(run(&world, "set geral.vendedor_padrao=Rui").code, 0, "nor is one that nobody reads");
        fs::remove_file(world.path("dev/log")).unwrap();
        assert_eq!(run(&world, "set geral.vendedor_padrao=Eva").code, 0, "or that is not there");
    }
}
