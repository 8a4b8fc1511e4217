//! A statement comes in, its records are paired with the slips, and the month is closed.

use hashbrown::{HashMap, HashSet};
use sea_orm::prelude::Uuid;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde::Serialize;
use serde_json::json;

use super::entity::{column_map, slip, statement, transaction};
use super::model::{NewRecord, RecordKind, SlipVerdict, StatementState, Verdict, month_bounds, month_of};
use super::pairing::{Ours, Theirs, of_record, pair};
use super::store;
use crate::access::{Action, permit};
use crate::db::saving::save;
use crate::db::{Db, DbError, Tx, bulk};
use crate::items::entity::item;
use crate::items::model::ItemState;
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{ItemId, UnitId};
use crate::kernel::text::{fault, key};
use crate::kernel::{Ctx, Fen, Timestamp};
use crate::vehicles::VehicleError;
use crate::vehicles::cards::entity::{card, holding};
use crate::vehicles::cards::model::Supplier;
use crate::vehicles::entity::vehicle;
use crate::vehicles::fuel::Kind;
use crate::vehicles::model::plate_key;

/// A file of the oil company, read.
#[derive(Debug, Clone)]
pub struct NewStatement {
    /// Whose.
    pub supplier: Supplier,
    /// Its name.
    pub file_name: String,
    /// Its digest.
    pub sha256: String,
    /// Its rows.
    pub records: Vec<NewRecord>,
    /// How many rows could not be read.
    pub rejected: usize,
    /// What its line of totals says, millilitres.
    pub stated_ml: Option<i64>,
    /// What its line of totals says.
    pub stated_fen: Option<Fen>,
    /// The `--map` to keep for the supplier's next file, a line an entry.
    pub keep_map: Option<String>,
}

/// What the book knows of plates and cards.
struct Known {
    plates: HashMap<String, ItemId>,
    cards: HashMap<String, Uuid>,
    holdings: HashMap<Uuid, Vec<holding::Model>>,
    units: HashMap<ItemId, UnitId>,
}

impl Known {
    async fn load(tx: &Tx) -> Result<Self, DbError> {
        let vehicles = vehicle::Entity::find().all(tx).await?;
        let cards = card::Entity::find().all(tx).await?;
        let mut holdings: HashMap<Uuid, Vec<holding::Model>> = HashMap::new();
        for one in holding::Entity::find().all(tx).await? {
            holdings.entry(one.card_id).or_default().push(one);
        }
        let mut units = HashMap::new();
        let ids: Vec<ItemId> = vehicles.iter().map(|vehicle| vehicle.item_id).collect();
        for chunk in ids.chunks(bulk::CHUNK_ROWS) {
            let things = item::Entity::find().filter(item::Column::Id.is_in(chunk.iter().copied())).all(tx).await?;
            let there = things.into_iter().filter(|thing| thing.state != ItemState::Withdrawn);
            units.extend(there.map(|thing| (thing.id, thing.unit_id)));
        }
        Ok(Self {
            plates: vehicles
                .into_iter()
                .filter(|vehicle| units.contains_key(&vehicle.item_id))
                .map(|vehicle| (vehicle.plate_key, vehicle.item_id))
                .collect(),
            cards: cards.into_iter().map(|card| (card.number_key, card.id)).collect(),
            holdings,
            units,
        })
    }

    fn card(&self, number: &str) -> Option<Uuid> {
        self.cards.get(key(number).as_ref()).copied()
    }

    /// The car a record is laid to: the one shown, else the one that held the card that day. A plate that is not ours
    /// is nobody's.
    fn car(&self, record: &NewRecord, card: Option<Uuid>) -> Option<ItemId> {
        if !record.plate.is_empty() {
            return self.plates.get(&plate_key(&record.plate)).copied();
        }
        let day = record.at.day();
        let held = |one: &&holding::Model| one.from_on <= day && one.until_on.is_none_or(|until| day <= until);
        self.holdings.get(&card?)?.iter().find(held).map(|one| one.item_id)
    }
}

