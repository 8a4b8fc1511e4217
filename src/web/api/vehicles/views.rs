//! Cars, trips, months, repairs and cards as programs read and write them. Times are milliseconds since 1970 UTC, money
//! is fen.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::kernel::Fen;
use crate::kernel::ids::PersonId;
use crate::vehicles::cards::entity::{card, holding};
use crate::vehicles::cards::model::{CardKind, CardState, Supplier};
use crate::vehicles::entity::{driver, reading};
use crate::vehicles::model::{Energy, LicenceClass, Quota, UseKind};
use crate::vehicles::repairs::entity::{part, repair};
use crate::vehicles::repairs::model::{RepairKind, State as RepairState};
use crate::vehicles::repairs::service::NewPart;
use crate::vehicles::repairs::store::Shown as ShownRepair;
use crate::vehicles::service::Facts;
use crate::vehicles::shops::entity::shop;
use crate::vehicles::store::Car;
use crate::vehicles::trips::entity::{submission, trip};
use crate::vehicles::trips::model::{State, SubmissionState, TripKind};
use crate::vehicles::trips::service::Departure;
use crate::vehicles::trips::store::{MonthOf, Shown};
use crate::web::api::jobs::names;
use crate::web::api::parts::StateName;

names! {
    /// 编制情况
    QuotaName of Quota { InQuota, OffQuota, Unset, }
    /// 车辆用途
    UseKindName of UseKind { Confidential, Emergency, Enforcement, SpecialPurpose, Other, }
    /// 能源
    EnergyName of Energy { Petrol, Diesel, Electric, Hybrid, }
    /// 准驾车型
    LicenceClassName of LicenceClass { A1, A2, A3, B1, B2, C1, C2, C5, D, E, F, }
    /// Why a car leaves.
    TripKindName of TripKind { Duty, Repair, }
    /// Where a trip stands.
    TripStateName of State {
        Asked, Approved, Refused, Withdrawn, Out, Returned, Checked, Submitted, Questioned, Explained, Accepted,
    }
    /// Where a month that was handed in stands.
    TripSubmissionStateName of SubmissionState { Submitted, Questioned, Explained, Accepted, }
    /// Why a car goes to a workshop.
    RepairKindName of RepairKind { Repair, Maintenance, Accident, Tyres, Other, }
    /// Where a repair stands.
    RepairStateName of RepairState { Asked, Approved, Entered, Sent, Returned, Refused, Withdrawn, }
    /// 主卡、副卡
    FuelCardKindName of CardKind { Master, Sub, }
    /// 发卡单位
    FuelSupplierName of Supplier { Sinopec, Petrochina, Other, }
    /// Where a card stands.
    FuelCardStateName of CardState { InUse, Lost, Stopped, Replaced, }
}

/// What the ledger knows of a car.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VehicleFacts {
    /// 车牌号
    #[schema(min_length = 7, max_length = 12, example = "粤T12345")]
    pub plate: String,
    /// 车辆识别代号
    #[serde(default)]
    #[schema(max_length = 20)]
    pub vin: String,
    /// 发动机号
    #[serde(default)]
    #[schema(max_length = 60)]
    pub engine_number: String,
    /// 编制情况
    pub quota: QuotaName,
    /// 车辆用途
    pub use_kind: UseKindName,
    /// 能源
    pub energy: EnergyName,
    /// 座位数
    #[schema(minimum = 1, maximum = 100)]
    pub seats: Option<i64>,
    /// 排气量, millilitres
    #[schema(minimum = 1, maximum = 30000)]
    pub displacement_ml: Option<i64>,
    /// 油箱容量, millilitres
    #[schema(minimum = 1, maximum = 2_000_000)]
    pub tank_ml: Option<i64>,
    /// 电池容量, watt-hours
    #[schema(minimum = 1, maximum = 2_000_000)]
    pub battery_wh: Option<i64>,
    /// 燃油标号
    #[serde(default)]
    #[schema(max_length = 20)]
    pub fuel_grade: String,
    /// 额定油耗, millilitres in 100 km
    #[schema(minimum = 1, maximum = 200_000)]
    pub rated_ml_100km: Option<i64>,
    /// 额定电耗, watt-hours in 100 km
    #[schema(minimum = 1, maximum = 500_000)]
    pub rated_wh_100km: Option<i64>,
    /// 行驶证
    pub has_licence: bool,
    /// 登记日期
    pub registered_on: Option<NaiveDate>,
    /// 交强险到期
    pub compulsory_until: Option<NaiveDate>,
    /// 商业险到期
    pub commercial_until: Option<NaiveDate>,
    /// 年检有效期至
    pub inspected_until: Option<NaiveDate>,
}

