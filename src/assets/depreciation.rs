//! Depreciation: straight-line by month, without a residual value (政府会计准则第3号——固定资产 第17、18条).
//!
//! - The month in which a thing was acquired counts in full, whatever its day: bought on the 31st is bought in that month
//!   (当月增加的，当月开始计提). A month is in the books on its last day. What leaves the book in a month is not in it on
//!   that day, and so has no depreciation for that month (当月减少的，当月不再计提).
//! - A month's amount is value ÷ months, rounded to the fen, half up; the last month takes what is left. The sum over all
//!   months is the value to the fen. Where the rounded amounts would pass the value before the last month (less than half
//!   a fen for each month), they end at it.
//! - Another life or another value from a month on does not touch what is past: what is left then is spread over the
//!   months that are left then (未来适用法); when none are left, that month takes all of it.
//!
//! Pure: no database, no clock.

use chrono::{Datelike as _, NaiveDate};

use crate::kernel::Fen;

/// A month, counted from January of year 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(pub i32);

impl Month {
    /// The month a day is in.
    #[must_use]
    pub fn of(day: NaiveDate) -> Self {
        // A month's number is 1 to 12.
        Self(day.year() * 12 + i32::try_from(day.month0()).unwrap_or(0))
    }

    /// The last month that is in the books on a day: the day's own when it is its last, else the one before.
    #[must_use]
    pub fn booked_by(day: NaiveDate) -> Self {
        let is_last = day.succ_opt().is_none_or(|next| next.day() == 1);
        if is_last { Self::of(day) } else { Self(Self::of(day).0 - 1) }
    }

    /// Its first day.
    #[must_use]
    pub fn first_day(self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(self.0.div_euclid(12), u32::try_from(self.0.rem_euclid(12)).ok()? + 1, 1)
    }

    /// So many months later.
    #[must_use]
    pub const fn plus(self, months: i32) -> Self {
        Self(self.0.saturating_add(months))
    }
}

/// From a month on: this value, for this long in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Base {
    /// The month from which on it holds.
    pub from: Month,
    /// The value, less nothing.
    pub value: Fen,
    /// The useful life, months, counted from the first month of all.
    pub months: u32,
}

/// How a thing is depreciated from its first month to its last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    first: Month,
    pieces: Vec<Piece>,
}

/// A stretch of equal months.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    from: Month,
    /// What had been taken before it.
    taken: Fen,
    /// What is left to take.
    left: Fen,
    /// Over how many months.
    months: i32,
}

/// The amount of a month: an even share, rounded to the fen, half up.
#[must_use]
pub const fn monthly(left: Fen, months: i32) -> Fen {
    if months <= 0 {
        return left;
    }
    let months = months as i64;
    let (share, rest) = (left.0.div_euclid(months), left.0.rem_euclid(months));
    Fen(if rest * 2 >= months { share + 1 } else { share })
}

/// What the first `elapsed` of `months` have taken.
#[must_use]
pub fn taken(value: Fen, months: i32, elapsed: i32) -> Fen {
    if elapsed <= 0 {
        return Fen::ZERO;
    }
    if elapsed >= months {
        return value;
    }
    let so_far = i128::from(monthly(value, months).0) * i128::from(elapsed);
    // What was taken too much before comes back: then the amounts are below nothing.
    i64::try_from(so_far).map_or(value, |so_far| Fen(so_far.clamp(value.0.min(0), value.0.max(0))))
}

impl Piece {
    fn by(&self, month: Month) -> Fen {
        self.taken + taken(self.left, self.months, month.0 - self.from.0 + 1)
    }
}

