//! Statements, records, slips and anomalies within reach. They take any connection and decide nothing.

use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::{anomaly, column_map, slip, statement, transaction};
use super::model::{Verdict, month_bounds};
use crate::access::{Action, reach};
use crate::db::DbError;
use crate::kernel::ids::{ItemId, UnitId};
use crate::kernel::{Ctx, Timestamp};
use crate::vehicles::cards::model::Supplier;

/// Which records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of this statement only.
    pub statement: Option<Uuid>,
    /// That stand so only.
    pub verdict: Option<Verdict>,
    /// Of this car only.
    pub item: Option<ItemId>,
    /// Of this unit only.
    pub unit: Option<UnitId>,
    /// Of this month only.
    pub month: Option<String>,
}

fn within(ctx: &Ctx, unit: impl Fn(Vec<UnitId>) -> Condition) -> Condition {
    match reach(ctx, Action::FuelRead).units() {
        Some(units) => unit(units),
        None => Condition::all(),
    }
}

/// Statements, the latest first. They are the whole sub-bureau's: only who may see all of it sees them.
///
/// # Errors
/// When the database cannot be read.
pub async fn statements(db: &impl ConnectionTrait, ctx: &Ctx, limit: u64) -> Result<Vec<statement::Model>, DbError> {
    if reach(ctx, Action::FuelRead).units().is_some() {
        return Ok(Vec::new());
    }
    let found = statement::Entity::find().order_by_desc(statement::Column::Month);
    Ok(found.order_by_desc(statement::Column::Id).limit(limit).all(db).await?)
}

/// A statement.
///
/// # Errors
/// When the database cannot be read.
pub async fn statement(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<statement::Model>, DbError> {
    Ok(statement::Entity::find_by_id(id).one(db).await?)
}

/// Records that `ctx` may see, in order of time.
///
/// # Errors
/// When the database cannot be read.
pub async fn records(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    wanted: &Wanted,
    limit: u64,
) -> Result<Vec<transaction::Model>, DbError> {
    use transaction::Column as C;
    let mut all = within(ctx, |units| Condition::all().add(C::UnitId.is_in(units)));
    if let Some(statement) = wanted.statement {
        all = all.add(C::StatementId.eq(statement));
    }
    if let Some(verdict) = wanted.verdict {
        all = all.add(C::Verdict.eq(verdict));
    }
    if let Some(item) = wanted.item {
        all = all.add(C::ItemId.eq(item));
    }
    if let Some(unit) = wanted.unit {
        all = all.add(C::UnitId.eq(unit));
    }
    if let Some((first, next)) = wanted.month.as_deref().and_then(month_bounds) {
        all = all.add(C::At.gte(Timestamp::start_of_day(first))).add(C::At.lt(Timestamp::start_of_day(next)));
    }
    let found = transaction::Entity::find().filter(all).order_by_asc(C::At).order_by_asc(C::Line).order_by_asc(C::Id);
    Ok(found.limit(limit).all(db).await?)
}

/// Slips that `ctx` may see or wrote down, of a month, in order of time.
///
/// # Errors
/// When the database cannot be read.
pub async fn slips(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    month: Option<&str>,
    limit: u64,
) -> Result<Vec<slip::Model>, DbError> {
    use slip::Column as C;
    let own = C::EnteredBy.eq(ctx.actor.to_string());
    let seen = |units| Condition::all().add(Condition::any().add(C::UnitId.is_in(units)).add(own.clone()));
    let mut all = within(ctx, seen);
    if let Some((first, next)) = month.and_then(month_bounds) {
        all = all.add(C::At.gte(Timestamp::start_of_day(first))).add(C::At.lt(Timestamp::start_of_day(next)));
    }
    let found = slip::Entity::find().filter(all).order_by_asc(C::At).order_by_asc(C::Id);
    Ok(found.limit(limit).all(db).await?)
}

/// Records of drums and jerrycans that `ctx` may see and no slip with an approval belongs to, latest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn drums_without_approval(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    limit: u64,
) -> Result<Vec<transaction::Model>, DbError> {
    use transaction::Column as C;
    let all = within(ctx, |units| Condition::all().add(C::UnitId.is_in(units))).add(C::Container.eq(true));
    let found = transaction::Entity::find().filter(all).order_by_desc(C::At).order_by_asc(C::Id).limit(limit);
    let mut rows = found.all(db).await?;
    let slips: Vec<Uuid> = rows.iter().filter_map(|row| row.slip_id).collect();
    let approved = slip::Entity::find().filter(slip::Column::Id.is_in(slips)).all(db).await?;
    let approved: Vec<Uuid> =
        approved.into_iter().filter(|slip| !slip.approval_number.is_empty()).map(|slip| slip.id).collect();
    rows.retain(|row| row.slip_id.is_none_or(|slip| !approved.contains(&slip)));
    Ok(rows)
}

/// Anomalies that `ctx` may see, weightiest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn anomalies(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    month: Option<&str>,
    limit: u64,
) -> Result<Vec<(anomaly::Model, transaction::Model)>, DbError> {
    use anomaly::Column as C;
    let all = within(ctx, |units| Condition::all().add(C::UnitId.is_in(units)));
    let found = anomaly::Entity::find().filter(all).order_by_desc(C::Score).order_by_asc(C::Id).all(db).await?;
    let bounds = month.and_then(month_bounds);
    let mut shown = Vec::new();
    for chunk in found.chunks(crate::db::bulk::CHUNK_ROWS) {
        let ids = chunk.iter().map(|one| one.transaction_id);
        let rows = transaction::Entity::find().filter(transaction::Column::Id.is_in(ids)).all(db).await?;
        let by_id: hashbrown::HashMap<Uuid, transaction::Model> = rows.into_iter().map(|row| (row.id, row)).collect();
        for one in chunk {
            let Some(record) = by_id.get(&one.transaction_id) else { continue };
            let day = record.at.day();
            if bounds.is_none_or(|(first, next)| first <= day && day < next) {
                shown.push((one.clone(), record.clone()));
            }
        }
    }
    shown.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(shown)
}

/// The `--map` of a supplier's files, a line an entry.
///
/// # Errors
/// When the database cannot be read.
pub async fn column_map(db: &impl ConnectionTrait, supplier: Supplier) -> Result<Option<column_map::Model>, DbError> {
    Ok(column_map::Entity::find().filter(column_map::Column::Supplier.eq(supplier)).one(db).await?)
}