impl From<VehicleFacts> for Facts {
    fn from(of: VehicleFacts) -> Self {
        Self {
            plate: of.plate,
            vin: of.vin,
            engine_number: of.engine_number,
            quota: of.quota.into(),
            use_kind: of.use_kind.into(),
            energy: of.energy.into(),
            seats: of.seats,
            displacement_ml: of.displacement_ml,
            tank_ml: of.tank_ml,
            battery_wh: of.battery_wh,
            fuel_grade: of.fuel_grade,
            rated_ml_100km: of.rated_ml_100km,
            rated_wh_100km: of.rated_wh_100km,
            has_licence: of.has_licence,
            registered_on: of.registered_on,
            compulsory_until: of.compulsory_until,
            commercial_until: of.commercial_until,
            inspected_until: of.inspected_until,
        }
    }
}

impl From<Facts> for VehicleFacts {
    fn from(of: Facts) -> Self {
        Self {
            plate: of.plate,
            vin: of.vin,
            engine_number: of.engine_number,
            quota: of.quota.into(),
            use_kind: of.use_kind.into(),
            energy: of.energy.into(),
            seats: of.seats,
            displacement_ml: of.displacement_ml,
            tank_ml: of.tank_ml,
            battery_wh: of.battery_wh,
            fuel_grade: of.fuel_grade,
            rated_ml_100km: of.rated_ml_100km,
            rated_wh_100km: of.rated_wh_100km,
            has_licence: of.has_licence,
            registered_on: of.registered_on,
            compulsory_until: of.compulsory_until,
            commercial_until: of.commercial_until,
            inspected_until: of.inspected_until,
        }
    }
}

/// 公务用车
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VehicleView {
    /// Its item.
    pub item_id: Uuid,
    /// 资产编号
    pub item_number: String,
    /// 名称
    pub name: String,
    /// 规格型号
    pub specification: String,
    /// 使用单位
    pub unit_id: Uuid,
    /// 使用状况
    pub state: StateName,
    /// What the ledger knows.
    pub facts: VehicleFacts,
    /// What its odometer showed last.
    pub odometer_km: i64,
    /// When; nothing while nobody drove it.
    pub odometer_at: Option<i64>,
    /// Its version, for If-Match.
    pub version: i64,
}

impl From<Car> for VehicleView {
    fn from(car: Car) -> Self {
        Self {
            item_id: car.item.id.into(),
            item_number: car.item.item_number,
            name: car.item.name,
            specification: car.item.specification,
            unit_id: car.item.unit_id.into(),
            state: car.item.state.into(),
            facts: Facts::from_row(&car.vehicle).into(),
            odometer_km: car.vehicle.odometer_km,
            odometer_at: car.vehicle.odometer_at.map(|at| at.0),
            version: car.vehicle.version,
        }
    }
}

/// A licence.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DriverView {
    /// Whose.
    pub person_id: Uuid,
    /// 准驾车型
    pub licence_class: LicenceClassName,
    /// 有效期起
    pub valid_from: Option<NaiveDate>,
    /// 有效期止; nothing is 长期.
    pub valid_until: Option<NaiveDate>,
    /// Whether they may drive.
    pub active: bool,
    /// 备注
    pub note: String,
    /// Its version, for If-Match.
    pub version: i64,
}

