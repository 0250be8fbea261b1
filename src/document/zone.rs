//! Local time, by the system's rules: how far it is ahead of UTC, and how people read it. Only for what is shown; files and
//! JSON hold UTC.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use tz::{TimeZone, TimeZoneSettings};

use super::timestamp::{Parts, Timestamp, month_name};
use crate::file;
use crate::lang::Lang;
use crate::safe::Safe;
use crate::{safe, say};

/// The rules of the place with the longest history take some four kilobytes.
const LARGEST: u64 = 64 * 1024;

const SETTINGS: TimeZoneSettings<'_> = TimeZoneSettings::new(TimeZoneSettings::DEFAULT_DIRECTORIES, read);

/// Where the machine's own rules are: a link to those of its place, or a copy of them.
const LOCAL: &str = "/etc/localtime";

/// The places whose time is by law that of Brasília, in every season.
const BRASILIA: [&str; 9] =
    ["Sao_Paulo", "Bahia", "Recife", "Fortaleza", "Maceio", "Araguaina", "Belem", "Santarem", "East"];

const DAY_S: i64 = 24 * 60 * 60;

/// The rules of one place; `Zone::default()` is UTC.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Zone {
    rules: Option<Arc<TimeZone>>,
    is_brasilia: bool,
}

/// The clock on the wall: a moment as people write it. The one format of all front ends.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wall {
    pub zone: Zone,
    /// What this year, today and yesterday are told by.
    pub now: Timestamp,
}

impl Zone {
    /// As `TZ` names it, else the machine's own (`/etc/localtime`). What cannot be parsed is UTC, as in the C library.
    pub fn of(variable: Option<&str>) -> Zone {
        let rules = match variable {
            Some(name) => SETTINGS.parse_posix_tz(name),
            None => SETTINGS.parse_local(),
        };
        let name = match variable {
            Some(name) => name.to_owned(),
            None => fs::read_link(LOCAL).map(|path| path.to_string_lossy().into_owned()).unwrap_or_default(),
        };
        let place = name.rsplit_once('/').filter(|(area, _)| area.ends_with("America") || area.ends_with("Brazil"));
        let is_brasilia = rules.is_ok() && place.is_some_and(|(_, place)| BRASILIA.contains(&place));
        Zone { rules: rules.ok().map(Arc::new), is_brasilia }
    }

    /// In seconds, at that time.
    pub fn ahead_s(&self, at: Timestamp) -> i64 {
        let found = self.rules.as_ref().and_then(|zone| zone.find_local_time_type(at.seconds()).ok());
        found.map_or(0, |rules| i64::from(rules.ut_offset()))
    }
}

impl Wall {
    /// `28/11 01:23`, and with the year where it is not this one: `28/11/2025 01:23`. In English `28 Nov 01:23`.
    pub fn time(&self, at: Timestamp, lang: Lang) -> Safe {
        let Parts { year, month, day, hour, minute, .. } = self.parts(at);
        let is_this_year = self.parts(self.now).year == year;
        let name = month_name(month);
        let date = match (lang, is_this_year) {
            (Lang::Pt, true) => format!("{day:02}/{month:02}"),
            (Lang::Pt, false) => format!("{day:02}/{month:02}/{year}"),
            (Lang::En, true) => format!("{day} {name}"),
            (Lang::En, false) => format!("{day} {name} {year}"),
        };
        Safe::outside(&format!("{date} {hour:02}:{minute:02}"))
    }

    /// The same where a list is read: `hoje 09:41`, `ontem 18:02`.
    pub fn recent(&self, at: Timestamp, lang: Lang) -> Safe {
        let date = |parts: Parts| (parts.year, parts.month, parts.day);
        let (said, today) = (date(self.parts(at)), date(self.parts(self.now)));
        let yesterday = date(self.now.parts(self.zone.ahead_s(self.now) - DAY_S));
        let day = match said {
            _ if said == today => lang.pick("hoje", "today"),
            _ if said == yesterday => lang.pick("ontem", "yesterday"),
            _ => return self.time(at, lang),
        };
        safe!("{} {}", day, self.time_of_day(at))
    }

    /// Whose time that is, for a title: `hora de Brasília`, `hora local, UTC-4`, `hora UTC`.
    pub fn name(&self, lang: Lang) -> Safe {
        if self.zone.is_brasilia {
            return say!(lang, "hora de Brasília", "Brasília time");
        }
        let ahead = self.zone.ahead_s(self.now);
        let sign = if ahead < 0 { "-" } else { "+" };
        let (hours, minutes) = (ahead.abs() / 3600, ahead.abs() / 60 % 60);
        let offset = match minutes {
            0 => format!("{sign}{hours}"),
            _ => format!("{sign}{hours}:{minutes:02}"),
        };
        match ahead {
            0 => say!(lang, "hora UTC", "UTC"),
            _ => say!(lang, "hora local, UTC{}", "local time, UTC{}", Safe::outside(&offset)),
        }
    }

    /// `09:41`, of what has just happened.
    pub fn time_of_day(&self, at: Timestamp) -> Safe {
        let Parts { hour, minute, .. } = self.parts(at);
        Safe::outside(&format!("{hour:02}:{minute:02}"))
    }

    fn parts(&self, at: Timestamp) -> Parts {
        at.parts(self.zone.ahead_s(at))
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

    #[test]
    fn a_moment_is_told_as_people_write_it() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let wall = |zone: &str, now: &str| Wall { zone: Zone::of(Some(zone)), now: at(now) };
        let told =
            |wall: &Wall, time: &str| [Lang::Pt, Lang::En].map(|it| wall.recent(at(time), it).as_str().to_owned());
        let here = wall("<-03>3", "2026-11-28T12:00:00Z");
        assert_eq!(told(&here, "2026-11-28T04:23:00Z"), ["hoje 01:23", "today 01:23"]);
        assert_eq!(told(&here, "2026-11-28T02:59:59Z"), ["ontem 23:59", "yesterday 23:59"]);
        assert_eq!(told(&here, "2026-11-27T02:59:59Z"), ["26/11 23:59", "26 Nov 23:59"]);
        assert_eq!(told(&here, "2025-11-28T04:23:00Z"), ["28/11/2025 01:23", "28 Nov 2025 01:23"]);
        // After midnight in Brazil it is still the old year, and the other way round.
        assert_eq!(told(&here, "2026-01-01T02:00:00Z"), ["31/12/2025 23:00", "31 Dec 2025 23:00"]);
        assert_eq!(here.time(at("2026-11-28T04:23:00Z"), Lang::Pt).as_str(), "28/11 01:23");
        // A clock that jumped back.
        assert_eq!(told(&here, "2027-01-02T12:00:00Z"), ["02/01/2027 09:00", "2 Jan 2027 09:00"]);
    }

    #[test]
    fn the_zone_has_the_name_that_people_give_it() {
        let name = |zone: &str, lang| {
            let wall = Wall { zone: Zone::of(Some(zone)), now: Timestamp::parse("2026-11-28T12:00:00Z").unwrap() };
            wall.name(lang).as_str().to_owned()
        };
        assert_eq!(name("America/Sao_Paulo", Lang::Pt), "hora de Brasília");
        assert_eq!(name(":America/Bahia", Lang::En), "Brasília time");
        assert_eq!(name("<-03>3", Lang::Pt), "hora local, UTC-3");
        assert_eq!(name("IST-5:30", Lang::En), "local time, UTC+5:30");
        assert_eq!(name("UTC", Lang::Pt), "hora UTC");
        assert_eq!(name("Lua/Sao_Paulo", Lang::En), "UTC", "what is not known is not named");
    }
}
