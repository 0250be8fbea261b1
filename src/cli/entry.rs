//! A command as a record, and how clap's tree is built from it.

use clap::{Arg, ArgMatches, Command};

use super::print::Answer;
use super::settings::Settings;
use crate::lang::Lang;
use crate::problem::Problem;

pub(crate) type Run = fn(&Settings, &ArgMatches) -> Result<Answer, Problem>;

/// A command: its name, what it takes, what it does.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    /// As typed: `get`, `history show`.
    pub name: &'static str,
    /// What it does, in Portuguese and in English, for the help.
    pub about: (&'static str, &'static str),
    /// Its arguments, in the order in which the usage names them.
    pub takes: fn(Lang) -> Vec<Arg>,
    /// What the help says below the options: what it does exactly, an example, the exit codes.
    pub more: Option<(&'static str, &'static str)>,
    /// `None` where a subcommand is required.
    pub run: Option<Run>,
}

/// The command that the arguments name, if any, with its own arguments.
pub(super) fn chosen<'a>(entries: &[Entry], matches: &'a ArgMatches) -> Option<(Run, &'a ArgMatches)> {
    let (mut name, mut matches) = matches.subcommand().map(|(name, matches)| (name.to_owned(), matches))?;
    while let Some((own, below)) = matches.subcommand() {
        (name, matches) = (format!("{name} {own}"), below);
    }
    Some((entries.iter().find(|entry| entry.name == name)?.run?, matches))
}

/// Clap's commands for the entries whose names continue `parent` by one word.
pub(super) fn commands(entries: &[Entry], parent: &str, lang: Lang) -> Vec<Command> {
    let below = |entry: &&Entry| entry.name.strip_prefix(parent).is_some_and(|name| !name.contains(' '));
    let command = |entry: &Entry| {
        let own = format!("{} ", entry.name);
        let usages = entries.iter().filter(|other| other.name == entry.name || other.name.starts_with(&own));
        dressed(Command::new(&entry.name[parent.len()..]), lang)
            .about(lang.pick(entry.about.0, entry.about.1))
            .override_usage(usages.filter_map(|entry| entry.usage(lang)).collect::<Vec<_>>().join("\n     "))
            .after_help(entry.more.map_or("", |(pt, en)| lang.pick(pt, en)))
            .subcommand_required(entry.run.is_none())
            .args((entry.takes)(lang))
            .subcommands(commands(entries, &own, lang))
    };
    entries.iter().filter(below).map(command).collect()
}

impl Entry {
    /// `balcao-config get CHAVE [--json]`
    fn usage(&self, lang: Lang) -> Option<String> {
        self.run?;
        let arguments: String = (self.takes)(lang).iter().map(typed).collect();
        Some(format!("balcao-config {}{arguments} [--json]", self.name))
    }
}

/// An argument as the usage shows it.
fn typed(argument: &Arg) -> String {
    let value = argument.get_value_names().and_then(|names| names.first()).map_or("", |name| name.as_str());
    let more = if argument.get_num_args().is_some_and(|count| count.max_values() > 1) { "…" } else { "" };
    match argument.get_long() {
        None if argument.is_required_set() => format!(" {value}{more}"),
        None => format!(" [{value}{more}]"),
        Some(name) if value.is_empty() => format!(" [--{name}]"),
        Some(name) => format!(" [--{name} {value}]"),
    }
}

/// Puts the headings of the help into `lang`: clap's own are English.
pub(super) fn dressed(command: Command, lang: Lang) -> Command {
    command
        .help_template(lang.pick(
            "{about}\n\nUso: {usage}\n\n{all-args}{after-help}",
            "{about}\n\nUsage: {usage}\n\n{all-args}{after-help}",
        ))
        .next_help_heading(lang.pick("Opções", "Options"))
        .subcommand_help_heading(lang.pick("Comandos", "Commands"))
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .args_override_self(true)
}