impl From<driver::Model> for DriverView {
    fn from(row: driver::Model) -> Self {
        Self {
            person_id: row.person_id.into(),
            licence_class: row.licence_class.into(),
            valid_from: row.valid_from,
            valid_until: row.valid_until,
            active: row.active,
            note: row.note,
            version: row.version,
        }
    }
}

/// A reading of an odometer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReadingView {
    /// The day at whose end it was read.
    pub read_on: NaiveDate,
    /// What it showed.
    pub odometer_km: i64,
    /// What the old one showed, when it was replaced.
    pub old_km: Option<i64>,
    /// 备注
    pub note: String,
}

impl From<reading::Model> for ReadingView {
    fn from(row: reading::Model) -> Self {
        Self { read_on: row.read_on, odometer_km: row.odometer_km, old_km: row.old_km, note: row.note }
    }
}

/// 出车记录
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TripView {
    /// Its number.
    pub number: String,
    /// Why the car leaves.
    pub kind: TripKindName,
    /// Where it stands, with what its chain has said since.
    pub state: TripStateName,
    /// The car's item.
    pub item_id: Uuid,
    /// The unit.
    pub unit_id: Uuid,
    /// Out first, ratified after.
    pub urgent: bool,
    /// 用车事由
    pub purpose: String,
    /// 目的地
    pub destination: String,
    /// 随车人员
    pub passengers: String,
    /// When it was asked for.
    pub asked_at: i64,
    /// Who asked.
    pub asker_id: Option<Uuid>,
    /// What it asked the chain.
    pub approval_id: Option<Uuid>,
    /// Who said yes.
    pub approved_by: Option<Uuid>,
    /// 驾驶员
    pub driver_id: Option<Uuid>,
    /// The month of its departure.
    pub month: Option<String>,
    /// 出车时间
    pub departed_at: Option<i64>,
    /// 出车前里程
    pub departed_km: Option<i64>,
    /// What the odometer showed more than at the return before.
    pub gap_km: Option<i64>,
    /// 还车时间
    pub returned_at: Option<i64>,
    /// 还车里程
    pub returned_km: Option<i64>,
    /// Who checked it.
    pub checked_by: Option<Uuid>,
    /// What the command centre asked.
    pub question: String,
    /// What the unit said.
    pub explanation: String,
    /// Its version, for If-Match.
    pub version: i64,
}

impl From<Shown> for TripView {
    fn from(shown: Shown) -> Self {
        Self { state: shown.state.into(), ..shown.row.into() }
    }
}

impl From<trip::Model> for TripView {
    fn from(row: trip::Model) -> Self {
        Self {
            number: row.number,
            kind: row.kind.into(),
            state: row.state.into(),
            item_id: row.item_id.into(),
            unit_id: row.unit_id.into(),
            urgent: row.urgent,
            purpose: row.purpose,
            destination: row.destination,
            passengers: row.passengers,
            asked_at: row.asked_at.0,
            asker_id: row.asker_id.map(Into::into),
            approval_id: row.approval_id.map(Into::into),
            approved_by: row.approved_by.map(Into::into),
            driver_id: row.driver_id.map(Into::into),
            month: row.month,
            departed_at: row.departed_at.map(|at| at.0),
            departed_km: row.departed_km,
            gap_km: row.gap_km,
            returned_at: row.returned_at.map(|at| at.0),
            returned_km: row.returned_km,
            checked_by: row.checked_by.map(Into::into),
            question: row.question,
            explanation: row.explanation,
            version: row.version,
        }
    }
}

/// What is written down when a car leaves.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DepartureBody {
    /// 出车前里程
    #[schema(minimum = 0, maximum = 9_999_999)]
    pub km: i64,
    /// 驾驶员; whoever asks when absent.
    pub driver_id: Option<Uuid>,
    /// When, if not now.
    pub at: Option<i64>,
}

impl From<DepartureBody> for Departure {
    fn from(body: DepartureBody) -> Self {
        Self { km: body.km, driver: body.driver_id.map(PersonId), at: body.at.map(crate::kernel::Timestamp) }
    }
}

