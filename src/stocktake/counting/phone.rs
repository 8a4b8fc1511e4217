//! What a phone is given to count with: the sheets that wait for its owner, the ground (places, people), the book of a
//! sheet, the scans that others made. What a blind count hides is not given to it in any form: what a phone holds, its
//! owner can read.

use hashbrown::HashMap;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Statement, Value,
};
use serde_json::json;

use crate::access::{self, Action};
use crate::db::bulk::{CHUNK_ROWS, placeholders, rounded_up};
use crate::db::{Db, DbError};
use crate::items::entity::label;
use crate::items::model::{ItemState, LabelState};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{CampaignId, ItemId, PersonId, PlaceId, ScanId, UnitId};
use crate::kernel::{Ctx, Quantity, Timestamp};
use crate::org::entity::{person, place};
use crate::stocktake::entity::{campaign, recount, scan, sheet};
use crate::stocktake::look::{self, Progress};
use crate::stocktake::model::{CampaignState, SheetState};
use crate::stocktake::{StocktakeError, store};

/// A sheet that waits to be counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its campaign.
    pub campaign: campaign::Model,
    /// The sheet.
    pub sheet: sheet::Model,
    /// How far it is; nothing in a blind count.
    pub progress: Option<Progress>,
    /// Whether it is the sheet of the counter's own unit.
    pub own: bool,
}

/// The open sheets of campaigns under way that `ctx` may count on: those of their own unit first.
///
/// # Errors
/// When counting is not allowed, or the database cannot be read.
pub async fn waiting(db: &impl ConnectionTrait, ctx: &Ctx) -> Result<Vec<Waiting>, StocktakeError> {
    access::permit_somewhere(ctx, Action::CampaignsCount)?;
    let reach = access::reach(ctx, Action::CampaignsCount);
    let own = match ctx.person() {
        Some(id) => person::Entity::find_by_id(id).one(db).await?.map(|person| person.unit_id),
        None => None,
    };
    let under_way = campaign::Entity::find()
        .filter(campaign::Column::State.eq(CampaignState::Counting))
        .order_by_desc(campaign::Column::OpenedAt)
        .order_by_desc(campaign::Column::Id)
        .all(db)
        .await?;
    let mut found = Vec::new();
    for campaign in under_way {
        let mut sheets = store::sheets(db, campaign.id).await?;
        sheets.retain(|sheet| sheet.state == SheetState::Open && reach.covers(Some(sheet.unit_id)));
        if sheets.is_empty() {
            continue;
        }
        let progress = if campaign.blind { HashMap::new() } else { look::progress(db, campaign.id).await? };
        found.extend(sheets.into_iter().map(|sheet| Waiting {
            progress: (!campaign.blind).then(|| progress.get(&sheet.id).copied().unwrap_or_default()),
            own: own == Some(sheet.unit_id),
            campaign: campaign.clone(),
            sheet,
        }));
    }
    found.sort_by_key(|waiting| !waiting.own);
    Ok(found)
}

/// Where and by whom things of a sheet's unit are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    /// The campaign.
    pub campaign: campaign::Model,
    /// The sheet.
    pub sheet: sheet::Model,
    /// The places within reach that are in use, each with the codes on its labels.
    pub places: Vec<(place::Model, Vec<String>)>,
    /// The codes on labels of places out of reach: whoever reads one has read a place, not a thing.
    pub other_places: Vec<String>,
    /// The unit's people.
    pub people: Vec<person::Model>,
}

/// The ground of a unit's sheet; also of a blind count, for it tells nothing of things.
///
/// # Errors
/// When counting is not allowed, there is no such sheet within reach, or the database cannot be read.
pub async fn ground(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    number: &str,
    unit: UnitId,
) -> Result<Ground, StocktakeError> {
    let (campaign, sheet) = look::sheet(db, ctx, number, unit, Action::CampaignsCount).await?;
    let reach = access::reach(ctx, Action::CampaignsCount);
    let mut codes: HashMap<PlaceId, Vec<String>> = HashMap::new();
    let labels = label::Entity::find()
        .filter(label::Column::PlaceId.is_not_null())
        .filter(label::Column::State.is_in([LabelState::Current, LabelState::Superseded]))
        .order_by_asc(label::Column::Code);
    for label in labels.all(db).await? {
        if let Some(place) = label.place_id {
            codes.entry(place).or_default().push(label.code);
        }
    }
    let (mut places, mut other_places) = (Vec::new(), Vec::new());
    for place in place::Entity::find().order_by_asc(place::Column::Code).all(db).await? {
        let own = codes.remove(&place.id).unwrap_or_default();
        if reach.covers(Some(place.unit_id)) && place.active {
            places.push((place, own));
        } else {
            other_places.extend(own);
        }
    }
    places.sort_by_key(|(place, _)| place.unit_id != unit);
    let people = person::Entity::find()
        .filter(person::Column::UnitId.eq(unit))
        .filter(person::Column::Active.eq(true))
        .order_by_asc(person::Column::Name)
        .order_by_asc(person::Column::Id);
    Ok(Ground { campaign, sheet, places, other_places, people: people.all(db).await? })
}

