//! The live tests that a parameter can name, a row each, and what kind of value each takes. `check::probe` runs them.

/// In the order in which a technician mends what fails: hosts, the ports on them, files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    Host,
    Postgres,
    Http,
    Image,
    Folder,
    Device,
}

/// What kind of parameter a probe makes sense of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Takes {
    Host,
    /// A TCP port; another parameter holds the host.
    Port,
    Path,
}

impl Probe {
    pub const ALL: [Probe; 6] = [Probe::Host, Probe::Postgres, Probe::Http, Probe::Image, Probe::Folder, Probe::Device];

    const fn row(self) -> (&'static str, Takes) {
        match self {
            Probe::Host => ("host", Takes::Host),
            Probe::Postgres => ("postgres", Takes::Port),
            Probe::Http => ("http", Takes::Port),
            Probe::Image => ("image", Takes::Path),
            Probe::Folder => ("folder", Takes::Path),
            Probe::Device => ("device", Takes::Path),
        }
    }

    /// Its name in `x-balcao.check.probe`.
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    pub const fn takes(self) -> Takes {
        self.row().1
    }
}
