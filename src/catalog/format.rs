//! The value formats: a file each, and a row in [`FORMATS`].

pub mod boolean;
pub mod enumeration;
pub mod host;
pub mod integer;
pub mod path;
pub mod sql_identifier;
pub mod text;

use super::kind::Format;

pub const FORMATS: &[&Format] = &[
    &boolean::FORMAT,
    &integer::FORMAT,
    &enumeration::FORMAT,
    &text::FORMAT,
    &host::FORMAT,
    &path::FORMAT,
    &sql_identifier::FORMAT,
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::kind::{Bounds, Choice, Kind};
    use super::{FORMATS, text};
    use crate::lang::{Lang, Localized};

    proptest! {
        #[test]
        fn nothing_typed_panics_or_is_lost_in_any_format(text in any::<String>()) {
            for format in FORMATS {
                for value in [1.into(), "a".into()] {
                    let choices = vec![Choice { value, label: Localized::default() }];
                    let kind = Kind { format, bounds: Bounds { choices, max_length: Some(3), ..Bounds::default() } };
                    let value = kind.typed(&text);
                    let raw = kind.raw(&value);
                    prop_assert_eq!(text::bare(&raw), text::bare(&text));
                    kind.validate(&value);
                    kind.cannot_become_valid(&text);
                    kind.shown(&value, Lang::Pt);
                    kind.argument(&text);
                    kind.step(&value, 1);
                }
            }
        }
    }
}
