//! The command line: from arguments to a command and its answer.
//!
//! Every command is one record in `COMMANDS` and one file below `cli/`: what it takes and what it does stand together.
//! A command gives an [`Answer`] or a [`Problem`] and writes nothing itself; `print` does. The form is not opened here:
//! [`parse`] says that it is wanted, and `main` opens it.

mod action;
mod apply;
mod arguments;
mod check;
mod diff;
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
mod usage;
mod validate;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use clap::ArgMatches;

use crate::catalog::{Catalog, Parameter};
use crate::check::Options;
use crate::check::credentials::{self, Credentials, CredentialsError};
use crate::document::draft::DraftLocations;
use crate::document::identity::Identity;
use crate::document::saver::Saver;
use crate::document::timestamp::Timestamp;
use crate::document::zone::Zone;
use crate::key::Key;
use crate::lang::Lang;
use crate::problem::{Kind, Problem};
use crate::safe::Safe;
use crate::say;
use crate::session::reports::Editor;
use crate::session::{Change, Place, Session};
use crate::text::Charset;
use print::{Answer, Printer};
pub use usage::no_terminal;

/// A command: its name, what it takes, what it does.
struct Entry {
    name: &'static str,
    takes: fn(clap::Command, Lang) -> clap::Command,
    run: fn(&Settings, &ArgMatches) -> Result<Answer, Problem>,
}

/// All commands, in the order of the help.
const COMMANDS: [Entry; 16] = [
    Entry { name: "get", takes: get::takes, run: get::run },
    Entry { name: "set", takes: set::takes, run: set::run },
    Entry { name: "unset", takes: set::unset_takes, run: set::unset_run },
    Entry { name: "list", takes: list::takes, run: list::run },
    Entry { name: "explain", takes: explain::takes, run: explain::run },
    Entry { name: "validate", takes: validate::takes, run: validate::run },
    Entry { name: "diff", takes: diff::takes, run: diff::run },
    Entry { name: "export", takes: export::takes, run: export::run },
    Entry { name: "apply", takes: apply::takes, run: apply::run },
    Entry { name: "history", takes: history::takes, run: history::run },
    Entry { name: "rollback", takes: rollback::takes, run: rollback::run },
    Entry { name: "recover", takes: recover::takes, run: recover::run },
    Entry { name: "check", takes: check::takes, run: check::run },
    Entry { name: "action", takes: action::takes, run: action::run },
    Entry { name: "schema", takes: schema::takes, run: schema::run },
    Entry { name: "path", takes: path::takes, run: path::run },
];

/// What the process was started with. The only look at the environment is `main`'s; everybody else is handed this.
pub struct Start<'a> {
    /// All arguments, the program's own name first.
    pub arguments: Vec<OsString>,
    pub variable: &'a dyn Fn(&str) -> Option<OsString>,
    /// True for the superuser, whose document is the machine's.
    pub is_root: bool,
    /// Finds out who runs the program; asked only where something is saved.
    pub identify: fn() -> Identity,
    pub clock: fn() -> SystemTime,
    /// What is connected to a terminal.
    pub terminals: Terminals,
}

/// Which of the standard streams are terminals.
#[derive(Clone, Copy, Debug)]
pub struct Terminals {
    pub stdin: bool,
    pub stdout: bool,
    pub stderr: bool,
}

/// What holds for every front end: the global options and what the environment says in their place.
#[derive(Clone, Debug)]
pub struct Settings {
    pub lang: Lang,
    /// Where the document is; `None` where neither an option nor the environment tells.
    pub place: Option<Place>,
    /// The folder of extension catalogs that was named.
    pub catalog: Option<PathBuf>,
    /// Colours are wanted, or not forbidden, on stdout.
    pub colour: bool,
    /// Which characters can be shown.
    pub charset: Charset,
    /// The login for PostgreSQL, its password file not yet read; or what makes no sense about it.
    pub credentials: Result<Credentials, CredentialsError>,
    /// The name of the account that runs the program.
    pub account: Option<String>,
    /// Finds out who runs the program.
    pub identify: fn() -> Identity,
    pub clock: fn() -> SystemTime,
    /// Where drafts are kept and looked for.
    pub shelf: DraftLocations,
    pub zone: Zone,
    /// The program that edits a file.
    pub editor: Editor,
    /// For commands that say something before their answer.
    pub printer: Printer,
    /// What is connected to a terminal.
    pub terminals: Terminals,
}

/// What the arguments ask for.
pub enum Invocation {
    /// The form, on a terminal.
    Form(Settings, Printer),
    Command(Command),
    /// Nothing more: help, version or a usage error was written; the exit code.
    Over(u8),
}

