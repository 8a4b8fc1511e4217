//! Looking entries up.

use hashbrown::HashMap;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::{entry, leaf, touched};
use super::touched::key_text;
use super::{JournalError, founding, sequencer, tree};
use crate::db::{DbError, bulk};
use crate::kernel::Timestamp;
use crate::kernel::hash::{Hash, HashKind, hex};
use crate::kernel::ids::{JournalEntryId, UnitId};

/// Which entries are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Who acted, as entries write it: `person:…`, `local:…`, `system`.
    pub actor: Option<String>,
    /// What was done, `items.change`; `items.` finds all of the room.
    pub action: Option<String>,
    /// What it was done to.
    pub subject: Option<String>,
    /// Of these units only.
    pub units: Option<Vec<UnitId>>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
    /// Older than this entry: the next page.
    pub after: Option<JournalEntryId>,
}

/// Entries, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &impl ConnectionTrait, wanted: &Search, limit: u64) -> Result<Vec<entry::Model>, DbError> {
    use entry::Column;
    let mut query = entry::Entity::find().order_by_desc(Column::Id).limit(limit);
    if let Some(actor) = &wanted.actor {
        query = query.filter(Column::Actor.eq(actor.as_str()));
    }
    if let Some(action) = &wanted.action {
        query = match action.ends_with('.') {
            // From `items.` up to, not including, `items/`.
            true => query
                .filter(Column::Action.gte(action.as_str()))
                .filter(Column::Action.lt(format!("{}/", &action[..action.len() - 1]))),
            false => query.filter(Column::Action.eq(action.as_str())),
        };
    }
    if let Some(subject) = &wanted.subject {
        query = query.filter(Column::Subject.eq(subject.as_str()));
    }
    if let Some(units) = &wanted.units {
        query = query.filter(Column::UnitId.is_in(units.iter().copied()));
    }
    if let Some(from) = wanted.from {
        query = query.filter(Column::At.gte(from));
    }
    if let Some(to) = wanted.to {
        query = query.filter(Column::At.lt(to));
    }
    if let Some(after) = wanted.after {
        query = query.filter(Column::Id.lt(after));
    }
    Ok(query.all(db).await?)
}

/// These entries by id.
pub(super) async fn by_ids(
    db: &impl ConnectionTrait,
    ids: &[JournalEntryId],
) -> Result<HashMap<JournalEntryId, entry::Model>, DbError> {
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(bulk::CHUNK_ROWS) {
        let rows = entry::Entity::find().filter(entry::Column::Id.is_in(chunk.iter().copied())).all(db).await?;
        found.extend(rows.into_iter().map(|row| (row.id, row)));
    }
    Ok(found)
}

/// An entry's place in the tree, with the proof of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inclusion {
    /// Its number, from 0.
    pub index: u64,
    /// Entries of the tree it is proved to be in.
    pub size: u64,
    /// The head of that tree.
    pub root: Hash,
    /// The hashes that lead from the leaf to the head.
    pub proof: Vec<Hash>,
    /// The hash of the leaf.
    pub leaf: Hash,
}

/// A row that an entry touched.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct TouchedRow {
    /// Its table.
    pub table: String,
    /// Its primary key.
    pub key: String,
    /// Its hash; zeros when the row was taken away.
    pub hash: String,
}

/// An entry in full.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The entry.
    pub entry: entry::Model,
    /// Where it is in the tree; `None` while it waits to be sealed.
    pub inclusion: Option<Inclusion>,
    /// How many rows it touched; `None` for entries written before lists were kept.
    pub touched_count: Option<usize>,
    /// The first of them.
    pub touched: Vec<TouchedRow>,
}

/// An entry, its proof, and the first `rows` rows it touched.
///
/// # Errors
/// [`JournalError::NoEntry`], or when the database cannot be read.
pub async fn show(db: &impl ConnectionTrait, id: JournalEntryId, rows: usize) -> Result<Shown, JournalError> {
    let entry = entry::Entity::find_by_id(id).one(db).await?.ok_or_else(|| JournalError::NoEntry(id.to_string()))?;
    let list = touched::Entity::find_by_id(id).one(db).await?;
    let all = match &list {
        Some(row) => Some(
            super::touched::read(&row.list)
                .ok_or_else(|| JournalError::Broken(format!("条目 {id} 的触及清单不可识别")))?,
        ),
        None => None,
    };
    let touched = all.iter().flatten().take(rows).map(|row| TouchedRow {
        table: row.table.to_owned(),
        key: key_text(row.key),
        hash: hex(row.hash),
    });
    let touched = touched.collect();
    Ok(Shown { inclusion: inclusion(db, &entry).await?, touched_count: all.map(|all| all.len()), touched, entry })
}

async fn inclusion(db: &impl ConnectionTrait, entry: &entry::Model) -> Result<Option<Inclusion>, JournalError> {
    let Some(sealed) = leaf::Entity::find().filter(leaf::Column::EntryId.eq(entry.id)).one(db).await? else {
        return Ok(None);
    };
    let kind = founding::hash_kind(db).await?;
    let frontier = sequencer::frontier(db, kind).await?;
    let (index, size) = (u64::try_from(sealed.idx).unwrap_or(0), frontier.size());
    let proof = sequencer::heads(db, kind, tree::inclusion(index, size)).await?;
    let leaf = sequencer::leaf_of(kind, entry)?;
    Ok(Some(Inclusion { index, size, root: frontier.root(), proof, leaf }))
}

impl Shown {
    /// Whether the entry as it is stored is the one that was sealed.
    #[must_use]
    pub fn fits(&self, kind: HashKind) -> bool {
        let Some(inclusion) = &self.inclusion else { return true };
        sequencer::encoded(&self.entry).is_ok_and(|data| {
            tree::is_included(kind, &data, inclusion.index, inclusion.size, &inclusion.root, &inclusion.proof)
        })
    }
}
