//! `action …`: the commands of the vendor's dialog that are no settings.

mod editar_relatorio;
mod excluir_tab_versao;

use std::io;

use clap::{ArgMatches, Command};

use super::print::Answer;
use super::{Settings, arguments};
use crate::lang::Lang;
use crate::problem::Problem;

pub(super) fn takes(command: Command, lang: Lang) -> Command {
    let dressed = |name| arguments::dressed(Command::new(name), lang);
    command
        .about(lang.pick("Executa uma ação do diálogo", "Runs an action of the dialog"))
        .override_usage(
            "balcao-config action excluir-tab-versao [--yes TABELA]\n     balcao-config action editar-relatorio [ARQUIVO]",
        )
        .subcommand_help_heading(lang.pick("Ações", "Actions"))
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .subcommand(excluir_tab_versao::takes(dressed("excluir-tab-versao"), lang))
        .subcommand(editar_relatorio::takes(dressed("editar-relatorio"), lang))
}

/// Runs the one that is named.
pub(super) fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    match matches.subcommand() {
        Some(("excluir-tab-versao", matches)) => excluir_tab_versao::run(settings, matches),
        Some((_, matches)) => editar_relatorio::run(settings, matches),
        None => Ok(Answer::default()),
    }
}

/// One line from the person, without its end; empty where there is none.
fn line() -> String {
    let mut line = String::new();
    // A line that cannot be read says nothing, and nothing is what is done then.
    let _ = io::stdin().read_line(&mut line);
    line.trim().to_owned()
}
