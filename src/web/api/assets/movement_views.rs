//! Documents of movement as programs read and write them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::assets::movements::entity::{movement, movement_line};
use crate::assets::movements::model::{Disposal, Kind, State};
use crate::assets::movements::service::Ask;
use crate::assets::movements::store::Shown;
use crate::items::entity::item;
use crate::kernel::ids::{PersonId, PlaceId, UnitId};
use crate::web::api::accounts::CoSignature;
use crate::web::api::jobs::names;
use crate::web::api::parts::StateName;

names! {
    /// What a document does to its things.
    MovementKindName of Kind {
        Intake, Issue, Return, Transfer, Relocate, Handover, Loan, LoanReturn, Repair, RepairReturn, Correct, Idle, Use,
        Scrap, Dispose,
    }
    /// Where a document stands.
    MovementStateName of State { Asked, Approved, Accepted, Done, Refused, Withdrawn, Declined, }
    /// In which way a thing leaves the book.
    DisposalName of Disposal {
        FreeTransfer, Sale, Grant, Assignment, Exchange, Donation, Scrapping, WriteOff,
    }
}

/// 资产变动单
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MovementView {
    /// Its number.
    pub number: String,
    /// What it does.
    pub kind: MovementKindName,
    /// Where it stands, with what its chain has said since.
    pub state: MovementStateName,
    /// The unit that had the things when it was asked for.
    pub unit_id: Uuid,
    /// Of a transfer: the unit that is to have them.
    pub to_unit_id: Option<Uuid>,
    /// Where they are to be kept.
    pub to_place_id: Option<Uuid>,
    /// Who is to answer for them.
    pub to_keeper_id: Option<Uuid>,
    /// Who borrows, mends, supplies or receives.
    pub counterparty: String,
    /// The day by which they are to be back.
    pub due_on: Option<NaiveDate>,
    /// Of a disposal: in which way.
    pub disposal: Option<DisposalName>,
    /// Why.
    pub reason: String,
    /// Why before the end of the useful life.
    pub early_reason: String,
    /// What was noticed and did not stop it.
    pub notes: String,
    /// How many things.
    pub line_count: i64,
    /// What they are worth together, fen.
    pub value_fen: i64,
    /// Who asked.
    pub asked_by: String,
    /// When, in milliseconds since 1970 UTC, as all times here.
    pub asked_at: i64,
    /// What it asked the chain.
    pub approval_id: Option<Uuid>,
    /// Who accepted for the other unit.
    pub accepted_by: Option<Uuid>,
    /// When.
    pub accepted_at: Option<i64>,
    /// Who ended it.
    pub finished_by: Option<String>,
    /// When.
    pub finished_at: Option<i64>,
    /// Why it ended without moving anything.
    pub finished_reason: String,
    /// The minutes of the collective decision.
    pub decision: String,
    /// The number of the approval.
    pub approval_number: String,
    /// What the disposal brought, fen.
    pub proceeds_fen: Option<i64>,
    /// The receipt of non-tax revenue.
    pub receipt: String,
    /// Its version, for If-Match.
    pub version: i64,
}

impl From<Shown> for MovementView {
    fn from(shown: Shown) -> Self {
        Self { state: shown.state.into(), ..shown.row.into() }
    }
}

impl From<movement::Model> for MovementView {
    fn from(row: movement::Model) -> Self {
        Self {
            number: row.number,
            kind: row.kind.into(),
            state: row.state.into(),
            unit_id: row.unit_id.into(),
            to_unit_id: row.to_unit_id.map(Into::into),
            to_place_id: row.to_place_id.map(Into::into),
            to_keeper_id: row.to_keeper_id.map(Into::into),
            counterparty: row.counterparty,
            due_on: row.due_on,
            disposal: row.disposal.map(Into::into),
            reason: row.reason,
            early_reason: row.early_reason,
            notes: row.notes,
            line_count: row.line_count,
            value_fen: row.value_fen.0,
            asked_by: row.asked_by,
            asked_at: row.asked_at.0,
            approval_id: row.approval_id.map(Into::into),
            accepted_by: row.accepted_by.map(Into::into),
            accepted_at: row.accepted_at.map(|at| at.0),
            finished_by: row.finished_by,
            finished_at: row.finished_at.map(|at| at.0),
            finished_reason: row.finished_reason,
            decision: row.decision,
            approval_number: row.approval_number,
            proceeds_fen: row.proceeds_fen.map(|money| money.0),
            receipt: row.receipt,
            version: row.version,
        }
    }
}

/// One thing of a document.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MovementLineView {
    /// Which line, from 1.
    pub line: i64,
    /// The thing's number.
    pub item_number: String,
    /// Its name.
    pub name: String,
    /// What it was worth, fen.
    pub value_fen: i64,
    /// Where it was.
    pub from_unit_id: Uuid,
    /// Where it was kept.
    pub from_place_id: Option<Uuid>,
    /// Who had it.
    pub from_keeper_id: Option<Uuid>,
    /// What state it was in.
    pub from_state: StateName,
    /// Its unit after; nothing while nothing moved.
    pub to_unit_id: Option<Uuid>,
    /// Its place after.
    pub to_place_id: Option<Uuid>,
    /// Its keeper after.
    pub to_keeper_id: Option<Uuid>,
    /// Its state after.
    pub to_state: Option<StateName>,
    /// When a loan or repair came back.
    pub answered_at: Option<i64>,
}

