//! Drums and jerrycans (油桶、散装加油): each fill is asked for and approved before the pump, with how much and what for. The
//! approval itself is the paper; its number stands on the slips, which together may not exceed it.
//!
//! ```text
//! asked ─(chain: yes)→ approved ─ slips of the same car, after the approval, up to its litres
//!   └───(chain: no)──→ refused
//! ```

use sea_orm::sea_query::{ExprTrait as _, SimpleExpr};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde_json::{Value, json};

use super::entity::slip;
use super::statements::litres;
use crate::access::{Action, permit, permit_somewhere, reach};
use crate::approvals::entity::request;
use crate::approvals::model::State;
use crate::approvals::service::{self as approvals, NewRequest};
use crate::db::{Db, DbError, Tx};
use crate::kernel::text::fault;
use crate::kernel::{Ctx, Fen, Timestamp};
use crate::vehicles::store as cars;
use crate::vehicles::{NUMBERS, VehicleError};

/// The chain that it goes through.
pub const CHAIN: &str = "fuel_drum";
const ROOM: &str = "fuel_drums";
/// The most that one approval may be for, millilitres.
pub const MOST_ML: i64 = 2_000_000;
const CAR: &str = "车辆";
const QUANTITY: &str = "数量（毫升）";
const PURPOSE: &str = "用途";

/// A fill as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDrum {
    /// Plate, number or label of the car that fetches it, on whose card it is paid.
    pub car: String,
    /// At most how much, millilitres.
    pub quantity_ml: i64,
    /// What for: the boat, the generator.
    pub purpose: String,
}

/// An approval, or what became of it, and how much of it is filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    /// What was asked.
    pub request: request::Model,
    /// 审批编号
    pub number: String,
    /// The plate of the car that fetches it.
    pub plate: String,
    /// What for.
    pub purpose: String,
    /// At most how much, millilitres.
    pub quantity_ml: i64,
    /// How much the slips say, millilitres.
    pub filled_ml: i64,
}

impl Permit {
    /// Whether its chain has said yes.
    #[must_use]
    pub const fn is_approved(&self) -> bool {
        matches!(self.request.state, State::Approved | State::Ratified)
    }

    fn of(request: request::Model, filled_ml: i64) -> Self {
        let payload: Value = serde_json::from_str(&request.payload).unwrap_or_default();
        let text = |name: &str| payload[name].as_str().unwrap_or_default().to_owned();
        Self {
            number: request.subject_id.clone(),
            plate: text(CAR),
            purpose: text(PURPOSE),
            quantity_ml: payload[QUANTITY].as_i64().unwrap_or_default(),
            filled_ml,
            request,
        }
    }
}

/// Asks for a fill of drums or jerrycans; the chain decides.
///
/// # Errors
/// When it is not theirs to ask for, a field is wrong, or the car is out of scope.
pub async fn ask(db: &Db, ctx: &Ctx, new: &NewDrum) -> Result<Permit, VehicleError> {
    permit_somewhere(ctx, Action::FuelLog)?;
    if !(1..=MOST_ML).contains(&new.quantity_ml) {
        return Err(VehicleError::field("quantity", "加油量应大于 0、不超过 2,000 升"));
    }
    let purpose = new.purpose.trim();
    if purpose.is_empty() {
        return Err(VehicleError::field("purpose", "请写明油桶加油的用途"));
    }
    if let Some(reason) = fault(purpose, 200) {
        return Err(VehicleError::field("purpose", reason));
    }
    db.write(async |tx| {
        let car = cars::car(tx, ctx, &new.car).await?;
        permit(ctx, Action::FuelLog, Some(car.item.unit_id))?;
        let plate = &car.vehicle.plate;
        let request = NewRequest {
            kind: CHAIN.to_owned(),
            subject_room: ROOM.to_owned(),
            subject_id: NUMBERS.next(tx, "YT", ctx.now().day()).await?,
            unit: car.item.unit_id,
            amount: Fen::ZERO,
            reason: format!("{plate} 油桶加油 {} 升：{purpose}", litres(new.quantity_ml)),
            payload: json!({ CAR: plate, QUANTITY: new.quantity_ml, PURPOSE: purpose }),
            urgent: false,
        };
        Ok(Permit::of(approvals::create_in(tx, ctx, &request).await?, 0))
    })
    .await
}

