//! Trips and months within reach: one, a list, what is open of a car or a driver. They take any connection and decide
//! nothing.

use hashbrown::HashMap;
use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _,
};

use super::entity::{submission, trip};
use super::model::State;
use crate::access::{Action, reach};
use crate::approvals::entity::request;
use crate::approvals::model::State as Approval;
use crate::db::order::{self, Order};
use crate::db::{DbError, bulk::CHUNK_ROWS};
use crate::kernel::ids::{ItemId, PersonId, UnitId};
use crate::kernel::{Ctx, Timestamp};
use crate::vehicles::VehicleError;

/// Which trips.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// In this state only.
    pub state: Option<State>,
    /// Of this unit only.
    pub unit: Option<UnitId>,
    /// Of this car only.
    pub car: Option<ItemId>,
    /// Driven by this person only.
    pub driver: Option<PersonId>,
    /// Of departures in this month only, `2026-11`.
    pub month: Option<String>,
    /// Asked for or driven by whoever looks.
    pub mine: bool,
    /// Only urgent ones.
    pub urgent: bool,
    /// Only those whose odometer did not go on from the return before.
    pub gaps: bool,
    /// Asked for before this one.
    pub before: Option<Uuid>,
}

/// A trip as it stands now: what the chain has said since counts, though nobody has written it down yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The trip as it is written.
    pub row: trip::Model,
    /// Its state as it is.
    pub state: State,
    /// What it asked the chain.
    pub approval: Option<request::Model>,
}

/// What a trip's state is when its chain has come so far.
#[must_use]
pub fn as_it_is(written: State, approval: Option<Approval>) -> State {
    match (written, approval) {
        (State::Asked, Some(Approval::Approved | Approval::Ratified)) => State::Approved,
        (State::Asked, Some(Approval::Refused | Approval::NotRatified)) => State::Refused,
        (State::Asked, Some(Approval::Withdrawn)) => State::Withdrawn,
        (written, _) => written,
    }
}

/// The chain's states that make a trip that is written as asked for be in `state`.
const fn chain_states(state: State) -> &'static [Approval] {
    match state {
        State::Asked => &[Approval::Waiting, Approval::Used],
        State::Approved => &[Approval::Approved, Approval::Ratified],
        State::Refused => &[Approval::Refused, Approval::NotRatified],
        State::Withdrawn => &[Approval::Withdrawn],
        _ => &[],
    }
}

fn in_state(state: State) -> Condition {
    let by_chain = request::Entity::find()
        .select_only()
        .column(request::Column::Id)
        .filter(request::Column::State.is_in(chain_states(state).iter().copied()))
        .into_query();
    let asked =
        Condition::all().add(trip::Column::State.eq(State::Asked)).add(trip::Column::ApprovalId.in_subquery(by_chain));
    match state {
        State::Asked => asked,
        State::Approved | State::Refused | State::Withdrawn => {
            Condition::any().add(trip::Column::State.eq(state)).add(asked)
        }
        _ => Condition::all().add(trip::Column::State.eq(state)),
    }
}

fn condition(ctx: &Ctx, wanted: &Wanted) -> Condition {
    use trip::Column as C;
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
    if let Some(driver) = wanted.driver {
        all = all.add(C::DriverId.eq(driver));
    }
    if let Some(month) = &wanted.month {
        all = all.add(C::Month.eq(month));
    }
    if wanted.mine {
        // Nobody has the id of no person.
        let theirs = ctx.person().map_or_else(
            || Condition::all().add(C::Number.is_null()),
            |me| Condition::any().add(C::AskerId.eq(me)).add(C::DriverId.eq(me)),
        );
        all = all.add(theirs);
    }
    if wanted.urgent {
        all = all.add(C::Urgent.eq(true));
    }
    if wanted.gaps {
        all = all.add(C::GapKm.is_not_null());
    }
    if let Some(before) = wanted.before {
        all = all.add(C::Id.lt(before));
    }
    all
}

/// Trips that `ctx` may see, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &impl ConnectionTrait, ctx: &Ctx, wanted: &Wanted, limit: u64) -> Result<Vec<Shown>, DbError> {
    let newest = trip::Entity::find().filter(condition(ctx, wanted)).order_by_desc(trip::Column::Id);
    shown(db, newest.limit(limit).all(db).await?).await
}

