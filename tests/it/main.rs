//! The bigger tests, in one binary: what a person, a script or another program can observe.

mod catalog;
mod check;
mod cli;
mod fakes;
mod postgres;
mod pty;
mod tidy;
mod world;
