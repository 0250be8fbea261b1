//! Where a document is, and where root may save: through the real program.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::sync::Arc;

use balcao_config::catalog::Catalog;
use balcao_config::document::save::Cause;
use balcao_config::document::{Document, Location, SaveError};
use balcao_config::key::Key;
use balcao_config::session::Session;

use crate::world::{PROGRAM, Ran, World};

const OLD: &str = "{\n  \"geral\": {\n    \"vendedor_padrao\": \"Ana\"\n  }\n}\n";

#[test]
fn a_path_is_walked_as_the_system_walks_it() {
    let world = World::new();
    let real = world.path("real").join("config.json");
    world.write("real/config.json", OLD);
    fs::create_dir(world.path("real/below")).unwrap();
    for (link, target) in [
        ("folder", "real"),
        ("file.json", "real/config.json"),
        ("chain.json", "file.json"),
        ("up.json", "real/below/../config.json"),
        ("absolute.json", real.to_str().unwrap()),
    ] {
        symlink(target, world.path(link)).unwrap();
    }
    let real = real.canonicalize().unwrap();
    for name in [
        "real/config.json",
        "folder/config.json",
        "folder/below/../config.json",
        "real//./config.json/",
        "file.json",
        "chain.json",
        "up.json",
        "absolute.json",
    ] {
        let found = Location::find(&world.path(name));
        assert_eq!((found.path(), found.blocked()), (&*real, None), "{name}");
    }
    // Of what is missing, the path that a save would make.
    symlink("real/new/config.json", world.path("dangling.json")).unwrap();
    let missing = Location::find(&world.path("dangling.json"));
    assert_eq!(missing.path(), real.with_file_name("new").join("config.json"));
    symlink("circle", world.path("circle")).unwrap();
    for name in ["circle", "circle/config.json", "real/config.json/config.json", "real/..", "real/below/.."] {
        assert!(Location::find(&world.path(name)).blocked().is_some(), "{name}");
    }
}

#[test]
fn what_a_shell_has_open_is_no_document() {
    let world = World::with_config(OLD);
    let substituted = "exec \"$0\" --config <(cat config.json) get geral.vendedor_padrao";
    let mut shell = Command::new("bash");
    shell.args(["-c", substituted, PROGRAM]).envs(world.environment().iter().cloned()).current_dir(world.folder());
    let mut redirected = world.command(&["--config", "/dev/stdin", "get", "geral.vendedor_padrao"]);
    redirected.stdin(Stdio::from(fs::File::open(world.path("config.json")).unwrap()));
    for command in [&mut shell, &mut redirected] {
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(3), 0), "{said}");
        assert!(said.contains("para o que um processo abriu"), "{said}");
    }
    for name in ["/dev/null", "/dev"] {
        assert_eq!(world.run(&["--config", name, "get", "geral.vendedor_padrao"]).code, 3, "{name}");
    }
}

#[test]
fn an_argument_that_is_a_pipe_is_read_as_long_as_it_takes_by_whichever_name() {
    let lines = [
        "mkfifo pipe; (sleep 1; cat new.json) > pipe & exec \"$0\" apply pipe",
        "exec \"$0\" apply <(sleep 1; cat new.json)",
        "exec \"$0\" apply /dev/fd/7 7< new.json",
        "exec \"$0\" apply /proc/self/fd/7 7< <(cat new.json)",
        "exec \"$0\" apply /dev/stdin < new.json",
        "ln -s new.json link.json; exec \"$0\" apply link.json",
    ];
    for line in lines {
        let world = World::with_config("{}\n");
        world.write("new.json", OLD);
        let mut shell = Command::new("bash");
        shell.args(["-c", line, PROGRAM]).envs(world.environment().iter().cloned()).current_dir(world.folder());
        let output = shell.stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(world.config().contains("Ana"), "{line}");
    }
}

