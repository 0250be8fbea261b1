//! Everything that is tested through the crate's public face, in one binary.

mod catalog;
