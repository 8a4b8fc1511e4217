//! A year of a fleet, day by day: trips burn, fills fill, and now and then something is done.

use hufu::kernel::Timestamp;
use hufu::vehicles::fuel::{Car, Card, Fill, Grade, Holding, Kind, Names, Reading, Shown, Trip};

use super::crimes::{Crime, mistyped};
use super::roads::{Chance, DAY, IN_TOWN, MINUTE, STATIONS, price, weather};
use super::{Deed, Plan, World};

/// The first midnight in Shanghai: 2025-01-01.
pub(crate) const BEGIN: i64 = 1_735_660_800_000;

/// How a car is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    Patrol,
    Office,
    Motorcycle,
}

/// A car as it is, not as the register says.
struct Machine {
    task: Task,
    tank: f64,
    level: f64,
    /// L/100 km on its own, at even speed in mild weather.
    thirst: f64,
    /// Litres an hour standing.
    idle: f64,
    km: f64,
    /// What its odometer shows besides: after a replacement, less.
    dial: f64,
    /// Drivers' habits; the first drives mostly.
    drivers: [(u32, f64); 3],
    /// The part of fills that fill it up.
    fills_up: f64,
    /// At which part of the tank the driver goes to the station.
    low: f64,
    /// What its dial showed at the fill before.
    last_read: Option<f64>,
    base_price: f64,
    grade: Grade,
    new_driver_on: Option<i64>,
    new_dial_on: Option<i64>,
    /// From when on somebody siphons, and how many litres a time.
    siphon: Option<(i64, f64)>,
}

pub(crate) fn run(plan: Plan) -> World {
    let mut world = World {
        names: Names { stations: STATIONS.map(str::to_owned).to_vec(), ..Names::default() },
        end: Timestamp(BEGIN + plan.days * DAY),
        ..World::default()
    };
    let mut machines: Vec<Machine> = Vec::new();
    for no in 0..plan.cars {
        let mut chance = Chance::seeded(plan.seed.wrapping_mul(1_000_003) + no as u64);
        machines.push(machine(plan, no, &mut chance, &mut world));
    }
    for no in 0..plan.cars {
        let mut chance = Chance::seeded(plan.seed.wrapping_mul(7_000_009) + no as u64);
        let grades: Vec<Grade> = machines.iter().map(|machine| machine.grade).collect();
        drive(plan, no as u32, &mut machines[no], &grades, &mut chance, &mut world);
    }
    settle(&mut world);
    world
}

fn machine(plan: Plan, no: usize, chance: &mut Chance, world: &mut World) -> Machine {
    let task = match chance.whole(0, 9) {
        0..=4 => Task::Patrol,
        5..=8 => Task::Office,
        _ => Task::Motorcycle,
    };
    let (tank, thirst) = match (task, chance.whole(0, 3)) {
        (Task::Motorcycle, _) => (chance.between(12.0, 18.0), chance.between(2.4, 3.4)),
        (_, 0 | 1) => (chance.between(48.0, 60.0), chance.between(6.3, 8.2)),
        (_, 2) => (chance.between(60.0, 75.0), chance.between(8.0, 10.5)),
        _ => (chance.between(70.0, 80.0), chance.between(9.5, 12.5)),
    };
    let tank = tank.round();
    let grade = if tank > 69.0 && chance.happens(0.4) {
        Grade::Diesel
    } else {
        *chance.pick(&[Grade::Petrol(92), Grade::Petrol(92), Grade::Petrol(95)])
    };
    let first = world.names.drivers.len() as u32;
    for driver in 0..4 {
        world.names.drivers.push(format!("驾驶员{no:04}-{driver}"));
    }
    let drivers = [0, 1, 2].map(|driver| (first + driver, chance.factor(0.035)));
    let km = chance.between(3_000.0, 180_000.0).round();
    world.cars.push(Car {
        plate: format!("粤T{no:04}警"),
        unit: format!("第{}派出所", no / 20 + 1),
        tank: Some(tank),
        grade,
        // The papers' figure is of the test bench.
        rated: Some((thirst * 10.0).round() / 10.0),
        absences: Vec::new(),
    });
    world.cards.push(Card {
        number: format!("10001155{no:08}"),
        holdings: vec![Holding { car: no as u32, from: None, to: None }],
        dead_from: None,
    });
    let some_day = |chance: &mut Chance| chance.whole(plan.days / 4, plan.days * 3 / 4);
    let new_driver_on = chance.happens(0.15).then(|| some_day(chance));
    let new_dial_on = chance.happens(0.03).then(|| some_day(chance));
    let steals = plan.crime > 0.0 && chance.happens(0.04);
    let siphon =
        steals.then(|| (some_day(chance), chance.between(2.5, 5.0) * if task == Task::Motorcycle { 0.3 } else { 1.0 }));
    Machine {
        task,
        tank,
        level: tank * chance.between(0.3, 0.9),
        thirst,
        idle: thirst * 0.1,
        km,
        dial: 0.0,
        drivers,
        fills_up: if chance.happens(0.12) { 0.5 } else { 0.93 },
        low: chance.between(0.15, 0.38),
        last_read: None,
        base_price: match grade {
            Grade::Diesel => 7.3,
            Grade::Petrol(95) => 8.2,
            _ => 7.6,
        },
        grade,
        new_driver_on,
        new_dial_on,
        siphon,
    }
}

