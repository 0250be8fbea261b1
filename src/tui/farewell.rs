//! What is said once the form has closed: where it was saved, and what changed from what to what.

use serde_json::Value;

use super::event::Ending;
use crate::catalog::Catalog;
use crate::key::Key;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;
use crate::session::Change;

impl Ending {
    /// The lines for stdout. An unreadable document and a signal say nothing there: they are no outcome.
    pub fn lines(&self, catalog: &Catalog, lang: Lang) -> Vec<Safe> {
        match self {
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
            Ending::Unreadable(_) | Ending::Signal(..) | Ending::Broken(_) => vec![],
        }
    }

    /// What is said on stderr: why the form did not end by itself, and what is lost.
    pub fn warning(&self, lang: Lang) -> Option<Safe> {
        let (why, unsaved) = match self {
            Ending::Signal(signal, unsaved) => {
                (say!(lang, "Encerrado pelo sinal {}.", "Ended by signal {}.", *signal), *unsaved)
            }
            Ending::Broken(unsaved) => {
                (say!(lang, "Encerrado por um erro interno.", "Ended by an internal error."), *unsaved)
            }
            _ => return None,
        };
        Some(match unsaved {
            0 => why,
            1 => say!(lang, "{} 1 alteração não foi gravada.", "{} 1 change was not saved.", why),
            count => say!(lang, "{} {} alterações não foram gravadas.", "{} {} changes were not saved.", why, count),
        })
    }

    /// The program's exit code; an unreadable document's follows from its problem.
    pub fn exit_code(&self) -> u8 {
        match self {
            Ending::Saved(..) | Ending::Discarded(..) => 0,
            Ending::Unreadable(problem) => problem.kind.exit_code(),
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
