//! Kinds of movement, states of a document, and which step leads where; no database, no clock, no HTTP.

use crate::items::model::ItemState;
use crate::kernel::naming::named;

named! {
    /// What a document does to its things.
    Kind {
        /// A batch enters the book.
        Intake "intake" "入库"
        /// From the store to somebody.
        Issue "issue" "领用"
        /// From somebody to the store.
        Return "return" "退库"
        /// To another unit, which accepts it.
        Transfer "transfer" "调拨"
        /// Another place or keeper within the unit.
        Relocate "relocate" "地点、使用人变更"
        /// All that somebody has, to their successor; both sign.
        Handover "handover" "交接"
        /// Out of the unit for a time.
        Loan "loan" "借出"
        /// A loan comes back.
        LoanReturn "loan_return" "归还"
        /// To a workshop.
        Repair "repair" "送修"
        /// Back from the workshop.
        RepairReturn "repair_return" "修复取回"
        /// What the card says was wrong.
        Correct "correct" "信息更正"
        /// Nobody needs it now.
        Idle "idle" "转闲置"
        /// Needed again.
        Use "use" "恢复使用"
        /// Out of the book, worn out.
        Scrap "scrap" "报废"
        /// Out of the book, in another way.
        Dispose "dispose" "处置"
    }
}

named! {
    /// Where a document stands.
    State {
        /// The chain of approval has not said yes yet.
        Asked "asked" "待审批"
        /// May be carried out; a transfer waits for the unit that is to have it.
        Approved "approved" "已批准"
        /// The other unit will take it.
        Accepted "accepted" "已接收确认"
        /// The book has it.
        Done "done" "已办结"
        /// The chain said no.
        Refused "refused" "未获批准"
        /// Whoever asked took it back.
        Withdrawn "withdrawn" "已撤回"
        /// The other unit will not take it.
        Declined "declined" "对方未接收"
    }
}

named! {
    /// In which way a thing leaves the book (行政事业性国有资产处置方式). Monetary losses are no things.
    Disposal {
        FreeTransfer "free_transfer" "无偿划转"
        Sale "sale" "出售"
        Grant "grant" "出让"
        Assignment "assignment" "转让"
        Exchange "exchange" "置换"
        Donation "donation" "捐赠"
        Scrapping "scrapping" "报废"
        WriteOff "write_off" "报损"
    }
}

named! {
    /// What may be done to a document.
    Deed {
        Approve "approve" "批准"
        Refuse "refuse" "不予批准"
        Accept "accept" "接收"
        Decline "decline" "不接收"
        CarryOut "carry_out" "办结"
        Withdraw "withdraw" "撤回"
    }
}

/// A step that the rules do not allow, with what to do instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not in a state for it.
    #[error("此单{state}，不能{deed}")]
    State {
        /// Its state as people say it.
        state: &'static str,
        /// What was wanted.
        deed: &'static str,
    },
    /// The other unit must say first that it will take it.
    #[error("调拨须先由接收单位确认接收，才能办结")]
    NotAccepted,
    /// Nobody is asked to take it.
    #[error("“{0}”不需要对方接收")]
    NothingToAccept(&'static str),
}

impl State {
    /// Whether it still holds its things: no other document may have them.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::Approved | Self::Accepted)
    }

    /// Where a document of this kind stands after a deed.
    ///
    /// # Errors
    /// When its state does not allow it.
    pub const fn after(self, kind: Kind, deed: Deed) -> Result<Self, Refusal> {
        match (self, deed) {
            (Self::Asked, Deed::Approve) => Ok(Self::Approved),
            (Self::Asked, Deed::Refuse) => Ok(Self::Refused),
            (_, Deed::Accept | Deed::Decline) if !kind.is_accepted() => Err(Refusal::NothingToAccept(kind.zh())),
            (Self::Approved, Deed::Accept) => Ok(Self::Accepted),
            (Self::Approved, Deed::Decline) => Ok(Self::Declined),
            (Self::Approved, Deed::CarryOut) if kind.is_accepted() => Err(Refusal::NotAccepted),
            (Self::Approved | Self::Accepted, Deed::CarryOut) => Ok(Self::Done),
            (Self::Asked | Self::Approved | Self::Accepted, Deed::Withdraw) => Ok(Self::Withdrawn),
            _ => Err(Refusal::State { state: self.zh(), deed: deed.zh() }),
        }
    }
}

