//! Names and texts as SQL writes and reads them, and the server's words as bytes.
//!
//! Whoever may create something in a schema of the search path can put a function or an operator of their own in the way of
//! the system's, and it would run with the rights of our login. So all that is asked names its functions, types and
//! operators in full.

use crate::safe::Safe;

/// The schema for tables that were set aside.
pub const SCHEMA: &str = "balcao_excluidas";

/// In bytes; PostgreSQL cuts longer names.
const LONGEST_NAME: usize = 63;

/// A name as SQL writes it. Always in quotes: which names could go without depends on the server's version. What no terminal
/// shows as it is (a line's end, an invisible letter) is escaped, since the SQL that puts a table back is copied off one.
pub fn identifier(name: &str) -> String {
    let shown = |symbol: char| Safe::outside(symbol.encode_utf8(&mut [0; 4])).as_str().chars().eq([symbol]);
    if name.chars().all(shown) {
        return format!("\"{}\"", name.replace('"', "\"\""));
    }
    let mut written = String::from("U&\"");
    for symbol in name.chars() {
        match symbol {
            '"' => written.push_str("\"\""),
            '\\' => written.push_str(r"\\"),
            symbol if shown(symbol) => written.push(symbol),
            symbol => written.push_str(&format!("\\+{:06x}", u32::from(symbol))),
        }
    }
    written.push('"');
    written
}

/// A text as SQL writes it, whatever the server's setting for backslashes.
pub fn literal(text: &str) -> String {
    format!("E'{}'", text.replace('\\', r"\\").replace('\'', "''"))
}

/// The parts of a name with or without its schema, as the server would read it: `None` where it is no name.
pub fn parts(written: &str) -> Option<Vec<String>> {
    let mut parts = vec![];
    let mut rest = written;
    loop {
        let (part, after) = first_part(rest)?;
        if part.is_empty() || part.contains('\0') {
            return None;
        }
        parts.push(with_suffix(&part, ""));
        if after.is_empty() {
            return Some(parts);
        }
        rest = after.strip_prefix('.')?;
    }
}

fn first_part(written: &str) -> Option<(String, &str)> {
    let Some(quoted) = written.strip_prefix('"') else {
        let starts = |symbol: char| symbol.is_ascii_alphabetic() || symbol == '_' || !symbol.is_ascii();
        written.chars().next().filter(|first| starts(*first))?;
        let goes_on = |symbol: char| starts(symbol) || symbol.is_ascii_digit() || symbol == '$';
        let (word, after) = written.split_at(written.find(|symbol| !goes_on(symbol)).unwrap_or(written.len()));
        return Some((word.to_ascii_lowercase(), after));
    };
    let mut part = String::new();
    let mut rest = quoted;
    loop {
        let (before, after) = rest.split_once('"')?;
        part.push_str(before);
        let Some(more) = after.strip_prefix('"') else { return Some((part, after)) };
        part.push('"');
        rest = more;
    }
}

/// A name and what is added to it, the name cut where both would be too long.
pub fn with_suffix(name: &str, suffix: &str) -> String {
    let end = name.floor_char_boundary(LONGEST_NAME.saturating_sub(suffix.len()));
    format!("{}{suffix}", name.get(..end).unwrap_or_default())
}

/// An expression that gives a text's bytes, spelled in ASCII: a database without an encoding holds any bytes, and the server
/// would refuse to send them.
pub fn bytes_of(text: &str) -> String {
    format!(
        "pg_catalog.encode(pg_catalog.convert_to(({text})::pg_catalog.text, \
         CASE WHEN pg_catalog.getdatabaseencoding() OPERATOR(pg_catalog.=) 'SQL_ASCII'::pg_catalog.name \
         THEN 'SQL_ASCII'::pg_catalog.name ELSE 'UTF8'::pg_catalog.name END), 'hex')"
    )
}

/// The bytes that [`bytes_of`] spells.
pub fn bytes(spelled: &str) -> Vec<u8> {
    let pairs = spelled.as_bytes().chunks_exact(2);
    pairs.filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_stay_what_they_are_in_sql() {
        assert_eq!(identifier("Tab Versão"), "\"Tab Versão\"");
        assert_eq!(identifier("a\"; DROP TABLE x; --"), "\"a\"\"; DROP TABLE x; --\"");
        assert_eq!(identifier("a\n\\\"\u{202e}"), r#"U&"a\+00000a\\""\+00202e""#);
        assert_eq!(literal(r"a'b\"), r"E'a''b\\'");
    }

    #[test]
    fn a_name_is_read_as_the_server_reads_it() {
        let read = |text: &str| parts(text).map(|parts| parts.join("|"));
        assert_eq!(read("TAB_Versao").unwrap(), "tab_versao");
        assert_eq!(read("Loja.\"Tab \"\"1\"\".x\"").unwrap(), "loja|Tab \"1\".x");
        assert_eq!(read("a.b.c").unwrap(), "a|b|c");
        for wrong in ["", "a.", ".a", "a b", "1a", "\"a", "\"\"", "a'b", "\"a\"b", "\"a\0\""] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_long_name_is_cut_before_its_suffix_and_not_within_a_letter() {
        let name = format!("{}ção", "x".repeat(44));
        let cut = with_suffix(&name, "_20260312_094100");
        assert_eq!(cut, format!("{}ç_20260312_094100", "x".repeat(44)));
        assert!(cut.len() <= LONGEST_NAME);
    }

    #[test]
    fn bytes_are_read_as_they_were_spelled() {
        assert_eq!(bytes("76e36f"), b"v\xe3o");
        assert_eq!(bytes(""), b"");
    }
}
