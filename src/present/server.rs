//! The servers that a search found, and where it looked.

use std::io;

use super::mark;
use crate::check::discover::{End, KnownBy, Machine, Progress, Protocol, Reply, Report, Searched, Service, Wanted};
use crate::errno;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::text::line::{Line, Tone, columns};
use crate::{safe, say};

/// A machine a row: its address, what answers there, its latency, its name. Those that answer on all ports first.
pub fn table(report: &Report, lang: Lang) -> Vec<Line> {
    let rows: Vec<[Safe; 4]> = report.machines.iter().map(|machine| row(machine, report, lang)).collect();
    let marked = |(line, machine): (Line, &Machine)| {
        let is_right = report.has_all(machine) && !machine.services.iter().any(has_error);
        let (tone, mark) = if is_right { (Tone::Good, mark::PASSES) } else { (Tone::Doubtful, mark::WARNS) };
        Line::of(tone, mark).and(Tone::Plain, " ").join(line)
    };
    columns(&rows).into_iter().zip(&report.machines).map(marked).collect()
}

fn row(machine: &Machine, report: &Report, lang: Lang) -> [Safe; 4] {
    let address = Safe::outside(&machine.address.to_string());
    [address, services(machine, report, lang), latency(machine), name(machine, lang)]
}

fn name(machine: &Machine, lang: Lang) -> Safe {
    match &machine.name {
        _ if machine.this_machine => say!(lang, "este computador", "this computer"),
        Some(name) => Safe::outside(name),
        None => Safe::default(),
    }
}

/// `PostgreSQL e HTTP`; `só PostgreSQL` where the rest does not answer. Ports are named where they are not those looked for.
fn services(machine: &Machine, report: &Report, lang: Lang) -> Safe {
    let services: Vec<Safe> = machine.services.iter().map(|service| service_name(service, lang)).collect();
    let services = Safe::join(&services, lang.pick(" e ", " and "));
    let is_part = machine.services.iter().any(|service| service.target.is_some()) && !report.has_all(machine);
    if is_part { say!(lang, "só {}", "only {}", services) } else { services }
}

fn service_name(service: &Service, lang: Lang) -> Safe {
    let name = protocol(service.protocol);
    match service.known_by {
        KnownBy::Reply { reply: Reply::Error, .. } => say!(lang, "{} (erro)", "{} (error)", name),
        KnownBy::Reply { reply: Reply::Status(status @ 500..), .. } => {
            say!(lang, "{} (erro {})", "{} (error {})", name, status)
        }
        _ if service.target.is_none() => on_port(service.protocol, service.port, lang),
        _ => Safe::own(name),
    }
}

fn on_port(service: Protocol, port: u16, lang: Lang) -> Safe {
    say!(lang, "{} na porta {}", "{} on port {}", protocol(service), port)
}

fn has_error(service: &Service) -> bool {
    matches!(service.known_by, KnownBy::Reply { reply: Reply::Error | Reply::Status(500..), .. })
}

const fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Postgres => "PostgreSQL",
        Protocol::Http => "HTTP",
    }
}

fn latency(machine: &Machine) -> Safe {
    match machine.latency().map(|latency| u64::try_from(latency.as_millis()).unwrap_or(u64::MAX)) {
        None => Safe::default(),
        Some(0) => Safe::own("< 1 ms"),
        Some(ms) => safe!("{} ms", ms),
    }
}

/// What is looked for: `PostgreSQL na porta 5432 e HTTP na porta 8082`.
pub fn wanted(wanted: &[Wanted], lang: Lang) -> Safe {
    let one = |wanted: &Wanted| on_port(wanted.protocol, wanted.port, lang);
    Safe::join(&wanted.iter().map(one).collect::<Vec<_>>(), lang.pick(" e ", " and "))
}

/// Where was looked, a line a network.
pub fn searched(report: &Report, lang: Lang) -> Vec<Line> {
    let wanted = wanted(&report.wanted, lang);
    let heading = say!(lang, "Procurado: {}.", "Looked for: {}.", wanted);
    let network = |Searched { network, hosts }: &Searched| {
        let address = safe!("{}/{}", Safe::outside(&network.address.to_string()), network.prefix);
        let interface = Safe::outside(&network.interface);
        match hosts {
            1 => say!(lang, "Rede {} ({}): 1 endereço.", "Network {} ({}): 1 address.", interface, address),
            _ => say!(lang, "Rede {} ({}): {} endereços.", "Network {} ({}): {} addresses.", interface, address, hosts),
        }
    };
    let networks = report.networks.iter().filter(|searched| searched.hosts > 0).map(network);
    std::iter::once(heading).chain(networks).map(|sentence| Line::of(Tone::Faint, sentence)).collect()
}

/// What is to be said beside the machines: why there are none, or not all of them, and what to do.
pub fn remarks(report: &Report, lang: Lang) -> Vec<Safe> {
    let mut remarks = vec![];
    if let Some(number) = report.unknown {
        let reason = errno::message(&io::Error::from_raw_os_error(number), lang);
        remarks.push(say!(
            lang,
            "Não foi possível ler as redes deste computador: {}. Só ele foi testado.",
            "The networks of this computer could not be read: {}. Only it was tested.",
            reason
        ));
    } else if report.hosts == 0 {
        remarks.push(say!(
            lang,
            "Este computador não está em nenhuma rede IPv4 com outros computadores: só ele foi testado. Confira o cabo ou o Wi-Fi; os endereços aparecem com: ip -br addr",
            "This computer is in no IPv4 network with other computers: only it was tested. Check the cable or the Wi-Fi; addresses are shown by: ip -br addr"
        ));
    } else if report.machines.is_empty() {
        remarks.push(say!(
            lang,
            "Nenhum servidor encontrado nestas portas. Confira se o servidor está ligado, nesta rede e com as portas liberadas no firewall; no servidor, o endereço aparece com ipconfig (Windows) ou ip -br addr (Linux).",
            "No server was found on these ports. Check that the server is on, in this network, and that its firewall allows the ports; on the server, its address is shown by ipconfig (Windows) or ip -br addr (Linux)."
        ));
    }
    match report.end {
        End::OutOfTime => remarks.push(say!(
            lang,
            "O tempo acabou antes do fim: nem todos os endereços foram testados.",
            "Time was up before the end: not all addresses were tested."
        )),
        End::OutOfSockets => remarks.push(say!(
            lang,
            "Este computador não tem mais conexões disponíveis: nem todos os endereços foram testados.",
            "This computer has no connections left: not all addresses were tested."
        )),
        End::Complete | End::Cancelled => {}
    }
    remarks
}

/// How far the search is.
pub fn progress(progress: Progress, lang: Lang) -> Safe {
    let Progress { asked, of, found } = progress;
    match found {
        0 if of == 0 => say!(lang, "Procurando o servidor…", "Looking for the server…"),
        0 => say!(
            lang,
            "Procurando o servidor: {} de {} endereços…",
            "Looking for the server: {} of {} addresses…",
            asked,
            of
        ),
        1 => say!(
            lang,
            "Procurando o servidor: {} de {} endereços, 1 encontrado…",
            "Looking for the server: {} of {} addresses, 1 found…",
            asked,
            of
        ),
        _ => say!(
            lang,
            "Procurando o servidor: {} de {} endereços, {} encontrados…",
            "Looking for the server: {} of {} addresses, {} found…",
            asked,
            of,
            found
        ),
    }
}
