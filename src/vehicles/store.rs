//! Cars and drivers within reach. They take any connection and decide nothing.

use chrono::NaiveDate;
use hashbrown::HashMap;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::{driver, reading, vehicle};
use super::model::plate_key;
use crate::access::{Action, reach};
use crate::db::order::{self, Order};
use crate::db::{DbError, bulk::CHUNK_ROWS};
use crate::items::entity::item;
use crate::items::labels::{self, Resolved, Subject};
use crate::items::model::ItemState;
use crate::items::store as items;
use crate::kernel::Ctx;
use crate::kernel::ids::{ItemId, PersonId, UnitId};
use crate::vehicles::VehicleError;

/// A car: its item and what this ledger knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Car {
    /// The thing of the book.
    pub item: item::Model,
    /// What the ledger knows.
    pub vehicle: vehicle::Model,
}

/// Which cars.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of this unit only.
    pub unit: Option<UnitId>,
    /// In this state only; without it, those that are on the book.
    pub state: Option<ItemState>,
    /// Whose plate, number or name has this.
    pub text: String,
    /// Only those of which insurance or inspection lapses by this day.
    pub due_by: Option<NaiveDate>,
    /// Plates after this one, as compared.
    pub after: Option<String>,
}

/// The car with this item.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_id(db: &impl ConnectionTrait, id: ItemId) -> Result<Option<Car>, DbError> {
    let Some(vehicle) = vehicle::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    Ok(items::by_id(db, id).await?.map(|item| Car { item, vehicle }))
}

/// Cars by item, in no order.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_ids(db: &impl ConnectionTrait, ids: &[ItemId]) -> Result<HashMap<ItemId, Car>, DbError> {
    let mut things = items::by_ids(db, ids).await?;
    let mut found = HashMap::new();
    for chunk in ids.chunks(CHUNK_ROWS) {
        let rows = vehicle::Entity::find().filter(vehicle::Column::ItemId.is_in(chunk.iter().copied()));
        for vehicle in rows.all(db).await? {
            if let Some(item) = things.remove(&vehicle.item_id) {
                found.insert(vehicle.item_id, Car { item, vehicle });
            }
        }
    }
    Ok(found)
}

/// The car of this plate, number or label, whoever asks.
///
/// # Errors
/// When the database cannot be read.
pub async fn named(db: &impl ConnectionTrait, text: &str) -> Result<Option<Car>, VehicleError> {
    if text.contains('\0') || text.trim().is_empty() {
        return Ok(None);
    }
    let by_plate = vehicle::Entity::find().filter(vehicle::Column::PlateKey.eq(plate_key(text)));
    if let Some(vehicle) = by_plate.one(db).await? {
        return Ok(items::by_id(db, vehicle.item_id).await?.map(|item| Car { item, vehicle }));
    }
    let id = match labels::resolve(db, text).await? {
        Resolved::Current(Subject::Item(id)) | Resolved::Superseded(Subject::Item(id)) | Resolved::Number(id) => id,
        _ => return Ok(None),
    };
    Ok(by_id(db, id).await?)
}

/// The car of this plate, number or label that `ctx` may see.
///
/// # Errors
/// [`VehicleError::NotFound`] when there is none, or it is out of scope.
pub async fn car(db: &impl ConnectionTrait, ctx: &Ctx, text: &str) -> Result<Car, VehicleError> {
    let found = named(db, text).await?.filter(|car| car.item.state != ItemState::Withdrawn);
    let seen = reach(ctx, Action::VehiclesRead);
    found.filter(|car| seen.covers(Some(car.item.unit_id))).ok_or(VehicleError::NotFound("这辆车"))
}

