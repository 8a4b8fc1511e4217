//! The states of a campaign and of a sheet, and who may confirm; no database, no clock.
//!
//! ```text
//! campaign  planned → counting ⇄ reviewing → closed        planned, counting, reviewing → cancelled
//! sheet     open → submitted → confirmed                   a recount opens it again
//! ```

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

/// The state of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum CampaignState {
    /// 计划中
    Planned,
    /// 盘点中
    Counting,
    /// 复核中: every sheet is submitted.
    Reviewing,
    /// 已结束: its lines are frozen.
    Closed,
    /// 已取消
    Cancelled,
}

/// The state of a unit's sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum SheetState {
    /// 盘点中: what is not seen is not yet missing.
    Open,
    /// 已提交: what was not seen is missing.
    Submitted,
    /// 已确认 by the unit head.
    Confirmed,
}

/// In what condition a thing was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Condition {
    /// 完好
    #[default]
    Good,
    /// 损坏
    Damaged,
}

/// How a scan was matched to the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum IdentifiedBy {
    /// By the label that is on it now.
    CurrentLabel,
    /// By an older label.
    SupersededLabel,
    /// By its number, typed or on another's paper: its own label was not read.
    ItemNumber,
    /// By nothing the book knows.
    Unknown,
}

/// The state of a missing case (盘亏事项).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum MissingState {
    /// 查找中
    Searching,
    /// 已找回
    Found,
    /// 已确认盘亏
    Confirmed,
    /// 已批准
    Approved,
    /// 已核销
    WrittenOff,
}

impl MissingState {
    /// All of them, in the order shown.
    pub const ALL: [Self; 5] = [Self::Searching, Self::Found, Self::Confirmed, Self::Approved, Self::WrittenOff];

    /// The name in the database and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Searching => "searching",
            Self::Found => "found",
            Self::Confirmed => "confirmed",
            Self::Approved => "approved",
            Self::WrittenOff => "written_off",
        }
    }

    /// The word people use.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Searching => "查找中",
            Self::Found => "已找回",
            Self::Confirmed => "已确认盘亏",
            Self::Approved => "已批准核销",
            Self::WrittenOff => "已核销",
        }
    }

    /// The one of this name, ours or the Chinese.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name || state.zh() == name)
    }

    /// Whether the thing is still missing and on the book.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Searching | Self::Confirmed | Self::Approved)
    }
}

/// A step that the rules do not allow, with what to do instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The campaign is not in a state for it.
    #[error("盘点“{number}”{state}，不能{what}")]
    Campaign {
        /// The campaign's number.
        number: String,
        /// Its state as people say it.
        state: &'static str,
        /// What was wanted.
        what: &'static str,
    },
    /// The sheet is not in a state for it.
    #[error("{unit}的盘点表{state}，不能{what}")]
    Sheet {
        /// The unit.
        unit: String,
        /// Its state as people say it.
        state: &'static str,
        /// What was wanted.
        what: &'static str,
    },
    /// A scan that says what cannot be.
    #[error("{0}")]
    Scan(&'static str),
    /// Whoever counted or submitted does not confirm (REPORT 26: layered review).
    #[error("{0}参与了本表的盘点或提交，不能由其确认")]
    OwnCount(String),
    /// The keeper of a place may count it, but not confirm the count.
    #[error("{0}是本表所盘地点的保管人，不能由其确认")]
    KeeperConfirms(String),
    /// The unit has a head, and it is someone else.
    #[error("须由单位主要负责人确认，{0}不是")]
    NotTheHead(String),
    /// Sheets are still open.
    #[error("还有 {0} 个单位的盘点表未确认：{1}。如确需结束，请写明理由并使用 --leave-open")]
    SheetsOpen(usize, String),
    /// The unit has no head, and nobody said why somebody stands in.
    #[error("{0}没有主要负责人，须由指挥中心写明理由后确认")]
    NoHead(String),
    /// The id of a scan stands for another scan.
    #[error("此扫描编号已用于另一次扫描，内容不同；请以新的编号重报")]
    IdTaken,
    /// The sheet is of a unit whose things somebody else counts.
    #[error("这属于{0}的盘点表，不在您的盘点范围内")]
    NotYours(String),
    /// A recount is for somebody who has not counted the thing.
    #[error("您已盘点过此物品，复盘须由他人盘点")]
    CountedBefore,
    /// A recount goes to someone who has not counted the thing.
    #[error("{0}已盘点过其中的物品，复盘须换人")]
    SameCounter(String),
}

impl CampaignState {
    /// The word people use.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Planned => "计划中",
            Self::Counting => "盘点中",
            Self::Reviewing => "复核中",
            Self::Closed => "已结束",
            Self::Cancelled => "已取消",
        }
    }

    /// Scans may come in while counting, and while reviewing (a recount's).
    ///
    /// # Errors
    /// In any other state.
    pub fn may_scan(self, number: &str) -> Result<(), Refusal> {
        match self {
            Self::Counting | Self::Reviewing => Ok(()),
            _ => Err(self.refuse(number, "再记盘点")),
        }
    }

    /// After a sheet changed: reviewing when none is open, else counting.
    ///
    /// # Errors
    /// When the campaign is not under way.
    pub fn with_open_sheets(self, number: &str, open: usize) -> Result<Self, Refusal> {
        match (self, open) {
            (Self::Counting | Self::Reviewing, 0) => Ok(Self::Reviewing),
            (Self::Counting | Self::Reviewing, _) => Ok(Self::Counting),
            _ => Err(self.refuse(number, "变更盘点表")),
        }
    }

    /// The end of the count.
    ///
    /// # Errors
    /// When the campaign is not under way.
    pub fn close(self, number: &str) -> Result<Self, Refusal> {
        match self {
            Self::Counting | Self::Reviewing => Ok(Self::Closed),
            _ => Err(self.refuse(number, "结束")),
        }
    }

    /// The count is given up; nothing follows from it.
    ///
    /// # Errors
    /// When it has ended already.
    pub fn cancel(self, number: &str) -> Result<Self, Refusal> {
        match self {
            Self::Planned | Self::Counting | Self::Reviewing => Ok(Self::Cancelled),
            _ => Err(self.refuse(number, "取消")),
        }
    }

    fn refuse(self, number: &str, what: &'static str) -> Refusal {
        Refusal::Campaign { number: number.to_owned(), state: self.zh(), what }
    }
}

