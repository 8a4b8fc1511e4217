//! Seals committed entries into the tree, in the order in which they were written.
//!
//! One instance does it at a time: whoever holds the lease, a row. A lease is short and is taken over when it ran out,
//! or when it runs longer than any lease may (then some clock went back). It only spares two instances each other's
//! work: should both seal, the transactions would meet in the lease's row and in the leaves' numbers, and one would
//! begin again and find nothing left to do.

use std::time::Duration;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, ExprTrait as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::encoding::{NOT_ITEMISED, Parts, unhex};
use super::entity::{entry, leaf, lease, node, pending};
use super::founding::{self, Journal};
use super::tree::{self, Frontier, Node};
use super::{JournalError, read};
use crate::db::{Db, DbError, Tx, bulk};
use crate::kernel::hash::{Hash, HashKind};
use crate::kernel::ids::JournalEntryId;
use crate::kernel::{Ctx, Timestamp};

/// How long a lease lasts, in milliseconds.
pub const LEASE_MS: i64 = 10_000;
/// How often the server looks for entries to seal.
pub const PERIOD: Duration = Duration::from_millis(500);
/// Entries sealed in one transaction.
const BATCH: u64 = 5_000;

/// What became of sealing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealed {
    /// So many entries were sealed; nothing waits.
    Entries(u64),
    /// Another instance holds the lease: it will.
    ByAnother,
}

/// Whether to wait for a lease that another holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lease {
    Respect,
    TakeOver,
}

/// Seals all that waits, unless another instance does: called by the server every [`PERIOD`]. `holder` names this
/// instance; no other may have its name.
///
/// # Errors
/// When the database refuses.
pub async fn seal(db: &Db, ctx: &Ctx, holder: &str) -> Result<Sealed, JournalError> {
    seal_as(db, ctx, holder, Lease::Respect).await
}

/// Seals all that waits, whoever holds the lease, and leaves it free: for a person who asks for it now.
///
/// # Errors
/// When the database refuses.
pub async fn seal_now(db: &Db, ctx: &Ctx) -> Result<u64, JournalError> {
    founding::founded(db, ctx).await?;
    match seal_as(db, ctx, "", Lease::TakeOver).await? {
        Sealed::Entries(count) => Ok(count),
        Sealed::ByAnother => Ok(0),
    }
}

/// Seals every [`PERIOD`] until `stop`; a database that does not answer is tried again.
pub async fn run(db: &Db, ctx: &Ctx, holder: &str, stop: impl Future<Output = ()>) {
    let sealing = async {
        loop {
            if let Err(error) = seal(db, ctx, holder).await {
                tracing::warn!(?error, "entries could not be sealed; trying again");
            }
            tokio::time::sleep(PERIOD).await;
        }
    };
    tokio::select! {
        () = stop => {}
        () = sealing => {}
    }
}

async fn seal_as(db: &Db, ctx: &Ctx, holder: &str, how: Lease) -> Result<Sealed, JournalError> {
    let mut sealed = 0;
    // Most of the time nothing waits, and asking takes no lock.
    while pending::Entity::find().one(db.read()).await?.is_some() {
        let journal = founding::founded(db, ctx).await?;
        let batch = db
            .write(async |tx| -> Result<Option<u64>, JournalError> {
                if !take_lease(tx, ctx.now(), holder, how).await? {
                    return Ok(None);
                }
                Ok(Some(seal_batch(tx, &journal).await?))
            })
            .await?;
        match batch {
            None if sealed == 0 => return Ok(Sealed::ByAnother),
            // Somebody took over; what was sealed before is told all the same.
            None => break,
            Some(0) => break,
            Some(count) => sealed += count,
        }
    }
    Ok(Sealed::Entries(sealed))
}

/// Whether the lease is ours now.
async fn take_lease(tx: &Tx, now: Timestamp, holder: &str, how: Lease) -> Result<bool, DbError> {
    let found = lease::Entity::find_by_id(1).one(tx).await?;
    let left = found.as_ref().map_or(0, |row| row.until.0.saturating_sub(now.0));
    let theirs = found.as_ref().is_some_and(|row| row.holder != holder && (1..=LEASE_MS).contains(&left));
    if theirs && how == Lease::Respect {
        return Ok(false);
    }
    // Whoever takes it over for once leaves it free.
    let until = if how == Lease::TakeOver { now } else { Timestamp(now.0 + LEASE_MS) };
    let handed_over = i64::from(found.is_none_or(|row| row.holder != holder));
    let token = Expr::col(lease::Column::Token).add(handed_over);
    lease::Entity::update_many()
        .col_expr(lease::Column::Holder, Expr::value(holder))
        .col_expr(lease::Column::Until, Expr::value(until))
        .col_expr(lease::Column::Token, token)
        .filter(lease::Column::Id.eq(1))
        .exec(tx)
        .await?;
    Ok(true)
}

