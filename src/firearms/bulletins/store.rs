//! Bulletins within reach. They take any connection and decide nothing.

use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::{bulletin, line};
use super::service::State;
use crate::access::{Action, permit_somewhere, reach};
use crate::db::DbError;
use crate::firearms::ArmsError;
use crate::kernel::Ctx;

/// What was issued is for everybody who sees firearms at all; a draft for whoever makes it, and whoever sees everything.
fn visible(ctx: &Ctx) -> Condition {
    let all = Condition::all();
    let makes = permit_somewhere(ctx, Action::BulletinsIssue).is_ok();
    if makes || reach(ctx, Action::FirearmsRead).units().is_none() {
        return all;
    }
    all.add(bulletin::Column::State.eq(State::Issued))
}

/// Bulletins that `ctx` may see, the last week first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &impl ConnectionTrait, ctx: &Ctx, limit: u64) -> Result<Vec<bulletin::Model>, DbError> {
    let all = bulletin::Entity::find().filter(visible(ctx));
    Ok(all.order_by_desc(bulletin::Column::FromDay).limit(limit).all(db).await?)
}

/// The bulletin of this number that `ctx` may see.
///
/// # Errors
/// [`ArmsError::NotFound`] when there is none, or it is out of scope.
pub async fn one(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<bulletin::Model, ArmsError> {
    let missing = ArmsError::NotFound("这期通报");
    if number.contains('\0') {
        return Err(missing);
    }
    let key = crate::kernel::text::key(number).into_owned();
    let of_number = bulletin::Column::Number.eq(key);
    bulletin::Entity::find().filter(visible(ctx)).filter(of_number).one(db).await?.ok_or(missing)
}

/// The lines of a bulletin, a unit each.
///
/// # Errors
/// When the database cannot be read.
pub async fn lines(db: &impl ConnectionTrait, of: Uuid) -> Result<Vec<line::Model>, DbError> {
    let rows = line::Entity::find().filter(line::Column::BulletinId.eq(of));
    Ok(rows.order_by_asc(line::Column::UnitId).all(db).await?)
}
