//! The desk at which scans are taken: what it needs to know is read once for all scans of a transaction; of each it
//! decides alone.

use std::sync::{Arc, Mutex, PoisonError};

use hashbrown::{HashMap, HashSet};
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _, Statement};
use sea_orm::{QuerySelect as _, sea_query::Expr};
use serde_json::json;

use super::codes::Meanings;
use super::{Answer, NewScan};
use crate::access::{self, Action};
use crate::db::bulk::{self, CHUNK_ROWS};
use crate::db::{DbError, Tx};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{BatchId, CampaignId, ItemId, PersonId, PlaceId, ScanId, SheetId, UnitId};
use crate::kernel::rights::Reach;
use crate::kernel::text::key;
use crate::kernel::{Ctx, Quantity};
use crate::org::entity::{person, place, unit};
use crate::stocktake::StocktakeError;
use crate::stocktake::entity::{recount, scan, scan_counter, sheet};
use crate::stocktake::model::{CampaignState, Refusal, SheetState};

/// Scans that somebody sends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sending<'a> {
    pub(super) ctx: &'a Ctx,
    pub(super) scans: &'a [NewScan],
    pub(super) batch: Option<BatchId>,
    /// Whether whoever is signed in is the counter; a file's rows name theirs.
    pub(super) signed: bool,
}

/// The campaign as it stands in this transaction, in one row.
#[derive(Debug, FromQueryResult)]
pub(super) struct Head {
    pub(super) id: CampaignId,
    pub(super) number: String,
    pub(super) state: CampaignState,
    pub(super) last_seq: i64,
    /// Grows whenever a sheet changes, by whomever: versions never go back.
    sheets_version: i64,
    recounts: i64,
}

impl Head {
    pub(super) async fn read(tx: &Tx, number: &str) -> Result<Option<Self>, DbError> {
        let backend = tx.get_database_backend();
        let sql = format!(
            "SELECT c.id, c.number, c.state, k.last_seq, \
             CAST((SELECT COALESCE(SUM(s.version), 0) FROM sheets s WHERE s.campaign_id = c.id) AS bigint) \
               AS sheets_version, \
             (SELECT COUNT(*) FROM recounts r WHERE r.campaign_id = c.id) AS recounts \
             FROM campaigns c JOIN scan_counters k ON k.campaign_id = c.id WHERE c.number = {}",
            bulk::placeholders(backend, 1, 1)
        );
        let statement = Statement::from_sql_and_values(backend, sql, [number.trim().into()]);
        Ok(Self::find_by_statement(statement).one(tx).await?)
    }
}

/// A campaign's sheets, and what their units are called.
#[derive(Debug, Default)]
pub(super) struct Sheets {
    by_id: HashMap<SheetId, (UnitId, SheetState)>,
    by_unit: HashMap<UnitId, SheetId>,
    names: HashMap<UnitId, String>,
}

impl Sheets {
    async fn load(tx: &Tx, campaign: CampaignId) -> Result<Self, DbError> {
        let mut sheets = Self::default();
        for row in sheet::Entity::find().filter(sheet::Column::CampaignId.eq(campaign)).all(tx).await? {
            sheets.by_id.insert(row.id, (row.unit_id, row.state));
            sheets.by_unit.insert(row.unit_id, row.id);
        }
        for row in unit::Entity::find().all(tx).await? {
            sheets.names.insert(row.id, row.name);
        }
        Ok(sheets)
    }

    fn name(&self, unit: UnitId) -> &str {
        self.names.get(&unit).map_or("", String::as_str)
    }

    pub(super) fn unit_of(&self, sheet: SheetId) -> Option<UnitId> {
        self.by_id.get(&sheet).map(|(unit, _)| *unit)
    }

    pub(super) fn refuse_closed(&self, sheet: Option<SheetId>) -> Result<(), Refusal> {
        let Some((unit, state)) = sheet.and_then(|id| self.by_id.get(&id)) else { return Ok(()) };
        state.may_scan(self.name(*unit))
    }
}

/// Sheets as they were last read, kept from one transaction to the next: they hold as long as the campaign's row in the
/// present transaction says that no sheet has changed.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<HashMap<CampaignId, (i64, Arc<Sheets>)>>);

impl Memory {
    pub(super) async fn sheets(&self, tx: &Tx, head: &Head) -> Result<Arc<Sheets>, DbError> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&head.id).cloned();
        if let Some((version, sheets)) = kept
            && version == head.sheets_version
        {
            return Ok(sheets);
        }
        let sheets = Arc::new(Sheets::load(tx, head.id).await?);
        let kept = (head.sheets_version, Arc::clone(&sheets));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(head.id, kept);
        Ok(sheets)
    }
}

