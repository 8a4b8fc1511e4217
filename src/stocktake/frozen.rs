//! The lines of a closed campaign: written once at closing, read back as they were, whatever the book became since.

use hashbrown::HashMap;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::entity::{campaign, scan, verdict_line};
use super::error::StocktakeError;
use super::model::CampaignState;
use super::outcome::{Outcome, OutcomeLine};
use super::store;
use super::verdict::{Flags, Verdict};
use crate::db::{Tx, bulk};
use crate::items::entity::item;
use crate::items::store as items;
use crate::journal::RowsDigest;
use crate::kernel::ids::{CampaignId, ItemId, ScanId};
use crate::org::Directory;

/// Writes the lines, in the caller's transaction.
pub(super) async fn freeze(
    tx: &Tx,
    campaign: &campaign::Model,
    outcome: &Outcome,
    digest: &mut RowsDigest,
) -> Result<(), StocktakeError> {
    let rows: Vec<verdict_line::Model> =
        (1..).zip(&outcome.lines).map(|(line, found)| row(campaign.id, line, found)).collect();
    rows.iter().for_each(|row| digest.add(row));
    bulk::insert(tx, rows).await?;
    Ok(())
}

fn row(campaign_id: CampaignId, line: i64, found: &OutcomeLine) -> verdict_line::Model {
    verdict_line::Model {
        campaign_id,
        line,
        item_id: found.item.as_ref().map(|item| item.id),
        scan_id: found.scan.as_ref().map(|scan| scan.id),
        unit_id: found.unit,
        expected: found.expected,
        verdict: found.verdict.to_string(),
        flags: found.flags.to_string(),
        book_place_id: found.book_place,
        counted_place_id: found.counted_place,
        book_keeper_id: found.book_keeper,
        counted_keeper_id: found.counted_keeper,
        book_quantity: found.book_quantity,
        counted_quantity: found.counted_quantity,
        value_fen: found.value(),
        lead: found.lead.clone(),
    }
}

impl Outcome {
    /// What a campaign found when it closed, or has found so far.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn load(db: &impl ConnectionTrait, campaign: &campaign::Model) -> Result<Self, StocktakeError> {
        if campaign.state != CampaignState::Closed {
            return Self::compute(db, campaign).await;
        }
        let rows = verdict_line::Entity::find()
            .filter(verdict_line::Column::CampaignId.eq(campaign.id))
            .order_by_asc(verdict_line::Column::Line)
            .all(db)
            .await?;
        let ids: Vec<ItemId> = rows.iter().filter_map(|row| row.item_id).collect();
        let mut things = items::by_ids(db, &ids).await?;
        as_they_were(db, campaign, &mut things).await?;
        let mut scans: HashMap<ScanId, scan::Model> =
            store::scans(db, campaign.id).await?.into_iter().map(|scan| (scan.id, scan)).collect();
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows {
            let mut item = row.item_id.and_then(|id| things.remove(&id));
            if let Some(item) = &mut item {
                item.value_fen = row.value_fen;
            }
            lines.push(OutcomeLine {
                item,
                scan: row.scan_id.and_then(|id| scans.remove(&id)),
                unit: row.unit_id,
                expected: row.expected,
                verdict: row.verdict.parse().unwrap_or(Verdict::Pending),
                flags: row.flags.parse().unwrap_or(Flags::NONE),
                book_place: row.book_place_id,
                counted_place: row.counted_place_id,
                book_keeper: row.book_keeper_id,
                counted_keeper: row.counted_keeper_id,
                book_quantity: row.book_quantity,
                counted_quantity: row.counted_quantity,
                lead: row.lead,
                leads: Vec::new(),
            });
        }
        let sheets = store::sheets(db, campaign.id).await?;
        Ok(Self { campaign: campaign.clone(), sheets, directory: Directory::load(db).await?, lines })
    }
}

/// Puts unit, place, keeper, quantity and state of things back to what the book said when the campaign closed.
async fn as_they_were(
    db: &impl ConnectionTrait,
    campaign: &campaign::Model,
    things: &mut HashMap<ItemId, item::Model>,
) -> Result<(), StocktakeError> {
    let Some(closed_at) = campaign.closed_at else { return Ok(()) };
    for then in items::book_as_recorded(db, closed_at).await? {
        if let Some(thing) = things.get_mut(&then.item_id) {
            thing.unit_id = then.unit_id;
            thing.place_id = then.place_id;
            thing.keeper_id = then.keeper_id;
            thing.quantity = then.quantity;
            thing.state = then.state;
            thing.excused_by = then.excused_by;
        }
    }
    Ok(())
}
