//! What can be wrong with catalog files, and how it is told.

use std::io;
use std::path::{Path, PathBuf};

use crate::catalog::Finding;
use crate::json::{self, Fault};
use crate::key::Key;
use crate::lang::Lang;
use crate::problem::{Kind, Problem};
use crate::safe::Safe;
use crate::{safe, say};

/// Everything that is wrong with the catalog files, not only the first. Never empty.
#[derive(Debug)]
pub struct LoadErrors {
    pub(super) errors: Vec<LoadError>,
}

/// One thing wrong with one file.
#[derive(Debug)]
pub struct LoadError {
    /// The file, or the folder where it could not be read.
    pub file: PathBuf,
    /// Line and column from 1, columns in characters; none where the file has no text to point into.
    pub place: Option<(usize, usize)>,
    /// The keys that lead there, as the file spells them.
    pub path: Vec<String>,
    pub reason: Reason,
}

/// The ways in which a catalog file can be wrong.
#[derive(Debug)]
pub enum Reason {
    /// The folder cannot be listed.
    Folder(io::Error),
    /// The file cannot be read.
    File(io::Error),
    /// A folder, FIFO, socket or device.
    NotAFile,
    /// Larger than this, in bytes.
    TooLarge(u64),
    /// Its text is not JSON as it is accepted here.
    Json(Fault),
    /// A keyword that has no meaning there; a silent one would be a slip that nobody finds.
    Unknown,
    /// A keyword that does not go with the parameter's type.
    Misplaced,
    Missing(&'static str),
    /// Another JSON type, or an empty text; what was expected.
    Expected(Expected),
    /// A group or parameter name that is not `[a-z][a-z0-9_]*`, or that the document needs for itself.
    Name,
    /// A section that there is not.
    Section(String),
    /// Title, section or order given for a group that exists already.
    GroupExists,
    KeyExists,
    /// `minimum` is greater than `maximum`.
    Bounds,
    /// `enum` is empty, has a value twice, or one that is not of the type.
    Enumeration,
    /// `labels` are not one text for each value of `enum`.
    Labels,
    /// Another parameter's check has this target.
    TargetExists,
    /// The default is not valid.
    Default(Box<Finding>),
    /// Refers to a key that there is not.
    UnknownKey(String),
    /// Refers to a parameter of the wrong type.
    WrongKind(Key, Expected),
    /// `requires` that come back to where they started, or `differs` from itself.
    Circle(Vec<Key>),
    /// So many more errors in this file.
    More(usize),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    Object,
    List,
    /// A text that is not empty.
    Text,
    Integer,
    /// A whole number, not negative.
    Length,
    OneOf(Vec<&'static str>),
    BooleanParameter,
    /// A parameter of the same type.
    SameType,
    /// A parameter whose format is `host`.
    HostParameter,
    /// An integer parameter within 1 to 65535.
    PortParameter,
    /// A parameter whose format is `path`.
    PathParameter,
}

impl LoadErrors {
    /// Each of them, in the order of the files and of their lines.
    pub fn errors(&self) -> &[LoadError] {
        &self.errors
    }

    /// As told to a person: file, line, reason; one cause for each error.
    pub fn problem(&self, lang: Lang) -> Problem {
        let count = self.errors.len();
        let message = match count {
            1 => say!(lang, "um erro no catálogo; nada foi carregado", "one error in the catalog; nothing was loaded"),
            _ => say!(
                lang,
                "{} erros no catálogo; nada foi carregado",
                "{} errors in the catalog; nothing was loaded",
                count
            ),
        };
        let mut problem = Problem::new(Kind::Document, "catalog_invalid", message);
        if let Some(first) = self.errors.first() {
            problem = problem.at(first.file.clone(), first.place);
        }
        for error in &self.errors {
            problem = problem.because(error.sentence(lang));
        }
        problem.hint(say!(
            lang,
            "corrija o arquivo, ou tire-o da pasta para seguir sem ele",
            "mend the file, or take it out of the folder to go on without it"
        ))
    }
}

impl LoadError {
    /// About what is in the file.
    pub(super) fn in_bytes(file: &Path, bytes: &[u8], error: json::Error) -> LoadError {
        let path = error.names().map(str::to_owned).collect();
        LoadError {
            file: file.into(),
            place: error.place(bytes).or(Some((1, 1))),
            path,
            reason: Reason::Json(error.fault),
        }
    }

    /// File, line, column, keys and reason in one sentence.
    pub fn sentence(&self, lang: Lang) -> Safe {
        let mut place = Safe::path(&self.file);
        if let Some((line, column)) = self.place {
            place = safe!("{}:{}:{}", place, line, column);
        }
        let path: Vec<&str> = self.path.iter().map(String::as_str).filter(|name| *name != "properties").collect();
        match path.is_empty() {
            true => safe!("{}: {}", place, self.reason.words(lang)),
            false => safe!("{}: {}: {}", place, Safe::outside(&path.join(".")), self.reason.words(lang)),
        }
    }
}

impl Reason {
    fn words(&self, lang: Lang) -> Safe {
        match self {
            Reason::Folder(error) => {
                say!(lang, "a pasta não pode ser lida: {}", "the folder cannot be read: {}", io_words(error, lang))
            }
            Reason::File(error) => {
                say!(lang, "o arquivo não pode ser lido: {}", "the file cannot be read: {}", io_words(error, lang))
            }
            Reason::NotAFile => say!(lang, "não é um arquivo comum", "is not a regular file"),
            Reason::TooLarge(most) => {
                say!(lang, "é grande demais; até {} bytes", "is too large; up to {} bytes", *most)
            }
            Reason::Json(fault) => fault.message(lang),
            Reason::Unknown => say!(
                lang,
                "palavra-chave desconhecida; seria ignorada em silêncio",
                "unknown keyword; it would be ignored in silence"
            ),
            Reason::Misplaced => {
                say!(lang, "não vale para este tipo de parâmetro", "does not go with this type of parameter")
            }
            Reason::Missing(keyword) => say!(lang, "falta “{}”", "“{}” is missing", *keyword),
            Reason::Expected(expected) => say!(lang, "deve ser {}", "must be {}", expected.words(lang)),
            Reason::Name => say!(
                lang,
                "nome não aceito: letras minúsculas sem acento, dígitos e “_”, começando por letra; “version” é reservado",
                "name not accepted: small unaccented letters, digits and “_”, starting with a letter; “version” is reserved"
            ),
            Reason::Section(id) => {
                say!(lang, "não há a seção “{}”", "there is no section “{}”", Safe::outside(id))
            }
            Reason::GroupExists => say!(
                lang,
                "o grupo já existe; para acrescentar parâmetros a ele, dê só “properties”",
                "the group exists already; to add parameters to it, give “properties” alone"
            ),
            Reason::KeyExists => say!(lang, "o parâmetro já existe", "the parameter exists already"),
            Reason::Bounds => say!(lang, "“minimum” é maior que “maximum”", "“minimum” is greater than “maximum”"),
            Reason::Enumeration => say!(
                lang,
                "deve ter ao menos um valor, sem repetir, todos do tipo dito em “type”",
                "must have at least one value, none twice, all of the type given in “type”"
            ),
            Reason::Labels => {
                say!(lang, "deve ter um texto para cada valor de “enum”", "must have one text for each value of “enum”")
            }
            Reason::TargetExists => {
                say!(lang, "outro parâmetro já tem este alvo", "another parameter has this target already")
            }
            Reason::Default(finding) => {
                let sentence = finding.sentence(lang);
                say!(lang, "o valor padrão não é válido: {}", "the default is not valid: {}", sentence)
            }
            Reason::UnknownKey(key) => {
                say!(lang, "não há o parâmetro “{}”", "there is no parameter “{}”", Safe::outside(key))
            }
            Reason::WrongKind(key, expected) => say!(
                lang,
                "{} não serve: deve ser {}",
                "{} does not do: it must be {}",
                Safe::outside(key.as_str()),
                expected.words(lang)
            ),
            Reason::More(count) => say!(lang, "e mais {} erros", "and {} more errors", *count),
            Reason::Circle(keys) => {
                let keys: Vec<Safe> = keys.iter().map(|key| Safe::outside(key.as_str())).collect();
                say!(lang, "dependência em círculo: {}", "dependency in a circle: {}", Safe::join(&keys, " → "))
            }
        }
    }
}

/// The system's reasons that a technician meets most, in their language; the rest as the system says it.
fn io_words(error: &io::Error, lang: Lang) -> Safe {
    match error.kind() {
        io::ErrorKind::NotFound => say!(lang, "não existe", "it does not exist"),
        io::ErrorKind::PermissionDenied => say!(lang, "sem permissão", "permission denied"),
        io::ErrorKind::NotADirectory => say!(lang, "não é uma pasta", "it is not a folder"),
        _ => Safe::outside(&error.to_string()),
    }
}

impl Expected {
    fn words(&self, lang: Lang) -> Safe {
        match self {
            Expected::Object => say!(lang, "um objeto", "an object"),
            Expected::List => say!(lang, "uma lista", "a list"),
            Expected::Text => say!(lang, "um texto, não vazio", "a text, not empty"),
            Expected::Integer => say!(lang, "um número inteiro", "a whole number"),
            Expected::Length => say!(lang, "um número inteiro, de 0 para cima", "a whole number, from 0 up"),
            Expected::OneOf(words) => {
                let words: Vec<Safe> = words.iter().map(|word| safe!("“{}”", *word)).collect();
                match &words[..] {
                    [only] => only.clone(),
                    _ => say!(lang, "um de: {}", "one of: {}", Safe::join(&words, ", ")),
                }
            }
            Expected::BooleanParameter => say!(lang, "um parâmetro do tipo boolean", "a parameter of type boolean"),
            Expected::SameType => say!(lang, "um parâmetro do mesmo tipo", "a parameter of the same type"),
            Expected::HostParameter => {
                say!(lang, "um parâmetro com “format”: “host”", "a parameter with “format”: “host”")
            }
            Expected::PortParameter => {
                say!(lang, "um parâmetro inteiro entre 1 e 65535", "an integer parameter within 1 to 65535")
            }
            Expected::PathParameter => {
                say!(lang, "um parâmetro com “format”: “path”", "a parameter with “format”: “path”")
            }
        }
    }
}
