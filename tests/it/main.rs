//! The bigger tests, in one binary: what a person, a script or another program can observe.

mod check;
mod fakes;
mod login;
mod net;
mod postgres;
mod stages;
mod table;
mod tls;
