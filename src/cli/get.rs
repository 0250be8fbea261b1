//! `get KEY`: the value in force, bare.

use clap::ArgMatches;

use super::{Answer, Entry, Settings, arguments, invalid, validate};
use crate::catalog::Level;
use crate::problem::Problem;
use crate::safe::Safe;
use crate::text::line::{Line, Tone};

pub(super) const COMMAND: Entry = Entry {
    name: "get",
    about: ("Mostra o valor atual de um parâmetro", "Prints the current value of a parameter"),
    takes: |lang| vec![arguments::key(lang)],
    more: Some((PT, EN)),
    run: Some(run),
};

const PT: &str = "\
Exemplo:
  balcao-config get integracao.porta_banco_dados

Códigos de saída:
  0  o valor foi mostrado
  2  erro na linha de comando
  3  o arquivo de configuração não pode ser lido, ou o valor é inválido
  5  o parâmetro não existe";

const EN: &str = "\
Example:
  balcao-config get integracao.porta_banco_dados

Exit codes:
  0  the value was shown
  2  a mistake on the command line
  3  the config file cannot be read, or the value is not valid
  5  there is no such parameter";

/// Refuses an invalid value: the counter program would not take it either.
fn run(settings: &Settings, matches: &ArgMatches) -> Result<Answer, Problem> {
    let session = settings.session()?;
    let parameter = arguments::named(session.catalog(), matches, settings.lang)?;
    let findings = session.findings();
    if let Some(finding) = findings.iter().find(|it| it.key == parameter.key && it.level() == Level::Error) {
        return Err(invalid::problem(settings, &session, finding, &[]));
    }
    let value = session.value(parameter);
    let line = || Line::of(Tone::Exact, Safe::outside(&parameter.kind.raw(&value)));
    let answer = settings.answer(|| vec![line()], || value.clone());
    Ok(Answer { warnings: validate::in_place_of(&session, &parameter.key, settings.lang), ..answer })
}
