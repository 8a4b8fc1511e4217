//! Submissions as programs read and write them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::assets::submissions::difference::{Changed, Difference};
use crate::assets::submissions::entity::{submission, submission_line, submission_message, submission_step};
use crate::assets::submissions::figures::{By, Figures, Group, Sum};
use crate::assets::submissions::model::{Deed, Kind, Severity, State};
use crate::assets::submissions::standard;
use crate::web::api::jobs::names;
use crate::web::api::parts::StateName;

names! {
    /// What is reported.
    SubmissionKindName of Kind { Annual, Stocktake, }
    /// Where a submission stands.
    SubmissionStateName of State { Draft, Prepared, Reviewed, Approved, Submitted, Void, }
    /// What was done to a submission.
    SubmissionDeedName of Deed { Begin, Compute, Prepare, Review, Approve, Submit, SendBack, Void, }
    /// What a rule's breach does.
    SeverityName of Severity { Error, Warning, }
    /// By what lines are summed.
    SumsByName of By { Unit, Class, State, Verdict, }
}

/// 报送件
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SubmissionView {
    /// Its number.
    pub number: String,
    /// What is reported.
    pub kind: SubmissionKindName,
    /// What it is called.
    pub title: String,
    /// Whose things, with the units below; absent: the whole sub-bureau's.
    pub unit_id: Option<Uuid>,
    /// 填报基准日
    pub as_of: NaiveDate,
    /// Of a stocktake report: the count.
    pub campaign_id: Option<Uuid>,
    /// Where it stands.
    pub state: SubmissionStateName,
    /// Which computation of its lines counts.
    pub edition: i64,
    /// Things in it.
    pub line_count: i64,
    /// Errors by the filling standard.
    pub error_count: i64,
    /// Warnings.
    pub warning_count: i64,
    /// Original value of all, fen.
    pub value_fen: i64,
    /// SHA-256 over its lines.
    pub lines_sha256: String,
    /// Who began it.
    pub begun_by: String,
    /// When, in milliseconds since 1970 UTC, as all times here.
    pub begun_at: i64,
    /// When its lines were computed.
    pub computed_at: i64,
    /// 编制人
    pub prepared_by: Option<Uuid>,
    /// When.
    pub prepared_at: Option<i64>,
    /// 复核人
    pub reviewed_by: Option<Uuid>,
    /// When.
    pub reviewed_at: Option<i64>,
    /// 审批人
    pub approved_by: Option<Uuid>,
    /// When.
    pub approved_at: Option<i64>,
    /// 报送人
    pub submitted_by: Option<Uuid>,
    /// When.
    pub submitted_at: Option<i64>,
    /// 报送对象
    pub sent_to: String,
    /// 收文编号
    pub receipt: String,
    /// Its version, for If-Match.
    pub version: i64,
}

impl From<submission::Model> for SubmissionView {
    fn from(row: submission::Model) -> Self {
        let at = |at: Option<crate::kernel::Timestamp>| at.map(|at| at.0);
        Self {
            number: row.number,
            kind: row.kind.into(),
            title: row.title,
            unit_id: row.unit_id.map(Into::into),
            as_of: row.as_of,
            campaign_id: row.campaign_id.map(Into::into),
            state: row.state.into(),
            edition: row.edition,
            line_count: row.line_count,
            error_count: row.error_count,
            warning_count: row.warning_count,
            value_fen: row.value_fen.0,
            lines_sha256: row.lines_hash,
            begun_by: row.begun_by,
            begun_at: row.begun_at.0,
            computed_at: row.computed_at.0,
            prepared_by: row.prepared_by.map(Into::into),
            prepared_at: at(row.prepared_at),
            reviewed_by: row.reviewed_by.map(Into::into),
            reviewed_at: at(row.reviewed_at),
            approved_by: row.approved_by.map(Into::into),
            approved_at: at(row.approved_at),
            submitted_by: row.submitted_by.map(Into::into),
            submitted_at: at(row.submitted_at),
            sent_to: row.sent_to,
            receipt: row.receipt,
            version: row.version,
        }
    }
}