#[test]
fn catalogs_hold_beside_the_file_and_not_beside_a_link_to_it() {
    let world = World::new();
    world.write("real/config.json", OLD);
    world.write("named/catalog.d/none.txt", "");
    symlink("../real/config.json", world.path("named/config.json")).unwrap();
    let config = world.path("named/config.json");
    let get = || world.run(&["--config", config.to_str().unwrap(), "get", "geral.vendedor_padrao"]);
    let refused = get();
    assert_eq!(refused.code, 3, "{refused:?}");
    for path in ["DIR/named/catalog.d", "DIR/real/catalog.d"] {
        assert!(refused.stderr.contains(path), "{refused:?}");
    }
    fs::rename(world.path("named/catalog.d"), world.path("real/catalog.d")).unwrap();
    assert_eq!((get().code, get().stdout.as_str()), (0, "Ana\n"));
    fs::create_dir(world.path("named/catalog.d")).unwrap();
    assert_eq!(get().code, 0, "where there are both, the file's holds");
}

#[test]
fn a_location_that_is_read_once_more_is_the_same_folder() {
    let world = World::new();
    let path = world.write("etc/config.json", OLD);
    let location = Location::find(&path);
    fs::rename(world.path("etc"), world.path("away")).unwrap();
    world.write("etc/config.json", "{}");
    let read = Document::at(&location, &Catalog::built_in()).unwrap();
    assert_eq!(read.text(), OLD);
}

#[test]
fn a_link_that_leads_elsewhere_by_now_has_neither_file_written() {
    let world = World::new();
    for (name, text) in [("a.json", OLD), ("b.json", "{}\n")] {
        world.write(name, text);
    }
    symlink("a.json", world.path("config.json")).unwrap();
    let mut session = Session::open(&world.path("config.json"), Arc::new(Catalog::built_in())).unwrap();
    session.set(&Key::parse("geral.casas_decimais_qtde").unwrap(), Some(3.into()));
    fs::remove_file(world.path("config.json")).unwrap();
    symlink("b.json", world.path("config.json")).unwrap();
    let refused = session.save(&[]).unwrap_err();
    assert!(matches!(refused.cause, Cause::Exchanged), "{refused:?}");
    assert_eq!((world.read("a.json").as_str(), world.read("b.json").as_str()), (OLD, "{}\n"));
    let look = session.look();
    session.follow(look.now.unwrap());
    session.save(&[]).unwrap();
    assert!(world.read("a.json") == OLD && world.read("b.json").contains("casas_decimais_qtde"));
}

#[test]
fn a_file_with_another_name_that_was_read_is_not_recorded_whatever_stands_there_by_then() {
    let world = World::new();
    // Somebody's other file, under the document's name while it is read, and gone from there at once.
    let secret = world.write("secret.json", OLD.replace("Ana", "segredo"));
    fs::create_dir(world.path("etc")).unwrap();
    fs::hard_link(&secret, world.path("etc/config.json")).unwrap();
    let location = Location::find(&world.path("etc/config.json"));
    let read = Document::at(&location, &Catalog::built_in()).unwrap();
    fs::remove_file(world.path("etc/config.json")).unwrap();
    world.write("etc/config.json", OLD);
    assert!(matches!(read.writable(), Err(SaveError { cause: Cause::Linked(2), .. })));
}

