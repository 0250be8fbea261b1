//! How far local time is ahead of UTC, by the system's rules. Only for what is shown; files hold UTC.

use std::error::Error;
use std::path::PathBuf;

use tz::{TimeZone, TimeZoneSettings};

use super::timestamp::Timestamp;
use crate::file;

/// The rules of the place with the longest history take some four kilobytes.
const LARGEST: u64 = 64 * 1024;

const SETTINGS: TimeZoneSettings<'_> = TimeZoneSettings::new(TimeZoneSettings::DEFAULT_DIRECTORIES, read);

/// The rules of one place; `Zone::default()` is UTC.
#[derive(Clone, Debug, Default)]
pub struct Zone(Option<TimeZone>);

impl Zone {
    /// As `TZ` names it, else the machine's own (`/etc/localtime`). What cannot be parsed is UTC, as in the C library.
    pub fn of(variable: Option<&str>) -> Zone {
        Zone(match variable {
            Some(name) => SETTINGS.parse_posix_tz(name).ok(),
            None => SETTINGS.parse_local().ok(),
        })
    }

    /// In seconds, at that time.
    pub fn ahead_s(&self, at: Timestamp) -> i64 {
        let found = self.0.as_ref().and_then(|zone| zone.find_local_time_type(at.seconds()).ok());
        found.map_or(0, |rules| i64::from(rules.ut_offset()))
    }
}

/// `TZ` may name any file.
fn read(path: &str) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    let path = PathBuf::from(path);
    Ok(file::within(file::PATIENCE, move || Ok(file::read_at(&path, LARGEST)?.bytes))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_file_is_named_is_read_within_bounds() {
        for name in ["/dev/zero", ":/dev/zero", "/dev/stdin", "/", "../../../dev/zero"] {
            assert_eq!(Zone::of(Some(name)).ahead_s(Timestamp::default()), 0, "{name}");
        }
    }

    #[test]
    fn the_wall_s_clock_follows_the_rules_that_are_named() {
        let ahead = |zone: &str, at: &str| Zone::of(Some(zone)).ahead_s(Timestamp::parse(at).unwrap());
        assert_eq!(ahead("<-03>3", "2026-03-12T12:41:00Z"), -3 * 3600);
        assert_eq!(ahead("CET-1CEST,M3.5.0,M10.5.0/3", "2026-07-01T00:00:00Z"), 2 * 3600);
        assert_eq!(ahead("CET-1CEST,M3.5.0,M10.5.0/3", "2026-12-01T00:00:00Z"), 3600);
        for strange in ["", "Lua/Mar_da_Tranquilidade", "\u{1b}[2J"] {
            assert_eq!(ahead(strange, "2026-03-12T12:41:00Z"), 0, "{strange}");
        }
    }
}
