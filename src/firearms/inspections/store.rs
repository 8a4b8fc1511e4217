//! Inspections within reach. They take any connection and decide nothing.

use chrono::NaiveDate;
use hashbrown::HashMap;
use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::{inspection, photo, result};
use super::model::{Kind, State};
use crate::access::{Action, reach};
use crate::db::DbError;
use crate::firearms::ArmsError;
use crate::kernel::Ctx;

/// Which inspections.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of this armoury only.
    pub armoury: Option<Uuid>,
    /// Of this kind only.
    pub kind: Option<Kind>,
    /// In this state only.
    pub state: Option<State>,
    /// Of this day only.
    pub day: Option<NaiveDate>,
    /// Opened before this one.
    pub before: Option<Uuid>,
}

fn visible(ctx: &Ctx) -> Condition {
    let all = Condition::all();
    match reach(ctx, Action::FirearmsRead).units() {
        Some(units) => all.add(inspection::Column::UnitId.is_in(units)),
        None => all,
    }
}

/// Inspections that `ctx` may see, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    wanted: &Wanted,
    limit: u64,
) -> Result<Vec<inspection::Model>, DbError> {
    use inspection::Column as C;
    let mut all = visible(ctx);
    if let Some(armoury) = wanted.armoury {
        all = all.add(C::ArmouryId.eq(armoury));
    }
    if let Some(kind) = wanted.kind {
        all = all.add(C::Kind.eq(kind));
    }
    if let Some(state) = wanted.state {
        all = all.add(C::State.eq(state));
    }
    if let Some(day) = wanted.day {
        all = all.add(C::Day.eq(day));
    }
    if let Some(before) = wanted.before {
        all = all.add(C::Id.lt(before));
    }
    Ok(inspection::Entity::find().filter(all).order_by_desc(C::Id).limit(limit).all(db).await?)
}

/// The inspection of this number that `ctx` may see.
///
/// # Errors
/// [`ArmsError::NotFound`] when there is none, or it is out of scope.
pub async fn one(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<inspection::Model, ArmsError> {
    let missing = ArmsError::NotFound("这份检查表");
    if number.contains('\0') {
        return Err(missing);
    }
    let key = crate::kernel::text::key(number).into_owned();
    let of_number = inspection::Column::Number.eq(key);
    inspection::Entity::find().filter(visible(ctx)).filter(of_number).one(db).await?.ok_or(missing)
}

/// What the checks of an inspection came to, by their code.
///
/// # Errors
/// When the database cannot be read.
pub async fn results(db: &impl ConnectionTrait, of: Uuid) -> Result<HashMap<String, result::Model>, DbError> {
    let rows = result::Entity::find().filter(result::Column::InspectionId.eq(of)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.code.clone(), row)).collect())
}

/// The photos of an inspection, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn photos(db: &impl ConnectionTrait, of: Uuid) -> Result<Vec<photo::Model>, DbError> {
    let rows = photo::Entity::find().filter(photo::Column::InspectionId.eq(of));
    Ok(rows.order_by_asc(photo::Column::Id).all(db).await?)
}

/// The photo with this id, where `ctx` may see its inspection.
///
/// # Errors
/// [`ArmsError::NotFound`] when there is none, or it is out of scope.
pub async fn photo(db: &impl ConnectionTrait, ctx: &Ctx, id: Uuid) -> Result<photo::Model, ArmsError> {
    let missing = ArmsError::NotFound("这张照片");
    let Some(row) = photo::Entity::find_by_id(id).one(db).await? else { return Err(missing) };
    let of = inspection::Entity::find_by_id(row.inspection_id).filter(visible(ctx)).one(db).await?;
    if of.is_some() { Ok(row) } else { Err(missing) }
}

/// The remote inspections of a day that were not cancelled, by armoury, whoever asks.
///
/// # Errors
/// When the database cannot be read.
pub async fn daily(db: &impl ConnectionTrait, day: NaiveDate) -> Result<HashMap<Uuid, inspection::Model>, DbError> {
    let rows = between(db, day, day).await?.into_iter().filter(|row| row.kind == Kind::Daily);
    Ok(rows.map(|row| (row.armoury_id, row)).collect())
}

/// The inspections of the days from one to another that were not cancelled, whoever asks.
///
/// # Errors
/// When the database cannot be read.
pub async fn between(
    db: &impl ConnectionTrait,
    from: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<inspection::Model>, DbError> {
    use inspection::Column as C;
    let of = inspection::Entity::find().filter(C::Day.between(from, until)).filter(C::State.ne(State::Cancelled));
    Ok(of.order_by_asc(C::Id).all(db).await?)
}