/// What only root can set up.
mod root {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, lchown};
    use std::path::Path;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    const USER: u32 = 4321;

    fn everything(folder: &Path) -> Vec<(String, u32)> {
        let mut found = vec![];
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let metadata = path.symlink_metadata().unwrap();
            found.push((path.display().to_string(), metadata.permissions().mode()));
            if metadata.is_dir() {
                found.extend(everything(&path));
            }
        }
        found.sort();
        found
    }

    fn mode(world: &World, name: &str, mode: u32) {
        fs::set_permissions(world.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn root_reads_in_a_folder_that_another_can_change_and_writes_nothing_there() {
        type Prepare = fn(&World);
        let foreign: [(&str, Prepare); 4] = [
            ("etc", |world| chown(world.path("etc"), Some(USER), None).unwrap()),
            (".", |world| chown(world.folder(), Some(USER), None).unwrap()),
            ("etc", |world| mode(world, "etc", 0o775)),
            ("etc", |world| mode(world, "etc", 0o757)),
        ];
        for (culprit, prepare) in foreign {
            let world = World::new();
            fs::write(world.path("logo"), b"\x89PNG\r\n\x1a\n").unwrap();
            let logo = format!("\"Ana\",\n    \"caminho_imagem_logo\": \"{}\"", world.path("logo").display());
            let old = OLD.replace("\"Ana\"", &logo);
            world.write("etc/config.json", &old);
            symlink("etc/config.json", world.path("config.json")).unwrap();
            let check = || assert_eq!(world.line("check --only logo").code, 0);
            // What has passed is remembered beside the document, where root may write.
            let nothing = everything(world.folder());
            check();
            assert_ne!(everything(world.folder()), nothing);
            fs::remove_file(world.path("etc/config.json.checks")).unwrap();
            prepare(&world);
            let before = everything(world.folder());
            assert_eq!(world.line("get geral.vendedor_padrao").stdout, "Ana\n");
            check();
            assert_eq!(world.line("check --timeout 1").code, 1);
            for change in ["set geral.vendedor_padrao=Rui", "unset geral.vendedor_padrao"] {
                let refused = world.line(change);
                assert_eq!(refused.code, 4, "{culprit}: {refused:?}");
                let named = if culprit == "." { "DIR ".to_owned() } else { format!("DIR/{culprit} ") };
                assert!(refused.stderr.contains(&named) && refused.stderr.contains("root só grava"), "{refused:?}");
            }
            assert_eq!(everything(world.folder()), before, "{culprit}");
            assert_eq!(world.read("etc/config.json"), old);
        }
    }

    #[test]
    fn root_follows_no_link_of_another_s() {
        for link in ["config.json", "etc"] {
            let world = World::new();
            world.write("own/config.json", OLD);
            let target = if link == "etc" { "own" } else { "own/config.json" };
            symlink(target, world.path(link)).unwrap();
            let named = if link == "etc" { "etc/config.json" } else { link };
            let named = world.path(named);
            let world = world.variable("BALCAO_CONFIG", named.to_str().unwrap());
            assert_eq!(world.line("get geral.vendedor_padrao").stdout, "Ana\n");
            lchown(world.path(link), Some(USER), None).unwrap();
            for line in ["get geral.vendedor_padrao", "set geral.vendedor_padrao=Rui", "check", "export"] {
                let refused = world.line(line);
                assert_eq!((refused.code, refused.stdout.as_str()), (3, ""), "{link}: {line}: {refused:?}");
                let words = [
                    format!("o link DIR/{link} é de {USER}, e root não segue"),
                    format!("setpriv --reuid {USER} --regid {USER} --clear-groups -- balcao"),
                ];
                assert!(words.iter().all(|words| refused.stderr.contains(words)), "{refused:?}");
            }
        }
    }

    #[test]
    fn a_link_of_proc_is_followed_nowhere_on_the_way() {
        let world = World::new();
        world.write("etc/config.json", OLD);
        let mut jailed = Command::new("sleep").arg("60").current_dir(world.path("etc")).spawn().unwrap();
        for link in ["cwd", "root"] {
            let folder = if link == "cwd" { String::new() } else { world.path("etc").display().to_string() };
            let path = format!("/proc/{}/{link}{folder}/config.json", jailed.id());
            for line in ["get geral.vendedor_padrao", "set geral.vendedor_padrao=Rui"] {
                let mut words = vec!["--config", &path];
                words.extend(line.split(' '));
                let refused = world.run(&words);
                assert!(refused.code == 3 && refused.stderr.contains("um link de /proc"), "{refused:?}");
            }
        }
        jailed.kill().unwrap();
        jailed.wait().unwrap();
        assert_eq!(world.read("etc/config.json"), OLD);
    }

    #[test]
    fn root_does_not_replace_another_s_file_in_a_folder_where_all_may_make_files() {
        let world = World::new().variable("BALCAO_CONFIG", "etc/config.json");
        world.write("etc/config.json", OLD);
        mode(&world, "etc", 0o1777);
        chown(world.path("etc/config.json"), Some(USER), Some(USER)).unwrap();
        for line in ["set geral.vendedor_padrao=Rui", "set geral.vendedor_padrao=Rui --dry-run"] {
            let refused = world.line(line);
            assert_eq!(refused.code, 4, "{refused:?}");
            let told = format!("o arquivo DIR/etc/config.json é de {USER}");
            assert!(refused.stderr.contains(&told), "{refused:?}");
        }
        assert_eq!(world.read("etc/config.json"), OLD);
        assert_eq!(fs::read_dir(world.path("etc")).unwrap().count(), 1, "nothing is left there");
    }

    #[test]
    fn catalogs_behind_the_owner_s_link_hold_for_other_users_and_not_for_root() {
        let world = World::new().variable("BALCAO_CONFIG", "etc/config.json");
        world.write("etc/config.json", OLD);
        fs::create_dir(world.path("catalogs")).unwrap();
        symlink("../catalogs", world.path("etc/catalog.d")).unwrap();
        lchown(world.path("etc/catalog.d"), Some(USER), None).unwrap();
        assert_eq!(run_as(&world, 4322, 4322, "get geral.vendedor_padrao").stdout, "Ana\n");
        assert_eq!(world.line("get geral.vendedor_padrao").code, 3);
    }

    #[test]
    fn the_command_for_another_account_has_what_came_from_a_pipe_and_runs() {
        let world = World::new().variable("BALCAO_CONFIG", "etc/config.json");
        world.write("etc/config.json", "{}\n");
        mode(&world, ".", 0o755);
        assert!(Command::new("cp").arg(PROGRAM).arg(world.path("balcao-config")).status().unwrap().success());
        for name in ["etc", "etc/config.json"] {
            chown(world.path(name), Some(USER), Some(USER)).unwrap();
        }
        world.write("new.json", OLD.replace("Ana", "D'Ávila"));
        for (number, line) in
            ["apply - < new.json", "apply <(cat new.json)", "apply --exact /dev/stdin < new.json"].iter().enumerate()
        {
            let shell = |line: &str| {
                let mut shell = Command::new("bash");
                shell.args(["-c", line, PROGRAM]).envs(world.environment().iter().cloned());
                shell.current_dir(world.folder()).output().unwrap()
            };
            let said = String::from_utf8(shell(&format!("\"$0\" {line}")).stderr).unwrap();
            let command = said.lines().find_map(|line| Some(line.split_once("Execute como 4321: ")?.1)).unwrap();
            assert!(command.contains("balcao-config --config") && command.contains(" set "), "{number}: {command}");
            let ran = shell(&command.replacen(" balcao-config ", " ./balcao-config ", 1));
            assert!(ran.status.success(), "{command}: {ran:?}");
            assert!(world.read("etc/config.json").contains("D'Ávila"), "{command}");
            fs::write(world.path("etc/config.json"), "{}\n").unwrap();
        }
    }

    #[test]
    fn root_saves_where_it_alone_decides_and_in_sticky_folders() {
        for around in [0o700, 0o755, 0o1777, 0o3775] {
            let world = World::new();
            world.write("etc/config.json", OLD);
            symlink("etc/config.json", world.path("config.json")).unwrap();
            mode(&world, "etc", around);
            assert_eq!(world.line("set geral.vendedor_padrao=Rui").code, 0, "{around:o}");
        }
    }

    /// Runs the program as that user, in these groups.
    fn run_as(world: &World, user: u32, group: u32, arguments: &str) -> Ran {
        let program = world.path("program");
        if !program.exists() {
            // Copied, because the folder that holds the program may be closed to others.
            assert!(Command::new("cp").arg(PROGRAM).arg(&program).status().unwrap().success());
            mode(world, ".", 0o755);
        }
        let mut command = Command::new("setpriv");
        command.arg(format!("--reuid={user}")).arg(format!("--regid={group}")).arg("--clear-groups");
        command.arg(program).args(arguments.split_whitespace());
        command.env_clear().envs(world.environment().iter().cloned()).current_dir(world.folder());
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { stdout: text(output.stdout), stderr: text(output.stderr), code: output.status.code().unwrap() }
    }

    /// A group that is in no list.
    const GROUP: u32 = 4400;

    fn modes(world: &World, names: &[&str]) -> Vec<(u32, u32)> {
        let of = |name: &&str| fs::metadata(world.path(name)).unwrap();
        names.iter().map(|name| (of(name).gid(), of(name).mode() & 0o7777)).collect()
    }

    #[test]
    fn two_users_of_a_group_that_shares_a_folder_save_in_turn_and_go_back() {
        let world = World::new();
        let world = world.variable("BALCAO_CONFIG", "etc/config.json");
        fs::create_dir(world.path("etc")).unwrap();
        chown(world.path("etc"), Some(0), Some(GROUP)).unwrap();
        mode(&world, "etc", 0o2775);
        for (user, name) in [(4321, "Ana"), (4322, "Rui"), (4321, "Eva"), (4322, "Ivo")] {
            let ran = run_as(&world, user, GROUP, &format!("set geral.vendedor_padrao={name}"));
            assert_eq!(ran.code, 0, "{ran:?}");
            assert!(world.read("etc/config.json").contains(name));
            assert_eq!(ran.stderr.contains("O arquivo era de"), name != "Ana", "told where it changes hands: {ran:?}");
        }
        for user in [4321, 4322] {
            assert!(run_as(&world, user, GROUP, "history").stdout.lines().count() >= 4, "all versions");
            assert_eq!(run_as(&world, user, GROUP, "rollback 2").code, 0);
            assert!(run_as(&world, user, GROUP, "set geral.vendedor_padrao=Ana").code == 0);
        }
        let kept = ["etc/config.json.history", "etc/config.json.history/000001.json", "etc/.config.json.lock"];
        assert_eq!(modes(&world, &kept), [(GROUP, 0o2770), (GROUP, 0o660), (GROUP, 0o660)]);
        // No longer shared: what is the first user's is theirs alone again.
        chown(world.path("etc"), Some(4321), Some(GROUP)).unwrap();
        mode(&world, "etc", 0o755);
        chown(world.path("etc/config.json"), Some(4321), Some(GROUP)).unwrap();
        assert_eq!(run_as(&world, 4321, GROUP, "set geral.vendedor_padrao=Ivo").code, 0);
        assert_eq!(modes(&world, &kept[..2]), [(GROUP, 0o2700), (GROUP, 0o600)]);
    }

    #[test]
    fn where_no_group_writes_the_folder_nothing_beside_the_document_is_a_groups() {
        let world = World::new().variable("BALCAO_CONFIG", "etc/config.json");
        fs::create_dir(world.path("etc")).unwrap();
        chown(world.path("etc"), Some(4321), Some(GROUP)).unwrap();
        mode(&world, "etc", 0o755);
        assert_eq!(run_as(&world, 4321, GROUP, "set geral.vendedor_padrao=Ana").code, 0);
        let kept = ["etc/config.json.history", "etc/config.json.history/000001.json", "etc/.config.json.lock"];
        assert_eq!(modes(&world, &kept).iter().map(|(_, mode)| *mode).collect::<Vec<_>>(), [0o700, 0o600, 0o600]);
    }

    #[test]
    fn who_is_in_the_folders_group_reads_no_version_of_what_they_may_not_read_or_replace() {
        let kept = ["etc/config.json.history", "etc/config.json.history/000001.json", "etc/.config.json.lock"];
        let bits = |world: &World| modes(world, &kept).iter().map(|(_, mode)| mode & 0o777).collect::<Vec<_>>();
        let (private, shared) = ([0o700, 0o600, 0o600], [0o770, 0o660, 0o660]);
        let place = |folder| {
            let world = World::new().variable("BALCAO_CONFIG", "etc/config.json");
            fs::create_dir(world.path("etc")).unwrap();
            chown(world.path("etc"), Some(4321), Some(GROUP)).unwrap();
            mode(&world, "etc", folder);
            world
        };
        // Another account alone may write it, by name: the group's bits of the mode are the most that anybody may.
        let world = place(0o750);
        let entries: [(u16, u16, u32); 5] =
            [(1, 7, u32::MAX), (2, 7, 4322), (4, 5, u32::MAX), (16, 7, u32::MAX), (32, 0, u32::MAX)];
        let entries = entries
            .iter()
            .flat_map(|(tag, rights, id)| [&tag.to_le_bytes()[..], &rights.to_le_bytes(), &id.to_le_bytes()].concat());
        let acl: Vec<u8> = 2_u32.to_le_bytes().into_iter().chain(entries).collect();
        let folder = fs::File::open(world.path("etc")).unwrap();
        let flags = rustix::fs::XattrFlags::empty();
        rustix::fs::fsetxattr(&folder, "system.posix_acl_access", &acl, flags).unwrap();
        assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o770);
        assert_eq!(run_as(&world, 4321, GROUP, "set geral.vendedor_padrao=Ana").code, 0);
        assert_eq!(bits(&world), private);
        // The group replaces the document, but may not read it; once it may, what is kept is shared.
        let world = place(0o2770);
        world.write("etc/config.json", "{}");
        chown(world.path("etc/config.json"), Some(4321), Some(GROUP)).unwrap();
        for (document, expected) in [(0o600, private), (0o640, shared), (0o604, private)] {
            mode(&world, "etc/config.json", document);
            let set = format!("set geral.vendedor_padrao=Ana{document}");
            assert_eq!(run_as(&world, 4321, GROUP, &set).code, 0);
            assert_eq!(bits(&world), expected, "{document:o}");
        }
        // What somebody else has put there under another name as well is shared with nobody.
        world.write("theirs", "theirs");
        mode(&world, "theirs", 0o600);
        chown(world.path("theirs"), Some(4321), Some(GROUP)).unwrap();
        fs::hard_link(world.path("theirs"), world.path("etc/config.json.history/000009.json")).unwrap();
        mode(&world, "etc/config.json", 0o640);
        assert_eq!(run_as(&world, 4321, GROUP, "set geral.vendedor_padrao=Rui").code, 0);
        assert_eq!(bits(&world), shared);
        assert_eq!(modes(&world, &["theirs"])[0].1 & 0o777, 0o600);
    }

    #[test]
    fn a_name_that_is_too_long_for_what_goes_beside_it_is_refused_before_anything_is_left() {
        for (length, code) in [(230, 0), (231, 4), (243, 4), (251, 4), (255, 4)] {
            for folder in ["there", "new"] {
                let world = World::new();
                fs::create_dir(world.path("there")).unwrap();
                let path = world.path(folder).join("x".repeat(length));
                let run = |more: &[&str]| {
                    let begin = ["--config", path.to_str().unwrap(), "set", "geral.vendedor_padrao=Ana"];
                    world.run(&[&begin[..], more].concat())
                };
                let dry = run(&["--dry-run"]);
                assert_eq!((dry.code, world.path("new").exists()), (code, false), "{length}: {dry:?}");
                assert_eq!(run(&[]).code, code, "{length}");
                let left = fs::read_dir(world.path(folder)).map_or(0, |found| found.count());
                assert_eq!(left > 0, code == 0, "{length} {folder}");
            }
        }
    }

    #[test]
    fn a_folder_that_is_made_is_told_and_one_that_was_exchanged_is_not_written() {
        let world = World::new();
        let made = world.run(&["--config", "new/folders/config.json", "set", "geral.vendedor_padrao=Ana"]);
        assert_eq!(made.code, 0);
        for folder in ["Pasta criada: DIR/new\n", "Pasta criada: DIR/new/folders\n"] {
            assert!(made.stderr.contains(folder), "{made:?}");
        }
        let path = world.path("new/folders/config.json");
        let mut session = Session::open(&path, Arc::new(Catalog::built_in())).unwrap();
        session.set(&Key::parse("geral.vendedor_padrao").unwrap(), Some("Rui".into()));
        fs::rename(world.path("new"), world.path("away")).unwrap();
        world.write("new/folders/config.json", OLD);
        let refused = session.save(&[]).unwrap_err();
        assert!(matches!(refused.cause, Cause::Exchanged), "{refused:?}");
        assert_eq!(world.read("new/folders/config.json"), OLD);
        assert!(world.read("away/folders/config.json").contains("Ana"));
    }

    #[test]
    fn a_machines_document_that_cannot_be_come_to_is_there_and_unreadable() {
        let there = [
            ("mkdir -m 0700 /etc/gestor-balcao && echo {} > /etc/gestor-balcao/config.json", "não pode abrir a pasta"),
            ("mkdir /etc/gestor-balcao && ln -s /nowhere/config.json /etc/gestor-balcao/config.json", "que não existe"),
            ("ln -s /nowhere /etc/gestor-balcao", "que não existe"),
            ("ln -s gestor-balcao /etc/gestor-balcao", "apontam uns para os outros"),
        ];
        // On an `/etc` of the test's own.
        let own = "mkdir kept && cp /etc/passwd /etc/group kept && mount -t tmpfs own /etc && cp kept/* /etc";
        let user = "setpriv --reuid=4321 --regid=4321 --clear-groups ./program";
        let (commands, nothing) =
            (["get geral.vendedor_padrao", "set geral.vendedor_padrao=Rui", "list", "check"], "true");
        for (prepare, told) in there.into_iter().chain([(nothing, "")]) {
            let world = World::new().variable("BALCAO_CONFIG", "");
            assert!(Command::new("cp").arg(PROGRAM).arg(world.path("program")).status().unwrap().success());
            mode(&world, ".", 0o777);
            let run = |arguments: &str| {
                let script = format!("{own} && {prepare} && exec {user} {arguments}; exit 99");
                let mut command = Command::new("unshare");
                command.args(["--mount", "sh", "-c", &script]).env_clear().envs(world.environment().iter().cloned());
                let output = command.current_dir(world.folder()).output().unwrap();
                fs::remove_dir_all(world.path("kept")).unwrap();
                let text = |bytes| String::from_utf8(bytes).unwrap();
                Ran { stdout: text(output.stdout), stderr: text(output.stderr), code: output.status.code().unwrap() }
            };
            let path = run("path");
            let is_there = prepare != nothing;
            assert_eq!((path.code, path.stdout.contains("/etc/gestor-balcao/config.json")), (0, is_there), "{path:?}");
            for command in commands.iter().take(if is_there { 4 } else { 2 }) {
                let ran = run(command);
                assert_eq!(ran.code, if is_there { 3 } else { 0 }, "{prepare}: {command}: {ran:?}");
                assert!(ran.stderr.contains(told) && (path.stderr.contains(told) || !is_there), "{path:?} {ran:?}");
            }
            assert_eq!(world.path("xdg-config").exists(), !is_there, "nothing is made elsewhere");
        }
    }

    #[test]
    fn a_folder_that_is_exchanged_in_a_loop_leads_root_nowhere() {
        let world = World::new().variable("BALCAO_CONFIG", "anas/etc/config.json");
        world.write("anas/etc/config.json", OLD);
        world.write("secret/config.json", OLD.replace("Ana", "segredo"));
        mode(&world, "secret", 0o700);
        symlink("../secret", world.path("anas/link")).unwrap();
        for name in ["anas", "anas/etc", "anas/etc/config.json"] {
            chown(world.path(name), Some(USER), Some(USER)).unwrap();
        }
        let before = everything(&world.path("secret"));
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let cwd = rustix::fs::CWD;
                let (one, two) = (world.path("anas/etc"), world.path("anas/link"));
                while !is_over.load(Ordering::Relaxed) {
                    rustix::fs::renameat_with(cwd, &one, cwd, &two, rustix::fs::RenameFlags::EXCHANGE).unwrap();
                }
            });
            for _ in 0..20 {
                for command in ["set geral.vendedor_padrao=Rui", "set geral.vendedor_padrao=Rui --dry-run"] {
                    let ran = world.line(command);
                    assert!(matches!(ran.code, 3 | 4), "{ran:?}");
                }
                world.line("check --timeout 1 --only integracao.porta_banco_dados");
            }
            is_over.store(true, Ordering::Relaxed);
        });
        assert_eq!(everything(&world.path("secret")), before, "nothing was made, none has another mode");
        assert!(world.read("secret/config.json").contains("segredo"));
        let texts =
            everything(&world.path("anas")).into_iter().map(|(path, _)| path).filter(|path| path.contains("history"));
        assert_eq!(texts.count(), 0, "nothing was recorded");
    }

    #[test]
    fn an_owner_who_is_unknown_in_a_container_is_told_as_such_before_and_at_the_save() {
        let world = World::new();
        world.write("config.json", OLD);
        chown(world.path("config.json"), Some(USER), Some(USER)).unwrap();
        for more in [&[][..], &["--dry-run"]] {
            let mut command = Command::new("unshare");
            command.args(["--user", "--map-root-user", PROGRAM, "set", "geral.vendedor_padrao=Rui"]).args(more);
            let output = command.env_clear().envs(world.environment().iter().cloned()).output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(output.status.code() == Some(4) && said.contains("não existe neste contêiner"), "{said}");
            assert!(!said.contains("arquivo comum"), "{said}");
        }
        assert_eq!(world.config(), OLD);
    }
}
