//! The life of a campaign: open, submit, confirm, close.

use chrono::NaiveDate;
use hashbrown::HashMap;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Unchanged, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _,
};
use serde_json::json;

use super::asked;
use super::entity::{campaign, expected_item, scan, scan_counter, sheet};
use super::error::StocktakeError;
use super::findings;
use super::frozen;
use super::missing;
use super::model::{CampaignState, Confirmer, Refusal, SheetState};
use super::outcome::Outcome;
use super::scope::Scope;
use super::store;
use crate::access::{self, Action};
use crate::db::{Db, DbError, Tx, bulk};
use crate::items::store as items;
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{CampaignId, ItemId, PersonId, SheetId, UnitId};
use crate::kernel::text::key;
use crate::kernel::{Ctx, Timestamp};
use crate::org::Directory;
use crate::org::entity::person::Duty;

/// What a campaign is opened with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Short and unique, as `2026-YE`.
    pub number: String,
    /// As people say it, `2026 年终盘点`.
    pub name: String,
    /// 盘点基准日: the book as of the end of this day is what is expected.
    pub baseline_on: NaiveDate,
    /// The first day of counting.
    pub from: NaiveDate,
    /// The last day of counting.
    pub to: NaiveDate,
    /// Whether counters are kept from seeing what is expected.
    pub blind: bool,
    /// What is counted.
    pub scope: Scope,
}

/// Opens a campaign: fixes its scope and writes down what is expected, rebuilt from the events as of the baseline.
///
/// # Errors
/// When the number is taken, the window runs backwards, or nothing is in scope.
pub async fn open(db: &Db, ctx: &Ctx, opening: &Opening) -> Result<campaign::Model, StocktakeError> {
    asked::opening(opening)?;
    if opening.to < opening.from {
        return Err(StocktakeError::WindowBackwards);
    }
    super::opening::may_open(ctx, opening)?;
    db.write(async |tx| {
        if store::campaign(tx, &opening.number).await.is_ok() {
            return Err(StocktakeError::DuplicateCampaign(opening.number.clone()));
        }
        let campaign = new_campaign(ctx, opening)?;
        campaign.clone().into_active_model().insert(tx).await?;
        scan_counter::Model { campaign_id: campaign.id, last_seq: 0 }.into_active_model().insert(tx).await?;
        let mut digest = RowsDigest::new(ctx).with(&campaign);
        let expected = write_expected(tx, ctx, &campaign, &opening.scope, &mut digest).await?;
        if expected == 0 {
            return Err(StocktakeError::EmptyScope(opening.baseline_on.to_string()));
        }
        let payload = json!({ "name": campaign.name, "baseline_on": opening.baseline_on, "expected": expected });
        record(tx, ctx, "stocktake.open", &campaign, payload, digest).await?;
        Ok(campaign)
    })
    .await
}

fn new_campaign(ctx: &Ctx, opening: &Opening) -> Result<campaign::Model, StocktakeError> {
    let scope = serde_json::to_string(&opening.scope).map_err(|error| StocktakeError::Report(error.to_string()))?;
    Ok(campaign::Model {
        id: ctx.new_id(),
        number: opening.number.trim().to_owned(),
        name: opening.name.trim().to_owned(),
        state: CampaignState::Counting,
        baseline_at: Timestamp::end_of_day(opening.baseline_on),
        window_from: Timestamp::start_of_day(opening.from),
        window_to: Timestamp::end_of_day(opening.to),
        blind: opening.blind,
        scope,
        opened_at: ctx.now(),
        closed_at: None,
        version: 1,
    })
}

