//! A repair is asked for, entered in the trip book, sent, returned, taken back. Each is one transaction with its entry.

use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use serde_json::json;

use super::bill::{MOST_FEN, parts};
use super::entity::repair;
use super::model::{Deed, Refusal, RepairKind, State};
use super::store;

pub use super::bill::{MOST_PARTS, NewPart, Return};
use crate::access::{Action, permit, permit_somewhere};
use crate::approvals::Granted;
use crate::approvals::entity::request;
use crate::approvals::model::State as Approval;
use crate::approvals::service::{self as approvals, NewRequest};
use crate::db::saving::save;
use crate::db::{Db, DbError, Tx, bulk};
use crate::items::model::ItemState;
use crate::items::service::{self as items, Change};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::PersonId;
use crate::kernel::{Ctx, Fen, Timestamp};
use crate::org::people;
use crate::vehicles::NUMBERS;
use crate::vehicles::VehicleError;
use crate::vehicles::drivers::licensed;
use crate::vehicles::service::{line, words};
use crate::vehicles::shops::entity::shop;
use crate::vehicles::shops::store as shops;
use crate::vehicles::store::{self as cars, Car};
use crate::vehicles::trips::entity::trip;
use crate::vehicles::trips::model::{Deed as TripDeed, State as TripState, TripKind};
use crate::vehicles::trips::service as trips;

/// The chain that a repair goes through.
pub const CHAIN: &str = "vehicle_repair";

/// A repair as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRepair {
    /// Plate, number or label of the car.
    pub car: String,
    /// 类别
    pub kind: RepairKind,
    /// 故障、保养项目
    pub fault: String,
    /// 预算
    pub budget: Fen,
    /// The name of the workshop.
    pub shop: String,
}

/// Asks for a repair; the chain decides.
///
/// # Errors
/// When it is not theirs to ask for, a field is wrong, the workshop is none of ours, or the car has an open repair.
pub async fn ask(db: &Db, ctx: &Ctx, new: &NewRepair) -> Result<repair::Model, VehicleError> {
    permit_somewhere(ctx, Action::RepairsRun)?;
    let me = ctx.person().ok_or(VehicleError::NoPerson)?;
    let fault = words("fault", &new.fault, "故障或保养项目")?;
    if !(1..=MOST_FEN).contains(&new.budget.0) {
        return Err(VehicleError::field("budget", "请填写预算，大于零"));
    }
    db.write(async |tx| {
        let car = cars::car(tx, ctx, &new.car).await?;
        permit(ctx, Action::RepairsRun, Some(car.item.unit_id))?;
        if car.item.state.is_gone() {
            let sentence = format!("{} {}，已不在账", car.vehicle.plate, car.item.state.zh());
            return Err(VehicleError::Conflict(sentence));
        }
        if let Some(open) = store::open_of(tx, car.item.id).await? {
            let open = settle(tx, ctx, open).await?;
            if open.state.is_open() {
                let sentence = format!(
                    "{} 已有送修单 {}（{}），办结或撤回后再办",
                    car.vehicle.plate,
                    open.number,
                    open.state.zh()
                );
                return Err(VehicleError::Conflict(sentence));
            }
        }
        let shop = usable(tx, ctx, &new.shop).await?;
        let row = blank(tx, ctx, &car, new, &shop, fault.clone()).await?;
        let payload = json!({ "车辆": car.vehicle.plate, "类别": new.kind.zh(), "维修厂": shop.name,
            "预算": format!("{} 元", new.budget) });
        let request = NewRequest {
            kind: CHAIN.to_owned(),
            subject_room: "repairs".to_owned(),
            subject_id: row.number.clone(),
            unit: row.unit_id,
            amount: row.budget_fen,
            reason: format!("{} {}：{}", car.vehicle.plate, new.kind.zh(), row.fault),
            payload,
            urgent: false,
        };
        let request = approvals::create_in(tx, ctx, &request).await?;
        let row = repair::Model { approval_id: Some(request.id), asker_id: Some(me), ..row };
        row.clone().into_active_model().insert(tx).await?;
        let payload =
            json!({ "car": car.vehicle.plate, "shop": shop.name, "budget_fen": row.budget_fen, "fault": row.fault });
        record(tx, ctx, "repairs.ask", &row, payload, RowsDigest::new(ctx).with(&row)).await?;
        Ok(row)
    })
    .await
}

