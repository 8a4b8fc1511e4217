//! Draws as programs read them. Times are milliseconds since 1970 UTC.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::firearms::draws::entity::{act, draw, extension, lock, signature};
use crate::firearms::draws::model::{ActKind, ActState, Clearance, LongerState, Part, Purpose, State};
use crate::firearms::draws::store::Shown;
use crate::web::api::jobs::names;

names! {
    /// What a gun is drawn for.
    DrawPurposeName of Purpose { Vice, Gambling, Criminal, Emergency, Patrol, Training, Other, }
    /// Where a draw stands.
    DrawStateName of State { Asked, Approved, Handing, Out, Returning, Closed, Refused, Withdrawn, }
    /// Which way an act goes.
    ActKindName of ActKind { Issue, Return, }
    /// Where an act stands.
    ActStateName of ActState { Open, Done, Cancelled, }
    /// A step of the clearance check.
    ClearanceName of Clearance { Muzzle, Magazine, Slide, Chamber, DryFire, }
    /// In what capacity somebody signs.
    PartName of Part { Keeper1, Keeper2, Confirmer, }
    /// Where a wish for more time stands.
    LongerStateName of LongerState { Asked, Granted, Refused, Late, }
}

/// A draw.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DrawView {
    /// 领枪单编号
    pub number: String,
    /// Where it stands.
    pub state: DrawStateName,
    /// 单位
    pub unit_id: Uuid,
    /// The store.
    pub store_id: Uuid,
    /// 领枪人
    pub drawer_id: Uuid,
    /// 事由
    pub purpose: DrawPurposeName,
    /// 任务
    pub task: String,
    /// 紧急领枪
    pub urgent: bool,
    /// 跨区域
    pub cross_area: bool,
    /// 批量领用
    pub bulk: bool,
    /// 枪支类型
    pub model: String,
    /// 申请子弹数
    pub rounds_asked: i64,
    /// 申请弹匣数
    pub magazines_asked: i64,
    /// 预计领用时间
    pub planned_from: i64,
    /// 初次预计归还时间
    pub first_due_at: i64,
    /// 预计归还时间
    pub due_at: i64,
    /// The request that its chain decides.
    pub approval_id: Uuid,
    /// 领出子弹数
    pub rounds_out: i64,
    /// 领枪时间
    pub out_at: Option<i64>,
    /// 交还
    pub rounds_back: i64,
    /// 耗用
    pub rounds_fired: i64,
    /// 损坏
    pub rounds_damaged: i64,
    /// 遗失
    pub rounds_lost: i64,
    /// 枪已报失
    pub gun_lost: bool,
    /// 还枪时间
    pub returned_at: Option<i64>,
}

impl From<Shown> for DrawView {
    fn from(Shown { row, state }: Shown) -> Self {
        Self { state: state.into(), ..row.into() }
    }
}

impl From<draw::Model> for DrawView {
    fn from(row: draw::Model) -> Self {
        Self {
            number: row.number,
            state: row.state.into(),
            unit_id: row.unit_id.0,
            store_id: row.armoury_id,
            drawer_id: row.drawer_id.0,
            purpose: row.purpose.into(),
            task: row.task,
            urgent: row.urgent,
            cross_area: row.cross_area,
            bulk: row.bulk,
            model: row.model_key,
            rounds_asked: row.rounds_asked,
            magazines_asked: row.magazines_asked,
            planned_from: row.planned_from.0,
            first_due_at: row.first_due_at.0,
            due_at: row.due_at.0,
            approval_id: row.approval_id.0,
            rounds_out: row.rounds_out,
            out_at: row.out_at.map(|at| at.0),
            rounds_back: row.rounds_back,
            rounds_fired: row.rounds_fired,
            rounds_damaged: row.rounds_damaged,
            rounds_lost: row.rounds_lost,
            gun_lost: row.gun_lost,
            returned_at: row.returned_at.map(|at| at.0),
        }
    }
}

/// A signature to an act.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SignatureView {
    /// In what capacity.
    pub part: PartName,
    /// Who.
    pub person_id: Uuid,
    /// When.
    pub signed_at: i64,
}

impl From<signature::Model> for SignatureView {
    fn from(row: signature::Model) -> Self {
        Self { part: row.part.into(), person_id: row.person_id.0, signed_at: row.signed_at.0 }
    }
}

/// An act at the counter, as far as it has come.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ActView {
    /// Which way.
    pub kind: ActKindName,
    /// Where it stands.
    pub state: ActStateName,
    /// When it was opened.
    pub opened_at: i64,
    /// Steps of the clearance check that were done, of five.
    pub cleared: i64,
    /// When the gun was scanned.
    pub scanned_at: Option<i64>,
    /// When the rounds were counted.
    pub counted_at: Option<i64>,
    /// Rounds that go or come back.
    pub rounds: i64,
    /// 耗用
    pub fired: i64,
    /// 损坏
    pub damaged: i64,
    /// 遗失
    pub lost: i64,
    /// 弹匣编号
    pub magazines: Vec<String>,
    /// Why it was cancelled.
    pub ended_reason: String,
    /// The signatures that were not made void.
    pub signatures: Vec<SignatureView>,
}

impl ActView {
    pub(super) fn of(row: act::Model, signed: Vec<signature::Model>) -> Self {
        Self {
            kind: row.kind.into(),
            state: row.state.into(),
            opened_at: row.opened_at.0,
            cleared: row.cleared,
            scanned_at: row.scanned_at.map(|at| at.0),
            counted_at: row.counted_at.map(|at| at.0),
            rounds: row.rounds,
            fired: row.fired,
            damaged: row.damaged,
            lost: row.lost,
            magazines: row.magazines.split_whitespace().map(str::to_owned).collect(),
            ended_reason: row.ended_reason,
            signatures: signed.into_iter().map(Into::into).collect(),
        }
    }
}

/// A draw with its acts.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DrawWithActs {
    /// The draw.
    pub draw: DrawView,
    /// Its acts, the first first.
    pub acts: Vec<ActView>,
}

/// A unit that may draw nothing until a loss is cleared up.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LockView {
    /// Its id.
    pub id: Uuid,
    /// The unit.
    pub unit_id: Uuid,
    /// Why.
    pub reason: String,
    /// Since when.
    pub locked_at: i64,
    /// When it was lifted.
    pub lifted_at: Option<i64>,
    /// Why.
    pub lift_reason: String,
}

impl From<lock::Model> for LockView {
    fn from(row: lock::Model) -> Self {
        Self {
            id: row.id,
            unit_id: row.unit_id.0,
            reason: row.reason,
            locked_at: row.locked_at.0,
            lifted_at: row.lifted_at.map(|at| at.0),
            lift_reason: row.lift_reason,
        }
    }
}

/// A wish for more time.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LongerView {
    /// Where it stands.
    pub state: LongerStateName,
    /// Until when.
    pub until: i64,
    /// Why.
    pub reason: String,
    /// The request that its chain decides.
    pub approval_id: Uuid,
}

impl From<extension::Model> for LongerView {
    fn from(row: extension::Model) -> Self {
        Self { state: row.state.into(), until: row.until.0, reason: row.reason, approval_id: row.approval_id.0 }
    }
}
