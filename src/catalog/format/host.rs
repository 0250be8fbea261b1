//! A server's address: an IPv4 or IPv6 address, or a DNS name.
//!
//! Looks at the text alone and resolves nothing. The usual mistakes (a port, a URL, a comma for a dot) have messages of
//! their own, since "invalid host" helps nobody.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::text;
use crate::catalog::NoServer;
use crate::catalog::fault::{Fault, Level, in_quotes, quoted, unquoted};
use crate::catalog::kind::{Bounds, Format};
use crate::lang::{Lang, Localized};
use crate::safe::Safe;
use crate::{localized, say};

pub const FORMAT: Format = Format {
    name: "host",
    keyword: Some("host"),
    typed: |_, text| Some(text::bare(text).into()),
    describe,
    validate: |bounds, value| text::validate(bounds, value, fault),
    cannot_become_valid: |bounds, typed| {
        let typed = text::bare(typed);
        text::cannot_become_valid(bounds, typed) || cannot_become_valid(typed)
    },
    ..text::FORMAT
};

/// The longest DNS name, in characters, without the final dot (RFC 1035: 255 bytes on the wire).
const LONGEST_NAME: usize = 253;
/// The longest part between two dots (RFC 1035).
const LONGEST_LABEL: usize = 63;

fn describe(_: &Bounds, lang: Lang) -> Safe {
    say!(lang, "IP ou nome do servidor", "server's IP or name")
}

const BAD: &str = "bad_host";

/// `tag`: the few words beside the field.
fn bad(tag: Localized, message: Localized) -> Option<Fault> {
    Some(Fault::of_text(BAD, Level::Error, message).tagged(tag))
}

/// The first error, else a warning.
fn fault(text: &str) -> Option<Fault> {
    let slip = forbidden(text).or_else(|| if text.contains(':') { colons(text) } else { name(text) });
    slip.or_else(|| no_server(text.parse().ok()?))
}

/// An address, but nobody's.
fn no_server(address: IpAddr) -> Option<Fault> {
    Some(Fault::of_text("bad_address", Level::Warning, NoServer::of(address)?.words()))
}

/// What no kind of address has.
fn forbidden(text: &str) -> Option<Fault> {
    if text.is_empty() {
        return bad(
            localized!("vazio", "empty"),
            localized!("informe o IP ou o nome do servidor", "enter the server's IP or name"),
        );
    }
    let wrong =
        text.chars().find(|symbol| !matches!(symbol, 'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' | ':'));
    if text.starts_with("http:") || text.starts_with("https:") || text.contains('/') {
        return bad(
            localized!("é endereço web", "is a web address"),
            localized!(
                "parece um endereço web; informe só o IP ou o nome, sem http:// e sem barra",
                "looks like a web address; enter only the IP or name, without http:// and without a slash"
            ),
        );
    }
    let wrong = wrong?;
    if unquoted(text).is_some() {
        return Some(in_quotes(BAD, Level::Error));
    }
    let tag = match wrong {
        ' ' => localized!("tem espaço", "has a space"),
        symbol => localized!("tem “{}”", "has “{}”", quoted(symbol)),
    };
    bad(
        tag,
        match wrong {
            ' ' => localized!("contém espaço; um endereço não tem espaços", "contains a space; an address has none"),
            '[' | ']' => {
                localized!("tem colchetes; informe o IPv6 sem colchetes", "has brackets; enter the IPv6 without them")
            }
            // `fe80::1%eth0`: the zone means something on this machine alone.
            '%' => localized!(
                "contém “%”; informe o IPv6 sem o nome da interface",
                "contains “%”; enter the IPv6 without the interface's name"
            ),
            ',' => localized!("tem vírgula; separe as partes com ponto", "has a comma; separate the parts with dots"),
            symbol if !symbol.is_ascii() => localized!(
                "contém “{}”; só letras sem acento, dígitos, ponto e hífen",
                "contains “{}”; only unaccented letters, digits, dots and hyphens",
                quoted(symbol)
            ),
            symbol => localized!(
                "contém “{}”; só letras, dígitos, ponto e hífen",
                "contains “{}”; only letters, digits, dots and hyphens",
                quoted(symbol)
            ),
        },
    )
}

/// An address with colons is an IPv6 one, or has its port with it.
fn colons(text: &str) -> Option<Fault> {
    if text.parse::<Ipv6Addr>().is_ok() {
        return None;
    }
    match text.split_once(':') {
        Some((_, port)) if is_digits(port) || port.is_empty() => bad(
            localized!("tem a porta junto", "has the port in it"),
            localized!("contém a porta; informe só o endereço", "contains the port; enter only the address"),
        ),
        _ => bad(
            localized!("tem dois-pontos", "has colons"),
            localized!(
                "tem dois-pontos, mas não é um IPv6; informe o IPv4 ou o nome sem dois-pontos",
                "has colons, but is not an IPv6; enter an IPv4 or a name without colons"
            ),
        ),
    }
}

