//! What every front end says: each sentence once, in both languages, as neutral lines whose tones say how they are meant.
//!
//! A front end chooses which of them it shows, and how: this knows neither widths nor colours nor keys.
