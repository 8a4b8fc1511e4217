//! Asset cards as programs read and write them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::assets::card::entity::card;
use crate::assets::card::kinds::{
    Acquisition, Booking, Depreciation, Form, Purchase, Purpose, Quota, Structure, Usage, Valuation, VehicleUse,
};
use crate::assets::card::service::Edit;
use crate::assets::depreciation::Standing;
use crate::assets::net_values::reckon::Reckoned;
use crate::items::correcting::Facts;
use crate::items::entity::item;
use crate::kernel::Fen;
use crate::kernel::ids::UnitId;
use crate::web::api::jobs::names;

names! {
    /// Which card a thing has.
    CardFormName of Form { General, Special, Vehicle, Building, Structure, Furniture, Land, Other, }
    /// 采购组织形式
    PurchaseName of Purchase { Central, Department, Dispersed, Other, }
    /// 取得方式
    AcquisitionName of Acquisition { Purchase, Transfer, Donation, SelfBuilt, Exchange, Surplus, Other, }
    /// 财务入账状态
    BookingName of Booking { Booked, Unbooked, }
    /// 价值类型
    ValuationName of Valuation { Original, Estimated, Appraised, Replacement, Nominal, }
    /// 使用状况, as the card has it
    UsageName of Usage { OwnUse, Idle, Rented, Lent, PendingDisposal, Other, }
    /// 设备用途
    PurposeName of Purpose { Office, Enforcement, Window, Special, Training, Other, }
    /// 折旧状态
    DepreciationName of Depreciation { Depreciating, NotDepreciated, Finished, }
    /// 建筑结构
    StructureName of Structure { Concrete, Brick, Simple, }
    /// 编制情况
    QuotaName of Quota { InQuota, OutOfQuota, Unset, }
    /// 车辆用途
    VehicleUseName of VehicleUse { Confidential, Emergency, Enforcement, Special, Other, }
    /// How a thing stands with its depreciation on a day.
    StandingName of Standing { Depreciating, Finished, NotDepreciated, Unknown, }
}

