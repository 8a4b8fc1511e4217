//! The table `import_batches`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

use sea_orm::entity::prelude::*;
use serde::Serialize;

use crate::kernel::Timestamp;
use crate::kernel::ids::BatchId;

/// What a batch brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum BatchKind {
    /// Units.
    Units,
    /// People.
    People,
    /// Places.
    Places,
    /// Fixed assets.
    Assets,
    /// A count.
    Counts,
}

impl BatchKind {
    /// The word people use.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Units => "单位",
            Self::People => "人员",
            Self::Places => "地点",
            Self::Assets => "资产",
            Self::Counts => "盘点数据",
        }
    }
}

/// Whether a batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum BatchState {
    /// It stands.
    Committed,
    /// Undone, but for rows that something depends on.
    PartlyUndone,
    /// Undone.
    Undone,
}

impl BatchState {
    /// The word people use.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Committed => "已导入",
            Self::PartlyUndone => "部分撤销",
            Self::Undone => "已撤销",
        }
    }
}

/// One file brought in.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "import_batches")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BatchId,
    pub kind: BatchKind,
    pub file_name: String,
    pub file_sha256: String,
    pub row_count: i64,
    pub reject_count: i64,
    pub state: BatchState,
    pub actor: String,
    pub imported_at: Timestamp,
    pub undone_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::journal::row!(Model, "import_batches", id);
