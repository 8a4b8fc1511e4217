//! What a thing is and which states it can be in; no database, no clock.

use std::fmt;
use std::str::FromStr;

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

/// Which ledger a thing belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum ItemKind {
    /// 固定资产
    FixedAsset,
    /// 公务用车
    Vehicle,
    /// 公务用枪
    Firearm,
    /// 弹药
    Ammunition,
    /// 涉案财物
    CaseProperty,
}

/// What an event did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum EventKind {
    /// The thing entered the book.
    Registered,
    /// Unit, place, keeper, quantity or state changed.
    Changed,
    /// The import that brought it was undone.
    Withdrawn,
}

/// The life of a label: blank → current → superseded, or void.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum LabelState {
    /// Printed ahead, not yet claimed.
    Blank,
    /// Stands for its subject.
    Current,
    /// A newer one was printed; still resolves, with a warning.
    Superseded,
    /// Stands for nothing any more.
    Void,
}

/// What a label is stuck on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum SubjectKind {
    /// A thing.
    Item,
    /// A place.
    Place,
}

/// The state of a thing in the book (使用状况).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, EnumIter, DeriveActiveEnum,
)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum ItemState {
    /// 在用
    InUse,
    /// 闲置
    Idle,
    /// 借出
    OnLoan,
    /// 在修
    InRepair,
    /// 待处置: on the book, waiting for a decision (a shortage, a scrapping under way).
    PendingDisposal,
    /// 已处置: scrapped, sold, transferred out.
    Disposed,
    /// 已核销: written off after a shortage.
    WrittenOff,
    /// 已撤销: the import that brought it was undone; it never was in the book.
    Withdrawn,
}

impl ItemState {
    /// Every state, in the order shown.
    pub const ALL: [Self; 8] = [
        Self::InUse,
        Self::Idle,
        Self::OnLoan,
        Self::InRepair,
        Self::PendingDisposal,
        Self::Disposed,
        Self::WrittenOff,
        Self::Withdrawn,
    ];

    /// The name in files and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InUse => "in_use",
            Self::Idle => "idle",
            Self::OnLoan => "on_loan",
            Self::InRepair => "in_repair",
            Self::PendingDisposal => "pending_disposal",
            Self::Disposed => "disposed",
            Self::WrittenOff => "written_off",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The name people read.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::InUse => "在用",
            Self::Idle => "闲置",
            Self::OnLoan => "借出",
            Self::InRepair => "在修",
            Self::PendingDisposal => "待处置",
            Self::Disposed => "已处置",
            Self::WrittenOff => "已核销",
            Self::Withdrawn => "已撤销",
        }
    }

    /// Whether the book says that the thing is gone: it is expected nowhere, and to see it is `disposed_present`.
    #[must_use]
    pub const fn is_gone(self) -> bool {
        matches!(self, Self::Disposed | Self::WrittenOff | Self::Withdrawn)
    }

    /// Whether the state itself explains that the thing is not in its place (loan, repair).
    #[must_use]
    pub const fn explains_absence(self) -> bool {
        matches!(self, Self::OnLoan | Self::InRepair)
    }

    /// Reads a state as files write it: our names, or the words offices use. `None` when unknown.
    #[must_use]
    pub fn from_office_text(text: &str) -> Option<Self> {
        let text = crate::kernel::text::half_width(text);
        let text = text.trim();
        if let Ok(state) = text.to_ascii_lowercase().replace([' ', '-'], "_").parse() {
            return Some(state);
        }
        Some(match text {
            "在用" | "自用" | "使用" | "使用中" | "正常" | "良好" | "完好" => Self::InUse,
            "闲置" | "未使用" | "未使用(不需用)" | "库存" | "在库" => Self::Idle,
            "借出" | "出借" | "出租" | "外借" | "出租出借" => Self::OnLoan,
            "在修" | "维修" | "维修中" | "送修" | "修理" => Self::InRepair,
            "待处置" | "待报废" | "待核销" | "待处理" => Self::PendingDisposal,
            "已处置" | "已报废" | "报废" | "处置" | "调出" | "已调出" | "已出售" | "已捐赠" | "报损" => {
                Self::Disposed
            }
            "已核销" | "核销" => Self::WrittenOff,
            "已撤销" => Self::Withdrawn,
            _ => return None,
        })
    }
}

impl fmt::Display for ItemState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text is not one of our names for a state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}”不是已知的使用状况")]
pub struct UnknownState(pub String);

impl FromStr for ItemState {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or_else(|| UnknownState(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_read_back_and_offices_are_understood() {
        for state in ItemState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
            assert_eq!(ItemState::from_office_text(state.zh()), Some(state));
        }
        assert_eq!(ItemState::from_office_text("In Use"), Some(ItemState::InUse));
        assert_eq!(ItemState::from_office_text("不知道"), None);
    }
}
