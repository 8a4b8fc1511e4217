//! States of a draw and of its acts, and which step leads where; no database, no clock, no HTTP.

use crate::kernel::naming::named;

named! {
    /// What a gun is drawn for.
    Purpose {
        Vice "vice" "涉黄"
        Gambling "gambling" "涉赌"
        Criminal "criminal" "刑事案件"
        Emergency "emergency" "紧急出警"
        Patrol "patrol" "武装巡逻"
        Training "training" "训练"
        Other "other" "其他"
    }
}

named! {
    /// Where a draw stands.
    State {
        Asked "asked" "审批中"
        /// May be handed out.
        Approved "approved" "未领枪"
        /// An act at the counter is open.
        Handing "handing" "领枪办理中"
        Out "out" "已领枪"
        /// An act at the counter is open.
        Returning "returning" "还枪办理中"
        Closed "closed" "已还枪"
        Refused "refused" "未获批准"
        Withdrawn "withdrawn" "已撤回"
    }
}

named! {
    /// What may be done to a draw.
    Deed {
        Approve "approve" "批准"
        Refuse "refuse" "不予批准"
        Withdraw "withdraw" "撤回"
        OpenIssue "open_issue" "办理领枪"
        CancelIssue "cancel_issue" "取消领枪"
        HandOver "hand_over" "交枪"
        OpenReturn "open_return" "办理还枪"
        CancelReturn "cancel_return" "取消还枪"
        Close "close" "收枪"
    }
}

named! {
    /// Which way an act goes.
    ActKind {
        Issue "issue" "领枪"
        Return "return" "还枪"
    }
}

named! {
    /// Where an act stands.
    ActState {
        Open "open" "办理中"
        Done "done" "已办结"
        Cancelled "cancelled" "已取消"
    }
}

named! {
    /// The steps of a clearance check (验枪), in their order.
    Clearance {
        Muzzle "muzzle" "枪口向下，对准验枪桶"
        Magazine "magazine" "卸下弹匣"
        Slide "slide" "拉套筒（枪机）"
        Chamber "chamber" "目视、手触弹膛"
        DryFire "dry_fire" "击发空枪"
    }
}

named! {
    /// In what capacity somebody signs.
    Part {
        Keeper1 "keeper1" "保管人1"
        Keeper2 "keeper2" "保管人2"
        Confirmer "confirmer" "确认人"
    }
}

named! {
    /// How somebody's holding of a gun ended.
    HoldingEnd {
        Returned "returned" "交还"
        Lost "lost" "遗失"
    }
}

named! {
    /// Where a wish for more time stands.
    LongerState {
        Asked "asked" "审批中"
        Granted "granted" "已同意"
        Refused "refused" "未同意"
        /// Granted after the time was over: it does not count.
        Late "late" "逾期批准，不计"
    }
}

/// The most rounds that one draw takes.
pub const MOST_ROUNDS: i64 = 200;
/// The most magazines that one draw takes.
pub const MOST_MAGAZINES: i64 = 6;
/// Out for longer than this goes to the sub-bureau leader, milliseconds.
pub const DAY_MS: i64 = 86_400_000;

/// A draw is not in a state for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("此领枪单{state}，不能{deed}")]
pub struct Refusal {
    state: &'static str,
    deed: &'static str,
}

impl State {
    /// Whether the drawer may ask for no other.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::Approved | Self::Handing | Self::Out | Self::Returning)
    }

    /// Whether the drawer has something of the store's.
    #[must_use]
    pub const fn is_out(self) -> bool {
        matches!(self, Self::Out | Self::Returning)
    }

    /// Where it stands after a deed.
    ///
    /// # Errors
    /// When its state does not allow it.
    pub const fn after(self, deed: Deed) -> Result<Self, Refusal> {
        match (self, deed) {
            (Self::Asked, Deed::Approve) | (Self::Handing, Deed::CancelIssue) => Ok(Self::Approved),
            (Self::Asked, Deed::Refuse) => Ok(Self::Refused),
            (Self::Asked | Self::Approved, Deed::Withdraw) => Ok(Self::Withdrawn),
            (Self::Approved, Deed::OpenIssue) => Ok(Self::Handing),
            (Self::Handing, Deed::HandOver) | (Self::Returning, Deed::CancelReturn) => Ok(Self::Out),
            (Self::Out, Deed::OpenReturn) => Ok(Self::Returning),
            (Self::Returning, Deed::Close) => Ok(Self::Closed),
            _ => Err(Refusal { state: self.zh(), deed: deed.zh() }),
        }
    }
}

