//! The tree of commands and options that clap reads, and the settings that come out of it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::builder::PossibleValue;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::print::Printer;
use super::{COMMANDS, Settings, Start};
use crate::check::credentials::{Credentials, CredentialsError};
use crate::document::draft::DraftLocations;
use crate::document::zone::Zone;
use crate::lang::Lang;
use crate::session::reports::Editor;
use crate::session::{self, SYSTEM_PATH};
use crate::text::Charset;

/// What help and usage errors depend on. It is looked for without clap, since those come before clap has an answer.
#[derive(Clone, Copy)]
pub(super) struct Early {
    pub lang: Lang,
    pub json: bool,
    /// `Some` where `--color` forces it or forbids it.
    colour: Option<bool>,
    ascii: bool,
}

impl Early {
    /// Looks through the arguments as far as `--`. What is written wrongly there is told by clap soon after.
    pub fn look(start: &Start) -> Early {
        let named: Vec<&OsString> = start.arguments.iter().skip(1).take_while(|argument| *argument != "--").collect();
        let has = |flag: &str| named.iter().any(|argument| *argument == flag);
        let value = |flag: &str| {
            let joined = |argument: &OsStr| Some(argument.to_str()?.strip_prefix(flag)?.strip_prefix('=')?.to_owned());
            named.iter().enumerate().rev().find_map(|(index, argument)| match named.get(index + 1) {
                Some(next) if *argument == flag => next.to_str().map(str::to_owned),
                _ => joined(argument),
            })
        };
        let variable = |name: &str| (start.variable)(name).map(|value| value.to_string_lossy().into_owned());
        Early {
            lang: value("--lang")
                .and_then(|name| Lang::from_name(&name))
                .unwrap_or_else(|| Lang::from_environment(variable)),
            json: has("--json"),
            colour: match value("--color").as_deref() {
                Some("always") => Some(true),
                Some("never") => Some(false),
                _ => None,
            },
            ascii: has("--ascii"),
        }
    }

    /// True where colours are wanted, or not forbidden, on a stream: <https://no-color.org>, and a terminal that knows some.
    fn colour(self, start: &Start, is_terminal: bool) -> bool {
        let is_set = |name: &str| (start.variable)(name).is_some_and(|value| !value.is_empty());
        self.colour.unwrap_or(is_terminal && !is_set("NO_COLOR") && self.obeys(start))
    }

    /// Which characters can be shown. What goes to a file is no terminal's matter, but still the locale's.
    fn charset(self, start: &Start) -> Charset {
        let text = |name: &str| (start.variable)(name).map(|value| value.to_string_lossy().into_owned());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| text(name).filter(|it| !it.is_empty()));
        let term = text("TERM").filter(|_| start.terminals.stdout);
        Charset::detect(self.ascii, &term.unwrap_or_default(), &locale.unwrap_or_default())
    }

    pub fn printer(self, start: &Start) -> Printer {
        Printer {
            lang: self.lang,
            json: self.json,
            colour_out: self.colour(start, start.terminals.stdout),
            colour_err: self.colour(start, start.terminals.stderr),
            charset: self.charset(start),
            live: start.terminals.stderr && !self.json && self.obeys(start),
        }
    }

    /// True where the terminal, if there is one, knows more than plain text.
    fn obeys(self, start: &Start) -> bool {
        (start.variable)("TERM").is_some_and(|term| !term.is_empty() && term != "dumb")
    }
}

/// All commands and options, with their help in `lang`.
pub(super) fn tree(lang: Lang) -> Command {
    let about = lang.pick(
        "Configura o Gestor Balcão. Sem comando, abre o formulário.",
        "Configures Gestor Balcão. Without a command, opens the form.",
    );
    let root = Command::new("balcao-config")
        .version(env!("CARGO_PKG_VERSION"))
        .about(about)
        .override_usage(lang.pick("balcao-config [OPÇÕES] [COMANDO]", "balcao-config [OPTIONS] [COMMAND]"))
        .after_help(lang.pick(
            "“balcao-config COMANDO --help” explica um comando.",
            "“balcao-config COMMAND --help” explains a command.",
        ))
        .subcommand_help_heading(lang.pick("Comandos", "Commands"))
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .arg(
            Arg::new("version")
                .long("version")
                .short('V')
                .action(ArgAction::Version)
                .help_heading(lang.pick("Opções", "Options"))
                .help(lang.pick("Mostra a versão", "Shows the version")),
        )
        .args(global(lang));
    let commands = COMMANDS.iter().map(|entry| (entry.takes)(dressed(Command::new(entry.name), lang), lang));
    dressed(root, lang).subcommands(commands)
}

/// A command whose help is in one language throughout: clap's own headings are English.
pub(super) fn dressed(command: Command, lang: Lang) -> Command {
    command
        .help_template(lang.pick(
            "{about}\n\nUso: {usage}\n\n{all-args}{after-help}",
            "{about}\n\nUsage: {usage}\n\n{all-args}{after-help}",
        ))
        .next_help_heading(lang.pick("Opções", "Options"))
        .disable_help_flag(true)
        .args_override_self(true)
}

/// An option without a value.
pub(super) fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

/// An option with a value.
pub(super) fn option(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).hide_possible_values(true).help(help)
}

/// An argument that is known by its place.
pub(super) fn positional(lang: Lang, name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).value_name(value).help_heading(lang.pick("Argumentos", "Arguments")).help(help)
}

