//! What a value amounts to, seen by an example or by its kind: quantities and prices with the decimal places in force, what kind of
//! address a server has. From the values alone: nothing is asked of the network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::catalog::{Level, NoServer, Parameter, Probe};
use crate::key::Key;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;
use crate::session::Session;

/// The decimal places of quantities, and of prices.
const PLACES: [&str; 2] = ["geral.casas_decimais_qtde", "geral.casas_decimais_valor"];

/// What the value in force amounts to; `None` where nothing is to be shown, or the value is not valid.
pub fn of(session: &Session, parameter: &Parameter, lang: Lang) -> Option<Safe> {
    let value = session.value(parameter);
    if parameter.kind.validate(&value).is_some_and(|fault| fault.level == Level::Error) {
        return None;
    }
    if PLACES.contains(&parameter.key.as_str()) {
        return sale(session, lang);
    }
    let is_host = parameter.check.as_ref().is_some_and(|check| check.probe == Probe::Host);
    address(value.as_str().filter(|_| is_host)?, lang)
}

/// `Exemplo: 1.234,500 × 12,34`
fn sale(session: &Session, lang: Lang) -> Option<Safe> {
    let places = |key: &str| {
        let parameter = session.catalog().parameter(&Key::parse(key)?)?;
        let value = session.value(parameter);
        usize::try_from(value.as_u64()?).ok().filter(|_| parameter.kind.validate(&value).is_none())
    };
    let [quantity, price] = PLACES.map(places);
    let (quantity, price) = (decimal("1.234", "5", quantity?, lang), decimal("12", "34", price?, lang));
    Some(say!(lang, "Exemplo: {} × {}", "Example: {} × {}", quantity, price))
}

/// The whole part, and so many of the decimals.
fn decimal(whole: &str, decimals: &str, places: usize, lang: Lang) -> Safe {
    let decimals: String = decimals.chars().chain(std::iter::repeat('0')).take(places).collect();
    let (thousands, point) = (lang.pick(".", ","), lang.pick(",", "."));
    let point = if places == 0 { "" } else { point };
    Safe::outside(&format!("{}{point}{decimals}", whole.replace('.', thousands)))
}

/// What kind of address it is.
fn address(host: &str, lang: Lang) -> Option<Safe> {
    let shown = Safe::outside(host);
    let Ok(address) = host.parse::<IpAddr>() else {
        return Some(match host.eq_ignore_ascii_case("localhost") {
            true => say!(lang, "{} é sempre este computador.", "{} is always this computer.", shown),
            false => say!(
                lang,
                "{} é um nome, que o DNS ou o arquivo hosts traduz em endereço.",
                "{} is a name, which DNS or the hosts file turns into an address.",
                shown
            ),
        });
    };
    // What no server can have is said as a warning.
    if NoServer::of(address).is_some() {
        return None;
    }
    let address = match address {
        IpAddr::V6(six) => six.to_ipv4_mapped().map_or(address, IpAddr::V4),
        four => four,
    };
    Some(match address {
        _ if address.is_loopback() => say!(lang, "{} é sempre este computador.", "{} is always this computer.", shown),
        IpAddr::V4(four) if four.is_private() => private(shown, lang),
        IpAddr::V6(six) if six.is_unique_local() => private(shown, lang),
        IpAddr::V4(four) if is_of_carrier(four) => say!(
            lang,
            "{} é um endereço interno do provedor (CGNAT).",
            "{} is an internal address of the provider (CGNAT).",
            shown
        ),
        IpAddr::V4(four) if four.is_link_local() => say!(
            lang,
            "{} é um endereço automático (link-local), que só vale na própria rede.",
            "{} is an automatic address (link-local), which holds on its own network alone.",
            shown
        ),
        IpAddr::V6(six) if !is_global(six) => return None,
        _ => say!(lang, "{} é um endereço público, da internet.", "{} is a public address, of the internet.", shown),
    })
}

fn private(shown: Safe, lang: Lang) -> Safe {
    say!(lang, "{} é um endereço de rede privada.", "{} is an address of a private network.", shown)
}

/// 100.64.0.0/10 (RFC 6598).
fn is_of_carrier(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    first == 100 && second & 0b1100_0000 == 64
}

/// 2000::/3, of which all public addresses are.
fn is_global(address: Ipv6Addr) -> bool {
    address.segments()[0] >> 13 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_an_address_is_told_from_its_digits() {
        for (host, words) in [
            ("127.0.0.1", "é sempre este computador"),
            ("localhost", "é sempre este computador"),
            ("::1", "é sempre este computador"),
            ("192.168.0.10", "de rede privada"),
            ("172.31.0.1", "de rede privada"),
            ("fd00::1", "de rede privada"),
            ("::ffff:10.0.0.1", "de rede privada"),
            ("100.64.0.1", "CGNAT"),
            ("100.128.0.1", "público"),
            ("169.254.3.4", "link-local"),
            ("200.1.2.3", "público"),
            ("2804::1", "público"),
            ("servidor.loja", "é um nome"),
        ] {
            let told = address(host, Lang::Pt).unwrap();
            assert!(told.as_str().contains(words), "{host}: {told}");
        }
        for host in ["255.255.255.0", "fe80::1", "0.0.0.0"] {
            assert_eq!(address(host, Lang::Pt), None, "{host}");
        }
    }

    #[test]
    fn decimals_are_written_as_people_write_them() {
        assert_eq!(decimal("1.234", "5", 3, Lang::Pt).as_str(), "1.234,500");
        assert_eq!(decimal("1.234", "5", 0, Lang::Pt).as_str(), "1.234");
        assert_eq!(decimal("1.234", "5", 1, Lang::En).as_str(), "1,234.5");
        assert_eq!(decimal("12", "34", 10, Lang::Pt).as_str(), "12,3400000000");
    }
}
