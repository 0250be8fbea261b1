//! What the process was started with, read once, and the settings that follow from it.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use clap::ArgMatches;
use serde_json::Value;

use super::again::Again;
use super::print::{Answer, Output, Printer};
use crate::catalog::Catalog;
use crate::check::Options;
use crate::check::credentials::{Credentials, CredentialsError};
use crate::document::draft::DraftLocations;
use crate::document::identity::{Identity, Who};
use crate::document::saver::Saver;
use crate::document::timestamp::Timestamp;
use crate::document::zone::{Wall, Zone};
use crate::document::{Location, ReadError};
use crate::lang::Lang;
use crate::problem::{Kind, Problem};
use crate::safe::Safe;
use crate::say;
use crate::session::reports::Editor;
use crate::session::{self, Choice, Session, Why};
use crate::text::Charset;
use crate::text::line::Line;

/// What the process was started with. Only `main` reads the environment; all others are handed this.
pub struct Start<'a> {
    /// All arguments, the program's own name first.
    pub arguments: Vec<OsString>,
    pub variable: &'a dyn Fn(&str) -> Option<OsString>,
    /// True for the superuser, whose document is the machine's.
    pub is_root: bool,
    /// Finds out who runs the program; asked only where something is saved.
    pub identify: fn() -> Identity,
    pub clock: fn() -> SystemTime,
    pub terminals: Terminals,
}

/// Which of the standard streams are terminals.
#[derive(Clone, Copy, Debug)]
pub struct Terminals {
    pub stdin: bool,
    pub stdout: bool,
    pub stderr: bool,
}

impl Start<'_> {
    /// A variable that is set, as text; what of it is not UTF-8 is replaced.
    fn text(&self, name: &str) -> Option<String> {
        (self.variable)(name).map(|value| value.to_string_lossy().into_owned()).filter(|value| !value.is_empty())
    }
}

/// How to write the answer. Help and usage errors depend on it, so the arguments are searched for it, as far as `--`,
/// before clap reads them; clap reports what is wrong there.
pub(super) fn printer(start: &Start) -> Printer {
    let named: Vec<&OsString> = start.arguments.iter().skip(1).take_while(|argument| *argument != "--").collect();
    let has = |flag: &str| named.iter().any(|argument| *argument == flag);
    let value = |flag: &str| {
        let joined = |argument: &OsStr| Some(argument.to_str()?.strip_prefix(flag)?.strip_prefix('=')?.to_owned());
        named.iter().enumerate().rev().find_map(|(index, argument)| match named.get(index + 1) {
            Some(next) if *argument == flag => next.to_str().map(str::to_owned),
            _ => joined(argument),
        })
    };
    let lang = value("--lang").and_then(|name| Lang::from_name(&name));
    let json = has("--json");
    let term = start.text("TERM");
    let obeys_sequences = term.as_ref().is_some_and(|term| term != "dumb");
    // The variable is that of other programs with such a form.
    let is_wished = has("--plain") || start.text("ACCESSIBLE").is_some_and(|value| value != "0");
    let plain = is_wished || !obeys_sequences;
    let colour = |is_terminal: bool| match value("--color").as_deref() {
        Some("always") => true,
        Some("never") => false,
        // <https://no-color.org>
        _ => is_terminal && !plain && start.text("NO_COLOR").is_none(),
    };
    // Output to a file does not depend on the terminal, but still on the locale.
    let term = term.clone().filter(|_| start.terminals.stdout).unwrap_or_default();
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| start.text(name));
    Printer {
        lang: lang.unwrap_or_else(|| Lang::from_environment(|name| start.text(name))),
        json,
        colour_out: colour(start.terminals.stdout),
        colour_err: colour(start.terminals.stderr),
        charset: Charset::detect(has("--ascii"), &term, &locale.unwrap_or_default()),
        live: start.terminals.stderr && !json && !plain,
        plain,
        usual_columns: start
            .text("COLUMNS")
            .and_then(|columns| columns.trim().parse().ok())
            .filter(|columns| *columns > 0),
    }
}

/// The folder of extension catalogs beside a document.
const EXTENSIONS: &str = "catalog.d";

/// What holds for every front end: the global options and what the environment says in their place.
#[derive(Clone, Debug)]
pub struct Settings {
    pub lang: Lang,
    /// How the answer is written.
    pub printer: Printer,
    pub terminals: Terminals,
    /// Which document it is; `None` where neither an option nor the environment tells.
    choice: Option<Choice>,
    /// Where that is: found once.
    location: Option<Location>,
    /// The folder of extension catalogs that was named.
    pub catalog_folder: Option<PathBuf>,
    /// The login for PostgreSQL, or what is wrong with it.
    credentials: Result<Credentials, CredentialsError>,
    /// The name of the account that runs the program.
    account: Option<String>,
    /// The palette of the form that was asked for, by name.
    pub theme: Option<String>,
    pub identify: fn() -> Identity,
    clock: fn() -> SystemTime,
    pub drafts: DraftLocations,
    /// `TZ`.
    zone_named: Option<String>,
    zone: OnceLock<Zone>,
    /// The program that edits a file.
    pub editor: Editor,
    /// The command line, for what is told of it.
    pub again: Again,
}

