//! Looking at campaigns with the rights one has: what is out of reach is as if it were not there, and a blind count
//! shows nobody who counts what the book expects.

use hashbrown::HashMap;
use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, FromQueryResult, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _, Select, Statement, Value,
};

use super::entity::{campaign, missing_case, sheet};
use super::error::StocktakeError;
use super::model::{MissingState, SheetState};
use super::outcome::{Outcome, OutcomeLine};
use super::store;
use crate::access::{self, Action};
use crate::db::DbError;
use crate::db::bulk::placeholders;
use crate::db::order::{self, Order};
use crate::findings::entity::finding;
use crate::items::entity::item;
use crate::kernel::ids::{CampaignId, FindingId, ItemId, MissingCaseId, PersonId, PlaceId, SheetId, UnitId};
use crate::kernel::rights::Reach;
use crate::kernel::{Ctx, Quantity, Timestamp};

/// A page of campaigns within reach, newest first; `after` is the last one of the page before.
///
/// # Errors
/// When looking is not allowed, or the database cannot be read.
pub async fn campaigns(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    after: Option<(Timestamp, CampaignId)>,
    limit: u64,
) -> Result<Vec<campaign::Model>, StocktakeError> {
    let mut query = campaigns_of(ctx)?;
    if let Some((opened_at, id)) = after {
        let same_instant =
            Condition::all().add(campaign::Column::OpenedAt.eq(opened_at)).add(campaign::Column::Id.lt(id));
        query = query.filter(Condition::any().add(campaign::Column::OpenedAt.lt(opened_at)).add(same_instant));
    }
    let newest_first = query.order_by_desc(campaign::Column::OpenedAt).order_by_desc(campaign::Column::Id);
    Ok(newest_first.limit(limit).all(db).await?)
}

/// The same campaigns in another order; the order says where the page begins.
///
/// # Errors
/// When looking is not allowed, or the database cannot be read.
pub async fn campaigns_sorted(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    order: &Order<campaign::Column>,
    limit: u64,
) -> Result<Vec<campaign::Model>, StocktakeError> {
    Ok(order::sorted(campaigns_of(ctx)?, order).limit(limit).all(db).await?)
}

fn campaigns_of(ctx: &Ctx) -> Result<Select<campaign::Entity>, StocktakeError> {
    access::permit_somewhere(ctx, Action::CampaignsRead)?;
    let mut query = campaign::Entity::find();
    if let Some(units) = access::reach(ctx, Action::CampaignsRead).units() {
        let theirs = sheet::Entity::find()
            .select_only()
            .column(sheet::Column::CampaignId)
            .filter(sheet::Column::UnitId.is_in(units))
            .into_query();
        query = query.filter(campaign::Column::Id.in_subquery(theirs));
    }
    Ok(query)
}

/// A campaign that `ctx` may do `action` in, and those of its sheets within reach of it.
///
/// # Errors
/// When the action is not allowed, or there is no such campaign within reach.
pub async fn campaign(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    number: &str,
    action: Action,
) -> Result<(campaign::Model, Vec<sheet::Model>), StocktakeError> {
    access::permit_somewhere(ctx, action)?;
    let campaign = store::campaign(db, number).await?;
    let reach = access::reach(ctx, action);
    let mut sheets = store::sheets(db, campaign.id).await?;
    sheets.retain(|sheet| reach.covers(Some(sheet.unit_id)));
    if sheets.is_empty() && reach != Reach::Everywhere {
        return Err(StocktakeError::NoCampaign(campaign.number));
    }
    Ok((campaign, sheets))
}

