//! Draws within reach, their acts, who holds what. They take any connection and decide nothing.

use hashbrown::HashMap;
use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::{act, draw, extension, holding, lock, magazine_holding, signature, step};
use super::model::{ActState, LongerState, State};
use crate::access::{Action, reach};
use crate::approvals::entity::request;
use crate::approvals::model::State as Approval;
use crate::db::{DbError, bulk::CHUNK_ROWS};
use crate::firearms::ArmsError;
use crate::kernel::Ctx;
use crate::kernel::ids::{ApprovalId, ItemId, PersonId, UnitId};

/// Which draws.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// In this state only, as it is written.
    pub state: Option<State>,
    /// Of this unit's stores only.
    pub unit: Option<UnitId>,
    /// Of this officer only.
    pub drawer: Option<PersonId>,
    /// Only those that have a gun out.
    pub out: bool,
    /// Asked for before this one.
    pub before: Option<Uuid>,
}

/// A draw as it stands now: what the chain has said since counts, though nobody has written it down yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The draw as it is written.
    pub row: draw::Model,
    /// Its state as it is.
    pub state: State,
}

/// What a draw's state is when its chain has come so far.
#[must_use]
pub const fn as_it_is(written: State, approval: Option<Approval>) -> State {
    match (written, approval) {
        (State::Asked, Some(Approval::Approved | Approval::Ratified | Approval::Used)) => State::Approved,
        (State::Asked, Some(Approval::Refused | Approval::NotRatified)) => State::Refused,
        (State::Asked, Some(Approval::Withdrawn)) => State::Withdrawn,
        (written, _) => written,
    }
}

/// What whoever asks may see: the draws of stores within reach, and their own.
fn visible(ctx: &Ctx) -> Condition {
    let Some(units) = reach(ctx, Action::FirearmsRead).units() else { return Condition::all() };
    let seen = Condition::any().add(draw::Column::UnitId.is_in(units));
    match ctx.person() {
        Some(me) => seen.add(draw::Column::DrawerId.eq(me)),
        None => seen,
    }
}

/// Draws that `ctx` may see, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &impl ConnectionTrait, ctx: &Ctx, wanted: &Wanted, limit: u64) -> Result<Vec<Shown>, DbError> {
    use draw::Column as C;
    let mut all = visible(ctx);
    all = Condition::all().add(all);
    if let Some(state) = wanted.state {
        all = all.add(C::State.eq(state));
    }
    if let Some(unit) = wanted.unit {
        all = all.add(C::UnitId.eq(unit));
    }
    if let Some(drawer) = wanted.drawer {
        all = all.add(C::DrawerId.eq(drawer));
    }
    if wanted.out {
        all = all.add(C::State.is_in([State::Out, State::Returning]));
    }
    if let Some(before) = wanted.before {
        all = all.add(C::Id.lt(before));
    }
    let rows = draw::Entity::find().filter(all).order_by_desc(C::Id).limit(limit).all(db).await?;
    shown(db, rows).await
}

async fn shown(db: &impl ConnectionTrait, rows: Vec<draw::Model>) -> Result<Vec<Shown>, DbError> {
    let mut chains: HashMap<ApprovalId, Approval> = HashMap::new();
    for chunk in rows.chunks(CHUNK_ROWS) {
        let ids = chunk.iter().map(|row| row.approval_id);
        for request in request::Entity::find().filter(request::Column::Id.is_in(ids)).all(db).await? {
            chains.insert(request.id, request.state);
        }
    }
    let of = |row: draw::Model| Shown { state: as_it_is(row.state, chains.get(&row.approval_id).copied()), row };
    Ok(rows.into_iter().map(of).collect())
}