impl Kind {
    /// The chain of approval that it goes through (REPORT 25: 领用、调出、报废均经单位负责人批准，不得自行外借和变卖); `None`: it
    /// is the unit's own to do, and done at once.
    #[must_use]
    pub const fn chain(self) -> Option<&'static str> {
        match self {
            Self::Issue => Some("asset_issue"),
            Self::Transfer => Some("asset_transfer"),
            Self::Loan => Some("asset_loan"),
            Self::Scrap | Self::Dispose => Some("asset_disposal"),
            _ => None,
        }
    }

    /// Whether the other side must say that it takes the things.
    #[must_use]
    pub const fn is_accepted(self) -> bool {
        matches!(self, Self::Transfer)
    }

    /// Whether it takes a thing out of its unit's hands. Such a thing is not to leave while it is being counted: it
    /// would be missing on one sheet and on nobody's other.
    #[must_use]
    pub const fn takes_away(self) -> bool {
        matches!(self, Self::Transfer | Self::Loan | Self::Repair | Self::Scrap | Self::Dispose)
    }

    /// Whether the thing leaves the book with it.
    #[must_use]
    pub const fn disposes(self) -> bool {
        matches!(self, Self::Scrap | Self::Dispose)
    }

    /// In which states a thing may be for it.
    #[must_use]
    pub const fn from_states(self) -> &'static [ItemState] {
        use ItemState as S;
        match self {
            Self::Intake => &[],
            Self::Issue | Self::Transfer | Self::Loan | Self::Repair => &[S::InUse, S::Idle],
            Self::Return => &[S::InUse, S::Idle],
            Self::Relocate => &[S::InUse, S::Idle, S::PendingDisposal],
            Self::Handover | Self::Correct => &[S::InUse, S::Idle, S::OnLoan, S::InRepair, S::PendingDisposal],
            Self::LoanReturn => &[S::OnLoan],
            Self::RepairReturn => &[S::InRepair],
            Self::Idle => &[S::InUse],
            Self::Use => &[S::Idle],
            Self::Scrap | Self::Dispose => &[S::InUse, S::Idle, S::InRepair, S::PendingDisposal],
        }
    }

    /// What state a thing has after it; `None`: as before, or, of a return, as before it was lent.
    #[must_use]
    pub const fn becomes(self) -> Option<ItemState> {
        match self {
            Self::Issue | Self::Use => Some(ItemState::InUse),
            Self::Return | Self::Idle => Some(ItemState::Idle),
            Self::Loan => Some(ItemState::OnLoan),
            Self::Repair => Some(ItemState::InRepair),
            Self::Scrap | Self::Dispose => Some(ItemState::Disposed),
            _ => None,
        }
    }

    /// The kind that a return answers.
    #[must_use]
    pub const fn answers(self) -> Option<Self> {
        match self {
            Self::LoanReturn => Some(Self::Loan),
            Self::RepairReturn => Some(Self::Repair),
            _ => None,
        }
    }

    /// How its numbers begin: `DB-2026-0001`.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Intake => "RK",
            Self::Issue => "LY",
            Self::Return => "TK",
            Self::Transfer => "DB",
            Self::Relocate => "BG",
            Self::Handover => "JJ",
            Self::Loan => "JC",
            Self::LoanReturn => "GH",
            Self::Repair => "SX",
            Self::RepairReturn => "XH",
            Self::Correct => "GZ",
            Self::Idle => "XZ",
            Self::Use => "HY",
            Self::Scrap => "BF",
            Self::Dispose => "CZ",
        }
    }
}

impl Disposal {
    /// Whether it brings money and so needs an appraisal first (行政事业性国有资产管理条例 第36条).
    #[must_use]
    pub const fn needs_appraisal(self) -> bool {
        matches!(self, Self::Sale | Self::Grant | Self::Assignment | Self::Exchange)
    }

    /// Whether there must be proceeds, which are non-tax revenue (行政事业性国有资产管理条例 第25条).
    #[must_use]
    pub const fn needs_proceeds(self) -> bool {
        matches!(self, Self::Sale | Self::Grant | Self::Assignment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Deed as D;
    use State as S;

    /// Every state and every deed, of what must be accepted and what must not.
    #[test]
    fn a_document_goes_step_by_step_and_ends_once() {
        let ways = |kind: Kind| {
            let mut ways = Vec::new();
            for state in State::ALL {
                for deed in Deed::ALL {
                    if let Ok(after) = state.after(kind, *deed) {
                        ways.push((*state, *deed, after));
                    }
                }
            }
            ways
        };
        assert_eq!(
            ways(Kind::Transfer),
            [
                (S::Asked, D::Approve, S::Approved),
                (S::Asked, D::Refuse, S::Refused),
                (S::Asked, D::Withdraw, S::Withdrawn),
                (S::Approved, D::Accept, S::Accepted),
                (S::Approved, D::Decline, S::Declined),
                (S::Approved, D::Withdraw, S::Withdrawn),
                (S::Accepted, D::CarryOut, S::Done),
                (S::Accepted, D::Withdraw, S::Withdrawn),
            ]
        );
        for kind in Kind::ALL.iter().filter(|kind| !kind.is_accepted()) {
            assert_eq!(
                ways(*kind),
                [
                    (S::Asked, D::Approve, S::Approved),
                    (S::Asked, D::Refuse, S::Refused),
                    (S::Asked, D::Withdraw, S::Withdrawn),
                    (S::Approved, D::CarryOut, S::Done),
                    (S::Approved, D::Withdraw, S::Withdrawn),
                    (S::Accepted, D::CarryOut, S::Done),
                    (S::Accepted, D::Withdraw, S::Withdrawn),
                ],
                "{kind:?}"
            );
        }
        assert_eq!(S::Approved.after(Kind::Transfer, D::CarryOut), Err(Refusal::NotAccepted));
        assert_eq!(S::Approved.after(Kind::Loan, D::Accept), Err(Refusal::NothingToAccept("借出")));
    }

    #[test]
    fn numbers_of_two_kinds_are_never_alike_and_nothing_gone_moves() {
        let prefixes: hashbrown::HashSet<&str> = Kind::ALL.iter().map(|kind| kind.prefix()).collect();
        assert_eq!(prefixes.len(), Kind::ALL.len());
        for kind in Kind::ALL {
            assert!(kind.from_states().iter().all(|state| !state.is_gone()), "{kind:?}");
            assert_eq!(Kind::by_name(kind.zh()), Some(*kind));
            assert_eq!(Kind::by_name(kind.as_str()), Some(*kind));
        }
    }
}
