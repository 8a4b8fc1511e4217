//! A trip is asked for, taken back, departs, returns. Each is one transaction with its entry.

use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use serde_json::json;

use super::entity::trip;
use super::model::{Deed, Refusal, State, TripKind, gap, month_of};
use super::store;
use crate::access::rules::Rules;
use crate::access::{Action, permit, permit_somewhere};
use crate::approvals::Granted;
use crate::approvals::entity::request;
use crate::approvals::model::State as Approval;
use crate::approvals::service::{self as approvals, NewRequest};
use crate::approvals::store as requests;
use crate::db::{Db, DbError, Tx};
use crate::findings::{Kind, NewFinding, open_many};
use crate::items::service::{self as items, Change};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::PersonId;
use crate::kernel::{Ctx, Fen, Timestamp};
use crate::org::people;
use crate::vehicles::drivers::licensed;
use crate::vehicles::error::VehicleError;
use crate::vehicles::model::grounded;
use crate::vehicles::numbers;
use crate::vehicles::reminders::ROOM;
use crate::vehicles::saving::save;
use crate::vehicles::service::{drove, line, odometer, words};
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
        number: numbers::next(tx, "YC", ctx.now().day()).await?,
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
