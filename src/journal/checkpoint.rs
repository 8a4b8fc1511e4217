//! Checkpoints: the tree's head, signed, each with the proof that it continues the one before.

use sea_orm::{
    ActiveModelTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};
use sea_orm::{ColumnTrait as _, QuerySelect as _};
use serde_json::json;

use super::entity::checkpoint::{Column, Entity, Model};
use super::note::Head;
use super::{Entry, JournalError, RowsDigest, founding, record, sequencer, tree};
use crate::db::{Db, DbError, Tx};
use crate::kernel::Ctx;
use crate::kernel::hash::Hash;

/// Seals what waits, then signs the tree's head; the signing is itself an entry, which the next checkpoint covers. A
/// head that was signed before is not signed twice.
///
/// # Errors
/// When the database refuses, or the stored tree contradicts itself.
pub async fn make(db: &Db, ctx: &Ctx) -> Result<Model, JournalError> {
    sequencer::seal_now(db, ctx).await?;
    db.write(async |tx| make_in(tx, ctx).await).await
}

async fn make_in(tx: &Tx, ctx: &Ctx) -> Result<Model, JournalError> {
    let journal = founding::journal(tx).await?.ok_or(JournalError::NoCheckpoint)?;
    let frontier = sequencer::frontier(tx, journal.kind).await?;
    let before = newest(tx).await?;
    let size = signed(frontier.size())?;
    if let Some(before) = before.as_ref().filter(|before| before.size >= size) {
        if before.size > size {
            return Err(JournalError::Broken(format!("检查点有 {} 条，日志只有 {size} 条", before.size)));
        }
        return Ok(before.clone());
    }
    let previous_size = before.as_ref().map_or(0, |before| before.size);
    let proof = match &before {
        Some(before) => {
            let old = unsigned(before.size);
            let proof = sequencer::heads(tx, journal.kind, tree::consistency(old, frontier.size())).await?;
            let root = before.root.as_slice().try_into().unwrap_or(&[0; 32]);
            // A tree that does not continue its last checkpoint is never signed.
            if !tree::is_continued(journal.kind, (old, root), (frontier.size(), &frontier.root()), &proof) {
                return Err(JournalError::Broken(format!("日志不再包含 {} 条的检查点", before.size)));
            }
            proof
        }
        None => Vec::new(),
    };
    let head = Head { size: frontier.size(), root: frontier.root(), at: ctx.now() };
    let row = Model {
        size,
        at: head.at,
        actor: ctx.actor.to_string(),
        root: head.root.to_vec(),
        note: head.sign(&journal.vkey, &founding::signing_key(tx).await?),
        previous_size,
        proof: proof.concat(),
    };
    row.clone().into_active_model().insert(tx).await?;
    let payload = json!({ "size": size, "root": crate::kernel::hash::hex(&head.root) });
    let ctx = ctx.hashing_with(journal.kind);
    let rows = RowsDigest::new(&ctx);
    record(tx, &ctx, Entry { action: "journal.checkpoint", subject: size.to_string(), unit: None, payload, rows })
        .await?;
    Ok(row)
}

fn signed(size: u64) -> Result<i64, JournalError> {
    i64::try_from(size).map_err(|_| JournalError::Broken("条目过多".to_owned()))
}

fn unsigned(size: i64) -> u64 {
    u64::try_from(size).unwrap_or(0)
}

/// The newest checkpoint.
///
/// # Errors
/// When the database cannot be read.
pub async fn newest(db: &impl ConnectionTrait) -> Result<Option<Model>, DbError> {
    Ok(Entity::find().order_by_desc(Column::Size).one(db).await?)
}

/// Checkpoints, newest first, of fewer entries than `below`.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &impl ConnectionTrait, below: Option<i64>, limit: u64) -> Result<Vec<Model>, DbError> {
    let all = Entity::find().order_by_desc(Column::Size).limit(limit);
    Ok(match below {
        Some(size) => all.filter(Column::Size.lt(size)).all(db).await?,
        None => all.all(db).await?,
    })
}

/// The checkpoint of so many entries.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_size(db: &impl ConnectionTrait, size: i64) -> Result<Option<Model>, DbError> {
    Ok(Entity::find_by_id(size).one(db).await?)
}

/// The hashes that prove the tree of `new` entries to continue that of `old`.
///
/// # Errors
/// When the tree never had these sizes, or the database cannot be read.
pub async fn consistency(db: &impl ConnectionTrait, old: u64, new: u64) -> Result<Vec<Hash>, JournalError> {
    let has = sequencer::size(db).await?;
    if new > has {
        return Err(JournalError::NoSuchSize { asked: new, has });
    }
    if old == 0 || old > new {
        return Err(JournalError::NotOnwards { from: old, to: new });
    }
    let kind = founding::hash_kind(db).await?;
    sequencer::heads(db, kind, tree::consistency(old, new)).await
}