impl Settings {
    /// The settings that the options and the environment make.
    pub(super) fn read(matches: &ArgMatches, printer: Printer, start: &Start) -> Settings {
        let path = |name: &str| matches.get_one::<PathBuf>(name).cloned();
        let account = |name: &str| (start.variable)(name)?.into_string().ok().filter(|name| !name.is_empty());
        let variable = |name: &str| (start.variable)(name).map(PathBuf::from);
        let choice = session::locate(path("config").as_deref(), &variable, &session::system_exists, start.is_root);
        let again = Again {
            document: choice.as_ref().map(|choice| (choice.path.clone(), choice.why == Why::Flag)),
            catalog: path("catalog"),
            ..Again::of(&start.arguments, printer.lang, start.is_root)
        };
        Settings {
            lang: printer.lang,
            printer,
            terminals: start.terminals,
            location: choice.as_ref().map(|choice| match choice.why {
                Why::SystemExists => Location::find_expected(&choice.path),
                _ => Location::find(&choice.path),
            }),
            choice,
            catalog_folder: path("catalog"),
            credentials: credentials(matches, start),
            account: account("USER").or_else(|| account("LOGNAME")),
            theme: matches.get_one::<String>("theme").cloned().or_else(|| start.text("BALCAO_THEME")),
            identify: start.identify,
            clock: start.clock,
            drafts: DraftLocations::of(&variable),
            zone_named: (start.variable)("TZ").map(|name| name.into_string().unwrap_or_default()),
            zone: OnceLock::new(),
            editor: Editor::of(start.variable),
            again,
        }
    }

    /// Which document is in use, and why.
    pub(super) fn choice(&self) -> Result<&Choice, Problem> {
        self.choice.as_ref().ok_or_else(|| self.no_place())
    }

    /// Where it is, if anything leads there.
    pub fn location(&self) -> Result<&Location, Problem> {
        let location = self.location_as_found()?;
        ReadError::blocked(location).map_or(Ok(location), |error| Err(error.problem(self.lang)))
    }

    /// The same for who tells in another way what is in the way.
    pub fn location_as_found(&self) -> Result<&Location, Problem> {
        if self.choice.as_ref().is_some_and(|choice| choice.path.as_os_str() == "-") {
            return Err(self.no_name());
        }
        self.location.as_ref().ok_or_else(|| self.no_place())
    }

    /// `-` is what comes on stdin, for the commands that take a FILE; a document is saved, and has a name.
    fn no_name(&self) -> Problem {
        let message = say!(
            self.lang,
            "“-” não é o nome de um arquivo: a configuração não pode vir de um pipe.",
            "“-” is not a file's name: the configuration cannot come from a pipe."
        );
        let hint = say!(
            self.lang,
            "Para validar o que vem de um pipe: balcao-config validate -",
            "To validate what comes from a pipe: balcao-config validate -"
        );
        Problem::new(Kind::Usage, "no_name", message).hint(hint)
    }

    fn no_place(&self) -> Problem {
        let message = say!(
            self.lang,
            "Não se sabe onde está o arquivo: nem HOME nem XDG_CONFIG_HOME estão definidas.",
            "It is not known where the file is: neither HOME nor XDG_CONFIG_HOME is set."
        );
        let hint = say!(self.lang, "Informe o arquivo com --config.", "Give the file with --config.");
        Problem::new(Kind::Usage, "no_place", message).hint(hint)
    }

    /// The rules of local time, read where a time is shown.
    pub fn zone(&self) -> &Zone {
        self.zone.get_or_init(|| Zone::of(self.zone_named.as_deref()))
    }

    /// What times are told by.
    pub(super) fn wall(&self) -> Wall {
        Wall { zone: self.zone().clone(), now: self.now() }
    }

    /// The catalog: the one built in, and the extensions of the folder named, or else of `catalog.d` beside the document.
    pub fn catalog(&self) -> Result<Arc<Catalog>, Problem> {
        let loaded = match (&self.catalog_folder, &self.location) {
            (Some(named), _) => Catalog::load(named),
            (None, Some(_)) => {
                let location = self.location()?;
                let path = self.extensions(location)?;
                match location.folder().map_err(|error| ReadError::of_file(&path, error.into()).problem(self.lang))? {
                    Some(folder) => Catalog::beside(folder, &path),
                    None => Ok(Catalog::built_in()),
                }
            }
            (None, None) => Ok(Catalog::built_in()),
        };
        loaded.map(Arc::new).map_err(|errors| errors.problem(self.lang))
    }

    /// The same for the form, which opens also where it cannot come to the document, and tells it.
    pub fn catalog_of_form(&self) -> Result<Arc<Catalog>, Problem> {
        match self.location.as_ref().is_some_and(|location| location.blocked().is_some())
            && self.catalog_folder.is_none()
        {
            true => Ok(Arc::new(Catalog::built_in())),
            false => self.catalog(),
        }
    }

