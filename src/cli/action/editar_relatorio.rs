//! `action editar-relatorio`: lists the reports, and opens one in the editor.

use clap::ArgMatches;
use serde_json::json;

use super::line;
use crate::cli::{Answer, Entry, Settings, arguments};
use crate::lang::Lang;
use crate::problem::Problem;
use crate::safe::Safe;
use crate::say;
use crate::session::reports::Reports;
use crate::text::line::{Line, Tone};

pub(in crate::cli) const COMMAND: Entry = Entry {
    name: "action editar-relatorio",
    about: (
        "Editar Relatório: abre um relatório em $VISUAL ou $EDITOR",
        "Editar Relatório: opens a report in $VISUAL or $EDITOR",
    ),
    takes: |lang: Lang| {
        let file = arguments::positional(
            lang,
            "file",
            lang.pick("ARQUIVO", "FILE"),
            "Relatório a abrir (sem ele: pergunta, ou mostra a lista)",
            "Report to open (none: asks, or shows the list)",
        );
        let list = ("Só mostra a lista dos relatórios", "Only shows the list of reports");
        vec![file, arguments::flag(lang, "list", list.0, list.1)]
    },
    more: Some((PT, EN)),
    run: Some(run),
};

const PT: &str = "\
Exemplo:
  balcao-config action editar-relatorio --list
  balcao-config action editar-relatorio venda.txt

Códigos de saída:
  0  o relatório foi fechado, ou a lista mostrada
  2  erro na linha de comando
  3  o arquivo de configuração não pode ser lido
  4  o editor não abriu o relatório
  5  o relatório não existe";

const EN: &str = "\
Example:
  balcao-config action editar-relatorio --list
  balcao-config action editar-relatorio venda.txt

Exit codes:
  0  the report was closed, or the list shown
  2  a mistake on the command line
  3  the config file cannot be read
  4  the editor did not open the report
  5  there is no such report";

fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let reports = settings.session()?.reports().map_err(|error| error.problem(settings.lang))?;
    let asks = settings.terminals.stdin && settings.terminals.stdout && !settings.printer.json;
    match matches.get_one::<String>("file") {
        Some(name) => open(settings, &reports, name),
        None if matches.get_flag("list") || !asks || reports.names.is_empty() => Ok(list(settings, &reports)),
        None => ask(settings, &reports),
    }
}

fn list(settings: &Settings, reports: &Reports) -> Answer {
    let names: Vec<_> = reports.names.iter().map(|name| name.to_string_lossy()).collect();
    let mut answer = settings.answer(
        || names.iter().map(|name| Line::of(Tone::Exact, Safe::outside(name))).collect(),
        || json!({ "folder": reports.folder.to_string_lossy(), "reports": names }),
    );
    if names.is_empty() {
        let folder = Safe::path(&reports.folder);
        answer.notes.push(say!(settings.lang, "Nenhum relatório em {}.", "There is no report in {}.", folder).into());
    }
    answer
}

/// Asks for a number in the list or a name; an empty answer opens nothing.
fn ask(settings: &Settings, reports: &Reports) -> Result<Answer, Problem> {
    let names = reports.names.iter().map(|name| Safe::outside(&name.to_string_lossy()));
    let numbered = names
        .zip(1..)
        .map(|(name, number)| Line::of(Tone::Strong, Safe::outside(&format!("{number:3}  "))).and(Tone::Plain, name));
    let question = say!(settings.lang, "Número ou nome do relatório:", "Number or name of the report:");
    settings.printer.ask(&numbered.collect::<Vec<_>>(), &question);
    let typed = line();
    if typed.is_empty() {
        return Ok(Answer::default());
    }
    let by_number = typed.parse::<usize>().ok().and_then(|number| reports.names.get(number.checked_sub(1)?)?.to_str());
    // The number wins over a file of that name.
    open(settings, reports, by_number.unwrap_or(&typed))
}

fn open(settings: &Settings, reports: &Reports, name: &str) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let path = reports.path(name).map_err(|error| error.problem(lang))?;
    let ended = settings.editor.command(&path).status();
    if let Some(trouble) = settings.editor.trouble(&ended, lang) {
        return Err(trouble);
    }
    let note = say!(lang, "Relatório fechado: {}", "Report closed: {}", Safe::path(&path));
    let answer = settings.answer(Vec::new, || json!({ "edited": path.to_string_lossy() }));
    Ok(Answer { notes: vec![note.into()], ..answer })
}
