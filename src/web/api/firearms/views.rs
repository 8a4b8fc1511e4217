//! Stores, guns, rounds and officers as programs read and write them. Times are milliseconds since 1970 UTC.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::firearms::entity::{armoury, ban, cabinet, entry, lot, magazine, officer, result, stock};
use crate::firearms::model::{ArmDeed, ArmState, Category, EntryKind, Issue, MagazineState, ResultKind, StoreKind};
use crate::firearms::store::Arm;
use crate::web::api::jobs::names;

names! {
    /// 枪库、弹药库
    StoreKindName of StoreKind { Gun, Ammunition, }
    /// 枪种
    CategoryName of Category { Pistol, Revolver, SubmachineGun, Shotgun, Rifle, Other, }
    /// 公用、专用
    IssueName of Issue { Shared, Dedicated, }
    /// Where a gun stands.
    ArmStateName of ArmState { InStore, Out, CleaningDue, Cleaning, Faulty, Lost, Scrapped, }
    /// What may become of a gun.
    ArmDeedName of ArmDeed {
        Draw, Return, NeedCleaning, StartCleaning, FinishCleaning, DropCleaning, ReportFault,
        Mend, Lose, Find, Scrap, Send, Arrive,
    }
    /// Where a magazine is.
    MagazineStateName of MagazineState { InStore, Out, Lost, }
    /// Why rounds became more or fewer.
    EntryKindName of EntryKind { Received, Drawn, Returned, Sent, Corrected, }
    /// What an officer was tried in.
    ResultKindName of ResultKind { Training, Exam, LiveFire, }
}

/// A store.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StoreView {
    /// Its id.
    pub id: Uuid,
    /// 编号
    pub number: String,
    /// 名称
    pub name: String,
    /// Of guns or of ammunition.
    pub kind: StoreKindName,
    /// 单位
    pub unit_id: Uuid,
    /// 负责人
    pub in_charge_id: Option<Uuid>,
    /// Whether it is in use.
    pub active: bool,
}

impl From<armoury::Model> for StoreView {
    fn from(row: armoury::Model) -> Self {
        Self {
            id: row.id,
            number: row.number,
            name: row.name,
            kind: row.kind.into(),
            unit_id: row.unit_id.0,
            in_charge_id: row.in_charge_id.map(|id| id.0),
            active: row.active,
        }
    }
}

/// A cabinet.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CabinetView {
    /// Its id.
    pub id: Uuid,
    /// 编号
    pub number: String,
    /// 枪位
    pub slots: i64,
}

impl From<cabinet::Model> for CabinetView {
    fn from(row: cabinet::Model) -> Self {
        Self { id: row.id, number: row.number, slots: row.slots }
    }
}

/// A magazine.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MagazineView {
    /// 弹匣编号
    pub number: String,
    /// The model that it fits.
    pub model: String,
    /// Where it is.
    pub state: MagazineStateName,
}

impl From<magazine::Model> for MagazineView {
    fn from(row: magazine::Model) -> Self {
        Self { number: row.number, model: row.model, state: row.state.into() }
    }
}

/// The rounds of a lot in a store.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StockView {
    /// Its id.
    pub id: Uuid,
    /// 弹药种类
    pub type_name: String,
    /// 批次
    pub lot: String,
    /// 发数
    pub rounds: i64,
}

impl From<(stock::Model, lot::Model)> for StockView {
    fn from((row, lot): (stock::Model, lot::Model)) -> Self {
        Self { id: row.id, type_name: lot.type_name, lot: lot.lot, rounds: row.rounds }
    }
}

/// One change of a lot's rounds.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EntryView {
    /// In the order written.
    pub seq: i64,
    /// Why.
    pub kind: EntryKindName,
    /// By how many.
    pub delta: i64,
    /// How many there were after it.
    pub balance: i64,
    /// 凭证
    pub document: String,
    /// 备注
    pub note: String,
    /// When.
    pub entered_at: i64,
}

impl From<entry::Model> for EntryView {
    fn from(row: entry::Model) -> Self {
        Self {
            seq: row.seq,
            kind: row.kind.into(),
            delta: row.delta,
            balance: row.balance,
            document: row.document,
            note: row.note,
            entered_at: row.entered_at.0,
        }
    }
}

