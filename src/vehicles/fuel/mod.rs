//! The fuel check: one engine for `hufu fuel-check` and for the server. No database, no clock, no HTTP.
//!
//! ```text
//! records ─ copies out ─ each alone (register, price, amount) ─┐
//!    └─ by car: odometer track ─ intervals ─ season of all ─ habit ─ tank balance ─ consumption ─┴─ anomalies by score
//! ```
//!
//! The data come first: copies are set aside, and a reading that other witnesses (fills, logbook, month-end readings)
//! contradict counts as unknown, with the one-digit repair proposed and never applied. Then the rules, each with what it
//! saw, what it expected, and what would clear it; where the data do not allow a rule, [`NotJudged`] says why.
//! Source of the rules: the inspection report's item 50 (monthly check, one card for one car, video kept, explanation)
//! and 机关事务管理条例 art. 26 (fuel accounted by car). Night and weekend alone mean nothing for police and are no rule.
//!
//! What the gate says of a record ([`Rule::is_gate`]) is to be put right in the books; it is counted apart from suspicions
//! of fuel, and an alert budget (so many a car and quarter) holds back suspicions only.
//!
//! - [`model`] — what is given; [`rules`] — the rules; [`thresholds`] — the numbers that decide
//! - [`outcome`] — what is found; [`ledger`] — statements, slips and findings in the book

mod car;
mod consumption;
pub mod ledger;
pub mod model;
mod odometer;
pub mod outcome;
mod places;
mod prices;
mod records;
pub mod rules;
mod statement;
mod swaps;
mod tank;
mod thirst;
pub mod thresholds;
mod track;
mod typo;

use hashbrown::{HashMap, HashSet};
use rayon::prelude::*;

pub use model::{Absence, Away, Car, CarNo, Card, CardNo, Fill, FillNo, Grade, Holding, Input, Kind, Names, Reading};
pub use model::{Shown, Trip};
pub use outcome::{Account, Alert, Anomaly, Month, NotJudged, Outcome, Remark, Why, alerts};
pub use rules::{Rule, Severity};
pub use thresholds::{Knob, Limits, Thresholds};

use car::{Fleet, Studied, month};
use consumption::{Habit, median, spread};
use track::View;

/// Checks everything together.
#[must_use]
pub fn check(input: &Input<'_>, limits: &Limits) -> Outcome {
    let mut anomalies = Vec::new();
    let mut unjudged: HashMap<(CarNo, Rule, Why), u32> = HashMap::new();
    let mut by_car = fills_by_car(input);
    let copies = statement::copies(input, &by_car);
    statement::tell_copies(input, &copies, &mut anomalies);
    let note = |unjudged: &mut HashMap<_, _>, car, rule, why| *unjudged.entry((car, rule, why)).or_insert(0) += 1;
    statement::balances(input, &limits.all, &copies, &mut anomalies, &mut |car, rule, why| {
        note(&mut unjudged, car, rule, why);
    });
    for (found, missing) in single_records(input, limits, &copies) {
        anomalies.extend(found);
        missing
            .into_iter()
            .for_each(|((car, rule, why), count)| *unjudged.entry((car, rule, why)).or_insert(0) += count);
    }
    let doubtful: HashSet<FillNo> = anomalies
        .iter()
        .filter(|one| !matches!(one.rule, Rule::PriceOff | Rule::AmountMismatch | Rule::BalanceBreak))
        .map(|one| one.fill)
        .collect();
    for fills in &mut by_car {
        fills.retain(|no| !copies.contains_key(no) && records::is_sound(&input.fills[*no as usize], input.as_of));
    }
    let studied = study(input, limits, by_car);
    swaps::tell(input, &studied, &mut anomalies);
    let (season, usual_spread) = common(&studied);
    let cities: Vec<Option<u8>> = input.names.stations.iter().map(|station| places::city(station)).collect();
    let read = input.fills.iter().filter(|fill| fill.odometer.is_some()).count();
    let fuel = input.fills.iter().filter(|fill| fill.kind == Kind::Fill).count();
    let fleet =
        Fleet { season: &season, spread: usual_spread, cities: &cities, readings: fuel > 0 && read * 10 >= fuel * 7 };
    let judged: Vec<car::Judged> = studied
        .par_iter()
        .map(|one| car::judge(one, &fleet, limits.of(Some(one.view.no)), &|fill| doubtful.contains(&fill)))
        .collect();
    let mut outcome = Outcome::default();
    for (car, one) in (0u32..).zip(judged) {
        debug_assert!(one.not_judged.iter().all(|not| not.car == car));
        anomalies.extend(one.anomalies);
        outcome.remarks.extend(one.remarks);
        outcome.not_judged.extend(one.not_judged);
        outcome.accounts.push(one.account);
    }
    outcome.not_judged.extend(unjudged.into_iter().map(|((car, rule, why), fills)| NotJudged {
        car,
        rule,
        why,
        fills,
    }));
    outcome.not_judged.sort_unstable();
    // One fill, one word from each rule.
    anomalies.sort_by(|a, b| b.score.total_cmp(&a.score).then((a.fill, a.rule).cmp(&(b.fill, b.rule))));
    let mut told = HashSet::new();
    anomalies.retain(|one| told.insert((one.fill, one.rule)));
    outcome.anomalies = anomalies;
    outcome
}

