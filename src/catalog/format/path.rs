//! A path, which may be empty. Whether the file exists is for a check to say.

use super::text;
use crate::catalog::fault::{Fault, Level, in_quotes, unquoted};
use crate::catalog::kind::{Bounds, Format};
use crate::lang::Lang;
use crate::safe::Safe;
use crate::{localized, say};

pub const FORMAT: Format = Format {
    name: "path",
    keyword: Some("path"),
    typed: |_, text| Some(text::bare(text).into()),
    describe,
    validate: |bounds, value| text::validate(bounds, value, fault),
    cannot_become_valid: |bounds, typed| {
        let typed = text::bare(typed);
        text::cannot_become_valid(bounds, typed) || typed.len() > LONGEST
    },
    ..text::FORMAT
};

/// Linux's PATH_MAX with its closing zero, in bytes: no system call takes a longer path.
const LONGEST: usize = 4095;

fn describe(_: &Bounds, lang: Lang) -> Safe {
    say!(lang, "caminho completo, ou vazio", "full path, or empty")
}

fn fault(text: &str) -> Option<Fault> {
    if text.len() > LONGEST {
        let message =
            localized!("é longo demais; o máximo é de {} bytes", "is too long; the maximum is {} bytes", LONGEST);
        return Some(Fault::of_text("path_too_long", Level::Error, message));
    }
    if unquoted(text).is_some() {
        return Some(in_quotes("path_in_quotes", Level::Warning));
    }
    // What a relative path means depends on the folder in which the counter program is started.
    let is_relative = !text.is_empty() && !text.starts_with('/');
    is_relative.then(|| {
        let message = localized!(
            "não começa com “/”; informe o caminho completo",
            "does not start with “/”; enter the full path"
        );
        Fault::of_text("relative_path", Level::Warning, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_absolute_or_empty_and_not_too_long() {
        let code = |text: &str| fault(text).map(|fault| fault.code);
        for (text, expected) in [
            ("", None),
            ("/", None),
            ("/srv/logo do balcão.png", None),
            ("'/srv/logo.png'", Some("path_in_quotes")),
            ("logo.png", Some("relative_path")),
            ("~/logo.png", Some("relative_path")),
            ("C:\\logo.bmp", Some("relative_path")),
        ] {
            assert_eq!(code(text), expected, "{text:?}");
        }
        assert_eq!(code(&format!("/{}", "a".repeat(4094))), None);
        assert_eq!(code(&format!("/{}", "a".repeat(4095))), Some("path_too_long"));
    }
}