/// A workshop that cars may be sent to.
async fn usable(tx: &Tx, ctx: &Ctx, name: &str) -> Result<shop::Model, VehicleError> {
    let wrong = |reason: String| Err(VehicleError::field("shop", reason));
    let Some(shop) = shops::named(tx, name).await? else {
        return wrong(format!("“{}”不是定点维修厂", name.trim()));
    };
    if !shop.active {
        return wrong(format!("{} 已停用", shop.name));
    }
    match shop.contract_until.filter(|until| *until < ctx.now().day()) {
        Some(until) => wrong(format!("{} 的合同已于 {until} 到期", shop.name)),
        None => Ok(shop),
    }
}

async fn blank(
    tx: &Tx,
    ctx: &Ctx,
    car: &Car,
    new: &NewRepair,
    shop: &shop::Model,
    fault: String,
) -> Result<repair::Model, VehicleError> {
    Ok(repair::Model {
        id: ctx.new_id(),
        number: NUMBERS.next(tx, "WX", ctx.now().day()).await?,
        kind: new.kind,
        state: State::Asked,
        item_id: car.item.id,
        unit_id: car.item.unit_id,
        shop_id: shop.id,
        fault,
        budget_fen: new.budget,
        asked_by: ctx.actor.to_string(),
        asker_id: None,
        asked_at: ctx.now(),
        approval_id: None,
        approved_by: None,
        open_of: Some(car.item.id.0),
        trip_id: None,
        sent_at: None,
        sent_km: None,
        returned_at: None,
        returned_km: None,
        labour_fen: None,
        total_fen: None,
        invoice: String::new(),
        old_parts: String::new(),
        over_reason: String::new(),
        inspected_by: None,
        ended_at: None,
        ended_reason: String::new(),
        version: 1,
    })
}

fn refused(refusal: Refusal) -> VehicleError {
    VehicleError::Conflict(refusal.to_string())
}

async fn put(tx: &Tx, row: repair::Model) -> Result<repair::Model, VehicleError> {
    Ok(save!(tx, repair, id, Id, row))
}

async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &repair::Model,
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<(), VehicleError> {
    let entry = Entry { action, subject: row.number.clone(), unit: Some(row.unit_id), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}

/// Writes down what the chain has said of a repair since; one that ended lets its car go.
async fn settle(tx: &Tx, ctx: &Ctx, row: repair::Model) -> Result<repair::Model, VehicleError> {
    let Some(id) = row.approval_id.filter(|_| row.state == State::Asked) else { return Ok(row) };
    let said = request::Entity::find_by_id(id).one(tx).await?.map(|request| request.state);
    let (deed, of_trip) = match said {
        Some(Approval::Approved | Approval::Ratified) => (Deed::Approve, TripDeed::Approve),
        Some(Approval::Refused | Approval::NotRatified) => (Deed::Refuse, TripDeed::Refuse),
        Some(Approval::Withdrawn) => (Deed::Withdraw, TripDeed::Withdraw),
        _ => return Ok(row),
    };
    let state = row.state.after(deed).map_err(refused)?;
    let ended_at = (!state.is_open()).then(|| ctx.now());
    let open_of = row.open_of.filter(|_| state.is_open());
    let approved_by = trips::approver(tx, id, of_trip).await?;
    let row = put(tx, repair::Model { state, ended_at, open_of, approved_by, ..row }).await?;
    record(tx, ctx, "repairs.settle", &row, json!({ "state": row.state }), RowsDigest::new(ctx).with(&row)).await?;
    Ok(row)
}

async fn load(tx: &Tx, ctx: &Ctx, number: &str, version: Option<i64>) -> Result<(repair::Model, Car), VehicleError> {
    let row = store::one(tx, ctx, number).await?.row;
    if version.is_some_and(|seen| seen != row.version) {
        return Err(DbError::Stale.into());
    }
    let row = settle(tx, ctx, row).await?;
    permit(ctx, Action::RepairsRun, Some(row.unit_id))?;
    let car = cars::by_id(tx, row.item_id).await?.ok_or(VehicleError::NotFound("这辆车"))?;
    Ok((row, car))
}

/// Enters an approved repair in the car's trip book.
///
/// # Errors
/// When it is not theirs, or not approved.
pub async fn enter(db: &Db, ctx: &Ctx, number: &str, version: Option<i64>) -> Result<repair::Model, VehicleError> {
    permit_somewhere(ctx, Action::RepairsRun)?;
    db.write(async |tx| {
        let (row, car) = load(tx, ctx, number, version).await?;
        let state = row.state.after(Deed::Enter).map_err(refused)?;
        let shop = shops::by_id(tx, row.shop_id).await?.map(|shop| shop.name).unwrap_or_default();
        let line = trip::Model {
            state: TripState::Approved,
            purpose: format!("{}：{}", row.kind.zh(), row.fault).chars().take(500).collect(),
            destination: shop,
            approved_by: row.approved_by,
            repair_id: Some(row.id),
            ..trips::blank(tx, ctx, &car, TripKind::Repair).await?
        };
        line.clone().into_active_model().insert(tx).await?;
        let row = put(tx, repair::Model { state, trip_id: Some(line.id), ..row }).await?;
        let rows = RowsDigest::new(ctx).with(&row).with(&line);
        record(tx, ctx, "repairs.enter", &row, json!({ "trip": line.number }), rows).await?;
        Ok(row)
    })
    .await
}

/// How a car goes to the workshop.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Send {
    /// What the odometer shows.
    pub km: i64,
    /// Who drives; whoever writes it down when nobody is named.
    pub driver: Option<PersonId>,
    /// When, if not now.
    pub at: Option<Timestamp>,
}

