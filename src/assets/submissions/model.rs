//! Kinds of submission, where one stands, and which step leads where; no database, no clock.

use crate::kernel::naming::named;

named! {
    /// What is reported.
    Kind {
        /// Once a year, of the whole book (行政事业性国有资产管理条例 第45条).
        Annual "annual" "年度国有资产报告"
        /// What a closed count found (行政单位财务规则 第35条).
        Stocktake "stocktake" "国有资产盘点情况报表"
    }
}

named! {
    /// Where a submission stands.
    State {
        Draft "draft" "编制中"
        /// Waits for review.
        Prepared "prepared" "待复核"
        /// Waits for approval.
        Reviewed "reviewed" "待审批"
        /// May be sent.
        Approved "approved" "待报送"
        Submitted "submitted" "已报送"
        Void "void" "已作废"
    }
}

named! {
    /// What may be done to a submission.
    Deed {
        Begin "begin" "开始编制"
        Compute "compute" "重新计算"
        Prepare "prepare" "提交复核"
        Review "review" "复核通过"
        Approve "approve" "审批通过"
        Submit "submit" "报送"
        SendBack "send_back" "退回"
        Void "void" "作废"
    }
}

named! {
    /// What a rule's breach does.
    Severity {
        /// Stops the submission.
        Error "error" "错误"
        /// Wants a reason.
        Warning "warning" "提示"
    }
}

/// A step that the rules do not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("此报送件{state}，不能{deed}")]
pub struct Refusal {
    /// Its state as people say it.
    pub state: &'static str,
    /// What was wanted.
    pub deed: &'static str,
}

impl State {
    /// Where it stands after a deed.
    ///
    /// # Errors
    /// When its state does not allow it.
    pub const fn after(self, deed: Deed) -> Result<Self, Refusal> {
        match (self, deed) {
            (Self::Draft, Deed::Compute) => Ok(Self::Draft),
            (Self::Draft, Deed::Prepare) => Ok(Self::Prepared),
            (Self::Prepared, Deed::Review) => Ok(Self::Reviewed),
            (Self::Reviewed, Deed::Approve) => Ok(Self::Approved),
            (Self::Approved, Deed::Submit) => Ok(Self::Submitted),
            (Self::Prepared | Self::Reviewed | Self::Approved, Deed::SendBack) => Ok(Self::Draft),
            (Self::Draft | Self::Prepared | Self::Reviewed | Self::Approved, Deed::Void) => Ok(Self::Void),
            _ => Err(Refusal { state: self.zh(), deed: deed.zh() }),
        }
    }

    /// Whether it is still on its way.
    #[must_use]
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Submitted | Self::Void)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every state and every deed.
    #[test]
    fn a_submission_goes_step_by_step_and_ends_once() {
        use {Deed as D, State as S};
        let mut ways = Vec::new();
        for state in State::ALL {
            ways.extend(Deed::ALL.iter().filter_map(|deed| Some((*state, *deed, state.after(*deed).ok()?))));
        }
        assert_eq!(
            ways,
            [
                (S::Draft, D::Compute, S::Draft),
                (S::Draft, D::Prepare, S::Prepared),
                (S::Draft, D::Void, S::Void),
                (S::Prepared, D::Review, S::Reviewed),
                (S::Prepared, D::SendBack, S::Draft),
                (S::Prepared, D::Void, S::Void),
                (S::Reviewed, D::Approve, S::Approved),
                (S::Reviewed, D::SendBack, S::Draft),
                (S::Reviewed, D::Void, S::Void),
                (S::Approved, D::Submit, S::Submitted),
                (S::Approved, D::SendBack, S::Draft),
                (S::Approved, D::Void, S::Void),
            ]
        );
        assert!(State::ALL.iter().all(|state| state.is_open() == state.after(Deed::Void).is_ok()));
    }
}
