//! Scans: recorded once each, never changed, undone only by another scan.

use hashbrown::HashMap;
use hufu_labels::code::LabelCode;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, sea_query::Expr};
use serde::Serialize;
use serde_json::json;

use super::entity::{campaign, expected_item, scan, scan_counter, sheet};
use super::error::StocktakeError;
use super::model::{Condition, IdentifiedBy, Refusal};
use super::store;
use crate::db::{Db, Tx, bulk};
use crate::items::entity::{item, label};
use crate::items::labels::{self, Resolved, Subject};
use crate::items::model::ItemState;
use crate::items::store as items;
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{BatchId, ItemId, PersonId, PlaceId, ScanId, SheetId, UnitId};
use crate::kernel::text::key;
use crate::kernel::{Ctx, Quantity, Timestamp};
use crate::org::Directory;

/// A scan as a device or a file tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewScan {
    /// Made by the device; the same id twice is one scan.
    pub id: ScanId,
    /// What was read: a label's code, a thing's number, or anything else. Blank when the thing has none.
    pub code_read: String,
    /// The place whose label was scanned first.
    pub place: Option<PlaceId>,
    /// The keeper stated on the spot.
    pub keeper: Option<PersonId>,
    /// How many; zero says "looked for, not here".
    pub quantity: Quantity,
    /// In what condition.
    pub condition: Condition,
    /// Whether the counter says that it bears no label.
    pub no_label: bool,
    /// What an unknown thing is.
    pub name: String,
    /// Its serial number.
    pub serial_number: String,
    /// A remark.
    pub note: String,
    /// Who counted.
    pub counter: String,
    /// On which device.
    pub device: String,
    /// When, by the device's clock.
    pub device_at: Timestamp,
}

/// The answer to one scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// Recorded, and this is what it is.
    Recorded {
        /// How it was matched.
        identified_by: IdentifiedBy,
        /// The thing, when the book knows it.
        item: Option<ItemId>,
    },
    /// The same id came before: one scan.
    Repeated,
    /// Not recorded, for this reason.
    Refused {
        /// Why, in words.
        reason: String,
    },
}

/// What recording needs to know, read once for a whole batch of scans.
struct Desk {
    campaign: campaign::Model,
    directory: Directory,
    sheets: HashMap<SheetId, sheet::Model>,
    sheet_by_unit: HashMap<UnitId, SheetId>,
    by_code: HashMap<String, Resolved>,
    expected_on: HashMap<ItemId, SheetId>,
    known: hashbrown::HashSet<ScanId>,
    next_seq: i64,
}

impl Desk {
    async fn prepare(tx: &Tx, number: &str, scans: &[NewScan]) -> Result<Self, StocktakeError> {
        let campaign = store::campaign(tx, number).await?;
        campaign.state.may_scan(&campaign.number)?;
        let sheets = store::sheets(tx, campaign.id).await?;
        let by_code = resolve_all(tx, scans).await?;
        let things: Vec<ItemId> = by_code.values().filter_map(thing_of).collect();
        let places = distinct(scans.iter().filter_map(|scan| scan.place));
        let people = distinct(scans.iter().filter_map(|scan| scan.keeper));
        Ok(Self {
            directory: Directory::load_some(tx, &places, &people).await?,
            sheet_by_unit: sheets.iter().map(|sheet| (sheet.unit_id, sheet.id)).collect(),
            sheets: sheets.into_iter().map(|sheet| (sheet.id, sheet)).collect(),
            expected_on: expected_on(tx, &campaign, &things).await?,
            known: known(tx, scans).await?,
            next_seq: store::last_seq(tx, campaign.id).await? + 1,
            by_code,
            campaign,
        })
    }

    /// The sheet a scan belongs to: of the unit that holds the place; without a place, of the unit that is
    /// expected to have the thing; else none.
    fn sheet_for(&self, place: Option<PlaceId>, thing: Option<ItemId>) -> Option<SheetId> {
        let of_place =
            place.and_then(|id| self.directory.place(id)).and_then(|place| self.sheet_by_unit.get(&place.unit_id));
        of_place.or_else(|| thing.and_then(|id| self.expected_on.get(&id))).copied()
    }

