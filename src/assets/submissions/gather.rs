//! The lines of a submission, from the book as it was at the end of a day or from what a closed count found.

use hashbrown::{HashMap, HashSet};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    StreamTrait,
};

use super::entity::submission_line::Model as Line;
use super::model::Kind;
use super::standard::Beside;
use crate::assets::AssetError;
use crate::assets::card::entity::card;
use crate::assets::depreciation::{Standing, Worth};
use crate::assets::net_values;
use crate::db::{DbError, bulk::CHUNK_ROWS};
use crate::items::entity::item;
use crate::items::model::{ItemKind, ItemState};
use crate::items::store::{self as items, AsOf};
use crate::kernel::ids::{CampaignId, ItemId, PersonId, PlaceId, UnitId};
use crate::kernel::{Ctx, Quantity, Timestamp};
use crate::org::Directory;
use crate::org::entity::unit;
use crate::stocktake::entity::{campaign, missing_case, verdict_line};
use crate::stocktake::model::CampaignState;

/// Of what a submission is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ground {
    /// What is reported.
    pub(crate) kind: Kind,
    /// Whose, with the units below; `None`: everybody's.
    pub(crate) unit: Option<UnitId>,
    /// At the end of which day.
    pub(crate) as_of: chrono::NaiveDate,
    /// Of a stocktake report: of which count.
    pub(crate) campaign: Option<CampaignId>,
}

/// The lines that the ground gives now, numbered in the order of unit and number, with what is known beside.
pub(crate) async fn lines<C: ConnectionTrait + StreamTrait>(
    db: &C,
    ctx: &Ctx,
    ground: Ground,
) -> Result<Vec<(Line, Beside)>, AssetError> {
    let directory = Directory::load(db).await?;
    let units = below(db, ground.unit).await?;
    let mut lines = match ground.campaign {
        Some(campaign) => of_count(db, campaign, &directory, units.as_ref()).await?,
        None => of_book(db, ground.as_of, &directory, units.as_ref()).await?,
    };
    valued(db, ctx, ground, &mut lines).await?;
    let order = |one: &(Line, Beside)| {
        let unit = one.0.unit_id.and_then(|unit| directory.unit(unit)).map(|unit| unit.code.clone());
        (unit, one.0.item_number.clone(), one.0.line)
    };
    lines.sort_by_cached_key(order);
    (1i64..).zip(&mut lines).for_each(|(n, (line, _))| line.line = n);
    Ok(lines)
}

/// Depreciation and the day of booking, from the cards. What is not depreciated, or nobody knows how, has none.
async fn valued<C: ConnectionTrait + StreamTrait>(
    db: &C,
    ctx: &Ctx,
    ground: Ground,
    lines: &mut [(Line, Beside)],
) -> Result<(), AssetError> {
    let ids: HashSet<ItemId> = lines.iter().filter_map(|(line, _)| line.item_id).collect();
    let worth = net_values::of_things(db, ctx, &ids, ground.as_of).await?;
    let booked = booked_on(db, &ids).await?;
    for (line, _) in lines {
        let Some(id) = line.item_id else { continue };
        line.booked_on = booked.get(&id).copied();
        // A count's own value stands: it is what was counted.
        if let Some(worth) = worth.get(&id).filter(|worth| is_worn(worth) && worth.value == line.value_fen) {
            line.accumulated_fen = Some(worth.accumulated);
            line.net_fen = Some(worth.net());
        }
    }
    Ok(())
}

/// Whether something is or was taken off it.
pub(crate) const fn is_worn(worth: &Worth) -> bool {
    matches!(worth.standing, Standing::Depreciating | Standing::Finished)
}

async fn booked_on(
    db: &impl ConnectionTrait,
    ids: &HashSet<ItemId>,
) -> Result<HashMap<ItemId, chrono::NaiveDate>, DbError> {
    let cards: Vec<(ItemId, Option<chrono::NaiveDate>)> = if ids.len() > CHUNK_ROWS {
        let all = card::Entity::find().select_only().columns([card::Column::ItemId, card::Column::BookedOn]);
        all.filter(card::Column::BookedOn.is_not_null()).into_tuple().all(db).await?
    } else {
        let some = card::Entity::find().select_only().columns([card::Column::ItemId, card::Column::BookedOn]);
        some.filter(card::Column::ItemId.is_in(ids.iter().copied())).into_tuple().all(db).await?
    };
    Ok(cards.into_iter().filter_map(|(id, day)| Some((id, day?))).collect())
}

