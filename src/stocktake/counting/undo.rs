//! Undoing: a scan that negates another. Nothing is taken away.

use hashbrown::HashSet;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::desk::{self, Head, Memory};
use crate::access::{self, Action, Forbidden};
use crate::db::{Db, Tx};
use crate::journal;
use crate::kernel::Ctx;
use crate::kernel::ids::{BatchId, CampaignId, ScanId, UnitId};
use crate::kernel::text::key;
use crate::org::entity::person;
use crate::stocktake::StocktakeError;
use crate::stocktake::entity::{campaign, scan};
use crate::stocktake::store;

/// Which scan to undo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// This one.
    Id(ScanId),
    /// The last one of this counter that is not undone.
    LastOf(String),
}

/// Undoes a scan by a scan that negates it. Everybody undoes their own; another's, whoever hands the sheet in.
///
/// # Errors
/// When there is no such scan within reach, it is undone already, or its sheet is submitted.
pub async fn undo(db: &Db, ctx: &Ctx, number: &str, which: &Which) -> Result<scan::Model, StocktakeError> {
    access::permit_somewhere(ctx, Action::CampaignsCount)?;
    db.write(async |tx| {
        let mut head = under_way(tx, number).await?;
        let sheets = Memory::default().sheets(tx, &head).await?;
        let target = find_target(tx, head.id, which).await?;
        let signed = permit(tx, ctx, &target, target.sheet_id.and_then(|id| sheets.unit_of(id))).await?;
        sheets.refuse_closed(target.sheet_id)?;
        let row = negation(ctx, &mut head, &target, signed);
        let entry = desk::entry(ctx, &head, "stocktake.undo", std::slice::from_ref(&row));
        desk::write(tx, head.id, vec![row]).await?;
        journal::record(tx, ctx, entry).await?;
        Ok(target)
    })
    .await
}

async fn under_way(tx: &Tx, number: &str) -> Result<Head, StocktakeError> {
    let head = Head::read(tx, number).await?.ok_or_else(|| StocktakeError::NoCampaign(number.trim().to_owned()))?;
    head.state.may_scan(&head.number)?;
    Ok(head)
}

/// Whether `ctx` may undo this scan or add to it; as whom that is signed, when somebody is signed in.
pub(super) async fn permit(
    tx: &Tx,
    ctx: &Ctx,
    target: &scan::Model,
    unit: Option<UnitId>,
) -> Result<Option<String>, StocktakeError> {
    let Some(person) = ctx.person() else { return Ok(None) };
    let person = person::Entity::find_by_id(person).one(tx).await?;
    let Some(person) = person else { return Err(Forbidden::OutOfScope.into()) };
    let badge = person.badge_number.as_deref().unwrap_or_default();
    let counter = key(&target.counter);
    let own = (!badge.is_empty() && counter == key(badge))
        || (counter == key(&person.name) && !has_namesake(tx, &person).await?);
    // Who counts for this unit no more has no say over its count either; what lies on no sheet is anybody's.
    let action = if own { Action::CampaignsCount } else { Action::CampaignsSubmit };
    if unit.is_some() || !own {
        access::permit(ctx, action, unit).map_err(|_| StocktakeError::NoSuchScan(target.id.to_string()))?;
    }
    Ok(Some(if badge.is_empty() { person.name } else { person.badge_number.unwrap_or_default() }))
}

/// Whether somebody else is called the same: then a name does not say who counted.
async fn has_namesake(tx: &Tx, of: &person::Model) -> Result<bool, StocktakeError> {
    let others = person::Entity::find().filter(person::Column::Name.eq(of.name.as_str()));
    Ok(others.filter(person::Column::Id.ne(of.id)).one(tx).await?.is_some())
}

fn negation(ctx: &Ctx, head: &mut Head, target: &scan::Model, signed: Option<String>) -> scan::Model {
    head.last_seq += 1;
    scan::Model {
        id: ctx.new_id(),
        seq: head.last_seq,
        negates: Some(target.id),
        server_at: ctx.now(),
        device_at: ctx.now(),
        batch_id: None,
        // Whoever undid it took part in the count.
        counter: signed.unwrap_or_else(|| target.counter.clone()),
        ..target.clone()
    }
}

async fn find_target(tx: &Tx, campaign: CampaignId, which: &Which) -> Result<scan::Model, StocktakeError> {
    let mine = scan::Entity::find()
        .filter(scan::Column::CampaignId.eq(campaign))
        .filter(scan::Column::Negates.is_null())
        .order_by_desc(scan::Column::Seq);
    match which {
        Which::Id(id) => {
            let target = mine
                .filter(scan::Column::Id.eq(*id))
                .one(tx)
                .await?
                .ok_or_else(|| StocktakeError::NoSuchScan(id.to_string()))?;
            if is_negated(tx, target.id).await? {
                return Err(StocktakeError::UndoneAlready(id.to_string()));
            }
            Ok(target)
        }
        Which::LastOf(counter) => {
            for target in mine.filter(scan::Column::Counter.eq(counter.trim())).all(tx).await? {
                if !is_negated(tx, target.id).await? {
                    return Ok(target);
                }
            }
            Err(StocktakeError::NoSuchScan(counter.clone()))
        }
    }
}

async fn is_negated(tx: &Tx, id: ScanId) -> Result<bool, StocktakeError> {
    Ok(scan::Entity::find().filter(scan::Column::Negates.eq(id)).one(tx).await?.is_some())
}

/// Undoes every scan of a count file that is not undone yet, in the caller's transaction. Scans on sheets submitted
/// since, or of units that `may` says no to, are kept: their codes are returned.
///
/// # Errors
/// When the campaign is not under way, or the database refuses.
pub async fn undo_batch_in(
    tx: &Tx,
    ctx: &Ctx,
    batch: BatchId,
    may: impl Fn(Option<UnitId>) -> bool,
) -> Result<(usize, Vec<String>), StocktakeError> {
    let brought =
        scan::Entity::find().filter(scan::Column::BatchId.eq(batch)).order_by_asc(scan::Column::Seq).all(tx).await?;
    let Some(first) = brought.first() else { return Ok((0, Vec::new())) };
    let campaign = campaign::Entity::find_by_id(first.campaign_id)
        .one(tx)
        .await?
        .ok_or_else(|| StocktakeError::NoCampaign(first.campaign_id.to_string()))?;
    let mut head = under_way(tx, &campaign.number).await?;
    let sheets = Memory::default().sheets(tx, &head).await?;
    let negated: HashSet<ScanId> =
        store::scans(tx, campaign.id).await?.into_iter().filter_map(|row| row.negates).collect();
    let (mut rows, mut kept) = (Vec::new(), Vec::new());
    for target in brought.iter().filter(|row| row.negates.is_none() && !negated.contains(&row.id)) {
        // What no sheet expects or holds was anybody's to record.
        let theirs = target.sheet_id.is_none_or(|id| may(sheets.unit_of(id)));
        if theirs && sheets.refuse_closed(target.sheet_id).is_ok() {
            rows.push(negation(ctx, &mut head, target, None));
        } else {
            kept.push(target.code_read.clone());
        }
    }
    let undone = rows.len();
    if undone > 0 {
        let entry = desk::entry(ctx, &head, "stocktake.undo", &rows);
        desk::write(tx, head.id, rows).await?;
        journal::record(tx, ctx, entry).await?;
    }
    Ok((undone, kept))
}
