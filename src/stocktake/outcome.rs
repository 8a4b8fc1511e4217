//! What a campaign has found: its rows turned into the core's input, the core's lines turned back into rows.

use hashbrown::{HashMap, HashSet};
use sea_orm::ConnectionTrait;

use super::entity::{campaign, expected_item, scan, sheet};
use super::error::StocktakeError;
use super::hunt;
use super::leads::Lead;
use super::line::{Subject, Tally};
use super::model::{Condition, IdentifiedBy, SheetState};
use super::reconcile::{
    Book, CounterNo, Input, Interner, Item, ItemNo, KeeperNo, Movement, Numbered, PlaceNo, Scan, Standing, Target,
    ThingNo, UnitNo, reconcile,
};
use super::scope::Scope;
use super::store;
use super::verdict::{Flags, Verdict};
use crate::items::entity::{item, item_event};
use crate::items::store as items;
use crate::kernel::ids::{ItemId, PersonId, PlaceId, ScanId, SheetId, UnitId};
use crate::kernel::text::key;
use crate::kernel::{Fen, Quantity, Timestamp};
use crate::org::Directory;

/// Everything a campaign has found, with the names to tell it by.
#[derive(Debug)]
pub struct Outcome {
    /// The campaign.
    pub campaign: campaign::Model,
    /// Its sheets.
    pub sheets: Vec<sheet::Model>,
    /// The names.
    pub directory: Directory,
    /// One line a thing: expected things by number, then what was seen besides.
    pub lines: Vec<OutcomeLine>,
}

/// One line.
#[derive(Debug, Clone)]
pub struct OutcomeLine {
    /// The thing, when the book knows it.
    pub item: Option<item::Model>,
    /// The last scan that spoke, when it was seen.
    pub scan: Option<scan::Model>,
    /// The unit it counts to.
    pub unit: Option<UnitId>,
    /// Whether it was expected.
    pub expected: bool,
    /// The verdict.
    pub verdict: Verdict,
    /// What stands beside it.
    pub flags: Flags,
    /// Where the book has it.
    pub book_place: Option<PlaceId>,
    /// Where it was seen.
    pub counted_place: Option<PlaceId>,
    /// Who answers for it by the book.
    pub book_keeper: Option<PersonId>,
    /// The keeper stated on the spot.
    pub counted_keeper: Option<PersonId>,
    /// How many by the book.
    pub book_quantity: Option<Quantity>,
    /// How many were counted.
    pub counted_quantity: Option<Quantity>,
    /// Where to look, or what it may be, in one sentence.
    pub lead: String,
    /// For what is missing: where to look, the likeliest first.
    pub leads: Vec<Lead>,
}

impl OutcomeLine {
    /// What the book says it is worth; nothing for what no book knows.
    #[must_use]
    pub fn value(&self) -> Fen {
        self.item.as_ref().map_or(Fen::ZERO, |item| item.value_fen)
    }

    /// Its number, or the code that was read.
    #[must_use]
    pub fn number(&self) -> &str {
        match (&self.item, &self.scan) {
            (Some(item), _) => &item.item_number,
            (None, Some(scan)) => &scan.code_read,
            (None, None) => "",
        }
    }

    /// Its name by the book, or as the counter called it.
    #[must_use]
    pub fn name(&self) -> &str {
        match (&self.item, &self.scan) {
            (Some(item), _) => &item.name,
            (None, Some(scan)) => &scan.name,
            (None, None) => "",
        }
    }
}

/// Ids as the small numbers the core works with.
#[derive(Debug)]
pub(super) struct Numbers<K, N> {
    by_id: HashMap<K, N>,
    ids: Vec<K>,
}

impl<K: Copy + Eq + std::hash::Hash, N: Numbered> Numbers<K, N> {
    pub(super) fn new() -> Self {
        Self { by_id: HashMap::new(), ids: Vec::new() }
    }

    pub(super) fn number(&mut self, id: K) -> N {
        *self.by_id.entry(id).or_insert_with(|| {
            self.ids.push(id);
            N::from_index(self.ids.len() - 1)
        })
    }

    pub(super) fn known(&self, id: K) -> Option<N> {
        self.by_id.get(&id).copied()
    }

    pub(super) fn id(&self, number: N) -> Option<K> {
        self.ids.get(number.index()).copied()
    }
}

