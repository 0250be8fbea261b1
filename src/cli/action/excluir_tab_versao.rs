//! `action excluir-tab-versao`: shows the table of versions, asks, and moves it out of the programs' sight.

use clap::ArgMatches;
use serde_json::json;

use super::line;
use crate::catalog::{Finding, Level};
use crate::check::version_table::{self as table, Description, Table};
use crate::cli::check::warnings;
use crate::cli::{Answer, Entry, Settings, arguments, invalid, password, usage};
use crate::lang::Lang;
use crate::problem::{Kind, Problem};
use crate::safe::Safe;
use crate::say;
use crate::session::Session;
use crate::session::actions::TABLE_KEY;
use crate::text::line::{Line, Tone};

pub(in crate::cli) const COMMAND: Entry = Entry {
    name: "action excluir-tab-versao",
    about: (
        "Excluir Tab Versão: move a tabela de versão para outro esquema, sem apagar",
        "Excluir Tab Versão: moves the version table to another schema, without dropping it",
    ),
    takes: |lang| {
        let yes = ("Nome da tabela, para confirmar sem pergunta", "The table's name, to confirm without a question");
        vec![arguments::option(lang, "yes", lang.pick("TABELA", "TABLE"), yes.0, yes.1), password::argument(lang)]
    },
    more: Some((PT, EN)),
    run: Some(run),
};

const PT: &str = "\
Faz login como o usuário informado (--db-user ou PGUSER), mostra a tabela e, depois de confirmado o nome, move-a para o
esquema balcao_excluidas, numa transação. Afeta todos os balcões do servidor. A saída é o SQL para desfazer.

Exemplo:
  balcao-config action excluir-tab-versao --db-user gestor --ask-password
  balcao-config action excluir-tab-versao --yes tab_versao >desfazer.sql

Códigos de saída:
  0  a tabela foi retirada
  2  erro na linha de comando, ou falta o usuário
  3  o arquivo de configuração não pode ser lido, ou um valor é inválido
  4  sem login, sem permissão, tabela em uso: nada foi alterado
  5  a tabela não existe, ou o nome não confere";

const EN: &str = "\
Logs in as the user given (--db-user or PGUSER), shows the table and, once its name is confirmed, moves it to the schema
balcao_excluidas, in one transaction. It affects every POS terminal on the server. The output is the SQL to undo it.

Example:
  balcao-config action excluir-tab-versao --db-user gestor --ask-password
  balcao-config action excluir-tab-versao --yes tab_versao >undo.sql

Exit codes:
  0  the table was set aside
  2  a mistake on the command line, or no user
  3  the config file cannot be read, or a value is invalid
  4  no login, no permission, table in use: nothing was changed
  5  there is no such table, or the name is another";

fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let yes = matches.get_one::<String>("yes");
    let asks = settings.terminals.stdin && settings.terminals.stderr && !settings.printer.json;
    if yes.is_none() && !asks {
        return Err(usage::wrong(say!(
            lang,
            "Não há terminal para perguntar; confirme com --yes e o nome da tabela.",
            "There is no terminal to ask on; confirm with --yes and the table's name."
        )));
    }
    let session = settings.session()?;
    let catalog = session.catalog();
    let name = name(settings, &session)?;
    let server = session.database().ok_or(table::Trouble::NoServer);
    let problem = |trouble: table::Trouble| trouble.problem(catalog, lang);
    let server = server.map_err(problem)?;
    let options = password::options(settings, password::is_asked(matches))?;
    let found = table::look(&server, &name, &options).map_err(problem)?;

    let typed = yes.cloned().unwrap_or_else(|| {
        let told = found.description(lang);
        let warning = Line::of(Tone::Doubtful, told.warning.clone());
        let shown: Vec<Line> = std::iter::once(warning).chain(lines(told)).collect();
        settings.printer.ask(&shown, &Table::question(lang));
        line()
    });
    if !found.is_called(&typed) {
        return Err(wrong_name(&typed, &found, lang));
    }
    let moved = table::set_aside(&server, &found, settings.now(), &options).map_err(problem)?;
    let heading = moved.message(&found.place(), lang);
    // Asked for on the terminal, it was shown already.
    let told = yes.map(|_| found.description(lang));
    let mut warnings = warnings(&options, lang);
    warnings.extend(told.as_ref().map(|told| told.warning.clone()));
    let mut notes: Vec<Line> = told.map_or_else(Vec::new, |told| lines(told).collect());
    notes.push(heading.into());
    let answer = settings.answer(
        || moved.put_back.lines().map(|line| Line::of(Tone::Exact, Safe::outside(line))).collect(),
        || {
            json!({
                "server": found.server.host,
                "port": found.server.port,
                "database": found.server.database,
                "login": found.server.login,
                "table": found.place(),
                "rows": found.rows,
                "moved_to": moved.place,
                "put_back": moved.put_back,
            })
        },
    );
    Ok(Answer { warnings, notes, done: true, ..answer })
}

/// The table's name in force, or the problem that the value is invalid.
fn name(settings: &Settings, session: &Session) -> Result<String, Problem> {
    let no_server = session.database().is_none();
    let in_the_way =
        |finding: &&Finding| finding.level() == Level::Error && (no_server || finding.key.as_str() == TABLE_KEY);
    if let Some(finding) = session.findings().iter().find(in_the_way) {
        return Err(invalid::problem(settings, session, finding, &[]));
    }
    Ok(session.version_table())
}

/// The server, the table and its rows.
fn lines(told: Description) -> impl Iterator<Item = Line> {
    let heading = [Line::of(Tone::Plain, told.server), Line::of(Tone::Strong, told.table)];
    heading.into_iter().chain(told.rows.into_iter().map(Line::from))
}

fn wrong_name(typed: &str, table: &Table, lang: Lang) -> Problem {
    let (typed, place) = (Safe::outside(typed), Safe::outside(&table.place()));
    let message = say!(lang, "“{}” não é o nome de {}.", "“{}” is not the name of {}.", typed, place);
    Problem::new(Kind::Value, "not_confirmed", message).because(table::unchanged(lang))
}