    fn refuse_closed(&self, sheet: Option<SheetId>) -> Result<(), StocktakeError> {
        let Some(sheet) = sheet.and_then(|id| self.sheets.get(&id)) else { return Ok(()) };
        Ok(sheet.state.may_scan(self.directory.unit_name(sheet.unit_id))?)
    }

    /// What the schema would refuse is told here, so that it does not take the other scans with it.
    fn refuse_unfit(&self, new: &NewScan) -> Result<(), Refusal> {
        if !(0..=Quantity::MAX).contains(&new.quantity.0) {
            return Err(Refusal::Scan("数量应在 0 至 1,000,000,000 之间"));
        }
        if new.place.is_some_and(|id| self.directory.place(id).is_none()) {
            return Err(Refusal::Scan("地点未登记"));
        }
        if new.keeper.is_some_and(|id| self.directory.person(id).is_none()) {
            return Err(Refusal::Scan("使用人未登记"));
        }
        Ok(())
    }

    fn take(&mut self, ctx: &Ctx, new: &NewScan, batch: Option<BatchId>) -> Result<scan::Model, StocktakeError> {
        self.refuse_unfit(new)?;
        let resolved = self.by_code.get(key(&new.code_read).as_ref()).cloned().unwrap_or(Resolved::Unknown);
        let identified_by = match resolved {
            Resolved::Current(Subject::Item(_)) => IdentifiedBy::CurrentLabel,
            Resolved::Superseded(Subject::Item(_)) => IdentifiedBy::SupersededLabel,
            Resolved::Number(_) => IdentifiedBy::ItemNumber,
            _ => IdentifiedBy::Unknown,
        };
        let item_id = thing_of(&resolved);
        let sheet_id = self.sheet_for(new.place, item_id);
        self.refuse_closed(sheet_id)?;
        let row = scan::Model {
            id: new.id,
            campaign_id: self.campaign.id,
            sheet_id,
            seq: self.next_seq,
            code_read: new.code_read.trim().to_owned(),
            item_id,
            identified_by,
            place_id: new.place,
            keeper_id: new.keeper,
            quantity: new.quantity,
            condition: new.condition,
            no_label: new.no_label,
            name: new.name.clone(),
            serial_number: key(&new.serial_number).into_owned(),
            note: new.note.clone(),
            counter: new.counter.clone(),
            device: new.device.clone(),
            device_at: new.device_at,
            server_at: ctx.now(),
            negates: None,
            batch_id: batch,
        };
        self.next_seq += 1;
        self.known.insert(new.id);
        Ok(row)
    }
}

