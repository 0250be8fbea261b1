//! A moment as it is written down: UTC, to the second.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A moment, in whole seconds since 1970, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Utc(u64);

/// A moment, taken apart.
pub struct Parts {
    /// Year of the Gregorian calendar.
    pub year: u64,
    /// 1 to 12.
    pub month: u64,
    /// 1 to 31.
    pub day: u64,
    /// 0 to 23.
    pub hour: u64,
    /// 0 to 59.
    pub minute: u64,
    /// 0 to 59.
    pub second: u64,
}

/// The last second of the year 9999, the last that is written with four digits.
const LAST: u64 = 253_402_300_799;

impl From<SystemTime> for Utc {
    fn from(time: SystemTime) -> Utc {
        Utc(time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()).min(LAST))
    }
}

impl Utc {
    /// Reads what `Display` writes, `2026-03-12T09:41:00Z`.
    pub fn read(text: &str) -> Option<Utc> {
        let digits = |at: usize, count: usize| {
            let part = text.get(at..at + count)?;
            part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<u64>().ok()).flatten()
        };
        let (year, month, day) = (digits(0, 4)?, digits(5, 2)?, digits(8, 2)?);
        let (hour, minute, second) = (digits(11, 2)?, digits(14, 2)?, digits(17, 2)?);
        let sound = year >= 1970 && (1..=12).contains(&month) && (1..=31).contains(&day);
        let moment = sound.then(|| Utc(days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second))?;
        // Whatever is no date, or spelled in another way, comes out differently.
        (moment.to_string() == text).then_some(moment)
    }

    /// As the clock on the wall shows it that is this many seconds ahead of UTC.
    pub fn parts(self, ahead_s: i64) -> Parts {
        let seconds = self.0.saturating_add_signed(ahead_s).min(LAST);
        let (mut year, mut rest) = (1970, seconds / 86_400);
        while rest >= length(year) {
            rest -= length(year);
            year += 1;
        }
        let mut month = 1;
        while rest >= month_length(year, month) {
            rest -= month_length(year, month);
            month += 1;
        }
        let of_day = seconds % 86_400;
        Parts { year, month, day: rest + 1, hour: of_day / 3_600, minute: of_day / 60 % 60, second: of_day % 60 }
    }

    /// The same moment for the system.
    pub fn time(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.0)
    }

    /// As part of a name: `20260312_094100`.
    pub fn for_names(self) -> String {
        let Parts { year, month, day, hour, minute, second } = self.parts(0);
        format!("{year:04}{month:02}{day:02}_{hour:02}{minute:02}{second:02}")
    }
}

impl fmt::Display for Utc {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { year, month, day, hour, minute, second } = self.parts(0);
        write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn length(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn month_length(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970 to this date.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let years: u64 = (1970..year).map(length).sum();
    let months: u64 = (1..month).map(|month| month_length(year, month)).sum();
    years + months + day - 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn moments_are_written_as_the_calendar_has_them() {
        let table = [
            (0, "1970-01-01T00:00:00Z"),
            (951_825_600, "2000-02-29T12:00:00Z"),
            (1_773_308_460, "2026-03-12T09:41:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (LAST, "9999-12-31T23:59:59Z"),
        ];
        for (seconds, text) in table {
            assert_eq!(Utc(seconds).to_string(), text);
        }
        assert_eq!(Utc::from(UNIX_EPOCH + Duration::from_secs(1_773_308_460)).for_names(), "20260312_094100");
        for wrong in ["", "2026-02-30T00:00:00Z", "2026-03-12 09:41:00Z", "2026-03-12T09:41:00", "+026-03-12T09:41:00Z"]
        {
            assert_eq!(Utc::read(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(seconds in 0..=LAST) {
            prop_assert_eq!(Utc::read(&Utc(seconds).to_string()), Some(Utc(seconds)));
        }

        #[test]
        fn no_text_is_too_strange_to_be_refused(text in ".{0,24}") {
            Utc::read(&text);
        }
    }
}
