//! Why a text is not JSON, and where, with the messages.

use super::place;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;

/// What is wrong with a text, and where.
#[derive(Debug)]
pub struct Error {
    /// The byte that it is about; `None` where it is the text as a whole.
    pub offset: Option<usize>,
    /// The steps that lead there (`.name`, `[3]`), the last one first.
    path: Vec<String>,
    pub fault: Fault,
}

/// Why a text is not JSON, or not JSON that is accepted here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing, or nothing but white space.
    Empty,
    /// Nothing but NUL bytes, as a power cut leaves behind.
    OnlyNul,
    /// In this encoding: a kind of UTF-16 or UTF-32, as iconv calls it.
    Wide(&'static str),
    /// UTF-8 with a byte order mark.
    ByteOrderMark,
    /// Not UTF-8, from this byte on.
    NotUtf8(u8),
    /// A version control system's merge was left unfinished.
    MergeConflict,
    /// The text ends before this bracket or quote, opened at this line, is closed.
    Unclosed(char, usize),
    /// The text ends where a value is wanted, and nothing is open.
    Ended,
    /// Something else where one of these is wanted.
    Unexpected(Wanted, char),
    /// A comma with no item after it.
    TrailingComma,
    Comment,
    Quotes(char),
    /// A word that is none of `true`, `false`, `null`.
    Word(String),
    /// A backslash followed by something that cannot follow it.
    Escape,
    /// Not spelled as a number is in JSON.
    Number,
    /// A control character, bare inside a string; most often an unclosed quote before the line's end.
    Control(char),
    /// More than 128 objects and lists inside each other.
    TooDeep,
    /// A key of the same object a second time.
    DuplicateKey {
        /// Line and column of the first.
        first: (usize, usize),
    },
    /// A number that no double can hold.
    NumberOutOfRange,
    /// Half of a UTF-16 pair in `\u` escapes.
    LoneSurrogate,
    /// The whole text is something else than an object.
    TopNotObject(Shape),
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
    /// Nothing more.
    End,
}

/// What kind of JSON value something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Object,
    List,
    Text,
    Number,
    Boolean,
    Null,
}

impl Error {
    pub(super) fn at(offset: usize, fault: Fault) -> Error {
        Error { offset: Some(offset), path: vec![], fault }
    }

    pub(super) fn of_all(fault: Fault) -> Error {
        Error { offset: None, path: vec![], fault }
    }

    /// The same in the value that this step leads to.
    pub(super) fn within(mut self, step: String) -> Error {
        self.path.push(step);
        self
    }

    /// The key that it is in, `integracao.porta` or `lista[3]`; `None` at the top.
    pub fn key(&self) -> Option<String> {
        let key: String = self.path.iter().rev().map(String::as_str).collect();
        let key = key.strip_prefix('.').unwrap_or(&key);
        (!key.is_empty()).then(|| key.to_owned())
    }

    /// The names of the keys that lead there, without places in lists.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.path.iter().rev().filter_map(|step| step.strip_prefix('.'))
    }

    /// Line and column in the text that was read.
    pub fn place(&self, bytes: &[u8]) -> Option<(usize, usize)> {
        // What stands before the offset was read as UTF-8 already.
        let before = String::from_utf8_lossy(bytes.get(..self.offset?)?);
        Some(place::of(&before, before.len()))
    }
}

/// Where a line begins that only a version control system's merge writes; no JSON holds one, since strings hold
/// no bare line end.
pub(super) fn conflict_marker(text: &str) -> Option<usize> {
    const MARKS: [&str; 4] = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];
    let mut starts = std::iter::once(0).chain(text.match_indices('\n').map(|(end, _)| end + 1));
    starts.find(|start| MARKS.iter().any(|mark| text.get(*start..).is_some_and(|rest| rest.starts_with(mark))))
}

impl Shape {
    /// What a valid JSON text is, by its first character.
    pub fn of(json: &str) -> Shape {
        match json.as_bytes().first() {
            Some(b'{') => Shape::Object,
            Some(b'[') => Shape::List,
            Some(b'"') => Shape::Text,
            Some(b't' | b'f') => Shape::Boolean,
            Some(b'n') => Shape::Null,
            _ => Shape::Number,
        }
    }

