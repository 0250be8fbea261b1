//! The rules of the house, held against every source file. What a rule means stands in `docs/architecture.md`.

use std::fs;
use std::path::{Path, PathBuf};

/// Which modules of ours a module may name. What is not listed may name none but those of [`EVERYBODYS`].
const LAYERS: &[(&str, &[&str])] = &[
    ("main", &["cli", "tui", "present", "session", "check", "document", "catalog", "key"]),
    ("cli", &["present", "session", "check", "document", "catalog", "key"]),
    ("tui", &["present", "session", "check", "document", "catalog", "key"]),
    ("present", &["session", "check", "document", "catalog", "key"]),
    ("session", &["check", "document", "catalog", "key"]),
    ("check", &["document", "catalog", "key"]),
    ("document", &["catalog", "key"]),
    ("catalog", &["key"]),
    ("problem", &["key"]),
];

/// May be used by all.
const EVERYBODYS: &[&str] = &["problem", "safe", "lang", "text"];

/// What reaches outside the process, and the files that may: a path ending in `/` stands for all below it.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("postgres::", &["check/"]),
    ("TcpStream", &["check/"]),
    ("UdpSocket", &["check/"]),
    ("ToSocketAddrs", &["check/"]),
    ("tokio_rustls::", &["check/postgres/"]),
    ("std::fs", &["document/", "catalog/load.rs", "catalog/load/", "check/", "session/reports.rs"]),
    ("std::process::Command", &["session/reports.rs"]),
    ("tz::", &["document/zone.rs"]),
    ("clap::", &["cli.rs", "cli/"]),
    ("crossterm::", &["tui/"]),
    ("ratatui::", &["tui.rs", "tui/"]),
    ("signal_hook::", &["tui.rs", "tui/", "cli/check/watch.rs"]),
    ("std::env", &["main.rs"]),
    ("SystemTime::now", &["main.rs"]),
    ("Instant::now", &["main.rs", "tui.rs", "tui/event.rs", "check.rs", "check/"]),
    ("std::io::stdout", &["cli/print.rs", "tui.rs", "tui/output.rs"]),
    ("std::io::stderr", &["cli/print.rs"]),
    ("Safe::made(", &["safe.rs"]),
    ("println!", &[]),
    ("print!", &[]),
];

/// What stands in no source file, test or example.
const NEVER: &[&str] = &["todo!", "unimplemented!", "#[ignore", "FIXME", "TODO", "dbg!"];

/// Past this many lines a file holds a second idea.
const LONGEST: usize = 500;

/// Tests are read one at a time, and their tables are long.
const LONGEST_TESTS: usize = 700;

struct Source {
    /// Relative to `src`, `tests` or `examples`.
    name: String,
    text: String,
}

impl Source {
    /// The lines that are code, numbered from 1: neither comments nor unit tests, at the end of the file or its own.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let is_tests = self.name.ends_with("tests.rs");
        let lines = self.text.lines().enumerate().map(|(index, line)| (index + 1, line));
        // `#[cfg(test)]` before `mod tests;` only names a file; before `mod tests {` the rest of this one is tests.
        lines
            .take_while(move |(_, line)| !is_tests && *line != "mod tests {")
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// The first part of its module path: `document` for `document/save.rs`.
    fn module(&self) -> &str {
        self.name.split(['/', '.']).next().unwrap_or_default()
    }

    fn is_within(&self, homes: &[&str]) -> bool {
        homes.iter().any(|home| self.name == *home || home.ends_with('/') && self.name.starts_with(home))
    }
}

fn sources(folder: &str) -> Vec<Source> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths = vec![];
    walk(&root, &mut paths);
    paths.sort();
    let read = |path: &PathBuf| Source {
        name: path.strip_prefix(&root).expect("below the root").to_str().expect("a plain name").to_owned(),
        text: fs::read_to_string(path).expect("a source file"),
    };
    paths.iter().map(read).collect()
}

/// Fails with all breaches, not only the first.
fn none(breaches: Vec<String>) {
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

/// The modules of ours that a line of code names: `crate::a`, `balcao_config::a` and each of `crate::{a, b::C}`.
fn named(line: &str) -> Vec<&str> {
    let mut found = vec![];
    for start in ["crate::", "balcao_config::"] {
        for (at, _) in line.match_indices(start) {
            let rest = &line[at + start.len()..];
            let several = rest.strip_prefix('{').map(|inside| inside.split('}').next().unwrap_or_default());
            let names = several.map_or_else(|| vec![rest], |inside| inside.split(", ").collect());
            let word = |name: &str| name.find(|symbol: char| !symbol.is_ascii_lowercase()).unwrap_or(name.len());
            found.extend(names.into_iter().map(|name| &name[..word(name)]));
        }
    }
    found
}

#[test]
fn a_module_names_only_those_below_it() {
    let sources = sources("src");
    let modules: Vec<&str> = sources.iter().map(Source::module).collect();
    let mut breaches = vec![];
    for source in sources.iter().filter(|source| source.name != "lib.rs") {
        let allowed = LAYERS.iter().find(|(module, _)| *module == source.module()).map_or(&[][..], |(_, below)| below);
        for (number, line) in source.code() {
            for name in named(line) {
                let known = modules.contains(&name) && name != source.module();
                // A macro is called by the crate's name too: `crate::say!`, of a module that everybody may use.
                if known && !allowed.contains(&name) && !EVERYBODYS.contains(&name) {
                    breaches.push(format!("src/{}:{number}: may not name {name}", source.name));
                }
            }
        }
    }
    none(breaches);
}

#[test]
fn each_outside_thing_has_its_home() {
    let mut breaches = vec![];
    for source in sources("src") {
        for (number, line) in source.code() {
            for (thing, homes) in OUTSIDE {
                let found = line.match_indices(thing).any(|(at, _)| {
                    let before = line[..at].chars().next_back();
                    !before.is_some_and(|symbol| symbol.is_alphanumeric() || symbol == '_')
                });
                if found && !source.is_within(homes) {
                    breaches.push(format!("src/{}:{number}: {thing} belongs into {homes:?}", source.name));
                }
            }
        }
    }
    none(breaches);
}

#[test]
fn nothing_is_left_for_later() {
    let mut breaches = vec![];
    for folder in ["src", "tests", "examples"] {
        for source in sources(folder).iter().filter(|source| source.name != "it/tidy.rs") {
            for (index, line) in source.text.lines().enumerate() {
                for word in NEVER.iter().filter(|word| line.contains(**word)) {
                    breaches.push(format!("{folder}/{}:{}: {word}", source.name, index + 1));
                }
            }
        }
    }
    none(breaches);
}

#[test]
fn every_file_says_what_it_owns_and_is_about_one_idea() {
    let mut breaches = vec![];
    for folder in ["src", "tests", "examples"] {
        for source in sources(folder) {
            let name = format!("{folder}/{}", source.name);
            if !source.text.starts_with("//! ") {
                breaches.push(format!("{name}: does not open with //! and what it owns"));
            }
            let lines = source.text.lines().count();
            let longest = if folder == "src" { LONGEST } else { LONGEST_TESTS };
            if lines > longest {
                breaches.push(format!("{name}: {lines} lines, more than {longest}"));
            }
            for (index, line) in
                source.text.lines().enumerate().filter(|(_, line)| matches!(line.trim(), "///" | "//!"))
            {
                let edges = source.text.lines().nth(index + 1).is_none_or(|next| !next.trim().starts_with(line.trim()));
                if edges {
                    breaches.push(format!("{name}:{}: a doc comment that says nothing", index + 1));
                }
            }
        }
    }
    none(breaches);
}
