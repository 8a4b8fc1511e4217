//! Missing cases within reach: one, a list, how many of each year and unit, what was found again. They take any
//! connection and decide nothing.

use std::collections::BTreeMap;

use hashbrown::{HashMap, HashSet};
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, Statement, Value,
};

use super::entity::{loss, loss_list, loss_list_line, loss_log, loss_tick};
use super::model::Standing;
use crate::access::{Action, reach};
use crate::approvals::entity::request;
use crate::approvals::model::State as Approval;
use crate::assets::AssetError;
use crate::db::order::{self, Order};
use crate::db::{DbError, bulk::CHUNK_ROWS, bulk::placeholders};
use crate::items::entity::item;
use crate::items::store as items;
use crate::kernel::ids::{CampaignId, ItemId, MissingCaseId, UnitId};
use crate::kernel::{Ctx, Fen, Timestamp};
use crate::stocktake::entity::{campaign, missing_case, verdict_line};
use crate::stocktake::model::MissingState;
use crate::stocktake::verdict::Verdict;

/// Which cases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// In this state only, with what the chain has said since.
    pub state: Option<MissingState>,
    /// Of this year's list only.
    pub list_year: Option<i64>,
    /// Of this unit only.
    pub unit: Option<UnitId>,
    /// Of this thing only.
    pub item: Option<ItemId>,
    /// Of this list only.
    pub list: Option<Uuid>,
    /// Only what is on no list that was sent down.
    pub unsent: bool,
    /// Only what was explained.
    pub explained: bool,
    /// After this one.
    pub after: Option<MissingCaseId>,
}

/// A case with its thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The case as the stocktake has it.
    pub case: missing_case::Model,
    /// What this ledger adds; of version 0 while it has added nothing.
    pub loss: loss::Model,
    /// The thing.
    pub thing: item::Model,
    /// What was asked of the chain.
    pub approval: Option<request::Model>,
    /// Where it stands, with what the chain has said since.
    pub standing: Standing,
}

/// Nothing is known of a loss yet.
pub(super) fn blank(id: MissingCaseId, unit_id: UnitId) -> loss::Model {
    loss::Model {
        id,
        unit_id,
        explanation: String::new(),
        explained_by: None,
        explained_at: None,
        confirmed_by: None,
        confirmed_at: None,
        degree: None,
        responsible_id: None,
        basis: String::new(),
        judged_by: None,
        judged_at: None,
        compensation_fen: None,
        receipt: String::new(),
        approval_id: None,
        decision: String::new(),
        approval_number: String::new(),
        voucher_number: String::new(),
        voucher_on: None,
        written_off_by: None,
        written_off_at: None,
        found_how: None,
        found_by: None,
        found_place_id: None,
        found_note: String::new(),
        version: 0,
    }
}

/// Cases whose write-off the chain has said yes to.
fn said_yes() -> SelectStatement {
    let yes = request::Entity::find()
        .select_only()
        .column(request::Column::Id)
        .filter(request::Column::State.is_in([Approval::Approved, Approval::Ratified]))
        .into_query();
    loss::Entity::find()
        .select_only()
        .column(loss::Column::Id)
        .filter(loss::Column::ApprovalId.in_subquery(yes))
        .into_query()
}

fn in_state(state: MissingState) -> Condition {
    use missing_case::Column as C;
    match state {
        MissingState::Confirmed => {
            Condition::all().add(C::State.eq(MissingState::Confirmed)).add(C::Id.not_in_subquery(said_yes()))
        }
        MissingState::Approved => Condition::any()
            .add(C::State.eq(MissingState::Approved))
            .add(Condition::all().add(C::State.eq(MissingState::Confirmed)).add(C::Id.in_subquery(said_yes()))),
        other => Condition::all().add(C::State.eq(other)),
    }
}

/// Cases of these units: as this ledger has noted it, else as the thing's card says.
fn of_units(units: &[UnitId]) -> Condition {
    use missing_case::Column as C;
    let noted = |units: Option<&[UnitId]>| {
        let mut query = loss::Entity::find().select_only().column(loss::Column::Id);
        if let Some(units) = units {
            query = query.filter(loss::Column::UnitId.is_in(units.iter().copied()));
        }
        query.into_query()
    };
    let things = item::Entity::find()
        .select_only()
        .column(item::Column::Id)
        .filter(item::Column::UnitId.is_in(units.iter().copied()))
        .into_query();
    let by_card = Condition::all().add(C::ItemId.in_subquery(things)).add(C::Id.not_in_subquery(noted(None)));
    Condition::any().add(C::Id.in_subquery(noted(Some(units)))).add(by_card)
}