impl Plan {
    /// The plan of a thing acquired on a day, by what held from when on: the first of `bases` holds from the first month,
    /// whatever its own says; the others in the order of their months. `None` when nothing holds.
    #[must_use]
    pub fn new(acquired_on: NaiveDate, bases: &[Base]) -> Option<Self> {
        let first = Month::of(acquired_on);
        let base = bases.first()?;
        let months = |base: &Base| i32::try_from(base.months).unwrap_or(i32::MAX);
        let mut pieces = vec![Piece { from: first, taken: Fen::ZERO, left: base.value, months: months(base).max(1) }];
        for base in &bases[1..] {
            let from = base.from.max(first);
            while pieces.len() > 1 && pieces.last().is_some_and(|piece| piece.from >= from) {
                pieces.pop();
            }
            let taken = pieces.last().map_or(Fen::ZERO, |piece| piece.by(Month(from.0 - 1)));
            let left = base.value - taken;
            let gone = from.0.saturating_sub(first.0);
            let piece = Piece { from, taken, left, months: months(base).saturating_sub(gone).max(1) };
            if from == first {
                pieces.clear();
            }
            pieces.push(piece);
        }
        Some(Self { first, pieces })
    }

    /// What the months up to and with this one have taken.
    #[must_use]
    pub fn accumulated(&self, month: Month) -> Fen {
        let holds = self.pieces.iter().rev().find(|piece| piece.from <= month);
        holds.map_or(Fen::ZERO, |piece| piece.by(month))
    }

    /// What one month takes.
    #[must_use]
    pub fn of_month(&self, month: Month) -> Fen {
        self.accumulated(month) - self.accumulated(Month(month.0 - 1))
    }

    /// The first month.
    #[must_use]
    pub const fn first(&self) -> Month {
        self.first
    }

    /// The last month.
    #[must_use]
    pub fn last(&self) -> Month {
        self.pieces.last().map_or(self.first, |piece| piece.from.plus(piece.months - 1))
    }

    /// The value at the end: all of it is taken by the last month.
    #[must_use]
    pub fn value(&self) -> Fen {
        self.pieces.last().map_or(Fen::ZERO, |piece| piece.taken + piece.left)
    }
}

/// What a thing is worth on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worth {
    /// 原值
    pub value: Fen,
    /// 累计折旧
    pub accumulated: Fen,
    /// Why nothing was taken, or that all was.
    pub standing: Standing,
}

impl Worth {
    /// 净值
    #[must_use]
    pub fn net(&self) -> Fen {
        self.value - self.accumulated
    }
}

/// How a thing stands with its depreciation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standing {
    /// 提折旧
    Depreciating,
    /// 已完成折旧
    Finished,
    /// 不提折旧
    NotDepreciated,
    /// 年限或取得日期不明
    Unknown,
}

