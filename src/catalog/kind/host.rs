//! What a server's address may be: an IPv4 or IPv6 address, or a DNS name.
//!
//! Judges the text alone; nothing is resolved here. The usual slips (a port, a URL, a comma for a dot) are told apart,
//! since "invalid host" helps nobody.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::catalog::Level;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;

/// The longest DNS name, in characters, without the final dot (RFC 1035: 255 bytes on the wire).
const LONGEST_NAME: usize = 253;
/// The longest part between two dots (RFC 1035).
const LONGEST_LABEL: usize = 63;

/// What is wrong with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostFault {
    Empty,
    /// A space inside or at an end.
    Space,
    /// An accent or another character that DNS names do not have.
    NotAscii(char),
    Url,
    /// `[::1]`: brackets are how URLs write IPv6.
    Brackets,
    /// `fe80::1%eth0`: the zone means something on this machine alone.
    Zone,
    /// A comma where a dot was meant.
    Comma,
    /// `server:5432`.
    Port,
    /// Colons, and no IPv6 address.
    NotIpv6,
    /// A character that no address has.
    Character(char),
    /// Longer than a DNS name can be.
    TooLong,
    /// A part between two dots longer than DNS allows.
    LabelTooLong,
    /// A dot at the start, or two in a row.
    EmptyLabel,
    /// A dot at the end. DNS would take it as "from the root"; programs that compare or check names do not.
    TrailingDot,
    /// A part that starts or ends with a hyphen.
    Hyphen,
    /// `010.0.0.1`: resolvers read a leading zero as octal, 8.0.0.1.
    LeadingZero,
    /// The last part is digits alone, and the whole is no IPv4: resolvers read `192.168.0` as 192.168.0.0.
    NotIpv4,
    /// Only a warning: `_` is no letter of host names, though many resolvers take it.
    Underscore,
    /// Only a warning: resolvers read a last part such as `0x7f` as a number.
    Hexadecimal,
}

/// What is wrong with this address, if anything; the first error, else a warning.
pub fn validate(text: &str) -> Option<HostFault> {
    forbidden(text).or_else(|| {
        if text.contains(':') {
            return colons(text);
        }
        name(text)
    })
}

/// Characters and shapes that no kind of address has.
fn forbidden(text: &str) -> Option<HostFault> {
    if text.is_empty() {
        return Some(HostFault::Empty);
    }
    let url = text.starts_with("http:") || text.starts_with("https:") || text.contains('/');
    for symbol in text.chars() {
        let fault = match symbol {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' | ':' => continue,
            ' ' => HostFault::Space,
            '[' | ']' => HostFault::Brackets,
            '%' => HostFault::Zone,
            ',' => HostFault::Comma,
            '/' => HostFault::Url,
            symbol if !symbol.is_ascii() => HostFault::NotAscii(symbol),
            symbol => HostFault::Character(symbol),
        };
        return Some(if url { HostFault::Url } else { fault });
    }
    url.then_some(HostFault::Url)
}

