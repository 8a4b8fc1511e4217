//! Purchases laid out over fifteen years, and the things they brought.

use chrono::{Datelike as _, Days, NaiveDate, Weekday};
use hashbrown::{HashMap, HashSet};

use crate::items::model::ItemState;
use crate::kernel::{Fen, Quantity};

use super::super::dice::Dice;
use super::catalogue::{Held, KINDS, Kind};
use super::{PersonAt, PlaceAt, SampleAsset, SamplePerson, SamplePlace, SampleSpec, UnitAt};

/// Things at scale 1.
const THINGS: usize = 3_000;
/// The oldest purchase is so many days before the baseline: fifteen years.
const OLDEST_DAYS: usize = 15 * 365;
/// What serial numbers are made of; it holds the pairs that people misread (0/O, 1/I, 8/B, 5/S).
const SERIAL: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The people and places of each unit.
struct Staff {
    people: Vec<Vec<PersonAt>>,
    places: Vec<Vec<PlaceAt>>,
    weights: Vec<usize>,
}

impl Staff {
    fn new(people: &[SamplePerson], places: &[SamplePlace]) -> Self {
        let units = people.iter().map(|person| person.unit.0 + 1).max().unwrap_or(0);
        let mut staff = Self { people: vec![vec![]; units], places: vec![vec![]; units], weights: vec![0; units] };
        for (index, person) in people.iter().enumerate() {
            staff.people[person.unit.0].push(PersonAt(index));
            staff.weights[person.unit.0] += 1;
        }
        for (index, place) in places.iter().enumerate() {
            staff.places[place.unit.0].push(PlaceAt(index));
        }
        staff
    }

    /// Someone of the unit, and the room in which that person sits.
    fn someone(&self, dice: &Dice, unit: UnitAt) -> (PersonAt, PlaceAt) {
        let (people, places) = (&self.people[unit.0], &self.places[unit.0]);
        let seat = dice.below(people.len());
        (people[seat], places[seat % places.len()])
    }
}

/// One purchase, before its things have numbers.
struct Purchase {
    day: NaiveDate,
    kind: &'static Kind,
    unit: UnitAt,
    lines: usize,
}

/// 3,000 things × scale, in the order of their numbers.
pub(super) fn generate(
    dice: &Dice,
    spec: SampleSpec,
    people: &[SamplePerson],
    places: &[SamplePlace],
) -> Vec<SampleAsset> {
    let wanted = THINGS * spec.scale.max(1);
    let staff = Staff::new(people, places);
    let mut assets = Vec::with_capacity(wanted);
    let mut numbers = HashMap::new();
    let mut serials = HashSet::with_capacity(wanted);
    for (batch, purchase) in purchases(dice, spec, &staff, wanted).iter().enumerate() {
        let batch = u32::try_from(batch).unwrap_or(u32::MAX);
        let model = Model::draw(dice, purchase.kind);
        for _ in 0..purchase.lines {
            let number = numbers.entry(purchase.day.year()).and_modify(|n| *n += 1).or_insert(1_u32);
            let item_number = format!("CJ{}-{number:06}", purchase.day.year());
            let serial_number = serial_number(dice, purchase, &mut serials);
            assets.push(thing(dice, &staff, places, purchase, &model, item_number, serial_number, batch));
        }
    }
    assets
}

fn purchases(dice: &Dice, spec: SampleSpec, staff: &Staff, wanted: usize) -> Vec<Purchase> {
    let weights: Vec<_> = KINDS.iter().map(|kind| kind.weight).collect();
    let mut purchases = Vec::new();
    let mut things = 0;
    while things < wanted {
        let kind = &KINDS[dice.weighted(&weights)];
        let lines = usize::try_from(dice.between(kind.batch.0, kind.batch.1)).unwrap_or(1).min(wanted - things);
        things += lines;
        let unit = UnitAt(dice.weighted(&staff.weights));
        purchases.push(Purchase { day: purchase_day(dice, spec.baseline), kind, unit, lines });
    }
    purchases.sort_by_key(|purchase| (purchase.day, purchase.unit));
    purchases
}

