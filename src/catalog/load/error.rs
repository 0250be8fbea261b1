//! What is wrong with catalog files. Each message is written where the error is found; the shared ones are here.

use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::errno;
use crate::json;
use crate::lang::{Lang, Localized};
use crate::problem::{Kind, Problem};
use crate::safe::Safe;
use crate::{localized, safe, say};

/// Everything that is wrong with the catalog files, in the order of the files and of their lines. Never empty.
#[derive(Debug)]
pub struct LoadErrors(pub Vec<LoadError>);

/// One thing wrong with one file.
#[derive(Debug)]
pub struct LoadError {
    /// The file, or the folder where it could not be read.
    pub file: PathBuf,
    /// Line and column from 1, columns in characters; none where the file has no text to point into.
    pub place: Option<(usize, usize)>,
    /// The keys that lead there, as the file spells them.
    pub path: Vec<String>,
    pub message: Localized,
}

impl LoadErrors {
    pub(super) fn one(error: LoadError) -> LoadErrors {
        LoadErrors(vec![error])
    }

    /// For a person: one cause for each error.
    pub fn problem(&self, lang: Lang) -> Problem {
        let count = self.0.len();
        let message = match count {
            1 => say!(lang, "1 erro no catálogo; nada foi carregado.", "1 error in the catalog; nothing was loaded."),
            _ => say!(
                lang,
                "{} erros no catálogo; nada foi carregado.",
                "{} errors in the catalog; nothing was loaded.",
                count
            ),
        };
        let mut problem = Problem::new(Kind::Document, "catalog_invalid", message);
        if let Some(first) = self.0.first() {
            problem = problem.at(first.file.clone(), first.place);
        }
        for error in &self.0 {
            problem = problem.because(error.sentence(lang));
        }
        problem.hint(say!(lang, "Corrija o arquivo ou tire-o da pasta.", "Fix the file, or take it out of the folder."))
    }
}

impl LoadError {
    /// About the file or folder as a whole.
    pub(super) fn of_file(file: &Path, message: Localized) -> LoadError {
        LoadError { file: file.into(), place: None, path: vec![], message }
    }

    /// About what is in the file.
    pub(super) fn in_bytes(file: &Path, bytes: &[u8], error: json::Error) -> LoadError {
        let path = error.names().map(str::to_owned).collect();
        let message = Localized::each(|lang| error.fault.message(lang));
        LoadError { file: file.into(), place: error.place(bytes).or(Some((1, 1))), path, message }
    }

    /// File, line, column, keys and reason in one sentence.
    pub fn sentence(&self, lang: Lang) -> Safe {
        let mut place = Safe::path(&self.file);
        if let Some((line, column)) = self.place {
            place = safe!("{}:{}:{}", place, line, column);
        }
        let path: Vec<&str> = self.path.iter().map(String::as_str).filter(|name| *name != "properties").collect();
        match path.is_empty() {
            true => safe!("{}: {}", place, self.message.of(lang)),
            false => safe!("{}: {}: {}", place, Safe::outside(&path.join(".")), self.message.of(lang)),
        }
    }
}

/// The commonest reasons in the technician's language; the rest as the system words it.
pub(super) fn io_message(error: &io::Error) -> Localized {
    match error.kind() {
        io::ErrorKind::NotFound => localized!("não existe", "it does not exist"),
        io::ErrorKind::PermissionDenied => localized!("sem permissão", "permission denied"),
        io::ErrorKind::NotADirectory => localized!("não é uma pasta", "it is not a folder"),
        _ => Localized::each(|lang| errno::message(error, lang)),
    }
}

/// What is wrong with one file's contents, each with the keys that lead there. All that read the file add to it.
#[derive(Default)]
pub(super) struct FileErrors(RefCell<Vec<(Trail, Localized)>>);

/// The keys that lead to a place in a file. Cheap to make: nearly all are for errors that are not there.
#[derive(Clone, Default)]
pub(super) struct Trail(Option<Rc<(Trail, String)>>);

impl Trail {
    /// One key further.
    pub fn and(&self, name: &str) -> Trail {
        Trail(Some(Rc::new((self.clone(), name.to_owned()))))
    }

    fn keys(&self) -> Vec<String> {
        let mut keys = self.0.as_ref().map(|last| last.0.keys()).unwrap_or_default();
        keys.extend(self.0.as_ref().map(|last| last.1.clone()));
        keys
    }
}

impl FileErrors {
    pub fn add(&self, path: &Trail, message: Localized) {
        self.0.borrow_mut().push((path.clone(), message));
    }

    pub fn missing(&self, path: &Trail, keyword: &'static str) {
        self.add(path, localized!("falta “{}”", "“{}” is missing", keyword));
    }

    pub fn unknown(&self, path: &Trail) {
        let message = localized!("palavra-chave desconhecida", "unknown keyword");
        self.add(path, message);
    }

    pub fn expected(&self, path: &Trail, expected: Localized) {
        self.add(path, Localized::each(|lang| say!(lang, "deve ser {}", "must be {}", expected.of(lang))));
    }

    /// All of them, in the order in which they were found.
    pub fn into_list(self) -> Vec<(Vec<String>, Localized)> {
        self.0.into_inner().into_iter().map(|(trail, message)| (trail.keys(), message)).collect()
    }
}

/// About a keyword of other types of parameters.
pub(super) fn misplaced() -> Localized {
    localized!("não vale para este tipo de parâmetro", "does not apply to this type of parameter")
}

/// About a key that no parameter has.
pub(super) fn no_parameter(key: &str) -> Localized {
    localized!("não há o parâmetro “{}”", "there is no parameter “{}”", Safe::outside(key))
}