/// Everything that the card says.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardFields {
    /// 卡片种类; by the class when absent.
    pub form: Option<CardFormName>,
    /// 采购组织形式
    pub purchase_organisation: Option<PurchaseName>,
    /// 预算项目编号
    #[serde(default)]
    #[schema(max_length = 200)]
    pub budget_project: String,
    /// 取得方式
    pub acquisition: Option<AcquisitionName>,
    /// 生产厂家
    #[serde(default)]
    #[schema(max_length = 200)]
    pub manufacturer: String,
    /// 销售商
    #[serde(default)]
    #[schema(max_length = 200)]
    pub supplier: String,
    /// 合同编号
    #[serde(default)]
    #[schema(max_length = 200)]
    pub contract_number: String,
    /// 发票号
    #[serde(default)]
    #[schema(max_length = 200)]
    pub invoice_number: String,
    /// 保修截止日期
    pub warranty_until: Option<NaiveDate>,
    /// 财政拨款, fen.
    #[schema(minimum = 0)]
    pub fiscal_fen: i64,
    /// 非财政拨款, fen. The two make up the value.
    #[schema(minimum = 0)]
    pub non_fiscal_fen: i64,
    /// 财务入账状态
    pub booking: Option<BookingName>,
    /// 财务入账日期
    pub booked_on: Option<NaiveDate>,
    /// 会计凭证号
    #[serde(default)]
    #[schema(max_length = 200)]
    pub voucher: String,
    /// 价值类型
    pub valuation: Option<ValuationName>,
    /// 入账科目
    #[serde(default)]
    #[schema(max_length = 200)]
    pub account_subject: String,
    /// 使用状况
    pub usage: Option<UsageName>,
    /// 投入使用日期
    pub in_service_on: Option<NaiveDate>,
    /// 管理部门
    pub managing_unit_id: Option<Uuid>,
    /// 设备用途
    pub purpose: Option<PurposeName>,
    /// 折旧状态
    pub depreciation: Option<DepreciationName>,
    /// 折旧年限; its class's when absent.
    #[schema(minimum = 1, maximum = 100)]
    pub life_years: Option<i64>,
    /// 维修费用合计, fen.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub repair_cost_fen: i64,
    /// 是否在建工程转入
    #[serde(default)]
    pub from_construction: bool,
    /// 自定义编号
    #[serde(default)]
    #[schema(max_length = 200)]
    pub custom_number: String,
    /// 备注
    #[serde(default)]
    #[schema(max_length = 500)]
    pub remark: String,
    /// 面积, hundredths of a square metre.
    #[schema(minimum = 1, maximum = 2000000000)]
    pub area_centi: Option<i64>,
    /// 坐落位置
    #[serde(default)]
    #[schema(max_length = 200)]
    pub location: String,
    /// 建筑结构
    pub structure: Option<StructureName>,
    /// 权属证号
    #[serde(default)]
    #[schema(max_length = 200)]
    pub title_certificate: String,
    /// 材质
    #[serde(default)]
    #[schema(max_length = 200)]
    pub material: String,
    /// 车辆识别号
    #[serde(default)]
    #[schema(max_length = 200)]
    pub vin: String,
    /// 车牌号
    #[serde(default)]
    #[schema(max_length = 200)]
    pub plate: String,
    /// 车辆产地
    #[serde(default)]
    #[schema(max_length = 200)]
    pub origin: String,
    /// 排气量, millilitres.
    #[schema(minimum = 0, maximum = 100000)]
    pub displacement_ml: Option<i64>,
    /// 发动机号
    #[serde(default)]
    #[schema(max_length = 200)]
    pub engine_number: String,
    /// 行驶证
    pub has_licence: Option<bool>,
    /// 编制情况
    pub quota: Option<QuotaName>,
    /// 累计行驶里程, kilometres.
    #[schema(minimum = 0, maximum = 10000000)]
    pub mileage_km: Option<i64>,
    /// 车辆用途
    pub vehicle_use: Option<VehicleUseName>,
    /// 持证人
    #[serde(default)]
    #[schema(max_length = 200)]
    pub licence_holder: String,
    /// 登记日期
    pub registered_on: Option<NaiveDate>,
    /// 座位数
    #[schema(minimum = 1, maximum = 100)]
    pub seats: Option<i64>,
}

impl From<card::Model> for CardFields {
    fn from(row: card::Model) -> Self {
        Self {
            form: Some(row.form.into()),
            purchase_organisation: row.purchase_organisation.map(Into::into),
            budget_project: row.budget_project,
            acquisition: row.acquisition.map(Into::into),
            manufacturer: row.manufacturer,
            supplier: row.supplier,
            contract_number: row.contract_number,
            invoice_number: row.invoice_number,
            warranty_until: row.warranty_until,
            fiscal_fen: row.fiscal_fen.0,
            non_fiscal_fen: row.non_fiscal_fen.0,
            booking: Some(row.booking.into()),
            booked_on: row.booked_on,
            voucher: row.voucher,
            valuation: Some(row.valuation.into()),
            account_subject: row.account_subject,
            usage: row.usage.map(Into::into),
            in_service_on: row.in_service_on,
            managing_unit_id: row.managing_unit_id.map(Into::into),
            purpose: row.purpose.map(Into::into),
            depreciation: Some(row.depreciation.into()),
            life_years: row.life_years,
            repair_cost_fen: row.repair_cost_fen.0,
            from_construction: row.from_construction,
            custom_number: row.custom_number,
            remark: row.remark,
            area_centi: row.area_centi,
            location: row.location,
            structure: row.structure.map(Into::into),
            title_certificate: row.title_certificate,
            material: row.material,
            vin: row.vin,
            plate: row.plate,
            origin: row.origin,
            displacement_ml: row.displacement_ml,
            engine_number: row.engine_number,
            has_licence: row.has_licence,
            quota: row.quota.map(Into::into),
            mileage_km: row.mileage_km,
            vehicle_use: row.vehicle_use.map(Into::into),
            licence_holder: row.licence_holder,
            registered_on: row.registered_on,
            seats: row.seats,
        }
    }
}

