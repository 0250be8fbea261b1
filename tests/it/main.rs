//! Everything that is tested from outside: over the real binary, on a real terminal, or across the whole source.

mod cli;
mod pty;
mod tidy;
mod world;