/// Whether this much may be filled at this time with the approval of this number.
///
/// # Errors
/// When there is no such approval of this car, the chain has not said yes before, or there is not so much left of it.
pub(super) async fn allow(
    tx: &Tx,
    number: &str,
    plate: &str,
    (at, quantity_ml): (Timestamp, i64),
) -> Result<(), VehicleError> {
    let wrong = |reason: String| Err(VehicleError::field("approval_number", reason));
    let named = request::Entity::find()
        .filter(request::Column::Kind.eq(CHAIN))
        .filter(request::Column::SubjectRoom.eq(ROOM))
        .filter(request::Column::SubjectId.eq(number));
    let Some(request) = named.one(tx).await.map_err(DbError::from)? else {
        return wrong(format!("没有编号为“{number}”的油桶加油审批"));
    };
    let permit = Permit::of(request, filled(tx, number).await?);
    if permit.plate != plate {
        return wrong(format!("{number} 是 {} 的审批", permit.plate));
    }
    if !permit.is_approved() {
        return wrong(format!("{number} {}，不能据此加油", permit.request.state.zh()));
    }
    if permit.request.finished_at.is_none_or(|approved| at < approved) {
        return wrong(format!("{number} 在这次加油之后才批准"));
    }
    let left = permit.quantity_ml - permit.filled_ml;
    if quantity_ml > left {
        return wrong(format!("{number} 批准 {} 升，还可加 {} 升", litres(permit.quantity_ml), litres(left)));
    }
    Ok(())
}

/// The approval of this number within reach.
///
/// # Errors
/// [`VehicleError::NotFound`] when there is none.
pub async fn one(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<Permit, VehicleError> {
    let found = request::Entity::find().filter(seen(ctx)).filter(request::Column::SubjectId.eq(number));
    let request = found.one(db).await.map_err(DbError::from)?.ok_or(VehicleError::NotFound("这份油桶加油审批"))?;
    let filled_ml = filled(db, number).await?;
    Ok(Permit::of(request, filled_ml))
}

/// Those of the units that `ctx` may see, and their own.
fn seen(ctx: &Ctx) -> SimpleExpr {
    use request::Column as C;
    let all = C::Kind.eq(CHAIN).and(C::SubjectRoom.eq(ROOM));
    let Some(units) = reach(ctx, Action::FuelRead).units() else { return all };
    let theirs = C::UnitId.is_in(units);
    all.and(match ctx.person() {
        Some(me) => theirs.or(C::RequestedBy.eq(me)),
        None => theirs,
    })
}

async fn filled(db: &impl ConnectionTrait, number: &str) -> Result<i64, DbError> {
    let slips =
        slip::Entity::find().filter(slip::Column::Container.eq(true)).filter(slip::Column::ApprovalNumber.eq(number));
    Ok(slips.all(db).await?.iter().map(|row| row.quantity_ml).sum())
}

/// What was asked for within reach, newest first; whoever asked sees their own.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &impl ConnectionTrait, ctx: &Ctx, limit: u64) -> Result<Vec<Permit>, DbError> {
    let found = request::Entity::find().filter(seen(ctx)).order_by_desc(request::Column::Id);
    let found = found.limit(limit).all(db).await?;
    let mut permits = Vec::with_capacity(found.len());
    for request in found {
        let filled_ml = filled(db, &request.subject_id).await?;
        permits.push(Permit::of(request, filled_ml));
    }
    Ok(permits)
}
