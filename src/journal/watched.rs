//! Tables that the journal watches over, as exports walk them. The journal knows no room above it: they are handed in.

use std::marker::PhantomData;
use std::pin::Pin;

use futures_util::TryStreamExt as _;
use hashbrown::{HashMap, HashSet};
use sea_orm::{
    ColumnTrait as _, EntityTrait, Iterable as _, PrimaryKeyToColumn as _, QueryFilter as _, QueryOrder as _,
};
use serde_json::json;

use super::entity::{self, entry};
use super::{Entry, JournalError, Row, RowsDigest, record, touched};
use crate::db::{Db, Tx};
use crate::kernel::Ctx;
use crate::kernel::hash::Hash;
use crate::kernel::ids::JournalEntryId;

/// Is told of each row: its key, and its JSON as it is hashed.
pub type EachRow<'a> = &'a mut (dyn FnMut(String, Vec<u8>) -> Result<(), JournalError> + 'a);
/// What walking a table comes to.
pub type Walk<'a> = Pin<Box<dyn Future<Output = Result<(), JournalError>> + 'a>>;

/// A table that the journal watches over.
pub trait WatchedTable: Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;

    /// Tells of each of its rows, in the order of the primary key.
    fn walk<'a>(&'a self, tx: &'a Tx, each: EachRow<'a>) -> Walk<'a>;
}

/// The table of an entity.
struct Of<E>(PhantomData<fn() -> E>);

/// The table of an entity, watched.
#[must_use]
pub fn table<E>() -> Box<dyn WatchedTable>
where
    E: EntityTrait,
    E::Model: Row + Send,
{
    Box::new(Of::<E>(PhantomData))
}

impl<E> WatchedTable for Of<E>
where
    E: EntityTrait,
    E::Model: Row + Send,
{
    fn name(&self) -> &'static str {
        E::Model::TABLE
    }

    fn walk<'a>(&'a self, tx: &'a Tx, each: EachRow<'a>) -> Walk<'a> {
        Box::pin(async move {
            let mut query = E::find();
            for key in E::PrimaryKey::iter() {
                query = query.order_by_asc(key.into_column());
            }
            let mut rows = query.stream(tx).await?;
            while let Some(row) = rows.try_next().await? {
                each(row.key(), super::touched::json(&row))?;
            }
            Ok(())
        })
    }
}

/// What a baseline did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// Rows taken in.
    pub taken: usize,
    /// Table and key of rows that an entry names and that are not as the last such entry left them. They were edited
    /// behind the program's back; no baseline makes that right, and they are left to be named by every check.
    pub refused: Vec<(&'static str, String)>,
}

/// Takes every watched row that no entry names into the journal as it stands, by one entry: for a database whose rows
/// were written before entries kept lists. From then on each of them is held against this entry or a later one.
///
/// # Errors
/// When the database refuses.
pub async fn baseline(
    db: &Db,
    ctx: &Ctx,
    tables: &[Box<dyn WatchedTable>],
    reason: &str,
) -> Result<Baseline, JournalError> {
    super::founding::founded(db, ctx).await?;
    db.write(async |tx| {
        let known = last_known(tx).await?;
        let (mut rows, mut outcome) = (RowsDigest::new(ctx), Baseline::default());
        for table in tables {
            let mut each = |key: String, json: Vec<u8>| {
                let hash = rows.kind().of(&[&json]);
                match known.get(&(table.name().to_owned(), touched::packed_key(&key))) {
                    None => {
                        rows.push(table.name(), &key, &hash);
                        outcome.taken += 1;
                    }
                    Some((_, last)) if *last != hash => outcome.refused.push((table.name(), key)),
                    Some(_) => {}
                }
                Ok(())
            };
            table.walk(tx, &mut each).await?;
        }
        let payload = json!({ "reason": reason, "rows": outcome.taken, "refused": outcome.refused.len() });
        let entry = Entry { action: BASELINE, subject: "all".to_owned(), unit: None, payload, rows };
        record(tx, ctx, entry).await?;
        Ok(outcome)
    })
    .await
}

/// Where an entry stands in the order of the journal: sealed, waiting, or neither.
type Rank = (u8, i64);
/// A row by its table and key.
type Named = (String, Box<[u8]>);