fn colons(text: &str) -> Option<HostFault> {
    if text.parse::<Ipv6Addr>().is_ok() {
        return None;
    }
    match text.split_once(':') {
        Some((_, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => Some(HostFault::Port),
        _ => Some(HostFault::NotIpv6),
    }
}

fn name(text: &str) -> Option<HostFault> {
    if text.len() > LONGEST_NAME {
        return Some(HostFault::TooLong);
    }
    if let Some(before) = text.strip_suffix('.')
        && !before.is_empty()
        && !before.ends_with('.')
    {
        return Some(HostFault::TrailingDot);
    }
    let labels: Vec<&str> = text.split('.').collect();
    if let Some(fault) = labels.iter().find_map(|label| label_fault(label)) {
        return Some(fault);
    }
    let last = labels.last().copied().unwrap_or_default();
    if digits(last) {
        let octal = labels.iter().all(|label| digits(label))
            && labels.iter().any(|label| label.len() > 1 && label.starts_with('0'));
        return match text.parse::<Ipv4Addr>() {
            Ok(_) => None,
            Err(_) if octal => Some(HostFault::LeadingZero),
            Err(_) => Some(HostFault::NotIpv4),
        };
    }
    if text.contains('_') {
        return Some(HostFault::Underscore);
    }
    let hexadecimal = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    hexadecimal.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(HostFault::Hexadecimal)
}

fn label_fault(label: &str) -> Option<HostFault> {
    if label.is_empty() {
        Some(HostFault::EmptyLabel)
    } else if label.len() > LONGEST_LABEL {
        Some(HostFault::LabelTooLong)
    } else if label.starts_with('-') || label.ends_with('-') {
        Some(HostFault::Hyphen)
    } else {
        None
    }
}

fn digits(label: &str) -> bool {
    !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit())
}

/// True where nothing that could still be typed makes an address of this. May miss a case, never invents one:
/// `192.168.0.300` can still become the name `192.168.0.300x`.
pub fn cannot_become_valid(text: &str) -> bool {
    if text.is_empty() {
        return false;
    }
    if forbidden(text).is_some() || text.len() > LONGEST_NAME {
        return true;
    }
    if text.contains(':') {
        return !IPV6_ENDINGS.iter().any(|ending| format!("{text}{ending}").parse::<Ipv6Addr>().is_ok());
    }
    let (finished, open) = text.rsplit_once('.').map_or((None, text), |(before, open)| (Some(before), open));
    let finished_fault = finished.is_some_and(|before| before.split('.').any(|label| label_fault(label).is_some()));
    finished_fault || open.len() > LONGEST_LABEL || open.starts_with('-')
}

/// Where a text is the start of any IPv6 address, one of these completes it.
const IPV6_ENDINGS: [&str; 10] = ["", ":", "0", "::", ":0", ".0", "0.0", ".0.0", "0.0.0", ".0.0.0"];

impl HostFault {
    pub fn level(self) -> Level {
        match self {
            HostFault::Underscore | HostFault::Hexadecimal => Level::Warning,
            _ => Level::Error,
        }
    }

    /// What is wrong and what to write instead, as half a sentence.
    pub fn words(self, lang: Lang) -> Safe {
        match self {
            HostFault::Empty => say!(lang, "informe o IP ou o nome do servidor", "give the server's IP or name"),
            HostFault::Space => {
                say!(lang, "contém espaço; um endereço não tem espaços", "contains a space; an address has none")
            }
            HostFault::NotAscii(symbol) => say!(
                lang,
                "contém “{}”; só letras sem acento, dígitos, ponto e hífen",
                "contains “{}”; only unaccented letters, digits, dots and hyphens",
                Safe::outside(symbol.encode_utf8(&mut [0; 4]))
            ),
            HostFault::Url => say!(
                lang,
                "parece um endereço web; escreva só o IP ou o nome, sem http:// e sem barra",
                "looks like a web address; write only the IP or name, without http:// and without a slash"
            ),
            HostFault::Brackets => {
                say!(lang, "tem colchetes; escreva o IPv6 sem eles", "has brackets; write the IPv6 without them")
            }
            HostFault::Zone => say!(
                lang,
                "contém “%”; escreva o IPv6 sem o nome da interface",
                "contains “%”; write the IPv6 without the interface's name"
            ),
            HostFault::Comma => {
                say!(lang, "tem vírgula; separe as partes com ponto", "has a comma; separate the parts with dots")
            }
            HostFault::Port => {
                say!(lang, "contém a porta; escreva só o endereço", "contains the port; write the address alone")
            }
            HostFault::NotIpv6 => say!(
                lang,
                "tem dois-pontos, mas não é um IPv6; um IPv4 ou um nome se escreve sem eles",
                "has colons, but is no IPv6; an IPv4 or a name is written without them"
            ),
            HostFault::Character(symbol) => say!(
                lang,
                "contém “{}”; só letras, dígitos, ponto e hífen",
                "contains “{}”; only letters, digits, dots and hyphens",
                Safe::outside(symbol.encode_utf8(&mut [0; 4]))
            ),
            HostFault::TooLong => {
                say!(lang, "é longo demais; até {} caracteres", "is too long; up to {} characters", LONGEST_NAME)
            }
            HostFault::LabelTooLong => say!(
                lang,
                "tem uma parte longa demais; até {} caracteres entre um ponto e outro",
                "has a part that is too long; up to {} characters between two dots",
                LONGEST_LABEL
            ),
            HostFault::EmptyLabel => say!(
                lang,
                "tem um ponto sem nada antes dele; falta uma parte ou sobra um ponto",
                "has a dot with nothing before it; a part is missing or a dot is extra"
            ),
            HostFault::TrailingDot => {
                say!(lang, "termina com ponto; escreva sem o ponto final", "ends with a dot; write it without")
            }
            HostFault::Hyphen => say!(
                lang,
                "tem uma parte que começa ou termina com hífen",
                "has a part that starts or ends with a hyphen"
            ),
            HostFault::LeadingZero => say!(
                lang,
                "tem zeros à esquerda, que mudam o endereço; escreva sem eles",
                "has leading zeros, which change the address; write it without them"
            ),
            HostFault::NotIpv4 => say!(
                lang,
                "não é um IPv4 completo: quatro números de 0 a 255, separados por ponto",
                "is not a whole IPv4: four numbers from 0 to 255, separated by dots"
            ),
            HostFault::Underscore => say!(
                lang,
                "tem “_”, que alguns programas não aceitam em nomes de servidor",
                "has “_”, which some programs do not accept in server names"
            ),
            HostFault::Hexadecimal => say!(
                lang,
                "termina como um número hexadecimal, que o sistema pode ler como outro endereço",
                "ends like a hexadecimal number, which the system may read as another address"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_and_names_are_told_from_slips() {
        let long = |n: usize| vec!["a".repeat(49); n].join(".");
        let cases: Vec<(String, Option<HostFault>)> = [
            ("127.0.0.1", None),
            ("0.0.0.0", None),
            ("255.255.255.255", None),
            ("::1", None),
            ("fe80::1", None),
            ("2001:db8::192.168.0.1", None),
            ("::ffff:10.0.0.1", None),
            ("localhost", None),
            ("servidor", None),
            ("SRV-01.loja.local", None),
            ("3com.com", None),
            ("1.2.3.4.5.com", None),
            ("a", None),
            ("x--y", None),
            ("srv_01.loja", Some(HostFault::Underscore)),
            ("_", Some(HostFault::Underscore)),
            ("0x7f000001", Some(HostFault::Hexadecimal)),
            ("0xloja", None),
            ("", Some(HostFault::Empty)),
            (" 10.0.0.1", Some(HostFault::Space)),
            ("10.0.0.1 ", Some(HostFault::Space)),
            ("10. 0.0.1", Some(HostFault::Space)),
            ("servidór", Some(HostFault::NotAscii('ó'))),
            ("10.0.0\u{200b}.1", Some(HostFault::NotAscii('\u{200b}'))),
            ("http://servidor", Some(HostFault::Url)),
            ("https:servidor", Some(HostFault::Url)),
            ("http:// servidor", Some(HostFault::Url)),
            ("servidor/gestor", Some(HostFault::Url)),
            ("[::1]", Some(HostFault::Brackets)),
            ("[::1]:5432", Some(HostFault::Brackets)),
            ("fe80::1%eth0", Some(HostFault::Zone)),
            ("192,168.0.10", Some(HostFault::Comma)),
            ("servidor:5432", Some(HostFault::Port)),
            ("10.0.0.1:5432", Some(HostFault::Port)),
            ("servidor:", Some(HostFault::Port)),
            ("1::2::3", Some(HostFault::NotIpv6)),
            ("::g", Some(HostFault::NotIpv6)),
            ("a:b", Some(HostFault::NotIpv6)),
            ("srv@loja", Some(HostFault::Character('@'))),
            ("a..b", Some(HostFault::EmptyLabel)),
            (".a", Some(HostFault::EmptyLabel)),
            (".", Some(HostFault::EmptyLabel)),
            ("a..", Some(HostFault::EmptyLabel)),
            ("srv.loja.", Some(HostFault::TrailingDot)),
            ("10.0.0.1.", Some(HostFault::TrailingDot)),
            ("-a", Some(HostFault::Hyphen)),
            ("a-.b", Some(HostFault::Hyphen)),
            ("010.0.0.1", Some(HostFault::LeadingZero)),
            ("192.168.000.1", Some(HostFault::LeadingZero)),
            ("192.168.0", Some(HostFault::NotIpv4)),
            ("192.168.0.256", Some(HostFault::NotIpv4)),
            ("1.2.3.4.5", Some(HostFault::NotIpv4)),
            ("servidor.2", Some(HostFault::NotIpv4)),
            ("5432", Some(HostFault::NotIpv4)),
        ]
        .map(|(text, fault)| (text.to_string(), fault))
        .into_iter()
        .chain([
            ("a".repeat(63), None),
            ("a".repeat(64), Some(HostFault::LabelTooLong)),
            (format!("{}.abc", long(5)), None),
            (format!("{}.abcd", long(5)), Some(HostFault::TooLong)),
        ])
        .collect();
        for (text, fault) in cases {
            assert_eq!(validate(&text), fault, "{text:?}");
        }
    }

    #[test]
    fn words_come_while_typing_only_when_nothing_can_mend_it() {
        for open in ["", "1", "192.168.0.300", "srv.", "a-", "::", ":", "1:2:3:4:5:6:7:", "::ffff:1.2.", "fe80:", "_"] {
            assert!(!cannot_become_valid(open), "{open:?}");
        }
        for lost in ["a..", ".", "-", "a-.", "srv:", "10.0.0.1:", "http:", "a b", "1:::", "12345:", "é", ",", "1:g"] {
            assert!(cannot_become_valid(lost), "{lost:?}");
        }
    }

    proptest! {
        #[test]
        fn the_start_of_a_valid_address_is_never_hopeless(
            address in prop_oneof![
                any::<Ipv6Addr>().prop_map(|address| address.to_string()),
                any::<(u32, u32)>().prop_map(|(a, b)| Ipv6Addr::from_bits(u128::from(a) << 96 | u128::from(b)).to_string()),
                any::<Ipv4Addr>().prop_map(|address| address.to_ipv6_mapped().to_string()),
                any::<Ipv4Addr>().prop_map(|address| address.to_string()),
                "[a-z0-9_-]{1,6}(\\.[a-z0-9-]{1,6}){0,3}",
            ],
        ) {
            prop_assume!(validate(&address).is_none_or(|fault| fault.level() == Level::Warning));
            for (end, _) in address.char_indices() {
                prop_assert!(!cannot_become_valid(&address[..end]), "{:?}", &address[..end]);
            }
            prop_assert!(!cannot_become_valid(&address));
        }

        #[test]
        fn what_is_hopeless_stays_wrong_whatever_follows(text in "[a-f0-9.:_-]{0,8}", more in "[a-f0-9.:-]{0,6}") {
            prop_assume!(cannot_become_valid(&text));
            let whole = format!("{text}{more}");
            prop_assert!(validate(&whole).is_some_and(|fault| fault.level() == Level::Error), "{whole:?}");
        }
    }
}