/// How a person signs a count, and how they may have signed before.
#[derive(Debug, Clone)]
struct Signature {
    written: String,
    keys: [String; 2],
}

impl Signature {
    fn of(person: &person::Model) -> Self {
        let badge = person.badge_number.as_deref().unwrap_or_default();
        Self {
            written: if badge.is_empty() { person.name.clone() } else { badge.to_owned() },
            keys: [key(badge).into_owned(), key(&person.name).into_owned()],
        }
    }
}

struct Desk {
    head: Head,
    sheets: Arc<Sheets>,
    meanings: Meanings,
    places: HashMap<PlaceId, UnitId>,
    people: HashMap<PersonId, Signature>,
    known: HashMap<ScanId, scan::Model>,
    /// Of each thing that is counted again, who counted it before.
    counted_before: HashMap<ItemId, HashSet<String>>,
    /// How everybody signs, when things are counted again.
    signatures: Vec<Signature>,
    /// The scans taken, in order.
    taken: Vec<scan::Model>,
}

impl Desk {
    async fn prepare(tx: &Tx, memory: &Memory, head: Head, sendings: &[Sending<'_>]) -> Result<Self, DbError> {
        let scans = || sendings.iter().flat_map(|sending| sending.scans);
        let places = distinct(scans().filter_map(|scan| scan.place));
        let signers = sendings.iter().filter(|sending| sending.signed).filter_map(|sending| sending.ctx.person());
        let people = distinct(scans().filter_map(|scan| scan.keeper).chain(signers));
        let meanings = Meanings::look_up(tx, head.id, scans()).await?;
        let mut desk = Self {
            sheets: memory.sheets(tx, &head).await?,
            places: units_of(tx, &places).await?,
            people: signatures(tx, &people).await?,
            known: known(tx, distinct(scans().map(|scan| scan.id))).await?,
            counted_before: HashMap::new(),
            signatures: Vec::new(),
            taken: Vec::new(),
            meanings,
            head,
        };
        if desk.head.recounts > 0 {
            let things = distinct(desk.meanings.things());
            desk.counted_before = counted_before(tx, desk.head.id, &things).await?;
        }
        if !desk.counted_before.is_empty() {
            desk.signatures = person::Entity::find().all(tx).await?.iter().map(Signature::of).collect();
        }
        Ok(desk)
    }

    /// Whether `ctx` may count here at all.
    fn admit(&self, ctx: &Ctx) -> Result<Reach, StocktakeError> {
        self.head.state.may_scan(&self.head.number)?;
        access::permit_somewhere(ctx, Action::CampaignsCount)?;
        let reach = access::reach(ctx, Action::CampaignsCount);
        if !self.sheets.by_unit.keys().any(|unit| reach.covers(Some(*unit))) {
            return Err(StocktakeError::NoCampaign(self.head.number.clone()));
        }
        Ok(reach)
    }

    /// The sheet a scan belongs to: of the unit that holds the place; without a place, of the unit that is
    /// expected to have the thing; else none.
    fn sheet_for(&self, place: Option<PlaceId>, expected: Option<SheetId>) -> Option<SheetId> {
        let of_place = place.and_then(|id| self.places.get(&id)).and_then(|unit| self.sheets.by_unit.get(unit));
        of_place.copied().or(expected)
    }

    /// What the schema would refuse is told here, so that it does not take the other scans with it.
    fn refuse_unfit(&self, new: &NewScan) -> Result<(), Refusal> {
        if !(0..=Quantity::MAX).contains(&new.quantity.0) {
            return Err(Refusal::Scan("数量应在 0 至 1,000,000,000 之间"));
        }
        if new.place.is_some_and(|id| !self.places.contains_key(&id)) {
            return Err(Refusal::Scan("地点未登记"));
        }
        if new.keeper.is_some_and(|id| !self.people.contains_key(&id)) {
            return Err(Refusal::Scan("使用人未登记"));
        }
        // PostgreSQL keeps no U+0000 in a text.
        let texts = [&new.code_read, &new.name, &new.serial_number, &new.note, &new.counter, &new.device];
        if texts.into_iter().any(|text| text.contains('\0')) {
            return Err(Refusal::Scan("文字中有不能保存的字符"));
        }
        Ok(())
    }

    fn refuse_counted_before(&self, item: Option<ItemId>, counter: &str, signer: Option<&Signature>) -> Result<(), Refusal> {
        let Some(earlier) = item.and_then(|id| self.counted_before.get(&id)) else { return Ok(()) };
        let stated = key(counter);
        // Who signed with a name once and with the badge number next time is still one person.
        let same = |person: &&Signature| person.keys.iter().any(|own| *own == stated);
        let signer = signer.or_else(|| self.signatures.iter().find(same));
        let counted = |own: &str| !own.is_empty() && earlier.contains(own);
        if counted(&stated) || signer.is_some_and(|person| person.keys.iter().any(|own| counted(own))) {
            return Err(Refusal::CountedBefore);
        }
        Ok(())
    }

    fn take(&mut self, sending: &Sending<'_>, reach: &Reach, new: &NewScan) -> Result<Answer, Refusal> {
        let signer = sending.ctx.person().filter(|_| sending.signed).and_then(|id| self.people.get(&id)).cloned();
        let counter = signer.as_ref().map_or(&new.counter, |person| &person.written);
        if let Some(known) = self.known.get(&new.id) {
            return if self.says_the_same(known, new, counter) { Ok(Answer::Repeated) } else { Err(Refusal::IdTaken) };
        }
        self.refuse_unfit(new)?;
        let meaning = self.meanings.of(&new.code_read);
        let item_id = meaning.thing.map(|(item, _)| item);
        let sheet_id = self.sheet_for(new.place, meaning.thing.and_then(|(_, sheet)| sheet));
        if let Some(unit) = sheet_id.and_then(|id| self.sheets.unit_of(id))
            && !reach.covers(Some(unit))
        {
            return Err(Refusal::NotYours(self.sheets.name(unit).to_owned()));
        }
        self.sheets.refuse_closed(sheet_id)?;
        self.refuse_counted_before(item_id, counter, signer.as_ref())?;
        let row = scan::Model {
            id: new.id,
            campaign_id: self.head.id,
            sheet_id,
            seq: self.head.last_seq + 1,
            code_read: new.code_read.trim().to_owned(),
            item_id,
            identified_by: meaning.identified_by,
            place_id: new.place,
            keeper_id: new.keeper,
            quantity: new.quantity,
            condition: new.condition,
            no_label: new.no_label,
            name: new.name.clone(),
            serial_number: key(&new.serial_number).into_owned(),
            note: new.note.clone(),
            counter: counter.clone(),
            device: new.device.clone(),
            device_at: new.device_at,
            server_at: sending.ctx.now(),
            negates: None,
            batch_id: sending.batch,
        };
        self.head.last_seq += 1;
        self.known.insert(new.id, row.clone());
        self.taken.push(row);
        Ok(Answer::Recorded { identified_by: meaning.identified_by, item: item_id })
    }

    /// Whether a scan that stands is the one that comes again: all that its sender stated is the same.
    fn says_the_same(&self, known: &scan::Model, new: &NewScan, counter: &str) -> bool {
        known.campaign_id == self.head.id
            && known.negates.is_none()
            && known.code_read == new.code_read.trim()
            && (known.place_id, known.keeper_id) == (new.place, new.keeper)
            && (known.quantity, known.condition, known.no_label) == (new.quantity, new.condition, new.no_label)
            && known.name == new.name
            && known.serial_number == key(&new.serial_number)
            && (known.note == new.note && known.device == new.device && known.device_at == new.device_at)
            && known.counter == counter
    }
}

/// Records what is sent to one campaign, in order, in the caller's transaction: for each sending its answers, or why it
/// is refused as a whole.
pub(super) async fn record(
    tx: &Tx,
    memory: &Memory,
    number: &str,
    action: &'static str,
    sendings: &[Sending<'_>],
) -> Result<Vec<Result<Vec<Answer>, StocktakeError>>, StocktakeError> {
    let Some(head) = Head::read(tx, number).await? else {
        return Ok(sendings.iter().map(|_| Err(StocktakeError::NoCampaign(number.to_owned()))).collect());
    };
    let mut desk = Desk::prepare(tx, memory, head, sendings).await?;
    let mut answers = Vec::with_capacity(sendings.len());
    let mut entries = Vec::with_capacity(sendings.len());
    for sending in sendings {
        let before = desk.taken.len();
        let told = desk.admit(sending.ctx).map(|reach| {
            let scans = sending.scans.iter();
            scans.map(|new| desk.take(sending, &reach, new).unwrap_or_else(|refusal| Answer::refused(&refusal))).collect()
        });
        let rows = &desk.taken[before..];
        if !rows.is_empty() {
            entries.push((sending.ctx, entry(sending.ctx, &desk.head, action, rows)));
        }
        answers.push(told);
    }
    if !desk.taken.is_empty() {
        write(tx, desk.head.id, desk.taken).await?;
        journal::record_many(tx, entries).await?;
    }
    Ok(answers)
}

/// The entry of scans that one deed wrote.
pub(super) fn entry(ctx: &Ctx, head: &Head, action: &'static str, rows: &[scan::Model]) -> Entry {
    let mut digest = RowsDigest::new(ctx);
    rows.iter().for_each(|row| digest.add(row));
    let last_seq = rows.iter().map(|row| row.seq).max().unwrap_or_default();
    let payload = json!({ "scans": rows.len(), "last_seq": last_seq });
    Entry { action, subject: head.number.clone(), unit: None, payload, rows: digest }
}

/// Writes scans and the last number handed out.
pub(super) async fn write(tx: &Tx, campaign: CampaignId, rows: Vec<scan::Model>) -> Result<(), DbError> {
    let last_seq = rows.iter().map(|row| row.seq).max().unwrap_or_default();
    scan_counter::Entity::update_many()
        .col_expr(scan_counter::Column::LastSeq, Expr::value(last_seq))
        .filter(scan_counter::Column::CampaignId.eq(campaign))
        .exec(tx)
        .await?;
    bulk::insert_steady(tx, rows).await?;
    Ok(())
}

fn distinct<T: Ord>(ids: impl Iterator<Item = T>) -> Vec<T> {
    let mut ids: Vec<T> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

async fn units_of(tx: &Tx, places: &[PlaceId]) -> Result<HashMap<PlaceId, UnitId>, DbError> {
    let mut found = HashMap::with_capacity(places.len());
    for chunk in places.chunks(CHUNK_ROWS) {
        let rows = place::Entity::find().filter(place::Column::Id.is_in(chunk.iter().copied())).all(tx).await?;
        found.extend(rows.into_iter().map(|row| (row.id, row.unit_id)));
    }
    Ok(found)
}

async fn signatures(tx: &Tx, people: &[PersonId]) -> Result<HashMap<PersonId, Signature>, DbError> {
    let mut found = HashMap::with_capacity(people.len());
    for chunk in people.chunks(CHUNK_ROWS) {
        let rows = person::Entity::find().filter(person::Column::Id.is_in(chunk.iter().copied())).all(tx).await?;
        found.extend(rows.iter().map(|row| (row.id, Signature::of(row))));
    }
    Ok(found)
}

async fn known(tx: &Tx, ids: Vec<ScanId>) -> Result<HashMap<ScanId, scan::Model>, DbError> {
    let mut found = HashMap::new();
    for chunk in ids.chunks(CHUNK_ROWS) {
        let rows = scan::Entity::find().filter(scan::Column::Id.is_in(chunk.iter().copied())).all(tx).await?;
        found.extend(rows.into_iter().map(|row| (row.id, row)));
    }
    Ok(found)
}

/// Of each of these things that is counted again, by whom it was counted before the last recount was opened.
async fn counted_before(
    tx: &Tx,
    campaign: CampaignId,
    things: &[ItemId],
) -> Result<HashMap<ItemId, HashSet<String>>, DbError> {
    let mut found: HashMap<ItemId, HashSet<String>> = HashMap::new();
    for chunk in things.chunks(CHUNK_ROWS) {
        let mut latest: HashMap<ItemId, i64> = HashMap::new();
        let recounts = recount::Entity::find()
            .filter(recount::Column::CampaignId.eq(campaign))
            .filter(recount::Column::ItemId.is_in(chunk.iter().copied()));
        for row in recounts.all(tx).await? {
            let seq = latest.entry(row.item_id).or_default();
            *seq = row.after_seq.max(*seq);
        }
        let counted = scan::Entity::find()
            .select_only()
            .columns([scan::Column::ItemId, scan::Column::Seq, scan::Column::Counter])
            .filter(scan::Column::CampaignId.eq(campaign))
            .filter(scan::Column::ItemId.is_in(latest.keys().copied()))
            .into_tuple::<(ItemId, i64, String)>();
        for (item, seq, counter) in counted.all(tx).await? {
            if latest.get(&item).is_some_and(|after| seq <= *after) {
                found.entry(item).or_default().insert(key(&counter).into_owned());
            }
        }
    }
    Ok(found)
}