impl Clearance {
    /// The step that comes after so many were done.
    #[must_use]
    pub fn next(done: i64) -> Option<Self> {
        usize::try_from(done).ok().and_then(|done| Self::ALL.get(done)).copied()
    }
}

impl Part {
    /// Who must sign.
    #[must_use]
    pub const fn needed(urgent: bool) -> &'static [Self] {
        if urgent { &[Self::Keeper1, Self::Confirmer] } else { Self::ALL }
    }
}

/// What became of the rounds of a draw.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rounds {
    /// 交还
    pub back: i64,
    /// 耗用
    pub fired: i64,
    /// 损坏
    pub damaged: i64,
    /// 遗失
    pub lost: i64,
}

impl Rounds {
    /// Whether they make up what was drawn: each a number of rounds, and all of them together as many.
    ///
    /// # Errors
    /// A sentence with both sides of the equation.
    pub fn check(self, drawn: i64) -> Result<(), String> {
        let parts = [self.back, self.fired, self.damaged, self.lost];
        if parts.iter().any(|part| !(0..=MOST_ROUNDS).contains(part)) {
            return Err(format!("各项发数应为 0 至 {MOST_ROUNDS} 的整数"));
        }
        let sum: i64 = parts.iter().sum();
        if sum == drawn {
            return Ok(());
        }
        let Self { back, fired, damaged, lost } = self;
        Err(format!(
            "领出 {drawn} 发，交还 {back} + 耗用 {fired} + 损坏 {damaged} + 遗失 {lost} = {sum} 发，不相等，不能办结"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every state and every deed.
    #[test]
    fn a_draw_goes_step_by_step_and_ends_once() {
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
        assert_eq!(
            ways,
            [
                (S::Asked, D::Approve, S::Approved),
                (S::Asked, D::Refuse, S::Refused),
                (S::Asked, D::Withdraw, S::Withdrawn),
                (S::Approved, D::Withdraw, S::Withdrawn),
                (S::Approved, D::OpenIssue, S::Handing),
                (S::Handing, D::CancelIssue, S::Approved),
                (S::Handing, D::HandOver, S::Out),
                (S::Out, D::OpenReturn, S::Returning),
                (S::Returning, D::CancelReturn, S::Out),
                (S::Returning, D::Close, S::Closed),
            ]
        );
    }

    #[test]
    fn rounds_drawn_are_returned_fired_damaged_or_lost() {
        let of = |back, fired, damaged, lost| Rounds { back, fired, damaged, lost };
        for (rounds, drawn, fits) in [
            (of(15, 0, 0, 0), 15, true),
            (of(10, 3, 1, 1), 15, true),
            (of(0, 0, 0, 0), 0, true),
            (of(14, 0, 0, 0), 15, false),
            (of(16, 0, 0, 0), 15, false),
            (of(16, -1, 0, 0), 15, false),
            (of(1_000_000_000, 0, 0, 0), 15, false),
            (of(i64::MAX, i64::MAX, 2, 0), 0, false),
        ] {
            assert_eq!(rounds.check(drawn).is_ok(), fits, "{rounds:?} {drawn}");
        }
        assert!(of(10, 3, 0, 0).check(15).unwrap_err().contains("= 13 发"));
    }

    #[test]
    fn a_check_has_its_steps_in_order_and_an_emergency_two_people() {
        let steps: Vec<_> = (0..6).map(Clearance::next).collect();
        assert_eq!(steps[..5].iter().flatten().copied().collect::<Vec<_>>(), Clearance::ALL);
        assert_eq!((steps[5], Clearance::next(-1)), (None, None));
        assert_eq!((Part::needed(false).len(), Part::needed(true).len()), (3, 2));
    }
}
