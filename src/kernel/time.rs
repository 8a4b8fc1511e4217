//! An instant, kept as milliseconds since 1970 in UTC: written by us, the same on every engine, ordered as a
//! number. People see Asia/Shanghai (UTC+8, no summer time since 1991).

use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _, Utc};
use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, DeriveValueType,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// Shanghai's offset from UTC in seconds.
const SHANGHAI_S: i32 = 8 * 3600;

fn shanghai() -> FixedOffset {
    FixedOffset::east_opt(SHANGHAI_S).unwrap_or_else(|| chrono::Offset::fix(&Utc))
}

impl Timestamp {
    /// The instant of a UTC date and time.
    #[must_use]
    pub fn from_utc(at: DateTime<Utc>) -> Self {
        Self(at.timestamp_millis())
    }

    /// The instant at which clocks in Shanghai show `local`.
    #[must_use]
    pub fn from_shanghai(local: NaiveDateTime) -> Self {
        Self(local.and_utc().timestamp_millis() - i64::from(SHANGHAI_S) * 1000)
    }

    /// The last millisecond of a day in Shanghai: what "as of the baseline date" means.
    #[must_use]
    pub fn end_of_day(day: NaiveDate) -> Self {
        Self(Self::start_of_day(day).0 + 86_400_000 - 1)
    }

    /// The first millisecond of a day in Shanghai.
    #[must_use]
    pub fn start_of_day(day: NaiveDate) -> Self {
        Self::from_shanghai(day.and_time(NaiveTime::MIN))
    }

    /// What clocks in Shanghai show.
    #[must_use]
    pub fn shanghai(self) -> NaiveDateTime {
        Utc.timestamp_millis_opt(self.0).single().unwrap_or_default().with_timezone(&shanghai()).naive_local()
    }

    /// The day in Shanghai.
    #[must_use]
    pub fn day(self) -> NaiveDate {
        self.shanghai().date()
    }
}

impl fmt::Display for Timestamp {
    /// `2026-11-23 09:05:07`, as in Shanghai.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.shanghai().format("%Y-%m-%d %H:%M:%S").to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_in_shanghai_begins_at_sixteen_utc() {
        let day = NaiveDate::from_ymd_opt(2026, 12, 31).unwrap();
        assert_eq!(Timestamp::start_of_day(day).to_string(), "2026-12-31 00:00:00");
        assert_eq!(Timestamp::end_of_day(day).to_string(), "2026-12-31 23:59:59");
        assert_eq!(Timestamp::start_of_day(day).0 % 86_400_000, 16 * 3_600_000);
        assert_eq!(Timestamp::end_of_day(day).day(), day);
    }
}
