//! Kinds and states of a repair, and which step leads where; no database, no clock, no HTTP.

use crate::kernel::naming::named;

named! {
    /// Why a car goes to a workshop.
    RepairKind {
        Repair "repair" "维修"
        Maintenance "maintenance" "保养"
        Accident "accident" "事故维修"
        Tyres "tyres" "更换轮胎"
        Other "other" "其他"
    }
}

named! {
    /// Where a repair stands.
    State {
        Asked "asked" "待审批"
        /// May be entered in the trip book.
        Approved "approved" "已批准"
        /// Stands in the trip book; may be sent.
        Entered "entered" "已登记"
        Sent "sent" "在修"
        Returned "returned" "已取回"
        Refused "refused" "未获批准"
        Withdrawn "withdrawn" "已撤回"
    }
}

named! {
    /// What may be done to it.
    Deed {
        Approve "approve" "批准"
        Refuse "refuse" "不予批准"
        Enter "enter" "登记出车台账"
        Send "send" "送修"
        Return "return" "取回"
        Withdraw "withdraw" "撤回"
    }
}

/// A step that the rules do not allow, with what to do instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody has approved it.
    #[error("维修、保养须经单位领导审批同意后方可前往（此单{0}）")]
    NotApproved(&'static str),
    /// It is not in the trip book.
    #[error("须先在出车记录台账登记，方可送修")]
    NotEntered,
    /// Not in a state for it.
    #[error("此送修单{state}，不能{deed}")]
    State {
        /// Its state as people say it.
        state: &'static str,
        /// What was wanted.
        deed: &'static str,
    },
}

impl State {
    /// Whether it still holds its car: no other repair may have it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::Approved | Self::Entered | Self::Sent)
    }

    /// Where it stands after a deed.
    ///
    /// # Errors
    /// When its state does not allow it.
    pub const fn after(self, deed: Deed) -> Result<Self, Refusal> {
        match (self, deed) {
            (Self::Asked, Deed::Approve) => Ok(Self::Approved),
            (Self::Asked, Deed::Refuse) => Ok(Self::Refused),
            (Self::Approved, Deed::Enter) => Ok(Self::Entered),
            (Self::Entered, Deed::Send) => Ok(Self::Sent),
            (Self::Sent, Deed::Return) => Ok(Self::Returned),
            (Self::Asked | Self::Approved | Self::Entered, Deed::Withdraw) => Ok(Self::Withdrawn),
            (Self::Asked, Deed::Enter | Deed::Send) => Err(Refusal::NotApproved(self.zh())),
            (Self::Approved, Deed::Send) => Err(Refusal::NotEntered),
            _ => Err(Refusal::State { state: self.zh(), deed: deed.zh() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every state and every deed.
    #[test]
    fn a_repair_goes_step_by_step_and_ends_once() {
        use Deed as D;
        use State as S;
        let mut ways = Vec::new();
        for state in State::ALL {
            for deed in Deed::ALL {
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
                (S::Approved, D::Enter, S::Entered),
                (S::Approved, D::Withdraw, S::Withdrawn),
                (S::Entered, D::Send, S::Sent),
                (S::Entered, D::Withdraw, S::Withdrawn),
                (S::Sent, D::Return, S::Returned),
            ]
        );
        assert_eq!(S::Asked.after(D::Send), Err(Refusal::NotApproved("待审批")));
        assert_eq!(S::Approved.after(D::Send), Err(Refusal::NotEntered));
    }
}