/// One car's year.
fn drive(plan: Plan, no: u32, car: &mut Machine, grades: &[Grade], chance: &mut Chance, world: &mut World) {
    for day in 0..plan.days {
        if car.new_driver_on == Some(day) {
            let fresh = car.drivers[0].0 + 3;
            car.drivers[0] = (fresh, chance.factor(0.035));
        }
        if car.new_dial_on == Some(day) {
            car.dial = -car.km;
        }
        let workday = day % 7 < 5;
        let count = match car.task {
            Task::Patrol => chance.whole(1, 3),
            Task::Office if workday => chance.whole(0, 2),
            Task::Office => i64::from(chance.happens(0.15)),
            Task::Motorcycle => chance.whole(0, 2),
        };
        let mut minute = chance.whole(420, 540);
        let mood = chance.factor(0.03) * weather(day);
        for _ in 0..count {
            minute = trip(plan, no, car, grades, day, minute, mood, chance, world) + chance.whole(20, 120);
            if minute > 1_380 {
                break;
            }
        }
        if let Some((since, litres)) = car.siphon
            && day >= since
            && chance.happens(0.16)
        {
            car.level -= litres.min(car.level * 0.3);
        }
        if is_month_end(day) {
            let at = Timestamp(BEGIN + day * DAY + DAY / 2);
            world.readings.push(Reading { car: no, at, km: (car.km + car.dial).floor() });
        }
    }
    if let Some((since, _)) = car.siphon {
        let at = Timestamp(BEGIN + since * DAY);
        let mine = |fill: &Fill| fill.shown == Shown::Car(no) && fill.at >= at && fill.kind == Kind::Fill;
        let fills: Vec<u32> =
            (0u32..).zip(&world.fills).filter(|(_, fill)| mine(fill)).map(|(index, _)| index).collect();
        world.deeds.push(Deed { crime: Crime::SlowTheft, fills, cars: vec![no], at });
    }
}

fn is_month_end(day: i64) -> bool {
    day % 30 == 29
}

/// A trip; gives the minute of its end. Goes by a station when the tank is low.
#[expect(clippy::too_many_arguments, reason = "a trip needs all of the day")]
fn trip(
    plan: Plan,
    no: u32,
    car: &mut Machine,
    grades: &[Grade],
    day: i64,
    start: i64,
    mood: f64,
    chance: &mut Chance,
    world: &mut World,
) -> i64 {
    let far = car.task == Task::Office && chance.happens(0.06);
    let km = match car.task {
        _ if far => chance.between(120.0, 340.0),
        Task::Patrol => chance.between(15.0, 55.0),
        Task::Office => chance.between(8.0, 60.0),
        Task::Motorcycle => chance.between(8.0, 35.0),
    };
    let standing = match car.task {
        Task::Patrol => chance.between(0.2, 1.6),
        Task::Office => chance.between(0.0, 0.3),
        Task::Motorcycle => 0.0,
    };
    let parked = chance.between(0.0, 1.2);
    let speed = if far { chance.between(65.0, 85.0) } else { chance.between(24.0, 38.0) };
    let hours = km / speed + standing + parked;
    let (driver, habit) = if chance.happens(0.75) { car.drivers[0] } else { *chance.pick(&car.drivers) };
    let road = if far { 0.86 } else { 1.08 };
    let burnt =
        km / 100.0 * car.thirst * road * habit * mood * chance.factor(0.07) + standing * car.idle * chance.factor(0.15);
    let before = (car.km + car.dial).floor();
    let at = |minutes: f64| Timestamp(BEGIN + day * DAY + (minutes * MINUTE as f64) as i64);
    let departed = start as f64;
    // Enough to come home: filled on the way where it is low, before where it would not last.
    let part = if car.level < burnt + car.tank * 0.05 { 0.03 } else { chance.between(0.1, 0.95) };
    car.km += km * part;
    car.level -= burnt * part;
    if car.level < car.tank * car.low || car.level < burnt * (1.0 - part) + car.tank * 0.04 {
        let station = if far { IN_TOWN + chance.whole(0, 5) } else { chance.whole(0, IN_TOWN - 1) };
        let when = at(departed + hours * 60.0 * part);
        fill(plan, no, car, grades, day, when, station as u32, chance, world);
    }
    car.km += km * (1.0 - part);
    car.level = (car.level - burnt * (1.0 - part)).max(0.3);
    let written = |chance: &mut Chance| chance.normal(4.0).clamp(-15.0, 15.0);
    let (from, to) = (departed + written(chance), departed + hours * 60.0 + written(chance));
    world.trips.push(Trip {
        car: no,
        departed_at: at(from),
        returned_at: Some(at(to.max(from + 5.0))),
        departed_km: Some(before),
        returned_km: Some((car.km + car.dial).floor()),
        driver: Some(driver),
        timed: true,
    });
    (departed + hours * 60.0).ceil() as i64
}