fn name(text: &str) -> Option<Fault> {
    if text.len() > LONGEST_NAME {
        return bad(
            localized!("longo demais", "too long"),
            localized!(
                "é longo demais; o máximo é de {} caracteres",
                "is too long; the maximum is {} characters",
                LONGEST_NAME
            ),
        );
    }
    // DNS would take it as "from the root"; programs that compare or check names do not.
    if text.strip_suffix('.').is_some_and(|before| !before.is_empty() && !before.ends_with('.')) {
        return bad(
            localized!("termina com ponto", "ends with a dot"),
            localized!("termina com ponto; informe sem o ponto final", "ends with a dot; enter it without"),
        );
    }
    let labels: Vec<&str> = text.split('.').collect();
    if let Some(fault) = labels.iter().find_map(|label| label_fault(label)) {
        return Some(fault);
    }
    let last = labels.last().copied().unwrap_or_default();
    if is_digits(last) {
        return if text.parse::<Ipv4Addr>().is_ok() { None } else { not_ipv4(&labels) };
    }
    let warning = |code, message| Some(Fault::of_text(code, Level::Warning, message));
    // Not a character of host names, though many resolvers take it.
    if text.contains('_') {
        return warning(
            "host_underscore",
            localized!(
                "tem “_”, que alguns programas não aceitam em nomes de servidor",
                "has “_”, which some programs do not accept in server names"
            ),
        );
    }
    // Resolvers read a last part such as `0x7f` as a number.
    let hexadecimal = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"))?;
    if !hexadecimal.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    warning(
        "host_hexadecimal",
        localized!(
            "termina como um número hexadecimal, que o sistema pode ler como outro endereço",
            "ends like a hexadecimal number, which the system may read as another address"
        ),
    )
}

/// The message for labels of which the last is a number. Resolvers read `192.168.0` as 192.168.0.0, and a leading zero as
/// octal: `010.0.0.1` as 8.0.0.1.
fn not_ipv4(labels: &[&str]) -> Option<Fault> {
    let is_octal = |label: &&str| label.len() > 1 && label.starts_with('0');
    if labels.iter().all(|label| is_digits(label)) && labels.iter().any(is_octal) {
        return bad(
            localized!("zeros à esquerda", "leading zeros"),
            localized!(
                "tem zeros à esquerda, que alteram o endereço; informe sem os zeros",
                "has leading zeros, which change the address; enter it without them"
            ),
        );
    }
    bad(
        localized!("IPv4 incompleto", "incomplete IPv4"),
        localized!(
            "não é um IPv4 completo: quatro números de 0 a 255, separados por ponto",
            "is not a complete IPv4: four numbers from 0 to 255, separated by dots"
        ),
    )
}

fn label_fault(label: &str) -> Option<Fault> {
    if label.is_empty() {
        bad(
            localized!("falta uma parte", "a part is missing"),
            localized!(
                "tem um ponto sem nada antes; falta uma parte ou sobra um ponto",
                "has a dot with nothing before it; a part is missing or a dot is extra"
            ),
        )
    } else if label.len() > LONGEST_LABEL {
        bad(
            localized!("parte longa demais", "a part is too long"),
            localized!(
                "tem uma parte longa demais; o máximo é de {} caracteres entre um ponto e outro",
                "has a part that is too long; up to {} characters between two dots",
                LONGEST_LABEL
            ),
        )
    } else if label.starts_with('-') || label.ends_with('-') {
        bad(
            localized!("hífen fora do lugar", "misplaced hyphen"),
            localized!("tem uma parte que começa ou termina com hífen", "has a part that starts or ends with a hyphen"),
        )
    } else {
        None
    }
}

fn is_digits(label: &str) -> bool {
    !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit())
}

