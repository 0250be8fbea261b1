//! What every front end says: each sentence once, in both languages, as neutral lines with tones.
//!
//! A front end chooses which lines it shows, and lays them out. Sentences here name no keys of the form and no options
//! of the command line: those stay in their front end.

pub mod change;
pub mod commands;
pub mod draft;
pub mod example;
pub mod exit_report;
pub mod gone;
pub mod handover;
pub mod help;
pub mod lock;
pub mod outcome;
pub mod problem;
pub mod server;
pub mod strays;
pub mod strip;
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
    /// The marks that say how something is meant.
    pub const MARKS: [&str; 5] = [CHANGED, PASSES, FAILS, WARNS, INVALID];
    /// From one value to another.
    pub const BECOMES: &str = "→";
}