/// A unit and all below it.
pub(crate) async fn below(db: &impl ConnectionTrait, top: Option<UnitId>) -> Result<Option<HashSet<UnitId>>, DbError> {
    let Some(top) = top else { return Ok(None) };
    let mut children: HashMap<UnitId, Vec<UnitId>> = HashMap::new();
    for row in unit::Entity::find().all(db).await? {
        if let Some(parent) = row.parent_id {
            children.entry(parent).or_default().push(row.id);
        }
    }
    let (mut units, mut next) = (HashSet::new(), vec![top]);
    while let Some(unit) = next.pop() {
        if units.insert(unit) {
            next.extend(children.get(&unit).into_iter().flatten());
        }
    }
    Ok(Some(units))
}

async fn missing_now(db: &impl ConnectionTrait) -> Result<HashSet<ItemId>, DbError> {
    let open = missing_case::Entity::find().filter(missing_case::Column::OpenOf.is_not_null());
    Ok(open.all(db).await?.into_iter().map(|row| row.item_id).collect())
}

/// Where something stood, in which state.
struct Stood {
    unit: Option<UnitId>,
    place: Option<PlaceId>,
    keeper: Option<PersonId>,
    quantity: Quantity,
    state: ItemState,
}

impl From<&AsOf> for Stood {
    fn from(then: &AsOf) -> Self {
        let (place, keeper) = (then.place_id, then.keeper_id);
        Self { unit: Some(then.unit_id), place, keeper, quantity: then.quantity, state: then.state }
    }
}

fn line(n: i64, thing: &item::Model, stood: &Stood, directory: &Directory) -> Line {
    Line {
        submission_id: sea_orm::prelude::Uuid::nil(),
        edition: 1,
        line: n,
        item_id: Some(thing.id),
        item_number: thing.item_number.clone(),
        name: thing.name.clone(),
        specification: thing.specification.clone(),
        serial_number: thing.serial_number.clone(),
        class_code: thing.class_code.clone(),
        unit_id: stood.unit,
        unit_name: stood.unit.map_or("", |unit| directory.unit_name(unit)).to_owned(),
        place: directory.place_name(stood.place).to_owned(),
        keeper: directory.person_name(stood.keeper).to_owned(),
        quantity: stood.quantity,
        state: stood.state,
        value_fen: thing.value_fen,
        accumulated_fen: None,
        net_fen: None,
        acquired_on: thing.acquired_on,
        booked_on: None,
        verdict: String::new(),
        counted_quantity: None,
    }
}

fn beside(line: &Line, explained: bool, missing: &HashSet<ItemId>, directory: &Directory) -> Beside {
    Beside {
        unit_open: line.unit_id.and_then(|unit| directory.unit(unit)).is_some_and(|unit| unit.active),
        explained,
        missing: line.item_id.is_some_and(|id| missing.contains(&id)),
    }
}

const fn is_asset(kind: ItemKind) -> bool {
    matches!(kind, ItemKind::FixedAsset | ItemKind::Vehicle)
}

async fn of_book(
    db: &impl ConnectionTrait,
    as_of: chrono::NaiveDate,
    directory: &Directory,
    units: Option<&HashSet<UnitId>>,
) -> Result<Vec<(Line, Beside)>, AssetError> {
    let mut book = items::book_as_of(db, Timestamp::end_of_day(as_of)).await?;
    book.retain(|then| !then.state.is_gone() && units.is_none_or(|units| units.contains(&then.unit_id)));
    let ids: Vec<ItemId> = book.iter().map(|then| then.item_id).collect();
    let (things, missing) = (items::by_ids(db, &ids).await?, missing_now(db).await?);
    let mut lines = Vec::with_capacity(book.len());
    for (n, then) in (1i64..).zip(&book) {
        let Some(thing) = things.get(&then.item_id).filter(|thing| is_asset(thing.kind)) else { continue };
        let line = line(n, thing, &then.into(), directory);
        let beside = beside(&line, then.excused_by.is_some(), &missing, directory);
        lines.push((line, beside));
    }
    Ok(lines)
}

