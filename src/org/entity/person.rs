//! The table `people`.

use sea_orm::entity::prelude::*;
use serde::Serialize;

use crate::kernel::ids::{BatchId, PersonId, UnitId};
use crate::kernel::text;

/// What a person answers for in the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Duty {
    /// 单位主要负责人
    Head,
    /// 管理领导
    SupervisingLeader,
    /// 专职管理员
    AssetManager,
    /// None of these.
    Member,
}

impl Duty {
    /// Reads a duty as files write it; blank is [`Duty::Member`], `None` when unknown.
    #[must_use]
    pub fn from_office_text(words: &str) -> Option<Self> {
        Some(match text::key(words).as_ref() {
            "" | "MEMBER" | "成员" | "民警" | "无" => Self::Member,
            "HEAD" | "单位主要负责人" | "单位负责人" | "主要负责人" | "负责人" => Self::Head,
            "SUPERVISING_LEADER" | "管理领导" | "分管领导" => Self::SupervisingLeader,
            "ASSET_MANAGER" | "专职管理员" | "资产管理员" | "管理员" => Self::AssetManager,
            _ => return None,
        })
    }
}

/// In which service a person stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum PersonKind {
    /// 民警
    Officer,
    /// 辅警
    Auxiliary,
    /// 职工
    Civilian,
}

impl PersonKind {
    /// Reads a kind as files write it; blank is [`PersonKind::Officer`], `None` when unknown.
    #[must_use]
    pub fn from_office_text(words: &str) -> Option<Self> {
        Some(match text::key(words).as_ref() {
            "" | "OFFICER" | "民警" => Self::Officer,
            "AUXILIARY" | "辅警" | "协警" => Self::Auxiliary,
            "CIVILIAN" | "职工" | "文职" | "雇员" | "工勤" => Self::Civilian,
            _ => return None,
        })
    }
}

/// A person who may keep, count or confirm.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "people")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PersonId,
    pub badge_number: Option<String>,
    pub name: String,
    pub unit_id: UnitId,
    pub duty: Duty,
    pub kind: PersonKind,
    pub active: bool,
    pub batch_id: Option<BatchId>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

crate::journal::row!(Model, "people", id);
