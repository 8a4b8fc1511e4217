//! The book as the check wants it: cars, cards, records, logbooks, readings of a stretch of time.

use chrono::NaiveDate;
use hashbrown::HashMap;
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::entity::{slip, transaction};
use super::limits;
use super::model::RecordKind;
use super::statements::{Sameness, sameness};
use crate::db::{DbError, bulk::CHUNK_ROWS};
use crate::items::entity::{item, item_event};
use crate::items::model::ItemState;
use crate::kernel::ids::{ItemId, PersonId, UnitId};
use crate::kernel::text::key;
use crate::kernel::{Fen, Timestamp};
use crate::org::Directory;
use crate::vehicles::cards::entity::{card, holding};
use crate::vehicles::cards::model::CardState;
use crate::vehicles::entity::{reading, vehicle};
use crate::vehicles::fuel::{
    Absence, Away, Car, CarNo, Card, CardNo, Fill, Grade, Holding, Input, Kind, Limits, Names, Outcome, Reading, Shown,
    Trip, check,
};
use crate::vehicles::model::{Energy, plate_key};
use crate::vehicles::repairs::entity::repair;
use crate::vehicles::trips::entity::trip;

/// Everything that is checked together, and what each of it is in the book.
#[derive(Debug, Clone, Default)]
pub struct Gathered {
    /// The cars.
    pub cars: Vec<Car>,
    /// By car: its item, its unit, its model.
    pub things: Vec<item::Model>,
    /// By fill: its record.
    pub records: Vec<transaction::Model>,
    /// Repairs that came back in the stretch, by car: when, and for how much.
    pub repairs: Vec<(CarNo, Timestamp, Fen)>,
    cards: Vec<Card>,
    fills: Vec<Fill>,
    trips: Vec<Trip>,
    readings: Vec<Reading>,
    names: Names,
    limits: Limits,
    as_of: Timestamp,
}

impl Gathered {
    /// Runs the check.
    #[must_use]
    pub fn check(&self) -> Outcome {
        check(&self.input(), &self.limits)
    }

    /// Runs the check with other limits.
    #[must_use]
    pub fn check_with(&self, limits: &Limits) -> Outcome {
        check(&self.input(), limits)
    }

    /// The limits that hold on the last day.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    fn input(&self) -> Input<'_> {
        Input {
            cars: &self.cars,
            cards: &self.cards,
            fills: &self.fills,
            trips: &self.trips,
            readings: &self.readings,
            names: &self.names,
            as_of: self.as_of,
        }
    }

    /// The unit of a car.
    #[must_use]
    pub fn unit(&self, car: CarNo) -> Option<UnitId> {
        self.things.get(car as usize).map(|thing| thing.unit_id)
    }
}

/// Reads a stretch of days; both count.
///
/// # Errors
/// When the database cannot be read.
pub async fn gather(
    db: &impl ConnectionTrait,
    from: NaiveDate,
    to: NaiveDate,
    as_of: Timestamp,
) -> Result<Gathered, DbError> {
    let stretch = (Timestamp::start_of_day(from), Timestamp::end_of_day(to));
    let mut found = Gathered { as_of, ..Gathered::default() };
    let vehicles = vehicle::Entity::find().order_by_asc(vehicle::Column::PlateKey).all(db).await?;
    let mut things = by_id(db, &vehicles).await?;
    let mut number: HashMap<ItemId, CarNo> = HashMap::new();
    let mut kinds = Vec::new();
    for vehicle in vehicles {
        // A car whose import was undone never was in the book.
        let there = things.remove(&vehicle.item_id).filter(|thing| thing.state != ItemState::Withdrawn);
        let Some(thing) = there else { continue };
        number.insert(vehicle.item_id, CarNo::try_from(found.cars.len()).unwrap_or(CarNo::MAX));
        kinds.push((vehicle.use_kind, thing.specification.clone()));
        found.cars.push(Car { unit: thing.unit_id.to_string(), ..car(&vehicle) });
        found.things.push(thing);
    }
    found.limits = limits::on(&limits::all(db).await?, to, &kinds);
    absences(db, &number, &mut found, stretch).await?;
    let cards = cards(db, &number, &mut found).await?;
    records(db, &number, &cards, &mut found, stretch).await?;
    logbooks(db, &number, &mut found, stretch).await?;
    Ok(found)
}

async fn by_id(
    db: &impl ConnectionTrait,
    vehicles: &[vehicle::Model],
) -> Result<HashMap<ItemId, item::Model>, DbError> {
    let mut things = HashMap::new();
    for chunk in vehicles.chunks(CHUNK_ROWS) {
        let ids = chunk.iter().map(|vehicle| vehicle.item_id);
        let rows = item::Entity::find().filter(item::Column::Id.is_in(ids)).all(db).await?;
        things.extend(rows.into_iter().map(|thing| (thing.id, thing)));
    }
    Ok(things)
}

