//! A trip is asked for, taken back, departs, returns. Each is one transaction with its entry.

use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use serde_json::json;

use super::entity::trip;
use super::model::{Deed, Refusal, State, TripKind};
use super::store;

pub use super::driving::{Back, return_};
pub(in crate::vehicles) use super::driving::{come_back, leave};
pub(super) use super::driving::{gap_finding, within};
use crate::access::{Action, permit, permit_somewhere};
use crate::approvals::Granted;
use crate::approvals::entity::request;
use crate::approvals::model::State as Approval;
use crate::approvals::service::{self as approvals, NewRequest};
use crate::approvals::store as requests;
use crate::db::saving::save;
use crate::db::{Db, DbError, Tx};
use crate::items::service::{self as items, Change};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::PersonId;
use crate::kernel::{Ctx, Fen, Timestamp};
use crate::org::people;
use crate::vehicles::NUMBERS;
use crate::vehicles::VehicleError;
use crate::vehicles::drivers::licensed;
use crate::vehicles::model::grounded;
use crate::vehicles::service::{line, words};
use crate::vehicles::store::{self as cars, Car};

/// The chain that a trip goes through.
pub const CHAIN: &str = "vehicle_trip";
/// The rule that says beyond how many kilometres a figure is a slip of the hand.
pub const MOST_KM: &str = "vehicles.most_km";
/// Where no rule says it.
pub const OTHERWISE_MOST_KM: i64 = 3_000;
/// The rule that says how far a departure may be off the last return without a finding.
pub const GAP_TOLERANCE: &str = "vehicles.gap_tolerance_km";

/// A trip as it is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewTrip {
    /// Plate, number or label of the car.
    pub car: String,
    /// 用车事由
    pub purpose: String,
    /// 目的地
    pub destination: String,
    /// 随车人员
    pub passengers: String,
    /// 驾驶员; whoever asks when nobody is named.
    pub driver: Option<PersonId>,
    /// From when it is wanted.
    pub planned_from: Option<Timestamp>,
    /// Until when.
    pub planned_until: Option<Timestamp>,
}

/// What is written down when a car leaves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Departure {
    /// What the odometer shows.
    pub km: i64,
    /// Who drives; as the request says, else whoever writes it down.
    pub driver: Option<PersonId>,
    /// When, if not now.
    pub at: Option<Timestamp>,
}

impl NewTrip {
    fn checked(&self, ctx: &Ctx) -> Result<Self, VehicleError> {
        if let (Some(from), Some(until)) = (self.planned_from, self.planned_until)
            && until <= from
        {
            return Err(VehicleError::field("planned_until", "预计还车时间应晚于用车时间"));
        }
        if self.planned_until.is_some_and(|until| until < ctx.now()) {
            return Err(VehicleError::field("planned_until", "预计还车时间已过"));
        }
        Ok(Self {
            purpose: words("purpose", &self.purpose, "用车事由")?,
            destination: words("destination", &self.destination, "目的地")?,
            passengers: line("passengers", &self.passengers, 200)?,
            ..self.clone()
        })
    }
}

/// Asks for a car; the chain decides.
///
/// # Errors
/// When it is not theirs to ask for, a field is wrong, the car may not leave or the driver not drive.
pub async fn ask(db: &Db, ctx: &Ctx, new: &NewTrip) -> Result<trip::Model, VehicleError> {
    permit_somewhere(ctx, Action::TripsAsk)?;
    let new = new.checked(ctx)?;
    db.write(async |tx| {
        let (row, car) = asked(tx, ctx, &new, false).await?;
        row.clone().into_active_model().insert(tx).await?;
        let rows = RowsDigest::new(ctx).with(&row);
        record(tx, ctx, "trips.ask", &row, told(&row, &car), rows).await?;
        Ok(row)
    })
    .await
}