/// Writes the sheets (one a unit of the scope) and the expected things; returns how many things.
async fn write_expected(
    tx: &Tx,
    ctx: &Ctx,
    campaign: &campaign::Model,
    scope: &Scope,
    digest: &mut RowsDigest,
) -> Result<usize, StocktakeError> {
    let book = items::book_as_of(tx, campaign.baseline_at).await?;
    let ids: Vec<ItemId> = book.iter().map(|thing| thing.item_id).collect();
    let things = items::by_ids(tx, &ids).await?;
    let mut sheets: HashMap<UnitId, SheetId> = HashMap::new();
    for unit in Directory::load(tx).await?.units() {
        if scope.units.is_empty() || scope.units.contains(&unit.id) {
            sheets.insert(unit.id, ctx.new_id());
        }
    }
    let mut rows = Vec::with_capacity(book.len());
    for at_baseline in book {
        let Some(thing) = things.get(&at_baseline.item_id) else { continue };
        if at_baseline.state.is_gone() || !scope.includes(&at_baseline, thing) {
            continue;
        }
        let sheet_id = *sheets.entry(at_baseline.unit_id).or_insert_with(|| ctx.new_id());
        rows.push(expected_item::Model {
            campaign_id: campaign.id,
            item_id: at_baseline.item_id,
            sheet_id,
            place_id: at_baseline.place_id,
            keeper_id: at_baseline.keeper_id,
            quantity: at_baseline.quantity,
            state: at_baseline.state,
            excused_by: at_baseline.excused_by,
        });
    }
    let mut sheet_rows: Vec<sheet::Model> =
        sheets.into_iter().map(|(unit_id, id)| new_sheet(campaign.id, unit_id, id)).collect();
    sheet_rows.sort_by_key(|row| row.id);
    sheet_rows.iter().for_each(|row| digest.add(row));
    rows.iter().for_each(|row| digest.add(row));
    bulk::insert(tx, sheet_rows).await?;
    Ok(bulk::insert(tx, rows).await?)
}

const fn new_sheet(campaign_id: CampaignId, unit_id: UnitId, id: SheetId) -> sheet::Model {
    sheet::Model {
        id,
        campaign_id,
        unit_id,
        state: SheetState::Open,
        submitted_at: None,
        submitted_by: None,
        confirmed_at: None,
        confirmed_by: None,
        version: 1,
    }
}

pub(super) async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    campaign: &campaign::Model,
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<(), StocktakeError> {
    Ok(journal::record(tx, ctx, Entry { action, subject: campaign.number.clone(), unit: None, payload, rows }).await?)
}

/// Hands a unit's sheet in: what nobody saw is missing from now on. Whoever is signed in hands it in.
///
/// # Errors
/// When it is not allowed, the sheet is not open, or the unit is out of scope.
pub async fn submit(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    unit: UnitId,
    by: Option<PersonId>,
) -> Result<sheet::Model, StocktakeError> {
    submit_version(db, ctx, number, unit, by, None).await
}

/// As [`submit`], for a sheet that still is at `version`, where one is given.
///
/// # Errors
/// As [`submit`]; [`DbError::Stale`] when it is at another version.
pub async fn submit_version(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    unit: UnitId,
    by: Option<PersonId>,
    version: Option<i64>,
) -> Result<sheet::Model, StocktakeError> {
    access::permit(ctx, Action::CampaignsSubmit, Some(unit))?;
    let by = ctx.person().or(by);
    db.write(async |tx| {
        let directory = Directory::load(tx).await?;
        let (campaign, sheet) = sheet_of(tx, &directory, number, unit).await?;
        refuse_stale(&sheet, version)?;
        campaign.state.may_scan(&campaign.number)?;
        let state = sheet.state.submit(directory.unit_name(unit))?;
        let after = sheet::Model { state, submitted_at: Some(ctx.now()), submitted_by: by, ..sheet };
        save_sheet(tx, ctx, &campaign, after, ("stocktake.submit", json!({ "unit": unit }))).await
    })
    .await
}

/// The unit head confirms the sheet: whoever is signed in, else `by`. With a reason the command centre stands in for a
/// head whom the unit lacks or who may not confirm.
///
/// # Errors
/// When the sheet is not submitted, or the person may not confirm it ([`Confirmer::check`]).
pub async fn confirm(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    unit: UnitId,
    by: PersonId,
    reason: Option<&str>,
) -> Result<sheet::Model, StocktakeError> {
    confirm_version(db, ctx, number, unit, by, reason, None).await
}

/// As [`confirm`], for a sheet that still is at `version`, where one is given.
///
/// # Errors
/// As [`confirm`]; [`DbError::Stale`] when it is at another version.
pub async fn confirm_version(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    unit: UnitId,
    by: PersonId,
    reason: Option<&str>,
    version: Option<i64>,
) -> Result<sheet::Model, StocktakeError> {
    let by = ctx.person().unwrap_or(by);
    let reason = asked::maybe_reason("reason", reason)?;
    let stands_in = reason.is_some() && access::permit(ctx, Action::CampaignsClose, Some(unit)).is_ok();
    if !stands_in {
        access::permit(ctx, Action::CampaignsConfirm, Some(unit))?;
    }
    db.write(async |tx| {
        let directory = Directory::load(tx).await?;
        let (campaign, sheet) = sheet_of(tx, &directory, number, unit).await?;
        refuse_stale(&sheet, version)?;
        let state = sheet.state.confirm(directory.unit_name(unit))?;
        refuse_confirmer(tx, &directory, &sheet, by, stands_in).await?;
        let after = sheet::Model { state, confirmed_at: Some(ctx.now()), confirmed_by: Some(by), ..sheet };
        let reason = reason.as_deref().filter(|_| stands_in);
        save_sheet(tx, ctx, &campaign, after, ("stocktake.confirm", json!({ "unit": unit, "stands_in": reason }))).await
    })
    .await
}

