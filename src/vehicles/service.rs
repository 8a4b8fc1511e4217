//! Cars enter the ledger, and what it knows of them changes. Each is one transaction with its entry.

use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
};
use serde::Serialize;
use serde_json::json;

use super::entity::vehicle;
use super::model::{self, Energy, PlateKind, Quota, UseKind};
use super::reminders;
use super::store::{self, Car};
use crate::access::{Action, permit, permit_somewhere};
use crate::db::saving::save;
use crate::db::{Db, DbError, Tx};
use crate::items::entity::item;
use crate::items::model::{ItemKind, ItemState};
use crate::items::service::{NewItem, register_many};
use crate::items::store as items;
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::text::{fault, key};
use crate::kernel::{Ctx, Timestamp};
use crate::org::units;
use crate::vehicles::VehicleError;

/// How asset classes of vehicles begin: GB/T 14885-2022 and the edition of 2010.
const VEHICLE_CLASSES: [&str; 2] = ["A0203", "203"];

/// What the ledger knows of a car.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facts {
    /// 车牌号
    pub plate: String,
    /// 车辆识别代号
    pub vin: String,
    /// 发动机号
    pub engine_number: String,
    /// 编制情况
    pub quota: Quota,
    /// 车辆用途
    pub use_kind: UseKind,
    /// 能源类型
    pub energy: Energy,
    /// 座位数
    pub seats: Option<i64>,
    /// 排气量, millilitres
    pub displacement_ml: Option<i64>,
    /// 油箱容量, millilitres
    pub tank_ml: Option<i64>,
    /// 电池容量, watt-hours
    pub battery_wh: Option<i64>,
    /// 燃油标号
    pub fuel_grade: String,
    /// 额定油耗, millilitres in 100 km
    pub rated_ml_100km: Option<i64>,
    /// 额定电耗, watt-hours in 100 km
    pub rated_wh_100km: Option<i64>,
    /// 行驶证
    pub has_licence: bool,
    /// 登记日期
    pub registered_on: Option<NaiveDate>,
    /// 交强险到期
    pub compulsory_until: Option<NaiveDate>,
    /// 商业险到期
    pub commercial_until: Option<NaiveDate>,
    /// 检验有效期至
    pub inspected_until: Option<NaiveDate>,
}

impl Facts {
    /// A petrol car of this plate of which nothing else is known.
    #[must_use]
    pub fn of(plate: &str) -> Self {
        Self {
            plate: plate.to_owned(),
            vin: String::new(),
            engine_number: String::new(),
            quota: Quota::InQuota,
            use_kind: UseKind::Enforcement,
            energy: Energy::Petrol,
            seats: None,
            displacement_ml: None,
            tank_ml: None,
            battery_wh: None,
            fuel_grade: String::new(),
            rated_ml_100km: None,
            rated_wh_100km: None,
            has_licence: true,
            registered_on: None,
            compulsory_until: None,
            commercial_until: None,
            inspected_until: None,
        }
    }

    /// The facts of a car as it stands.
    #[must_use]
    pub fn from_row(row: &vehicle::Model) -> Self {
        Self {
            plate: row.plate.clone(),
            vin: row.vin.clone(),
            engine_number: row.engine_number.clone(),
            quota: row.quota,
            use_kind: row.use_kind,
            energy: row.energy,
            seats: row.seats,
            displacement_ml: row.displacement_ml,
            tank_ml: row.tank_ml,
            battery_wh: row.battery_wh,
            fuel_grade: row.fuel_grade.clone(),
            rated_ml_100km: row.rated_ml_100km,
            rated_wh_100km: row.rated_wh_100km,
            has_licence: row.has_licence,
            registered_on: row.registered_on,
            compulsory_until: row.compulsory_until,
            commercial_until: row.commercial_until,
            inspected_until: row.inspected_until,
        }
    }

