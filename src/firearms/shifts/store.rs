//! Handovers and visits within reach. They take any connection and decide nothing.

use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::{line, shift, signature, visit};
use super::model::State;
use crate::access::{Action, reach};
use crate::db::DbError;
use crate::firearms::ArmsError;
use crate::kernel::Ctx;
use crate::kernel::ids::UnitId;

/// Handovers that `ctx` may see, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &impl ConnectionTrait, ctx: &Ctx, limit: u64) -> Result<Vec<shift::Model>, DbError> {
    let mut all = shift::Entity::find();
    if let Some(units) = reach(ctx, Action::FirearmsRead).units() {
        all = all.filter(shift::Column::UnitId.is_in(units));
    }
    Ok(all.order_by_desc(shift::Column::Id).limit(limit).all(db).await?)
}

/// The handover of this number that `ctx` may see.
///
/// # Errors
/// [`ArmsError::NotFound`] when there is none, or it is out of scope.
pub async fn one(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<shift::Model, ArmsError> {
    let missing = ArmsError::NotFound("这次交接");
    if number.contains('\0') {
        return Err(missing);
    }
    let key = crate::kernel::text::key(number).into_owned();
    let row = shift::Entity::find().filter(shift::Column::Number.eq(key)).one(db).await?;
    row.filter(|row| reach(ctx, Action::FirearmsRead).covers(Some(row.unit_id))).ok_or(missing)
}

/// The lines of the count that holds, in order.
///
/// # Errors
/// When the database cannot be read.
pub async fn lines(db: &impl ConnectionTrait, of: &shift::Model) -> Result<Vec<line::Model>, DbError> {
    Ok(line::Entity::find()
        .filter(line::Column::ShiftId.eq(of.id))
        .filter(line::Column::Round.eq(of.round))
        .order_by_asc(line::Column::Line)
        .all(db)
        .await?)
}

/// The last handover of a unit that was closed.
///
/// # Errors
/// When the database cannot be read.
pub async fn last_closed(db: &impl ConnectionTrait, unit: UnitId) -> Result<Option<shift::Model>, DbError> {
    Ok(shift::Entity::find()
        .filter(shift::Column::UnitId.eq(unit))
        .filter(shift::Column::State.eq(State::Closed))
        .order_by_desc(shift::Column::EndedAt)
        .order_by_desc(shift::Column::Id)
        .one(db)
        .await?)
}

/// The signatures that count.
///
/// # Errors
/// When the database cannot be read.
pub async fn signatures(db: &impl ConnectionTrait, of: Uuid) -> Result<Vec<signature::Model>, DbError> {
    Ok(signature::Entity::find()
        .filter(signature::Column::ShiftId.eq(of))
        .filter(signature::Column::VoidedAt.is_null())
        .order_by_asc(signature::Column::Id)
        .all(db)
        .await?)
}

/// Who went into a store, the last first.
///
/// # Errors
/// When the database cannot be read.
pub async fn visits(db: &impl ConnectionTrait, armoury: Uuid, limit: u64) -> Result<Vec<visit::Model>, DbError> {
    let of = visit::Entity::find().filter(visit::Column::ArmouryId.eq(armoury));
    Ok(of.order_by_desc(visit::Column::Id).limit(limit).all(db).await?)
}
