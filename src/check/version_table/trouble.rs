//! Why a table was not looked at or not moved. All but `Unknown` mean that nothing has changed.

use crate::catalog::Catalog;
use crate::check::outcome::Outcome;
use crate::lang::Lang;
use crate::problem::{Kind, Problem};
use crate::safe::Safe;
use crate::say;

/// Why a table was not looked at or not moved.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// The server's address is invalid, so that there is none to ask.
    NoServer,
    /// The login failed, with the outcome as of a check.
    NoLogin(Box<Outcome>),
    /// There is no table of that name, or no name is written like that.
    Missing(String),
    /// It is a view, a sequence or the like.
    NoTable(String),
    /// It is one of those that were set aside.
    AlreadyAside(String),
    /// The login may not do this.
    Forbidden(String, String),
    /// Somebody uses it, and did not stop in time.
    Locked(String),
    /// It is not the one that was looked at.
    Changed(String),
    /// Another error of the server: table, SQLSTATE and text.
    Refused(String, String, String),
    /// The connection was lost; nothing had been done for good.
    Lost(String),
    /// The connection was lost at the last step: it may have been done or not.
    Unknown(String),
}

impl From<::postgres::Error> for Trouble {
    fn from(error: ::postgres::Error) -> Trouble {
        Trouble::about(error, "")
    }
}

/// For whoever gives up before the table was touched.
pub fn unchanged(lang: Lang) -> Safe {
    say!(lang, "Nada foi alterado.", "Nothing was changed.")
}

impl Trouble {
    /// What an error of the server means for the table of this name.
    pub(super) fn about(error: ::postgres::Error, table: &str) -> Trouble {
        let Some(refused) = error.as_db_error() else { return Trouble::Lost(table.to_string()) };
        let (table, code, text) = (table.to_string(), refused.code().code(), refused.message().to_string());
        match code {
            // No such table or schema; not a name.
            "42P01" | "3F000" | "42602" | "42601" => Trouble::Missing(table),
            "42501" => Trouble::Forbidden(table, text),
            // Lock timeout; statement timeout while waiting; deadlock.
            "55P03" | "57014" | "40P01" => Trouble::Locked(table),
            _ => Trouble::Refused(table, code.to_string(), text),
        }
    }

    /// The error to show.
    pub fn problem(&self, catalog: &Catalog, lang: Lang) -> Problem {
        let write = |code, message| Problem::new(Kind::Write, code, message).because(unchanged(lang));
        let value = |code, message| Problem::new(Kind::Value, code, message).because(unchanged(lang));
        match self {
            Trouble::NoServer => {
                value("no_server", say!(lang, "O endereço do servidor é inválido.", "The server's address is invalid."))
            }
            Trouble::NoLogin(outcome) => {
                let remedy = outcome.remedy(catalog, lang).sentence;
                write("no_login", outcome.message(catalog, lang)).hint(remedy)
            }
            Trouble::Missing(table) => value(
                "no_such_table",
                say!(
                    lang,
                    "A tabela {} não existe neste banco.",
                    "There is no table {} in this database.",
                    named(table)
                ),
            )
            .hint(say!(
                lang,
                "Confira geral.tabela_versao, e o banco com --db-name.",
                "Check geral.tabela_versao, and the database with --db-name."
            )),
            Trouble::NoTable(table) => {
                value("no_table", say!(lang, "{} não é uma tabela.", "{} is no table.", named(table)))
            }
            Trouble::AlreadyAside(table) => value(
                "already_aside",
                say!(lang, "{} já foi retirada.", "{} has been set aside already.", named(table)),
            ),
            Trouble::Forbidden(table, text) => write(
                "forbidden",
                say!(
                    lang,
                    "Este login não pode retirar {}: {}.",
                    "This login may not set aside {}: {}.",
                    named(table),
                    named(text)
                ),
            )
            .hint(say!(
                lang,
                "Use o dono da tabela (--db-user), com o direito de criar esquemas.",
                "Use the table's owner (--db-user), with the right to create schemas."
            )),
            Trouble::Locked(table) => write(
                "locked",
                say!(
                    lang,
                    "{} está em uso e não foi liberada a tempo.",
                    "{} is in use and was not freed in time.",
                    named(table)
                ),
            )
            .hint(say!(
                lang,
                "Feche os programas que a usam e tente de novo.",
                "Close the programs that use it and try again."
            )),
            Trouble::Changed(table) => write(
                "changed",
                say!(
                    lang,
                    "{} não é mais a tabela que foi mostrada.",
                    "{} is no longer the table that was shown.",
                    named(table)
                ),
            ),
            Trouble::Refused(table, code, text) => write(
                "refused",
                say!(
                    lang,
                    "O servidor recusou retirar {}: {} ({}).",
                    "The server refused to set aside {}: {} ({}).",
                    named(table),
                    named(text),
                    named(code)
                ),
            ),
            Trouble::Lost(_) => {
                write("lost", say!(lang, "A conexão com o servidor caiu.", "The connection to the server was lost."))
            }
            Trouble::Unknown(table) => Problem::new(
                Kind::Write,
                "unknown",
                say!(
                    lang,
                    "A conexão caiu no último passo: {} pode ter sido retirada ou não.",
                    "The connection was lost at the last step: {} may have been set aside or not.",
                    named(table)
                ),
            )
            .hint(say!(lang, "Olhe no servidor antes de repetir.", "Look on the server before repeating.")),
        }
    }
}

fn named(text: &str) -> Safe {
    Safe::outside(text)
}
