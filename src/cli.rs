//! The command line: from arguments to a command and its answer.
//!
//! Every command is one row in [`COMMANDS`] and one file below `cli/`: what it takes and what it does stand together.
//! A command gives an [`Answer`] or a [`Problem`] and writes nothing itself; `print` does. The form is not
//! opened here: [`parse`] says that it is wanted, and `main` opens it.

mod action;
mod apply;
mod arguments;
mod check;
mod diff;
mod entry;
mod explain;
mod export;
mod get;
mod history;
mod list;
mod path;
pub mod print;
mod recover;
mod rollback;
mod schema;
mod set;
pub mod settings;
mod usage;
mod validate;

use clap::ArgMatches;

use crate::problem::Problem;
use entry::{Entry, Run};
use print::{Answer, Output};
use settings::{Settings, Start};

/// All commands, in the order of the help; a command's own commands stand behind it.
const COMMANDS: &[Entry] = &[
    get::COMMAND,
    set::COMMAND,
    set::UNSET,
    list::COMMAND,
    explain::COMMAND,
    validate::COMMAND,
    diff::COMMAND,
    export::COMMAND,
    apply::COMMAND,
    history::COMMAND,
    history::SHOW,
    rollback::COMMAND,
    recover::COMMAND,
    check::COMMAND,
    action::COMMAND,
    action::excluir_tab_versao::COMMAND,
    action::editar_relatorio::COMMAND,
    schema::COMMAND,
    path::COMMAND,
];

/// What the arguments ask for.
pub enum Invocation {
    /// The form, on a terminal.
    Form(Box<Settings>),
    Command(Command),
    /// Nothing more: help, version or a usage error was written; the exit code.
    Over(u8),
}

/// A command that is ready to run.
pub struct Command {
    run: Run,
    matches: ArgMatches,
    settings: Box<Settings>,
}

impl Command {
    /// Runs it and writes its answer; gives the exit code.
    pub fn run(&self) -> u8 {
        match (self.run)(&self.settings, &self.matches) {
            Ok(answer) => self.settings.printer.answer(&answer),
            Err(problem) => self.settings.printer.problem(&problem),
        }
    }
}

pub fn parse(start: &Start) -> Invocation {
    let printer = settings::printer(start);
    let lang = printer.lang;
    let matches = match arguments::tree(COMMANDS, lang).try_get_matches_from(&start.arguments) {
        Ok(matches) => matches,
        Err(error) => return Invocation::Over(usage::answer(&error, &printer)),
    };
    let settings = Box::new(Settings::read(&matches, printer, start));
    match entry::chosen(COMMANDS, &matches) {
        Some((run, matches)) => Invocation::Command(Command { run, matches: matches.clone(), settings }),
        None if start.terminals.stdin && start.terminals.stdout && !printer.json => Invocation::Form(settings),
        None => Invocation::Over(printer.problem(&no_terminal(&settings))),
    }
}

/// What is said where there is no terminal for the form.
pub fn no_terminal(settings: &Settings) -> Problem {
    usage::no_terminal(COMMANDS.iter().map(|entry| entry.name).filter(|name| !name.contains(' ')), settings.lang)
}
