//! The states of a surplus thing and which step leads where; no database, no clock, no HTTP.

use crate::approvals::model::State as Approval;
use crate::kernel::Fen;
use crate::kernel::naming::named;

named! {
    /// Where a surplus thing stands.
    State {
        Open "open" "待认定"
        Unbooked "unbooked" "账外资产，待估值"
        Valued "valued" "已估值"
        Approved "approved" "已批准入账"
        Entered "entered" "已入账"
        Matched "matched" "原账资产，已认领"
        Foreign "foreign" "他人财物，待移交"
        HandedOver "handed_over" "已移交物主"
        Dropped "dropped" "不予入账"
    }
}

named! {
    /// What the value rests on (价值类型).
    Basis {
        Assessed "assessed" "评估值"
        Replacement "replacement" "重置值"
        Nominal "nominal" "名义金额"
    }
}

named! {
    /// What may be done with a surplus thing.
    Deed {
        Match "match" "认领"
        Own "own" "认定为账外资产"
        Disown "disown" "认定为他人财物"
        Value "value" "估值"
        Ask "ask" "报批"
        Enter "enter" "入账"
        HandOver "hand_over" "移交物主"
        Drop "drop" "不予入账"
    }
}

/// The nominal amount: one yuan.
pub const NOMINAL: Fen = Fen(100);

/// Where it stands, and whether it waits for its chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its state, with what the chain has said since.
    pub state: State,
    /// Whether its entry waits for the chain.
    pub asked: bool,
}

/// A step that the rules do not allow, with what to do instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not in a state for it.
    #[error("此项盘盈“{state}”，不能{deed}")]
    State {
        /// Its state as people say it.
        state: &'static str,
        /// What was wanted.
        deed: &'static str,
    },
    /// The chain must speak first.
    #[error("入账申请正在审批，不能{0}")]
    Asked(&'static str),
}

impl Standing {
    /// What a state is when its chain has come so far.
    #[must_use]
    pub const fn of(written: State, approval: Option<Approval>) -> Self {
        match (written, approval) {
            (State::Valued, Some(Approval::Waiting | Approval::Used)) => Self { state: written, asked: true },
            (State::Valued, Some(Approval::Approved | Approval::Ratified)) => {
                Self { state: State::Approved, asked: false }
            }
            _ => Self { state: written, asked: false },
        }
    }

    /// Where it stands after a deed.
    ///
    /// # Errors
    /// When where it stands does not allow it.
    pub fn after(self, deed: Deed) -> Result<Self, Refusal> {
        use State as S;
        let to = |state| Ok(Self { state, asked: false });
        match (self.state, self.asked, deed) {
            (S::Valued, true, _) => Err(Refusal::Asked(deed.zh())),
            (S::Open | S::Unbooked | S::Valued | S::Foreign, _, Deed::Match) => to(S::Matched),
            (S::Open | S::Foreign, _, Deed::Own) => to(S::Unbooked),
            (S::Open | S::Unbooked | S::Valued, _, Deed::Disown) => to(S::Foreign),
            (S::Unbooked | S::Valued, _, Deed::Value) => to(S::Valued),
            (S::Valued, _, Deed::Ask) => Ok(Self { state: S::Valued, asked: true }),
            (S::Approved, _, Deed::Enter) => to(S::Entered),
            (S::Foreign, _, Deed::HandOver) => to(S::HandedOver),
            (S::Open | S::Unbooked | S::Valued | S::Foreign, _, Deed::Drop) => to(S::Dropped),
            _ => Err(Refusal::State { state: self.state.zh(), deed: deed.zh() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Deed as D;
    use State as S;

    /// Every state and every deed: what is not in the table is refused.
    #[test]
    fn a_surplus_goes_step_by_step_and_ends_once() {
        let ways = |from: Standing| {
            let of = |deed: &Deed| from.after(*deed).ok().map(|to| (*deed, to.state, to.asked));
            Deed::ALL.iter().filter_map(of).collect::<Vec<_>>()
        };
        for state in State::ALL {
            let expected: &[(Deed, State, bool)] = match state {
                S::Open => &[
                    (D::Match, S::Matched, false),
                    (D::Own, S::Unbooked, false),
                    (D::Disown, S::Foreign, false),
                    (D::Drop, S::Dropped, false),
                ],
                S::Unbooked => &[
                    (D::Match, S::Matched, false),
                    (D::Disown, S::Foreign, false),
                    (D::Value, S::Valued, false),
                    (D::Drop, S::Dropped, false),
                ],
                S::Valued => &[
                    (D::Match, S::Matched, false),
                    (D::Disown, S::Foreign, false),
                    (D::Value, S::Valued, false),
                    (D::Ask, S::Valued, true),
                    (D::Drop, S::Dropped, false),
                ],
                S::Approved => &[(D::Enter, S::Entered, false)],
                S::Foreign => &[
                    (D::Match, S::Matched, false),
                    (D::Own, S::Unbooked, false),
                    (D::HandOver, S::HandedOver, false),
                    (D::Drop, S::Dropped, false),
                ],
                S::Entered | S::Matched | S::HandedOver | S::Dropped => &[],
            };
            assert_eq!(ways(Standing { state: *state, asked: false }), expected, "{state:?}");
        }
        assert!(ways(Standing { state: S::Valued, asked: true }).is_empty(), "what waits for its chain is left alone");
        for (approval, expected) in [
            (Some(Approval::Waiting), (S::Valued, true)),
            (Some(Approval::Approved), (S::Approved, false)),
            (Some(Approval::Refused), (S::Valued, false)),
            (None, (S::Valued, false)),
        ] {
            let standing = Standing::of(S::Valued, approval);
            assert_eq!((standing.state, standing.asked), expected);
        }
        assert_eq!(Standing::of(S::Open, Some(Approval::Approved)).state, S::Open);
    }
}
