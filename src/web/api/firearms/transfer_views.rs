//! Transfers, scrappings, trainings and changes as programs read them. Times are milliseconds since 1970 UTC.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::views::StoreKindName;
use crate::firearms::transfers::entity::{change, scrapping, training, transfer};
use crate::firearms::transfers::model::{Firing, Reason, State as Stands};
use crate::kernel::ids::PersonId;
use crate::web::api::jobs::names;

names! {
    /// Where a transfer stands.
    TransferStateName of Stands { Planned, OnTheWay, Differing, Arrived, Cancelled, }
    /// Why a store has a gun, or rounds, more or fewer.
    ChangeReasonName of Reason { Received, Sent, Arrived, Scrapped, Training, }
    /// Where the rounds of a training are.
    TrainingStateName of Firing { Out, Closed, }
}

fn people(two: [Option<PersonId>; 2]) -> Vec<Uuid> {
    two.into_iter().flatten().map(|person| person.0).collect()
}

/// A transfer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TransferView {
    /// 调拨单编号
    pub number: String,
    /// Where it stands.
    pub state: TransferStateName,
    /// Of guns or of ammunition.
    pub kind: StoreKindName,
    /// The store that it goes from.
    pub from_id: Uuid,
    /// The store that it goes to.
    pub to_id: Uuid,
    /// 调拨依据、运输许可
    pub document: String,
    /// 原因
    pub reason: String,
    /// When it was planned.
    pub asked_at: i64,
    /// 发运人
    pub senders: Vec<Uuid>,
    /// When it was sent.
    pub sent_at: Option<i64>,
    /// 收货人, of the last arrival.
    pub receivers: Vec<Uuid>,
    /// When something arrived last.
    pub received_at: Option<i64>,
    /// What was short or wrong, or why it was cancelled.
    pub note: String,
    /// When it ended.
    pub ended_at: Option<i64>,
}

impl From<transfer::Model> for TransferView {
    fn from(row: transfer::Model) -> Self {
        Self {
            number: row.number,
            state: row.state.into(),
            kind: row.store_kind.into(),
            from_id: row.from_id,
            to_id: row.to_id,
            document: row.document,
            reason: row.reason,
            asked_at: row.asked_at.0,
            senders: people([row.sent1_id, row.sent2_id]),
            sent_at: row.sent_at.map(|at| at.0),
            receivers: people([row.received1_id, row.received2_id]),
            received_at: row.received_at.map(|at| at.0),
            note: row.note,
            ended_at: row.ended_at.map(|at| at.0),
        }
    }
}

/// A gun, or the rounds of a lot, in a transfer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TransferLineView {
    /// The gun's number, or the lot.
    pub name: String,
    /// The gun's model, or the type of the rounds.
    pub model: String,
    /// How many were sent.
    pub quantity: i64,
    /// How many have arrived.
    pub arrived: i64,
}

/// A transfer with what is in it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TransferWithLines {
    /// The transfer.
    pub transfer: TransferView,
    /// What is in it.
    pub lines: Vec<TransferLineView>,
}

/// A line of 枪支变更情况 or 弹药变更情况.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChangeView {
    /// The gun's number, or the lot.
    pub name: String,
    /// Why.
    pub reason: ChangeReasonName,
    /// By how many.
    pub quantity: i64,
    /// The paper that it came by.
    pub document: String,
    /// 备注
    pub note: String,
    /// When.
    pub entered_at: i64,
}

impl ChangeView {
    pub(super) fn of(row: change::Model, name: String) -> Self {
        Self {
            name,
            reason: row.reason.into(),
            quantity: row.quantity,
            document: row.document,
            note: row.note,
            entered_at: row.entered_at.0,
        }
    }
}

/// A gun handed up to be destroyed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ScrappingView {
    /// 报废上交编号
    pub number: String,
    /// The gun's number.
    pub item_number: String,
    /// The certificate that went with it.
    pub certificate: String,
    /// 接收单位
    pub receiver: String,
    /// 接收人
    pub receiver_person: String,
    /// 报废批准文号
    pub document: String,
    /// 原因
    pub reason: String,
    /// Who handed it up.
    pub handed_by: Vec<Uuid>,
    /// When.
    pub handed_at: i64,
}

impl ScrappingView {
    pub(super) fn of(row: scrapping::Model, item_number: String) -> Self {
        Self {
            number: row.number,
            item_number,
            certificate: row.certificate,
            receiver: row.receiver,
            receiver_person: row.receiver_person,
            document: row.document,
            reason: row.reason,
            handed_by: people([Some(row.handed1_id), Some(row.handed2_id)]),
            handed_at: row.handed_at.0,
        }
    }
}

/// Rounds for a training.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TrainingView {
    /// 训练用弹单编号
    pub number: String,
    /// Where its rounds are.
    pub state: TrainingStateName,
    /// The store.
    pub store_id: Uuid,
    /// The lot in the store.
    pub stock_id: Uuid,
    /// 领出
    pub rounds_out: i64,
    /// 交还
    pub rounds_back: i64,
    /// 射击
    pub fired: i64,
    /// 弹壳
    pub cases_kept: i64,
    /// 带队人
    pub leader_id: Uuid,
    /// 参训人员
    pub participants: String,
    /// 训练地点
    pub place: String,
    /// 训练批准文号
    pub document: String,
    /// When they went out.
    pub out_at: i64,
    /// Who handed them out.
    pub handed_by: Vec<Uuid>,
    /// Who took them back.
    pub taken_by: Vec<Uuid>,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// 备注
    pub note: String,
}

impl From<training::Model> for TrainingView {
    fn from(row: training::Model) -> Self {
        Self {
            number: row.number,
            state: row.state.into(),
            store_id: row.armoury_id,
            stock_id: row.stock_id,
            rounds_out: row.rounds_out,
            rounds_back: row.rounds_back,
            fired: row.fired,
            cases_kept: row.cases_kept,
            leader_id: row.leader_id.0,
            participants: row.participants,
            place: row.place,
            document: row.document,
            out_at: row.out_at.0,
            handed_by: people([Some(row.out1_id), Some(row.out2_id)]),
            taken_by: people([row.back1_id, row.back2_id]),
            ended_at: row.ended_at.map(|at| at.0),
            note: row.note,
        }
    }
}
