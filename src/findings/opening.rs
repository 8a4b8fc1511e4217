//! How other rooms open findings: in the transaction of the deed, once each, however often they try.

use hashbrown::{HashMap, HashSet};
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde_json::json;

use super::entity::{finding, finding_event, finding_evidence};
use super::model::{EventKind, Standing};
use super::rules::{EvidenceKind, Kind};
use super::service::{put_standing, save, standing};
use crate::db::bulk::{self, CHUNK_ROWS};
use crate::db::{DbError, Tx};
use crate::journal::RowsDigest;
use crate::kernel::Ctx;
use crate::kernel::ids::{FindingId, ItemId, PersonId, UnitId};
use crate::webhooks;

/// How many findings one message to a webhook tells of.
const TOLD_AT_ONCE: usize = 100;
/// The longest title, characters.
const TITLE_CHARS: usize = 200;

/// A finding as a room opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFinding {
    /// The room it comes from.
    pub room: &'static str,
    /// What it comes from; with room and kind it opens one finding and never a second.
    pub origin: String,
    /// Where to look at that: a path of this server.
    pub link: String,
    /// What kind.
    pub kind: Kind,
    /// Whose it is, when it is a unit's.
    pub unit: Option<UnitId>,
    /// The thing it is about, when it is one of the book.
    pub item: Option<ItemId>,
    /// In one line.
    pub title: String,
    /// In full.
    pub description: String,
}

/// Opens findings in the caller's transaction; what is open already, or was once, is left as it is. Returns those
/// that are new.
///
/// # Errors
/// When the database refuses.
pub async fn open_many(
    tx: &Tx,
    ctx: &Ctx,
    new: Vec<NewFinding>,
    digest: &mut RowsDigest,
) -> Result<Vec<finding::Model>, DbError> {
    let mut known = known_origins(tx, &new).await?;
    let mut rows = Vec::with_capacity(new.len());
    let mut events = Vec::with_capacity(new.len());
    for one in new {
        if !known.insert((one.room.to_owned(), one.origin.clone(), one.kind)) {
            continue;
        }
        let row = fresh(ctx, one);
        let event = step(ctx, &row, EventKind::Opened, String::new());
        digest.add(&row);
        digest.add(&event);
        events.push(event);
        rows.push(row);
    }
    bulk::insert(tx, rows.iter().cloned()).await?;
    bulk::insert(tx, events).await?;
    for told in rows.chunks(TOLD_AT_ONCE) {
        webhooks::publish(tx, ctx, webhooks::Event::FindingOpened, &tell(told)).await?;
    }
    Ok(rows)
}

async fn known_origins(tx: &Tx, new: &[NewFinding]) -> Result<HashSet<(String, String, Kind)>, DbError> {
    let mut known = HashSet::new();
    let rooms: HashSet<&str> = new.iter().map(|one| one.room).collect();
    for chunk in new.chunks(CHUNK_ROWS) {
        let origins = chunk.iter().map(|one| one.origin.as_str());
        // By room as well: the index begins with it.
        let rows = finding::Entity::find()
            .filter(finding::Column::OriginRoom.is_in(rooms.iter().copied()))
            .filter(finding::Column::OriginId.is_in(origins))
            .all(tx)
            .await?;
        known.extend(rows.into_iter().map(|row| (row.origin_room, row.origin_id, row.kind)));
    }
    Ok(known)
}

fn fresh(ctx: &Ctx, new: NewFinding) -> finding::Model {
    let now = ctx.now();
    let mut row = finding::Model {
        id: ctx.new_id(),
        origin_room: new.room.to_owned(),
        origin_id: new.origin,
        origin_link: new.link,
        kind: new.kind,
        unit_id: new.unit,
        item_id: new.item,
        title: new.title.chars().take(TITLE_CHARS).collect(),
        description: new.description,
        state: Standing::NEW.state,
        opened_at: now,
        deadline_at: new.kind.rule(now).deadline(now),
        owner_id: None,
        explained_by: None,
        verified_by: None,
        closed_at: None,
        overdue_at: None,
        version: 1,
    };
    if row.title.is_empty() {
        row.title = row.kind.zh().to_owned();
    }
    row
}

fn tell(rows: &[finding::Model]) -> serde_json::Value {
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            json!({
                "id": row.id, "kind": row.kind, "unit_id": row.unit_id, "title": row.title,
                "link": row.origin_link, "deadline_at": row.deadline_at,
            })
        })
        .collect();
    json!({ "findings": told })
}

