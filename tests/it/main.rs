//! The bigger tests, in one binary: what a person, a script or another program can observe.

mod bad_input;
mod budget;
mod catalog;
mod check;
mod cli;
mod cli_history;
mod docs;
mod document;
mod drafts;
mod fakes;
mod faults;
mod form;
mod history;
mod hostile;
mod journey;
mod keys;
mod merge;
mod places;
mod postgres;
mod power;
mod pty;
mod terminal;
mod tidy;
mod wire;
mod world;
