//! Missing cases (盘亏事项): opened when a campaign closes, carried until the thing is found or written off. A thing on
//! an earlier year's list that turns up is counted as recovered (复盘找回), by the program and for that list.

use hashbrown::HashSet;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Unchanged, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _,
};
use serde_json::json;

use super::asked;
use super::entity::{campaign, missing_case};
use super::error::StocktakeError;
use super::model::MissingState;
use super::outcome::Outcome;
use super::store;
use super::verdict::{Flags, Verdict};
use crate::access::{self, Action};
use crate::approvals::service::lapse_in;
use crate::db::{Db, DbError, Tx, bulk};
use crate::items::ItemError;
use crate::items::entity::{item, item_event};
use crate::items::model::ItemState;
use crate::items::service::{self as book, Change};
use crate::items::store as items;
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::{CampaignId, ItemId, PlaceId};

/// The longest reason of an event, characters.
const EVENT_CHARS: usize = 200;

/// Opens a case for each missing thing and closes the cases of what was found, in the caller's transaction.
pub(super) async fn follow(
    tx: &Tx,
    ctx: &Ctx,
    campaign: &campaign::Model,
    outcome: &Outcome,
    digest: &mut RowsDigest,
) -> Result<(), StocktakeError> {
    let open = store::open_missing_cases(tx).await?;
    let mut opened = Vec::new();
    for line in &outcome.lines {
        let Some(item) = &line.item else { continue };
        match open.get(&item.id) {
            Some(case) if line.flags.has(Flags::RECOVERED) => {
                let why = format!("{}（{}）中复盘找回", campaign.name, campaign.number);
                turn_up(tx, ctx, case.clone(), Some(campaign.id), None, &why, digest).await?;
            }
            None if line.verdict == Verdict::Missing => {
                opened.push(new_case(ctx, item.id, Some(campaign.id), year_of(campaign)));
            }
            _ => {}
        }
    }
    opened.iter().for_each(|case| digest.add(case));
    bulk::insert(tx, opened).await?;
    Ok(())
}

/// How approvals name this room: what they say of a case is asked for with its id.
pub const ROOM: &str = "missing_cases";

/// Moves a case on, where nobody has meanwhile. Which step may follow which, the ledger of its thing decides.
///
/// # Errors
/// [`DbError::Stale`] when somebody else moved it, or the database refuses.
pub async fn advance(
    tx: &Tx,
    case: missing_case::Model,
    state: MissingState,
    digest: &mut RowsDigest,
) -> Result<missing_case::Model, DbError> {
    let open_of = state.is_open().then_some(case.item_id.0);
    save(tx, missing_case::Model { state, open_of, ..case }, digest).await
}

async fn save(tx: &Tx, row: missing_case::Model, digest: &mut RowsDigest) -> Result<missing_case::Model, DbError> {
    let read = row.version;
    let after = missing_case::Model { version: read + 1, ..row };
    let mut active = after.clone().into_active_model().reset_all();
    active.id = Unchanged(after.id);
    let updated = missing_case::Entity::update_many()
        .set(active)
        .filter(missing_case::Column::Id.eq(after.id))
        .filter(missing_case::Column::Version.eq(read))
        .exec(tx)
        .await?;
    if updated.rows_affected != 1 {
        return Err(DbError::Stale);
    }
    digest.add(&after);
    Ok(after)
}

/// The thing of a case is there again: the case is found (by a later count when `found_in` says so), what was asked for
/// its write-off lapses, and the book has it as it had when the case was opened, at `place` where one is given.
///
/// # Errors
/// When the case was closed meanwhile, or the database refuses.
pub async fn turn_up(
    tx: &Tx,
    ctx: &Ctx,
    case: missing_case::Model,
    found_in: Option<CampaignId>,
    place: Option<PlaceId>,
    why: &str,
    digest: &mut RowsDigest,
) -> Result<missing_case::Model, ItemError> {
    let found =
        missing_case::Model { open_of: None, state: MissingState::Found, found_at: Some(ctx.now()), found_in, ..case };
    let found = save(tx, found, digest).await?;
    lapse_in(tx, ctx, (ROOM, &found.id.to_string()), why).await?;
    let Some(thing) = items::by_id(tx, found.item_id).await? else { return Ok(found) };
    let state = state_when_opened(tx, &found, &thing).await?;
    let change = Change { place: place.map(Some), state, ..Change::default() };
    match book::apply(tx, ctx, &thing, &change, &why.chars().take(EVENT_CHARS).collect::<String>(), digest).await {
        Ok(_) | Err(ItemError::NothingToChange | ItemError::Gone(_)) => Ok(found),
        Err(error) => Err(error),
    }
}

/// Of a thing that is pending, the state it had when its case was opened.
///
/// # Errors
/// When the database cannot be read.
pub async fn state_when_opened(
    tx: &Tx,
    case: &missing_case::Model,
    thing: &item::Model,
) -> Result<Option<ItemState>, DbError> {
    if thing.state != ItemState::PendingDisposal {
        return Ok(None);
    }
    let events = items::events(tx, thing.id).await?;
    // What made it pending since then is undone; what was pending before stays so.
    let since =
        |event: &&item_event::Model| event.state == ItemState::PendingDisposal && event.recorded_at >= case.opened_at;
    Ok(events.iter().rev().find(|event| !since(event)).map(|event| event.state))
}

fn year_of(campaign: &campaign::Model) -> i64 {
    i64::from(chrono::Datelike::year(&campaign.baseline_at.day()))
}

fn new_case(ctx: &Ctx, item_id: ItemId, campaign_id: Option<CampaignId>, list_year: i64) -> missing_case::Model {
    missing_case::Model {
        id: ctx.new_id(),
        item_id,
        open_of: Some(item_id.0),
        campaign_id,
        list_year,
        state: MissingState::Searching,
        opened_at: ctx.now(),
        found_at: None,
        found_in: None,
        version: 1,
    }
}

/// Takes an earlier year's missing list over, so that the next count tells what it recovers (REPORT 25). Things
/// with an open case keep it. Returns how many cases were opened.
///
/// # Errors
/// When the database refuses.
pub async fn carry_over(db: &Db, ctx: &Ctx, list_year: i64, things: &[ItemId]) -> Result<usize, StocktakeError> {
    access::permit_somewhere(ctx, Action::CampaignsClose)?;
    asked::year("list_year", list_year)?;
    db.write(async |tx| {
        let known = items::by_ids(tx, things).await?;
        for thing in things {
            let booked =
                known.get(thing).filter(|item| access::permit(ctx, Action::CampaignsClose, Some(item.unit_id)).is_ok());
            booked.ok_or_else(|| StocktakeError::NoSuchThing(thing.to_string()))?;
        }
        let open = store::open_missing_cases(tx).await?;
        let mut seen = HashSet::new();
        let cases: Vec<_> = things
            .iter()
            .filter(|thing| !open.contains_key(*thing) && seen.insert(**thing))
            .map(|thing| new_case(ctx, *thing, None, list_year))
            .collect();
        let mut rows = RowsDigest::new(ctx);
        cases.iter().for_each(|case| rows.add(case));
        let count = bulk::insert(tx, cases).await?;
        let payload = json!({ "list_year": list_year, "count": count });
        let entry = Entry { action: "stocktake.carry_over", subject: list_year.to_string(), unit: None, payload, rows };
        journal::record(tx, ctx, entry).await?;
        Ok(count)
    })
    .await
}