/// The core's input while it is put together, and the way back from its numbers.
struct Sheetwork {
    places: Numbers<PlaceId, PlaceNo>,
    keepers: Numbers<PersonId, KeeperNo>,
    units: Numbers<UnitId, UnitNo>,
    counters: Interner<CounterNo>,
    item_no: HashMap<ItemId, ItemNo>,
    item_ids: Vec<ItemId>,
    items: Vec<Item>,
    /// When the sheet that expects the item was handed in.
    handed_in: Vec<Option<Timestamp>>,
    things: HashMap<String, ThingNo>,
    thing_count: usize,
    scans: Vec<Scan>,
    scan_rows: Vec<scan::Model>,
}

impl Sheetwork {
    fn new() -> Self {
        Self {
            places: Numbers::new(),
            keepers: Numbers::new(),
            units: Numbers::new(),
            counters: Interner::default(),
            item_no: HashMap::new(),
            item_ids: Vec::new(),
            items: Vec::new(),
            handed_in: Vec::new(),
            things: HashMap::new(),
            thing_count: 0,
            scans: Vec::new(),
            scan_rows: Vec::new(),
        }
    }

    fn book(&mut self, as_of: &items::AsOf) -> Book {
        Book {
            place: as_of.place_id.map(|id| self.places.number(id)),
            keeper: as_of.keeper_id.map(|id| self.keepers.number(id)),
            quantity: as_of.quantity,
            state: as_of.state,
        }
    }

    fn add_item(&mut self, id: ItemId, item: Item, handed_in: Option<Timestamp>) {
        self.handed_in.push(handed_in);
        self.item_no.insert(id, ItemNo::from_index(self.items.len()));
        self.item_ids.push(id);
        self.items.push(item);
    }

    fn new_thing(&mut self) -> ThingNo {
        self.thing_count += 1;
        ThingNo::from_index(self.thing_count - 1)
    }

    fn target(&mut self, row: &scan::Model) -> Option<Target> {
        if let Some(id) = row.item_id {
            return self.item_no.get(&id).copied().map(Target::Book);
        }
        // What has a serial number is one thing wherever it is seen; so is what carries one unknown code.
        let identity = [&row.code_read, &row.serial_number].into_iter().find(|text| !text.is_empty());
        let Some(identity) = identity.map(|text| key(text).into_owned()) else {
            return Some(Target::Unknown(self.new_thing()));
        };
        if let Some(thing) = self.things.get(&identity) {
            return Some(Target::Unknown(*thing));
        }
        let thing = self.new_thing();
        self.things.insert(identity, thing);
        Some(Target::Unknown(thing))
    }

    fn add_scan(&mut self, row: scan::Model) {
        let Some(target) = self.target(&row) else { return };
        let scan = Scan {
            target,
            place: row.place_id.map(|id| self.places.number(id)),
            keeper: row.keeper_id.map(|id| self.keepers.number(id)),
            quantity: row.quantity,
            counter: self.counters.intern(&row.counter),
            // A device whose clock runs ahead cannot have scanned after we received it.
            at: row.device_at.min(row.server_at),
            flags: Flags::NONE
                .with_if(row.condition == Condition::Damaged, Flags::DAMAGED)
                .with_if(row.identified_by == IdentifiedBy::SupersededLabel, Flags::OLD_LABEL)
                .with_if(row.no_label || row.code_read.is_empty(), Flags::NO_LABEL),
            undone: false,
        };
        self.scans.push(scan);
        self.scan_rows.push(row);
    }

    fn movements(&mut self, events: &[item_event::Model]) -> Vec<Movement> {
        let mut moved = Vec::new();
        for event in events {
            let Some(&item) = self.item_no.get(&event.item_id) else { continue };
            let place = event.place_id.map(|id| self.places.number(id));
            let keeper = event.keeper_id.map(|id| self.keepers.number(id));
            let book = Book { place, keeper, quantity: event.quantity, state: event.state };
            let after_hand_in = self.handed_in[item.index()].is_some_and(|at| event.recorded_at > at);
            // A paper opened or closed while the sheet is out counts as it stands when it comes in.
            if !after_hand_in {
                self.items[item.index()].excused = explains(event.excused_by.as_deref());
            }
            moved.push(Movement { item, at: event.effective_at, book, after_hand_in });
        }
        moved
    }
}