    /// The facts as they are written, or which of them cannot be.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn checked(&self) -> Result<Self, VehicleError> {
        let kind = model::plate_kind(&self.plate).map_err(|reason| VehicleError::field("plate", reason))?;
        if kind == PlateKind::NewEnergy && !matches!(self.energy, Energy::Electric | Energy::Hybrid) {
            let reason = format!("新能源号牌的车不是{}车，请核对", self.energy.zh());
            return Err(VehicleError::field("energy", reason));
        }
        let vin = model::vin(&self.vin).map_err(|reason| VehicleError::field("vin", reason))?;
        let grade = model::fuel_grade(self.energy, &self.fuel_grade);
        let fuel_grade = grade.map_err(|reason| VehicleError::field("fuel_grade", reason))?;
        if let Some(reason) = fault(&self.engine_number, 60) {
            return Err(VehicleError::field("engine_number", reason));
        }
        let burns = self.energy.burns();
        for (field, value, most, of_its_kind) in [
            ("seats", self.seats, 100, true),
            ("displacement_ml", self.displacement_ml, 30_000, burns),
            ("tank_ml", self.tank_ml, 2_000_000, burns),
            ("battery_wh", self.battery_wh, 2_000_000, self.energy != Energy::Petrol && self.energy != Energy::Diesel),
            ("rated_ml_100km", self.rated_ml_100km, 200_000, burns),
            ("rated_wh_100km", self.rated_wh_100km, 500_000, self.energy == Energy::Electric),
        ] {
            if value.is_some_and(|value| !(1..=most).contains(&value)) {
                return Err(VehicleError::field(field, "数值超出范围，请核对单位"));
            }
            if value.is_some() && !of_its_kind {
                return Err(VehicleError::field(field, format!("{}车没有这一项", self.energy.zh())));
            }
        }
        let plate = model::plate_key(&self.plate);
        Ok(Self { plate, vin, fuel_grade, engine_number: key(&self.engine_number).into_owned(), ..self.clone() })
    }

    fn onto(self, row: vehicle::Model) -> vehicle::Model {
        vehicle::Model {
            plate_key: model::plate_key(&self.plate),
            plate: self.plate,
            vin_key: Some(self.vin.clone()).filter(|vin| !vin.is_empty()),
            vin: self.vin,
            engine_number: self.engine_number,
            quota: self.quota,
            use_kind: self.use_kind,
            energy: self.energy,
            seats: self.seats,
            displacement_ml: self.displacement_ml,
            tank_ml: self.tank_ml,
            battery_wh: self.battery_wh,
            fuel_grade: self.fuel_grade,
            rated_ml_100km: self.rated_ml_100km,
            rated_wh_100km: self.rated_wh_100km,
            has_licence: self.has_licence,
            registered_on: self.registered_on,
            compulsory_until: self.compulsory_until,
            commercial_until: self.commercial_until,
            inspected_until: self.inspected_until,
            ..row
        }
    }
}

/// A car as it enters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVehicle {
    /// The thing; its number may stand in the book already, as an asset of the class of vehicles or as a vehicle.
    pub item: NewItem,
    /// What the ledger is to know.
    pub facts: Facts,
    /// What its odometer shows.
    pub odometer_km: i64,
}

/// Enters a car: its item, where the book does not have it yet, and what the ledger knows.
///
/// # Errors
/// When it is not theirs to do, a fact is wrong, plate or chassis number are another car's, or the database refuses.
pub async fn register(db: &Db, ctx: &Ctx, new: &NewVehicle) -> Result<Car, VehicleError> {
    permit_somewhere(ctx, Action::VehiclesWrite)?;
    db.write(async |tx| {
        let mut rows = RowsDigest::new(ctx);
        let car = register_in(tx, ctx, new, None, &mut rows).await?;
        let payload = json!({ "item_number": car.item.item_number, "facts": Facts::from_row(&car.vehicle) });
        record(tx, ctx, "vehicles.register", &car, payload, rows).await?;
        Ok(car)
    })
    .await
}

