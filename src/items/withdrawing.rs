//! Taking out of the book again what an import brought in: a row that nobody touched since leaves as if it had not been
//! there, with an event that says so.

use hashbrown::HashSet;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde::Serialize;

use super::entity::{item, item_event};
use super::error::ItemError;
use super::model::{EventKind, ItemState};
use super::service::{event_after, update_row};
use super::store;
use crate::db::{Tx, bulk};
use crate::journal::RowsDigest;
use crate::kernel::Ctx;
use crate::kernel::ids::{BatchId, ItemId};

/// What undoing an import did to its things.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Withdrawn {
    /// How many left the book.
    pub withdrawn: usize,
    /// Numbers kept because someone changed or used them since.
    pub kept: Vec<String>,
}

/// Takes the things of a batch out of the book again, in the caller's transaction, but for those that changed since
/// or are in `in_use` (counted, expected, on a case).
///
/// # Errors
/// When the database refuses.
pub async fn withdraw_batch(
    tx: &Tx,
    ctx: &Ctx,
    batch: BatchId,
    in_use: &HashSet<ItemId>,
    digest: &mut RowsDigest,
) -> Result<Withdrawn, ItemError> {
    let brought = item_event::Entity::find()
        .filter(item_event::Column::BatchId.eq(batch))
        .filter(item_event::Column::Kind.eq(EventKind::Registered))
        .all(tx)
        .await?;
    let ids: Vec<ItemId> = brought.iter().map(|event| event.item_id).collect();
    let mut rows = store::by_ids(tx, &ids).await?;
    let mut outcome = Withdrawn::default();
    let mut events = Vec::with_capacity(brought.len());
    for event in brought {
        let Some(row) = rows.remove(&event.item_id) else { continue };
        if row.state == ItemState::Withdrawn {
            continue;
        }
        if row.version != event.seq || in_use.contains(&row.id) {
            outcome.kept.push(row.item_number);
            continue;
        }
        let after = item::Model { state: ItemState::Withdrawn, version: row.version + 1, ..row };
        update_row(tx, &after, event.seq).await?;
        digest.add(&after);
        let event = event_after(ctx, &after, EventKind::Withdrawn, ctx.now(), Some("撤销导入".to_owned()));
        digest.add(&event);
        events.push(event);
        outcome.withdrawn += 1;
    }
    bulk::insert(tx, events).await?;
    outcome.kept.sort();
    Ok(outcome)
}