/// Brings a statement in: all of its records or none.
///
/// # Errors
/// When it is not theirs to do, the file is in already, or nothing in it can be read.
pub async fn bring(db: &Db, ctx: &Ctx, new: &NewStatement) -> Result<statement::Model, VehicleError> {
    permit(ctx, Action::FuelCheck, None)?;
    if new.records.is_empty() {
        return Err(VehicleError::field("file", "对账单里没有可以读入的记录"));
    }
    db.write(async |tx| {
        let before = statement::Entity::find().filter(statement::Column::Sha256.eq(&new.sha256)).one(tx).await?;
        if let Some(before) = before {
            return Err(VehicleError::Conflict(format!(
                "这份对账单已于 {} 导入（{}，{}）",
                before.imported_at, before.file_name, before.month
            )));
        }
        let known = Known::load(tx).await?;
        let row = head(ctx, new);
        row.clone().into_active_model().insert(tx).await?;
        let mut rows: Vec<transaction::Model> = new.records.iter().map(|one| record(ctx, &row, one, &known)).collect();
        mark_twice(tx, &mut rows).await?;
        let mut digest = RowsDigest::new(ctx).with(&row);
        // Slips first: a record that is inserted with its slip must find it.
        pair_in(tx, &mut rows, &mut digest).await?;
        rows.iter().for_each(|row| digest.add(row));
        bulk::insert(tx, rows.iter().cloned()).await?;
        if let Some(entries) = &new.keep_map {
            keep_map(tx, ctx, new.supplier, entries, &mut digest).await?;
        }
        let payload = json!({ "file": row.file_name, "month": row.month, "records": row.records, "fills": row.fills });
        let entry = Entry { action: "fuel.import", subject: row.id.to_string(), unit: None, payload, rows: digest };
        journal::record(tx, ctx, entry).await?;
        Ok(row)
    })
    .await
}

fn head(ctx: &Ctx, new: &NewStatement) -> statement::Model {
    let of_kind = |kind: Kind| new.records.iter().filter(move |one| Kind::parse(&one.kind_text) == kind);
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let mut months: HashMap<String, usize> = HashMap::new();
    for one in &new.records {
        *months.entry(month_of(one.at.day())).or_default() += 1;
    }
    let month = months.into_iter().max_by_key(|(month, count)| (*count, month.clone()));
    statement::Model {
        id: ctx.new_id(),
        supplier: new.supplier,
        month: month.map(|(month, _)| month).unwrap_or_default(),
        file_name: new.file_name.clone(),
        sha256: new.sha256.clone(),
        records: count(new.records.len()),
        fills: count(of_kind(Kind::Fill).count()),
        quantity_ml: of_kind(Kind::Fill).filter_map(|one| one.quantity_ml).fold(0, i64::saturating_add),
        amount_fen: of_kind(Kind::Fill).filter_map(|one| one.amount_fen).sum(),
        loads_fen: of_kind(Kind::Load).filter_map(|one| one.amount_fen).sum(),
        rejected: count(new.rejected),
        stated_ml: new.stated_ml,
        stated_fen: new.stated_fen,
        state: StatementState::Open,
        imported_by: ctx.actor.to_string(),
        imported_at: ctx.now(),
        closed_by: String::new(),
        closed_at: None,
        close_note: String::new(),
        version: 1,
    }
}

fn record(ctx: &Ctx, statement: &statement::Model, new: &NewRecord, known: &Known) -> transaction::Model {
    let kind = match Kind::parse(&new.kind_text) {
        Kind::Fill => RecordKind::Fill,
        Kind::Load => RecordKind::Load,
        Kind::Other => RecordKind::Other,
    };
    let card_id = known.card(&new.card_number);
    let item_id = known.car(new, card_id);
    let says_drum = |text: &String| ["油桶", "散装", "桶装"].iter().any(|word| text.contains(word));
    transaction::Model {
        id: ctx.new_id(),
        statement_id: statement.id,
        line: new.line,
        serial: new.serial.clone(),
        card_number: new.card_number.clone(),
        card_id,
        plate: new.plate.clone(),
        item_id,
        unit_id: item_id.and_then(|item| known.units.get(&item)).copied(),
        at: new.at,
        timed: new.timed,
        kind,
        grade: new.grade.clone(),
        quantity_ml: new.quantity_ml,
        price_e4: new.price_e4,
        amount_fen: new.amount_fen,
        balance_fen: new.balance_fen,
        station: new.station.clone(),
        odometer_km: new.odometer_km,
        full_tank: new.full_tank,
        container: [&new.note, &new.grade, &new.kind_text].into_iter().any(says_drum),
        note: new.note.clone(),
        verdict: if kind == RecordKind::Fill { Verdict::NotOnOurs } else { Verdict::NoFuel },
        slip_id: None,
        version: 1,
    }
}