impl SheetState {
    /// The word people use.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Open => "盘点中",
            Self::Submitted => "已提交",
            Self::Confirmed => "已确认",
        }
    }

    /// open → submitted.
    ///
    /// # Errors
    /// When it is not open.
    pub fn submit(self, unit: &str) -> Result<Self, Refusal> {
        if self == Self::Open { Ok(Self::Submitted) } else { Err(self.refuse(unit, "再次提交")) }
    }

    /// submitted → confirmed.
    ///
    /// # Errors
    /// When it is not submitted.
    pub fn confirm(self, unit: &str) -> Result<Self, Refusal> {
        if self == Self::Submitted { Ok(Self::Confirmed) } else { Err(self.refuse(unit, "确认")) }
    }

    /// Whether scans may still come in.
    ///
    /// # Errors
    /// Once submitted.
    pub fn may_scan(self, unit: &str) -> Result<(), Refusal> {
        if self == Self::Open {
            Ok(())
        } else {
            Err(self.refuse(unit, "再记盘点；如需补盘，请先开复盘"))
        }
    }

    fn refuse(self, unit: &str, what: &'static str) -> Refusal {
        Refusal::Sheet { unit: unit.to_owned(), state: self.zh(), what }
    }
}

/// What decides who may confirm a sheet.
#[derive(Debug, Clone, Copy)]
pub struct Confirmer<'a> {
    /// By name, for the sentence.
    pub name: &'a str,
    /// Whether the person submitted the sheet or counted on it.
    pub took_part: bool,
    /// Whether the person keeps a place that was counted on it.
    pub keeps_a_place: bool,
    /// Whether the unit's head is someone else.
    pub head_is_another: bool,
    /// Whether the unit has no head, by the unit's name.
    pub headless: Option<&'a str>,
    /// Whether the command centre stands in for the head, with a reason that is put on record.
    pub stands_in: bool,
}

impl Confirmer<'_> {
    /// The rules of who confirms, first that applies.
    ///
    /// # Errors
    /// When the person may not confirm.
    pub fn check(&self) -> Result<(), Refusal> {
        let name = self.name.to_owned();
        if self.took_part {
            Err(Refusal::OwnCount(name))
        } else if self.keeps_a_place {
            Err(Refusal::KeeperConfirms(name))
        } else if self.stands_in {
            Ok(())
        } else if self.head_is_another {
            Err(Refusal::NotTheHead(name))
        } else if let Some(unit) = self.headless {
            Err(Refusal::NoHead(unit.to_owned()))
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_goes_one_way() {
        let all = [SheetState::Open, SheetState::Submitted, SheetState::Confirmed];
        let submit: Vec<_> = all.iter().map(|s| s.submit("x").ok()).collect();
        assert_eq!(submit, [Some(SheetState::Submitted), None, None]);
        let confirm: Vec<_> = all.iter().map(|s| s.confirm("x").ok()).collect();
        assert_eq!(confirm, [None, Some(SheetState::Confirmed), None]);
        assert_eq!(all.map(|s| s.may_scan("x").is_ok()), [true, false, false]);
    }

    #[test]
    fn a_campaign_closes_once() {
        use CampaignState as S;
        let all = [S::Planned, S::Counting, S::Reviewing, S::Closed, S::Cancelled];
        assert_eq!(all.map(|s| s.close("x").is_ok()), [false, true, true, false, false]);
        assert_eq!(all.map(|s| s.may_scan("x").is_ok()), [false, true, true, false, false]);
        assert_eq!(all.map(|s| s.cancel("x").is_ok()), [true, true, true, false, false]);
        assert_eq!(S::Counting.with_open_sheets("x", 0), Ok(S::Reviewing));
        assert_eq!(S::Reviewing.with_open_sheets("x", 1), Ok(S::Counting));
        assert!(S::Closed.with_open_sheets("x", 1).is_err());
    }

    #[test]
    fn who_may_confirm() {
        let head = Confirmer {
            name: "甲",
            took_part: false,
            keeps_a_place: false,
            head_is_another: false,
            headless: None,
            stands_in: false,
        };
        assert!(head.check().is_ok());
        let centre = Confirmer { stands_in: true, ..head };
        assert_eq!(Confirmer { headless: Some("乙"), ..head }.check(), Err(Refusal::NoHead("乙".into())));
        assert!(Confirmer { headless: Some("乙"), ..centre }.check().is_ok());
        assert!(Confirmer { head_is_another: true, ..centre }.check().is_ok());
        assert!(Confirmer { took_part: true, ..centre }.check().is_err(), "not even the centre its own count");
        assert_eq!(Confirmer { took_part: true, ..head }.check(), Err(Refusal::OwnCount("甲".into())));
        assert_eq!(Confirmer { keeps_a_place: true, ..head }.check(), Err(Refusal::KeeperConfirms("甲".into())));
        assert_eq!(Confirmer { head_is_another: true, ..head }.check(), Err(Refusal::NotTheHead("甲".into())));
    }
}