impl MovementLineView {
    pub(super) fn of(line: movement_line::Model, thing: Option<&item::Model>) -> Self {
        Self {
            line: line.line,
            item_number: thing.map(|thing| thing.item_number.clone()).unwrap_or_default(),
            name: thing.map(|thing| thing.name.clone()).unwrap_or_default(),
            value_fen: line.value_fen.0,
            from_unit_id: line.from_unit_id.into(),
            from_place_id: line.from_place_id.map(Into::into),
            from_keeper_id: line.from_keeper_id.map(Into::into),
            from_state: line.from_state.into(),
            to_unit_id: line.to_unit_id.map(Into::into),
            to_place_id: line.to_place_id.map(Into::into),
            to_keeper_id: line.to_keeper_id.map(Into::into),
            to_state: line.to_state.map(Into::into),
            answered_at: line.answered_at.map(|at| at.0),
        }
    }
}

/// A document with its lines.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MovementWithLines {
    /// The document.
    #[serde(flatten)]
    pub movement: MovementView,
    /// Its things, in order.
    pub lines: Vec<MovementLineView>,
}

/// A movement as it is asked for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskBody {
    /// What is to happen; a batch, a handover and a correction have operations of their own.
    pub kind: MovementKindName,
    /// 资产编号
    #[schema(min_items = 1, max_items = 2000)]
    pub numbers: Vec<String>,
    /// Of a transfer: 接收单位
    pub to_unit_id: Option<Uuid>,
    /// 存放地点
    pub to_place_id: Option<Uuid>,
    /// 使用人、领用人
    pub to_keeper_id: Option<Uuid>,
    /// 借用人、维修单位、受让方
    #[serde(default)]
    #[schema(max_length = 500)]
    pub counterparty: String,
    /// 应归还日期
    pub due_on: Option<NaiveDate>,
    /// 处置方式
    pub disposal: Option<DisposalName>,
    /// 事由
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
    /// 未满使用年限报废的原因
    #[serde(default)]
    #[schema(max_length = 500)]
    pub early_reason: String,
}

impl From<AskBody> for Ask {
    fn from(body: AskBody) -> Self {
        Self {
            kind: body.kind.into(),
            numbers: body.numbers,
            to_unit: body.to_unit_id.map(UnitId),
            to_place: body.to_place_id.map(PlaceId),
            to_keeper: body.to_keeper_id.map(PersonId),
            counterparty: body.counterparty,
            due_on: body.due_on,
            disposal: body.disposal.map(Into::into),
            reason: body.reason,
            early_reason: body.early_reason,
        }
    }
}

/// Where accepted things will be.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptBody {
    /// 存放地点; as the document says when absent.
    pub to_place_id: Option<Uuid>,
    /// 使用人; as the document says when absent.
    pub to_keeper_id: Option<Uuid>,
}

/// What must be known before a thing leaves the book; nothing of it for other kinds.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FinishBody {
    /// 集体决策会议纪要编号
    #[serde(default)]
    #[schema(max_length = 500)]
    pub decision: String,
    /// 批复文号
    #[serde(default)]
    #[schema(max_length = 500)]
    pub approval_number: String,
    /// 处置收入, fen
    #[schema(minimum = 0)]
    pub proceeds_fen: Option<i64>,
    /// 非税收入票据号
    #[serde(default)]
    #[schema(max_length = 100)]
    pub receipt: String,
}

/// A reason.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = movements::MovementReason)]
pub struct ReasonBody {
    /// 原因
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// A batch of like things.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IntakeBody {
    /// 数量: so many numbers are given.
    #[schema(minimum = 1, maximum = 2000)]
    pub count: usize,
    /// 资产名称
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// 规格型号
    #[serde(default)]
    #[schema(max_length = 200)]
    pub specification: String,
    /// 资产分类代码
    #[serde(default)]
    #[schema(max_length = 64)]
    pub class_code: String,
    /// 资产分类名称
    #[serde(default)]
    #[schema(max_length = 200)]
    pub class_name: String,
    /// 品牌
    #[serde(default)]
    #[schema(max_length = 200)]
    pub brand: String,
    /// 计量单位
    #[serde(default)]
    #[schema(max_length = 20)]
    pub measure_unit: String,
    /// 使用部门
    pub unit_id: Uuid,
    /// 存放地点
    pub place_id: Option<Uuid>,
    /// 使用人
    pub keeper_id: Option<Uuid>,
    /// 单价, fen
    #[schema(minimum = 0)]
    pub value_fen: i64,
    /// 取得日期
    pub acquired_on: Option<NaiveDate>,
    /// 供应商
    #[serde(default)]
    #[schema(max_length = 200)]
    pub supplier: String,
    /// 合同、发票等
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// All that somebody has, or some of it, to their successor.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandoverBody {
    /// 移交人
    pub from_id: Uuid,
    /// 接交人
    pub to_id: Uuid,
    /// 资产编号; all that the giver has when empty.
    #[serde(default)]
    #[schema(max_items = 2000)]
    pub numbers: Vec<String>,
    /// 存放地点; where they are when absent.
    pub to_place_id: Option<Uuid>,
    /// 交接事由
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
    /// The other of the two, who is there and signs.
    pub co_signer: Option<CoSignature>,
}

/// What a card is to say instead.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectBody {
    /// 资产编号
    #[schema(min_length = 1, max_length = 64)]
    pub item_number: String,
    /// 资产名称
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// 规格型号
    #[schema(max_length = 200)]
    pub specification: Option<String>,
    /// 序列号
    #[schema(max_length = 200)]
    pub serial_number: Option<String>,
    /// 品牌
    #[schema(max_length = 200)]
    pub brand: Option<String>,
    /// 计量单位
    #[schema(max_length = 20)]
    pub measure_unit: Option<String>,
    /// 取得日期
    pub acquired_on: Option<NaiveDate>,
    /// 更正事由
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}