/// It cannot wait: the car leaves at once, is flagged, and ratified within the hours of its chain.
///
/// # Errors
/// As [`ask`] and [`depart`].
pub async fn depart_at_once(
    db: &Db,
    ctx: &Ctx,
    new: &NewTrip,
    departure: &Departure,
) -> Result<trip::Model, VehicleError> {
    permit_somewhere(ctx, Action::TripsDrive)?;
    let new = new.checked(ctx)?;
    db.write(async |tx| {
        let (row, car) = asked(tx, ctx, &new, true).await?;
        permit(ctx, Action::TripsDrive, Some(row.unit_id))?;
        row.clone().into_active_model().insert(tx).await?;
        go(tx, ctx, row, car, departure, Deed::DepartUrgently).await
    })
    .await
}

/// The trip as it is asked for, and its request.
async fn asked(tx: &Tx, ctx: &Ctx, new: &NewTrip, urgent: bool) -> Result<(trip::Model, Car), VehicleError> {
    let me = ctx.person().ok_or(VehicleError::NoPerson)?;
    let car = cars::car(tx, ctx, &new.car).await?;
    permit(ctx, Action::TripsAsk, Some(car.item.unit_id))?;
    let day = new.planned_from.map_or_else(|| ctx.now().day(), Timestamp::day);
    may_leave(&car, day)?;
    if let Some(driver) = new.driver {
        licensed(tx, driver, &car, day).await?;
    }
    let row = trip::Model {
        urgent,
        purpose: new.purpose.clone(),
        destination: new.destination.clone(),
        passengers: new.passengers.clone(),
        driver_id: new.driver,
        planned_from: new.planned_from,
        planned_until: new.planned_until,
        asker_id: Some(me),
        ..blank(tx, ctx, &car, TripKind::Duty).await?
    };
    let driver = people::by_id(tx, new.driver.unwrap_or(me)).await?.map(|person| person.name).unwrap_or_default();
    let payload = json!({ "车辆": car.vehicle.plate, "目的地": row.destination, "驾驶员": driver,
        "用车时间": row.planned_from.unwrap_or(row.asked_at).to_string() });
    let request = NewRequest {
        kind: CHAIN.to_owned(),
        subject_room: "trips".to_owned(),
        subject_id: row.number.clone(),
        unit: row.unit_id,
        amount: Fen::ZERO,
        reason: format!("{} {}：{}", car.vehicle.plate, row.destination, row.purpose),
        payload,
        urgent,
    };
    let request = approvals::create_in(tx, ctx, &request).await?;
    Ok((trip::Model { approval_id: Some(request.id), ..row }, car))
}

/// A trip of a car with its number and nothing else.
pub(in crate::vehicles) async fn blank(
    tx: &Tx,
    ctx: &Ctx,
    car: &Car,
    kind: TripKind,
) -> Result<trip::Model, VehicleError> {
    Ok(trip::Model {
        id: ctx.new_id(),
        number: NUMBERS.next(tx, "YC", ctx.now().day()).await?,
        kind,
        state: State::Asked,
        item_id: car.item.id,
        unit_id: car.item.unit_id,
        urgent: false,
        purpose: String::new(),
        destination: String::new(),
        passengers: String::new(),
        planned_from: None,
        planned_until: None,
        asked_by: ctx.actor.to_string(),
        asker_id: ctx.person(),
        asked_at: ctx.now(),
        approval_id: None,
        approved_by: None,
        repair_id: None,
        driver_id: None,
        open_car: None,
        open_driver: None,
        month: None,
        departed_at: None,
        departed_km: None,
        gap_km: None,
        returned_at: None,
        returned_km: None,
        checked_by: None,
        checked_at: None,
        check_note: String::new(),
        submission_id: None,
        question: String::new(),
        questioned_by: None,
        questioned_at: None,
        explanation: String::new(),
        explained_by: None,
        explained_at: None,
        ended_at: None,
        ended_reason: String::new(),
        version: 1,
    })
}

fn may_leave(car: &Car, day: chrono::NaiveDate) -> Result<(), VehicleError> {
    match grounded(&car.vehicle.plate, car.item.state, car.vehicle.papers(), day) {
        Some(sentence) => Err(VehicleError::Conflict(sentence)),
        None => Ok(()),
    }
}

