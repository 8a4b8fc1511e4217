//! Upkeep papers within reach. They take any connection and decide nothing.

use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::{line, upkeep};
use super::model::State;
use crate::access::{Action, reach};
use crate::db::DbError;
use crate::firearms::ArmsError;
use crate::kernel::Ctx;
use crate::kernel::ids::ItemId;

/// Papers that `ctx` may see, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    state: Option<State>,
    limit: u64,
) -> Result<Vec<upkeep::Model>, DbError> {
    let mut all = upkeep::Entity::find();
    if let Some(units) = reach(ctx, Action::FirearmsRead).units() {
        all = all.filter(upkeep::Column::UnitId.is_in(units));
    }
    if let Some(state) = state {
        all = all.filter(upkeep::Column::State.eq(state));
    }
    Ok(all.order_by_desc(upkeep::Column::Id).limit(limit).all(db).await?)
}

/// The paper of this number that `ctx` may see.
///
/// # Errors
/// [`ArmsError::NotFound`] when there is none, or it is out of scope.
pub async fn one(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<upkeep::Model, ArmsError> {
    let missing = ArmsError::NotFound("这张保养单");
    if number.contains('\0') {
        return Err(missing);
    }
    let key = crate::kernel::text::key(number).into_owned();
    let row = upkeep::Entity::find().filter(upkeep::Column::Number.eq(key)).one(db).await?;
    row.filter(|row| reach(ctx, Action::FirearmsRead).covers(Some(row.unit_id))).ok_or(missing)
}

/// The guns of a paper.
///
/// # Errors
/// When the database cannot be read.
pub async fn lines(db: &impl ConnectionTrait, of: Uuid) -> Result<Vec<line::Model>, DbError> {
    Ok(line::Entity::find().filter(line::Column::UpkeepId.eq(of)).order_by_asc(line::Column::Line).all(db).await?)
}

/// The line of the open paper that a gun is in, and the paper.
///
/// # Errors
/// When the database cannot be read.
pub async fn open_with(
    db: &impl ConnectionTrait,
    gun: ItemId,
) -> Result<Option<(line::Model, upkeep::Model)>, DbError> {
    let open = line::Entity::find().filter(line::Column::ItemId.eq(gun)).filter(line::Column::EndedAt.is_null());
    let Some(row) = open.one(db).await? else { return Ok(None) };
    let paper = upkeep::Entity::find_by_id(row.upkeep_id).one(db).await?;
    Ok(paper.map(|paper| (row, paper)))
}