/// Says why a person may not confirm a sheet as it stands, if they may not; `stands_in` for the head, with a reason.
///
/// # Errors
/// [`Confirmer::check`]'s, or the database cannot be read.
pub async fn refuse_confirmer(
    db: &impl ConnectionTrait,
    directory: &Directory,
    sheet: &sheet::Model,
    by: PersonId,
    stands_in: bool,
) -> Result<(), StocktakeError> {
    let scans = scan::Entity::find().filter(scan::Column::SheetId.eq(sheet.id)).all(db).await?;
    let found = confirmer(directory, sheet, &scans, by);
    // Whoever brings a file of counts in answers for it as whoever holds the phone does.
    let took_part = found.took_part || store::brought_in_by(db, sheet.id, by).await?;
    Ok(Confirmer { stands_in, took_part, ..found }.check()?)
}

/// What somebody signs is the sheet that they saw.
fn refuse_stale(sheet: &sheet::Model, version: Option<i64>) -> Result<(), DbError> {
    if version.is_some_and(|version| version != sheet.version) { Err(DbError::Stale) } else { Ok(()) }
}

fn confirmer<'a>(directory: &'a Directory, sheet: &sheet::Model, scans: &[scan::Model], by: PersonId) -> Confirmer<'a> {
    let badge = directory.person(by).and_then(|person| person.badge_number.as_deref()).unwrap_or_default();
    let name = directory.person_name(Some(by));
    let counted = |scan: &scan::Model| {
        let counter = key(&scan.counter);
        counter == key(name) || (!badge.is_empty() && counter == key(badge))
    };
    let keeps = |scan: &scan::Model| {
        scan.place_id.and_then(|place| directory.place(place)).is_some_and(|place| place.keeper_id == Some(by))
    };
    let heads: Vec<PersonId> = directory
        .people()
        .into_iter()
        .filter(|person| person.unit_id == sheet.unit_id && person.duty == Duty::Head)
        .map(|person| person.id)
        .collect();
    Confirmer {
        name,
        took_part: sheet.submitted_by == Some(by) || scans.iter().any(counted),
        keeps_a_place: scans.iter().any(keeps),
        head_is_another: !heads.is_empty() && !heads.contains(&by),
        headless: heads.is_empty().then(|| directory.unit_name(sheet.unit_id)),
        stands_in: false,
    }
}

async fn sheet_of(
    tx: &Tx,
    directory: &Directory,
    number: &str,
    unit: UnitId,
) -> Result<(campaign::Model, sheet::Model), StocktakeError> {
    let campaign = store::campaign(tx, number).await?;
    let sheet = sheet::Entity::find()
        .filter(sheet::Column::CampaignId.eq(campaign.id))
        .filter(sheet::Column::UnitId.eq(unit))
        .one(tx)
        .await?
        .ok_or_else(|| StocktakeError::UnitOutOfScope(directory.unit_name(unit).to_owned()))?;
    Ok((campaign, sheet))
}

