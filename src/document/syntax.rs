//! Why a text is not JSON: `serde_json`'s reasons made typed, exact and sayable in two languages.
//!
//! `serde_json` says its reasons in English alone and keeps their type to itself, so they are known by their
//! words. A test draws every one of them out of the locked version; words that are not known (a later version's)
//! are shown as its own remark behind a sentence of ours.

use super::read::{Reason, Refusal, brief};
use crate::lang::Lang;
use crate::safe::Safe;
use crate::{safe, say};

/// Why a text is not JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// The text ends before this bracket or quote, opened at this line, is closed.
    Unclosed(char, usize),
    /// The text ends where a value is wanted, and nothing is open.
    Ended,
    /// Something else where one of these is wanted.
    Wanted(Wanted, char),
    /// A comma with nothing behind it.
    TrailingComma,
    Comment,
    Quotes(char),
    /// A word that is none of `true`, `false`, `null`.
    Word(String),
    /// A backslash with something that cannot follow it.
    Escape,
    /// Not spelled as a number is in JSON.
    Number,
    /// A control character, bare inside a string; most often an unclosed quote before the line's end.
    Control(char),
    /// Something behind the end of the document.
    AfterEnd(char),
    /// A reason that this table does not know, in `serde_json`'s words.
    Other(String),
}

/// What JSON wants at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Value,
    Key,
    /// The colon between key and value.
    Colon,
    /// A comma, or the end of the list.
    CommaOrBracket,
    /// A comma, or the end of the object.
    CommaOrBrace,
}

/// What `serde_json`'s words mean, before the text is looked at.
enum Remark {
    Ended,
    Wanted(Wanted),
    Word,
    Number,
    OutOfRange,
    Surrogate,
    Escape,
    TrailingComma,
    Control,
    AfterEnd,
}

/// Every remark that reading a document can draw from `serde_json` 1.0.
fn remark(words: &str) -> Option<Remark> {
    Some(match words {
        "EOF while parsing a list"
        | "EOF while parsing an object"
        | "EOF while parsing a string"
        | "EOF while parsing a value" => Remark::Ended,
        "expected `:`" => Remark::Wanted(Wanted::Colon),
        "expected `,` or `]`" => Remark::Wanted(Wanted::CommaOrBracket),
        "expected `,` or `}`" => Remark::Wanted(Wanted::CommaOrBrace),
        "expected value" => Remark::Wanted(Wanted::Value),
        "key must be a string" => Remark::Wanted(Wanted::Key),
        "expected ident" => Remark::Word,
        "invalid number" => Remark::Number,
        "number out of range" => Remark::OutOfRange,
        // The second is said of a first half that no second half follows.
        "lone leading surrogate in hex escape" | "unexpected end of hex escape" => Remark::Surrogate,
        "invalid escape" => Remark::Escape,
        "trailing comma" => Remark::TrailingComma,
        "trailing characters" => Remark::AfterEnd,
        words if words.starts_with("control character (") => Remark::Control,
        _ => return None,
    })
}

/// Where and why `serde_json` refused `text`.
pub(super) fn refusal(text: &str, error: &serde_json::Error) -> Refusal {
    if let Some(offset) = conflict_marker(text) {
        return Refusal::at(offset, Reason::MergeConflict);
    }
    let offset = offset_of(text, error);
    let words = error.to_string();
    let words = words.split(" at line ").next().unwrap_or_default();
    let found = text.get(offset..).and_then(|rest| rest.chars().next()).unwrap_or('\0');
    let refused = |syntax| Refusal::at(offset, Reason::Syntax(syntax));
    let in_string = Open::of(text, offset, usize::MAX).in_string();
    match remark(words) {
        None => refused(Syntax::Other(words.to_owned())),
        Some(Remark::Ended) => ended(text),
        Some(Remark::OutOfRange) => Refusal::at(number_start(text, offset), Reason::NumberOutOfRange),
        Some(Remark::Surrogate) => Refusal::at(in_string.unwrap_or(offset), Reason::LoneSurrogate),
        Some(Remark::Escape) => refused(Syntax::Escape),
        Some(Remark::Control) => refused(Syntax::Control(found)),
        Some(Remark::TrailingComma) => trailing_comma(text, offset),
        Some(Remark::AfterEnd) => strange(text, offset, found).unwrap_or_else(|| refused(Syntax::AfterEnd(found))),
        Some(Remark::Word | Remark::Number) => strange(text, offset, found).unwrap_or_else(|| number(text, offset)),
        Some(Remark::Wanted(wanted)) => match (wanted, found) {
            _ if is_misspelt_number(text, offset, wanted, found) => number(text, offset),
            (Wanted::Value, ']' | '}') if comma_before(text, offset).is_some() => trailing_comma(text, offset),
            _ => strange(text, offset, found).unwrap_or_else(|| refused(Syntax::Wanted(wanted, found))),
        },
    }
}

