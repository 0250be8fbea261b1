//! Who is behind a change: what the kernel knows, and what an environment alone says.

use serde_json::{Value, json};

use crate::world::World;

const SET: &str = "set geral.vendedor_padrao=Ana";

/// The newest version, for programs and for people.
fn newest(world: &World) -> (Value, String) {
    let listed = world.line("history --json").json();
    let shown = world.line("history").stdout;
    (
        listed.as_array().unwrap().last().unwrap().clone(),
        shown.lines().rfind(|line| !line.starts_with(' ')).unwrap().to_owned(),
    )
}

#[test]
fn what_an_environment_alone_says_is_told_as_that() {
    let world = World::new().variable("SUDO_USER", "eva").variable("SSH_CONNECTION", "10.0.0.7 51234 10.0.0.1 22");
    assert_eq!(world.line(SET).code, 0);
    let (version, shown) = newest(&world);
    assert_eq!((&version["sudo_user"], &version["ssh_client"]), (&json!("eva"), &json!("10.0.0.7")));
    assert!(shown.contains("de 10.0.0.7, sudo de eva, segundo o ambiente)"), "{shown}");
}

#[test]
fn a_version_from_before_the_login_was_asked_for_stays_readable() {
    let world = World::new().variable("SUDO_USER", "eva");
    assert_eq!(world.line(SET).code, 0);
    let file = world.path("config.json.history/000001.json");
    let mut entry: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    entry.as_object_mut().unwrap().remove("login_user");
    std::fs::write(&file, entry.to_string()).unwrap();
    let (version, shown) = newest(&world);
    assert_eq!((&version["login_user"], &version["sudo_user"]), (&Value::Null, &json!("eva")));
    assert!(shown.contains("sudo de eva, segundo o ambiente"), "{shown}");
}

/// Real logins and real chains of sudo, between accounts that every Debian has.
mod root {
    use std::process::Command;

    use super::*;
    use crate::world::PROGRAM;

    const GAMES: u32 = 5;
    const NOBODY: u32 = u32::MAX;

    /// Runs a shell's lines, with rules of sudo's own that let everybody through, in a session that this account logged in
    /// to; `Some(u32::MAX)` is nobody.
    fn run(world: &World, login: u32, lines: &str) {
        use std::os::unix::fs::PermissionsExt;
        let rules = world.write("sudoers", "ALL ALL=(ALL:ALL) NOPASSWD: ALL\n");
        std::fs::set_permissions(&rules, std::fs::Permissions::from_mode(0o440)).unwrap();
        let config = world.path("config.json").display().to_string();
        let script = format!(
            "mount --bind {} /etc/sudoers\necho {login} > /proc/self/loginuid\n{}",
            rules.display(),
            lines.replace("SET", &format!("{PROGRAM} --config {config} {SET}"))
        );
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-ec", &script]).env_clear().env("PATH", std::env::var("PATH").unwrap());
        let ran = command.output().unwrap();
        assert!(ran.status.success(), "{ran:?}");
    }

    #[test]
    fn whoever_logged_in_is_known_through_every_change_of_the_account() {
        for lines in ["SET", "sudo SET", "env -i SET", "su - -c 'SET'", "sudo su - -c 'SET'", "sudo -i SET"] {
            let world = World::new();
            run(&world, GAMES, lines);
            let (version, shown) = newest(&world);
            assert_eq!((&version["user"], &version["login_user"]), (&json!("root"), &json!("games")), "{lines}");
            assert!(shown.contains("games (como root)"), "{lines}: {shown}");
        }
    }

    #[test]
    fn without_a_login_whoever_started_the_chain_is_known_by_the_processes_above() {
        for lines in [
            "su -s /bin/sh daemon -c 'sudo -n SET'",
            "su -s /bin/sh daemon -c 'sudo -n su - -c \"SET\"'",
            "su -s /bin/sh daemon -c 'sudo -n -i SET'",
            "su -s /bin/sh daemon -c 'sudo -n sudo SET'",
            "su -s /bin/sh daemon -c 'sudo -n -u games sudo -n SET'",
        ] {
            let world = World::new();
            // The shell stays, as a person's does.
            run(&world, NOBODY, &lines.replace("SET", "SET; true"));
            let (version, shown) = newest(&world);
            let told = [&version["user"], &version["login_user"], &version["sudo_user"]];
            assert_eq!(told, [&json!("root"), &json!("daemon"), &json!("daemon")], "{lines}");
            assert!(shown.contains("daemon (como root)"), "{lines}: {shown}");
        }
        let world = World::new();
        run(&world, NOBODY, "SET");
        assert_eq!(newest(&world).0["login_user"], Value::Null, "root's own processes are nobody's");
    }

    #[test]
    fn where_the_login_is_anothers_than_sudo_says_both_are_told() {
        let world = World::new();
        run(&world, GAMES, "su -s /bin/sh daemon -c 'sudo -n SET'");
        let (version, shown) = newest(&world);
        assert_eq!((&version["login_user"], &version["sudo_user"]), (&json!("games"), &json!("daemon")));
        assert!(shown.contains("games (como root, sudo de daemon, segundo o ambiente)"), "{shown}");
    }
}
