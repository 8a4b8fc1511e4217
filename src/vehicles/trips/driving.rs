//! A car leaves and comes back: what the book and the car's odometer then say.

use sea_orm::EntityTrait as _;
use serde_json::json;

use super::entity::trip;
use super::model::{Deed, Refusal, State, TripKind, gap, month_of};
use super::service::{GAP_TOLERANCE, MOST_KM, OTHERWISE_MOST_KM, load, put, record, refused};
use super::store;
use crate::access::rules::Rules;
use crate::access::{Action, permit, permit_somewhere};
use crate::approvals::entity::request;
use crate::db::{Db, Tx};
use crate::findings::{Kind, NewFinding, open_many};
use crate::items::service::{self as items, Change};
use crate::journal::RowsDigest;
use crate::kernel::ids::PersonId;
use crate::kernel::{Ctx, Timestamp};
use crate::org::people;
use crate::vehicles::VehicleError;
use crate::vehicles::reminders::ROOM;
use crate::vehicles::service::{drove, odometer};
use crate::vehicles::store::{self as cars, Car};

/// Writes a departure in the book of a car: by which driver, when, at what the odometer shows.
pub(in crate::vehicles) async fn leave(
    tx: &Tx,
    ctx: &Ctx,
    row: trip::Model,
    car: &Car,
    (driver, at, km): (PersonId, Timestamp, i64),
    deed: Deed,
    rows: &mut RowsDigest,
) -> Result<trip::Model, VehicleError> {
    let state = row.state.after(deed).map_err(refused)?;
    if let Some(out) = store::out_with(tx, car.item.id).await? {
        let who = match out.driver_id {
            Some(id) => people::by_id(tx, id).await?.map(|person| person.name).unwrap_or_default(),
            None => String::new(),
        };
        let since = out.departed_at.map(|at| at.to_string()).unwrap_or_default();
        let sentence = format!("{} 已由 {who} 于 {since} 开出（{}），还车后再用", car.vehicle.plate, out.number);
        return Err(VehicleError::Conflict(sentence));
    }
    if row.unit_id != car.item.unit_id {
        let sentence = format!("{} 在申请后已调给其他单位，请撤回重新申请", car.vehicle.plate);
        return Err(VehicleError::Conflict(sentence));
    }
    on_time(tx, ctx, &row, car, (driver, at)).await?;
    let gap_km = plausible(tx, ctx, car, km).await?;
    let open_driver = (row.kind == TripKind::Duty).then_some(driver.0);
    let left = trip::Model {
        state,
        driver_id: Some(driver),
        open_car: Some(car.item.id.0),
        open_driver,
        month: Some(month_of(at.day())),
        departed_at: Some(at),
        departed_km: Some(km),
        gap_km,
        ..row
    };
    let row = put(tx, left).await?;
    rows.add(&row);
    if let Some(gap) = gap_km {
        open_many(tx, ctx, vec![gap_finding(car, &row, gap)], rows).await?;
    }
    Ok(row)
}

/// A departure is not to come, not before the yes, and not before car or driver were back; its month is not handed in.
async fn on_time(
    tx: &Tx,
    ctx: &Ctx,
    row: &trip::Model,
    car: &Car,
    (driver, at): (PersonId, Timestamp),
) -> Result<(), VehicleError> {
    let wrong = |reason: String| Err(VehicleError::field("departed_at", reason));
    if at > ctx.now() {
        return wrong("出车时间不能晚于现在".to_owned());
    }
    if let Some(back) = car.vehicle.odometer_at.filter(|back| at < *back) {
        return wrong(format!("出车时间早于 {} 上次还车时间 {back}", car.vehicle.plate));
    }
    if let Some(id) = row.approval_id.filter(|_| !row.urgent)
        && let Some(approved) = request::Entity::find_by_id(id).one(tx).await?.and_then(|one| one.finished_at)
        && at < approved
    {
        return wrong(format!("出车时间早于批准时间 {approved}：批准后方可出车"));
    }
    let back = super::past::last_back(tx, driver).await?;
    if let Some(back) = back.filter(|back| at < *back) {
        return wrong(format!("该驾驶员 {back} 才还车，出车时间不能更早"));
    }
    let month = month_of(at.day());
    if store::submission(tx, row.unit_id, &month).await?.is_some() {
        return wrong(format!("{month} 的出车记录已报送，不能再补记"));
    }
    Ok(())
}

/// What the odometer shows more than at the last return, where that is more than the tolerance; refused when it can only
/// be a slip of the hand.
async fn plausible(tx: &Tx, ctx: &Ctx, car: &Car, km: i64) -> Result<Option<i64>, VehicleError> {
    odometer("departed_km", km)?;
    let rules = Rules::load(tx).await?;
    let most = rules.number(MOST_KM, ctx.now(), OTHERWISE_MOST_KM);
    let tolerance = rules.number(GAP_TOLERANCE, ctx.now(), 0);
    let known = car.vehicle.odometer_at.map(|_| car.vehicle.odometer_km);
    let gap = gap(km, known);
    if let Some(gap) = gap.filter(|gap| gap.abs() > most) {
        let known = car.vehicle.odometer_km;
        let sentence =
            format!("里程 {km} 与上次还车的 {known} 相差 {} 公里，请核对；里程表已更换的先登记换表", gap.abs());
        return Err(VehicleError::field("departed_km", sentence));
    }
    Ok(gap.filter(|gap| gap.abs() > tolerance))
}

