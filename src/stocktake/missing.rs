//! Missing cases (盘亏事项): opened when a campaign closes, carried until the thing is found or written off. A thing on
//! an earlier year's list that turns up is counted as recovered (复盘找回), by the program and for that list.

use hashbrown::HashSet;
use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use serde_json::json;

use super::asked;
use super::entity::{campaign, missing_case};
use super::error::StocktakeError;
use super::model::MissingState;
use super::outcome::Outcome;
use super::store;
use super::verdict::{Flags, Verdict};
use crate::access::{self, Action};
use crate::db::{Db, Tx, bulk};
use crate::items::store as items;
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::{CampaignId, ItemId};

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
                let found = missing_case::Model {
                    open_of: None,
                    state: MissingState::Found,
                    found_at: Some(ctx.now()),
                    found_in: Some(campaign.id),
                    version: case.version + 1,
                    ..case.clone()
                };
                digest.add(&found);
                found.into_active_model().reset_all().update(tx).await?;
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
