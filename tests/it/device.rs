//! Devices of extension catalogs, as a technician checks them: with the program, its scale's catalog and real device files.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::world::World;

/// A counter with the scale of `examples/catalog.d`, in use.
fn with_scale(device: &str) -> World {
    let world = World::new();
    world.write("catalog.d/10.json", fs::read("examples/catalog.d/10-balanca.json").unwrap());
    let document = json!({ "balanca": { "usar": true, "porta_serial": device } });
    world.write("config.json", document.to_string());
    world
}

fn outcome(output: &str) -> Value {
    serde_json::from_str::<Value>(output).unwrap()["results"][0].clone()
}

#[test]
fn a_device_is_tested_only_while_it_is_in_use() {
    let world = with_scale("/dev/null");
    let check = || outcome(&world.line("check --only balanca --json").stdout);
    assert_eq!((&check()["status"], &check()["address"]), (&json!("ok"), &json!("/dev/null")));
    world.line("set balanca.usar=não");
    let off = check();
    assert_eq!((&off["status"], &off["detail"]["reason"]), (&json!("skipped"), &json!("off")));
    assert_eq!(off["message"], "Não testado: “Usar Balança” está desativado.");
    assert_eq!(world.line("check --only balanca --strict").code, 0);
}

#[test]
fn a_device_that_is_not_there_is_a_warning_and_says_what_to_look_at() {
    let world = with_scale("/dev/ttyLoja7");
    let ran = world.line("check --only balanca");
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    for words in ["O dispositivo /dev/ttyLoja7 não existe.", "Confira o cabo", "dmesg"] {
        assert!(ran.stdout.contains(words), "{}", ran.stdout);
    }
    assert_eq!(world.line("check --only balanca --strict").code, 1);
    let refused = world.line("set balanca.porta_serial=COM1");
    assert_eq!(refused.code, 5);
    assert!(refused.stderr.contains("deve ser um dispositivo, como /dev/ttyS0"), "{}", refused.stderr);
}

/// What only root can set up.
mod root {
    use std::os::unix::fs::{PermissionsExt, chown};

    use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};

    use super::*;

    /// Debian's number of the group `dialout`.
    const DIALOUT: u32 = 20;

    #[test]
    fn who_may_not_use_a_device_is_told_the_group_to_join() {
        let place = World::new();
        let device = place.path("ttyUSB0");
        mknodat(CWD, &device, FileType::CharacterDevice, Mode::RUSR, makedev(1, 3)).unwrap();
        chown(&device, Some(0), Some(DIALOUT)).unwrap();
        fs::set_permissions(&device, fs::Permissions::from_mode(0o660)).unwrap();
        let world = with_scale("/dev/null");
        // The catalog wants a device in /dev; a link there would be everybody's.
        let text = world.read("catalog.d/10.json").replace("^/dev/.", "^/");
        world.write("catalog.d/10.json", text);
        world.line(&format!("set balanca.porta_serial={}", device.display()));
        let program = world.path("program");
        let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_balcao-config")).arg(&program).status().unwrap();
        assert!(copied.success());
        for folder in [world.folder(), place.folder()] {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let check = |groups: &[&str]| {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=nobody", "--regid=nogroup"]).args(groups).arg(&program);
            command.args(["check", "--only", "balanca", "--json"]);
            command.env_clear().envs(world.environment().iter().cloned());
            outcome(&String::from_utf8(command.output().unwrap().stdout).unwrap())
        };
        let refused = check(&["--clear-groups"]);
        assert_eq!((&refused["status"], &refused["diagnosis"]), (&json!("warning"), &json!("file_missing")));
        assert_eq!(refused["detail"]["group"], "dialout");
        assert_eq!(refused["detail"]["paste"]["lines"], json!(["sudo usermod -aG dialout nobody"]));
        let member = check(&["--groups=dialout"]);
        assert_eq!(member["status"], "ok", "{member}");
        assert!(member["message"].as_str().unwrap().ends_with("e nobody pode ler e gravar nele."), "{member}");
        let by_root = outcome(&world.line("check --only balanca --json").stdout);
        assert!(by_root["message"].as_str().unwrap().ends_with("o grupo dialout pode usá-lo."), "{by_root}");
    }
}