/// A thing as the book has it now.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
#[expect(missing_docs, reason = "the columns of items and expected_items")]
pub struct Booked {
    pub item_id: ItemId,
    pub item_number: String,
    pub number_key: String,
    pub name: String,
    pub specification: String,
    pub place_id: Option<PlaceId>,
    pub keeper_id: Option<PersonId>,
    pub quantity: Quantity,
    pub state: ItemState,
    pub excused_by: Option<String>,
    /// Whether the sheet expects it; else it is the unit's, and gone from the book.
    pub expected: bool,
}

/// A page of a sheet's book, and the labels of its things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    /// By number; one more than was asked for when there are more.
    pub things: Vec<Booked>,
    /// Of each thing, the codes on its labels, and whether each is the current one.
    pub codes: HashMap<ItemId, Vec<(String, bool)>>,
}

/// A page of what a phone judges a sheet's scans by while it has no network: what is expected, and what the unit has no
/// more. `None` in a blind count.
///
/// # Errors
/// When counting is not allowed, there is no such sheet within reach, or the database cannot be read.
pub async fn book(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    number: &str,
    unit: UnitId,
    after: &str,
    limit: u64,
) -> Result<Option<Book>, StocktakeError> {
    let (campaign, sheet) = look::sheet(db, ctx, number, unit, Action::CampaignsCount).await?;
    if campaign.blind {
        return Ok(None);
    }
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let expected = "SELECT {columns}, COALESCE(i.excused_by, e.excused_by) AS excused_by, (1 = 1) AS expected \
                    FROM expected_items e JOIN items i ON i.id = e.item_id \
                    WHERE e.sheet_id = {1} AND i.number_key > {2} AND i.state <> 'withdrawn' ORDER BY i.number_key LIMIT {3}";
    let mut things = booked(db, expected, vec![sheet.id.into(), after.into(), limit.into()]).await?;
    let gone = "SELECT {columns}, i.excused_by, (1 = 0) AS expected FROM items i \
                WHERE i.unit_id = {1} AND i.state IN ('disposed', 'written_off') AND i.number_key > {2} \
                AND NOT EXISTS (SELECT 1 FROM expected_items e WHERE e.campaign_id = {3} AND e.item_id = i.id) \
                ORDER BY i.number_key LIMIT {4}";
    things.extend(booked(db, gone, vec![unit.into(), after.into(), campaign.id.into(), limit.into()]).await?);
    things.sort_by(|a, b| a.number_key.cmp(&b.number_key));
    things.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let codes = codes_of(db, things.iter().map(|thing| thing.item_id).collect()).await?;
    Ok(Some(Book { things, codes }))
}

async fn booked(db: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<Vec<Booked>, DbError> {
    let columns = "e.item_id, i.item_number, i.number_key, i.name, i.specification, i.place_id, i.keeper_id, \
                   i.quantity, i.state";
    let columns = if sql.contains("expected_items e JOIN") {
        columns.to_owned()
    } else {
        columns.replace("e.item_id", "i.id AS item_id")
    };
    let backend = db.get_database_backend();
    let mut sql = sql.replace("{columns}", &columns);
    for number in 1..=values.len() {
        sql = sql.replace(&format!("{{{number}}}"), &placeholders(backend, number, 1));
    }
    Ok(Booked::find_by_statement(Statement::from_sql_and_values(backend, sql, values)).all(db).await?)
}

async fn codes_of(
    db: &impl ConnectionTrait,
    things: Vec<ItemId>,
) -> Result<HashMap<ItemId, Vec<(String, bool)>>, DbError> {
    let mut codes: HashMap<ItemId, Vec<(String, bool)>> = HashMap::with_capacity(things.len());
    for chunk in things.chunks(CHUNK_ROWS) {
        let labels = label::Entity::find()
            .filter(label::Column::ItemId.is_in(rounded_up(chunk.to_vec())))
            .filter(label::Column::State.is_in([LabelState::Current, LabelState::Superseded]))
            .order_by_asc(label::Column::Code);
        for label in labels.all(db).await? {
            if let Some(item) = label.item_id {
                codes.entry(item).or_default().push((label.code, label.state == LabelState::Current));
            }
        }
    }
    Ok(codes)
}

/// A scan as the phones on its sheet are told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The scan.
    pub scan: scan::Model,
    /// Whether whoever asks made it.
    pub mine: bool,
    /// Whether it speaks no more, because its thing is counted again.
    pub spent: bool,
}

