//! stub
pub mod catalog;
pub mod check;
pub mod cli;
pub mod document;
pub mod key;
pub mod lang;
pub mod lettering;
pub mod problem;
pub mod safe;
pub mod session;
pub mod tui;
