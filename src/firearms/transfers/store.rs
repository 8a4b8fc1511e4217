//! Transfers, scrappings and trainings within reach. They take any connection and decide nothing.

use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::{line, scrapping, training, transfer};
use super::model::State;
use crate::access::{Action, reach};
use crate::db::DbError;
use crate::firearms::ArmsError;
use crate::firearms::entity::{lot, stock};
use crate::kernel::Ctx;
use crate::kernel::ids::ItemId;
use crate::kernel::text::key;

/// Transfers from or to stores that `ctx` may see, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    state: Option<State>,
    limit: u64,
) -> Result<Vec<transfer::Model>, DbError> {
    let mut all = transfer::Entity::find();
    if let Some(units) = reach(ctx, Action::FirearmsRead).units() {
        let units: Vec<_> = units.into_iter().collect();
        let either = Condition::any()
            .add(transfer::Column::FromUnitId.is_in(units.clone()))
            .add(transfer::Column::ToUnitId.is_in(units));
        all = all.filter(either);
    }
    if let Some(state) = state {
        all = all.filter(transfer::Column::State.eq(state));
    }
    Ok(all.order_by_desc(transfer::Column::Id).limit(limit).all(db).await?)
}

/// The transfer of this number that `ctx` may see.
///
/// # Errors
/// [`ArmsError::NotFound`] when there is none, or it is out of scope.
pub async fn one(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<transfer::Model, ArmsError> {
    let missing = ArmsError::NotFound("这张枪弹调拨单");
    if number.contains('\0') {
        return Err(missing);
    }
    let found = transfer::Entity::find().filter(transfer::Column::Number.eq(key(number).as_ref())).one(db).await?;
    let seen = reach(ctx, Action::FirearmsRead);
    found.filter(|row| seen.covers(Some(row.from_unit_id)) || seen.covers(Some(row.to_unit_id))).ok_or(missing)
}

/// What is in a transfer.
///
/// # Errors
/// When the database cannot be read.
pub async fn lines(db: &impl ConnectionTrait, of: Uuid) -> Result<Vec<line::Model>, DbError> {
    Ok(line::Entity::find().filter(line::Column::TransferId.eq(of)).order_by_asc(line::Column::Line).all(db).await?)
}

/// What is on its way from or to a store, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn on_the_way(db: &impl ConnectionTrait, armoury: Uuid) -> Result<Vec<transfer::Model>, DbError> {
    let either = Condition::any().add(transfer::Column::FromId.eq(armoury)).add(transfer::Column::ToId.eq(armoury));
    Ok(transfer::Entity::find()
        .filter(either)
        .filter(transfer::Column::State.is_in([State::OnTheWay, State::Differing]))
        .order_by_asc(transfer::Column::Id)
        .all(db)
        .await?)
}

/// The open transfer that a gun is in.
///
/// # Errors
/// When the database cannot be read.
pub async fn open_with(db: &impl ConnectionTrait, gun: ItemId) -> Result<Option<transfer::Model>, DbError> {
    let open = line::Entity::find().filter(line::Column::ItemId.eq(gun)).filter(line::Column::EndedAt.is_null());
    let Some(row) = open.one(db).await? else { return Ok(None) };
    Ok(transfer::Entity::find_by_id(row.transfer_id).one(db).await?)
}

/// Rounds of a store by their row, with the lot.
///
/// # Errors
/// When the database cannot be read.
pub async fn stock_by_id(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<(stock::Model, lot::Model)>, DbError> {
    let Some(row) = stock::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    Ok(lot::Entity::find_by_id(row.lot_id).one(db).await?.map(|lot| (row, lot)))
}

/// Guns handed up that `ctx` may see, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn scrappings(db: &impl ConnectionTrait, ctx: &Ctx, limit: u64) -> Result<Vec<scrapping::Model>, DbError> {
    let mut all = scrapping::Entity::find();
    if let Some(units) = reach(ctx, Action::FirearmsRead).units() {
        all = all.filter(scrapping::Column::UnitId.is_in(units));
    }
    Ok(all.order_by_desc(scrapping::Column::Id).limit(limit).all(db).await?)
}

/// Trainings that `ctx` may see, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn trainings(db: &impl ConnectionTrait, ctx: &Ctx, limit: u64) -> Result<Vec<training::Model>, DbError> {
    let mut all = training::Entity::find();
    if let Some(units) = reach(ctx, Action::FirearmsRead).units() {
        all = all.filter(training::Column::UnitId.is_in(units));
    }
    Ok(all.order_by_desc(training::Column::Id).limit(limit).all(db).await?)
}

/// The training of this number that `ctx` may see.
///
/// # Errors
/// [`ArmsError::NotFound`] when there is none, or it is out of scope.
pub async fn training(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<training::Model, ArmsError> {
    let missing = ArmsError::NotFound("这张训练用弹单");
    if number.contains('\0') {
        return Err(missing);
    }
    let found = training::Entity::find().filter(training::Column::Number.eq(key(number).as_ref())).one(db).await?;
    found.filter(|row| reach(ctx, Action::FirearmsRead).covers(Some(row.unit_id))).ok_or(missing)
}
