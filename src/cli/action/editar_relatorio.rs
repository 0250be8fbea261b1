//! `action editar-relatorio`: lists the reports, and opens one in the editor.

use clap::{ArgMatches, Command};
use serde_json::json;

use super::line;
use crate::cli::print::Answer;
use crate::cli::{Settings, arguments};
use crate::lang::Lang;
use crate::problem::Problem;
use crate::safe::Safe;
use crate::say;
use crate::session::reports::Reports;
use crate::text::line::{Line, Tone};

pub(super) fn takes(command: Command, lang: Lang) -> Command {
    let file = lang.pick(
        "O relatório a abrir; sem ele, num terminal, é perguntado, e senão a lista é escrita",
        "The report to open; without it, on a terminal it is asked for, and else the list is written",
    );
    let list = lang.pick("Só escreve a lista dos relatórios", "Writes the list of reports and nothing more");
    command
        .about(lang.pick(
            "Editar Relatório: abre um relatório em $VISUAL ou $EDITOR",
            "Editar Relatório: opens a report in $VISUAL or $EDITOR",
        ))
        .override_usage(lang.pick(
            "balcao-config action editar-relatorio [ARQUIVO] [--list] [--json]",
            "balcao-config action editar-relatorio [FILE] [--list] [--json]",
        ))
        .arg(arguments::positional(lang, "file", lang.pick("ARQUIVO", "FILE"), file))
        .arg(arguments::flag("list", list))
}

pub(super) fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let reports = settings.session()?.reports().map_err(|error| error.problem(lang))?;
    let asks = settings.terminals.stdin && settings.terminals.stdout && !settings.printer.json;
    match matches.get_one::<String>("file") {
        Some(name) => open(settings, &reports, name),
        None if matches.get_flag("list") || !asks || reports.names.is_empty() => Ok(list(&reports, lang)),
        None => ask(settings, &reports),
    }
}

fn list(reports: &Reports, lang: Lang) -> Answer {
    let names: Vec<String> = reports.names.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    let folder = Safe::path(&reports.folder);
    let none = say!(lang, "não há relatórios em {}", "there are no reports in {}", folder);
    Answer {
        lines: names.iter().map(|name| Line::of(Tone::Exact, Safe::outside(name))).collect(),
        notes: if names.is_empty() { vec![none.into()] } else { vec![] },
        json: json!({ "folder": reports.folder.to_string_lossy(), "reports": names }),
        ..Answer::default()
    }
}

/// By its number in the list, or by its name; nothing typed opens nothing.
fn ask(settings: &Settings, reports: &Reports) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let names = reports.names.iter().map(|name| Safe::outside(&name.to_string_lossy()));
    let numbered = names
        .zip(1..)
        .map(|(name, number)| Line::of(Tone::Strong, Safe::outside(&format!("{number:3}  "))).and(Tone::Plain, name));
    let question = say!(lang, "Número ou nome do relatório:", "Number or name of the report:");
    settings.printer.ask(&numbered.collect::<Vec<_>>(), &question);
    let typed = line();
    if typed.is_empty() {
        return Ok(Answer::default());
    }
    let by_number = typed.parse::<usize>().ok().and_then(|number| reports.names.get(number.checked_sub(1)?)?.to_str());
    // A file that is called like a number is meant by its name only where there is no such number.
    open(settings, reports, by_number.unwrap_or(&typed))
}

fn open(settings: &Settings, reports: &Reports, name: &str) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let path = reports.path(name).map_err(|error| error.problem(lang))?;
    let failed = |reason: Safe| settings.editor.problem(reason, lang);
    match settings.editor.command(&path).status() {
        Ok(status) if status.success() => {
            let json = json!({ "edited": path.to_string_lossy() });
            let note = say!(lang, "relatório fechado: {}", "report closed: {}", Safe::path(&path));
            Ok(Answer { notes: vec![note.into()], json, ..Answer::default() })
        }
        Ok(status) => Err(failed(Safe::outside(&status.to_string()))),
        Err(error) => Err(failed(Safe::outside(&error.to_string()))),
    }
}
