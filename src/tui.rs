//! The form's side towards the terminal: what comes in, what goes out, and the device itself.
//!
//! [`input`] and [`output`] are pure (bytes to keys, frames to bytes) and know no device;
//! [`terminal`] is the only place that opens, reads or sets one.

pub mod input;
//pub mod output;
//pub mod terminal;
