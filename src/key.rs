//! The dotted name of a parameter: `group.name`.

use std::fmt;
use std::sync::Arc;

/// The name of a parameter, `group.name`, as in `integracao.porta_banco_dados`.
///
/// Cheap to clone. Both halves are non-empty and neither holds a dot; what a document calls its keys
/// beyond that (empty or dotted names) can never be a parameter and is kept as text by the document.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    text: Arc<str>,
    dot: usize,
}

impl Key {
    /// Reads `group.name`; `None` unless it is two non-empty halves around a single dot.
    pub fn parse(text: &str) -> Option<Key> {
        let dot = text.find('.')?;
        let sound = dot > 0 && dot + 1 < text.len() && !text[dot + 1..].contains('.');
        sound.then(|| Key { text: text.into(), dot })
    }

    /// Joins the two halves; `None` where one is empty or holds a dot.
    pub fn new(group: &str, name: &str) -> Option<Key> {
        Key::parse(&[group, ".", name].concat())
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The half before the dot.
    pub fn group(&self) -> &str {
        &self.text[..self.dot]
    }

    /// The half after the dot.
    pub fn name(&self) -> &str {
        &self.text[self.dot + 1..]
    }
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::Key;

    #[test]
    fn a_key_is_two_non_empty_halves() {
        let key = Key::parse("integracao.porta_banco_dados").unwrap();
        assert_eq!((key.group(), key.name()), ("integracao", "porta_banco_dados"));
        for bad in ["", ".", "a.", ".b", "a", "a.b.c", "a..b"] {
            assert_eq!(Key::parse(bad), None, "{bad:?}");
        }
        assert_eq!(Key::new("a.b", "c"), None);
    }
}