    pub fn message(self, lang: Lang) -> &'static str {
        match self {
            Shape::Object => lang.pick("um objeto", "an object"),
            Shape::List => lang.pick("uma lista", "a list"),
            Shape::Text => lang.pick("um texto", "a text"),
            Shape::Number => lang.pick("um número", "a number"),
            Shape::Boolean => lang.pick("true ou false", "true or false"),
            Shape::Null => "null",
        }
    }
}

impl Wanted {
    fn message(self, lang: Lang) -> &'static str {
        match self {
            Wanted::Value => lang.pick(
                "um valor (texto entre aspas, número, true, false, null, objeto ou lista)",
                "a value (text in quotes, number, true, false, null, object or list)",
            ),
            Wanted::Key => lang.pick("uma chave entre aspas duplas", "a key in double quotes"),
            Wanted::Colon => lang.pick("dois-pontos (:) depois da chave", "a colon (:) after the key"),
            Wanted::CommaOrBracket => {
                lang.pick("uma vírgula ou do fim da lista (])", "a comma or the end of the list (])")
            }
            Wanted::CommaOrBrace => {
                lang.pick("uma vírgula ou do fim do objeto (})", "a comma or the end of the object (})")
            }
            Wanted::End => lang.pick("nada mais", "nothing more"),
        }
    }
}