impl CardFields {
    fn on(self, blank: card::Model) -> card::Model {
        let body = self;
        card::Model {
            form: body.form.map_or(blank.form, Into::into),
            purchase_organisation: body.purchase_organisation.map(Into::into),
            budget_project: body.budget_project.trim().to_owned(),
            acquisition: body.acquisition.map(Into::into),
            manufacturer: body.manufacturer.trim().to_owned(),
            supplier: body.supplier.trim().to_owned(),
            contract_number: body.contract_number.trim().to_owned(),
            invoice_number: body.invoice_number.trim().to_owned(),
            warranty_until: body.warranty_until,
            fiscal_fen: Fen(body.fiscal_fen),
            non_fiscal_fen: Fen(body.non_fiscal_fen),
            booking: body.booking.map_or(blank.booking, Into::into),
            booked_on: body.booked_on,
            voucher: body.voucher.trim().to_owned(),
            valuation: body.valuation.map_or(blank.valuation, Into::into),
            account_subject: body.account_subject.trim().to_owned(),
            usage: body.usage.map(Into::into),
            in_service_on: body.in_service_on,
            managing_unit_id: body.managing_unit_id.map(UnitId),
            purpose: body.purpose.map(Into::into),
            depreciation: body.depreciation.map_or(blank.depreciation, Into::into),
            life_years: body.life_years,
            repair_cost_fen: Fen(body.repair_cost_fen),
            from_construction: body.from_construction,
            custom_number: body.custom_number.trim().to_owned(),
            remark: body.remark.trim().to_owned(),
            area_centi: body.area_centi,
            location: body.location.trim().to_owned(),
            structure: body.structure.map(Into::into),
            title_certificate: body.title_certificate.trim().to_owned(),
            material: body.material.trim().to_owned(),
            vin: body.vin.trim().to_owned(),
            plate: body.plate.trim().to_owned(),
            origin: body.origin.trim().to_owned(),
            displacement_ml: body.displacement_ml,
            engine_number: body.engine_number.trim().to_owned(),
            has_licence: body.has_licence,
            quota: body.quota.map(Into::into),
            mileage_km: body.mileage_km,
            vehicle_use: body.vehicle_use.map(Into::into),
            licence_holder: body.licence_holder.trim().to_owned(),
            registered_on: body.registered_on,
            seats: body.seats,
            ..blank
        }
    }
}

/// What the book has of the thing that the card shows.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CardItem {
    /// 资产编号
    pub item_number: String,
    /// 资产名称
    pub name: String,
    /// 规格型号
    pub specification: String,
    /// 机身序列号
    pub serial_number: String,
    /// 品牌
    pub brand: String,
    /// 计量单位
    pub measure_unit: String,
    /// 资产分类代码
    pub class_code: String,
    /// 资产分类名称
    pub class_name: String,
    /// 数量
    pub quantity: i64,
    /// 价值, fen.
    pub value_fen: i64,
    /// 取得日期
    pub acquired_on: Option<NaiveDate>,
    /// 使用部门
    pub unit_id: Uuid,
    /// 存放地点
    pub place_id: Option<Uuid>,
    /// 使用人
    pub keeper_id: Option<Uuid>,
}

/// What a thing is worth on a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WorthView {
    /// The day.
    pub on: NaiveDate,
    /// 原值, fen.
    pub value_fen: i64,
    /// 累计折旧, fen.
    pub accumulated_fen: i64,
    /// 净值, fen.
    pub net_fen: i64,
    /// What the month of the day takes, fen.
    pub monthly_fen: i64,
    /// How it stands.
    pub standing: StandingName,
    /// How long it is used in all, months; absent when it is not depreciated.
    pub life_months: Option<i32>,
    /// The first day of the last month that takes something.
    pub last_month: Option<NaiveDate>,
    /// On what the life of its class rests.
    pub source: String,
}