/// A store with what is in it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StoreWithAll {
    /// The store.
    pub store: StoreView,
    /// Its cabinets.
    pub cabinets: Vec<CabinetView>,
    /// Its magazines.
    pub magazines: Vec<MagazineView>,
    /// Its rounds.
    pub stock: Vec<StockView>,
}

/// A gun.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GunView {
    /// 资产编号
    pub item_number: String,
    /// 枪支类型
    pub model: String,
    /// 枪种
    pub category: CategoryName,
    /// 枪号
    pub serial: String,
    /// 枪证号码
    pub certificate: String,
    /// 痕迹建档
    pub ballistic_record: String,
    /// 公用、专用
    pub issue: IssueName,
    /// Whose it is when it is somebody's own.
    pub dedicated_to: Option<Uuid>,
    /// Where it stands.
    pub state: ArmStateName,
    /// Why.
    pub state_note: String,
    /// 单位
    pub unit_id: Uuid,
    /// The store.
    pub store_id: Uuid,
    /// The cabinet.
    pub cabinet_id: Option<Uuid>,
    /// 枪位
    pub slot: Option<i64>,
    /// 配发时间
    pub issued_on: Option<NaiveDate>,
}

impl From<Arm> for GunView {
    fn from(Arm { item, arm }: Arm) -> Self {
        Self {
            item_number: item.item_number,
            model: arm.model,
            category: arm.category.into(),
            serial: arm.serial,
            certificate: arm.certificate,
            ballistic_record: arm.ballistic_record,
            issue: arm.issue.into(),
            dedicated_to: arm.dedicated_to.map(|id| id.0),
            state: arm.state.into(),
            state_note: arm.state_note,
            unit_id: item.unit_id.0,
            store_id: arm.armoury_id,
            cabinet_id: arm.cabinet_id,
            slot: arm.slot,
            issued_on: arm.issued_on,
        }
    }
}

/// An armed officer's licence.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfficerView {
    /// Whose.
    pub person_id: Uuid,
    /// 持枪证号
    #[schema(min_length = 4, max_length = 40, example = "CQ-0001")]
    pub licence: String,
    /// 发证机关
    #[serde(default)]
    #[schema(max_length = 100)]
    pub issuer: String,
    /// 发证日期
    pub issued_on: NaiveDate,
    /// 有效期至
    pub valid_until: NaiveDate,
    /// Whether they may be given a gun at all.
    pub active: bool,
    /// 备注
    #[serde(default)]
    #[schema(max_length = 200)]
    pub note: String,
}

impl From<officer::Model> for OfficerView {
    fn from(row: officer::Model) -> Self {
        Self {
            person_id: row.person_id.0,
            licence: row.licence,
            issuer: row.issuer,
            issued_on: row.issued_on,
            valid_until: row.valid_until,
            active: row.active,
            note: row.note,
        }
    }
}

/// What an officer was tried in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ResultView {
    /// Who.
    pub person_id: Uuid,
    /// In what.
    pub kind: ResultKindName,
    /// When.
    pub held_on: NaiveDate,
    /// Of a hundred.
    pub score: Option<i64>,
    /// 合格
    pub passed: bool,
    /// 备注
    pub note: String,
}

impl From<result::Model> for ResultView {
    fn from(row: result::Model) -> Self {
        Self {
            person_id: row.person_id.0,
            kind: row.kind.into(),
            held_on: row.held_on,
            score: row.score,
            passed: row.passed,
            note: row.note,
        }
    }
}

/// A ban on carrying.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BanView {
    /// Its id.
    pub id: Uuid,
    /// Whose.
    pub person_id: Uuid,
    /// 原因
    pub reason: String,
    /// The last day; nothing: until it is lifted.
    pub until: Option<NaiveDate>,
    /// When.
    pub banned_at: i64,
    /// When it was lifted.
    pub lifted_at: Option<i64>,
    /// Why.
    pub lift_reason: String,
}

impl From<ban::Model> for BanView {
    fn from(row: ban::Model) -> Self {
        Self {
            id: row.id,
            person_id: row.person_id.0,
            reason: row.reason,
            until: row.until,
            banned_at: row.banned_at.0,
            lifted_at: row.lifted_at.map(|at| at.0),
            lift_reason: row.lift_reason,
        }
    }
}