fn car(vehicle: &vehicle::Model) -> Car {
    #[expect(clippy::cast_precision_loss, reason = "millilitres of a tank, watt-hours of a battery")]
    let litres = |ml: Option<i64>| ml.map(|ml| ml as f64 / 1_000.0);
    let grade = match (vehicle.energy, Grade::parse(&vehicle.fuel_grade)) {
        (Energy::Electric, _) => Grade::Electric,
        (Energy::Diesel, _) => Grade::Diesel,
        (Energy::Petrol | Energy::Hybrid, grade @ Grade::Petrol(_)) => grade,
        (Energy::Petrol | Energy::Hybrid, _) => Grade::Petrol(0),
    };
    let electric = vehicle.energy == Energy::Electric;
    Car {
        plate: vehicle.plate.clone(),
        unit: String::new(),
        tank: litres(if electric { vehicle.battery_wh } else { vehicle.tank_ml }),
        grade,
        rated: litres(vehicle.rated_ml_100km).filter(|_| !electric),
        absences: Vec::new(),
    }
}

/// When the cars were in repair, by the repairs; when they were stopped or gone, by their events.
async fn absences(
    db: &impl ConnectionTrait,
    number: &HashMap<ItemId, CarNo>,
    found: &mut Gathered,
    stretch: (Timestamp, Timestamp),
) -> Result<(), DbError> {
    for one in repair::Entity::find().filter(repair::Column::SentAt.is_not_null()).all(db).await? {
        let Some(&no) = number.get(&one.item_id) else { continue };
        let absence = Absence { why: Away::InRepair, from: one.sent_at, to: one.returned_at };
        found.cars[no as usize].absences.push(absence);
        if let (Some(at), Some(total)) = (one.returned_at, one.total_fen)
            && (stretch.0..=stretch.1).contains(&at)
        {
            found.repairs.push((no, at, total));
        }
    }
    let items: Vec<ItemId> = number.keys().copied().collect();
    for chunk in items.chunks(CHUNK_ROWS) {
        let events = item_event::Entity::find()
            .filter(item_event::Column::ItemId.is_in(chunk.iter().copied()))
            .order_by_asc(item_event::Column::ItemId)
            .order_by_asc(item_event::Column::Seq)
            .all(db)
            .await?;
        for (index, event) in events.iter().enumerate() {
            let why = match event.state {
                ItemState::Idle | ItemState::PendingDisposal => Away::Stopped,
                ItemState::Disposed | ItemState::WrittenOff => Away::Scrapped,
                _ => continue,
            };
            let next = events[index + 1..].first().filter(|next| next.item_id == event.item_id);
            let absence = Absence { why, from: Some(event.effective_at), to: next.map(|next| next.effective_at) };
            if let Some(&no) = number.get(&event.item_id) {
                found.cars[no as usize].absences.push(absence);
            }
        }
    }
    Ok(())
}

async fn cards(
    db: &impl ConnectionTrait,
    number: &HashMap<ItemId, CarNo>,
    found: &mut Gathered,
) -> Result<HashMap<String, CardNo>, DbError> {
    let mut holdings: HashMap<Uuid, Vec<Holding>> = HashMap::new();
    for one in holding::Entity::find().order_by_asc(holding::Column::FromOn).all(db).await? {
        let Some(&car) = number.get(&one.item_id) else { continue };
        let to = one.until_on.map(|day| Timestamp(Timestamp::end_of_day(day).0 + 1));
        let from = Some(Timestamp::start_of_day(one.from_on));
        holdings.entry(one.card_id).or_default().push(Holding { car, from, to });
    }
    let mut by_number = HashMap::new();
    for one in card::Entity::find().all(db).await? {
        by_number.insert(one.number_key, CardNo::try_from(found.cards.len()).unwrap_or(CardNo::MAX));
        // The day it was reported may have had honest fills; from the next on there are none.
        let dead = one.state != CardState::InUse;
        found.cards.push(Card {
            number: one.number,
            holdings: holdings.remove(&one.id).unwrap_or_default(),
            dead_from: dead.then(|| Timestamp(Timestamp::end_of_day(one.state_on).0 + 1)),
        });
    }
    Ok(by_number)
}

/// Names that occur again and again, numbered.
#[derive(Default)]
struct Numbered(HashMap<String, u32>, Vec<String>);

impl Numbered {
    fn of(&mut self, name: &str) -> u32 {
        if let Some(number) = self.0.get(name) {
            return *number;
        }
        let number = u32::try_from(self.1.len()).unwrap_or(u32::MAX);
        self.0.insert(name.to_owned(), number);
        self.1.push(name.to_owned());
        number
    }
}

