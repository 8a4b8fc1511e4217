//! One car's account: its months and years, its place among the cars of its model, and every interval from full to full
//! with what the check says of the fill that ends it.

use chrono::{Datelike as _, Days, NaiveDate};
use hashbrown::HashMap;
use sea_orm::prelude::Uuid;

use super::account::{Line, lines, rank};
use super::watch::look;
use crate::access::{Action, permit};
use crate::db::Db;
use crate::kernel::ids::ItemId;
use crate::kernel::{Ctx, Fen, Timestamp};
use crate::vehicles::VehicleError;
use crate::vehicles::fuel::{CarNo, FillNo, Outcome, Rule};

use super::gather::Gathered;

/// Days that the drawing shows; the sums of years reach as far as the check looks.
const SHOWN_DAYS: u64 = 365;

/// Kilometres, fuel and money of a month or a year.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Period {
    /// `2026-11`, or `2026`.
    pub name: String,
    /// Kilometres.
    pub km: f64,
    /// Litres, or kWh.
    pub amount: f64,
    /// Fuel, yuan.
    pub fuel: f64,
    /// Repairs, yuan.
    pub repairs: f64,
    /// Fills.
    pub fills: u32,
}

impl Period {
    /// Litres, or kWh, for a hundred kilometres.
    #[must_use]
    pub fn per_100km(&self) -> Option<f64> {
        (self.km > 50.0).then(|| self.amount / self.km * 100.0)
    }

    /// Yuan a kilometre.
    #[must_use]
    pub fn per_km(&self) -> Option<f64> {
        (self.km > 50.0).then(|| (self.fuel + self.repairs) / self.km)
    }
}

/// A fill that ends an interval.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Its record.
    pub record: Uuid,
    /// When.
    pub at: Timestamp,
    /// Kilometres since the last.
    pub km: f64,
    /// Litres since the last.
    pub litres: f64,
    /// L/100 km.
    pub per_100km: f64,
    /// What the check says of it.
    pub rules: Vec<Rule>,
}

/// A car's account.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CarAccount {
    /// The last year in one line, with its place within the model.
    pub year: Line,
    /// The months, latest first.
    pub months: Vec<Period>,
    /// The years, latest first; the earliest only as far back as the check looks.
    pub years: Vec<Period>,
    /// The intervals of the last year, in order of time.
    pub marks: Vec<Mark>,
    /// Fills that end no interval and that the check speaks of.
    pub others: Vec<(Uuid, Timestamp, Vec<Rule>)>,
    /// Its cards and records tell these remarks: a replaced odometer, another driver.
    pub remarks: Vec<String>,
}

/// The account of a car.
///
/// # Errors
/// When it is not theirs to see, there is no such car, or the database cannot be read.
pub async fn of_car(db: &Db, ctx: &Ctx, item: ItemId) -> Result<CarAccount, VehicleError> {
    let today = ctx.now().day();
    let first = today.checked_sub_days(Days::new(SHOWN_DAYS)).unwrap_or(today);
    let (gathered, outcome) = look(db, first, today, ctx.now()).await?;
    let found = gathered.things.iter().position(|thing| thing.id == item);
    let index = found.ok_or(VehicleError::NotFound("这辆车"))?;
    permit(ctx, Action::FuelRead, Some(gathered.things[index].unit_id))
        .map_err(|_| VehicleError::NotFound("这辆车"))?;
    let mut all = lines(&gathered, &outcome, first, today, &HashMap::new());
    rank(&mut all);
    let car = CarNo::try_from(index).unwrap_or(CarNo::MAX);
    let mut said: HashMap<FillNo, Vec<Rule>> = HashMap::new();
    for one in outcome.anomalies.iter().filter(|one| one.car == Some(car)) {
        said.entry(one.fill).or_default().push(one.rule);
    }
    let account = &outcome.accounts[index];
    let recent = |fill: &FillNo| gathered.records[*fill as usize].at.day() >= first;
    let marks: Vec<Mark> = account
        .intervals
        .iter()
        .filter(|(fill, ..)| recent(fill))
        .map(|&(fill, km, litres, per_100km)| {
            let row = &gathered.records[fill as usize];
            Mark { record: row.id, at: row.at, km, litres, per_100km, rules: said.remove(&fill).unwrap_or_default() }
        })
        .collect();
    let mut others: Vec<_> = said
        .into_iter()
        .filter(|(fill, _)| recent(fill))
        .map(|(fill, rules)| (gathered.records[fill as usize].id, gathered.records[fill as usize].at, rules))
        .collect();
    others.sort_by_key(|(id, at, _)| (*at, *id));
    let remarks = outcome.remarks.iter().filter(|one| one.car == car).map(|one| one.text.clone()).collect();
    let (months, years) = periods(&gathered, &outcome, car, first);
    Ok(CarAccount { year: all.swap_remove(index), months, years, marks, others, remarks })
}

/// The months since `first`, and all years.
fn periods(gathered: &Gathered, outcome: &Outcome, car: CarNo, first: NaiveDate) -> (Vec<Period>, Vec<Period>) {
    let of = |day: NaiveDate| day.year() * 12 + i32::try_from(day.month0()).unwrap_or(0);
    let mut months: std::collections::BTreeMap<i32, Period> = std::collections::BTreeMap::new();
    for (month, sums) in &outcome.accounts[car as usize].months {
        let one = months.entry(*month).or_default();
        (one.km, one.amount, one.fuel, one.fills) = (sums.km, sums.litres, sums.cost, sums.fills);
    }
    for (_, at, Fen(fen)) in gathered.repairs.iter().filter(|(no, ..)| *no == car) {
        #[expect(clippy::cast_precision_loss, reason = "what repairs cost fits an f64")]
        let yuan = *fen as f64 / 100.0;
        months.entry(of(at.day())).or_default().repairs += yuan;
    }
    let mut years: std::collections::BTreeMap<i32, Period> = std::collections::BTreeMap::new();
    for (month, one) in &mut months {
        let year = month.div_euclid(12);
        one.name = format!("{year}-{:02}", month.rem_euclid(12) + 1);
        let sum = years.entry(year).or_insert_with(|| Period { name: year.to_string(), ..Period::default() });
        sum.km += one.km;
        sum.amount += one.amount;
        sum.fuel += one.fuel;
        sum.repairs += one.repairs;
        sum.fills += one.fills;
    }
    let since = of(first);
    let months = months.into_iter().rev().filter(|(month, _)| *month >= since).map(|(_, one)| one).collect();
    (months, years.into_values().rev().collect())
}
