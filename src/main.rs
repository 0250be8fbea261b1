//! The program: looks at its surroundings once, chooses the front end, and ends with its exit code.

use std::env;
use std::io::{IsTerminal, stderr, stdin, stdout};
use std::process::ExitCode;
use std::time::SystemTime;

use balcao_config::cli::print::{Answer, Printer};
use balcao_config::cli::{self, Invocation, Settings, Start, Terminals};
use balcao_config::document::identity::Identity;
use balcao_config::problem::Problem;
use balcao_config::tui::{self, Setup, TerminalTraits, Theme};

fn main() -> ExitCode {
    let start = Start {
        arguments: env::args_os().collect(),
        variable: &|name| env::var_os(name),
        is_root: rustix::process::geteuid().is_root(),
        identify,
        clock: SystemTime::now,
        terminals: Terminals {
            stdin: stdin().is_terminal(),
            stdout: stdout().is_terminal(),
            stderr: stderr().is_terminal(),
        },
    };
    let code = match cli::parse(&start) {
        Invocation::Form(settings, printer) => match form(&settings, &printer) {
            Ok(code) => code,
            Err(problem) => printer.problem(&problem),
        },
        Invocation::Command(command) => command.run(),
        Invocation::Over(code) => code,
    };
    ExitCode::from(code)
}

fn identify() -> Identity {
    Identity::of(rustix::process::geteuid().as_raw(), std::process::id(), &|name| env::var(name).ok())
}

/// Opens the form; once it has closed, says what came of it.
fn form(settings: &Settings, printer: &Printer) -> Result<u8, Problem> {
    let lang = settings.lang;
    let catalog = settings.catalog()?;
    let setup = Setup {
        lang,
        theme: Theme::new(settings.charset, settings.colour),
        check: settings.check_options()?,
        path: settings.place()?.path.clone(),
        saver: settings.saver(),
        shelf: settings.shelf.clone(),
        editor: settings.editor.clone(),
        zone: settings.zone.clone(),
        catalog: settings.catalog.as_ref().and_then(|folder| std::path::absolute(folder).ok()),
    };
    let variable = |name: &str| env::var(name).ok();
    let terminal_traits =
        TerminalTraits::of(&variable("TERM").unwrap_or_default(), variable("ESCDELAY").as_deref(), settings.colour);
    let exit_report =
        tui::run(setup, catalog.clone(), terminal_traits).map_err(|error| tui::no_screen(&error, lang))?;
    let (lines, notes) = (exit_report.lines(&catalog, lang), exit_report.notes(lang));
    let code = printer.answer(&Answer { lines, notes, code: exit_report.exit_code(), ..Answer::default() });
    Ok(exit_report.problem().map_or(code, |problem| printer.problem(problem)))
}