fn told(row: &trip::Model, car: &Car) -> serde_json::Value {
    json!({ "car": car.vehicle.plate, "purpose": row.purpose, "destination": row.destination, "urgent": row.urgent })
}

pub(super) fn refused(refusal: Refusal) -> VehicleError {
    VehicleError::Conflict(refusal.to_string())
}

/// Writes a trip back as its next version, when nobody has meanwhile.
pub(in crate::vehicles) async fn put(tx: &Tx, row: trip::Model) -> Result<trip::Model, VehicleError> {
    Ok(save!(tx, trip, id, Id, row))
}

/// Writes the entry of a step on a trip.
pub(in crate::vehicles) async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &trip::Model,
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<(), VehicleError> {
    let entry = Entry { action, subject: row.number.clone(), unit: Some(row.unit_id), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}

/// Writes down what the chain has said of a trip since: who approved it, or that it ended.
pub(super) async fn settle(tx: &Tx, ctx: &Ctx, row: trip::Model) -> Result<trip::Model, VehicleError> {
    let Some(id) = row.approval_id.filter(|_| row.approved_by.is_none()) else { return Ok(row) };
    let Some(request) = request::Entity::find_by_id(id).one(tx).await? else { return Ok(row) };
    let ratified = request.state == Approval::Ratified;
    let deed = match request.state {
        Approval::Approved | Approval::Ratified => Deed::Approve,
        Approval::Refused | Approval::NotRatified => Deed::Refuse,
        Approval::Withdrawn => Deed::Withdraw,
        Approval::Waiting | Approval::Used => return Ok(row),
    };
    let row = match (row.state, deed) {
        (State::Asked, _) => {
            let state = row.state.after(deed).map_err(refused)?;
            let ended_at = (!state.is_open()).then(|| ctx.now());
            trip::Model { state, ended_at, approved_by: approver(tx, id, deed).await?, ..row }
        }
        // Ratified after it left: the book has who said yes.
        (_, Deed::Approve) if ratified => trip::Model { approved_by: approver(tx, id, deed).await?, ..row },
        _ => return Ok(row),
    };
    let row = put(tx, row).await?;
    record(tx, ctx, "trips.settle", &row, json!({ "state": row.state }), RowsDigest::new(ctx).with(&row)).await?;
    Ok(row)
}

/// Who said the last yes.
pub(in crate::vehicles) async fn approver(
    tx: &Tx,
    id: crate::kernel::ids::ApprovalId,
    deed: Deed,
) -> Result<Option<PersonId>, DbError> {
    let taken = requests::decisions(tx, &[id]).await?.remove(&id).unwrap_or_default();
    Ok(taken.iter().rev().find(|one| one.approved).map(|one| one.decided_by).filter(|_| deed == Deed::Approve))
}

/// The trip of this number as `ctx` may see it, with what its chain has said written down, at the version they saw.
pub(super) async fn load(tx: &Tx, ctx: &Ctx, number: &str, version: Option<i64>) -> Result<trip::Model, VehicleError> {
    let row = store::one(tx, ctx, number).await?.row;
    if version.is_some_and(|seen| seen != row.version) {
        return Err(DbError::Stale.into());
    }
    settle(tx, ctx, row).await
}

/// Whoever asked takes the trip back; what it asked its chain goes with it.
///
/// # Errors
/// When somebody else asked, no reason is given, or the car has left.
pub async fn withdraw(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    reason: &str,
) -> Result<trip::Model, VehicleError> {
    permit_somewhere(ctx, Action::TripsAsk)?;
    let reason = words("reason", reason, "撤回的原因")?;
    db.write(async |tx| {
        let row = load(tx, ctx, number, version).await?;
        let state = row.state.after(Deed::Withdraw).map_err(refused)?;
        let manager = permit(ctx, Action::TripsCheck, Some(row.unit_id)).is_ok() && row.state == State::Approved;
        if row.kind == TripKind::Repair {
            return Err(VehicleError::Conflict("这是送修的登记，请撤回送修单".to_owned()));
        }
        if !manager && (ctx.person().is_none() || row.asker_id != ctx.person()) {
            let why = "只有申请人可以撤回；已批准未出车的，车辆管理员也可以撤回";
            return Err(VehicleError::Conflict(why.to_owned()));
        }
        if let Some(approval) = row.approval_id.filter(|_| row.state == State::Asked) {
            approvals::withdraw_in(tx, ctx, &Granted, approval, &reason).await?;
        }
        let ended = trip::Model { state, ended_at: Some(ctx.now()), ended_reason: reason.clone(), ..row };
        let row = put(tx, ended).await?;
        record(tx, ctx, "trips.withdraw", &row, json!({ "reason": reason }), RowsDigest::new(ctx).with(&row)).await?;
        Ok(row)
    })
    .await
}

/// An approved trip departs. With `urgent`, the reason why it could not wait, one that nobody has decided yet departs
/// too, and is ratified after.
///
/// # Errors
/// When it is not theirs, not approved, the car or the driver is out, the driver may not drive it or the car not leave,
/// the odometer shows what cannot be, or its month was handed in.
pub async fn depart(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    departure: &Departure,
    urgent: Option<&str>,
) -> Result<trip::Model, VehicleError> {
    permit_somewhere(ctx, Action::TripsDrive)?;
    let urgent = urgent.map(|reason| words("urgent_reason", reason, "紧急出车的原因")).transpose()?;
    db.write(async |tx| {
        let row = load(tx, ctx, number, version).await?;
        permit(ctx, Action::TripsDrive, Some(row.unit_id))?;
        if row.kind == TripKind::Repair {
            return Err(VehicleError::Conflict("这是送修的登记，请在送修单上办理送修".to_owned()));
        }
        let car = cars::by_id(tx, row.item_id).await?.ok_or(VehicleError::NotFound("这辆车"))?;
        let (row, deed) = match (&urgent, row.state, row.approval_id) {
            (Some(reason), State::Asked, Some(approval)) => {
                approvals::use_first_in(tx, ctx, &Granted, approval, reason).await?;
                (trip::Model { urgent: true, ..row }, Deed::DepartUrgently)
            }
            _ => (row, Deed::Depart),
        };
        go(tx, ctx, row, car, departure, deed).await
    })
    .await
}

/// The car leaves: written in its book, on the thing, and as a finding where the odometer does not go on.
async fn go(
    tx: &Tx,
    ctx: &Ctx,
    row: trip::Model,
    car: Car,
    departure: &Departure,
    deed: Deed,
) -> Result<trip::Model, VehicleError> {
    let driver = departure.driver.or(row.driver_id).or_else(|| ctx.person()).ok_or(VehicleError::NoPerson)?;
    let at = departure.at.unwrap_or_else(|| ctx.now());
    licensed(tx, driver, &car, at.day()).await?;
    may_leave(&car, at.day())?;
    if let Some(other) = store::out_driving(tx, driver).await? {
        let car = cars::by_id(tx, other.item_id).await?.map(|car| car.vehicle.plate).unwrap_or_default();
        return Err(VehicleError::field(
            "driver_id",
            format!("该驾驶员正驾驶 {car} 在外（{}），还车后再出车", other.number),
        ));
    }
    let mut rows = RowsDigest::new(ctx);
    let row = leave(tx, ctx, row, &car, (driver, at, departure.km), deed, &mut rows).await?;
    let excused = Change { excused_by: Some(Some(format!("出车 {}", row.number))), ..Change::default() };
    items::apply(tx, ctx, &car.item, &excused, &format!("出车：{}", short(&row.purpose)), &mut rows).await?;
    let payload = json!({ "car": car.vehicle.plate, "driver": driver, "km": row.departed_km, "at": row.departed_at,
        "gap_km": row.gap_km, "urgent": row.urgent });
    record(tx, ctx, "trips.depart", &row, payload, rows).await?;
    Ok(row)
}

pub(super) fn short(text: &str) -> String {
    text.chars().take(150).collect()
}