/// The byte that an error is about: `serde_json` counts bytes from 1, and a line end as column 0 of the next line.
fn offset_of(text: &str, error: &serde_json::Error) -> usize {
    let mut starts = std::iter::once(0).chain(text.match_indices('\n').map(|(end, _)| end + 1));
    let start = starts.nth(error.line().saturating_sub(1)).unwrap_or(text.len());
    let offset = (start + error.column()).saturating_sub(1);
    text.floor_char_boundary(offset.min(text.len()))
}

/// Where a line begins that only a version control system's merge writes; no JSON holds one, since strings hold
/// no bare line end.
fn conflict_marker(text: &str) -> Option<usize> {
    const MARKS: [&str; 4] = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];
    let mut starts = std::iter::once(0).chain(text.match_indices('\n').map(|(end, _)| end + 1));
    starts.find(|start| MARKS.iter().any(|mark| text.get(*start..).is_some_and(|rest| rest.starts_with(mark))))
}

/// The text ended too early: said with what was left open, at the text's last visible character.
fn ended(text: &str) -> Refusal {
    let last = text.trim_end().char_indices().next_back().map_or(0, |(offset, _)| offset);
    let open = Open::of(text, text.len(), usize::MAX).last();
    let syntax = open.map_or(Syntax::Ended, |offset| {
        let bracket = text.get(offset..).and_then(|rest| rest.chars().next()).unwrap_or('{');
        Syntax::Unclosed(bracket, super::place::of(text, offset).0)
    });
    Refusal::at(last, Reason::Syntax(syntax))
}

/// Things of other languages that people write into JSON.
fn strange(text: &str, offset: usize, found: char) -> Option<Refusal> {
    let rest = text.get(offset..).unwrap_or_default();
    let syntax = match found {
        '#' => Syntax::Comment,
        '/' if rest.starts_with("//") || rest.starts_with("/*") => Syntax::Comment,
        '\'' | '‘' | '’' | '“' | '”' | '«' | '»' => Syntax::Quotes(found),
        _ => {
            let (start, word) = word_around(text, offset)?;
            return Some(Refusal::at(start, Reason::Syntax(Syntax::Word(word.to_owned()))));
        }
    };
    Some(Refusal::at(offset, Reason::Syntax(syntax)))
}

/// The letters that `offset` is in or just behind, with a sign before them; `None` where there are none.
fn word_around(text: &str, offset: usize) -> Option<(usize, &str)> {
    let letter = |symbol: &char| symbol.is_alphabetic() || *symbol == '_';
    let before: usize = text.get(..offset)?.chars().rev().take_while(letter).map(char::len_utf8).sum();
    let after: usize = text.get(offset..)?.chars().take_while(letter).map(char::len_utf8).sum();
    let start = offset - before;
    let sign = usize::from(text.get(..start)?.ends_with('-'));
    // Letters within a number (`12a`, `1e`) are a misspelt number, no word.
    let in_number = text.get(..start - sign)?.ends_with(|symbol: char| symbol.is_ascii_digit() || symbol == '.');
    (before + after > 0 && !in_number).then(|| Some((start - sign, text.get(start - sign..offset + after)?)))?
}

/// Where the number begins that `offset` is in or just behind.
fn number_start(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or_default();
    let part = |symbol: &char| symbol.is_ascii_digit() || matches!(symbol, '-' | '+' | '.' | ',' | 'e' | 'E');
    offset - before.chars().rev().take_while(part).count()
}