async fn of_count(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    directory: &Directory,
    units: Option<&HashSet<UnitId>>,
) -> Result<Vec<(Line, Beside)>, AssetError> {
    let found = verdict_line::Entity::find()
        .filter(verdict_line::Column::CampaignId.eq(campaign))
        .order_by_asc(verdict_line::Column::Line)
        .all(db)
        .await?;
    let theirs =
        |row: &verdict_line::Model| units.is_none_or(|units| row.unit_id.is_some_and(|unit| units.contains(&unit)));
    let found: Vec<verdict_line::Model> = found.into_iter().filter(theirs).collect();
    let ids: Vec<ItemId> = found.iter().filter_map(|row| row.item_id).collect();
    let (things, missing) = (items::by_ids(db, &ids).await?, missing_now(db).await?);
    let mut lines = Vec::with_capacity(found.len());
    for row in &found {
        let thing = row.item_id.and_then(|id| things.get(&id));
        if thing.is_some_and(|thing| !is_asset(thing.kind)) {
            continue;
        }
        let stood = Stood {
            unit: row.unit_id,
            place: row.book_place_id.or(row.counted_place_id),
            keeper: row.book_keeper_id.or(row.counted_keeper_id),
            quantity: row.book_quantity.unwrap_or(Quantity(0)),
            state: thing.map_or(ItemState::InUse, |thing| thing.state),
        };
        let line = match thing {
            Some(thing) => Line { value_fen: row.value_fen, ..line(row.line, thing, &stood, directory) },
            None => unbooked(row, &stood, directory),
        };
        let line = Line { verdict: row.verdict.clone(), counted_quantity: row.counted_quantity, ..line };
        // What was away was explained, or its verdict says it was not.
        let beside = beside(&line, true, &missing, directory);
        lines.push((line, beside));
    }
    Ok(lines)
}

/// What was seen and is in no book.
fn unbooked(row: &verdict_line::Model, stood: &Stood, directory: &Directory) -> Line {
    let nothing = item::Model {
        id: ItemId(sea_orm::prelude::Uuid::nil()),
        kind: ItemKind::FixedAsset,
        item_number: String::new(),
        number_key: String::new(),
        name: "盘盈实物".to_owned(),
        specification: String::new(),
        serial_number: String::new(),
        class_code: String::new(),
        class_name: String::new(),
        brand: String::new(),
        measure_unit: String::new(),
        unit_id: UnitId(sea_orm::prelude::Uuid::nil()),
        place_id: None,
        keeper_id: None,
        quantity: Quantity(0),
        state: ItemState::InUse,
        excused_by: None,
        value_fen: row.value_fen,
        acquired_on: None,
        batch_id: None,
        version: 0,
    };
    let name = if row.lead.is_empty() { nothing.name.clone() } else { row.lead.chars().take(100).collect() };
    Line { item_id: None, name, ..line(row.line, &nothing, stood, directory) }
}

/// The closed count of this number, where its report is within reach.
pub(crate) async fn closed(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<campaign::Model, AssetError> {
    let wrong = |reason: &str| AssetError::field("campaign", reason);
    if number.trim().is_empty() {
        return Err(wrong("请填写已结束的盘点编号"));
    }
    crate::access::permit_somewhere(ctx, crate::access::Action::CampaignsReport)?;
    if number.contains('\0') {
        return Err(wrong("没有这次盘点"));
    }
    let row = campaign::Entity::find().filter(campaign::Column::Number.eq(number.trim())).one(db).await?;
    let row = row.ok_or_else(|| wrong("没有这次盘点"))?;
    if row.state == CampaignState::Closed {
        Ok(row)
    } else {
        Err(wrong("盘点尚未结束，不能编制盘点报表"))
    }
}
