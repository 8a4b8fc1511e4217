//! Repairs within reach: one, a list, what is open of a car. They take any connection and decide nothing.

use hashbrown::HashMap;
use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _,
};

use super::entity::{part, repair};
use super::model::State;
use crate::access::{Action, reach};
use crate::approvals::entity::request;
use crate::approvals::model::State as Approval;
use crate::db::order::{self, Order};
use crate::db::{DbError, bulk::CHUNK_ROWS};
use crate::kernel::ids::{ItemId, UnitId};
use crate::kernel::{Ctx, Timestamp};
use crate::vehicles::VehicleError;

/// Which repairs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// In this state only.
    pub state: Option<State>,
    /// Of this unit only.
    pub unit: Option<UnitId>,
    /// Of this car only.
    pub car: Option<ItemId>,
    /// At this workshop only.
    pub shop: Option<Uuid>,
    /// Asked for before this one.
    pub before: Option<Uuid>,
    /// Returned within these instants, both counted.
    pub returned: Option<(Timestamp, Timestamp)>,
}

/// A repair as it stands now: what the chain has said since counts, though nobody has written it down yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The repair as it is written.
    pub row: repair::Model,
    /// Its state as it is.
    pub state: State,
    /// What it asked the chain.
    pub approval: Option<request::Model>,
}

/// What a repair's state is when its chain has come so far.
#[must_use]
pub fn as_it_is(written: State, approval: Option<Approval>) -> State {
    match (written, approval) {
        (State::Asked, Some(Approval::Approved | Approval::Ratified)) => State::Approved,
        (State::Asked, Some(Approval::Refused | Approval::NotRatified)) => State::Refused,
        (State::Asked, Some(Approval::Withdrawn)) => State::Withdrawn,
        (written, _) => written,
    }
}

fn in_state(state: State) -> Condition {
    let of_chain: &[Approval] = match state {
        State::Asked => &[Approval::Waiting, Approval::Used],
        State::Approved => &[Approval::Approved, Approval::Ratified],
        State::Refused => &[Approval::Refused, Approval::NotRatified],
        State::Withdrawn => &[Approval::Withdrawn],
        State::Entered | State::Sent | State::Returned => &[],
    };
    let by_chain = request::Entity::find()
        .select_only()
        .column(request::Column::Id)
        .filter(request::Column::State.is_in(of_chain.iter().copied()))
        .into_query();
    let asked = Condition::all()
        .add(repair::Column::State.eq(State::Asked))
        .add(repair::Column::ApprovalId.in_subquery(by_chain));
    if state == State::Asked { asked } else { Condition::any().add(repair::Column::State.eq(state)).add(asked) }
}

fn condition(ctx: &Ctx, wanted: &Wanted) -> Condition {
    use repair::Column as C;
    let mut all = Condition::all();
    if let Some(units) = reach(ctx, Action::VehiclesRead).units() {
        all = all.add(C::UnitId.is_in(units));
    }
    if let Some(state) = wanted.state {
        all = all.add(in_state(state));
    }
    if let Some(unit) = wanted.unit {
        all = all.add(C::UnitId.eq(unit));
    }
    if let Some(car) = wanted.car {
        all = all.add(C::ItemId.eq(car));
    }
    if let Some(shop) = wanted.shop {
        all = all.add(C::ShopId.eq(shop));
    }
    if let Some((from, to)) = wanted.returned {
        all = all.add(C::ReturnedAt.gte(from)).add(C::ReturnedAt.lte(to));
    }
    if let Some(before) = wanted.before {
        all = all.add(C::Id.lt(before));
    }
    all
}

/// Repairs that `ctx` may see, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &impl ConnectionTrait, ctx: &Ctx, wanted: &Wanted, limit: u64) -> Result<Vec<Shown>, DbError> {
    let newest = repair::Entity::find().filter(condition(ctx, wanted)).order_by_desc(repair::Column::Id);
    shown(db, newest.limit(limit).all(db).await?).await
}

/// The same repairs in another order; the order says where the page begins.
///
/// # Errors
/// When the database cannot be read.
pub async fn sorted(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    wanted: &Wanted,
    order: &Order<repair::Column>,
    limit: u64,
) -> Result<Vec<Shown>, DbError> {
    let all = repair::Entity::find().filter(condition(ctx, &Wanted { before: None, ..wanted.clone() }));
    shown(db, order::sorted(all, order).limit(limit).all(db).await?).await
}

async fn shown(db: &impl ConnectionTrait, rows: Vec<repair::Model>) -> Result<Vec<Shown>, DbError> {
    let mut chains = HashMap::new();
    for chunk in rows.chunks(CHUNK_ROWS) {
        let ids = chunk.iter().filter_map(|row| row.approval_id);
        for request in request::Entity::find().filter(request::Column::Id.is_in(ids)).all(db).await? {
            chains.insert(request.id, request);
        }
    }
    let of = |row: repair::Model| {
        let approval = row.approval_id.and_then(|id| chains.remove(&id));
        Shown { state: as_it_is(row.state, approval.as_ref().map(|one| one.state)), approval, row }
    };
    Ok(rows.into_iter().map(of).collect())
}

/// The repair of this number that `ctx` may see.
///
/// # Errors
/// [`VehicleError::NotFound`] when there is none, or it is out of scope.
pub async fn one(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<Shown, VehicleError> {
    let missing = || VehicleError::NotFound("这份送修单");
    if number.contains('\0') {
        return Err(missing());
    }
    let key = crate::kernel::text::key(number).into_owned();
    let row = repair::Entity::find().filter(repair::Column::Number.eq(key)).one(db).await?;
    let row = row.filter(|row| reach(ctx, Action::VehiclesRead).covers(Some(row.unit_id)));
    shown(db, row.into_iter().collect()).await?.pop().ok_or_else(missing)
}

/// The open repair of a car, as it is written.
///
/// # Errors
/// When the database cannot be read.
pub async fn open_of(db: &impl ConnectionTrait, car: ItemId) -> Result<Option<repair::Model>, DbError> {
    Ok(repair::Entity::find().filter(repair::Column::OpenOf.eq(car.0)).one(db).await?)
}

/// The parts of repairs, each in order.
///
/// # Errors
/// When the database cannot be read.
pub async fn parts_of(db: &impl ConnectionTrait, repairs: &[Uuid]) -> Result<Vec<part::Model>, DbError> {
    let mut found = Vec::new();
    for chunk in repairs.chunks(CHUNK_ROWS) {
        let rows = part::Entity::find()
            .filter(part::Column::RepairId.is_in(chunk.iter().copied()))
            .order_by_asc(part::Column::RepairId)
            .order_by_asc(part::Column::Line);
        found.extend(rows.all(db).await?);
    }
    Ok(found)
}
