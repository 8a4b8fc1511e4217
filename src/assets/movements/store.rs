//! Documents within reach: one, a list, what is open of a thing. They take any connection and decide nothing.

use hashbrown::HashMap;
use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _,
};

use super::entity::{confirmation, movement, movement_line};
use super::model::{Kind, State};
use crate::access::{Action, reach};
use crate::approvals::entity::request;
use crate::approvals::model::State as Approval;
use crate::assets::AssetError;
use crate::db::order::{self, Order};
use crate::db::{DbError, bulk::CHUNK_ROWS};
use crate::kernel::ids::{ItemId, PersonId, UnitId};
use crate::kernel::{Ctx, Timestamp};

/// Which documents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of this kind only.
    pub kind: Option<Kind>,
    /// In this state only.
    pub state: Option<State>,
    /// From or to this unit only.
    pub unit: Option<UnitId>,
    /// With this thing only.
    pub item: Option<ItemId>,
    /// Asked for by whoever looks.
    pub mine: bool,
    /// Asked for before this one.
    pub before: Option<Uuid>,
}

/// A document as it stands now: what the chain has said since counts, though nobody has written it down yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The document as it is written.
    pub row: movement::Model,
    /// Its state as it is.
    pub state: State,
    /// What it asked the chain.
    pub approval: Option<request::Model>,
}

/// What a document's state is when its chain has come so far.
#[must_use]
pub fn as_it_is(written: State, approval: Option<Approval>) -> State {
    match (written, approval) {
        (State::Asked, Some(Approval::Approved | Approval::Ratified)) => State::Approved,
        (State::Asked, Some(Approval::Refused | Approval::NotRatified)) => State::Refused,
        (State::Asked, Some(Approval::Withdrawn)) => State::Withdrawn,
        (written, _) => written,
    }
}

/// The chain's states that make a document that is written as asked for be in `state`.
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
    let asked = Condition::all()
        .add(movement::Column::State.eq(State::Asked))
        .add(movement::Column::ApprovalId.in_subquery(by_chain));
    let written = Condition::all().add(movement::Column::State.eq(state));
    if state == State::Asked { asked } else { Condition::any().add(written).add(asked) }
}

fn condition(ctx: &Ctx, wanted: &Wanted) -> Condition {
    use movement::Column as C;
    let mut all = Condition::all();
    if let Some(units) = reach(ctx, Action::ItemsRead).units() {
        all = all.add(Condition::any().add(C::UnitId.is_in(units.clone())).add(C::ToUnitId.is_in(units)));
    }
    if let Some(kind) = wanted.kind {
        all = all.add(C::Kind.eq(kind));
    }
    if let Some(state) = wanted.state {
        all = all.add(in_state(state));
    }
    if let Some(unit) = wanted.unit {
        all = all.add(Condition::any().add(C::UnitId.eq(unit)).add(C::ToUnitId.eq(unit)));
    }
    if let Some(item) = wanted.item {
        let with_it = movement_line::Entity::find()
            .select_only()
            .column(movement_line::Column::MovementId)
            .filter(movement_line::Column::ItemId.eq(item))
            .into_query();
        all = all.add(C::Id.in_subquery(with_it));
    }
    if wanted.mine {
        // Nobody has the id of no person.
        all = all.add(ctx.person().map_or_else(|| C::Number.is_null(), |me| C::AskerId.eq(me)));
    }
    if let Some(before) = wanted.before {
        all = all.add(C::Id.lt(before));
    }
    all
}

/// Documents that `ctx` may see, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &impl ConnectionTrait, ctx: &Ctx, wanted: &Wanted, limit: u64) -> Result<Vec<Shown>, AssetError> {
    let rows = movement::Entity::find()
        .filter(condition(ctx, wanted))
        .order_by_desc(movement::Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    shown(db, rows).await
}

/// The same documents in another order; the order says where the page begins.
///
/// # Errors
/// When the database cannot be read.
pub async fn sorted(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    wanted: &Wanted,
    order: &Order<movement::Column>,
    limit: u64,
) -> Result<Vec<Shown>, AssetError> {
    let all = movement::Entity::find().filter(condition(ctx, &Wanted { before: None, ..wanted.clone() }));
    shown(db, order::sorted(all, order).limit(limit).all(db).await?).await
}

async fn shown(db: &impl ConnectionTrait, rows: Vec<movement::Model>) -> Result<Vec<Shown>, AssetError> {
    let mut chains = HashMap::new();
    for chunk in rows.chunks(CHUNK_ROWS) {
        let ids = chunk.iter().filter_map(|row| row.approval_id);
        for request in request::Entity::find().filter(request::Column::Id.is_in(ids)).all(db).await? {
            chains.insert(request.id, request);
        }
    }
    let of = |row: movement::Model| {
        let approval = row.approval_id.and_then(|id| chains.remove(&id));
        Shown { state: as_it_is(row.state, approval.as_ref().map(|one| one.state)), approval, row }
    };
    Ok(rows.into_iter().map(of).collect())
}

