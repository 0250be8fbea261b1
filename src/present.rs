//! What every front end says: each sentence once, in both languages, as neutral lines whose tones say how they are meant.
//!
//! A front end chooses which of them it shows, and how: these know neither widths nor colours nor keys. What names a key
//! of the form, or an option of the command line, is said there.

pub mod change;
pub mod draft;
pub mod help;
pub mod outcome;
pub mod problem;
pub mod summary;
pub mod version;

/// Marks before a sentence, each one cell wide; [`Charset::fit`](crate::text::Charset::fit) has their look-alikes.
pub mod mark {
    /// A value that is not the document's.
    pub const CHANGED: &str = "●";
    pub const PASSES: &str = "✓";
    pub const FAILS: &str = "✗";
    pub const WARNS: &str = "▲";
    /// A value that is not valid.
    pub const INVALID: &str = "!";
    /// From one value to another.
    pub const BECOMES: &str = "→";
}
