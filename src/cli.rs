//! The command line: from arguments to a command and its answer.
//!
//! Every command is one row in [`COMMANDS`] and one file below `cli/`, which has both its arguments and what it does.
//! A command returns an [`Answer`] or a [`Problem`](crate::problem::Problem); only `print` writes. The form is not
//! opened here: [`run`] says that it is wanted, and `main` opens it.

mod action;
mod again;
mod apply;
mod arguments;
mod check;
mod diff;
mod discover;
mod entry;
mod explain;
mod export;
mod get;
mod help;
mod history;
mod invalid;
mod list;
mod password;
mod path;
mod print;
mod recover;
mod rollback;
mod schema;
mod set;
mod settings;
mod usage;
mod validate;

use again::Again;
pub(crate) use entry::Entry;
pub use print::{Answer, Output};
pub use settings::{Settings, Start, Terminals};

/// All commands, in the order of the help; subcommands follow their command.
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
    discover::COMMAND,
    action::COMMAND,
    action::excluir_tab_versao::COMMAND,
    action::editar_relatorio::COMMAND,
    schema::COMMAND,
    path::COMMAND,
    help::COMMAND,
];

/// What is left to do.
pub enum Invocation {
    /// The form, on a terminal.
    Form(Box<Settings>),
    /// Nothing: the answer, the help or the usage error has been written. The exit code.
    Over(u8),
}

/// Does what the arguments ask for, except opening the form.
pub fn run(start: &Start) -> Invocation {
    let printer = settings::printer(start);
    let lang = printer.lang;
    // Making all commands takes longer than reading a value; those that no argument names are missed in help and errors alone.
    let is_named = |entry: &&Entry| {
        let name = entry.name.split(' ').next().unwrap_or_default();
        start.arguments.iter().any(|argument| argument == name)
    };
    let named: Vec<Entry> = COMMANDS.iter().filter(is_named).copied().collect();
    let read = |entries: &[Entry]| arguments::tree(entries, lang).try_get_matches_from(&start.arguments);
    let matches = read(&named).or_else(|_| read(COMMANDS)).and_then(|matches| match matches.subcommand() {
        Some((help::NAME, of_help)) => {
            arguments::tree(COMMANDS, lang).try_get_matches_from(help::asked(start.arguments.first(), of_help))
        }
        _ => Ok(matches),
    });
    let matches = match matches {
        Ok(matches) => matches,
        Err(error) => {
            return Invocation::Over(usage::answer(
                &error,
                &printer,
                &Again::of(&start.arguments, lang, start.is_root),
            ));
        }
    };
    let settings = Box::new(Settings::read(&matches, printer, start));
    let result = match entry::chosen(COMMANDS, &matches) {
        Some((run, matches)) => run(&settings, matches),
        None if start.terminals.stdin && start.terminals.stdout && !printer.json => return Invocation::Form(settings),
        None => {
            let over_ssh = (start.variable)("SSH_CONNECTION").is_some();
            Err(usage::no_terminal(COMMANDS.iter().map(|entry| entry.name), over_ssh, lang))
        }
    };
    Invocation::Over(match result {
        Ok(mut answer) => {
            answer.warnings.extend(settings.ignored_catalogs());
            answer.warnings = answer.warnings.iter().map(|warning| settings.again.sentence(warning)).collect();
            printer.answer(&answer)
        }
        Err(problem) => printer.problem(&settings.again.completed(problem)),
    })
}
