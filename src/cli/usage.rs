//! Usage errors: clap's errors in both languages.

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::again::Again;
use super::help;
use super::print::{Answer, Output, Printer};
use crate::lang::Lang;
use crate::problem::{Kind, Problem};
use crate::safe::Safe;
use crate::say;
use crate::text::line::Line;

/// Writes what clap ended with: help or version to stdout, anything else as a problem. Returns the exit code.
pub(super) fn answer(error: &Error, printer: &Printer, again: &Again) -> u8 {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let text = error.render().to_string();
            let lines = help::fitted(text.trim_end()).into_iter().map(Line::from).collect();
            // Help is text, even with `--json`.
            Printer { json: false, ..*printer }.answer(&Answer { output: Output::Lines(lines), ..Answer::default() })
        }
        _ => printer.problem(&again.completed(problem(error, printer.lang))),
    }
}

/// The problem that there is no terminal for the form; it names the commands, and how SSH makes a terminal.
pub(super) fn no_terminal(commands: impl Iterator<Item = &'static str>, over_ssh: bool, lang: Lang) -> Problem {
    let message = say!(
        lang,
        "A tela precisa de um terminal na entrada e na saída; sem ele, use um comando.",
        "The form needs a terminal for input and output; without one, use a command."
    );
    let names = Safe::join(&commands.filter(|name| !name.contains(' ')).map(Safe::own).collect::<Vec<_>>(), ", ");
    let hint = say!(lang, "Os comandos são: {}", "The commands are: {}", names);
    let problem = Problem::new(Kind::Usage, "no_terminal", message).hint(hint);
    match over_ssh {
        true => problem.hint(say!(
            lang,
            "Por SSH, o terminal vem com -t: ssh -t BALCÃO balcao-config",
            "Over SSH, -t gives a terminal: ssh -t COMPUTER balcao-config"
        )),
        false => problem,
    }
}

/// A usage problem of a command's own.
pub(super) fn wrong(message: Safe) -> Problem {
    Problem::new(Kind::Usage, "usage", message)
}

/// Clap's own messages are only English, and show arguments unfiltered.
fn problem(error: &Error, lang: Lang) -> Problem {
    let context = |kind| error.get(kind).map(shown);
    let argument = context(ContextKind::InvalidArg).unwrap_or_default();
    let value = context(ContextKind::InvalidValue).unwrap_or_default();
    let prior = context(ContextKind::PriorArg).unwrap_or_default();
    let message = match error.kind() {
        ErrorKind::UnknownArgument => {
            say!(lang, "Argumento desconhecido: “{}”.", "Unknown argument: “{}”.", argument)
        }
        ErrorKind::InvalidSubcommand => {
            let name = context(ContextKind::InvalidSubcommand).unwrap_or_default();
            say!(lang, "Não existe o comando “{}”.", "There is no command “{}”.", name)
        }
        ErrorKind::MissingRequiredArgument => {
            say!(lang, "Falta o argumento: {}.", "An argument is missing: {}.", argument)
        }
        ErrorKind::InvalidValue if value.is_empty() => {
            say!(lang, "Falta o valor de {}.", "The value of {} is missing.", argument)
        }
        ErrorKind::InvalidValue => {
            let valid = context(ContextKind::ValidValue).unwrap_or_default();
            say!(
                lang,
                "{} não aceita “{}”; aceita: {}.",
                "{} does not accept “{}”; it accepts: {}.",
                argument,
                value,
                valid
            )
        }
        ErrorKind::TooManyValues => say!(lang, "“{}” está a mais em {}.", "Unexpected “{}” for {}.", value, argument),
        // Clap parses only version numbers itself.
        ErrorKind::ValueValidation => {
            say!(
                lang,
                "{} é “{}”; deve ser um número inteiro.",
                "{} is “{}”; it must be a whole number.",
                argument,
                value
            )
        }
        ErrorKind::ArgumentConflict if prior != argument && !prior.is_empty() => {
            say!(lang, "{} e {} não podem ser usados juntos.", "{} and {} cannot be used together.", argument, prior)
        }
        ErrorKind::ArgumentConflict => {
            say!(lang, "{} não pode ser usado duas vezes.", "{} cannot be used twice.", argument)
        }
        ErrorKind::InvalidUtf8 => say!(lang, "Um argumento não é UTF-8.", "An argument is not UTF-8."),
        _ => say!(lang, "Comando incompleto ou inválido.", "Incomplete or invalid command."),
    };
    let near = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    let mut problem = wrong(message);
    problem.meant.extend(meant(error));
    if let Some(near) = near.into_iter().find_map(context).filter(|near| !near.is_empty()) {
        problem = problem.hint(say!(lang, "O mais próximo é {}", "The nearest is {}", near));
    }
    problem.hint(say!(lang, "Veja o uso: balcao-config --help", "See the usage: balcao-config --help"))
}

/// The word that was written, and the one that is near.
fn meant(error: &Error) -> Option<(String, String)> {
    use ContextKind::{InvalidArg, InvalidSubcommand, InvalidValue, SuggestedArg, SuggestedSubcommand, SuggestedValue};
    let word = |kind| match error.get(kind)? {
        ContextValue::String(word) => Some(word.clone()),
        ContextValue::Strings(words) => words.first().cloned(),
        _ => None,
    };
    let pairs = [(InvalidArg, SuggestedArg), (InvalidSubcommand, SuggestedSubcommand), (InvalidValue, SuggestedValue)];
    pairs.into_iter().find_map(|(written, near)| Some((word(written)?, word(near)?)))
}

/// A value from clap's error, made safe: it can be an argument as typed.
fn shown(value: &ContextValue) -> Safe {
    match value {
        ContextValue::String(text) => Safe::outside(text),
        ContextValue::Strings(texts) => {
            Safe::join(&texts.iter().map(|text| Safe::outside(text)).collect::<Vec<_>>(), ", ")
        }
        ContextValue::Number(number) => Safe::outside(&number.to_string()),
        _ => Safe::default(),
    }
}