impl Standing {
    /// The name people read.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Depreciating => "提折旧",
            Self::Finished => "已完成折旧",
            Self::NotDepreciated => "不提折旧",
            Self::Unknown => "年限或取得日期不明",
        }
    }

    /// The name in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Depreciating => "depreciating",
            Self::Finished => "finished",
            Self::NotDepreciated => "not_depreciated",
            Self::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn plain(value: i64, months: u32, acquired: &str) -> Plan {
        let acquired = day(acquired);
        Plan::new(acquired, &[Base { from: Month::of(acquired), value: Fen(value), months }]).unwrap()
    }

    /// Worked out by hand: value ÷ months, rounded; the last month takes the rest.
    #[test]
    fn a_computer_of_5999_yuan_as_an_office_reckons_it() {
        // 5,999.00 ÷ 72 = 83.3194… → 83.32; 71 × 83.32 = 5,915.72; the last 83.28.
        let plan = plain(599_900, 72, "2020-01-31");
        for (by, taken) in [
            ("2020-01-01", 0),
            ("2020-01-30", 0),
            // Bought on the 31st: the month counts, and is in the books on that very day.
            ("2020-01-31", 8_332),
            ("2020-02-28", 8_332),
            ("2020-02-29", 16_664),
            ("2020-12-31", 99_984),
            ("2025-11-30", 591_572),
            ("2025-12-30", 591_572),
            ("2025-12-31", 599_900),
            ("2030-01-01", 599_900),
        ] {
            assert_eq!(plan.accumulated(Month::booked_by(day(by))), Fen(taken), "{by}");
        }
        assert_eq!((plan.first(), plan.last()), (Month::of(day("2020-01-01")), Month::of(day("2025-12-01"))));
    }

    #[test]
    fn any_day_of_the_month_is_the_same_month() {
        for acquired in ["2024-02-01", "2024-02-15", "2024-02-29"] {
            let plan = plain(720_000, 72, acquired);
            assert_eq!(plan.accumulated(Month::booked_by(day("2024-02-29"))), Fen(10_000), "{acquired}");
            assert_eq!(plan.last(), Month::of(day("2030-01-31")), "{acquired}");
        }
        assert_eq!(Month::of(day("2024-03-05")).first_day(), Some(day("2024-03-01")));
    }

    #[test]
    fn a_value_smaller_than_its_months_ends_at_itself() {
        for value in [0, 1, 35, 36, 50, 71, 100] {
            let plan = plain(value, 72, "2020-01-31");
            let months = (0..72).map(|n| plan.of_month(plan.first().plus(n)));
            assert_eq!(months.clone().sum::<Fen>(), Fen(value));
            assert!(months.clone().all(|month| month >= Fen::ZERO), "{value}");
        }
    }

    #[test]
    fn another_life_spreads_what_is_left_over_the_months_left() {
        let acquired = day("2020-01-31");
        let months = |n: i32| Month::of(acquired).plus(n);
        let base =
            |from: i32, value: i64, months_: u32| Base { from: months(from), value: Fen(value), months: months_ };
        // 7,200.00 over 72 months: 100.00 each. After 24 of them, 4,800.00 is left.
        for (change, by, taken, last) in [
            // 60 months in all: 36 left, 133.33 each, the last 133.45.
            (base(24, 720_000, 60), 24, 253_333, 59),
            (base(24, 720_000, 60), 58, 240_000 + 13_333 * 35, 59),
            (base(24, 720_000, 60), 59, 720_000, 59),
            // Shorter than what is over: all of it in that month.
            (base(24, 720_000, 12), 24, 720_000, 24),
            // Longer: 96 months, 72 left, 66.67 each.
            (base(24, 720_000, 96), 24, 246_667, 95),
            // 2,400.00 more: 7,200.00 over 48 months.
            (base(24, 960_000, 72), 24, 255_000, 71),
            // Less than was taken: nothing is left, and a little comes back at once, spread likewise.
            (base(24, 192_000, 72), 23, 240_000, 71),
            (base(24, 192_000, 72), 71, 192_000, 71),
            // From before the first month: from the first.
            (base(-5, 480_000, 48), 0, 10_000, 47),
        ] {
            let plan = Plan::new(acquired, &[base(0, 720_000, 72), change]).unwrap();
            assert_eq!(plan.accumulated(months(by)), Fen(taken), "{change:?} by {by}");
            assert_eq!(plan.last(), months(last), "{change:?}");
            assert_eq!(plan.accumulated(plan.last()), change.value, "{change:?}");
        }
    }

    proptest! {
        #[test]
        fn the_months_add_up_to_the_value_and_never_beyond(
            value in 0i64..2_000_000_000,
            months in 1u32..=600,
            day_of in 1u32..=31,
            change in proptest::option::of((0i32..700, 0i64..2_000_000_000, 1u32..=600)),
        ) {
            let acquired = NaiveDate::from_ymd_opt(2019, 1, day_of).unwrap();
            let first = Month::of(acquired);
            let mut bases = vec![Base { from: first, value: Fen(value), months }];
            bases.extend(change.map(|(at, value, months)| Base { from: first.plus(at), value: Fen(value), months }));
            let end = bases.last().unwrap().value;
            let plan = Plan::new(acquired, &bases).unwrap();
            let mut sum = Fen::ZERO;
            let mut month = first;
            while month <= plan.last() {
                sum += plan.of_month(month);
                prop_assert_eq!(sum, plan.accumulated(month));
                if change.is_none() {
                    prop_assert!(plan.of_month(month) >= Fen::ZERO && sum <= end);
                }
                month = month.plus(1);
            }
            prop_assert_eq!(sum, end);
            prop_assert_eq!(plan.value(), end);
            prop_assert_eq!(plan.accumulated(plan.last().plus(100)), end);
            prop_assert_eq!(plan.accumulated(first.plus(-1)), Fen::ZERO);
        }
    }
}
