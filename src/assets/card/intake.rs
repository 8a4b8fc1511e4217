//! Cards that come with an import: as much of them as the file has, in the import's transaction. What the filling standard
//! asks for and the file lacks shows as a gap on the card; it does not keep a thing out of the book.

use hashbrown::HashMap;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};

use super::entity::card;
use crate::db::{DbError, Tx, bulk};
use crate::journal::RowsDigest;
use crate::kernel::ids::ItemId;

/// Writes the cards of things that have just entered the book. One whose import was undone and that comes back has its
/// card written anew.
///
/// # Errors
/// When the database refuses.
pub async fn fill(tx: &Tx, cards: Vec<card::Model>, rows: &mut RowsDigest) -> Result<(), DbError> {
    let mut known: HashMap<ItemId, i64> = HashMap::new();
    for chunk in cards.chunks(bulk::CHUNK_ROWS) {
        let ids = chunk.iter().map(|card| card.item_id);
        let found = card::Entity::find().filter(card::Column::ItemId.is_in(ids)).all(tx).await?;
        known.extend(found.into_iter().map(|row| (row.item_id, row.version)));
    }
    let mut fresh = Vec::with_capacity(cards.len());
    for card in cards {
        let before = known.get(&card.item_id).copied();
        let card = card::Model { version: before.unwrap_or(0) + 1, ..card };
        rows.add(&card);
        if before.is_none() {
            fresh.push(card);
            continue;
        }
        let mut active = card.clone().into_active_model().reset_all();
        active.item_id = sea_orm::ActiveValue::Unchanged(card.item_id);
        card::Entity::update_many().set(active).filter(card::Column::ItemId.eq(card.item_id)).exec(tx).await?;
    }
    bulk::insert(tx, fresh).await?;
    Ok(())
}
