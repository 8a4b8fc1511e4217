//! The steps of a missing case and where each leads; no database, no clock, no HTTP.

use crate::approvals::model::State as Approval;
use crate::kernel::naming::named;
use crate::stocktake::model::MissingState;

named! {
    /// In which way a missing thing was found.
    FoundHow {
        Search "search" "查找找回"
        Count "count" "盘点找回"
        Surplus "surplus" "由盘盈物品认领"
    }
}

named! {
    /// What a search came to.
    Outcome {
        NotFound "not_found" "未找到"
        Trace "trace" "有线索"
        Found "found" "已找到"
    }
}

named! {
    /// How far somebody answers for a loss.
    Degree {
        None "none" "无责任"
        Minor "minor" "次要责任"
        Main "main" "主要责任"
        Full "full" "全部责任"
    }
}

named! {
    /// What may be done about a missing thing.
    Deed {
        Log "log" "登记查找"
        Explain "explain" "说明原因"
        Find "find" "登记找回"
        Confirm "confirm" "确认盘亏"
        Resume "resume" "退回继续查找"
        Judge "judge" "认定责任"
        Ask "ask" "报批"
        Approve "approve" "批准"
        Refuse "refuse" "不予批准"
        Tick "tick" "办理流程事项"
        WriteOff "write_off" "核销"
    }
}

named! {
    /// The parts of the procedure.
    Part {
        Confirming "confirming" "盘亏确认"
        Disposing "disposing" "处置程序"
        Minding "minding" "注意事项"
    }
}

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its state, with what the chain has said since.
    pub state: MissingState,
    /// Whether its write-off waits for the chain.
    pub asked: bool,
}

/// A step that the rules do not allow, with what to do instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not in a state for it.
    #[error("此项盘亏{state}，不能{deed}")]
    State {
        /// Its state as people say it.
        state: &'static str,
        /// What was wanted.
        deed: &'static str,
    },
    /// The chain must speak first.
    #[error("核销申请正在审批，不能{0}")]
    Asked(&'static str),
    /// It left the book.
    #[error("此项盘亏已核销；现在找到的物品请按盘盈登记，并关联此项盘亏")]
    WrittenOff,
}

impl Standing {
    /// What a case's state is when its chain has come so far.
    #[must_use]
    pub const fn of(written: MissingState, approval: Option<Approval>) -> Self {
        match (written, approval) {
            (MissingState::Confirmed, Some(Approval::Waiting | Approval::Used)) => Self { state: written, asked: true },
            (MissingState::Confirmed, Some(Approval::Approved | Approval::Ratified)) => {
                Self { state: MissingState::Approved, asked: false }
            }
            _ => Self { state: written, asked: false },
        }
    }

    /// Where a case stands after a deed.
    ///
    /// # Errors
    /// When where it stands does not allow it.
    pub fn after(self, deed: Deed) -> Result<Self, Refusal> {
        use MissingState as S;
        let to = |state| Ok(Self { state, asked: false });
        match (self.state, self.asked, deed) {
            (S::WrittenOff, _, Deed::Find) => Err(Refusal::WrittenOff),
            (S::Searching | S::Confirmed | S::Approved, _, Deed::Find) => to(S::Found),
            (S::Searching | S::Confirmed | S::Approved, _, Deed::Log | Deed::Tick) => Ok(self),
            (S::Searching, _, Deed::Explain) => Ok(self),
            (S::Searching, _, Deed::Confirm) => to(S::Confirmed),
            (S::Confirmed, true, Deed::Approve) => to(S::Approved),
            (S::Confirmed, true, Deed::Refuse) => to(S::Confirmed),
            (S::Confirmed, true, Deed::Resume | Deed::Judge | Deed::Ask) => Err(Refusal::Asked(deed.zh())),
            (S::Confirmed, false, Deed::Resume) => to(S::Searching),
            (S::Confirmed, false, Deed::Judge) => Ok(self),
            (S::Confirmed, false, Deed::Ask) => Ok(Self { state: S::Confirmed, asked: true }),
            (S::Approved, _, Deed::WriteOff) => to(S::WrittenOff),
            _ => Err(Refusal::State { state: self.state.zh(), deed: deed.zh() }),
        }
    }
}

impl Outcome {
    /// What may be written in a search log by hand.
    pub const BY_HAND: [Self; 2] = [Self::NotFound, Self::Trace];
}

#[cfg(test)]
mod tests {
    use super::*;
    use Deed as D;
    use MissingState as S;

    /// Every state and every deed: what is not in the table is refused.
    #[test]
    fn a_case_goes_step_by_step_and_ends_once() {
        let at = |state, asked| Standing { state, asked };
        let all = MissingState::ALL.map(|state| at(state, false)).into_iter().chain([at(S::Confirmed, true)]);
        let mut ways = Vec::new();
        for from in all {
            for deed in Deed::ALL {
                if let Ok(to) = from.after(*deed) {
                    ways.push((from, *deed, to));
                }
            }
        }
        let (searching, confirmed, asked) = (at(S::Searching, false), at(S::Confirmed, false), at(S::Confirmed, true));
        let (approved, found) = (at(S::Approved, false), at(S::Found, false));
        assert_eq!(
            ways,
            [
                (searching, D::Log, searching),
                (searching, D::Explain, searching),
                (searching, D::Find, found),
                (searching, D::Confirm, confirmed),
                (searching, D::Tick, searching),
                (confirmed, D::Log, confirmed),
                (confirmed, D::Find, found),
                (confirmed, D::Resume, searching),
                (confirmed, D::Judge, confirmed),
                (confirmed, D::Ask, asked),
                (confirmed, D::Tick, confirmed),
                (approved, D::Log, approved),
                (approved, D::Find, found),
                (approved, D::Tick, approved),
                (approved, D::WriteOff, at(S::WrittenOff, false)),
                (asked, D::Log, asked),
                (asked, D::Find, found),
                (asked, D::Approve, approved),
                (asked, D::Refuse, confirmed),
                (asked, D::Tick, asked),
            ]
        );
        assert_eq!(at(S::WrittenOff, false).after(D::Find), Err(Refusal::WrittenOff));
        assert_eq!(asked.after(D::Judge), Err(Refusal::Asked("认定责任")));
    }

    #[test]
    fn what_the_chain_says_counts_only_while_it_was_asked() {
        for state in MissingState::ALL {
            for approval in [Approval::Waiting, Approval::Approved, Approval::Refused, Approval::Withdrawn] {
                let standing = Standing::of(state, Some(approval));
                let expected = match (state, approval) {
                    (S::Confirmed, Approval::Waiting) => (S::Confirmed, true),
                    (S::Confirmed, Approval::Approved) => (S::Approved, false),
                    (other, _) => (other, false),
                };
                assert_eq!((standing.state, standing.asked), expected);
            }
        }
    }
}