/// What some lines add up to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SumView {
    /// Lines.
    pub lines: i64,
    /// Pieces.
    pub quantity: i64,
    /// Original value, fen.
    pub value_fen: i64,
    /// Accumulated depreciation, fen.
    pub accumulated_fen: i64,
    /// Net value, fen.
    pub net_fen: i64,
}

impl From<Sum> for SumView {
    fn from(sum: Sum) -> Self {
        Self {
            lines: sum.lines,
            quantity: sum.quantity,
            value_fen: sum.value.0,
            accumulated_fen: sum.accumulated.0,
            net_fen: sum.net.0,
        }
    }
}

/// The lines of one unit, class, state or result.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SumGroupView {
    /// By what.
    pub by: SumsByName,
    /// Which: `by` and `key` of the lines.
    pub key: String,
    /// Which, as people read it.
    pub name: String,
    /// What they add up to.
    pub sum: SumView,
}

impl From<Group> for SumGroupView {
    fn from(group: Group) -> Self {
        Self { by: group.by.into(), key: group.key, name: group.name, sum: group.sum.into() }
    }
}

/// Who did what to a submission.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SubmissionStepView {
    /// What.
    pub deed: SubmissionDeedName,
    /// Where it stood after.
    pub state: SubmissionStateName,
    /// Of which computation.
    pub edition: i64,
    /// Who.
    pub actor: String,
    /// When.
    pub at: i64,
    /// Opinion or reason.
    pub note: String,
}

impl From<submission_step::Model> for SubmissionStepView {
    fn from(step: submission_step::Model) -> Self {
        Self {
            deed: step.deed.into(),
            state: step.state.into(),
            edition: step.edition,
            actor: step.actor,
            at: step.at.0,
            note: step.note,
        }
    }
}

/// A submission with its sums and steps.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SubmissionWithFigures {
    /// The submission.
    #[serde(flatten)]
    pub submission: SubmissionView,
    /// Of all lines.
    pub total: SumView,
    /// Of each unit, class, state, result.
    pub groups: Vec<SumGroupView>,
    /// Who did what.
    pub steps: Vec<SubmissionStepView>,
}

impl SubmissionWithFigures {
    pub(super) fn of(row: submission::Model, figures: Figures, steps: Vec<submission_step::Model>) -> Self {
        Self {
            submission: row.into(),
            total: figures.total.into(),
            groups: figures.groups.into_iter().map(Into::into).collect(),
            steps: steps.into_iter().map(Into::into).collect(),
        }
    }
}

/// One thing as it was reported.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SubmissionLineView {
    /// Which line, from 1.
    pub line: i64,
    /// 资产编号
    pub item_number: String,
    /// 资产名称
    pub name: String,
    /// 规格型号
    pub specification: String,
    /// 机身序列号
    pub serial_number: String,
    /// 资产分类代码
    pub class_code: String,
    /// 使用部门
    pub unit_id: Option<Uuid>,
    /// Its name then.
    pub unit_name: String,
    /// 存放地点
    pub place: String,
    /// 使用人
    pub keeper: String,
    /// 数量
    pub quantity: i64,
    /// 使用状况
    pub state: StateName,
    /// 价值, fen
    pub value_fen: i64,
    /// 累计折旧, fen, of what has a card with depreciation
    pub accumulated_fen: Option<i64>,
    /// 净值, fen
    pub net_fen: Option<i64>,
    /// 取得日期
    pub acquired_on: Option<NaiveDate>,
    /// 财务入账日期
    pub booked_on: Option<NaiveDate>,
    /// Of a stocktake report: what the count found.
    pub verdict: String,
    /// 实盘数量
    pub counted_quantity: Option<i64>,
}

impl From<submission_line::Model> for SubmissionLineView {
    fn from(line: submission_line::Model) -> Self {
        Self {
            line: line.line,
            item_number: line.item_number,
            name: line.name,
            specification: line.specification,
            serial_number: line.serial_number,
            class_code: line.class_code,
            unit_id: line.unit_id.map(Into::into),
            unit_name: line.unit_name,
            place: line.place,
            keeper: line.keeper,
            quantity: line.quantity.0,
            state: line.state.into(),
            value_fen: line.value_fen.0,
            accumulated_fen: line.accumulated_fen.map(|fen| fen.0),
            net_fen: line.net_fen.map(|fen| fen.0),
            acquired_on: line.acquired_on,
            booked_on: line.booked_on,
            verdict: line.verdict,
            counted_quantity: line.counted_quantity.map(|many| many.0),
        }
    }
}

