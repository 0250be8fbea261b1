//! `discover`: the machines around that answer as the server does; exit 1 where there is none.

use clap::ArgMatches;

use super::{Answer, Entry, Settings, invalid};
use crate::catalog::{Level, Parameter};
use crate::check::Cancel;
use crate::check::discover::{self, Report};
use crate::key::Key;
use crate::lang::Lang;
use crate::present::server;
use crate::problem::{Kind, Problem};
use crate::safe::Safe;
use crate::session::Session;
use crate::text::line::{Line, Tone};
use crate::{safe, say};

pub(super) const COMMAND: Entry = Entry {
    name: "discover",
    about: ("Procura o servidor na rede deste computador", "Looks for the server in this computer's network"),
    takes: |_| vec![],
    more: Some((PT, EN)),
    run: Some(run),
};

const PT: &str = "\
Testa, por até 3 segundos, os computadores das redes IPv4 em que este está (até 254 endereços em cada rede, 508 ao todo)
nas duas portas configuradas e em nenhuma outra: PostgreSQL na do banco de dados, HTTP na de integração. Neste
computador, o PostgreSQL é reconhecido sem que nada lhe seja enviado. Nada é gravado.

Exemplo:
  balcao-config discover
  balcao-config discover --json | jq -r '.machines[] | select(.matches_all) | .address'

JSON: {\"ok\", \"elapsed_ms\", \"complete\", \"hosts\", \"wanted\": [{\"target\", \"protocol\", \"port\"}],
  \"networks\": [{\"interface\", \"address\", \"prefix\", \"hosts\"}],
  \"machines\": [{\"address\", \"name\", \"this_machine\", \"matches_all\", \"services\": [{\"target\", \"protocol\", \"port\",
  \"known_by\": \"reply\"|\"socket_name\", \"tls\", \"status\", \"latency_ms\"}]}], \"warnings\": [\"…\"]}

Códigos de saída:
  0  algum computador respondeu como servidor (os que respondem nas duas portas vêm primeiro)
  1  nenhum respondeu
  2  erro na linha de comando
  3  o arquivo de configuração não pode ser lido, ou as portas são inválidas";

const EN: &str = "\
Tests, for up to 3 seconds, the computers of the IPv4 networks that this one is in (up to 254 addresses in each network,
508 in all) on the two configured ports and no other: PostgreSQL on the database's, HTTP on the integration's. On this
computer, PostgreSQL is recognised without anything being sent to it. Nothing is saved.

Example:
  balcao-config discover
  balcao-config discover --json | jq -r '.machines[] | select(.matches_all) | .address'

JSON: {\"ok\", \"elapsed_ms\", \"complete\", \"hosts\", \"wanted\": [{\"target\", \"protocol\", \"port\"}],
  \"networks\": [{\"interface\", \"address\", \"prefix\", \"hosts\"}],
  \"machines\": [{\"address\", \"name\", \"this_machine\", \"matches_all\", \"services\": [{\"target\", \"protocol\", \"port\",
  \"known_by\": \"reply\"|\"socket_name\", \"tls\", \"status\", \"latency_ms\"}]}], \"warnings\": [\"…\"]}

Exit codes:
  0  some computer answered as a server does (those that answer on both ports come first)
  1  none answered
  2  error in the command line
  3  the config file cannot be read, or the ports are invalid";

fn run(settings: &Settings, _: &ArgMatches) -> Result<Answer, Problem> {
    let lang = settings.lang;
    let session = settings.session()?;
    let Some(host) = session.server() else { return Err(no_host(lang)) };
    let wanted = session.wanted(&host.key);
    if wanted.is_empty() {
        let findings = session.findings();
        let invalid = findings.iter().find(|finding| finding.level() == Level::Error);
        return Err(invalid.map_or_else(|| no_host(lang), |finding| invalid::problem(settings, &session, finding, &[])));
    }
    // Nobody cancels here: Ctrl+C ends the process, which holds nothing that would have to be put back.
    let show = &mut |progress| settings.printer.progress(&server::progress(progress, lang));
    let found = discover::around(&wanted, &Cancel::default(), show);
    settings.printer.clear_progress();
    let report = found.unwrap_or_default();
    let answer = settings.answer(|| lines(&report, &session, host, settings), || report.json());
    let code = u8::from(report.machines.is_empty());
    Ok(Answer { warnings: server::remarks(&report, lang), code, ..answer })
}

/// The machines, how the first of them is taken over, and where was looked.
fn lines(report: &Report, session: &Session, host: &Parameter, settings: &Settings) -> Vec<Line> {
    let lang = settings.lang;
    let mut lines = server::table(report, lang);
    lines.extend(taking(report, session, host, settings));
    lines.extend(server::searched(report, lang));
    lines
}

/// The command that takes the best one over, where it answers on all ports and is not the value in force.
fn taking(report: &Report, session: &Session, host: &Parameter, settings: &Settings) -> Option<Line> {
    let best = report.machines.first().filter(|machine| report.has_all(machine))?;
    let address = best.address.to_string();
    let value = |key: &Key| safe!("{}={}", Safe::outside(key.as_str()), Safe::outside(&address));
    let command = |key: &Key| settings.again.command(&["set".into(), value(key)]);
    (session.value(host) != address.as_str()).then(|| Line::indented(4).and(Tone::Strong, command(&host.key)))
}

/// A catalog names a host wherever it names ports on one.
fn no_host(lang: Lang) -> Problem {
    let message = say!(
        lang,
        "O catálogo não tem um endereço de servidor com portas a testar.",
        "The catalog has no server address with ports to be tested."
    );
    Problem::new(Kind::Document, "no_host", message)
}
