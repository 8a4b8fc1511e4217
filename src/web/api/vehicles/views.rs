//! Cars, drivers, workshops and cards as programs read and write them. Times are milliseconds since 1970 UTC, money is fen.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::vehicles::cards::entity::{card, holding};
use crate::vehicles::cards::model::{CardKind, CardState, Supplier};
use crate::vehicles::entity::{driver, reading};
use crate::vehicles::model::{Energy, LicenceClass, Quota, UseKind};
use crate::vehicles::service::Facts;
use crate::vehicles::shops::entity::shop;
use crate::vehicles::store::Car;
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
