//! Before a campaign is opened: what it would expect. And how one is given up.

use hashbrown::HashMap;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::campaign::{Opening, record, write_campaign};
use super::entity::campaign;
use super::error::StocktakeError;
use super::store;
use crate::access::{self, Action};
use crate::db::Db;
use crate::items::store as items;
use crate::journal::RowsDigest;
use crate::kernel::ids::{ItemId, UnitId};
use crate::kernel::{Ctx, Timestamp};
use crate::org::Directory;

/// What a campaign would expect.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forecast {
    /// Things of each unit that has some, by the unit's code.
    pub units: Vec<(UnitId, String, u64)>,
    /// Units that get a sheet with nothing on it.
    pub bare: u64,
    /// Things in all.
    pub things: u64,
}

/// What [`super::campaign::open`] would expect if it were asked now.
///
/// # Errors
/// When opening is not allowed there, or the database cannot be read.
pub async fn forecast(db: &impl ConnectionTrait, ctx: &Ctx, opening: &Opening) -> Result<Forecast, StocktakeError> {
    may_open(ctx, opening)?;
    let book = items::book_as_of(db, Timestamp::end_of_day(opening.baseline_on)).await?;
    let ids: Vec<ItemId> = book.iter().map(|thing| thing.item_id).collect();
    let things = items::by_ids(db, &ids).await?;
    let mut counts: HashMap<UnitId, u64> = HashMap::new();
    for at_baseline in &book {
        let Some(thing) = things.get(&at_baseline.item_id) else { continue };
        if !at_baseline.state.is_gone() && opening.scope.includes(at_baseline, thing) {
            *counts.entry(at_baseline.unit_id).or_default() += 1;
        }
    }
    let directory = Directory::load(db).await?;
    let in_scope = |unit: UnitId| opening.scope.units.is_empty() || opening.scope.units.contains(&unit);
    let bare = directory.units().iter().filter(|unit| in_scope(unit.id) && !counts.contains_key(&unit.id)).count();
    let code = |unit: UnitId| directory.unit(unit).map_or(String::new(), |row| row.code.clone());
    let mut units: Vec<(UnitId, String, u64)> =
        counts.into_iter().map(|(unit, many)| (unit, directory.unit_name(unit).to_owned(), many)).collect();
    units.sort_by_cached_key(|(unit, ..)| code(*unit));
    let things = units.iter().map(|(.., many)| many).sum();
    Ok(Forecast { units, bare: u64::try_from(bare).unwrap_or(u64::MAX), things })
}

/// Who may open such a campaign: one of no unit in particular is one of all units.
///
/// # Errors
/// When they may not.
pub fn may_open(ctx: &Ctx, opening: &Opening) -> Result<(), StocktakeError> {
    if opening.scope.units.is_empty() {
        access::permit(ctx, Action::CampaignsOpen, None)?;
    }
    for unit in &opening.scope.units {
        access::permit(ctx, Action::CampaignsOpen, Some(*unit))?;
    }
    Ok(())
}

/// Gives a campaign up: what was counted is kept, nothing follows from it.
///
/// # Errors
/// When it is not allowed, or the campaign has ended.
pub async fn cancel(db: &Db, ctx: &Ctx, number: &str, reason: &str) -> Result<campaign::Model, StocktakeError> {
    access::permit_somewhere(ctx, Action::CampaignsClose)?;
    db.write(async |tx| {
        let campaign = store::campaign(tx, number).await?;
        for sheet in store::sheets(tx, campaign.id).await? {
            access::permit(ctx, Action::CampaignsClose, Some(sheet.unit_id))?;
        }
        let state = campaign.state.cancel(&campaign.number)?;
        let after = write_campaign(tx, campaign::Model { state, ..campaign }).await?;
        let digest = RowsDigest::new(ctx).with(&after);
        record(tx, ctx, "stocktake.cancel", &after, json!({ "reason": reason }), digest).await?;
        Ok(after)
    })
    .await
}
