//! `action …`: the commands of the vendor's dialog that are no settings.

pub(super) mod editar_relatorio;
pub(super) mod excluir_tab_versao;

use super::Entry;
use std::io;

pub(super) const COMMAND: Entry = Entry {
    name: "action",
    about: ("Executa uma ação do diálogo", "Runs an action of the dialog"),
    takes: |_| vec![],
    run: None,
};

/// One line from the person, without its end; empty where there is none.
fn line() -> String {
    let mut line = String::new();
    // A line that cannot be read says nothing, and nothing is what is done then.
    let _ = io::stdin().read_line(&mut line);
    line.trim().to_owned()
}
