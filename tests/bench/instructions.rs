//! Instructions a key: how much work the form does between a key and its answer, whatever the machine and its load.
//!
//! The program runs on a pseudo-terminal below valgrind's callgrind, once with a number of keys and once with twice as
//! many. The difference is what the keys cost: start-up, first screen and end are in both. Only the thread that answers
//! keys is counted; what others do (drafts, tests) depends on when they come to it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::Signal;

use crate::page::table;
use crate::programs::{Program, with_many_parameters};
use crate::series::Series;

/// Runs that are counted. They differ by what other threads have to say in between, at most one frame in a hundred.
const ROUNDS: usize = 3;

/// Keys of the shorter run.
const KEYS: usize = 40;

/// After it, no key counts as a repetition of the one before.
const CALM: Duration = Duration::from_millis(250);

/// Down to the end of the fields and back: each key changes something.
const ARROWS: &str = "Down Down Down Down Down Up Up Up Up Up";

/// Letters, each of which changes the value and nothing else.
const LETTERS: &str = "b c d e f g h i j k";

/// A word of the search, and back.
const SEARCH: &str = "p a r a m Backspace Backspace Backspace Backspace Backspace";

/// What is pressed, after what, and whether it is held: else the form is calm again before the next key.
const MEASURES: [(&str, &str, &str, bool); 7] = [
    ("Down", "", ARROWS, false),
    ("a character", "C-p a", LETTERS, false),
    ("a letter of the search", "F3", SEARCH, false),
    ("Ctrl+Z and Ctrl+Y", "C-p a", "C-z C-y C-z C-y C-z C-y C-z C-y C-z C-y", false),
    ("Down, held", "", ARROWS, true),
    ("Down, after a test (F5)", "F5", ARROWS, false),
    ("a character, after a test (F5)", "F5 C-p a", LETTERS, false),
];

/// All of them, as a table.
pub fn measure(program: &Program) -> Result<String, String> {
    let catalogs = tempfile::tempdir().map_err(|error| error.to_string())?;
    let many = with_many_parameters(program, catalogs.path())?;
    let of_ours = MEASURES.map(|(name, before, keys, is_held)| (name.to_owned(), program, before, keys, is_held));
    let of_many = MEASURES.into_iter().take(4);
    let of_many = of_many
        .map(|(name, before, keys, is_held)| (format!("{name}, 10,000 parameters"), &many, before, keys, is_held));
    let mut rows = vec![];
    for (name, program, before, keys, is_held) in of_ours.into_iter().chain(of_many) {
        eprintln!("instructions: {name}");
        let mut each = Series::default();
        for _ in 0..ROUNDS {
            let (once, twice) =
                (total(program, before, keys, (KEYS, is_held))?, total(program, before, keys, (2 * KEYS, is_held))?);
            let a_key = (twice as f64 - once as f64) / KEYS as f64;
            eprintln!("  {a_key:.0}");
            each.add(a_key);
        }
        let thousands = each.median().map(|median| format!("{:.0}", median / 1000.0)).unwrap_or_default();
        rows.push(vec![name, thousands]);
    }
    let a_get = get(program)? as f64 / 1000.0;
    rows.push(vec!["`get`, from start to end".into(), format!("{a_get:.0}")]);
    Ok(table(&["key", "thousand instructions"], &rows))
}

/// Instructions of `get` on a document of two values, whole: the system's start of a program is in it.
fn get(program: &Program) -> Result<u64, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let (report, document) = (folder.path().join("callgrind"), folder.path().join("config.json"));
    let text = r#"{"version": 1, "integracao": {"ip_servidor_retaguarda": "192.168.0.10", "porta_banco_dados": 5433}}"#;
    fs::write(&document, text).map_err(|error| error.to_string())?;
    let mut command = Command::new("valgrind");
    command.args(["--quiet", "--tool=callgrind", "--separate-threads=yes"]);
    command.arg(format!("--callgrind-out-file={}", report.display())).arg(&program.launch.program);
    command.arg("--config").arg(&document).args(["get", "integracao.porta_banco_dados"]);
    command.env_clear().envs(&program.launch.environment).stdout(Stdio::null());
    let status = command.status().map_err(|error| error.to_string())?;
    of_first_thread(&report).ok_or_else(|| format!("valgrind left no figures of get ({status})"))
}

/// Instructions from the start of the program to its end, with so many of these keys pressed.
fn total(program: &Program, before: &str, keys: &str, (count, is_held): (usize, bool)) -> Result<u64, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let report = folder.path().join("callgrind");
    let mut slow = program.clone();
    let launch = &mut slow.launch;
    let valgrind = ["--quiet", "--tool=callgrind", "--separate-threads=yes"].map(str::to_owned);
    let out = format!("--callgrind-out-file={}", report.display());
    let program_file = launch.program.to_string_lossy().into_owned();
    launch.arguments = [valgrind.to_vec(), vec![out, program_file], launch.arguments.clone()].concat();
    launch.program = PathBuf::from("valgrind");
    // Everything takes some fifty times as long.
    slow.quiet = Duration::from_millis(400);

    let mut terminal = slow.start()?;
    terminal.first_screen(slow.full)?;
    for key in before.split_whitespace() {
        let bytes = terminal.bytes(key);
        terminal.send(&bytes);
        terminal.settle(Duration::from_secs(2));
    }
    for key in keys.split_whitespace().cycle().take(count) {
        let bytes = terminal.bytes(key);
        terminal.send(&bytes);
        terminal.answer();
        if !is_held {
            terminal.listen(CALM);
        }
    }
    terminal.signal(Signal::HUP);
    let ended = terminal.end(Duration::from_secs(20)).ok_or("does not end below valgrind")?;
    of_first_thread(&report).ok_or_else(|| format!("valgrind left no figures ({}); is it installed?", ended.how))
}

/// The sum of a report, which is a file a thread.
fn of_first_thread(report: &Path) -> Option<u64> {
    let text = fs::read_to_string(format!("{}-01", report.display())).ok()?;
    text.lines()
        .find_map(|line| line.strip_prefix("totals: ").or_else(|| line.strip_prefix("summary: ")))?
        .trim()
        .parse()
        .ok()
}