/// By car: its fills, in order of time. A fill without a time of day stands before those that have one.
fn fills_by_car(input: &Input<'_>) -> Vec<Vec<FillNo>> {
    let mut by_car: Vec<Vec<FillNo>> = vec![Vec::new(); input.cars.len()];
    for (no, fill) in (0u32..).zip(input.fills) {
        if fill.kind == Kind::Fill
            && let Some(fills) = fill.car(input.cards).and_then(|car| by_car.get_mut(car as usize))
        {
            fills.push(no);
        }
    }
    by_car.par_iter_mut().for_each(|fills| {
        let order = |no: &FillNo| {
            let fill = &input.fills[*no as usize];
            (fill.at, fill.odometer.map_or(i64::MIN, whole), *no)
        };
        fills.sort_by_cached_key(order);
    });
    by_car
}

fn whole(km: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "only an order is wanted, and the cast saturates")]
    let whole = (km * 10.0) as i64;
    whole
}

type Missing = HashMap<(CarNo, Rule, Why), u32>;

/// What each record says alone, in parallel.
fn single_records(
    input: &Input<'_>,
    limits: &Limits,
    copies: &HashMap<FillNo, FillNo>,
) -> Vec<(Vec<Anomaly>, Missing)> {
    let prices = prices::Prices::of(input);
    let discounts = statement::discounts_are_usual(input);
    const PIECE: usize = 8192;
    let pieces = input.fills.len().div_ceil(PIECE);
    (0..pieces)
        .into_par_iter()
        .map(|piece| {
            let (mut found, mut missing) = (Vec::new(), Missing::new());
            let range = piece * PIECE..((piece + 1) * PIECE).min(input.fills.len());
            for no in range.filter_map(|no| u32::try_from(no).ok()).filter(|no| !copies.contains_key(no)) {
                let car = input.fills[no as usize].car(input.cards);
                let desk = records::Desk { input, thresholds: limits.of(car), prices: &prices, discounts };
                desk.judge(no, &mut found, &mut |car, rule, why| *missing.entry((car, rule, why)).or_insert(0) += 1);
            }
            (found, missing)
        })
        .collect()
}

/// The first look at every car.
fn study<'a>(input: &'a Input<'a>, limits: &Limits, by_car: Vec<Vec<FillNo>>) -> Vec<Studied<'a>> {
    let mut trips: Vec<Vec<Trip>> = vec![Vec::new(); input.cars.len()];
    for trip in input.trips {
        if let Some(own) = trips.get_mut(trip.car as usize) {
            own.push(*trip);
        }
    }
    let mut readings: Vec<Vec<Reading>> = vec![Vec::new(); input.cars.len()];
    for reading in input.readings {
        if let Some(own) = readings.get_mut(reading.car as usize) {
            own.push(*reading);
        }
    }
    let together: Vec<_> = (0u32..).zip(by_car).zip(trips.into_iter().zip(readings)).collect();
    together
        .into_par_iter()
        .map(|((no, fills), (mut trips, mut readings))| {
            trips.sort_by_key(|trip| (trip.departed_at, trip.returned_at));
            readings.sort_by_key(|reading| reading.at);
            Studied::new(View { input, no, fills, trips, readings }, limits.of(Some(no)))
        })
        .collect()
}

/// What the season does to all cars, by month, and how much one car's consumption usually varies.
fn common(studied: &[Studied<'_>]) -> (HashMap<i32, f64>, f64) {
    let mut months: HashMap<i32, (Vec<f64>, HashSet<CarNo>)> = HashMap::new();
    for one in studied.iter().filter(|one| one.intervals.len() >= 6 && !one.view.car().is_electric()) {
        let middle = median(&mut one.intervals.iter().map(|interval| interval.y).collect::<Vec<_>>());
        for interval in &one.intervals {
            let (off, cars) = months.entry(month(interval.at)).or_default();
            off.push(interval.y - middle);
            cars.insert(one.view.no);
        }
    }
    let enough = |(month, (mut off, cars)): (i32, (Vec<f64>, HashSet<CarNo>))| {
        (off.len() >= 20 && cars.len() >= 8).then(|| (month, median(&mut off).clamp(-0.15, 0.15)))
    };
    let season: HashMap<i32, f64> = months.into_iter().filter_map(enough).collect();
    let mut spreads: Vec<f64> = studied
        .par_iter()
        .filter(|one| one.intervals.len() >= 10 && !one.view.car().is_electric())
        .map(|one| {
            let off: Vec<f64> = one
                .intervals
                .iter()
                .map(|interval| interval.y - season.get(&month(interval.at)).copied().unwrap_or(0.0))
                .collect();
            spread(&off)
        })
        .collect();
    let usual = if spreads.len() >= 10 { median(&mut spreads).clamp(0.03, 0.12) } else { Habit::usual_spread() };
    (season, usual)
}