/// What makes two records one.
pub(super) type Sameness = (String, String, Timestamp, Option<i64>, Option<Fen>);

pub(super) fn sameness(row: &transaction::Model) -> Sameness {
    (key(&row.card_number).into_owned(), plate_key(&row.plate), row.at, row.quantity_ml, row.amount_fen)
}

/// Records that an earlier statement has, or that stand in this one before.
async fn mark_twice(tx: &Tx, rows: &mut [transaction::Model]) -> Result<(), DbError> {
    use transaction::Column as C;
    let fills = || rows.iter().filter(|row| row.kind == RecordKind::Fill).map(|row| row.at);
    let Some((first, last)) = fills().min().zip(fills().max()) else { return Ok(()) };
    let earlier = transaction::Entity::find()
        .filter(C::At.between(first, last))
        .filter(C::Kind.eq(RecordKind::Fill))
        .all(tx)
        .await?;
    let mut seen: HashSet<Sameness> = earlier.iter().map(sameness).collect();
    for row in rows.iter_mut().filter(|row| row.kind == RecordKind::Fill) {
        if !seen.insert(sameness(row)) {
            row.verdict = Verdict::Twice;
        }
    }
    Ok(())
}

/// Pairs records that have no slip yet with slips that have no record; the slips are written back.
async fn pair_in(
    tx: &Tx,
    rows: &mut [transaction::Model],
    digest: &mut RowsDigest,
) -> Result<Vec<usize>, VehicleError> {
    let alone: Vec<usize> = (0..rows.len()).filter(|index| rows[*index].verdict == Verdict::NotOnOurs).collect();
    let Some(first) = alone.iter().map(|index| rows[*index].at.0).min() else { return Ok(Vec::new()) };
    let last = alone.iter().map(|index| rows[*index].at.0).max().unwrap_or(first);
    let slips = slip::Entity::find()
        .filter(slip::Column::At.between(Timestamp(first - 86_400_000), Timestamp(last + 86_400_000)))
        .filter(slip::Column::Verdict.is_in([SlipVerdict::Unpaired, SlipVerdict::NotOnTheirs]))
        .all(tx)
        .await?;
    let theirs: Vec<Theirs> = alone
        .iter()
        .map(|index| &rows[*index])
        .map(|row| Theirs { item: row.item_id, at: row.at, timed: row.timed, ml: row.quantity_ml, fen: row.amount_fen })
        .collect();
    let ours: Vec<Ours> = slips
        .iter()
        .map(|slip| Ours { item: slip.item_id, at: slip.at, ml: slip.quantity_ml, fen: slip.amount_fen })
        .collect();
    let mut changed = Vec::new();
    for (index, found) in alone.into_iter().zip(pair(&theirs, &ours)) {
        let Some((slip, verdict)) = found else { continue };
        rows[index].verdict = of_record(verdict);
        rows[index].slip_id = Some(slips[slip].id);
        // A driver's slip knows what the station's list often does not.
        rows[index].odometer_km = rows[index].odometer_km.or(slips[slip].odometer_km);
        rows[index].full_tank = rows[index].full_tank.or(Some(slips[slip].full_tank));
        rows[index].container |= slips[slip].container;
        digest.add(&save_slip(tx, slip::Model { verdict, ..slips[slip].clone() }).await?);
        changed.push(index);
    }
    Ok(changed)
}

pub(super) async fn save_slip(tx: &Tx, row: slip::Model) -> Result<slip::Model, DbError> {
    Ok(save!(tx, slip, id, Id, row))
}

pub(super) async fn save_record(tx: &Tx, row: transaction::Model) -> Result<transaction::Model, DbError> {
    Ok(save!(tx, transaction, id, Id, row))
}

pub(super) async fn save_statement(tx: &Tx, row: statement::Model) -> Result<statement::Model, DbError> {
    Ok(save!(tx, statement, id, Id, row))
}

pub(super) async fn save_map(tx: &Tx, row: column_map::Model) -> Result<column_map::Model, DbError> {
    Ok(save!(tx, column_map, id, Id, row))
}