/// Every row that an entry names, with its hash as the last of them left it.
async fn last_known(tx: &Tx) -> Result<HashMap<Named, (Rank, Hash)>, JournalError> {
    let mut ranks: HashMap<JournalEntryId, Rank> = HashMap::new();
    let mut sealed = entity::leaf::Entity::find().stream(tx).await?;
    while let Some(row) = sealed.try_next().await? {
        ranks.insert(row.entry_id, (0, row.idx));
    }
    drop(sealed);
    for row in entity::pending::Entity::find().all(tx).await? {
        ranks.insert(row.entry_id, (1, row.seq));
    }
    let mut known: HashMap<Named, (Rank, Hash)> = HashMap::new();
    let mut lists = entity::touched::Entity::find().stream(tx).await?;
    while let Some(row) = lists.try_next().await? {
        let rank = ranks.get(&row.entry_id).copied().unwrap_or((2, 0));
        let rows = touched::read(&row.list).ok_or_else(|| JournalError::Broken("触及的行不可识别".to_owned()))?;
        for one in rows {
            let last = known.entry((one.table.to_owned(), one.key.into())).or_insert((rank, *one.hash));
            if last.0 <= rank {
                *last = (rank, *one.hash);
            }
        }
    }
    Ok(known)
}

/// Takes the rows that came with the program (a migration wrote them, no command did) into the journal: those that no
/// entry of these actions, and none of this function, touched. Once for each `schema`, the name of its last migration:
/// what turns up in these tables later came with no upgrade, and is left to be named. Returns how many rows.
///
/// # Errors
/// When the database refuses.
pub async fn take_in(
    db: &Db,
    ctx: &Ctx,
    tables: &[Box<dyn WatchedTable>],
    written_by: &[&str],
    schema: &str,
) -> Result<usize, JournalError> {
    db.write(async |tx| {
        if was_taken_in(tx, schema).await? {
            return Ok(0);
        }
        let known = known_rows(tx, written_by).await?;
        let (mut rows, mut count) = (RowsDigest::new(ctx), 0);
        for table in tables {
            let mut each = |key: String, json: Vec<u8>| {
                if !known.contains(&(table.name().to_owned(), touched::packed_key(&key))) {
                    rows.push(table.name(), &key, &rows.kind().of(&[&json]));
                    count += 1;
                }
                Ok(())
            };
            table.walk(tx, &mut each).await?;
        }
        // Written even when there is nothing new: it says that what comes later is none of this schema's.
        let payload = json!({ "rows": count, "schema": schema });
        let entry = Entry { action: TAKE_IN, subject: "schema".to_owned(), unit: None, payload, rows };
        record(tx, ctx, entry).await?;
        Ok(count)
    })
    .await
}

const TAKE_IN: &str = "journal.take_in";
const BASELINE: &str = "journal.baseline";

/// Whether an entry of this action says how rows stand that it did not write itself.
pub(super) fn takes_in(action: &str) -> bool {
    action == TAKE_IN || action == BASELINE
}

async fn was_taken_in(tx: &Tx, schema: &str) -> Result<bool, JournalError> {
    let entries = entry::Entity::find().filter(entry::Column::Action.eq(TAKE_IN)).all(tx).await?;
    let schema_of = |row: &entry::Model| serde_json::from_str::<serde_json::Value>(&row.payload).ok();
    Ok(entries.iter().filter_map(schema_of).any(|payload| payload["schema"] == schema))
}

async fn known_rows(tx: &Tx, written_by: &[&str]) -> Result<HashSet<(String, Box<[u8]>)>, JournalError> {
    let actions = written_by.iter().copied().chain([TAKE_IN, BASELINE]);
    let entries = entry::Entity::find().filter(entry::Column::Action.is_in(actions)).all(tx).await?;
    let mut known = HashSet::new();
    for row in entries {
        let list = entity::touched::Entity::find_by_id(row.id).one(tx).await?.map(|row| row.list).unwrap_or_default();
        let rows = touched::read(&list).ok_or_else(|| JournalError::Broken("触及的行不可识别".to_owned()))?;
        known.extend(rows.into_iter().map(|row| (row.table.to_owned(), row.key.into())));
    }
    Ok(known)
}
