//! The journal: who did what, written in the same transaction as the deed and never changed after.
//!
//! An entry carries a digest of the business rows the command touched, so that a row edited behind the program's
//! back no longer fits its entry. Sealing into a Merkle tree builds on these entries.

pub mod entity;

use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use serde::Serialize;

use crate::db::{DbError, Tx, bulk};
use crate::kernel::Ctx;
use crate::kernel::hash::{Hash, HashKind, hex};
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

/// A row that the journal watches over: what it is called, and what tells it from its like.
pub trait Row: Serialize {
    /// Its table.
    const TABLE: &'static str;

    /// Its primary key as text; the parts of a composite one with `/` between.
    fn key(&self) -> String;
}

/// Says of a table's `Model` that the journal watches over it: `row!(Model, "items", id)`.
macro_rules! row {
    ($model:ident, $table:literal, $first:ident $(, $more:ident)*) => {
        impl crate::journal::Row for $model {
            const TABLE: &'static str = $table;

            fn key(&self) -> String {
                let key = self.$first.to_string();
                $(let key = format!("{key}/{}", self.$more);)*
                key
            }
        }
    };
}
pub(crate) use row;

/// One row as a command left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// The row's table.
    pub table: &'static str,
    /// Its primary key.
    pub key: String,
    /// The hash of the row as JSON.
    pub hash: Hash,
}

/// The rows a command wrote, in the order written, each by its hash: so that a row edited behind the program's back
/// no longer fits the last entry that touched it, and a row slipped in fits none.
#[derive(Debug, Clone)]
pub struct RowsDigest {
    kind: HashKind,
    touched: Vec<Touched>,
}

impl RowsDigest {
    /// No rows yet.
    #[must_use]
    pub const fn new(ctx: &Ctx) -> Self {
        Self { kind: ctx.hash, touched: Vec::new() }
    }

    /// Adds a row as it stands after the command.
    pub fn add<R: Row>(&mut self, row: &R) {
        // Rows are plain structs of numbers and texts: they always serialise.
        let json = serde_json::to_vec(row).unwrap_or_default();
        self.touched.push(Touched { table: R::TABLE, key: row.key(), hash: self.kind.of(&[&json]) });
    }

    /// This digest with a row added.
    #[must_use]
    pub fn with<R: Row>(mut self, row: &R) -> Self {
        self.add(row);
        self
    }

    /// One hash over the list; every part has its length in front, so that no two lists look alike.
    fn hash(&self) -> Hash {
        let mut list = Vec::with_capacity(self.touched.len() * 96);
        for row in &self.touched {
            for part in [row.table.as_bytes(), row.key.as_bytes(), &row.hash] {
                list.extend_from_slice(&(part.len() as u64).to_be_bytes());
                list.extend_from_slice(part);
            }
        }
        self.kind.of(&[&list])
    }
}

/// Writes an entry in the transaction of the deed.
///
/// # Errors
/// When the database refuses it; the deed must then not be committed.
pub async fn record(tx: &Tx, ctx: &Ctx, entry: Entry) -> Result<(), DbError> {
    entity::Entity::insert_row(row_of(ctx, entry), tx).await
}

/// Writes the entries of many deeds that share a transaction, each with who did it.
///
/// # Errors
/// As [`record`].
pub async fn record_many(tx: &Tx, entries: Vec<(&Ctx, Entry)>) -> Result<(), DbError> {
    let rows: Vec<entity::Model> = entries.into_iter().map(|(ctx, entry)| row_of(ctx, entry)).collect();
    bulk::insert_steady(tx, rows).await?;
    Ok(())
}

fn row_of(ctx: &Ctx, entry: Entry) -> entity::Model {
    entity::Model {
        id: ctx.new_id::<JournalEntryId>(),
        at: ctx.now(),
        actor: ctx.actor.to_string(),
        co_signer: ctx.co_signer.map(|person| person.to_string()),
        unit_id: entry.unit,
        action: entry.action.to_owned(),
        subject: entry.subject,
        payload: entry.payload.to_string(),
        rows_sha256: hex(&entry.rows.hash()),
    }
}

impl entity::Entity {
    async fn insert_row(row: entity::Model, tx: &Tx) -> Result<(), DbError> {
        row.into_active_model().insert(tx).await?;
        Ok(())
    }
}
