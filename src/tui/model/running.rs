//! A check that runs while the form is used.

use std::collections::BTreeMap;

use super::super::event::{After, Ticket};
use crate::check::{Cancel, Request, Stage};
use crate::key::Key;

/// A check that is under way.
#[derive(Clone, Debug)]
pub struct Running {
    pub ticket: Ticket,
    pub cancel: Cancel,
    pub requests: Vec<Request>,
    /// What of it has not answered yet.
    pub waiting: Vec<Request>,
    /// How far each parameter's test has come.
    pub stages: BTreeMap<Key, Stage>,
    /// The parameter that is to get what its test finds beside it, once all has been tested.
    pub awaited: Option<Key>,
    /// The save that is to follow where nothing fails, and what follows that.
    pub before: Option<After>,
}
