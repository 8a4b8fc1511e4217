//! Cards within reach, and which car held which on a day. They take any connection and decide nothing.

use chrono::NaiveDate;
use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::{card, holding};
use super::model::{CardKind, CardState};
use crate::access::{Action, reach};
use crate::db::DbError;
use crate::db::order::{self, Order};
use crate::kernel::Ctx;
use crate::kernel::ids::{ItemId, UnitId};
use crate::kernel::text::key;
use crate::vehicles::VehicleError;

/// Which cards.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of this kind only.
    pub kind: Option<CardKind>,
    /// In this state only.
    pub state: Option<CardState>,
    /// Of this unit only.
    pub unit: Option<UnitId>,
    /// Numbers after this one, as compared.
    pub after: Option<String>,
}

/// Cards that `ctx` may see, by number.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    wanted: &Wanted,
    limit: u64,
) -> Result<Vec<card::Model>, DbError> {
    let all = card::Entity::find().filter(condition(ctx, wanted)).order_by_asc(card::Column::NumberKey);
    Ok(all.limit(limit).all(db).await?)
}

/// The same cards in another order; the order says where the page begins.
///
/// # Errors
/// When the database cannot be read.
pub async fn sorted(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    wanted: &Wanted,
    order: &Order<card::Column>,
    limit: u64,
) -> Result<Vec<card::Model>, DbError> {
    let all = card::Entity::find().filter(condition(ctx, &Wanted { after: None, ..wanted.clone() }));
    Ok(order::sorted(all, order).limit(limit).all(db).await?)
}

fn condition(ctx: &Ctx, wanted: &Wanted) -> Condition {
    use card::Column as C;
    let mut all = Condition::all();
    if let Some(units) = reach(ctx, Action::VehiclesRead).units() {
        all = all.add(C::UnitId.is_in(units));
    }
    if let Some(kind) = wanted.kind {
        all = all.add(C::Kind.eq(kind));
    }
    if let Some(state) = wanted.state {
        all = all.add(C::State.eq(state));
    }
    if let Some(unit) = wanted.unit {
        all = all.add(C::UnitId.eq(unit));
    }
    if let Some(after) = &wanted.after {
        all = all.add(C::NumberKey.gt(after));
    }
    all
}

/// The card of this number that `ctx` may see.
///
/// # Errors
/// [`VehicleError::NotFound`] when there is none, or it is out of scope.
pub async fn one(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<card::Model, VehicleError> {
    let found = named(db, number).await?;
    let seen = reach(ctx, Action::VehiclesRead);
    found.filter(|row| seen.covers(Some(row.unit_id))).ok_or(VehicleError::NotFound("这张加油卡"))
}

/// The card of this number, whoever asks.
///
/// # Errors
/// When the database cannot be read.
pub async fn named(db: &impl ConnectionTrait, number: &str) -> Result<Option<card::Model>, DbError> {
    if number.contains('\0') {
        return Ok(None);
    }
    Ok(card::Entity::find().filter(card::Column::NumberKey.eq(key(number).as_ref())).one(db).await?)
}

/// The card with this id.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_id(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<card::Model>, DbError> {
    Ok(card::Entity::find_by_id(id).one(db).await?)
}

/// Who held a card when, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn holdings_of(db: &impl ConnectionTrait, card: Uuid) -> Result<Vec<holding::Model>, DbError> {
    let rows = holding::Entity::find().filter(holding::Column::CardId.eq(card));
    Ok(rows.order_by_desc(holding::Column::FromOn).all(db).await?)
}

/// Which cards a car held when, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn held_by(db: &impl ConnectionTrait, car: ItemId) -> Result<Vec<holding::Model>, DbError> {
    let rows = holding::Entity::find().filter(holding::Column::ItemId.eq(car));
    Ok(rows.order_by_desc(holding::Column::FromOn).all(db).await?)
}

fn on(day: NaiveDate) -> Condition {
    use holding::Column as H;
    let open = Condition::any().add(H::UntilOn.is_null()).add(H::UntilOn.gte(day));
    Condition::all().add(H::FromOn.lte(day)).add(open)
}

/// Which car held a card on a day.
///
/// # Errors
/// When the database cannot be read.
pub async fn holder_on(
    db: &impl ConnectionTrait,
    card: Uuid,
    day: NaiveDate,
) -> Result<Option<holding::Model>, DbError> {
    Ok(holding::Entity::find().filter(holding::Column::CardId.eq(card)).filter(on(day)).one(db).await?)
}

/// Which card a car held on a day.
///
/// # Errors
/// When the database cannot be read.
pub async fn card_on(
    db: &impl ConnectionTrait,
    car: ItemId,
    day: NaiveDate,
) -> Result<Option<holding::Model>, DbError> {
    Ok(holding::Entity::find().filter(holding::Column::ItemId.eq(car)).filter(on(day)).one(db).await?)
}

/// Every holding on a day.
///
/// # Errors
/// When the database cannot be read.
pub async fn all_on(db: &impl ConnectionTrait, day: NaiveDate) -> Result<Vec<holding::Model>, DbError> {
    Ok(holding::Entity::find().filter(on(day)).all(db).await?)
}
