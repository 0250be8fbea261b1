//! What a path may be. Judges the text alone; whether the file exists is for a check to say.

use crate::catalog::Level;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;

/// Linux's PATH_MAX with its closing zero, in bytes: no system call takes a longer path.
const LONGEST: usize = 4095;

/// What is wrong with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathFault {
    /// Longer than the system takes.
    TooLong,
    /// Only a warning: depends on the folder that the counter program is started in.
    Relative,
}

/// What is wrong with this path, if anything. An empty path is fine: nothing is set.
pub fn validate(text: &str) -> Option<PathFault> {
    if text.len() > LONGEST {
        return Some(PathFault::TooLong);
    }
    (!text.is_empty() && !text.starts_with('/')).then_some(PathFault::Relative)
}

impl PathFault {
    pub fn level(self) -> Level {
        match self {
            PathFault::TooLong => Level::Error,
            PathFault::Relative => Level::Warning,
        }
    }

    /// What is wrong and what to write instead, as half a sentence.
    pub fn words(self, lang: Lang) -> Safe {
        match self {
            PathFault::TooLong => {
                say!(lang, "é longo demais; até {} bytes", "is too long; up to {} bytes", LONGEST)
            }
            PathFault::Relative => say!(
                lang,
                "não começa com “/”; escreva o caminho completo",
                "does not start with “/”; write the full path"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_absolute_or_empty_and_not_too_long() {
        for (text, fault) in [
            ("", None),
            ("/", None),
            ("/srv/logo do balcão.png", None),
            ("logo.png", Some(PathFault::Relative)),
            ("~/logo.png", Some(PathFault::Relative)),
            ("C:\\logo.bmp", Some(PathFault::Relative)),
        ] {
            assert_eq!(validate(text), fault, "{text:?}");
        }
        assert_eq!(validate(&format!("/{}", "a".repeat(4094))), None);
        assert_eq!(validate(&format!("/{}", "a".repeat(4095))), Some(PathFault::TooLong));
    }
}