/// The document of this number that `ctx` may see: from or to a unit of theirs.
///
/// # Errors
/// [`AssetError::NotFound`] when there is none, or it is out of scope.
pub async fn one(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<Shown, AssetError> {
    let missing = || AssetError::NotFound("这份变动单");
    if number.contains('\0') {
        return Err(missing());
    }
    let key = crate::kernel::text::key(number).into_owned();
    let row = movement::Entity::find().filter(movement::Column::Number.eq(key)).one(db).await?;
    let row = row.ok_or_else(missing)?;
    let seen = reach(ctx, Action::ItemsRead);
    if !seen.covers(Some(row.unit_id)) && !row.to_unit_id.is_some_and(|unit| seen.covers(Some(unit))) {
        return Err(missing());
    }
    shown(db, vec![row]).await?.pop().ok_or_else(missing)
}

/// The lines of a document, in order.
///
/// # Errors
/// When the database cannot be read.
pub async fn lines(db: &impl ConnectionTrait, id: Uuid) -> Result<Vec<movement_line::Model>, DbError> {
    Ok(movement_line::Entity::find()
        .filter(movement_line::Column::MovementId.eq(id))
        .order_by_asc(movement_line::Column::Line)
        .all(db)
        .await?)
}

/// Of these things the document that holds each, where one does.
///
/// # Errors
/// When the database cannot be read.
pub async fn open_of(
    db: &impl ConnectionTrait,
    things: &[ItemId],
) -> Result<HashMap<ItemId, movement::Model>, DbError> {
    let mut held = HashMap::new();
    for chunk in things.chunks(CHUNK_ROWS) {
        let lines = movement_line::Entity::find()
            .filter(movement_line::Column::OpenOf.is_in(chunk.iter().map(|id| id.0)))
            .all(db)
            .await?;
        let ids = lines.iter().map(|line| line.movement_id);
        let rows = movement::Entity::find().filter(movement::Column::Id.is_in(ids)).all(db).await?;
        let by_id: HashMap<Uuid, movement::Model> = rows.into_iter().map(|row| (row.id, row)).collect();
        for line in lines {
            if let Some(row) = by_id.get(&line.movement_id) {
                held.insert(line.item_id, row.clone());
            }
        }
    }
    Ok(held)
}

/// Of these things the line by which each was lent or sent to repair and has not come back.
///
/// # Errors
/// When the database cannot be read.
pub async fn out_by(
    db: &impl ConnectionTrait,
    kinds: &[Kind],
    things: &[ItemId],
) -> Result<HashMap<ItemId, movement_line::Model>, DbError> {
    let mut out = HashMap::new();
    for chunk in things.chunks(CHUNK_ROWS) {
        let done = movement::Entity::find()
            .select_only()
            .column(movement::Column::Id)
            .filter(movement::Column::Kind.is_in(kinds.iter().copied()))
            .filter(movement::Column::State.eq(State::Done))
            .into_query();
        let lines = movement_line::Entity::find()
            .filter(movement_line::Column::ItemId.is_in(chunk.iter().copied()))
            .filter(movement_line::Column::AnsweredAt.is_null())
            .filter(movement_line::Column::MovementId.in_subquery(done))
            .order_by_asc(movement_line::Column::Id);
        out.extend(lines.all(db).await?.into_iter().map(|line| (line.item_id, line)));
    }
    Ok(out)
}

/// Open documents that a person asked for, or that would give them things: to be finished before they leave.
///
/// # Errors
/// When the database cannot be read.
pub async fn open_with(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<movement::Model>, DbError> {
    let theirs =
        Condition::any().add(movement::Column::AskerId.eq(person)).add(movement::Column::ToKeeperId.eq(person));
    let open = movement::Entity::find()
        .filter(movement::Column::State.is_in([State::Asked, State::Approved, State::Accepted]))
        .filter(theirs)
        .order_by_asc(movement::Column::Id)
        .all(db)
        .await?;
    let ids = open.iter().filter_map(|row| row.approval_id);
    let requests = request::Entity::find().filter(request::Column::Id.is_in(ids)).all(db).await?;
    let chains: HashMap<_, _> = requests.into_iter().map(|row| (row.id, row.state)).collect();
    let still =
        |row: &movement::Model| as_it_is(row.state, row.approval_id.and_then(|id| chains.get(&id).copied())).is_open();
    Ok(open.into_iter().filter(still).collect())
}

/// Of these things what its keeper said last, since `since`.
///
/// # Errors
/// When the database cannot be read.
pub async fn last_words(
    db: &impl ConnectionTrait,
    things: &[ItemId],
    since: Timestamp,
) -> Result<HashMap<ItemId, confirmation::Model>, DbError> {
    let mut last = HashMap::new();
    for chunk in things.chunks(CHUNK_ROWS) {
        let said = confirmation::Entity::find()
            .filter(confirmation::Column::ItemId.is_in(chunk.iter().copied()))
            .filter(confirmation::Column::SaidAt.gte(since))
            .order_by_asc(confirmation::Column::SaidAt)
            .order_by_asc(confirmation::Column::Id);
        last.extend(said.all(db).await?.into_iter().map(|row| (row.item_id, row)));
    }
    Ok(last)
}