/// The same trips in another order; the order says where the page begins.
///
/// # Errors
/// When the database cannot be read.
pub async fn sorted(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    wanted: &Wanted,
    order: &Order<trip::Column>,
    limit: u64,
) -> Result<Vec<Shown>, DbError> {
    let all = trip::Entity::find().filter(condition(ctx, &Wanted { before: None, ..wanted.clone() }));
    shown(db, order::sorted(all, order).limit(limit).all(db).await?).await
}

async fn shown(db: &impl ConnectionTrait, rows: Vec<trip::Model>) -> Result<Vec<Shown>, DbError> {
    let mut chains = HashMap::new();
    for chunk in rows.chunks(CHUNK_ROWS) {
        let ids: Vec<_> = chunk.iter().filter_map(|row| row.approval_id).collect();
        if ids.is_empty() {
            continue;
        }
        for request in request::Entity::find().filter(request::Column::Id.is_in(ids)).all(db).await? {
            chains.insert(request.id, request);
        }
    }
    let of = |row: trip::Model| {
        let approval = row.approval_id.and_then(|id| chains.remove(&id));
        Shown { state: as_it_is(row.state, approval.as_ref().map(|one| one.state)), approval, row }
    };
    Ok(rows.into_iter().map(of).collect())
}

/// The trip of this number that `ctx` may see.
///
/// # Errors
/// [`VehicleError::NotFound`] when there is none, or it is out of scope.
pub async fn one(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<Shown, VehicleError> {
    let missing = || VehicleError::NotFound("这次用车");
    if number.contains('\0') {
        return Err(missing());
    }
    let key = crate::kernel::text::key(number).into_owned();
    let row = trip::Entity::find().filter(trip::Column::Number.eq(key)).one(db).await?;
    let row = row.filter(|row| reach(ctx, Action::VehiclesRead).covers(Some(row.unit_id)));
    shown(db, row.into_iter().collect()).await?.pop().ok_or_else(missing)
}

/// The trip on which a car is out.
///
/// # Errors
/// When the database cannot be read.
pub async fn out_with(db: &impl ConnectionTrait, car: ItemId) -> Result<Option<trip::Model>, DbError> {
    Ok(trip::Entity::find().filter(trip::Column::OpenCar.eq(car.0)).one(db).await?)
}

/// The trip on which somebody is out.
///
/// # Errors
/// When the database cannot be read.
pub async fn out_driving(db: &impl ConnectionTrait, driver: PersonId) -> Result<Option<trip::Model>, DbError> {
    Ok(trip::Entity::find().filter(trip::Column::OpenDriver.eq(driver.0)).one(db).await?)
}

/// Trips of a car that wait for a yes or may depart, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting_for(db: &impl ConnectionTrait, car: ItemId) -> Result<Vec<Shown>, DbError> {
    let rows = trip::Entity::find()
        .filter(trip::Column::ItemId.eq(car))
        .filter(trip::Column::State.is_in([State::Asked, State::Approved]))
        .order_by_asc(trip::Column::Id)
        .all(db)
        .await?;
    let rows = shown(db, rows).await?;
    Ok(rows.into_iter().filter(|one| one.state.is_open()).collect())
}

/// The last return of a car at or before an instant, by another trip than `own`.
///
/// # Errors
/// When the database cannot be read.
pub async fn return_before(
    db: &impl ConnectionTrait,
    car: ItemId,
    at: Timestamp,
    own: Option<Uuid>,
) -> Result<Option<trip::Model>, DbError> {
    let mut trips = trip::Entity::find()
        .filter(trip::Column::ItemId.eq(car))
        .filter(trip::Column::ReturnedAt.lte(at))
        .order_by_desc(trip::Column::ReturnedAt)
        .order_by_desc(trip::Column::Id);
    if let Some(own) = own {
        trips = trips.filter(trip::Column::Id.ne(own));
    }
    Ok(trips.one(db).await?)
}

/// The lines of a car's book in a year, or in a month of it, in the order of departure.
///
/// # Errors
/// When the database cannot be read.
pub async fn book(db: &impl ConnectionTrait, car: ItemId, months: &str) -> Result<Vec<trip::Model>, DbError> {
    Ok(trip::Entity::find()
        .filter(trip::Column::ItemId.eq(car))
        .filter(trip::Column::Month.starts_with(months))
        .order_by_asc(trip::Column::DepartedAt)
        .order_by_asc(trip::Column::Id)
        .all(db)
        .await?)
}

