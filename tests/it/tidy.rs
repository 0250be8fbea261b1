//! The rules of the house, held against every source file. What a rule means stands in `docs/architecture.md`.

mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use imports::Names;

/// Which modules of ours a module may name. What is not listed may name none but those of [`EVERYBODYS`].
const LAYERS: &[(&str, &[&str])] = &[
    ("main", &["cli", "plain", "tui", "present", "session", "check", "document", "catalog", "key"]),
    ("cli", &["present", "session", "check", "document", "catalog", "key"]),
    ("plain", &["present", "session", "check", "document", "catalog", "key"]),
    ("tui", &["present", "session", "check", "document", "catalog", "key"]),
    ("present", &["session", "check", "document", "catalog", "key"]),
    ("session", &["check", "document", "catalog", "key"]),
    ("check", &["document", "catalog", "key"]),
    ("document", &["catalog", "key"]),
    ("catalog", &["key"]),
    ("problem", &["key"]),
];

/// May be used by all.
const EVERYBODYS: &[&str] = &["file", "errno", "json", "sort", "channel", "problem", "safe", "lang", "text", "tty"];

/// What reaches outside the process, and the files that may: all that do, and no others. A path ending in `/` stands for all
/// below it.
const OUTSIDE: &[(&str, &[&str])] = &[
    (
        "postgres",
        &[
            "check/probe/postgres.rs",
            "check/probe/postgres/question.rs",
            "check/probe/postgres/session.rs",
            "check/probe/postgres/wire.rs",
            "check/version_table/conversation.rs",
        ],
    ),
    ("tokio", &["check/probe/postgres/wire.rs"]),
    ("tokio_rustls", &["check/probe/postgres/tls.rs", "check/probe/postgres/wire.rs", "check/tls_hello.rs"]),
    ("std::net::TcpStream", &["check/probe/http.rs", "check/tcp.rs", "check/tls_hello.rs"]),
    ("std::net::UdpSocket", &["check/resolve.rs", "check/resolve/surroundings.rs"]),
    ("std::net::ToSocketAddrs", &["check/resolve.rs"]),
    ("rustix::net", &["check/sweep.rs", "check/tcp.rs"]),
    ("nix", &["check/discover/networks.rs", "check/sweep.rs", "check/tcp/sign.rs", "cli/password.rs"]),
    ("dns_lookup", &["check/discover/names.rs"]),
    (
        "std::fs",
        &[
            "file.rs",
            "check/discover/networks.rs",
            "check/listening.rs",
            "check/probe/device.rs",
            "check/probe/folder.rs",
            "check/probe/image.rs",
            "check/resolve/surroundings.rs",
            "check/tcp/sign.rs",
            "document/atomic_file.rs",
            "document/accounts.rs",
            "document/identity.rs",
            "document/lock.rs",
            "document/save.rs",
            "document/zone.rs",
            "session/reports.rs",
        ],
    ),
    (
        "rustix::fs",
        &[
            "file.rs",
            "catalog/load/folder.rs",
            "check/probe/device.rs",
            "check/probe/image.rs",
            "document/access.rs",
            "document/atomic_file.rs",
            "document/attributes.rs",
            "document/folder.rs",
            "document/foreign.rs",
            "document/location.rs",
            "document/location/way.rs",
            "document/lock.rs",
            "document/read.rs",
            "document/save.rs",
            "document/sharing.rs",
            "document/sidecar.rs",
            "document/watch.rs",
            "tty/device.rs",
        ],
    ),
    (
        "rustix::process",
        &["file.rs", "main.rs", "document/accounts.rs", "document/foreign.rs", "plain/console.rs", "tui/terminal.rs"],
    ),
    ("std::process::Command", &["session/reports.rs"]),
    (
        "std::thread",
        &[
            "file.rs",
            "check/thread.rs",
            "cli/check.rs",
            "cli/check/watch.rs",
            "cli/print.rs",
            "document/lock.rs",
            "plain/console.rs",
            "session/autosave.rs",
            "tui/effect.rs",
            "tui/terminal.rs",
        ],
    ),
    // Ours is `channel`.
    ("std::sync::mpsc::channel", &[]),
    ("std::sync::mpsc::sync_channel", &[]),
    ("tz", &["document/timestamp.rs", "document/zone.rs"]),
    ("clap", &["cli/"]),
    ("crossterm", &["tui/input.rs", "tui/input/spelling.rs", "tui/keymap.rs", "tui/update.rs"]),
    (
        "ratatui",
        &[
            "tui.rs",
            "tui/layout.rs",
            "tui/output.rs",
            "tui/output/pen.rs",
            "tui/rows.rs",
            "tui/terminal.rs",
            "tui/theme.rs",
            "tui/view.rs",
            "tui/view/paint.rs",
        ],
    ),
    (
        "signal_hook",
        &["cli/check/watch.rs", "plain/console.rs", "plain.rs", "tty/signal.rs", "tui.rs", "tui/terminal.rs"],
    ),
    (
        "std::os::unix::net",
        &["document/syslog.rs", "plain/console.rs", "tty/signal.rs", "tui/terminal.rs", "tui/terminal/shared.rs"],
    ),
    ("std::env", &["main.rs"]),
    ("std::time::SystemTime::now", &["main.rs"]),
    (
        "std::time::Instant::now",
        &[
            "file.rs",
            "check/discover.rs",
            "check/discover/names.rs",
            "check/event.rs",
            "check/grace.rs",
            "check/port_hint.rs",
            "check/probe/http.rs",
            "check/probe/postgres/pooler.rs",
            "check/probe/postgres/session.rs",
            "check/probe/postgres/wire.rs",
            "check/runner.rs",
            "check/stranger.rs",
            "check/sweep.rs",
            "check/tcp.rs",
            "check/tcp/beside.rs",
            "check/tcp/told.rs",
            "check/tls_hello.rs",
            "check/version_table.rs",
            "session/autosave.rs",
            "tty/signal.rs",
            "tui/terminal.rs",
        ],
    ),
    ("std::io::stdin", &["main.rs", "cli/action.rs", "cli/password.rs", "file.rs", "plain/console.rs", "tui.rs"]),
    ("std::io::stdout", &["main.rs", "cli/print.rs", "plain/console.rs", "tui.rs"]),
    ("std::io::stderr", &["main.rs", "cli/print.rs"]),
    ("crate::safe::Safe::made", &["safe.rs"]),
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

/// What the files of `src` name.
fn names() -> Names {
    let without_tests = |source: &Source| {
        let code = source.code().map(|(_, line)| format!("{line}\n")).collect();
        (source.name.clone(), code)
    };
    let sources: Vec<(String, String)> = sources("src").iter().map(without_tests).collect();
    imports::names(&sources)
}

/// The first part of a file's module path: `document` for `document/save.rs`.
fn module(name: &str) -> &str {
    name.split(['/', '.']).next().unwrap_or_default()
}

#[test]
fn a_module_names_only_those_below_it() {
    let mut breaches = vec![];
    for (file, others) in names().imports {
        let module_of_file = module(&file);
        let allowed = LAYERS.iter().find(|(module, _)| *module == module_of_file).map_or(&[][..], |(_, below)| below);
        for (other, what) in others {
            // A macro is called by the crate's name too: `crate::say!`, of a module that everybody may use.
            let room = module(&other);
            if room != "lib" && room != module_of_file && !allowed.contains(&room) && !EVERYBODYS.contains(&room) {
                breaches.push(format!("src/{file}: may not name {what:?} of src/{other}"));
            }
        }
    }
    none(breaches);
}

#[test]
fn each_outside_thing_has_its_homes_and_no_others() {
    let names = names();
    let is_within = |file: &str, home: &str| file == home || home.ends_with('/') && file.starts_with(home);
    let mut breaches = vec![];
    for (thing, homes) in OUTSIDE {
        let is_it =
            |path: &String| path.strip_prefix(thing).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
        let users: Vec<&String> =
            names.paths.iter().filter(|(_, paths)| paths.iter().any(is_it)).map(|(file, _)| file).collect();
        for file in users.iter().filter(|file| !homes.iter().any(|home| is_within(file, home))) {
            breaches.push(format!("src/{file}: {thing} belongs into {homes:?}"));
        }
        for home in homes.iter().filter(|home| !users.iter().any(|file| is_within(file, home))) {
            breaches.push(format!("src/{home} is said to be a home of {thing}, which it does not name"));
        }
    }
    none(breaches);
}

/// What the library's own sorts cost is told in `src/sort.rs`.
#[test]
fn everything_is_sorted_by_one_copy_of_the_sort() {
    const SORTS: [&str; 9] = [
        ".sort(",
        ".sort_by",
        ".sort_unstable",
        ".sort_cached",
        "collect::<BTree",
        "collect::<Changes",
        "BTreeMap::from(",
        "BTreeSet::from(",
        "Changes::from(",
    ];
    let is_sorted = |statement: &str| {
        let is_collected = statement.ends_with(".collect()");
        let is_ordered = [": BTree", ": Changes"].iter().any(|ordered| statement.contains(ordered));
        is_collected && is_ordered || SORTS.iter().any(|sort| statement.contains(sort))
    };
    let mut breaches = vec![];
    for source in sources("src").iter().filter(|source| source.name != "sort.rs") {
        let code: String = source.code().map(|(_, line)| format!("{line}\n")).collect();
        let statements = code.split([';', '{', '}']).map(str::trim);
        breaches.extend(statements.filter(|it| is_sorted(it)).map(|it| format!("src/{}: {it}", source.name)));
    }
    none(breaches);
}

#[test]
fn nothing_is_printed_past_the_writers() {
    let mut breaches = vec![];
    for source in sources("src") {
        for (number, line) in source.code().filter(|(_, line)| line.contains("print!(") || line.contains("println!(")) {
            breaches.push(format!("src/{}:{number}: {line}", source.name));
        }
    }
    none(breaches);
}

/// On a line that takes no bytes, such a wait never ends, whatever signal comes.
#[test]
fn no_setting_of_a_terminal_waits_until_it_takes_bytes() {
    let waits = |line: &str| line.contains("OptionalActions::Drain") || line.contains("OptionalActions::Flush");
    let mut breaches = vec![];
    for source in sources("src") {
        let lines = source.code().filter(|(_, line)| waits(line));
        breaches.extend(lines.map(|(number, line)| format!("src/{}:{number}: {line}", source.name)));
    }
    none(breaches);
}

/// The sentences of a file: the Portuguese of every `say!`, `localized!` and `pick`.
fn sentences(source: &Source) -> Vec<String> {
    let code: String = source.code().map(|(_, line)| format!("{line}\n")).collect();
    let calls = ["say!(", "localized!(", ".pick("]
        .into_iter()
        .flat_map(|call| code.match_indices(call).map(move |(at, _)| (call, at)));
    let literal = |(call, at): (&str, usize)| {
        let mut rest = code[at + call.len()..].split('"');
        let before = rest.next()?;
        let sentence = rest.next()?;
        // The language stands before the sentence, and nothing else does.
        (!before.contains([';', '}'])).then(|| sentence.to_owned())
    };
    calls.filter_map(literal).collect()
}

#[test]
fn a_sentence_is_said_in_one_place() {
    /// What is shorter is a word or two, which may be the same in different places.
    const WORDS: usize = 4;
    let mut homes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in sources("src") {
        for sentence in sentences(&source).into_iter().filter(|it| it.split_whitespace().count() >= WORDS) {
            homes.entry(sentence).or_default().insert(source.name.clone());
        }
    }
    assert!(homes.len() > 300, "only {} sentences were found", homes.len());
    let twice = homes.iter().filter(|(_, files)| files.len() > 1);
    none(
        twice.map(|(sentence, files)| format!("“{sentence}” is said in {files:?}: it belongs into present")).collect(),
    );
}

/// Words that Portuguese sentences do not use, each with the one that they do.
const REPLACED: &[(&str, &str)] = &[
    ("formulári", "tela"),
    ("documento", "arquivo"),
    ("salvar", "gravar"),
    ("checar", "testar, conferir"),
    ("cifrad", "criptografado, com TLS"),
    ("boolean", "sim ou não"),
    ("valor lógico", "sim ou não"),
    ("default", "padrão"),
    ("mudança", "alteração"),
    ("trocar", "alterar"),
    ("editad", "alterado"),
    ("máquina", "este computador, servidor"),
    ("este balcão", "este computador"),
    ("ando ligado", "quando ativado"),
    ("ao vivo", "contínuo"),
    ("interromp", "cancelar, encerrar"),
    ("achou", "encontrou"),
    ("em vigor", "atual"),
    ("enquanto isso", "durante a edição"),
    ("pôde ser", "não foi possível"),
    ("escreva", "informe"),
    ("malformad", "inválido"),
];

/// Where such a word is the right one: another thing, the name of one, or what people look for.
const KEPT: &[&str] = &[
    "documentos fiscais",
    "documentos impressos",
    "um parâmetro do tipo boolean",
    "endereço, host, máquina",
    "Nenhuma mudança até agora",
    "um sinal interrompeu a operação",
    "se ninguém trocar o vendedor",
    "não é lido por todos do mesmo modo; escreva",
];

#[test]
fn portuguese_says_each_thing_by_one_word() {
    let mut breaches = vec![];
    for source in sources("src") {
        let of_tables = source.code().flat_map(|(_, line)| line.split('"').skip(1).step_by(2).map(str::to_owned));
        let is_portuguese = |text: &String| text.contains(['ã', 'ç', 'é', 'á', 'í', 'ó', 'ê', 'à', 'õ', 'ú']);
        for sentence in sentences(&source).into_iter().chain(of_tables.filter(is_portuguese)) {
            for (wrong, right) in REPLACED.iter().filter(|(wrong, _)| sentence.contains(wrong)) {
                if !KEPT.iter().any(|kept| sentence.contains(kept)) {
                    breaches.push(format!("src/{}: “{sentence}” has “{wrong}”: {right}", source.name));
                }
            }
        }
    }
    breaches.dedup();
    none(breaches);
}

#[test]
fn what_all_front_ends_say_names_no_key_and_no_option_of_one() {
    let named = ["F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "Esc ", "Enter", "Ctrl", "--"];
    let mut breaches = vec![];
    for source in sources("src").iter().filter(|source| module(&source.name) == "present") {
        for sentence in sentences(source) {
            for word in named.iter().filter(|word| sentence.contains(**word)) {
                breaches.push(format!("src/{}: “{sentence}” names {word}", source.name));
            }
        }
    }
    none(breaches);
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    none(imports::circles(&names().imports));
}

#[test]
fn circles_are_seen() {
    let file = |name: &str, code: &str| (name.to_owned(), code.to_owned());
    let circles = |files: &[(String, String)]| imports::circles(&imports::names(files).imports).len();
    let parent = file("a.rs", "mod b;\nmod c;\npub use b::{self, B};\nuse c::C;\n");
    let child = |code| file("a/b.rs", code);
    let other = |code| file("a/c.rs", code);
    // A parent that only shows its children, and children that find each other by it.
    assert_eq!(circles(&[parent.clone(), child("use super::C; struct B;"), other("struct C;")]), 0);
    assert_eq!(circles(&[parent.clone(), child("use super::C; struct B;"), other("use crate::a::B; struct C;")]), 1);
    assert_eq!(circles(&[parent, child("struct B;"), other("struct C; fn c() { super::run() }")]), 1);
    // Paths in the code count as much as `use` does; comments and texts do not.
    let code = |path: &str| [file("x.rs", &format!("fn x() {{ {path} }}")), file("y.rs", "use crate::{x::{self, X}};")];
    assert_eq!(circles(&code("crate::y::go()")), 1);
    assert_eq!(circles(&code("// crate::y::go()\n\"crate::y::go()\"; std::fs::read()")), 0);
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
