//! `action …`: the commands of the vendor's dialog.

pub(super) mod editar_relatorio;
pub(super) mod excluir_tab_versao;

use super::Entry;
use std::io;

pub(super) const COMMAND: Entry = Entry {
    name: "action",
    about: ("Executa uma ação do diálogo", "Runs an action of the dialog"),
    takes: |_| vec![],
    more: None,
    run: None,
};

/// One line from stdin, trimmed; empty at its end.
fn line() -> String {
    let mut line = String::new();
    // An unreadable line counts as empty, and an empty answer does nothing.
    let _ = io::stdin().read_line(&mut line);
    line.trim().to_owned()
}
