//! What odometers show at the end of a month, and when one is replaced by another: witnesses beside the trip books.

use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};
use serde_json::json;

use super::entity::{reading, vehicle};
use super::service::{drove, line, odometer, record};
use super::store;
use super::trips::entity::trip;
use crate::access::{Action, permit, permit_somewhere};
use crate::db::saving::save;
use crate::db::{Db, Tx};
use crate::journal::RowsDigest;
use crate::kernel::{Ctx, Timestamp};
use crate::vehicles::VehicleError;

/// A reading as it is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReading {
    /// Plate, number or label of the car.
    pub car: String,
    /// The day at whose end it was read.
    pub read_on: NaiveDate,
    /// What the odometer shows.
    pub odometer_km: i64,
    /// What the old one showed, when it was replaced that day.
    pub old_km: Option<i64>,
    /// 备注
    pub note: String,
}

/// Enters a reading, or puts that of the day right.
///
/// # Errors
/// When it is not theirs to do, the day is to come, or the odometer fell: against the reading before, or against the
/// last return of that day or before; unless it was replaced since.
pub async fn enter(db: &Db, ctx: &Ctx, new: &NewReading) -> Result<reading::Model, VehicleError> {
    permit_somewhere(ctx, Action::TripsDrive).or_else(|_| permit_somewhere(ctx, Action::VehiclesWrite))?;
    let note = line("note", &new.note, 200)?;
    odometer("odometer_km", new.odometer_km)?;
    new.old_km.map_or(Ok(()), |km| odometer("old_km", km))?;
    if new.read_on > ctx.now().day() {
        return Err(VehicleError::field("read_on", "读数日期不能晚于今天"));
    }
    if new.old_km.is_some() && note.is_empty() {
        return Err(VehicleError::field("note", "更换里程表请写明原因"));
    }
    db.write(async |tx| {
        let car = store::car(tx, ctx, &new.car).await?;
        let unit = Some(car.item.unit_id);
        permit(ctx, Action::TripsDrive, unit).or_else(|_| permit(ctx, Action::VehiclesWrite, unit))?;
        not_fallen(tx, new, &car.vehicle).await?;
        let same_day = reading::Entity::find()
            .filter(reading::Column::ItemId.eq(car.item.id))
            .filter(reading::Column::ReadOn.eq(new.read_on));
        let row = reading::Model {
            id: ctx.new_id(),
            item_id: car.item.id,
            read_on: new.read_on,
            odometer_km: new.odometer_km,
            old_km: new.old_km,
            note: note.clone(),
            read_by: ctx.actor.to_string(),
            recorded_at: ctx.now(),
            version: 1,
        };
        let row = match same_day.one(tx).await? {
            // What a replacement of the day said stays.
            Some(before) => {
                let (id, version, old_km) = (before.id, before.version, row.old_km.or(before.old_km));
                save!(tx, reading, id, Id, reading::Model { id, version, old_km, ..row })
            }
            None => {
                row.clone().into_active_model().insert(tx).await?;
                row
            }
        };
        let mut rows = RowsDigest::new(ctx).with(&row);
        if new.old_km.is_some() {
            drove(tx, car.vehicle.clone(), row.odometer_km, ctx.now(), &mut rows).await?;
        }
        let payload = json!({ "read_on": row.read_on, "km": row.odometer_km, "old_km": row.old_km, "note": row.note });
        record(tx, ctx, "vehicles.read_odometer", &car, payload, rows).await?;
        Ok(row)
    })
    .await
}

async fn not_fallen(tx: &Tx, new: &NewReading, car: &vehicle::Model) -> Result<(), VehicleError> {
    let before = reading::Entity::find()
        .filter(reading::Column::ItemId.eq(car.item_id))
        .filter(reading::Column::ReadOn.lt(new.read_on))
        .order_by_desc(reading::Column::ReadOn)
        .one(tx)
        .await?;
    // What the old odometer showed goes on from what was read before; the new one begins anew.
    let shown = new.old_km.unwrap_or(new.odometer_km);
    let field = if new.old_km.is_some() { "old_km" } else { "odometer_km" };
    if let Some(before) = &before
        && shown < before.odometer_km
    {
        let reason =
            format!("少于 {} 的读数 {} 公里；里程表已更换的，请填写旧表读数", before.read_on, before.odometer_km);
        return Err(VehicleError::field(field, reason));
    }
    let last = trip::Entity::find()
        .filter(trip::Column::ItemId.eq(car.item_id))
        .filter(trip::Column::ReturnedAt.lte(Timestamp::end_of_day(new.read_on)))
        .order_by_desc(trip::Column::ReturnedAt)
        .one(tx)
        .await?;
    let replaced_since =
        |at: Timestamp| before.as_ref().is_some_and(|row| row.old_km.is_some() && row.read_on >= at.day());
    if let Some(last) = last
        && let (Some(km), Some(at)) = (last.returned_km, last.returned_at)
        && shown < km
        && !replaced_since(at)
    {
        let reason = format!("少于 {at} 还车时的 {km} 公里；里程表已更换的，请填写旧表读数");
        return Err(VehicleError::field(field, reason));
    }
    Ok(())
}
