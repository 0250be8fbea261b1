//! A point in time as the history, the drafts and the cache of checks write it: UTC, to the second, RFC 3339.
//!
//! Only shown to people, never used to order anything: clocks jump. Reads no clock.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tz::UtcDateTime;

use crate::lang::Lang;
use crate::safe::Safe;
use crate::say;

/// Seconds since 1970, UTC. In files it is the text that `to_string` makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Timestamp(u64);

/// A date and a time of day.
#[derive(Default)]
pub struct Parts {
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
}

/// The last second of the year 9999: RFC 3339 has no later one.
const LAST: u64 = 253_402_300_799;

const DAY: u64 = 24 * 60 * 60;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// In English, where 1 is January.
pub fn month_name(month: u8) -> &'static str {
    MONTHS.get(usize::from(month).wrapping_sub(1)).unwrap_or(&MONTHS[0])
}

impl Timestamp {
    /// What a clock said; before 1970 counts as 1970, after 9999 as its last second.
    pub fn of(time: SystemTime) -> Timestamp {
        Timestamp(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs().min(LAST))
    }

    /// Reads `2026-01-31T12:34:56Z`, and nothing else.
    pub fn parse(text: &str) -> Option<Timestamp> {
        let mut numbers = text.split(['-', 'T', ':', 'Z']);
        let year = numbers.next()?.parse().ok()?;
        let mut next = || numbers.next()?.parse().ok();
        let date = UtcDateTime::new(year, next()?, next()?, next()?, next()?, next()?, 0).ok()?;
        let timestamp = Timestamp(date.unix_time().try_into().ok()?);
        // Refuses other spellings.
        (timestamp.to_string() == text).then_some(timestamp)
    }

    /// How long before `now` it was; nothing where a clock jumped back.
    pub fn before(self, now: Timestamp) -> Duration {
        Duration::from_secs(now.0.saturating_sub(self.0))
    }

    /// The same in words, in the largest unit that says enough: `há 5 min`.
    pub fn ago(self, now: Timestamp, lang: Lang) -> Safe {
        match self.before(now).as_secs() {
            0..60 => say!(lang, "há menos de 1 min", "less than 1 min ago"),
            seconds @ 60..3600 => say!(lang, "há {} min", "{} min ago", seconds / 60),
            seconds if seconds < DAY => say!(lang, "há {} h", "{} h ago", seconds / 3600),
            seconds if seconds < 2 * DAY => say!(lang, "há 1 dia", "1 day ago"),
            seconds => say!(lang, "há {} dias", "{} days ago", seconds / DAY),
        }
    }

    /// Since 1970, UTC.
    pub fn seconds(self) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX)
    }

    /// In local time, so many seconds ahead of UTC.
    pub fn parts(self, ahead_s: i64) -> Parts {
        let seconds = self.0.saturating_add_signed(ahead_s).min(LAST);
        let date = UtcDateTime::from_timespec(Timestamp(seconds).seconds(), 0);
        // Never an error: every second up to the last has its date.
        let parts = date.map(|date| Parts {
            year: date.year(),
            month: date.month(),
            day: date.month_day(),
            hour: date.hour(),
            minute: date.minute(),
            second: date.second(),
        });
        parts.unwrap_or_default()
    }

    /// As part of a name: `20260312_094100`.
    pub fn for_names(self) -> String {
        let Parts { year, month, day, hour, minute, second } = self.parts(0);
        format!("{year:04}{month:02}{day:02}_{hour:02}{minute:02}{second:02}")
    }
}

impl From<Timestamp> for String {
    fn from(timestamp: Timestamp) -> String {
        timestamp.to_string()
    }
}

impl TryFrom<String> for Timestamp {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Timestamp, &'static str> {
        Timestamp::parse(&text).ok_or("not a timestamp in UTC")
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { year, month, day, hour, minute, second } = self.parts(0);
        write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_the_calendar_has_them() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_774_960_496, "2026-03-31T12:34:56Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(Timestamp(seconds).to_string(), text);
            assert_eq!(Timestamp::parse(text), Some(Timestamp(seconds)));
        }
    }

    #[test]
    fn how_long_ago_is_told_in_the_largest_unit() {
        let told = |seconds| Timestamp(0).ago(Timestamp(seconds), Lang::Pt);
        let expected = ["há menos de 1 min", "há 1 min", "há 59 min", "há 1 h", "há 23 h", "há 1 dia", "há 2 dias"];
        let seconds = [59, 60, 3599, 3600, DAY - 1, DAY, 2 * DAY];
        assert_eq!(seconds.map(|seconds| told(seconds).as_str().to_owned()), expected);
        assert_eq!(Timestamp(60).ago(Timestamp(0), Lang::En).as_str(), "less than 1 min ago");
    }

    #[test]
    fn every_moment_that_is_written_is_read_again_and_nothing_else_is() {
        for day in 0..60_000 {
            let timestamp = Timestamp(day * DAY + day % DAY);
            assert_eq!(Timestamp::parse(&timestamp.to_string()), Some(timestamp));
        }
        assert_eq!(Timestamp(1_773_308_460).for_names(), "20260312_094100");
        assert_eq!(Timestamp::of(UNIX_EPOCH - Duration::from_secs(1)), Timestamp(0));
        let late = Timestamp::of(UNIX_EPOCH + Duration::from_secs(u64::from(u32::MAX) * 1000));
        assert_eq!(late.to_string(), "9999-12-31T23:59:59Z");
        for bad in ["", "2026-02-30T00:00:00Z", "2026-1-01T00:00:00Z", "2026-01-01T00:00:00", "1969-01-01T00:00:00Z"] {
            assert_eq!(Timestamp::parse(bad), None, "{bad}");
        }
    }
}