async fn keep_map(
    tx: &Tx,
    ctx: &Ctx,
    supplier: Supplier,
    entries: &str,
    digest: &mut RowsDigest,
) -> Result<(), VehicleError> {
    let (set_by, set_at, entries) = (ctx.actor.to_string(), ctx.now(), entries.to_owned());
    let row = match store::column_map(tx, supplier).await? {
        Some(row) if row.entries == entries => return Ok(()),
        Some(row) => save_map(tx, column_map::Model { entries, set_by, set_at, ..row }).await?,
        None => {
            let row = column_map::Model { id: ctx.new_id(), supplier, entries, set_by, set_at, version: 1 };
            row.clone().into_active_model().insert(tx).await?;
            row
        }
    };
    digest.add(&row);
    Ok(())
}

/// How a card's balance follows from its records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CardBalance {
    /// The card.
    pub card_number: String,
    /// Before its first record.
    pub opening: Fen,
    /// Put on it.
    pub loads: Fen,
    /// Taken off it.
    pub fills: Fen,
    /// After its last record, as the statement says.
    pub closing: Fen,
    /// By how much the closing balance is more than what follows.
    pub off: Fen,
}

/// Each card's balance over a statement's records; of cards whose records show one.
#[must_use]
pub fn balances(rows: &[transaction::Model]) -> Vec<CardBalance> {
    let mut by_card: HashMap<&str, Vec<&transaction::Model>> = HashMap::new();
    for row in rows.iter().filter(|row| row.verdict != Verdict::Twice && row.balance_fen.is_some()) {
        by_card.entry(row.card_number.as_str()).or_default().push(row);
    }
    let mut found: Vec<CardBalance> = by_card
        .into_iter()
        .filter_map(|(card, mut rows)| {
            rows.sort_by_key(|row| (row.at, row.line));
            let moved = |row: &transaction::Model| match (row.kind, row.amount_fen) {
                (RecordKind::Fill, Some(amount)) => Fen(-amount.0),
                (RecordKind::Load, Some(amount)) => amount,
                _ => Fen::ZERO,
            };
            let (first, last) = (rows.first()?, rows.last()?);
            let opening = first.balance_fen? - moved(first);
            let of =
                |kind: RecordKind| rows.iter().filter(|row| row.kind == kind).filter_map(|row| row.amount_fen).sum();
            let (loads, fills): (Fen, Fen) = (of(RecordKind::Load), of(RecordKind::Fill));
            let closing = last.balance_fen?;
            let off = closing - (opening + loads - fills);
            Some(CardBalance { card_number: card.to_owned(), opening, loads, fills, closing, off })
        })
        .collect();
    found.sort_by(|a, b| a.card_number.cmp(&b.card_number));
    found
}

/// What stands against closing a statement: sentences.
#[must_use]
pub fn objections(row: &statement::Model, records: &[transaction::Model]) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(stated) = row.stated_fen.filter(|stated| *stated != row.amount_fen) {
        found.push(format!("对账单合计 {stated} 元，各笔相加 {} 元", row.amount_fen));
    }
    if let Some(stated) = row.stated_ml.filter(|stated| *stated != row.quantity_ml) {
        found.push(format!("对账单合计 {} 升，各笔相加 {} 升", litres(stated), litres(row.quantity_ml)));
    }
    if row.rejected > 0 {
        found.push(format!("有 {} 行未能读入", row.rejected));
    }
    for card in balances(records).into_iter().filter(|card| card.off != Fen::ZERO) {
        found.push(format!("油卡 {} 的期末余额与各笔不符，差 {} 元", card.card_number, card.off));
    }
    for (verdict, what) in [
        (Verdict::NotOnOurs, "我方无登记"),
        (Verdict::AmountDiffers, "金额不符"),
        (Verdict::QuantityDiffers, "数量不符"),
        (Verdict::Twice, "重复列示"),
    ] {
        let count = records.iter().filter(|one| one.verdict == verdict).count();
        if count > 0 {
            found.push(format!("{what} {count} 笔"));
        }
    }
    found
}

/// Millilitres as litres.
#[must_use]
pub fn litres(ml: i64) -> String {
    let sign = if ml < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", ml.unsigned_abs() / 1000, ml.unsigned_abs() % 1000 / 10)
}

