//! Counting again (复盘): what was counted of some things speaks no more, and somebody else counts them.

use hashbrown::{HashMap, HashSet};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::json;

use super::campaign::{follow_sheets, record, units_of_sheets, write_sheet};
use super::entity::{campaign, recount, scan, sheet};
use super::error::StocktakeError;
use super::model::{Refusal, SheetState};
use super::{asked, store};
use crate::access::{self, Action};
use crate::db::{Db, Tx, bulk};
use crate::journal::RowsDigest;
use crate::kernel::Ctx;
use crate::kernel::ids::{ItemId, PersonId, SheetId};
use crate::kernel::text::key;
use crate::org::Directory;

/// Opens a recount of some things: their earlier scans are kept but speak no more, and their sheets open again.
///
/// # Errors
/// When a thing is not expected, or the assignee counted one of them before.
pub async fn open(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    things: &[ItemId],
    assignee: Option<PersonId>,
    reason: &str,
) -> Result<usize, StocktakeError> {
    access::permit_somewhere(ctx, Action::CampaignsRecount)?;
    let (things, reason) = (&asked::things(things)?, asked::reason(reason)?);
    db.write(async |tx| {
        let directory = Directory::load(tx).await?;
        if assignee.is_some_and(|id| directory.person(id).is_none_or(|person| !person.active)) {
            return Err(StocktakeError::Field { field: "assignee", reason: "没有此人".to_owned() });
        }
        let campaign = store::campaign(tx, number).await?;
        campaign.state.may_scan(&campaign.number)?;
        let units = units_of_sheets(tx, &campaign).await?;
        let expected: HashMap<ItemId, SheetId> =
            store::expected(tx, campaign.id).await?.into_iter().map(|row| (row.item_id, row.sheet_id)).collect();
        refuse_same_counter(tx, &directory, &campaign, things, assignee).await?;
        let after_seq = store::last_seq(tx, campaign.id).await?;
        let mut reopened = HashSet::new();
        let mut digest = RowsDigest::new(ctx);
        let mut rows = Vec::with_capacity(things.len());
        for thing in things {
            let sheet = expected.get(thing).ok_or_else(|| StocktakeError::NotExpected(thing.to_string()))?;
            access::permit(ctx, Action::CampaignsRecount, units.get(sheet).copied())
                .map_err(|_| StocktakeError::NotExpected(thing.to_string()))?;
            reopened.insert(*sheet);
            let row = recount::Model {
                id: ctx.new_id(),
                campaign_id: campaign.id,
                item_id: *thing,
                after_seq,
                reason: reason.clone(),
                assignee_id: assignee,
                opened_at: ctx.now(),
            };
            digest.add(&row);
            rows.push(row);
        }
        bulk::insert(tx, rows).await?;
        reopen(tx, &campaign, &reopened, &mut digest).await?;
        record(tx, ctx, "stocktake.recount", &campaign, json!({ "things": things, "reason": reason }), digest).await?;
        Ok(things.len())
    })
    .await
}

async fn reopen(
    tx: &Tx,
    campaign: &campaign::Model,
    wanted: &HashSet<SheetId>,
    digest: &mut RowsDigest,
) -> Result<(), StocktakeError> {
    for sheet in store::sheets(tx, campaign.id).await? {
        if wanted.contains(&sheet.id) && sheet.state != SheetState::Open {
            let after = sheet::Model {
                state: SheetState::Open,
                submitted_at: None,
                submitted_by: None,
                confirmed_at: None,
                confirmed_by: None,
                ..sheet
            };
            digest.add(&write_sheet(tx, after).await?);
        }
    }
    follow_sheets(tx, campaign, digest).await
}

async fn refuse_same_counter(
    tx: &Tx,
    directory: &Directory,
    campaign: &campaign::Model,
    things: &[ItemId],
    assignee: Option<PersonId>,
) -> Result<(), StocktakeError> {
    let Some(person) = assignee.and_then(|id| directory.person(id)) else { return Ok(()) };
    let names = [key(&person.name), key(person.badge_number.as_deref().unwrap_or_default())];
    for chunk in things.chunks(bulk::CHUNK_ROWS) {
        let scans = scan::Entity::find()
            .filter(scan::Column::CampaignId.eq(campaign.id))
            .filter(scan::Column::ItemId.is_in(chunk.iter().copied()))
            .all(tx)
            .await?;
        if scans.iter().any(|scan| !scan.counter.is_empty() && names.contains(&key(&scan.counter))) {
            return Err(Refusal::SameCounter(person.name.clone()).into());
        }
    }
    Ok(())
}