fn condition(ctx: &Ctx, wanted: &Wanted) -> Condition {
    use item::Column as I;
    use vehicle::Column as V;
    let mut all = Condition::all();
    if let Some(units) = reach(ctx, Action::VehiclesRead).units() {
        all = all.add(I::UnitId.is_in(units));
    }
    if let Some(unit) = wanted.unit {
        all = all.add(I::UnitId.eq(unit));
    }
    all = match wanted.state {
        Some(state) => all.add(I::State.eq(state)),
        None => all.add(I::State.is_not_in([ItemState::Disposed, ItemState::WrittenOff, ItemState::Withdrawn])),
    };
    let text = wanted.text.trim().replace('\0', "");
    if !text.is_empty() {
        let mut any = Condition::any().add(I::Name.contains(&text)).add(I::Specification.contains(&text));
        any = any.add(I::NumberKey.contains(crate::kernel::text::key(&text).as_ref()));
        if !plate_key(&text).is_empty() {
            any = any.add(V::PlateKey.contains(plate_key(&text)));
        }
        all = all.add(any);
    }
    if let Some(day) = wanted.due_by {
        let dates = [V::CompulsoryUntil, V::CommercialUntil, V::InspectedUntil];
        all = all.add(dates.iter().fold(Condition::any(), |any, date| any.add(date.lte(day))));
    }
    if let Some(after) = &wanted.after {
        all = all.add(V::PlateKey.gt(after));
    }
    all
}

/// Cars that `ctx` may see, by plate.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &impl ConnectionTrait, ctx: &Ctx, wanted: &Wanted, limit: u64) -> Result<Vec<Car>, DbError> {
    let all = vehicle::Entity::find().join(sea_orm::JoinType::InnerJoin, of_item()).filter(condition(ctx, wanted));
    cars(db, all.order_by_asc(vehicle::Column::PlateKey).limit(limit).all(db).await?).await
}

/// The same cars in another order; the order says where the page begins.
///
/// # Errors
/// When the database cannot be read.
pub async fn sorted(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    wanted: &Wanted,
    order: &Order<vehicle::Column>,
    limit: u64,
) -> Result<Vec<Car>, DbError> {
    let wanted = Wanted { after: None, ..wanted.clone() };
    let all = vehicle::Entity::find().join(sea_orm::JoinType::InnerJoin, of_item()).filter(condition(ctx, &wanted));
    cars(db, order::sorted(all, order).limit(limit).all(db).await?).await
}

async fn cars(db: &impl ConnectionTrait, rows: Vec<vehicle::Model>) -> Result<Vec<Car>, DbError> {
    let ids: Vec<ItemId> = rows.iter().map(|row| row.item_id).collect();
    let mut things = items::by_ids(db, &ids).await?;
    let of = |vehicle: vehicle::Model| things.remove(&vehicle.item_id).map(|item| Car { item, vehicle });
    Ok(rows.into_iter().filter_map(of).collect())
}

pub(super) fn of_item() -> sea_orm::RelationDef {
    vehicle::Entity::belongs_to(item::Entity).from(vehicle::Column::ItemId).to(item::Column::Id).into()
}

/// Somebody's licence.
///
/// # Errors
/// When the database cannot be read.
pub async fn driver_of(db: &impl ConnectionTrait, person: PersonId) -> Result<Option<driver::Model>, DbError> {
    Ok(driver::Entity::find().filter(driver::Column::PersonId.eq(person)).one(db).await?)
}

/// Every licence, in no order that means anything; a sub-bureau has hundreds.
///
/// # Errors
/// When the database cannot be read.
pub async fn drivers(db: &impl ConnectionTrait) -> Result<Vec<driver::Model>, DbError> {
    Ok(driver::Entity::find().order_by_asc(driver::Column::Id).all(db).await?)
}

/// What a car's odometer showed, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn readings(db: &impl ConnectionTrait, car: ItemId, limit: u64) -> Result<Vec<reading::Model>, DbError> {
    Ok(reading::Entity::find()
        .filter(reading::Column::ItemId.eq(car))
        .order_by_desc(reading::Column::ReadOn)
        .limit(limit)
        .all(db)
        .await?)
}