/// What the filling standard says of a line.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SubmissionMessageView {
    /// Which message, from 1.
    pub message: i64,
    /// Of which line.
    pub line: i64,
    /// Of which thing.
    pub item_number: String,
    /// Of which field, as the card names it.
    pub field: String,
    /// By which rule.
    pub rule: String,
    /// What the rule asks.
    pub rule_name: String,
    /// What its breach does.
    pub severity: SeverityName,
    /// What is wrong.
    pub words: String,
    /// Who let it pass.
    pub acknowledged_by: Option<Uuid>,
    /// When.
    pub acknowledged_at: Option<i64>,
    /// Why.
    pub acknowledged_reason: String,
}

impl From<submission_message::Model> for SubmissionMessageView {
    fn from(one: submission_message::Model) -> Self {
        Self {
            rule_name: standard::named(&one.rule).map_or("", |rule| rule.zh).to_owned(),
            message: one.message,
            line: one.line,
            item_number: one.item_number,
            field: one.field,
            rule: one.rule,
            severity: one.severity.into(),
            words: one.words,
            acknowledged_by: one.acknowledged_by.map(Into::into),
            acknowledged_at: one.acknowledged_at.map(|at| at.0),
            acknowledged_reason: one.acknowledged_reason,
        }
    }
}

/// A field that reads otherwise now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChangedView {
    /// The thing.
    pub item_number: String,
    /// The field, as the card names it.
    pub field: String,
    /// What was reported.
    pub before: String,
    /// What it is now.
    pub now: String,
}

impl From<Changed> for ChangedView {
    fn from(one: Changed) -> Self {
        Self { item_number: one.item_number, field: one.field.to_owned(), before: one.before, now: one.now }
    }
}

/// What the book says now, against what was reported.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DifferenceView {
    /// What was reported.
    pub before: SumView,
    /// What it adds up to now.
    pub now: SumView,
    /// Things not reported then.
    pub added: Vec<SubmissionLineView>,
    /// Things reported that are not there now.
    pub removed: Vec<SubmissionLineView>,
    /// Fields that read otherwise.
    pub changed: Vec<ChangedView>,
}

impl From<Difference> for DifferenceView {
    fn from(told: Difference) -> Self {
        Self {
            before: told.before.into(),
            now: told.now.into(),
            added: told.added.into_iter().map(Into::into).collect(),
            removed: told.removed.into_iter().map(Into::into).collect(),
            changed: told.changed.into_iter().map(Into::into).collect(),
        }
    }
}

/// What is to be reported.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginSubmissionBody {
    /// What is reported.
    pub kind: SubmissionKindName,
    /// Whose things, with the units below; absent: the whole sub-bureau's.
    pub unit_id: Option<Uuid>,
    /// 填报基准日; today when absent. Of a stocktake report the count's.
    pub as_of: Option<NaiveDate>,
    /// Of a stocktake report: the number of the closed count.
    #[serde(default)]
    #[schema(max_length = 60)]
    pub campaign: String,
}

/// Why warnings are let pass.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WarningsBody {
    /// By which rule.
    #[schema(min_length = 1, max_length = 60)]
    pub rule: String,
    /// Which messages; all of the rule that nobody answered when absent.
    #[schema(max_items = 10000)]
    pub messages: Option<Vec<i64>>,
    /// Why.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// How many that was about.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AnsweredView {
    /// So many.
    #[schema(minimum = 0)]
    pub answered: usize,
}

/// What whoever signs says.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionBody {
    /// 意见
    #[serde(default)]
    #[schema(max_length = 500)]
    pub note: String,
}

/// To whom it was sent.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitBody {
    /// 报送对象
    #[schema(min_length = 1, max_length = 500)]
    pub sent_to: String,
    /// 收文编号
    #[serde(default)]
    #[schema(max_length = 200)]
    pub receipt: String,
}