    /// The folder of extensions beside the document; an error where there is one beside a link to it alone, since it would
    /// hold for the one name and not for the other.
    fn extensions(&self, location: &Location) -> Result<PathBuf, Problem> {
        let here = location.path().with_file_name(EXTENSIONS);
        let Some(alone) = location.beside_link_alone(EXTENSIONS) else { return Ok(here) };
        let message = say!(
            self.lang,
            "{} está ao lado do link; só valem os catálogos ao lado do próprio arquivo, em {}, e lá não há nenhum.",
            "{} is beside the link; only catalogs beside the file itself are used, in {}, and there are none there.",
            Safe::path(&alone),
            Safe::path(&here)
        );
        let named = Safe::for_shell(&alone);
        let hint = match location.foreign() {
            // Another could exchange it for what root would then move.
            Some(_) => say!(self.lang, "Informe a pasta: --catalog {}", "Give the folder: --catalog {}", named),
            None => say!(
                self.lang,
                "Mova a pasta: mv -T {} {}; ou informe-a: --catalog {}",
                "Move the folder: mv -T {} {}; or give it: --catalog {}",
                named,
                Safe::for_shell(&here),
                named
            ),
        };
        Err(Problem::new(Kind::Document, "catalog_beside_link", message).hint(hint).at(&alone, None))
    }

    /// That a folder of extensions is not the one in force.
    pub(super) fn ignored_catalogs(&self) -> Option<Safe> {
        let location = self.location.as_ref().filter(|_| self.catalog_folder.is_none())?;
        let ignored = location.beside_link_too(EXTENSIONS)?;
        Some(say!(
            self.lang,
            "Os catálogos de {} não são usados: valem os que estão ao lado do próprio arquivo, em {}.",
            "The catalogs of {} are not used: those beside the file itself are, in {}.",
            Safe::path(&ignored),
            Safe::path(&location.path().with_file_name(EXTENSIONS))
        ))
    }

    /// How checks are run: by whom, and for as long as usual.
    pub fn check_options(&self) -> Result<Options, Problem> {
        let credentials = self.credentials.clone().map_err(|error| error.problem(self.lang))?;
        Ok(self.options_with(credentials))
    }

    /// The same for the form, which opens whatever the login's variables say: its test tells what is wrong with them.
    pub fn check_options_of_form(&self) -> Options {
        self.options_with(self.credentials.clone().unwrap_or_else(Credentials::unusable))
    }

    fn options_with(&self, credentials: Credentials) -> Options {
        Options {
            credentials: Arc::new(credentials),
            account: self.account.clone(),
            clock: Some(self.clock),
            ..Options::default()
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::of((self.clock)())
    }

    /// In whose name documents are saved.
    pub fn saver(&self) -> Saver {
        Saver { zone: self.zone().clone(), is_logged: true, ..Saver::new(Who::found_by(self.identify), self.clock) }
    }

    /// The document, opened to be looked at.
    pub(super) fn session(&self) -> Result<Session, Problem> {
        self.session_or_broken()?.map_err(|error| error.problem(self.lang))
    }

    /// The same, or why it cannot be read.
    pub(super) fn session_or_broken(&self) -> Result<Result<Session, ReadError>, Problem> {
        let catalog = self.catalog()?;
        Ok(Session::at(self.location()?, catalog))
    }

    /// The answer in the form that is wanted, lines or JSON; the other is never made.
    pub(super) fn answer(&self, lines: impl FnOnce() -> Vec<Line>, json: impl FnOnce() -> Value) -> Answer {
        let output = if self.printer.json { Output::Json(json()) } else { Output::Lines(lines()) };
        Answer { output, ..Answer::default() }
    }
}

/// The login for the checks: what the options say goes before the environment.
fn credentials(matches: &ArgMatches, start: &Start) -> Result<Credentials, CredentialsError> {
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    let allowed: Vec<String> = matches.get_many("allow-auth").unwrap_or_default().cloned().collect();
    Credentials::from_environment(start.variable)?.with_login(text("db-user"), text("db-name"))?.allowing(&allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lang(arguments: &[&str], environment: &'static str) -> Lang {
        let start = Start {
            arguments: std::iter::once("balcao-config").chain(arguments.iter().copied()).map(OsString::from).collect(),
            variable: &|name| (name == "LANG").then(|| environment.into()),
            is_root: false,
            identify: Identity::default,
            clock: SystemTime::now,
            terminals: Terminals { stdin: false, stdout: false, stderr: false },
        };
        printer(&start).lang
    }

    #[test]
    fn the_language_is_known_before_anything_is_read() {
        assert_eq!(lang(&[], "pt_BR.UTF-8"), Lang::Pt);
        assert_eq!(lang(&["get", "--lang", "en"], "pt_BR.UTF-8"), Lang::En);
        assert_eq!(lang(&["--lang=pt", "get"], "en_US.UTF-8"), Lang::Pt);
        assert_eq!(lang(&["get", "--", "--lang", "pt"], "en_US.UTF-8"), Lang::En);
        assert_eq!(lang(&["--lang"], "en_US.UTF-8"), Lang::En);
        assert_eq!(lang(&["--lang", "de"], "en_US.UTF-8"), Lang::En);
    }
}
