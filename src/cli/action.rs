//! `action …`: the commands of the vendor's dialog.

pub(super) mod editar_relatorio;
pub(super) mod excluir_tab_versao;

use super::Entry;
use std::io;

pub(super) const COMMAND: Entry = Entry {
    name: "action",
    about: ("Executa uma ação da tela", "Runs an action of the form"),
    takes: |_| vec![],
    more: Some((PT, EN)),
    run: None,
};

const PT: &str = "\
Exemplo:
  balcao-config action editar-relatorio
  balcao-config action excluir-tab-versao --db-user gestor --ask-password

Códigos de saída:
  0  a ação foi executada
  2  erro na linha de comando
  3, 4, 5  veja a ajuda de cada ação";

const EN: &str = "\
Example:
  balcao-config action editar-relatorio
  balcao-config action excluir-tab-versao --db-user gestor --ask-password

Exit codes:
  0  the action was done
  2  a mistake on the command line
  3, 4, 5  see the help of each action";

/// One line from stdin, trimmed; empty at its end.
fn line() -> String {
    let mut line = String::new();
    // An unreadable line counts as empty, and an empty answer does nothing.
    let _ = io::stdin().read_line(&mut line);
    line.trim().to_owned()
}
