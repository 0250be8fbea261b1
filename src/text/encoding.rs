//! Which bytes stand for which characters where a locale says something other than UTF-8.

/// How characters are spelled in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    #[default]
    Utf8,
    /// ISO 8859-1.
    Latin1,
    /// ISO 8859-15: Latin-1 with the euro.
    Latin9,
    /// Windows' superset of Latin-1.
    Windows1252,
    /// One that is not known here; only its ASCII is.
    Other,
}

/// Where ISO 8859-15 differs from ISO 8859-1.
const LATIN9: [(u8, char); 8] =
    [(0xa4, '€'), (0xa6, 'Š'), (0xa8, 'š'), (0xb4, 'Ž'), (0xb8, 'ž'), (0xbc, 'Œ'), (0xbd, 'œ'), (0xbe, 'Ÿ')];

/// 0x80 to 0x9f of Windows 1252; five of them stand for nothing.
const WINDOWS_1252: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘', '’', '“', '”', '•',
    '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
];

impl Encoding {
    /// From the first of `LC_ALL`, `LC_CTYPE`, `LANG` that is set: one that names no charset, or `C`, counts as UTF-8.
    pub fn of(locale: &str) -> Encoding {
        let name =
            locale.split('@').next().and_then(|name| name.split_once('.')).map_or("utf8", |(_, charset)| charset);
        let name: String = name.chars().filter(char::is_ascii_alphanumeric).map(|it| it.to_ascii_lowercase()).collect();
        match name.as_str() {
            "utf8" => Encoding::Utf8,
            "iso88591" | "latin1" => Encoding::Latin1,
            "iso885915" | "latin9" => Encoding::Latin9,
            "cp1252" | "windows1252" | "ansi1252" => Encoding::Windows1252,
            _ => Encoding::Other,
        }
    }

    /// The character that a byte above 0x7f stands for by itself.
    pub fn character(self, byte: u8) -> Option<char> {
        match (self, byte) {
            (_, 0..=0x7f) | (Encoding::Utf8 | Encoding::Other, _) => None,
            (Encoding::Windows1252, 0x80..=0x9f) => {
                WINDOWS_1252.get(usize::from(byte - 0x80)).copied().filter(|it| *it != '\0')
            }
            (Encoding::Latin9, _) if LATIN9.iter().any(|(it, _)| *it == byte) => {
                LATIN9.iter().find(|(it, _)| *it == byte).map(|(_, character)| *character)
            }
            // ISO 8859-1 is the beginning of Unicode, its C1 controls included.
            _ => Some(char::from(byte)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_tells_its_charset_however_it_is_spelled() {
        let cases = [
            ("", Encoding::Utf8),
            ("C", Encoding::Utf8),
            ("pt_BR", Encoding::Utf8),
            ("pt_BR.UTF-8", Encoding::Utf8),
            ("pt_BR.utf8@x", Encoding::Utf8),
            ("pt_BR.ISO-8859-1", Encoding::Latin1),
            ("pt_BR.iso88591", Encoding::Latin1),
            ("pt_PT.ISO-8859-15@euro", Encoding::Latin9),
            ("pt_BR.CP1252", Encoding::Windows1252),
            ("ja_JP.eucJP", Encoding::Other),
        ];
        for (locale, encoding) in cases {
            assert_eq!(Encoding::of(locale), encoding, "{locale}");
        }
    }

    #[test]
    fn bytes_are_the_characters_of_their_charset() {
        let read = |encoding: Encoding| -> String {
            [0xe7, 0xa4, 0x80, 0x81].into_iter().filter_map(|byte| encoding.character(byte)).collect()
        };
        assert_eq!(read(Encoding::Latin1), "ç¤\u{80}\u{81}");
        assert_eq!(read(Encoding::Latin9), "ç€\u{80}\u{81}");
        assert_eq!(read(Encoding::Windows1252), "ç¤€");
        assert_eq!((read(Encoding::Utf8), read(Encoding::Other)), (String::new(), String::new()));
    }
}
