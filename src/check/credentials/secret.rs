//! A password, as a type that cannot be shown.

use std::fmt;

/// A password. It has no `Display`, so no message can contain it, and its `Debug` shows nothing, not even the length.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    pub fn new(password: impl Into<Vec<u8>>) -> Secret {
        Secret(password.into())
    }

    /// True if it is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The password itself, for the login alone.
    pub(in crate::check) fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_told_by_debug() {
        let secret = Secret::new("abracadabra");
        let shown = format!("{secret:?} {:#?}", Some(&secret));
        assert!(!shown.contains("abra") && !shown.contains("11"), "{shown}");
        assert_eq!(secret.expose(), b"abracadabra");
    }
}
