//! What the name of a table may be: an SQL identifier as PostgreSQL reads it without quotes, with or without its schema.

use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;

/// PostgreSQL's NAMEDATALEN less its closing zero, in bytes. Longer names are cut without an error, and then name
/// something else.
const LONGEST: usize = 63;

/// What is wrong with an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentifierFault {
    Empty,
    /// A dot with nothing before or after it.
    EmptyPart,
    Dots,
    /// Starts with what no identifier starts with.
    Start(char),
    /// A character that would need quotes.
    Character(char),
    /// A part of more than 63 bytes.
    TooLong,
}

/// What is wrong with this identifier, if anything. Letters of any language are taken, as PostgreSQL takes them.
pub fn validate(text: &str) -> Option<IdentifierFault> {
    if text.is_empty() {
        return Some(IdentifierFault::Empty);
    }
    if let Some(fault) = text.split('.').filter(|part| !part.is_empty()).find_map(part_fault) {
        return Some(fault);
    }
    match text.split('.').count() {
        3.. => Some(IdentifierFault::Dots),
        _ => text.split('.').any(str::is_empty).then_some(IdentifierFault::EmptyPart),
    }
}

fn part_fault(part: &str) -> Option<IdentifierFault> {
    let starts = |symbol: char| symbol == '_' || symbol.is_alphabetic();
    if let Some(symbol) = part.chars().find(|&symbol| !(starts(symbol) || symbol.is_numeric() || symbol == '$')) {
        return Some(IdentifierFault::Character(symbol));
    }
    if let Some(symbol) = part.chars().next().filter(|&symbol| !starts(symbol)) {
        return Some(IdentifierFault::Start(symbol));
    }
    (part.len() > LONGEST).then_some(IdentifierFault::TooLong)
}

/// True where nothing that could still be typed makes an identifier of this.
pub fn cannot_become_valid(text: &str) -> bool {
    match validate(text) {
        None | Some(IdentifierFault::Empty) => false,
        Some(IdentifierFault::EmptyPart) => text.starts_with('.'),
        Some(_) => true,
    }
}

impl IdentifierFault {
    /// What is wrong and what to write instead, as half a sentence.
    pub fn words(self, lang: Lang) -> Safe {
        match self {
            IdentifierFault::Empty => say!(lang, "informe o nome da tabela", "give the table's name"),
            IdentifierFault::EmptyPart => say!(
                lang,
                "tem um ponto sem nome ao lado; escreva tabela ou esquema.tabela",
                "has a dot without a name beside it; write table or schema.table"
            ),
            IdentifierFault::Dots => say!(
                lang,
                "tem pontos demais; escreva tabela ou esquema.tabela",
                "has too many dots; write table or schema.table"
            ),
            IdentifierFault::Start(symbol) => say!(
                lang,
                "começa com “{}”; um nome começa com letra ou “_”",
                "starts with “{}”; a name starts with a letter or “_”",
                Safe::outside(symbol.encode_utf8(&mut [0; 4]))
            ),
            IdentifierFault::Character(symbol) => say!(
                lang,
                "contém “{}”; só letras, dígitos, “_” e “$”, sem aspas",
                "contains “{}”; only letters, digits, “_” and “$”, without quotes",
                Safe::outside(symbol.encode_utf8(&mut [0; 4]))
            ),
            IdentifierFault::TooLong => say!(
                lang,
                "tem um nome longo demais; o PostgreSQL aceita até {} bytes",
                "has a name that is too long; PostgreSQL takes up to {} bytes",
                LONGEST
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_read_as_postgresql_reads_them() {
        let cases = [
            ("tab_versao", None),
            ("public.tab_versao", None),
            ("_a$1", None),
            ("Tab", None),
            ("versão", None),
            ("", Some(IdentifierFault::Empty)),
            (".", Some(IdentifierFault::EmptyPart)),
            ("a.", Some(IdentifierFault::EmptyPart)),
            (".a", Some(IdentifierFault::EmptyPart)),
            ("a.b.c", Some(IdentifierFault::Dots)),
            ("1a", Some(IdentifierFault::Start('1'))),
            ("a.$b", Some(IdentifierFault::Start('$'))),
            ("a b", Some(IdentifierFault::Character(' '))),
            ("\"a\"", Some(IdentifierFault::Character('"'))),
            ("a;drop", Some(IdentifierFault::Character(';'))),
            ("tab-versao", Some(IdentifierFault::Character('-'))),
        ];
        for (text, fault) in cases {
            assert_eq!(validate(text), fault, "{text:?}");
        }
        assert_eq!(validate(&"a".repeat(63)), None);
        assert_eq!(validate(&"a".repeat(64)), Some(IdentifierFault::TooLong));
        assert_eq!(validate(&"ç".repeat(32)), Some(IdentifierFault::TooLong), "bytes count, not characters");
    }

    #[test]
    fn an_identifier_that_is_still_being_typed_is_not_hopeless() {
        for open in ["", "a", "a.", "public.t"] {
            assert!(!cannot_become_valid(open), "{open:?}");
        }
        for lost in [".", ".a", "1", "a b", "a..", "a.b.", "a.1"] {
            assert!(cannot_become_valid(lost), "{lost:?}");
        }
    }
}
