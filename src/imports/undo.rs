//! Undoing a batch: what nothing depends on goes, the rest stays and is named.

use hashbrown::HashSet;
use sea_orm::prelude::Uuid;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QuerySelect as _, Statement,
};
use serde::Serialize;
use serde_json::json;

use super::entity::{self, BatchKind, BatchState};
use super::error::ImportError;
use crate::access::{Action, permit, permit_somewhere};
use crate::db::{Db, DbError, Tx};
use crate::handover;
use crate::items::entity::item;
use crate::items::withdrawing as items;
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::{BatchId, ItemId, UnitId};
use crate::org::entity::{person, place};
use crate::org::service as org;
use crate::stocktake::counting;

/// What undoing did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// Which batch.
    pub batch: BatchId,
    /// What it had brought.
    pub kind: BatchKind,
    /// Rows taken out again.
    pub undone: usize,
    /// Rows kept because they changed or are needed, by number or name.
    pub kept: Vec<String>,
}

/// Things that a campaign expects or has seen, that are on a missing list, that a document moved or holds, that were
/// reported upward, or cars that were driven, mended, fuelled.
const THINGS_IN_USE: &str = "SELECT item_id AS id FROM expected_items UNION SELECT item_id FROM scans \
                             WHERE item_id IS NOT NULL UNION SELECT item_id FROM missing_cases \
                             UNION SELECT item_id FROM asset_movement_lines \
                             UNION SELECT item_id FROM asset_submission_lines WHERE item_id IS NOT NULL \
                             UNION SELECT item_id FROM vehicle_trips UNION SELECT item_id FROM vehicle_repairs \
                             UNION SELECT item_id FROM fuel_card_holdings UNION SELECT item_id FROM vehicle_readings";
const UNITS_IN_USE: &str = "SELECT unit_id AS id FROM items WHERE state <> 'withdrawn' \
                            UNION SELECT unit_id FROM people WHERE active UNION SELECT unit_id FROM places WHERE active \
                            UNION SELECT parent_id FROM units WHERE active AND parent_id IS NOT NULL \
                            UNION SELECT unit_id FROM sheets";
const PEOPLE_IN_USE: &str = "SELECT keeper_id AS id FROM items WHERE state <> 'withdrawn' AND keeper_id IS NOT NULL \
                             UNION SELECT keeper_id FROM places WHERE active AND keeper_id IS NOT NULL \
                             UNION SELECT keeper_id FROM scans WHERE keeper_id IS NOT NULL \
                             UNION SELECT submitted_by FROM sheets WHERE submitted_by IS NOT NULL \
                             UNION SELECT confirmed_by FROM sheets WHERE confirmed_by IS NOT NULL";
const PEOPLE_WITH_ACCOUNTS: &str = "SELECT person_id AS id FROM accounts";
const ALL_UNITS: &str = "SELECT id FROM units";
const PLACES_IN_USE: &str = "SELECT place_id AS id FROM items WHERE state <> 'withdrawn' AND place_id IS NOT NULL \
                             UNION SELECT place_id FROM scans WHERE place_id IS NOT NULL";

async fn ids(tx: &Tx, sql: &str) -> Result<HashSet<Uuid>, DbError> {
    let rows = tx.query_all_raw(Statement::from_string(tx.get_database_backend(), sql)).await?;
    let mut found = HashSet::with_capacity(rows.len());
    for row in rows {
        found.insert(row.try_get::<Uuid>("", "id")?);
    }
    Ok(found)
}

/// Undoes a batch.
///
/// # Errors
/// When there is no such batch within their reach, it was undone already, or the database refuses.
pub async fn undo(db: &Db, ctx: &Ctx, batch: BatchId) -> Result<Undone, ImportError> {
    permit_somewhere(ctx, Action::ImportsUndo)?;
    db.write(async |tx| {
        let row = entity::Entity::find_by_id(batch).one(tx).await?;
        let row = row.filter(|row| super::batches::is_theirs(ctx, Action::ImportsUndo, row));
        let row = row.ok_or_else(|| ImportError::NoBatch(batch.to_string()))?;
        if row.state == BatchState::Undone {
            return Err(ImportError::UndoneAlready(batch));
        }
        let mut digest = RowsDigest::new(ctx);
        let (undone, kept) = take_back(tx, ctx, &row, &mut digest).await?;
        let state = if kept.is_empty() { BatchState::Undone } else { BatchState::PartlyUndone };
        let after = entity::Model { state, undone_at: Some(ctx.now()), ..row };
        digest.add(&after);
        let kind = after.kind;
        after.into_active_model().reset_all().update(tx).await?;
        let payload = json!({ "undone": undone, "kept": kept.len() });
        let entry = Entry { action: "imports.undo", subject: batch.to_string(), unit: None, payload, rows: digest };
        journal::record(tx, ctx, entry).await?;
        Ok(Undone { batch, kind, undone, kept })
    })
    .await
}