fn number(text: &str, offset: usize) -> Refusal {
    Refusal::at(number_start(text, offset), Reason::Syntax(Syntax::Number))
}

/// A number that goes on where JSON's have ended: `0x10`, `12a`, and the decimal comma of `1,5`.
fn is_misspelt_number(text: &str, offset: usize, wanted: Wanted, found: char) -> bool {
    let ends_in_digit = |text: &str| text.ends_with(|symbol: char| symbol.is_ascii_digit());
    let before = text.get(..offset).unwrap_or_default();
    match wanted {
        Wanted::CommaOrBrace | Wanted::CommaOrBracket => {
            (found.is_alphanumeric() || found == '.') && ends_in_digit(before)
        }
        Wanted::Key => found.is_ascii_digit() && before.strip_suffix(',').is_some_and(ends_in_digit),
        Wanted::Value | Wanted::Colon => false,
    }
}

/// Said at the comma, which may stand lines above the bracket where reading stopped.
fn trailing_comma(text: &str, offset: usize) -> Refusal {
    Refusal::at(comma_before(text, offset).unwrap_or(offset), Reason::Syntax(Syntax::TrailingComma))
}

/// The comma that only space separates from `offset`.
fn comma_before(text: &str, offset: usize) -> Option<usize> {
    text.get(..offset)?.trim_end().strip_suffix(',').map(str::len)
}

/// The brackets and the quote that are open at a place; found by reading the text without judging it.
pub(super) struct Open<'t> {
    text: &'t str,
    stack: Vec<usize>,
}

impl<'t> Open<'t> {
    /// Reads up to `end`, or until `depth` brackets are open.
    pub(super) fn of(text: &'t str, end: usize, depth: usize) -> Open<'t> {
        let mut stack = vec![];
        let mut in_string = false;
        let mut bytes = text.bytes().enumerate().take(end);
        while let Some((offset, byte)) = bytes.next() {
            match byte {
                b'\\' if in_string => _ = bytes.next(),
                b'"' if in_string => {
                    in_string = false;
                    stack.pop();
                }
                _ if in_string => {}
                b'"' => {
                    in_string = true;
                    stack.push(offset);
                }
                b'{' | b'[' => stack.push(offset),
                b'}' | b']' => _ = stack.pop(),
                _ => {}
            }
            if stack.len() >= depth && !in_string {
                break;
            }
        }
        Open { text, stack }
    }

    pub(super) fn last(&self) -> Option<usize> {
        self.stack.last().copied()
    }

    /// The opening quote, where the innermost is one.
    fn in_string(&self) -> Option<usize> {
        self.last().filter(|offset| self.text.as_bytes().get(*offset) == Some(&b'"'))
    }
}

impl Wanted {
    fn words(self, lang: Lang) -> &'static str {
        match self {
            Wanted::Value => lang.pick(
                "um valor (texto entre aspas, número, true, false, null, objeto ou lista)",
                "a value (text in quotes, number, true, false, null, object or list)",
            ),
            Wanted::Key => lang.pick("uma chave entre aspas duplas", "a key in double quotes"),
            Wanted::Colon => lang.pick("dois-pontos (:) depois da chave", "a colon (:) after the key"),
            Wanted::CommaOrBracket => lang.pick("vírgula ou o fim da lista (])", "a comma or the end of the list (])"),
            Wanted::CommaOrBrace => lang.pick("vírgula ou o fim do objeto (})", "a comma or the end of the object (})"),
        }
    }
}