/// At the station: what goes into the tank, what the statement says, and what is done to it.
#[expect(clippy::too_many_arguments, reason = "a fill needs all of the trip")]
fn fill(
    plan: Plan,
    no: u32,
    car: &mut Machine,
    grades: &[Grade],
    day: i64,
    at: Timestamp,
    station: u32,
    chance: &mut Chance,
    world: &mut World,
) {
    let crime = chance.happens(plan.crime).then(|| Crime::any(chance));
    // There is nothing to turn back to at the first fill.
    let crime = crime.filter(|crime| *crime != Crime::Rollback || car.last_read.is_some());
    let room = (car.tank * (0.985 + chance.normal(0.012)) - car.level).max(1.0);
    let fills_up = chance.happens(car.fills_up);
    let into_tank = if fills_up { room } else { (room * chance.between(0.4, 0.85)).max(1.0) };
    let skim = crime.map_or(0.0, Crime::skim);
    // The tank is full all the same; the pump ran on for somebody else.
    let (into_tank, paid) =
        if fills_up { (into_tank, into_tank / (1.0 - skim)) } else { (into_tank * (1.0 - skim), into_tank) };
    let can = match crime {
        Some(Crime::Jerrycan) => chance.between(10.0, 30.0),
        // A drum of 100 or 200 litres, or as many cans as the boot takes.
        Some(Crime::OverTank) => (car.tank * chance.between(1.1, 1.5) - paid).max(0.0) + chance.between(0.0, 60.0),
        _ => 0.0,
    };
    let litres = ((paid + can) * 100.0).round() / 100.0;
    car.level = (car.level + into_tank).min(car.tank * 1.04);
    let said_full = if chance.happens(0.008) { !fills_up } else { fills_up };
    let unit = price(plan.seed, day, car.base_price);
    let promotion = if chance.happens(0.2) { chance.between(0.02, 0.15) } else { 0.0 };
    let mut record = Fill {
        shown: Shown::Car(no),
        card: Some(no),
        at,
        timed: true,
        grade: car.grade,
        litres: Some(litres),
        price: Some(((unit - promotion) * 100.0).round() / 100.0),
        station: Some(station),
        odometer: Some((car.km + car.dial).floor()),
        full: Some(said_full),
        id_hash: world.fills.len() as u64 + 1,
        ..Fill::default()
    };
    let last_km = car.last_read.replace((car.km + car.dial).floor());
    let mut copies = Vec::new();
    let mut cars = vec![no];
    match crime {
        Some(Crime::PricePadding) if chance.happens(0.5) => {
            record.price = record.price.map(|price| (price * chance.between(1.05, 1.15) * 100.0).round() / 100.0);
        }
        Some(Crime::Typo) => record.odometer = record.odometer.map(|km| mistyped(km, 100.0, 1e9, chance)),
        Some(Crime::SmallTypo) => record.odometer = record.odometer.map(|km| mistyped(km, 1.0, 100.0, chance)),
        Some(Crime::Rollback) => {
            record.odometer = last_km.map(|km| (km - chance.between(20.0, 500.0)).max(0.0).floor());
        }
        Some(Crime::SwappedCard) => {
            let others: Vec<u32> =
                (0u32..).zip(grades).filter(|(o, g)| *o != no && **g == car.grade).map(|(o, _)| o).collect();
            if let Some(other) = (!others.is_empty()).then(|| *chance.pick(&others)) {
                record.card = Some(other);
                cars.push(other);
                // The slip shows the plate that the attendant saw, or the one that is printed for the card.
                record.shown = if chance.happens(0.5) { Shown::Car(no) } else { Shown::Car(other) };
            }
        }
        _ => {}
    }
    let padded =
        crime == Some(Crime::PricePadding) && record.price == Some(((unit - promotion) * 100.0).round() / 100.0);
    let extra = if padded { chance.between(5.0, 40.0).round() } else { 0.0 };
    let amount = |fill: &Fill| (fill.litres.unwrap_or(0.0) * fill.price.unwrap_or(0.0) * 100.0).round() / 100.0;
    record.amount = Some(amount(&record) + extra);
    let mine = world.fills.len() as u32;
    if crime == Some(Crime::Duplicate) {
        let mut copy = record.clone();
        if chance.happens(0.5) {
            copy.id_hash += 1 << 40;
            copy.at = Timestamp(copy.at.0 + chance.whole(0, 4) * MINUTE);
        }
        copies.push(mine + 1);
        world.fills.push(record);
        world.fills.push(copy);
    } else {
        world.fills.push(record);
    }
    if said_full != fills_up {
        world.deeds.push(Deed { crime: Crime::WrongFull, fills: vec![mine], cars: vec![no], at });
    }
    match crime {
        Some(Crime::Ghost) => {
            let later = chance.whole(1, 4) * DAY;
            ghost(Crime::Ghost, plan, no, car, Timestamp(at.0 + later), chance, world);
        }
        // The same evening, on a tank that was just filled up.
        Some(Crime::NoRoom) if fills_up => {
            let later = chance.whole(30, 480) * MINUTE;
            ghost(Crime::NoRoom, plan, no, car, Timestamp(at.0 + later), chance, world);
        }
        Some(Crime::NoRoom) => {}
        Some(crime) => {
            let fills = if copies.is_empty() { vec![mine] } else { copies.into_iter().chain([mine]).collect() };
            world.deeds.push(Deed { crime, fills, cars, at });
        }
        None => {}
    }
}