async fn records(
    db: &impl ConnectionTrait,
    number: &HashMap<ItemId, CarNo>,
    cards: &HashMap<String, CardNo>,
    found: &mut Gathered,
    stretch: (Timestamp, Timestamp),
) -> Result<(), DbError> {
    let rows = transaction::Entity::find()
        .filter(transaction::Column::At.between(stretch.0, stretch.1))
        .order_by_asc(transaction::Column::At)
        .order_by_asc(transaction::Column::Id)
        .all(db)
        .await?;
    let approved: HashMap<Uuid, bool> = slip::Entity::find()
        .filter(slip::Column::Container.eq(true))
        .all(db)
        .await?
        .into_iter()
        .map(|slip| (slip.id, !slip.approval_number.is_empty()))
        .collect();
    let (mut stations, mut strangers) = (Numbered::default(), Numbered::default());
    // Statements that overlap show one record twice; of one statement that does, the check speaks.
    let mut seen: HashMap<Sameness, Uuid> = HashMap::new();
    for row in rows {
        if row.kind == RecordKind::Fill && *seen.entry(sameness(&row)).or_insert(row.statement_id) != row.statement_id {
            continue;
        }
        let plate = plate_key(&row.plate);
        let shown = match (row.plate.is_empty(), row.item_id.and_then(|item| number.get(&item))) {
            (false, Some(car)) => Shown::Car(*car),
            (false, None) if !plate.is_empty() => Shown::Stranger(strangers.of(&row.plate)),
            _ => Shown::Nothing,
        };
        let card = cards.get(key(&row.card_number).as_ref()).copied();
        found.fills.push(fill(&row, shown, card, &mut stations, &approved));
        found.records.push(row);
    }
    found.names.stations = stations.1;
    found.names.plates = strangers.1;
    Ok(())
}

fn fill(
    row: &transaction::Model,
    shown: Shown,
    card: Option<CardNo>,
    stations: &mut Numbered,
    approved: &HashMap<Uuid, bool>,
) -> Fill {
    #[expect(clippy::cast_precision_loss, reason = "what a pump and a card can count fits an f64")]
    let part = |whole: Option<i64>, of: f64| whole.map(|whole| whole as f64 / of);
    let fen = |fen: Option<Fen>| part(fen.map(|fen| fen.0), 100.0);
    Fill {
        shown,
        card,
        strange_card: !row.card_number.is_empty() && card.is_none(),
        at: row.at,
        timed: row.timed,
        kind: match row.kind {
            RecordKind::Fill => Kind::Fill,
            RecordKind::Load => Kind::Load,
            RecordKind::Other => Kind::Other,
        },
        grade: Grade::parse(&row.grade),
        litres: part(row.quantity_ml, 1_000.0),
        price: part(row.price_e4, 10_000.0),
        amount: fen(row.amount_fen),
        balance: fen(row.balance_fen),
        station: (!row.station.is_empty()).then(|| stations.of(&row.station)),
        odometer: part(row.odometer_km, 1.0),
        full: row.full_tank,
        container: row.container,
        approved: row.slip_id.and_then(|slip| approved.get(&slip)).copied().unwrap_or(false),
        id_hash: row.serial.bytes().fold(0, |hash: u64, byte| hash.wrapping_mul(1_099_511_628_211) ^ u64::from(byte)),
    }
}

async fn logbooks(
    db: &impl ConnectionTrait,
    number: &HashMap<ItemId, CarNo>,
    found: &mut Gathered,
    stretch: (Timestamp, Timestamp),
) -> Result<(), DbError> {
    let trips = trip::Entity::find().filter(trip::Column::DepartedAt.between(stretch.0, stretch.1)).all(db).await?;
    let mut drivers: HashMap<PersonId, u32> = HashMap::new();
    let mut people = Vec::new();
    for one in trips {
        let (Some(&car), Some(departed_at)) = (number.get(&one.item_id), one.departed_at) else { continue };
        let driver = one.driver_id.map(|driver| {
            *drivers.entry(driver).or_insert_with(|| {
                people.push(driver);
                u32::try_from(people.len() - 1).unwrap_or(u32::MAX)
            })
        });
        #[expect(clippy::cast_precision_loss, reason = "an odometer has seven digits")]
        let km = |km: Option<i64>| km.map(|km| km as f64);
        found.trips.push(Trip {
            car,
            departed_at,
            returned_at: one.returned_at,
            departed_km: km(one.departed_km),
            returned_km: km(one.returned_km),
            driver,
            timed: true,
        });
    }
    let names = Directory::load_some(db, &[], &people).await?;
    found.names.drivers = people.into_iter().map(|person| names.person_name(Some(person)).to_owned()).collect();
    let (first, last) = (stretch.0.day(), stretch.1.day());
    for one in reading::Entity::find().filter(reading::Column::ReadOn.between(first, last)).all(db).await? {
        let Some(&car) = number.get(&one.item_id) else { continue };
        let noon = Timestamp::start_of_day(one.read_on).0 + 43_200_000;
        #[expect(clippy::cast_precision_loss, reason = "an odometer has seven digits")]
        let mut push = |at: i64, km: i64| found.readings.push(Reading { car, at: Timestamp(at), km: km as f64 });
        if let Some(old) = one.old_km {
            push(noon - 60_000, old);
        }
        push(noon, one.odometer_km);
    }
    Ok(())
}