/// A page of the scans of a unit's sheet, in the order received, from the one after `after` on. In a blind count only
/// one's own.
///
/// # Errors
/// When counting is not allowed, there is no such sheet within reach, or the database cannot be read.
pub async fn scans_since(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    number: &str,
    unit: UnitId,
    after: i64,
    limit: u64,
) -> Result<Vec<Told>, StocktakeError> {
    let (campaign, sheet) = look::sheet(db, ctx, number, unit, Action::CampaignsCount).await?;
    let signatures = signatures(db, ctx).await?;
    let mut query = scan::Entity::find().filter(scan::Column::SheetId.eq(sheet.id)).filter(scan::Column::Seq.gt(after));
    if campaign.blind {
        query = query.filter(scan::Column::Counter.is_in(signatures.clone()));
    }
    let rows = query.order_by_asc(scan::Column::Seq).limit(limit).all(db).await?;
    let things: Vec<ItemId> = rows.iter().filter_map(|row| row.item_id).collect();
    let recounted = recounted(db, campaign.id, things).await?;
    let told = rows.into_iter().map(|scan| Told {
        mine: signatures.contains(&scan.counter),
        spent: scan.item_id.and_then(|item| recounted.get(&item)).is_some_and(|after| scan.seq <= *after),
        scan,
    });
    Ok(told.collect())
}

/// How whoever is signed in signs a count; nobody's name when nobody is.
async fn signatures(db: &impl ConnectionTrait, ctx: &Ctx) -> Result<Vec<String>, DbError> {
    let Some(person) = ctx.person() else { return Ok(Vec::new()) };
    let person = person::Entity::find_by_id(person).one(db).await?;
    let badge = |person: &person::Model| person.badge_number.clone().filter(|badge| !badge.is_empty());
    Ok(person.map(|person| vec![badge(&person).unwrap_or_else(|| person.name.clone())]).unwrap_or_default())
}

async fn recounted(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    mut things: Vec<ItemId>,
) -> Result<HashMap<ItemId, i64>, DbError> {
    things.sort_unstable();
    things.dedup();
    let mut latest: HashMap<ItemId, i64> = HashMap::new();
    for chunk in things.chunks(CHUNK_ROWS) {
        let rows = recount::Entity::find()
            .filter(recount::Column::CampaignId.eq(campaign))
            .filter(recount::Column::ItemId.is_in(rounded_up(chunk.to_vec())));
        for row in rows.all(db).await? {
            let after = latest.entry(row.item_id).or_default();
            *after = row.after_seq.max(*after);
        }
    }
    Ok(latest)
}

/// A scan that its counter gave up on a phone, because it was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUp {
    /// The scan, which was never recorded.
    pub id: ScanId,
    /// What had been read.
    pub code: String,
    /// Where.
    pub place: Option<PlaceId>,
    /// When, by the device's clock.
    pub device_at: Timestamp,
    /// Why it had been refused, in the words its counter saw.
    pub reason: String,
}

/// Notes in the journal that scans were given up: no scan vanishes without a trace.
///
/// # Errors
/// When counting is not allowed, there is no such campaign within reach, or the database refuses.
pub async fn give_up(db: &Db, ctx: &Ctx, number: &str, scans: &[GivenUp], device: &str) -> Result<(), StocktakeError> {
    db.write(async |tx| {
        let (campaign, _) = look::campaign(tx, ctx, number, Action::CampaignsCount).await?;
        let told = |scan: &GivenUp| {
            json!({ "id": scan.id, "code": scan.code, "place": scan.place, "device_at": scan.device_at.0, "reason": scan.reason })
        };
        let payload = json!({ "device": device, "scans": scans.iter().map(told).collect::<Vec<_>>() });
        let rows = RowsDigest::new(ctx);
        let entry = Entry { action: "stocktake.give_up", subject: campaign.number, unit: None, payload, rows };
        Ok(journal::record(tx, ctx, entry).await?)
    })
    .await
}