/// A command that is ready to run.
pub struct Command {
    run: fn(&Settings, &ArgMatches) -> Result<Answer, Problem>,
    matches: ArgMatches,
    settings: Settings,
    printer: Printer,
}

impl Command {
    /// Runs it and writes its answer; gives the exit code.
    pub fn run(&self) -> u8 {
        match (self.run)(&self.settings, &self.matches) {
            Ok(answer) => self.printer.answer(&answer),
            Err(problem) => self.printer.problem(&problem),
        }
    }
}

pub fn parse(start: &Start) -> Invocation {
    // Help and usage errors are worded before clap has read anything, so what they depend on is looked for first.
    let early = arguments::Early::look(start);
    let matches = match arguments::tree(early.lang).try_get_matches_from(&start.arguments) {
        Ok(matches) => matches,
        Err(error) => return Invocation::Over(usage::answer(&error, &early.printer(start))),
    };
    let settings = arguments::settings(&matches, early, start);
    let printer = early.printer(start);
    let chosen = matches.subcommand().and_then(|(name, matches)| {
        let entry = COMMANDS.iter().find(|entry| entry.name == name)?;
        Some((entry.run, matches.clone()))
    });
    match chosen {
        Some((run, matches)) => Invocation::Command(Command { run, matches, settings, printer }),
        None if start.terminals.stdin && start.terminals.stdout && !early.json => Invocation::Form(settings, printer),
        None => Invocation::Over(printer.problem(&no_terminal(settings.lang))),
    }
}

impl Settings {
    pub fn place(&self) -> Result<&Place, Problem> {
        self.place.as_ref().ok_or_else(|| {
            let message = say!(
                self.lang,
                "não há onde procurar o documento: nem HOME nem XDG_CONFIG_HOME estão definidas",
                "there is no place to look for the document: neither HOME nor XDG_CONFIG_HOME is set"
            );
            let hint = say!(self.lang, "Diga onde ele está com --config.", "Say where it is with --config.");
            Problem::new(Kind::Usage, "no_place", message).hint(hint)
        })
    }

    /// The catalog: the one built in, and the extensions of the folder named, or else of `catalog.d` beside the document.
    pub fn catalog(&self) -> Result<Arc<Catalog>, Problem> {
        let beside = || Some(self.place.as_ref()?.path.parent()?.join("catalog.d"));
        let loaded = match (&self.catalog, beside()) {
            (Some(named), _) => Catalog::load(named, true),
            (None, Some(beside)) => Catalog::load(&beside, false),
            (None, None) => Ok(Catalog::built_in()),
        };
        loaded.map(Arc::new).map_err(|errors| errors.problem(self.lang))
    }

    /// How checks are run: by whom, and for as long as usual. Reads the password file.
    pub fn check_options(&self) -> Result<Options, Problem> {
        let credentials = self.credentials.clone().map_err(|error| error.problem(self.lang))?;
        let credentials = Arc::new(credentials.with_passfile(&credentials::read_file));
        Ok(Options { credentials, account: self.account.clone(), clock: Some(self.clock), ..Options::default() })
    }

    fn now(&self) -> Timestamp {
        Timestamp::of((self.clock)())
    }

    /// In whose name documents are saved.
    pub fn saver(&self) -> Arc<Saver> {
        Arc::new(Saver::new((self.identify)(), self.clock))
    }

    /// The document, opened to be looked at.
    pub fn session(&self) -> Result<Session, Problem> {
        let catalog = self.catalog()?;
        Session::open(&self.place()?.path, catalog).map_err(|error| error.problem(self.lang))
    }
}

/// The parameter of that name, or the problem that there is none, with the nearest name.
fn parameter<'a>(catalog: &'a Catalog, written: &str, lang: Lang) -> Result<&'a Parameter, Problem> {
    let known = Key::parse(written).and_then(|key| catalog.parameter(&key));
    known.ok_or_else(|| {
        let key = Safe::outside(written);
        let message = say!(lang, "o parâmetro “{}” não existe no catálogo", "the catalog has no parameter “{}”", key);
        let mut problem = Problem::new(Kind::Value, "unknown_key", message);
        problem.key = Some(key);
        problem.hint(match catalog.nearest(written) {
            Some(near) => {
                say!(lang, "O nome mais próximo é {}", "The nearest name is {}", Safe::outside(near.as_str()))
            }
            None => say!(lang, "Veja todos: balcao-config list", "See them all: balcao-config list"),
        })
    })
}

fn change_json(change: &Change) -> serde_json::Value {
    serde_json::json!({ "key": change.key.as_str(), "from": change.from, "to": change.to })
}