impl Syntax {
    /// What was found and what was expected, as half a sentence.
    pub fn words(&self, lang: Lang) -> Safe {
        match self {
            Syntax::Unclosed('"', line) => say!(
                lang,
                "o arquivo termina antes de fechar as aspas abertas na linha {}; ele pode estar cortado",
                "the file ends before the quotes opened at line {} are closed; it may be cut off",
                line
            ),
            Syntax::Unclosed(bracket, line) => say!(
                lang,
                "o arquivo termina antes de fechar “{}”, da linha {}; ele pode estar cortado",
                "the file ends before “{}” of line {} is closed; it may be cut off",
                shown(*bracket),
                line
            ),
            Syntax::Ended => say!(lang, "o arquivo termina sem um valor", "the file ends without a value"),
            Syntax::Wanted(wanted, found) => say!(
                lang,
                "encontrado “{}”; esperado: {}",
                "found “{}”; expected: {}",
                shown(*found),
                wanted.words(lang)
            ),
            Syntax::TrailingComma => say!(
                lang,
                "vírgula a mais: depois dela era esperado outro item; apague a vírgula",
                "one comma too many: another item was expected after it; delete the comma"
            ),
            Syntax::Comment => say!(
                lang,
                "há um comentário, e JSON não tem comentários; apague-o",
                "there is a comment, and JSON has no comments; delete it"
            ),
            Syntax::Quotes(quote) => say!(
                lang,
                "encontrado “{}”; em JSON, textos e chaves ficam entre aspas duplas retas (\")",
                "found “{}”; in JSON, texts and keys stand in straight double quotes (\")",
                shown(*quote)
            ),
            Syntax::Word(word) => word_words(word, lang),
            Syntax::Escape => say!(
                lang,
                "depois de uma barra invertida era esperado um de \" \\ / b f n r t, ou u com quatro dígitos \
                 hexadecimais; uma barra invertida literal se escreve \\\\",
                "after a backslash one of \" \\ / b f n r t was expected, or u with four hexadecimal digits; \
                 a literal backslash is written \\\\"
            ),
            Syntax::Number => say!(
                lang,
                "número malformado; esperado algo como 5432, -1 ou 0.5 (ponto decimal, sem zeros à esquerda)",
                "malformed number; expected something like 5432, -1 or 0.5 (decimal point, no leading zeros)"
            ),
            Syntax::Control('\n' | '\r') => say!(
                lang,
                "o texto não foi fechado: esperadas aspas (\") antes do fim da linha",
                "the text is not closed: quotes (\") were expected before the end of the line"
            ),
            Syntax::Control('\t') => say!(
                lang,
                "há uma tabulação dentro de um texto; esperado \\t em seu lugar",
                "there is a tab inside a text; \\t was expected in its place"
            ),
            Syntax::Control(found) => say!(
                lang,
                "há um caractere de controle ({}) dentro de um texto; apague-o",
                "there is a control character ({}) inside a text; delete it",
                shown(*found)
            ),
            Syntax::AfterEnd(found) => say!(
                lang,
                "encontrado “{}” depois do fim do documento; esperado: nada mais",
                "found “{}” after the end of the document; expected: nothing more",
                shown(*found)
            ),
            Syntax::Other(words) => say!(
                lang,
                "o texto não é JSON (observação do leitor: {})",
                "the text is not JSON (the reader's remark: {})",
                brief(words)
            ),
        }
    }
}

/// Words that mean something in other languages, with what JSON says instead.
fn word_words(word: &str, lang: Lang) -> Safe {
    let instead = match word.trim_start_matches('-').to_lowercase().as_str() {
        "true" | "sim" | "yes" | "on" | "verdadeiro" => Some("true"),
        "false" | "não" | "nao" | "no" | "off" | "falso" => Some("false"),
        "none" | "null" | "nil" | "undefined" | "nulo" => Some("null"),
        "nan" | "infinity" | "inf" => {
            return say!(
                lang,
                "{} não é um número em JSON; esperado um número comum",
                "{} is no number in JSON; an ordinary number was expected",
                brief(word)
            );
        }
        _ => None,
    };
    match instead {
        Some(instead) => say!(
            lang,
            "encontrado {}; em JSON se escreve {}",
            "found {}; in JSON it is written {}",
            brief(word),
            instead
        ),
        None => say!(
            lang,
            "encontrado {} sem aspas; textos e chaves ficam entre aspas duplas (\")",
            "found {} without quotes; texts and keys stand in double quotes (\")",
            brief(word)
        ),
    }
}

