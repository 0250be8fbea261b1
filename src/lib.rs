//! `balcao-config`: the terminal configurator for Gestor Balcão shop counters.
//!
//! This page is the map. In reading order: a [`key`] names a parameter of the [`catalog`]; a [`document`] is the JSON file
//! that sets parameters; a [`check`] tests what the values point at; a [`session`] is one document with what is pending on
//! it; [`present`] puts it into sentences; the front ends are the command line ([`cli`]), the form ([`tui`]) and the same
//! line by line ([`plain`]). All of them may use [`mod@safe`] (text that may be shown), [`lang`] (Portuguese or English),
//! [`mod@file`] (regular files, read within bounds), [`json`] (JSON with places), [`text`] (how text fits a terminal) and
//! [`problem`] (what is shown when something cannot be done).
//!
//! Each module uses only those before it; `docs/architecture.md` has the whole picture.

mod channel;
mod errno;
pub mod file;
pub mod json;
pub mod key;
pub mod lang;
pub mod problem;
pub mod safe;
mod sort;
pub mod text;
mod tty;

pub mod catalog;
pub mod document;

pub mod check;

pub mod session;

pub mod present;

pub mod cli;
pub mod plain;
pub mod tui;
