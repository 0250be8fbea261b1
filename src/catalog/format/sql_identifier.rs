//! The name of a table: an SQL identifier as PostgreSQL reads it without quotes, with or without its schema.

use super::text;
use crate::catalog::fault::{Fault, Level, in_quotes, quoted, unquoted};
use crate::catalog::kind::{Bounds, Format};
use crate::lang::{Lang, Localized};
use crate::safe::Safe;
use crate::{localized, say};

pub const FORMAT: Format = Format {
    name: "sql_identifier",
    keyword: Some("sql-identifier"),
    typed: |_, text| Some(text::bare(text).into()),
    describe,
    validate: |bounds, value| text::validate(bounds, value, fault),
    cannot_become_valid: |bounds, typed| {
        let typed = text::bare(typed);
        text::cannot_become_valid(bounds, typed) || cannot_become_valid(typed)
    },
    ..text::FORMAT
};

/// PostgreSQL's NAMEDATALEN less its closing zero, in bytes. Longer names are cut without an error, and then name
/// something else.
const LONGEST: usize = 63;

fn describe(_: &Bounds, lang: Lang) -> Safe {
    say!(lang, "tabela ou esquema.tabela", "table or schema.table")
}

/// Letters of any language are taken, as PostgreSQL takes them.
fn fault(text: &str) -> Option<Fault> {
    if text.is_empty() {
        return bad(localized!("vazio", "empty"), localized!("informe o nome da tabela", "enter the table's name"));
    }
    if unquoted(text).is_some() {
        return Some(in_quotes(BAD, Level::Error));
    }
    if let Some(fault) = text.split('.').find_map(part_fault) {
        return Some(fault);
    }
    if text.split('.').count() > 2 {
        return bad(
            localized!("tem pontos demais", "has too many dots"),
            localized!(
                "tem pontos demais; informe tabela ou esquema.tabela",
                "has too many dots; enter table or schema.table"
            ),
        );
    }
    if text.split('.').any(str::is_empty) {
        return bad(
            localized!("falta um nome", "a name is missing"),
            localized!(
                "tem um ponto sem nome ao lado; informe tabela ou esquema.tabela",
                "has a dot without a name beside it; enter table or schema.table"
            ),
        );
    }
    None
}

fn part_fault(part: &str) -> Option<Fault> {
    let starts = |symbol: char| symbol == '_' || symbol.is_alphabetic();
    if let Some(symbol) = part.chars().find(|&symbol| !(starts(symbol) || symbol.is_numeric() || symbol == '$')) {
        return bad(
            localized!("tem “{}”", "has “{}”", quoted(symbol)),
            localized!(
                "contém “{}”; só letras, dígitos, “_” e “$”, sem aspas",
                "contains “{}”; only letters, digits, “_” and “$”, without quotes",
                quoted(symbol)
            ),
        );
    }
    if let Some(symbol) = part.chars().next().filter(|&symbol| !starts(symbol)) {
        return bad(
            localized!("começa com “{}”", "starts with “{}”", quoted(symbol)),
            localized!(
                "começa com “{}”; um nome começa com letra ou “_”",
                "starts with “{}”; a name starts with a letter or “_”",
                quoted(symbol)
            ),
        );
    }
    if part.len() > LONGEST {
        return bad(
            localized!("longo demais", "too long"),
            localized!(
                "tem um nome longo demais; o PostgreSQL aceita até {} bytes",
                "has a name that is too long; PostgreSQL accepts up to {} bytes",
                LONGEST
            ),
        );
    }
    None
}

const BAD: &str = "bad_identifier";

/// `tag`: the few words beside the field.
fn bad(tag: Localized, message: Localized) -> Option<Fault> {
    Some(Fault::of_text(BAD, Level::Error, message).tagged(tag))
}

fn cannot_become_valid(text: &str) -> bool {
    text.starts_with('.') || text.split('.').count() > 2 || text.split('.').any(|part| part_fault(part).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_read_as_postgresql_reads_them() {
        let message =
            |text: &str| fault(text).map(|fault| fault.ending.en.as_str().trim_start_matches(": ").to_owned());
        let cases = [
            ("tab_versao", None),
            ("public.tab_versao", None),
            ("_a$1", None),
            ("Tab", None),
            ("versão", None),
            ("", Some("enter the table's name")),
            (".", Some("has a dot without a name")),
            ("a.", Some("has a dot without a name")),
            (".a", Some("has a dot without a name")),
            ("a.b.c", Some("has too many dots")),
            ("1a", Some("starts with “1”")),
            ("a.$b", Some("starts with “$”")),
            ("a b", Some("contains “ ”")),
            ("\"a\"", Some("is in quotes")),
            ("\"a\".b", Some("contains “\"”")),
            ("a;drop", Some("contains “;”")),
            ("tab-versao", Some("contains “-”")),
        ];
        for (text, start) in cases {
            match (message(text), start) {
                (Some(message), Some(start)) => assert!(message.starts_with(start), "{text:?}: {message}"),
                (message, start) => assert_eq!(message.as_deref(), start, "{text:?}"),
            }
        }
        assert_eq!(message(&"a".repeat(63)), None);
        assert!(message(&"a".repeat(64)).unwrap().contains("too long"));
        assert!(message(&"ç".repeat(32)).unwrap().contains("too long"), "bytes count, not characters");
    }

    #[test]
    fn an_identifier_that_is_still_being_typed_can_become_valid() {
        for open in ["", "a", "a.", "public.t"] {
            assert!(!cannot_become_valid(open), "{open:?}");
        }
        for lost in [".", ".a", "1", "a b", "a..", "a.b.", "a.1"] {
            assert!(cannot_become_valid(lost), "{lost:?}");
        }
    }
}