/// What each card pays, in order of time; topped up when it runs low. A copy of a record is no second payment.
fn settle(world: &mut World) {
    let copies: std::collections::HashSet<u32> = world
        .deeds
        .iter()
        .filter(|deed| deed.crime == Crime::Duplicate)
        .filter_map(|deed| deed.fills.first().copied())
        .collect();
    let mut order: Vec<u32> = (0..world.fills.len() as u32).collect();
    order.sort_by_key(|no| (world.fills[*no as usize].card, world.fills[*no as usize].at, *no));
    let round = |yuan: f64| (yuan * 100.0).round() / 100.0;
    let (mut card, mut balance) = (None, 0.0);
    let mut loads = Vec::new();
    for no in order {
        let fill = &mut world.fills[no as usize];
        if fill.card != card {
            (card, balance) = (fill.card, 3_000.0);
        }
        let amount = fill.amount.unwrap_or(0.0);
        if copies.contains(&no) {
            fill.balance = Some(balance);
            continue;
        }
        if balance < amount + 100.0 {
            balance = round(balance + 3_000.0);
            let at = Timestamp(fill.at.0 - MINUTE);
            let (shown, amount, balance) = (fill.shown, Some(3_000.0), Some(balance));
            loads.push(Fill { shown, card, at, timed: true, kind: Kind::Load, amount, balance, ..Fill::default() });
        }
        balance = round(balance - amount);
        fill.balance = Some(balance);
    }
    world.fills.extend(loads);
}

/// The card fills a car that is none of ours.
fn ghost(
    crime: Crime,
    plan: Plan,
    no: u32,
    car: &mut Machine,
    when: Timestamp,
    chance: &mut Chance,
    world: &mut World,
) {
    let day = (when.0 - BEGIN).div_euclid(DAY);
    if day >= plan.days {
        return;
    }
    let at = match crime {
        Crime::NoRoom => when,
        _ => Timestamp(BEGIN + day * DAY + chance.whole(420, 1_320) * MINUTE),
    };
    let most = match (crime, car.task) {
        (Crime::NoRoom, _) => (car.tank * 0.5, car.tank * 0.95),
        (_, Task::Motorcycle) => (8.0, 14.0),
        _ => (25.0, 50.0),
    };
    let litres = (chance.between(most.0, most.1) * 100.0).round() / 100.0;
    let unit = price(plan.seed, day, car.base_price);
    let shown = (car.km + car.dial).floor();
    let record = Fill {
        shown: Shown::Car(no),
        card: Some(no),
        at,
        timed: true,
        grade: car.grade,
        litres: Some(litres),
        price: Some(unit),
        amount: Some((litres * unit * 100.0).round() / 100.0),
        station: Some(chance.whole(0, IN_TOWN - 1) as u32),
        // Whoever does it writes what looks likely, or nothing.
        odometer: match chance.whole(0, 9) {
            0..=5 => Some(shown + chance.between(5.0, 150.0).floor()),
            6 | 7 => Some(shown),
            _ => None,
        },
        full: Some(true),
        id_hash: world.fills.len() as u64 + 1,
        ..Fill::default()
    };
    world.deeds.push(Deed { crime, fills: vec![world.fills.len() as u32], cars: vec![no], at });
    world.fills.push(record);
}