/// The lines of a unit's month, in the order of departure.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_month(db: &impl ConnectionTrait, unit: UnitId, month: &str) -> Result<Vec<trip::Model>, DbError> {
    Ok(trip::Entity::find()
        .filter(trip::Column::UnitId.eq(unit))
        .filter(trip::Column::Month.eq(month))
        .order_by_asc(trip::Column::DepartedAt)
        .order_by_asc(trip::Column::Id)
        .all(db)
        .await?)
}

/// What a unit's month was handed in as.
///
/// # Errors
/// When the database cannot be read.
pub async fn submission(
    db: &impl ConnectionTrait,
    unit: UnitId,
    month: &str,
) -> Result<Option<submission::Model>, DbError> {
    Ok(submission::Entity::find()
        .filter(submission::Column::UnitId.eq(unit))
        .filter(submission::Column::Month.eq(month))
        .one(db)
        .await?)
}

/// How a unit's month looks before it is handed in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromQueryResult)]
pub struct MonthCount {
    /// Trips that departed in it.
    pub trips: i64,
    /// Still out or not checked yet.
    pub unchecked: i64,
    /// That did not go on from the return before.
    pub gaps: i64,
    /// Done before a yes.
    pub urgent: i64,
    /// How far they went together.
    pub km: i64,
}

/// A unit's month with what was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthOf {
    /// Whose.
    pub unit: UnitId,
    /// What it comes to.
    pub count: MonthCount,
    /// What was handed in, when it was.
    pub submission: Option<submission::Model>,
}

/// Of a trip in a month's book: its unit, state, gap, whether it was urgent, and what the odometer showed.
type Line = (UnitId, State, Option<i64>, bool, Option<i64>, Option<i64>);

/// A month of every unit that `ctx` may see and that keeps books: who has handed in and who has not.
///
/// # Errors
/// When the database cannot be read.
pub async fn months(db: &impl ConnectionTrait, ctx: &Ctx, month: &str) -> Result<Vec<MonthOf>, DbError> {
    let seen = reach(ctx, Action::VehiclesRead);
    let mut counts: HashMap<UnitId, MonthCount> = HashMap::new();
    for unit in crate::vehicles::reminders::units_with_books(db, month).await? {
        counts.insert(unit, MonthCount::default());
    }
    // A month of a sub-bureau is a few thousand rows of six columns.
    let rows: Vec<Line> = trip::Entity::find()
        .select_only()
        .columns([trip::Column::UnitId, trip::Column::State, trip::Column::GapKm, trip::Column::Urgent])
        .columns([trip::Column::DepartedKm, trip::Column::ReturnedKm])
        .filter(trip::Column::Month.eq(month))
        .into_tuple()
        .all(db)
        .await?;
    for (unit, state, gap, urgent, from, to) in rows {
        let count = counts.entry(unit).or_default();
        count.trips += 1;
        count.unchecked += i64::from(matches!(state, State::Out | State::Returned));
        count.gaps += i64::from(gap.is_some());
        count.urgent += i64::from(urgent);
        count.km += to.unwrap_or_default() - from.filter(|_| to.is_some()).unwrap_or_default();
    }
    let of_month = submission::Entity::find().filter(submission::Column::Month.eq(month)).all(db).await?;
    let mut handed_in: HashMap<UnitId, submission::Model> =
        of_month.into_iter().map(|row| (row.unit_id, row)).collect();
    let mut months: Vec<MonthOf> = counts
        .into_iter()
        .filter(|(unit, _)| seen.covers(Some(*unit)))
        .map(|(unit, count)| MonthOf { unit, count, submission: handed_in.remove(&unit) })
        .collect();
    months.sort_by_key(|month| month.unit);
    Ok(months)
}

/// How many trips in each of these states somebody may act on, by the units within reach of `action`.
///
/// # Errors
/// When the database cannot be read.
pub async fn count_in(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    action: Action,
    states: &[State],
) -> Result<HashMap<State, i64>, DbError> {
    let mut condition = Condition::all().add(trip::Column::State.is_in(states.iter().copied()));
    if let Some(units) = reach(ctx, action).units() {
        condition = condition.add(trip::Column::UnitId.is_in(units));
    }
    let rows: Vec<(State, i64)> = trip::Entity::find()
        .select_only()
        .column(trip::Column::State)
        .column_as(trip::Column::Id.count(), "many")
        .filter(condition)
        .group_by(trip::Column::State)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}
