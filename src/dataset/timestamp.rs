//! Civil time.

use std::fmt;

use jiff::{SignedDuration, civil, tz::TimeZone};
use serde::{Serialize, Serializer};

/// Microseconds in one period of 24 hours.
const DAY: i64 = 24 * 3600 * 1_000_000;
const EPOCH: civil::DateTime = civil::date(1970, 1, 1).at(0, 0, 0, 0);

/// A civil date and time, in microseconds since 1970-01-01 00:00:00.
///
/// It has no zone: once read, only the civil time counts, and every day has
/// 24 hours. Finer fractions of a second are cut off. The range is from
/// 1000-01-01 (two digits of a year are no year) to 9999-12-30, so that the
/// day after exists too.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The time that many microseconds after 1970-01-01 00:00:00, or `None`
    /// out of range.
    #[must_use]
    pub fn from_microseconds(microseconds: i64) -> Option<Self> {
        // Days from 1970-01-01 to 1000-01-01 and to 9999-12-31.
        const FIRST: i64 = -354_285 * DAY;
        const END: i64 = 2_932_896 * DAY;
        (FIRST..END)
            .contains(&microseconds)
            .then_some(Self(microseconds))
    }

    /// The civil time of an instant, given in microseconds since the Unix
    /// epoch, in `zone`; `None` out of range.
    pub(super) fn from_unix(microseconds: i64, zone: &TimeZone) -> Option<Self> {
        let instant = jiff::Timestamp::from_microsecond(microseconds).ok()?;
        Self::from_civil(zone.to_datetime(instant))
    }

    pub(super) fn from_civil(time: civil::DateTime) -> Option<Self> {
        let minutes = i64::from(time.hour()) * 60 + i64::from(time.minute());
        let seconds = minutes * 60 + i64::from(time.second());
        let micros = seconds * 1_000_000 + i64::from(time.subsec_nanosecond() / 1000);
        Self::from_microseconds(days(time.date()) * DAY + micros)
    }

    /// Microseconds since 1970-01-01 00:00:00.
    #[must_use]
    pub const fn microseconds(self) -> i64 {
        self.0
    }

    /// The midnight at which the day of this time starts.
    #[must_use]
    pub const fn midnight(self) -> Self {
        Self(self.0 - self.0.rem_euclid(DAY))
    }

    /// The time 24 hours later.
    #[must_use]
    pub const fn next_day(self) -> Self {
        Self(self.0 + DAY)
    }

    /// Whole periods of 24 hours from `earlier` to this time, rounded down.
    #[must_use]
    pub const fn days_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).div_euclid(DAY)
    }
}

/// Days from 1970-01-01 to a date in the Gregorian calendar.
///
/// Years are taken to start in March, so that a leap day is the last of its year. Lines
/// in no order have a date each, and going over a duration of jiff takes several times
/// as long.
fn days(date: civil::Date) -> i64 {
    /// Days from 0000-03-01 to 1970-01-01.
    const TO_EPOCH: i64 = 719_468;
    let month = i64::from(date.month());
    // Months since March, and the year in which that was.
    let (months, year) = match month {
        3.. => (month - 3, i64::from(date.year())),
        _ => (month + 9, i64::from(date.year()) - 1),
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // Five months from March on, and from August on, have 153 days.
    let before = (153 * months + 2) / 5;
    365 * year + leap_days + before + i64::from(date.day()) - 1 - TO_EPOCH
}

impl Serialize for Timestamp {
    /// As text: `2011-12-10 12:50:00`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Timestamp {
    /// Writes `2011-12-10 12:50:00`, with a fraction of a second if there is
    /// one. `{:.10}` writes the date alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = EPOCH + SignedDuration::from_micros(self.0);
        f.pad(&format!("{} {}", time.date(), time.time()))
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        let mut expected = -719_528;
        for date in civil::date(0, 1, 1).series(1.day()) {
            assert_eq!(days(date), expected, "{date}");
            expected += 1;
        }
        assert_eq!(expected, days(civil::Date::MAX) + 1);
    }
}