async fn take_back(
    tx: &Tx,
    ctx: &Ctx,
    row: &entity::Model,
    digest: &mut RowsDigest,
) -> Result<(usize, Vec<String>), ImportError> {
    let batch = row.id;
    match row.kind {
        BatchKind::Units => close_units(tx, ctx, batch, digest).await,
        BatchKind::People => {
            let closed = org::close_people(tx, batch, &people_to_keep(tx, ctx, batch).await?.0, digest).await?;
            Ok((closed.closed, closed.kept))
        }
        BatchKind::Places => {
            let closed = org::close_places(tx, batch, &places_to_keep(tx, ctx, batch).await?.0, digest).await?;
            Ok((closed.closed, closed.kept))
        }
        BatchKind::Assets => {
            let mut withdrawn =
                items::withdraw_batch(tx, ctx, batch, &things_to_keep(tx, ctx, batch).await?, digest).await?;
            // Places, people and units that this batch made go with it, where nothing else came to need them; what
            // somebody else must close is named.
            let (keep, refused) = places_to_keep(tx, ctx, batch).await?;
            withdrawn.kept.extend(refused);
            org::close_places(tx, batch, &keep, digest).await?;
            let (keep, refused) = people_to_keep(tx, ctx, batch).await?;
            withdrawn.kept.extend(refused);
            org::close_people(tx, batch, &keep, digest).await?;
            close_units(tx, ctx, batch, digest).await?;
            Ok((withdrawn.withdrawn, withdrawn.kept))
        }
        BatchKind::Counts => {
            let may = |unit| may_take_back(ctx, Action::CampaignsCount, unit);
            Ok(counting::undo_batch_in(tx, ctx, batch, may).await?)
        }
    }
}

/// Taking a row out again takes what writing it took, in its unit as it is now: a batch may hold rows of units that
/// whoever brought it in has no say over any more.
fn may_take_back(ctx: &Ctx, writing: Action, unit: Option<UnitId>) -> bool {
    permit(ctx, Action::ImportsUndo, unit).is_ok() && permit(ctx, writing, unit).is_ok()
}

async fn things_to_keep(tx: &Tx, ctx: &Ctx, batch: BatchId) -> Result<HashSet<ItemId>, DbError> {
    let mut keep: HashSet<ItemId> = ids(tx, THINGS_IN_USE).await?.into_iter().map(ItemId).collect();
    let brought: Vec<(ItemId, UnitId)> = item::Entity::find()
        .filter(item::Column::BatchId.eq(batch))
        .select_only()
        .columns([item::Column::Id, item::Column::UnitId])
        .into_tuple()
        .all(tx)
        .await?;
    let refused = brought.into_iter().filter(|(_, unit)| !may_take_back(ctx, Action::ItemsRegister, Some(*unit)));
    keep.extend(refused.map(|(id, _)| id));
    Ok(keep)
}

/// Places that stay; the names of those that stay because they are not theirs to close.
async fn places_to_keep(tx: &Tx, ctx: &Ctx, batch: BatchId) -> Result<(HashSet<Uuid>, Vec<String>), DbError> {
    let (mut keep, mut refused) = (ids(tx, PLACES_IN_USE).await?, Vec::new());
    let brought = place::Entity::find().filter(place::Column::BatchId.eq(batch)).filter(place::Column::Active.eq(true));
    for row in brought.all(tx).await? {
        if !may_take_back(ctx, Action::OrgWrite, Some(row.unit_id)) {
            keep.insert(row.id.0);
            refused.push(row.name);
        }
    }
    Ok((keep, refused))
}

/// People who stay; the names of those who stay because they are not theirs to close, have an account, or must hand
/// something over: for them there is a door of its own, with two to sign.
async fn people_to_keep(tx: &Tx, ctx: &Ctx, batch: BatchId) -> Result<(HashSet<Uuid>, Vec<String>), DbError> {
    let (mut keep, accounts) = (ids(tx, PEOPLE_IN_USE).await?, ids(tx, PEOPLE_WITH_ACCOUNTS).await?);
    let mut refused = Vec::new();
    let brought =
        person::Entity::find().filter(person::Column::BatchId.eq(batch)).filter(person::Column::Active.eq(true));
    for row in brought.all(tx).await? {
        let theirs = may_take_back(ctx, Action::OrgWrite, Some(row.unit_id)) && !accounts.contains(&row.id.0);
        if theirs && (keep.contains(&row.id.0) || !handover::owes(tx, row.id).await?) {
            continue;
        }
        keep.insert(row.id.0);
        refused.push(row.name);
    }
    Ok((keep, refused))
}

/// Closes units from the bottom up: one whose only use is a unit below it goes once that is gone.
async fn close_units(
    tx: &Tx,
    ctx: &Ctx,
    batch: BatchId,
    digest: &mut RowsDigest,
) -> Result<(usize, Vec<String>), ImportError> {
    // As when they were brought in: only who may write them all.
    let theirs = may_take_back(ctx, Action::OrgWrite, None);
    let mut undone = 0;
    loop {
        let mut keep = ids(tx, UNITS_IN_USE).await?;
        if !theirs {
            keep.extend(ids(tx, ALL_UNITS).await?);
        }
        let closed = org::close_units(tx, batch, &keep, digest).await?;
        undone += closed.closed;
        if closed.closed == 0 || closed.kept.is_empty() {
            return Ok((undone, closed.kept));
        }
    }
}
