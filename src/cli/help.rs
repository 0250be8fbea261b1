//! `help [COMMAND]`: what `--help` says of it.

use std::ffi::OsString;

use clap::ArgMatches;

use super::{Answer, Entry, arguments};
use crate::lang::Lang;
use crate::safe::Safe;
use crate::text;

pub(super) const NAME: &str = "help";

pub(super) const COMMAND: Entry = Entry {
    name: NAME,
    about: ("Explica um comando", "Explains a command"),
    takes: |lang: Lang| {
        let name = lang.pick("COMANDO", "COMMAND");
        let help = ("O comando a explicar; sem ele, todos", "The command to explain; without it, all of them");
        vec![arguments::positional(lang, "command", name, help.0, help.1).num_args(0..)]
    },
    more: Some((PT, EN)),
    // Answered before any command runs, where all of them are known.
    run: Some(|_, _| Ok(Answer::default())),
};

const PT: &str = "\
Exemplo:
  balcao-config help set

Códigos de saída:
  0  a ajuda foi mostrada
  2  não existe esse comando";

const EN: &str = "\
Example:
  balcao-config help set

Exit codes:
  0  the help was shown
  2  there is no such command";

/// The arguments that ask the same with `--help`.
pub(super) fn asked(program: Option<&OsString>, matches: &ArgMatches) -> Vec<OsString> {
    let words = matches.get_many::<String>("command").unwrap_or_default().map(OsString::from);
    program.cloned().into_iter().chain(words).chain([OsString::from("--help")]).collect()
}

/// A page of help in lines that fit every terminal: what describes an option stays in its column, a usage is broken between
/// its arguments.
pub(super) fn fitted(page: &str) -> Vec<Safe> {
    page.lines().flat_map(|line| broken(line.trim_end())).collect()
}

/// The narrowest terminal that is a usual one.
const COLUMNS: usize = 80;

fn broken(line: &str) -> Vec<Safe> {
    let whole = Safe::outside(line);
    if text::width(&whole) <= COLUMNS {
        return vec![whole];
    }
    let indent = line.len() - line.trim_start().len();
    // Two blanks or more stand between an option and what describes it.
    let described = line.get(indent..).and_then(|rest| {
        let gap = rest.find("  ")?;
        let words = rest.get(gap..)?;
        Some(indent + gap + words.len() - words.trim_start().len())
    });
    let (head, rest) = line.split_at_checked(described.unwrap_or(indent)).unwrap_or(("", line));
    let (head, column) = (Safe::outside(head), text::width(&Safe::outside(head)));
    let rows = match described {
        None if line.contains(" [--") => usage(rest, COLUMNS - USAGE_INDENT),
        _ => text::wrap(&Safe::outside(rest), COLUMNS - column),
    };
    let below = text::line::blanks(if described.is_none() && line.contains(" [--") { USAGE_INDENT } else { column });
    let row = |(number, row): (usize, Safe)| crate::safe!("{}{}", if number == 0 { &head } else { &below }, row);
    rows.into_iter().enumerate().map(row).collect()
}

/// How far the second line of a usage is indented: below the program's name or its first argument.
const USAGE_INDENT: usize = 7;

/// Breaks a usage between its arguments, each of which stays whole.
fn usage(line: &str, room: usize) -> Vec<Safe> {
    let mut rows = vec![String::new()];
    for (number, part) in line.split(" [").enumerate() {
        let part = if number == 0 { part.to_owned() } else { format!("[{part}") };
        match rows.last_mut() {
            Some(row) if text::width(&Safe::outside(row)) + 1 + text::width(&Safe::outside(&part)) <= room => {
                row.push_str(if row.is_empty() { "" } else { " " });
                row.push_str(&part);
            }
            _ => rows.push(part),
        }
    }
    rows.iter().map(|row| Safe::outside(row)).collect()
}