impl WorthView {
    /// As reckoned.
    pub fn new(on: NaiveDate, reckoned: &Reckoned) -> Self {
        let worth = reckoned.worth;
        Self {
            on,
            value_fen: worth.value.0,
            accumulated_fen: worth.accumulated.0,
            net_fen: worth.net().0,
            monthly_fen: reckoned.monthly.0,
            standing: worth.standing.into(),
            life_months: reckoned.months,
            last_month: reckoned.last.and_then(|month| month.first_day()),
            source: reckoned.source.clone(),
        }
    }
}

/// Something that the filling standard asks for and the card lacks.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GapView {
    /// The field.
    pub field: String,
    /// What people call it.
    pub name: String,
}

/// 资产卡片
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CardView {
    /// The thing.
    pub item: CardItem,
    /// The card.
    pub card: CardFields,
    /// The code of GB/T 14885-2010 that its class came from; blank when it did not.
    pub old_class_code: String,
    /// What is still to be filled in.
    pub gaps: Vec<GapView>,
    /// What it is worth.
    pub worth: WorthView,
    /// Its version, for If-Match; 0 while nobody has filled it in.
    pub version: i64,
}

impl CardView {
    /// The card of a thing.
    pub fn new(thing: item::Model, card: card::Model, worth: WorthView) -> Self {
        let gaps = card.gaps(&thing).into_iter();
        let gaps = gaps.map(|(field, name)| GapView { field: field.to_owned(), name: name.to_owned() }).collect();
        let item = CardItem {
            item_number: thing.item_number,
            name: thing.name,
            specification: thing.specification,
            serial_number: thing.serial_number,
            brand: thing.brand,
            measure_unit: thing.measure_unit,
            class_code: thing.class_code,
            class_name: thing.class_name,
            quantity: thing.quantity.0,
            value_fen: thing.value_fen.0,
            acquired_on: thing.acquired_on,
            unit_id: thing.unit_id.into(),
            place_id: thing.place_id.map(Into::into),
            keeper_id: thing.keeper_id.map(Into::into),
        };
        let (version, old_class_code) = (card.version, card.old_class_code.clone());
        Self { item, card: card.into(), old_class_code, gaps, worth, version }
    }
}

/// What the book is to say of the thing; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CardItemBody {
    /// 资产名称
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// 规格型号
    #[schema(max_length = 200)]
    pub specification: Option<String>,
    /// 机身序列号
    #[schema(max_length = 200)]
    pub serial_number: Option<String>,
    /// 品牌
    #[schema(max_length = 200)]
    pub brand: Option<String>,
    /// 计量单位
    #[schema(max_length = 20)]
    pub measure_unit: Option<String>,
    /// 资产分类代码, of either edition of the standard.
    #[schema(max_length = 64)]
    pub class_code: Option<String>,
    /// 资产分类名称; the standard's when absent.
    #[schema(max_length = 200)]
    pub class_name: Option<String>,
    /// 价值, fen.
    #[schema(minimum = 0)]
    pub value_fen: Option<i64>,
    /// 取得日期
    pub acquired_on: Option<NaiveDate>,
}

/// A card as it is to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardBody {
    /// The whole card: what is absent is empty.
    pub card: CardFields,
    /// What the book is to say of the thing.
    #[serde(default)]
    pub item: CardItemBody,
    /// From the month of this day on another value or life holds; absent: it was an error, and holds from the beginning.
    pub from: Option<NaiveDate>,
    /// Why.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

impl CardBody {
    /// What is to be written of a thing whose card is `before`.
    pub fn on(self, before: card::Model) -> Edit {
        let body = self.item;
        let facts = Facts {
            name: body.name,
            specification: body.specification,
            serial_number: body.serial_number,
            brand: body.brand,
            measure_unit: body.measure_unit,
            acquired_on: body.acquired_on.map(Some),
            class_code: body.class_code,
            class_name: body.class_name,
            value_fen: body.value_fen.map(Fen),
        };
        Edit { card: self.card.on(before), facts, from: self.from, reason: self.reason }
    }
}
