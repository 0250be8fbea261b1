//! Whether a folder is there and can be read: that of the reports.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::catalog::Catalog;
use crate::check::evidence::{Limit, object};
use crate::check::outcome::ProbeEvidence;
use crate::check::remedy::{Place, Remedy};
use crate::check::task::{Implementation, Task};
use crate::check::{Answer, Diagnosis, Evidence, Outcome};
use crate::lang::Lang;
use crate::safe::Safe;
use crate::{safe, say};

pub const PROBE: Implementation = Implementation { run, nothing: || Arc::new(FolderEvidence::default()) };

#[derive(Clone, Debug, Default)]
pub struct FolderEvidence {
    pub state: FolderState,
    /// The path is relative: the counter program may start in another folder and find another one.
    pub relative: bool,
}

/// What stands at the path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FolderState {
    /// The disk did not answer.
    #[default]
    Unknown,
    NoPath,
    Readable,
    NoFolder,
    Missing,
    Forbidden,
    Unreadable,
    /// This machine may open no more files.
    Limited,
}

fn run(task: Task) -> Answer {
    let mut evidence = task.evidence;
    let path = task.point.path().unwrap_or_default();
    let state = look(path, &mut evidence);
    let found = FolderEvidence { state, relative: !path.is_empty() && Path::new(path).is_relative() };
    Answer { diagnosis: state.row().0, evidence, by_probe: Arc::new(found) }
}

fn look(path: &str, evidence: &mut Evidence) -> FolderState {
    if path.is_empty() {
        return FolderState::NoPath;
    }
    // The first of its files is what tells that it can be read, also where it is on another machine.
    let read = fs::read_dir(path).and_then(|mut files| files.next().transpose());
    let Err(error) = read else { return FolderState::Readable };
    evidence.error = Some(error.to_string());
    evidence.limit = Limit::of_io(&error);
    match error.kind() {
        _ if evidence.limit.is_some() => FolderState::Limited,
        io::ErrorKind::NotADirectory if Path::new(path).exists() => FolderState::NoFolder,
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => FolderState::Missing,
        io::ErrorKind::PermissionDenied => FolderState::Forbidden,
        _ => FolderState::Unreadable,
    }
}

impl FolderState {
    /// What it means, and its name as `detail.reason`.
    const fn row(self) -> (Diagnosis, Option<&'static str>) {
        match self {
            FolderState::Unknown => (Diagnosis::FileMissing, None),
            FolderState::NoPath => (Diagnosis::Skipped, Some("empty")),
            FolderState::Readable => (Diagnosis::Ok, None),
            FolderState::NoFolder => (Diagnosis::FileMissing, Some("no_folder")),
            FolderState::Missing => (Diagnosis::FileMissing, Some("missing")),
            FolderState::Forbidden => (Diagnosis::FileMissing, Some("forbidden")),
            FolderState::Unreadable => (Diagnosis::FileMissing, Some("unreadable")),
            FolderState::Limited => (Diagnosis::LocalLimit, None),
        }
    }
}

impl ProbeEvidence for FolderEvidence {
    fn reason(&self) -> Option<&'static str> {
        self.state.row().1
    }

    /// `relative`: true where the path is.
    fn json(&self) -> Map<String, Value> {
        object([("relative", self.relative.then_some(true.into()))])
    }

    fn summary(&self, _: &Outcome, lang: Lang) -> Option<Safe> {
        match self.state {
            FolderState::Readable => Some(say!(lang, "pode ser lida", "can be read")),
            FolderState::Missing => Some(say!(lang, "não existe", "does not exist")),
            FolderState::NoFolder => Some(say!(lang, "não é pasta", "not a folder")),
            _ => None,
        }
    }

    fn message(&self, outcome: &Outcome, lang: Lang) -> Option<Safe> {
        let path = outcome.place();
        Some(match self.state {
            FolderState::Readable => say!(lang, "A pasta {} está acessível.", "The folder {} can be read.", path),
            FolderState::NoPath => {
                say!(lang, "Não testado: nenhuma pasta informada.", "Not tested: no folder is given.")
            }
            FolderState::NoFolder => say!(lang, "{} não é uma pasta.", "{} is not a folder.", path),
            FolderState::Missing => say!(lang, "A pasta {} não existe.", "The folder {} does not exist.", path),
            FolderState::Forbidden => {
                say!(
                    lang,
                    "Falta permissão para ler a pasta {}.",
                    "There is no permission to read the folder {}.",
                    path
                )
            }
            FolderState::Unreadable => say!(
                lang,
                "Não foi possível ler a pasta {}: {}.",
                "The folder {} cannot be read: {}.",
                path,
                Safe::outside(outcome.evidence.error.as_deref().unwrap_or_default())
            ),
            FolderState::Unknown => say!(
                lang,
                "O disco em que está a pasta {} não respondeu em {}.",
                "The disk of the folder {} did not answer in {}.",
                path,
                outcome.waited()
            ),
            FolderState::Limited => return None,
        })
    }

    fn remedy(&self, outcome: &Outcome, _: &Catalog, lang: Lang) -> Option<Remedy> {
        (outcome.diagnosis == Diagnosis::FileMissing).then(|| {
            let path = Safe::for_shell(Path::new(outcome.request.point.path().unwrap_or_default()));
            let sentence = say!(
                lang,
                "Corrija o caminho, ou crie a pasta e dê permissão de leitura. Como ela está agora:",
                "Correct the path, or make the folder and give the right to read it. How it is now:"
            );
            Remedy::from(sentence).paste(Place::Here, [safe!("ls -ld {}", path)])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_told_from_what_is_none_and_from_what_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        let state = |path: &Path| look(path.to_str().unwrap(), &mut Evidence::default());
        assert_eq!(state(folder.path()), FolderState::Readable, "an empty one too");
        fs::write(&file, "").unwrap();
        assert_eq!(state(folder.path()), FolderState::Readable);
        assert_eq!(state(&file), FolderState::NoFolder);
        assert_eq!(state(Path::new("/dev/null")), FolderState::NoFolder);
        assert_eq!(state(&folder.path().join("nothing")), FolderState::Missing);
        assert_eq!(state(&file.join("below")), FolderState::Missing);
        assert_eq!(state(Path::new("")), FolderState::NoPath);
    }
}
