//! Live tests of what the values point at: side by side, each bounded, under one deadline.
//!
//! [`plan`] turns the values in force into requests; [`run`] puts them all to the test at once and calls back with
//! progress. Nothing here shows anything: an [`Outcome`] carries a [`Diagnosis`] and its evidence, and its sentences are
//! made where they are shown ([`Outcome::message`], [`Outcome::remedy`]). Nothing here writes anything either, but for
//! [`version_table`], which is no check: a check changes neither this machine nor the servers it asks.
//!
//! From the bottom up: `diagnosis`, `request` · `stage` · `evidence` · `remedy` · `outcome` · `event`, `task` · `protocol`,
//! `tcp`, `sweep`, `listening`, `port_hint` · `probe/` · `runner`; beside them `discover`, `watch` and `last_passed`, and above
//! `version_table`.

mod banner;
mod cancel;
pub mod credentials;
pub mod diagnosis;
pub mod discover;
mod event;
pub mod evidence;
mod grace;
pub mod last_passed;
mod listening;
pub mod outcome;
mod port_hint;
pub mod probe;
pub mod protocol;
pub mod remedy;
pub mod request;
mod resolve;
mod runner;
pub mod stage;
mod stranger;
mod sweep;
mod task;
mod tcp;
pub mod thread;
mod tls_hello;
pub mod version_table;
pub mod watch;

pub use cancel::Cancel;
pub use credentials::Credentials;
pub use diagnosis::{Diagnosis, Status};
pub use evidence::Evidence;
pub use outcome::{Answer, Outcome, Report};
pub use probe::STATEMENTS;
pub use remedy::Remedy;
pub use request::{Options, Point, Request, plan};
pub use runner::{Progress, follow, run};
pub use stage::Stage;