fn shown(symbol: char) -> Safe {
    safe!("{}", Safe::outside(symbol.encode_utf8(&mut [0; 4])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::strict;

    /// What `serde_json` says of a text, read as documents are read.
    fn said(text: &str) -> String {
        let error = serde_json::from_str::<serde_json::Value>(text).unwrap_err();
        error.to_string().split(" at line ").next().unwrap().to_owned()
    }

    #[test]
    fn every_remark_of_serde_json_is_known() {
        let remarks = [
            ("[1", "EOF while parsing a list"),
            ("{\"a\":1", "EOF while parsing an object"),
            ("\"a", "EOF while parsing a string"),
            ("[1,", "EOF while parsing a value"),
            ("{\"a\" 1}", "expected `:`"),
            ("[1 2]", "expected `,` or `]`"),
            ("{\"a\":1 2}", "expected `,` or `}`"),
            ("trux", "expected ident"),
            ("[?]", "expected value"),
            ("{1:2}", "key must be a string"),
            ("\"\\x\"", "invalid escape"),
            ("1.x", "invalid number"),
            ("1e999", "number out of range"),
            ("\"\u{1}\"", "control character (\\u0000-\\u001F) found while parsing a string"),
            ("\"\\udc00\"", "lone leading surrogate in hex escape"),
            ("\"\\ud800x\"", "unexpected end of hex escape"),
            ("[1,]", "trailing comma"),
            ("1 2", "trailing characters"),
        ];
        for (text, words) in remarks {
            assert_eq!(said(text), words, "{text}: the words are the locked version's");
            assert!(remark(words).is_some(), "{words}");
        }
    }

    #[test]
    fn a_remark_that_is_not_known_is_shown_behind_a_sentence_of_ours() {
        let words = Syntax::Other("new \u{1b}remark".into()).words(Lang::Pt);
        assert_eq!(words.as_str(), "o texto não é JSON (observação do leitor: new ‹ESC›remark)");
    }

    #[test]
    fn each_mistake_is_named_at_its_place() {
        let cases = [
            ("{\"a\": 1,\n }", 7, Syntax::TrailingComma),
            ("[1, ]", 2, Syntax::TrailingComma),
            ("{,}", 1, Syntax::Wanted(Wanted::Key, ',')),
            ("{\"a\": 1,, \"b\": 2}", 8, Syntax::Wanted(Wanted::Key, ',')),
            ("{\"a\": 1,5}", 6, Syntax::Number),
            ("{\"a\": 0x1F}", 6, Syntax::Number),
            ("{\"a\": -}", 6, Syntax::Number),
            ("{\"a\": 1.2.3}", 6, Syntax::Number),
            ("{\"a\": 1e}", 6, Syntax::Number),
            ("{\"a\": -NaN}", 6, Syntax::Word("-NaN".into())),
            ("{\"a\": nan}", 6, Syntax::Word("nan".into())),
            ("{\"a\": truex}", 6, Syntax::Word("truex".into())),
            ("{\"a\": FALSE}", 6, Syntax::Word("FALSE".into())),
            ("{\"a\": 1} // fim", 9, Syntax::Comment),
            ("{\"a\": /1}", 6, Syntax::Wanted(Wanted::Value, '/')),
            ("{\"a\": 'x'}", 6, Syntax::Quotes('\'')),
            ("{\"a\": [\"}", 8, Syntax::Unclosed('"', 1)),
            ("{\"a\n\": 1}", 3, Syntax::Control('\n')),
            ("{\n\n", 0, Syntax::Unclosed('{', 1)),
            ("-", 0, Syntax::Ended),
            ("{}é", 2, Syntax::Word("é".into())),
        ];
        for (text, offset, syntax) in cases {
            let refusal = strict::index(text).unwrap_err();
            let Reason::Syntax(found) = refusal.reason else { panic!("{text}: {:?}", refusal.reason) };
            assert_eq!((refusal.offset, found), (Some(offset), syntax), "{text}");
        }
    }

    #[test]
    fn open_brackets_and_quotes_are_those_outside_of_strings() {
        let text = r#"{"a{": ["\"[", {"#;
        assert_eq!(Open::of(text, text.len(), usize::MAX).stack, [0, 7, 15]);
        assert_eq!(Open::of(text, 11, usize::MAX).in_string(), Some(8));
        assert_eq!(Open::of(text, text.len(), 2).last(), Some(7));
    }
}