impl Fault {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Fault::Empty => "empty",
            Fault::OnlyNul => "nul_bytes",
            Fault::Wide(_) => "utf_16",
            Fault::ByteOrderMark => "byte_order_mark",
            Fault::NotUtf8(_) => "not_utf8",
            Fault::MergeConflict => "merge_conflict",
            Fault::TooDeep => "too_deep",
            Fault::DuplicateKey { .. } => "duplicate_key",
            Fault::NumberOutOfRange => "number_out_of_range",
            Fault::LoneSurrogate => "lone_surrogate",
            Fault::TopNotObject(_) => "not_an_object",
            _ => "not_json",
        }
    }

    /// What was found and what was expected, as half a sentence.
    pub fn message(&self, lang: Lang) -> Safe {
        match self {
            Fault::Empty => say!(
                lang,
                "o arquivo está vazio; deve ter um objeto JSON, ao menos {{}}",
                "the file is empty; it must have a JSON object, at least {{}}"
            ),
            Fault::OnlyNul => say!(
                lang,
                "o arquivo só contém bytes NUL, provavelmente por queda de energia durante uma gravação",
                "the file holds only NUL bytes, probably from a power cut while it was written"
            ),
            Fault::Wide(encoding) => {
                say!(
                    lang,
                    "o arquivo está em {}; deve estar em UTF-8",
                    "the file is in {}; it must be in UTF-8",
                    *encoding
                )
            }
            Fault::ByteOrderMark => say!(
                lang,
                "o arquivo começa com uma marca de ordem de bytes (BOM); grave em UTF-8 sem BOM",
                "the file begins with a byte order mark (BOM); save it as UTF-8 without BOM"
            ),
            Fault::NotUtf8(byte) => say!(
                lang,
                "o byte 0x{}{} não é UTF-8; talvez o arquivo esteja em Latin-1",
                "byte 0x{}{} is not UTF-8; the file may be in Latin-1",
                digit(byte >> 4),
                digit(byte & 15)
            ),
            Fault::MergeConflict => say!(
                lang,
                "há uma marca de conflito de mesclagem (<<<<<<<, =======, >>>>>>>)",
                "there is a merge conflict marker (<<<<<<<, =======, >>>>>>>)"
            ),
            Fault::Unclosed('"', line) => say!(
                lang,
                "o arquivo termina antes de fechar as aspas abertas na linha {}; ele pode estar cortado",
                "the file ends before the quotes opened at line {} are closed; it may be cut off",
                line
            ),
            Fault::Unclosed(bracket, line) => say!(
                lang,
                "o arquivo termina antes de fechar “{}”, da linha {}; ele pode estar cortado",
                "the file ends before “{}” of line {} is closed; it may be cut off",
                shown(*bracket),
                line
            ),
            Fault::Ended => say!(lang, "o arquivo termina sem um valor", "the file ends without a value"),
            Fault::Unexpected(Wanted::End, found) => say!(
                lang,
                "há “{}” depois do fim; apague o que sobra",
                "there is “{}” after the end; delete what is left over",
                shown(*found)
            ),
            Fault::Unexpected(wanted, found) => say!(
                lang,
                "há “{}” no lugar de {}",
                "there is “{}” in place of {}",
                shown(*found),
                wanted.message(lang)
            ),
            Fault::TrailingComma => {
                say!(lang, "há uma vírgula a mais; apague a vírgula", "there is one comma too many; delete it")
            }
            Fault::Comment => say!(
                lang,
                "há um comentário, e JSON não tem comentários; apague o comentário",
                "there is a comment, and JSON has no comments; delete it"
            ),
            Fault::Quotes(quote) => say!(
                lang,
                "há “{}”; em JSON, textos e chaves ficam entre aspas duplas retas (\")",
                "there is “{}”; in JSON, texts and keys go in straight double quotes (\")",
                shown(*quote)
            ),
            Fault::Word(word) => word_message(word, lang),
            Fault::Escape => say!(
                lang,
                "depois de \\ só pode vir \" \\ / b f n r t ou u e quatro dígitos hexadecimais; para uma barra \
                 comum, use \\\\",
                "after \\ only \" \\ / b f n r t or u and four hexadecimal digits may follow; for a plain \
                 backslash, use \\\\"
            ),
            Fault::Number => say!(
                lang,
                "número inválido; use algo como 5432, -1 ou 0.5 (com ponto, sem zeros à esquerda)",
                "invalid number; use something like 5432, -1 or 0.5 (decimal point, no leading zeros)"
            ),
            Fault::Control('\n' | '\r') => say!(
                lang,
                "o texto não foi fechado: faltam aspas (\") antes do fim da linha",
                "the text is not closed: quotes (\") are missing before the end of the line"
            ),
            Fault::Control('\t') => say!(
                lang,
                "há uma tabulação dentro de um texto; use \\t no lugar",
                "there is a tab inside a text; use \\t in its place"
            ),
            Fault::Control(found) => say!(
                lang,
                "há um caractere de controle ({}) dentro de um texto; apague-o",
                "there is a control character ({}) inside a text; delete it",
                shown(*found)
            ),
            Fault::TooDeep => say!(
                lang,
                "há mais de 128 níveis de objetos e listas",
                "there are more than 128 levels of objects and lists"
            ),
            Fault::DuplicateKey { first: (line, column) } => say!(
                lang,
                "chave repetida (a primeira está na linha {}, coluna {}); apague uma delas",
                "duplicate key (the first is at line {}, column {}); delete one of them",
                line,
                column
            ),
            Fault::NumberOutOfRange => say!(
                lang,
                "número grande demais; o máximo é cerca de 1.8e308",
                "number too large; the maximum is about 1.8e308"
            ),
            Fault::LoneSurrogate => say!(
                lang,
                "o texto tem um \\u de D800 a DFFF sem par; complete ou apague",
                "the text has a \\u from D800 to DFFF without its pair; complete or delete it"
            ),
            Fault::TopNotObject(shape) => say!(
                lang,
                "o arquivo é {}; deve ser um objeto JSON ({{…}})",
                "the file is {}; it must be a JSON object ({{…}})",
                shape.message(lang)
            ),
        }
    }
}

/// Words that mean something in other languages, with what JSON says instead.
fn word_message(word: &str, lang: Lang) -> Safe {
    let shown = Safe::excerpt(word);
    let instead = match word.trim_start_matches('-').to_lowercase().as_str() {
        "true" | "sim" | "yes" | "on" | "verdadeiro" => "true",
        "false" | "não" | "nao" | "no" | "off" | "falso" => "false",
        "none" | "null" | "nil" | "undefined" | "nulo" => "null",
        "nan" | "infinity" | "inf" => {
            return say!(
                lang,
                "{} não é um número em JSON; use um número comum",
                "{} is not a number in JSON; use an ordinary number",
                shown
            );
        }
        _ => {
            return say!(
                lang,
                "{} está sem aspas; textos e chaves ficam entre aspas duplas (\")",
                "{} is without quotes; texts and keys go in double quotes (\")",
                shown
            );
        }
    };
    say!(lang, "há {}; em JSON se escreve {}", "there is {}; in JSON it is written {}", shown, instead)
}

fn shown(symbol: char) -> Safe {
    Safe::outside(symbol.encode_utf8(&mut [0; 4]))
}

fn digit(half: u8) -> char {
    char::from_digit(u32::from(half), 16).unwrap_or('?')
}
