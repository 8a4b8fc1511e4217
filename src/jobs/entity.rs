//! The table `jobs`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::kernel::Timestamp;
use crate::kernel::ids::JobId;

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum JobState {
    /// 等待: until its time.
    Waiting,
    /// 执行中: somebody holds its lease.
    Running,
    /// 完成
    Done,
    /// 失败: given up after its last try.
    Failed,
}

impl JobState {
    /// The word people use.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Waiting => "等待",
            Self::Running => "执行中",
            Self::Done => "完成",
            Self::Failed => "失败",
        }
    }
}

/// One piece of work.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "jobs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: JobId,
    pub kind: String,
    /// `kind/key` while waiting or running: one open job a key.
    pub open_key: Option<String>,
    /// JSON, as the kind reads it.
    pub payload: String,
    pub state: JobState,
    /// When `run_at` was worked out: a clock put back is seen by it.
    pub queued_at: Timestamp,
    pub run_at: Timestamp,
    /// For what recurs: how long after its end it runs again.
    pub every_ms: Option<i64>,
    /// Asked for once more while running.
    pub again: bool,
    pub attempts: i64,
    pub max_attempts: i64,
    /// Goes up with every claim and never down: a claim that was overtaken is known by it.
    pub fence: i64,
    pub lease_until: Option<Timestamp>,
    pub leased_by: Option<Uuid>,
    pub last_error: Option<String>,
    pub finished_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}