/// Of each of these campaigns, how many of the sheets within reach were handed in, and how many there are.
///
/// # Errors
/// When the database cannot be read.
pub async fn handed_in(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    campaigns: &[CampaignId],
) -> Result<HashMap<CampaignId, (u64, u64)>, StocktakeError> {
    let mut found: HashMap<CampaignId, (u64, u64)> = HashMap::new();
    for chunk in campaigns.chunks(crate::db::bulk::CHUNK_ROWS) {
        let mut query = sheet::Entity::find()
            .select_only()
            .column(sheet::Column::CampaignId)
            .column(sheet::Column::State)
            .filter(sheet::Column::CampaignId.is_in(chunk.iter().copied()));
        if let Some(units) = access::reach(ctx, Action::CampaignsRead).units() {
            query = query.filter(sheet::Column::UnitId.is_in(units));
        }
        for (id, state) in query.into_tuple::<(CampaignId, SheetState)>().all(db).await? {
            let (done, all) = found.entry(id).or_default();
            *done += u64::from(state != SheetState::Open);
            *all += 1;
        }
    }
    Ok(found)
}

/// How far a sheet is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Things expected on it.
    pub expected: i64,
    /// Of these, things seen wherever.
    pub seen: i64,
}

/// How far each sheet of a campaign is.
///
/// # Errors
/// When the database cannot be read.
pub async fn progress(db: &impl ConnectionTrait, id: CampaignId) -> Result<HashMap<SheetId, Progress>, StocktakeError> {
    #[derive(FromQueryResult)]
    struct Row {
        sheet_id: SheetId,
        things: i64,
    }
    let backend = db.get_database_backend();
    let place = placeholders(backend, 1, 1);
    let expected = format!(
        "SELECT sheet_id, COUNT(*) AS things FROM expected_items WHERE campaign_id = {place} GROUP BY sheet_id"
    );
    // As the verdicts see it: not undone, and after the last recount.
    let seen = format!(
        "SELECT e.sheet_id, COUNT(DISTINCT e.item_id) AS things FROM scans s \
         JOIN expected_items e ON e.campaign_id = s.campaign_id AND e.item_id = s.item_id \
         WHERE s.campaign_id = {place} AND s.negates IS NULL AND s.quantity > 0 \
         AND NOT EXISTS (SELECT 1 FROM scans n WHERE n.negates = s.id) \
         AND NOT EXISTS (SELECT 1 FROM recounts r \
                         WHERE r.campaign_id = s.campaign_id AND r.item_id = s.item_id AND r.after_seq >= s.seq) \
         GROUP BY e.sheet_id"
    );
    let ask = async |sql: String| {
        Row::find_by_statement(Statement::from_sql_and_values(backend, sql, [Value::from(id)])).all(db).await
    };
    let mut found: HashMap<SheetId, Progress> = HashMap::new();
    for row in ask(expected).await? {
        found.entry(row.sheet_id).or_default().expected = row.things;
    }
    for row in ask(seen).await? {
        found.entry(row.sheet_id).or_default().seen = row.things;
    }
    Ok(found)
}

/// Whether `ctx` is shown what the book expects on a unit's sheet. In a blind count nobody who counts is, until the
/// sheet is handed in; whoever runs the campaign is.
#[must_use]
pub fn sees_book(ctx: &Ctx, campaign: &campaign::Model, state: SheetState, unit: UnitId) -> bool {
    let may = |action| access::permit(ctx, action, Some(unit)).is_ok();
    !campaign.blind || may(Action::CampaignsClose) || (state != SheetState::Open && may(Action::CampaignsReport))
}

/// A thing expected on a sheet.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
#[expect(missing_docs, reason = "the columns of items and expected_items")]
pub struct Expected {
    pub item_id: ItemId,
    pub item_number: String,
    pub number_key: String,
    pub name: String,
    pub specification: String,
    pub serial_number: String,
    pub place_id: Option<PlaceId>,
    pub keeper_id: Option<PersonId>,
    pub quantity: Quantity,
    pub excused_by: Option<String>,
}