async fn seal_batch(tx: &Tx, journal: &Journal) -> Result<u64, JournalError> {
    let waiting = pending::Entity::find().order_by_asc(pending::Column::Seq).limit(BATCH).all(tx).await?;
    let Some(last) = waiting.last().map(|row| row.seq) else { return Ok(0) };
    let ids: Vec<JournalEntryId> = waiting.iter().map(|row| row.entry_id).collect();
    let mut entries = read::by_ids(tx, &ids).await?;
    let mut frontier = frontier(tx, journal.kind).await?;
    let (mut leaves, mut nodes) = (Vec::with_capacity(ids.len()), Vec::with_capacity(ids.len()));
    for id in ids {
        let row = entries.remove(&id).ok_or_else(|| JournalError::Broken(format!("条目 {id} 不在库中")))?;
        let hash = leaf_of(journal.kind, &row)?;
        leaves.push(leaf::Model { idx: signed(frontier.size())?, entry_id: id, hash: hash.to_vec() });
        let mut above = Vec::new();
        frontier.push(hash, |node, hash| above.push((node, *hash)));
        for ((level, idx), hash) in above {
            nodes.push(node::Model { level: i64::from(level), idx: signed(idx)?, hash: hash.to_vec() });
        }
    }
    let count = leaves.len() as u64;
    bulk::insert(tx, leaves).await?;
    bulk::insert(tx, nodes).await?;
    // Numbers below the last that were not read belong to transactions that are still under way.
    for chunk in waiting.chunks(bulk::CHUNK_ROWS) {
        let read = Condition::all()
            .add(pending::Column::Seq.lte(last))
            .add(pending::Column::Seq.is_in(chunk.iter().map(|row| row.seq)));
        pending::Entity::delete_many().filter(read).exec(tx).await?;
    }
    Ok(count)
}

/// The hash of an entry as a leaf.
pub(super) fn leaf_of(kind: HashKind, row: &entry::Model) -> Result<Hash, JournalError> {
    Ok(tree::leaf_hash(kind, &encoded(row)?))
}

/// An entry as the tree has it.
pub(super) fn encoded(row: &entry::Model) -> Result<Vec<u8>, JournalError> {
    let rows_hash = unhex(&row.rows_hash)
        .or_else(|| (row.format == NOT_ITEMISED).then_some([0; 32]))
        .ok_or_else(|| JournalError::Broken(format!("条目 {} 的行哈希不可识别", row.id)))?;
    let parts = Parts {
        format: row.format,
        id: row.id.0,
        at: row.at.0,
        actor: &row.actor,
        co_signer: row.co_signer.as_deref(),
        unit: row.unit_id.map(|unit| unit.0),
        action: &row.action,
        subject: &row.subject,
        payload: &row.payload,
        rows_hash: &rows_hash,
    };
    Ok(parts.encode())
}

fn signed(number: u64) -> Result<i64, JournalError> {
    i64::try_from(number).map_err(|_| JournalError::Broken("条目过多".to_owned()))
}

/// How many entries are sealed.
///
/// # Errors
/// When the database cannot be read.
pub async fn size(db: &impl ConnectionTrait) -> Result<u64, DbError> {
    let last = leaf::Entity::find().order_by_desc(leaf::Column::Idx).one(db).await?;
    Ok(last.map_or(0, |leaf| u64::try_from(leaf.idx).unwrap_or(0) + 1))
}

/// How many entries wait to be sealed.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(db: &impl ConnectionTrait) -> Result<u64, DbError> {
    Ok(pending::Entity::find().count(db).await?)
}

/// The tree as sealed so far.
pub(super) async fn frontier(db: &impl ConnectionTrait, kind: HashKind) -> Result<Frontier, JournalError> {
    frontier_of(db, kind, size(db).await?).await
}

/// The tree as it was at `size`.
pub(super) async fn frontier_of(
    db: &impl ConnectionTrait,
    kind: HashKind,
    size: u64,
) -> Result<Frontier, JournalError> {
    let mut peaks = Vec::new();
    for node in tree::parts((0, size)) {
        peaks.push(stored(db, node).await?);
    }
    Ok(Frontier::of(kind, size, peaks))
}

/// The heads of these ranges, as proofs have them.
pub(super) async fn heads(
    db: &impl ConnectionTrait,
    kind: HashKind,
    ranges: Vec<tree::Range>,
) -> Result<Vec<Hash>, JournalError> {
    let mut heads = Vec::with_capacity(ranges.len());
    for range in ranges {
        let mut peaks = Vec::new();
        for node in tree::parts(range) {
            peaks.push(stored(db, node).await?);
        }
        heads.push(tree::fold(kind, &peaks));
    }
    Ok(heads)
}

async fn stored(db: &impl ConnectionTrait, (level, idx): Node) -> Result<Hash, JournalError> {
    let at = signed(idx)?;
    let hash = match level {
        0 => leaf::Entity::find_by_id(at).one(db).await?.map(|leaf| leaf.hash),
        _ => node::Entity::find_by_id((i64::from(level), at)).one(db).await?.map(|node| node.hash),
    };
    hash.and_then(|hash| hash.try_into().ok())
        .ok_or_else(|| JournalError::Broken(format!("哈希树缺少节点 {level}/{idx}")))
}
