//! States of an upkeep paper; no database, no clock, no HTTP.

use crate::kernel::naming::named;

named! {
    /// Where a paper stands.
    State {
        Asked "asked" "待审批"
        Due "due" "待保养"
        Refused "refused" "不通过"
        Cleaning "cleaning" "保养中"
        /// Cleaned, not yet back in the cabinet.
        Returning "returning" "待入柜"
        Done "done" "完成"
        Cancelled "cancelled" "取消"
    }
}

named! {
    /// What may be done to it.
    Deed {
        Approve "approve" "批准"
        Refuse "refuse" "不予批准"
        Start "start" "开始保养"
        Cleaned "cleaned" "擦拭完毕"
        PutBack "put_back" "入柜"
        Cancel "cancel" "取消"
    }
}

named! {
    /// What became of a gun in it.
    Outcome {
        Open "open" "办理中"
        Cleaned "cleaned" "已保养"
        Faulty "faulty" "故障"
        Dropped "dropped" "未保养"
    }
}

/// Not in a state for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("此保养单{state}，不能{deed}")]
pub struct Refusal {
    state: &'static str,
    deed: &'static str,
}

impl State {
    /// Whether its guns are bound by it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::Due | Self::Cleaning | Self::Returning)
    }

    /// Where it stands after a deed.
    ///
    /// # Errors
    /// When its state does not allow it.
    pub const fn after(self, deed: Deed) -> Result<Self, Refusal> {
        match (self, deed) {
            (Self::Asked, Deed::Approve) => Ok(Self::Due),
            (Self::Asked, Deed::Refuse) => Ok(Self::Refused),
            (Self::Due, Deed::Start) => Ok(Self::Cleaning),
            (Self::Cleaning, Deed::Cleaned) => Ok(Self::Returning),
            (Self::Returning, Deed::PutBack) => Ok(Self::Done),
            (Self::Asked | Self::Due, Deed::Cancel) => Ok(Self::Cancelled),
            _ => Err(Refusal { state: self.zh(), deed: deed.zh() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every state and every deed.
    #[test]
    fn a_paper_goes_step_by_step_and_ends_once() {
        use Deed as D;
        use State as S;
        let mut ways = Vec::new();
        for state in S::ALL {
            for deed in D::ALL {
                match state.after(*deed) {
                    Ok(after) => {
                        assert!(state.is_open(), "{state:?} {deed:?}");
                        ways.push((*state, *deed, after));
                    }
                    Err(refusal) => {
                        assert_eq!(refusal.to_string(), format!("此保养单{}，不能{}", state.zh(), deed.zh()));
                    }
                }
            }
        }
        assert_eq!(
            ways,
            [
                (S::Asked, D::Approve, S::Due),
                (S::Asked, D::Refuse, S::Refused),
                (S::Asked, D::Cancel, S::Cancelled),
                (S::Due, D::Start, S::Cleaning),
                (S::Due, D::Cancel, S::Cancelled),
                (S::Cleaning, D::Cleaned, S::Returning),
                (S::Returning, D::PutBack, S::Done),
            ]
        );
    }
}
