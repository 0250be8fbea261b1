//! The languages of the program, and sentences in them.
//!
//! A sentence has both languages side by side ([`say!`](crate::say!)), Portuguese first, so that neither is forgotten.

use crate::safe::Safe;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    #[default]
    Pt,
    En,
}

impl Lang {
    /// From the environment: the first of `LC_ALL`, `LC_MESSAGES`, `LANG` that is set and not empty decides.
    /// English where it starts with `en`; Portuguese for everything else, also for `C`.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Lang {
        let named =
            ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| variable(name).filter(|value| !value.is_empty()));
        named.map_or(Lang::Pt, |locale| Lang::from_name(&locale).unwrap_or_default())
    }

    /// Reads `pt`, `pt_BR.UTF-8`, `en`, `en_US`…; `None` for any other language.
    pub fn from_name(name: &str) -> Option<Lang> {
        match name.split(['_', '-', '.', '@']).next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "pt" => Some(Lang::Pt),
            "en" => Some(Lang::En),
            _ => None,
        }
    }

    pub const fn pick(self, pt: &'static str, en: &'static str) -> &'static str {
        match self {
            Lang::Pt => pt,
            Lang::En => en,
        }
    }
}

/// A sentence in the given language: `say!(lang, "porta {}", "port {}", 5432)`. See [`safe!`](crate::safe!).
#[macro_export]
macro_rules! say {
    ($lang:expr, $pt:literal, $en:literal $(, $argument:expr)* $(,)?) => {
        match $lang {
            $crate::lang::Lang::Pt => $crate::safe!($pt $(, $argument)*),
            $crate::lang::Lang::En => $crate::safe!($en $(, $argument)*),
        }
    };
}

/// A text in both languages, for what is shown later: `localized!("porta {}", "port {}", 5432)`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Localized {
    pub pt: Safe,
    pub en: Safe,
}

impl Localized {
    pub fn each(text: impl Fn(Lang) -> Safe) -> Localized {
        Localized { pt: text(Lang::Pt), en: text(Lang::En) }
    }

    pub fn of(&self, lang: Lang) -> &Safe {
        match lang {
            Lang::Pt => &self.pt,
            Lang::En => &self.en,
        }
    }
}

/// A sentence in both languages, a [`Localized`].
#[macro_export]
macro_rules! localized {
    ($pt:literal, $en:literal $(, $argument:expr)* $(,)?) => {
        $crate::lang::Localized { pt: $crate::safe!($pt $(, $argument)*), en: $crate::safe!($en $(, $argument)*) }
    };
}

#[cfg(test)]
mod tests {
    use super::Lang;

    #[test]
    fn the_first_variable_that_is_set_decides() {
        let with = |pairs: &'static [(&str, &str)]| {
            Lang::from_environment(|name| {
                pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_string())
            })
        };
        assert_eq!(with(&[]), Lang::Pt);
        assert_eq!(with(&[("LANG", "en_US.UTF-8")]), Lang::En);
        assert_eq!(with(&[("LC_ALL", "pt_BR.UTF-8"), ("LANG", "en_US.UTF-8")]), Lang::Pt);
        assert_eq!(with(&[("LC_ALL", ""), ("LC_MESSAGES", "en"), ("LANG", "pt_BR")]), Lang::En);
        assert_eq!(with(&[("LANG", "C.UTF-8")]), Lang::Pt);
        assert_eq!(with(&[("LANG", "de_DE")]), Lang::Pt);
    }
}