fn condition(ctx: &Ctx, wanted: &Wanted) -> Condition {
    use missing_case::Column as C;
    let mut all = Condition::all();
    let right = reach(ctx, Action::ItemsRead);
    match (right.units(), wanted.unit) {
        (_, Some(unit)) if right.covers(Some(unit)) => all = all.add(of_units(&[unit])),
        // Of a unit out of reach there is nothing.
        (_, Some(_)) => all = all.add(of_units(&[])),
        (Some(units), None) => all = all.add(of_units(&units)),
        (None, None) => {}
    }
    if let Some(state) = wanted.state {
        all = all.add(in_state(state));
    }
    if let Some(year) = wanted.list_year {
        all = all.add(C::ListYear.eq(year));
    }
    if let Some(item) = wanted.item {
        all = all.add(C::ItemId.eq(item));
    }
    let sent = |list: Option<Uuid>| {
        let mut lines = loss_list_line::Entity::find().select_only().column(loss_list_line::Column::CaseId);
        if let Some(list) = list {
            lines = lines.filter(loss_list_line::Column::ListId.eq(list));
        }
        lines.into_query()
    };
    if wanted.list.is_some() {
        all = all.add(C::Id.in_subquery(sent(wanted.list)));
    }
    if wanted.unsent {
        all = all.add(C::State.eq(MissingState::Searching)).add(C::Id.not_in_subquery(sent(None)));
    }
    if wanted.explained {
        let explained = loss::Entity::find()
            .select_only()
            .column(loss::Column::Id)
            .filter(loss::Column::ExplainedAt.is_not_null())
            .into_query();
        all = all.add(C::Id.in_subquery(explained));
    }
    if let Some(after) = wanted.after {
        all = all.add(C::Id.gt(after));
    }
    all
}

/// Cases that `ctx` may see, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &impl ConnectionTrait, ctx: &Ctx, wanted: &Wanted, limit: u64) -> Result<Vec<Case>, AssetError> {
    let rows = missing_case::Entity::find()
        .filter(condition(ctx, wanted))
        .order_by_asc(missing_case::Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    Ok(with_things(db, rows).await?)
}

/// The same cases in another order; the order says where the page begins.
///
/// # Errors
/// When the database cannot be read.
pub async fn sorted(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    wanted: &Wanted,
    order: &Order<missing_case::Column>,
    limit: u64,
) -> Result<Vec<Case>, AssetError> {
    let all = missing_case::Entity::find().filter(condition(ctx, &Wanted { after: None, ..wanted.clone() }));
    Ok(with_things(db, order::sorted(all, order).limit(limit).all(db).await?).await?)
}

async fn with_things(db: &impl ConnectionTrait, rows: Vec<missing_case::Model>) -> Result<Vec<Case>, DbError> {
    let things = items::by_ids(db, &rows.iter().map(|case| case.item_id).collect::<Vec<_>>()).await?;
    let (mut losses, mut chains) = (HashMap::new(), HashMap::new());
    for chunk in rows.chunks(CHUNK_ROWS) {
        let ids = chunk.iter().map(|case| case.id);
        let known = loss::Entity::find().filter(loss::Column::Id.is_in(ids)).all(db).await?;
        let asked = known.iter().filter_map(|loss| loss.approval_id);
        for row in request::Entity::find().filter(request::Column::Id.is_in(asked)).all(db).await? {
            chains.insert(row.id, row);
        }
        losses.extend(known.into_iter().map(|loss| (loss.id, loss)));
    }
    let of = |case: missing_case::Model| {
        let thing = things.get(&case.item_id)?.clone();
        let loss = losses.remove(&case.id).unwrap_or_else(|| blank(case.id, thing.unit_id));
        let approval = loss.approval_id.and_then(|id| chains.remove(&id));
        let standing = Standing::of(case.state, approval.as_ref().map(|one| one.state));
        Some(Case { case, loss, thing, approval, standing })
    };
    Ok(rows.into_iter().filter_map(of).collect())
}

/// One case that `ctx` may see.
///
/// # Errors
/// [`AssetError::NotFound`] when there is none, or it is out of scope.
pub async fn one(db: &impl ConnectionTrait, ctx: &Ctx, id: MissingCaseId) -> Result<Case, AssetError> {
    let missing = || AssetError::NotFound("这项盘亏");
    let row = missing_case::Entity::find_by_id(id).one(db).await?.ok_or_else(missing)?;
    let case = with_things(db, vec![row]).await?.pop().ok_or_else(missing)?;
    if reach(ctx, Action::ItemsRead).covers(Some(case.loss.unit_id)) { Ok(case) } else { Err(missing()) }
}