/// Closes a statement: pairs what can still be paired, and says of this month's slips that nothing on the list matches
/// that the list does not have them. What does not agree must be explained in `note`.
///
/// # Errors
/// When it is not theirs to do, it is closed already, something does not agree and `note` says nothing, or somebody
/// changed it first.
pub async fn close(
    db: &Db,
    ctx: &Ctx,
    id: Uuid,
    version: i64,
    note: &str,
) -> Result<(statement::Model, Vec<String>), VehicleError> {
    permit(ctx, Action::FuelCheck, None)?;
    if let Some(reason) = fault(note.trim(), 500) {
        return Err(VehicleError::field("note", reason));
    }
    db.write(async |tx| {
        let row = store::statement(tx, id).await?.ok_or(VehicleError::NotFound("这份对账单"))?;
        if row.version != version {
            return Err(DbError::Stale.into());
        }
        if row.state == StatementState::Closed {
            return Err(VehicleError::Conflict("这份对账单已经月结".to_owned()));
        }
        let mut records = transaction::Entity::find().filter(transaction::Column::StatementId.eq(id)).all(tx).await?;
        let mut digest = RowsDigest::new(ctx);
        for index in pair_in(tx, &mut records, &mut digest).await? {
            records[index] = save_record(tx, records[index].clone()).await?;
            digest.add(&records[index]);
        }
        let missing = not_on_theirs(tx, &row, &records, &mut digest).await?;
        let mut found = objections(&row, &records);
        if missing > 0 {
            found.push(format!("我方登记而对账单没有 {missing} 笔"));
        }
        if !found.is_empty() && note.trim().is_empty() {
            let why = format!("尚有不符：{}；请在说明中写明原因后再月结", found.join("；"));
            return Err(VehicleError::field("note", why));
        }
        let row = statement::Model {
            state: StatementState::Closed,
            closed_by: ctx.actor.to_string(),
            closed_at: Some(ctx.now()),
            close_note: note.trim().to_owned(),
            ..row
        };
        let row = save_statement(tx, row).await?;
        digest.add(&row);
        let payload = json!({ "month": row.month, "differences": found, "note": row.close_note });
        let entry = Entry { action: "fuel.close", subject: row.id.to_string(), unit: None, payload, rows: digest };
        journal::record(tx, ctx, entry).await?;
        Ok((row, found))
    })
    .await
}

/// The month's slips that nothing on the statement matches, of cars that fill up with its supplier: that are on it, hold
/// a card of it, or hold none at all.
async fn not_on_theirs(
    tx: &Tx,
    row: &statement::Model,
    records: &[transaction::Model],
    digest: &mut RowsDigest,
) -> Result<usize, VehicleError> {
    let Some((first, next)) = month_bounds(&row.month) else { return Ok(0) };
    let slips = slip::Entity::find()
        .filter(slip::Column::At.gte(Timestamp::start_of_day(first)))
        .filter(slip::Column::At.lt(Timestamp::start_of_day(next)))
        .filter(slip::Column::Verdict.eq(SlipVerdict::Unpaired))
        .all(tx)
        .await?;
    let on_it: HashSet<ItemId> = records.iter().filter_map(|record| record.item_id).collect();
    let cards: HashMap<Uuid, Supplier> =
        card::Entity::find().all(tx).await?.into_iter().map(|card| (card.id, card.supplier)).collect();
    let mut suppliers: HashMap<ItemId, HashSet<Supplier>> = HashMap::new();
    for held in holding::Entity::find().filter(holding::Column::FromOn.lt(next)).all(tx).await? {
        if held.until_on.is_none_or(|until| until >= first)
            && let Some(supplier) = cards.get(&held.card_id)
        {
            suppliers.entry(held.item_id).or_default().insert(*supplier);
        }
    }
    let theirs = |slip: &slip::Model| {
        let of_supplier = suppliers.get(&slip.item_id).is_none_or(|held| held.contains(&row.supplier));
        on_it.contains(&slip.item_id) || of_supplier
    };
    let slips: Vec<slip::Model> = slips.into_iter().filter(theirs).collect();
    let count = slips.len();
    for one in slips {
        digest.add(&save_slip(tx, slip::Model { verdict: SlipVerdict::NotOnTheirs, ..one }).await?);
    }
    Ok(count)
}
