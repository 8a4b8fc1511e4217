//! Kinds and states of a card, and which step leads where; no database, no clock, no HTTP.

use chrono::NaiveDate;

use crate::kernel::naming::named;

named! {
    /// What a card is for.
    CardKind {
        Master "master" "主卡"
        Sub "sub" "副卡"
    }
}

named! {
    /// Whose stations take it.
    Supplier {
        Sinopec "sinopec" "中国石化"
        Petrochina "petrochina" "中国石油"
        Other "other" "其他"
    }
}

named! {
    /// Where a card stands.
    CardState {
        InUse "in_use" "在用"
        Lost "lost" "挂失"
        Stopped "stopped" "停用"
        Replaced "replaced" "已换卡"
    }
}

impl CardState {
    /// Whether a card may become that.
    ///
    /// # Errors
    /// The sentence that says why not.
    pub fn becomes(self, to: Self) -> Result<Self, String> {
        match (self, to) {
            (Self::InUse, Self::Lost | Self::Stopped | Self::Replaced)
            | (Self::Lost, Self::InUse | Self::Stopped | Self::Replaced)
            | (Self::Stopped, Self::InUse | Self::Lost | Self::Replaced) => Ok(to),
            _ if self == to => Err(format!("此卡已是{}", self.zh())),
            _ => Err(format!("此卡{}，不能改为{}", self.zh(), to.zh())),
        }
    }
}

/// Whether two intervals of days, both ends counted, have a day in common; no end is for ever.
#[must_use]
pub fn overlap(a: (NaiveDate, Option<NaiveDate>), b: (NaiveDate, Option<NaiveDate>)) -> bool {
    let before = |day: NaiveDate, end: Option<NaiveDate>| end.is_none_or(|end| day <= end);
    before(a.0, b.1) && before(b.0, a.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_goes_from_state_to_state() {
        use CardState as S;
        let mut ways = Vec::new();
        for from in S::ALL {
            for to in S::ALL {
                if from.becomes(*to).is_ok() {
                    ways.push((*from, *to));
                }
            }
        }
        assert_eq!(
            ways,
            [
                (S::InUse, S::Lost),
                (S::InUse, S::Stopped),
                (S::InUse, S::Replaced),
                (S::Lost, S::InUse),
                (S::Lost, S::Stopped),
                (S::Lost, S::Replaced),
                (S::Stopped, S::InUse),
                (S::Stopped, S::Lost),
                (S::Stopped, S::Replaced),
            ]
        );
    }

    #[test]
    fn days_in_common_are_seen_at_the_edges() {
        let day = |n: u32| NaiveDate::from_ymd_opt(2026, 11, n).unwrap();
        for (a, b, common) in [
            ((day(1), Some(day(5))), (day(5), Some(day(9))), true),
            ((day(1), Some(day(5))), (day(6), None), false),
            ((day(1), None), (day(28), None), true),
            ((day(6), None), (day(1), Some(day(5))), false),
            ((day(3), Some(day(3))), (day(3), Some(day(3))), true),
        ] {
            assert_eq!(overlap(a, b), common, "{a:?} {b:?}");
            assert_eq!(overlap(b, a), common, "{b:?} {a:?}");
        }
    }
}
