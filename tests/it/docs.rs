//! What the documentation shows is what the program does: the picture, the examples, the links.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::fakes::Fake;
use crate::world::{World, example};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What an example prints, and how it ends.
fn run(name: &str, arguments: &[&str]) -> Output {
    Command::new(example(name)).args(arguments).current_dir(root()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_example_edit_opens_sets_validates_and_saves() {
    let world = World::new();
    let path = world.path("config.json");
    let file = path.to_str().unwrap();
    let done = run("edit", &[file, "integracao.porta_banco_dados", "5433"]);
    assert!(done.status.success() && text(&done.stdout).contains("5432 → 5433"), "{done:?}");
    assert_eq!(world.run(&["get", "integracao.porta_banco_dados"]).stdout, "5433\n");
    let refused = run("edit", &[file, "integracao.porta_banco_dados", "0"]);
    assert!(!refused.status.success() && text(&refused.stderr).contains("between 1 and 65535"), "{refused:?}");
    assert_eq!(world.run(&["get", "integracao.porta_banco_dados"]).stdout, "5433\n");
}

#[test]
fn the_example_check_probes_one_target() {
    let server = Fake::greeting("SSH-2.0-OpenSSH_9.2\r\n");
    let said = run("check", &["127.0.0.1", &server.port.to_string()]);
    assert!(text(&said.stdout).contains("PostgreSQL"), "{said:?}");
}

#[test]
fn links_in_the_documentation_lead_somewhere() {
    let pages = [
        "README.md",
        "docs/architecture.md",
        "docs/catalog.md",
        "docs/manual.md",
        "docs/manual.en.md",
        "docs/contributing.md",
        "docs/changelog.md",
        "docs/performance.md",
        "docs/reliability.md",
        "docs/security.md",
        "docs/terminals.md",
        "docs/reference/parameters.md",
        "docs/reference/keys.md",
    ];
    for page in pages {
        let path = root().join(page);
        let words = fs::read_to_string(&path).unwrap();
        for link in words.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = path.parent().unwrap().join(link.split('#').next().unwrap());
            assert!(link.starts_with("https://") || target.exists(), "{page}: {link}");
        }
    }
}

#[test]
fn the_commands_of_the_recipes_are_ones_that_cargo_takes() {
    let page = fs::read_to_string(root().join("docs/contributing.md")).unwrap();
    let commands: Vec<&str> = page.split('`').filter(|code| code.starts_with("cargo test")).collect();
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands {
        // Of names to filter by, cargo takes one; a test program, after `--`, takes many.
        let own = command.split("&&").next().unwrap().split(" -- ").next().unwrap();
        let mut words = own.split_whitespace().skip(2).peekable();
        let mut names = vec![];
        while let Some(word) = words.next() {
            match word {
                "--test" => _ = words.next(),
                option if option.starts_with("--") => {}
                name => names.push(name),
            }
        }
        assert!(names.len() < 2, "{command}: put the names behind --");
    }
}

#[test]
fn the_changelog_has_what_is_not_released_and_this_version() {
    let changelog = fs::read_to_string(root().join("docs/changelog.md")).unwrap();
    let parts: Vec<&str> = changelog.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(parts[0], "[Unreleased]");
    // A version and its day.
    let latest = format!("[{}] - ", env!("CARGO_PKG_VERSION"));
    assert!(parts[1].strip_prefix(&latest).is_some_and(|day| day.len() == "2026-01-31".len()), "{parts:?}");
}

#[test]
fn the_tests_that_hold_the_promises_are_there() {
    let mut known = vec![];
    for (folder, above) in [("tests/it", ""), ("tests/it/form", "form::"), ("tests/it/catalog", "catalog::")] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let names = text.split("fn ").skip(1).filter_map(|rest| rest.split('(').next()).map(str::to_owned);
                let module = path.file_stem().unwrap().to_str().unwrap().to_owned();
                known.extend(names.map(|name| format!("{above}{module}::{name}")));
            }
        }
    }
    for (page, least) in [("docs/reliability.md", 30), ("docs/security.md", 20)] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        // `faults::a_name`, where `…` stands for whatever is left out, and `root::` for nothing.
        let table: String = text.lines().filter(|line| line.starts_with('|')).collect();
        let named = table.split('`').skip(1).step_by(2).filter(|word| word.contains("::") || word.starts_with('…'));
        let named: Vec<String> = named.map(|word| word.replace("root::", "")).collect();
        assert!(named.len() >= least, "{named:?}");
        for word in named {
            let parts: Vec<&str> = word.trim_start_matches("…::").split('…').collect();
            let found = known.iter().any(|name| parts.iter().all(|part| name.contains(part)));
            assert!(found, "{page} names {word}, which is no test");
        }
    }
}

/// What the manual has in bold is what the screen says: a word that was changed in the program is told here.
#[test]
fn the_manual_says_what_the_screens_say() {
    let mut said = fs::read_to_string(root().join("src/catalog/load/table.rs")).unwrap();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                _ if path.is_dir() => folders.push(path),
                Some(extension) if extension == "rs" => said += &fs::read_to_string(&path).unwrap(),
                _ => {}
            }
        }
    }
    for (page, least) in [("docs/manual.md", 8), ("docs/manual.en.md", 8)] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        let bold: Vec<&str> = text.split("**").skip(1).step_by(2).collect();
        assert!(bold.len() > least, "{bold:?}");
        for words in bold.into_iter().filter(|words| !["negrito", "bold"].contains(words)) {
            // The key of a button is put behind its word.
            let bare = words.split(" (").next().unwrap();
            let is_said = |words: &str| said.contains(&format!("\"{words}\""));
            let is_said = is_said(words) || is_said(bare) || is_said(&format!("[ {words} ]"));
            assert!(is_said, "{page} quotes “{words}”, which the program does not say");
        }
    }
}