/// The argument that names one parameter.
pub(super) fn key(lang: Lang) -> Arg {
    let help = lang.pick("O nome de um parâmetro, grupo.nome", "The name of a parameter, group.name");
    positional(lang, "key", lang.pick("CHAVE", "KEY"), help).required(true)
}

/// The options that every command takes.
fn global(lang: Lang) -> Vec<Arg> {
    let path = || value_parser!(PathBuf);
    let lang_names = [
        PossibleValue::new("pt").aliases(["pt-BR", "pt_BR", "pt_BR.UTF-8"]),
        PossibleValue::new("en").aliases(["en-US", "en_US", "en_US.UTF-8"]),
    ];
    let (file, folder, name) = match lang {
        Lang::Pt => ("ARQUIVO", "PASTA", "NOME"),
        Lang::En => ("FILE", "FOLDER", "NAME"),
    };
    let options = [
        option("config", file, lang.pick("O documento de configuração", "The config document")).value_parser(path()),
        option("catalog", folder, lang.pick("Catálogos de extensão (*.json)", "Extension catalogs (*.json)"))
            .value_parser(path()),
        option("lang", "pt|en", lang.pick("O idioma", "The language")).value_parser(lang_names),
        option(
            "color",
            "auto|always|never",
            lang.pick("Cores: conforme o terminal, sempre, nunca", "Colours: as the terminal has them, always, never"),
        )
        .value_parser(["auto", "always", "never"]),
        flag("json", lang.pick("Um documento JSON na saída, e nada mais", "One JSON document, and nothing else")),
        flag("ascii", lang.pick("Só caracteres ASCII", "ASCII characters only")),
        option("db-user", name, lang.pick("Usuário do PostgreSQL, para os testes", "PostgreSQL user, for the checks")),
        option(
            "db-name",
            name,
            lang.pick("Banco do PostgreSQL, para os testes", "PostgreSQL database, for the checks"),
        ),
        option(
            "allow-auth",
            "md5|password",
            lang.pick(
                "Envia a senha assim a quem a pede sem TLS verificado",
                "Sends the password that way to whoever asks without verified TLS",
            ),
        )
        .action(ArgAction::Append),
        Arg::new("help")
            .long("help")
            .short('h')
            .action(ArgAction::Help)
            .help(lang.pick("Mostra esta ajuda", "Shows this help")),
    ];
    let heading = lang.pick("Opções de todos os comandos", "Options of all commands");
    options.map(|option| option.global(true).help_heading(heading)).to_vec()
}

/// The settings that the options and the environment make.
pub(super) fn settings(matches: &ArgMatches, early: Early, start: &Start) -> Settings {
    let path = |name: &str| matches.get_one::<PathBuf>(name).cloned();
    let account = |name: &str| (start.variable)(name)?.into_string().ok().filter(|name| !name.is_empty());
    let variable = |name: &str| (start.variable)(name).map(PathBuf::from);
    let system_exists = Path::new(SYSTEM_PATH).exists();
    Settings {
        lang: early.lang,
        place: session::locate(path("config").as_deref(), &variable, system_exists, start.is_root),
        catalog: path("catalog"),
        colour: early.colour(start, start.terminals.stdout),
        charset: early.charset(start),
        credentials: credentials(matches, start),
        account: account("USER").or_else(|| account("LOGNAME")),
        identify: start.identify,
        clock: start.clock,
        shelf: DraftLocations::of(&variable, start.is_root),
        zone: Zone::of((start.variable)("TZ").as_ref().map(|name| name.to_str().unwrap_or_default())),
        editor: Editor::of(start.variable),
        printer: early.printer(start),
        terminals: start.terminals,
    }
}

/// The login for the checks: what the options say goes before the environment.
fn credentials(matches: &ArgMatches, start: &Start) -> Result<Credentials, CredentialsError> {
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    // What is not UTF-8 could not be a name or a password that a server takes: it counts as not set.
    let variable = |name: &str| (start.variable)(name)?.into_string().ok();
    let allowed: Vec<String> = matches.get_many("allow-auth").unwrap_or_default().cloned().collect();
    Credentials::from_environment(&variable)?.with_login(text("db-user"), text("db-name")).allowing(&allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    use crate::cli::Terminals;
    use crate::document::identity::Identity;

    fn early(arguments: &[&str], lang: &'static str) -> Early {
        let start = Start {
            arguments: std::iter::once("balcao-config").chain(arguments.iter().copied()).map(OsString::from).collect(),
            variable: &|name| (name == "LANG").then(|| lang.into()),
            is_root: false,
            identify: Identity::default,
            clock: SystemTime::now,
            terminals: Terminals { stdin: false, stdout: false, stderr: false },
        };
        Early::look(&start)
    }

    #[test]
    fn the_tree_is_sound_in_both_languages() {
        tree(Lang::Pt).debug_assert();
        tree(Lang::En).debug_assert();
    }

    #[test]
    fn the_language_is_known_before_anything_is_read() {
        assert_eq!(early(&[], "pt_BR.UTF-8").lang, Lang::Pt);
        assert_eq!(early(&["get", "--lang", "en"], "pt_BR.UTF-8").lang, Lang::En);
        assert_eq!(early(&["--lang=pt", "get"], "en_US.UTF-8").lang, Lang::Pt);
        assert_eq!(early(&["get", "--", "--lang", "pt"], "en_US.UTF-8").lang, Lang::En);
        assert_eq!(early(&["--lang"], "en_US.UTF-8").lang, Lang::En);
        assert_eq!(early(&["--lang", "de"], "en_US.UTF-8").lang, Lang::En);
    }
}
