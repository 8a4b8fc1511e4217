//! What a cabinet may tell, and when it may be believed; no database, no clock, no HTTP.

use crate::kernel::Timestamp;
use crate::kernel::naming::named;

named! {
    /// Whether a device is believed.
    DeviceState {
        Active "active" "在用"
        Revoked "revoked" "已吊销"
    }
}

named! {
    /// What a cabinet tells.
    EventKind {
        DoorOpened "door_opened" "开门"
        DoorClosed "door_closed" "关门"
        DoorHeldOpen "door_held_open" "门超时未关"
        LockChanged "lock_changed" "锁具变动"
        GunTaken "gun_taken" "枪离位"
        GunPutBack "gun_put_back" "枪归位"
        Temperature "temperature" "温度异常"
        PowerLost "power_lost" "断电"
        PowerBack "power_back" "来电"
    }
}

/// How a report's time may differ from ours, milliseconds.
pub const SKEW_MS: i64 = 300_000;
/// An event that is older than this is not taken any more, milliseconds: thirty days.
pub const OLDEST_MS: i64 = 30 * 86_400_000;
/// How far ahead of the last a number may be; what is more is a broken counter.
pub const MOST_AHEAD: i64 = 100_000;
/// Events of one report.
pub const MOST_EVENTS: usize = 500;

/// What is done with an event besides keeping it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concern {
    /// Nothing.
    None,
    /// An alarm by itself.
    Alarm,
    /// Held against the book.
    Judged,
}

impl EventKind {
    /// Whether it is of a slot.
    #[must_use]
    pub const fn has_slot(self) -> bool {
        matches!(self, Self::GunTaken | Self::GunPutBack)
    }

    /// What is done with it.
    #[must_use]
    pub const fn concern(self) -> Concern {
        match self {
            Self::DoorClosed | Self::PowerBack => Concern::None,
            Self::DoorHeldOpen | Self::LockChanged | Self::Temperature | Self::PowerLost => Concern::Alarm,
            Self::DoorOpened | Self::GunTaken | Self::GunPutBack => Concern::Judged,
        }
    }
}

/// Whether a time that a device tells can be right, seen from now.
///
/// # Errors
/// A sentence with both times.
pub fn plausible(happened: Timestamp, now: Timestamp) -> Result<(), String> {
    if happened.0 > now.0.saturating_add(SKEW_MS) {
        return Err(format!("事件时间 {happened} 晚于系统时间 {now}，请校准枪柜时钟"));
    }
    if happened.0 < now.0.saturating_sub(OLDEST_MS) {
        return Err(format!("事件时间 {happened} 早于 30 天前，不再接收"));
    }
    Ok(())
}

/// Whether what went on from `begun` to `ended` was going on at `at`, when both may be so many milliseconds off. What has
/// not ended goes on.
#[must_use]
pub const fn covers(begun: Timestamp, ended: Option<Timestamp>, at: Timestamp, off_ms: i64) -> bool {
    let after_it = match ended {
        Some(ended) => at.0 > ended.0.saturating_add(off_ms),
        None => false,
    };
    at.0 >= begun.0.saturating_sub(off_ms) && !after_it
}

/// The numbers that are missing in a row of them that comes after `judged`, as ranges from … to.
#[must_use]
pub fn missing(judged: i64, came: &[i64]) -> Vec<(i64, i64)> {
    let mut last = judged;
    let mut gaps = Vec::new();
    for seq in came {
        if *seq > last + 1 {
            gaps.push((last + 1, *seq - 1));
        }
        last = last.max(*seq);
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_never_came_are_told_as_ranges() {
        for (judged, came, gaps) in [
            (0, &[1, 2, 3][..], &[][..]),
            (0, &[3], &[(1, 2)]),
            (5, &[6, 8, 9, 12], &[(7, 7), (10, 11)]),
            (5, &[], &[]),
            (7, &[8, 100_000], &[(9, 99_999)]),
        ] {
            assert_eq!(missing(judged, came), gaps, "{judged} {came:?}");
        }
    }

    #[test]
    fn what_went_on_covers_its_time_and_a_little_more() {
        let at = Timestamp;
        for (begun, ended, when, expected) in [
            (100, Some(200), 150, true),
            (100, Some(200), 90, true),
            (100, Some(200), 89, false),
            (100, Some(200), 210, true),
            (100, Some(200), 211, false),
            (100, None, 1_000_000, true),
        ] {
            assert_eq!(covers(at(begun), ended.map(at), at(when), 10), expected, "{begun} {ended:?} {when}");
        }
    }

    #[test]
    fn a_time_is_neither_of_the_future_nor_of_long_ago() {
        let now = Timestamp(1_800_000_000_000);
        for (off, fits) in
            [(0, true), (SKEW_MS, true), (SKEW_MS + 1, false), (-OLDEST_MS, true), (-OLDEST_MS - 1, false)]
        {
            assert_eq!(plausible(Timestamp(now.0 + off), now).is_ok(), fits, "{off}");
        }
        assert!(plausible(Timestamp(i64::MAX), now).is_err() && plausible(Timestamp(i64::MIN), now).is_err());
    }

    #[test]
    fn every_kind_is_let_be_an_alarm_or_held_against_the_book() {
        for kind in EventKind::ALL {
            assert!(!kind.has_slot() || kind.concern() == Concern::Judged, "{kind:?}");
        }
        let alarms = EventKind::ALL.iter().filter(|kind| kind.concern() == Concern::Alarm);
        assert_eq!(alarms.count(), 4);
    }
}