/// The draw of this number that `ctx` may see.
///
/// # Errors
/// [`ArmsError::NotFound`] when there is none, or it is out of scope.
pub async fn one(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<Shown, ArmsError> {
    let missing = || ArmsError::NotFound("这张领枪单");
    if number.contains('\0') {
        return Err(missing());
    }
    let key = crate::kernel::text::key(number).into_owned();
    let row = draw::Entity::find().filter(visible(ctx)).filter(draw::Column::Number.eq(key)).one(db).await?;
    shown(db, row.into_iter().collect()).await?.pop().ok_or_else(missing)
}

/// The draw that somebody has not ended, as it is written.
///
/// # Errors
/// When the database cannot be read.
pub async fn open_of(db: &impl ConnectionTrait, person: PersonId) -> Result<Option<draw::Model>, DbError> {
    let open = [State::Asked, State::Approved, State::Handing, State::Out, State::Returning];
    Ok(draw::Entity::find()
        .filter(draw::Column::DrawerId.eq(person))
        .filter(draw::Column::State.is_in(open))
        .one(db)
        .await?)
}

/// The open act of a draw.
///
/// # Errors
/// When the database cannot be read.
pub async fn open_act(db: &impl ConnectionTrait, draw: Uuid) -> Result<Option<act::Model>, DbError> {
    Ok(act::Entity::find()
        .filter(act::Column::DrawId.eq(draw))
        .filter(act::Column::State.eq(ActState::Open))
        .one(db)
        .await?)
}

/// The open act that has a gun reserved.
///
/// # Errors
/// When the database cannot be read.
pub async fn act_with(db: &impl ConnectionTrait, gun: ItemId) -> Result<Option<act::Model>, DbError> {
    Ok(act::Entity::find()
        .filter(act::Column::ItemId.eq(gun))
        .filter(act::Column::State.eq(ActState::Open))
        .one(db)
        .await?)
}

/// Every act of a draw, the first first.
///
/// # Errors
/// When the database cannot be read.
pub async fn acts(db: &impl ConnectionTrait, draw: Uuid) -> Result<Vec<act::Model>, DbError> {
    Ok(act::Entity::find().filter(act::Column::DrawId.eq(draw)).order_by_asc(act::Column::Id).all(db).await?)
}

/// The clearance steps of an act, in order.
///
/// # Errors
/// When the database cannot be read.
pub async fn steps(db: &impl ConnectionTrait, act: Uuid) -> Result<Vec<step::Model>, DbError> {
    Ok(step::Entity::find().filter(step::Column::ActId.eq(act)).order_by_asc(step::Column::Seq).all(db).await?)
}

/// The signatures to an act that were not made void.
///
/// # Errors
/// When the database cannot be read.
pub async fn signatures(db: &impl ConnectionTrait, act: Uuid) -> Result<Vec<signature::Model>, DbError> {
    Ok(signature::Entity::find()
        .filter(signature::Column::ActId.eq(act))
        .filter(signature::Column::VoidedAt.is_null())
        .order_by_asc(signature::Column::Id)
        .all(db)
        .await?)
}

/// Who holds a gun now.
///
/// # Errors
/// When the database cannot be read.
pub async fn holder_of(db: &impl ConnectionTrait, gun: ItemId) -> Result<Option<holding::Model>, DbError> {
    Ok(holding::Entity::find()
        .filter(holding::Column::ItemId.eq(gun))
        .filter(holding::Column::EndedAt.is_null())
        .one(db)
        .await?)
}

/// The gun that somebody holds now.
///
/// # Errors
/// When the database cannot be read.
pub async fn held_by(db: &impl ConnectionTrait, person: PersonId) -> Result<Option<holding::Model>, DbError> {
    Ok(holding::Entity::find()
        .filter(holding::Column::PersonId.eq(person))
        .filter(holding::Column::EndedAt.is_null())
        .one(db)
        .await?)
}

/// Who held a gun, the last first.
///
/// # Errors
/// When the database cannot be read.
pub async fn holdings_of(db: &impl ConnectionTrait, gun: ItemId, most: u64) -> Result<Vec<holding::Model>, DbError> {
    let of = holding::Entity::find().filter(holding::Column::ItemId.eq(gun));
    Ok(of.order_by_desc(holding::Column::Since).limit(most).all(db).await?)
}

/// The magazines that are out with a draw.
///
/// # Errors
/// When the database cannot be read.
pub async fn magazines_out(db: &impl ConnectionTrait, draw: Uuid) -> Result<Vec<magazine_holding::Model>, DbError> {
    Ok(magazine_holding::Entity::find()
        .filter(magazine_holding::Column::DrawId.eq(draw))
        .filter(magazine_holding::Column::EndedAt.is_null())
        .order_by_asc(magazine_holding::Column::Id)
        .all(db)
        .await?)
}

/// The locks of a unit that stand.
///
/// # Errors
/// When the database cannot be read.
pub async fn locks_of(db: &impl ConnectionTrait, unit: UnitId) -> Result<Vec<lock::Model>, DbError> {
    Ok(lock::Entity::find()
        .filter(lock::Column::UnitId.eq(unit))
        .filter(lock::Column::LiftedAt.is_null())
        .order_by_asc(lock::Column::Id)
        .all(db)
        .await?)
}

/// The wish for more time that waits for its chain.
///
/// # Errors
/// When the database cannot be read.
pub async fn longer_of(db: &impl ConnectionTrait, draw: Uuid) -> Result<Option<extension::Model>, DbError> {
    Ok(extension::Entity::find()
        .filter(extension::Column::DrawId.eq(draw))
        .filter(extension::Column::State.eq(LongerState::Asked))
        .one(db)
        .await?)
}