/// The car goes to the workshop: from now on it is in repair.
///
/// # Errors
/// When it is not theirs, not approved or not in the trip book, the car is out, the driver may not drive, or the
/// odometer shows what cannot be.
pub async fn send(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    new: &Send,
) -> Result<repair::Model, VehicleError> {
    permit_somewhere(ctx, Action::RepairsRun)?;
    db.write(async |tx| {
        let (row, car) = load(tx, ctx, number, version).await?;
        let state = row.state.after(Deed::Send).map_err(refused)?;
        let driver = new.driver.or_else(|| ctx.person()).ok_or(VehicleError::NoPerson)?;
        let at = new.at.unwrap_or_else(|| ctx.now());
        licensed(tx, driver, &car, at.day()).await?;
        if !matches!(car.item.state, ItemState::InUse | ItemState::Idle | ItemState::PendingDisposal) {
            let sentence = format!("{} 现为{}，不能送修", car.vehicle.plate, car.item.state.zh());
            return Err(VehicleError::Conflict(sentence));
        }
        let line = entry_of(tx, &row).await?;
        let mut rows = RowsDigest::new(ctx);
        trips::leave(tx, ctx, line, &car, (driver, at, new.km), TripDeed::Depart, &mut rows).await?;
        let change = Change {
            state: Some(ItemState::InRepair),
            excused_by: Some(Some(format!("送修 {}", row.number))),
            ..Change::default()
        };
        items::apply(tx, ctx, &car.item, &change, &format!("送修 {}", row.number), &mut rows).await?;
        let row = put(tx, repair::Model { state, sent_at: Some(at), sent_km: Some(new.km), ..row }).await?;
        rows.add(&row);
        let payload = json!({ "car": car.vehicle.plate, "km": new.km, "driver": driver, "at": at });
        record(tx, ctx, "repairs.send", &row, payload, rows).await?;
        Ok(row)
    })
    .await
}

/// The line of the trip book in which a repair stands.
async fn entry_of(tx: &Tx, row: &repair::Model) -> Result<trip::Model, VehicleError> {
    let line = match row.trip_id {
        Some(id) => trip::Entity::find_by_id(id).one(tx).await?,
        None => None,
    };
    line.ok_or_else(|| refused(Refusal::NotEntered))
}