/// `192.168.0.300` can still become the name `192.168.0.300x`.
fn cannot_become_valid(text: &str) -> bool {
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

/// One of these completes any text that is the start of an IPv6 address.
const IPV6_ENDINGS: [&str; 10] = ["", ":", "0", "::", ":0", ".0", "0.0", ".0.0", "0.0.0", ".0.0.0"];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_and_names_are_told_from_slips() {
        let long = |n: usize| vec!["a".repeat(49); n].join(".");
        let cases: Vec<(String, Option<&str>)> = [
            ("127.0.0.1", None),
            ("0.0.0.0", Some("is not the address of a server")),
            ("255.255.255.255", Some("is a network's broadcast")),
            ("255.255.255.0", Some("is a network mask")),
            ("239.255.255.250", Some("is a group's address")),
            ("::1", None),
            ("fe80::1", Some("is an IPv6 that works only")),
            ("2001:db8::192.168.0.1", None),
            ("::ffff:10.0.0.1", None),
            ("localhost", None),
            ("servidor", None),
            ("SRV-01.loja.local", None),
            ("3com.com", None),
            ("1.2.3.4.5.com", None),
            ("a", None),
            ("x--y", None),
            ("srv_01.loja", Some("has “_”")),
            ("_", Some("has “_”")),
            ("0x7f000001", Some("ends like a hexadecimal")),
            ("0xloja", None),
            ("", Some("enter the server")),
            (" 10.0.0.1", Some("contains a space")),
            ("10.0.0.1 ", Some("contains a space")),
            ("10. 0.0.1", Some("contains a space")),
            ("servidór", Some("contains “ó”; only unaccented")),
            ("10.0.0\u{200b}.1", Some("contains “\\u{200b}”; only unaccented")),
            ("http://servidor", Some("looks like a web address")),
            ("https:servidor", Some("looks like a web address")),
            ("http:// servidor", Some("looks like a web address")),
            ("servidor/gestor", Some("looks like a web address")),
            ("\"10.0.0.1\"", Some("is in quotes")),
            ("“servidor”", Some("is in quotes")),
            ("\"servidor", Some("contains “\"”")),
            ("[::1]", Some("has brackets")),
            ("[::1]:5432", Some("has brackets")),
            ("fe80::1%eth0", Some("contains “%”")),
            ("192,168.0.10", Some("has a comma")),
            ("servidor:5432", Some("contains the port")),
            ("10.0.0.1:5432", Some("contains the port")),
            ("servidor:", Some("contains the port")),
            ("1::2::3", Some("has colons")),
            ("::g", Some("has colons")),
            ("a:b", Some("has colons")),
            ("srv@loja", Some("contains “@”; only letters")),
            ("a..b", Some("has a dot with nothing")),
            (".a", Some("has a dot with nothing")),
            (".", Some("has a dot with nothing")),
            ("a..", Some("has a dot with nothing")),
            ("srv.loja.", Some("ends with a dot")),
            ("10.0.0.1.", Some("ends with a dot")),
            ("-a", Some("has a part that starts or ends")),
            ("a-.b", Some("has a part that starts or ends")),
            ("010.0.0.1", Some("has leading zeros")),
            ("192.168.000.1", Some("has leading zeros")),
            ("192.168.0", Some("is not a complete IPv4")),
            ("192.168.0.256", Some("is not a complete IPv4")),
            ("1.2.3.4.5", Some("is not a complete IPv4")),
            ("servidor.2", Some("is not a complete IPv4")),
            ("5432", Some("is not a complete IPv4")),
        ]
        .map(|(text, start)| (text.to_string(), start))
        .into_iter()
        .chain([
            ("a".repeat(63), None),
            ("a".repeat(64), Some("has a part that is too long")),
            (format!("{}.abc", long(5)), None),
            (format!("{}.abcd", long(5)), Some("is too long")),
        ])
        .collect();
        for (text, start) in cases {
            let message = fault(&text).map(|fault| fault.ending.en.as_str().trim_start_matches(": ").to_owned());
            match (message, start) {
                (Some(message), Some(start)) => assert!(message.starts_with(start), "{text:?}: {message}"),
                (message, start) => assert_eq!(message.as_deref(), start, "{text:?}"),
            }
        }
    }

    #[test]
    fn blanks_around_an_address_are_no_part_of_it() {
        for text in [" 10.0.0.1 ", "\t10.0.0.1\u{a0}", "\u{feff}10.0.0.1\u{200b}"] {
            assert_eq!((FORMAT.typed)(&Bounds::default(), text), Some("10.0.0.1".into()), "{text:?}");
            assert!(!(FORMAT.cannot_become_valid)(&Bounds::default(), text), "{text:?}");
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
        fn the_start_of_a_valid_address_can_become_valid(
            address in prop_oneof![
                any::<Ipv6Addr>().prop_map(|address| address.to_string()),
                any::<(u32, u32)>().prop_map(|(a, b)| Ipv6Addr::from_bits(u128::from(a) << 96 | u128::from(b)).to_string()),
                any::<Ipv4Addr>().prop_map(|address| address.to_ipv6_mapped().to_string()),
                any::<Ipv4Addr>().prop_map(|address| address.to_string()),
                "[a-z0-9_-]{1,6}(\\.[a-z0-9-]{1,6}){0,3}",
            ],
        ) {
            prop_assume!(fault(&address).is_none_or(|fault| fault.level == Level::Warning));
            for (end, _) in address.char_indices() {
                prop_assert!(!cannot_become_valid(&address[..end]), "{:?}", &address[..end]);
            }
            prop_assert!(!cannot_become_valid(&address));
        }

        #[test]
        fn what_cannot_become_valid_stays_wrong_whatever_follows(text in "[a-f0-9.:_-]{0,8}", more in "[a-f0-9.:-]{0,6}") {
            prop_assume!(cannot_become_valid(&text));
            let whole = format!("{text}{more}");
            prop_assert!(fault(&whole).is_some_and(|fault| fault.level == Level::Error), "{whole:?}");
        }
    }
}
