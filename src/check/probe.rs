//! The table of probes: how each of the catalog's [`Probe`]s is done. A probe is a file below and a row here.

mod device;
mod folder;
mod host;
mod http;
mod image;
pub mod postgres;

use super::task::Implementation;
use crate::catalog::Probe;
pub use device::{DeviceEvidence, DeviceState};
pub use folder::{FolderEvidence, FolderState};
pub use host::HostEvidence;
pub use http::{HttpEvidence, LoginPage};
pub use image::{FileKind, ImageEvidence};
pub use postgres::STATEMENTS;

pub(super) const fn implementation(probe: Probe) -> Implementation {
    match probe {
        Probe::Host => host::PROBE,
        Probe::Postgres => postgres::PROBE,
        Probe::Http => http::PROBE,
        Probe::Image => image::PROBE,
        Probe::Folder => folder::PROBE,
        Probe::Device => device::PROBE,
    }
}
