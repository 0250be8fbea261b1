//! A table of a server as it was found, in fields and in words.

use super::sql::{self, identifier};
use crate::lang::Lang;
use crate::safe::Safe;
use crate::text;
use crate::{safe, say};

/// Terminal cells shown of a value.
const CELL_WIDTH: usize = 24;

/// A table as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Where it is.
    pub server: TableServer,
    /// The schema in which the name was found.
    pub schema: String,
    pub name: String,
    pub owner: String,
    /// How many rows it has; `None` where reading them would run functions of its owner's.
    pub rows: Option<u64>,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// The first rows, as text; `None` is NULL.
    pub first_rows: Vec<Vec<Option<String>>>,
    /// Its oid: tells it from another table of the same name.
    pub(super) id: String,
}

/// Where a table is, and who looked at it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableServer {
    /// As the person named it.
    pub host: String,
    pub port: u16,
    /// As the server says: an address may lead to another one.
    pub database: String,
    /// The login's role.
    pub login: String,
}

/// A table in words: a warning, where it is, the table, and its columns and first rows, a line each.
///
/// ```text
/// Afeta todos os balcões deste servidor.
/// Servidor 192.168.0.10, porta 5432, banco gestores, usuário gestor.
/// "public"."tab_versao", de gestor: 1 linha
///   versao | atualizada_em
///   4.2.17 | 2026-03-12
/// ```
pub struct Description {
    pub warning: Safe,
    pub server: Safe,
    pub table: Safe,
    pub rows: Vec<Safe>,
}

impl Table {
    pub fn description(&self, lang: Lang) -> Description {
        let warning =
            say!(lang, "Afeta todos os balcões deste servidor.", "This affects every POS terminal on this server.");
        let TableServer { host, port, database, login } = &self.server;
        let server = say!(
            lang,
            "Servidor {}, porta {}, banco {}, usuário {}.",
            "Server {}, port {}, database {}, user {}.",
            Safe::outside(host),
            *port,
            Safe::outside(database),
            Safe::outside(login)
        );
        let (place, owner) = (Safe::outside(&self.place()), Safe::outside(&self.owner));
        let table = match self.rows {
            Some(1) => say!(lang, "{}, de {}: 1 linha", "{}, owned by {}: 1 row", place, owner),
            Some(rows) => say!(lang, "{}, de {}: {} linhas", "{}, owned by {}: {} rows", place, owner, rows),
            None => say!(
                lang,
                "{}, de {}: linhas não lidas, porque a leitura executaria funções de outro usuário",
                "{}, owned by {}: rows not read, since that would run functions of another user",
                place,
                owner
            ),
        };
        let row = |cells: Vec<Safe>| safe!("  {}", Safe::join(&cells, " | "));
        let cell = |text: &str| text::wrap(&Safe::outside(text), CELL_WIDTH).into_iter().next().unwrap_or_default();
        let mut rows = vec![row(self.columns.iter().map(|name| cell(name)).collect())];
        let value = |value: &Option<String>| value.as_deref().map_or(Safe::own("–"), cell);
        rows.extend(self.first_rows.iter().map(|values| row(values.iter().map(value).collect())));
        if self.rows.is_some_and(|rows| rows > self.first_rows.len() as u64) {
            rows.push(row(vec![Safe::own("…")]));
        }
        Description { warning, server, table, rows }
    }

    /// What is asked before it is set aside.
    pub fn question(lang: Lang) -> Safe {
        say!(lang, "Digite o nome da tabela para retirá-la:", "Type the table's name to set it aside:")
    }

    /// That it is not lost.
    pub fn kept(lang: Lang) -> Safe {
        say!(
            lang,
            "Nada é apagado: a tabela vai para o esquema balcao_excluidas, e o SQL para desfazer aparece na tela.",
            "Nothing is dropped: the table goes into the schema balcao_excluidas, and the SQL to undo it is shown."
        )
    }

    /// `schema.name` as SQL writes it.
    pub fn place(&self) -> String {
        format!("{}.{}", identifier(&self.schema), identifier(&self.name))
    }

    /// True for its name, with the schema or without, as a person types it.
    pub fn is_called(&self, typed: &str) -> bool {
        let read = sql::parts(typed).unwrap_or_default();
        let read: Vec<&str> = read.iter().map(String::as_str).collect();
        typed == self.name
            || typed.split_once('.') == Some((&self.schema, &self.name))
            || matches!(read.as_slice(), [name] if *name == self.name)
            || matches!(read.as_slice(), [schema, name] if *schema == self.schema && *name == self.name)
    }
}