/// A working day; the later years bought more.
fn purchase_day(dice: &Dice, baseline: NaiveDate) -> NaiveDate {
    let ago = dice.below(OLDEST_DAYS).min(dice.below(OLDEST_DAYS));
    let day = baseline.checked_sub_days(Days::new(u64::try_from(ago).unwrap_or(0))).unwrap_or(baseline);
    let back = match day.weekday() {
        Weekday::Sat => 1,
        Weekday::Sun => 2,
        _ => 0,
    };
    day.checked_sub_days(Days::new(back)).unwrap_or(day)
}

/// What the things of one purchase share.
struct Model {
    brand: &'static str,
    specification: &'static str,
    price: Fen,
}

impl Model {
    fn draw(dice: &Dice, kind: &'static Kind) -> Self {
        let (brand, models) = dice.pick(kind.makes, ("", &[]));
        let whole = dice.between(kind.price.0, kind.price.1) / 10 * 10;
        // A tender's price is seldom round.
        let cents = if dice.chance(300) { dice.between(1, 19) * 50 } else { 0 };
        Self { brand, specification: dice.pick(models, ""), price: Fen(whole * 100 + cents) }
    }
}

/// `QH` + two digits of the year + seven characters; empty where the kind has none.
fn serial_number(dice: &Dice, purchase: &Purchase, taken: &mut HashSet<String>) -> String {
    if purchase.kind.serial.is_empty() {
        return String::new();
    }
    loop {
        let mut serial = format!("{}{:02}", purchase.kind.serial, purchase.day.year() % 100);
        for _ in 0..7 {
            serial.push(char::from(dice.pick(SERIAL, b'0')));
        }
        if taken.insert(serial.clone()) {
            return serial;
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "one line of the book takes something from each of these")]
fn thing(
    dice: &Dice,
    staff: &Staff,
    places: &[SamplePlace],
    purchase: &Purchase,
    model: &Model,
    item_number: String,
    serial_number: String,
    batch: u32,
) -> SampleAsset {
    let kind = purchase.kind;
    let (user, place) = staff.someone(dice, purchase.unit);
    let keeper = if kind.held == Held::ByPlace { places[place.0].keeper } else { user };
    let pieces = dice.between(kind.pieces.0, kind.pieces.1);
    let (state, excused_by, note) = standing(dice, purchase.day);
    SampleAsset {
        item_number,
        name: kind.name.to_owned(),
        brand: model.brand.to_owned(),
        specification: model.specification.to_owned(),
        class_code: kind.class.0,
        class_name: kind.class.1,
        measure: kind.measure,
        serial_number,
        unit: purchase.unit,
        place,
        keeper,
        quantity: Quantity(pieces),
        value: Fen(model.price.0 * pieces),
        acquired_on: purchase.day,
        batch,
        state,
        excused_by,
        note,
    }
}

/// State, the document that explains an absence, and a note.
fn standing(dice: &Dice, bought: NaiveDate) -> (ItemState, String, String) {
    let old = bought.year() < 2019;
    let number = dice.between(1, 180);
    match dice.below(1_000) {
        0..=11 => (ItemState::OnLoan, format!("借用审批单 澄借〔2025〕{number}号"), String::new()),
        12..=23 => (ItemState::InRepair, format!("送修单 澄修〔2025〕{number}号"), String::new()),
        24..=54 => (ItemState::Idle, String::new(), "闲置，可调剂".to_owned()),
        55..=94 if old => (ItemState::PendingDisposal, String::new(), "超年限，待报废".to_owned()),
        95..=154 if old => (ItemState::Disposed, String::new(), format!("资产处置批复 澄财资〔2025〕{number}号")),
        155..=158 => (ItemState::InUse, format!("案件办理领用单 澄领〔2025〕{number}号"), String::new()),
        _ => (ItemState::InUse, String::new(), String::new()),
    }
}
