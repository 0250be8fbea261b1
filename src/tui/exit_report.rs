//! What is said once the form has closed: where it was saved, and what changed from what to what.

use serde_json::Value;

use super::autosave::Kept;
use super::event::Ending;
use crate::catalog::Catalog;
use crate::document::draft;
use crate::key::Key;
use crate::lang::Lang;
use crate::problem::Problem;
use crate::safe::Safe;
use crate::say;
use crate::session::Change;

/// How the form was left, and what there is to say of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ExitReport {
    pub ending: Ending,
    /// What became of edits that were not saved.
    pub kept: Kept,
    /// What there was to say beside "saved".
    pub remarks: Vec<Safe>,
    /// What was done outside, and how it is taken back: for stdout, however the form was left.
    pub printed: Vec<Safe>,
}

impl ExitReport {
    /// The lines for stdout. What could not be done and a signal say nothing there: they are no outcome.
    pub fn lines(&self, catalog: &Catalog, lang: Lang) -> Vec<Safe> {
        let mut lines = self.outcome(catalog, lang);
        lines.extend(self.printed.iter().cloned());
        lines
    }

    fn outcome(&self, catalog: &Catalog, lang: Lang) -> Vec<Safe> {
        match &self.ending {
            Ending::Saved(path, changes) if changes.is_empty() => {
                vec![say!(lang, "Nada mudou em {}.", "Nothing has changed in {}.", Safe::path(path))]
            }
            Ending::Saved(path, changes) => saved(path, changes, catalog, lang),
            Ending::Discarded(count, path, changes) => {
                let mut lines = if changes.is_empty() { vec![] } else { saved(path, changes, catalog, lang) };
                lines.push(match count {
                    1 => say!(lang, "1 alteração descartada, não gravada.", "1 change discarded, not saved."),
                    _ => say!(
                        lang,
                        "{} alterações descartadas, não gravadas.",
                        "{} changes discarded, not saved.",
                        *count
                    ),
                });
                lines
            }
            Ending::Unreadable(_) | Ending::Kept(_) | Ending::Signal(..) | Ending::Broken(_) => vec![],
        }
    }

    /// What is said on stderr: what others saved meanwhile; why the form did not end by itself, and where what was not
    /// saved is.
    pub fn notes(&self, lang: Lang) -> Vec<Safe> {
        let mut notes = self.remarks.clone();
        let (why, unsaved) = match &self.ending {
            Ending::Signal(signal, unsaved) => {
                (say!(lang, "Encerrado pelo sinal {}.", "Ended by signal {}.", *signal), *unsaved)
            }
            Ending::Broken(unsaved) => {
                (say!(lang, "Encerrado por um erro interno.", "Ended by an internal error."), *unsaved)
            }
            _ => return notes,
        };
        notes.push(match unsaved {
            0 => why,
            1 => say!(lang, "{} 1 alteração não foi gravada.", "{} 1 change was not saved.", why),
            count => say!(lang, "{} {} alterações não foram gravadas.", "{} {} changes were not saved.", why, count),
        });
        notes.extend(match &self.kept {
            Kept::In(file) => Some(say!(
                lang,
                "O rascunho está em {}; o formulário o oferece ao abrir.",
                "The draft is in {}; the form offers it when it opens.",
                Safe::path(file)
            )),
            Kept::Lost(reason) if unsaved > 0 => Some(draft::not_kept(*reason, lang)),
            Kept::Lost(_) | Kept::Nothing => None,
        });
        notes
    }

    /// What could not be done, where that is how the form was left.
    pub fn problem(&self) -> Option<&Problem> {
        match &self.ending {
            Ending::Unreadable(problem) | Ending::Kept(problem) => Some(problem),
            _ => None,
        }
    }

    /// The program's exit code; a problem's follows from its kind.
    pub fn exit_code(&self) -> u8 {
        match &self.ending {
            Ending::Saved(..) | Ending::Discarded(..) => 0,
            Ending::Unreadable(problem) | Ending::Kept(problem) => problem.kind.exit_code(),
            Ending::Signal(signal, _) => 128u8.saturating_add(u8::try_from(*signal).unwrap_or(127)),
            // The code of a Rust program that panicked.
            Ending::Broken(_) => 101,
        }
    }
}

fn saved(path: &std::path::Path, changes: &[Change], catalog: &Catalog, lang: Lang) -> Vec<Safe> {
    let heading = say!(lang, "Gravado em {}:", "Saved in {}:", Safe::path(path));
    let told = changes.iter().map(|change| {
        let (from, to) =
            (shown(&change.key, &change.from, catalog, lang), shown(&change.key, &change.to, catalog, lang));
        crate::safe!("  {}: {}", Safe::outside(change.key.as_str()), change.told(from, to, lang))
    });
    std::iter::once(heading).chain(told).collect()
}

fn shown(key: &Key, value: &Value, catalog: &Catalog, lang: Lang) -> Safe {
    catalog.parameter(key).map(|parameter| parameter.kind.shown(value, lang)).unwrap_or_default()
}
