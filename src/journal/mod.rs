//! The journal: who did what, written in the same transaction as the deed and never changed after.
//!
//! An entry carries a digest of the business rows the command touched, so that a row edited behind the program's
//! back no longer fits its entry. Sealing into a Merkle tree builds on these entries.

pub mod entity;

use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::db::{DbError, Tx};
use crate::kernel::Ctx;
use crate::kernel::ids::{JournalEntryId, UnitId};

/// What a command has to say of itself.
#[derive(Debug)]
pub struct Entry {
    /// `room.verb`, as `items.change`.
    pub action: &'static str,
    /// What it was done to: an id or a number.
    pub subject: String,
    /// The unit whose things were touched, when it is one unit's.
    pub unit: Option<UnitId>,
    /// What the command was given.
    pub payload: serde_json::Value,
    /// The rows it wrote.
    pub rows: RowsDigest,
}

/// A digest over the rows a command wrote, in the order written: for each the table's name and the row as JSON,
/// both with their length in front, so that no two lists of rows look alike.
#[derive(Debug, Clone, Default)]
pub struct RowsDigest(Sha256);

impl RowsDigest {
    /// No rows yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a row.
    pub fn add(&mut self, table: &str, row: &impl Serialize) {
        // Rows are plain structs of numbers and texts: they always serialise.
        let json = serde_json::to_vec(row).unwrap_or_default();
        for part in [table.as_bytes(), &json] {
            self.0.update((part.len() as u64).to_be_bytes());
            self.0.update(part);
        }
    }

    /// This digest with a row added.
    #[must_use]
    pub fn with(mut self, table: &str, row: &impl Serialize) -> Self {
        self.add(table, row);
        self
    }

    fn hex(self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Writes an entry in the transaction of the deed.
///
/// # Errors
/// When the database refuses it; the deed must then not be committed.
pub async fn record(tx: &Tx, ctx: &Ctx, entry: Entry) -> Result<(), DbError> {
    let row = entity::Model {
        id: ctx.new_id::<JournalEntryId>(),
        at: ctx.now(),
        actor: ctx.actor.to_string(),
        co_signer: None,
        unit_id: entry.unit,
        action: entry.action.to_owned(),
        subject: entry.subject,
        payload: entry.payload.to_string(),
        rows_sha256: entry.rows.hex(),
    };
    entity::Entity::insert_row(row, tx).await
}

impl entity::Entity {
    async fn insert_row(row: entity::Model, tx: &Tx) -> Result<(), DbError> {
        row.into_active_model().insert(tx).await?;
        Ok(())
    }
}
