//! The program: reads its environment once, chooses the front end, and exits with its code.

use std::env;
use std::io::{self, IsTerminal, stderr, stdin, stdout};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::SystemTime;

use balcao_config::catalog::Catalog;
use balcao_config::check::{self, discover};
use balcao_config::cli::{self, Answer, Invocation, Output, Settings, Start, Terminals};
use balcao_config::document::identity::Identity;
use balcao_config::plain;
use balcao_config::present::exit_report::ExitReport;
use balcao_config::problem::Problem;
use balcao_config::safe::Safe;
use balcao_config::session::ending::Ending;
use balcao_config::text::encoding::Encoding;
use balcao_config::tui::{self, Setup, TerminalTraits, Theme};

fn main() -> ExitCode {
    check::thread::hush_panics();
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
    let code = match cli::run(&start) {
        Invocation::Form(settings) => {
            form(&settings).unwrap_or_else(|problem| settings.printer.problem(&settings.again.completed(problem)))
        }
        Invocation::Over(code) => code,
    };
    ExitCode::from(code)
}

fn identify() -> Identity {
    Identity::of(rustix::process::geteuid().as_raw(), std::process::id(), &|name| env::var(name).ok())
}

/// Opens the form; after it has closed, prints what came of it.
fn form(settings: &Settings) -> Result<u8, Problem> {
    let (lang, printer) = (settings.lang, settings.printer);
    let catalog = settings.catalog_of_form()?;
    let waiting = |why: Safe| {
        printer.farewell(Answer { notes: vec![why.into()], ..Answer::default() });
    };
    let ended = match printer.plain {
        true => line_by_line(settings, &catalog, &waiting)?,
        false => drawn(settings, &catalog, &waiting)?,
    };
    let report = ended.map_err(|error| tui::no_screen(&error, lang))?;
    let output = Output::Lines(report.lines(&catalog, lang, &|words| settings.again.command(words)));
    let answer = Answer {
        output,
        notes: report.notes(lang),
        done: report.has_done(),
        code: report.exit_code(),
        ..Answer::default()
    };
    let code = match report.ending {
        Ending::Signal(..) => printer.farewell(answer),
        _ => printer.answer(&answer),
    };
    Ok(report.problem().map_or(code, |problem| printer.problem(&settings.again.completed(problem.clone()))))
}

/// The form that is drawn.
fn drawn(
    settings: &Settings,
    catalog: &Arc<Catalog>,
    waiting: &dyn Fn(Safe),
) -> Result<io::Result<ExitReport>, Problem> {
    let (lang, printer) = (settings.lang, settings.printer);
    let setup = Setup {
        lang,
        theme: Theme::new(printer.charset, printer.colour_out, settings.theme.as_deref()),
        check: settings.check_options_of_form(),
        location: settings.location_as_found()?.clone(),
        saver: settings.saver().into(),
        locations: settings.drafts.clone(),
        editor: settings.editor.clone(),
        search: discover::around,
        catalog: settings.catalog_folder.as_ref().and_then(|folder| std::path::absolute(folder).ok()),
    };
    let variable = |name: &str| env::var(name).ok();
    let traits = TerminalTraits::of(&variable, printer.colour_out);
    Ok(tui::run(setup, Arc::clone(catalog), traits, waiting))
}

/// The same form, line by line.
fn line_by_line(
    settings: &Settings,
    catalog: &Arc<Catalog>,
    waiting: &dyn Fn(Safe),
) -> Result<io::Result<ExitReport>, Problem> {
    let printer = settings.printer;
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(|name| env::var(name).ok());
    let setup = plain::Setup {
        lang: settings.lang,
        traits: plain::Traits {
            charset: printer.charset,
            encoding: Encoding::of(&locale.into_iter().find(|value| !value.is_empty()).unwrap_or_default()),
            usual_columns: printer.usual_columns.unwrap_or(80),
        },
        check: settings.check_options_of_form(),
        location: settings.location_as_found()?.clone(),
        saver: settings.saver().into(),
        locations: settings.drafts.clone(),
        editor: settings.editor.clone(),
        catalog: settings.catalog_folder.as_ref().and_then(|folder| std::path::absolute(folder).ok()),
    };
    Ok(plain::run(setup, catalog, waiting))
}
