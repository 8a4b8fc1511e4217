//! The register of changes (枪支变更情况、弹药变更情况): a line for every gun and lot that came or went otherwise than by a draw.

use sea_orm::prelude::Uuid;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

use super::entity::change;
use super::model::Reason;
use crate::db::{DbError, Tx};
use crate::firearms::model::StoreKind;
use crate::journal::RowsDigest;
use crate::kernel::ids::ItemId;
use crate::kernel::{Ctx, Timestamp};

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::firearms) enum Of {
    /// A gun.
    Gun(ItemId),
    /// Rounds of a lot in its store.
    Lot(Uuid),
}

/// A change, and by what paper it came.
#[derive(Debug, Clone, Copy)]
pub(in crate::firearms) struct Changed<'a> {
    pub(in crate::firearms) armoury: Uuid,
    pub(in crate::firearms) of: Of,
    pub(in crate::firearms) reason: Reason,
    pub(in crate::firearms) quantity: i64,
    pub(in crate::firearms) document: &'a str,
    pub(in crate::firearms) note: &'a str,
}

/// Writes a line of the register, in the caller's transaction.
pub(in crate::firearms) async fn add(
    tx: &Tx,
    ctx: &Ctx,
    changed: Changed<'_>,
    rows: &mut RowsDigest,
) -> Result<(), DbError> {
    let (store_kind, item_id, stock_id) = match changed.of {
        Of::Gun(id) => (StoreKind::Gun, Some(id), None),
        Of::Lot(id) => (StoreKind::Ammunition, None, Some(id)),
    };
    let row = change::Model {
        id: ctx.new_id(),
        armoury_id: changed.armoury,
        store_kind,
        reason: changed.reason,
        item_id,
        stock_id,
        quantity: changed.quantity,
        document: changed.document.to_owned(),
        note: changed.note.to_owned(),
        entered_by: ctx.actor.to_string(),
        entered_at: ctx.now(),
    };
    row.clone().into_active_model().insert(tx).await?;
    rows.add(&row);
    Ok(())
}

/// Changes of a store in a time, as they were written.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    db: &impl ConnectionTrait,
    armoury: Uuid,
    (from, until): (Timestamp, Timestamp),
    limit: u64,
) -> Result<Vec<change::Model>, DbError> {
    Ok(change::Entity::find()
        .filter(change::Column::ArmouryId.eq(armoury))
        .filter(change::Column::EnteredAt.gte(from))
        .filter(change::Column::EnteredAt.lte(until))
        .order_by_asc(change::Column::EnteredAt)
        .order_by_asc(change::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}