fn distinct<T: Ord>(ids: impl Iterator<Item = T>) -> Vec<T> {
    let mut ids: Vec<T> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The thing a text stands for, if it stands for one.
const fn thing_of(resolved: &Resolved) -> Option<ItemId> {
    match resolved {
        Resolved::Current(Subject::Item(id)) | Resolved::Superseded(Subject::Item(id)) | Resolved::Number(id) => {
            Some(*id)
        }
        _ => None,
    }
}

/// Every code of a batch to what it stands for, in a few queries.
async fn resolve_all(tx: &Tx, scans: &[NewScan]) -> Result<HashMap<String, Resolved>, StocktakeError> {
    let mut codes: Vec<String> = scans.iter().map(|scan| key(&scan.code_read).into_owned()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.retain(|code| !code.is_empty());
    let mut meanings = HashMap::with_capacity(codes.len());
    for chunk in codes.chunks(bulk::CHUNK_ROWS) {
        let numbers = item::Entity::find()
            .filter(item::Column::NumberKey.is_in(chunk))
            .filter(item::Column::State.ne(ItemState::Withdrawn))
            .all(tx)
            .await?;
        meanings.extend(numbers.into_iter().map(|thing| (thing.number_key, Resolved::Number(thing.id))));
        let labelled: HashMap<String, &String> =
            chunk.iter().filter_map(|code| Some((code.parse::<LabelCode>().ok()?.to_string(), code))).collect();
        let labels = label::Entity::find().filter(label::Column::Code.is_in(labelled.keys())).all(tx).await?;
        for label in labels {
            if let Some(code) = labelled.get(&label.code) {
                meanings.insert((*code).clone(), labels::meaning(&label));
            }
        }
    }
    forget_withdrawn(tx, &mut meanings).await?;
    Ok(meanings)
}

/// A label on a thing whose import was undone stands for nothing the book knows.
async fn forget_withdrawn(tx: &Tx, meanings: &mut HashMap<String, Resolved>) -> Result<(), StocktakeError> {
    let ids: Vec<ItemId> = meanings.values().filter_map(thing_of).collect();
    let things = items::by_ids(tx, &ids).await?;
    meanings.retain(|_, resolved| {
        thing_of(resolved).is_none_or(|id| things.get(&id).is_some_and(|thing| thing.state != ItemState::Withdrawn))
    });
    Ok(())
}

async fn expected_on(
    tx: &Tx,
    campaign: &campaign::Model,
    things: &[ItemId],
) -> Result<HashMap<ItemId, SheetId>, StocktakeError> {
    let mut found = HashMap::with_capacity(things.len());
    for chunk in things.chunks(bulk::CHUNK_ROWS) {
        let rows = expected_item::Entity::find()
            .filter(expected_item::Column::CampaignId.eq(campaign.id))
            .filter(expected_item::Column::ItemId.is_in(chunk.iter().copied()))
            .all(tx)
            .await?;
        found.extend(rows.into_iter().map(|row| (row.item_id, row.sheet_id)));
    }
    Ok(found)
}

async fn known(tx: &Tx, scans: &[NewScan]) -> Result<hashbrown::HashSet<ScanId>, StocktakeError> {
    let mut found = hashbrown::HashSet::new();
    for chunk in scans.chunks(bulk::CHUNK_ROWS) {
        let rows = scan::Entity::find().filter(scan::Column::Id.is_in(chunk.iter().map(|new| new.id))).all(tx).await?;
        found.extend(rows.into_iter().map(|row| row.id));
    }
    Ok(found)
}

/// Records scans in the caller's transaction; one answer each, in order. A scan that cannot be recorded says why
/// and does not stop the others.
///
/// # Errors
/// When the campaign is unknown or not under way, or the database refuses.
pub async fn record_in(
    tx: &Tx,
    ctx: &Ctx,
    number: &str,
    scans: &[NewScan],
    batch: Option<BatchId>,
) -> Result<Vec<Answer>, StocktakeError> {
    let mut desk = Desk::prepare(tx, number, scans).await?;
    let mut rows = Vec::with_capacity(scans.len());
    let mut answers = Vec::with_capacity(scans.len());
    for new in scans {
        if desk.known.contains(&new.id) {
            answers.push(Answer::Repeated);
            continue;
        }
        match desk.take(ctx, new, batch) {
            Ok(row) => {
                answers.push(Answer::Recorded { identified_by: row.identified_by, item: row.item_id });
                rows.push(row);
            }
            Err(StocktakeError::Refused(reason)) => answers.push(Answer::Refused { reason: reason.to_string() }),
            Err(other) => return Err(other),
        }
    }
    if !rows.is_empty() {
        write_scans(tx, ctx, &desk.campaign, rows, "stocktake.scan").await?;
    }
    Ok(answers)
}

async fn write_scans(
    tx: &Tx,
    ctx: &Ctx,
    campaign: &campaign::Model,
    rows: Vec<scan::Model>,
    action: &'static str,
) -> Result<(), StocktakeError> {
    let last_seq = rows.iter().map(|row| row.seq).max().unwrap_or_default();
    scan_counter::Entity::update_many()
        .col_expr(scan_counter::Column::LastSeq, Expr::value(last_seq))
        .filter(scan_counter::Column::CampaignId.eq(campaign.id))
        .exec(tx)
        .await?;
    let mut digest = RowsDigest::new(ctx);
    rows.iter().for_each(|row| digest.add(row));
    let count = rows.len();
    bulk::insert(tx, rows).await?;
    let entry = Entry {
        action,
        subject: campaign.number.clone(),
        unit: None,
        payload: json!({ "scans": count, "last_seq": last_seq }),
        rows: digest,
    };
    Ok(journal::record(tx, ctx, entry).await?)
}

/// Records scans: one transaction for all of them.
///
/// # Errors
/// As [`record_in`].
pub async fn scan(db: &Db, ctx: &Ctx, number: &str, scans: &[NewScan]) -> Result<Vec<Answer>, StocktakeError> {
    db.write(async |tx| record_in(tx, ctx, number, scans, None).await).await
}

/// Which scan to undo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// This one.
    Id(ScanId),
    /// The last one of this counter that is not undone.
    LastOf(String),
}

/// Undoes a scan by a scan that negates it.
///
/// # Errors
/// When there is no such scan, it is undone already, or its sheet is submitted.
pub async fn undo(db: &Db, ctx: &Ctx, number: &str, which: &Which) -> Result<scan::Model, StocktakeError> {
    db.write(async |tx| {
        let mut desk = Desk::prepare(tx, number, &[]).await?;
        let target = find_target(tx, &desk.campaign, which).await?;
        desk.refuse_closed(target.sheet_id)?;
        let row = negation(ctx, &mut desk, &target, None);
        write_scans(tx, ctx, &desk.campaign, vec![row], "stocktake.undo").await?;
        Ok(target)
    })
    .await
}

fn negation(ctx: &Ctx, desk: &mut Desk, target: &scan::Model, batch_id: Option<BatchId>) -> scan::Model {
    let row = scan::Model {
        id: ctx.new_id(),
        seq: desk.next_seq,
        negates: Some(target.id),
        server_at: ctx.now(),
        device_at: ctx.now(),
        batch_id,
        ..target.clone()
    };
    desk.next_seq += 1;
    row
}

async fn find_target(tx: &Tx, campaign: &campaign::Model, which: &Which) -> Result<scan::Model, StocktakeError> {
    let mine = scan::Entity::find()
        .filter(scan::Column::CampaignId.eq(campaign.id))
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
/// since are kept: their codes are returned.
///
/// # Errors
/// When the campaign is not under way, or the database refuses.
pub async fn undo_batch_in(tx: &Tx, ctx: &Ctx, batch: BatchId) -> Result<(usize, Vec<String>), StocktakeError> {
    let brought =
        scan::Entity::find().filter(scan::Column::BatchId.eq(batch)).order_by_asc(scan::Column::Seq).all(tx).await?;
    let Some(first) = brought.first() else { return Ok((0, Vec::new())) };
    let campaign = campaign::Entity::find_by_id(first.campaign_id)
        .one(tx)
        .await?
        .ok_or_else(|| StocktakeError::NoCampaign(first.campaign_id.to_string()))?;
    let mut desk = Desk::prepare(tx, &campaign.number, &[]).await?;
    let negated: hashbrown::HashSet<ScanId> =
        store::scans(tx, campaign.id).await?.into_iter().filter_map(|row| row.negates).collect();
    let (mut rows, mut kept) = (Vec::new(), Vec::new());
    for target in brought.iter().filter(|row| row.negates.is_none() && !negated.contains(&row.id)) {
        match desk.refuse_closed(target.sheet_id) {
            Ok(()) => rows.push(negation(ctx, &mut desk, target, None)),
            Err(_) => kept.push(target.code_read.clone()),
        }
    }
    let undone = rows.len();
    if undone > 0 {
        write_scans(tx, ctx, &desk.campaign, rows, "stocktake.undo").await?;
    }
    Ok((undone, kept))
}