/// As [`register`], in the caller's transaction, who writes the entry with `rows`; of a batch where it came by one.
///
/// # Errors
/// As [`register`].
pub async fn register_in(
    tx: &Tx,
    ctx: &Ctx,
    new: &NewVehicle,
    batch: Option<crate::kernel::ids::BatchId>,
    rows: &mut RowsDigest,
) -> Result<Car, VehicleError> {
    permit(ctx, Action::VehiclesWrite, Some(new.item.unit_id))?;
    let facts = new.facts.checked()?;
    odometer("odometer_km", new.odometer_km)?;
    let (item, fresh) = match items::by_number(tx, &new.item.item_number).await? {
        Some(item) => (adopted(ctx, item)?, false),
        None => {
            new.item.check()?;
            units::open(tx, new.item.unit_id, "unit_id").await?;
            let thing = NewItem { kind: ItemKind::Vehicle, ..new.item.clone() };
            let ids = register_many(tx, ctx, vec![thing], batch, ctx.now(), rows).await?;
            let found = match ids.first() {
                Some(id) => items::by_id(tx, *id).await?,
                None => None,
            };
            (found.ok_or(VehicleError::NotFound("这辆车"))?, true)
        }
    };
    let before = vehicle::Entity::find_by_id(item.id).one(tx).await?;
    if before.is_some() && !fresh {
        return Err(VehicleError::field("item_number", format!("“{}”已在车辆台账", item.item_number)));
    }
    free_of_withdrawn(tx, &facts, item.id, rows).await?;
    not_taken(tx, &facts, item.id).await?;
    let blank = blank(item.id, new.odometer_km);
    // A car whose import was undone and that comes again has its row already.
    let vehicle = match before {
        Some(before) => {
            let row = facts.onto(vehicle::Model { odometer_km: new.odometer_km, ..before });
            save!(tx, vehicle, item_id, ItemId, row)
        }
        None => {
            let row = facts.onto(blank);
            row.clone().into_active_model().insert(tx).await?;
            row
        }
    };
    rows.add(&vehicle);
    Ok(Car { item, vehicle })
}

fn blank(item_id: crate::kernel::ids::ItemId, odometer_km: i64) -> vehicle::Model {
    vehicle::Model {
        item_id,
        plate: String::new(),
        plate_key: String::new(),
        vin: String::new(),
        vin_key: None,
        engine_number: String::new(),
        quota: Quota::Unset,
        use_kind: UseKind::Other,
        energy: Energy::Petrol,
        seats: None,
        displacement_ml: None,
        tank_ml: None,
        battery_wh: None,
        fuel_grade: String::new(),
        rated_ml_100km: None,
        rated_wh_100km: None,
        has_licence: false,
        registered_on: None,
        compulsory_until: None,
        commercial_until: None,
        inspected_until: None,
        odometer_km,
        odometer_at: None,
        version: 1,
    }
}

/// A thing that is in the book already and is a car.
fn adopted(ctx: &Ctx, item: item::Model) -> Result<item::Model, VehicleError> {
    let wrong = |reason: String| Err(VehicleError::field("item_number", reason));
    permit(ctx, Action::VehiclesWrite, Some(item.unit_id))?;
    let is_car = match item.kind {
        ItemKind::Vehicle => true,
        ItemKind::FixedAsset => VEHICLE_CLASSES.iter().any(|class| item.class_code.starts_with(class)),
        _ => false,
    };
    if !is_car {
        return wrong(format!("“{}”在账上不是车辆（分类 {}）", item.item_number, item.class_code));
    }
    if item.state.is_gone() {
        return wrong(format!("“{}”{}，已不在账", item.item_number, item.state.zh()));
    }
    Ok(item)
}

/// A car whose import was undone never was in the book: its plate and chassis number are free for another number. Its row
/// stays, under a plate that no car can have.
async fn free_of_withdrawn(
    tx: &Tx,
    facts: &Facts,
    own: crate::kernel::ids::ItemId,
    rows: &mut RowsDigest,
) -> Result<(), VehicleError> {
    use vehicle::Column as V;
    let same = Condition::any().add(V::PlateKey.eq(model::plate_key(&facts.plate)));
    let same = if facts.vin.is_empty() { same } else { same.add(V::VinKey.eq(&facts.vin)) };
    for held in vehicle::Entity::find().filter(same).filter(V::ItemId.ne(own)).all(tx).await? {
        let thing = items::by_id(tx, held.item_id).await?;
        if thing.is_some_and(|thing| thing.state == ItemState::Withdrawn) {
            let plate_key = format!("withdrawn {}", held.item_id);
            let row = save!(tx, vehicle, item_id, ItemId, vehicle::Model { plate_key, vin_key: None, ..held });
            rows.add(&row);
        }
    }
    Ok(())
}

