//! What programs send about missing cases.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::loss_views::{DegreeName, LossSearchResultName, ProcedureStepView};

/// The procedure as it is laid down anew.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProcedureBody {
    /// From when, in milliseconds since 1970 UTC; from now on when absent.
    pub effective_from: Option<i64>,
    /// 制定依据
    #[schema(min_length = 1, max_length = 500)]
    pub source: String,
    /// Its steps, in order.
    #[schema(min_items = 1, max_items = 60)]
    pub steps: Vec<ProcedureStepView>,
}

/// A year's list as it is sent down.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LossSendBody {
    /// Of which year.
    #[schema(minimum = 1990, maximum = 2999)]
    pub list_year: i64,
    /// To which units; to all that have something on it when empty.
    #[serde(default)]
    #[schema(max_items = 2000)]
    pub unit_ids: Vec<Uuid>,
    /// 办理期限
    pub due_on: NaiveDate,
    /// 要求
    #[serde(default)]
    #[schema(max_length = 500)]
    pub note: String,
}

/// What the unit says to a list.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LossAcknowledgeBody {
    /// 回执
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub acknowledgement: String,
}

/// That somebody looked somewhere.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LossSearchBody {
    /// 查找人; whoever writes it down when absent.
    pub searcher_id: Option<Uuid>,
    /// 查找地点
    pub place_id: Option<Uuid>,
    /// Where, in words.
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub place: String,
    /// When, in milliseconds since 1970 UTC; now when absent.
    pub searched_at: Option<i64>,
    /// What it came to; that it was found has an operation of its own.
    pub result: LossSearchResultName,
    /// 情况
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub note: String,
}

/// 盘亏原因
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LossExplanationBody {
    /// 盘亏原因, item by item.
    #[schema(min_length = 1, max_length = 1000)]
    pub explanation: String,
}

/// That the thing is found.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LossFoundBody {
    /// 找回地点; where the book has it when absent.
    pub place_id: Option<Uuid>,
    /// Where, in words.
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub place: String,
    /// 找到的人
    pub finder_id: Option<Uuid>,
    /// 找回经过
    #[schema(min_length = 1, max_length = 1000)]
    pub note: String,
}

/// Who answers for a loss.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LossJudgmentBody {
    /// 责任程度
    pub degree: DegreeName,
    /// 责任人; nobody when nobody answers.
    pub responsible_id: Option<Uuid>,
    /// 认定依据
    #[schema(min_length = 1, max_length = 1000)]
    pub basis: String,
    /// 赔偿, fen
    #[schema(minimum = 0)]
    pub compensation_fen: Option<i64>,
    /// 收款票据号
    #[serde(default)]
    #[schema(max_length = 100)]
    pub receipt: String,
}

/// That a step is done, or not after all.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LossTickBody {
    /// 事项序号
    #[schema(min_length = 1, max_length = 20)]
    pub step: String,
    /// Whether it is done; that it is not after all needs a note.
    pub done: bool,
    /// 备注
    #[serde(default)]
    #[schema(max_length = 500)]
    pub note: String,
}

/// What must be known before a missing thing leaves the book.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LossWriteOffBody {
    /// 集体决策会议纪要编号
    #[schema(min_length = 1, max_length = 1000)]
    pub decision: String,
    /// 批复文号
    #[schema(min_length = 1, max_length = 1000)]
    pub approval_number: String,
    /// 会计凭证号
    #[schema(min_length = 1, max_length = 1000)]
    pub voucher_number: String,
    /// 会计凭证日期
    pub voucher_on: NaiveDate,
}