/// The last case of the thing with this number, in whatever spelling.
///
/// # Errors
/// [`AssetError::NotFound`] when there is none, or it is out of scope.
pub async fn of_number(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<Case, AssetError> {
    let missing = || AssetError::NotFound("这件资产的盘亏记录");
    let thing = items::by_number(db, number).await?.ok_or_else(missing)?;
    let wanted = Wanted { item: Some(thing.id), ..Wanted::default() };
    list(db, ctx, &wanted, 1_000).await?.pop().ok_or_else(missing)
}

/// The search log of a case, in order.
///
/// # Errors
/// When the database cannot be read.
pub async fn logs(db: &impl ConnectionTrait, id: MissingCaseId) -> Result<Vec<loss_log::Model>, DbError> {
    Ok(loss_log::Entity::find()
        .filter(loss_log::Column::CaseId.eq(id))
        .order_by_asc(loss_log::Column::Seq)
        .all(db)
        .await?)
}

/// What was ticked of a case, in order.
///
/// # Errors
/// When the database cannot be read.
pub async fn ticks(db: &impl ConnectionTrait, id: MissingCaseId) -> Result<Vec<loss_tick::Model>, DbError> {
    Ok(loss_tick::Entity::find()
        .filter(loss_tick::Column::CaseId.eq(id))
        .order_by_asc(loss_tick::Column::Seq)
        .all(db)
        .await?)
}

/// Lists that were sent down to units of `ctx`, newest first; of one year, and only those not acknowledged, when asked.
///
/// # Errors
/// When the database cannot be read.
pub async fn lists(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    year: Option<i64>,
    waiting: bool,
    limit: u64,
) -> Result<Vec<loss_list::Model>, DbError> {
    use loss_list::Column as C;
    let mut query = loss_list::Entity::find();
    if let Some(units) = reach(ctx, Action::ItemsRead).units() {
        query = query.filter(C::UnitId.is_in(units));
    }
    if let Some(year) = year {
        query = query.filter(C::ListYear.eq(year));
    }
    if waiting {
        query = query.filter(C::AcknowledgedAt.is_null());
    }
    Ok(query.order_by_desc(C::Id).limit(limit).all(db).await?)
}

/// The list of this number that `ctx` may see.
///
/// # Errors
/// [`AssetError::NotFound`] when there is none, or it is out of scope.
pub async fn list_of(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<loss_list::Model, AssetError> {
    let missing = || AssetError::NotFound("这份盘亏清单");
    if number.contains('\0') {
        return Err(missing());
    }
    let key = crate::kernel::text::key(number).into_owned();
    let row = loss_list::Entity::find().filter(loss_list::Column::Number.eq(key)).one(db).await?;
    row.filter(|row| reach(ctx, Action::ItemsRead).covers(Some(row.unit_id))).ok_or_else(missing)
}

/// The cases of a list, in its order.
///
/// # Errors
/// When the database cannot be read.
pub async fn lines_of(db: &impl ConnectionTrait, list: Uuid) -> Result<Vec<Case>, DbError> {
    let lines = loss_list_line::Entity::find()
        .filter(loss_list_line::Column::ListId.eq(list))
        .order_by_asc(loss_list_line::Column::Line)
        .all(db)
        .await?;
    let mut rows: HashMap<MissingCaseId, missing_case::Model> = HashMap::with_capacity(lines.len());
    for chunk in lines.chunks(CHUNK_ROWS) {
        let ids = chunk.iter().map(|line| line.case_id);
        let found = missing_case::Entity::find().filter(missing_case::Column::Id.is_in(ids)).all(db).await?;
        rows.extend(found.into_iter().map(|row| (row.id, row)));
    }
    with_things(db, lines.iter().filter_map(|line| rows.remove(&line.case_id)).collect()).await
}

/// The list by which a case was sent down.
///
/// # Errors
/// When the database cannot be read.
pub async fn sent_by(db: &impl ConnectionTrait, id: MissingCaseId) -> Result<Option<loss_list::Model>, DbError> {
    let line = loss_list_line::Entity::find().filter(loss_list_line::Column::CaseId.eq(id)).one(db).await?;
    Ok(match line {
        Some(line) => loss_list::Entity::find_by_id(line.list_id).one(db).await?,
        None => None,
    })
}

/// How many cases of a year's list a unit has, in one state.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
#[expect(missing_docs, reason = "named by the glossary")]
pub struct Tally {
    pub list_year: i64,
    pub unit_id: UnitId,
    pub state: MissingState,
    pub cases: i64,
    pub value_fen: Fen,
}

/// How many cases there are within reach, by year, unit and state, with what the chain has said since.
///
/// # Errors
/// When the database cannot be read.
pub async fn tallies(db: &impl ConnectionTrait, ctx: &Ctx) -> Result<Vec<Tally>, DbError> {
    let (mut values, mut within) = (Vec::new(), String::new());
    if let Some(units) = reach(ctx, Action::ItemsRead).units() {
        if units.is_empty() {
            return Ok(Vec::new());
        }
        let places = placeholders(db.get_database_backend(), 1, units.len());
        within = format!("WHERE coalesce(l.unit_id, i.unit_id) IN ({places})");
        values.extend(units.into_iter().map(Value::from));
    }
    let sql = format!(
        "SELECT list_year, unit_id, state, COUNT(*) AS cases, CAST(SUM(value_fen) AS BIGINT) AS value_fen FROM \
           (SELECT c.list_year, coalesce(l.unit_id, i.unit_id) AS unit_id, i.value_fen, \
              CASE WHEN c.state = 'confirmed' AND r.state IN ('approved','ratified') THEN 'approved' ELSE c.state END \
                AS state \
            FROM missing_cases c JOIN items i ON i.id = c.item_id \
            LEFT JOIN asset_losses l ON l.id = c.id \
            LEFT JOIN approval_requests r ON r.id = l.approval_id {within}) cases \
         GROUP BY list_year, unit_id, state ORDER BY list_year DESC, unit_id, state"
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(Tally::find_by_statement(statement).all(db).await?)
}

/// So many things of one year's list were found in a later year: 2024 年找回 2023 年盘亏 14 件.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// The year of the list.
    pub list_year: i64,
    /// The year they were found in: of a count its baseline's, else the day's.
    pub found_year: i64,
    /// How many.
    pub things: u64,
    /// Of these by a later count.
    pub by_count: u64,
}

/// What was found again within reach, by list year and the year it was found in, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn recovered(db: &impl ConnectionTrait, ctx: &Ctx) -> Result<Vec<Recovered>, DbError> {
    use missing_case::Column as C;
    let year = |at: Timestamp| i64::from(chrono::Datelike::year(&at.day()));
    let wanted = Wanted { state: Some(MissingState::Found), ..Wanted::default() };
    let found: Vec<(i64, Timestamp, Option<CampaignId>)> = missing_case::Entity::find()
        .select_only()
        .columns([C::ListYear, C::FoundAt, C::FoundIn])
        .filter(condition(ctx, &wanted))
        .into_tuple()
        .all(db)
        .await?;
    let counts: HashSet<CampaignId> = found.iter().filter_map(|(_, _, campaign)| *campaign).collect();
    let campaigns = campaign::Entity::find().filter(campaign::Column::Id.is_in(counts)).all(db).await?;
    let baselines: HashMap<CampaignId, i64> = campaigns.iter().map(|row| (row.id, year(row.baseline_at))).collect();
    let mut by_years: BTreeMap<(i64, i64), (u64, u64)> = BTreeMap::new();
    for (list_year, at, campaign) in found {
        let by_count = campaign.and_then(|id| baselines.get(&id).copied());
        let (things, counted) = by_years.entry((list_year, by_count.unwrap_or_else(|| year(at)))).or_default();
        *things += 1;
        *counted += u64::from(by_count.is_some());
    }
    let of = |((list_year, found_year), (things, by_count))| Recovered { list_year, found_year, things, by_count };
    Ok(by_years.into_iter().rev().map(of).collect())
}

/// Where the last count that missed each of these things would look first.
///
/// # Errors
/// When the database cannot be read.
pub async fn leads(db: &impl ConnectionTrait, things: &[ItemId]) -> Result<HashMap<ItemId, String>, DbError> {
    use verdict_line::Column as C;
    let mut leads = HashMap::new();
    for chunk in things.chunks(CHUNK_ROWS) {
        let rows: Vec<(Option<ItemId>, String)> = verdict_line::Entity::find()
            .select_only()
            .columns([C::ItemId, C::Lead])
            .filter(C::ItemId.is_in(chunk.iter().copied()))
            .filter(C::Verdict.eq(Verdict::Missing.to_string()))
            .filter(C::Lead.ne(""))
            .order_by_asc(C::CampaignId)
            .into_tuple()
            .all(db)
            .await?;
        leads.extend(rows.into_iter().filter_map(|(item, lead)| Some((item?, lead))));
    }
    Ok(leads)
}
