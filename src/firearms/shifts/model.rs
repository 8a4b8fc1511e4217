//! States of a handover, and what a count is held against; no database, no clock, no HTTP.

use crate::kernel::naming::named;

named! {
    /// Where a handover stands.
    State {
        Counting "counting" "待清点"
        Agreed "agreed" "账实相符，待签字"
        Differing "differing" "有差异，待签字"
        Closed "closed" "已交接"
        Cancelled "cancelled" "已取消"
    }
}

named! {
    /// What may be done to it.
    Deed {
        /// Everything is as the book says.
        Agree "agree" "清点相符"
        Differ "differ" "清点不符"
        Close "close" "交接"
        Cancel "cancel" "取消"
    }
}

named! {
    /// In what capacity somebody signs.
    Side {
        Out1 "out1" "交班人1"
        Out2 "out2" "交班人2"
        In1 "in1" "接班人1"
        In2 "in2" "接班人2"
    }
}

named! {
    /// What a line is of.
    LineKind {
        Gun "gun" "枪"
        Lot "lot" "弹药"
        /// Read off the shelf, and in no book of this unit.
        Unknown "unknown" "账外"
    }
}

/// Not in a state for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("此交接{state}，不能{deed}")]
pub struct Refusal {
    state: &'static str,
    deed: &'static str,
}

impl State {
    /// Whether the unit can have no other.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Counting | Self::Agreed | Self::Differing)
    }

    /// Where it stands after a deed.
    ///
    /// # Errors
    /// When its state does not allow it.
    pub const fn after(self, deed: Deed) -> Result<Self, Refusal> {
        match (self, deed) {
            (Self::Counting | Self::Agreed | Self::Differing, Deed::Agree) => Ok(Self::Agreed),
            (Self::Counting | Self::Agreed | Self::Differing, Deed::Differ) => Ok(Self::Differing),
            (Self::Agreed | Self::Differing, Deed::Close) => Ok(Self::Closed),
            (Self::Counting | Self::Agreed | Self::Differing, Deed::Cancel) => Ok(Self::Cancelled),
            _ => Err(Refusal { state: self.zh(), deed: deed.zh() }),
        }
    }
}

/// A lot since the last handover: what there was, what came, what went, what the book says, what was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// 上班结存
    pub opening: i64,
    /// 本班入库
    pub came: i64,
    /// 本班出库
    pub went: i64,
    /// 账面结存
    pub book: i64,
    /// 实盘
    pub counted: i64,
}

impl Tally {
    /// Whether opening + in − out = book, and the book is what was counted.
    #[must_use]
    pub const fn fits(&self) -> bool {
        self.opening + self.came - self.went == self.book && self.book == self.counted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every state and every deed.
    #[test]
    fn a_handover_is_counted_before_it_closes_and_ends_once() {
        use Deed as D;
        use State as S;
        let mut ways = Vec::new();
        for state in S::ALL {
            for deed in D::ALL {
                if let Ok(after) = state.after(*deed) {
                    assert!(state.is_open(), "{state:?} {deed:?}");
                    ways.push((*state, *deed, after));
                }
            }
        }
        let counted = |from| [(from, D::Agree, S::Agreed), (from, D::Differ, S::Differing)];
        let mut expected = counted(S::Counting).to_vec();
        expected.push((S::Counting, D::Cancel, S::Cancelled));
        for from in [S::Agreed, S::Differing] {
            expected.extend(counted(from));
            expected.extend([(from, D::Close, S::Closed), (from, D::Cancel, S::Cancelled)]);
        }
        assert_eq!(ways, expected);
    }

    #[test]
    fn a_lot_adds_up_and_is_there() {
        let of = |opening, came, went, book, counted| Tally { opening, came, went, book, counted };
        for (tally, fits) in [
            (of(100, 50, 30, 120, 120), true),
            (of(0, 0, 0, 0, 0), true),
            (of(100, 50, 30, 120, 119), false),
            (of(100, 50, 30, 119, 119), false),
        ] {
            assert_eq!(tally.fits(), fits, "{tally:?}");
        }
    }
}