impl Outcome {
    /// What a campaign has found so far.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn compute(db: &impl ConnectionTrait, campaign: &campaign::Model) -> Result<Self, StocktakeError> {
        let directory = Directory::load(db).await?;
        let sheets = store::sheets(db, campaign.id).await?;
        let live = live_scans(db, campaign).await?;
        let mut work = Sheetwork::new();
        add_expected(db, campaign, &sheets, &mut work).await?;
        add_seen_besides(db, campaign, &sheets, &live, &mut work).await?;
        live.into_iter().for_each(|row| work.add_scan(row));
        let events = items::events_since(db, campaign.baseline_at).await?;
        let movements = work.movements(&events);
        let input = Input { items: &work.items, scans: &work.scans, movements: &movements };
        let found = reconcile(&input)?;
        let things = items::by_ids(db, &work.item_ids).await?;
        let mut lines = Vec::with_capacity(found.lines.len());
        for line in &found.lines {
            let item = match line.subject {
                Subject::Item(no) => work.item_ids.get(no.index()).and_then(|id| things.get(id)).cloned(),
                Subject::Thing(_) => None,
            };
            let scan = found.scans_of(line.subject).last().and_then(|at| work.scan_rows.get(at.get())).cloned();
            let counted_place = line.place.and_then(|no| work.places.id(no));
            let unit = match line.subject {
                Subject::Item(no) => {
                    work.items.get(no.index()).and_then(|item| item.unit).and_then(|no| work.units.id(no))
                }
                Subject::Thing(_) => counted_place.and_then(|id| directory.place(id)).map(|place| place.unit_id),
            };
            lines.push(OutcomeLine {
                item,
                scan,
                unit,
                expected: line.expected,
                verdict: line.verdict,
                flags: line.flags,
                book_place: line.book.and_then(|book| book.place).and_then(|no| work.places.id(no)),
                counted_place,
                book_keeper: line.book.and_then(|book| book.keeper).and_then(|no| work.keepers.id(no)),
                counted_keeper: line.keeper.and_then(|no| work.keepers.id(no)),
                book_quantity: line.book.map(|book| book.quantity),
                counted_quantity: line.quantity,
                lead: if line.verdict == Verdict::Conflict {
                    let speaking = found.scans_of(line.subject).iter();
                    said(&directory, speaking.filter_map(|at| work.scan_rows.get(at.get())))
                } else {
                    String::new()
                },
                leads: Vec::new(),
            });
        }
        lines.sort_by(|a, b| (a.item.is_none(), a.number()).cmp(&(b.item.is_none(), b.number())));
        hunt::fill(db, campaign, &directory, &mut lines).await?;
        Ok(Self { campaign: campaign.clone(), sheets, directory, lines })
    }

    /// The tally of each unit by the unit's code, and of all.
    #[must_use]
    pub fn tallies(&self) -> (Vec<(String, Tally)>, Tally) {
        let mut by_unit: HashMap<Option<UnitId>, Tally> = HashMap::new();
        let mut all = Tally::default();
        for line in &self.lines {
            let mut one = Tally::default();
            one.add_verdict(line.verdict, line.expected, line.value());
            by_unit.entry(line.unit).or_default().add_all(&one);
            all.add_all(&one);
        }
        for sheet in &self.sheets {
            by_unit.entry(Some(sheet.unit_id)).or_default();
        }
        let mut rows: Vec<(String, String, Tally)> = by_unit
            .into_iter()
            .map(|(unit, tally)| match unit.and_then(|id| self.directory.unit(id)) {
                Some(unit) => (unit.code.clone(), unit.name.clone(), tally),
                None => ("\u{10ffff}".to_owned(), "未知".to_owned(), tally),
            })
            .collect();
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        (rows.into_iter().map(|(_, name, tally)| (name, tally)).collect(), all)
    }
}

/// Who counted how many where: what contradicts what in a conflict.
fn said<'a>(directory: &Directory, scans: impl Iterator<Item = &'a scan::Model>) -> String {
    let mut sightings: Vec<String> = Vec::new();
    for scan in scans {
        let by_badge = directory.find_person(&scan.counter, None).ok();
        let counter = by_badge.map_or(scan.counter.as_str(), |id| directory.person_name(Some(id)));
        let place = match directory.place_name(scan.place_id) {
            "" => "未记地点",
            name => name,
        };
        let sighting = format!("{counter}在{place}盘得 {}", scan.quantity);
        if !sightings.contains(&sighting) {
            sightings.push(sighting);
        }
    }
    sightings.join("；")
}

/// The scans that speak: not undone, no undoing, and after the thing's last recount was opened.
async fn live_scans(db: &impl ConnectionTrait, campaign: &campaign::Model) -> Result<Vec<scan::Model>, StocktakeError> {
    let rows = store::scans(db, campaign.id).await?;
    let recounts = store::recounts(db, campaign.id).await?;
    let negated: HashSet<ScanId> = rows.iter().filter_map(|row| row.negates).collect();
    let set_aside =
        |row: &scan::Model| row.item_id.and_then(|id| recounts.get(&id)).is_some_and(|after| row.seq <= *after);
    Ok(rows.into_iter().filter(|row| row.negates.is_none() && !negated.contains(&row.id) && !set_aside(row)).collect())
}

