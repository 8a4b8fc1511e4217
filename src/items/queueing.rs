//! The queue of labels that wait to be printed: those that no longer tell the truth, and those of new things.

use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};

use super::entity::label_reprint;
use super::error::ItemError;
use super::store;
use crate::db::{Tx, bulk};
use crate::kernel::Ctx;
use crate::kernel::ids::ItemId;

/// Queues the label of a thing for a reprint, when it has one and does not wait already.
pub(super) async fn queue_reprint(tx: &Tx, ctx: &Ctx, item_id: ItemId, reason: &str) -> Result<(), ItemError> {
    let waiting = label_reprint::Entity::find().filter(label_reprint::Column::ItemId.eq(item_id)).one(tx).await?;
    let has_label = !store::current_labels(tx, &[item_id.0]).await?.is_empty();
    if waiting.is_none() && has_label {
        let row = label_reprint::Model { id: ctx.new_id(), item_id, reason: reason.to_owned(), queued_at: ctx.now() };
        row.into_active_model().insert(tx).await?;
    }
    Ok(())
}

/// Queues the first labels of things that have just entered the book, to be printed.
///
/// # Errors
/// When the database refuses.
pub async fn queue_labels(tx: &Tx, ctx: &Ctx, things: &[ItemId]) -> Result<(), ItemError> {
    let queued_at = ctx.now();
    let wait = |item_id: &ItemId| label_reprint::Model {
        id: ctx.new_id(),
        item_id: *item_id,
        reason: "新入账，待打印标签".to_owned(),
        queued_at,
    };
    bulk::insert(tx, things.iter().map(wait).collect::<Vec<_>>()).await?;
    Ok(())
}

/// Queues a new label for a thing that lost its own, whether it has one or not.
///
/// # Errors
/// When the database refuses.
pub async fn queue_relabel(tx: &Tx, ctx: &Ctx, item_id: ItemId, reason: &str) -> Result<(), ItemError> {
    let waiting = label_reprint::Entity::find().filter(label_reprint::Column::ItemId.eq(item_id)).one(tx).await?;
    if waiting.is_none() {
        let row = label_reprint::Model { id: ctx.new_id(), item_id, reason: reason.to_owned(), queued_at: ctx.now() };
        row.into_active_model().insert(tx).await?;
    }
    Ok(())
}
