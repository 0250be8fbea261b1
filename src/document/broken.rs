//! A document whose contents cannot be read, and the version of its history that may replace it.

use std::sync::Arc;

use super::Location;
use super::identity::Identity;
use super::timestamp::Timestamp;

/// What a version may replace.
#[derive(Clone, Debug)]
pub struct Broken {
    pub(super) location: Location,
    /// What was found to be broken.
    pub(super) bytes: Arc<[u8]>,
    pub version: Offered,
}

/// The newest version that is whole and valid.
#[derive(Clone, Debug)]
pub struct Offered {
    pub number: u64,
    pub time: Timestamp,
    /// Nobody knows who edited one outside.
    pub who: Option<Identity>,
}

impl Broken {
    pub fn location(&self) -> &Location {
        &self.location
    }
}
