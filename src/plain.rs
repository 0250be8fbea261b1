//! The same form line by line, for serial consoles, screen readers and terminals that nothing can be drawn on.
//!
//! It asks for a group, then for each of its parameters; commands answer any question. One thing a line, nothing by its
//! position, no colour and no cursor. What it says is what the other form says, from the same sentences, with marks as words.
//! Unlike that one it is written as a conversation: a [`Step`] is what comes of a question, and a [`Stop`] leads out of it.

mod actions;
mod command;
mod console;
mod finding;
mod form;
mod groups;
mod opening;
mod others;
mod parameter;
mod past;
mod saving;
mod setup;
mod spoken;
mod step;
mod testing;

use std::io;
use std::sync::Arc;

use signal_hook::consts::SIGINT;

use crate::catalog::Catalog;
use crate::document::watch::Watch;
use crate::present::exit_report::ExitReport;
use crate::safe::Safe;
use crate::say;
use crate::session::autosave::Kept;
use crate::session::ending::Ending;
use command::Command;
use console::Console;
pub use console::Traits;
use form::{Form, Place};
pub use setup::Setup;
use step::{Step, Stop};

/// Opens the form on the terminal that stdin and stdout are. Errors: what the system says where the terminal cannot be had.
///
/// Whoever waits for the disk at its end is told by `waiting`.
pub fn run(setup: Setup, catalog: &Arc<Catalog>, waiting: &dyn Fn(Safe)) -> io::Result<ExitReport> {
    // Watched before it is read: what happens after that is heard.
    let watch = Watch::of(&setup.location).ok().map(Arc::new);
    let is_watched = watch.as_ref().is_some_and(|watch| watch.arm().is_ok());
    // Whatever the file says is read before the terminal changes hands.
    let found = opening::read(&setup, catalog);
    let mut console = Console::open(setup.traits)?;
    let usual_signals = console.usual_signals();
    let report = match opening::until_readable(found, &mut console, &setup, catalog) {
        Ok(opened) => {
            let mut form = Form::new(setup, opened, watch, is_watched, console);
            let ending = fill_in(&mut form);
            form.close(ending, waiting)
        }
        Err(ending) => ExitReport { ending, kept: Kept::Nothing, remarks: vec![], printed: vec![], again: vec![] },
    };
    // With the edits kept, nothing that follows may hold a program that is told to end.
    usual_signals.restore();
    Ok(report)
}

/// Asks until the form is left.
fn fill_in(form: &mut Form) -> Ending {
    let mut step = opening::tell(form);
    loop {
        step = match step {
            Ok(()) => ask(form),
            // Twice in a row: nobody wants to be asked.
            Err(Stop::Interrupted) => match saving::leave(form) {
                Err(Stop::Interrupted) => Err(Stop::Signal(SIGINT)),
                other => other,
            },
            Err(Stop::Left(ending)) => return *ending,
            Err(Stop::Signal(signal)) => return Ending::Signal(signal, form.session.changes().len()),
        };
    }
}

/// One question of the form, and the command that answers it. Ctrl+C in that leads back here.
fn ask(form: &mut Form) -> Step<()> {
    others::tell(form)?;
    let answer = match form.place {
        Place::Groups => groups::ask(form)?,
        Place::Parameter(group, number) => parameter::ask(form, group, number)?,
    };
    match answer.map_or(Ok(()), |command| obey(form, command)) {
        Err(Stop::Interrupted) => form.tell(say!(form.lang(), "Cancelado.", "Interrupted.")),
        other => other,
    }
}

fn obey(form: &mut Form, command: Command) -> Step<()> {
    match command {
        Command::Test => testing::all(form),
        Command::Compare => saving::compare(form),
        Command::Save => saving::ask(form),
        Command::Undo | Command::Redo => saving::take_back(form, command),
        Command::Default | Command::Before => Ok(()),
        Command::Find => finding::ask(form),
        Command::History => past::ask(form),
        Command::Actions => actions::ask(form),
        Command::Leave => saving::leave(form),
    }
}
