//! The files that were brought in, within reach. They take any connection and decide nothing.

use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde::Serialize;

use super::entity::{self, BatchKind, BatchState};
use crate::access::{Action, reach};
use crate::db::order::{self, Order};
use crate::db::{Db, DbError};
use crate::kernel::ids::BatchId;
use crate::kernel::rights::Reach;
use crate::kernel::{Ctx, Timestamp};

/// The batches, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn batches(db: &Db) -> Result<Vec<entity::Model>, DbError> {
    Ok(entity::Entity::find().order_by_desc(entity::Column::ImportedAt).all(db.read()).await?)
}

/// The batches that `ctx` may see, newest first, after the batch `after`: who may read imports everywhere sees all,
/// anybody else the ones they brought in, because a file may hold rows of any unit.
///
/// # Errors
/// When the database cannot be read.
pub async fn batches_page(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    after: Option<BatchId>,
    limit: u64,
) -> Result<Vec<entity::Model>, DbError> {
    let Some(mut query) = batches_of(ctx) else { return Ok(Vec::new()) };
    if let Some(after) = after {
        query = query.filter(entity::Column::Id.lt(after));
    }
    Ok(query.order_by_desc(entity::Column::Id).limit(limit).all(db).await?)
}

/// The same batches in another order; the order says where the page begins.
///
/// # Errors
/// When the database cannot be read.
pub async fn batches_sorted(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    order: &Order<entity::Column>,
    limit: u64,
) -> Result<Vec<entity::Model>, DbError> {
    let Some(query) = batches_of(ctx) else { return Ok(Vec::new()) };
    Ok(order::sorted(query, order).limit(limit).all(db).await?)
}

fn batches_of(ctx: &Ctx) -> Option<sea_orm::Select<entity::Entity>> {
    let all = entity::Entity::find();
    match reach(ctx, Action::ImportsRead) {
        Reach::Everywhere => Some(all),
        Reach::Units(_) => Some(all.filter(entity::Column::Actor.eq(ctx.actor.to_string()))),
        Reach::Nowhere => None,
    }
}

/// The batch with this id, when `ctx` may see it.
///
/// # Errors
/// When the database cannot be read.
pub async fn batch(db: &impl ConnectionTrait, ctx: &Ctx, id: BatchId) -> Result<Option<entity::Model>, DbError> {
    let row = entity::Entity::find_by_id(id).one(db).await?;
    Ok(row.filter(|row| is_theirs(ctx, Action::ImportsRead, row)))
}

/// Whether a batch is within reach: everybody's to whoever may do it everywhere, else only one's own.
pub(super) fn is_theirs(ctx: &Ctx, action: Action, row: &entity::Model) -> bool {
    match reach(ctx, action) {
        Reach::Everywhere => true,
        Reach::Units(_) => row.actor == ctx.actor.to_string(),
        Reach::Nowhere => false,
    }
}

/// What the batch is, for people.
#[derive(Debug, Clone, Serialize)]
pub struct BatchLine {
    /// The id to undo it by.
    pub id: BatchId,
    /// What it brought.
    pub kind: BatchKind,
    /// From which file.
    pub file_name: String,
    /// How many rows.
    pub row_count: i64,
    /// How many were refused.
    pub reject_count: i64,
    /// Whether it stands.
    pub state: BatchState,
    /// When.
    pub imported_at: Timestamp,
}

impl From<entity::Model> for BatchLine {
    fn from(row: entity::Model) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            file_name: row.file_name,
            row_count: row.row_count,
            reject_count: row.reject_count,
            state: row.state,
            imported_at: row.imported_at,
        }
    }
}