/// A unit's month.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MonthView {
    /// Whose.
    pub unit_id: Uuid,
    /// Trips that departed in it.
    pub trips: i64,
    /// How far they went, km.
    pub km: i64,
    /// Still out or not checked.
    pub unchecked: i64,
    /// That did not go on from the return before.
    pub gaps: i64,
    /// Out before a yes.
    pub urgent: i64,
    /// What was handed in.
    pub submission: Option<TripSubmissionView>,
}

impl From<MonthOf> for MonthView {
    fn from(of: MonthOf) -> Self {
        Self {
            unit_id: of.unit.into(),
            trips: of.count.trips,
            km: of.count.km,
            unchecked: of.count.unchecked,
            gaps: of.count.gaps,
            urgent: of.count.urgent,
            submission: of.submission.map(Into::into),
        }
    }
}

/// A month that was handed in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TripSubmissionView {
    /// Whose.
    pub unit_id: Uuid,
    /// `2026-10`
    pub month: String,
    /// Where it stands.
    pub state: TripSubmissionStateName,
    /// 次数
    pub trip_count: i64,
    /// 公里
    pub km: i64,
    /// After the day by which it was due.
    pub late: bool,
    /// 备注
    pub note: String,
    /// When it was handed in.
    pub submitted_at: i64,
    /// When it was accepted.
    pub accepted_at: Option<i64>,
    /// Its version, for If-Match.
    pub version: i64,
}

impl From<submission::Model> for TripSubmissionView {
    fn from(row: submission::Model) -> Self {
        Self {
            unit_id: row.unit_id.into(),
            month: row.month,
            state: row.state.into(),
            trip_count: row.trip_count,
            km: row.km,
            late: row.late,
            note: row.note,
            submitted_at: row.submitted_at.0,
            accepted_at: row.accepted_at.map(|at| at.0),
            version: row.version,
        }
    }
}

/// 送修单
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RepairView {
    /// Its number.
    pub number: String,
    /// 类别
    pub kind: RepairKindName,
    /// Where it stands.
    pub state: RepairStateName,
    /// The car's item.
    pub item_id: Uuid,
    /// The unit.
    pub unit_id: Uuid,
    /// The workshop.
    pub shop_id: Uuid,
    /// 故障、保养项目
    pub fault: String,
    /// 预算, fen
    pub budget_fen: i64,
    /// What it asked the chain.
    pub approval_id: Option<Uuid>,
    /// 送修时间
    pub sent_at: Option<i64>,
    /// 送修里程
    pub sent_km: Option<i64>,
    /// 取回时间
    pub returned_at: Option<i64>,
    /// 取回里程
    pub returned_km: Option<i64>,
    /// 工时费, fen
    pub labour_fen: Option<i64>,
    /// 费用合计, fen
    pub total_fen: Option<i64>,
    /// 发票号
    pub invoice: String,
    /// 旧件处理
    pub old_parts: String,
    /// 超预算原因
    pub over_reason: String,
    /// 验收人
    pub inspected_by: Option<Uuid>,
    /// Its version, for If-Match.
    pub version: i64,
}

impl From<ShownRepair> for RepairView {
    fn from(shown: ShownRepair) -> Self {
        Self { state: shown.state.into(), ..shown.row.into() }
    }
}

impl From<repair::Model> for RepairView {
    fn from(row: repair::Model) -> Self {
        Self {
            number: row.number,
            kind: row.kind.into(),
            state: row.state.into(),
            item_id: row.item_id.into(),
            unit_id: row.unit_id.into(),
            shop_id: row.shop_id,
            fault: row.fault,
            budget_fen: row.budget_fen.0,
            approval_id: row.approval_id.map(Into::into),
            sent_at: row.sent_at.map(|at| at.0),
            sent_km: row.sent_km,
            returned_at: row.returned_at.map(|at| at.0),
            returned_km: row.returned_km,
            labour_fen: row.labour_fen.map(|money| money.0),
            total_fen: row.total_fen.map(|money| money.0),
            invoice: row.invoice,
            old_parts: row.old_parts,
            over_reason: row.over_reason,
            inspected_by: row.inspected_by.map(Into::into),
            version: row.version,
        }
    }
}