/// Plate and chassis number are no other car's.
async fn not_taken(tx: &Tx, facts: &Facts, own: crate::kernel::ids::ItemId) -> Result<(), VehicleError> {
    let others = || vehicle::Entity::find().filter(vehicle::Column::ItemId.ne(own));
    if others().filter(vehicle::Column::PlateKey.eq(model::plate_key(&facts.plate))).one(tx).await?.is_some() {
        return Err(VehicleError::field("plate", format!("车牌号“{}”已登记", facts.plate)));
    }
    if facts.vin.is_empty() {
        return Ok(());
    }
    match others().filter(vehicle::Column::VinKey.eq(&facts.vin)).one(tx).await? {
        None => Ok(()),
        Some(other) => Err(VehicleError::field("vin", format!("此车辆识别代号已登记在 {} 名下", other.plate))),
    }
}

/// A number that an odometer can show.
pub(super) fn odometer(field: &'static str, km: i64) -> Result<(), VehicleError> {
    if (0..=9_999_999).contains(&km) {
        return Ok(());
    }
    Err(VehicleError::field(field, "里程应为 0 至 9,999,999 的整数公里"))
}

/// Changes what the ledger knows of a car; a date that was renewed settles the reminder of it.
///
/// # Errors
/// When it is not theirs to do, a fact is wrong, nothing would change, no reason is given, or somebody changed it first.
pub async fn change(
    db: &Db,
    ctx: &Ctx,
    plate: &str,
    version: Option<i64>,
    facts: &Facts,
    reason: &str,
) -> Result<Car, VehicleError> {
    permit_somewhere(ctx, Action::VehiclesWrite)?;
    let reason = words("reason", reason, "变更的原因")?;
    let facts = facts.checked()?;
    db.write(async |tx| {
        let car = store::car(tx, ctx, plate).await?;
        permit(ctx, Action::VehiclesWrite, Some(car.item.unit_id))?;
        if version.is_some_and(|seen| seen != car.vehicle.version) {
            return Err(DbError::Stale.into());
        }
        let before = Facts::from_row(&car.vehicle);
        if before == facts {
            return Err(VehicleError::Conflict("没有要变更的内容".to_owned()));
        }
        not_taken(tx, &facts, car.item.id).await?;
        let papers = car.vehicle.papers();
        let row = save!(tx, vehicle, item_id, ItemId, facts.clone().onto(car.vehicle.clone()));
        let mut rows = RowsDigest::new(ctx).with(&row);
        reminders::renewed(tx, ctx, &car, papers, row.papers(), &mut rows).await?;
        let car = Car { vehicle: row, ..car };
        let payload = json!({ "before": before, "after": facts, "reason": reason });
        record(tx, ctx, "vehicles.change", &car, payload, rows).await?;
        Ok(car)
    })
    .await
}

/// What an odometer showed last, and when, written on the car.
pub(super) async fn drove(
    tx: &Tx,
    car: vehicle::Model,
    km: i64,
    at: Timestamp,
    rows: &mut RowsDigest,
) -> Result<vehicle::Model, VehicleError> {
    let row = save!(tx, vehicle, item_id, ItemId, vehicle::Model { odometer_km: km, odometer_at: Some(at), ..car });
    rows.add(&row);
    Ok(row)
}

/// A text that must say something.
pub(super) fn words(field: &'static str, text: &str, what: &str) -> Result<String, VehicleError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(VehicleError::field(field, format!("请写明{what}")));
    }
    line(field, text, 500)
}

/// A text that may be blank.
pub(super) fn line(field: &'static str, text: &str, most: usize) -> Result<String, VehicleError> {
    match fault(text.trim(), most) {
        Some(reason) => Err(VehicleError::field(field, reason)),
        None => Ok(text.trim().to_owned()),
    }
}

/// Writes the entry of a deed on a car.
pub(super) async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    car: &Car,
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<(), VehicleError> {
    let entry = Entry { action, subject: car.vehicle.plate.clone(), unit: Some(car.item.unit_id), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}