async fn add_expected(
    db: &impl ConnectionTrait,
    campaign: &campaign::Model,
    sheets: &[sheet::Model],
    work: &mut Sheetwork,
) -> Result<(), StocktakeError> {
    let by_id: HashMap<SheetId, &sheet::Model> = sheets.iter().map(|sheet| (sheet.id, sheet)).collect();
    let earlier = earlier_missing(db, campaign).await?;
    for row in store::expected(db, campaign.id).await? {
        let sheet = by_id.get(&row.sheet_id);
        let unit = sheet.map(|sheet| work.units.number(sheet.unit_id));
        let book = work.book(&as_of(&row, sheet.map(|sheet| sheet.unit_id)));
        let item = Item {
            excused: explains(row.excused_by.as_deref()),
            sheet_submitted: sheet.is_some_and(|sheet| sheet.state != SheetState::Open),
            on_earlier_missing_list: earlier.contains(&row.item_id),
            ..Item::expected(unit, book)
        };
        let handed_in = sheet.filter(|sheet| sheet.state != SheetState::Open).and_then(|sheet| sheet.submitted_at);
        work.add_item(row.item_id, item, handed_in);
    }
    Ok(())
}

fn explains(paper: Option<&str>) -> bool {
    paper.is_some_and(|text| !text.trim().is_empty())
}

fn as_of(row: &expected_item::Model, unit: Option<UnitId>) -> items::AsOf {
    items::AsOf {
        item_id: row.item_id,
        unit_id: unit.unwrap_or(UnitId(sea_orm::prelude::Uuid::nil())),
        place_id: row.place_id,
        keeper_id: row.keeper_id,
        quantity: row.quantity,
        state: row.state,
        excused_by: row.excused_by.clone(),
    }
}

/// Things on a missing list that this campaign did not open.
async fn earlier_missing(
    db: &impl ConnectionTrait,
    campaign: &campaign::Model,
) -> Result<HashSet<ItemId>, StocktakeError> {
    let open = store::open_missing_cases(db).await?;
    Ok(open.into_values().filter(|case| case.campaign_id != Some(campaign.id)).map(|case| case.item_id).collect())
}

/// Booked things that were seen though not expected: disposed of, out of scope, or registered since the baseline.
async fn add_seen_besides(
    db: &impl ConnectionTrait,
    campaign: &campaign::Model,
    sheets: &[sheet::Model],
    live: &[scan::Model],
    work: &mut Sheetwork,
) -> Result<(), StocktakeError> {
    let mut besides: Vec<ItemId> =
        live.iter().filter_map(|row| row.item_id).filter(|id| !work.item_no.contains_key(id)).collect();
    besides.sort_unstable();
    besides.dedup();
    if besides.is_empty() {
        return Ok(());
    }
    let scope: Scope = serde_json::from_str(&campaign.scope).unwrap_or_default();
    let things = items::by_ids(db, &besides).await?;
    let earlier = earlier_missing(db, campaign).await?;
    let submitted: HashMap<UnitId, bool> =
        sheets.iter().map(|sheet| (sheet.unit_id, sheet.state != SheetState::Open)).collect();
    let at_baseline: HashMap<ItemId, items::AsOf> =
        items::book_as_of(db, campaign.baseline_at).await?.into_iter().map(|row| (row.item_id, row)).collect();
    for id in besides {
        let Some(thing) = things.get(&id) else { continue };
        let known = at_baseline.get(&id);
        let in_scope = known.is_some_and(|row| row.state.is_gone() && scope.includes(row, thing));
        let row = known.cloned().unwrap_or_else(|| now(thing));
        let unit = Some(work.units.number(row.unit_id));
        let item = Item {
            standing: if in_scope { Standing::Expected } else { Standing::Foreign },
            sheet_submitted: submitted.get(&row.unit_id).copied().unwrap_or(false),
            on_earlier_missing_list: earlier.contains(&id),
            ..Item::expected(unit, work.book(&row))
        };
        work.add_item(id, item, None);
    }
    Ok(())
}

fn now(thing: &item::Model) -> items::AsOf {
    items::AsOf {
        item_id: thing.id,
        unit_id: thing.unit_id,
        place_id: thing.place_id,
        keeper_id: thing.keeper_id,
        quantity: thing.quantity,
        state: thing.state,
        excused_by: thing.excused_by.clone(),
    }
}