/// A part that was replaced.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartView {
    /// 配件名称
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// 计量单位
    #[serde(default)]
    #[schema(max_length = 20)]
    pub measure_unit: String,
    /// 数量, thousandths
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub quantity_milli: i64,
    /// 单价, fen
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub unit_price_fen: i64,
}

impl From<part::Model> for PartView {
    fn from(row: part::Model) -> Self {
        Self {
            name: row.name,
            measure_unit: row.measure_unit,
            quantity_milli: row.quantity_milli,
            unit_price_fen: row.unit_price_fen.0,
        }
    }
}

impl From<PartView> for NewPart {
    fn from(of: PartView) -> Self {
        let unit_price = Fen(of.unit_price_fen);
        Self { name: of.name, measure_unit: of.measure_unit, quantity_milli: of.quantity_milli, unit_price }
    }
}

/// A repair with its parts.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RepairWithParts {
    /// The repair.
    #[serde(flatten)]
    pub repair: RepairView,
    /// Its parts, in order.
    pub parts: Vec<PartView>,
}

/// 加油卡
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FuelCardView {
    /// 卡号
    pub number: String,
    /// 主卡、副卡
    pub kind: FuelCardKindName,
    /// 发卡单位
    pub supplier: FuelSupplierName,
    /// Of a sub-card: its master.
    pub master_id: Option<Uuid>,
    /// The unit that has it.
    pub unit_id: Uuid,
    /// Where it stands.
    pub state: FuelCardStateName,
    /// Since when.
    pub state_on: NaiveDate,
    /// 单笔限额, fen
    pub fill_limit_fen: Option<i64>,
    /// 日限额, fen
    pub day_limit_fen: Option<i64>,
    /// 备注
    pub note: String,
    /// Its version, for If-Match.
    pub version: i64,
}

impl From<card::Model> for FuelCardView {
    fn from(row: card::Model) -> Self {
        Self {
            number: row.number,
            kind: row.kind.into(),
            supplier: row.supplier.into(),
            master_id: row.master_id,
            unit_id: row.unit_id.into(),
            state: row.state.into(),
            state_on: row.state_on,
            fill_limit_fen: row.fill_limit_fen.map(|money| money.0),
            day_limit_fen: row.day_limit_fen.map(|money| money.0),
            note: row.note,
            version: row.version,
        }
    }
}

/// The days on which a car held a card.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HoldingView {
    /// The car's item.
    pub item_id: Uuid,
    /// From this day.
    pub from_on: NaiveDate,
    /// Until this one, counted; nothing is until now.
    pub until_on: Option<NaiveDate>,
    /// Why.
    pub reason: String,
}

impl From<holding::Model> for HoldingView {
    fn from(row: holding::Model) -> Self {
        Self { item_id: row.item_id.into(), from_on: row.from_on, until_on: row.until_on, reason: row.reason }
    }
}

/// A card with who held it when.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FuelCardWithHoldings {
    /// The card.
    #[serde(flatten)]
    pub card: FuelCardView,
    /// Newest first.
    pub holdings: Vec<HoldingView>,
}

/// 定点维修厂
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShopView {
    /// Its id.
    pub id: Uuid,
    /// 名称
    pub name: String,
    /// 联系人
    pub contact: String,
    /// 电话
    pub phone: String,
    /// 地址
    pub address: String,
    /// 合同到期
    pub contract_until: Option<NaiveDate>,
    /// Whether cars may be sent there.
    pub active: bool,
    /// Its version, for If-Match.
    pub version: i64,
}

impl From<shop::Model> for ShopView {
    fn from(row: shop::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            contact: row.contact,
            phone: row.phone,
            address: row.address,
            contract_until: row.contract_until,
            active: row.active,
            version: row.version,
        }
    }
}