/// Writes a changed sheet, and the campaign's state where it follows from the sheets.
async fn save_sheet(
    tx: &Tx,
    ctx: &Ctx,
    campaign: &campaign::Model,
    after: sheet::Model,
    (action, payload): (&'static str, serde_json::Value),
) -> Result<sheet::Model, StocktakeError> {
    let after = write_sheet(tx, after).await?;
    let mut digest = RowsDigest::new(ctx).with(&after);
    follow_sheets(tx, campaign, &mut digest).await?;
    let subject = campaign.number.clone();
    let unit = Some(after.unit_id);
    journal::record(tx, ctx, Entry { action, subject, unit, payload, rows: digest }).await?;
    Ok(after)
}

pub(super) async fn write_sheet(tx: &Tx, sheet: sheet::Model) -> Result<sheet::Model, StocktakeError> {
    let read = sheet.version;
    let after = sheet::Model { version: read + 1, ..sheet };
    let mut active = after.clone().into_active_model().reset_all();
    active.id = Unchanged(after.id);
    let updated = sheet::Entity::update_many()
        .set(active)
        .filter(sheet::Column::Id.eq(after.id))
        .filter(sheet::Column::Version.eq(read))
        .exec(tx)
        .await?;
    if updated.rows_affected == 1 { Ok(after) } else { Err(DbError::Stale.into()) }
}

pub(super) async fn follow_sheets(
    tx: &Tx,
    campaign: &campaign::Model,
    digest: &mut RowsDigest,
) -> Result<(), StocktakeError> {
    let open = store::sheets(tx, campaign.id).await?.iter().filter(|sheet| sheet.state == SheetState::Open).count();
    let state = campaign.state.with_open_sheets(&campaign.number, open)?;
    if state != campaign.state {
        digest.add(&write_campaign(tx, campaign::Model { state, ..campaign.clone() }).await?);
    }
    Ok(())
}

pub(super) async fn write_campaign(tx: &Tx, campaign: campaign::Model) -> Result<campaign::Model, StocktakeError> {
    let read = campaign.version;
    let after = campaign::Model { version: read + 1, ..campaign };
    let mut active = after.clone().into_active_model().reset_all();
    active.id = Unchanged(after.id);
    let updated = campaign::Entity::update_many()
        .set(active)
        .filter(campaign::Column::Id.eq(after.id))
        .filter(campaign::Column::Version.eq(read))
        .exec(tx)
        .await?;
    if updated.rows_affected == 1 { Ok(after) } else { Err(DbError::Stale.into()) }
}

pub(super) async fn units_of_sheets(
    tx: &Tx,
    campaign: &campaign::Model,
) -> Result<HashMap<SheetId, UnitId>, StocktakeError> {
    Ok(store::sheets(tx, campaign.id).await?.into_iter().map(|sheet| (sheet.id, sheet.unit_id)).collect())
}

/// Ends a campaign: freezes its lines, opens a case for each missing thing and a finding for each difference, and
/// closes the cases of what was found.
/// With `leave_open` (a reason) it ends although sheets are not confirmed: what they did not see stays `pending`.
///
/// # Errors
/// When the campaign is not under way, or sheets are not confirmed and no reason is given.
pub async fn close(db: &Db, ctx: &Ctx, number: &str, leave_open: Option<&str>) -> Result<Outcome, StocktakeError> {
    access::permit_somewhere(ctx, Action::CampaignsClose)?;
    asked::maybe_reason("leave_open", leave_open)?;
    db.write(async |tx| {
        let campaign = store::campaign(tx, number).await?;
        for unit in units_of_sheets(tx, &campaign).await?.into_values() {
            access::permit(ctx, Action::CampaignsClose, Some(unit))?;
        }
        let state = campaign.state.close(&campaign.number)?;
        let outcome = Outcome::compute(tx, &campaign).await?;
        refuse_unconfirmed(&outcome, leave_open)?;
        let closed =
            write_campaign(tx, campaign::Model { state, closed_at: Some(ctx.now()), ..campaign.clone() }).await?;
        let mut digest = RowsDigest::new(ctx).with(&closed);
        frozen::freeze(tx, &closed, &outcome, &mut digest).await?;
        missing::follow(tx, ctx, &closed, &outcome, &mut digest).await?;
        findings::follow(tx, ctx, &closed, &outcome, &mut digest).await?;
        let payload = json!({ "lines": outcome.lines.len(), "left_open": leave_open });
        record(tx, ctx, "stocktake.close", &closed, payload, digest).await?;
        Ok(Outcome { campaign: closed, ..outcome })
    })
    .await
}

fn refuse_unconfirmed(outcome: &Outcome, leave_open: Option<&str>) -> Result<(), StocktakeError> {
    let unconfirmed: Vec<&str> = outcome
        .sheets
        .iter()
        .filter(|sheet| sheet.state != SheetState::Confirmed)
        .map(|sheet| outcome.directory.unit_name(sheet.unit_id))
        .collect();
    let excused = leave_open.is_some_and(|reason| !reason.trim().is_empty());
    if unconfirmed.is_empty() || excused {
        return Ok(());
    }
    Err(Refusal::SheetsOpen(unconfirmed.len(), unconfirmed.join("、")).into())
}