/// The car comes back, mended and inspected: its cost is the car's from now on.
///
/// # Errors
/// When it is not theirs, the car was not sent, odometer or time fell, a part cannot be, there is no invoice for what it
/// cost, nothing is said of the old parts, or it cost more than was approved and nobody says why.
pub async fn return_(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    new: &Return,
) -> Result<repair::Model, VehicleError> {
    permit_somewhere(ctx, Action::RepairsRun)?;
    let total = new.total()?;
    let invoice = line("invoice", &new.invoice, 100)?;
    if total > Fen::ZERO && invoice.is_empty() {
        return Err(VehicleError::field("invoice", "请填写发票号"));
    }
    let old_parts = line("old_parts", &new.old_parts, 200)?;
    if !new.parts.is_empty() && old_parts.is_empty() {
        return Err(VehicleError::field("old_parts", "请写明旧件的处理（收回、厂方回收、无旧件）"));
    }
    let over_reason = line("over_reason", &new.over_reason, 500)?;
    db.write(async |tx| {
        let (row, car) = load(tx, ctx, number, version).await?;
        let state = row.state.after(Deed::Return).map_err(refused)?;
        if total > row.budget_fen && over_reason.is_empty() {
            let reason = format!("费用 {total} 元超过批准的 {} 元，请写明原因", row.budget_fen);
            return Err(VehicleError::field("over_reason", reason));
        }
        let inspector = new.inspected_by.or_else(|| ctx.person()).ok_or(VehicleError::NoPerson)?;
        people::open(tx, inspector, "inspected_by").await?;
        let at = new.at.unwrap_or_else(|| ctx.now());
        let mut rows = RowsDigest::new(ctx);
        let line = entry_of(tx, &row).await?;
        trips::come_back(tx, ctx, line, (at, new.km), &mut rows).await?;
        let state_after = if car.item.state == ItemState::InRepair { Some(ItemState::InUse) } else { None };
        let change = Change { state: state_after, excused_by: Some(None), ..Change::default() };
        items::apply(tx, ctx, &car.item, &change, &format!("修复取回 {}", row.number), &mut rows).await?;
        let parts = parts(ctx, &row, &new.parts);
        parts.iter().for_each(|part| rows.add(part));
        bulk::insert(tx, parts).await?;
        let back = repair::Model {
            state,
            open_of: None,
            returned_at: Some(at),
            returned_km: Some(new.km),
            labour_fen: Some(new.labour),
            total_fen: Some(total),
            invoice: invoice.clone(),
            old_parts: old_parts.clone(),
            over_reason: over_reason.clone(),
            inspected_by: Some(inspector),
            ended_at: Some(ctx.now()),
            ..row
        };
        let row = put(tx, back).await?;
        rows.add(&row);
        let payload = json!({ "car": car.vehicle.plate, "km": new.km, "total_fen": total, "parts": new.parts.len() });
        record(tx, ctx, "repairs.return", &row, payload, rows).await?;
        Ok(row)
    })
    .await
}

/// Takes a repair back before the car was sent; its line in the trip book ends with it.
///
/// # Errors
/// When it is not theirs, no reason is given, or the car was sent.
pub async fn withdraw(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    reason: &str,
) -> Result<repair::Model, VehicleError> {
    permit_somewhere(ctx, Action::RepairsRun)?;
    let reason = words("reason", reason, "撤回的原因")?;
    db.write(async |tx| {
        let (row, _) = load(tx, ctx, number, version).await?;
        let state = row.state.after(Deed::Withdraw).map_err(refused)?;
        if row.state == State::Asked {
            if ctx.person().is_none() || row.asker_id != ctx.person() {
                return Err(VehicleError::Conflict("待审批的送修单由申请人撤回".to_owned()));
            }
            if let Some(approval) = row.approval_id {
                approvals::withdraw_in(tx, ctx, &Granted, approval, &reason).await?;
            }
        }
        let mut rows = RowsDigest::new(ctx);
        if row.state == State::Entered {
            let line = entry_of(tx, &row).await?;
            let state =
                line.state.after(TripDeed::Withdraw).map_err(|error| VehicleError::Conflict(error.to_string()))?;
            let (ended_at, ended_reason) = (Some(ctx.now()), reason.clone());
            rows.add(&trips::put(tx, trip::Model { state, ended_at, ended_reason, ..line }).await?);
        }
        let (ended_at, ended_reason) = (Some(ctx.now()), reason.clone());
        let row = put(tx, repair::Model { state, open_of: None, ended_at, ended_reason, ..row }).await?;
        rows.add(&row);
        record(tx, ctx, "repairs.withdraw", &row, json!({ "reason": reason }), rows).await?;
        Ok(row)
    })
    .await
}