/// A page of what a sheet expects, by number; `after` is the number key of the last one before.
///
/// # Errors
/// When the database cannot be read.
pub async fn expected(
    db: &impl ConnectionTrait,
    sheet: &sheet::Model,
    after: Option<&str>,
    limit: u64,
) -> Result<Vec<Expected>, StocktakeError> {
    let backend = db.get_database_backend();
    let places: Vec<String> = (1..=3).map(|number| placeholders(backend, number, 1)).collect();
    let sql = format!(
        "SELECT e.item_id, i.item_number, i.number_key, i.name, i.specification, i.serial_number, \
         e.place_id, e.keeper_id, e.quantity, e.excused_by \
         FROM expected_items e JOIN items i ON i.id = e.item_id \
         WHERE e.sheet_id = {} AND i.number_key > {} ORDER BY i.number_key LIMIT {}",
        places[0], places[1], places[2]
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values = [Value::from(sheet.id), Value::from(after.unwrap_or_default()), Value::from(limit)];
    Ok(Expected::find_by_statement(Statement::from_sql_and_values(backend, sql, values)).all(db).await?)
}

/// What a campaign has found, as far as `ctx` may know of it: the lines and sheets of units within reach, without what
/// a blind count still hides.
///
/// # Errors
/// When reports are not for `ctx`, or there is no such campaign within reach.
pub async fn outcome(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<Outcome, StocktakeError> {
    let (campaign, _) = campaign(db, ctx, number, Action::CampaignsReport).await?;
    Ok(within_reach(ctx, Outcome::load(db, &campaign).await?))
}

/// As [`outcome`], worked out anew with every lead, also of a closed campaign.
///
/// # Errors
/// As [`outcome`].
pub async fn outcome_with_leads(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<Outcome, StocktakeError> {
    let (campaign, _) = campaign(db, ctx, number, Action::CampaignsReport).await?;
    Ok(within_reach(ctx, Outcome::compute(db, &campaign).await?))
}

fn within_reach(ctx: &Ctx, mut outcome: Outcome) -> Outcome {
    let reach = access::reach(ctx, Action::CampaignsReport);
    let hidden: Vec<UnitId> = outcome
        .sheets
        .iter()
        .filter(|sheet| !sees_book(ctx, &outcome.campaign, sheet.state, sheet.unit_id))
        .map(|sheet| sheet.unit_id)
        .collect();
    outcome.sheets.retain(|sheet| reach.covers(Some(sheet.unit_id)));
    outcome.lines.retain(|line| reach.covers(line.unit) && line.unit.is_none_or(|unit| !hidden.contains(&unit)));
    outcome
}

/// A line's place among the lines: by number, what no book knows last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineKey {
    unknown: bool,
    number: String,
    id: Option<Uuid>,
}

impl LineKey {
    /// Of a line.
    #[must_use]
    pub fn of(line: &OutcomeLine) -> Self {
        let id = line.item.as_ref().map(|item| item.id.0).or(line.scan.as_ref().map(|scan| scan.id.0));
        Self { unknown: line.item.is_none(), number: line.number().to_owned(), id }
    }

    /// As a page hands it out.
    #[must_use]
    pub fn written(&self) -> String {
        format!("{}{}|{}", u8::from(self.unknown), self.number, self.id.unwrap_or_default())
    }

    /// Reads what [`LineKey::written`] wrote.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (number, id) = text.get(1..)?.rsplit_once('|')?;
        let unknown = match text.as_bytes().first()? {
            b'0' => false,
            b'1' => true,
            _ => return None,
        };
        Some(Self { unknown, number: number.to_owned(), id: Some(id.parse().ok()?) })
    }
}

/// A missing case and the thing it is about.
pub type CaseOfThing = (missing_case::Model, item::Model);

/// A page of missing cases of things within reach, in an order that says where the page begins.
///
/// # Errors
/// When reports are not for `ctx`, or the database cannot be read.
pub async fn missing_cases(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    wanted: (Option<MissingState>, Option<i64>),
    order: &Order<missing_case::Column>,
    limit: u64,
) -> Result<Vec<CaseOfThing>, StocktakeError> {
    access::permit_somewhere(ctx, Action::CampaignsReport)?;
    let mut query = missing_case::Entity::find();
    if let Some(units) = access::reach(ctx, Action::CampaignsReport).units() {
        let theirs = item::Entity::find()
            .select_only()
            .column(item::Column::Id)
            .filter(item::Column::UnitId.is_in(units))
            .into_query();
        query = query.filter(missing_case::Column::ItemId.in_subquery(theirs));
    }
    if let Some(state) = wanted.0 {
        query = query.filter(missing_case::Column::State.eq(state));
    }
    if let Some(year) = wanted.1 {
        query = query.filter(missing_case::Column::ListYear.eq(year));
    }
    let cases = order::sorted(query, order).limit(limit).all(db).await?;
    let ids: Vec<ItemId> = cases.iter().map(|case| case.item_id).collect();
    let things = crate::items::store::by_ids(db, &ids).await?;
    let with_thing = |case: missing_case::Model| {
        let thing = things.get(&case.item_id)?.clone();
        Some((case, thing))
    };
    Ok(cases.into_iter().filter_map(with_thing).collect())
}

/// How many missing cases of things within reach are still open.
///
/// # Errors
/// When reports are not for `ctx`, or the database cannot be read.
pub async fn open_cases(db: &impl ConnectionTrait, ctx: &Ctx) -> Result<u64, StocktakeError> {
    access::permit_somewhere(ctx, Action::CampaignsReport)?;
    let mut query = missing_case::Entity::find().filter(missing_case::Column::OpenOf.is_not_null());
    if let Some(units) = access::reach(ctx, Action::CampaignsReport).units() {
        let theirs = item::Entity::find()
            .select_only()
            .column(item::Column::Id)
            .filter(item::Column::UnitId.is_in(units))
            .into_query();
        query = query.filter(missing_case::Column::ItemId.in_subquery(theirs));
    }
    Ok(query.count(db).await?)
}

/// The findings that missing cases opened, by case.
///
/// # Errors
/// When the database cannot be read.
pub async fn findings_of(
    db: &impl ConnectionTrait,
    cases: &[MissingCaseId],
) -> Result<HashMap<MissingCaseId, FindingId>, StocktakeError> {
    let by_origin: HashMap<String, MissingCaseId> =
        cases.iter().map(|id| (super::findings::case_origin(*id), *id)).collect();
    let mut found = HashMap::new();
    let origins: Vec<&String> = by_origin.keys().collect();
    for chunk in origins.chunks(crate::db::bulk::CHUNK_ROWS) {
        let rows = finding::Entity::find()
            .filter(finding::Column::OriginRoom.eq(super::findings::ROOM))
            .filter(finding::Column::OriginId.is_in(chunk.iter().copied()))
            .all(db)
            .await?;
        found.extend(rows.into_iter().filter_map(|row| Some((*by_origin.get(&row.origin_id)?, row.id))));
    }
    Ok(found)
}

/// The sheet of a unit within reach of `action`.
///
/// # Errors
/// When the action is not allowed, or there is no such sheet within reach.
pub async fn sheet(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    number: &str,
    unit: UnitId,
    action: Action,
) -> Result<(campaign::Model, sheet::Model), StocktakeError> {
    let (campaign, sheets) = campaign(db, ctx, number, action).await?;
    let sheet = sheets.into_iter().find(|sheet| sheet.unit_id == unit);
    Ok((campaign, sheet.ok_or(access::Forbidden::OutOfScope)?))
}

/// The names of units, by id.
///
/// # Errors
/// When the database cannot be read.
pub async fn unit_names(db: &impl ConnectionTrait) -> Result<HashMap<UnitId, String>, DbError> {
    let rows = crate::org::entity::unit::Entity::find().all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}
