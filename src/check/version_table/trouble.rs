//! Why a table was not looked at or not moved. All but `Unknown` mean that nothing has changed.

use super::conversation::Refused;
use super::sql::SCHEMA;
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
    /// Nobody said as whom to log in.
    NoUser,
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
    /// It was not done in time, or somebody cancelled it: table and the server's text.
    Stopped(String, String),
    /// It is not the one that was looked at.
    Changed(String),
    /// A name that belongs to it is not UTF-8.
    NotText(String),
    /// The schema for tables set aside belongs to this other role.
    ForeignSchema(String),
    /// These others may create in that schema, as SQL names them.
    OpenSchema(String),
    /// Another error of the server: table, SQLSTATE and text.
    Refused(String, String, String),
    /// The connection was lost; nothing had been done for good.
    Lost(String),
    /// The connection was lost at the last step: it may have been done or not.
    Unknown(String),
}

/// Why the server's answer is of no use.
pub enum Failed {
    Server(Refused),
    /// A name in it is not UTF-8, and so cannot be written in SQL here.
    NotText(String),
    /// The schema's owner.
    ForeignSchema(String),
    /// Who else may create in the schema.
    OpenSchema(String),
}

impl Failed {
    pub fn into_trouble(self, table: &str) -> Trouble {
        match self {
            Failed::Server(error) => Trouble::about(error, table),
            Failed::NotText(name) => Trouble::NotText(name),
            Failed::ForeignSchema(owner) => Trouble::ForeignSchema(owner),
            Failed::OpenSchema(others) => Trouble::OpenSchema(others),
        }
    }
}

impl From<Refused> for Failed {
    fn from(error: Refused) -> Failed {
        Failed::Server(error)
    }
}

/// For whoever gives up before the table was touched.
pub fn unchanged(lang: Lang) -> Safe {
    say!(lang, "Nada foi alterado.", "Nothing was changed.")
}

impl Trouble {
    /// What an error of the server means for the table of this name.
    pub(super) fn about(error: Refused, table: &str) -> Trouble {
        let Some(refusal) = error.0 else { return Trouble::Lost(table.to_string()) };
        let (table, text) = (table.to_string(), refusal.text);
        match refusal.code.as_str() {
            // No such table or schema; not a name.
            "42P01" | "3F000" | "42602" | "42601" => Trouble::Missing(table),
            "42501" => Trouble::Forbidden(table, text),
            // Lock timeout; deadlock.
            "55P03" | "40P01" => Trouble::Locked(table),
            // The limit of time, or somebody's cancel.
            "57014" => Trouble::Stopped(table, text),
            _ => Trouble::Refused(table, refusal.code, text),
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
            Trouble::NoUser => Problem::new(
                Kind::Usage,
                "no_user",
                say!(lang, "Falta o usuário do banco.", "The database user is missing."),
            )
            .because(unchanged(lang))
            .hint(say!(
                lang,
                "Informe o dono da tabela em --db-user ou PGUSER, e a senha em PGPASSWORD, em ~/.pgpass ou com --ask-password.",
                "Give the table's owner with --db-user or PGUSER, and the password in PGPASSWORD, in ~/.pgpass or with --ask-password."
            )),
            Trouble::NoLogin(outcome) => {
                let mut problem = write("no_login", outcome.message(catalog, lang));
                if let Some(said) = outcome.server_said(lang) {
                    problem = problem.because(said);
                }
                let remedy = outcome.remedy(catalog, lang);
                let cases = remedy.cases.iter().flat_map(|case| [std::slice::from_ref(&case.when), &*case.lines].concat());
                let hints = [remedy.sentence.clone()].into_iter().chain(remedy.to_paste()).chain(cases);
                hints.filter(|hint| !hint.is_empty()).fold(problem, Problem::hint)
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
                "Confira “Tabela de Versão” e o banco (--db-name).",
                "Check “Version Table” and the database (--db-name)."
            )),
            Trouble::NoTable(table) => {
                value("no_table", say!(lang, "{} não é uma tabela.", "{} is not a table.", named(table)))
            }
            Trouble::AlreadyAside(table) => value(
                "already_aside",
                say!(lang, "{} já foi retirada.", "{} has been set aside already.", named(table)),
            ),
            Trouble::Forbidden(table, text) => write(
                "forbidden",
                say!(
                    lang,
                    "O usuário do banco não pode retirar {}: {}.",
                    "The database user may not set aside {}: {}.",
                    named(table),
                    named(text)
                ),
            )
            .hint(say!(
                lang,
                "Use o usuário dono da tabela (--db-user), com permissão para criar esquemas.",
                "Use the table's owner (--db-user), with permission to create schemas."
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
            .passing()
            .hint(say!(
                lang,
                "Feche os programas que a usam e tente de novo.",
                "Close the programs that use it and try again."
            )),
            Trouble::Stopped(table, text) => write(
                "stopped",
                say!(
                    lang,
                    "O servidor não terminou a tempo, ou alguém cancelou: {}: {}.",
                    "The server did not finish in time, or somebody cancelled it: {}: {}.",
                    named(table),
                    named(text)
                ),
            ),
            Trouble::NotText(name) => write(
                "not_utf8",
                say!(
                    lang,
                    "O nome “{}” contém bytes que não são UTF-8; este programa não retira a tabela.",
                    "The name “{}” contains bytes that are not UTF-8; this program does not set the table aside.",
                    named(name)
                ),
            ),
            Trouble::ForeignSchema(owner) => write(
                "foreign_schema",
                say!(
                    lang,
                    "O esquema {} é de {}, que poderia apagar a tabela.",
                    "The schema {} belongs to {}, who could drop the table.",
                    SCHEMA,
                    named(owner)
                ),
            )
            .hint(say!(
                lang,
                "Entre como {} (--db-user), ou passe o esquema ao dono da tabela: ALTER SCHEMA {} OWNER TO …;",
                "Log in as {} (--db-user), or give the schema to the table's owner: ALTER SCHEMA {} OWNER TO …;",
                named(owner),
                SCHEMA
            )),
            Trouble::OpenSchema(others) => write(
                "open_schema",
                say!(
                    lang,
                    "Outros podem criar objetos no esquema {}: {}.",
                    "Others may create objects in the schema {}: {}.",
                    SCHEMA,
                    named(others)
                ),
            )
            .hint(say!(
                lang,
                "Retire essa permissão no servidor: REVOKE CREATE ON SCHEMA {} FROM {};",
                "Take that permission away on the server: REVOKE CREATE ON SCHEMA {} FROM {};",
                SCHEMA,
                named(others)
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
                    "A conexão caiu no fim: não se sabe se {} foi retirada.",
                    "The connection was lost at the end: it is not known whether {} was set aside.",
                    named(table)
                ),
            )
            .hint(say!(
                lang,
                "Confira no servidor antes de repetir.",
                "Check on the server before repeating."
            )),
        }
    }
}

fn named(text: &str) -> Safe {
    Safe::outside(text)
}