/// The step that brought a finding to where it now stands.
pub(super) fn step(ctx: &Ctx, row: &finding::Model, kind: EventKind, note: String) -> finding_event::Model {
    finding_event::Model {
        id: ctx.new_id(),
        finding_id: row.id,
        seq: row.version,
        at: ctx.now(),
        actor: ctx.actor.to_string(),
        kind,
        note,
        owner_id: row.owner_id,
        deadline_at: Some(row.deadline_at),
    }
}

/// Findings by what they came from.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_origins(
    tx: &Tx,
    room: &str,
    kind: Kind,
    origins: &[String],
) -> Result<HashMap<String, finding::Model>, DbError> {
    let mut found = HashMap::new();
    for chunk in origins.chunks(CHUNK_ROWS) {
        let rows = finding::Entity::find()
            .filter(finding::Column::OriginRoom.eq(room))
            .filter(finding::Column::Kind.eq(kind))
            .filter(finding::Column::OriginId.is_in(chunk))
            .all(tx)
            .await?;
        found.extend(rows.into_iter().map(|row| (row.origin_id.clone(), row)));
    }
    Ok(found)
}

/// Writes on a finding what its room has seen since, in the caller's transaction; its state stays.
///
/// # Errors
/// When the database refuses.
pub async fn note(
    tx: &Tx,
    ctx: &Ctx,
    row: finding::Model,
    words: String,
    digest: &mut RowsDigest,
) -> Result<FindingId, DbError> {
    let after = save(tx, row).await?;
    let event = step(ctx, &after, EventKind::Noted, words);
    digest.add(&after);
    digest.add(&event);
    event.into_active_model().insert(tx).await?;
    Ok(after.id)
}

/// What the room saw again although it was closed: open once more, to be explained anew within the days of its kind.
/// What is open is only noted.
///
/// # Errors
/// When the database refuses.
pub async fn seen_again(
    tx: &Tx,
    ctx: &Ctx,
    row: finding::Model,
    words: String,
    digest: &mut RowsDigest,
) -> Result<FindingId, DbError> {
    let Ok(again) = standing(&row).reopen() else { return note(tx, ctx, row, words, digest).await };
    let now = ctx.now();
    let (deadline_at, overdue_at, closed_at) = (row.kind.rule(now).deadline(now), None, None);
    let row = finding::Model { deadline_at, overdue_at, closed_at, ..put_standing(row, again) };
    let after = save(tx, row).await?;
    let event = step(ctx, &after, EventKind::Reopened, words);
    digest.add(&after);
    digest.add(&event);
    event.into_active_model().insert(tx).await?;
    webhooks::publish(tx, ctx, webhooks::Event::FindingOpened, &tell(std::slice::from_ref(&after))).await?;
    Ok(after.id)
}

/// The room saw it settled: the evidence is added, and where nobody has explained yet the program does, so that a
/// person has only to verify. What is closed is only noted.
///
/// # Errors
/// When the database refuses.
pub async fn settle(
    tx: &Tx,
    ctx: &Ctx,
    row: finding::Model,
    evidence: (EvidenceKind, String),
    digest: &mut RowsDigest,
) -> Result<FindingId, DbError> {
    let (kind, words) = evidence;
    let Ok(standing_now) = standing(&row).add_evidence() else { return note(tx, ctx, row, words, digest).await };
    let piece = finding_evidence::Model {
        id: ctx.new_id(),
        finding_id: row.id,
        kind,
        note: words.clone(),
        reference: None,
        actor: ctx.actor.to_string(),
        at: ctx.now(),
    };
    digest.add(&piece);
    piece.into_active_model().insert(tx).await?;
    let (row, step_kind) = match standing_now.settle() {
        Ok(after) => (put_standing(row, after), EventKind::Explained),
        Err(_) => (row, EventKind::Evidence),
    };
    let after = save(tx, row).await?;
    let event = step(ctx, &after, step_kind, words);
    digest.add(&after);
    digest.add(&event);
    event.into_active_model().insert(tx).await?;
    Ok(after.id)
}

/// Gives a finding that is open to whoever the room knows must answer for it, in the caller's transaction.
///
/// # Errors
/// When the database refuses.
pub async fn give(
    tx: &Tx,
    ctx: &Ctx,
    row: finding::Model,
    owner: PersonId,
    digest: &mut RowsDigest,
) -> Result<FindingId, DbError> {
    let id = row.id;
    let Ok(given) = standing(&row).assign(owner) else { return Ok(id) };
    let after = save(tx, put_standing(row, given)).await?;
    let event = step(ctx, &after, EventKind::Assigned, String::new());
    digest.add(&after);
    digest.add(&event);
    event.into_active_model().insert(tx).await?;
    Ok(id)
}
