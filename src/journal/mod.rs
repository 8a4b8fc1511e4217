//! The journal: who did what, written in the same transaction as the deed and never changed after.
//!
//! Every command [`record`]s one entry: who, when, what, and the hash of each business row as the command left it.
//! A [`sequencer`] seals committed entries within a second into a Merkle tree (RFC 6962). A [`checkpoint`] is the
//! tree's head, signed; on paper, with a signature in ink, it is an anchor that no machine can move. An [`export`] is
//! one file with every entry, every checkpoint and every watched row; [`verify`] needs nothing else: it hashes every
//! row again and holds it against the last entry that touched it, rebuilds the tree, checks the checkpoints (ours, and
//! those the auditor kept), derives the book from its events, and names the first that does not fit.
//!
//! # What it proves, and what it cannot
//!
//! Given a checkpoint that was out of reach (on paper, on another machine), it proves that every entry under it stands
//! as it stood, and that each watched row is as the last recorded command left it. It cannot prove:
//!
//! - what happened after the last such checkpoint: whoever holds the database *and* the signing key, which lies in it,
//!   can rewrite everything since and sign anew. Print often; the shorter the way between two anchors, the less can be
//!   lost between them;
//! - anything at all to somebody who brings no checkpoint of their own: then only the file's own consistency is shown;
//! - what was never recorded: a thing that nobody entered, a scan that nobody made, a program changed to write no
//!   entry. An entry says what was told to the program, not that it was true;
//! - that whoever acted is whom the entry names: somebody who can write to the database can also write an entry in
//!   another's name. It will be sealed and stay, to be explained; the deed is recorded, the doer is only stated;
//! - rows of tables that are not watched (passwords, sessions, queues), and entries written before lists of touched
//!   rows were kept: those are sealed, and their rows are said to be not itemised until a baseline takes them in.
//!
//! # Where the key lies
//!
//! In the database, in a table of its own that no export carries: every instance of the program must sign, and a key
//! in a file beside the database would lie in the same hands and be lost on the first restored backup. It does not
//! protect against those hands; the checkpoint on paper does.

pub mod checkpoint;
pub mod encoding;
pub mod entity;
pub mod error;
pub mod export;
pub mod founding;
pub mod note;
pub mod page;
pub mod read;
pub mod sequencer;
pub mod touched;
pub mod tree;
pub mod verify;
pub mod watched;

use sea_orm::ActiveValue;
use serde::Serialize;

use crate::db::{DbError, Tx, bulk};
use crate::kernel::Ctx;
use crate::kernel::hash::hex;
use crate::kernel::ids::{JournalEntryId, UnitId};

pub use error::JournalError;
pub use founding::{found, hash_kind};
pub use touched::RowsDigest;

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

/// Says of a table's `Model` that the journal watches over it: `row!(Model, "items", id)`. The table must also stand
/// in [`crate::watched::tables`], so that exports carry it.
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

/// Writes an entry in the transaction of the deed, with the list of rows touched, and queues it to be sealed.
///
/// # Errors
/// When the database refuses it, or the rows were hashed with another function than the journal was founded with; the
/// deed must then not be committed.
pub async fn record(tx: &Tx, ctx: &Ctx, entry: Entry) -> Result<(), DbError> {
    record_many(tx, vec![(ctx, entry)]).await
}

/// Writes the entries of many deeds that share a transaction, each with who did it.
///
/// # Errors
/// As [`record`].
pub async fn record_many(tx: &Tx, entries: Vec<(&Ctx, Entry)>) -> Result<(), DbError> {
    let Some((_, first)) = entries.first() else { return Ok(()) };
    founding::refuse_other_hash(tx, first.rows.kind()).await?;
    let (mut rows, mut lists, mut pending) = (Vec::new(), Vec::new(), Vec::new());
    for (ctx, entry) in entries {
        let id = ctx.new_id::<JournalEntryId>();
        pending.push(entity::pending::ActiveModel { seq: ActiveValue::NotSet, entry_id: ActiveValue::Set(id) });
        let (row, list) = row_of(ctx, id, entry);
        rows.push(row);
        lists.push(entity::touched::Model { entry_id: id, list });
    }
    bulk::insert_steady(tx, rows).await?;
    bulk::insert_steady(tx, lists).await?;
    bulk::insert_steady(tx, pending).await?;
    Ok(())
}

fn row_of(ctx: &Ctx, id: JournalEntryId, entry: Entry) -> (entity::entry::Model, Vec<u8>) {
    let kind = entry.rows.kind();
    let list = entry.rows.into_list();
    let row = entity::entry::Model {
        id,
        at: ctx.now(),
        actor: ctx.actor.to_string(),
        co_signer: ctx.co_signer.map(|person| person.to_string()),
        unit_id: entry.unit,
        action: entry.action.to_owned(),
        subject: entry.subject,
        payload: entry.payload.to_string(),
        rows_hash: hex(&kind.of(&[&list])),
        format: encoding::ITEMISED,
    };
    (row, list)
}