/// What is opened when a book does not go on.
pub(super) fn gap_finding(car: &Car, row: &trip::Model, gap: i64) -> NewFinding {
    let plate = &car.vehicle.plate;
    let (km, before) = (row.departed_km.unwrap_or_default(), row.departed_km.unwrap_or_default() - gap);
    let how = if gap > 0 {
        format!("多 {gap} 公里，期间可能有未登记的用车")
    } else {
        format!("少 {} 公里", -gap)
    };
    NewFinding {
        room: ROOM,
        origin: format!("trip/{}", row.id),
        link: format!("/vehicles/trips/{}", row.number),
        kind: Kind::OdometerGap,
        unit: Some(row.unit_id),
        item: Some(row.item_id),
        title: format!("{plate} 出车里程与上次还车不符（{gap:+} 公里）"),
        description: format!("{} 出车时里程 {km}，上次还车里程 {before}，{how}。", row.number),
    }
}

/// The car is back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Back {
    /// What the odometer shows.
    pub km: i64,
    /// When, if not now.
    pub at: Option<Timestamp>,
}

/// The car comes back.
///
/// # Errors
/// When it is not theirs, it is not out, or odometer or time fell.
pub async fn return_(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    back: &Back,
) -> Result<trip::Model, VehicleError> {
    permit_somewhere(ctx, Action::TripsDrive)?;
    db.write(async |tx| {
        let row = load(tx, ctx, number, version).await?;
        permit(ctx, Action::TripsDrive, Some(row.unit_id))?;
        if row.kind == TripKind::Repair && row.state == State::Out {
            return Err(VehicleError::Conflict("此车正在送修，请在送修单上办理取回".to_owned()));
        }
        let mut rows = RowsDigest::new(ctx);
        let row = come_back(tx, ctx, row, (back.at.unwrap_or_else(|| ctx.now()), back.km), &mut rows).await?;
        let car = cars::by_id(tx, row.item_id).await?.ok_or(VehicleError::NotFound("这辆车"))?;
        if car.item.excused_by.is_some() && !car.item.state.is_gone() {
            let here = Change { excused_by: Some(None), ..Change::default() };
            items::apply(tx, ctx, &car.item, &here, &format!("还车 {}", row.number), &mut rows).await?;
        }
        let payload =
            json!({ "car": car.vehicle.plate, "km": row.returned_km, "at": row.returned_at, "drove": row.km() });
        record(tx, ctx, "trips.return", &row, payload, rows).await?;
        Ok(row)
    })
    .await
}

/// Writes a return in the book of a car, and what the odometer shows on the car.
pub(in crate::vehicles) async fn come_back(
    tx: &Tx,
    ctx: &Ctx,
    row: trip::Model,
    (at, km): (Timestamp, i64),
    rows: &mut RowsDigest,
) -> Result<trip::Model, VehicleError> {
    let state = row.state.after(Deed::Return).map_err(refused)?;
    let (Some(left_at), Some(left_km)) = (row.departed_at, row.departed_km) else {
        return Err(refused(Refusal::State { state: row.state.zh(), deed: Deed::Return.zh() }));
    };
    let rules = Rules::load(tx).await?;
    within((left_at, left_km), (at, km), ctx.now(), rules.number(MOST_KM, ctx.now(), OTHERWISE_MOST_KM))?;
    let vehicle = cars::by_id(tx, row.item_id).await?.ok_or(VehicleError::NotFound("这辆车"))?.vehicle;
    drove(tx, vehicle, km, at, rows).await?;
    let back =
        trip::Model { state, open_car: None, open_driver: None, returned_at: Some(at), returned_km: Some(km), ..row };
    let row = put(tx, back).await?;
    rows.add(&row);
    Ok(row)
}

/// Odometer and time do not fall within a trip, and it is no slip of the hand.
pub(super) fn within(
    (left_at, left_km): (Timestamp, i64),
    (at, km): (Timestamp, i64),
    now: Timestamp,
    most_km: i64,
) -> Result<(), VehicleError> {
    odometer("returned_km", km)?;
    if km < left_km {
        let reason = format!("还车里程 {km} 少于出车里程 {left_km}，请核对里程表");
        return Err(VehicleError::field("returned_km", reason));
    }
    if km - left_km > most_km {
        let reason = format!("一次出车 {} 公里，超过 {most_km} 公里，请核对里程表", km - left_km);
        return Err(VehicleError::field("returned_km", reason));
    }
    if at < left_at {
        return Err(VehicleError::field("returned_at", format!("还车时间早于出车时间 {left_at}")));
    }
    if at > now {
        return Err(VehicleError::field("returned_at", "还车时间不能晚于现在"));
    }
    Ok(())
}
